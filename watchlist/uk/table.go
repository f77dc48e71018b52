package uk

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"

	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtable"
)

// What the publishers call the files.
const (
	tableName   = "uk-sanctions-list.csv"
	conListName = "conlist.csv"
)

// Table is the format of the CSV of the UK Sanctions List, and of a spreadsheet with its columns.
// The file carries its own date, the report date above the titles.
func Table() watchlist.Format {
	return watchlist.Format{Name: "uk-table", List: List, Publisher: Publisher, Recognise: recogniseTable, Parse: ParseTable, Dated: true}
}

// ConList is the format of the CSV of the consolidated list that OFSI kept until 28 January 2026.
// The file carries its own date above the titles.
func ConList() watchlist.Format {
	return watchlist.Format{Name: "uk-conlist-csv", List: History, Publisher: HistoryPublisher, Recognise: recogniseConList, Parse: ParseConList, Dated: true}
}

// Columns without which a file is not of the form.
var (
	tableTitles   = []string{"Unique ID", "Name 6", "Name type", "Sanctions Imposed"}
	conListTitles = []string{"Group ID", "Name 6", "Alias Type", "Group Type"}
)

// western is what Excel in Western Europe saves a CSV as; the ConList of 2016 is.
var western = listtable.Fallback{Name: "windows-1252", Encoding: charmap.Windows1252}

func recogniseTable(_ string, data []byte) (string, bool) {
	return tableName, listtable.Recognise(data, ',', western, tableTitles...)
}

func recogniseConList(_ string, data []byte) (string, bool) {
	return conListName, listtable.Recognise(data, ',', western, conListTitles...)
}

// ParseTable reads one edition from the rows of the UK Sanctions List, which must be the only
// file. The date given is ignored for the file's own.
//
// It is a [watchlist.Format]'s Parse.
func ParseTable(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, List, Publisher, tableName, func(e *watchlist.Edition, data []byte) error {
		return readRows(e, data, tableName, tableTitles, "Unique ID", (*designation).addRow, func(x *designation) error { return x.take(e, tableName) })
	})
}

// ParseConList reads one edition from the consolidated list, which must be the only file. The date
// given is ignored for the file's own. The edition always has the doubt that the list is closed.
//
// It is a [watchlist.Format]'s Parse.
func ParseConList(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, History, HistoryPublisher, conListName, func(e *watchlist.Edition, data []byte) error {
		err := readRows(e, data, conListName, conListTitles, "Group ID", (*designation).addHistory, func(x *designation) error {
			d, err := x.begin(e, conListName)
			if err != nil {
				return err
			}
			x.rest(d)
			return d.Take()
		})
		e.Doubts = append(e.Doubts, "this list was closed on 28 January 2026, "+List+" has taken its place: it is history")
		return err
	})
}

// reported finds the day above the titles: "Report Date: 13-Feb-2026", "Last Updated,12/02/2016".
var reported = regexp.MustCompile(`(?i)(?:report date|last updated)\s*:?,?\s*([0-9][0-9A-Za-z/ -]+[0-9])`)

// readRows reads a table whose rows each have an id and one value of each kind.
func readRows(e *watchlist.Edition, data []byte, file string, titles []string, id string, add func(*designation, listtable.Row), take func(*designation) error) error {
	sheets, err := listtable.Open(data, ',', western)
	if err != nil {
		return err
	}
	var found *listtable.Sheet
	for i := range sheets {
		preamble, err := sheets[i].Seek(titles...)
		if err != nil {
			if len(sheets) > 1 { // the others explain the list
				continue
			}
			return err
		}
		if found != nil {
			return fmt.Errorf("two sheets have the titles of the list: %q and %q", watchlist.Short(found.Name), watchlist.Short(sheets[i].Name))
		}
		found = &sheets[i]
		if e.Published, err = reportDate(preamble); err != nil {
			return err
		}
	}
	if found == nil {
		return fmt.Errorf("no sheet has the titles %s", strings.Join(titles, ", "))
	}
	e.Skipped = append(e.Skipped, found.Problems(file)...)
	records := map[string]*designation{}
	var order []*designation
	for {
		row, err := found.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		key := row.Get(id)
		if key == "" {
			if err := draft.Leave(e, file, row.Line, "", fmt.Errorf("no %s", id)); err != nil {
				return err
			}
			continue
		}
		x := records[key]
		if x == nil {
			x = &designation{Line: row.Line, ID: key}
			records[key] = x
			order = append(order, x)
		}
		add(x, row)
	}
	for _, x := range order {
		if err := draft.Leave(e, file, x.Line, watchlist.Short(x.ID), take(x)); err != nil {
			return err
		}
	}
	e.Doubts = append(e.Doubts, found.Doubts()...)
	e.Skipped = append(e.Skipped, found.Unread(file, "Non-latin script type")...)
	return nil
}

func reportDate(preamble []listtable.Row) (time.Time, error) {
	for _, row := range preamble {
		if m := reported.FindStringSubmatch(strings.Join(row.Cells, " ")); m != nil {
			d, err := draft.Text(m[1])
			if err != nil || !d.IsExact() {
				return time.Time{}, fmt.Errorf("line %d: report date %q: want a day such as 13-Feb-2026", row.Line, watchlist.Short(m[1]))
			}
			return d.From.Time(), nil
		}
	}
	return time.Time{}, errors.New("no report date above the titles")
}

