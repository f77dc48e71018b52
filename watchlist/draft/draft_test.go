package draft

import (
	"reflect"
	"strings"
	"testing"

	"sallyport/entity"
	"sallyport/names"
	"sallyport/watchlist"
)

func TestDraft(t *testing.T) {
	e := &watchlist.Edition{List: "test"}
	d := New(e, "test.csv", "7", entity.Person)
	for _, n := range []entity.Name{
		{Full: "Ivan  Ivanov", Kind: entity.Alias, Weak: true},
		{Full: " \n", Kind: entity.Primary},
		{Full: "Иван", Kind: entity.Original, Language: "ru"},
		{Full: "IVANOV Ivan", Kind: entity.Primary},
		{Full: "Ivan Ivanov", Kind: entity.Alias, Given: "Ivan", Family: "Ivanov", Language: "en"},
		{Full: "Second", Kind: entity.Primary},
		{Full: "Second", Kind: entity.Alias, Weak: true},
		{Full: "Vanya", Kind: entity.Alias, Weak: true},
		{Full: "Vanya", Kind: entity.Alias, Weak: true},
	} {
		if got := d.Name(n); got != (strings.TrimSpace(n.Full) != "") {
			t.Errorf("%q is a name: %v", n.Full, got)
		}
	}
	d.Gender(1, "sex", "MALE")
	d.Gender(2, "sex", "both")
	d.Gender(3, "sex", "both")
	d.Nationality(3, "nation", "Iranian")
	d.Nationality(3, "nation", "Iran")
	d.Nationality(4, "nation", "Ruritania")
	d.Nationality(5, "nation", "00")
	d.Place(6, entity.Place{Town: " Tehran ", Country: "IRN"})
	d.Place(6, entity.Place{Town: "Tehran", Country: "Iran"})
	d.Place(6, entity.Place{Country: "unknown"})
	d.Identifier(7, "id", entity.Identifier{Type: "Passport", Number: "A 1", Country: "Utopia"})
	d.Identifier(8, "id", entity.Identifier{Type: "passport", Number: "none"})
	d.Identifier(9, "id", entity.Identifier{Type: SWIFT, Number: "ABCDKPPY"})
	d.Identifier(9, "id", entity.Identifier{Type: "passport"})
	d.IMO(9, "IMO: 9000001")
	d.IMO(9, "9000001")
	d.Relation(entity.Relation{Type: "Owned  by", Name: "X"})
	d.Relation(entity.Relation{Type: "owned by"})
	d.Measure("Asset Freeze")
	d.Remark("note: ", " a \n b ")
	d.Remark("note: ", " ")
	if err := d.Take(); err != nil {
		t.Fatal(err)
	}
	want := entity.Entity{List: "test", ID: "7", Kind: entity.Person, Gender: entity.Male,
		Names: []entity.Name{{Full: "IVANOV Ivan"}, {Full: "Ivan Ivanov", Given: "Ivan", Family: "Ivanov", Kind: entity.Alias, Language: "en"},
			{Full: "Иван", Kind: entity.Original, Language: "ru"}, {Full: "Second", Kind: entity.Alias}, {Full: "Vanya", Kind: entity.Alias, Weak: true}},
		Nationalities: []string{"IR", "Ruritania"},
		Places:        []entity.Place{{Town: "Tehran", Country: "IR"}},
		Identifiers:   []entity.Identifier{{Type: "passport", Number: "A 1"}, {Type: SWIFT, Number: "ABCDKPPY"}, {Type: "imo", Number: "9000001"}},
		Relations:     []entity.Relation{{Type: "owned by", Name: "X"}},
		Measures:      []string{"asset freeze"}, Remarks: "note: a b",
	}
	if !reflect.DeepEqual(e.Entities, []entity.Entity{want}) {
		t.Errorf("got  %+v\nwant %+v", e.Entities, want)
	}
	var told []string
	for _, p := range e.Skipped {
		told = append(told, p.String())
	}
	if got, want := strings.Join(told, "\n"), `test.csv: line 2: entry 7: sex: "both": want male or female
test.csv: line 4: entry 7: nation: "Ruritania": not a country that is known; kept as written
test.csv: line 7: entry 7: id: "Utopia": not a country that is known; left out
test.csv: line 8: entry 7: id: number "none": no digit in it`; got != want {
		t.Errorf("told\n%s\nwant\n%s", got, want)
	}
	if err := New(e, "test.csv", "8", entity.Person).Take(); err == nil || err.Error() != "no name" || Leave(e, "test.csv", 7, "8", err) != nil || e.Left != 1 || e.Skipped[len(e.Skipped)-1].String() != "test.csv: line 7: entry 8: entry: no name: left out" {
		t.Errorf("an entry without a name: %v", err)
	}
}

