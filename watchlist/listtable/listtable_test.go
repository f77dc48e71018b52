package listtable

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

var western = Fallback{"windows-1252", charmap.Windows1252}

// read gives each row as "line: name=…, id=…".
func read(s Sheet) (rows []string, err error) {
	if _, err := s.Seek("ID", "name"); err != nil {
		return nil, err
	}
	for {
		row, err := s.Next()
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, fmt.Sprintf("%d: %s %s", row.Line, row.Get("id"), row.Get("Name")))
	}
}

func readCSV(text string) ([]string, *Reader, error) {
	r, err := CSV([]byte(text), ';', western)
	if err != nil {
		return nil, nil, err
	}
	rows, err := read(Sheet{Reader: r})
	return rows, r, err
}

func TestCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text     string
		want     []string
		encoding string
		doubts   string
	}{
		"as it should be":       {"id;name\n1; a \n2;\"b;\nb\"\n\n;\n3;c\n", []string{"2: 1 a", "3: 2 b;\nb", "7: 3 c"}, "utf-8", ""},
		"a preamble":            {"Last updated;today\nName;more; I  D\n", nil, "", ""},
		"titles moved":          {"Last updated;today\r\n Name ;more;ID\r\na;x;1\r\n", []string{"3: 1 a"}, "utf-8", ""},
		"a byte-order mark":     {"\ufeffid;name\n1;é\n", []string{"2: 1 é"}, "utf-8", ""},
		"windows-1252":          {"id;name\n1;\x91\xe9\x92\n", []string{"2: 1 ‘é’"}, "windows-1252", ""},
		"UTF-16":                {"\xff\xfei\x00d\x00;\x00n\x00a\x00m\x00e\x00\n\x001\x00;\x00a\x00\n\x00", []string{"2: 1 a"}, "utf-16", ""},
		"no end of line":        {"id;name\n1;a", []string{"2: 1 a"}, "utf-8", "has no line end"},
		"a short row":           {"id;name;more\n1;a\n2;b;c\n", []string{"2: 1 a", "3: 2 b"}, "utf-8", "line 2: 2 columns, the titles have 3"},
		"a long row":            {"id;name\n1;a;x\n", []string{"2: 1 a"}, "utf-8", "line 2: 3 columns, the titles have 2"},
		"many of them":          {"id;name\n" + strings.Repeat("1;a;x\n", 9), []string{"2: 1 a", "3: 1 a", "4: 1 a", "5: 1 a", "6: 1 a", "7: 1 a", "8: 1 a", "9: 1 a", "10: 1 a"}, "utf-8", "9 rows in all"},
		"a title twice":         {"id;name;id\n1;a;2\n", []string{"2: 1 a"}, "utf-8", ""},
		"a column nobody knows": {"id;new;name\n1;x;a\n", []string{"2: 1 a"}, "utf-8", ""},
	} {
		rows, r, err := readCSV(c.text)
		if c.want == nil {
			if err == nil || !strings.Contains(err.Error(), "titles") {
				t.Errorf("%s: %q, %v", name, rows, err)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(rows, c.want) || r.Encoding != c.encoding {
			t.Errorf("%s: %q in %v, %v; want %q in %s", name, rows, r, err, c.want, c.encoding)
			continue
		}
		if d := strings.Join(r.Doubts(), "; "); !strings.Contains(d, c.doubts) || (d == "") != (c.doubts == "") {
			t.Errorf("%s: doubts %q; want %q", name, d, c.doubts)
		}
	}
}

// Quotation marks that publishers leave in their texts are texts; a row that one swallows is short.
func TestQuotes(t *testing.T) {
	for text, want := range map[string][]string{
		"id;name\n1;a \"b\" c\n2;d\n":                   {"2: 1 a \"b\" c", "3: 2 d"},
		"id;name\n1;\"a\"b\"\n2;d\n":                    {"2: 1 a\"b", "3: 2 d"},
		"id;name;more\n1;\"a\" b;c\n2;d;\"e\"\n3;f;g\n": {"2: 1 a\" b;c\n2;d;\"e", "4: 3 f"},
	} {
		rows, r, err := readCSV(text)
		if err != nil || !reflect.DeepEqual(rows, want) {
			t.Errorf("%q: %q, %v; want %q", text, rows, err, want)
			continue
		}
		if p := r.Problems("x.csv"); len(p) != 1 || p[0].Line != 2 || p[0].Field != "quotes" {
			t.Errorf("%q: told %v", text, p)
		}
		if swallowed := strings.Contains(text, "more"); (len(r.Doubts()) > 0) != swallowed {
			t.Errorf("%q: doubts %q", text, r.Doubts())
		}
	}
	if _, r, err := readCSV("id;name\n1;a\"b\n2;\"c"); err != nil || len(r.Doubts()) != 1 {
		t.Errorf("cut in a quoted field, after a mark that makes the reading loose: %v", err)
	}
}

func TestCSVRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text, want string
		is         error
	}{
		"nothing":                  {" \n", "", watchlist.ErrEmpty},
		"a byte-order mark alone":  {"\xff\xfe", "", watchlist.ErrEmpty},
		"a web page":               {"<!DOCTYPE html>", "a web page", nil},
		"cut in a row":             {"id;name;more\n1;a;b\n2;c", "line 3: the last row has 2 columns, want 3", watchlist.ErrTruncated},
		"cut in a quoted field":    {"id;name\n1;a\n2;\"c", "line 3", watchlist.ErrTruncated},
		"other titles":             {"key;name\n1;a\n", "has the titles ID, name", nil},
		"an endless field":         {"id;name\n1;" + strings.Repeat("x", MaxCell+1) + "\n", "line 2: column 2: 65537 bytes", nil},
		"columns without end":      {"id;name\n1" + strings.Repeat(";", MaxColumns) + "\n", "513 columns", nil},
		"bytes of no encoding":     {"id;name\n1;\x81\n", "an encoding that is not known", nil},
		"a mark that is not right": {"\xef\xbb\xbfid;name\n1;\xff\n", "marked as UTF-8 and is not", nil},
	} {
		rows, _, err := readCSV(c.text)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) || c.is == nil && errors.Is(err, watchlist.ErrTruncated) {
			t.Errorf("%s: %q, %v; want %q, %v", name, rows, err, c.want, c.is)
		}
	}
	if _, err := CSV([]byte("id;name\n1;\xe9\n"), ';', Fallback{}); err == nil || !strings.Contains(err.Error(), "not known") {
		t.Errorf("an encoding that nobody named: %v", err)
	}
}

