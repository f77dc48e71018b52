package binance

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
)

// ask sends a request of the WebSocket API and gives its answer.
func (c *listener) ask(method, params string) map[string]any {
	c.t.Helper()
	c.send(`{"id":"` + method + `","method":"` + method + `","params":` + params + `}`)
	m := c.next()
	if m["id"] != method {
		c.t.Fatalf("%s: answer %v", method, m)
	}
	return m
}

// signs adds key, time and signature to parameters (a JSON object's inside).
func (c *trader) signs(params string) string {
	c.t.Helper()
	if params != "" {
		params += ","
	}
	params = fmt.Sprintf(`%s"apiKey":%q,"timestamp":%d`, params, c.key, c.x.Clock.Now().UnixMilli())
	var values map[string]json.RawMessage
	if err := json.Unmarshal([]byte("{"+params+"}"), &values); err != nil {
		c.t.Fatal(err)
	}
	p, err := textsOf(values)
	if err != nil {
		c.t.Fatal(err)
	}
	return "{" + params + `,"signature":"` + hex.EncodeToString(sign([]byte(c.secret), sorted(p.values))) + `"}`
}

// TestWebSocketAPI: the methods answer what their REST endpoints answer.
func TestWebSocketAPI(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws-api/v3")
	c.asks(`{"id":1,"method":"ping"}`, `{"id":1,"status":200,"result":{},"rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":536870912,"count":3}]}`)
	now := l.Clock.Now().UnixMilli()
	c.asks(`{"id":null,"method":"v3/time","params":{"returnRateLimits":false}}`, fmt.Sprintf(`{"id":null,"status":200,"result":{"serverTime":%d}}`, now))

	// Numbers as numbers and as texts, and so the id of an order.
	sell := c.ask("order.place", l.ada.signs(`"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":0.5,"price":"40000","recvWindow":"5000.125","returnRateLimits":true`))
	if r, _ := sell["result"].(map[string]any); sell["status"] != 200.0 || r["status"] != "NEW" || r["orderId"] != 1.0 {
		t.Fatalf("order.place: %v", sell)
	}
	limits := sell["rateLimits"].([]any)
	if len(limits) != 3 || limits[0].(map[string]any)["rateLimitType"] != "ORDERS" || limits[0].(map[string]any)["count"] != 1.0 {
		t.Errorf("rate limits %v", limits)
	}
	status := c.ask("order.status", l.ada.signs(`"symbol":"BTCUSDT","orderId":"1"`))
	var rest map[string]any
	l.ada.yes(l.ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&orderId=1"), &rest)
	if got, want := fmt.Sprint(status["result"]), fmt.Sprint(rest); got != want {
		t.Errorf("order.status %s\nREST         %s", got, want)
	}
	for _, m := range []struct{ method, params, want string }{
		{"depth", `{"symbol":"BTCUSDT","limit":5}`, "map[asks:[[40000.00000000 0.50000000]] bids:[] lastUpdateId:1]"},
		{"exchangeInfo", `{"symbols":["BTCUSDT"]}`, "BTCUSDT"},
		{"klines", `{"symbol":"BTCUSDT","interval":"1m"}`, "[]"},
		{"trades.historical", `{"symbol":"BTCUSDT"}`, "[]"},
		{"ticker.book", `{"symbol":"BTCUSDT"}`, "40000.00000000"},
		{"openOrders.status", l.ada.signs(`"symbol":"BTCUSDT"`), "orderId:1"},
		{"allOrders", l.ada.signs(`"symbol":"BTCUSDT"`), "orderId:1"},
		{"account.status", l.ada.signs(""), "locked:0.50000000"},
		{"myTrades", l.ada.signs(`"symbol":"BTCUSDT"`), "[]"},
		{"account.rateLimits.orders", l.ada.signs(""), "count:1"},
		{"order.test", l.ada.signs(`"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":0.5,"price":40000,"newOrderRespType":""`), "map[]"},
		{"order.cancel", l.ada.signs(`"symbol":"BTCUSDT","orderId":1`), "status:CANCELED"},
	} {
		if a := c.ask(m.method, m.params); a["status"] != 200.0 || !strings.Contains(fmt.Sprint(a["result"]), m.want) {
			t.Errorf("%s: %v", m.method, a)
		}
	}

	no := func(method, params string, status, code float64, msg string) {
		t.Helper()
		a := c.ask(method, params)
		e, _ := a["error"].(map[string]any)
		if a["status"] != status || e["code"] != code || e["msg"] != msg || a["result"] != nil {
			t.Errorf("%s %s: %v", method, params, a)
		}
	}
	no("nonsense", `{}`, 400, -1020, `There is no method "nonsense" here.`)
	no("depth", `{"symbol":"NOPE"}`, 400, -1121, "Invalid symbol.")
	no("depth", `{"symbol":{"is":"deep"}}`, 400, -1130, "Data sent for parameter 'symbol' is not valid.")
	no("depth", `{"symbol":null}`, 400, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
	no("account.status", `{}`, 400, -1102, "Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed.")
	no("account.status", strings.Replace(l.ada.signs(""), `"apiKey"`, `"recvWindow":59999,"apiKey"`, 1), 400, -1022, "Signature for this request is not valid.")
	no("openOrders.cancelAll", l.ada.signs(`"symbol":"BTCUSDT"`), 400, -2011, "Unknown order sent.")
	no("order.place", l.ada.signs(`"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":3,"price":40000`), 400, -2010, "Account has insufficient balance for requested action.")
	no("session.logon", l.ada.signs(""), 400, -4056, "Only Ed25519 API keys are supported for this method.")
	c.send(`[1]`)
	if a := c.next(); a["status"] != 400.0 || a["id"] != nil {
		t.Errorf("no object: %v", a)
	}

	// A customer who is stopped hears why.
	o := l.Open("us", sample.Listed(t))
	listed := &trader{t: t, x: l.Exchange, wire: l.wire, account: o.Account}
	listed.key, listed.secret = l.Key(o.Account)
	a := c.ask("order.place", listed.signs(`"symbol":"BTCUSDT","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":1,"price":40000`))
	e, _ := a["error"].(map[string]any)
	if e["code"] != -2010.0 || e["msg"] != "This action is disabled on this account." || e["decision"] != o.Decision.ID || e["help"] != "/decisions/"+o.Decision.ID {
		t.Errorf("a listed person's order: %v", a)
	}
}

// ed25519Key gives an account an Ed25519 key of its own.
func ed25519Key(t *testing.T, x *sample.Exchange, account uint64, terms exchange.KeyTerms) (exchange.Key, ed25519.PrivateKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	terms.Kind, terms.Public = exchange.Ed25519Key, der
	k, err := x.NewKey(account, terms)
	if err != nil {
		t.Fatal(err)
	}
	return k, private
}

func TestSession(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws-api/v3?returnRateLimits=false")
	k, private := ed25519Key(t, l.Exchange, l.ada.account, exchange.KeyTerms{})
	now := l.Clock.Now().UnixMilli()
	logon := func() map[string]any {
		sig := base64.StdEncoding.EncodeToString(ed25519.Sign(private, fmt.Appendf(nil, "apiKey=%s&timestamp=%d", k.Name, now)))
		return c.ask("session.logon", fmt.Sprintf(`{"timestamp":%d,"apiKey":%q,"signature":%q}`, now, k.Name, sig))
	}
	if a := c.ask("userDataStream.subscribe", `{}`); a["status"] != 400.0 {
		t.Errorf("a subscription of nobody: %v", a)
	}
	if a := logon(); a["status"] != 200.0 || a["result"].(map[string]any)["apiKey"] != k.Name || a["rateLimits"] != nil {
		t.Fatalf("logon: %v", a)
	}
	// From here on requests need no key and no signature.
	place := fmt.Sprintf(`{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":"0.5","price":"40000","timestamp":%d}`, now)
	if a := c.ask("order.place", place); a["status"] != 200.0 {
		t.Errorf("order.place: %v", a)
	}
	if a := c.ask("account.status", `{}`); a["status"] != 400.0 { // but the time
		t.Errorf("account.status without a time: %v", a)
	}
	if a := c.ask("userDataStream.subscribe", `{}`); a["status"] != 200.0 || a["result"].(map[string]any)["subscriptionId"] != 0.0 {
		t.Fatalf("subscribe: %v", a)
	}
	if a := c.ask("userDataStream.subscribe", `{}`); a["error"].(map[string]any)["code"] != -2035.0 {
		t.Errorf("subscribe again: %v", a)
	}
	// Another account by its own signature, on the same connection.
	if a := c.ask("userDataStream.subscribe.signature", l.bob.signs("")); a["status"] != 200.0 || a["result"].(map[string]any)["subscriptionId"] != 1.0 {
		t.Fatalf("subscribe with a signature: %v", a)
	}
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.2")
	seen := map[string]int{}
	for range 5 { // bob's two reports, ada's one, and the balances of both
		m := c.next()
		e := m["event"].(map[string]any)
		seen[fmt.Sprint(m["subscriptionId"], e["e"])]++
	}
	if fmt.Sprint(seen) != "map[0executionReport:1 0outboundAccountPosition:1 1executionReport:2 1outboundAccountPosition:1]" {
		t.Errorf("events %v", seen)
	}
	if a := c.ask("session.subscriptions", `{}`); fmt.Sprint(a["result"]) != "[map[subscriptionId:0] map[subscriptionId:1]]" {
		t.Errorf("subscriptions: %v", a)
	}
	c.send(`{"id":"x","method":"userDataStream.unsubscribe","params":{"subscriptionId":1}}`)
	if m := c.next(); m["event"].(map[string]any)["e"] != "eventStreamTerminated" {
		t.Errorf("the end of a subscription: %v", m)
	}
	if m := c.next(); m["status"] != 200.0 {
		t.Errorf("unsubscribe: %v", m)
	}
	if a := c.ask("userDataStream.unsubscribe", `{"subscriptionId":1}`); a["error"].(map[string]any)["code"] != -2036.0 {
		t.Errorf("unsubscribe again: %v", a)
	}

	// A key that is taken away ends what it opened.
	if err := l.RemoveKey(l.ada.account, k.Name); err != nil {
		t.Fatal(err)
	}
	if m := c.next(); m["subscriptionId"] != 0.0 || m["event"].(map[string]any)["e"] != "eventStreamTerminated" {
		t.Errorf("after the key is gone: %v", m)
	}
	if a := c.ask("order.place", place); a["error"].(map[string]any)["code"] != -2015.0 {
		t.Errorf("an order by a key that is gone: %v", a)
	}
}

// TestKeyTerms: what a key may do, from where and how long, is held to everywhere.
func TestKeyTerms(t *testing.T) {
	l := goLive(t)
	later := l.Clock.Now().Add(time.Hour)
	for _, c := range []struct {
		what          string
		terms         exchange.KeyTerms
		reads, trades bool
		withdraws     bool
	}{
		{"everything", exchange.KeyTerms{}, true, true, true},
		{"reading alone", exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads}}, true, false, false},
		{"reading and trading", exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads, exchange.KeyTrades}}, true, true, false},
		{"withdrawing alone", exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyWithdraws}}, false, false, true},
		{"from here", exchange.KeyTerms{From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}, true, true, true},
		{"from elsewhere", exchange.KeyTerms{From: []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}}, false, false, false},
		{"for an hour", exchange.KeyTerms{Expires: later}, true, true, true},
		{"until now", exchange.KeyTerms{Expires: l.Clock.Now()}, false, false, false},
	} {
		k, err := l.NewKey(l.ada.account, c.terms)
		if err != nil {
			t.Fatal(err)
		}
		by := &trader{t: t, x: l.Exchange, wire: l.wire, account: l.ada.account, key: k.Name, secret: string(k.Secret)}
		for _, try := range []struct {
			method, path, params string
			ok                   bool
		}{
			{"GET", "/api/v3/account", "", c.reads},
			{"POST", "/api/v3/order/test", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.1", c.trades},
			{"POST", "/sapi/v1/capital/withdraw/apply", "coin=BTC&amount=0.01&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT", c.withdraws},
		} {
			w := by.do(try.method, try.path, try.params)
			if refused := strings.Contains(w.Body.String(), "-2015"); refused == try.ok {
				t.Errorf("%s: %s %s: %d %s", c.what, try.method, try.path, w.Code, w.Body)
			}
		}
		var opened map[string]any
		if w := by.raw("POST", "/api/v3/userDataStream", "", ""); (w.Code == 200) != c.reads {
			t.Errorf("%s: a listen key: %d %s", c.what, w.Code, w.Body)
		} else if w.Code == 200 {
			by.yes(w, &opened)
			l.dial("/ws/" + opened["listenKey"].(string)).ws.CloseNow()
		}
	}

	// One that may be used from one network is of no use where the network is not known.
	k, private := ed25519Key(t, l.Exchange, l.ada.account, exchange.KeyTerms{From: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	params := fmt.Sprintf("timestamp=%d", l.Clock.Now().UnixMilli())
	params += "&signature=" + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(params))))
	by := &trader{t: t, x: l.Exchange, wire: l.wire, account: l.ada.account, key: k.Name}
	by.yes(by.raw("GET", "/api/v3/account", params, ""), &struct{}{})
	by.header = http.Header{"Via": {"1.1 somebody"}}
	by.no(by.raw("GET", "/api/v3/account", params, ""), 401, -2015, "Invalid API-key, IP, or permissions for action.")
}

