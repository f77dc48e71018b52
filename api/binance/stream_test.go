package binance

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"pgregory.net/rapid"

	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/chain/memory"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// A listener is a WebSocket client of the wire under test.
type listener struct {
	t  *testing.T
	ws *websocket.Conn
}

// live is a sample exchange whose wire listens on a port, with two customers and a hand on
// the beat of its streams.
type live struct {
	*sample.Exchange
	t        *testing.T
	wire     *Server
	url      string
	beats    chan time.Time
	ada, bob *trader
}

func goLive(t *testing.T, rules ...fs.FS) *live {
	t.Helper()
	x := sample.New(t, rules...)
	beats := make(chan time.Time)
	l := &live{Exchange: x, t: t, beats: beats, wire: New(x.Exchange, Options{
		Clock: x.Clock.Now, WeightPerMinute: 1 << 29, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, beats: beats,
	})}
	srv := httptest.NewServer(l.wire)
	t.Cleanup(func() { l.wire.Close(); srv.Close() })
	l.url = "ws" + strings.TrimPrefix(srv.URL, "http")
	l.ada = newTrader(t, x, l.wire, "us", "Adaline Wrenfield", "US")
	l.bob = newTrader(t, x, l.wire, "us", "Bertram Oakhollow", "CA")
	x.Fund(l.ada.account, "BTC", "2")
	x.Fund(l.bob.account, "USDT", "100000")
	return l
}

// beat lets n tenths of a second pass for the streams, and returns when what they bring is
// told.
func (l *live) beat(n int) {
	told := func() uint64 { l.wire.hub.mu.Lock(); defer l.wire.hub.mu.Unlock(); return l.wire.hub.beat }
	until := told() + uint64(n)
	for range n {
		l.beats <- time.Time{}
	}
	for told() < until {
		runtime.Gosched()
	}
}

func (l *live) dial(path string) *listener {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	// The test server knows no place of its own host: a proxy of the operator says where this is.
	ws, res, err := websocket.Dial(ctx, l.url+path, &websocket.DialOptions{HTTPHeader: http.Header{"X-Forwarded-For": {strings.TrimSuffix(sample.FromUS, ":1234")}}})
	if err != nil {
		l.t.Fatalf("%s: %v %v", path, err, res)
	}
	ws.SetReadLimit(1 << 20)
	l.t.Cleanup(func() { ws.CloseNow() })
	return &listener{l.t, ws}
}

func (c *listener) send(text string) {
	c.t.Helper()
	if err := c.ws.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *listener) read() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, b, err := c.ws.Read(ctx)
	return b, err
}

// next is the next message, which must be text of JSON.
func (c *listener) next() map[string]any {
	c.t.Helper()
	b, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		c.t.Fatalf("%s: %v", b, err)
	}
	return m
}

// wants fails unless the next message is this one, to the letter.
func (c *listener) wants(text string) {
	c.t.Helper()
	b, err := c.read()
	if err != nil {
		c.t.Fatalf("%v, want %s", err, text)
	}
	if string(b) != text {
		c.t.Errorf("got  %s\nwant %s", b, text)
	}
}

// asks sends a request and reads its answer, which must be this one.
func (c *listener) asks(request, answer string) {
	c.t.Helper()
	c.send(request)
	c.wants(answer)
}

func (c *trader) order(params string) {
	c.t.Helper()
	if w := c.do("POST", "/api/v3/order", params); w.Code != 200 {
		c.t.Fatalf("%s: %s", params, w.Body)
	}
}

