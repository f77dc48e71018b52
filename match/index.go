package match

import (
	"cmp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
	"sallyport/names/script"
)

// An Index holds listed entities ready for screening. It is made once and then
// only read; any number of goroutines may screen at a time.
//
// Candidate search loses nothing that the score would have reported: every way
// in which two names can come to [Weights.NameFloor] needs heavy parts that agree,
// and [Weights.agreement] lets parts agree only if they share a key, a nickname or
// a skeleton, or become equal when a few letters are left out on each side. The
// lexicon of the listed names' words has all of those.
// TestIndexFindsWhatScoringEverythingFinds holds it to that.
type Index struct {
	w         Weights
	parties   []*party
	persons   nameIndex
	firms     nameIndex
	documents map[string][]int32 // number → parties
	wallets   chain.Table[int32] // → parties
	scratch   sync.Pool          // of *scratch
}

// Options of one screening. The zero value is the default.
type Options struct {
	Threshold float64 // the score from which a resemblance is reported, but for a listed wallet's, which always is; 0 for the weights' own
	Limit     int     // at most so many findings, the best; 0 for all
}

// NewIndex makes an index of listed entities, on all processors. It keeps no reference
// to the slice, but to what the entities point at; they must not be changed afterwards.
// Which entities are in force is for the caller to say: all that are given count.
func NewIndex(entities []entity.Entity, w Weights) *Index {
	x := &Index{w: w, documents: make(map[string][]int32)}
	x.parties = make([]*party, len(entities))
	kept := slices.Clone(entities)
	// Read by all processors, filed in order, so that an index is the same every time.
	read := make([]chan struct{}, (len(kept)+blockSize-1)/blockSize)
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range read {
		read[i] = make(chan struct{})
	}
	go func() {
		for block := range read {
			free <- struct{}{}
			go func() {
				for i := block * blockSize; i < min((block+1)*blockSize, len(kept)); i++ {
					x.parties[i] = w.party(&kept[i])
				}
				close(read[block])
				<-free
			}()
		}
	}()
	x.persons.begin(&w, personsAnswers)
	x.firms.begin(&w, firmsAnswers)
	for i := range kept {
		if i%blockSize == 0 {
			<-read[i/blockSize]
		}
		p := x.parties[i]
		for j := range p.persons {
			x.persons.put(int32(i), j, &p.persons[j])
		}
		for j := range p.firms {
			x.firms.put(int32(i), j, &p.firms[j])
		}
		boxAll(p.weak)
		for j := range p.identifiers {
			number := p.identifiers[j].number
			x.documents[number] = append(x.documents[number], int32(i))
		}
		for _, a := range p.wallets {
			x.wallets.Add(a, int32(i))
		}
	}
	var both sync.WaitGroup
	both.Go(x.persons.finish)
	both.Go(x.firms.finish)
	both.Wait()
	x.scratch.New = func() any { return newScratch(x) }
	return x
}

// blockSize is how many entities one goroutine reads at a time.
const blockSize = 512

// Len is the number of entities in the index.
func (x *Index) Len() int { return len(x.parties) }

// Weights are those that the index scores with.
func (x *Index) Weights() Weights { return x.w }

