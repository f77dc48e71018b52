package eu

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

// entries are what testdata/full.xml says.
func entries(t *testing.T) []entity.Entity {
	return []entity.Entity{
		{ID: "900001", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "Ivan Petrovich Primerov", Given: "Ivan", Patronymic: "Petrovich", Family: "Primerov"},
				{Full: "Иван Петрович Примеров", Given: "Иван", Patronymic: "Петрович", Family: "Примеров", Kind: entity.Original, Language: "ru"},
				{Full: "Vanya", Kind: entity.Alias, Weak: true, Language: "en"},
			},
			Birth:         []entity.Dates{listtest.Dates(t, "1962-03-04"), listtest.Dates(t, "circa 1961-01-01/1963-12-31"), listtest.Dates(t, "1962-05-01/1962-05-31")},
			BirthPlaces:   []string{"Primersk, RU"},
			Nationalities: []string{"RU"},
			Places:        []entity.Place{{Street: "1 Example Street, PO Box 12", Town: "Moscow", Postcode: "101000", Country: "RU"}},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "70 1234567", Country: "RU"}, {Type: "passport", Number: "BG-99", Country: "BG", Doubtful: true},
				{Type: "drivers book", Number: "LOST-1", Doubtful: true}, {Type: "eu reference", Number: "EU.9001.11"}},
			Positions: []string{"Dr", "Deputy Minister of Examples"}, Contacts: []string{"ivan@example.org"},
			Programmes: []string{"UKR"}, LegalBasis: []string{"2024/849 (OJ L)"}, Listed: listtest.Day(t, "2022-02-25"), Amended: listtest.Day(t, "2024-03-13"),
			Remarks: "name: nickname; document 70 1234567: known to be expired; document 70 1234567: (passport); document BG-99: known to be false; document BG-99: issued under the name Petar Primer; document LOST-1: reported lost; Invented for a test."},
		{ID: "900002", Kind: entity.Organisation, Names: []entity.Name{{Full: "Example Trading & Sons"}},
			Places:      []entity.Place{{Street: "PO Box 77", Region: "Examplia, North", Country: "ZZ"}},
			Identifiers: []entity.Identifier{{Type: "swift/bic", Number: "EXMPRUMM", Country: "RU"}, {Type: "eu reference", Number: "EU.9002.22"}, {Type: "un reference", Number: "QDe.901"}},
			Programmes:  []string{"TAQA"}, LegalBasis: []string{"881/2002 (OJ L139)"}},
	}
}

