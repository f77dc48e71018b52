package un

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listxml"
)

// Format is the format of the consolidated list's XML. The file carries its own
// date, dateGenerated.
func Format() watchlist.Format {
	return watchlist.Format{Name: "un-xml", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse, Dated: true}
}

// recognise looks for the document's root near its beginning.
func recognise(_ string, data []byte) (string, bool) {
	return fileName, bytes.Contains(data[:min(len(data), 1024)], []byte("<"+root))
}

const root = "CONSOLIDATED_LIST"

// passedOver are elements that say nothing of whom is listed: numbers and keys of the publisher's
// database, and which state proposed an entry.
var passedOver = []string{"DATAID", "VERSIONNUM", "LIST_TYPE", "SORT_KEY", "SORT_KEY_LAST_MOD", "SUBMITTED_ON", "SUBMITTED_BY"}

// The elements of the schema that are read. Others are told, but for those passed over. The
// attribute line is written by package listxml and not by the publisher.
type xmlEntry struct {
	First      string      `xml:"FIRST_NAME"`
	Second     string      `xml:"SECOND_NAME"`
	Third      string      `xml:"THIRD_NAME"`
	Fourth     string      `xml:"FOURTH_NAME"`
	Original   string      `xml:"NAME_ORIGINAL_SCRIPT"`
	Type       string      `xml:"UN_LIST_TYPE"`
	Reference  string      `xml:"REFERENCE_NUMBER"`
	Listed     xmlText     `xml:"LISTED_ON"`
	Gender     xmlText     `xml:"GENDER"`
	Comments   string      `xml:"COMMENTS1"`
	Titles     []string    `xml:"TITLE>VALUE"`
	Duties     []string    `xml:"DESIGNATION>VALUE"`
	Nations    []string    `xml:"NATIONALITY>VALUE"`
	Updated    []xmlText   `xml:"LAST_DAY_UPDATED>VALUE"`
	Aliases    []xmlAlias  `xml:"INDIVIDUAL_ALIAS"`
	Akas       []xmlAlias  `xml:"ENTITY_ALIAS"`
	Addresses  []xmlPlace  `xml:"INDIVIDUAL_ADDRESS"`
	Seats      []xmlPlace  `xml:"ENTITY_ADDRESS"`
	Births     []xmlBirth  `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	BornAt     []xmlPlace  `xml:"INDIVIDUAL_PLACE_OF_BIRTH"`
	Documents  []xmlNumber `xml:"INDIVIDUAL_DOCUMENT"`
	Identities []xmlNumber `xml:"ENTITY_DOCUMENT"`
}

type xmlText struct {
	Line int    `xml:"line,attr"`
	Text string `xml:",chardata"`
}

type xmlAlias struct {
	Line    int    `xml:"line,attr"`
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
	Note    string `xml:"NOTE"`
	Born    string `xml:"DATE_OF_BIRTH"`
	City    string `xml:"CITY_OF_BIRTH"`
	Country string `xml:"COUNTRY_OF_BIRTH"`
}

type xmlPlace struct {
	Street   string `xml:"STREET"`
	City     string `xml:"CITY"`
	Province string `xml:"STATE_PROVINCE"`
	Postcode string `xml:"ZIP_CODE"`
	Country  string `xml:"COUNTRY"`
	Note     string `xml:"NOTE"`
}

type xmlBirth struct {
	Line int    `xml:"line,attr"`
	Type string `xml:"TYPE_OF_DATE"`
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
	Note string `xml:"NOTE"`
}

type xmlNumber struct {
	Line    int    `xml:"line,attr"`
	Type    string `xml:"TYPE_OF_DOCUMENT"`
	Type2   string `xml:"TYPE_OF_DOCUMENT2"`
	Number  string `xml:"NUMBER"`
	Issuer  string `xml:"ISSUING_COUNTRY"`
	Country string `xml:"COUNTRY_OF_ISSUE"`
	City    string `xml:"CITY_OF_ISSUE"`
	Issued  string `xml:"DATE_OF_ISSUE"`
	Note    string `xml:"NOTE"`
}

// Parse reads one edition from consolidated.xml, which must be the only file. The
// date given is ignored for the file's own dateGenerated.
//
// It is a [watchlist.Format]'s Parse. Entries are read one at a time.
func Parse(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return watchlist.ReadOne("un", &watchlist.Edition{List: List, Publisher: Publisher}, files, fileName, read)
}

func read(e *watchlist.Edition, data []byte) error {
	d, err := listxml.NewReader(data)
	if err != nil {
		return err
	}
	begun, ended := false, false
	sections := map[string]bool{}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return d.Fail(err)
		}
		if end, is := tok.(xml.EndElement); is && end.Name.Local == root {
			ended = true
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		switch name := start.Name.Local; {
		case !begun:
			if name != root {
				return d.Fail(fmt.Errorf("root element <%s>: want <%s>: not this list", watchlist.Short(name), root))
			}
			begun = true
			if e.Published, err = generated(start); err != nil {
				return d.Fail(err)
			}
		case ended:
			return d.Fail(fmt.Errorf("element <%s> after the end of <%s>", watchlist.Short(name), root))
		case d.Depth() == 2 && (name == "INDIVIDUALS" || name == "ENTITIES"):
			sections[name] = true
		case d.Depth() == 3 && (name == "INDIVIDUAL" || name == "ENTITY"):
			line := d.Line()
			var x xmlEntry
			if err := d.DecodeElement(&x, &start); err != nil {
				return d.Fail(err)
			}
			kind := entity.Person
			if name == "ENTITY" {
				kind = entity.Organisation
			}
			if err := x.take(e, kind, line); err == nil {
				e.Tell(fileName, line, &e.Entities[len(e.Entities)-1])
			} else {
				e.Leave(watchlist.Problem{File: fileName, Line: line, ID: watchlist.Short(strings.TrimSpace(x.Reference)), Text: err.Error()})
			}
			if len(e.Entities) > maxEntries {
				return d.Fail(fmt.Errorf("more than %d entries", maxEntries))
			}
		default:
			line := d.Line()
			if len(e.Doubts) < 10 { // enough for a person to look
				e.Doubts = append(e.Doubts, fmt.Sprintf("line %d: element <%s> stands where entries do and is not read", line, watchlist.Short(name)))
			}
			if err := d.Skip(); err != nil {
				return d.Fail(err)
			}
		}
	}
	e.Skipped = append(e.Skipped, d.Unread(fileName, passedOver...)...)
	if !begun {
		return errors.New("no element in it: not XML")
	}
	if !ended {
		return watchlist.ErrTruncated
	}
	for _, s := range []string{"INDIVIDUALS", "ENTITIES"} {
		if !sections[s] {
			e.Doubts = append(e.Doubts, "it has no section <"+s+">")
		}
	}
	return nil
}

// generated reads dateGenerated, an instant, in UTC.
func generated(start xml.StartElement) (time.Time, error) {
	for _, a := range start.Attr {
		if a.Name.Local == "dateGenerated" {
			t, err := time.Parse(time.RFC3339, strings.TrimSpace(a.Value))
			if err != nil || t.Year() < 1 {
				return time.Time{}, fmt.Errorf("dateGenerated %q: want an instant such as 2025-11-20T23:00:09Z", watchlist.Short(a.Value))
			}
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("no dateGenerated in it")
}

// take adds the entry to the edition.
func (x *xmlEntry) take(ed *watchlist.Edition, kind entity.Kind, line int) error {
	id := strings.TrimSpace(x.Reference)
	if !isReference.MatchString(id) {
		return fmt.Errorf("REFERENCE_NUMBER %q: want one such as QDi.001", watchlist.Short(id))
	}
	note := func(line int, field, text string) {
		ed.Skipped = append(ed.Skipped, watchlist.Problem{File: fileName, Line: line, ID: id, Field: field, Text: text})
	}
	e := entity.Entity{List: List, ID: id, Kind: kind}
	if !x.names(&e, note) {
		return errors.New("no name")
	}
	x.gender(&e, note)
	for _, b := range x.Births {
		d, ok, err := b.dates()
		if err != nil {
			note(b.Line, "date of birth", err.Error())
		}
		if ok && !slices.Contains(e.Birth, d) {
			e.Birth = append(e.Birth, d)
		}
	}
	for _, p := range x.BornAt {
		e.BirthPlaces = addText(e.BirthPlaces, p.written())
	}
	for _, a := range append(slices.Clone(x.Aliases), x.Akas...) {
		if s := strings.TrimSpace(a.Born); s != "" {
			d, err := years(s)
			if err != nil {
				var on entity.Day
				on, err = day(s)
				d = entity.Exact(on)
			}
			if err != nil {
				note(a.Line, "date of birth of an alias", err.Error())
			} else if !slices.Contains(e.Birth, d) {
				e.Birth = append(e.Birth, d)
			}
		}
		e.BirthPlaces = addText(e.BirthPlaces, xmlPlace{City: a.City, Country: a.Country}.written())
	}
	for _, n := range x.Nations {
		e.Nationalities = addText(e.Nationalities, country(n))
	}
	for _, p := range append(slices.Clone(x.Addresses), x.Seats...) {
		at := entity.Place{Street: squeeze(p.Street), Town: squeeze(p.City), Region: squeeze(p.Province), Postcode: squeeze(p.Postcode), Country: country(p.Country)}
		if at != (entity.Place{}) && !slices.Contains(e.Places, at) {
			e.Places = append(e.Places, at)
		}
	}
	x.documents(&e, note)
	if p := squeeze(x.Type); p != "" {
		e.Programmes = []string{p}
	}
	if s := strings.TrimSpace(x.Listed.Text); s != "" {
		d, err := day(s)
		if err != nil {
			note(x.Listed.Line, "LISTED_ON", err.Error())
		}
		e.Listed = d
	}
	e.Remarks = x.remarks(note)
	ed.Entities = append(ed.Entities, e)
	return nil
}

// names reads the names and reports whether there is one to file the entry under.
func (x *xmlEntry) names(e *entity.Entity, note func(line int, field, text string)) bool {
	add := func(n entity.Name) {
		if !slices.Contains(e.Names, n) {
			e.Names = append(e.Names, n)
		}
	}
	full := squeeze(strings.Join([]string{x.First, x.Second, x.Third, x.Fourth}, " "))
	// "COMPAGNIE AERIENNE DES GRANDS LACS (CAGL) ; GREAT LAKES BUSINESS COMPANY (GLBC)"
	for i, s := range strings.Split(full, ";") {
		if s = strings.TrimSpace(s); !hasLetter(s) && (i > 0 || s == "") {
			continue
		}
		n := entity.Name{Full: s, Kind: entity.Alias}
		if len(e.Names) == 0 {
			n.Kind = entity.Primary
		}
		add(n)
	}
	if len(e.Names) == 0 {
		return false
	}
	if s := squeeze(x.Original); s != "" {
		add(entity.Name{Full: s, Kind: entity.Original})
	}
	for _, a := range append(slices.Clone(x.Aliases), x.Akas...) {
		written := squeeze(a.Name)
		quality := strings.ToLower(strings.TrimSpace(a.Quality))
		if written == "" { // an empty element stands for "no alias"
			if quality != "" {
				note(a.Line, "alias", "no name in it")
			}
			continue
		}
		n := entity.Name{Kind: entity.Alias}
		switch quality {
		case "good", "a.k.a.":
		case "low":
			n.Weak = true
		case "f.k.a.":
			n.Kind = entity.Former
		default:
			note(a.Line, "alias", fmt.Sprintf("quality %q of %q: want Good, Low, a.k.a. or f.k.a.; taken for a.k.a.", watchlist.Short(a.Quality), watchlist.Short(written)))
		}
		all := aliases(written)
		if len(all) == 0 {
			note(a.Line, "alias", fmt.Sprintf("%q: no name in it", watchlist.Short(written)))
		}
		for _, s := range all {
			n.Full = s
			add(n)
		}
	}
	return true
}

func (x *xmlEntry) gender(e *entity.Entity, note func(line int, field, text string)) {
	said := strings.TrimSpace(x.Gender.Text)
	if m := genderInComments.FindStringSubmatch(x.Comments); m != nil && said == "" {
		said = m[1]
	}
	switch strings.ToLower(said) {
	case "male":
		e.Gender = entity.Male
	case "female":
		e.Gender = entity.Female
	case "", "unknown":
	default:
		note(x.Gender.Line, "GENDER", fmt.Sprintf("%q: want Male or Female", watchlist.Short(said)))
	}
}

func (x *xmlEntry) documents(e *entity.Entity, note func(line int, field, text string)) {
	for _, n := range append(slices.Clone(x.Documents), x.Identities...) {
		kind, kind2, number := squeeze(n.Type), squeeze(n.Type2), squeeze(n.Number)
		if kind+kind2+number == "" { // an empty element stands for "no document"
			continue
		}
		i, err := document(kind, kind2, number, squeeze(n.Note))
		if err != nil {
			note(n.Line, "document", err.Error())
			continue
		}
		for _, c := range []string{n.Issuer, n.Country} {
			// "Iran / unknown" is no country that a number could be compared within.
			if code, ok := entity.CountryCode(country(c)); ok && i.Country == "" {
				i.Country = code
			}
		}
		if !slices.Contains(e.Identifiers, i) {
			e.Identifiers = append(e.Identifiers, i)
		}
	}
}

// dates reads a birth date. There is none, and no error, where nothing is written.
func (b xmlBirth) dates() (d entity.Dates, ok bool, err error) {
	kind, date, year, from, to, said := strings.ToUpper(squeeze(b.Type)), squeeze(b.Date), squeeze(b.Year), squeeze(b.From), squeeze(b.To), squeeze(b.Note)
	switch {
	case date != "":
		var on entity.Day
		on, err = day(date)
		d = entity.Exact(on)
	case from+to != "":
		d, err = span(from, to)
	case year != "":
		if m, is := month(said, year); is {
			d = m
		} else {
			d, err = years(year)
		}
	case said != "":
		if d, ok = month(said, ""); !ok {
			return d, false, fmt.Errorf("%q: not a date that can be compared", watchlist.Short(said))
		}
	default:
		return d, false, nil
	}
	if err != nil {
		return entity.Dates{}, false, err
	}
	switch kind {
	case "EXACT", "BETWEEN":
		d.Circa = strings.EqualFold(said, "approximately")
	case "APPROXIMATELY":
		d.Circa = true
	default:
		// The date is there; what is not known is how exact it is.
		d.Circa = true
		err = fmt.Errorf("TYPE_OF_DATE %q: want EXACT, APPROXIMATELY or BETWEEN; taken for APPROXIMATELY", watchlist.Short(b.Type))
	}
	return d, true, err
}

// written is a place of birth on one line, finest part first.
func (p xmlPlace) written() string {
	return entity.Place{Street: squeeze(p.Street), Town: squeeze(p.City), Region: squeeze(p.Province), Postcode: squeeze(p.Postcode), Country: squeeze(p.Country)}.String()
}

// remarks joins what has no field of its own.
func (x *xmlEntry) remarks(note func(line int, field, text string)) string {
	var out []string
	add := func(label, s string) {
		if s = squeeze(s); s != "" {
			out = append(out, label+s)
		}
	}
	for _, t := range x.Titles {
		add("", t)
	}
	for _, t := range x.Duties {
		add("", t)
	}
	add("", x.Comments)
	for _, a := range append(slices.Clone(x.Aliases), x.Akas...) {
		add("alias "+strconv.Quote(squeeze(a.Name))+": ", a.Note)
	}
	for _, p := range append(slices.Clone(x.Addresses), x.Seats...) {
		add("address: ", p.Note)
	}
	for _, b := range x.Births {
		add("date of birth: ", b.Note)
	}
	for _, p := range x.BornAt {
		add("place of birth: ", p.Note)
	}
	for _, n := range append(slices.Clone(x.Documents), x.Identities...) {
		add("document "+squeeze(n.Number)+": ", n.Note)
		add("document "+squeeze(n.Number)+" issued on ", n.Issued)
		add("document "+squeeze(n.Number)+" issued in ", n.City)
	}
	var last entity.Day
	for _, u := range x.Updated {
		if s := strings.TrimSpace(u.Text); s != "" {
			d, err := day(s)
			if err != nil {
				note(u.Line, "LAST_DAY_UPDATED", err.Error())
			} else if d.Compare(last) > 0 {
				last = d
			}
		}
	}
	add("last updated ", last.String())
	return strings.Join(out, "; ")
}

func addText(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
