package ofac

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
)

// The same list in the advanced and in the enhanced form: what both tell, they must tell alike.
func TestEnhancedTellsWhatAdvancedTells(t *testing.T) {
	opened, err := watchlist.OpenFile("testdata/sdn_enhanced.xml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := Enhanced().Parse([]watchlist.File{opened}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	listtest.Sound(t, e)
	if !e.Published.Equal(today) || e.List != List || len(e.Entities) != 3 || len(e.Doubts) != 0 || e.Foreign != "" {
		t.Errorf("published %s, %d entries, doubts %q, foreign %q", e.Published, len(e.Entities), e.Doubts, e.Foreign)
	}
	listtest.Skipped(t, e, `sdn_enhanced.xml: line 39: entry 90003: birthdate: date "1961-02-31": 1961-02-31: no such day`)
	a, err := Advanced().Parse([]watchlist.File{file("sdn_advanced.xml", advancedFixture(t))}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"90001", "90002", "90003"} {
		x, y := *e.Find(id), *a.Find(id)
		// The other document of the fixtures tells no relation to another list.
		x.Relations = slices.DeleteFunc(slices.Clone(x.Relations), func(r entity.Relation) bool { return r.ID == "77777" })
		x.Remarks, y.Remarks, x.Measures, y.Measures = "", "", nil, nil
		x.Identifiers, y.Identifiers = sorted(x.Identifiers), sorted(y.Identifiers)
		equal(t, "entry "+id, x, y)
		equal(t, "measures of "+id, e.Find(id).Measures, []string{"asset freeze"})
	}
	equal(t, "the person's remarks", e.Find("90003").Remarks, "Living status Alive; (Linked To: EXAMPLE BANK); US person; since 1999; "+
		"Secondary sanctions risk section 1(b) of Executive Order 13224; Passport 72 1234567 issued by MVD issued 2014-08-27 expires 2024-08-27")
	equal(t, "the ship's owners", e.Find("90002").Relations, []entity.Relation{{Type: "owned or controlled by", ID: "90001", Name: "EXAMPLE BANK"},
		{Type: "owned or controlled by", ID: "77777", Name: "EXAMPLE OF ANOTHER LIST"}})
	equal(t, "the ship's remarks", e.Find("90002").Remarks, "VESSEL TYPE Crude Oil Tanker; since 2019")
}

// Nothing vanishes without a word.
func TestEnhancedTellsWhatItDoesNotRead(t *testing.T) {
	good := string(listtest.Fixture(t, "sdn_enhanced.xml"))
	for name, c := range map[string]struct {
		old, new string
		want     string // a problem that the fixture has not
		keeps    func(e *watchlist.Edition) bool
	}{
		"an alias type": {`"1400">A.K.A.<`, `"1400">Nom de guerre<`, `entry 90003: aliasType: "Nom de guerre": want A.K.A., F.K.A. or N.K.A.; taken for A.K.A.`, nil},
		"a script": {`>Cyrillic<`, `>Runic<`, `entry 90003: script: "Runic": not a script that is known`,
			func(e *watchlist.Edition) bool { return e.Find("90003").Names[2].Language == "und" }},
		"a part of a name": {`>Vessel Name<`, `>Hull<`, `entry 90002: namePart: "Hull": not a part that is known; "EXAMPLE STAR" is taken for a part of the whole name`,
			func(e *watchlist.Edition) bool { return e.Find("90002").PrimaryName() == "EXAMPLE STAR" }},
		"a part of a place":        {`>CITY<`, `>MOON<`, `entry 90003: addressPart: "MOON" "Sudak": not a part that is read`, nil},
		"a place of a text only":   {`>ADDRESS1</type><value>1 Shaliapin Street`, `>Unknown</type><value>a hut`, "", nil},
		"a value not declared":     {`<valueRefId>705<`, `<valueRefId>9<`, `entry 90002: valueRefId: "9": no such value in the document`, nil},
		"a kind of entry":          {`"602">Vessel<`, `"602">Spaceship<`, `entry 90002: entityType: "Spaceship": want Individual, Entity, Vessel or Aircraft`, nil},
		"a date of listing":        {`id="4" datePublished="2022-02-24"`, `id="4" datePublished="2022-02-30"`, `entry 90001: datePublished: date "2022-02-30": 2022-02-30: no such day`, nil},
		"an element":               {`<identityId>190001`, `<mood>bad</mood><identityId>190001`, `entry 90001: mood: "bad": an element that is not read`, nil},
		"an element of a name":     {`<name id="5"><isPrimary>`, `<name id="5"><mood>m</mood><isPrimary>`, `entry 90001: mood: "m": an element that is not read`, nil},
		"an element of a feature":  {`<versionId>14<`, `<mood>m</mood><versionId>14<`, `entry 90001: mood: "m": an element that is not read`, nil},
		"an element of an address": {`<address id="2">`, `<address id="2"><mood>m</mood>`, `entry 90003: mood: "m": an element that is not read`, nil},
		"a second number":          {`<documentNumber>1027700000000</documentNumber>`, `<documentNumber>1027700000000</documentNumber><documentNumber>7</documentNumber>`, `entry 90001: documentNumber: "7": an element that is not read`, nil},
		"a section of an entry":    {`<features><feature id="14">`, `<rumours><rumour>r</rumour></rumours><features><feature id="14">`, `entry 90001: rumours: "": an element that is not read`, nil},
		"a section":                {`<featureTypes>`, `<news><item id="1">n</item></news><featureTypes>`, `item: "n": an element that is not read`, nil},
		"a document's number":      {`<documentNumber>IMO 9187629</documentNumber>`, `<documentNumber/>`, `entry 90002: identityDocument: type "Vessel Registration Identification", number "": want both`, nil},
		"a document's date":        {`<fromDateBegin>2024-08-27`, `<fromDateBegin>2024-08-32`, `entry 90003: expirationDate: date "2024-08-32": 2024-08-32: no such day`, nil},
		"whom it is tied to":       {` entityId="77777"`, ``, `entry 90002: relationship: type "owned or controlled by" to entity "": want both`, nil},
		"a wallet's address":       {`>0x00000000000000000000000000000000000000Aa<`, `>not an address<`, `entry 90003: digital currency address: "ETH not an address": not a ticker and an address`, nil},
		"another currency's handle": {`"14">Website<`, `"14">Digital Currency Handle<`, `entry 90001: feature: Digital Currency Handle "www.example.ru": not an address that is read; kept among the remarks`,
			func(e *watchlist.Edition) bool {
				return e.Find("90001").Remarks == "Digital Currency Handle www.example.ru"
			}},
		"no primary name": {`<name id="5"><isPrimary>true`, `<name id="5"><isPrimary>false`, "", nil},
		"an id of letters": {`<entity id="90001">`, `<entity id="9OOO1">`, `entity: id "9OOO1": want a number: left out`,
			func(e *watchlist.Edition) bool { return len(e.Entities) == 2 && len(e.Doubts) == 1 }},
		"an id twice": {`<entity id="90001">`, `<entity id="90002">`, `entry 90002: entity: it stands in the file twice: left out`,
			func(e *watchlist.Edition) bool { return len(e.Entities) == 2 && len(e.Doubts) == 1 }},
		"another list's entry": {`id="4" datePublished="2022-02-24">SDN List<`, `id="4" datePublished="2022-02-24">Consolidated List<`, "",
			func(e *watchlist.Edition) bool {
				return len(e.Doubts) == 1 && strings.Contains(e.Doubts[0], "1 entries are of another list")
			}},
		"made of another list": {`"1550">SDN List</sanctionsList></sanctionsLists></filters>`, `"1550">Consolidated List</sanctionsList></sanctionsLists></filters>`, "",
			func(e *watchlist.Edition) bool { return strings.Contains(e.Foreign, `"Consolidated List"`) }},
		"made of some programmes": {`</filters>`, `<sanctionsPrograms><sanctionsProgram refId="1">CYBER2</sanctionsProgram></sanctionsPrograms></filters>`, "",
			func(e *watchlist.Edition) bool {
				return len(e.Doubts) == 1 && strings.Contains(e.Doubts[0], `1 programmes only, such as "CYBER2"`)
			}},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("%s: the fixture has no %q", name, c.old)
		}
		e, err := Enhanced().Parse([]watchlist.File{file("sdn_enhanced.xml", strings.Replace(good, c.old, c.new, 1))}, today)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		listtest.Sound(t, e)
		line := 1 + strings.Count(good[:strings.Index(good, c.old)], "\n")
		want, found := fmt.Sprintf("sdn_enhanced.xml: line %d: %s", line, c.want), false
		for _, p := range e.Skipped {
			found = found || p.String() == want
		}
		if c.want != "" && !found {
			t.Errorf("%s: told %v, want %s", name, e.Skipped, want)
		}
		if c.keeps != nil && !c.keeps(e) {
			t.Errorf("%s: read as %+v, doubts %q, foreign %q", name, e.Entities, e.Doubts, e.Foreign)
		}
	}
}

