package exchange

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"sallyport/chain/memory"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// A Session is where a request came from. The zero value is not known, which holds what a
// rule of place reads.
type Session struct {
	Known    bool
	Country  string // ISO 3166-1 alpha-2; "" for a relay, which is known and no place
	Area     string // the control area within it, as in package geo, or ""
	AreaOpen bool   // the country is known, and not whether the place lies in such an area
}

// Session is the place of an address. Of none it is nowhere known.
func (x *Exchange) Session(from netip.Addr) Session {
	if !from.IsValid() || x.cfg.Locate == nil {
		return Session{}
	}
	return x.cfg.Locate(from.Unmap())
}

// sessionOf is where the request came from that a decision was about.
func sessionOf(f *law.Facts) Session {
	country, ok1 := f.Text("session.country")
	area, ok2 := f.Text("session.area")
	return Session{Known: ok1, Country: country, Area: area, AreaOpen: ok1 && !ok2}
}

// movementFacts adds to a customer's facts what a movement of an amount brings: the lists that
// name the other address and what is known of it, what moves is worth, and the value here with
// what is arriving of it.
func (x *Exchange) movementFacts(c *customer, asset string, amount money.Amount, address string, arriving int64, s Session, at time.Time) (law.Facts, []match.Finding) {
	own, owners := x.screened(c)
	f := x.facts(c, own, owners, at)
	if lists, known := x.watch.listed(address); known {
		x.state(&f, "counterparty.listed", lists)
	}
	x.assetFacts(&f, asset)
	x.state(&f, "movement.dust", false)
	if cents, priced := x.worth(asset, amount); priced {
		x.state(&f, "movement.value_eur_cents", cents)
	}
	x.controlled(&f, c, address)
	// Nothing is known here yet of who is behind an address that neither a list names nor a
	// platform keeps.
	for _, name := range []string{"counterparty.bank_listed", "exposure.listed"} {
		x.state(&f, name, []string{})
	}
	for _, name := range []string{"counterparty.area", "counterparty.country"} {
		x.state(&f, name, "")
	}
	x.behind(&f, address, at)
	if s.Known {
		x.state(&f, "session.country", s.Country)
		if !s.AreaOpen {
			x.state(&f, "session.area", s.Area)
		}
	}
	x.holding(&f, c, arriving)
	return f, allFindings(own, owners)
}

// Receive credits a transfer that arrived at a customer's address, as the gate says.
func (x *Exchange) Receive(account uint64, t memory.Transfer) (tape.DepositChanged, error) {
	asset, ok := x.view.Asset(t.Asset)
	c := x.customers.find(account)
	if !ok || c == nil {
		return tape.DepositChanged{}, fmt.Errorf("exchange: transfer %s: no account %d or no asset %q here", t.TxID, account, t.Asset)
	}
	g := x.view.Genesis()
	var events []tape.Event
	err := x.timely(func() (err error) {
		x.basis.RLock()
		defer x.basis.RUnlock()
		at := x.Now()
		cmd := &tape.Deposit{Account: account, Asset: asset, Amount: t.Amount, Network: t.Network, TxID: t.TxID, Index: t.Index, From: t.From}
		f, findings := x.movementFacts(c, t.Asset, t.Amount, t.From, x.cents(asset, t.Amount), Session{}, at)
		d := x.judge(c, law.Deposit, f, findings, at, venue.DepositMovement(&g, cmd).Digest())
		events, err = x.decided(d, cmd, &cmd.Decision)
		return err
	})
	if err != nil {
		return tape.DepositChanged{}, err
	}
	for _, e := range events {
		if e, ok := e.(tape.DepositChanged); ok {
			return e, x.reviewOne(c)
		}
	}
	return tape.DepositChanged{}, fmt.Errorf("exchange: transfer %s was neither credited nor refused", t.TxID)
}

// decided puts a decision and the command that spends it into the log together. The caller
// holds basis for reading; errDue is for it to look again.
func (x *Exchange) decided(d gate.Decision, cmd tape.Command, id *tape.Hash, meant ...Meant) ([]tape.Event, error) {
	h, err := hashOf(d.ID)
	if err != nil {
		return nil, err
	}
	*id = h
	events, err := x.submitJob(&job{cmds: []tape.Command{encodeDecision(d), cmd}, meant: meant})
	if err != nil {
		return nil, err
	}
	for _, es := range events {
		if r, ok := refusal(es); ok {
			if r.Decision == (tape.Hash{}) && d.Verdict != law.Allow {
				r.Decision = h
			}
			return nil, x.refused(r)
		}
	}
	return events[1], nil
}

