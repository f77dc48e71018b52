package ownership

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A world is one way in which all that a graph leaves open could be: each share exact, each
// likeness true or false, each rest somebody's. In it there are no bounds.
type world struct {
	firms  map[string]bool
	shares []Holding           // Low is the share; the rests are holdings too
	is     map[string][]string // party → entries of the list that they are
	roles  []Role
}

// owned is the least set of parties with those of start in it and every firm that belongs says
// belongs with the set.
func (w *world) owned(start map[string]bool, belongs func(firm string, in map[string]bool) bool) map[string]bool {
	in := map[string]bool{}
	for p := range start {
		in[p] = true
	}
	for again := true; again; {
		again = false
		for f := range w.firms {
			if !in[f] && belongs(f, in) {
				in[f], again = true, true
			}
		}
	}
	return in
}

func (w *world) sum(firm string, in map[string]bool) (n int) {
	for _, h := range w.shares {
		if h.Firm == firm && in[h.Owner] {
			n += h.Low
		}
	}
	return n
}

// pacts is the sum of each block of a firm's owners, with whether somebody of the set is in it.
func (w *world) pacts(firm string, in map[string]bool) (theirs, others map[string]int) {
	theirs, others = map[string]int{}, map[string]int{}
	sums := map[string]int{}
	has := map[string]bool{}
	for _, h := range w.shares {
		if h.Firm != firm {
			continue
		}
		k := "joint " + h.Joint
		if h.Joint == "" {
			k = "owner " + h.Owner
		}
		sums[k] += h.Low
		has[k] = has[k] || in[h.Owner]
	}
	for k, n := range sums {
		if has[k] {
			theirs[k] = n
		} else {
			others[k] = n
		}
	}
	return theirs, others
}

func (w *world) joint(firm string, in map[string]bool) (n int) {
	theirs, _ := w.pacts(firm, in)
	for _, s := range theirs {
		n += s
	}
	return n
}

// majority is whether those in the set hold a majority interest, by the narrow reading (one
// listed block is larger than every holder who is not listed) or the wide one (all listed
// together, and whoever acts with them, are larger than every other).
func (w *world) majority(firm string, in map[string]bool, wide bool) bool {
	if wide {
		_, others := w.pacts(firm, in)
		most := 0
		for _, n := range others {
			most = max(most, n)
		}
		return w.joint(firm, in) > most
	}
	mine, most := map[string]int{}, map[string]int{}
	best, other := 0, 0
	for _, h := range w.shares {
		if h.Firm != firm {
			continue
		}
		k := "joint " + h.Joint
		if h.Joint == "" {
			k = "owner " + h.Owner
		}
		if in[h.Owner] {
			mine[k] += h.Low
			best = max(best, mine[k])
		} else {
			most[k] += h.Low
			other = max(other, most[k])
		}
	}
	return best > other
}

func (w *world) power(firm string, in map[string]bool) bool {
	return slices.ContainsFunc(w.roles, func(r Role) bool { return r.Firm == firm && r.Control && in[r.Holder] })
}

// A telling is what one world says; wide is of the wide readings.
type telling struct {
	half, over, single         int
	majority, majorityWide     bool
	controlled, controlledWide bool
}

