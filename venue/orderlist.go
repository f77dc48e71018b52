package venue

import (
	"fmt"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// orderList is orders that depend on one another, for as long as one of them is open.
type orderList struct {
	tape.OrderList
	pending  bool         // its first order works, and the others have not come
	together bool         // its pair has come, and neither has traded, been triggered, lost quantity or ended
	held     money.Amount // that the pair has reserved together; nothing once it is not together
	locked   money.Amount // of OnePays: what the working order has brought while the others pend
	open     int
}

// clientID is what an account calls an order list that is open.
type clientID struct {
	account uint64
	id      string
}

// pair is the two orders of which one cancels the other, or less where there are not two.
func (p *orderList) pair() []uint64 {
	if p.Contingency.Triggers() {
		return p.Orders[1:]
	}
	return p.Orders
}

// placeOrderList follows the words at tape.PlaceOrderList.
func (v *Venue) placeOrderList(c *tape.PlaceOrderList) {
	if len(c.Orders) < 2 {
		v.refuse(tape.BadOrder)
		return
	}
	first := &c.Orders[0]
	a, m := v.enter(first.Account, first.Market)
	if a == nil {
		return
	}
	if !listed(c) || c.ClientID == "" || len(c.ClientID) > 36 {
		v.refuse(tape.BadOrder)
		return
	}
	if v.listClients[clientID{a.number, c.ClientID}] != nil {
		v.refuse(tape.DuplicateClientID)
		return
	}
	if a.fewIn(m.number).lists >= bound(m.MaxLists) {
		v.refuse(tape.MaxLists)
		return
	}
	if a.lists >= v.maxOpen.Lists {
		v.refuse(tape.MaxAllLists)
		return
	}
	triggers := c.Contingency.Triggers()
	all := make([]terms, len(c.Orders))
	for i := range c.Orders {
		if why := v.check(&c.Orders[i], a, m, &all[i], c.Orders[:i], triggers && i > 0, c.Contingency == tape.OnePays && i > 0); why != tape.NoReason {
			v.refuse(why)
			return
		}
		if !triggers && m.cannotRest(&c.Orders[i], all[i].tick) {
			v.refuse(tape.WouldTake)
			return
		}
	}
	handles := make([]book.Handle, len(c.Orders))
	p := &orderList{pending: triggers, open: len(handles), OrderList: tape.OrderList{
		Account: a.number, Market: m.number, Contingency: c.Contingency, ClientID: c.ClientID, Created: v.now,
	}}
	for i := range handles {
		h := v.pool.Get()
		for int(h) >= len(v.orders) {
			v.orders = append(v.orders, order{})
		}
		handles[i] = h
		o := &v.orders[h]
		v.fill(o, &c.Orders[i], a, &all[i])
		if v.own(o).list = p; triggers && i > 0 {
			o.Status, o.Working, v.own(o).Trailing = tape.PendingNew, 0, 0
		}
	}
	fits, why := true, tape.NoReason
	if works := &v.orders[handles[0]]; triggers {
		if works.held, fits, why = v.needs(works, m); why == tape.NoReason {
			why = v.hold(works, m, works.held)
		}
	} else {
		why = v.holdTogether(p, handles, m)
	}
	if why != tape.NoReason {
		v.refuse(why)
		for _, h := range handles {
			v.release(h, &v.orders[h])
		}
		return
	}
	v.lastOrderList++
	p.ID = v.lastOrderList
	for _, h := range handles {
		o := &v.orders[h]
		v.own(o).OrderList = p.ID
		v.number(o)
		v.clients.enter(o.name, h)
		v.list(h, o)
		p.Orders = append(p.Orders, o.ID)
	}
	v.orderLists[p.ID], v.listClients[clientID{a.number, c.ClientID}] = p, p
	a.countFew(p.Market, 0, 1)
	v.emit(tape.OrderListPlaced{OrderList: p.OrderList})
	for _, h := range handles {
		v.emitOrder(&v.orders[h])
	}
	if !triggers {
		v.begin(handles, m)
		return
	}
	v.arrive(handles[0], &v.orders[handles[0]], m, fits)
	v.wake(m)
}

// listed reports whether orders can be a list.
func listed(c *tape.PlaceOrderList) bool {
	first, pair := &c.Orders[0], c.Orders
	switch c.Contingency {
	case tape.OneCancels:
	case tape.OneTriggers, tape.OnePays:
		if first.Type != tape.Limit && first.Type != tape.LimitMaker {
			return false
		}
		pair = pair[1:]
	default:
		return false
	}
	for i := range c.Orders {
		o := &c.Orders[i]
		if o.Account != first.Account || o.Market != first.Market || !o.QuoteQuantity.IsZero() {
			return false
		}
		side := book.Sell
		if i == 0 {
			side = book.Buy
		}
		if c.Contingency == tape.OnePays && o.Side != side {
			return false
		}
	}
	return len(pair) == 2 && pairs(&pair[0], &pair[1]) || len(pair) == 1
}

// pairs reports whether two orders can cancel one another.
func pairs(a, b *tape.PlaceOrder) bool {
	if a.Side != b.Side || a.Quantity != b.Quantity {
		return false
	}
	gain := func(t tape.Type) bool {
		return t == tape.LimitMaker || t == tape.TakeProfit || t == tape.TakeProfitLimit
	}
	if !gain(a.Type) {
		a, b = b, a
	}
	if !gain(a.Type) || b.Type != tape.StopLoss && b.Type != tape.StopLossLimit {
		return false
	}
	if b.Stop.IsZero() || a.Type != tape.LimitMaker && a.Stop.IsZero() {
		return false
	}
	goal := a.Stop
	if a.Type == tape.LimitMaker {
		goal = a.Price
	}
	switch a.Side {
	case book.Sell:
		return b.Stop.Less(goal)
	case book.Buy:
		return goal.Less(b.Stop)
	}
	return false
}

// cannotRest reports whether an order of a pair that is to rest could not, even before one that
// it may not meet.
func (m *market) cannotRest(c *tape.PlaceOrder, tick uint32) bool {
	return c.Type == tape.LimitMaker && m.book.Crosses(c.Side, tick)
}

// hold reserves for one order.
func (v *Venue) hold(o *order, m *market, need money.Amount) tape.Reason {
	if err := v.reserve(o.account, m.pays(o.Side), need); err != nil {
		return lacking(err)
	}
	o.held = need
	return tape.NoReason
}

// holdTogether reserves for a pair.
func (v *Venue) holdTogether(p *orderList, pair []book.Handle, m *market) tape.Reason {
	var most money.Amount
	for _, h := range pair {
		o := &v.orders[h]
		if needs := o.reserve(m, o.open); most.Less(needs) {
			most = needs
		}
	}
	one := &v.orders[pair[0]]
	if err := v.reserve(one.account, m.pays(one.Side), most); err != nil {
		return lacking(err)
	}
	p.together, p.held = true, most
	return tape.NoReason
}

// begin brings a pair to the market, told already.
func (v *Venue) begin(pair []book.Handle, m *market) {
	for _, h := range pair {
		if o := &v.orders[h]; o.Type.Stops() {
			v.wait(h, o, m)
		} else {
			v.rest(h, o, m)
		}
	}
}

// filled puts what is pending until this order is filled into the row of those whose turn comes.
func (v *Venue) filled(o *order) {
	if p := o.list; p != nil && p.pending {
		p.pending = false
		v.called = append(v.called, p.Orders[1])
	}
}

// come brings an order that was pending, or its pair, to the market.
func (v *Venue) come(h book.Handle, m *market) {
	p := v.orders[h].list
	var handles [2]book.Handle
	come := handles[:0]
	for _, id := range p.pair() {
		come = append(come, v.ids.find(id))
	}
	if p.Contingency == tape.OnePays {
		v.pay(p, come, m)
	}
	why := tape.NoReason
	for _, h := range come {
		if why == tape.NoReason {
			why = v.findsLate(&v.orders[h], m, len(come) == 2)
		}
	}
	fits := true
	if why == tape.NoReason && len(come) == 2 {
		why = v.holdTogether(p, come, m)
	} else if o := &v.orders[h]; why == tape.NoReason {
		var need money.Amount
		if need, fits, why = v.needs(o, m); why == tape.NoReason {
			why = v.hold(o, m, need)
		}
	}
	if why != tape.NoReason {
		for _, h := range come {
			v.finish(h, &v.orders[h], m, tape.Expired)
		}
		return
	}
	for _, h := range come {
		o := &v.orders[h]
		o.Status, o.Updated = tape.StatusNew, v.now
		v.comes(o)
		v.emitOrder(o)
	}
	switch o := &v.orders[h]; {
	case len(come) == 2:
		v.begin(come, m)
	case o.Type.Stops():
		v.wait(h, o, m)
	default:
		v.arrive(h, o, m, fits)
	}
}

// pay gives what was pending the quantity of what its working order has brought, which is locked no more.
func (v *Venue) pay(p *orderList, come []book.Handle, m *market) {
	most := p.locked // no more than the working order's Quantity, and so than MaxQty
	for _, h := range come {
		if o := &v.orders[h]; !o.Type.Priced() && !m.MarketMaxQty.IsZero() {
			most = money.Min(most, m.MarketMaxQty)
		}
	}
	v.unlock(p, m)
	lots, _ := most.In(m.Step)
	for _, h := range come {
		o := &v.orders[h]
		o.Quantity, o.open = m.quantity(lots), lots
	}
}

// unlock gives back what the working order of a list has brought while the others were pending.
func (v *Venue) unlock(p *orderList, m *market) {
	if !p.locked.IsZero() {
		v.mustShift(p.Account, m.Base, ledger.Ordered, ledger.Available, p.locked)
		p.locked = money.Amount{}
	}
}

// locks is the list for whose other orders a buyer's order brings what it buys, or nil.
func (o *order) locks() *orderList {
	if p := o.list; p != nil && p.pending && p.Contingency == tape.OnePays {
		return p
	}
	return nil
}

// findsLate holds an order that was pending against what it finds now that it comes.
func (v *Venue) findsLate(o *order, m *market, paired bool) tape.Reason {
	c := tape.PlaceOrder{Account: o.Account, Market: o.Market, Side: o.Side, Type: o.Type, Price: o.Price, Stop: o.Stop, Quantity: o.Quantity}
	t := terms{tick: o.tick, stop: o.stop, lots: o.open}
	switch {
	case o.list.Contingency == tape.OnePays && (o.Quantity.Less(m.MinQty) || o.Quantity.Less(o.Iceberg)):
		return tape.LotSize
	case m.tooManyParts(o.slice, o.open):
		return tape.IcebergParts
	case m.offNotional(&c, &t):
		return tape.Notional
	case m.bounded && v.overAsset(&c, m, &t):
		return tape.MaxAsset
	case t.tick != 0 && m.offBand(c.Side, t.tick):
		return tape.PercentPrice
	}
	why := v.finds(&c, o.account, m, &t)
	if why == tape.NoReason && paired && m.cannotRest(&c, o.tick) {
		why = tape.WouldTake
	}
	return why
}

// alone ends the order that this one was paired with, if the two are still together: it goes on
// alone, with a reserve of its own.
func (v *Venue) alone(o *order, m *market) {
	p := o.list
	if p == nil || !p.together {
		return
	}
	v.apart(p, m)
	x := v.ids.find(p.other(o.ID))
	v.finish(x, &v.orders[x], m, tape.Expired)
	o.held = o.reserve(m, o.open)
	if err := v.reserve(o.account, m.pays(o.Side), o.held); err != nil {
		panic(fmt.Sprintf("venue: %v: what two orders had reserved together is not enough for one", err))
	}
}

// apart gives back what a pair has reserved together.
func (v *Venue) apart(p *orderList, m *market) {
	one := &v.orders[v.ids.find(p.pair()[0])]
	v.giveBack(one.account, m.pays(one.Side), p.held)
	p.together, p.held = false, money.Amount{}
}

// other is the order that one is paired with.
func (p *orderList) other(id uint64) uint64 {
	two := p.pair()
	return two[0] + two[1] - id
}

func (v *Venue) cancelOrderList(c *tape.CancelOrderList) {
	if v.halted(c.Market) {
		return
	}
	p := v.orderLists[c.OrderList]
	if c.OrderList == 0 {
		p = v.listClients[clientID{c.Account, c.ClientID}]
	}
	if p == nil || p.Account != c.Account || p.Market != c.Market {
		v.refuse(tape.UnknownOrder)
		return
	}
	for _, id := range p.Orders { // lowest first
		if h := v.ids.find(id); h != 0 {
			v.end(h, &v.orders[h], &v.markets[c.Market], tape.Canceled)
		}
	}
}