func TestMarketStreams(t *testing.T) {
	l := goLive(t)
	now := l.Clock.Now().UnixMilli()
	at := func(s string) string { return strings.ReplaceAll(s, "NOW", fmt.Sprint(now)) }
	one := func(name string) *listener {
		c := l.dial("/ws/0")
		c.asks(`{"method":"SUBSCRIBE","params":["`+name+`"],"id":1}`, `{"result":null,"id":1}`)
		return c
	}
	depth, fast, best := one("btcusdt@depth"), one("btcusdt@depth@100ms"), one("btcusdt@depth5@100ms")
	trade, agg, kline := one("btcusdt@trade"), one("btcusdt@aggTrade"), one("btcusdt@kline_1m")
	mini, ticker, top, all, mean := one("btcusdt@miniTicker"), one("btcusdt@ticker"), one("btcusdt@bookTicker"), one("!miniTicker@arr"), one("btcusdt@avgPrice")
	combined := l.dial("/stream?streams=btcusdt@trade/ethusdt@trade/")

	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2&price=40000")
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.3&price=40000")
	l.beat(1)
	fast.wants(at(`{"e":"depthUpdate","E":NOW,"s":"BTCUSDT","U":1,"u":2,"b":[],"a":[["40000.00000000","0.50000000"]]}`))
	best.wants(`{"lastUpdateId":2,"bids":[],"asks":[["40000.00000000","0.50000000"]]}`)
	first := top.next() // of the first order or of both
	if first["a"] != "40000.00000000" || first["b"] != "0.00000000" {
		t.Errorf("book ticker %v", first)
	}

	// One order takes from both: two trades, one aggregate; the rest is bid.
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.6&price=40000")
	trade.wants(at(`{"e":"trade","E":NOW,"s":"BTCUSDT","t":1,"p":"40000.00000000","q":"0.20000000","T":NOW,"m":false,"M":true}`))
	trade.wants(at(`{"e":"trade","E":NOW,"s":"BTCUSDT","t":2,"p":"40000.00000000","q":"0.30000000","T":NOW,"m":false,"M":true}`))
	agg.wants(at(`{"e":"aggTrade","E":NOW,"s":"BTCUSDT","a":2,"p":"40000.00000000","q":"0.50000000","f":1,"l":2,"T":NOW,"m":false,"M":true}`))
	combined.wants(at(`{"stream":"btcusdt@trade","data":{"e":"trade","E":NOW,"s":"BTCUSDT","t":1,"p":"40000.00000000","q":"0.20000000","T":NOW,"m":false,"M":true}}`))
	l.beat(19)
	// What was ask is bid now, and each side says so.
	fast.wants(at(`{"e":"depthUpdate","E":NOW,"s":"BTCUSDT","U":3,"u":4,"b":[["40000.00000000","0.10000000"]],"a":[["40000.00000000","0.00000000"]]}`))
	depth.wants(at(`{"e":"depthUpdate","E":NOW,"s":"BTCUSDT","U":1,"u":4,"b":[["40000.00000000","0.10000000"]],"a":[["40000.00000000","0.00000000"]]}`))
	best.wants(`{"lastUpdateId":4,"bids":[["40000.00000000","0.10000000"]],"asks":[]}`)
	kline.wants(at(`{"e":"kline","E":NOW,"s":"BTCUSDT","k":{"t":NOW,"T":` + fmt.Sprint(now+59999) + `,"s":"BTCUSDT","i":"1m","f":1,"L":2,"o":"40000.00000000","c":"40000.00000000","h":"40000.00000000","l":"40000.00000000","v":"0.50000000","n":2,"x":false,"q":"20000.00000000","V":"0.50000000","Q":"20000.00000000","B":"0"}}`))
	mini.wants(at(`{"e":"24hrMiniTicker","E":NOW,"s":"BTCUSDT","c":"40000.00000000","o":"40000.00000000","h":"40000.00000000","l":"40000.00000000","v":"0.50000000","q":"20000.00000000"}`))
	mean.wants(at(`{"e":"avgPrice","E":NOW,"s":"BTCUSDT","i":"5m","w":"40000.00000000","T":NOW}`))
	day := ticker.next()
	if day["e"] != "24hrTicker" || day["n"] != 2.0 || day["b"] != "40000.00000000" || day["B"] != "0.10000000" || day["a"] != "0.00000000" || day["Q"] != "0.30000000" || day["F"] != 1.0 {
		t.Errorf("ticker %v", day)
	}
	b, err := all.read()
	var minis []map[string]any
	if err != nil || json.Unmarshal(b, &minis) != nil || len(minis) != 2 || minis[0]["s"] != "BTCUSDT" || minis[1]["s"] != "ETHUSDT" {
		t.Errorf("all mini tickers: %s %v", b, err)
	}

	// The candle that was told ends with its minute, and says so.
	l.Clock.Set(l.Clock.Now().Add(time.Minute))
	l.beat(20)
	ended, begun := kline.next()["k"].(map[string]any), kline.next()["k"].(map[string]any)
	if ended["x"] != true || ended["t"] != float64(now) || ended["n"] != 2.0 || begun["x"] != false || begun["t"] != float64(now+60000) || begun["n"] != 0.0 || begun["o"] != "40000.00000000" {
		t.Errorf("candles: %v, then %v", ended, begun)
	}
}

// A candle that ends before it was told once is told when it has ended, and each of several that end between two beats.
func TestCandlesThatEndUnseen(t *testing.T) {
	l := goLive(t)
	at := l.Clock.Now().Truncate(time.Minute).Add(time.Hour)
	l.Clock.Set(at.Add(59 * time.Second))
	minutes, seconds := l.dial("/ws/btcusdt@kline_1m"), l.dial("/ws/btcusdt@kline_1s")
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=40000")
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	l.Clock.Set(at.Add(61 * time.Second))
	l.beat(20)
	candle := func(c *listener) string {
		k, _ := c.next()["k"].(map[string]any)
		return fmt.Sprintf("%.0f %v %v", (k["t"].(float64)-float64(at.UnixMilli()))/1000, k["v"], k["x"])
	}
	for _, want := range []string{"0 0.10000000 true", "60 0.00000000 false"} {
		if got := candle(minutes); got != want {
			t.Errorf("of a minute %s, want %s", got, want)
		}
	}
	for _, want := range []string{"59 0.10000000 true", "60 0.00000000 true", "61 0.00000000 false"} {
		if got := candle(seconds); got != want {
			t.Errorf("of a second %s, want %s", got, want)
		}
	}
	// The clock of the demo takes hours at a step: what ended long before is not told.
	l.Clock.Set(at.Add(3 * time.Hour))
	l.beat(20)
	told := 0
	for ; candle(seconds) != "10800 0.00000000 false"; told++ {
	}
	if told != mostEnds {
		t.Errorf("%d ends of candles are told after hours, want %d", told, mostEnds)
	}
}

