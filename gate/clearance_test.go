package gate

import (
	"strings"
	"testing"
	"time"

	"sallyport/match"
)

// A clearance covers a likeness to its own entry, and never identity.
func TestOpen(t *testing.T) {
	f := func(list, id string, g match.Grade) match.Finding {
		return match.Finding{List: list, EntityID: id, Grade: g}
	}
	all := []match.Finding{f("a", "1", match.Same), f("a", "1", match.Resembles), f("a", "2", match.Resembles), f("b", "1", match.Resembles)}
	open := Open(all, []Clearance{{ID: 1, List: "a", EntityID: "1"}})
	if len(open) != 3 || open[0].Grade != match.Same || open[1].EntityID != "2" || open[2].List != "b" {
		t.Errorf("open: %+v", open)
	}
	if got := Open(all, nil); len(got) != len(all) {
		t.Errorf("without a clearance: %+v", got)
	}
}

// The gate takes no clearance that covers nothing, nor one twice.
func TestClearancesOfAnInput(t *testing.T) {
	findings := []match.Finding{{List: "a", EntityID: "1", Grade: match.Resembles}, {List: "a", EntityID: "2", Grade: match.Same}}
	for want, cleared := range map[string][]Clearance{
		"":                      {{ID: 1, List: "a", EntityID: "1"}},
		"covers no finding":     {{ID: 1, List: "a", EntityID: "3"}},
		"clearance 2 covers no": {{ID: 1, List: "a", EntityID: "1"}, {ID: 2, List: "a", EntityID: "2"}},
		"follows clearance":     {{ID: 1, List: "a", EntityID: "1"}, {ID: 1, List: "a", EntityID: "1"}},
		"1 follows clearance 2": {{ID: 2, List: "a", EntityID: "1"}, {ID: 1, List: "a", EntityID: "1"}},
	} {
		err := checkCleared(findings, cleared)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", cleared, err, want)
		}
	}
}

func TestLapseInWords(t *testing.T) {
	c := Clearance{ID: 1, List: "us-sdn", EntityID: "7", By: "m.ortiz", At: time.Date(2022, 3, 2, 10, 0, 0, 0, time.UTC)}
	for want, l := range map[string]Lapse{
		"the list entry's names, birth changed": {Clearance: c, Cause: "the list entry changed", Changed: []string{"names", "birth"}},
		"the customer's names changed":          {Clearance: c, Cause: "the customer's data changed", Changed: []string{"names"}},
		"the list has the entry no more":        {Clearance: c, Cause: "the list has the entry no more"},
		"the word was taken back":               {Clearance: c, Cause: "the word was taken back"},
	} {
		if got, want := l.String(), "us-sdn 7 was cleared on 2 March 2022 by m.ortiz, but "+want; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
