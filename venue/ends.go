package venue

import (
	"fmt"
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// finish ends an order as it is: what it has reserved alone goes back.
func (v *Venue) finish(h book.Handle, o *order, m *market, s tape.Status) {
	v.leave(h, o, m)
	v.giveBack(o.account, m.pays(o.Side), o.held)
	v.ended(h, o, s)
}

// leave takes an order out of wherever it is.
func (v *Venue) leave(h book.Handle, o *order, m *market) {
	switch o.at {
	case resting:
		m.book.Remove(h)
		o.at = nowhere
	case waiting:
		m.book.Remove(h)
		o.at = nowhere
		if o.Trail != 0 {
			m.trails--
		}
	case following:
		v.unfollow(o, m)
		m.trails--
	}
}

// ended tells of an order that has ended and has nothing reserved any more.
func (v *Venue) ended(h book.Handle, o *order, s tape.Status) {
	o.held = money.Amount{}
	o.Status, o.Updated = s, v.now
	v.emitOrder(o)
	v.forget(h, o)
}

// end ends an order, and those of its list that end with it.
func (v *Venue) end(h book.Handle, o *order, m *market, s tape.Status) {
	p := o.list
	if p == nil || !p.pending && !p.together {
		v.finish(h, o, m, s)
		return
	}
	if p.together {
		v.apart(p, m)
	}
	v.unlock(p, m)
	p.pending = false
	v.finish(h, o, m, s)
	if s != tape.Canceled {
		s = tape.Expired
	}
	for _, id := range p.Orders {
		if x := v.ids.find(id); x != 0 {
			v.finish(x, &v.orders[x], m, s)
		}
	}
}

// forget drops an order that has ended.
func (v *Venue) forget(h book.Handle, o *order) {
	v.ids.drop(o.ID)
	v.clients.drop(o.name, h)
	a := o.account
	last := a.orders[len(a.orders)-1] // takes its place
	a.orders[o.index] = last
	v.orders[last].index = o.index
	a.orders = a.orders[:len(a.orders)-1]
	n := a.in(o.Market)
	n.orders--
	if o.rare != &plain {
		a.count(o, n, minusOne)
	}
	if p := o.list; p != nil {
		if p.open--; p.open == 0 {
			a.countFew(p.Market, 0, minusOne)
			delete(v.orderLists, p.ID)
			delete(v.listClients, clientID{p.Account, p.ClientID})
			v.emit(tape.OrderListEnded{ID: p.ID, Account: p.Account, Market: p.Market, At: v.now})
		}
	}
	v.release(h, o)
}

// halted refuses a command in a market that takes none.
func (v *Venue) halted(n uint16) bool {
	if int(n) < len(v.markets) && v.markets[n].phase == tape.Halted {
		v.refuse(tape.MarketClosed)
		return true
	}
	return false
}

// find is the open order of an account in a market, by number or, where that is 0, by
// client id; 0 when there is none.
func (v *Venue) find(account uint64, market uint16, id uint64, client string) (book.Handle, *order) {
	h := v.ids.find(id)
	if id == 0 {
		h = v.client(account, client)
	}
	if h != 0 {
		if o := &v.orders[h]; o.Account == account && o.Market == market {
			return h, o
		}
	}
	return 0, nil
}

// cancelOrder reports whether there was something to cancel. Alone is of one that is all of a command.
func (v *Venue) cancelOrder(c *tape.CancelOrder, alone bool) bool {
	if v.halted(c.Market) {
		return false
	}
	h, o := v.find(c.Account, c.Market, c.Order, c.ClientID)
	if h == 0 {
		v.refuse(tape.UnknownOrder)
		return false
	}
	if c.Only != 0 && o.Status != c.Only {
		v.refuse(tape.NotOnly)
		return false
	}
	m := &v.markets[c.Market]
	if !alone || o.list != nil || o.held.IsZero() {
		v.end(h, o, m, tape.Canceled)
		return true
	}
	v.leave(h, o, m)
	asset := m.pays(o.Side)
	moved, err := v.ledger.Release(v.holdings(o.account), asset, o.held, true)
	if err != nil {
		panic(fmt.Sprintf("venue: %v: %v of asset %d, account %d, which an order has reserved", err, o.held, asset, o.Account))
	}
	account := ledger.Account(o.Account)
	v.ended(h, o, tape.Canceled)
	v.ledger.Write(moved, v.out.Balance(account, asset))
	return true
}

func (v *Venue) cancelAll(c *tape.CancelAll) {
	if v.halted(c.Market) {
		return
	}
	a := v.account(c.Account)
	if a == nil || int(c.Market) >= len(v.markets) || a.in(c.Market).orders == 0 {
		v.refuse(tape.UnknownOrder)
		return
	}
	v.endAll(a, func(o *order) bool { return o.Market == c.Market })
}

// endAll cancels the open orders of an account of which fn is true, lowest id first.
func (v *Venue) endAll(a *account, fn func(*order) bool) {
	v.row = v.row[:0]
	for _, h := range a.orders {
		if o := &v.orders[h]; fn(o) {
			v.row = append(v.row, o.ID)
		}
	}
	slices.Sort(v.row)
	for _, id := range v.row {
		if h := v.ids.find(id); h != 0 {
			o := &v.orders[h]
			v.end(h, o, &v.markets[o.Market], tape.Canceled)
		}
	}
}

func (v *Venue) replaceOrder(c *tape.ReplaceOrder) {
	if v.cancelOrder(&c.Cancel, false) || c.Anyway {
		v.placeOrder(&c.Order, false)
	}
}

// amendOrder follows the words at tape.AmendOrder.
func (v *Venue) amendOrder(c *tape.AmendOrder) {
	if int(c.Market) < len(v.markets) && v.markets[c.Market].phase != tape.Trading {
		v.refuse(tape.MarketClosed)
		return
	}
	h, o := v.find(c.Account, c.Market, c.Order, c.ClientID)
	if h == 0 {
		v.refuse(tape.UnknownOrder)
		return
	}
	m := &v.markets[c.Market]
	done := v.plus(o.Filled, o.Prevented)
	if o.at != resting || o.list != nil && o.list.together || !c.Quantity.Less(o.Quantity) || !done.Less(c.Quantity) || len(c.NewClientID) > 36 {
		v.refuse(tape.BadAmend)
		return
	}
	if o.Amends >= bound(m.MaxAmends) {
		v.refuse(tape.MaxAmends)
		return
	}
	renamed := c.NewClientID != "" && c.NewClientID != o.ClientID
	if renamed && v.client(c.Account, c.NewClientID) != 0 {
		v.refuse(tape.DuplicateClientID)
		return
	}
	lots, exact := c.Quantity.In(m.Step)
	if c.Quantity.Less(m.MinQty) || c.Quantity.Less(o.Iceberg) || !exact {
		v.refuse(tape.LotSize)
		return
	}
	if m.value(o.tick, lots).Less(m.MinNotional) {
		v.refuse(tape.Notional)
		return
	}
	before, _ := o.Quantity.In(m.Step)
	off := before - lots
	back := o.reserve(m, off)
	v.giveBack(o.account, m.pays(o.Side), back)
	o.held = v.minus(o.held, back)
	hidden := o.open - m.book.Lots(h)
	m.book.Take(h, off-min(off, hidden))
	o.open -= off
	if renamed {
		v.clients.drop(o.name, h)
		o.ClientID = c.NewClientID
		o.name = v.clients.hash(o.Account, o.ClientID)
		v.clients.enter(o.name, h)
	}
	o.Quantity, o.Updated = c.Quantity, v.now
	if m.MaxAmends != 0 {
		v.own(o).Amends++
	}
	v.emitOrder(o)
}

func (v *Venue) setPhase(c *tape.SetPhase) {
	switch {
	case int(c.Market) >= len(v.markets):
		v.refuse(tape.UnknownMarket)
	case c.Phase > tape.Halted || c.By == "" || len(c.By) > tape.MaxBy || len(c.Reason) > tape.MaxReason:
		v.refuse(tape.BadPhase)
	default:
		v.markets[c.Market].phase = c.Phase
		v.emit(tape.PhaseChanged{SetPhase: *c})
	}
}

func (v *Venue) setTier(c *tape.SetTier) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	a.given = c.Tier
	v.emit(tape.TierChanged{SetTier: *c})
}

