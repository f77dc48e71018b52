package binance

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/law"
)

// A trader is a client of the wire under test.
type trader struct {
	t           *testing.T
	x           *sample.Exchange
	wire        http.Handler
	account     uint64
	key, secret string
	remote      string // where it sends from; "" is sample.FromUS
	header      http.Header
}

func newTrader(t *testing.T, x *sample.Exchange, wire http.Handler, operator, name, country string) *trader {
	t.Helper()
	o := x.Open(operator, sample.Somebody(name, country))
	if o.Refused || o.Decision.Verdict != law.Allow {
		t.Fatalf("%s: %s %+v", name, o.Decision.Verdict, o.Decision.Fired)
	}
	c := &trader{t: t, x: x, wire: wire, account: o.Account}
	c.key, c.secret = x.Key(o.Account)
	return c
}

// do sends a signed request: GET in the query, all else in the body, as ccxt does.
func (c *trader) do(method, path, params string) *httptest.ResponseRecorder {
	c.t.Helper()
	if params != "" {
		params += "&"
	}
	params += "timestamp=" + strconv.FormatInt(c.x.Clock.Now().UnixMilli(), 10)
	params += "&signature=" + hex.EncodeToString(sign([]byte(c.secret), []byte(params)))
	if method == "GET" || method == "DELETE" {
		return c.raw(method, path, params, "")
	}
	return c.raw(method, path, "", params)
}

func (c *trader) raw(method, path, query, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	target := path
	if query != "" {
		target += "?" + query
	}
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if c.key != "" {
		r.Header.Set("X-MBX-APIKEY", c.key)
	}
	if c.remote != "" {
		r.RemoteAddr = c.remote
	}
	for name, values := range c.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	c.wire.ServeHTTP(w, r)
	if ct := w.Header().Get("Content-Type"); ct != "application/json;charset=UTF-8" {
		c.t.Errorf("%s %s: Content-Type %q", method, path, ct)
	}
	return w
}

// yes decodes an answer of 200.
func (c *trader) yes(w *httptest.ResponseRecorder, v any) {
	c.t.Helper()
	if w.Code != http.StatusOK {
		c.t.Fatalf("status %d: %s %v", w.Code, w.Body, w.Header())
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		c.t.Fatalf("%s: %v", w.Body, err)
	}
}

// no checks a refusal to the letter.
func (c *trader) no(w *httptest.ResponseRecorder, status, code int, msg string) {
	c.t.Helper()
	want := fmt.Sprintf(`{"code":%d,"msg":%s}`, code, quote(msg))
	if got := strings.TrimSpace(w.Body.String()); w.Code != status || got != want {
		c.t.Errorf("got %d %s\nwant %d %s", w.Code, got, status, want)
	}
}

func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// fields are an answer's, by name.
func fields(t *testing.T, w *httptest.ResponseRecorder) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &m); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return m
}

