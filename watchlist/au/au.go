// Package au reads Australia's Consolidated List of all persons and entities subject to targeted
// financial sanctions or travel bans, as the Department of Foreign Affairs and Trade (DFAT)
// publishes it: a spreadsheet (.xlsx), or the same as CSV.
//
// It makes the list "au-dfat" as a [watchlist.Format], with DFAT's reference numbers as ids. It
// says what is written there and nothing of what follows from it. The file carries no date of its
// own, so the day it was published is told beside it.
//
// # Rows and entries
//
// An entry has a row a name: 8577 the primary one, 8577a, 8577b and so on the others, which need
// not stand together. A number that is given to a second primary name with another number of rows
// below it is a slip of the publisher: the second is an entry of its own, its id followed by "#"
// and eight digits of the SHA-256 of its name, and that is told.
//
// # Measures
//
// Since November 2025 the list says of each entry which measures apply: a targeted financial
// sanction, which freezes ("asset freeze", Autonomous Sanctions Regulations 2011 and Charter of the
// United Nations Act 1945), a travel ban, an arms embargo, a maritime restriction. An entry with
// none of them has the measure [draft.NoMeasure]. Earlier files have no such columns, all their
// entries are frozen, and Measures is empty.
//
// # What is known of the file
//
// The reader has met only the fixtures in this folder, written from what is published of the
// columns, and not from a real file. Hold a first real edition against DFAT's own before relying on
// it. Numbers of documents stand in Additional Information as prose and are not taken from it.
package au

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtable"
)

// List is the name of the list.
const List = "au-dfat"

// Publisher is who publishes it.
const Publisher = "Department of Foreign Affairs and Trade"

// fileName is what the publisher calls the file, but for its form.
const fileName = "australian_sanctions_consolidated_list.xlsx"

// Format is the format of the list's table. The file carries no date.
func Format() watchlist.Format {
	return watchlist.Format{Name: "au-table", List: List, Publisher: Publisher, Recognise: recognise, Parse: Parse}
}

// titles are columns without which the file is not this one.
var titles = []string{"Reference", "Name of Individual or Entity", "Type", "Name Type", "Committees"}

var western = listtable.Fallback{Name: "windows-1252", Encoding: charmap.Windows1252}

func recognise(_ string, data []byte) (string, bool) {
	return fileName, listtable.Recognise(data, ',', western, titles...)
}

// measures are the columns that say which apply.
var measures = []struct{ title, called string }{
	{"Targeted Financial Sanction", draft.AssetFreeze}, {"Travel Ban", "travel ban"}, {"Arms Embargo", "arms embargo"}, {"Maritime Restriction", "maritime restriction"},
}

// Parse reads one edition from the list, which must be the only file, published on the given day.
//
// It is a [watchlist.Format]'s Parse.
func Parse(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	return watchlist.ReadOne("au", &watchlist.Edition{List: List, Publisher: Publisher, Published: published}, files, fileName, read)
}

// An entry is the rows of one.
type entry struct {
	reference string
	rows      []listtable.Row
}

// isReference reads "8577" and "8577b".
var isReference = regexp.MustCompile(`^(\d{1,9})\s*([a-zA-Z]{0,3})$`)

