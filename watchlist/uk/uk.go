// Package uk reads the sanctions lists of the United Kingdom.
//
// The UK Sanctions List of the Foreign, Commonwealth & Development Office has been the one list
// since 28 January 2026. It makes the list "uk-sanctions", with the unique ids ("RUS0251"), from
// either of two forms:
//
//   - [XML]: the document Designations;
//   - [Table]: the rows of its CSV, and of the spreadsheet (.ods) with the same columns.
//
// The consolidated list of the Office of Financial Sanctions Implementation (OFSI, the "ConList"),
// closed on that day, makes the list "uk-conlist" from its CSV ([ConList]), with the group ids. It
// is history: an edition of it carries a doubt, so that none comes into force without a person's
// word.
//
// # Measures
//
// Not everybody on the UK Sanctions List has their assets frozen: a ship may be barred from ports
// and no more, a director disqualified. Entity.Measures says which measures the record states, in
// lower case ("asset freeze", "travel ban", "prohibition of port entry"). It is never empty: where
// a record states none, it says [NoMeasure], and Edition.Skipped tells of it. Where the words of
// SanctionsImposed and the indicators disagree, both are taken and that is told too.
//
// # What is known of the files
//
// TestRealConList reads a real ConList of 12 February 2016. The readers of the UK Sanctions List
// have met only the fixtures in this folder, written from what is published of its schema: compare
// a first real edition of one form with the other of the same day (`sallyport lists diff`) before
// relying on it.
//
// # How fields are read
//
// Name6 is a person's family name and Name1 to Name5 the others in order; the name of an entity
// or a ship stands in Name6 alone. "Primary Name Variation" is an alias. Aliases of low quality
// are weak. A day of which a part is "00", "dd" or "mm" is the span of what it leaves open.
// "(1) Tunisia (2) Libya" is two values, and so is "(1)-(2) Algeria".
//
// The ConList writes numbers of documents as prose: the number and the country of issue are taken
// from it where they can be, and the whole stands in the remarks. A document that is called false,
// stolen or misused is kept as doubtful.
package uk

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
)

// List and History are the names of the lists.
const (
	List    = "uk-sanctions"
	History = "uk-conlist"
)

// Publisher and HistoryPublisher are who publish them.
const (
	Publisher        = "Foreign, Commonwealth & Development Office"
	HistoryPublisher = "Office of Financial Sanctions Implementation, HM Treasury"
)

// NoMeasure stands among the measures of a record that states none. It frees nobody: what applies
// is for a person to find out.
const NoMeasure = draft.NoMeasure

// AssetFreeze is the measure that the law of freezing asks for.
const AssetFreeze = draft.AssetFreeze

// Formats are the formats this package reads.
func Formats() watchlist.Formats { return watchlist.Formats{XML(), Table(), ConList()} }

// A designation is a record in the terms of the XML, which the tables fill as well. All is as
// written.
type designation struct {
	Line       int    `xml:"line,attr"`
	Updated    text   `xml:"LastUpdated"`
	Designated text   `xml:"DateDesignated"`
	ID         string `xml:"UniqueID"`
	Group      string `xml:"OFSIGroupID"`
	UN         string `xml:"UNReferenceNumber"`
	Regime     string `xml:"RegimeName"`
	Kind       string `xml:"IndividualEntityShip"`
	Source     string `xml:"DesignationSource"`
	Imposed    text   `xml:"SanctionsImposed"`
	Indicators struct {
		All []indicator `xml:",any"`
	} `xml:"SanctionsImposedIndicators"`
	Other       string       `xml:"OtherInformation"`
	Reasons     string       `xml:"UKStatementofReasons"`
	Names       []name       `xml:"Names>Name"`
	Originals   []original   `xml:"NonLatinNames>NonLatinName"`
	Titles      []string     `xml:"Titles>Title"`
	Addresses   []address    `xml:"Addresses>Address"`
	Phones      []string     `xml:"PhoneNumbers>PhoneNumber"`
	Emails      []string     `xml:"EmailAddresses>EmailAddress"`
	Sites       []string     `xml:"Websites>Website"`
	Individuals []individual `xml:"IndividualDetails>Individual"`
	Bodies      []body       `xml:"EntityDetails>Entity"`
	Ships       []ship       `xml:"ShipDetails>Ship"`
}

