package verify

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// clear is a reviewer's word: "In this order refused as UnknownAccount; StaleDecision when
// Decision … is not the one that the account stands under; BadClearance …;
// DuplicateClearance".
func (m *model) clear(at int64, c *tape.Clear) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	if c.Decision != a.Standing.Decision {
		return refused(tape.StaleDecision, c.Decision)
	}
	if c.List == "" || c.Entity == "" || !word(c.By, tape.MaxBy) || !word(c.Reason, tape.MaxReason) || c.At > at || at-c.At > tape.Fresh {
		return refused(tape.BadClearance, none)
	}
	for _, x := range m.cleared {
		if x.Account == c.Account && x.List == c.List && x.Entity == c.Entity {
			return refused(tape.DuplicateClearance, none)
		}
	}
	m.lastClearance++
	x := tape.Cleared{ID: m.lastClearance, Clear: *c}
	m.cleared = append(m.cleared, x)
	return []tape.Event{x}
}

func word(s string, most int) bool { return len(s) >= 1 && len(s) <= most }

func (m *model) endClearance(c *tape.EndClearance) []tape.Event {
	i := slices.IndexFunc(m.cleared, func(x tape.Cleared) bool { return x.ID == c.Clearance })
	if i < 0 {
		return refused(tape.UnknownClearance, none)
	}
	parts, by := len(c.Changed) > 0, word(c.By, tape.MaxBy) && word(c.Reason, tape.MaxReason)
	without := c.By == "" && c.Reason == ""
	if !(c.Cause == tape.EntryChanged && parts && without || c.Cause == tape.EntryGone && !parts && without || c.Cause == tape.TakenBack && !parts && by) {
		return refused(tape.BadClearance, none)
	}
	x := m.cleared[i]
	m.cleared = slices.Delete(m.cleared, i, i+1)
	m.forget(x.Account)
	return []tape.Event{tape.ClearanceEnded{ID: x.ID, Account: x.Account, Cause: c.Cause, Changed: c.Changed, By: c.By, Reason: c.Reason}}
}

// forget: "Decisions kept for an action of the account are forgotten unspent."
func (m *model) forget(account uint64) {
	for id, k := range m.kept {
		if k.account == account {
			delete(m.kept, id)
		}
	}
}

func (m *model) amend(c *tape.AmendCustomer) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	a.Commitment = c.Commitment
	m.forget(c.Account)
	events := []tape.Event{tape.CustomerAmended{Account: c.Account, Commitment: c.Commitment}}
	if len(c.Changed) == 0 {
		return events
	}
	var stay []tape.Cleared
	for _, x := range m.cleared {
		if x.Account != c.Account {
			stay = append(stay, x)
			continue
		}
		events = append(events, tape.ClearanceEnded{ID: x.ID, Account: x.Account, Cause: tape.CustomerChanged, Changed: c.Changed})
	}
	m.cleared = stay
	return events
}

// relies says which clearance a decision relies on that is not in force, or is another than
// the log has: "alike in every field".
func (m *model) relies(d *gate.Decision) error {
	for _, c := range d.Cleared {
		same := func(x tape.Cleared) bool {
			return x.ID == c.ID && x.Account == d.Account && tells(x, c)
		}
		if !slices.ContainsFunc(m.cleared, same) {
			return fmt.Errorf("it relies on clearance %d, which is not in force or reads otherwise", c.ID)
		}
	}
	return nil
}

// tells reports whether a decision repeats a clearance as the log has it.
func tells(x tape.Cleared, c gate.Clearance) bool {
	return x.List == c.List && x.Entity == c.EntityID && x.By == c.By && time.UnixMicro(x.At).Equal(c.At) &&
		fmt.Sprintf("%x", x.Listed) == c.Listed && fmt.Sprintf("%x", x.Subject) == c.Subject
}

// A ruling is what the audit remembers of the decision that an account stands under, where
// it has findings.
type ruling struct {
	decision tape.Hash
	findings []match.Finding // list, entity and grade alone
}

// A lapsed clearance, as the audit remembers it for the decisions that speak of it.
type lapsed struct {
	tape.Cleared
	tape.ClearanceEnded
}

// clearances is what the audit keeps to hold decisions and clearances to one another.
type clearances struct {
	rulings map[uint64]ruling // by account
	made    map[uint64]tape.Cleared
	ended   map[uint64]lapsed
	edition func(list, sha256 string) (*watchlist.Edition, error)
	loaded  map[string]*watchlist.Edition // by list: the last that was asked for
	taken   []string                      // lists taken up in the commit at hand
}

func newClearances(edition func(list, sha256 string) (*watchlist.Edition, error)) clearances {
	return clearances{rulings: map[uint64]ruling{}, made: map[uint64]tape.Cleared{}, ended: map[uint64]lapsed{}, edition: edition, loaded: map[string]*watchlist.Edition{}}
}

// see remembers what events say of clearances.
func (c *clearances) see(events []tape.Event) {
	for _, e := range events {
		switch e := e.(type) {
		case tape.EditionTaken:
			c.taken = append(c.taken, e.List)
		case tape.Cleared:
			c.made[e.ID] = e
		case tape.ClearanceEnded:
			c.ended[e.ID] = lapsed{c.made[e.ID], e}
		}
	}
}