func read(e *watchlist.Edition, data []byte) error {
	sheets, err := listtable.Open(data, ',', western)
	if err != nil {
		return err
	}
	var order []*entry
	latest := map[string]*entry{}
	withMeasures, found := false, false
	for _, s := range sheets {
		if _, err := s.Seek(titles...); err != nil {
			if len(sheets) > 1 { // the others explain the list
				continue
			}
			return err
		}
		found = true
		withMeasures = withMeasures || s.Has(measures[0].title)
		e.Skipped = append(e.Skipped, s.Problems(fileName)...)
		for {
			row, err := s.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
			if row.Get("Reference") == "" && name(row) == "" { // notes below the table
				e.Skipped = append(e.Skipped, watchlist.Problem{File: fileName, Line: row.Line, Field: "row", Text: fmt.Sprintf("%q: neither a reference nor a name in it", watchlist.Short(draft.Squeeze(strings.Join(row.Cells, " "))))})
				continue
			}
			m := isReference.FindStringSubmatch(row.Get("Reference"))
			if m == nil {
				if err := draft.Leave(e, fileName, row.Line, "", fmt.Errorf("reference %q: want one such as 8577 or 8577b", watchlist.Short(row.Get("Reference")))); err != nil {
					return err
				}
				continue
			}
			x := latest[m[1]]
			if x == nil || m[2] == "" && isPrimary(row) && x.hasPrimary() && name(row) != name(x.rows[0]) {
				x = &entry{reference: m[1]}
				if latest[m[1]] != nil {
					sum := sha256.Sum256([]byte(name(row)))
					x.reference += "#" + hex.EncodeToString(sum[:4])
				}
				latest[m[1]] = x
				order = append(order, x)
			}
			x.rows = append(x.rows, row)
		}
		e.Doubts = append(e.Doubts, s.Doubts()...)
	}
	if !found {
		return fmt.Errorf("no sheet has the titles %s", strings.Join(titles, ", "))
	}
	for _, x := range order {
		if err := draft.Leave(e, fileName, x.rows[0].Line, x.reference, x.take(e, withMeasures)); err != nil {
			return err
		}
	}
	for _, s := range sheets {
		e.Skipped = append(e.Skipped, s.Unread(fileName)...)
	}
	return nil
}

func name(row listtable.Row) string { return draft.Squeeze(row.Get("Name of Individual or Entity")) }

func isPrimary(row listtable.Row) bool {
	return strings.HasPrefix(strings.ToLower(row.Get("Name Type")), "primary")
}

func (x *entry) hasPrimary() bool { return isPrimary(x.rows[0]) }

func (x *entry) take(e *watchlist.Edition, withMeasures bool) error {
	first := x.rows[0]
	d := draft.New(e, fileName, x.reference, entity.UnknownKind)
	if strings.Contains(x.reference, "#") {
		d.Note(first.Line, "Reference", "%q: another entry has it; kept as one of its own", watchlist.Short(first.Get("Reference")))
	}
	for _, row := range x.rows {
		x.kind(d, row)
		names(d, row)
		facts(d, row)
	}
	if withMeasures && len(d.Measures) == 0 {
		d.Measure(draft.NoMeasure)
		d.Note(first.Line, "measures", "no measure is stated")
	}
	return d.Take()
}

func (x *entry) kind(d *draft.Draft, row listtable.Row) {
	kind := entity.UnknownKind
	switch strings.ToLower(row.Get("Type")) {
	case "individual", "person":
		kind = entity.Person
	case "entity":
		kind = entity.Organisation
	case "vessel", "ship":
		kind = entity.Vessel
	default:
		d.Note(row.Line, "Type", "%q: want Individual, Entity or Vessel", watchlist.Short(row.Get("Type")))
		return
	}
	if d.Kind != entity.UnknownKind && d.Kind != kind {
		d.Note(row.Line, "Type", "%q, and %s in a row above: kept as above", watchlist.Short(row.Get("Type")), d.Kind)
		return
	}
	d.Kind = kind
}

func names(d *draft.Draft, row listtable.Row) {
	n := entity.Name{Full: name(row), Kind: entity.Alias}
	switch s := strings.ToLower(row.Get("Name Type")); {
	case strings.HasPrefix(s, "primary"):
		n.Kind = entity.Primary
	case s == "original script":
		n.Kind = entity.Original
	case strings.HasPrefix(s, "alias"), s == "aka", s == "a.k.a.":
		n = draft.Script(n)
	case strings.HasPrefix(s, "former"), s == "fka", s == "f.k.a.":
		n.Kind = entity.Former
	default:
		d.Note(row.Line, "Name Type", "%q: want Primary Name, Original Script or Alias; taken for an alias", watchlist.Short(row.Get("Name Type")))
		n = draft.Script(n)
	}
	switch s := strings.ToLower(row.Get("Alias Strength")); s {
	case "weak", "low":
		n.Weak = n.Kind != entity.Primary
	case "strong", "good", "":
	default:
		d.Note(row.Line, "Alias Strength", "%q: want Strong or Weak; taken for strong", watchlist.Short(row.Get("Alias Strength")))
	}
	if !d.Name(n) {
		d.Note(row.Line, "Name of Individual or Entity", "no name in it")
	}
}

