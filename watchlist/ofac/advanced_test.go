package ofac

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
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
	if want := []string{"date of birth", "feature", "FeatureTypeID", "feature", "LocationID"}; !slices.Equal(said, want) {
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
	} {
		_, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", strings.Replace(good, c.old, c.new, 1))}, today)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
}

// Nothing vanishes without a word: what the document does not declare, what the reader does not
// know, what lacks its content.
func TestAdvancedTellsWhatItDoesNotRead(t *testing.T) {
	const party = `<DistinctParty FixedRef="90001">`
	for name, c := range map[string]struct {
		old, new string
		want     string // a problem that the fixture has not
		at       string // a text on the line it stands on, where that is not old's
		keeps    func(e *watchlist.Edition) bool
	}{
		"an alias type of no known meaning": {`<AliasType ID="1401">F.K.A.`, `<AliasType ID="1400">Nom de guerre`,
			`entry 90003: AliasType: "Nom de guerre": want A.K.A., F.K.A., N.K.A. or Name; taken for A.K.A.`, ">EKZAMPLOV<", nil},
		"an alias type not declared": {`<Alias FixedRef="90003" AliasTypeID="1400" Primary="false" LowQuality="true">`, `<Alias FixedRef="90003" AliasTypeID="9" Primary="false" LowQuality="true">`,
			`entry 90003: AliasTypeID: "9": no such value in the document`, "", func(e *watchlist.Edition) bool { return len(e.Find("90003").Names) == 4 }},
		"an area code not declared": {`<Location ID="504"><LocationCountry CountryID="11"/>`, `<Location ID="504"><LocationAreaCode AreaCodeID="9"/>`,
			`AreaCodeID: "9": no such value in the document`, "", nil},
		"an area code stands for its country": {`<Location ID="504"><LocationCountry CountryID="11"/>`, `<Location ID="504"><LocationAreaCode AreaCodeID="11"/>`, "", "",
			func(e *watchlist.Edition) bool { return slices.Equal(e.Find("90002").Nationalities, []string{"RU"}) }},
		"a country not declared":  {`<LocationCountry CountryID="12"/>`, `<LocationCountry CountryID="99"/>`, `CountryID: "99": no such value in the document`, "", nil},
		"a validity not declared": {`ValidityID="2"><IDReg`, `ValidityID="3"><IDReg`, `ValidityID: "3": no such value in the document`, "", nil},
		"a detail not declared":   {`DetailReferenceID="705"`, `DetailReferenceID="9"`, `entry 90002: DetailReferenceID: "9": no such value in the document`, "", nil},
		"a script not known": {`<Script ID="220">Cyrillic`, `<Script ID="220">Runic`, `entry 90003: ScriptID: "220": not a script that is known`,
			"ЭКЗАМПЛОВ", func(e *watchlist.Edition) bool { return e.Find("90003").Names[2].Language == "und" }},
		"a name part not known": {`<NamePartType ID="1526">Vessel Name`, `<NamePartType ID="1526">Hull`, `entry 90002: NamePartGroupID: "74" (Hull): not a part that is known; "EXAMPLE STAR" is taken for a part of the whole name`,
			"EXAMPLE STAR", func(e *watchlist.Edition) bool { return e.Find("90002").PrimaryName() == "EXAMPLE STAR" }},
		"a part of a place not known":  {`<LocPartType ID="1454">CITY`, `<LocPartType ID="1454">MOON`, `LocationPart: "MOON" "Sudak": not a part that is read`, ">Sudak<", nil},
		"a feature with nothing in it": {">Minister of Examples<", "><", `entry 90003: title: nothing in it`, "", func(e *watchlist.Edition) bool { return e.Find("90003").Positions == nil }},
		"a feature not known stays": {">Title<", ">Rank<", "", "", func(e *watchlist.Edition) bool {
			return strings.Contains(e.Find("90003").Remarks, "Rank Minister of Examples")
		}},
		"a date stays": {`<VersionDetail DetailTypeID="1432">Minister of Examples</VersionDetail>`, `<DatePeriod><Start><From><Year>1999</Year><Month>2</Month><Day>3</Day></From></Start></DatePeriod>`, "",
			"", func(e *watchlist.Edition) bool {
				return slices.Equal(e.Find("90003").Positions, []string{"1999-02-03"})
			}},
		"a place without parts stays": {`FeatureTypeID="9"><FeatureVersion ID="4">`, `FeatureTypeID="25"><FeatureVersion ID="4">`, "",
			"", func(e *watchlist.Edition) bool { return e.Find("90003").Places[0].Street == "Omsk, Russia" }},
		"a document of nobody's": {`IdentityID="43"`, `IdentityID="4"`, `IdentityID: "4": no such identity in the document; Vessel Registration Identification is nobody's`, "", nil},
		"a document's dates": {`<IDRegistrationNo>72 1234567</IDRegistrationNo>`, `<IDRegistrationNo>72 1234567</IDRegistrationNo><IssuingAuthority>MVD</IssuingAuthority>`, "",
			"", func(e *watchlist.Edition) bool {
				return strings.Contains(e.Find("90003").Remarks, "Passport 72 1234567 MVD")
			}},
		"a document without a number": {`<IDRegistrationNo>IMO 9187629</IDRegistrationNo>`, ``, `IDRegistrationNo: Vessel Registration Identification: no number in it`, "", nil},
		"an element of the party":     {party, party + "<Rumour>heard</Rumour>", `entry 90001: Rumour: "heard": an element that is not read`, "", nil},
		"a second profile": {`</Profile></DistinctParty>
    <DistinctParty FixedRef="90002">`, `</Profile><Profile ID="5"/></DistinctParty>
    <DistinctParty FixedRef="90002">`, `entry 90001: Profile: "": an element that is not read`, "", nil},
		"a section":               {"<SanctionsEntryLinks/>", `<Appeals><Appeal ID="1"/></Appeals>`, `Appeal: "": an element that is not read`, "", nil},
		"a list not declared":     {`ListID="1550"`, `ListID="9"`, `entry 90003: ListID: "9": no such value in the document`, "", nil},
		"a relation not declared": {`RelationTypeID="15003"`, `RelationTypeID="9"`, `RelationTypeID: "9": no such value in the document`, "", nil},
		"a measure's comment stays": {`SanctionsTypeID="1705"><Comment/>`, `SanctionsTypeID="1705"><Comment>by day</Comment>`, "", "", func(e *watchlist.Edition) bool {
			x := e.Find("90003")
			return strings.Contains(x.Remarks, "by day") && slices.Equal(x.Measures, []string{"asset freeze"})
		}},
		"an id of letters": {party, `<DistinctParty FixedRef="9OOO1">`, `FixedRef: "9OOO1": want a number: left out`,
			"", func(e *watchlist.Edition) bool { return len(e.Entities) == 2 && len(e.Doubts) == 1 }},
		"no name": {"EXAMPLE BANK", " ", `entry 90001: DocumentedName: no name in it`,
			"", func(e *watchlist.Edition) bool { return len(e.Entities) == 2 && len(e.Doubts) == 1 }},
	} {
		good := advancedFixture(t)
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: the fixture has no %q", name, c.old)
		}
		e, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", strings.Replace(good, c.old, c.new, 1))}, today)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		listtest.Sound(t, e)
		at := max(strings.Index(good, c.old), 0)
		if c.at != "" {
			at = strings.Index(good, c.at)
		}
		want := fmt.Sprintf("sdn_advanced.xml: line %d: %s\n", 1+strings.Count(good[:at], "\n"), c.want)
		told := ""
		for _, p := range e.Skipped {
			told += p.String() + "\n"
		}
		if c.want != "" && !strings.Contains(told, want) || c.want == "" && len(e.Skipped) != 5 {
			t.Errorf("%s: told\n%swant\n%s", name, told, want)
		}
		if c.keeps != nil && !c.keeps(e) {
			t.Errorf("%s: read as %+v, doubts %q", name, e.Entities, e.Doubts)
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