type text struct {
	Line int    `xml:"line,attr"`
	Text string `xml:",chardata"`
}

type name struct {
	Line     int    `xml:"line,attr"`
	Name1    string `xml:"Name1"`
	Name2    string `xml:"Name2"`
	Name3    string `xml:"Name3"`
	Name4    string `xml:"Name4"`
	Name5    string `xml:"Name5"`
	Name6    string `xml:"Name6"`
	Type     string `xml:"NameType"`      // Primary Name, Primary Name Variation, Alias; AKA, FKA
	Strength string `xml:"AliasStrength"` // Good quality a.k.a, Low quality a.k.a
}

type original struct {
	Text     string `xml:"NameNonLatinScript"`
	Language string `xml:"NonLatinScriptLanguage"`
}

type address struct {
	Line     int    `xml:"line,attr"`
	Line1    string `xml:"AddressLine1"`
	Line2    string `xml:"AddressLine2"`
	Line3    string `xml:"AddressLine3"`
	Line4    string `xml:"AddressLine4"`
	Line5    string `xml:"AddressLine5"`
	Line6    string `xml:"AddressLine6"` // the town
	Postcode string `xml:"AddressPostalCode"`
	Country  string `xml:"AddressCountry"`
}

type individual struct {
	Line      int        `xml:"line,attr"`
	Births    []text     `xml:"DOBs>DOB"`
	BornAt    []location `xml:"BirthDetails>Location"`
	Nations   []text     `xml:"Nationalities>Nationality"`
	Genders   []text     `xml:"Genders>Gender"`
	Positions []string   `xml:"Positions>Position"`
	Passports []passport `xml:"PassportDetails>Passport"`
	Numbers   []national `xml:"NationalIdentifierDetails>NationalIdentifier"`
}

type passport struct {
	Line   int    `xml:"line,attr"`
	Number string `xml:"PassportNumber"`
	More   string `xml:"PassportAdditionalInformation"`
}

type national struct {
	Line   int    `xml:"line,attr"`
	Number string `xml:"NationalIdentifierNumber"`
	More   string `xml:"NationalIdentifierAdditionalInformation"`
}

type location struct {
	Town    string `xml:"TownOfBirth"`
	Country string `xml:"CountryOfBirth"`
}

type body struct {
	Line          int      `xml:"line,attr"`
	Types         []string `xml:"TypeOfEntities>TypeOfEntity"`
	Subsidiaries  []string `xml:"Subsidiaries>Subsidiary"`
	Parents       []string `xml:"ParentCompanies>ParentCompany"`
	Registrations []text   `xml:"BusinessRegistrationNumbers>BusinessRegistrationNumber"`
}

type ship struct {
	Line      int      `xml:"line,attr"`
	IMO       []text   `xml:"IMONumbers>IMONumber"`
	Owners    []string `xml:"CurrentOwnerOperators>CurrentOwnerOperator"`
	OldOwners []string `xml:"PreviousOwnerOperators>PreviousOwnerOperator"`
	Flags     []text   `xml:"CurrentBelievedFlagOfShips>CurrentBelievedFlagOfShip"`
	OldFlags  []string `xml:"PreviousFlags>PreviousFlag"`
	Types     []string `xml:"TypeOfShipDetails>TypeOfShip"`
	Tonnages  []string `xml:"TonnageOfShipDetails>TonnageOfShip"`
	Lengths   []string `xml:"LengthOfShipDetails>LengthOfShip"`
	Built     []string `xml:"YearsBuilt>YearBuilt"`
	Hulls     []text   `xml:"HullIdentificationNumbers>HullIdentificationNumber"`
}

