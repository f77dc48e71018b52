// Package ch reads the sanctions list of Switzerland, as the State Secretariat for Economic
// Affairs (SECO) publishes it from SESAM: the document swiss-sanctions-list.
//
// It makes the list "ch-seco" as a [watchlist.Format], with SECO's numbers (ssid) as ids. It says
// what is written there and nothing of what follows from it.
//
// # Who is on the list
//
// The file keeps those who were taken off, and the whole history of everybody. A target is on the
// list unless the last of its modifications that is in effect on the day of the file is of the
// type de-listed; what a modification added or removed is a copy of what stands elsewhere and is
// not read. TestDelisted holds it to that.
//
// # What is known of the files
//
// The reader has met only the fixture in this folder, written from what is published of the schema
// and not from a real file. Hold a first real edition against SECO's own search before relying on it.
//
// The file does not say which measures apply: an ordinance has several annexes, and not each of
// them freezes. The annex is named beside the ordinance in LegalBasis ("Ordinance …, Annex 8"), and
// Measures stays empty.
//
// # How fields are read
//
// The parts of a name are put into natural order, given names first; a title is a position. A
// spelling variant of a part makes another name with it, which has the value of those parts that
// have no variant in that script. Variants in another script than the Latin are of kind
// [entity.Original]. Names of low quality are weak, and so are no others. Places are referred to
// by number and may stand anywhere in the file. A date of another calendar than the Gregorian is
// told in Edition.Skipped.
package ch

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// List is the name of the list.
const List = "ch-seco"

// Publisher is who publishes it.
const Publisher = "State Secretariat for Economic Affairs (SECO)"

// fileName is what the publisher calls the file, but for its date.
const fileName = "consolidated-list.xml"

// Format is the format of the document swiss-sanctions-list. The file carries its own date.
func Format() watchlist.Format {
	return watchlist.Format{Name: "ch-xml", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse, Dated: true}
}

const root = "swiss-sanctions-list"

func recognise(_ string, data []byte) (string, bool) {
	return fileName, bytes.Contains(data[:min(len(data), 1024)], []byte("<"+root))
}

// The elements of the document that are read.
type program struct {
	SSID  string   `xml:"ssid,attr"`
	Keys  []inLang `xml:"program-key"`
	Names []inLang `xml:"program-name"`
	Sets  []inLang `xml:"sanctions-set"`
}

type inLang struct {
	SSID string `xml:"ssid,attr"`
	Lang string `xml:"lang,attr"`
	Text string `xml:",chardata"`
}

type country struct {
	Line int    `xml:"line,attr"`
	Code string `xml:"iso-code,attr"`
	Text string `xml:",chardata"`
}

type place struct {
	SSID     string  `xml:"ssid,attr"`
	Location string  `xml:"location"`
	Area     string  `xml:"area"`
	Country  country `xml:"country"`
}

type target struct {
	Line          int            `xml:"line,attr"`
	SSID          string         `xml:"ssid,attr"`
	Set           string         `xml:"sanctions-set-id,attr"`
	Sets          []string       `xml:"sanctions-set-id"`
	Foreign       []string       `xml:"foreign-identifier"`
	Modifications []modification `xml:"modification"`
	Individual    *being         `xml:"individual"`
	Entity        *being         `xml:"entity"`
	Object        *being         `xml:"object"`
}

type modification struct {
	Line      int    `xml:"line,attr"`
	Type      string `xml:"modification-type,attr"` // listed, amended, de-listed
	Effective string `xml:"effective-date,attr"`
	Published string `xml:"publication-date,attr"`
	Enacted   string `xml:"enactment-date,attr"`
}

type being struct {
	Line           int        `xml:"line,attr"`
	Sex            string     `xml:"sex,attr"`
	Type           string     `xml:"object-type,attr"`
	Identities     []identity `xml:"identity"`
	Justifications []string   `xml:"justification"`
	Relations      []relation `xml:"relation"`
	Other          []other    `xml:"other-information"`
}

