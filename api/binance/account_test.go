package binance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
)

func TestAccountEndpoints(t *testing.T) {
	x, wire, ada, bob := start(t)
	ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.5&price=40000")
	bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	now := x.Clock.Now()
	k, err := x.NewKey(ada.account, exchange.KeyTerms{May: []exchange.KeyMay{exchange.KeyReads}, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	reader := &trader{t: t, x: x, wire: wire, account: ada.account, key: k.Name, secret: string(k.Secret)}
	o := x.Open("us", sample.Listed(t))
	listed := &trader{t: t, x: x, wire: wire, account: o.Account}
	listed.key, listed.secret = x.Key(o.Account)

	const zeros = `{"maker":"0.00000000","taker":"0.00000000","buyer":"0.00000000","seller":"0.00000000"}`
	restrictions := `{"ipRestrict":false,"createTime":%d,"enableReading":true,"enableWithdrawals":%t,"enableInternalTransfer":false,"enableMargin":false,"enableFutures":false,` +
		`"permitsUniversalTransfer":false,"enableVanillaOptions":false,"enableFixApiTrade":false,"enableFixReadOnly":false,"enableSpotAndMarginTrading":%t,"enablePortfolioMarginTrading":false%s}`
	for _, c := range []struct {
		who                        *trader
		method, path, params, want string
	}{
		{ada, "GET", "/api/v3/account/commission", "symbol=BTCUSDT", `{"symbol":"BTCUSDT","standardCommission":{"maker":"0.00100000","taker":"0.00100000","buyer":"0.00000000","seller":"0.00000000"},` +
			`"specialCommission":` + zeros + `,"taxCommission":` + zeros + `,"discount":{"enabledForAccount":false,"enabledForSymbol":false,"discountAsset":"","discount":"0.00000000"}}`},
		{ada, "GET", "/sapi/v1/account/status", "", `{"data":"Normal"}`},
		{listed, "GET", "/sapi/v1/account/status", "", `{"data":"Locked"}`},
		{ada, "GET", "/sapi/v1/account/apiTradingStatus", "", fmt.Sprintf(`{"data":{"isLocked":false,"plannedRecoverTime":0,"triggerCondition":{"GCR":0,"IFER":0,"UFR":0},"updateTime":%d}}`, now.UnixMilli())},
		{listed, "GET", "/sapi/v1/account/apiTradingStatus", "", fmt.Sprintf(`{"data":{"isLocked":true,"plannedRecoverTime":0,"triggerCondition":{"GCR":0,"IFER":0,"UFR":0},"updateTime":%d}}`, now.UnixMilli())},
		{ada, "GET", "/sapi/v1/account/apiRestrictions", "", fmt.Sprintf(restrictions, now.UnixMilli(), true, true, "")},
		{reader, "GET", "/sapi/v1/account/apiRestrictions", "", fmt.Sprintf(restrictions, now.UnixMilli(), false, false, fmt.Sprintf(`,"tradingAuthorityExpirationTime":%d`, now.Add(time.Hour).UnixMilli()))},
		{ada, "GET", "/sapi/v1/asset/assetDetail", "asset=BTC", `{"BTC":{"minWithdrawAmount":"0.00100000","depositStatus":true,"withdrawFee":"0.00020000","withdrawStatus":true}}`},
		// 0.1 BTC bought for 4000 USDT: 3996 after the fee, worth 0.0999 BTC at that price.
		{ada, "POST", "/sapi/v3/asset/getUserAsset", "needBtcValuation=true", `[{"asset":"BTC","free":"1.50000000","locked":"0.40000000","freeze":"0.00000000","withdrawing":"0.00000000","ipoable":"0.00000000","btcValuation":"1.90000000"},` +
			`{"asset":"USDT","free":"3996.00000000","locked":"0.00000000","freeze":"0.00000000","withdrawing":"0.00000000","ipoable":"0.00000000","btcValuation":"0.09990000"}]`},
		{reader, "POST", "/sapi/v3/asset/getUserAsset", "asset=ETH", `[{"asset":"ETH","free":"0.00000000","locked":"0.00000000","freeze":"0.00000000","withdrawing":"0.00000000","ipoable":"0.00000000","btcValuation":"0"}]`},
	} {
		w := c.who.do(c.method, c.path, c.params)
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != c.want {
			t.Errorf("%s %s %s: %d\n got %s\nwant %s", c.method, c.path, c.params, w.Code, got, c.want)
		}
	}
	ada.no(ada.do("GET", "/sapi/v1/asset/assetDetail", "asset=DOGE"), 400, -4018, "We don't have this asset.")
}

func TestWindowTicker(t *testing.T) {
	x, _, ada, bob := start(t)
	for i, price := range []string{"40000", "44000"} {
		x.Clock.Set(sample.Opens.Add(time.Duration(i)*90*time.Second + 30*time.Second))
		ada.order("symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&quantity=0.1&price=" + price)
		bob.order("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.1")
	}
	at := func(d time.Duration) int64 { return sample.Opens.Add(d).UnixMilli() }
	for _, c := range []struct{ params, want string }{
		// At 12:02:00 a window of a minute begins at 12:01:00, and has the second trade alone.
		{"symbol=BTCUSDT&windowSize=1m&type=MINI", fmt.Sprintf(`{"symbol":"BTCUSDT","openPrice":"44000.00000000","highPrice":"44000.00000000","lowPrice":"44000.00000000","lastPrice":"44000.00000000",`+
			`"volume":"0.10000000","quoteVolume":"4400.00000000","openTime":%d,"closeTime":%d,"firstId":2,"lastId":2,"count":1}`, at(time.Minute), at(2*time.Minute))},
		{"symbol=BTCUSDT", fmt.Sprintf(`{"symbol":"BTCUSDT","openPrice":"40000.00000000","highPrice":"44000.00000000","lowPrice":"40000.00000000","lastPrice":"44000.00000000",`+
			`"volume":"0.20000000","quoteVolume":"8400.00000000","openTime":%d,"closeTime":%d,"firstId":1,"lastId":2,"count":2,"priceChange":"4000.00000000","priceChangePercent":"10.000","weightedAvgPrice":"42000.00000000"}`, at(2*time.Minute-24*time.Hour), at(2*time.Minute))},
		{"symbols=%5B%22ETHUSDT%22%5D&type=MINI&windowSize=7d", fmt.Sprintf(`[{"symbol":"ETHUSDT","openPrice":"0.00000000","highPrice":"0.00000000","lowPrice":"0.00000000","lastPrice":"0.00000000",`+
			`"volume":"0.00000000","quoteVolume":"0.00000000","openTime":%d,"closeTime":%d,"firstId":-1,"lastId":-1,"count":0}]`, at(2*time.Minute-7*24*time.Hour), at(2*time.Minute))},
	} {
		w := ada.raw("GET", "/api/v3/ticker", c.params, "")
		if got := strings.TrimSpace(w.Body.String()); w.Code != 200 || got != c.want {
			t.Errorf("%s: %d\n got %s\nwant %s", c.params, w.Code, got, c.want)
		}
	}
	for _, size := range []string{"60m", "24h", "8d", "0m", "1s", "1.5h"} {
		ada.no(ada.raw("GET", "/api/v3/ticker", "symbol=BTCUSDT&windowSize="+size, ""), 400, -1130, "Data sent for parameter 'windowSize' is not valid.")
	}
	ada.no(ada.raw("GET", "/api/v3/ticker", "", ""), 400, -1128, "Combination of optional parameters invalid.")
}
