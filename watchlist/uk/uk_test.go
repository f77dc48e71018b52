package uk

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

const (
	russia = "The Russia (Sanctions) (EU Exit) Regulations 2019"
	korea  = "The Democratic People's Republic of Korea (Sanctions) (EU Exit) Regulations 2019"
	rights = "The Global Human Rights Sanctions Regulations 2020"
)

// entries are what testdata/list.xml says.
func entries(t *testing.T) []entity.Entity {
	return []entity.Entity{
		{ID: "RUS9001", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "Ivan Petrovich PRIMEROV", Given: "Ivan", Patronymic: "Petrovich", Family: "PRIMEROV"},
				{Full: "Vanya", Given: "Vanya", Kind: entity.Alias, Weak: true},
				{Full: "Iwan PRIMEROW", Given: "Iwan", Family: "PRIMEROW", Kind: entity.Alias},
				{Full: "The Example", Family: "The Example", Kind: entity.Alias},
				{Full: "Иван Петрович Примеров", Kind: entity.Original, Language: "ru"},
			},
			Birth:       []entity.Dates{listtest.Dates(t, "1962"), listtest.Dates(t, "1963-03-01/1963-03-31"), listtest.Dates(t, "1962-03-04")},
			BirthPlaces: []string{"Primersk, Russia"}, Nationalities: []string{"RU", "Ruritania"},
			Places: []entity.Place{{Street: "1 Example Street", Town: "Moscow", Postcode: "101000", Country: "RU"}},
			Identifiers: []entity.Identifier{{Type: "ofsi group id", Number: "90001"}, {Type: "passport", Number: "70 1234567", Country: "RU"},
				{Type: "passport", Number: "BG99123", Doubtful: true}, {Type: "national id", Number: "7700000000"}},
			Positions: []string{"General", "Deputy Minister of Examples"}, Contacts: []string{"+7 000", "ivan@example.org", "www.example.org"},
			Programmes: []string{russia}, LegalBasis: []string{russia}, Measures: []string{"asset freeze", "travel ban", "trust services sanctions"},
			Listed: listtest.Day(t, "2022-03-15"), Amended: listtest.Day(t, "2024-01-12"),
			Remarks: "passport 70 1234567: Russia; passport BG99123: forged Bulgarian passport; designated by: UK; Invented for a test.; reasons: Made examples."},
		{ID: "RUS9002", Kind: entity.Organisation, Names: []entity.Name{{Full: "EXAMPLE HOLDING"}},
			Identifiers: []entity.Identifier{{Type: "registration", Number: "1027700000000", Country: "RU"}, {Type: "tax id", Number: "7700000001"}},
			Relations:   []entity.Relation{{Type: "parent of", Name: "Example Daughter"}, {Type: "subsidiary of", Name: "Example Mother"}},
			Programmes:  []string{russia}, LegalBasis: []string{russia}, Measures: []string{"trust services sanctions", "asset freeze"}, Listed: listtest.Day(t, "2022-03-16"),
			Remarks: "type of entity: Company; registration: OGRN: 1027700000000 (Russia); registration: Tax ID No. 7700000001"},
		{ID: "DPR9003", Kind: entity.Vessel, Names: []entity.Name{{Full: "MV EXAMPLE"}}, Nationalities: []string{"KM"},
			Identifiers: []entity.Identifier{{Type: "imo", Number: "9000001"}, {Type: "un reference", Number: "KPe.903"}},
			Relations:   []entity.Relation{{Type: "owned or operated by", Name: "Example Shipping"}, {Type: "formerly owned or operated by", Name: "Old Shipping"}},
			Programmes:  []string{korea}, LegalBasis: []string{korea}, Measures: []string{"prohibition of port entry", "shipping sanctions"}, Listed: listtest.Day(t, "2017-10-03"),
			Remarks: "previous flag: India; type of ship: Bulk Carrier; tonnage: 7078; built: 2011"},
		{ID: "GHR9004", Names: []entity.Name{{Full: "NOBODY"}}, Programmes: []string{rights}, LegalBasis: []string{rights}, Measures: []string{NoMeasure}},
	}
}

