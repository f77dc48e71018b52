package un

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
	"sallyport/watchlist/listtest"
	"sallyport/watchlist/listxml"
)

func fixture(t testing.TB) string {
	b, err := os.ReadFile("testdata/consolidated.xml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(doc string) (*watchlist.Edition, error) {
	return Parse([]watchlist.File{{Name: fileName, Data: []byte(doc)}}, time.Time{})
}

func TestFixture(t *testing.T) {
	e, err := parse(fixture(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2025, 3, 2, 0, 0, 2, 690e6, time.UTC); !e.Published.Equal(want) || len(e.Entities) != 3 || len(e.Doubts) != 0 {
		t.Errorf("published %s, %d entries, doubts %v", e.Published, len(e.Entities), e.Doubts)
	}
	exact := func(y int, m time.Month, d int) entity.Dates {
		return entity.Exact(entity.Day{Year: y, Month: m, Day: d})
	}
	circa := entity.Year(1965)
	circa.Circa = true
	for _, want := range []entity.Entity{
		{List: "un-sc", ID: "KPe.903", Kind: entity.Organisation,
			Names: []entity.Name{
				{Full: "EXAMPLE TRADING (ET)"}, {Full: "SAMPLE TRADE COMPANY", Kind: entity.Alias},
				{Full: "Example Commerce", Kind: entity.Alias}, {Full: "Old Example", Kind: entity.Former},
			},
			Places:     []entity.Place{{Town: "Pyongyang", Country: "KP"}},
			Programmes: []string{"DPRK"}, Listed: entity.Day{Year: 2010, Month: 6, Day: 9}},
		{List: "un-sc", ID: "KPi.902", Kind: entity.Person, Names: []entity.Name{{Full: "RI EXAMPLE"}}, Gender: entity.Female, Programmes: []string{"DPRK"}},
		{List: "un-sc", ID: "QDi.901", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{
				{Full: "SAMIR IBN EXAMPLE AL-MISALI"}, {Full: "سمير بن مثال المثالي", Kind: entity.Original},
				{Full: "Sameer Misali", Kind: entity.Alias}, {Full: "Samir Missali", Kind: entity.Alias},
				{Full: "أبو مثال", Kind: entity.Alias, Weak: true},
				{Full: "Abu Mithal", Kind: entity.Alias, Weak: true}, {Full: "Abou Mithal", Kind: entity.Alias, Weak: true},
			},
			Birth: []entity.Dates{exact(1960, 1, 2), entity.Year(1963), circa,
				{From: entity.Year(1955).From, To: entity.Year(1958).To},
				{From: entity.Day{Year: 1973, Month: 11, Day: 1}, To: entity.Day{Year: 1973, Month: 11, Day: 30}}, exact(1961, 2, 3)},
			BirthPlaces:   []string{"Herat, Herat Province, Afghanistan", "Misr, Egypt"},
			Nationalities: []string{"IR", "AF"},
			Places:        []entity.Place{{Street: "1 Example Road", Town: "Kabul", Region: "Kabul Province", Postcode: "1001", Country: "AF"}},
			Identifiers:   []entity.Identifier{{Type: "passport", Number: "D9000001", Country: "IR"}, {Type: "voter id", Number: "77-1"}},
			Programmes:    []string{"Al-Qaida"}, Listed: entity.Day{Year: 2015, Month: 7, Day: 1},
			Remarks: `Haji; Minister of Examples; Gender: male. Sells examples.; alias "أبو مثال (Abu Mithal; Abou Mithal)": nom de guerre; address: previous; date of birth: Nov. 1973; last updated 2019-05-01`},
	} {
		if got := e.Find(want.ID); got == nil || !reflect.DeepEqual(*got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	var told []string
	for _, p := range e.Skipped {
		told = append(told, p.String())
	}
	if want := []string{
		`consolidated.xml: line 32: entry QDi.901: date of birth: date "1970-02-31": no such day`,
		`consolidated.xml: line 36: entry QDi.901: document: number "unknown": no digit in it`,
	}; !slices.Equal(told, want) {
		t.Errorf("skipped\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

func TestAliases(t *testing.T) {
	// All are written so in real editions.
	for in, want := range map[string][]string{
		"Fazel Rahim; Fazil Rahim":                                    {"Fazel Rahim", "Fazil Rahim"},
		"حسن غول (Hassan Ghul; Hassan Gul; Hasan Gul)":                {"حسن غول", "Hassan Ghul", "Hassan Gul", "Hasan Gul"},
		"Abdul Haq son of M. Anwar Khan (عبد الحق ولد محمد انور خان)": {"Abdul Haq son of M. Anwar Khan", "عبد الحق ولد محمد انور خان"},
		"Mohammed Sabet; Mohammad Sabet b) M. Javad Kareemi Sabet":    {"Mohammed Sabet", "Mohammad Sabet", "M. Javad Kareemi Sabet"},
		"GREAT LAKES BUSINESS COMPANY (GLBC)":                         {"GREAT LAKES BUSINESS COMPANY (GLBC)"},
		"3MG":                                                         {"3MG"},
		" ; 12 ;":                                                     nil,
	} {
		if got := aliases(in); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestBirthDates(t *testing.T) {
	for _, c := range []struct {
		in   xmlBirth
		want string // "" for none
		bad  bool
	}{
		{xmlBirth{Type: "Exact", Date: "1957-03-11"}, "1957-03-11", false},
		{xmlBirth{Type: "EXACT", Date: "1957-03-11-04:00"}, "1957-03-11", false},
		{xmlBirth{Type: "APPROXIMATELY", Date: "1957-03-11"}, "circa 1957-03-11", false},
		{xmlBirth{Type: "Approximately", Year: "1955-1958"}, "circa 1955-01-01/1958-12-31", false},
		{xmlBirth{Type: "BETWEEN", From: "1955", To: "1958", Note: "Approximately "}, "circa 1955-01-01/1958-12-31", false},
		{xmlBirth{Type: "EXACT", Year: "1958", Note: "Sep."}, "1958-09-01/1958-09-30", false},
		{xmlBirth{Type: "EXACT", Note: "August 1961 "}, "1961-08-01/1961-08-31", false},
		{xmlBirth{Type: "EXACT", Note: "24/06/1402 (Hijri Calendar)"}, "", true},
		{xmlBirth{Type: "APPROXIMATELY", Note: "30-35 years old"}, "", true},
		{xmlBirth{Type: "BETWEEN", From: "1958", To: "1955"}, "", true},
		{xmlBirth{Type: "BETWEEN", From: "1958"}, "", true},
		{xmlBirth{Type: "EXACT", Year: "0000"}, "", true},
		{xmlBirth{Type: "EXACT", Date: "31 Feb 1970"}, "", true},
		{xmlBirth{Type: "PERHAPS", Year: "1958"}, "circa 1958", true},
		{xmlBirth{Type: "EXACT"}, "", false},
		{xmlBirth{}, "", false},
	} {
		d, ok, err := c.in.dates()
		if ok != (c.want != "") || ok && d.String() != c.want || (err != nil) != c.bad {
			t.Errorf("%+v: %s, %v, %v; want %q", c.in, d, ok, err, c.want)
		}
	}
}

func TestDocuments(t *testing.T) {
	// All are written so in real editions.
	for _, c := range []struct{ kind, kind2, number, note, want string }{
		{"Passport", "", "D9004878", "issued in Kabul, 17 May 2001", "passport D9004878"},
		{"Numéro de passeport", "", "12", "", "passport 12"},
		{"National Identification Number", "Driver's Permit", "907", "", "driving licence 907"},
		{"National Identification Number", "national passport", "907", "", "passport 907"},
		{"National Identification Number", "Afghan national identification card (tazkira) number 44323", "", "", "national id 44323"},
		{"Passport", "", "Libyan Passport No. 96/184442", "", "passport 96/184442"},
		{"Passport", "", "Diplomatic Passport D014433", "", "passport D014433"},
		{"Passport", "", "German travel document (“Reiseausweis”) A 0139243", "", "travel document A 0139243"},
		{"Passport", "", "381110042 (Expired 25 Jan. 2016)", "", "passport 381110042"},
		{"Passport", "", "R00012098, South Sudan", "", "passport R00012098"},
		{"Passport", "", "national identity card number 44103-5251752-5", "", "national id 44103-5251752-5"},
		{"Passport", "", "No. H0044232 (Iraqi)", "", "passport H0044232"},
		{"Passport", "", "", "Tunisian passport number L723315, issued on 5 May 1998, expired on 4 May 2003", "passport L723315"},
		{"National Identification Number", "", "", "04643632 issued on 18 Jun. 1999", "national id 04643632"},
		{"National Identification Number", "", "", "SSN 156-92-9858 (United States of America)", "social security number 156-92-9858"},
		{"National Identification Number", "", "", "Italian Fiscal Code: DAOMMD74T11Z352Z", "tax id DAOMMD74T11Z352Z"},
		{"National Identification Number", "", "", "Moroccan national identity card DE- 473900", "national id DE- 473900"},
		{"National Identification Number", "", "", "Indonesian National Identity Card number 1127083101740003 under name Abdul", "national id 1127083101740003"},
		{"", "", "17", "", "document 17"},
		{"Passport", "", "", "issued in 1993, under name Muhammad", ""},
		{"Passport", "", "", "None", ""},
		{"Passport", "", "", "", ""},
		{"Passport", "", "unknown", "", ""},
	} {
		i, err := document(c.kind, c.kind2, c.number, c.note)
		if got := strings.TrimSpace(i.Type + " " + i.Number); got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
}

func TestRefuses(t *testing.T) {
	good := fixture(t)
	swap := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("the fixture has no %q", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	head := good[:strings.Index(good, "<INDIVIDUALS>")]
	for name, c := range map[string]struct {
		doc, want string
		is        error
	}{
		"no byte":             {"", "empty", watchlist.ErrEmpty},
		"blanks":              {" \n", "empty", watchlist.ErrEmpty},
		"no entry":            {head + "<INDIVIDUALS/><ENTITIES/></CONSOLIDATED_LIST>", "no entry", watchlist.ErrEmpty},
		"half of it":          {good[:len(good)/2], "truncated", watchlist.ErrTruncated},
		"the last tag gone":   {strings.TrimSuffix(strings.TrimSpace(good), "</CONSOLIDATED_LIST>"), "truncated", watchlist.ErrTruncated},
		"no date":             {swap("dateGenerated", "dategenerated"), "no dateGenerated", nil},
		"a date of no day":    {swap("2025-03-01T", "2025-02-31T"), "dateGenerated", nil},
		"another document":    {"<html><body/></html>", "want <CONSOLIDATED_LIST>", nil},
		"a reference twice":   {swap("KPe.903", "QDi.901"), "two entries have the id QDi.901", nil},
		"a document type":     {"<!DOCTYPE x [<!ENTITY a 'b'>]>" + good[strings.Index(good, "<CONSOLIDATED"):], "document type", nil},
		"an entity of theirs": {swap("RI EXAMPLE", "&a;"), "line 41", nil},
		"nested for ever":     {swap("<LIST_TYPE>", strings.Repeat("<x>", 99)), "nested deeper", nil},
		"an endless text":     {swap("RI EXAMPLE", strings.Repeat("x", listxml.MaxText+1)), "longer than any", nil},
		"another encoding":    {swap("UTF-8", "windows-1256"), "windows-1256", nil},
		"not UTF-8":           {swap("RI EXAMPLE", "RI \xff"), "UTF-8", nil},
		"tags crossed":        {swap("</ENTITY>", "</ENTITIES>"), "line", nil},
		"two lists":           {good + good[strings.Index(good, "<CONSOLIDATED"):], "after the end", nil},
	} {
		_, err := parse(c.doc)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want one that says %q", name, err, c.want)
		}
	}
	listtest.Leaves(t, Format(), map[string]listtest.Refusal{
		"no reference":        listtest.Want(swap("<REFERENCE_NUMBER>KPe.903</REFERENCE_NUMBER>", ""), "REFERENCE_NUMBER", nil),
		"a reference of none": listtest.Want(swap("KPe.903", "903"), "entry 903: entry: REFERENCE_NUMBER", nil),
		"no name":             listtest.Want(swap("<FIRST_NAME>RI EXAMPLE</FIRST_NAME>", "<FIRST_NAME> ; </FIRST_NAME>"), "line 39: entry KPi.902: entry: no name", nil),
	})
	// Wherever it is cut, it is never read.
	for at := range strings.LastIndex(good, ">") {
		if _, err := parse(good[:at]); err == nil {
			t.Fatalf("cut at byte %d it was read", at)
		}
	}
}

func TestDoubts(t *testing.T) {
	good := fixture(t)
	without := good[:strings.Index(good, "<ENTITIES>")] + "</CONSOLIDATED_LIST>"
	for want, doc := range map[string]string{
		"it has no section <ENTITIES>": without,
		"element <VESSELS> stands":     strings.Replace(good, "</CONSOLIDATED_LIST>", "<VESSELS/></CONSOLIDATED_LIST>", 1),
		"element <GROUP> stands":       strings.Replace(good, "<ENTITIES>", "<ENTITIES><GROUP><ENTITY/></GROUP>", 1),
	} {
		e, err := parse(doc)
		if err != nil || len(e.Doubts) != 1 || !strings.Contains(e.Doubts[0], want) {
			t.Errorf("%s: %v, %v", want, e, err)
		}
	}
}

func TestRecognise(t *testing.T) {
	for doc, want := range map[string]bool{fixture(t): true, "\ufeff" + fixture(t): true, "<sdnList>": false, "": false} {
		if role, ok := Format().Recognise("un.xml", []byte(doc)); ok != want || role != "consolidated.xml" {
			t.Errorf("%.40q: %s, %v", doc, role, ok)
		}
	}
	if _, err := parse("\ufeff" + fixture(t)); err != nil {
		t.Errorf("with a byte-order mark: %v", err)
	}
}

const realDir = "../../../shared/data/un"

func realEdition(t testing.TB, day string) *watchlist.Edition {
	t.Helper()
	path := filepath.Join(realDir, "UN_consolidated_"+day+".xml.xz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("REAL DATA ABSENT, TEST SKIPPED: %s: %v", path, err)
	}
	file, err := watchlist.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, files, err := watchlist.Formats{Format()}.Recognise([]watchlist.File{file})
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.Parse(files, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestRealEditions(t *testing.T) {
	for _, c := range []struct {
		day                         string
		people, entities, originals int // originals: NAME_ORIGINAL_SCRIPT elements with text, counted apart from this reader
		unread                      int // fields that no rule can read, each looked at: ages, a Hijri day, documents without a number
	}{
		{"2016-02-11", 130, 109, 120, 1},
		{"2018-10-29", 703, 390, 411, 6},
		{"2025-11-15", 727, 273, 379, 5},
		{"2025-11-20", 727, 273, 379, 5},
	} {
		t.Run(c.day, func(t *testing.T) {
			e := realEdition(t, c.day)
			people, entities, originals, weak := 0, 0, 0, 0
			for _, x := range e.Entities {
				switch {
				case x.Kind == entity.Person && x.ID[2] == 'i':
					people++
				case x.Kind == entity.Organisation && x.ID[2] == 'e':
					entities++
				default:
					t.Errorf("%s is a %s", x.ID, x.Kind)
				}
				if x.PrimaryName() == "" || x.Listed.IsZero() || len(x.Programmes) != 1 {
					t.Errorf("%s: name %q, listed %s, programmes %q", x.ID, x.PrimaryName(), x.Listed, x.Programmes)
				}
				for _, n := range x.Names {
					if n.Kind == entity.Original {
						originals++
					}
					if n.Weak {
						weak++
					}
				}
			}
			if people != c.people || entities != c.entities || originals != c.originals {
				t.Errorf("%d people, %d entities, %d in original script; want %d, %d, %d", people, entities, originals, c.people, c.entities, c.originals)
			}
			if got := e.Published.Format("2006-01-02"); got != c.day || len(e.Doubts) != 0 {
				t.Errorf("published %s, doubts %v", got, e.Doubts)
			}
			t.Logf("%d weak names, %d fields not read", weak, len(e.Skipped))
			for _, p := range e.Skipped {
				t.Log(p)
			}
			if len(e.Skipped) != c.unread {
				t.Errorf("%d fields not read, want %d", len(e.Skipped), c.unread)
			}
		})
	}
}

func TestRealDelta(t *testing.T) {
	a, b := realEdition(t, "2025-11-15"), realEdition(t, "2025-11-20")
	d := watchlist.Diff(a, b)
	t.Logf("2025-11-15 to 2025-11-20: %d added, %d changed, %d removed", len(d.Added), len(d.Changed), len(d.Removed))
	// The two files differ in dateGenerated alone, which is no entry's.
	if !d.Empty() || d.From == d.To || !a.Published.Before(b.Published) {
		t.Errorf("delta %+v", d)
	}
}

func FuzzParse(f *testing.F) {
	fuzzing.Bound(f)
	f.Add(fixture(f))
	f.Add(`<CONSOLIDATED_LIST dateGenerated="2025-11-20T23:00:09Z"><INDIVIDUALS><INDIVIDUAL><FIRST_NAME>A</FIRST_NAME><REFERENCE_NUMBER>QDi.001</REFERENCE_NUMBER><INDIVIDUAL_DATE_OF_BIRTH><YEAR>1955-1958</YEAR><NOTE>Sep. 1955</NOTE></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`)
	f.Add(`<CONSOLIDATED_LIST dateGenerated="2025-11-20T23:00:09Z"/>`)
	f.Fuzz(func(t *testing.T, doc string) {
		a, err := parse(doc)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "watchlist") {
				t.Fatalf("an error that does not say where: %v", err)
			}
			return
		}
		b, err := parse(doc)
		if err != nil || !watchlist.Diff(a, b).Empty() {
			t.Fatalf("read again it differs: %v", err)
		}
		for _, e := range a.Entities {
			if !isReference.MatchString(e.ID) || strings.TrimSpace(e.PrimaryName()) == "" || e.Names[0].Kind != entity.Primary {
				t.Fatalf("entry %q %q", e.ID, e.PrimaryName())
			}
			for _, n := range e.Names {
				if n.Full == "" || n.Full != squeeze(n.Full) {
					t.Fatalf("entry %s: name %q", e.ID, n.Full)
				}
			}
			for _, d := range e.Birth {
				if again, err := entity.ParseDates(d.String()); err != nil || again != d {
					t.Fatalf("entry %s: born %s, read again %s, %v", e.ID, d, again, err)
				}
			}
			for _, i := range e.Identifiers {
				if i.Type == "" || !strings.ContainsAny(i.Number, "0123456789") {
					t.Fatalf("entry %s: identifier %+v", e.ID, i)
				}
			}
		}
		for _, p := range a.Skipped {
			if p.Line < 1 || p.ID == "" || p.Field == "" || p.Text == "" {
				t.Fatalf("a problem that does not say where: %+v", p)
			}
		}
	})
}
