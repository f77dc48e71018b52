package binance

import (
	"fmt"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/money"
	"sallyport/venue/tape"
)

// group puts accounts into a trade group, as the desk does.
func group(t *testing.T, x *sample.Exchange, n uint32, accounts ...*trader) {
	t.Helper()
	for _, a := range accounts {
		if err := x.SetTradeGroup(&tape.SetTradeGroup{Account: a.account, Group: n, By: "m.ortiz", Reason: "one owner"}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTransfer is the published worked example H of self-trade prevention (faqs/stp_faq.md): two
// accounts of a trade group, whose orders both say TRANSFER.
func TestTransfer(t *testing.T) {
	x, _, ada, bob := bounded(t)
	x.Fund(bob.account, "ETH", "100")
	has(t, "in no group", fields(t, ada.do("GET", "/api/v3/account", "")), map[string]any{"tradeGroupId": -1.0})
	group(t, x, 1, ada, bob)
	has(t, "in a group", fields(t, ada.do("GET", "/api/v3/account", "")), map[string]any{"tradeGroupId": 1.0})

	const form = "symbol=ETHUSDT&type=LIMIT&timeInForce=GTC&newOrderRespType=FULL&selfTradePreventionMode=TRANSFER&price=0.2"
	maker := fields(t, ada.do("POST", "/api/v3/order", form+"&side=BUY&quantity=0.6"))
	has(t, "the maker's answer", maker, map[string]any{"status": "NEW", "tradeGroupId": nil, "preventedMatches": nil})
	taker := fields(t, bob.do("POST", "/api/v3/order", form+"&side=SELL&quantity=0.2"))
	has(t, "the taker's answer", taker, map[string]any{
		"status": "EXPIRED_IN_MATCH", "executedQty": "0.00000000", "cummulativeQuoteQty": "0.00000000", "selfTradePreventionMode": "TRANSFER", "tradeGroupId": 1.0, "preventedQuantity": "0.20000000",
		"fills": []any{}, "preventedMatches": []any{map[string]any{"preventedMatchId": 1.0, "makerSymbol": "ETHUSDT", "makerOrderId": maker["orderId"], "price": "0.20000000",
			"takerPreventedQuantity": "0.20000000", "makerPreventedQuantity": "0.20000000"}}})
	has(t, "the maker's order", fields(t, ada.do("GET", "/api/v3/order", fmt.Sprintf("symbol=ETHUSDT&orderId=%v", maker["orderId"]))),
		map[string]any{"status": "NEW", "executedQty": "0.00000000", "preventedMatchId": 1.0, "preventedQuantity": "0.20000000", "tradeGroupId": 1.0})
	for _, c := range []struct {
		who         *trader
		order, want string
	}{{ada, fmt.Sprint(maker["orderId"]), "100.20000000 0.00000000 999999.88000000 0.08000000"}, {bob, fmt.Sprint(taker["orderId"]), "99.80000000 0.00000000 5000000.04000000 0.00000000"}} {
		held := map[string][2]string{}
		var info struct {
			Balances []struct{ Asset, Free, Locked string }
		}
		c.who.yes(c.who.do("GET", "/api/v3/account", ""), &info)
		for _, b := range info.Balances {
			held[b.Asset] = [2]string{b.Free, b.Locked}
		}
		if got := strings.Join([]string{held["ETH"][0], held["ETH"][1], held["USDT"][0], held["USDT"][1]}, " "); got != c.want {
			t.Errorf("account %d has %s, want %s", c.who.account, got, c.want)
		}
		var rows []map[string]any
		c.who.yes(c.who.do("GET", "/api/v3/myPreventedMatches", "symbol=ETHUSDT&orderId="+c.order), &rows)
		if len(rows) != 1 {
			t.Fatalf("prevented matches: %v", rows)
		}
		has(t, "the prevented match", rows[0], map[string]any{"takerOrderId": taker["orderId"], "makerOrderId": maker["orderId"], "tradeGroupId": 1.0, "selfTradePreventionMode": "TRANSFER", "price": "0.20000000",
			"takerPreventedQuantity": "0.20000000", "makerPreventedQuantity": "0.20000000", "barredBy": nil})
		var trades []any
		if c.who.yes(c.who.do("GET", "/api/v3/myTrades", "symbol=ETHUSDT"), &trades); len(trades) != 0 {
			t.Errorf("it is a trade: %v", trades)
		}
	}

	// What the maker does not say too is DECREMENT, and both accounts find it, whoever lost by it.
	ada.order("symbol=ETHUSDT&type=LIMIT&timeInForce=GTC&side=BUY&quantity=1&price=0.3")
	taker = fields(t, bob.do("POST", "/api/v3/order", form+"&side=SELL&quantity=0.5"))
	has(t, "a maker without a word", taker, map[string]any{"status": "EXPIRED_IN_MATCH", "selfTradePreventionMode": "TRANSFER"})
	taker = fields(t, bob.do("POST", "/api/v3/order", "symbol=ETHUSDT&type=LIMIT&timeInForce=GTC&newOrderRespType=FULL&price=0.3&side=SELL&quantity=0.5&selfTradePreventionMode=EXPIRE_MAKER"))
	has(t, "the maker ends", taker, map[string]any{"status": "NEW", "tradeGroupId": nil, "preventedMatches": []any{map[string]any{"preventedMatchId": 3.0, "makerSymbol": "ETHUSDT", "makerOrderId": 3.0, "price": "0.30000000", "makerPreventedQuantity": "0.50000000"}}})
	var rows []map[string]any
	ada.yes(ada.do("GET", "/api/v3/myPreventedMatches", "symbol=ETHUSDT&orderId=3"), &rows)
	if len(rows) != 2 || rows[0]["selfTradePreventionMode"] != "DECREMENT" || rows[1]["selfTradePreventionMode"] != "EXPIRE_MAKER" {
		t.Errorf("prevented matches of the maker: %v", rows)
	}
	bob.yes(bob.do("GET", "/api/v3/myPreventedMatches", "symbol=ETHUSDT&preventedMatchId=3"), &rows)
	if len(rows) != 1 {
		t.Errorf("the taker does not see whom it ended: %v", rows)
	}
}

// TestTransferEvents: both accounts' streams tell of what changed hands.
func TestTransferEvents(t *testing.T) {
	l := goLive(t)
	group(t, l.Exchange, 1, l.ada, l.bob)
	streams := map[*trader]*listener{}
	for _, c := range []*trader{l.ada, l.bob} {
		var opened struct{ ListenKey string }
		c.yes(c.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
		streams[c] = l.dial("/ws/" + opened.ListenKey)
	}
	const form = "symbol=BTCUSDT&type=LIMIT&timeInForce=GTC&selfTradePreventionMode=TRANSFER&price=40000"
	l.ada.order(form + "&side=SELL&quantity=0.5")
	l.bob.order(form + "&side=BUY&quantity=0.2")
	both := map[string]any{"e": "executionReport", "x": "TRADE_PREVENTION", "v": 1.0, "A": "0.20000000", "B": "0.20000000", "u": 1.0, "Cs": "BTCUSDT", "pl": "0.20000000", "pL": "40000.00000000", "pY": "8000.00000000",
		"z": "0.00000000", "l": "0.00000000", "t": -1.0, "V": "TRANSFER"}
	with := func(more map[string]any) map[string]any {
		for name, v := range both {
			if _, own := more[name]; !own {
				more[name] = v
			}
		}
		return more
	}
	for i, want := range []map[string]any{{"x": "NEW"}, {"e": "outboundAccountPosition"}, with(map[string]any{"X": "NEW", "U": 2.0, "m": true}), {"e": "outboundAccountPosition"}} {
		has(t, fmt.Sprintf("the maker's event %d", i), streams[l.ada].next(), want)
	}
	for i, want := range []map[string]any{{"x": "NEW"}, with(map[string]any{"X": "EXPIRED_IN_MATCH", "U": 1.0, "m": false}), {"e": "outboundAccountPosition"}} {
		has(t, fmt.Sprintf("the taker's event %d", i), streams[l.bob].next(), want)
	}
}

// TestMyFilters: what bounds an account's orders in a market; those of its assets are told here alone.
func TestMyFilters(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	assets := func(want string) {
		t.Helper()
		mine := fields(t, ada.do("GET", "/api/v3/myFilters", "symbol=BTCUSDT"))
		var info struct{ Symbols []struct{ Filters []any } }
		ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT", ""), &info)
		if fmt.Sprint(mine["assetFilters"]) != want || fmt.Sprint(mine["exchangeFilters"]) != "[]" || fmt.Sprint(mine["symbolFilters"]) != fmt.Sprint(info.Symbols[0].Filters) {
			t.Errorf("%v, want %s", mine, want)
		}
	}
	assets("[]")
	for i, most := range []string{"2.5", "3", "1000"} { // of BTC, ETH and USDT
		if err := x.SetMaxAsset(&tape.SetMaxAsset{Asset: uint16(i), Max: money.MustParse(most), By: "m.ortiz", Reason: "thin"}); err != nil {
			t.Fatal(err)
		}
	}
	assets("[map[asset:BTC filterType:MAX_ASSET limit:2.50000000] map[asset:USDT filterType:MAX_ASSET limit:1000.00000000]]")
	const fails = "Filter failure: MAX_ASSET"
	ada.no(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2.6&price=110"), 400, -1013, fails)
	ada.no(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=1001"), 400, -1013, fails)
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2.5&price=110")
	ada.no(ada.do("GET", "/api/v3/myFilters", ""), 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
	ada.no(ada.do("GET", "/api/v3/myFilters", "symbol=DOGEUSDT"), 400, -1121, "Invalid symbol.")
}