func TestEnhancedRefuses(t *testing.T) {
	good := listtest.Fixture(t, "sdn_enhanced.xml")
	listtest.Refuses(t, Enhanced(), map[string]listtest.Refusal{
		"another document": listtest.Want(`<Sanctions/>`, "want <sanctionsData>", nil),
		"no date":          listtest.Want(listtest.Swap(t, good, "2022-02-25T00:00:00", "yesterday"), `line 3: dataAsOf: "yesterday": want a time`, nil),
		"no entry":         listtest.Want(`<sanctionsData><publicationInfo><dataAsOf>2022-02-25T00:00:00Z</dataAsOf></publicationInfo><entities/></sanctionsData>`, "", watchlist.ErrEmpty),
		"no entities":      listtest.Want(`<sanctionsData><publicationInfo><dataAsOf>2022-02-25T00:00:00Z</dataAsOf></publicationInfo></sanctionsData>`, "no entities", nil),
	})
	whole := strings.TrimSpace(string(good))
	for at := 0; at < len(whole); at += 7 {
		if _, err := listtest.Parse(Enhanced(), []byte(whole[:at])); err == nil {
			t.Fatalf("cut at byte %d it was read", at)
		}
	}
}

// The document says of which list it is, whatever the file is called.
func TestEnhancedIsRecognised(t *testing.T) {
	good := string(listtest.Fixture(t, "sdn_enhanced.xml"))
	for name, c := range map[string]struct{ file, doc, want string }{
		"by its name":                {"SDN_ENHANCED.XML", good, "ofac-enhanced"},
		"renamed":                    {"cons.xml", good, "ofac-enhanced"},
		"of the other list":          {"CONS_ENHANCED.XML", strings.Replace(good, ">SDN List<", ">Consolidated List<", 1), "ofac-cons-enhanced"},
		"of the other list, renamed": {"a.xml", strings.Replace(good, ">SDN List<", ">Consolidated List<", 1), "ofac-cons-enhanced"},
		"without a word of it":       {"CONS_ENHANCED.XML", strings.Replace(good, `<sanctionsLists><sanctionsList refId="1550">SDN List</sanctionsList></sanctionsLists></filters>`, "</filters>", 1), "ofac-cons-enhanced"},
	} {
		f, files, err := Formats().Recognise([]watchlist.File{file(c.file, c.doc)})
		if err != nil || f.Name != c.want || !strings.HasSuffix(files[0].Name, "_enhanced.xml") {
			t.Errorf("%s: recognised as %q, %v; want %s", name, f.Name, err, c.want)
		}
	}
	e, err := listtest.Parse(ConsEnhanced(), []byte(strings.ReplaceAll(good, ">SDN List<", ">Consolidated List<")))
	if err != nil || e.List != ConsList || len(e.Entities) != 3 || len(e.Doubts) != 0 || e.Foreign != "" {
		t.Errorf("the non-SDN list: %+v, %v", e, err)
	}
}

func FuzzEnhanced(f *testing.F) {
	listtest.Fuzz(f, Enhanced(), listtest.Fixture(f, "sdn_enhanced.xml"),
		[]byte(`<sanctionsData><publicationInfo><dataAsOf>2022-02-25T00:00:00Z</dataAsOf></publicationInfo><entities><entity id="1"><names><name><translations><translation><formattedFullName>A</formattedFullName></translation></translations></name></names></entity></entities></sanctionsData>`))
}
