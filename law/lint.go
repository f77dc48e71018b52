package law

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Finding is what is wrong with a set of rules, and what to do about it.
type Finding struct {
	Rule string `json:"rule,omitempty"` // "" where it is none's alone
	Fact string `json:"fact,omitempty"` // of one that no rule reads
	Text string `json:"text"`           // with the remedy
}

func (f Finding) String() string {
	switch {
	case f.Rule != "":
		return f.Rule + ": " + f.Text
	case f.Fact != "":
		return "fact " + f.Fact + ": " + f.Text
	}
	return f.Text
}

// Lint holds a set of rules against what the loader cannot see in one rule alone, and against
// its scenarios:
//
//   - every rule of law gives the address of its text;
//   - every enacted rule has a scenario that fires it, one that tries it in vain, and one for
//     its exemption; every bar two customers whom it keeps apart and two whom it does not;
//   - the charter holds, for whoever loaded the rules;
//   - no two enacted rules of one authority say different things of the same people unless one
//     of them supersedes the other, names it under alongside or in its note (see contradicts);
//   - a superseded rule is in force until the one that supersedes it begins;
//   - every fact about place or identity has a rule that reads it: what is collected and not
//     used is the violation that several settlements were about (BitGo, 2020: IP addresses
//     kept "for security purposes").
//
// It takes about a second for 80 rules and 200 scenarios. Findings are in order of rule and
// fact and the same each time.
func Lint(set *Set, scenarios []Scenario) []Finding {
	l := &linter{set: set, scenarios: scenarios, values: valuesOf(set.rules)}
	for _, r := range set.rules {
		l.cites(r)
		l.succeeds(r)
	}
	l.shown()
	l.barsShown()
	l.contradictions()
	l.read()
	slices.SortStableFunc(l.findings, func(a, b Finding) int {
		return strings.Compare(a.Rule+"\x00"+a.Fact, b.Rule+"\x00"+b.Fact)
	})
	return l.findings
}

type linter struct {
	set       *Set
	scenarios []Scenario
	values    values
	findings  []Finding
}

func (l *linter) find(rule, format string, args ...any) {
	l.findings = append(l.findings, Finding{Rule: rule, Text: fmt.Sprintf(format, args...)})
}

func (l *linter) cites(r *Rule) {
	if u, err := url.Parse(r.URL); !r.House && (err != nil || u.Scheme != "https" || u.Host == "") {
		l.find(r.ID, "url %q: give the address of the official text, https://…", r.URL)
	}
	if r.State == Noted {
		return
	}
	if err := r.charter(false); err != nil {
		l.find(r.ID, "%v", err)
	}
	if why := r.Unasked(); why != "" {
		l.find(r.ID, "%s", why)
	}
}

// succeeds finds a line under supersedes that does nothing because the old rule has ended.
func (l *linter) succeeds(r *Rule) {
	for _, id := range r.Supersedes {
		old := l.set.byID[id]
		if r.State == Enacted && old.State == Enacted && !old.EndsAt.IsZero() && old.EndsAt.Before(r.EffectiveAt) {
			l.find(r.ID, "supersedes %s, which ended at %s, before this one began at %s: mend one of the dates, or take the line out",
				id, old.EndsAt.Format(time.RFC3339), r.EffectiveAt.Format(time.RFC3339))
		}
	}
}

// steps calls fn for each step of the scenarios.
func (l *linter) steps(fn func(*Step)) {
	for i := range l.scenarios {
		for k := range l.scenarios[i].Steps {
			fn(&l.scenarios[i].Steps[k])
		}
	}
}

