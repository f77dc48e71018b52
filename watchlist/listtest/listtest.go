// Package listtest has what the tests of all readers of lists hold them to: that a file that was
// cut is never taken for a whole one, and that whatever bytes come, the outcome is an edition that
// is sound or an error that says where. It is for tests only.
package listtest

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

// Published is the day given to the formats whose files carry none.
var Published = time.Date(2026, time.September, 30, 0, 0, 0, 0, time.UTC)

// Parse reads a document as the one file of the format, by whatever name.
func Parse(f watchlist.Format, document []byte) (*watchlist.Edition, error) {
	role, _ := f.Recognise("file", document)
	return f.Parse([]watchlist.File{{Name: role, Data: document}}, Published)
}

// Fixture reads a file of the package's testdata.
func Fixture(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Edition reads a fixture, and sees that its bytes are recognised as the format's and no other of
// the formats.
func Edition(t testing.TB, formats watchlist.Formats, format, fixture string) *watchlist.Edition {
	t.Helper()
	b := Fixture(t, fixture)
	f, files, err := formats.Recognise([]watchlist.File{{Name: "renamed", Data: b}})
	if err != nil || f.Name != format {
		t.Fatalf("%s is recognised as %q, %v; want %s", fixture, f.Name, err, format)
	}
	e, err := f.Parse(files, Published)
	if err != nil {
		t.Fatal(err)
	}
	if e.List != f.List || e.Publisher != f.Publisher {
		t.Errorf("list %q of %q", e.List, e.Publisher)
	}
	return e
}

// Real reads a real file that lies beside the project, or skips the test loudly.
func Real(t testing.TB, path string) watchlist.File {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %s: %v", path, err)
	}
	file, err := watchlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// JSON writes an entry indented, for a person who compares two.
func JSON(e any) string {
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// Entities sees that the edition has these entries, and no others.
func Entities(t testing.TB, e *watchlist.Edition, want ...entity.Entity) {
	t.Helper()
	for i := range want {
		want[i].List = e.List
		got := e.Find(want[i].ID)
		if got == nil {
			t.Errorf("entry %s is missing", want[i].ID)
			continue
		}
		g, w := reflect.ValueOf(*got), reflect.ValueOf(want[i])
		for j := range g.NumField() {
			if !reflect.DeepEqual(g.Field(j).Interface(), w.Field(j).Interface()) {
				t.Errorf("entry %s: %s\ngot  %+v\nwant %+v", got.ID, g.Type().Field(j).Name, g.Field(j), w.Field(j))
			}
		}
	}
	if len(e.Entities) != len(want) {
		t.Errorf("%d entries, want %d", len(e.Entities), len(want))
	}
}

// Skipped sees that the edition tells of these problems, one a line.
func Skipped(t testing.TB, e *watchlist.Edition, want ...string) {
	t.Helper()
	var told []string
	for _, p := range e.Skipped {
		told = append(told, p.String())
	}
	if !reflect.DeepEqual(told, want) {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// A Refusal is a document that must be refused, with words of the error and what it wraps.
type Refusal struct {
	Document string
	Says     string
	Is       error
}

// Want is a [Refusal]; is may be nil.
func Want(document, says string, is error) Refusal { return Refusal{document, says, is} }

// Refuses sees that each document is refused as it says.
func Refuses(t testing.TB, f watchlist.Format, cases map[string]Refusal) {
	t.Helper()
	for name, c := range cases {
		_, err := Parse(f, []byte(c.Document))
		if err == nil || !strings.Contains(err.Error(), c.Says) || c.Is != nil && !errors.Is(err, c.Is) || !strings.HasPrefix(err.Error(), "watchlist") {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.Says)
		}
	}
}

// Leaves sees that of each document one entry or row is left out and told as it says, that the rest
// is read, and that the edition is doubted.
func Leaves(t testing.TB, f watchlist.Format, cases map[string]Refusal) {
	t.Helper()
	for name, c := range cases {
		e, err := Parse(f, []byte(c.Document))
		if err != nil {
			t.Errorf("%s: %v; want the rest read", name, err)
			continue
		}
		Sound(t, e)
		told := false
		for _, p := range e.Skipped {
			told = told || strings.Contains(p.String(), c.Says) && strings.HasSuffix(p.Text, ": left out")
		}
		if !told || e.Left < 1 || len(e.Entities) == 0 || !slices.ContainsFunc(e.Doubts, func(d string) bool { return strings.HasSuffix(d, "could not be read and are left out") }) {
			t.Errorf("%s: %d left out, told %v, doubts %q; want one that says %q", name, e.Left, e.Skipped, e.Doubts, c.Says)
		}
	}
}

// Swap is the document with one text in it for another; the test fails if it is not there.
func Swap(t testing.TB, document []byte, old, new string) string {
	t.Helper()
	if !bytes.Contains(document, []byte(old)) {
		t.Fatalf("the fixture has no %q", old)
	}
	return strings.Replace(string(document), old, new, 1)
}

// Cuts sees that the document, which has an end of its own, is never read without it, wherever it
// is cut; and that it counts as truncated in the midst of an entry.
func Cuts(t testing.TB, f watchlist.Format, document []byte) {
	t.Helper()
	whole := bytes.TrimSpace(document)
	for at := range whole {
		if _, err := Parse(f, whole[:at]); err == nil {
			t.Fatalf("cut at byte %d of %d it was read", at, len(whole))
		}
	}
	if _, err := Parse(f, whole[:len(whole)*2/3]); !errors.Is(err, watchlist.ErrTruncated) {
		t.Errorf("cut at two thirds: %v; want it truncated", err)
	}
}

// Fuzz feeds the format with all bytes there are.
func Fuzz(f *testing.F, format watchlist.Format, seeds ...[]byte) {
	fuzzing.Bound(f)
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		format.Recognise("file", document)
		a, err := Parse(format, document)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "watchlist") {
				t.Fatalf("an error that does not say where: %v", err)
			}
			return
		}
		Sound(t, a)
		b, err := Parse(format, document)
		if err != nil || !watchlist.Diff(a, b).Empty() || !reflect.DeepEqual(a.Skipped, b.Skipped) || !reflect.DeepEqual(a.Doubts, b.Doubts) {
			t.Fatalf("read again it differs: %v", err)
		}
	})
}

