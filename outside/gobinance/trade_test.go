// Package gobinance holds one test: go-binance, unchanged but for its URL, trades on a
// running Sallyport. It is a module of its own so that the product does not depend on
// what it is tried with.
package gobinance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/adshao/go-binance/v2"
	"github.com/adshao/go-binance/v2/common"
)

const elsewhere = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"

// A venue is a running `sallyport serve` with a fresh data folder.
type venue struct {
	t     *testing.T
	base  string
	token string
}

// start runs the program that SALLYPORT names; outside/run builds it. Without one the
// test fails: it is not there to be skipped.
func start(t *testing.T) *venue {
	t.Helper()
	program := os.Getenv("SALLYPORT")
	if program == "" {
		t.Fatal("SALLYPORT must name the program; outside/run sets it")
	}
	// A certificate that this process trusts (SSL_CERT_FILE), for all of it to be over TLS.
	keys := os.Getenv("SALLYPORT_KEYS")
	if keys == "" {
		t.Fatal("SALLYPORT_KEYS must name a folder with tls.crt and tls.key; outside/run makes one")
	}
	data := t.TempDir()
	cmd := exec.Command(program, "serve", "--data", data, "--listen", "127.0.0.1:0", "--tls-certificate", filepath.Join(keys, "tls.crt"), "--tls-key", filepath.Join(keys, "tls.key"))
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	base, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	go io.Copy(io.Discard, lines)
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("serve: %v\n%s", err, log.String())
		}
	})
	if err != nil || !ok {
		t.Fatalf("serve printed %q (%v)", line, err)
	}
	token, err := os.ReadFile(filepath.Join(data, "keys", "desk.token"))
	if err != nil {
		t.Fatal(err)
	}
	return &venue{t, base, strings.TrimSpace(string(token))}
}

// desk asks the operator's own API.
func (v *venue) desk(path string, ask, answer any) {
	v.t.Helper()
	b, err := json.Marshal(ask)
	if err != nil {
		v.t.Fatal(err)
	}
	r, err := http.NewRequest("POST", v.base+"/desk/v1"+path, bytes.NewReader(b))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+v.token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err = io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		v.t.Fatalf("POST %s: %d %s %v", path, res.StatusCode, b, err)
	}
	if err := json.Unmarshal(b, answer); err != nil {
		v.t.Fatalf("POST %s: %s: %v", path, b, err)
	}
}

type person map[string]any

// open opens a customer and gives a client with their key.
func (v *venue) open(name, country, birth string, more person) (client *binance.Client, account uint64, verdict string) {
	v.t.Helper()
	p := person{
		"kind": "person", "names": []person{{"full": name, "kind": "primary"}}, "birth": []string{birth}, "birth_places": []string{country},
		"nationalities": []string{country}, "residence": person{"town": "Springfield", "country": country},
	}
	for k, x := range more {
		p[k] = x
	}
	var opened struct {
		Account uint64
		Verdict string
	}
	v.desk("/customers", person{"operator": "us", "profile": p}, &opened)
	var key struct{ APIKey, Secret string }
	v.desk(fmt.Sprintf("/customers/%d/keys", opened.Account), person{}, &key)
	client = binance.NewClient(key.APIKey, key.Secret)
	client.SetApiEndpoint(v.base)
	return client, opened.Account, opened.Verdict
}

func (v *venue) fund(account uint64, asset, amount string) {
	v.t.Helper()
	v.desk("/transfers", person{"account": account, "asset": asset, "amount": amount, "from": elsewhere}, &struct{}{})
}

// wants fails unless err is the API error of this code and text.
func wants(t *testing.T, err error, code int64, msg string) {
	t.Helper()
	var e *common.APIError
	if !errors.As(err, &e) || e.Code != code || e.Message != msg {
		t.Errorf("got %v, want %d %q", err, code, msg)
	}
}

