package fix

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strconv"

	"sallyport/api/binance"
	"sallyport/money"
)

// Values of enumerated fields by the parameters of the endpoints that they are.
var (
	sides     = map[string]string{"1": "BUY", "2": "SELL"}
	forces    = map[string]string{"1": "GTC", "3": "IOC", "4": "FOK"}
	selfTrade = map[string]string{"1": "NONE", "2": "EXPIRE_TAKER", "3": "EXPIRE_MAKER", "4": "EXPIRE_BOTH", "5": "DECREMENT", "6": "TRANSFER"}
	statuses  = map[string]string{
		"NEW": "0", "PARTIALLY_FILLED": "1", "FILLED": "2", "CANCELED": "4", "REJECTED": "8", "PENDING_NEW": "A", "EXPIRED": "C",
		"EXPIRED_IN_MATCH": "C", // as published: FIX has no word for it
	}
	// TRADE_PREVENTION has no word of its own either; PreventedMatchID tells it apart.
	executions = map[string]string{"NEW": "0", "CANCELED": "4", "REPLACED": "5", "REJECTED": "8", "TRADE": "F", "EXPIRED": "C", "TRADE_PREVENTION": "C"}
)

// named is the field value of a parameter's.
func named(values map[string]string, name string) string {
	for v, n := range values {
		if n == name {
			return v
		}
	}
	return ""
}

// orderFields are what a NewOrderSingle may have, each with the parameter that it is as it
// stands, or "".
var orderFields = map[int]string{
	tagClOrdID: "newClientOrderId", tagSymbol: "symbol", tagOrderQty: "quantity", tagCashQty: "quoteOrderQty", tagPrice: "price", tagMaxFloor: "icebergQty",
	tagStrategyID: "strategyId", tagStrategyType: "strategyType", tagTriggerPrice: "stopPrice", tagTrail: "trailingDelta",
	tagOrdType: "", tagExecInst: "", tagSide: "", tagForce: "", tagSelfTrade: "",
	tagTrigger: "", tagTriggerAction: "", tagTriggerPriceType: "", tagTriggerDirection: "",
}

var cancelFields = map[int]string{
	tagClOrdID: "newClientOrderId", tagSymbol: "symbol", tagOrigClOrdID: "origClientOrderId", tagOrderID: "orderId",
	tagOrigListID: "listClientOrderId", tagListID: "orderListId", tagRestrictions: "",
}

// replaceFields are what an OrderCancelRequestAndNewOrderSingle may have: what is cancelled, how, and
// the fields of the new order.
var replaceFields = func() map[int]string {
	fields := maps.Clone(orderFields)
	maps.Copy(fields, map[int]string{
		tagOrderID: "cancelOrderId", tagOrigClOrdID: "cancelOrigClientOrderId", tagCancelClOrdID: "cancelNewClientOrderId", tagRestrictions: "",
		tagReplaceMode: "", tagRateMode: "",
	})
	return fields
}()

var (
	restrictions = map[string]string{"1": "ONLY_NEW", "2": "ONLY_PARTIALLY_FILLED"}
	replaceModes = map[string]string{"1": "STOP_ON_FAILURE", "2": "ALLOW_FAILURE"}
	rateModes    = map[string]string{"1": "DO_NOTHING", "2": "CANCEL_ONLY"}
)

var amendFields = map[int]string{
	tagClOrdID: "newClientOrderId", tagSymbol: "symbol", tagOrigClOrdID: "origClientOrderId", tagOrderID: "orderId", tagOrderQty: "newQty",
}

// copied are the parameters that fields are as they stand.
func copied(m message, fields map[int]string) map[string]string {
	p := map[string]string{}
	for _, f := range m {
		if name := fields[f.tag]; name != "" {
			p[name] = f.value
		}
	}
	return p
}

