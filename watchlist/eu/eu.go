// Package eu reads the European Union's consolidated list of persons, groups and entities subject
// to financial sanctions, as the Commission publishes it from its Financial Sanctions Files (FSF).
//
// Three of its forms are read, each a [watchlist.Format], and all make the list "eu-fsf":
//
//   - [XML]: xmlFullSanctionsList_1_1, of the namespace http://eu.europa.ec/fpi/fsd/export;
//   - [CSV]: csvFullSanctionsList_1_1, one row a fact, parted by semicolons;
//   - [Whole]: the WHOLE document that the Commission published up to 2018, for history.
//
// The id is the logical id, which all three share: entity 1 of the WHOLE document of 2016 is
// logicalId 1 of today's. The EU reference number ("EU.27.28") and the United Nations' stand among
// the identifiers. Every entry of the list has its funds frozen, so Measures stays empty; what
// else an act forbids is no matter of this file. The package says what is written there and
// nothing of what follows from it.
//
// # What is known of the files
//
// TestRealWhole reads a real WHOLE document, of 11 February 2016, with 595 entities. The readers of
// the forms 1.1 have met only the fixtures in this folder, written from the published schema:
// compare a first real edition of one with the other of the same day (`sallyport lists diff`)
// before relying on it.
//
// # How fields are read
//
// The first name is the primary one, since the list marks none. A name with strong="false" is
// weak. The list gives names in the languages of its members and in the bearer's own script;
// those in another script than the Latin are of kind [entity.Original]. The form in CSV has no
// column for strength in the schema: where it has none, all its names count as strong.
//
// A date of another calendar than the Gregorian is not converted, and is told in Edition.Skipped
// unless the file gives the Gregorian date beside it. A document that is known to be false, or was
// reported lost or stolen, is kept as doubtful; one that has expired or was revoked is the listed
// person's own. Country "00" is none.
package eu

import (
	"fmt"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
)

// List is the name of the list that all forms make.
const List = "eu-fsf"

// Publisher is who publishes it.
const Publisher = "European Commission, Financial Sanctions Files"

// Formats are the formats this package reads.
func Formats() watchlist.Formats { return watchlist.Formats{XML(), CSV(), Whole()} }

// A subject is an entry in the terms of the form 1.1, which the other readers fill as well. All
// is as written.
type subject struct {
	Line        int              `xml:"line,attr"`
	ID          string           `xml:"logicalId,attr"`
	EU          string           `xml:"euReferenceNumber,attr"`
	UN          string           `xml:"unitedNationId,attr"`
	Designated  string           `xml:"designationDate,attr"`
	Details     string           `xml:"designationDetails,attr"`
	Type        kind             `xml:"subjectType"`
	Remarks     []string         `xml:"remark"`
	Regulations []regulation     `xml:"regulation"`
	Names       []alias          `xml:"nameAlias"`
	Births      []birth          `xml:"birthdate"`
	Citizens    []citizenship    `xml:"citizenship"`
	Addresses   []address        `xml:"address"`
	Documents   []identification `xml:"identification"`
}

type kind struct {
	Code           string `xml:"code,attr"`               // person, enterprise
	Classification string `xml:"classificationCode,attr"` // P, E
}

type regulation struct {
	Line      int    `xml:"line,attr"`
	Published string `xml:"publicationDate,attr"`
	InForce   string `xml:"entryIntoForceDate,attr"`
	Number    string `xml:"numberTitle,attr"`
	Programme string `xml:"programme,attr"`
}

type alias struct {
	Line     int      `xml:"line,attr"`
	First    string   `xml:"firstName,attr"`
	Middle   string   `xml:"middleName,attr"`
	Last     string   `xml:"lastName,attr"`
	Whole    string   `xml:"wholeName,attr"`
	Language string   `xml:"nameLanguage,attr"`
	Strong   string   `xml:"strong,attr"` // true, false
	Gender   string   `xml:"gender,attr"`
	Title    string   `xml:"title,attr"`
	Function string   `xml:"function,attr"`
	Remarks  []string `xml:"remark"`
}

// A place is what births, addresses and others share. Country is ISO 3166-1 alpha-2 or "00".
type place struct {
	City        string `xml:"city,attr"`
	Region      string `xml:"region,attr"`
	Place       string `xml:"place,attr"`
	Zip         string `xml:"zipCode,attr"`
	Country     string `xml:"countryIso2Code,attr"`
	CountryName string `xml:"countryDescription,attr"`
}

type birth struct {
	Line     int    `xml:"line,attr"`
	Circa    string `xml:"circa,attr"`
	Calendar string `xml:"calendarType,attr"` // GREGORIAN, HIJRI, …
	Date     string `xml:"birthdate,attr"`
	Day      string `xml:"dayOfMonth,attr"`
	Month    string `xml:"monthOfYear,attr"`
	Year     string `xml:"year,attr"`
	From     string `xml:"yearRangeFrom,attr"`
	To       string `xml:"yearRangeTo,attr"`
	place
	Remarks []string `xml:"remark"`
}

