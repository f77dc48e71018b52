package match

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"sync"

	"sallyport/names"
	"sallyport/names/script"
)

// A lexicon is the words of listed names, each once, and finds the heavy ones that may agree
// with a part. What is looked at for every word that comes near lies in flat tables: a look
// that misses the processor's memory costs more than the comparison.
type lexicon struct {
	parts    []part        // of a word
	flat     []flatWord    // of a word
	keys     []flatKey     // of a key
	shapes   []uint32      // of a key: its letters and length, see shapeOf; 0 where slips are not for it
	keysOf   csr           // word → its keys
	text     string        // the keys one after another
	under    csr           // key → words
	ids      multimap      // key → its number
	left     multimap      // key with letters left out → keys
	nick     multimap      // nickname → words
	sound    multimap      // skeleton → words
	prefixes multimap      // first letters → words of firms
	latin    multimap      // keys of package script → words in Latin letters
	others   multimap      // the same → words in other scripts
	latins   *latins       // the words in latin, once a word of another script is searched for
	answers  int           // whose of a scratch's answers are its own
	build    *lexiconBuild // nil when it is done
}

// flatWord is what agreement with a word is weighed from.
type flatWord struct {
	worth
	class  names.Class
	latin  bool
	single bool   // it has one key
	sounds bool   // it is written in Latin letters, for words of other scripts to be held against
	text   uint32 // hashOf the text
}

// latins are made when they are first asked for: most lists are asked for words in Latin letters alone.
type latins struct {
	once sync.Once
	script.Latins
}

// flatKey is where a key's letters are.
type flatKey struct {
	at     uint32 // in lexicon.text
	length uint16
}

type lexiconBuild struct {
	words map[uint64]int32 // hash of all that makes a word → word
	keys  map[string]int32
	text  []byte
	under []entry // of a key: a word
	nick  []entry
	sound []entry
	begin []entry
	heavy []int32
}

func (x *lexicon) begin(answers int) {
	x.answers = answers
	x.build = &lexiconBuild{words: make(map[uint64]int32), keys: make(map[string]int32)}
}

// share makes the part one with the equal part of the lexicon, which it becomes where there
// was none, and gives the word's number.
func (x *lexicon) share(p *part) int32 {
	h := wordHash(&p.Token)
	for {
		w, known := x.build.words[h]
		if !known {
			w = x.file(p)
			x.build.words[h] = w
		}
		q := &x.parts[w]
		if !sameWord(&p.Token, &q.Token) {
			h++
			continue
		}
		p.Text, p.Native, p.Keys, p.Nicknames = q.Text, q.Native, q.Keys, q.Nicknames
		p.skeleton, p.across, p.word = q.skeleton, q.across, q.word
		return w
	}
}

// sameWord reports whether two tokens agree with everything alike. One text can have other
// keys in another name (г is read as g or as h by the letters around it) and another class.
func sameWord(a, b *names.Token) bool {
	return a.Text == b.Text && a.Native == b.Native && a.Class == b.Class && slices.Equal(a.Keys, b.Keys)
}

func wordHash(t *names.Token) uint64 {
	h := uint64(hashOf(t.Text))<<32 | uint64(hashOf(t.Native))
	for _, k := range t.Keys {
		h = h*0x9E3779B97F4A7C15 + uint64(hashOf(k))
	}
	return h + uint64(t.Class)
}

// file takes a word in.
func (x *lexicon) file(p *part) int32 {
	w := int32(len(x.parts))
	p.word = -1
	if p.heavy {
		p.word = w
	}
	p.box()
	x.parts = append(x.parts, *p)
	sounds := p.heavy && p.Class != names.Number && p.Native == "" && p.script == script.Latin
	x.flat = append(x.flat, flatWord{p.worth, p.Class, p.Latin, len(p.Keys) == 1, sounds, hashOf(p.Text)})
	if !p.heavy {
		return w
	}
	b := x.build
	b.heavy = append(b.heavy, w)
	for _, k := range p.Keys {
		id, known := b.keys[k]
		if !known {
			id = int32(len(x.keys))
			b.keys[k] = id
			x.keys = append(x.keys, flatKey{at: uint32(len(b.text)), length: uint16(min(len(k), math.MaxUint16))})
			x.shapes = append(x.shapes, 0)
			b.text = append(b.text, k...)
		}
		if p.Latin && p.Class != names.Number && len(k) <= maxKey {
			x.shapes[id] = shapeOf(k)
		}
		b.under = append(b.under, entry{uint32(id), w})
	}
	for _, n := range p.Nicknames {
		b.nick = append(b.nick, entry{mixed(uint64(n)), w})
	}
	if p.skeleton != "" {
		b.sound = append(b.sound, entry{hashOf(p.skeleton), w})
	}
	if p.firm && p.Latin && len(p.Text) >= prefix {
		b.begin = append(b.begin, entry{hashOf(p.Text[:prefix]), w})
	}
	return w
}

