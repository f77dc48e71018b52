package law

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A State says whether a rule is law. The zero value is not stated, and does not load.
type State string

const (
	Enacted  State = "enacted"  // acts, from its hour to its hour
	Proposed State = "proposed" // never acts
	Repealed State = "repealed" // never acts, and is kept so that its name is not taken again
)

// A Rule is one rule of law or of the house. It is not to be changed after loading.
type Rule struct {
	ID         string // also the name of its file, without .yaml
	Title      string // a few words for a reader
	Authority  string // who made it
	Instrument string // the act
	Article    string // the place in the act
	URL        string // of the text
	// NationalsQuote is the words of the instrument that say "nationals"; required
	// where a condition reads nationality or birth.
	NationalsQuote string

	Binds   []string // the nexus of the operators it binds, sorted; none for a house rule that binds every operator
	Actions []Action // it speaks of; none for every action
	Covers  string   // condition: whom or what it covers
	Exempt  string   // condition: whom it exempts; may be empty
	Verb    Verb

	EffectiveAt time.Time // the first instant, in the zone of the instrument
	EndsAt      time.Time // the first instant after it; zero for none
	Supersedes  []string  // rules that do not act while this one is in force
	State       State
	House       bool // the operator's own policy, not law
	Verified    Verified

	SHA256 string // of the file, hex

	covers, exempt *condition
}

// Verified says who held the rule against its source, and what is still to check.
type Verified struct {
	By    string   `yaml:"by"`    // empty while nobody has read the primary text for this rule
	On    string   `yaml:"on"`    // a day, 2006-01-02
	Marks []string `yaml:"marks"` // what is to verify
}

// Acts reports whether the rule speaks of the action.
func (r *Rule) Acts(a Action) bool { return len(r.Actions) == 0 || slices.Contains(r.Actions, a) }

// BindsAny reports whether the rule binds an operator of that nexus.
func (r *Rule) BindsAny(nexus []string) bool {
	if len(r.Binds) == 0 {
		return r.House
	}
	for _, n := range nexus {
		if slices.Contains(r.Binds, n) {
			return true
		}
	}
	return false
}

// within reports whether at lies between the rule's first instant and its end.
func (r *Rule) within(at time.Time) bool {
	return !at.Before(r.EffectiveAt) && (r.EndsAt.IsZero() || at.Before(r.EndsAt))
}

// ruleFile is the YAML of a rule; decoding refuses a field that is not here.
type ruleFile struct {
	ID             string   `yaml:"id"`
	Title          string   `yaml:"title"`
	Authority      string   `yaml:"authority"`
	Instrument     string   `yaml:"instrument"`
	Article        string   `yaml:"article"`
	URL            string   `yaml:"url"`
	NationalsQuote string   `yaml:"nationals_quote"`
	Binds          []string `yaml:"binds"`
	Actions        []string `yaml:"actions"`
	Covers         string   `yaml:"covers"`
	Exempt         string   `yaml:"exempt"`
	Verb           string   `yaml:"verb"`
	EffectiveAt    string   `yaml:"effective_at"`
	EndsAt         string   `yaml:"ends_at"`
	Supersedes     []string `yaml:"supersedes"`
	State          string   `yaml:"state"`
	House          bool     `yaml:"house"`
	Verified       Verified `yaml:"verified"`
}

// maxRuleFile bounds a rule's file in bytes; the longest of ours is a twentieth of it.
const maxRuleFile = 64 << 10

