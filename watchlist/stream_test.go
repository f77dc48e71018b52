package watchlist

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
)

func TestEachLine(t *testing.T) {
	long := strings.Repeat("x", 200_000)
	var got []string
	each := func(in string, max int) []string {
		got = nil
		err := EachLine(strings.NewReader(in), max, func(n int, line []byte, ended bool) {
			s := string(line)
			if len(s) > 5 {
				s = fmt.Sprint(len(s))
			}
			if line == nil {
				s = "too long"
			}
			got = append(got, fmt.Sprintf("%d %s %v", n, s, ended))
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for _, c := range []struct {
		in   string
		max  int
		want []string
	}{
		{"", 10, nil},
		{"\n\n", 10, nil},
		{"a\n\r\n b \r\nc", 10, []string{"1 a true", "3 b true", "4 c false"}},
		{"12345\n123456\n1\n", 5, []string{"1 12345 true", "2 too long true", "3 1 true"}},
		{"a\n" + long + "\nb\n", 300_000, []string{"1 a true", "2 200000 true", "3 b true"}},
		{"a\n" + long + "\nb\n", 199_999, []string{"1 a true", "2 too long true", "3 b true"}},
		{long + long, 100_000, []string{"1 too long false"}},
	} {
		if got := each(c.in, c.max); !slices.Equal(got, c.want) {
			t.Errorf("%.20q at most %d: %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

// named is a format of many lists that streams: a name on each line, after a brace.
func named() Format {
	f := Format{Name: "named", Streams: true, Recognise: func(_ string, data []byte) (string, bool) { return "names.json", bytes.HasPrefix(data, []byte("{")) }}
	f.As = func(list, publisher string) Format {
		made := f
		made.List, made.Publisher = list, publisher
		made.Parse = func(files []File, published time.Time) (*Edition, error) {
			e := &Edition{List: list, Publisher: publisher, Published: published}
			r, err := files[0].Open()
			if err != nil {
				return nil, err
			}
			defer r.Close()
			if files[0].Data != nil {
				return nil, fmt.Errorf("the file is held in memory")
			}
			err = EachLine(r, 1000, func(n int, line []byte, _ bool) {
				e.Entities = append(e.Entities, entity.Entity{ID: fmt.Sprint(n), Names: []entity.Name{{Full: string(line)}}})
			})
			if err != nil {
				return nil, err
			}
			return e, e.Seal(files)
		}
		return made
	}
	return f
}

// TestStreamed takes up a file that is never held in memory, plain and packed, as two lists,
// and reads it again from the store.
func TestStreamed(t *testing.T) {
	dir, in := t.TempDir(), t.TempDir()
	s, err := OpenStore(dir, Formats{lines(), named()})
	if err != nil {
		t.Fatal(err)
	}
	content := "{ A\n{ B\n"
	var gz bytes.Buffer
	w := gzip.NewWriter(&gz)
	w.Write([]byte(content))
	w.Close()
	hash := Hash(SourcesOf([]File{{Name: "names.json", Data: []byte(content)}}))
	for name, data := range map[string][]byte{"a.json": []byte(content), "b.json.gz": gz.Bytes()} {
		path := filepath.Join(in, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := OpenFile(path)
		if err != nil || f.Data != nil || f.Name != strings.TrimSuffix(name, ".gz") {
			t.Fatalf("%s: %+v, %v", name, f, err)
		}
		format, files, err := s.formats.Recognise([]File{f})
		if err != nil || format.Name != "named" || files[0].Name != "names.json" || files[0].Data != nil {
			t.Fatalf("%s: %s, %+v, %v", name, format.Name, files, err)
		}
		list := "list-" + name[:1]
		out, err := s.Offer(format.As(list, "somebody"), files, Intake{Published: date("2022-01-01"), At: date("2022-01-02")})
		if err != nil || out.Verdict != Accepted || out.Meta.SHA256 != hash {
			t.Fatalf("%s: %s, %s, %v", name, out, out.Meta.SHA256, err)
		}
		again, err := OpenStore(dir, s.formats)
		if err != nil {
			t.Fatal(err)
		}
		e, err := again.Current(list)
		if err != nil || len(e.Entities) != 2 || e.List != list || e.Publisher != "somebody" || e.Entities[1].Names[0].Full != "{ B" {
			t.Fatalf("%s: read again: %+v, %v", name, e, err)
		}
	}

	// Under the name of a list that has a reader of its own, it waits; under none, it is refused.
	path := filepath.Join(in, "a.json")
	f, err := OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f.Name = "names.json"
	out, err := s.Offer(named().As("test-list", "somebody"), []File{f}, Intake{At: date("2022-01-02")})
	if err != nil || out.Verdict != Waiting || out.Reason != WrongPublisher || !strings.Contains(out.Text, "test-list is published by nobody") {
		t.Errorf("as another's list: %s, %v", out, err)
	}
	if out, err := s.Offer(named(), []File{f}, Intake{At: date("2022-01-02")}); err != nil || out.Verdict != Refused || !strings.Contains(out.Text, "not said which list") {
		t.Errorf("as no list: %s, %v", out, err)
	}

	// A file that changed since it was looked at is not taken up for what it was.
	if err := os.WriteFile(path, []byte("{ C\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Offer(named().As("list-c", ""), []File{f}, Intake{At: date("2022-01-02")}); err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("a file that changed: error %v", err)
	}
	if _, err := s.InForce("list-c"); err == nil {
		t.Error("a file that changed is in force")
	}

	// Damage in the store is found as in any other.
	kept := filepath.Join(dir, "list-a", "editions", hash, "names.json")
	if err := os.WriteFile(kept, []byte("{ A\n{ X\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("list-a", hash); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("a changed file in the store: error %v", err)
	}

	// One that another format reads is held in memory all the same.
	sdn := filepath.Join(in, "z.txt")
	if err := os.WriteFile(sdn, []byte("{ no json\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f, err = OpenFile(sdn); err != nil {
		t.Fatal(err)
	}
	if _, files, err := s.formats.Recognise([]File{f}); err != nil || string(files[0].Data) != "{ no json\n" {
		t.Errorf("for a format that does not stream: %+v, %v", files, err)
	}
}
