package main

import (
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"sallyport/bench/watchman"
	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/ofac"
	"time"
)

func TestReadPairs(t *testing.T) {
	got, err := readPairs("p.csv", strings.NewReader("schema,name1,name2,is_match,notes\nPerson,A,B,true,x\nCompany,\"C, Ltd\",D,False,\n"))
	want := []pair{{entity.Person, "A", "B", true}, {entity.Organisation, "C, Ltd", "D", false}}
	if err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
	for _, bad := range []string{
		"schema,name1,name2\nPerson,A,B\n", "schema,name1,name2,is_match\n",
		"schema,name1,name2,is_match\nPerson,A,B,maybe\n", "schema,name1,name2,is_match\nCar,A,B,true\n",
		"schema,name1,name2,is_match\nPerson,A,B\n",
	} {
		if got, err := readPairs("p.csv", strings.NewReader(bad)); err == nil {
			t.Errorf("%q was read as %v", bad, got)
		}
	}
}

// The figures are worked out by hand.
func TestFigures(t *testing.T) {
	pairs := []pair{{same: true}, {same: false}, {same: true}, {same: true}, {same: false}}
	scores := []float64{0.9, 0.8, 0.8, 0, 0.1}
	if got := tallyAt(pairs, scores, 0.8); got != (tally{right: 2, wrong: 1, missed: 1}) {
		t.Errorf("from 0.8 on: %+v", got)
	}
	if got := tallyAt(pairs, scores, 0); got != (tally{right: 2, wrong: 2, missed: 1}) {
		t.Errorf("from 0 on: %+v; a score of 0 is no hit", got)
	}
	x := tally{right: 2, wrong: 1, missed: 1}
	if x.precision() != 2.0/3 || x.recall() != 2.0/3 || x.f1() != 2.0/3 {
		t.Errorf("%v %v %v, want two thirds each", x.precision(), x.recall(), x.f1())
	}
	if got := best(pairs, scores); got != x {
		t.Errorf("best: %+v, want %+v", got, x)
	}
	if got, want := averagePrecision(pairs, scores), (1+2.0/3)/3; math.Abs(got-want) > 1e-12 {
		t.Errorf("average precision %v, want %v", got, want)
	}
	if (tally{}).f1() != 0 || averagePrecision(nil, nil) != 0 {
		t.Error("nothing has figures above 0")
	}
}

// The list made of second names is one that an independent reader of OFAC's files takes:
// the product's own.
func TestAsList(t *testing.T) {
	b, err := asList([]pair{{entity.Person, "x", `Ana "A" B`, true}, {entity.Organisation, "x", "C, Ltd", true}, {entity.Vessel, "x", "DORA", true}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := ofac.ParseCSV([]watchlist.File{{Name: "sdn.csv", Data: b}}, time.Time{})
	if err != nil || len(e.Entities) != 3 || len(e.Skipped) > 0 || len(e.Doubts) > 0 {
		t.Fatalf("%v, %+v", err, e)
	}
	for i, want := range []entity.Kind{entity.Person, entity.Organisation, entity.Vessel} {
		if got := e.Entities[i]; got.Kind != want || got.ID != listID(i) {
			t.Errorf("%s of kind %s, want %s of %s", got.ID, got.Kind, listID(i), want)
		}
	}
}

// A server made by hand scores each pair by its id; the one that it does not return has 0.
func TestScoreWatchman(t *testing.T) {
	pairs := make([]pair, 150)
	for i := range pairs {
		pairs[i] = pair{entity.Person, "name", "other", true}
	}
	var sizes []int
	start := func(files map[string][]byte) (*watchman.Server, error) {
		n, asked := strings.Count(string(files["sdn.csv"]), "individual"), 0
		sizes = append(sizes, n)
		peer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/v2/listinfo" {
				_ = json.NewEncoder(w).Encode(map[string]any{"lists": map[string]int{"us_ofac": n}})
				return
			}
			entities := []map[string]any{{"sourceID": "7", "match": 1}}
			if asked != 3 {
				entities = append(entities, map[string]any{"sourceID": listID(asked), "match": float64(asked) / 1000})
			}
			asked++
			_ = json.NewEncoder(w).Encode(map[string]any{"query": r.URL.Query(), "entities": entities})
		}))
		t.Cleanup(peer.Close)
		return watchman.Attach(peer.URL, 0), nil
	}
	scores, err := scoreWatchman(t.Context(), pairs, start)
	if err != nil || len(sizes) != 2 || sizes[0] != 100 || sizes[1] != 50 {
		t.Fatalf("%v, lists of %v", err, sizes)
	}
	for i, got := range scores {
		want := float64(i%100) / 1000
		if i%100 == 3 {
			want = 0
		}
		if got != want {
			t.Errorf("pair %d: %v, want %v", i, got, want)
		}
	}
}

// Nothing of a pair gets into what is printed.
func TestNothingOfThePairs(t *testing.T) {
	file := t.TempDir() + "/p.csv"
	if err := os.WriteFile(file, []byte("schema,name1,name2,is_match\nPerson,Zyxwvut Aaa,Zyxwvut Aaa,true\nCompany,Qqqqq,Ppppp,false\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	if err := run(t.Context(), []string{"--pairs", file}, &out, &errs); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"Zyxwvut", "Aaa", "Qqqqq", "Ppppp"} {
		if strings.Contains(out.String()+errs.String(), secret) {
			t.Errorf("%q was printed", secret)
		}
	}
	if !strings.Contains(out.String(), "1 of one party, 1 of two") || !strings.Contains(out.String(), "precision") {
		t.Errorf("no figures in\n%s", out.String())
	}
}