// Withdraw asks for value to leave to an address. Ref is the customer's own id for it, each
// only once; s is where the request came from. The error is a *Refusal when the gate or the venue refused; a withdrawal that is
// returned with status OutStopped was frozen on its way. It may wait long, as while an edition arrives; what is not meant any longer
// when its turn comes does not leave.
func (x *Exchange) Withdraw(account uint64, asset uint16, amount money.Amount, network, address, ref string, s Session, meant ...Meant) (tape.WithdrawalChanged, error) {
	c := x.customers.find(account)
	if c == nil {
		return tape.WithdrawalChanged{}, &Refusal{Reason: tape.UnknownAccount}
	}
	x.leaving.RLock()
	defer x.leaving.RUnlock()
	var w tape.WithdrawalChanged
	err := x.timely(func() (err error) {
		w, err = x.withdraw(c, asset, amount, network, address, ref, s, meant...)
		return err
	})
	return w, err
}

func (x *Exchange) withdraw(c *customer, asset uint16, amount money.Amount, network, address, ref string, s Session, meant ...Meant) (tape.WithdrawalChanged, error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	account, at := c.account, x.Now()
	if r := x.refusesUnidentified(account); r != nil {
		return tape.WithdrawalChanged{}, r
	}
	g := x.view.Genesis()
	a, ok := x.view.Account(account)
	// What the venue would refuse for its form alone needs no decision.
	switch {
	case !ok:
		return tape.WithdrawalChanged{}, &Refusal{Reason: tape.UnknownAccount}
	case a.Standing.May&tape.MayWithdraw == 0:
		return tape.WithdrawalChanged{}, x.refused(tape.Refused{Reason: tape.Stopped, Decision: a.Standing.Decision})
	case int(asset) >= len(g.Assets) || g.Assets[asset].Network != network || amount.Truncate(int(g.Assets[asset].Decimals)) != amount:
		return tape.WithdrawalChanged{}, &Refusal{Reason: tape.UnknownAsset}
	case amount.Less(g.Assets[asset].MinOut):
		return tape.WithdrawalChanged{}, &Refusal{Reason: tape.TooSmall}
	case a.Balances[asset][ledger.Available].Less(amount):
		return tape.WithdrawalChanged{}, &Refusal{Reason: tape.Insufficient}
	}
	cmd := &tape.Withdraw{Account: account, Asset: asset, Amount: amount, Network: network, Address: address, Ref: ref}
	f, findings := x.movementFacts(c, g.Assets[asset].Code, amount, address, 0, s, at)
	d := x.judge(c, law.Withdraw, f, findings, at, venue.WithdrawMovement(&g, cmd).Digest())
	if r := x.shuns(c, address); r != nil && d.Verdict == law.Allow {
		return tape.WithdrawalChanged{}, r
	}
	events, err := x.decided(d, cmd, &cmd.Decision, meant...)
	if err != nil {
		return tape.WithdrawalChanged{}, err
	}
	for _, e := range events {
		if w, ok := e.(tape.WithdrawalChanged); ok {
			return w, nil
		}
	}
	return tape.WithdrawalChanged{}, fmt.Errorf("exchange: withdrawal %q was neither taken nor refused", ref)
}

// reviewOne decides one customer's standing again after what they hold has changed, and
// records it if it says something new.
func (x *Exchange) reviewOne(c *customer) error {
	x.basis.Lock()
	defer x.basis.Unlock()
	at, err := x.catchUp()
	if err != nil {
		return err
	}
	var cmds []tape.Command
	d := x.review(c, at)
	moved := x.view.stance(c.account).outcome != outcomeOf(&d)
	if moved {
		cmds = append(cmds, encodeDecision(d))
	}
	for _, h := range x.holdings(c, at) {
		cmds = append(cmds, encodeDecision(h))
	}
	if len(cmds) == 0 {
		return nil
	}
	events, err := x.put(cmds...)
	if err != nil {
		return err
	}
	for _, es := range events {
		if r, ok := refusal(es); ok {
			return fmt.Errorf("exchange: account %d: %s", c.account, r.Reason)
		}
	}
	return x.closeOrders([]*customer{c})
}

