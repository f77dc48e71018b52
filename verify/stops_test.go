package verify

import (
	"testing"

	"sallyport/book"
	"sallyport/venue/tape"
)

// stop is an order that waits for a price; "" for the limit of one that has none.
func (w *writer) stop(account uint64, side book.Side, kind tape.Type, stop, limit, quantity string) *tape.PlaceOrder {
	o := w.order(account, side, "0", quantity)
	o.Type, o.Stop = kind, amt(stop)
	if limit != "" {
		o.Price = amt(limit)
	}
	return o
}

// trades makes a trade at a price, between carol who sells and bob who buys.
func (w *writer) trades(price, quantity string) []tape.Event {
	w.t.Helper()
	w.must(w.order(carol, book.Sell, price, quantity))
	return w.must(w.order(bob, book.Buy, price, quantity))
}

// TestStops holds the model to the words on what waits for a price.
func TestStops(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"what it reserves while it waits": func(t *testing.T, w *writer) {
			events := w.must(w.stop(alice, book.Buy, tape.StopLoss, "21000", "", "1"))
			expect(t, events, "1 NEW; ")
			if o := lastOrder(events, 1); o.Working != 0 {
				t.Errorf("works since %d", o.Working)
			}
			w.balance(alice, usdt, "79000", "21000")
			w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "21000", "21500", "1"))
			w.balance(alice, usdt, "57500", "42500")
			w.must(w.stop(alice, book.Sell, tape.TakeProfit, "22000", "", "3"))
			w.balance(alice, btc, "7", "3")
			w.refuse(w.stop(alice, book.Buy, tape.TakeProfit, "19000", "", "4"), tape.Insufficient)
			expect(t, w.must(&tape.CancelAll{Account: alice}), "1 CANCELED; 2 CANCELED; 3 CANCELED; ")
			w.balance(alice, usdt, "100000", "0")
			w.balance(alice, btc, "10", "0")
		},
		"it is not in the book": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "21000", "21500", "1"))
			expect(t, w.must(w.order(bob, book.Sell, "21500", "1")), "2 NEW; ")
			o := w.order(carol, book.Sell, "20000", "1")
			o.Type = tape.LimitMaker
			expect(t, w.must(o), "3 NEW; ")
			w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("0.5")}, tape.BadAmend)
		},
		"each kind on its side, at its price and not before": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "21000", "1000", "1"))    // 1: at or above
			w.must(w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "90000", "1"))  // 2: at or below
			w.must(w.stop(alice, book.Buy, tape.TakeProfitLimit, "19000", "1001", "1"))  // 3: at or below
			w.must(w.stop(alice, book.Sell, tape.TakeProfitLimit, "21000", "9001", "1")) // 4: at or above
			expect(t, w.trades("20999.99", "0.001"), "6 NEW; 0.001 at 20999.99 with 5; 5 FILLED; 6 FILLED; ")
			expect(t, w.trades("19000.01", "0.001"), "8 NEW; 0.001 at 19000.01 with 7; 7 FILLED; 8 FILLED; ")
			// Order 4 then sells at its limit or above, and its limit is below what is bid: nothing is.
			expect(t, w.trades("21000", "0.001"), "10 NEW; 0.001 at 21000 with 9; 9 FILLED; 10 FILLED; 1 NEW; 4 NEW; ")
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 4}), "4 CANCELED; ")
			expect(t, w.trades("19000", "0.001"), "12 NEW; 0.001 at 19000 with 11; 11 FILLED; 12 FILLED; 2 NEW; 3 NEW; ")
			for id, place := range map[uint64]bool{1: true, 2: true, 3: true} {
				if o := w.m.orders[id]; o == nil || inBook(o) != place || o.Working == 0 || o.Updated != o.Working {
					t.Errorf("order %d: %+v", id, o)
				}
			}
		},
		"one that would be triggered at once is refused": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "30000", "", "1")) // nothing has traded
			w.must(&tape.CancelAll{Account: alice})
			w.trades("20000", "1")
			w.refuse(w.stop(alice, book.Sell, tape.StopLoss, "20000", "", "1"), tape.WouldTrigger)
			w.refuse(w.stop(alice, book.Sell, tape.TakeProfit, "20000", "", "1"), tape.WouldTrigger)
			w.refuse(w.stop(alice, book.Buy, tape.StopLoss, "19999.99", "", "1"), tape.WouldTrigger)
			w.refuse(w.stop(alice, book.Buy, tape.TakeProfitLimit, "20000.01", "1", "1"), tape.Notional)
			w.refuse(w.stop(alice, book.Buy, tape.TakeProfitLimit, "20000.01", "5", "1"), tape.WouldTrigger)
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "19999.99", "", "1"))
			w.must(w.stop(alice, book.Sell, tape.TakeProfit, "20000.01", "", "1"))
			w.must(w.stop(alice, book.Buy, tape.StopLoss, "20000.01", "", "1"))
			w.must(w.stop(alice, book.Buy, tape.TakeProfit, "19999.99", "", "1"))
		},
		"a stopped loss takes what there is and expires": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "19000", "", "3"))
			w.must(w.order(carol, book.Buy, "18000", "2"))
			events := w.trades("19000", "0.1")
			expect(t, events, "4 NEW; 0.1 at 19000 with 3; 3 FILLED; 4 FILLED; 1 NEW; 2 at 18000 with 2; 2 FILLED; 1 EXPIRED; ")
			w.balance(alice, btc, "8", "0")
			w.balance(alice, usdt, "135928", "0") // 36,000 − 0.2 %: it takes
		},
		"one that can meet nobody expires": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "19000", "", "3"))
			expect(t, w.trades("19000", "0.1"), "3 NEW; 0.1 at 19000 with 2; 2 FILLED; 3 FILLED; 1 NEW; 1 EXPIRED; ")
			w.balance(alice, btc, "10", "0")
		},
		"a buyer whose stop reserved too little expires": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Buy, tape.StopLoss, "20000", "", "5")) // all that alice has
			w.must(w.order(carol, book.Sell, "20001", "5"))
			expect(t, w.trades("20000", "0.1"), "4 NEW; 0.1 at 20000 with 3; 3 FILLED; 4 FILLED; 1 NEW; 1 EXPIRED; ")
			w.balance(alice, usdt, "100000", "0")
		},
		"a buyer pays what it costs and gets back the rest": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Buy, tape.StopLoss, "20000", "", "4"))
			w.must(w.order(carol, book.Sell, "20001", "1"))
			w.must(w.order(carol, book.Sell, "20500", "2"))
			expect(t, w.trades("20000", "0.1"), "5 NEW; 0.1 at 20000 with 4; 4 FILLED; 5 FILLED; 1 NEW; 1 at 20001 with 2; 2 FILLED; 2 at 20500 with 3; 3 FILLED; 1 EXPIRED; ")
			w.balance(alice, usdt, "38999", "0")
		},
		"with a limit it rests, if good till cancelled": func(t *testing.T, w *writer) {
			w.must(iceberg(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "20100", "3"), "2"))
			w.must(force(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "19000", "1"), tape.IOC))
			w.must(force(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "19000", "0.5"), tape.FOK))
			w.must(w.order(carol, book.Sell, "20050", "0.5"))
			expect(t, w.trades("20000", "0.1"), "6 NEW; 0.1 at 20000 with 5; 5 FILLED; 6 FILLED; "+
				"1 NEW; 0.5 at 20050 with 4; 4 FILLED; 1 PARTIALLY_FILLED; 2 NEW; 2 EXPIRED; 3 NEW; 3 EXPIRED; ")
			w.balance(alice, usdt, "39725", "50250") // 100,000 − 10,025 − 2.5 × 20,100
			if o := w.m.orders[1]; o.Visible != amt("2") || !inBook(o) {
				t.Errorf("%+v", o)
			}
		},
		"stops in a row, lowest id first, those that they trigger behind": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "0.2")) // 1: by the trade of 2
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "19000", "", "0.3")) // 2: by the first trade
			w.must(w.stop(carol, book.Sell, tape.StopLoss, "19500", "", "0.4")) // 3: by the first trade
			w.must(w.stop(carol, book.Buy, tape.StopLoss, "25000", "", "0.5"))  // 4: never
			w.must(w.order(bob, book.Buy, "18000", "0.5"))                      // 5
			w.must(w.order(bob, book.Buy, "17000", "3"))                        // 6
			w.must(w.order(bob, book.Buy, "19000", "1"))                        // 7
			events := w.must(w.order(carol, book.Sell, "19000", "1"))           // 8
			expect(t, events, "8 NEW; 1 at 19000 with 7; 7 FILLED; 8 FILLED; "+
				"2 NEW; 0.3 at 18000 with 5; 5 PARTIALLY_FILLED; 2 FILLED; "+
				"3 NEW; 0.2 at 18000 with 5; 5 FILLED; 0.2 at 17000 with 6; 6 PARTIALLY_FILLED; 3 FILLED; "+
				"1 NEW; 0.2 at 17000 with 6; 6 PARTIALLY_FILLED; 1 FILLED; ")
			if w.m.state().Markets[mkt].Last != amt("17000") {
				t.Errorf("last %s", w.m.markets[mkt].Last)
			}
		},
		"an order is dealt with whole before those that it triggers": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Buy, tape.StopLoss, "20000", "", "1")) // 1
			w.must(w.order(carol, book.Sell, "20000", "1"))                  // 2
			w.must(w.order(carol, book.Sell, "20010", "1"))                  // 3
			expect(t, w.must(w.order(bob, book.Buy, "20010", "2.5")), "4 NEW; 1 at 20000 with 2; 2 FILLED; 1 at 20010 with 3; 3 FILLED; 4 PARTIALLY_FILLED; "+
				"1 NEW; 1 EXPIRED; ")
		},
		"any of the trades triggers, not the last alone": func(t *testing.T, w *writer) {
			w.must(w.stop(alice, book.Sell, tape.TakeProfitLimit, "20000", "90000", "1"))
			w.must(w.order(bob, book.Buy, "20000", "1"))
			w.must(w.order(bob, book.Buy, "19000", "1"))
			expect(t, w.must(w.order(carol, book.Sell, "19000", "2")), "4 NEW; 1 at 20000 with 2; 2 FILLED; 1 at 19000 with 3; 3 FILLED; 4 FILLED; 1 NEW; ")
		},
		"as many as the market lets wait": func(t *testing.T, w *writer) {
			k := &w.m.genesis.Markets[mkt]
			k.MaxOrders, k.MaxStops = 3, 2
			w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "20000", "1000", "1"))
			w.trades("20000", "0.1") // it has waited, and counts
			w.must(w.stop(alice, book.Buy, tape.StopLossLimit, "20001", "1000", "1"))
			w.refuse(w.stop(alice, book.Buy, tape.StopLossLimit, "20001", "1000", "1"), tape.MaxStops)
			w.must(w.order(alice, book.Sell, "30000", "1"))
			w.refuse(w.stop(alice, book.Buy, tape.StopLossLimit, "20001", "1000", "1"), tape.MaxOrders)
			w.refuse(w.order(alice, book.Sell, "30000", "1"), tape.MaxOrders)
			w.must(w.order(bob, book.Sell, "29000", "1"))
			expect(t, w.must(w.market(alice, book.Buy, "0.5", "0")), "7 NEW; 0.5 at 29000 with 6; 6 PARTIALLY_FILLED; 7 FILLED; 4 NEW; ")
		},
	})
}