func (x *lexicon) finish() {
	b := x.build
	x.build = nil
	x.text = string(b.text)
	x.under = csrOf(len(x.keys), b.under)
	turned := make([]entry, len(b.under))
	for i, e := range b.under {
		turned[i] = entry{uint32(e.value), int32(e.hash)}
	}
	x.keysOf = csrOf(len(x.parts), turned)
	x.nick, x.sound, x.prefixes = multimapOf(b.nick), multimapOf(b.sound), multimapOf(b.begin)
	x.ids = newMultimap(len(x.keys), func(file func(uint32, int32)) {
		for id := range x.keys {
			file(hashOf(x.key(int32(id))), int32(id))
		}
	})
	var codes []uint64
	x.left = newMultimap(40*len(x.keys), func(file func(uint32, int32)) {
		for id := range x.keys {
			if x.shapes[id] != 0 {
				codes = leftOut(x.key(int32(id)), codes[:0])
				for _, c := range codes {
					file(mixed(c), int32(id))
				}
			}
		}
	})
	var latin, others []entry
	var sounds []script.Key
	for _, w := range b.heavy {
		p := &x.parts[w]
		if p.Class == names.Number {
			continue
		}
		in := &latin
		if p.Native != "" {
			in = &others
		}
		// Most words are never compared across scripts: they are made ready when they are.
		sounds = script.AppendKeys(sounds[:0], p.across.written)
		for _, k := range sounds {
			*in = append(*in, entry{mixed(uint64(k)), w})
		}
	}
	x.latin, x.others, x.latins = multimapOf(latin), multimapOf(others), new(latins)
}

// sounding gives the words in Latin letters for words of other scripts to be held against.
func (x *lexicon) sounding() *script.Latins {
	x.latins.once.Do(func() {
		for i := range x.parts {
			if x.flat[i].sounds {
				x.latins.Add(x.parts[i].across.written)
			} else {
				x.latins.Add("")
			}
		}
	})
	return &x.latins.Latins
}

// key is the text of a key.
func (x *lexicon) key(id int32) string {
	k := &x.keys[id]
	return x.text[k.at : k.at+uint32(k.length)]
}

// leftPrefix is how many letters of a key some of which are left out: two keys that are alike
// begin alike, too.
const leftPrefix = 8

// leftOut appends the beginning of the key, and it with up to [edits] letters left out, or
// [moreEdits] while the first one stays, each as five bits a letter. By the symmetric-delete
// argument two keys within that many slips have one of these in common: what they share, in
// order, lacks at most so many letters of either, and cut to the shorter of what is left of
// the two beginnings it is one of the results for both. (Keys that begin alike can be aligned
// at their first letters at no cost.) What is granted goes by the shorter key, and a longer
// one has no fewer.
func leftOut(key string, out []uint64) []uint64 {
	most, more := edits(len(key)), mostSlips(len(key))
	if most == 0 || len(key) > maxKey {
		return out
	}
	n, whole := min(len(key), leftPrefix), uint64(0)
	for i := range n {
		whole |= letterCode(key[i]) << (5 * i)
	}
	without := func(v uint64, i int) uint64 {
		low := uint64(1)<<(5*i) - 1
		return v&low | v>>5&^low
	}
	out = append(out, whole)
	for i := range n {
		granted := more
		if i == 0 {
			granted = most
		}
		one := without(whole, i)
		out = append(out, one)
		if granted < 2 {
			continue
		}
		for j := i; j < n-1; j++ {
			two := without(one, j)
			out = append(out, two)
			if granted < 3 {
				continue
			}
			for k := j; k < n-2; k++ {
				out = append(out, without(two, k))
			}
		}
	}
	return out
}

