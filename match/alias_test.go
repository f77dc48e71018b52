package match

import (
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"

	"sallyport/entity"
)

// OFAC's own aliases are what this package and package names were developed on: the
// other names of an entity are true pairs, the names of others are false ones. Both
// only nearly, for "Avia Import" is another name of the Anglo-Caribbean company that
// no speller could guess, and Bank Melli's branches are on the list beside it. So the
// figures compare one state of the engine with another and are no aims.

// published is an entity of the list as OFAC's csv files give it: the first name is the main one.
type published struct {
	id, kind string
	names    []string
}

// publishedNames reads the main names of 2024-05-03 and the aliases of 2025-12-19, of
// all that are on both: people and firms, in Latin letters.
func publishedNames(t testing.TB) []published {
	t.Helper()
	read := func(parts ...string) [][]string {
		path := filepath.Join(append([]string{"..", "..", "shared", "data"}, parts...)...)
		f, err := os.Open(path)
		if err != nil {
			t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %v", err)
		}
		defer f.Close()
		in, err := xz.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(in)
		r.FieldsPerRecord, r.LazyQuotes = -1, true
		var rows [][]string
		for {
			row, err := r.Read()
			if err == io.EOF {
				return rows
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			rows = append(rows, row)
		}
	}
	byID := make(map[string]int)
	var out []published
	for _, row := range read("ofac-sdn-timeline", "sdn_2024-05-03.csv.xz") {
		if len(row) < 3 {
			continue
		}
		kind := strings.TrimSpace(row[2])
		if kind != "individual" && kind != "-0-" {
			continue
		}
		byID[row[0]] = len(out)
		out = append(out, published{id: row[0], kind: kind, names: []string{row[1]}})
	}
	for _, row := range read("ofac", "alt_2025-12-19.csv.xz") {
		if len(row) < 4 {
			continue
		}
		if i, ok := byID[row[0]]; ok {
			out[i].names = append(out[i].names, row[3])
		}
	}
	return out
}

func (p *published) entity(names ...string) entity.Entity {
	e := entity.Entity{Kind: entity.Person, List: "us-sdn", ID: p.id}
	if p.kind == "-0-" {
		e.Kind = entity.Organisation
	}
	for _, n := range names {
		e.Names = append(e.Names, entity.Name{Full: n})
	}
	return e
}

// each is called with every pair that a sum calls wrong; whoever looks for a rule that is
// missing sets it.
var each = func(what, kind, main, other string) {}

// aliasFigures are sums over one kind of entity.
type aliasFigures struct {
	pairs, hits      int // of a main name with each other name of its entity
	screened, others int // main names held against all others' main names, and the hits
}

func (f aliasFigures) String() string {
	return fmt.Sprintf("%d of %d pairs of one entity's names hit (%.1f %%); %d main names have %d hits on other entities (%.1f for 1,000)",
		f.hits, f.pairs, 100*float64(f.hits)/float64(f.pairs), f.screened, f.others, 1000*float64(f.others)/float64(f.screened))
}

func TestOFACAliases(t *testing.T) {
	all := publishedNames(t)
	w := DefaultWeights()
	figures := map[string]*aliasFigures{"individual": {}, "-0-": {}}
	listed := make([]entity.Entity, len(all))
	for i := range all {
		p, f := &all[i], figures[all[i].kind]
		listed[i] = p.entity(p.names[0])
		for _, alias := range p.names[1:] {
			if alias == p.names[0] {
				continue
			}
			f.pairs++
			if hit := Compare(p.entity(alias), listed[i], w).Grade != None; hit {
				f.hits++
			} else {
				each("missed", p.kind, p.names[0], alias)
			}
		}
	}
	x := NewIndex(listed, w)
	for i := range all {
		p, f := &all[i], figures[all[i].kind]
		f.screened++
		for _, found := range x.Screen(listed[i], Options{}) {
			if found.EntityID != p.id {
				f.others++
				each("alarm", p.kind, p.names[0], found.EntityName)
			}
		}
	}
	people, firms := figures["individual"], figures["-0-"]
	t.Logf("people: %s", people)
	t.Logf("firms: %s", firms)
}
