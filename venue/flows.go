package venue

import (
	"errors"
	"fmt"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// DepositMovement is the movement that a decision about this deposit must name.
func DepositMovement(g *tape.Genesis, c *tape.Deposit) gate.Movement {
	return gate.Movement{
		Kind: law.Deposit, Account: c.Account, Asset: g.Assets[c.Asset].Code, Amount: c.Amount.String(),
		Network: c.Network, Address: c.From, Ref: fmt.Sprintf("%s:%d", c.TxID, c.Index),
	}
}

// WithdrawMovement is the movement that a decision about this withdrawal must name.
func WithdrawMovement(g *tape.Genesis, c *tape.Withdraw) gate.Movement {
	return gate.Movement{
		Kind: law.Withdraw, Account: c.Account, Asset: g.Assets[c.Asset].Code, Amount: c.Amount.String(),
		Network: c.Network, Address: c.Address, Ref: c.Ref,
	}
}

// deposit credits a transfer; see the words at tape.Deposit.
func (v *Venue) deposit(c *tape.Deposit) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	if int(c.Asset) >= len(v.genesis.Assets) || v.genesis.Assets[c.Asset].Network != c.Network || c.Amount.Sign() <= 0 || !v.fits(c.Amount, c.Asset) {
		v.refuse(tape.UnknownAsset)
		return
	}
	key := tape.DepositKey(c.Network, c.TxID, c.Index)
	if v.deposits[key] {
		v.refuse(tape.DuplicateDeposit)
		return
	}
	movement := DepositMovement(v.genesis, c).Digest()
	k := v.spend(c.Decision, law.Deposit, c.Account, movement)
	if k == nil {
		v.refuseFor(tape.NoPermit, c.Decision)
		return
	}
	set, frozen := k.decision.Verdict != law.Freeze && !k.permit.Covers(movement), k.decision.Verdict == law.Freeze
	pocket := ledger.Available
	switch {
	case frozen || a.standing.Verdict == law.Freeze:
		pocket = ledger.Frozen
		set = false
	case set || a.standing.May&tape.MayWithdraw == 0:
		pocket = ledger.Apart
		set = true
	}
	err := v.ledger.Post(ledger.Posting{
		Asset: c.Asset, Amount: c.Amount,
		From: ledger.Place{Account: ledger.Outside, Pocket: ledger.Available},
		To:   ledger.Place{Account: ledger.Account(c.Account), Pocket: pocket},
	})
	if err != nil {
		v.refuse(tape.TooLarge)
		return
	}
	v.deposits[key] = true
	v.lastDeposit++
	d := tape.DepositChanged{
		ID: v.lastDeposit, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Network: c.Network,
		TxID: c.TxID, Index: c.Index, From: c.From, Pocket: pocket, Decision: c.Decision, Created: v.now,
	}
	if set || frozen {
		v.aside[movement] = &aside{
			Aside:   tape.Aside{Movement: movement, Deposit: d.ID, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Frozen: pocket == ledger.Frozen},
			deposit: &d,
		}
	}
	v.emit(d)
}

// spend takes a kept decision about one movement of an account, or nil when there is none.
func (v *Venue) spend(id tape.Hash, action law.Action, account uint64, movement string) *kept {
	k := v.kept[id]
	if k == nil || k.decision.Action != action || k.decision.Account != account || k.decision.Movement != movement {
		return nil
	}
	delete(v.kept, id)
	return k
}

// fits reports whether an amount has no more decimals than the asset.
func (v *Venue) fits(a money.Amount, asset uint16) bool {
	return a.Truncate(int(v.genesis.Assets[asset].Decimals)) == a
}

// withdraw asks for value to leave; see the words at tape.Withdraw.
func (v *Venue) withdraw(c *tape.Withdraw) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	if a.standing.May&tape.MayWithdraw == 0 {
		v.refuseFor(tape.Stopped, a.standing.Decision)
		return
	}
	if int(c.Asset) >= len(v.genesis.Assets) || v.genesis.Assets[c.Asset].Network != c.Network || !v.fits(c.Amount, c.Asset) {
		v.refuse(tape.UnknownAsset)
		return
	}
	if c.Amount.Less(v.genesis.Assets[c.Asset].MinOut) {
		v.refuse(tape.TooSmall)
		return
	}
	movement := WithdrawMovement(v.genesis, c).Digest()
	var k *kept
	if v.aside[movement] == nil {
		k = v.spend(c.Decision, law.Withdraw, c.Account, movement)
	}
	if k == nil {
		v.refuseFor(tape.NoPermit, c.Decision)
		return
	}
	to, status := ledger.Leaving, tape.Requested
	switch {
	case k.decision.Verdict == law.Freeze:
		to, status = ledger.Frozen, tape.OutStopped
	case !k.permit.Covers(movement):
		v.refuseFor(tape.NotPermitted, c.Decision)
		return
	}
	if err := v.shift(c.Account, c.Asset, ledger.Available, to, c.Amount); err != nil {
		if errors.Is(err, ledger.ErrInsufficient) {
			v.refuse(tape.Insufficient)
		} else {
			v.refuse(tape.TooLarge)
		}
		return
	}
	v.lastWithdrawal++
	w := &tape.WithdrawalChanged{
		ID: v.lastWithdrawal, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Fee: v.genesis.Assets[c.Asset].FeeOut,
		Network: c.Network, Address: c.Address, Ref: c.Ref, Status: status, Decision: c.Decision, Created: v.now, Updated: v.now,
	}
	if status == tape.Requested {
		v.withdrawals[w.ID] = w
	} else {
		v.aside[movement] = &aside{
			Aside: tape.Aside{Movement: movement, Out: w.ID, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Frozen: true},
			out:   w,
		}
	}
	v.emit(*w)
}

func (v *Venue) sendWithdrawal(c *tape.SendWithdrawal) {
	w := v.withdrawals[c.Withdrawal]
	if w == nil || w.Status != tape.Requested {
		v.refuse(tape.UnknownWithdrawal)
		return
	}
	if s := v.accounts[w.Account].standing; s.May&tape.MayWithdraw == 0 {
		v.refuseFor(tape.Stopped, s.Decision)
		return
	}
	w.Status, w.Updated = tape.Sending, v.now
	v.emit(*w)
}

func (v *Venue) settleWithdrawal(c *tape.SettleWithdrawal) {
	w := v.withdrawals[c.Withdrawal]
	if w == nil || w.Status != tape.Sending {
		v.refuse(tape.UnknownWithdrawal)
		return
	}
	leaving := ledger.Place{Account: ledger.Account(w.Account), Pocket: ledger.Leaving}
	v.must(
		ledger.Posting{Asset: w.Asset, From: leaving, To: ledger.Place{Account: ledger.Outside, Pocket: ledger.Available}, Amount: v.minus(w.Amount, w.Fee)},
		ledger.Posting{Asset: w.Asset, From: leaving, To: ledger.Place{Account: ledger.Fees, Pocket: ledger.Available}, Amount: w.Fee},
	)
	w.Status, w.TxID, w.Updated = tape.Sent, c.TxID, v.now
	v.emit(*w)
	delete(v.withdrawals, w.ID)
}