// mostSlips is how many slips a key of that length may be apart from one not longer.
func mostSlips(length int) int {
	if length > longestMore && length <= longestMore+3 {
		return moreEdits(longestMore)
	}
	return max(edits(length), moreEdits(length))
}

// letterCode is 1 to 30 for the letters and capitals of keys, 31 for all else.
func letterCode(c byte) uint64 {
	switch {
	case 'a' <= c && c <= 'z':
		return uint64(c-'a') + 1
	case c == 'S':
		return 27
	case c == 'C':
		return 28
	case c == 'J':
		return 29
	case c == 'T':
		return 30
	}
	return 31
}

// lettersOf is the set of a key's letters, large and small alike.
func lettersOf(key string) uint32 {
	var set uint32
	for i := range len(key) {
		set |= 1 << (key[i] & 31)
	}
	return set
}

// shapeOf is the set of a key's letters in 26 bits, and above them its length.
func shapeOf(key string) uint32 {
	return lettersOf(key)>>1&(1<<26-1) | uint32(len(key))<<26
}

// A likeWord is a word that agrees with a part of the query.
type likeWord struct {
	word   int32
	agreed float64 // nats
}

// lexicalScratch is what one search of a lexicon writes on.
type lexicalScratch struct {
	seen     []uint32 // of a key: the last turn in which it was looked at
	turn     uint32
	pattern  pattern
	codes    []uint64
	buckets  []bucketRange
	ids      []int32
	touch    uint32 // kept so that the looks are made
	found    []candidate
	foundAt  []int32 // of a word: its place in found, from 1 on; 0 between searches
	similar  []likeWord
	question script.Question // about the word that is searched for, if it is of a script with a model,
	latins   *script.Latins  // and the words that it is held against; else nil
	text     uint32          // hashOf its text
	known    [lexicons]answers
	answered uint64
}

// fit makes room for searches of x.
func (s *lexicalScratch) fit(x *lexicon) {
	s.seen = append(s.seen, make([]uint32, max(len(x.keys)-len(s.seen), 0))...)
	s.foundAt = append(s.foundAt, make([]int32, max(len(x.parts)-len(s.foundAt), 0))...)
}

type bucketRange struct {
	hash     uint32
	from, to uint32
}

// candidate is a word that may be alike, and why.
type candidate struct {
	word int32
	how  how
	slip float64
}

type how uint8

const (
	byKey how = 1 << iota
	byNick
	bySound
	bySlip
	byBeginning
	byScript
	twins // two of their keys are gender twins
)

// alike gives the words that agree with p.
func (x *lexicon) alike(w *Weights, p *part, s *lexicalScratch) *answer {
	// The same names come again and again.
	known := &s.known[x.answers]
	h := wordHash(&p.Token)
	a := known.young[h]
	if a != nil && sameWord(&p.Token, &a.token) {
		p.across = a.across
		return a
	}
	if a = known.old[h]; a != nil && sameWord(&p.Token, &a.token) {
		p.across = a.across
	} else {
		s.answered++
		a = &answer{token: p.Token, across: p.box(), similar: slices.Clone(x.search(w, p, s)), number: s.answered}
		for _, l := range a.similar {
			a.some[l.word>>6&3] |= 1 << (l.word & 63)
		}
	}
	if len(known.young) >= maxAnswers || known.young == nil {
		known.young, known.old = make(map[uint64]*answer), known.young
	}
	known.young[h] = a
	return a
}

// The lexicons of an index, each with answers of its own.
const (
	personsAnswers = iota
	firmsAnswers
	runsAnswers // of persons: firms have none
	lexicons
)

// answers are what was found for words of queries: those of late, and those of before that are
// forgotten unless they are asked for again.
type answers struct {
	young, old map[uint64]*answer
}

// An answer is what was found for a word of a query.
type answer struct {
	token   names.Token
	across  *across    // of the word, so that it is made ready once
	similar []likeWord // in the order of words
	some    [4]uint64  // a bit for each of them, by the last eight bits of its number
	number  uint64     // of the scratch's answers, from 1 on
}

// of gives the agreement with a word.
func (a *answer) of(word int32) float64 {
	if a.some[word>>6&3]>>(word&63)&1 == 0 {
		return 0
	}
	if at, ok := slices.BinarySearchFunc(a.similar, word, func(l likeWord, word int32) int { return cmp.Compare(l.word, word) }); ok {
		return a.similar[at].agreed
	}
	return 0
}

