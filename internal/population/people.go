package population

import (
	"fmt"
	"strings"

	"sallyport/entity"
)

// exempting are the member states of the EU and the EEA, and Switzerland, that
// the population's Russians live in or are nationals of; 833/2014 Article 5b(3).
const exempting = "DE:18 ES:16 CY:14 FR:8 IT:8 CZ:8 LT:6 BG:6 GR:4 AT:5 PL:4 PT:4 NL:3 CH:5"

// abroad is where Russians live who have no such papers.
const abroad = "RU:55 KZ:8 GE:7 AM:6 RS:6 TR:8 AE:6 IL:2 TH:2"

// birth draws an adult's birth date, most often between 25 and 50 years ago.
func (m *maker) birth() entity.Day {
	age := 19 + m.c.n(24) + m.c.n(34)
	return m.after(-age, -m.c.n(365))
}

// freeName makes up a name that no listed entity bears.
func (m *maker) freeName(culture string) made {
	var n made
	for range maxTries {
		n = pools().name(m.c, culture)
		if m.err != nil {
			return n
		}
		given, _, _ := strings.Cut(n.latin.given, " ")
		if m.roll.free(given+" "+n.latin.family) && m.roll.free(n.native.given+" "+n.native.family) && m.roll.free(n.native.full(n.familyFirst)) {
			return n
		}
	}
	m.fail("population: every %s name is on the list: give it fewer entries", culture)
	return n
}

// fail keeps the first error.
func (m *maker) fail(format string, args ...any) {
	if m.err == nil {
		m.err = fmt.Errorf(format, args...)
	}
}

// passport makes up a passport of a country, with a number that is nobody else's.
func (m *maker) passport(code string) entity.Identifier {
	p := "########"
	if x := pools().countries[code]; x != nil {
		p = x.passport
	}
	return entity.Identifier{Type: "passport", Number: m.number(p), Country: code}
}

// number makes up a number of a pattern that nobody else has.
func (m *maker) number(pattern string) string {
	var n string
	for range maxTries {
		if n = m.c.pattern(pattern); m.roll.take(n) {
			return n
		}
	}
	m.fail("population: all numbers like %q are given out: make fewer people", pattern)
	return n
}

// write puts a made name as its bearer enters it, and says whether they use
// their own script.
func (m *maker) write(n made) (names []entity.Name, native bool) {
	inScript := func(kind entity.NameKind) entity.Name {
		return entity.Name{Full: n.native.full(n.familyFirst), Given: n.native.given, Patronymic: n.native.patronymic, Family: n.native.family, Kind: kind}
	}
	has := n.native.family != ""
	if has && m.c.percent(35) {
		return []entity.Name{inScript(entity.Primary)}, true
	}
	p := n.latin
	if m.c.percent(25) {
		p.patronymic = ""
	}
	if m.c.percent(8) {
		p.family = strings.ToUpper(p.family)
	}
	familyFirst := n.familyFirst && m.c.oneIn(3)
	names = []entity.Name{{Full: p.full(familyFirst), Given: p.given, Patronymic: p.patronymic, Family: p.family}}
	if has && m.c.percent(20) {
		names = append(names, inScript(entity.Original))
	}
	return names, false
}

// profile makes a person of a name, who holds papers of the first of the
// nationalities and lives in home.
func (m *maker) profile(n made, home string, nationalities ...string) entity.Profile {
	var p entity.Profile
	var native bool
	p.Kind, p.Gender = entity.Person, n.gender
	p.Names, native = m.write(n)
	p.Birth = []entity.Dates{entity.Exact(m.birth())}
	p.Nationalities = nationalities
	if x := pools().countries[nationalities[0]]; x != nil {
		p.BirthPlaces = []string{pick(m.c, x.towns).name.in(native) + ", " + x.code}
	}
	p.Identifiers = []entity.Identifier{m.passport(nationalities[0])}
	p.Residence = m.residence(home, native, nationalities[0])
	return p
}

