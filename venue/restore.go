package venue

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// Restore is the venue of which Snapshot gave s: its State has the same hash, and every later
// command brings about the same events. One that contradicts itself is an error.
func Restore(s *tape.Snapshot) (v *Venue, err error) {
	// What reads as amounts and orders may add up to what no venue comes to. The venue's own
	// arithmetic panics at that, for there it would be a mistake of ours; here it is the file's.
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, fmt.Errorf("venue: the snapshot contradicts itself: %v", r)
		}
	}()
	v = New()
	if err := v.restore(s); err != nil {
		return nil, fmt.Errorf("venue: snapshot: %w", err)
	}
	if again := v.State(); again.Hash() != s.Hash() {
		return nil, errors.New("venue: the snapshot is of no state that a venue comes to")
	}
	return v, nil
}

// mostOrders bounds the number of an order, and with it what the directory of a snapshot takes:
// seven hundred a second for three years.
const mostOrders = 1 << 36

func (v *Venue) restore(s *tape.Snapshot) error {
	v.rules, v.editions, v.recorded = s.Rules, slices.Clone(s.Editions), slices.Clone(s.Recorded)
	for i := range v.recorded {
		v.known[v.recorded[i].Decision] = true
	}
	if len(s.Genesis.Assets) == 0 {
		return nil // before the founding; the hash shows whether there is more
	}
	g := s.Genesis
	if err := CheckGenesis(&g); err != nil {
		return err
	}
	v.open(&g)
	if len(s.Markets) != len(v.markets) || len(s.MaxAssets) != len(g.Assets) {
		return fmt.Errorf("%d markets and bounds of %d assets, the founding tables have %d and %d", len(s.Markets), len(s.MaxAssets), len(v.markets), len(g.Assets))
	}
	for i, most := range s.MaxAssets {
		if most.Sign() < 0 || !v.fits(most, uint16(i)) {
			return fmt.Errorf("asset %s: no order is bounded by %v", g.Assets[i].Code, most)
		}
		v.boundAsset(uint16(i), most)
	}
	for i := range v.markets {
		m := &v.markets[i]
		last, exact := s.Markets[i].Last.In(m.Tick)
		if !exact || last > book.MaxTick {
			return fmt.Errorf("market %s: no price is %v", m.Symbol, s.Markets[i].Last)
		}
		m.phase, m.last = s.Markets[i].Phase, uint32(last)
	}
	for i := range s.Accounts {
		if err := v.restoreAccount(&s.Accounts[i]); err != nil {
			return err
		}
	}
	for _, e := range s.Earned {
		a := v.accounts[e.Account]
		if a == nil || e.Tier == 0 || a.earned != 0 {
			return fmt.Errorf("account %d: an earned tier %d that it cannot have", e.Account, e.Tier)
		}
		a.earned = e.Tier
	}
	lines := make([]ledger.Line, len(s.Balances))
	for i := range s.Balances {
		b := &s.Balances[i]
		if int(b.Asset) >= len(g.Assets) {
			return fmt.Errorf("account %d: no asset %d", b.Account, b.Asset)
		}
		lines[i] = ledger.Line{Account: ledger.Account(b.Account), Asset: b.Asset, Balance: b.Balance}
	}
	var err error
	if v.ledger, err = ledger.Restore(lines); err != nil {
		return err
	}
	if err := v.restoreOrders(s); err != nil {
		return err
	}
	if err := v.restoreMovements(s); err != nil {
		return err
	}
	for i := range s.Clearances {
		x := s.Clearances[i]
		v.clearances[x.ID] = &x
	}
	for i := range s.Licences {
		l := s.Licences[i]
		v.licences[l.ID] = &l
	}
	for _, u := range s.Users {
		if v.users[u.Name] != 0 || !userName(u.Name) || u.May == 0 || !u.May.Rights() {
			return fmt.Errorf("operator user %q may not be one who may %d", u.Name, u.May)
		}
		v.users[u.Name] = u.May
	}
	v.lastOrder, v.lastTrade, v.lastDeposit, v.lastWithdrawal = s.LastOrder, s.LastTrade, s.LastDeposit, s.LastWithdrawal
	v.lastClearance, v.lastLicence, v.lastPrevented, v.lastOrderList = s.LastClearance, s.LastLicence, s.LastPrevented, s.LastOrderList
	return nil
}

func (v *Venue) restoreAccount(x *tape.Account) error {
	if v.accounts[x.Account] != nil || int(x.Operator) >= len(v.genesis.Operators) {
		return fmt.Errorf("account %d: there twice, or of no operator", x.Account)
	}
	a := &account{
		number: x.Account, operator: x.Operator, commitment: x.Commitment, standing: x.Standing,
		sides: x.Sides, given: x.Tier, group: x.Group, keys: slices.Clone(x.Keys),
	}
	if a.standing.May&tape.MayTrade != 0 {
		var ok bool
		// Which number a class has shows nowhere.
		if a.class, ok = v.join(a.sides); !ok {
			return fmt.Errorf("account %d: more classes than there may be", x.Account)
		}
	}
	for _, k := range a.keys {
		v.keys[k] = a.number
	}
	v.enrol(a)
	return nil
}

