// Package simulate says what a proposed rule, a new edition of a list or another threshold of
// likeness would do to all customers, with nothing changed: who would be stopped, how many of
// them are on a list or owned by those who are, how many are stopped already, what they hold,
// and in which countries they live. It names nobody.
//
// It is what a government can be shown before it decides. A ban on the nationals of a country
// and targeted measures (lists, ownership, places) stand beside one another in [Report.Measures]:
// how many customers each stops, and how many of those are listed.
//
// A customer comes as facts that were made before, so that nothing is screened where only a
// rule changes. Customers whom no rule in force can tell apart ([law.Lens]) are decided once.
// Numbers of people fewer than [Few] who are on no list are not told; see [Tally.Report].
//
// The package makes no facts, reads no files and knows no clock. Proof: TestAgainstDecidingEach,
// which decides each customer by package gate alone; TestFewAreNotTold; BenchmarkMillion.
package simulate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"sallyport/gate"
	"sallyport/law"
)

// A Question is what is asked. Rules are those in force and those of the question, which
// differ in the rules asked about; both are the same set where a list or a threshold is.
type Question struct {
	Before, After *law.Set
	Asked         []string // ids of the rules asked about; none where the facts are
	At            time.Time
	Operators     [][]string // the nexus of each operator
}

// A Customer is one customer, named by nobody.
type Customer struct {
	Operator int       // in Question.Operators
	Facts    law.Facts // as they are
	Then     law.Facts // as they would be under the edition or threshold asked about
	Differ   bool      // that Then is not Facts; else Then is not read
	Country  string    // of residence, "" where it is not known
	Cents    int64     // what they hold, in cents of a euro; not below 0
}

// A Simulation answers a question about customers. It does not change and serves any number
// of tallies.
type Simulation struct {
	q        Question
	lenses   []law.Lens      // by operator
	asked    map[string]bool // rules
	national map[string]bool // rules keyed on nationality or birth
}

// New prepares an answer.
func New(q Question) (*Simulation, error) {
	switch {
	case q.Before == nil || q.After == nil:
		return nil, errors.New("simulate: no rules given")
	case q.At.IsZero():
		return nil, errors.New("simulate: no hour given, and so no law")
	case len(q.Operators) == 0:
		return nil, errors.New("simulate: no operator given")
	}
	s := &Simulation{q: q, asked: map[string]bool{}, national: map[string]bool{}}
	for _, set := range []*law.Set{q.Before, q.After} {
		for _, r := range set.Rules() {
			if r.KeyedOnNationality() {
				s.national[r.ID] = true
			}
		}
	}
	for _, id := range q.Asked {
		s.asked[id] = true
	}
	bound := map[string]bool{}
	for _, nexus := range q.Operators {
		if len(nexus) == 0 {
			return nil, errors.New("simulate: an operator without a nexus: say whose law binds it")
		}
		then := q.After.InForce(q.At, nexus, law.Review)
		for _, r := range then {
			bound[r.ID] = true
		}
		s.lenses = append(s.lenses, law.NewLens(slices.Concat(q.Before.InForce(q.At, nexus, law.Review), then)))
	}
	for _, id := range q.Asked {
		r, ok := q.After.Rule(id)
		switch {
		case !ok:
			return nil, fmt.Errorf("simulate: no rule %s in the set asked about", id)
		case bound[id]:
		case q.At.Before(r.EffectiveAt):
			return nil, fmt.Errorf("simulate: rule %s begins at %s, after the hour asked about: ask about that hour or a later one", id, r.EffectiveAt.Format(time.RFC3339))
		case !r.Acts(law.Review):
			return nil, fmt.Errorf("simulate: rule %s does not speak of the standing of customers: name the action review, or no actions, in it", id)
		default:
			return nil, fmt.Errorf("simulate: rule %s is not in force at %s for any operator here: it binds %s", id, q.At.Format(time.RFC3339), strings.Join(r.Binds, ", "))
		}
	}
	return s, nil
}

// said is what rules say of one class of customers.
type said struct {
	verdict  law.Verb
	asked    bool // a rule asked about stops
	targeted bool // a rule that is not keyed on nationality stops, and is not asked about
	national bool // one that is keyed on it stops, and is not asked about
}

func (s said) stops() bool { return s.verdict != law.Allow }

func (s *Simulation) decide(set *law.Set, operator int, f law.Facts) said {
	d := gate.Decide(gate.Input{Facts: f, Action: law.Review, Operator: "simulated", Nexus: s.q.Operators[operator], At: s.q.At, Rules: set})
	out := said{verdict: d.Verdict}
	for _, cited := range [][]gate.Fired{d.Fired, d.Unknown} {
		for _, f := range cited {
			switch {
			case s.asked[f.Rule]:
				out.asked = true
			case s.national[f.Rule]:
				out.national = true
			default:
				out.targeted = true
			}
		}
	}
	return out
}

