package senzing

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/ftm"
)

// A feature is one object of attributes: a name, an address, a number.
type feature map[string]string

// attributes are those that are read, the longer of two that end alike first.
var attributes = []string{
	"NAME_TYPE", "NAME_FULL", "NAME_ORG", "NAME_FIRST", "NAME_MIDDLE", "NAME_LAST", "NAME_SUFFIX",
	"DATE_OF_BIRTH", "DATE_OF_DEATH", "PLACE_OF_BIRTH", "GENDER", "NATIONALITY", "CITIZENSHIP",
	"COUNTRY_OF_ASSOCIATION", "COUNTRY_OF_INCORPORATION", "REGISTRATION_COUNTRY",
	"ADDR_FULL", "ADDR_LINE1", "ADDR_LINE2", "ADDR_LINE3", "ADDR_CITY", "ADDR_STATE", "ADDR_POSTAL_CODE", "ADDR_COUNTRY",
	"PASSPORT_NUMBER", "PASSPORT_COUNTRY", "NATIONAL_ID_NUMBER", "NATIONAL_ID_TYPE", "NATIONAL_ID_COUNTRY",
	"TAX_ID_NUMBER", "TAX_ID_TYPE", "TAX_ID_COUNTRY", "OTHER_ID_NUMBER", "OTHER_ID_TYPE", "OTHER_ID_COUNTRY",
	"DRIVERS_LICENSE_NUMBER", "DRIVERS_LICENSE_STATE", "SSN_NUMBER", "LEI_NUMBER", "DUNS_NUMBER", "NPI_NUMBER", "IMO_NUMBER", "MMSI_NUMBER", "CALL_SIGN",
	"EMAIL_ADDRESS", "WEBSITE_ADDRESS", "PHONE_NUMBER", "EMPLOYER",
	"REL_ANCHOR_DOMAIN", "REL_ANCHOR_KEY", "REL_POINTER_DOMAIN", "REL_POINTER_KEY", "REL_POINTER_ROLE",
	"TOPIC", "RISK", "CRYPTO_ADDRESS", "CRYPTO_CURRENCY", "PUBLIC_KEY", "CURRENCY",
}

// isRead reports whether an attribute is read, whatever stands before it.
func isRead(name string) bool {
	name = strings.ToUpper(name)
	return slices.Contains([]string{"DATA_SOURCE", "RECORD_ID", "RECORD_TYPE", "LAST_CHANGE", "URL"}, name) ||
		slices.ContainsFunc(attributes, func(a string) bool {
			before, ok := strings.CutSuffix(name, a)
			return ok && (before == "" || strings.HasSuffix(before, "_"))
		})
}

// A usage is what stands before attributes in a flat record: the HOME of HOME_ADDR_CITY.
type usage struct {
	name    string
	feature feature
}

// usages parts the attributes by what stands before them, those with nothing first.
func (f feature) usages() []usage {
	by := map[string]feature{}
	for _, written := range slices.Sorted(maps.Keys(f)) { // in one order, for one edition
		k, v := strings.ToUpper(written), f[written]
		for _, a := range attributes {
			before, ok := strings.CutSuffix(k, a)
			if !ok || before != "" && !strings.HasSuffix(before, "_") {
				continue
			}
			if before = strings.TrimSuffix(before, "_"); by[before] == nil {
				by[before] = feature{}
			}
			by[before][a] = v
			break
		}
	}
	out := make([]usage, 0, len(by))
	for name, f := range by {
		out = append(out, usage{name, f})
	}
	slices.SortFunc(out, func(a, b usage) int { return strings.Compare(a.name, b.name) })
	return out
}

