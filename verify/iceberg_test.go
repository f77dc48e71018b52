package verify

import (
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/venue/tape"
)

// TestIcebergs holds the model to the words on what shows and where it stands.
func TestIcebergs(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"the next part goes behind all others of its price": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "5"), "2"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20010", "1"))
			events := w.must(w.order(bob, book.Buy, "20000", "2.5"))
			expect(t, events, "4 NEW; 2 at 20000 with 1; 1 PARTIALLY_FILLED; 0.5 at 20000 with 2; 2 PARTIALLY_FILLED; 4 FILLED; ")
			if o := w.m.orders[1]; o.Visible != amt("2") || o.Queued != 4 {
				t.Errorf("shows %s in place %d", o.Visible, o.Queued)
			}
			if w.m.state().LastQueued != 4 {
				t.Errorf("places taken: %d", w.m.lastQueued)
			}
			w.deposit(bob, usdt, "100000", law.Allow)
			// The rest of carol's, all of alice's, part by part, and then the worse price.
			events = w.must(w.order(bob, book.Buy, "20010", "4"))
			expect(t, events, "5 NEW; 0.5 at 20000 with 2; 2 FILLED; 2 at 20000 with 1; 1 PARTIALLY_FILLED; 1 at 20000 with 1; 1 FILLED; 0.5 at 20010 with 3; 3 PARTIALLY_FILLED; 5 FILLED; ")
		},
		"a part that is not gone keeps its place": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "5"), "2"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.must(w.order(bob, book.Buy, "20000", "1.5"))
			if o := w.m.orders[1]; o.Visible != amt("0.5") || o.Queued != 1 {
				t.Errorf("shows %s in place %d", o.Visible, o.Queued)
			}
			expect(t, w.must(w.order(bob, book.Buy, "20000", "1")), "4 NEW; 0.5 at 20000 with 1; 1 PARTIALLY_FILLED; 0.5 at 20000 with 2; 2 PARTIALLY_FILLED; 4 FILLED; ")
		},
		"what takes first shows of the rest": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(iceberg(w.order(bob, book.Buy, "20000", "3"), "2.5")), "2 NEW; 1 at 20000 with 1; 1 FILLED; 2 PARTIALLY_FILLED; ")
			if o := w.m.orders[2]; o.Visible != amt("2") { // 2 are left, less than the part
				t.Errorf("shows %s", o.Visible)
			}
			w.balance(bob, usdt, "40000", "40000")
		},
		"fill or kill counts what is hidden": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "5"), "1"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			expect(t, w.must(force(w.order(bob, book.Buy, "20000", "3"), tape.FOK)),
				"3 NEW; 1 at 20000 with 1; 1 PARTIALLY_FILLED; 1 at 20000 with 2; 2 FILLED; 1 at 20000 with 1; 1 PARTIALLY_FILLED; 3 FILLED; ")
			w.deposit(bob, usdt, "100000", law.Allow)
			w.must(force(w.order(bob, book.Buy, "20000", "3"), tape.FOK))
			expect(t, w.must(force(w.order(bob, book.Sell, "20000", "0.001"), tape.FOK)), "5 NEW; 5 EXPIRED; ")
		},
		"money goes part by part": func(t *testing.T, w *writer) {
			w.must(iceberg(w.order(alice, book.Sell, "20000", "5"), "1"))
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "9"))
			// 50,000 buy 1, 1, and 0.5 of the second part.
			events := w.must(w.market(bob, book.Buy, "0", "50000"))
			expect(t, events, "4 NEW; 1 at 20000 with 1; 1 PARTIALLY_FILLED; 1 at 20000 with 2; 2 FILLED; 0.5 at 20000 with 1; 1 PARTIALLY_FILLED; 4 FILLED; ")
			w.balance(bob, usdt, "50000", "0")
		},
		"as many parts as the market has": func(t *testing.T, w *writer) {
			w.m.genesis.Markets[mkt].MaxParts = 4
			w.must(iceberg(w.order(alice, book.Sell, "20000", "4"), "1"))
			w.refuse(iceberg(w.order(alice, book.Sell, "20000", "4.001"), "1"), tape.IcebergParts)
			w.must(iceberg(w.order(alice, book.Sell, "20000", "3.5"), "1"))
		},
	})
}
