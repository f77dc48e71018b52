package venue

import (
	"testing"

	"pgregory.net/rapid"

	"sallyport/book"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestFiltersInTicks holds what a market finds in ticks and lots to the words at tape.PlaceOrder and tape.Market,
// which speak of amounts: bounds that are no multiples of a step, steps of any size, prices beside them.
func TestFiltersInTicks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(what string, most uint64) money.Amount {
			return money.FromParts(0, 1+rapid.Uint64Range(0, most).Draw(t, what)>>rapid.IntRange(0, 60).Draw(t, what+", smaller"))
		}
		// Their decimals are together at most 18.
		tens := rapid.IntRange(0, money.Decimals).Draw(t, "decimals")
		step := func(what string, zeros int) money.Amount {
			n := money.FromParts(0, rapid.Uint64Range(1, 18).Draw(t, what))
			for range zeros {
				n, _ = n.Times(10)
			}
			return n
		}
		w := &tape.Market{Tick: step("tick", tens), Step: step("step", money.Decimals-tens), MinNotional: draw("least worth", 1<<60)}
		w.MinPrice, w.MinQty = draw("least price", 1<<50), draw("least quantity", 1<<50)
		w.MaxPrice, _ = w.Tick.Times(rapid.Uint64Range(1, book.MaxTick).Draw(t, "ticks"))
		w.MaxQty, _ = w.Step.Times(rapid.Uint64Range(1, 1<<40).Draw(t, "lots"))
		_, size := w.Tick.Parts()
		w.MaxPrice, _ = w.MaxPrice.Add(money.FromParts(0, rapid.Uint64Range(0, size-1).Draw(t, "beside")))
		band := rapid.OneOf(rapid.SampledFrom([]uint32{0, 500_000, 1_000_000, 2_000_000}), rapid.Uint32Range(0, 3_000_000))
		w.Buys = tape.Band{Down: band.Draw(t, "down"), Up: band.Draw(t, "up")}
		most, _ := w.MaxPrice.In(w.Tick)
		if most > book.MaxTick {
			t.Skip("more ticks than a book has")
		}
		if _, err := w.MaxPrice.Mul(w.MaxQty, money.Down); err != nil {
			t.Skip("the greatest price times the greatest quantity does not fit")
		}
		near := func(what string, of ...money.Amount) money.Amount {
			a := rapid.SampledFrom(of).Draw(t, what)
			b, err := a.Add(money.FromParts(0, uint64(rapid.IntRange(-2, 2).Draw(t, what+", beside"))))
			if err != nil || b.Sign() < 0 {
				return a
			}
			return b
		}
		some := func(step money.Amount, most uint64) money.Amount {
			a, _ := step.Times(rapid.Uint64Range(0, most).Draw(t, "steps") >> rapid.IntRange(0, 40).Draw(t, "fewer"))
			return a
		}
		price := near("price", w.MinPrice, w.MaxPrice, some(w.Tick, book.MaxTick), w.Tick)
		quantity := near("quantity", w.MinQty, w.MaxQty, some(w.Step, 1<<40), w.Step)
		worth, err := price.Mul(quantity, money.Down)
		if err == nil && rapid.Bool().Draw(t, "worth about its least") {
			w.MinNotional = near("least worth", worth, worth)
		}
		if err == nil && rapid.Bool().Draw(t, "worth bounded") {
			w.MaxNotional = near("greatest worth", worth, worth, draw("some worth", 1<<62))
		}
		v := New()
		m := newMarket(v.pool, w, 0)

		tick, ok := m.tickOf(price)
		n, exact := price.In(w.Tick)
		if want := !price.Less(w.MinPrice) && !w.MaxPrice.Less(price) && exact; ok != want || ok && uint64(tick) != n {
			t.Fatalf("%v is %d ticks of %v from %v to %v: %v, want %v", price.Big(), tick, w.Tick.Big(), w.MinPrice.Big(), w.MaxPrice.Big(), ok, want)
		}
		lots, fine := m.inLots.Count(quantity)
		n, exact = quantity.In(w.Step)
		if want := !quantity.Less(w.MinQty) && !w.MaxQty.Less(quantity) && exact; fine != want || fine && lots != n {
			t.Fatalf("%v is %d lots of %v from %v to %v: %v, want %v", quantity.Big(), lots, w.Step.Big(), w.MinQty.Big(), w.MaxQty.Big(), fine, want)
		}
		if !ok || !fine {
			return
		}
		off := worth.Less(w.MinNotional) || !w.MaxNotional.IsZero() && w.MaxNotional.Less(worth)
		if got := m.offNotional(&tape.PlaceOrder{Price: price, Quantity: quantity}, &terms{tick: tick, lots: lots}); got != off {
			t.Fatalf("%v is worth too little or too much: %v, want %v", worth, got, off)
		}
		m.last = rapid.SampledFrom([]uint32{tick, tick/2 + 1, min(2*tick, uint32(most)), uint32(rapid.Uint64Range(1, most).Draw(t, "price"))}).Draw(t, "last")
		last := m.price(m.last)
		up, _ := last.MulPPM(w.Buys.Up, money.Down)
		down, _ := last.MulPPM(w.Buys.Down, money.Down)
		off = !up.IsZero() && up.Less(price) || price.Less(down)
		if got := m.offBand(book.Buy, tick); got != off {
			t.Fatalf("after %v a price of %v is off the band: %v, want %v", last.Big(), price.Big(), got, off)
		}
	})
}
