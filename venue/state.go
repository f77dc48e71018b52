package venue

import (
	"bytes"
	"cmp"
	"slices"

	"sallyport/book"
	"sallyport/venue/tape"
)

// State is everything the venue knows, in canonical order; see tape.State.
func (v *Venue) State() tape.State {
	s := tape.State{
		Rules: v.rules, Editions: slices.Clone(v.editions), Recorded: slices.Clone(v.recorded), MaxAssets: slices.Clone(v.maxAsset), Users: v.operatorUsers(),
		LastOrder: v.lastOrder, LastTrade: v.lastTrade, LastDeposit: v.lastDeposit, LastWithdrawal: v.lastWithdrawal,
		LastClearance: v.lastClearance, LastLicence: v.lastLicence,
		LastPrevented: v.lastPrevented, LastOrderList: v.lastOrderList, LastQueued: v.pool.Queued(),
	}
	if v.genesis != nil {
		s.Genesis = *v.genesis
	}
	for i := range v.markets {
		m := &v.markets[i]
		s.Markets = append(s.Markets, tape.MarketState{Phase: m.phase, Last: m.price(m.last)})
	}
	s.Accounts = make([]tape.Account, 0, len(v.accounts))
	for n, a := range v.accounts {
		s.Accounts = append(s.Accounts, tape.Account{
			Account: n, Operator: a.operator, Commitment: a.commitment, Standing: a.standing,
			Sides: a.sides, Tier: a.given, Group: a.group, Keys: slices.Clone(a.keys),
		})
		if a.earned > 0 {
			s.Earned = append(s.Earned, tape.EarnedTier{Account: n, Tier: a.earned})
		}
	}
	extremes := make([]map[uint64]uint32, len(v.markets))
	for i := range v.markets {
		extremes[i] = v.markets[i].extremes()
	}
	v.ids.each(func(h book.Handle) {
		o := &v.orders[h]
		var open tape.OpenOrder
		o.tell(&open.Order)
		if o.at == following {
			m := &v.markets[o.Market]
			open.Extreme = m.price(extremes[o.Market][o.ID])
		}
		if o.at == resting {
			m := &v.markets[o.Market]
			open.Visible, open.Queued = m.quantity(m.book.Lots(h)), m.book.Queued(h)
		}
		s.Orders = append(s.Orders, open)
	})
	slices.SortFunc(s.Accounts, func(a, b tape.Account) int { return cmp.Compare(a.Account, b.Account) })
	slices.SortFunc(s.Earned, func(a, b tape.EarnedTier) int { return cmp.Compare(a.Account, b.Account) })
	for _, l := range v.ledger.Lines() {
		s.Balances = append(s.Balances, tape.BalanceChanged{Account: uint64(l.Account), Asset: l.Asset, Balance: l.Balance})
	}
	for _, p := range v.orderLists {
		s.OrderLists = append(s.OrderLists, tape.OpenOrderList{OrderList: p.OrderList, Together: p.together, Locked: p.locked})
	}
	slices.SortFunc(s.OrderLists, func(a, b tape.OpenOrderList) int { return cmp.Compare(a.ID, b.ID) })
	for _, w := range v.withdrawals {
		s.Withdrawals = append(s.Withdrawals, *w)
	}
	slices.SortFunc(s.Withdrawals, func(a, b tape.WithdrawalChanged) int { return cmp.Compare(a.ID, b.ID) })
	for _, x := range v.aside {
		s.Aside = append(s.Aside, x.Aside)
	}
	slices.SortFunc(s.Aside, func(a, b tape.Aside) int { return cmp.Compare(a.Movement, b.Movement) })
	for _, x := range v.clearances {
		s.Clearances = append(s.Clearances, *x)
	}
	slices.SortFunc(s.Clearances, func(a, b tape.Cleared) int { return cmp.Compare(a.ID, b.ID) })
	for _, l := range v.licences {
		s.Licences = append(s.Licences, *l)
	}
	slices.SortFunc(s.Licences, func(a, b tape.LicenceRecorded) int { return cmp.Compare(a.ID, b.ID) })
	for id := range v.kept {
		s.Kept = append(s.Kept, id)
	}
	for id := range v.deposits {
		s.Deposits = append(s.Deposits, id)
	}
	for _, ids := range [][]tape.Hash{s.Kept, s.Deposits} {
		slices.SortFunc(ids, func(a, b tape.Hash) int { return bytes.Compare(a[:], b[:]) })
	}
	return s
}

// Snapshot is the state and what Restore needs beside it. Nothing in it is changed by later commands.
func (v *Venue) Snapshot() *tape.Snapshot {
	s := &tape.Snapshot{State: v.State()}
	for _, id := range s.Kept {
		s.Decisions = append(s.Decisions, v.kept[id].body)
	}
	for i := range s.Aside {
		if x := v.aside[s.Aside[i].Movement]; x.deposit != nil {
			s.Set = append(s.Set, *x.deposit)
		} else {
			s.Stopped = append(s.Stopped, *x.out)
		}
	}
	return s
}

// Standing is what an account may do; ok is false when there is no such account.
func (v *Venue) Standing(account uint64) (s tape.Standing, ok bool) {
	a := v.accounts[account]
	if a == nil {
		return tape.Standing{}, false
	}
	return a.standing, true
}
