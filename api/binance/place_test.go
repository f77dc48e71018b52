package binance

import (
	"strings"
	"testing"
	"testing/fstest"

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
		d, ok := x.View().Decision(w.Header().Get("X-Sallyport-Decision"))
		if !ok || d.Decision.Action != "trade" || d.Decision.Fired[0].Rule != "us-made-up" {
			t.Errorf("by the decision %+v", d)
		}
	}
	var a accountInfo
	bob.yes(bob.do("GET", "/api/v3/account", ""), &a)
	if !a.CanTrade || !a.CanWithdraw {
		t.Errorf("the account: %+v, want nothing held", a)
	}
}
