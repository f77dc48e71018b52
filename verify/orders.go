package verify

import (
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (m *model) placeOrder(at int64, c *tape.PlaceOrder) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	if a.Standing.May&tape.MayTrade == 0 {
		return refused(tape.Stopped, a.Standing.Decision)
	}
	if int(c.Market) >= len(m.genesis.Markets) {
		return refused(tape.UnknownMarket, none)
	}
	k := &m.genesis.Markets[c.Market]
	if malformed(c) {
		return refused(tape.BadOrder, none)
	}
	for _, o := range a.open {
		if o.ClientID == c.ClientID {
			return refused(tape.DuplicateClientID, none)
		}
	}
	if why := m.filter(k, c); why != tape.NoReason {
		return refused(why, none)
	}
	if c.Type == tape.LimitMaker {
		if best := m.best(c.Market, c.Side.Other()); best != nil && reaches(c.Side, c.Price, best.Price) {
			return refused(tape.WouldTake, none)
		}
	}

	o := &tape.Order{
		Account: c.Account, Market: c.Market, Side: c.Side, Type: c.Type, Force: c.Force,
		Price: c.Price, Quantity: c.Quantity, QuoteQuantity: c.QuoteQuantity, ClientID: c.ClientID,
		Status: tape.StatusNew, Created: at, Updated: at,
	}
	var reserve money.Amount
	stillborn := false // a FOK order that cannot be filled
	switch {
	case o.Type == tape.MarketOrder:
		quantity, cost, ok := m.measure(o, k)
		if !ok {
			return refused(tape.TooLarge, none)
		}
		if !o.QuoteQuantity.IsZero() {
			o.Quantity = quantity
		}
		reserve = quantity
		if o.Side == book.Buy {
			reserve = cost
		}
	case o.Force == tape.FOK:
		quantity, _, ok := m.measure(o, k)
		if !ok {
			return refused(tape.TooLarge, none)
		}
		if stillborn = quantity.Less(o.Quantity); !stillborn {
			reserve = reserved(o)
		}
	default:
		reserve = reserved(o)
	}
	pays := k.Base
	if o.Side == book.Buy {
		pays = k.Quote
	}
	if !m.has(o.Account, pays, ledger.Available, reserve) {
		return refused(tape.Insufficient, none)
	}

	m.lastOrder++
	o.ID = m.lastOrder
	first := *o
	events := []tape.Event{tape.OrderChanged{Order: first}}
	m.move(pays, reserve, o.Account, ledger.Available, o.Account, ledger.Ordered)

	for !stillborn && !unfilled(o).IsZero() {
		maker := m.best(o.Market, o.Side.Other())
		if maker == nil || o.Type != tape.MarketOrder && !reaches(o.Side, o.Price, maker.Price) {
			break
		}
		if maker.Account == o.Account {
			events = append(events, m.end(at, maker, tape.ExpiredInMatch))
			continue
		}
		quantity := money.Min(unfilled(o), unfilled(maker))
		traded, spent := m.fill(at, k, maker, o, quantity)
		reserve = minus(reserve, spent)
		events = append(events, traded, tape.OrderChanged{Order: *maker})
	}

	rests := o.Type == tape.LimitMaker || o.Type == tape.Limit && o.Force == tape.GTC
	switch {
	case o.Filled.Sign() > 0 && unfilled(o).IsZero():
		o.Status = tape.Filled
	case rests:
		if o.Filled.Sign() > 0 {
			o.Status = tape.PartiallyFilled
		}
		m.orders[o.ID] = o
		m.open[o.Market] = append(m.open[o.Market], o)
		a.open = append(a.open, o)
	default:
		o.Status = tape.Expired
		m.move(pays, reserve, o.Account, ledger.Ordered, o.Account, ledger.Available)
	}
	if *o != first {
		o.Updated = at
		events = append(events, tape.OrderChanged{Order: *o})
	}
	return events
}

// malformed reports whether an order's fields contradict one another.
func malformed(c *tape.PlaceOrder) bool {
	if c.Side != book.Buy && c.Side != book.Sell {
		return true
	}
	if len(c.ClientID) == 0 || len(c.ClientID) > 36 {
		return true
	}
	switch c.Force {
	case tape.GTC, tape.IOC, tape.FOK:
	default:
		return true
	}
	switch c.Type {
	case tape.Limit, tape.LimitMaker:
		if c.Quantity.IsZero() || !c.QuoteQuantity.IsZero() {
			return true
		}
		return c.Type == tape.LimitMaker && c.Force != tape.GTC
	case tape.MarketOrder:
		return c.Force != tape.GTC || !c.Price.IsZero() || c.Quantity.IsZero() == c.QuoteQuantity.IsZero()
	}
	return true
}

