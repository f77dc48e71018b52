package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// readDecision reads a decision in its one form and gives it with its id, which must be
// that of its content.
func readDecision(body []byte) (*gate.Decision, tape.Hash, error) {
	var d gate.Decision
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		return nil, none, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, none, errors.New("more than one value")
	}
	again, err := canonical(&d)
	if err != nil {
		return nil, none, err
	}
	if !bytes.Equal(again, body) {
		return nil, none, errors.New("not its canonical form")
	}
	id, err := contentID(&d)
	if err != nil {
		return nil, none, err
	}
	if hex.EncodeToString(id[:]) != d.ID {
		return nil, none, errors.New("its id is not that of its content")
	}
	return &d, id, nil
}

// canonical is the canonical JSON of a decision.
func canonical(d *gate.Decision) ([]byte, error) { return json.Marshal(d) }

// contentID is "the SHA-256, in hex, of its JSON with "id" empty, as encoding/json writes
// it" (gate.Decision.Seal), before it is written in hex.
func contentID(d *gate.Decision) (tape.Hash, error) {
	nameless := *d
	nameless.ID = ""
	b, err := canonical(&nameless)
	if err != nil {
		return none, err
	}
	return sha256.Sum256(b), nil
}

// current reports whether a decision was made under the editions and the rules in force.
func (m *model) current(d *gate.Decision) bool {
	if d.Rules != hex.EncodeToString(m.rules[:]) || len(d.Editions) != len(m.editions) {
		return false
	}
	for i, list := range slices.Sorted(maps.Keys(m.editions)) {
		in := m.editions[list].SHA256
		if e := d.Editions[i]; e.List != list || e.SHA256 != hex.EncodeToString(in[:]) {
			return false
		}
	}
	return true
}

// auditDecision holds a decision that stands to what it says it rests on.
func (r *replay) auditDecision(at int64, c *tape.Decide) error {
	d, id, err := readDecision(c.Body)
	if err != nil {
		return err
	}
	r.clearances.decided(d, id)
	r.report.Decisions++
	r.report.ByVerdict[d.Verdict.String()]++
	fail := func(format string, args ...any) error {
		return fmt.Errorf("decision %s on account %d (%s, %s): %s", d.ID, d.Account, d.Action, d.Verdict, fmt.Sprintf(format, args...))
	}

	operator := r.model.genesis.Operators[r.model.operator(d.Operator)]
	if !sameSet(d.Nexus, operator.Nexus) {
		return fail("it was made for the nexus %v, operator %s has %v", d.Nexus, operator.Name, operator.Nexus)
	}
	if d.At.UnixMicro() > at {
		return fail("it was made at %s, after it was recorded", d.At.Format(time.RFC3339Nano))
	}
	for _, e := range d.Editions {
		in := r.model.editions[e.List]
		if e.Published.UnixMicro() != in.Published {
			return fail("it says that edition %s of %s is of %s", e.SHA256, e.List, e.Published.Format(time.RFC3339))
		}
	}
	if err := namesStale(d); err != nil {
		return fail("%v", err)
	}
	if a := r.model.accounts[d.Account]; a != nil && d.Subject != hex.EncodeToString(a.Commitment[:]) {
		return fail("it was made on data (%s) that are not those the account commits to (%x)", d.Subject, a.Commitment)
	}
	if err := aboutIts(d); err != nil {
		return fail("%v", err)
	}
	r.assets.decided(d)
	if err := r.auditAsked(d, id); err != nil {
		return fail("%v", err)
	}
	if len(d.Cleared) > 0 {
		r.report.Relied++
	}
	if err := r.auditCleared(d); err != nil {
		return fail("%v", err)
	}
	if err := cites(d); err != nil {
		return fail("%v", err)
	}
	if d.Verdict == law.Hold && (d.Hold == nil || d.Hold.Owner == "" || d.Hold.Due.IsZero()) {
		return fail("it holds without an owner and a clock")
	}
	set := r.sets[d.Rules]
	if set == nil {
		r.unknown[d.Rules]++
		return nil
	}
	if d.Verdict == law.Undecided {
		return nil // the gate could not read its input, and nothing moves
	}
	if err := follows(set, d, pool(&r.model.genesis)); err != nil {
		return fail("%v", err)
	}
	r.report.RedecidedDecisions++
	for _, e := range set.Events(d.At.Add(1), time.UnixMicro(at).UTC().Add(1)) {
		if rule, ok := set.Rule(e.Rule); ok && rule.Acts(d.Action) && rule.BindsAny(d.Nexus) {
			r.late++
			break
		}
	}
	return nil
}

// namesStale holds a decision to naming the lists that had fallen silent: those that its facts
// tell, no more and no fewer, each of them in force.
func namesStale(d *gate.Decision) error {
	told, _ := d.Facts.Texts("lists.stale")
	if !slices.Equal(d.Stale, slices.Compact(slices.Sorted(slices.Values(told)))) {
		return fmt.Errorf("it names the silent lists %q, its facts tell of %q", d.Stale, told)
	}
	for _, list := range d.Stale {
		if !slices.ContainsFunc(d.Editions, func(e gate.EditionRef) bool { return e.List == list }) {
			return fmt.Errorf("it says that %s is silent, which is not among the lists in force", list)
		}
	}
	return nil
}

// cites holds a decision to the first promises there are: without a citation no verdict
// but a yes, and no freeze that is not law.
func cites(d *gate.Decision) error {
	for _, f := range slices.Concat(d.Fired, d.Exempted, d.Unknown) {
		if f.Rule == "" || f.Authority == "" || f.Instrument == "" || f.Article == "" || f.EffectiveAt.IsZero() || f.EffectiveAt.After(d.At) {
			return fmt.Errorf("rule %q is cited without authority, instrument, article or a date on which it was in force", f.Rule)
		}
	}
	switch d.Verdict {
	case law.Allow, law.Undecided:
		return nil
	case law.Freeze:
		if !slices.ContainsFunc(d.Fired, func(f gate.Fired) bool { return f.Verb == law.Freeze && !f.House }) {
			return errors.New("it freezes without a law that says so")
		}
	}
	if len(d.Fired)+len(d.Unknown) == 0 {
		return errors.New("it cites no rule")
	}
	return nil
}

func sameSet(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
