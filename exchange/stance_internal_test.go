package exchange

import (
	"testing"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
)

// A decision has another outcome than the one before if it says anything else of the customer, and the same if it says it later.
func TestOutcomeTellsApart(t *testing.T) {
	of := func(change func(*gate.Decision)) *gate.Decision {
		d := &gate.Decision{
			Verdict: law.Hold, Subject: "ab", Sides: []law.Side{{Rule: "bar", Covered: true}}, Cleared: []gate.Clearance{{ID: 1}},
			Fired: []gate.Fired{{Rule: "one"}}, Exempted: []gate.Fired{{Rule: "two", By: "a licence"}}, Unknown: []gate.Fired{{Rule: "three", Missing: []string{"customer.residence"}}},
			Findings: []match.Finding{{List: "us-sdn", EntityID: "7", Grade: match.Resembles}},
		}
		change(d)
		return d
	}
	base := outcomeOf(of(func(*gate.Decision) {}))
	for name, change := range map[string]func(*gate.Decision){
		"verdict":              func(d *gate.Decision) { d.Verdict = law.Freeze },
		"subject":              func(d *gate.Decision) { d.Subject = "cd" },
		"a side's rule":        func(d *gate.Decision) { d.Sides[0].Rule = "bars" },
		"covered":              func(d *gate.Decision) { d.Sides[0].Covered = false },
		"other":                func(d *gate.Decision) { d.Sides[0].Other = true },
		"binds":                func(d *gate.Decision) { d.Sides[0].Binds = true },
		"no side":              func(d *gate.Decision) { d.Sides = nil },
		"another clearance":    func(d *gate.Decision) { d.Cleared[0].ID = 2 },
		"no clearance":         func(d *gate.Decision) { d.Cleared = nil },
		"fired":                func(d *gate.Decision) { d.Fired[0].Rule = "four" },
		"exempted":             func(d *gate.Decision) { d.Exempted[0].Rule = "four" },
		"exempt by another":    func(d *gate.Decision) { d.Exempted[0].By = "another licence" },
		"another fact missing": func(d *gate.Decision) { d.Unknown[0].Missing[0] = "customer.born" },
		"one more missing":     func(d *gate.Decision) { d.Unknown[0].Missing = append(d.Unknown[0].Missing, "customer.born") },
		"unknown":              func(d *gate.Decision) { d.Unknown[0].Rule = "four" },
		"fired, not exempted":  func(d *gate.Decision) { d.Fired, d.Exempted = append(d.Fired, d.Exempted...), nil },
		"exempted, not known":  func(d *gate.Decision) { d.Exempted, d.Unknown = append(d.Exempted, d.Unknown...), nil },
		"a finding's list":     func(d *gate.Decision) { d.Findings[0].List = "us-cons" },
		"its entry":            func(d *gate.Decision) { d.Findings[0].EntityID = "8" },
		"its grade":            func(d *gate.Decision) { d.Findings[0].Grade = match.Same },
		"another finding":      func(d *gate.Decision) { d.Findings = append(d.Findings, d.Findings[0]) },
		"a list and its entry": func(d *gate.Decision) { d.Findings[0].List, d.Findings[0].EntityID = "us-sdn7", "" },
	} {
		if outcomeOf(of(change)) == base {
			t.Errorf("%s: the same outcome", name)
		}
	}
	if outcomeOf(of(func(d *gate.Decision) {
		d.ID, d.At, d.Tried, d.Hold = "1", time.Unix(1, 0), []string{"one"}, &gate.HoldTerms{Owner: "desk", Due: time.Unix(9, 0)}
		d.Editions, d.Rules = []gate.EditionRef{{List: "us-sdn"}}, "another"
	})) != base {
		t.Error("the same, said later, has another outcome")
	}
}
