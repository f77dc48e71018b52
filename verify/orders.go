package verify

import (
	"math/big"
	"slices"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// An order that is open, as the model holds it.
type order struct {
	tape.OpenOrder
	reserve money.Amount // what it has reserved alone, of the asset it pays with; see orderList.reserve
	waits   bool         // for a price, still
	spot    spot[*order] // where it stands
}

func (m *model) placeOrder(at int64, c *tape.PlaceOrder) []tape.Event {
	if why, by := m.mayPlace(c); why != tape.NoReason {
		return refused(why, by)
	}
	if why := m.check(c, nil, false, false); why != tape.NoReason {
		return refused(why, none)
	}
	o := newOrder(at, c)
	need, dies, fits := m.terms(o)
	if !fits {
		return refused(tape.TooLarge, none)
	}
	if over(m.maxAsset[m.genesis.Markets[o.Market].Base], o.Quantity) {
		return refused(tape.MaxAsset, none)
	}
	if o.Side == book.Buy && !o.QuoteQuantity.IsZero() && m.beyond(c, o.Quantity) {
		return refused(tape.MaxPosition, none)
	}
	if !m.has(o.Account, m.pays(o), ledger.Available, need) {
		return refused(tape.Insufficient, none)
	}
	m.enter(o, need)
	events := []tape.Event{&tape.OrderChanged{Order: o.Order}}
	if o.waits {
		return events
	}
	return append(events, m.deal(at, o, dies)...)
}

// mayPlace is what PlaceOrder looks at before its own checks. by is the decision that stopped
// it, where one did.
func (m *model) mayPlace(c *tape.PlaceOrder) (why tape.Reason, by tape.Hash) {
	a := m.accounts[c.Account]
	switch {
	case a == nil:
		return tape.UnknownAccount, none
	case a.Standing.May&tape.MayTrade == 0:
		return tape.Stopped, a.Standing.Decision
	case int(c.Market) >= len(m.markets):
		return tape.UnknownMarket, none
	case m.markets[c.Market].Phase != tape.Trading:
		return tape.MarketClosed, none
	}
	return tape.NoReason, none
}

// check is the checks of PlaceOrder, up to WouldTrigger. before is those before it in its list,
// which count as open; one that is pending is not held against what changes until it comes, and one that
// another pays for has no quantity yet.
func (m *model) check(c *tape.PlaceOrder, before []tape.PlaceOrder, pending, paid bool) tape.Reason {
	k := &m.genesis.Markets[c.Market]
	if malformed(c, k, paid) {
		return tape.BadOrder
	}
	mine := m.accounts[c.Account]
	named := func(o tape.PlaceOrder) bool { return o.ClientID == c.ClientID }
	if mine.names[c.ClientID] != nil || slices.ContainsFunc(before, named) {
		return tape.DuplicateClientID
	}

	for _, p := range []struct {
		price money.Amount
		asked bool
	}{{c.Price, priced(c.Type)}, {c.Stop, !c.Stop.IsZero()}} {
		if p.asked && (p.price.Less(k.MinPrice) || k.MaxPrice.Less(p.price) || !p.price.IsMultipleOf(k.Tick)) {
			return tape.PriceFilter
		}
	}
	most := c.Quantity // that shows at a time
	if paid {
		most = k.MaxQty
	}
	if m.offLot(k, c.Quantity, most, c.Iceberg, c.QuoteQuantity) {
		return tape.LotSize
	}
	if !priced(c.Type) && !k.MarketMaxQty.IsZero() && k.MarketMaxQty.Less(c.Quantity) {
		return tape.MarketLot
	}
	if manyParts(k, c.Quantity, c.Iceberg) {
		return tape.IcebergParts
	}
	trails := k.Falling
	if rises(c.Type, c.Side) {
		trails = k.Rising
	}
	if c.Trail != 0 && (c.Trail < trails.Min || c.Trail > trails.Max) {
		return tape.BadTrail
	}
	if !paid && m.offNotional(c) {
		return tape.Notional
	}
	if !paid && m.overAsset(c) {
		return tape.MaxAsset
	}
	if !pending && m.offBand(c) {
		return tape.PercentPrice
	}
	if why := m.tooMany(c, before); why != tape.NoReason {
		return why
	}
	if pending {
		return tape.NoReason
	}
	return m.finds(c)
}

// tooMany is the checks of PlaceOrder from MaxOrders to MaxAllIcebergs: what is open is counted where there is a
// bound of it, and not before.
func (m *model) tooMany(c *tape.PlaceOrder, before []tape.PlaceOrder) tape.Reason {
	k, mine := &m.genesis.Markets[c.Market], m.accounts[c.Account]
	is := func(what func(*tape.PlaceOrder) bool) (many uint32) {
		for i := range before {
			if what(&before[i]) {
				many++
			}
		}
		return many
	}
	any := func(*tape.PlaceOrder) bool { return true }
	stop := func(o *tape.PlaceOrder) bool { return stopType(o.Type) }
	parts := func(o *tape.PlaceOrder) bool { return !o.Iceberg.IsZero() }
	for _, b := range []struct {
		most    uint32
		applies bool
		open    func() uint32
		why     tape.Reason
	}{
		{k.MaxOrders, c.Type != tape.MarketOrder, func() uint32 { return mine.count[c.Market] + is(any) }, tape.MaxOrders},
		{k.MaxStops, stop(c), func() uint32 { return mine.stops[c.Market] + is(stop) }, tape.MaxStops},
		{k.MaxIcebergs, parts(c), func() uint32 { return mine.icebergs(&c.Market) + is(parts) }, tape.MaxIcebergs},
		{m.genesis.MaxOpen.Orders, c.Type != tape.MarketOrder, func() uint32 { return uint32(len(mine.open)) + is(any) }, tape.MaxAllOrders},
		{m.genesis.MaxOpen.Stops, stop(c), func() uint32 { return mine.allStops() + is(stop) }, tape.MaxAllStops},
		{m.genesis.MaxOpen.Icebergs, parts(c), func() uint32 { return mine.icebergs(nil) + is(parts) }, tape.MaxAllIcebergs},
	} {
		if b.most != 0 && b.applies && b.open() >= b.most {
			return b.why
		}
	}
	return tape.NoReason
}

// icebergs is how many open orders with an Iceberg there are in a market, or in all.
func (a *account) icebergs(market *uint16) (many uint32) {
	for _, o := range a.open {
		if !o.Iceberg.IsZero() && (market == nil || o.Market == *market) {
			many++
		}
	}
	return many
}

// allStops is how many open orders of types that stop there are in all markets.
func (a *account) allStops() (many uint32) {
	for _, n := range a.stops {
		many += n
	}
	return many
}

// tooManyLists is MaxLists and MaxAllLists of PlaceOrderList.
func (m *model) tooManyLists(a *account, market uint16) tape.Reason {
	in := uint32(0)
	for _, x := range a.lists {
		if x.Market == market {
			in++
		}
	}
	if most := m.genesis.Markets[market].MaxLists; most != 0 && in >= most {
		return tape.MaxLists
	}
	if most := m.genesis.MaxOpen.Lists; most != 0 && uint32(len(a.lists)) >= most {
		return tape.MaxAllLists
	}
	return tape.NoReason
}

// manyParts reports whether a quantity would show in more parts than there may be.
func manyParts(k *tape.Market, quantity, iceberg money.Amount) bool {
	if iceberg.IsZero() || k.MaxParts == 0 {
		return false
	}
	// More parts than MaxParts: MaxParts of them are not all of it.
	most := new(big.Int).Mul(iceberg.Big(), big.NewInt(int64(k.MaxParts)))
	return most.Cmp(quantity.Big()) < 0
}

// offBand reports whether a price is too far from the last one.
func (m *model) offBand(c *tape.PlaceOrder) bool {
	k, last := &m.genesis.Markets[c.Market], m.markets[c.Market].Last
	if !priced(c.Type) || last.IsZero() {
		return false
	}
	band := k.Sells
	if c.Side == book.Buy {
		band = k.Buys
	}
	million := big.NewInt(1_000_000)
	part := func(ppm uint32) *big.Int { // rounded down to 10^-18, which Big counts in
		p := new(big.Int).Mul(last.Big(), big.NewInt(int64(ppm)))
		return p.Quo(p, million)
	}
	return band.Up != 0 && c.Price.Big().Cmp(part(band.Up)) > 0 || band.Down != 0 && c.Price.Big().Cmp(part(band.Down)) < 0
}

// finds is the checks of PlaceOrder from MaxPosition to WouldTrigger: of what is open, in the book and traded.
func (m *model) finds(c *tape.PlaceOrder) tape.Reason {
	last := m.markets[c.Market].Last
	if c.Side == book.Buy && !c.Quantity.IsZero() && m.beyond(c, c.Quantity) {
		return tape.MaxPosition
	}
	if c.Type == tape.LimitMaker && m.best(newOrder(0, c)) != nil {
		return tape.WouldTake
	}
	if !c.Stop.IsZero() && !last.IsZero() && sets(c.Type, c.Side, c.Stop, last) {
		return tape.WouldTrigger
	}
	return tape.NoReason
}

// beyond reports whether the account of a buy would hold more than MaxPosition by so much of it.
func (m *model) beyond(c *tape.PlaceOrder, quantity money.Amount) bool {
	k := &m.genesis.Markets[c.Market]
	if k.MaxPosition.IsZero() {
		return false
	}
	sum := quantity.Big()
	for _, o := range m.accounts[c.Account].open {
		if o.Market == c.Market && o.Side == book.Buy && o.Status != tape.PendingNew {
			sum.Add(sum, left(&o.Order).Big())
		}
	}
	b := m.balances[pile{c.Account, k.Base}]
	sum.Add(sum, b[ledger.Available].Big())
	sum.Add(sum, b[ledger.Ordered].Big())
	return sum.Cmp(k.MaxPosition.Big()) > 0
}

// badStrategy reports whether what is said of a strategy is none of: nothing, an ID, a Type, both.
func badStrategy(s tape.Strategy) bool {
	id, kind := s.Given == tape.StrategyID || s.Given == tape.StrategyID|tape.StrategyType, s.Given == tape.StrategyType || s.Given == tape.StrategyID|tape.StrategyType
	switch {
	case s.Given != 0 && !id && !kind, !id && s.ID != 0, !kind && s.Type != 0:
		return true
	}
	return kind && (s.Type < 1_000_000 || s.Type >= 1<<31)
}

// malformed reports whether an order's fields contradict one another. One that another pays for says no quantity.
func malformed(c *tape.PlaceOrder, k *tape.Market, paid bool) bool {
	switch c.Side {
	case book.Buy, book.Sell:
	default:
		return true
	}
	switch c.Force {
	case tape.GTC:
	case tape.IOC, tape.FOK:
		if c.Type != tape.Limit && c.Type != tape.StopLossLimit && c.Type != tape.TakeProfitLimit {
			return true
		}
	default:
		return true
	}
	if badStrategy(c.Strategy) {
		return true
	}
	switch c.SelfTrade {
	case tape.ExpireMaker, tape.ExpireTaker, tape.ExpireBoth, tape.Decrement, tape.Transfer:
	case tape.AllowSelf:
		if !k.AllowSelf {
			return true
		}
	default:
		return true
	}
	switch c.Type {
	case tape.Limit, tape.LimitMaker, tape.StopLoss, tape.StopLossLimit, tape.TakeProfit, tape.TakeProfitLimit:
		if c.Quantity.IsZero() != paid || !c.QuoteQuantity.IsZero() {
			return true
		}
	case tape.MarketOrder:
		if paid && (!c.Quantity.IsZero() || !c.QuoteQuantity.IsZero()) {
			return true
		}
		if !paid && c.Quantity.IsZero() == c.QuoteQuantity.IsZero() {
			return true
		}
	default:
		return true
	}
	switch {
	case !priced(c.Type) && !c.Price.IsZero():
		return true
	case stopType(c.Type) && c.Stop.IsZero() && c.Trail == 0 || !stopType(c.Type) && (!c.Stop.IsZero() || c.Trail != 0):
		return true
	case !c.Iceberg.IsZero() && (!priced(c.Type) || c.Force != tape.GTC):
		return true
	}
	return !goodClientID(c.ClientID)
}

func goodClientID(id string) bool { return len(id) >= 1 && len(id) <= 36 }

// priced reports whether orders of a type have a limit.
func priced(t tape.Type) bool {
	return t == tape.Limit || t == tape.LimitMaker || t == tape.StopLossLimit || t == tape.TakeProfitLimit
}

// offLot reports whether quantities are not such as the market's lots allow.
func (m *model) offLot(k *tape.Market, quantity, whole, iceberg, quote money.Amount) bool {
	off := func(q, most money.Amount) bool {
		return !q.IsZero() && (q.Less(k.MinQty) || most.Less(q) || !q.IsMultipleOf(k.Step))
	}
	return off(quantity, k.MaxQty) || off(iceberg, whole) || finer(quote, m.genesis.Assets[k.Quote])
}

// finer reports whether an amount has more decimals than the asset.
func finer(a money.Amount, asset tape.Asset) bool { return a.Truncate(int(asset.Decimals)) != a }

// worth is what an order is worth; known is false where nothing has traded, of one that has no price.
func (m *model) worth(c *tape.PlaceOrder) (worth money.Amount, known bool) {
	if !c.QuoteQuantity.IsZero() {
		return c.QuoteQuantity, true
	}
	for _, price := range []money.Amount{c.Price, c.Stop, m.markets[c.Market].Last} {
		if !price.IsZero() {
			return times(price, c.Quantity), true
		}
	}
	return worth, false
}

// offNotional reports whether what an order is worth is outside the market's range.
func (m *model) offNotional(c *tape.PlaceOrder) bool {
	worth, known := m.worth(c)
	k := &m.genesis.Markets[c.Market]
	return known && (worth.Less(k.MinNotional) || over(k.MaxNotional, worth))
}

// overAsset reports whether an order moves more of an asset than one may.
func (m *model) overAsset(c *tape.PlaceOrder) bool {
	k := &m.genesis.Markets[c.Market]
	worth, known := m.worth(c)
	return over(m.maxAsset[k.Base], c.Quantity) || known && over(m.maxAsset[k.Quote], worth)
}

// over reports whether an amount is above a bound; 0 is none.
func over(bound, a money.Amount) bool { return !bound.IsZero() && bound.Less(a) }

// times is price × quantity, of a price and a quantity that the market's filters let through
// or that a resting order has: the greatest such product was found to fit at the founding.
func times(price, quantity money.Amount) money.Amount { return must(price.Mul(quantity, money.Down)) }

// newOrder is an order that a command at that time asks for, without a number yet.
func newOrder(at int64, c *tape.PlaceOrder) *order {
	o := &order{OpenOrder: tape.OpenOrder{Order: tape.Order{
		OrderPlain: tape.OrderPlain{
			Account: c.Account, Market: c.Market, Side: c.Side, Type: c.Type, Force: c.Force, SelfTrade: c.SelfTrade,
			Price: c.Price, Quantity: c.Quantity, ClientID: c.ClientID, Status: tape.StatusNew, Created: at, Updated: at, Working: at,
		},
		OrderRare: tape.OrderRare{Stop: c.Stop, QuoteQuantity: c.QuoteQuantity, Iceberg: c.Iceberg, Trail: c.Trail, Strategy: c.Strategy},
	}}}
	if stopType(c.Type) {
		o.waits, o.Working = true, 0
		if o.Stop.IsZero() {
			o.Trailing = at // it follows the price at once
		}
	}
	return o
}

// enter gives an order its number and reserves what it needs.
func (m *model) enter(o *order, need money.Amount) {
	m.lastOrder++
	o.ID = m.lastOrder
	m.orders[o.ID] = o
	a := m.accounts[o.Account]
	a.open[o.ID], a.names[o.ClientID] = o, o
	a.count[o.Market]++
	if stopType(o.Type) {
		a.stops[o.Market]++
	}
	if o.waits && o.Status != tape.PendingNew {
		m.wait(o)
	}
	m.reserve(o, need)
}

// wait lets an order wait for its price.
func (m *model) wait(o *order) {
	if o.Stop.IsZero() {
		o.Extreme = m.markets[o.Market].Last
		m.following[o.Market][o.ID] = o
		return
	}
	waiting := &m.ladders[o.Market].falls
	if rises(o.Type, o.Side) {
		waiting = &m.ladders[o.Market].rises
	}
	o.spot = waiting.add(o.Stop, o)
}

// pays is the asset that an order pays with.
func (m *model) pays(o *order) uint16 {
	if o.Side == book.Buy {
		return m.genesis.Markets[o.Market].Quote
	}
	return m.genesis.Markets[o.Market].Base
}

func (m *model) reserve(o *order, amount money.Amount) {
	m.move(m.pays(o), amount, o.Account, ledger.Available, o.Account, ledger.Ordered)
	o.reserve = plus(o.reserve, amount)
}

// giveBack is for what an order has reserved and no longer needs.
func (m *model) giveBack(o *order, amount money.Amount) {
	m.move(m.pays(o), amount, o.Account, ledger.Ordered, o.Account, ledger.Available)
	o.reserve = minus(o.reserve, amount)
}

// left is what of an order is neither filled nor prevented.
func left(o *tape.Order) money.Amount { return minus(minus(o.Quantity, o.Filled), o.Prevented) }

// resting is what so much of an order needs reserved that has a limit, or waits for a price.
func resting(o *order, quantity money.Amount) money.Amount {
	switch {
	case o.Side == book.Sell:
		return quantity
	case priced(o.Type):
		return times(o.Price, quantity)
	}
	return times(o.Stop, quantity)
}

// terms is what an order has to have reserved that comes now, or waits for a price. dies: it is fill or kill, and
// cannot be filled. fits is false where what is measured does not fit an amount. An order by
// money takes the quantity that it was measured to have.
func (m *model) terms(o *order) (need money.Amount, dies, fits bool) {
	fok := o.Force == tape.FOK
	if o.waits || priced(o.Type) && !fok {
		return resting(o, o.Quantity), false, true
	}
	c, fits := m.measure(o)
	if !fits {
		return need, false, false
	}
	switch {
	case fok && c.fills.Less(o.Quantity):
		return need, true, true
	case fok:
		return resting(o, o.Quantity), false, true
	}
	if !o.QuoteQuantity.IsZero() {
		quantity, err := c.fills.Add(c.prevented)
		if err != nil {
			return need, false, false
		}
		o.Quantity = quantity
	}
	if o.Side == book.Buy {
		return c.cost, false, true
	}
	return c.gives, false, true
}
