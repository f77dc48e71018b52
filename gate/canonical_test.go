package gate

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"testing/fstest"
	"time"

	"pgregory.net/rapid"

	"sallyport/law"
	"sallyport/match"
)

func sameAsJSON(t testing.TB, d *Decision) {
	t.Helper()
	want, errJSON := json.Marshal(d)
	got, err := d.canonical(nil, d.ID)
	if (err != nil) != (errJSON != nil) {
		t.Fatalf("error %v, of encoding/json %v", err, errJSON)
	}
	if err == nil && string(got) != string(want) {
		t.Fatalf("written\n%s\nand by encoding/json\n%s", got, want)
	}
}

// TestCanonicalIsEncodingJSON fills every field of every part, so that one which is added
// to a type and not to the canonical form shows.
func TestCanonicalIsEncodingJSON(t *testing.T) {
	var full Decision
	fill(t, reflect.ValueOf(&full).Elem(), 0)
	full.Facts = law.Facts{}
	for name, v := range map[string]any{
		"customer.us_person": true, "customer.nationalities": []string{"RU", "GE"}, "holding.value_eur_cents": int64(-7),
		"ownership.listed_bp": map[string]int64{"us-sdn": 1, "eu-fsf": 2}, "operator.name": "<Ж&\"\u2028>", "customer.area": "",
	} {
		if err := full.Facts.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	sameAsJSON(t, &full)
	sameAsJSON(t, &Decision{})
	sameAsJSON(t, &Decision{At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)})
	for _, seconds := range []int{3600, -3600, 86399, 86400, -86400, 90000, 61} {
		sameAsJSON(t, &Decision{At: time.Date(2022, 10, 7, 0, 0, 0, 5, time.FixedZone("", seconds))})
	}
	sameAsJSON(t, &Decision{Tried: []string{}, Editions: []EditionRef{}, Nexus: []string{"\xff", "a\x7f\t"}})

	// One field at a time is left empty.
	v := reflect.ValueOf(&full).Elem()
	for i := range v.NumField() {
		less := full
		reflect.ValueOf(&less).Elem().Field(i).SetZero()
		sameAsJSON(t, &less)
	}
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		d := Decide(drawInput(rt, set))
		sameAsJSON(t, &d)
	})
}

// fill gives every field within v a value that is not zero.
func fill(t testing.TB, v reflect.Value, depth int) {
	if depth > 8 {
		t.Fatal("too deep")
	}
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2022, 10, 7, 0, 0, 0, 123_000_000, time.FixedZone("", 7200))))
		return
	case law.Facts:
		return
	case law.Verb:
		v.Set(reflect.ValueOf(law.Freeze))
		return
	case match.Grade:
		v.Set(reflect.ValueOf(match.Same))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString("a<b & \"Ж\"")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint64:
		v.SetUint(18446744073709551615)
	case reflect.Int, reflect.Int64:
		v.SetInt(-5)
	case reflect.Float64:
		v.SetFloat(1e-7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), depth+1)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(t, v.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), depth+1)
		}
	default:
		t.Fatalf("no value for a %s", v.Type())
	}
}

// A decision allocates no more under a thousand rules than under few: what is tried, and
// what each condition reads, is there before it is asked.
func TestAllocationsDoNotGrowWithRules(t *testing.T) {
	if raced {
		t.Skip("SKIPPED: under the race detector a sync.Pool drops at random what it keeps, so allocations are not those of the program")
	}
	more := fstest.MapFS{}
	for i := range 1000 {
		id := fmt.Sprintf("us-test-%d", i)
		more[id+".yaml"] = &fstest.MapFile{Data: []byte("id: " + id + `
title: Test
authority: A test
instrument: An act
article: "1"
binds: [US]
covers: '"us-none" in listing.same && customer.residence in ["IR", "KP"] && listing.resembles.exists(l, l == "us-none")'
verb: freeze
effective_at: "2020-01-01T00:00:00Z"
state: enacted
verified: {marks: [all of it]}
`)}
	}
	set, err := law.LoadWith(more)
	if err != nil {
		t.Fatal(err)
	}
	allocations := func(set *law.Set) float64 {
		in := input(t, "US", law.Review, nil)
		in.Rules = set
		if d := Decide(in); d.Verdict != law.Allow {
			t.Fatalf("verdict %s", d.Verdict)
		}
		return testing.AllocsPerRun(200, func() { Decide(in) })
	}
	few, many := allocations(rules(t)), allocations(set)
	if many > few+1 {
		t.Errorf("%v allocations under a thousand rules more, %v without them", many, few)
	}
}
