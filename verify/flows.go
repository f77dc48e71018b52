package verify

import (
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/venue/tape"
)

// decide records a decision. Whether its verdict is the right one is not the venue's
// question and not asked here: auditDecision asks it.
func (m *model) decide(at int64, c *tape.Decide) []tape.Event {
	d, id, err := readDecision(c.Body)
	ownWord := func() bool { return d.Account == 0 && (d.Action == law.ListAsset || d.Action == law.DealPlatform) }
	if err != nil || !wellSided(d) || d.Account < uint64(ledger.First) && !ownWord() || m.operator(d.Operator) < 0 {
		return refused(tape.BadDecision, none)
	}
	if made := d.At.UnixMicro(); !m.current(d) || m.relies(d) != nil || made > at || made < at-tape.Fresh {
		return refused(tape.StaleDecision, id)
	}
	if m.known[id] {
		return refused(tape.DuplicateDecision, id)
	}
	reviewed := m.accounts[d.Account]
	if d.Action == law.Review && (reviewed == nil || m.genesis.Operators[reviewed.Operator].Name != d.Operator) {
		return refused(tape.UnknownAccount, id)
	}
	for len(m.recorded) > 0 && m.recorded[0].At < at-tape.Fresh { // "recorded more than Fresh before it, are forgotten"
		delete(m.known, m.recorded[0].Decision)
		m.recorded = m.recorded[1:]
	}
	m.recorded = append(m.recorded, tape.Record{Decision: id, At: at})
	m.known[id] = true
	events := []tape.Event{tape.Decided{Decision: id, Account: d.Account}}

	moves := (d.Action == law.Deposit || d.Action == law.Withdraw) && d.Movement != "" && d.Asked == nil
	switch {
	case d.Action == law.OpenAccount:
		m.keep(id, d)
	case moves && m.asides[d.Movement] != nil && m.asides[d.Movement].Account == d.Account:
		return append(events, m.redecide(at, id, d.Verdict, m.asides[d.Movement])...)
	case moves:
		m.keep(id, d)
	case d.Action == law.Review:
		return append(events, m.take(at, reviewed, d.Verdict, d.Sides, id)...)
	}
	return events
}

// operator is the index of the operator of that name, or -1.
func (m *model) operator(name string) int {
	for i, o := range m.genesis.Operators {
		if o.Name == name {
			return i
		}
	}
	return -1
}

// redecide moves what was set aside under a movement, as a new decision on it says.
func (m *model) redecide(at int64, id tape.Hash, verdict law.Verb, s *aside) []tape.Event {
	a := m.accounts[s.Aside.Account]
	to := ledger.Available
	switch verdict {
	case law.Freeze:
		to = ledger.Frozen
	case law.Allow, law.Cap, law.Exit:
		if a.Standing.Verdict == law.Freeze {
			to = ledger.Frozen
		}
	case law.Hold:
		if !s.Frozen || a.Standing.Verdict == law.Freeze {
			return nil
		}
		to = ledger.Apart
	default:
		return nil
	}
	from := ledger.Apart
	if s.Frozen {
		from = ledger.Frozen
	}
	m.move(s.Asset, s.Amount, s.Aside.Account, from, s.Aside.Account, to)
	switch verdict {
	case law.Freeze, law.Hold:
		s.Frozen = verdict == law.Freeze
	default:
		delete(m.asides, s.Movement)
	}
	if s.Deposit == 0 {
		if to == ledger.Available {
			s.out.Status = tape.OutCanceled
		}
		s.out.Decision, s.out.Updated = id, at
		return []tape.Event{s.out}
	}
	s.deposit.Pocket, s.deposit.Decision = to, id
	return []tape.Event{s.deposit}
}

// spend finds the kept decision that covers a movement, and forgets it; nil when there is none.
func (m *model) spend(id tape.Hash, action law.Action, account uint64, movement string) *kept {
	k := m.kept[id]
	if k == nil || k.action != action || k.account != account || k.movement != movement {
		return nil
	}
	delete(m.kept, id)
	return k
}