func TestTrade(t *testing.T) {
	v := start(t)
	ctx := context.Background()
	ada, adaAccount, _ := v.open("Adaline Wrenfield", "US", "1985-05-17", nil)
	bob, bobAccount, _ := v.open("Bertram Oakhollow", "CA", "1985-05-17", nil)
	v.fund(adaAccount, "BTC", "2")
	v.fund(bobAccount, "USDT", "100000")

	if err := ada.NewPingService().Do(ctx); err != nil {
		t.Fatal(err)
	}
	if now, err := ada.NewServerTimeService().Do(ctx); err != nil || time.Since(time.UnixMilli(now)).Abs() > time.Minute {
		t.Fatalf("server time %d, %v", now, err)
	}
	info, err := ada.NewExchangeInfoService().Symbols("BTCUSDT", "ETHUSDT").Do(ctx)
	if err != nil || len(info.Symbols) != 2 {
		t.Fatalf("exchange info: %+v, %v", info, err)
	}
	s := info.Symbols[0]
	if s.Symbol != "BTCUSDT" || s.Status != "TRADING" || s.PriceFilter().TickSize != "0.01000000" || s.LotSizeFilter().StepSize != "0.00001000" || s.NotionalFilter().MinNotional != "5.00000000" {
		t.Errorf("exchange info: %+v", s)
	}

	account, err := ada.NewGetAccountService().OmitZeroBalances(true).Do(ctx)
	if err != nil || !account.CanTrade || len(account.Balances) != 1 || account.Balances[0] != (binance.Balance{Asset: "BTC", Free: "2.00000000", Locked: "0.00000000"}) {
		t.Fatalf("account: %+v, %v", account, err)
	}

	// Parameters in the body, timestamp and signature in the query.
	if err := ada.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimit).TimeInForce(binance.TimeInForceTypeGTC).
		Quantity("0.5").Price("40000").Test(ctx); err != nil {
		t.Errorf("a test order: %v", err)
	}
	sell, err := ada.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimit).TimeInForce(binance.TimeInForceTypeGTC).
		Quantity("0.5").Price("40000").Do(ctx)
	if err != nil || sell.Status != binance.OrderStatusTypeNew {
		t.Fatalf("sell: %+v, %v", sell, err)
	}
	depth, err := bob.NewDepthService().Symbol("BTCUSDT").Limit(5).Do(ctx)
	if err != nil || len(depth.Asks) != 1 || depth.Asks[0].Price != "40000.00000000" || depth.Asks[0].Quantity != "0.50000000" {
		t.Fatalf("depth: %+v, %v", depth, err)
	}
	buy, err := bob.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeBuy).Type(binance.OrderTypeMarket).Quantity("0.2").
		NewOrderRespType(binance.NewOrderRespTypeFULL).Do(ctx)
	if err != nil || buy.Status != binance.OrderStatusTypeFilled || len(buy.Fills) != 1 || buy.Fills[0].Commission != "0.00020000" || buy.CummulativeQuoteQuantity != "8000.00000000" {
		t.Fatalf("buy: %+v, %v", buy, err)
	}

	order, err := ada.NewGetOrderService().Symbol("BTCUSDT").OrderID(sell.OrderID).Do(ctx)
	if err != nil || order.Status != binance.OrderStatusTypePartiallyFilled || order.ExecutedQuantity != "0.20000000" {
		t.Errorf("order: %+v, %v", order, err)
	}
	open, err := ada.NewListOpenOrdersService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(open) != 1 {
		t.Errorf("open orders: %+v, %v", open, err)
	}
	trades, err := ada.NewListTradesService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(trades) != 1 || !trades[0].IsMaker || trades[0].IsBuyer || trades[0].OrderID != sell.OrderID || trades[0].Commission != "8.00000000" {
		t.Errorf("trades: %+v, %v", trades, err)
	}
	recent, err := ada.NewRecentTradesService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(recent) != 1 || recent[0].Price != "40000.00000000" {
		t.Errorf("recent trades: %+v, %v", recent, err)
	}
	prices, err := ada.NewListPricesService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(prices) != 1 || prices[0].Price != "40000.00000000" {
		t.Errorf("prices: %+v, %v", prices, err)
	}
	day, err := ada.NewListPriceChangeStatsService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(day) != 1 || day[0].Volume != "0.20000000" {
		t.Errorf("24 hours: %+v, %v", day, err)
	}
	candles, err := ada.NewKlinesService().Symbol("BTCUSDT").Interval("1h").Do(ctx)
	if err != nil || len(candles) == 0 || candles[0].Volume != "0.20000000" {
		t.Errorf("candles: %+v, %v", candles, err)
	}

	// A DELETE with its parameters in the body, which net/http does not parse by itself.
	gone, err := ada.NewCancelOrderService().Symbol("BTCUSDT").OrderID(sell.OrderID).Do(ctx)
	if err != nil || gone.Status != binance.OrderStatusTypeCanceled {
		t.Errorf("cancel: %+v, %v", gone, err)
	}
	if _, err := ada.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimitMaker).Quantity("0.1").Price("50000").Do(ctx); err != nil {
		t.Error(err)
	}
	if _, err := ada.NewCancelOpenOrdersService().Symbol("BTCUSDT").Do(ctx); err != nil {
		t.Errorf("cancel all: %v", err)
	}
	all, err := ada.NewListOrdersService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(all) != 2 || all[1].Status != binance.OrderStatusTypeCanceled {
		t.Errorf("all orders: %+v, %v", all, err)
	}

	if ada.UsedWeight.Used1M == 0 {
		t.Error("the client read no used weight")
	}
}