// shown finds enacted rules that no scenario shows from both sides.
func (l *linter) shown() {
	fires, not, exempt := map[string]bool{}, map[string]bool{}, map[string]bool{}
	l.steps(func(s *Step) {
		for _, id := range s.Fires {
			fires[id] = true
		}
		for _, id := range s.Exempt {
			not[id], exempt[id] = true, true
		}
		for _, id := range s.Silent {
			not[id] = true
		}
	})
	for _, r := range l.set.rules {
		if r.State != Enacted || r.Verb == Bar {
			continue
		}
		if !fires[r.ID] {
			l.find(r.ID, "no scenario fires it: write one, from the source")
		}
		if !not[r.ID] {
			l.find(r.ID, "no scenario shows it tried and not firing (silent or exempt): write one, from the source")
		}
		if r.Exempt != "" && !exempt[r.ID] {
			l.find(r.ID, "no scenario shows its exemption: write one, from the source")
		}
	}
}

func (l *linter) barsShown() {
	barred, met := map[string]bool{}, map[string]bool{}
	l.steps(func(s *Step) {
		if s.Other == nil {
			return
		}
		for _, r := range l.set.Bars(s.At, s.Nexus) {
			if slices.Contains(s.Barred, r.ID) {
				barred[r.ID] = true
			} else {
				met[r.ID] = true
			}
		}
	})
	for _, r := range l.set.rules {
		if r.State == Enacted && r.Verb == Bar && !(barred[r.ID] && met[r.ID]) {
			l.find(r.ID, "no scenario shows two customers whom it keeps apart and two whom it does not: write them, from the source")
		}
	}
}

// unreadWhy is the facts about place and identity that no rule need read, with the reason.
var unreadWhy = map[string]string{
	"customer.birth_country": "no law in the set turns on where somebody was born; matching reads it, and the charter keeps rules from it",
}

// read finds facts about place or identity that no enacted rule reads.
func (l *linter) read() {
	reads := map[string]bool{}
	for _, r := range l.set.rules {
		if r.State == Enacted {
			for _, fact := range r.Reads() {
				reads[fact] = true
			}
		}
	}
	for _, d := range schema {
		placed := strings.HasPrefix(d.Name, "customer.") || strings.HasPrefix(d.Name, "session.") || d.Name == "counterparty.country" || d.Name == "counterparty.area"
		if placed && !reads[d.Name] && unreadWhy[d.Name] == "" {
			l.findings = append(l.findings, Finding{Fact: d.Name, Text: "is collected and no enacted rule reads it: write the rule that it is for, or do not collect it"})
		}
	}
}

// witnesses is how many sets of facts a rule is tried on beside another, and enough how many
// of them must say the same before that is taken for shown.
const (
	witnesses = 48
	enough    = 8
)

// A witness is facts on which a rule fires, or exempts, in one scenario or near it.
type witness struct {
	facts  Facts
	action Action
}

// contradictions holds every two enacted rules of one authority that bind one operator at one
// time for one action against one another. Where one fires on all that the other fires on, and
// says another verb, or fires on all that the other exempts, one of them must say that this is
// meant. Rules that merely can fire on one customer (a listed resident of Iran) are no
// contradiction: the gravest verb stands.
//
// That one fires wherever the other does is shown by trying: on the facts of the scenarios and
// on others drawn around them, always the same ones.
func (l *linter) contradictions() {
	fires, exempts := l.gather()
	rules := slices.DeleteFunc(slices.Clone(l.set.rules), func(r *Rule) bool { return r.State != Enacted || r.Verb == Bar })
	for i, a := range rules {
		for _, b := range rules[i+1:] {
			if a.Authority != b.Authority || settled(a, b) {
				continue
			}
			at, nexus, ok := together(a, b)
			if !ok {
				continue
			}
			if a.Verb != b.Verb {
				ab, ba := l.all(fires[a.ID], a, b, Fires, at, nexus), l.all(fires[b.ID], b, a, Fires, at, nexus)
				switch {
				case ab && ba:
					l.find(a.ID, "says %s and %s says %s of the same people: say which stands with supersedes, or that both do with alongside: [%s]", a.Verb, b.ID, b.Verb, b.ID)
				case ab:
					l.find(a.ID, "says %s, and %s says %s of all of those and more: say which stands with supersedes, or that both do with alongside: [%s]", a.Verb, b.ID, b.Verb, b.ID)
				case ba:
					l.find(b.ID, "says %s, and %s says %s of all of those and more: say which stands with supersedes, or that both do with alongside: [%s]", b.Verb, a.ID, a.Verb, a.ID)
				}
			}
			for _, p := range [][2]*Rule{{a, b}, {b, a}} {
				if l.all(exempts[p[0].ID], p[0], p[1], Exempt, at, nexus) {
					l.find(p[0].ID, "exempts whom %s catches: say which stands with supersedes, or that both do with alongside: [%s]", p[1].ID, p[1].ID)
				}
			}
		}
	}
}

