package binance

import (
	"regexp"
	"strconv"
	"time"

	"sallyport/exchange"
	"sallyport/money"
)

// An interval is the length of a candle. The zero value is none.
type interval struct {
	d      time.Duration // of fixed length, or
	months int
	zone   time.Duration // ahead of UTC, by which days begin
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
// the first, all else counts from 1970, all by the interval's zone.
func (i interval) start(t time.Time) time.Time {
	t = t.UTC().Add(i.zone)
	if i.months > 0 {
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC).Add(-i.zone)
	}
	origin := time.Unix(0, 0).UTC() // a Thursday
	if i.d == 7*24*time.Hour {
		origin = origin.AddDate(0, 0, 4)
	}
	n := t.Sub(origin) / i.d
	if t.Before(origin.Add(n * i.d)) {
		n--
	}
	return origin.Add(n*i.d - i.zone)
}

// after is the beginning of the nth candle after (or before) the one that begins at t.
func (i interval) after(t time.Time, n int) time.Time {
	if i.months > 0 {
		return t.Add(i.zone).AddDate(0, n*i.months, 0).Add(-i.zone)
	}
	return t.Add(time.Duration(n) * i.d)
}

// unit is the span of the kept candles that candles of this interval are put together from; 0:
// of the kept trades.
func (i interval) unit() time.Duration {
	switch {
	case (i.months > 0 || i.d%(24*time.Hour) == 0) && i.zone == 0:
		return 24 * time.Hour
	case i.d%time.Hour == 0 && i.zone%time.Hour == 0: // of months too
		return time.Hour
	case i.d%time.Minute == 0:
		return time.Minute
	}
	return 0
}

// A blank is what a + that is not encoded is read as.
var zoneForm = regexp.MustCompile(`^([+ -]?)([0-9]{1,2})(?::([0-5][0-9]))?$`)

// zoneOf reads a time zone from -12:00 to +14:00: hours, or hours and minutes.
func zoneOf(text string) (time.Duration, bool) {
	part := zoneForm.FindStringSubmatch(text)
	if part == nil {
		return 0, false
	}
	hours, _ := strconv.Atoi(part[2]) // two digits, as what follows, which may be none
	minutes, _ := strconv.Atoi(part[3])
	zone := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if part[1] == "-" {
		zone = -zone
	}
	return zone, -12*time.Hour <= zone && zone <= 14*time.Hour
}

// zone is the optional parameter timeZone.
func (c *call) zone() time.Duration {
	name := c.text("timeZone")
	if name == "" {
		return 0
	}
	zone, ok := zoneOf(name)
	if !ok {
		c.fail(invalid("timeZone"))
	}
	return zone
}

// keptTrades is how many trades of a market the exchange keeps at hand at least.
const keptTrades = 1000

// parts are what a market's candles of an interval are put together from, from an instant on
// and one before it, and the beginning of the first candle that is known whole.
func (s *Server) parts(m *market, in interval, from time.Time) (parts []exchange.Candle, earliest time.Time) {
	view := s.x.View()
	if unit := in.unit(); unit > 0 {
		parts, cut := view.Candles(m.index, unit, from)
		if len(parts) == 0 {
			return nil, earliest
		}
		if parts[0].Start < from.UnixMicro() {
			return parts, from
		}
		if earliest = in.start(time.UnixMicro(parts[0].Start)); cut {
			earliest = in.after(earliest, 1) // the first may lack parts that are no longer kept
		}
		return parts, earliest
	}
	ts := view.MarketTrades(m.index)
	for _, t := range ts {
		start := t.At - t.At%in.d.Microseconds()
		if len(parts) == 0 || parts[len(parts)-1].Start != start {
			parts = append(parts, exchange.Candle{Start: start})
		}
		parts[len(parts)-1].Add(t)
	}
	if len(ts) > 0 {
		earliest = in.start(time.UnixMicro(ts[0].At))
		if len(ts) >= keptTrades { // the first candle may lack trades that are no longer kept
			earliest = in.after(earliest, 1)
		}
	}
	return parts, earliest
}

// klines are candles from the first that is known whole to now, with a flat one where nothing
// was traded. Each is a list of twelve.
func (c *call) klines() (any, error) {
	m, limit := c.market(), c.limit(defaultRows, maxRows)
	from, to := c.between()
	name := c.must("interval")
	in, ok := intervalOf(name)
	if c.err == nil && !ok {
		c.fail(bad(-1120, "Invalid interval."))
	}
	in.zone = c.zone()
	if c.err != nil {
		return nil, c.err
	}
	end := c.at
	if to < millis(end) {
		end = time.UnixMilli(to)
	}
	begin := in.after(in.start(end), 1-limit)
	if c.has("startTime") {
		// The first candle that begins at the time asked for or later.
		if begin = in.start(time.UnixMilli(min(from, millis(c.at)+1))); millis(begin) < from {
			begin = in.after(begin, 1)
		}
	}
	parts, earliest := c.parts(m, in, begin)
	list := [][12]any{}
	if len(parts) == 0 {
		return list, nil
	}
	if begin.Before(earliest) {
		begin = earliest
	}
	var price money.Amount // of the last trade so far
	next := 0
	for ; next < len(parts) && parts[next].Start < begin.UnixMicro(); next++ {
		price = parts[next].Close
	}
	for at := begin; !at.After(end) && len(list) < limit; {
		until := in.after(at, 1)
		s := exchange.Candle{Open: price, High: price, Low: price, Close: price}
		for ; next < len(parts) && parts[next].Start < until.UnixMicro(); next++ {
			s.Join(parts[next])
		}
		price = s.Close
		list = append(list, [12]any{
			millis(at), m.price(s.Open), m.price(s.High), m.price(s.Low), m.price(s.Close), m.qty(s.Quantity), millis(until) - 1,
			m.price(s.Value), s.Count, m.qty(s.TakenQuantity), m.price(s.TakenValue), "0",
		})
		at = until
	}
	return list, nil
}

// candle is the one of an interval that begins at an instant; where nothing was traded it is
// flat at the price before. It reports false where there is no price yet, and where it is not known whole.
func (s *Server) candle(m *market, in interval, start time.Time) (exchange.Candle, bool) {
	parts, earliest := s.parts(m, in, start)
	var c exchange.Candle
	until := in.after(start, 1).UnixMicro()
	for _, p := range parts {
		switch {
		case p.Start < start.UnixMicro():
			c.Open, c.High, c.Low, c.Close = p.Close, p.Close, p.Close, p.Close
		case p.Start < until:
			c.Join(p)
		}
	}
	return c, !c.Close.IsZero() && !start.Before(earliest)
}
