package simulate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"sallyport/gate"
	"sallyport/law"
)

var at = time.Date(2022, 3, 1, 12, 0, 0, 0, time.UTC)

const ban = `id: us-ban-nationals
title: All nationals of one country
authority: The ministry that asks
instrument: Draft order of the ministry
article: "1"
url: https://example.org/draft
nationals_quote: No service shall be provided to Russian nationals.
binds: [US]
covers: '"RU" in customer.nationalities'
verb: exit
effective_at: "2022-03-01T00:00:00Z"
state: proposed
verified: {marks: [a draft]}
`

func question(t testing.TB) Question {
	t.Helper()
	before, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	r, err := law.ParseDraft([]byte(ban))
	if err != nil {
		t.Fatal(err)
	}
	after, err := before.Enacting(r)
	if err != nil {
		t.Fatal(err)
	}
	return Question{Before: before, After: after, Asked: []string{r.ID}, At: at, Operators: [][]string{{"US"}, {"EU", "US"}}}
}

// maker makes customers that differ in what rules read, and in what they hold.
type maker struct {
	r        *rand.Rand
	ordinary law.Facts
}

func newMaker(t testing.TB, seed uint64) *maker {
	t.Helper()
	ordinary, err := law.Ordinary()
	if err != nil {
		t.Fatal(err)
	}
	return &maker{rand.New(rand.NewPCG(seed, 1)), ordinary}
}

func (m *maker) customer(t testing.TB) Customer {
	countries := []string{"RU", "RU", "RU", "GE", "GE", "DE", "KZ", "IR", "US", "AM"}
	c := Customer{Operator: m.r.IntN(2), Country: countries[m.r.IntN(len(countries))], Cents: m.r.Int64N(1e7), Facts: m.ordinary.Clone()}
	set := func(name string, v any) {
		if err := c.Facts.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	set("customer.residence", c.Country)
	set("customer.nationalities", []string{countries[m.r.IntN(len(countries))]})
	set("holding.value_eur_cents", c.Cents)
	switch k := m.r.IntN(100); {
	case k < 2:
		set("listing.same", []string{"us-sdn"})
	case k < 4:
		set("listing.resembles", []string{"us-sdn"})
	case k < 6:
		set("customer.area", "UA-43")
	case k < 8:
		set("customer.permits", []string{"DE"})
	case k < 10:
		c.Facts.Unset("customer.area")
	case k < 11:
		set("customer.kind", "organisation")
		set("ownership.listed_bp", map[string]int64{"us-sdn": m.r.Int64N(10001)})
	}
	return c
}

// Tallies must say what deciding each customer alone says.
func TestAgainstDecidingEach(t *testing.T) {
	q := question(t)
	s, err := New(q)
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, 7)
	tallies := []*Tally{s.Tally(), s.Tally()}
	const n = 4000
	var stopped, listed, already, newly int
	var cents int64
	beforeBy, afterBy := map[string]int{}, map[string]int{}
	for i := range n {
		c := m.customer(t)
		tallies[i%2].Add(c)
		in := gate.Input{Facts: c.Facts, Action: law.Review, Operator: "op", Nexus: q.Operators[c.Operator], At: at, Rules: q.Before}
		before := gate.Decide(in)
		in.Rules = q.After
		after := gate.Decide(in)
		beforeBy[before.Verdict.String()]++
		afterBy[after.Verdict.String()]++
		if before.Verdict == law.Allow && after.Verdict != law.Allow {
			newly++
		}
		if !slices.ContainsFunc(after.Fired, func(f gate.Fired) bool { return f.Rule == "us-ban-nationals" }) {
			continue
		}
		stopped++
		cents += c.Cents
		if Listed(c.Facts) {
			listed++
		}
		if before.Verdict != law.Allow {
			already++
		}
	}
	tallies[0].Join(tallies[1])
	r := tallies[0].Report()
	want := Count{Customers: stopped, Listed: listed, Already: already, Cents: cents}
	if r.Customers != n || r.Stopped != want || r.Newly != newly || !maps.Equal(r.Before, beforeBy) || !maps.Equal(r.After, afterBy) {
		t.Errorf("report %+v, want %+v, newly %d, before %v, after %v", r, want, newly, beforeBy, afterBy)
	}
	if got := r.Measures[Asked].Count; got != want {
		t.Errorf("measure %+v, want %+v", got, want)
	}
	if r.Measures[Targeted].Listed < r.Listed*9/10 || r.Measures[Targeted].Customers >= r.Measures[Asked].Customers {
		t.Errorf("targeted %+v, asked %+v of %d listed", r.Measures[Targeted], r.Measures[Asked], r.Listed)
	}
	sum := Count{}
	for _, c := range r.Countries {
		sum.Customers += c.Customers
		sum.Listed += c.Listed
		sum.Cents += c.Cents
	}
	if sum.Customers != stopped || sum.Listed != listed || sum.Cents != cents {
		t.Errorf("countries add up to %+v, want %+v", sum, want)
	}
	if len(tallies[0].classes) > n/4 {
		t.Errorf("%d classes of %d customers: nothing is spared", len(tallies[0].classes), n)
	}
	t.Logf("%d classes; %+v", len(tallies[0].classes), r.Measures)
}

