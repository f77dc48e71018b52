package binance

import (
	"fmt"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestBusyMarket: where more is traded than is at hand trade by trade, candles and tickers
// still tell all of it.
func TestBusyMarket(t *testing.T) {
	x, _, ada, bob := start(t)
	const trades = 2100 // past two thousand, the last thousand are kept
	x.Fund(ada.account, "BTC", "100")
	for i := range trades {
		x.Clock.Set(sample.Opens.Add(time.Duration(i) * 2 * time.Second))
		for _, o := range []tape.PlaceOrder{
			{Account: ada.account, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: money.Int(int64(40000 + i)), Quantity: money.MustParse("0.001"), ClientID: "a"},
			{Account: bob.account, Side: book.Buy, Type: tape.MarketOrder, Force: tape.GTC, Quantity: money.MustParse("0.001"), ClientID: "b"},
		} {
			if _, _, err := x.PlaceOrder(&o); err != nil {
				t.Fatal(err)
			}
		}
	}
	var day map[string]any
	ada.yes(ada.raw("GET", "/api/v3/ticker/24hr", "symbol=BTCUSDT", ""), &day)
	for name, want := range map[string]any{
		"count": float64(trades), "firstId": 1.0, "lastId": float64(trades), "openPrice": "40000.00000000", "prevClosePrice": "40000.00000000",
		"highPrice": fmt.Sprintf("%d.00000000", 40000+trades-1), "lowPrice": "40000.00000000", "volume": "2.10000000", "lastQty": "0.00100000",
	} {
		if day[name] != want {
			t.Errorf("ticker/24hr: %s is %v, want %v", name, day[name], want)
		}
	}
	var ks [][]any
	ada.yes(ada.raw("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=30m", ""), &ks)
	if len(ks) != 3 || ks[0][8] != 900.0 || ks[1][8] != 900.0 || ks[2][8] != 300.0 || ks[0][1] != "40000.00000000" || ks[1][1] != "40900.00000000" {
		t.Errorf("candles of half an hour: %v", ks)
	}
	ada.yes(ada.raw("GET", "/api/v3/klines", fmt.Sprintf("symbol=BTCUSDT&interval=1m&limit=1&startTime=%d", sample.Opens.Add(time.Minute).UnixMilli()), ""), &ks)
	if len(ks) != 1 || ks[0][8] != 30.0 || ks[0][1] != "40030.00000000" || ks[0][4] != "40059.00000000" {
		t.Errorf("the second minute: %v", ks)
	}
	// Of seconds only those whose trades are at hand.
	ada.yes(ada.raw("GET", "/api/v3/klines", "symbol=BTCUSDT&interval=1s&startTime=0&limit=1", ""), &ks)
	if len(ks) != 1 || ks[0][0].(float64) <= float64(sample.Opens.UnixMilli()) {
		t.Errorf("the first second at hand: %v", ks)
	}
	var window map[string]any
	ada.yes(ada.raw("GET", "/api/v3/ticker", "symbol=BTCUSDT&windowSize=1h", ""), &window)
	// It is 13:09:58: from 12:09 on, all but the first nine minutes.
	if window["count"] != float64(trades-9*30) || window["openPrice"] != "40270.00000000" {
		t.Errorf("the last hour: %v", window)
	}
}