// orderOf is the parameters of POST /api/v3/order that a NewOrderSingle is, or those of order/cancelReplace.
func orderOf(m message, fields map[int]string) (map[string]string, *reject) {
	p := copied(m, fields)
	for _, e := range []struct {
		tag    int
		name   string
		values map[string]string
	}{
		{tagSide, "side", sides}, {tagForce, "timeInForce", forces}, {tagSelfTrade, "selfTradePreventionMode", selfTrade},
		{tagRestrictions, "cancelRestrictions", restrictions}, {tagReplaceMode, "cancelReplaceMode", replaceModes}, {tagRateMode, "orderRateLimitExceededMode", rateModes},
	} {
		if !m.has(e.tag) {
			continue
		}
		v, ok := e.values[m.get(e.tag)]
		if !ok {
			return nil, incorrect(e.tag)
		}
		p[e.name] = v
	}
	for _, f := range []struct {
		tag         int
		least, most int64
	}{{tagStrategyID, math.MinInt64, math.MaxInt64}, {tagStrategyType, 1_000_000, math.MaxInt32}} {
		if n, err := strconv.ParseInt(m.get(f.tag), 10, 64); m.has(f.tag) && (err != nil || n < f.least || n > f.most) {
			return nil, incorrect(f.tag)
		}
	}
	kind, wrong := typeOf(m)
	p["type"] = kind
	p["newOrderRespType"] = "ACK"
	return p, wrong
}

// typeOf is the type of order that the fields of a NewOrderSingle make, by the published table.
func typeOf(m message) (string, *reject) {
	kind := m.get(tagOrdType)
	if m.has(tagExecInst) && (m.get(tagExecInst) != "6" || kind != "2") {
		return "", incorrect(tagExecInst)
	}
	suffix := ""
	switch kind {
	case "1", "2":
		for _, tag := range []int{tagTrigger, tagTriggerAction, tagTriggerPriceType, tagTriggerDirection} {
			if m.has(tag) {
				return "", incorrect(tag)
			}
		}
		switch {
		case kind == "1":
			return "MARKET", nil
		case m.has(tagExecInst):
			return "LIMIT_MAKER", nil
		}
		return "LIMIT", nil
	case "3":
	case "4":
		suffix = "_LIMIT"
	default:
		return "", incorrect(tagOrdType)
	}
	for _, f := range []field{{tagTrigger, "4"}, {tagTriggerAction, "1"}, {tagTriggerPriceType, "2"}} {
		if v := m.get(f.tag); v == "" {
			return "", absent(f.tag)
		} else if v != f.value {
			return "", incorrect(f.tag)
		}
	}
	buys := m.get(tagSide) == "1"
	switch m.get(tagTriggerDirection) {
	case "U":
		if buys {
			return "STOP_LOSS" + suffix, nil
		}
		return "TAKE_PROFIT" + suffix, nil
	case "D":
		if buys {
			return "TAKE_PROFIT" + suffix, nil
		}
		return "STOP_LOSS" + suffix, nil
	case "":
		if m.has(tagTrail) && !m.has(tagTriggerPrice) {
			return "TAKE_PROFIT" + suffix, nil // it begins to follow the price at once
		}
		return "", absent(tagTriggerDirection)
	}
	return "", incorrect(tagTriggerDirection)
}

// rises is whether an order of a type waits for a higher price.
func rises(kind, side string) bool {
	return (kind == "STOP_LOSS" || kind == "STOP_LOSS_LIMIT") == (side == "BUY")
}

