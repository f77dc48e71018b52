package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"sallyport/match"
	"sallyport/names"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

// A form is a format of a list, with a whole document of it and where to spoil it.
type form struct {
	document string // of a file below watchlist/, or the text itself
	name     string // a name in it, of a person or firm of whom nothing else is told in the same place
	day      string // a birth date or a date of listing in it …
	never    string // … and a day that the calendar has not, written alike
	row      string // of a table: the beginning of a row, up to which it is cut
}

// forms has one of every format that the program reads, but for the starter edition, which is no
// file from outside.
var forms = map[string]form{
	"ofac-csv":      {"90003,\"EXAMPLOV, Ivan\",\"individual\",\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 03 Mar 1961.\"\r\n90001,\"EXAMPLE BANK\",-0- ,\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n90002,\"EXAMPLE SHOP\",-0- ,\"CYBER2\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a", "EXAMPLE BANK", "03 Mar 1961", "31 Feb 1961", "90001,\"EXAMPLE BANK\""},
	"ofac-cons-csv": {"90003,\"EXAMPLOV, Ivan\",\"individual\",\"NS-PLC\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"DOB 03 Mar 1961.\"\r\n90001,\"EXAMPLE BANK\",-0- ,\"NS-PLC\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n90002,\"EXAMPLE SHOP\",-0- ,\"NS-PLC\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- \r\n\x1a", "EXAMPLE BANK", "03 Mar 1961", "31 Feb 1961", "90001,\"EXAMPLE BANK\""},

	"ofac-xml":           {"ofac/testdata/sdn.xml", "EXAMPLE BANK</lastName", "03 Mar 1961", "30 Feb 1961", ""},
	"ofac-cons-xml":      {"ofac/testdata/sdn.xml", "EXAMPLE BANK</lastName", "03 Mar 1961", "30 Feb 1961", ""},
	"ofac-advanced":      {"ofac/testdata/sdn_advanced.xml", "EXAMPLE BANK", "<Year>1961</Year><Month>3</Month><Day>3</Day>", "<Year>1961</Year><Month>2</Month><Day>30</Day>", ""},
	"ofac-cons-advanced": {"ofac/testdata/sdn_advanced.xml", "EXAMPLE BANK", "<Year>1961</Year><Month>3</Month><Day>3</Day>", "<Year>1961</Year><Month>2</Month><Day>30</Day>", ""},
	"ofac-enhanced":      {"ofac/testdata/sdn_enhanced.xml", "EXAMPLE BANK</value", "1961-03-03", "1961-02-30", ""},
	"ofac-cons-enhanced": {"ofac/testdata/sdn_enhanced.xml", "EXAMPLE BANK</value", "1961-03-03", "1961-02-30", ""},
	"un-xml":             {"un/testdata/consolidated.xml", "RI EXAMPLE", "2015-07-01", "2015-02-30", ""},
	"eu-xml":             {"eu/testdata/full.xml", "Ivan Petrovich Primerov", `birthdate="1962-03-04"`, `birthdate="1962-02-30"`, ""},
	"eu-whole":           {"eu/testdata/whole.xml", "Ivan Petrovich Primerov", "", "", ""},
	"eu-csv":             {"eu/testdata/full.csv", "Ivan Petrovich Primerov", "1962-03-04", "1962-02-30", "22/09/2026;900002;"},
	"uk-xml":             {"uk/testdata/list.xml", "PRIMEROV", "15/03/2022", "30/02/2022", ""},
	"uk-table":           {"uk/testdata/list.csv", "PRIMEROV", "15/03/2022", "30/02/2022", ""},
	"uk-conlist-csv":     {"uk/testdata/conlist.csv", "Samir", "04/03/1962", "30/02/1962", ""},
	"ch-xml":             {"ch/testdata/list.xml", "<value>Primerov", `day="4" month="3"`, `day="30" month="2"`, ""},
	"ca-xml":             {"ca/testdata/list.xml", "Example Group", "1962-03-04", "1962-02-30", ""},
	"au-table":           {"au/testdata/list.csv", "EXAMPLE TRADING", "a) 4 March 1962", "a) 30 February 1962", ""},
	"jp-table":           {"jp/testdata/list.csv", "Ivan PRIMEROV", "1962年3月4日", "1962年2月30日", ""},
	"ua-json":            {"ua/testdata/subjects.json", "Prymirov", "1962-03-04", "1962-02-30", ""},
	"ftm": {`{"id":"p-1","schema":"Person","properties":{"name":["Ivan Examplov"],"birthDate":["1970-02-03"]},"datasets":["xx"]}` + "\n" +
		`{"id":"p-2","schema":"Person","properties":{"name":["Anna Examplova"]},"datasets":["xx"]}` + "\n", "Anna Examplova", "1970-02-03", "1970-02-31", ""},
	"senzing": {`{"DATA_SOURCE":"XX","RECORD_ID":"1","RECORD_TYPE":"PERSON","PRIMARY_NAME_FULL":"Ivan Examplov","DATE_OF_BIRTH":"1970-02-03"}` + "\n" +
		`{"DATA_SOURCE":"XX","RECORD_ID":"2","RECORD_TYPE":"PERSON","PRIMARY_NAME_FULL":"Anna Examplova"}` + "\n", "Anna Examplova", "1970-02-03", "1970-02-31", ""},
}

