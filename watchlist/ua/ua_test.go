package ua

import (
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listtest"
)

func TestFixture(t *testing.T) {
	e := listtest.Edition(t, watchlist.Formats{Format()}, "ua-json", "subjects.json")
	listtest.Sound(t, e)
	listtest.Entities(t, e,
		entity.Entity{ID: "90001", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "Ivan Petrovych Prymirov", Given: "Ivan", Patronymic: "Petrovych", Family: "Prymirov"},
				{Full: "Іван Петрович Приміров", Given: "Іван", Patronymic: "Петрович", Family: "Приміров", Kind: entity.Original, Language: "uk"},
				{Full: "Иван Петрович Примеров", Given: "Иван", Patronymic: "Петрович", Family: "Примеров", Kind: entity.Original},
				{Full: "Ivan Primerov", Kind: entity.Alias}, {Full: "Vanya", Kind: entity.Alias},
			},
			Birth: []entity.Dates{listtest.Dates(t, "1962-03-04")}, BirthPlaces: []string{"м. Прімерськ"}, Nationalities: []string{"RU", "ZZ"},
			Places: []entity.Place{{Street: "Москва, вул. Прикладна, 1"}}, Wallets: []entity.Wallet{{Address: "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"}},
			Identifiers: []entity.Identifier{{Type: "tax id", Number: "770000000001", Country: "RU"}, {Type: "passport", Number: "70 1234567", Country: "RU", Doubtful: true}, {Type: "doc other", Number: "7-1"}},
			Positions:   []string{"заступник міністра"}, LegalBasis: []string{"Decree 109/2022", "Decree 200/2023"}, Measures: []string{"asset freeze", "обмеження торговельних операцій"},
			Listed: listtest.Day(t, "2022-03-03"), Amended: listtest.Day(t, "2023-05-01"),
			Remarks: "until 2032-03-03; term: 10 років; term: безстроково; passport 70 1234567: підроблений; Інше: вигадана особа"},
		entity.Entity{ID: "90002", Kind: entity.Organisation, Names: []entity.Name{{Full: "ТОВ «Приклад»"}}, Nationalities: []string{"RU"},
			Identifiers: []entity.Identifier{{Type: "registration", Number: "770001001", Country: "RU"}}, LegalBasis: []string{"Decree 3/2023"}, Measures: []string{draft.NoMeasure}, Remarks: "until soon"})
	listtest.Skipped(t, e,
		`subjects.json: line 4: entry 90001: citizenships: "ZZ": not a country that is known; kept as written`,
		`subjects.json: line 4: entry 90001: identifiers: "doc:other": not a kind that is known; kept as written`,
		`subjects.json: line 4: entry 90001: Криптогаманець: "не": not an address`,
		`subjects.json: line 4: entry 90001: Криптогаманець: "відомо": not an address`,
		`subjects.json: line 34: entry 90002: endDate: date "soon": want one such as 1937-04-28`,
		`subjects.json: line 34: entry 90002: decree date: date "2023-02-31": 2023-02-31: no such day`,
		`subjects.json: line 34: entry 90002: restrictions: no measure is stated`,
		`subjects.json: line 34: entry 90002: bd: date "31.02.1999": 1999-02-31: no such day`)
	if !e.Published.Equal(listtest.Published) || len(e.Doubts) != 0 {
		t.Errorf("published %s, doubts %q", e.Published, e.Doubts)
	}
}

// A term ends with its day: on the day it is in force, the day after it is not.
func TestTerms(t *testing.T) {
	doc := listtest.Fixture(t, "subjects.json")
	for day, listed := range map[string]bool{"2026-09-29": true, "2026-09-30": false} {
		on, err := time.Parse("2006-01-02", day)
		if err != nil {
			t.Fatal(err)
		}
		e, err := Parse([]watchlist.File{{Name: allName, Data: doc}}, on)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Find("90003") != nil; got != listed {
			t.Errorf("%s: listed is %v, want %v", day, got, listed)
		}
	}
}