func TestWithdraw(t *testing.T) {
	v := start(t)
	ctx := context.Background()
	bob, account, _ := v.open("Bertram Oakhollow", "CA", "1985-05-17", nil)
	v.fund(account, "USDT", "1000")

	coins, err := bob.NewGetAllCoinsInfoService().Do(ctx)
	if err != nil || len(coins) != 3 {
		t.Fatalf("coins: %+v, %v", coins, err)
	}
	address, err := bob.NewGetDepositAddressService().Coin("USDT").Do(ctx)
	if err != nil || address.Address == "" {
		t.Fatalf("deposit address: %+v, %v", address, err)
	}
	deposits, err := bob.NewListDepositsService().Coin("USDT").Do(ctx)
	if err != nil || len(deposits) != 1 || deposits[0].Status != 1 || deposits[0].Address != address.Address {
		t.Fatalf("deposits: %+v, %v", deposits, err)
	}
	out, err := bob.NewCreateWithdrawService().Coin("USDT").Address(elsewhere).Amount("100").WithdrawOrderID("rent").Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		rows, err := bob.NewListWithdrawsService().Coin("USDT").Do(ctx)
		if err != nil || len(rows) != 1 || rows[0].ID != out.ID {
			t.Fatalf("withdrawals: %+v, %v", rows, err)
		}
		if rows[0].Status == 6 {
			if rows[0].Amount != "98.00000000" || rows[0].TransactionFee != "2.00000000" || len(rows[0].TxID) != 64 {
				t.Errorf("withdrawal: %+v", rows[0])
			}
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the withdrawal did not leave")
}

func TestRefusals(t *testing.T) {
	v := start(t)
	ctx := context.Background()
	bob, account, _ := v.open("Bertram Oakhollow", "CA", "1985-05-17", nil)
	v.fund(account, "USDT", "1000")
	order := func(c *binance.Client, quantity, price string) error {
		_, err := c.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeBuy).Type(binance.OrderTypeLimit).TimeInForce(binance.TimeInForceTypeGTC).
			Quantity(quantity).Price(price).Do(ctx)
		return err
	}
	wants(t, order(bob, "1", "40000"), -2010, "Account has insufficient balance for requested action.")
	wants(t, order(bob, "0.00001", "40000"), -1013, "Filter failure: NOTIONAL")
	wants(t, order(bob, "0.000001", "40000"), -1013, "Filter failure: LOT_SIZE")
	wants(t, order(bob, "0.1", "40000.001"), -1013, "Filter failure: PRICE_FILTER")
	wants(t, order(bob, "0.12345678901234567", "40000"), -1111, "Parameter 'quantity' has too much precision.")
	_, err := bob.NewCancelOrderService().Symbol("BTCUSDT").OrderID(99).Do(ctx)
	wants(t, err, -2011, "Unknown order sent.")

	forger := binance.NewClient(bob.APIKey, bob.SecretKey+"x")
	forger.SetApiEndpoint(v.base)
	wants(t, order(forger, "0.1", "40000"), -1022, "Signature for this request is not valid.")
	stranger := binance.NewClient(strings.Repeat("0", 32), "x")
	stranger.SetApiEndpoint(v.base)
	wants(t, order(stranger, "0.1", "40000"), -2015, "Invalid API-key, IP, or permissions for action.")
	late := binance.NewClient(bob.APIKey, bob.SecretKey)
	late.SetApiEndpoint(v.base)
	late.TimeOffset = 120_000
	wants(t, order(late, "0.1", "40000"), -1021, "Timestamp for this request is outside of the recvWindow.")

	// OFAC listed him on 26 September 2024; the starter list has him.
	listed, _, verdict := v.open("Sergey Sergeevich Ivanov", "RU", "1980-06-02", person{"identifiers": []person{{"type": "passport", "number": "4015431802", "country": "RU"}}})
	if verdict != "freeze" {
		t.Fatalf("the listed person's account stands under %q", verdict)
	}
	wants(t, order(listed, "0.01", "40000"), -2010, "This action is disabled on this account.")
	if a, err := listed.NewGetAccountService().Do(ctx); err != nil || a.CanTrade || a.CanWithdraw || a.CanDeposit {
		t.Errorf("the listed person's account: %+v, %v", a, err)
	}
}