// Of a market without a trade there is no candle, and its first trade makes none of the time before it.
func TestNoCandleBeforeTheFirstTrade(t *testing.T) {
	l := goLive(t)
	at := l.Clock.Now().Truncate(time.Minute).Add(time.Hour)
	l.Clock.Set(at)
	seconds := l.dial("/ws/btcusdt@kline_1s")
	l.Clock.Set(at.Add(time.Second))
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=40000")
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	l.Clock.Set(at.Add(2 * time.Second))
	l.beat(10)
	for _, want := range []string{"1 40000.00000000 0.10000000 true", "2 40000.00000000 0.00000000 false"} {
		k, _ := seconds.next()["k"].(map[string]any)
		if got := fmt.Sprintf("%.0f %v %v %v", (k["t"].(float64)-float64(at.UnixMilli()))/1000, k["o"], k["v"], k["x"]); got != want {
			t.Errorf("candle %s, want %s", got, want)
		}
	}
}

// A second of more trades than are kept is not told: what is left of it would pass for all of it.
func TestSecondThatIsNotKnownWhole(t *testing.T) {
	l := goLive(t)
	at := l.Clock.Now().Truncate(time.Minute).Add(time.Hour)
	l.Clock.Set(at)
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=2&price=40000")
	var group sync.WaitGroup
	for g := range 50 {
		group.Go(func() {
			for i := range 45 {
				if _, ts, err := l.PlaceOrder(&tape.PlaceOrder{
					Account: l.bob.account, Side: book.Buy, Type: tape.Limit, Force: tape.IOC, Price: money.Int(40000), Quantity: money.MustParse("0.0005"), SelfTrade: tape.ExpireMaker, ClientID: fmt.Sprint(g, " ", i),
				}); err != nil || len(ts) != 1 {
					t.Errorf("%v: %+v", err, ts)
				}
			}
		})
	}
	group.Wait()
	c := l.dial("/ws/0")
	c.asks(`{"method":"SUBSCRIBE","params":["btcusdt@kline_1s","btcusdt@kline_1m"],"id":1}`, `{"result":null,"id":1}`)
	l.beat(20)
	if k, _ := c.next()["k"].(map[string]any); k["i"] != "1m" || k["n"] != 2250.0 {
		t.Errorf("told first: %v", k)
	}
	l.Clock.Set(at.Add(time.Second))
	l.beat(10)
	if k, _ := c.next()["k"].(map[string]any); k["i"] != "1s" || k["t"] != float64(at.UnixMilli()+1000) || k["n"] != 0.0 {
		t.Errorf("told next: %v", k)
	}
}

// TestWindowStreams: tickers of an hour, of four and of a day, of one market and of all that have changed.
func TestWindowStreams(t *testing.T) {
	l := goLive(t)
	one := func(name string) *listener {
		c := l.dial("/ws/0")
		c.asks(`{"method":"SUBSCRIBE","params":["`+name+`"],"id":1}`, `{"result":null,"id":1}`)
		return c
	}
	trade := func(price string) {
		l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=" + price)
		l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	}
	trade("40000")
	l.Clock.Set(l.Clock.Now().Add(2 * time.Hour))
	trade("41000")
	now := l.Clock.Now().UnixMilli()
	hour, four, day, all := one("btcusdt@ticker_1h"), one("btcusdt@ticker_4h"), one("btcusdt@ticker_1d"), one("!ticker_4h@arr")
	l.beat(10)
	hour.wants(fmt.Sprintf(`{"e":"1hTicker","E":%d,"s":"BTCUSDT","p":"0.00000000","P":"0.000","o":"41000.00000000","h":"41000.00000000","l":"41000.00000000","c":"41000.00000000",`+
		`"w":"41000.00000000","v":"0.10000000","q":"4100.00000000","O":%d,"C":%d,"F":2,"L":2,"n":1}`, now, now-3600_000, now))
	wide := `"s":"BTCUSDT","p":"1000.00000000","P":"2.500","o":"40000.00000000","h":"41000.00000000","l":"40000.00000000","c":"41000.00000000","w":"40500.00000000","v":"0.20000000","q":"8100.00000000"`
	four.wants(fmt.Sprintf(`{"e":"4hTicker","E":%d,%s,"O":%d,"C":%d,"F":1,"L":2,"n":2}`, now, wide, now-4*3600_000, now))
	day.wants(fmt.Sprintf(`{"e":"1dTicker","E":%d,%s,"O":%d,"C":%d,"F":1,"L":2,"n":2}`, now, wide, now-24*3600_000, now))
	events := func() (names []string) {
		b, err := all.read()
		var es []map[string]any
		if err != nil || json.Unmarshal(b, &es) != nil {
			t.Fatalf("%s: %v", b, err)
		}
		for _, e := range es {
			names = append(names, fmt.Sprint(e["e"], " ", e["s"]))
		}
		return names
	}
	if got := fmt.Sprint(events()); got != "[4hTicker BTCUSDT 4hTicker ETHUSDT]" {
		t.Errorf("all: %s", got)
	}
	trade("42000")
	l.beat(10)
	if got := fmt.Sprint(events()); got != "[4hTicker BTCUSDT]" {
		t.Errorf("what has changed: %s", got)
	}
	if e := hour.next(); e["c"] != "42000.00000000" || e["n"] != 2. {
		t.Errorf("an hour: %v", e)
	}
	// A window begins on a full minute and ends now, as published, so it is up to a minute wider.
	l.Clock.Set(l.Clock.Now().Truncate(time.Minute).Add(2*time.Hour + 42*time.Second))
	now = l.Clock.Now().UnixMilli()
	trade("43000")
	l.beat(10)
	has(t, "within a minute", hour.next(), map[string]any{"O": float64(now - now%60_000 - 3600_000), "C": float64(now), "n": 1.})
	if b, err := all.read(); err != nil || !strings.Contains(string(b), fmt.Sprintf(`"O":%d,"C":%d,`, now-now%60_000-4*3600_000, now)) {
		t.Errorf("all within a minute: %s %v", b, err)
	}
	for _, name := range []string{"btcusdt@ticker_2h", "btcusdt@ticker_", "!ticker_1h", "!ticker_5m@arr", "btcusdt@ticker_1h@100ms", "!ticker_@arr"} {
		c := l.dial("/ws/0")
		c.send(`{"method":"SUBSCRIBE","params":["` + name + `"],"id":1}`)
		if m := c.next(); m["error"] == nil {
			t.Errorf("%s: %v", name, m)
		}
	}
}