// archive packs files, in order, into a zip.
func archive(t testing.TB, files ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	rels      = `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="/xl/worksheets/sheet2.xml"/></Relationships>`
	book      = `<workbook xmlns:r="x"><workbookPr/><sheets><sheet name="One" r:id="r1"/><sheet name="Two" r:id="r2"/></sheets></workbook>`
	texts     = `<sst><si><t>ID</t></si><si><r><t>Na</t></r><r><t>me</t></r><rPh><t>reading</t></rPh></si><si><t xml:space="preserve"> アン </t></si></sst>`
	styles    = `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m"/><numFmt numFmtId="165" formatCode="0&quot;day&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`
	worksheet = `<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>about</t></is></c></row>
<row r="3"><c r="A3" t="s"><v>1</v></c><c r="C3" t="s"><v>0</v></c><c r="D3" t="s"><v>2</v></c></row>
<row r="4"><c r="A4" t="s"><v>2</v></c><c r="C4"><v>17</v></c><c r="Z4"/></row>
<row r="5"><c r="A5" s="1"><v>44616.5</v></c><c r="C5" s="3"><v>5</v></c></row>
<row r="6"><c r="A6" s="2"><v>59</v></c><c r="C6" t="b"><v>1</v></c></row>
<row r="7"><c r="A7" s="2"><v>61</v></c><c r="C7" t="e"><v>#N/A</v></c></row>
<row><c t="inlineStr"><is><t>b</t></is></c><c/><c><v>8</v></c></row></sheetData></worksheet>`
)