// filter holds an order against the market's filters, in their order.
func (m *model) filter(k *tape.Market, c *tape.PlaceOrder) tape.Reason {
	limit := c.Type != tape.MarketOrder
	if limit && (c.Price.Less(k.MinPrice) || k.MaxPrice.Less(c.Price) || !c.Price.IsMultipleOf(k.Tick)) {
		return tape.PriceFilter
	}
	if c.QuoteQuantity.IsZero() {
		if c.Quantity.Less(k.MinQty) || k.MaxQty.Less(c.Quantity) || !c.Quantity.IsMultipleOf(k.Step) {
			return tape.LotSize
		}
	} else if finer(c.QuoteQuantity, m.genesis.Assets[k.Quote]) {
		return tape.LotSize
	}
	// A market order by quantity has no price to hold against the minimum.
	notional := c.QuoteQuantity
	if limit {
		var err error
		if notional, err = c.Price.Mul(c.Quantity, money.Down); err != nil {
			return tape.TooLarge
		}
	} else if notional.IsZero() {
		return tape.NoReason
	}
	if notional.Less(k.MinNotional) {
		return tape.Notional
	}
	return tape.NoReason
}

// finer reports whether an amount has more decimals than the asset.
func finer(a money.Amount, asset tape.Asset) bool { return a.Truncate(int(asset.Decimals)) != a }

// best is the resting order of a side that a taker meets first: no other is better
// priced, and at its price none was placed before it. nil when the side is empty.
func (m *model) best(market uint16, side book.Side) *tape.Order {
	var best *tape.Order
	for _, o := range m.open[market] { // oldest first, so an equal price does not replace it
		if o.Side == side && (best == nil || better(side, o.Price, best.Price)) {
			best = o
		}
	}
	return best
}

// better reports whether a resting order of the side at price p is met before one at q.
func better(side book.Side, p, q money.Amount) bool {
	if side == book.Buy {
		return q.Less(p)
	}
	return p.Less(q)
}

// reaches reports whether a taker of the side with this limit accepts the price.
func reaches(taker book.Side, limit, price money.Amount) bool {
	if taker == book.Buy {
		return !limit.Less(price)
	}
	return !price.Less(limit)
}

// measure walks the other side as a market or FOK order would, passing over the
// account's own orders. ok is false when the cost does not fit an amount.
func (m *model) measure(o *tape.Order, k *tape.Market) (quantity, cost money.Amount, ok bool) {
	var others []*tape.Order
	for _, r := range m.open[o.Market] {
		if r.Side != o.Side && r.Account != o.Account && (o.Type == tape.MarketOrder || reaches(o.Side, o.Price, r.Price)) {
			others = append(others, r)
		}
	}
	slices.SortStableFunc(others, func(a, b *tape.Order) int {
		if a.Side == book.Buy {
			a, b = b, a
		}
		return a.Price.Cmp(b.Price)
	})
	byQuote := !o.QuoteQuantity.IsZero()
	for _, r := range others {
		take := unfilled(r)
		stop := false
		if byQuote {
			// What the rest of the money buys is less than is open just when all that is open
			// costs more than the rest: open is a whole number of steps.
			rest := minus(o.QuoteQuantity, cost)
			if rest.Less(times(r.Price, take)) {
				var err error
				if take, err = rest.Quo(r.Price, k.Step); err != nil {
					return quantity, cost, false
				}
				stop = true
			}
		} else {
			left := minus(o.Quantity, quantity)
			take = money.Min(take, left)
			stop = take == left
		}
		var err error
		if quantity, err = quantity.Add(take); err != nil {
			return quantity, cost, false
		}
		if cost, err = cost.Add(times(r.Price, take)); err != nil {
			return quantity, cost, false
		}
		if stop {
			break
		}
	}
	return quantity, cost, true
}

// times is price × quantity of no more than a resting order has; that product was
// found to fit when the order came.
func times(price, quantity money.Amount) money.Amount { return must(price.Mul(quantity, money.Down)) }

// unfilled is what an order still has open.
func unfilled(o *tape.Order) money.Amount { return minus(o.Quantity, o.Filled) }