// addRow adds what a row of the UK Sanctions List says.
func (x *designation) addRow(row listtable.Row) {
	get := row.Get
	for _, f := range []struct {
		to    *string
		title string
	}{{&x.Group, "OFSI Group ID"}, {&x.UN, "UN Reference Number"}, {&x.Regime, "Regime Name"}, {&x.Kind, "Designation Type"}, {&x.Kind, "Individual, Entity, Ship"},
		{&x.Source, "Designation source"}, {&x.Other, "Other Information"}, {&x.Reasons, "UK Statement of Reasons"}} {
		if *f.to == "" {
			*f.to = get(f.title)
		}
	}
	for _, f := range []struct {
		to    *text
		title string
	}{{&x.Imposed, "Sanctions Imposed"}, {&x.Designated, "Date Designated"}, {&x.Updated, "Last Updated"}} {
		if f.to.Text == "" {
			*f.to = text{row.Line, get(f.title)}
		}
	}
	x.names(row, "Name type", "Alias strength")
	if s := get("Name non-latin script"); s != "" {
		x.Originals = append(x.Originals, original{s, get("Non-latin script language")})
	}
	x.Titles = said(x.Titles, get("Title"))
	x.Phones = said(x.Phones, get("Phone number"))
	x.Sites = said(x.Sites, get("Website"))
	x.Emails = said(x.Emails, get("Email address"))
	x.Addresses = append(x.Addresses, address{row.Line, get("Address Line 1"), get("Address Line 2"), get("Address Line 3"), get("Address Line 4"), get("Address Line 5"), get("Address Line 6"), get("Address Postal Code"), get("Address Country")})
	p := individual{Line: row.Line, Births: cell(row, "D.O.B"), Nations: cell(row, "Nationality(/ies)"), Genders: cell(row, "Gender"), Positions: said(nil, get("Position")),
		BornAt: []location{{get("Town of birth"), get("Country of birth")}}}
	p.documents(row, "Passport number", "Passport additional information", "National Identifier number", "National Identifier additional information")
	x.Individuals = append(x.Individuals, p)
	x.Bodies = append(x.Bodies, body{Line: row.Line, Types: said(nil, get("Type of entity")), Subsidiaries: said(nil, get("Subsidiaries")), Parents: said(nil, get("Parent company")),
		Registrations: cell(row, "Business registration number (s)")})
	x.Ships = append(x.Ships, ship{Line: row.Line, IMO: cell(row, "IMO number"), Owners: said(nil, get("Current owner/operator (s)")), OldOwners: said(nil, get("Previous owner/operator (s)")),
		Flags: cell(row, "Current believed flag of ship"), OldFlags: said(nil, get("Previous flags")), Types: said(nil, get("Type of ship")), Tonnages: said(nil, get("Tonnage of ship")),
		Lengths: said(nil, get("Length of ship")), Built: said(nil, get("Year Built")), Hulls: cell(row, "Hull identification number (HIN)")})
}

// addHistory adds what a row of the consolidated list says. Editions since 2022 have more columns.
func (x *designation) addHistory(row listtable.Row) {
	get := row.Get
	for _, f := range []struct {
		to    *string
		title string
	}{{&x.Regime, "Regime"}, {&x.Kind, "Group Type"}, {&x.Other, "Other Information"}} {
		if *f.to == "" {
			*f.to = get(f.title)
		}
	}
	for _, f := range []struct {
		to    *text
		title string
	}{{&x.Designated, "Listed On"}, {&x.Updated, "Last Updated"}} {
		if f.to.Text == "" {
			*f.to = text{row.Line, get(f.title)}
		}
	}
	x.names(row, "Alias Type", "Alias Quality")
	if s := get("Name Non-Latin Script"); s != "" {
		x.Originals = append(x.Originals, original{s, get("Non-Latin Script Language")})
	}
	x.Titles = said(x.Titles, get("Title"))
	x.Addresses = append(x.Addresses, address{row.Line, get("Address 1"), get("Address 2"), get("Address 3"), get("Address 4"), get("Address 5"), get("Address 6"), get("Post/Zip Code"), get("Country")})
	p := individual{Line: row.Line, Births: cell(row, "DOB"), Nations: cell(row, "Nationality"), Positions: said(nil, get("Position")), BornAt: []location{{get("Town of Birth"), get("Country of Birth")}}}
	p.documents(row, "Passport Number", "Passport Details", "National Identification Number", "National Identification Details")
	if get("NI Number") != "" {
		p.documents(row, "", "", "NI Number", "")
	}
	x.Individuals = append(x.Individuals, p)
}

// names adds the row's name.
func (x *designation) names(row listtable.Row, kind, strength string) {
	get := row.Get
	x.Names = append(x.Names, name{row.Line, get("Name 1"), get("Name 2"), get("Name 3"), get("Name 4"), get("Name 5"), get("Name 6"), get(kind), get(strength)})
}

// documents adds the row's passport and national identifier. Where the number has no column, as
// in the ConList of 2016, the details hold it.
func (p *individual) documents(row listtable.Row, pass, passMore, number, numberMore string) {
	get := func(title string) string {
		if title == "" {
			return ""
		}
		return row.Get(title)
	}
	add := func(number, more string) (string, string) {
		if number == "" {
			return more, ""
		}
		return number, more
	}
	if n, more := add(get(pass), get(passMore)); n != "" {
		p.Passports = append(p.Passports, passport{row.Line, n, more})
	}
	if n, more := add(get(number), get(numberMore)); n != "" {
		p.Numbers = append(p.Numbers, national{row.Line, n, more})
	}
}

func cell(row listtable.Row, title string) []text {
	if s := row.Get(title); s != "" {
		return []text{{row.Line, s}}
	}
	return nil
}

func said(list []string, s string) []string {
	if s == "" {
		return list
	}
	return append(list, s)
}
