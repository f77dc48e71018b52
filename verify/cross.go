package verify

import (
	"iter"
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// inBook: an order that has a place.
func inBook(o *order) bool { return o.Queued > 0 }

// side is the orders of one side of a market that are in the book: "best price first, at one
// price whichever has stood in its place longest".
func (m *model) side(market uint16, of book.Side) *ladder[*order] {
	if of == book.Buy {
		return &m.ladders[market].buys
	}
	return &m.ladders[market].sells
}

// within reports whether a taker accepts the price.
func within(taker *order, price money.Amount) bool {
	return !priced(taker.Type) || reaches(taker.Side, taker.Price, price)
}

// mayMeet reports whether no bar stands between the accounts of two orders.
func (m *model) mayMeet(a, b *order) bool { return len(m.barred(a.Account, b.Account)) == 0 }

// best is the resting order that a taker meets first.
func (m *model) best(taker *order) *order {
	for o := range m.side(taker.Market, taker.Side.Other()).all {
		if !within(taker, o.Price) {
			break
		}
		if m.mayMeet(taker, o) {
			return o
		}
	}
	return nil
}

// way is what a taker would meet if nothing else came between: each order, and how much of it
// at its turn. Those of its own that it does not trade with come with all of them.
func (m *model) way(taker *order) iter.Seq2[*order, money.Amount] {
	return func(yield func(*order, money.Amount) bool) {
		rungs := m.side(taker.Market, taker.Side.Other()).rungs
		for _, r := range slices.Backward(rungs) {
			if !within(taker, r.price) {
				return
			}
			var behind []*order // whose hidden part comes after all that shows at this price
			for o := range r.all {
				switch {
				case !m.mayMeet(taker, o):
				case m.own(taker, o):
					if !yield(o, left(&o.Order)) {
						return
					}
				case !yield(o, o.Visible):
					return
				case o.Visible != left(&o.Order):
					behind = append(behind, o)
				}
			}
			// It comes part by part, in turn; but whichever comes first, the price is one.
			for _, o := range behind {
				if !yield(o, minus(left(&o.Order), o.Visible)) {
					return
				}
			}
		}
	}
}

// reaches reports whether a taker of the side with this limit accepts the price.
func reaches(taker book.Side, limit, price money.Amount) bool {
	if taker == book.Buy {
		return !limit.Less(price)
	}
	return !price.Less(limit)
}

// own reports whether the taker's mode is asked where it meets this order: "An order's own are
// those of its account and of the other accounts of its trade group".
func (m *model) own(taker, maker *order) bool {
	group := m.accounts[taker.Account].Group
	same := taker.Account == maker.Account || group > 0 && group == m.accounts[maker.Account].Group
	return same && taker.SelfTrade != tape.AllowSelf
}

// hands reports whether what two of one owner would trade changes hands instead: "where the mode of
// the maker is Transfer too, and it is of another account".
func hands(taker, maker *order) bool {
	return taker.SelfTrade == tape.Transfer && maker.SelfTrade == tape.Transfer && taker.Account != maker.Account
}

// show gives an order its next part and a place behind all others of its price.
func (m *model) show(o *order) {
	o.Visible = left(&o.Order)
	if !o.Iceberg.IsZero() {
		o.Visible = money.Min(o.Visible, o.Iceberg)
	}
	m.lastQueued++
	o.Queued = m.lastQueued
	o.spot.leave()
	o.spot = m.side(o.Market, o.Side).add(o.Price, o)
}

// A course is what an order that is measured can do.
type course struct {
	fills, prevented money.Amount // of the base asset
	gives            money.Amount // of the base asset: what it fills and what changes hands
	cost             money.Amount // of that, of the quote asset
}

// measure goes the way that an order would go. fits is false where a sum on the way does not
// fit an amount.
func (m *model) measure(taker *order) (c course, fits bool) {
	byMoney := !taker.QuoteQuantity.IsZero()
	var spent money.Amount // of the money
	for maker, takes := range m.way(taker) {
		self := m.own(taker, maker)
		if self && (taker.SelfTrade == tape.ExpireTaker || taker.SelfTrade == tape.ExpireBoth) {
			break
		}
		if self && taker.SelfTrade == tape.ExpireMaker {
			continue
		}
		end := false
		if byMoney {
			// What the rest of the money buys is less than the maker gives just where all of that
			// costs more: it is a whole number of steps.
			if rest := minus(taker.QuoteQuantity, spent); rest.Less(times(maker.Price, takes)) {
				takes, end = must(rest.Quo(maker.Price, m.genesis.Markets[taker.Market].Step)), true
			}
		} else if rest := minus(minus(taker.Quantity, c.fills), c.prevented); !takes.Less(rest) {
			takes, end = rest, true
		}

		value := times(maker.Price, takes)
		var errs [4]error
		spent, errs[0] = spent.Add(value)
		if self {
			c.prevented, errs[1] = c.prevented.Add(takes)
		} else {
			c.fills, errs[1] = c.fills.Add(takes)
		}
		if !self || hands(taker, maker) {
			c.gives, errs[2] = c.gives.Add(takes)
			c.cost, errs[3] = c.cost.Add(value)
		}
		if errs != [4]error{} {
			return c, false
		}
		if end {
			break
		}
	}
	return c, true
}

// arrive is all that an order does that comes now, with what it needs reserved: it meets
// what it may, and rests or ends. dies: it is fill or kill and cannot be filled.
func (m *model) arrive(at int64, o *order, dies bool) []tape.Event {
	told := o.Order
	var events []tape.Event
	if dies {
		return m.end(at, o, tape.Expired)
	}
	for !left(&o.Order).IsZero() {
		maker := m.best(o)
		if maker == nil {
			break
		}
		if !m.own(o, maker) {
			events = append(events, m.fill(at, maker, o)...)
			continue
		}
		prevented, ends := m.prevent(at, maker, o)
		events = append(events, prevented...)
		if ends {
			return append(events, m.end(at, o, tape.ExpiredInMatch)...)
		}
	}

	rest := left(&o.Order)
	if rest.IsZero() && !o.Filled.IsZero() {
		return append(events, m.end(at, o, tape.Filled)...)
	}
	if barring := m.facing(o); !rest.IsZero() && o.QuoteQuantity.IsZero() && barring != nil {
		o.Prevented = plus(o.Prevented, rest)
		events = append(events, m.prevented(at, barring, o, o.SelfTrade, money.Amount{}, rest))
		return append(events, m.end(at, o, tape.ExpiredInMatch)...)
	}
	if !priced(o.Type) || o.Force != tape.GTC {
		return append(events, m.end(at, o, tape.Expired)...)
	}
	if !o.Filled.IsZero() {
		o.Status = tape.PartiallyFilled
	}
	m.show(o)
	if o.Order != told {
		o.Updated = at
		events = append(events, &tape.OrderChanged{Order: o.Order})
	}
	return events
}

// facing is the best order of the other side within the taker's limit, whoever it is of.
func (m *model) facing(taker *order) *order {
	if o, ok := m.side(taker.Market, taker.Side.Other()).first(); ok && within(taker, o.Price) {
		return o
	}
	return nil
}

// prevent is what comes of an order that meets one of its own, by the taker's mode.
// ends: the taker does.
func (m *model) prevent(at int64, maker, taker *order) (events []tape.Event, ends bool) {
	var ofMaker, ofTaker money.Amount
	makerEnds := false
	mode := taker.SelfTrade
	if mode == tape.Transfer && maker.SelfTrade != tape.Transfer {
		mode = tape.Decrement
	}
	switch mode {
	case tape.ExpireMaker:
		ofMaker, makerEnds = left(&maker.Order), true
	case tape.ExpireTaker:
		ofTaker, ends = left(&taker.Order), true
	case tape.ExpireBoth:
		ofMaker, makerEnds = left(&maker.Order), true
		ofTaker, ends = left(&taker.Order), true
	case tape.Decrement, tape.Transfer:
		events = m.part(at, maker)
		smaller := money.Min(left(&maker.Order), left(&taker.Order))
		ofMaker, makerEnds = smaller, smaller == left(&maker.Order)
		ofTaker, ends = smaller, smaller == left(&taker.Order)
		if hands(taker, maker) {
			m.transfer(maker, taker, smaller)
		} else {
			m.lose(maker, smaller)
			m.lose(taker, smaller)
		}
	}
	maker.Prevented = plus(maker.Prevented, ofMaker)
	taker.Prevented = plus(taker.Prevented, ofTaker)
	events = append(events, m.prevented(at, maker, taker, mode, ofMaker, ofTaker))
	switch {
	case makerEnds:
		events = append(events, m.end(at, maker, tape.ExpiredInMatch)...)
	case !ofMaker.IsZero():
		maker.Visible = money.Min(maker.Visible, left(&maker.Order)) // what is hidden goes first
		maker.Updated = at
		events = append(events, &tape.OrderChanged{Order: maker.Order})
	}
	return events, ends
}

// lose gives back what so much of an order has reserved. One that was measured and has no
// limit has nothing reserved for what it will not fill.
func (m *model) lose(o *order, quantity money.Amount) {
	if priced(o.Type) {
		m.giveBack(o, resting(o, quantity))
	}
}

// transfer lets so much of two orders change hands: "the value, at the maker's price, of the quote asset
// from the buyer's ordered to the seller's available, and the quantity of the base asset from the
// seller's ordered to the buyer's available; a limit buyer's improvement goes back".
func (m *model) transfer(maker, taker *order, quantity money.Amount) {
	buyer, seller := maker, taker
	if taker.Side == book.Buy {
		buyer, seller = taker, maker
	}
	value := times(maker.Price, quantity)
	m.move(m.pays(buyer), value, buyer.Account, ledger.Ordered, seller.Account, ledger.Available)
	m.receive(buyer, seller, quantity)
	m.spent(buyer, seller, quantity, value)
}

// spent takes what two orders have paid with off what they have reserved.
func (m *model) spent(buyer, seller *order, quantity, value money.Amount) {
	seller.reserve = minus(seller.reserve, quantity)
	buyer.reserve = minus(buyer.reserve, value)
	if priced(buyer.Type) {
		m.giveBack(buyer, minus(times(buyer.Price, quantity), value)) // its improvement
	}
}

// prevented tells of two orders that would have met.
func (m *model) prevented(at int64, maker, taker *order, mode tape.SelfTrade, ofMaker, ofTaker money.Amount) tape.Event {
	m.lastPrevented++
	e := &tape.Prevented{
		ID: m.lastPrevented, Market: taker.Market, Maker: maker.ID, Taker: taker.ID,
		MakerAccount: maker.Account, TakerAccount: taker.Account, TakerSide: taker.Side,
		Price: maker.Price, MakerQuantity: ofMaker, TakerQuantity: ofTaker, Mode: mode, At: at,
	}
	if group := m.accounts[taker.Account].Group; group == m.accounts[maker.Account].Group {
		e.Group = group
	}
	if rules := m.barred(maker.Account, taker.Account); len(rules) > 0 {
		e.Barred = rules[0]
	}
	return e
}

// fill is one trade and what it makes of the maker.
func (m *model) fill(at int64, maker, taker *order) []tape.Event {
	events := m.part(at, maker)
	k := &m.genesis.Markets[taker.Market]
	quantity := money.Min(left(&taker.Order), maker.Visible)
	value := times(maker.Price, quantity)
	buyer, seller := maker, taker
	if taker.Side == book.Buy {
		buyer, seller = taker, maker
	}
	fee := func(receiver *order, amount money.Amount, asset uint16) money.Amount {
		// "It pays by the higher of this tier and the one that SetTier gave it."
		a := m.accounts[receiver.Account]
		fees := feesOf(k, max(a.Tier, a.earned))
		ppm := fees.MakerPPM
		if receiver == taker {
			ppm = fees.TakerPPM
		}
		return must(amount.MulPPM(ppm, money.Down)).Truncate(int(m.genesis.Assets[asset].Decimals))
	}
	sellerFee := fee(seller, value, k.Quote)
	buyerFee := fee(buyer, quantity, k.Base)

	m.move(k.Quote, minus(value, sellerFee), buyer.Account, ledger.Ordered, seller.Account, ledger.Available)
	m.move(k.Quote, sellerFee, buyer.Account, ledger.Ordered, uint64(ledger.Fees), ledger.Available)
	if _, locks := m.locking(buyer); locks && m.has(buyer.Account, k.Base, ledger.Available, buyerFee) {
		// "all of it where the fee is no more than what they have available of the base asset then, which pays it"
		m.move(k.Base, buyerFee, buyer.Account, ledger.Available, uint64(ledger.Fees), ledger.Available)
		m.receive(buyer, seller, quantity)
	} else {
		m.receive(buyer, seller, minus(quantity, buyerFee))
		m.move(k.Base, buyerFee, seller.Account, ledger.Ordered, uint64(ledger.Fees), ledger.Available)
	}
	m.spent(buyer, seller, quantity, value)

	for _, o := range []*order{maker, taker} {
		o.Filled = plus(o.Filled, quantity)
		o.Spent = plus(o.Spent, value)
	}
	m.lastTrade++
	m.markets[taker.Market].Last = maker.Price
	traded := &tape.Traded{
		ID: m.lastTrade, Market: taker.Market, Price: maker.Price, Quantity: quantity,
		Maker: maker.ID, Taker: taker.ID, MakerAccount: maker.Account, TakerAccount: taker.Account, TakerSide: taker.Side,
		MakerFee: sellerFee, TakerFee: buyerFee, At: at,
	}
	if maker == buyer {
		traded.MakerFee, traded.TakerFee = buyerFee, sellerFee
	}
	events = append(events, traded)

	maker.Visible = minus(maker.Visible, quantity)
	if left(&maker.Order).IsZero() {
		return append(events, m.end(at, maker, tape.Filled)...)
	}
	if maker.Visible.IsZero() {
		m.show(maker)
	}
	maker.Status, maker.Updated = tape.PartiallyFilled, at
	return append(events, &tape.OrderChanged{Order: maker.Order})
}

// feesOf is "of Fees of the market the one of that index, or the last".
func feesOf(k *tape.Market, tier uint8) tape.Fees {
	fees := tape.Fees{MakerPPM: k.MakerPPM, TakerPPM: k.TakerPPM}
	for i, f := range k.Tiers {
		if i < int(tier) {
			fees = f
		}
	}
	return fees
}
