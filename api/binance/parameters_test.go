package binance

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/venue/tape"
)

// TestStatusAsked: depth and tickers of markets of one status alone; a market that is named by itself must have it.
func TestStatusAsked(t *testing.T) {
	x, _, ada, _ := bounded(t)
	if err := x.SetPhase(&tape.SetPhase{Market: 1, Phase: tape.Halted, By: "m.ortiz", Reason: "a fault"}); err != nil {
		t.Fatal(err)
	}
	const both = "symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D"
	for _, path := range []string{"ticker", "ticker/24hr", "ticker/tradingDay", "ticker/price", "ticker/bookTicker"} {
		for _, c := range []struct{ params, want string }{
			{both + "&symbolStatus=TRADING", "[BTCUSDT]"},
			{both + "&symbolStatus=HALT", "[ETHUSDT]"},
			{both + "&symbolStatus=BREAK", "[]"},
			{both, "[BTCUSDT ETHUSDT]"},
		} {
			var rows []struct{ Symbol string }
			ada.yes(ada.raw("GET", "/api/v3/"+path, c.params, ""), &rows)
			names := []string{}
			for _, r := range rows {
				names = append(names, r.Symbol)
			}
			if fmt.Sprint(names) != c.want || rows == nil {
				t.Errorf("%s?%s: %v, want %s", path, c.params, names, c.want)
			}
		}
		ada.yes(ada.raw("GET", "/api/v3/"+path, "symbol=ETHUSDT&symbolStatus=HALT", ""), &struct{}{})
	}
	for _, path := range []string{"depth", "ticker", "ticker/24hr", "ticker/tradingDay", "ticker/price", "ticker/bookTicker"} {
		ada.no(ada.raw("GET", "/api/v3/"+path, "symbol=ETHUSDT&symbolStatus=TRADING", ""), 400, -1220, "The symbol's status does not match the requested symbolStatus.")
		ada.no(ada.raw("GET", "/api/v3/"+path, "symbol=ETHUSDT&symbolStatus=OPEN", ""), 400, -1122, "Invalid symbolStatus.")
		ada.no(ada.raw("GET", "/api/v3/"+path, "symbol=NOPE&symbolStatus=HALT", ""), 400, -1121, "Invalid symbol.")
	}
	ada.yes(ada.raw("GET", "/api/v3/depth", "symbol=ETHUSDT&symbolStatus=HALT", ""), &struct{}{})
}

// TestTickerForms: the shorter form of each ticker has the published fields and no others, and says the same.
func TestTickerForms(t *testing.T) {
	x, _, ada, bob := start(t)
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000")
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	x.Clock.Set(x.Clock.Now().Add(time.Minute))
	mini := []string{"symbol", "openPrice", "highPrice", "lowPrice", "lastPrice", "volume", "quoteVolume", "openTime", "closeTime", "firstId", "lastId", "count"}
	for _, path := range []string{"ticker", "ticker/24hr", "ticker/tradingDay"} {
		short := fields(t, ada.raw("GET", "/api/v3/"+path, "symbol=BTCUSDT&type=MINI", ""))
		long := fields(t, ada.raw("GET", "/api/v3/"+path, "symbol=BTCUSDT&type=FULL", ""))
		if fmt.Sprint(long) != fmt.Sprint(fields(t, ada.raw("GET", "/api/v3/"+path, "symbol=BTCUSDT", ""))) || long["priceChange"] == nil {
			t.Errorf("%s: the longer form is not what comes without a word: %v", path, long)
		}
		for name, v := range short {
			if !slices.Contains(mini, name) || v != long[name] {
				t.Errorf("%s: %s is %v, in the longer form %v", path, name, v, long[name])
			}
		}
		if len(short) != len(mini) {
			t.Errorf("%s: %v, want %v", path, short, mini)
		}
		ada.no(ada.raw("GET", "/api/v3/"+path, "symbol=BTCUSDT&type=mini", ""), 400, -1139, "Invalid ticker type.")
	}
}

