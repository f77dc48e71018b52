package law

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// good is a rule that loads; tests change one line of it.
const good = `id: us-test
title: Test
authority: Somebody with the power
instrument: An Act
article: "1"
binds: [US]
covers: '"us-sdn" in listing.same'
verb: freeze
effective_at: "2022-02-21T00:00:00-05:00"
state: enacted
verified:
  marks: [all of it]
`

// with replaces the line of good that begins with the field, or adds it.
func with(field, line string) string {
	lines := strings.Split(strings.TrimSuffix(good, "\n"), "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, field+":") })
	if i < 0 {
		return good + line + "\n"
	}
	lines[i] = line
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return l == "" }), "\n") + "\n"
}

func TestGoodRuleLoads(t *testing.T) {
	r, err := ParseRule([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if r.ID != "us-test" || r.Verb != Freeze || r.EffectiveAt.Format(time.RFC3339) != "2022-02-21T00:00:00-05:00" || !slices.Equal(r.Reads(), []string{"listing.same"}) {
		t.Errorf("%+v", r)
	}
}

func TestRefusals(t *testing.T) {
	// Scenario 59: 27 February 2022, a minister asks exchanges to block all Russian users.
	minister := `id: ua-request
title: Block all Russian users
authority: Vice Prime Minister of Ukraine
article: a message of 27 February 2022
binds: [US]
covers: '"RU" in customer.nationalities'
verb: freeze
effective_at: "2022-02-27T00:00:00+02:00"
state: enacted
verified: {marks: [none]}
`
	national := func(instrument, article, binds, covers string) string {
		return fmt.Sprintf(`id: test
title: Test
authority: A
instrument: %q
article: %q
nationals_quote: to Russian nationals or natural persons residing in Russia
binds: [%s]
covers: %q
verb: exit
effective_at: "2022-10-07T00:00:00+02:00"
state: enacted
verified: {marks: [none]}
`, instrument, article, binds, covers)
	}
	russian := `"RU" in customer.nationalities`
	if _, err := ParseRule([]byte(national("Regulation (EU) No 833/2014", "Article 5b(2)", "EU", russian))); err != nil {
		t.Errorf("the rule on which the refusals are built does not load: %v", err)
	}

	for _, c := range []struct{ name, rule, want string }{
		{"minister", minister, "what an authority asks for is not law"},
		{"minister, as house policy", strings.Replace(minister, "article:", "house: true\ninstrument: Our policy\narticle:", 1), "a house rule cannot freeze"},
		{"minister, with an instrument that does not say it", strings.Replace(minister, "article:", "instrument: A message\nnationals_quote: all nationals\narticle:", 1), "not an instrument known to say"},
		{"empty", "", "empty"},
		{"two documents", good + "---\n" + good, "more than one document"},
		{"unknown field", with("wind_dawn", "wind_dawn: 3"), "wind_dawn"},
		{"no authority", with("authority", `authority: ""`), "no authority"},
		{"no instrument", with("instrument", ""), "no instrument"},
		{"no article", with("article", ""), "no article"},
		{"no title", with("title", ""), "no title"},
		{"no condition", with("covers", ""), "no covers"},
		{"no start", with("effective_at", ""), "without effective_at"},
		{"start without zone", with("effective_at", `effective_at: "2022-02-21T00:00:00"`), "date, hour and zone"},
		{"start without hour", with("effective_at", `effective_at: "2022-02-21"`), "date, hour and zone"},
		{"31 February", with("effective_at", `effective_at: "2022-02-31T00:00:00Z"`), "date, hour and zone"},
		{"end before start", with("ends_at", `ends_at: "2022-02-20T00:00:00Z"`), "is not after"},
		{"no state", with("state", ""), "state"},
		{"state", with("state", "state: maybe"), "state"},
		{"id", with("id", "id: US SDN"), "lower-case words"},
		{"binds nobody", with("binds", ""), "binds nobody"},
		{"binds elsewhere", with("binds", "binds: [RU]"), "want one of AU"},
		{"action", with("actions", "actions: [dance]"), `action "dance"`},
		{"verb", with("verb", "verb: punish"), "unknown verb"},
		{"verb allow", with("verb", "verb: allow"), "verb allow"},
		{"verb bar with one side", with("verb", "verb: bar"), "two sides"},
		{"two sides and no bar", with("others", "others: 'true'"), "two sides"},
		{"bar on a deposit", strings.Replace(with("others", "others: 'true'\nactions: [deposit]"), "verb: freeze", "verb: bar", 1), "action deposit"},
		{"asset ban on a sign-in", strings.Replace(with("actions", "actions: [sign_in]"), "verb: freeze", "verb: asset_ban", 1), "action sign_in"},
		{"freeze of an asset", with("actions", "actions: [hold_asset, deposit]"), "a freeze is of somebody's property"},
		{"platform ban on everything", with("verb", "verb: platform_ban"), "a platform is what is forbidden"},
		{"verb release", with("verb", "verb: release"), "no rule can say it"},
		{"noted without a note", with("state", "state: noted"), "without a note"},
		{"noted with a verb", with("state", "state: noted\nnote: says nothing"), "decides nothing"},
		{"wind-down without article", with("wind_down", "wind_down: {until: \"2022-03-23T00:01:00-04:00\", actions: [withdraw]}"), "wind_down without article"},
		{"wind-down without actions", with("wind_down", "wind_down: {until: \"2022-03-23T00:01:00-04:00\", article: GL 17}"), "wind_down without actions"},
		{"wind-down before the rule", with("wind_down", "wind_down: {until: \"2020-03-23T00:01:00-04:00\", actions: [withdraw], article: GL 17}"), "outside the time"},
		{"licence without title", with("licences", "licences: [{id: gl-1, article: GL 1}]"), "give id"},
		{"licence twice", with("licences", "licences: [{id: gl-1, title: x, article: GL 1}, {id: gl-1, title: x, article: GL 1}]"), "given twice"},
		{"licence ended before it began", with("licences", "licences: [{id: gl-1, title: x, article: GL 1, from: \"2023-01-01T00:00:00Z\", until: \"2022-12-01T00:00:00Z\"}]"), "before it or the rule begins"},
		{"licence on nationality", with("licences", "licences: [{id: gl-1, title: x, article: GL 1, covers: '\"RU\" in customer.nationalities'}]"), "without nationals_quote"},
		{"licence with a bad condition", with("licences", "licences: [{id: gl-1, title: x, article: GL 1, covers: 'customer.religion'}]"), "licence gl-1: covers"},
		{"source without a day", with("source", "source: {sha256: "+strings.Repeat("0", 64)+"}"), "both sha256 and retrieved"},
		{"source of no hash", with("source", "source: {sha256: abc, retrieved: \"2022-01-01\"}"), "64 hexadecimal digits"},
		{"verified by nobody, nothing marked", with("verified", "verified: {}\nx:"), "x"},
		{"no marks", strings.Replace(good, "  marks: [all of it]\n", "  marks: []\n", 1), "say under marks"},
		{"verified by without day", strings.Replace(good, "  marks: [all of it]\n", "  by: A. Lawyer\n", 1), "both by and on"},
		{"syntax", with("covers", "covers: '(('"), "covers:"},
		{"type", with("covers", "covers: 'customer.residence'"), "true or false"},
		{"type of comparison", with("covers", "covers: 'customer.residence == 3'"), "no matching overload"},
		{"unknown fact", with("covers", "covers: 'customer.religion == \"x\"'"), "undeclared reference"},
		{"exempt", with("exempt", "exempt: 'customer.religion'"), "exempt:"},
		{"too dear", with("covers", "covers: 'listing.same.exists(a, listing.same.exists(b, listing.same.exists(c, listing.same.exists(d, a+b == c+d))))'"), "nest fewer loops"},
		{"house freezes", with("house", "house: true"), "a house rule cannot freeze"},
		{"house exits", strings.Replace(with("house", "house: true"), "verb: freeze", "verb: exit", 1), "a house rule cannot exit"},
		{"house refuses", strings.Replace(with("house", "house: true"), "verb: freeze", "verb: refuse", 1), "a house rule cannot refuse"},
		{"house on nationality", strings.NewReplacer("verb: freeze", "verb: hold", `'"us-sdn" in listing.same'`, `'"RU" in customer.nationalities'`).Replace(with("house", "house: true")), "a house rule reads nationality"},
		{"house on birth", strings.NewReplacer("verb: freeze", "verb: hold", `'"us-sdn" in listing.same'`, `'customer.birth_country == "RU"'`).Replace(with("house", "house: true")), "a house rule reads nationality"},
		{"nationality without quote", with("covers", `covers: '"RU" in customer.nationalities'`), "without nationals_quote"},
		{"birth without quote", with("covers", `covers: 'customer.birth_country == "RU"'`), "without nationals_quote"},
		{"nationality in the exemption", with("exempt", `exempt: '"RU" in customer.nationalities'`), "without nationals_quote"},
		{"another article", national("Regulation (EU) No 833/2014", "Article 5ba", "EU", russian), "not an instrument known to say"},
		{"another article on Belarus", national("Regulation (EC) No 765/2006", "Article 1z", "EU", `"BY" in customer.nationalities`), "not an instrument known to say"},
		{"Belarus, binding others", national("Regulation (EC) No 765/2006", "Article 1u(1)", "CH", `"BY" in customer.nationalities`), "binds operators of EU only"},
		{"Belarus, of Russians", national("Regulation (EC) No 765/2006", "Article 1u(1)", "EU", russian), "speaks of BY alone"},
		{"Switzerland, another article", national("SR 946.231.176.72", "Article 20a", "CH", russian), "not an instrument known to say"},
		{"Switzerland, binding others", national("SR 946.231.176.72", "Article 20(2)", "EU", russian), "binds operators of CH only"},
		{"another instrument", national("Regulation (EU) No 269/2014", "Article 2", "EU", russian), "not an instrument known to say"},
		// law-rules 3: an operator with only a US nexus that loads nationality == RU must fail to start.
		{"binding others", national("Regulation (EU) No 833/2014", "Article 5b(2)", "US", russian), "binds operators of EU only"},
		{"of another country", national("Regulation (EU) No 833/2014", "Article 5b(2)", "EU", `"AM" in customer.nationalities`), "speaks of RU alone"},
		{"of everybody else", national("Regulation (EU) No 833/2014", "Article 5b(2)", "EU", `customer.nationalities.exists(n, n != "FR")`), "speaks of RU alone"},
		{"of anybody", national("Regulation (EU) No 833/2014", "Article 5b(2)", "EU", `size(customer.nationalities) > 0`), "speaks of RU alone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseRule([]byte(c.rule))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}

func folder(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestLoadRefusals(t *testing.T) {
	other := strings.Replace(good, "us-test", "us-other", 1)
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"nothing", nil, "none found"},
		{"another name", map[string]string{"test.yaml": good}, "call the file us-test.yaml"},
		{"another extension", map[string]string{"us-test.yml": good}, "id.yaml"},
		{"folder", map[string]string{"sub/us-test.yaml": good}, "id.yaml"},
		{"superseded missing", map[string]string{"us-test.yaml": good + "supersedes: [us-gone]\n"}, "does not exist"},
		{"supersedes itself", map[string]string{"us-test.yaml": good + "supersedes: [us-test]\n"}, "supersedes itself"},
		{"superseding another nexus", map[string]string{"us-test.yaml": good + "supersedes: [us-other]\n", "us-other.yaml": strings.Replace(other, "[US]", "[US, UK]", 1)}, "binds UK as well"},
		{"superseding another action", map[string]string{"us-test.yaml": good + "actions: [deposit]\nsupersedes: [us-other]\n", "us-other.yaml": other}, "as well"},
		{"superseding what ends later", map[string]string{"us-test.yaml": good + "supersedes: [us-other]\n", "us-other.yaml": other + "ends_at: \"2022-02-21T00:00:01-05:00\"\n"}, "one of the two dates is wrong"},
		{"policy superseding law", map[string]string{"us-test.yaml": strings.Replace(good, "freeze", "hold", 1) + "house: true\nsupersedes: [us-other]\n", "us-other.yaml": other}, "do not supersede"},
		{"huge", map[string]string{"us-test.yaml": good + "# " + strings.Repeat("x", maxRuleFile)}, "at most"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(folder(c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
	if _, err := LoadWith(folder(map[string]string{"us-sdn.yaml": strings.Replace(good, "us-test", "us-sdn", 1)})); err == nil || !strings.Contains(err.Error(), "another rule us-sdn") {
		t.Errorf("a rule of the shipped set replaced from a folder: %v", err)
	}
	more, err := LoadWith(folder(map[string]string{"us-test.yaml": good, ".hidden": "x", "README.md": "x"}))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := more.Rule("us-test"); !ok || more.SHA256() == defaults(t).SHA256() {
		t.Error("the added rule is not in the set, or does not change its name")
	}
}

// SHA256 documents how an outsider computes the name of the set; this does so.
func TestSetHash(t *testing.T) {
	names, err := filepath.Glob("rules/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	var lines strings.Builder
	for _, n := range names {
		data, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&lines, "%x  %s\n", sha256.Sum256(data), filepath.Base(n))
	}
	sum := sha256.Sum256([]byte(lines.String()))
	if got, want := defaults(t).SHA256(), hex.EncodeToString(sum[:]); got != want {
		t.Errorf("set %s, files say %s", got, want)
	}
}

func TestOnlyEnactedActs(t *testing.T) {
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for state, want := range map[string]int{"enacted": 1, "proposed": 0, "repealed": 0} {
		// Beside another one that acts.
		s, err := Load(folder(map[string]string{"us-test.yaml": with("state", "state: "+state), "us-other.yaml": strings.Replace(good, "us-test", "us-other", 1)}))
		if err != nil {
			t.Fatal(err)
		}
		if got := len(s.InForce(at, []string{"US"}, Review)) - 1; got != want {
			t.Errorf("%s: %d rules in force, want %d", state, got, want)
		}
		if got := len(s.Events(time.Time{}, at)) - 1; got != want {
			t.Errorf("%s: %d events, want %d", state, got, want)
		}
	}
}

func TestSuperseded(t *testing.T) {
	newer := with("effective_at", `effective_at: "2024-01-01T00:00:00-05:00"`) + "supersedes: [us-old]\n"
	s, err := Load(folder(map[string]string{"us-test.yaml": newer, "us-old.yaml": strings.Replace(good, "us-test", "us-old", 1)}))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2023-12-31T23:59:59-05:00": "us-old",
		"2024-01-01T00:00:00-05:00": "us-test",
		"2030-01-01T00:00:00-05:00": "us-test",
	} {
		instant, _ := time.Parse(time.RFC3339, at)
		in := s.InForce(instant, []string{"US"}, Trade)
		if len(in) != 1 || in[0].ID != want {
			t.Errorf("%s: %v in force, want %s alone", at, in, want)
		}
	}
}

// The index must agree with asking every rule, at every edge and beside it.
func TestInForceAgainstEveryRule(t *testing.T) {
	s := defaults(t)
	var instants []time.Time
	for _, e := range s.edges {
		instants = append(instants, e.Add(-time.Nanosecond), e, e.Add(time.Nanosecond))
	}
	for _, at := range instants {
		for _, nexus := range [][]string{{"US"}, {"EU"}, {"UK"}, {"CH"}, {"KZ"}, {"EU", "US"}, nil} {
			for _, a := range Actions() {
				var want []string
				for _, r := range s.acting(at) {
					if r.Verb != Bar && r.Acts(a) && r.BindsAny(nexus) {
						want = append(want, r.ID)
					}
				}
				var got []string
				for _, r := range s.InForce(at, nexus, a) {
					got = append(got, r.ID)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%s %v %s: %v, want %v", at, nexus, a, got, want)
				}
			}
		}
	}
}

func TestEvents(t *testing.T) {
	from, _ := time.Parse(time.RFC3339, "2022-04-09T00:00:00+02:00")
	to, _ := time.Parse(time.RFC3339, "2025-11-25T00:00:00+01:00")
	var got []string
	of := []string{"eu-269-owned-half", "eu-269-owned-over-half", "eu-833-5b2-ban", "eu-833-5b2-cap"}
	for _, e := range defaults(t).Events(from, to) {
		if !slices.Contains(of, e.Rule) {
			continue
		}
		what := "starts"
		if e.Ends {
			what = "ends"
		}
		got = append(got, e.At.Format(time.RFC3339)+" "+e.Rule+" "+what)
	}
	want := []string{
		"2022-04-09T00:00:00+02:00 eu-833-5b2-cap starts",
		"2022-10-07T00:00:00+02:00 eu-833-5b2-cap ends",
		"2022-10-07T00:00:00+02:00 eu-833-5b2-ban starts",
		"2024-07-03T00:00:00+02:00 eu-269-owned-over-half ends",
		"2024-07-03T00:00:00+02:00 eu-269-owned-half starts",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestWindDownAndLicences(t *testing.T) {
	text := with("wind_down", `wind_down: {until: "2022-03-23T00:01:00-04:00", actions: [withdraw], article: GL 17}`) +
		`licences: [{id: gl-8, title: Energy, article: GL 8, until: "2022-06-24T00:01:00-04:00", covers: 'customer.residence == "GE"'}, {id: own, title: A specific licence, article: 501.801}]` + "\n"
	s, err := Load(folder(map[string]string{"us-test.yaml": text}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at     string
		action Action
		facts  string
		want   Result
		by     string
	}{
		{"2022-03-23T00:00:59-04:00", Withdraw, `{"customer.licences":[],"customer.residence":"IR"}`, Exempt, "wind-down"},
		{"2022-03-23T00:01:00-04:00", Withdraw, `{"customer.licences":[],"customer.residence":"IR"}`, Fires, ""},
		{"2022-03-23T00:00:59-04:00", Deposit, `{"customer.licences":[],"customer.residence":"IR"}`, Fires, ""},
		{"2022-06-24T00:00:59-04:00", Deposit, `{"customer.licences":[],"customer.residence":"GE"}`, Exempt, "gl-8"},
		{"2022-06-24T00:01:00-04:00", Deposit, `{"customer.licences":[],"customer.residence":"GE"}`, Fires, ""},
		{"2022-06-24T00:01:00-04:00", Deposit, `{"customer.licences":["own"],"customer.residence":"IR"}`, Exempt, "own"},
		{"2022-06-24T00:01:00-04:00", Deposit, `{"customer.residence":"IR"}`, Unknown, ""},
	} {
		var f Facts
		if err := json.Unmarshal([]byte(c.facts), &f); err != nil {
			t.Fatal(err)
		}
		if err := f.Set("listing.same", []string{"us-sdn"}); err != nil {
			t.Fatal(err)
		}
		at, _ := time.Parse(time.RFC3339, c.at)
		o := s.Evaluate(at, []string{"US"}, c.action, f)
		if len(o) != 1 || o[0].Result != c.want || o[0].By != c.by {
			t.Errorf("%s %s %s: %+v, want %s by %q", c.at, c.action, c.facts, o, c.want, c.by)
		}
	}
	var got []string
	for _, e := range s.Events(time.Time{}, time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
		got = append(got, e.At.Format(time.RFC3339)+" "+e.String())
	}
	want := []string{
		"2022-02-21T00:00:00-05:00 us-test starts",
		"2022-03-23T00:01:00-04:00 us-test: wind-down ends",
		"2022-06-24T00:01:00-04:00 us-test: gl-8 ends",
	}
	if !slices.Equal(got, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestBars(t *testing.T) {
	text := strings.Replace(with("others", "others: 'session.country == \"IR\"'\nactions: [trade]"), "verb: freeze", "verb: bar", 1)
	text = strings.Replace(text, `'"us-sdn" in listing.same'`, `'customer.us_person'`, 1)
	s, err := Load(folder(map[string]string{"us-test.yaml": text}))
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	sides := func(facts string) []Side {
		var f Facts
		if err := json.Unmarshal([]byte(facts), &f); err != nil {
			t.Fatal(err)
		}
		return s.Sides(at, []string{"US"}, []string{"US", "EU"}, f)
	}
	american, iranian := sides(`{"customer.us_person":true,"session.country":"US"}`), sides(`{"customer.us_person":false,"session.country":"IR"}`)
	georgian, unknown := sides(`{"customer.us_person":false,"session.country":"GE"}`), sides(`{}`)
	for _, c := range []struct {
		name string
		a, b []Side
		may  bool
	}{
		{"american and iranian", american, iranian, false}, {"american and american", american, american, true},
		{"iranian and iranian", iranian, iranian, true}, {"georgian and american", georgian, american, true},
		{"georgian and iranian", georgian, iranian, true}, {"unknown and american", unknown, american, false},
		{"unknown and iranian", unknown, iranian, false}, {"unknown and georgian", unknown, georgian, true},
	} {
		if ab, ba := Between(c.a, c.b), Between(c.b, c.a); len(ab) == 0 != c.may || !slices.Equal(ab, ba) {
			t.Errorf("%s: barred by %v and %v, want may meet %v, both ways", c.name, ab, ba, c.may)
		}
	}
	if got := s.InForce(at, []string{"US"}, Trade); len(got) != 0 {
		t.Errorf("a bar is tried on one customer alone: %v", got)
	}
	if got := s.Sides(at, []string{"EU"}, []string{"EU"}, Facts{}); len(got) != 0 {
		t.Errorf("a bar reaches operators that it does not bind: %+v", got)
	}
	// A customer of an operator that the bar does not bind is kept from those of one it binds,
	// and from nobody else.
	abroad := s.Sides(at, []string{"EU"}, []string{"US", "EU"}, Facts{})
	if len(Between(abroad, american)) != 1 || len(Between(abroad, abroad)) != 0 {
		t.Errorf("of an operator that is not bound: %+v", abroad)
	}
}

func TestEnacting(t *testing.T) {
	s, err := Load(folder(map[string]string{"us-test.yaml": with("state", "state: proposed"), "us-other.yaml": strings.Replace(good, "us-test", "us-other", 1)}))
	if err != nil {
		t.Fatal(err)
	}
	r, _ := s.Rule("us-test")
	tried, err := s.Enacting(r)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	if got := len(tried.InForce(at, []string{"US"}, Review)); got != 2 {
		t.Errorf("%d rules act, want both", got)
	}
	if got := len(s.InForce(at, []string{"US"}, Review)); got != 1 {
		t.Errorf("the set itself has changed: %d rules act", got)
	}
	if tried.SHA256() == s.SHA256() || !strings.HasPrefix(tried.SHA256(), "what-if ") {
		t.Errorf("the what-if goes by the name %s, with which a decision under it could pass for a real one", tried.SHA256())
	}
}

func TestEvaluationIsThreeValued(t *testing.T) {
	load := func(covers, exempt string) *Set {
		text := with("covers", "covers: '"+covers+"'")
		if exempt != "" {
			text += "exempt: '" + exempt + "'\n"
		}
		s, err := Load(folder(map[string]string{"us-test.yaml": text}))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		covers, exempt, facts string
		want                  Result
		missing               []string
		err                   bool
	}{
		{`customer.residence == "IR" || customer.area == "UA-43"`, "", `{}`, Unknown, []string{"customer.area", "customer.residence"}, false},
		{`customer.residence == "IR" || customer.area == "UA-43"`, "", `{"customer.residence":"IR"}`, Fires, nil, false},
		{`customer.residence == "IR" || customer.area == "UA-43"`, "", `{"customer.residence":"GE"}`, Unknown, []string{"customer.area"}, false},
		{`customer.residence == "IR" && customer.area == "UA-43"`, "", `{"customer.residence":"GE"}`, NotCovered, nil, false},
		{`!(customer.residence == "IR")`, "", `{}`, Unknown, []string{"customer.residence"}, false},
		{`listing.same.exists(l, l == "x")`, "", `{}`, Unknown, []string{"listing.same"}, false},
		{`listing.same.all(l, l == "x")`, "", `{}`, Unknown, []string{"listing.same"}, false},
		{`size(listing.same) == 0`, "", `{}`, Unknown, []string{"listing.same"}, false},
		{`ownership.listed_bp["us-sdn"] > 1`, "", `{"ownership.listed_bp":{}}`, Unknown, nil, true},
		{`ownership.listed_bp["us-sdn"] > 1`, "", `{"ownership.listed_bp":{"us-sdn":2}}`, Fires, nil, false},
		{`holding.value_eur_cents / 0 > 1`, "", `{"holding.value_eur_cents":1}`, Unknown, nil, true},
		{`holding.value_eur_cents * 9 > 1`, "", `{"holding.value_eur_cents":9223372036854775807}`, Unknown, nil, true},
		{`true`, `customer.residence == "GE"`, `{}`, Unknown, []string{"customer.residence"}, false},
		{`true`, `customer.residence == "GE"`, `{"customer.residence":"GE"}`, Exempt, nil, false},
		{`true`, `customer.residence == "GE"`, `{"customer.residence":"IR"}`, Fires, nil, false},
		{`customer.area == "x"`, `customer.residence == "GE"`, `{"customer.residence":"GE"}`, Exempt, nil, false},
		{`customer.area == "x"`, `customer.residence == "GE"`, `{}`, Unknown, []string{"customer.area", "customer.residence"}, false},
		{`customer.area == "x"`, `customer.residence == "GE"`, `{"customer.area":""}`, NotCovered, nil, false},
		// What is asked comes with the question, whatever the facts say.
		{`action == "trade"`, "", `{"action":"deposit"}`, Fires, nil, false},
		{`"US" in operator.nexus`, "", `{}`, Fires, nil, false},
	} {
		var f Facts
		if err := f.UnmarshalJSON([]byte(c.facts)); err != nil {
			t.Fatal(err)
		}
		o := load(c.covers, c.exempt).Evaluate(at, []string{"US"}, Trade, f)
		if len(o) != 1 || o[0].Result != c.want || !slices.Equal(o[0].Missing, c.missing) || (o[0].Err != nil) != c.err {
			t.Errorf("covers %s, exempt %s, facts %s: %+v, want %s missing %v", c.covers, c.exempt, c.facts, o, c.want, c.missing)
		}
	}
}

// Every rule cites what DESIGN.md promises, and every verdict that a rule can give
// outside house policy is one that its instrument gives.
func TestShippedRules(t *testing.T) {
	for _, r := range defaults(t).Rules() {
		if r.House {
			if r.Verb != Hold {
				t.Errorf("%s: the shipped house policy only holds, this one is %s", r.ID, r.Verb)
			}
			continue
		}
		if r.URL == "" {
			t.Errorf("%s: no url", r.ID)
		}
		if !strings.HasPrefix(r.ID, strings.ToLower(r.Binds[0])+"-") {
			t.Errorf("%s binds %v: begin its id with whom it binds", r.ID, r.Binds)
		}
		if strings.Contains(r.ID, "5b2") && r.Verb == Freeze {
			t.Errorf("%s freezes: no freezing of assets is foreseen under Article 5b", r.ID)
		}
	}
	for _, d := range Schema() {
		if d.Text == "" || !strings.HasSuffix(d.Text, ".") {
			t.Errorf("fact %s: document it in one sentence", d.Name)
		}
	}
	if !slices.IsSortedFunc(schema, func(a, b FactDoc) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("schema is not sorted by name")
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte(with("covers", `covers: 'listing.same.all(l, l.startsWith("us-"))'`)))
	f.Add([]byte("id: [\n"))
	f.Add([]byte("a: &a [*a]\n"))
	names, _ := filepath.Glob("rules/*.yaml")
	for _, n := range names[:4] {
		data, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := ParseRule(data)
		if err != nil {
			return
		}
		if r.Authority == "" || r.Instrument == "" || r.Article == "" {
			t.Fatalf("loaded without a citation: %+v", r)
		}
		if r.House && r.Verb != Hold && r.Verb != Reject {
			t.Fatalf("house policy that can %s", r.Verb)
		}
		if (slices.Contains(r.Reads(), "customer.nationalities") || slices.Contains(r.Reads(), "customer.birth_country")) && r.NationalsQuote == "" {
			t.Fatalf("reads nationality without a quote: %+v", r)
		}
		s, err := newSet([]*Rule{r})
		if err != nil {
			return
		}
		// With no facts at all nothing may panic, and what reads a fact cannot exempt by default.
		for _, a := range Actions() {
			s.Evaluate(at, []string{"US", "EU"}, a, Facts{})
		}
	})
}

// A house rule that binds nobody in particular binds every operator: one that binds
// some of them only would silence it for the others.
func TestHouseRuleSupersededForAll(t *testing.T) {
	house := func(id, more string) string {
		return "id: " + id + "\ntitle: t\nauthority: a\ninstrument: i\narticle: \"1\"\ncovers: size(listing.resembles) > 0\nverb: hold\neffective_at: \"2020-01-01T00:00:00Z\"\nstate: enacted\nhouse: true\nverified: {marks: [none]}\n" + more
	}
	if _, err := Load(folder(map[string]string{"house-all.yaml": house("house-all", ""), "house-us.yaml": house("house-us", "binds: [US]\nsupersedes: [house-all]\n")})); err == nil || !strings.Contains(err.Error(), "binds every operator") {
		t.Errorf("a rule for some silences the rule for all: %v", err)
	}
	s, err := Load(folder(map[string]string{"house-us.yaml": house("house-us", "binds: [US]\n"), "house-all.yaml": house("house-all", "supersedes: [house-us]\n")}))
	if err != nil {
		t.Fatal(err)
	}
	if in := s.InForce(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), []string{"US"}, Trade); len(in) != 1 || in[0].ID != "house-all" {
		t.Errorf("%v in force, want house-all alone", in)
	}
}

// Scenario 2: what is collected of somebody's place is an input of the gate. "Kept for
// security only" was the violation (BitGo, ShapeShift).
func TestEveryPlaceIsReadByARule(t *testing.T) {
	elsewhere := map[string]string{
		"counterparty.platform_established": "of a platform; US law asks who lists it",
		"customer.birth_country":            "no place where anybody is now; a law may read it that itself says so",
		"customer.permits":                  "leave to live somewhere exempts and never stops",
	}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	read := map[string]bool{}
	for _, a := range Actions() {
		for _, r := range defaults(t).InForce(at, []string{"US"}, a) {
			for _, fact := range r.covers.facts {
				read[fact] = true
			}
		}
	}
	for _, d := range Schema() {
		place := d.Form == CountryForm || d.Form == AreaForm || d.Form == PlaceForm
		if place && elsewhere[d.Name] == "" && !read[d.Name] {
			t.Errorf("%s is a place, and no rule on a US operator reads it: collected and not used", d.Name)
		}
	}
}