type relation struct {
	Line   int    `xml:"line,attr"`
	Target string `xml:"target-id,attr"`
	Type   string `xml:"relation-type,attr"`
	Remark string `xml:"remark"`
}

type other struct {
	Line int    `xml:"line,attr"`
	Text string `xml:",chardata"`
}

type identity struct {
	Main      string     `xml:"main,attr"`
	Names     []name     `xml:"name"`
	Births    []birth    `xml:"day-month-year"`
	BornAt    []located  `xml:"place-of-birth"`
	Addresses []located  `xml:"address"`
	Nations   []nation   `xml:"nationality"`
	Documents []document `xml:"identification-document"`
}

type name struct {
	Line    int    `xml:"line,attr"`
	Type    string `xml:"name-type,attr"` // primary-name, alias, formerly-known-as
	Quality string `xml:"quality,attr"`   // good, low
	Parts   []part `xml:"name-part"`
}

type part struct {
	Line     int       `xml:"line,attr"`
	Type     string    `xml:"name-part-type,attr"`
	Order    string    `xml:"order,attr"`
	Value    string    `xml:"value"`
	Variants []variant `xml:"spelling-variant"`
}

type variant struct {
	Lang   string `xml:"lang,attr"`   // ISO 639-2
	Script string `xml:"script,attr"` // ISO 15924
	Text   string `xml:",chardata"`
}

type birth struct {
	Line     int    `xml:"line,attr"`
	Day      string `xml:"day,attr"`
	Month    string `xml:"month,attr"`
	Year     string `xml:"year,attr"`
	Calendar string `xml:"calendar,attr"`
}

type located struct {
	Line     int    `xml:"line,attr"`
	Place    string `xml:"place-id,attr"`
	CareOf   string `xml:"c-o"`
	Details  string `xml:"address-details"`
	PoBox    string `xml:"p-o-box"`
	Zip      string `xml:"zip-code"`
	Location string `xml:"location"`
	Remarks  string `xml:"remarks"`
}

type nation struct {
	Country country `xml:"country"`
}

type document struct {
	Line   int    `xml:"line,attr"`
	Type   string `xml:"document-type,attr"`
	Number string `xml:"number"`
	Issuer struct {
		Code string `xml:"code,attr"`
		Text string `xml:",chardata"`
	} `xml:"issuer"`
	Remark string `xml:"remark"`
}

// Parse reads one edition from the list, which must be the only file. The date given is ignored
// for the file's own.
//
// It is a [watchlist.Format]'s Parse.
func Parse(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return watchlist.ReadOne("ch", &watchlist.Edition{List: List, Publisher: Publisher}, files, fileName, read)
}

// A reading is the work on one edition.
type reading struct {
	edition *watchlist.Edition
	today   entity.Day       // of the file
	sets    map[string]basis // sanctions set → what it belongs to
	places  map[string]place
	targets []target
}

// A basis is what a target stands on: a programme, and an annex of its ordinance.
type basis struct{ programme, act string }

