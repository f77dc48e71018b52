package verify

import (
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// traders is a venue with two sellers of BTC and a buyer, all allowed.
func traders(t tester) *writer { return tradersOf(t, func(*tape.Market) {}) }

// tradersOf is traders on a market that has been changed.
func tradersOf(t tester, change func(*tape.Market)) *writer {
	g := genesis()
	change(&g.Markets[mkt])
	w := startAt(t, day, g)
	for _, a := range []uint64{alice, bob, carol} {
		w.open(a, law.Allow)
		w.deposit(a, btc, "10", law.Allow)
		w.deposit(a, usdt, "100000", law.Allow)
	}
	return w
}

// TestWords holds the model to what the words beside PlaceOrder give for numbers that
// were computed by hand. Fees are 0.1 % for the maker and 0.2 % for the taker.
func TestWords(t *testing.T) {
	for name, scene := range map[string]func(*testing.T, *writer){
		"a limit order that crosses nothing rests": func(t *testing.T, w *writer) {
			events := w.must(w.order(alice, book.Sell, "20000", "1.5"))
			expect(t, events, "1 NEW; ")
			w.balance(alice, btc, "8.5", "1.5")
			if len(events) != 2 {
				t.Errorf("%d events, want the order and one balance", len(events))
			}
		},
		"a buyer's improvement goes back and both pay fees from what they receive": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			events := w.must(w.order(bob, book.Buy, "20500", "2"))
			expect(t, events, "2 NEW; 1 at 20000 with 1; 1 FILLED; 2 PARTIALLY_FILLED; ")
			// Bob reserved 41,000; paid 20,000, got 500 back, has 20,500 reserved for the rest.
			w.balance(bob, usdt, "59500", "20500")
			w.balance(bob, btc, "10.998", "0")    // 1 − 0.2 %
			w.balance(alice, usdt, "119980", "0") // 20,000 − 0.1 %
			w.balance(alice, btc, "9", "0")       //
			w.balance(uint64(ledger.Fees), usdt, "20")
			w.balance(uint64(ledger.Fees), btc, "0.002")
		},
		"the best price first, at one price the oldest first, at the maker's price": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20010", "1"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.must(w.order(alice, book.Sell, "20000", "1"))
			events := w.must(w.order(bob, book.Buy, "20010", "2.5"))
			expect(t, events, "4 NEW; 1 at 20000 with 2; 2 FILLED; 1 at 20000 with 3; 3 FILLED; 0.5 at 20010 with 1; 1 PARTIALLY_FILLED; 4 FILLED; ")
			if o := lastOrder(events, 4); o.Spent != amt("50005") {
				t.Errorf("spent %s, want 50005", o.Spent)
			}
		},
		"a seller crosses the highest bid first": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "19000", "1"))
			w.must(w.order(carol, book.Buy, "19500", "1"))
			events := w.must(w.order(bob, book.Sell, "19000", "1.5"))
			expect(t, events, "3 NEW; 1 at 19500 with 2; 2 FILLED; 0.5 at 19000 with 1; 1 PARTIALLY_FILLED; 3 FILLED; ")
			w.balance(bob, btc, "8.5", "0")
			w.balance(bob, usdt, "128942", "0") // 100,000 + 19,500 + 9,500 − 0.2 % of 29,000 = 58
			w.balance(carol, btc, "10.999")     // + 1 − 0.1 %
			w.balance(alice, usdt, "81000", "9500")
		},
		"fees are cut off to the asset's decimals": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "12345.67", "0.001"))
			w.must(w.order(bob, book.Buy, "12345.67", "0.001"))
			// 12.34567 × 0.1 % = 0.01234567, which USDT's 6 decimals cut to 0.012345.
			w.balance(uint64(ledger.Fees), usdt, "0.012345")
			w.balance(uint64(ledger.Fees), btc, "0.000002")
			w.balance(alice, usdt, "100012.333325") // 100,000 + 12.34567 − 0.012345
		},
		"an immediate order expires with its rest": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			o := w.order(bob, book.Buy, "20000", "3")
			o.Force = tape.IOC
			expect(t, w.must(o), "2 NEW; 1 at 20000 with 1; 1 FILLED; 2 EXPIRED; ")
			w.balance(bob, usdt, "80000", "0")
		},
		"fill or kill kills with nothing reserved": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Sell, "20000", "5")) // his own does not count
			w.must(w.order(carol, book.Sell, "20100", "5"))
			o := w.order(bob, book.Buy, "20000", "2")
			o.Force = tape.FOK
			events := w.must(o)
			expect(t, events, "4 NEW; 4 EXPIRED; ")
			if len(events) != 2 {
				t.Errorf("%d events, want no balance among them", len(events))
			}
		},
		"fill or kill that can be filled meets an order of its own": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Sell, "20000", "5"))
			w.must(w.order(alice, book.Sell, "20000", "2"))
			o := w.order(bob, book.Buy, "20000", "2")
			o.Force = tape.FOK
			expect(t, w.must(o), "3 NEW; prevented with 1, 5 and 0; 1 EXPIRED_IN_MATCH; 2 at 20000 with 2; 2 FILLED; 3 FILLED; ")
			w.balance(bob, btc, "11.996", "0")
		},
		"an order of the same account leaves the book when it is met": func(t *testing.T, w *writer) {
			w.must(w.order(bob, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Sell, "20200", "1"))
			w.must(w.order(alice, book.Sell, "20100", "1"))
			expect(t, w.must(w.order(bob, book.Buy, "20100", "1")), "4 NEW; prevented with 1, 1 and 0; 1 EXPIRED_IN_MATCH; 1 at 20100 with 3; 3 FILLED; 4 FILLED; ")
			w.balance(bob, btc, "9.998", "1") // the order at 20,200 was not met
		},
		"a market order by quantity takes what there is and expires": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "1"))
			events := w.must(w.market(bob, book.Buy, "3", "0"))
			expect(t, events, "3 NEW; 1 at 20000 with 1; 1 FILLED; 1 at 20100 with 2; 2 FILLED; 3 EXPIRED; ")
			w.balance(bob, usdt, "59900", "0")
			w.balance(bob, btc, "11.996")
		},
		"a market order in an empty book expires": func(t *testing.T, w *writer) {
			expect(t, w.must(w.market(bob, book.Buy, "3", "0")), "1 NEW; 1 EXPIRED; ")
			expect(t, w.must(w.market(bob, book.Sell, "0", "50")), "2 NEW; 2 EXPIRED; ")
		},
		"a market order by money buys whole steps and takes that as its quantity": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "1"))
			// 20,000 buy all of the first; 5,555.55 / 20,100 = 0.27639…, in steps 0.276, which costs 5,547.6.
			events := w.must(w.market(bob, book.Buy, "0", "25555.55"))
			expect(t, events, "3 NEW; 1 at 20000 with 1; 1 FILLED; 0.276 at 20100 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
			if o := lastOrder(events, 3); o.Quantity != amt("1.276") || o.Spent != amt("25547.6") || o.QuoteQuantity != amt("25555.55") {
				t.Errorf("quantity %s, spent %s", o.Quantity, o.Spent)
			}
			w.balance(bob, usdt, "74452.4", "0")
		},
		"a market sale by money": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "19000", "1"))
			events := w.must(w.market(bob, book.Sell, "0", "1000")) // 1,000 / 19,000 = 0.0526…, in steps 0.052
			expect(t, events, "2 NEW; 0.052 at 19000 with 1; 1 PARTIALLY_FILLED; 2 FILLED; ")
			w.balance(bob, btc, "9.948", "0")
		},
		"a market order by quantity reserves no more than it costs": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "900000", "9")) // behind it, and out of reach
			expect(t, w.must(w.market(bob, book.Buy, "1", "0")), "3 NEW; 1 at 20000 with 1; 1 FILLED; 3 FILLED; ")
			w.balance(bob, usdt, "80000", "0")
		},
		"money that buys less than a step buys nothing": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			events := w.must(w.market(bob, book.Buy, "0", "19.99"))
			expect(t, events, "2 NEW; 2 EXPIRED; ")
			if o := lastOrder(events, 2); !o.Quantity.IsZero() {
				t.Errorf("quantity %s, want nothing", o.Quantity)
			}
		},
		"cancelling gives back": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "1"))
			o := w.order(alice, book.Sell, "21000", "1")
			w.must(o)
			w.refuse(&tape.CancelOrder{Account: bob, Market: mkt, Order: 1}, tape.UnknownOrder)
			w.refuse(&tape.CancelOrder{Account: alice, Market: 1, Order: 1}, tape.UnknownOrder)
			expect(t, w.must(&tape.CancelOrder{Account: alice, Market: mkt, ClientID: o.ClientID}), "2 CANCELED; ")
			expect(t, w.must(&tape.CancelAll{Account: alice, Market: mkt}), "1 CANCELED; ")
			w.refuse(&tape.CancelAll{Account: alice, Market: mkt}, tape.UnknownOrder)
			w.balance(alice, usdt, "100000", "0")
			w.balance(alice, btc, "10", "0")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			scene(t, w)
			w.holds()
		})
	}
}

