package verify

import (
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestFilters holds orders to what a market lets be asked for, each at its edge.
func TestFilters(t *testing.T) {
	full := strings.Repeat("c", 36)
	for name, c := range map[string]struct {
		market func(*tape.Market)
		last   string // price of a trade before, or none
		order  func(*writer) *tape.PlaceOrder
		want   tape.Reason
	}{
		"a client id of 36 bytes": {order: func(w *writer) *tape.PlaceOrder {
			o := w.order(alice, book.Sell, "20000", "1")
			o.ClientID = full
			return o
		}},
		"a stop below the least price": {order: func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.StopLossLimit, "0.009", "20000", "1")
		}, want: tape.PriceFilter},
		"a stop above the greatest": {order: func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.TakeProfit, "1000000.01", "", "1")
		}, want: tape.PriceFilter},
		"a stop between ticks": {order: func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.TakeProfit, "20000.001", "", "1")
		}, want: tape.PriceFilter},
		"a part below the least quantity": {func(k *tape.Market) { k.MinQty = amt("0.1") }, "", func(w *writer) *tape.PlaceOrder {
			return iceberg(w.order(alice, book.Sell, "20000", "1"), "0.099")
		}, tape.LotSize},
		"a part above the whole": {order: func(w *writer) *tape.PlaceOrder {
			return iceberg(w.order(alice, book.Sell, "20000", "1"), "1.001")
		}, want: tape.LotSize},
		"a part that is the whole": {order: func(w *writer) *tape.PlaceOrder {
			return iceberg(w.order(alice, book.Sell, "20000", "1"), "1")
		}},
		"a part between steps": {order: func(w *writer) *tape.PlaceOrder {
			return iceberg(w.order(alice, book.Sell, "20000", "1"), "0.1005")
		}, want: tape.LotSize},
		"a market order of the greatest lot": {func(k *tape.Market) { k.MarketMaxQty = amt("2") }, "", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "2", "0")
		}, 0},
		"a market order above it": {func(k *tape.Market) { k.MarketMaxQty = amt("2") }, "", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "2.001", "0")
		}, tape.MarketLot},
		"a stop without limit above it": {func(k *tape.Market) { k.MarketMaxQty = amt("2") }, "", func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.StopLoss, "20000", "", "2.001")
		}, tape.MarketLot},
		"a limit above it": {func(k *tape.Market) { k.MarketMaxQty = amt("2") }, "", func(w *writer) *tape.PlaceOrder {
			return w.order(alice, book.Sell, "20000", "2.001")
		}, 0},
		"worth too little by its limit": {order: func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.StopLossLimit, "20000", "4.99", "1")
		}, want: tape.Notional},
		"worth too little by its stop": {order: func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Sell, tape.StopLoss, "4.99", "", "1")
		}, want: tape.Notional},
		"worth too little by the last price": {nil, "4999.99", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "0.001", "0")
		}, tape.Notional},
		"worth just enough by the last price": {nil, "5000", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "0.001", "0")
		}, 0},
		"a market order by quantity where nothing has traded": {order: func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "0.001", "0")
		}},
		"less than no money": {func(k *tape.Market) { k.MinNotional = money.Amount{} }, "", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Sell, "0", "-1")
		}, tape.Notional},
		"worth the most": {func(k *tape.Market) { k.MaxNotional = amt("20000") }, "", func(w *writer) *tape.PlaceOrder {
			return w.order(alice, book.Sell, "20000", "1")
		}, 0},
		"worth more": {func(k *tape.Market) { k.MaxNotional = amt("20000") }, "", func(w *writer) *tape.PlaceOrder {
			return w.order(alice, book.Sell, "20000.01", "1")
		}, tape.Notional},
		"more money than the most": {func(k *tape.Market) { k.MaxNotional = amt("20000") }, "", func(w *writer) *tape.PlaceOrder {
			return w.market(alice, book.Buy, "0", "20000.01")
		}, tape.Notional},
		"within the band":  {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Buy, "22000", "1") }, 0},
		"above it":         {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Buy, "22000.01", "1") }, tape.PercentPrice},
		"at its low end":   {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Buy, "18000", "1") }, 0},
		"below it":         {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Buy, "17999.99", "1") }, tape.PercentPrice},
		"a seller's band":  {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Sell, "22000.01", "1") }, 0},
		"above a seller's": {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Sell, "60000.01", "1") }, tape.PercentPrice},
		"no bound below":   {band, "20000", func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Sell, "100", "1") }, 0},
		"no band where nothing has traded": {band, "", func(w *writer) *tape.PlaceOrder {
			return w.order(alice, book.Buy, "90000", "1")
		}, 0},
		"a limit that waits is within the band too": {band, "20000", func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Buy, tape.StopLossLimit, "30000", "30000", "1")
		}, tape.PercentPrice},
		"a stop is not": {band, "20000", func(w *writer) *tape.PlaceOrder {
			return w.stop(alice, book.Buy, tape.StopLoss, "30000", "", "1")
		}, 0},
		"as much as one account may hold": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			return w.position(book.Buy, "0.5")
		}, 0},
		"more than that": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			return w.position(book.Buy, "0.501")
		}, tape.MaxPosition},
		"a seller holds less": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			return w.position(book.Sell, "2")
		}, 0},
		"by money, as much as it buys": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			w.position(book.Buy, "0.5")
			w.must(w.order(bob, book.Sell, "20000", "0.5"))
			return w.market(alice, book.Buy, "0", "10000")
		}, 0},
		"by money, more": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			w.position(book.Buy, "0.5")
			w.must(w.order(bob, book.Sell, "20000", "0.501"))
			return w.market(alice, book.Buy, "0", "10020")
		}, tape.MaxPosition},
		"who sells for money holds less": {func(k *tape.Market) { k.MaxPosition = amt("14.5") }, "", func(w *writer) *tape.PlaceOrder {
			w.position(book.Buy, "0.5")
			w.must(w.order(bob, book.Buy, "20000", "0.6"))
			return w.market(alice, book.Sell, "0", "12000")
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			change := c.market
			if change == nil {
				change = func(*tape.Market) {}
			}
			w := tradersOf(t, change)
			if c.last != "" {
				w.trades(c.last, "0.01")
			}
			if o := c.order(w); c.want == tape.NoReason {
				w.must(o)
			} else {
				w.refuse(o, c.want)
			}
			w.holds()
		})
	}
}