// restoreOrders brings back the open orders: to their accounts by id, and into the books by
// the place that they had.
func (v *Venue) restoreOrders(s *tape.Snapshot) error {
	for i := range s.OrderLists {
		x := &s.OrderLists[i]
		p := &orderList{OrderList: x.OrderList, together: x.Together, locked: x.Locked}
		triggers := p.Contingency.Triggers()
		if x.Locked.Sign() < 0 || !x.Locked.IsZero() && p.Contingency != tape.OnePays {
			return fmt.Errorf("order list %d: %v is locked, and it locks nothing", p.ID, x.Locked)
		}
		if n := len(p.Orders); n < 2 || n > 2 && !triggers || n == 2 && triggers && p.together {
			return fmt.Errorf("order list %d: not of as many orders as there may be", p.ID)
		}
		v.orderLists[p.ID], v.listClients[clientID{p.Account, p.ClientID}] = p, p
	}
	var rest []book.Handle // with the index of each in s.Orders
	var at []int
	for i := range s.Orders {
		x := &s.Orders[i]
		a := v.accounts[x.Account]
		if a == nil || int(x.Market) >= len(v.markets) || x.Side != book.Buy && x.Side != book.Sell || x.ID > min(s.LastOrder, mostOrders) || i > 0 && x.ID <= s.Orders[i-1].ID {
			return fmt.Errorf("order %d: of no account, market or side, or out of order", x.ID)
		}
		m := &v.markets[x.Market]
		h := v.pool.Get()
		v.orders = append(v.orders, make([]order, int(h)+1-len(v.orders))...)
		o := &v.orders[h]
		p := v.orderLists[x.OrderList]
		paid := p != nil && p.Contingency == tape.OnePays && x.Status == tape.PendingNew
		if err := v.remember(o, &x.Order, a, m, paid); err != nil {
			return err
		}
		if p != nil && (p.Account != o.Account || p.Market != o.Market || !slices.Contains(p.Orders, o.ID)) {
			return fmt.Errorf("order %d: order list %d is not its own", o.ID, p.ID)
		}
		if p != nil {
			v.own(o).list = p
			p.open++
		}
		pending, needs := o.Status == tape.PendingNew, o.reserve(m, o.open)
		switch {
		case pending: // nothing is reserved for it
		case p == nil || !p.together:
			o.held = needs
		case p.held.Less(needs):
			p.held = needs
		}
		o.name = v.clients.hash(o.Account, o.ClientID)
		v.clients.enter(o.name, h)
		v.list(h, o)
		switch {
		case pending:
			if p == nil || o.Working != 0 || x.Queued != 0 || !p.Contingency.Triggers() || o.ID == p.Orders[0] {
				return fmt.Errorf("order %d: pends on nothing", o.ID)
			}
			p.pending = true
		case x.Queued != 0:
			rest, at = append(rest, h), append(at, i)
		case o.Trailing != 0 && o.Working == 0:
			extreme, exact := x.Extreme.In(m.Tick)
			if !exact || extreme > book.MaxTick {
				return fmt.Errorf("order %d: no price is %v", o.ID, x.Extreme)
			}
			m.followersOf(o).add(o.ID, uint32(extreme))
			o.at = following
			m.trails++
		case o.Type.Stops() && o.Working == 0 && o.stop != 0:
			v.wait(h, o, m)
		default:
			return fmt.Errorf("order %d: neither rests nor waits", o.ID)
		}
	}
	byPlace := make([]int, len(rest))
	for i := range byPlace {
		byPlace[i] = i
	}
	slices.SortFunc(byPlace, func(i, j int) int { return cmp.Compare(s.Orders[at[i]].Queued, s.Orders[at[j]].Queued) })
	for _, i := range byPlace {
		h, x := rest[i], &s.Orders[at[i]]
		o := &v.orders[h]
		m := &v.markets[o.Market]
		show, exact := x.Visible.In(m.Step)
		if !exact || show == 0 || show > o.open || !o.Type.Priced() || x.Queued <= v.pool.Queued() || x.Queued > s.LastQueued {
			return fmt.Errorf("order %d: no place in the book is its own", o.ID)
		}
		m.book.Restore(h, o.Side, o.account.class, o.tick, show, x.Queued)
		o.at = resting
	}
	v.pool.SetQueued(s.LastQueued)
	for _, p := range v.orderLists {
		works := p.Contingency.Triggers() && v.ids.find(p.Orders[0]) != 0 // so that what it brings pends
		if p.open == 0 || p.together && p.open != 2 || p.pending != works || !works && !p.locked.IsZero() || works && (p.open != len(p.Orders) || p.together) {
			return fmt.Errorf("order list %d: its orders are not there", p.ID)
		}
		v.accounts[p.Account].countFew(p.Market, 0, 1)
	}
	return v.checkReserved()
}