// report is the ExecutionReport of what happened to an order.
func report(e *binance.ExecutionReport) message {
	kinds := map[string]string{"MARKET": "1", "LIMIT": "2", "LIMIT_MAKER": "2", "STOP_LOSS": "3", "TAKE_PROFIT": "3", "STOP_LOSS_LIMIT": "4", "TAKE_PROFIT_LIMIT": "4"}
	m := message{{tagMsgType, "8"}}
	add := func(tag int, value string) { m = append(m, field{tag, value}) }
	amount := func(tag int, value string) {
		if !zero(value) {
			add(tag, value)
		}
	}
	id := fmt.Sprintf("%d-%d-%s%s", e.Record, e.Order, executions[e.Execution], statuses[e.Status])
	switch {
	case e.Execution == "TRADE":
		id += fmt.Sprintf("-%d", e.Trade)
	case e.Prevented != nil:
		id += fmt.Sprintf("-%d", *e.Prevented)
	}
	add(tagExecID, id)
	add(tagClOrdID, e.ClientID)
	if e.Original != "" {
		add(tagOrigClOrdID, e.Original)
	}
	add(tagOrderID, strconv.FormatUint(e.Order, 10))
	if e.Status == "PENDING_NEW" {
		amount(tagOrderQty, e.Quantity) // none while another order is to pay for it
	} else {
		add(tagOrderQty, e.Quantity)
	}
	add(tagOrdType, kinds[e.Type])
	add(tagSide, named(sides, e.Side))
	add(tagSymbol, e.Symbol)
	if e.Type == "LIMIT_MAKER" {
		add(tagExecInst, "6")
	}
	amount(tagPrice, e.Price)
	add(tagForce, named(forces, e.Force))
	add(tagTransactTime, stampMillis(e.Time))
	add(tagCreated, stampMillis(e.Created))
	amount(tagMaxFloor, e.Iceberg)
	if e.Expiry != "" {
		add(tagExpiry, e.Expiry)
	}
	if e.StrategyType != 0 {
		add(tagStrategyType, strconv.FormatUint(uint64(e.StrategyType), 10))
	}
	if e.StrategyID != nil {
		add(tagStrategyID, strconv.FormatInt(*e.StrategyID, 10))
	}
	if e.List >= 0 {
		add(tagListID, strconv.FormatInt(e.List, 10))
	}
	amount(tagCashQty, e.QuoteQuantity)
	add(tagSelfTrade, named(selfTrade, e.SelfTrade))
	add(tagExecType, executions[e.Execution])
	add(tagOrdStatus, statuses[e.Status])
	add(tagCumQty, e.Filled)
	add(tagLeaves, leaves(e))
	add(tagCumQuote, e.Spent)
	add(tagLastQty, e.LastQty)
	if e.Execution == "TRADE" {
		add(tagLastPx, e.LastPrice)
		add(tagTradeID, strconv.FormatInt(e.Trade, 10))
		add(tagAggressor, yes(!e.Maker))
		if e.CommissionOf != nil && !zero(e.Commission) {
			m = append(m, field{tagNoMiscFees, "1"}, field{tagFee, e.Commission}, field{tagFeeCurrency, *e.CommissionOf}, field{tagFeeType, "4"})
		}
	}
	if e.Working {
		add(tagWorking, "Y")
	}
	if e.WorkingTime > 0 {
		add(tagWorkingTime, stampMillis(e.WorkingTime))
	}
	if e.Prevented != nil {
		add(tagPrevented, strconv.FormatUint(*e.Prevented, 10))
		add(tagPreventedPrice, e.PreventedAt)
		add(tagPreventedExecQty, e.PreventedQty)
		add(tagCounterSymbol, e.CounterSymbol)
		add(tagCounterOrder, strconv.FormatInt(e.Counter, 10))
		add(tagPreventedQty, e.AllPrevented)
		add(tagLastPrevented, e.LastPrevented)
		if e.Group != nil {
			add(tagTradeGroup, strconv.FormatInt(*e.Group, 10))
		}
	}
	if kind := kinds[e.Type]; kind == "3" || kind == "4" {
		m = append(m, field{tagTrigger, "4"}, field{tagTriggerAction, "1"}, field{tagTriggerPriceType, "2"})
		amount(tagTriggerPrice, e.StopPrice)
		direction := "D"
		if rises(e.Type, e.Side) {
			direction = "U"
		}
		add(tagTriggerDirection, direction)
		if e.TrailingDelta != 0 {
			add(tagTrail, strconv.FormatUint(uint64(e.TrailingDelta), 10))
		}
		if e.TrailingTime != nil && *e.TrailingTime > 0 {
			add(tagTrailingTime, stampMillis(*e.TrailingTime))
		}
	}
	return m
}

// leaves is what of an order may still be filled.
func leaves(e *binance.ExecutionReport) string {
	if s := statuses[e.Status]; s != "0" && s != "1" && s != "A" {
		return "0"
	}
	left, err := money.Parse(e.Quantity)
	for _, less := range []string{e.Filled, e.AllPrevented} {
		if err != nil || less == "" {
			continue
		}
		var a money.Amount
		if a, err = money.Parse(less); err == nil {
			left, err = left.Sub(a)
		}
	}
	if err != nil || left.Sign() < 0 {
		return "0" // an order for money has no quantity
	}
	return left.String()
}