// TestKeyEnds: what was opened with a key ends with the key's time.
func TestKeyEnds(t *testing.T) {
	l := goLive(t)
	k, err := l.NewKey(l.ada.account, exchange.KeyTerms{Expires: l.Clock.Now().Add(time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	by := &trader{t: t, x: l.Exchange, wire: l.wire, account: l.ada.account, key: k.Name, secret: string(k.Secret)}
	c := l.dial("/ws-api/v3")
	if a := c.ask("userDataStream.subscribe.signature", by.signs("")); a["status"] != 200.0 {
		t.Fatalf("subscribe: %v", a)
	}
	l.Clock.Set(l.Clock.Now().Add(59 * time.Second))
	l.beat(10)
	if a := c.ask("session.subscriptions", `{}`); fmt.Sprint(a["result"]) != "[map[subscriptionId:0]]" {
		t.Errorf("a second before the end: %v", a)
	}
	l.Clock.Set(l.Clock.Now().Add(time.Second))
	l.beat(10)
	if m := c.next(); m["event"].(map[string]any)["e"] != "eventStreamTerminated" {
		t.Errorf("at the end: %v", m)
	}
}

// TestUnfilledOrders holds the count of orders to the published examples, with 1 for a first
// fill as taker and 5 for one as maker.
func TestUnfilledOrders(t *testing.T) {
	x := sample.New(t)
	beats := make(chan time.Time)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now, OrdersPer10s: 6, OrdersPerDay: 20, beats: beats})
	defer wire.Close()
	x.Clock.Set(sample.Opens.Truncate(10 * time.Second))
	ada, bob := newTrader(t, x, wire, "us", "Adaline Wrenfield", "US"), newTrader(t, x, wire, "us", "Bertram Oakhollow", "CA")
	x.Fund(ada.account, "BTC", "2")
	x.Fund(bob.account, "USDT", "100000")
	l := &live{Exchange: x, t: t, wire: wire, beats: beats}
	count := func(want string) {
		t.Helper()
		l.beat(1) // what traded is counted
		var limits []rateLimit
		ada.yes(ada.do("GET", "/api/v3/rateLimit/order", ""), &limits)
		if got := fmt.Sprintf("%d %d", *limits[0].Count, *limits[1].Count); got != want {
			t.Errorf("counts %s, want %s", got, want)
		}
	}
	sell := func(price string) int {
		t.Helper()
		return ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price="+price).Code
	}
	for _, price := range []string{"40000", "40001", "40002", "40003", "40004"} {
		if sell(price) != 200 {
			t.Fatal("an order was refused")
		}
	}
	count("5 5")
	if w := ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=50&price=40000"); w.Code != 400 {
		t.Fatalf("more than there is: %s", w.Body)
	} else {
		sample.Has(t, w.Header(), "X-MBX-ORDER-COUNT-10S", "5") // what is refused does not count
	}
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.05")
	count("0 0") // first fill as maker
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.05")
	for range 6 {
		sell("50000")
	}
	w := ada.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000")
	ada.no(w, 429, -1015, "Too many new orders; current limit is 6 orders per 10 SECOND.")
	sample.Has(t, w.Header(), "X-MBX-ORDER-COUNT-10S", "6")
	sample.Has(t, w.Header(), "X-MBX-ORDER-COUNT-1D", "6")
	sample.Has(t, w.Header(), "Retry-After", "11")
	x.Clock.Set(x.Clock.Now().Add(10 * time.Second))
	count("0 6")
	bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=30000")
	if sell("30000") != 200 { // trades at once, as taker
		t.Fatal("an order was refused")
	}
	count("0 6")
}

