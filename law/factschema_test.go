package law

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFactsJSONSchema(t *testing.T) {
	kept, err := os.ReadFile("facts.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, FactsJSONSchema()) {
		t.Fatal("law/facts.schema.json is not what the schema of facts gives; write it anew: go run ./cmd/sallyport law facts --json-schema > law/facts.schema.json")
	}

	var root map[string]any
	if err := json.Unmarshal(kept, &root); err != nil {
		t.Fatal(err)
	}
	held := 0
	hold := func(name string, b []byte) {
		t.Helper()
		var v any
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		if err := validate(root, v, "facts"); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		held++
	}
	ordinary, err := os.ReadFile("testdata/scenarios/ordinary.json")
	if err != nil {
		t.Fatal(err)
	}
	hold("ordinary.json", ordinary)
	for _, s := range scenarios(t) {
		for _, step := range s.Steps {
			b, err := json.Marshal(step.Facts)
			if err != nil {
				t.Fatal(err)
			}
			hold(fmt.Sprintf("%s, line %d", s.Name, step.Line), b)
		}
	}
	t.Logf("%d sets of facts held against the schema", held)

	// What Facts refuses the schema refuses, and the other way about.
	for _, text := range []string{
		`{"no.such": 1}`, `{"customer.residence": "Georgia"}`, `{"customer.residence": ""}`, `{"customer.area": ""}`, `{"customer.kind": "firm"}`,
		`{"customer.nationalities": ["RU", "ge"]}`, `{"customer.nationalities": "RU"}`, `{"holding.value_eur_cents": "1"}`, `{"holding.value_eur_cents": 1.5}`,
		`{"movement.dust": 1}`, `{"ownership.listed_bp": {"us-sdn": 10001}}`, `{"ownership.listed_bp": {"us-sdn": -1}}`, `{"ownership.listed_bp": {"US": 1}}`,
		`{"ownership.listed_bp": {"us-sdn": 10000}}`, `{"action": "dance"}`, `{"action": "trade"}`, `{"operator.name": ""}`, `{"customer.residence": null}`,
		`{"listing.measures": ["us-cons/directive-4"]}`, `{"listing.measures": ["us-cons"]}`, `{"asset.represents": ["BTC"]}`, `{"asset.represents": ["btc"]}`,
		`{"session.country": ""}`, `{"operator.nexus": ["US-CAUSING"]}`, `{"customer.ordinarily": ["UA-43", "IR"]}`,
	} {
		var f Facts
		refused := json.Unmarshal([]byte(text), &f) != nil
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if invalid := validate(root, v, "facts") != nil; invalid != refused {
			t.Errorf("%s: refused by Facts %v, by the schema %v", text, refused, invalid)
		}
	}
}

