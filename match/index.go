package match

import (
	"cmp"
	"hash/maphash"
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
// in which two names can come to [Weights.NameFloor] needs heavy parts that are
// alike, and [Weights.likeness] calls parts alike only if they share a key, or
// become equal when at most two letters are left out on each side. The index has
// all of those. TestIndexFindsWhatScoringEverythingFinds holds it to that.
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
		for _, a := range p.wallets {
			x.wallets.Add(a, int32(i))
		}
	}
	x.persons.finish()
	x.firms.finish()
	size := max(len(x.persons.names), len(x.firms.names))
	x.scratch.New = func() any { return newScratch(size, len(kept)) }
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
	for _, e := range s.proposed {
		s.isProposed[e] = false
		l := x.parties[e]
		best := x.w.likest(q, l)
		if best.score < x.w.NameFloor && sameIdentifier(q, l) == nil && sameWallet(q, l).grade == chain.Different {
			continue // nothing can make a finding of it: spare the writing of reasons
		}
		if f := x.w.compare(q, l, best, threshold); f.Grade != None {
			found = append(found, f)
		}
	}
	s.proposed = s.proposed[:0]
	x.scratch.Put(s)

	slices.SortFunc(found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(b.Grade, a.Grade), cmp.Compare(b.Score, a.Score),
			strings.Compare(a.List, b.List), cmp.Compare(len(a.EntityID), len(b.EntityID)), strings.Compare(a.EntityID, b.EntityID))
	})
	if o.Limit > 0 && len(found) > o.Limit {
		found = found[:o.Limit]
	}
	return found
}

// scratch is what one screening writes on. Between screenings count is all 0 and
// isProposed all false.
type scratch struct {
	count      []uint16 // of a name: how many of the query's parts it may have partners for
	last       []uint16 // of a name: the number of the part that counted last, from 1
	touched    []int32
	isProposed []bool
	proposed   []int32
	similar    []int32
}

func newScratch(namesMost, entities int) *scratch {
	return &scratch{count: make([]uint16, namesMost), last: make([]uint16, namesMost), isProposed: make([]bool, entities)}
}

func (s *scratch) propose(e int32) {
	if !s.isProposed[e] {
		s.isProposed[e] = true
		s.proposed = append(s.proposed, e)
	}
}

// A nameIndex finds names by parts that are alike.
type nameIndex struct {
	names  []listedName
	seed   maphash.Seed
	words  []word
	idOf   map[string]int32   // text → word
	byKey  map[string][]int32 // key → words
	joined map[string][]int32 // keys of two neighbouring parts, written as one → names
	// A key with letters left out, hashed, and its word. Ordered by hash; start
	// has, for each value of the upper 16 bits, where its entries begin.
	left  []leftOut
	start []int32
}

// A word is a heavy part that occurs in listed names.
type word struct {
	token names.Token
	in    []int32 // names
}

type listedName struct {
	entity int32
	least  float64 // see name.least
	spare  float64
}

type leftOut struct {
	hash uint32
	word int32
}

func (x *nameIndex) begin(seed maphash.Seed) {
	x.seed = seed
	x.idOf, x.byKey, x.joined = make(map[string]int32), make(map[string][]int32), make(map[string][]int32)
}

func (x *nameIndex) put(e int32, n *name) {
	if n.heavy == 0 {
		return
	}
	id := int32(len(x.names))
	x.names = append(x.names, listedName{entity: e, least: n.least, spare: n.spare})
	for i := range n.tokens {
		t := &n.tokens[i]
		if isHeavy(t) {
			x.word(t, id)
		}
		if i > 0 {
			eachJoined(&n.tokens[i-1], t, func(key string) {
				if l := x.joined[key]; len(l) == 0 || l[len(l)-1] != id {
					x.joined[key] = append(l, id)
				}
			})
		}
	}
}

// word files a token's text under its keys. Texts are filed once for Latin words
// and once for others, numbers among them: what is alike depends on it.
func (x *nameIndex) word(t *names.Token, id int32) {
	// One text can have other keys in another name: г is read as g or as h by
	// the letters around it.
	text := t.Text + "\x00" + strings.Join(t.Keys, "\x00")
	w, known := x.idOf[text]
	if !known {
		w = int32(len(x.words))
		x.idOf[text] = w
		x.words = append(x.words, word{token: *t})
		for _, k := range t.Keys {
			x.byKey[k] = append(x.byKey[k], w)
		}
		if t.Latin {
			for _, k := range t.Keys {
				x.eachLeftOut(k, func(h uint32) { x.left = append(x.left, leftOut{h, w}) })
			}
		}
	}
	if in := x.words[w].in; len(in) == 0 || in[len(in)-1] != id {
		x.words[w].in = append(in, id)
	}
}