// Screen returns the listed entities that the query resembles or is, best first:
// by grade, then by score, then by list and id. It is the same on every run.
// A finding by name needs a likeness of names of [Weights.NameFloor] whatever the
// threshold is.
func (x *Index) Screen(query entity.Entity, o Options) []Finding {
	threshold := o.Threshold
	if threshold == 0 {
		threshold = x.w.Threshold
	}
	q := x.w.party(&query)
	s := x.scratch.Get().(*scratch)
	for i := range q.persons {
		x.persons.search(&x.w, &q.persons[i], i, s)
	}
	for i := range q.firms {
		x.firms.search(&x.w, &q.firms[i], i, s)
	}
	for i := range q.identifiers {
		for _, e := range x.documents[q.identifiers[i].number] {
			s.propose(likelyPair{entity: e})
		}
	}
	for _, a := range q.wallets {
		for _, hit := range x.wallets.Find(a) {
			s.propose(likelyPair{entity: hit.Value})
		}
	}
	slices.SortFunc(s.proposed, likelyPair.compare)
	// All names first: these looks do not wait for one another.
	for _, p := range s.proposed {
		if l := x.parties[p.entity]; p.names != 0 {
			s.lexical.touch += l.near(p)
		}
	}
	var found []Finding
	floor := logit(x.w.NameFloor)
	for from := 0; from < len(s.proposed); {
		to := from + 1
		for to < len(s.proposed) && s.proposed[to].entity == s.proposed[from].entity {
			to++
		}
		l := x.parties[s.proposed[from].entity]
		var best likest
		if s.proposed[from].names == 0 { // a document or a wallet: its names are looked at whatever they are
			best = x.w.likest(q, l, s)
		} else {
			best = x.w.likestOf(q, l, s.proposed[from:to], s)
		}
		from = to
		if best.most() < floor && sameIdentifier(q, l) == nil && sameWallet(q, l).grade == chain.Different {
			continue // nothing can make a finding of it: spare the writing of reasons
		}
		if f := x.w.compare(q, l, best, threshold); f.Grade != None {
			found = append(found, f)
		}
	}
	s.reset()
	x.scratch.Put(s)

	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Grade, a.Grade), cmp.Compare(b.Nats, a.Nats),
			strings.Compare(a.List, b.List), cmp.Compare(len(a.EntityID), len(b.EntityID)), strings.Compare(a.EntityID, b.EntityID))
	})
	if o.Limit > 0 && len(found) > o.Limit {
		found = found[:o.Limit]
	}
	return found
}

// A likelyPair is an entity that may be found, and by which names; names is 0 where it is by
// none, and the order of an entity's pairs is the order of its names.
type likelyPair struct {
	entity int32
	names  int64 // 1 + firm<<62 + query name<<31 + listed name
}

func likelyPairOf(entity int32, firm bool, query int, listed int32) likelyPair {
	return likelyPair{entity, 1 + int64(kindOf(firm))<<62 + int64(query)<<31 + int64(listed)}
}

func (p likelyPair) split() (firm bool, query, listed int) {
	n := p.names - 1
	return n>>62 == 1, int(n >> 31 & (1<<31 - 1)), int(n & (1<<31 - 1))
}

// near looks at what the comparison of a pair will look at.
func (l *party) near(p likelyPair) (seen uint32) {
	firm, _, listed := p.split()
	n := &l.persons
	if firm {
		n = &l.firms
	}
	parts := (*n)[listed].parts
	for i := range parts {
		seen += uint32(parts[i].word) + uint32(len(parts[i].Text))
	}
	return seen
}

func (p likelyPair) compare(q likelyPair) int {
	return cmp.Or(cmp.Compare(p.entity, q.entity), cmp.Compare(p.names, q.names))
}

// scratch is what one screening writes on. Between screenings sum is all zero.
type scratch struct {
	w        *Weights
	words    [2]*lexicon // of people, of firms
	lexical  lexicalScratch
	answers  [slots]*answer // of a part of the query: what was found for it
	heard    heard
	slots    int8    // given to parts of the query so far
	tally    []tally // of a name
	touched  []int32
	proposed []likelyPair
}

// tally is an upper bound of a listed name's agreements with the query's name.
type tally struct {
	sum             float32
	agreed          float32 // of the part of the query that counted last
	most            float32 // of any
	part, partnered uint16
}

