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
	"sallyport/watchlist/listxml"
)

func fixture(t testing.TB) string {
	b, err := os.ReadFile("testdata/sdn.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestXML(t *testing.T) {
	e, err := ParseXML([]watchlist.File{file("sdn.xml", fixture(t))}, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if !e.Published.Equal(today) || len(e.Entities) != 4 || len(e.Skipped) != 1 || e.Skipped[0].ID != "90003" || e.Skipped[0].Field != "date of birth" {
		t.Errorf("published %s, %d entries, skipped %v", e.Published, len(e.Entities), e.Skipped)
	}
	equal(t, "the person", e.Find("90003"), entity.Entity{
		List: "us-sdn", ID: "90003", Kind: entity.Person, Gender: entity.Male,
		Names: []entity.Name{
			{Full: "Ivan Petrovich EXAMPLOV", Given: "Ivan", Patronymic: "Petrovich", Family: "EXAMPLOV"},
			{Full: "Ivan EKZAMPLOV", Given: "Ivan", Family: "EKZAMPLOV", Kind: entity.Alias},
			{Full: "VANYA", Kind: entity.Alias, Weak: true},
			{Full: "Ivan Petrovich PRIMEROV", Given: "Ivan", Patronymic: "Petrovich", Family: "PRIMEROV", Kind: entity.Former},
		},
		Birth:         []entity.Dates{entity.Exact(entity.Day{Year: 1961, Month: 3, Day: 3}), {From: entity.Year(1960).From, To: entity.Year(1960).To, Circa: true}},
		BirthPlaces:   []string{"Omsk, Russia"},
		Nationalities: []string{"RU", "CY"},
		Places:        []entity.Place{{Street: "1 Shaliapin Street, Floor 2", Town: "Sudak", Region: "Crimea", Postcode: "98032", Country: "UA"}, {Region: "Crimea"}},
		Identifiers:   []entity.Identifier{{Type: "passport", Number: "72 1234567", Country: "RU"}, {Type: "tax id", Number: "770123456789", Country: "RU"}},
		Wallets:       []entity.Wallet{{Ticker: "ETH", Address: "0x00000000000000000000000000000000000000Aa"}},
		Relations:     []entity.Relation{{Type: "linked to", Name: "EXAMPLE BANK"}},
		Positions:     []string{"Minister of Examples"},
		Programmes:    []string{"RUSSIA-EO14024", "CYBER2"},
		Remarks:       "Passport 72 1234567 issued 27 Aug 2014; Secondary sanctions risk: Ukraine-/Russia-Related Sanctions Regulations, 31 CFR 589.201; (Linked To: EXAMPLE BANK)",
	})
	equal(t, "the bank's site", e.Find("90001").Contacts, []string{"www.example.ru"})
	// What both forms tell, both readers must read alike.
	c := parsed(t, file("sdn.csv", person+bank+vessel+bare+endMark))
	for _, id := range []string{"90001", "90002", "90004"} {
		x, y := e.Find(id), c.Find(id)
		equal(t, "XML's numbers of "+id, x.Identifiers, y.Identifiers)
		equal(t, "XML's names of "+id, x.Names, y.Names)
		if x.Kind != y.Kind || !slices.Equal(x.Programmes, y.Programmes) || !slices.Equal(x.Nationalities, y.Nationalities) {
			t.Errorf("entry %s: XML %+v, CSV %+v", id, x, y)
		}
	}
}

func TestXMLRefuses(t *testing.T) {
	good := fixture(t)
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the fixture has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for name, c := range map[string]struct {
		data, want string
		is         error
	}{
		"no byte":             {"", "empty", watchlist.ErrEmpty},
		"blanks":              {" \n", "empty", watchlist.ErrEmpty},
		"half of it":          {good[:len(good)/2], "truncated", watchlist.ErrTruncated},
		"the last tag gone":   {strings.TrimSuffix(strings.TrimSpace(good), "</sdnList>"), "truncated", watchlist.ErrTruncated},
		"an entry too few":    {swap("<Record_Count>4<", "<Record_Count>5<"), "says 5 entries and it has 4", watchlist.ErrTruncated},
		"no count":            {swap("<Record_Count>4</Record_Count>", ""), "Record_Count", nil},
		"a date of no day":    {swap("02/25/2022", "02/31/2022"), "Publish_Date", nil},
		"another document":    {"<html><body/></html>", "want <sdnList>", nil},
		"a document type":     {"<!DOCTYPE x [<!ENTITY a 'b'>]>" + good[strings.Index(good, "<sdnList"):], "document type", nil},
		"an entity of theirs": {swap("EXAMPLE BANK", "&a;"), "line", nil},
		"nested for ever":     {swap("<remarks>", strings.Repeat("<x>", 99)), "nested deeper", nil},
		"an endless text":     {swap("EXAMPLE BANK", strings.Repeat("x", listxml.MaxText+1)), "longer than any", nil},
		"two roots' ends":     {swap("</sdnList>", "</sdnEntry>"), "line", nil},
	} {
		_, err := ParseXML([]watchlist.File{file("sdn.xml", c.data)}, today)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
	// Wherever it is cut, it is never read.
	for at := range strings.LastIndex(good, "</sdnList>") {
		if _, err := ParseXML([]watchlist.File{file("sdn.xml", good[:at])}, today); err == nil {
			t.Fatalf("cut at byte %d it was read", at)
		}
	}
}

// CONSOLIDATED.XML is the same document, and only its name says so.
func TestConsXML(t *testing.T) {
	f, files, err := Formats().Recognise([]watchlist.File{file("CONSOLIDATED.XML", fixture(t))})
	if err != nil || f.Name != "ofac-cons-xml" || files[0].Name != "consolidated.xml" {
		t.Fatalf("recognised as %q, %v", f.Name, err)
	}
	e, err := f.Parse(files, today)
	if err != nil || e.List != ConsList || len(e.Entities) != 4 || e.Entities[0].List != ConsList || e.Skipped[0].File != "consolidated.xml" {
		t.Errorf("%+v, %v", e, err)
	}
}

// An entry that cannot be read is left out and told with its line; the others are read, and the
// edition waits for a person.
func TestXMLLeavesOut(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"a uid of letters": {"<uid>90001</uid>", "<uid>9OOO1</uid>", "sdn.xml: line 50: uid: \"9OOO1\": want a number: left out"},
		"a uid twice":      {"<uid>90001</uid>", "<uid>90003</uid>", "sdn.xml: line 50: entry 90003: uid: it stands in the file twice: left out"},
		"no name":          {"<lastName>EXAMPLE BANK</lastName>", "", "sdn.xml: line 50: entry 90001: lastName: no name: left out"},
	} {
		e, err := ParseXML([]watchlist.File{file("sdn.xml", strings.Replace(fixture(t), c.old, c.new, 1))}, today)
		if err != nil || len(e.Entities) != 3 || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], "1 entries or rows could not be read") || e.Skipped[len(e.Skipped)-1].String() != c.want {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
	// What the schema has not is told, wherever it stands.
	e, err := ParseXML([]watchlist.File{file("sdn.xml", strings.NewReplacer("<callSign>", "<hull>9</hull><callSign>", "<sdnType>Entity", "<alias2>Z</alias2><sdnType>Entity",
		"</sdnList>", "<more/></sdnList>", "<category>weak", "<category>feeble").Replace(fixture(t)))}, today)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, p := range e.Skipped {
		told = append(told, p.Field)
	}
	if want := []string{"aka", "date of birth", "more", "sdnEntry>alias2", "sdnEntry>vesselInfo>hull"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", e.Skipped, want)
	}
}

func TestRecognise(t *testing.T) {
	good := fixture(t)
	for name, c := range map[string]struct{ data, format, role string }{
		"renamed.csv":        {person + endMark, "ofac-csv", "sdn.csv"},
		"headered.csv":       {"ID,Name,Type,Country,Title,F,G,H,I,J,K,Details\r\n" + bank, "ofac-csv", "sdn.csv"},
		"ALT.CSV":            {aliases, "ofac-csv", "alt.csv"},
		"add_2022-02-24.csv": {streets, "ofac-csv", "add.csv"},
		"c":                  {"90003,\"x\"\r\n", "ofac-csv", "sdn_comments.csv"},
		"SDN.XML":            {good, "ofac-xml", "sdn.xml"},
		"cons_prim.csv":      {person, "ofac-cons-csv", "cons_prim.csv"},
		"page.html":          {"<html>", "", ""},
		"people.csv":         {"name,born\r\nA,1970\r\n", "", ""},
	} {
		f, files, err := Formats().Recognise([]watchlist.File{file(name, c.data)})
		if (err != nil) != (c.format == "") || f.Name != c.format || err == nil && files[0].Name != c.role {
			t.Errorf("%s: format %q, files %v, error %v; want %q, %q", name, f.Name, len(files), err, c.format, c.role)
		}
	}
}

func FuzzXML(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(fixture(f))
	f.Add(`<sdnList><publshInformation><Publish_Date>01/02/2022</Publish_Date><Record_Count>1</Record_Count></publshInformation><sdnEntry><uid>1</uid><lastName>A</lastName></sdnEntry></sdnList>`)
	f.Add(`<sdnList/>`)
	f.Fuzz(func(t *testing.T, doc string) {
		checkFuzzed(t, XML(), []watchlist.File{file("sdn.xml", doc)})
	})
}
