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

	"sallyport/entity"
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

// TestTownToAreaByItsDay: scenario 5 from the written town to the verdict. What Ukraine does not
// control is asked for the day of the decision, and each law has the area from its own day.
func TestTownToAreaByItsDay(t *testing.T) {
	for _, c := range []struct {
		town, region string
		nexus, at    string
		want         law.Verb
		rule         string // that must be among those fired or unknown
	}{
		{"Мелітополь", "", "UK", "2023-06-19T23:30:00+01:00", law.Allow, ""},
		{"Мелітополь", "", "UK", "2023-06-20T00:30:00+01:00", law.Hold, "uk-kherson-zaporizhzhia"},
		{"Нова Каховка", "", "UK", "2023-06-20T00:30:00+01:00", law.Hold, "uk-kherson-zaporizhzhia"},
		{"Мелітополь", "", "US", "2023-06-20T12:00:00-04:00", law.Allow, ""},
		{"Херсон", "", "UK", "2022-10-01T12:00:00+01:00", law.Allow, ""}, // occupied, and no rule yet
		{"Херсон", "", "UK", "2023-06-20T12:00:00+01:00", law.Allow, ""}, // Ukraine's again since 2022-11-11
		{"", "Kherson oblast", "UK", "2023-06-20T12:00:00+01:00", law.Hold, "uk-kherson-zaporizhzhia"},
		{"Donetsk", "", "UK", "2022-03-29T23:30:00+01:00", law.Allow, ""},
		{"Donetsk", "", "UK", "2022-03-30T00:30:00+01:00", law.Hold, "uk-donetsk-luhansk"},
		{"Kramatorsk", "Donetsk oblast", "UK", "2022-04-01T12:00:00+01:00", law.Allow, ""},
		{"Simferopol", "", "UK", "2021-01-15T12:00:00+00:00", law.Hold, "uk-crimea"},
		{"Севастополь", "", "UK", "2021-01-15T12:00:00+00:00", law.Hold, "uk-crimea"},
		{"Kyiv", "", "UK", "2026-01-15T12:00:00+00:00", law.Allow, ""},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		told := FactsFor(person(func(p *entity.Profile) {
			p.Nationalities, p.Residence = []string{"UA"}, entity.Place{Country: "UA", Town: c.town, Region: c.region}
		}), nil, nil, []string{"uk-sanctions"}, at)
		by, err := json.Marshal(told)
		if err != nil {
			t.Fatal(err)
		}
		facts, err := changed(ordinary(t, map[string]any{"customer.area": nil, "customer.residence": nil}), string(by))
		if err != nil {
			t.Fatal(err)
		}
		d := Decide(Input{Facts: facts, Action: law.OpenAccount, Account: 7, Operator: "op", Nexus: []string{c.nexus}, At: at, Rules: rules(t)})
		cited := c.rule == "" || slices.ContainsFunc(slices.Concat(d.Fired, d.Unknown), func(f Fired) bool { return f.Rule == c.rule })
		if d.Verdict != c.want || !cited {
			t.Errorf("%s %s, operator %s, %s: %s, want %s by %s; %s", c.town, c.region, c.nexus, c.at, d.Verdict, c.want, c.rule, because(d))
		}
	}
}