func (w *world) tell(firm string) telling {
	listed, entries := map[string]bool{}, map[string]bool{}
	for p, es := range w.is {
		for _, e := range es {
			listed[p], entries[e] = true, true
		}
	}
	var t telling
	t.half = w.sum(firm, w.owned(listed, func(f string, in map[string]bool) bool { return w.sum(f, in) >= 5000 }))
	t.over = w.sum(firm, w.owned(listed, func(f string, in map[string]bool) bool { return w.sum(f, in) > 5000 }))
	for _, wide := range []bool{false, true} {
		owns := func(f string, in map[string]bool) bool { return w.sum(f, in) >= 5000 || w.majority(f, in, wide) }
		of := owns(firm, w.owned(listed, owns))
		if !wide {
			t.majority = of
		}
		t.majorityWide = t.majorityWide || of
	}
	through := func(f string, theirs, in map[string]bool, enough bool) bool {
		if w.power(f, theirs) {
			return true
		}
		return enough && slices.ContainsFunc(w.shares, func(h Holding) bool { return h.Firm == f && in[h.Owner] && h.Low > 0 })
	}
	for e := range entries {
		one := map[string]bool{}
		for p, es := range w.is {
			if slices.Contains(es, e) {
				one[p] = true
			}
		}
		t.single = max(t.single, w.joint(firm, w.owned(one, func(f string, in map[string]bool) bool { return w.joint(f, in) > 5000 })))
		theirs := w.owned(one, func(f string, in map[string]bool) bool { return w.joint(f, in) > 5000 || w.power(f, in) })
		control := func(f string, in map[string]bool) bool { return through(f, theirs, in, w.joint(f, theirs) > 5000) }
		t.controlled = t.controlled || control(firm, w.owned(nil, control))
	}
	owns := func(f string, in map[string]bool) bool { return w.sum(f, in) >= 5000 || w.majority(f, in, true) }
	theirs := w.owned(listed, func(f string, in map[string]bool) bool { return owns(f, in) || w.power(f, in) })
	control := func(f string, in map[string]bool) bool { return through(f, theirs, in, owns(f, theirs)) }
	t.controlledWide = t.controlled || control(firm, w.owned(nil, control))
	return t
}

// worlds calls fn for each world of a graph in steps of a tenth.
func worlds(g *Graph, fn func(*world)) {
	w := &world{firms: map[string]bool{}, is: map[string][]string{}, roles: g.Roles}
	type doubt struct {
		party string
		l     Listing
	}
	var doubts []doubt
	var entries []string
	for _, p := range g.Parties {
		if !p.Person {
			w.firms[p.ID] = true
		}
		for _, l := range p.Listings {
			if !slices.Contains(entries, l.Entry) {
				entries = append(entries, l.Entry)
			}
			if l.Same {
				w.is[p.ID] = append(w.is[p.ID], l.Entry)
			} else {
				doubts = append(doubts, doubt{p.ID, l})
			}
		}
	}
	const step = 1000
	var firms []string
	for f := range w.firms {
		firms = append(firms, f)
	}
	slices.Sort(firms)
	rests := func() {
		var rest func(i int)
		rest = func(i int) {
			if i == len(firms) {
				fn(w)
				return
			}
			left := Whole
			for _, h := range w.shares {
				if h.Firm == firms[i] {
					left -= h.Low
				}
			}
			if left < 0 {
				return
			}
			owners := []string{"nobody listed of " + firms[i], "somebody listed"}
			for _, e := range entries {
				owners = append(owners, "nominee of "+e)
			}
			if left == 0 {
				owners = owners[:1]
			}
			for _, o := range owners {
				w.shares = append(w.shares, Holding{Owner: o, Firm: firms[i], Low: left})
				rest(i + 1)
				w.shares = w.shares[:len(w.shares)-1]
			}
		}
		w.is["somebody listed"] = []string{"an entry that nobody here is"}
		for _, e := range entries {
			w.is["nominee of "+e] = []string{e}
		}
		rest(0)
	}
	var share func(i int)
	share = func(i int) {
		if i == len(g.Holdings) {
			rests()
			return
		}
		for h := g.Holdings[i]; h.Low <= g.Holdings[i].High; h.Low += step {
			w.shares = append(w.shares, h)
			share(i + 1)
			w.shares = w.shares[:len(w.shares)-1]
		}
	}
	var is func(i int)
	is = func(i int) {
		if i == len(doubts) {
			share(0)
			return
		}
		is(i + 1)
		d := doubts[i]
		if len(w.is[d.party]) == 0 { // nobody is two persons of a list
			w.is[d.party] = []string{d.l.Entry}
			is(i + 1)
			delete(w.is, d.party)
		}
	}
	is(0)
}