func zero(amount string) bool {
	a, err := money.Parse(amount)
	return err != nil || a.IsZero()
}

func yes(b bool) string {
	if b {
		return "Y"
	}
	return "N"
}

// refusedOrder is the ExecutionReport of an order that was not taken.
func refusedOrder(m message, r *binance.Refusal) message {
	a := message{{tagMsgType, "8"}}
	for _, tag := range []int{tagClOrdID, tagOrderQty, tagOrdType, tagSide, tagSymbol, tagExecInst, tagPrice, tagForce, tagMaxFloor, tagCashQty, tagStrategyType, tagStrategyID, tagSelfTrade} {
		if m.has(tag) {
			a = append(a, field{tag, m.get(tag)})
		}
	}
	return append(a, field{tagExecType, "8"}, field{tagOrdStatus, "8"}, field{tagCumQty, "0"}, field{tagLeaves, "0"}, field{tagLastQty, "0"},
		field{tagErrorCode, strconv.Itoa(r.Code)}, field{tagText, worded(r)})
}

// refusedCancel is the OrderCancelReject of a cancel that was not carried out.
func refusedCancel(m message, r *binance.Refusal) message {
	a := message{{tagMsgType, "9"}}
	for _, tag := range []int{tagClOrdID, tagOrigClOrdID, tagOrderID, tagOrigListID, tagListID, tagSymbol, tagRestrictions} {
		if m.has(tag) {
			a = append(a, field{tag, m.get(tag)})
		}
	}
	return append(a, field{tagCxlResponseTo, "1"}, field{tagErrorCode, strconv.Itoa(r.Code)}, field{tagText, worded(r)})
}

// cancelOf is the half of an OrderCancelRequestAndNewOrderSingle that is an OrderCancelRequest: its
// ClOrdID is the cancel's, where the client gave it one.
func cancelOf(m message) message {
	if !m.has(tagCancelClOrdID) {
		return m
	}
	var c message
	for _, f := range m {
		switch f.tag {
		case tagClOrdID:
		case tagCancelClOrdID:
			c = append(c, field{tagClOrdID, f.value})
		default:
			c = append(c, f)
		}
	}
	return c
}

// refusedAmend is the OrderAmendReject of an order that was not made smaller.
func refusedAmend(m message, r *binance.Refusal) message {
	a := message{{tagMsgType, "XAR"}}
	for _, tag := range []int{tagClOrdID, tagOrigClOrdID, tagOrderID, tagSymbol, tagOrderQty} {
		if m.has(tag) {
			a = append(a, field{tag, m.get(tag)})
		}
	}
	return append(a, field{tagErrorCode, strconv.Itoa(r.Code)}, field{tagText, worded(r)})
}

// worded is what a refusal says: the published text, and behind it the decision, where one is the
// reason.
func worded(r *binance.Refusal) string {
	if r.Decision == "" {
		return r.Text
	}
	return r.Text + " (" + r.Reason + "; decision " + r.Decision + ")"
}

// A changedOrder is what all answers to orders, cancels and order lists have in common.
type changedOrder struct {
	ID      uint64         `json:"orderId"`
	List    int64          `json:"orderListId"`
	Status  string         `json:"listStatusType"` // of an order list
	Reports []changedOrder `json:"orderReports"`   // of an order list
	Amended *changedOrder  `json:"amendedOrder"`   // that was made smaller
}

// changed is what will be told first of the orders that an answer names, and of the order lists.
func changed(answer json.RawMessage, execution string) (orders, lists []ack, err error) {
	var all []changedOrder
	if len(answer) > 0 && answer[0] == '[' {
		err = json.Unmarshal(answer, &all)
	} else {
		all = make([]changedOrder, 1)
		err = json.Unmarshal(answer, &all[0])
	}
	if err != nil {
		return nil, nil, err
	}
	for _, o := range all {
		if o.ID != 0 {
			orders = append(orders, ack{o.ID, execution})
		}
		for _, r := range o.Reports {
			orders = append(orders, ack{r.ID, execution})
		}
		if o.Reports != nil {
			lists = append(lists, ack{uint64(o.List), o.Status})
		}
		if o.Amended != nil {
			orders = append(orders, ack{o.Amended.ID, execution})
		}
	}
	return orders, lists, nil
}
