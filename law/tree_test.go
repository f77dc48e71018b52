package law

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn draws a value that the fact may have.
func drawn(t *rapid.T, d FactDoc) any {
	text := rapid.SampledFrom(map[Form][]string{
		AnyText: {"op", "x"}, CountryForm: {"RU", "IR", "GE", "US"}, AreaForm: {"UA-43", "UA-DNR"}, PlaceForm: {"IR", "UA-43"},
		ListForm: {"us-sdn", "eu-fsf", "uk-sanctions"}, MeasureForm: {"uk-sanctions/asset-freeze", "us-cons/directive-4"},
		ActionForm: {"trade", "deposit"}, KindForm: {"person", "organisation"}, NexusForm: {"US", "EU"}, AssetForm: {"BTC", "A7A5"}, LicenceForm: {"gl-8"},
	}[d.Form])
	switch d.Type {
	case TextFact:
		if d.Blank && rapid.Bool().Draw(t, "blank") {
			return ""
		}
		return text.Draw(t, d.Name)
	case TextsFact:
		return rapid.SliceOfN(text, 0, 3).Draw(t, d.Name)
	case NumberFact:
		return rapid.SampledFrom([]int64{0, 1, 1_000_000, 1_000_001, -1}).Draw(t, d.Name)
	case TruthFact:
		return rapid.Bool().Draw(t, d.Name)
	}
	return rapid.MapOfN(text, rapid.SampledFrom([]int64{0, 5000, 5001}), 0, 2).Draw(t, d.Name)
}

// drawnFacts draws facts, each of them stated three times in four.
func drawnFacts(t *rapid.T) Facts {
	var f Facts
	for _, d := range Schema() {
		if rapid.IntRange(0, 3).Draw(t, d.Name+" is stated") == 0 {
			continue
		}
		if err := f.Set(d.Name, drawn(t, d)); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// drawnCondition draws an expression of type bool, with items of loops among its texts.
func drawnCondition(t *rapid.T, depth int, items []string) string {
	named := func(types ...FactType) *rapid.Generator[string] {
		var names []string
		for _, d := range Schema() {
			if slices.Contains(types, d.Type) {
				names = append(names, d.Name)
			}
		}
		return rapid.SampledFrom(names)
	}
	text := func() string {
		from := []string{`"IR"`, `"us-sdn"`, `"UA-43"`, `""`}
		from = append(from, items...)
		if rapid.Bool().Draw(t, "of a fact") {
			return named(TextFact).Draw(t, "text")
		}
		return rapid.SampledFrom(from).Draw(t, "constant")
	}
	set := func() string {
		if rapid.IntRange(0, 3).Draw(t, "literal set") == 0 {
			return `["IR", "RU", "us-sdn"]`
		}
		return named(TextsFact).Draw(t, "set")
	}
	number := func() string {
		switch rapid.IntRange(0, 3).Draw(t, "number") {
		case 0:
			return rapid.SampledFrom([]string{"0", "1", "5000", "1000000"}).Draw(t, "constant")
		case 1:
			return "size(" + set() + ")"
		case 2:
			return named(SharesFact).Draw(t, "shares") + "[" + text() + "]"
		}
		return named(NumberFact).Draw(t, "number")
	}
	if depth == 0 {
		switch rapid.IntRange(0, 5).Draw(t, "leaf") {
		case 0:
			return named(TruthFact).Draw(t, "truth")
		case 1:
			return text() + rapid.SampledFrom([]string{" == ", " != "}).Draw(t, "op") + text()
		case 2:
			return number() + rapid.SampledFrom([]string{" == ", " != ", " < ", " <= ", " > ", " >= "}).Draw(t, "op") + number()
		case 3:
			return text() + " in " + set()
		case 4:
			return text() + " in " + named(SharesFact).Draw(t, "shares")
		}
		return rapid.SampledFrom([]string{"true", "false"}).Draw(t, "constant")
	}
	switch rapid.IntRange(0, 3).Draw(t, "branch") {
	case 0:
		return "!(" + drawnCondition(t, depth-1, items) + ")"
	case 1:
		if len(items) < 2 {
			item := fmt.Sprintf("i%d", len(items))
			return set() + rapid.SampledFrom([]string{".exists(", ".all("}).Draw(t, "loop") + item + ", " + drawnCondition(t, depth-1, append(slices.Clone(items), item)) + ")"
		}
	}
	return "(" + drawnCondition(t, depth-1, items) + rapid.SampledFrom([]string{" && ", " || "}).Draw(t, "op") + drawnCondition(t, depth-1, items) + ")"
}

// TestTreeIsCEL holds our reading of a condition to CEL's own program: the same truth, and
// the same facts missing, whenever ours gives an answer.
func TestTreeIsCEL(t *testing.T) {
	answered, asked, tooDear := 0, 0, 0
	agree := func(t *rapid.T, source string, c *condition, f Facts) {
		if c.tree == nil {
			t.Fatalf("%s: has no tree", source)
		}
		known := activate(f, []string{"US"}, Trade)
		in := env{values: known.values}
		got, missing := c.tree.truth(&in)
		asked++
		if in.failed {
			return // the reference is asked
		}
		answered++
		want, lacks, err := c.reference(&known)
		if err != nil || got != want || !slices.Equal(missing.names(), lacks) {
			b, _ := f.MarshalJSON()
			t.Fatalf("%s\nover %s:\nwe say %d, missing %v; CEL says %d, missing %v, error %v", source, b, got, missing.names(), want, lacks, err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		source := drawnCondition(t, rapid.IntRange(0, 4).Draw(t, "depth"), nil)
		c, err := compile(source)
		if err != nil {
			// Two loops in one another over the largest sets are dearer than a rule may be.
			if strings.Contains(err.Error(), "nest fewer loops") {
				tooDear++
				return
			}
			t.Fatalf("%s: %v", source, err)
		}
		agree(t, source, c, drawnFacts(t))
	})
	shipped := defaults(t).Rules()
	rapid.Check(t, func(t *rapid.T) {
		r := rapid.SampledFrom(shipped).Draw(t, "rule")
		f := drawnFacts(t)
		for source, c := range map[string]*condition{r.Covers: r.covers, r.Others: r.others, r.Exempt: r.exempt} {
			if c != nil {
				agree(t, source, c, f)
			}
		}
		for i := range r.Licences {
			agree(t, r.Licences[i].Covers, r.Licences[i].covers, f)
		}
	})
	t.Logf("of %d questions our reading answered %d; %d conditions were too dear to be one", asked, answered, tooDear)
	if tooDear > asked/2 {
		t.Errorf("%d conditions of those drawn were too dear, and %d were asked: draw simpler ones", tooDear, asked)
	}
	if answered*2 < asked {
		t.Errorf("our reading answered %d of %d questions; the rest was left to the reference", answered, asked)
	}
}