// ids are the attributes that hold somebody's number.
var ids = []struct{ number, kind, named, country string }{
	{"PASSPORT_NUMBER", "passport", "", "PASSPORT_COUNTRY"},
	{"NATIONAL_ID_NUMBER", "national id", "NATIONAL_ID_TYPE", "NATIONAL_ID_COUNTRY"},
	{"TAX_ID_NUMBER", "tax id", "TAX_ID_TYPE", "TAX_ID_COUNTRY"},
	{"OTHER_ID_NUMBER", "document", "OTHER_ID_TYPE", "OTHER_ID_COUNTRY"},
	{"DRIVERS_LICENSE_NUMBER", "driving licence", "", "DRIVERS_LICENSE_STATE"},
	{"SSN_NUMBER", "social security", "", ""},
	{"LEI_NUMBER", "legal entity identifier", "", ""},
	{"DUNS_NUMBER", "d-u-n-s", "", ""},
	{"NPI_NUMBER", "npi", "", ""},
	{"IMO_NUMBER", "imo", "", ""},
	{"MMSI_NUMBER", "mmsi", "", ""},
	{"CALL_SIGN", "call sign", "", ""},
}

// feature reads one object, or those of a flat record's attributes that have one usage.
func (r *reader) feature(s *record, usage string, f feature) {
	e := &s.entity
	if n, ok := f.name(usage); ok && !slices.ContainsFunc(e.Names, func(x entity.Name) bool { return x.Full == n.Full }) {
		e.Names = append(e.Names, n)
	}
	if d := f["DATE_OF_BIRTH"]; d != "" {
		if dates, ok := ftm.Dates(d); ok {
			e.Birth = appendNew(e.Birth, dates)
		} else {
			r.Problem(s.line, e.ID, "DATE_OF_BIRTH", fmt.Sprintf("%q: no such date", watchlist.Short(d)))
		}
	}
	if d := f["DATE_OF_DEATH"]; d != "" {
		s.remarks = appendNew(s.remarks, "Died: "+d)
	}
	if p := f["PLACE_OF_BIRTH"]; p != "" {
		e.BirthPlaces = appendNew(e.BirthPlaces, p)
	}
	switch g := strings.ToUpper(f["GENDER"]); g {
	case "M", "MALE":
		e.Gender = entity.Male
	case "F", "FEMALE":
		e.Gender = entity.Female
	case "":
	default:
		r.Problem(s.line, e.ID, "GENDER", fmt.Sprintf("%q: neither male nor female", watchlist.Short(g)))
	}
	for _, k := range []string{"NATIONALITY", "CITIZENSHIP"} {
		if c := f[k]; c != "" {
			e.Nationalities = appendNew(e.Nationalities, country(c))
		}
	}
	for _, k := range []string{"COUNTRY_OF_ASSOCIATION", "COUNTRY_OF_INCORPORATION", "REGISTRATION_COUNTRY"} {
		if c := f[k]; c != "" {
			e.Places = appendNew(e.Places, entity.Place{Country: country(c)})
		}
	}
	if p := f.place(); p != (entity.Place{}) {
		e.Places = appendNew(e.Places, p)
	}
	for _, id := range ids {
		number := f[id.number]
		if number == "" || id.number == "OTHER_ID_NUMBER" && number == e.ID { // its own id, said again
			continue
		}
		i := entity.Identifier{Type: id.kind, Number: number, Country: country(f[id.country])}
		if named := f[id.named]; named != "" {
			if kind, of, ok := ftm.Number(named); ok {
				i.Type = kind
				if i.Country == "" {
					i.Country = of
				}
			} else {
				i.Type = strings.ToLower(named)
			}
		}
		e.Identifiers = appendNew(e.Identifiers, i)
	}
	for _, k := range []string{"EMAIL_ADDRESS", "PHONE_NUMBER", "WEBSITE_ADDRESS"} {
		if c := f[k]; c != "" {
			e.Contacts = appendNew(e.Contacts, c)
		}
	}
	if b := f["EMPLOYER"]; b != "" {
		e.Relations = appendNew(e.Relations, entity.Relation{Type: "employed by", Name: b})
	}
	for _, w := range []struct{ key, currency string }{{"CRYPTO_ADDRESS", "CRYPTO_CURRENCY"}, {"PUBLIC_KEY", "CURRENCY"}} {
		if a := f[w.key]; a != "" {
			e.Wallets = appendNew(e.Wallets, entity.Wallet{Ticker: strings.ToUpper(f[w.currency]), Address: a})
		}
	}
	for _, k := range []string{"TOPIC", "RISK"} {
		if t := f[k]; t != "" {
			s.risk = true
			s.remarks = appendNew(s.remarks, "Topic: "+t)
		}
	}
	if k := f["REL_ANCHOR_KEY"]; k != "" {
		r.byAnchor[anchor{f["REL_ANCHOR_DOMAIN"], k}] = s
	}
	if k := f["REL_POINTER_KEY"]; k != "" {
		role := strings.ToLower(strings.ReplaceAll(f["REL_POINTER_ROLE"], "_", " "))
		if len(role) > 200 {
			role = ""
		}
		s.points = append(s.points, pointer{anchor{f["REL_POINTER_DOMAIN"], k}, role})
	}
}

