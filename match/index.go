package match

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// An Index holds listed entities ready for screening. It is made once and then
// only read; any number of goroutines may screen at a time.
//
// Candidate search loses nothing that the score would have reported: every way
// in which two names can come to [Weights.NameFloor] needs heavy parts that agree,
// and [Weights.agreement] lets parts agree only if they share a key, a nickname or
// a skeleton, or become equal when at most two letters are left out on each side.
// The index has all of those. TestIndexFindsWhatScoringEverythingFinds holds it to that.
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
	Threshold float64 // the score from which a finding is reported; 0 for the weights' own
	Limit     int     // at most so many findings, the best; 0 for all
}

// NewIndex makes an index of listed entities. It keeps no reference to the
// slice, but to what the entities point at; they must not be changed afterwards.
// Which entities are in force is for the caller to say: all that are given count.
func NewIndex(entities []entity.Entity, w Weights) *Index {
	x := &Index{w: w, documents: make(map[string][]int32)}
	kept := slices.Clone(entities)
	x.parties = make([]*party, len(kept))
	seed := maphash.MakeSeed()
	x.persons.begin(seed)
	x.firms.begin(seed)
	for i := range kept {
		p := w.party(&kept[i])
		x.parties[i] = p
		for j := range p.persons {
			x.persons.put(int32(i), &p.persons[j])
		}
		for j := range p.firms {
			x.firms.put(int32(i), &p.firms[j])
		}
		for j := range p.identifiers {
			number := p.identifiers[j].number
			x.documents[number] = append(x.documents[number], int32(i))
		}
		for j := range p.weak {
			for k := range p.weak[j].parts {
				p.weak[j].parts[k].ready()
			}
		}
		for _, a := range p.wallets {
			x.wallets.Add(a, int32(i))
		}
	}
	x.firms.first = int32(len(x.persons.words))
	for i := range x.firms.words {
		x.firms.words[i].part.word += x.firms.first
	}
	for _, p := range x.parties {
		for i := range p.firms {
			for j := range p.firms[i].parts {
				if q := &p.firms[i].parts[j]; q.word >= 0 {
					q.word += x.firms.first
				}
			}
		}
	}
	x.persons.finish()
	x.firms.finish()
	x.scratch.New = func() any { return newScratch(x) }
	return x
}

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
		x.persons.search(&x.w, &q.persons[i], s)
	}
	for i := range q.firms {
		x.firms.search(&x.w, &q.firms[i], s)
	}
	for i := range q.identifiers {
		for _, e := range x.documents[q.identifiers[i].number] {
			s.propose(e)
		}
	}
	for _, a := range q.wallets {
		for _, hit := range x.wallets.Find(a) {
			s.propose(hit.Value)
		}
	}
	var found []Finding
	floor := logit(x.w.NameFloor)
	for _, e := range s.proposed {
		s.isProposed[e] = false
		l := x.parties[e]
		best := x.w.likest(q, l, s.agree)
		if best.nats < floor && sameIdentifier(q, l) == nil && sameWallet(q, l).grade == chain.Different {
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

// scratch is what one screening writes on. Between screenings agreed and sum are
// all 0 and isProposed all false.
type scratch struct {
	w          *Weights
	agreed     []float64 // of a word and a slot of the query: their agreement
	words      []int32   // whose agreements were written
	slots      int8      // given to parts of the query so far
	sum        []float32 // of a name: an upper bound of its agreements with the query's name
	last       []lastPart
	touched    []int32
	isProposed []bool
	proposed   []int32
	similar    []int32
}

// lastPart is the part of the query that counted last for a name, and with what.
type lastPart struct {
	part, partnered uint16
	agreed          float32
	vouched         bool // some part agrees as strongly as [Spelling.Vouches]
}

// slots is how many parts of a query have their agreements kept.
const slots = 8

func newScratch(x *Index) *scratch {
	names := max(len(x.persons.names), len(x.firms.names))
	return &scratch{w: &x.w, agreed: make([]float64, slots*(len(x.persons.words)+len(x.firms.words))),
		sum: make([]float32, names), last: make([]lastPart, names), isProposed: make([]bool, len(x.parties))}
}

func (s *scratch) reset() {
	for _, w := range s.words {
		clear(s.agreed[int(w)*slots : int(w+1)*slots])
	}
	s.words, s.slots, s.proposed = s.words[:0], 0, s.proposed[:0]
}

func (s *scratch) propose(e int32) {
	if !s.isProposed[e] {
		s.isProposed[e] = true
		s.proposed = append(s.proposed, e)
	}
}

// agree is [Weights.agreement], remembered for the heavy parts of the query: a
// word that was not found to be alike has none.
func (s *scratch) agree(a, b *part) float64 {
	if a.slot < 0 {
		a, b = b, a
	}
	if a.slot < 0 || b.word < 0 || !b.heavy || a.firm != b.firm {
		return s.w.agreement(a, b)
	}
	return s.agreed[int(b.word)*slots+int(a.slot)]
}

// A nameIndex finds names by parts that are alike.
type nameIndex struct {
	names                     []listedName
	seed                      maphash.Seed
	first                     int32 // number of the first word, so that two indexes share a table
	words                     []word
	idOf                      map[string]int32   // text and keys → word
	byKey                     map[string][]int32 // key → words
	byNick                    map[uint16][]int32 // nickname → words
	bySound                   map[string][]int32 // skeleton → words
	acrossLatin, acrossNative map[string][]int32 // keys of package script → words in Latin letters, and in others
	byPrefix                  map[string][]int32 // first letters → words of firms
	byBones                   map[string][]int32 // skeleton of the whole → names
	bySingle                  map[string][]int32 // only part → names of firms
	byFirsts                  map[string][]int32 // initials → names of firms
	joined                    map[string][]int32 // keys of neighbouring parts written as one → names
	// A key with letters left out, hashed, and its word. Ordered by hash; start
	// has, for each value of the upper bits, where its entries begin.
	left  []leftOut
	start []int32
	shift int
	// filter has a bit set for each hash in left, by its upper bits: small enough to
	// stay near the processor, and it turns nine of ten questions away.
	filter []uint64
}

// A word is a heavy part that occurs in listed names.
type word struct {
	part part
	in   []int32 // names
}

type listedName struct {
	entity       int32
	core         int32
	firstLetters int32
	heavy        int32
	native       bool
	spare        float32
}

type leftOut struct {
	hash uint32
	word int32
	has  uint32 // the letters of the key that letters were left out of
}

func (x *nameIndex) begin(seed maphash.Seed) {
	x.seed = seed
	x.idOf, x.byKey, x.joined = make(map[string]int32), make(map[string][]int32), make(map[string][]int32)
	x.byNick, x.bySound, x.byPrefix = make(map[uint16][]int32), make(map[string][]int32), make(map[string][]int32)
	x.acrossLatin, x.acrossNative = make(map[string][]int32), make(map[string][]int32)
	x.byBones, x.bySingle, x.byFirsts = make(map[string][]int32), make(map[string][]int32), make(map[string][]int32)
}

func (x *nameIndex) put(e int32, n *name) {
	if n.heavy == 0 {
		return
	}
	id := int32(len(x.names))
	x.names = append(x.names, listedName{entity: e, core: int32(n.core), firstLetters: int32(n.firstLetters), heavy: int32(n.heavy), native: n.native, spare: float32(n.spare)})
	for i := range n.parts {
		p := &n.parts[i]
		if p.heavy {
			p.word = x.word(p, id)
		} else {
			p.ready()
		}
	}
	file := func(in map[string][]int32, key string) {
		if key != "" {
			in[key] = append(in[key], id)
		}
	}
	file(x.byBones, n.bones)
	file(x.bySingle, n.single)
	file(x.byFirsts, n.firsts)
	for _, r := range n.runs {
		for _, key := range r.keys {
			if l := x.joined[key]; len(l) == 0 || l[len(l)-1] != id {
				x.joined[key] = append(l, id)
			}
		}
	}
}

// word files a part under what it may be looked for by, and gives its number.
func (x *nameIndex) word(p *part, id int32) int32 {
	// One text can have other keys in another name (г is read as g or as h by the
	// letters around it) and another class.
	text := p.Text + "\x00" + strings.Join(p.Keys, "\x00") + "\x00" + p.Native + "\x00" + string(rune(p.Class))
	w, known := x.idOf[text]
	if !known {
		w = int32(len(x.words))
		x.idOf[text] = w
		for _, k := range p.Keys {
			x.byKey[k] = append(x.byKey[k], w)
			if p.Latin {
				has := lettersOf(k)
				x.eachLeftOut(k, func(h uint32) { x.left = append(x.left, leftOut{h, w, has}) })
			}
		}
		for _, n := range p.Nicknames {
			x.byNick[n] = append(x.byNick[n], w)
		}
		if p.skeleton != "" {
			x.bySound[p.skeleton] = append(x.bySound[p.skeleton], w)
		}
		if p.Class != names.Number {
			in := x.acrossLatin
			if p.Native != "" {
				in = x.acrossNative
			}
			for _, k := range p.ready().keys {
				in[k] = append(in[k], w)
			}
		}
		if p.firm && p.Latin && len(p.Text) >= prefix {
			x.byPrefix[p.Text[:prefix]] = append(x.byPrefix[p.Text[:prefix]], w)
		}
		p.word = x.first + w
		x.words = append(x.words, word{part: *p})
	}
	p.across = x.words[w].part.across
	if in := x.words[w].in; len(in) == 0 || in[len(in)-1] != id {
		x.words[w].in = append(in, id)
	}
	return x.first + w
}

func (x *nameIndex) finish() {
	slices.SortFunc(x.left, func(a, b leftOut) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.word, b.word)) })
	x.left = slices.Clip(slices.Compact(x.left))
	upper := max(bits.Len(uint(len(x.left))), 1)
	x.shift = 32 - upper
	x.start = make([]int32, 1<<upper+1)
	at := 0
	for bucket := range x.start {
		for at < len(x.left) && int(x.left[at].hash>>x.shift) < bucket {
			at++
		}
		x.start[bucket] = int32(at)
	}
	x.filter = make([]uint64, 1<<(32-filterShift-6))
	for i := range x.left {
		at := x.left[i].hash >> filterShift
		x.filter[at>>6] |= 1 << (at & 63)
	}
	x.idOf = nil
}

