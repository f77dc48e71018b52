// Package ca reads Canada's Consolidated Canadian Autonomous Sanctions List, as Global Affairs
// Canada publishes it in XML (sema-lmes.xml): those listed under the Special Economic Measures Act
// and the Justice for Victims of Corrupt Foreign Officials Act.
//
// It makes the list "ca-sema" as a [watchlist.Format]. It says what is written there and nothing
// of what follows from it. The file carries no date of its own, so the day it was published is
// told beside it.
//
// # Ids
//
// The list has no numbers but those of items in the schedules of regulations, so the id is made of
// the regulation's country, the schedule and the item: "Russia/1, Part 1/57". Where two records
// share these, or a record has no item, eight digits of the SHA-256 of its name follow ("#1f2e3d4c");
// TestIDs holds it to that. An item that the government renumbers is another entry.
//
// # What is known of the file
//
// The reader has met only the fixture in this folder, written from what is published of the
// schema, and not from a real file. Hold a first real edition against the list's web page before
// relying on it.
//
// # How fields are read
//
// Country names the regulations and not a nationality: it is the programme. Names in both official
// languages are parted by " / ". Aliases are parted by semicolons or, where there is none, by
// commas, but for the comma before a form of company. A name in brackets after a language,
// "(Russian: …)", is one in the bearer's own script.
package ca

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// List is the name of the list.
const List = "ca-sema"

// Publisher is who publishes it.
const Publisher = "Global Affairs Canada"

// fileName is what the publisher calls the file.
const fileName = "sema-lmes.xml"

// Format is the format of the list's XML. The file carries no date.
func Format() watchlist.Format {
	return watchlist.Format{Name: "ca-xml", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse}
}

const root = "data-set"

// recognise looks for the root and for a field of the records, since the root's name is no rare one.
func recognise(_ string, data []byte) (string, bool) {
	head := data[:min(len(data), 8192)]
	return fileName, bytes.Contains(head, []byte("<"+root)) && bytes.Contains(head, []byte("<record")) && bytes.Contains(head, []byte("<Schedule"))
}

// A record of the file. Older files have other names for two of the elements.
type record struct {
	Line     int    `xml:"line,attr"`
	Country  string `xml:"Country"` // in English and French: "Russia / Russie"
	Last     string `xml:"LastName"`
	Given    string `xml:"GivenName"`
	Name     string `xml:"EntityOrShip"`
	OldName  string `xml:"Entity"`
	Title    string `xml:"TitleOrShip"`
	OldTitle string `xml:"Title"`
	Date     text   `xml:"DateOfBirthOrShipBuildDate"`
	OldDate  text   `xml:"DateOfBirth"`
	Aliases  string `xml:"Aliases"`
	Schedule string `xml:"Schedule"`
	Item     string `xml:"Item"`
	IMO      string `xml:"ShipIMONumber"`
	Listed   text   `xml:"DateOfListing"`
}

type text struct {
	Line int    `xml:"line,attr"`
	Text string `xml:",chardata"`
}

// Parse reads one edition from sema-lmes.xml, which must be the only file, published on the given
// day.
//
// It is a [watchlist.Format]'s Parse.
func Parse(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	return watchlist.ReadOne("ca", &watchlist.Edition{List: List, Publisher: Publisher, Published: published}, files, fileName, read)
}

func read(e *watchlist.Edition, data []byte) error {
	r, err := listxml.NewReader(data)
	if err != nil {
		return err
	}
	var records []record
	e.Doubts, err = r.Children(root,
		func(xml.StartElement) error { return nil },
		func(start *xml.StartElement, line int) (bool, error) {
			if start.Name.Local != "record" {
				return false, nil
			}
			var x record
			if err := r.DecodeElement(&x, start); err != nil {
				return true, r.Fail(err)
			}
			if records = append(records, x); len(records) > draft.MaxEntries {
				return true, fmt.Errorf("line %d: more than %d records", line, draft.MaxEntries)
			}
			return true, nil
		})
	if err != nil {
		return err
	}
	e.Skipped = append(e.Skipped, r.Unread(fileName)...)
	shared := map[string]int{}
	for i := range records {
		shared[records[i].key()]++
	}
	taken := map[string]bool{}
	for i := range records {
		x := &records[i]
		id := x.key()
		if shared[id] > 1 || draft.Squeeze(x.Item) == "" {
			sum := sha256.Sum256([]byte(x.name()))
			id += "#" + hex.EncodeToString(sum[:4])
		}
		if taken[id] {
			e.Skipped = append(e.Skipped, watchlist.Problem{File: fileName, Line: x.Line, ID: id, Field: "record", Text: "stands in the file twice; the first is taken"})
			continue
		}
		taken[id] = true
		if err := draft.Leave(e, fileName, x.Line, id, x.take(e, id)); err != nil {
			return err
		}
	}
	return nil
}

