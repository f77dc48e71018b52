package simulate

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"sallyport/gate"
	"sallyport/law"
)

// Few is the least number of people on no list that is told. A table of smaller numbers can
// point at somebody (Sweeney, "k-anonymity", 2002). Those on lists are public.
const Few = 5

// A MeasureKind is what stops customers.
type MeasureKind uint8

const (
	Targeted    MeasureKind = iota // rules in force on lists, ownership and places
	Nationality                    // rules in force that are keyed on nationality or birth
	Asked                          // what is asked about
	Everything                     // all of it together
	measureCount
)

func (m MeasureKind) String() string {
	return [...]string{"targeted measures in force", "nationality rules in force", "what is asked about", "all of it together"}[m]
}

// A Count is how many customers something stops and what they hold. Where those of them who
// are on no list are some, but fewer than [Few], only the listed are told and Few is set.
type Count struct {
	Customers int   `json:"customers"`
	Listed    int   `json:"listed"`  // on a list, or owned by those who are
	Already   int   `json:"already"` // stopped already, as things are; may be TooFew
	Cents     int64 `json:"value_eur_cents"`
	Few       bool  `json:"few,omitempty"`
}

// Innocent is the share of the customers who are on no list and not owned by those who are.
func (c Count) Innocent() float64 {
	if c.Customers == 0 {
		return 0
	}
	return float64(c.Customers-c.Listed) / float64(c.Customers)
}

// A Measure is one row of the comparison.
type Measure struct {
	Name     string  `json:"name"`
	Innocent float64 `json:"innocent_share"`
	Missed   int     `json:"listed_missed"` // listed customers whom it does not stop
	Count
}

// A Country is one row of the table by country of residence.
type Country struct {
	Country string `json:"country"` // "other": those with few, together; "unknown": residence not known
	Of      int    `json:"of"`      // customers who live there
	Count          // of those stopped by what is asked about
}

// A Report is the answer. Numbers of people that may be TooFew are those that do not say how
// many of them are listed.
type Report struct {
	At        time.Time      `json:"at"`
	Rules     []string       `json:"rules"` // asked about
	Customers int            `json:"customers"`
	Listed    int            `json:"listed"`
	Stopped   Count          `json:"stopped"`  // by what is asked about
	Newly     int            `json:"newly"`    // free as things are, and stopped then; may be TooFew
	Released  int            `json:"released"` // stopped as things are, and free then; may be TooFew
	Before    map[string]int `json:"verdicts_before"`
	After     map[string]int `json:"verdicts_after"`
	Measures  []Measure      `json:"measures"`
	Countries []Country      `json:"countries"`
	Past      *Past          `json:"history,omitempty"`
}

// Past is what a rule would have done to decisions of the past.
type Past struct {
	Decisions int            `json:"decisions"`
	Stopped   int            `json:"stopped"` // allowed then, and stopped by what is asked about
	ByAction  map[string]int `json:"by_action"`
}

func (c count) innocent() int { return c.stopped - c.listed }

// told is a count as it may be told.
func (c count) told() Count {
	if others := c.innocent(); others > 0 && others < Few {
		return Count{Customers: c.listed, Listed: c.listed, Few: true}
	}
	already := c.already
	if others := c.already - c.alreadyListed; others > 0 && others < Few {
		already = TooFew
	}
	return Count{Customers: c.stopped, Listed: c.listed, Already: already, Cents: c.cents}
}

// Report gives the answer. Countries in which fewer than [Few] people on no list would be
// stopped, or that fewer live in, are joined under "other" with as many of the next smallest as
// hide them; the largest number stopped comes first. The row of everything together is left out
// where it would tell of so few.
func (t *Tally) Report() Report {
	r := Report{
		At: t.s.q.At.UTC(), Rules: append([]string{}, t.s.q.Asked...), Customers: t.customers, Listed: t.listed, Stopped: t.measures[Asked].told(),
		Newly: fewer(t.newly), Released: fewer(t.released), Before: named(t.before), After: named(t.after),
	}
	for m := range measureCount {
		// Beside what is asked about, the sum would tell of the few that one more row hides.
		if more := t.measures[m].innocent() - t.measures[Asked].innocent(); m == Everything && more > 0 && more < Few {
			continue
		}
		c := t.measures[m].told()
		r.Measures = append(r.Measures, Measure{Name: m.String(), Innocent: c.Innocent(), Missed: t.listed - c.Listed, Count: c})
	}
	r.Countries = t.byCountry()
	return r
}

// TooFew stands for a number of people from 1 to [Few] less one.
const TooFew = -1

