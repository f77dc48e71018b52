package match

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sallyport/entity"
	"sallyport/names"
)

var nightly = flag.Bool("nightly", false, "hold rosters against comparing everything over many more seeds, for about ten minutes")

func openRoster(t testing.TB, dir string) *Roster {
	t.Helper()
	r, err := OpenRoster(dir, DefaultWeights())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func put(t testing.TB, r *Roster, customers ...Customer) {
	t.Helper()
	if err := r.Put(customers...); err != nil {
		t.Fatal(err)
	}
}

func compact(t testing.TB, r *Roster) {
	t.Helper()
	if err := r.Compact(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// customersLike are people and firms some of whom resemble those of a list.
func (m maker) customersLike(listed []entity.Entity, n int) []Customer {
	out := make([]Customer, n)
	for i := range out {
		e := m.query(listed)
		if m.IntN(5) == 0 { // several names
			e.Names = append(e.Names, m.query(listed).Names...)
		}
		e.List, e.ID = "", ""
		out[i] = Customer{Number: uint64(i)*uint64(i) + 1, Entity: e}
	}
	return out
}

// pairs is the oracle: every customer against every entity.
func pairs(customers map[uint64]entity.Entity, listed []entity.Entity, threshold float64) []Hit {
	w := DefaultWeights()
	parties := make([]*party, len(listed))
	for i := range listed {
		parties[i] = w.party(&listed[i])
	}
	numbers := slices.Collect(maps.Keys(customers))
	hits := eachOf(len(numbers), func(i int) (hits []Hit) {
		for _, f := range everything(customers[numbers[i]], parties, w, threshold) {
			hits = append(hits, Hit{numbers[i], f})
		}
		return hits
	})
	sortHits(hits)
	return hits
}

func profileOf(customers map[uint64]entity.Entity) func(uint64) (entity.Entity, bool) {
	return func(n uint64) (entity.Entity, bool) {
		e, ok := customers[n]
		return e, ok
	}
}

// same holds what a roster finds against the oracle.
func same(t *testing.T, r *Roster, customers map[uint64]entity.Entity, listed []entity.Entity, threshold float64) int {
	t.Helper()
	got, err := r.Screen(listed, profileOf(customers), Options{Threshold: threshold})
	if err != nil {
		t.Fatal(err)
	}
	want := pairs(customers, listed, threshold)
	if !reflect.DeepEqual(got, want) {
		for _, h := range want {
			if !slices.ContainsFunc(got, func(g Hit) bool { return reflect.DeepEqual(g, h) }) {
				t.Errorf("not found: customer %d %+v is %+v", h.Customer, customers[h.Customer], h.Finding)
			}
		}
		t.Fatalf("threshold %v: the roster finds %d, comparing everything %d", threshold, len(got), len(want))
	}
	return len(got)
}

func TestRosterFindsWhatComparingEverythingFinds(t *testing.T) {
	seeds, n := uint64(4), 1200
	if *nightly {
		seeds, n = 60, 3000
	}
	for seed := range seeds {
		m := newMaker(100 + seed)
		listed := m.entities(150)
		of := m.customersLike(listed, n)
		customers := make(map[uint64]entity.Entity)
		for _, c := range of {
			customers[c.Number] = c.Entity
		}
		r := openRoster(t, t.TempDir())
		put(t, r, of...)
		hits := 0
		// Nearly nothing as a threshold shows what was not even compared.
		for _, threshold := range []float64{0.001, 0, 0.9} {
			if threshold == 0 {
				threshold = r.w.Threshold
			}
			hits = same(t, r, customers, listed, threshold)
		}
		if hits < n/20 {
			t.Fatalf("%d hits of %d customers: the test proves little", hits, n)
		}
		t.Logf("seed %d: %d customers, %d entities, %d hits at 0.9", seed, n, len(listed), hits)
	}
}

var _ = bytes.Equal
var _ = errors.Is
var _ = fmt.Sprint
var _ = os.Remove
var _ = filepath.Join
var _ = strings.Fields
var _ = sync.OnceValue[int]
var _ = rapid.Check
var _ = names.Plain
