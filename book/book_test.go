package book_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"sallyport/book"
	"sallyport/book/booktest"
)

// An order as the naive book keeps it: in one slice, in order of queueing.
type order struct {
	handle book.Handle
	side   book.Side
	class  uint8
	tick   uint32
	lots   uint64
}

type naive []order

// met is the orders that a taker meets, in order, by sorting all there are.
func (n naive) met(taker book.Side, may book.Mask) naive {
	var met naive
	for _, o := range n {
		if o.side == taker.Other() && may>>o.class&1 == 1 {
			met = append(met, o)
		}
	}
	slices.SortStableFunc(met, func(a, b order) int {
		if taker == book.Buy {
			return int(a.tick) - int(b.tick)
		}
		return int(b.tick) - int(a.tick)
	})
	return met
}

// TestAgainstNaive: after each of many drawn commands the book meets takers with the orders
// that sorting all of them gives, for every mask of classes, and knows its best prices.
func TestAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const most = 1 << 20
		pool := book.NewPool(0)
		b := book.New(pool, most)
		var n naive
		var waiting []order // side Buy stands for rising
		near := rapid.Uint32Range(0, most).Draw(t, "near")
		tick := func() uint32 {
			width := rapid.SampledFrom([]uint32{3, 100, 5000, most}).Draw(t, "width")
			return min(near, most-min(width, most)) + rapid.Uint32Range(0, width).Draw(t, "tick")
		}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			switch what := rapid.IntRange(0, 7).Draw(t, "what"); {
			case what <= 3:
				o := order{
					handle: pool.Get(), side: book.Side(rapid.IntRange(1, 2).Draw(t, "side")), class: rapid.SampledFrom([]uint8{0, 1, 2, 63}).Draw(t, "class"),
					tick: min(tick(), most), lots: rapid.Uint64Range(1, 9).Draw(t, "lots"),
				}
				b.Rest(o.handle, o.side, o.class, o.tick, o.lots)
				n = append(n, o)
			case what == 4 && len(n) > 0:
				i := rapid.IntRange(0, len(n)-1).Draw(t, "removed")
				b.Remove(n[i].handle)
				pool.Put(n[i].handle)
				n = slices.Delete(n, i, i+1)
			case what == 5 && len(n) > 0:
				i := rapid.IntRange(0, len(n)-1).Draw(t, "queued anew")
				o := n[i]
				o.lots = 7
				b.Requeue(o.handle, o.lots)
				n = append(slices.Delete(n, i, i+1), o)
			case what == 6:
				o := order{handle: pool.Get(), side: book.Side(rapid.IntRange(1, 2).Draw(t, "rises")), tick: min(tick(), most)}
				b.Wait(o.handle, o.side == book.Buy, o.tick)
				waiting = append(waiting, o)
			case what == 7:
				low := min(tick(), most)
				high := min(low+rapid.Uint32Range(0, 50).Draw(t, "range"), most)
				hit := func(o order) bool {
					return o.side == book.Buy && o.tick <= high || o.side == book.Sell && o.tick >= low
				}
				for h := b.Woken(low, high); h != 0; h = b.Woken(low, high) {
					i := slices.IndexFunc(waiting, func(o order) bool { return o.handle == h })
					if i < 0 || !hit(waiting[i]) || b.Tick(h) != waiting[i].tick {
						t.Fatalf("%d to %d woke %d, which does not wait for it", low, high, h)
					}
					b.Remove(h)
					pool.Put(h)
					waiting = slices.Delete(waiting, i, i+1)
				}
				if slices.ContainsFunc(waiting, hit) {
					t.Fatalf("%d to %d left somebody asleep: %v", low, high, waiting)
				}
			}
			if b.Len() != len(n)+len(waiting) {
				t.Fatalf("%d orders, want %d", b.Len(), len(n)+len(waiting))
			}
			for _, taker := range []book.Side{book.Buy, book.Sell} {
				for _, may := range []book.Mask{book.Everybody, 1, 2, 1 | 4, 1<<63 | 2, 0, ^book.Mask(1)} {
					want := n.met(taker, may)
					c := b.Along(taker, may)
					for i, o := range want {
						h := c.Next()
						if h != o.handle || b.Tick(h) != o.tick || b.Lots(h) != o.lots || b.Class(h) != o.class {
							t.Fatalf("order %d that a %v meets is %d at %d, want %+v", i, taker, h, b.Tick(h), o)
						}
						if i == 0 && b.Best(taker, may) != h {
							t.Fatalf("best for %v of %b is %d, want %d", taker, may, b.Best(taker, may), h)
						}
					}
					if c.Next() != 0 || len(want) == 0 && b.Best(taker, may) != 0 {
						t.Fatalf("%v meets more than %d orders", taker, len(want))
					}
				}
				all := n.met(taker, book.Everybody)
				top, ok := b.Top(taker.Other())
				if ok != (len(all) > 0) || ok && top != all[0].tick {
					t.Fatalf("top %d %v, want of %v", top, ok, all)
				}
				if ok && (!b.Crosses(taker, top) || !b.Within(all[0].handle, top)) {
					t.Fatalf("a %v at the best price does not cross", taker)
				}
				if behind := top - 1; ok && taker == book.Buy && top > 0 && (b.Crosses(taker, behind) || b.Within(all[0].handle, behind)) {
					t.Fatal("a buy behind the best price crosses")
				}
			}
		}
	})
}