func workbookFile(t testing.TB) []byte {
	return archive(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", rels, "xl/sharedStrings.xml", texts, "xl/styles.xml", styles,
		"xl/worksheets/sheet1.xml", worksheet, "xl/worksheets/sheet2.xml", `<worksheet><sheetData/></worksheet>`)
}

func TestXLSX(t *testing.T) {
	sheets, err := Open(workbookFile(t), ',', Fallback{})
	if err != nil || len(sheets) != 2 || sheets[0].Name != "One" || sheets[1].Name != "Two" {
		t.Fatalf("%+v, %v", sheets, err)
	}
	rows, err := read(sheets[0])
	if want := []string{"4: 17 アン", "5: 5 2022-02-24", "6: TRUE 1900-02-28", "7:  1900-03-01", "8: 8 b"}; err != nil || !reflect.DeepEqual(rows, want) || len(sheets[0].Doubts()) != 0 {
		t.Errorf("%q, %v, doubts %q; want %q", rows, err, sheets[0].Doubts(), want)
	}
	if _, err := read(sheets[1]); !errors.Is(err, watchlist.ErrEmpty) {
		t.Errorf("an empty sheet: %v", err)
	}
	if !Recognise(workbookFile(t), ',', Fallback{}, "id", "name") || Recognise(workbookFile(t), ',', Fallback{}, "id", "key") {
		t.Error("a workbook is not recognised by its titles")
	}
}

const content = `<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:body><office:spreadsheet>
<table:table table:name="The UK List"><table:table-column/><table:table-header-rows>
<table:table-row><table:table-cell table:number-columns-repeated="2"/><table:table-cell><text:p>Report Date</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>N<text:span>am</text:span>e</text:p><office:annotation><text:p>note</text:p></office:annotation></table:table-cell><table:table-cell><text:p>ID</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>a<text:s/>b</text:p><text:p>c</text:p></table:table-cell><table:table-cell office:date-value="2022-02-24T00:00:00"><text:p>24 Feb</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16380"/></table:table-row>
<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>`

func TestODS(t *testing.T) {
	sheets, err := Open(archive(t, "mimetype", "x", "content.xml", content), ',', Fallback{})
	if err != nil || len(sheets) != 1 || sheets[0].Name != "The UK List" {
		t.Fatalf("%+v, %v", sheets, err)
	}
	rows, err := read(sheets[0])
	if want := []string{"3: 2022-02-24 a b\nc", "4: 2022-02-24 a b\nc"}; err != nil || !reflect.DeepEqual(rows, want) {
		t.Errorf("%q, %v; want %q", rows, err, want)
	}
}

