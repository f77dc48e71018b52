package ch

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

const ordinance = "Ordinance of 4 March 2022 on measures in connection with the situation in Ukraine, Annex 8"

func TestFixture(t *testing.T) {
	e := listtest.Edition(t, watchlist.Formats{Format()}, "ch-xml", "list.xml")
	listtest.Sound(t, e)
	listtest.Entities(t, e,
		entity.Entity{ID: "90001", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "Ivan Petrovich Primerov", Given: "Ivan", Patronymic: "Petrovich", Family: "Primerov"},
				{Full: "Иван Petrovich Примеров", Given: "Иван", Patronymic: "Petrovich", Family: "Примеров", Kind: entity.Original, Language: "ru"},
				{Full: "Ivan Petrovich Primeroff", Given: "Ivan", Patronymic: "Petrovich", Family: "Primeroff", Kind: entity.Alias, Language: "en"},
				{Full: "Vanya", Kind: entity.Alias, Weak: true},
				{Full: "Iwan Example", Given: "Iwan", Kind: entity.Former},
				{Full: "Another Self", Kind: entity.Alias},
			},
			Birth:       []entity.Dates{listtest.Dates(t, "1962-03-04"), listtest.Dates(t, "1962-05-01/1962-05-31")},
			BirthPlaces: []string{"Primersk, North, RU"}, Nationalities: []string{"RU", "Ruritania"},
			Places:      []entity.Place{{Street: "1 Example Street, PO Box 12", Town: "Moscow", Postcode: "101000", Country: "RU"}, {Street: "2 Example Street"}},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "70 1234567", Country: "RU"}, {Type: "national id", Number: "BG-99", Country: "BG", Doubtful: true}, {Type: "un reference", Number: "QDi.901"}},
			Relations:   []entity.Relation{{Type: "owner of", ID: "90002"}}, Positions: []string{"General"}, Contacts: []string{"ivan@example.org"},
			Programmes: []string{"Ukraine"}, LegalBasis: []string{ordinance}, Listed: listtest.Day(t, "2022-03-16"), Amended: listtest.Day(t, "2024-01-10"),
			Remarks: "address: as of 2022; document BG-99: forged; owner of 90002: half of it; Invented for a test."},
		entity.Entity{ID: "90002", Kind: entity.Organisation, Names: []entity.Name{{Full: "Example Holding"}}, Identifiers: []entity.Identifier{{Type: "registration", Number: "1027700000000"}},
			Programmes: []string{"Ukraine"}, LegalBasis: []string{ordinance}, Listed: listtest.Day(t, "2022-03-16"), Remarks: "founded or built 1999; Registration number: 1027700000000; Type of entity: company"},
		entity.Entity{ID: "90003", Kind: entity.Vessel, Names: []entity.Name{{Full: "MV Example"}}, Identifiers: []entity.Identifier{{Type: "imo", Number: "9000001"}}, Listed: listtest.Day(t, "2020-01-01"), Remarks: "IMO number: 9000001."},
		entity.Entity{ID: "90005", Kind: entity.Person, Names: []entity.Name{{Full: "Anna Example", Given: "Anna", Family: "Example"}, {Full: "Anna Beispiel", Given: "Anna", Family: "Beispiel", Kind: entity.Former}}, Listed: listtest.Day(t, "2023-05-01")})
	listtest.Skipped(t, e,
		`consolidated-list.xml: line 17: entry 90001: modification: type "renamed": want listed, amended or de-listed; taken for amended`,
		`consolidated-list.xml: line 27: entry 90001: name-part-type: "nickname": not one that is known; taken for other`,
		`consolidated-list.xml: line 30: entry 90001: day-month-year: 1970-02-31: no such day`,
		`consolidated-list.xml: line 31: entry 90001: day-month-year: "1402" of the Hijri calendar: not a date that can be compared`,
		`consolidated-list.xml: line 34: entry 90001: place-id: "599": no such place in the file`,
		`consolidated-list.xml: line 36: entry 90001: nationality: "Ruritania": not a country that is known; kept as written`,
		`consolidated-list.xml: line 46: entry 90002: sanctions-set-id: "299": no programme has this set`)
	if !e.Published.Equal(time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC)) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// Who is on the list is told by the last modification in effect, whatever the order.
