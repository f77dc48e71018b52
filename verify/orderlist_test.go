package verify

import (
	"fmt"
	"slices"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
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
			expect(t, events, "list 1; 1 NEW; 2 NEW; ")
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
			expect(t, w.must(w.order(carol, book.Sell, "19000", "1")), "4 NEW; 1 at 19000 with 1; 1 FILLED; list 1 ended; 4 FILLED; ")
			if s := w.m.state(); len(s.OrderLists) != 0 || s.LastOrderList != 1 {
				t.Errorf("%+v", s.OrderLists)
			}
		},
		"one is triggered: the other ends first": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			w.must(w.order(bob, book.Buy, "18000", "1"))
			events := w.trades("19000", "0.1")
			expect(t, events, "5 NEW; 0.1 at 19000 with 4; 4 FILLED; 5 FILLED; 1 EXPIRED; 2 NEW; 1 at 18000 with 3; 3 FILLED; 2 EXPIRED; list 1 ended; ")
			w.balance(alice, btc, "9", "0")
		},
		"one that rests after it was triggered is an order like any other": func(t *testing.T, w *writer) {
			w.must(w.pair(w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "19500", "2"), w.stop(alice, book.Sell, tape.TakeProfitLimit, "21000", "21000", "2")))
			expect(t, w.trades("19000", "0.1"), "4 NEW; 0.1 at 19000 with 3; 3 FILLED; 4 FILLED; 2 EXPIRED; 1 NEW; ")
			w.balance(alice, btc, "8", "2")
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 1}), "1 CANCELED; list 1 ended; ")
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
			expect(t, w.must(mode(w.order(alice, book.Buy, "21000", "3"), tape.Decrement)), "4 NEW; prevented with 1, 3 and 3; 1 EXPIRED_IN_MATCH; list 1 ended; 4 EXPIRED_IN_MATCH; ")
			w.balance(alice, btc, "10", "0")
		},
		"it ends by an order of its own: the other right after it": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(w.order(alice, book.Buy, "21000", "1")), "3 NEW; prevented with 1, 4 and 0; 1 EXPIRED_IN_MATCH; 2 EXPIRED; list 1 ended; ")
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
				expect(t, w.must(cmd), fmt.Sprintf("%d CANCELED; %d CANCELED; list %d ended; ", 2*i+1, 2*i+2, i+1))
				w.balance(alice, btc, "10", "0")
			}
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 8}), "8 CANCELED; 7 CANCELED; list 4 ended; ")
			c := w.oco("4", "21000", "19000")
			w.must(c)
			w.refuse(&tape.CancelOrderList{Account: alice, ClientID: "another"}, tape.UnknownOrder)
			w.refuse(&tape.CancelOrderList{Account: bob, ClientID: c.ClientID}, tape.UnknownOrder)
			w.refuse(&tape.CancelOrderList{Account: alice, Market: 1, ClientID: c.ClientID}, tape.UnknownOrder)
			expect(t, w.must(&tape.CancelOrderList{Account: alice, ClientID: c.ClientID}), "9 CANCELED; 10 CANCELED; list 5 ended; ")
			w.refuse(&tape.CancelOrderList{Account: alice, OrderList: 5}, tape.UnknownOrder)
			w.must(w.oco("4", "21000", "19000"))
			expect(t, w.review(alice, law.Exit), "decided; 1000 stands at exit; 11 CANCELED; 12 CANCELED; list 6 ended; ")
			w.balance(alice, btc, "10", "0")
		},
		"cancelled when one of them is gone": func(t *testing.T, w *writer) {
			w.must(w.oco("4", "21000", "19000"))
			w.must(w.order(bob, book.Buy, "21000", "1"))
			expect(t, w.must(&tape.CancelOrderList{Account: alice, OrderList: 1}), "1 CANCELED; list 1 ended; ")
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

// then is an order, and what is pending until it is filled.
func (w *writer) then(working *tape.PlaceOrder, pending ...*tape.PlaceOrder) *tape.PlaceOrderList {
	w.nonce++
	c := &tape.PlaceOrderList{ClientID: fmt.Sprint("oto", w.nonce), Contingency: tape.OneTriggers, Orders: []tape.PlaceOrder{*working}}
	for _, o := range pending {
		c.Orders = append(c.Orders, *o)
	}
	return c
}

// TestOneTriggers holds the model to the words on what is pending until an order is filled.
// Alice has 10 BTC and 100,000 USDT.
func TestOneTriggers(t *testing.T) {
	buy := func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Buy, "20000", "2") }
	sell := func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Sell, "21000", "1.5") }
	up := func(w *writer) *tape.PlaceOrder { return maker(w.order(alice, book.Sell, "22000", "1")) }
	down := func(w *writer) *tape.PlaceOrder { return w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "1") }
	scenes(t, map[string]func(*testing.T, *writer){
		"only the working order reserves and rests": func(t *testing.T, w *writer) {
			c := w.then(buy(w), sell(w))
			events := w.must(c)
			expect(t, events, "list 1; 1 NEW; 2 PENDING_NEW; ")
			w.balance(alice, usdt, "60000", "40000")
			w.balance(alice, btc, "10", "0")
			if o := lastOrder(events, 2); o.Working != 0 || o.OrderList != 1 || o.Status != tape.PendingNew {
				t.Errorf("%+v", o)
			}
			if s := w.m.state(); len(s.OrderLists) != 1 || s.OrderLists[0].Together || s.OrderLists[0].Contingency != tape.OneTriggers || !slices.Equal(s.OrderLists[0].Orders, []uint64{1, 2}) {
				t.Errorf("%+v", s.OrderLists)
			}
			w.refuse(&tape.AmendOrder{Account: alice, Order: 2, Quantity: amt("1")}, tape.BadAmend)
			w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1")})
			w.balance(alice, usdt, "80000", "20000")
			// Nobody meets it.
			expect(t, w.must(w.order(bob, book.Buy, "21000", "1")), "3 NEW; ")
		},
		"it comes when the working order is filled whole": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), sell(w)))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "1.5")), "3 NEW; 1.5 at 20000 with 1; 1 PARTIALLY_FILLED; 3 FILLED; ")
			w.balance(alice, usdt, "60000", "10000")
			events := w.must(w.order(carol, book.Sell, "20000", "0.5"))
			expect(t, events, "4 NEW; 0.5 at 20000 with 1; 1 FILLED; 4 FILLED; 2 NEW; ")
			if o := lastOrder(events, 2); o.Working != w.at || o.Updated != w.at || o.Created == w.at {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "10.498", "1.5") // 2 less 0.1 % are there
			expect(t, w.must(w.order(bob, book.Buy, "21000", "1.5")), "5 NEW; 1.5 at 21000 with 2; 2 FILLED; list 1 ended; 5 FILLED; ")
		},
		"a working order that takes": func(t *testing.T, w *writer) {
			w.must(w.order(carol, book.Sell, "20000", "5"))
			expect(t, w.must(w.then(buy(w), w.market(alice, book.Sell, "1", "0"))), "list 1; 2 NEW; 3 PENDING_NEW; 2 at 20000 with 1; 1 PARTIALLY_FILLED; 2 FILLED; 3 NEW; 3 EXPIRED; list 1 ended; ")
		},
		"what comes takes, and is measured then": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Buy, "19000", "5"))
			w.must(w.then(buy(w), w.market(alice, book.Sell, "1", "0")))
			w.must(w.order(carol, book.Sell, "20000", "2"))
			w.balance(alice, usdt, "78962", "0") // 100,000 − 40,000 + 19,000 − 38
		},
		"what comes fills another that others wait for": func(t *testing.T, w *writer) {
			w.must(w.then(w.order(bob, book.Buy, "19000", "1"), w.order(bob, book.Buy, "17000", "1"))) // 1, 2
			w.must(w.then(buy(w), w.market(alice, book.Sell, "1", "0")))                               // 3, 4
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "5 NEW; 2 at 20000 with 3; 3 FILLED; 5 FILLED; 4 NEW; 1 at 19000 with 1; 1 FILLED; 4 FILLED; list 2 ended; 2 NEW; ")
		},
		"by id with those that the same trades trigger": func(t *testing.T, w *writer) {
			w.must(w.stop(bob, book.Buy, tape.StopLossLimit, "20000", "15000", "1")) // 1
			w.must(w.then(buy(w), sell(w)))                                          // 2, 3
			w.must(w.stop(bob, book.Buy, tape.StopLossLimit, "20000", "16000", "1")) // 4
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "5 NEW; 2 at 20000 with 2; 2 FILLED; 5 FILLED; 1 NEW; 3 NEW; 4 NEW; ")
		},
		"a stop that comes waits from then on": func(t *testing.T, w *writer) {
			w.trades("18000", "0.1")                                                                                                     // 1, 2
			w.must(w.then(w.order(alice, book.Sell, "20000", "2"), w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "18500", "1"))) // 3, 4
			w.must(w.order(bob, book.Buy, "18500", "1"))                                                                                 // 5
			expect(t, w.must(w.order(bob, book.Buy, "20000", "2")), "6 NEW; 2 at 20000 with 3; 3 FILLED; 6 FILLED; 4 NEW; ")
			if o := w.m.orders[4]; o.Working != 0 || !o.waits {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "7", "1")
			w.must(w.order(bob, book.Buy, "19000", "0.1"))
			expect(t, w.must(w.order(carol, book.Sell, "19000", "0.1")), "8 NEW; 0.1 at 19000 with 7; 7 FILLED; 8 FILLED; 4 NEW; 1 at 18500 with 5; 5 FILLED; 4 FILLED; list 1 ended; ")
		},
		"a stop whose price is there is not taken": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), w.stop(alice, book.Sell, tape.StopLoss, "20000", "", "1")))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "3 NEW; 2 at 20000 with 1; 1 FILLED; 3 FILLED; 2 EXPIRED; list 1 ended; ")
		},
		"post-only that would take is not taken": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Buy, "19000", "1"))
			w.must(w.then(buy(w), maker(w.order(alice, book.Sell, "19000", "1")))) // though it would now
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "4 NEW; 2 at 20000 with 2; 2 FILLED; 4 FILLED; 3 EXPIRED; list 1 ended; ")
		},
		"nothing is left for it": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), w.order(alice, book.Buy, "19000", "4")))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "3 NEW; 2 at 20000 with 1; 1 FILLED; 3 FILLED; 2 EXPIRED; list 1 ended; ")
			w.balance(alice, usdt, "60000", "0")
		},
		"fill or kill that cannot be filled": func(t *testing.T, w *writer) {
			kill := w.order(alice, book.Sell, "19000", "1")
			kill.Force = tape.FOK
			w.must(w.then(buy(w), kill))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "3 NEW; 2 at 20000 with 1; 1 FILLED; 3 FILLED; 2 NEW; 2 EXPIRED; list 1 ended; ")
		},
		"a pair comes as one": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), up(w), down(w)))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "4 NEW; 2 at 20000 with 1; 1 FILLED; 4 FILLED; 2 NEW; 3 NEW; ")
			w.balance(alice, btc, "10.998", "1")
			if s := w.m.state(); !s.OrderLists[0].Together {
				t.Errorf("%+v", s.OrderLists)
			}
			expect(t, w.must(w.order(bob, book.Buy, "22000", "0.5")), "5 NEW; 3 EXPIRED; 0.5 at 22000 with 2; 2 PARTIALLY_FILLED; 5 FILLED; ")
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 2}), "2 CANCELED; list 1 ended; ")
			w.balance(alice, btc, "11.498", "0")
		},
		"a pair of which one is not taken": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), up(w), w.stop(alice, book.Sell, tape.StopLoss, "20000", "", "1")))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "2")), "4 NEW; 2 at 20000 with 1; 1 FILLED; 4 FILLED; 2 EXPIRED; 3 EXPIRED; list 1 ended; ")
			w.balance(alice, btc, "11.998", "0")
		},
		"a pair before one that it may not meet": func(t *testing.T, w *writer) {
			w.review(alice, law.Allow, law.Side{Rule: "b", Covered: true, Binds: true})
			w.review(carol, law.Allow, law.Side{Rule: "b", Other: true})
			w.must(w.order(carol, book.Buy, "22000", "1"))                          // 1
			w.must(w.then(w.order(alice, book.Sell, "23000", "1"), up(w), down(w))) // 2 to 4
			expect(t, w.must(w.order(bob, book.Buy, "23000", "1")), "5 NEW; 1 at 23000 with 2; 2 FILLED; 5 FILLED; 3 EXPIRED; 4 EXPIRED; list 1 ended; ")
			w.balance(alice, btc, "9", "0")
		},
		"when the working order is cancelled they are too": func(t *testing.T, w *writer) {
			for i, cmd := range []tape.Command{
				&tape.CancelOrder{Account: alice, Order: 1}, &tape.CancelAll{Account: alice}, &tape.CancelOrderList{Account: alice, OrderList: 3},
			} {
				w.must(w.then(buy(w), up(w), down(w)))
				n := 3*i + 1
				expect(t, w.must(cmd), fmt.Sprintf("%d CANCELED; %d CANCELED; %d CANCELED; list %d ended; ", n, n+1, n+2, i+1))
				w.balance(alice, usdt, "100000", "0")
			}
			w.must(w.then(buy(w), up(w), down(w)))
			w.must(w.order(carol, book.Sell, "20000", "1")) // 13 fills half
			expect(t, w.review(alice, law.Freeze), "decided; 1000 stands at freeze; 10 CANCELED; 11 CANCELED; 12 CANCELED; list 4 ended; ")
			w.balance(alice, usdt, "0", "0", "0", "80000")
		},
		"when one of them is cancelled all are": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), up(w), down(w)))
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 3}), "3 CANCELED; 1 CANCELED; 2 CANCELED; list 1 ended; ")
			w.balance(alice, usdt, "100000", "0")
		},
		"when the working order expires they do too": func(t *testing.T, w *writer) {
			now := buy(w)
			now.Force = tape.IOC
			w.must(w.order(carol, book.Sell, "20000", "1"))
			expect(t, w.must(w.then(now, sell(w))), "list 1; 2 NEW; 3 PENDING_NEW; 1 at 20000 with 1; 1 FILLED; 2 EXPIRED; 3 EXPIRED; list 1 ended; ")
			kill := buy(w)
			kill.Force = tape.FOK
			expect(t, w.must(w.then(kill, sell(w))), "list 2; 4 NEW; 5 PENDING_NEW; 4 EXPIRED; 5 EXPIRED; list 2 ended; ")
		},
		"when the working order is kept from meeting": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), up(w), down(w)))
			expect(t, w.must(w.order(alice, book.Sell, "20000", "1")), "4 NEW; prevented with 1, 2 and 0; 1 EXPIRED_IN_MATCH; 2 EXPIRED; 3 EXPIRED; list 1 ended; ")
			expect(t, w.must(w.then(mode(w.order(alice, book.Buy, "20000", "1"), tape.ExpireTaker), sell(w))),
				"list 2; 5 NEW; 6 PENDING_NEW; prevented with 4, 0 and 1; 5 EXPIRED_IN_MATCH; 6 EXPIRED; list 2 ended; ")
			w.must(w.then(w.order(alice, book.Buy, "19000", "1"), sell(w))) // 7, 8
			expect(t, w.must(mode(w.order(alice, book.Sell, "19000", "1"), tape.Decrement)),
				"9 NEW; prevented with 7, 1 and 1; 7 EXPIRED_IN_MATCH; 8 EXPIRED; list 3 ended; 9 EXPIRED_IN_MATCH; ")
			// What of it is prevented does not keep it from being filled.
			w.must(w.then(w.order(alice, book.Buy, "19000", "2"), sell(w))) // 10, 11
			expect(t, w.must(mode(w.order(alice, book.Sell, "19000", "1"), tape.Decrement)), "12 NEW; prevented with 10, 1 and 1; 10 NEW; 12 EXPIRED_IN_MATCH; ")
			expect(t, w.must(w.order(bob, book.Sell, "19000", "1")), "13 NEW; 1 at 19000 with 10; 10 FILLED; 13 FILLED; 11 NEW; ")
		},
		"nothing comes while the market only cancels": func(t *testing.T, w *writer) {
			w.must(w.then(buy(w), sell(w)))
			w.must(&tape.SetPhase{Market: mkt, Phase: tape.Halted, By: "m"})
			w.refuse(&tape.CancelOrder{Account: alice, Order: 2}, tape.MarketClosed)
			w.must(&tape.SetPhase{Market: mkt, Phase: tape.CancelOnly, By: "m"})
			w.refuse(w.then(buy(w), sell(w)), tape.MarketClosed)
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 2}), "2 CANCELED; 1 CANCELED; list 1 ended; ")
		},
		"they count as open, but for the position": func(t *testing.T, w *writer) {
			k := &w.m.genesis.Markets[mkt]
			k.MaxOrders, k.MaxStops, k.MaxPosition = 3, 1, amt("12")
			w.must(w.then(w.order(alice, book.Buy, "20000", "1"), w.order(alice, book.Buy, "18000", "2"))) // 10 + 1 + 2 > 12
			w.refuse(w.then(buy(w), sell(w)), tape.MaxPosition)                                            // of the working order
			w.refuse(w.then(sell(w), sell(w)), tape.MaxOrders)                                             // with the first of them
			w.must(w.order(alice, book.Buy, "18000", "1"))
			w.must(&tape.CancelOrder{Account: alice, Order: 3})
			expect(t, w.must(w.order(carol, book.Sell, "20000", "1")), "4 NEW; 1 at 20000 with 1; 1 FILLED; 4 FILLED; 2 EXPIRED; list 1 ended; ") // 10.999 + 2 > 12
			k.MaxOrders = 0
			w.must(w.then(sell(w), down(w)))
			w.refuse(down(w), tape.MaxStops)
			w.must(w.then(w.order(bob, book.Buy, "15000", "1"), w.order(bob, book.Buy, "14000", "1")))
			again := w.order(bob, book.Buy, "13000", "1")
			again.ClientID = w.m.orders[w.m.lastOrder].ClientID
			w.refuse(again, tape.DuplicateClientID)
		},
		"what the price bears is asked when it comes": func(t *testing.T, w *writer) {
			k := &w.m.genesis.Markets[mkt]
			w.trades("20000", "0.1")
			k.Buys, k.Sells = tape.Band{Up: 1_100_000, Down: 900_000}, tape.Band{Up: 1_100_000, Down: 900_000}
			w.refuse(w.then(w.order(alice, book.Buy, "17000", "1"), sell(w)), tape.PercentPrice)
			w.must(w.then(w.order(alice, book.Buy, "19000", "1"), w.order(alice, book.Sell, "21500", "1"))) // 3, 4
			expect(t, w.must(w.order(carol, book.Sell, "19000", "1")), "5 NEW; 1 at 19000 with 3; 3 FILLED; 5 FILLED; 4 EXPIRED; list 1 ended; ")
			k.Buys, k.Sells = tape.Band{}, tape.Band{}
			k.MinNotional = amt("19000")
			w.must(w.then(w.order(alice, book.Buy, "19000", "1"), w.market(alice, book.Sell, "1", "0"))) // 6, 7: worth 19,000
			w.must(w.order(bob, book.Buy, "18999", "2"))
			k.MinNotional = amt("1")
			w.must(w.order(carol, book.Sell, "19000", "0.5"))
			k.MinNotional = amt("19001")
			w.must(w.order(carol, book.Sell, "18000", "2")) // fills 6, then trades at 18,999
			if w.m.orders[7] != nil || w.m.lastTrade == 0 {
				t.Errorf("%+v", w.m.orders[7])
			}
		},
	})
}

