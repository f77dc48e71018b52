package venue

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"sallyport/book"
	"sallyport/book/booktest"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// benchWorld is a venue with so many customers in so many classes, each with plenty of both assets.
func benchWorld(b testing.TB, customers int, classes int) *Venue {
	m := money.MustParse
	w := &world{t: b, v: New(), at: 1_645_700_000_000_000, g: &tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
			{Code: "USDT", Decimals: 8, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
		},
		Markets: []tape.Market{{
			Symbol: "BTCUSDT", Base: 0, Quote: 1, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"),
			Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("9000"), MinNotional: m("0.00001"), MakerPPM: 1000, TakerPPM: 2000,
			MaxOrders: 200, MaxStops: 5, MaxParts: 10, Buys: tape.Band{Down: 200_000, Up: 5_000_000}, Sells: tape.Band{Down: 200_000, Up: 5_000_000},
		}},
		Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}},
	}}
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for i := range classes {
		// Every class is told apart by a rule of its own, and may meet all others.
		var sides []law.Side
		if i > 0 {
			sides = []law.Side{{Rule: fmt.Sprint("bar-", i), Covered: true, Binds: true}}
		}
		w.ok(&tape.OpenAccount{Account: 1000 + uint64(i), Decision: w.decideSides(law.OpenAccount, 1000+uint64(i), law.Allow, "", sides)})
	}
	// The others are put there directly: a decision for each would take longer than the benchmark.
	for i := range uint64(customers) {
		n := 1000 + i
		if a := w.v.accounts[n]; a == nil {
			a := *w.v.accounts[1000+i%uint64(classes)]
			a.number = n
			w.v.classes[a.class].members++
			w.v.enrol(&a)
		}
		for asset := range uint16(2) {
			w.v.must(ledger.Posting{
				Asset: asset, Amount: money.Int(1_000_000_000), From: ledger.Place{Account: ledger.Outside}, To: ledger.Place{Account: ledger.Account(n)},
			})
		}
	}
	w.v.ledger.Changed(new(tape.Buffer)) // what was put there is no command's
	return w.v
}

// A feeder gives the commands of the flow as the venue takes them. Like a decoder it fills in one
// command after another where the last one was, so that what is measured is not how far apart
// a million commands lie in memory.
type feeder struct {
	flow      []booktest.Command
	ids       string   // of 32 bytes each, by the flow's number
	orders    []uint64 // the venue's number, by the flow's
	last      uint64
	customers uint64
	n         int // of the commands of the batch that are used
	place     [batchSize]tape.PlaceOrder
	cancel    [batchSize]tape.CancelOrder
	cmds      []tape.Command

	tick, step money.Amount
}

func feed(flow []booktest.Command, customers int) *feeder {
	f := &feeder{flow: flow, customers: uint64(customers), tick: money.MustParse("0.01"), step: money.MustParse("0.00001"), orders: make([]uint64, len(flow))}
	var ids strings.Builder
	for i := range flow {
		fmt.Fprintf(&ids, "x-TKT5PX2F%022x", i)
	}
	f.ids = ids.String()
	return f
}

// batchSize is how many commands come at a time.
const batchSize = 512

// batch is the commands from i on, at most batchSize of them.
func (f *feeder) batch(i int) []tape.Command {
	f.cmds = f.cmds[:0]
	for n := range min(batchSize, len(f.flow)-i) {
		f.n = n
		f.cmds = append(f.cmds, f.command(i+n))
	}
	return f.cmds
}

func (f *feeder) command(i int) tape.Command {
	c, place, cancel := &f.flow[i], &f.place[f.n], &f.cancel[f.n]
	// The account that the flow says, of the class that it says.
	account := 1000 + uint64(c.Account&^3)%f.customers + uint64(c.Class)
	if c.Kind == booktest.Cancel {
		*cancel = tape.CancelOrder{Account: account, Order: f.orders[c.ID]}
		return cancel
	}
	f.last++ // the venue numbers orders from 1 in the order they come
	f.orders[c.ID] = f.last
	*place = tape.PlaceOrder{Account: account, Side: c.Side, Type: tape.Limit, Force: tape.GTC, ClientID: f.ids[32*c.ID : 32*c.ID+32]}
	place.Price, _ = f.tick.Times(uint64(c.Price))
	place.Quantity, _ = f.step.Times(uint64(c.Lots))
	if c.Kind == booktest.Market {
		place.Type, place.Price = tape.MarketOrder, money.Amount{}
	}
	return place
}

// BenchmarkVenue is the whole state machine: standing, filters, reserves, fees, ledger, self-trade,
// classes, events, over the flow of package booktest.
func BenchmarkVenue(b *testing.B) {
	flow, _ := booktest.Flow(42, 1_000_000)
	for _, customers := range []int{1000, 10_000, 1_000_000} {
		b.Run(fmt.Sprint("customers=", customers), func(b *testing.B) {
			b.ReportAllocs()
			var out tape.Buffer
			for n := 0; n < b.N; {
				b.StopTimer()
				v, f := benchWorld(b, customers, 4), feed(flow, customers)
				for i := range booktest.Preload {
					out.Reset()
					v.Apply(1_645_800_000_000_000, f.command(i), &out)
				}
				runtime.GC()
				b.StartTimer()
				for i := booktest.Preload; i < len(flow) && n < b.N; {
					b.StopTimer()
					batch := f.batch(i)
					b.StartTimer()
					for j, cmd := range batch {
						if j%Group == 0 {
							v.Ahead(batch[j:])
						}
						out.Reset()
						v.Apply(1_645_800_000_000_000, cmd, &out)
					}
					i += len(batch)
					n += len(batch)
				}
			}
		})
	}
}

