package match

import (
	"slices"
	"strings"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// A party is an entity made ready for comparing.
type party struct {
	entity  *entity.Entity
	persons []name // its strong names read as a person's, and those that one of them has in it
	firms   []name // its strong names read as a firm's, a vessel's, an aircraft's
	weak    []name

	gender      entity.Gender // as stated, or as a patronymic shows
	nations     []string
	seats       []string // countries an organisation is of: nationality and places
	birthTowns  []town
	identifiers []identifier
	wallets     []chain.Address
}

type town struct {
	words   []names.Token // of its name, without those that name no town
	written string
}

type identifier struct {
	family, number, country string
	source                  *entity.Identifier
}

func (w *Weights) party(e *entity.Entity) *party {
	p := &party{entity: e, gender: e.Gender}
	switch e.Kind {
	case entity.Person:
		p.persons = make([]name, 0, len(e.Names))
	case entity.UnknownKind:
		p.persons, p.firms = make([]name, 0, len(e.Names)), make([]name, 0, len(e.Names))
	default:
		p.firms = make([]name, 0, len(e.Names))
	}
	for i := range e.Names {
		n := &e.Names[i]
		if e.Kind == entity.Person || e.Kind == entity.UnknownKind {
			read := names.Person(names.Parts{Full: n.Full, Given: n.Given, Patronymic: n.Patronymic, Family: n.Family})
			if p.gender == entity.UnknownGender && !n.Weak {
				switch read.Form() {
				case names.Masculine:
					p.gender = entity.Male
				case names.Feminine:
					p.gender = entity.Female
				}
			}
			p.add(w.name(n, read, false), &p.persons)
			for _, said := range severalOf(e, n, false) {
				p.addSaid(w.name(saidIn(n, said), names.Person(names.Parts{Full: said.Full}), false), said, &p.persons)
			}
		}
		if e.Kind != entity.Person {
			p.add(w.name(n, names.Firm(n.Full), true), &p.firms)
			for _, said := range severalOf(e, n, true) {
				p.addSaid(w.name(saidIn(n, said), names.Firm(said.Full), true), said, &p.firms)
			}
		}
	}
	for _, c := range e.Nationalities {
		p.nations = addCountry(p.nations, c)
	}
	p.seats = slices.Clone(p.nations)
	for _, place := range e.Places {
		p.seats = addCountry(p.seats, place.Country)
	}
	for _, written := range e.BirthPlaces {
		p.birthTowns = append(p.birthTowns, townsOf(written)...)
	}
	for i := range e.Identifiers {
		if id, ok := identifierOf(&e.Identifiers[i]); ok {
			p.identifiers = append(p.identifiers, id)
		}
	}
	for _, wallet := range e.Wallets {
		// What is no address can be nobody's; the reader of the list has said so.
		if a, err := chain.Parse(wallet.Address); err == nil {
			p.wallets = append(p.wallets, a)
		}
	}
	return p
}

// severalOf gives the names that a written one has in it. A list's entry is of one party: whom it names besides is not listed by
// it, nor the firm of which it names a branch.
func severalOf(e *entity.Entity, n *entity.Name, firm bool) []names.Said {
	all := names.Several(n.Full, firm)
	if e.List != "" {
		all = slices.DeleteFunc(all, func(s names.Said) bool { return s.Other || s.Branch })
	}
	return all
}

// saidIn is one of the names that a written one has in it.
func saidIn(n *entity.Name, said names.Said) *entity.Name {
	return &entity.Name{Full: said.Full, Kind: n.Kind, Weak: n.Weak, Language: n.Language}
}

func (p *party) addSaid(n name, said names.Said, strong *[]name) {
	n.said, n.other = true, said.Other
	p.add(n, strong)
}

func (p *party) add(n name, strong *[]name) {
	if len(n.parts) == 0 {
		return
	}
	if n.source.Weak {
		p.weak = append(p.weak, n)
		return
	}
	*strong = append(*strong, n)
}

// addCountry adds the country's code, or its name folded where it is not known.
func addCountry(list []string, written string) []string {
	c, ok := entity.CountryCode(written)
	if !ok {
		c = names.Fold(written)
	}
	if c == "" || slices.Contains(list, c) {
		return list
	}
	return append(list, c)
}

// notTowns are words in written places that name no town.
var notTowns = map[string]bool{
	"region": true, "oblast": true, "district": true, "province": true, "city": true, "village": true, "republic": true,
	"krai": true, "kray": true, "area": true, "near": true, "town": true, "county": true, "state": true, "north": true, "south": true,
	"east": true, "west": true, "northern": true, "southern": true, "eastern": true, "western": true, "soviet": true, "union": true,
	"ussr": true, "governorate": true, "department": true, "island": true, "islands": true, "central": true, "former": true,
	"unknown": true, "undetermined": true, "autonomous": true, "federal": true, "born": true, "saint": true,
}

// townsOf reads a written place of birth: the parts between commas that are no
// countries, each with its words.
func townsOf(written string) []town {
	var out []town
	for i, part := range strings.FieldsFunc(written, func(r rune) bool { return strings.ContainsRune(",;/()", r) }) {
		if i == 8 { // no place is written in more parts
			break
		}
		part = strings.TrimSpace(part)
		if _, country := entity.CountryCode(part); country {
			continue
		}
		t := town{written: part}
		n := names.Person(names.Parts{Full: part})
		for j := range n.Tokens {
			tok := &n.Tokens[j]
			if len(tok.Text) > 3 && !notTowns[tok.Text] && tok.Class != names.Number {
				t.words = append(t.words, *tok)
			}
		}
		if len(t.words) > 0 {
			out = append(out, t)
		}
	}
	return out
}

// identifierOf folds a document's number and the family of its type. Numbers
// below five characters identify nobody: half the world's registers begin at 1.
func identifierOf(source *entity.Identifier) (identifier, bool) {
	if source.Doubtful { // whoever holds it rightly is another
		return identifier{}, false
	}
	number, signs := canonicalNumber(source.Number)
	if signs < 5 || signs > 64 {
		return identifier{}, false
	}
	id := identifier{family: identifierFamily(source.Type), number: number, source: source}
	if source.Country != "" {
		id.country, _ = entity.CountryCode(source.Country)
		if id.country == "" {
			id.country = names.Fold(source.Country)
		}
	}
	return id, id.family != ""
}

// canonicalNumber keeps the letters and digits, romanised and in lower case:
// "75 № 5276391" and "755276391" are one number.
func canonicalNumber(written string) (number string, signs int) {
	number = strings.ReplaceAll(names.Fold(strings.ReplaceAll(written, "№", "")), " ", "")
	return number, len(number)
}

// identifierFamilies groups the types of documents that lists and customers use.
// The first word found decides.
var identifierFamilies = []struct{ word, family string }{
	{"passport", "passport"},
	{"driv", "driving"},
	{"gazette", ""}, {"call sign", ""}, {"licence", "licence"}, {"license", "licence"},
	{"imo", "imo"}, {"mmsi", "mmsi"}, {"aircraft", "aircraft"}, {"swift", "swift"}, {"bic", "swift"},
	{"tax", "tax"}, {"vat", "tax"}, {"fiscal", "tax"}, {"rfc", "tax"}, {"r.f.c", "tax"}, {"nit", "tax"}, {"inn", "tax"}, {"ruc", "tax"}, {"rut", "tax"}, {"tin", "tax"},
	{"regist", "registration"}, {"company", "registration"}, {"ogrn", "registration"}, {"commercial", "registration"},
	{"social credit", "registration"}, {"matricula", "registration"}, {"economic", "registration"}, {"legal entity", "registration"}, {"lei", "registration"},
	{"national", "personal"}, {"identi", "personal"}, {"personal", "personal"}, {"cedula", "personal"}, {"curp", "personal"}, {"c.u.r.p", "personal"},
	{"ssn", "personal"}, {"social security", "personal"}, {"citizen", "personal"}, {"residen", "personal"}, {"snils", "personal"}, {"birth", "personal"},
}

// anyFamily is the family of a document whose type is not told.
const anyFamily = "any"

func identifierFamily(written string) string {
	t := strings.ToLower(strings.TrimSpace(written))
	switch t {
	case "", "document", "document number", "id", "number", "unknown", "other":
		return anyFamily
	}
	for _, f := range identifierFamilies {
		if strings.Contains(t, f.word) {
			return f.family
		}
	}
	return t
}

// sameDocument: the number is equal, the types are compatible and so are the
// countries, where both are told.
func (a *identifier) sameDocument(b *identifier) bool {
	return a.number == b.number &&
		(a.family == b.family || a.family == anyFamily || b.family == anyFamily) &&
		(a.country == b.country || a.country == "" || b.country == "")
}

// A birth says how two sides' dates of birth go together.
type birth uint8

const (
	birthUnknown birth = iota // a side tells none
	birthDay                  // both to the day, and equal
	birthSpan                 // not both to the day, and they overlap
	birthSwapped              // day and month changed places
	birthSameYear
	birthOther
)

// birthOf compares alternatives and gives the best that any two make, with the
// listed date it was made with.
func (w *Weights) birthOf(query, listed []entity.Dates) (birth, entity.Dates) {
	best, with := birthUnknown, entity.Dates{}
	for _, q := range query {
		for _, l := range listed {
			if b := w.birthPair(q, l); b != birthUnknown && (best == birthUnknown || b < best) {
				best, with = b, l
			}
		}
	}
	return best, with
}

func (w *Weights) birthPair(q, l entity.Dates) birth {
	switch {
	case q.From.IsZero() || l.From.IsZero() || q.To.IsZero() || l.To.IsZero():
		return birthUnknown
	case q.IsExact() && l.IsExact() && q.From == l.From:
		return birthDay
	case q.IsExact() && l.IsExact():
		switch {
		case q.From.Year == l.From.Year && q.From.Day == int(l.From.Month) && l.From.Day == int(q.From.Month):
			return birthSwapped
		case q.From.Year == l.From.Year:
			return birthSameYear
		}
		return birthOther
	case w.widened(q).Overlaps(w.widened(l)):
		return birthSpan
	case q.From.Year <= l.To.Year && l.From.Year <= q.To.Year:
		return birthSameYear
	}
	return birthOther
}

// widened lets "circa" reach some years to both sides.
func (w *Weights) widened(d entity.Dates) entity.Dates {
	if d.Circa {
		d.From.Year -= w.Facts.CircaYears
		d.To.Year += w.Facts.CircaYears
	}
	return d
}

// agreement of two sides' countries.
type agreement uint8

const (
	untold agreement = iota // a side tells none
	agree
	disagree
)

func countriesOf(query, listed []string) (agreement, string) {
	if len(query) == 0 || len(listed) == 0 {
		return untold, ""
	}
	for _, l := range listed {
		if slices.Contains(query, l) {
			return agree, l
		}
	}
	return disagree, strings.Join(listed, ", ")
}

// sameTown gives the listed place of birth that the query names too, or "". Towns
// that share a word only (Nizhny Novgorod, Nizhny Tagil) are different ones.
func sameTown(query, listed []town) string {
	for _, l := range listed {
		for _, q := range query {
			if slices.EqualFunc(l.words, q.words, func(a, b names.Token) bool { return a.Shares(&b) }) {
				return l.written
			}
		}
	}
	return ""
}
