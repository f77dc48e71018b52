package law

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sallyport/internal/memo"
)

func TestFactsCanonical(t *testing.T) {
	var f Facts
	for _, s := range []struct {
		name  string
		value any
	}{
		{"listing.same", []string{"us-sdn", "eu-fsf", "us-sdn"}},
		{"customer.residence", "GE"},
		{"customer.area", ""},
		{"holding.value_eur_cents", 12},
		{"ownership.listed_bp", map[string]int64{"us-sdn": 1, "eu-fsf": 2}},
		{"customer.permits", []string(nil)},
	} {
		if err := f.Set(s.name, s.value); err != nil {
			t.Fatal(err)
		}
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"customer.area":"","customer.permits":[],"customer.residence":"GE","holding.value_eur_cents":12,"listing.same":["eu-fsf","us-sdn"],"ownership.listed_bp":{"eu-fsf":2,"us-sdn":1}}`
	if string(b) != want {
		t.Errorf("%s\nwant %s", b, want)
	}
	if b, _ := json.Marshal(Facts{}); string(b) != "{}" {
		t.Errorf("no facts: %s", b)
	}
}

func TestFactsRefusals(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"customer.religion": "x"}`, "not in the schema"},
		{`{"customer.residence": "Georgia"}`, "two capital letters"},
		{`{"customer.residence": "ge"}`, "two capital letters"},
		{`{"customer.residence": ""}`, "two capital letters"},
		{`{"customer.residence": null}`, "leave an unknown fact out"},
		{`{"customer.residence": ["GE"]}`, "want string"},
		{`{"customer.nationalities": "GE"}`, "want list(string)"},
		{`{"customer.nationalities": [null]}`, "want list(string)"},
		{`{"customer.nationalities": ["Georgia"]}`, "two capital letters"},
		{`{"customer.area": "Crimea"}`, "UA-43"},
		{`{"listing.same": ["US SDN"]}`, "us-sdn"},
		{`{"holding.value_eur_cents": 1.5}`, "want int"},
		{`{"holding.value_eur_cents": 99999999999999999999}`, "want int"},
		{`{"ownership.listed_bp": {"us-sdn": 10001}}`, "0 to 10000"},
		{`{"ownership.listed_bp": {"us-sdn": -1}}`, "0 to 10000"},
		{`{"ownership.listed_bp": {"us-sdn": 1, "us-sdn": 2}}`, "want map"},
		{`{"customer.kind": "robot"}`, "person or organisation"},
		{`{"action": "dance"}`, "open_account"},
		{`{"customer.residence": "GE", "customer.residence": "IR"}`, "given twice"},
		{`{"operator.name": "` + strings.Repeat("x", 200) + `"}`, "at most"},
		{`[]`, "want an object"},
		{`{} {}`, "after"},
		{``, ""},
	} {
		var f Facts
		err := json.Unmarshal([]byte(c.json), &f)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.json, err, c.want)
		}
		if len(f.Names()) != 0 {
			t.Errorf("%s: kept %v of what was refused", c.json, f.Names())
		}
	}
	var f Facts
	if err := f.Set("customer.residence", 3); err == nil {
		t.Error("a number was set where a text belongs")
	}
}

// Whoever gave a value cannot change it afterwards, nor whoever read it.
func TestFactsKeepTheirValues(t *testing.T) {
	list, shares := []string{"us-sdn"}, map[string]int64{"us-sdn": 5000}
	var f Facts
	if err := f.Set("listing.same", list); err != nil {
		t.Fatal(err)
	}
	if err := f.Set("ownership.listed_bp", shares); err != nil {
		t.Fatal(err)
	}
	before, _ := json.Marshal(f)
	list[0], shares["us-sdn"] = "nothing", 0
	got, _ := f.Texts("listing.same")
	got[0] = "nothing"
	m, _ := f.Shares("ownership.listed_bp")
	m["us-sdn"] = 0
	c := f.Clone()
	c.Unset("listing.same")
	if after, _ := json.Marshal(f); !bytes.Equal(before, after) {
		t.Errorf("%s became %s", before, after)
	}
}

// What is written as MarshalJSON writes it, with nothing that JSON escapes, is read without encoding/json; all else is left to it.
func TestPlainFacts(t *testing.T) {
	for _, c := range []struct {
		json string
		want bool
	}{
		{`{}`, true},
		{`{"customer.area":"","customer.permits":[],"customer.residence":"GE","customer.us_person":false,"holding.value_eur_cents":-12,"listing.same":["eu-fsf","us-sdn"],"ownership.listed_bp":{}}`, true},
		{`{"customer.residence":"GE"} `, false},
		{`{ "customer.residence":"GE"}`, false},
		{`{"customer.residence":"GE",}`, false},
		{`{"customer.residence":"GE","customer.area":""}`, false}, // not in order
		{`{"customer.residence":"GE","customer.residence":"GE"}`, false},
		{`{"customer.residence":"ge"}`, false},
		{`{"customer.residence":null}`, false},
		{`{"customer.residence":"GE"`, false},
		{`{"operator.name":"\u0041"}`, false},
		{`{"operator.name":"Ж"}`, false},
		{`{"listing.same":["us-sdn",]}`, false},
		{`{"listing.same":["us-sdn"`, false},
		{`{"listing.same":[,]}`, false},
		{`{"customer.us_person":tru}`, false},
		{`{"holding.value_eur_cents":012}`, false},
		{`{"holding.value_eur_cents":-0}`, false},
		{`{"holding.value_eur_cents":1-2}`, false},
		{`{"holding.value_eur_cents":}`, false},
		{`{"holding.value_eur_cents":99999999999999999999}`, false},
		{`{"ownership.listed_bp":{"us-sdn":1}}`, false},
		{`{"ownership.listed_bp":{`, false},
		{`{"customer.religion":"x"}`, false},
		{`{`, false},
		{`[]`, false},
		{``, false},
	} {
		for range 2 { // as if nothing of it had been stated before, and remembered
			got, ok := readPlain([]byte(c.json))
			if ok != c.want {
				t.Errorf("%s: read %v, want %v", c.json, ok, c.want)
			}
			if !ok {
				continue
			}
			if any, err := readAny([]byte(c.json)); err != nil || !reflect.DeepEqual(got, any) {
				t.Errorf("%s is read as %v, and with care as %v, %v", c.json, got, any, err)
			}
		}
	}
}