// name reads the name there is in the attributes.
func (f feature) name(usage string) (entity.Name, bool) {
	n := entity.Name{Given: f["NAME_FIRST"], Family: f["NAME_LAST"]}
	for _, k := range []string{"NAME_FULL", "NAME_ORG"} {
		if n.Full == "" {
			n.Full = f[k]
		}
	}
	if n.Full == "" {
		var parts []string
		for _, k := range []string{"NAME_FIRST", "NAME_MIDDLE", "NAME_LAST", "NAME_SUFFIX"} {
			if p := f[k]; p != "" {
				parts = append(parts, p)
			}
		}
		n.Full = strings.Join(parts, " ")
	}
	n.Full = strings.Join(strings.Fields(n.Full), " ")
	kind := strings.ToUpper(f["NAME_TYPE"])
	if kind == "" {
		kind = usage
	}
	switch kind {
	case "ALIAS", "AKA", "A.K.A.", "OTHER", "DBA", "NICKNAME":
		n.Kind = entity.Alias
	case "WEAK", "WEAK_ALIAS", "WEAK AKA", "LOW":
		n.Kind, n.Weak = entity.Alias, true
	case "FORMER", "PREVIOUS", "FKA", "MAIDEN":
		n.Kind = entity.Former
	case "NATIVE", "ORIGINAL":
		n.Kind = entity.Original
	}
	return n, n.Full != ""
}

// ordered puts the primary name first; there is one.
func ordered(names []entity.Name) []entity.Name {
	if len(names) == 0 {
		return nil
	}
	first := slices.IndexFunc(names, func(n entity.Name) bool { return n.Kind == entity.Primary })
	if first < 0 {
		first = slices.IndexFunc(names, func(n entity.Name) bool { return !n.Weak })
	}
	first = max(first, 0)
	out := append([]entity.Name{names[first]}, slices.Delete(slices.Clone(names), first, first+1)...)
	out[0].Kind, out[0].Weak = entity.Primary, false
	latin := isLatin(out[0].Full)
	for i := range out[1:] {
		n := &out[i+1]
		if n.Kind == entity.Primary {
			n.Kind = entity.Alias
		}
		if n.Kind == entity.Alias && latin && !n.Weak && !isLatin(n.Full) {
			n.Kind = entity.Original
		}
	}
	return out
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

// place reads the street address there is in the attributes.
func (f feature) place() entity.Place {
	p := entity.Place{Town: f["ADDR_CITY"], Region: f["ADDR_STATE"], Postcode: f["ADDR_POSTAL_CODE"], Country: country(f["ADDR_COUNTRY"])}
	var lines []string
	for _, k := range []string{"ADDR_LINE1", "ADDR_LINE2", "ADDR_LINE3"} {
		if l := f[k]; l != "" {
			lines = append(lines, l)
		}
	}
	p.Street = strings.Join(lines, ", ")
	if p.Street == "" && p.Town == "" {
		p.Street = f["ADDR_FULL"]
	}
	return p
}

// country is the ISO 3166-1 alpha-2 code, or the text as written where package entity knows
// none.
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
