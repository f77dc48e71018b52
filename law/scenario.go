package law

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// A Scenario is a case told in plain words, with the outcome that its source
// demands. Scenarios are the proof of the rules, and are written by hand.
//
// Its file is a txtar archive. The comment at its head tells the case and names the
// source. The file facts.json, where there is one, says how the customer differs
// from the ordinary one of ordinary.json. The file steps holds paragraphs such as
//
//	at 2022-04-09T00:00:00+02:00 for EU do review
//	with {"holding.value_eur_cents": 1000100}
//	verdict cap
//	fires eu-833-5b2-cap
//	exempt RULE …
//	unknown RULE: FACT, FACT
//	silent RULE …
//	untried RULE …
//
// of which the first and the verdict must be there. "for" gives the nexus of the
// operator, several joined by a comma; "with" changes facts for this step, and null
// makes one unknown. The rules that fire, that exempt and that are unknown must be
// exactly those named, one line or several of each; a silent rule is tried and does not cover; an untried
// one is not in force, does not bind or does not speak of the action. A line that
// begins with # is a remark. A line
//
//	each customer.permits [["AT"], ["BE"], ["BG"]]
//
// makes as many steps of the paragraph as there are values, with the fact set to each.
//
// Two customers are held against one another by the further lines
//
//	other {"session.country": "IR"}
//	barred RULE …
//
// of which "other" changes the facts of the first for the second; the rules that keep them
// apart must be exactly those named, and "barred" alone says that none does.
//
// A line "Pending: REASON" in the words at the head says what part of the case cannot be
// tried on facts alone, and on what it waits; such a scenario may have no steps.
type Scenario struct {
	Name    string // of the file, without .txtar
	Text    string // the comment
	Pending string // what of it waits, and on what; "" where all of it is tried
	Steps   []Step
}

// A Step is one question and what must come of it.
type Step struct {
	Line    int // in the file "steps", from 1
	At      time.Time
	Nexus   []string
	Action  Action
	Facts   Facts
	Verdict Verb // of the gate

	Fires, Exempt, Silent, Untried []string
	Unknown                        map[string][]string // rule to missing facts, sorted

	Other  *Facts   // of a second customer; nil for none
	Barred []string // rules that keep the two apart, sorted
}

//go:embed testdata/scenarios
var embeddedScenarios embed.FS

// Scenarios is those of the shipped rules, sorted by name.
func Scenarios() ([]Scenario, error) {
	folder, err := fs.Sub(embeddedScenarios, "testdata/scenarios")
	if err != nil {
		return nil, err
	}
	return LoadScenarios(folder)
}

// FurtherScenarios is those of a folder of further rules, sorted by name. They differ from
// the ordinary customer of the shipped scenarios, unless the folder has an ordinary.json.
func FurtherScenarios(folder fs.FS) ([]Scenario, error) {
	if _, err := fs.Stat(folder, "ordinary.json"); err == nil {
		return LoadScenarios(folder)
	}
	ordinary, err := Ordinary()
	if err != nil {
		return nil, err
	}
	return loadScenarios(folder, ordinary)
}

// Ordinary is the facts of the ordinary customer from whom the shipped scenarios differ: every
// fact but those of the question is known, and no rule fires.
func Ordinary() (Facts, error) {
	folder, err := fs.Sub(embeddedScenarios, "testdata/scenarios")
	if err != nil {
		return Facts{}, err
	}
	return ordinaryOf(folder)
}

func ordinaryOf(folder fs.FS) (Facts, error) {
	var ordinary Facts
	data, err := fs.ReadFile(folder, "ordinary.json")
	if err == nil {
		err = json.Unmarshal(data, &ordinary)
	}
	if err != nil {
		return Facts{}, fmt.Errorf("law: scenarios: ordinary.json: %w", err)
	}
	return ordinary, nil
}

// LoadScenarios reads ordinary.json and every .txtar file of a folder, sorted by name.
func LoadScenarios(fsys fs.FS) ([]Scenario, error) {
	ordinary, err := ordinaryOf(fsys)
	if err != nil {
		return nil, err
	}
	return loadScenarios(fsys, ordinary)
}

func loadScenarios(fsys fs.FS, ordinary Facts) ([]Scenario, error) {
	names, err := fs.Glob(fsys, "*.txtar")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var all []Scenario
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		s, err := ParseScenario(strings.TrimSuffix(path.Base(name), ".txtar"), data, ordinary)
		if err != nil {
			return nil, fmt.Errorf("law: scenarios: %s: %w", name, err)
		}
		all = append(all, s)
	}
	return all, nil
}