// A memory keeps so many values and no more, and tells nothing that it was not told.
func TestMemoryOfValues(t *testing.T) {
	var m memory
	d := &schema[slices.IndexFunc(schema, func(d FactDoc) bool { return d.Name == "operator.name" })]
	for i := range 3 * memo.DefaultMax {
		name := fmt.Sprint("operator ", i)
		for range 2 {
			if v, err := m.value(d, name); err != nil || v != any(name) {
				t.Fatalf("%q is %v, %v", name, v, err)
			}
		}
		_, kept := m.Find([]byte(strconv.Quote(name)))
		if kept != (i < memo.DefaultMax) {
			t.Fatalf("value %d is kept: %v", i, kept)
		}
	}
	long := strings.Repeat("x", memo.DefaultMaxLen)
	if v, err := new(memory).value(d, long); err != nil || v != any(long) {
		t.Fatalf("%v, %v", v, err)
	}
	if _, err := m.value(d, strings.Repeat("x", maxTextLen+1)); err == nil {
		t.Fatal("a text that is too long is a value")
	}
	list := []string{"us-sdn", "eu-fsf", "us-sdn"}
	d = &schema[slices.IndexFunc(schema, func(d FactDoc) bool { return d.Name == "listing.same" })]
	for range 2 {
		if v, err := m.value(d, list); err != nil || !reflect.DeepEqual(v, []string{"eu-fsf", "us-sdn"}) {
			t.Fatalf("%v, %v", v, err)
		}
	}
	if list[0] != "us-sdn" {
		t.Fatal("what was stated was put in order where it lies")
	}
	if _, err := m.value(d, []string(nil)); err != nil {
		t.Fatal(err)
	}
}

// Texts that JSON writes alike, being no UTF-8, are no one value.
func TestMemoryTellsTextsApart(t *testing.T) {
	for _, s := range []string{"\xff", "\xfe", "\ufffd", `\ufffd`, "a\xff"} {
		var f Facts
		if err := f.Set("operator.name", s); err != nil {
			t.Fatal(err)
		}
		if got, _ := f.Text("operator.name"); got != s {
			t.Errorf("%q was stated, and is %q", s, got)
		}
	}
}

func FuzzFacts(f *testing.F) {
	f.Add([]byte(`{"listing.same":["us-sdn"],"customer.area":"","ownership.listed_bp":{"us-sdn":1}}`))
	f.Add([]byte(`{"holding.value_eur_cents":-9223372036854775808}`))
	f.Add([]byte(`{"a":1}`))
	f.Add([]byte(`{"operator.name":"<Ж&\"\u2028>"}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var read Facts
		if json.Unmarshal(data, &read) != nil {
			return
		}
		if plain, ok := readPlain(data); ok {
			if any, err := readAny(data); err != nil || !reflect.DeepEqual(plain, any) {
				t.Fatalf("%s is read as %v, and with care as %v, %v", data, plain, any, err)
			}
		}
		once, err := json.Marshal(read)
		if err != nil {
			t.Fatalf("%s was read and cannot be written: %v", data, err)
		}
		var again Facts
		if err := json.Unmarshal(once, &again); err != nil {
			t.Fatalf("%s was written and cannot be read: %v", once, err)
		}
		stated := map[string]any{}
		for _, name := range read.Names() {
			stated[name] = read.value(name)
		}
		if plain, _ := json.Marshal(stated); !bytes.Equal(once, plain) {
			t.Fatalf("%s, and encoding/json writes %s", once, plain)
		}
		if twice, _ := json.Marshal(again); !bytes.Equal(once, twice) {
			t.Fatalf("%s became %s", once, twice)
		}
	})
}

func FuzzParseScenario(f *testing.F) {
	f.Add([]byte("words\n\nSource: x\n-- facts.json --\n{}\n-- steps --\nat 2022-01-01T00:00:00Z for US do review\nwith {\"customer.area\": null}\nverdict allow\nunknown a: b, c\n"))
	f.Add([]byte("-- --")) // a library's reader of archives panicked at this
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := ParseScenario("x", data, Facts{})
		if err == nil && (s.Text == "" || len(s.Steps) == 0 && s.Pending == "") {
			t.Fatalf("%q was read as a scenario that says nothing", data)
		}
	})
}
