package exchange

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// A stance is what is kept of the decision that an account stands under: what lists of the desk and a change of the basis
// ask of everybody. The decision itself is read from the log (View.Standing), but for those with findings, of which there
// are few.
type stance struct {
	seq     uint64    // of the record with the decision; 0 where there is none
	made    int64     // when it was made, µs since 1970 UTC
	subject tape.Hash // the customer's data that it was made on
	outcome tape.Hash // what it says (outcomeOf)
	rests   *rests    // nil where there is none
	hold    *gate.HoldTerms
	whole   *DecisionRecord // where it has findings
}

// rests is the rules that a decision rests on, by id.
type rests struct {
	fired, unknown []string
}

// stanceBy is what is kept of a decision that an account stands under from here on; nil where the log has none.
func (v *View) stanceBy(r *DecisionRecord) stance {
	if r == nil {
		return stance{}
	}
	d := &r.Decision
	s := stance{seq: r.Seq, made: d.At.UnixMicro(), outcome: outcomeOf(d), rests: v.rest(rests{rulesOf(d.Fired), rulesOf(d.Unknown)}), hold: d.Hold}
	s.subject, _ = hashOf(d.Subject) // none, if it is no hash, which the next start finds
	if len(d.Findings) > 0 || len(d.Cleared) > 0 {
		s.whole = r
	}
	return s
}

// rest is the one that is kept of those that are alike: many stand under the same rules.
func (v *View) rest(r rests) *rests {
	key := strings.Join(r.fired, " ") + "\n" + strings.Join(r.unknown, " ")
	kept := v.decisions.rests[key]
	if kept == nil {
		kept = &r
		v.decisions.rests[key] = kept
	}
	return kept
}

func rulesOf(fs []gate.Fired) []string {
	ids := make([]string, len(fs))
	for i, f := range fs {
		ids[i] = f.Rule
	}
	return ids
}

// underNow is how an account stands, and what is kept of why.
type underNow struct {
	stance
	tape.Standing
}

func (u *underNow) id() string { return hex.EncodeToString(u.Decision[:]) }

// findings are those of the decision, which are there whatever else is.
func (u *underNow) findings() []match.Finding {
	if u.whole == nil {
		return nil
	}
	return u.whole.Decision.Findings
}

// cleared are the clearances that the decision relies on.
func (u *underNow) cleared() []gate.Clearance {
	if u.whole == nil {
		return nil
	}
	return u.whole.Decision.Cleared
}

// stance is what is kept of the decision that an account stands under; its seq is 0 where there is none.
func (v *View) stance(account uint64) underNow {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		return underNow{a.under, a.standing}
	}
	return underNow{}
}

// outcomeOf is what a decision says of a customer, as a hash: the verdict, the rules behind it, by what they are exempt and
// what is not known, where they stand of the bars, the listed parties, what was cleared of them, and the data it was made
// on. A decision with the outcome of the one before says no more and no less than that.
func outcomeOf(d *gate.Decision) tape.Hash {
	var room [1024]byte
	b := append(room[:0], "sallyport outcome v2\n"...)
	count := func(n int) { b = binary.AppendUvarint(b, uint64(n)) }
	text := func(s string) {
		count(len(s))
		b = append(b, s...)
	}
	text(d.Verdict.String())
	text(d.Subject)
	count(len(d.Sides))
	for _, s := range d.Sides {
		text(s.Rule)
		for _, is := range [...]bool{s.Covered, s.Other, s.Binds} {
			if is {
				b = append(b, 1)
			} else {
				b = append(b, 0)
			}
		}
	}
	count(len(d.Cleared))
	for _, c := range d.Cleared {
		b = binary.AppendUvarint(b, c.ID)
	}
	for _, fs := range [...][]gate.Fired{d.Fired, d.Exempted, d.Unknown} {
		count(len(fs))
		for i := range fs {
			text(fs[i].Rule)
			text(fs[i].By)
			count(len(fs[i].Missing))
			for _, fact := range fs[i].Missing {
				text(fact)
			}
		}
	}
	count(len(d.Findings))
	for i := range d.Findings {
		f := &d.Findings[i]
		text(f.List)
		text(f.EntityID)
		text(f.Grade.String())
	}
	return sha256.Sum256(b)
}

// A Known decision is one of the newest or one that an account stands under, as lists ask of it.
type Known struct {
	ID             tape.Hash
	Verdict        law.Verb
	Fired, Unknown []string // rules
}

// Known lists the newest decisions and those that accounts stand under for which keep says yes, by their records, each once
// and newest first.
func (v *View) Known(keep func(*Known) bool) []uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var seqs []uint64
	add := func(seq uint64, k Known) {
		if keep(&k) {
			seqs = append(seqs, seq)
		}
	}
	for _, a := range v.accounts {
		if s := &a.under; s.seq != 0 {
			add(s.seq, Known{a.standing.Decision, a.standing.Verdict, s.rests.fired, s.rests.unknown})
		}
	}
	for _, r := range v.recent {
		if id, err := hashOf(r.Decision.ID); err == nil { // the venue takes no other
			add(r.Seq, Known{id, r.Decision.Verdict, rulesOf(r.Decision.Fired), rulesOf(r.Decision.Unknown)})
		}
	}
	slices.Sort(seqs)
	seqs = slices.Compact(seqs)
	slices.Reverse(seqs)
	return seqs
}

// StoppedBy lists the accounts that a rule stops or limits, by number.
func (v *View) StoppedBy(rule string) []uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var ns []uint64
	for n := range v.counts.noted {
		if a := v.accounts[n]; a.under.seq != 0 && a.standing.Verdict != law.Allow && slices.Contains(a.under.rests.fired, rule) {
			ns = append(ns, n)
		}
	}
	slices.Sort(ns)
	return ns
}

// DecisionAt is the decision of a record.
func (v *View) DecisionAt(seq uint64) (*DecisionRecord, error) { return v.decisionOf(seq) }
