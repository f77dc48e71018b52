package au

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtest"
)

func entries(t *testing.T) []entity.Entity {
	return []entity.Entity{
		{ID: "9001", Kind: entity.Person,
			Names: []entity.Name{{Full: "Ivan Petrovich PRIMEROV"}, {Full: "Иван Примеров", Kind: entity.Original}, {Full: "Vanya", Kind: entity.Alias, Weak: true}},
			Birth: []entity.Dates{listtest.Dates(t, "1962-03-04"), listtest.Dates(t, "circa 1963"), listtest.Dates(t, "1961-01-01/1963-12-31")}, BirthPlaces: []string{"Primersk", "Moscow"},
			Nationalities: []string{"RU", "Ruritanian"}, Places: []entity.Place{{Street: "1 Example Street, Moscow", Country: "RU"}},
			Programmes: []string{"Autonomous (Russia)"}, LegalBasis: []string{"Example Instrument 2022"}, Measures: []string{"asset freeze", "travel ban"},
			Listed: listtest.Day(t, "2022-02-25"), Amended: listtest.Day(t, "2026-02-02"),
			Remarks: "listing: Listed under the Autonomous Sanctions Regulations on 25 Feb 2022; Invented for a test."},
		{ID: "9002", Kind: entity.Organisation, Names: []entity.Name{{Full: "EXAMPLE TRADING"}}, Places: []entity.Place{{Street: "Herat"}},
			Programmes: []string{"1988 (Taliban)"}, LegalBasis: []string{"Example Regulations 2008"}, Measures: []string{draft.NoMeasure}},
		{ID: "9002#c9c5a3fa", Kind: entity.Person, Names: []entity.Name{{Full: "ANOTHER EXAMPLE"}, {Full: "A. Example", Kind: entity.Alias}}, Birth: []entity.Dates{listtest.Dates(t, "1970")},
			Programmes: []string{"1988 (Taliban)"}, Measures: []string{"asset freeze"}, Listed: listtest.Day(t, "2001-01-25"), Remarks: "listing: 2001-01-25"},
		{ID: "9003", Kind: entity.Vessel, Names: []entity.Name{{Full: "MV EXAMPLE"}}, Identifiers: []entity.Identifier{{Type: "imo", Number: "9000001"}},
			Programmes: []string{"Autonomous (DPRK)"}, Measures: []string{"maritime restriction"}},
	}
}

func TestFixture(t *testing.T) {
	e := listtest.Edition(t, watchlist.Formats{Format()}, "au-table", "list.csv")
	listtest.Sound(t, e)
	listtest.Entities(t, e, entries(t)...)
	name := "australian_sanctions_consolidated_list.xlsx: "
	listtest.Skipped(t, e,
		name+`line 2: entry 9001: Date of Birth: date "31 February 1970": 1970-02-31: no such day`,
		name+`line 2: entry 9001: Citizenship: "Ruritanian": not a country that is known; kept as written`,
		name+`line 5: entry 9001: Type: "Entity", and person in a row above: kept as above`,
		name+`line 3: entry 9002: Maritime Restriction: "maybe": want TRUE or FALSE`,
		name+`line 3: entry 9002: Control Date: date "31/2/2026": 2026-02-31: no such day`,
		name+`line 3: entry 9002: measures: no measure is stated`,
		name+`line 7: entry 9002#c9c5a3fa: Reference: "9002": another entry has it; kept as one of its own`)
	if !e.Published.Equal(listtest.Published) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// The same as a spreadsheet says the same.
func TestWorkbook(t *testing.T) {
	csv, err := listtest.Parse(Format(), listtest.Fixture(t, "list.csv"))
	if err != nil {
		t.Fatal(err)
	}
	book := listtest.Workbook(t, listtest.Fixture(t, "list.csv"))
	if _, ok := recognise("x", book); !ok {
		t.Fatal("the workbook is not recognised")
	}
	e, err := listtest.Parse(Format(), book)
	if err != nil || !reflect.DeepEqual(e.Entities, csv.Entities) || !reflect.DeepEqual(e.Skipped, csv.Skipped) {
		t.Errorf("%v\n%+v\nwant\n%+v", err, e, csv)
	}
}

// A note below the table is told; a name without a reference is refused.
func TestNotes(t *testing.T) {
	e, err := listtest.Parse(Format(), append(listtest.Fixture(t, "list.csv"), ",,,,,,,,,See above,,,,,,,,,\n"...))
	if err != nil || len(e.Entities) != 4 || len(e.Skipped) != 8 || e.Skipped[0].Text != `"See above": neither a reference nor a name in it` {
		t.Errorf("%+v, %v", e, err)
	}
}

// Files of before November 2025 have no columns for measures.
func TestEarlier(t *testing.T) {
	e, err := listtest.Parse(Format(), []byte("Reference,Name of Individual or Entity,Type,Name Type,Date of Birth,Committees\n1,A Person,Individual,Primary Name,1970,1267\n"))
	if err != nil || len(e.Entities) != 1 || e.Entities[0].Measures != nil {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestLettered(t *testing.T) {
	for in, want := range map[string][]string{
		"a) Kabul b) Herat":      {"Kabul", "Herat"},
		"(i) Kabul; (ii) Herat":  {"Kabul", "Herat"},
		"Kabul\nHerat_x000D_Bam": {"Kabul", "Herat", "Bam"},
		"Road (no number) Kabul": {"Road (no number) Kabul"},
		"":                       nil,
	} {
		if got := lettered(in); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "list.csv")
	listtest.Refuses(t, Format(), map[string]listtest.Refusal{
		"no byte":         listtest.Want("", "", watchlist.ErrEmpty),
		"titles alone":    listtest.Want(string(good[:strings.Index(string(good), "\n")+1]), "no entry", watchlist.ErrEmpty),
		"other titles":    listtest.Want("a,b\n1,2\n", "titles", nil),
		"cut in a row":    listtest.Want(string(good[:len(good)-30]), "the last row", watchlist.ErrTruncated),
		"half a workbook": listtest.Want("PK\x03\x04half", "without its end", watchlist.ErrTruncated),
	})
	listtest.Leaves(t, Format(), map[string]listtest.Refusal{
		"no reference": listtest.Want(listtest.Swap(t, good, "9003,MV", ",MV"), `line 6: entry: reference`, nil),
		"no name":      listtest.Want(listtest.Swap(t, good, "MV EXAMPLE", ""), `entry 9003: entry: no name`, nil),
	})
	if e, err := listtest.Parse(Format(), []byte(listtest.Swap(t, good, "9003,MV EXAMPLE,Vessel,Primary Name,,,,,,,,9000001,Autonomous (DPRK),,,FALSE,FALSE,FALSE,TRUE", "9003,MV EXAMPLE,Vessel"))); err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "line 6: 3 columns") {
		t.Errorf("a short row: %v, %v", e, err)
	}
}

func FuzzParse(f *testing.F) { listtest.Fuzz(f, Format(), listtest.Fixture(f, "list.csv")) }
