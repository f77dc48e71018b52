package verify

import (
	"cmp"
	"math/big"
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// stopType reports whether an order of a type waits for a price before anything else.
func stopType(t tape.Type) bool {
	return t == tape.StopLoss || t == tape.StopLossLimit || t == tape.TakeProfit || t == tape.TakeProfitLimit
}

// sets reports whether a price triggers an order of the type and side: "StopLoss … once the
// market moves against it to Stop", which is up for a buyer and down for a seller;
// "TakeProfit … in its favour", which is the other way.
func sets(t tape.Type, side book.Side, stop, price money.Amount) bool {
	if rises(t, side) {
		return !price.Less(stop)
	}
	return !stop.Less(price)
}

// rises reports whether an order that waits does so for a price at or above its own.
func rises(t tape.Type, side book.Side) bool {
	loss := t == tape.StopLoss || t == tape.StopLossLimit
	return loss == (side == book.Buy)
}

// deal deals with an order that has come, and then with those triggered, one after another:
// "those triggered by any of its trades are put in a row by id, lowest first …; those that the
// trades of one of these trigger go to the end of the row, lowest first. Whichever has ended
// by its turn is passed over."
func (m *model) deal(at int64, o *order, dies bool) []tape.Event {
	events := m.arrive(at, o, dies)
	told, row := m.triggered(at, o.Market, events)
	events = append(events, told...)
	for len(row) > 0 {
		next := row[0]
		row = row[1:]
		if m.orders[next.ID] == nil {
			continue
		}
		turn := m.turn(at, next)
		told, more := m.triggered(at, o.Market, turn)
		events = append(append(events, turn...), told...)
		row = append(row, more...)
	}
	return events
}

// triggered is the orders that the trades among some events trigger, and what was pending until
// an order that they filled was, lowest id first. They stand nowhere from now on. Before them
// it tells of those that begin to follow the price.
func (m *model) triggered(at int64, market uint16, events []tape.Event) (told []tape.Event, row []*order) {
	var begin []*order
	for _, e := range events {
		if o, filled := m.called(e); filled {
			row = append(row, o)
		}
		t, ok := e.(*tape.Traded)
		if !ok {
			continue
		}
		for _, o := range m.following[market] {
			if m.follow(o, t.Price) {
				delete(m.following[market], o.ID)
				row = append(row, o)
			}
		}
		for _, l := range []*ladder[*order]{&m.ladders[market].rises, &m.ladders[market].falls} {
			for o, some := l.first(); some && sets(o.Type, o.Side, o.Stop, t.Price); o, some = l.first() {
				o.spot.leave()
				if o.Trail == 0 {
					row = append(row, o)
					continue
				}
				o.Trailing, o.Updated, o.Extreme = at, at, t.Price
				m.following[market][o.ID] = o
				begin = append(begin, o)
			}
		}
	}
	byID := func(a, b *order) int { return cmp.Compare(a.ID, b.ID) }
	slices.SortFunc(row, byID)
	slices.SortFunc(begin, byID)
	for _, o := range begin {
		told = append(told, &tape.OrderChanged{Order: o.Order})
	}
	return told, row
}

// follow takes in a price that an order with a Trail follows, and reports whether it is
// triggered: "by a trade at or below extreme × (10,000 − Trail) / 10,000, of a buy at or above
// extreme × (10,000 + Trail) / 10,000".
func (m *model) follow(o *order, price money.Amount) bool {
	buys := o.Side == book.Buy
	if o.Extreme.IsZero() || buys && price.Less(o.Extreme) || !buys && o.Extreme.Less(price) {
		o.Extreme = price
	}
	whole, part := big.NewInt(10_000), big.NewInt(10_000-int64(o.Trail))
	if buys {
		part = big.NewInt(10_000 + int64(o.Trail))
	}
	order := whole.Mul(whole, price.Big()).Cmp(part.Mul(part, o.Extreme.Big()))
	return buys && order >= 0 || !buys && order <= 0
}

// turn is what becomes of an order that was triggered, when its turn has come.
func (m *model) turn(at int64, o *order) []tape.Event {
	if o.Status == tape.PendingNew {
		return m.come(at, o)
	}
	events := m.part(at, o)
	o.waits, o.Working, o.Updated, o.Extreme = false, at, at, money.Amount{}
	events = append(events, &tape.OrderChanged{Order: o.Order})
	m.giveBack(o, o.reserve)
	need, dies, fits := m.terms(o)
	if dies || !fits || !m.has(o.Account, m.pays(o), ledger.Available, need) {
		return append(events, m.end(at, o, tape.Expired)...)
	}
	m.reserve(o, need)
	return append(events, m.arrive(at, o, false)...)
}