// key is what an id is made of.
func (x *record) key() string {
	limit := func(s string) string { return watchlist.Short(strings.ReplaceAll(draft.Squeeze(s), "/", " ")) }
	return limit(english(x.Country)) + "/" + limit(x.Schedule) + "/" + limit(x.Item)
}

// english is the text before the stroke that parts the official languages.
func english(s string) string {
	s, _, _ = strings.Cut(draft.Squeeze(s), " / ")
	return s
}

func (x *record) name() string {
	if n := draft.Squeeze(x.Name + x.OldName); n != "" {
		return n
	}
	return draft.Squeeze(x.Given + " " + x.Last)
}

func (x *record) take(e *watchlist.Edition, id string) error {
	d := draft.New(e, fileName, id, entity.Organisation)
	body := draft.Squeeze(x.Name + x.OldName)
	date := x.Date
	if date.Text == "" {
		date = x.OldDate
	}
	switch {
	case draft.Squeeze(x.IMO) != "":
		d.Kind = entity.Vessel
	case body == "":
		d.Kind = entity.Person
	}
	if d.Kind == entity.Person {
		names(d, draft.Person("", x.Given, x.Last))
		d.Position(x.Title)
		d.Position(x.OldTitle)
	} else {
		if body == "" {
			body = x.name()
		}
		for n := range strings.SplitSeq(body, " / ") {
			names(d, entity.Name{Full: n})
		}
		d.Remark("", x.Title)
	}
	for _, a := range aliases(x.Aliases) {
		names(d, entity.Name{Full: a, Kind: entity.Alias})
	}
	if s := draft.Squeeze(date.Text); s != "" {
		dates, err := draft.Text(s)
		switch {
		case err != nil:
			d.Note(date.Line, "DateOfBirthOrShipBuildDate", "%v", err)
		case d.Kind == entity.Person:
			d.Born(dates)
		default:
			d.Remark("built ", dates.String())
		}
	}
	d.IMO(x.Line, x.IMO)
	d.Programme(english(x.Country))
	if schedule := draft.Squeeze(x.Schedule); schedule != "" && schedule != "N/A" {
		basis := "Schedule " + schedule
		if item := draft.Squeeze(x.Item); item != "" {
			basis += ", item " + item
		}
		d.Basis(basis)
	}
	if s := draft.Squeeze(x.Listed.Text); s != "" {
		on, err := draft.ISODay(s)
		if err != nil {
			d.Note(x.Listed.Line, "DateOfListing", "%v", err)
		}
		d.Listed = on
	}
	return d.Take()
}

// inScript finds "(Russian: Пример)" in a name.
var inScript = regexp.MustCompile(`\s*\(\s*([A-Z][a-z]+)\s*:\s*([^()]+)\)`)

// names adds a name, and the one in another script that stands in brackets behind it.
func names(d *draft.Draft, n entity.Name) {
	for _, m := range inScript.FindAllStringSubmatch(n.Full, -1) {
		if language := draft.Language(m[1]); language != "" && !draft.IsLatin(m[2]) {
			n.Full = strings.Replace(n.Full, m[0], "", 1)
			n.Given, n.Family = without(n.Given, m[0]), without(n.Family, m[0])
			defer d.Name(entity.Name{Full: m[2], Kind: entity.Original, Language: language})
		}
	}
	d.Name(draft.Script(n))
}

func without(s, part string) string { return strings.Replace(s, strings.TrimSpace(part), "", 1) }

// company is the beginning of what follows a comma within the name of a company.
var company = regexp.MustCompile(`(?i)^(?:ltd|limited|llc|l\.l\.c|inc|incorporated|corp|co|s\.?a|gmbh|plc|jsc|ojsc|pjsc|fze|jr|sr)\b\.?`)

// aliases parts the names in the field.
func aliases(s string) []string {
	s = draft.Squeeze(s)
	if strings.Contains(s, ";") {
		return strings.Split(s, ";")
	}
	var out []string
	for a := range strings.SplitSeq(s, ", ") {
		if len(out) > 0 && company.MatchString(a) {
			out[len(out)-1] += ", " + a
			continue
		}
		out = append(out, a)
	}
	return out
}