// TestBan: who goes on asking when told to wait is not answered for two minutes, then four.
func TestBan(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	from := netip.MustParseAddr("192.0.2.9")
	l := limiter{most: 10}
	for _, minutes := range []int{2, 4, 8} {
		for i := range 10 + patience + 1 {
			want := 0
			if i >= 10 {
				want = 429
			}
			if _, f := l.take(from, 1, now); f != nil && f.status != want || f == nil && want != 0 {
				t.Fatalf("request %d: %v", i, f)
			}
		}
		_, f := l.take(from, 1, now.Add(time.Duration(minutes)*time.Minute-time.Second))
		if f == nil || f.status != 418 || f.retry != time.Second || !strings.Contains(f.msg, "IP banned until") {
			t.Errorf("a second before %d minutes: %+v", minutes, f)
		}
		if _, f := l.take(netip.MustParseAddr("192.0.2.10"), 1, now); f != nil {
			t.Errorf("another client: %v", f)
		}
		now = now.Add(time.Duration(minutes) * time.Minute)
	}
	if _, f := l.take(from, 1, now.Add(remembering+time.Minute)); f != nil || len(l.bans) != 0 {
		t.Errorf("a day later: %v, %d bans", f, len(l.bans))
	}
}

// TestMethods: each method is an endpoint of REST.
func TestMethods(t *testing.T) {
	x := sample.New(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now})
	defer wire.Close()
	for name, m := range methods {
		if _, ok := wire.routes[m.path][m.method]; !ok {
			t.Errorf("%s stands for %s %s, which there is not", name, m.method, m.path)
		}
	}
}

// FuzzTexts: whatever parameters come, none is lost or made up, and what is signed is one text.
func FuzzTexts(f *testing.F) {
	f.Add(`{"symbol":"BTCUSDT","quantity":0.5,"returnRateLimits":false,"symbols":["A", "B"],"x":null}`)
	f.Add(`{"a":{},"b":"\ud800","c":1e400,"":""}`)
	f.Fuzz(func(t *testing.T, text string) {
		var params map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &params) != nil {
			return
		}
		p, err := textsOf(params)
		if err != nil {
			return
		}
		pairs := 0
		for _, v := range p.values {
			if _, ok := params[v.name]; !ok {
				t.Fatalf("%q was made up", v.name)
			}
			if v.name != "signature" {
				pairs += len(v.name) + len(v.text) + 2
			}
		}
		if got := len(sorted(p.values)); got != max(0, pairs-1) {
			t.Fatalf("what is signed has %d bytes, want %d", got, pairs-1)
		}
		for name, raw := range params {
			if !p.has(name) && string(raw) != "null" {
				t.Fatalf("%q was lost", name)
			}
		}
	})
}
