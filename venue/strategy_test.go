package venue

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestStrategies: what a client says that an order is part of goes with it, whatever becomes of it, and is refused
// where it is none.
func TestStrategies(t *testing.T) {
	both := tape.Strategy{ID: -3, Type: tape.LeastStrategy, Given: 3}
	t.Run("goes with the order", func(t *testing.T) {
		w := flowWorldOf(t, func(*tape.Genesis) {})
		told := func(id uint64, events []tape.Event, want tape.Strategy, status tape.Status) {
			t.Helper()
			var last *tape.Order
			for _, e := range events {
				if o, ok := e.(*tape.OrderChanged); ok && o.ID == id {
					if last = &o.Order; o.Strategy != want {
						t.Errorf("order %d is told with %+v, want %+v", id, o.Strategy, want)
					}
				}
			}
			if last == nil || last.Status != status {
				t.Errorf("order %d is told of last as %+v, want it %v", id, last, status)
			}
		}
		o := w.limit(1000, book.Buy, "90", "2")
		o.Strategy = both
		events := w.ok(o)
		id := placed(events).ID
		told(id, events, both, tape.StatusNew)
		w.v = restored(t, w.v)
		told(id, w.ok(w.limit(1001, book.Sell, "90", "1")), both, tape.PartiallyFilled)
		told(id, w.ok(&tape.AmendOrder{Account: 1000, Order: id, Quantity: money.MustParse("1.5"), NewClientID: "n"}), both, tape.PartiallyFilled)
		id3 := tape.Strategy{ID: 3, Given: tape.StrategyID}
		next := w.limit(1000, book.Buy, "80", "1")
		next.Strategy = id3
		events = w.ok(&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: 1000, Order: id}, Order: *next})
		told(id, events, both, tape.Canceled)
		told(id+2, events, id3, tape.StatusNew)
		plain := w.order(1000, book.Buy, "70", "1")
		if plain.Strategy != (tape.Strategy{}) {
			t.Errorf("an order of no strategy has %+v", plain.Strategy)
		}
		works, pends := w.limit(1000, book.Buy, "60", "1"), w.limit(1000, book.Sell, "95", "1")
		pends.Strategy = both
		list := w.then(works, pends)
		told(list.Orders[1], w.ok(&tape.CancelAll{Account: 1000}), both, tape.Canceled)
		w.audit()
	})
	for _, c := range []struct {
		s  tape.Strategy
		ok bool
	}{
		{tape.Strategy{}, true},
		{tape.Strategy{Given: 1}, true},
		{tape.Strategy{Given: 1, ID: math.MinInt64}, true},
		{tape.Strategy{Given: 2, Type: 1_000_000}, true},
		{tape.Strategy{Given: 3, ID: 1, Type: math.MaxInt32}, true},
		{tape.Strategy{Given: 2}, false},
		{tape.Strategy{Given: 2, Type: 999_999}, false},
		{tape.Strategy{Given: 2, Type: 1 << 31}, false},
		{tape.Strategy{Given: 3, ID: 1}, false},
		{tape.Strategy{Given: 4}, false},
		{tape.Strategy{Given: 7, ID: 1, Type: 1_000_000}, false},
		{tape.Strategy{ID: 1}, false},
		{tape.Strategy{Type: 1_000_000}, false},
		{tape.Strategy{Given: 1, Type: 1_000_000}, false},
		{tape.Strategy{Given: 2, ID: 1, Type: 1_000_000}, false},
	} {
		w := flowWorldOf(t, func(*tape.Genesis) {})
		o := w.limit(1000, book.Buy, "90", "1")
		if o.Strategy = c.s; c.ok {
			w.ok(o)
		} else {
			w.no(tape.BadOrder, o)
		}
		w.audit()
	}
}

// TestMaxAmends: an order is made smaller as often as its market lets it be, and no more often by a restart.
func TestMaxAmends(t *testing.T) {
	w := flowWorldOf(t, func(g *tape.Genesis) { g.Markets[0].MaxAmends = 2 })
	o := w.order(1000, book.Buy, "90", "5")
	amend := func(quantity string) *tape.AmendOrder {
		return &tape.AmendOrder{Account: 1000, Order: o.ID, Quantity: money.MustParse(quantity)}
	}
	w.ok(amend("4"))
	w.no(tape.BadAmend, amend("4"))
	w.no(tape.LotSize, amend("0.0001"))
	w.v = restored(t, w.v)
	if got := placed(w.ok(amend("3"))); got.Amends != 2 {
		t.Errorf("it was made smaller %d times", got.Amends)
	}
	w.no(tape.MaxAmends, amend("2"))
	w.no(tape.BadAmend, amend("3"))
	w.v = restored(t, w.v)
	w.no(tape.MaxAmends, amend("2"))
	taken := amend("2")
	taken.NewClientID = w.order(1000, book.Buy, "80", "1").ClientID
	w.no(tape.MaxAmends, taken) // before its name is looked at
	other := w.order(1000, book.Buy, "90", "5")
	w.ok(&tape.AmendOrder{Account: 1000, Order: other.ID, Quantity: money.Int(2)})
	elsewhere := w.limit(1000, book.Buy, "90", "5")
	elsewhere.Market = 1
	id := placed(w.ok(elsewhere)).ID
	for _, q := range []int64{4, 3, 2} { // where there is no bound nothing is counted
		if got := placed(w.ok(&tape.AmendOrder{Account: 1000, Market: 1, Order: id, Quantity: money.Int(q)})); got.Amends != 0 {
			t.Errorf("%d amendments are counted where there is no bound", got.Amends)
		}
	}
	w.ok(w.limit(1001, book.Sell, "90", "1"))
	w.audit()

	s := w.v.Snapshot()
	for i := range s.Orders {
		s.Orders[i].Amends = 3
	}
	if _, err := Restore(s); err == nil || !strings.Contains(err.Error(), "numbers do not fit") {
		t.Errorf("orders made smaller more often than they may be: %v", err)
	}
	g := *w.g
	for format, founds := range map[uint16]bool{tape.FormatUnbounded: false, tape.FormatUnamended: false, tape.Format: true} {
		if g.Format = format; (CheckGenesis(&g) == nil) != founds {
			t.Errorf("format %d with a bound of amendments: founded %t", format, !founds)
		}
	}
}

