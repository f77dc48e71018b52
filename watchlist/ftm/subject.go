package ftm

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
)

// subjects are the schemata of what a list can name. A LegalEntity is a person or a firm, and
// the writer did not know which.
var subjects = map[string]entity.Kind{
	"Person": entity.Person, "LegalEntity": entity.UnknownKind, "CryptoWallet": entity.UnknownKind,
	"Organization": entity.Organisation, "Company": entity.Organisation, "PublicBody": entity.Organisation,
	"Vessel": entity.Vessel, "Airplane": entity.Aircraft, "Vehicle": entity.UnknownKind,
}

// numbers are the properties that hold somebody's number. A type in two lists of the world's
// is one type; a country stands where only that country issues the number.
var numbers = []struct{ property, kind, country string }{
	{"passportNumber", "passport", ""},
	{"idNumber", "national id", ""},
	{"socialSecurityNumber", "social security", ""},
	{"innCode", "tax id", "RU"},
	{"taxNumber", "tax id", ""},
	{"vatCode", "vat", ""},
	{"ogrnCode", "registration", "RU"},
	{"registrationNumber", "registration", ""},
	{"kppCode", "kpp", "RU"},
	{"okpoCode", "okpo", ""},
	{"bikCode", "bik", "RU"},
	{"uscCode", "unified social credit code", "CN"},
	{"leiCode", "legal entity identifier", ""},
	{"swiftBic", "swift/bic", ""},
	{"dunsCode", "d-u-n-s", ""},
	{"imoNumber", "imo", ""},
	{"mmsi", "mmsi", ""},
	{"callSign", "call sign", ""},
	{"serialNumber", "serial", ""},
}

// subject reads what can be listed.
func (r *reader) subject(l *line, kind entity.Kind, nested bool) {
	was := r.byID[l.ID]
	if was != nil && !was.nested {
		r.Leave(l.number, l.ID, fmt.Sprintf("its id is that of line %d", was.line))
		return
	}
	s := &subject{entity: entity.Entity{ID: l.ID, Kind: kind}, target: l.Target != nil && *l.Target, nested: nested, line: l.number, datasets: l.Datasets}
	e := &s.entity
	e.Names = nameList(l)
	if l.Schema == "CryptoWallet" {
		s.wallet, s.holders = true, l.texts("holder")
		for _, key := range l.texts("publicKey") {
			e.Wallets = append(e.Wallets, entity.Wallet{Ticker: strings.ToUpper(l.first("currency", "currencySymbol")), Address: key})
		}
		if len(e.Wallets) == 0 {
			r.Problem(l.number, l.ID, "publicKey", "a wallet without an address")
		}
	}
	if len(e.Names) == 0 {
		if c := l.caption(); c != "" {
			e.Names = []entity.Name{{Full: c}}
		} else {
			r.Leave(l.number, l.ID, "an entity without a name")
			return
		}
	}
	if (nested || l.Target != nil && !s.target) && !s.wallet { // nothing but its name is ever told
		r.captions[l.ID] = e.Names[0].Full
		return
	}
	switch g := l.first("gender"); strings.ToLower(g) {
	case "male", "m":
		e.Gender = entity.Male
	case "female", "f":
		e.Gender = entity.Female
	case "", "other":
	default:
		r.Problem(l.number, l.ID, "gender", fmt.Sprintf("%q: neither male nor female", watchlist.Short(g)))
	}
	for _, d := range l.texts("birthDate") {
		if dates, ok := Dates(d); ok {
			e.Birth = append(e.Birth, dates)
		} else {
			r.Problem(l.number, l.ID, "birthDate", fmt.Sprintf("%q: no such date", watchlist.Short(d)))
		}
	}
	slices.SortStableFunc(e.Birth, func(a, b entity.Dates) int { return a.From.Compare(b.From) })
	e.BirthPlaces = l.texts("birthPlace")
	if len(e.BirthPlaces) == 0 {
		for _, c := range l.texts("birthCountry") {
			e.BirthPlaces = append(e.BirthPlaces, country(c))
		}
	}
	for _, p := range []string{"nationality", "citizenship"} {
		for _, c := range l.texts(p) {
			e.Nationalities = appendNew(e.Nationalities, country(c))
		}
	}
	for _, n := range numbers {
		for _, v := range l.texts(n.property) {
			e.Identifiers = appendNew(e.Identifiers, entity.Identifier{Type: n.kind, Number: v, Country: n.country})
		}
	}
	s.address = l.texts("addressEntity")
	for _, a := range l.texts("address") {
		e.Places = appendNew(e.Places, entity.Place{Street: a})
	}
	for _, p := range []string{"jurisdiction", "country", "flag"} {
		for _, c := range l.texts(p) {
			e.Places = appendNew(e.Places, entity.Place{Country: country(c)})
		}
	}
	e.Positions = l.texts("position")
	for _, p := range []string{"email", "phone", "website"} {
		e.Contacts = append(e.Contacts, l.texts(p)...)
	}
	e.Programmes = append(l.texts("program"), l.texts("programId")...)
	if d, ok := day(l.LastChange); ok {
		e.Amended = d
	}
	for _, p := range []struct{ property, label string }{
		{"topics", "Topics"}, {"deathDate", "Died"}, {"legalForm", "Legal form"}, {"status", "Status"},
		{"description", ""}, {"summary", ""}, {"notes", ""}, {"sourceUrl", "Source"},
	} {
		v := l.texts(p.property)
		switch {
		case len(v) == 0:
		case p.label == "":
			s.remarks = append(s.remarks, v...)
		default:
			s.remarks = append(s.remarks, p.label+": "+strings.Join(v, ", "))
		}
	}
	s.parents = l.texts("parent")
	for _, p := range slices.Sorted(maps.Keys(l.Properties)) {
		if n := len(l.Properties[p]); n > maxValues {
			r.Problem(l.number, l.ID, p, fmt.Sprintf("%d values: those after the first %d are left out", n, maxValues))
		}
		for _, v := range l.Properties[p] {
			if len(v.text) > maxValue {
				r.Problem(l.number, l.ID, p, fmt.Sprintf("a value of %d bytes: left out", len(v.text)))
			}
		}
	}
	for _, old := range l.Referents {
		if old != l.ID {
			r.referent[old] = l.ID
		}
	}
	if was != nil { // nested before
		*was = *s
		return
	}
	r.entries = append(r.entries, s)
	r.byID[l.ID] = s
}