// TestOrders: what waits for a price, shows in parts, cancels another or takes its place.
func TestOrders(t *testing.T) {
	v := start(t)
	ctx := context.Background()
	ada, adaAccount, _ := v.open("Adaline Wrenfield", "US", "1985-05-17", nil)
	bob, bobAccount, _ := v.open("Bertram Oakhollow", "CA", "1985-05-17", nil)
	v.fund(adaAccount, "BTC", "2")
	v.fund(bobAccount, "USDT", "100000")
	sell := func(kind binance.OrderType, quantity string) *binance.CreateOrderService {
		return ada.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(kind).Quantity(quantity)
	}
	take := func(quantity, price string) {
		t.Helper()
		if _, err := bob.NewCreateOrderService().Symbol("BTCUSDT").Side(binance.SideTypeBuy).Type(binance.OrderTypeLimit).TimeInForce(binance.TimeInForceTypeIOC).
			Quantity(quantity).Price(price).Do(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sell(binance.OrderTypeLimitMaker, "0.1").Price("40000").Do(ctx); err != nil {
		t.Fatal(err)
	}
	take("0.1", "40000")

	info, err := ada.NewExchangeInfoService().Symbol("BTCUSDT").Do(ctx)
	if err != nil {
		t.Fatal(err)
	}
	s := info.Symbols[0]
	if s.IcebergPartsFilter().Limit != 10 || s.MarketLotSizeFilter().MaxQuantity != "100.00000000" || s.PercentPriceBySideFilter().AskMultiplierUp != "5.00000000" || s.MaxNumAlgoOrdersFilter().MaxNumAlgoOrders != 5 || !s.OcoAllowed || !s.IcebergAllowed {
		t.Errorf("exchange info: %+v", s)
	}

	stop, err := sell(binance.OrderTypeStopLossLimit, "0.2").TimeInForce(binance.TimeInForceTypeGTC).Price("38900").StopPrice("39000").IcebergQuantity("0.1").
		NewOrderRespType(binance.NewOrderRespTypeRESULT).Do(ctx)
	if err != nil || stop.Status != binance.OrderStatusTypeNew || stop.Type != binance.OrderTypeStopLossLimit {
		t.Fatalf("a stop: %+v, %v", stop, err)
	}
	order, err := ada.NewGetOrderService().Symbol("BTCUSDT").OrderID(stop.OrderID).Do(ctx)
	if err != nil || order.IsWorking || order.StopPrice != "39000.00000000" || order.IcebergQuantity != "0.10000000" {
		t.Errorf("while it waits: %+v, %v", order, err)
	}
	_, err = sell(binance.OrderTypeTakeProfit, "0.1").StopPrice("39999").Do(ctx)
	wants(t, err, -2010, "Stop price would trigger immediately.")
	_, err = sell(binance.OrderTypeLimit, "0.5").TimeInForce(binance.TimeInForceTypeGTC).Price("41000").IcebergQuantity("0.04").Do(ctx)
	wants(t, err, -1013, "Filter failure: ICEBERG_PARTS")

	// Its price comes, and it is an order of the book.
	if _, err := sell(binance.OrderTypeLimitMaker, "0.1").Price("39000").Do(ctx); err != nil {
		t.Fatal(err)
	}
	take("0.1", "39000")
	order, err = ada.NewGetOrderService().Symbol("BTCUSDT").OrderID(stop.OrderID).Do(ctx)
	if err != nil || !order.IsWorking {
		t.Errorf("when its price has come: %+v, %v", order, err)
	}
	depth, err := bob.NewDepthService().Symbol("BTCUSDT").Limit(5).Do(ctx)
	if err != nil || len(depth.Asks) != 1 || depth.Asks[0].Price != "38900.00000000" || depth.Asks[0].Quantity != "0.10000000" {
		t.Errorf("depth: %+v, %v", depth, err)
	}

	replace := func(id int64) (*binance.CancelReplaceOrderResponse, error) {
		return ada.NewCancelReplaceOrderService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Type(binance.OrderTypeLimit).TimeInForce(binance.TimeInForceTypeGTC).
			Quantity("0.2").Price("42000").CancelReplaceMode(binance.CancelReplaceModeStopOnFailure).CancelOrderID(id).Do(ctx)
	}
	moved, err := replace(stop.OrderID)
	if err != nil || moved.CancelResult != "SUCCESS" || moved.NewOrderResult != "SUCCESS" || moved.CancelResponse.OrderID != stop.OrderID || moved.NewOrderResponse.Price != "42000.00000000" {
		t.Fatalf("cancel and replace: %+v, %v", moved, err)
	}
	_, err = replace(stop.OrderID)
	wants(t, err, -2022, "Order cancel-replace failed.")

	pair, err := ada.NewCreateOCOService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Quantity("0.3").Price("43000").StopPrice("38000").
		StopLimitPrice("37900").StopLimitTimeInForce(binance.TimeInForceTypeGTC).ListClientOrderID("pair").Do(ctx)
	if err != nil || len(pair.Orders) != 2 || pair.OrderReports[0].Type != binance.OrderTypeStopLossLimit || pair.OrderReports[0].StopPrice != "38000.00000000" || pair.OrderReports[1].Type != binance.OrderTypeLimitMaker {
		t.Fatalf("OCO: %+v, %v", pair, err)
	}
	open, err := ada.NewListOpenOcoService().Do(ctx)
	if err != nil || len(open) != 1 || open[0].OrderListId != pair.OrderListID {
		t.Errorf("open lists: %+v, %v", open, err)
	}
	gone, err := ada.NewCancelOCOService().Symbol("BTCUSDT").ListClientOrderID("pair").Do(ctx)
	if err != nil || gone.ListOrderStatus != "ALL_DONE" || len(gone.OrderReports) != 2 {
		t.Errorf("OCO cancelled: %+v, %v", gone, err)
	}
	_, err = ada.NewCreateOCOService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Quantity("0.3").Price("38000").StopPrice("43000").Do(ctx)
	wants(t, err, -2010, "The relationship of the prices for the orders is not correct.")
	if _, err := ada.NewCreateOCOService().Symbol("BTCUSDT").Side(binance.SideTypeSell).Quantity("0.3").Price("43000").StopPrice("38000").Do(ctx); err != nil {
		t.Fatal(err)
	}
	all, err := ada.NewCancelOpenOrdersService().Symbol("BTCUSDT").Do(ctx)
	if err != nil || len(all.Orders) != 1 || len(all.OCOOrders) != 1 || len(all.OCOOrders[0].OrderReports) != 2 {
		t.Errorf("cancel all: %+v, %v", all, err)
	}
}