// maxAnswers are kept twice by each of the goroutines that screen at a time: some megabytes.
const maxAnswers = 8192

// search is alike, asked for the first time.
func (x *lexicon) search(w *Weights, p *part, s *lexicalScratch) []likeWord {
	s.found, s.similar = s.found[:0], s.similar[:0]
	for _, k := range p.Keys {
		x.ids.each(hashOf(k), func(id int32) {
			if x.key(id) == k {
				for _, word := range x.under.of(id) {
					s.take(candidate{word: word, how: byKey})
				}
			}
		})
		if p.Latin && p.Class != names.Number {
			x.slips(k, s)
		}
	}
	file := func(in *multimap, hash uint32, how how) {
		in.each(hash, func(word int32) { s.take(candidate{word: word, how: how}) })
	}
	for _, n := range p.Nicknames {
		file(&x.nick, mixed(uint64(n)), byNick)
	}
	if p.skeleton != "" {
		file(&x.sound, hashOf(p.skeleton), bySound)
	}
	if p.firm && p.Latin && len(p.Text) >= prefix {
		file(&x.prefixes, hashOf(p.Text[:prefix]), byBeginning)
	}
	if p.Class != names.Number && (p.Native != "" || len(x.others.entries) > 0) {
		for _, k := range p.soundKeys() {
			file(&x.others, mixed(uint64(k)), byScript)
			if p.Native != "" {
				file(&x.latin, mixed(uint64(k)), byScript)
			}
		}
	}
	s.latins = nil
	if p.Native != "" && len(s.found) > 0 {
		if q := p.ready(); q.Modelled() {
			s.latins, s.text = x.sounding(), hashOf(p.Text)
			s.question.Ask(q)
			for i := range s.found {
				word := s.found[i].word
				s.touch += uint32(x.flat[word].class) + uint32(s.latins.Near(word))
			}
		}
	}
	for i := range s.found {
		c := &s.found[i]
		s.foundAt[c.word] = 0
		if agreed := x.agreement(w, p, c, s); agreed > 0 {
			s.similar = append(s.similar, likeWord{c.word, agreed})
		}
	}
	slices.SortFunc(s.similar, func(a, b likeWord) int { return cmp.Compare(a.word, b.word) })
	return s.similar
}

// take adds a candidate, and what is known of a word that is one already.
func (s *lexicalScratch) take(c candidate) {
	at := s.foundAt[c.word]
	if at == 0 {
		s.found = append(s.found, c)
		s.foundAt[c.word] = int32(len(s.found))
		return
	}
	known := &s.found[at-1]
	if c.how&bySlip != 0 && (known.how&bySlip == 0 || c.slip < known.slip) {
		known.slip = c.slip
	}
	known.how |= c.how
}

// agreement is [Weights.agreement] of a heavy part and a word, from what is known of them.
func (x *lexicon) agreement(w *Weights, p *part, c *candidate, s *lexicalScratch) float64 {
	f := &x.flat[c.word]
	if (p.Class == names.Number) != (f.class == names.Number) {
		return 0
	}
	if c.how&byKey != 0 {
		return w.weigh(p.worth, f.worth, relation{same: x.parts[c.word].Text == p.Text, key: true})
	}
	if p.Class == names.Number {
		return 0
	}
	if otherPlace(p.Class, f.class) {
		if x.parts[c.word].Text == p.Text {
			return w.weigh(p.worth, f.worth, relation{same: true})
		}
		return 0
	}
	r := relation{slip: math.Inf(1)}
	if c.how == byScript && s.latins != nil && f.sounds && f.text != s.text {
		least := w.Spelling.Across + leastPart
		r.sound = min(s.question.EvidenceFrom(s.latins, c.word, least)-w.Spelling.Across, p.info, f.info)
		return w.weigh(p.worth, f.worth, r)
	}
	var q *part
	if c.how != bySlip {
		q = &x.parts[c.word]
		if q.Text == p.Text {
			return w.weigh(p.worth, f.worth, relation{same: true})
		}
		r.nickname = sharesNickname(p, q)
		r.begins = p.Latin && f.latin && abbreviates(p, q) && isWord(longer(p, q))
		if c.how&byScript != 0 {
			r.sound = w.acrossAgreement(p, q, func(_, _ *part) bool { return true }, w.sounds) // they share one by their hash
		}
	}
	if p.Latin && f.latin && c.how&(bySlip|bySound) != 0 && c.how&twins == 0 &&
		(c.how == bySlip && f.single && len(p.Keys) == 1 || !x.twins(p, c.word)) {
		switch {
		case c.how&bySlip != 0:
			r.slip = c.slip
		case p.skeleton == q.skeleton:
			r.slip = slipOf(p.Keys[0], q.Keys[0])
		}
	}
	return w.weigh(p.worth, f.worth, r)
}

