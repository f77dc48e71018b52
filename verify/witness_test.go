package verify

import (
	"slices"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// handed lets alice offer what changes hands with the order that it returns, of bob.
func handed(w *writer) *tape.PlaceOrder {
	w.group(1, alice, bob)
	w.must(w.hand(alice, book.Sell, "19500", "1"))
	return w.hand(bob, book.Buy, "19500", "1")
}

// TestWitness shows the witness events that must never be, as a venue and a model that
// were both wrong would bring them about.
func TestWitness(t *testing.T) {
	balanceOf := func(events []tape.Event, account uint64, asset uint16) *tape.BalanceChanged {
		for _, e := range events {
			if b, ok := e.(*tape.BalanceChanged); ok && b.Account == account && b.Asset == asset {
				return b
			}
		}
		t.Fatalf("no balance of account %d in asset %d", account, asset)
		return nil
	}
	for name, c := range map[string]struct {
		last func(w *writer) (tape.Command, []tape.Event)
		want string
	}{
		"money out of nothing": {func(w *writer) (tape.Command, []tape.Event) {
			d, events := w.deposit(alice, usdt, "10", law.Allow)
			b := balanceOf(events, alice, usdt)
			b.Balance[ledger.Available] = plus(b.Balance[ledger.Available], amt("0.000001"))
			return d, events
		}, "no longer sums to zero"},
		"less than nothing": {func(w *writer) (tape.Command, []tape.Event) {
			d, events := w.deposit(alice, usdt, "10", law.Allow)
			b := balanceOf(events, alice, usdt)
			b.Balance[ledger.Apart], b.Balance[ledger.Available] = amt("-1"), plus(b.Balance[ledger.Available], amt("1"))
			return d, events
		}, "less than nothing"},
		"too little reserved": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "18000", "1")
			events := w.must(o)
			b := balanceOf(events, bob, usdt)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("36999"), amt("63001")
			return o, events
		}, "its open orders need 37000"},
		"a reservation kept after the order": {func(w *writer) (tape.Command, []tape.Event) {
			c := &tape.CancelOrder{Account: alice, Market: mkt, Order: 1}
			events := w.must(c)
			return c, events[:1]
		}, "its open orders need 1"},
		"an older order passed over": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			events := w.must(o)
			for i, e := range events {
				if x, ok := e.(*tape.Traded); ok {
					x.Maker, x.MakerAccount = 2, carol
					events[i] = x
				}
			}
			return o, events
		}, "passes over order 1"},
		"a better price passed over": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20100", "1")
			events := w.must(o)
			for i, e := range events {
				if x, ok := e.(*tape.Traded); ok {
					x.Maker, x.Price = 3, amt("20100")
					events[i] = x
				}
			}
			return o, events
		}, "passes over order 1"},
		"a trade at another price than the maker's": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20100", "1")
			events := w.must(o)
			for i, e := range events {
				if x, ok := e.(*tape.Traded); ok {
					x.Price = amt("20050")
					events[i] = x
				}
			}
			return o, events
		}, "its maker asked for 20000"},
		"a trade beyond the taker's limit": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			events := w.must(o)
			for i, e := range events {
				if x, ok := e.(*tape.OrderChanged); ok && x.ID == 5 {
					x.Price = amt("19999")
					events[i] = x
				}
			}
			return o, events
		}, "beyond the taker's limit"},
		"a trade with an account that stands at freeze": {func(w *writer) (tape.Command, []tape.Event) {
			c, id := w.seal(w.decision(law.Review, alice, law.Freeze, ""))
			w.keep(c, nil)
			events := []tape.Event{tape.Decided{Decision: id, Account: alice}, tape.StandingChanged{Account: alice, Standing: standingFor(law.Freeze, id)}}
			return c, events // and its orders stay
		}, "has open orders though it stands at freeze"},
		"an order of an account that may not trade": {func(w *writer) (tape.Command, []tape.Event) {
			w.review(bob, law.Exit)
			w.m.accounts[bob].Standing.May = tape.MayTrade
			o := w.order(bob, book.Buy, "20000", "1")
			return o, w.must(o)
		}, "stands at exit"},
		"a crossed book": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "19900", "1")
			events := w.must(o)
			for i, e := range events {
				if x, ok := e.(*tape.OrderChanged); ok {
					x.Price = amt("20000")
					events[i] = x
				}
			}
			b := balanceOf(events, bob, usdt)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("39000"), amt("61000")
			return o, events
		}, "is crossed"},
		"an immediate order that stays": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "18000", "1")
			o.Force = tape.IOC
			return o, w.must(o)[:1]
		}, "rests, though it is LIMIT IOC"},
		"frozen value that leaves without a decision": {func(w *writer) (tape.Command, []tape.Event) {
			w.review(carol, law.Freeze)
			b := w.m.balances[pile{carol, usdt}]
			b[ledger.Frozen], b[ledger.Available] = minus(b[ledger.Frozen], money.Int(1)), money.Int(1)
			c := &tape.AddKey{Account: carol}
			w.keep(c, nil)
			return c, []tape.Event{&tape.BalanceChanged{Account: carol, Asset: usdt, Balance: b}}
		}, "leaves the frozen pocket"},
		"frozen value that leaves by a decision for somebody else": {func(w *writer) (tape.Command, []tape.Event) {
			w.review(carol, law.Freeze)
			b := w.m.balances[pile{carol, usdt}]
			b[ledger.Frozen], b[ledger.Available] = minus(b[ledger.Frozen], money.Int(1)), money.Int(1)
			c, _ := w.seal(w.decision(law.Review, bob, law.Allow, ""))
			return c, append(w.must(c), &tape.BalanceChanged{Account: carol, Asset: usdt, Balance: b})
		}, "leaves the frozen pocket"},
		"a decision spent twice": {func(w *writer) (tape.Command, []tape.Event) {
			out := w.withdrawCommand(alice, usdt, "50")
			movement := withdrawMovement(&w.m.genesis, out)
			c, id := w.seal(w.decision(law.Withdraw, alice, law.Allow, movement))
			out.Decision = id
			w.must(c)
			w.must(out)
			w.m.recorded, w.m.known = nil, map[tape.Hash]bool{} // a venue that forgets
			w.must(c)
			return out, w.must(out)
		}, "was spent before"},
		"a standing that no decision gave": {func(w *writer) (tape.Command, []tape.Event) {
			c := &tape.AddKey{Account: alice}
			w.keep(c, nil)
			return c, []tape.Event{tape.StandingChanged{Account: alice, Standing: standingFor(law.Allow, tape.Hash{9})}}
		}, "is not that of a decision"},
		"a trade with an order that waits for a price": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.stop(carol, book.Sell, tape.StopLossLimit, "10000", "20000", "1")) // 5
			o := w.order(bob, book.Buy, "20000", "1")
			return o, forge(w.must(o), func(x *tape.Traded) { x.Maker, x.MakerAccount = 5, carol })
		}, "not both open, one in the book"},
		"a trade of one account with itself": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			events := forge(w.must(o), func(x *tape.OrderChanged) {
				if x.ID == 5 {
					x.Account = alice
				}
			})
			return o, forge(events, func(x *tape.Traded) { x.TakerAccount = alice })
		}, "did not ask for it"},
		"more than an order shows": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(iceberg(w.order(carol, book.Sell, "19990", "3"), "1"))
			o := w.order(bob, book.Buy, "19990", "1")
			return o, forge(w.must(o), func(x *tape.Traded) { x.Quantity = amt("2") })
		}, "which shows 1"},
		"a part that was gone and keeps its place": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(iceberg(w.order(alice, book.Sell, "19990", "3"), "1")) // 5
			w.must(w.order(carol, book.Sell, "19990", "1"))               // 6
			o := w.order(bob, book.Buy, "19990", "2")
			n := 0
			return o, forge(w.must(o), func(x *tape.Traded) {
				if n++; n == 2 {
					x.Maker, x.MakerAccount = 5, alice
				}
			})
		}, "passes over order 6"},
		"a trade of two whom a bar keeps apart": {func(w *writer) (tape.Command, []tape.Event) {
			w.review(carol, law.Allow, other)
			w.review(alice, law.Allow, covered)
			w.must(w.order(alice, book.Sell, "20000", "1")) // 5
			w.must(w.order(bob, book.Sell, "20000", "1"))   // 6
			o := w.order(carol, book.Buy, "20000", "1")
			return o, forge(w.must(o), func(x *tape.Traded) { x.Maker, x.MakerAccount = 5, alice })
		}, "whom rule a-bar keeps apart"},
		"a match that no rule prevented": {func(w *writer) (tape.Command, []tape.Event) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			o := w.order(bob, book.Buy, "20000", "2")
			return o, forge(w.must(o), func(x *tape.Prevented) { x.Barred = "" })
		}, "nothing keeps accounts 1000 and 1001 apart"},
		"a match that another rule prevented": {func(w *writer) (tape.Command, []tape.Event) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			o := w.order(bob, book.Buy, "20000", "2")
			return o, forge(w.must(o), func(x *tape.Prevented) { x.Barred = "b-bar" })
		}, "rule b-bar does not keep"},
		"a match prevented of an order at another price": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(carol, book.Buy, "20000", "3")
			return o, forge(w.must(o), func(x *tape.Prevented) { x.Price = amt("1") })
		}, "which would not have met"},
		"a trade within a group that did not ask for it": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			for _, a := range []uint64{alice, bob} { // and both the venue and the model forget
				c := tape.SetTradeGroup{Account: a, Group: 1}
				w.keep(&c, []tape.Event{tape.GroupChanged{SetTradeGroup: c}})
			}
			return o, w.must(o)
		}, "with itself or its trade group, which did not ask for it"},
		"more is locked than was bought": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pays(w.order(bob, book.Buy, "19900", "2"), w.order(bob, book.Sell, "21000", "1")))
			o := w.order(carol, book.Sell, "19900", "1")
			events := w.must(o)
			b := balanceOf(events, bob, btc)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("1.001"), amt("9.998")
			return o, events
		}, "lock 0.999 at the least and 1 at the most"},
		"less is locked than was bought, less the fee": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pays(w.order(bob, book.Buy, "19900", "2"), w.order(bob, book.Sell, "21000", "1")))
			o := w.order(carol, book.Sell, "19900", "1")
			events := w.must(o)
			b := balanceOf(events, bob, btc)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("0.998"), amt("10.001")
			return o, events
		}, "lock 0.999 at the least and 1 at the most"},
		"what is locked stays so when its list has ended": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pays(w.order(bob, book.Buy, "19900", "2"), w.order(bob, book.Sell, "21000", "1"))) // 5, 6
			w.must(w.order(carol, book.Sell, "19900", "1"))
			c := &tape.CancelOrder{Account: bob, Order: 5}
			events := w.must(c)
			b := balanceOf(events, bob, btc)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("1"), amt("9.999")
			return c, events
		}, "lock 0 at the least and 0 at the most"},
		"more is sold than was bought for it": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pays(w.order(bob, book.Buy, "19900", "1"), w.order(bob, book.Sell, "21000", "1"))) // 5, 6
			o := w.order(carol, book.Sell, "19900", "1")
			return o, forge(w.must(o), func(x *tape.OrderChanged) {
				if x.ID == 6 {
					x.Quantity = amt("1.001")
				}
			})
		}, "what was bought for it is 1 at the most"},
		"what another pays for has a quantity before": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pays(w.order(bob, book.Buy, "19900", "2"), w.order(bob, book.Sell, "21000", "1"))) // 5, 6
			o := w.order(carol, book.Sell, "19900", "1")
			events := w.must(o)
			x := lastOrder(w.events[len(w.events)-2], 6)
			x.Quantity = amt("1")
			return o, append(events, &tape.OrderChanged{Order: x})
		}, "order 6 is another order than it was"},
		"a transfer that the maker did not ask for": {func(w *writer) (tape.Command, []tape.Event) {
			w.group(1, alice, bob)
			w.must(w.order(alice, book.Sell, "19500", "1"))
			o := w.hand(bob, book.Buy, "19500", "1")
			return o, forge(w.must(o), func(x *tape.Prevented) { x.Mode = tape.Transfer })
		}, "not both orders asked for that"},
		"a transfer of more than there is": {func(w *writer) (tape.Command, []tape.Event) {
			o := handed(w)
			return o, forge(w.must(o), func(x *tape.Prevented) { x.MakerQuantity, x.TakerQuantity = amt("2"), amt("2") })
		}, "which are not one quantity that both orders have"},
		"a transfer beyond a limit": {func(w *writer) (tape.Command, []tape.Event) {
			o := handed(w)
			events := forge(w.must(o), func(x *tape.OrderChanged) {
				if x.Account == bob {
					x.Price = amt("19499")
				}
			})
			return o, events
		}, "beyond the taker's limit 19499"},
		"a transfer between two whom a bar keeps apart": {func(w *writer) (tape.Command, []tape.Event) {
			w.review(bob, law.Allow, other)
			w.review(alice, law.Allow, covered)
			o := handed(w)
			w.m.accounts[alice].Sides = nil // both the venue and the model forget
			return o, w.must(o)
		}, "value changes hands between accounts 1000 and 1001 by prevented match 1, whom rule a-bar keeps apart"},
		"a transfer of somebody stopped": {func(w *writer) (tape.Command, []tape.Event) {
			o := handed(w)
			c, id := w.seal(w.decision(law.Review, alice, law.Hold, ""))
			stops := []tape.Event{tape.Decided{Decision: id, Account: alice}, tape.StandingChanged{Account: alice, Standing: standingFor(law.Hold, id)}}
			events := w.must(o)
			w.events = w.events[:len(w.events)-1]
			w.entries = w.entries[:len(w.entries)-1]
			w.keep(c, nil)
			return c, append(stops, events...)
		}, "value of account 1000 changes hands by prevented match 1 though it stands at hold"},
		"a transfer that is told at another price": {func(w *writer) (tape.Command, []tape.Event) {
			o := handed(w)
			events := w.must(o)
			b, a := balanceOf(events, bob, usdt), balanceOf(events, alice, usdt)
			b.Balance[ledger.Available], a.Balance[ledger.Available] = plus(b.Balance[ledger.Available], amt("1")), minus(a.Balance[ledger.Available], amt("1"))
			return o, events
		}, "what account 1000 has of USDT is off by 1 from"},
		"value that goes over with no word of it": {func(w *writer) (tape.Command, []tape.Event) {
			c := &tape.AddKey{Account: alice}
			w.keep(c, nil)
			a, b := w.m.balances[pile{alice, btc}], w.m.balances[pile{carol, btc}]
			a[ledger.Available], b[ledger.Available] = minus(a[ledger.Available], amt("1")), plus(b[ledger.Available], amt("1"))
			return c, []tape.Event{&tape.BalanceChanged{Account: alice, Asset: btc, Balance: a}, &tape.BalanceChanged{Account: carol, Asset: btc, Balance: b}}
		}, "what account 1000 has of BTC is off by 1 from"},
		"a prevented match left out": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(carol, book.Buy, "20000", "3")
			return o, forge(w.must(o), func(x *tape.Prevented) { x.ID++ })
		}, "prevented match 2 follows 0"},
		"an order that goes on waiting": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.stop(carol, book.Buy, tape.StopLossLimit, "20000", "100", "1")) // 5
			o := w.order(bob, book.Buy, "20000", "1")
			return o, slices.DeleteFunc(w.must(o), func(e tape.Event) bool { x, ok := e.(*tape.OrderChanged); return ok && x.ID == 5 })
		}, "order 5 waits for 20000, and trade 1 was at 20000"},
		"an order that goes on following": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.order(bob, book.Buy, "20000", "0.1")) // trades
			o := w.stop(carol, book.Sell, tape.StopLossLimit, "0", "30000", "1")
			o.Trail = 500
			w.must(o)                                      // 6
			w.must(w.order(bob, book.Buy, "20100", "3"))   // up to 20,100, of which it is triggered at 19,095
			w.must(w.order(bob, book.Buy, "19095", "0.1")) //
			c := w.order(alice, book.Sell, "19095", "0.1")
			return c, slices.DeleteFunc(w.must(c), func(e tape.Event) bool { x, ok := e.(*tape.OrderChanged); return ok && x.ID == 6 })
		}, "order 6 follows the price by 500 ten-thousandths, which was at 20100 and by trade"},
		"both orders of an OCO reserve": {func(w *writer) (tape.Command, []tape.Event) {
			c := w.pair(maker(w.order(carol, book.Sell, "21000", "2")), w.stop(carol, book.Sell, tape.StopLoss, "15000", "", "2"))
			events := w.must(c)
			b := balanceOf(events, carol, btc)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = amt("5"), amt("5")
			return c, events
		}, "its open orders need 3"},
		"an OCO that reserves for both once one has traded": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pair(maker(w.order(carol, book.Buy, "19500", "1")), w.stop(carol, book.Buy, tape.StopLoss, "25000", "", "1")))
			o := w.order(bob, book.Sell, "19500", "0.5")
			events := w.must(o)
			b := balanceOf(events, carol, usdt)
			b.Balance[ledger.Ordered], b.Balance[ledger.Available] = plus(b.Balance[ledger.Ordered], amt("1")), minus(b.Balance[ledger.Available], amt("1"))
			return o, events
		}, "its open orders need 9750"},
		"an OCO of which both go on": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.pair(maker(w.order(carol, book.Sell, "19500", "2")), w.stop(carol, book.Sell, tape.StopLoss, "15000", "", "2"))) // 5 and 6
			o := w.order(bob, book.Buy, "19500", "0.5")
			return o, slices.DeleteFunc(w.must(o), func(e tape.Event) bool { return lastOrder([]tape.Event{e}, 6).ID == 6 })
		}, "its open orders need 4.5"},
		"what is pending reserves": {func(w *writer) (tape.Command, []tape.Event) {
			c := w.then(w.order(carol, book.Buy, "15000", "1"), w.order(carol, book.Sell, "21000", "1"))
			events := w.must(c)
			return c, append(events, &tape.BalanceChanged{Account: carol, Asset: btc, Balance: tape.Balances{ledger.Available: amt("8"), ledger.Ordered: amt("2")}})
		}, "its open orders need 1"},
		"one that comes before its time": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.then(w.order(carol, book.Buy, "19500", "1"), w.order(carol, book.Sell, "21000", "1"))) // 5 and 6
			o := w.order(bob, book.Sell, "19500", "0.5")
			came := w.m.orders[6].Order
			came.Status, came.Working = tape.StatusNew, w.at
			return o, append(w.must(o), &tape.OrderChanged{Order: came})
		}, "order 6 comes before the order is filled"},
		"one that is pending for ever": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.then(w.order(carol, book.Buy, "19500", "1"), w.order(carol, book.Sell, "21000", "50"))) // 5 and 6
			o := w.order(bob, book.Sell, "19500", "1")
			return o, slices.DeleteFunc(w.must(o), func(e tape.Event) bool { return lastOrder([]tape.Event{e}, 6).ID == 6 })
		}, "order 5 is FILLED, and order 6, which was pending on it, is PENDING_NEW"},
		"one that is pending on nothing": {func(w *writer) (tape.Command, []tape.Event) {
			w.must(w.then(w.order(carol, book.Buy, "15000", "1"), w.order(carol, book.Sell, "21000", "1"))) // 5 and 6
			c := &tape.CancelOrder{Account: carol, Order: 5}
			return c, slices.DeleteFunc(w.must(c), func(e tape.Event) bool { return lastOrder([]tape.Event{e}, 6).ID == 6 })
		}, "order 5 is CANCELED, and order 6, which was pending on it, is PENDING_NEW"},
		"an order made larger": {func(w *writer) (tape.Command, []tape.Event) {
			c := &tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1")}
			return c, forge(w.must(c), func(x *tape.OrderChanged) { x.Quantity = amt("3") })
		}, "another order than it was"},
		"an order made smaller by nobody": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			return o, forge(w.must(o), func(x *tape.OrderChanged) {
				if x.ID == 1 {
					x.Quantity = amt("1.5")
				}
			})
		}, "another order than it was"},
		"more done of an order than it has": {func(w *writer) (tape.Command, []tape.Event) {
			o := w.order(bob, book.Buy, "20000", "1")
			return o, forge(w.must(o), func(x *tape.OrderChanged) {
				if x.ID == 1 {
					x.Prevented = amt("1.001")
				}
			})
		}, "order 1 is filled by 1 and prevented by 1.001 of 2"},
		"a standing that lets do more than its verdict": {func(w *writer) (tape.Command, []tape.Event) {
			c, _ := w.seal(w.decision(law.Review, carol, law.Cap, ""))
			return c, forge(w.must(c), func(x *tape.StandingChanged) { x.May |= tape.MayTrade })
		}, "may do more than cap lets it"},
		"sides that the decision does not tell": {func(w *writer) (tape.Command, []tape.Event) {
			d := w.decision(law.Review, carol, law.Allow, "")
			d.Sides = []law.Side{covered}
			c, _ := w.seal(d)
			return c, forge(w.must(c), func(x *tape.StandingChanged) { x.Sides = nil })
		}, "does not stand on the sides"},
		"a transfer credited twice": {func(w *writer) (tape.Command, []tape.Event) {
			d, events := w.deposit(alice, usdt, "10", law.Allow)
			return d, append(slices.Clone(events), events[0])
		}, "was credited before"},
	} {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			w.must(w.order(alice, book.Sell, "20000", "2"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.must(w.order(alice, book.Sell, "20100", "1"))
			w.must(w.order(bob, book.Buy, "19000", "1"))
			cmd, events := c.last(w)
			witness := newWitness()
			for i := range len(w.entries) - 1 {
				before, err := tape.Decode(tape.Kind(w.entries[i].Kind), w.entries[i].Payload)
				if err != nil {
					t.Fatal(err)
				}
				if err := witness.see(uint64(i+1), before, w.events[i]); err != nil {
					t.Fatalf("record %d, before the one that is wrong: %v", i+1, err)
				}
			}
			err := witness.see(uint64(len(w.entries)), cmd, events)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v; want it to say %q", err, c.want)
			}
		})
	}
}

