package match

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
	"sallyport/names/script"
)

// A delta is what changed on a list, made ready to be looked for among customers.
type delta struct {
	w        *Weights
	parties  []*party
	parts    []deltaPart
	names    []deltaName
	marks    map[uint32][]marked // by the marks of customers' names that go with them
	runs     []deltaRun
	facts    map[uint32][]int32
	light    float64 // the most that a light part can add that is no initial
	initials int     // the most of any name
	floor    float64
	// What must be told by names alone for a finding at the threshold where birth years
	// contradict; and the threshold.
	otherYears, threshold float64
}

// marked is a name of the delta that goes with a mark.
type marked struct {
	name int32
	kind byte
	part uint8 // of the name, whose like a customer writes as several
}

// A deltaPart is a heavy part, once for all names that have it.
type deltaPart struct {
	part
	in []occurrence
}

type occurrence struct {
	name int32
	at   uint8
}

// A deltaRun is neighbouring parts whose like as one word a customer may be called.
type deltaRun struct {
	clue  uint32
	firm  bool
	name  int32
	parts uint32
	info  float64 // of the most telling of them
	sound *part   // them as one word, where they are looked for by sound; nil by their letters
}

type deltaName struct {
	party      int32
	heavy      int
	spare      float64
	core       uint32 // which parts are
	patronymic uint32
	standIns   uint32 // which parts are initials and titles
	initials   int    // how many
	generic    bool   // has generic words, bynames and the like
	plain      bool   // all heavy parts are core parts
	firm       bool
	native     bool
	source     *name
	ids        []int32 // of its heavy parts among the delta's, -1 for others
	shapes     []uint32
	// The years in which the party may be born, if years is set.
	first, last int
	years       bool
}

func (w *Weights) delta(entities []entity.Entity, threshold float64) *delta {
	d := &delta{w: w, marks: make(map[uint32][]marked), facts: make(map[uint32][]int32), floor: logit(w.NameFloor)}
	i := &w.Information
	d.light, d.threshold = max(i.Light, i.LegalForm), threshold
	// Evidence as [Weights.compare] adds it up, at its best. Of documents and wallets there is
	// none here: customers who share one are proposed for it.
	f := &w.Facts
	d.otherYears = math.Inf(-1)
	if t := threshold - 1e-4; t > 0 { // a score is rounded
		d.otherYears = logit(t) - (f.BirthOther + f.Nationality + f.BirthPlace + f.WeakAlias)
	}
	known := make(map[string]int32)
	var text []byte
	for e := range entities {
		p := w.party(&entities[e])
		d.parties = append(d.parties, p)
		file := func(kind byte, firm bool, text string, part int) {
			if text == "" {
				return
			}
			m := mark(kind, firm, text)
			d.marks[m] = append(d.marks[m], marked{int32(len(d.names)), kind, uint8(part)})
		}
		for _, of := range [...][]name{p.persons, p.firms} {
			for j := range of {
				n := &of[j]
				if n.heavy == 0 {
					continue
				}
				firm := n.parts[0].firm
				id := int32(len(d.names))
				dn := deltaName{party: int32(e), heavy: n.heavy, spare: n.spare + n.titled, firm: firm, native: n.native, source: n, plain: true, ids: make([]int32, len(n.parts)), shapes: make([]uint32, len(n.parts))}
				if !firm && !n.other {
					dn.first, dn.last, dn.years = yearsOf(entities[e].Birth)
				}
				for k := range n.parts {
					q := &n.parts[k]
					dn.shapes[k], dn.ids[k] = shapeOf(q.Keys[0]), -1
					switch q.Class {
					case names.Initial, names.Title:
						dn.initials++
						dn.standIns |= 1 << k
					case names.Generic, names.Trade, names.Place, names.Byname:
						dn.generic = true
					case names.Patronymic:
						dn.patronymic |= 1 << k
					case names.Plain:
						dn.core |= 1 << k
					}
					if q.box(); !q.heavy {
						continue
					}
					dn.plain = dn.plain && q.Class == names.Plain
					text = appendWord(text[:0], &q.Token, firm)
					part, ok := known[string(text)]
					if !ok {
						part = int32(len(d.parts))
						known[string(text)] = part
						d.parts = append(d.parts, deltaPart{part: *q})
					}
					q.across, q.word, dn.ids[k] = d.parts[part].across, part, part
					d.parts[part].in = append(d.parts[part].in, occurrence{id, uint8(k)})
					for _, key := range q.Keys {
						file(runMark, firm, key, k)
					}
					if q.characters() {
						for _, key := range q.soundKeys() {
							file(soundMark, firm, soundKey(key), k)
						}
					}
				}
				file(bonesMark, firm, n.bones, 0)
				file(singleMark, firm, n.firsts, 0)
				file(firstsMark, firm, n.single, 0)
				for _, c := range n.chinese {
					if c.In == names.Pinyin {
						c.Name.Spelt(w.leastChinese()-c.Nats, func(written string) { file(writtenMark, firm, written, 0) })
					} else {
						file(pinyinMark, firm, pinyinText(c.Name), 0)
					}
				}
				d.initials = max(d.initials, dn.initials)
				d.names = append(d.names, dn)
				for _, r := range n.runs {
					run := deltaRun{firm: firm, name: id, parts: (1<<(r.to-r.from) - 1) << r.from}
					for _, q := range n.parts[r.from:r.to] {
						run.info = max(run.info, q.info)
					}
					for _, key := range r.keys {
						run.clue = clueHash(keyClue, firm, 0, []byte(key))
						d.runs = append(d.runs, run)
					}
				}
				for i := range n.eastern {
					r := &n.eastern[i]
					run := deltaRun{firm: firm, name: id, parts: (1<<(r.to-r.from) - 1) << r.from, info: r.part.info, sound: &r.part}
					for _, key := range r.part.soundKeys() {
						run.clue = clueHash(nativeClue, firm, 0, []byte(soundKey(key)))
						d.runs = append(d.runs, run)
					}
				}
			}
		}
		boxAll(p.weak)
		fact := func(f uint32) {
			if l := d.facts[f]; len(l) == 0 || l[len(l)-1] != int32(e) {
				d.facts[f] = append(l, int32(e))
			}
		}
		for j := range p.identifiers {
			fact(documentFact(p.identifiers[j].number))
		}
		for j := range p.wallets {
			eachWalletFact(&p.wallets[j], fact)
		}
	}
	return d
}

// A pairing of a customer with a party of the delta that is to be compared in full.
type proposal struct{ place, party int32 }

// likeness of a word of the vocabulary and a name of the delta.
type likeness struct {
	name   int32
	parts  uint32 // of the name that are alike
	agreed float32
	most   float32 // with what is light in the name, +Inf where initials are
	lost   float32 // what the best of them lacks to its information, 0 for spellings of one another
	run    bool    // the word is, or may be, parts of the name written as one
}

// A search holds a delta against one segment.
type search struct {
	*delta
	seg *segment
	// most that a word can agree with a part of the delta and what is light in its name add
	// together, in eighths of a nat rounded up; 0 for the most of them that are like
	// nothing. The bits above say that one of those names has initials, and one is not in Latin
	// letters, and seven more which names they are, by their remainder.
	most       []uint16
	words      []alike // of the vocabulary
	like       []likeness
	agreements agreements
}

