package verify

import (
	"testing"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// trails is traders on a market in which orders may follow the price.
func trails(t tester) *writer {
	return tradersOf(t, func(k *tape.Market) {
		k.Rising, k.Falling = tape.Trails{Min: 10, Max: 2000}, tape.Trails{Min: 20, Max: 1000}
	})
}

func (w *writer) trailing(account uint64, side book.Side, kind tape.Type, stop, limit string, trail uint32) *tape.PlaceOrder {
	o := w.stop(account, side, kind, stop, limit, "1")
	o.Trail = trail
	return o
}

// TestTrailingScenarios are those of the published FAQ on trailing stop orders
// (binance-spot-api-docs, faqs/trailing-stop-faq.md), A to E: the prices at which something
// trades, of which the last triggers the order, and not the one a tick before it.
func TestTrailingScenarios(t *testing.T) {
	for name, c := range map[string]struct {
		side        book.Side
		kind        tape.Type
		stop, limit string
		trail       uint32
		prices      []string
		starts      int // by which price it begins to follow; -1: when it is placed
	}{
		"A, a stop loss that buys":    {book.Buy, tape.StopLossLimit, "44000", "45000", 500, []string{"37000", "44000", "45000", "46000", "42000", "44100"}, 1},
		"B, a stop loss that sells":   {book.Sell, tape.StopLossLimit, "39000", "38000", 1000, []string{"41500", "39000", "37000", "41000", "36900"}, 1},
		"C, a take profit that buys":  {book.Buy, tape.TakeProfitLimit, "38000", "38500", 850, []string{"42000", "38000", "37000", "39000", "38000", "40145"}, 1},
		"D, a take profit that sells": {book.Sell, tape.TakeProfitLimit, "42000", "41000", 750, []string{"41500", "39000", "42000", "45000", "44000", "46500", "43012.5"}, 2},
		"E, without a stop price":     {book.Sell, tape.StopLossLimit, "0", "39000", 700, []string{"42000", "39500", "45500", "42315"}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			for _, short := range []bool{false, true} {
				w := trails(t)
				w.trades("40000", "0.001")
				o := lastOrder(w.must(w.trailing(alice, c.side, c.kind, c.stop, c.limit, c.trail)), 3)
				if (o.Trailing != 0) != (c.starts < 0) || o.Working != 0 || o.Status != tape.StatusNew {
					t.Fatalf("placed: %+v", o)
				}
				for i, price := range c.prices {
					last := i == len(c.prices)-1
					if last && short {
						price = map[book.Side]money.Amount{book.Buy: minus(amt(price), amt("0.01")), book.Sell: plus(amt(price), amt("0.01"))}[c.side].String()
					}
					events := w.trades(price, "0.001")
					o := w.m.orders[3]
					if told := lastOrder(events, 3); (told.ID != 0) != (i == c.starts || last && !short) {
						t.Errorf("at %s the events tell of it: %+v", price, told)
					}
					if worked := o == nil || o.Working != 0; worked != (last && !short) {
						t.Fatalf("at %s it works: %v", price, worked)
					}
					if !last && (o.Trailing != 0) != (i >= c.starts) {
						t.Errorf("at %s it follows since %d", price, o.Trailing)
					}
				}
				w.holds()
			}
		})
	}
}