// decided remembers the findings of a decision on an account's standing.
func (c *clearances) decided(d *gate.Decision, id tape.Hash) {
	if d.Action != law.Review && d.Action != law.OpenAccount {
		return
	}
	if len(d.Findings) == 0 {
		delete(c.rulings, d.Account)
		return
	}
	r := ruling{decision: id}
	for _, f := range d.Findings {
		r.findings = append(r.findings, match.Finding{List: f.List, EntityID: f.EntityID, Grade: f.Grade})
	}
	c.rulings[d.Account] = r
}

// auditClear holds a clearance to the decision in which the likeness was looked at: there
// was one, and it was no identity, which a reviewer's word does not end.
func (r *replay) auditClear(c *tape.Clear) error {
	likeness := false
	if ruled := r.clearances.rulings[c.Account]; ruled.decision == c.Decision {
		for _, f := range ruled.findings {
			if f.List != c.List || f.EntityID != c.Entity {
				continue
			}
			if f.Grade != match.Resembles {
				return fmt.Errorf("clearance of account %d for %s %s: decision %x found identity (%s), which no one's word clears", c.Account, c.List, c.Entity, c.Decision, f.Grade)
			}
			likeness = true
		}
	}
	if !likeness {
		return fmt.Errorf("clearance of account %d for %s %s: decision %x found no such likeness", c.Account, c.List, c.Entity, c.Decision)
	}
	return r.entryIs(c.List, c.Entity, fmt.Sprintf("%x", c.Listed))
}

// entryIs holds what a clearance rests on to the edition in force, where that is at hand.
func (r *replay) entryIs(list, id, want string) error {
	if r.clearances.edition == nil {
		return nil
	}
	in, ok := r.model.editions[list]
	if !ok {
		return fmt.Errorf("a clearance is for %s %s, and no edition of that list is in force", list, id)
	}
	hash := hex.EncodeToString(in.SHA256[:])
	e := r.clearances.loaded[list]
	if e == nil || e.SHA256 != hash {
		var err error
		if e, err = r.clearances.edition(list, hash); err != nil {
			r.unseen++
			return nil
		}
		r.clearances.loaded[list] = e
	}
	entry := e.Find(id)
	if entry == nil {
		return fmt.Errorf("a clearance is for %s %s, which edition %s has not", list, id, hash)
	}
	if got := fmt.Sprintf("%x", match.BasisOf(entry).SHA256()); got != want {
		return fmt.Errorf("a clearance for %s %s rests on an entry %s; in edition %s it is %s", list, id, want, hash, got)
	}
	r.rested++
	return nil
}

// settled holds the clearances in force to an edition that was taken up, once the commands
// that it brings (EndClearance, and then Decide) are through: next is the first other one,
// or nil at the end of the log. A clearance whose entry changed and that goes on is void,
// whether or not anybody was decided again on it.
func (r *replay) settled(next tape.Command) error {
	switch next.(type) {
	case *tape.TakeEdition, *tape.EndClearance, *tape.Decide:
		return nil
	}
	taken := r.clearances.taken
	r.clearances.taken = nil
	for _, x := range r.model.cleared {
		if !slices.Contains(taken, x.List) {
			continue
		}
		if err := r.entryIs(x.List, x.Entity, fmt.Sprintf("%x", x.Listed)); err != nil {
			return fmt.Errorf("clearance %d of account %d was not ended with the edition that voids it: %w", x.ID, x.Account, err)
		}
	}
	return nil
}

// auditCleared holds a decision to the clearances it relies on, and to those it says have
// ended. That they are in force the model has seen (StaleDecision).
func (r *replay) auditCleared(d *gate.Decision) error {
	for _, c := range d.Cleared {
		covers := func(f match.Finding) bool {
			return f.List == c.List && f.EntityID == c.EntityID && f.Grade == match.Resembles
		}
		if !slices.ContainsFunc(d.Findings, covers) {
			return fmt.Errorf("it relies on clearance %d, for which it has no finding of a likeness", c.ID)
		}
		if err := r.entryIs(c.List, c.EntityID, c.Listed); err != nil {
			return err
		}
	}
	for _, l := range d.Lapsed {
		e, ok := r.clearances.ended[l.ID]
		if !ok || e.Cleared.Account != d.Account || !tells(e.Cleared, l.Clearance) || l.Cause != e.Cause.String() ||
			!slices.Equal(l.Changed, e.ClearanceEnded.Changed) {
			return fmt.Errorf("it says that clearance %d has ended, and the log does not, or otherwise", l.ID)
		}
	}
	// A person has no owners, so each finding is their own: a likeness that no clearance
	// covers must be among the facts, and identity always.
	if kind, _ := d.Facts.Text("customer.kind"); kind != "person" {
		return nil
	}
	for _, f := range d.Findings {
		covered := f.Grade == match.Resembles && slices.ContainsFunc(d.Cleared, func(c gate.Clearance) bool { return c.List == f.List && c.EntityID == f.EntityID })
		fact := map[match.Grade]string{match.Resembles: "listing.resembles", match.Same: "listing.same"}[f.Grade]
		if lists, known := d.Facts.Texts(fact); known && !covered && !slices.Contains(lists, f.List) {
			return fmt.Errorf("it found a likeness (%s) to %s %s that no clearance covers, and its facts do not say so", f.Grade, f.List, f.EntityID)
		}
	}
	return nil
}