// engine is the least around a book that carries the flow out.
type engine struct {
	pool    *book.Pool
	book    *book.Book
	may     [book.Classes]book.Mask // whom each class may meet
	handles []book.Handle           // by id; 0 is not open
	ids     []uint32                // by handle
	fills   int
	volume  uint64
	expired int  // remainders that would have crossed what they may not meet
	crossed bool // and rest nevertheless
	classes uint8
}

func newEngine(classes uint8, orders int) *engine {
	e := &engine{pool: book.NewPool(1 << 16), handles: make([]book.Handle, orders), ids: make([]uint32, 1<<16), classes: classes}
	e.book = book.New(e.pool, booktest.MaxPrice)
	for i := range e.may {
		e.may[i] = book.Everybody
	}
	return e
}

func (e *engine) do(c *booktest.Command) {
	if c.Kind == booktest.Cancel {
		if h := e.handles[c.ID]; h != 0 {
			e.book.Remove(h)
			e.pool.Put(h)
			e.handles[c.ID] = 0
		}
		return
	}
	left, class := uint64(c.Lots), c.Class%e.classes
	if e.book.Crosses(c.Side, c.Price) {
		for left > 0 {
			h := e.book.Best(c.Side, e.may[class])
			if h == 0 || !e.book.Within(h, c.Price) {
				break
			}
			open := e.book.Lots(h)
			n := min(left, open)
			left -= n
			e.fills++
			e.volume += n
			if n == open {
				e.book.Remove(h)
				e.pool.Put(h)
				e.handles[e.ids[h]] = 0
			} else {
				e.book.Take(h, n)
			}
		}
		if left == 0 {
			return
		}
		if e.book.Crosses(c.Side, c.Price) {
			if e.expired++; !e.crossed {
				return
			}
		}
	}
	if c.Kind == booktest.Market {
		return
	}
	h := e.pool.Get()
	e.book.Rest(h, c.Side, class, c.Price, left)
	e.handles[c.ID], e.ids[h] = h, c.ID
}

// The flow is the one that others have measured with, to the last lot.
func TestFlowIsKnown(t *testing.T) {
	for seed, want := range booktest.Known {
		if _, mix := booktest.Flow(seed, 1_000_000); mix != want {
			t.Errorf("seed %d: %+v, want %+v", seed, mix, want)
		}
	}
}

// Classes 1 and 2 apart, and what is left of an order rests though it crosses what it may not meet:
// others got the same of the same flow by walking past forbidden makers one by one. (A market whose book
// may not be crossed lets it expire; TestForbiddenPairNeverMeets.)
func TestPairApartIsKnown(t *testing.T) {
	for seed, want := range map[int64]struct {
		fills  int
		volume uint64
	}{42: {93_243, 2_639_923}, 7: {98_478, 2_769_787}} {
		flow, _ := booktest.Flow(seed, 1_000_000)
		e := newEngine(4, len(flow))
		e.crossed = true
		e.may[1] &^= 1 << 2
		e.may[2] &^= 1 << 1
		for i := range flow {
			e.do(&flow[i])
		}
		if e.fills != want.fills || e.volume != want.volume {
			t.Errorf("seed %d: %d fills of %d lots, want %+v", seed, e.fills, e.volume, want)
		}
	}
}