func TestXML(t *testing.T) {
	e := listtest.Edition(t, Formats(), "uk-xml", "list.xml")
	listtest.Sound(t, e)
	listtest.Entities(t, e, entries(t)...)
	listtest.Skipped(t, e,
		`uk-sanctions-list.xml: line 14: entry RUS9001: name type: "Nom de guerre" of "The Example": want Primary Name, Primary Name Variation or Alias; taken for an alias`,
		`uk-sanctions-list.xml: line 40: entry RUS9001: DOB: date "31/02/1970": 1970-02-31: no such day`,
		`uk-sanctions-list.xml: line 41: entry RUS9001: Nationality: "Ruritania": not a country that is known; kept as written`,
		`uk-sanctions-list.xml: line 57: entry RUS9002: SanctionsImposed: "Trust Services Sanctions": the indicator AssetFreeze says otherwise; both are taken`,
		`uk-sanctions-list.xml: line 86: entry GHR9004: type: "Aircraft": want Individual, Entity or Ship`,
		`uk-sanctions-list.xml: line 86: entry GHR9004: SanctionsImposed: no measure is stated`)
	if !e.Published.Equal(time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// Whether assets are frozen is said of each, and no record is without a word on it.
func TestMeasures(t *testing.T) {
	e := listtest.Edition(t, Formats(), "uk-xml", "list.xml")
	for id, frozen := range map[string]bool{"RUS9001": true, "RUS9002": true, "DPR9003": false, "GHR9004": false} {
		if m := e.Find(id).Measures; slices.Contains(m, AssetFreeze) != frozen || len(m) == 0 {
			t.Errorf("%s: measures %q; frozen: want %v", id, m, frozen)
		}
	}
}

// The same as a table says the same.
func TestTable(t *testing.T) {
	e := listtest.Edition(t, Formats(), "uk-table", "list.csv")
	listtest.Sound(t, e)
	listtest.Entities(t, e, entries(t)...)
	if !e.Published.Equal(time.Date(2026, 9, 21, 0, 0, 0, 0, time.UTC)) || len(e.Doubts) != 0 || len(e.Skipped) != 5 {
		t.Errorf("published %s, doubts %q, %d told", e.Published, e.Doubts, len(e.Skipped))
	}
	slashed := listtest.Swap(t, listtest.Fixture(t, "list.csv"), "Report Date: 21-Sep-2026", "Report Date: 21/09/2026")
	if s, err := listtest.Parse(Table(), []byte(slashed)); err != nil || !s.Published.Equal(e.Published) {
		t.Errorf("another form of the report date: %v", err)
	}
	ods := listtest.OpenDocument(t, listtest.Fixture(t, "list.csv"))
	if f, files, err := Formats().Recognise([]watchlist.File{{Name: "UK_Sanctions_List.ods", Data: ods}}); err != nil || f.Name != "uk-table" {
		t.Errorf("the spreadsheet is recognised as %q, %v", f.Name, err)
	} else if s, err := f.Parse(files, time.Time{}); err != nil || !reflect.DeepEqual(s.Entities, e.Entities) || !reflect.DeepEqual(s.Skipped, e.Skipped) || !s.Published.Equal(e.Published) || len(s.Doubts) != 0 {
		t.Errorf("as a spreadsheet it says something else: %+v, %v", s, err)
	}
	if s, err := listtest.Parse(Table(), append(listtest.Fixture(t, "list.csv"), "12/01/2024,RUS9005,,,SHORT,,,,,,Primary Name\r\n"...)); err != nil || len(s.Doubts) != 1 || s.Find("RUS9005") == nil {
		t.Errorf("a short row: %+v, %v", s, err)
	}
	older := listtest.Swap(t, listtest.Fixture(t, "list.csv"), "Designation Type", `"Individual, Entity, Ship"`)
	if s, err := listtest.Parse(Table(), []byte(older)); err != nil || !reflect.DeepEqual(s.Entities, e.Entities) {
		t.Errorf("an older title: %v", err)
	}
}

func TestConList(t *testing.T) {
	e := listtest.Edition(t, Formats(), "uk-conlist-csv", "conlist.csv")
	listtest.Sound(t, e)
	listtest.Entities(t, e,
		entity.Entity{ID: "90001", Kind: entity.Person,
			Names: []entity.Name{{Full: "Samir Ibn EXAMPLE", Given: "Samir Ibn", Family: "EXAMPLE"}, {Full: "Abu EXAMPLE", Given: "Abu", Family: "EXAMPLE", Kind: entity.Alias}},
			Birth: []entity.Dates{listtest.Dates(t, "1962"), listtest.Dates(t, "1962-03-04")}, BirthPlaces: []string{"Tirpas, Indonesia", "Egypt"}, Nationalities: []string{"TN", "Ruritanian"},
			Places:      []entity.Place{{Town: "Milan", Country: "IT"}},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "A741097", Country: "SA", Doubtful: true}, {Type: "national id", Number: "77-123456", Country: "YE"}},
			Positions:   []string{"Dr", "Clerk"}, Programmes: []string{"Al-Qaida"}, LegalBasis: []string{"Al-Qaida"}, Listed: listtest.Day(t, "2002-04-24"),
			Remarks: "passport: A741097 (False Saudi Arabian). Issued 14 Nov 1995.; passport: (Egypt). Issued 1993.; national id: Yemeni national ID no. 77-123456; address: Italy (Domicile, last known address); Invented for a ‘test’."},
		entity.Entity{ID: "90002", Kind: entity.Organisation, Names: []entity.Name{{Full: "OLD EXAMPLE CO"}}, Places: []entity.Place{{Street: "1 Example Road", Town: "Kabul", Postcode: "1001", Country: "AF"}},
			Programmes: []string{"Afghanistan"}, LegalBasis: []string{"Afghanistan"}, Listed: listtest.Day(t, "2001-02-23"), Amended: listtest.Day(t, "2001-02-23")})
	listtest.Skipped(t, e,
		`conlist.csv: line 1: encoding: not UTF-8: read as windows-1252`,
		`conlist.csv: line 3: entry 90001: Nationality: "Ruritanian": not a country that is known; kept as written`,
		`conlist.csv: line 3: entry 90001: passport: number "(Egypt). Issued 1993.": no number in it`,
		`conlist.csv: line 3: entry 90001: LastUpdated: date "31/02/2015": 2015-02-31: no such day`)
	if len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "history") {
		t.Errorf("doubts %q: want that the list is history", e.Doubts)
	}
}