// agreements are the parts of the delta and the words of the vocabulary that agree, by open
// addressing.
type agreements struct {
	pairs  []uint64 // word<<32 + part + 1, 0 where there is none
	agreed []float64
	shift  int
}

func agreementsOf(found [][]foundWord) agreements {
	n, bits := 0, 4
	for _, of := range found {
		n += len(of)
	}
	for 1<<bits < 2*n {
		bits++
	}
	a := agreements{pairs: make([]uint64, 1<<bits), agreed: make([]float64, 1<<bits), shift: 64 - bits}
	for _, of := range found {
		for _, f := range of {
			at := a.at(f.word, int32(f.part))
			a.pairs[at], a.agreed[at] = uint64(f.word)<<32+uint64(f.part)+1, f.agreed
		}
	}
	return a
}

// at is where a pair is, or would be.
func (a *agreements) at(word uint32, part int32) uint64 {
	pair := uint64(word)<<32 + uint64(part) + 1
	at := pair * 0x9E3779B97F4A7C15 >> a.shift
	for a.pairs[at] != 0 && a.pairs[at] != pair {
		at = (at + 1) & uint64(len(a.pairs)-1)
	}
	return at
}

// A foundWord of the vocabulary agrees with a part of the delta.
type foundWord struct {
	word, part uint32
	agreed     float64
	lost       float32
}

// alike is what a word is like: like[at:at+count], and these likenesses' names by their
// last six bits.
type alike struct {
	which     uint64
	at, count uint32
}

const (
	eighth      = 8
	agreedBits  = 0x7f
	hasInitials = 0x80
	hasNative   = 0x100
	whichShift  = 9
	whichBits   = 7
)

func inEighths(nats float64) uint16 { return uint16(min(127, math.Ceil(nats*eighth))) }