// The flow's own matcher and the book give the same fills, with one class or several.
func TestWorkload(t *testing.T) {
	for _, seed := range []int64{42, 7} {
		flow, mix := booktest.Flow(seed, 1_000_000)
		for _, classes := range []uint8{1, 4, 16} {
			e := newEngine(classes, len(flow))
			for i := range flow {
				e.do(&flow[i])
				if bid, ok := e.book.Top(book.Buy); ok {
					if ask, ok := e.book.Top(book.Sell); ok && ask <= bid {
						t.Fatalf("crossed after command %d: %d and %d", i, bid, ask)
					}
				}
			}
			if e.fills != mix.Fills || e.volume != mix.Volume || e.book.Len() != mix.Live || e.expired != 0 {
				t.Errorf("seed %d, %d classes: %d fills of %d lots, %d open, %d expired, want %+v", seed, classes, e.fills, e.volume, e.book.Len(), e.expired, mix)
			}
		}
	}
}

// With a pair forbidden no fill is between the two, and the book is never crossed.
func TestForbiddenPairNeverMeets(t *testing.T) {
	flow, mix := booktest.Flow(42, 300_000)
	e := newEngine(4, len(flow))
	e.may[1] &^= 1 << 2
	e.may[2] &^= 1 << 1
	for i := range flow {
		c := &flow[i]
		if c.Kind != booktest.Cancel {
			cursor := e.book.Along(c.Side, e.may[c.Class])
			if h := cursor.Next(); h != 0 && (c.Class == 1 && e.book.Class(h) == 2 || c.Class == 2 && e.book.Class(h) == 1) {
				t.Fatal("the forbidden class is met")
			}
		}
		e.do(c)
		bid, bids := e.book.Top(book.Buy)
		if ask, asks := e.book.Top(book.Sell); bids && asks && ask <= bid {
			t.Fatalf("crossed after command %d", i)
		}
	}
	if e.expired == 0 || e.fills == mix.Fills {
		t.Fatalf("the test shows nothing: %d remainders expired, %d fills", e.expired, e.fills)
	}
}

func BenchmarkBook(b *testing.B) {
	flow, _ := booktest.Flow(42, 1_000_000)
	for _, setup := range []struct {
		name    string
		classes uint8
		forbid  bool
	}{{"classes=1", 1, false}, {"classes=4", 4, false}, {"classes=4/one pair apart", 4, true}, {"classes=16", 16, false}} {
		b.Run(setup.name, func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; n < b.N; {
				b.StopTimer()
				e := newEngine(setup.classes, len(flow))
				if setup.forbid {
					e.may[1] &^= 1 << 2
					e.may[2] &^= 1 << 1
				}
				for i := range flow[:booktest.Preload] {
					e.do(&flow[i])
				}
				b.StartTimer()
				for i := booktest.Preload; i < len(flow) && n < b.N; i++ {
					e.do(&flow[i])
					n++
				}
			}
		})
	}
}

// BenchmarkWall is a taker of one lot that meets the one order it may behind so many
// that it may not.
func BenchmarkWall(b *testing.B) {
	for _, wall := range []int{1, 100, 10_000} {
		b.Run(fmt.Sprint(wall), func(b *testing.B) {
			pool := book.NewPool(wall + 1)
			k := book.New(pool, booktest.MaxPrice)
			for range wall {
				k.Rest(pool.Get(), book.Sell, 1, 1000, 1)
			}
			k.Rest(pool.Get(), book.Sell, 0, 1001, 1<<62)
			for b.Loop() {
				h := k.Best(book.Buy, ^book.Mask(2))
				if k.Tick(h) != 1001 {
					b.Fatal("met the wall")
				}
				k.Take(h, 1)
			}
		})
	}
}
