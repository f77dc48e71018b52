package senzing

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
	"sallyport/watchlist/listlines"
	"sallyport/watchlist/listtest"
)

var published = time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)

func edition(t *testing.T, content string) *watchlist.Edition {
	t.Helper()
	e, err := as("some-list", "somebody").Parse([]watchlist.File{{Name: fileName, Data: []byte(content)}}, published)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// example has records in lists of objects, under FEATURES and flat; everybody in it is made up.
const example = `{"DATA_SOURCE":"XX_LIST","RECORD_ID":"p-1","RECORD_TYPE":"PERSON","LAST_CHANGE":"2024-05-02T10:11:12","NAMES":[{"NAME_TYPE":"ALIAS","NAME_FULL":"Vanya"},{"NAME_TYPE":"PRIMARY","NAME_FULL":"Ivan Examplov","NAME_FIRST":"Ivan","NAME_LAST":"Examplov"},{"NAME_TYPE":"ALIAS","NAME_FULL":"Иван Примеров"},{"NAME_TYPE":"FORMER","NAME_FULL":"Ivan Formerov"}],"GENDER":"M","RISKS":[{"TOPIC":"sanction"},{"TOPIC":"role.pep"}],"ADDRESSES":[{"ADDR_FULL":"Lenina 1, Omsk"},{"PLACE_OF_BIRTH":"Omsk"}],"DATES":[{"DATE_OF_BIRTH":"1971"},{"DATE_OF_BIRTH":"1970-02-03"},{"DATE_OF_DEATH":"2024-01-01"}],"COUNTRIES":[{"NATIONALITY":"ru"},{"CITIZENSHIP":"CYP"},{"COUNTRY_OF_ASSOCIATION":"sy"}],"CONTACTS":[{"EMAIL_ADDRESS":"ivan@example.org"}],"IDENTIFIERS":[{"PASSPORT_NUMBER":"72 1","PASSPORT_COUNTRY":"ru"},{"NATIONAL_ID_NUMBER":"1027","NATIONAL_ID_TYPE":"ogrnCode"},{"TAX_ID_NUMBER":"77","TAX_ID_TYPE":"innCode"},{"OTHER_ID_TYPE":"XX","OTHER_ID_NUMBER":"p-1"},{"OTHER_ID_TYPE":"Library card","OTHER_ID_NUMBER":"L-9"}],"RELATIONSHIPS":[{"REL_ANCHOR_DOMAIN":"XX","REL_ANCHOR_KEY":"p-1"},{"REL_POINTER_DOMAIN":"XX","REL_POINTER_KEY":"c-1","REL_POINTER_ROLE":"OWNER"},{"REL_POINTER_DOMAIN":"XX","REL_POINTER_KEY":"anna","REL_POINTER_ROLE":"spouse"}],"URL":"https://list.example/1"}
{"DATA_SOURCE":"XX_LIST","RECORD_ID":"c-1","RECORD_TYPE":"ORGANIZATION","FEATURES":[{"RECORD_TYPE":"ORGANIZATION"},{"NAME_TYPE":"PRIMARY","NAME_ORG":"Example LLC"},{"LEI_NUMBER":"LEI1"},{"TOPIC":"sanction"},{"CRYPTO_ADDRESS":"0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","CRYPTO_CURRENCY":"eth"}]}
{"DATA_SOURCE":"XX_LIST","RECORD_ID":"p-2","RECORD_TYPE":"PERSON","NAMES":[{"NAME_FULL":"Anna Examplova"}],"RELATIONSHIPS":[{"REL_ANCHOR_DOMAIN":"XX","REL_ANCHOR_KEY":"anna"}]}
{"DATA_SOURCE":"XX_LIST","RECORD_ID":17,"RECORD_TYPE":"INDIVIDUAL","PRIMARY_NAME_LAST":"Flatov","PRIMARY_NAME_FIRST":"Pyotr","PRIMARY_NAME_MIDDLE":"Petrovich","AKA_NAME_FULL":"Petya","HOME_ADDR_LINE1":"Main St 1","HOME_ADDR_CITY":"Town","HOME_ADDR_COUNTRY":"US","BUSINESS_ADDR_CITY":"City","DATE_OF_BIRTH":"1980-05","SSN_NUMBER":"1","MOBILE_PHONE_NUMBER":"+1","EMPLOYER":"Example LLC","TOPIC":"crime","REL_POINTER_KEY":"c-1"}
`

func TestExample(t *testing.T) {
	e := edition(t, example)
	if len(e.Skipped) != 0 || len(e.Doubts) != 0 || e.Publisher != "somebody, data source XX_LIST" {
		t.Errorf("skipped %v, doubts %v, publisher %q", e.Skipped, e.Doubts, e.Publisher)
	}
	want := []entity.Entity{
		{
			List: "some-list", ID: "17", Kind: entity.Person,
			Names:       []entity.Name{{Full: "Pyotr Petrovich Flatov", Given: "Pyotr", Family: "Flatov"}, {Full: "Petya", Kind: entity.Alias}},
			Birth:       []entity.Dates{{From: entity.Day{Year: 1980, Month: 5, Day: 1}, To: entity.Day{Year: 1980, Month: 5, Day: 31}}},
			Places:      []entity.Place{{Town: "City"}, {Street: "Main St 1", Town: "Town", Country: "US"}},
			Identifiers: []entity.Identifier{{Type: "social security", Number: "1"}}, Contacts: []string{"+1"},
			Relations: []entity.Relation{{Type: "employed by", Name: "Example LLC"}, {Type: "linked to", ID: "c-1", Name: "Example LLC"}},
			Remarks:   "Topic: crime",
		},
		{
			List: "some-list", ID: "c-1", Kind: entity.Organisation, Names: []entity.Name{{Full: "Example LLC"}},
			Identifiers: []entity.Identifier{{Type: "legal entity identifier", Number: "LEI1"}}, Wallets: []entity.Wallet{{Ticker: "ETH", Address: "0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
			Relations: []entity.Relation{{Type: "has as owner", ID: "p-1", Name: "Ivan Examplov"}, {Type: "linked to", ID: "17", Name: "Pyotr Petrovich Flatov"}},
			Remarks:   "Topic: sanction",
		},
		{
			List: "some-list", ID: "p-1", Kind: entity.Person, Gender: entity.Male,
			Names: []entity.Name{{Full: "Ivan Examplov", Given: "Ivan", Family: "Examplov"}, {Full: "Vanya", Kind: entity.Alias},
				{Full: "Иван Примеров", Kind: entity.Original}, {Full: "Ivan Formerov", Kind: entity.Former}},
			Birth:       []entity.Dates{entity.Exact(entity.Day{Year: 1970, Month: 2, Day: 3}), entity.Year(1971)},
			BirthPlaces: []string{"Omsk"}, Nationalities: []string{"RU", "CY"},
			Places: []entity.Place{{Street: "Lenina 1, Omsk"}, {Country: "SY"}},
			Identifiers: []entity.Identifier{{Type: "passport", Number: "72 1", Country: "RU"}, {Type: "registration", Number: "1027", Country: "RU"},
				{Type: "tax id", Number: "77", Country: "RU"}, {Type: "library card", Number: "L-9"}},
			Contacts:  []string{"ivan@example.org"},
			Relations: []entity.Relation{{Type: "owner", ID: "c-1", Name: "Example LLC"}, {Type: "spouse", Name: "Anna Examplova"}},
			Amended:   entity.Day{Year: 2024, Month: 5, Day: 2},
			Remarks:   "Died: 2024-01-01; Topic: sanction; Topic: role.pep; Source: https://list.example/1",
		},
	}
	if len(e.Entities) != len(want) {
		t.Fatalf("%d entries, want %d", len(e.Entities), len(want))
	}
	for i := range want {
		if !reflect.DeepEqual(e.Entities[i], want[i]) {
			t.Errorf("entry %s is\n%s\nwant\n%s", want[i].ID, listtest.JSON(e.Entities[i]), listtest.JSON(want[i]))
		}
	}
	if list, err := names(watchlist.File{Name: fileName, Data: []byte(example)}); err != nil || list != "xx-list" {
		t.Errorf("the file names the list %q, %v", list, err)
	}
	// Where no record has a risk, each is an entry.
	if e := edition(t, strings.SplitAfter(example, "\n")[2]); len(e.Entities) != 1 {
		t.Errorf("without risks: %d entries, want 1", len(e.Entities))
	}
	for range 20 {
		if !reflect.DeepEqual(edition(t, example), e) {
			t.Fatal("the same bytes gave another edition")
		}
	}
}

// TestBadLines: what cannot be read is left out and told, and the rest goes on.
func TestBadLines(t *testing.T) {
	good := func(i int) string {
		return fmt.Sprintf(`{"DATA_SOURCE":"X","RECORD_ID":"p-%d","NAME_FULL":"Person %d"}`+"\n", i, i)
	}
	record := func(attributes string) string {
		return `{"DATA_SOURCE":"X","RECORD_ID":"x",` + attributes + "}\n"
	}
	var many strings.Builder
	for i := range 3000 {
		many.WriteString(good(i))
	}
	for _, c := range []struct {
		name, line string
		want       string // in the problem told, "" for none
		entries    int
		doubt      bool
	}{
		{"no JSON", "nonsense\n", `line 3001: line: "nonsense": no record in JSON`, 3000, false},
		{"four bad", "1\n2\n3\nnull\n", "line 3004", 3000, true},
		{"no id", `{"DATA_SOURCE":"X","NAME_FULL":"X"}` + "\n", "without DATA_SOURCE or RECORD_ID", 3000, false},
		{"no name", record(`"GENDER":"M"`), "entry x: line: a record without a name", 3000, false},
		{"an id twice", good(7), "its id is that of line 8", 3000, false},
		{"too long", record(`"NAME_FULL":"` + strings.Repeat("x", listlines.MaxLine) + `"`), "longer than", 3000, false},
		{"a long value", record(`"NAME_FULL":"X","NOTE":"` + strings.Repeat("x", maxValue+1) + `"`), "entry x: NOTE: a value of", 3001, false},
		{"a long value in a list", record(`"NAME_FULL":"X","A":[{"EMAIL_ADDRESS":"` + strings.Repeat("x", maxValue+1) + `"}]`), "entry x: EMAIL_ADDRESS: a value of", 3001, false},
		{"many features", record(`"NAME_FULL":"X","A":[{}` + strings.Repeat(",{}", maxFeatures) + `]`), "entry x: features: 5001 of them", 3001, false},
		{"a list of texts", record(`"NAME_FULL":"X","A":["a"]`), "entry x: A: neither a text nor a list of objects", 3001, false},
		{"a bad date", record(`"NAME_FULL":"X","DATE_OF_BIRTH":"31 Feb"`), `entry x: DATE_OF_BIRTH: "31 Feb": no such date`, 3001, false},
		{"a bad gender", record(`"NAME_FULL":"X","GENDER":"n"`), "neither male nor female", 3001, false},
		{"nothing and a number", record(`"NAME_FULL":"X","RECORD_TYPE":null,"AGE":7`), `line 3001: AGE: "7": not read`, 3001, false},
		{"points at nobody", record(`"NAME_FULL":"X","REL_POINTER_KEY":"nobody"`), "", 3001, false},
	} {
		e := edition(t, many.String()+c.line)
		last := ""
		if n := len(e.Skipped); n > 0 {
			last = e.Skipped[n-1].String()
		}
		if len(e.Entities) != c.entries || (c.want == "") != (last == "") || !strings.Contains(last, c.want) || c.doubt != (len(e.Doubts) > 0) {
			t.Errorf("%s: %d entries, doubts %v, last problem %.200q; want %d and %q", c.name, len(e.Entities), e.Doubts, last, c.entries, c.want)
		}
	}
	for content, want := range map[string]error{"": watchlist.ErrEmpty, good(1) + `{"DATA_SOURCE":`: watchlist.ErrTruncated} {
		_, err := as("some-list", "").Parse([]watchlist.File{{Name: fileName, Data: []byte(content)}}, published)
		if !errors.Is(err, want) {
			t.Errorf("%q: error %v, want %v", content, err, want)
		}
	}
}

func TestRecognise(t *testing.T) {
	long := `{"DATA_SOURCE":"X","RECORD_ID":"1","NAME_FULL":"` + strings.Repeat("x", 1000)
	for head, want := range map[string]bool{
		example: true, long: true, "": false, "[1]": false, `{"id":"x","schema":"Person","properties":{}}`: false, `{"RECORD_ID":"1"}`: false,
	} {
		if _, ok := recognise("x.json", []byte(head)); ok != want {
			t.Errorf("%.40q: %v, want %v", head, ok, want)
		}
	}
}

// FuzzParse: whatever comes, the reader ends, says the same twice, and what it makes of it is
// an edition that a store can keep.
func FuzzParse(f *testing.F) {
	fuzzing.Bound(f)
	f.Add([]byte(example))
	for _, l := range bytes.SplitAfter([]byte(example), []byte("\n")) {
		f.Add(l)
	}
	f.Add([]byte(`{"DATA_SOURCE":"X","RECORD_ID":"1","NAME_FULL":"A","name_full":"B","A":{"NAME_FULL":"C"},"B":[null]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []watchlist.File{{Name: fileName, Data: data}}
		e, err := as("some-list", "").Parse(files, published)
		again, err2 := as("some-list", "").Parse(files, published)
		if (err == nil) != (err2 == nil) || !reflect.DeepEqual(e, again) {
			t.Fatalf("read twice: %v, %v", err, err2)
		}
		if err != nil {
			return
		}
		for i := range e.Entities {
			x := &e.Entities[i]
			if x.ID == "" || x.PrimaryName() == "" || x.Names[0].Kind != entity.Primary {
				t.Fatalf("an entry without an id or a primary name: %s", listtest.JSON(x))
			}
			b, err := json.Marshal(x)
			if err != nil {
				t.Fatal(err)
			}
			var back entity.Entity
			if err := json.Unmarshal(b, &back); err != nil {
				t.Fatalf("%s: %v", b, err)
			}
		}
	})
}