func band(k *tape.Market) {
	k.Buys = tape.Band{Down: 900_000, Up: 1_100_000}
	k.Sells = tape.Band{Up: 3_000_000}
}

// position is an order after which alice has 10 BTC, 3 of them ordered, and buys 4 more in orders
// that are open: one that rests and one that waits.
func (w *writer) position(side book.Side, quantity string) *tape.PlaceOrder {
	w.must(w.order(alice, book.Sell, "30000", "3"))
	w.must(w.order(alice, book.Buy, "1000", "1.5"))
	w.must(w.stop(alice, book.Buy, tape.StopLoss, "2000", "", "2.5"))
	return w.order(alice, side, "1000", quantity)
}

// TestBandRoundsDown: "both products rounded down to 10^-18".
func TestBandRoundsDown(t *testing.T) {
	w := tradersOf(t, func(k *tape.Market) {
		k.Buys = tape.Band{Down: 333_333, Up: 333_334}
		k.MinNotional = money.Amount{}
	})
	w.trades("0.05", "10") // bands: 0.01666665 to 0.0166667
	w.m.genesis.Markets[mkt].Tick, w.m.genesis.Markets[mkt].MinPrice = amt("0.00000001"), amt("0.00000001")
	w.must(w.order(alice, book.Buy, "0.0166667", "1"))
	w.must(w.order(alice, book.Buy, "0.01666665", "1"))
	w.refuse(w.order(alice, book.Buy, "0.01666664", "1"), tape.PercentPrice)
	w.refuse(w.order(alice, book.Buy, "0.01666671", "1"), tape.PercentPrice)

	// A bound that does not fit an amount is no bound above, and one below that nothing reaches.
	k := &w.m.genesis.Markets[mkt]
	w.m.markets[mkt].Last, k.MaxPrice = amt("100000000000000000000"), amt("1000000000000000000")
	k.Buys = tape.Band{Up: 4_000_000_000}
	w.must(w.order(alice, book.Buy, "1", "1"))
	k.Buys = tape.Band{Down: 4_000_000_000}
	w.refuse(w.order(alice, book.Buy, "1", "1"), tape.PercentPrice)
}