// forge changes each event of a kind among some.
func forge[T any](events []tape.Event, change func(*T)) []tape.Event {
	events = slices.Clone(events)
	for i, e := range events {
		switch x := any(e).(type) {
		case T:
			change(&x)
			events[i] = any(x).(tape.Event)
		case *T:
			forged := *x
			change(&forged)
			events[i] = any(&forged).(tape.Event)
		}
	}
	return events
}

// TestWitnessOfATrade takes the standing from either side of a trade.
func TestWitnessOfATrade(t *testing.T) {
	for _, account := range []uint64{alice, bob} {
		witness := newWitness()
		witness.genesis = *genesis()
		for _, a := range []uint64{alice, bob} {
			witness.standing[a] = standingFor(law.Allow, none)
		}
		order := tape.Order{OrderPlain: tape.OrderPlain{ID: 1, Account: alice, Market: mkt, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: amt("1"), Quantity: amt("1"), Status: tape.StatusNew, Working: 1}}
		taker := order
		taker.ID, taker.Account, taker.Side = 2, bob, book.Buy
		for _, o := range []tape.Order{order, taker} {
			if err := witness.order(&tape.PlaceOrder{}, o, map[pile]bool{}); err != nil {
				t.Fatal(err)
			}
		}
		traded := &tape.Traded{ID: 1, Market: mkt, Price: amt("1"), Quantity: amt("1"), Maker: 1, Taker: 2, MakerAccount: alice, TakerAccount: bob, TakerSide: book.Buy}
		witness.standing[account] = standingFor(law.Exit, none)
		if err := witness.trade(traded); err == nil || !strings.Contains(err.Error(), "though it stands at exit") {
			t.Errorf("account %d at exit: %v", account, err)
		}
		witness.standing[account], witness.lastTrade = standingFor(law.Allow, none), 0
		if err := witness.trade(traded); err != nil {
			t.Error(err)
		}
	}
}
