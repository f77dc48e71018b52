// Package draft puts an entry of a list together, field by field, as a reader meets them in a
// publisher's file.
//
// The readers of the publishers' formats (watchlist/eu, watchlist/uk, …) know where a fact
// stands and what it is called there. What is the same for all of them is here: blanks squeezed,
// nothing said twice, the primary name first, countries and languages by their codes, dates as
// spans, and what cannot be read told with file, line, entry and field ([watchlist.Problem]).
// The package knows no file format and guesses nothing: a date that no rule reads is no date.
//
// TestDraft, TestParts, TestText and TestCountry hold it to that.
package draft

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
)

// MaxEntries bounds what a file may hold. The longest list known, Ukraine's, has about 25,000.
const MaxEntries = 500_000

// A Draft is an entry that is being read.
type Draft struct {
	entity.Entity
	edition *watchlist.Edition
	file    string
	remarks []string
	told    map[string]bool
}

// New begins the entry with the given id, of a file that is read into the edition.
func New(e *watchlist.Edition, file, id string, kind entity.Kind) *Draft {
	return &Draft{Entity: entity.Entity{List: e.List, ID: id, Kind: kind}, edition: e, file: file}
}

// Note tells of a field that cannot be read. The entry is kept without it. What was told of the
// entry is not told again: in a table the same cell stands in many rows.
func (d *Draft) Note(line int, field, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if d.told[field+"\x00"+text] {
		return
	}
	if d.told == nil {
		d.told = map[string]bool{}
	}
	d.told[field+"\x00"+text] = true
	d.edition.Skipped = append(d.edition.Skipped, watchlist.Problem{File: d.file, Line: line, ID: d.ID, Field: field, Text: text})
}

// AssetFreeze is the measure that freezes, as all readers call it. NoMeasure stands among the
// measures of an entry that states none, of a list whose entries do not all have the same: it
// frees nobody, for what applies is for a person to find out.
const (
	AssetFreeze = "asset freeze"
	NoMeasure   = entity.NoMeasure
)

// Squeeze makes one line of a text, as publishers break and indent them at will.
func Squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// HasLetter reports whether there is a letter in s. Without one it is no name.
func HasLetter(s string) bool { return strings.ContainsFunc(s, unicode.IsLetter) }

// IsLatin reports whether the first letter of s is one of the Latin script.
func IsLatin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return unicode.Is(unicode.Latin, r)
		}
	}
	return false
}

// Name adds a name, and reports whether there is one: something with a letter or a digit. A name
// that is there already keeps the better of both forms: strong before weak, primary before alias.
func (d *Draft) Name(n entity.Name) bool {
	n.Full, n.Given, n.Patronymic, n.Family = Squeeze(n.Full), Squeeze(n.Given), Squeeze(n.Patronymic), Squeeze(n.Family)
	if !strings.ContainsFunc(n.Full, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		return false
	}
	i := slices.IndexFunc(d.Names, func(x entity.Name) bool { return x.Full == n.Full })
	if i < 0 {
		d.Names = append(d.Names, n)
		return true
	}
	has := &d.Names[i]
	has.Weak = has.Weak && n.Weak
	if n.Kind == entity.Primary || has.Kind == entity.Former {
		has.Kind = n.Kind
	}
	if has.Given+has.Patronymic+has.Family == "" {
		has.Given, has.Patronymic, has.Family = n.Given, n.Patronymic, n.Family
	}
	if has.Language == "" {
		has.Language = n.Language
	}
	return true
}

// Gender reads what the source says of it; every form known begins with M or F.
func (d *Draft) Gender(line int, field, written string) {
	switch s := strings.ToLower(Squeeze(written)); s {
	case "", "unknown", "not available", "n/a", "u":
	case "m", "male", "masculine":
		d.Entity.Gender = entity.Male
	case "f", "female", "feminine":
		d.Entity.Gender = entity.Female
	default:
		d.Note(line, field, "%q: want male or female", watchlist.Short(written))
	}
}

// Born adds a date of birth as another that may be the right one.
func (d *Draft) Born(dates entity.Dates) {
	if !slices.Contains(d.Birth, dates) {
		d.Birth = append(d.Birth, dates)
	}
}

// BornAt adds a place of birth, as the source writes it.
func (d *Draft) BornAt(place string) { d.BirthPlaces = add(d.BirthPlaces, place) }

// Nationality adds a country, as [Country] reads it, and tells of one that is not known.
func (d *Draft) Nationality(line int, field, written string) {
	d.Nationalities = add(d.Nationalities, d.Country(line, field, written))
}

// Country is what [Country] reads, and tells of one that is not known.
func (d *Draft) Country(line int, field, written string) string {
	code, known := Country(written)
	if !known {
		d.Note(line, field, "%q: not a country that is known; kept as written", watchlist.Short(code))
	}
	return code
}

// Place adds a place. Its country is read as Nationality reads one.
func (d *Draft) Place(line int, p entity.Place) {
	p = entity.Place{Street: Squeeze(p.Street), Town: Squeeze(p.Town), Region: Squeeze(p.Region), Postcode: Squeeze(p.Postcode), Country: d.Country(line, "country", p.Country)}
	if p != (entity.Place{}) && !slices.Contains(d.Places, p) {
		d.Places = append(d.Places, p)
	}
}

