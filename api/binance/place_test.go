package binance

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/coder/websocket"

	"sallyport/api/internal/sample"
)

// TestOrderHasAPlace: a law that lets somebody sign in from a place and take their assets out,
// and not trade from it, refuses the orders that come from there and nothing else.
func TestOrderHasAPlace(t *testing.T) {
	x := sample.New(t, fstest.MapFS{"us-made-up.yaml": {Data: []byte(`id: us-made-up
title: No orders from the United States
authority: An authority
instrument: An act
article: "1"
binds: [US]
actions: [trade]
covers: session.country == "US"
verb: reject
effective_at: "2020-01-01T00:00:00Z"
state: enacted
verified: {marks: [made up]}
`)}})
	bob := newTrader(t, x, New(x.Exchange, Options{}), "us", "Bertram Oakhollow", "US")
	x.Fund(bob.account, "USDT", "1000")
	for range 2 {
		w := bob.do("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000")
		if w.Code != 400 || !strings.Contains(w.Header().Get("X-Sallyport-Reason"), "(reject)") {
			t.Errorf("an order from there: %d %s %v", w.Code, w.Body, w.Header())
		}
		d, err := x.View().Decision(w.Header().Get("X-Sallyport-Decision"))
		if err != nil || d.Decision.Action != "trade" || d.Decision.Fired[0].Rule != "us-made-up" {
			t.Errorf("by the decision %+v", d)
		}
	}
	var a accountInfo
	bob.yes(bob.do("GET", "/api/v3/account", ""), &a)
	if !a.CanTrade || !a.CanWithdraw {
		t.Errorf("the account: %+v, want nothing held", a)
	}
}

// TestStreamHasAPlace: at the hour from which a law lets nobody in from a place, what listens to
// an account from there ends, whichever way it was opened, and says by which decision; who
// listens from elsewhere, or to markets only, goes on.
func TestStreamHasAPlace(t *testing.T) {
	closes := sample.Opens.Add(time.Hour)
	l := goLive(t, fstest.MapFS{"us-made-up.yaml": {Data: []byte(`id: us-made-up
title: No resident of the United States is let in from there
authority: An authority
instrument: An act
article: "1"
binds: [US]
actions: [sign_in]
covers: session.country == "US" && customer.residence == "US"
verb: reject
effective_at: "` + closes.Format(time.RFC3339) + `"
state: enacted
verified: {marks: [made up]}
`)}})
	keyOf := func(c *trader) string {
		w := c.raw("POST", "/api/v3/userDataStream", "", "")
		var k struct {
			ListenKey string `json:"listenKey"`
		}
		c.yes(w, &k)
		return k.ListenKey
	}
	bySignature, byKey, combined := l.dial("/ws-api/v3"), l.dial("/ws/"+keyOf(l.ada)), l.dial("/stream?streams=btcusdt@trade/"+keyOf(l.ada))
	market, other := l.dial("/ws/btcusdt@trade"), l.dial("/ws/"+keyOf(l.bob))
	if a := bySignature.ask("userDataStream.subscribe.signature", l.ada.signs("")); a["status"] != 200.0 {
		t.Fatalf("subscribe: %v", a)
	}

	l.Clock.Set(closes)
	if _, err := l.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]*listener{"by a signature": bySignature, "by a listen key": byKey, "among others": combined} {
		m := c.next()
		for _, wrapped := range []string{"event", "data"} {
			if inner, ok := m[wrapped].(map[string]any); ok {
				m = inner
			}
		}
		d, err := l.View().Decision(fmt.Sprint(m["decision"]))
		if m["e"] != "eventStreamTerminated" || !strings.Contains(fmt.Sprint(m["reason"]), "(reject)") || err != nil || d.Decision.Fired[0].Rule != "us-made-up" {
			t.Errorf("%s: %v", name, m)
		}
		if _, err := c.read(); websocket.CloseStatus(err) != websocket.StatusPolicyViolation || !strings.Contains(err.Error(), "(reject)") {
			t.Errorf("%s: then %v", name, err)
		}
	}
	if l.ada.raw("GET", "/api/v3/ping", "", "").Code != 200 {
		t.Error("what is public is closed too")
	}

	// It cannot be opened again from there.
	again := l.dial("/ws-api/v3")
	if a := again.ask("userDataStream.subscribe.signature", l.ada.signs("")); a["error"].(map[string]any)["code"] != -2015.0 {
		t.Errorf("subscribe again: %v", a)
	}

	l.Fund(l.bob.account, "BTC", "1")
	l.bob.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=40000")
	if m := other.next(); m["e"] != "outboundAccountPosition" && m["e"] != "balanceUpdate" {
		t.Errorf("who listens from elsewhere: %v", m)
	}
	market.asks(`{"method":"LIST_SUBSCRIPTIONS","id":1}`, `{"result":["btcusdt@trade"],"id":1}`)

	// Until the rule is of them too, by what is known of them since.
	p, _ := l.Profile(l.bob.account)
	p.Residence.Country = "US"
	if _, err := l.Amend(l.bob.account, p); err != nil {
		t.Fatal(err)
	}
	for {
		if m := other.next(); m["e"] == "eventStreamTerminated" {
			if !strings.Contains(fmt.Sprint(m["reason"]), "(reject)") {
				t.Errorf("who has come to live there: %v", m)
			}
			break
		}
	}
}
