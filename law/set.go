package law

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
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
	// edges[i-1] and edges[i], by action, sorted by id.
	edges []time.Time
	force []map[Action][]*Rule
}

// Default is the set that the program ships: the files under rules/.
func Default() (*Set, error) { return LoadWith() }

// LoadWith is the shipped rules together with those of further folders.
func LoadWith(more ...fs.FS) (*Set, error) {
	shipped, err := fs.Sub(embedded, "rules")
	if err != nil {
		return nil, err
	}
	return load(append([]fs.FS{shipped}, more...))
}

// Load reads every rule of a folder: each file NAME.yaml holds the rule whose id is
// NAME. Files whose name begins with a full stop, and README.md, are passed over;
// any other file is an error, so that a rule under a misspelt name is not lost in
// silence.
func Load(fsys fs.FS) (*Set, error) { return load([]fs.FS{fsys}) }

func load(folders []fs.FS) (*Set, error) {
	var rules []*Rule
	files := map[string]bool{}
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
	}
	s.hash()
	s.index()
	return s, nil
}

func readRule(folder fs.FS, name string) (*Rule, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxRuleFile {
		return nil, fmt.Errorf("%d bytes; a rule has at most %d", info.Size(), maxRuleFile)
	}
	data, err := fs.ReadFile(folder, name)
	if err != nil {
		return nil, err
	}
	return ParseRule(data)
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
	for i, edge := range s.edges {
		s.force[i+1] = map[Action][]*Rule{}
		for _, r := range s.acting(edge) {
			for _, a := range Actions() {
				if r.Acts(a) {
					s.force[i+1][a] = append(s.force[i+1][a], r)
				}
			}
		}
	}
}

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
// and speaks of the action, sorted by id.
func (s *Set) InForce(at time.Time, nexus []string, action Action) []*Rule {
	i, found := slices.BinarySearchFunc(s.edges, at, time.Time.Compare)
	if found {
		i++ // an edge belongs to what begins there
	}
	var in []*Rule
	for _, r := range s.force[i][action] {
		if r.BindsAny(nexus) {
			in = append(in, r)
		}
	}
	return in
}

// An Event is a rule's first instant or its end.
type Event struct {
	At   time.Time
	Rule string
	Ends bool // false where it starts
}

// Events is what happens to the law from one instant on and before another: the
// starts and ends of enacted rules, by time, ends before starts, then by id.
// Between events no verdict moves unless the facts do.
func (s *Set) Events(from, to time.Time) []Event {
	var events []Event
	add := func(e Event) {
		if !e.At.IsZero() && !e.At.Before(from) && e.At.Before(to) {
			events = append(events, e)
		}
	}
	for _, r := range s.rules {
		if r.State == Enacted {
			add(Event{At: r.EffectiveAt, Rule: r.ID})
			add(Event{At: r.EndsAt, Rule: r.ID, Ends: true})
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
		return strings.Compare(a.Rule, b.Rule)
	})
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
	Missing []string // where Unknown: the facts that are missing, sorted; none where Err says why
	Err     error    // where Unknown: the error in the condition
}

// Evaluate asks every rule that [Set.InForce] gives, and answers in its order. The
// facts "action" and "operator.nexus" are those of the question, whatever facts says.
func (s *Set) Evaluate(at time.Time, nexus []string, action Action, facts Facts) []Outcome {
	rules := s.InForce(at, nexus, action)
	if len(rules) == 0 {
		return nil
	}
	known := activate(facts, nexus, action)
	outcomes := make([]Outcome, len(rules))
	for i, r := range rules {
		outcomes[i] = r.evaluate(known)
	}
	return outcomes
}

func (r *Rule) evaluate(known *activation) Outcome {
	o := Outcome{Rule: r}
	covers, missing, err := r.covers.eval(known)
	if covers == no {
		o.Result = NotCovered
		return o
	}
	exempts := no
	var missingToo []string
	var errToo error
	if r.exempt != nil {
		exempts, missingToo, errToo = r.exempt.eval(known)
	}
	switch {
	case exempts == yes:
		// Covered or not, the rule does not apply: no need to know which.
		o.Result = Exempt
	case covers == yes && exempts == no:
		o.Result = Fires
	default:
		o.Missing = append(missing, missingToo...)
		slices.Sort(o.Missing)
		o.Missing = slices.Compact(o.Missing)
		if o.Err = err; err == nil {
			o.Err = errToo
		}
	}
	return o
}