func expect(t *testing.T, events []tape.Event, want string) {
	t.Helper()
	if got := kindsOf(events); got != want {
		t.Errorf("came about: %s\nwant:       %s", got, want)
	}
}

// holds shows everything so far to a witness.
func (w *writer) holds() {
	w.t.Helper()
	witness := newWitness()
	for i, e := range w.entries {
		cmd, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
		if err != nil {
			w.t.Fatal(err)
		}
		if err := witness.see(uint64(i+1), cmd, w.events[i]); err != nil {
			w.t.Fatalf("record %d: %s: %v", i+1, Name(cmd), err)
		}
	}
	if err := witness.whole(); err != nil {
		w.t.Fatal(err)
	}
}

// TestRefusals goes through the reasons beside PlaceOrder in their order: each order is
// wrong in one more way than the one before it, from the last reason to the first.
func TestRefusals(t *testing.T) {
	w := traders(t)
	w.must(w.order(alice, book.Sell, "20000", "1"))
	o := w.order(bob, book.Buy, "19000", "90")
	w.refuse(o, tape.Insufficient)
	o.Type, o.Price = tape.LimitMaker, amt("20000")
	w.refuse(o, tape.WouldTake)
	o.Price, o.Quantity = amt("0.01"), amt("0.001")
	w.refuse(o, tape.Notional)
	o.Quantity = amt("100.001")
	w.refuse(o, tape.LotSize)
	o.Quantity = amt("0.0015")
	w.refuse(o, tape.LotSize)
	o.Price = amt("0.015")
	w.refuse(o, tape.PriceFilter)
	o.Price = amt("1000000.01")
	w.refuse(o, tape.PriceFilter)
	named := w.order(bob, book.Buy, "19000", "0.1")
	w.must(named)
	o.ClientID = named.ClientID
	w.refuse(o, tape.DuplicateClientID)
	o.Force = tape.IOC
	w.refuse(o, tape.BadOrder)
	o.Market = 1
	w.refuse(o, tape.UnknownMarket)
	w.review(bob, law.Exit)
	w.refuse(o, tape.Stopped)
	o.Account = 4711
	w.refuse(o, tape.UnknownAccount)

	none, one := money.Amount{}, amt("1")
	for name, change := range map[string]func(*tape.PlaceOrder){
		"side":                        func(o *tape.PlaceOrder) { o.Side = 3 },
		"type":                        func(o *tape.PlaceOrder) { o.Type = 0 },
		"force":                       func(o *tape.PlaceOrder) { o.Force = 4 },
		"no quantity":                 func(o *tape.PlaceOrder) { o.Quantity = money.Amount{} },
		"quote quantity":              func(o *tape.PlaceOrder) { o.QuoteQuantity = amt("10") },
		"no client id":                func(o *tape.PlaceOrder) { o.ClientID = "" },
		"client id of 37 bytes":       func(o *tape.PlaceOrder) { o.ClientID = "1234567890123456789012345678901234567" },
		"a market order with a price": func(o *tape.PlaceOrder) { o.Type = tape.MarketOrder },
		"a market order at once":      func(o *tape.PlaceOrder) { o.Type, o.Force, o.Price = tape.MarketOrder, tape.IOC, money.Amount{} },
		"a market order of both": func(o *tape.PlaceOrder) {
			o.Type, o.Price, o.QuoteQuantity = tape.MarketOrder, money.Amount{}, amt("5")
		},
		"a market order of neither": func(o *tape.PlaceOrder) {
			o.Type, o.Price, o.Quantity = tape.MarketOrder, money.Amount{}, money.Amount{}
		},
		"a maker that is fill or kill":  func(o *tape.PlaceOrder) { o.Type, o.Force = tape.LimitMaker, tape.FOK },
		"a stop without limit, at once": func(o *tape.PlaceOrder) { o.Type, o.Force, o.Price, o.Stop = tape.StopLoss, tape.IOC, none, one },
		"a type beyond the last":        func(o *tape.PlaceOrder) { o.Type, o.Stop = tape.TakeProfitLimit+1, one },
		"a mode beyond the last":        func(o *tape.PlaceOrder) { o.SelfTrade = tape.Transfer + 1 },
		"a stop on a limit order":       func(o *tape.PlaceOrder) { o.Stop = one },
		"a stop on a market order":      func(o *tape.PlaceOrder) { o.Type, o.Price, o.Stop = tape.MarketOrder, none, one },
		"no stop":                       func(o *tape.PlaceOrder) { o.Type = tape.StopLossLimit },
		"no stop either":                func(o *tape.PlaceOrder) { o.Type, o.Price = tape.TakeProfit, none },
		"a limit on a stop without":     func(o *tape.PlaceOrder) { o.Type, o.Stop = tape.TakeProfit, one },
		"a stop by money": func(o *tape.PlaceOrder) {
			o.Type, o.Price, o.Stop, o.Quantity, o.QuoteQuantity = tape.StopLoss, none, one, none, amt("5")
		},
		"a stop by both":                func(o *tape.PlaceOrder) { o.Type, o.Stop, o.QuoteQuantity = tape.StopLossLimit, one, amt("5") },
		"parts of a market order":       func(o *tape.PlaceOrder) { o.Type, o.Price, o.Iceberg = tape.MarketOrder, none, amt("0.1") },
		"parts of a stop without limit": func(o *tape.PlaceOrder) { o.Type, o.Price, o.Stop, o.Iceberg = tape.StopLoss, none, one, amt("0.1") },
		"parts of an immediate order":   func(o *tape.PlaceOrder) { o.Force, o.Iceberg = tape.IOC, amt("0.1") },
	} {
		o := w.order(alice, book.Buy, "100", "1")
		change(o)
		events := w.do(o)
		if e, _ := refusal(events); e.Reason != tape.BadOrder {
			t.Errorf("%s: %s", name, describe(events))
		}
	}
	w.refuse(w.market(alice, book.Buy, "0", "10.0000001"), tape.LotSize)
	w.refuse(w.market(alice, book.Buy, "0", "4.99"), tape.Notional)
	w.refuse(w.market(alice, book.Buy, "0.0005", "0"), tape.LotSize)
	w.holds()
}