// drawn is a small graph over firms F0 … and persons P0 …, in tenths; acyclic on demand.
func drawn(t *rapid.T, acyclic bool) *Graph {
	g := &Graph{}
	firms, persons := rapid.IntRange(1, 3).Draw(t, "firms"), rapid.IntRange(1, 3).Draw(t, "persons")
	draw := func(n, most int) bool { return rapid.IntRange(0, most-1).Draw(t, "of") < n }
	likes := 0
	add := func(id string, person bool) {
		p := Party{ID: id, Person: person}
		if person && draw(1, 2) || draw(1, 8) {
			l := Listing{"l", "e" + fmt.Sprint(rapid.IntRange(0, 2).Draw(t, "entry")), draw(2, 3)}
			if !l.Same {
				if likes++; likes > 2 {
					l.Same = true
				}
			}
			p.Listings = []Listing{l}
		}
		g.Parties = append(g.Parties, p)
	}
	for i := range firms {
		add(fmt.Sprintf("F%d", i), false)
	}
	for i := range persons {
		add(fmt.Sprintf("P%d", i), true)
	}
	bands := 0
	for f := range firms {
		left := 10
		for _, p := range g.Parties {
			i := slices.IndexFunc(g.Parties, func(q Party) bool { return q.ID == p.ID })
			if !p.Person && acyclic && i <= f || !draw(3, 5) {
				continue
			}
			low := rapid.IntRange(0, min(left, 7)).Draw(t, "share")
			if draw(1, 3) {
				low = left
			}
			h := Holding{Owner: p.ID, Firm: fmt.Sprintf("F%d", f), Low: 1000 * low, High: 1000 * low}
			if bands < 2 && draw(1, 4) {
				bands++
				h.High = min(Whole, h.Low+1000*rapid.IntRange(1, 3).Draw(t, "breadth"))
			}
			if draw(1, 4) {
				h.Joint = "pact"
			}
			left -= low
			g.Holdings = append(g.Holdings, h)
		}
		for _, p := range g.Parties {
			i := slices.IndexFunc(g.Parties, func(q Party) bool { return q.ID == p.ID })
			if (p.Person || !acyclic || i > f) && draw(1, 6) {
				g.Roles = append(g.Roles, Role{p.ID, fmt.Sprintf("F%d", f), draw(1, 2)})
			}
		}
	}
	return g
}

func of(t *rapid.T, g *Graph, firm string) Figures {
	f, err := g.Of(firm, []string{"l"})
	if err != nil {
		t.Fatal(err)
	}
	return f["l"]
}

// TestOracle: on graphs without rings the bounds are exactly the least and the most that any
// world tells; with rings they lie around them.
func TestOracle(t *testing.T) {
	for _, acyclic := range []bool{true, false} {
		rapid.Check(t, func(t *rapid.T) {
			g := drawn(t, acyclic)
			got := of(t, g, "F0")
			least := Figures{Half: exactly(Whole), Over: exactly(Whole), Single: exactly(Whole), Majority: yes, Controlled: yes}
			var most Figures
			seen := 0
			worlds(g, func(w *world) {
				seen++
				tell := w.tell("F0")
				for _, c := range []struct {
					low, high *Bounds
					n         int
				}{{&least.Half, &most.Half, tell.half}, {&least.Over, &most.Over, tell.over}, {&least.Single, &most.Single, tell.single}} {
					c.low.Certain, c.high.Possible = min(c.low.Certain, c.n), max(c.high.Possible, c.n)
				}
				least.Majority.Certain = least.Majority.Certain && tell.majority
				most.Majority.Possible = most.Majority.Possible || tell.majorityWide
				least.Controlled.Certain = least.Controlled.Certain && tell.controlled
				most.Controlled.Possible = most.Controlled.Possible || tell.controlledWide
			})
			if seen == 0 {
				t.Fatal("no world: the drawing is wrong")
			}
			for _, c := range []struct {
				name                       string
				certain, possible          int
				leastOfWorlds, mostOfWorld int
			}{
				{"half", got.Half.Certain, got.Half.Possible, least.Half.Certain, most.Half.Possible},
				{"over", got.Over.Certain, got.Over.Possible, least.Over.Certain, most.Over.Possible},
				{"single", got.Single.Certain, got.Single.Possible, least.Single.Certain, most.Single.Possible},
				{"majority", num(got.Majority.Certain), num(got.Majority.Possible), num(least.Majority.Certain), num(most.Majority.Possible)},
				{"controlled", num(got.Controlled.Certain), num(got.Controlled.Possible), num(least.Controlled.Certain), num(most.Controlled.Possible)},
			} {
				if acyclic && (c.certain != c.leastOfWorlds || c.possible != c.mostOfWorld) || c.certain > c.leastOfWorlds || c.possible < c.mostOfWorld {
					t.Errorf("%s: %d to %d, and the worlds tell %d to %d\n%+v", c.name, c.certain, c.possible, c.leastOfWorlds, c.mostOfWorld, g)
				}
			}
		})
	}
}