// TestTiers takes the fees of each side from the tier of its account.
func TestTiers(t *testing.T) {
	w := traders(t)
	w.refuse(&tape.SetTier{Account: 4711, Tier: 1}, tape.UnknownAccount)
	for i, c := range []struct {
		maker, taker       uint8
		makerFee, takerFee string // of 100 USDT and of 0.01 BTC
	}{
		{0, 0, "0.1", "0.00002"}, {1, 1, "0.05", "0.000015"}, {2, 2, "0", "0.00001"}, {3, 255, "0", "0.00001"}, {1, 0, "0.05", "0.00002"},
	} {
		w.must(&tape.SetTier{Account: alice, Tier: c.maker})
		w.must(&tape.SetTier{Account: bob, Tier: c.taker})
		w.must(w.order(alice, book.Sell, "10000", "0.01"))
		for _, e := range w.must(w.order(bob, book.Buy, "10000", "0.01")) {
			if x, ok := e.(*tape.Traded); ok && (x.MakerFee != amt(c.makerFee) || x.TakerFee != amt(c.takerFee)) {
				t.Errorf("case %d: fees %s and %s, want %s and %s", i, x.MakerFee, x.TakerFee, c.makerFee, c.takerFee)
			}
		}
	}
	w.balance(uint64(ledger.Fees), usdt, "0.2")
	w.m.genesis.Markets[mkt].Tiers = nil
	if f := feesOf(&w.m.genesis.Markets[mkt], 9); f != (tape.Fees{MakerPPM: 1000, TakerPPM: 2000}) {
		t.Errorf("where there are no tiers: %+v", f)
	}
	if s := w.m.state().Accounts; s[0].Tier != 1 || s[1].Tier != 0 || s[2].Tier != 0 {
		t.Errorf("%+v", s)
	}
}

// TestPhases is what each phase of a market lets its customers do.
func TestPhases(t *testing.T) {
	w := traders(t)
	w.must(w.order(alice, book.Sell, "21000", "1"))
	w.must(w.oco("1", "22000", "15000"))
	named := func(change func(*tape.SetPhase)) *tape.SetPhase {
		c := &tape.SetPhase{Phase: tape.Halted, By: "mara", Reason: "upgrade"}
		change(c)
		return c
	}
	w.refuse(named(func(c *tape.SetPhase) { c.Market, c.Phase = 1, 3 }), tape.UnknownMarket)
	w.refuse(named(func(c *tape.SetPhase) { c.Phase = 3 }), tape.BadPhase)
	w.refuse(named(func(c *tape.SetPhase) { c.By = "" }), tape.BadPhase)
	w.refuse(named(func(c *tape.SetPhase) { c.By = strings.Repeat("b", tape.MaxBy+1) }), tape.BadPhase)
	w.refuse(named(func(c *tape.SetPhase) { c.Reason = strings.Repeat("r", tape.MaxReason+1) }), tape.BadPhase)
	w.must(named(func(c *tape.SetPhase) {
		c.By, c.Reason, c.Phase = strings.Repeat("b", tape.MaxBy), strings.Repeat("r", tape.MaxReason), tape.Trading
	}))

	buy := w.order(bob, book.Buy, "21000", "1")
	replace := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "21500", "1")}
	smaller := &tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("0.5")}
	expect(t, w.must(named(func(c *tape.SetPhase) { c.Reason = "" })), "HALT; ")
	for _, cmd := range []tape.Command{
		buy, w.oco("1", "23000", "15000"), replace, smaller, &tape.CancelOrder{Account: alice, Order: 4711},
		&tape.CancelOrderList{Account: alice, OrderList: 4711}, &tape.CancelAll{Account: bob},
	} {
		w.refuse(cmd, tape.MarketClosed)
	}
	w.refuse(&tape.CancelOrder{Account: alice, Market: 1, Order: 1}, tape.UnknownOrder)
	w.refuse(&tape.AmendOrder{Account: alice, Market: 1, Order: 1}, tape.UnknownOrder)

	expect(t, w.must(named(func(c *tape.SetPhase) { c.Phase = tape.CancelOnly })), "CANCEL_ONLY; ")
	for _, cmd := range []tape.Command{buy, w.oco("1", "23000", "15000"), smaller} {
		w.refuse(cmd, tape.MarketClosed)
	}
	// The first half of a replacement is taken, the second is not.
	expect(t, w.do(replace), "1 CANCELED; refused, the market takes no such command now; ")
	expect(t, w.must(&tape.CancelOrderList{Account: alice, OrderList: 1}), "2 CANCELED; 3 CANCELED; list 1 ended; ")
	if s := w.m.state().Markets[mkt]; s.Phase != tape.CancelOnly {
		t.Errorf("%+v", s)
	}

	expect(t, w.must(named(func(c *tape.SetPhase) { c.Phase = tape.Trading })), "TRADING; ")
	w.must(buy)
	w.must(w.order(alice, book.Buy, "20000", "1"))
	w.must(named(func(c *tape.SetPhase) { c.Phase = tape.Halted }))
	// What follows from a standing happens in every phase.
	expect(t, w.review(alice, law.Freeze), "decided; 1000 stands at freeze; 5 CANCELED; ")
	w.holds()
}