// TestZoneInAddress: the + of a time zone may stand in the address of a connection as it is written, or encoded.
func TestZoneInAddress(t *testing.T) {
	l := goLive(t)
	for _, path := range []string{"/ws/btcusdt@kline_1d@+08:00", "/stream?streams=btcusdt@kline_1d@+08:00", "/stream?streams=btcusdt@kline_1d@%2B08:00/btcusdt@trade", "/stream?timeUnit=MILLISECOND&streams=btcusdt@kline_1d@%2b08:00"} {
		c := l.dial(path)
		c.send(`{"method":"LIST_SUBSCRIPTIONS","id":1}`)
		if names := fmt.Sprint(c.next()["result"]); !strings.HasPrefix(names, "[btcusdt@kline_1d@+08:00") {
			t.Errorf("%s: %s", path, names)
		}
	}
}

func TestStreamCommands(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws/btcusdt@trade/btcusdt@depth")
	c.asks(`{"method":"LIST_SUBSCRIPTIONS","id":7}`, `{"result":["btcusdt@depth","btcusdt@trade"],"id":7}`)
	c.asks(`{"method":"UNSUBSCRIBE","params":["btcusdt@depth"],"id":"eight"}`, `{"result":null,"id":"eight"}`)
	c.asks(`{"method":"LIST_SUBSCRIPTIONS","id":null}`, `{"result":["btcusdt@trade"],"id":null}`)
	c.asks(`{"method":"GET_PROPERTY","params":["combined"],"id":9}`, `{"result":false,"id":9}`)
	c.asks(`{"method":"SET_PROPERTY","params":["combined",true],"id":10}`, `{"result":null,"id":10}`)
	l.Clock.Set(l.Clock.Now().Add(time.Second)) // five messages a second, and no more
	c.asks(`{"method":"SUBSCRIBE","params":["btcusdt@rumour"],"id":11}`, `{"error":{"code":2,"msg":"Invalid request: there is no such stream here"},"id":11}`)
	c.asks(`{"method":"SUBSCRIBE","params":["BTCUSDT@trade"],"id":12}`, `{"error":{"code":2,"msg":"Invalid request: there is no such stream here"},"id":12}`)
	c.asks(`{"method":"SUBSCRIBE","params":[],"id":13}`, `{"error":{"code":2,"msg":"Invalid request: params must be a list of streams"},"id":13}`)
	c.asks(`{"method":"LIST_SUBSCRIPTIONS","id":{}}`, `{"error":{"code":2,"msg":"Invalid request: request ID must be an unsigned integer"},"id":null}`)
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	for _, wrong := range []struct{ rest, code, msg string }{
		{`"method":"SET_PROPERTY","params":[1,true]`, "2", "Invalid request: property name must be a string"},
		{`"method":"GET_PROPERTY","params":[]`, "2", "Invalid request: property name must be a string"},
		{`"method":"GET_PROPERTY","params":["split"]`, "0", "Unknown property"},
		{`"method":"SET_PROPERTY","params":["combined","yes"]`, "1", "Invalid value type: expected Boolean"},
		{`"method":"SET_PROPERTY","params":["combined"]`, "1", "Invalid value type: expected Boolean"},
	} {
		c.asks(`{`+wrong.rest+`,"id":14}`, `{"error":{"code":`+wrong.code+`,"msg":"`+wrong.msg+`"},"id":14}`)
	}
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	for _, wrong := range []struct{ rest, msg string }{
		{`"method":"SET_PROPERTY","params":["combined",false,true]`, "Invalid request: too many parameters"},
		{`"method":"GET_PROPERTY","params":["combined",true]`, "Invalid request: too many parameters"},
		{`"params":["btcusdt@trade"]`, "Invalid request: missing field `method`"},
	} {
		c.asks(`{`+wrong.rest+`,"id":15}`, `{"error":{"code":2,"msg":"`+wrong.msg+`"},"id":15}`)
	}
	c.asks(`{"method":"GET_PROPERTY","params":["combined"],"id":16}`, `{"result":true,"id":16}`)
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	for range 4 {
		c.asks(`{"method":"GET_PROPERTY","params":["combined"],"id":17}`, `{"result":true,"id":17}`)
	}
	c.send(`{"method":`)
	if m := c.next(); m["error"].(map[string]any)["code"] != 3.0 {
		t.Errorf("broken JSON: %v", m)
	}
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2&price=40000")
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.2")
	if m := c.next(); m["stream"] != "btcusdt@trade" {
		t.Errorf("a trade: %v", m)
	}
	// A sixth message in a second ends the connection.
	c.send(`{"method":"LIST_SUBSCRIPTIONS","id":1}`)
	if b, err := c.read(); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("after six messages in a second: %s %v", b, err)
	}

	for _, path := range []string{"/ws/btcusdt@rumour", "/stream?streams=nonesuch@trade", "/ws/" + strings.Repeat("a", 64)} {
		if ws, res, err := websocket.Dial(context.Background(), l.url+path, nil); err == nil {
			ws.CloseNow()
			t.Errorf("%s is served", path)
		} else if res == nil || res.StatusCode != 400 {
			t.Errorf("%s: %v %v", path, res, err)
		}
	}
}

