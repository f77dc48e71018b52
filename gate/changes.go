package gate

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/law"
	"sallyport/ownership"
)

// A ChangeKind says in what a change consists.
type ChangeKind string

const (
	Is        ChangeKind = "is"        // the fact is, or the set has, one of the values as well
	IsNot     ChangeKind = "is_not"    // the fact is another, or the set lacks all of the values
	AtMost    ChangeKind = "at_most"   // the number is the value or less
	AtLeast   ChangeKind = "at_least"  // the number is the value or more
	Delisting ChangeKind = "delisting" // the entry of a list goes, or is found to be somebody else's
	Licensed  ChangeKind = "licence"   // a licence is recorded
	LawMoves  ChangeKind = "law"       // the law itself changes, at its hour
)

// A Change is one thing that, were it otherwise and all else the same, would make the verdict
// milder. It tells what is true of others whom the law lets pass, so that somebody of whom it
// is true can show it; it is no advice to say what is not so.
type Change struct {
	Kind    ChangeKind `json:"kind"`
	Fact    string     `json:"fact,omitempty"`
	Untold  bool       `json:"untold,omitempty"` // the fact is not known now
	Values  []string   `json:"values,omitempty"` // any one of them; of is_not and delisting all of them, of licence ids
	At      *time.Time `json:"at,omitempty"`     // when the law moves
	Verdict law.Verb   `json:"verdict"`          // would be this
	Rules   []string   `json:"rules"`            // that stop now and would not then, by id
	Text    string     `json:"text"`             // in English
}

// Bounds of what [Changes] tries and tells.
const (
	maxTries   = 4096
	maxChanges = 32
	maxEvents  = 64
)

// Changes finds what single changes would make the verdict milder: one fact another, as the
// constants in the conditions of the rules that stop it suggest; a licence of theirs recorded;
// a delisting; or the next events of the law. The mildest come first. Every one was tried on
// the whole set of rules; "not X" with a value that no rule names. It gives nothing where the
// verdict is allow or undecided, or where no single change helps.
//
// It is deterministic and tries at most some thousands of decisions.
func Changes(in Input) []Change {
	at := in.At.UTC().Truncate(time.Millisecond)
	if in.Check() != nil {
		return nil
	}
	c := &changes{in: in, at: at, nexus: sorted(in.Nexus), seen: map[string]int{}}
	c.verdict, c.stops = c.weigh(at, in.Facts)
	if c.verdict == law.Allow {
		return nil
	}
	for _, r := range in.Rules.InForce(at, c.nexus, in.Action) {
		c.named = append(c.named, r.Texts(at)...)
		if c.stops[r.ID] {
			c.rules = append(c.rules, r)
			c.texts = append(c.texts, r.Texts(at)...)
			c.numbers = append(c.numbers, r.Numbers(at)...)
		}
	}
	slices.Sort(c.texts)
	c.texts = slices.Compact(c.texts)
	slices.Sort(c.numbers)
	c.numbers = slices.Compact(c.numbers)

	for _, doc := range law.Schema() {
		if c.reads(doc.Name) {
			c.fact(doc)
		}
	}
	c.listings()
	c.owners()
	c.licences()
	c.events()

	slices.SortStableFunc(c.found, func(a, b Change) int {
		return cmp.Or(cmp.Compare(rank(a.Verdict), rank(b.Verdict)), strings.Compare(a.Fact, b.Fact))
	})
	if len(c.found) > maxChanges {
		c.found = c.found[:maxChanges]
	}
	for i := range c.found {
		c.found[i].Text = c.found[i].Say(English)
	}
	return c.found
}

// changes is one search.
type changes struct {
	in      Input
	at      time.Time
	nexus   []string
	verdict law.Verb
	stops   map[string]bool // rules that stop it now
	rules   []*law.Rule     // the same, by id
	texts   []string        // constants of theirs, sorted
	numbers []int64
	named   []string // constants of every rule in force

	tries int
	found []Change
	seen  map[string]int // place in found, by what a change says but for its values
}

// weigh gives the verdict on the facts, and the rules that stop.
func (c *changes) weigh(at time.Time, f law.Facts) (law.Verb, map[string]bool) {
	verdict, stops := law.Allow, map[string]bool{}
	for _, o := range c.in.Rules.Evaluate(at, c.nexus, c.in.Action, f) {
		does := does(c.in.Action, o)
		if does != law.Allow {
			stops[o.Rule.ID] = true
		}
		if graver(does, verdict) {
			verdict = does
		}
	}
	return verdict, stops
}