// ParseScenario reads one scenario; [Scenario] gives the format.
func ParseScenario(name string, data []byte, ordinary Facts) (Scenario, error) {
	text, files := cutArchive(string(data))
	s := Scenario{Name: name, Text: strings.TrimSpace(text)}
	if s.Text == "" {
		return s, fmt.Errorf("no words at its head: tell the case and name its source")
	}
	for line := range strings.Lines(s.Text) {
		if reason, ok := strings.CutPrefix(line, "Pending:"); ok {
			s.Pending = strings.TrimSpace(reason)
			if s.Pending == "" {
				return s, fmt.Errorf("pending without a reason")
			}
		}
	}
	facts := ordinary.Clone()
	var steps string
	for _, f := range files {
		switch f.name {
		case "facts.json":
			if err := facts.change([]byte(f.text)); err != nil {
				return s, fmt.Errorf("facts.json: %w", err)
			}
		case "steps":
			if steps != "" {
				return s, fmt.Errorf("two files steps")
			}
			steps = f.text
		default:
			return s, fmt.Errorf("file %q: want facts.json or steps", f.name)
		}
	}

	var at *Step // being read
	var each eachValue
	done := func() error {
		if at == nil {
			return nil
		}
		if at.Verdict == Undecided {
			return fmt.Errorf("steps: line %d: no verdict", at.Line)
		}
		all, err := each.of(*at)
		if err != nil {
			return fmt.Errorf("steps: line %d: each: %w", at.Line, err)
		}
		s.Steps = append(s.Steps, all...)
		each = eachValue{}
		return nil
	}
	for i, line := range strings.Split(steps, "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if word == "at" {
			if err := done(); err != nil {
				return s, err
			}
			step, err := parseQuestion(rest)
			if err != nil {
				return s, fmt.Errorf("steps: line %d: %w", i+1, err)
			}
			step.Line, step.Facts = i+1, facts.Clone()
			at = &step
			continue
		}
		if at == nil {
			return s, fmt.Errorf("steps: line %d: %q before the first at", i+1, word)
		}
		if word == "each" {
			if each.fact != "" {
				return s, fmt.Errorf("steps: line %d: a second each", i+1)
			}
			name, values, _ := strings.Cut(rest, " ")
			each.fact = name
			if err := json.Unmarshal([]byte(values), &each.values); err != nil || len(each.values) == 0 {
				return s, fmt.Errorf("steps: line %d: want: each FACT [VALUE, VALUE]", i+1)
			}
			continue
		}
		if err := at.read(word, rest); err != nil {
			return s, fmt.Errorf("steps: line %d: %w", i+1, err)
		}
	}
	if err := done(); err != nil {
		return s, err
	}
	if len(s.Steps) == 0 && s.Pending == "" {
		return s, fmt.Errorf("no steps, and not pending")
	}
	return s, nil
}

// eachValue is what a line "each" says; the zero value says nothing.
type eachValue struct {
	fact   string
	values []json.RawMessage
}

