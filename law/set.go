package law

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed rules/*.yaml
var embedded embed.FS

// maxRules bounds a set, so that a folder loaded by mistake fails and does not hang.
const maxRules = 4096

// A Set is an edition of the rules. It does not change, and may be read by any
// number of goroutines.
type Set struct {
	rules  []*Rule // sorted by id
	byID   map[string]*Rule
	sha256 string

	// The rules in force change only at edges; force[i] is what acts between
	// edges[i-1] and edges[i], by action, sorted by id; bars[i] is those that bar.
	edges []time.Time
	force []map[Action][]*Rule
	bars  [][]*Rule

	bound sync.Map // of question to *bound: what was asked before
}

// A question is what the index is asked: between which edges, for which action and nexus.
type question struct {
	edge   int
	action Action
	nexus  nexusSet
}

// bound is the answer: the rules that bind, and their ids. It is shared by all who ask.
type bound struct {
	rules []*Rule
	ids   []string
}

// A nexusSet has a bit for each of Nexuses, and one for any other.
type nexusSet uint16

var nexusBits = func() map[string]nexusSet {
	bits := map[string]nexusSet{}
	for i, n := range Nexuses() {
		bits[n] = 1 << i
	}
	return bits
}()

func nexusesOf(nexus []string) nexusSet {
	var set nexusSet
	for _, n := range nexus {
		if b, ok := nexusBits[n]; ok {
			set |= b
		} else {
			set |= 1 << 15
		}
	}
	return set
}

// Default is the set that the program ships: the files under rules/. It is read once.
var Default = sync.OnceValues(func() (*Set, error) {
	folder, err := fs.Sub(embedded, "rules")
	if err != nil {
		return nil, err
	}
	return load(nil, folder)
})

// LoadWith is the shipped rules together with those of further folders.
func LoadWith(more ...fs.FS) (*Set, error) {
	shipped, err := Default()
	if err != nil {
		return nil, err
	}
	return load(shipped.Rules(), more...)
}

// Load reads every rule of a folder: each file NAME.yaml holds the rule whose id is
// NAME. Files whose name begins with a full stop, and README.md, are passed over;
// any other file is an error, so that a rule under a misspelt name is not lost in
// silence.
func Load(fsys fs.FS) (*Set, error) { return load(nil, fsys) }

// load reads the rules of folders, beside those that are there already.
func load(rules []*Rule, folders ...fs.FS) (*Set, error) {
	files := map[string]bool{}
	for _, r := range rules {
		files[r.ID] = true
	}
	for _, folder := range folders {
		entries, err := fs.ReadDir(folder, ".")
		if err != nil {
			return nil, fmt.Errorf("law: rules: %w", err)
		}
		for _, e := range entries {
			name := e.Name()
			if strings.HasPrefix(name, ".") || name == "README.md" {
				continue
			}
			if e.IsDir() || path.Ext(name) != ".yaml" {
				return nil, fmt.Errorf("law: rules: %s: want files of the name id.yaml, one rule each", name)
			}
			r, err := readRule(folder, name)
			if err != nil {
				return nil, fmt.Errorf("law: rules: %s: %w", name, err)
			}
			if files[r.ID] {
				return nil, fmt.Errorf("law: rules: %s: there is another rule %s; ids are never used twice", name, r.ID)
			}
			if r.ID+".yaml" != name {
				return nil, fmt.Errorf("law: rules: %s: holds rule %s; call the file %s.yaml", name, r.ID, r.ID)
			}
			files[r.ID] = true
			rules = append(rules, r)
			if len(rules) > maxRules {
				return nil, fmt.Errorf("law: rules: more than %d", maxRules)
			}
		}
	}
	if len(rules) == 0 {
		return nil, fmt.Errorf("law: rules: none found; an empty set would allow everything")
	}
	return newSet(rules)
}

// newSet holds the rules against one another and makes a set of them.
func newSet(rules []*Rule) (*Set, error) {
	s := &Set{rules: slices.Clone(rules), byID: map[string]*Rule{}}
	for _, r := range rules {
		s.byID[r.ID] = r
	}
	slices.SortFunc(s.rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
	for _, r := range s.rules {
		if err := s.checkSuperseded(r); err != nil {
			return nil, fmt.Errorf("law: rules: %s.yaml: %w", r.ID, err)
		}
		for _, id := range r.Alongside {
			if s.byID[id] == nil || id == r.ID {
				return nil, fmt.Errorf("law: rules: %s.yaml: alongside %s, which is no other rule", r.ID, id)
			}
		}
	}
	s.hash()
	s.index()
	for i, bars := range s.bars {
		if len(bars) > MaxBars {
			return nil, fmt.Errorf("law: rules: %d bars in force from %s, at most %d are supported", len(bars), s.edges[i-1].Format(time.RFC3339), MaxBars)
		}
	}
	return s, nil
}

func readRule(folder fs.FS, name string) (*Rule, error) {
	data, err := readBounded(folder, name)
	if err != nil {
		return nil, err
	}
	return ParseRule(data)
}

// readBounded reads a rule's file, or not at all where it is longer than one may be.
func readBounded(folder fs.FS, name string) ([]byte, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRuleFile {
		return nil, fmt.Errorf("%d bytes; a rule has at most %d", info.Size(), maxRuleFile)
	}
	return fs.ReadFile(folder, name)
}

// checkSuperseded refuses a rule that would silence another for operators or
// actions of which it does not speak itself.
func (s *Set) checkSuperseded(r *Rule) error {
	for _, id := range r.Supersedes {
		old := s.byID[id]
		switch {
		case old == nil:
			return fmt.Errorf("supersedes %s, which does not exist", id)
		case old == r:
			return fmt.Errorf("supersedes itself")
		case old.House != r.House:
			return fmt.Errorf("supersedes %s: law and house policy do not supersede one another", id)
		}
		if r.State == Enacted && old.State == Enacted && old.EndsAt.After(r.EffectiveAt) {
			return fmt.Errorf("takes effect at %s and supersedes %s, which says that it ends only at %s; one of the two dates is wrong",
				r.EffectiveAt.Format(time.RFC3339), id, old.EndsAt.Format(time.RFC3339))
		}
		if len(old.Binds) == 0 && len(r.Binds) > 0 {
			return fmt.Errorf("supersedes %s, which binds every operator; end that rule by its own ends_at", id)
		}
		for _, b := range old.Binds {
			if !r.BindsAny([]string{b}) {
				return fmt.Errorf("supersedes %s, which binds %s as well; end that rule by its own ends_at", id, b)
			}
		}
		for _, a := range Actions() {
			if old.Acts(a) && !r.Acts(a) {
				return fmt.Errorf("supersedes %s, which speaks of %s as well; end that rule by its own ends_at", id, a)
			}
		}
	}
	return nil
}

// hash is what SHA256 documents.
func (s *Set) hash() {
	files := slices.Clone(s.rules)
	slices.SortFunc(files, func(a, b *Rule) int { return strings.Compare(a.ID+".yaml", b.ID+".yaml") })
	h := sha256.New()
	for _, r := range files {
		fmt.Fprintf(h, "%s  %s.yaml\n", r.SHA256, r.ID)
	}
	s.sha256 = hex.EncodeToString(h.Sum(nil))
}

func (s *Set) index() {
	for _, r := range s.rules {
		if r.State != Enacted {
			continue
		}
		s.edges = append(s.edges, r.EffectiveAt)
		if !r.EndsAt.IsZero() {
			s.edges = append(s.edges, r.EndsAt)
		}
	}
	slices.SortFunc(s.edges, time.Time.Compare)
	s.edges = slices.CompactFunc(s.edges, time.Time.Equal)
	s.force = make([]map[Action][]*Rule, len(s.edges)+1) // force[0]: before all of them, nothing
	s.bars = make([][]*Rule, len(s.edges)+1)
	for i, edge := range s.edges {
		s.force[i+1] = map[Action][]*Rule{}
		for _, r := range s.acting(edge) {
			if r.Verb == Bar {
				s.bars[i+1] = append(s.bars[i+1], r)
				continue
			}
			for _, a := range Actions() {
				if r.Acts(a) {
					s.force[i+1][a] = append(s.force[i+1][a], r)
				}
			}
		}
	}
}

// edge is the place of the instant between the edges.
func (s *Set) edge(at time.Time) int {
	i, found := slices.BinarySearchFunc(s.edges, at, time.Time.Compare)
	if found {
		i++ // an edge belongs to what begins there
	}
	return i
}

func (s *Set) ask(at time.Time, nexus []string, action Action) *bound {
	q := question{s.edge(at), action, nexusesOf(nexus)}
	if known, ok := s.bound.Load(q); ok {
		return known.(*bound)
	}
	b := &bound{ids: []string{}}
	for _, r := range s.force[q.edge][action] {
		if r.BindsAny(nexus) {
			b.rules = append(b.rules, r)
			b.ids = append(b.ids, r.ID)
		}
	}
	b.ids = slices.Clip(b.ids) // so that nobody who appends writes into what others read
	known, _ := s.bound.LoadOrStore(q, b)
	return known.(*bound)
}

// Acting is every enacted rule in force at the instant that no other one in force supersedes,
// whomever it binds, bars among them, sorted by id.
func (s *Set) Acting(at time.Time) []*Rule { return s.acting(at) }

// acting is every enacted rule in force at the instant that no other one in force supersedes.
func (s *Set) acting(at time.Time) []*Rule {
	var in []*Rule
	silenced := map[string]bool{}
	for _, r := range s.rules {
		if r.State == Enacted && r.within(at) {
			in = append(in, r)
			for _, id := range r.Supersedes {
				silenced[id] = true
			}
		}
	}
	return slices.DeleteFunc(in, func(r *Rule) bool { return silenced[r.ID] })
}

// SHA256 names the set, in hex: the SHA-256 of one line for each rule, in order of
// file name, that holds the SHA-256 of the file in hex, two spaces, the file's name
// and a line feed. With all files in one folder that is what
//
//	LC_ALL=C; sha256sum *.yaml | sha256sum
//
// prints.
func (s *Set) SHA256() string { return s.sha256 }

// Rules is every rule of the set, whatever its state, sorted by id.
func (s *Set) Rules() []*Rule { return slices.Clone(s.rules) }

// Rule is the rule of that id.
func (s *Set) Rule(id string) (*Rule, bool) {
	r, ok := s.byID[id]
	return r, ok
}

// InForce is every rule that acts at the instant, binds an operator of that nexus
// and speaks of the action, sorted by id. Bars are not among them; see [Set.Class].
func (s *Set) InForce(at time.Time, nexus []string, action Action) []*Rule {
	return slices.Clone(s.ask(at, nexus, action).rules)
}

// Enacting is the set with these rules enacted, whatever their state says: each takes the
// place of one of its id. It is for asking what a rule would do before it is law; no
// decision that moves anything is made under it.
func (s *Set) Enacting(rules ...*Rule) (*Set, error) {
	all := s.Rules()
	for _, r := range rules {
		if r.State == Noted || r.EffectiveAt.IsZero() {
			return nil, fmt.Errorf("law: rule %s: nothing to enact: give it a condition, a verb and effective_at", r.ID)
		}
		enacted := *r
		enacted.State = Enacted
		if i := slices.IndexFunc(all, func(o *Rule) bool { return o.ID == r.ID }); i >= 0 {
			all[i] = &enacted
		} else {
			all = append(all, &enacted)
		}
	}
	s2, err := newSet(all)
	if err != nil {
		return nil, err
	}
	s2.sha256 = "what-if " + s2.sha256 // no hash, so that no log takes it for the name of a set
	return s2, nil
}

// An Event is the first instant or the end of a rule, or of a part of it.
type Event struct {
	At   time.Time
	Rule string
	Part string // "" for the rule itself, "wind-down", or the id of a licence
	Ends bool   // false where it starts
}

func (e Event) String() string {
	what := "starts"
	if e.Ends {
		what = "ends"
	}
	if e.Part != "" {
		return e.Rule + ": " + e.Part + " " + what
	}
	return e.Rule + " " + what
}

// Events is what happens to the law from one instant on and before another: the
// starts and ends of enacted rules, of their wind-downs and licences, by time, ends
// before starts, then by id. Between events no verdict moves unless the facts do.
func (s *Set) Events(from, to time.Time) []Event {
	var events []Event
	for _, r := range s.rules {
		if r.State != Enacted {
			continue
		}
		for _, e := range r.Events() {
			if !e.At.Before(from) && e.At.Before(to) {
				events = append(events, e)
			}
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int {
		switch {
		case !a.At.Equal(b.At):
			return a.At.Compare(b.At)
		case a.Ends && !b.Ends:
			return -1
		case b.Ends && !a.Ends:
			return 1
		}
		return cmp.Or(strings.Compare(a.Rule, b.Rule), strings.Compare(a.Part, b.Part))
	})
	return events
}

// Events are the instants at which the rule changes, in no order: its own, and those of
// its wind-down and licences that lie within its time.
func (r *Rule) Events() []Event {
	var events []Event
	add := func(at time.Time, part string, ends bool) {
		if at.IsZero() || part != "" && !r.within(at) {
			return
		}
		events = append(events, Event{At: at, Rule: r.ID, Part: part, Ends: ends})
	}
	add(r.EffectiveAt, "", false)
	add(r.EndsAt, "", true)
	if r.WindDown != nil {
		add(r.WindDown.Until, "wind-down", true)
	}
	for _, l := range r.Licences {
		if !l.From.Equal(r.EffectiveAt) {
			add(l.From, l.ID, false)
		}
		add(l.Until, l.ID, true)
	}
	return events
}

// A Result is what a rule says of the facts. The zero value is Unknown, which holds.
type Result uint8

const (
	Unknown    Result = iota // cannot be told from the facts
	NotCovered               // the rule does not speak of these facts
	Exempt                   // whether or not it covers them, its exemption applies
	Fires                    // it covers them and does not exempt them
)

func (r Result) String() string {
	return [...]string{"unknown", "not covered", "exempt", "fires"}[r]
}

// An Outcome is what one rule says.
type Outcome struct {
	Rule    *Rule
	Result  Result
	By      string   // where Exempt: "exempt", "wind-down", or the id of the licence
	Missing []string // where Unknown: the facts that are missing, sorted; none where Err says why
	Err     error    // where Unknown: the error in the condition
}

// Evaluate asks every rule that [Set.InForce] gives, and answers in its order. The
// facts "action" and "operator.nexus" are those of the question, whatever facts says.
func (s *Set) Evaluate(at time.Time, nexus []string, action Action, facts Facts) []Outcome {
	return slices.Collect(s.Outcomes(at, nexus, action, facts))
}

// Outcomes is what [Set.Evaluate] gives, one after the other.
func (s *Set) Outcomes(at time.Time, nexus []string, action Action, facts Facts) iter.Seq[Outcome] {
	return func(yield func(Outcome) bool) {
		rules := s.ask(at, nexus, action).rules
		if len(rules) == 0 {
			return
		}
		known := activate(facts, nexus, action)
		for _, r := range rules {
			if !yield(r.evaluate(&known, at, action)) {
				return
			}
		}
	}
}

func (r *Rule) evaluate(known *activation, at time.Time, action Action) Outcome {
	o := Outcome{Rule: r}
	covers, missing, err := r.covers.eval(known)
	if covers == no {
		o.Result = NotCovered
		return o
	}
	unsure := covers == unknown
	// exempts reports whether the condition exempts, and keeps what it could not tell.
	exempts := func(c *condition, by string) bool {
		t, missingToo, errToo := c.eval(known)
		if t == unknown {
			unsure = true
			missing = append(missing, missingToo...)
			if err == nil {
				err = errToo
			}
		}
		// Covered or not, the rule does not apply: no need to know which.
		if t == yes {
			o.Result, o.By = Exempt, by
		}
		return t == yes
	}
	if r.WindDown != nil && at.Before(r.WindDown.Until) && slices.Contains(r.WindDown.Actions, action) {
		o.Result, o.By = Exempt, "wind-down"
		return o
	}
	if r.exempt != nil && exempts(r.exempt, "exempt") {
		return o
	}
	for i := range r.Licences {
		if l := &r.Licences[i]; l.in(at) && exempts(l.covers, l.ID) {
			return o
		}
	}
	if !unsure {
		o.Result = Fires
		return o
	}
	slices.Sort(missing)
	o.Missing, o.Err = slices.Compact(missing), err
	return o
}

// TriedIDs is the ids of what [Set.InForce] gives. It is shared and not to be changed.
func (s *Set) TriedIDs(at time.Time, nexus []string, action Action) []string {
	return s.ask(at, nexus, action).ids
}
