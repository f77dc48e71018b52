package gobinance

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/adshao/go-binance/v2"
)

// told waits for the next thing that a stream tells.
func told[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("%s: nothing in ten seconds", what)
	}
	panic("unreachable")
}

// stream lets one of the client's functions hand what it hears to a channel.
func stream[T any](t *testing.T, what string, serve func(func(T), binance.ErrHandler) (chan struct{}, chan struct{}, error)) <-chan T {
	t.Helper()
	c := make(chan T, 100)
	_, stop, err := serve(func(v T) { c <- v }, func(err error) { t.Logf("%s: %v", what, err) })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	t.Cleanup(func() { close(stop) })
	return c
}

// TestStreams: market streams, an account's events by listen key and by signature, and orders
// over the WebSocket API.
func TestStreams(t *testing.T) {
	v := start(t)
	ctx := context.Background()
	ada, adaAccount, _ := v.open("Adaline Wrenfield", "US", "1985-05-17", nil)
	bob, bobAccount, _ := v.open("Bertram Oakhollow", "CA", "1985-05-17", nil)
	v.fund(adaAccount, "BTC", "2")
	v.fund(bobAccount, "USDT", "100000")
	ws := strings.Replace(v.base, "https://", "wss://", 1)
	binance.BaseWsMainURL, binance.BaseCombinedMainURL, binance.BaseWsApiMainURL = ws+"/ws", ws+"/stream?streams=", ws+"/ws-api/v3"

	depth := stream(t, "depth", func(f func(*binance.WsDepthEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsDepthServe100Ms("BTCUSDT", f, e)
	})
	trades := stream(t, "combined trades", func(f func(*binance.WsCombinedTradeEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsCombinedTradeServe([]string{"BTCUSDT", "ETHUSDT"}, f, e)
	})
	klines := stream(t, "klines", func(f func(*binance.WsKlineEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsKlineServe("BTCUSDT", "1m", f, e)
	})
	tops := stream(t, "book ticker", func(f func(*binance.WsBookTickerEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsBookTickerServe("BTCUSDT", f, e)
	})
	minis := stream(t, "all mini tickers", func(f func(binance.WsAllMiniMarketsStatEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsAllMiniMarketsStatServe(f, e)
	})
	key, err := ada.NewStartUserStreamService().Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := ada.NewKeepaliveUserStreamService().ListenKey(key).Do(ctx); err != nil {
		t.Error(err)
	}
	byKey := stream(t, "by listen key", func(f func(*binance.WsUserDataEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsUserDataServe(key, f, e)
	})
	bySignature := stream(t, "by signature", func(f func(*binance.WsUserDataEvent), e binance.ErrHandler) (chan struct{}, chan struct{}, error) {
		return binance.WsUserDataServeSignature(bob.APIKey, bob.SecretKey, "HMAC", 0, f, e)
	})

	place, err := binance.NewOrderCreateWsService(ada.APIKey, ada.SecretKey)
	if err != nil {
		t.Fatal(err)
	}
	sell, err := place.SyncDo("a1", binance.NewOrderCreateWsRequest().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimit).
		TimeInForce(binance.TimeInForceTypeGTC).Quantity("0.5").Price("40000"))
	if err != nil || sell.Status != 200 || sell.Result.Status != binance.OrderStatusTypeNew {
		t.Fatalf("order.place: %+v, %v", sell, err)
	}
	if d := told(t, "depth", depth); len(d.Asks) != 1 || d.Asks[0].Price != "40000.00000000" || d.FirstUpdateID != 1 {
		t.Errorf("depth: %+v", d)
	}
	for told(t, "book ticker", tops).BestAskPrice != "40000.00000000" {
	}
	if e := told(t, "ada's new order", byKey); e.Event != binance.UserDataEventTypeExecutionReport || e.OrderUpdate.Status != "NEW" || e.OrderUpdate.Id != sell.Result.OrderID {
		t.Errorf("ada's new order: %+v", e)
	}
	if e := told(t, "ada's balance", byKey); e.Event != binance.UserDataEventTypeOutboundAccountPosition || fmt.Sprint(e.AccountUpdate.WsAccountUpdates) != "[{BTC 1.50000000 0.50000000}]" {
		t.Errorf("ada's balance: %+v", e)
	}

	if _, err := bob.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeBuy).Type(binance.OrderTypeMarket).Quantity("0.2").Do(ctx); err != nil {
		t.Fatal(err)
	}
	// The client still has places for the orders of both sides, which are not told since June 2024, as published.
	if tr := told(t, "trade", trades); tr.Data.Price != "40000.00000000" || tr.Data.Quantity != "0.20000000" || tr.Data.BuyerOrderID != 0 || tr.Data.SellerOrderID != 0 {
		t.Errorf("trade: %+v", tr)
	}
	if k := told(t, "kline", klines); k.Kline.Close != "40000.00000000" || k.Kline.Volume != "0.20000000" {
		t.Errorf("kline: %+v", k)
	}
	for told(t, "mini tickers", minis)[0].LastPrice != "40000.00000000" {
	}
	if e := told(t, "ada's trade", byKey); e.OrderUpdate.ExecutionType != "TRADE" || !e.OrderUpdate.IsMaker || e.OrderUpdate.FeeAsset != "USDT" || e.OrderUpdate.FeeCost != "8.00000000" {
		t.Errorf("ada's trade: %+v", e)
	}
	if e := told(t, "bob's new order", bySignature); e.OrderUpdate.ExecutionType != "NEW" {
		t.Errorf("bob's new order: %+v", e)
	}
	if e := told(t, "bob's trade", bySignature); e.OrderUpdate.Status != "FILLED" || e.OrderUpdate.FilledVolume != "0.20000000" || e.OrderUpdate.FeeAsset != "BTC" {
		t.Errorf("bob's trade: %+v", e)
	}
	if e := told(t, "ada's balances", byKey); len(e.AccountUpdate.WsAccountUpdates) != 2 {
		t.Errorf("ada's balances: %+v", e)
	}
	if err := ada.NewCloseUserStreamService().ListenKey(key).Do(ctx); err != nil {
		t.Error(err)
	}
	if err := ada.NewKeepaliveUserStreamService().ListenKey(key).Do(ctx); err == nil {
		t.Error("a listen key that is closed is kept alive")
	}

	refused, err := place.SyncDo("a2", binance.NewOrderCreateWsRequest().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimit).
		TimeInForce(binance.TimeInForceTypeGTC).Quantity("50").Price("40000"))
	if err != nil || refused.Status != 400 {
		t.Fatalf("more than there is: %+v, %v", refused, err)
	}
	wants(t, refused.Error, -2010, "Account has insufficient balance for requested action.")
	// Orders that have traded come off the count, perhaps before the answer is written; those that
	// rest do not: six, so that what a fill takes off does not hide them.
	for range 6 {
		if _, err := bob.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeBuy).Type(binance.OrderTypeLimit).
			TimeInForce(binance.TimeInForceTypeGTC).Quantity("0.001").Price("30000").Do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if bob.OrderCount.Count10s == 0 && bob.OrderCount.Count1d == 0 {
		t.Error("the client reads no count of orders")
	}
}
