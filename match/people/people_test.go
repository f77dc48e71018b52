package people

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"sallyport/entity"
)

func readAll(t *testing.T, text string) []Row {
	t.Helper()
	r, err := NewReader("people.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var rows []Row
	for {
		row, err := r.Next()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestRows(t *testing.T) {
	const header = "\ufeffnationality,Full_Name,remark,date_of_birth,gender,document_number\r\n"
	for _, c := range []struct {
		why, row string
		want     string // the person, or the problem
	}{
		{"all in order", "Russia,Иван Петров,x,1962-03-14,male,75 5276391", "Иван Петров 1962-03-14 male [RU] document 75 5276391"},
		{"codes, day first, quotes", `"ru;UKR","Petrov, Ivan","said ""x""",14.03.1962,F,`, "Petrov, Ivan 1962-03-14 female [RU UA]"},
		{"a month", ",Ivan Petrov,,1962-02,other,", "Ivan Petrov 1962-02-01/1962-02-28 unknown []"},
		{"a year", ",Ivan Petrov,,1962,,", "Ivan Petrov 1962 unknown []"},
		{"a line break in a field", ",\"Ivan\nPetrov\",,1962,,", "Ivan\nPetrov 1962 unknown []"},
		{"31 February", ",Ivan Petrov,,1970-02-31,,", `Ivan Petrov unknown [] people.csv: line 2: date_of_birth: "1970-02-31": no such day`},
		{"month 13", ",Ivan Petrov,,1970-13-01,,", `Ivan Petrov unknown [] people.csv: line 2: date_of_birth: "1970-13-01": no such month`},
		{"no date", ",Ivan Petrov,,03/04/1970,,", `Ivan Petrov unknown [] people.csv: line 2: date_of_birth: "03/04/1970": want a date such as 1962-03-14, or 1962`},
		{"no country", "Ruritania,Ivan Petrov,,,,", `Ivan Petrov unknown [] people.csv: line 2: nationality: "Ruritania": neither a country's name nor an ISO 3166-1 code`},
		{"no gender", ",Ivan Petrov,,,yes,", `Ivan Petrov unknown [] people.csv: line 2: gender: "yes": want male or female`},
		{"too few columns", "RU,Ivan Petrov", `people.csv: line 2: 2 columns, the header has 6`},
		{"too many columns", "RU,Petrov, Ivan,,1962,male,12345", `people.csv: line 2: 7 columns, the header has 6`},
		{"not UTF-8 in the name", "RU,Jos\xe9,,1962,male,", `people.csv: line 2: full_name: not UTF-8`},
		{"not UTF-8 elsewhere", "\xff,Jose,,1962,male,", `Jose 1962 male [] people.csv: line 2: nationality: not UTF-8`},
		{"no name", "RU,\u200b ,,1962,male,", `people.csv: line 2: no name in the row`},
		{"no name but a document", "RU,,,1962,male,123456", `1962 male [RU] document 123456`},
		{"a quotation mark inside", `RU,Ivan "Vanya" Petrov,,,,`, `people.csv: line 2: bare " in non-quoted-field`},
		{"a quotation mark that stays open", `RU,"Ivan Petrov,,,,`, `people.csv: line 2: a quotation mark is never closed`},
		{"a name of ten thousand characters", "RU," + strings.Repeat("Ivan ", 2000) + ",,,,", "people.csv: line 2: full_name: 9999 characters: only the first 512, or 32 parts, are compared"},
		{"a line of a megabyte", "RU," + strings.Repeat("x", 1<<20), "people.csv: line 2: a line of more than 65536 bytes"},
	} {
		t.Run(c.why, func(t *testing.T) {
			rows := readAll(t, header+c.row+"\r\n\r\nRU,Anna Ivanova,,,,\r\n")
			last := rows[len(rows)-1]
			if len(rows) != 2 || last.LeftOut || last.Person.PrimaryName() != "Anna Ivanova" || last.Number != 2 {
				t.Errorf("the row after it was not read: %d rows, the last %+v", len(rows), last)
			}
			if got := told(rows[0]); got != c.want && !(len(c.want) > 60 && strings.HasSuffix(got, c.want)) {
				t.Errorf("got  %.300s\nwant %s", got, c.want)
			}
		})
	}
}

// A firm is held against firms: as a person's its name would be found on no list.
func TestKinds(t *testing.T) {
	const header = "full_name,kind,country\n"
	for row, want := range map[string]string{
		"Tidewater,,":                 "person []",
		"Tidewater,person,":           "person []",
		"Tidewater,Organisation,Iran": "organisation [IR]",
		"Tidewater,COMPANY,IR|AE":     "organisation [IR AE]",
		"Tidewater,vessel,":           "vessel []",
		"Tidewater,aircraft,":         "aircraft []",
		"Tidewater,unknown,":          "unknown []",
		"Tidewater,trust,":            `unknown [] people.csv: line 2: kind: "trust": want person, organisation, vessel or aircraft; held against all of them`,
		"Tidewater,company,Ruritania": `organisation [] people.csv: line 2: country: "Ruritania": neither a country's name nor an ISO 3166-1 code`,
	} {
		r := readAll(t, header+row+"\n")[0]
		var seats []string
		for _, p := range r.Person.Places {
			seats = append(seats, p.Country)
		}
		got := fmt.Sprint(r.Person.Kind, " ", seats)
		for _, p := range r.Problems {
			got += " " + p.String()
		}
		if got != want {
			t.Errorf("%s: %s, want %s", row, got, want)
		}
	}
}

func told(r Row) string {
	var parts []string
	if !r.LeftOut {
		e := r.Person
		if n := e.PrimaryName(); n != "" {
			parts = append(parts, n)
		}
		for _, b := range e.Birth {
			parts = append(parts, b.String())
		}
		parts = append(parts, e.Gender.String(), fmt.Sprint(e.Nationalities))
		for _, id := range e.Identifiers {
			parts = append(parts, id.Type, id.Number)
		}
	}
	for _, p := range r.Problems {
		parts = append(parts, p.String())
	}
	return strings.Join(parts, " ")
}

// An open quotation mark swallows at most its own row; the people behind it are read.
func TestOpenQuotationMark(t *testing.T) {
	rows := readAll(t, "full_name\n\"open\n"+strings.Repeat("Ivan Petrov\n", 500))
	good := 0
	for _, r := range rows {
		if !r.LeftOut {
			good++
		}
	}
	if good != 500 || len(rows) != 501 || rows[500].Line != 502 {
		t.Errorf("%d of %d rows read, the last on line %d; want 500 of 501, line 502", good, len(rows), rows[len(rows)-1].Line)
	}
}

func TestNameParts(t *testing.T) {
	const header = "full_name,first_name,middle_name,last_name\n"
	for _, c := range []struct {
		row  string
		want []entity.Name
	}{
		{",Ivan,Sergeyevich,Petrov", []entity.Name{{Full: "Ivan Sergeyevich Petrov", Given: "Ivan", Patronymic: "Sergeyevich", Family: "Petrov"}}},
		{"John Q Smith,John,Q,Smith", []entity.Name{{Full: "John Q Smith", Given: "John Q", Family: "Smith"}}},
		{"Иван Петров,Ivan,,Petrov", []entity.Name{{Full: "Иван Петров", Given: "Ivan", Family: "Petrov"}}},
		{"王伟,Wei,,Wang", []entity.Name{{Full: "王伟"}, {Full: "Wei Wang", Given: "Wei", Family: "Wang", Kind: entity.Alias}}},
		{"Madonna,,,", []entity.Name{{Full: "Madonna"}}},
	} {
		got := readAll(t, header+c.row+"\n")[0].Person.Names
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.row, got, c.want)
		}
	}
}

// A wallet that is no whole address finds nobody by what was meant: it is told.
func TestWallets(t *testing.T) {
	rows := readAll(t, "full_name,wallet\nAnna,1BoatSLRHtKNngkdXEeobR76b53LETtpyU\nBerta,0x52908400098527886e0f7030069857d2e4169ee7; alice\n")
	told := rows[0].Problems
	if len(told) != 1 || told[0].Field != "wallet" || !strings.Contains(told[0].Text, "wrong checksum; compared as it is written") || len(rows[0].Person.Wallets) != 1 {
		t.Errorf("a wrong checksum: told %v, wallets %v", told, rows[0].Person.Wallets)
	}
	if len(rows[1].Problems) != 0 || len(rows[1].Person.Wallets) != 2 {
		t.Errorf("an address and a text of no form: told %v, wallets %v", rows[1].Problems, rows[1].Person.Wallets)
	}
}

func TestHeader(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "people.csv: file is empty"},
		{"\n\n", "people.csv: no header in it"},
		{"\xff\xfef\x00u\x00", "people.csv: file is in UTF-16: save it in UTF-8"},
		{"id,born\n1,2\n", "people.csv: line 1: header: no column full_name, first_name or last_name"},
		{"full_name;born\n", "people.csv: line 1: header: no column full_name, first_name or last_name (columns are parted by commas)"},
		{"full_name,FULL_NAME\n", `people.csv: line 1: header: column "full_name" stands there twice`},
		{"full_name,\xff\n", "people.csv: line 1: header: column 2 is not UTF-8"},
		{"full_name" + strings.Repeat(",x", 1), ""},
	} {
		_, err := NewReader("people.csv", strings.NewReader(c.text))
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%.20q: %v", c.text, err)
		case c.want != "" && (err == nil || err.Error() != c.want):
			t.Errorf("%.20q: error %v, want %s", c.text, err, c.want)
		}
	}
}

