package binance

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
)

// TestArchivedOrders: of an order that ended without a trade more than ninety days ago it is told that it is archived,
// as published (errors.md, -2026); of others what they are.
func TestArchivedOrders(t *testing.T) {
	x, _, ada, bob := start(t)
	begun := x.Clock.Now()
	const sell = "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=0.1"
	ada.order(sell + "&timeInForce=GTC&price=41000&newClientOrderId=canceled")
	ada.yes(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=canceled"), &struct{}{})
	ada.order(sell + "&timeInForce=IOC&price=41000&newClientOrderId=expired")
	ada.order(sell + "&timeInForce=GTC&price=40000&newClientOrderId=filled")
	bob.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.2&price=40000&newClientOrderId=partly")
	bob.yes(bob.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=partly"), &struct{}{})
	ada.order(sell + "&timeInForce=GTC&price=41000&newClientOrderId=own")
	ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.05&price=41000&selfTradePreventionMode=EXPIRE_BOTH")
	ada.order(sell + "&timeInForce=GTC&price=42000&newClientOrderId=open")
	for _, after := range []struct {
		days time.Duration
		gone bool
	}{{90 * 24 * time.Hour, false}, {90*24*time.Hour + time.Second, true}} {
		x.Clock.Set(begun.Add(after.days))
		for _, c := range []struct {
			who      *trader
			id       string
			archived bool
			status   string
		}{
			{ada, "canceled", true, "CANCELED"}, {ada, "expired", true, "EXPIRED"}, {ada, "own", true, "EXPIRED_IN_MATCH"},
			{ada, "filled", false, "FILLED"}, {bob, "partly", false, "CANCELED"}, {ada, "open", false, "NEW"},
		} {
			w := c.who.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId="+c.id)
			if c.archived && after.gone {
				c.who.no(w, 400, -2026, "Order was canceled or expired with no executed qty over 90 days ago and has been archived.")
				continue
			}
			has(t, fmt.Sprint(c.id, after.days), fields(t, w), map[string]any{"status": c.status})
		}
		ada.no(ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=nonesuch"), 400, -2013, "Order does not exist.")
	}
}

// TestFreeWhenDone: what places and cancels weighs nothing when it is done and its weight when it is refused, as
// published on 27 March 2026; an order that is made smaller weighs what it did, and so does a test of an order.
func TestFreeWhenDone(t *testing.T) {
	l := goLive(t)
	ada := l.ada
	const order = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=41000"
	const oco = "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=42000&belowType=STOP_LOSS&belowStopPrice=39000"
	const working = "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingTimeInForce=GTC&workingPrice=43000&workingQuantity=0.1"
	lastAt(ada, l.bob, "BTCUSDT", "40000")
	used := func() int {
		n, err := strconv.Atoi(ada.raw("GET", "/api/v3/ping", "", "").Header().Get("X-Mbx-Used-Weight-1m"))
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, c := range []struct {
		method, path, params string
		ok                   bool
		want                 int
	}{
		{"POST", "order", order + "&newClientOrderId=a", true, 0},
		{"POST", "order", order + "0000", false, 1},
		{"POST", "order/test", order, true, 1},
		{"PUT", "order/amend/keepPriority", "symbol=BTCUSDT&origClientOrderId=a&newClientOrderId=a&newQty=0.05", true, 4},
		{"POST", "order/cancelReplace", order + "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=a&newClientOrderId=b", true, 0},
		{"POST", "order/cancelReplace", order + "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=nonesuch", false, 1},
		{"DELETE", "order", "symbol=BTCUSDT&origClientOrderId=b", true, 0},
		{"DELETE", "order", "symbol=BTCUSDT&origClientOrderId=b", false, 1},
		{"POST", "orderList/oco", oco + "&listClientOrderId=l", true, 0},
		{"POST", "orderList/oco", oco + "&aboveTimeInForce=GTC", false, 1},
		{"DELETE", "orderList", "symbol=BTCUSDT&listClientOrderId=l", true, 0},
		{"DELETE", "orderList", "symbol=BTCUSDT&listClientOrderId=l", false, 1},
		{"POST", "order/oco", "symbol=BTCUSDT&side=SELL&quantity=0.1&price=42000&stopPrice=39000", true, 0},
		{"POST", "orderList/oto", working + "&pendingType=LIMIT&pendingSide=BUY&pendingTimeInForce=GTC&pendingPrice=30000&pendingQuantity=0.1", true, 0},
		{"POST", "orderList/otoco", working + "&pendingSide=BUY&pendingQuantity=0.1&pendingAboveType=STOP_LOSS&pendingAboveStopPrice=45000&pendingBelowType=LIMIT_MAKER&pendingBelowPrice=30000", true, 0},
		{"POST", "orderList/opo", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingTimeInForce=GTC&workingPrice=30000&workingQuantity=0.05&pendingType=LIMIT&pendingSide=SELL&pendingTimeInForce=GTC&pendingPrice=45000", true, 0},
		{"POST", "orderList/opoco", "symbol=BTCUSDT&workingType=LIMIT&workingSide=BUY&workingTimeInForce=GTC&workingPrice=30000&workingQuantity=0.05&pendingSide=SELL&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=45000&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=29000", true, 0},
		{"DELETE", "openOrders", "symbol=BTCUSDT", true, 0},
		{"DELETE", "openOrders", "symbol=BTCUSDT", false, 1},
		{"GET", "order", "symbol=BTCUSDT&origClientOrderId=a", true, 4},
	} {
		before := used()
		w := ada.do(c.method, "/api/v3/"+c.path, c.params)
		told, err := strconv.Atoi(w.Header().Get("X-Mbx-Used-Weight-1m"))
		if err != nil {
			t.Fatal(err)
		}
		if (w.Code == 200) != c.ok {
			t.Errorf("%s %s %s: %d %s", c.method, c.path, c.params, w.Code, w.Body)
		}
		if after := used() - 1 - before; after != c.want || told-before != c.want {
			t.Errorf("%s %s %s weighs %d and tells %d, want %d", c.method, c.path, c.params, after, told-before, c.want)
		}
	}
	// The same over the WebSocket API.
	c := l.dial("/ws-api/v3")
	count := func(a map[string]any) float64 {
		limits := a["rateLimits"].([]any)
		return limits[len(limits)-1].(map[string]any)["count"].(float64)
	}
	place := `"symbol":"BTCUSDT","side":"SELL","type":"LIMIT","timeInForce":"GTC","quantity":0.1,"price":41000`
	before := count(c.ask("ping", "{}"))
	if got := count(c.ask("order.place", ada.signs(place))); got != before {
		t.Errorf("order.place weighs %v", got-before)
	}
	if got := count(c.ask("order.place", ada.signs(place+`,"stopPrice":1`))); got != before+1 {
		t.Errorf("order.place that is refused weighs %v", got-before)
	}
}

// TestWeightGivenBack: a weight is given back in the minute in which it was taken, and to nobody else.
func TestWeightGivenBack(t *testing.T) {
	l, at := limiter{most: 10}, time.Date(2030, 1, 1, 0, 0, 59, 0, time.UTC)
	one, other := netip.MustParseAddr("192.0.2.9"), netip.MustParseAddr("192.0.2.10")
	for _, step := range []struct {
		from   netip.Addr
		weight int // given back where it is below 0
		taken  time.Time
		used   int
	}{
		{one, 3, at, 3},
		{other, 5, at, 5},
		{one, -1, at, 2},
		{other, 0, at, 5},
		{one, -9, at, 0}, // never less than nothing
		{one, 4, at, 4},
		{one, 2, at.Add(time.Second), 2}, // another minute
		{one, -4, at, 2},
		{netip.MustParseAddr("192.0.2.11"), -1, at.Add(time.Second), 0}, // who has used nothing
	} {
		var used int
		if step.weight < 0 {
			used = l.back(step.from, -step.weight, step.taken)
		} else {
			used, _ = l.take(step.from, step.weight, step.taken)
		}
		if used != step.used {
			t.Errorf("after %+v it has used %d", step, used)
		}
	}
}

// TestSubscriptions: one subscription of an account on a connection, by whatever way, a thousand at a time, and 65,535
// in the life of a connection, as published.
func TestSubscriptions(t *testing.T) {
	l := goLive(t)
	c := l.dial("/ws-api/v3?returnRateLimits=false")
	k, private := ed25519Key(t, l.Exchange, l.ada.account, exchange.KeyTerms{})
	now := l.Clock.Now().UnixMilli()
	sig := base64.StdEncoding.EncodeToString(ed25519.Sign(private, fmt.Appendf(nil, "apiKey=%s&timestamp=%d", k.Name, now)))
	const signed, bySession = "userDataStream.subscribe.signature", "userDataStream.subscribe"
	logon := fmt.Sprintf(`{"timestamp":%d,"apiKey":%q,"signature":%q}`, now, k.Name, sig)
	for i, step := range []struct {
		method, params string
		code           float64 // 0: it is done
		result         string
	}{
		{"session.status", "{}", 0, "apiKey:<nil> authorizedSince:<nil>"},
		{signed, l.ada.signs(""), 0, "map[subscriptionId:0]"},
		{signed, l.ada.signs(""), -2035, ""},
		{signed, l.bob.signs(""), 0, "map[subscriptionId:1]"},
		{"session.logon", logon, 0, "userDataStream:true"},
		{bySession, "{}", -2035, ""}, // of the same account
		{"session.subscriptions", "{}", 0, "[map[subscriptionId:0] map[subscriptionId:1]]"},
		{"userDataStream.unsubscribe", `{"subscriptionId":7}`, -2036, ""},
	} {
		a := c.ask(step.method, step.params)
		e, _ := a["error"].(map[string]any)
		if step.code != 0 && (e == nil || e["code"] != step.code) || step.code == 0 && (a["status"] != 200. || !strings.Contains(fmt.Sprint(a["result"]), step.result)) {
			t.Errorf("%d %s: %v, want %v %s", i, step.method, a, step.code, step.result)
		}
	}
	// With no parameter all end, each with a word.
	c.send(`{"id":"u","method":"userDataStream.unsubscribe"}`)
	for _, want := range []string{
		fmt.Sprintf(`{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":%d}}`, now),
		fmt.Sprintf(`{"subscriptionId":1,"event":{"e":"eventStreamTerminated","E":%d}}`, now),
		`{"id":"u","status":200,"result":{}}`,
	} {
		c.wants(want)
	}
	if a := c.ask(bySession, "{}"); fmt.Sprint(a["result"]) != "map[subscriptionId:2]" {
		t.Errorf("%v", a)
	}
	// What the session has opened ends with it; what was signed for goes on.
	if a := c.ask(signed, l.bob.signs("")); fmt.Sprint(a["result"]) != "map[subscriptionId:3]" {
		t.Errorf("%v", a)
	}
	c.send(`{"id":"o","method":"session.logout"}`)
	c.wants(fmt.Sprintf(`{"subscriptionId":2,"event":{"e":"eventStreamTerminated","E":%d}}`, now))
	c.wants(fmt.Sprintf(`{"id":"o","status":200,"result":{"apiKey":null,"authorizedSince":null,"connectedSince":%d,"returnRateLimits":false,"serverTime":%d,"userDataStream":true}}`, now, now))

	// As if a thousand accounts were listened to, and then as if 65,535 had been.
	l.wire.hub.mu.Lock()
	var of *feed
	for _, f := range l.wire.hub.feeds[l.bob.account] {
		of = f
	}
	for i := range maxFeeds - 1 {
		of.conn.feeds = append(of.conn.feeds, &feed{conn: of.conn, account: 1<<40 + uint64(i), api: of.api, id: 1000 + i})
	}
	l.wire.hub.mu.Unlock()
	if e, _ := c.ask(signed, l.ada.signs(""))["error"].(map[string]any); e["code"] != -1191. {
		t.Errorf("a thousand and one: %v", e)
	}
	if maxFeeds != 1000 {
		t.Errorf("%d subscriptions at a time", maxFeeds)
	}
	full := l.dial("/ws-api/v3?returnRateLimits=false")
	for i := range 3 {
		if i == 2 {
			if e, _ := full.ask(signed, l.ada.signs(""))["error"].(map[string]any); e["code"] != -2042. || e["msg"] != "Maximum subscription ID reached for this connection." {
				t.Errorf("65,536 in a life: %v", e)
			}
			break
		}
		a := full.ask(signed, l.ada.signs(""))
		if want := map[int]string{0: "map[subscriptionId:0]", 1: "map[subscriptionId:65534]"}[i]; fmt.Sprint(a["result"]) != want {
			t.Errorf("%v, want %s", a, want)
		}
		full.send(`{"id":"u","method":"userDataStream.unsubscribe"}`)
		full.next()
		full.next()
		if i == 0 {
			l.wire.hub.mu.Lock()
			for o := range l.wire.hub.conns {
				if o.api && o != of.conn {
					o.subscribed = 65_534
				}
			}
			l.wire.hub.mu.Unlock()
		}
	}
}

// TestWalletFields: what the published pages of the wallet say of single fields.
func TestWalletFields(t *testing.T) {
	x, _, ada, _ := start(t)
	const out = "coin=BTC&amount=0.1&address=1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
	ada.yes(ada.do("POST", "/sapi/v1/capital/withdraw/apply", out), &struct{}{})
	ada.yes(ada.do("POST", "/sapi/v1/capital/withdraw/apply", out+"&withdrawOrderId=mine"), &struct{}{})
	for _, path := range []string{"/sapi/v1/capital/withdraw/history", "/sapi/v1/localentity/withdraw/history"} {
		var rows []map[string]any
		ada.yes(ada.do("GET", path, ""), &rows)
		if len(rows) != 2 {
			t.Fatalf("%s: %v", path, rows)
		}
		// "Will not be returned if there's no withdrawOrderId for this withdraw."
		if id, there := rows[1]["withdrawOrderId"]; rows[0]["withdrawOrderId"] != "mine" || there {
			t.Errorf("%s: of the newer %v, of the other %v %t", path, rows[0]["withdrawOrderId"], id, there)
		}
	}
	// Which keys open a FIX session: of Ed25519 alone, by what they may do.
	for _, c := range []struct {
		may          []exchange.KeyMay
		trade, reads bool
	}{
		{nil, true, true},
		{[]exchange.KeyMay{exchange.KeyReads, exchange.KeyTrades}, true, true},
		{[]exchange.KeyMay{exchange.KeyReads}, false, true},
	} {
		k, private := ed25519Key(t, x, ada.account, exchange.KeyTerms{May: c.may})
		params := fmt.Sprintf("timestamp=%d", x.Clock.Now().UnixMilli())
		params += "&signature=" + url.QueryEscape(base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(params))))
		by := &trader{t: t, x: x, wire: ada.wire, account: ada.account, key: k.Name}
		has(t, fmt.Sprint(c.may), fields(t, by.raw("GET", "/sapi/v1/account/apiRestrictions", params, "")), map[string]any{"enableFixApiTrade": c.trade, "enableFixReadOnly": c.reads})
	}
	has(t, "HMAC", fields(t, ada.do("GET", "/sapi/v1/account/apiRestrictions", "")), map[string]any{"enableFixApiTrade": false, "enableFixReadOnly": false})
}

// TestMarketEvents holds an event of each stream to the published fields and its name.
func TestMarketEvents(t *testing.T) {
	l := goLive(t)
	streams := []struct{ name, event, shape string }{
		{"btcusdt@trade", "trade", "{eTrade}"}, {"btcusdt@aggTrade", "aggTrade", "{eAgg}"}, {"btcusdt@kline_1m", "kline", "{eKline}"}, {"btcusdt@kline_1d@+08:00", "kline", "{eKline}"},
		{"btcusdt@miniTicker", "24hrMiniTicker", "{eMini}"}, {"!miniTicker@arr", "24hrMiniTicker", "[eMini]"}, {"btcusdt@ticker", "24hrTicker", "{eTicker}"},
		{"btcusdt@ticker_1h", "1hTicker", "{eWindow}"}, {"btcusdt@ticker_4h", "4hTicker", "{eWindow}"}, {"btcusdt@ticker_1d", "1dTicker", "{eWindow}"}, {"!ticker_4h@arr", "4hTicker", "[eWindow]"},
		{"btcusdt@bookTicker", "", "{eBest}"}, {"btcusdt@avgPrice", "avgPrice", "{eAverage}"}, {"btcusdt@depth5", "", "{depth}"}, {"btcusdt@depth", "depthUpdate", "{eDepth}"},
	}
	var cs []*listener
	for _, s := range streams {
		cs = append(cs, l.dial("/ws/"+s.name))
	}
	l.ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000")
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	l.beat(20)
	for i, s := range streams {
		b, err := cs[i].read()
		var v any
		if err != nil || json.Unmarshal(b, &v) != nil {
			t.Fatalf("%s: %s %v", s.name, b, err)
		}
		for _, wrong := range misshapen(s.shape, v) {
			t.Errorf("%s: %s", s.name, wrong)
		}
		if list, ok := v.([]any); ok && len(list) > 0 {
			v = list[0]
		}
		if e, _ := v.(map[string]any)["e"].(string); e != s.event {
			t.Errorf("%s is %q, want %q", s.name, e, s.event)
		}
	}
}

// TestAccountEvents holds the events of an account to the published fields, and those of an executionReport that come
// under a condition alone to that condition.
func TestAccountEvents(t *testing.T) {
	l := goLive(t)
	ada := l.ada
	c := l.dial("/ws-api/v3")
	if a := c.ask("userDataStream.subscribe.signature", ada.signs("")); a["status"] != 200. {
		t.Fatalf("%v", a)
	}
	const sell = "symbol=BTCUSDT&side=SELL&timeInForce=GTC&type=LIMIT"
	ada.order(sell + "&quantity=0.5&price=40000&icebergQty=0.1&strategyId=1&strategyType=1000000")
	l.bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	ada.order("symbol=BTCUSDT&side=SELL&type=STOP_LOSS_LIMIT&timeInForce=GTC&quantity=0.1&price=38000&stopPrice=39000&newClientOrderId=waits")
	ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.05&price=40000&selfTradePreventionMode=EXPIRE_TAKER")
	ada.order("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.05&price=30000")
	ada.yes(ada.do("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=waits"), &struct{}{})
	ada.yes(ada.do("POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&abovePrice=42000&belowType=STOP_LOSS&belowStopPrice=38000&listClientOrderId=l"), &struct{}{})
	ada.yes(ada.do("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&listClientOrderId=l"), &struct{}{})
	l.Fund(ada.account, "ETH", "1")
	seen := map[string]int{}
	for done := false; !done; {
		m := c.next()
		e, ok := m["event"].(map[string]any)
		if !ok || m["subscriptionId"] != 0. || len(m) != 2 {
			t.Fatalf("%v", m)
		}
		kind, _ := e["e"].(string)
		seen[kind]++
		shape := map[string]string{"executionReport": "{report}", "outboundAccountPosition": "{position}", "balanceUpdate": "{delta}", "listStatus": "{eList}"}[kind]
		for _, wrong := range misshapen(shape, e) {
			t.Errorf("%s: %s", kind, wrong)
		}
		if kind == "executionReport" {
			seen[fmt.Sprint(e["x"], " ", e["X"])]++
			working := e["X"] != "REJECTED" && (e["o"] == "LIMIT" || e["o"] == "LIMIT_MAKER")
			for field, when := range map[string]bool{
				"W": working, "j": e["F"] != "0.00000000", "J": e["F"] != "0.00000000", "d": false, "D": false,
				"v": e["x"] == "TRADE_PREVENTION", "A": e["x"] == "TRADE_PREVENTION", "B": e["x"] == "TRADE_PREVENTION", "u": e["x"] == "TRADE_PREVENTION", "U": e["x"] == "TRADE_PREVENTION",
				"Cs": e["x"] == "TRADE_PREVENTION", "pl": e["x"] == "TRADE_PREVENTION", "pL": e["x"] == "TRADE_PREVENTION", "pY": e["x"] == "TRADE_PREVENTION", "eR": e["X"] == "EXPIRED",
			} {
				if _, there := e[field]; there != when {
					t.Errorf("%s %s %s has %s: %t", e["o"], e["x"], e["X"], field, there)
				}
			}
			if (e["C"] != "") != (e["x"] == "CANCELED") || e["r"] != "NONE" || (e["t"] == -1.) != (e["x"] != "TRADE") || (e["N"] == nil) != (e["x"] != "TRADE") {
				t.Errorf("%v", e)
			}
		}
		if b, _ := e["B"].([]any); kind == "outboundAccountPosition" && len(b) == 1 && b[0].(map[string]any)["a"] == "ETH" {
			done = true
		}
	}
	for kind, least := range map[string]int{
		"executionReport": 12, "outboundAccountPosition": 6, "balanceUpdate": 1, "listStatus": 2, "NEW NEW": 6, "TRADE PARTIALLY_FILLED": 1, "CANCELED CANCELED": 3,
		"TRADE_PREVENTION EXPIRED_IN_MATCH": 1, "EXPIRED EXPIRED": 1,
	} {
		if seen[kind] < least {
			t.Errorf("%s: %d, want %d or more of %v", kind, seen[kind], least, seen)
		}
	}
}

// TestPegged: no market here pegs prices, as exchangeInfo says, and who asks for it hears so, or what is wrong with how
// they ask, in the published words; without a price too, which such an order need not have.
func TestPegged(t *testing.T) {
	_, _, ada, bob := start(t)
	lastAt(ada, bob, "BTCUSDT", "40000")
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=50000&newClientOrderId=stays")
	const (
		order    = "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1"
		oco      = "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&belowType=STOP_LOSS&belowStopPrice=38000"
		oto      = "symbol=BTCUSDT&workingType=LIMIT&workingSide=SELL&workingTimeInForce=GTC&workingPrice=43000&workingQuantity=0.1&pendingType=LIMIT&pendingSide=BUY&pendingTimeInForce=GTC&pendingQuantity=0.1"
		replaces = order + "&cancelReplaceMode=STOP_ON_FAILURE&cancelOrigClientOrderId=stays"
		none     = "Pegged orders are not supported for this symbol."
	)
	for _, c := range []struct {
		path, params string
		code         int
		msg          string
	}{
		{"order", order + "&pegPriceType=PRIMARY_PEG", -2010, none},
		{"order", order + "&pegPriceType=MARKET_PEG&price=50000", -2010, none},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetType=PRICE_LEVEL&pegOffsetValue=100", -2010, none},
		{"order/test", order + "&pegPriceType=PRIMARY_PEG", -2010, none},
		{"order/cancelReplace", replaces + "&pegPriceType=PRIMARY_PEG", -2010, none},
		{"orderList/oco", oco + "&abovePegPriceType=PRIMARY_PEG", -2010, none},
		{"orderList/oto", oto + "&pendingPegPriceType=PRIMARY_PEG", -2010, none},
		{"order", order + "&pegPriceType=PRIMARY", -1210, "Invalid pegPriceType."},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetType=TICKS&pegOffsetValue=1", -1211, "Invalid pegOffsetType."},
		{"orderList/oco", oco + "&abovePegPriceType=PRIMARY_PEG&abovePegOffsetType=PRICE&abovePegOffsetValue=1", -1211, "Invalid pegOffsetType."},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetType=PRICE_LEVEL", -1128, "Fields [pegOffsetType, pegOffsetValue] must be sent together or omitted entirely."},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetValue=1", -1128, "Fields [pegOffsetType, pegOffsetValue] must be sent together or omitted entirely."},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetType=PRICE_LEVEL&pegOffsetValue=101", -1130, "Data sent for parameter 'pegOffsetValue' is not valid."},
		{"order", order + "&pegPriceType=PRIMARY_PEG&pegOffsetType=PRICE_LEVEL&pegOffsetValue=x", -1100, "Illegal characters found in parameter 'pegOffsetValue'; legal range is '^[0-9]{1,18}$'."},
		{"order", order + "&price=50000&pegOffsetType=PRICE_LEVEL&pegOffsetValue=1", -1106, "Parameter 'pegOffsetType' sent when not required."},
		{"order", order + "&pegPriceType=", -1105, "Parameter 'pegPriceType' was empty."},
	} {
		ada.no(ada.do("POST", "/api/v3/"+c.path, c.params), 400, c.code, c.msg)
	}
	has(t, "what was to be replaced", fields(t, ada.do("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=stays")), map[string]any{"status": "NEW"})
	var info struct{ Symbols []map[string]any }
	ada.yes(ada.raw("GET", "/api/v3/exchangeInfo", "", ""), &info)
	has(t, "exchangeInfo", info.Symbols[0], map[string]any{"pegInstructionsAllowed": false})
}

// TestBannedConnection: who is banned is told so on their connection of the WebSocket API, and it ends, as published.
func TestBannedConnection(t *testing.T) {
	x := sample.New(t)
	wire := New(x.Exchange, Options{Clock: x.Clock.Now, WeightPerMinute: 10, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	srv := httptest.NewServer(wire)
	defer srv.Close()
	defer wire.Close()
	l := &live{Exchange: x, t: t, wire: wire, url: "ws" + strings.TrimPrefix(srv.URL, "http")}
	c := l.dial("/ws-api/v3")
	told := map[string]int{}
	for i := range 10 - connectWeight + patience + 2 { // the last but one brings the ban, the last hears of it
		if err := c.ws.Write(t.Context(), websocket.MessageText, fmt.Appendf(nil, `{"id":%d,"method":"ping"}`, i)); err != nil {
			t.Fatal(err)
		}
		m := c.next()
		e, _ := m["error"].(map[string]any)
		told[fmt.Sprint(m["status"], " ", e["code"])]++
	}
	if want := fmt.Sprintf("map[200 <nil>:%d 418 -1003:1 429 -1003:%d]", 10-connectWeight, patience+1); fmt.Sprint(told) != want {
		t.Errorf("told %v, want %s", told, want)
	}
	if b, err := c.read(); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("after the ban: %s %v", b, err)
	}
}
