package binance

import "testing"

// TestExpiryReasons: why an order expired is told with it, in its answers and in the account's events.
func TestExpiryReasons(t *testing.T) {
	l := goLive(t)
	lastAt(l.ada, l.bob, "BTCUSDT", "40000")
	const buy, sell = "symbol=BTCUSDT&side=BUY&", "symbol=BTCUSDT&side=SELL&"
	// With an order that waits for a price comes another: it is told of apart from what triggers it.
	for _, place := range []struct{ path, params string }{
		{"order", buy + "type=LIMIT&timeInForce=IOC&quantity=0.1&price=30000&newClientOrderId=ioc"},
		{"order", buy + "type=LIMIT&timeInForce=FOK&quantity=0.1&price=30000&newClientOrderId=fok"},
		{"order", sell + "type=MARKET&quantity=0.1&newClientOrderId=market"},
		{"orderList/oto", "symbol=BTCUSDT&workingType=LIMIT&workingTimeInForce=IOC&workingSide=BUY&workingPrice=30000&workingQuantity=0.1&workingClientOrderId=first" +
			"&pendingType=LIMIT_MAKER&pendingSide=SELL&pendingPrice=50000&pendingQuantity=0.1&pendingClientOrderId=second"},
	} {
		by := l.bob
		if place.params[:len(sell)] == sell {
			by = l.ada
		}
		by.yes(by.do("POST", "/api/v3/"+place.path, place.params), &map[string]any{})
	}
	// Of a pair the one that rests ends when the other is triggered, and the one that waits when the other trades.
	oco := "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=42000&belowType=STOP_LOSS_LIMIT&belowTimeInForce=GTC&belowPrice=36000&belowStopPrice=38000"
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/oco", oco+"&aboveClientOrderId=rests&belowClientOrderId=triggered"), &map[string]any{})
	trade := func(price string) {
		t.Helper()
		l.ada.order(sell + "type=LIMIT&timeInForce=GTC&quantity=0.01&price=" + price)
		l.bob.order(buy + "type=LIMIT&timeInForce=GTC&quantity=0.01&price=" + price)
	}
	trade("38000")
	l.ada.yes(l.ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=triggered"), &map[string]any{})
	l.ada.yes(l.ada.do("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=39000&belowType=STOP_LOSS&belowStopPrice=30000&aboveClientOrderId=trades&belowClientOrderId=waits"), &map[string]any{})
	l.bob.order(buy + "type=LIMIT&timeInForce=GTC&quantity=0.1&price=39000")
	// What comes after another and cannot be: it would take, and there is not so much left.
	l.ada.order(sell + "type=LIMIT&timeInForce=GTC&quantity=0.2&price=39500")
	l.bob.yes(l.bob.do("POST", "/api/v3/orderList/oto", "symbol=BTCUSDT&workingType=LIMIT&workingTimeInForce=GTC&workingSide=BUY&workingPrice=39500&workingQuantity=0.1&workingClientOrderId=filled"+
		"&pendingType=LIMIT_MAKER&pendingSide=BUY&pendingPrice=39500&pendingQuantity=0.1&pendingClientOrderId=refused"), &map[string]any{})
	l.ada.yes(l.ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), &[]any{})
	// One that waits for a price and then finds nobody; of one that buys it may have been the money.
	l.ada.order(sell + "type=STOP_LOSS&quantity=0.3&stopPrice=39000&newClientOrderId=nobody")
	trade("39000")

	for _, c := range []struct {
		by        *trader
		name, why string
	}{
		{l.bob, "ioc", "UNFILLED_IOC_QUANTITY_EXPIRED"}, {l.bob, "fok", "UNFILLED_FOK_ORDER_EXPIRED"}, {l.ada, "market", "INSUFFICIENT_LIQUIDITY"},
		{l.bob, "first", "UNFILLED_IOC_QUANTITY_EXPIRED"}, {l.bob, "second", "OTO_PHASE_ONE_EXPIRED"}, {l.ada, "rests", "OCO_TRIGGER"}, {l.ada, "triggered", ""},
		{l.ada, "trades", ""}, {l.ada, "waits", "OCO_TRIGGER"}, {l.bob, "filled", ""}, {l.bob, "refused", "REJECTED"}, {l.ada, "nobody", "INSUFFICIENT_LIQUIDITY"},
	} {
		row := fields(t, c.by.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId="+c.name))
		why, _ := row["expiryReason"].(string)
		if why != c.why || (row["status"] == "EXPIRED") != (c.why != "") {
			t.Errorf("%s is %v because of %q, want %q", c.name, row["status"], why, c.why)
		}
	}

	ws := l.dial("/ws-api/v3")
	if a := ws.ask("userDataStream.subscribe.signature", l.bob.signs("")); a["status"] != 200.0 {
		t.Fatal(a)
	}
	full := fields(t, l.bob.do("POST", "/api/v3/order", buy+"type=LIMIT&timeInForce=IOC&quantity=0.1&price=30000&newOrderRespType=RESULT"))
	has(t, "the answer", full, map[string]any{"status": "EXPIRED", "expiryReason": "UNFILLED_IOC_QUANTITY_EXPIRED"})
	for _, want := range []any{nil, "UNFILLED_IOC_QUANTITY_EXPIRED"} {
		if e := ws.next()["event"].(map[string]any); e["e"] != "executionReport" || e["eR"] != want {
			t.Errorf("%v: %v, want %v", e["X"], e["eR"], want)
		}
	}
}
