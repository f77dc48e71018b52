package venue

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// boundedWorld is a flowWorld whose second market has no bounds but those that are given for both.
func boundedWorld(t failer, market tape.Market, all tape.Bounds) *world {
	return flowWorldOf(t, func(g *tape.Genesis) {
		g.MaxOpen = all
		g.Markets[1] = g.Markets[0]
		g.Markets[1].Symbol = "BTCUSDT2"
		for i := range g.Markets {
			m := &g.Markets[i]
			m.MaxOrders, m.MaxStops, m.MaxIcebergs, m.MaxLists = market.MaxOrders, market.MaxStops, market.MaxIcebergs, market.MaxLists
		}
	})
}

// orderKinds are orders of account 1000 that rest or wait, each of what a bound counts.
func (w *world) orderKinds() (limit, stop, iceberg func(market uint16) *tape.PlaceOrder, list func(market uint16) *tape.PlaceOrderList) {
	limit = func(market uint16) *tape.PlaceOrder {
		o := w.limit(1000, book.Buy, "50", "1")
		o.Market = market
		return o
	}
	stop = func(market uint16) *tape.PlaceOrder {
		o := limit(market)
		o.Type, o.Stop = tape.StopLossLimit, money.Int(150)
		return o
	}
	iceberg = func(market uint16) *tape.PlaceOrder {
		o := limit(market)
		o.Iceberg = money.MustParse("0.5")
		return o
	}
	list = func(market uint16) *tape.PlaceOrderList {
		return &tape.PlaceOrderList{ClientID: fmt.Sprint("list ", w.seq), Contingency: tape.OneTriggers, Orders: []tape.PlaceOrder{*limit(market), *limit(market)}}
	}
	return limit, stop, iceberg, list
}