// count adds to the tallies of names that a part of the query agrees with them by so many nats,
// and with so many of their parts at most. parts are numbered from 1 on, in the order in which
// they are counted.
func (s *scratch) count(names []int32, part uint16, nats float64, parts uint16) {
	agreed := float32(nats)
	for _, id := range names {
		t := &s.tally[id]
		switch {
		case t.sum == 0:
			s.touched = append(s.touched, id)
			*t = tally{sum: agreed, agreed: agreed, most: agreed, part: part, partnered: parts}
			continue
		case t.part != part:
			t.part, t.agreed = part, agreed
			t.partnered += parts
			t.sum += agreed
		case agreed > t.agreed:
			t.sum += agreed - t.agreed
			t.agreed = agreed
		}
		t.most = max(t.most, agreed)
	}
}

// slots is how many parts of a query have their agreements kept.
const slots = 8

func newScratch(x *Index) *scratch {
	names := max(len(x.persons.names), len(x.firms.names))
	s := &scratch{w: &x.w, words: [...]*lexicon{&x.persons.words, &x.firms.words}, tally: make([]tally, names)}
	for _, l := range [...]*lexicon{&x.persons.words, &x.firms.words, &x.persons.runs} {
		s.lexical.fit(l)
	}
	return s
}

func (s *scratch) reset() {
	clear(s.answers[:])
	s.slots, s.proposed = 0, s.proposed[:0]
}

func (s *scratch) propose(p likelyPair) { s.proposed = append(s.proposed, p) }

// agreement is remembered for the heavy parts of the query: a word that was not found to be
// alike has none.
func (s *scratch) agreement(a, b *part) float64 {
	if a.slot < 0 {
		a, b = b, a
	}
	if a.slot < 0 || b.word < 0 || !b.heavy || a.firm != b.firm {
		return s.w.agreement(a, b)
	}
	return s.answers[a.slot].of(b.word)
}

// sounds are remembered too, and from one query to the next: a name that many share brings the
// same listed names each time.
func (s *scratch) sounds(a, b *part, least float64) float64 {
	if a.slot < 0 {
		a, b = b, a
	}
	if a.slot < 0 || b.word < 0 || a.firm != b.firm {
		return s.w.sounds(a, b, least)
	}
	if s.heard == nil {
		s.heard = make(heard, 1<<heardBits)
	}
	// What is asked with a high least is asked with a lower one beside another name.
	least = min(least, -unlikeSounds/2)
	pair := s.answers[a.slot].number<<24 | uint64(b.word) // a list has fewer words
	return s.heard.sounds(pair, least, func() float64 {
		x := s.words[kindOf(a.firm)]
		if p := a.ready(); x.flat[b.word].sounds && p.Modelled() {
			return x.sounding().EvidenceFrom(b.word, p, least)
		}
		return s.w.sounds(a, b, least)
	})
}

// heard is what sounds are evidence of, by a hash of the pair of words: the latest.
type heard []struct {
	pair uint64
	nats float64
}

// heardBits: each of the goroutines that screen remembers so many pairs, in four megabytes.
const heardBits = 18

// sounds is [Weights.sounds] of the pair, which is not 0.
func (h heard) sounds(pair uint64, least float64, sounds func() float64) float64 {
	at := &h[mixed(pair)>>(32-heardBits)]
	if at.pair != pair || at.nats < below/2 && at.nats-below > least {
		if at.pair, at.nats = pair, sounds(); at.nats < least && at.nats != script.Incomparable {
			at.nats = below + least
		}
	}
	return at.nats
}

// below plus so many nats stands for evidence of which is known only that it is below these.
const below = -1000

func kindOf(firm bool) int {
	if firm {
		return 1
	}
	return 0
}

// A nameIndex finds names by parts that are alike.
type nameIndex struct {
	names  []listedName
	helped []bool // of a name: light parts or initials (see spare) or another script may help it to the floor
	words  lexicon
	in     csr                          // word → names
	bones  multimap                     // skeleton of the whole → names
	single multimap                     // only part of a firm's name → names
	firsts multimap                     // initials of a firm's name → names
	joined multimap                     // key of neighbouring parts written as one → names
	titles multimap                     // key of a title → names
	pinyin multimap                     // name of China in pinyin → names
	spelt  multimap                     // name in pinyin that one in another spelling may be → names
	runs   lexicon                      // of neighbouring syllables as one word, for Han and Hangul
	inRuns csr                          // word of runs → names
	least  [names.MaxTokens + 1]float64 // see [Weights.leastAgreements]
	build  *nameIndexBuild
}

