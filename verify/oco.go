package verify

import (
	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// An oco is two orders of which one cancels the other, as long as one of them is open.
type oco struct {
	tape.OpenOCO
	reserve money.Amount // what both have reserved while they are together
}

// crosses reports whether a limit is at or beyond the price of any order of the other side.
func (m *model) crosses(c *tape.PlaceOrder) bool {
	o, some := m.side(c.Market, c.Side.Other()).first()
	return some && reaches(c.Side, c.Price, o.Price)
}

func (m *model) placeOCO(at int64, c *tape.PlaceOCO) []tape.Event {
	one, two := &c.Legs[0], &c.Legs[1]
	if why, by := m.mayPlace(one); why != tape.NoReason {
		return refused(why, by)
	}
	if !paired(one, two) || !goodClientID(c.ClientID) {
		return refused(tape.BadOrder, none)
	}
	for _, x := range m.ocos {
		if x.Account == one.Account && x.ClientID == c.ClientID {
			return refused(tape.DuplicateClientID, none)
		}
	}
	for _, leg := range []struct{ at, other *tape.PlaceOrder }{{one, nil}, {two, one}} {
		why := m.check(leg.at, leg.other)
		if why == tape.NoReason && leg.at.Type == tape.LimitMaker && m.crosses(leg.at) {
			why = tape.WouldTake
		}
		if why != tape.NoReason {
			return refused(why, none)
		}
	}
	legs := [2]*order{newOrder(at, one), newOrder(at, two)}
	need := resting(legs[0], one.Quantity)
	if other := resting(legs[1], two.Quantity); need.Less(other) {
		need = other
	}
	pays := m.pays(legs[0])
	if !m.has(one.Account, pays, ledger.Available, need) {
		return refused(tape.Insufficient, none)
	}

	m.lastOCO++
	x := &oco{OpenOCO: tape.OpenOCO{Together: true, OCO: tape.OCO{
		ID: m.lastOCO, Account: one.Account, Market: one.Market, ClientID: c.ClientID, Created: at,
	}}, reserve: need}
	m.ocos[x.ID] = x
	m.move(pays, need, one.Account, ledger.Available, one.Account, ledger.Ordered)
	for i, o := range legs {
		o.OCO = x.ID
		m.enter(o, money.Amount{})
		x.Orders[i] = o.ID
	}
	events := []tape.Event{tape.OCOPlaced{OCO: x.OCO}, &tape.OrderChanged{Order: legs[0].Order}, &tape.OrderChanged{Order: legs[1].Order}}
	for _, o := range legs {
		if o.Type == tape.LimitMaker {
			events = append(events, m.arrive(at, o, false)...)
		}
	}
	return events
}

// paired reports whether two orders may cancel one another: alike in account, market, side
// and quantity, of a kind each, "and the price of the higher is above that of the lower: for
// a sell the first kind is the higher, for a buy the second".
func paired(one, two *tape.PlaceOrder) bool {
	if one.Account != two.Account || one.Market != two.Market || one.Side != two.Side || one.Quantity != two.Quantity {
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
	default:
		return false
	}
	if second.Type != tape.StopLoss && second.Type != tape.StopLossLimit {
		return false
	}
	if one.Side == book.Buy {
		return price.Less(second.Stop)
	}
	return second.Stop.Less(price)
}

// other is the OCO that an order was placed with and the other order of it, which is nil
// when that has ended. Both are nil of an order that was placed alone.
func (m *model) other(o *order) (*oco, *order) {
	x := m.ocos[o.OCO]
	if x == nil {
		return nil, nil
	}
	id := x.Orders[0]
	if id == o.ID {
		id = x.Orders[1]
	}
	return x, m.orders[id]
}

// part ends the other order of an OCO when one "is about to trade, to be triggered, or to
// lose quantity"; this one keeps what it needs alone.
func (m *model) part(at int64, o *order) []tape.Event {
	x, other := m.other(o)
	if x == nil || !x.Together {
		return nil
	}
	x.Together = false
	events := m.end(at, other, tape.Expired)
	o.reserve, x.reserve = x.reserve, money.Amount{}
	m.giveBack(o, minus(o.reserve, resting(o, left(&o.Order))))
	return events
}

// end ends an order: what it still has reserved goes back, and what comes of it for the other
// order of an OCO follows.
func (m *model) end(at int64, o *order, status tape.Status) []tape.Event {
	m.giveBack(o, o.reserve)
	o.Status, o.Updated = status, at
	m.drop(o)
	events := []tape.Event{&tape.OrderChanged{Order: o.Order}}
	x, other := m.other(o)
	switch {
	case x == nil:
	case x.Together:
		// "When one ends before that, by whatever reason, the other ends right after it, as
		// Canceled if that one was cancelled, else as Expired, and all goes back."
		x.Together = false
		m.move(m.pays(o), x.reserve, o.Account, ledger.Ordered, o.Account, ledger.Available)
		if status != tape.Canceled {
			status = tape.Expired
		}
		events = append(events, m.end(at, other, status)...)
	case other == nil:
		delete(m.ocos, x.ID)
		events = append(events, tape.OCOEnded{ID: x.ID, Account: x.Account, Market: x.Market, At: at})
	}
	return events
}

// drop forgets an order that is no longer open.
func (m *model) drop(o *order) {
	o.spot.leave()
	delete(m.orders, o.ID)
	a := m.accounts[o.Account]
	delete(a.open, o.ID)
	delete(a.names, o.ClientID)
	a.count[o.Market]--
	if stopType(o.Type) {
		a.stops[o.Market]--
	}
}

// cancelOCO: "both orders of an open OCO of the account in the market, by OCO or, where that
// is 0, by ClientID".
func (m *model) cancelOCO(at int64, c *tape.CancelOCO) []tape.Event {
	if m.halted(c.Market) {
		return refused(tape.MarketClosed, none)
	}
	for _, x := range m.ocos {
		named := x.ID == c.OCO
		if c.OCO == 0 {
			named = x.ClientID == c.ClientID
		}
		if !named || x.Account != c.Account || x.Market != c.Market {
			continue
		}
		var open []*order
		for _, id := range x.Orders { // the first was placed first
			if o := m.orders[id]; o != nil {
				open = append(open, o)
			}
		}
		return m.cancel(at, open)
	}
	return refused(tape.UnknownOrder, none)
}