// filterShift leaves 22 bits of a hash: half a megabyte.
const filterShift = 10

// eachLeftOut calls f with the hash of the key, and of the key with up to [edits]
// letters left out, or [moreEdits] while the first one stays: by the
// symmetric-delete argument two keys within that many slips have one of these in
// common. (Keys that begin alike can be aligned at their first letters at no cost.)
// What is granted goes by the shorter key, and a longer one has no fewer.
func (x *nameIndex) eachLeftOut(key string, f func(uint32)) {
	most, more := edits(len(key)), moreEdits(len(key))
	if most == 0 || len(key) > maxKey {
		return
	}
	if len(key) > longestMore && len(key) <= longestMore+3 {
		more = 3
	}
	var bufs [4][maxKey]byte
	n := copy(bufs[0][:], key)
	f(uint32(maphash.Bytes(x.seed, bufs[0][:n])))
	var leave func(depth, from, n, most int)
	leave = func(depth, from, n, most int) {
		for i := from; i < n; i++ {
			b := &bufs[depth+1]
			copy(b[:i], bufs[depth][:i])
			copy(b[i:], bufs[depth][i+1:n])
			f(uint32(maphash.Bytes(x.seed, b[:n-1])))
			if depth+1 < most {
				leave(depth+1, i, n-1, most)
			}
		}
	}
	leave(0, 1, n, max(most, more)) // those that keep the first letter
	copy(bufs[1][:], key[1:])
	f(uint32(maphash.Bytes(x.seed, bufs[1][:n-1])))
	if most > 1 {
		leave(1, 0, n-1, most)
	}
}