// Identifier adds a number. One without a digit identifies nobody, but for the codes of banks.
func (d *Draft) Identifier(line int, field string, i entity.Identifier) {
	i.Type, i.Number = strings.ToLower(Squeeze(i.Type)), Squeeze(i.Number)
	if i.Number == "" {
		return
	}
	if !strings.ContainsFunc(i.Number, unicode.IsDigit) && i.Type != SWIFT {
		d.Note(line, field, "number %q: no digit in it", watchlist.Short(i.Number))
		return
	}
	if i.Country != "" {
		// A number is compared within the country that issued it, so one that is not known is none.
		code, known := Country(i.Country)
		if !known {
			d.Note(line, field, "%q: not a country that is known; left out", watchlist.Short(code))
			code = ""
		}
		i.Country = code
	}
	if !slices.Contains(d.Identifiers, i) {
		d.Identifiers = append(d.Identifiers, i)
	}
}

// IMO adds a ship's number, written "IMO 9000001" or "9000001".
func (d *Draft) IMO(line int, written string) {
	s := Squeeze(written)
	if len(s) > 3 && strings.EqualFold(s[:3], "IMO") {
		s = strings.TrimLeft(s[3:], " :.")
	}
	d.Identifier(line, "IMO number", entity.Identifier{Type: "imo", Number: s})
}

// SWIFT is the type of a bank's identifier code, which may be of letters alone.
const SWIFT = "swift/bic"

// Relation adds a tie to another, known by id, by name or by both.
func (d *Draft) Relation(r entity.Relation) {
	r.Type, r.ID, r.Name = strings.ToLower(Squeeze(r.Type)), Squeeze(r.ID), Squeeze(r.Name)
	if r.Type != "" && r.ID+r.Name != "" && !slices.Contains(d.Relations, r) {
		d.Relations = append(d.Relations, r)
	}
}

// Position adds a title or an office.
func (d *Draft) Position(s string) { d.Positions = add(d.Positions, s) }

// Contact adds an e-mail address, a telephone number or a web site.
func (d *Draft) Contact(s string) { d.Contacts = add(d.Contacts, s) }

// Programme adds a programme as the publisher writes it.
func (d *Draft) Programme(s string) { d.Programmes = add(d.Programmes, s) }

// Basis adds an act under which the entry is listed.
func (d *Draft) Basis(s string) { d.LegalBasis = add(d.LegalBasis, s) }

// Measure adds a measure, in lower case.
func (d *Draft) Measure(s string) { d.Measures = add(d.Measures, strings.ToLower(s)) }

// Remark adds what has no field of its own, with a label such as "place of birth: " or none.
func (d *Draft) Remark(label, s string) {
	if s = Squeeze(s); s != "" {
		d.remarks = add(d.remarks, label+s)
	}
}

// Take adds the entry to the edition, the primary name first. Where the source marks none, that
// is the first strong one, in Latin letters if there is such. It fails on an entry without a name.
func (d *Draft) Take() error {
	if len(d.Names) == 0 {
		return errors.New("no name")
	}
	if len(d.edition.Entities) >= MaxEntries {
		return fmt.Errorf("%w %d", errMany, MaxEntries)
	}
	first := slices.IndexFunc(d.Names, func(n entity.Name) bool { return n.Kind == entity.Primary })
	if first < 0 {
		first = slices.IndexFunc(d.Names, func(n entity.Name) bool { return !n.Weak && n.Kind == entity.Alias && IsLatin(n.Full) })
	}
	if first < 0 {
		first = max(0, slices.IndexFunc(d.Names, func(n entity.Name) bool { return !n.Weak }))
	}
	names := []entity.Name{d.Names[first]}
	names[0].Kind = entity.Primary
	for i, n := range d.Names {
		if i == first {
			continue
		}
		if n.Kind == entity.Primary {
			n.Kind = entity.Alias
		}
		names = append(names, n)
	}
	d.Names = names
	d.Remarks = strings.Join(d.remarks, "; ")
	d.edition.Entities = append(d.edition.Entities, d.Entity)
	return nil
}

var errMany = errors.New("more entries than")

// Leave takes what came of reading one entry. Of one that could be read it is told what finds nobody
// (watchlist.Edition.Tell). One that could not is left out of the edition and told, and nil is
// given back. An error that is of the whole file is given back with its line.
func Leave(e *watchlist.Edition, file string, line int, id string, err error) error {
	if n := len(e.Entities); err == nil && n > 0 && e.Entities[n-1].ID == strings.TrimSpace(id) {
		e.Tell(file, line, &e.Entities[n-1])
	}
	if err == nil || errors.Is(err, errMany) {
		if err != nil {
			err = fmt.Errorf("line %d: %w", line, err)
		}
		return err
	}
	e.Leave(watchlist.Problem{File: file, Line: line, ID: id, Text: err.Error()})
	return nil
}

func add(list []string, s string) []string {
	if s = Squeeze(s); s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
