package binance

import (
	"math"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// orderTypes are the types of order in the words of clients, as exchangeInfo lists them.
var orderTypes = []tape.Type{
	tape.Limit, tape.LimitMaker, tape.MarketOrder, tape.StopLoss, tape.StopLossLimit, tape.TakeProfit, tape.TakeProfitLimit,
}

// selfTradeModes are the modes that a market allows, the default among them.
func (m *market) selfTradeModes() []tape.SelfTrade {
	modes := []tape.SelfTrade{tape.ExpireTaker, tape.ExpireMaker, tape.ExpireBoth, tape.Decrement, tape.Transfer}
	if m.AllowSelf {
		modes = append(modes, tape.AllowSelf)
	}
	return modes
}

// Names of the parameters that say what an order is. An order by itself has them plain; those
// of the two orders of a list begin with which of the two they are for.
type formNames struct {
	paid                                                    bool // another order pays for it: it has no quantity
	quantity, quote, force, price, stop, trail, iceberg, id string
	strategyID, strategyType                                string
}

var plain = formNames{false, "quantity", "quoteOrderQty", "timeInForce", "price", "stopPrice", "trailingDelta", "icebergQty", "newClientOrderId", "strategyId", "strategyType"}

// mostLevels is how far from the best price an order may be pegged, as published.
const mostLevels = 100

// pegged refuses to peg the price of an order, with what is wrong about how that is asked for, if anything is: no market
// here allows it (pegInstructionsAllowed of exchangeInfo). which is what the parameters begin with, of an order of a list.
func (c *call) pegged(which string) {
	peg := which + "Peg"
	if which == "" {
		peg = "peg"
	}
	kind, offset, levels := peg+"PriceType", peg+"OffsetType", peg+"OffsetValue"
	if !c.has(kind) {
		c.unwanted(offset, levels)
		return
	}
	switch c.text(kind) {
	case "PRIMARY_PEG", "MARKET_PEG":
	default:
		c.fail(bad(-1210, "Invalid pegPriceType."))
	}
	switch {
	case c.has(offset) != c.has(levels):
		c.fail(bad(-1128, "Fields ["+offset+", "+levels+"] must be sent together or omitted entirely."))
	case c.has(offset):
		if c.text(offset) != "PRICE_LEVEL" {
			c.fail(bad(-1211, "Invalid pegOffsetType."))
		}
		if n := c.whole(levels, 0); n < 1 || n > mostLevels {
			c.fail(invalid(levels))
		}
	}
	c.fail(bad(-2010, "Pegged orders are not supported for this symbol."))
}

// sideNamed reads whether it buys or sells.
func (c *call) sideNamed(name string) book.Side {
	switch c.must(name) {
	case "BUY":
		return book.Buy
	case "SELL":
		return book.Sell
	case "":
	default:
		c.fail(bad(-1117, "Invalid side."))
	}
	return 0
}

// orderType reads a type of order.
func (c *call) orderType(name string) tape.Type {
	kind := c.must(name)
	for _, t := range orderTypes {
		if t.String() == kind {
			return t
		}
	}
	if kind != "" {
		c.fail(bad(-1116, "Invalid orderType."))
	}
	return 0
}

// force reads how long an order is good for; GTC is what is meant where nothing is said.
func (c *call) force(name string) tape.Force {
	switch c.text(name) {
	case "", "GTC":
	case "IOC":
		return tape.IOC
	case "FOK":
		return tape.FOK
	default:
		c.fail(bad(-1115, "Invalid timeInForce."))
	}
	return tape.GTC
}

// selfTrade reads what happens where the order would meet one of its own.
func (c *call) selfTrade(m *market) tape.SelfTrade {
	name := c.text("selfTradePreventionMode")
	if name == "" {
		return tape.ExpireMaker
	}
	for _, mode := range m.selfTradeModes() {
		if mode.String() == name {
			return mode
		}
	}
	switch name {
	case tape.AllowSelf.String():
		c.fail(bad(-1013, "This symbol does not allow the specified self-trade prevention mode."))
	default:
		c.fail(invalid("selfTradePreventionMode"))
	}
	return 0
}

// takes holds the parameters of an order against what its type takes: the published API refuses
// both what is missing and what is not wanted.
func (c *call) takes(t tape.Type, n formNames) {
	need := func(name string, wanted bool) {
		if wanted {
			c.must(name)
		} else {
			c.unwanted(name)
		}
	}
	switch {
	case n.paid:
		if c.has(n.quantity) {
			c.fail(bad(-1225, "Pending orders should not include the '"+n.quantity+"' tag."))
		}
		c.unwanted(n.quote)
		need(n.force, t == tape.Limit || t == tape.StopLossLimit || t == tape.TakeProfitLimit)
	case t == tape.MarketOrder:
		c.unwanted(n.force)
		switch {
		case c.has(n.quantity) && c.has(n.quote):
			c.fail(bad(-1128, "Combination of optional parameters invalid."))
		case !c.has(n.quantity) && !c.has(n.quote):
			c.fail(bad(-1102, "Param '"+n.quantity+"' or '"+n.quote+"' must be sent, but both were empty/null!"))
		}
	default:
		need(n.force, t == tape.Limit || t == tape.StopLossLimit || t == tape.TakeProfitLimit)
		c.must(n.quantity)
		c.unwanted(n.quote)
	}
	need(n.price, t.Priced())
	if !t.Stops() {
		c.unwanted(n.stop)
		c.unwanted(n.trail)
	} else if !c.has(n.trail) {
		c.must(n.stop)
	}
	if !t.Priced() {
		c.unwanted(n.iceberg)
	}
}

// terms reads what an order is.
func (c *call) terms(m *market, side book.Side, t tape.Type, n formNames) tape.PlaceOrder {
	if c.err != nil {
		return tape.PlaceOrder{}
	}
	c.takes(t, n)
	o := tape.PlaceOrder{
		Account: c.account, Market: m.index, Side: side, Type: t, Force: c.force(n.force), SelfTrade: c.selfTrade(m),
		Quantity: c.decimal(n.quantity, m.base.Decimals), QuoteQuantity: c.decimal(n.quote, m.quote.Decimals), Price: c.decimal(n.price, m.quote.Decimals),
		Stop: c.decimal(n.stop, m.quote.Decimals), Trail: c.trail(m, n.trail), Iceberg: c.decimal(n.iceberg, m.base.Decimals), ClientID: c.form(n.id, clientIDForm),
		Strategy: c.strategy(n),
	}
	if c.err == nil {
		c.filter(m, &o, n.paid)
	}
	return o
}

// strategy reads what the client says that the order is part of.
func (c *call) strategy(n formNames) (s tape.Strategy) {
	if c.has(n.strategyID) {
		s.ID = c.signedWhole(n.strategyID, math.MaxInt64)
		s.Given |= tape.StrategyID
	}
	if c.has(n.strategyType) {
		kind := c.signedWhole(n.strategyType, math.MaxInt32)
		if kind < tape.LeastStrategy {
			c.fail(bad(-1134, n.strategyType+" was less than 1000000."))
		}
		s.Type = uint32(kind)
		s.Given |= tape.StrategyType
	}
	return s
}

// cancelsOnly reads in which state alone an order is to be cancelled; 0 is any.
func (c *call) cancelsOnly() tape.Status {
	switch c.text("cancelRestrictions") {
	case "ONLY_NEW":
		return tape.StatusNew
	case "ONLY_PARTIALLY_FILLED":
		return tape.PartiallyFilled
	case "":
	default:
		c.fail(bad(-1145, "Invalid cancelRestrictions"))
	}
	return 0
}

// trail reads how far behind the best price an order is triggered.
func (c *call) trail(m *market, name string) uint32 {
	if !c.has(name) {
		return 0
	}
	if m.Rising.Max == 0 && m.Falling.Max == 0 {
		c.fail(bad(-2010, "Trailing stop orders are not supported for this symbol."))
		return 0
	}
	n := c.whole(name, 0)
	if n <= 0 || n > math.MaxUint32 { // 0 would be none
		c.fail(refusedOrder(&exchange.Refusal{Reason: tape.BadTrail}))
		return 0
	}
	return uint32(n)
}

// filter holds an order against what the founding tables alone say of it, before it is put into
// the log, where it would be refused in the same words: what cannot stand costs no disk.
// TestFilters holds it to the venue.
func (c *call) filter(m *market, o *tape.PlaceOrder, paid bool) {
	if !o.Iceberg.IsZero() && o.Force != tape.GTC {
		c.fail(bad(-1014, unsupported))
	}
	if r := filtered(&m.Market, o, paid); r != tape.NoReason {
		c.fail(refusedOrder(&exchange.Refusal{Reason: r}))
	}
}

// filtered is the check of tape.PlaceOrder that an order fails whatever the state of the venue,
// the first of them. A parameter of zero, which to the venue is one left out, fails the filter it
// is for. One that another order pays for has no quantity yet.
func filtered(m *tape.Market, o *tape.PlaceOrder, paid bool) tape.Reason {
	outside := func(a, least, most, step money.Amount) bool {
		return a.Less(least) || most.Less(a) || !a.IsMultipleOf(step)
	}
	if o.Type.Priced() && outside(o.Price, m.MinPrice, m.MaxPrice, m.Tick) || o.Type.Stops() && (o.Trail == 0 || !o.Stop.IsZero()) && outside(o.Stop, m.MinPrice, m.MaxPrice, m.Tick) {
		return tape.PriceFilter
	}
	byQuote := o.Type == tape.MarketOrder && o.Quantity.IsZero() && !o.QuoteQuantity.IsZero()
	shows := o.Quantity // at the most
	if paid {
		shows = m.MaxQty
	}
	if !byQuote && !paid && outside(o.Quantity, m.MinQty, m.MaxQty, m.Step) || !o.Iceberg.IsZero() && outside(o.Iceberg, m.MinQty, shows, m.Step) {
		return tape.LotSize
	}
	if !o.Type.Priced() && !m.MarketMaxQty.IsZero() && m.MarketMaxQty.Less(o.Quantity) {
		return tape.MarketLot
	}
	if !o.Iceberg.IsZero() && m.MaxParts != 0 {
		if most, err := o.Iceberg.Times(uint64(m.MaxParts)); err == nil && most.Less(o.Quantity) {
			return tape.IcebergParts
		}
	}
	trails := m.Falling
	if o.Type.Rises(o.Side) {
		trails = m.Rising
	}
	if o.Trail != 0 && (o.Trail < trails.Min || trails.Max < o.Trail) {
		return tape.BadTrail
	}
	if paid {
		return tape.NoReason
	}
	worth, price := o.QuoteQuantity, o.Price
	if price.IsZero() {
		price = o.Stop
	}
	if !byQuote {
		if price.IsZero() {
			return tape.NoReason // the last price of the market, which the venue knows
		}
		worth, _ = price.Mul(o.Quantity, money.Down) // which fits, as the founding tables say
	}
	if worth.Less(m.MinNotional) || !m.MaxNotional.IsZero() && m.MaxNotional.Less(worth) {
		return tape.Notional
	}
	return tape.NoReason
}

// answerForm reads how much the answer to a new order is to say.
func (c *call) answerForm(otherwise string) string {
	switch a := c.text("newOrderRespType"); a {
	case ack, result, full:
		return a
	case "":
	default:
		c.fail(invalid("newOrderRespType"))
	}
	return otherwise
}

// idOr is a client's own id, or one made up.
func (c *call) idOr(id string) (string, error) {
	if id != "" {
		return id, nil
	}
	return c.id()
}

// whenWorking is when an order came to the book, or -1 while it waits for a price or is pending.
func whenWorking(o *tape.Order) int64 {
	if o.Working == 0 {
		return -1
	}
	return o.Working / 1000
}

// whenTrailing is since when an order follows the price, -1 where it does not yet, nil where it
// never will.
func whenTrailing(o *tape.Order) *int64 {
	at := int64(-1)
	switch {
	case o.Trail == 0:
		return nil
	case o.Trailing != 0:
		at = o.Trailing / 1000
	}
	return &at
}

// listOf is the number of the order list that an order is of, or -1.
func listOf(o *tape.Order) int64 {
	if o.OrderList == 0 {
		return -1
	}
	return int64(o.OrderList)
}

// conditional is what an answer says of an order only where there is something to say.
type conditional struct {
	StopPrice         string  `json:"stopPrice,omitempty"`
	TrailingDelta     uint32  `json:"trailingDelta,omitempty"`
	TrailingTime      *int64  `json:"trailingTime,omitempty"` // since when it follows the price; -1: it does not yet
	IcebergQty        string  `json:"icebergQty,omitempty"`
	PreventedMatchID  *uint64 `json:"preventedMatchId,omitempty"` // the last
	PreventedQuantity string  `json:"preventedQuantity,omitempty"`
	TradeGroupID      int64   `json:"tradeGroupId,omitempty"` // of that match, where it has one
	StrategyID        *int64  `json:"strategyId,omitempty"`
	StrategyType      uint32  `json:"strategyType,omitempty"`
	ExpiryReason      string  `json:"expiryReason,omitempty"`
}

// strategyOf is what a client said that an order is part of, where it did.
func strategyOf(o *tape.Order) (id *int64, kind uint32) {
	if o.Strategy.Given&tape.StrategyID != 0 {
		of := o.Strategy.ID
		id = &of
	}
	return id, o.Strategy.Type
}

func (c *call) conditional(m *market, o *tape.Order) conditional {
	var s conditional
	s.StrategyID, s.StrategyType = strategyOf(o)
	s.ExpiryReason = c.expiry(o)
	if !o.Stop.IsZero() {
		s.StopPrice = m.price(o.Stop)
	}
	if o.Trail != 0 {
		s.TrailingDelta, s.TrailingTime = o.Trail, whenTrailing(o)
	}
	if !o.Iceberg.IsZero() {
		s.IcebergQty = m.qty(o.Iceberg)
	}
	if !o.Prevented.IsZero() {
		s.PreventedQuantity = m.qty(o.Prevented)
		if ps := c.x.View().PreventedOf(o.Account, o.ID); len(ps) > 0 {
			last := &ps[len(ps)-1]
			s.PreventedMatchID, s.TradeGroupID = &last.ID, int64(last.Group)
		}
	}
	return s
}

// groupID is a trade group in the words of clients, where -1 is none.
func groupID(group uint32) int64 {
	if group == 0 {
		return -1
	}
	return int64(group)
}

// fees are what an account of a tier pays in the market (tape.PlaceOrder).
func (m *market) fees(tier uint8) tape.Fees {
	if tier == 0 || len(m.Tiers) == 0 {
		return tape.Fees{MakerPPM: m.MakerPPM, TakerPPM: m.TakerPPM}
	}
	return m.Tiers[min(int(tier), len(m.Tiers))-1]
}