// An order is three cache lines, and orders at work allocate nothing but what the books and tables
// grow by.
func TestOrdersAllocateNothing(t *testing.T) {
	if n := unsafe.Sizeof(order{}); n != 192 {
		t.Errorf("an order takes %d bytes, want 192", n)
	}
	const warm, count = 200_000, 100_000
	flow, _ := booktest.Flow(42, warm+count)
	v, f := benchWorld(t, 10_000, 4), feed(flow, 10_000)
	var out tape.Buffer
	var before, after runtime.MemStats
	for i := range flow {
		if i == len(flow)-count {
			runtime.ReadMemStats(&before)
		}
		out.Reset()
		v.Apply(1_645_800_000_000_000, f.command(i), &out)
	}
	if runtime.ReadMemStats(&after); after.Mallocs-before.Mallocs > count/20 {
		t.Errorf("%d commands allocate %d times", count, after.Mallocs-before.Mallocs)
	}
}

// Nor does what changes hands within a trade group.
func TestTransfersAllocateNothing(t *testing.T) {
	w := flowWorld(t)
	var out tape.Buffer
	n := 0
	order := func(account uint64, side book.Side) *tape.PlaceOrder {
		n++
		return &tape.PlaceOrder{Account: account, Side: side, Type: tape.Limit, Force: tape.GTC, SelfTrade: tape.Transfer, Price: money.Int(100), Quantity: money.Int(1), ClientID: fmt.Sprint("h", n)}
	}
	var cmds []tape.Command
	for range 500 {
		cmds = append(cmds, order(1000, book.Buy), order(1003, book.Sell), order(1003, book.Buy), order(1000, book.Sell))
	}
	var before, after runtime.MemStats
	for i, cmd := range cmds {
		if i == 1000 {
			runtime.ReadMemStats(&before)
		}
		out.Reset()
		w.v.Apply(w.at, cmd, &out)
		if p, ok := out.Events[1].(*tape.Prevented); i%2 == 1 && (!ok || !p.Transfers()) {
			t.Fatalf("command %d brings about %+v", i, out.Events)
		}
	}
	if runtime.ReadMemStats(&after); after.Mallocs-before.Mallocs > 50 {
		t.Errorf("1000 commands allocate %d times", after.Mallocs-before.Mallocs)
	}
}

// The flow trades in the venue what it trades in the book alone, but for an account's own
// orders, which expire instead.
func TestVenueTradesTheFlow(t *testing.T) {
	flow, mix := booktest.Flow(42, 30_000)
	v := benchWorld(t, 10_000, 4)
	var out tape.Buffer
	fills, prevented := 0, 0
	f := feed(flow, 10_000)
	for i := range flow {
		cmd := f.command(i)
		out.Reset()
		v.Apply(1_645_800_000_000_000, cmd, &out)
		for _, e := range out.Events {
			switch e := e.(type) {
			case *tape.Traded:
				fills++
			case *tape.Prevented:
				prevented++
			case tape.Refused:
				if _, cancels := cmd.(*tape.CancelOrder); !cancels || prevented == 0 {
					t.Fatalf("command %d %+v: %v", i, cmd, e.Reason)
				}
			}
		}
	}
	if d := fills - mix.Fills; d < -5 || d > 5 || fills < 1000 || v.markets[0].book.Crosses(book.Buy, 0) {
		t.Errorf("%d fills and %d prevented, the flow has %d fills", fills, prevented, mix.Fills)
	}
}

// BenchmarkState copies the state, as a checkpoint does, of so many customers with two balances each
// and twenty thousand open orders.
func BenchmarkState(b *testing.B) {
	for _, customers := range []int{10_000, 1_000_000} {
		b.Run(fmt.Sprint("customers=", customers), func(b *testing.B) {
			flow, _ := booktest.Flow(42, 0)
			v, f := benchWorld(b, customers, 4), feed(flow, customers)
			var out tape.Buffer
			for i := range flow {
				out.Reset()
				v.Apply(1_645_800_000_000_000, f.command(i), &out)
			}
			b.ReportAllocs()
			for b.Loop() {
				v.Snapshot()
			}
		})
	}
}

// BenchmarkTriggered: what one of many orders takes that one trade triggers, which is to be the same for few and for many.
func BenchmarkTriggered(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var out tape.Buffer
			for b.Loop() {
				b.StopTimer()
				w := twoTraders(b)
				w.credit(bob, 0, "100000", law.Allow)
				for range n {
					stop := w.limit(bob, book.Sell, "200", "0.03")
					stop.Type, stop.Stop = tape.StopLossLimit, money.Int(90)
					out.Reset()
					w.v.Apply(w.at, stop, &out)
				}
				w.ok(w.limit(ann, book.Buy, "90", "1"))
				sell := w.limit(bob, book.Sell, "90", "1")
				out.Reset()
				b.StartTimer()
				w.v.Apply(w.at, sell, &out)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/order")
		})
	}
}
