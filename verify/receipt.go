package verify

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"sallyport/gate"
	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// auditReceipt holds a receipt to the record that it speaks of, and what it tells to do to
// an own reading of what gate.Next documents.
func (r *replay) auditReceipt(g *receipt.Receipt, rec journal.Record, cmd tape.Command, events []tape.Event) error {
	c, ok := cmd.(*tape.Decide)
	if _, no := refusal(events); !ok || no {
		return fmt.Errorf("a receipt was given for it, and it holds no decision that stands")
	}
	d, id, err := readDecision(c.Body)
	if err != nil {
		return err
	}
	var stands tape.Standing
	if a := r.model.accounts[d.Account]; a != nil {
		stands = a.Standing
	}
	for _, part := range []struct {
		what      string
		told, has any
	}{
		{"log", g.Origin, r.report.Origin},
		{"chain", hex.EncodeToString(g.Chain[:]), hex.EncodeToString(rec.Chain[:])},
		{"time", g.Time, rec.Time},
		{"decision", hex.EncodeToString(g.Decision[:]), hex.EncodeToString(id[:])},
		{"account", g.Account, d.Account},
		{"action", g.Action, d.Action},
		{"verdict", g.Verdict, d.Verdict},
		{"movement", g.Movement, d.Movement},
		{"standing", g.Standing, stands.Verdict},
		{"decision of the standing", hex.EncodeToString(g.Stands[:]), hex.EncodeToString(stands.Decision[:])},
		{"word what to do", g.Do.String(), toDo(d.Action, d.Verdict, stands.Verdict)},
	} {
		if part.told != part.has {
			return fmt.Errorf("its receipt gives the %s %v, the log %v", part.what, part.told, part.has)
		}
	}
	return nil
}

// auditAsked holds a decision that another exchange asked for to what it says it answers: the
// digest is that of what moves, no question is answered twice, and what it takes the place of
// is an earlier decision on the same movement.
func (r *replay) auditAsked(d *gate.Decision, id tape.Hash) error {
	a := d.Asked
	if a == nil {
		return nil
	}
	r.report.Asked++
	moves := d.Action == law.Deposit || d.Action == law.Withdraw
	if moves != (a.Moves != nil) || moves != (d.Movement != "") {
		return errors.New("it was asked for by another exchange, and does not tell what moves, or tells it where nothing does")
	}
	if m := a.Moves; moves && (m.Kind != d.Action || m.Account != d.Account || movementDigest(m.Kind, m.Account, m.Asset, m.Amount, m.Address, m.Network, m.Ref) != d.Movement) {
		return errors.New("the digest of its movement is not that of what it says moves")
	}
	if a.Again != "" {
		if before, ok := r.asked[a.Again]; !moves || !ok || before != d.Movement {
			return fmt.Errorf("it takes the place of decision %s, which is no earlier one on this movement", a.Again)
		}
	} else if again, ok := r.keys[a.Key]; ok {
		return fmt.Errorf("it answers a question that decision %x answered", again)
	} else {
		r.keys[a.Key] = id
	}
	lists, known := d.Facts.Texts("counterparty.listed")
	for _, f := range a.Party {
		switch {
		case a.PartySubject == "":
			return errors.New("it has findings on the other side, and no commitment to what was said of them")
		case f.Grade == match.Same && !slices.Contains(lists, f.List):
			return fmt.Errorf("whoever is on the other side is on %s (%s), and its facts do not say so", f.List, f.EntityID)
		case f.Grade == match.Resembles && known && len(lists) == 0:
			return fmt.Errorf("whoever is on the other side resembles %s of %s, and its facts say that no list names them", f.EntityID, f.List)
		}
	}
	for _, name := range a.Told.Names() {
		if !d.Facts.Known(name) {
			return fmt.Errorf("%s was told, and is not among its facts", name)
		}
	}
	if moves {
		r.asked[d.ID] = d.Movement
	}
	return nil
}

// toDo is what a receipt must tell, as a table; see gate.Next. "A trade, a deposit and a
// withdrawal need both … Opening an account, reviewing it, signing in and holding an asset
// are their own verdict alone, and so is what the operator itself asks".
func toDo(action law.Action, verdict, standing law.Verb) string {
	both := action == law.Trade || action == law.Deposit || action == law.Withdraw
	either := func(vs ...law.Verb) bool {
		for _, v := range vs {
			if verdict == v || both && standing == v {
				return true
			}
		}
		return false
	}
	leaves := func(v law.Verb) bool { return v == law.Exit || v == law.Cap }
	free := func(v law.Verb) bool { return v == law.Allow || leaves(v) }
	switch {
	case either(law.Freeze):
		return "freeze"
	case action == law.Deposit:
		if free(verdict) && free(standing) {
			return "proceed"
		}
		return "set_aside"
	case either(law.Reject, law.Refuse, law.AssetBan, law.PlatformBan), action == law.Trade && (leaves(verdict) || leaves(standing)),
		(action == law.ListAsset || action == law.DealPlatform) && leaves(verdict):
		return "stop"
	case !free(verdict), both && !free(standing):
		return "wait"
	case (action == law.OpenAccount || action == law.Review || action == law.HoldAsset) && leaves(verdict):
		return "let_leave"
	}
	return "proceed"
}