// TestBoundsOfOpen: how many open orders and order lists an account may have, in a market and in all of them.
func TestBoundsOfOpen(t *testing.T) {
	t.Run("orders in all", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{}, tape.Bounds{Orders: 3})
		limit, _, _, list := w.orderKinds()
		first := placed(w.ok(limit(0)))
		w.ok(limit(1))
		w.no(tape.MaxAllOrders, list(0)) // the second would be the fourth
		w.ok(limit(0))
		w.no(tape.MaxAllOrders, limit(1))
		w.no(tape.MaxAllOrders, limit(0))
		w.ok(w.limit(1001, book.Buy, "50", "1")) // another account
		w.ok(w.limit(1001, book.Sell, "60", "1"))
		w.ok(w.market(1000, book.Buy, "0.5", "0")) // it does not stay
		w.ok(&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: 1000, Order: first.ID}, Order: *limit(1)})
		w.audit()
	})
	t.Run("the market's own bound comes first", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxOrders: 1, MaxStops: 1, MaxIcebergs: 1, MaxLists: 1}, tape.Bounds{Orders: 1, Stops: 1, Icebergs: 1, Lists: 1})
		limit, _, _, _ := w.orderKinds()
		w.ok(limit(0))
		w.no(tape.MaxOrders, limit(0))
		w.no(tape.MaxAllOrders, limit(1))
		w.audit()
	})
	t.Run("stops in all", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxStops: 2}, tape.Bounds{Stops: 3})
		limit, stop, _, _ := w.orderKinds()
		for _, market := range []uint16{0, 0, 1} {
			w.ok(stop(market))
		}
		w.no(tape.MaxStops, stop(0))
		w.no(tape.MaxAllStops, stop(1))
		w.ok(limit(1))
		w.ok(&tape.CancelAll{Account: 1000, Market: 0})
		w.ok(stop(1))
		w.audit()
	})
	t.Run("icebergs", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxIcebergs: 2}, tape.Bounds{Icebergs: 3})
		limit, stop, iceberg, list := w.orderKinds()
		one := placed(w.ok(iceberg(0)))
		w.ok(limit(0)) // counts for nothing here
		w.ok(stop(0))
		both := list(0)
		both.Orders[0].Iceberg, both.Orders[1].Iceberg = money.MustParse("0.5"), money.MustParse("0.5")
		w.no(tape.MaxIcebergs, both) // the second
		waits := stop(0)
		waits.Iceberg = money.MustParse("0.5")
		w.ok(waits)
		w.no(tape.MaxIcebergs, iceberg(0))
		w.ok(iceberg(1))
		w.no(tape.MaxAllIcebergs, iceberg(1))
		w.ok(&tape.CancelOrder{Account: 1000, Order: one.ID})
		pends := list(1)
		pends.Orders[1].Iceberg = money.MustParse("0.5")
		w.ok(pends)
		w.no(tape.MaxIcebergs, iceberg(1)) // what pends counts
		w.no(tape.MaxAllIcebergs, iceberg(0))
		w.audit()
	})
	t.Run("order lists", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxLists: 2}, tape.Bounds{Lists: 3})
		limit, _, _, list := w.orderKinds()
		two := w.then(limit(0), limit(0))
		three := list(0)
		up, down := *w.limit(1000, book.Sell, "150", "1"), *w.limit(1000, book.Sell, "0", "1")
		up.Type, down.Type, down.Stop = tape.LimitMaker, tape.StopLoss, money.Int(40)
		three.Orders = append(three.Orders[:1], up, down) // is one list
		w.ok(three)
		w.no(tape.MaxLists, list(0))
		w.ok(list(1))
		w.no(tape.MaxAllLists, list(1))
		bad := list(0)
		bad.Orders[0].ClientID = ""
		w.no(tape.MaxLists, bad) // before its orders are looked at
		w.ok(limit(0))           // none of a list
		w.ok(&tape.CancelOrder{Account: 1000, Order: two.Orders[0]})
		w.ok(list(1))
		w.audit()
	})
	t.Run("a list is open while one of its orders is", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxLists: 1}, tape.Bounds{})
		limit, _, _, list := w.orderKinds()
		works := limit(0)
		works.Price = money.Int(60)
		w.then(works, limit(0))
		w.ok(w.limit(1001, book.Sell, "60", "1")) // fills the first; the second rests
		w.no(tape.MaxLists, list(0))
		w.ok(&tape.CancelAll{Account: 1000, Market: 0})
		w.ok(list(0))
		w.audit()
	})
	t.Run("a market that an account comes to later", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxIcebergs: 1, MaxLists: 1}, tape.Bounds{})
		_, _, iceberg, list := w.orderKinds()
		w.ok(list(1))
		w.ok(iceberg(0))
		w.no(tape.MaxIcebergs, iceberg(0))
		w.no(tape.MaxLists, list(1))
		w.audit()
	})
	t.Run("what was stopped frees its places", func(t *testing.T) {
		w := boundedWorld(t, tape.Market{MaxIcebergs: 1}, tape.Bounds{Orders: 3, Stops: 1, Lists: 1})
		_, stop, iceberg, _ := w.orderKinds()
		for range 3 {
			w.ok(stop(0))
			w.ok(iceberg(0))
			w.decideSides(law.Review, 1000, law.Hold, "", nil)
			w.decideSides(law.Review, 1000, law.Allow, "", nil)
		}
		w.audit()
	})
}

// TestFormatUnboundedFounds: a log of the format before founds the venue that it did, and may not have what
// that format has no place for.
func TestFormatUnboundedFounds(t *testing.T) {
	w := flowWorldOf(t, func(g *tape.Genesis) { g.Format = tape.FormatUnbounded })
	w.order(1000, book.Buy, "50", "1")
	w.v = restored(t, w.v)
	w.order(1000, book.Buy, "50", "1")
	w.audit()
	for name, change := range map[string]func(*tape.Genesis){
		"a bound of all":        func(g *tape.Genesis) { g.MaxOpen.Stops = 1 },
		"a bound of a market":   func(g *tape.Genesis) { g.Markets[1].MaxLists = 1 },
		"a format before it":    func(g *tape.Genesis) { g.Format = tape.FormatUnbounded - 1 },
		"a format that will be": func(g *tape.Genesis) { g.Format = tape.Format + 1 },
	} {
		g := *w.g
		g.Markets = append([]tape.Market(nil), g.Markets...)
		change(&g)
		if err := CheckGenesis(&g); err == nil {
			t.Errorf("%s: founded", name)
		}
	}
}