// reconsider decides again what lies set aside, after what decisions rest on has changed.
// The caller holds basis for writing.
func (x *Exchange) reconsider(at time.Time) error {
	g := x.view.Genesis()
	for _, account := range x.view.keptBack() {
		c := x.customers.find(account)
		for _, dep := range x.view.Deposits(c.account) {
			if dep.Pocket == ledger.Available {
				continue
			}
			by, ok := putAsideBy(x, account, dep.Decision, x.view.laidBy)
			if !ok || dep.Pocket == ledger.Frozen && by.verdict != law.Freeze {
				continue // nothing of its own keeps it
			}
			cmd := &tape.Deposit{Account: dep.Account, Asset: dep.Asset, Amount: dep.Amount, Network: dep.Network, TxID: dep.TxID, Index: dep.Index, From: dep.From}
			f, findings := x.movementFacts(c, g.Assets[dep.Asset].Code, dep.Amount, dep.From, 0, Session{}, at)
			d := x.judge(c, law.Deposit, f, findings, at, venue.DepositMovement(&g, cmd).Digest())
			if err := x.decideAside(by.verdict, d); err != nil {
				return err
			}
		}
		for _, w := range x.view.Withdrawals(c.account) {
			if w.Status != tape.OutStopped {
				continue
			}
			by, ok := putAsideBy(x, account, w.Decision, x.view.laidBy)
			if !ok || by.action != law.Withdraw || by.verdict != law.Freeze && by.verdict != law.Hold {
				continue // it went the way of its whole account
			}
			r, ok := putAsideBy(x, account, w.Decision, x.view.decisionBy)
			if !ok {
				continue
			}
			cmd := &tape.Withdraw{Account: w.Account, Asset: w.Asset, Amount: w.Amount, Network: w.Network, Address: w.Address, Ref: w.Ref}
			f, findings := x.movementFacts(c, g.Assets[w.Asset].Code, w.Amount, w.Address, 0, sessionOf(&r.Decision.Facts), at)
			d := x.judge(c, law.Withdraw, f, findings, at, venue.WithdrawMovement(&g, cmd).Digest())
			if err := x.decideAside(by.verdict, d); err != nil {
				return err
			}
		}
	}
	x.resend()
	return x.reconsiderAsked(at)
}

// putAsideBy is the decision under which something of an account lies aside, or what is kept of it. Where that cannot
// be read it stays as it is: nothing is released by it.
func putAsideBy[T any](x *Exchange, account uint64, id tape.Hash, read func(tape.Hash) (T, error)) (T, bool) {
	by, err := read(id)
	if err != nil && !errors.Is(err, ErrNoDecision) {
		x.cfg.Log.Error("what lies aside cannot be decided again, for the decision on it cannot be read", "account", account, "decision", hex.EncodeToString(id[:]), "error", err)
	}
	return by, err == nil
}

// decideAside records a decision on a movement that lies aside, if that moves it: else it would
// be news again whenever it is asked about, since it lies under the decision that moved it last.
func (x *Exchange) decideAside(before law.Verb, d gate.Decision) error {
	switch d.Verdict {
	case before:
		return nil
	case law.Freeze, law.Allow, law.Cap, law.Exit:
	case law.Hold:
		if a, _ := x.view.Account(d.Account); before != law.Freeze || a.Standing.Verdict == law.Freeze {
			return nil
		}
	default:
		return nil // it stays where it is (tape.Decide)
	}
	events, err := x.put(encodeDecision(d))
	if err != nil {
		return err
	}
	if r, ok := refusal(events[0]); ok {
		return fmt.Errorf("exchange: decision %s: %s", d.ID, r.Reason)
	}
	return nil
}

// send hands requested withdrawals to the chain, if they may still leave: first the log says that one is on its way,
// then the chain gets it, then the log says that it has it. A crash in between sends it again
// under the same key.
func (x *Exchange) send() {
	defer x.senders.Done()
	x.missed.Store(true) // what the log had when it was opened
	for {
		if x.missed.Swap(false) {
			for _, w := range x.view.unsent() {
				select {
				case <-x.quit:
					return
				default:
					x.sendOne(w.ID)
				}
			}
		}
		select {
		case <-x.quit:
			return
		case id := <-x.outbox:
			x.sendOne(id)
		}
	}
}

func (x *Exchange) sendOne(id uint64) {
	w, ok := x.view.Withdrawal(id)
	if !ok {
		return
	}
	if w.Status != tape.Requested && w.Status != tape.Sending {
		x.staying.forget(id)
		return
	}
	t, ok := x.handOver(&w)
	if !ok {
		return
	}
	events, err := x.submit(&tape.SettleWithdrawal{Withdrawal: id, TxID: t.TxID})
	if err == nil {
		if r, ok := refusal(events[0]); ok {
			err = x.refused(r)
		}
	}
	if err != nil {
		x.cfg.Log.Error("a withdrawal was sent but the log could not say so", "withdrawal", id, "txid", t.TxID, "error", err)
		return
	}
	// Who holds less now may be below a value that a rule has.
	if c := x.customers.find(w.Account); c != nil {
		if err := x.reviewOne(c); err != nil {
			x.cfg.Log.Error("a customer could not be decided again", "account", w.Account, "error", err)
		}
	}
}
