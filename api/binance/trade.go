package binance

import (
	"slices"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (s *server) tradeRoutes() {
	s.signed("POST", "/api/v3/order", 1, (*call).newOrder)
	s.signed("POST", "/api/v3/order/test", 1, (*call).testOrder)
	s.signed("GET", "/api/v3/order", 4, (*call).order)
	s.signed("DELETE", "/api/v3/order", 1, (*call).cancelOrder)
	s.route("GET", "/api/v3/openOrders", endpoint{signed: true, serve: (*call).openOrders, weight: func(c *call) int {
		if c.has("symbol") {
			return 6
		}
		return 80
	}})
	s.signed("DELETE", "/api/v3/openOrders", 1, (*call).cancelAll)
	s.signed("GET", "/api/v3/allOrders", 20, (*call).allOrders)
	s.route("GET", "/api/v3/myTrades", endpoint{signed: true, serve: (*call).myTrades, weight: func(c *call) int {
		if c.has("orderId") {
			return 5
		}
		return 20
	}})
}

// How much an answer to a new order says.
const (
	ack    = "ACK"
	result = "RESULT"
	full   = "FULL"
)

// A wanted order is what a client asks for, as far as its form can be told.
type wanted struct {
	tape.PlaceOrder
	m      market
	answer string
}

// wanted reads the parameters of a new order.
func (c *call) wanted() (wanted, error) {
	m := c.market()
	o := wanted{m: m, PlaceOrder: tape.PlaceOrder{Account: c.account, Market: m.index, Force: tape.GTC}}
	side, kind := c.must("side"), c.must("type")
	if c.err != nil {
		return o, c.err
	}
	switch side {
	case "BUY":
		o.Side = book.Buy
	case "SELL":
		o.Side = book.Sell
	default:
		c.fail(bad(-1117, "Invalid side."))
	}
	c.unwanted("stopPrice", "trailingDelta", "icebergQty", "pegPriceType", "pegOffsetType", "pegOffsetValue")
	// What each type takes; the published API refuses what it does not.
	switch kind {
	case "LIMIT":
		o.Type = tape.Limit
		c.must("timeInForce")
		c.must("quantity")
		c.must("price")
		c.unwanted("quoteOrderQty")
	case "LIMIT_MAKER":
		o.Type = tape.LimitMaker
		c.must("quantity")
		c.must("price")
		c.unwanted("quoteOrderQty", "timeInForce")
	case "MARKET":
		o.Type = tape.MarketOrder
		c.unwanted("price", "timeInForce")
		switch {
		case c.has("quantity") && c.has("quoteOrderQty"):
			c.fail(bad(-1128, "Combination of optional parameters invalid."))
		case !c.has("quantity") && !c.has("quoteOrderQty"):
			c.fail(bad(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"))
		}
	default:
		c.fail(bad(-1116, "Invalid orderType."))
	}
	switch c.text("timeInForce") {
	case "", "GTC":
	case "IOC":
		o.Force = tape.IOC
	case "FOK":
		o.Force = tape.FOK
	default:
		c.fail(bad(-1115, "Invalid timeInForce."))
	}
	o.Quantity = c.decimal("quantity", m.base.Decimals)
	o.Price = c.decimal("price", m.quote.Decimals)
	o.QuoteQuantity = c.decimal("quoteOrderQty", m.quote.Decimals)
	o.ClientID = c.form("newClientOrderId", clientIDForm)
	if v := c.text("selfTradePreventionMode"); v != "" && v != preventsSelfTrade {
		c.fail(invalid("selfTradePreventionMode"))
	}
	switch o.answer = c.text("newOrderRespType"); o.answer {
	case ack, result, full:
	case "":
		o.answer = full
		if o.Type == tape.LimitMaker {
			o.answer = ack
		}
	default:
		c.fail(invalid("newOrderRespType"))
	}
	if c.err != nil {
		return o, c.err
	}
	if r := o.filter(c); r != tape.NoReason {
		return o, orderFault(&exchange.Refusal{Reason: r})
	}
	if o.ClientID == "" {
		var err error
		if o.ClientID, err = c.id(); err != nil {
			return o, err
		}
	}
	return o, nil
}

// filter holds an order against the market's published filters before it is put into the
// log, where it would be refused in the same words: what cannot stand costs no disk.
func (o *wanted) filter(c *call) tape.Reason {
	m := &o.m.Market
	if o.Type != tape.MarketOrder && (o.Price.Less(m.MinPrice) || m.MaxPrice.Less(o.Price) || !o.Price.IsMultipleOf(m.Tick)) {
		return tape.PriceFilter
	}
	if c.has("quantity") && (o.Quantity.Less(m.MinQty) || m.MaxQty.Less(o.Quantity) || !o.Quantity.IsMultipleOf(m.Step)) {
		return tape.LotSize
	}
	if c.has("quoteOrderQty") && o.QuoteQuantity.Less(m.MinNotional) {
		return tape.Notional
	}
	if o.Type != tape.MarketOrder {
		if v, err := o.Price.Mul(o.Quantity, money.Down); err != nil || v.Less(m.MinNotional) {
			return tape.Notional
		}
	}
	if c.has("quoteOrderQty") && o.QuoteQuantity.IsZero() { // a market without a least value
		return tape.Notional
	}
	return tape.NoReason
}

type orderAck struct {
	Symbol        string `json:"symbol"`
	OrderID       uint64 `json:"orderId"`
	OrderListID   int    `json:"orderListId"`
	ClientOrderID string `json:"clientOrderId"`
	TransactTime  int64  `json:"transactTime"`
}

type orderResult struct {
	orderAck
	orderState
	WorkingTime int64 `json:"workingTime"`
}

type orderFull struct {
	orderResult
	Fills []orderFill `json:"fills"`
}

type orderFill struct {
	Price           string `json:"price"`
	Qty             string `json:"qty"`
	Commission      string `json:"commission"`
	CommissionAsset string `json:"commissionAsset"`
	TradeID         uint64 `json:"tradeId"`
}

// orderState is what every longer answer says of an order.
type orderState struct {
	Price                   string `json:"price"`
	OrigQty                 string `json:"origQty"`
	ExecutedQty             string `json:"executedQty"`
	OrigQuoteOrderQty       string `json:"origQuoteOrderQty"`
	CummulativeQuoteQty     string `json:"cummulativeQuoteQty"` // published with this spelling
	Status                  string `json:"status"`
	TimeInForce             string `json:"timeInForce"`
	Type                    string `json:"type"`
	Side                    string `json:"side"`
	SelfTradePreventionMode string `json:"selfTradePreventionMode"`
}

func (m *market) state(o *tape.Order) orderState {
	return orderState{
		Price: m.price(o.Price), OrigQty: m.qty(o.Quantity), ExecutedQty: m.qty(o.Filled), OrigQuoteOrderQty: m.price(o.QuoteQuantity),
		CummulativeQuoteQty: m.price(o.Spent), Status: o.Status.String(), TimeInForce: o.Force.String(), Type: o.Type.String(), Side: o.Side.String(),
		SelfTradePreventionMode: preventsSelfTrade,
	}
}

// commission is a fee as it is written, and the asset it was kept from.
func (m *market) commission(fee money.Amount, receives book.Side) (string, string) {
	if receives == book.Buy {
		return m.qty(fee), m.base.Code
	}
	return m.price(fee), m.quote.Code
}

func (c *call) newOrder() (any, error) {
	w, err := c.wanted()
	if err != nil {
		return nil, err
	}
	// Reading and checking took time; what reaches the book is still meant.
	if err := c.fresh(); err != nil {
		return nil, err
	}
	if err := c.x.AdmitOrder(c.account, c.session, w.PlaceOrder.Market); err != nil {
		return nil, orderFault(err)
	}
	o, trades, err := c.x.PlaceOrder(&w.PlaceOrder)
	if err != nil {
		return nil, orderFault(err)
	}
	a := orderFull{orderResult: orderResult{
		orderAck:   orderAck{w.m.Symbol, o.ID, -1, o.ClientID, o.Created / 1000},
		orderState: w.m.state(&o), WorkingTime: o.Created / 1000,
	}, Fills: []orderFill{}}
	for _, t := range trades {
		fee, asset := w.m.commission(t.TakerFee, t.TakerSide)
		a.Fills = append(a.Fills, orderFill{w.m.price(t.Price), w.m.qty(t.Quantity), fee, asset, t.ID})
	}
	switch w.answer {
	case ack:
		return a.orderAck, nil
	case result:
		return a.orderResult, nil
	}
	return a, nil
}

// testOrder says whether an order could be placed as far as its form, the market's filters
// and the account's standing go; it reserves nothing and reaches no book.
func (c *call) testOrder() (any, error) {
	if _, err := c.wanted(); err != nil {
		return nil, err
	}
	return struct{}{}, c.stopped(-2010)
}

// An orderRow is an order in a list.
type orderRow struct {
	Symbol        string `json:"symbol"`
	OrderID       uint64 `json:"orderId"`
	OrderListID   int    `json:"orderListId"`
	ClientOrderID string `json:"clientOrderId"`
	orderState
	StopPrice   string `json:"stopPrice"`
	IcebergQty  string `json:"icebergQty"`
	Time        int64  `json:"time"`
	UpdateTime  int64  `json:"updateTime"`
	IsWorking   bool   `json:"isWorking"`
	WorkingTime int64  `json:"workingTime"`
}

func (m *market) row(o *tape.Order) orderRow {
	return orderRow{
		Symbol: m.Symbol, OrderID: o.ID, OrderListID: -1, ClientOrderID: o.ClientID, orderState: m.state(o),
		StopPrice: m.price(money.Amount{}), IcebergQty: m.qty(money.Amount{}),
		Time: o.Created / 1000, UpdateTime: o.Updated / 1000, IsWorking: true, WorkingTime: o.Created / 1000,
	}
}

func (c *call) rows(orders []tape.Order) []orderRow {
	g := c.x.View().Genesis()
	rows := make([]orderRow, len(orders))
	for i := range orders {
		m := marketAt(&g, orders[i].Market)
		rows[i] = m.row(&orders[i])
	}
	return rows
}

// meant finds the one order that orderId or origClientOrderId names. Where both are
// given both must fit.
func (c *call) meant(m market) (o tape.Order, ok bool) {
	id, clientID := uint64(c.whole("orderId", 0)), c.form("origClientOrderId", clientIDForm)
	if !c.has("orderId") && !c.has("origClientOrderId") {
		c.fail(bad(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"))
	}
	if c.err != nil || c.has("orderId") && id == 0 {
		return o, false
	}
	o, ok = c.x.View().Order(c.account, id, clientID)
	return o, ok && o.Market == m.index && (clientID == "" || o.ClientID == clientID)
}

func (c *call) order() (any, error) {
	m := c.market()
	o, ok := c.meant(m)
	if c.err != nil {
		return nil, c.err
	}
	if !ok {
		return nil, bad(-2013, noOrder)
	}
	return m.row(&o), nil
}

type canceledOrder struct {
	Symbol            string `json:"symbol"`
	OrigClientOrderID string `json:"origClientOrderId"`
	OrderID           uint64 `json:"orderId"`
	OrderListID       int    `json:"orderListId"`
	ClientOrderID     string `json:"clientOrderId"` // of the cancel
	TransactTime      int64  `json:"transactTime"`
	orderState
}

func (m *market) canceled(o *tape.Order, by string) canceledOrder {
	return canceledOrder{m.Symbol, o.ClientID, o.ID, -1, by, o.Updated / 1000, m.state(o)}
}

func (c *call) cancelOrder() (any, error) {
	m := c.market()
	o, ok := c.meant(m)
	by := c.form("newClientOrderId", clientIDForm)
	c.unwanted("cancelRestrictions")
	if c.err != nil {
		return nil, c.err
	}
	if by == "" {
		var err error
		if by, err = c.id(); err != nil {
			return nil, err
		}
	}
	if !ok || !o.Status.Open() {
		return nil, c.nothingToCancel()
	}
	if err := c.fresh(); err != nil {
		return nil, err
	}
	o, err := c.x.CancelOrder(&tape.CancelOrder{Account: c.account, Market: m.index, Order: o.ID})
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownOrder {
		return nil, c.nothingToCancel()
	}
	if err != nil {
		return nil, orderFault(err)
	}
	return m.canceled(&o, by), nil
}

// nothingToCancel is the refusal where there is no such open order. A customer who was
// stopped has none: their orders were cancelled with the decision, so it is that they hear.
func (c *call) nothingToCancel() error {
	if err := c.stopped(-2011); err != nil {
		return err
	}
	return bad(-2011, unknownOrder)
}

func (c *call) cancelAll() (any, error) {
	m := c.market()
	if c.err != nil {
		return nil, c.err
	}
	orders, err := c.x.CancelAll(&tape.CancelAll{Account: c.account, Market: m.index})
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownOrder {
		return nil, c.nothingToCancel()
	}
	if err != nil {
		return nil, orderFault(err)
	}
	list := make([]canceledOrder, len(orders))
	for i := range orders {
		by, err := c.id()
		if err != nil {
			return nil, err
		}
		list[i] = m.canceled(&orders[i], by)
	}
	return list, nil
}

func (c *call) openOrders() (any, error) {
	ms, one := c.markets()
	if c.err != nil {
		return nil, c.err
	}
	orders := c.x.View().Orders(c.account, true)
	if one {
		orders = slices.DeleteFunc(orders, func(o tape.Order) bool { return o.Market != ms[0].index })
	}
	return c.rows(orders), nil
}

func (c *call) allOrders() (any, error) {
	m, limit, fromID := c.market(), c.limit(defaultRows, maxRows), c.whole("orderId", 0)
	from, to := c.between()
	if c.err != nil {
		return nil, c.err
	}
	orders := slices.DeleteFunc(c.x.View().Orders(c.account, false), func(o tape.Order) bool {
		at := o.Created / 1000
		return o.Market != m.index || o.ID < uint64(fromID) || at < from || to < at
	})
	if c.has("orderId") || c.has("startTime") {
		return c.rows(first(orders, limit)), nil
	}
	return c.rows(last(orders, limit)), nil
}

type myTrade struct {
	Symbol          string `json:"symbol"`
	ID              uint64 `json:"id"`
	OrderID         uint64 `json:"orderId"`
	OrderListID     int    `json:"orderListId"`
	Price           string `json:"price"`
	Qty             string `json:"qty"`
	QuoteQty        string `json:"quoteQty"`
	Commission      string `json:"commission"`
	CommissionAsset string `json:"commissionAsset"`
	Time            int64  `json:"time"`
	IsBuyer         bool   `json:"isBuyer"`
	IsMaker         bool   `json:"isMaker"`
	IsBestMatch     bool   `json:"isBestMatch"`
}

func (c *call) myTrades() (any, error) {
	m, limit, fromID, order := c.market(), c.limit(defaultRows, maxRows), c.whole("fromId", 0), c.whole("orderId", 0)
	from, to := c.between()
	if c.err != nil {
		return nil, c.err
	}
	list := []myTrade{}
	for _, t := range c.x.View().Trades(c.account) {
		mine := myTrade{
			Symbol: m.Symbol, ID: t.ID, OrderID: t.Taker, OrderListID: -1, Price: m.price(t.Price), Qty: m.qty(t.Quantity), QuoteQty: m.price(value(t)),
			Time: t.At / 1000, IsBuyer: t.TakerSide == book.Buy, IsBestMatch: true,
		}
		fee, side := t.TakerFee, t.TakerSide
		if t.MakerAccount == c.account {
			mine.OrderID, mine.IsMaker, mine.IsBuyer = t.Maker, true, !mine.IsBuyer
			fee, side = t.MakerFee, side.Other()
		}
		mine.Commission, mine.CommissionAsset = m.commission(fee, side)
		if t.Market == m.index && t.ID >= uint64(fromID) && from <= mine.Time && mine.Time <= to && (!c.has("orderId") || mine.OrderID == uint64(order)) {
			list = append(list, mine)
		}
	}
	if c.has("fromId") || c.has("startTime") {
		return first(list, limit), nil
	}
	return last(list, limit), nil
}