// fewer is a number of people as it may be told where nothing says which are listed.
func fewer(n int) int {
	if n > 0 && n < Few {
		return TooFew
	}
	return n
}

func named(by map[law.Verb]int) map[string]int {
	out := map[string]int{}
	for v, n := range by {
		out[v.String()] = fewer(n)
	}
	return out
}

func (t *Tally) byCountry() []Country {
	type row struct {
		name string
		place
	}
	var rows []row
	for name, p := range t.countries {
		if p.stopped.stopped == 0 {
			continue
		}
		if name == "" {
			name = "unknown"
		}
		rows = append(rows, row{name, *p})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(b.stopped.stopped, a.stopped.stopped), cmp.Compare(b.customers, a.customers), strings.Compare(a.name, b.name))
	})
	innocents := func(p place) (stopped, living int) {
		return p.stopped.stopped - p.stopped.listed, p.customers - p.listed
	}
	some := func(n int) bool { return n > 0 && n < Few }
	// hidden reports whether the place tells of few.
	hidden := func(p place) bool {
		stopped, living := innocents(p)
		return some(stopped) || some(living)
	}
	var kept []row
	var other place
	joined := 0
	join := func(p place) {
		other.customers += p.customers
		other.listed += p.listed
		other.stopped.join(p.stopped)
		joined++
	}
	for _, r := range rows {
		if hidden(r.place) {
			join(r.place)
		} else {
			kept = append(kept, r)
		}
	}
	// The sum would tell what one row under "other" hides.
	for len(kept) > 0 && joined > 0 && (joined < 2 || hidden(other)) {
		last := kept[len(kept)-1]
		kept = kept[:len(kept)-1]
		join(last.place)
	}
	out := []Country{}
	for _, r := range kept {
		out = append(out, Country{r.name, r.customers, r.stopped.told()})
	}
	if joined > 0 {
		out = append(out, Country{"other", other.customers, other.stopped.told()})
	}
	return out
}

// Past asks decisions of the past anew, each at its own hour under its own facts.
func (s *Simulation) Past() *History {
	return &History{s: s, past: Past{ByAction: map[string]int{}}}
}

// A History counts decisions of the past. It is not for use by several goroutines.
type History struct {
	s    *Simulation
	past Past
}

// Add asks one decision anew. The rules asked about are those in the set after, at the
// decision's own hour: date them back for what they would have done.
func (h *History) Add(d *gate.Decision) {
	h.past.Decisions++
	if d.Verdict != law.Allow {
		return
	}
	f := d.Facts.Clone()
	then := gate.Decide(gate.Input{Facts: f, Action: d.Action, Operator: d.Operator, Nexus: d.Nexus, At: d.At, Rules: h.s.q.After})
	if then.Verdict == law.Allow || then.Verdict == law.Undecided {
		return
	}
	for _, cited := range [][]gate.Fired{then.Fired, then.Unknown} {
		for _, c := range cited {
			if h.s.asked[c.Rule] {
				h.past.Stopped++
				h.past.ByAction[string(d.Action)]++
				return
			}
		}
	}
}

// AddListed asks one decision anew as if the lists asked about had been in force then: with
// what they tell of the customer in place of what the decision knew. What the rules in force
// now would stop by the decision's own facts already is not counted.
func (h *History) AddListed(d *gate.Decision, listed law.Facts) {
	h.past.Decisions++
	if d.Verdict != law.Allow {
		return
	}
	f := d.Facts.Only(func(fact string) bool { return !ToldByLists(fact) })
	ask := func(facts law.Facts) law.Verb {
		return gate.Decide(gate.Input{Facts: facts, Action: d.Action, Operator: d.Operator, Nexus: d.Nexus, At: d.At, Rules: h.s.q.After}).Verdict
	}
	if ask(d.Facts.Clone()) != law.Allow {
		return
	}
	switch ask(f.With(listed)) {
	case law.Allow, law.Undecided:
	default:
		h.past.Stopped++
		h.past.ByAction[string(d.Action)]++
	}
}

// ToldByLists reports whether the fact is what lists tell of a customer, those who own it and
// those who act for it.
func ToldByLists(fact string) bool {
	return strings.HasPrefix(fact, "listing.") || strings.HasPrefix(fact, "ownership.") || fact == "customer.represented_by"
}

// Told is the count as it may be told.
func (h *History) Told() *Past {
	out := Past{Decisions: h.past.Decisions, Stopped: fewer(h.past.Stopped), ByAction: map[string]int{}}
	for a, n := range h.past.ByAction {
		out.ByAction[a] = fewer(n)
	}
	return &out
}