// TestTradingDay: a day begins at midnight of the time zone asked for, and ends with its last millisecond.
func TestTradingDay(t *testing.T) {
	x, _, ada, bob := start(t)
	trade := func(price string, at time.Time) {
		x.Clock.Set(at)
		ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=" + price)
		bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	}
	trade("40000", time.Date(2022, 3, 14, 15, 59, 0, 0, time.UTC))
	trade("41000", time.Date(2022, 3, 14, 16, 1, 0, 0, time.UTC))
	trade("42000", time.Date(2022, 3, 15, 0, 30, 0, 0, time.UTC))
	for _, c := range []struct {
		zone, open, low string
	}{
		{"", "2022-03-15T00:00:00Z", "42000.00000000"},
		{"&timeZone=0", "2022-03-15T00:00:00Z", "42000.00000000"},
		{"&timeZone=8", "2022-03-14T16:00:00Z", "41000.00000000"},
		{"&timeZone=08:00", "2022-03-14T16:00:00Z", "41000.00000000"},
		{"&timeZone=+08:00", "2022-03-14T16:00:00Z", "41000.00000000"}, // a + that is not encoded is read as a blank
		{"&timeZone=%2B08:00", "2022-03-14T16:00:00Z", "41000.00000000"},
		{"&timeZone=8:30", "2022-03-14T15:30:00Z", "40000.00000000"},
		{"&timeZone=-1:00", "2022-03-14T01:00:00Z", "40000.00000000"},
	} {
		got := fields(t, ada.raw("GET", "/api/v3/ticker/tradingDay", "symbol=BTCUSDT"+c.zone, ""))
		open, err := time.Parse(time.RFC3339, c.open)
		if err != nil {
			t.Fatal(err)
		}
		has(t, c.zone, got, map[string]any{
			"openTime": float64(open.UnixMilli()), "closeTime": float64(open.Add(24*time.Hour).UnixMilli() - 1), "lowPrice": c.low, "highPrice": "42000.00000000",
		})
	}
	ada.no(ada.raw("GET", "/api/v3/ticker/tradingDay", "", ""), 400, -1128, "Combination of optional parameters invalid.")
}

// TestTimeZones: candles begin by the time zone asked for, and spans of time stay in UTC.
func TestTimeZones(t *testing.T) {
	x, _, ada, bob := start(t)
	first := time.Date(2022, 3, 14, 12, 0, 0, 0, time.UTC)
	for i := range 16 { // every three hours, at 40000, 40001 ...
		x.Clock.Set(first.Add(time.Duration(i) * 3 * time.Hour))
		ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.01&price=" + strconv.Itoa(40000+i))
		bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01")
	}
	for _, c := range []struct {
		params, want string
	}{
		{"interval=1d", "03-14T00:00 40000-40003, 03-15T00:00 40004-40011, 03-16T00:00 40012-40015"},
		{"interval=1d&timeZone=8", "03-13T16:00 40000-40001, 03-14T16:00 40002-40009, 03-15T16:00 40010-40015"},
		{"interval=1d&timeZone=-5:30", "03-14T05:30 40000-40005, 03-15T05:30 40006-40013, 03-16T05:30 40014-40015"},
		{"interval=12h&timeZone=4", "03-14T08:00 40000-40002, 03-14T20:00 40003-40006, 03-15T08:00 40007-40010, 03-15T20:00 40011-40014, 03-16T08:00 40015-40015"},
		{"interval=1w&timeZone=14", "03-13T10:00 40000-40015"},
		{"interval=1M&timeZone=-12:00", "03-01T12:00 40000-40015"},
		{"interval=1d&timeZone=8&startTime=" + strconv.FormatInt(time.Date(2022, 3, 14, 0, 0, 0, 0, time.UTC).UnixMilli(), 10), "03-14T16:00 40002-40009, 03-15T16:00 40010-40015"},
		// Times in microseconds are times too.
		{"interval=1d&startTime=" + strconv.FormatInt(time.Date(2022, 3, 15, 0, 0, 0, 0, time.UTC).UnixMicro(), 10), "03-15T00:00 40004-40011, 03-16T00:00 40012-40015"},
	} {
		for _, path := range []string{"klines", "uiKlines"} {
			var rows [][]any
			ada.yes(ada.raw("GET", "/api/v3/"+path, "symbol=BTCUSDT&"+c.params, ""), &rows)
			var got []string
			for _, r := range rows {
				at := time.UnixMilli(int64(r[0].(float64))).UTC()
				got = append(got, at.Format("01-02T15:04")+" "+strings.TrimSuffix(r[1].(string), ".00000000")+"-"+strings.TrimSuffix(r[4].(string), ".00000000"))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("%s %s:\n got %s\nwant %s", path, c.params, s, c.want)
			}
		}
	}
	for _, zone := range []string{"15", "14:01", "-12:01", "8:60", "UTC", "1:2", "100"} {
		ada.no(ada.raw("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=1d&timeZone="+zone, ""), 400, -1130, "Data sent for parameter 'timeZone' is not valid.")
	}
	// The stream of candles by the one zone that there is one of.
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	defer wire.Close()
	for name, want := range map[string]bool{"btcusdt@kline_1d@+08:00": true, "btcusdt@kline_1d": true, "btcusdt@kline_1d@08:00": false, "btcusdt@kline_1d@+09:00": false, "btcusdt@kline_2d@+08:00": false} {
		topic, ok := wire.topicOf(name)
		if ok != want {
			t.Errorf("%s: %t", name, ok)
		}
		if ok {
			start := topic.in.start(time.Date(2022, 3, 14, 20, 0, 0, 0, time.UTC))
			if hour := start.Hour(); (hour == 16) != strings.HasSuffix(name, "+08:00") {
				t.Errorf("%s begins at %v", name, start)
			}
		}
	}
}

