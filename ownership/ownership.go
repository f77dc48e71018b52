// Package ownership says what listed persons hold of a firm and whether they control it,
// over a graph of owners. It knows no list's format, no matching and no date: a list is a
// word here, and which of the tests is law when is for package law to say.
//
// A [Graph] is parties, the shares that they hold in firms, and the posts and powers that
// they have in them. [Graph.Of] answers for one firm and each list, always in two bounds:
// what is certain, and what is possible. Between them lies what nobody told: a share known
// only as a band, the owners of the rest of a firm, a party who resembles a listed person
// and may be none. The certain bound is what holds however all of that turns out, the
// possible bound what holds if it turns out worst.
//
// # The tests
//
// Half: the shares of listed persons together, and the whole share of every firm that is
// itself so owned by half or more. Percentages are not multiplied: a firm owned 50 percent
// by blocked persons is itself blocked, and then all that it holds counts (OFAC, Revised
// Guidance of 2014-08-13; FAQ 399, FAQ 401).
//
// Over: the same with more than half at every link (EU, Best Practices until 2024-07-02).
//
// Majority: half or more, or a majority interest below it, at every link (EU, the
// definition of owning that came with the 19th package: a holder of 40 percent beside three
// of 20 is an owner). A majority interest is a share larger than that of any holder who is
// not listed; those of one joint arrangement are one holder, and so is an unnamed rest. A
// tie is none. Whether listed persons below one half add up to a majority interest is
// nowhere said: it is possible and not certain.
//
// Single: the largest share of one listed person, with those who are in a joint arrangement
// with them, directly or through firms of which they hold more than half in the same way
// (UK, SI 2019/855 regulation 7 and Schedule 1; several are not added up otherwise). One
// person is one entry of a list, wherever in the graph they stand.
//
// Controlled: one listed person has an established means of control other than a share, such
// as the power to appoint or remove most of the board: over the firm itself, through a firm
// that they own or control, or over one that holds, with what else is theirs, more than half
// of the firm. That only several together own the firm that has the power makes it possible.
//
// Signs: control is possible and untold. A listed person, or one who resembles one, or a
// firm of theirs has any post or power, or they hold a quarter or more together; or such a
// sign lies on a firm that holds half or has a power. They are no bound: what is unnamed is
// a sign of nobody.
//
// # Cycles
//
// Firms may own one another. The certain bound is the least fixed point: a ring proves
// nothing of itself. The possible bound is the greatest: a ring of firms behind which
// nobody is named may be anybody's.
//
// Proof: the tables of cases_test.go, written from the guidance; TestOracle, which walks
// all that could be the case on small graphs; the properties in oracle_test.go.
package ownership

import (
	"fmt"
	"maps"
	"slices"
)

// Shares are in basis points.
const (
	Whole   = 10000
	Half    = 5000
	Quarter = 2500
)

// Bounds of a graph. One beyond them is refused, never cut.
const (
	MaxParties  = 1000
	MaxHoldings = 10000 // and as many roles
	MaxListings = 10000
)

// A Graph is who holds what of whom. The order of its parts makes no difference.
type Graph struct {
	Parties  []Party
	Holdings []Holding
	Roles    []Role
}

// A Party is a person, or a firm.
type Party struct {
	ID string // not empty, one of a graph
	// Person says that this is a natural person, who has no owners. Anybody else is a firm,
	// and what nobody is named for in it may be anybody's.
	Person   bool
	Listings []Listing
}

// A Listing says that a party is a listed person, or resembles one.
type Listing struct {
	List, Entry string
	Same        bool // identity; else a likeness
}

// A Holding is a share of a firm, exact or a band. Two of one owner in one firm add up.
type Holding struct {
	Owner, Firm string
	Low, High   int // basis points of the whole; equal when the share is known
	// Joint names the joint arrangement of this firm that the share is under, if any: its
	// holders use their rights together.
	Joint string
}

// A Role is a post or a power in a firm.
type Role struct {
	Holder, Firm string
	// Control says that it is an established means of control, such as the right to appoint
	// the majority of the board; else a post that may be one, such as a seat on it.
	Control bool
}

// Bounds are the certain and the possible value of a share in basis points.
type Bounds struct{ Certain, Possible int }

// An Answer is what is certain and what is possible of a yes or no.
type Answer struct{ Certain, Possible bool }

// Figures are what those on one list are to one firm. The package comment has the words.
type Figures struct {
	Half, Over, Single   Bounds
	Majority, Controlled Answer
	Signs                bool
}

