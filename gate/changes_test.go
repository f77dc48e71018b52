package gate

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/law"
)

// inputOf is the question of a scenario's step.
func inputOf(step law.Step, set *law.Set) Input {
	return Input{Facts: step.Facts, Action: step.Action, Account: 7, Operator: "op", Nexus: step.Nexus, At: step.At, Rules: set}
}

func ordinaryWith(t *testing.T, changes map[string]any) law.Facts {
	t.Helper()
	all, err := law.Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s law.Scenario) bool { return s.Name == "07-one-sign-in-from-tehran" })
	f := all[i].Steps[0].Facts.Clone()
	for name, v := range map[string]any{"customer.residence": "GE", "session.country": "GE", "customer.nationalities": []string{"GE"}, "customer.birth_country": "GE"} {
		if err := f.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	for name, v := range changes {
		if v == nil {
			f.Unset(name)
		} else if err := f.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func TestChanges(t *testing.T) {
	set := rules(t)
	const exempting = "AT, BE, BG, CH, CY, CZ, DE, DK, EE, ES, FI, FR, GR, HR, HU, IE, IS, IT, LI, LT, LU, LV, MT, NL, NO, PL, PT, RO, SE, SI, SK"
	for _, c := range []struct {
		name   string
		facts  map[string]any
		action law.Action
		nexus  string
		at     string
		want   []string // sentences that must be there
		never  []string // words that must not
	}{
		{"a Russian in the Union", map[string]any{"customer.nationalities": []string{"RU"}, "customer.residence": "GE"}, law.Review, "EU", "2022-11-01T12:00:00Z", []string{
			"somebody who is no national of RU: allow, for eu-833-5b2-ban no longer applies",
			"somebody with a residence permit of one of " + exempting + ": allow, for eu-833-5b2-ban no longer applies",
			"somebody who is also a national of one of " + exempting + ": allow, for eu-833-5b2-ban no longer applies",
		}, []string{"listing", "birth"}},
		{"in Iran", map[string]any{"customer.residence": "IR"}, law.Review, "US", "2026-01-15T12:00:00Z", []string{
			"somebody who does not live in IR: allow, for us-iran no longer applies",
		}, []string{"somebody who lives in"}},
		{"above the cap", map[string]any{"customer.nationalities": []string{"RU"}, "holding.value_eur_cents": 1000100}, law.Review, "EU", "2022-05-01T12:00:00Z", []string{
			"a case in which holding.value_eur_cents is at most 1000000: allow, for eu-833-5b2-cap no longer applies",
		}, nil},
		{"listed", map[string]any{"listing.same": []string{"us-sdn"}}, law.Review, "US", "2026-01-15T12:00:00Z", []string{
			"if the entry is taken off us-sdn by its publisher, or a person finds that it is somebody else's (mistaken identity): allow, for us-sdn no longer applies",
		}, []string{"somebody on", "residence"}},
		{"like a listed one", map[string]any{"listing.resembles": []string{"us-sdn"}}, law.Review, "US", "2026-01-15T12:00:00Z", []string{
			"if a person finds that the entry of us-sdn is somebody else's: allow, for house-resemblance no longer applies",
		}, nil},
		{"a sign-in from Tehran", map[string]any{"session.country": "IR"}, law.SignIn, "US", "2026-01-15T12:00:00Z", []string{
			"a request from somebody who is really outside IR: allow, for us-iran-session no longer applies",
		}, nil},
		{"owned by two listed", map[string]any{"customer.kind": "organisation", "customer.nationalities": []string{}, "customer.established": "GE", "ownership.listed_bp": map[string]int64{"us-sdn": 6000}}, law.Review, "US", "2026-01-15T12:00:00Z", []string{
			"a firm of which persons on lists hold at most 49.99 %: allow, for us-50pct no longer applies",
			"a firm that persons on us-sdn neither own nor direct, or whose owners are taken off the list: allow, for us-50pct no longer applies",
		}, nil},
		{"somewhere in Ukraine", map[string]any{"customer.residence": "UA", "customer.area": nil}, law.Review, "US", "2026-01-15T12:00:00Z", []string{
			"once it is told: somebody who lives outside UA-40, UA-43, UA-DNR, UA-LNR: allow, for us-crimea, us-dnr-lnr no longer applies",
		}, nil},
		{"before the law begins to end", map[string]any{"customer.kind": "organisation", "customer.nationalities": []string{}, "customer.established": "GE", "lists.stale": []string{"us-sdn"}}, law.Withdraw, "US", "2026-01-15T12:00:00Z", []string{
			"lists confirmed by their publishers again: us-sdn: allow, for house-stale-list no longer applies",
		}, nil},
		{"nothing to change", nil, law.Review, "US", "2026-01-15T12:00:00Z", nil, []string{"a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			in := Input{Facts: ordinaryWith(t, c.facts), Action: c.action, Account: 7, Operator: "op", Nexus: []string{c.nexus}, At: at, Rules: set}
			var told []string
			for _, ch := range Changes(in) {
				told = append(told, ch.Text)
			}
			for _, w := range c.want {
				if !slices.Contains(told, w) {
					t.Errorf("missing: %s", w)
				}
			}
			for _, w := range c.never {
				if strings.Contains(strings.Join(told, "\n"), w) {
					t.Errorf("%q among them", w)
				}
			}
			if t.Failed() || testing.Verbose() {
				t.Logf("told:\n%s", strings.Join(told, "\n"))
			}
		})
	}
}

// A rule that ends is a change that needs nobody: the cap on Russians ends as the ban begins,
// and no event of the law is told as milder than it is.
func TestChangesTellWhenTheLawMoves(t *testing.T) {
	ends := rule(t, "us-short", func(r *law.Rule) {})
	set, err := rules(t).Enacting(ends)
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Facts: ordinaryWith(t, map[string]any{"customer.residence": "VE"}), Action: law.Review, Account: 7, Operator: "op", Nexus: []string{"US"}, At: time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC), Rules: set}
	var moves []Change
	for _, ch := range Changes(in) {
		if ch.Kind == LawMoves {
			moves = append(moves, ch)
		}
	}
	if len(moves) != 1 || !moves[0].At.Equal(ends.EndsAt) || moves[0].Verdict != law.Allow || !slices.Equal(moves[0].Rules, []string{"us-short"}) {
		t.Errorf("moves %+v, want the end of us-short", moves)
	}
	for _, ch := range Changes(in) {
		if ch.Kind == Licensed && !slices.Equal(ch.Values, []string{"gl-1"}) {
			t.Errorf("licences %v, want the one that is valid now", ch.Values)
		}
		if l := ch.Say(Russian); l == ch.Text || !strings.Contains(l, "us-short") {
			t.Errorf("in Russian: %s", l)
		}
	}
	if !slices.ContainsFunc(Changes(in), func(ch Change) bool { return ch.Kind == Licensed }) {
		t.Error("the licence is not told of")
	}
}