func facts(d *draft.Draft, row listtable.Row) {
	get := row.Get
	for _, s := range lettered(get("Date of Birth")) {
		births(d, row.Line, s)
	}
	for _, s := range lettered(get("Place of Birth")) {
		d.BornAt(s)
	}
	for _, s := range lettered(get("Citizenship")) {
		// "Congo, Democratic Republic of the" is one country, "Iranian, Iraqi" are two.
		if code, known := draft.Country(s); known {
			d.Nationality(row.Line, "Citizenship", code)
			continue
		}
		for c := range strings.SplitSeq(s, ",") {
			d.Nationality(row.Line, "Citizenship", c)
		}
	}
	for _, s := range lettered(get("Address")) {
		p := entity.Place{Street: s}
		if i := strings.LastIndex(s, ","); i > 0 {
			if code, known := draft.Country(s[i+1:]); known && code != "" {
				p = entity.Place{Street: s[:i], Country: code}
			}
		} else if code, known := draft.Country(s); known {
			p = entity.Place{Country: code}
		}
		d.Place(row.Line, p)
	}
	d.IMO(row.Line, get("IMO Number"))
	d.Programme(get("Committees"))
	d.Basis(get("Instrument of Designation"))
	for _, m := range measures {
		switch s := strings.ToLower(get(m.title)); s {
		case "true", "1", "yes", "y":
			d.Measure(m.called)
		case "false", "0", "no", "n", "":
		default:
			d.Note(row.Line, m.title, "%q: want TRUE or FALSE", watchlist.Short(s))
		}
	}
	if s := get("Control Date"); s != "" {
		on, err := controlDate(s)
		if err != nil {
			d.Note(row.Line, "Control Date", "%v", err)
		} else if on.Compare(d.Amended) > 0 {
			d.Amended = on
		}
	}
	listing := get("Listing Information")
	if on, err := draft.Text(listing); err == nil && on.IsExact() {
		d.Listed = on.From
	} else if m := listedOn.FindStringSubmatch(listing); m != nil && d.Listed.IsZero() {
		if on, err := draft.Text(m[1]); err == nil && on.IsExact() {
			d.Listed = on.From
		}
	}
	d.Remark("listing: ", listing)
	d.Remark("", get("Additional Information"))
}

var (
	// "Listed by UN 1988 Committee on 25 Jan 2001"
	listedOn = regexp.MustCompile(`(?i)\b(?:listed|designated)\b[^.;]*?\bon (\d{1,2} [A-Za-z]+\.? \d{4})`)
	// "2/2/26"
	shortYear = regexp.MustCompile(`^(\d{1,2})/(\d{1,2})/(\d{2})$`)
	// "a) … b) …", "(i) … (ii) …"
	letters = regexp.MustCompile(`(?:^|[\s;,])\(?(?:[a-z]|[ivx]{2,4})\)\s`)
)

// controlDate reads "2/2/26", "2/2/2026" and "2026-02-02".
func controlDate(s string) (entity.Day, error) {
	if m := shortYear.FindStringSubmatch(s); m != nil {
		s = m[1] + "/" + m[2] + "/20" + m[3]
	}
	d, err := draft.Text(s)
	if err == nil && !d.IsExact() {
		err = fmt.Errorf("date %q: want a whole day", watchlist.Short(s))
	}
	return d.From, err
}

// lettered parts "a) Kabul b) Herat" and lines. What is not of that form is one value.
func lettered(s string) []string {
	var out []string
	s = strings.ReplaceAll(s, "_x000D_", "\n") // Excel's carriage return
	for line := range strings.SplitSeq(s, "\n") {
		for _, v := range letters.Split(" "+line, -1) {
			if v = strings.Trim(draft.Squeeze(v), " ,;"); v != "" {
				out = append(out, v)
			}
		}
	}
	return out
}

var between = regexp.MustCompile(`(?i),? and,? |, | or |;`)

// births reads the dates of birth in a text: one, or several with "and" and commas between.
func births(d *draft.Draft, line int, s string) {
	dates, err := draft.Text(s)
	if err == nil {
		d.Born(dates)
		return
	}
	parts := between.Split(s, -1)
	if len(parts) == 1 {
		d.Note(line, "Date of Birth", "%v", err)
		return
	}
	for _, p := range parts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		dates, err := draft.Text(p)
		if err != nil {
			d.Note(line, "Date of Birth", "%v", err)
			continue
		}
		d.Born(dates)
	}
}