// TestRefusalsOfStops does the same for an order that waits for a price, on a market that
// bounds everything.
func TestRefusalsOfStops(t *testing.T) {
	w := traders(t)
	w.trades("20000", "0.1")
	k := &w.m.genesis.Markets[mkt]
	open := w.stop(bob, book.Buy, tape.StopLossLimit, "25000", "100", "1")
	w.must(open)
	o := w.stop(bob, book.Buy, tape.StopLossLimit, "21000", "21000", "9")
	w.refuse(o, tape.Insufficient)
	o.Stop = amt("20000")
	w.refuse(o, tape.WouldTrigger)
	k.MaxPosition = amt("1")
	w.refuse(o, tape.MaxPosition)
	k.MaxStops = 1
	w.refuse(o, tape.MaxStops)
	k.MaxOrders = 1
	w.refuse(o, tape.MaxOrders)
	k.Buys.Up = 1_000_000
	w.refuse(o, tape.PercentPrice)
	k.MaxNotional = amt("100000")
	w.refuse(o, tape.Notional)
	unpriced := *o
	unpriced.Type, unpriced.Price = tape.StopLoss, money.Amount{}
	w.refuse(&unpriced, tape.Notional)
	k.MarketMaxQty = amt("8.999")
	w.refuse(&unpriced, tape.MarketLot)
	o.Iceberg, k.MaxParts = amt("4"), 2
	w.refuse(o, tape.IcebergParts)
	o.Iceberg = amt("9.001")
	w.refuse(o, tape.LotSize)
	unpriced.Quantity = amt("101")
	w.refuse(&unpriced, tape.LotSize)
	o.Stop = amt("20000.001")
	w.refuse(o, tape.PriceFilter)
	o.ClientID = open.ClientID
	w.refuse(o, tape.DuplicateClientID)
	o.SelfTrade, k.AllowSelf = tape.AllowSelf, false
	w.refuse(o, tape.BadOrder)
	w.must(&tape.SetPhase{Market: mkt, Phase: tape.Halted, By: "m"})
	w.refuse(o, tape.MarketClosed)
	o.Market = 1
	w.refuse(o, tape.UnknownMarket)
	w.review(bob, law.Exit)
	w.refuse(o, tape.Stopped)
	o.Account = 4711
	w.refuse(o, tape.UnknownAccount)
}

