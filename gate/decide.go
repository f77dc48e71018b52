package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/law"
	"sallyport/match"
)

// Input is everything that a decision rests on.
type Input struct {
	Facts    law.Facts
	Action   law.Action
	Account  uint64
	Operator string    // the operating entity
	Nexus    []string  // whose law binds it: "US", "EU", …; at least one
	Pool     []string  // the nexuses of all operators whose customers trade in one book with this one's; empty where nobody trades
	At       time.Time // the hour whose law applies; kept to the millisecond
	Findings []match.Finding
	Cleared  []Clearance // that cover findings of theirs, by id; the facts are made without these
	Lapsed   []Lapse     // that covered some, by id
	Rules    *law.Set
	Editions []EditionRef // lists in force
	Subject  string       // commitment to the profile that was screened, hex
	Matching string       // what names were weighed and read by
	About    string       // the asset or the platform that the action is about, or "" (see Decision.About)
	Movement string       // digest of the movement of value, or "" (see Movement.Digest)
	Hold     HoldTerms    // of the hold, should there be one
	Asked    *Asked       // by an exchange that keeps its own ledger; nil otherwise
}

// Check says what keeps the input from being decided.
func (in *Input) Check() error {
	switch {
	case in.Rules == nil:
		return errors.New("gate: no rules given")
	case !in.Action.Valid():
		return fmt.Errorf("gate: action %q is not known", in.Action)
	case in.At.IsZero():
		return errors.New("gate: no hour given, and so no law")
	case in.Operator == "" || len(in.Nexus) == 0:
		return errors.New("gate: the operator, or whose law binds it, is not given")
	}
	if in.About != "" && in.Action != law.HoldAsset && in.Action != law.ListAsset && in.Action != law.DealPlatform {
		return fmt.Errorf("gate: %s is about no asset and no platform, and %q is named", in.Action, in.About)
	}
	if named, ok := in.Facts.Text("action"); ok && named != string(in.Action) {
		return fmt.Errorf("gate: the facts speak of %s, the question of %s", named, in.Action)
	}
	if in.Asked != nil && !in.Asked.whole() {
		return errors.New("gate: asked by an exchange of its own, and not said under which key and with what, or which decision it takes the place of")
	}
	if in.Asked != nil && !in.Asked.moves(in) {
		return errors.New("gate: asked by an exchange of its own about a movement, and what moves is not that of the digest, the action or the account")
	}
	if in.Asked != nil && !in.Asked.shown(&in.Facts) {
		return errors.New("gate: a finding says that whoever is on the other side is, or resembles, somebody listed, and no fact does")
	}
	// A finding of identity that no fact shows would be lost without a word.
	for _, f := range in.Findings {
		if f.Grade == match.Same && !in.shows(f.List) {
			return fmt.Errorf("gate: a finding says that somebody is on %s, and no fact does", f.List)
		}
	}
	return checkCleared(in.Findings, in.Cleared)
}

// whole reports whether it is the hashes of a question, or the decision that is made again.
func (a *Asked) whole() bool {
	hash := func(s string) bool {
		b, err := hex.DecodeString(s)
		return err == nil && len(b) == sha256.Size
	}
	return a.Again == "" && hash(a.Key) && hash(a.Request) || a.Key == "" && a.Request == "" && hash(a.Again)
}

// shown reports whether the fact of the other side tells of each finding on it: identity by
// its list, a mere likeness by not being known, or by a list that it names besides.
func (a *Asked) shown(f *law.Facts) bool {
	lists, known := f.Texts("counterparty.listed")
	for _, p := range a.Party {
		if p.Grade == match.Same && !slices.Contains(lists, p.List) || p.Grade == match.Resembles && known && len(lists) == 0 {
			return false
		}
	}
	return true
}

// moves reports whether what moves is the movement that the input names, or there is none.
func (a *Asked) moves(in *Input) bool {
	if a.Moves == nil || in.Movement == "" {
		return a.Moves == nil && in.Movement == ""
	}
	return a.Moves.Kind == in.Action && a.Moves.Account == in.Account && a.Moves.Digest() == in.Movement
}

// shows reports whether some fact names the list or, being unknown, may name it.
func (in *Input) shows(list string) bool {
	for _, name := range []string{"listing.same", "counterparty.listed"} {
		if lists, known := in.Facts.Texts(name); slices.Contains(lists, list) || (!known && name == "listing.same") {
			return true
		}
	}
	shares, known := in.Facts.Shares("ownership.listed_bp")
	_, owned := shares[list]
	return owned || !known
}