func num(b bool) int {
	if b {
		return 1
	}
	return 0
}

// lower names the figures of b that are below those of a.
func lower(a, b Figures, possible bool) []string {
	var names []string
	add := func(name string, before, after int) {
		if after < before {
			names = append(names, fmt.Sprintf("%s from %d to %d", name, before, after))
		}
	}
	add("half", a.Half.Certain, b.Half.Certain)
	add("over", a.Over.Certain, b.Over.Certain)
	add("single", a.Single.Certain, b.Single.Certain)
	add("majority", num(a.Majority.Certain), num(b.Majority.Certain))
	add("controlled", num(a.Controlled.Certain), num(b.Controlled.Certain))
	add("signs", num(a.Signs), num(b.Signs))
	if possible {
		add("possible half", a.Half.Possible, b.Half.Possible)
		add("possible over", a.Over.Possible, b.Over.Possible)
		add("possible single", a.Single.Possible, b.Single.Possible)
		add("possible majority", num(a.Majority.Possible), num(b.Majority.Possible))
		add("possible control", num(a.Controlled.Possible), num(b.Controlled.Possible))
	}
	return names
}

func (f Figures) pairs() [][2]int {
	return [][2]int{{f.Half.Certain, f.Half.Possible}, {f.Over.Certain, f.Over.Possible}, {f.Single.Certain, f.Single.Possible},
		{num(f.Majority.Certain), num(f.Majority.Possible)}, {num(f.Controlled.Certain), num(f.Controlled.Possible)}}
}

func TestCertainIsPossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := of(t, drawn(t, false), "F0")
		for i, p := range f.pairs() {
			if p[0] > p[1] || p[1] > Whole {
				t.Errorf("figure %d: certain %d, possible %d", i, p[0], p[1])
			}
		}
		if f.Half.Certain < f.Over.Certain || f.Half.Possible < f.Over.Possible || f.Half.Certain < f.Single.Certain-Whole {
			t.Errorf("half %v is less than over %v", f.Half, f.Over)
		}
	})
}

// The order in which parties, holdings and roles are told makes no difference.
func TestOrderMakesNoDifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, false)
		before := of(t, g, "F0")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		r.Shuffle(len(g.Parties), func(i, k int) { g.Parties[i], g.Parties[k] = g.Parties[k], g.Parties[i] })
		r.Shuffle(len(g.Holdings), func(i, k int) { g.Holdings[i], g.Holdings[k] = g.Holdings[k], g.Holdings[i] })
		r.Shuffle(len(g.Roles), func(i, k int) { g.Roles[i], g.Roles[k] = g.Roles[k], g.Roles[i] })
		if after := of(t, g, "F0"); after != before {
			t.Errorf("%+v, and in another order %+v", before, after)
		}
	})
}