// TestStandings follows one account through the verdicts and its value through the pockets.
func TestStandings(t *testing.T) {
	w := traders(t)
	w.must(w.order(alice, book.Sell, "20000", "1"))
	w.must(w.order(alice, book.Sell, "21000", "2"))
	w.withdraw(alice, usdt, "1000", law.Allow)
	w.balance(alice, usdt, "99000", "0", "1000", "0")

	// Cap: no trade, but value may leave.
	expect(t, w.review(alice, law.Cap), "decided; 1000 stands at cap; 1 CANCELED; 2 CANCELED; ")
	w.balance(alice, btc, "10", "0")
	w.refuse(w.order(alice, book.Sell, "20000", "1"), tape.Stopped)
	w.withdraw(alice, usdt, "50", law.Exit)

	// Hold: what was asked for and not sent comes back.
	w.must(&tape.SendWithdrawal{Withdrawal: 1})
	expect(t, w.review(alice, law.Hold), "decided; 1000 stands at hold; out 2 canceled; ")
	w.balance(alice, usdt, "99000", "0", "1000", "0")
	w.refuse(w.withdrawCommand(alice, usdt, "50"), tape.Stopped)
	w.refuse(&tape.SendWithdrawal{Withdrawal: 2}, tape.UnknownWithdrawal)

	// A deposit while on hold is set apart, and a decision on it lets it go.
	d, events := w.deposit(alice, usdt, "70", law.Allow)
	expect(t, events, "in 7 apart; ")
	w.balance(alice, usdt, "99000", "0", "1000", "0", "70")
	foreign, _ := w.seal(w.decision(law.Deposit, bob, law.Allow, depositMovement(&w.m.genesis, d)))
	expect(t, w.must(foreign), "decided; ") // not his to decide on
	w.balance(alice, usdt, "99000", "0", "1000", "0", "70")
	cmd, _ := w.seal(w.decision(law.Deposit, alice, law.Hold, depositMovement(&w.m.genesis, d)))
	expect(t, w.must(cmd), "decided; ")
	cmd, _ = w.seal(w.decision(law.Deposit, alice, law.Allow, depositMovement(&w.m.genesis, d)))
	expect(t, w.must(cmd), "decided; in 7 available; ")
	w.balance(alice, usdt, "99070", "0", "1000", "0", "0")

	// Freeze: all that is available freezes, what the chain is to have is settled, and
	// what is asked for ends frozen.
	w.review(alice, law.Allow)
	w.withdraw(alice, btc, "2", law.Allow)
	expect(t, w.review(alice, law.Freeze), "decided; 1000 stands at freeze; out 3 stopped; ")
	w.balance(alice, usdt, "0", "0", "1000", "99070", "0")
	w.balance(alice, btc, "0", "0", "0", "10", "0")
	w.must(&tape.SettleWithdrawal{Withdrawal: 1, TxID: "tx"})
	w.balance(alice, usdt, "0", "0", "0", "99070", "0")
	w.balance(uint64(ledger.Fees), usdt, "1")

	// Credits still arrive: by the standing alone they thaw with it, by their own verdict not.
	w.deposit(alice, usdt, "5", law.Allow)
	own, events := w.deposit(alice, usdt, "3", law.Freeze)
	expect(t, events, "in 9 frozen; ")
	w.balance(alice, usdt, "0", "0", "0", "99078", "0")
	w.review(alice, law.Exit)
	w.balance(alice, usdt, "99075", "0", "0", "3", "0")
	w.balance(alice, btc, "10", "0", "0", "0", "0")
	cmd, _ = w.seal(w.decision(law.Deposit, alice, law.Exit, depositMovement(&w.m.genesis, own)))
	expect(t, w.must(cmd), "decided; in 9 available; ")
	w.balance(alice, usdt, "99078", "0", "0", "0", "0")

	// Money that a customer orders paid to a listed person is frozen where it is.
	expect(t, w.withdraw(alice, usdt, "100", law.Freeze), "out 4 stopped; ")
	w.balance(alice, usdt, "98978", "0", "0", "100", "0")
	w.review(alice, law.Allow)
	w.balance(alice, usdt, "98978", "0", "0", "100", "0")
	c := w.withdrawCommand(alice, usdt, "100")
	cmd, _ = w.seal(w.decision(law.Withdraw, alice, law.Freeze, withdrawMovement(&w.m.genesis, c)))
	expect(t, w.must(cmd), "decided; out 4 stopped; ")
	w.balance(alice, usdt, "98978", "0", "0", "100", "0")
	cmd, _ = w.seal(w.decision(law.Withdraw, alice, law.Allow, withdrawMovement(&w.m.genesis, c)))
	expect(t, w.must(cmd), "decided; out 4 canceled; ")
	w.balance(alice, usdt, "99078", "0", "0", "0", "0")
	w.holds()
}