// residence makes up a place to live; people write it in their own script where
// they live among it.
func (m *maker) residence(home string, native bool, nationality string) entity.Place {
	return pools().countries[home].place(m.c, native && home == nationality)
}

// ordinary makes people who are nothing else.
func (m *maker) ordinary(n int) []Person {
	var out []Person
	for range n {
		x := pools().country(m.c)
		home, nationality, note := x.code, x.code, ""
		culture := pick(m.c, x.cultures)
		switch k := m.c.n(100); {
		case k < 2:
			home, nationality, culture = m.c.weighted("AE:4 TR:3 DE:3 CA:3 GB:1 SE:1"), "IR", "fa"
			note = "Iranian who lives in " + home
		case k < 5:
			home = m.c.weighted("IL:3 DE:3 KZ:4 US:2 LT:2 UA:3 GE:1")
			nationality, culture = home, "ru"
			note = "Russian name, national of " + home
		case k < 15:
			home = pools().country(m.c).code
		}
		out = append(out, Person{Operator: m.operator(), Truth: Ordinary, Note: note, Profile: m.profile(m.freeName(culture), home, nationality)})
	}
	return out
}

// russians makes n nationals and residents of Russia, of whom so many are exempt.
func (m *maker) russians(n, exempt int) []Person {
	var out []Person
	for i := range n {
		p := Person{Operator: m.operator(), Truth: RussianNational}
		switch k := m.c.n(100); {
		case i < exempt && k < 65:
			home := m.c.weighted(exempting)
			permit := entity.Permit{Country: home}
			p.Note = "Russian national with a permanent residence permit of " + home
			if m.c.oneIn(2) { // those for a time are given for up to five years
				permit.Until = m.after(4, m.c.n(360))
				p.Note = "Russian national with a residence permit of " + home + " until " + permit.Until.String()
			}
			p.Truth, p.Profile = ExemptRussian, m.profile(m.freeName("ru"), home, "RU")
			p.Profile.Permits = []entity.Permit{permit}
		case i < exempt:
			second := m.c.weighted(exempting)
			home := second
			if m.c.oneIn(3) {
				home = m.c.weighted(abroad)
			}
			p.Truth, p.Profile = ExemptRussian, m.profile(m.freeName("ru"), home, "RU", second)
			p.Profile.Identifiers = append(p.Profile.Identifiers, m.passport(second))
			p.Note = fmt.Sprintf("national of Russia and of %s, lives in %s", second, home)
		case k < 4:
			home := m.c.weighted(exempting)
			p.Profile = m.profile(m.freeName("ru"), home, "RU")
			ran := m.after(0, -1-m.c.n(360))
			p.Profile.Permits = []entity.Permit{{Country: home, Until: ran}}
			p.Note = fmt.Sprintf("Russian national whose residence permit of %s ran out on %s", home, ran)
		case k < 8:
			second := m.c.weighted("IL:3 KZ:3 AM:2 GE:1")
			p.Profile = m.profile(m.freeName("ru"), second, "RU", second)
			p.Note = fmt.Sprintf("national of Russia and of %s", second)
		case k < 12:
			nationality := m.c.weighted("UZ:4 KZ:3 AM:2 BY:2")
			p.Profile = m.profile(m.freeName(pools().countries[nationality].cultures[0]), "RU", nationality)
			p.Note = fmt.Sprintf("national of %s who lives in Russia", nationality)
		default:
			home := m.c.weighted(abroad)
			p.Profile = m.profile(m.freeName("ru"), home, "RU")
			if home != "RU" {
				p.Note = "Russian national who lives in " + home
			}
		}
		out = append(out, p)
	}
	return out
}

// A closedTown is a town in a region that a US order closes, with its Ukrainian
// and its Russian postcodes.
type closedTown struct {
	name, region      written
	ukrainian, russia string
}

