package ca

import (
	"slices"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

func TestFixture(t *testing.T) {
	e := listtest.Edition(t, watchlist.Formats{Format()}, "ca-xml", "list.xml")
	listtest.Sound(t, e)
	listtest.Entities(t, e,
		entity.Entity{ID: "Russia/1, Part 1/57", Kind: entity.Person,
			Names: []entity.Name{
				{Full: "Ivan Petrovich Primerov", Given: "Ivan", Patronymic: "Petrovich", Family: "Primerov"},
				{Full: "Иван Петрович Примеров", Kind: entity.Original, Language: "ru"},
				{Full: "Iwan Primerow", Kind: entity.Alias}, {Full: "Vanya", Kind: entity.Alias},
			},
			Birth: []entity.Dates{listtest.Dates(t, "1962-03-04")}, Positions: []string{"Deputy Minister"},
			Programmes: []string{"Russia"}, LegalBasis: []string{"Schedule 1, Part 1, item 57"}, Listed: listtest.Day(t, "2022-02-24")},
		entity.Entity{ID: "Russia/1, Part 2/7", Kind: entity.Organisation,
			Names:      []entity.Name{{Full: "Example Group"}, {Full: "Groupe Exemple", Kind: entity.Alias}, {Full: "Example, Ltd., EG", Kind: entity.Alias}, {Full: "Primer", Kind: entity.Alias}},
			Programmes: []string{"Russia"}, LegalBasis: []string{"Schedule 1, Part 2, item 7"}},
		entity.Entity{ID: "Russia/1, Part 3/2", Kind: entity.Vessel, Names: []entity.Name{{Full: "MV Example"}}, Identifiers: []entity.Identifier{{Type: "imo", Number: "9000001"}},
			Programmes: []string{"Russia"}, LegalBasis: []string{"Schedule 1, Part 3, item 2"}, Remarks: "Tanker; built 2011"},
		entity.Entity{ID: "Belarus/N A/#5c1211e5", Kind: entity.Person, Names: []entity.Name{{Full: "Anna Example", Given: "Anna", Family: "Example"}}, Programmes: []string{"Belarus"}})
	listtest.Skipped(t, e,
		`sema-lmes.xml: line 20: entry Russia/1, Part 2/7: DateOfListing: date "2022-02-31": 2022-02-31: no such day`,
		`sema-lmes.xml: line 35: entry Belarus/N A/#5c1211e5: DateOfBirthOrShipBuildDate: date "31-02-1970": 1970-02-31: no such day`,
		`sema-lmes.xml: line 38: entry Belarus/N A/#5c1211e5: record: stands in the file twice; the first is taken`)
	if !e.Published.Equal(listtest.Published) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// Two records of one item are two entries, and each keeps its id whichever comes first.
func TestIDs(t *testing.T) {
	record := func(name string) string {
		return "<record><Country>Iran</Country><EntityOrShip>" + name + "</EntityOrShip><Schedule>1</Schedule><Item>5</Item></record>"
	}
	ids := func(names ...string) (ids []string) {
		doc := "<data-set>"
		for _, n := range names {
			doc += record(n)
		}
		e, err := listtest.Parse(Format(), []byte(doc+"</data-set>"))
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range names {
			for _, x := range e.Entities {
				if x.PrimaryName() == n {
					ids = append(ids, x.ID)
				}
			}
		}
		return ids
	}
	one, two, turned := ids("A"), ids("A", "B"), ids("B", "A")
	if !slices.Equal(one, []string{"Iran/1/5"}) || len(two) != 2 || two[0] == two[1] || !strings.HasPrefix(two[0], "Iran/1/5#") || two[0] != turned[1] || two[1] != turned[0] {
		t.Errorf("%q, %q, %q", one, two, turned)
	}
}

func TestAliases(t *testing.T) {
	for in, want := range map[string][]string{
		"A; B, C":              {"A", " B, C"},
		"A, B":                 {"A", "B"},
		"Example Co., Ltd., B": {"Example Co., Ltd.", "B"},
		"Example, LLC":         {"Example, LLC"},
	} {
		if got := aliases(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "list.xml")
	listtest.Refuses(t, Format(), map[string]listtest.Refusal{
		"no byte":          listtest.Want("", "", watchlist.ErrEmpty),
		"no record":        listtest.Want("<data-set/>", "no entry", watchlist.ErrEmpty),
		"another document": listtest.Want("<html/>", "want <data-set>", nil),
	})
	listtest.Leaves(t, Format(), map[string]listtest.Refusal{
		"no name": listtest.Want(listtest.Swap(t, good, "MV Example", " "), `line 22: entry Russia/1, Part 3/2: entry: no name`, nil),
	})
	listtest.Cuts(t, Format(), good)
	if e, err := listtest.Parse(Format(), []byte(listtest.Swap(t, good, "</data-set>", "<ship/></data-set>"))); err != nil || len(e.Doubts) != 1 {
		t.Errorf("an element that may be an entry: %v, %v", e, err)
	}
}

func FuzzParse(f *testing.F) { listtest.Fuzz(f, Format(), listtest.Fixture(f, "list.xml")) }