// ParseRule reads one rule from its file, compiles its conditions and applies the
// charter to it. What only shows beside other rules (a repeated id, a superseded
// rule that does not exist) is for [Load] to say.
func ParseRule(data []byte) (*Rule, error) {
	if len(data) > maxRuleFile {
		return nil, fmt.Errorf("%d bytes; a rule has at most %d", len(data), maxRuleFile)
	}
	var f ruleFile
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		if err == io.EOF {
			return nil, errors.New("empty; write one rule into it")
		}
		return nil, err
	}
	var more yaml.Node
	if err := dec.Decode(&more); err != io.EOF {
		return nil, errors.New("more than one document; write one rule a file")
	}

	r := &Rule{
		ID: f.ID, Title: f.Title, Authority: f.Authority, Instrument: f.Instrument, Article: f.Article, URL: f.URL,
		NationalsQuote: strings.TrimSpace(f.NationalsQuote), Covers: strings.TrimSpace(f.Covers), Exempt: strings.TrimSpace(f.Exempt),
		Supersedes: f.Supersedes, State: State(f.State), House: f.House, Verified: f.Verified,
	}
	sum := sha256.Sum256(data)
	r.SHA256 = hex.EncodeToString(sum[:])
	if err := r.readFields(f); err != nil {
		return nil, err
	}
	var err error
	if r.covers, err = compile(r.Covers); err != nil {
		return nil, fmt.Errorf("covers: %w", err)
	}
	if r.Exempt != "" {
		if r.exempt, err = compile(r.Exempt); err != nil {
			return nil, fmt.Errorf("exempt: %w", err)
		}
	}
	if err := r.charter(); err != nil {
		return nil, err
	}
	return r, nil
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// readFields checks each field by itself and turns it into what it stands for.
func (r *Rule) readFields(f ruleFile) error {
	if !idForm.MatchString(r.ID) {
		return fmt.Errorf("id %q: want lower-case words joined by hyphens, such as us-sdn", r.ID)
	}
	for _, c := range []struct{ field, text string }{
		{"title", r.Title}, {"authority", r.Authority}, {"instrument", r.Instrument}, {"article", r.Article}, {"covers", r.Covers},
	} {
		if strings.TrimSpace(c.text) == "" {
			if c.field == "instrument" {
				return errors.New("no instrument: what an authority asks for is not law; cite the act that says it, or leave the rule out")
			}
			return fmt.Errorf("no %s: every rule cites authority, instrument and article, and says whom it covers", c.field)
		}
	}
	switch r.State {
	case Enacted, Proposed, Repealed:
	default:
		return fmt.Errorf("state %q: want enacted, proposed or repealed", r.State)
	}

	slices.Sort(f.Binds)
	r.Binds = slices.Compact(f.Binds)
	for _, b := range r.Binds {
		switch b {
		case "US", "EU", "UK", "CH":
		default:
			return fmt.Errorf("binds %q: want US, EU, UK or CH", b)
		}
	}
	if len(r.Binds) == 0 && !r.House {
		return errors.New("binds nobody: say whose operators the instrument binds (US, EU, UK, CH)")
	}

	for _, a := range f.Actions {
		if !Action(a).Valid() {
			return fmt.Errorf("action %q: want one of %s", a, actionNames())
		}
		r.Actions = append(r.Actions, Action(a))
	}
	slices.Sort(r.Actions)
	r.Actions = slices.Compact(r.Actions)

	var err error
	if r.Verb, err = ParseVerb(f.Verb); err != nil {
		return err
	}
	switch r.Verb {
	case Freeze, Reject, Exit, Cap, Refuse, Hold:
	default:
		return fmt.Errorf("verb %s: want freeze, reject, exit, cap, refuse or hold; there are no facts yet that another verb could be read from", r.Verb)
	}

	if r.EffectiveAt, err = instant("effective_at", f.EffectiveAt); err != nil {
		return err
	}
	if r.EndsAt, err = instant("ends_at", f.EndsAt); err != nil {
		return err
	}
	if r.State == Enacted && r.EffectiveAt.IsZero() {
		return errors.New("enacted without effective_at: say from which instant it acts")
	}
	if !r.EndsAt.IsZero() && !r.EndsAt.After(r.EffectiveAt) {
		return fmt.Errorf("ends_at %s is not after effective_at %s", f.EndsAt, f.EffectiveAt)
	}

	if r.Verified.On != "" {
		if _, err := time.Parse(time.DateOnly, r.Verified.On); err != nil {
			return fmt.Errorf("verified on %q: want a day such as 2022-10-07", r.Verified.On)
		}
	}
	if (r.Verified.By == "") != (r.Verified.On == "") {
		return errors.New("verified: give both by and on, or neither")
	}
	if r.Verified.By == "" && len(r.Verified.Marks) == 0 {
		return errors.New("verified by nobody and nothing marked: say under marks what is still to verify")
	}
	return nil
}

