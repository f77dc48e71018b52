package venue

import (
	"errors"
	"math"
	"math/bits"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// order is an order that has not ended, or that the command at hand deals with. It lies at
// the place in Venue.orders that its handle names. It is a tape.Order and what
// goes with it, in 192 bytes, which are three cache lines; what few orders have is elsewhere.
//
// Invariant: open lots × Step is what tape.Order.Open says.
type order struct {
	tape.OrderPlain
	account *account
	*rare                // never nil in an order at work
	name    uint32       // clientTable.hash of it
	tick    uint32       // Price / Tick; 0 where there is no Price
	open    uint64       // lots neither filled nor prevented, hidden ones included
	held    money.Amount // that it has reserved alone
	index   uint32       // in account.orders
	at      place
	_       [8]byte
}

// rare is tape.OrderRare and what goes with it. It is read as it is, and written through Venue.own.
type rare struct {
	tape.OrderRare
	list  *orderList
	stop  uint32 // Stop / Tick
	slice uint64 // lots that show at a time; 0 is all
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
	x.OrderPlain = o.OrderPlain
	x.OrderRare = o.OrderRare
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
	number     uint16
	mostOrders uint32 // MaxOrders as bound has it
	book       *book.Book
	phase      tape.Phase
	bounded    bool         // one order may move only so much of Base or of Quote; see Venue.maxAsset
	last       uint32       // tick of the last trade; 0 before the first
	low, high  uint32       // ticks traded since those who wait were looked at; high 0 is none
	unit       money.Amount // a tick times a step
	small      uint64       // the same as parts of an amount; 0 where it does not fit
	inTicks    money.Unit   // which a price may have
	inLots     money.Unit   // which an order may have
	worths     [2]uint64    // the least and the greatest worth of an order, in unit; the latter may be no bound
	bands      [2]band      // by side

	trails int          // orders with a Trail that have not been triggered
	path   []uint32     // ticks traded since those who wait were looked at, where there are any such
	follow []*followers // of those that follow the price
}

// band is the lowest and the highest price that an order may have, in ticks; the highest may be no bound.
// It holds for as long as the last trade's tick is last.
type band struct {
	last      uint32
	low, high uint64
}

// newMarket is a market of founding tables that hold.
func newMarket(pool *book.Pool, m *tape.Market, number uint16) market {
	most, _ := m.MaxPrice.In(m.Tick)
	unit, err := m.Tick.Mul(m.Step, money.Down)
	if err != nil {
		panic("venue: a tick times a step does not fit") // the greatest price times the greatest quantity does
	}
	w := market{
		Market: m, number: number, book: book.New(pool, uint32(most)), unit: unit,
		inTicks: money.UnitOf(m.Tick).From(atLeast(m.MinPrice, m.Tick), most),
		worths:  [2]uint64{atLeast(m.MinNotional, unit), noBound}, mostOrders: bound(m.MaxOrders),
	}
	if hi, lo := unit.Parts(); hi == 0 {
		w.small = lo
	}
	lots, _ := m.MaxQty.In(m.Step)
	w.inLots = money.UnitOf(m.Step).From(atLeast(m.MinQty, m.Step), lots)
	if !m.MaxNotional.IsZero() {
		w.worths[1], _ = m.MaxNotional.In(unit)
	}
	return w
}

// tickOf is a price in ticks; ok is false of one that no order may have.
func (m *market) tickOf(price money.Amount) (tick uint32, ok bool) {
	n, ok := m.inTicks.Count(price)
	return uint32(n), ok
}

// noBound is more than there is of anything.
const noBound = math.MaxUint64

// atLeast is the least number of steps that are no less than an amount.
func atLeast(a, step money.Amount) uint64 {
	n, exact := a.In(step)
	if !exact && n != noBound {
		n++
	}
	return n
}

// value is what lots cost at a tick. The founding tables make it fit for what one order may have.
func (m *market) value(tick uint32, lots uint64) money.Amount {
	over, units := bits.Mul64(uint64(tick), lots)
	if hi, lo := bits.Mul64(m.small, units); over == 0 && m.small != 0 && int64(hi) >= 0 {
		return money.FromParts(int64(hi), lo)
	}
	return m.farValue(tick, lots)
}

// farValue is value where more than 128 bits come in between.
func (m *market) farValue(tick uint32, lots uint64) money.Amount {
	a, err := m.unit.Times(uint64(tick))
	if err == nil {
		a, err = a.Times(lots)
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
	name, slot  uint32 // of its client id; see clientTable, Venue.named
}

// placeOrder follows the words at tape.PlaceOrder step by step. Alone is of one that is all of a command.
func (v *Venue) placeOrder(c *tape.PlaceOrder, alone bool) {
	a, m := v.enter(c.Account, c.Market)
	if a == nil {
		return
	}
	var t terms
	why := v.check(c, a, m, &t, nil, false, false)
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
	fits := true
	if o.Type.Priced() && o.Force != tape.FOK && !o.Type.Stops() { // as most
		if o.held = o.Quantity; o.Side == book.Buy {
			o.held = m.value(t.tick, t.lots)
		}
	} else if o.held, fits, why = v.needs(o, m); why == tape.NoReason && !c.QuoteQuantity.IsZero() { // it takes so much for its money
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
	// What comes to the book and crosses nobody moves one balance once.
	rests := alone && o.Type.Priced() && o.Force == tape.GTC && !o.Type.Stops() && !m.book.Crosses(o.Side, o.tick)
	asset := m.pays(o.Side)
	moved, err := v.ledger.Reserve(v.holdings(a), asset, o.held, rests)
	if err != nil {
		v.refuse(lacking(err))
		v.release(h, o)
		return
	}
	v.number(o)
	v.clients.enterAt(t.slot, t.name, h)
	v.list(h, o)
	v.emitOrder(o)
	if rests {
		v.rest(h, o, m)
		v.ledger.Write(moved, v.out.Balance(ledger.Account(a.number), asset))
		return
	}
	if o.Type.Stops() {
		v.wait(h, o, m)
		return
	}
	v.arrive(h, o, m, fits)
	if m.high != 0 {
		v.wake(m)
	}
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
	o.ID, o.Account, o.Market, o.Side, o.Type, o.Force, o.SelfTrade, o.Status = 0, c.Account, c.Market, c.Side, c.Type, c.Force, c.SelfTrade, tape.StatusNew
	o.Price, o.Quantity, o.Filled, o.Spent = c.Price, c.Quantity, money.Amount{}, money.Amount{}
	o.ClientID, o.Created, o.Updated, o.Working = c.ClientID, v.now, v.now, 0
	o.account, o.rare, o.name, o.tick, o.open, o.held, o.at = a, &plain, t.name, t.tick, t.lots, money.Amount{}, nowhere
	if c.Type.Stops() || !c.Iceberg.IsZero() || !c.QuoteQuantity.IsZero() || c.Strategy.Given != 0 {
		r := v.own(o)
		r.Stop, r.QuoteQuantity, r.Iceberg, r.Trail, r.stop, r.slice = c.Stop, c.QuoteQuantity, c.Iceberg, c.Trail, t.stop, t.slice
		r.Strategy = c.Strategy
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

// number gives an order its number.
func (v *Venue) number(o *order) {
	v.lastOrder++
	o.ID = v.lastOrder
}

// list makes a numbered order, whose client id is entered, one of its account's.
func (v *Venue) list(h book.Handle, o *order) {
	v.ids.set(o.ID, h)
	a := o.account
	o.index = uint32(len(a.orders))
	a.orders = append(a.orders, h)
	n := a.in(o.Market)
	n.orders++
	if o.rare != &plain {
		a.count(o, n, 1)
	}
}

// minusOne takes one off a count.
const minusOne = ^uint32(0)

// count adds an order to what its account has of those that stop or show in parts, or takes it off. n is
// the account's count of its market.
func (a *account) count(o *order, n *counts, one uint32) {
	if o.Type.Stops() {
		n.stops += one
		a.stops += one
	}
	if !o.Iceberg.IsZero() {
		a.countFew(o.Market, one, 0)
	}
}

// bound is how many there may be where the founding tables say 0 for no bound.
func bound(most uint32) uint32 {
	if most == 0 {
		return math.MaxUint32
	}
	return most
}

// wellFormed reports whether the fields of an order go together. One that another pays for has no quantity yet.
func wellFormed(c *tape.PlaceOrder, m *market, paid bool) bool {
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
		c.ClientID == "" || len(c.ClientID) > 36,
		!isStrategy(&c.Strategy):
		return false
	}
	return true
}

// isStrategy reports whether what a client says of its strategy goes together; none does.
func isStrategy(s *tape.Strategy) bool {
	return s.Given <= tape.StrategyID|tape.StrategyType && (s.Given&tape.StrategyID != 0 || s.ID == 0) &&
		(s.Given&tape.StrategyType != 0) == (s.Type != 0) && (s.Type == 0 || s.Type >= tape.LeastStrategy && s.Type <= math.MaxInt32)
}

// plainly reports whether an order has a limit and nothing else that is to be checked but its strategy, as most have: such
// a one is well formed.
func plainly(c *tape.PlaceOrder) bool {
	return c.Type == tape.Limit && (c.Side == book.Buy || c.Side == book.Sell) && c.Force >= tape.GTC && c.Force <= tape.FOK && c.SelfTrade < tape.AllowSelf &&
		!c.Quantity.IsZero() && c.Stop.IsZero() && c.QuoteQuantity.IsZero() && c.Iceberg.IsZero() && c.Trail == 0 && c.ClientID != "" && len(c.ClientID) <= 36
}

// check holds an order against the words at tape.PlaceOrder, and says what it is in ticks and lots. Those
// before it in an order list count as open; one that will be pending is not held against what it would
// find now, and one that another pays for has no quantity yet.
func (v *Venue) check(c *tape.PlaceOrder, a *account, m *market, t *terms, before []tape.PlaceOrder, pending, paid bool) tape.Reason {
	plain := !paid && c.Strategy == (tape.Strategy{}) && plainly(c)
	if !plain && !wellFormed(c, m, paid) {
		return tape.BadOrder
	}
	for i := range before {
		if before[i].ClientID == c.ClientID {
			return tape.DuplicateClientID
		}
	}
	t.name = v.clients.hash(c.Account, c.ClientID)
	var named book.Handle
	if named, t.slot = v.named(t.name, c.Account, c.ClientID); named != 0 {
		return tape.DuplicateClientID
	}
	if priced := plain || c.Type.Priced(); priced {
		n, ok := m.inTicks.Count(c.Price)
		if !ok {
			return tape.PriceFilter
		}
		t.tick = uint32(n)
	}
	if plain {
		var ok bool
		if t.lots, ok = m.inLots.Count(c.Quantity); !ok {
			return tape.LotSize
		}
	} else if why := v.checkUncommon(c, m, t, paid); why != tape.NoReason {
		return why
	}
	if !paid && m.offNotional(c, t) {
		return tape.Notional
	}
	if m.bounded && v.overAsset(c, m, t) {
		return tape.MaxAsset
	}
	if !pending && t.tick != 0 && m.offBand(c.Side, t.tick) {
		return tape.PercentPrice
	}
	if plain && len(before) == 0 {
		if a.in(c.Market).orders >= m.mostOrders {
			return tape.MaxOrders
		}
		if uint32(len(a.orders)) >= v.maxOpen.Orders {
			return tape.MaxAllOrders
		}
	} else if why := v.tooMany(c, a, m, before); why != tape.NoReason {
		return why
	}
	if pending || plain && m.MaxPosition.IsZero() {
		return tape.NoReason
	}
	return v.finds(c, a, m, t)
}

// tooMany holds an order against how many of its account's, and of those before it, may be open.
func (v *Venue) tooMany(c *tape.PlaceOrder, a *account, m *market, before []tape.PlaceOrder) tape.Reason {
	n := *a.in(c.Market)
	in := tape.Bounds{Orders: n.orders, Stops: n.stops, Icebergs: a.fewIn(c.Market).icebergs}
	all := tape.Bounds{Orders: uint32(len(a.orders)), Stops: a.stops, Icebergs: a.icebergs}
	for i := range before {
		in.Orders++
		all.Orders++
		if before[i].Type.Stops() {
			in.Stops++
			all.Stops++
		}
		if !before[i].Iceberg.IsZero() {
			in.Icebergs++
			all.Icebergs++
		}
	}
	rests, stops, shows := c.Type != tape.MarketOrder, c.Type.Stops(), !c.Iceberg.IsZero()
	switch {
	case rests && in.Orders >= m.mostOrders:
		return tape.MaxOrders
	case stops && in.Stops >= bound(m.MaxStops):
		return tape.MaxStops
	case shows && in.Icebergs >= bound(m.MaxIcebergs):
		return tape.MaxIcebergs
	case rests && all.Orders >= v.maxOpen.Orders:
		return tape.MaxAllOrders
	case stops && all.Stops >= v.maxOpen.Stops:
		return tape.MaxAllStops
	case shows && all.Icebergs >= v.maxOpen.Icebergs:
		return tape.MaxAllIcebergs
	}
	return tape.NoReason
}

// checkUncommon is check, from Stop to BadTrail, for all orders but plain ones with a limit.
func (v *Venue) checkUncommon(c *tape.PlaceOrder, m *market, t *terms, paid bool) tape.Reason {
	var ok bool
	if !c.Stop.IsZero() {
		if t.stop, ok = m.tickOf(c.Stop); !ok {
			return tape.PriceFilter
		}
	}
	if !c.Quantity.IsZero() {
		if t.lots, ok = m.inLots.Count(c.Quantity); !ok {
			return tape.LotSize
		}
	}
	if !c.Iceberg.IsZero() {
		t.slice, ok = m.inLots.Count(c.Iceberg)
		if !ok || !paid && t.slice > t.lots { // what one that is paid for will have is not known, see findsLate
			return tape.LotSize
		}
	}
	if q := c.QuoteQuantity; !q.IsZero() && !v.fits(q, m.Quote) {
		return tape.LotSize
	}
	if !c.Type.Priced() && !m.MarketMaxQty.IsZero() && m.MarketMaxQty.Less(c.Quantity) {
		return tape.MarketLot
	}
	if !paid && m.tooManyParts(t.slice, t.lots) {
		return tape.IcebergParts
	}
	if c.Trail != 0 {
		trails := m.Falling
		if c.Type.Rises(c.Side) {
			trails = m.Rising
		}
		if c.Trail < trails.Min || trails.Max < c.Trail {
			return tape.BadTrail
		}
	}
	return tape.NoReason
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
	if over, units := bits.Mul64(uint64(t.tick), t.lots); over == 0 && units != 0 && m.worths[0] != noBound {
		return units < m.worths[0] || units > m.worths[1]
	}
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
func (m *market) offBand(s book.Side, tick uint32) bool {
	if m.last == 0 {
		return false
	}
	b := &m.bands[s-1]
	if b.last != m.last {
		m.band(s, b)
	}
	return uint64(tick) < b.low || uint64(tick) > b.high
}

// band works out the prices that orders of a side may have after the market's last trade.
func (m *market) band(s book.Side, b *band) {
	of := m.Buys
	if s == book.Sell {
		of = m.Sells
	}
	*b = band{last: m.last, high: noBound}
	if of.Up != 0 {
		if most := share(m.price(m.last), of.Up); !most.IsZero() {
			b.high, _ = most.In(m.Tick)
		}
	}
	if of.Down != 0 {
		b.low = atLeast(share(m.price(m.last), of.Down), m.Tick)
	}
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
	for _, h := range a.orders {
		if o := &v.orders[h]; o.Market == m.number && o.Side == book.Buy && o.Status != tape.PendingNew {
			add(m.quantity(o.open))
		}
	}
	return err != nil || m.MaxPosition.Less(sum)
}

// share is so many millionths of a price, rounded down.
func share(price money.Amount, ppm uint32) money.Amount {
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
