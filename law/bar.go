package law

import "time"

// A Class says on which sides of the bars in force a customer stands. The zero value
// stands on none, and may meet everybody. Two classes of different edges, nexuses or sets
// are not to be compared.
type Class struct {
	Covers uint64 // bit i: the i-th bar in force covers them
	Others uint64 // bit i: they are whom those it covers may not meet
}

// maxBars bounds the bars in force at one time by the bits of a Class.
const maxBars = 64

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

// Class tells on which sides of [Set.Bars] a customer stands. Where a side cannot be told
// they stand on it: an unknown place is kept from those who may not meet it, and loses no
// trade with anybody else. Whom a bar exempts stands on neither side.
func (s *Set) Class(at time.Time, nexus []string, facts Facts) Class {
	known := activate(facts, nexus, Trade)
	var c Class
	for i, r := range s.Bars(at, nexus) {
		if r.exempt != nil {
			if t, _, _ := r.exempt.eval(&known); t == yes {
				continue
			}
		}
		if t, _, _ := r.covers.eval(&known); t != no {
			c.Covers |= 1 << i
		}
		if t, _, _ := r.others.eval(&known); t != no {
			c.Others |= 1 << i
		}
	}
	return c
}

// Barring is the bars that keep the two customers from being matched with one another.
func (s *Set) Barring(at time.Time, nexus []string, one, other Facts) []*Rule {
	a, b := s.Class(at, nexus, one), s.Class(at, nexus, other)
	between := a.Covers&b.Others | a.Others&b.Covers
	var barring []*Rule
	for i, r := range s.Bars(at, nexus) {
		if between&(1<<i) != 0 {
			barring = append(barring, r)
		}
	}
	return barring
}

// MayMeet reports whether customers of the two classes may be matched with one another.
func (c Class) MayMeet(d Class) bool { return c.Covers&d.Others == 0 && c.Others&d.Covers == 0 }