// TestTrailing holds the model to the words on what follows the price.
func TestTrailing(t *testing.T) {
	for name, scene := range map[string]func(*testing.T, *writer){
		"within the trades of one order": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001") // 1, 2
			for _, price := range []string{"40000", "39000", "38000", "36000", "35000"} {
				w.must(w.order(bob, book.Buy, price, "0.1")) // 3 to 7
			}
			w.must(w.trailing(alice, book.Sell, tape.StopLossLimit, "39500", "50000", 500)) // 8: from 39,000 to 37,050
			w.must(w.trailing(alice, book.Sell, tape.StopLossLimit, "0", "50000", 900))     // 9: from 40,000 to 36,400
			w.must(w.trailing(alice, book.Sell, tape.StopLossLimit, "39500", "50000", 800)) // 10: from 39,000 to 35,880
			w.must(w.trailing(alice, book.Sell, tape.StopLossLimit, "36000", "50000", 100)) // 11: begins at 36,000
			expect(t, w.must(w.market(carol, book.Sell, "0.4", "0")), "12 NEW; 0.1 at 40000 with 3; 3 FILLED; 0.1 at 39000 with 4; 4 FILLED; 0.1 at 38000 with 5; 5 FILLED; 0.1 at 36000 with 6; 6 FILLED; 12 FILLED; "+
				"8 NEW; 10 NEW; 11 NEW; 8 NEW; 9 NEW; ")
			if a, b, c := w.m.orders[8], w.m.orders[10], w.m.orders[11]; a.Working != w.at || a.Trailing != w.at || b.Working != 0 || b.Extreme != amt("39000") || c.Extreme != amt("36000") {
				t.Errorf("%+v\n%+v\n%+v", a, b, c)
			}
		},
		"where nothing has traded": func(t *testing.T, w *writer) {
			w.must(w.trailing(alice, book.Sell, tape.StopLoss, "0", "", 100)) // 1
			if o := w.m.orders[1]; o.Trailing != w.at || !o.Extreme.IsZero() {
				t.Errorf("%+v", o)
			}
			expect(t, w.trades("40000", "0.001"), "3 NEW; 0.001 at 40000 with 2; 2 FILLED; 3 FILLED; ")
			expect(t, w.trades("39600", "0.001"), "5 NEW; 0.001 at 39600 with 4; 4 FILLED; 5 FILLED; 1 NEW; 1 EXPIRED; ")
		},
		"a market order that buys without a stop price reserves when it is triggered": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001")
			w.must(w.trailing(alice, book.Buy, tape.StopLoss, "0", "", 100))
			w.balance(alice, usdt, "100000", "0")
			w.must(w.trailing(alice, book.Buy, tape.TakeProfit, "39000", "", 100))
			w.balance(alice, usdt, "61000", "39000")
			w.must(w.order(carol, book.Sell, "40500", "1"))
			expect(t, w.trades("40400", "0.001"), "7 NEW; 0.001 at 40400 with 6; 6 FILLED; 7 FILLED; 3 NEW; 1 at 40500 with 5; 5 FILLED; 3 FILLED; ")
			w.balance(alice, usdt, "20500", "39000")
		},
		"cancelled while it follows": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001")
			w.must(w.trailing(alice, book.Sell, tape.StopLoss, "0", "", 100))
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 3}), "3 CANCELED; ")
			expect(t, w.trades("30000", "0.001"), "5 NEW; 0.001 at 30000 with 4; 4 FILLED; 5 FILLED; ")
			w.balance(alice, btc, "10", "0")
		},
		"one of a pair": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001")
			w.must(w.pair(maker(w.order(alice, book.Sell, "41000", "1")), w.trailing(alice, book.Sell, tape.StopLoss, "39000", "", 100))) // 3, 4
			expect(t, w.trades("39000", "0.001"), "6 NEW; 0.001 at 39000 with 5; 5 FILLED; 6 FILLED; 4 NEW; ")                            // it follows, and that ends neither
			w.must(w.order(bob, book.Buy, "30000", "1"))
			expect(t, w.trades("38610", "0.001"), "9 NEW; 0.001 at 38610 with 8; 8 FILLED; 9 FILLED; 3 EXPIRED; 4 NEW; 1 at 30000 with 7; 7 FILLED; 4 FILLED; list 1 ended; ")
			w.refuse(w.pair(maker(w.order(alice, book.Sell, "41000", "1")), w.trailing(alice, book.Sell, tape.StopLoss, "0", "", 100)), tape.BadOrder)
		},
		"one that is pending follows when it comes": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001")
			w.must(w.then(w.order(alice, book.Buy, "39000", "1"), w.trailing(alice, book.Sell, tape.StopLossLimit, "0", "30000", 100))) // 3, 4
			if o := w.m.orders[4]; o.Trailing != 0 || len(w.m.following[mkt]) != 0 {
				t.Errorf("%+v", o)
			}
			events := w.must(w.order(carol, book.Sell, "38000", "1"))
			expect(t, events, "5 NEW; 1 at 39000 with 3; 3 FILLED; 5 FILLED; 4 NEW; ")
			if o := w.m.orders[4]; o.Trailing != w.at || o.Extreme != amt("39000") || lastOrder(events, 4).Trailing != w.at {
				t.Errorf("%+v", o)
			}
		},
		"refused": func(t *testing.T, w *writer) {
			w.trades("40000", "0.001")
			for kind, sides := range map[tape.Type][2]uint32{tape.StopLoss: {2000, 1000}, tape.TakeProfit: {1000, 2000}} { // the most, for a buy and a sale
				for i, side := range []book.Side{book.Buy, book.Sell} {
					most := sides[i]
					least := map[uint32]uint32{2000: 10, 1000: 20}[most]
					w.refuse(w.trailing(alice, side, kind, "0", "", most+1), tape.BadTrail)
					w.refuse(w.trailing(alice, side, kind, "0", "", least-1), tape.BadTrail)
					w.must(w.trailing(alice, side, kind, "0", "", most))
					w.must(w.trailing(alice, side, kind, "0", "", least))
				}
			}
			w.refuse(w.trailing(alice, book.Sell, tape.Limit, "0", "50000", 100), tape.BadOrder)
			w.refuse(w.trailing(alice, book.Sell, tape.StopLoss, "0", "", 0), tape.BadOrder)
			w.refuse(w.trailing(alice, book.Sell, tape.StopLoss, "40000", "", 100), tape.WouldTrigger)
			w.refuse(w.trailing(alice, book.Sell, tape.StopLoss, "39000.001", "", 100), tape.PriceFilter)
			w.m.genesis.Markets[mkt].Falling = tape.Trails{}
			w.refuse(w.trailing(alice, book.Sell, tape.StopLoss, "0", "", 100), tape.BadTrail)
			if n := w.m.balances[pile{alice, usdt}][ledger.Ordered]; !n.IsZero() {
				t.Errorf("%s ordered", n)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := trails(t)
			scene(t, w)
			if name != "refused" {
				w.holds()
			}
		})
	}
}
