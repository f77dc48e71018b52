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
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A State says whether a rule is law. The zero value is not stated, and does not load.
// Only an enacted rule acts.
type State string

const (
	Enacted  State = "enacted"  // acts, from its hour to its hour
	Proposed State = "proposed" // not law yet; [Set.Enacting] says what it would do
	Repealed State = "repealed" // kept so that its name is not taken again
	// Noted is law that was read and gives the gate nothing to decide: a duty to report, a
	// definition, or the absence of a rule. Its note says why.
	Noted State = "noted"
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
	Others  string   // condition of a bar alone: with whom those it covers may not be matched
	Exempt  string   // condition: whom it exempts; may be empty
	Verb    Verb

	EffectiveAt time.Time // the first instant, in the zone of the instrument
	EndsAt      time.Time // the first instant after it; zero for none
	WindDown    *WindDown // what the law lets be wound down at first; nil for nothing
	Licences    []Licence // general licences and derogations, in the order of the file
	Supersedes  []string  // rules that do not act while this one is in force
	Alongside   []string  // rules of the same authority that may fire beside this one with another verb
	State       State
	House       bool   // the operator's own policy, not law
	Note        string // of a noted rule: why the gate has nothing to decide; else a remark for the reader
	Source      Source
	Verified    Verified

	SHA256 string // of the file, hex

	file []byte // as it was read

	covers, others, exempt *condition
}

// A WindDown is the time that an instrument gives for ending what it forbids from then on.
// Until then the rule exempts the actions named.
type WindDown struct {
	Until   time.Time // the first instant after it
	Actions []Action  // that may be carried through, sorted
	Article string    // where it is granted: an article, a general licence
}

// A Licence is leave that an authority gave from the rule: a general licence or a
// derogation. Between its instants it exempts those of whom its condition is true and
// those for whom a person recorded it (the fact customer.licences).
type Licence struct {
	ID      string
	Title   string
	Article string
	From    time.Time // zero: from the rule's start
	Until   time.Time // the first instant after it; zero: as long as the rule
	Covers  string    // condition; empty where only a record grants it

	covers *condition
}

// in reports whether the licence is valid at the instant.
func (l *Licence) in(at time.Time) bool {
	return (l.From.IsZero() || !at.Before(l.From)) && (l.Until.IsZero() || at.Before(l.Until))
}

// A Source is the text that the rule was written from, as somebody held it in hand.
type Source struct {
	SHA256    string `yaml:"sha256"`    // of the bytes, hex
	Retrieved string `yaml:"retrieved"` // the day, 2006-01-02
}

// Verified says who held the rule against its source, and what is still to check.
type Verified struct {
	By    string   `yaml:"by"`    // empty while nobody has read the primary text for this rule
	On    string   `yaml:"on"`    // a day, 2006-01-02
	Marks []string `yaml:"marks"` // what is to verify
}

// File is the bytes that the rule was read from.
func (r *Rule) File() []byte { return bytes.Clone(r.file) }

// Acts reports whether the rule speaks of the action: of those it names, and where it
// names none of every action of a customer.
func (r *Rule) Acts(a Action) bool {
	if len(r.Actions) == 0 {
		return a.OfCustomer()
	}
	return slices.Contains(r.Actions, a)
}

// Unasked says why a running exchange would not find out all that the rule says, or "". It asks
// about trading when an order comes; one that stands ends with its account's standing or its
// asset, so that a rule which ends neither must be of the request that brought the order. What
// arrives rests on the deposit's own question.
func (r *Rule) Unasked() string {
	ofRequest := func(fact string) bool { return strings.HasPrefix(fact, "session.") }
	switch {
	case r.State != Enacted || r.Verb == Bar:
		return ""
	case r.Acts(Trade) && !r.Acts(Review) && !r.Acts(ListAsset) && !slices.ContainsFunc(r.Reads(), ofRequest):
		return "speaks of trade and of nothing by which an order that stands is ended: name review or list_asset as well"
	case r.Acts(HoldAsset) && !r.Acts(Deposit):
		return "speaks of hold_asset and not of deposit, by which an asset comes to be held: name deposit as well"
	}
	return ""
}