func read(e *watchlist.Edition, data []byte) error {
	r, err := listxml.NewAttributeReader(data)
	if err != nil {
		return err
	}
	c := &reading{edition: e, sets: map[string]basis{}, places: map[string]place{}}
	partial := ""
	doubts, err := r.Children(root,
		func(start xml.StartElement) error {
			at := listxml.Attribute(start, "date")
			if at == "" {
				return errors.New("no date in it")
			}
			on, err := draft.ISODay(at)
			if err != nil {
				return err
			}
			c.today, e.Published = on, on.Time()
			if t := listxml.Attribute(start, "list-type"); t != "" && t != "whole-list" {
				partial = fmt.Sprintf("it is a list of the type %q, not the whole one", watchlist.Short(t))
			}
			return nil
		},
		func(start *xml.StartElement, line int) (bool, error) {
			switch start.Name.Local {
			case "sanctions-program":
				var p program
				if err := r.DecodeElement(&p, start); err != nil {
					return true, r.Fail(err)
				}
				c.program(p)
			case "place":
				var p place
				if err := r.DecodeElement(&p, start); err != nil {
					return true, r.Fail(err)
				}
				c.places[p.SSID] = p
			case "target":
				var t target
				if err := r.DecodeElement(&t, start); err != nil {
					return true, r.Fail(err)
				}
				if c.targets = append(c.targets, t); len(c.targets) > draft.MaxEntries {
					return true, fmt.Errorf("line %d: more than %d targets", line, draft.MaxEntries)
				}
			default:
				return false, nil
			}
			return true, nil
		})
	if err != nil {
		return err
	}
	e.Doubts = doubts
	if partial != "" {
		e.Doubts = append(e.Doubts, partial)
	}
	e.Skipped = append(e.Skipped, r.Unread(fileName,
		// Numbers of the publisher's database, what a modification changed (the outcome is read), and whose
		// sanctions a programme follows.
		"ssid", "added", "removed", "origin")...)
	for i := range c.targets {
		t := &c.targets[i]
		if err := draft.Leave(e, fileName, t.Line, watchlist.Short(t.SSID), c.take(t)); err != nil {
			return err
		}
	}
	return nil
}

func (c *reading) program(p program) {
	key, act := english(p.Keys), english(p.Names)
	annexes := map[string][]inLang{}
	for _, s := range p.Sets {
		annexes[s.SSID] = append(annexes[s.SSID], s)
	}
	for ssid, annex := range annexes {
		b := basis{key, act}
		if a := english(annex); a != "" {
			b.act = strings.TrimPrefix(act+", "+a, ", ")
		}
		c.sets[ssid] = b
	}
}

// english is the text in English, or the first there is.
func english(texts []inLang) string {
	for _, t := range texts {
		if t.Lang == "eng" {
			return draft.Squeeze(t.Text)
		}
	}
	if len(texts) > 0 {
		return draft.Squeeze(texts[0].Text)
	}
	return ""
}

// take adds the target to the edition if it is on the list.
func (c *reading) take(t *target) error {
	id := strings.TrimSpace(t.SSID)
	if id == "" || len(id) > 18 || strings.Trim(id, "0123456789") != "" {
		return fmt.Errorf("ssid %q: want a number", watchlist.Short(id))
	}
	d := draft.New(c.edition, fileName, id, entity.UnknownKind)
	if !c.standing(d, t) {
		return nil
	}
	b := t.Individual
	switch {
	case b != nil:
		d.Kind = entity.Person
	case t.Entity != nil:
		b, d.Kind = t.Entity, entity.Organisation
	case t.Object != nil:
		switch b = t.Object; strings.ToLower(b.Type) {
		case "vessel", "ship":
			d.Kind = entity.Vessel
		case "aircraft":
			d.Kind = entity.Aircraft
		default:
			d.Note(b.Line, "object-type", "%q: want vessel or aircraft", watchlist.Short(b.Type))
		}
	default:
		return fmt.Errorf("target %s is neither an individual, nor an entity, nor an object", id)
	}
	d.Gender(b.Line, "sex", b.Sex)
	for _, i := range b.Identities {
		c.identity(d, i)
	}
	for _, o := range b.Other {
		information(d, o)
	}
	for _, f := range t.Foreign {
		d.Identifier(t.Line, "foreign-identifier", entity.Identifier{Type: "un reference", Number: f})
	}
	for _, r := range b.Relations {
		relation := strings.ReplaceAll(strings.TrimSpace(r.Type), "-", " ")
		if relation == "" {
			relation = "related to"
		}
		if strings.TrimSpace(r.Target) == "" {
			d.Note(r.Line, "relation", "no target-id in it")
		}
		d.Relation(entity.Relation{Type: relation, ID: r.Target})
		d.Remark(relation+" "+r.Target+": ", r.Remark)
	}
	for _, s := range append([]string{t.Set}, t.Sets...) {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		b, ok := c.sets[s]
		if !ok {
			d.Note(t.Line, "sanctions-set-id", "%q: no programme has this set", watchlist.Short(s))
		}
		d.Programme(b.programme)
		d.Basis(b.act)
	}
	for _, j := range b.Justifications {
		d.Remark("", j)
	}
	return d.Take()
}