// A Tally counts customers. Several may be filled at a time and joined. It is not for use by
// several goroutines.
type Tally struct {
	s       *Simulation
	classes map[string][2]said // by operator and key: under the rules before, and after
	key     []byte

	customers, listed, released, newly int
	before, after                      map[law.Verb]int
	measures                           [measureCount]count
	countries                          map[string]*place
}

// count is how many customers something stops.
type count struct {
	stopped, listed, already, alreadyListed int

	cents int64
}

// place is what is counted of a country.
type place struct {
	customers, listed int
	stopped           count // by what is asked about
}

// maxClasses bounds what a tally remembers; beyond it classes are decided anew.
const maxClasses = 1 << 20

// Tally begins to count.
func (s *Simulation) Tally() *Tally {
	return &Tally{s: s, classes: map[string][2]said{}, before: map[law.Verb]int{}, after: map[law.Verb]int{}, countries: map[string]*place{}}
}

// class is what the rules before and after say of facts.
func (t *Tally) class(operator int, f law.Facts) [2]said {
	t.key = append(t.key[:0], byte(operator), byte(operator>>8))
	t.key = t.s.lenses[operator].Key(t.key, f)
	if known, ok := t.classes[string(t.key)]; ok {
		return known
	}
	both := [2]said{t.s.decide(t.s.q.Before, operator, f)}
	both[1] = both[0]
	if t.s.q.After != t.s.q.Before {
		both[1] = t.s.decide(t.s.q.After, operator, f)
	}
	if len(t.classes) < maxClasses {
		t.classes[string(t.key)] = both
	}
	return both
}

// Listed reports whether the facts say that somebody is on a list, or a firm of those who are:
// half or more of it theirs together, a majority theirs, or under their control.
func Listed(f law.Facts) bool {
	for _, name := range []string{"listing.same", "ownership.controlled", "ownership.majority"} {
		if lists, _ := f.Texts(name); len(lists) > 0 {
			return true
		}
	}
	shares, _ := f.Shares("ownership.listed_bp")
	for _, bp := range shares {
		if bp >= 5000 {
			return true
		}
	}
	return false
}

// Add counts one customer.
func (t *Tally) Add(c Customer) {
	if !c.Differ {
		c.Then = c.Facts
	}
	class := t.class(c.Operator, c.Facts)
	before, after := class[0], class[1]
	if c.Differ {
		after = t.class(c.Operator, c.Then)[1]
	}
	listed := Listed(c.Then)
	already := before.stops()
	t.before[before.verdict]++
	t.after[after.verdict]++
	t.customers++
	if listed {
		t.listed++
	}
	if already && !after.stops() {
		t.released++
	}
	if !already && after.stops() {
		t.newly++
	}

	stopped := after.asked
	if len(t.s.asked) == 0 { // a list or a threshold is asked about
		stopped = after.stops() && after.verdict != before.verdict
	}
	for m, stops := range [measureCount]bool{Targeted: before.targeted, Nationality: before.national, Asked: stopped, Everything: after.stops()} {
		if stops {
			t.measures[m].add(listed, already, c.Cents)
		}
	}
	p := t.countries[c.Country]
	if p == nil {
		p = &place{}
		t.countries[strings.Clone(c.Country)] = p
	}
	p.customers++
	if listed {
		p.listed++
	}
	if stopped {
		p.stopped.add(listed, already, c.Cents)
	}
}

func (c *count) add(listed, already bool, cents int64) {
	c.stopped++
	if listed {
		c.listed++
	}
	if already {
		c.already++
	}
	if already && listed {
		c.alreadyListed++
	}
	c.cents = sum(c.cents, cents)
}

// sum is the two, or the most there is: a total that does not fit is told as too little.
func sum(a, b int64) int64 {
	if b > math.MaxInt64-a {
		return math.MaxInt64
	}
	return a + b
}

func (c *count) join(o count) {
	c.stopped += o.stopped
	c.listed += o.listed
	c.already += o.already
	c.alreadyListed += o.alreadyListed
	c.cents = sum(c.cents, o.cents)
}

// Join counts in what another tally of the same simulation counted.
func (t *Tally) Join(o *Tally) {
	t.customers += o.customers
	t.listed += o.listed
	t.released += o.released
	t.newly += o.newly
	for v, n := range o.before {
		t.before[v] += n
	}
	for v, n := range o.after {
		t.after[v] += n
	}
	for i := range t.measures {
		t.measures[i].join(o.measures[i])
	}
	for name, p := range o.countries {
		into := t.countries[name]
		if into == nil {
			into = &place{}
			t.countries[name] = into
		}
		into.customers += p.customers
		into.listed += p.listed
		into.stopped.join(p.stopped)
	}
}
