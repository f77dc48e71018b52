package verify

import (
	"fmt"
	"slices"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// barred is the bars between two accounts, in order of their texts: "a rule of which one is
// on the covered side and the other on the other side, and which binds the operator of at
// least one of them; so an account that a rule has on both sides may not even meet itself".
func (m *model) barred(a, b uint64) []string {
	return between(m.accounts[a].Sides, m.accounts[b].Sides)
}

func between(a, b []law.Side) []string {
	var rules []string
	for _, x := range a {
		for _, y := range b {
			facing := x.Covered && y.Other || x.Other && y.Covered
			if x.Rule == y.Rule && facing && (x.Binds || y.Binds) {
				rules = append(rules, x.Rule)
			}
		}
	}
	slices.Sort(rules)
	return rules
}

// stand gives an account a standing and sides; the standing is without MayTrade where the
// sides are one class too many: "at most MaxClasses different Sides are told apart, none among
// them. Where the other accounts with MayTrade have that many (with none, whether or not one
// of them has it), and its own are none of those".
func (m *model) stand(a *account, s tape.Standing, sides []law.Side) {
	m.count(a, -1)
	told := len(m.classes)
	if m.classes[fmt.Sprint([]law.Side(nil))] == 0 {
		told++
	}
	if len(sides) > 0 && m.classes[fmt.Sprint(sides)] == 0 && told >= tape.MaxClasses {
		s.May &^= tape.MayTrade
	}
	a.Standing, a.Sides = s, sides
	m.count(a, 1)
}

// count keeps how many accounts with MayTrade have the same sides: to go through all accounts
// at each decision would take a log of many customers their number squared.
func (m *model) count(a *account, by int) {
	if a.Standing.May&tape.MayTrade == 0 {
		return
	}
	key := fmt.Sprint(a.Sides)
	if m.classes[key] += by; m.classes[key] <= 0 {
		delete(m.classes, key)
	}
}

// wellSided reports whether the sides that a decision tells are "sorted by rule, each rule
// once and on a side, at most law.MaxBars of them, and of an action that gives a standing".
func wellSided(d *gate.Decision) bool {
	for i, s := range d.Sides {
		if i > 0 && s.Rule <= d.Sides[i-1].Rule || !s.Covered && !s.Other {
			return false
		}
	}
	return len(d.Sides) == 0 || len(d.Sides) <= law.MaxBars && givesStanding(d.Action)
}

func givesStanding(a law.Action) bool { return a == law.OpenAccount || a == law.Review }

// pool is whose laws bear on who may meet: the nexuses of all operators of the venue, whose
// customers trade in one book.
func pool(g *tape.Genesis) []string {
	var all []string
	for _, o := range g.Operators {
		all = append(all, o.Nexus...)
	}
	return all
}
