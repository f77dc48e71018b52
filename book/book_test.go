package book

import (
	"fmt"
	"math/rand"
	"testing"

	"pgregory.net/rapid"

	"sallyport/money"
)

// naive keeps orders in arrival order and scans them all: obviously right, slow.
type naive struct{ orders []Order }

func (n *naive) best(taker Side) int {
	at := -1
	for i, o := range n.orders {
		if o.Side != taker.Other() {
			continue
		}
		if at < 0 || o.Side == Sell && o.Price.Less(n.orders[at].Price) || o.Side == Buy && n.orders[at].Price.Less(o.Price) {
			at = i
		}
	}
	return at
}

func TestAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b Book
		var n naive
		next := uint64(1)
		for range rapid.IntRange(1, 200).Draw(t, "commands") {
			if rapid.IntRange(0, 2).Draw(t, "what") == 0 && next > 1 {
				id := uint64(rapid.IntRange(1, int(next)).Draw(t, "cancel"))
				got, ok := b.Remove(id)
				var want Order
				found := false
				for i, o := range n.orders {
					if o.ID == id {
						want, found = o, true
						n.orders = append(n.orders[:i:i], n.orders[i+1:]...)
						break
					}
				}
				if ok != found || got != want {
					t.Fatalf("Remove(%d) = %v, %v; naive %v, %v", id, got, ok, want, found)
				}
				continue
			}
			o := Order{
				ID: next, Account: next,
				Side:  Side(rapid.IntRange(1, 2).Draw(t, "side")),
				Price: money.Int(int64(rapid.IntRange(95, 105).Draw(t, "price"))),
				Open:  money.Int(int64(rapid.IntRange(1, 9).Draw(t, "qty"))),
			}
			next++
			if got, i := b.Crosses(o.Side, o.Price), n.best(o.Side); got != (i >= 0 && !Behind(o.Side.Other(), n.orders[i].Price, o.Price)) {
				t.Fatalf("Crosses(%v) = %v", o, got)
			}
			for !o.Open.IsZero() {
				best, i := b.Best(o.Side), n.best(o.Side)
				if (best == nil) != (i < 0) || best != nil && *best != n.orders[i] {
					t.Fatalf("Best(%v) = %v, naive %d of %v", o.Side, best, i, n.orders)
				}
				if best == nil || Behind(best.Side, best.Price, o.Price) {
					break
				}
				qty := money.Min(best.Open, o.Open)
				b.Fill(best.ID, qty)
				n.orders[i].Open, _ = n.orders[i].Open.Sub(qty)
				if n.orders[i].Open.IsZero() {
					n.orders = append(n.orders[:i:i], n.orders[i+1:]...)
				}
				o.Open, _ = o.Open.Sub(qty)
			}
			if !o.Open.IsZero() {
				b.Rest(o)
				n.orders = append(n.orders, o)
			}
			if b.Len() != len(n.orders) {
				t.Fatalf("%d orders rest, naive has %d", b.Len(), len(n.orders))
			}
			if bid, ask := b.Best(Sell), b.Best(Buy); bid != nil && ask != nil && !bid.Price.Less(ask.Price) {
				t.Fatalf("the book is crossed: bid %v, ask %v", bid.Price, ask.Price)
			}
		}
	})
}

func TestWalkOrder(t *testing.T) {
	var b Book
	for i, p := range []int64{101, 100, 101, 99} {
		b.Rest(Order{ID: uint64(i + 1), Side: Sell, Price: money.Int(p), Open: money.Int(1)})
		b.Rest(Order{ID: uint64(i + 11), Side: Buy, Price: money.Int(p - 50), Open: money.Int(1)})
	}
	var got []uint64
	for _, s := range []Side{Sell, Buy} {
		b.Walk(s, func(o Order) bool { got = append(got, o.ID); return true })
	}
	if want := "[4 2 1 3 11 13 12 14]"; fmt.Sprint(got) != want {
		t.Fatalf("walked %v, want %v", got, want)
	}
}

// BenchmarkBook is a flow of half cancels, half orders around a moving price over
// 20,000 resting orders.
func BenchmarkBook(b *testing.B) {
	r := rand.New(rand.NewSource(42))
	var book Book
	var live []uint64
	next := uint64(1)
	place := func() {
		side := Side(1 + r.Intn(2))
		away := int64(r.ExpFloat64() * 15)
		price := 100_000 + away
		if side == Buy {
			price = 100_000 - away - 1
		}
		if r.Intn(20) == 0 {
			price = 200_000 - price // reaches through the middle
		}
		o := Order{ID: next, Side: side, Price: money.Int(price), Open: money.Int(int64(1 + r.Intn(100)))}
		next++
		for !o.Open.IsZero() {
			best := book.Best(side)
			if best == nil || Behind(best.Side, best.Price, o.Price) {
				break
			}
			qty := money.Min(best.Open, o.Open)
			book.Fill(best.ID, qty)
			o.Open, _ = o.Open.Sub(qty)
		}
		if !o.Open.IsZero() {
			book.Rest(o)
			live = append(live, o.ID)
		}
	}
	for range 20_000 {
		place()
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		if len(live) > 20_000 {
			i := r.Intn(len(live))
			book.Remove(live[i])
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
		} else {
			place()
		}
	}
}
