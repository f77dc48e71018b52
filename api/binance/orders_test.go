package binance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// bounded is a sample exchange whose market has every bound, and a second market that has none
// but lets an account trade with itself.
func bounded(t *testing.T) (*sample.Exchange, http.Handler, *trader, *trader) {
	t.Helper()
	a := money.MustParse
	g := sample.Genesis()
	m := &g.Markets[0]
	m.MaxNotional, m.MarketMaxQty, m.MaxPosition, m.MaxOrders, m.MaxStops, m.MaxParts = a("1000000"), a("10"), a("50"), 4, 2, 5
	m.MaxIcebergs, m.MaxLists = 3, 9
	m.Buys, m.Sells = tape.Band{Down: 200_000, Up: 1_200_000}, tape.Band{Down: 800_000, Up: 5_000_000}
	m.Rising, m.Falling = tape.Trails{Min: 10, Max: 2000}, tape.Trails{Min: 20, Max: 1000}
	m.Tiers = []tape.Fees{{MakerPPM: 400, TakerPPM: 600}, {MakerPPM: 0, TakerPPM: 200}}
	g.Markets[1].MinNotional, g.Markets[1].AllowSelf = money.Amount{}, true
	x := sample.Of(t, g)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	ada := newTrader(t, x, wire, "us", "Adaline Wrenfield", "US")
	bob := newTrader(t, x, wire, "us", "Bertram Oakhollow", "CA")
	x.Fund(ada.account, "BTC", "40")
	x.Fund(ada.account, "ETH", "100")
	x.Fund(ada.account, "USDT", "1000000")
	x.Fund(bob.account, "USDT", "5000000")
	return x, wire, ada, bob
}

// lastAt lets the market's last price be this one.
func lastAt(ada, bob *trader, symbol, price string) {
	ada.t.Helper()
	ada.yes(ada.do("POST", "/api/v3/order", "symbol="+symbol+"&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price="+price), &struct{}{})
	bob.yes(bob.do("POST", "/api/v3/order", "symbol="+symbol+"&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price="+price), &struct{}{})
}

// some are those of an answer's fields that are asked for.
func some(got map[string]any, like map[string]any) map[string]any {
	out := map[string]any{}
	for name := range like {
		if v, ok := got[name]; ok {
			out[name] = v
		}
	}
	return out
}

