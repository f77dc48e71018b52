package verify

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A witness watches events alone and holds them to what must never happen, whatever the
// model says: it shares no state with it, so that a mistake in the words that the model
// and the venue both follow is still seen.
type witness struct {
	genesis   tape.Genesis
	standing  map[uint64]tape.Standing
	sides     map[uint64][]law.Side
	balances  map[pile]tape.Balances
	sums      map[uint16]money.Amount // over all pockets of all accounts, by asset
	goes      map[pile]money.Amount   // by the command at hand: what comes to an account over all pockets less what leaves it
	decisions map[tape.Hash]decided
	credited  map[tape.Hash]bool
	floor

	relies map[tape.Hash][]uint64 // by decision: the clearances it relies on
	ended  map[uint64]bool        // clearances
}

// decided is what the witness remembers of a recorded decision.
type decided struct {
	action  law.Action
	account uint64
	verdict law.Verb
	sides   []law.Side
	spent   uint64 // the record that spent it; 0 while it is not
}

func newWitness() *witness {
	return &witness{
		standing:  map[uint64]tape.Standing{},
		sides:     map[uint64][]law.Side{},
		balances:  map[pile]tape.Balances{},
		sums:      map[uint16]money.Amount{},
		goes:      map[pile]money.Amount{},
		decisions: map[tape.Hash]decided{},
		credited:  map[tape.Hash]bool{},
		floor:     newFloor(),
		relies:    map[tape.Hash][]uint64{},
		ended:     map[uint64]bool{},
	}
}