// crimea: Executive Order 13685 of 2014-12-19 names the region; 31 CFR 589.
// Russian postcodes there are 295000 to 299999, Ukrainian ones 95000 to 99999.
var crimea = []closedTown{
	{written{"Simferopol", "Симферополь"}, inCrimea, "950##", "2950##"},
	{written{"Yalta", "Ялта"}, inCrimea, "986##", "2986##"},
	{written{"Kerch", "Керчь"}, inCrimea, "983##", "2983##"},
	{written{"Yevpatoria", "Евпатория"}, inCrimea, "974##", "2974##"},
	{written{"Feodosia", "Феодосия"}, inCrimea, "981##", "2981##"},
	{written{"Sevastopol", "Севастополь"}, written{}, "990##", "2990##"},
}

var inCrimea = written{"Crimea", "Республика Крым"}

// donbas: towns in the so-called republics since 2014; Executive Order 14065 of 2022-02-21.
var donbas = []closedTown{
	{written{"Donetsk", "Донецк"}, written{}, "830##", "2830##"},
	{written{"Makiivka", "Макеевка"}, written{}, "861##", "2861##"},
	{written{"Horlivka", "Горловка"}, written{}, "846##", "2846##"},
	{written{"Luhansk", "Луганск"}, written{}, "910##", "2910##"},
	{written{"Alchevsk", "Алчевск"}, written{}, "942##", "2942##"},
}

// The days on which the orders were signed, and the Russian claim to the Donbas
// that its addresses have been written with since.
var (
	crimeaClosed  = entity.Day{Year: 2014, Month: 12, Day: 19}
	donbasClosed  = entity.Day{Year: 2022, Month: 2, Day: 21}
	donbasClaimed = entity.Day{Year: 2022, Month: 9, Day: 30}
)

// embargoed makes ordinary people whose place, or Cuban nationality, a US rule closes.
func (m *maker) embargoed(n int) []Person {
	kinds := []string{"iran", "cuba"}
	if m.today().Compare(crimeaClosed) >= 0 {
		kinds = append([]string{"crimea"}, append(kinds, "crimea")...)
	}
	if m.today().Compare(donbasClosed) >= 0 {
		kinds = append(kinds, "donbas")
	}
	kinds = append(kinds, "iran", "cuban abroad", "north korea")
	var out []Person
	for i := range n {
		p := Person{Operator: m.operator(), Truth: Embargoed}
		switch kinds[i%len(kinds)] {
		case "crimea":
			p.Profile, p.Note = m.inClosedTown(crimea, true)
		case "donbas":
			p.Profile, p.Note = m.inClosedTown(donbas, m.today().Compare(donbasClaimed) >= 0)
		case "iran":
			p.Profile, p.Note = m.profile(m.freeName("fa"), "IR", "IR"), "lives in Iran"
		case "cuba":
			p.Profile, p.Note = m.profile(m.freeName("es"), "CU", "CU"), "lives in Cuba"
		case "cuban abroad":
			home := m.c.weighted("ES:4 MX:2 AR:1")
			p.Profile, p.Note = m.profile(m.freeName("es"), home, "CU"), "Cuban national who lives in "+home
		case "north korea":
			p.Profile, p.Note = m.profile(m.freeName("kp"), "KP", "KP"), "lives in North Korea"
		}
		out = append(out, p)
	}
	return out
}

// inClosedTown makes somebody who lives in one of the towns. Most write their
// address as a Russian one where that is done, as the 89 customers of CoinList
// did (OFAC enforcement release of 2023-12-13).
func (m *maker) inClosedTown(towns []closedTown, russianPapers bool) (entity.Profile, string) {
	t := pick(m.c, towns)
	country, postcode, nationality := "UA", t.ukrainian, "UA"
	if russianPapers && m.c.percent(70) {
		country, postcode, nationality = "RU", t.russia, "RU"
	}
	p := m.profile(m.freeName("ru"), "RU", nationality)
	native := m.c.oneIn(2)
	p.Residence = entity.Place{
		Street: pools().countries["RU"].street(m.c, native), Town: t.name.in(native),
		Postcode: m.c.pattern(postcode), Country: country,
	}
	if m.c.oneIn(3) {
		p.Residence.Region = t.region.in(native)
	}
	return p, fmt.Sprintf("lives in %s, writes the country as %s", t.name.latin, country)
}