// TestMarketDataTerms: what the published pages say of weights and of single fields of market data.
func TestMarketDataTerms(t *testing.T) {
	x, _, ada, bob := start(t)
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000")
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	at := x.Clock.Now()
	x.Clock.Set(at.Add(10 * time.Second))
	has(t, "when the last trade was", fields(t, ada.raw("GET", "/api/v3/avgPrice", "symbol=BTCUSDT", "")), map[string]any{"closeTime": float64(at.UnixMilli())})
	ada.no(ada.raw("GET", "/api/v3/ticker/price", "symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22,%22BTCUSDT%22%5D", ""), 400, -1151, "Symbol is present multiple times in the list.")
	used := func(path, params string) int {
		before, _ := strconv.Atoi(ada.raw("GET", "/api/v3/ping", "", "").Header().Get("X-Mbx-Used-Weight-1m"))
		after, _ := strconv.Atoi(ada.raw("GET", "/api/v3/"+path, params, "").Header().Get("X-Mbx-Used-Weight-1m"))
		return after - before
	}
	for _, c := range []struct {
		path, params string
		want         int
	}{
		{"ticker/24hr", "symbol=BTCUSDT", 2},
		{"ticker/24hr", "symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D", 2},
		{"ticker/24hr", "", 80},
		{"ticker/tradingDay", "symbols=%5B%22BTCUSDT%22,%22ETHUSDT%22%5D", 8},
		{"ticker", "symbol=BTCUSDT", 4},
		{"ticker/price", "", 4},
		{"ticker/bookTicker", "symbol=BTCUSDT", 2},
	} {
		if got := used(c.path, c.params); got != c.want {
			t.Errorf("%s?%s weighs %d, want %d", c.path, c.params, got, c.want)
		}
	}
}