// of is the step once for each value.
func (e eachValue) of(s Step) ([]Step, error) {
	if e.fact == "" {
		return []Step{s}, nil
	}
	var all []Step
	for _, v := range e.values {
		one := s
		one.Facts = s.Facts.Clone()
		object, err := json.Marshal(map[string]json.RawMessage{e.fact: v})
		if err != nil {
			return nil, err
		}
		if err := one.Facts.change(object); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

type archived struct{ name, text string }

// cutArchive cuts a txtar archive: what comes before the first line "-- NAME --",
// and then what follows each such line.
func cutArchive(data string) (comment string, files []archived) {
	into := &comment
	for line := range strings.Lines(data) {
		rest, starts := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "-- ")
		name, ends := strings.CutSuffix(rest, " --")
		if starts && ends && strings.TrimSpace(name) != "" {
			files = append(files, archived{name: strings.TrimSpace(name)})
			into = &files[len(files)-1].text
			continue
		}
		*into += line
	}
	return comment, files
}

// parseQuestion reads "TIME for NEXUS do ACTION".
func parseQuestion(text string) (Step, error) {
	words := strings.Fields(text)
	if len(words) != 5 || words[1] != "for" || words[3] != "do" {
		return Step{}, fmt.Errorf("want: at TIME for NEXUS do ACTION")
	}
	t, err := instant("at", words[0])
	if err != nil {
		return Step{}, err
	}
	s := Step{At: t, Nexus: strings.Split(words[2], ","), Action: Action(words[4]), Unknown: map[string][]string{}}
	if !s.Action.Valid() {
		return Step{}, fmt.Errorf("action %q: want one of %s", words[4], actionNames())
	}
	return s, nil
}

func (s *Step) read(word, rest string) error {
	rules := strings.Fields(rest)
	var err error
	switch word {
	case "with":
		err = s.Facts.change([]byte(rest))
	case "other":
		other := s.Facts.Clone()
		s.Other, err = &other, other.change([]byte(rest))
	case "barred":
		if s.Other == nil {
			return fmt.Errorf("barred before other: say first who the second customer is")
		}
		s.Barred = append(s.Barred, rules...)
		slices.Sort(s.Barred)
	case "verdict":
		s.Verdict, err = ParseVerb(rest)
	case "fires":
		s.Fires = append(s.Fires, rules...)
		slices.Sort(s.Fires)
	case "exempt":
		s.Exempt = append(s.Exempt, rules...)
		slices.Sort(s.Exempt)
	case "silent":
		s.Silent = append(s.Silent, rules...)
	case "untried":
		s.Untried = append(s.Untried, rules...)
	case "unknown":
		rule, missing, ok := strings.Cut(rest, ":")
		if !ok {
			return fmt.Errorf("unknown: want RULE: FACT, FACT")
		}
		var facts []string
		for _, f := range strings.Split(missing, ",") {
			facts = append(facts, strings.TrimSpace(f))
		}
		slices.Sort(facts)
		s.Unknown[rule] = facts
	default:
		err = fmt.Errorf("%q: want with, other, verdict, fires, exempt, unknown, silent, untried or barred", word)
	}
	return err
}

// change applies a JSON object of facts; null makes a fact unknown.
func (f *Facts) change(b []byte) error {
	return eachMember(b, func(name string, raw json.RawMessage) error {
		doc, _, ok := docOf(name)
		if !ok {
			return fmt.Errorf("fact %q is not in the schema", name)
		}
		if string(raw) == "null" {
			f.Unset(name)
			return nil
		}
		v, err := doc.decode(raw)
		if err != nil {
			return err
		}
		return f.Set(name, v)
	})
}

// Check holds the rules against the step, and says what does not agree. It does
// not look at the verdict, which is the gate's to give.
func (s *Step) Check(set *Set) error {
	got := map[Result][]string{}
	missing := map[string][]string{}
	tried := map[string]Result{}
	for _, o := range set.Evaluate(s.At, s.Nexus, s.Action, s.Facts) {
		tried[o.Rule.ID] = o.Result
		got[o.Result] = append(got[o.Result], o.Rule.ID)
		if o.Result == Unknown {
			missing[o.Rule.ID] = o.Missing
		}
	}
	if !slices.Equal(got[Fires], s.Fires) {
		return fmt.Errorf("line %d: fires %v, want %v", s.Line, got[Fires], s.Fires)
	}
	if !slices.Equal(got[Exempt], s.Exempt) {
		return fmt.Errorf("line %d: exempt %v, want %v", s.Line, got[Exempt], s.Exempt)
	}
	if len(missing) != len(s.Unknown) {
		return fmt.Errorf("line %d: unknown %v, want %v", s.Line, missing, s.Unknown)
	}
	for rule, facts := range s.Unknown {
		if !slices.Equal(missing[rule], facts) {
			return fmt.Errorf("line %d: unknown %v, want %v", s.Line, missing, s.Unknown)
		}
	}
	if s.Other != nil {
		var barring []string
		for _, r := range set.Barring(s.At, s.Nexus, s.Facts, *s.Other) {
			barring = append(barring, r.ID)
		}
		if !slices.Equal(barring, s.Barred) {
			return fmt.Errorf("line %d: barred by %v, want %v", s.Line, barring, s.Barred)
		}
	}
	for _, id := range s.Silent {
		if r, ok := tried[id]; !ok || r != NotCovered {
			return fmt.Errorf("line %d: %s is not silent (tried: %v, %s)", s.Line, id, ok, r)
		}
	}
	for _, id := range s.Untried {
		if _, known := set.Rule(id); !known {
			return fmt.Errorf("line %d: no rule %s", s.Line, id)
		}
		if r, ok := tried[id]; ok {
			return fmt.Errorf("line %d: %s was tried (%s)", s.Line, id, r)
		}
	}
	return nil
}