type citizenship struct {
	Line int `xml:"line,attr"`
	place
	Remarks []string `xml:"remark"`
}

type address struct {
	Line   int    `xml:"line,attr"`
	Street string `xml:"street,attr"`
	PoBox  string `xml:"poBox,attr"`
	place
	Contacts []contact `xml:"contactInfo"`
	Remarks  []string  `xml:"remark"`
}

// A contact is a telephone number, an e-mail address or the like; its key says which.
type contact struct {
	Key   string `xml:"key,attr"`
	Value string `xml:"value,attr"`
}

type identification struct {
	Line        int    `xml:"line,attr"`
	Number      string `xml:"number,attr"`
	Latin       string `xml:"latinNumber,attr"`
	Code        string `xml:"identificationTypeCode,attr"`
	Description string `xml:"identificationTypeDescription,attr"`
	Expired     string `xml:"knownExpired,attr"`
	Diplomatic  string `xml:"diplomatic,attr"`
	False       string `xml:"knownFalse,attr"`
	Lost        string `xml:"reportedLost,attr"`
	Revoked     string `xml:"revokedByIssuer,attr"`
	Bearer      string `xml:"nameOnDocument,attr"`
	place
	Remarks []string `xml:"remark"`
}

// take adds the entry to the edition.
func (s *subject) take(e *watchlist.Edition, file string) error {
	id := strings.TrimSpace(s.ID)
	if !isNumber(id) {
		return fmt.Errorf("logical id %q: want a number", watchlist.Short(id))
	}
	d := draft.New(e, file, id, entity.UnknownKind)
	switch code := strings.ToLower(strings.TrimSpace(s.Type.Code)); {
	case code == "person" || code == "p", code == "" && strings.EqualFold(s.Type.Classification, "p"):
		d.Kind = entity.Person
	case code == "enterprise" || code == "e", code == "" && strings.EqualFold(s.Type.Classification, "e"):
		d.Kind = entity.Organisation
	default:
		d.Note(s.Line, "subjectType", "%q: want person or enterprise", watchlist.Short(s.Type.Code))
	}
	for _, n := range s.Names {
		n.take(d)
	}
	for _, b := range s.Births {
		b.take(d)
	}
	for _, c := range s.Citizens {
		d.Nationality(c.Line, "citizenship", c.country())
		remark(d, "citizenship: ", c.Remarks)
	}
	for _, a := range s.Addresses {
		a.take(d)
	}
	for _, i := range s.Documents {
		i.take(d)
	}
	d.Identifier(s.Line, "euReferenceNumber", entity.Identifier{Type: "eu reference", Number: s.EU})
	d.Identifier(s.Line, "unitedNationId", entity.Identifier{Type: "un reference", Number: s.UN})
	for _, r := range s.Regulations {
		r.take(d)
	}
	if on := strings.TrimSpace(s.Designated); on != "" {
		// The field is filled by hand: "2001-01-25", "25/01/2001", and also words.
		dates, err := draft.Text(on)
		if err == nil && dates.IsExact() {
			d.Listed = dates.From
		} else {
			d.Note(s.Line, "designationDate", "%q: want a day such as 2022-02-24", watchlist.Short(on))
		}
	}
	d.Remark("", s.Details)
	remark(d, "", s.Remarks)
	return d.Take()
}

func (n alias) take(d *draft.Draft) {
	given := n.First + " " + n.Middle
	name := entity.Name{Full: n.Whole}
	if d.Kind == entity.Person && draft.Squeeze(n.First+n.Middle+n.Last) != "" {
		name = draft.Person(n.Whole, given, n.Last)
	} else if draft.Squeeze(n.Whole) == "" {
		name.Full = given + " " + n.Last
	}
	if len(d.Names) > 0 {
		name.Kind = entity.Alias
	}
	name.Language = draft.Language(n.Language)
	if name.Language == "" && strings.TrimSpace(n.Language) != "" {
		d.Note(n.Line, "nameLanguage", "%q: not a language that is known", watchlist.Short(n.Language))
	}
	name.Weak = strings.EqualFold(strings.TrimSpace(n.Strong), "false")
	if !d.Name(draft.Script(name)) {
		d.Note(n.Line, "nameAlias", "no name in it")
	}
	d.Gender(n.Line, "gender", n.Gender)
	d.Position(n.Title)
	d.Position(n.Function)
	remark(d, "name: ", n.Remarks)
}

func (b birth) take(d *draft.Draft) {
	dates, ok, err := b.dates()
	if err != nil {
		d.Note(b.Line, "birthdate", "%v", err)
	} else if ok {
		d.Born(dates)
	}
	d.BornAt(b.written())
	remark(d, "birth: ", b.Remarks)
}