// rule is an enacted rule against residents of Venezuela, to the end of 2026, with a licence
// that is valid and one that is not any longer.
func rule(t *testing.T, id string, change func(*law.Rule)) *law.Rule {
	t.Helper()
	r, err := law.ParseRule([]byte("id: " + id + `
title: A rule that ends
authority: Ministry
instrument: Act 1
article: section 1
url: https://example.org
binds: [US]
covers: customer.residence == "VE"
verb: reject
effective_at: "2025-01-01T00:00:00Z"
ends_at: "2027-01-01T00:00:00Z"
licences:
  - {id: gl-1, title: One, article: 1, until: "2026-06-01T00:00:00Z"}
  - {id: gl-0, title: None, article: 0, until: "2025-06-01T00:00:00Z"}
state: enacted
verified: {marks: [all of it]}
`))
	if err != nil {
		t.Fatal(err)
	}
	change(r)
	return r
}

// Whatever is told is milder, about facts that may be told of, bounded, and the same twice.
func TestChangesHold(t *testing.T) {
	set := rules(t)
	rapid.Check(t, func(t *rapid.T) {
		in := drawInput(t, set)
		now := Decide(in)
		changes := Changes(in)
		if !reflect.DeepEqual(changes, Changes(in)) {
			t.Fatal("told otherwise the second time")
		}
		if len(changes) > maxChanges {
			t.Fatalf("%d changes", len(changes))
		}
		for _, ch := range changes {
			if rank(ch.Verdict) >= rank(now.Verdict) {
				t.Fatalf("%s now, and %+v", now.Verdict, ch)
			}
			if strings.HasPrefix(ch.Fact, "listing.") && ch.Kind != Delisting && !ch.Untold {
				t.Fatalf("a listing is to be otherwise: %+v", ch)
			}
			if ch.Text == "" || strings.Contains(ch.Text+ch.Say(Russian), "%!") {
				t.Fatalf("badly told: %q, %q", ch.Text, ch.Say(Russian))
			}
			// What one value gives is what it was tried to give.
			doc, _ := slices.BinarySearchFunc(law.Schema(), ch.Fact, func(d law.FactDoc, n string) int { return strings.Compare(d.Name, n) })
			if ch.Kind == Is && law.Schema()[doc].Type == law.TextFact {
				again := in
				again.Facts = in.Facts.Clone()
				if err := again.Facts.Set(ch.Fact, ch.Values[0]); err != nil {
					t.Fatal(err)
				}
				if got := Decide(again); got.Verdict != ch.Verdict {
					t.Fatalf("%+v gives %s", ch, got.Verdict)
				}
			}
		}
	})
}

func BenchmarkChanges(b *testing.B) {
	set, err := law.Default()
	if err != nil {
		b.Fatal(err)
	}
	all, err := law.Scenarios()
	if err != nil {
		b.Fatal(err)
	}
	i := slices.IndexFunc(all, func(s law.Scenario) bool { return s.Name == "30-russian-in-russia-through-three-packages" })
	in := inputOf(all[i].Steps[len(all[i].Steps)-1], set)
	for b.Loop() {
		if len(Changes(in)) == 0 {
			b.Fatal("nothing would change it")
		}
	}
}