func TestDelisted(t *testing.T) {
	for modifications, listed := range map[string]bool{
		"":                  true,
		"listed 2020-01-01": true,
		"listed 2020-01-01, de-listed 2021-01-01":                     false,
		"de-listed 2021-01-01, listed 2020-01-01":                     false,
		"de-listed 2021-01-01, amended 2020-06-01, listed 2020-01-01": false,
		"listed 2020-01-01, de-listed 2021-01-01, listed 2022-01-01":  true,
		"listed 2020-01-01, de-listed 2026-09-28":                     false, // the day of the file
		"listed 2020-01-01, de-listed 2026-09-29":                     true,  // tomorrow
		"listed 2020-01-01, de-listed soon":                           true,
		"de-listed 2021-01-01, listed 2021-01-01":                     false, // of one day the first counts
	} {
		var b strings.Builder
		for m := range strings.SplitSeq(modifications, ", ") {
			if what, on, ok := strings.Cut(m, " "); ok {
				fmt.Fprintf(&b, `<modification modification-type="%s" effective-date="%s"/>`, what, on)
			}
		}
		name := `<name name-type="primary-name"><name-part order="1" name-part-type="whole-name"><value>X</value></name-part></name>`
		doc := `<swiss-sanctions-list date="2026-09-28"><target ssid="1">` + b.String() + `<individual><identity main="true">` + name + `</identity></individual></target>` +
			`<target ssid="2"><individual><identity main="true">` + name + `</identity></individual></target></swiss-sanctions-list>`
		e, err := listtest.Parse(Format(), []byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Find("1") != nil; got != listed {
			t.Errorf("%s: listed is %v, want %v", modifications, got, listed)
		}
	}
}

func TestVariants(t *testing.T) {
	variants := func(n int, script string) (s string) {
		for i := range n {
			s += fmt.Sprintf(`<spelling-variant lang="eng" script="%s">v%d</spelling-variant>`, script, i)
		}
		return s
	}
	doc := `<swiss-sanctions-list date="2026-09-28"><target ssid="1"><individual><identity main="true"><name name-type="primary-name">` +
		`<name-part order="1" name-part-type="given-name"><value>A</value>` + variants(9, "LATN") + `</name-part>` +
		`<name-part order="2" name-part-type="family-name"><value>B</value>` + variants(9, "LATN") + `</name-part></name></identity></individual></target></swiss-sanctions-list>`
	e, err := listtest.Parse(Format(), []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if n := len(e.Entities[0].Names); n != maxVariants+1 || len(e.Skipped) != 1 || !strings.Contains(e.Skipped[0].Text, "more than 32 ways") {
		t.Errorf("%d names, told %v", n, e.Skipped)
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "list.xml")
	listtest.Refuses(t, Format(), map[string]listtest.Refusal{
		"no byte":          listtest.Want("", "", watchlist.ErrEmpty),
		"no entry":         listtest.Want(`<swiss-sanctions-list date="2026-09-28"/>`, "no entry", watchlist.ErrEmpty),
		"no date":          listtest.Want(listtest.Swap(t, good, ` date="2026-09-28"`, ""), "no date", nil),
		"a date of no day": listtest.Want(listtest.Swap(t, good, "2026-09-28", "2026-02-31"), "no such day", nil),
		"an id twice":      listtest.Want(listtest.Swap(t, good, `ssid="90002"`, `ssid="90001"`), "two entries have the id 90001", nil),
		"nothing in it":    listtest.Want(`<swiss-sanctions-list date="2026-09-28"><target ssid="1"/></swiss-sanctions-list>`, "neither an individual", nil),
		"another document": listtest.Want("<html/>", "want <swiss-sanctions-list>", nil),
	})
	listtest.Leaves(t, Format(), map[string]listtest.Refusal{
		"an id of none": listtest.Want(listtest.Swap(t, good, `ssid="90002"`, `ssid="x"`), `line 46: entry x: entry: ssid`, nil),
		"no name":       listtest.Want(listtest.Swap(t, good, "Example Holding", "-"), `entry 90002: entry: no name`, nil),
	})
	listtest.Cuts(t, Format(), good)
	for said, doc := range map[string]string{
		"not the whole one": listtest.Swap(t, good, "whole-list", "delta"),
		"<group>":           listtest.Swap(t, good, "</swiss-sanctions-list>", "<group><target/></group></swiss-sanctions-list>"),
	} {
		if e, err := listtest.Parse(Format(), []byte(doc)); err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], said) {
			t.Errorf("%s: %v, %v", said, e, err)
		}
	}
}

func FuzzParse(f *testing.F) { listtest.Fuzz(f, Format(), listtest.Fixture(f, "list.xml")) }