func TestXML(t *testing.T) {
	e := listtest.Edition(t, Formats(), "eu-xml", "full.xml")
	listtest.Sound(t, e)
	listtest.Entities(t, e, entries(t)...)
	listtest.Skipped(t, e,
		`xmlfullsanctionslist_1_1.xml: line 16: entry 900001: nameAlias: no name in it`,
		`xmlfullsanctionslist_1_1.xml: line 21: entry 900001: birthdate: 1970-02-31: no such day`,
		`xmlfullsanctionslist_1_1.xml: line 22: entry 900001: birthdate: "1402" of the HIJRI calendar: not a date that can be compared`,
		`xmlfullsanctionslist_1_1.xml: line 32: entry 900001: identification: number "unknown": no digit in it`,
		`xmlfullsanctionslist_1_1.xml: line 38: entry 900002: country: "ZZ": not a country that is known; kept as written`,
		`xmlfullsanctionslist_1_1.xml: line 35: entry 900002: publicationDate: date "2024-13-01": 2024-13-01: no such day`,
		`xmlfullsanctionslist_1_1.xml: line 34: entry 900002: designationDate: "soon": want a day such as 2022-02-24`)
	if want := time.Date(2026, 9, 22, 14, 47, 4, 449e6, time.UTC); !e.Published.Equal(want) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// The same in CSV says the same, but for what the form has no column for.
func TestCSV(t *testing.T) {
	e := listtest.Edition(t, Formats(), "eu-csv", "full.csv")
	want := entries(t)
	want[0].Names[2].Weak = false // no column for strength
	listtest.Entities(t, e, want...)
	if !e.Published.Equal(time.Date(2026, 9, 22, 0, 0, 0, 0, time.UTC)) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
	var fields []string
	for _, p := range e.Skipped {
		fields = append(fields, p.Field)
	}
	if want := []string{"birthdate", "birthdate", "identification", "country", "publicationDate", "designationDate"}; !slices.Equal(fields, want) {
		t.Errorf("told of %q, want %q", fields, want)
	}
	quoted := listtest.Swap(t, listtest.Fixture(t, "full.csv"), ";Example Trading & Sons;", `;Example "Trading" & Sons;`)
	if q, err := listtest.Parse(CSV(), []byte(quoted)); err != nil || q.Find("900002").PrimaryName() != `Example "Trading" & Sons` || len(q.Entities) != 2 || len(q.Doubts) != 0 || q.Skipped[0].Field != "quotes" {
		t.Errorf("quotation marks in a name: %+v, %v", q, err)
	}
	marked := append([]byte("\ufeff"), listtest.Fixture(t, "full.csv")...)
	if _, ok := recogniseCSV("x", marked); !ok {
		t.Error("not recognised with a byte-order mark")
	}
	if m, err := listtest.Parse(CSV(), marked); err != nil || !reflect.DeepEqual(m.Entities, e.Entities) {
		t.Errorf("with a byte-order mark: %v", err)
	}
}

func TestWhole(t *testing.T) {
	e := listtest.Edition(t, Formats(), "eu-whole", "whole.xml")
	listtest.Entities(t, e, entity.Entity{ID: "900001", Kind: entity.Person, Gender: entity.Male,
		Names: []entity.Name{{Full: "Ivan Petrovich Primerov", Given: "Ivan", Patronymic: "Petrovich", Family: "Primerov"}, {Full: "Иван Примеров", Kind: entity.Original, Language: "bg"}},
		Birth: []entity.Dates{listtest.Dates(t, "circa 1962"), listtest.Dates(t, "circa 1961-01-01/1963-12-31")}, BirthPlaces: []string{"Primersk, RU"}, Nationalities: []string{"YUG"},
		Places:      []entity.Place{{Street: "1 Example Street", Town: "Moscow", Country: "RU"}},
		Identifiers: []entity.Identifier{{Type: "passport", Number: "A-1", Country: "IN"}, {Type: "passport", Number: "A-2", Doubtful: true}},
		Positions:   []string{"Deputy Minister of Examples"}, Contacts: []string{"1-23", "4-56"},
		Programmes: []string{"UKR", "BLR"}, LegalBasis: []string{"208/2014 (OJ L66)"}, Amended: listtest.Day(t, "2014-03-06"),
		Remarks: "document A-1: revoked by its issuer; document A-1: [revoked by issuer](example); document A-2: known to be false; document A-2: (misuse); (Invented for a test.)"})
	listtest.Skipped(t, e, `global.xml: line 26: entry 900001: citizenship: "YUG": not a country that is known; kept as written`)
	if !e.Published.Equal(time.Date(2016, 2, 11, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("published %s", e.Published)
	}
}

func TestRefusesXML(t *testing.T) {
	good := listtest.Fixture(t, "full.xml")
	head := string(good[:strings.Index(string(good), "<sanctionEntity")])
	listtest.Refuses(t, XML(), map[string]listtest.Refusal{
		"no byte":          listtest.Want("", "", watchlist.ErrEmpty),
		"no entry":         listtest.Want(head+"</export>", "no entry", watchlist.ErrEmpty),
		"no date":          listtest.Want(listtest.Swap(t, good, "generationDate", "generated"), "no generationDate", nil),
		"a date of no day": listtest.Want(listtest.Swap(t, good, "2026-09-22T", "2026-02-31T"), "generationDate", nil),
		"an id twice":      listtest.Want(listtest.Swap(t, good, `logicalId="900002"`, `logicalId="900001"`), "two entries have the id 900001", nil),
		"another document": listtest.Want("<html/>", "want <export>", nil),
	})
	listtest.Leaves(t, XML(), map[string]listtest.Refusal{
		"an id of none": listtest.Want(listtest.Swap(t, good, `logicalId="900002"`, `logicalId=""`), `line 34: entry: logical id`, nil),
		"no name":       listtest.Want(listtest.Swap(t, good, "Example Trading &amp; Sons", " "), `line 34: entry 900002: entry: no name`, nil),
	})
	listtest.Cuts(t, XML(), good)
	e, err := listtest.Parse(XML(), []byte(listtest.Swap(t, good, "</export>", "<sanctionVessel logicalId='7'/></export>")))
	if err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "<sanctionVessel>") {
		t.Errorf("an element that may be an entry: %v, %v", e, err)
	}
}

func TestRefusesCSV(t *testing.T) {
	good := listtest.Fixture(t, "full.csv")
	listtest.Refuses(t, CSV(), map[string]listtest.Refusal{
		"no byte":         listtest.Want("", "", watchlist.ErrEmpty),
		"titles alone":    listtest.Want(string(good[:strings.Index(string(good), "\n")+1]), "no entry", watchlist.ErrEmpty),
		"other titles":    listtest.Want("a;b\n1;2\n", "titles", nil),
		"cut in a row":    listtest.Want(string(good[:len(good)-20]), "the last row", watchlist.ErrTruncated),
		"two files":       listtest.Want(listtest.Swap(t, good, "22/09/2026;900002", "23/09/2026;900002"), "two files in one", nil),
		"no date":         listtest.Want(listtest.Swap(t, good, "22/09/2026;900001", ";900001"), "line 2: fileGenerationDate", nil),
		"another charset": listtest.Want(listtest.Swap(t, good, "Vanya", "V\xe1nya"), "encoding", nil),
	})
	listtest.Leaves(t, CSV(), map[string]listtest.Refusal{
		"no id":         listtest.Want(listtest.Swap(t, good, "22/09/2026;900002", "22/09/2026;"), "no Entity_LogicalId", nil),
		"an id of none": listtest.Want(listtest.Swap(t, good, "22/09/2026;900002", "22/09/2026;x"), "logical id", nil),
	})
}

func TestRefusesWhole(t *testing.T) {
	good := listtest.Fixture(t, "whole.xml")
	listtest.Refuses(t, Whole(), map[string]listtest.Refusal{
		"no date":          listtest.Want(listtest.Swap(t, good, ` Date="11/02/2016"`, ""), "no Date", nil),
		"a date of no day": listtest.Want(listtest.Swap(t, good, "11/02/2016", "31/02/2016"), "Date", nil),
		"an id of none":    listtest.Want(listtest.Swap(t, good, `Id="900001" Type`, `Type`), "logical id", nil),
	})
	listtest.Cuts(t, Whole(), good)
}

// The counts were made apart from this reader, by regular expressions over the file: entities,
// names (2,993 elements, of which 296 repeat a name of the same entity), nationalities, and
// numbers of documents.
func TestRealWhole(t *testing.T) {
	file := listtest.Real(t, "../../../shared/data/eu-uk/EU_consolidated_2016-02-11.xml.xz")
	f, files, err := Formats().Recognise([]watchlist.File{file})
	if err != nil || f.Name != "eu-whole" {
		t.Fatalf("%s, %v", f.Name, err)
	}
	e, err := f.Parse(files, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	listtest.Sound(t, e)
	people, names, nationalities, doubtful := 0, 0, 0, 0
	for i := range e.Entities {
		x := &e.Entities[i]
		if x.Kind == entity.Person {
			people++
		}
		names += len(x.Names)
		nationalities += len(x.Nationalities)
		for _, n := range x.Identifiers {
			if n.Doubtful {
				doubtful++
			}
		}
		if len(x.Programmes) == 0 || len(x.LegalBasis) != 1 || x.Amended.IsZero() {
			t.Errorf("%s: programmes %q, basis %q, amended %s", x.ID, x.Programmes, x.LegalBasis, x.Amended)
		}
	}
	if len(e.Entities) != 595 || people != 319 || names != 2697 || nationalities != 304 || doubtful != 2 {
		t.Errorf("%d entries, %d people, %d names, %d nationalities, %d doubtful numbers; want 595, 319, 2697, 304, 2", len(e.Entities), people, names, nationalities, doubtful)
	}
	if e.Published.Format("2006-01-02") != "2016-02-11" || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
	listtest.Skipped(t, e, `global.xml: line 11479: entry 525: identification: number "UNKNOWN": no digit in it`)
}

func FuzzXML(f *testing.F)   { listtest.Fuzz(f, XML(), listtest.Fixture(f, "full.xml")) }
func FuzzCSV(f *testing.F)   { listtest.Fuzz(f, CSV(), listtest.Fixture(f, "full.csv")) }
func FuzzWhole(f *testing.F) { listtest.Fuzz(f, Whole(), listtest.Fixture(f, "whole.xml")) }
