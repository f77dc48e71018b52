package venue

import (
	"encoding/hex"
	"maps"
	"slices"

	"sallyport/gate"
	"sallyport/venue/tape"
)

func (v *Venue) clear(c *tape.Clear) {
	a := v.accounts[c.Account]
	switch {
	case a == nil:
		v.refuse(tape.UnknownAccount)
	case a.standing.Decision != c.Decision:
		v.refuseFor(tape.StaleDecision, c.Decision)
	case c.List == "" || c.Entity == "" || !said(c.By, c.Reason) || c.At > v.now || c.At < v.now-tape.Fresh:
		v.refuse(tape.BadClearance)
	case v.clearance(c.Account, c.List, c.Entity) != nil:
		v.refuse(tape.DuplicateClearance)
	default:
		v.lastClearance++
		x := &tape.Cleared{ID: v.lastClearance, Clear: *c}
		v.clearances[x.ID] = x
		v.emit(*x)
	}
}

// said reports whether an operator user's word is whole and within bounds.
func said(by, reason string) bool {
	return by != "" && len(by) <= tape.MaxBy && reason != "" && len(reason) <= tape.MaxReason
}

// clearance is the one in force of an account for an entity of a list, or nil.
func (v *Venue) clearance(account uint64, list, entity string) *tape.Cleared {
	for _, x := range v.clearances {
		if x.Account == account && x.List == list && x.Entity == entity {
			return x
		}
	}
	return nil
}

// cleared reports whether all clearances that a decision relies on are in force.
func (v *Venue) cleared(d *gate.Decision) bool {
	for _, c := range d.Cleared {
		x := v.clearances[c.ID]
		if x == nil || x.Account != d.Account || x.List != c.List || x.Entity != c.EntityID || x.By != c.By || x.At != c.At.UnixMicro() ||
			hex.EncodeToString(x.Listed[:]) != c.Listed || hex.EncodeToString(x.Subject[:]) != c.Subject {
			return false
		}
	}
	return true
}

func (v *Venue) endClearance(c *tape.EndClearance) {
	x := v.clearances[c.Clearance]
	if x == nil {
		v.refuse(tape.UnknownClearance)
		return
	}
	silent := c.By == "" && c.Reason == ""
	good := false
	switch c.Cause {
	case tape.EntryChanged:
		good = silent && len(c.Changed) > 0
	case tape.EntryGone:
		good = silent && len(c.Changed) == 0
	case tape.TakenBack:
		good = said(c.By, c.Reason) && len(c.Changed) == 0
	}
	if !good {
		v.refuse(tape.BadClearance)
		return
	}
	v.endCleared(x, c.Cause, c.Changed, c.By, c.Reason)
	v.unkeep(x.Account)
}

func (v *Venue) endCleared(x *tape.Cleared, cause tape.Cause, changed []string, by, reason string) {
	delete(v.clearances, x.ID)
	v.emit(tape.ClearanceEnded{ID: x.ID, Account: x.Account, Cause: cause, Changed: changed, By: by, Reason: reason})
}

// unkeep drops the decisions kept for an action of the account.
func (v *Venue) unkeep(account uint64) {
	for id, k := range v.kept {
		if k.decision.Account == account {
			delete(v.kept, id)
		}
	}
}

func (v *Venue) amendCustomer(c *tape.AmendCustomer) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	a.commitment = c.Commitment
	v.emit(tape.CustomerAmended{Account: c.Account, Commitment: c.Commitment})
	if len(c.Changed) > 0 {
		for _, id := range slices.Sorted(maps.Keys(v.clearances)) {
			if x := v.clearances[id]; x.Account == c.Account {
				v.endCleared(x, tape.CustomerChanged, c.Changed, "", "")
			}
		}
	}
	v.unkeep(c.Account)
}
