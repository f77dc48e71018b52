package verify

import (
	"errors"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// group puts accounts into a trade group.
func (w *writer) group(group uint32, accounts ...uint64) {
	w.t.Helper()
	for _, a := range accounts {
		w.must(&tape.SetTradeGroup{Account: a, Group: group, By: "m. ortiz", Reason: "one owner"})
	}
}

// hand is an order that lets what it would trade with its own change hands.
func (w *writer) hand(account uint64, side book.Side, price, quantity string) *tape.PlaceOrder {
	return mode(w.order(account, side, price, quantity), tape.Transfer)
}

// TestPublishedTransfer is scenario H of Binance's "Self Trade Prevention (STP) FAQ": what becomes of
// two orders of one trade group that both say TRANSFER, and of their accounts' balances.
func TestPublishedTransfer(t *testing.T) {
	w := tradersOf(t, func(k *tape.Market) { k.MinNotional = money.Amount{} })
	w.group(1, alice, bob)
	w.must(w.hand(alice, book.Buy, "0.2", "0.6"))
	events := w.must(w.hand(bob, book.Sell, "0.2", "0.2"))
	expect(t, events, "2 NEW; prevented with 1, 0.2 and 0.2; 1 NEW; 2 EXPIRED_IN_MATCH; ")
	p, _ := events[1].(*tape.Prevented)
	if p.Mode != tape.Transfer || p.Group != 1 || p.Price != amt("0.2") || !p.Transfers() {
		t.Errorf("told as %+v", p)
	}
	if o := lastOrder(events, 1); o.Prevented != amt("0.2") || !o.Filled.IsZero() || !o.Spent.IsZero() {
		t.Errorf("the maker is %+v", o)
	}
	w.balance(alice, btc, "10.2", "0")
	w.balance(alice, usdt, "99999.88", "0.08")
	w.balance(bob, btc, "9.8", "0")
	w.balance(bob, usdt, "100000.04", "0")
	w.holds()
}

// TestTradeGroups holds the model to what the words beside PlaceOrder give where an order meets one
// of another account of its trade group.
func TestTradeGroups(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"a group is given by somebody who says why": func(t *testing.T, w *writer) {
			w.refuse(&tape.SetTradeGroup{Account: 7, Group: 1, By: "m", Reason: "r"}, tape.UnknownAccount)
			w.refuse(&tape.SetTradeGroup{Account: alice, Group: 1, Reason: "r"}, tape.Unsaid)
			w.refuse(&tape.SetTradeGroup{Account: alice, Group: 1, By: "m"}, tape.Unsaid)
			w.refuse(&tape.SetTradeGroup{Account: alice, Group: 1, By: "m", Reason: strings.Repeat("r", tape.MaxReason+1)}, tape.Unsaid)
		},
		"no group is no group": func(t *testing.T, w *writer) {
			w.must(w.hand(alice, book.Buy, "20000", "1"))
			expect(t, w.must(w.hand(bob, book.Sell, "20000", "1")), "2 NEW; 1 at 20000 with 1; 1 FILLED; 2 FILLED; ")
		},
		"a group holds from the next command on, and no longer than it is one": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Buy, "20000", "2"))
			w.group(3, alice, bob)
			expect(t, w.must(mode(w.order(bob, book.Sell, "20000", "1"), tape.ExpireTaker)), "2 NEW; prevented with 1, 0 and 1; 2 EXPIRED_IN_MATCH; ")
			w.group(4, bob)
			expect(t, w.must(mode(w.order(bob, book.Sell, "20000", "1"), tape.ExpireTaker)), "3 NEW; 1 at 20000 with 1; 1 PARTIALLY_FILLED; 3 FILLED; ")
		},
		"another group's orders are nobody's own": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.order(carol, book.Buy, "20000", "1"))
			w.must(w.order(alice, book.Buy, "20000", "1"))
			expect(t, w.must(mode(w.order(bob, book.Sell, "20000", "2"), tape.ExpireBoth)),
				"3 NEW; 1 at 20000 with 1; 1 FILLED; prevented with 2, 1 and 1; 2 EXPIRED_IN_MATCH; 3 EXPIRED_IN_MATCH; ")
		},
		"a maker that does not say so loses, and nothing changes hands": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(mode(w.order(alice, book.Buy, "20000", "2"), tape.Decrement))
			events := w.must(w.hand(bob, book.Sell, "20000", "1"))
			expect(t, events, "2 NEW; prevented with 1, 1 and 1; 1 NEW; 2 EXPIRED_IN_MATCH; ")
			if p := events[1].(*tape.Prevented); p.Mode != tape.Decrement || p.Transfers() {
				t.Errorf("told as %+v", p)
			}
			w.balance(alice, usdt, "80000", "20000")
			w.balance(bob, btc, "10", "0")
		},
		"a maker's word alone lets nothing change hands": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(alice, book.Buy, "20000", "2"))
			expect(t, w.must(w.order(bob, book.Sell, "20000", "1")), "2 NEW; prevented with 1, 2 and 0; 1 EXPIRED_IN_MATCH; ")
		},
		"of one account nothing changes hands": func(t *testing.T, w *writer) {
			w.must(w.hand(alice, book.Buy, "20000", "2"))
			events := w.must(w.hand(alice, book.Sell, "20000", "1"))
			expect(t, events, "2 NEW; prevented with 1, 1 and 1; 1 NEW; 2 EXPIRED_IN_MATCH; ")
			if p := events[1].(*tape.Prevented); p.Mode != tape.Transfer || p.Transfers() {
				t.Errorf("told as %+v", p)
			}
			w.balance(alice, usdt, "80000", "20000")
			w.balance(alice, btc, "10", "0")
		},
		"at the maker's price, and a buyer's improvement goes back": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20500", "1"))
			expect(t, w.must(w.hand(bob, book.Buy, "21000", "2.5")), "3 NEW; prevented with 1, 1 and 1; 1 EXPIRED_IN_MATCH; 1 at 20500 with 2; 2 FILLED; 3 PARTIALLY_FILLED; ")
			w.balance(alice, usdt, "120000", "0") // no fee
			w.balance(alice, btc, "9", "0")
			w.balance(bob, usdt, "49000", "10500") // 100,000 − 20,000 − 20,500, of which 0.5 × 21,000 are ordered
			w.balance(bob, btc, "11.998", "0")
		},
		"it is no trade: no last price, nothing triggered, no volume": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.stop(carol, book.Sell, tape.StopLoss, "19000", "", "1"))
			w.must(w.hand(alice, book.Buy, "18000", "1"))
			expect(t, w.must(w.hand(bob, book.Sell, "18000", "1")), "3 NEW; prevented with 2, 1 and 1; 2 EXPIRED_IN_MATCH; 3 EXPIRED_IN_MATCH; ")
			if last := w.m.markets[mkt].Last; !last.IsZero() {
				t.Errorf("the last price is %s", last)
			}
		},
		"market orders reserve what changes hands": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(bob, book.Sell, "10000", "6"))
			w.must(w.order(carol, book.Sell, "20000", "5"))
			// 6 for 60,000 change hands, and 2 cost 40,000: all that there is.
			w.refuse(mode(w.market(alice, book.Buy, "8.001", "0"), tape.Transfer), tape.Insufficient)
			events := w.must(mode(w.market(alice, book.Buy, "8", "0"), tape.Transfer))
			expect(t, events, "3 NEW; prevented with 1, 6 and 6; 1 EXPIRED_IN_MATCH; 2 at 20000 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
			w.balance(alice, usdt, "0", "0")
			w.balance(alice, btc, "17.996", "0")
			w.balance(bob, usdt, "160000", "0")
		},
		"a market sale as well, and both ways of losing in one": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(bob, book.Buy, "1000", "6"))
			w.must(w.order(bob, book.Buy, "900", "6")) // is lost, for it does not say so
			w.must(w.hand(alice, book.Buy, "800", "1"))
			w.must(w.order(carol, book.Buy, "700", "4"))
			w.must(w.order(alice, book.Sell, "30000", "0.001")) // 9.999 are left
			// 6 change hands, 6 and 1 are lost, and 3.999 are sold: what there is.
			w.refuse(mode(w.market(alice, book.Sell, "17", "0"), tape.Transfer), tape.Insufficient)
			events := w.must(mode(w.market(alice, book.Sell, "16.999", "0"), tape.Transfer))
			expect(t, events, "6 NEW; prevented with 1, 6 and 6; 1 EXPIRED_IN_MATCH; prevented with 2, 6 and 6; 2 EXPIRED_IN_MATCH; prevented with 3, 1 and 1; 3 EXPIRED_IN_MATCH; "+
				"3.999 at 700 with 4; 4 PARTIALLY_FILLED; 6 FILLED; ")
			w.balance(alice, btc, "0", "0.001")
			w.balance(bob, btc, "16", "0")
		},
		"by money, what changes hands is paid for": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(iceberg(w.hand(bob, book.Sell, "20000", "2"), "0.1"))
			w.must(w.order(carol, book.Sell, "20100", "5"))
			events := w.must(mode(w.market(alice, book.Buy, "0", "50050"), tape.Transfer))
			expect(t, events, "3 NEW; prevented with 1, 2 and 2; 1 EXPIRED_IN_MATCH; 0.5 at 20100 with 2; 2 PARTIALLY_FILLED; 3 FILLED; ")
			if o := lastOrder(events, 3); o.Quantity != amt("2.5") || o.Spent != amt("10050") {
				t.Errorf("quantity %s, spent %s", o.Quantity, o.Spent)
			}
			w.balance(alice, usdt, "49950", "0")
		},
		"what changes hands fills no order that is fill or kill": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(bob, book.Sell, "20000", "1"))
			expect(t, w.must(force(w.hand(alice, book.Buy, "20000", "1"), tape.FOK)), "2 NEW; 2 EXPIRED; ")
		},
		"one of a pair hands over, and the other ends first": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			c := w.pair(maker(w.order(bob, book.Sell, "21000", "2")), w.stop(bob, book.Sell, tape.StopLoss, "15000", "", "2"))
			c.Orders[0].SelfTrade = tape.Transfer
			w.must(c)
			expect(t, w.must(w.hand(alice, book.Buy, "21000", "1")), "3 NEW; 2 EXPIRED; prevented with 1, 1 and 1; 1 NEW; 3 EXPIRED_IN_MATCH; ")
			w.balance(bob, btc, "8", "1")
			w.balance(alice, btc, "11", "0")
		},
		"what is hidden is handed over first, and the maker keeps its place": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(iceberg(w.hand(alice, book.Buy, "20000", "5"), "2"))
			w.must(w.order(carol, book.Buy, "20000", "1"))
			w.must(w.hand(bob, book.Sell, "20000", "3.5"))
			w.balance(alice, usdt, "0", "30000")
			w.balance(alice, btc, "13.5", "0")
			if o := w.m.orders[1]; o.Visible != amt("1.5") || o.Queued != 1 {
				t.Errorf("shows %s in place %d", o.Visible, o.Queued)
			}
		},
		"a bar between them keeps value where it is": func(t *testing.T, w *writer) {
			apart(w) // alice and bob
			w.group(3, alice, bob)
			w.must(w.hand(alice, book.Sell, "20000", "1"))
			events := w.must(w.hand(bob, book.Buy, "20000", "1"))
			expect(t, events, "2 NEW; prevented with 1, 0 and 1 by a-bar; 2 EXPIRED_IN_MATCH; ")
			if p := events[1].(*tape.Prevented); p.Barred != "a-bar" || p.Mode != tape.Transfer || p.Group != 3 || p.Transfers() {
				t.Errorf("told as %+v", p)
			}
			w.balance(alice, btc, "9", "1")
			w.balance(bob, usdt, "100000", "0")
			// Nor are market orders measured by it.
			w.must(w.order(carol, book.Sell, "20100", "1"))
			expect(t, w.must(mode(w.market(bob, book.Buy, "1", "0"), tape.Transfer)), "4 NEW; 1 at 20100 with 3; 3 FILLED; 4 FILLED; ")
		},
		"who is stopped hands nothing over": func(t *testing.T, w *writer) {
			w.group(3, alice, bob)
			w.must(w.hand(alice, book.Sell, "20000", "1"))
			w.review(alice, law.Freeze)
			expect(t, w.must(w.hand(bob, book.Buy, "20000", "1")), "2 NEW; ")
			w.review(bob, law.Hold)
			w.refuse(w.hand(bob, book.Buy, "20000", "1"), tape.Stopped)
		},
	})
}

