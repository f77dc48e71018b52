package population

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
)

// bornAs are those of a listed person's birth dates that an adult can have: the
// exact ones where there are any, else the spans.
func (m *maker) bornAs(e *entity.Entity) []entity.Dates {
	latest := m.after(-18, 0)
	var exact, loose []entity.Dates
	for _, d := range e.Birth {
		switch {
		case d.From.IsZero() || d.From.Compare(latest) > 0 || d.To.Compare(d.From) < 0:
		case d.IsExact():
			exact = append(exact, d)
		default:
			loose = append(loose, d)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return loose
}

// birthOf draws a day from bornAs, and reports false where there is none.
func (m *maker) birthOf(e *entity.Entity) (entity.Day, bool) {
	born := m.bornAs(e)
	if len(born) == 0 {
		return entity.Day{}, false
	}
	d := pick(m.c, born)
	to := d.To
	if latest := m.after(-18, 0); to.Compare(latest) > 0 {
		to = latest
	}
	days := int(to.Time().Sub(d.From.Time()).Hours() / 24)
	return entity.DayOf(d.From.Time().AddDate(0, 0, m.c.between(0, days))), true
}

// listedPeople makes at most n customers who are on the second edition.
func (m *maker) listedPeople(n int) []Person {
	var out []Person
	used := map[*entity.Entity][]Person{}
	take := func(from []*entity.Entity, most int) {
		// Everybody once, and only then a second account with another operator.
		for range m.Operators {
			for _, e := range from {
				if most == 0 {
					return
				}
				p, ok := m.listedPerson(e, used[e])
				if !ok {
					continue
				}
				used[e] = append(used[e], p)
				out = append(out, p)
				most--
			}
		}
	}
	take(m.newly, (n*listedNewShare+500)/1000)
	most := n - len(out)
	if len(out) > 0 {
		most = min(most, max(n/4, len(out)*2/3)) // the newly listed stay the most
	}
	take(m.before, most)
	return out
}

// listedPerson makes a customer who is e, with an operator whose customer e is
// not yet, written as on none of the other accounts.
func (m *maker) listedPerson(e *entity.Entity, others []Person) (Person, bool) {
	var operators, writtenAs []string
	for _, o := range m.Operators {
		if !slices.ContainsFunc(others, func(p Person) bool { return p.Operator == o }) {
			operators = append(operators, o)
		}
	}
	for _, p := range others {
		writtenAs = append(writtenAs, p.Profile.Names[0].Full)
	}
	profile, text, ok := m.asListed(e, writtenAs)
	if !ok {
		return Person{}, false
	}
	if len(others) > 0 { // a person was born once
		first := others[0]
		profile.Birth, profile.BirthPlaces = first.Profile.Birth, first.Profile.BirthPlaces
		profile.Nationalities = first.Profile.Nationalities
		text += "; has an account with " + first.Operator + " too"
	}
	return Person{
		Operator: pick(m.c, operators), Truth: Listed, ListedID: e.ID, Profile: profile,
		Note: fmt.Sprintf("listed as %s (%s %s), applies as %s%s", e.PrimaryName(), e.List, e.ID, profile.Names[0].Full, text),
	}, true
}

// asListed is the listed person as they describe themselves.
func (m *maker) asListed(e *entity.Entity, writtenAs []string) (p entity.Profile, text string, ok bool) {
	s, ok := respell(m.c, e, writtenAs)
	if !ok {
		return p, "", false
	}
	day, ok := m.birthOf(e)
	if !ok {
		return p, "", false
	}
	if !hasExactBirth(e) {
		text = "; the list has no exact birth date"
	}
	p.Kind, p.Gender = entity.Person, s.gender
	p.Names = []entity.Name{s.name}
	p.Birth = []entity.Dates{entity.Exact(day)}
	p.Nationalities = m.nationalitiesOf(e)
	home := p.Nationalities[0]
	if len(e.BirthPlaces) > 0 {
		p.BirthPlaces = []string{e.BirthPlaces[0]}
	} else if x := pools().countries[home]; x != nil {
		p.BirthPlaces = []string{pick(m.c, x.towns).name.in(s.native) + ", " + x.code}
	}
	switch {
	case home == "RU":
		home = m.c.weighted(abroad)
	case pools().countries[home] == nil, home == "IR", home == "CU", home == "KP":
		// They live where a place alone would not stop them.
		home = m.c.weighted("AE:5 TR:4 CN:1 RS:1")
	}
	p.Residence = m.residence(home, s.native, p.Nationalities[0])
	p.Identifiers = []entity.Identifier{m.passport(p.Nationalities[0])}
	if ids := documents(e); len(ids) > 0 && m.c.oneIn(3) {
		p.Identifiers = []entity.Identifier{pick(m.c, ids)}
		text += "; with the " + p.Identifiers[0].Type + " that is on the list"
	}
	return p, text, true
}

// documents are the listed numbers that a person shows to open an account.
func documents(e *entity.Entity) []entity.Identifier {
	var out []entity.Identifier
	for _, id := range e.Identifiers {
		switch id.Type {
		case "passport", "national id", "cedula", "curp", "dni", "identification":
			if len(bareNumber(id.Number)) >= 5 {
				out = append(out, id)
			}
		}
	}
	return out
}

// nationalitiesOf are those on the list, else what the rest of the entry suggests.
func (m *maker) nationalitiesOf(e *entity.Entity) []string {
	if len(e.Nationalities) > 0 {
		return slices.Clone(e.Nationalities)
	}
	for _, id := range e.Identifiers {
		if id.Country != "" {
			return []string{id.Country}
		}
	}
	if _, ok := russianOf(e); ok {
		return []string{"RU"}
	}
	for _, place := range e.BirthPlaces {
		if code, ok := entity.CountryCode(strings.TrimSpace(place[strings.LastIndex(place, ",")+1:])); ok {
			return []string{code}
		}
	}
	for _, p := range e.Places {
		if len(p.Country) == 2 {
			return []string{p.Country}
		}
	}
	return []string{m.c.weighted("AE:1 TR:1 MX:1")}
}

// namesakes makes at most n innocents who share given and family name with a
// listed person, half of them with one who is only now listed.
func (m *maker) namesakes(n int) []Person {
	var out []Person
	take := func(from []*entity.Entity, most int) {
		for range 2 { // at most two namesakes of one person
			for _, e := range from {
				if most == 0 {
					return
				}
				if p, ok := m.namesake(e); ok {
					out = append(out, p)
					most--
				}
			}
		}
	}
	take(m.newly, (n+1)/2)
	take(m.before, n-len(out))
	return out
}

// namesake makes an innocent who shares a name with e: a Russian with another
// patronymic, or somebody else whose name has just two words.
func (m *maker) namesake(e *entity.Entity) (Person, bool) {
	var n made
	var nationality, home string
	if r, ok := russianOf(e); ok && r.gender != entity.UnknownGender {
		// A list that tells no patronymic leaves nothing for another one to differ from.
		if r.patronymic == "" {
			return Person{}, false
		}
		if r.patronymic, ok = m.otherPatronymic(r); !ok {
			return Person{}, false
		}
		l := r.inLatin(pick(m.c, romanisations[:]))
		n = made{r.gender, parts{l.given, l.patronymic, l.family}, parts{r.given, r.patronymic, r.family}, m.c.oneIn(2)}
		nationality = m.c.weighted("RU:50 KZ:14 IL:8 DE:8 BY:8 US:6 GE:6")
		home = nationality
		if nationality == "RU" {
			home = m.c.weighted(abroad)
		}
	} else {
		p, ok := titled(e.Names[0])
		nationality = m.nationalitiesOf(e)[0]
		x := pools().countries[nationality]
		if !ok || e.Gender == entity.UnknownGender || p.patronymic != "" || x == nil || x.weight == 0 ||
			strings.Contains(p.given+p.family, " ") || !isLatin(e.Names[0].Full) || nationality == "BY" || m.c.percent(70) {
			return Person{}, false
		}
		n, home = made{gender: e.Gender, latin: p}, nationality
	}
	profile := m.profile(n, home, nationality)
	day, ok := m.birthUnlike(n)
	if !ok {
		return Person{}, false
	}
	profile.Birth = []entity.Dates{entity.Exact(day)}
	var listed []string
	for _, d := range e.Birth {
		listed = append(listed, d.String())
	}
	note := fmt.Sprintf("namesake of %s (%s %s), born %s and not %s", e.PrimaryName(), e.List, e.ID, day, strings.Join(listed, " or "))
	return Person{Operator: m.operator(), Truth: Namesake, ListedID: e.ID, Profile: profile, Note: note}, true
}

// otherPatronymic draws a patronymic that no listed bearer of the name has.
func (m *maker) otherPatronymic(r russianName) (string, bool) {
	var theirs []string
	for _, b := range m.roll.bearers(r.given + " " + r.family) {
		for _, name := range b.Names {
			theirs = append(theirs, sounds(name.Full)...)
		}
	}
	for range 50 {
		father := pick(m.c, russians().male)
		own := father.son
		if r.gender == entity.Female {
			own = father.daughter
		}
		if !slices.Contains(theirs, sound(own)) {
			return own, true
		}
	}
	return "", false
}

// birthUnlike draws a birth date that is at least three years from any of any
// listed person who bears the given and family name.
func (m *maker) birthUnlike(n made) (entity.Day, bool) {
	bearers := m.roll.bearers(n.latin.given + " " + n.latin.family)
	if n.native.family != "" { // some romanisations are the harder to read
		bearers = m.roll.bearers(n.native.given + " " + n.native.family)
	}
	if len(bearers) == 0 {
		return entity.Day{}, false // the name went astray on its way
	}
tries:
	for range 50 {
		day := m.birth()
		for _, e := range bearers {
			for _, d := range e.Birth {
				if day.Year >= d.From.Year-3 && day.Year <= d.To.Year+3 {
					continue tries
				}
			}
		}
		return day, true
	}
	return entity.Day{}, false
}