// see takes one command and its events, and says what in them must never happen.
func (w *witness) see(seq uint64, cmd tape.Command, events []tape.Event) error {
	touched := map[pile]bool{}
	for _, e := range events {
		if err := w.event(seq, cmd, e, touched); err != nil {
			return err
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(touched), comparePiles) {
		if sum := w.sums[p.asset]; !sum.IsZero() {
			return fmt.Errorf("asset %s no longer sums to zero: %s too much", w.asset(p.asset), sum)
		}
		if err := w.reserves(p); err != nil {
			return err
		}
	}
	if err := w.went(); err != nil {
		return err
	}
	return w.after(events)
}

// moves takes in that value goes from one account to another, by an event that says so.
func (w *witness) moves(asset uint16, from, to uint64, amount money.Amount) error {
	less, err := w.goes[pile{from, asset}].Sub(amount)
	if err != nil {
		return fmt.Errorf("what leaves account %d does not fit: %v", from, err)
	}
	w.goes[pile{from, asset}] = less
	more, err := w.goes[pile{to, asset}].Add(amount)
	if err != nil {
		return fmt.Errorf("what comes to account %d does not fit: %v", to, err)
	}
	w.goes[pile{to, asset}] = more
	return nil
}

// swap takes in that two accounts exchange a quantity of a market's base asset for its value.
func (w *witness) swap(market uint16, maker, taker uint64, side book.Side, price, quantity money.Amount) error {
	k, buyer, seller := &w.genesis.Markets[market], maker, taker
	if side == book.Buy {
		buyer, seller = taker, maker
	}
	value, err := price.Mul(quantity, money.Down)
	if err != nil {
		return fmt.Errorf("%s at %s does not fit: %v", quantity, price, err)
	}
	return cmp.Or(w.moves(k.Base, seller, buyer, quantity), w.moves(k.Quote, buyer, seller, value))
}

// paid takes in what goes where by a trade.
func (w *witness) paid(t *tape.Traded) error {
	k := &w.genesis.Markets[t.Market]
	makers, takers := k.Base, k.Quote // that they receive, and pay the fee of
	if t.TakerSide == book.Buy {
		makers, takers = takers, makers
	}
	return cmp.Or(w.swap(t.Market, t.MakerAccount, t.TakerAccount, t.TakerSide, t.Price, t.Quantity),
		w.moves(makers, t.MakerAccount, uint64(ledger.Fees), t.MakerFee), w.moves(takers, t.TakerAccount, uint64(ledger.Fees), t.TakerFee))
}

// went holds what accounts have more or less after a command to what its events say went where: a
// trade, a transfer, a deposit or a withdrawal, and nothing else.
func (w *witness) went() error {
	first, off := pile{}, false // the first of those that are off
	for p, rest := range w.goes {
		if !rest.IsZero() && (!off || comparePiles(p, first) < 0) {
			first, off = p, true
		}
	}
	if off {
		return fmt.Errorf("what account %d has of %s is off by %s from what went to it and from it", first.account, w.asset(first.asset), w.goes[first])
	}
	clear(w.goes)
	return nil
}

func (w *witness) asset(i uint16) string {
	if int(i) < len(w.genesis.Assets) {
		return w.genesis.Assets[i].Code
	}
	return fmt.Sprintf("number %d", i)
}

func (w *witness) event(seq uint64, cmd tape.Command, e tape.Event, touched map[pile]bool) error {
	switch e := e.(type) {
	case tape.Founded:
		w.genesis = e.Genesis
	case tape.Decided:
		return w.decided(cmd, e)
	case tape.AccountOpened:
		if c, ok := cmd.(*tape.OpenAccount); ok {
			return w.spend(seq, c.Decision, law.OpenAccount, e.Account)
		}
		return fmt.Errorf("account %d was opened by a %s", e.Account, Name(cmd))
	case tape.StandingChanged:
		d, ok := w.decisions[e.Standing.Decision]
		if !ok || d.account != e.Account || d.verdict != e.Verdict {
			return fmt.Errorf("the standing of account %d is not that of a decision recorded for it", e.Account)
		}
		if e.May&^tape.StandingFor(e.Verdict, none).May != 0 {
			return fmt.Errorf("account %d may do more than %s lets it", e.Account, e.Verdict)
		}
		if !slices.Equal(d.sides, e.Sides) {
			return fmt.Errorf("account %d does not stand on the sides of the bars that its decision tells", e.Account)
		}
		w.standing[e.Account], w.sides[e.Account] = e.Standing, e.Sides
	case tape.ClearanceEnded:
		w.ended[e.ID] = true
	case tape.GroupChanged:
		w.groups[e.Account] = e.Group
	case tape.OrderListPlaced:
		w.list(&e.OrderList)
	case *tape.OrderChanged:
		switch cmd.(type) {
		case *tape.PlaceOrder, *tape.PlaceOrderList, *tape.ReplaceOrder:
			if err := w.stillCleared(e.Account); err != nil && e.Status != tape.Canceled {
				return err
			}
		}
		return w.order(cmd, e.Order, touched)
	case *tape.Traded:
		return w.trade(e)
	case *tape.Prevented:
		return w.prevented(e)
	case *tape.BalanceChanged:
		return w.balance(cmd, e, touched)
	case tape.DepositChanged:
		if c, ok := cmd.(*tape.Deposit); ok {
			transfer := tape.DepositKey(e.Network, e.TxID, e.Index)
			if w.credited[transfer] {
				return fmt.Errorf("transfer %s:%d on %s was credited before", e.TxID, e.Index, e.Network)
			}
			w.credited[transfer] = true
			return cmp.Or(w.moves(e.Asset, uint64(ledger.Outside), e.Account, e.Amount), w.spend(seq, c.Decision, law.Deposit, e.Account))
		}
	case tape.WithdrawalChanged:
		if e.Status == tape.Requested || e.Status == tape.Sending {
			if err := w.stillCleared(e.Account); err != nil {
				return err
			}
		}
		if c, ok := cmd.(*tape.Withdraw); ok {
			return w.spend(seq, c.Decision, law.Withdraw, e.Account)
		}
		if e.Status == tape.Sent {
			return cmp.Or(w.moves(e.Asset, e.Account, uint64(ledger.Outside), e.Amount), w.moves(e.Asset, uint64(ledger.Outside), uint64(ledger.Fees), e.Fee))
		}
		if s := w.standing[e.Account]; e.Status == tape.Sending && s.May&tape.MayWithdraw == 0 {
			return fmt.Errorf("withdrawal %d is sent though account %d stands at %s", e.ID, e.Account, s.Verdict)
		}
	}
	return nil
}

// decided remembers a decision for as long as the log runs: a decision is good once.
func (w *witness) decided(cmd tape.Command, e tape.Decided) error {
	c, ok := cmd.(*tape.Decide)
	if !ok {
		return fmt.Errorf("a decision stands in a %s", Name(cmd))
	}
	d, id, err := readDecision(c.Body)
	if err != nil || id != e.Decision || d.Account != e.Account {
		return fmt.Errorf("decision %x is not what its record holds", e.Decision)
	}
	if _, again := w.decisions[id]; !again {
		w.decisions[id] = decided{action: d.Action, account: d.Account, verdict: d.Verdict, sides: d.Sides}
	}
	for _, c := range d.Cleared {
		if w.ended[c.ID] {
			return fmt.Errorf("decision %x relies on clearance %d, which has ended", id, c.ID)
		}
		w.relies[id] = append(w.relies[id], c.ID)
	}
	return nil
}

// stillCleared says why an account that acts should have been decided again: the decision it
// stands under relies on a clearance that has ended.
func (w *witness) stillCleared(account uint64) error {
	for _, id := range w.relies[w.standing[account].Decision] {
		if w.ended[id] {
			return fmt.Errorf("account %d acts under decision %x, which relies on clearance %d; that one has ended", account, w.standing[account].Decision, id)
		}
	}
	return nil
}

func (w *witness) spend(seq uint64, id tape.Hash, action law.Action, account uint64) error {
	d, ok := w.decisions[id]
	switch {
	case !ok || d.action != action || d.account != account:
		return fmt.Errorf("no recorded %s decision for account %d covers it", action, account)
	case d.spent != 0:
		return fmt.Errorf("decision %x was spent before, in record %d", id, d.spent)
	}
	d.spent = seq
	w.decisions[id] = d
	return nil
}

// balance keeps every balance and the sum of each asset.
func (w *witness) balance(cmd tape.Command, e *tape.BalanceChanged, touched map[pile]bool) error {
	p := pile{e.Account, e.Asset}
	before := w.balances[p]
	for pocket, now := range e.Balance {
		if now.Sign() < 0 && e.Account != uint64(ledger.Outside) {
			return fmt.Errorf("account %d has %s %s %s, less than nothing", e.Account, now, w.asset(e.Asset), ledger.Pocket(pocket))
		}
		change, err := now.Sub(before[pocket])
		if err == nil {
			w.sums[e.Asset], err = w.sums[e.Asset].Add(change)
		}
		if err == nil && !change.IsZero() {
			w.goes[p], err = w.goes[p].Sub(change)
		}
		if err != nil {
			return fmt.Errorf("the sum over all balances of %s does not fit: %v", w.asset(e.Asset), err)
		}
	}
	if e.Balance[ledger.Frozen].Less(before[ledger.Frozen]) && !w.releases(cmd, e.Account) {
		return fmt.Errorf("%s leaves the frozen pocket of account %d with no decision of its own that says so", w.asset(e.Asset), e.Account)
	}
	w.balances[p] = e.Balance
	touched[p] = true
	return nil
}

// releases reports whether a command is a decision on this account that is no freeze.
func (w *witness) releases(cmd tape.Command, account uint64) bool {
	c, ok := cmd.(*tape.Decide)
	if !ok {
		return false
	}
	_, id, err := readDecision(c.Body)
	d := w.decisions[id]
	return err == nil && d.account == account && d.verdict != law.Freeze
}

// whole goes through everything at once, as see does for what a command has touched.
func (w *witness) whole() error {
	sums := map[uint16]money.Amount{}
	for _, p := range slices.SortedFunc(maps.Keys(w.balances), comparePiles) {
		total, err := w.balances[p].Total()
		if err == nil {
			sums[p.asset], err = sums[p.asset].Add(total)
		}
		if err != nil {
			return fmt.Errorf("the balances of %s do not fit: %v", w.asset(p.asset), err)
		}
		if err := w.reserves(p); err != nil {
			return err
		}
	}
	for asset := range w.genesis.Assets {
		if sum := sums[uint16(asset)]; !sum.IsZero() {
			return fmt.Errorf("asset %s sums to %s, not to zero", w.asset(uint16(asset)), sum)
		}
	}
	return nil
}
