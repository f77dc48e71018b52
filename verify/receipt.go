package verify

import (
	"encoding/hex"
	"fmt"

	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
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

// toDo is what a receipt must tell, as a table; see gate.Next. "A trade, a deposit and a
// withdrawal need both … Opening an account, reviewing it and signing in are their own
// verdict alone."
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
	case either(law.Reject, law.Refuse), action == law.Trade && (leaves(verdict) || leaves(standing)):
		return "stop"
	case !free(verdict), both && !free(standing):
		return "wait"
	case (action == law.OpenAccount || action == law.Review) && leaves(verdict):
		return "let_leave"
	}
	return "proceed"
}