// settled reports whether one of the rules says how it stands to the other.
func settled(a, b *Rule) bool {
	says := func(a, b *Rule) bool {
		return slices.Contains(a.Supersedes, b.ID) || slices.Contains(a.Alongside, b.ID) || slices.Contains(words(a.Note), b.ID)
	}
	return says(a, b) || says(b, a)
}

// words cuts a text into words, among which the ids of rules are whole.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool {
		return !(c == '-' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9')
	})
}

// together gives an instant at which both rules are in force, after their wind-downs where
// there is one, and the nexus of an operator whom both bind.
func together(a, b *Rule) (at time.Time, nexus []string, ok bool) {
	for _, n := range Nexuses() {
		if a.BindsAny([]string{n}) && b.BindsAny([]string{n}) {
			nexus = []string{n}
			break
		}
	}
	if nexus == nil {
		return at, nil, false
	}
	at = a.EffectiveAt
	if b.EffectiveAt.After(at) {
		at = b.EffectiveAt
	}
	for _, r := range []*Rule{a, b} {
		if r.WindDown != nil && r.WindDown.Until.After(at) && a.within(r.WindDown.Until) && b.within(r.WindDown.Until) {
			at = r.WindDown.Until
		}
	}
	return at, nexus, a.within(at) && b.within(at)
}

// all reports whether b fires on every witness of a that still is one at the instant, and that
// there are enough of them.
func (l *linter) all(of []witness, a, b *Rule, want Result, at time.Time, nexus []string) bool {
	n := 0
	for _, w := range of {
		if !b.Acts(w.action) {
			continue
		}
		known := activate(w.facts, nexus, w.action)
		if got := a.evaluate(&known, at, w.action); got.Result != want || want == Exempt && got.By != "exempt" {
			continue
		}
		switch b.evaluate(&known, at, w.action).Result {
		case Fires:
			n++
		case Unknown:
		default:
			return false
		}
	}
	return n >= enough
}

// gather finds facts on which each rule fires, and on which its exemption applies: those of
// the scenarios, and others around them.
func (l *linter) gather() (fires, exempts map[string][]witness) {
	type seed struct {
		step  *Step
		rule  *Rule
		want  Result
		reads []string
	}
	seeds := map[string][]seed{} // by rule and result
	var order []string
	l.steps(func(s *Step) {
		for _, list := range []struct {
			ids  []string
			want Result
		}{{s.Fires, Fires}, {s.Exempt, Exempt}} {
			for _, id := range list.ids {
				r, ok := l.set.Rule(id)
				if !ok {
					continue
				}
				key := id + " " + list.want.String()
				if seeds[key] == nil {
					order = append(order, key)
				}
				seeds[key] = append(seeds[key], seed{s, r, list.want, r.Reads()})
			}
		}
	})
	fires, exempts = map[string][]witness{}, map[string][]witness{}
	for _, key := range order {
		of := seeds[key]
		into := fires
		if of[0].want == Exempt {
			into = exempts
		}
		draw := drawer(uint64(len(key)))
		var found []witness
		for i := 0; len(found) < witnesses && i < 8*witnesses; i++ {
			s := of[i%len(of)]
			f := s.step.Facts
			if i >= len(of) { // first the scenarios' own facts
				f = draw.around(l.values, f, s.reads)
			}
			known := activate(f, s.step.Nexus, s.step.Action)
			if got := s.rule.evaluate(&known, s.step.At, s.step.Action); got.Result == s.want && (s.want == Fires || got.By == "exempt") {
				found = append(found, witness{f, s.step.Action})
			}
		}
		into[of[0].rule.ID] = found
	}
	return fires, exempts
}

