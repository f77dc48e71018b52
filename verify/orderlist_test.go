package verify

import (
	"fmt"
	"slices"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/venue/tape"
)

// oco is two sell orders of alice: one that rests at a price, and one that waits for a lower.
func (w *writer) oco(quantity, above, below string) *tape.PlaceOrderList {
	return w.pair(maker(w.order(alice, book.Sell, above, quantity)), w.stop(alice, book.Sell, tape.StopLoss, below, "", quantity))
}

func (w *writer) pair(one, two *tape.PlaceOrder) *tape.PlaceOrderList {
	w.nonce++
	return &tape.PlaceOrderList{ClientID: fmt.Sprint("oco", w.nonce), Contingency: tape.OneCancels, Orders: []tape.PlaceOrder{*one, *two}}
}

func maker(o *tape.PlaceOrder) *tape.PlaceOrder {
	o.Type = tape.LimitMaker
	return o
}

// TestOCO holds the model to the words on two orders of which one cancels the other.
func TestOCO(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"both hold one reserve": func(t *testing.T, w *writer) {
			c := w.oco("4", "21000", "19000")
			events := w.must(c)
			expect(t, events, "oco 1; 1 NEW; 2 NEW; ")
			w.balance(alice, btc, "6", "4")
			if one, two := lastOrder(events, 1), lastOrder(events, 2); one.OrderList != 1 || two.OrderList != 1 || one.Working != w.at || two.Working != 0 {
				t.Errorf("%+v %+v", one, two)
			}
			if s := w.m.state(); len(s.OrderLists) != 1 || !s.OrderLists[0].Together || !slices.Equal(s.OrderLists[0].Orders, []uint64{1, 2}) || s.OrderLists[0].ClientID != c.ClientID || s.OrderLists[0].Created != w.at || s.LastOrderList != 1 {
				t.Errorf("%+v", s.OrderLists)
			}
			w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("3")}, tape.BadAmend)
		},
		"a buyer reserves the larger": func(t *testing.T, w *writer) {
			w.must(w.pair(maker(w.order(alice, book.Buy, "19000", "2")), w.stop(alice, book.Buy, tape.StopLossLimit, "21000", "21500", "2")))
			w.balance(alice, usdt, "57000", "43000")
			w.must(w.pair(w.stop(alice, book.Buy, tape.StopLoss, "20000", "", "1"), w.stop(alice, book.Buy, tape.TakeProfitLimit, "18000", "25000", "1")))
			w.balance(alice, usdt, "32000", "68000")
			w.refuse(w.pair(w.stop(alice, book.Buy, tape.StopLoss, "32001", "", "1"), w.stop(alice, book.Buy, tape.TakeProfit, "18000", "", "1")), tape.Insufficient)
		},
		"one is about to trade: the other ends first": func(t *testing.T, w *writer) {
			w.must(w.pair(maker(w.order(alice, book.Buy, "19000", "2")), w.stop(alice, book.Buy, tape.StopLossLimit, "21000", "21500", "2")))
			events := w.must(w.order(carol, book.Sell, "19000", "0.5"))
			expect(t, events, "3 NEW; 2 EXPIRED; 0.5 at 19000 with 1; 1 PARTIALLY_FILLED; 3 FILLED; ")
			w.balance(alice, usdt, "62000", "28500") // of 43,000 it needs 38,000 and has paid 9,500
			if s := w.m.state(); len(s.OrderLists) != 1 || s.OrderLists[0].Together {
				t.Errorf("%+v", s.OrderLists)
			}
			// It is now an order like any other.
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1.5")})
			w.balance(alice, usdt, "71500", "19000")
			expect(t, w.must(w.order(carol, book.Sell, "19000", "1")), "4 NEW; 1 at 19000 with 1; 1 FILLED; oco 1 ended; 4 FILLED; ")
			if s := w.m.state(); len(s.OrderLists) != 0 || s.LastOrderList != 1 {
				t.Errorf("%+v", s.OrderLists)
			}
		},
		"one is triggered: the other ends first": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			w.must(w.order(bob, book.Buy, "18000", "1"))
			events := w.trades("19000", "0.1")
			expect(t, events, "5 NEW; 0.1 at 19000 with 4; 4 FILLED; 5 FILLED; 1 EXPIRED; 2 NEW; 1 at 18000 with 3; 3 FILLED; 2 EXPIRED; oco 1 ended; ")
			w.balance(alice, btc, "9", "0")
		},
		"one that rests after it was triggered is an order like any other": func(t *testing.T, w *writer) {
			w.must(w.pair(w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "19500", "2"), w.stop(alice, book.Sell, tape.TakeProfitLimit, "21000", "21000", "2")))
			expect(t, w.trades("19000", "0.1"), "4 NEW; 0.1 at 19000 with 3; 3 FILLED; 4 FILLED; 2 EXPIRED; 1 NEW; ")
			w.balance(alice, btc, "8", "2")
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 1}), "1 CANCELED; oco 1 ended; ")
			w.balance(alice, btc, "10", "0")
		},
		"of two that one order triggers, the one whose turn comes": func(t *testing.T, w *writer) {
			w.must(w.pair(w.stop(alice, book.Sell, tape.TakeProfitLimit, "21000", "30000", "2"), w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "30000", "2")))
			w.must(w.order(bob, book.Buy, "21000", "1"))
			w.must(w.order(bob, book.Buy, "19000", "1"))
			expect(t, w.must(w.order(carol, book.Sell, "19000", "2")), "5 NEW; 1 at 21000 with 3; 3 FILLED; 1 at 19000 with 4; 4 FILLED; 5 FILLED; 2 EXPIRED; 1 NEW; ")
		},
		"one that was triggered and is not yet its turn may still be the other": func(t *testing.T, w *writer) {
			w.must(w.stop(bob, book.Buy, tape.StopLoss, "20000", "", "1")) // 1
			w.must(w.oco("2", "21000", "19000"))                           // 2 and 3
			w.must(w.order(bob, book.Buy, "20000", "1"))                   // 4
			w.must(w.order(bob, book.Buy, "19000", "1"))                   // 5
			events := w.must(w.order(carol, book.Sell, "19000", "2"))      // 6
			expect(t, events, "6 NEW; 1 at 20000 with 4; 4 FILLED; 1 at 19000 with 5; 5 FILLED; 6 FILLED; "+
				"1 NEW; 3 EXPIRED; 1 at 21000 with 2; 2 PARTIALLY_FILLED; 1 FILLED; ")
		},
		"it loses quantity to an order of its own: the other ends first": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(mode(w.order(alice, book.Buy, "21000", "1"), tape.Decrement)), "3 NEW; 2 EXPIRED; prevented with 1, 1 and 1; 1 NEW; 3 EXPIRED_IN_MATCH; ")
			w.balance(alice, btc, "7", "3")
			expect(t, w.must(mode(w.order(alice, book.Buy, "21000", "3"), tape.Decrement)), "4 NEW; prevented with 1, 3 and 3; 1 EXPIRED_IN_MATCH; oco 1 ended; 4 EXPIRED_IN_MATCH; ")
			w.balance(alice, btc, "10", "0")
		},
		"it ends by an order of its own: the other right after it": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(w.order(alice, book.Buy, "21000", "1")), "3 NEW; prevented with 1, 4 and 0; 1 EXPIRED_IN_MATCH; 2 EXPIRED; oco 1 ended; ")
			w.balance(alice, btc, "10", "0")
		},
		"an order of its own that ends leaves them": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(mode(w.order(alice, book.Buy, "21000", "1"), tape.ExpireTaker)), "3 NEW; prevented with 1, 0 and 1; 3 EXPIRED_IN_MATCH; ")
			w.balance(alice, btc, "6", "4")
		},
		"one is cancelled: the other too": func(t *testing.T, w *writer) {
			for i, cmd := range []tape.Command{
				&tape.CancelOrder{Account: alice, Order: 1}, &tape.CancelAll{Account: alice}, &tape.CancelOrderList{Account: alice, OrderList: 3},
			} {
				w.must(w.oco("4", "21000", "19000"))
				expect(t, w.must(cmd), fmt.Sprintf("%d CANCELED; %d CANCELED; oco %d ended; ", 2*i+1, 2*i+2, i+1))
				w.balance(alice, btc, "10", "0")
			}
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 8}), "8 CANCELED; 7 CANCELED; oco 4 ended; ")
			c := w.oco("4", "21000", "19000")
			w.must(c)
			w.refuse(&tape.CancelOrderList{Account: alice, ClientID: "another"}, tape.UnknownOrder)
			w.refuse(&tape.CancelOrderList{Account: bob, ClientID: c.ClientID}, tape.UnknownOrder)
			w.refuse(&tape.CancelOrderList{Account: alice, Market: 1, ClientID: c.ClientID}, tape.UnknownOrder)
			expect(t, w.must(&tape.CancelOrderList{Account: alice, ClientID: c.ClientID}), "9 CANCELED; 10 CANCELED; oco 5 ended; ")
			w.refuse(&tape.CancelOrderList{Account: alice, OrderList: 5}, tape.UnknownOrder)
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.review(alice, law.Exit), "decided; 1000 stands at exit; 11 CANCELED; 12 CANCELED; oco 6 ended; ")
			w.balance(alice, btc, "10", "0")
		},
		"cancelled when one of them is gone": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			w.must(w.order(bob, book.Buy, "21000", "1"))
			expect(t, w.must(&tape.CancelOrderList{Account: alice, OrderList: 1}), "1 CANCELED; oco 1 ended; ")
		},
		"one that it may not meet is in the way": func(t *testing.T, w *writer) {
			w.review(alice, law.Allow, law.Side{Rule: "b", Covered: true, Binds: true})
			w.review(carol, law.Allow, law.Side{Rule: "b", Other: true})
			w.must(w.order(carol, book.Buy, "21000", "1"))
			w.refuse(w.oco("4", "20000", "19000"), tape.WouldTake)
			w.balance(alice, btc, "10", "0")
		},
	})
}

