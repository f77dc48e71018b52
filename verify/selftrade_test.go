package verify

import (
	"fmt"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// mode gives an order a self-trade mode.
func mode(o *tape.PlaceOrder, m tape.SelfTrade) *tape.PlaceOrder {
	o.SelfTrade = m
	return o
}

// iceberg gives an order a part that shows.
func iceberg(o *tape.PlaceOrder, part string) *tape.PlaceOrder {
	o.Iceberg = amt(part)
	return o
}

func force(o *tape.PlaceOrder, f tape.Force) *tape.PlaceOrder {
	o.Force = f
	return o
}

// TestPublishedSelfTrades is the examples of Binance's "Self Trade Prevention (STP) FAQ"
// (binance-spot-api-docs, faqs/stp_faq.md), scenarios A to G: what becomes of each order, and what
// of it is prevented, where all are of one account and where the makers are of another one of the
// same trade group. Scenario H is TestPublishedTransfer.
func TestPublishedSelfTrades(t *testing.T) {
	type end struct {
		status            tape.Status
		filled, prevented string
	}
	for name, c := range map[string]struct {
		makers [][2]string // price and quantity of each buy order
		taker  [2]string   // of the sell order; without a price: a market order
		mode   tape.SelfTrade
		want   []end    // of the makers, and then of the taker
		told   []string // of each prevented match: maker's quantity and taker's
	}{
		"A: NONE": {
			[][2]string{{"1", "1"}}, [2]string{"1", "1"}, tape.AllowSelf,
			[]end{{tape.Filled, "1", "0"}, {tape.Filled, "1", "0"}}, nil,
		},
		"B: EXPIRE_MAKER": {
			[][2]string{{"1.2", "1.2"}, {"1.1", "1.3"}, {"1", "8.1"}}, [2]string{"1", "3"}, tape.ExpireMaker,
			[]end{{tape.ExpiredInMatch, "0", "1.2"}, {tape.ExpiredInMatch, "0", "1.3"}, {tape.ExpiredInMatch, "0", "8.1"}, {tape.StatusNew, "0", "0"}},
			[]string{"1.2 0", "1.3 0", "8.1 0"},
		},
		"C: EXPIRE_TAKER": {
			[][2]string{{"1.2", "1.2"}, {"1.1", "1.3"}, {"1", "8.1"}}, [2]string{"1", "3"}, tape.ExpireTaker,
			[]end{{tape.StatusNew, "0", "0"}, {tape.StatusNew, "0", "0"}, {tape.StatusNew, "0", "0"}, {tape.ExpiredInMatch, "0", "3"}},
			[]string{"0 3"},
		},
		"D: EXPIRE_BOTH": {
			[][2]string{{"1", "1"}}, [2]string{"1", "3"}, tape.ExpireBoth,
			[]end{{tape.ExpiredInMatch, "0", "1"}, {tape.ExpiredInMatch, "0", "3"}}, []string{"1 3"},
		},
		"E: the taker's mode": {
			[][2]string{{"1", "1"}}, [2]string{"1", "1"}, tape.ExpireTaker,
			[]end{{tape.StatusNew, "0", "0"}, {tape.ExpiredInMatch, "0", "1"}}, []string{"0 1"},
		},
		"F: EXPIRE_MAKER, a market order": {
			[][2]string{{"1", "1"}}, [2]string{"", "1"}, tape.ExpireMaker,
			[]end{{tape.ExpiredInMatch, "0", "1"}, {tape.Expired, "0", "0"}}, []string{"1 0"},
		},
		"G: DECREMENT": {
			[][2]string{{"2", "6"}}, [2]string{"2", "2"}, tape.Decrement,
			[]end{{tape.StatusNew, "0", "2"}, {tape.ExpiredInMatch, "0", "2"}}, []string{"2 2"},
		},
		"G: TRANSFER, which the maker does not say": {
			[][2]string{{"2", "6"}}, [2]string{"2", "2"}, tape.Transfer,
			[]end{{tape.StatusNew, "0", "2"}, {tape.ExpiredInMatch, "0", "2"}}, []string{"2 2"},
		},
	} {
		follows := c.mode
		if follows == tape.Transfer {
			follows = tape.Decrement
		}
		for _, first := range []uint64{alice, bob} {
			t.Run(fmt.Sprintf("%s, of %d", name, first), func(t *testing.T) {
				w := tradersOf(t, func(k *tape.Market) { k.MinNotional = money.Amount{} })
				w.group(7, alice, bob)
				last := map[uint64]tape.Order{}
				var told []string
				see := func(events []tape.Event) {
					for _, e := range events {
						switch e := e.(type) {
						case *tape.OrderChanged:
							last[e.ID] = e.Order
						case *tape.Prevented:
							told = append(told, e.MakerQuantity.String()+" "+e.TakerQuantity.String())
							if e.Mode != follows || e.Group != 7 || e.Price != last[e.Maker].Price || e.MakerAccount != first || e.TakerAccount != alice || e.TakerSide != book.Sell || e.Barred != "" || e.At != w.at {
								t.Errorf("told as %+v", e)
							}
						}
					}
				}
				for _, k := range c.makers {
					// The maker's mode is another: it is not asked.
					see(w.must(mode(w.order(first, book.Buy, k[0], k[1]), tape.ExpireMaker)))
				}
				taker := w.market(alice, book.Sell, c.taker[1], "0")
				if c.taker[0] != "" {
					taker = w.order(alice, book.Sell, c.taker[0], c.taker[1])
				}
				see(w.must(mode(taker, c.mode)))
				for i, want := range c.want {
					o := last[uint64(i+1)]
					if got := (end{o.Status, o.Filled.String(), o.Prevented.String()}); got != want {
						t.Errorf("order %d: %+v, want %+v", i+1, got, want)
					}
				}
				if len(told) != len(c.told) {
					t.Fatalf("told %q, want %q", told, c.told)
				}
				for i := range told {
					if told[i] != c.told[i] {
						t.Errorf("told %q, want %q", told, c.told)
					}
				}
				w.holds()
			})
		}
	}
}

// TestSelfTrades holds the model to what the words beside PlaceOrder give where an order meets
// one of its own account.
func TestSelfTrades(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"a mode that the market does not allow": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].AllowSelf = false
			w.refuse(mode(w.order(alice, book.Sell, "20000", "1"), tape.AllowSelf), tape.BadOrder)
			w.m.genesis.Markets[mkt].AllowSelf = true
			w.refuse(mode(w.order(alice, book.Sell, "20000", "1"), 6), tape.BadOrder)
			w.must(mode(w.order(alice, book.Sell, "20000", "1"), tape.AllowSelf))
		},
		"the arriving order ends, with what it had filled": func(t *testing.T, w *writer) {
			w.must(w.order(carol, book.Sell, "19900", "1"))
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			events := w.must(mode(w.order(alice, book.Buy, "20000", "3"), tape.ExpireTaker))
			expect(t, events, "4 NEW; 1 at 19900 with 1; 1 FILLED; prevented with 2, 0 and 2; 4 EXPIRED_IN_MATCH; ")
			w.balance(alice, usdt, "80100", "0")
			w.balance(alice, btc, "9.998", "1")
		},
		"both end": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			events := w.must(mode(w.order(alice, book.Sell, "19000", "1"), tape.ExpireBoth))
			expect(t, events, "2 NEW; prevented with 1, 2 and 1; 1 EXPIRED_IN_MATCH; 2 EXPIRED_IN_MATCH; ")
			w.balance(alice, usdt, "100000", "0")
			w.balance(alice, btc, "10", "0")
		},
		"both lose the smaller of what is left: the maker ends, the taker rests": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			events := w.must(mode(w.order(alice, book.Sell, "19000", "5"), tape.Decrement))
			expect(t, events, "2 NEW; prevented with 1, 2 and 2; 1 EXPIRED_IN_MATCH; 2 NEW; ")
			w.balance(alice, usdt, "100000", "0")
			w.balance(alice, btc, "7", "3")
			if o := lastOrder(events, 2); o.Prevented != amt("2") || o.Updated != w.at {
				t.Errorf("%+v", o)
			}
		},
		"both lose all": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			events := w.must(mode(w.order(alice, book.Sell, "19000", "2"), tape.Decrement))
			expect(t, events, "2 NEW; prevented with 1, 2 and 2; 1 EXPIRED_IN_MATCH; 2 EXPIRED_IN_MATCH; ")
			w.balance(alice, usdt, "100000", "0")
			w.balance(alice, btc, "10", "0")
		},
		"an order that lost a part and fills the rest is filled": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			w.must(w.order(bob, book.Buy, "19500", "3"))
			events := w.must(mode(w.order(alice, book.Sell, "19000", "5"), tape.Decrement))
			expect(t, events, "3 NEW; prevented with 1, 2 and 2; 1 EXPIRED_IN_MATCH; 3 at 19500 with 2; 2 FILLED; 3 FILLED; ")
		},
		"a maker that goes on keeps its place, with what is hidden taken first": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Buy, "20000", "5"), "2"))
			w.must(w.order(bob, book.Buy, "20000", "1"))
			events := w.must(mode(w.order(alice, book.Sell, "20000", "3.5"), tape.Decrement))
			expect(t, events, "3 NEW; prevented with 1, 3.5 and 3.5; 1 NEW; 3 EXPIRED_IN_MATCH; ")
			w.balance(alice, usdt, "70000", "30000") // of 5, 1.5 are left
			if o := w.m.orders[1]; o.Visible != amt("1.5") || o.Queued != 1 {
				t.Errorf("shows %s in place %d", o.Visible, o.Queued)
			}
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "4 NEW; 1.5 at 20000 with 1; 1 FILLED; 0.5 at 20000 with 2; 2 PARTIALLY_FILLED; 4 FILLED; ")
		},
		"an iceberg of its own ends whole": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Buy, "20000", "5"), "1"))
			events := w.must(mode(w.order(alice, book.Sell, "20000", "3"), tape.ExpireMaker))
			expect(t, events, "2 NEW; prevented with 1, 5 and 0; 1 EXPIRED_IN_MATCH; ")
			w.balance(alice, usdt, "100000", "0")
		},
		"they trade with one another": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			events := w.must(mode(w.order(alice, book.Sell, "19000", "1"), tape.AllowSelf))
			expect(t, events, "2 NEW; 1 at 20000 with 1; 1 PARTIALLY_FILLED; 2 FILLED; ")
			w.balance(alice, usdt, "79960", "20000") // 20,000 − 0.2 %
			w.balance(alice, btc, "9.999", "0")      // 1 − 0.1 %
		},
		"fill or kill, by mode": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Sell, "20000", "3"))
			fok := func(m tape.SelfTrade, quantity string) *tape.PlaceOrder {
				return mode(force(w.order(alice, book.Buy, "20000", quantity), tape.FOK), m)
			}
			expect(t, w.must(fok(tape.ExpireTaker, "1")), "3 NEW; 3 EXPIRED; ") // it would meet its own first
			expect(t, w.must(fok(tape.ExpireBoth, "1")), "4 NEW; 4 EXPIRED; ")
			expect(t, w.must(fok(tape.Decrement, "2")), "5 NEW; 5 EXPIRED; ") // 1 would be prevented
			expect(t, w.must(fok(tape.ExpireMaker, "4")), "6 NEW; 6 EXPIRED; ")
			expect(t, w.must(fok(tape.AllowSelf, "4")), "7 NEW; 1 at 20000 with 1; 1 FILLED; 3 at 20000 with 2; 2 FILLED; 7 FILLED; ")
		},
		"a market order by quantity reserves nothing for what is prevented": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "100", "5"))
			w.must(w.order(bob, book.Sell, "20000", "5"))
			buyer := mode(w.market(alice, book.Buy, "9", "0"), tape.Decrement) // 5 prevented, 4 at 20,000
			expect(t, w.must(buyer), "3 NEW; prevented with 1, 5 and 5; 1 EXPIRED_IN_MATCH; 4 at 20000 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
			w.balance(alice, usdt, "20000", "0")
			w.balance(alice, btc, "13.992", "0")
		},
		"a market sale by quantity that loses all ends": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "100", "5"))
			expect(t, w.must(mode(w.market(alice, book.Sell, "3", "0"), tape.Decrement)), "2 NEW; prevented with 1, 3 and 3; 1 NEW; 2 EXPIRED_IN_MATCH; ")
			w.balance(alice, btc, "10", "0")
			w.balance(alice, usdt, "99800", "200")
		},
		"by money, what is prevented counts as spent": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Sell, "20100", "5"))
			// 1 for 20,000 is prevented; the other 10,050 buy 0.5.
			events := w.must(mode(w.market(alice, book.Buy, "0", "30050"), tape.Decrement))
			expect(t, events, "3 NEW; prevented with 1, 1 and 1; 1 EXPIRED_IN_MATCH; 0.5 at 20100 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
			if o := lastOrder(events, 3); o.Quantity != amt("1.5") || o.Spent != amt("10050") {
				t.Errorf("quantity %s, spent %s", o.Quantity, o.Spent)
			}
			w.balance(alice, usdt, "89950", "0")
		},
		"by money, no further than what the rest of it buys of its own": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "2"), "0.1"))
			w.must(w.order(bob, book.Sell, "20100", "5"))
			// 10,010 buy 0.5 of the 2, hidden quantity included.
			events := w.must(mode(w.market(alice, book.Buy, "0", "10010"), tape.Decrement))
			expect(t, events, "3 NEW; prevented with 1, 0.5 and 0.5; 1 NEW; 3 EXPIRED_IN_MATCH; ")
			if o := w.m.orders[1]; o.Visible != amt("0.1") {
				t.Errorf("shows %s", o.Visible)
			}
		},
		"an iceberg of its own is lost whole at its turn, and what stands behind it is not paid for": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "2"), "0.1"))
			w.must(w.order(bob, book.Sell, "20000", "5"))
			w.must(w.order(alice, book.Buy, "1000", "99.9")) // 100 are left
			expect(t, w.must(mode(w.market(alice, book.Buy, "0", "30000"), tape.Decrement)), "4 NEW; prevented with 1, 1.5 and 1.5; 1 NEW; 4 EXPIRED_IN_MATCH; ")
			// Of its own 0.5 are left; 0.006 more cost 120, 0.005 just what there is.
			w.refuse(mode(w.market(alice, book.Buy, "0.506", "0"), tape.Decrement), tape.Insufficient)
			w.must(mode(w.market(alice, book.Buy, "0.505", "0"), tape.Decrement))
		},
		"by money, an order of its own ends the walk": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Sell, "20000", "1"))
			w.must(w.order(alice, book.Sell, "20100", "1"))
			w.must(w.order(bob, book.Sell, "20200", "1"))
			for i, m := range []tape.SelfTrade{tape.ExpireTaker, tape.ExpireBoth} {
				events := w.must(mode(w.market(alice, book.Buy, "0", "50000"), m))
				id := uint64(4 + i)
				if o := lastOrder(events, id); m == tape.ExpireTaker && (o.Status != tape.Filled || o.Quantity != amt("1")) || m == tape.ExpireBoth && (o.Status != tape.Expired || !o.Quantity.IsZero()) {
					t.Errorf("%s: %s", m, kindsOf(events))
				}
			}
			if w.m.orders[2] == nil {
				t.Error("its own order has ended")
			}
		},
		"by money, its own orders are passed over and end": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Sell, "20100", "1"))
			events := w.must(w.market(alice, book.Buy, "0", "10050"))
			expect(t, events, "3 NEW; prevented with 1, 1 and 0; 1 EXPIRED_IN_MATCH; 0.5 at 20100 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
		},
		"a maker that must not take does not take of its own either": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			o := w.order(alice, book.Buy, "20000", "1")
			o.Type = tape.LimitMaker
			w.refuse(o, tape.WouldTake)
			o.Price = amt("19999.99")
			expect(t, w.must(o), "2 NEW; ")
		},
		"a stopped account trades with itself no more": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.review(alice, law.Exit)
			w.refuse(mode(w.order(alice, book.Buy, "20000", "1"), tape.AllowSelf), tape.Stopped)
		},
	})
}

// scenes runs each on a venue of its own, and shows a witness what came about.
func scenes(t *testing.T, of map[string]func(*testing.T, *writer)) {
	t.Helper()
	for name, scene := range of {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			scene(t, w)
			w.holds()
		})
	}
}