func TestNumbered(t *testing.T) {
	// All are written so in real editions.
	for in, want := range map[string][]string{
		"(1) Libyan Arab Jamahiriya (2) Tunisia":  {"Libyan Arab Jamahiriya", "Tunisia"},
		"(1) Haidra Al-Qasreen (2)-(3) -":         {"Haidra Al-Qasreen", "", ""},
		"(1)-(5) Tunisia (6)-(7) Algeria":         {"Tunisia", "Tunisia", "Tunisia", "Tunisia", "Tunisia", "Algeria", "Algeria"},
		"(1) (2) (4) Libyan Arab Jamahirya (3) M": {"Libyan Arab Jamahirya", "Libyan Arab Jamahirya", "M", "Libyan Arab Jamahirya"},
		"(1) to (3) Algeria (4) Morocco":          {"Algeria", "Algeria", "Algeria", "Morocco"},
		"(a) 2096927, issued on 17.3.2005, (b) N": {"2096927, issued on 17.3.2005", "N"},
		"Rushashi (Northern Province)":            {"Rushashi (Northern Province)"},
		"Lebanon":                                 {"Lebanon"},
		"-":                                       nil,
		"":                                        nil,
		"(99) far":                                nil,
	} {
		if got := numbered(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "list.xml")
	listtest.Refuses(t, XML(), map[string]listtest.Refusal{
		"no byte":          listtest.Want("", "", watchlist.ErrEmpty),
		"no date":          listtest.Want(listtest.Swap(t, good, "<DateGenerated>21/09/2026</DateGenerated>", ""), "no DateGenerated", nil),
		"a date of no day": listtest.Want(listtest.Swap(t, good, "21/09/2026", "31/09/2026"), "line 3: DateGenerated", nil),
		"an id twice":      listtest.Want(listtest.Swap(t, good, "RUS9002", "RUS9001"), "two entries have the id RUS9001", nil),
		"no entry":         listtest.Want("<Designations><DateGenerated>21/09/2026</DateGenerated></Designations>", "no entry", watchlist.ErrEmpty),
		"another document": listtest.Want("<html/>", "want <Designations>", nil),
	})
	listtest.Leaves(t, XML(), map[string]listtest.Refusal{
		"no id":         listtest.Want(listtest.Swap(t, good, "<UniqueID>RUS9002</UniqueID>", ""), "without a UniqueID", nil),
		"an id of none": listtest.Want(listtest.Swap(t, good, "RUS9002", "see above"), "want one such as RUS0251", nil),
		"no name":       listtest.Want(listtest.Swap(t, good, "EXAMPLE HOLDING", "-"), `entry RUS9002: entry: no name`, nil),
	})
	listtest.Cuts(t, XML(), good)
	table := listtest.Fixture(t, "list.csv")
	listtest.Refuses(t, Table(), map[string]listtest.Refusal{
		"no byte":        listtest.Want("", "", watchlist.ErrEmpty),
		"no report date": listtest.Want(listtest.Swap(t, table, "Report Date: 21-Sep-2026", "A list"), "no report date", nil),
		"no such day":    listtest.Want(listtest.Swap(t, table, "21-Sep-2026", "31-Sep-2026"), "report date", nil),
		"cut in a row":   listtest.Want(string(table[:len(table)-12]), "the last row", watchlist.ErrTruncated),
	})
	listtest.Leaves(t, Table(), map[string]listtest.Refusal{
		"no id": listtest.Want(listtest.Swap(t, table, "RUS9002", ""), "no Unique ID", nil),
	})
	list := listtest.Fixture(t, "conlist.csv")
	listtest.Refuses(t, ConList(), map[string]listtest.Refusal{
		"no date":      listtest.Want(listtest.Swap(t, list, "Last Updated,12/02/2016", "A list"), "no report date", nil),
		"cut in a row": listtest.Want(string(list[:len(list)-40]), "the last row", watchlist.ErrTruncated),
	})
	listtest.Leaves(t, ConList(), map[string]listtest.Refusal{
		"no group": listtest.Want(listtest.Swap(t, list, ",90002", ","), `line 5: entry: no Group ID`, nil),
	})
}

// The counts were made apart from this reader, by a CSV reader of another language: groups, those
// of people, and distinct names in a group (of 800 rows).
func TestRealConList(t *testing.T) {
	file := listtest.Real(t, "../../../shared/data/eu-uk/UK_HMT_ConList_2016-02-12.csv.xz")
	f, files, err := Formats().Recognise([]watchlist.File{file})
	if err != nil || f.Name != "uk-conlist-csv" {
		t.Fatalf("%s, %v", f.Name, err)
	}
	e, err := f.Parse(files, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	listtest.Sound(t, e)
	people, names := 0, 0
	for i := range e.Entities {
		x := &e.Entities[i]
		if x.Kind == entity.Person {
			people++
		}
		names += len(x.Names)
		if x.Kind == entity.UnknownKind || len(x.Programmes) != 1 || x.Listed.IsZero() {
			t.Errorf("%s is a %s, programmes %q, listed %s", x.ID, x.Kind, x.Programmes, x.Listed)
		}
	}
	if len(e.Entities) != 463 || people != 323 || names != 708 {
		t.Errorf("%d entries, %d people, %d names; want 463, 323, 708", len(e.Entities), people, names)
	}
	if e.Published.Format("2006-01-02") != "2016-02-12" || len(e.Skipped) != 12 {
		t.Errorf("published %s, %d fields not read, want 12", e.Published, len(e.Skipped))
		for _, p := range e.Skipped {
			t.Log(p)
		}
	}
}

func FuzzXML(f *testing.F)     { listtest.Fuzz(f, XML(), listtest.Fixture(f, "list.xml")) }
func FuzzTable(f *testing.F)   { listtest.Fuzz(f, Table(), listtest.Fixture(f, "list.csv")) }
func FuzzConList(f *testing.F) { listtest.Fuzz(f, ConList(), listtest.Fixture(f, "conlist.csv")) }