// Where the source marks no name as the primary one, a strong one in Latin letters is.
func TestPrimary(t *testing.T) {
	for want, names := range map[string][]entity.Name{
		"B":    {{Full: "A", Kind: entity.Alias, Weak: true}, {Full: "Б", Kind: entity.Alias}, {Full: "B", Kind: entity.Alias}},
		"Б":    {{Full: "A", Kind: entity.Alias, Weak: true}, {Full: "Б", Kind: entity.Original}},
		"weak": {{Full: "weak", Kind: entity.Alias, Weak: true}},
	} {
		e := &watchlist.Edition{}
		d := New(e, "", "1", entity.Person)
		for _, n := range names {
			d.Name(n)
		}
		if err := d.Take(); err != nil || e.Entities[0].PrimaryName() != want || e.Entities[0].Names[0].Kind != entity.Primary {
			t.Errorf("%+v, %v; want %q first", e.Entities, err, want)
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct{ year, month, day, want string }{
		{"1937", "4", "28", "1937-04-28"}, {"1937", "04", "00", "1937-04-01/1937-04-30"}, {"1937", "mm", "dd", "1937"}, {"1937", "", "", "1937"},
		{"2024", "2", "", "2024-02-01/2024-02-29"}, {"1937", "0", "5", "1937"},
		{"1937", "2", "30", ""}, {"1937", "13", "", ""}, {"1937", "13", "1", ""}, {"37", "1", "1", ""}, {"0000", "", "", ""}, {"1937", "x1", "", ""}, {"1937", "1", "?1", ""}, {"1937", "-4", "", ""},
	} {
		d, err := Parts(c.year, c.month, c.day)
		if got := d.String(); err == nil && got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s %s %s: %q, %v; want %q", c.year, c.month, c.day, got, err, c.want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"28 April 1937": "1937-04-28", "28 Apr. 1937": "1937-04-28", "28-Apr-1937": "1937-04-28", "April 28, 1937": "1937-04-28", "28th April 1937": "1937-04-28",
		"28/4/1937": "1937-04-28", "28.04.1937": "1937-04-28", "1937-04-28": "1937-04-28", "1937-04-28T00:00:00+01:00": "1937-04-28", "Sept 1937": "1937-09-01/1937-09-30", "1937": "1937", "1937.": "1937",
		"circa 1965": "circa 1965", "Approximately 1965": "circa 1965", "between 1955 and 1958": "1955-01-01/1958-12-31", "Circa between May 1955 and 1958": "circa 1955-05-01/1958-12-31",
		"1955-1958": "1955-01-01/1958-12-31", "1955 to 1958": "1955-01-01/1958-12-31", "from 1955 to 1 March 1958": "1955-01-01/1958-03-01", "1955 – 1958": "1955-01-01/1958-12-31",
		"31 February 1970": "", "31/2/1970": "", "1958-1955": "", "between 1958 and 1955": "", "Hijri 1402": "", "": "", "unknown": "", "30-35 years old": "", "4/28/1937": "", "Ma 1937": "",
	} {
		d, err := Text(in)
		if got := d.String(); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
}

func TestSlashed(t *testing.T) {
	for in, want := range map[string]string{
		"28/04/1937": "1937-04-28", "00/04/1937": "1937-04-01/1937-04-30", "00/00/1937": "1937", "dd/mm/1937": "1937", "dd/04/1937": "1937-04-01/1937-04-30", "1937": "1937", " 28/04/1937 ": "1937-04-28",
		"31/02/1937": "", "28/04": "", "28/04/37": "", "": "", "//": "", "1/2/3/4": "",
	} {
		d, err := Slashed(in)
		if got := d.String(); err == nil && got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	if d, err := SlashedDay("00/04/1937"); err == nil {
		t.Errorf("a month is read as the day %s", d)
	}
	if d, err := ISODay("1937-04-28"); err != nil || d.String() != "1937-04-28" {
		t.Errorf("%s, %v", d, err)
	}
}

func TestCountry(t *testing.T) {
	for in, want := range map[string]string{
		"IRN": "IR", "iran": "IR", "Iranian": "IR", "Kuwaiti citizenship": "KW", "Lebanon citizenship": "LB", "Congo (Democratic Republic)": "CD", "Viet Nam": "VN", "00": "", " unknown ": "", "": "",
	} {
		if got, known := Country(in); got != want || !known {
			t.Errorf("%q: %q, %v; want %q", in, got, known, want)
		}
	}
	for _, in := range []string{"Ruritania", "YUG", "Iran  and Iraq"} {
		if got, known := Country(in); known || got != Squeeze(in) {
			t.Errorf("%q: %q, %v; want it as written", in, got, known)
		}
	}
	for name, code := range adjectives {
		if c, ok := entity.CountryCode(code); !ok || c != code || name != strings.ToLower(name) {
			t.Errorf("%q: %q is no code", name, code)
		}
	}
	for name, code := range formal {
		if c, ok := entity.CountryCode(code); !ok || c != code || name != strings.ToLower(name) {
			t.Errorf("%q: %q is no code", name, code)
		}
		if _, ok := entity.CountryCode(name); ok {
			t.Errorf("%q is known to package entity already", name)
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{"RU": "ru", "rus": "ru", "Russian": "ru", " ger ": "de", "ukr": "uk", "Klingon": "", "": "", "12": ""} {
		if got := Language(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"28 April 1937", "circa between May 1955 and 1958", "1955-1958", "28/4/1937", "dd/mm/1937"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, read := range map[string]func(string) (entity.Dates, error){"Text": Text, "Slashed": Slashed, "ISO": ISO} {
			d, err := read(s)
			if err != nil {
				continue
			}
			if again, err := entity.ParseDates(d.String()); err != nil || again != d {
				t.Fatalf("%s(%q) is %q, and that is %q, %v", name, s, d, again, err)
			}
		}
	})
}

// A name longer than any is compared by is kept and told.
func TestLeaveTellsLongNames(t *testing.T) {
	e := &watchlist.Edition{List: "xx"}
	d := New(e, "test.csv", "7", entity.Person)
	d.Name(entity.Name{Full: strings.Repeat("é", names.MaxRunes)})
	d.Name(entity.Name{Full: strings.Repeat("é", names.MaxRunes+1)})
	if err := Leave(e, "test.csv", 3, "7", d.Take()); err != nil || len(e.Skipped) != 1 || e.Skipped[0].Line != 3 || !strings.HasSuffix(e.Skipped[0].Text, "513 characters: compared by the first 512") || watchlist.MaxName != names.MaxRunes {
		t.Errorf("%v, told %v", err, e.Skipped)
	}
}
