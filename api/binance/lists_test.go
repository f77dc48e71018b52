package binance

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestOCO: two orders of which one cancels the other, in both forms of the request, with the
// published fields of the answer.
func TestOCO(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	at := float64(x.Clock.Now().UnixMilli())
	const sell = "symbol=BTCUSDT&side=SELL&quantity=1&"
	got := fields(t, ada.do("POST", "/api/v3/orderList/oco", sell+"listClientOrderId=pair&aboveType=LIMIT_MAKER&abovePrice=130&aboveClientOrderId=profit&aboveIcebergQty=0.5"+
		"&belowType=STOP_LOSS_LIMIT&belowPrice=89&belowStopPrice=90&belowTimeInForce=GTC&belowClientOrderId=loss"))
	order := func(id float64, name string) any {
		return map[string]any{"symbol": "BTCUSDT", "orderId": id, "clientOrderId": name}
	}
	report := func(more map[string]any) any {
		r := map[string]any{
			"symbol": "BTCUSDT", "orderListId": 1.0, "transactTime": at, "origQty": "1.00000000", "executedQty": "0.00000000", "origQuoteOrderQty": "0.00000000",
			"cummulativeQuoteQty": "0.00000000", "status": "NEW", "timeInForce": "GTC", "side": "SELL", "selfTradePreventionMode": "EXPIRE_MAKER",
		}
		for n, v := range more {
			r[n] = v
		}
		return r
	}
	want := map[string]any{
		"orderListId": 1.0, "contingencyType": "OCO", "listStatusType": "EXEC_STARTED", "listOrderStatus": "EXECUTING", "listClientOrderId": "pair", "transactionTime": at, "symbol": "BTCUSDT",
		"orders": []any{order(3, "loss"), order(4, "profit")},
		"orderReports": []any{
			report(map[string]any{"orderId": 3.0, "clientOrderId": "loss", "type": "STOP_LOSS_LIMIT", "price": "89.00000000", "stopPrice": "90.00000000", "workingTime": -1.0}),
			report(map[string]any{"orderId": 4.0, "clientOrderId": "profit", "type": "LIMIT_MAKER", "price": "130.00000000", "icebergQty": "0.50000000", "workingTime": at}),
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("an OCO:\n got %v\nwant %v", got, want)
	}
	// One reserve for both.
	var a accountInfo
	ada.yes(ada.do("GET", "/api/v3/account", ""), &a)
	if a.Balances[0].Locked != "1.00000000" {
		t.Errorf("locked %s, want 1", a.Balances[0].Locked)
	}
	ada.no(ada.do("POST", "/api/v3/order/oco", sell+"listClientOrderId=pair&price=130&stopPrice=90"), 400, -2010, "Duplicate order sent.")

	x.Clock.Set(x.Clock.Now().Add(time.Second))
	old := fields(t, ada.do("POST", "/api/v3/order/oco", "symbol=BTCUSDT&side=BUY&quantity=2&price=80&limitClientOrderId=cheap&stopPrice=115&stopClientOrderId=dear&newOrderRespType=ACK"))
	has(t, "the older form", old, map[string]any{"orderListId": 2.0, "orders": []any{order(5, "dear"), order(6, "cheap")}})
	if r := old["orderReports"].([]any)[0].(map[string]any); len(r) != 5 {
		t.Errorf("acknowledged with %v", r)
	}
	row := fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=5"))
	has(t, "the stop of the older form", row, map[string]any{"type": "STOP_LOSS", "stopPrice": "115.00000000", "orderListId": 2.0, "isWorking": false, "side": "BUY"})

	delete(want, "orderReports")
	for _, by := range []string{"orderListId=1", "origClientOrderId=pair", "orderListId=1&origClientOrderId=pair"} {
		if got := fields(t, ada.do("GET", "/api/v3/orderList", by)); !reflect.DeepEqual(got, want) {
			t.Errorf("by %s:\n got %v\nwant %v", by, got, want)
		}
	}
	ada.no(ada.do("GET", "/api/v3/orderList", "orderListId=2&origClientOrderId=pair"), 400, -2013, "Order list does not exist.")
	ada.no(ada.do("GET", "/api/v3/orderList", ""), 400, -1102, "Param 'origClientOrderId' or 'orderListId' must be sent, but both were empty/null!")
	bob.no(bob.do("GET", "/api/v3/orderList", "orderListId=1"), 400, -2013, "Order list does not exist.")
	lists := func(path, params string) []float64 {
		t.Helper()
		var ls []map[string]any
		ada.yes(ada.do("GET", path, params), &ls)
		ids := []float64{}
		for _, l := range ls {
			ids = append(ids, l["orderListId"].(float64))
		}
		return ids
	}
	if ids := lists("/api/v3/openOrderList", ""); !reflect.DeepEqual(ids, []float64{1, 2}) {
		t.Errorf("open lists %v", ids)
	}

	gone := fields(t, ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&listClientOrderId=pair&newClientOrderId=enough"))
	has(t, "canceled", gone, map[string]any{"orderListId": 1.0, "listStatusType": "ALL_DONE", "listOrderStatus": "ALL_DONE", "transactionTime": at + 1000})
	for i, r := range gone["orderReports"].([]any) {
		has(t, "canceled", r.(map[string]any), map[string]any{"status": "CANCELED", "clientOrderId": "enough", "origClientOrderId": []string{"loss", "profit"}[i], "orderListId": 1.0})
	}
	ada.no(ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=1"), 400, -2011, "Unknown order sent.")
	ada.no(ada.do("DELETE", "/api/v3/orderList", "symbol=ETHUSDT&orderListId=2"), 400, -2011, "Unknown order sent.")

	for _, c := range []struct {
		params string
		want   []float64
	}{{"", []float64{1, 2}}, {"fromId=2", []float64{2}}, {"limit=1", []float64{2}}, {"fromId=1&limit=1", []float64{1}}, {fmt.Sprintf("endTime=%.0f", at), []float64{1}}} {
		if ids := lists("/api/v3/allOrderList", c.params); !reflect.DeepEqual(ids, c.want) {
			t.Errorf("all lists, %s: %v, want %v", c.params, ids, c.want)
		}
	}
	ada.no(ada.do("GET", "/api/v3/allOrderList", "fromId=1&startTime=1"), 400, -1128, "Combination of optional parameters invalid.")
	for _, path := range []string{"allOrderList?", "allOrders?symbol=BTCUSDT&", "myTrades?symbol=BTCUSDT&"} {
		path, params, _ := strings.Cut(path, "?")
		ada.no(ada.do("GET", "/api/v3/"+path, params+"startTime=1&endTime=86400002"), 400, -1127, "More than 24 hours between startTime and endTime.")
		ada.yes(ada.do("GET", "/api/v3/"+path, params+"startTime=1&endTime=86400001"), &[]struct{}{})
		ada.yes(ada.do("GET", "/api/v3/"+path, params+"startTime=1"), &[]struct{}{})
	}

	// Everything is cancelled: single orders one by one, those of a list in it.
	ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=140"), &struct{}{})
	var all []map[string]any
	ada.yes(ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), &all)
	if len(all) != 2 || all[0]["orderListId"] != -1.0 || all[1]["contingencyType"] != "OCO" || len(all[1]["orderReports"].([]any)) != 2 {
		t.Errorf("all cancelled: %v", all)
	}
	if ids := lists("/api/v3/openOrderList", ""); len(ids) != 0 {
		t.Errorf("open lists in the end: %v", ids)
	}
}

// TestOCOTriggers: when one of two is about to trade the other ends, and the list is done when
// both have.
func TestOCOTriggers(t *testing.T) {
	_, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	place := "symbol=BTCUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=105&belowType=STOP_LOSS&belowStopPrice=90"
	ada.yes(ada.do("POST", "/api/v3/orderList/oco", place), &struct{}{})
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.4&price=105"), &struct{}{})
	has(t, "the one that trades", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"status": "PARTIALLY_FILLED", "orderListId": 1.0})
	has(t, "the other", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=3")), map[string]any{"status": "EXPIRED", "orderListId": 1.0})
	has(t, "the list", fields(t, ada.do("GET", "/api/v3/orderList", "orderListId=1")), map[string]any{"listStatusType": "EXEC_STARTED", "listOrderStatus": "EXECUTING"})
	var mine []map[string]any
	ada.yes(ada.do("GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=4"), &mine)
	has(t, "its trade", mine[0], map[string]any{"orderListId": 1.0, "qty": "0.40000000"})
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.6&price=105"), &struct{}{})
	has(t, "the list when both have ended", fields(t, ada.do("GET", "/api/v3/orderList", "orderListId=1")), map[string]any{"listStatusType": "ALL_DONE", "listOrderStatus": "ALL_DONE"})
}

// TestOCORefusals holds what is wrong with two orders to the published codes and texts.
func TestOCORefusals(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	const sell, buy = "symbol=BTCUSDT&side=SELL&quantity=1&", "symbol=BTCUSDT&side=BUY&quantity=1&"
	const relation = "The relationship of the prices for the orders is not correct."
	for _, c := range []struct {
		what, path, params string
		code               int
		msg                string
	}{
		{"a limit order", "orderList/oco", sell + "aboveType=LIMIT&abovePrice=110&aboveTimeInForce=GTC&belowType=STOP_LOSS&belowStopPrice=90", -1158, "Order type not supported in OCO."},
		{"parts for a time", "orderList/oco", sell + "aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS_LIMIT&belowStopPrice=90&belowPrice=90&belowTimeInForce=IOC&belowIcebergQty=0.5",
			-1160, "Parameter 'belowIcebergQty' is not supported if aboveTimeInForce/belowTimeInForce is not GTC."},
		{"two limits", "orderList/oco", sell + "aboveType=LIMIT_MAKER&abovePrice=110&belowType=LIMIT_MAKER&belowPrice=90", -1168, "At least one OCO order must be contingent."},
		{"a purchase's limit above", "orderList/oco", buy + "aboveType=LIMIT_MAKER&abovePrice=110&belowType=TAKE_PROFIT&belowStopPrice=90", -1165, "A limit order in a buy OCO must be below."},
		{"a sale's limit below", "orderList/oco", sell + "aboveType=TAKE_PROFIT&aboveStopPrice=110&belowType=LIMIT_MAKER&belowPrice=90", -1166, "A limit order in a sell OCO must be above."},
		{"a purchase's stop below", "orderList/oco", buy + "aboveType=TAKE_PROFIT&aboveStopPrice=110&belowType=STOP_LOSS&belowStopPrice=90", -1196, "A stop loss order in a buy OCO must be above."},
		{"a sale's stop above", "orderList/oco", sell + "aboveType=STOP_LOSS&aboveStopPrice=110&belowType=TAKE_PROFIT&belowStopPrice=90", -1197, "A stop loss order in a sell OCO must be below."},
		{"a purchase's profit above", "orderList/oco", buy + "aboveType=TAKE_PROFIT&aboveStopPrice=110&belowType=TAKE_PROFIT&belowStopPrice=90", -1198, "A take profit order in a buy OCO must be below."},
		{"a sale's profit below", "orderList/oco", sell + "aboveType=TAKE_PROFIT&aboveStopPrice=110&belowType=TAKE_PROFIT&belowStopPrice=90", -1199, "A take profit order in a sell OCO must be above."},
		{"the wrong way round", "order/oco", sell + "price=85&stopPrice=90", -2010, relation},
		{"beyond the last price", "order/oco", sell + "price=120&stopPrice=101", -2010, relation},
		{"a purchase beyond the last price", "order/oco", buy + "price=90&stopPrice=99", -2010, relation},
		{"no price", "order/oco", sell + "stopPrice=90", -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."},
		{"no stop", "order/oco", sell + "price=110", -1102, "Mandatory parameter 'stopPrice' was not sent, was empty/null, or malformed."},
		{"a limit stop without a force", "order/oco", sell + "price=110&stopPrice=90&stopLimitPrice=90", -1102, "Mandatory parameter 'stopLimitTimeInForce' was not sent, was empty/null, or malformed."},
		{"too fine", "order/oco", sell + "price=110&stopPrice=90.001", -1013, "Filter failure: PRICE_FILTER"},
		{"too much", "order/oco", "symbol=BTCUSDT&side=SELL&quantity=9.99&price=499&stopPrice=90&limitIcebergQty=1", -1013, "Filter failure: ICEBERG_PARTS"},
		{"more than there is", "orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=41&aboveType=LIMIT_MAKER&abovePrice=110&belowType=STOP_LOSS_LIMIT&belowPrice=85&belowTimeInForce=GTC&belowStopPrice=90", -2010, "Account has insufficient balance for requested action."},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := *ada
			a.t = t
			a.no(a.do("POST", "/api/v3/"+c.path, c.params), 400, c.code, c.msg)
		})
	}
	if open := x.View().Orders(ada.account, true); len(open) != 0 {
		t.Errorf("refused, and yet: %+v", open)
	}
	counted := func(want int, what string) {
		t.Helper()
		var limits []rateLimit
		for end := time.Now().Add(10 * time.Second); ; { // what traded is taken off with the next beat
			ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
			if *limits[1].Count == want {
				return
			}
			if time.Now().After(end) {
				t.Fatalf("%d orders are counted, want %s", *limits[1].Count, what)
			}
		}
	}
	counted(0, "none: the one that was placed has traded")
	ada.yes(ada.do("POST", "/api/v3/order/oco", sell+"price=110&stopPrice=90"), &struct{}{})
	counted(2, "both")
}

// TestOTO: one order, and one or two that come when it is filled, with the published fields of
// the answers.
func TestOTO(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	at := float64(x.Clock.Now().UnixMilli())
	got := fields(t, ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&listClientOrderId=then&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2&workingTimeInForce=GTC&workingClientOrderId=first"+
		"&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1&pendingClientOrderId=second"))
	order := func(id float64, name string) any {
		return map[string]any{"symbol": "BTCUSDT", "orderId": id, "clientOrderId": name}
	}
	report := func(more map[string]any) any {
		r := map[string]any{
			"symbol": "BTCUSDT", "orderListId": 1.0, "transactTime": at, "executedQty": "0.00000000", "origQuoteOrderQty": "0.00000000",
			"cummulativeQuoteQty": "0.00000000", "timeInForce": "GTC", "selfTradePreventionMode": "EXPIRE_MAKER",
		}
		for n, v := range more {
			r[n] = v
		}
		return r
	}
	want := map[string]any{
		"orderListId": 1.0, "contingencyType": "OTO", "listStatusType": "EXEC_STARTED", "listOrderStatus": "EXECUTING", "listClientOrderId": "then", "transactionTime": at, "symbol": "BTCUSDT",
		"orders": []any{order(3, "first"), order(4, "second")},
		"orderReports": []any{
			report(map[string]any{"orderId": 3.0, "clientOrderId": "first", "type": "LIMIT", "side": "BUY", "price": "99.00000000", "origQty": "2.00000000", "status": "NEW", "workingTime": at}),
			report(map[string]any{"orderId": 4.0, "clientOrderId": "second", "type": "MARKET", "side": "SELL", "price": "0.00000000", "origQty": "1.00000000", "status": "PENDING_NEW", "workingTime": -1.0}),
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("an OTO:\n got %v\nwant %v", got, want)
	}
	var a accountInfo
	ada.yes(ada.do("GET", "/api/v3/account", ""), &a)
	if btc, usdt := a.Balances[0], a.Balances[len(a.Balances)-1]; btc.Locked != "0.00000000" || usdt.Locked != "198.00000000" {
		t.Errorf("locked %+v and %+v, want what the working order needs", btc, usdt)
	}
	var open []map[string]any
	ada.yes(ada.do("GET", "/api/v3/openOrders", "symbol=BTCUSDT"), &open)
	if len(open) != 2 {
		t.Fatalf("open: %v", open)
	}
	has(t, "what is pending, among the open", open[1], map[string]any{"status": "PENDING_NEW", "isWorking": false, "workingTime": -1.0, "orderListId": 1.0})
	ada.no(ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&listClientOrderId=then&workingType=LIMIT_MAKER&workingSide=BUY&workingPrice=98&workingQuantity=1&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1"), 400, -2010, "Duplicate order sent.")

	// Filled whole, by two.
	x.Fund(bob.account, "BTC", "10")
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=3&price=97"), &struct{}{})
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1.5&price=99"), &struct{}{})
	has(t, "while it is not filled whole", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"status": "PENDING_NEW"})
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99"), &struct{}{})
	has(t, "when it is", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"status": "FILLED", "executedQty": "1.00000000", "cummulativeQuoteQty": "97.00000000", "workingTime": at})
	has(t, "the list", fields(t, ada.do("GET", "/api/v3/orderList", "orderListId=1")), map[string]any{"contingencyType": "OTO", "listOrderStatus": "ALL_DONE"})

	// One that takes at once answers with what it took; what was pending as it was placed.
	now := fields(t, ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&newOrderRespType=FULL&workingType=LIMIT&workingSide=SELL&workingPrice=97&workingQuantity=1&workingTimeInForce=IOC"+
		"&pendingType=LIMIT&pendingSide=BUY&pendingPrice=90&pendingTimeInForce=GTC&pendingQuantity=1&pendingIcebergQty=0.5"))
	reports := now["orderReports"].([]any)
	has(t, "what took", reports[0].(map[string]any), map[string]any{"status": "FILLED", "orderId": 8.0})
	if fills := reports[0].(map[string]any)["fills"].([]any); len(fills) != 1 {
		t.Errorf("fills: %v", fills)
	}
	has(t, "what was pending", reports[1].(map[string]any), map[string]any{"status": "PENDING_NEW", "orderId": 9.0, "icebergQty": "0.50000000", "fills": []any{}})
	has(t, "what came of it", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=9")), map[string]any{"status": "NEW", "isWorking": true})
	ada.yes(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=9"), &struct{}{})

	// Three: a purchase, and its profit and its loss.
	three := fields(t, ada.do("POST", "/api/v3/orderList/otoco", "symbol=BTCUSDT&workingType=LIMIT_MAKER&workingSide=BUY&workingPrice=95&workingQuantity=1&pendingSide=SELL&pendingQuantity=1"+
		"&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=105&pendingAboveClientOrderId=up&pendingBelowType=STOP_LOSS_LIMIT&pendingBelowStopPrice=90&pendingBelowPrice=89&pendingBelowTimeInForce=GTC&pendingBelowClientOrderId=down"))
	has(t, "three", three, map[string]any{"orderListId": 3.0, "contingencyType": "OTO", "listOrderStatus": "EXECUTING"})
	for i, want := range []map[string]any{
		{"orderId": 10.0, "status": "NEW", "type": "LIMIT_MAKER", "side": "BUY"},
		{"orderId": 11.0, "status": "PENDING_NEW", "type": "STOP_LOSS_LIMIT", "clientOrderId": "down", "stopPrice": "90.00000000", "workingTime": -1.0},
		{"orderId": 12.0, "status": "PENDING_NEW", "type": "LIMIT_MAKER", "clientOrderId": "up", "workingTime": -1.0},
	} {
		has(t, "three", three["orderReports"].([]any)[i].(map[string]any), want)
	}
	var limits []rateLimit
	ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
	before := *limits[1].Count
	gone := fields(t, ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=3"))
	if rs := gone["orderReports"].([]any); len(rs) != 3 || rs[2].(map[string]any)["status"] != "CANCELED" {
		t.Errorf("cancelled: %v", rs)
	}
	ada.yes(ada.do("POST", "/api/v3/orderList/otoco", "symbol=BTCUSDT&workingType=LIMIT_MAKER&workingSide=BUY&workingPrice=95&workingQuantity=1&pendingSide=SELL&pendingQuantity=1"+
		"&pendingAboveType=TAKE_PROFIT&pendingAboveStopPrice=105&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=90"), &struct{}{})
	ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
	if *limits[1].Count != before+3 {
		t.Errorf("%d orders are counted, want 3 more than %d", *limits[1].Count, before)
	}
}

// TestOPO: one order that buys, and one or two that sell what it brings, with the published fields of the answers
// (rest-api.md): a pending one has no origQty until it comes.
func TestOPO(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	x.Fund(bob.account, "BTC", "20")
	at := float64(x.Clock.Now().UnixMilli())
	got := fields(t, ada.do("POST", "/api/v3/orderList/opo", "symbol=BTCUSDT&listClientOrderId=pays&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2&workingTimeInForce=GTC&workingClientOrderId=first"+
		"&pendingType=LIMIT&pendingSide=SELL&pendingPrice=105&pendingTimeInForce=GTC&pendingClientOrderId=second"))
	has(t, "an OPO", got, map[string]any{"orderListId": 1.0, "contingencyType": "OTO", "listStatusType": "EXEC_STARTED", "listOrderStatus": "EXECUTING", "listClientOrderId": "pays"})
	pending := map[string]any{
		"symbol": "BTCUSDT", "orderListId": 1.0, "transactTime": at, "executedQty": "0.00000000", "origQuoteOrderQty": "0.00000000", "orderId": 4.0, "clientOrderId": "second",
		"cummulativeQuoteQty": "0.00000000", "timeInForce": "GTC", "selfTradePreventionMode": "EXPIRE_MAKER", "type": "LIMIT", "side": "SELL", "price": "105.00000000", "status": "PENDING_NEW", "workingTime": -1.0,
	}
	if reports := got["orderReports"].([]any); len(reports) != 2 || !reflect.DeepEqual(reports[1], any(pending)) {
		t.Errorf("what is pending:\n got %v\nwant %v", reports[1], pending)
	} else {
		has(t, "what works", reports[0].(map[string]any), map[string]any{"orderId": 3.0, "origQty": "2.00000000", "status": "NEW", "workingTime": at})
	}
	has(t, "among the open", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"origQty": nil, "status": "PENDING_NEW", "isWorking": false})
	ada.no(ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&orderId=4&newQty=1"), 400, -2038, "Order amend (pending OPO order) is not supported.")
	balance := func() (free, locked string) {
		t.Helper()
		var a accountInfo
		ada.yes(ada.do("GET", "/api/v3/account", ""), &a)
		return a.Balances[0].Free, a.Balances[0].Locked
	}
	_, before := balance()
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1.5&price=99"), &struct{}{})
	if _, locked := balance(); before != "0.00000000" || locked != "1.50000000" {
		t.Errorf("%s and then %s is locked", before, locked)
	}
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99"), &struct{}{})
	has(t, "when it comes", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"status": "NEW", "origQty": "2.00000000", "isWorking": true, "workingTime": at})
	has(t, "the list", fields(t, ada.do("GET", "/api/v3/orderList", "orderListId=1")), map[string]any{"contingencyType": "OTO", "listOrderStatus": "EXECUTING"})
	ada.yes(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=4"), &struct{}{})

	three := fields(t, ada.do("POST", "/api/v3/orderList/opoco", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=1&workingTimeInForce=GTC&pendingSide=SELL"+
		"&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=105&pendingAboveClientOrderId=up&pendingBelowType=STOP_LOSS_LIMIT&pendingBelowStopPrice=90&pendingBelowPrice=89&pendingBelowTimeInForce=GTC&pendingBelowClientOrderId=down"))
	for i, want := range []map[string]any{
		{"orderId": 7.0, "status": "NEW", "type": "LIMIT", "side": "BUY", "origQty": "1.00000000"},
		{"orderId": 8.0, "status": "PENDING_NEW", "type": "STOP_LOSS_LIMIT", "clientOrderId": "down", "stopPrice": "90.00000000", "workingTime": -1.0, "origQty": nil},
		{"orderId": 9.0, "status": "PENDING_NEW", "type": "LIMIT_MAKER", "clientOrderId": "up", "workingTime": -1.0, "origQty": nil},
	} {
		has(t, "three", three["orderReports"].([]any)[i].(map[string]any), want)
	}
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99"), &struct{}{})
	gone := fields(t, ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=2"))
	if rs := gone["orderReports"].([]any); len(rs) != 3 || rs[2].(map[string]any)["status"] != "CANCELED" {
		t.Errorf("cancelled: %v", rs)
	}
	if _, locked := balance(); locked != "0.00000000" {
		t.Errorf("%s stays locked", locked)
	}
	var limits []rateLimit
	ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
	count := *limits[1].Count
	ada.yes(ada.do("POST", "/api/v3/orderList/opo", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=90&workingQuantity=1&workingTimeInForce=GTC&pendingType=MARKET&pendingSide=SELL"), &struct{}{})
	ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
	if got := *limits[1].Count; got != count+2 {
		t.Errorf("%d orders are counted, want 2 more than %d", got, count)
	}
	info := fields(t, ada.do("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT"))
	if s := info["symbols"].([]any)[0].(map[string]any); s["opoAllowed"] != true {
		t.Errorf("opoAllowed: %v", s["opoAllowed"])
	}
}

func TestOTORefusals(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	const oto, otoco, opo, opoco = "/api/v3/orderList/oto", "/api/v3/orderList/otoco", "/api/v3/orderList/opo", "/api/v3/orderList/opoco"
	works := "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2&workingTimeInForce=GTC"
	sells := "&pendingType=MARKET&pendingSide=SELL&pendingQuantity=1"
	pair := "&pendingSide=SELL&pendingQuantity=1"
	for _, c := range []struct {
		what, path, params string
		code               int
		msg                string
	}{
		{"nothing works", oto, "symbol=BTCUSDT" + sells, -1102, "Mandatory parameter 'workingSide' was not sent, was empty/null, or malformed."},
		{"nothing is pending", oto, works, -1102, "Mandatory parameter 'pendingSide' was not sent, was empty/null, or malformed."},
		{"no force", oto, "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=2" + sells, -1102, "Mandatory parameter 'workingTimeInForce' was not sent, was empty/null, or malformed."},
		{"a market order works", oto, "symbol=BTCUSDT&workingType=MARKET&workingSide=BUY&workingQuantity=2" + sells, -1014, unsupported},
		{"neither buys nor sells", oto, works + "&pendingType=MARKET&pendingSide=HOLD&pendingQuantity=1", -1117, "Invalid side."},
		{"by money", oto, works + "&pendingType=MARKET&pendingSide=SELL&pendingQuoteOrderQty=100", -1106, "Parameter 'pendingQuoteOrderQty' sent when not required."},
		{"no quantity is pending", oto, works + "&pendingType=MARKET&pendingSide=SELL", -1102, "Mandatory parameter 'pendingQuantity' was not sent, was empty/null, or malformed."},
		{"a market order that trails", oto, works + sells + "&pendingTrailingDelta=100", -1106, "Parameter 'pendingTrailingDelta' sent when not required."},
		{"it is pegged", oto, works + sells + "&workingPegPriceType=PRIMARY_PEG", -2010, "Pegged orders are not supported for this symbol."},
		{"no price is pending", oto, works + "&pendingType=LIMIT&pendingSide=SELL&pendingQuantity=1&pendingTimeInForce=GTC", -1102, "Mandatory parameter 'pendingPrice' was not sent, was empty/null, or malformed."},
		{"too fine", oto, works + "&pendingType=LIMIT&pendingSide=SELL&pendingQuantity=1&pendingTimeInForce=GTC&pendingPrice=101.0001", -1013, "Filter failure: PRICE_FILTER"},
		{"a market order in parts", oto, works + sells + "&pendingIcebergQty=0.5", -1106, "Parameter 'pendingIcebergQty' sent when not required."},
		{"more than there is", oto, "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingPrice=101&workingQuantity=45&workingTimeInForce=GTC&pendingType=MARKET&pendingSide=BUY&pendingQuantity=1", -2010, "Account has insufficient balance for requested action."},
		{"it pays and sells", opo, "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingPrice=101&workingQuantity=2&workingTimeInForce=GTC&pendingType=MARKET&pendingSide=SELL", -1222, "Working order in an OPO list must be a bid."},
		{"it pays for what buys", opo, works + "&pendingType=MARKET&pendingSide=BUY", -1223, "Pending orders in an OPO list must be asks."},
		{"it pays for a quantity", opo, works + sells, -1225, "Pending orders should not include the 'pendingQuantity' tag."},
		{"it pays for money", opo, works + "&pendingType=MARKET&pendingSide=SELL&pendingQuoteOrderQty=100", -1106, "Parameter 'pendingQuoteOrderQty' sent when not required."},
		{"it pays, and no force", opo, works + "&pendingType=LIMIT&pendingSide=SELL&pendingPrice=110", -1102, "Mandatory parameter 'pendingTimeInForce' was not sent, was empty/null, or malformed."},
		{"it pays, too fine", opo, works + "&pendingType=LIMIT&pendingSide=SELL&pendingTimeInForce=GTC&pendingPrice=101.0001", -1013, "Filter failure: PRICE_FILTER"},
		{"it pays, in parts too fine", opo, works + "&pendingType=LIMIT&pendingSide=SELL&pendingTimeInForce=GTC&pendingPrice=101&pendingIcebergQty=0.000001", -1013, "Filter failure: LOT_SIZE"},
		{"it pays for two of a quantity", opoco, works + pair + "&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=105&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=90", -1225, "Pending orders should not include the 'pendingQuantity' tag."},
		{"it pays for two that buy", opoco, works + "&pendingSide=BUY&pendingAboveType=STOP_LOSS&pendingAboveStopPrice=105&pendingBelowType=LIMIT_MAKER&pendingBelowPrice=90", -1223, "Pending orders in an OPO list must be asks."},
		{"it pays for two, the wrong way round", opoco, works + "&pendingSide=SELL&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=85&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=90", -2010, "The relationship of the prices for the orders is not correct."},
		{"two that rest", otoco, works + pair + "&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=105&pendingBelowType=LIMIT_MAKER&pendingBelowPrice=90", -1168, "At least one OCO order must be contingent."},
		{"a limit order in a pair", otoco, works + pair + "&pendingAboveType=LIMIT&pendingAbovePrice=105&pendingAboveTimeInForce=GTC&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=90", -1158, "Order type not supported in OCO."},
		{"the wrong way round", otoco, works + pair + "&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=85&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=90", -2010, "The relationship of the prices for the orders is not correct."},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := *ada
			a.t = t
			a.no(a.do("POST", c.path, c.params), 400, c.code, c.msg)
		})
	}
	if open := x.View().Orders(ada.account, true); len(open) != 0 {
		t.Errorf("refused, and yet: %+v", open)
	}
}

// TestTrailingStop: an order that follows the price, alone and in lists, with the published fields.
func TestTrailingStop(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	at := float64(x.Clock.Now().UnixMilli())
	has(t, "placed", fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=500&newOrderRespType=RESULT")),
		map[string]any{"orderId": 3.0, "status": "NEW", "trailingDelta": 500.0, "trailingTime": at, "workingTime": -1.0, "stopPrice": nil})
	has(t, "with a stop price", fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_LIMIT&timeInForce=GTC&quantity=1&price=105&stopPrice=110&trailingDelta=100&newOrderRespType=RESULT")),
		map[string]any{"orderId": 4.0, "trailingDelta": 100.0, "trailingTime": -1.0, "stopPrice": "110.00000000"})
	x.Fund(bob.account, "BTC", "10")
	trade := func(price string) {
		t.Helper()
		bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price="+price), &struct{}{})
		ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price="+price), &struct{}{})
	}
	trade("112")
	has(t, "it follows", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"trailingTime": at, "isWorking": false})
	trade("110.88")
	has(t, "it is triggered", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=4")), map[string]any{"isWorking": true, "workingTime": at, "status": "NEW"})
	has(t, "it is not", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=3")), map[string]any{"isWorking": false})
	ada.yes(ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), &[]any{})

	pair := fields(t, ada.do("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=130&belowType=STOP_LOSS&belowStopPrice=90&belowTrailingDelta=200"))
	has(t, "in a pair", pair["orderReports"].([]any)[0].(map[string]any), map[string]any{"type": "STOP_LOSS", "trailingDelta": 200.0, "trailingTime": -1.0})
	ada.no(ada.do("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=1&aboveType=LIMIT_MAKER&abovePrice=130&belowType=STOP_LOSS&belowTrailingDelta=200"), 400, -1102, "Mandatory parameter 'belowStopPrice' was not sent, was empty/null, or malformed.")
	ada.yes(ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), &[]any{})
	then := fields(t, ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=99&workingQuantity=1&workingTimeInForce=GTC&pendingType=STOP_LOSS&pendingSide=SELL&pendingQuantity=1&pendingTrailingDelta=300"))
	has(t, "pending", then["orderReports"].([]any)[1].(map[string]any), map[string]any{"status": "PENDING_NEW", "trailingDelta": 300.0, "trailingTime": -1.0})
}

// TestOrderEvents: what an account's own stream tells of orders that wait, cancel one another,
// are made smaller or are kept from meeting their own.
func TestOrderEvents(t *testing.T) {
	l := goLive(t)
	lastAt(l.ada, l.bob, "BTCUSDT", "100")
	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	ada := l.dial("/ws/" + opened.ListenKey)
	next := func(what string, wants ...map[string]any) {
		t.Helper()
		for i, w := range wants {
			has(t, fmt.Sprintf("%s, event %d", what, i), ada.next(), w)
		}
	}
	balances := map[string]any{"e": "outboundAccountPosition"}
	sale := func(params string) { l.ada.order("symbol=BTCUSDT&side=SELL&" + params) }

	sale("type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.5&price=94&stopPrice=95&icebergQty=0.1&newClientOrderId=stop")
	next("a stop", map[string]any{"c": "stop", "x": "NEW", "X": "NEW", "o": "STOP_LOSS_LIMIT", "P": "95.00000000", "F": "0.10000000", "w": false, "W": nil, "g": -1.0, "v": nil, "A": nil, "u": nil}, balances)
	sale("type=LIMIT&timeInForce=GTC&quantity=0.1&price=95&newClientOrderId=mine")
	next("an order", map[string]any{"c": "mine", "x": "NEW"}, balances)
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	now := float64(l.Clock.Now().UnixMilli())
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price=95")
	next("the stop's price", map[string]any{"c": "mine", "x": "TRADE", "X": "FILLED", "w": false}, map[string]any{"c": "stop", "x": "NEW", "X": "NEW", "w": true, "W": now, "O": now - 1000}, balances)

	l.ada.yes(l.ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=stop&newQty=0.4&newClientOrderId=less"), &struct{}{})
	next("made smaller", map[string]any{"c": "less", "x": "REPLACED", "X": "NEW", "q": "0.40000000", "w": true}, balances)

	// Of 0.4 at 94, 0.1 goes by its own account, 0.3 is left.
	l.Fund(l.ada.account, "USDT", "10000")
	next("a deposit", map[string]any{"e": "balanceUpdate"}, balances)
	l.ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=94&newClientOrderId=own&selfTradePreventionMode=DECREMENT")
	prevented := func(more map[string]any) map[string]any {
		w := map[string]any{"x": "TRADE_PREVENTION", "v": 1.0, "A": "0.10000000", "B": "0.10000000", "u": -1.0, "Cs": "BTCUSDT", "pl": "0.10000000", "pL": "94.00000000", "pY": "9.40000000", "l": "0.00000000", "t": -1.0}
		for n, v := range more {
			w[n] = v
		}
		return w
	}
	next("kept from its own", map[string]any{"c": "own", "x": "NEW", "V": "DECREMENT"},
		prevented(map[string]any{"c": "own", "X": "EXPIRED_IN_MATCH", "U": 3.0, "m": false, "w": false}),
		prevented(map[string]any{"c": "less", "X": "NEW", "U": 6.0, "m": true, "w": true, "q": "0.40000000"}), balances)

	l.ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT")
	next("cancelled", map[string]any{"c": "less", "x": "CANCELED"}, balances)

	l.ada.yes(l.ada.do("POST", "/api/v3/order/oco", "symbol=BTCUSDT&side=SELL&quantity=0.2&price=120&stopPrice=80&listClientOrderId=pair&limitClientOrderId=up&stopClientOrderId=down"), &struct{}{})
	members := []any{map[string]any{"s": "BTCUSDT", "i": 7.0, "c": "down"}, map[string]any{"s": "BTCUSDT", "i": 8.0, "c": "up"}}
	list := map[string]any{"e": "listStatus", "E": now, "s": "BTCUSDT", "g": 1.0, "c": "OCO", "l": "EXEC_STARTED", "L": "EXECUTING", "r": "NONE", "C": "pair", "T": now, "O": members}
	next("two", map[string]any{"c": "down", "x": "NEW", "g": 1.0, "P": "80.00000000", "w": false}, map[string]any{"c": "up", "x": "NEW", "g": 1.0, "w": true}, list, balances)
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.2&price=120")
	list["l"], list["L"] = "ALL_DONE", "ALL_DONE"
	next("one of two trades", map[string]any{"c": "down", "x": "EXPIRED", "X": "EXPIRED", "g": 1.0}, map[string]any{"c": "up", "x": "TRADE", "X": "FILLED", "g": 1.0}, list, balances)

	l.ada.yes(l.ada.do("POST", "/api/v3/order/oco", "symbol=BTCUSDT&side=SELL&quantity=0.2&price=130&stopPrice=80&limitClientOrderId=up&stopClientOrderId=down"), &struct{}{})
	for range 4 {
		ada.next()
	}
	l.ada.yes(l.ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=2&newClientOrderId=no-more"), &struct{}{})
	next("both cancelled", map[string]any{"C": "down", "c": "no-more", "x": "CANCELED"}, map[string]any{"C": "up", "c": "no-more", "x": "CANCELED"}, map[string]any{"e": "listStatus", "L": "ALL_DONE"}, balances)
	// Of one whose other has ended the list can still be cancelled, and only the one is.
	l.ada.yes(l.ada.do("POST", "/api/v3/order/oco", "symbol=BTCUSDT&side=SELL&quantity=0.2&price=130&stopPrice=80&limitClientOrderId=up&stopClientOrderId=down"), &struct{}{})
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price=130")
	for range 4 + 3 {
		ada.next()
	}
	l.ada.yes(l.ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=3"), &struct{}{})
	next("what is left", map[string]any{"C": "up", "x": "CANCELED", "z": "0.10000000"}, map[string]any{"e": "listStatus", "L": "ALL_DONE", "g": 3.0}, balances)

	// What is pending is told of when it is placed and when it comes.
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/otoco", "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingPrice=130&workingQuantity=0.2&workingTimeInForce=GTC&workingClientOrderId=w&listClientOrderId=three"+
		"&pendingSide=BUY&pendingQuantity=0.1&pendingAboveType=STOP_LOSS&pendingAboveStopPrice=140&pendingAboveClientOrderId=a&pendingBelowType=LIMIT_MAKER&pendingBelowPrice=90&pendingBelowClientOrderId=b"), &struct{}{})
	members = []any{map[string]any{"s": "BTCUSDT", "i": 15.0, "c": "w"}, map[string]any{"s": "BTCUSDT", "i": 16.0, "c": "a"}, map[string]any{"s": "BTCUSDT", "i": 17.0, "c": "b"}}
	list = map[string]any{"e": "listStatus", "g": 4.0, "c": "OTO", "l": "EXEC_STARTED", "L": "EXECUTING", "C": "three", "O": members}
	next("three", map[string]any{"c": "w", "x": "NEW", "X": "NEW", "w": true}, map[string]any{"c": "a", "x": "NEW", "X": "PENDING_NEW", "w": false, "W": nil, "g": 4.0},
		map[string]any{"c": "b", "x": "NEW", "X": "PENDING_NEW", "w": false, "W": nil}, list, balances)
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	now = float64(l.Clock.Now().UnixMilli())
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.2&price=130")
	next("they come", map[string]any{"c": "w", "x": "TRADE", "X": "FILLED"}, map[string]any{"c": "a", "x": "NEW", "X": "NEW", "w": false, "W": nil, "T": now, "O": now - 1000},
		map[string]any{"c": "b", "x": "NEW", "X": "NEW", "w": true, "W": now}, balances)
	l.ada.yes(l.ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=4"), &struct{}{})
	list["l"], list["L"] = "ALL_DONE", "ALL_DONE"
	next("cancelled", map[string]any{"C": "a", "x": "CANCELED"}, map[string]any{"C": "b", "x": "CANCELED"}, list, balances)
	// All in one record: it takes, and what was pending comes.
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=110")
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingPrice=110&workingQuantity=0.1&workingTimeInForce=GTC&workingClientOrderId=w&pendingType=LIMIT&pendingSide=SELL&pendingPrice=150&pendingTimeInForce=GTC&pendingQuantity=0.1&pendingClientOrderId=p"), &struct{}{})
	next("at once", map[string]any{"c": "w", "x": "NEW"}, map[string]any{"c": "p", "x": "NEW", "X": "PENDING_NEW"}, map[string]any{"c": "w", "x": "TRADE", "X": "FILLED"},
		map[string]any{"c": "p", "x": "NEW", "X": "NEW", "w": true, "W": now}, map[string]any{"e": "listStatus", "c": "OTO", "L": "EXECUTING"}, balances)
	l.ada.yes(l.ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=p"), &struct{}{})
	next("the last of it", map[string]any{"C": "p", "x": "CANCELED"}, map[string]any{"e": "listStatus", "L": "ALL_DONE"}, balances)
	// Paid for by another: its quantity is told when it comes.
	l.bob.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=120")
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/opo", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingPrice=120&workingQuantity=0.1&workingTimeInForce=GTC&workingClientOrderId=w&pendingType=LIMIT&pendingSide=SELL&pendingPrice=150&pendingTimeInForce=GTC&pendingClientOrderId=p"), &struct{}{})
	next("paid for", map[string]any{"c": "w", "x": "NEW"}, map[string]any{"c": "p", "x": "NEW", "X": "PENDING_NEW", "q": "0.00000000"}, map[string]any{"c": "w", "x": "TRADE", "X": "FILLED"},
		map[string]any{"c": "p", "x": "NEW", "X": "NEW", "w": true, "W": now, "q": "0.10000000"}, map[string]any{"e": "listStatus", "c": "OTO", "L": "EXECUTING"}, balances)
	l.ada.yes(l.ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=p"), &struct{}{})
	next("and the last of that", map[string]any{"C": "p", "x": "CANCELED"}, map[string]any{"e": "listStatus", "L": "ALL_DONE"}, balances)
	// Of one that is made smaller and has another name then, the list is told; the answer has the list.
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&listClientOrderId=named&workingType=LIMIT&workingSide=SELL&workingPrice=160&workingQuantity=0.3&workingTimeInForce=GTC&workingClientOrderId=w&pendingType=MARKET&pendingSide=BUY&pendingQuantity=0.1&pendingClientOrderId=p"), &struct{}{})
	var ids []float64
	for range 2 {
		ids = append(ids, ada.next()["i"].(float64))
	}
	number := ada.next()["g"].(float64)
	ada.next()
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	now = float64(l.Clock.Now().UnixMilli())
	got := fields(t, l.ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=w&newQty=0.2&newClientOrderId=z"))
	of := func(name string) []any {
		return []any{map[string]any{"symbol": "BTCUSDT", "orderId": ids[0], "clientOrderId": name}, map[string]any{"symbol": "BTCUSDT", "orderId": ids[1], "clientOrderId": "p"}}
	}
	if want := map[string]any{"orderListId": number, "contingencyType": "OTO", "listOrderStatus": "EXECUTING", "listClientOrderId": "named", "symbol": "BTCUSDT", "orders": of("z")}; !reflect.DeepEqual(got["listStatus"], any(want)) {
		t.Errorf("the list of what was made smaller:\n got %v\nwant %v", got["listStatus"], want)
	}
	next("another name", map[string]any{"c": "z", "x": "REPLACED"}, map[string]any{
		"e": "listStatus", "g": number, "c": "OTO", "l": "UPDATED", "L": "EXECUTING", "C": "named", "T": now,
		"O": []any{map[string]any{"s": "BTCUSDT", "i": ids[0], "c": "z"}, map[string]any{"s": "BTCUSDT", "i": ids[1], "c": "p"}},
	}, balances)
	l.ada.yes(l.ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=z&newQty=0.1&newClientOrderId=z"), &struct{}{})
	next("the same name", map[string]any{"c": "z", "x": "REPLACED"}, balances)
	if n := len(l.wire.hub.canceled); n != 0 {
		t.Errorf("%d names of cancels are kept", n)
	}
}