// take adds the record to the edition.
func (x *designation) take(e *watchlist.Edition, file string) error {
	d, err := x.begin(e, file)
	if err != nil {
		return err
	}
	x.measures(d)
	d.Identifier(x.Line, "OFSIGroupID", entity.Identifier{Type: "ofsi group id", Number: x.Group})
	x.rest(d)
	return d.Take()
}

// begin reads the id, the kind and the names.
func (x *designation) begin(e *watchlist.Edition, file string) (*draft.Draft, error) {
	id := strings.TrimSpace(x.ID)
	if !isID.MatchString(id) {
		return nil, fmt.Errorf("id %q: want one such as RUS0251", watchlist.Short(id))
	}
	d := draft.New(e, file, id, entity.UnknownKind)
	switch strings.ToLower(strings.TrimSpace(x.Kind)) {
	case "individual":
		d.Kind = entity.Person
	case "entity":
		d.Kind = entity.Organisation
	case "ship":
		d.Kind = entity.Vessel
	default:
		d.Note(x.Line, "type", "%q: want Individual, Entity or Ship", watchlist.Short(x.Kind))
	}
	for _, n := range x.Names {
		n.take(d)
	}
	for _, o := range x.Originals {
		d.Name(entity.Name{Full: o.Text, Kind: entity.Original, Language: draft.Language(o.Language)})
	}
	return d, nil
}

