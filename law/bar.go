package law

import "time"

// A Side says where a customer stands of one bar: a rule of which two customers, one on
// either side, are never to be matched with one another.
type Side struct {
	Rule    string `json:"rule"`
	Covered bool   `json:"covered,omitempty"` // the rule covers them
	Other   bool   `json:"other,omitempty"`   // they are whom those it covers may not meet
	Binds   bool   `json:"binds,omitempty"`   // the rule binds their operator
}

// MaxBars bounds the bars in force at one time.
const MaxBars = 64

// Bars is every rule in force that keeps two customers of an operator of that nexus from
// being matched with one another, sorted by id.
func (s *Set) Bars(at time.Time, nexus []string) []*Rule {
	var bars []*Rule
	for _, r := range s.bars[s.edge(at)] {
		if r.BindsAny(nexus) {
			bars = append(bars, r)
		}
	}
	return bars
}

// Sides tells where a customer of an operator of that nexus stands of each of the [Set.Bars]
// of the pool's nexuses: those of all operators whose customers trade in one book. It is
// sorted by rule, without those of which they stand on neither side.
//
// Where a side cannot be told they stand on it: an unknown place is kept from those who may
// not meet it, and loses no trade with anybody else. Whom a bar exempts stands on neither side.
func (s *Set) Sides(at time.Time, nexus, pool []string, facts Facts) []Side {
	known := activate(facts, nexus, Trade)
	var sides []Side
	for _, r := range s.bars[s.edge(at)] {
		if !r.BindsAny(pool) {
			continue
		}
		if r.exempt != nil {
			if t, _, _ := r.exempt.eval(&known); t == yes {
				continue
			}
		}
		side := Side{Rule: r.ID, Binds: r.BindsAny(nexus)}
		covered, _, _ := r.covers.eval(&known)
		other, _, _ := r.others.eval(&known)
		side.Covered, side.Other = covered != no, other != no
		if side.Covered || side.Other {
			sides = append(sides, side)
		}
	}
	return sides
}

// Between is the rules that keep two customers apart, sorted: each has one of them on either
// side, and binds the operator of one at least. Both lists are sorted by rule.
func Between(a, b []Side) []string {
	var rules []string
	for len(a) > 0 && len(b) > 0 {
		x, y := a[0], b[0]
		switch {
		case x.Rule < y.Rule:
			a = a[1:]
			continue
		case y.Rule < x.Rule:
			b = b[1:]
			continue
		}
		if (x.Covered && y.Other || x.Other && y.Covered) && (x.Binds || y.Binds) {
			rules = append(rules, x.Rule)
		}
		a, b = a[1:], b[1:]
	}
	return rules
}

// Barring is the bars that keep two customers of one operator from being matched with one
// another.
func (s *Set) Barring(at time.Time, nexus []string, one, other Facts) []*Rule {
	var barring []*Rule
	for _, id := range Between(s.Sides(at, nexus, nexus, one), s.Sides(at, nexus, nexus, other)) {
		r, _ := s.Rule(id)
		barring = append(barring, r)
	}
	return barring
}