// TestLocalBook keeps books by the published procedure, each begun at another moment, and
// holds them to the REST depth after every prefix of the events.
func TestLocalBook(t *testing.T) {
	l := goLive(t)
	l.Fund(l.bob.account, "BTC", "50")
	l.Fund(l.ada.account, "USDT", "1000000")
	rapid.Check(t, func(rt *rapid.T) {
		c := l.dial("/ws/1")
		defer c.ws.CloseNow()
		c.asks(`{"method":"SUBSCRIBE","params":["btcusdt@depth@100ms"],"id":1}`, `{"result":null,"id":1}`)
		var mirrors []*mirror
		last := restDepth(l.ada).LastUpdateID // what the events have told
		for range rapid.IntRange(1, 30).Draw(rt, "beats") {
			for range rapid.IntRange(0, 4).Draw(rt, "orders") {
				who := []*trader{l.ada, l.bob}[rapid.IntRange(0, 1).Draw(rt, "who")]
				price := rapid.IntRange(39990, 40010).Draw(rt, "price")
				switch rapid.IntRange(0, 6).Draw(rt, "what") {
				case 0:
					who.do("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT")
				case 1:
					who.do("POST", "/api/v3/order", fmt.Sprintf("symbol=BTCUSDT&side=%s&type=MARKET&quantity=0.01", rapid.SampledFrom([]string{"BUY", "SELL"}).Draw(rt, "side")))
				default:
					who.do("POST", "/api/v3/order", fmt.Sprintf("symbol=BTCUSDT&side=%s&type=LIMIT&timeInForce=%s&quantity=0.00%d&price=%d",
						rapid.SampledFrom([]string{"BUY", "SELL"}).Draw(rt, "side"), rapid.SampledFrom([]string{"GTC", "GTC", "IOC"}).Draw(rt, "force"), rapid.IntRange(1, 9).Draw(rt, "quantity"), price))
				}
				if rapid.IntRange(0, 9).Draw(rt, "begin") == 0 { // in the middle of an interval, too
					mirrors = append(mirrors, &mirror{bookDepth: restDepth(l.ada)})
				}
			}
			before := restDepth(l.ada)
			l.beat(1)
			if before.LastUpdateID != last { // an event is owed
				b, err := c.read()
				if err != nil {
					rt.Fatal(err)
				}
				var e depthEvent
				if err := json.Unmarshal(b, &e); err != nil {
					rt.Fatalf("%s: %v", b, err)
				}
				if e.First != last+1 || e.Last != before.LastUpdateID {
					rt.Fatalf("an event tells of %d to %d, after %d and with the book at %d", e.First, e.Last, last, before.LastUpdateID)
				}
				last = e.Last
				for _, m := range mirrors {
					m.apply(rt, e)
				}
			}
			for _, m := range mirrors {
				if !reflect.DeepEqual(m.bookDepth, before) {
					rt.Fatalf("a mirror is\n%+v, the book\n%+v", m.bookDepth, before)
				}
			}
		}
	})
}