// standing reports whether the target is on the list on the day of the file, and since when.
func (c *reading) standing(d *draft.Draft, t *target) bool {
	var last entity.Day
	status := "listed"
	for _, m := range t.Modifications {
		written := m.Effective
		for _, w := range []string{m.Published, m.Enacted} {
			if strings.TrimSpace(written) == "" {
				written = w
			}
		}
		on, err := draft.ISODay(written)
		if err != nil {
			// What cannot be dated takes nobody off.
			d.Note(m.Line, "modification", "%s: %v", watchlist.Short(m.Type), err)
			continue
		}
		if on.Compare(c.today) > 0 {
			continue // not yet in effect
		}
		// Of one day the first in the file is the last that happened: the file goes backwards.
		if on.Compare(last) > 0 {
			last, status = on, strings.ToLower(strings.TrimSpace(m.Type))
		}
		switch strings.ToLower(strings.TrimSpace(m.Type)) {
		case "listed":
			if on.Compare(d.Listed) > 0 { // who was taken off and listed again is listed since then
				d.Listed = on
			}
		case "amended":
			if on.Compare(d.Amended) > 0 {
				d.Amended = on
			}
		case "de-listed":
		default:
			d.Note(m.Line, "modification", "type %q: want listed, amended or de-listed; taken for amended", watchlist.Short(m.Type))
		}
	}
	return status != "de-listed"
}

func (c *reading) identity(d *draft.Draft, i identity) {
	main := i.Main == "true"
	for _, n := range i.Names {
		n.take(d, main)
	}
	for _, b := range i.Births {
		if cal := strings.TrimSpace(b.Calendar); cal != "" && !strings.HasPrefix(strings.ToLower(cal), "gregorian") {
			d.Note(b.Line, "day-month-year", "%q of the %s calendar: not a date that can be compared", watchlist.Short(b.Year), watchlist.Short(cal))
			continue
		}
		if strings.TrimSpace(b.Year) == "" {
			d.Note(b.Line, "day-month-year", "no year in it")
			continue
		}
		dates, err := draft.Parts(strings.TrimSpace(b.Year), strings.TrimSpace(b.Month), strings.TrimSpace(b.Day))
		if err != nil {
			d.Note(b.Line, "day-month-year", "%v", err)
			continue
		}
		if d.Kind == entity.Person {
			d.Born(dates)
		} else {
			d.Remark("founded or built ", dates.String())
		}
	}
	for _, l := range i.BornAt {
		p := c.place(d, l)
		p.Country, _ = draft.Country(p.Country)
		d.BornAt(p.String())
	}
	for _, l := range i.Addresses {
		d.Place(l.Line, c.place(d, l))
		d.Remark("address: ", l.Remarks)
	}
	for _, n := range i.Nations {
		d.Nationality(n.Country.Line, "nationality", n.Country.written())
	}
	for _, n := range i.Documents {
		n.take(d)
	}
}

func (c country) written() string {
	if s := strings.TrimSpace(c.Code); s != "" {
		return s
	}
	return c.Text
}

// place puts an address and the place it refers to together.
func (c *reading) place(d *draft.Draft, l located) entity.Place {
	p, ok := c.places[l.Place]
	if !ok && l.Place != "" {
		d.Note(l.Line, "place-id", "%q: no such place in the file", watchlist.Short(l.Place))
	}
	var street []string
	for _, s := range []string{l.CareOf, l.Details, l.PoBox} {
		if s = draft.Squeeze(s); s != "" {
			street = append(street, s)
		}
	}
	if box := draft.Squeeze(l.PoBox); box != "" {
		street[len(street)-1] = "PO Box " + box
	}
	town := draft.Squeeze(l.Location)
	if town == "" {
		town = draft.Squeeze(p.Location)
	}
	return entity.Place{Street: strings.Join(street, ", "), Postcode: draft.Squeeze(l.Zip), Town: town, Region: draft.Squeeze(p.Area), Country: p.Country.written()}
}