// TestBoundsInFlows: flows of everything keep within the bounds, meet each of them, and the counts
// by which that is seen are those of what is open, in a venue of a snapshot too. The auditor counts for itself.
func TestBoundsInFlows(t *testing.T) {
	met := map[tape.Reason]int{}
	seeds, _ := flowSeeds()
	for seed := range seeds / 8 {
		r := rand.New(rand.NewPCG(seed, 78))
		w := boundedWorld(t, tape.Market{
			MaxOrders: uint32(pick(r, []int{0, 6})), MaxStops: uint32(pick(r, []int{0, 2})), MaxIcebergs: uint32(pick(r, []int{0, 1, 2})), MaxLists: uint32(pick(r, []int{0, 1, 2})),
		}, tape.Bounds{
			Orders: uint32(pick(r, []int{0, 5, 9})), Stops: uint32(pick(r, []int{0, 3})), Icebergs: uint32(pick(r, []int{0, 2})), Lists: uint32(pick(r, []int{0, 1})),
		})
		for i := range 200 {
			if f, ok := refused(w.do(w.drawTrading(r))); ok {
				met[f.Reason]++
			}
			if between(r, 0, 30) == 0 {
				w.decideSides(law.Review, pick(r, flowAccounts), pick(r, []law.Verb{law.Allow, law.Exit, law.Allow}), "", nil)
			}
			if i%20 == 19 {
				w.v = restored(t, w.v)
			}
			w.counts()
		}
		w.audit()
	}
	for _, why := range []tape.Reason{tape.MaxOrders, tape.MaxStops, tape.MaxIcebergs, tape.MaxLists, tape.MaxAllOrders, tape.MaxAllStops, tape.MaxAllIcebergs, tape.MaxAllLists} {
		if met[why] == 0 {
			t.Errorf("no flow was refused for: %v", why)
		}
	}
}

// counts holds what the venue counts to what is open, and that to the bounds.
func (w *world) counts() {
	w.t.Helper()
	s := w.v.State()
	for _, a := range w.v.accounts {
		var all tape.Bounds
		for n := range s.Genesis.Markets {
			in := countOpen(&s, a.number, uint16(n))
			all.Orders += in.Orders
			all.Stops += in.Stops
			all.Icebergs += in.Icebergs
			all.Lists += in.Lists
			c, f := *a.in(uint16(n)), a.fewIn(uint16(n))
			if got := (tape.Bounds{Orders: c.orders, Stops: c.stops, Icebergs: f.icebergs, Lists: f.lists}); got != in {
				w.t.Fatalf("account %d is said to have %+v open in market %d, and has %+v", a.number, got, n, in)
			}
			k := &s.Genesis.Markets[n]
			w.within(a.number, in, tape.Bounds{Orders: k.MaxOrders, Stops: k.MaxStops, Icebergs: k.MaxIcebergs, Lists: k.MaxLists})
		}
		if got := (tape.Bounds{Orders: uint32(len(a.orders)), Stops: a.stops, Icebergs: a.icebergs, Lists: a.lists}); got != all {
			w.t.Fatalf("account %d is said to have %+v open, and has %+v", a.number, got, all)
		}
		w.within(a.number, all, s.Genesis.MaxOpen)
	}
}

func (w *world) within(account uint64, open, most tape.Bounds) {
	w.t.Helper()
	if most.Orders != 0 && open.Orders > most.Orders || most.Stops != 0 && open.Stops > most.Stops || most.Icebergs != 0 && open.Icebergs > most.Icebergs || most.Lists != 0 && open.Lists > most.Lists {
		w.t.Fatalf("account %d has %+v open, and may have %+v", account, open, most)
	}
}

// countOpen counts what an account has open in a market.
func countOpen(s *tape.State, account uint64, market uint16) (n tape.Bounds) {
	for i := range s.Orders {
		o := &s.Orders[i]
		if o.Account != account || o.Market != market {
			continue
		}
		n.Orders++
		if o.Type.Stops() {
			n.Stops++
		}
		if !o.Iceberg.IsZero() {
			n.Icebergs++
		}
	}
	for i := range s.OrderLists {
		if s.OrderLists[i].Account == account && s.OrderLists[i].Market == market {
			n.Lists++
		}
	}
	return n
}