type nameIndexBuild struct {
	in, bones, single, firsts, joined, inRuns, titles, pinyin, spelt []entry
}

type listedName struct {
	entity   int32
	at       int32 // among the entity's names of the kind
	spare    float32
	core     int8 // of at most names.MaxTokens
	initials int8
	heavy    int8
	native   bool
}

func (x *nameIndex) begin(w *Weights, which int) {
	x.least = w.leastAgreements()
	x.words.begin(which)
	x.runs.begin(runsAnswers)
	x.build = new(nameIndexBuild)
}

// put files a name. Equal words of all names are kept once.
func (x *nameIndex) put(e int32, at int, n *name) {
	id := int32(len(x.names))
	for i := range n.parts {
		p := &n.parts[i]
		if word := x.words.share(p); p.heavy {
			x.build.in = append(x.build.in, entry{uint32(word), id})
		} else if p.Class == names.Title && n.heavy > 0 {
			for _, k := range p.Keys {
				x.build.titles = append(x.build.titles, entry{hashOf(k), id})
			}
		}
	}
	if n.heavy == 0 {
		return
	}
	x.names = append(x.names, listedName{entity: e, at: int32(at), core: int8(n.core), initials: int8(n.initials), heavy: int8(n.heavy), native: n.native, spare: float32(n.spare)})
	x.helped = append(x.helped, n.spare > 0 || n.native)
	file := func(in *[]entry, key string) {
		if key != "" {
			*in = append(*in, entry{hashOf(key), id})
		}
	}
	file(&x.build.bones, n.bones)
	file(&x.build.single, n.single)
	file(&x.build.firsts, n.firsts)
	for _, j := range n.joins {
		x.build.joined = append(x.build.joined, entry{j.hash, id})
	}
	for _, c := range n.chinese {
		in := &x.build.spelt
		if c.In == names.Pinyin {
			in = &x.build.pinyin
		}
		*in = append(*in, entry{mixed(uint64(c.Name)), id})
	}
	n.runs, n.written = nil, nil
	for i := range n.eastern {
		p := &n.eastern[i].part
		x.build.inRuns = append(x.build.inRuns, entry{uint32(x.runs.share(p)), id})
		p.word = -1 // it is none of words
	}
}

func (x *nameIndex) finish() {
	b := x.build
	x.build = nil
	x.names = slices.Clip(x.names)
	x.words.finish()
	x.titles = multimapOf(b.titles)
	x.runs.finish()
	x.inRuns = csrOf(len(x.runs.parts), b.inRuns)
	x.in = csrOf(len(x.words.parts), b.in)
	x.bones, x.single, x.firsts, x.joined = multimapOf(b.bones), multimapOf(b.single), multimapOf(b.firsts), multimapOf(b.joined)
	x.pinyin, x.spelt = multimapOf(b.pinyin), multimapOf(b.spelt)
}

