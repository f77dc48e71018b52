package verify

import (
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// An orderList is orders that depend on one another, as long as one of them is open.
type orderList struct {
	tape.OpenOrderList
	reserve money.Amount // what its pair has reserved while it is together
}

// open is those of some orders that are open, in turn.
func (m *model) openOf(ids []uint64) []*order {
	var open []*order
	for _, id := range ids {
		if o := m.orders[id]; o != nil {
			open = append(open, o)
		}
	}
	return open
}

// crosses reports whether a limit is at or beyond the price of any order of the other side.
func (m *model) crosses(side book.Side, market uint16, price money.Amount) bool {
	o, some := m.side(market, side.Other()).first()
	return some && reaches(side, price, o.Price)
}

func (m *model) placeOrderList(at int64, c *tape.PlaceOrderList) []tape.Event {
	if len(c.Orders) != 2 && len(c.Orders) != 3 {
		return refused(tape.BadOrder, none)
	}
	one := &c.Orders[0]
	if why, by := m.mayPlace(one); why != tape.NoReason {
		return refused(why, by)
	}
	if misfits(c) || !goodClientID(c.ClientID) {
		return refused(tape.BadOrder, none)
	}
	a := m.accounts[one.Account]
	if a.lists[c.ClientID] != nil {
		return refused(tape.DuplicateClientID, none)
	}
	if why := m.tooManyLists(a, one.Market); why != tape.NoReason {
		return refused(why, none)
	}
	works := c.Contingency != tape.OneCancels // the first, alone
	var orders []*order
	for i := range c.Orders {
		of, pending := &c.Orders[i], works && i > 0
		why := m.check(of, c.Orders[:i], pending, pending && c.Contingency == tape.OnePays)
		if why == tape.NoReason && !works && of.Type == tape.LimitMaker && m.crosses(of.Side, of.Market, of.Price) {
			why = tape.WouldTake
		}
		if why != tape.NoReason {
			return refused(why, none)
		}
		o := newOrder(at, of)
		if pending {
			o.Status, o.Working, o.Trailing = tape.PendingNew, 0, 0
		}
		orders = append(orders, o)
	}
	need, dies, fits := larger(orders), false, true
	if works {
		need, dies, fits = m.terms(orders[0])
	}
	if !fits {
		return refused(tape.TooLarge, none)
	}
	if !m.has(one.Account, m.pays(orders[0]), ledger.Available, need) {
		return refused(tape.Insufficient, none)
	}

	m.lastOrderList++
	x := &orderList{OpenOrderList: tape.OpenOrderList{OrderList: tape.OrderList{
		ID: m.lastOrderList, Account: one.Account, Market: one.Market, Contingency: c.Contingency, ClientID: c.ClientID, Created: at,
	}}}
	m.lists[x.ID], a.lists[x.ClientID] = x, x
	var events []tape.Event
	for i, o := range orders {
		o.OrderList = x.ID
		reserve := money.Amount{}
		if works && i == 0 {
			reserve = need
		}
		m.enter(o, reserve)
		x.Orders = append(x.Orders, o.ID)
		events = append(events, &tape.OrderChanged{Order: o.Order})
	}
	events = append([]tape.Event{tape.OrderListPlaced{OrderList: x.OrderList}}, events...)
	if works {
		return append(events, m.deal(at, orders[0], dies)...)
	}
	m.joined(x, orders, need)
	return append(events, m.begin(at, orders)...)
}

// misfits reports whether orders are none that can be a list.
func misfits(c *tape.PlaceOrderList) bool {
	one := &c.Orders[0]
	for _, o := range c.Orders {
		if o.Account != one.Account || o.Market != one.Market || !o.QuoteQuantity.IsZero() {
			return true
		}
	}
	switch {
	case c.Contingency == tape.OneCancels:
		return len(c.Orders) != 2 || !paired(one, &c.Orders[1])
	case c.Contingency != tape.OneTriggers && c.Contingency != tape.OnePays:
		return true
	case c.Contingency == tape.OnePays && !paysFor(one, c.Orders[1:]):
		return true
	case one.Type != tape.Limit && one.Type != tape.LimitMaker:
		return true
	}
	return len(c.Orders) == 3 && !paired(&c.Orders[1], &c.Orders[2])
}

// paysFor: "The working order of OnePays buys, and what is pending sells what that brings".
func paysFor(working *tape.PlaceOrder, pending []tape.PlaceOrder) bool {
	for _, o := range pending {
		if o.Side != book.Sell {
			return false
		}
	}
	return working.Side == book.Buy
}

// locking is the list for whose pending orders an order brings what it buys: "Locked is the list's until its
// pending orders come or one of its orders ends before that".
func (m *model) locking(o *order) (x *orderList, locks bool) {
	x, there := m.lists[o.OrderList]
	return x, there && x.Contingency == tape.OnePays && x.Orders[0] == o.ID
}

// receive is where what a buyer has bought goes: to available, or locked for their pending orders.
func (m *model) receive(buyer, seller *order, quantity money.Amount) {
	base := m.genesis.Markets[buyer.Market].Base
	x, locks := m.locking(buyer)
	if !locks {
		m.move(base, quantity, seller.Account, ledger.Ordered, buyer.Account, ledger.Available)
		return
	}
	m.move(base, quantity, seller.Account, ledger.Ordered, buyer.Account, ledger.Ordered)
	x.Locked = plus(x.Locked, quantity)
}

// unlock: "then it goes back to available".
func (m *model) unlock(x *orderList) {
	locked := x.Locked
	x.Locked = money.Amount{}
	if !locked.IsZero() {
		m.move(m.genesis.Markets[x.Market].Base, locked, x.Account, ledger.Ordered, x.Account, ledger.Available)
	}
}

// afford is the Quantity of orders that another has paid for with so much.
func (m *model) afford(pending []*order, locked money.Amount) money.Amount {
	k := &m.genesis.Markets[pending[0].Market]
	for _, o := range pending {
		if !priced(o.Type) && !k.MarketMaxQty.IsZero() && k.MarketMaxQty.Less(locked) {
			locked = k.MarketMaxQty
		}
	}
	return must(locked.Quo(money.Int(1), k.Step))
}

// paired reports whether two orders may cancel one another: alike in side and quantity, of a
// kind each, "and the price of the higher is above that of the lower: for a sell the first kind
// is the higher, for a buy the second".
func paired(one, two *tape.PlaceOrder) bool {
	if one.Side != two.Side || one.Quantity != two.Quantity {
		return false
	}
	first, second := one, two
	if first.Type == tape.StopLoss || first.Type == tape.StopLossLimit {
		first, second = second, first
	}
	price := first.Stop
	switch first.Type {
	case tape.LimitMaker:
		price = first.Price
	case tape.TakeProfit, tape.TakeProfitLimit:
		if price.IsZero() {
			return false
		}
	default:
		return false
	}
	if second.Type != tape.StopLoss && second.Type != tape.StopLossLimit || second.Stop.IsZero() {
		return false
	}
	switch one.Side {
	case book.Buy:
		return price.Less(second.Stop)
	case book.Sell:
		return second.Stop.Less(price)
	}
	return false
}

// larger is the larger of what each of some orders would reserve.
func larger(orders []*order) money.Amount {
	var most money.Amount
	for _, o := range orders {
		if need := resting(o, o.Quantity); most.Less(need) {
			most = need
		}
	}
	return most
}

// joined reserves for a pair.
func (m *model) joined(x *orderList, pair []*order, need money.Amount) {
	asset := m.pays(pair[0])
	m.move(asset, need, x.Account, ledger.Available, x.Account, ledger.Ordered)
	x.Together, x.reserve = true, need
}

// begin is a pair that comes: "the first first: LimitMaker rests, the others wait".
func (m *model) begin(at int64, pair []*order) []tape.Event {
	var events []tape.Event
	for _, o := range pair {
		if o.Type == tape.LimitMaker {
			events = append(events, m.arrive(at, o, false)...)
		}
	}
	return events
}

// called is what was pending until the order was filled that an event tells of: the order, or
// the first of a pair.
func (m *model) called(e tape.Event) (o *order, ok bool) {
	filled, ok := e.(*tape.OrderChanged)
	if !ok || filled.Status != tape.Filled {
		return nil, false
	}
	x := m.lists[filled.OrderList]
	if x == nil || x.Contingency == tape.OneCancels || x.Orders[0] != filled.ID {
		return nil, false
	}
	return m.orders[x.Orders[1]], true
}

// come is what becomes of what was pending when its turn has come.
func (m *model) come(at int64, o *order) []tape.Event {
	x := m.lists[o.OrderList]
	all := m.openOf(x.Orders)
	may := true
	if x.Contingency == tape.OnePays {
		quantity := m.afford(all, x.Locked)
		m.unlock(x)
		k := &m.genesis.Markets[x.Market]
		for _, o := range all {
			o.Quantity = quantity
			may = may && !quantity.Less(k.MinQty) && !quantity.Less(o.Iceberg) && !manyParts(k, quantity, o.Iceberg)
		}
	}
	for _, o := range all {
		c := tape.PlaceOrder{Account: o.Account, Market: o.Market, Side: o.Side, Type: o.Type, Price: o.Price, Stop: o.Stop, Quantity: o.Quantity}
		may = may && !m.offNotional(&c) && !m.overAsset(&c) && !m.offBand(&c) && m.finds(&c) == tape.NoReason
		may = may && !(len(all) == 2 && o.Type == tape.LimitMaker && m.crosses(o.Side, o.Market, o.Price))
	}
	need, dies, fits := larger(all), false, true
	if may && len(all) == 1 {
		need, dies, fits = m.terms(o)
	}
	var events []tape.Event
	if !may || !fits || !m.has(o.Account, m.pays(o), ledger.Available, need) {
		for _, o := range all {
			events = append(events, m.end(at, o, tape.Expired)...)
		}
		return events
	}
	for _, o := range all {
		o.Status, o.Updated = tape.StatusNew, at
		if o.waits {
			m.wait(o)
			if o.Stop.IsZero() {
				o.Trailing = at
			}
		} else {
			o.Working = at
		}
		events = append(events, &tape.OrderChanged{Order: o.Order})
	}
	if len(all) == 2 {
		m.joined(x, all, need)
		return append(events, m.begin(at, all)...)
	}
	m.reserve(o, need)
	if o.waits {
		return events
	}
	return append(events, m.arrive(at, o, dies)...)
}

// part ends the other order of a pair when one "is about to trade, to be triggered, or to
// lose quantity"; this one keeps what it needs alone.
func (m *model) part(at int64, o *order) []tape.Event {
	x := m.lists[o.OrderList]
	if x == nil || !x.Together {
		return nil
	}
	x.Together = false
	var events []tape.Event
	for _, other := range m.openOf(x.Orders) {
		if other != o {
			events = append(events, m.end(at, other, tape.Expired)...)
		}
	}
	o.reserve, x.reserve = x.reserve, money.Amount{}
	m.giveBack(o, minus(o.reserve, resting(o, left(&o.Order))))
	return events
}

// end ends an order: what it still has reserved goes back, and what comes of it for the others
// of its list follows.
func (m *model) end(at int64, o *order, status tape.Status) []tape.Event {
	m.giveBack(o, o.reserve)
	o.Status, o.Updated = status, at
	m.drop(o)
	events := []tape.Event{&tape.OrderChanged{Order: o.Order}}
	x := m.lists[o.OrderList]
	if x == nil {
		return events
	}
	// A pair of which one ends while they are together; a working order that ends otherwise
	// than Filled; one that is pending, while the working order goes on.
	first := x.Orders[0]
	tied := x.Together || x.Contingency != tape.OneCancels && (o.ID == first && status != tape.Filled || m.orders[first] != nil)
	if x.Together {
		x.Together = false
		m.move(m.pays(o), x.reserve, o.Account, ledger.Ordered, o.Account, ledger.Available)
	}
	if tied {
		m.unlock(x)
		// "the others end right after it, lowest id first: as Canceled if that one was cancelled,
		// else as Expired"
		if status != tape.Canceled {
			status = tape.Expired
		}
		for _, other := range m.openOf(x.Orders) {
			if m.orders[other.ID] != nil { // it has not ended with another of them
				events = append(events, m.end(at, other, status)...)
			}
		}
	}
	if m.lists[x.ID] != nil && len(m.openOf(x.Orders)) == 0 {
		delete(m.lists, x.ID)
		delete(m.accounts[x.Account].lists, x.ClientID)
		events = append(events, tape.OrderListEnded{ID: x.ID, Account: x.Account, Market: x.Market, At: at})
	}
	return events
}

// drop forgets an order that is no longer open.
func (m *model) drop(o *order) {
	o.spot.leave()
	delete(m.following[o.Market], o.ID)
	delete(m.orders, o.ID)
	a := m.accounts[o.Account]
	delete(a.open, o.ID)
	delete(a.names, o.ClientID)
	a.count[o.Market]--
	if stopType(o.Type) {
		a.stops[o.Market]--
	}
}

// cancelOrderList: "every open order of an open order list of the account in the market, by
// OrderList or, where that is 0, by ClientID".
func (m *model) cancelOrderList(at int64, c *tape.CancelOrderList) []tape.Event {
	if m.halted(c.Market) {
		return refused(tape.MarketClosed, none)
	}
	x := m.lists[c.OrderList]
	if a := m.accounts[c.Account]; c.OrderList == 0 && a != nil {
		x = a.lists[c.ClientID]
	}
	if x == nil || x.Account != c.Account || x.Market != c.Market {
		return refused(tape.UnknownOrder, none)
	}
	return m.cancel(at, m.openOf(slices.Clone(x.Orders)))
}