// TestBadInput gives every reader what it must not stumble over: a clear error with file and line,
// or an edition that tells with file, line and field what could not be read, the rest read.
func TestBadInput(t *testing.T) {
	seen := 0
	for _, f := range listFormats() {
		if f.Name == "starter-yaml" {
			continue
		}
		form, ok := forms[f.Name]
		if !ok {
			t.Errorf("%s: no form of it here: give the test a document to spoil", f.Name)
			continue
		}
		seen++
		t.Run(f.Name, func(t *testing.T) { form.spoil(t, f) })
	}
	if seen != len(forms) {
		t.Errorf("%d of %d forms are of a format that the program reads", seen, len(forms))
	}
}

func (x form) spoil(t *testing.T, f watchlist.Format) {
	good := []byte(x.document)
	if strings.Contains(x.document, "/testdata/") {
		var err error
		if good, err = os.ReadFile("../../watchlist/" + x.document); err != nil {
			t.Fatal(err)
		}
	}
	if !utf8.Valid(good) { // a fixture of another encoding
		good = bytes.ToValidUTF8(good, []byte("?"))
	}
	if f.As != nil {
		f = f.As("xx-list", "somebody")
	}
	// Only the name tells some forms of OFAC's other list from the SDN list.
	role, ok := f.Recognise(map[bool]string{true: "cons_prim", false: "file"}[strings.Contains(f.Name, "cons-")], good)
	if !ok && f.Name != "ofac-cons-enhanced" {
		t.Fatal("not recognised")
	}
	parse := func(document []byte) (*watchlist.Edition, error) {
		e, err := f.Parse([]watchlist.File{{Name: role, Data: document}}, listtest.Published)
		if err == nil {
			listtest.Sound(t, e)
		} else if !strings.HasPrefix(err.Error(), "watchlist") {
			t.Errorf("an error that does not say where: %v", err)
		}
		return e, err
	}
	swap := func(old, new string) []byte { return []byte(listtest.Swap(t, good, old, new)) }
	want, err := parse(good)
	if err != nil {
		t.Fatal(err)
	}
	isXML := bytes.HasPrefix(good, []byte("<"))

	// A byte-order mark is taken off.
	if e, err := parse(append([]byte("\ufeff"), good...)); err != nil || !watchlist.Diff(want, e).Empty() {
		t.Errorf("a byte-order mark: %v", err)
	}
	// UTF-16 is read, or refused by name.
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(string(good))) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	if e, err := parse(wide); err == nil && !watchlist.Diff(want, e).Empty() || err != nil && !strings.Contains(err.Error(), "UTF-16") {
		t.Errorf("UTF-16: %v; want it read, or refused by name", err)
	}
	// Bytes of no encoding, in a name: refused with the line, or told.
	if e, err := parse(swap(x.name, "\xff\xfe\xff"+x.name)); err == nil && len(e.Skipped) <= len(want.Skipped) ||
		err != nil && !strings.Contains(err.Error(), "UTF-8") && !strings.Contains(err.Error(), "encod") {
		t.Errorf("another encoding: %v; want it refused or told", err)
	}
	if isXML {
		if _, err := parse(swap(x.name, strings.Repeat("<x>", 10_000)+x.name)); err == nil || !strings.Contains(err.Error(), "line ") {
			t.Errorf("a bomb of nested elements: %v; want it refused with its line", err)
		}
		bomb := `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`
		root := bytes.LastIndexByte(good[:bytes.Index(good, []byte("xmlns"))+1+len(good)*0], '<')
		if i := bytes.Index(good, []byte("?>")); i >= 0 {
			root = i + 2
		}
		doc := bytes.Replace(append(append(bytes.Clone(good[:root]), bomb...), good[root:]...), []byte(x.name), []byte("&b;"+x.name), 1)
		if _, err := parse(doc); err == nil || !strings.Contains(err.Error(), "document type") || !strings.Contains(err.Error(), "line 1") {
			t.Errorf("a bomb of entities: %v; want the document type refused", err)
		}
	} else if deep := strings.Repeat("[", 100_000); strings.Contains(f.Name, "json") || f.As != nil {
		if e, err := parse(append([]byte(deep+"\n"), good...)); err == nil && e.Left+len(e.Skipped) <= len(want.Skipped) {
			t.Error("a bomb of nested arrays is read without a word")
		}
	}
	// A name of ten thousand characters is kept and told.
	long := strings.Repeat("x", 10_000)
	name, rest, _ := strings.Cut(x.name, "<")
	if name == "" { // the tag stands before it
		name, rest = x.name, ""
	}
	if rest != "" {
		rest = "<" + rest
	}
	e, err := parse(swap(x.name, name+long+rest))
	if err != nil || len(e.Entities) < len(want.Entities)-1 {
		t.Fatalf("a name of ten thousand characters: %v; want it told and the rest read", err)
	}
	told := false
	for _, p := range e.Skipped {
		told = told || p.Line > 0 && p.File != "" && p.Field != "" && strings.Contains(p.Text, "characters: compared by the first 512")
	}
	if !told {
		t.Errorf("a name of ten thousand characters: told %v", e.Skipped)
	}
	match.NewIndex(e.Entities, match.DefaultWeights())
	// Zero-width characters change nothing of whom a name finds; a control is refused with its
	// line, or changes nothing either.
	for what, sign := range map[string]string{"zero-width": "\u200b\u200d\ufeff\u2060", "a control": "\x01\x7f"} {
		spoilt := strings.Replace(x.name, string([]rune(name)[len([]rune(name))-2:])+rest, sign+string([]rune(name)[len([]rune(name))-2:])+rest, 1)
		e, err := parse(swap(x.name, spoilt))
		if err != nil {
			if what == "zero-width" || !strings.Contains(err.Error(), "line ") {
				t.Errorf("%s in a name: %v", what, err)
			}
			continue
		}
		for i := range want.Entities {
			w := &want.Entities[i]
			g := e.Find(w.ID)
			if strings.HasPrefix(f.Name, "jp") { // whose ids are made of the names
				g = &e.Entities[i]
			}
			if g == nil && e.Left > 0 && what != "zero-width" {
				continue // with its line, as the document is no JSON there
			}
			if g == nil {
				t.Errorf("%s in a name: entry %s is gone", what, w.ID)
				continue
			}
			folded := map[string]bool{}
			for _, n := range g.Names {
				folded[names.Fold(n.Full)] = true
			}
			for _, n := range w.Names {
				if !folded[names.Fold(n.Full)] && !strings.HasPrefix(f.Name, "jp") {
					t.Errorf("%s in a name: %q is not among %+v", what, n.Full, g.Names)
				}
			}
		}
	}
	// A day that the calendar has not is told, and the entry kept.
	if x.day != "" {
		if e, err := parse(swap(x.day, x.never)); err != nil || len(e.Entities) != len(want.Entities) || len(e.Skipped) <= len(want.Skipped) {
			t.Errorf("30 February: %v; told %v", err, e)
		}
	}
	// A row that ends early is told, and the others are read.
	if x.row != "" {
		i := bytes.Index(good, []byte(x.row)) + len(x.row)
		j := i + bytes.IndexByte(good[i:], '\n')
		if e, err := parse(append(bytes.Clone(good[:i]), good[j:]...)); err != nil || len(e.Doubts) == 0 || len(e.Entities) < len(want.Entities)-1 {
			t.Errorf("a row of too few columns: %v, %v", e, err)
		}
	}
}
