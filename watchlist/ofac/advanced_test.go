package ofac

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

func advancedFixture(t testing.TB) string {
	b, err := os.ReadFile("testdata/sdn_advanced.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The same list in SDN.XML and in the advanced form: what more than one tells,
// they must tell alike.
func TestAdvancedTellsWhatXMLTells(t *testing.T) {
	opened, err := watchlist.OpenFile("testdata/sdn_advanced.xml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Advanced().Parse([]watchlist.File{opened}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	held, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", advancedFixture(t))}, time.Time{})
	if err != nil || held.SHA256 != e.SHA256 {
		t.Fatalf("held in memory %v, %v; from disk %s", held, err, e.SHA256)
	}
	x, err := ParseXML([]watchlist.File{file("sdn.xml", fixture(t))}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Published.Equal(today) || len(e.Entities) != 3 || len(e.Doubts) != 0 {
		t.Errorf("published %s, %d entries, doubts %v", e.Published, len(e.Entities), e.Doubts)
	}
	var said []string
	for _, p := range e.Skipped {
		said = append(said, p.Field)
		if p.Line < 40 || p.ID != "90003" {
			t.Errorf("problem without its place: %s", p)
		}
	}
	if want := []string{"date of birth", "FeatureTypeID", "FeatureTypeID", "FeatureTypeID", "LocationID"}; !slices.Equal(said, want) {
		t.Errorf("skipped %v, want %v: %v", said, want, e.Skipped)
	}
	for _, id := range []string{"90001", "90002", "90003"} {
		a, b := e.Find(id), x.Find(id)
		equal(t, "programmes of "+id, a.Programmes, b.Programmes)
		equal(t, "places of "+id, a.Places, b.Places)
		equal(t, "nationalities of "+id, a.Nationalities, b.Nationalities)
		equal(t, "wallets of "+id, a.Wallets, b.Wallets)
		equal(t, "birth of "+id, a.Birth, b.Birth)
		equal(t, "birth places of "+id, a.BirthPlaces, b.BirthPlaces)
		equal(t, "primary name of "+id, a.Names[0], b.Names[0])
		if a.Kind != b.Kind || a.Gender != b.Gender {
			t.Errorf("entry %s: %s %s, want %s %s", id, a.Kind, a.Gender, b.Kind, b.Gender)
		}
		if a.Listed != (entity.Day{Year: 2022, Month: 2, Day: 24}) || !slices.Equal(a.LegalBasis, []string{"Executive Order 14024"}) {
			t.Errorf("entry %s: listed %s under %v", id, a.Listed, a.LegalBasis)
		}
	}
	p := e.Find("90003")
	equal(t, "other names", p.Names[1:], []entity.Name{
		{Full: "Ivan EKZAMPLOV", Given: "Ivan", Family: "EKZAMPLOV", Kind: entity.Alias},
		{Full: "ЭКЗАМПЛОВ", Kind: entity.Original, Language: "und-Cyrl"},
		{Full: "VANYA", Kind: entity.Alias, Weak: true},
	})
	equal(t, "numbers", p.Identifiers, append(x.Find("90003").Identifiers, entity.Identifier{Type: "passport", Number: "E000001", Country: "CY", Doubtful: true}))
	equal(t, "position", p.Positions, []string{"Minister of Examples"})
	equal(t, "the ship's numbers, without regard to order", sorted(e.Find("90002").Identifiers), sorted(x.Find("90002").Identifiers))
	equal(t, "the ship's owner", e.Find("90002").Relations, []entity.Relation{{Type: "owned or controlled by", ID: "90001", Name: "EXAMPLE BANK"}})
	equal(t, "the bank's ship", e.Find("90001").Relations, []entity.Relation{{Type: "owns or controls", ID: "90002", Name: "EXAMPLE STAR"}})
	equal(t, "the bank's site", e.Find("90001").Contacts, []string{"www.example.ru"})
}

func sorted(ids []entity.Identifier) []entity.Identifier {
	return slices.SortedFunc(slices.Values(ids), func(a, b entity.Identifier) int { return strings.Compare(a.Type, b.Type) })
}

func TestAdvancedRefuses(t *testing.T) {
	good := advancedFixture(t)
	for at := 0; at < strings.LastIndex(good, "</Sanctions>"); at += 13 {
		if _, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", good[:at])}, today); !errors.Is(err, watchlist.ErrTruncated) && !errors.Is(err, watchlist.ErrEmpty) {
			t.Fatalf("cut at byte %d: %v, want it told as truncated", at, err)
		}
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"another document": {"<Sanctions ", "<sdnList ", "want <Sanctions>"},
		"no date":          {"<Day>25</Day></DateOfIssue>", "<Day>31</Day></DateOfIssue>", "DateOfIssue"},
		"an id of letters": {`<DistinctParty FixedRef="90001"`, `<DistinctParty FixedRef="9OOO1"`, "FixedRef"},
		"no name":          {"EXAMPLE BANK", " ", "has no name"},
	} {
		_, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", strings.Replace(good, c.old, c.new, 1))}, today)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

// The non-SDN list, renamed, is not taken for the SDN list without a person's word.
func TestAdvancedOfTheOtherListIsDoubted(t *testing.T) {
	doc := strings.Replace(advancedFixture(t), ">SDN List<", ">Consolidated List<", 1)
	e, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", doc)}, today)
	if err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "3 entries are of another list") {
		t.Errorf("error %v, edition %+v", err, e)
	}
	f, _, err := Formats().Recognise([]watchlist.File{file("CONS_ADVANCED.XML", doc)})
	if err != nil || f.Name != "ofac-cons-advanced" || f.List != "us-cons" {
		t.Errorf("recognised as %q of %q, %v", f.Name, f.List, err)
	}
	f, _, err = Formats().Recognise([]watchlist.File{file("a.xml", advancedFixture(t))})
	if err != nil || f.Name != "ofac-advanced" {
		t.Errorf("recognised as %q, %v", f.Name, err)
	}
}

func FuzzAdvanced(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(advancedFixture(f))
	f.Fuzz(func(t *testing.T, doc string) {
		checkFuzzed(t, Advanced(), []watchlist.File{file("sdn_advanced.xml", doc)})
	})
}