func (v *Venue) setTradeGroup(c *tape.SetTradeGroup) {
	a := v.accounts[c.Account]
	switch {
	case a == nil:
		v.refuse(tape.UnknownAccount)
	case !said(c.By, c.Reason):
		v.refuse(tape.Unsaid)
	default:
		a.group = c.Group
		v.emit(tape.GroupChanged{SetTradeGroup: *c})
	}
}

func (v *Venue) setMaxAsset(c *tape.SetMaxAsset) {
	switch {
	case int(c.Asset) >= len(v.genesis.Assets) || c.Max.Sign() < 0 || !v.fits(c.Max, c.Asset):
		v.refuse(tape.UnknownAsset)
	case !said(c.By, c.Reason):
		v.refuse(tape.Unsaid)
	default:
		v.boundAsset(c.Asset, c.Max)
		v.emit(tape.MaxAssetChanged{SetMaxAsset: *c})
	}
}

// boundAsset sets the most of an asset that one order may move.
func (v *Venue) boundAsset(asset uint16, most money.Amount) {
	v.maxAsset[asset] = most
	for i := range v.markets {
		m := &v.markets[i]
		m.bounded = !v.maxAsset[m.Base].IsZero() || !v.maxAsset[m.Quote].IsZero()
	}
}

func (v *Venue) earnTier(c *tape.EarnTier) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	a.earned = c.Tier
	v.emit(tape.TierEarned{EarnTier: *c})
}

// quarantine follows the words at tape.Quarantine.
func (v *Venue) quarantine(c *tape.Quarantine) {
	ascend := true
	for i, n := range c.Markets {
		if int(n) >= len(v.markets) {
			v.refuse(tape.UnknownMarket)
			return
		}
		ascend = ascend && (i == 0 || c.Markets[i-1] < n)
	}
	if !ascend || c.Failure == "" || len(c.Failure) > tape.MaxReason || tape.New(c.Of) == nil {
		v.refuse(tape.BadPhase)
		return
	}
	v.emit(tape.Quarantined{Quarantine: *c})
	for _, n := range c.Markets {
		if m := &v.markets[n]; m.phase == tape.Trading {
			m.phase = tape.CancelOnly
			v.emit(tape.PhaseChanged{SetPhase: tape.SetPhase{Market: n, Phase: m.phase, By: tape.VenueItself, Reason: c.Failure}})
		}
	}
}