// lettersOf is the set of a key's letters, large and small alike.
func lettersOf(key string) uint32 {
	var set uint32
	for i := range len(key) {
		set |= 1 << (key[i] & 31)
	}
	return set
}

// alike puts into s.similar the words that may agree with p, each once.
func (x *nameIndex) alike(p *part, s *scratch) {
	s.similar = s.similar[:0]
	for _, k := range p.Keys {
		s.similar = append(s.similar, x.byKey[k]...)
	}
	for _, n := range p.Nicknames {
		s.similar = append(s.similar, x.byNick[n]...)
	}
	if p.skeleton != "" {
		s.similar = append(s.similar, x.bySound[p.skeleton]...)
	}
	if p.Class != names.Number && (p.Native != "" || len(x.acrossNative) > 0) {
		for _, k := range p.ready().keys {
			s.similar = append(s.similar, x.acrossNative[k]...)
			if p.Native != "" {
				s.similar = append(s.similar, x.acrossLatin[k]...)
			}
		}
	}
	if p.firm && p.Latin && len(p.Text) >= prefix {
		for _, id := range x.byPrefix[p.Text[:prefix]] {
			if abbreviates(p, &x.words[id].part) {
				s.similar = append(s.similar, id)
			}
		}
	}
	if p.Latin {
		for _, k := range p.Keys {
			// A slip changes at most two of the letters that a key has: one goes, one comes.
			has, most := lettersOf(k), 2*max(edits(len(k)), moreEdits(len(k)))
			x.eachLeftOut(k, func(h uint32) {
				if at := h >> filterShift; x.filter[at>>6]>>(at&63)&1 == 0 {
					return
				}
				bucket := x.left[x.start[h>>x.shift]:x.start[h>>x.shift+1]]
				for i := range bucket {
					if bucket[i].hash == h && bits.OnesCount32(bucket[i].has^has) <= most {
						s.similar = append(s.similar, bucket[i].word)
					}
				}
			})
		}
	}
	slices.Sort(s.similar)
	s.similar = slices.Compact(s.similar)
}