// TestAmend holds the model to the words beside AmendOrder.
func TestAmend(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"it keeps its place": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "3"))
			w.must(w.order(carol, book.Sell, "20000", "3"))
			w.must(w.order(bob, book.Buy, "20000", "0.5"))
			events := w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1.5")})
			expect(t, events, "1 PARTIALLY_FILLED; ")
			if o := lastOrder(events, 1); o.Quantity != amt("1.5") || o.Updated != w.at || o.Working == w.at {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "8.5", "1")
			expect(t, w.must(w.order(bob, book.Buy, "20000", "2")), "4 NEW; 1 at 20000 with 1; 1 FILLED; 1 at 20000 with 2; 2 PARTIALLY_FILLED; 4 FILLED; ")
		},
		"a buyer gets back what it no longer needs": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "3"))
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1")})
			w.balance(alice, usdt, "80000", "20000")
		},
		"what is hidden goes first": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "5"), "2"))
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2.5")})
			if o := w.m.orders[1]; o.Visible != amt("2") {
				t.Errorf("shows %s", o.Visible)
			}
			w.must(w.order(bob, book.Buy, "20000", "1"))
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2")})
			if o := w.m.orders[1]; o.Visible != amt("1") {
				t.Errorf("shows %s", o.Visible)
			}
			w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1.5")}, tape.LotSize) // less than a part
		},
		"it takes another client id": func(t *testing.T, w *writer) {
			one, two := w.order(alice, book.Sell, "20000", "3"), w.order(alice, book.Sell, "20000", "3")
			w.must(one)
			w.must(two)
			w.refuse(&tape.AmendOrder{Account: alice, ClientID: one.ClientID, Quantity: amt("2"), NewClientID: two.ClientID}, tape.DuplicateClientID)
			w.refuse(&tape.AmendOrder{Account: alice, ClientID: one.ClientID, Quantity: amt("2"), NewClientID: strings.Repeat("c", 37)}, tape.BadAmend)
			w.must(&tape.AmendOrder{Account: alice, ClientID: one.ClientID, Quantity: amt("2"), NewClientID: one.ClientID})
			w.must(&tape.AmendOrder{Account: alice, ClientID: one.ClientID, Quantity: amt("1"), NewClientID: "new"})
			w.refuse(&tape.CancelOrder{Account: alice, ClientID: one.ClientID}, tape.UnknownOrder)
			w.must(&tape.CancelOrder{Account: alice, ClientID: "new"})
		},
		"refusals, from the last to the first": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "5000", "3"))
			w.must(w.order(bob, book.Buy, "5000", "1"))
			amend := func(quantity string) *tape.AmendOrder {
				return &tape.AmendOrder{Account: alice, Order: 1, Quantity: amt(quantity)}
			}
			w.m.genesis.Markets[mkt].MinNotional = amt("6000")
			w.refuse(amend("1.1"), tape.Notional)
			w.refuse(amend("1.1005"), tape.LotSize)
			w.refuse(amend("1"), tape.BadAmend)
			w.refuse(amend("-1"), tape.BadAmend)
			w.refuse(amend("3"), tape.BadAmend)
			w.refuse(&tape.AmendOrder{Account: bob, Order: 1, Quantity: amt("2")}, tape.UnknownOrder)
			w.refuse(&tape.AmendOrder{Account: 4711, Order: 1, Quantity: amt("2")}, tape.UnknownOrder)
			w.must(amend("1.2"))
		},
		"not below what is prevented of it": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "3"))
			w.must(mode(w.order(alice, book.Buy, "20000", "1"), tape.Decrement))
			w.must(w.order(bob, book.Buy, "20000", "1"))
			w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2")}, tape.BadAmend)
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2.001")})
			w.balance(alice, btc, "8.999", "0.001")
		},
	})
}