// TestOneTriggersRefusals goes through what PlaceOrderList says of orders that wait for another.
func TestOneTriggersRefusals(t *testing.T) {
	w := traders(t)
	buy := func() *tape.PlaceOrder { return w.order(alice, book.Buy, "20000", "2") }
	sell := func() *tape.PlaceOrder { return w.order(alice, book.Sell, "21000", "1") }
	up := func() *tape.PlaceOrder { return maker(w.order(alice, book.Sell, "22000", "1")) }
	down := func() *tape.PlaceOrder { return w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "1") }
	with := func(c *tape.PlaceOrderList, change func(*tape.PlaceOrderList)) *tape.PlaceOrderList {
		change(c)
		return c
	}
	w.refuse(w.then(w.order(alice, book.Buy, "20000", "6"), sell()), tape.Insufficient)
	w.must(w.then(buy(), w.order(alice, book.Sell, "21000", "20"))) // what is pending need not be there
	w.must(&tape.CancelAll{Account: alice})
	w.must(w.order(carol, book.Sell, "20000", "1"))
	w.refuse(w.then(maker(buy()), sell()), tape.WouldTake)
	w.refuse(w.then(buy(), w.order(alice, book.Sell, "21000", "0.0001")), tape.LotSize)
	w.refuse(w.then(buy(), w.order(alice, book.Sell, "21000.001", "1")), tape.PriceFilter)
	w.refuse(with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.Orders[1].ClientID = c.Orders[0].ClientID }), tape.DuplicateClientID)
	w.refuse(with(w.then(buy(), up(), down()), func(c *tape.PlaceOrderList) { c.Orders[2].ClientID = c.Orders[0].ClientID }), tape.DuplicateClientID)
	open := w.then(w.order(alice, book.Buy, "15000", "1"), sell())
	w.must(open)
	w.refuse(with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.ClientID = open.ClientID }), tape.DuplicateClientID)
	for name, c := range map[string]*tape.PlaceOrderList{
		"nothing":                     {ClientID: "l", Contingency: tape.OneTriggers},
		"one":                         w.then(buy()),
		"four":                        w.then(buy(), sell(), up(), down()),
		"no contingency":              with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.Contingency = 0 }),
		"a contingency there is not":  with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.Contingency = 4 }),
		"three that cancel":           with(w.then(up(), up(), down()), func(c *tape.PlaceOrderList) { c.Contingency = tape.OneCancels }),
		"it pays and sells":           w.pays(sell(), sell()),
		"it pays for one that buys":   w.pays(buy(), buy()),
		"it pays for a quantity":      with(w.pays(buy(), sell()), func(c *tape.PlaceOrderList) { c.Orders[1].Quantity = amt("1") }),
		"it pays for money":           with(w.pays(buy(), w.market(alice, book.Sell, "1", "0")), func(c *tape.PlaceOrderList) { c.Orders[1].QuoteQuantity = amt("1000") }),
		"it pays for no pair":         w.pays(buy(), up(), up()),
		"nothing says how much":       with(w.pays(buy(), sell()), func(c *tape.PlaceOrderList) { c.Contingency = tape.OneTriggers }),
		"a market order works":        w.then(w.market(alice, book.Buy, "1", "0"), sell()),
		"a stop works":                w.then(down(), sell()),
		"money is pending":            w.then(buy(), w.market(alice, book.Sell, "0", "1000")),
		"another's is pending":        w.then(buy(), w.order(bob, book.Sell, "21000", "1")),
		"another market's is pending": with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.Orders[1].Market = 1 }),
		"two are pending, no pair":    w.then(buy(), up(), up()),
		"no client id":                with(w.then(buy(), sell()), func(c *tape.PlaceOrderList) { c.ClientID = "" }),
		"contradicting parts":         w.then(buy(), w.stop(alice, book.Sell, tape.StopLoss, "18000", "17000", "1")),
	} {
		if events := w.m.apply(w.at, c); len(events) != 1 || events[0] != (tape.Refused{Reason: tape.BadOrder}) {
			t.Errorf("%s: %s", name, describe(events))
		}
	}
	w.holds()
}

