package binance

import (
	"fmt"
	"strconv"
	"testing"

	"sallyport/api/internal/sample"
)

// TestStrategies: strategyId and strategyType stand in every answer that shows the order, and in its events, where they
// were sent, and nowhere else.
func TestStrategies(t *testing.T) {
	_, _, ada, _ := start(t)
	labels := func(what string, got map[string]any, id, kind any) {
		t.Helper()
		if got["strategyId"] != id || got["strategyType"] != kind {
			t.Errorf("%s: strategyId %v, strategyType %v, want %v, %v: %v", what, got["strategyId"], got["strategyType"], id, kind, got)
		}
	}
	list := func(what string, rows []map[string]any, id, kind any) {
		t.Helper()
		if len(rows) != 1 {
			t.Fatalf("%s: %v", what, rows)
		}
		labels(what, rows[0], id, kind)
	}
	rows := func(path, params string) []map[string]any {
		var all []map[string]any
		ada.yes(ada.do("GET", path, params), &all)
		return all
	}
	const sell = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000"
	for _, answer := range []string{"RESULT", "FULL"} {
		for _, c := range []struct {
			params   string
			id, kind any
		}{
			{"", nil, nil},
			{"&strategyId=37463720", 37463720., nil},
			{"&strategyId=0&strategyType=1000000", 0., 1000000.},
			{"&strategyId=-7&strategyType=2147483647", -7., 2147483647.},
			{"&strategyType=1000001", nil, 1000001.},
		} {
			o := fields(t, ada.do("POST", "/api/v3/order", sell+"&newOrderRespType="+answer+c.params))
			labels("the answer", o, c.id, c.kind)
			id := strconv.FormatFloat(o["orderId"].(float64), 'f', -1, 64)
			labels("the order", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId="+id)), c.id, c.kind)
			list("open orders", rows("/api/v3/openOrders", "symbol=BTCUSDT"), c.id, c.kind)
			list("all orders", rows("/api/v3/allOrders", "symbol=BTCUSDT&orderId="+id), c.id, c.kind)
			amended := fields(t, ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&newQty=0.4&orderId="+id))
			labels("the amended order", amended["amendedOrder"].(map[string]any), c.id, c.kind)
			replaced := fields(t, ada.do("POST", "/api/v3/order/cancelReplace", sell+"&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId="+id+c.params))
			labels("what was cancelled for another", replaced["cancelResponse"].(map[string]any), c.id, c.kind)
			labels("the other", replaced["newOrderResponse"].(map[string]any), c.id, c.kind)
			id = strconv.FormatFloat(replaced["newOrderResponse"].(map[string]any)["orderId"].(float64), 'f', -1, 64)
			labels("what was cancelled", fields(t, ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId="+id)), c.id, c.kind)
		}
	}
	for _, c := range []struct {
		params string
		code   int
		msg    string
	}{
		{"&strategyType=999999", -1134, "strategyType was less than 1000000."},
		{"&strategyType=-1", -1134, "strategyType was less than 1000000."},
		{"&strategyType=2147483648", -1108, "Parameter 'strategyType' overflowed."},
		{"&strategyId=9223372036854775808", -1108, "Parameter 'strategyId' overflowed."},
		{"&strategyId=1.5", -1100, "Illegal characters found in parameter 'strategyId'; legal range is '^-?[0-9]{1,19}$'."},
		{"&strategyId=", -1105, "Parameter 'strategyId' was empty."},
	} {
		for _, path := range []string{"/api/v3/order", "/api/v3/order/test"} {
			ada.no(ada.do("POST", path, sell+c.params), 400, c.code, c.msg)
		}
	}
}

// TestStrategiesOfLists: each order of a list has a strategy of its own.
func TestStrategiesOfLists(t *testing.T) {
	_, _, ada, bob := start(t)
	lastAt(ada, bob, "BTCUSDT", "40000")
	for _, c := range []struct{ path, params, want string }{
		{"/api/v3/orderList/oco", "side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=41000&belowType=STOP_LOSS&belowStopPrice=39000&aboveStrategyId=1&belowStrategyId=2&belowStrategyType=1000002", "2 1000002, 1 <nil>"},
		{"/api/v3/order/oco", "side=SELL&quantity=0.1&price=41000&stopPrice=39000&limitStrategyId=1&limitStrategyType=1000001&stopStrategyType=1000002", "<nil> 1000002, 1 1000001"},
		{"/api/v3/orderList/oto", "workingType=LIMIT&workingSide=SELL&workingTimeInForce=GTC&workingPrice=41000&workingQuantity=0.1&workingStrategyId=4&pendingType=MARKET&pendingSide=BUY&pendingQuantity=0.1&pendingStrategyId=5&pendingStrategyType=1000005", "4 <nil>, 5 1000005"},
		{"/api/v3/orderList/otoco", "workingType=LIMIT&workingSide=SELL&workingTimeInForce=GTC&workingPrice=41000&workingQuantity=0.1&workingStrategyType=1000006&pendingSide=SELL&pendingQuantity=0.1" +
			"&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=42000&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=38000&pendingAboveStrategyId=7&pendingBelowStrategyId=8", "<nil> 1000006, 8 <nil>, 7 <nil>"},
	} {
		a := fields(t, ada.do("POST", c.path, "symbol=BTCUSDT&"+c.params))
		got := ""
		for i, r := range a["orderReports"].([]any) {
			if i > 0 {
				got += ", "
			}
			o := r.(map[string]any)
			show := func(v any) string {
				if f, ok := v.(float64); ok {
					return strconv.FormatFloat(f, 'f', -1, 64)
				}
				return fmt.Sprint(v)
			}
			got += show(o["strategyId"]) + " " + show(o["strategyType"])
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.path, got, c.want)
		}
		ada.no(ada.do("POST", c.path, "symbol=BTCUSDT&"+c.params+"&selfTradePreventionMode=NOPE"), 400, -1130, "Data sent for parameter 'selfTradePreventionMode' is not valid.")
		ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT")
	}
	ada.no(ada.do("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=41000&belowType=STOP_LOSS&belowStopPrice=39000&aboveStrategyType=7"), 400, -1134, "aboveStrategyType was less than 1000000.")
}

// TestStrategyEvents: the account's own events have them as j and J.
func TestStrategyEvents(t *testing.T) {
	l := goLive(t)
	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	c := l.dial("/ws/" + opened.ListenKey)
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000&strategyId=0&strategyType=1000007")
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40001")
	for _, want := range []map[string]any{{"j": 0., "J": 1000007.}, {"j": nil, "J": nil}} {
		for {
			e := c.next()
			if e["e"] == "executionReport" {
				has(t, "the report", e, want)
				break
			}
		}
	}
}

// TestCancelRestrictions: what is to be cancelled in one state alone is cancelled in no other.
func TestCancelRestrictions(t *testing.T) {
	_, _, ada, bob := start(t)
	const sell = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000"
	ada.order(sell + "&newClientOrderId=a")
	cancel := func(only string) (int, map[string]any) {
		return answers(t, ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a&cancelRestrictions="+only))
	}
	refused := map[string]any{"code": -2011., "msg": "Order was not canceled due to cancel restrictions."}
	if status, a := cancel("ONLY_PARTIALLY_FILLED"); status != 400 || fmt.Sprint(a) != fmt.Sprint(refused) {
		t.Errorf("one that is new: %d %v", status, a)
	}
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	if status, a := cancel("ONLY_NEW"); status != 400 || fmt.Sprint(a) != fmt.Sprint(refused) {
		t.Errorf("one that has traded: %d %v", status, a)
	}
	if status, a := cancel("ONLY_OLD"); status != 400 || a["code"] != -1145. || a["msg"] != "Invalid cancelRestrictions" {
		t.Errorf("a restriction that is none: %d %v", status, a)
	}
	status, a := answers(t, ada.do("POST", "/api/v3/order/cancelReplace", sell+"&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=a&cancelRestrictions=ONLY_NEW"))
	if data := a["data"].(map[string]any); status != 400 || a["code"] != -2022. || data["cancelResult"] != "FAILURE" || data["newOrderResult"] != "NOT_ATTEMPTED" || fmt.Sprint(data["cancelResponse"]) != fmt.Sprint(refused) {
		t.Errorf("for another: %d %v", status, a)
	}
	status, a = answers(t, ada.do("POST", "/api/v3/order/cancelReplace", sell+"&cancelReplaceMode=ALLOW_FAILURE&cancelOrigClientOrderId=a&cancelRestrictions=ONLY_NEW&newClientOrderId=b"))
	if status != 409 || a["code"] != -2021. {
		t.Errorf("for another, anyway: %d %v", status, a)
	}
	if status, a := cancel("ONLY_PARTIALLY_FILLED"); status != 200 || a["status"] != "CANCELED" {
		t.Errorf("%d %v", status, a)
	}
}

// TestMaxAmends: how often an order may be made smaller is a filter of its market.
func TestMaxAmends(t *testing.T) {
	g := sample.Genesis()
	g.Markets[0].MaxAmends = 2
	x := sample.Of(t, g)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	ada := newTrader(t, x, wire, "us", "Adaline Wrenfield", "US")
	x.Fund(ada.account, "BTC", "2")
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000&newClientOrderId=a")
	for _, qty := range []string{"0.4", "0.3"} {
		fields(t, ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=a&newClientOrderId=a&newQty="+qty))
	}
	ada.no(ada.do("PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=a&newQty=0.2"), 400, -1013, "Filter failure: MAX_NUM_ORDER_AMENDS")
	var info struct {
		Symbols []struct{ Filters []map[string]any }
	}
	ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", "", ""), &info)
	for i, want := range []any{2., nil} {
		var most any
		for _, f := range info.Symbols[i].Filters {
			if f["filterType"] == "MAX_NUM_ORDER_AMENDS" {
				most = f["maxNumOrderAmends"]
			}
		}
		if most != want {
			t.Errorf("market %d: at most %v amendments are told, want %v", i, most, want)
		}
	}
}