// has fails unless the answer has these fields; a field that is nil must not be there.
func has(t *testing.T, what string, got, want map[string]any) {
	t.Helper()
	like := maps.Clone(want)
	maps.DeleteFunc(want, func(_ string, v any) bool { return v == nil })
	if got := some(got, like); !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// TestSelfTrade is the published worked examples of self-trade prevention, A to G, with the
// published numbers (faqs/stp_faq.md); H, which is of two accounts, is TestTransfer.
func TestSelfTrade(t *testing.T) {
	type order struct {
		side, qty, price, mode string
		status, prevented      string // in the end
	}
	for _, c := range []struct {
		name    string
		makers  []order
		taker   order
		matches []map[string]any // in the answer to the taker, without their ids
	}{
		{"A", []order{{"BUY", "1", "1", "NONE", "FILLED", ""}}, order{"SELL", "1", "1", "NONE", "FILLED", ""}, nil},
		{"B", []order{{"BUY", "1.2", "1.2", "NONE", "EXPIRED_IN_MATCH", "1.2"}, {"BUY", "1.3", "1.1", "NONE", "EXPIRED_IN_MATCH", "1.3"}, {"BUY", "8.1", "1", "NONE", "EXPIRED_IN_MATCH", "8.1"}},
			order{"SELL", "3", "1", "EXPIRE_MAKER", "NEW", ""}, []map[string]any{
				{"price": "1.20000000", "makerPreventedQuantity": "1.20000000"}, {"price": "1.10000000", "makerPreventedQuantity": "1.30000000"}, {"price": "1.00000000", "makerPreventedQuantity": "8.10000000"}}},
		{"C", []order{{"BUY", "1.2", "1.2", "NONE", "NEW", ""}, {"BUY", "1.3", "1.1", "NONE", "NEW", ""}, {"BUY", "8.1", "1", "NONE", "NEW", ""}},
			order{"SELL", "3", "1", "EXPIRE_TAKER", "EXPIRED_IN_MATCH", "3"}, []map[string]any{{"price": "1.20000000", "takerPreventedQuantity": "3.00000000"}}},
		{"D", []order{{"BUY", "1", "1", "NONE", "EXPIRED_IN_MATCH", "1"}}, order{"SELL", "3", "1", "EXPIRE_BOTH", "EXPIRED_IN_MATCH", "3"},
			[]map[string]any{{"price": "1.00000000", "takerPreventedQuantity": "3.00000000", "makerPreventedQuantity": "1.00000000"}}},
		{"E", []order{{"BUY", "1", "1", "EXPIRE_MAKER", "NEW", ""}}, order{"SELL", "1", "1", "EXPIRE_TAKER", "EXPIRED_IN_MATCH", "1"},
			[]map[string]any{{"price": "1.00000000", "takerPreventedQuantity": "1.00000000"}}},
		{"F", []order{{"BUY", "1", "1", "NONE", "EXPIRED_IN_MATCH", "1"}}, order{"SELL", "1", "", "EXPIRE_MAKER", "EXPIRED", ""},
			[]map[string]any{{"price": "1.00000000", "makerPreventedQuantity": "1.00000000"}}},
		{"G", []order{{"BUY", "6", "2", "NONE", "NEW", "2"}}, order{"SELL", "2", "2", "DECREMENT", "EXPIRED_IN_MATCH", "2"},
			[]map[string]any{{"price": "2.00000000", "takerPreventedQuantity": "2.00000000", "makerPreventedQuantity": "2.00000000"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, ada, _ := bounded(t)
			place := func(o order) map[string]any {
				p := "symbol=ETHUSDT&newOrderRespType=FULL&side=" + o.side + "&quantity=" + o.qty + "&selfTradePreventionMode=" + o.mode
				if o.price == "" {
					return fields(t, ada.do("POST", "/api/v3/order", p+"&type=MARKET"))
				}
				return fields(t, ada.do("POST", "/api/v3/order", p+"&type=LIMIT&timeInForce=GTC&price="+o.price))
			}
			var ids []any
			for _, o := range c.makers {
				ids = append(ids, place(o)["orderId"])
			}
			answer := place(c.taker)
			has(t, "the answer", answer, map[string]any{"status": c.taker.status, "selfTradePreventionMode": c.taker.mode})
			var matches []map[string]any
			first := 0.0
			if list, ok := answer["preventedMatches"].([]any); ok {
				for i, m := range list {
					m := m.(map[string]any)
					if first == 0 {
						first = m["preventedMatchId"].(float64)
					}
					if m["preventedMatchId"] != first+float64(i) || m["makerOrderId"] != ids[i] || m["makerSymbol"] != "ETHUSDT" {
						t.Errorf("prevented match %d: %v", i, m)
					}
					delete(m, "preventedMatchId")
					delete(m, "makerOrderId")
					delete(m, "makerSymbol")
					matches = append(matches, m)
				}
			}
			if !reflect.DeepEqual(matches, c.matches) {
				t.Errorf("prevented matches:\n got %v\nwant %v", matches, c.matches)
			}
			for i, o := range append(slices.Clone(c.makers), c.taker) {
				id := answer["orderId"]
				if i < len(ids) {
					id = ids[i]
				}
				row := fields(t, ada.do("GET", "/api/v3/order", fmt.Sprintf("symbol=ETHUSDT&orderId=%v", id)))
				want := map[string]any{"status": o.status, "selfTradePreventionMode": o.mode, "preventedQuantity": nil, "preventedMatchId": nil}
				if o.prevented != "" {
					want["preventedQuantity"] = money.MustParse(o.prevented).Fixed(8)
					want["preventedMatchId"] = first
					if i < len(ids) {
						want["preventedMatchId"] = first + float64(i)
					}
				}
				has(t, fmt.Sprintf("order %v", id), row, want)
			}

			var rows []map[string]any
			ada.yes(ada.do("GET", "/api/v3/myPreventedMatches", fmt.Sprintf("symbol=ETHUSDT&orderId=%v", answer["orderId"])), &rows)
			if len(rows) != len(c.matches) {
				t.Fatalf("prevented matches of the taker: %v", rows)
			}
			for i, r := range rows {
				want := map[string]any{"symbol": "ETHUSDT", "takerOrderId": answer["orderId"], "makerOrderId": ids[i], "makerSymbol": "ETHUSDT", "tradeGroupId": -1.0, "selfTradePreventionMode": c.taker.mode,
					"takerPreventedQuantity": nil, "makerPreventedQuantity": nil}
				maps.Copy(want, c.matches[i])
				has(t, "prevented match", r, want)
				var one []map[string]any
				ada.yes(ada.do("GET", "/api/v3/myPreventedMatches", fmt.Sprintf("symbol=ETHUSDT&preventedMatchId=%v", r["preventedMatchId"])), &one)
				if len(one) != 1 || !reflect.DeepEqual(one[0], r) {
					t.Errorf("by its number: %v", one)
				}
			}
		})
	}

	_, _, ada, _ := bounded(t)
	ada.no(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100&selfTradePreventionMode=NONE"),
		400, -1013, "This symbol does not allow the specified self-trade prevention mode.")
}

// TestFilters holds what the wire refuses before the log to what the venue refuses in it, on
// orders drawn around the bounds.
func TestFilters(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	g := x.View().Genesis()
	m := marketAt(&g, 0)
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) money.Amount { return money.MustParse(s[r.IntN(len(s))]) }
	seen := map[tape.Reason]int{}
	static := []tape.Reason{tape.PriceFilter, tape.LotSize, tape.MarketLot, tape.IcebergParts}
	for i := range 1500 {
		o := tape.PlaceOrder{Account: ada.account, Side: book.Buy, Type: orderTypes[r.IntN(len(orderTypes))], Force: tape.GTC, ClientID: fmt.Sprint("drawn", i)}
		if r.IntN(2) == 0 {
			o.Side = book.Sell
		}
		o.Quantity = pick("0.00001", "0.000001", "0.1", "1", "5", "10", "10.00001", "20", "9000.00001", "2.000005")
		if o.Type == tape.MarketOrder && r.IntN(2) == 0 {
			o.Quantity, o.QuoteQuantity = money.Amount{}, pick("4.99", "5", "1000000", "1000000.01")
		}
		if o.Type.Priced() {
			o.Price = pick("0.01", "0.001", "90", "99.99", "110.005", "150", "1000000.01", "100000")
			if r.IntN(3) == 0 {
				o.Iceberg = pick("0.1", "1", "2", "0.000001", "4.000001", "30")
			}
		}
		if o.Type.Stops() {
			o.Stop = pick("0.01", "0.001", "80", "120", "1000000.01", "100.005")
		}
		place := func() error {
			_, _, err := x.PlaceOrder(&o)
			return err
		}
		paid := r.IntN(4) == 0
		if paid { // by one that rests
			o.Side, o.Quantity, o.QuoteQuantity = book.Sell, money.Amount{}, money.Amount{}
			if !o.Iceberg.IsZero() {
				o.Iceberg = pick("0.1", "9000", "9000.00001", "1000000000000000", "100000000000000000000", "0.000001")
			}
			list := &tape.PlaceOrderList{ClientID: "pays", Contingency: tape.OnePays, Orders: []tape.PlaceOrder{
				{Account: ada.account, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, Price: money.Int(95), Quantity: money.Int(1), ClientID: "works"}, o,
			}}
			place = func() error {
				_, _, _, err := x.PlaceOrderList(list)
				return err
			}
		}
		before := filtered(&m.Market, &o, paid)
		err := place()
		after := tape.NoReason
		if r, ok := exchange.AsRefusal(err); ok {
			after = r.Reason
		} else if err != nil {
			t.Fatal(err)
		}
		seen[after]++
		// Of what an order without a price is worth only the venue knows.
		byLast := after == tape.Notional && o.Price.IsZero() && o.Stop.IsZero() && o.QuoteQuantity.IsZero()
		if before != after && (before != tape.NoReason || slices.Contains(static, after) || after == tape.Notional && !byLast) {
			t.Fatalf("%+v: before the log %q, in it %q", o, before, after)
		}
		if _, err := x.CancelAll(&tape.CancelAll{Account: ada.account}); err != nil {
			if r, ok := exchange.AsRefusal(err); !ok || r.Reason != tape.UnknownOrder {
				t.Fatal(err)
			}
		}
	}
	for _, want := range append(static, tape.Notional, tape.PercentPrice, tape.WouldTrigger, tape.NoReason) {
		if seen[want] == 0 {
			t.Errorf("no order met %q", want)
		}
	}
}

// TestOrderRefusals holds the refusals of the newer orders to their codes and texts.
func TestOrderRefusals(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	const buy, sell = "symbol=BTCUSDT&side=BUY&", "symbol=BTCUSDT&side=SELL&"
	missing := func(name string) string {
		return "Mandatory parameter '" + name + "' was not sent, was empty/null, or malformed."
	}
	for _, c := range []struct {
		what, params string
		code         int
		msg          string
	}{
		{"a stop without its price", sell + "type=STOP_LOSS&quantity=1", -1102, missing("stopPrice")},
		{"a stop without quantity", sell + "type=STOP_LOSS&stopPrice=90", -1102, missing("quantity")},
		{"a stop by value", sell + "type=TAKE_PROFIT&stopPrice=110&quantity=1&quoteOrderQty=10", -1106, "Parameter 'quoteOrderQty' sent when not required."},
		{"a stop with a limit", sell + "type=STOP_LOSS&stopPrice=90&quantity=1&price=90", -1106, "Parameter 'price' sent when not required."},
		{"a stop with a force", sell + "type=STOP_LOSS&stopPrice=90&quantity=1&timeInForce=GTC", -1106, "Parameter 'timeInForce' sent when not required."},
		{"a stop in parts", sell + "type=STOP_LOSS&stopPrice=90&quantity=1&icebergQty=0.5", -1106, "Parameter 'icebergQty' sent when not required."},
		{"a limit stop without a limit", sell + "type=STOP_LOSS_LIMIT&timeInForce=GTC&stopPrice=90&quantity=1", -1102, missing("price")},
		{"a limit stop without a force", sell + "type=TAKE_PROFIT_LIMIT&stopPrice=110&price=110&quantity=1", -1102, missing("timeInForce")},
		{"a limit order that trails", sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=100&trailingDelta=100", -1106, "Parameter 'trailingDelta' sent when not required."},
		{"one that trails by nothing", sell + "type=STOP_LOSS&quantity=1&trailingDelta=0", -1013, "Filter failure: TRAILING_DELTA"},
		{"one that trails too close", sell + "type=STOP_LOSS&quantity=1&trailingDelta=19", -1013, "Filter failure: TRAILING_DELTA"},
		{"one that trails too far", sell + "type=TAKE_PROFIT&quantity=1&trailingDelta=2001", -1013, "Filter failure: TRAILING_DELTA"},
		{"one that trails where none may", "symbol=ETHUSDT&side=SELL&type=STOP_LOSS&quantity=1&trailingDelta=100", -2010, "Trailing stop orders are not supported for this symbol."},
		{"a pegged order", sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=100&pegPriceType=PRIMARY_PEG", -2010, "Pegged orders are not supported for this symbol."},
		{"a stop off the tick", sell + "type=STOP_LOSS&stopPrice=90.001&quantity=1", -1013, "Filter failure: PRICE_FILTER"},
		{"a stop at nothing", sell + "type=STOP_LOSS&stopPrice=0&quantity=1", -1013, "Filter failure: PRICE_FILTER"},
		{"a stop that is there: loss of a sale", sell + "type=STOP_LOSS&stopPrice=100&quantity=1", -2010, "Stop price would trigger immediately."},
		{"a stop that is there: loss of a purchase", buy + "type=STOP_LOSS&stopPrice=100&quantity=1", -2010, "Stop price would trigger immediately."},
		{"a stop that is there: profit of a sale", sell + "type=TAKE_PROFIT&stopPrice=99&quantity=1", -2010, "Stop price would trigger immediately."},
		{"a stop that is there: profit of a purchase", buy + "type=TAKE_PROFIT_LIMIT&timeInForce=GTC&price=100&stopPrice=101&quantity=1", -2010, "Stop price would trigger immediately."},
		{"parts for a time", sell + "type=LIMIT&timeInForce=IOC&quantity=1&price=100&icebergQty=0.5", -1014, "Unsupported order combination."},
		{"a part larger than the whole", sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=100&icebergQty=1.1", -1013, "Filter failure: LOT_SIZE"},
		// CEIL(qty / icebergQty), filters.md
		{"six parts of five", sell + "type=LIMIT_MAKER&quantity=1.001&price=110&icebergQty=0.2", -1013, "Filter failure: ICEBERG_PARTS"},
		{"more than a market order may have", sell + "type=MARKET&quantity=10.1", -1013, "Filter failure: MARKET_LOT_SIZE"},
		{"more than a stop may have", sell + "type=STOP_LOSS&stopPrice=90&quantity=10.1", -1013, "Filter failure: MARKET_LOT_SIZE"},
		{"worth too much", buy + "type=LIMIT&timeInForce=GTC&quantity=9000&price=115", -1013, "Filter failure: NOTIONAL"},
		{"a market order worth too little", buy + "type=MARKET&quantity=0.04", -1013, "Filter failure: NOTIONAL"},
		// bidMultiplierUp 1.2 and askMultiplierDown 0.8 of a last price of 100, filters.md
		{"a bid too high", buy + "type=LIMIT&timeInForce=GTC&quantity=1&price=120.01", -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"},
		{"a bid too low", buy + "type=LIMIT&timeInForce=GTC&quantity=1&price=19.99", -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"},
		{"an ask too high", sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=500.01", -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"},
		{"an ask too low", sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=79.99", -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"},
		{"more than one may hold", buy + "type=LIMIT&timeInForce=GTC&quantity=10.2&price=90", -1013, "Filter failure: MAX_POSITION"}, // 39.9 and 10.2
	} {
		t.Run(c.what, func(t *testing.T) {
			a := *ada
			a.t = t
			a.no(a.do("POST", "/api/v3/order", c.params), 400, c.code, c.msg)
		})
	}
	if open := x.View().Orders(ada.account, true); len(open) != 0 {
		t.Errorf("refused, and yet: %+v", open)
	}
	// At the bounds each is taken.
	for _, p := range []string{
		buy + "type=LIMIT&timeInForce=FOK&quantity=1&price=120", buy + "type=LIMIT&timeInForce=IOC&quantity=1&price=20",
		sell + "type=LIMIT&timeInForce=IOC&quantity=1&price=500", sell + "type=LIMIT&timeInForce=IOC&quantity=1&price=80",
		buy + "type=LIMIT&timeInForce=IOC&quantity=10.1&price=90",
		sell + "type=LIMIT&timeInForce=GTC&quantity=1&price=110&icebergQty=0.2",
	} {
		ada.yes(ada.do("POST", "/api/v3/order", p), &struct{}{})
	}
	for range 2 {
		ada.yes(ada.do("POST", "/api/v3/order", sell+"type=STOP_LOSS&stopPrice=90&quantity=1"), &struct{}{})
	}
	ada.no(ada.do("POST", "/api/v3/order", sell+"type=STOP_LOSS&stopPrice=90&quantity=1"), 400, -1013, "Filter failure: MAX_NUM_ALGO_ORDERS")
	ada.yes(ada.do("POST", "/api/v3/order", sell+"type=LIMIT_MAKER&quantity=1&price=110"), &struct{}{})
	ada.no(ada.do("POST", "/api/v3/order", sell+"type=LIMIT_MAKER&quantity=1&price=110"), 400, -1013, "Filter failure: MAX_NUM_ORDERS")
}

// TestInfoOfSome: exchangeInfo of the markets that have a permission or a status.
func TestInfoOfSome(t *testing.T) {
	x, _, ada, _ := bounded(t)
	if err := x.SetPhase(&tape.SetPhase{Market: 1, Phase: tape.Halted, By: "m.ortiz", Reason: "a fault"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ params, want string }{
		{"", "[BTCUSDT ETHUSDT]"},
		{"permissions=SPOT", "[BTCUSDT ETHUSDT]"},
		{"permissions=%5B%22MARGIN%22,%22SPOT%22%5D", "[BTCUSDT ETHUSDT]"},
		{"permissions=MARGIN", "[]"},
		{"permissions=%5B%22MARGIN%22,%22LEVERAGED%22%5D", "[]"},
		{"symbolStatus=TRADING", "[BTCUSDT]"},
		{"symbolStatus=HALT", "[ETHUSDT]"},
		{"symbolStatus=CANCEL_ONLY", "[]"},
		{"symbolStatus=BREAK&permissions=SPOT", "[]"},
	} {
		var info struct {
			Symbols []struct {
				Symbol         string
				PermissionSets [][]string
			}
		}
		ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", c.params, ""), &info)
		names := []string{}
		for _, s := range info.Symbols {
			names = append(names, s.Symbol)
			if fmt.Sprint(s.PermissionSets) != "[[SPOT]]" {
				t.Errorf("%s: sets %v", c.params, s.PermissionSets)
			}
		}
		if fmt.Sprint(names) != c.want || info.Symbols == nil {
			t.Errorf("%s: %v, want %s", c.params, names, c.want)
		}
		ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", "showPermissionSets=false", ""), &info)
		if sets := info.Symbols[0].PermissionSets; sets == nil || len(sets) != 0 {
			t.Errorf("sets that are not shown: %v", sets)
		}
	}
	for _, c := range []struct {
		params string
		code   int
		msg    string
	}{
		{"permissions=SPOT&symbol=BTCUSDT", -1128, "Combination of optional parameters invalid."},
		{"symbolStatus=HALT&symbols=%5B%22BTCUSDT%22%5D", -1128, "Combination of optional parameters invalid."},
		{"symbolStatus=OPEN", -1122, "Invalid symbolStatus."},
		{"permissions=%5B%22SPOT", -1100, `Illegal characters found in parameter 'permissions'; legal range is '^[A-Z0-9_]{1,20}$'.`},
		{"permissions=spot", -1100, `Illegal characters found in parameter 'permissions'; legal range is '^[A-Z0-9_]{1,20}$'.`},
	} {
		ada.no(ada.raw("GET", "/api/v3/exchangeInfo", c.params, ""), 400, c.code, c.msg)
	}
}

// TestBoundsOfOpen: how much an account may have open, in a market and in all of them, is told by exchangeInfo and
// myFilters, and each refusal is the failure of its filter.
func TestBoundsOfOpen(t *testing.T) {
	g := sample.Genesis()
	market := func(orders, stops, icebergs, lists uint32) {
		m := &g.Markets[0]
		m.MaxOrders, m.MaxStops, m.MaxIcebergs, m.MaxLists = orders, stops, icebergs, lists
	}
	const (
		sell    = "symbol=BTCUSDT&side=SELL&quantity=0.1&"
		limit   = sell + "type=LIMIT_MAKER&price=50000"
		stop    = sell + "type=STOP_LOSS&stopPrice=30000"
		iceberg = limit + "&icebergQty=0.05"
		list    = sell + "aboveType=LIMIT_MAKER&abovePrice=50000&belowType=STOP_LOSS&belowStopPrice=30000"
	)
	for _, c := range []struct {
		filter, name  string
		bound         func()
		path, params  string
		before, after int // of these that are placed, and of what was placed by then
	}{
		{"MAX_NUM_ORDERS", "maxNumOrders", func() { market(2, 0, 0, 0) }, "order", limit, 2, 2},
		{"MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", func() { market(0, 1, 0, 0) }, "order", stop, 1, 1},
		{"MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", func() { market(0, 0, 3, 0) }, "order", iceberg, 3, 3},
		{"MAX_NUM_ORDER_LISTS", "maxNumOrderLists", func() { market(0, 0, 0, 2) }, "orderList/oco", list, 2, 4},
		{"EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", func() { g.MaxOpen.Orders = 2 }, "order", limit, 2, 2},
		{"EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", func() { g.MaxOpen.Stops = 1 }, "order", stop, 1, 1},
		{"EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", func() { g.MaxOpen.Icebergs = 3 }, "order", iceberg, 3, 3},
		{"EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", func() { g.MaxOpen.Lists = 2 }, "orderList/oco", list, 2, 4},
	} {
		t.Run(c.filter, func(t *testing.T) {
			g = sample.Genesis()
			c.bound()
			x := sample.Of(t, g)
			ada := newTrader(t, x, New(x.Exchange, Options{Clock: x.Clock.Now}), "us", "Adaline Wrenfield", "US")
			x.Fund(ada.account, "BTC", "10")
			for range c.before {
				ada.yes(ada.do("POST", "/api/v3/"+c.path, c.params), &struct{}{})
			}
			ada.no(ada.do("POST", "/api/v3/"+c.path, c.params), 400, -1013, "Filter failure: "+c.filter)
			if open := x.View().Orders(ada.account, true); len(open) != c.after {
				t.Errorf("%d orders are open, want %d", len(open), c.after)
			}
			var info, mine struct {
				ExchangeFilters, SymbolFilters []map[string]any
				Symbols                        []struct{ Filters []map[string]any }
			}
			ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT", ""), &info)
			ada.yes(ada.do("GET", "/api/v3/myFilters", "symbol=BTCUSDT"), &mine)
			all := slices.Concat(info.ExchangeFilters, info.Symbols[0].Filters)
			if !reflect.DeepEqual(all, slices.Concat(mine.ExchangeFilters, mine.SymbolFilters)) || !reflect.DeepEqual(info.ExchangeFilters, mine.ExchangeFilters) {
				t.Errorf("exchangeInfo has %v, myFilters %v", info, mine)
			}
			told := fmt.Sprint(map[string]any{"filterType": c.filter, c.name: c.before})
			has := func(fs []map[string]any) bool {
				return slices.ContainsFunc(fs, func(f map[string]any) bool { return fmt.Sprint(f) == told })
			}
			if whole := strings.HasPrefix(c.filter, "EXCHANGE_"); has(info.ExchangeFilters) != whole || has(info.Symbols[0].Filters) == whole || len(info.ExchangeFilters) > 1 {
				t.Errorf("%s is told where it does not belong, or not: %v", told, all)
			}
		})
	}
}

// TestStops: a stop waits, shows as waiting, and is an order of the book when its price has come.
func TestStops(t *testing.T) {
	x, _, ada, bob := bounded(t)
	lastAt(ada, bob, "BTCUSDT", "100")
	placed := x.Clock.Now()
	w := ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=2&price=95&stopPrice=96.5&icebergQty=0.5&newOrderRespType=RESULT&newClientOrderId=stop")
	at := float64(placed.UnixMilli())
	want := map[string]any{
		"symbol": "BTCUSDT", "orderId": 3.0, "orderListId": -1.0, "clientOrderId": "stop", "transactTime": at, "price": "95.00000000", "origQty": "2.00000000", "executedQty": "0.00000000",
		"origQuoteOrderQty": "0.00000000", "cummulativeQuoteQty": "0.00000000", "status": "NEW", "timeInForce": "GTC", "type": "STOP_LOSS_LIMIT", "side": "SELL",
		"stopPrice": "96.50000000", "icebergQty": "0.50000000", "workingTime": -1.0, "selfTradePreventionMode": "EXPIRE_MAKER",
	}
	if got := fields(t, w); !reflect.DeepEqual(got, want) {
		t.Errorf("a stop:\n got %v\nwant %v", got, want)
	}
	row := fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=stop"))
	has(t, "while it waits", row, map[string]any{"isWorking": false, "workingTime": -1.0, "stopPrice": "96.50000000", "icebergQty": "0.50000000", "status": "NEW", "time": at})
	ack := fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&quantity=1&stopPrice=150"))
	if len(ack) != 5 {
		t.Errorf("a stop is acknowledged with %v", ack) // other orders default to ACK
	}
	var depth map[string]any
	bob.yes(bob.raw("GET", "/api/v3/depth", "symbol=BTCUSDT", ""), &depth)
	if !reflect.DeepEqual(depth["asks"], []any{}) {
		t.Errorf("what waits shows: %v", depth)
	}

	x.Clock.Set(placed.Add(time.Minute))
	lastAt(ada, bob, "BTCUSDT", "96.5")
	triggered := float64(placed.Add(time.Minute).UnixMilli())
	row = fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=stop"))
	has(t, "when its price has come", row, map[string]any{"isWorking": true, "workingTime": triggered, "time": at, "updateTime": triggered, "status": "NEW"})
	bob.yes(bob.raw("GET", "/api/v3/depth", "symbol=BTCUSDT", ""), &depth)
	if !reflect.DeepEqual(depth["asks"], []any{[]any{"95.00000000", "0.50000000"}}) {
		t.Errorf("of what shows in parts the depth has %v", depth["asks"])
	}
	canceled := fields(t, ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=stop"))
	has(t, "canceled", canceled, map[string]any{"status": "CANCELED", "stopPrice": "96.50000000", "icebergQty": "0.50000000", "orderListId": -1.0})
	has(t, "a limit order", fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=105")), map[string]any{"stopPrice": nil, "icebergQty": nil})
}

// TestMarketInfo: exchangeInfo tells every bound of a market, and its phase.
func TestMarketInfo(t *testing.T) {
	x, _, ada, bob := bounded(t)
	info := func(symbol string) map[string]any {
		var i struct{ Symbols []map[string]any }
		bob.yes(bob.raw("GET", "/api/v3/exchangeInfo", "symbol="+symbol, ""), &i)
		return i.Symbols[0]
	}
	got := info("BTCUSDT")
	has(t, "BTCUSDT", got, map[string]any{
		"status": "TRADING", "orderTypes": []any{"LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"},
		"icebergAllowed": true, "ocoAllowed": true, "otoAllowed": true, "cancelReplaceAllowed": true, "amendAllowed": true, "allowTrailingStop": true,
		"defaultSelfTradePreventionMode": "EXPIRE_MAKER", "allowedSelfTradePreventionModes": []any{"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER"},
		"filters": []any{
			map[string]any{"filterType": "PRICE_FILTER", "minPrice": "0.01000000", "maxPrice": "1000000.00000000", "tickSize": "0.01000000"},
			map[string]any{"filterType": "LOT_SIZE", "minQty": "0.00001000", "maxQty": "9000.00000000", "stepSize": "0.00001000"},
			map[string]any{"filterType": "MARKET_LOT_SIZE", "minQty": "0.00001000", "maxQty": "10.00000000", "stepSize": "0.00001000"},
			map[string]any{"filterType": "NOTIONAL", "minNotional": "5.00000000", "applyMinToMarket": true, "maxNotional": "1000000.00000000", "applyMaxToMarket": true, "avgPriceMins": 0.0},
			map[string]any{"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "1.20000000", "bidMultiplierDown": "0.20000000", "askMultiplierUp": "5.00000000", "askMultiplierDown": "0.80000000", "avgPriceMins": 0.0},
			map[string]any{"filterType": "ICEBERG_PARTS", "limit": 5.0},
			map[string]any{"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 4.0},
			map[string]any{"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 2.0},
			map[string]any{"filterType": "MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders": 3.0},
			map[string]any{"filterType": "MAX_NUM_ORDER_LISTS", "maxNumOrderLists": 9.0},
			map[string]any{"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10.0, "maxTrailingAboveDelta": 2000.0, "minTrailingBelowDelta": 20.0, "maxTrailingBelowDelta": 1000.0},
			map[string]any{"filterType": "MAX_POSITION", "maxPosition": "50.00000000"},
		},
	})
	free := info("ETHUSDT")
	if n := len(free["filters"].([]any)); n != 4 {
		t.Errorf("a market without bounds has %d filters: %v", n, free["filters"])
	}
	has(t, "ETHUSDT", free, map[string]any{"allowedSelfTradePreventionModes": []any{"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT", "TRANSFER", "NONE"}})

	const order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=100"
	for _, c := range []struct {
		phase           tape.Phase
		status          string
		places, cancels bool
		already         string
	}{{tape.CancelOnly, "CANCEL_ONLY", false, true, "one"}, {tape.Halted, "HALT", false, false, "two"}, {tape.Trading, "TRADING", true, true, "three"}} {
		ada.yes(ada.do("POST", "/api/v3/order", order+"&newClientOrderId="+c.already), &struct{}{})
		if err := x.SetPhase(&tape.SetPhase{Phase: c.phase, By: "the desk", Reason: "a test"}); err != nil {
			t.Fatal(err)
		}
		if got := info("BTCUSDT")["status"]; got != c.status {
			t.Errorf("status %v, want %s", got, c.status)
		}
		for _, path := range []string{"/api/v3/order", "/api/v3/order/test"} {
			if w := ada.do("POST", path, order); c.places {
				ada.yes(w, &struct{}{})
			} else {
				ada.no(w, 400, -1013, "Market is closed.")
			}
		}
		if w := ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId="+c.already); c.cancels {
			ada.yes(w, &struct{}{})
		} else {
			ada.no(w, 400, -1013, "Market is closed.")
		}
		if err := x.SetPhase(&tape.SetPhase{Phase: tape.Trading, By: "the desk", Reason: "a test"}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTiers: an account's tier is in all that tells what it pays, and in what it pays. The
// numbers of the sale are the published ones (faqs/commission_faq.md): 0.49975 at 35,000.
func TestTiers(t *testing.T) {
	x, _, ada, bob := bounded(t)
	rates := func(c *trader) string {
		var fees []map[string]string
		c.yes(c.do("GET", "/sapi/v1/asset/tradeFee", "symbol=BTCUSDT"), &fees)
		var of struct{ StandardCommission map[string]string }
		c.yes(c.do("GET", "/api/v3/account/commission", "symbol=BTCUSDT"), &of)
		var test struct{ StandardCommissionForOrder map[string]string }
		c.yes(c.do("POST", "/api/v3/order/test", "computeCommissionRates=true&symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1"), &test)
		got := fees[0]["makerCommission"] + " " + fees[0]["takerCommission"]
		for _, other := range []map[string]string{of.StandardCommission, test.StandardCommissionForOrder} {
			if o := other["maker"] + " " + other["taker"]; o != got {
				t.Errorf("tradeFee says %s, another %s", got, o)
			}
		}
		return got
	}
	for _, c := range []struct {
		tier        uint8
		rates       string
		maker, paid string
	}{
		{0, "0.00100000 0.00100000", "0.00049975", "17.49125000"},
		{1, "0.00040000 0.00060000", "0.00019990", "10.49475000"},
		{2, "0.00000000 0.00020000", "0.00000000", "3.49825000"},
		{9, "0.00000000 0.00020000", "0.00000000", "3.49825000"}, // beyond the last is the last
	} {
		for _, who := range []*trader{ada, bob} {
			if err := x.SetTier(&tape.SetTier{Account: who.account, Tier: c.tier}); err != nil {
				t.Fatal(err)
			}
		}
		if got := rates(ada); got != c.rates {
			t.Errorf("tier %d: rates %s, want %s", c.tier, got, c.rates)
		}
		bid := fields(t, bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.49975&price=35000"))
		sale := fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.49975"))
		fill := sale["fills"].([]any)[0].(map[string]any)
		has(t, "the taker's fill", fill, map[string]any{"commission": c.paid, "commissionAsset": "USDT"})
		var mine []map[string]any
		bob.yes(bob.do("GET", "/api/v3/myTrades", fmt.Sprintf("symbol=BTCUSDT&orderId=%v", bid["orderId"])), &mine)
		has(t, "the maker's", mine[0], map[string]any{"commission": c.maker, "commissionAsset": "BTC", "isMaker": true})
	}
	var info struct{ VIPLevel uint8 }
	if ada.yes(ada.do("GET", "/sapi/v1/account/info", ""), &info); info.VIPLevel != 9 {
		t.Errorf("account/info: %+v", info)
	}
	// The account tells the highest of its markets, and the other has no tiers.
	var a accountInfo
	ada.yes(ada.do("GET", "/api/v3/account", ""), &a)
	if a.MakerCommission != 10 || a.CommissionRates.Taker != "0.00100000" {
		t.Errorf("account: %+v", a)
	}
}

// answers splits what came back into its status and fields.
func answers(t *testing.T, w *httptest.ResponseRecorder) (int, map[string]any) {
	t.Helper()
	return w.Code, fields(t, w)
}

// TestCancelReplace is the published table of what comes of both halves.
func TestCancelReplace(t *testing.T) {
	_, _, ada, bob := bounded(t)
	ask := func(c *trader, params string) (int, map[string]any) {
		return answers(t, c.do("POST", "/api/v3/order/cancelReplace", params))
	}
	const order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price="
	bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=100"), &struct{}{})
	ada.yes(ada.do("POST", "/api/v3/order", order+"110&newClientOrderId=first"), &struct{}{})

	status, a := ask(ada, order+"111&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=first&cancelNewClientOrderId=gone&newClientOrderId=second")
	has(t, "both", a, map[string]any{"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS", "code": nil})
	has(t, "the cancel", a["cancelResponse"].(map[string]any), map[string]any{"status": "CANCELED", "origClientOrderId": "first", "clientOrderId": "gone", "orderId": 2.0})
	has(t, "the order", a["newOrderResponse"].(map[string]any), map[string]any{"status": "NEW", "clientOrderId": "second", "orderId": 3.0, "fills": []any{}})
	if status != 200 {
		t.Errorf("both: status %d", status)
	}

	const taken = "symbol=BTCUSDT&side=SELL&type=LIMIT_MAKER&quantity=1&price=100"
	nothing := map[string]any{"code": -2011.0, "msg": "Unknown order sent."}
	take := map[string]any{"code": -2010.0, "msg": "Order would immediately match and take."}
	for _, c := range []struct {
		what, params   string
		status         int
		code           float64
		msg            string
		cancel, placed string
		cancelResponse any // nil: an order
		placedResponse any // nil: an order; "none": null
	}{
		{"nothing to cancel, stop", order + "111&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=99", 400, -2022, "Order cancel-replace failed.", "FAILURE", "NOT_ATTEMPTED", nothing, "none"},
		{"nothing to cancel, go on", order + "112&cancelReplaceMode=ALLOW_FAILURE&cancelOrderId=99", 409, -2021, "Order cancel-replace partially failed.", "FAILURE", "SUCCESS", nothing, nil},
		{"neither", taken + "&cancelReplaceMode=ALLOW_FAILURE&cancelOrderId=99", 400, -2022, "Order cancel-replace failed.", "FAILURE", "FAILURE", nothing, take},
		{"both names, of two orders", order + "112&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=3&cancelOrigClientOrderId=first", 400, -2022, "Order cancel-replace failed.", "FAILURE", "NOT_ATTEMPTED", nothing, "none"},
		{"the order is refused", taken + "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrderId=3", 409, -2021, "Order cancel-replace partially failed.", "SUCCESS", "FAILURE", nil, take},
	} {
		t.Run(c.what, func(t *testing.T) {
			count := func() (n int) {
				var limits []rateLimit
				ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
				return *limits[0].Count
			}
			before := count()
			status, a := ask(ada, c.params)
			// What was not tried is counted, as published; what was refused is not.
			if n := count() - before; n != map[string]int{"NOT_ATTEMPTED": 1, "SUCCESS": 1, "FAILURE": 0}[c.placed] {
				t.Errorf("%d orders more are counted", n)
			}
			data, _ := a["data"].(map[string]any)
			if status != c.status || a["code"] != c.code || a["msg"] != c.msg || data == nil {
				t.Fatalf("%d %v", status, a)
			}
			if data["cancelResult"] != c.cancel || data["newOrderResult"] != c.placed {
				t.Errorf("%v", data)
			}
			check := func(name string, got, want any) {
				switch o, _ := got.(map[string]any); {
				case want == "none":
					if got != nil {
						t.Errorf("%s: %v", name, got)
					}
				case want == nil:
					if o["orderId"] == nil {
						t.Errorf("%s: %v", name, got)
					}
				case !reflect.DeepEqual(got, want):
					t.Errorf("%s: %v", name, got)
				}
			}
			check("cancel", data["cancelResponse"], c.cancelResponse)
			check("order", data["newOrderResponse"], c.placedResponse)
		})
	}
	ada.no(ada.do("POST", "/api/v3/order/cancelReplace", order+"112.001&cancelReplaceMode=ALLOW_FAILURE&cancelOrderId=99"), 400, -1013, "Filter failure: PRICE_FILTER") // before anything is done
	ada.no(ada.do("POST", "/api/v3/order/cancelReplace", order+"112&cancelReplaceMode=MAYBE&cancelOrderId=99"), 400, -1130, "Data sent for parameter 'cancelReplaceMode' is not valid.")
	ada.no(ada.do("POST", "/api/v3/order/cancelReplace", order+"112&cancelReplaceMode=ALLOW_FAILURE"), 400, -1102, "Param 'cancelOrigClientOrderId' or 'cancelOrderId' must be sent, but both were empty/null!")
	var open []map[string]any
	ada.yes(ada.do("GET", "/api/v3/openOrders", ""), &open)
	if len(open) != 1 || open[0]["price"] != "112.00000000" {
		t.Errorf("open in the end: %v", open)
	}
}

// TestCancelReplaceOfTooMany is the published table where an account has placed as many orders as
// it may.
func TestCancelReplaceOfTooMany(t *testing.T) {
	x, _, ada, _ := bounded(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now, OrdersPer10s: 1})
	few := *ada
	few.wire = wire
	const order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=110&cancelReplaceMode="
	const tooMany = "Too many new orders; current limit is 1 orders per 10 SECOND."
	few.yes(few.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=110"), &struct{}{})
	few.no(few.do("POST", "/api/v3/order/cancelReplace", order+"STOP_ON_FAILURE&cancelOrderId=1"), 429, -1015, tooMany)
	for _, c := range []struct {
		mode           string
		id             int
		status         int
		code           float64
		cancel, placed string
	}{
		{"STOP_ON_FAILURE", 99, 429, -2022, "FAILURE", "NOT_ATTEMPTED"},
		{"ALLOW_FAILURE", 99, 400, -2022, "FAILURE", "FAILURE"},
		{"STOP_ON_FAILURE", 1, 429, -2021, "SUCCESS", "FAILURE"},
		{"ALLOW_FAILURE", 2, 409, -2021, "SUCCESS", "FAILURE"},
	} {
		if c.id == 2 {
			ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=110"), &struct{}{})
		}
		status, a := answers(t, few.do("POST", "/api/v3/order/cancelReplace", fmt.Sprintf("%s%s&cancelOrderId=%d&orderRateLimitExceededMode=CANCEL_ONLY", order, c.mode, c.id)))
		data, _ := a["data"].(map[string]any)
		if status != c.status || a["code"] != c.code || data["cancelResult"] != c.cancel || data["newOrderResult"] != c.placed {
			t.Errorf("%s of %d: %d %v", c.mode, c.id, status, a)
		}
		if no, _ := data["newOrderResponse"].(map[string]any); c.placed == "FAILURE" && (no["code"] != -1015.0 || no["msg"] != tooMany) {
			t.Errorf("%s of %d: %v", c.mode, c.id, no)
		}
	}
	if open := x.View().Orders(ada.account, true); len(open) != 0 {
		t.Errorf("open in the end: %+v", open)
	}
}

// TestAmend is the published worked example (faqs/order_amend_keep_priority.md): 5.5 becomes 5
// and keeps its place; prices are a thousandth of the published ones.
func TestAmend(t *testing.T) {
	x, wire, ada, bob := bounded(t)
	const path = "/api/v3/order/amend/keepPriority"
	eve := newTrader(t, x, wire, "us", "Everett Marshgrove", "US")
	x.Fund(eve.account, "USDT", "1000000")
	bid := func(c *trader, qty, price, id string) {
		c.yes(c.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity="+qty+"&price="+price+"&newClientOrderId="+id), &struct{}{})
	}
	bid(eve, "1", "87", "10")
	bid(bob, "5.5", "87", "15")
	bid(eve, "4", "87", "20")
	bid(eve, "2", "86.99", "21")

	x.Clock.Set(x.Clock.Now().Add(time.Second))
	got := fields(t, bob.do("PUT", path, "symbol=BTCUSDT&origClientOrderId=15&newQty=5"))
	order := got["amendedOrder"].(map[string]any)
	has(t, "amended", order, map[string]any{
		"symbol": "BTCUSDT", "orderId": 2.0, "orderListId": -1.0, "origClientOrderId": "15", "price": "87.00000000", "qty": "5.00000000", "executedQty": "0.00000000", "preventedQty": "0.00000000",
		"quoteOrderQty": "0.00000000", "cumulativeQuoteQty": "0.00000000", "status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "BUY", "selfTradePreventionMode": "EXPIRE_MAKER", "stopPrice": nil,
		"workingTime": float64(sample.Opens.UnixMilli()),
	})
	id, _ := order["clientOrderId"].(string)
	if id == "15" || !clientIDForm.is(id) || got["transactTime"] != float64(x.Clock.Now().UnixMilli()) {
		t.Errorf("a new name is made up: %v", got)
	}
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2&newQty=5"), 400, -2038, "The requested action would change no state; rejecting")
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2&newQty=5.5"), 400, -2038, "Order amend (quantity increase) is not supported.")
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=99&newQty=5"), 400, -2038, "Unknown order sent.")
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2&newQty=4.000001"), 400, -1013, "Filter failure: LOT_SIZE")
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2&newQty=0.05"), 400, -1013, "Filter failure: NOTIONAL")
	bob.no(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2"), 400, -1102, "Mandatory parameter 'newQty' was not sent, was empty/null, or malformed.")
	bob.yes(bob.do("PUT", path, "symbol=BTCUSDT&orderId=2&newQty=4.5&newClientOrderId="+id), &struct{}{}) // the name may stay

	var rows []map[string]any
	bob.yes(bob.do("GET", "/api/v3/order/amendments", "symbol=BTCUSDT&orderId=2"), &rows)
	if len(rows) != 2 || rows[0]["executionId"] != got["executionId"] || rows[1]["executionId"].(float64) <= rows[0]["executionId"].(float64) {
		t.Fatalf("amendments: %v", rows)
	}
	has(t, "the first", rows[0], map[string]any{"symbol": "BTCUSDT", "orderId": 2.0, "origClientOrderId": "15", "newClientOrderId": id, "origQty": "5.50000000", "newQty": "5.00000000", "time": got["transactTime"]})
	has(t, "the second", rows[1], map[string]any{"origClientOrderId": id, "newClientOrderId": id, "origQty": "5.00000000", "newQty": "4.50000000"})
	bob.yes(bob.do("GET", "/api/v3/order/amendments", fmt.Sprintf("symbol=BTCUSDT&orderId=2&fromExecutionId=%v", rows[1]["executionId"])), &rows)
	if len(rows) != 1 || rows[0]["newQty"] != "4.50000000" {
		t.Errorf("amendments from the second on: %v", rows)
	}

	// User A's 1 first, then 4.5 of the amended, and what is left of B's.
	ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=IOC&quantity=6&price=87"), &struct{}{})
	for _, c := range []struct {
		who          *trader
		id, executed string
	}{{eve, "10", "1.00000000"}, {bob, id, "4.50000000"}, {eve, "20", "0.50000000"}} {
		row := fields(t, c.who.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId="+c.id))
		has(t, "order "+c.id, row, map[string]any{"executedQty": c.executed})
	}
	eve.no(eve.do("PUT", path, "symbol=BTCUSDT&origClientOrderId=20&newQty=0.5"), 400, -2038,
		"The order was not amended: only the quantity of an order in the book can be made smaller, and not below what is done of it.")
	// An order that waits has no place to keep.
	ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=1&stopPrice=80&newClientOrderId=stop"), &struct{}{})
	if w := ada.do("PUT", path, "symbol=BTCUSDT&origClientOrderId=stop&newQty=0.5"); w.Code != 400 || !strings.Contains(w.Body.String(), "-2038") {
		t.Errorf("an order that waits: %s", w.Body)
	}
}

// TestBarred: two customers whom a rule of law keeps apart (31 CFR 560.204, at an operator that is
// no United States person and would cause the violation) do not trade; the rest of the one that
// arrives ends, which its account finds by the rule, and not whom it would have met. The other
// sees nothing.
func TestBarred(t *testing.T) {
	g := sample.Genesis()
	g.Operators = append(g.Operators, tape.Operator{Name: "abroad", Title: "Sample Ltd", Nexus: []string{"US-CAUSING"}})
	x := sample.Of(t, g)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	ada := newTrader(t, x, wire, "abroad", "Adaline Wrenfield", "US")
	reza := newTrader(t, x, wire, "abroad", "Rezvan Golpayesh", "IR")
	x.Fund(ada.account, "BTC", "2")
	x.Fund(reza.account, "USDT", "100000")
	ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=1&price=40000"), &struct{}{})
	bid := fields(t, reza.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000"))
	has(t, "who arrives", bid, map[string]any{"status": "EXPIRED_IN_MATCH", "executedQty": "0.00000000", "preventedQuantity": "0.50000000", "preventedMatches": []any{map[string]any{
		"preventedMatchId": 1.0, "makerSymbol": "BTCUSDT", "makerOrderId": -1.0, "price": "40000.00000000", "takerPreventedQuantity": "0.50000000"}}})
	var rows []map[string]any
	reza.yes(reza.do("GET", "/api/v3/myPreventedMatches", "symbol=BTCUSDT&orderId=2"), &rows)
	if len(rows) != 1 {
		t.Fatalf("prevented matches: %v", rows)
	}
	has(t, "the prevented match", rows[0], map[string]any{"takerOrderId": 2.0, "makerOrderId": -1.0, "barredBy": "us-bar-iran", "takerPreventedQuantity": "0.50000000", "makerPreventedQuantity": nil})
	ada.yes(ada.do("GET", "/api/v3/myPreventedMatches", "symbol=BTCUSDT&orderId=1"), &rows)
	if len(rows) != 0 {
		t.Errorf("the other sees %v", rows)
	}
	has(t, "the other's order", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=1")), map[string]any{"status": "NEW", "preventedQuantity": nil, "preventedMatchId": nil})

	// Behind the order that may not be met stands one that may: it is met, at its price, and the
	// better one stays for everybody else.
	nino := newTrader(t, x, wire, "abroad", "Ninutsa Kvelashvili", "GE")
	x.Fund(nino.account, "BTC", "1")
	x.Fund(nino.account, "USDT", "100000")
	nino.yes(nino.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.3&price=40100"), &struct{}{})
	bid = fields(t, reza.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.3&price=40100"))
	has(t, "past the one to the next", bid, map[string]any{"status": "FILLED", "executedQty": "0.30000000", "cummulativeQuoteQty": "12030.00000000"})
	bid = fields(t, nino.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1"))
	has(t, "whom nothing keeps apart", bid, map[string]any{"status": "FILLED", "executedQty": "1.00000000", "cummulativeQuoteQty": "40000.00000000"})
	bid = fields(t, reza.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2&price=40000"))
	has(t, "and nobody is kept from an empty book", bid, map[string]any{"status": "NEW"})
}

// TestOrderMethods: the newer orders go over the WebSocket API too, and of a cancel-replace that
// failed both halves are told.
func TestOrderMethods(t *testing.T) {
	l := goLive(t)
	lastAt(l.ada, l.bob, "BTCUSDT", "100")
	c := l.dial("/ws-api/v3")
	yes := func(method, params, want string) {
		t.Helper()
		if a := c.ask(method, l.ada.signs(params)); a["status"] != 200.0 || !strings.Contains(fmt.Sprint(a["result"]), want) {
			t.Errorf("%s: %v", method, a)
		}
	}
	yes("order.place", `"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":0.5,"price":110,"newClientOrderId":"one"`, "status:NEW")
	yes("order.cancelReplace", `"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":0.5,"price":111,"cancelReplaceMode":"STOP_ON_FAILURE","cancelOrigClientOrderId":"one","newClientOrderId":"two"`, "newOrderResult:SUCCESS")
	a := c.ask("order.cancelReplace", l.ada.signs(`"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":5,"price":111,"cancelReplaceMode":"ALLOW_FAILURE","cancelOrderId":99`))
	e, _ := a["error"].(map[string]any)
	data, _ := e["data"].(map[string]any)
	if a["status"] != 400.0 || e["code"] != -2022.0 || data["cancelResult"] != "FAILURE" || data["newOrderResult"] != "FAILURE" {
		t.Errorf("neither half: %v", a)
	}
	yes("order.amend.keepPriority", `"symbol":"BTCUSDT","origClientOrderId":"two","newQty":0.4,"newClientOrderId":"three"`, "qty:0.40000000")
	yes("order.amendments", `"symbol":"BTCUSDT","orderId":4`, "newClientOrderId:three")
	yes("orderList.place.oco", `"symbol":"BTCUSDT","side":"SELL","quantity":0.1,"aboveType":"LIMIT_MAKER","abovePrice":120,"belowType":"STOP_LOSS","belowStopPrice":90`, "listOrderStatus:EXECUTING")
	yes("orderList.place.oto", `"symbol":"BTCUSDT","workingType":"LIMIT","workingSide":"BUY","workingPrice":90,"workingQuantity":0.1,"workingTimeInForce":"GTC","pendingType":"MARKET","pendingSide":"SELL","pendingQuantity":0.1`, "status:PENDING_NEW")
	yes("orderList.cancel", `"symbol":"BTCUSDT","orderListId":2`, "listOrderStatus:ALL_DONE")
	yes("orderList.place.otoco", `"symbol":"BTCUSDT","workingType":"LIMIT","workingSide":"BUY","workingPrice":90,"workingQuantity":0.1,"workingTimeInForce":"GTC","pendingSide":"SELL","pendingQuantity":0.1,"pendingAboveType":"LIMIT_MAKER","pendingAbovePrice":120,"pendingBelowType":"STOP_LOSS","pendingBelowStopPrice":80`, "contingencyType:OTO")
	yes("orderList.cancel", `"symbol":"BTCUSDT","orderListId":3`, "listOrderStatus:ALL_DONE")
	yes("orderList.place.opo", `"symbol":"BTCUSDT","workingType":"LIMIT","workingSide":"BUY","workingPrice":90,"workingQuantity":0.1,"workingTimeInForce":"GTC","pendingType":"MARKET","pendingSide":"SELL"`, "status:PENDING_NEW")
	yes("orderList.cancel", `"symbol":"BTCUSDT","orderListId":4`, "listOrderStatus:ALL_DONE")
	yes("orderList.place.opoco", `"symbol":"BTCUSDT","workingType":"LIMIT","workingSide":"BUY","workingPrice":90,"workingQuantity":0.1,"workingTimeInForce":"GTC","pendingSide":"SELL","pendingAboveType":"LIMIT_MAKER","pendingAbovePrice":120,"pendingBelowType":"STOP_LOSS","pendingBelowStopPrice":80`, "contingencyType:OTO")
	yes("orderList.cancel", `"symbol":"BTCUSDT","orderListId":5`, "listOrderStatus:ALL_DONE")
	yes("orderList.place", `"symbol":"BTCUSDT","side":"SELL","quantity":0.1,"price":120,"stopPrice":90`, "listOrderStatus:EXECUTING")
	yes("orderList.status", `"orderListId":1`, "listOrderStatus:EXECUTING")
	yes("openOrderLists.status", ``, "orderListId:6")
	yes("orderList.cancel", `"symbol":"BTCUSDT","orderListId":1`, "listOrderStatus:ALL_DONE")
	yes("allOrderLists", ``, "orderListId:1")
	yes("myPreventedMatches", `"symbol":"BTCUSDT","orderId":4`, "[]")
	yes("myFilters", `"symbol":"BTCUSDT"`, "assetFilters:[] exchangeFilters:[]")
}
