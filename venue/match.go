package venue

import (
	"fmt"
	"slices"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// arrive deals with an order that comes to the book now, told and reserved already.
func (v *Venue) arrive(h book.Handle, o *order, m *market, fits bool) {
	if !fits {
		v.end(h, o, m, tape.Expired)
		return
	}
	if o.Type.Priced() && !m.book.Crosses(o.Side, o.tick) { // as most
		if o.Force == tape.GTC {
			v.rest(h, o, m)
		} else {
			v.end(h, o, m, tape.Expired)
		}
		return
	}
	came := o.open
	v.cross(o, m)
	switch {
	case o.Status == tape.ExpiredInMatch:
		v.end(h, o, m, o.Status)
		return
	case o.open == 0 && (o.QuoteQuantity.IsZero() || !o.Filled.IsZero()):
		v.filled(o)
		v.finish(h, o, m, tape.Filled)
		return
	case o.open > 0 && o.QuoteQuantity.IsZero() && (!o.Type.Priced() || m.book.Crosses(o.Side, o.tick)):
		if left := m.book.Best(o.Side, book.Everybody); left != 0 {
			v.barred(&v.orders[left], o, m)
			v.end(h, o, m, tape.ExpiredInMatch)
			return
		}
	}
	if !o.Type.Priced() || o.Force != tape.GTC {
		v.end(h, o, m, tape.Expired)
		return
	}
	v.rest(h, o, m)
	if o.open != came {
		v.emitOrder(o)
	}
}

// rest puts an order into the book.
func (v *Venue) rest(h book.Handle, o *order, m *market) {
	show := o.open
	if o.slice != 0 {
		show = min(show, o.slice)
	}
	m.book.Rest(h, o.Side, o.account.class, o.tick, show)
	o.at = resting
}

// measure says what an order that has no limit, or is FOK, must reserve, by going along the other
// side as it would go. It sets the quantity of one by quote quantity. fits is false for a FOK order
// that cannot be filled whole.
func (v *Venue) measure(o *order, m *market) (need money.Amount, fits bool, why tape.Reason) {
	priced, byQuote := o.Type.Priced(), !o.QuoteQuantity.IsZero()
	rest := o.QuoteQuantity // of the money
	want := o.open
	if byQuote {
		want = ^uint64(0)
	}
	var lots, fills, hands uint64 // gone through; of them filled; and filled or changing hands
	var cost money.Amount         // of the last
	// pass takes what an order, or the hidden part of some, gives at a price, and reports whether
	// the walk goes on.
	pass := func(tick uint32, n uint64, fill, hand bool) bool {
		whole := n
		n = min(n, want-lots)
		each := m.value(tick, 1)
		if byQuote {
			buys, _ := rest.In(each)
			n = min(n, buys)
		}
		if n > uint64(1)<<62-lots {
			why = tape.TooLarge
			return false
		}
		lots += n
		value, err := each.Times(n)
		if err == nil && hand {
			cost, err = cost.Add(value)
			hands += n
		}
		if fill {
			fills += n
		}
		if err != nil {
			why = tape.TooLarge
			return false
		}
		if byQuote {
			rest = v.minus(rest, value)
		}
		return n == whole && lots != want
	}
	c := m.book.Along(o.Side, v.may[o.account.class])
	tick, hidden := uint32(0), uint64(0) // of the price at hand
	for on := true; on; {
		h := c.Next()
		if h == 0 || m.book.Tick(h) != tick {
			if hidden != 0 && !pass(tick, hidden, true, true) {
				break
			}
			hidden = 0
		}
		if h == 0 || priced && !m.book.Within(h, o.tick) {
			break
		}
		maker := &v.orders[h]
		tick = m.book.Tick(h)
		if o.SelfTrade == tape.AllowSelf || !o.owns(maker) {
			hidden += maker.open - m.book.Lots(h)
			on = pass(tick, m.book.Lots(h), true, true)
			continue
		}
		switch o.SelfTrade {
		case tape.ExpireTaker, tape.ExpireBoth:
			on = false
		case tape.Decrement, tape.Transfer:
			on = pass(tick, maker.open, false, o.mode(maker) == tape.Transfer && maker.account != o.account)
		}
	}
	if why != tape.NoReason {
		return need, false, why
	}
	if byQuote {
		all, err := m.Step.Times(lots)
		if err != nil {
			return need, false, tape.TooLarge
		}
		o.Quantity, o.open = all, lots
	}
	switch {
	case priced && fills != o.open:
		return need, false, tape.NoReason
	case priced:
		return o.reserve(m, o.open), true, tape.NoReason
	case o.Side == book.Buy:
		return cost, true, tape.NoReason
	}
	return m.quantity(hands), true, tape.NoReason
}

// cross meets the other side until the order has nothing left or nothing is left that it may
// meet. Its status says so where it ends by what was prevented.
func (v *Venue) cross(o *order, m *market) {
	may := v.may[o.account.class]
	priced := o.Type.Priced()
	for o.open > 0 {
		h := m.book.Best(o.Side, may)
		if h == 0 || priced && !m.book.Within(h, o.tick) {
			return
		}
		maker := &v.orders[h]
		if o.owns(maker) && o.SelfTrade != tape.AllowSelf {
			if v.prevent(h, maker, o, m); o.Status == tape.ExpiredInMatch {
				return
			}
			continue
		}
		v.alone(maker, m)
		v.trade(h, maker, o, m, min(m.book.Lots(h), o.open))
	}
}

// trade fills two orders with one another at the maker's price.
func (v *Venue) trade(h book.Handle, maker, taker *order, m *market, lots uint64) {
	price, qty, value := maker.Price, m.quantity(lots), m.value(maker.tick, lots)
	v.lastTrade++
	t := v.out.Trade()
	*t = tape.Traded{
		ID: v.lastTrade, Market: m.number, Price: price, Quantity: qty, Maker: maker.ID, Taker: taker.ID,
		MakerAccount: maker.Account, TakerAccount: taker.Account, TakerSide: taker.Side, At: v.now,
	}
	buyer, seller := taker, maker
	buyFee, sellFee := &t.TakerFee, &t.MakerFee
	buyPPM, sellPPM := m.fees(taker.account.tier()).TakerPPM, m.fees(maker.account.tier()).MakerPPM
	if taker.Side == book.Sell {
		buyer, seller = maker, taker
		buyFee, sellFee = sellFee, buyFee
		buyPPM, sellPPM = sellPPM, buyPPM
	}
	*buyFee = v.fee(qty, buyPPM, m.Base)
	*sellFee = v.fee(value, sellPPM, m.Quote)

	v.deliver(m.Quote, buyer, seller, value, *sellFee)
	if p := buyer.locks(); p != nil {
		v.lock(p, buyer, seller, m, qty, *buyFee)
	} else {
		v.deliver(m.Base, seller, buyer, qty, *buyFee)
	}
	v.paid(buyer, seller, maker.tick, m, lots)

	for _, o := range [...]*order{maker, taker} {
		o.open -= lots
		o.Filled, o.Spent, o.Updated = v.plus(o.Filled, qty), v.plus(o.Spent, value), v.now
		o.Status = tape.PartiallyFilled
		if o.open == 0 {
			o.Status = tape.Filled
		}
	}
	m.last = maker.tick
	if m.high == 0 {
		m.low, m.high = m.last, m.last
	} else {
		m.low, m.high = min(m.low, m.last), max(m.high, m.last)
	}
	if m.trails != 0 && (len(m.path) == 0 || m.path[len(m.path)-1] != m.last) {
		m.path = append(m.path, m.last)
	}
	switch left := m.book.Lots(h) - lots; {
	case maker.open == 0:
		m.book.Remove(h)
		maker.at = nowhere
	case left == 0:
		m.book.Requeue(h, min(maker.slice, maker.open))
	default:
		m.book.Take(h, lots)
	}
	v.emitOrder(maker)
	if maker.open == 0 {
		v.filled(maker)
		v.forget(h, maker)
	}
}

// deliver lets one order pay another what an invariant says it has reserved.
func (v *Venue) deliver(asset uint16, from, to *order, amount, fee money.Amount) {
	if err := v.ledger.Pay(asset, v.holdings(from.account), v.holdings(to.account), amount, fee); err != nil {
		panic(fmt.Sprintf("venue: %v: %v of asset %d, by account %d to account %d", err, amount, asset, from.Account, to.Account))
	}
}

// lock keeps what a buyer bought for the orders of a list that it pays for: less the fee, or whole where the buyer
// can pay the fee otherwise.
func (v *Venue) lock(p *orderList, buyer, seller *order, m *market, qty, fee money.Amount) {
	bought, sold := ledger.Account(buyer.Account), ledger.Account(seller.Account)
	brings, feeFrom := v.minus(qty, fee), ledger.Place{Account: sold, Pocket: ledger.Ordered}
	if !v.ledger.Has(bought, m.Base, ledger.Available).Less(fee) {
		brings, feeFrom = qty, ledger.Place{Account: bought, Pocket: ledger.Available}
	}
	p.locked = v.plus(p.locked, brings)
	v.must(
		ledger.Posting{Asset: m.Base, From: ledger.Place{Account: sold, Pocket: ledger.Ordered}, To: ledger.Place{Account: bought, Pocket: ledger.Ordered}, Amount: brings},
		ledger.Posting{Asset: m.Base, From: feeFrom, To: ledger.Place{Account: ledger.Fees, Pocket: ledger.Available}, Amount: fee},
	)
}

// paid takes off what two orders have reserved what they have paid with: value at a price, and lots.
// What a limit buyer reserved beyond that goes back.
func (v *Venue) paid(buyer, seller *order, tick uint32, m *market, lots uint64) {
	value := m.value(tick, lots)
	seller.held = v.minus(seller.held, m.quantity(lots))
	buyer.held = v.minus(buyer.held, value)
	if buyer.Type.Priced() && buyer.tick != tick {
		better := v.minus(m.value(buyer.tick, lots), value)
		v.giveBack(buyer.account, m.Quote, better)
		buyer.held = v.minus(buyer.held, better)
	}
}

// fees are those of a tier.
func (m *market) fees(tier uint8) tape.Fees {
	if tier == 0 || len(m.Tiers) == 0 {
		return tape.Fees{MakerPPM: m.MakerPPM, TakerPPM: m.TakerPPM}
	}
	return m.Tiers[min(int(tier), len(m.Tiers))-1]
}

// fee is a part of what is received, cut off to the asset's decimals.
func (v *Venue) fee(received money.Amount, ppm uint32, asset uint16) money.Amount {
	f, err := received.MulPPM(ppm, money.Down)
	if err != nil {
		panic("venue: a part of an amount does not fit") // ppm is at most a tenth
	}
	return f.Truncate(int(v.genesis.Assets[asset].Decimals))
}

// prevent deals with an order that meets one of its own, by the mode of the taker.
func (v *Venue) prevent(h book.Handle, maker, taker *order, m *market) {
	mode := taker.mode(maker)
	if mode == tape.Decrement || mode == tape.Transfer {
		v.decrement(h, maker, taker, m, mode)
		return
	}
	p := v.prevented(maker, taker, m)
	if mode != tape.ExpireMaker {
		p.TakerQuantity = m.quantity(taker.open)
		v.own(taker).Prevented = v.plus(taker.Prevented, p.TakerQuantity)
		taker.Status = tape.ExpiredInMatch
	}
	if mode != tape.ExpireTaker {
		p.MakerQuantity = m.quantity(maker.open)
		v.own(maker).Prevented = v.plus(maker.Prevented, p.MakerQuantity)
		v.end(h, maker, m, tape.ExpiredInMatch)
	}
}

// decrement takes the smaller of what two orders have left open off both. By Transfer between two
// accounts it changes hands.
func (v *Venue) decrement(h book.Handle, maker, taker *order, m *market, mode tape.SelfTrade) {
	v.alone(maker, m)
	n := min(maker.open, taker.open)
	p := v.prevented(maker, taker, m)
	p.Mode, p.MakerQuantity, p.TakerQuantity = mode, m.quantity(n), m.quantity(n)
	if p.Transfers() {
		v.transfer(maker, taker, m, n)
	}
	hidden := maker.open - m.book.Lots(h)
	for _, o := range [...]*order{maker, taker} {
		if !p.Transfers() {
			v.lose(o, m, n)
		}
		v.own(o).Prevented = v.plus(o.Prevented, m.quantity(n))
		o.open -= n
	}
	if maker.open == 0 {
		v.end(h, maker, m, tape.ExpiredInMatch)
	} else {
		m.book.Take(h, n-min(n, hidden))
		maker.Updated = v.now
		v.emitOrder(maker)
	}
	if taker.open == 0 {
		taker.Status = tape.ExpiredInMatch
	}
}

// transfer lets lots change hands between two orders at the maker's price, with no trade.
func (v *Venue) transfer(maker, taker *order, m *market, lots uint64) {
	buyer, seller := maker, taker
	if taker.Side == book.Buy {
		buyer, seller = taker, maker
	}
	from := func(o *order) ledger.Place {
		return ledger.Place{Account: ledger.Account(o.Account), Pocket: ledger.Ordered}
	}
	to := func(o *order) ledger.Place {
		return ledger.Place{Account: ledger.Account(o.Account), Pocket: ledger.Available}
	}
	brings, into := m.quantity(lots), to(buyer)
	if p := buyer.locks(); p != nil {
		into.Pocket, p.locked = ledger.Ordered, v.plus(p.locked, brings)
	}
	v.must(
		ledger.Posting{Asset: m.Quote, From: from(buyer), To: to(seller), Amount: m.value(maker.tick, lots)},
		ledger.Posting{Asset: m.Base, From: from(seller), To: into, Amount: brings},
	)
	v.paid(buyer, seller, maker.tick, m, lots)
}

// lose gives back what lots of an order reserve.
func (v *Venue) lose(o *order, m *market, lots uint64) {
	if !o.Type.Priced() {
		return // what it has reserved was measured without these
	}
	back := o.reserve(m, lots)
	o.held = v.minus(o.held, back)
	v.giveBack(o.account, m.pays(o.Side), back)
}

// barred tells that what is left of a taker would cross only those it may not meet.
func (v *Venue) barred(maker, taker *order, m *market) {
	p := v.prevented(maker, taker, m)
	p.TakerQuantity = m.quantity(taker.open)
	p.Barred = law.Between(taker.account.sides, maker.account.sides)[0]
	v.own(taker).Prevented = v.plus(taker.Prevented, p.TakerQuantity)
}

// prevented tells of two orders that would have met; how much of them is for the caller to say.
func (v *Venue) prevented(maker, taker *order, m *market) *tape.Prevented {
	v.lastPrevented++
	p := v.out.Prevented()
	*p = tape.Prevented{
		ID: v.lastPrevented, Market: m.number, Maker: maker.ID, Taker: taker.ID, MakerAccount: maker.Account, TakerAccount: taker.Account,
		TakerSide: taker.Side, Price: maker.Price, Mode: taker.SelfTrade, At: v.now,
	}
	if maker.account.group == taker.account.group {
		p.Group = taker.account.group
	}
	return p
}

// wake deals with the orders that what has traded triggers, and with those that these trigger.
func (v *Venue) wake(m *market) {
	if m.high == 0 {
		return
	}
	v.row = v.row[:0]
	v.gather(m)
	for i := 0; i < len(v.row); i++ { // which gather makes longer
		if h := v.ids.find(v.row[i]); h != 0 {
			v.trigger(h, m)
			v.gather(m)
		}
	}
}

// gather puts those whom the trades since the last time trigger, and those whose working order
// they filled, behind the row, lowest id first.
func (v *Venue) gather(m *market) {
	if m.high == 0 {
		return
	}
	from := len(v.row)
	v.row, v.called = append(v.row, v.called...), v.called[:0]
	for h := m.book.Woken(m.low, m.high); h != 0; h = m.book.Woken(m.low, m.high) {
		m.book.Remove(h)
		o := &v.orders[h]
		o.at = nowhere
		if o.Trail != 0 {
			v.begins = append(v.begins, o.ID)
			continue
		}
		v.row = append(v.row, o.ID)
	}
	if len(m.path) != 0 {
		v.pursue(m)
	}
	slices.Sort(v.row[from:])
	m.low, m.high = 0, 0
}

// trigger brings an order that waited to the book, or one that was pending to the market.
func (v *Venue) trigger(h book.Handle, m *market) {
	o := &v.orders[h]
	if o.Status == tape.PendingNew {
		v.come(h, m)
		return
	}
	v.alone(o, m)
	o.Working, o.Updated = v.now, v.now
	v.emitOrder(o)
	asset := m.pays(o.Side)
	v.giveBack(o.account, asset, o.held)
	o.held = money.Amount{}
	need, fits, why := v.needs(o, m)
	if why != tape.NoReason || v.reserve(o.account, asset, need) != nil {
		v.finish(h, o, m, tape.Expired)
		return
	}
	o.held = need
	v.arrive(h, o, m, fits)
}