// search proposes the entities of all names that may come to the floor with n:
// those whose agreements, as bounded from above, come to it with nothing against
// them but the core parts that are certainly without partners.
func (x *nameIndex) search(w *Weights, n *name, s *scratch) {
	if n.heavy == 0 {
		return
	}
	count := func(id int32, part uint16, agreed float32, parts uint16) {
		l := &s.last[id]
		if s.sum[id] == 0 {
			s.touched = append(s.touched, id)
			*l = lastPart{}
		}
		l.vouched = l.vouched || float64(agreed) >= w.Spelling.Vouches-1e-3
		switch {
		case l.part != part:
			l.part, l.agreed = part, agreed
			l.partnered += parts
			s.sum[id] += agreed
		case agreed > l.agreed:
			s.sum[id] += agreed - l.agreed
			l.agreed = agreed
		}
	}
	most := float32(w.mostInformation())
	number := uint16(0)
	for i := range n.parts {
		p := &n.parts[i]
		if p.heavy {
			number++
			p.slot = -1
			if s.slots < slots {
				p.slot = s.slots
				s.slots++
			}
			x.alike(p, s)
			for _, id := range s.similar {
				listed := &x.words[id]
				agreed := w.agreement(p, &listed.part)
				if agreed == 0 {
					continue
				}
				if p.slot >= 0 {
					s.agreed[int(listed.part.word)*slots+int(p.slot)] = agreed
					s.words = append(s.words, listed.part.word)
				}
				for _, name := range listed.in {
					count(name, number, float32(agreed), 1)
				}
			}
			// Up to three listed parts written as one here: one partner, and fewer
			// listed parts to be without.
			number++
			for _, k := range p.Keys {
				for _, name := range x.joined[k] {
					count(name, number, most, 3)
				}
			}
		}
	}
	for _, r := range n.runs {
		number++
		for _, k := range r.keys {
			for _, id := range x.byKey[k] {
				for _, name := range x.words[id].in {
					count(name, number, most, uint16(r.to-r.from))
				}
			}
		}
	}
	for _, in := range [...][]int32{x.byBones[n.bones], x.byFirsts[n.single], x.bySingle[n.firsts]} {
		for _, id := range in {
			s.propose(x.names[id].entity)
		}
	}
	floor := logit(w.NameFloor)
	for _, id := range s.touched {
		l := &x.names[id]
		agreed := float64(s.sum[id]) + n.spare + float64(l.spare) + 1e-3 // for the rounding of sums
		s.sum[id] = 0
		partnered := int(s.last[id].partnered)
		if partnered >= max(n.heavy, int(l.heavy)) {
			// The whole name counts [Information.Whole], less what slips take off.
			agreed += w.Information.Whole
		}
		if s.last[id].vouched && (n.native || l.native) {
			s.propose(l.entity)
			continue
		}
		if agreed < w.leastAgreement {
			continue
		}
		without := max(n.core-int(l.firstLetters), int(l.core)-n.firstLetters) - partnered
		if w.Prior+w.told(agreed)-float64(max(without, 0))*w.leastOneSide() >= floor {
			s.propose(l.entity)
		}
	}
	s.touched = s.touched[:0]
}