// Of gives the figures of a firm for each of the lists.
func (g *Graph) Of(firm string, lists []string) (map[string]Figures, error) {
	w, err := g.above(firm)
	if err != nil {
		return nil, fmt.Errorf("ownership: %w", err)
	}
	named := map[string]bool{}
	for i := range w {
		for _, l := range w[i].listings {
			named[l.List] = true
		}
	}
	out := make(map[string]Figures, len(lists))
	var nobody *Figures // of every list that names none of them
	for _, l := range lists {
		if named[l] {
			out[l] = w.figures(l)
			continue
		}
		if nobody == nil {
			f := w.figures(l)
			nobody = &f
		}
		out[l] = *nobody
	}
	return out, nil
}

// A web is the firm asked about, first, and everybody from whom holdings and roles lead to it.
type web []node

type node struct {
	person   bool
	listings []Listing
	blocks   []block // who owns it: each joint arrangement, and each owner outside one
	posts    []post  // in it
	below    []int   // where this one has a share or a post
}

type block []stake

type stake struct{ owner, low, high int }

type post struct {
	holder  int
	control bool
}

// check says what is wrong with the graph, and indexes it: all parties by their ids, their
// holdings and roles by the firm.
func (g *Graph) check() (parties map[string]*Party, holdings map[string][]Holding, roles map[string][]Role, err error) {
	if len(g.Parties) > MaxParties || len(g.Holdings) > MaxHoldings || len(g.Roles) > MaxHoldings {
		return nil, nil, nil, fmt.Errorf("%d parties, %d holdings and %d roles: at most %d, %d and %d are computed; leave out firms that do not lead to this one",
			len(g.Parties), len(g.Holdings), len(g.Roles), MaxParties, MaxHoldings, MaxHoldings)
	}
	parties, listings := map[string]*Party{}, 0
	for i := range g.Parties {
		p := &g.Parties[i]
		if p.ID == "" || parties[p.ID] != nil {
			return nil, nil, nil, fmt.Errorf("party %q: give each party an id of its own", p.ID)
		}
		parties[p.ID] = p
		listings += len(p.Listings)
	}
	if listings > MaxListings {
		return nil, nil, nil, fmt.Errorf("%d listings: at most %d are computed", listings, MaxListings)
	}
	holdings, roles = map[string][]Holding{}, map[string][]Role{}
	joins := func(what, holder, firm string) error {
		switch {
		case parties[holder] == nil || parties[firm] == nil:
			return fmt.Errorf("%s of %q in %q: name both among the parties", what, holder, firm)
		case parties[firm].Person:
			return fmt.Errorf("%s of %q in %q: a person has no owners and no board", what, holder, firm)
		}
		return nil
	}
	least := map[string]int{}
	for _, h := range g.Holdings {
		if err := joins("holding", h.Owner, h.Firm); err != nil {
			return nil, nil, nil, err
		}
		if h.Low < 0 || h.High < h.Low || h.High > Whole {
			return nil, nil, nil, fmt.Errorf("holding of %q in %q: %d to %d basis points: want 0 to 10000, the least first", h.Owner, h.Firm, h.Low, h.High)
		}
		if least[h.Firm] += h.Low; least[h.Firm] > Whole {
			return nil, nil, nil, fmt.Errorf("the owners of %q hold more than the whole of it: correct their shares", h.Firm)
		}
		holdings[h.Firm] = append(holdings[h.Firm], h)
	}
	for _, r := range g.Roles {
		if err := joins("role", r.Holder, r.Firm); err != nil {
			return nil, nil, nil, err
		}
		roles[r.Firm] = append(roles[r.Firm], r)
	}
	return parties, holdings, roles, nil
}

// above is the web over a firm.
func (g *Graph) above(firm string) (web, error) {
	parties, holdings, roles, err := g.check()
	switch {
	case err != nil:
		return nil, err
	case parties[firm] == nil || parties[firm].Person:
		return nil, fmt.Errorf("%q is no firm of the graph", firm)
	}
	at, ids := map[string]int{firm: 0}, []string{firm}
	number := func(id string) int {
		i, ok := at[id]
		if !ok {
			i = len(ids)
			at[id], ids = i, append(ids, id)
		}
		return i
	}
	var w web
	for i := 0; i < len(ids); i++ {
		p := parties[ids[i]]
		n := node{person: p.Person, listings: p.Listings}
		type place struct {
			joint string
			owner int
		}
		blocks, rest := map[place]int{}, Whole
		for _, h := range holdings[p.ID] {
			rest -= h.Low
		}
		for _, h := range holdings[p.ID] {
			s := stake{number(h.Owner), h.Low, min(h.High, h.Low+rest)} // what others hold at least is not theirs
			k := place{joint: h.Joint}
			if h.Joint == "" {
				k.owner = s.owner
			}
			b, ok := blocks[k]
			if !ok {
				b = len(n.blocks)
				blocks[k], n.blocks = b, append(n.blocks, nil)
			}
			n.blocks[b] = append(n.blocks[b], s)
		}
		for _, r := range roles[p.ID] {
			n.posts = append(n.posts, post{number(r.Holder), r.Control})
		}
		w = append(w, n)
	}
	for i := range w {
		leads := func(from int) {
			if b := w[from].below; len(b) == 0 || b[len(b)-1] != i {
				w[from].below = append(b, i)
			}
		}
		for s := range w[i].stakes() {
			leads(s.owner)
		}
		for _, p := range w[i].posts {
			leads(p.holder)
		}
	}
	return w, nil
}

