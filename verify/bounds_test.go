package verify

import (
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/venue/tape"
)

// TestBoundsOfOpen holds the model to the words on how much an account may have open: in a market of two, and in both.
func TestBoundsOfOpen(t *testing.T) {
	start := func(t *testing.T, market tape.Market, all tape.Bounds) *writer {
		g := genesis()
		g.MaxOpen = all
		k := &g.Markets[mkt]
		k.MaxOrders, k.MaxStops, k.MaxIcebergs, k.MaxLists = market.MaxOrders, market.MaxStops, market.MaxIcebergs, market.MaxLists
		g.Markets = append(g.Markets, *k)
		g.Markets[1].Symbol = "BTCUSDT2"
		w := startAt(t, day, g)
		for _, a := range []uint64{alice, bob} {
			w.open(a, law.Allow)
			w.deposit(a, btc, "10", law.Allow)
			w.deposit(a, usdt, "100000", law.Allow)
		}
		return w
	}
	there := func(o *tape.PlaceOrder) *tape.PlaceOrder { o.Market = 1; return o }
	iceberg := func(o *tape.PlaceOrder) *tape.PlaceOrder { o.Iceberg = amt("0.1"); return o }
	for name, scene := range map[string]func(t *testing.T) *writer{
		"orders": func(t *testing.T) *writer {
			w := start(t, tape.Market{MaxOrders: 2}, tape.Bounds{Orders: 3})
			sell := func() *tape.PlaceOrder { return w.order(alice, book.Sell, "30000", "1") }
			w.must(sell())
			w.refuse(w.then(sell(), sell()), tape.MaxOrders)
			w.must(sell())
			w.refuse(sell(), tape.MaxOrders)
			w.must(there(sell()))
			w.refuse(there(sell()), tape.MaxAllOrders)
			w.refuse(there(iceberg(sell())), tape.MaxAllOrders)
			w.must(w.order(bob, book.Sell, "30000", "1"))
			w.must(there(w.order(bob, book.Buy, "20000", "1")))
			m := there(w.market(alice, book.Sell, "0.1", "0"))
			w.must(m)
			w.must(&tape.CancelAll{Account: alice})
			w.must(w.then(sell(), sell()))
			w.refuse(there(sell()), tape.MaxAllOrders) // what pends counts
			return w
		},
		"stops": func(t *testing.T) *writer {
			w := start(t, tape.Market{MaxStops: 1}, tape.Bounds{Stops: 1})
			stop := func() *tape.PlaceOrder { return w.stop(alice, book.Sell, tape.StopLoss, "15000", "", "1") }
			w.must(there(stop()))
			w.refuse(there(stop()), tape.MaxStops)
			w.refuse(stop(), tape.MaxAllStops)
			w.refuse(w.oco("1", "30000", "15000"), tape.MaxAllStops)
			w.must(w.order(alice, book.Sell, "30000", "1"))
			return w
		},
		"icebergs": func(t *testing.T) *writer {
			w := start(t, tape.Market{MaxIcebergs: 1}, tape.Bounds{Icebergs: 2})
			sell := func() *tape.PlaceOrder { return iceberg(w.order(alice, book.Sell, "30000", "1")) }
			w.must(w.order(alice, book.Sell, "30000", "1"))
			w.refuse(w.then(sell(), sell()), tape.MaxIcebergs)
			w.must(w.then(w.order(alice, book.Sell, "30000", "1"), sell()))
			w.refuse(sell(), tape.MaxIcebergs)
			w.must(there(sell()))
			w.refuse(there(sell()), tape.MaxIcebergs)
			w.m.genesis.Markets[1].MaxIcebergs = 0
			w.refuse(there(sell()), tape.MaxAllIcebergs)
			w.m.genesis.Markets[1].MaxIcebergs = 1
			return w
		},
		"order lists": func(t *testing.T) *writer {
			w := start(t, tape.Market{MaxLists: 1}, tape.Bounds{Lists: 2})
			list := func(change func(*tape.PlaceOrder) *tape.PlaceOrder) *tape.PlaceOrderList {
				return w.then(change(w.order(alice, book.Buy, "20000", "1")), change(w.order(alice, book.Buy, "10000", "1")))
			}
			here := func(o *tape.PlaceOrder) *tape.PlaceOrder { return o }
			w.must(list(here))
			w.refuse(list(here), tape.MaxLists)
			same := list(here)
			same.ClientID = w.m.lists[1].ClientID
			w.refuse(same, tape.DuplicateClientID)
			unknown := list(here)
			unknown.Orders[0].ClientID = ""
			w.refuse(unknown, tape.MaxLists)
			w.must(w.order(bob, book.Sell, "20000", "1"))
			w.refuse(list(here), tape.MaxLists) // the second order of it rests
			w.must(list(there))
			w.m.genesis.Markets[1].MaxLists = 0
			w.refuse(list(there), tape.MaxAllLists)
			w.m.genesis.Markets[1].MaxLists = 1
			w.must(&tape.CancelAll{Account: alice})
			w.must(list(here))
			return w
		},
	} {
		t.Run(name, func(t *testing.T) { scene(t).holds() })
	}
}