// ranks put the parts of a name into natural order.
var ranks = map[string]int{"given-name": 1, "further-given-name": 2, "father-name": 3, "grand-father-name": 4, "whole-name": 5, "other": 5, "family-name": 6, "tribal-name": 7, "suffix": 8}

// maxVariants bounds the names that the variants of the parts of one make with one another.
const maxVariants = 32

// take reads a name and what its variants make of it.
func (n name) take(d *draft.Draft, main bool) {
	as := entity.Name{Kind: entity.Alias}
	switch n.Type {
	case "primary-name":
		if main {
			as.Kind = entity.Primary
		}
	case "alias":
	case "formerly-known-as":
		as.Kind = entity.Former
	default:
		d.Note(n.Line, "name-type", "%q: want primary-name, alias or formerly-known-as; taken for an alias", watchlist.Short(n.Type))
	}
	switch n.Quality {
	case "low":
		as.Weak = as.Kind != entity.Primary
	case "good", "":
	default:
		d.Note(n.Line, "quality", "%q: want good or low; taken for good", watchlist.Short(n.Quality))
	}
	var parts, maiden []part
	for _, p := range n.Parts {
		switch p.Type {
		case "title":
			d.Position(p.Value)
		case "maiden-name":
			maiden = append(maiden, p)
		default:
			if ranks[p.Type] == 0 {
				d.Note(p.Line, "name-part-type", "%q: not one that is known; taken for other", watchlist.Short(p.Type))
			}
			parts = append(parts, p)
		}
	}
	slices.SortStableFunc(parts, func(a, b part) int {
		if c := rank(a) - rank(b); c != 0 {
			return c
		}
		x, _ := strconv.Atoi(a.Order)
		y, _ := strconv.Atoi(b.Order)
		return x - y
	})
	if !d.Name(written(d, parts, as)) {
		d.Note(n.Line, "name", "no name in it")
		return
	}
	if as.Kind == entity.Primary {
		as.Kind = entity.Alias
	}
	for _, m := range maiden {
		born := slices.Clone(parts)
		for i := range born {
			if born[i].Type == "family-name" {
				born[i].Value = m.Value
			}
		}
		former := as
		former.Kind = entity.Former
		d.Name(written(d, born, former))
	}
	n.variants(d, parts, as)
}

func rank(p part) int {
	if r := ranks[p.Type]; r > 0 {
		return r
	}
	return ranks["other"]
}

// written puts the parts of a name together, in their order.
func written(d *draft.Draft, parts []part, as entity.Name) entity.Name {
	var full, given, family, father []string
	for _, p := range parts {
		full = append(full, p.Value)
		switch p.Type {
		case "given-name", "further-given-name":
			given = append(given, p.Value)
		case "father-name":
			father = append(father, p.Value)
		case "family-name":
			family = append(family, p.Value)
		}
	}
	as.Full = draft.Squeeze(strings.Join(full, " "))
	if d.Kind == entity.Person {
		n := draft.Person(as.Full, strings.Join(given, " "), strings.Join(family, " "))
		as.Given, as.Patronymic, as.Family = n.Given, n.Patronymic, n.Family
		if len(father) > 0 {
			as.Patronymic = draft.Squeeze(n.Patronymic + " " + strings.Join(father, " "))
		}
	}
	return as
}