// A new edition changes facts, not rules.
func TestAnEditionIsAskedAbout(t *testing.T) {
	q := question(t)
	q.After, q.Asked = q.Before, nil
	s, err := New(q)
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, 1)
	tally := s.Tally()
	for i := range 30 {
		c := Customer{Operator: 0, Country: "GE", Cents: 100, Facts: m.ordinary.Clone()}
		c.Then, c.Differ = c.Facts.Clone(), true
		var err error
		switch {
		case i < 12:
			err = c.Then.Set("listing.same", []string{"us-sdn"})
		case i < 19: // stopped before, free then
			err = c.Facts.Set("listing.resembles", []string{"us-sdn"})
		case i < 21: // stopped before and then, alike
			err = c.Facts.Set("customer.residence", "IR")
			if err == nil {
				err = c.Then.Set("customer.residence", "IR")
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		tally.Add(c)
	}
	r := tally.Report()
	if want := (Count{Customers: 12, Listed: 12, Cents: 1200}); r.Stopped != want || r.Newly != 12 || r.Released != 7 || r.Listed != 12 {
		t.Errorf("stopped %+v, newly %d, released %d, listed %d", r.Stopped, r.Newly, r.Released, r.Listed)
	}
	if r.After["reject"] != TooFew {
		t.Errorf("after %v: two people are told of", r.After)
	}
}

func TestFewAreNotTold(t *testing.T) {
	s, err := New(question(t))
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, 1)
	// of gives so many of a country who are stopped, and so many who are listed and stopped.
	type of struct {
		country          string
		innocent, listed int
	}
	report := func(places ...of) Report {
		tally := s.Tally()
		for _, p := range places {
			for i := range p.innocent + p.listed {
				c := Customer{Country: p.country, Cents: 1, Facts: m.ordinary.Clone()}
				if err := c.Facts.Set("customer.nationalities", []string{"RU"}); err != nil {
					t.Fatal(err)
				}
				if i < p.listed {
					if err := c.Facts.Set("listing.same", []string{"us-sdn"}); err != nil {
						t.Fatal(err)
					}
				}
				tally.Add(c)
			}
		}
		return tally.Report()
	}
	for _, c := range []struct {
		name    string
		places  []of
		want    []Country // without value and already
		stopped Count
	}{
		{"all are many", []of{{"RU", 20, 0}, {"GE", 5, 0}}, []Country{{"RU", 20, Count{Customers: 20}}, {"GE", 5, Count{Customers: 5}}}, Count{Customers: 25}},
		{"few, and the next smallest with them", []of{{"RU", 20, 0}, {"GE", 9, 0}, {"AM", 4, 0}}, []Country{{"RU", 20, Count{Customers: 20}}, {"other", 13, Count{Customers: 13}}}, Count{Customers: 33}},
		{"two few hide one another", []of{{"RU", 20, 0}, {"GE", 3, 0}, {"AM", 2, 0}}, []Country{{"RU", 20, Count{Customers: 20}}, {"other", 5, Count{Customers: 5}}}, Count{Customers: 25}},
		{"listed are public", []of{{"RU", 20, 0}, {"GE", 0, 2}}, []Country{{"RU", 20, Count{Customers: 20}}, {"GE", 2, Count{Customers: 2, Listed: 2}}}, Count{Customers: 22, Listed: 2}},
		{"few in all", []of{{"RU", 3, 1}}, []Country{{"other", 4, Count{Customers: 1, Listed: 1, Few: true}}}, Count{Customers: 1, Listed: 1, Few: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := report(c.places...)
			for i := range r.Countries {
				r.Countries[i].Cents, r.Countries[i].Already = 0, 0
			}
			r.Stopped.Cents, r.Stopped.Already = 0, 0
			if !reflect.DeepEqual(r.Countries, c.want) || r.Stopped != c.stopped {
				t.Errorf("countries %+v, stopped %+v\nwant %+v, %+v", r.Countries, r.Stopped, c.want, c.stopped)
			}
		})
	}
}

