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
	balances  map[pile]tape.Balances
	sums      map[uint16]money.Amount // over all pockets of all accounts, by asset
	reserved  map[pile]money.Amount   // by what open orders say of themselves
	orders    map[uint64]*tape.Order  // open
	open      map[uint16][]*tape.Order
	count     map[uint64]int // open orders by account
	decisions map[tape.Hash]decided
	lastTrade uint64
	credited  map[tape.Hash]bool

	relies map[tape.Hash][]uint64 // by decision: the clearances it relies on
	ended  map[uint64]bool        // clearances
}

// decided is what the witness remembers of a recorded decision.
type decided struct {
	action  law.Action
	account uint64
	verdict law.Verb
	spent   uint64 // the record that spent it; 0 while it is not
}

func newWitness() *witness {
	return &witness{
		standing:  map[uint64]tape.Standing{},
		balances:  map[pile]tape.Balances{},
		sums:      map[uint16]money.Amount{},
		reserved:  map[pile]money.Amount{},
		orders:    map[uint64]*tape.Order{},
		open:      map[uint16][]*tape.Order{},
		count:     map[uint64]int{},
		decisions: map[tape.Hash]decided{},
		credited:  map[tape.Hash]bool{},
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
		if held, need := w.balances[p][ledger.Ordered], w.reserved[p]; held != need {
			return fmt.Errorf("account %d has %s %s reserved, its open orders need %s", p.account, held, w.asset(p.asset), need)
		}
	}
	return w.uncrossed(events)
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
		w.standing[e.Account] = e.Standing
	case tape.ClearanceEnded:
		w.ended[e.ID] = true
	case tape.OrderChanged:
		if _, places := cmd.(*tape.PlaceOrder); places {
			if err := w.stillCleared(e.Account); err != nil {
				return err
			}
		}
		return w.order(e.Order, touched)
	case tape.Traded:
		return w.trade(e)
	case tape.BalanceChanged:
		return w.balance(cmd, e, touched)
	case tape.DepositChanged:
		if c, ok := cmd.(*tape.Deposit); ok {
			transfer := tape.DepositKey(e.Network, e.TxID, e.Index)
			if w.credited[transfer] {
				return fmt.Errorf("transfer %s:%d on %s was credited before", e.TxID, e.Index, e.Network)
			}
			w.credited[transfer] = true
			return w.spend(seq, c.Decision, law.Deposit, e.Account)
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
		w.decisions[id] = decided{action: d.Action, account: d.Account, verdict: d.Verdict}
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

// order keeps the open orders and what each of them must have reserved.
func (w *witness) order(o tape.Order, touched map[pile]bool) error {
	if int(o.Market) >= len(w.genesis.Markets) {
		return fmt.Errorf("order %d is on no market", o.ID)
	}
	if o.Filled.Sign() < 0 || o.Quantity.Less(o.Filled) {
		return fmt.Errorf("order %d is filled by %s of %s", o.ID, o.Filled, o.Quantity)
	}
	before := w.orders[o.ID]
	if before != nil {
		was := *before
		was.Filled, was.Spent, was.Status, was.Updated = o.Filled, o.Spent, o.Status, o.Updated
		if was != o {
			return fmt.Errorf("order %d is another order than it was", o.ID)
		}
		if err := w.reserve(*before, money.Amount.Sub, touched); err != nil {
			return err
		}
		w.forget(before)
	}
	// While its command runs, a market order is listed without anything reserved; it has
	// left again when the command is over.
	if !o.Status.Open() {
		return nil
	}
	if s := w.standing[o.Account]; s.May&tape.MayTrade == 0 {
		return fmt.Errorf("order %d is open though account %d stands at %s", o.ID, o.Account, s.Verdict)
	}
	w.orders[o.ID] = &o
	at, _ := slices.BinarySearchFunc(w.open[o.Market], o.ID, func(p *tape.Order, id uint64) int { return cmp.Compare(p.ID, id) })
	w.open[o.Market] = slices.Insert(w.open[o.Market], at, &o)
	w.count[o.Account]++
	return w.reserve(o, money.Amount.Add, touched)
}

func (w *witness) forget(o *tape.Order) {
	delete(w.orders, o.ID)
	w.open[o.Market] = slices.DeleteFunc(w.open[o.Market], func(p *tape.Order) bool { return p == o })
	if w.count[o.Account]--; w.count[o.Account] == 0 {
		delete(w.count, o.Account)
	}
}

// reserve adds or takes off what an order must have reserved while it rests. An order
// that never rests has nothing reserved when its command is over.
func (w *witness) reserve(o tape.Order, change func(a, b money.Amount) (money.Amount, error), touched map[pile]bool) error {
	if !mayRest(&o) {
		return nil
	}
	open, err := o.Quantity.Sub(o.Filled)
	p := pile{o.Account, w.genesis.Markets[o.Market].Base}
	if o.Side == book.Buy {
		p.asset = w.genesis.Markets[o.Market].Quote
		if err == nil {
			open, err = o.Price.Mul(open, money.Down)
		}
	}
	if err == nil {
		w.reserved[p], err = change(w.reserved[p], open)
	}
	if err != nil {
		return fmt.Errorf("what order %d needs reserved does not fit: %v", o.ID, err)
	}
	if w.reserved[p].IsZero() {
		delete(w.reserved, p)
	}
	touched[p] = true
	return nil
}

// mayRest reports whether an order of this kind may be open after its command.
func mayRest(o *tape.Order) bool {
	return o.Type == tape.LimitMaker || o.Type == tape.Limit && o.Force == tape.GTC
}

// trade holds one fill to price-time priority and to the standing of both sides.
func (w *witness) trade(t tape.Traded) error {
	if t.ID != w.lastTrade+1 {
		return fmt.Errorf("trade %d follows trade %d", t.ID, w.lastTrade)
	}
	w.lastTrade = t.ID
	maker, taker := w.orders[t.Maker], w.orders[t.Taker]
	if maker == nil || taker == nil {
		return fmt.Errorf("trade %d is of orders %d and %d, which are not both open", t.ID, t.Maker, t.Taker)
	}
	switch {
	case maker.Market != t.Market || taker.Market != t.Market || maker.Side == taker.Side || taker.Side != t.TakerSide:
		return fmt.Errorf("trade %d is between orders %d and %d, which do not face one another", t.ID, t.Maker, t.Taker)
	case maker.Account != t.MakerAccount || taker.Account != t.TakerAccount || maker.Account == taker.Account:
		return fmt.Errorf("trade %d is not between two accounts whose orders they are", t.ID)
	case t.Price != maker.Price:
		return fmt.Errorf("trade %d is at %s, its maker asked for %s", t.ID, t.Price, maker.Price)
	case taker.Type != tape.MarketOrder && !reaches(taker.Side, taker.Price, t.Price):
		return fmt.Errorf("trade %d is at %s, beyond the taker's limit %s", t.ID, t.Price, taker.Price)
	case t.Quantity.Sign() <= 0:
		return fmt.Errorf("trade %d is of nothing", t.ID)
	}
	for _, account := range []uint64{t.MakerAccount, t.TakerAccount} {
		if s := w.standing[account]; s.May&tape.MayTrade == 0 {
			return fmt.Errorf("account %d trades in trade %d though it stands at %s", account, t.ID, s.Verdict)
		}
	}
	for _, o := range w.open[t.Market] {
		first := better(maker.Side, o.Price, maker.Price) || o.Price == maker.Price && o.ID < maker.ID
		if o.Side == maker.Side && o.Account != taker.Account && first && w.standing[o.Account].May&tape.MayTrade != 0 {
			return fmt.Errorf("trade %d passes over order %d at %s, which stands before order %d at %s", t.ID, o.ID, o.Price, maker.ID, maker.Price)
		}
	}
	return nil
}

// balance keeps every balance and the sum of each asset.
func (w *witness) balance(cmd tape.Command, e tape.BalanceChanged, touched map[pile]bool) error {
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

// uncrossed looks at each market in which an order changed, and at each account whose
// standing did.
func (w *witness) uncrossed(events []tape.Event) error {
	var markets []uint16
	for _, e := range events {
		switch e := e.(type) {
		case tape.OrderChanged:
			if e.Status.Open() && !slices.Contains(markets, e.Market) {
				markets = append(markets, e.Market)
			}
			if o := w.orders[e.ID]; o != nil && !mayRest(o) {
				return fmt.Errorf("order %d rests, though it is %s %s", o.ID, o.Type, o.Force)
			}
		case tape.StandingChanged:
			if e.May&tape.MayTrade == 0 && w.count[e.Account] > 0 {
				return fmt.Errorf("account %d has open orders though it stands at %s", e.Account, e.Verdict)
			}
		}
	}
	for _, market := range markets {
		var bid, ask *tape.Order
		for _, o := range w.open[market] {
			if o.Side == book.Buy && (bid == nil || bid.Price.Less(o.Price)) {
				bid = o
			}
			if o.Side == book.Sell && (ask == nil || o.Price.Less(ask.Price)) {
				ask = o
			}
		}
		if bid != nil && ask != nil && !bid.Price.Less(ask.Price) {
			return fmt.Errorf("the book of %s is crossed: order %d buys at %s, order %d sells at %s",
				w.genesis.Markets[market].Symbol, bid.ID, bid.Price, ask.ID, ask.Price)
		}
	}
	return nil
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
		if held, need := w.balances[p][ledger.Ordered], w.reserved[p]; held != need {
			return fmt.Errorf("account %d has %s %s reserved, its open orders need %s", p.account, held, w.asset(p.asset), need)
		}
	}
	for asset := range w.genesis.Assets {
		if sum := sums[uint16(asset)]; !sum.IsZero() {
			return fmt.Errorf("asset %s sums to %s, not to zero", w.asset(uint16(asset)), sum)
		}
	}
	return nil
}