// try asks for the verdict with some facts otherwise; ok where it is milder.
func (c *changes) try(change func(*law.Facts)) (verdict law.Verb, rules []string, ok bool) {
	if c.tries++; c.tries > maxTries {
		return law.Undecided, nil, false
	}
	f := c.in.Facts.Clone()
	change(&f)
	verdict, stops := c.weigh(c.at, f)
	return verdict, c.lifted(stops), rank(verdict) < rank(c.verdict)
}

// lifted is the rules that stop now and do not then, by id.
func (c *changes) lifted(then map[string]bool) []string {
	var ids []string
	for _, r := range c.rules {
		if !then[r.ID] {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// put sets one fact; what the schema refuses changes nothing, and so is not milder.
func put(name string, value any) func(*law.Facts) {
	return func(f *law.Facts) { _ = f.Set(name, value) }
}

// add keeps a change, joining it to one that differs in its values alone.
func (c *changes) add(ch Change, values ...string) {
	key := fmt.Sprint(ch.Kind, ch.Fact, ch.Verdict, ch.Rules, ch.At)
	i, ok := c.seen[key]
	if !ok {
		i = len(c.found)
		c.seen[key] = i
		c.found = append(c.found, ch)
	}
	c.found[i].Values = sorted(append(c.found[i].Values, values...))
}

func (c *changes) reads(fact string) bool {
	return slices.ContainsFunc(c.rules, func(r *law.Rule) bool { return slices.Contains(r.Reads(), fact) })
}

// fact tries other values of one fact. What a person or firm is by nature (its kind, the place
// of birth), what was asked, and what lists say are not among those that could be otherwise.
func (c *changes) fact(doc law.FactDoc) {
	switch {
	case doc.Name == "customer.kind", doc.Name == "customer.birth_country", doc.Name == "customer.licences",
		doc.Name == "action", strings.HasPrefix(doc.Name, "operator."), strings.HasPrefix(doc.Name, "listing."), strings.HasPrefix(doc.Name, "ownership."):
		if c.in.Facts.Known(doc.Name) || doc.Name == "action" || strings.HasPrefix(doc.Name, "operator.") {
			return
		}
	case doc.Name == "customer.established":
		if kind, ok := c.in.Facts.Text("customer.kind"); ok && kind == "person" {
			return
		}
	}
	switch doc.Type {
	case law.TextFact:
		c.text(doc)
	case law.TextsFact:
		c.set(doc)
	case law.NumberFact:
		c.number(doc)
	case law.TruthFact:
		c.truth(doc)
	case law.SharesFact:
		if !c.in.Facts.Known(doc.Name) {
			c.tryOne(Change{Kind: IsNot, Fact: doc.Name, Untold: true}, put(doc.Name, map[string]int64{}))
		}
	}
}

// tryOne tries one change and keeps it where it is milder.
func (c *changes) tryOne(ch Change, change func(*law.Facts), values ...string) bool {
	verdict, rules, ok := c.try(change)
	if ok {
		ch.Verdict, ch.Rules = verdict, rules
		c.add(ch, values...)
	}
	return ok
}

// nowhere is a value of the form that no rule in force names, so that it stands for all others.
func (c *changes) nowhere(form law.Form) string {
	var like func(i int) string
	switch form {
	case law.CountryForm, law.PlaceForm:
		like = func(i int) string { return "X" + string(rune('A'+i%26)) } // ISO 3166-1 leaves XA to XZ to its users
	case law.AreaForm:
		like = func(i int) string { return "XA-" + strconv.Itoa(i) }
	case law.AssetForm:
		like = func(i int) string { return "OTHER" + strconv.Itoa(i) }
	default:
		return ""
	}
	for i := range 26 {
		if v := like(i); !slices.Contains(c.named, v) {
			return v
		}
	}
	return ""
}

func (c *changes) text(doc law.FactDoc) {
	now, known := c.in.Facts.Text(doc.Name)
	apart := Change{Kind: IsNot, Fact: doc.Name, Untold: !known}
	var values []string // that it is not
	switch {
	case !known:
		values = c.graver(doc, func(v string) any { return v })
	case now != "":
		values = []string{now}
	}
	others := []string{c.nowhere(doc.Form)}
	if doc.Blank {
		others = []string{"", others[0]}
	}
	for _, v := range others {
		if (v != "" || doc.Blank) && !(known && v == now) && c.tryOne(apart, put(doc.Name, v), values...) {
			return // whatever else is named says no more
		}
	}
	for _, v := range c.texts {
		if v != now && v != "" {
			c.tryOne(Change{Kind: Is, Fact: doc.Name, Untold: !known}, put(doc.Name, v), v)
		}
	}
}

// graver is the constants of which the fact could be one, and with which the verdict would be
// no milder.
func (c *changes) graver(doc law.FactDoc, value func(string) any) []string {
	var values []string
	for _, v := range c.texts {
		if f := c.in.Facts.Clone(); v == "" || f.Set(doc.Name, value(v)) != nil {
			continue
		}
		if _, _, milder := c.try(put(doc.Name, value(v))); !milder {
			values = append(values, v)
		}
	}
	return values
}

func (c *changes) set(doc law.FactDoc) {
	now, known := c.in.Facts.Texts(doc.Name)
	apart := Change{Kind: IsNot, Fact: doc.Name, Untold: !known}
	without := func(gone ...string) []string {
		rest := slices.DeleteFunc(slices.Clone(now), func(v string) bool { return slices.Contains(gone, v) })
		if len(rest) == 0 && doc.Name == "customer.nationalities" {
			rest = append(rest, c.nowhere(doc.Form)) // everybody is of somewhere
		}
		return append([]string{}, rest...)
	}
	if !known {
		c.tryOne(apart, put(doc.Name, without()), c.graver(doc, func(v string) any { return []string{v} })...)
	}
	one := false
	for _, v := range now {
		ch := apart
		one = c.tryOne(ch, put(doc.Name, without(v)), v) || one
	}
	if len(now) > 1 && !one {
		c.tryOne(apart, put(doc.Name, without(now...)), now...)
	}
	if strings.HasPrefix(doc.Name, "listing.") || strings.HasPrefix(doc.Name, "ownership.") {
		return
	}
	for _, v := range c.texts {
		if !slices.Contains(now, v) {
			c.tryOne(Change{Kind: Is, Fact: doc.Name, Untold: !known}, put(doc.Name, append(slices.Clone(now), v)), v)
		}
	}
}

func (c *changes) number(doc law.FactDoc) {
	now, known := c.in.Facts.Number(doc.Name)
	var values []int64
	for _, n := range c.numbers {
		values = append(values, n-1, n, n+1)
	}
	slices.Sort(values)
	values = slices.Compact(values)
	for i := len(values) - 1; i >= 0; i-- { // the nearest below
		if v := values[i]; (!known || v < now) && c.tryOne(Change{Kind: AtMost, Fact: doc.Name, Untold: !known}, put(doc.Name, v), strconv.FormatInt(v, 10)) {
			break
		}
	}
	for _, v := range values { // and above
		if known && v > now && c.tryOne(Change{Kind: AtLeast, Fact: doc.Name}, put(doc.Name, v), strconv.FormatInt(v, 10)) {
			break
		}
	}
}

func (c *changes) truth(doc law.FactDoc) {
	for _, v := range []bool{false, true} {
		f := c.in.Facts.Clone()
		_ = f.Set(doc.Name, v) // of the schema's type
		if same(f, c.in.Facts) {
			continue
		}
		kind := IsNot
		if v {
			kind = Is
		}
		c.tryOne(Change{Kind: kind, Fact: doc.Name, Untold: !c.in.Facts.Known(doc.Name)}, put(doc.Name, v))
	}
}

// same reports whether the facts are the same, by their canonical form.
func same(f, g law.Facts) bool {
	a, err := f.MarshalJSON()
	b, err2 := g.MarshalJSON()
	return err == nil && err2 == nil && string(a) == string(b)
}

// listings tries that a list's entry goes, or is somebody else's: the one thing about a
// listing that can be otherwise.
func (c *changes) listings() {
	same, _ := c.in.Facts.Texts("listing.same")
	like, _ := c.in.Facts.Texts("listing.resembles")
	for _, fact := range []struct {
		name  string
		lists []string
	}{{"listing.same", same}, {"listing.resembles", like}} {
		if !c.reads(fact.name) && !(fact.name == "listing.same" && c.reads("listing.measures")) {
			continue
		}
		c.goes(fact.name, fact.lists, func(f *law.Facts, gone []string) {
			_ = f.Set(fact.name, slices.DeleteFunc(slices.Clone(fact.lists), func(l string) bool { return slices.Contains(gone, l) }))
			measures, known := f.Texts("listing.measures")
			if !known || fact.name != "listing.same" {
				return
			}
			_ = f.Set("listing.measures", slices.DeleteFunc(measures, func(m string) bool {
				list, _, _ := strings.Cut(m, "/")
				return slices.Contains(gone, list)
			}))
		})
	}
}

// goes tries each list alone, and all together where none alone helps.
func (c *changes) goes(fact string, lists []string, without func(f *law.Facts, gone []string)) {
	one := false
	for _, l := range lists {
		one = c.tryOne(Change{Kind: Delisting, Fact: fact}, func(f *law.Facts) { without(f, []string{l}) }, l) || one
	}
	if len(lists) > 1 && !one {
		c.tryOne(Change{Kind: Delisting, Fact: fact}, func(f *law.Facts) { without(f, lists) }, lists...)
	}
}

// ownedShares and ownedSets are the facts that tell of one thing, who owns a firm; they change
// together.
var (
	ownedShares = []string{"ownership.listed_bp", "ownership.listed_over_bp", "ownership.single_bp"}
	ownedSets   = []string{"customer.represented_by", "ownership.control_signs", "ownership.controlled", "ownership.majority"}
)

// owners tries that listed persons hold less of the firm, or nothing and do not direct it.
func (c *changes) owners() {
	if !slices.ContainsFunc(slices.Concat(ownedShares, ownedSets), c.reads) {
		return
	}
	var lists []string
	for _, name := range ownedShares {
		m, _ := c.in.Facts.Shares(name)
		for l := range m {
			lists = append(lists, l)
		}
	}
	for _, name := range ownedSets {
		s, _ := c.in.Facts.Texts(name)
		lists = append(lists, s...)
	}
	lists = sorted(lists)
	capped := func(f *law.Facts, most int64) {
		for _, name := range ownedShares {
			if m, known := f.Shares(name); known {
				for l := range m {
					m[l] = min(m[l], most)
				}
				_ = f.Set(name, m)
			}
		}
	}
	for i := len(c.numbers) - 1; i >= 0; i-- {
		n := c.numbers[i]
		if n > ownership.Whole || n < 1 {
			continue
		}
		ch := Change{Kind: AtMost, Fact: "ownership.listed_bp"}
		if c.tryOne(ch, func(f *law.Facts) { capped(f, n) }, strconv.FormatInt(n, 10)) ||
			c.tryOne(ch, func(f *law.Facts) { capped(f, n-1) }, strconv.FormatInt(n-1, 10)) {
			break
		}
	}
	c.goes("ownership.listed_bp", lists, func(f *law.Facts, gone []string) {
		for _, name := range ownedShares {
			if m, known := f.Shares(name); known {
				for _, l := range gone {
					delete(m, l)
				}
				_ = f.Set(name, m)
			}
		}
		for _, name := range ownedSets {
			if s, known := f.Texts(name); known {
				_ = f.Set(name, slices.DeleteFunc(s, func(l string) bool { return slices.Contains(gone, l) }))
			}
		}
	})
}

// licences tries that a licence of the rules that stop is recorded.
func (c *changes) licences() {
	have, _ := c.in.Facts.Texts("customer.licences")
	for _, r := range c.rules {
		for _, l := range r.Licences {
			if !slices.Contains(have, l.ID) {
				c.tryOne(Change{Kind: Licensed, Fact: "customer.licences"}, put("customer.licences", append(slices.Clone(have), l.ID)), l.ID)
			}
		}
	}
}

// events tries the next instants at which the law changes, until one lets it pass.
func (c *changes) events() {
	best, tried := c.verdict, 0
	for _, e := range c.in.Rules.Events(c.at.Add(1), time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC)) {
		if tried++; tried > maxEvents || best == law.Allow {
			return
		}
		verdict, stops := c.weigh(e.At, c.in.Facts)
		if rank(verdict) < rank(best) {
			best = verdict
			at := e.At
			c.found = append(c.found, Change{Kind: LawMoves, At: &at, Verdict: verdict, Rules: c.lifted(stops)})
		}
	}
}