// dates reads a birth date. There is none, and no error, where nothing is written.
func (b birth) dates() (dates entity.Dates, ok bool, err error) {
	clean := strings.TrimSpace
	date, year, from, to := clean(b.Date), clean(b.Year), clean(b.From), clean(b.To)
	if calendar := clean(b.Calendar); calendar != "" && !strings.EqualFold(calendar, "GREGORIAN") && date == "" && year+from+to != "" {
		return entity.Dates{}, false, fmt.Errorf("%q of the %s calendar: not a date that can be compared", watchlist.Short(clean(year+" "+from+" "+to)), watchlist.Short(calendar))
	}
	switch {
	case date != "":
		dates, err = draft.ISO(date)
	case from != "" || to != "":
		var first, last entity.Dates
		if first, err = draft.Parts(from, "", ""); err == nil {
			if last, err = draft.Parts(to, "", ""); err == nil {
				dates, err = draft.Between(first, last)
			}
		}
	case year != "":
		dates, err = draft.Parts(year, clean(b.Month), clean(b.Day))
	default:
		return entity.Dates{}, false, nil
	}
	dates.Circa = isTrue(b.Circa)
	return dates, err == nil, err
}

func (a address) take(d *draft.Draft) {
	street := draft.Squeeze(a.Street)
	if box := draft.Squeeze(a.PoBox); box != "" {
		street = strings.TrimPrefix(street+", PO Box "+box, ", ")
	}
	d.Place(a.Line, entity.Place{Street: street, Town: a.City, Region: joined(a.Region, a.Place), Postcode: a.Zip, Country: a.country()})
	for _, c := range a.Contacts {
		d.Contact(c.Value)
	}
	remark(d, "address: ", a.Remarks)
}

// identificationTypes are the codes of the schema that say what we call otherwise.
var identificationTypes = map[string]string{
	"passport":       "passport",
	"id":             "national id",
	"ssn":            "social security number",
	"fiscalcode":     "tax id",
	"regnumber":      "registration",
	"tradelic":       "trade licence",
	"drivinglicence": "driving licence",
	"travelcardid":   "travel document",
	"residentperm":   "residence permit",
	"electionid":     "voter id",
	"birthcert":      "birth certificate",
	"swiftbic":       draft.SWIFT,
	"imo":            "imo",
	"other":          "document",
}

func (i identification) take(d *draft.Draft) {
	code := strings.ToLower(strings.TrimSpace(i.Code))
	called, ok := identificationTypes[code]
	if !ok {
		if called = draft.Squeeze(i.Description); called == "" {
			called = code
		}
	}
	if called == "" {
		called = "document"
	}
	doubtful := isTrue(i.False) || isTrue(i.Lost)
	number := draft.Squeeze(i.Number)
	if number == "" {
		number = draft.Squeeze(i.Latin)
	}
	if number == "" {
		d.Note(i.Line, "identification", "no number in it")
	}
	for _, n := range []string{number, i.Latin} {
		d.Identifier(i.Line, "identification", entity.Identifier{Type: called, Number: n, Country: i.country(), Doubtful: doubtful})
	}
	for _, said := range []struct{ flag, text string }{{i.False, "known to be false"}, {i.Lost, "reported lost"}, {i.Revoked, "revoked by its issuer"}, {i.Expired, "known to be expired"}, {i.Diplomatic, "diplomatic"}} {
		if isTrue(said.flag) {
			d.Remark("document "+number+": ", said.text)
		}
	}
	d.Remark("document "+number+": issued under the name ", i.Bearer)
	remark(d, "document "+number+": ", i.Remarks)
}

// take reads the act that the entry stands in now. Its day is that of the last change.
func (r regulation) take(d *draft.Draft) {
	d.Basis(r.Number)
	d.Programme(r.Programme)
	if on := strings.TrimSpace(r.Published); on != "" {
		day, err := draft.ISODay(on)
		if err != nil {
			d.Note(r.Line, "publicationDate", "%v", err)
		} else if day.Compare(d.Amended) > 0 {
			d.Amended = day
		}
	}
}

// country is the code, or the name where there is no code. "00" is UNKNOWN.
func (p place) country() string {
	if c := strings.TrimSpace(p.Country); c != "" {
		return c
	}
	return p.CountryName
}

// written is the place on one line, finest part first.
func (p place) written() string {
	code, _ := draft.Country(p.country())
	return entity.Place{Town: joined(p.Place, p.City), Region: draft.Squeeze(p.Region), Postcode: draft.Squeeze(p.Zip), Country: code}.String()
}

// joined parts two texts by a comma where both are there and differ.
func joined(a, b string) string {
	a, b = draft.Squeeze(a), draft.Squeeze(b)
	if a == "" || a == b {
		return b
	}
	if b == "" {
		return a
	}
	return a + ", " + b
}

func remark(d *draft.Draft, label string, remarks []string) {
	for _, r := range remarks {
		d.Remark(label, r)
	}
}

func isTrue(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "true") }

func isNumber(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == ""
}

// day reads a day on which a file was made, "22/09/2026" or "2026-09-22".
func day(s string) (time.Time, error) {
	d, err := draft.SlashedDay(s)
	if err != nil {
		d, err = draft.ISODay(s)
	}
	return d.Time(), err
}