func TestHistory(t *testing.T) {
	q := question(t)
	s, err := New(q)
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, 3)
	h := s.Past()
	for i := range 20 {
		f := m.ordinary.Clone()
		if i < 8 {
			if err := f.Set("customer.nationalities", []string{"RU"}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 2 { // stopped as it was
			if err := f.Set("listing.same", []string{"us-sdn"}); err != nil {
				t.Fatal(err)
			}
		}
		when := at
		if i == 0 { // before the rule
			when = at.AddDate(0, 0, -7)
		}
		action := law.Trade
		if i == 1 { // an exit lets out
			action = law.Withdraw
		}
		d := gate.Decide(gate.Input{Facts: f, Action: action, Operator: "op", Nexus: []string{"US"}, At: when, Rules: q.Before})
		h.Add(&d)
	}
	if got := h.Told(); got.Decisions != 20 || got.Stopped != 5 || !maps.Equal(got.ByAction, map[string]int{"trade": 5}) {
		t.Errorf("history %+v, want 5 trades of 20 stopped", got)
	}
}

// An edition asked about names three of twenty customers: what two of them did would have
// been stopped; the third was stopped as it was.
func TestHistoryOfLists(t *testing.T) {
	q := question(t)
	q.After = q.Before
	q.Asked = nil
	s, err := New(q)
	if err != nil {
		t.Fatal(err)
	}
	m := newMaker(t, 3)
	h := s.Past()
	for i := range 20 {
		f := m.ordinary.Clone()
		set := func(f *law.Facts, name string, v any) {
			if err := f.Set(name, v); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			set(&f, "customer.residence", "IR")
		}
		d := gate.Decide(gate.Input{Facts: f, Action: law.Trade, Operator: "op", Nexus: []string{"US"}, At: at, Rules: q.Before})
		listed := m.ordinary.Only(ToldByLists)
		if i < 3 {
			set(&listed, "listing.same", []string{"us-sdn"})
		}
		h.AddListed(&d, listed)
	}
	if h.past.Decisions != 20 || h.past.Stopped != 2 || h.past.ByAction["trade"] != 2 {
		t.Errorf("history %+v, want 2 trades of 20 stopped", h.past)
	}
}

func TestQuestionsThatCannotBeAsked(t *testing.T) {
	for _, c := range []struct {
		change func(*Question)
		want   string
	}{
		{func(q *Question) { q.After = nil }, "simulate: no rules given"},
		{func(q *Question) { q.At = time.Time{} }, "simulate: no hour given, and so no law"},
		{func(q *Question) { q.Operators = nil }, "simulate: no operator given"},
		{func(q *Question) { q.Operators = [][]string{{}} }, "simulate: an operator without a nexus: say whose law binds it"},
		{func(q *Question) { q.Asked = []string{"us-none"} }, "simulate: no rule us-none in the set asked about"},
		{func(q *Question) { q.At = at.AddDate(-1, 0, 0) }, "simulate: rule us-ban-nationals begins at 2022-03-01T00:00:00Z, after the hour asked about: ask about that hour or a later one"},
		{func(q *Question) { q.Operators = [][]string{{"CH"}} }, "simulate: rule us-ban-nationals is not in force at 2022-03-01T12:00:00Z for any operator here: it binds US"},
		{func(q *Question) { q.Asked = []string{"us-iran-session"} }, "simulate: rule us-iran-session does not speak of the standing of customers: name the action review, or no actions, in it"},
	} {
		q := question(t)
		c.change(&q)
		if _, err := New(q); fmt.Sprint(err) != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// BenchmarkMillion counts a million customers on one core, facts at hand.
func BenchmarkMillion(b *testing.B) {
	s, err := New(question(b))
	if err != nil {
		b.Fatal(err)
	}
	m := newMaker(b, 7)
	customers := make([]Customer, 10_000)
	for i := range customers {
		customers[i] = m.customer(b)
	}
	for b.Loop() {
		tally := s.Tally()
		for i := range 1_000_000 {
			tally.Add(customers[i%len(customers)])
		}
		if tally.Report().Customers != 1_000_000 {
			b.Fatal("some were lost")
		}
	}
}
