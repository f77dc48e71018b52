package ofac

import (
	"os"
	"slices"
	"strings"
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
	if m := e.Find("17014").Measures; !slices.Equal(m, []string{"eo 13662 directive 1", "directive 3"}) {
		t.Errorf("entry 17014 is subject to %q", m)
	}
}

// A file of the non-SDN list under another name is read as one of the SDN list, whom OFAC blocks: it
// must not be taken up as that without a person's word.
func TestConsUnderAnotherName(t *testing.T) {
	row := func(id, programme string) string {
		return id + `,"SOME BANK ` + id + `",-0- ,"` + programme + `",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\r\n"
	}
	sdn := parsed(t, file("sdn.csv", row("1", "CYBER2")+row("2", "SDGT] [NS-PLC")+row("3", "SDGT")+endMark))
	cons := parsed(t, file("sdn.csv", row("1", "UKRAINE-EO13662")+row("2", "NS-PLC")+row("3", "CYBER2")+endMark))
	if sdn.Foreign != "" || !strings.Contains(cons.Foreign, "2 of 3 entries") || !strings.Contains(cons.Foreign, "cons_") {
		t.Errorf("foreign: %q of the SDN list, %q of the other", sdn.Foreign, cons.Foreign)
	}
}

// Directives stand in the remarks, each of an order; an SDN's remarks may have them too and
// make no measure.
func TestDirectives(t *testing.T) {
	row := func(id, remarks string) string {
		return id + `,"SOME BANK ` + id + `",-0- ,"UKRAINE-EO13662] [RUSSIA-EO14024",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"` + remarks + `"` + "\n"
	}
	data := []byte(row("1", "Website www.example.com; Executive Order 13662 Directive Determination - Subject to Directive 1; Listing Date (EO 14024 Directive 3): 24 Feb 2022; "+
		"Executive Order 14024 Directive Information Subject to Directive 3 - All transactions in new debt are prohibited.") +
		row("2", "Executive Order 14024 Directive Information Subject to Directive 1a - As of the effective date, participation is prohibited; "+
			"Executive Order 14024 Directive Information - For more information on directives, please visit the following link: www.example.com#directives.") +
		row("3", "Website www.example.com.") +
		row("4", "Listing Date (EO 14024 Directive 2): 24 Feb 2022; Effective Date (EO 14024 Directive 2): 26 Mar 2022.") +
		row("5", "U.S. financial institutions are prohibited from opening or maintaining a correspondent account or a payable-through account for it."))
	for name, want := range map[string]map[string][]string{
		"cons_prim.csv": {"1": {"eo 13662 directive 1", "directive 3"}, "2": {"directive 1a"}, "3": nil, "4": {"capta"}, "5": {"capta"}},
		"sdn.csv":       {"1": nil, "2": nil, "3": nil, "4": nil, "5": nil},
	} {
		files := []watchlist.File{{Name: name, Data: data}}
		parse := parseConsCSV
		if name == "sdn.csv" {
			parse = ParseCSV
		}
		e, err := parse(files, today)
		if err != nil {
			t.Fatal(err)
		}
		for id, measures := range want {
			if got := e.Find(id).Measures; !slices.Equal(got, measures) {
				t.Errorf("%s: entry %s: %q, want %q", name, id, got, measures)
			}
		}
	}
}
