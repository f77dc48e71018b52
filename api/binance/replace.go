package binance

import (
	"errors"
	"net/http"

	"sallyport/exchange"
	"sallyport/venue/tape"
)

// What came of either half of a cancelReplace.
const (
	succeeded    = "SUCCESS"
	failed       = "FAILURE"
	notAttempted = "NOT_ATTEMPTED"
)

type replaced struct {
	CancelResult     string `json:"cancelResult"`
	NewOrderResult   string `json:"newOrderResult"`
	CancelResponse   any    `json:"cancelResponse"`
	NewOrderResponse any    `json:"newOrderResponse"`
}

// A half that failed says what a request of its own would have been told.
type halfFault struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

// replaceOrder cancels an order and places another, as one command.
func (c *call) replaceOrder() (any, error) {
	anyway := false
	switch c.must("cancelReplaceMode") {
	case "STOP_ON_FAILURE":
	case "ALLOW_FAILURE":
		anyway = true
	case "":
	default:
		c.fail(invalid("cancelReplaceMode"))
	}
	only := c.cancelsOnly()
	cancels := false // also where there are too many orders for another
	switch c.text("orderRateLimitExceededMode") {
	case "", "DO_NOTHING":
	case "CANCEL_ONLY":
		cancels = true
	default:
		c.fail(invalid("orderRateLimitExceededMode"))
	}
	by := c.form("cancelNewClientOrderId", clientIDForm)
	w, err := c.wanted()
	if err != nil {
		return nil, err
	}
	old, ok := c.meantBy(w.m, "cancelOrderId", "cancelOrigClientOrderId")
	if err := c.allRead(); err != nil {
		return nil, err
	}
	if by, err = c.idOr(by); err != nil {
		return nil, err
	}
	undo, tooMany := c.ordering(w.m.index)
	if tooMany != nil {
		if !cancels {
			return nil, tooMany
		}
		undo = func() {}
	}
	cmd := tape.CancelOrder{Account: c.account, Market: w.m.index, Order: old.ID, Only: only}
	r, err := c.replace(&w, cmd, ok && old.Status.Open(), anyway, tooMany, by)
	if err != nil {
		undo()
		return nil, err
	}
	a := replaced{CancelResult: succeeded, NewOrderResult: succeeded}
	var f *fault // of the half that says more
	if r.CancelErr != nil {
		if f, err = c.half(r.CancelErr); err != nil {
			return nil, err
		}
		a.CancelResult, a.CancelResponse = failed, halfFault{f.code, f.msg}
	} else {
		a.CancelResponse = c.canceled(w.m, &r.Canceled, by)
	}
	switch {
	case r.PlaceErr != nil:
		undo()
		if f, err = c.half(r.PlaceErr); err != nil {
			return nil, err
		}
		a.NewOrderResult, a.NewOrderResponse = failed, halfFault{f.code, f.msg}
	case r.Placed.ID == 0:
		a.NewOrderResult = notAttempted // and counted, as published
	default:
		a.NewOrderResponse = c.placed(&w, &r.Placed, r.Trades)
	}
	if f == nil {
		return a, nil
	}
	whole := &fault{status: http.StatusBadRequest, code: -2022, msg: "Order cancel-replace failed.", data: a, reason: f.reason, decision: f.decision}
	if a.CancelResult == succeeded || a.NewOrderResult == succeeded {
		whole.status, whole.code, whole.msg = http.StatusConflict, -2021, "Order cancel-replace partially failed."
	}
	if tooMany != nil && !anyway { // as published
		whole.status = http.StatusTooManyRequests
	}
	return nil, whole
}

// replace puts both halves to the exchange. Where there is nothing to cancel, that half has
// failed already; where there are too many orders, the other.
func (c *call) replace(w *wanted, cmd tape.CancelOrder, open, anyway bool, tooMany error, by string) (r exchange.Replaced, err error) {
	forget := func() {}
	if open {
		forget = c.hub.naming(cmd.Order, by)
	}
	switch {
	case !open:
		r.CancelErr = c.nothingToCancel()
		if anyway && tooMany == nil {
			r.Placed, r.Trades, r.PlaceErr = c.x.PlaceOrder(&w.PlaceOrder, c.still)
		}
	case tooMany != nil:
		r.Canceled, r.CancelErr = c.x.CancelOrder(&cmd, c.still)
	default:
		r, err = c.x.ReplaceOrder(&tape.ReplaceOrder{Cancel: cmd, Order: w.PlaceOrder, Anyway: anyway}, c.still)
	}
	if tooMany != nil && (anyway || r.CancelErr == nil) {
		r.PlaceErr = tooMany
	}
	if err != nil || r.CancelErr != nil {
		forget()
	}
	if no, ok := exchange.AsRefusal(r.CancelErr); ok && no.Reason == tape.UnknownOrder {
		r.CancelErr = c.nothingToCancel()
	}
	return r, err
}