// search proposes the entities of all names that may come to the floor with n:
// those whose agreements, as bounded from above, come to it with nothing against
// them but the core parts that are certainly without partners.
func (x *nameIndex) search(w *Weights, n *name, query int, s *scratch) {
	if n.heavy == 0 {
		return
	}
	most := w.mostInformation()
	number := uint16(0)
	last := -1 // the part that tells least is counted last: most of the names that have it have nothing else
	for i := range n.parts {
		if p := &n.parts[i]; p.heavy && (last < 0 || p.info < n.parts[last].info) {
			last = i
		}
	}
	var lastAnswer *answer
	for i := range n.parts {
		p := &n.parts[i]
		if p.Class == names.Title { // which a listed name may have as a name
			number++
			for _, k := range p.Keys {
				x.words.ids.each(hashOf(k), func(key int32) {
					for _, word := range x.words.under.of(key) {
						s.count(x.in.of(word), number, w.Information.VeryCommon, 1)
					}
				})
			}
		}
		if !p.heavy {
			continue
		}
		if p.Class == names.Plain && len(x.titles.entries) > 0 {
			number++
			for _, k := range p.Keys {
				x.titles.each(hashOf(k), func(name int32) { s.count([]int32{name}, number, w.Information.VeryCommon, 1) })
			}
		}
		number++
		answer := x.words.alike(w, p, &s.lexical)
		p.slot = -1
		if s.slots < slots {
			p.slot = s.slots
			s.answers[p.slot] = answer
			s.slots++
		}
		if i == last {
			lastAnswer = answer
		} else {
			for _, l := range answer.similar {
				s.count(x.in.of(l.word), number, l.agreed, 1)
			}
		}
		if p.characters() {
			number++
			for _, l := range x.runs.alike(w, p, &s.lexical).similar {
				s.count(x.inRuns.of(l.word), number, l.agreed, 3)
			}
		}
		// Up to three listed parts written as one here: one partner, and fewer
		// listed parts to be without.
		number++
		for _, k := range p.Keys {
			x.joined.each(hashOf(k), func(name int32) { s.count([]int32{name}, number, most, 3) })
		}
	}
	for i, j := range n.joins {
		if i == 0 || j.from != n.joins[i-1].from || j.to != n.joins[i-1].to {
			number++ // another run
		}
		x.words.ids.each(j.hash, func(key int32) {
			for _, word := range x.words.under.of(key) {
				s.count(x.in.of(word), number, most, uint16(j.to-j.from))
			}
		})
	}
	if len(x.words.others.entries) > 0 {
		for i := range n.eastern {
			r := &n.eastern[i]
			number++
			for _, l := range x.words.alike(w, &r.part, &s.lexical).similar {
				if !x.words.parts[l.word].characters() {
					continue
				}
				s.count(x.in.of(l.word), number, l.agreed, uint16(r.to-r.from))
			}
		}
	}
	number++
	for _, l := range lastAnswer.similar {
		names := x.in.of(l.word)
		if n.heavy == 1 || n.native || l.agreed+n.spare+1e-3 >= x.least[max(n.core-1, 0)] {
			s.count(names, number, l.agreed, 1)
			continue
		}
		// No name comes to the floor by this part alone.
		for i, id := range names {
			if s.tally[id].sum > 0 || x.helped[id] {
				s.count(names[i:i+1], number, l.agreed, 1)
			}
		}
	}
	vouches := float32(w.Spelling.Vouches - 1e-3)
	propose := func(name int32) {
		l := &x.names[name]
		s.propose(likelyPairOf(l.entity, n.parts[0].firm, query, l.at))
	}
	if n.bones != "" {
		x.bones.each(hashOf(n.bones), propose)
	}
	if n.single != "" {
		x.firsts.each(hashOf(n.single), propose)
	}
	if n.firsts != "" {
		x.single.each(hashOf(n.firsts), propose)
	}
	for _, c := range n.chinese {
		in := &x.pinyin
		if c.In == names.Pinyin {
			in = &x.spelt
		}
		in.each(mixed(uint64(c.Name)), propose)
	}
	for _, id := range s.touched {
		l, t := &x.names[id], &s.tally[id]
		agreed := float64(t.sum) + n.spare + float64(l.spare) + 1e-3 // for the rounding of sums
		t.sum = 0
		partnered := int(t.partnered)
		if partnered >= max(n.heavy, int(l.heavy)) {
			// The whole name counts [Information.Whole], less what slips take off.
			agreed += w.Information.Whole
		}
		without := max(n.core-int(l.initials), int(l.core)-n.initials) - partnered
		if agreed >= x.least[max(without, 0)] || t.most >= vouches && (n.native || l.native) {
			propose(id)
		}
	}
	s.touched = s.touched[:0]
}