// TestPermits holds deposits, withdrawals and openings to the decisions that cover them.
func TestPermits(t *testing.T) {
	w := traders(t)
	c := w.depositCommand(alice, usdt, "10")
	movement := depositMovement(&w.m.genesis, c)
	w.refuse(c, tape.NoPermit)
	c.Decision = w.decide(law.Withdraw, alice, law.Allow, movement)
	w.refuse(c, tape.NoPermit) // of another action
	c.Decision = w.decide(law.Deposit, bob, law.Allow, movement)
	w.refuse(c, tape.NoPermit) // of another account
	c.Decision = w.decide(law.Deposit, alice, law.Allow, movement)
	more := *c
	more.Amount = amt("11")
	w.refuse(&more, tape.NoPermit) // of another movement
	w.must(c)
	w.refuse(c, tape.DuplicateDeposit)
	for _, change := range []func(*tape.Deposit){
		func(d *tape.Deposit) { d.Asset = 2 },
		func(d *tape.Deposit) { d.Network = "bitcoin" },
		func(d *tape.Deposit) { d.Amount = money.Amount{} },
		func(d *tape.Deposit) { d.Amount = amt("-1") },
		func(d *tape.Deposit) { d.Amount = amt("1.0000001") },
	} {
		d := *c
		change(&d)
		w.refuse(&d, tape.UnknownAsset)
	}

	out := w.withdrawCommand(alice, usdt, "9.999999")
	w.refuse(out, tape.TooSmall)
	out = w.withdrawCommand(alice, usdt, "200000")
	w.refuse(out, tape.NoPermit)
	movement = withdrawMovement(&w.m.genesis, out)
	out.Decision = w.decide(law.Withdraw, alice, law.Reject, movement)
	w.refuse(out, tape.NotPermitted)
	w.refuse(out, tape.NoPermit) // it is spent
	out.Decision = w.decide(law.Withdraw, alice, law.Allow, movement)
	w.refuse(out, tape.Insufficient)
	w.refuse(out, tape.NoPermit)

	id := w.decide(law.OpenAccount, 2000, law.Refuse, "")
	w.refuse(&tape.OpenAccount{Account: 2000, Operator: 1, Decision: id}, tape.NoPermit)
	w.refuse(&tape.OpenAccount{Account: 2000, Commitment: tape.Hash{1}, Decision: id}, tape.NoPermit)
	w.refuse(&tape.OpenAccount{Account: 2001, Decision: id}, tape.NoPermit)
	w.refuse(&tape.OpenAccount{Account: alice, Decision: id}, tape.DuplicateAccount)
	w.refuse(&tape.OpenAccount{Account: 2000, Decision: id}, tape.Stopped)
	w.refuse(&tape.OpenAccount{Account: 2000, Decision: id}, tape.NoPermit)

	w.must(&tape.AddKey{Account: alice, Key: "k"})
	w.refuse(&tape.AddKey{Account: bob, Key: "k"}, tape.DuplicateKey)
	w.refuse(&tape.AddKey{Account: 4711, Key: "l"}, tape.UnknownAccount)
	w.must(&tape.RemoveKey{Key: "k"})
	w.refuse(&tape.RemoveKey{Key: "k"}, tape.UnknownKey)
	w.holds()
}