// A file that cannot be read is told as that and not as empty.
func TestUnreadable(t *testing.T) {
	if _, err := NewReader("people.csv", iotest.ErrReader(errors.New("the disk is gone"))); err == nil || err.Error() != "people.csv: the disk is gone" {
		t.Errorf("%v", err)
	}
}

// Whatever the bytes are: no panic, as many numbered rows as are returned, lines
// that go up, a reason for everything left out, and only valid text in people.
func FuzzReader(f *testing.F) {
	for _, s := range []string{
		"full_name\nIvan\n", "full_name,date_of_birth\n\"a\nb\",1970-02-31\n\"", "first_name,last_name,nationality\nI,P,ru;us\n", "\ufefffull_name\r\n\xff\r\n",
		"full_name,wallet,document_number,document_country\nx,0x00 bc1q,1,zz\n", "full_name\n\"\"\"\n\"\na\rb\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := NewReader("x", strings.NewReader(s))
		if err != nil {
			return
		}
		last := Row{}
		for {
			row, err := r.Next()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("%q: %v", s, err)
			}
			if row.Number != last.Number+1 || row.Line <= last.Line {
				t.Fatalf("%q: row %d on line %d after row %d on line %d", s, row.Number, row.Line, last.Number, last.Line)
			}
			if row.LeftOut && len(row.Problems) == 0 {
				t.Fatalf("%q: row %d is left out without a reason", s, row.Number)
			}
			for _, n := range row.Person.Names {
				if !utf8.ValidString(n.Full) || len(n.Full) > 2*MaxRowBytes {
					t.Fatalf("%q: row %d: name %q", s, row.Number, n.Full)
				}
			}
			last = row
		}
	})
}
