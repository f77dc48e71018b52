package gate

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/law"
)

// columns are the operators of testdata/history.txt.
var columns = []string{"US", "EU", "UK", "CH"}

// A past is one customer of testdata/history.txt, with what became of them.
type past struct {
	who    string
	action law.Action
	days   []pastDay
}

type pastDay struct {
	line  int
	at    time.Time
	facts law.Facts
	want  []string // a verdict, or "?", by columns
}

// TestHistory plays the same customers through the law of seven days, under four operators.
func TestHistory(t *testing.T) {
	set := rules(t)
	counts := map[string]map[string]map[law.Verb]int{} // by day and operator
	var days []string
	tried, open := 0, 0
	all := readHistory(t)
	for _, p := range all {
		t.Run(p.who, func(t *testing.T) {
			for _, day := range p.days {
				on := day.at.Format(time.DateOnly)
				if counts[on] == nil {
					counts[on], days = map[string]map[law.Verb]int{}, append(days, on)
				}
				for i, nexus := range columns {
					d := Decide(Input{Facts: day.facts, Action: p.action, Account: 7, Operator: "op", Nexus: []string{nexus}, At: day.at, Rules: set})
					if counts[on][nexus] == nil {
						counts[on][nexus] = map[law.Verb]int{}
					}
					counts[on][nexus][d.Verdict]++
					if day.want[i] == "?" {
						open++
						continue
					}
					tried++
					if d.Verdict.String() != day.want[i] {
						t.Errorf("line %d: %s, operator %s: %s, want %s; %s", day.line, on, nexus, d.Verdict, day.want[i], because(d))
					}
				}
			}
		})
	}
	slices.Sort(days)
	for _, on := range days {
		var b strings.Builder
		for _, nexus := range columns {
			fmt.Fprintf(&b, "\n  %s:", nexus)
			verdicts := slices.Sorted(maps.Keys(counts[on][nexus]))
			for _, v := range verdicts {
				fmt.Fprintf(&b, " %s %d", v, counts[on][nexus][v])
			}
		}
		t.Logf("%s%s", on, b.String())
	}
	t.Logf("%d customers, %d verdicts tried, %d left open", len(all), tried, open)
	if len(all) < 25 || len(days) != 7 || tried < 1000 {
		t.Errorf("%d customers, %d days, %d verdicts: some were lost", len(all), len(days), tried)
	}
}

// because names the rules behind a decision.
func because(d Decision) string {
	var names []string
	for _, f := range slices.Concat(d.Fired, d.Unknown) {
		names = append(names, f.Rule)
	}
	if names == nil {
		return "no rule fired"
	}
	return "by " + strings.Join(names, ", ")
}

// readHistory reads testdata/history.txt, which tells its own form.
func readHistory(t *testing.T) []past {
	t.Helper()
	text, err := os.ReadFile("testdata/history.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []past
	var facts law.Facts
	change := func(line int, by string) {
		if facts, err = changed(facts, by); err != nil {
			t.Fatalf("line %d: %v", line, err)
		}
	}
	for i, line := range strings.Split(string(text), "\n") {
		n := i + 1
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case word == "" || strings.HasPrefix(word, "#"):
			continue
		case word == "customer":
			all, facts = append(all, past{who: strings.TrimSpace(rest)}), ordinary(t, nil)
			continue
		case len(all) == 0:
			t.Fatalf("line %d: %q before the first customer", n, word)
		}
		p := &all[len(all)-1]
		switch word {
		case "facts", "from":
			change(n, rest)
		case "do":
			if p.action = law.Action(strings.TrimSpace(rest)); !p.action.Valid() {
				t.Fatalf("line %d: no action %q", n, p.action)
			}
		default:
			day, err := time.Parse(time.DateOnly, word)
			want := strings.Fields(rest)
			if err != nil || len(want) != len(columns) {
				t.Fatalf("line %d: want a day and a verdict for each of %v", n, columns)
			}
			for _, v := range want {
				if _, err := law.ParseVerb(v); v != "?" && err != nil {
					t.Fatalf("line %d: %v", n, err)
				}
			}
			p.days = append(p.days, pastDay{n, day.Add(12 * time.Hour), facts.Clone(), want})
		}
	}
	for _, p := range all {
		if !p.action.Valid() || len(p.days) != 7 {
			t.Fatalf("%s: action %q, %d days; want an action and seven", p.who, p.action, len(p.days))
		}
	}
	return all
}

// changed gives the facts with those of a JSON object; null makes a fact unknown.
func changed(f law.Facts, by string) (law.Facts, error) {
	var into, changes map[string]json.RawMessage
	text, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	if err := json.Unmarshal(text, &into); err != nil {
		return f, err
	}
	if err := json.Unmarshal([]byte(by), &changes); err != nil {
		return f, err
	}
	for name, v := range changes {
		if string(v) == "null" {
			delete(into, name)
		} else {
			into[name] = v
		}
	}
	if text, err = json.Marshal(into); err != nil {
		return f, err
	}
	var g law.Facts
	err = json.Unmarshal(text, &g)
	return g, err
}