// checkReserved holds what accounts have ordered to what their orders have reserved.
func (v *Venue) checkReserved() error {
	type pile struct {
		account uint64
		asset   uint16
	}
	reserved := map[pile]money.Amount{}
	for _, p := range v.orderLists {
		if !p.locked.IsZero() {
			at := pile{p.Account, v.markets[p.Market].Base}
			reserved[at] = v.plus(reserved[at], p.locked)
		}
	}
	v.ids.each(func(h book.Handle) {
		o := &v.orders[h]
		held := o.held
		if p := o.list; p != nil && p.together && p.pair()[0] == o.ID {
			held = p.held
		}
		if held.IsZero() {
			return // it pends, and its owner may never have had what it will pay with
		}
		at := pile{o.Account, v.markets[o.Market].pays(o.Side)}
		reserved[at] = v.plus(reserved[at], held)
	})
	for _, l := range v.ledger.Lines() {
		at := pile{uint64(l.Account), l.Asset}
		if has := l.Balance[ledger.Ordered]; has != reserved[at] {
			return fmt.Errorf("account %d has %v of asset %d ordered, its orders reserve %v", at.account, has, at.asset, reserved[at])
		}
		delete(reserved, at)
	}
	if len(reserved) > 0 {
		return errors.New("orders reserve what their accounts do not have")
	}
	return nil
}

// remember makes an order of how it stood, and works out what it is in ticks and lots.
func (v *Venue) remember(o *order, x *tape.Order, a *account, m *market, paid bool) error {
	bad := func() error { return fmt.Errorf("order %d: its numbers do not fit market %s", x.ID, m.Symbol) }
	*o = order{OrderPlain: x.OrderPlain, account: a, rare: &plain}
	if r := (rare{OrderRare: x.OrderRare}); r != plain {
		*v.own(o) = r
	}
	open := x.Open()
	if o.Type.Priced() == o.Price.IsZero() || o.Type.Stops() == (o.Stop.IsZero() && o.Trail == 0) || !o.Type.Stops() && (!o.Stop.IsZero() || o.Trail != 0) || o.Trail == 0 && o.Trailing != 0 || o.Trail >= 10_000 || paid != open.IsZero() || open.Sign() < 0 || m.MaxQty.Less(open) ||
		o.Amends > m.MaxAmends || !isStrategy(&x.Strategy) {
		return bad()
	}
	var exact bool
	if o.Type.Priced() {
		if o.tick, exact = m.tickOf(o.Price); !exact {
			return bad()
		}
	}
	if !o.Stop.IsZero() {
		if v.own(o).stop, exact = m.tickOf(o.Stop); !exact {
			return bad()
		}
	}
	if o.open, exact = open.In(m.Step); !exact {
		return bad()
	}
	if o.Iceberg.IsZero() {
		return nil
	}
	if v.own(o).slice, exact = o.Iceberg.In(m.Step); !exact {
		return bad()
	}
	return nil
}

// restoreMovements brings back deposits and withdrawals, and the decisions kept for some.
func (v *Venue) restoreMovements(s *tape.Snapshot) error {
	for _, key := range s.Deposits {
		v.deposits[key] = true
	}
	mine := func(account uint64, asset uint16) bool {
		return v.accounts[account] != nil && int(asset) < len(v.genesis.Assets)
	}
	for i := range s.Withdrawals {
		w := s.Withdrawals[i]
		if !mine(w.Account, w.Asset) {
			return fmt.Errorf("withdrawal %d: of no account or asset", w.ID)
		}
		v.withdrawals[w.ID] = &w
	}
	set, stopped := s.Set, s.Stopped
	for i := range s.Aside {
		x := &aside{Aside: s.Aside[i]}
		switch {
		case !mine(x.Account, x.Asset):
			return fmt.Errorf("movement %s: of no account or asset", x.Movement)
		case x.Deposit != 0 && len(set) > 0 && set[0].ID == x.Deposit && set[0].Account == x.Account && set[0].Asset == x.Asset && set[0].Amount == x.Amount:
			d := set[0]
			x.deposit, set = &d, set[1:]
		case x.Deposit == 0 && len(stopped) > 0 && stopped[0].ID == x.Out && stopped[0].Account == x.Account && stopped[0].Asset == x.Asset && stopped[0].Amount == x.Amount:
			w := stopped[0]
			x.out, stopped = &w, stopped[1:]
		default:
			return fmt.Errorf("movement %s: what it came with is missing", x.Movement)
		}
		v.aside[x.Movement] = x
	}
	if len(set)+len(stopped) > 0 || len(s.Decisions) != len(s.Kept) {
		return errors.New("more or less is said of movements than there are")
	}
	for i, body := range s.Decisions {
		d, err := gate.ReadDecision(body)
		if err != nil || d.Check() != nil {
			return fmt.Errorf("decision %x does not read", s.Kept[i])
		}
		if id, err := hashOf(d.ID); err != nil || id != s.Kept[i] {
			return fmt.Errorf("decision %x: another is in its place", s.Kept[i])
		}
		if d.Action != law.OpenAccount && d.Action != law.Deposit && d.Action != law.Withdraw {
			return fmt.Errorf("decision %x: none that is kept", s.Kept[i])
		}
		v.keep(s.Kept[i], body, d)
	}
	return nil
}