// half is why one half failed; an error that is none of a client's making is the second.
func (c *call) half(err error) (*fault, error) {
	var f *fault
	if err = orderFault(err); errors.As(err, &f) {
		return f, nil
	}
	return nil, err
}

// amendedOrder is an order that was made smaller; the published names are others than an order
// has elsewhere.
type amendedOrder struct {
	Symbol            string `json:"symbol"`
	OrderID           uint64 `json:"orderId"`
	OrderListID       int64  `json:"orderListId"`
	OrigClientOrderID string `json:"origClientOrderId"`
	ClientOrderID     string `json:"clientOrderId"`
	Price             string `json:"price"`
	Qty               string `json:"qty"`
	ExecutedQty       string `json:"executedQty"`
	PreventedQty      string `json:"preventedQty"`
	QuoteOrderQty     string `json:"quoteOrderQty"`
	CumulativeQuote   string `json:"cumulativeQuoteQty"`
	Status            string `json:"status"`
	TimeInForce       string `json:"timeInForce"`
	Type              string `json:"type"`
	Side              string `json:"side"`
	StopPrice         string `json:"stopPrice,omitempty"`
	IcebergQty        string `json:"icebergQty,omitempty"`
	WorkingTime       int64  `json:"workingTime"`
	SelfTrade         string `json:"selfTradePreventionMode"`
	StrategyID        *int64 `json:"strategyId,omitempty"`
	StrategyType      uint32 `json:"strategyType,omitempty"`
}

const noAmend = -2038

// amendOrder makes an order smaller; it keeps its place in the book.
func (c *call) amendOrder() (any, error) {
	m := c.market()
	o, ok := c.meant(m)
	c.must("newQty")
	qty, id := c.decimal("newQty", m.base.Decimals), c.form("newClientOrderId", clientIDForm)
	if err := c.allRead(); err != nil {
		return nil, err
	}
	id, err := c.idOr(id)
	if err != nil {
		return nil, err
	}
	switch {
	case !ok || !o.Status.Open():
		return nil, c.nothingOpen(noAmend)
	case o.Status == tape.PendingNew && o.Quantity.IsZero():
		return nil, bad(noAmend, "Order amend (pending OPO order) is not supported.")
	case qty == o.Quantity:
		return nil, bad(noAmend, "The requested action would change no state; rejecting")
	case o.Quantity.Less(qty):
		return nil, bad(noAmend, "Order amend (quantity increase) is not supported.")
	}
	o, err = c.x.AmendOrder(&tape.AmendOrder{Account: c.account, Market: m.index, Order: o.ID, Quantity: qty, NewClientID: id}, c.still)
	if r, ok := exchange.AsRefusal(err); ok {
		switch r.Reason {
		case tape.UnknownOrder:
			return nil, c.nothingOpen(noAmend)
		case tape.BadAmend:
			return nil, bad(noAmend, "The order was not amended: "+r.Reason.String()+".").because(r)
		}
	}
	if err != nil {
		return nil, orderFault(err)
	}
	a := struct {
		TransactTime int64        `json:"transactTime"`
		ExecutionID  uint64       `json:"executionId"`
		AmendedOrder amendedOrder `json:"amendedOrder"`
		ListStatus   *amendedList `json:"listStatus,omitempty"`
	}{TransactTime: o.Updated / 1000}
	if l, ok := c.x.View().OrderList(c.account, o.OrderList); ok {
		of := c.listed(m, &l)
		a.ListStatus = &amendedList{of.OrderListID, of.ContingencyType, of.ListOrderStatus, of.ListClientOrderID, of.Symbol, of.Orders}
	}
	for _, was := range c.x.View().Amendments(c.account, o.ID) {
		if was.After == qty {
			a.ExecutionID, a.AmendedOrder.OrigClientOrderID = was.Seq, was.ClientID
		}
	}
	d, s, also := &a.AmendedOrder, m.state(&o), c.conditional(m, &o)
	d.Symbol, d.OrderID, d.OrderListID, d.ClientOrderID = m.Symbol, o.ID, listOf(&o), o.ClientID
	d.Price, d.Qty, d.ExecutedQty, d.PreventedQty, d.QuoteOrderQty, d.CumulativeQuote = s.Price, s.OrigQty, s.ExecutedQty, m.qty(o.Prevented), s.OrigQuoteOrderQty, s.CummulativeQuoteQty
	d.Status, d.TimeInForce, d.Type, d.Side, d.SelfTrade = s.Status, s.TimeInForce, s.Type, s.Side, s.SelfTradePreventionMode
	d.StopPrice, d.IcebergQty, d.WorkingTime = also.StopPrice, also.IcebergQty, whenWorking(&o)
	d.StrategyID, d.StrategyType = also.StrategyID, also.StrategyType
	return a, nil
}

