package binance

import (
	"slices"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/venue/tape"
)

// An order list is orders that depend on one another (tape.PlaceOrderList).

type listedOrder struct {
	Symbol        string `json:"symbol"`
	OrderID       uint64 `json:"orderId"`
	ClientOrderID string `json:"clientOrderId"` // "" once so many orders have ended since that it is forgotten
}

type orderList struct {
	OrderListID       uint64        `json:"orderListId"`
	ContingencyType   string        `json:"contingencyType"`
	ListStatusType    string        `json:"listStatusType"`
	ListOrderStatus   string        `json:"listOrderStatus"`
	ListClientOrderID string        `json:"listClientOrderId"`
	TransactionTime   int64         `json:"transactionTime"`
	Symbol            string        `json:"symbol"`
	Orders            []listedOrder `json:"orders"`
}

// reportedList is an order list with what happened to its orders.
type reportedList struct {
	orderList
	OrderReports []any `json:"orderReports"`
}

// How far a list has come, in the words of clients.
const (
	listStarted   = "EXEC_STARTED"
	listExecuting = "EXECUTING"
	listDone      = "ALL_DONE"
	listUpdated   = "UPDATED" // an order of it has another name
)

// listed is an order list as it stands.
func (s *Server) listed(m *market, o *exchange.OrderList) orderList {
	l := orderList{
		OrderListID: o.ID, ContingencyType: contingencyOf(o.Contingency), ListStatusType: listStarted, ListOrderStatus: listExecuting, ListClientOrderID: o.ClientID,
		TransactionTime: o.Created / 1000, Symbol: m.Symbol,
	}
	if o.Ended != 0 {
		l.ListStatusType, l.ListOrderStatus, l.TransactionTime = listDone, listDone, o.Ended/1000
	}
	for _, id := range o.Orders {
		of, _ := s.x.View().Order(o.Account, id, "")
		l.Orders = append(l.Orders, listedOrder{m.Symbol, id, of.ClientID})
	}
	return l
}

// contingencyOf is how clients call the kind of a list: one that pays is an OTO to them.
func contingencyOf(k tape.Contingency) string {
	if k.Triggers() {
		k = tape.OneTriggers
	}
	return k.String()
}

// newOCO places two orders, of which one lies above the price and the other below.
func (c *call) newOCO() (any, error) {
	m := c.market()
	pair := c.pair(m, c.sideNamed("side"), "above", "below", "quantity")
	return c.placeList(m, tape.OneCancels, pair...)
}

// newOTO places an order, and one that comes when it is filled.
func (c *call) newOTO() (any, error) {
	m := c.market()
	working := c.working(m)
	n := listNames("pending", "pendingQuantity")
	c.pegged("pending")
	c.unwanted(n.quote)
	side, t := c.sideNamed("pendingSide"), c.orderType("pendingType")
	c.must(n.quantity)
	return c.placeList(m, tape.OneTriggers, working, c.terms(m, side, t, n))
}

// newOTOCO places an order, and two that come when it is filled, of which one cancels the other.
func (c *call) newOTOCO() (any, error) {
	m := c.market()
	working := c.working(m)
	pair := c.pair(m, c.sideNamed("pendingSide"), "pendingAbove", "pendingBelow", "pendingQuantity")
	return c.placeList(m, tape.OneTriggers, append([]tape.PlaceOrder{working}, pair...)...)
}

// newOPO places an order that buys, and one that sells what it brings.
func (c *call) newOPO() (any, error) {
	m := c.market()
	working, n := c.working(m), listNames("pending", "pendingQuantity")
	c.pegged("pending")
	n.paid = true
	side, t := c.sideNamed("pendingSide"), c.orderType("pendingType")
	pending := c.terms(m, side, t, n)
	c.pays(working.Side, side)
	return c.placeList(m, tape.OnePays, working, pending)
}

// newOPOCO places an order that buys, and two that sell what it brings, of which one cancels the other.
func (c *call) newOPOCO() (any, error) {
	m := c.market()
	working, side := c.working(m), c.sideNamed("pendingSide")
	pair := c.pairOf(m, side, "pendingAbove", "pendingBelow", "pendingQuantity", true)
	c.pays(working.Side, side)
	return c.placeList(m, tape.OnePays, append([]tape.PlaceOrder{working}, pair...)...)
}

// pays holds a list whose first order pays for the others to their sides.
func (c *call) pays(working, pending book.Side) {
	switch {
	case c.err != nil:
	case working != book.Buy:
		c.fail(bad(-1222, "Working order in an OPO list must be a bid."))
	case pending != book.Sell:
		c.fail(bad(-1223, "Pending orders in an OPO list must be asks."))
	}
}

// listNames are the parameters of an order of a list, which begin with which one it is.
func listNames(which, quantity string) formNames {
	return formNames{false, quantity, which + "QuoteOrderQty", which + "TimeInForce", which + "Price", which + "StopPrice", which + "TrailingDelta", which + "IcebergQty", which + "ClientOrderId", which + "StrategyId", which + "StrategyType"}
}

