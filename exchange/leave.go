package exchange

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"sallyport/chain/memory"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// staying is the withdrawals that were permitted and may not leave any more, with what was last decided of each (outcomeOf).
// No command ends one while its account may withdraw: its value stays in the pocket leaving until it may go, or the account
// is stopped.
type staying struct {
	sync.Mutex
	said map[uint64]tape.Hash
}

// forget is for one that has left, or has ended.
func (s *staying) forget(id uint64) {
	s.Lock()
	defer s.Unlock()
	delete(s.said, id)
}

// stays notes what was decided of one, and reports whether that is news.
func (s *staying) stays(id uint64, outcome tape.Hash) bool {
	s.Lock()
	defer s.Unlock()
	if s.said == nil {
		s.said = map[uint64]tape.Hash{}
	}
	before, known := s.said[id]
	s.said[id] = outcome
	return !known || before != outcome
}

// resend has the withdrawals that stay looked at again, after what decisions rest on has changed.
func (x *Exchange) resend() {
	x.staying.Lock()
	defer x.staying.Unlock()
	for _, id := range slices.Sorted(maps.Keys(x.staying.said)) {
		select {
		case x.outbox <- id:
		default:
			x.missed.Store(true)
		}
	}
}

// handOver gives a withdrawal to the chain, and reports whether it did: one that is requested not before the log says that it is
// on its way, nor where it may not leave any more. From the arrival of an edition until it is in force it waits.
func (x *Exchange) handOver(w *tape.WithdrawalChanged) (memory.Transfer, bool) {
	x.leaving.RLock()
	defer x.leaving.RUnlock()
	goes := w.Status == tape.Sending
	var err error
	if w.Status == tape.Requested {
		goes, err = x.letGo(w)
	}
	net, wrong := w.Amount.Sub(w.Fee)
	if err = errors.Join(err, wrong); err != nil {
		x.cfg.Log.Error("a withdrawal could not be sent", "withdrawal", w.ID, "error", err)
		return memory.Transfer{}, false
	}
	if !goes {
		return memory.Transfer{}, false
	}
	return x.chain.Send(fmt.Sprintf("withdrawal %d", w.ID), memory.Transfer{
		Network: w.Network, Asset: x.view.Genesis().Assets[w.Asset].Code, Amount: net,
		From: memory.DepositAddress(w.Network, uint64(ledger.Outside)), To: w.Address,
	}), true
}

// letGo puts into the log that a requested withdrawal is on its way, if it may still leave.
func (x *Exchange) letGo(w *tape.WithdrawalChanged) (goes bool, err error) {
	err = x.timely(func() error {
		x.basis.RLock()
		defer x.basis.RUnlock()
		if now, _ := x.view.Withdrawal(w.ID); now.Status != tape.Requested {
			return nil // it was called back while it waited
		}
		if may, err := x.mayLeave(w, x.Now()); !may || err != nil {
			return err
		}
		events, err := x.submitJob(&job{cmds: []tape.Command{&tape.SendWithdrawal{Withdrawal: w.ID}}})
		if err != nil {
			return err
		}
		_, refused := refusal(events[0]) // the log says why
		goes = !refused
		x.staying.forget(w.ID)
		return nil
	})
	return goes, err
}

// mayLeave reports whether what was permitted when it was asked for may leave now. Where anything has changed since that the yes
// rests on, as where an edition has come that lists the other address, it is decided again; a no is put into the log.
// The caller holds basis for reading; errDue is for it to look again.
func (x *Exchange) mayLeave(w *tape.WithdrawalChanged, at time.Time) (bool, error) {
	r, err := x.view.decisionBy(w.Decision)
	if err != nil {
		x.staying.stays(w.ID, tape.Hash{})
		return false, err
	}
	if x.stillTrue(r, w.Address, at) && slices.Equal(r.Decision.Stale, x.watch.stale(at, x.cfg.StaleAfter)) {
		return true, nil
	}
	g := x.view.Genesis()
	c := x.customers.find(w.Account)
	cmd := &tape.Withdraw{Account: w.Account, Asset: w.Asset, Amount: w.Amount, Network: w.Network, Address: w.Address, Ref: w.Ref}
	f, findings := x.movementFacts(c, g.Assets[w.Asset].Code, w.Amount, w.Address, 0, sessionOf(&r.Decision.Facts), at)
	d := x.judge(c, law.Withdraw, f, findings, at, venue.WithdrawMovement(&g, cmd).Digest())
	why := d.ID
	if _, yes := gate.Grant(d); yes {
		shunned := x.shuns(c, w.Address)
		if shunned == nil {
			return true, nil
		}
		why = shunned.Decision // which the log has
	}
	if !x.staying.stays(w.ID, outcomeOf(&d)) {
		return false, nil
	}
	x.cfg.Log.Warn("a withdrawal that was permitted may not leave any more, and stays", "withdrawal", w.ID, "account", w.Account, "decision", why)
	if why != d.ID {
		return false, nil
	}
	_, err = x.record(d, false)
	return false, err
}
