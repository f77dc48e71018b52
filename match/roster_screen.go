package match

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// A delta is what changed on a list, made ready to be looked for among customers.
type delta struct {
	w        *Weights
	parties  []*party
	parts    []deltaPart
	names    []deltaName
	marks    map[uint32][]int32 // marks of names → parties
	sieve    [1 << 12]uint64    // the marks by their low bits
	runs     []deltaRun
	facts    map[uint32][]int32
	spare    float64 // the most of any name
	light    float64 // the most that a light part or an initial can add
	initials int     // the most of any name
	floor    float64
}

// A deltaPart is a heavy part, once for all names that have it.
type deltaPart struct {
	part
	letters uint32
	in      []occurrence
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
}

type deltaName struct {
	party      int32
	heavy      int
	spare      float64
	core       uint32 // which parts are
	patronymic uint32
	mixed      bool // has initials or generic words
	initials   int
	plain      bool // all heavy parts are core parts
	firm       bool
	parts      []part
	letters    []uint32
}

func (w *Weights) delta(entities []entity.Entity) *delta {
	d := &delta{w: w, marks: make(map[uint32][]int32), facts: make(map[uint32][]int32), floor: logit(w.NameFloor)}
	i := &w.Information
	d.light = max(i.Light, i.Initial, i.LegalForm)
	known := make(map[string]int32)
	var text []byte
	for e := range entities {
		p := w.party(&entities[e])
		d.parties = append(d.parties, p)
		file := func(m uint32) {
			if l := d.marks[m]; len(l) == 0 || l[len(l)-1] != int32(e) {
				d.marks[m] = append(l, int32(e))
			}
			d.sieve[m>>6&(1<<12-1)] |= 1 << (m & 63)
		}
		for _, of := range [...][]name{p.persons, p.firms} {
			for j := range of {
				n := &of[j]
				if n.heavy == 0 {
					continue
				}
				firm := n.parts[0].firm
				id := int32(len(d.names))
				dn := deltaName{party: int32(e), heavy: n.heavy, spare: n.spare, firm: firm, parts: n.parts, plain: n.core == n.heavy, letters: make([]uint32, len(n.parts))}
				d.spare = max(d.spare, n.spare)
				for k := range n.parts {
					q := &n.parts[k]
					dn.letters[k] = letterSet(q.Keys[0])
					switch q.Class {
					case names.Initial:
						dn.mixed = true
						dn.initials++
					case names.Generic:
						dn.mixed = true
					case names.Patronymic:
						dn.patronymic |= 1 << k
					case names.Plain:
						dn.core |= 1 << k
					}
					if !q.heavy {
						continue
					}
					text = appendWord(text[:0], &q.Token, firm)
					part, ok := known[string(text)]
					if !ok {
						part = int32(len(d.parts))
						known[string(text)] = part
						d.parts = append(d.parts, deltaPart{part: *q, letters: dn.letters[k]})
					}
					d.parts[part].in = append(d.parts[part].in, occurrence{id, uint8(k)})
					for _, key := range q.Keys {
						file(mark(runMark, firm, key))
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
				if n.bones != "" {
					file(mark(bonesMark, firm, n.bones))
				}
				if n.firsts != "" {
					file(mark(singleMark, firm, n.firsts))
				}
				if n.single != "" {
					file(mark(firstsMark, firm, n.single))
				}
			}
		}
		fact := func(f uint32) {
			if l := d.facts[f]; len(l) == 0 || l[len(l)-1] != int32(e) {
				d.facts[f] = append(l, int32(e))
			}
		}
		for j := range p.identifiers {
			fact(documentFact(p.identifiers[j].number))
		}
		for _, a := range p.wallets {
			fact(walletFact(a.Key))
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
	lost   float32 // what the best of them lacks to its information, 0 for spellings of one another
	run    bool    // the word is, or may be, parts of the name written as one
}

// A search holds a delta against one segment.
type search struct {
	*delta
	seg *segment
	// most a word can agree with anything in the delta, in sixteenths of a nat rounded
	// up, 0 for the most of them that are like nothing.
	most  []uint8
	at    []uint32 // of a word: its likenesses are like[at:at+count]
	like  []likeness
	count []uint32
}

const sixteenth = 16

func inSixteenths(nats float64) uint8 { return uint8(min(255, math.Ceil(nats*sixteenth))) }

// search finds which words of the segment are like parts of the delta.
func (d *delta) search(seg *segment) (*search, error) {
	s := &search{delta: d, seg: seg}
	type found struct {
		word, part   uint32
		agreed, lost float32
	}
	workers := runtime.GOMAXPROCS(0)
	var next atomic.Int64
	results, errs := make([][]found, workers), make([]error, workers)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			var words []uint32
			for {
				i := int(next.Add(1) - 1)
				if i >= len(d.parts) {
					return
				}
				p := &d.parts[i]
				words = words[:0]
				single := len(p.Keys) == 1
				p.eachClue(true, func(clue uint32, slip bool) {
					for _, word := range seg.clue(clue) {
						sort := seg.sorts[word]
						if sort&firmBit != 0 != p.firm || slip && single && sort&severalKeys == 0 && leastSlips(p.letters, seg.letters[word]) > 3 {
							continue
						}
						words = append(words, word)
					}
				})
				slices.Sort(words)
				for j, word := range words {
					if j > 0 && words[j-1] == word {
						continue
					}
					q, err := d.w.rosterPart(seg, word)
					if err != nil {
						errs[worker] = err
						return
					}
					agreed := d.w.agreement(&p.part, &q)
					if agreed == 0 {
						continue
					}
					f := found{word: word, part: uint32(i), agreed: float32(agreed)}
					if p.Text != q.Text && !p.Shares(&q.Token) {
						f.lost = float32((p.info+q.info)/2 - agreed)
					}
					results[worker] = append(results[worker], f)
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
	words := len(seg.sorts)
	s.most, s.at, s.count = make([]uint8, words), make([]uint32, words), make([]uint32, words)
	counts := make([]uint32, words+1)
	runs := make(map[uint32][]likeness)
	for _, r := range d.runs {
		for _, word := range seg.clue(r.clue) {
			if seg.sorts[word]&firmBit != 0 != r.firm {
				continue
			}
			q, err := d.w.rosterPart(seg, word)
			if err != nil {
				return nil, err
			}
			runs[word] = append(runs[word], likeness{name: r.name, parts: r.parts, agreed: float32(max(r.info, q.info)), run: true})
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
		s.at[word] = total
		total += n
	}
	s.like = make([]likeness, total)
	filled := counts
	clear(filled)
	for _, of := range results {
		for _, f := range of {
			s.most[f.word] = max(s.most[f.word], inSixteenths(float64(f.agreed)))
			for _, o := range d.parts[f.part].in {
				s.like[s.at[f.word]+filled[f.word]] = likeness{name: o.name, parts: 1 << o.at, agreed: f.agreed, lost: f.lost}
				filled[f.word]++
			}
		}
	}
	for word, of := range runs {
		for _, l := range of {
			s.most[word] = max(s.most[word], inSixteenths(float64(l.agreed)))
			s.like[s.at[word]+filled[word]] = l
			filled[word]++
		}
	}
	for word, n := range filled[:words] {
		if n == 0 {
			continue
		}
		of := s.like[s.at[word] : s.at[word]+n]
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
		s.count[word] = uint32(len(kept))
	}
	return s, nil
}

// clue gives the words filed under a clue, and a few more.
func (s *segment) clue(clue uint32) []uint32 {
	bucket := clue >> (32 - s.clueBits)
	from, to := s.starts[bucket], s.starts[bucket+1]
	check := uint8(clue << s.clueBits >> 24)
	checks := s.checks[from:to]
	var out []uint32
	for i, c := range checks {
		if c == check {
			out = append(out, s.filed[int(from)+i])
		}
	}
	return out
}

// propose gives the customers of the segment, by place, that are to be compared with a
// party of the delta, ordered and each once.
func (s *search) propose() []proposal {
	seg := s.seg
	workers := runtime.GOMAXPROCS(0)
	const stride = 16 // blocks
	var next atomic.Int64
	results := make([][]proposal, workers)
	var wg sync.WaitGroup
	for worker := range workers {
		wg.Go(func() {
			sc := scan{search: s}
			for {
				b := int(next.Add(1)-1) * stride
				if b >= len(seg.blocks) {
					break
				}
				end := uint64(len(seg.records))
				if b+stride < len(seg.blocks) {
					end = seg.blocks[b+stride]
				}
				sc.blocks(int32(b*rosterBlock), seg.records[seg.blocks[b]:end])
			}
			results[worker] = sc.found
		})
	}
	wg.Wait()
	out := slices.Concat(results...)
	for i, f := range seg.facts {
		if parties, ok := s.facts[f]; ok {
			for _, p := range parties {
				out = append(out, proposal{int32(seg.holders[i]), p})
			}
		}
	}
	slices.SortFunc(out, func(a, b proposal) int { return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(a.party, b.party)) })
	return slices.Compact(out)
}

// A scan goes over records.
type scan struct {
	*search
	found []proposal
	lists [names.MaxTokens][]likeness
	words [names.MaxTokens]uint8 // where in the record each list's word is
}

// blocks goes over the records of customers from a place on.
func (s *scan) blocks(place int32, records []uint32) {
	place--
	most, w := s.most, s.w
	sieve := &s.sieve
	needed := s.floor - w.Prior
	leastOne := min(w.OneSide.Part, w.OneSide.Further, w.OneSide.Firm)
	// least agreement, by core parts that are left without a partner at least.
	var least [names.MaxTokens + 1]float64
	for i := range least {
		least[i] = w.agreementFor(needed + float64(i)*leastOne)
	}
	for at := 0; at < len(records); {
		h := recordHead(records[at])
		body := records[at+1 : at+1+h.length()]
		at += 1 + len(body)
		if h.first() {
			place++
		}
		sum, hot := 0, 0
		for i, t := range body {
			if t&isMark == 0 {
				if m := most[t]; m > 0 {
					sum += int(m)
					s.words[hot&(names.MaxTokens-1)] = uint8(i)
					hot++
				}
			} else if sieve[t>>6&(1<<12-1)]>>(t&63)&1 != 0 {
				for _, party := range s.marks[t] {
					s.found = append(s.found, proposal{place, party})
				}
			}
		}
		if hot == 0 {
			continue
		}
		agreed := float64(sum)/sixteenth + float64(h.light())*s.light + s.spare
		if hot+s.initials >= h.heavy() {
			agreed = max(agreed, w.Information.Whole)
		}
		if agreed+1e-3 < least[max(0, h.core()-hot-s.initials)] {
			continue
		}
		s.record(place, h, body, hot)
	}
}

// agreementFor is the least sum of agreements that is told as so many nats, +inf for none.
func (w *Weights) agreementFor(nats float64) float64 {
	if nats >= w.Information.Ceiling {
		return math.Inf(1)
	}
	return -w.Information.Scale * math.Log(1-nats/w.Information.Ceiling)
}

// record looks at one name in which so many words are like something.
func (s *scan) record(place int32, h recordHead, body []uint32, hot int) {
	for i := range hot {
		word := body[s.words[i]]
		s.lists[i] = s.like[s.at[word]:][:s.count[word]]
	}
	for {
		name := int32(math.MaxInt32)
		for i := range hot {
			if l := s.lists[i]; len(l) > 0 {
				name = min(name, l[0].name)
			}
		}
		if name == math.MaxInt32 {
			return
		}
		var hit, parts uint32
		agreed, lost, run := 0.0, 0.0, false
		for i := range hot {
			if l := s.lists[i]; len(l) > 0 && l[0].name == name {
				hit |= 1 << s.words[i]
				parts |= l[0].parts
				agreed += float64(l[0].agreed)
				lost += float64(l[0].lost)
				run = run || l[0].run
				s.lists[i] = l[1:]
			}
		}
		n := &s.names[name]
		if s.mayReach(n, h, body, hit, parts, agreed, lost, run) {
			s.found = append(s.found, proposal{place, n.party})
		}
	}
}

// mayReach says whether a customer's name can come to the floor with a name of the
// delta, hit being those of its words that are like parts of it. It bounds [Weights.pair]
// from above: agreements as if nothing stood in one another's way, and the least that
// the parts can cost that are certainly left without partners.
func (s *scan) mayReach(n *deltaName, h recordHead, body []uint32, hit, parts uint32, agreed, lost float64, run bool) bool {
	w := s.w
	pairs := min(bits.OnesCount32(hit), bits.OnesCount32(parts))
	var core, patronymic uint32
	mixed, plain, initials := n.mixed, n.plain, n.initials
	agreed += n.spare + 1e-3 // for the rounding of sums
	for i, word := range body {
		if word&isMark != 0 {
			break
		}
		switch names.Class(s.seg.sorts[word] & classBits) {
		case names.Plain:
			core |= 1 << i
		case names.Patronymic:
			patronymic |= 1 << i
		case names.Initial:
			mixed = true
			initials++
			agreed += w.Information.Initial
		case names.Generic:
			mixed = true
		case names.LegalForm:
			agreed += w.Information.LegalForm
		case names.Title, names.Particle:
			agreed += w.Information.Light
		case names.Number:
			plain = false
		}
	}
	// The whole name counts [Information.Whole]. A part whose partner is an initial may count
	// as having one.
	if pairs+initials >= max(h.heavy(), n.heavy) || run && bits.OnesCount32(hit)+initials >= h.heavy() {
		agreed = max(agreed, w.Information.Whole-lost+1e-3)
	}
	spare := w.Prior + w.told(agreed) - s.floor // to be spent on what is left
	if spare < 0 {
		return false
	}
	leastOne := min(w.OneSide.Part, w.OneSide.Further)
	if n.firm {
		leastOne = w.OneSide.Firm
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
	if mixed { // which part contradicts which is for the full comparison
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
	if both := min(ours, theirs); both > 0 {
		spare -= float64(max(ours, theirs)-both) * leastOne
		// Nearer than this they must be for the rest to be enough.
		near := 1 - spare/float64(both)/w.BothSides.Part
		if near > 0 && !s.near(n, body, core&freeOurs, n.core&freeTheirs, near-1e-9) {
			return false
		}
	} else {
		spare -= float64(max(ours, theirs)) * leastOne
	}
	plain = plain && patronymic == 0
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

// near reports whether any of the customer's words is at least so near to any part of
// the name.
func (s *scan) near(n *deltaName, body []uint32, ours, theirs uint32, least float64) bool {
	for ; ours != 0; ours &= ours - 1 {
		word := body[bits.TrailingZeros32(ours)]
		letters := s.seg.letters[word]
		var p part
		for t := theirs; t != 0; t &= t - 1 {
			j := bits.TrailingZeros32(t)
			if mostNear(letters, n.letters[j]) < least {
				continue
			}
			if p.Keys == nil {
				p.Keys, p.Latin = []string{firstKey(s.seg.text(word))}, s.seg.sorts[word]&latinBit != 0
			}
			if nearness(&p, &n.parts[j]) >= least {
				return true
			}
		}
	}
	return false
}

// firstKey of a word as appendWord wrote it, "" where it is malformed.
func firstKey(b []byte) string {
	at := 1
	next := func() int {
		if at >= len(b) {
			return 0
		}
		n, size := binary.Uvarint(b[at:])
		at += max(size, 0)
		return int(min(n, uint64(max(len(b)-at, 0))))
	}
	at += next()
	next()
	n := next()
	if at+n > len(b) {
		return ""
	}
	return string(b[at : at+n])
}

// A Hit is a customer whom a delta's entity names, or resembles.
type Hit struct {
	Customer uint64 `json:"customer"`
	Finding
}

// findings compares proposed customers in full. profile may be called by several
// goroutines at a time.
func (d *delta) findings(proposed []numbered, profile func(uint64) (entity.Entity, bool), threshold float64) []Hit {
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
			best := d.w.likest(q, l, d.w.agreement)
			if best.nats < d.floor && sameIdentifier(q, l) == nil && sameWallet(q, l).grade == chain.Different {
				continue // as in [Index.Screen]
			}
			if f := d.w.compare(q, l, best, threshold); f.Grade != None {
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