// working reads the order that others wait for.
func (c *call) working(m *market) tape.PlaceOrder {
	c.pegged("working")
	side, t := c.sideNamed("workingSide"), c.orderType("workingType")
	if t != tape.Limit && t != tape.LimitMaker && t != 0 {
		c.fail(bad(-1014, unsupported))
	}
	return c.terms(m, side, t, listNames("working", "workingQuantity"))
}

// pair reads two orders of which one cancels the other.
func (c *call) pair(m *market, side book.Side, over, under, quantity string) []tape.PlaceOrder {
	return c.pairOf(m, side, over, under, quantity, false)
}

// pairOf is pair, of orders that have their quantity each or that another pays for.
func (c *call) pairOf(m *market, side book.Side, over, under, quantity string, paid bool) []tape.PlaceOrder {
	above, below := c.leg(m, side, over, quantity, paid), c.leg(m, side, under, quantity, paid)
	if c.err == nil {
		c.placesOf(side, above.Type, below.Type)
	}
	if side == book.Sell { // the one that stops a loss first, as published answers have it
		above, below = below, above
	}
	return []tape.PlaceOrder{above, below}
}

// leg reads one of a pair, whose parameters begin with where it lies.
func (c *call) leg(m *market, side book.Side, where, quantity string, paid bool) tape.PlaceOrder {
	n := listNames(where, quantity)
	n.paid = paid
	c.pegged(where)
	t := c.orderType(where + "Type")
	if t == tape.Limit || t == tape.MarketOrder {
		c.fail(bad(-1158, "Order type not supported in OCO."))
	}
	if t.Stops() {
		c.must(n.stop) // which of the two lies above says it alone
	}
	if c.has(n.iceberg) && c.force(n.force) != tape.GTC {
		c.fail(bad(-1160, "Parameter '"+n.iceberg+"' is not supported if aboveTimeInForce/belowTimeInForce is not GTC."))
	}
	return c.terms(m, side, t, n)
}

// placesOf says what is wrong with which order lies above and which below, in the published
// words. Of a sell the one that takes a profit lies above, of a buy below.
func (c *call) placesOf(side book.Side, above, below tape.Type) {
	stopsLoss := func(t tape.Type) bool { return t == tape.StopLoss || t == tape.StopLossLimit }
	switch {
	case above == tape.LimitMaker && below == tape.LimitMaker:
		c.fail(bad(-1168, "At least one OCO order must be contingent."))
	case side == book.Buy && above == tape.LimitMaker:
		c.fail(bad(-1165, "A limit order in a buy OCO must be below."))
	case side == book.Sell && below == tape.LimitMaker:
		c.fail(bad(-1166, "A limit order in a sell OCO must be above."))
	case side == book.Buy && stopsLoss(below):
		c.fail(bad(-1196, "A stop loss order in a buy OCO must be above."))
	case side == book.Sell && stopsLoss(above):
		c.fail(bad(-1197, "A stop loss order in a sell OCO must be below."))
	case side == book.Buy && !stopsLoss(above):
		c.fail(bad(-1198, "A take profit order in a buy OCO must be below."))
	case side == book.Sell && !stopsLoss(below):
		c.fail(bad(-1199, "A take profit order in a sell OCO must be above."))
	}
}

// newOldOCO is newOCO in its older form: a post-only order and one that stops a loss.
func (c *call) newOldOCO() (any, error) {
	m := c.market()
	side := c.sideNamed("side")
	limit := c.terms(m, side, tape.LimitMaker, formNames{false, "quantity", "quoteOrderQty", "limitTimeInForce", "price", "limitStopPrice", "limitTrailingDelta", "limitIcebergQty", "limitClientOrderId", "limitStrategyId", "limitStrategyType"})
	kind := tape.StopLoss
	if c.has("stopLimitPrice") {
		kind = tape.StopLossLimit
	}
	c.must("stopPrice")
	stop := c.terms(m, side, kind, formNames{false, "quantity", "quoteOrderQty", "stopLimitTimeInForce", "stopLimitPrice", "stopPrice", "trailingDelta", "stopIcebergQty", "stopClientOrderId", "stopStrategyId", "stopStrategyType"})
	return c.placeList(m, tape.OneCancels, stop, limit)
}