// search finds which words of the segment are like parts of the delta.
func (d *delta) search(seg *segment) (*search, error) {
	s := &search{delta: d, seg: seg}
	workers := runtime.GOMAXPROCS(0)
	var next atomic.Int64
	results, errs := make([][]foundWord, workers), make([]error, workers)
	across := make([][]uint64, workers) // a word and twice a part, one of them not in Latin letters; and 1 if they share a key of package script
	add := func(worker int, word uint32, i int, q *part, agreed float64) {
		if agreed == 0 {
			return
		}
		p := &d.parts[i]
		f := foundWord{word: word, part: uint32(i), agreed: agreed}
		if p.Text != q.Text && !p.Shares(&q.Token) {
			f.lost = float32(max(min(p.info, q.info)-agreed, d.w.Spelling.SameSound)) // as [Weights.lost] has at least
		}
		results[worker] = append(results[worker], f)
	}
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			var words, sounding []uint32
			var keys patterns
			var read wordReader
			for {
				i := int(next.Add(1) - 1)
				if i >= len(d.parts) {
					return
				}
				p := &d.parts[i]
				words, sounding = words[:0], sounding[:0]
				keys.of(p.Keys)
				p.eachClue(true, func(clue uint32, key int, of clueOf) {
					entries, rest := seg.clues.find(clue)
					places := uint32(1)<<seg.clues.lower - 1
					for _, e := range entries {
						if e&^places != rest {
							continue
						}
						place := e & places
						if of == ofSound {
							sounding = append(sounding, seg.wordOf(place))
							continue
						}
						if of == ofSlip && len(p.Keys) <= len(keys) && !keys[key].mayBeWithinSlips(seg.keys[place]) {
							continue
						}
						words = append(words, seg.wordOf(place))
					}
				})
				slices.Sort(sounding)
				for _, word := range slices.Compact(sounding) {
					if seg.sorts[word]&firmBit != 0 == p.firm {
						across[worker] = append(across[worker], uint64(word)<<32|uint64(i)<<1|1)
					}
				}
				slices.Sort(words)
				for j, word := range words {
					if j > 0 && words[j-1] == word || seg.sorts[word]&firmBit != 0 != p.firm {
						continue
					}
					if p.Native != "" || seg.sorts[word]&nativeBit != 0 {
						across[worker] = append(across[worker], uint64(word)<<32|uint64(i)<<1)
						continue
					}
					q, err := read.token(d.w, seg, word)
					if err != nil {
						errs[worker] = err
						return
					}
					like := p.look(&q, &keys)
					if like == unalike {
						continue // the most of those that share a clue by chance
					}
					q.often = q.frequency()
					q.info = d.w.information(&q)
					if like == withinReach {
						add(worker, word, i, &q, d.w.slipped(&p.part, &q, &keys))
						continue
					}
					if q.heavy && q.Latin {
						q.skeleton = skeleton(q.Keys[0])
					}
					add(worker, word, i, &q, d.w.agreement(&p.part, &q))
				}
			}
		})
	}
	wg.Wait()
	// What is not in Latin letters takes long to be made ready, so that is done once a word.
	pairs := slices.Concat(across...)
	slices.Sort(pairs)
	next.Store(0)
	const some = 512
	for worker := range workers {
		wg.Go(func() {
			var at sounding
			for {
				from := int(next.Add(some)) - some
				if from >= len(pairs) {
					return
				}
				for j := from; j < min(from+some, len(pairs)); j++ {
					word, i := uint32(pairs[j]>>32), int(uint32(pairs[j])>>1)
					if j+1 < len(pairs) && pairs[j]|1 == pairs[j+1] {
						continue // they share a key of package script, too
					}
					q, err := at.take(d.w, seg, word)
					if err != nil {
						errs[worker] = err
						return
					}
					share := pairs[j]&1 != 0
					add(worker, word, i, q, d.w.agree(&d.parts[i].part, q, func(_, _ *part) bool { return share }, at.sounds))
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	s.agreements = agreementsOf(results)
	words := len(seg.sorts)
	s.most, s.words = make([]uint16, words), make([]alike, words)
	counts := make([]uint32, words+1)
	runs := make(map[uint32][]likeness)
	for _, r := range d.runs {
		entries, rest := seg.clues.find(r.clue)
		for _, e := range entries {
			places := uint32(1)<<seg.clues.lower - 1
			if e&^places != rest {
				continue
			}
			word := seg.wordOf(e & places)
			if seg.sorts[word]&firmBit != 0 != r.firm {
				continue
			}
			q, err := d.w.rosterPart(seg, word)
			if err != nil {
				return nil, err
			}
			agreed := max(r.info, q.info)
			if r.sound != nil {
				if !q.characters() {
					continue
				}
				if agreed = d.w.agree(r.sound, &q, func(_, _ *part) bool { return true }, d.w.sounds); agreed == 0 {
					continue
				}
			}
			runs[word] = append(runs[word], likeness{name: r.name, parts: r.parts, agreed: float32(agreed), run: true})
		}
	}
	for _, of := range results {
		for _, f := range of {
			counts[f.word] += uint32(len(d.parts[f.part].in))
		}
	}
	for word, of := range runs {
		counts[word] += uint32(len(of))
	}
	total := uint32(0)
	for word, n := range counts[:words] {
		s.words[word].at = total
		total += n
	}
	s.like = make([]likeness, total)
	filled := counts
	clear(filled)
	for _, of := range results {
		for _, f := range of {
			for _, o := range d.parts[f.part].in {
				s.like[s.words[f.word].at+filled[f.word]] = likeness{name: o.name, parts: 1 << o.at, agreed: float32(f.agreed), lost: f.lost}
				filled[f.word]++
			}
		}
	}
	for word, of := range runs {
		for _, l := range of {
			s.like[s.words[word].at+filled[word]] = l
			filled[word]++
		}
	}
	share := (words + workers - 1) / workers
	for from := 0; from < words; from += share {
		wg.Go(func() {
			for word := from; word < min(from+share, words); word++ {
				if n := filled[word]; n > 0 {
					s.settle(word, n)
				}
			}
		})
	}
	wg.Wait()
	return s, nil
}

// A sounding holds parts of the delta against one word of the vocabulary after another. The words are many, and few are asked for
// again: all are made ready in one place, which the processor has at hand, and most need not be.
type sounding struct {
	word     part
	number   uint32
	glance   script.Glance
	ready    script.Prepared
	glanced  bool
	prepared bool
}

// take makes a word of the vocabulary the one that is held against parts.
func (s *sounding) take(w *Weights, seg *segment, number uint32) (*part, error) {
	if s.word.Text != "" && s.number == number {
		return &s.word, nil
	}
	var err error
	s.word, err = w.rosterPart(seg, number)
	s.number, s.glanced, s.prepared = number, false, false
	return &s.word, err
}

// sounds is [Weights.sounds] of a part and the word.
func (s *sounding) sounds(a, b *part, least float64) float64 {
	p, word := a, b
	if a == &s.word {
		p, word = b, a
	}
	if !s.glanced {
		s.glanced = true
		s.glance.At(word.Spoken())
	}
	if s.glance.Below(p.ready(), least) {
		return least - 1
	}
	if !s.prepared {
		s.prepared = true
		s.ready.Prepare(word.Spoken())
	}
	return s.ready.EvidenceFrom(p.ready(), least)
}

// settle orders a word's likenesses by name, one each, and says what they are together.
func (s *search) settle(word int, n uint32) {
	a := &s.words[word]
	of := s.like[a.at : a.at+n]
	slices.SortFunc(of, func(a, b likeness) int { return cmp.Compare(a.name, b.name) })
	kept := of[:1]
	for _, l := range of[1:] {
		if k := &kept[len(kept)-1]; k.name == l.name {
			k.parts |= l.parts
			k.agreed, k.lost, k.run = max(k.agreed, l.agreed), min(k.lost, l.lost), k.run || l.run
			continue
		}
		kept = append(kept, l)
	}
	a.count = uint32(len(kept))
	for i := range kept {
		l := &kept[i]
		n := &s.names[l.name]
		m := s.most[word]
		l.most = l.agreed + float32(n.spare)
		if n.initials > 0 {
			l.most = float32(math.Inf(1))
		}
		m = m&^agreedBits | max(m&agreedBits, inEighths(float64(l.agreed)+n.spare)) | 1<<(whichShift+l.name%whichBits)
		if n.initials > 0 {
			m |= hasInitials
		}
		if n.native {
			m |= hasNative
		}
		s.most[word] = m
		a.which |= 1 << (l.name & 63)
	}
}

// A look at two words that share a clue.
type look uint8

const (
	unalike     look = iota
	perhaps          // [Weights.agreement] must say
	withinReach      // they share no key, but keys that differ by slips
)

// look is a cheap look at a word of the vocabulary, of which only the token is made.
func (p *deltaPart) look(q *part, keys *patterns) look {
	if p.Class == names.Number || q.Class == names.Number || p.Native != "" || q.Native != "" || !q.heavy || !p.Latin || !q.Latin || len(p.Keys) > len(keys) ||
		len(q.Nicknames) > 0 || p.Text == q.Text || p.Shares(&q.Token) || abbreviates(&p.part, q) {
		return perhaps
	}
	for i := range p.Keys {
		for _, l := range q.Keys {
			if keys[i].withinSlips(l) {
				return withinReach
			}
		}
	}
	if p.skeleton != "" && sounds(q.Keys[0], p.skeleton) {
		return perhaps
	}
	return unalike
}

// slipped is [Weights.agreement] of two heavy Latin words that share no key and no nickname,
// are no abbreviations of one another, and have keys within slips: the greater part by far of
// what a vocabulary has to be asked. TestSlippedIsAgreement holds the two together.
func (w *Weights) slipped(a, b *part, keys *patterns) float64 {
	closest := math.Inf(1)
	for i, k := range a.Keys {
		for _, l := range b.Keys {
			if names.GenderTwins(k, l) {
				return 0
			}
			if keys[i].withinSlips(l) {
				closest = min(closest, slipOf(k, l))
			}
		}
	}
	return w.weigh(a.worth, b.worth, relation{slip: closest})
}

// sounds reports whether a key has that skeleton, which is not empty.
func sounds(key, skeleton string) bool {
	at, last := 0, byte(0)
	for i := range len(key) {
		c := soundOf(key[i])
		if c == 0 || c == last {
			continue
		}
		if at == len(skeleton) || skeleton[at] != c {
			return false
		}
		at, last = at+1, c
	}
	return at == len(skeleton)
}

// A pattern is a key of at most maxKey bytes made ready for its distances to many others:
// [distance] in the columns of a word each (Hyyrö 2003, A Bit-Vector Algorithm for Computing
// Levenshtein and Damerau Edit Distances).
type pattern struct {
	key  string
	cut  bool // the key is longer
	mask [256]uint64
}

func (p *pattern) of(key string) {
	for i := range len(p.key) {
		p.mask[p.key[i]] = 0
	}
	p.key, p.cut = key[:min(len(key), maxKey)], len(key) > maxKey
	for i := range len(p.key) {
		p.mask[p.key[i]] |= 1 << i
	}
}

func (p *pattern) distance(key string) int {
	if len(p.key) == 0 {
		return len(key)
	}
	last := uint64(1) << (len(p.key) - 1)
	more, less, diagonal, before := ^uint64(0), uint64(0), uint64(0), uint64(0)
	d := len(p.key)
	for i := range len(key) {
		m := p.mask[key[i]]
		exchanged := (^diagonal & m) << 1 & before
		diagonal = ((m&more + more) ^ more) | m | less | exchanged
		up, down := less|^(diagonal|more), diagonal&more
		if up&last != 0 {
			d++
		}
		if down&last != 0 {
			d--
		}
		up, down = up<<1|1, down<<1
		more, less, before = down|^(diagonal|up), up&diagonal, m
	}
	return d
}

// A codedPattern is one that is held against keys as packKey writes them.
type codedPattern struct {
	pattern
	coded [32]uint64 // the pattern's mask by [letterCode]
}

func (p *codedPattern) of(key string) {
	p.pattern.of(key)
	clear(p.coded[:])
	for i := range len(p.key) {
		if c := letterCode(p.key[i]); c != letterCode(0) {
			p.coded[c] |= 1 << i
		}
	}
}

// mayBeWithinSlips is [pattern.withinSlips] of a key as packKey writes it. It says yes of one
// that has to be asked.
func (p *codedPattern) mayBeWithinSlips(packed uint64) bool {
	if packed >= longKey {
		return true
	}
	n, m := len(p.key), int(packed>>60)
	short := min(n, m)
	if short == 0 {
		return false
	}
	most := edits(short)
	if p.coded[packed&31]&1 != 0 && most > 0 {
		most = moreEdits(short)
	}
	if most == 0 || n-m > most || m-n > most {
		return false
	}
	last := n - 1
	more, less, diagonal, before := ^uint64(0), uint64(0), uint64(0), uint64(0)
	d := n
	for ; m > 0; m-- {
		mask := p.coded[packed&31]
		packed >>= 5
		exchanged := (^diagonal & mask) << 1 & before
		diagonal = ((mask&more + more) ^ more) | mask | less | exchanged
		up, down := less|^(diagonal|more), diagonal&more
		d += int(up>>last&1) - int(down>>last&1)
		if d-m >= most {
			return false // each letter that follows takes one off at most
		}
		up, down = up<<1|1, down<<1
		more, less, before = down|^(diagonal|up), up&diagonal, mask
	}
	return d <= most
}

// patterns are those of a part's keys.
type patterns [4]codedPattern

func (p *patterns) of(keys []string) {
	for i, k := range keys[:min(len(keys), len(p))] {
		p[i].of(k)
	}
}

// withinSlips is [withinSlips] of the pattern's key and another.
func (p *pattern) withinSlips(l string) bool {
	k := p.key
	short := min(len(k), len(l))
	most := edits(short)
	if most > 0 && k[0] == l[0] {
		most = moreEdits(short)
	}
	return most > 0 && len(l) <= maxKey && !p.cut && len(k)-len(l) <= most && len(l)-len(k) <= most && p.distance(l) <= most
}

// A wordReader makes parts of words in the segment's own memory, but for what they are worth and
// their skeleton. A part is good until the next one is made, and while the segment is held.
type wordReader struct{ keys [8]string }

func (r *wordReader) token(w *Weights, s *segment, word uint32) (part, error) {
	b := s.text(word)
	at, fine := 1, len(b) > 3 && b[len(b)-1] == 0 && b[0]&nativeBit == 0 // without nicknames
	number := func() int {
		if at >= len(b) || b[at] >= 0x80 {
			fine = false
			return 0
		}
		at++
		return int(b[at-1])
	}
	text := func() string {
		n := number()
		if n == 0 || n > len(b)-at {
			fine = false
			return ""
		}
		at += n
		return unsafe.String(&b[at-n], n)
	}
	t := names.Token{Text: text()}
	n := number()
	if n <= len(r.keys) && fine {
		r.keys[0] = t.Text
		for i := range n {
			r.keys[i] = text()
		}
		t.Keys = r.keys[:max(n, 1)]
	} else {
		fine = false
	}
	if !fine || at != len(b)-1 {
		return w.rosterPart(s, word) // at leisure
	}
	t.Class, t.Latin = names.Class(b[0]&classBits), b[0]&latinBit != 0
	p := part{Token: t, firm: b[0]&firmBit != 0, word: -1, slot: -1, heavy: !t.Light() && t.Class != names.Initial}
	p.script = script.Of(p.Spoken())
	return p, nil
}

// wordOf gives the word that has the key at a place.
func (s *segment) wordOf(place uint32) uint32 {
	if int(place) < len(s.sorts) {
		return place
	}
	return s.owners[int(place)-len(s.sorts)]
}

// A markHit is a customer who has a mark of names of the delta.
type markHit struct {
	place int32
	of    []marked
}

// propose gives the customers of the segment, by place, that are to be compared with a
// party of the delta, ordered and each once.
func (s *search) propose() ([]proposal, error) {
	seg := s.seg
	var hits []markHit
	each := func(f *filing, hash uint32, g func(place int32)) {
		entries, rest := f.find(hash)
		places := uint32(1)<<f.lower - 1
		for _, e := range entries {
			if e&^places == rest {
				g(int32(e & places))
			}
		}
	}
	for m, of := range s.marks {
		each(&seg.marks, m, func(place int32) { hits = append(hits, markHit{place, of}) })
	}
	slices.SortFunc(hits, func(a, b markHit) int { return cmp.Compare(a.place, b.place) })
	workers := runtime.GOMAXPROCS(0)
	const stride = 16 // blocks
	var next atomic.Int64
	results, errs := make([][]proposal, workers), make([]error, workers)
	known := new(knownWords)
	for i := range known {
		known[i].parts = make(map[uint32]*part)
	}
	var wg sync.WaitGroup
	scans := make([]*scan, workers)
	for worker := range workers {
		wg.Go(func() {
			sc := newScan(s, known)
			scans[worker] = sc
			for {
				b := int(next.Add(1)-1) * stride
				if b >= len(seg.blocks) {
					break
				}
				end := uint64(len(seg.records))
				if b+stride < len(seg.blocks) {
					end = seg.blocks[b+stride]
				}
				first := int32(b * rosterBlock)
				i, _ := slices.BinarySearchFunc(hits, first, func(h markHit, place int32) int { return cmp.Compare(h.place, place) })
				sc.hits = hits[i:]
				sc.blocks(first, seg.records[seg.blocks[b]:end], seg.blocks[b])
			}
		})
	}
	wg.Wait()
	// Evidence of sounds without a key in common is asked for once a word, then what asked is looked at again.
	var questions []uint64
	var again []laterRecord
	for _, sc := range scans {
		questions, again = append(questions, sc.questions...), append(again, sc.later...)
		sc.questions, sc.later = nil, nil
	}
	answers, err := s.answer(questions)
	if err != nil {
		return nil, err
	}
	next.Store(0)
	for worker, sc := range scans {
		wg.Go(func() {
			const some = 64
			sc.answers, sc.answered = answers, true
			for {
				from := int(next.Add(some)) - some
				if from >= len(again) {
					break
				}
				for _, r := range again[from:min(from+some, len(again))] {
					h := recordHead(seg.records[r.at])
					sc.record(r.place, h, seg.records[r.at+1:r.at+1+uint64(h.length())], r.at)
				}
			}
			results[worker], errs[worker] = sc.found, sc.err
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	out := slices.Concat(results...)
	for fact, parties := range s.facts {
		each(&seg.facts, fact, func(place int32) {
			for _, p := range parties {
				out = append(out, proposal{place, p})
			}
		})
	}
	slices.SortFunc(out, func(a, b proposal) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.party, b.party)) })
	return slices.Compact(out), nil
}

// A scan goes over records.
type scan struct {
	*search
	found    []proposal
	hits     []markHit // from the next customer on
	lists    [names.MaxTokens][]likeness
	places   [names.MaxTokens]uint8   // where in the record each list's word is
	vouching [names.MaxTokens]float32 // how much of what it is like vouches for the sounds of others
	// least agreement, by core parts that are left without a partner at least.
	least   [names.MaxTokens + 1]float64
	vouches float64 // an agreement as strong as that may be lets others of other scripts count

	questions []uint64 // see ask
	recent    []uint64 // of them, by a hash, each one more
	later     []laterRecord
	answers   map[uint64]vouched // to the questions, where there is anything to say
	answered  bool

	known  *knownWords
	ofPart mostOfParts
	built  []part
	heard  heard
	pairing
	err error
}

// knownWords are what was found out of words while records were looked at, for all who look.
type knownWords [64]struct {
	sync.Mutex
	parts map[uint32]*part
}

// keptParts of a shard are kept: words that are made ready take some kB each.
const keptParts = 256

// vouched is what of a name of the delta may be a word's partner for its sound alone, and how
// much it agrees at best: [Weights.vouchedAgreement].
type vouched struct {
	parts  uint32
	agreed float64
}

// A laterRecord is one that is looked at again when the questions are answered: whose customer's, and where among the records.
type laterRecord struct {
	at    uint64
	place int32
}

const recentBits = 16

func newScan(s *search, known *knownWords) *scan {
	sc := &scan{search: s, known: known, recent: make([]uint64, 1<<recentBits), heard: make(heard, 1<<heardBits)}
	w := s.w
	leastOne := min(w.OneSide.Part, w.OneSide.Further, w.OneSide.Firm)
	for i := range sc.least {
		sc.least[i] = w.agreementFor(s.floor - w.Prior + float64(i)*leastOne)
	}
	sc.vouches = w.Spelling.Vouches - 1e-3
	return sc
}

// blocks goes over the records of customers from a place on, which begin at begun among all records.
func (s *scan) blocks(place int32, records []uint32, begun uint64) {
	place--
	most, w := s.most, s.w
	vouches := uint32(math.Floor(s.vouches * eighth))
	marked := int32(math.MaxInt32)
	if len(s.hits) > 0 {
		marked = s.hits[0].place
	}
	for at := 0; at < len(records); {
		h := recordHead(records[at])
		body := records[at+1 : at+1+h.length()]
		here := begun + uint64(at)
		at += 1 + len(body)
		if h.first() {
			place++
		}
		var sum, single, hot, once, twice uint32
		for _, t := range body {
			m := uint32(most[t])
			sum += m & agreedBits
			single = max(single, m&agreedBits)
			twice |= once & m
			once |= m
			hot += (m + 0xffff) >> 16
		}
		if place >= marked {
			marked = s.marked(place, h, body)
		}
		if hot == 0 {
			continue
		}
		initials := 0
		if once&hasInitials != 0 {
			initials = s.initials
		}
		partners := int(hot)
		if twice>>whichShift == 0 && hot > 1 && initials == 0 { // no name is like two of them
			sum, partners = single, 1
		}
		light := s.lightOf(h)
		agreed := float64(sum)/eighth + light
		if partners+initials+h.initials() >= h.heavy() {
			agreed = max(agreed, w.Information.Whole)
		}
		if agreed < s.least[max(0, h.core()-partners-initials)] && !(single >= vouches && (h.native() || once&hasNative != 0)) {
			continue
		}
		s.record(place, h, body, here)
	}
}

// lightOf is the most that the light parts of a customer's name can add.
func (s *scan) lightOf(h recordHead) float64 {
	return float64(h.light())*s.light + float64(h.initials())*s.w.standIn() + 1e-3
}

// marked looks at a record of the next customers who have marks, or of one behind them,
// and says who is the next then.
func (s *scan) marked(place int32, h recordHead, body []uint32) int32 {
	for len(s.hits) > 0 && s.hits[0].place < place {
		s.hits = s.hits[1:]
	}
	for i := 0; i < len(s.hits) && s.hits[i].place == place; i++ {
		for _, m := range s.hits[i].of {
			if s.markReaches(place, m, h, body) && s.wholeReaches(place, &s.names[m.name], h, body) {
				s.found = append(s.found, proposal{place, s.names[m.name].party})
			}
		}
	}
	if len(s.hits) == 0 {
		return math.MaxInt32
	}
	return s.hits[0].place
}

// agreementFor is the least sum of agreements that is told as so many nats, +inf for none.
func (w *Weights) agreementFor(nats float64) float64 {
	if nats >= w.Information.Ceiling {
		return math.Inf(1)
	}
	return -w.Information.Scale * math.Log(1-nats/w.Information.Ceiling)
}

// record looks at one name in which words are like something, and which is there among the records. Where a part
// vouches for the sounds of others, it asks for these, and says so in s.later; when it is called again it has the
// answers, and looks at nothing else.
func (s *scan) record(place int32, h recordHead, body []uint32, here uint64) {
	light := s.lightOf(h)
	// Names that two of the words are like, by their last six bits; the others are like one.
	var once, twice uint64
	hot, most, native := 0, uint16(0), h.native()
	alone := float32(math.Inf(-1)) // what a name must be like the only word that it is like, at least
	if 1+h.initials() < h.heavy() {
		alone = float32(s.least[max(0, h.core()-1)] - light - 1e-3)
	}
	for i, word := range body {
		m := s.most[word]
		if m == 0 {
			continue
		}
		a := &s.words[word]
		twice |= once & a.which
		once |= a.which
		most = max(most, m&agreedBits)
		native = native || m&hasNative != 0
		s.places[hot] = uint8(i)
		s.lists[hot] = s.like[a.at : a.at+a.count]
		s.vouching[hot] = float32(math.Inf(1))
		if h.native() || m&hasNative != 0 {
			s.vouching[hot] = float32(s.vouches)
		}
		hot++
	}
	if twice == 0 && s.initials+h.initials() == 0 && h.heavy() > 1 && float64(most)/eighth+light < s.least[max(0, h.core()-1)] &&
		!(native && float64(most)/eighth >= s.vouches) {
		return
	}
	for {
		name := int32(math.MaxInt32)
		for i := range hot {
			l := s.lists[i]
			for len(l) > 0 && l[0].most < alone && l[0].agreed < s.vouching[i] && twice>>(l[0].name&63)&1 == 0 {
				l = l[1:]
			}
			if s.lists[i] = l; len(l) > 0 {
				name = min(name, l[0].name)
			}
		}
		if name == math.MaxInt32 {
			return
		}
		var hit, parts uint32
		agreed, lost, strongest, run := 0.0, 0.0, 0.0, false
		if native {
			clear(s.ofPart[:])
		}
		for i := range hot {
			if l := s.lists[i]; len(l) > 0 && l[0].name == name {
				hit |= 1 << s.places[i]
				parts |= l[0].parts
				if native {
					s.ofPart.raise(l[0].parts, l[0].agreed)
				}
				agreed += float64(l[0].agreed)
				lost += float64(l[0].lost)
				strongest = max(strongest, float64(l[0].agreed))
				run = run || l[0].run
				s.lists[i] = l[1:]
			}
		}
		n := &s.names[name]
		hits := bits.OnesCount32(hit)
		vouched := (h.native() || n.native) && strongest >= s.vouches
		switch {
		case vouched && !s.answered:
			s.ask(name, body)
			if l := len(s.later); l == 0 || s.later[l-1].at != here {
				s.later = append(s.later, laterRecord{here, place})
			}
			continue
		case vouched:
			more, others, sum := s.vouchedFor(name, body)
			hit, parts = hit|more, parts|others
			agreed = min(agreed+sum, s.ofPart.sum(parts)) // each part has one partner
		case s.answered, hits+n.initials+h.initials() < h.heavy() && agreed+n.spare+light < s.least[max(0, h.core()-hits-n.initials)]:
			continue
		}
		if l := len(s.found); l > 0 && s.found[l-1] == (proposal{place, n.party}) {
			continue
		}
		if s.mayReach(place, n, h, body, hit, parts, agreed, lost, run, vouched) && s.reaches(place, n, h, body) {
			s.found = append(s.found, proposal{place, n.party})
		}
	}
}

// A question is a word of the vocabulary and a name of the delta, one of them not in Latin letters: which parts of the
// name may be the word's partner for its sound alone. eachQuestion calls f with those of a customer's name.
func (s *scan) eachQuestion(name int32, body []uint32, f func(i int, question uint64)) {
	for i, word := range body {
		if s.seg.sorts[word]&nativeBit != 0 || s.names[name].native {
			f(i, uint64(word)<<32|uint64(name))
		}
	}
}

// ask puts the questions that are to be answered.
func (s *scan) ask(name int32, body []uint32) {
	s.eachQuestion(name, body, func(_ int, question uint64) {
		if recent := &s.recent[question*0x9E3779B97F4A7C15>>(64-recentBits)]; *recent != question+1 {
			*recent = question + 1
			s.questions = append(s.questions, question)
		}
	})
}

// answer gives the answers to questions, where a part may be the partner at all.
func (s *search) answer(questions []uint64) (map[uint64]vouched, error) {
	slices.Sort(questions)
	questions = slices.Compact(questions)
	workers := runtime.GOMAXPROCS(0)
	type answer struct {
		question uint64
		vouched
	}
	found, errs := make([][]answer, workers), make([]error, workers)
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			var at sounding
			const some = 512
			for {
				from := int(next.Add(some)) - some
				if from >= len(questions) {
					return
				}
				for _, question := range questions[from:min(from+some, len(questions))] {
					q, err := at.take(s.w, s.seg, uint32(question>>32))
					if err != nil {
						errs[worker] = err
						return
					}
					if v := s.vouchable(q, &s.names[uint32(question)], at.sounds); v.parts != 0 {
						found[worker] = append(found[worker], answer{question, v})
					}
				}
			}
		})
	}
	wg.Wait()
	answers := make(map[uint64]vouched)
	for _, of := range found {
		for _, a := range of {
			answers[a.question] = a.vouched
		}
	}
	return answers, errors.Join(errs...)
}

// vouchable holds a word against a name of the delta.
func (s *search) vouchable(word *part, n *deltaName, sounds func(a, b *part, least float64) float64) (v vouched) {
	for j, id := range n.ids {
		if id >= 0 {
			if a := s.w.vouchedBy(word, &n.source.parts[j], s.w.Spelling.Across+leastPart, sounds); a > 0 {
				v.parts, v.agreed = v.parts|1<<j, max(v.agreed, a)
			}
		}
	}
	return v
}

// vouchedFor gives the words and parts that may be partners for their sounds alone, and
// what they may add together.
func (s *scan) vouchedFor(name int32, body []uint32) (hit, parts uint32, sum float64) {
	s.eachQuestion(name, body, func(i int, question uint64) {
		v := s.answers[question]
		if !s.answered { // of a name that has a mark
			v = s.vouchable(s.part(body[i]), &s.names[name], s.sounds)
		}
		if v.parts != 0 {
			hit, parts, sum = hit|1<<i, parts|v.parts, sum+v.agreed
			s.ofPart.raise(v.parts, float32(v.agreed))
		}
	})
	return hit, parts, sum
}

// mostOfParts is the most that each part of a name of the delta agrees with a word.
type mostOfParts [32]float32

func (m *mostOfParts) raise(parts uint32, agreed float32) {
	for ; parts != 0; parts &= parts - 1 {
		i := bits.TrailingZeros32(parts)
		m[i] = max(m[i], agreed)
	}
}

func (m *mostOfParts) sum(parts uint32) (sum float64) {
	for ; parts != 0; parts &= parts - 1 {
		sum += float64(m[bits.TrailingZeros32(parts)])
	}
	return sum
}

// mayDiffer reports whether a word and a part of a name, one of which is not in Latin letters,
// may contradict each other at a cost of no more than most, of the whole that a contradiction costs.
func (s *scan) mayDiffer(word uint32, t *part, whole, most float64, vouched bool) bool {
	q := s.part(word)
	if !inTwoScripts(q, t) {
		return whole*(1-s.w.nearness(q, t, s)) <= most
	}
	least := -unlikeSounds * most / whole // [acrossNearness] turned round
	if vouched {
		least = min(least, s.w.Spelling.Across-most)
	}
	e := s.sounds(q, t, least)
	return e >= least || e == script.Incomparable && whole*(1-s.w.nearness(q, t, s)) <= most
}

// part gives a word of the vocabulary.
func (s *scan) part(word uint32) *part {
	at := &s.known[word%uint32(len(s.known))]
	at.Lock()
	defer at.Unlock()
	parts := at.parts
	if len(parts) >= keptParts {
		clear(parts)
	}
	p, known := parts[word]
	if !known {
		made, err := s.w.rosterPart(s.seg, word)
		if err != nil { // its checksum was right when the segment was opened
			s.err = err
			made = part{Token: names.Token{Text: "?", Keys: []string{"?"}}, word: -1, slot: -1}
		}
		p = &made
		p.box()
		if p.heavy {
			p.slot, p.word = ofVocabulary, int32(word)
		}
		parts[word] = p
	}
	return p
}

// ofVocabulary is the slot of a word of the vocabulary; a part of the delta has none.
const ofVocabulary = 0

// numbers gives the word of the vocabulary and the part of the delta that two parts are.
func numbers(a, b *part) (word uint32, part int32, known bool) {
	if a.slot < 0 {
		a, b = b, a
	}
	if a.slot < 0 || b.slot >= 0 || b.word < 0 || a.firm != b.firm {
		return 0, 0, false
	}
	return uint32(a.word), b.word, true
}

// agreement was found for all words of the vocabulary that have any.
func (s *scan) agreement(a, b *part) float64 {
	word, part, known := numbers(a, b)
	if !known || !a.heavy || !b.heavy {
		return s.w.agreement(a, b)
	}
	return s.agreements.agreed[s.agreements.at(word, part)]
}

// sounds are remembered.
func (s *scan) sounds(a, b *part, least float64) float64 {
	word, part, known := numbers(a, b)
	if !known {
		return s.w.sounds(a, b, least)
	}
	return s.heard.sounds(uint64(word)<<32+uint64(part)+1, least, func() float64 { return s.w.sounds(a, b, least) })
}

// reaches compares a customer's name, as its words tell it, with a name of the delta in full. What
// they do not tell only takes something off ([Weights.Swapped]), or decides which of two equally good
// ways of pairing parts is chosen. Parts that the delta's name writes as one are left as they are, for
// names that go together by a mark are looked at by wholeReaches.
func (s *scan) reaches(place int32, n *deltaName, h recordHead, body []uint32) bool {
	x := name{parts: s.partsOf(n, body), keyBits: ^uint64(0), core: h.core(), heavy: h.heavy(), native: h.native()}
	for i := range x.parts {
		x.characters = x.characters || x.parts[i].characters()
	}
	return s.pairReaches(place, &x, n)
}

// wholeReaches is reaches with what neighbouring parts are as one word.
func (s *scan) wholeReaches(place int32, n *deltaName, h recordHead, body []uint32) bool {
	parts := s.partsOf(n, body)
	read := names.Name{Tokens: make([]names.Token, len(parts))}
	for i := range parts {
		read.Tokens[i] = parts[i].Token
	}
	x := s.w.name(nil, read, len(parts) > 0 && parts[0].firm)
	for i := range parts {
		p := &x.parts[i]
		p.across, p.word, p.slot = parts[i].across, parts[i].word, parts[i].slot
	}
	return s.pairReaches(place, &x, n)
}

// partsOf gives the parts of a customer's name, good until it is called again.
func (s *scan) partsOf(n *deltaName, body []uint32) []part {
	s.built = s.built[:0]
	for _, word := range body {
		s.built = append(s.built, *s.part(word))
	}
	return s.built
}

func (s *scan) pairReaches(place int32, x *name, n *deltaName) bool {
	least := s.leastNats(place, n) - max(0, s.w.Swapped)
	s.w.pair(&s.pairing, x, n.source, s, least)
	if s.nats >= least {
		return true
	}
	if len(x.parts) == 0 || x.parts[0].Text != n.source.parts[0].Text || x.parts[0].Class != n.source.parts[0].Class {
		return false
	}
	for i := range x.parts {
		x.parts[i].Role = math.MaxUint8 // behind all others, where it was before them
	}
	s.w.pair(&s.pairing, x, n.source, s, least)
	return s.nats >= least
}

// markReaches is [scan.mayReach] for a customer's name that has a mark of a name of the delta.
func (s *scan) markReaches(place int32, m marked, h recordHead, body []uint32) bool {
	w, n := s.w, &s.names[m.name]
	least := s.leastNats(place, n)
	switch m.kind {
	case bonesMark: // [Weights.asWhole]
		return w.Prior+w.told(w.Information.Whole) >= least
	case runMark, soundMark:
	default: // a firm's acronyms count by their lengths, and Chinese names by their syllables
		return true
	}
	// The customer's parts that are written as one are not told here, and may be like other
	// parts as well. So all that is like counts, and only what is left of the delta's name costs.
	agreed := w.mostInformation() + n.spare + float64(h.light())*s.light + float64(h.initials())*w.standIn() + 1e-3
	parts := uint32(1) << m.part
	for _, word := range body {
		a := &s.words[word]
		if a.which>>(m.name&63)&1 == 0 {
			continue
		}
		of := s.like[a.at : a.at+a.count]
		if j, ok := slices.BinarySearchFunc(of, m.name, func(l likeness, name int32) int { return cmp.Compare(l.name, name) }); ok {
			agreed += float64(of[j].agreed)
			parts |= of[j].parts
		}
	}
	if h.native() || n.native {
		_, others, sum := s.vouchedFor(m.name, body)
		parts, agreed = parts|others, agreed+sum
	}
	agreed = max(agreed, w.Information.Whole)
	theirs := max(0, bits.OnesCount32(n.core&^parts)-h.initials())
	if h.native() || n.native { // sounds too weak to agree may cost nothing
		theirs = 0
	}
	leastOne := min(w.OneSide.Part, w.OneSide.Further, w.OneSide.Firm)
	return w.Prior+w.told(agreed)-float64(theirs)*leastOne >= least
}

// leastNats is what a customer's name and a name of the delta must come to for anything to
// be found: the floor, or more where the years of birth contradict.
func (s *scan) leastNats(place int32, n *deltaName) float64 {
	if b := int(s.seg.births[place]); n.years && b != 0 {
		if first := b>>8 + 1799; n.last < first || first+b&255 < n.first {
			return max(s.floor, s.otherYears)
		}
	}
	return s.floor
}

// mayReach says whether a customer's name can come to the floor with a name of the
// delta, hit being those of its words that are like parts of it. It bounds [Weights.pair]
// from above: agreements as if nothing stood in one another's way, and the least that
// the parts can cost that are certainly left without partners.
func (s *scan) mayReach(place int32, n *deltaName, h recordHead, body []uint32, hit, parts uint32, agreed, lost float64, run, vouched bool) bool {
	w := s.w
	pairs := min(bits.OnesCount32(hit), bits.OnesCount32(parts))
	var core, patronymic uint32
	generic, plain, initials := n.generic, n.plain, n.initials
	agreed += n.spare + 1e-3 // for the rounding of sums
	for i, word := range body {
		switch names.Class(s.seg.sorts[word] & classBits) {
		case names.Plain:
			core |= 1 << i
		case names.Patronymic:
			patronymic |= 1 << i
		case names.Initial:
			initials++
			agreed += w.Information.Initial
		case names.Title:
			initials++
			agreed += w.standIn()
		case names.Generic, names.Trade, names.Place, names.Byname:
			generic = true
		case names.LegalForm:
			agreed += w.Information.LegalForm
		case names.Particle:
			agreed += w.Information.Light
		case names.Number:
			plain = false
		}
	}
	// The whole name counts [Information.Whole]. A part whose partner is an initial may count
	// as having one.
	parted := agreed
	if pairs+initials >= max(h.heavy(), n.heavy) || run && bits.OnesCount32(hit)+initials >= h.heavy() {
		agreed = max(agreed, w.Information.Whole-lost+1e-3)
	}
	spare := w.Prior + w.told(agreed) - s.leastNats(place, n) // to be spent on what is left
	if spare < 0 {
		return false
	}
	leastOne, other := min(w.OneSide.Part, w.OneSide.Further), w.BothSides.Part
	if n.firm {
		leastOne, other = w.OneSide.Firm, w.BothSides.Firm
	}
	plain = plain && patronymic == 0
	if vouched {
		return generic || initials > 0 || run || !plain || s.vouchedMayReach(n, body, hit, parts, core, pairs, spare, leastOne, other)
	}
	left := func(of, hits uint32) int { return bits.OnesCount32(of) - min(bits.OnesCount32(of&hits), pairs) }
	// An initial can be a core part's partner.
	ours, theirs := max(0, left(core, hit)-n.initials), max(0, left(n.core, parts)-(initials-n.initials))
	if run { // a word may be the partner of several parts
		theirs = max(0, bits.OnesCount32(n.core&^parts)-(initials-n.initials))
	}
	if spare < float64(max(ours, theirs))*leastOne {
		return false
	}
	if generic { // which part contradicts which is for the full comparison
		return true
	}
	// What may be left over on both sides is what has no likeness, or all where several
	// parts are like one.
	freeOurs, freeTheirs := ^hit, ^parts
	if bits.OnesCount32(hit) > pairs || run {
		freeOurs = ^uint32(0)
	}
	if bits.OnesCount32(parts) > pairs || run {
		freeTheirs = ^uint32(0)
	}
	if initials > 0 {
		if n.firm || run || initials > n.initials {
			return true
		}
		// Only those of the delta's name that are like a word can be its partner.
		standing := 0
		for t := n.standIns; t != 0; t &= t - 1 {
			if p := &n.source.parts[bits.TrailingZeros32(t)]; s.standsFor(p, body) {
				standing++
			} else if parted -= p.info; p.Class == names.Title {
				parted -= max(0, w.Information.VeryCommon-p.info)
			}
		}
		if pairs+standing >= max(h.heavy(), n.heavy) {
			parted = max(parted, w.Information.Whole-lost+1e-3)
		}
		spare := w.Prior + w.told(parted) - s.leastNats(place, n)
		ours = max(0, left(core, hit)-standing)
		if spare < float64(max(ours, theirs))*leastOne {
			return false
		}
		if ours == 0 || theirs == 0 {
			return true
		}
		// Either a core part contradicts a core part, or each of them costs: an initial can be
		// what our part contradicts, and theirs is told alone.
		each := float64(ours+theirs) * leastOne
		if pairs == 1 {
			each += w.OneSide.Alone
		}
		near := 1 - spare/other
		return spare >= each || near <= 0 || s.near(n, body, core&freeOurs, n.core&freeTheirs, near-1e-9)
	}
	if both := min(ours, theirs); both > 0 {
		spare -= float64(max(ours, theirs)-both) * leastOne
		// Nearer than this they must be for the rest to be enough.
		near := 1 - spare/float64(both)/other
		if near > 0 && !s.near(n, body, core&freeOurs, n.core&freeTheirs, near-1e-9) {
			return false
		}
	} else {
		spare -= float64(max(ours, theirs)) * leastOne
	}
	if plain && !run && pairs == 1 && ours != theirs {
		spare -= w.OneSide.Alone
	}
	if spare < 0 {
		return false
	}
	if both := min(left(patronymic, hit), left(n.patronymic, parts)); both > 0 && !run {
		near := 1 - spare/float64(both)/w.BothSides.Patronymic
		if near > 0 && !s.near(n, body, patronymic&freeOurs, n.patronymic&freeTheirs, near-1e-9) {
			return false
		}
	}
	return true
}

// standsFor reports whether an initial or a title of the delta may be the partner of any of the words,
// as [Weights.initialAgreement] and isTitleAndName have it.
func (s *scan) standsFor(t *part, body []uint32) bool {
	for _, word := range body {
		switch class := names.Class(s.seg.sorts[word] & classBits); {
		case class == t.Class:
			return true
		case class != names.Plain && (class != names.Patronymic || t.Class != names.Initial):
			continue
		}
		token, _, err := readWord(s.seg.text(word))
		switch {
		case err != nil:
			return true // whoever reads it next says so
		case t.Class == names.Title:
			if t.Shares(&token) {
				return true
			}
		case token.Text[0] == t.Text[0] || token.Keys[0][0] == t.Keys[0][0]:
			return true
		}
	}
	return false
}

// vouchedMayReach is the end of mayReach for names of which a part vouches for the sounds of others.
// These may cost nothing if they are too weak to agree, so what is certain is little: all parts being
// core parts, the side that has more of them tells so many alone, and what has no likeness on the
// other side contradicts one of the parts there.
func (s *scan) vouchedMayReach(n *deltaName, body []uint32, hit, parts, core uint32, pairs int, spare, leastOne, other float64) bool {
	more := bits.OnesCount32(core) - bits.OnesCount32(n.core)
	spare -= float64(max(more, -more)) * leastOne
	if more != 0 && pairs == 1 {
		spare -= s.w.OneSide.Alone
	}
	if spare < 0 {
		return false
	}
	if more >= 0 {
		for left := n.core &^ parts; left != 0; left &= left - 1 {
			t, any := &n.source.parts[bits.TrailingZeros32(left)], false
			for of := core; of != 0 && !any; of &= of - 1 {
				any = s.mayDiffer(body[bits.TrailingZeros32(of)], t, other, spare, true)
			}
			if !any {
				return false
			}
		}
	}
	if more <= 0 {
		for left := core &^ hit; left != 0; left &= left - 1 {
			word, any := body[bits.TrailingZeros32(left)], false
			for of := n.core; of != 0 && !any; of &= of - 1 {
				any = s.mayDiffer(word, &n.source.parts[bits.TrailingZeros32(of)], other, spare, true)
			}
			if !any {
				return false
			}
		}
	}
	return true
}

// near reports whether any of the customer's words is at least so near to any part of
// the name.
func (s *scan) near(n *deltaName, body []uint32, ours, theirs uint32, least float64) bool {
	for ; ours != 0; ours &= ours - 1 {
		word := body[bits.TrailingZeros32(ours)]
		native := s.seg.sorts[word]&nativeBit != 0
		shape := shapeOf(s.seg.firstKey(word))
		var p part
		for t := theirs; t != 0; t &= t - 1 {
			j := bits.TrailingZeros32(t)
			q := &n.source.parts[j]
			if native || q.Native != "" {
				if s.mayDiffer(word, q, 1, 1-least, false) {
					return true
				}
				continue
			}
			if mostNear(shape, n.shapes[j]) < least {
				continue
			}
			if p.Keys == nil {
				p.Keys, p.Latin = []string{s.seg.firstKey(word)}, s.seg.sorts[word]&latinBit != 0
			}
			if s.w.nearness(&p, q, s.w) >= least {
				return true
			}
		}
	}
	return false
}

// firstKeyOf a word as appendWord wrote it, nothing where it is malformed.
func firstKeyOf(b []byte) []byte {
	at := 1
	next := func() int {
		n, size := binary.Uvarint(b[min(at, len(b)):])
		at = min(at+max(size, 0), len(b))
		return int(min(n, uint64(max(len(b)-at, 0))))
	}
	n := next()
	text := b[at : at+n]
	at += n
	if next() == 0 {
		return text
	}
	n = next()
	return b[at : at+n]
}

// A Hit is a customer whom a delta's entity names, or resembles.
type Hit struct {
	Customer uint64 `json:"customer"`
	Finding
}

// findings compares proposed customers in full. profile may be called by several
// goroutines at a time.
func (d *delta) findings(proposed []numbered, profile func(uint64) (entity.Entity, bool)) []Hit {
	// One customer's proposals are neighbours.
	var begins []int
	for i := range proposed {
		if i == 0 || proposed[i].number != proposed[i-1].number {
			begins = append(begins, i)
		}
	}
	begins = append(begins, len(proposed))
	return eachOf(len(begins)-1, func(i int) (hits []Hit) {
		of := proposed[begins[i]:begins[i+1]]
		e, ok := profile(of[0].number)
		if !ok {
			return nil
		}
		q := d.w.party(&e)
		for _, p := range of {
			l := d.parties[p.party]
			best := d.w.likest(q, l, d.w)
			if best.most() < d.floor && sameIdentifier(q, l) == nil && sameWallet(q, l).grade == chain.Different {
				continue // as in [Index.Screen]
			}
			if f := d.w.compare(q, l, best, d.threshold); f.Grade != None {
				hits = append(hits, Hit{of[0].number, f})
			}
		}
		return hits
	})
}

// screenEach screens customers one by one.
func screenEach(x *Index, customers []uint64, profile func(uint64) (entity.Entity, bool), threshold float64) []Hit {
	return eachOf(len(customers), func(i int) (hits []Hit) {
		e, ok := profile(customers[i])
		if !ok {
			return nil
		}
		for _, f := range x.Screen(e, Options{Threshold: threshold}) {
			hits = append(hits, Hit{customers[i], f})
		}
		return hits
	})
}

// eachOf calls f with 0 to n-1 on all cores and gathers what it returns, in any order.
func eachOf(n int, f func(int) []Hit) []Hit {
	results := make([][]Hit, runtime.GOMAXPROCS(0))
	var next atomic.Int64
	var wg sync.WaitGroup
	for worker := range results {
		wg.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= n {
					return
				}
				results[worker] = append(results[worker], f(i)...)
			}
		})
	}
	wg.Wait()
	return slices.Concat(results...)
}

type numbered struct {
	number uint64
	party  int32
}

func sortHits(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Customer, b.Customer), cmp.Compare(b.Grade, a.Grade), cmp.Compare(b.Nats, a.Nats),
			strings.Compare(a.List, b.List), cmp.Compare(len(a.EntityID), len(b.EntityID)), strings.Compare(a.EntityID, b.EntityID))
	})
}

// firstKey of a word, in the segment's own memory.
func (s *segment) firstKey(word uint32) string {
	b := firstKeyOf(s.text(word))
	return unsafe.String(unsafe.SliceData(b), len(b))
}