// Shares that pass from somebody who is not listed to a listed person lower no figure, and
// neither does a listing.
func TestMoreToListedPersonsLowersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, false)
		g.Parties = append(g.Parties, Party{ID: "X", Person: true, Listings: []Listing{{"l", "e0", true}}}, Party{ID: "Z", Person: true})
		free := map[string]int{}
		for i := range g.Parties {
			free[g.Parties[i].ID] = Whole
		}
		for _, h := range g.Holdings {
			free[h.Firm] -= h.Low
		}
		// Z, of whom nothing is known, holds a part of what is left, and X gets some of it.
		i := len(g.Holdings)
		for f := 0; g.Parties[f].ID[0] == 'F'; f++ {
			id := g.Parties[f].ID
			z := 1000 * rapid.IntRange(0, free[id]/1000).Draw(t, "z")
			g.Holdings = append(g.Holdings, Holding{Owner: "Z", Firm: id, Low: z, High: z}, Holding{Owner: "X", Firm: id})
		}
		before := of(t, g, "F0")
		for ; i < len(g.Holdings); i += 2 {
			n := 1000 * rapid.IntRange(0, g.Holdings[i].Low/1000).Draw(t, "passes")
			g.Holdings[i].Low, g.Holdings[i].High = g.Holdings[i].Low-n, g.Holdings[i].High-n
			g.Holdings[i+1].Low, g.Holdings[i+1].High = n, n
		}
		after := of(t, g, "F0")
		if names := lower(before, after, true); len(names) > 0 {
			t.Errorf("%s\n%+v", strings.Join(names, ", "), g)
		}
		p := rapid.IntRange(0, len(g.Parties)-1).Draw(t, "designated")
		g.Parties[p].Listings = append(slices.Clone(g.Parties[p].Listings), Listing{"l", "e9", true})
		if names := lower(after, of(t, g, "F0"), false); len(names) > 0 {
			t.Errorf("with %s listed: %s\n%+v", g.Parties[p].ID, strings.Join(names, ", "), g)
		}
	})
}

// Somebody named for an unnamed rest, or an exact share for a band, brings the bounds closer.
func TestTellingMoreNarrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawn(t, false)
		before := of(t, g, "F0")
		free := Whole
		firm := "F0"
		if rapid.Bool().Draw(t, "above") {
			firm = g.Parties[rapid.IntRange(0, len(g.Parties)-1).Draw(t, "firm")].ID
		}
		if firm[0] != 'F' {
			firm = "F0"
		}
		for _, h := range g.Holdings {
			if h.Firm == firm {
				free -= h.Low
			}
		}
		n := Party{ID: "N", Person: true}
		if rapid.Bool().Draw(t, "listed") {
			n.Listings = []Listing{{"l", "e0", true}}
		}
		share := 1000 * rapid.IntRange(0, free/1000).Draw(t, "share")
		g.Parties = append(g.Parties, n)
		g.Holdings = append(g.Holdings, Holding{Owner: "N", Firm: firm, Low: share, High: share})
		after := of(t, g, "F0")
		for i := range before.pairs() {
			b, a := before.pairs()[i], after.pairs()[i]
			if a[0] < b[0] || a[1] > b[1] {
				t.Errorf("figure %d: from %v to %v\n%+v", i, b, a, g)
			}
		}
	})
}

// The largest graphs are computed, and in a time that an application can wait.
func TestLargest(t *testing.T) {
	ring := &Graph{}
	for i := range MaxParties {
		ring.Parties = append(ring.Parties, Party{ID: fmt.Sprint(i), Listings: []Listing{{"l", fmt.Sprint(i), i == 7}}})
		for k := 1; k <= 10; k++ {
			ring.Holdings = append(ring.Holdings, Holding{Owner: fmt.Sprint((i + k) % MaxParties), Firm: fmt.Sprint(i), Low: 900, High: 1000})
		}
	}
	chain := &Graph{Parties: []Party{{ID: "0"}}}
	for i := 1; i < MaxParties; i++ {
		chain.Parties = append(chain.Parties, Party{ID: fmt.Sprint(i)})
		chain.Holdings = append(chain.Holdings, Holding{Owner: fmt.Sprint(i), Firm: fmt.Sprint(i - 1), Low: 5000, High: 5000})
	}
	last := &chain.Parties[MaxParties-1]
	last.Person, last.Listings = true, []Listing{{"l", "1", true}}
	for name, g := range map[string]*Graph{"ring": ring, "chain": chain} {
		start := time.Now()
		f, err := g.Of("0", []string{"l", "m"})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s: %s", name, took)
		} else {
			t.Logf("%s: %s, %+v", name, took, f["l"])
		}
		if name == "chain" && f["l"].Half.Certain != 5000 {
			t.Errorf("through a chain of %d: %v", MaxParties, f["l"].Half)
		}
	}
}
