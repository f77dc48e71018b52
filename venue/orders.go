package venue

import (
	"errors"
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// placeOrder follows the words at tape.PlaceOrder step by step.
func (v *Venue) placeOrder(c *tape.PlaceOrder) {
	a := v.accounts[c.Account]
	if a == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	if a.standing.May&tape.MayTrade == 0 {
		v.refuseFor(tape.Stopped, a.standing.Decision)
		return
	}
	if int(c.Market) >= len(v.genesis.Markets) {
		v.refuse(tape.UnknownMarket)
		return
	}
	m, b := &v.genesis.Markets[c.Market], &v.books[c.Market]
	if r := v.checkOrder(c, a, m, b); r != tape.NoReason {
		v.refuse(r)
		return
	}

	o := &tape.Order{
		Account: c.Account, Market: c.Market, Side: c.Side, Type: c.Type, Force: c.Force, Price: c.Price,
		Quantity: c.Quantity, QuoteQuantity: c.QuoteQuantity, ClientID: c.ClientID,
		Status: tape.StatusNew, Created: v.now, Updated: v.now,
	}
	reserve, fits := v.measure(o, m, b)
	if !fits { // a FOK order that cannot be filled whole
		v.number(o)
		v.emit(tape.OrderChanged{Order: *o})
		o.Status = tape.Expired
		v.emit(tape.OrderChanged{Order: *o})
		return
	}
	asset := m.Base
	if c.Side == book.Buy {
		asset = m.Quote
	}
	if err := v.ledger.Post(v.within(c.Account, asset, ledger.Available, ledger.Ordered, reserve)); err != nil {
		if errors.Is(err, ledger.ErrInsufficient) {
			v.refuse(tape.Insufficient)
		} else {
			v.refuse(tape.TooLarge)
		}
		return
	}
	v.number(o)
	v.emit(tape.OrderChanged{Order: *o})
	placed := *o
	v.cross(o, m, b)
	v.settle(o, a, m, b, asset, reserve)
	if *o != placed {
		v.emit(tape.OrderChanged{Order: *o})
	}
}

func (v *Venue) number(o *tape.Order) {
	v.lastOrder++
	o.ID = v.lastOrder
}

// checkOrder holds an order against the market's filters.
func (v *Venue) checkOrder(c *tape.PlaceOrder, a *account, m *tape.Market, b *book.Book) tape.Reason {
	limit := c.Type == tape.Limit || c.Type == tape.LimitMaker
	switch {
	case c.Side != book.Buy && c.Side != book.Sell,
		!limit && c.Type != tape.MarketOrder,
		c.Force < tape.GTC || c.Force > tape.FOK,
		c.Type != tape.Limit && c.Force != tape.GTC,
		limit && (c.Quantity.IsZero() || !c.QuoteQuantity.IsZero()),
		!limit && (c.Quantity.IsZero() == c.QuoteQuantity.IsZero() || !c.Price.IsZero()),
		c.ClientID == "" || len(c.ClientID) > 36:
		return tape.BadOrder
	}
	if a.clients[c.ClientID] != 0 {
		return tape.DuplicateClientID
	}
	if limit && (c.Price.Less(m.MinPrice) || m.MaxPrice.Less(c.Price) || !c.Price.IsMultipleOf(m.Tick)) {
		return tape.PriceFilter
	}
	if !c.Quantity.IsZero() && (c.Quantity.Less(m.MinQty) || m.MaxQty.Less(c.Quantity) || !c.Quantity.IsMultipleOf(m.Step)) {
		return tape.LotSize
	}
	if q := c.QuoteQuantity; !q.IsZero() {
		if q.Truncate(int(v.genesis.Assets[m.Quote].Decimals)) != q {
			return tape.LotSize
		}
		if q.Less(m.MinNotional) {
			return tape.Notional
		}
	}
	if limit && v.times(c.Price, c.Quantity).Less(m.MinNotional) {
		return tape.Notional
	}
	if c.Type == tape.LimitMaker && b.Crosses(c.Side, c.Price) {
		return tape.WouldTake
	}
	return tape.NoReason
}

// measure says what an order must reserve. It sets the quantity of an order by quote
// quantity. It reports false for a FOK order that the book cannot fill whole.
func (v *Venue) measure(o *tape.Order, m *tape.Market, b *book.Book) (reserve money.Amount, fits bool) {
	if o.Type != tape.MarketOrder && o.Force != tape.FOK {
		if o.Side == book.Buy {
			return v.times(o.Price, o.Quantity), true
		}
		return o.Quantity, true
	}
	var qty, cost money.Amount
	b.Walk(o.Side.Other(), func(maker book.Order) bool {
		if o.Type != tape.MarketOrder && book.Behind(maker.Side, maker.Price, o.Price) {
			return false
		}
		if maker.Account == o.Account {
			return true
		}
		take := maker.Open
		if o.QuoteQuantity.IsZero() {
			take = money.Min(take, v.minus(o.Quantity, qty))
		} else if buys, err := v.minus(o.QuoteQuantity, cost).Quo(maker.Price, m.Step); err == nil {
			take = money.Min(take, buys) // a quotient too large for an Amount buys all there is
		}
		qty, cost = v.plus(qty, take), v.plus(cost, v.times(maker.Price, take))
		return take == maker.Open && qty != o.Quantity
	})
	if o.Type != tape.MarketOrder {
		if qty != o.Quantity {
			return money.Amount{}, false
		}
		if o.Side == book.Buy {
			return v.times(o.Price, o.Quantity), true
		}
		return o.Quantity, true
	}
	if !o.QuoteQuantity.IsZero() {
		o.Quantity = qty
	}
	if o.Side == book.Buy {
		return cost, true
	}
	return qty, true
}

// cross meets the other side until the order is filled or nothing within its limit is left.
func (v *Venue) cross(o *tape.Order, m *tape.Market, b *book.Book) {
	for o.Filled != o.Quantity {
		best := b.Best(o.Side)
		if best == nil || o.Type != tape.MarketOrder && book.Behind(best.Side, best.Price, o.Price) {
			return
		}
		maker := v.orders[best.ID]
		if maker.Account == o.Account {
			v.endOrder(maker, tape.ExpiredInMatch)
			continue
		}
		v.fill(maker, o, m, b, best.Price, money.Min(best.Open, v.minus(o.Quantity, o.Filled)))
	}
}

func (v *Venue) fill(maker, taker *tape.Order, m *tape.Market, b *book.Book, price, qty money.Amount) {
	value := v.times(price, qty)
	v.lastTrade++
	t := tape.Traded{
		ID: v.lastTrade, Market: taker.Market, Price: price, Quantity: qty, Maker: maker.ID, Taker: taker.ID,
		MakerAccount: maker.Account, TakerAccount: taker.Account, TakerSide: taker.Side, At: v.now,
	}
	buyer, seller := taker, maker
	buyFee, sellFee := &t.TakerFee, &t.MakerFee
	buyPPM, sellPPM := m.TakerPPM, m.MakerPPM
	if taker.Side == book.Sell {
		buyer, seller = maker, taker
		buyFee, sellFee = sellFee, buyFee
		buyPPM, sellPPM = sellPPM, buyPPM
	}
	*buyFee = v.fee(qty, buyPPM, m.Base)
	*sellFee = v.fee(value, sellPPM, m.Quote)

	from := func(account uint64) ledger.Place {
		return ledger.Place{Account: ledger.Account(account), Pocket: ledger.Ordered}
	}
	to := func(account uint64) ledger.Place {
		return ledger.Place{Account: ledger.Account(account), Pocket: ledger.Available}
	}
	fees := ledger.Place{Account: ledger.Fees, Pocket: ledger.Available}
	v.must(
		ledger.Posting{Asset: m.Quote, From: from(buyer.Account), To: to(seller.Account), Amount: v.minus(value, *sellFee)},
		ledger.Posting{Asset: m.Quote, From: from(buyer.Account), To: fees, Amount: *sellFee},
		ledger.Posting{Asset: m.Base, From: from(seller.Account), To: to(buyer.Account), Amount: v.minus(qty, *buyFee)},
		ledger.Posting{Asset: m.Base, From: from(seller.Account), To: fees, Amount: *buyFee},
	)
	if buyer.Type != tape.MarketOrder {
		v.must(v.within(buyer.Account, m.Quote, ledger.Ordered, ledger.Available, v.minus(v.times(buyer.Price, qty), value)))
	}

	v.emit(t)
	for _, o := range []*tape.Order{maker, taker} {
		o.Filled, o.Spent, o.Updated = v.plus(o.Filled, qty), v.plus(o.Spent, value), v.now
		o.Status = tape.PartiallyFilled
		if o.Filled == o.Quantity {
			o.Status = tape.Filled
		}
	}
	b.Fill(maker.ID, qty)
	v.emit(tape.OrderChanged{Order: *maker})
	if maker.Status == tape.Filled {
		v.forget(maker)
	}
}

// fee is a part of what is received, cut off to the asset's decimals.
func (v *Venue) fee(received money.Amount, ppm uint32, asset uint16) money.Amount {
	f, err := received.MulPPM(ppm, money.Down)
	if err != nil {
		panic("venue: a part of an amount does not fit") // ppm is at most a tenth
	}
	return f.Truncate(int(v.genesis.Assets[asset].Decimals))
}

// settle rests what is left of a taker, or ends it and gives back what it still reserves.
func (v *Venue) settle(o *tape.Order, a *account, m *tape.Market, b *book.Book, asset uint16, reserved money.Amount) {
	left := v.minus(o.Quantity, o.Filled)
	switch {
	case left.IsZero() && !o.Quantity.IsZero():
		return // filled: the last fill said so, and a market order was measured exactly
	case o.Type != tape.MarketOrder && o.Force == tape.GTC:
		v.orders[o.ID] = o
		a.open = append(a.open, o.ID) // ids ascend
		a.clients[o.ClientID] = o.ID
		b.Rest(book.Order{ID: o.ID, Account: o.Account, Side: o.Side, Price: o.Price, Open: left})
		return
	}
	// What fills took is gone from the reserve already; the rest of it goes back.
	back := left
	switch {
	case o.Type == tape.MarketOrder && o.Side == book.Buy:
		back = v.minus(reserved, o.Spent)
	case o.Type == tape.MarketOrder:
		back = v.minus(reserved, o.Filled)
	case o.Side == book.Buy:
		back = v.times(o.Price, left)
	}
	v.must(v.within(o.Account, asset, ledger.Ordered, ledger.Available, back))
	o.Status, o.Updated = tape.Expired, v.now
}

// endOrder takes a resting order out of the book and gives back what it reserves.
func (v *Venue) endOrder(o *tape.Order, s tape.Status) {
	m := &v.genesis.Markets[o.Market]
	r, ok := v.books[o.Market].Remove(o.ID)
	if !ok {
		panic("venue: an open order is not in its book")
	}
	asset, back := m.Base, r.Open
	if o.Side == book.Buy {
		asset, back = m.Quote, v.times(o.Price, r.Open)
	}
	v.must(v.within(o.Account, asset, ledger.Ordered, ledger.Available, back))
	o.Status, o.Updated = s, v.now
	v.emit(tape.OrderChanged{Order: *o})
	v.forget(o)
}

func (v *Venue) forget(o *tape.Order) {
	delete(v.orders, o.ID)
	a := v.accounts[o.Account]
	if i, ok := slices.BinarySearch(a.open, o.ID); ok {
		a.open = slices.Delete(a.open, i, i+1)
		delete(a.clients, o.ClientID)
	}
}

func (v *Venue) cancelOrder(c *tape.CancelOrder) {
	id := c.Order
	if a := v.accounts[c.Account]; id == 0 && a != nil {
		id = a.clients[c.ClientID]
	}
	o := v.orders[id]
	if o == nil || o.Account != c.Account || o.Market != c.Market {
		v.refuse(tape.UnknownOrder)
		return
	}
	v.endOrder(o, tape.Canceled)
}

func (v *Venue) cancelAll(c *tape.CancelAll) {
	var ids []uint64
	if a := v.accounts[c.Account]; a != nil {
		for _, id := range a.open {
			if v.orders[id].Market == c.Market {
				ids = append(ids, id)
			}
		}
	}
	for _, id := range ids {
		v.endOrder(v.orders[id], tape.Canceled)
	}
	if len(ids) == 0 {
		v.refuse(tape.UnknownOrder)
	}
}