// validate holds a value against as much of JSON Schema as ours uses, and knows no other word.
func validate(schema map[string]any, v any, at string) error {
	for word, want := range schema {
		bad := func() error { return fmt.Errorf("%s: %v breaks %s %v", at, v, word, want) }
		switch word {
		case "$schema", "title", "description":
		case "type":
			ok := false
			switch v := v.(type) {
			case map[string]any:
				ok = want == "object"
			case []any:
				ok = want == "array"
			case string:
				ok = want == "string"
			case bool:
				ok = want == "boolean"
			case float64:
				ok = want == "integer" && v == float64(int64(v))
			}
			if !ok {
				return bad()
			}
		case "properties":
			for name, sub := range want.(map[string]any) {
				if inner, ok := v.(map[string]any)[name]; ok {
					if err := validate(sub.(map[string]any), inner, at+"."+name); err != nil {
						return err
					}
				}
			}
		case "additionalProperties":
			known, _ := schema["properties"].(map[string]any)
			for name, inner := range v.(map[string]any) {
				if _, ok := known[name]; ok {
					continue
				}
				if want == false {
					return fmt.Errorf("%s: %s is no property", at, name)
				}
				if err := validate(want.(map[string]any), inner, at+"."+name); err != nil {
					return err
				}
			}
		case "propertyNames":
			for name := range v.(map[string]any) {
				if err := validate(want.(map[string]any), name, at+" name"); err != nil {
					return err
				}
			}
		case "items":
			items, _ := v.([]any)
			for _, inner := range items {
				if err := validate(want.(map[string]any), inner, at+"[]"); err != nil {
					return err
				}
			}
		case "uniqueItems":
			items, _ := v.([]any)
			for i := range items {
				if slices.Contains(items[:i], items[i]) {
					return bad()
				}
			}
		case "maxItems":
			if items, _ := v.([]any); float64(len(items)) > want.(float64) {
				return bad()
			}
		case "maxProperties":
			if m, _ := v.(map[string]any); float64(len(m)) > want.(float64) {
				return bad()
			}
		case "minimum":
			if n, ok := v.(float64); ok && n < want.(float64) {
				return bad()
			}
		case "maximum":
			if n, ok := v.(float64); ok && n > want.(float64) {
				return bad()
			}
		case "minLength":
			if s, ok := v.(string); ok && float64(utf8.RuneCountInString(s)) < want.(float64) {
				return bad()
			}
		case "maxLength":
			if s, ok := v.(string); ok && float64(utf8.RuneCountInString(s)) > want.(float64) {
				return bad()
			}
		case "pattern":
			if s, ok := v.(string); ok && !regexp.MustCompile(want.(string)).MatchString(s) {
				return bad()
			}
		case "enum":
			if !slices.Contains(want.([]any), v) {
				return bad()
			}
		default:
			return fmt.Errorf("%s: the test does not know the word %s of the schema", at, word)
		}
	}
	return nil
}

// A lens must not take for one what some rule tells apart.
func TestLensLosesNothing(t *testing.T) {
	set := defaults(t)
	at, nexus := scenarioInstant, []string{"EU", "US", "UK"}
	rules := set.InForce(at, nexus, Review)
	lens := NewLens(rules)
	draw := drawer(1)
	values := valuesOf(set.Rules())
	outcome := map[string]string{}
	ordinary := scenarios(t)[0].Steps[0].Facts
	same, n := 0, 10000
	for range n {
		f := draw.facts(values, ordinary, 6)
		var told strings.Builder
		for _, o := range set.Evaluate(at, nexus, Review, f) {
			fmt.Fprint(&told, o.Rule.ID, o.Result, o.By, o.Missing, ";")
		}
		key := string(lens.Key(nil, f))
		if before, ok := outcome[key]; ok {
			same++
			if before != told.String() {
				t.Fatalf("one key, two outcomes:\n%s\n%s", before, told.String())
			}
		}
		outcome[key] = told.String()
	}
	t.Logf("%d facts, %d keys, %d times the same key", n, len(outcome), same)
	if same < n/4 || len(outcome) < n/50 {
		t.Error("too few keys were met twice, or too few there are, to prove anything")
	}

	// A number counts by its side of the numbers in rules, and where a rule reckons with it as it is.
	number := func(n int64) Facts {
		var f Facts
		if err := f.Set("holding.value_eur_cents", n); err != nil {
			t.Fatal(err)
		}
		return f
	}
	lensOf := func(source string) Lens {
		c, err := compile(source)
		if err != nil {
			t.Fatal(err)
		}
		return NewLens([]*Rule{{covers: c}})
	}
	key := func(l Lens, n int64) string { return string(l.Key(nil, number(n))) }
	ranked := lensOf("holding.value_eur_cents > 1000000 || 50 > holding.value_eur_cents")
	if key(ranked, 51) != key(ranked, 999999) || key(ranked, 1000000) == key(ranked, 1000001) || key(ranked, 49) == key(ranked, 50) {
		t.Error("a compared number is not seen by its place among the constants")
	}
	reckoned := lensOf("holding.value_eur_cents > 1000000 || holding.value_eur_cents % 2 == 0")
	if key(reckoned, 51) == key(reckoned, 52) {
		t.Error("a number that a rule reckons with is seen by its place alone")
	}
}