func start(t *testing.T) (*sample.Exchange, http.Handler, *trader, *trader) {
	t.Helper()
	x := sample.New(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	ada := newTrader(t, x, wire, "us", "Adaline Wrenfield", "US")
	bob := newTrader(t, x, wire, "us", "Bertram Oakhollow", "CA")
	x.Fund(ada.account, "BTC", "2")
	x.Fund(bob.account, "USDT", "100000")
	return x, wire, ada, bob
}

// TestConversation is a day of two clients: one sells to the other.
func TestConversation(t *testing.T) {
	x, _, ada, bob := start(t)
	now := float64(x.Clock.Now().UnixMilli())

	sell := fields(t, ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000.10&newClientOrderId=my-first_order.1:/&newOrderRespType=FULL"))
	want := map[string]any{
		"symbol": "BTCUSDT", "orderId": 1.0, "orderListId": -1.0, "clientOrderId": "my-first_order.1:/", "transactTime": now,
		"price": "40000.10000000", "origQty": "0.50000000", "executedQty": "0.00000000", "origQuoteOrderQty": "0.00000000", "cummulativeQuoteQty": "0.00000000",
		"status": "NEW", "timeInForce": "GTC", "type": "LIMIT", "side": "SELL", "workingTime": now, "selfTradePreventionMode": "EXPIRE_MAKER", "fills": []any{},
	}
	if !reflect.DeepEqual(sell, want) {
		t.Errorf("new order:\n got %v\nwant %v", sell, want)
	}
	ada.no(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000&newClientOrderId=my-first_order.1:/"), 400, -2010, "Duplicate order sent.")

	var depth map[string]any
	bob.yes(bob.raw("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5", ""), &depth)
	if want := []any{[]any{"40000.10000000", "0.50000000"}}; !reflect.DeepEqual(depth["asks"], want) || !reflect.DeepEqual(depth["bids"], []any{}) {
		t.Errorf("depth %v", depth)
	}

	x.Clock.Set(x.Clock.Now().Add(time.Minute))
	later := float64(x.Clock.Now().UnixMilli())
	buy := fields(t, bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.2"))
	wantFill := map[string]any{"price": "40000.10000000", "qty": "0.20000000", "commission": "0.00020000", "commissionAsset": "BTC", "tradeId": 1.0}
	if buy["status"] != "FILLED" || buy["executedQty"] != "0.20000000" || buy["cummulativeQuoteQty"] != "8000.02000000" || !reflect.DeepEqual(buy["fills"], []any{wantFill}) {
		t.Errorf("market order: %v", buy)
	}
	if id, _ := buy["clientOrderId"].(string); !clientIDForm.is(id) {
		t.Errorf("a client id was made up as %q", id)
	}

	var row map[string]any
	ada.yes(ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=my-first_order.1:/"), &row)
	wantRow := map[string]any{
		"symbol": "BTCUSDT", "orderId": 1.0, "orderListId": -1.0, "clientOrderId": "my-first_order.1:/", "price": "40000.10000000", "origQty": "0.50000000",
		"executedQty": "0.20000000", "origQuoteOrderQty": "0.00000000", "cummulativeQuoteQty": "8000.02000000", "status": "PARTIALLY_FILLED", "timeInForce": "GTC",
		"type": "LIMIT", "side": "SELL", "selfTradePreventionMode": "EXPIRE_MAKER", "stopPrice": "0.00000000", "icebergQty": "0.00000000",
		"time": now, "updateTime": later, "isWorking": true, "workingTime": now,
	}
	if !reflect.DeepEqual(row, wantRow) {
		t.Errorf("order:\n got %v\nwant %v", row, wantRow)
	}

	var mine []map[string]any
	ada.yes(ada.do("GET", "/api/v3/myTrades", "symbol=BTCUSDT"), &mine)
	wantMine := []map[string]any{{
		"symbol": "BTCUSDT", "id": 1.0, "orderId": 1.0, "orderListId": -1.0, "price": "40000.10000000", "qty": "0.20000000", "quoteQty": "8000.02000000",
		"commission": "8.00002000", "commissionAsset": "USDT", "time": later, "isBuyer": false, "isMaker": true, "isBestMatch": true,
	}}
	if !reflect.DeepEqual(mine, wantMine) {
		t.Errorf("the maker's trades:\n got %v\nwant %v", mine, wantMine)
	}
	bob.yes(bob.do("GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=2"), &mine)
	if len(mine) != 1 || mine[0]["isBuyer"] != true || mine[0]["isMaker"] != false || mine[0]["commission"] != "0.00020000" || mine[0]["orderId"] != 2.0 {
		t.Errorf("the taker's trades: %v", mine)
	}

	var account struct {
		CanTrade    bool
		Balances    []map[string]string
		Permissions []string
	}
	ada.yes(ada.do("GET", "/api/v3/account", "omitZeroBalances=true"), &account)
	wantBalances := []map[string]string{
		{"asset": "BTC", "free": "1.50000000", "locked": "0.30000000"},
		{"asset": "USDT", "free": "7992.01998000", "locked": "0.00000000"}, // 8000.02 less 0.1 %
	}
	if !reflect.DeepEqual(account.Balances, wantBalances) || !account.CanTrade || !slices.Equal(account.Permissions, []string{"SPOT"}) {
		t.Errorf("account %+v", account)
	}

	var open, all []map[string]any
	ada.yes(ada.do("GET", "/api/v3/openOrders", ""), &open)
	ada.yes(ada.do("GET", "/api/v3/openOrders", "symbol=ETHUSDT"), &all)
	if len(open) != 1 || len(all) != 0 {
		t.Errorf("open orders: %v; in the other market: %v", open, all)
	}
	canceled := fields(t, ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=1&newClientOrderId=gone"))
	if canceled["status"] != "CANCELED" || canceled["clientOrderId"] != "gone" || canceled["origClientOrderId"] != "my-first_order.1:/" || canceled["executedQty"] != "0.20000000" {
		t.Errorf("canceled: %v", canceled)
	}
	ada.no(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=1"), 400, -2011, "Unknown order sent.")
	ada.no(ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), 400, -2011, "Unknown order sent.")
	ada.no(ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=2"), 400, -2013, "Order does not exist.") // somebody else's
	ada.no(ada.do("GET", "/api/v3/order", "symbol=ETHUSDT&orderId=1"), 400, -2013, "Order does not exist.")
	ada.no(ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=1&origClientOrderId=other"), 400, -2039, "Client order ID is not correct for this order ID.")
	for range 2 {
		ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT_MAKER&quantity=0.1&price=50000")
	}
	var list []map[string]any
	ada.yes(ada.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT"), &list)
	if len(list) != 2 || list[0]["status"] != "CANCELED" {
		t.Errorf("cancel all: %v", list)
	}
	ada.yes(ada.do("GET", "/api/v3/allOrders", "symbol=BTCUSDT"), &all)
	ids := []float64{}
	for _, o := range all {
		ids = append(ids, o["orderId"].(float64))
	}
	if !slices.Equal(ids, []float64{1, 3, 4}) {
		t.Errorf("all orders: %v", ids)
	}
	ada.yes(ada.do("GET", "/api/v3/allOrders", "symbol=BTCUSDT&orderId=2&limit=1"), &all)
	if len(all) != 1 || all[0]["orderId"] != 3.0 {
		t.Errorf("all orders from 2, one: %v", all)
	}
}

func TestMarketData(t *testing.T) {
	x, _, ada, bob := start(t)
	for i, price := range []string{"40000", "40000", "41000", "39000"} {
		x.Clock.Set(sample.Opens.Add(time.Duration(i*2) * time.Minute))
		ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price="+price), &struct{}{})
		if i == 0 {
			continue // the first two are taken together
		}
		qty := "0.1"
		if i == 1 {
			qty = "0.2"
		}
		bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity="+qty), &struct{}{})
	}
	get := func(path, query string) string {
		t.Helper()
		w := bob.raw("GET", path, query, "")
		if w.Code != 200 {
			t.Fatalf("%s?%s: %d %s", path, query, w.Code, w.Body)
		}
		return strings.TrimSpace(w.Body.String())
	}
	at := func(minutes int) string {
		return strconv.FormatInt(sample.Opens.Add(time.Duration(minutes)*time.Minute).UnixMilli(), 10)
	}
	end := func(minutes int) string {
		return strconv.FormatInt(sample.Opens.Add(time.Duration(minutes)*time.Minute).UnixMilli()-1, 10)
	}

	for _, c := range []struct{ path, query, want string }{
		{"/api/v3/ping", "", `{}`},
		{"/api/v3/time", "", `{"serverTime":` + at(6) + `}`},
		{"/api/v3/trades", "symbol=BTCUSDT&limit=1", `[{"id":4,"price":"39000.00000000","qty":"0.10000000","quoteQty":"3900.00000000","time":` + at(6) + `,"isBuyerMaker":false,"isBestMatch":true}]`},
		{"/api/v3/historicalTrades", "symbol=BTCUSDT&fromId=2&limit=1", `[{"id":2,"price":"40000.00000000","qty":"0.10000000","quoteQty":"4000.00000000","time":` + at(2) + `,"isBuyerMaker":false,"isBestMatch":true}]`},
		{"/api/v3/trades", "symbol=ETHUSDT", `[]`},
		{"/api/v1/trades", "symbol=ETHUSDT", `[]`},
		// What one order took at one price is one aggregate.
		{"/api/v3/aggTrades", "symbol=BTCUSDT&fromId=0&limit=1", `[{"a":2,"p":"40000.00000000","q":"0.20000000","f":1,"l":2,"T":` + at(2) + `,"m":false,"M":true}]`},
		{"/api/v3/aggTrades", "symbol=BTCUSDT&startTime=" + at(4) + "&endTime=" + at(5), `[{"a":3,"p":"41000.00000000","q":"0.10000000","f":3,"l":3,"T":` + at(4) + `,"m":false,"M":true}]`},
		{"/api/v3/ticker/price", "symbol=BTCUSDT", `{"symbol":"BTCUSDT","price":"39000.00000000"}`},
		{"/api/v3/ticker/price", `symbols=["ETHUSDT","BTCUSDT"]`, `[{"symbol":"ETHUSDT","price":"0.00000000"},{"symbol":"BTCUSDT","price":"39000.00000000"}]`},
		{"/api/v3/ticker/bookTicker", "symbol=BTCUSDT", `{"symbol":"BTCUSDT","bidPrice":"0.00000000","bidQty":"0.00000000","askPrice":"0.00000000","askQty":"0.00000000"}`},
		// (0.2 × 40000 + 0.1 × 41000 + 0.1 × 39000) / 0.4
		{"/api/v3/avgPrice", "symbol=BTCUSDT", `{"mins":5,"price":"40000.00000000","closeTime":` + at(6) + `}`},
		// Minutes 2 to 6; nothing was traded in 3 and 5.
		{"/api/v3/klines", "symbol=BTCUSDT&interval=1m&limit=3", `[` +
			`[` + at(4) + `,"41000.00000000","41000.00000000","41000.00000000","41000.00000000","0.10000000",` + end(5) + `,"4100.00000000",1,"0.10000000","4100.00000000","0"],` +
			`[` + at(5) + `,"41000.00000000","41000.00000000","41000.00000000","41000.00000000","0.00000000",` + end(6) + `,"0.00000000",0,"0.00000000","0.00000000","0"],` +
			`[` + at(6) + `,"39000.00000000","39000.00000000","39000.00000000","39000.00000000","0.10000000",` + end(7) + `,"3900.00000000",1,"0.10000000","3900.00000000","0"]]`},
		{"/api/v3/klines", "symbol=BTCUSDT&interval=1h", `[[` + at(0) + `,"40000.00000000","41000.00000000","39000.00000000","39000.00000000","0.40000000",` + end(60) + `,"16000.00000000",4,"0.40000000","16000.00000000","0"]]`},
		{"/api/v3/klines", "symbol=BTCUSDT&interval=1m&startTime=" + end(0) + "&limit=1", `[[` + at(2) + `,"40000.00000000","40000.00000000","40000.00000000","40000.00000000","0.20000000",` + end(3) + `,"8000.00000000",2,"0.20000000","8000.00000000","0"]]`},
		{"/api/v3/klines", "symbol=ETHUSDT&interval=1m", `[]`},
		{"/sapi/v1/system/status", "", `{"status":0,"msg":"normal"}`},
		{"/sapi/v1/margin/allPairs", "", `[]`},
		{"/sapi/v1/margin/isolated/allPairs", "", `[]`},
	} {
		if got := get(c.path, url.PathEscape(c.query)); got != c.want {
			t.Errorf("%s?%s\n got %s\nwant %s", c.path, c.query, got, c.want)
		}
	}

	var day map[string]any
	bob.yes(bob.raw("GET", "/api/v3/ticker/24hr", "symbol=BTCUSDT", ""), &day)
	for name, want := range map[string]any{
		"priceChange": "-1000.00000000", "priceChangePercent": "-2.500", "weightedAvgPrice": "40000.00000000", "lastPrice": "39000.00000000", "lastQty": "0.10000000",
		"openPrice": "40000.00000000", "highPrice": "41000.00000000", "lowPrice": "39000.00000000", "volume": "0.40000000", "quoteVolume": "16000.00000000",
		"firstId": 1.0, "lastId": 4.0, "count": 4.0,
	} {
		if day[name] != want {
			t.Errorf("ticker/24hr: %s is %v, want %v", name, day[name], want)
		}
	}
	x.Clock.Set(sample.Opens.Add(30 * time.Hour))
	bob.yes(bob.raw("GET", "/api/v3/ticker/24hr", "symbol=BTCUSDT", ""), &day)
	if day["count"] != 0.0 || day["lastPrice"] != "39000.00000000" || day["priceChange"] != "0.00000000" || day["firstId"] != -1.0 {
		t.Errorf("a day later: %v", day)
	}

	var info struct {
		RateLimits []map[string]any
		Symbols    []struct {
			Symbol, Status, BaseAsset, QuoteAsset string
			BaseAssetPrecision, QuotePrecision    int
			OrderTypes, Permissions               []string
			IsSpotTradingAllowed                  bool
			Filters                               []map[string]any
		}
	}
	bob.yes(bob.raw("GET", "/api/v3/exchangeInfo", "symbol=ETHUSDT", ""), &info)
	if len(info.Symbols) != 1 {
		t.Fatalf("exchangeInfo: %+v", info)
	}
	s := info.Symbols[0]
	if s.Symbol != "ETHUSDT" || s.Status != "TRADING" || s.BaseAsset != "ETH" || s.BaseAssetPrecision != 18 || s.QuoteAsset != "USDT" || !s.IsSpotTradingAllowed {
		t.Errorf("exchangeInfo: %+v", s)
	}
	byType := map[any]map[string]any{}
	for _, f := range s.Filters {
		byType[f["filterType"]] = f
	}
	if byType["PRICE_FILTER"]["tickSize"] != "0.01000000" || byType["LOT_SIZE"]["stepSize"] != "0.00001000" || byType["NOTIONAL"]["minNotional"] != "5.00000000" {
		t.Errorf("filters: %v", byType)
	}
	bob.yes(bob.raw("GET", "/api/v3/exchangeInfo", "", ""), &info)
	if len(info.Symbols) != 2 {
		t.Errorf("exchangeInfo of all: %d", len(info.Symbols))
	}
}

// TestApart: two orders that take at one price are two aggregates, and the candle after a
// moving one is flat at its last price.
func TestApart(t *testing.T) {
	x, _, ada, bob := start(t)
	for _, price := range []string{"40000", "41000", "41000"} {
		ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price="+price), &struct{}{})
		bob.yes(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price="+price), &struct{}{})
	}
	x.Clock.Set(x.Clock.Now().Add(time.Minute))
	var list []aggregate
	bob.yes(bob.raw("GET", "/api/v3/aggTrades", "symbol=BTCUSDT", ""), &list)
	if len(list) != 3 || list[1].Qty != "0.10000000" || list[1].Price != list[2].Price {
		t.Errorf("aggregates: %+v", list)
	}
	var candles [][12]any
	bob.yes(bob.raw("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=1m", ""), &candles)
	if len(candles) != 2 || candles[0][1] != "40000.00000000" || candles[0][4] != "41000.00000000" || candles[1][1] != "41000.00000000" || candles[1][8] != 0.0 {
		t.Errorf("candles: %v", candles)
	}
}

// Where candles begin: weeks on Mondays, months on the first.
func TestIntervals(t *testing.T) {
	at := time.Date(2022, 3, 17, 15, 47, 12, 345e6, time.UTC) // a Thursday
	for name, want := range map[string]string{
		"1s": "2022-03-17T15:47:12Z", "1m": "2022-03-17T15:47:00Z", "3m": "2022-03-17T15:45:00Z", "15m": "2022-03-17T15:45:00Z", "30m": "2022-03-17T15:30:00Z",
		"1h": "2022-03-17T15:00:00Z", "4h": "2022-03-17T12:00:00Z", "12h": "2022-03-17T12:00:00Z", "1d": "2022-03-17T00:00:00Z", "1w": "2022-03-14T00:00:00Z", "1M": "2022-03-01T00:00:00Z",
	} {
		in, ok := intervalOf(name)
		if got := in.start(at).Format(time.RFC3339); !ok || got != want {
			t.Errorf("%s begins at %s, want %s", name, got, want)
		}
		if begin := in.start(at); !in.start(in.after(begin, 1)).Equal(in.after(begin, 1)) || in.after(begin, 1).Before(at) {
			t.Errorf("%s: the next begins at %s", name, in.after(begin, 1))
		}
	}
	week, _ := intervalOf("1w")
	if got := week.start(time.Date(1970, 1, 2, 0, 0, 0, 0, time.UTC)); got.Weekday() != time.Monday || got.Year() != 1969 {
		t.Errorf("the week of 2 January 1970 begins on %s", got)
	}
}

// TestRefusals holds each refusal to its code and to its text, which clients compare.
func TestRefusals(t *testing.T) {
	_, _, ada, bob := start(t)
	ada.yes(ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000"), &struct{}{})
	const limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC"
	for _, c := range []struct {
		what, method, path, params string
		code                       int
		msg                        string
	}{
		{"symbol missing", "POST", "/api/v3/order", "side=BUY&type=LIMIT", -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."},
		{"side missing", "POST", "/api/v3/order", "symbol=BTCUSDT&type=LIMIT", -1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed."},
		{"price missing", "POST", "/api/v3/order", limit + "&quantity=1", -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."},
		{"time in force missing", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=1", -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."},
		{"quantity empty", "POST", "/api/v3/order", limit + "&quantity=&price=1", -1105, "Parameter 'quantity' was empty."},
		{"neither quantity", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET", -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"},
		{"both quantities", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&quoteOrderQty=10", -1128, "Combination of optional parameters invalid."},
		{"symbol unknown", "POST", "/api/v3/order", "symbol=DOGEUSDT&side=BUY&type=MARKET&quantity=1", -1121, "Invalid symbol."},
		{"symbol in lower case", "POST", "/api/v3/order", "symbol=btcusdt&side=BUY&type=MARKET&quantity=1", -1100, "Illegal characters found in parameter 'symbol'; legal range is '^[A-Z0-9-_.]{1,20}$'."},
		{"side", "POST", "/api/v3/order", "symbol=BTCUSDT&side=HOLD&type=MARKET&quantity=1", -1117, "Invalid side."},
		{"type", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=TRAILING&quantity=1", -1116, "Invalid orderType."},
		{"time in force", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=1&price=1", -1115, "Invalid timeInForce."},
		{"stop price", "POST", "/api/v3/order", limit + "&quantity=1&price=1&stopPrice=2", -1106, "Parameter 'stopPrice' sent when not required."},
		{"price of a market order", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=1", -1106, "Parameter 'price' sent when not required."},
		{"self-trade mode", "POST", "/api/v3/order", limit + "&quantity=1&price=1&selfTradePreventionMode=EXPIRE", -1130, "Data sent for parameter 'selfTradePreventionMode' is not valid."},
		{"client id", "POST", "/api/v3/order", limit + "&quantity=1&price=1&newClientOrderId=no%20space", -1100, `Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_\.:/]{1,36}$'.`},
		{"client id too long", "POST", "/api/v3/order", limit + "&quantity=1&price=1&newClientOrderId=" + strings.Repeat("x", 37), -1100, `Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_\.:/]{1,36}$'.`},
		{"exponent", "POST", "/api/v3/order", limit + "&quantity=1e3&price=1", -1100, `Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.`},
		{"negative", "POST", "/api/v3/order", limit + "&quantity=-1&price=1", -1100, `Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.`},
		{"nine decimals too many", "POST", "/api/v3/order", limit + "&quantity=1.00000000000000001&price=1", -1111, "Parameter 'quantity' has too much precision."},
		{"one decimal too many", "POST", "/api/v3/order", limit + "&quantity=1&price=1.000000001", -1111, "Parameter 'price' has too much precision."},
		{"twenty digits", "POST", "/api/v3/order", limit + "&quantity=99999999999999999999&price=1", -1013, "Filter failure: LOT_SIZE"},
		{"tick", "POST", "/api/v3/order", limit + "&quantity=1&price=1.001", -1013, "Filter failure: PRICE_FILTER"},
		{"least price", "POST", "/api/v3/order", limit + "&quantity=1&price=0", -1013, "Filter failure: PRICE_FILTER"},
		{"greatest price", "POST", "/api/v3/order", limit + "&quantity=1&price=1000000.01", -1013, "Filter failure: PRICE_FILTER"},
		{"step", "POST", "/api/v3/order", limit + "&quantity=1.000001&price=100", -1013, "Filter failure: LOT_SIZE"},
		{"least quantity", "POST", "/api/v3/order", limit + "&quantity=0&price=100", -1013, "Filter failure: LOT_SIZE"},
		{"greatest quantity", "POST", "/api/v3/order", limit + "&quantity=9001&price=100", -1013, "Filter failure: LOT_SIZE"},
		{"market order of nothing", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -1013, "Filter failure: LOT_SIZE"},
		{"notional", "POST", "/api/v3/order", limit + "&quantity=0.0001&price=100", -1013, "Filter failure: NOTIONAL"},
		{"notional of a market order", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=4.99", -1013, "Filter failure: NOTIONAL"},
		{"filters of a test order", "POST", "/api/v3/order/test", limit + "&quantity=0.0001&price=100", -1013, "Filter failure: NOTIONAL"},
		{"balance", "POST", "/api/v3/order", limit + "&quantity=3&price=39999", -2010, "Account has insufficient balance for requested action."},
		{"post only", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.1&price=40000", -2010, "Order would immediately match and take."},
		{"cancel of no order", "DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=99", -2011, "Unknown order sent."},
		{"cancel of somebody else's", "DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=1", -2011, "Unknown order sent."},
		{"cancel of nothing", "DELETE", "/api/v3/order", "symbol=BTCUSDT", -1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"},
		{"order unknown", "GET", "/api/v3/order", "symbol=BTCUSDT&orderId=99", -2013, "Order does not exist."},
		{"order zero", "GET", "/api/v3/order", "symbol=BTCUSDT&orderId=0", -2013, "Order does not exist."},
		{"limit of nothing", "GET", "/api/v3/allOrders", "symbol=BTCUSDT&limit=0", -1130, "Data sent for parameter 'limit' is not valid."},
		{"time turned round", "GET", "/api/v3/allOrders", "symbol=BTCUSDT&startTime=2&endTime=1", -1128, "Combination of optional parameters invalid."},
		{"interval", "GET", "/api/v3/klines", "symbol=BTCUSDT&interval=7m", -1120, "Invalid interval."},
		{"symbols that are none", "GET", "/api/v3/ticker/price", "symbols=BTCUSDT", -1100, `Illegal characters found in parameter 'symbols'; legal range is '["BTCUSDT","ETHUSDT"]'.`},
		{"duplicate", "GET", "/api/v3/depth", "symbol=BTCUSDT&symbol=BTCUSDT", -1101, "Duplicate values for a parameter detected."},
		{"not UTF-8", "GET", "/api/v3/depth", "symbol=%ff", -1100, "Illegal characters found in a parameter."},
		{"window too wide", "GET", "/api/v3/account", "recvWindow=60000.001", -1131, "recvWindow must be less than 60000"},
		{"window illegal", "GET", "/api/v3/account", "recvWindow=5s", -1100, `Illegal characters found in parameter 'recvWindow'; legal range is '^[0-9]{1,17}(\.[0-9]{1,3})?$'.`},
		{"coin unknown", "POST", "/sapi/v1/capital/withdraw/apply", "coin=DOGE&address=bc1q&amount=1", -4018, "We don't have this asset."},
		{"network unknown", "POST", "/sapi/v1/capital/withdraw/apply", "coin=BTC&network=ETH&address=bc1q&amount=1", -1130, "Data sent for parameter 'network' is not valid."},
		{"amount too fine", "POST", "/sapi/v1/capital/withdraw/apply", "coin=BTC&address=bc1q&amount=0.100000001", -1111, "Parameter 'amount' has too much precision."},
		{"amount too small", "POST", "/sapi/v1/capital/withdraw/apply", "coin=BTC&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&amount=0.0009", -4022, "Not less than the minimum pick-up quantity 0.001."},
		{"amount too large", "POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&amount=100001", -4026, "Account has insufficient balance for requested action."},
		{"address with a wrong checksum", "POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyU&amount=11", -4007, "Address validation is not passed."},
		{"address illegible", "POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=b%20c&amount=11", -4007, "Address validation is not passed."},
		{"a tag that would be lost", "POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=bc1q&addressTag=7&amount=11", -1106, "Parameter 'addressTag' sent when not required."},
	} {
		t.Run(c.what, func(t *testing.T) {
			b := *bob
			b.t = t
			b.no(b.do(c.method, c.path, c.params), 400, c.code, c.msg)
		})
	}
	// Nothing of all this is in the book or on the way.
	var open []any
	bob.yes(bob.do("GET", "/api/v3/openOrders", ""), &open)
	if ws := bob.x.View().Withdrawals(bob.account); len(open)+len(ws) != 0 {
		t.Errorf("refused, and yet: %v %v", open, ws)
	}
}

func TestAuthentication(t *testing.T) {
	x, wire, _, bob := start(t)
	stamp := func(d time.Duration) string { return strconv.FormatInt(x.Clock.Now().Add(d).UnixMilli(), 10) }
	signed := func(params string) string {
		return params + "&signature=" + hex.EncodeToString(sign([]byte(bob.secret), []byte(params)))
	}
	bob.yes(bob.raw("GET", "/api/v3/account", signed("timestamp="+stamp(0)), ""), &struct{}{})

	good := signed("timestamp=" + stamp(0))
	flip := "0"
	if good[len(good)-1] == '0' {
		flip = "1"
	}
	bob.no(bob.raw("GET", "/api/v3/account", good[:len(good)-1]+flip, ""), 400, -1022, "Signature for this request is not valid.")
	bob.no(bob.raw("GET", "/api/v3/account", "omitZeroBalances=true&"+good, ""), 400, -1022, "Signature for this request is not valid.")
	bob.no(bob.raw("GET", "/api/v3/account", good, "omitZeroBalances=true"), 400, -1022, "Signature for this request is not valid.")
	bob.no(bob.raw("GET", "/api/v3/account", "timestamp="+stamp(0), ""), 400, -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.")
	bob.no(bob.raw("GET", "/api/v3/account", signed("a=1"), ""), 400, -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.")
	bob.no(bob.raw("GET", "/api/v3/account", signed("timestamp="+stamp(time.Second)), ""), 400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.")
	bob.no(bob.raw("GET", "/api/v3/account", signed("timestamp="+stamp(-5001*time.Millisecond)), ""), 400, -1021, "Timestamp for this request is outside of the recvWindow.")
	bob.yes(bob.raw("GET", "/api/v3/account", signed("recvWindow=5001.5&timestamp="+stamp(-5001*time.Millisecond)), ""), &struct{}{})
	bob.yes(bob.raw("GET", "/api/v3/account", signed("timestamp="+strconv.FormatInt(x.Clock.Now().UnixMicro(), 10)), ""), &struct{}{})
	bob.yes(bob.raw("GET", "/api/v3/account", signed("recvWindow=60000.000&timestamp="+stamp(-60*time.Second)), ""), &struct{}{})
	for _, window := range []string{"60000.001", "60001", "99999999999999999.999"} {
		bob.no(bob.raw("GET", "/api/v3/account", signed("recvWindow="+window+"&timestamp="+stamp(0)), ""), 400, -1131, "recvWindow must be less than 60000")
	}
	for _, window := range []string{"-1", "5000.0001", "1e4"} {
		bob.no(bob.raw("GET", "/api/v3/account", signed("recvWindow="+window+"&timestamp="+stamp(0)), ""), 400, -1100, `Illegal characters found in parameter 'recvWindow'; legal range is '^[0-9]{1,17}(\.[0-9]{1,3})?$'.`)
	}
	bob.no(bob.raw("GET", "/api/v3/account", signed("recvWindow=0&timestamp="+stamp(-time.Millisecond)), ""), 400, -1021, "Timestamp for this request is outside of the recvWindow.")
	// Twice the same parameter is never one of the two, also not the signature.
	twice := signed("timestamp=" + stamp(0))
	for _, query := range []string{twice + "&signature=" + strings.Repeat("0", 64), "signature=" + strings.Repeat("0", 64) + "&" + twice, "timest%61mp=1&" + twice} {
		bob.no(bob.raw("GET", "/api/v3/account", query, ""), 400, -1101, "Duplicate values for a parameter detected.")
	}

	// go-binance: parameters in the body, timestamp and signature in the query, also of a DELETE.
	send := func(method, body string) *httptest.ResponseRecorder {
		query := "timestamp=" + stamp(0)
		return bob.raw(method, "/api/v3/order", query+"&signature="+hex.EncodeToString(sign([]byte(bob.secret), []byte(query+body))), body)
	}
	placed := fields(t, send("POST", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=100&newClientOrderId=a"))
	if placed["status"] != "NEW" {
		t.Fatalf("placed: %v", placed)
	}
	if gone := fields(t, send("DELETE", "symbol=BTCUSDT&origClientOrderId=a")); gone["status"] != "CANCELED" {
		t.Errorf("canceled: %v", gone)
	}
	// The same parameter in both: the query's counts.
	query, body := "symbol=BTCUSDT&timestamp="+stamp(0), "symbol=DOGEUSDT&orderId=1"
	if row := fields(t, bob.raw("GET", "/api/v3/order", query+"&signature="+hex.EncodeToString(sign([]byte(bob.secret), []byte(query+body))), body)); row["symbol"] != "BTCUSDT" {
		t.Errorf("query and body: %v", row)
	}

	nobody := &trader{t: t, x: x, wire: wire}
	nobody.no(nobody.do("GET", "/api/v3/account", ""), 401, -2014, "API-key format invalid.")
	nobody.key = "with space"
	nobody.no(nobody.do("GET", "/api/v3/account", ""), 401, -2014, "API-key format invalid.")
	nobody.key = strings.Repeat("0", 32)
	nobody.no(nobody.do("GET", "/api/v3/account", ""), 401, -2015, "Invalid API-key, IP, or permissions for action.")
	nobody.key, nobody.secret = bob.key, bob.secret+"x"
	nobody.no(nobody.do("GET", "/api/v3/account", ""), 400, -1022, "Signature for this request is not valid.")
	nobody.no(nobody.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1"), 400, -1022, "Signature for this request is not valid.")
}

// slow is randomness during whose reading the clock goes on.
type slow struct {
	clock *sample.Clock
	by    time.Duration
}

func (s *slow) Read(p []byte) (int, error) {
	s.clock.Set(s.clock.Now().Add(s.by))
	return rand.Read(p)
}

// TestTooLateForTheEngine: what was in time when it came and no longer is when the exchange
// would be asked is not done.
func TestTooLateForTheEngine(t *testing.T) {
	x, _, _, bob := start(t)
	late := &slow{clock: x.Clock}
	bob.wire = New(x.Exchange, Options{Clock: x.Clock.Now, Random: late})
	const order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=100"
	bob.yes(bob.do("POST", "/api/v3/order", order), &struct{}{})
	late.by = 5001 * time.Millisecond
	for _, r := range []struct{ method, path, params string }{
		{"POST", "/api/v3/order", order},
		{"DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=1"},
		{"POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&amount=100"},
	} {
		bob.no(bob.do(r.method, r.path, r.params), 400, -1021, "Timestamp for this request is outside of the recvWindow.")
	}
	var open []any
	bob.yes(bob.do("GET", "/api/v3/openOrders", ""), &open)
	if ws := x.View().Withdrawals(bob.account); len(open) != 1 || len(ws) != 0 {
		t.Errorf("done too late: %v %v", open, ws)
	}
}

func TestPathsMethodsAndSizes(t *testing.T) {
	_, _, _, bob := start(t)
	bob.no(bob.raw("GET", "/api/v3/nothing", "", ""), 404, -1020, "There is no such endpoint here.")
	bob.no(bob.raw("GET", "/sapi/v1/", "", ""), 404, -1020, "There is no such endpoint here.")
	w := bob.raw("PUT", "/api/v3/order", "", "")
	bob.no(w, 405, -1020, `This endpoint does not know the method "PUT".`)
	if got := w.Header().Values("Allow"); !slices.Equal(got, []string{"GET", "POST", "DELETE"}) {
		t.Errorf("Allow: %v", got)
	}
	bob.no(bob.raw("POST", "/api/v3/order", "", strings.Repeat("a", maxBytes+1)), 413, -1101, "Too many parameters sent for this endpoint.")
	bob.no(bob.raw("GET", "/api/v3/depth", "a="+strings.Repeat("a", maxBytes), ""), 413, -1101, "Too many parameters sent for this endpoint.")
	var many []string
	for i := range maxParameters + 1 {
		many = append(many, "p"+strconv.Itoa(i)+"=1")
	}
	bob.no(bob.raw("GET", "/api/v3/ping", strings.Join(many, "&"), ""), 400, -1101, "Too many parameters sent for this endpoint.")
	bob.no(bob.raw("GET", "/api/v3/ping", "unknown=1&", ""), 400, -1101, "Too many parameters; expected '0' and received '1'.")
	if w := bob.raw("GET", "/api/v3/ping", "&", ""); w.Code != 200 {
		t.Errorf("no parameter: %s", w.Body)
	}
}

func TestRequestWeight(t *testing.T) {
	x := sample.New(t)
	now := time.Date(2030, 1, 1, 0, 0, 30, 0, time.UTC)
	c := &trader{t: t, x: x, wire: New(x.Exchange, Options{Clock: func() time.Time { return now }, WeightPerMinute: 50})}
	w := c.raw("GET", "/api/v3/exchangeInfo", "", "")
	sample.Has(t, w.Header(), "X-MBX-USED-WEIGHT-1M", "20")
	w = c.raw("GET", "/api/v3/trades", "symbol=BTCUSDT", "")
	sample.Has(t, w.Header(), "X-MBX-USED-WEIGHT-1M", "45")
	c.yes(c.raw("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=100", ""), &struct{}{}) // 5: just up to the limit
	w = c.raw("GET", "/api/v3/ping", "", "")
	c.no(w, 429, -1003, "Too much request weight used; current limit is 50 request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.")
	sample.Has(t, w.Header(), "Retry-After", "31")
	now = now.Add(30 * time.Second)
	w = c.raw("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=500", "")
	sample.Has(t, w.Header(), "X-MBX-USED-WEIGHT-1M", "25")

	// Clients of one proxy of the operator count each for itself.
	c.wire = New(x.Exchange, Options{Clock: func() time.Time { return now }, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	c.remote = "10.1.2.3:1"
	for _, from := range []string{"198.51.100.7", "198.51.100.8", "2001:db8::1"} {
		c.header = http.Header{"X-Forwarded-For": {from}}
		sample.Has(t, c.raw("GET", "/api/v3/exchangeInfo", "", "").Header(), "X-MBX-USED-WEIGHT-1M", "20")
	}

	// Another client is not held up; an IPv6 client is one whatever the end of its address.
	for _, remote := range []string{"198.51.100.1:1", "[2001:db8::1]:1"} {
		if !otherEnd(remote).IsValid() {
			t.Errorf("%s is nobody", remote)
		}
	}
	if otherEnd("[2001:db8::1]:1") != otherEnd("[2001:db8::ffff]:9") || otherEnd("[2001:db8:0:1::1]:1") == otherEnd("[2001:db8::1]:1") {
		t.Error("IPv6 clients are not told apart by their network")
	}
	if otherEnd("[::ffff:198.51.100.1]:5") != otherEnd("198.51.100.1:6") {
		t.Error("an IPv4 client is two")
	}
	l := limiter{most: 10}
	for i := range maxClients + 10 {
		l.take(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 1, now)
	}
	if len(l.used) > maxClients+1 {
		t.Errorf("%d clients are kept", len(l.used))
	}
}

// TestStopped is what a customer's programs hear when a list names them.
func TestStopped(t *testing.T) {
	x, wire, _, _ := start(t)
	o := x.Open("us", sample.Listed(t))
	if o.Refused || o.Decision.Verdict != law.Freeze {
		t.Fatalf("a listed person: %s, refused %v", o.Decision.Verdict, o.Refused)
	}
	c := &trader{t: t, x: x, wire: wire, account: o.Account}
	c.key, c.secret = x.Key(o.Account)
	x.Fund(o.Account, "USDT", "500")

	for _, r := range []struct {
		method, path, params string
		code                 int
	}{
		{"POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000", -2010},
		{"POST", "/api/v3/order/test", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000", -2010},
		{"DELETE", "/api/v3/order", "symbol=BTCUSDT&orderId=1", -2011},
		{"DELETE", "/api/v3/openOrders", "symbol=BTCUSDT", -2011},
		{"POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&amount=100", -2010},
	} {
		w := c.do(r.method, r.path, r.params)
		c.no(w, 400, r.code, "This action is disabled on this account.")
		sample.Has(t, w.Header(), "X-Sallyport-Reason", "the account's standing does not allow it (freeze)")
		sample.Has(t, w.Header(), "X-Sallyport-Decision", o.Decision.ID)
		sample.Has(t, w.Header(), "Link", "</decisions/"+o.Decision.ID+`>; rel="help"`)
	}

	// Reading goes on, and says how things stand.
	var a accountInfo
	c.yes(c.do("GET", "/api/v3/account", "omitZeroBalances=true"), &a)
	if a.CanTrade || a.CanWithdraw || a.CanDeposit || len(a.Permissions) != 0 {
		t.Errorf("account: %+v", a)
	}
	if want := []balance{{"USDT", "0.00000000", "500.00000000"}}; !slices.Equal(a.Balances, want) {
		t.Errorf("balances %v, want %v", a.Balances, want)
	}
	var deposits []depositRow
	c.yes(c.do("GET", "/sapi/v1/capital/deposit/hisrec", "coin=USDT"), &deposits)
	if len(deposits) != 1 || deposits[0].Status != depositNotFree || deposits[0].Amount != "500.00000000" {
		t.Errorf("deposits: %+v", deposits)
	}
	var coins []coin
	c.yes(c.do("GET", "/sapi/v1/capital/config/getall", ""), &coins)
	if i := slices.IndexFunc(coins, func(c coin) bool { return c.Coin == "USDT" }); i < 0 || coins[i].Freeze != "500.00000000" || coins[i].Free != "0.00000000" {
		t.Errorf("coins: %+v", coins)
	}
	for _, path := range []string{"/api/v3/openOrders", "/api/v3/myTrades?symbol=BTCUSDT", "/api/v3/allOrders?symbol=BTCUSDT", "/sapi/v1/capital/withdraw/history"} {
		p, q, _ := strings.Cut(path, "?")
		c.yes(c.do("GET", p, q), &[]any{})
	}
}

// TestExit is the other stop: no new business, and the way out stays open. Council
// Regulation (EU) 833/2014 Article 5b(2), as a ban from 7 October 2022.
func TestExit(t *testing.T) {
	x, wire, _, _ := start(t)
	c := newTrader(t, x, wire, "eu", "Yaroslava Lugovaya", "RU")
	x.Fund(c.account, "USDT", "500")
	c.yes(c.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000"), &struct{}{})
	x.Clock.Set(time.Date(2022, 10, 8, 0, 0, 0, 0, time.UTC))
	if _, err := x.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	w := c.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000")
	c.no(w, 400, -2010, "This action is disabled on this account.")
	sample.Has(t, w.Header(), "X-Sallyport-Reason", "the account's standing does not allow it (exit)")
	var open []any
	c.yes(c.do("GET", "/api/v3/openOrders", ""), &open)
	var a accountInfo
	c.yes(c.do("GET", "/api/v3/account", ""), &a)
	if len(open) != 0 || a.CanTrade || !a.CanWithdraw || a.CanDeposit {
		t.Errorf("open orders %v, account %+v", open, a)
	}
	var out struct{ ID string }
	c.yes(c.do("POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&network=ETH&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT&amount=500"), &out)
	if out.ID == "" {
		t.Error("the way out is shut")
	}
}

func TestWithdrawals(t *testing.T) {
	x, _, _, bob := start(t)
	const to = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
	var first, again struct{ ID string }
	const params = "coin=USDT&address=" + to + "&amount=100&withdrawOrderId=rent-march"
	bob.yes(bob.do("POST", "/sapi/v1/capital/withdraw/apply", params), &first)
	bob.yes(bob.do("POST", "/sapi/v1/capital/withdraw/apply", params), &again)
	if first.ID == "" || first != again {
		t.Errorf("the same withdrawOrderId gave %q and %q", first.ID, again.ID)
	}
	w := bob.do("POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address="+to+"&amount=200&withdrawOrderId=rent-march")
	bob.no(w, 400, -1130, "Data sent for parameter 'withdrawOrderId' is not valid.")

	var rows []withdrawalRow
	for range 200 { // the chain in memory answers at once, but on its own goroutine
		bob.yes(bob.do("GET", "/sapi/v1/capital/withdraw/history", "coin=USDT"), &rows)
		if len(rows) == 1 && rows[0].Status == outCompleted {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	if len(rows) != 1 {
		t.Fatalf("withdrawals: %+v", rows)
	}
	r := rows[0]
	if r.ID != first.ID || r.Amount != "98.00000000" || r.TransactionFee != "2.00000000" || r.Status != outCompleted || len(r.TxID) != 64 ||
		r.ApplyTime != "2022-03-14 12:00:00" || r.WithdrawOrderID != "rent-march" || r.Address != to {
		t.Errorf("withdrawal: %+v", r)
	}
	bob.yes(bob.do("GET", "/sapi/v1/capital/withdraw/history", "withdrawOrderId=other"), &rows)
	if len(rows) != 0 {
		t.Errorf("withdrawals of another id: %+v", rows)
	}

	// To an address on the list: what is ordered paid to a listed person is frozen where
	// it is (31 CFR 501.603, FAQ 562), and that is no success.
	w = bob.do("POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address="+sample.ListedWallet(t)+"&amount=50")
	bob.no(w, 400, -1002, "You are not authorized to execute this request.")
	if id := w.Header().Get("X-Sallyport-Decision"); len(id) != 64 || !strings.Contains(w.Header().Get("X-Sallyport-Reason"), "freeze") {
		t.Errorf("headers: %v", w.Header())
	}
	bob.yes(bob.do("GET", "/sapi/v1/capital/withdraw/history", "status=3"), &rows)
	if len(rows) != 1 || !strings.Contains(rows[0].Info, "frozen") || rows[0].WithdrawOrderID != "" {
		t.Errorf("withdrawals: %+v", rows)
	}
	var a accountInfo
	bob.yes(bob.do("GET", "/api/v3/account", "omitZeroBalances=true"), &a)
	if want := []balance{{"USDT", "99850.00000000", "50.00000000"}}; !slices.Equal(a.Balances, want) {
		t.Errorf("balances %v, want %v", a.Balances, want)
	}

	// From a place that a rule closes, and from one that is not known.
	for remote, verdict := range map[string]string{sample.FromIran: "(reject)", sample.Nowhere: "(hold)"} {
		abroad := *bob
		abroad.remote = remote
		w = abroad.do("POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address="+to+"&amount=50")
		abroad.no(w, 401, -2015, "Invalid API-key, IP, or permissions for action.")
		if reason := w.Header().Get("X-Sallyport-Reason"); !strings.HasSuffix(reason, verdict) {
			t.Errorf("from %s: %s, want %s", remote, reason, verdict)
		}
	}

	// What a proxy passes on comes from where the proxy is; where the client is, nobody knows.
	for _, name := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Real-Ip"} {
		passed := *bob
		passed.header = http.Header{name: {"192.0.2.1"}}
		w = passed.do("POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&address="+to+"&amount=50")
		passed.no(w, 401, -2015, "Invalid API-key, IP, or permissions for action.")
		if reason := w.Header().Get("X-Sallyport-Reason"); !strings.HasSuffix(reason, "(hold)") {
			t.Errorf("passed on with %s: %s, want a hold", name, reason)
		}
	}

	var address struct{ Address, Coin string }
	bob.yes(bob.do("GET", "/sapi/v1/capital/deposit/address", "coin=USDT&network=ETH"), &address)
	var deposits []depositRow
	bob.yes(bob.do("GET", "/sapi/v1/capital/deposit/hisrec", ""), &deposits)
	if len(deposits) != 1 || deposits[0].Address != address.Address || deposits[0].Status != depositCredited || deposits[0].InsertTime != x.Clock.Now().UnixMilli() {
		t.Errorf("deposits %+v at %+v", deposits, address)
	}
	var fees []map[string]string
	bob.yes(bob.do("GET", "/sapi/v1/asset/tradeFee", "symbol=BTCUSDT"), &fees)
	if want := []map[string]string{{"symbol": "BTCUSDT", "makerCommission": "0.00100000", "takerCommission": "0.00100000"}}; !reflect.DeepEqual(fees, want) {
		t.Errorf("fees %v", fees)
	}
}

// TestClosed: an exchange that takes no more commands says that the outcome is unknown.
func TestClosed(t *testing.T) {
	x, _, _, bob := start(t)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	bob.no(bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000"),
		503, -1007, "Timeout waiting for response from backend server. Send status unknown; execution status unknown.")
}

// TestEveryRequestHasAPlace: the account was opened elsewhere and years ago; a request from
// Iran is refused, that one alone, and nothing is frozen (Kraken, 2022; catalogue of
// scenarios, 1 and 7).
func TestEveryRequestHasAPlace(t *testing.T) {
	x, _, _, bob := start(t)
	before := x.View().Summary().Decisions
	from := func(remote string) *trader {
		c := *bob
		c.remote = remote
		return &c
	}
	const refused = "Invalid API-key, IP, or permissions for action."
	for range 3 { // a bot that goes on asking is answered alike, and decided once
		for _, ask := range [][3]string{{"GET", "/api/v3/account", ""}, {"POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.1&price=40000"}} {
			w := from(sample.FromIran).do(ask[0], ask[1], ask[2])
			from(sample.FromIran).no(w, 401, -2015, refused)
			d, err := x.View().Decision(w.Header().Get("X-Sallyport-Decision"))
			if err != nil || d.Decision.Action != law.SignIn || d.Decision.Verdict != law.Reject {
				t.Errorf("from Iran: decision %+v, want a reject of the sign-in", d)
			}
			if ask[0] == "GET" {
				continue
			}
			if open := x.View().Orders(bob.account, true); len(open) != 0 {
				t.Errorf("an order sent from Iran is open: %+v", open)
			}
		}
	}
	var a accountInfo
	bob.yes(from(sample.FromUS).do("GET", "/api/v3/account", ""), &a)
	if !a.CanTrade || !a.CanWithdraw {
		t.Errorf("from home, after requests from Iran: %+v, want nothing held", a)
	}
	if decided := x.View().Summary().Decisions - before; decided != 2 {
		t.Errorf("%d decisions, want one from Iran and one from home", decided)
	}
}

// TestProxies: the place is that of the client whom the operator's own proxy names, and of
// no other header.
func TestProxies(t *testing.T) {
	x, _, _, bob := start(t)
	own := New(x.Exchange, Options{Clock: x.Clock.Now, Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	host := func(s string) string { return netip.MustParseAddrPort(s).Addr().String() }
	us, iran := host(sample.FromUS), host(sample.FromIran)
	for _, c := range []struct {
		name, remote string
		forwarded    []string
		status       int
	}{
		{"through our proxy, from home", "10.1.2.3:1", []string{us}, 200},
		{"through two of ours", "10.1.2.3:1", []string{us + ", 10.9.9.9"}, 200},
		{"through our proxy, from Iran", "10.1.2.3:1", []string{iran}, 401},
		{"who claims to be at home", "10.1.2.3:1", []string{us, iran}, 401},
		{"who claims to be at home, in one header", "10.1.2.3:1", []string{us + "," + iran}, 401},
		{"our proxy tells nobody", "10.1.2.3:1", nil, 401},
		{"our proxies alone", "10.1.2.3:1", []string{"10.4.4.4"}, 401},
		{"no address", "10.1.2.3:1", []string{"home"}, 401},
		{"not through our proxy", sample.FromUS, []string{us}, 401},
		{"directly", sample.FromUS, nil, 200},
	} {
		client := *bob
		client.wire, client.remote = own, c.remote
		if c.forwarded != nil {
			client.header = http.Header{"X-Forwarded-For": c.forwarded}
		}
		if w := client.do("GET", "/api/v3/account", ""); w.Code != c.status {
			t.Errorf("%s: status %d %s, want %d", c.name, w.Code, w.Body, c.status)
		}
	}
}
