package gate

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/law"
)

var (
	countriesDrawn = rapid.SampledFrom([]string{"RU", "GE", "CU", "IR", "KP", "UA", "ES", "LT", "CH", "GB", "US", "KZ"})
	listsDrawn     = rapid.SampledFrom([]string{"us-sdn", "eu-fsf", "uk-sanctions"})
	areasDrawn     = rapid.SampledFrom([]string{"", "UA-43", "UA-40", "UA-DNR", "UA-LNR", "UA-KHE"})
	placesDrawn    = rapid.SampledFrom([]string{"RU", "IR", "UA-43", "UA-DNR"})
	measuresDrawn  = rapid.SampledFrom([]string{"uk-sanctions/asset-freeze", "uk-sanctions/travel-ban", "us-cons/directive-4"})
	assetsDrawn    = rapid.SampledFrom([]string{"BTC", "A7A5"})
	licencesDrawn  = rapid.SampledFrom([]string{"eu-833-5c-1-a", "us-specific"})
)

func drawnOf(f law.Form) *rapid.Generator[string] {
	switch f {
	case law.AreaForm:
		return areasDrawn
	case law.CountryForm:
		return countriesDrawn
	case law.PlaceForm:
		return placesDrawn
	case law.MeasureForm:
		return measuresDrawn
	case law.AssetForm:
		return assetsDrawn
	case law.LicenceForm:
		return licencesDrawn
	}
	return listsDrawn
}

// drawFacts draws facts, each of them stated four times in five.
func drawFacts(t *rapid.T) law.Facts {
	var f law.Facts
	for _, doc := range law.Schema() {
		if rapid.IntRange(0, 4).Draw(t, doc.Name+" is stated") == 0 {
			continue
		}
		var v any
		switch {
		case doc.Name == "action" || doc.Name == "operator.nexus" || doc.Name == "operator.name":
			continue // of the question, not of the facts
		case doc.Name == "customer.kind":
			v = rapid.SampledFrom([]string{"person", "organisation"}).Draw(t, doc.Name)
		case doc.Type == law.TextFact:
			v = drawnOf(doc.Form).Draw(t, doc.Name)
		case doc.Type == law.TextsFact:
			v = rapid.SliceOfN(drawnOf(doc.Form), 0, 2).Draw(t, doc.Name)
		case doc.Type == law.TruthFact:
			v = rapid.Bool().Draw(t, doc.Name)
		case doc.Type == law.NumberFact:
			v = rapid.Int64Range(0, 2_000_000).Draw(t, doc.Name)
		case doc.Type == law.SharesFact:
			v = rapid.MapOfN(listsDrawn, rapid.Int64Range(0, 10000), 0, 2).Draw(t, doc.Name)
		}
		if err := f.Set(doc.Name, v); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func drawInput(t *rapid.T, set *law.Set) Input {
	return Input{
		Facts: drawFacts(t), Rules: set, Account: 7, Operator: "op",
		Action: rapid.SampledFrom(law.Actions()).Draw(t, "action"),
		Nexus:  rapid.SampledFrom([][]string{{"US"}, {"EU"}, {"UK"}, {"CH"}, {"KZ"}, {"EU", "US"}}).Draw(t, "nexus"),
		At:     time.Unix(rapid.Int64Range(1_400_000_000, 1_800_000_000).Draw(t, "at"), 0),
	}
}

func TestNoVerdictWithoutCitation(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		d := Decide(drawInput(t, set))
		if d.Verdict == law.Undecided {
			t.Fatal("undecided on a whole question")
		}
		for _, f := range slices.Concat(d.Fired, d.Unknown, d.Exempted) {
			if f.Authority == "" || f.Instrument == "" || f.Article == "" || f.EffectiveAt.IsZero() || f.EffectiveAt.After(d.At) {
				t.Fatalf("cited without source or before its hour: %+v", f)
			}
		}
		if d.Verdict != law.Allow && len(d.Fired)+len(d.Unknown) == 0 {
			t.Fatalf("%s, and no rule cited", d.Verdict)
		}
		if d.Verdict > law.Hold && d.Verdict != law.Reject || d.Verdict == law.Exit || d.Verdict == law.Cap {
			// A freeze, refusal, exit or cap is law, never house policy and never a guess.
			if !slices.ContainsFunc(d.Fired, func(f Fired) bool { return !f.House && f.Verb != law.Hold }) {
				t.Fatalf("%s without a law: %+v", d.Verdict, d.Fired)
			}
		}
		if (d.Verdict == law.Hold) != (d.Hold != nil) {
			t.Fatalf("%s, and hold %v", d.Verdict, d.Hold)
		}
		if err := d.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

func stops(v law.Verb) bool { return v != law.Allow }

// To forget a fact never turns a stop into an allow.
func TestMissingFactNeverAllows(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, set)
		before := Decide(in)
		names := in.Facts.Names()
		if len(names) == 0 {
			return
		}
		forgotten := rapid.SampledFrom(names).Draw(t, "forgotten")
		in.Facts = in.Facts.Clone()
		in.Facts.Unset(forgotten)
		after := Decide(in)
		if stops(before.Verdict) && !stops(after.Verdict) {
			t.Fatalf("%s with %s known, %s without it", before.Verdict, forgotten, after.Verdict)
		}
		if len(in.Facts.Names()) > 0 && after.Verdict == law.Freeze && before.Verdict != law.Freeze {
			t.Fatalf("%s with %s known, and frozen without it", before.Verdict, forgotten)
		}
	})
}

// What only exempts (a permit, a further nationality that is exempt) never makes a
// verdict graver.
func TestExemptionNeverStricter(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, set)
		before := Decide(in)
		name := rapid.SampledFrom([]string{"customer.permits", "customer.nationalities"}).Draw(t, "of")
		have, known := in.Facts.Texts(name)
		if !known {
			return
		}
		in.Facts = in.Facts.Clone()
		if err := in.Facts.Set(name, append(have, rapid.SampledFrom([]string{"ES", "LT", "CH", "NO"}).Draw(t, "exempt"))); err != nil {
			t.Fatal(err)
		}
		after := Decide(in)
		if rank(after.Verdict) > rank(before.Verdict) {
			t.Fatalf("%s, and with one more of %s %s", before.Verdict, name, after.Verdict)
		}
	})
}

// Between two events of the law the same facts give the same verdict.
func TestTimeMovesVerdictsOnlyAtEvents(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, set)
		before := Decide(in)
		later := in
		later.At = in.At.Add(time.Duration(rapid.Int64Range(0, 400*24*3600).Draw(t, "seconds")) * time.Second)
		after := Decide(later)
		if before.Verdict != after.Verdict && len(set.Events(in.At.Add(1), later.At.Add(1))) == 0 {
			t.Fatalf("%s at %s, %s at %s, and no event between", before.Verdict, in.At, after.Verdict, later.At)
		}
	})
}

// A withdrawal under exit or cap is stopped only by what would stop it without them.
func TestExitNeverStopsAWithdrawal(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, set)
		in.Action = law.Withdraw
		d := Decide(in)
		others := func(fs []Fired) bool {
			return slices.ContainsFunc(fs, func(f Fired) bool { return f.Verb != law.Exit && f.Verb != law.Cap })
		}
		if stops(d.Verdict) != (others(d.Fired) || others(d.Unknown)) {
			t.Fatalf("%s by %+v, unknown %+v", d.Verdict, d.Fired, d.Unknown)
		}
	})
}
