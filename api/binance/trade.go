package binance

import (
	"slices"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

func (s *Server) tradeRoutes() {
	s.order("POST", "/api/v3/order", (*call).newOrder)
	s.route("POST", "/api/v3/order/test", endpoint{signed: true, serve: (*call).testOrder, weight: func(c *call) int {
		if c.truth("computeCommissionRates", false) {
			return 20
		}
		return 1
	}})
	s.signed("GET", "/api/v3/order", 4, (*call).order)
	s.order("DELETE", "/api/v3/order", (*call).cancelOrder)
	s.route("GET", "/api/v3/openOrders", endpoint{signed: true, serve: (*call).openOrders, weight: func(c *call) int {
		if c.has("symbol") {
			return 6
		}
		return 80
	}})
	s.order("DELETE", "/api/v3/openOrders", (*call).cancelAll)
	s.signed("GET", "/api/v3/allOrders", 20, (*call).allOrders)
	s.order("POST", "/api/v3/order/cancelReplace", (*call).replaceOrder)
	s.signed("PUT", "/api/v3/order/amend/keepPriority", 4, (*call).amendOrder)
	s.signed("GET", "/api/v3/order/amendments", 4, (*call).amendments)
	s.route("GET", "/api/v3/myPreventedMatches", endpoint{signed: true, serve: (*call).myPreventedMatches, weight: func(c *call) int {
		if c.has("orderId") {
			return 20
		}
		return 2
	}})
	s.order("POST", "/api/v3/orderList/oco", (*call).newOCO)
	s.order("POST", "/api/v3/order/oco", (*call).newOldOCO)
	s.signed("GET", "/api/v3/orderList", 4, (*call).orderList)
	s.order("DELETE", "/api/v3/orderList", (*call).cancelList)
	s.signed("GET", "/api/v3/openOrderList", 6, (*call).openLists)
	s.signed("GET", "/api/v3/allOrderList", 20, (*call).allLists)
	s.order("POST", "/api/v3/orderList/oto", (*call).newOTO)
	s.order("POST", "/api/v3/orderList/otoco", (*call).newOTOCO)
	s.order("POST", "/api/v3/orderList/opo", (*call).newOPO)
	s.order("POST", "/api/v3/orderList/opoco", (*call).newOPOCO)
	s.route("GET", "/api/v3/myTrades", endpoint{signed: true, serve: (*call).myTrades, weight: func(c *call) int {
		if c.has("orderId") {
			return 5
		}
		return 20
	}})
}

// order is a route of what places or cancels, which weighs nothing when it is done and 1 when it is refused.
func (s *Server) order(method, path string, serve func(*call) (any, error)) {
	s.route(method, path, endpoint{signed: true, free: true, weight: func(*call) int { return 1 }, serve: serve})
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
	m      *market
	answer string
}

// wanted reads the parameters of a new order.
func (c *call) wanted() (wanted, error) {
	m := c.market()
	c.pegged("")
	side, kind := c.sideNamed("side"), c.orderType("type")
	w := wanted{m: m, PlaceOrder: c.terms(m, side, kind, plain)}
	answer := ack
	if kind == tape.Limit || kind == tape.MarketOrder {
		answer = full
	}
	w.answer = c.answerForm(answer)
	if c.err != nil {
		return w, c.err
	}
	var err error
	w.ClientID, err = c.idOr(w.ClientID)
	return w, err
}

type orderAck struct {
	Symbol        string `json:"symbol"`
	OrderID       uint64 `json:"orderId"`
	OrderListID   int64  `json:"orderListId"`
	ClientOrderID string `json:"clientOrderId"`
	TransactTime  int64  `json:"transactTime"`
}

type orderResult struct {
	orderAck
	orderState
	conditional
	WorkingTime int64 `json:"workingTime"`
}

type orderFull struct {
	orderResult
	Fills            []orderFill      `json:"fills"`
	PreventedMatches []preventedMatch `json:"preventedMatches,omitempty"`
}

type orderFill struct {
	Price           string `json:"price"`
	Qty             string `json:"qty"`
	Commission      string `json:"commission"`
	CommissionAsset string `json:"commissionAsset"`
	TradeID         uint64 `json:"tradeId"`
}

// A preventedMatch as the answer to the order that was taking says it.
type preventedMatch struct {
	ID             uint64 `json:"preventedMatchId"`
	MakerSymbol    string `json:"makerSymbol"`
	MakerOrderID   int64  `json:"makerOrderId"`
	Price          string `json:"price"`
	TakerPrevented string `json:"takerPreventedQuantity,omitempty"`
	MakerPrevented string `json:"makerPreventedQuantity,omitempty"`
}

func (m *market) preventedMatch(p *tape.Prevented) preventedMatch {
	v := preventedMatch{ID: p.ID, MakerSymbol: m.Symbol, MakerOrderID: int64(p.Maker), Price: m.price(p.Price)}
	if !p.TakerQuantity.IsZero() {
		v.TakerPrevented = m.qty(p.TakerQuantity)
	}
	if !p.MakerQuantity.IsZero() {
		v.MakerPrevented = m.qty(p.MakerQuantity)
	}
	if p.Barred != "" {
		v.MakerOrderID = -1 // another customer's
	}
	return v
}

// orderState is what every longer answer says of an order.
type orderState struct {
	Price                   string `json:"price"`
	OrigQty                 string `json:"origQty,omitempty"` // not while another order is to pay for it
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
	quantity := m.qty(o.Quantity)
	if o.Quantity.IsZero() && o.QuoteQuantity.IsZero() {
		quantity = ""
	}
	return orderState{
		Price: m.price(o.Price), OrigQty: quantity, ExecutedQty: m.qty(o.Filled), OrigQuoteOrderQty: m.price(o.QuoteQuantity),
		CummulativeQuoteQty: m.price(o.Spent), Status: o.Status.String(), TimeInForce: o.Force.String(), Type: o.Type.String(), Side: o.Side.String(),
		SelfTradePreventionMode: o.SelfTrade.String(),
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
	if err == nil {
		err = c.allRead()
	}
	if err != nil {
		return nil, err
	}
	undo, err := c.ordering(w.m.index)
	if err != nil {
		return nil, err
	}
	o, trades, err := c.x.PlaceOrder(&w.PlaceOrder, c.still)
	if err != nil {
		undo()
		return nil, orderFault(err)
	}
	return c.placed(&w, &o, trades), nil
}

// placed is the answer to an order that was placed.
func (c *call) placed(w *wanted, o *tape.Order, trades []tape.Traded) any {
	r := orderResult{orderAck: orderAck{w.m.Symbol, o.ID, listOf(o), o.ClientID, o.Created / 1000}}
	if w.answer == ack {
		return r.orderAck
	}
	r.orderState, r.conditional, r.WorkingTime = w.m.state(o), c.conditional(w.m, o), whenWorking(o)
	if w.answer == result {
		return r
	}
	a := orderFull{orderResult: r, Fills: []orderFill{}}
	for _, t := range trades {
		fee, asset := w.m.commission(t.TakerFee, t.TakerSide)
		a.Fills = append(a.Fills, orderFill{w.m.price(t.Price), w.m.qty(t.Quantity), fee, asset, t.ID})
	}
	for _, p := range c.x.View().PreventedOf(o.Account, o.ID) {
		if p.Taker == o.ID {
			a.PreventedMatches = append(a.PreventedMatches, w.m.preventedMatch(&p))
		}
	}
	return a
}

// testOrder says whether an order could be placed as far as its form, the market's phase and
// filters and the account's standing go; it reserves nothing and reaches no book.
func (c *call) testOrder() (any, error) {
	w, err := c.wanted()
	if err != nil {
		return nil, err
	}
	if err := c.stopped(-2010); err != nil {
		return nil, err
	}
	if c.x.View().Phase(w.m.index) != tape.Trading {
		return nil, refusedOrder(&exchange.Refusal{Reason: tape.MarketClosed})
	}
	if c.truth("computeCommissionRates", false) {
		return c.ratesOf(w.m)
	}
	return struct{}{}, nil
}

// An orderRow is an order in a list.
type orderRow struct {
	Symbol        string `json:"symbol"`
	OrderID       uint64 `json:"orderId"`
	OrderListID   int64  `json:"orderListId"`
	ClientOrderID string `json:"clientOrderId"`
	orderState
	conditional
	StopPrice   string `json:"stopPrice"`  // here always
	IcebergQty  string `json:"icebergQty"` // here always
	Time        int64  `json:"time"`
	UpdateTime  int64  `json:"updateTime"`
	IsWorking   bool   `json:"isWorking"`
	WorkingTime int64  `json:"workingTime"`
}

func (c *call) row(m *market, o *tape.Order) orderRow {
	return orderRow{
		Symbol: m.Symbol, OrderID: o.ID, OrderListID: listOf(o), ClientOrderID: o.ClientID, orderState: m.state(o), conditional: c.conditional(m, o),
		StopPrice: m.price(o.Stop), IcebergQty: m.qty(o.Iceberg),
		Time: o.Created / 1000, UpdateTime: o.Updated / 1000, IsWorking: o.Working != 0, WorkingTime: whenWorking(o),
	}
}

func (c *call) rows(orders []tape.Order) []orderRow {
	rows := make([]orderRow, len(orders))
	for i := range orders {
		rows[i] = c.row(c.traded[orders[i].Market], &orders[i])
	}
	return rows
}

// meant finds the one order that orderId or origClientOrderId names.
func (c *call) meant(m *market) (o tape.Order, ok bool) {
	return c.meantBy(m, "orderId", "origClientOrderId")
}

// meantBy finds the one order that either of two parameters names. Where both are given both
// must fit.
func (c *call) meantBy(m *market, byID, byClientID string) (o tape.Order, ok bool) {
	id, clientID := uint64(c.whole(byID, 0)), c.form(byClientID, clientIDForm)
	if !c.has(byID) && !c.has(byClientID) {
		c.fail(bad(-1102, "Param '"+byClientID+"' or '"+byID+"' must be sent, but both were empty/null!"))
	}
	if c.err != nil || c.has(byID) && id == 0 {
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
	if !ok && c.has("orderId") && c.has("origClientOrderId") {
		return nil, bad(-2039, "Client order ID is not correct for this order ID.")
	}
	if !ok {
		return nil, bad(-2013, noOrder)
	}
	if c.archived(&o) {
		return nil, bad(-2026, "Order was canceled or expired with no executed qty over 90 days ago and has been archived.")
	}
	return c.row(m, &o), nil
}

// archived is whether an order ended so long ago, and without a trade, that it is told of no more by itself.
func (c *call) archived(o *tape.Order) bool {
	return !o.Status.Open() && o.Filled.IsZero() && c.at.Sub(time.UnixMicro(o.Updated)) > 90*24*time.Hour
}

type canceledOrder struct {
	Symbol            string `json:"symbol"`
	OrigClientOrderID string `json:"origClientOrderId"`
	OrderID           uint64 `json:"orderId"`
	OrderListID       int64  `json:"orderListId"`
	ClientOrderID     string `json:"clientOrderId"` // of the cancel
	TransactTime      int64  `json:"transactTime"`
	orderState
	conditional
}

func (c *call) canceled(m *market, o *tape.Order, by string) canceledOrder {
	return canceledOrder{m.Symbol, o.ClientID, o.ID, listOf(o), by, o.Updated / 1000, m.state(o), c.conditional(m, o)}
}

func (c *call) cancelOrder() (any, error) {
	m := c.market()
	o, ok := c.meant(m)
	by, only := c.form("newClientOrderId", clientIDForm), c.cancelsOnly()
	if err := c.allRead(); err != nil {
		return nil, err
	}
	by, err := c.idOr(by)
	if err != nil {
		return nil, err
	}
	if !ok || !o.Status.Open() {
		return nil, c.nothingToCancel()
	}
	forget := c.hub.naming(o.ID, by)
	o, err = c.x.CancelOrder(&tape.CancelOrder{Account: c.account, Market: m.index, Order: o.ID, Only: only}, c.still)
	if err != nil {
		forget()
	}
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownOrder {
		return nil, c.nothingToCancel()
	}
	if err != nil {
		return nil, orderFault(err)
	}
	return c.canceled(m, &o, by), nil
}

func (c *call) nothingToCancel() error { return c.nothingOpen(-2011) }

// nothingOpen is the refusal where there is no such open order. A customer who was stopped
// has none: their orders were cancelled with the decision, so it is that they hear.
func (c *call) nothingOpen(code int) error {
	if err := c.stopped(code); err != nil {
		return err
	}
	return bad(code, unknownOrder)
}

func (c *call) cancelAll() (any, error) {
	m := c.market()
	if err := c.allRead(); err != nil {
		return nil, err
	}
	orders, err := c.x.CancelAll(&tape.CancelAll{Account: c.account, Market: m.index}, c.still)
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownOrder {
		return nil, c.nothingToCancel()
	}
	if err != nil {
		return nil, orderFault(err)
	}
	by, err := c.id()
	if err != nil {
		return nil, err
	}
	single, lists := []any{}, []any{}
	told := map[uint64]bool{}
	for i := range orders {
		o := &orders[i]
		list, ok := c.x.View().OrderList(c.account, o.OrderList)
		switch {
		case !ok:
			single = append(single, c.canceled(m, o, by))
		case !told[o.OrderList]:
			told[o.OrderList] = true
			lists = append(lists, c.canceledList(m, &list, orders, by))
		}
	}
	return append(single, lists...), nil
}

func (c *call) openOrders() (any, error) {
	var m *market
	one := c.has("symbol")
	if one {
		m = c.market()
	}
	if c.err != nil {
		return nil, c.err
	}
	orders := c.x.View().Orders(c.account, true)
	if one {
		orders = slices.DeleteFunc(orders, func(o tape.Order) bool { return o.Market != m.index })
	}
	return c.rows(orders), nil
}

func (c *call) allOrders() (any, error) {
	m, limit, fromID := c.market(), c.limit(defaultRows, maxRows), c.whole("orderId", 0)
	from, to := c.withinDay()
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
	OrderListID     int64  `json:"orderListId"`
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
	from, to := c.withinDay()
	if spans := c.has("startTime") || c.has("endTime"); spans && (c.has("orderId") || c.has("fromId")) {
		c.fail(bad(-1128, "Combination of optional parameters invalid."))
	}
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
			if o, ok := c.x.View().Order(c.account, mine.OrderID, ""); ok {
				mine.OrderListID = listOf(&o)
			}
			list = append(list, mine)
		}
	}
	if c.has("fromId") || c.has("startTime") {
		return first(list, limit), nil
	}
	return last(list, limit), nil
}