// nameList is every name of the line, the primary one first.
func nameList(l *line) []entity.Name {
	parts := func(property string) []string {
		p := l.texts(property)
		return p[:min(len(p), maxParts)]
	}
	given, family := parts("firstName"), parts("lastName")
	second, father := parts("secondName"), append(parts("fatherName"), parts("middleName")...)
	var out []entity.Name
	add := func(full string, kind entity.NameKind, weak bool) {
		full = strings.Join(strings.Fields(full), " ")
		if full == "" || slices.ContainsFunc(out, func(n entity.Name) bool { return n.Full == full }) {
			return
		}
		n := entity.Name{Full: full, Kind: kind, Weak: weak}
		n.Given, n.Family = within(full, given), within(full, family)
		if n.Patronymic = within(full, father); n.Patronymic == "" {
			n.Patronymic = within(full, second)
		}
		if n.Given == n.Family { // one word for both parts says nothing of either
			n.Given, n.Family = "", ""
		}
		out = append(out, n)
	}
	written := l.texts("name")
	primary := strings.TrimSpace(l.Caption)
	if !slices.Contains(written, primary) {
		primary = ""
		if i := slices.IndexFunc(written, isLatin); i >= 0 {
			primary = written[i]
		} else if len(written) > 0 {
			primary = written[0]
		}
	}
	add(primary, entity.Primary, false)
	for _, n := range written {
		if isLatin(primary) && !isLatin(n) {
			add(n, entity.Original, false)
		} else {
			add(n, entity.Alias, false)
		}
	}
	if len(out) == 0 && (len(given) > 0 || len(family) > 0) {
		add(strings.Join(slices.Concat(head(given), head(second), head(father), head(family)), " "), entity.Primary, false)
	}
	for _, n := range l.texts("alias") {
		add(n, entity.Alias, false)
	}
	for _, n := range l.texts("previousName") {
		add(n, entity.Former, false)
	}
	for _, n := range append(l.texts("weakAlias"), l.texts("abbreviation")...) {
		add(n, entity.Alias, true)
	}
	if len(out) > 0 {
		out[0].Kind = entity.Primary
	}
	return out
}

func head(s []string) []string { return s[:min(len(s), 1)] }

// within is the first of the parts whose words stand side by side in the name, the longest
// first, or "".
func within(full string, parts []string) string {
	best := ""
	padded := " " + strings.ToLower(full) + " "
	for _, p := range parts {
		p = strings.Join(strings.Fields(p), " ")
		if len(p) > len(best) && strings.Contains(padded, " "+strings.ToLower(p)+" ") {
			best = p
		}
	}
	return best
}

// isLatin reports whether the first letter is one of the Latin script.
func isLatin(s string) bool {
	for _, c := range s {
		if unicode.IsLetter(c) {
			return unicode.Is(unicode.Latin, c)
		}
	}
	return false
}

// isDate is what the schema's dates look like: 1970, 1970-05 or 1970-05-06, with an hour or
// none.
var isDate = regexp.MustCompile(`^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ].*)?)?)?$`)

// Dates reads a date as the form writes it, 1970, 1970-05 or 1970-05-06 with an hour or none,
// as exact as it is written. It reports false for what is none.
func Dates(written string) (entity.Dates, bool) {
	m := isDate.FindStringSubmatch(written)
	if m == nil {
		return entity.Dates{}, false
	}
	year, _ := strconv.Atoi(m[1])
	month, _ := strconv.Atoi(m[2])
	of, _ := strconv.Atoi(m[3])
	switch {
	case year < 1:
		return entity.Dates{}, false
	case m[2] == "":
		return entity.Year(year), true
	case m[3] == "":
		first, err := entity.NewDay(year, time.Month(month), 1)
		if err != nil {
			return entity.Dates{}, false
		}
		return entity.Dates{From: first, To: entity.DayOf(first.Time().AddDate(0, 1, -1))}, true
	}
	d, err := entity.NewDay(year, time.Month(month), of)
	return entity.Exact(d), err == nil
}

// day is a date of which the day is known.
func day(written string) (entity.Day, bool) {
	d, ok := Dates(written)
	return d.From, ok && d.IsExact()
}

// Number says what sort of number a property of the form holds ("innCode": "tax id"), and the
// country that issues it where there is only one.
func Number(property string) (kind, country string, ok bool) {
	for _, n := range numbers {
		if n.property == property {
			return n.kind, n.country, true
		}
	}
	return "", "", false
}

// country is the ISO 3166-1 alpha-2 code, or the code or text as written where package entity
// knows none: the form has codes of its own for states that are gone and areas.
func country(written string) string {
	if c, ok := entity.CountryCode(written); ok {
		return c
	}
	return written
}

func appendNew[T comparable](to []T, x T) []T {
	if slices.Contains(to, x) {
		return to
	}
	return append(to, x)
}