func TestTwoFiles(t *testing.T) {
	people := []byte(`[{"sid":1,"name":"А Б","translit":"A B","actions":[]}]`)
	legal := []byte(`[{"sid":2,"name":"В","translit":"V"}]`)
	f, files, err := watchlist.Formats{Format()}.Recognise([]watchlist.File{{Name: "x-legal.json", Data: legal}, {Name: "Individual_1.json", Data: people}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Parse(files, listtest.Published)
	if err != nil || e.Find("1").Kind != entity.Person || e.Find("2").Kind != entity.Organisation || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "2 subjects come without their actions") {
		t.Errorf("%+v, %v", e, err)
	}
	e, err = f.Parse(files[:1], listtest.Published)
	if err != nil || len(e.Doubts) != 2 || !strings.Contains(e.Doubts[0], "half of the register") {
		t.Errorf("one of the two: %+v, %v", e, err)
	}
	if _, err = f.Parse([]watchlist.File{{Name: allName, Data: people}, {Name: legalName, Data: legal}}, listtest.Published); err == nil {
		t.Error("two files that do not go together are read")
	}
}

// A field that the reader does not know is told, and an array beside the subjects is doubted.
func TestUnread(t *testing.T) {
	good := listtest.Fixture(t, "subjects.json")
	e, err := listtest.Parse(Format(), []byte(strings.NewReplacer(`"dd": null`, `"dd": null, "hat": "red", "cats": []`, `"code": "7-1"`, `"code": "7-1", "by": {"a": 1}`,
		`"generated": "never"`, `"generated": "never", "more": [{"sid": 7}]`).Replace(string(good))))
	if err != nil {
		t.Fatal(err)
	}
	told := ""
	for _, p := range e.Skipped[len(e.Skipped)-2:] {
		told += p.String() + "\n"
	}
	if want := "subjects.json: line 4: hat: \"\\\"red\\\"\": not read, nor are 2 more of it\nsubjects.json: line 4: identifiers>by: \"{\\\"a\\\": 1}\": not read\n"; told != want || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], `"more" stands beside the subjects`) {
		t.Errorf("told\n%swant\n%sdoubts %q", told, want, e.Doubts)
	}
}

func TestRefuses(t *testing.T) {
	good := listtest.Fixture(t, "subjects.json")
	listtest.Refuses(t, Format(), map[string]listtest.Refusal{
		"no byte":          listtest.Want("", "", watchlist.ErrEmpty),
		"no subject":       listtest.Want("[]", "no entry", watchlist.ErrEmpty),
		"another document": listtest.Want(`{"a":1}`, "no array of subjects", nil),
		"no array":         listtest.Want(`{"data":1}`, "want an array", nil),
		"two arrays":       listtest.Want(`{"data":[],"subjects":[]}`, "a second array", nil),
		"a text":           listtest.Want(`"a"`, "want an array", nil),
		"more after it":    listtest.Want(string(good)+"[]", "more after the end", nil),
		"an id twice":      listtest.Want(listtest.Swap(t, good, `"sid": "90002"`, `"sid": 90001`), "two entries have the id 90001", nil),
		"another type":     listtest.Want(listtest.Swap(t, good, `"sid": 90001`, `"sid": {}`), "want a text or a number", nil),
		"no JSON":          listtest.Want("[}", "line 1", nil),
	})
	listtest.Leaves(t, Format(), map[string]listtest.Refusal{
		"no id":   listtest.Want(listtest.Swap(t, good, `"sid": "90002", `, ""), `line 34: entry: sid`, nil),
		"no name": listtest.Want(listtest.Swap(t, good, "ТОВ «Приклад»", " "), `line 34: entry 90002: entry: no name`, nil),
	})
	listtest.Cuts(t, Format(), good)
}

func FuzzParse(f *testing.F) {
	listtest.Fuzz(f, Format(), listtest.Fixture(f, "subjects.json"), []byte(`[{"sid":1,"name":"А (Б, В)","translit":"A"}]`), []byte(`[{"sid":1,"naMe":"Б","":"A"}]`))
}