// TestMaxAsset: of a market's base asset the quantity of an order is bounded, of its quote asset what
// it is worth.
func TestMaxAsset(t *testing.T) {
	most := func(asset uint16, amount string) *tape.SetMaxAsset {
		return &tape.SetMaxAsset{Asset: asset, Max: amt(amount), By: "m", Reason: "r"}
	}
	scenes(t, map[string]func(*testing.T, *writer){
		"a bound is set by somebody who says why": func(t *testing.T, w *writer) {
			w.refuse(most(2, "1"), tape.UnknownAsset)
			w.refuse(most(usdt, "-1"), tape.UnknownAsset)
			w.refuse(most(usdt, "0.0000001"), tape.UnknownAsset)
			w.refuse(&tape.SetMaxAsset{Asset: btc, Max: amt("1"), By: "m"}, tape.Unsaid)
			w.refuse(&tape.SetMaxAsset{Asset: btc, Max: amt("1"), Reason: "r"}, tape.Unsaid)
		},
		"of the base asset": func(t *testing.T, w *writer) {
			w.must(w.order(carol, book.Sell, "100", "4"))
			w.must(most(btc, "2"))
			w.refuse(w.order(alice, book.Buy, "20", "2.001"), tape.MaxAsset)
			w.refuse(w.order(alice, book.Sell, "20000", "2.001"), tape.MaxAsset)
			w.refuse(w.market(alice, book.Buy, "2.001", "0"), tape.MaxAsset)
			w.refuse(w.market(alice, book.Buy, "0", "200.1"), tape.MaxAsset) // buys 2.001
			w.must(w.market(alice, book.Buy, "0", "200"))
			w.must(w.order(alice, book.Sell, "20000", "2"))
			w.must(most(btc, "0"))
			w.must(w.order(alice, book.Sell, "20000", "2.001"))
		},
		"of the quote asset": func(t *testing.T, w *writer) {
			w.must(most(usdt, "1000"))
			w.must(w.market(alice, book.Sell, "9", "0")) // worth nothing yet
			w.must(w.order(carol, book.Sell, "100", "10"))
			w.refuse(w.order(carol, book.Sell, "100.01", "10"), tape.MaxAsset)
			w.refuse(w.market(alice, book.Buy, "0", "1000.000001"), tape.MaxAsset)
			w.refuse(w.stop(alice, book.Buy, tape.StopLoss, "1001", "", "1"), tape.MaxAsset)
			w.must(w.market(alice, book.Buy, "1", "0")) // at 100
			w.refuse(w.market(alice, book.Buy, "10.001", "0"), tape.MaxAsset)
			w.must(w.order(bob, book.Buy, "90", "11"))
		},
		"one that was pending when it comes": func(t *testing.T, w *writer) {
			w.must(w.then(w.order(alice, book.Buy, "20000", "0.1"), w.order(alice, book.Sell, "21000", "1")))
			w.must(most(btc, "0.5"))
			expect(t, w.must(w.order(carol, book.Sell, "20000", "0.1")), "3 NEW; 0.1 at 20000 with 1; 1 FILLED; 3 FILLED; 2 EXPIRED; list 1 ended; ")
		},
	})
}

// TestTransfersOfAssets: what changes hands is held to what accounts may hold, as trades are.
func TestTransfersOfAssets(t *testing.T) {
	w := traders(t)
	w.group(1, alice, bob)
	w.must(w.hand(alice, book.Buy, "20000", "1"))
	w.about(law.HoldAsset, alice, "BTC", law.AssetBan, nil)
	w.must(w.hand(bob, book.Sell, "20000", "1"))
	_, err := Journal(w.log(t, journal.Options{}), Options{})
	var v *Violation
	if !errors.As(err, &v) || v.Seq != uint64(len(w.entries)) || !strings.Contains(v.Why, "transfer by prevented match 1: account 1000 buys BTC, which it may not hold") {
		t.Errorf("%v", err)
	}
}
