package ownership

import (
	"strings"
	"testing"
)

// A graph in words, one a line: "X listed", "X like", "A firm", "X 50 A", "X 25..50 A",
// "X 30 A with Y-pact", "X controls A", "X sits A". Shares are in percent; whoever is not
// called a firm is a person. The list is "l", and each listed party an entry of its own.
func graph(t testing.TB, words string) *Graph {
	t.Helper()
	g, at := &Graph{}, map[string]int{}
	party := func(id string) *Party {
		i, ok := at[id]
		if !ok {
			i = len(g.Parties)
			at[id], g.Parties = i, append(g.Parties, Party{ID: id, Person: true})
		}
		return &g.Parties[i]
	}
	bp := func(s string) int {
		whole, cents, _ := strings.Cut(s, ".")
		n := 0
		for _, c := range whole + (cents + "00")[:2] {
			if c < '0' || c > '9' {
				t.Fatalf("%q is no share", s)
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	for _, line := range strings.Split(words, ";") {
		f := strings.Fields(line)
		switch {
		case len(f) == 2 && (f[1] == "listed" || f[1] == "like"):
			p := party(f[0])
			p.Listings = append(p.Listings, Listing{"l", "entry of " + f[0], f[1] == "listed"})
		case len(f) == 2 && f[1] == "firm":
			party(f[0]).Person = false
		case len(f) == 3 && (f[1] == "controls" || f[1] == "sits"):
			party(f[0])
			party(f[2]).Person = false
			g.Roles = append(g.Roles, Role{f[0], f[2], f[1] == "controls"})
		case len(f) == 3 || len(f) == 5 && f[3] == "with":
			low, high, band := strings.Cut(f[1], "..")
			if !band {
				high = low
			}
			party(f[0])
			party(f[2]).Person = false
			h := Holding{Owner: f[0], Firm: f[2], Low: bp(low), High: bp(high)}
			if len(f) == 5 {
				h.Joint = f[4]
			}
			g.Holdings = append(g.Holdings, h)
		default:
			t.Fatalf("%q: not understood", line)
		}
	}
	return g
}

func figures(t testing.TB, firm, words string) Figures {
	t.Helper()
	of, err := graph(t, words).Of(firm, []string{"l"})
	if err != nil {
		t.Fatalf("%s: %v", words, err)
	}
	return of["l"]
}

// exactly is bounds that leave nothing open.
func exactly(n int) Bounds { return Bounds{n, n} }

var (
	yes   = Answer{true, true}
	no    = Answer{}
	maybe = Answer{false, true}
)

// The 50 percent rule: what OFAC's FAQ 401 says of Blocked Person X, and FAQ 399 of several.
func TestHalf(t *testing.T) {
	for _, c := range []struct {
		name, words string
		want        Bounds
	}{
		{"X owns 50 of A, and A 50 of B", "X listed; X 50 A; P 50 A; A 50 B; Q 50 B", exactly(5000)},
		{"X owns 50 of A and 50 of B, and A and B 25 each of C", "X listed; X 50 A; P 50 A; X 50 B; Q 50 B; A 25 C; B 25 C; R 50 C", exactly(5000)},
		{"X owns 50 of A and 10 of B, and A 40 of B", "X listed; X 50 A; P 50 A; X 10 B; A 40 B; Q 50 B", exactly(5000)},
		{"X owns 50 of A and 25 of B, and A and B 25 each of C", "X listed; X 50 A; P 50 A; X 25 B; Q 75 B; A 25 C; B 25 C; R 50 C", exactly(2500)},
		{"X owns 25 of A and of B, and they 50 each of C", "X listed; X 25 A; P 75 A; X 25 B; Q 75 B; A 50 C; B 50 C", exactly(0)},
		{"X and Y own 25 each", "X listed; Y listed; X 25 C; Y 25 C; P 50 C", exactly(5000)},
		{"X owns 50 of A, Y 10 of B, and A 40 of B", "X listed; Y listed; X 50 A; P 50 A; Y 10 B; A 40 B; Q 50 B", exactly(5000)},
		{"one hundredth less", "X listed; X 49.99 C; P 50.01 C", exactly(4999)},
		{"no multiplying: half of half of half is half", "X listed; X 50 A; P 50 A; A 50 B; P 50 B; B 50 C; P 50 C", exactly(5000)},
		{"the whole holding counts", "X listed; X 50 A; P 50 A; A 90 C; P 10 C", exactly(9000)},
		{"two share classes of one owner", "X listed; X 30 C; X 20 C; P 50 C", exactly(5000)},
		{"nobody named", "C firm; X listed", Bounds{0, 10000}},
		{"a rest that nobody is named for", "X listed; X 49 C", Bounds{4900, 10000}},
		{"half, and the rest unnamed", "X listed; X 50 C", Bounds{5000, 10000}},
		{"a firm whose owners are not named", "A firm; A 60 C; P 40 C", Bounds{0, 6000}},
		{"a likeness", "X like; X 60 C; P 40 C", Bounds{0, 6000}},
		{"a likeness in a chain", "X like; X 50 A; P 50 A; A 40 C; P 60 C", Bounds{0, 4000}},
		{"a band", "X listed; X 25..50 C; P 50 C", Bounds{2500, 5000}},
		{"a band beside bands", "X listed; X 25..50 C; P 25..75 C", Bounds{2500, 7500}},
		{"a listed firm", "A listed; A firm; A 50 C; P 50 C", exactly(5000)},
		{"a ring with a listed person behind it", "X listed; X 50 A; B 50 A; A 50 B; P 50 B; B 50 C; P 50 C", exactly(5000)},
		{"a ring with a minority behind it", "P 10 A; B 90 A; P 10 B; A 90 B; B 60 C; P 40 C", Bounds{0, 6000}},
		{"a ring of less than half", "P 60 A; B 40 A; P 60 B; A 40 B; B 60 C; P 40 C", exactly(0)},
		{"shares in itself", "X listed; X 30 C; C 30 C; P 40 C", Bounds{3000, 6000}},
	} {
		firm := "C"
		if !strings.Contains(c.words, " C") {
			firm = "B"
		}
		if c.name == "nobody named" {
			firm = "C"
		}
		if got := figures(t, firm, c.words).Half; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// The European Union's tests: over half, and the majority interest of the 19th package.
func TestOverAndMajority(t *testing.T) {
	for _, c := range []struct {
		name, words string
		over        Bounds
		majority    Answer
	}{
		{"exactly half at the first link", "X listed; X 50 A; P 50 A; A 60 C; P 40 C", exactly(0), yes},
		{"over half at the first link", "X listed; X 50.01 A; P 49.99 A; A 60 C; P 40 C", exactly(6000), yes},
		{"a holder of 40 beside three of 20", "X listed; X 40 C; P 20 C; Q 20 C; R 20 C", exactly(4000), yes},
		{"one who resembles", "X like; X 40 C; P 20 C; Q 20 C; R 20 C", Bounds{0, 4000}, maybe},
		{"40 beside 60", "X listed; X 40 C; P 60 C", exactly(4000), no},
		{"a tie", "X listed; X 40 C; P 40 C; Q 20 C", exactly(4000), no},
		{"40 beside a rest of 60 that nobody is named for", "X listed; X 40 C", Bounds{4000, 10000}, maybe},
		{"40 beside three who act together", "X listed; X 40 C; P 20 C with pact; Q 20 C with pact; R 20 C with pact", exactly(4000), no},
		{"two of 20 who act together beside three", "X listed; Y listed; X 20 C with pact; Y 20 C with pact; P 20 C; Q 20 C; R 20 C", exactly(4000), yes},
		{"two of 20 who do not: nowhere said", "X listed; Y listed; X 20 C; Y 20 C; P 20 C; Q 20 C; R 20 C", exactly(4000), maybe},
		{"two of 25, tied with one another only", "X listed; Y listed; X 26 C; Y 22 C; P 25 C; Q 27 C", exactly(4800), maybe},
		{"listed ones tied with one another and above the rest", "X listed; Y listed; X 24 C; Y 24 C; P 20 C; Q 20 C; R 12 C", exactly(4800), yes},
		{"a majority interest at the first link, and half at the second", "X listed; X 40 A; P 20 A; Q 20 A; R 20 A; A 50 C; P 50 C", exactly(0), yes},
		{"a band that could be passed", "X listed; X 40 C; P 20..40 C; Q 20..40 C", Bounds{4000, 6000}, maybe},
		{"a band that could not", "X listed; X 41 C; P 20..40 C; Q 20..40 C", Bounds{4100, 6000}, yes},
		{"a small listed holder", "X listed; X 10 C; P 30 C; Q 60 C", exactly(1000), no},
	} {
		f := figures(t, "C", c.words)
		if f.Over != c.over || f.Majority != c.majority {
			t.Errorf("%s: over %v, majority %v; want %v, %v", c.name, f.Over, f.Majority, c.over, c.majority)
		}
	}
}

// The United Kingdom's test: SI 2019/855 regulation 7 and Schedule 1.
func TestSingle(t *testing.T) {
	for _, c := range []struct {
		name, words string
		want        Bounds
	}{
		{"two who do not act together", "X listed; Y listed; X 30 C; Y 30 C; P 40 C", exactly(3000)},
		{"two who do", "X listed; Y listed; X 30 C with pact; Y 30 C with pact; P 40 C", exactly(6000)},
		{"with somebody who is not listed", "X listed; X 30 C with pact; P 30 C with pact; Q 40 C", exactly(6000)},
		{"through a firm of more than half", "X listed; X 51 A; P 49 A; A 40 C; X 20 C; P 40 C", exactly(6000)},
		{"through a firm of exactly half", "X listed; X 50 A; P 50 A; A 60 C; P 40 C", exactly(0)},
		{"through a firm that is theirs by a joint arrangement", "X listed; X 30 A with pact; P 30 A with pact; Q 40 A; A 60 C; P 40 C", exactly(6000)},
		{"one of two may be somebody else", "X listed; Y like; X 30 C; Y 30 C; P 40 C", exactly(3000)},
		{"the rest may be theirs", "X listed; X 30 C; P 40 C", Bounds{3000, 6000}},
		{"exactly half", "X listed; X 50 C; P 50 C", exactly(5000)},
	} {
		if got := figures(t, "C", c.words).Single; got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	// One person who stands in the graph under two names is one person, by the entry.
	g := graph(t, "X listed; Y listed; X 30 C; Y 30 C; P 40 C")
	for i := range g.Parties {
		for k := range g.Parties[i].Listings {
			g.Parties[i].Listings[k].Entry = "7"
		}
	}
	of, err := g.Of("C", []string{"l"})
	if err != nil || of["l"].Single != exactly(6000) {
		t.Errorf("one entry, two parties: %v, %v", of["l"].Single, err)
	}
	// And two entries that one party is are one person.
	g = graph(t, "X listed; Y listed; Z listed; X 20 C; Y 20 C; Z 20 C; P 40 C")
	for i := range g.Parties {
		if g.Parties[i].ID == "X" {
			g.Parties[i].Listings = []Listing{{"l", "entry of Y", true}, {"l", "entry of Z", true}}
		}
	}
	if of, err = g.Of("C", []string{"l"}); err != nil || of["l"].Single != exactly(6000) {
		t.Errorf("two entries of one person: %v, %v", of["l"].Single, err)
	}
}

func TestControl(t *testing.T) {
	for _, c := range []struct {
		name, words string
		controlled  Answer
		signs       bool
	}{
		{"nobody listed", "P 100 C", no, false},
		{"appoints the board", "X listed; X controls C; P 100 C", yes, true},
		{"one who resembles appoints the board", "X like; X controls C; P 100 C", maybe, true},
		{"sits on the board", "X listed; X sits C; P 100 C", no, true},
		{"one who resembles sits on the board", "X like; X sits C; P 100 C", no, true},
		{"a quarter", "X listed; X 25 C; P 75 C", no, true},
		{"less than a quarter", "X listed; X 24.99 C; P 75.01 C", no, false},
		{"owns a firm that appoints the board", "X listed; X 51 A; P 49 A; A controls C; P 100 C", yes, true},
		{"two own the firm that appoints the board", "X listed; Y listed; X 30 A; Y 30 A; P 40 A; A controls C; P 100 C", maybe, true},
		{"appoints the board of a firm that holds most of this one", "X listed; X controls A; P 100 A; A 51 C; P 49 C", yes, true},
		{"appoints the board of a firm that holds half of this one", "X listed; X controls A; P 100 A; A 50 C; P 50 C", maybe, true},
		{"appoints the board of a firm that holds a third", "X listed; X controls A; P 100 A; A 30 C; P 70 C", no, false},
		{"appoints the board of a firm that is the largest holder", "X listed; X controls A; P 100 A; A 40 C; P 20 C; Q 20 C; R 20 C", maybe, false},
		{"half of a firm that holds a quarter", "X listed; X 50 A; P 50 A; A 25 C; P 75 C", no, true},
		{"less than half of one", "X listed; X 49 A; P 51 A; A 25 C; P 75 C", no, false},
		{"sits on the board of a firm that holds most of this one", "X listed; X sits A; P 100 A; A 51 C; P 49 C", no, true},
		{"sits on the board of a firm that holds a third", "X listed; X sits A; P 100 A; A 30 C; P 70 C", no, false},
		{"a ring of powers with nobody listed", "A controls B; B controls C; P 100 A; P 100 B; P 100 C", no, false},
		{"shares alone", "X listed; X 90 C; P 10 C", no, true},
		{"an unnamed rest is nobody's sign", "X listed; C firm", no, false},
	} {
		f := figures(t, "C", c.words)
		if f.Controlled != c.controlled || f.Signs != c.signs {
			t.Errorf("%s: controlled %v, signs %v; want %v, %v", c.name, f.Controlled, f.Signs, c.controlled, c.signs)
		}
	}
}

// Scenarios of the catalogue, as far as a graph tells them.
func TestScenarios(t *testing.T) {
	// 20: a director of a clean company is listed. No share is theirs, and it is seen.
	if f := figures(t, "C", "X listed; X sits C; P 100 C"); f.Half != exactly(0) || f.Majority != no || !f.Signs {
		t.Errorf("20: %+v", f)
	}
	// 24: two listed persons of a quarter each: half in the aggregate (US, EU), and nobody's alone (UK).
	if f := figures(t, "C", "X listed; Y listed; X 25 C; Y 25 C; P 50 C"); f.Half != exactly(5000) || f.Single != exactly(2500) || !f.Signs {
		t.Errorf("24: %+v", f)
	}
	// 25: exactly half: owned where the law says half or more, not where it says more than half.
	if f := figures(t, "C", "X listed; X 50 C; P 50 C"); f.Half != exactly(5000) || f.Over != exactly(5000) || f.Single != exactly(5000) || f.Controlled != no || !f.Signs {
		t.Errorf("25: %+v", f)
	}
	// 28: 49 percent and a seat on the board: not owned; control is a question.
	if f := figures(t, "C", "X listed; X 49 C; X sits C; P 51 C"); f.Half != exactly(4900) || f.Majority != no || f.Controlled != no || !f.Signs {
		t.Errorf("28: %+v", f)
	}
}

func TestRefusals(t *testing.T) {
	many := &Graph{Parties: make([]Party, MaxParties+1)}
	for name, c := range map[string]struct {
		g    *Graph
		says string
	}{
		"too many":            {many, "at most 1000"},
		"too many listings":   {&Graph{Parties: []Party{{ID: "C", Listings: make([]Listing, MaxListings+1)}}}, "listings"},
		"no id":               {&Graph{Parties: []Party{{}}}, "an id of its own"},
		"one id twice":        {&Graph{Parties: []Party{{ID: "C"}, {ID: "C"}}}, "an id of its own"},
		"a stranger":          {&Graph{Parties: []Party{{ID: "C"}}, Holdings: []Holding{{Owner: "X", Firm: "C"}}}, "among the parties"},
		"a person owned":      {&Graph{Parties: []Party{{ID: "C"}, {ID: "P", Person: true}}, Holdings: []Holding{{Owner: "C", Firm: "P"}}}, "no owners"},
		"a person directed":   {&Graph{Parties: []Party{{ID: "C"}, {ID: "P", Person: true}}, Roles: []Role{{Holder: "C", Firm: "P"}}}, "no board"},
		"more than the whole": {graph(t, "X 60 C; P 50 C"), "more than the whole"},
		"a band the wrong way": {&Graph{Parties: []Party{{ID: "C"}, {ID: "X"}}, Holdings: []Holding{{Owner: "X", Firm: "C", Low: 2, High: 1}}},
			"the least first"},
		"not there": {&Graph{}, "no firm"},
	} {
		if _, err := c.g.Of("C", []string{"l"}); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want an error about %q", name, err, c.says)
		}
	}
	if _, err := graph(t, "X 60 C").Of("X", nil); err == nil {
		t.Error("a person is asked about as a firm")
	}
}