// values are what facts are drawn from: the constants of all rules and their neighbours.
type values struct {
	texts   map[string][]string // by fact
	numbers []int64
	shares  []int64
}

func valuesOf(rules []*Rule) values {
	var texts []string
	v := values{texts: map[string][]string{}, numbers: []int64{0}, shares: []int64{0}}
	for _, r := range rules {
		for _, c := range []*condition{r.covers, r.others, r.exempt} {
			if c == nil {
				continue
			}
			texts = append(texts, c.texts...)
			for _, n := range c.numbers {
				v.numbers = append(v.numbers, n-1, n, n+1)
			}
		}
	}
	slices.Sort(texts)
	texts = slices.Compact(texts)
	slices.Sort(v.numbers)
	v.numbers = slices.Compact(v.numbers)
	for _, n := range v.numbers {
		if n >= 0 && n <= 10000 {
			v.shares = append(v.shares, n)
		}
	}
	for _, d := range schema {
		for _, t := range texts {
			if t != "" && d.check(t) == nil {
				v.texts[d.Name] = append(v.texts[d.Name], t)
			}
		}
		if d.Form == CountryForm || d.Form == PlaceForm {
			v.texts[d.Name] = append(v.texts[d.Name], "GE") // of which no rule speaks
		}
	}
	return v
}

// draws is a sequence that looks random and is the same for the same beginning: splitmix64
// (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
type draws uint64

func drawer(seed uint64) *draws { d := draws(seed); return &d }

// below draws a number from 0 to n-1, near enough evenly.
func (d *draws) below(n int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(n))
}

// facts draws facts: of a hundred that the schema has, so many are drawn and the others as base
// has them.
func (d *draws) facts(v values, base Facts, percent int) Facts {
	f := base.Clone()
	for _, doc := range schema {
		if d.below(100) < percent {
			d.set(v, &f, doc)
		}
	}
	return f
}

// around draws facts that differ from base: mostly in what the rule does not read.
func (d *draws) around(v values, base Facts, reads []string) Facts {
	f := base.Clone()
	for _, doc := range schema {
		percent := 40
		if slices.Contains(reads, doc.Name) {
			percent = 20
		}
		if d.below(100) < percent {
			d.set(v, &f, doc)
		}
	}
	return f
}

// set draws the value of one fact.
func (d *draws) set(v values, f *Facts, doc FactDoc) {
	texts := v.texts[doc.Name]
	var value any
	switch doc.Type {
	case TextFact:
		if doc.Blank && d.below(3) == 0 {
			value = ""
		} else if len(texts) > 0 {
			value = texts[d.below(len(texts))]
		}
	case TextsFact:
		set := []string{}
		for range d.below(3) {
			if len(texts) > 0 {
				set = append(set, texts[d.below(len(texts))])
			}
		}
		value = set
	case NumberFact:
		value = v.numbers[d.below(len(v.numbers))]
	case TruthFact:
		value = d.below(2) == 0
	case SharesFact:
		m := map[string]int64{}
		for range d.below(3) {
			if len(texts) > 0 {
				m[texts[d.below(len(texts))]] = v.shares[d.below(len(v.shares))]
			}
		}
		value = m
	}
	if value != nil && doc.Name != "action" && doc.Name != "operator.nexus" {
		_ = f.Set(doc.Name, value) // what the schema refuses stays as it was
	}
}