// An id has no blanks in it; that it is of letters and digits is the publisher's habit, not a promise.
var isID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9./_-]{0,39}$`)

func (n name) take(d *draft.Draft) {
	given := strings.Join([]string{n.Name1, n.Name2, n.Name3, n.Name4, n.Name5}, " ")
	to := draft.Person("", given, n.Name6)
	if d.Kind != entity.Person {
		to = entity.Name{Full: to.Full}
	}
	switch t := strings.ToLower(draft.Squeeze(n.Type)); t {
	case "primary name", "prime alias":
		to.Kind = entity.Primary
	case "primary name variation", "alias", "aka", "a.k.a.":
		to.Kind = entity.Alias
	case "fka", "f.k.a.":
		to.Kind = entity.Former
	default:
		to.Kind = entity.Alias
		d.Note(n.Line, "name type", "%q of %q: want Primary Name, Primary Name Variation or Alias; taken for an alias", watchlist.Short(n.Type), watchlist.Short(to.Full))
	}
	switch s := strings.ToLower(draft.Squeeze(n.Strength)); {
	case strings.HasPrefix(s, "low"), strings.HasPrefix(s, "weak"):
		to.Weak = to.Kind != entity.Primary
	case s == "", strings.HasPrefix(s, "good"), strings.HasPrefix(s, "strong"):
	default:
		d.Note(n.Line, "alias strength", "%q: want Good quality or Low quality; taken for good", watchlist.Short(n.Strength))
	}
	if !d.Name(draft.Script(to)) {
		d.Note(n.Line, "name", "no name in it")
	}
}

// measures reads which measures apply, from the words and from the indicators.
func (x *designation) measures(d *draft.Draft) {
	for _, said := range strings.Split(x.Imposed.Text, "|") {
		// "Shipping sanctions: (see 'Other information')"
		said, _, _ = strings.Cut(said, ":")
		d.Measure(said)
	}
	frozen := len(d.Measures) > 0 && contains(d.Measures, AssetFreeze)
	worded := len(d.Measures) > 0
	for _, i := range x.Indicators.All {
		switch strings.ToLower(strings.TrimSpace(i.Value)) {
		case "true":
			d.Measure(spaced(i.XMLName.Local))
		case "false", "":
		default:
			d.Note(i.Line, i.XMLName.Local, "%q: want true or false", watchlist.Short(i.Value))
		}
	}
	if worded && len(x.Indicators.All) > 0 && frozen != x.indicated("AssetFreeze") {
		d.Note(x.Imposed.Line, "SanctionsImposed", "%q: the indicator AssetFreeze says otherwise; both are taken", watchlist.Short(x.Imposed.Text))
	}
	if len(d.Measures) == 0 {
		d.Measure(NoMeasure)
		d.Note(x.Line, "SanctionsImposed", "no measure is stated")
	}
}

func (x *designation) indicated(name string) bool {
	for _, i := range x.Indicators.All {
		if i.XMLName.Local == name && strings.EqualFold(strings.TrimSpace(i.Value), "true") {
			return true
		}
	}
	return false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// spaced makes words of "PreventionOfCharteringOfShips".
func spaced(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// rest reads what all forms have beside names and measures.
func (x *designation) rest(d *draft.Draft) {
	for _, t := range x.Titles {
		d.Position(t)
	}
	for _, p := range x.Individuals {
		p.take(d)
	}
	for _, b := range x.Bodies {
		b.take(d)
	}
	for _, s := range x.Ships {
		s.take(d)
	}
	for _, a := range x.Addresses {
		a.take(d)
	}
	for _, list := range [][]string{x.Phones, x.Emails, x.Sites} {
		for _, c := range list {
			d.Contact(c)
		}
	}
	d.Identifier(x.Line, "UNReferenceNumber", entity.Identifier{Type: "un reference", Number: x.UN})
	d.Programme(x.Regime)
	d.Basis(x.Regime)
	for _, f := range []struct {
		to    *entity.Day
		text  text
		field string
	}{{&d.Listed, x.Designated, "DateDesignated"}, {&d.Amended, x.Updated, "LastUpdated"}} {
		if strings.TrimSpace(f.text.Text) == "" {
			continue
		}
		on, err := draft.SlashedDay(f.text.Text)
		if err != nil {
			d.Note(f.text.Line, f.field, "%v", err)
			continue
		}
		*f.to = on
	}
	d.Remark("designated by: ", x.Source)
	d.Remark("", x.Other)
	d.Remark("reasons: ", x.Reasons)
}

func (p individual) take(d *draft.Draft) {
	for _, b := range p.Births {
		for _, s := range numbered(b.Text) {
			if s == "" {
				continue
			}
			dates, err := draft.Slashed(s)
			if err != nil {
				d.Note(b.Line, "DOB", "%v", err)
				continue
			}
			d.Born(dates)
		}
	}
	for _, l := range p.BornAt {
		l.take(d)
	}
	for _, n := range p.Nations {
		for _, s := range numbered(n.Text) {
			d.Nationality(n.Line, "Nationality", s)
		}
	}
	for _, g := range p.Genders {
		d.Gender(g.Line, "Gender", g.Text)
	}
	for _, s := range p.Positions {
		d.Position(s)
	}
	for _, n := range p.Passports {
		document(d, n.Line, "passport", n.Number, n.More)
	}
	for _, n := range p.Numbers {
		document(d, n.Line, "national id", n.Number, n.More)
	}
}

// take pairs "(1) Haidra (2)-(3) -" with "(1) Tunisia (2) Lebanon (3) Algeria".
func (l location) take(d *draft.Draft) {
	towns, countries := numbered(l.Town), numbered(l.Country)
	for i := range max(len(towns), len(countries)) {
		at := func(list []string) string {
			switch {
			case len(list) == 1: // one for all
				return list[0]
			case i < len(list):
				return list[i]
			}
			return ""
		}
		d.BornAt(entity.Place{Town: at(towns), Country: at(countries)}.String())
	}
}

// maxNumbered bounds what "(1)-(99)" stands for.
const maxNumbered = 50

var (
	ordinals = regexp.MustCompile(`\((\d{1,2}|[a-z])\)(?:\s*(-|to)?\s*\((\d{1,2}|[a-z])\))*`)
	ordinal  = regexp.MustCompile(`\((\d{1,2}|[a-z])\)`)
)

// numbered parts "(1) Tunis (2) Sfax", "(1)-(3) Tunisia (4) Libya" and "(1) (2) Egypt". The values
// stand at their numbers; "-" is none. A text that is not of this form is one value.
func numbered(s string) []string {
	s = draft.Squeeze(s)
	at := ordinals.FindAllStringIndex(s, -1)
	if len(at) == 0 || at[0][0] != 0 {
		if s == "" || s == "-" {
			return nil
		}
		return []string{s}
	}
	var out []string
	for i, m := range at {
		end := len(s)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		value := strings.Trim(s[m[1]:end], " ,;")
		if value == "-" {
			value = ""
		}
		marks := ordinal.FindAllStringSubmatch(s[m[0]:m[1]], -1)
		isRange := strings.Contains(s[m[0]:m[1]], "-") || strings.Contains(s[m[0]:m[1]], "to")
		var places []int
		for _, k := range marks {
			places = append(places, place(k[1]))
		}
		if isRange && len(places) == 2 {
			for n := places[0] + 1; n < places[1]; n++ {
				places = append(places, n)
			}
		}
		for _, n := range places {
			if n < 1 || n > maxNumbered {
				continue
			}
			for len(out) < n {
				out = append(out, "")
			}
			out[n-1] = value
		}
	}
	return out
}

// place is the number of "3" or "c".
func place(s string) int {
	if s[0] >= 'a' {
		return int(s[0]-'a') + 1
	}
	n := 0
	for _, r := range s {
		n = n*10 + int(r-'0')
	}
	return n
}

var (
	// "A-333602", "D 000952", "92/664", "5420250161699", "4-6032-0048-1"
	aNumber = regexp.MustCompile(`\b[A-Z]{0,6}[- ]?[0-9][0-9A-Z]*(?:[-/.][0-9A-Z]+)*`)
	// "70 1234567"
	plainNumber = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 ./-]*$`)
	// What follows a number has numbers of its own.
	afterNumber = regexp.MustCompile(`(?i)\b(?:issued|expire[sd]?|expiry|valid|under name|dob)\b`)
	// "(Saudi Arabian)", "(False Indonesian)"
	bracketed = regexp.MustCompile(`\(([^()]*)\)`)
	// "Yemeni passport number 17979"
	before = regexp.MustCompile(`^((?:[A-Z][a-z]+ ){1,2})(?i:passport|national|identity|id|ni|ration|civil|alien)`)
	// "false", "misused", "stolen" in what is said of a document
	falsely = regexp.MustCompile(`(?i)\b(?:false|falsified|forged|fake|fraudulent|misuse|misused|stolen)\b`)
)