func restDepth(c *trader) bookDepth {
	c.t.Helper()
	var d bookDepth
	c.yes(c.raw("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5000", ""), &d)
	return d
}

// A mirror is a local book as the published documentation says to keep one.
type mirror struct {
	bookDepth
	begun bool
}

func (m *mirror) apply(t *rapid.T, e depthEvent) {
	if e.Last <= m.LastUpdateID {
		return
	}
	if !m.begun && (m.LastUpdateID+1 < e.First || e.Last < m.LastUpdateID+1) || m.begun && e.First != m.LastUpdateID+1 {
		t.Fatalf("event %d to %d cannot follow %d", e.First, e.Last, m.LastUpdateID)
	}
	m.begun, m.LastUpdateID = true, e.Last
	side := func(have, changed []level, sign int) []level {
		for _, l := range changed {
			have = slices.DeleteFunc(have, func(o level) bool { return o[0] == l[0] })
			if !money.MustParse(l[1]).IsZero() {
				have = append(have, l)
			}
		}
		slices.SortFunc(have, func(a, b level) int { return sign * money.MustParse(a[0]).Cmp(money.MustParse(b[0])) })
		return have
	}
	m.Bids, m.Asks = side(m.Bids, e.Bids, -1), side(m.Asks, e.Asks, +1)
}

// TestSlowReader: who does not read is let go, and the exchange and the others go on.
func TestSlowReader(t *testing.T) {
	l := goLive(t)
	slow, well := l.dial("/ws/btcusdt@bookTicker"), l.dial("/ws/btcusdt@depth@100ms")
	slow.asks(`{"method":"LIST_SUBSCRIPTIONS","id":1}`, `{"result":["btcusdt@bookTicker"],"id":1}`) // so it has subscribed
	well.asks(`{"method":"LIST_SUBSCRIPTIONS","id":1}`, `{"result":["btcusdt@depth@100ms"],"id":1}`)
	var c *conn
	l.wire.hub.mu.Lock()
	for o := range l.wire.hub.topics["btcusdt@bookTicker"].readers {
		c = o
	}
	l.wire.hub.mu.Unlock()
	// Its queue fills faster than the network takes it.
	event := make([]byte, 32<<10)
	for range 2 * queued {
		c.offer(event)
	}
	<-c.ctx.Done()
	if why := context.Cause(c.ctx); why != errSlow {
		t.Fatalf("it ended because %v", why)
	}
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.2&price=40000")
	l.beat(1)
	if e := well.next(); e["u"] != 1.0 {
		t.Errorf("another reader: %v", e)
	}
	slow.ws.SetReadLimit(1 << 30)
	for {
		if _, err := slow.read(); err != nil {
			break
		}
	}
}