func TestSpreadsheetsRefused(t *testing.T) {
	whole := workbookFile(t)
	sheet := func(xml string) []byte {
		return archive(t, "xl/workbook.xml", `<workbook xmlns:r="x"><sheets><sheet name="One" r:id="r1"/></sheets></workbook>`, "xl/_rels/workbook.xml.rels", rels, "xl/worksheets/sheet1.xml", xml)
	}
	for name, c := range map[string]struct {
		data []byte
		want string
		is   error
	}{
		"half of it":           {whole[:len(whole)/2], "without its end", watchlist.ErrTruncated},
		"another archive":      {archive(t, "a.txt", "a"), "no spreadsheet", nil},
		"a sheet missing":      {archive(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", rels), "sheet1.xml is missing", nil},
		"a sheet of nowhere":   {archive(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", "<Relationships/>"), `"One" is nowhere`, nil},
		"a cell far away":      {sheet(`<worksheet><row><c r="ZZZ1"><v>1</v></c></row></worksheet>`), "no such cell", nil},
		"cells backwards":      {sheet(`<worksheet><row><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row></worksheet>`), "no such cell", nil},
		"a text of nowhere":    {sheet(`<worksheet><row><c r="A1" t="s"><v>7</v></c></row></worksheet>`), "not in the file", nil},
		"a sheet breaking off": {sheet(`<worksheet><row><c r="A1"><v>1</v>`), "sheet1.xml: line 1", watchlist.ErrTruncated},
		"rows without end":     {archive(t, "content.xml", `<d><table><table-row number-rows-repeated="2000000"><c><p>x</p></c></table-row><table-row><c><p>x</p></c></table-row></table></d>`), "more than 2000000 rows", nil},
		"columns without end":  {archive(t, "content.xml", `<d><table><table-row><c number-columns-repeated="600"><p>x</p></c></table-row></table></d>`), "more than 512 columns", nil},
		"an endless cell":      {archive(t, "content.xml", `<d><table><table-row><c>`+strings.Repeat("<p>"+strings.Repeat("x", MaxCell/2)+"</p>", 3)+`</c></table-row></table></d>`), "longer than any field", nil},
		"no table":             {archive(t, "content.xml", `<d/>`), "", watchlist.ErrEmpty},
	} {
		sheets, err := Open(c.data, ',', Fallback{})
		for i := 0; err == nil && i < len(sheets); i++ {
			_, err = read(sheets[i])
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v; want %q, %v", name, err, c.want, c.is)
		}
	}
}

// A small file cannot fill the memory: all that is unpacked of it counts.
func TestSpreadsheetsBounded(t *testing.T) {
	data := archive(t, "content.xml", content+strings.Repeat("\n<!--"+strings.Repeat(" ", 1017)+"-->", 1<<10))
	if _, err := spreadsheet(data, int64(len(content))+1<<21); err != nil {
		t.Errorf("within the bound: %v", err)
	}
	if _, err := spreadsheet(data, 1<<19); err == nil || !strings.Contains(err.Error(), "too large for a list") {
		t.Errorf("beyond the bound: %v", err)
	}
}

// check reads all of a file and sees that what comes out is within the bounds.
func check(t *testing.T, data []byte) {
	sheets, err := Open(data, ',', western)
	if err != nil {
		return
	}
	for _, s := range sheets {
		for n := 0; n < 1000; n++ { // repeated rows are many and alike
			row, err := s.Next()
			if err != nil {
				break
			}
			if row.Empty() || len(row.Cells) > MaxColumns {
				t.Fatalf("row %d of %d cells: %q", row.Line, len(row.Cells), row.Cells)
			}
		}
	}
}

func FuzzCSV(f *testing.F) {
	fuzzing.Bound(f)
	f.Add([]byte("id,name\n1,\"a\n\"\n"))
	f.Add([]byte("\xff\xfei\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, zipMark) {
			check(t, data)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(worksheet, texts, styles)
	f.Fuzz(func(t *testing.T, sheet, texts, styles string) {
		check(t, archive(t, "xl/workbook.xml", book, "xl/_rels/workbook.xml.rels", rels, "xl/sharedStrings.xml", texts, "xl/styles.xml", styles, "xl/worksheets/sheet1.xml", sheet, "xl/worksheets/sheet2.xml", sheet))
	})
}

func FuzzODS(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(content)
	f.Fuzz(func(t *testing.T, content string) { check(t, archive(t, "content.xml", content)) })
}

// A column in which something stands and that no row was asked for is told once.
func TestUnread(t *testing.T) {
	r, err := CSV([]byte("Name,Born,Mood, Empty ,Key\nA,1970,,,1\nB,,bad,,2\nC,,worse,,3\n"), ',', Fallback{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Seek("Name"); err != nil {
		t.Fatal(err)
	}
	for {
		row, err := r.Next()
		if err != nil {
			break
		}
		row.Get("name")
		if row.Line == 2 {
			row.Get("Born")
		}
	}
	told := r.Unread("f.csv", "KEY")
	if len(told) != 1 || told[0].String() != `f.csv: line 3: column "mood": "bad": not read, nor is what stands below it` {
		t.Errorf("told %v", told)
	}
}