// pays is an order that buys, and what sells what it brings.
func (w *writer) pays(working *tape.PlaceOrder, pending ...*tape.PlaceOrder) *tape.PlaceOrderList {
	c := w.then(working, pending...)
	c.Contingency = tape.OnePays
	for i := range c.Orders[1:] {
		c.Orders[1+i].Quantity = money.Amount{}
	}
	return c
}

// TestOnePays holds the model to the words on what one order pays for another, by numbers computed by hand. Alice has
// 10 BTC and 100,000 USDT; the maker's fee is 0.1 %, the taker's 0.2 %, a step 0.001.
func TestOnePays(t *testing.T) {
	buy := func(w *writer, quantity string) *tape.PlaceOrder { return w.order(alice, book.Buy, "20000", quantity) }
	sell := func(w *writer) *tape.PlaceOrder { return w.order(alice, book.Sell, "21000", "1") }
	up := func(w *writer) *tape.PlaceOrder { return maker(w.order(alice, book.Sell, "22000", "1")) }
	down := func(w *writer) *tape.PlaceOrder { return w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "1") }
	all := func(w *writer) { w.must(w.order(alice, book.Sell, "30000", "10")) } // so that nothing is available
	fills := func(w *writer, quantity string) []tape.Event {
		return w.must(w.order(carol, book.Sell, "20000", quantity))
	}
	locked := func(t *testing.T, w *writer, want string) {
		t.Helper()
		if s := w.m.state(); len(s.OrderLists) != 1 || s.OrderLists[0].Locked != amt(want) {
			t.Errorf("%s is locked, want: %+v", want, s.OrderLists)
		}
	}
	scenes(t, map[string]func(*testing.T, *writer){
		"only the working order reserves": func(t *testing.T, w *writer) {
			events := w.must(w.pays(buy(w, "2"), sell(w)))
			expect(t, events, "list 1; 1 NEW; 2 PENDING_NEW; ")
			w.balance(alice, usdt, "60000", "40000")
			w.balance(alice, btc, "10", "0")
			if o := lastOrder(events, 2); !o.Quantity.IsZero() || o.Working != 0 {
				t.Errorf("%+v", o)
			}
			locked(t, w, "0")
		},
		"who has enough available pays the fee from there": func(t *testing.T, w *writer) {
			w.must(w.pays(buy(w, "2"), sell(w)))
			fills(w, "1.5")
			w.balance(alice, btc, "9.9985", "1.5")
			locked(t, w, "1.5")
			events := fills(w, "0.5")
			expect(t, events, "4 NEW; 0.5 at 20000 with 1; 1 FILLED; 4 FILLED; 2 NEW; ")
			if o := lastOrder(events, 2); o.Quantity != amt("2") || o.Working != w.at {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "9.998", "2")
			locked(t, w, "0")
			w.balance(uint64(ledger.Fees), btc, "0.002")
		},
		"who has not pays it of what was bought": func(t *testing.T, w *writer) {
			all(w)                               // 1
			w.must(w.pays(buy(w, "2"), sell(w))) // 2, 3
			fills(w, "1.5")                      // 4
			w.balance(alice, btc, "0", "11.4985")
			locked(t, w, "1.4985")
			events := fills(w, "0.5")
			if o := lastOrder(events, 3); o.Quantity != amt("1.998") {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "0", "11.998")
		},
		"fill by fill": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "30000", "9.999")) // 0.001 is available
			w.must(w.pays(buy(w, "2"), sell(w)))
			fills(w, "1.5") // the fee of 0.0015 is more than that
			locked(t, w, "1.4985")
			w.balance(alice, btc, "0.001", "11.4975")
			events := fills(w, "0.5") // and that of 0.0005 is not
			if o := lastOrder(events, 3); o.Quantity != amt("1.998") {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "0.001", "11.997") // 1.9985 was locked, and 1.998 is a number of steps
		},
		"as much as is available is enough": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "30000", "9.999"))
			w.must(w.pays(buy(w, "2"), sell(w)))
			fills(w, "1")
			locked(t, w, "1")
			w.balance(alice, btc, "0", "10.999")
		},
		"a taker": func(t *testing.T, w *writer) {
			w.must(w.order(carol, book.Sell, "19900", "2")) // 1
			all(w)                                          // 2
			events := w.must(w.pays(buy(w, "2"), w.market(alice, book.Sell, "1", "0")))
			expect(t, events, "list 1; 3 NEW; 4 PENDING_NEW; 2 at 19900 with 1; 1 FILLED; 3 FILLED; 4 NEW; 4 EXPIRED; list 1 ended; ")
			if o := lastOrder(events, 4); o.Quantity != amt("1.996") {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "1.996", "10")
		},
		"it is sold in the same command": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Buy, "19000", "5"))
			w.must(w.pays(buy(w, "2"), w.market(alice, book.Sell, "1", "0")))
			fills(w, "2")
			w.balance(alice, usdt, "97924", "0") // 100,000 − 40,000 + 38,000 − 76
			w.balance(alice, btc, "9.998", "0")
		},
		"a pair": func(t *testing.T, w *writer) {
			all(w)
			w.must(w.pays(buy(w, "2"), down(w), up(w))) // 2, 3, 4
			events := fills(w, "2")
			expect(t, events, "5 NEW; 2 at 20000 with 2; 2 FILLED; 5 FILLED; 3 NEW; 4 NEW; ")
			if a, b := lastOrder(events, 3), lastOrder(events, 4); a.Quantity != amt("1.998") || b.Quantity != amt("1.998") {
				t.Errorf("%+v %+v", a, b)
			}
			w.balance(alice, btc, "0", "11.998") // together
			expect(t, w.must(w.order(bob, book.Buy, "22000", "1.998")), "6 NEW; 3 EXPIRED; 1.998 at 22000 with 4; 4 FILLED; list 1 ended; 6 FILLED; ")
		},
		"cancelled before, what is locked goes back": func(t *testing.T, w *writer) {
			w.must(w.pays(buy(w, "2"), sell(w))) // 1, 2
			fills(w, "1.5")
			w.refuse(w.order(alice, book.Sell, "21000", "9.999"), tape.Insufficient)
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 1}), "1 CANCELED; 2 CANCELED; list 1 ended; ")
			w.balance(alice, btc, "11.4985", "0")
		},
		"so it does where what pends is cancelled": func(t *testing.T, w *writer) {
			w.must(w.pays(buy(w, "2"), down(w), up(w))) // 1, 2, 3
			fills(w, "1.5")
			expect(t, w.must(&tape.CancelOrder{Account: alice, Order: 3}), "3 CANCELED; 1 CANCELED; 2 CANCELED; list 1 ended; ")
			w.balance(alice, btc, "11.4985", "0")
		},
		"and where the working order expires": func(t *testing.T, w *writer) {
			w.must(w.order(carol, book.Sell, "20000", "1.5")) // 1
			o := buy(w, "2")
			o.Force = tape.IOC
			expect(t, w.must(w.pays(o, sell(w))), "list 1; 2 NEW; 3 PENDING_NEW; 1.5 at 20000 with 1; 1 FILLED; 2 EXPIRED; 3 EXPIRED; list 1 ended; ")
			w.balance(alice, btc, "11.497", "0")
		},
		"frozen, what is locked is frozen too": func(t *testing.T, w *writer) {
			w.must(w.pays(buy(w, "2"), sell(w)))
			fills(w, "1.5")
			w.review(alice, law.Freeze)
			if b := w.m.balances[pile{alice, btc}]; b[ledger.Available] != amt("0") || b[ledger.Ordered] != amt("0") || b[ledger.Frozen] != amt("11.4985") {
				t.Errorf("%v", b)
			}
		},
		"less than anybody may sell": func(t *testing.T, w *writer) {
			all(w)
			w.must(w.pays(buy(w, "0.001"), sell(w)))
			events := fills(w, "0.001")
			expect(t, events, "4 NEW; 0.001 at 20000 with 2; 2 FILLED; 4 FILLED; 3 EXPIRED; list 1 ended; ")
			w.balance(alice, btc, "0.000999", "10")
		},
		"no whole number of steps": func(t *testing.T, w *writer) {
			all(w)
			w.must(w.pays(buy(w, "0.333"), sell(w)))
			if o := lastOrder(fills(w, "0.333"), 3); o.Quantity != amt("0.332") {
				t.Errorf("%+v", o)
			}
			w.balance(alice, btc, "0.000667", "10.332")
		},
		"worth too little": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].MinNotional = amt("42000")
			w.must(w.pays(w.order(alice, book.Buy, "20000", "2.1"), w.order(alice, book.Sell, "20000", "1")))
			w.m.genesis.Markets[mkt].MinNotional = amt("42001")
			expect(t, w.m.apply(w.at, w.order(carol, book.Sell, "21000", "2.1")), "3 NEW; ")
			w.m.genesis.Markets[mkt].MinNotional = amt("1")
		},
		"more than one without a limit may be": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].MarketMaxQty = amt("1.2")
			w.must(w.pays(buy(w, "2"), down(w), up(w)))
			events := fills(w, "2")
			if a, b := lastOrder(events, 2), lastOrder(events, 3); a.Quantity != amt("1.2") || b.Quantity != amt("1.2") {
				t.Errorf("%+v %+v", a, b)
			}
		},
		"one with a limit may be more": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].MarketMaxQty = amt("1.2")
			w.must(w.pays(buy(w, "2"), sell(w)))
			if o := lastOrder(fills(w, "2"), 2); o.Quantity != amt("2") {
				t.Errorf("%+v", o)
			}
		},
		"an iceberg": func(t *testing.T, w *writer) {
			ice := sell(w)
			ice.Iceberg = amt("0.5")
			w.must(w.pays(buy(w, "2"), ice)) // 1, 2
			if o := lastOrder(fills(w, "2"), 2); o.Quantity != amt("2") || o.Iceberg != amt("0.5") || o.Status != tape.StatusNew {
				t.Errorf("%+v", o)
			}
			ice.ClientID = "more"
			ice.Iceberg = amt("1.5")
			w.must(w.pays(buy(w, "1"), ice)) // 4, 5: shows more than there is
			if o := lastOrder(fills(w, "1"), 5); o.Status != tape.Expired || o.Quantity != amt("1") {
				t.Errorf("%+v", o)
			}
			w.m.genesis.Markets[mkt].MaxParts = 3
			ice.ClientID, ice.Iceberg = "parts", amt("0.3")
			w.must(w.pays(buy(w, "1"), ice)) // 7, 8: four parts
			if o := lastOrder(fills(w, "1"), 8); o.Status != tape.Expired {
				t.Errorf("%+v", o)
			}
			ice.ClientID, ice.Iceberg = "steps", amt("0.0005")
			w.refuse(w.pays(buy(w, "1"), ice), tape.LotSize)
		},
		"what changes hands is locked, with no fee": func(t *testing.T, w *writer) {
			w.group(1, alice, bob)
			w.must(w.pays(mode(buy(w, "2"), tape.Transfer), sell(w))) // 1, 2
			w.must(mode(w.order(bob, book.Sell, "20000", "0.5"), tape.Transfer))
			locked(t, w, "0.5")
			w.balance(alice, btc, "10", "0.5")
			events := fills(w, "1.5")
			if o := lastOrder(events, 2); o.Status != tape.StatusNew || o.Quantity != amt("2") {
				t.Errorf("%+v", o)
			}
		},
		"what is prevented is not bought": func(t *testing.T, w *writer) {
			w.must(w.pays(mode(buy(w, "2"), tape.Decrement), sell(w)))
			w.must(mode(w.order(alice, book.Sell, "20000", "0.5"), tape.Decrement))
			if o := lastOrder(fills(w, "1.5"), 2); o.Status != tape.StatusNew || o.Quantity != amt("1.5") {
				t.Errorf("%+v", o)
			}
		},
		"with itself": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].AllowSelf = true
			w.must(w.order(alice, book.Sell, "20000", "2"))
			w.must(w.pays(mode(buy(w, "2"), tape.AllowSelf), sell(w)))
			w.balance(alice, btc, "7.996", "2")
		},
	})
}