// TestDecisions holds what the venue must refuse of a decision.
func TestDecisions(t *testing.T) {
	w := traders(t)
	d := w.decision(law.Review, alice, law.Allow, "")
	cmd, _ := w.seal(d)

	forged := *cmd
	forged.Body = []byte(string(cmd.Body[:len(cmd.Body)-1]) + " }")
	w.refuse(&forged, tape.BadDecision)
	w.refuse(&tape.Decide{Body: []byte("{}")}, tape.BadDecision)
	changed := *d
	changed.Verdict = law.Freeze // under the old id
	body, err := canonical(&changed)
	if err != nil {
		t.Fatal(err)
	}
	w.refuse(&tape.Decide{Body: body}, tape.BadDecision)

	low := w.decision(law.Review, uint64(ledger.Outside), law.Allow, "")
	cmd, _ = w.seal(low)
	w.refuse(cmd, tape.BadDecision)
	foreign := w.decision(law.Review, alice, law.Allow, "")
	foreign.Operator = "nobody"
	cmd, _ = w.seal(foreign)
	w.refuse(cmd, tape.BadDecision)
	other := w.decision(law.Review, alice, law.Allow, "")
	other.Operator = "eu"
	cmd, _ = w.seal(other)
	w.refuse(cmd, tape.UnknownAccount)
	cmd, _ = w.seal(w.decision(law.Review, 4711, law.Allow, ""))
	w.refuse(cmd, tape.UnknownAccount)

	stale := w.decision(law.Review, alice, law.Allow, "")
	stale.Editions = nil
	cmd, _ = w.seal(stale)
	w.refuse(cmd, tape.StaleDecision)
	before, _ := w.seal(w.decision(law.Review, alice, law.Allow, ""))
	w.do(&tape.TakeEdition{List: "us-sdn", SHA256: tape.Hash{0x33}})
	w.refuse(before, tape.StaleDecision)
	w.do(&tape.TakeEdition{List: "us-sdn", SHA256: listHash})
	w.must(before)
	w.take(tape.Hash{0x44})
	w.refuse(before, tape.StaleDecision)
	w.holds()
}
