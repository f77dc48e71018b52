package watchlist

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"

	"sallyport/entity"
)

// lines is a format for tests: "id name" on each line of list.txt, "!" on a line
// of its own where the file is to raise a doubt.
func lines() Format {
	return Format{
		Name: "lines", List: "test-list", Publisher: "nobody",
		Recognise: func(name string, _ []byte) (string, bool) { return name, strings.HasSuffix(name, ".txt") },
		Parse: func(files []File, published time.Time) (*Edition, error) {
			e := &Edition{List: "test-list", Publisher: "nobody", Published: published}
			for _, f := range files {
				if len(f.Data) == 0 {
					return nil, fmt.Errorf("%s: %w", f.Name, ErrEmpty)
				}
				if !bytes.HasSuffix(f.Data, []byte("\n")) {
					return nil, fmt.Errorf("%s: %w", f.Name, ErrTruncated)
				}
				for line := range strings.Lines(string(f.Data)) {
					id, name, ok := strings.Cut(strings.TrimSpace(line), " ")
					switch {
					case id == "!":
						e.Doubts = append(e.Doubts, "a line says so")
					case id == "starter":
						e.Starter = true
					case !ok:
						return nil, fmt.Errorf("%s: %q: no name", f.Name, line)
					default:
						e.Entities = append(e.Entities, entity.Entity{ID: id, Names: []entity.Name{{Full: name}}})
					}
				}
			}
			return e, e.Seal(files)
		},
	}
}

func text(s string) []File { return []File{{Name: "list.txt", Data: []byte(s)}} }

func date(s string) time.Time {
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		panic(err)
	}
	return t
}