// TestOCORefusals goes through what PlaceOrderList says, from the last reason to the first.
func TestOCORefusals(t *testing.T) {
	w := traders(t)
	w.trades("20000", "0.1")
	w.must(w.order(bob, book.Buy, "19900", "1"))
	k := &w.m.genesis.Markets[mkt]
	up := func() *tape.PlaceOrder { return maker(w.order(alice, book.Sell, "21000", "1")) }
	down := func() *tape.PlaceOrder { return w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "18000", "1") }
	with := func(one, two *tape.PlaceOrder, change func(*tape.PlaceOrderList)) *tape.PlaceOrderList {
		c := w.pair(one, two)
		change(c)
		return c
	}
	both := func(change func(*tape.PlaceOrder)) func(*tape.PlaceOrderList) {
		return func(c *tape.PlaceOrderList) { change(&c.Orders[0]); change(&c.Orders[1]) }
	}

	w.refuse(with(up(), down(), both(func(o *tape.PlaceOrder) { o.Quantity = amt("11") })), tape.Insufficient)
	w.refuse(with(up(), down(), func(c *tape.PlaceOrderList) { c.Orders[1].Stop = amt("20000") }), tape.WouldTrigger)
	w.refuse(with(up(), down(), func(c *tape.PlaceOrderList) { c.Orders[0].Price = amt("19900") }), tape.WouldTake)
	k.MaxStops = 1
	w.must(w.pair(up(), down()))
	w.refuse(w.pair(up(), down()), tape.MaxStops)
	w.must(&tape.CancelAll{Account: alice})
	w.must(w.order(alice, book.Sell, "30000", "1"))
	w.refuse(w.pair(w.stop(alice, book.Sell, tape.TakeProfit, "21000", "", "1"), down()), tape.MaxStops) // the first counts
	k.MaxOrders = 2
	w.refuse(w.pair(up(), down()), tape.MaxOrders) // the first counts
	w.refuse(with(up(), down(), both(func(o *tape.PlaceOrder) { o.Quantity = amt("0.0001") })), tape.LotSize)
	w.refuse(with(up(), down(), func(c *tape.PlaceOrderList) { c.Orders[1].Price = amt("0.001") }), tape.PriceFilter)
	w.refuse(with(up(), down(), func(c *tape.PlaceOrderList) { c.Orders[1].ClientID = c.Orders[0].ClientID }), tape.DuplicateClientID)
	w.refuse(with(up(), down(), both(func(o *tape.PlaceOrder) { o.Iceberg = amt("0.1"); o.Force = tape.FOK })), tape.BadOrder)
	k.MaxStops, k.MaxOrders = 0, 0
	open := w.oco("1", "22000", "15000")
	w.must(open)
	w.refuse(with(up(), down(), func(c *tape.PlaceOrderList) { c.ClientID = open.ClientID; c.Orders[0].Price = amt("21000.001") }), tape.DuplicateClientID)
	w.must(with(up(), down(), func(c *tape.PlaceOrderList) { c.ClientID = c.Orders[0].ClientID })) // an order's is another's

	for name, change := range map[string]func(*tape.PlaceOrderList){
		"another account":         func(c *tape.PlaceOrderList) { c.Orders[1].Account = bob },
		"another market":          func(c *tape.PlaceOrderList) { c.Orders[1].Market = 1 },
		"another side":            func(c *tape.PlaceOrderList) { c.Orders[1].Side = book.Buy },
		"another quantity":        func(c *tape.PlaceOrderList) { c.Orders[1].Quantity = amt("1.1") },
		"no client id":            func(c *tape.PlaceOrderList) { c.ClientID = "" },
		"a client id of 37 bytes": func(c *tape.PlaceOrderList) { c.ClientID = "1234567890123456789012345678901234567" },
		"two that stop losses":    func(c *tape.PlaceOrderList) { c.Orders[0] = *w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "1") },
		"two that rest":           func(c *tape.PlaceOrderList) { c.Orders[1] = *maker(w.order(alice, book.Sell, "22000", "1")) },
		"a limit order":           func(c *tape.PlaceOrderList) { c.Orders[0].Type = tape.Limit },
		"a market order":          func(c *tape.PlaceOrderList) { c.Orders[1] = *w.market(alice, book.Sell, "1", "0") },
		"a loss above the profit": func(c *tape.PlaceOrderList) { c.Orders[1].Stop = amt("21000.01") },
		"a loss at the profit":    func(c *tape.PlaceOrderList) { c.Orders[1].Stop = amt("21000") },
		"a buyer's loss at the profit": func(c *tape.PlaceOrderList) {
			both(func(o *tape.PlaceOrder) { o.Side = book.Buy })(c)
			c.Orders[1].Stop = c.Orders[0].Price
		},
		"a buyer's loss below": func(c *tape.PlaceOrderList) { both(func(o *tape.PlaceOrder) { o.Side = book.Buy })(c) },
		"a profit below the loss": func(c *tape.PlaceOrderList) {
			c.Orders[0] = *w.stop(alice, book.Sell, tape.TakeProfitLimit, "18000", "40000", "1")
		},
		"a leg of contradicting parts": func(c *tape.PlaceOrderList) { c.Orders[1].QuoteQuantity = amt("1") },
	} {
		events := w.do(with(up(), down(), change))
		if e, _ := refusal(events); e.Reason != tape.BadOrder {
			t.Errorf("%s: %s", name, describe(events))
		}
	}
	w.must(&tape.SetPhase{Market: mkt, Phase: tape.CancelOnly, By: "m"})
	bad := with(up(), down(), func(c *tape.PlaceOrderList) { c.ClientID = "" })
	w.refuse(bad, tape.MarketClosed)
	bad.Orders[0].Market = 1
	w.refuse(bad, tape.UnknownMarket)
	w.review(alice, law.Exit)
	w.refuse(bad, tape.Stopped)
	bad.Orders[0].Account = 4711
	w.refuse(bad, tape.UnknownAccount)
	w.holds()
}