// TestCancelOnly: a cancel that is for an order in one state takes it in no other.
func TestCancelOnly(t *testing.T) {
	w := flowWorldOf(t, func(*tape.Genesis) {})
	cancel := func(o uint64, only tape.Status) *tape.CancelOrder {
		return &tape.CancelOrder{Account: 1000, Order: o, Only: only}
	}
	o := w.order(1000, book.Buy, "90", "2")
	w.no(tape.NotOnly, cancel(o.ID, tape.PartiallyFilled))
	w.no(tape.UnknownOrder, cancel(o.ID+1, tape.PartiallyFilled))
	w.ok(w.limit(1001, book.Sell, "90", "1"))
	w.no(tape.NotOnly, cancel(o.ID, tape.StatusNew))
	next := w.limit(1000, book.Buy, "80", "1")
	w.no(tape.NotOnly, &tape.ReplaceOrder{Cancel: *cancel(o.ID, tape.StatusNew), Order: *next})
	w.do(&tape.ReplaceOrder{Cancel: *cancel(o.ID, tape.StatusNew), Order: *next, Anyway: true})
	if len(w.v.accounts[1000].orders) != 2 {
		t.Errorf("%d orders are open, want the first and the one that was placed anyway", len(w.v.accounts[1000].orders))
	}
	w.ok(cancel(o.ID, tape.PartiallyFilled))
	works, pends := w.limit(1000, book.Buy, "60", "1"), w.limit(1000, book.Sell, "95", "1")
	list := w.then(works, pends)
	w.no(tape.NotOnly, cancel(list.Orders[1], tape.StatusNew))
	w.ok(cancel(list.Orders[0], tape.StatusNew))
	w.audit()
}

// TestStrategiesInFlows: flows of everything, with what few commands have, are what the auditor makes of them, through
// restarts too.
func TestStrategiesInFlows(t *testing.T) {
	met := map[tape.Reason]int{}
	seeds, _ := flowSeeds()
	for seed := range seeds / 8 {
		r := rand.New(rand.NewPCG(seed, 92))
		w := flowWorldOf(t, func(g *tape.Genesis) {
			g.Format = pick(r, []uint16{tape.Format, tape.Format, tape.FormatUnamended, tape.FormatUnbounded})
			if g.Format == tape.Format {
				g.Markets[0].MaxAmends, g.Markets[1].MaxAmends = uint32(between(r, 0, 2)), uint32(between(r, 0, 1))
			}
		})
		label := func(o *tape.PlaceOrder) {
			o.Strategy = pick(r, []tape.Strategy{{}, {}, {ID: 5, Given: 1}, {Type: 1_000_001, Given: 2}, {ID: -9, Type: math.MaxInt32, Given: 3}})
			if between(r, 0, 49) == 0 {
				o.Strategy = pick(r, []tape.Strategy{{Type: 3, Given: 2}, {ID: 3}, {Given: 9}})
			}
		}
		only := func(c *tape.CancelOrder) { c.Only = pick(r, []tape.Status{0, 0, tape.StatusNew, tape.PartiallyFilled}) }
		for i := range 200 {
			cmd := w.drawTrading(r)
			switch c := cmd.(type) {
			case *tape.PlaceOrder:
				label(c)
			case *tape.PlaceOrderList:
				for i := range c.Orders {
					label(&c.Orders[i])
				}
			case *tape.ReplaceOrder:
				label(&c.Order)
				only(&c.Cancel)
			case *tape.CancelOrder:
				only(c)
			}
			if f, no := refused(w.do(cmd)); no {
				met[f.Reason]++
			}
			if i%10 == 9 { // what an account has, a part smaller, and again
				a := pick(r, flowAccounts)
				for _, o := range w.v.State().Orders {
					if less, err := o.Quantity.Sub(money.MustParse("0.5")); err == nil && o.Account == a && o.Queued != 0 {
						if f, no := refused(w.do(&tape.AmendOrder{Account: a, Market: o.Market, Order: o.ID, Quantity: less})); no {
							met[f.Reason]++
						}
					}
				}
			}
			if between(r, 0, 30) == 0 {
				w.decideSides(law.Review, pick(r, flowAccounts), pick(r, []law.Verb{law.Allow, law.Exit, law.Allow}), "", nil)
			}
			if i%20 == 19 {
				w.v = restored(t, w.v)
			}
		}
		w.audit()
	}
	for _, why := range []tape.Reason{tape.MaxAmends, tape.NotOnly, tape.BadOrder} {
		if met[why] == 0 {
			t.Errorf("no flow was refused for: %v", why)
		}
	}
}