// amendedList is the list of an order that was made smaller.
type amendedList struct {
	OrderListID       uint64        `json:"orderListId"`
	ContingencyType   string        `json:"contingencyType"`
	ListOrderStatus   string        `json:"listOrderStatus"`
	ListClientOrderID string        `json:"listClientOrderId"`
	Symbol            string        `json:"symbol"`
	Orders            []listedOrder `json:"orders"`
}

type amendment struct {
	Symbol            string `json:"symbol"`
	OrderID           uint64 `json:"orderId"`
	ExecutionID       uint64 `json:"executionId"`
	OrigClientOrderID string `json:"origClientOrderId"`
	NewClientOrderID  string `json:"newClientOrderId"`
	OrigQty           string `json:"origQty"`
	NewQty            string `json:"newQty"`
	Time              int64  `json:"time"`
}

func (c *call) amendments() (any, error) {
	m, from, limit := c.market(), c.whole("fromExecutionId", 0), c.limit(defaultRows, maxRows)
	c.must("orderId")
	id := c.whole("orderId", 0)
	if c.err != nil {
		return nil, c.err
	}
	list := []amendment{}
	for _, a := range c.x.View().Amendments(c.account, uint64(id)) {
		if a.Market == m.index && a.Seq >= uint64(from) {
			list = append(list, amendment{m.Symbol, a.Order, a.Seq, a.ClientID, a.NewID, m.qty(a.Before), m.qty(a.After), a.At / 1000})
		}
	}
	return first(list, limit), nil
}

type preventedRow struct {
	Symbol string `json:"symbol"`
	preventedMatch
	TakerOrderID int64  `json:"takerOrderId"`
	TradeGroupID int64  `json:"tradeGroupId"` // that both were in; -1: none
	SelfTrade    string `json:"selfTradePreventionMode"`
	TransactTime int64  `json:"transactTime"`
	Barred       string `json:"barredBy,omitempty"` // the rule that keeps the two customers apart
}

// myPreventedMatches are the matches of two orders of one account or trade group that were prevented, or
// those that a rule between two customers prevented. Of the latter only who was taking is told, and not whom they would have met.
func (c *call) myPreventedMatches() (any, error) {
	m, id, order := c.market(), c.whole("preventedMatchId", 0), c.whole("orderId", 0)
	from, limit := c.whole("fromPreventedMatchId", 0), c.limit(defaultRows, maxRows)
	switch {
	case c.has("preventedMatchId") == c.has("orderId"):
		if c.has("orderId") {
			c.fail(bad(-1128, "Combination of optional parameters invalid."))
		}
		c.fail(bad(-1102, "Param 'preventedMatchId' or 'orderId' must be sent, but both were empty/null!"))
	case c.has("preventedMatchId"):
		c.unwanted("fromPreventedMatchId", "limit")
	}
	if c.err != nil {
		return nil, c.err
	}
	list := []preventedRow{}
	for _, p := range c.x.View().Prevented(c.account) {
		wanted := p.ID == uint64(id)
		if c.has("orderId") {
			wanted = (p.Taker == uint64(order) || p.Maker == uint64(order)) && p.ID >= uint64(from)
		}
		if wanted && p.Market == m.index {
			list = append(list, preventedRow{m.Symbol, m.preventedMatch(&p), int64(p.Taker), groupID(p.Group), p.Mode.String(), p.At / 1000, p.Barred})
		}
	}
	return first(list, limit), nil
}