// document reads a number and what is said of it. One field may hold several, numbered.
func document(d *draft.Draft, line int, called, number, more string) {
	parts := numbered(number)
	for _, written := range parts {
		i := entity.Identifier{Type: called, Number: written, Doubtful: falsely.MatchString(written + " " + more)}
		if len(parts) == 1 {
			if code, known := draft.Country(more); known {
				i.Country = code
			}
		}
		if !plainNumber.MatchString(written) { // prose
			m := written
			if at := afterNumber.FindStringIndex(m); at != nil {
				m = m[:at[0]]
			}
			if m = strings.TrimSpace(aNumber.FindString(m)); len(m) < 4 { // "Egypt, issued 1993"
				d.Note(line, called, "number %q: no number in it", watchlist.Short(written))
				d.Remark(called+": ", written)
				continue
			}
			i.Number = m
			if code := issuer(written); code != "" {
				i.Country = code
			}
			if strings.TrimSpace(written) != i.Number {
				d.Remark(called+": ", written)
			}
		}
		d.Identifier(line, called, i)
	}
	if draft.Squeeze(more) != "" {
		d.Remark(called+" "+draft.Squeeze(number)+": ", more)
	}
}

// issuer is the country that the words around a number name: "(Afghan)", "Yemeni passport number".
func issuer(s string) string {
	for _, m := range bracketed.FindAllStringSubmatch(s, -1) {
		words := draft.Squeeze(falsely.ReplaceAllString(strings.TrimSuffix(m[1], " Diplomatic"), ""))
		if code, known := draft.Country(words); known && code != "" {
			return code
		}
	}
	if m := before.FindStringSubmatch(s); m != nil {
		if code, known := draft.Country(m[1]); known {
			return code
		}
	}
	return ""
}

