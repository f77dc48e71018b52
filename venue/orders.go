package venue

import (
	"errors"
	"math/bits"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// order is an order that has not ended, or that the command at hand deals with. It lies at
// the place in Venue.orders that its handle names. It is a tape.Order by the same names and what
// goes with it, in 192 bytes, which are three cache lines; what few orders have is elsewhere.
//
// Invariant: open lots × Step is what tape.Order.Open says.
type order struct {
	ID, Account uint64
	Market      uint16
	Side        book.Side
	Type        tape.Type
	Force       tape.Force
	SelfTrade   tape.SelfTrade
	Status      tape.Status
	at          place
	Price       money.Amount
	Quantity    money.Amount
	Filled      money.Amount
	Spent       money.Amount
	ClientID    string

	Created, Updated, Working int64

	account *account
	*rare                // never nil in an order at work
	name    uint32       // clientTable.hash of it
	tick    uint32       // Price / Tick; 0 where there is no Price
	open    uint64       // lots neither filled nor prevented, hidden ones included
	held    money.Amount // that it has reserved alone
	_       [16]byte
}

// rare is what few orders have: those that stop, show in parts, go by money, were placed in a list
// or have lost quantity. It is read as it is, and written through Venue.own.
type rare struct {
	Stop          money.Amount
	QuoteQuantity money.Amount
	Iceberg       money.Amount
	Prevented     money.Amount
	Trail         uint32
	Trailing      int64
	OrderList     uint64
	list          *orderList
	stop          uint32 // Stop / Tick
	slice         uint64 // lots that show at a time; 0 is all
}

// plain is what all other orders have. It is never written.
var plain rare

// own is what an order has of what few have, to be written.
func (v *Venue) own(o *order) *rare {
	if o.rare == &plain {
		if n := len(v.spare); n > 0 {
			o.rare, v.spare = v.spare[n-1], v.spare[:n-1]
		} else {
			o.rare = new(rare)
		}
	}
	return o.rare
}

// release lets the place of an order go.
func (v *Venue) release(h book.Handle, o *order) {
	if o.rare != &plain {
		*o.rare = rare{}
		v.spare = append(v.spare, o.rare)
		o.rare = &plain
	}
	o.ClientID = ""
	v.pool.Put(h)
}

// tell writes down how the order stands.
func (o *order) tell(x *tape.Order) {
	x.ID, x.Account, x.Market, x.Side, x.Type, x.Force, x.SelfTrade = o.ID, o.Account, o.Market, o.Side, o.Type, o.Force, o.SelfTrade
	x.Price, x.Quantity, x.Filled, x.Spent = o.Price, o.Quantity, o.Filled, o.Spent
	x.Stop, x.QuoteQuantity, x.Iceberg, x.Prevented = o.Stop, o.QuoteQuantity, o.Iceberg, o.Prevented
	x.Trail, x.Trailing, x.OrderList = o.Trail, o.Trailing, o.OrderList
	x.ClientID, x.Status, x.Created, x.Updated, x.Working = o.ClientID, o.Status, o.Created, o.Updated, o.Working
}

// owns reports whether an order is one of another's own: of its account, or of its trade group.
func (o *order) owns(x *order) bool {
	return x.account == o.account || o.account.group != 0 && x.account.group == o.account.group
}

// mode is the self-trade mode that is followed where this order meets a maker of its own.
func (o *order) mode(maker *order) tape.SelfTrade {
	if o.SelfTrade == tape.Transfer && maker.SelfTrade != tape.Transfer {
		return tape.Decrement
	}
	return o.SelfTrade
}

// place is where an order is.
type place uint8

const (
	nowhere place = iota // arriving, or in the row of those triggered
	waiting
	following // the price, with a Trail
	resting
)

// market is one market at work.
type market struct {
	*tape.Market
	number    uint16
	book      *book.Book
	phase     tape.Phase
	last      uint32 // tick of the last trade; 0 before the first
	low, high uint32 // ticks traded since those who wait were looked at; high 0 is none
	unit      money.Amount
	bands     [2]band // by side
	bounded   bool    // one order may move only so much of Base or of Quote; see Venue.maxAsset

	trails int          // orders with a Trail that have not been triggered
	path   []uint32     // ticks traded since those who wait were looked at, where there are any such
	follow []*followers // of those that follow the price
}

// band is the lowest and the highest price that an order may have; zero is no bound. It holds for as
// long as the last trade's tick is last.
type band struct {
	last      uint32
	low, high money.Amount
}

// value is what lots cost at a tick. The founding tables make it fit for what one order may have.
func (m *market) value(tick uint32, lots uint64) money.Amount {
	over, units := bits.Mul64(uint64(tick), lots)
	a, err := m.unit.Times(units)
	if over != 0 {
		if a, err = m.unit.Times(uint64(tick)); err == nil {
			a, err = a.Times(lots)
		}
	}
	if err != nil {
		panic("venue: the value of an order does not fit")
	}
	return a
}

// quantity is so many lots as an amount of the base asset.
func (m *market) quantity(lots uint64) money.Amount {
	a, err := m.Step.Times(lots)
	if err != nil {
		panic("venue: the quantity of an order does not fit")
	}
	return a
}

// price is a tick as an amount of the quote asset.
func (m *market) price(tick uint32) money.Amount {
	a, err := m.Tick.Times(uint64(tick))
	if err != nil {
		panic("venue: a price does not fit")
	}
	return a
}

// pays is the asset that an order gives.
func (m *market) pays(s book.Side) uint16 {
	if s == book.Buy {
		return m.Quote
	}
	return m.Base
}

// reserve is what an order with a limit, or one that waits, has to have reserved for so many lots.
func (o *order) reserve(m *market, lots uint64) money.Amount {
	switch {
	case o.Side == book.Sell:
		return m.quantity(lots)
	case o.Type.Priced():
		return m.value(o.tick, lots)
	}
	return m.value(o.stop, lots)
}

// enter finds the account and the market of a command that places orders.
func (v *Venue) enter(number uint64, n uint16) (*account, *market) {
	a := v.account(number)
	switch {
	case a == nil:
		v.refuse(tape.UnknownAccount)
	case a.standing.May&tape.MayTrade == 0:
		v.refuseFor(tape.Stopped, a.standing.Decision)
	case int(n) >= len(v.markets):
		v.refuse(tape.UnknownMarket)
	case v.markets[n].phase != tape.Trading:
		v.refuse(tape.MarketClosed)
	default:
		return a, &v.markets[n]
	}
	return nil, nil
}

// terms are the prices and quantities of an order in ticks and lots.
type terms struct {
	tick, stop  uint32
	lots, slice uint64
	name        uint32 // of its client id; see clientTable
}

// placeOrder follows the words at tape.PlaceOrder step by step.
func (v *Venue) placeOrder(c *tape.PlaceOrder) {
	a, m := v.enter(c.Account, c.Market)
	if a == nil {
		return
	}
	t, why := v.check(c, a, m, nil, false, false)
	if why != tape.NoReason {
		v.refuse(why)
		return
	}
	h := v.pool.Get()
	for int(h) >= len(v.orders) {
		v.orders = append(v.orders, order{})
	}
	o := &v.orders[h]
	v.fill(o, c, a, &t)
	var fits bool
	if o.held, fits, why = v.needs(o, m); why == tape.NoReason && !c.QuoteQuantity.IsZero() { // it takes so much for its money
		switch {
		case m.bounded && over(v.maxAsset[m.Base], o.Quantity):
			why = tape.MaxAsset
		case c.Side == book.Buy && v.beyond(a, m, o.Quantity):
			why = tape.MaxPosition
		}
	}
	if why != tape.NoReason {
		v.refuse(why)
		v.release(h, o)
		return
	}
	if err := v.shift(o.Account, m.pays(o.Side), ledger.Available, ledger.Ordered, o.held); err != nil {
		v.refuse(lacking(err))
		v.release(h, o)
		return
	}
	v.enlist(h, o)
	v.emitOrder(o)
	if o.Type.Stops() {
		v.wait(h, o, m)
		return
	}
	v.arrive(h, o, m, fits)
	v.wake(m)
}

// needs is what an order has to have reserved that comes now, or waits for a price; see measure.
func (v *Venue) needs(o *order, m *market) (need money.Amount, fits bool, why tape.Reason) {
	if waits := o.Type.Stops() && o.Working == 0; waits || o.Type.Priced() && o.Force != tape.FOK {
		return o.reserve(m, o.open), true, tape.NoReason
	}
	return v.measure(o, m)
}

// lacking is the reason for which a reserve was refused.
func lacking(err error) tape.Reason {
	if errors.Is(err, ledger.ErrInsufficient) {
		return tape.Insufficient
	}
	return tape.TooLarge
}

// fill makes an order of what a command says.
func (v *Venue) fill(o *order, c *tape.PlaceOrder, a *account, t *terms) {
	*o = order{
		Account: c.Account, Market: c.Market, Side: c.Side, Type: c.Type, Force: c.Force, SelfTrade: c.SelfTrade, Status: tape.StatusNew,
		Price: c.Price, Quantity: c.Quantity, ClientID: c.ClientID, Created: v.now, Updated: v.now,
		account: a, rare: &plain, name: t.name, tick: t.tick, open: t.lots,
	}
	if c.Type.Stops() || !c.Iceberg.IsZero() || !c.QuoteQuantity.IsZero() {
		r := v.own(o)
		r.Stop, r.QuoteQuantity, r.Iceberg, r.Trail, r.stop, r.slice = c.Stop, c.QuoteQuantity, c.Iceberg, c.Trail, t.stop, t.slice
	}
	v.comes(o)
}

// comes dates what an order begins when it comes: to work, or to follow the price.
func (v *Venue) comes(o *order) {
	switch {
	case !o.Type.Stops():
		o.Working = v.now
	case o.Stop.IsZero():
		v.own(o).Trailing = v.now
	}
}

// enlist numbers an order and makes it one of its account's.
func (v *Venue) enlist(h book.Handle, o *order) {
	v.lastOrder++
	o.ID = v.lastOrder
	v.list(h, o)
}

// list makes a numbered order one of its account's; orders come by id.
func (v *Venue) list(h book.Handle, o *order) {
	v.ids.set(o.ID, h)
	a := o.account
	v.clients.enter(o.name, h)
	a.orders = append(a.orders, openOrder{o.ID, h})
	n := a.in(o.Market)
	n.orders++
	if o.Type.Stops() {
		n.stops++
	}
}

// check holds an order against the words at tape.PlaceOrder. Those before it in an order list
// count as open; one that will be pending is not held against what it would find now, and one that another pays
// for has no quantity yet.
func (v *Venue) check(c *tape.PlaceOrder, a *account, m *market, before []tape.PlaceOrder, pending, paid bool) (t terms, why tape.Reason) {
	priced, stops := c.Type.Priced(), c.Type.Stops()
	switch {
	case c.Side != book.Buy && c.Side != book.Sell,
		c.Type < tape.Limit || c.Type > tape.TakeProfitLimit,
		c.Force < tape.GTC || c.Force > tape.FOK,
		c.SelfTrade > tape.Transfer || c.SelfTrade == tape.AllowSelf && !m.AllowSelf,
		paid && !(c.Quantity.IsZero() && c.QuoteQuantity.IsZero()),
		!paid && c.Type == tape.MarketOrder && c.Quantity.IsZero() == c.QuoteQuantity.IsZero(),
		!paid && c.Type != tape.MarketOrder && (c.Quantity.IsZero() || !c.QuoteQuantity.IsZero()),
		!priced && !c.Price.IsZero(),
		c.Force != tape.GTC && c.Type != tape.Limit && c.Type != tape.StopLossLimit && c.Type != tape.TakeProfitLimit,
		stops && c.Stop.IsZero() && c.Trail == 0 || !stops && (!c.Stop.IsZero() || c.Trail != 0),
		!c.Iceberg.IsZero() && (!priced || c.Force != tape.GTC),
		c.ClientID == "" || len(c.ClientID) > 36:
		return t, tape.BadOrder
	}
	n := *a.in(c.Market)
	for i := range before {
		n.orders++
		if before[i].Type.Stops() {
			n.stops++
		}
		if before[i].ClientID == c.ClientID {
			return t, tape.DuplicateClientID
		}
	}
	t.name = v.clients.hash(c.Account, c.ClientID)
	if v.named(t.name, c.Account, c.ClientID) != 0 {
		return t, tape.DuplicateClientID
	}
	if priced {
		if t.tick, why = m.ticks(c.Price); why != tape.NoReason {
			return t, why
		}
	}
	if !c.Stop.IsZero() {
		if t.stop, why = m.ticks(c.Stop); why != tape.NoReason {
			return t, why
		}
	}
	if t.lots, t.slice, why = v.lots(c, m); why != tape.NoReason {
		return t, why
	}
	if !priced && !m.MarketMaxQty.IsZero() && m.MarketMaxQty.Less(c.Quantity) {
		return t, tape.MarketLot
	}
	if !paid && m.tooManyParts(t.slice, t.lots) {
		return t, tape.IcebergParts
	}
	if c.Trail != 0 {
		trails := m.Falling
		if c.Type.Rises(c.Side) {
			trails = m.Rising
		}
		if c.Trail < trails.Min || trails.Max < c.Trail {
			return t, tape.BadTrail
		}
	}
	if !paid && m.offNotional(c, &t) {
		return t, tape.Notional
	}
	if m.bounded && v.overAsset(c, m, &t) {
		return t, tape.MaxAsset
	}
	if !pending && v.offBand(c, m) {
		return t, tape.PercentPrice
	}
	if m.MaxOrders != 0 && c.Type != tape.MarketOrder && n.orders >= m.MaxOrders {
		return t, tape.MaxOrders
	}
	if m.MaxStops != 0 && stops && n.stops >= m.MaxStops {
		return t, tape.MaxStops
	}
	if !pending {
		why = v.finds(c, a, m, &t)
	}
	return t, why
}

// worth is what an order is worth; known is false of one without a price where nothing has traded.
func (m *market) worth(c *tape.PlaceOrder, t *terms) (worth money.Amount, known bool) {
	worth, known = c.QuoteQuantity, true
	if worth.IsZero() {
		tick := t.tick
		if tick == 0 {
			tick = t.stop
		}
		if tick == 0 {
			tick = m.last
		}
		worth, known = m.value(tick, t.lots), tick != 0
	}
	return worth, known
}

// tooManyParts reports whether so many lots, of which so many show at a time, are more parts than there may be.
func (m *market) tooManyParts(slice, lots uint64) bool {
	return slice != 0 && m.MaxParts != 0 && lots != 0 && (lots-1)/slice >= uint64(m.MaxParts)
}

// offNotional reports whether what an order is worth is outside the market's range.
func (m *market) offNotional(c *tape.PlaceOrder, t *terms) bool {
	worth, known := m.worth(c, t)
	return known && (worth.Less(m.MinNotional) || !m.MaxNotional.IsZero() && m.MaxNotional.Less(worth))
}

// overAsset reports whether an order would move more of an asset than one may.
func (v *Venue) overAsset(c *tape.PlaceOrder, m *market, t *terms) bool {
	worth, known := m.worth(c, t)
	return over(v.maxAsset[m.Base], c.Quantity) || known && over(v.maxAsset[m.Quote], worth)
}

// over reports whether an amount is above a bound, of which 0 is none.
func over(bound, a money.Amount) bool { return !bound.IsZero() && bound.Less(a) }

// offBand reports whether a price is too far from the last one.
func (v *Venue) offBand(c *tape.PlaceOrder, m *market) bool {
	if !c.Type.Priced() || m.last == 0 {
		return false
	}
	b := v.band(m, c.Side)
	return !b.high.IsZero() && b.high.Less(c.Price) || !b.low.IsZero() && c.Price.Less(b.low)
}

// band is the prices that orders of a side may have after the market's last trade.
func (v *Venue) band(m *market, s book.Side) *band {
	b, of := &m.bands[s-1], m.Buys
	if b.last == m.last {
		return b
	}
	if s == book.Sell {
		of = m.Sells
	}
	*b = band{last: m.last}
	if of.Up != 0 {
		b.high = v.share(m.price(m.last), of.Up)
	}
	if of.Down != 0 {
		b.low = v.share(m.price(m.last), of.Down)
	}
	return b
}

// finds holds an order against what it finds where it comes to: its account's position, the book
// and the last price.
func (v *Venue) finds(c *tape.PlaceOrder, a *account, m *market, t *terms) tape.Reason {
	if c.Side == book.Buy && t.lots != 0 && v.beyond(a, m, c.Quantity) {
		return tape.MaxPosition
	}
	if c.Type == tape.LimitMaker {
		if h := m.book.Best(c.Side, v.may[a.class]); h != 0 && m.book.Within(h, t.tick) {
			return tape.WouldTake
		}
	}
	if c.Type.Stops() && t.stop != 0 && m.last != 0 && (c.Type.Rises(c.Side) && m.last >= t.stop || !c.Type.Rises(c.Side) && m.last <= t.stop) {
		return tape.WouldTrigger
	}
	return tape.NoReason
}

// ticks is a price in ticks.
func (m *market) ticks(price money.Amount) (uint32, tape.Reason) {
	if price.Less(m.MinPrice) || m.MaxPrice.Less(price) {
		return 0, tape.PriceFilter
	}
	n, exact := price.In(m.Tick)
	if !exact {
		return 0, tape.PriceFilter
	}
	return uint32(n), tape.NoReason // the founding tables say that MaxPrice fits
}

// lots is the quantity and the iceberg quantity in lots.
func (v *Venue) lots(c *tape.PlaceOrder, m *market) (lots, slice uint64, why tape.Reason) {
	exact := true
	if !c.Quantity.IsZero() {
		if c.Quantity.Less(m.MinQty) || m.MaxQty.Less(c.Quantity) {
			return 0, 0, tape.LotSize
		}
		if lots, exact = c.Quantity.In(m.Step); !exact {
			return 0, 0, tape.LotSize
		}
	}
	if !c.Iceberg.IsZero() {
		if c.Iceberg.Less(m.MinQty) || !c.Quantity.IsZero() && c.Quantity.Less(c.Iceberg) {
			return 0, 0, tape.LotSize
		}
		if slice, exact = c.Iceberg.In(m.Step); !exact {
			return 0, 0, tape.LotSize
		}
	}
	if q := c.QuoteQuantity; !q.IsZero() && !v.fits(q, m.Quote) {
		return 0, 0, tape.LotSize
	}
	return lots, slice, tape.NoReason
}

// beyond reports whether what an account holds of the base asset, what it would hold by its buy orders,
// and more are above the market's bound together, if it has one.
func (v *Venue) beyond(a *account, m *market, more money.Amount) bool {
	if m.MaxPosition.IsZero() {
		return false
	}
	sum, err := more.Add(v.ledger.Has(ledger.Account(a.number), m.Base, ledger.Available))
	add := func(x money.Amount) {
		if err == nil {
			sum, err = sum.Add(x)
		}
	}
	add(v.ledger.Has(ledger.Account(a.number), m.Base, ledger.Ordered))
	for _, x := range a.orders {
		if o := &v.orders[x.handle]; o.Market == m.number && o.Side == book.Buy && o.Status != tape.PendingNew {
			add(m.quantity(o.open))
		}
	}
	return err != nil || m.MaxPosition.Less(sum)
}

// share is so many millionths of a price, rounded down.
func (v *Venue) share(price money.Amount, ppm uint32) money.Amount {
	a, err := price.MulPPM(ppm, money.Down)
	if err != nil {
		panic("venue: a part of a price does not fit") // it is below 2^32 times a price, both bounded at the founding
	}
	return a
}

// wait lets an order wait for its price.
func (v *Venue) wait(h book.Handle, o *order, m *market) {
	if o.Trail != 0 {
		m.trails++
	}
	if o.stop == 0 {
		v.startFollowing(o, m, m.last)
		return
	}
	m.book.Wait(h, o.Type.Rises(o.Side), o.stop)
	o.at = waiting
}
