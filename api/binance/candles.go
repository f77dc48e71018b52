package binance

import (
	"time"

	"sallyport/money"
)

// An interval is the length of a candle. The zero value is none.
type interval struct {
	d      time.Duration // of fixed length, or
	months int
}

// intervalOf reads "1s" to "1M"; the names are the published ones.
func intervalOf(name string) (interval, bool) {
	const day = 24 * time.Hour
	switch name {
	case "1s":
		return interval{d: time.Second}, true
	case "1m":
		return interval{d: time.Minute}, true
	case "3m":
		return interval{d: 3 * time.Minute}, true
	case "5m":
		return interval{d: 5 * time.Minute}, true
	case "15m":
		return interval{d: 15 * time.Minute}, true
	case "30m":
		return interval{d: 30 * time.Minute}, true
	case "1h":
		return interval{d: time.Hour}, true
	case "2h":
		return interval{d: 2 * time.Hour}, true
	case "4h":
		return interval{d: 4 * time.Hour}, true
	case "6h":
		return interval{d: 6 * time.Hour}, true
	case "8h":
		return interval{d: 8 * time.Hour}, true
	case "12h":
		return interval{d: 12 * time.Hour}, true
	case "1d":
		return interval{d: day}, true
	case "3d":
		return interval{d: 3 * day}, true
	case "1w":
		return interval{d: 7 * day}, true
	case "1M":
		return interval{months: 1}, true
	}
	return interval{}, false
}

// start is the beginning of the candle that t lies in. Weeks begin on a Monday, months on
// the first, all else counts from 1970, all in UTC.
func (i interval) start(t time.Time) time.Time {
	t = t.UTC()
	if i.months > 0 {
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	origin := time.Unix(0, 0).UTC() // a Thursday
	if i.d == 7*24*time.Hour {
		origin = origin.AddDate(0, 0, 4)
	}
	n := t.Sub(origin) / i.d
	if t.Before(origin.Add(n * i.d)) {
		n--
	}
	return origin.Add(n * i.d)
}

// after is the beginning of the nth candle after (or before) the one that begins at t.
func (i interval) after(t time.Time, n int) time.Time {
	if i.months > 0 {
		return t.AddDate(0, n*i.months, 0)
	}
	return t.Add(time.Duration(n) * i.d)
}

// keptTrades is how many trades of a market the exchange keeps at hand at least. With as
// many at hand the first candle may lack trades that are no longer kept.
const keptTrades = 1000

// klines are candles over the kept trades: from the first that is whole to now, with a
// flat one where nothing was traded. Each is a list of twelve.
func (c *call) klines() (any, error) {
	m, limit := c.market(), c.limit(defaultRows, maxRows)
	from, to := c.between()
	name := c.must("interval")
	in, ok := intervalOf(name)
	if c.err == nil && !ok {
		c.fail(bad(-1120, "Invalid interval."))
	}
	if c.err != nil {
		return nil, c.err
	}
	ts := c.x.View().MarketTrades(m.index)
	list := [][12]any{}
	if len(ts) == 0 {
		return list, nil
	}
	earliest := in.start(time.UnixMicro(ts[0].At))
	if len(ts) >= keptTrades {
		earliest = in.after(earliest, 1)
	}
	end := c.at
	if to < millis(end) {
		end = time.UnixMilli(to)
	}
	begin := in.after(in.start(end), 1-limit)
	if c.has("startTime") {
		// The first candle that begins at the time asked for or later.
		begin = earliest
		if from > millis(earliest) {
			if begin = in.start(time.UnixMilli(min(from, millis(c.at)+1))); millis(begin) < from {
				begin = in.after(begin, 1)
			}
		}
	}
	if begin.Before(earliest) {
		begin = earliest
	}
	var price money.Amount // of the last trade so far
	next := 0
	for ; next < len(ts) && ts[next].At < begin.UnixMicro(); next++ {
		price = ts[next].Price
	}
	for at := begin; !at.After(end) && len(list) < limit; {
		until := in.after(at, 1)
		s := span{open: price, high: price, low: price, last: price}
		for ; next < len(ts) && ts[next].At < until.UnixMicro(); next++ {
			s.add(ts[next])
		}
		price = s.last
		list = append(list, [12]any{
			millis(at), m.price(s.open), m.price(s.high), m.price(s.low), m.price(s.last), m.qty(s.qty), millis(until) - 1,
			m.price(s.quote), s.count, m.qty(s.takerQty), m.price(s.takerQuote), "0",
		})
		at = until
	}
	return list, nil
}