// instant reads a time with its zone; the empty text is the zero time.
func instant(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s %q: want date, hour and zone, such as 2022-10-07T00:00:00+02:00", field, text)
	}
	if t.Year() < 1900 || t.Year() > 2200 {
		return time.Time{}, fmt.Errorf("%s %q: no year of a rule in force", field, text)
	}
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset)), nil
}

// nationalsLaw is an instrument that itself says "nationals", whom it binds and of
// which country's nationals it speaks.
type nationalsLaw struct {
	instrument string
	article    *regexp.Regexp
	binds      string
	country    string
}

// nationalsLaws is never written to. Another instrument enters it with the quote
// of its own words, in one commit with the rule that needs it.
var nationalsLaws = []nationalsLaw{
	// Article 5b(2): "… to Russian nationals or natural persons residing in Russia …"
	{"Regulation (EU) No 833/2014", regexp.MustCompile(`^Article 5b([^a-z0-9]|$)`), "EU", "RU"},
	// The same of Belarus: "… to Belarusian nationals or natural persons residing in Belarus …"
	{"Regulation (EC) No 765/2006", regexp.MustCompile(`^Article 1`), "EU", "BY"},
	// Article 20: Russian nationals and natural persons residing in the Russian Federation.
	{"SR 946.231.176.72", regexp.MustCompile(`^Article 20([^a-z0-9]|$)`), "CH", "RU"},
	// 515.201(b): "… or any national thereof …"
	{"31 CFR Part 515", regexp.MustCompile(`^515\.`), "US", "CU"},
}

// charter refuses what no rule may do, whoever wrote it.
func (r *Rule) charter() error {
	if r.House {
		switch r.Verb {
		case Hold, Reject:
		default:
			return fmt.Errorf("a house rule cannot %s: the operator's own policy may hold or reject; for anything more cite the law that says it and leave house out", r.Verb)
		}
	}

	reads := r.Reads()
	if !slices.Contains(reads, "customer.nationalities") && !slices.Contains(reads, "customer.birth_country") {
		return nil
	}
	if r.House {
		return errors.New("a house rule reads nationality or birth: only a law that itself says \"nationals\" may; take the condition out")
	}
	if !strings.Contains(strings.ToLower(r.NationalsQuote), "national") {
		return errors.New("reads nationality or birth without nationals_quote: quote the words of the instrument that say \"nationals\", or take the condition out")
	}
	for _, l := range nationalsLaws {
		if l.instrument != r.Instrument || !l.article.MatchString(r.Article) {
			continue
		}
		if !slices.Equal(r.Binds, []string{l.binds}) {
			return fmt.Errorf("reads nationality or birth and binds %s: %s binds operators of %s only", strings.Join(r.Binds, ", "), l.instrument, l.binds)
		}
		if got := r.covers.countries(); !slices.Equal(got, []string{l.country}) {
			return fmt.Errorf("covers names the countries %v: %s %s speaks of %s alone", got, r.Instrument, r.Article, l.country)
		}
		return nil
	}
	return fmt.Errorf("reads nationality or birth, and %s, %s, is not an instrument known to say \"nationals\": take the condition out, or add the instrument with its words to nationalsLaws", r.Instrument, r.Article)
}

// Reads is every fact that the rule's conditions read, sorted by name.
func (r *Rule) Reads() []string {
	all := slices.Clone(r.covers.facts)
	if r.exempt != nil {
		all = append(all, r.exempt.facts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