// twins reports whether keys of the two are gender twins.
func (x *lexicon) twins(p *part, word int32) bool {
	for _, id := range x.keysOf.of(word) {
		l := x.key(id)
		for _, k := range p.Keys {
			if k[0] == l[0] && names.GenderTwins(k, l) {
				return true
			}
		}
	}
	return false
}

// slips finds the words with a key within slips of k.
func (x *lexicon) slips(k string, s *lexicalScratch) {
	if len(x.left.entries) == 0 {
		return
	}
	s.codes = leftOut(k, s.codes[:0])
	if len(s.codes) == 0 {
		return
	}
	s.pattern.of(k)
	if s.turn++; s.turn == 0 {
		clear(s.seen)
		s.turn = 1
	}
	// All beginnings first: these looks do not wait for one another.
	s.buckets = s.buckets[:0]
	for _, c := range s.codes {
		h := mixed(c)
		at := h >> x.left.shift
		s.buckets = append(s.buckets, bucketRange{h, x.left.start[at], x.left.start[at+1]})
	}
	// The same for the entries.
	touch := uint32(0)
	for _, b := range s.buckets {
		if b.from < b.to {
			touch |= x.left.entries[b.from].hash
		}
	}
	s.touch = touch
	ids := s.ids[:0]
	for _, b := range s.buckets {
		entries := x.left.entries[b.from:b.to]
		ids = slices.Grow(ids, len(entries))
		at := len(ids)
		ids = ids[:at+len(entries)]
		for _, e := range entries {
			ids[at] = e.value
			found := 0
			if e.hash == b.hash && s.seen[e.value] != s.turn {
				found = 1
			}
			at += found
			if e.hash == b.hash {
				s.seen[e.value] = s.turn
			}
		}
		ids = ids[:at]
	}
	s.ids = ids
	shape, most := shapeOf(k), mostSlips(len(k))
	for _, id := range ids {
		// A slip changes at most two of the letters that a key has: one goes, one comes.
		l := x.shapes[id]
		if apart := int(l>>26) - len(k); apart > most || -apart > most || bits.OnesCount32((l^shape)&(1<<26-1)) > 2*most {
			continue
		}
		text := x.key(id)
		if !s.pattern.withinSlips(text) {
			continue
		}
		c := candidate{how: bySlip, slip: slipOf(k, text)}
		if names.GenderTwins(k, text) {
			c.how |= twins
		}
		for _, c.word = range x.under.of(id) {
			s.take(c)
		}
	}
}

// A csr has the values of each number 0 to n-1 one after another (compressed sparse rows).
type csr struct {
	start  []uint32
	values []int32
}

// csrOf files the entries, whose hashes are the numbers below n, in their order and without
// the value that was filed last.
func csrOf(n int, entries []entry) csr {
	c := csr{start: make([]uint32, n+1)}
	last := make([]int32, n)
	each := func(f func(e entry)) {
		for i := range last {
			last[i] = -1
		}
		for _, e := range entries {
			if last[e.hash] != e.value {
				last[e.hash] = e.value
				f(e)
			}
		}
	}
	each(func(e entry) { c.start[e.hash]++ })
	total := uint32(0)
	for i, count := range c.start {
		c.start[i] = total
		total += count
	}
	c.values = make([]int32, total)
	each(func(e entry) {
		c.values[c.start[e.hash]] = e.value
		c.start[e.hash]++
	})
	copy(c.start[1:], c.start)
	c.start[0] = 0
	return c
}

func (c *csr) of(n int32) []int32 { return c.values[c.start[n]:c.start[n+1]] }