// reserved is what an order with a limit has to have reserved, of the asset it pays with.
func reserved(o *tape.Order) money.Amount {
	if o.Side == book.Buy {
		return times(o.Price, unfilled(o))
	}
	return unfilled(o)
}

// fill is one trade. spent is how much of what the taker had reserved is no longer so.
func (m *model) fill(at int64, k *tape.Market, maker, taker *tape.Order, quantity money.Amount) (traded tape.Traded, spent money.Amount) {
	value := times(maker.Price, quantity)
	buyer, seller := maker, taker
	if taker.Side == book.Buy {
		buyer, seller = taker, maker
	}
	fee := func(received *tape.Order, amount money.Amount, asset uint16) money.Amount {
		ppm := k.MakerPPM
		if received == taker {
			ppm = k.TakerPPM
		}
		return must(amount.MulPPM(ppm, money.Down)).Truncate(int(m.genesis.Assets[asset].Decimals))
	}
	sellerFee := fee(seller, value, k.Quote)
	buyerFee := fee(buyer, quantity, k.Base)

	m.move(k.Quote, minus(value, sellerFee), buyer.Account, ledger.Ordered, seller.Account, ledger.Available)
	m.move(k.Quote, sellerFee, buyer.Account, ledger.Ordered, uint64(ledger.Fees), ledger.Available)
	m.move(k.Base, minus(quantity, buyerFee), seller.Account, ledger.Ordered, buyer.Account, ledger.Available)
	m.move(k.Base, buyerFee, seller.Account, ledger.Ordered, uint64(ledger.Fees), ledger.Available)

	spent = quantity
	if taker == buyer {
		spent = value
		if taker.Type != tape.MarketOrder {
			improvement := minus(times(taker.Price, quantity), value)
			m.move(k.Quote, improvement, buyer.Account, ledger.Ordered, buyer.Account, ledger.Available)
			spent = plus(spent, improvement)
		}
	}

	for _, o := range []*tape.Order{maker, taker} {
		o.Filled = plus(o.Filled, quantity)
		o.Spent = plus(o.Spent, value)
	}
	maker.Status, maker.Updated = tape.PartiallyFilled, at
	if unfilled(maker).IsZero() {
		maker.Status = tape.Filled
		m.drop(maker)
	}

	m.lastTrade++
	traded = tape.Traded{
		ID: m.lastTrade, Market: taker.Market, Price: maker.Price, Quantity: quantity,
		Maker: maker.ID, Taker: taker.ID, MakerAccount: maker.Account, TakerAccount: taker.Account, TakerSide: taker.Side,
		MakerFee: sellerFee, TakerFee: buyerFee, At: at,
	}
	if maker == buyer {
		traded.MakerFee, traded.TakerFee = buyerFee, sellerFee
	}
	return traded, spent
}

// end takes a resting order out of the book and gives back what it has reserved.
func (m *model) end(at int64, o *tape.Order, status tape.Status) tape.Event {
	k := &m.genesis.Markets[o.Market]
	pays := k.Base
	if o.Side == book.Buy {
		pays = k.Quote
	}
	m.move(pays, reserved(o), o.Account, ledger.Ordered, o.Account, ledger.Available)
	o.Status, o.Updated = status, at
	m.drop(o)
	return tape.OrderChanged{Order: *o}
}

// drop forgets an order that is no longer open.
func (m *model) drop(o *tape.Order) {
	is := func(p *tape.Order) bool { return p == o }
	delete(m.orders, o.ID)
	m.open[o.Market] = slices.DeleteFunc(m.open[o.Market], is)
	a := m.accounts[o.Account]
	a.open = slices.DeleteFunc(a.open, is)
}

func (m *model) cancelOrder(at int64, c *tape.CancelOrder) []tape.Event {
	if a := m.accounts[c.Account]; a != nil {
		for _, o := range a.open {
			named := o.ID == c.Order
			if c.Order == 0 {
				named = o.ClientID == c.ClientID
			}
			if named && o.Market == c.Market {
				return []tape.Event{m.end(at, o, tape.Canceled)}
			}
		}
	}
	return refused(tape.UnknownOrder, none)
}

func (m *model) cancelAll(at int64, c *tape.CancelAll) []tape.Event {
	var events []tape.Event
	if a := m.accounts[c.Account]; a != nil {
		for _, o := range slices.Clone(a.open) {
			if o.Market == c.Market {
				events = append(events, m.end(at, o, tape.Canceled))
			}
		}
	}
	if events == nil {
		return refused(tape.UnknownOrder, none)
	}
	return events
}