// Sound sees that an edition is what the packages above rely on.
func Sound(t testing.TB, e *watchlist.Edition) {
	t.Helper()
	for i := range e.Entities {
		x := &e.Entities[i]
		if x.ID == "" || x.ID != strings.TrimSpace(x.ID) || len(x.ID) > 200 || x.PrimaryName() == "" || x.Names[0].Kind != entity.Primary {
			t.Fatalf("entry %q, names %+v", x.ID, x.Names)
		}
		for j, n := range x.Names {
			if n.Full == "" || n.Full != strings.Join(strings.Fields(n.Full), " ") || j > 0 && n.Kind == entity.Primary {
				t.Fatalf("entry %s: name %+v", x.ID, n)
			}
		}
		for _, d := range x.Birth {
			if again, err := entity.ParseDates(d.String()); err != nil || again != d {
				t.Fatalf("entry %s: born %s, read again %s, %v", x.ID, d, again, err)
			}
		}
		for _, n := range x.Identifiers {
			if n.Type == "" || n.Number == "" || n.Type != strings.ToLower(n.Type) {
				t.Fatalf("entry %s: identifier %+v", x.ID, n)
			}
		}
		for _, r := range x.Relations {
			if r.Type == "" || r.ID+r.Name == "" {
				t.Fatalf("entry %s: relation %+v", x.ID, r)
			}
		}
		for _, m := range x.Measures {
			if m == "" || m != strings.ToLower(m) {
				t.Fatalf("entry %s: measure %q", x.ID, m)
			}
		}
	}
	for _, p := range e.Skipped {
		if p.File == "" || p.Line < 1 || p.Field == "" || p.Text == "" {
			t.Fatalf("a problem that does not say where: %+v", p)
		}
	}
}

// Dates reads what entity.Dates writes: "1962", "circa 1962", "1962-03-01/1962-03-31".
func Dates(t testing.TB, s string) entity.Dates {
	t.Helper()
	d, err := entity.ParseDates(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Day reads "2022-02-24".
func Day(t testing.TB, s string) entity.Day {
	t.Helper()
	d, err := entity.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Workbook makes an .xlsx with one sheet of the rows of a CSV.
func Workbook(t testing.TB, table []byte) []byte {
	t.Helper()
	var sheet bytes.Buffer
	sheet.WriteString("<worksheet><sheetData>")
	for i, row := range rows(t, table) {
		fmt.Fprintf(&sheet, `<row r="%d">`, i+1)
		for _, c := range row {
			sheet.WriteString(`<c t="inlineStr"><is><t>`)
			if err := xml.EscapeText(&sheet, []byte(c)); err != nil {
				t.Fatal(err)
			}
			sheet.WriteString("</t></is></c>")
		}
		sheet.WriteString("</row>")
	}
	sheet.WriteString("</sheetData></worksheet>")
	return archive(t, [][2]string{
		{"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="List" r:id="a"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Target="sheet.xml"/></Relationships>`},
		{"xl/sheet.xml", sheet.String()},
	})
}

// OpenDocument makes an .ods with one sheet of the rows of a CSV.
func OpenDocument(t testing.TB, table []byte) []byte {
	t.Helper()
	var sheet bytes.Buffer
	sheet.WriteString("<document-content><body><spreadsheet><table name=\"List\">")
	for _, row := range rows(t, table) {
		sheet.WriteString("<table-row>")
		for _, c := range row {
			sheet.WriteString("<table-cell><p>")
			if err := xml.EscapeText(&sheet, []byte(c)); err != nil {
				t.Fatal(err)
			}
			sheet.WriteString("</p></table-cell>")
		}
		sheet.WriteString("</table-row>")
	}
	sheet.WriteString("</table></spreadsheet></body></document-content>")
	return archive(t, [][2]string{{"content.xml", sheet.String()}})
}

func rows(t testing.TB, table []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(table))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// archive packs files, each a name and a text.
func archive(t testing.TB, files [][2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		w, err := z.Create(f[0])
		if err == nil {
			_, err = w.Write([]byte(f[1]))
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
