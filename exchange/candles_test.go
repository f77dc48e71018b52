package exchange

import (
	"math/rand/v2"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestCandles holds the kept candles to the trades themselves, over more time than is kept.
func TestCandles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	m := &marketView{}
	v := newView(nil)
	v.markets = []*marketView{m}
	var trades []tape.Traded
	at := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 30_000 {
		at = at.Add(time.Duration(r.Int64N(int64(2 * time.Minute))))
		tr := tape.Traded{ID: uint64(i + 1), Price: money.Int(int64(100 + r.IntN(50))), Quantity: money.Int(int64(1 + r.IntN(9))), TakerSide: book.Side(1 + r.IntN(2)), At: at.UnixMicro()}
		trades = append(trades, tr)
		value, _ := tr.Price.Mul(tr.Quantity, money.Down)
		m.candled(&tr, value)
	}
	for _, u := range candleUnits {
		naive := map[int64]*Candle{}
		for _, tr := range trades {
			start := time.UnixMicro(tr.At).UTC().Truncate(u.span).UnixMicro()
			c := naive[start]
			if c == nil {
				c = &Candle{Start: start, First: tr.ID, Open: tr.Price, High: tr.Price, Low: tr.Price}
				naive[start] = c
			}
			c.Count++
			c.Last, c.Close = tr.ID, tr.Price
			if tr.Price.Cmp(c.High) > 0 {
				c.High = tr.Price
			}
			if tr.Price.Cmp(c.Low) < 0 {
				c.Low = tr.Price
			}
			value := money.Int(tr.Price.Whole() * tr.Quantity.Whole())
			c.Quantity, c.Value = plus(c.Quantity, tr.Quantity), plus(c.Value, value)
			if tr.TakerSide == book.Buy {
				c.TakenQuantity, c.TakenValue = plus(c.TakenQuantity, tr.Quantity), plus(c.TakenValue, value)
			}
		}
		all, cut := v.Candles(0, u.span, time.Time{})
		if cut != (u.span == time.Minute) || cut && len(all) < u.kept || !cut && len(all) != len(naive) {
			t.Errorf("%s: %d of %d candles, cut %v", u.span, len(all), len(naive), cut)
		}
		var joined Candle
		for i, c := range all {
			if *naive[c.Start] != c || i > 0 && c.Start <= all[i-1].Start {
				t.Fatalf("%s: candle %d is %+v, the trades make %+v", u.span, i, c, *naive[c.Start])
			}
			joined.Join(c)
		}
		if last := all[len(all)-1]; joined.Last != uint64(len(trades)) || joined.Close != last.Close || joined.Count != int(joined.Last-joined.First+1) {
			t.Errorf("%s: joined %+v", u.span, joined)
		}
		// From an instant on, and one before.
		some, _ := v.Candles(0, u.span, time.UnixMicro(all[2].Start+1))
		if len(some) != len(all)-2 || some[0].Start != all[2].Start {
			t.Errorf("%s: %d candles from the third on, the first begins at %d", u.span, len(some), some[0].Start)
		}
	}
}

// The longest months are known from their first hour to their last, for they begin by the hour of a time zone.
func TestHoursOfAMonth(t *testing.T) {
	m := &marketView{}
	v := newView(nil)
	v.markets = []*marketView{m}
	at := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 24 * 100 {
		m.candled(&tape.Traded{ID: uint64(i + 1), Price: money.Int(100), Quantity: money.Int(1), At: at.UnixMicro()}, money.Int(100))
		begun := at.Add(-(31*24 - 1) * time.Hour)
		if cs, cut := v.Candles(0, time.Hour, begun); cut && cs[0].Start >= begun.UnixMicro() {
			t.Fatalf("after %d hours what is kept begins on %s, and the month on %s", i, time.UnixMicro(cs[0].Start).UTC(), begun)
		}
		at = at.Add(time.Hour)
	}
}