// stakes goes through everybody's shares of a firm.
func (n *node) stakes() func(yield func(stake) bool) {
	return func(yield func(stake) bool) {
		for _, b := range n.blocks {
			for _, s := range b {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// A set of the web's parties.
type set []bool

// grow is the least set with those of start in it and every firm of which joins says, of the
// set, that it belongs there. It is the certain bound of a test that more in the set never fails.
func (w web) grow(start set, joins func(n *node, in set) bool) set {
	in := slices.Clone(start)
	w.each(func(i int) bool {
		if in[i] || !joins(&w[i], in) {
			return false
		}
		in[i] = true
		return true
	})
	return in
}

// shrink is the greatest set of those of start and of firms of which stays says, of the set,
// that they belong there: the possible bound.
func (w web) shrink(start set, stays func(n *node, in set) bool) set {
	in := slices.Clone(start)
	for i := range w {
		in[i] = in[i] || !w[i].person
	}
	w.each(func(i int) bool {
		if start[i] || !in[i] || stays(&w[i], in) {
			return false
		}
		in[i] = false
		return true
	})
	return in
}

// each visits every firm, and again whenever somebody above it has changed.
func (w web) each(visit func(i int) (changed bool)) {
	queue, queued := make([]int, 0, len(w)), make(set, len(w))
	for i := range w {
		if !w[i].person {
			queue, queued[i] = append(queue, i), true
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue, queued[i] = queue[1:], false
		if !visit(i) {
			continue
		}
		for _, b := range w[i].below {
			if !queued[b] {
				queue, queued[b] = append(queue, b), true
			}
		}
	}
}

// least is what those in the set hold of the firm at least.
func (n *node) least(in set) (sum int) {
	for s := range n.stakes() {
		if in[s.owner] {
			sum += s.low
		}
	}
	return sum
}

// most is what they hold at most: the whole but for what others hold at least. What is
// unnamed, and the breadth of every band, may be theirs.
func (n *node) most(in set) int {
	sum := Whole
	for s := range n.stakes() {
		if !in[s.owner] {
			sum -= s.low
		}
	}
	return sum
}

// jointly is what least and most are when whoever is in a joint arrangement with one in the
// set holds for them, and the largest block that has nobody of the set in it, at its least.
func (n *node) jointly(in set) (least, most, other int) {
	most = Whole
	for _, b := range n.blocks {
		low, theirs := 0, false
		for _, s := range b {
			low += s.low
			theirs = theirs || in[s.owner]
		}
		if theirs {
			least += low
		} else {
			most -= low
			other = max(other, low)
		}
	}
	return least, most, other
}

// largest reports whether some block of those in the set is certain to be larger than any
// other holder: of a joint arrangement with others only their own part counts, and the part
// of the others against them.
func (n *node) largest(in set) bool {
	rest := Whole
	for s := range n.stakes() {
		rest -= s.low
	}
	best, other := 0, rest
	for _, b := range n.blocks {
		low, high, theirs := 0, 0, 0
		for _, s := range b {
			if in[s.owner] {
				theirs += s.low
			} else {
				low, high = low+s.low, high+s.high
			}
		}
		best, other = max(best, theirs), max(other, min(high, low+rest))
	}
	return best > other
}

// has reports whether somebody in the set has such a stake.
func (n *node) has(in set, such func(stake) bool) bool {
	for s := range n.stakes() {
		if in[s.owner] && such(s) {
			return true
		}
	}
	return false
}

// powered reports whether somebody in the set has an established means of control.
func (n *node) powered(in set) bool {
	return slices.ContainsFunc(n.posts, func(p post) bool { return p.control && in[p.holder] })
}

// figures are the answers for the firm and one list.
func (w web) figures(list string) Figures {
	same, like := make(set, len(w)), make(set, len(w)) // like: those of same, too
	for i := range w {
		for _, l := range w[i].listings {
			if l.List == list {
				same[i], like[i] = same[i] || l.Same, true
			}
		}
	}
	firm, none := &w[0], make(set, len(w))
	var f Figures

	share := func(least int) Bounds {
		return Bounds{
			firm.least(w.grow(same, func(n *node, in set) bool { return n.least(in) >= least })),
			firm.most(w.shrink(like, func(n *node, in set) bool { return n.most(in) >= least })),
		}
	}
	f.Half, f.Over = share(Half), share(Half+1)

	owned := func(n *node, in set) bool { return n.least(in) >= Half || n.largest(in) }
	ownable := func(n *node, in set) bool {
		_, most, other := n.jointly(in) // together with all who act with them
		return n.most(in) >= Half || most > other
	}
	f.Majority = Answer{owned(firm, w.grow(same, owned)), ownable(firm, w.shrink(like, ownable))}

	// One listed person after the other; and one whom nobody named.
	for _, one := range append(w.persons(list), person{none, none}) {
		least := func(n *node, in set) int { l, _, _ := n.jointly(in); return l }
		most := func(n *node, in set) int { _, m, _ := n.jointly(in); return m }
		f.Single.Certain = max(f.Single.Certain, least(firm, w.grow(one.same, func(n *node, in set) bool { return least(n, in) > Half })))
		f.Single.Possible = max(f.Single.Possible, most(firm, w.shrink(one.like, func(n *node, in set) bool { return most(n, in) > Half })))

		// What they own or control; and of that what they control by a power, or through such a
		// firm. The latter is least in both bounds: it begins with a power that somebody told.
		theirs := w.grow(one.same, func(n *node, in set) bool { return least(n, in) > Half || n.powered(in) })
		certain := func(n *node, in set) bool {
			return n.powered(theirs) || least(n, theirs) > Half && n.has(in, func(s stake) bool { return s.low > 0 })
		}
		f.Controlled.Certain = f.Controlled.Certain || certain(firm, w.grow(none, certain))
		may := w.shrink(one.like, func(n *node, in set) bool { return most(n, in) > Half || n.powered(in) })
		possible := func(n *node, in set) bool {
			return n.powered(may) || most(n, may) > Half && n.has(in, func(s stake) bool { return s.high > 0 })
		}
		f.Controlled.Possible = f.Controlled.Possible || possible(firm, w.grow(none, possible))
	}
	// The same of them together, one of whose powers may be a firm's that several own.
	may := w.shrink(like, func(n *node, in set) bool { return ownable(n, in) || n.powered(in) })
	possible := func(n *node, in set) bool {
		return n.powered(may) || ownable(n, may) && n.has(in, func(s stake) bool { return s.high > 0 })
	}
	f.Controlled.Possible = f.Controlled.Possible || possible(firm, w.grow(none, possible))

	f.Signs = w.signs(like)
	return f
}

// signs reports the signs of control on the firm.
func (w web) signs(like set) bool {
	told := func(n *node, in set) (sum int) { // what those in the set are named for
		for s := range n.stakes() {
			if in[s.owner] {
				sum += s.high
			}
		}
		return sum
	}
	near := w.grow(like, func(n *node, in set) bool { return told(n, in) >= Half })
	sign := func(n *node, in set) bool {
		if told(n, near) >= Quarter || n.powered(in) || slices.ContainsFunc(n.posts, func(p post) bool { return near[p.holder] }) {
			return true
		}
		return n.has(in, func(s stake) bool { return s.high >= Half })
	}
	return sign(&w[0], w.grow(make(set, len(w)), sign))
}

// A person of a list: where in the web they stand, and where they may.
type person struct{ same, like set }

// persons is everybody on the list whom somebody in the web is or resembles. Two entries that
// one party is are one person.
func (w web) persons(list string) []person {
	of := map[string]string{} // an entry → another of the same person, or itself
	root := func(e string) string {
		for of[e] != e {
			e = of[e]
		}
		return e
	}
	for i := range w {
		first := ""
		for _, l := range w[i].listings {
			if l.List != list {
				continue
			}
			if of[l.Entry] == "" {
				of[l.Entry] = l.Entry
			}
			if l.Same && first != "" {
				of[root(l.Entry)] = root(first)
			} else if l.Same {
				first = l.Entry
			}
		}
	}
	by := map[string]*person{}
	for i := range w {
		for _, l := range w[i].listings {
			if l.List != list {
				continue
			}
			r := root(l.Entry)
			if by[r] == nil {
				by[r] = &person{make(set, len(w)), make(set, len(w))}
			}
			by[r].same[i] = by[r].same[i] || l.Same
			by[r].like[i] = true
		}
	}
	out := make([]person, 0, len(by))
	for _, r := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[r])
	}
	return out
}