// BindsAny reports whether the rule binds an operator of that nexus.
func (r *Rule) BindsAny(nexus []string) bool {
	if len(r.Binds) == 0 {
		return r.House
	}
	// Resolutions under Chapter VII of the Charter reach every operator through the law
	// of its own state, for each state is a member.
	if slices.Contains(r.Binds, "UN") && len(nexus) > 0 {
		return true
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
	Others         string   `yaml:"others"`
	Exempt         string   `yaml:"exempt"`
	Verb           string   `yaml:"verb"`
	EffectiveAt    string   `yaml:"effective_at"`
	EndsAt         string   `yaml:"ends_at"`
	WindDown       *struct {
		Until   string   `yaml:"until"`
		Actions []string `yaml:"actions"`
		Article string   `yaml:"article"`
	} `yaml:"wind_down"`
	Licences []struct {
		ID      string `yaml:"id"`
		Title   string `yaml:"title"`
		Article string `yaml:"article"`
		From    string `yaml:"from"`
		Until   string `yaml:"until"`
		Covers  string `yaml:"covers"`
	} `yaml:"licences"`
	Supersedes []string `yaml:"supersedes"`
	Alongside  []string `yaml:"alongside"`
	State      string   `yaml:"state"`
	House      bool     `yaml:"house"`
	Note       string   `yaml:"note"`
	Source     Source   `yaml:"source"`
	Verified   Verified `yaml:"verified"`
}

// maxRuleFile bounds a rule's file in bytes; the longest of ours is a twentieth of it.
const maxRuleFile = 64 << 10

// ParseRule reads one rule from its file, compiles its conditions and applies the
// charter to it. What only shows beside other rules (a repeated id, a superseded
// rule that does not exist) is for [Load] to say.
func ParseRule(data []byte) (*Rule, error) { return parseRule(data, false) }

// ParseDraft is [ParseRule] for a rule that somebody proposes, of an instrument that the
// charter does not know: it may read nationality or birth where the words that it quotes
// say "nationals". Everything else of the charter holds. No set takes it up but
// [Set.Enacting], under which nothing is decided that moves anything.
func ParseDraft(data []byte) (*Rule, error) { return parseRule(data, true) }

func parseRule(data []byte, draft bool) (*Rule, error) {
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
		NationalsQuote: strings.TrimSpace(f.NationalsQuote), Covers: strings.TrimSpace(f.Covers), Others: strings.TrimSpace(f.Others), Exempt: strings.TrimSpace(f.Exempt),
		Supersedes: f.Supersedes, Alongside: f.Alongside, State: State(f.State), House: f.House, Note: strings.TrimSpace(f.Note), Source: f.Source, Verified: f.Verified,
	}
	sum := sha256.Sum256(data)
	r.SHA256 = hex.EncodeToString(sum[:])
	r.file = bytes.Clone(data)
	if err := r.readFields(f); err != nil {
		return nil, err
	}
	if draft && r.State != Proposed {
		return nil, fmt.Errorf("state %q: a draft is proposed and not law; say state: proposed", r.State)
	}
	if r.State == Noted {
		return r, nil
	}
	if err := r.compile(); err != nil {
		return nil, err
	}
	if err := r.charter(draft); err != nil {
		return nil, err
	}
	return r, nil
}