// Decide gives the verdict and its reasons. The decision comes sealed. An input that
// [Input.Check] does not pass gives a decision that is undecided and permits nothing.
func Decide(in Input) Decision {
	d := Decision{
		At: in.At.UTC().Truncate(time.Millisecond), Action: in.Action, Account: in.Account, Operator: in.Operator,
		Nexus: sorted(in.Nexus), Findings: slices.Clone(in.Findings), Facts: in.Facts.Clone(), Subject: in.Subject,
		Cleared: slices.Clone(in.Cleared), Lapsed: slices.Clone(in.Lapsed),
		Editions: editions(in.Editions), Matching: in.Matching, About: in.About, Movement: in.Movement,
	}
	if in.Asked != nil {
		asked := *in.Asked
		asked.Party = slices.Clone(asked.Party)
		if len(asked.Told.Names()) == 0 {
			asked.Told = law.Facts{} // of which there is one form only: left out
		}
		asked.Told = asked.Told.Clone()
		if asked.Moves != nil {
			moves := *asked.Moves
			asked.Moves = &moves
		}
		d.Asked = &asked
	}
	if stale, known := d.Facts.Texts("lists.stale"); known && len(stale) > 0 {
		d.Stale = sorted(stale)
	}
	if in.Rules != nil {
		d.Rules = in.Rules.SHA256()
	}
	if in.Check() != nil || d.state(in) != nil {
		d.Tried = []string{}
		d.Seal()
		return d
	}

	d.Verdict = law.Allow
	d.Tried = in.Rules.TriedIDs(d.At, d.Nexus, d.Action)
	if Stands(d.Action) {
		d.Sides = in.Rules.Sides(d.At, d.Nexus, in.Pool, d.Facts)
	}
	for o := range in.Rules.Outcomes(d.At, d.Nexus, d.Action, d.Facts) {
		switch o.Result {
		case law.NotCovered:
			continue
		case law.Exempt:
			d.Exempted = append(d.Exempted, cite(o))
			continue
		case law.Fires:
			d.Fired = append(d.Fired, cite(o))
		default: // law.Unknown
			d.Unknown = append(d.Unknown, cite(o))
		}
		if does := does(d.Action, o); graver(does, d.Verdict) {
			d.Verdict = does
		}
	}
	if d.Verdict == law.Hold {
		d.Hold = &HoldTerms{Owner: in.Hold.Owner, Due: in.Hold.Due.UTC().Truncate(time.Millisecond)}
	}
	d.Seal()
	return d
}

// Stands reports whether a decision on the action gives a customer a standing.
func Stands(a law.Action) bool { return a == law.OpenAccount || a == law.Review }

// state writes the question itself among the facts, so that the decision is whole.
func (d *Decision) state(in Input) error {
	return errors.Join(
		d.Facts.Set("action", string(in.Action)),
		d.Facts.Set("operator.name", in.Operator),
		d.Facts.Set("operator.nexus", in.Nexus))
}

// does is what an outcome does to the action: a rule that cannot be told holds.
func does(a law.Action, o law.Outcome) law.Verb {
	switch o.Result {
	case law.NotCovered, law.Exempt:
		return law.Allow
	case law.Fires:
		return effect(a, o.Rule)
	}
	if effect(a, o.Rule) == law.Allow {
		return law.Allow
	}
	return law.Hold
}

// effect is what a rule that fires does to the action; see the package comment.
func effect(a law.Action, r *law.Rule) law.Verb {
	leaving := r.Verb == law.Exit || r.Verb == law.Cap
	switch {
	case leaving && (a == law.Withdraw || a == law.SignIn):
		return law.Allow
	case a == law.OpenAccount && !r.House && (r.Verb == law.Reject || r.Verb == law.Exit):
		return law.Refuse
	}
	return r.Verb
}

// graver reports whether v outranks w; of verbs of one rank the one that says more
// of why outranks, so that the order in which rules are asked is none of the verdict.
func graver(v, w law.Verb) bool {
	if rank(v) != rank(w) {
		return rank(v) > rank(w)
	}
	return rank(v) == 4 && slices.Index(rejections, v) < slices.Index(rejections, w)
}

// rejections all refuse the action and hold nothing; the gravest first.
var rejections = []law.Verb{law.PlatformBan, law.AssetBan, law.Reject}

// rank orders verdicts by gravity; the order is that of the package comment.
func rank(v law.Verb) int {
	switch v {
	case law.Allow:
		return 0
	case law.Cap:
		return 1
	case law.Exit:
		return 2
	case law.Reject, law.AssetBan, law.PlatformBan:
		return 4
	case law.Refuse:
		return 5
	case law.Freeze:
		return 6
	}
	return 3 // hold; and no verb that is not known here may pass for less
}

func cite(o law.Outcome) Fired {
	r := o.Rule
	return Fired{
		Rule: r.ID, Title: r.Title, Verb: r.Verb, Authority: r.Authority, Instrument: r.Instrument, Article: r.Article,
		URL: r.URL, EffectiveAt: r.EffectiveAt, House: r.House, By: o.By, Missing: o.Missing,
	}
}

func editions(in []EditionRef) []EditionRef {
	out := append([]EditionRef{}, in...)
	for i := range out {
		out[i].Published = out[i].Published.UTC()
	}
	slices.SortStableFunc(out, func(a, b EditionRef) int { return strings.Compare(a.List, b.List) })
	return out
}

func sorted(in []string) []string {
	out := append([]string{}, in...)
	slices.Sort(out)
	return slices.Compact(out)
}

// Seal gives the decision its identifier: the SHA-256, in hex, of its JSON with "id"
// empty, as encoding/json writes it (fields in the order of the type, no space).
func (d *Decision) Seal() { d.ID = d.sum() }

// Check reports whether the identifier is that of the content, and the sides are such as
// [law.Set.Sides] gives, of a decision that gives a standing.
func (d *Decision) Check() error {
	if d.ID == "" {
		return errors.New("gate: the decision has no identifier")
	}
	if got := d.sum(); got != d.ID {
		return fmt.Errorf("gate: the decision calls itself %s, its content is %s", d.ID, got)
	}
	if len(d.Sides) > law.MaxBars || len(d.Sides) > 0 && !Stands(d.Action) {
		return errors.New("gate: sides of bars in a decision that gives no standing, or too many")
	}
	for i, s := range d.Sides {
		if !s.Covered && !s.Other || i > 0 && s.Rule <= d.Sides[i-1].Rule {
			return fmt.Errorf("gate: side of rule %q: want either or both, sorted by rule, each rule once", s.Rule)
		}
	}
	return nil
}