func (c *call) placeList(m *market, k tape.Contingency, orders ...tape.PlaceOrder) (any, error) {
	id, answer := c.form("listClientOrderId", clientIDForm), c.answerForm(result)
	if err := c.allRead(); err != nil {
		return nil, err
	}
	cmd := tape.PlaceOrderList{ClientID: id, Contingency: k, Orders: orders}
	ids := []*string{&cmd.ClientID}
	for i := range cmd.Orders {
		ids = append(ids, &cmd.Orders[i].ClientID)
	}
	for _, id := range ids {
		var err error
		if *id, err = c.idOr(*id); err != nil {
			return nil, err
		}
	}
	var undo []func()
	refuse := func(err error) (any, error) {
		for _, u := range undo {
			u()
		}
		return nil, err
	}
	for range cmd.Orders { // each counts
		u, err := c.ordering(m.index)
		if err != nil {
			return refuse(err)
		}
		undo = append(undo, u)
	}
	list, placed, trades, err := c.x.PlaceOrderList(&cmd, c.still)
	if r, ok := exchange.AsRefusal(err); ok && (r.Reason == tape.BadOrder || r.Reason == tape.WouldTrigger) {
		return refuse(bad(-2010, "The relationship of the prices for the orders is not correct.").because(r))
	}
	if err != nil {
		return refuse(orderFault(err))
	}
	l := reportedList{orderList: c.listed(m, &exchange.OrderList{OrderList: list})}
	for i := range placed {
		l.OrderReports = append(l.OrderReports, c.placed(&wanted{m: m, answer: answer}, &placed[i], trades))
		trades = nil // of the first
	}
	return l, nil
}

// meantList finds the one order list that either of two parameters names; where both are given
// both must fit.
func (c *call) meantList(byClientID string) (exchange.OrderList, bool) {
	id, clientID := uint64(c.whole("orderListId", 0)), c.form(byClientID, clientIDForm)
	if !c.has("orderListId") && !c.has(byClientID) {
		c.fail(bad(-1102, "Param '"+byClientID+"' or 'orderListId' must be sent, but both were empty/null!"))
	}
	if c.err != nil {
		return exchange.OrderList{}, false
	}
	all := c.x.View().OrderLists(c.account)
	for _, o := range slices.Backward(all) { // of those of one name the newest
		if (!c.has("orderListId") || o.ID == id) && (clientID == "" || o.ClientID == clientID) {
			return o, true
		}
	}
	return exchange.OrderList{}, false
}

func (c *call) orderList() (any, error) {
	o, ok := c.meantList("origClientOrderId")
	if c.err != nil {
		return nil, c.err
	}
	if !ok {
		return nil, bad(-2013, "Order list does not exist.")
	}
	return c.lists([]exchange.OrderList{o})[0], nil
}

func (c *call) lists(all []exchange.OrderList) []orderList {
	out := make([]orderList, len(all))
	for i := range all {
		out[i] = c.listed(c.traded[all[i].Market], &all[i])
	}
	return out
}

func (c *call) openLists() (any, error) {
	return c.lists(slices.DeleteFunc(c.x.View().OrderLists(c.account), func(o exchange.OrderList) bool { return o.Ended != 0 })), nil
}

func (c *call) allLists() (any, error) {
	fromID, limit := c.whole("fromId", 0), c.limit(defaultRows, maxRows)
	from, to := c.withinDay()
	if c.has("fromId") && (c.has("startTime") || c.has("endTime")) {
		c.fail(bad(-1128, "Combination of optional parameters invalid."))
	}
	if c.err != nil {
		return nil, c.err
	}
	all := slices.DeleteFunc(c.x.View().OrderLists(c.account), func(o exchange.OrderList) bool {
		at := o.Created / 1000
		return o.ID < uint64(fromID) || at < from || to < at
	})
	if c.has("fromId") || c.has("startTime") {
		return c.lists(first(all, limit)), nil
	}
	return c.lists(last(all, limit)), nil
}

func (c *call) cancelList() (any, error) {
	m := c.market()
	o, ok := c.meantList("listClientOrderId")
	by := c.form("newClientOrderId", clientIDForm)
	if err := c.allRead(); err != nil {
		return nil, err
	}
	by, err := c.idOr(by)
	if err != nil {
		return nil, err
	}
	if !ok || o.Market != m.index || o.Ended != 0 {
		return nil, c.nothingToCancel()
	}
	forget := map[uint64]func(){}
	for _, id := range o.Orders {
		forget[id] = c.hub.naming(id, by)
	}
	orders, err := c.x.CancelOrderList(&tape.CancelOrderList{Account: c.account, Market: m.index, OrderList: o.ID}, c.still)
	for id, f := range forget {
		if !slices.ContainsFunc(orders, func(o tape.Order) bool { return o.ID == id }) {
			f() // it had ended before, or has not ended
		}
	}
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownOrder {
		return nil, c.nothingToCancel()
	}
	if err != nil {
		return nil, orderFault(err)
	}
	o.Ended = orders[0].Updated
	return c.canceledList(m, &o, orders, by), nil
}

// canceledList is an order list of which these orders were cancelled, among others.
func (c *call) canceledList(m *market, o *exchange.OrderList, orders []tape.Order, by string) reportedList {
	l := reportedList{orderList: c.listed(m, o)}
	for i := range orders {
		if orders[i].OrderList == o.ID {
			l.OrderReports = append(l.OrderReports, c.canceled(m, &orders[i], by))
		}
	}
	return l
}