func (x *nameIndex) finish() {
	slices.SortFunc(x.left, func(a, b leftOut) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.word, b.word)) })
	x.left = slices.Clip(slices.Compact(x.left))
	x.start = make([]int32, 1<<16+1)
	at := 0
	for bucket := range x.start {
		for at < len(x.left) && int(x.left[at].hash>>16) < bucket {
			at++
		}
		x.start[bucket] = int32(at)
	}
	x.idOf = nil
}

// eachLeftOut calls f with the hash of the key, and of the key with one letter
// left out and, where [edits] grants two, two: by the symmetric-delete argument
// two keys within that many slips have one of these in common.
func (x *nameIndex) eachLeftOut(key string, f func(uint32)) {
	most := edits(len(key))
	if most == 0 || len(key) > maxKey {
		return
	}
	hash := func(b []byte) { f(uint32(maphash.Bytes(x.seed, b))) }
	var one, two [maxKey]byte
	hash([]byte(key))
	for i := range len(key) {
		n := copy(one[:], key[:i])
		n += copy(one[n:], key[i+1:])
		hash(one[:n])
		if most < 2 {
			continue
		}
		for j := i; j < n; j++ {
			m := copy(two[:], one[:j])
			m += copy(two[m:], one[j+1:n])
			hash(two[:m])
		}
	}
}

// eachJoined calls f with the keys that two neighbouring parts have when written
// as one, under the conditions of [joinLike].
func eachJoined(a, b *names.Token, f func(string)) {
	if a.Class == names.Initial || a.Class == names.LegalForm || !isHeavy(b) {
		return
	}
	for _, k := range a.Keys {
		for _, l := range b.Keys {
			f(k + l)
		}
	}
}

// similar puts into s.similar the words that are like t, each once.
func (x *nameIndex) similar(w *Weights, t *names.Token, s *scratch) {
	s.similar = s.similar[:0]
	for _, k := range t.Keys {
		s.similar = append(s.similar, x.byKey[k]...)
	}
	if t.Latin {
		for _, k := range t.Keys {
			x.eachLeftOut(k, func(h uint32) {
				bucket := x.left[x.start[h>>16]:x.start[h>>16+1]]
				for i := range bucket {
					if bucket[i].hash == h {
						s.similar = append(s.similar, bucket[i].word)
					} else if bucket[i].hash > h {
						break
					}
				}
			})
		}
	}
	slices.Sort(s.similar)
	s.similar = slices.Compact(s.similar)
	s.similar = slices.DeleteFunc(s.similar, func(id int32) bool { return w.likeness(t, &x.words[id].token) == 0 })
}

// search proposes the entities of all names that may come to the floor with n.
//
// With c an upper bound of the weight of n's parts that have partners in a
// listed name, what is left costs at least Omission × (least − c), for no part
// weighs more than 1 and none left over costs less than Omission × its missing
// weight. So the likeness is at most c / (c + Omission × (least − c)).
func (x *nameIndex) search(w *Weights, n *name, s *scratch) {
	if n.heavy == 0 {
		return
	}
	count := func(id int32, part, by uint16) {
		if s.count[id] == 0 {
			s.touched = append(s.touched, id)
			s.last[id] = 0
		}
		if s.last[id] != part {
			s.last[id] = part
			s.count[id] += by
		}
	}
	part := uint16(0)
	for i := range n.tokens {
		t := &n.tokens[i]
		if isHeavy(t) {
			part++
			x.similar(w, t, s)
			for _, word := range s.similar {
				for _, id := range x.words[word].in {
					count(id, part, 1)
				}
			}
			// Two listed parts written as one here: one partner, and one listed part
			// fewer to be without.
			part++
			for _, k := range t.Keys {
				for _, id := range x.joined[k] {
					count(id, part, 2)
				}
			}
		}
		if i > 0 {
			part++
			eachJoined(&n.tokens[i-1], t, func(key string) {
				for _, word := range x.byKey[key] {
					for _, id := range x.words[word].in {
						count(id, part, 2)
					}
				}
			})
		}
	}
	for _, id := range s.touched {
		l := &x.names[id]
		c := float64(s.count[id]) + n.spare + l.spare
		s.count[id] = 0
		if c >= (w.NameFloor-1e-9)*(c+w.Omission*max(0, max(n.least, l.least)-c)) { // 1e-9 for the rounding of sums
			s.propose(l.entity)
		}
	}
	s.touched = s.touched[:0]
}
