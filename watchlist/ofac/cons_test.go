package ofac

import (
	"os"
	"testing"

	"sallyport/watchlist"
)

// The real non-SDN list of 2025-12-19.
func TestConsCSV(t *testing.T) {
	var files []watchlist.File
	for _, name := range []string{"cons_prim_2025-12-19.csv.xz", "cons_alt_2025-12-19.csv.xz"} {
		path := "../../../shared/data/ofac/" + name
		if _, err := os.Stat(path); err != nil {
			t.Skipf("NOT TESTED: the real non-SDN list is not at hand: %v", err)
		}
		f, err := watchlist.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	format, named, err := Formats().Recognise(files)
	if err != nil || format.Name != "ofac-cons-csv" {
		t.Fatalf("format %q, %v", format.Name, err)
	}
	e, err := format.Parse(named, today)
	if err != nil {
		t.Fatal(err)
	}
	p := e.Find("9639")
	if e.List != "us-cons" || len(e.Entities) < 441 || p == nil || p.List != "us-cons" || len(p.Names) < 3 || p.Programmes[0] != "NS-PLC" {
		t.Errorf("list %s, %d entries, entry 9639 %+v", e.List, len(e.Entities), p)
	}
}