// TestManners: a client that reads is asked whether it is there, and answers; one that does not
// is let go; and a connection ends with its time.
func TestManners(t *testing.T) {
	x := sample.New(t)
	kept := func(m manners) *live {
		wire := New(x.Exchange, Options{Clock: x.Clock.Now, manners: m})
		srv := httptest.NewServer(wire)
		t.Cleanup(func() { wire.Close(); srv.Close() })
		return &live{Exchange: x, t: t, wire: wire, url: "ws" + strings.TrimPrefix(srv.URL, "http")}
	}
	// A pong is a message, of which the sixth in a second ends a connection; the clock that counts them stands still here.
	l := kept(manners{pingEvery: 250 * time.Millisecond, pongWithin: time.Minute, lifetime: time.Second})
	pinged := make(chan struct{}, 1000)
	ws, _, err := websocket.Dial(context.Background(), l.url+"/ws", &websocket.DialOptions{OnPingReceived: func(context.Context, []byte) bool {
		pinged <- struct{}{}
		return true
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer ws.CloseNow()
	began := time.Now()
	_, _, err = ws.Read(context.Background()) // which answers pings
	if websocket.CloseStatus(err) != websocket.StatusGoingAway || len(pinged) < 2 || time.Since(began) < time.Second {
		t.Errorf("after %s and %d pings: %v", time.Since(began), len(pinged), err)
	}

	l = kept(manners{pingEvery: 20 * time.Millisecond, pongWithin: 200 * time.Millisecond, lifetime: time.Hour})
	deaf := l.dial("/ws/btcusdt@trade")
	l.wire.hub.mu.Lock()
	var c *conn
	for o := range l.wire.hub.topics["btcusdt@trade"].readers {
		c = o
	}
	l.wire.hub.mu.Unlock()
	<-c.ctx.Done()
	if why := context.Cause(c.ctx); why != errNoPong {
		t.Errorf("one that does not answer ended because %v", why)
	}
	deaf.ws.CloseNow()
}

// TestShutdown: whoever listens is told that the server goes, and who comes then is not served.
func TestShutdown(t *testing.T) {
	l := goLive(t)
	c, combined, api, silent := l.dial("/ws/btcusdt@trade"), l.dial("/stream?streams=btcusdt@trade"), l.dial("/ws-api/v3"), l.dial("/ws")
	silent.asks(`{"method":"SET_PROPERTY","params":["combined",true],"id":1}`, `{"result":null,"id":1}`)
	done := make(chan error)
	go func() { done <- l.wire.Close() }()
	// In the form of each connection, as published.
	event := fmt.Sprintf(`{"e":"serverShutdown","E":%d}`, l.Clock.Now().UnixMilli())
	c.wants(event)
	for _, wrapped := range []*listener{combined, silent} {
		wrapped.wants(`{"stream":"!serverShutdown","data":` + event + `}`)
	}
	api.wants(`{"event":` + event + `}`)
	if _, err := c.read(); websocket.CloseStatus(err) != websocket.StatusGoingAway {
		t.Errorf("the end: %v", err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, res, err := websocket.Dial(context.Background(), l.url+"/ws/btcusdt@trade", nil); err == nil || res == nil || res.StatusCode != 503 {
		t.Errorf("after it: %v %v", res, err)
	}
}

// TestStreamsEndWithTheExchange: a wire whose exchange is closed keeps nobody waiting.
func TestStreamsEndWithTheExchange(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws/btcusdt@trade")
	if err := l.Exchange.Close(); err != nil {
		t.Fatal(err)
	}
	if e := c.next(); e["e"] != "serverShutdown" {
		t.Errorf("%v", e)
	}
}

func TestPrivateStreams(t *testing.T) {
	l := goLive(t)
	now := l.Clock.Now().UnixMilli()
	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	var again struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &again)
	if len(opened.ListenKey) != 64 || again != opened {
		t.Fatalf("listen keys %v and %v", opened, again)
	}
	ada := l.dial("/ws/" + opened.ListenKey)
	both := l.dial("/stream?streams=" + opened.ListenKey)
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000&newClientOrderId=first")
	at := func(s string) string { return strings.ReplaceAll(s, "NOW", fmt.Sprint(now)) }
	report := func(c *listener) map[string]any { m := c.next(); delete(m, "I"); return m }
	want := map[string]any{
		"e": "executionReport", "E": float64(now), "s": "BTCUSDT", "c": "first", "S": "SELL", "o": "LIMIT", "f": "GTC", "q": "0.50000000", "p": "40000.00000000",
		"P": "0.00000000", "F": "0.00000000", "g": -1.0, "C": "", "x": "NEW", "X": "NEW", "r": "NONE", "i": 1.0, "l": "0.00000000", "z": "0.00000000", "L": "0.00000000",
		"n": "0", "N": nil, "T": float64(now), "t": -1.0, "w": true, "m": false, "M": false, "O": float64(now), "Z": "0.00000000", "Y": "0.00000000", "Q": "0.00000000",
		"W": float64(now), "V": "EXPIRE_MAKER",
	}
	if got := report(ada); !reflect.DeepEqual(got, want) {
		t.Errorf("new order:\n got %v\nwant %v", got, want)
	}
	if m := both.next(); m["stream"] != opened.ListenKey || m["data"].(map[string]any)["x"] != "NEW" {
		t.Errorf("on a combined stream: %v", m)
	}
	ada.wants(at(`{"e":"outboundAccountPosition","E":NOW,"u":NOW,"B":[{"a":"BTC","f":"1.50000000","l":"0.50000000"}]}`))

	l.bob.yes(l.bob.raw("POST", "/api/v3/userDataStream", "", ""), &again)
	bob := l.dial("/ws/" + again.ListenKey)
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=39000&newClientOrderId=second")
	for range 2 {
		ada.next()
	}
	// The taker's two trades, each with the order as it stood right after it; what is left
	// expires.
	l.bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.7&price=41000")
	for _, w := range []map[string]any{
		{"x": "NEW", "X": "NEW", "z": "0.00000000", "t": -1.0},
		{"x": "TRADE", "X": "PARTIALLY_FILLED", "z": "0.10000000", "l": "0.10000000", "L": "39000.00000000", "Z": "3900.00000000", "t": 1.0, "n": "0.00010000", "N": "BTC", "m": false},
		{"x": "TRADE", "X": "PARTIALLY_FILLED", "z": "0.60000000", "l": "0.50000000", "L": "40000.00000000", "Z": "23900.00000000", "t": 2.0, "n": "0.00050000", "N": "BTC", "Y": "20000.00000000"},
		{"x": "EXPIRED", "X": "EXPIRED", "z": "0.60000000", "l": "0.00000000", "t": -1.0, "w": false},
	} {
		got := bob.next()
		for name, v := range w {
			if got[name] != v {
				t.Errorf("%s %s: %s is %v, want %v", w["x"], w["X"], name, got[name], v)
			}
		}
	}
	if m := bob.next(); m["e"] != "outboundAccountPosition" || len(m["B"].([]any)) != 2 {
		t.Errorf("the taker's balances: %v", m)
	}
	for _, w := range []map[string]any{
		{"c": "second", "x": "TRADE", "X": "FILLED", "m": true, "n": "3.90000000", "N": "USDT", "t": 1.0},
		{"c": "first", "x": "TRADE", "X": "FILLED", "m": true, "n": "20.00000000", "N": "USDT", "t": 2.0, "w": false},
	} {
		got := ada.next()
		for name, v := range w {
			if got[name] != v {
				t.Errorf("the maker's %s: %s is %v, want %v", w["c"], name, got[name], v)
			}
		}
	}
	ada.next() // balances

	// A cancel has a name of its own, if it was given one.
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000&newClientOrderId=third")
	for range 2 {
		ada.next()
	}
	l.ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=third&newClientOrderId=no-more")
	if m := ada.next(); m["x"] != "CANCELED" || m["X"] != "CANCELED" || m["c"] != "no-more" || m["C"] != "third" {
		t.Errorf("canceled: %v", m)
	}
	ada.next()

	// One's own order is not crossed: it expires.
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000&newClientOrderId=own")
	for range 2 {
		ada.next()
	}
	l.ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.1&price=50000&newClientOrderId=other")
	for _, w := range []map[string]any{
		{"c": "other", "x": "NEW"}, {"c": "own", "x": "TRADE_PREVENTION", "X": "EXPIRED_IN_MATCH"}, {"c": "other", "x": "EXPIRED", "X": "EXPIRED"},
	} {
		if got := ada.next(); got["c"] != w["c"] || got["x"] != w["x"] {
			t.Errorf("got %v, want %v", got, w)
		}
	}
	ada.next()

	l.Fund(l.ada.account, "BTC", "0.25")
	ada.wants(at(`{"e":"balanceUpdate","E":NOW,"a":"BTC","d":"0.25000000","T":NOW}`))
	if m := ada.next(); m["e"] != "outboundAccountPosition" {
		t.Errorf("after a deposit: %v", m)
	}

	// An hour without a word ends the listen key; a word in time does not.
	l.Clock.Set(l.Clock.Now().Add(50 * time.Minute))
	l.ada.yes(l.ada.raw("PUT", "/api/v3/userDataStream", "listenKey="+opened.ListenKey, ""), &struct{}{})
	l.Clock.Set(l.Clock.Now().Add(20 * time.Minute))
	l.beat(10)
	if m := bob.next(); m["e"] != "listenKeyExpired" || m["listenKey"] != again.ListenKey {
		t.Errorf("after an hour: %v", m)
	}
	l.ada.no(l.ada.raw("PUT", "/api/v3/userDataStream", "", "listenKey="+again.ListenKey), 400, -1125, "This listenKey does not exist.")
	l.ada.yes(l.ada.raw("DELETE", "/api/v3/userDataStream", "", "listenKey="+opened.ListenKey), &struct{}{})
	if m := ada.next(); m["e"] != "listenKeyExpired" {
		t.Errorf("closed: %v", m)
	}
}

// TestHeldIsTold: what the law freezes of an account's property, and what it gives free again, is
// told as locked from outside: a deposit from an address that is on a list, until it is delisted.
func TestHeldIsTold(t *testing.T) {
	l := goLive(t)
	take := func(day time.Time) *watchlist.Edition {
		l.Clock.Set(day.Add(12 * time.Hour))
		e, err := starter.Edition(day)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.TakeEdition(e, time.Now()); err != nil {
			t.Fatal(err)
		}
		return e
	}
	var tornado string
	for _, e := range take(sample.Days[2]).Entities { // listed the day before
		if strings.Contains(strings.ToUpper(e.PrimaryName()), "TORNADO") {
			tornado = e.Wallets[0].Address
		}
	}
	var opened struct{ ListenKey string }
	l.ada.yes(l.ada.raw("POST", "/api/v3/userDataStream", "", ""), &opened)
	c := l.dial("/ws/" + opened.ListenKey)
	to := memory.DepositAddress("ETH", l.ada.account)
	d, err := l.Receive(l.ada.account, l.Chain().Send("listed", memory.Transfer{Network: "ETH", Asset: "USDT", Amount: money.MustParse("7"), From: tornado, To: to}))
	if err != nil || d.Pocket != ledger.Frozen {
		t.Fatalf("a deposit from %q: %+v, %v", tornado, d, err)
	}
	has(t, "what came", c.next(), map[string]any{"e": "balanceUpdate", "a": "USDT", "d": "7.00000000"})
	has(t, "frozen", c.next(), map[string]any{"e": "externalLockUpdate", "a": "USDT", "d": "7.00000000", "E": float64(l.Clock.Now().UnixMilli()), "T": float64(l.Clock.Now().UnixMilli())})
	has(t, "the balance", c.next(), map[string]any{"e": "outboundAccountPosition", "B": []any{map[string]any{"a": "USDT", "f": "0.00000000", "l": "7.00000000"}}})
	take(sample.Days[3]) // delisted
	has(t, "given free", c.next(), map[string]any{"e": "externalLockUpdate", "a": "USDT", "d": "-7.00000000"})
	has(t, "the balance then", c.next(), map[string]any{"e": "outboundAccountPosition", "B": []any{map[string]any{"a": "USDT", "f": "7.00000000", "l": "0.00000000"}}})
}