// TestReplace is a cancellation and an order in one command.
func TestReplace(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"what the first frees the second may need": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "10"))
			c := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "21000", "10")}
			events := w.must(c)
			expect(t, events, "1 CANCELED; 2 NEW; ")
			if len(events) != 2 {
				t.Errorf("%d events; no balance is another than before the command", len(events))
			}
		},
		"where the first is refused": func(t *testing.T, w *writer) {
			c := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "21000", "10")}
			w.refuse(c, tape.UnknownOrder)
			c.Anyway = true
			expect(t, w.do(c), "refused, there is no such open order; 1 NEW; ")
			again := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 2}, Order: *w.order(alice, book.Sell, "21000", "1"), Anyway: true}
			expect(t, w.do(again), "refused, there is no such open order; refused, the account has too little available; ")
		},
		"where the second is refused": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "10"))
			c := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "21000", "11")}
			expect(t, w.do(c), "1 CANCELED; refused, the account has too little available; ")
			w.balance(alice, btc, "10", "0")
		},
		"the second trades": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Buy, "19000", "1"))
			c := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "19000", "1")}
			expect(t, w.must(c), "1 CANCELED; 3 NEW; 1 at 19000 with 2; 2 FILLED; 3 FILLED; ")
		},
	})
	w := traders(t)
	half := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "21000", "10"), Anyway: true}
	w.do(half)
	w.do(half) // both refused: the order stands
	report, err := Journal(w.log(t, journal.Options{}), Options{})
	if err != nil || report.Refused != 0 || report.Orders != 2 {
		t.Errorf("%v, %d refused, %d orders", err, report.Refused, report.Orders)
	}
}

// TestBalancesByDifference: a balance that is what it was before the command is not told.
func TestBalancesByDifference(t *testing.T) {
	w := traders(t)
	w.must(w.order(bob, book.Sell, "20000", "1"))
	events := w.must(mode(w.market(bob, book.Buy, "1", "0"), tape.ExpireTaker))
	if len(events) != 3 {
		t.Errorf("%d events, want the order, the match and its end", len(events))
	}
	// What is triggered and rests reserves again what it had.
	w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "1000", "1"))
	w.must(w.order(bob, book.Sell, "19000", "1"))
	for _, e := range w.must(w.order(carol, book.Buy, "19000", "0.5")) {
		if b, ok := e.(*tape.BalanceChanged); ok && b.Account == alice {
			t.Errorf("%+v", b)
		}
	}
	w.must(&tape.CancelAll{Account: bob})
	w.must(&tape.CancelAll{Account: alice})
	w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "1000", "1"))
	told := 0
	for _, e := range w.trades("20000", "0.5") {
		if b, ok := e.(*tape.BalanceChanged); ok {
			if told++; b.Account == alice {
				t.Errorf("%+v", b)
			}
		}
	}
	if told != 6 { // both assets of the two who trade, and of Fees
		t.Errorf("%d balances told", told)
	}
	w.holds()
}

// TestFounding holds what Genesis says is refused of a market's bounds.
func TestFounding(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*tape.Market)
		bad    bool
	}{
		"as it is":                 {func(*tape.Market) {}, false},
		"a negative most notional": {func(k *tape.Market) { k.MaxNotional = amt("-1") }, true},
		"a negative market lot":    {func(k *tape.Market) { k.MarketMaxQty = amt("-1") }, true},
		"a negative position":      {func(k *tape.Market) { k.MaxPosition = amt("-1") }, true},
		"2^31 ticks":               {func(k *tape.Market) { k.MaxPrice = amt("21474836.48") }, false},
		"one more":                 {func(k *tape.Market) { k.MaxPrice = amt("21474836.49") }, true},
		"2^62 steps":               {steps("4611686018427387904"), false},
		"one step more":            {steps("4611686018427387905"), true},
		"a tier of a tenth":        {func(k *tape.Market) { k.Tiers = []tape.Fees{{MakerPPM: 100_000, TakerPPM: 100_000}} }, false},
		"a dear second tier":       {func(k *tape.Market) { k.Tiers = []tape.Fees{{}, {MakerPPM: 100_001}} }, true},
		"a dear tier for takers":   {func(k *tape.Market) { k.Tiers = []tape.Fees{{TakerPPM: 100_001}} }, true},
		"a dear tier 0":            {func(k *tape.Market) { k.MakerPPM = 100_001 }, true},
	} {
		g := genesis()
		c.change(&g.Markets[mkt])
		e, no := refusal(newModel().apply(1, g))
		if no != c.bad || no && e.Reason != tape.BadGenesis {
			t.Errorf("%s: refused %v", name, no)
		}
	}
	old := genesis()
	old.Format = tape.FormatUnbounded - 1
	if e, _ := refusal(newModel().apply(1, old)); e.Reason != tape.BadGenesis {
		t.Error("a founding in a form that is read no more passes")
	}
}

// steps is a market of the finest price whose greatest quantity is so many steps of 1.
func steps(n string) func(*tape.Market) {
	return func(k *tape.Market) {
		k.Step, k.MinQty, k.MaxQty = amt("1"), amt("1"), amt(n)
		k.Tick, k.MinPrice, k.MaxPrice = amt("0.000001"), amt("0.000001"), amt("1")
	}
}