// variants adds the name once for each way in which the variants of one language and script can
// stand together.
func (n name) variants(d *draft.Draft, parts []part, as entity.Name) {
	type culture struct{ lang, script string }
	var cultures []culture
	for _, p := range parts {
		for _, v := range p.Variants {
			if c := (culture{v.Lang, v.Script}); !slices.Contains(cultures, c) {
				cultures = append(cultures, c)
			}
		}
	}
	for _, c := range cultures {
		names := [][]part{nil}
		for _, p := range parts {
			var values []string
			for _, v := range p.Variants {
				if (culture{v.Lang, v.Script}) == c && draft.Squeeze(v.Text) != "" {
					values = append(values, v.Text)
				}
			}
			if len(values) == 0 {
				values = []string{p.Value}
			}
			var longer [][]part
			for _, before := range names {
				for _, v := range values {
					if len(longer) == maxVariants {
						d.Note(p.Line, "spelling-variant", "more than %d ways to put them together: the rest was not read", maxVariants)
						break
					}
					with := p
					with.Value = v
					longer = append(longer, append(slices.Clone(before), with))
				}
			}
			names = longer
		}
		as.Language = draft.Language(c.lang)
		for _, v := range names {
			d.Name(draft.Script(written(d, v, as)))
		}
	}
}

// documentTypes are those that the schema calls otherwise than we do.
var documentTypes = map[string]string{"id-card": "national id", "driving-license": "driving licence", "driving-permit": "driving licence",
	"diplomatic-passport": "passport", "resident-permit": "residence permit", "other": "document", "": "document"}

// falsely is what a remark says of a document that is not the listed person's own.
var falsely = regexp.MustCompile(`(?i)\b(?:false|falsified|forged|fake|fraudulent|misused?|stolen|lost)\b`)

func (n document) take(d *draft.Draft) {
	called, ok := documentTypes[n.Type]
	if !ok {
		called = strings.ReplaceAll(n.Type, "-", " ")
	}
	issuer := n.Issuer.Code
	if strings.TrimSpace(issuer) == "" {
		issuer = n.Issuer.Text
	}
	if draft.Squeeze(n.Number) == "" {
		d.Note(n.Line, "identification-document", "no number in it")
	}
	d.Identifier(n.Line, "identification-document", entity.Identifier{Type: called, Number: n.Number, Country: issuer, Doubtful: falsely.MatchString(n.Remark)})
	d.Remark("document "+draft.Squeeze(n.Number)+": ", n.Remark)
}

// The list has no fields for what an organisation or a vessel is known by, and writes it as
// "IMO number: 9000001" among the other information.
var (
	labelled = regexp.MustCompile(`(?i)^([^:]{2,60}?)\s?:\s*(.+?)\.?$`)
	numbers  = []struct {
		label  *regexp.Regexp
		called string
	}{
		{regexp.MustCompile(`(?i)^imo(?: number)?$`), "imo"},
		{regexp.MustCompile(`(?i)\btax|^inn$|^unp$`), "tax id"},
		{regexp.MustCompile(`(?i)registration number|^ogrn$|^okpo$`), "registration"},
		{regexp.MustCompile(`(?i)^passport number$`), "passport"},
		{regexp.MustCompile(`(?i)^national (?:id|identification)(?: number)?\.?$|^personal id$`), "national id"},
		{regexp.MustCompile(`(?i)^swift(?:/bic)?(?: code)?$`), draft.SWIFT},
	}
	contact = regexp.MustCompile(`(?i)^(?:company )?(?:web ?site|e-?mail(?: address)?|tel\.?|telephone(?: number| no\.)?|phone(?: number)?|fax(?: no\.)?)$`)
	plain   = regexp.MustCompile(`^[A-Z0-9][A-Z0-9 ./-]{3,29}$`)
)

func information(d *draft.Draft, o other) {
	s := draft.Squeeze(o.Text)
	if m := labelled.FindStringSubmatch(s); m != nil {
		if contact.MatchString(m[1]) {
			d.Contact(m[2])
			return
		}
		for _, n := range numbers {
			if n.label.MatchString(m[1]) && plain.MatchString(m[2]) {
				d.Identifier(o.Line, "other-information", entity.Identifier{Type: n.called, Number: m[2]})
				break
			}
		}
	}
	d.Remark("", s)
}
