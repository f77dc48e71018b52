package match

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/entity"
)

// Whoever is listed is found where their name stands among others in one field, and a joint holder's birth date says nothing of
// them.
func TestSeveralNamesInOneField(t *testing.T) {
	firm := func(full string) entity.Entity {
		return entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: full}}}
	}
	listedFirm := func(full string) entity.Entity {
		e := firm(full)
		e.List, e.ID = "us-sdn", "2"
		return e
	}
	named := func(full string, weak bool) entity.Entity {
		e := man("Pavel Sidorov", born("1962-03-14"))
		e.List, e.ID = "us-sdn", "1"
		e.Names = append(e.Names, entity.Name{Full: full, Kind: entity.Alias, Weak: weak})
		return e
	}
	for _, c := range []struct {
		query, listed entity.Entity
		want          Grade
	}{
		{man("Pavel Sidorov alias Viktor Andreyevich Morozov"), listedMan, Resembles},
		{man("Pavel Sidorov"), listedMan, None},
		// The same person's other name is theirs, with all that is known of them.
		{man("Pavel Sidorov a.k.a. Viktor Andreyevich Morozov", born("1962-03-14"), national("RU")), listedMan, Same},
		{man("Pavel Sidorov a.k.a. Viktor Andreyevich Morozov", born("1985-01-02"), national("BG")), listedMan, None},
		// Another's is not: a question whatever is known of who tells it, never an identity.
		{man("Maria Lee and Viktor Andreyevich Morozov", born("1985-01-02"), national("BG"), gender(entity.Female)), listedMan, Resembles},
		{man("Maria Lee and Viktor Andreyevich Morozov", born("1962-03-14"), national("RU")), listedMan, Resembles},
		{man("Estate of Viktor Andreyevich Morozov", born("1962-03-14"), national("RU")), listedMan, Resembles},
		{man("Viktor Andreyevich Morozov and Maria Lee", born("1962-03-14"), national("RU")), listedMan, Same},
		{man("Viktor Andreyevich Morozov and Maria Lee", born("1985-01-02"), national("BG")), listedMan, None},
		// An entry of a list is of one party, and what is a weak alias stays one.
		{man("Maria Anna Lee"), named("Ivan Petrovich Lee and Maria Anna Lee", false), None},
		{firm("Melli Bank PLC London Branch"), listedFirm("Melli Bank PLC"), Resembles},
		{firm("Melli Bank PLC"), listedFirm("Melli Bank PLC London Branch"), None},
		{man("Ivan Petrovich Lee"), named("Sidorov alias Ivan Petrovich Lee", false), Resembles},
		{man("Ivan Petrovich Lee"), named("Sidorov alias Ivan Petrovich Lee", true), None},
		{firm("Acme Trading Ltd d/b/a Tardigrade Shipping"), firm("Tardigrade Shipping"), Resembles},
		{firm("Acme Trading Ltd"), firm("Tardigrade Shipping"), None},
		{firm("Acme and Tardigrade"), firm("Tardigrade"), None},
	} {
		f := Compare(c.query, c.listed, DefaultWeights())
		if f.Grade != c.want {
			t.Errorf("%s | %s: %v, want %v\n%s", c.query.PrimaryName(), c.listed.PrimaryName(), f.Grade, c.want, reasons(f))
		}
	}
}

func TestReasonsNameSeveral(t *testing.T) {
	const one, another = "; is one of several names that the field tells", "; is that of somebody whom the field names besides, and of whom nothing else is known"
	for _, c := range []struct {
		query   entity.Entity
		want    string
		reasons int
	}{
		{man("Pavel Sidorov alias Viktor Andreyevich Morozov", born("1963")), one, 2},
		{man("Maria Lee or Viktor Andreyevich Morozov", born("1963")), another, 1},
		{man("Maria Lee or Ivan Lee or Viktor Andreyevich Morozov", born("1963")), another, 1},
		{man("c/o Viktor Andreyevich Morozov"), another, 1}, // the whole field is a hit too, and a lesser one
	} {
		f := Compare(c.query, listedMan, DefaultWeights())
		if len(f.Reasons) != c.reasons || !strings.HasSuffix(f.Reasons[0].Text, c.want) {
			t.Errorf("%s: reasons\n%swant %d, the first ending in %q", c.query.PrimaryName(), reasons(f), c.reasons, c.want)
		}
	}
}

// peopleOfFields are people some of whom are named beside others.
func (m *maker) peopleOfFields(n int) []entity.Entity {
	out := m.peopleOfCustoms(n)
	for i := range out {
		e := &out[i]
		by := m.pick([]string{"", "", " alias ", " and ", "; ", " c/o ", " @ ", " y "})
		if by == "" {
			continue
		}
		first := m.peopleOfCustoms(1)[0].Names[0].Full
		switch m.IntN(4) {
		case 0:
			e.Names[0].Full = fmt.Sprintf("%s (%s)", e.Names[0].Full, first)
		case 1:
			e.Names[0].Full = "Estate of " + e.Names[0].Full
		default:
			e.Names[0].Full = first + by + e.Names[0].Full
		}
		if m.IntN(2) == 0 {
			born(m.pick([]string{"1962-03-14", "1985-01-02", "1931"}))(e)
		}
	}
	return out
}

func TestIndexFindsOneOfSeveralAsScoringEverythingDoes(t *testing.T) {
	for seed := range uint64(3) {
		m := newMaker(60 + seed)
		oracle(t, m, m.peopleOfFields(250), 150, m.peopleOfFields(75)...)
	}
}

// A roster turns away whom another year of birth contradicts; it is not theirs.
func TestRosterFindsAnotherOfAnotherYear(t *testing.T) {
	long := man("Maria Lee or Ivan Lee or Zbigniew Kwiatkowski Rasmussen or Ferdinand Oyelaran or Viktor Morozov", born("1985-01-02"))
	short := man("Maria Lee or Viktor Morozov", born("1985-01-02"))
	twice := listedMan // of no list, as [Compare] may be asked
	twice.List = ""
	twice.Names = []entity.Name{{Full: "Ferdinand Oyelaran and Viktor Morozov"}}
	for _, c := range []struct{ customer, listed entity.Entity }{
		{long, listedMan}, {short, listedMan}, {man("Viktor Morozov", born("1985-01-02")), twice},
	} {
		r := openRoster(t, t.TempDir())
		put(t, r, Customer{1, c.customer})
		compact(t, r) // whoever lies in the tip is compared with everybody
		customers := map[uint64]entity.Entity{1: c.customer}
		for _, threshold := range []float64{r.w.Threshold, 0.8} {
			if hits := same(t, r, customers, []entity.Entity{c.listed}, threshold); hits != 1 {
				t.Errorf("%s at %v: %d hits, want 1", c.customer.PrimaryName(), threshold, hits)
			}
		}
	}
}

func TestRosterFindsOneOfSeveralAsComparingEverythingDoes(t *testing.T) {
	m := newMaker(70)
	listed := m.peopleOfFields(150)
	of := m.customersLike(listed, 800)
	for i, e := range m.peopleOfFields(400) {
		of[2*i].Entity.Names, of[2*i].Entity.Birth = e.Names, e.Birth
	}
	rosterOracle(t, listed, of, 400)
}
