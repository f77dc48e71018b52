package law

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// scenarioInstant is a day on which most rules are in force.
var scenarioInstant = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func TestLint(t *testing.T) {
	set := defaults(t)
	for _, f := range Lint(set, scenarios(t)) {
		t.Error(f)
	}
	marked := 0
	for _, r := range set.Rules() {
		if r.Verified.By == "" {
			marked++
		}
	}
	t.Logf("%d rules, %d still to verify", len(set.Rules()), marked)
}

func TestEmbeddedScenariosAreThoseOfTheFolder(t *testing.T) {
	shipped, err := Scenarios()
	if err != nil {
		t.Fatal(err)
	}
	if here := scenarios(t); len(shipped) != len(here) {
		t.Fatalf("%d scenarios in the program, %d in the folder", len(shipped), len(here))
	}
}

// rule is a YAML rule with changes: pairs of a line's beginning and the line to have instead.
func ruleText(id string, changes ...string) string {
	lines := []string{
		"id: " + id, "title: A rule", "authority: Ministry", "instrument: Act 1", "article: section 1", "url: https://example.org/act",
		"binds: [US]", "actions: [review]", `covers: customer.residence == "IR"`, "verb: reject",
		`effective_at: "2020-01-01T00:00:00Z"`, "state: enacted", "verified: {marks: [all of it]}",
	}
	for i := 0; i < len(changes); i += 2 {
		k := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, changes[i]) })
		if k < 0 {
			lines = append(lines, changes[i+1])
		} else {
			lines[k] = changes[i+1]
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func lintOf(t *testing.T, steps string, rules ...string) []string {
	t.Helper()
	folder := fstest.MapFS{}
	for _, r := range rules {
		id, _, _ := strings.Cut(strings.TrimPrefix(r, "id: "), "\n")
		folder[id+".yaml"] = &fstest.MapFile{Data: []byte(r)}
	}
	set, err := Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	all, err := FurtherScenarios(fstest.MapFS{"one.txtar": &fstest.MapFile{Data: []byte("A case.\n\nSource: here.\n-- steps --\n" + steps)}})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, f := range Lint(set, all) {
		if f.Fact == "" {
			told = append(told, f.String())
		}
	}
	return told
}

func TestLintFinds(t *testing.T) {
	const iran = `at 2026-01-15T12:00:00Z for US do review
with {"customer.residence": "IR"}
verdict reject
fires `
	const silent = `

at 2026-01-15T12:00:00Z for US do review
verdict allow
silent `
	wide := `covers: customer.residence in ["IR", "CU"]`
	exempting := []string{"exempt:", `exempt: '"RU" in customer.permits'`}
	for _, c := range []struct {
		name  string
		steps string
		rules []string
		want  []string // parts of the findings, in order
	}{
		{"all is well", iran + "aa" + silent + "aa\n", []string{ruleText("aa")}, nil},
		{"no scenarios", iran + "bb" + silent + "bb\n", []string{ruleText("aa"), ruleText("bb")}, []string{"aa: no scenario fires it", "aa: no scenario shows it tried"}},
		{"exemption not shown", iran + "aa" + silent + "aa\n", []string{ruleText("aa", exempting...)}, []string{"aa: no scenario shows its exemption"}},
		{"no url", iran + "aa" + silent + "aa\n", []string{ruleText("aa", "url:", "url: somewhere")}, []string{`aa: url "somewhere": give the address`}},
		{"the same people", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa"), ruleText("bb", "verb:", "verb: freeze")},
			[]string{"aa: says reject and bb says freeze of the same people: say which stands with supersedes, or that both do with alongside: [bb]"}},
		{"fewer people", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa", "covers:", wide), ruleText("bb", "verb:", "verb: freeze")},
			[]string{"bb: says freeze, and aa says reject of all of those and more"}},
		{"one verb", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa"), ruleText("bb")}, nil},
		{"another authority", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa"), ruleText("bb", "verb:", "verb: freeze", "authority:", "authority: Parliament")}, nil},
		{"another action", iran + "aa" + silent + "aa\n\nat 2026-01-15T12:00:00Z for US do trade\nwith {\"customer.residence\": \"IR\"}\nverdict freeze\nfires bb" +
			"\n\nat 2026-01-15T12:00:00Z for US do trade\nverdict allow\nsilent bb\n",
			[]string{ruleText("aa"), ruleText("bb", "verb:", "verb: freeze", "actions:", "actions: [trade]")}, []string{"bb: speaks of trade and of nothing by which an order that stands is ended"}},
		{"another time", iran + "aa" + silent + "aa\n\nat 2019-01-15T12:00:00Z for US do review\nwith {\"customer.residence\": \"IR\"}\nverdict freeze\nfires bb" +
			"\n\nat 2019-01-15T12:00:00Z for US do review\nverdict allow\nsilent bb\n",
			[]string{ruleText("aa"), ruleText("bb", "verb:", "verb: freeze", "effective_at:", `effective_at: "2018-01-01T00:00:00Z"`, "ends_at:", `ends_at: "2020-01-01T00:00:00Z"`)}, nil},
		{"alongside", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa", "alongside:", "alongside: [bb]"), ruleText("bb", "verb:", "verb: freeze")}, nil},
		{"a note", iran + "aa bb" + silent + "aa bb\n", []string{ruleText("aa", "note:", "note: Stands beside bb."), ruleText("bb", "verb:", "verb: freeze")}, nil},
		{"other people", "at 2026-01-15T12:00:00Z for US do review\nwith {\"customer.residence\": \"IR\", \"customer.permits\": [\"DE\"]}\nverdict freeze\nfires aa bb" + silent + "aa bb\n",
			[]string{ruleText("aa"), ruleText("bb", "verb:", "verb: freeze", "covers:", `covers: '"DE" in customer.permits'`)}, nil},
		{"exempts whom the other catches", iran + "aa bb" + silent + "bb\n\nat 2026-01-15T12:00:00Z for US do review\nwith {\"customer.residence\": \"IR\", \"customer.permits\": [\"RU\"]}\nverdict reject\nfires bb\nexempt aa\n" +
			"\nat 2026-01-15T12:00:00Z for US do review\nwith {\"customer.permits\": [\"RU\"]}\nverdict reject\nfires bb\nexempt aa\n",
			[]string{ruleText("aa", exempting...), ruleText("bb", "covers:", `covers: customer.residence == "IR" || "RU" in customer.permits`)}, []string{"aa: exempts whom bb catches"}},
		{"nothing left to supersede", iran + "aa" + silent + "aa\n\nat 2018-06-15T12:00:00Z for US do review\nwith {\"customer.residence\": \"IR\"}\nverdict reject\nfires bb" +
			"\n\nat 2018-06-15T12:00:00Z for US do review\nverdict allow\nsilent bb\n",
			[]string{ruleText("aa", "supersedes:", "supersedes: [bb]"), ruleText("bb", "effective_at:", `effective_at: "2018-01-01T00:00:00Z"`, "ends_at:", `ends_at: "2019-01-01T00:00:00Z"`)},
			[]string{"aa: supersedes bb, which ended at 2019-01-01T00:00:00Z, before this one began"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := lintOf(t, c.steps, c.rules...)
			ok := len(got) == len(c.want)
			for i := range c.want {
				ok = ok && strings.HasPrefix(got[i], c.want[i])
			}
			if !ok {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

// A recorded place that no rule reads must be noticed (scenario 2 of the catalogue).
func TestLintNoticesAFactThatNoRuleReads(t *testing.T) {
	set := defaults(t)
	var without []*Rule
	for _, r := range set.Rules() {
		if !slices.Contains(r.Reads(), "session.area") {
			without = append(without, r)
		}
	}
	less, err := newSet(without)
	if err != nil {
		t.Fatal(err)
	}
	found := func(s *Set) bool {
		return slices.ContainsFunc(Lint(s, nil), func(f Finding) bool { return f.Fact == "session.area" })
	}
	if found(set) || !found(less) {
		t.Errorf("session.area is found unread: %v with the rules that read it, %v without", found(set), found(less))
	}
}

func TestDraft(t *testing.T) {
	ban := ruleText("us-ban", "covers:", `covers: '"RU" in customer.nationalities'`, "verb:", "verb: exit", "state:", "state: proposed", "nationals_quote:", "nationals_quote: All Russian nationals shall be shut out.")
	if _, err := ParseRule([]byte(ban)); err == nil || !strings.Contains(err.Error(), "not an instrument known to say") {
		t.Fatalf("a rule of no known instrument loads: %v", err)
	}
	r, err := ParseDraft([]byte(ban))
	if err != nil {
		t.Fatal(err)
	}
	set := defaults(t)
	if _, err := set.Enacting(r); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ change, to, want string }{
		{"state:", "state: enacted", "a draft is proposed"},
		{"nationals_quote:", "note: x", "without nationals_quote"},
		{"house:", "house: true", "a house rule cannot exit"},
		{"instrument:", "instrument:", "cite the act"},
	} {
		text := strings.Replace(ban, lineOf(ban, c.change), c.to, 1)
		if !strings.Contains(ban, c.change) {
			text = ban + c.to + "\n"
		}
		if _, err := ParseDraft([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.to, err, c.want)
		}
	}
}

func lineOf(text, prefix string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSuffix(line, "\n")
		}
	}
	return "\x00"
}