// compile type-checks the conditions.
func (r *Rule) compile() error {
	for _, c := range []struct {
		field, source string
		into          **condition
	}{{"covers", r.Covers, &r.covers}, {"others", r.Others, &r.others}, {"exempt", r.Exempt, &r.exempt}} {
		if c.source == "" {
			continue
		}
		var err error
		if *c.into, err = compile(c.source); err != nil {
			return fmt.Errorf("%s: %w", c.field, err)
		}
	}
	for i := range r.Licences {
		l := &r.Licences[i]
		source := strconv.Quote(l.ID) + " in customer.licences"
		if l.Covers != "" {
			source += " || (" + l.Covers + ")"
		}
		var err error
		if l.covers, err = compile(source); err != nil {
			return fmt.Errorf("licence %s: covers: %w", l.ID, err)
		}
	}
	return nil
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
		if c.field == "covers" && r.State == Noted {
			continue
		}
		if strings.TrimSpace(c.text) == "" {
			if c.field == "instrument" {
				return errors.New("no instrument: what an authority asks for is not law; cite the act that says it, or leave the rule out")
			}
			return fmt.Errorf("no %s: every rule cites authority, instrument and article, and says whom it covers", c.field)
		}
	}
	switch r.State {
	case Enacted, Proposed, Repealed, Noted:
	default:
		return fmt.Errorf("state %q: want enacted, proposed, repealed or noted", r.State)
	}
	if r.State == Noted {
		if r.Note == "" {
			return errors.New("noted without a note: say why the gate has nothing to decide by it")
		}
		if r.Covers != "" || r.Others != "" || r.Exempt != "" || f.Verb != "" || r.House || len(f.Licences) > 0 || f.WindDown != nil {
			return errors.New("noted, and has a condition or a verb: a noted rule decides nothing; call it enacted, or take them out")
		}
	}

	slices.Sort(f.Binds)
	r.Binds = slices.Compact(f.Binds)
	for _, b := range r.Binds {
		if !slices.Contains(Nexuses(), b) {
			return fmt.Errorf("binds %q: want one of %s", b, strings.Join(Nexuses(), ", "))
		}
	}
	if len(r.Binds) == 0 && !r.House {
		return fmt.Errorf("binds nobody: say whose operators the instrument binds (%s)", strings.Join(Nexuses(), ", "))
	}

	var err error
	if r.Actions, err = actionsOf(f.Actions); err != nil {
		return err
	}
	if r.State != Noted {
		if r.Verb, err = ParseVerb(f.Verb); err != nil {
			return err
		}
		if err := r.checkVerb(); err != nil {
			return err
		}
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

	if err := r.readLeave(f); err != nil {
		return err
	}
	if r.Source.SHA256 != "" {
		if b, err := hex.DecodeString(r.Source.SHA256); err != nil || len(b) != sha256.Size {
			return fmt.Errorf("source: sha256 %q: want 64 hexadecimal digits", r.Source.SHA256)
		}
	}
	if r.Source.Retrieved != "" {
		if _, err := time.Parse(time.DateOnly, r.Source.Retrieved); err != nil {
			return fmt.Errorf("source: retrieved %q: want a day such as 2022-10-07", r.Source.Retrieved)
		}
	}
	if (r.Source.SHA256 == "") != (r.Source.Retrieved == "") {
		return errors.New("source: give both sha256 and retrieved, or neither")
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

// actionsOf reads names of actions, sorted and without repetition.
func actionsOf(names []string) ([]Action, error) {
	var actions []Action
	for _, a := range names {
		if !Action(a).Valid() {
			return nil, fmt.Errorf("action %q: want one of %s", a, actionNames())
		}
		actions = append(actions, Action(a))
	}
	slices.Sort(actions)
	return slices.Compact(actions), nil
}

// checkVerb refuses a verb where it can have no meaning.
func (r *Rule) checkVerb() error {
	only := func(why string, may ...Action) error {
		for _, a := range Actions() {
			if r.Acts(a) && !slices.Contains(may, a) {
				return fmt.Errorf("verb %s and action %s: %s", r.Verb, a, why)
			}
		}
		return nil
	}
	if (r.Verb == Bar) != (r.Others != "") {
		return errors.New("verb bar has two sides: covers says who may not be matched, others with whom; other verbs have no others")
	}
	switch r.Verb {
	case Freeze:
		for _, a := range []Action{HoldAsset, ListAsset, DealPlatform} {
			if r.Acts(a) {
				return fmt.Errorf("verb freeze and action %s: a freeze is of somebody's property and not of an asset or a platform; say whose, of a customer's actions, or asset_ban or platform_ban here", a)
			}
		}
		return nil
	case Reject, Exit, Cap, Refuse, Hold:
		return nil
	case Bar:
		return only("two customers are barred from one another's trades; name the action trade alone", Trade)
	case AssetBan:
		return only("an asset is what is forbidden; name actions among trade, deposit, withdraw, hold_asset and list_asset", Trade, Deposit, Withdraw, HoldAsset, ListAsset)
	case PlatformBan:
		return only("a platform is what is forbidden; name actions among deposit, withdraw and deal_platform", Deposit, Withdraw, DealPlatform)
	}
	return fmt.Errorf("verb %s: no rule can say it; want freeze, reject, exit, cap, refuse, hold, bar, asset_ban or platform_ban", r.Verb)
}

// readLeave reads the wind-down and the licences.
func (r *Rule) readLeave(f ruleFile) error {
	var err error
	if w := f.WindDown; w != nil {
		r.WindDown = &WindDown{Article: strings.TrimSpace(w.Article)}
		if r.WindDown.Until, err = instant("wind_down: until", w.Until); err != nil {
			return err
		}
		if r.WindDown.Actions, err = actionsOf(w.Actions); err != nil {
			return fmt.Errorf("wind_down: %w", err)
		}
		switch {
		case r.WindDown.Article == "":
			return errors.New("wind_down without article: say where it is granted")
		case len(r.WindDown.Actions) == 0:
			return errors.New("wind_down without actions: say what may be carried through")
		case !r.WindDown.Until.After(r.EffectiveAt), !r.EndsAt.IsZero() && r.WindDown.Until.After(r.EndsAt):
			return fmt.Errorf("wind_down until %q lies outside the time of the rule", w.Until)
		}
		for _, a := range r.WindDown.Actions {
			if !r.Acts(a) {
				return fmt.Errorf("wind_down: the rule does not speak of %s", a)
			}
		}
	}
	for _, l := range f.Licences {
		into := Licence{ID: l.ID, Title: strings.TrimSpace(l.Title), Article: strings.TrimSpace(l.Article), Covers: strings.TrimSpace(l.Covers)}
		if !idForm.MatchString(l.ID) || into.Title == "" || into.Article == "" {
			return fmt.Errorf("licence %q: give id (lower-case words joined by hyphens), title and article", l.ID)
		}
		if slices.ContainsFunc(r.Licences, func(o Licence) bool { return o.ID == l.ID }) {
			return fmt.Errorf("licence %s is given twice", l.ID)
		}
		if into.From, err = instant("licence "+l.ID+": from", l.From); err != nil {
			return err
		}
		if into.Until, err = instant("licence "+l.ID+": until", l.Until); err != nil {
			return err
		}
		if !into.Until.IsZero() && (!into.Until.After(into.From) || !into.Until.After(r.EffectiveAt)) {
			return fmt.Errorf("licence %s ends at %q, before it or the rule begins", l.ID, l.Until)
		}
		r.Licences = append(r.Licences, into)
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
	// Article 5b(1): deposits "from Russian nationals or natural persons residing in Russia";
	// (2): services "to Russian nationals …"; (2a): "to allow Russian nationals … to … own or
	// control, or hold any posts on the governing bodies of" providers.
	{"Regulation (EU) No 833/2014", regexp.MustCompile(`^Article 5b([^a-z0-9]|$)`), "EU", "RU"},
	// Article 1u, the same of Belarus: "… Belarusian nationals or natural persons residing in Belarus …"
	{"Regulation (EC) No 765/2006", regexp.MustCompile(`^Article 1u([^a-z0-9]|$)`), "EU", "BY"},
	// Article 20(1) and (2): Russian nationals and natural persons residing in the Russian
	// Federation; as amended on 31 January 2024 also as owners and directors of providers.
	{"SR 946.231.176.72", regexp.MustCompile(`^Article 20([^a-z0-9]|$)`), "CH", "RU"},
	// 515.201(b): "… or any national thereof …"
	{"31 CFR Part 515", regexp.MustCompile(`^515\.`), "US", "CU"},
}

// ofBirth are the facts that tell where somebody was born or of what nation they are.
var ofBirth = []string{"customer.birth_country", "customer.nationalities", "customer.russian_owned_bp"}

// KeyedOnNationality reports whether the rule reads of what nation somebody is, or where
// they were born.
func (r *Rule) KeyedOnNationality() bool {
	return slices.ContainsFunc(r.Reads(), func(fact string) bool { return slices.Contains(ofBirth, fact) })
}

// charter refuses what no rule may do, whoever wrote it. A draft may cite an instrument
// that is not known to say "nationals".
func (r *Rule) charter(draft bool) error {
	if r.House {
		switch r.Verb {
		case Hold, Reject:
		default:
			return fmt.Errorf("a house rule cannot %s: the operator's own policy may hold or reject; for anything more cite the law that says it and leave house out", r.Verb)
		}
	}

	if !r.KeyedOnNationality() {
		return nil
	}
	if r.House {
		return errors.New("a house rule reads nationality or birth: only a law that itself says \"nationals\" may; take the condition out")
	}
	if !strings.Contains(strings.ToLower(r.NationalsQuote), "national") {
		return errors.New("reads nationality or birth without nationals_quote: quote the words of the instrument that say \"nationals\", or take the condition out")
	}
	if draft {
		return nil
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
	var all []string
	for _, c := range []*condition{r.covers, r.others, r.exempt} {
		if c != nil {
			all = append(all, c.facts...)
		}
	}
	for _, l := range r.Licences {
		if l.covers != nil {
			all = append(all, l.covers.facts...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