func (b body) take(d *draft.Draft) {
	for _, t := range b.Types {
		d.Remark("type of entity: ", t)
	}
	for _, s := range b.Subsidiaries {
		d.Relation(entity.Relation{Type: "parent of", Name: s})
	}
	for _, p := range b.Parents {
		d.Relation(entity.Relation{Type: "subsidiary of", Name: p})
	}
	for _, r := range b.Registrations {
		for _, s := range strings.FieldsFunc(r.Text, func(r rune) bool { return r == ';' || r == '\n' }) {
			registration(d, r.Line, s)
		}
	}
}

// "OGRN: 1027700000000", "Tax ID No. 7700000000 (Russia)", "1027700000000"
var labelled = regexp.MustCompile(`^(\D*?)[:.\s]*([A-Z]{0,4}[- ]?\d[0-9A-Z]*(?:[-/.][0-9A-Z]+)*)\s*(.*)$`)

func registration(d *draft.Draft, line int, s string) {
	s = draft.Squeeze(s)
	m := labelled.FindStringSubmatch(s)
	if m == nil {
		d.Remark("registration: ", s)
		return
	}
	i := entity.Identifier{Type: "registration", Number: strings.TrimSpace(m[2]), Country: issuer(m[3])}
	if label := strings.ToLower(m[1]); strings.Contains(label, "tax") || strings.Contains(label, "inn") {
		i.Type = "tax id"
	}
	d.Identifier(line, "business registration number", i)
	if i.Number != s {
		d.Remark("registration: ", s)
	}
}

func (s ship) take(d *draft.Draft) {
	for _, n := range s.IMO {
		d.IMO(n.Line, n.Text)
	}
	for _, n := range s.Hulls {
		d.Identifier(n.Line, "hull identification number", entity.Identifier{Type: "hull identification number", Number: n.Text})
	}
	for _, f := range s.Flags {
		d.Nationality(f.Line, "flag", f.Text)
	}
	for _, o := range s.Owners {
		d.Relation(entity.Relation{Type: "owned or operated by", Name: o})
	}
	for _, o := range s.OldOwners {
		d.Relation(entity.Relation{Type: "formerly owned or operated by", Name: o})
	}
	for _, f := range []struct {
		label string
		said  []string
	}{{"previous flag: ", s.OldFlags}, {"type of ship: ", s.Types}, {"tonnage: ", s.Tonnages}, {"length: ", s.Lengths}, {"built: ", s.Built}} {
		for _, t := range f.said {
			d.Remark(f.label, t)
		}
	}
}

func (a address) take(d *draft.Draft) {
	var street []string
	for _, l := range []string{a.Line1, a.Line2, a.Line3, a.Line4, a.Line5} {
		if l = draft.Squeeze(l); l != "" {
			street = append(street, l)
		}
	}
	country := draft.Squeeze(a.Country)
	if code, known := draft.Country(country); known {
		country = code
	} else if at := strings.Index(country, " ("); at > 0 {
		// "Italy (Domicile, last known address)"
		if _, known := draft.Country(country[:at]); known {
			d.Remark("address: ", country)
			country = country[:at]
		}
	}
	d.Place(a.Line, entity.Place{Street: strings.Join(street, ", "), Town: a.Line6, Postcode: a.Postcode, Country: country})
}