func edition(t *testing.T, content, published string) *Edition {
	t.Helper()
	e, err := lines().Parse(text(content), date(published))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestHashIsWhatSha256sumPrints(t *testing.T) {
	files := []File{{Name: "sdn.csv", Data: []byte("b\n")}, {Name: "alt.csv", Data: []byte("a\n")}}
	if got, want := Hash(SourcesOf(files[:1])), fmt.Sprintf("%x", sha256.Sum256([]byte("b\n"))); got != want {
		t.Errorf("one file: %s, want the hash of its bytes %s", got, want)
	}
	listing := fmt.Sprintf("%x  alt.csv\n%x  sdn.csv\n", sha256.Sum256([]byte("a\n")), sha256.Sum256([]byte("b\n")))
	want := fmt.Sprintf("%x", sha256.Sum256([]byte(listing)))
	if got := Hash(SourcesOf(files)); got != want {
		t.Errorf("two files: %s, want %s", got, want)
	}
	slices.Reverse(files)
	if got := Hash(SourcesOf(files)); got != want {
		t.Errorf("two files in another order: %s, want %s", got, want)
	}
	if tool, err := exec.LookPath("sha256sum"); err == nil {
		dir := t.TempDir()
		for _, f := range files {
			if err := os.WriteFile(filepath.Join(dir, f.Name), f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(tool, "alt.csv", "sdn.csv")
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil || string(out) != listing {
			t.Errorf("sha256sum prints %q, %v; want %q", out, err, listing)
		}
	}
}

func TestCompareIDs(t *testing.T) {
	ids := []string{"EU-2", "36", "173", "9", "abc", "0036", "100000000000000000000", "EU-10"}
	slices.SortFunc(ids, CompareIDs)
	want := []string{"9", "0036", "36", "173", "100000000000000000000", "EU-10", "EU-2", "abc"}
	if !slices.Equal(ids, want) {
		t.Errorf("order is %q, want %q", ids, want)
	}
}

func TestSealRefuses(t *testing.T) {
	for content, want := range map[string]string{
		"1 A\n1 B\n": "two entries have the id 1",
		"!\n":        "no entry in it",
	} {
		if _, err := lines().Parse(text(content), time.Time{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one that says %q", content, err, want)
		}
	}
}

func TestFind(t *testing.T) {
	e := edition(t, "36 A\n9 B\nx C\n", "2022-01-01")
	for id, want := range map[string]string{"36": "A", "9": "B", "x": "C", "10": "", "036": ""} {
		got := ""
		if x := e.Find(id); x != nil {
			got = x.PrimaryName()
		}
		if got != want {
			t.Errorf("Find(%s) is %q, want %q", id, got, want)
		}
	}
}

func TestDiff(t *testing.T) {
	old := edition(t, "1 A\n2 B\n3 C\n10 D\n", "2022-01-01")
	new := edition(t, "2 B\n3 X\n4 E\n10 D\n", "2022-01-02")
	w1, w2, w3 := entity.Wallet{Ticker: "XBT", Address: "1a"}, entity.Wallet{Ticker: "XBT", Address: "1b"}, entity.Wallet{Ticker: "ETH", Address: "0xc"}
	old.Find("10").Wallets = []entity.Wallet{w1, w2}
	new.Find("10").Wallets = []entity.Wallet{w2, w3}
	new.Find("10").Gender = entity.Male
	d := Diff(old, new)
	var got []string
	for _, e := range d.Added {
		got = append(got, "+"+e.ID)
	}
	for _, c := range d.Changed {
		got = append(got, "~"+c.ID)
		for _, f := range c.Fields {
			got = append(got, f.String())
		}
	}
	for _, e := range d.Removed {
		got = append(got, "-"+e.ID)
	}
	want := []string{"+4", "~3", `names: -"C" +"X"`, "~10", `gender: -"unknown" +"male"`, `wallets: -"XBT 1a" +"ETH 0xc"`, "-1"}
	if !slices.Equal(got, want) {
		t.Errorf("delta is %q, want %q", got, want)
	}
	if d := Diff(old, old); !d.Empty() {
		t.Errorf("an edition differs from itself: %+v", d)
	}
	if d := Diff(nil, new); len(d.Added) != 4 || d.From != "" {
		t.Errorf("against nothing %d are added, want all 4", len(d.Added))
	}
}

// TestDiffSeesEachField changes one field at a time: a field that a delta does not
// see is a field whose change nobody would act on.
func TestDiffSeesEachField(t *testing.T) {
	day := entity.Day{Year: 2022, Month: 2, Day: 24}
	for field, change := range map[string]func(*entity.Entity){
		"kind":          func(e *entity.Entity) { e.Kind = entity.Person },
		"names":         func(e *entity.Entity) { e.Names = append(slices.Clone(e.Names), entity.Name{Full: "X", Weak: true}) },
		"gender":        func(e *entity.Entity) { e.Gender = entity.Female },
		"birth":         func(e *entity.Entity) { e.Birth = []entity.Dates{entity.Year(1970)} },
		"birth_places":  func(e *entity.Entity) { e.BirthPlaces = []string{"Omsk"} },
		"nationalities": func(e *entity.Entity) { e.Nationalities = []string{"RU"} },
		"places":        func(e *entity.Entity) { e.Places = []entity.Place{{Town: "Omsk"}} },
		"identifiers":   func(e *entity.Entity) { e.Identifiers = []entity.Identifier{{Type: "passport", Number: "1"}} },
		"wallets":       func(e *entity.Entity) { e.Wallets = []entity.Wallet{{Ticker: "XBT", Address: "1"}} },
		"programmes":    func(e *entity.Entity) { e.Programmes = []string{"SDGT"} },
		"listed":        func(e *entity.Entity) { e.Listed = day },
		"removed":       func(e *entity.Entity) { e.Removed = day },
		"remarks":       func(e *entity.Entity) { e.Remarks = "x" },
	} {
		a, b := edition(t, "1 A\n", "2022-01-01"), edition(t, "1 A\n", "2022-01-01")
		change(&b.Entities[0])
		d := Diff(a, b)
		if len(d.Changed) != 1 || len(d.Changed[0].Fields) != 1 || d.Changed[0].Fields[0].Field != field {
			t.Errorf("%s: delta is %+v, want one change of that field", field, d.Changed)
		}
	}
}

func TestUnwrap(t *testing.T) {
	plain := bytes.Repeat([]byte("sanctioned\n"), 1000)
	var gz, x bytes.Buffer
	g := gzip.NewWriter(&gz)
	g.Write(plain)
	g.Close()
	w, err := xz.NewWriter(&x)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(plain)
	w.Close()
	for name, data := range map[string][]byte{"sdn.csv": plain, "sdn.csv.gz": gz.Bytes(), "sdn.csv.xz": x.Bytes()} {
		f, err := Unwrap(name, bytes.NewReader(data), int64(len(plain)))
		if err != nil || f.Name != "sdn.csv" || !bytes.Equal(f.Data, plain) {
			t.Errorf("%s: name %q, %d bytes, error %v", name, f.Name, len(f.Data), err)
		}
		if _, err := Unwrap(name, bytes.NewReader(data), int64(len(plain))-1); err == nil || !strings.Contains(err.Error(), "too large") {
			t.Errorf("%s: one byte over the bound: error %v, want too large", name, err)
		}
		if name != "sdn.csv" {
			if _, err := Unwrap(name, bytes.NewReader(data[:len(data)/2]), 1<<20); err == nil {
				t.Errorf("%s: half of it: no error", name)
			}
		}
	}
}

func TestRecognise(t *testing.T) {
	fs := Formats{lines()}
	if _, _, err := fs.Recognise([]File{{Name: "a.txt"}}); !errors.Is(err, ErrEmpty) {
		t.Errorf("empty file: error %v, want ErrEmpty", err)
	}
	if _, _, err := fs.Recognise([]File{{Name: "a.pdf", Data: []byte("x")}}); err == nil || !strings.Contains(err.Error(), "a.pdf") {
		t.Errorf("unknown file: error %v, want one that names it", err)
	}
	f, files, err := fs.Recognise([]File{{Name: "b.txt", Data: []byte("x")}, {Name: "a.txt", Data: []byte("x")}})
	if err != nil || f.Name != "lines" || files[0].Name != "a.txt" {
		t.Errorf("format %q, files %v, error %v", f.Name, files, err)
	}
	if _, _, err := fs.Recognise([]File{{Name: "a.txt", Data: []byte("x")}, {Name: "a.txt", Data: []byte("y")}}); err == nil {
		t.Error("two files of one name: no error")
	}
}