func (m *model) deposit(at int64, c *tape.Deposit) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	if !m.onNetwork(c.Asset, c.Network) || c.Amount.Sign() <= 0 || finer(c.Amount, m.genesis.Assets[c.Asset]) {
		return refused(tape.UnknownAsset, none)
	}
	transfer := tape.DepositKey(c.Network, c.TxID, c.Index)
	if m.credited[transfer] {
		return refused(tape.DuplicateDeposit, none)
	}
	movement := depositMovement(&m.genesis, c)
	k := m.spend(c.Decision, law.Deposit, c.Account, movement)
	if k == nil {
		return refused(tape.NoPermit, c.Decision)
	}
	owed := m.balances[pile{uint64(ledger.Outside), c.Asset}][ledger.Available]
	if _, err := owed.Sub(c.Amount); err != nil {
		return refused(tape.TooLarge, none)
	}

	free := func(v law.Verb) bool { return v == law.Allow || v == law.Cap || v == law.Exit }
	to := ledger.Apart
	switch {
	case k.verdict == law.Freeze || a.Standing.Verdict == law.Freeze:
		to = ledger.Frozen
	case free(k.verdict) && free(a.Standing.Verdict):
		to = ledger.Available
	}
	m.credited[transfer] = true
	m.lastDeposit++
	m.move(c.Asset, c.Amount, uint64(ledger.Outside), ledger.Available, c.Account, to)
	d := tape.DepositChanged{
		ID: m.lastDeposit, Account: c.Account, Asset: c.Asset, Amount: c.Amount,
		Network: c.Network, TxID: c.TxID, Index: c.Index, From: c.From,
		Pocket: to, Decision: c.Decision, Created: at,
	}
	if k.verdict == law.Freeze || to == ledger.Apart {
		m.asides[movement] = &aside{
			Aside:   tape.Aside{Movement: movement, Deposit: d.ID, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Frozen: to == ledger.Frozen},
			deposit: d,
		}
	}
	return []tape.Event{d}
}

func (m *model) onNetwork(asset uint16, network string) bool {
	return int(asset) < len(m.genesis.Assets) && m.genesis.Assets[asset].Network == network
}

func (m *model) withdraw(at int64, c *tape.Withdraw) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	if a.Standing.May&tape.MayWithdraw == 0 {
		return refused(tape.Stopped, a.Standing.Decision)
	}
	if !m.onNetwork(c.Asset, c.Network) || finer(c.Amount, m.genesis.Assets[c.Asset]) {
		return refused(tape.UnknownAsset, none)
	}
	asset := m.genesis.Assets[c.Asset]
	if c.Amount.Less(asset.MinOut) {
		return refused(tape.TooSmall, none)
	}
	movement := withdrawMovement(&m.genesis, c)
	if m.asides[movement] != nil {
		return refused(tape.NoPermit, c.Decision)
	}
	k := m.spend(c.Decision, law.Withdraw, c.Account, movement)
	if k == nil {
		return refused(tape.NoPermit, c.Decision)
	}

	to, status := ledger.Leaving, tape.Requested
	switch {
	case k.verdict == law.Freeze:
		to, status = ledger.Frozen, tape.OutStopped
	case !permits(k.verdict):
		return refused(tape.NotPermitted, c.Decision)
	}
	if !m.has(c.Account, c.Asset, ledger.Available, c.Amount) {
		return refused(tape.Insufficient, none)
	}
	m.move(c.Asset, c.Amount, c.Account, ledger.Available, c.Account, to)
	m.lastWithdrawal++
	w := tape.WithdrawalChanged{
		ID: m.lastWithdrawal, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Fee: asset.FeeOut,
		Network: c.Network, Address: c.Address, Ref: c.Ref, Status: status, Decision: c.Decision, Created: at, Updated: at,
	}
	if status == tape.OutStopped {
		m.asides[movement] = &aside{Aside: tape.Aside{
			Movement: movement, Out: w.ID, Account: c.Account, Asset: c.Asset, Amount: c.Amount, Frozen: true,
		}, out: w}
	} else {
		m.out[w.ID] = &w
	}
	return []tape.Event{w}
}

func (m *model) send(at int64, c *tape.SendWithdrawal) []tape.Event {
	w := m.out[c.Withdrawal]
	if w == nil || w.Status != tape.Requested {
		return refused(tape.UnknownWithdrawal, none)
	}
	if s := m.accounts[w.Account].Standing; s.May&tape.MayWithdraw == 0 {
		return refused(tape.Stopped, s.Decision)
	}
	w.Status, w.Updated = tape.Sending, at
	return []tape.Event{*w}
}

func (m *model) settle(at int64, c *tape.SettleWithdrawal) []tape.Event {
	w := m.out[c.Withdrawal]
	if w == nil || w.Status != tape.Sending {
		return refused(tape.UnknownWithdrawal, none)
	}
	m.move(w.Asset, minus(w.Amount, w.Fee), w.Account, ledger.Leaving, uint64(ledger.Outside), ledger.Available)
	m.move(w.Asset, w.Fee, w.Account, ledger.Leaving, uint64(ledger.Fees), ledger.Available)
	w.Status, w.TxID, w.Updated = tape.Sent, c.TxID, at
	delete(m.out, w.ID)
	return []tape.Event{*w}
}