// TestFormatUnbounded: the format before founds a venue, but with nothing that it has no place for.
func TestFormatUnbounded(t *testing.T) {
	for _, c := range []struct {
		format uint16
		change func(*tape.Genesis)
		bad    bool
	}{
		{tape.FormatUnbounded, func(*tape.Genesis) {}, false},
		{tape.FormatUnbounded, func(g *tape.Genesis) { g.MaxOpen.Icebergs = 1 }, true},
		{tape.FormatUnbounded, func(g *tape.Genesis) { g.Markets[0].MaxIcebergs = 1 }, true},
		{tape.FormatUnbounded - 1, func(*tape.Genesis) {}, true},
		{tape.FormatUnbounded, func(g *tape.Genesis) { g.Markets[0].MaxAmends = 1 }, true},
		{tape.FormatUnamended, func(*tape.Genesis) {}, false},
		{tape.FormatUnamended, func(g *tape.Genesis) { g.MaxOpen.Icebergs, g.Markets[0].MaxIcebergs = 1, 1 }, false},
		{tape.FormatUnamended, func(g *tape.Genesis) { g.Markets[0].MaxAmends = 1 }, true},
		{tape.Format, func(g *tape.Genesis) { g.Markets[0].MaxAmends = 1 }, false},
		{tape.Format, func(g *tape.Genesis) { g.MaxOpen.Icebergs, g.Markets[0].MaxIcebergs = 1, 1 }, false},
		{tape.Format + 1, func(*tape.Genesis) {}, true},
	} {
		g := genesis()
		g.Format = c.format
		c.change(g)
		if contradicts(g) != c.bad {
			t.Errorf("format %d, %+v: refused %v", c.format, g.MaxOpen, !c.bad)
		}
	}
}

// TestOrdersOfMore holds the model to the words on strategies, on amendments and on cancels of orders in one state alone.
func TestOrdersOfMore(t *testing.T) {
	g := genesis()
	g.Markets[mkt].MaxAmends = 1
	w := startAt(t, day, g)
	w.open(alice, law.Allow)
	w.open(bob, law.Allow)
	w.deposit(alice, btc, "10", law.Allow)
	w.deposit(bob, usdt, "100000", law.Allow)
	for _, s := range []tape.Strategy{{Given: 2, Type: 999_999}, {Given: 2, Type: 1 << 31}, {Given: 1, Type: 1_000_000}, {Given: 2, Type: 1_000_000, ID: 1}, {ID: 1}, {Given: 4}, {Given: 5, ID: 1}, {Given: 3, ID: 1}} {
		o := w.order(alice, book.Sell, "30000", "3")
		o.Strategy = s
		w.refuse(o, tape.BadOrder)
	}
	o := w.order(alice, book.Sell, "30000", "3")
	o.Strategy = tape.Strategy{ID: 9, Type: 1_000_000, Given: 3}
	w.must(o)
	w.refuse(&tape.CancelOrder{Account: alice, Order: 1, Only: tape.PartiallyFilled}, tape.NotOnly)
	w.refuse(&tape.CancelOrder{Account: alice, Order: 2, Only: tape.StatusNew}, tape.UnknownOrder)
	events := w.must(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2")})
	if got := lastOrder(events, 1); got.Amends != 1 || got.Strategy != o.Strategy {
		t.Errorf("made smaller %d times, of strategy %+v", got.Amends, got.Strategy)
	}
	w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("2")}, tape.BadAmend)
	w.refuse(&tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("1")}, tape.MaxAmends)
	w.must(w.order(bob, book.Buy, "30000", "1"))
	w.refuse(&tape.CancelOrder{Account: alice, Order: 1, Only: tape.StatusNew}, tape.NotOnly)
	next := w.order(alice, book.Sell, "31000", "1")
	w.refuse(&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1, Only: tape.StatusNew}, Order: *next}, tape.NotOnly)
	w.must(&tape.CancelOrder{Account: alice, Order: 1, Only: tape.PartiallyFilled})
	w.holds()
}