// TestUnreadParameters: what an endpoint does not know is refused before anything is done, with the published numbers.
func TestUnreadParameters(t *testing.T) {
	_, _, ada, bob := start(t)
	lastAt(ada, bob, "BTCUSDT", "40000")
	const order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=41000"
	ada.order(order + "&newClientOrderId=a&recvWindow=5000")
	oco := "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=42000&belowType=STOP_LOSS&belowStopPrice=39000"
	ada.yes(ada.do("POST", "/api/v3/orderList/oco", oco+"&listClientOrderId=l"), &struct{}{})
	before := ada.do("GET", "/api/v3/openOrders", "").Body.String()
	for _, c := range []struct {
		method, path, params string
		read                 int // of params and the two that sign them
	}{
		{"POST", "/api/v3/order", order + "&stopprice=40000", 8},
		{"POST", "/api/v3/order", order + "&computeCommissionRates=true", 8},
		{"POST", "/api/v3/order/test", order + "&newClientOrderID=b&computeCommissionRates=true", 9},
		{"POST", "/api/v3/order/cancelReplace", order + "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=a&cancelRestriction=ONLY_NEW", 10},
		{"DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a&cancelRestriction=ONLY_NEW", 4},
		{"DELETE", "/api/v3/openOrders", "symbol=BTCUSDT&side=BUY", 3},
		{"GET", "/api/v3/openOrders", "symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D", 3},
		{"PUT", "/api/v3/order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=a&newQty=0.05&newPrice=5", 5},
		{"POST", "/api/v3/orderList/oco", oco + "&aboveStopLimitPrice=1", 9},
		{"DELETE", "/api/v3/orderList", "symbol=BTCUSDT&listClientOrderId=l&orderId=1", 4},
		{"GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=a&limit=1", 4},
		{"GET", "/api/v3/myTrades", "symbol=BTCUSDT&fromID=3", 3},
	} {
		msg := fmt.Sprintf("Not all sent parameters were read; read '%d' parameter(s) but was sent '%d'.", c.read, c.read+1)
		ada.no(ada.do(c.method, c.path, c.params), 400, -1104, msg)
	}
	if after := ada.do("GET", "/api/v3/openOrders", "").Body.String(); after != before {
		t.Errorf("what was refused did something:\n%s\n%s", before, after)
	}
	ada.no(ada.raw("GET", "/api/v3/ping", "symbol=BTCUSDT", ""), 400, -1101, "Too many parameters; expected '0' and received '1'.")
	// All orders are no answer to who asks for those of some markets.
	ada.no(ada.do("GET", "/api/v3/openOrders", "symbols=%5B%22ETHUSDT%22%5D"), 400, -1101, "Too many parameters; expected '0' and received '1'.")
	ada.no(ada.do("GET", "/api/v3/rateLimit/order", "symbol=BTCUSDT&a=b"), 400, -1101, "Too many parameters; expected '0' and received '2'.")
	ada.no(ada.raw("GET", "/api/v3/depth", "symbol=BTCUSDT&level=5", ""), 400, -1104, "Not all sent parameters were read; read '1' parameter(s) but was sent '2'.")
	// What is wrong with the rest comes first; the wallet takes what it does not know.
	ada.no(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=NOPE&stopprice=1"), 400, -1116, "Invalid orderType.")
	ada.yes(ada.do("GET", "/sapi/v1/capital/deposit/hisrec", "includeSource=true"), &[]struct{}{})
}

// TestCombinationsOfTrades: those of an order, from a number on, or of a span of time.
func TestCombinationsOfTrades(t *testing.T) {
	x, _, ada, _ := start(t)
	at := strconv.FormatInt(x.Clock.Now().UnixMilli(), 10)
	for _, params := range []string{"", "&orderId=1", "&startTime=" + at, "&endTime=" + at, "&fromId=1", "&startTime=" + at + "&endTime=" + at, "&orderId=1&fromId=1", "&limit=5"} {
		ada.yes(ada.do("GET", "/api/v3/myTrades", "symbol=BTCUSDT"+params), &[]struct{}{})
	}
	for _, params := range []string{"&orderId=1&startTime=" + at, "&orderId=1&endTime=" + at, "&fromId=1&startTime=" + at, "&fromId=1&endTime=" + at} {
		ada.no(ada.do("GET", "/api/v3/myTrades", "symbol=BTCUSDT"+params), 400, -1128, "Combination of optional parameters invalid.")
	}
	used := func(params string) int {
		n := func() int {
			w, _ := strconv.Atoi(ada.raw("GET", "/api/v3/ping", "", "").Header().Get("X-Mbx-Used-Weight-1m"))
			return w
		}
		before := n()
		ada.yes(ada.do("POST", "/api/v3/order/test", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=41000"+params), &struct{}{})
		return n() - before - 1
	}
	if got := []int{used(""), used("&computeCommissionRates=false"), used("&computeCommissionRates=true")}; fmt.Sprint(got) != "[1 1 20]" {
		t.Errorf("a test of an order weighs %v", got)
	}
}

// TestTimeUnit: times are told in milliseconds, and who asks for others is told so, on every way in.
func TestTimeUnit(t *testing.T) {
	_, wire, ada, _ := start(t)
	const unsupported, none = "This operation is not supported: times are told in milliseconds.", "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."
	for unit, want := range map[string]struct {
		code int
		msg  string
	}{
		"MILLISECOND": {}, "millisecond": {}, "MICROSECOND": {-1020, unsupported}, "microsecond": {-1020, unsupported}, "SECOND": {-1194, none},
	} {
		ada.header = http.Header{"X-Mbx-Time-Unit": {unit}}
		if w := ada.raw("GET", "/api/v3/time", "", ""); want.code == 0 && w.Code != 200 {
			t.Errorf("%s: %s", unit, w.Body)
		} else if want.code != 0 {
			ada.no(w, 400, want.code, want.msg)
		}
		ada.header = nil
		for _, path := range []string{"/ws/btcusdt@trade", "/stream", "/ws-api/v3"} {
			r := httptest.NewRequest("GET", path+"?timeUnit="+unit, nil)
			w := httptest.NewRecorder()
			if wire.ServeHTTP(w, r); want.code != 0 {
				ada.no(w, 400, want.code, want.msg)
			} else if w.Code == 400 {
				t.Errorf("%s by %s: %s", path, unit, w.Body)
			}
		}
	}
}

// TestWrongWeighsToo: a request that is refused for what it asks costs weight like any other.
func TestWrongWeighsToo(t *testing.T) {
	_, _, ada, _ := start(t)
	used := func() int {
		n, _ := strconv.Atoi(ada.raw("GET", "/api/v3/ping", "", "").Header().Get("X-Mbx-Used-Weight-1m"))
		return n
	}
	for _, c := range []struct{ path, params string }{
		{"ticker", "symbol=NOPE"}, {"ticker/tradingDay", "symbol=NOPE"}, {"ticker/tradingDay", "symbol=BTCUSDT&symbols=%5B%22BTCUSDT%22%5D"}, {"ticker", "symbols=x"},
		{"ticker/24hr", "symbol=NOPE"}, {"depth", "limit=x"}, {"ticker/price", "symbol=NOPE"},
	} {
		before := used()
		if w := ada.raw("GET", "/api/v3/"+c.path, c.params, ""); w.Code != 400 {
			t.Errorf("%s?%s: %d", c.path, c.params, w.Code)
		}
		if n := used() - before - 1; n < 1 {
			t.Errorf("%s?%s weighs %d", c.path, c.params, n)
		}
	}
}
