package exchange

import (
	"slices"
	"time"

	"sallyport/book"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A Candle is what was traded in a span of time. The zero candle is nothing.
type Candle struct {
	Start                  int64 // µs since 1970 UTC
	Open, High, Low, Close money.Amount
	Quantity, Value        money.Amount // of all trades; a sum that does not fit stays as it was
	TakenQuantity          money.Amount // of those in which the buyer took
	TakenValue             money.Amount
	First, Last            uint64 // ids of trades
	Count                  int
}

// candleUnits are the spans that are kept of each market, and how many of them: minutes of a
// week and more, hours of the longest month, which begins by the hour of a time zone, and days of ten years. Spans without
// a trade are not kept.
var candleUnits = [...]struct {
	span time.Duration
	kept int
}{{time.Minute, 7*24*60 + 60}, {time.Hour, 31*24 + 24}, {24 * time.Hour, 3660}}

// Add takes a trade into the candle.
func (c *Candle) Add(t tape.Traded) {
	v, err := t.Price.Mul(t.Quantity, money.Down)
	if err != nil {
		return // the founding tables make it fit (tape.Market)
	}
	c.add(&t, v)
}

// add is Add, where what the trade is worth is at hand.
func (c *Candle) add(t *tape.Traded, v money.Amount) {
	if c.Count == 0 {
		c.First, c.Open, c.High, c.Low = t.ID, t.Price, t.Price, t.Price
	}
	c.Count++
	c.Last, c.Close = t.ID, t.Price
	if c.High.Less(t.Price) {
		c.High = t.Price
	}
	c.Low = money.Min(c.Low, t.Price)
	c.Quantity, c.Value = plus(c.Quantity, t.Quantity), plus(c.Value, v)
	if t.TakerSide == book.Buy {
		c.TakenQuantity, c.TakenValue = plus(c.TakenQuantity, t.Quantity), plus(c.TakenValue, v)
	}
}

// Join takes a later candle into this one.
func (c *Candle) Join(o Candle) {
	if o.Count == 0 {
		return
	}
	if c.Count == 0 {
		c.First, c.Open, c.High, c.Low = o.First, o.Open, o.High, o.Low
	}
	c.Count += o.Count
	c.Last, c.Close = o.Last, o.Close
	if c.High.Less(o.High) {
		c.High = o.High
	}
	c.Low = money.Min(c.Low, o.Low)
	c.Quantity, c.Value = plus(c.Quantity, o.Quantity), plus(c.Value, o.Value)
	c.TakenQuantity, c.TakenValue = plus(c.TakenQuantity, o.TakenQuantity), plus(c.TakenValue, o.TakenValue)
}

func plus(a, b money.Amount) money.Amount {
	if s, err := a.Add(b); err == nil {
		return s
	}
	return a
}

// candled takes a trade, and what it is worth, into the market's candles.
func (m *marketView) candled(t *tape.Traded, value money.Amount) {
	for i, u := range candleUnits {
		start := t.At - t.At%u.span.Microseconds()
		cs := m.candles[i]
		if len(cs) == 0 || cs[len(cs)-1].Start != start {
			if len(cs) >= u.kept+u.kept/4 {
				cs, m.cut[i] = append(cs[:0], cs[len(cs)-u.kept:]...), true
			}
			cs = append(cs, Candle{Start: start})
		}
		cs[len(cs)-1].add(t, value)
		m.candles[i] = cs
	}
}

// Candles lists a market's candles of a minute, an hour or a day (in UTC) in which something
// was traded: those that begin at an instant or later, and before them the last one that begins
// earlier, if it is kept. It reports true where there were older ones, that are kept no more.
func (v *View) Candles(market uint16, span time.Duration, from time.Time) (candles []Candle, cut bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for i, u := range candleUnits {
		if u.span != span {
			continue
		}
		cs := v.markets[market].candles[i]
		at, _ := slices.BinarySearchFunc(cs, from.UnixMicro(), func(c Candle, at int64) int {
			if c.Start < at {
				return -1
			}
			return 1
		})
		return slices.Clone(cs[max(0, at-1):]), v.markets[market].cut[i]
	}
	panic("exchange: no candles of " + span.String() + " are kept")
}
