package binance

import (
	"encoding/json"
	"errors"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"time"

	"sallyport/exchange"
	"sallyport/venue/tape"
)

// A hub follows the exchange and hands what happens to the connections that listen. Market
// data and private events come from the same records, after their commit; the exchange waits
// for neither the hub nor a reader.
type hub struct {
	s        *Server
	follower *exchange.Follower
	beats    <-chan time.Time
	stop     chan struct{}
	once     sync.Once
	ended    chan struct{}

	mu       sync.Mutex
	closed   bool
	conns    map[*conn]bool // Invariant: at most maxConnections, maxOfClient of one client
	clients  map[netip.Addr]int
	total    int
	leaving  sync.WaitGroup
	topics   map[string]*topic
	byMarket map[uint16][]*topic
	feeds    map[uint64][]*feed // by account
	listen   listenKeys
	canceled map[uint64]string // the name a client gave to the cancelling of an order, until it is told
	beat     uint64

	// Of private feeds that are asked again (see ask).
	asks   chan struct{}
	asked  []*feed
	askAll bool
	day    time.Time // in which all were last asked
}

// behind is how many records the hub may be behind the log before it starts again.
const behind = 1 << 16

func newHub(s *Server) *hub {
	h := &hub{
		s: s, follower: s.x.Follow(behind), beats: s.o.beats, stop: make(chan struct{}), ended: make(chan struct{}),
		conns: map[*conn]bool{}, clients: map[netip.Addr]int{}, topics: map[string]*topic{}, byMarket: map[uint16][]*topic{},
		feeds: map[uint64][]*feed{}, listen: newListenKeys(), canceled: map[uint64]string{}, asks: make(chan struct{}, 1),
	}
	go h.run()
	go h.readmit()
	return h
}

func (h *hub) run() {
	defer close(h.ended)
	beats := h.beats
	if beats == nil {
		t := time.NewTicker(beat * time.Millisecond)
		defer t.Stop()
		beats = t.C
	}
	for {
		select {
		case <-h.follower.Ready():
			if !h.catchUp() {
				return
			}
		case <-beats:
			// What is told at intervals is told as of the last commit.
			if !h.catchUp() {
				return
			}
			h.onBeat()
		case <-h.stop:
			h.follower.Close()
			h.endAll(errShutdown)
			return
		}
	}
}

// catchUp tells what was committed since, and reports false at the exchange's end.
func (h *hub) catchUp() bool {
	records, err := h.follower.Take()
	h.take(records)
	if errors.Is(err, exchange.ErrBehind) {
		h.s.o.Log.Error("the streams fell behind the log; their readers must connect again")
		h.follower = h.s.x.Follow(behind)
		h.endAll(errLost)
		return true
	}
	if err != nil {
		h.endAll(errShutdown)
		return false
	}
	return true
}

// close ends the hub and waits until its connections have said goodbye.
func (h *hub) close() {
	h.once.Do(func() { close(h.stop) })
	<-h.ended
	h.leaving.Wait()
}

func (h *hub) endAll(why error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if why == errShutdown {
		h.closed = true
	}
	clear(h.canceled)
	for c := range h.conns {
		c.end(why)
	}
}

// admit counts a connection of a client, if one more may be.
func (h *hub) admit(from netip.Addr) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.total >= maxConnections || h.clients[from] >= maxOfClient {
		return false
	}
	h.total++
	h.clients[from]++
	return true
}

func (h *hub) leave(from netip.Addr) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.total--
	if h.clients[from]--; h.clients[from] == 0 {
		delete(h.clients, from)
	}
}

// join takes a connection in, unless the server goes.
func (h *hub) join(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.conns[c] = true
	h.leaving.Add(1)
	return true
}

// part forgets a connection and what it listened to.
func (h *hub) part(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	for name := range c.topics {
		h.drop(c, name)
	}
	for _, f := range slices.Clone(c.feeds) {
		h.detach(f)
	}
	h.leaving.Done()
}

// A source is what a name of a stream stands for: a market stream or a listen key.
type source struct {
	topic *topic
	key   *listenKey
}

func (s source) name() string {
	if s.key != nil {
		return s.key.name
	}
	return s.topic.name
}

// find reads names of streams. It reports false when one of them is none.
func (h *hub) find(names []string) ([]source, bool) {
	found := make([]source, len(names))
	for i, name := range names {
		if t, ok := h.s.topicOf(name); ok {
			found[i].topic = t
		} else if k := h.listening(name); k != nil {
			found[i].key = k
		} else {
			return nil, false
		}
	}
	return found, true
}

// subscribe lets a connection listen, and sends it the answer, if any, before the first event.
// The error says why it may not.
func (h *hub) subscribe(c *conn, to []source, answer json.RawMessage) error {
	for _, s := range to {
		if s.key == nil {
			continue
		}
		// Where this connection comes from may be closed to the customer by law.
		if err := h.s.admitted(s.key.account, s.key.api, c); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if c.listensTo(to) > maxStreams {
		return bad(-1101, "A connection listens to 1024 streams at most.")
	}
	if answer != nil {
		c.offer(answer)
	}
	for _, s := range to {
		if s.key != nil {
			h.attach(&feed{conn: c, account: s.key.account, api: s.key.api, listen: s.key.name})
			continue
		}
		t := h.topics[s.topic.name]
		if t == nil {
			t = s.topic
			if t.kind == klineStream {
				t.candle = millis(t.in.start(h.s.x.Now()))
			}
			h.topics[t.name] = t
			h.byMarket[t.m.index] = append(h.byMarket[t.m.index], t)
		}
		t.readers[c], t.fresh, c.topics[t.name] = true, true, t
	}
	return nil
}

// listensTo is how many streams it would be with these too, each counted once. It is for whoever holds h.mu.
func (c *conn) listensTo(to []source) int {
	n, seen := len(c.topics)+len(c.feeds), map[string]bool{}
	for _, f := range c.feeds {
		seen[f.listen] = true
	}
	for _, s := range to {
		name := s.name()
		if c.topics[name] == nil && !seen[name] {
			seen[name] = true
			n++
		}
	}
	return n
}

func (h *hub) unsubscribe(c *conn, names []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, name := range names {
		h.drop(c, name)
		for _, f := range slices.Clone(c.feeds) {
			if f.listen == name {
				h.detach(f)
			}
		}
	}
}

func (h *hub) drop(c *conn, name string) {
	t := c.topics[name]
	if t == nil {
		return
	}
	delete(c.topics, name)
	delete(t.readers, c)
	if len(t.readers) == 0 {
		delete(h.topics, name)
		h.byMarket[t.m.index] = slices.DeleteFunc(h.byMarket[t.m.index], func(o *topic) bool { return o == t })
	}
}

// list is what a connection listens to, in order of the names.
func (h *hub) list(c *conn) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := slices.AppendSeq([]string{}, maps.Keys(c.topics))
	for _, f := range c.feeds {
		names = append(names, f.listen)
	}
	slices.Sort(names)
	return names
}

// tell hands an event to a topic's readers.
func (h *hub) tell(t *topic, event any) {
	raw, err := encode(event)
	if err != nil {
		h.s.o.Log.Error("an event could not be written", "stream", t.name, "error", err)
		return
	}
	var wrapped []byte
	for c := range t.readers {
		if !c.combined.Load() {
			c.offer(raw)
			continue
		}
		if wrapped == nil {
			wrapped = wrap(t.name, raw)
		}
		c.offer(wrapped)
	}
}

func wrap(stream string, raw json.RawMessage) []byte {
	b, err := encode(struct {
		Stream string          `json:"stream"`
		Data   json.RawMessage `json:"data"`
	}{stream, raw})
	if err != nil {
		panic(err) // a text and what was encoded before
	}
	return b
}

// take tells what records brought about, as far as it is told at once.
func (h *hub) take(records []exchange.Committed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := millis(h.s.x.Now())
	touched := map[uint16]bool{}
	for i := range records {
		r := &records[i]
		for _, l := range r.Levels {
			touched[l.Market] = true
			for _, t := range h.byMarket[l.Market] {
				if t.kind == depthStream {
					t.diff.add(l)
				}
			}
		}
		h.tellTrades(r, at)
		h.tellAccounts(r, at)
		h.askFor(r)
	}
	for i := range touched {
		for _, t := range h.byMarket[i] {
			if t.kind == bookTickerStream {
				h.tellTop(t)
			}
		}
	}
}

func (h *hub) tellTrades(r *exchange.Committed, at int64) {
	var trades []tape.Traded
	for _, e := range r.Events {
		if t, ok := e.(*tape.Traded); ok {
			trades = append(trades, *t)
		}
	}
	for len(trades) > 0 { // by runs of one market
		n := 1
		for n < len(trades) && trades[n].Market == trades[0].Market {
			n++
		}
		for _, t := range h.byMarket[trades[0].Market] {
			switch t.kind {
			case tradeStream:
				for _, d := range trades[:n] {
					h.tell(t, t.m.tradeEvent(d, at))
				}
			case aggTradeStream:
				for _, a := range t.m.aggregates(trades[:n]) {
					h.tell(t, aggTradeEvent{"aggTrade", at, t.m.Symbol, a})
				}
			}
		}
		trades = trades[n:]
	}
}

// tellTop tells the best of both sides where it is other than was told last.
func (h *hub) tellTop(t *topic) {
	top, update := h.s.topAt(t.m)
	if t.told != top || t.fresh {
		t.told, t.fresh = top, false
		h.tell(t, bookTickerEvent{update, top.Symbol, top.BidPrice, top.BidQty, top.AskPrice, top.AskQty})
	}
}

// onBeat tells what is told at intervals.
func (h *hub) onBeat() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.beat++
	now := h.s.x.Now()
	for _, t := range h.topics {
		if t.every == 0 && t.kind == bookTickerStream && t.fresh {
			h.tellTop(t)
		}
		if t.every > 0 && h.beat%uint64(t.every) == 0 {
			h.tellInterval(t, now)
			t.fresh = false
		}
	}
	if h.beat%(1000/beat) == 0 {
		h.expire()
		h.askDaily(now)
	}
}

func (h *hub) tellInterval(t *topic, now time.Time) {
	at := millis(now)
	switch t.kind {
	case depthStream:
		if e, ok := t.diff.tell(t.m, at); ok {
			h.tell(t, e)
		}
	case partialStream:
		b := h.s.bookOf(t.m, t.levels)
		if t.told != b.LastUpdateID || t.fresh {
			t.told = b.LastUpdateID
			h.tell(t, b)
		}
	case klineStream:
		h.tellCandles(t, now)
	case miniTickerStream, tickerStream:
		d := h.s.day(t.m, now)
		if t.told == d.still() && !t.fresh {
			return
		}
		t.told = d.still()
		if t.kind == tickerStream {
			h.tell(t, d.event(at))
		} else {
			h.tell(t, d.mini(at))
		}
	case averageStream:
		ts := h.s.x.View().MarketTrades(t.m.index)
		if len(ts) == 0 {
			return
		}
		a := t.m.price(h.s.average(t.m, now))
		if t.told != a || t.fresh {
			t.told = a
			h.tell(t, averageEvent{"avgPrice", at, t.m.Symbol, "5m", a, ts[len(ts)-1].At / 1000})
		}
	case allMiniTickersStream, allTickersStream:
		h.tellAll(t, now)
	case windowStream:
		w := h.s.window(t.m, now.Add(-t.window).Truncate(time.Minute), now)
		if t.told != w.still() || t.fresh {
			t.told = w.still()
			h.tell(t, w.event(t.inName, at))
		}
	case allWindowsStream:
		h.tellWindows(t, now)
	}
}

// tellAll tells of the markets that have changed, or of all to somebody new.
func (h *hub) tellAll(t *topic, now time.Time) {
	if t.all == nil {
		t.all = make([]ticker24, len(h.s.traded))
	}
	var minis []miniTickerEvent
	var tickers []tickerEvent
	for i, m := range h.s.traded {
		d := h.s.day(m, now)
		if t.all[i] == d.still() && !t.fresh {
			continue
		}
		t.all[i] = d.still()
		minis, tickers = append(minis, d.mini(millis(now))), append(tickers, d.event(millis(now)))
	}
	switch {
	case len(minis) == 0:
	case t.kind == allMiniTickersStream:
		h.tell(t, minis)
	default:
		h.tell(t, tickers)
	}
}

// tellWindows is tellAll for a window of another length.
func (h *hub) tellWindows(t *topic, now time.Time) {
	if t.wide == nil {
		t.wide = make([]fullWindow, len(h.s.traded))
	}
	var events []windowEvent
	for i, m := range h.s.traded {
		w := h.s.window(m, now.Add(-t.window).Truncate(time.Minute), now)
		if t.wide[i] == w.still() && !t.fresh {
			continue
		}
		t.wide[i] = w.still()
		events = append(events, w.event(t.inName, millis(now)))
	}
	if len(events) > 0 {
		h.tell(t, events)
	}
}

// mostEnds of candles are told at a time: after a clock that took hours at a step, the newest.
const mostEnds = 20

// tellCandles tells the candle of now where it has changed, and before it those that have ended since somebody listens
// or was told of the last.
func (h *hub) tellCandles(t *topic, now time.Time) {
	event := func(start time.Time, closed bool) (klineEvent, bool) {
		s, ok := h.s.candle(t.m, t.in, start)
		k := klineFields{
			Start: millis(start), End: millis(t.in.after(start, 1)) - 1, Symbol: t.m.Symbol, Interval: t.inName, FirstID: -1, LastID: -1,
			Open: t.m.price(s.Open), Close: t.m.price(s.Close), High: t.m.price(s.High), Low: t.m.price(s.Low), Volume: t.m.qty(s.Quantity),
			Count: s.Count, Closed: closed, Quote: t.m.price(s.Value), TakerBase: t.m.qty(s.TakenQuantity), TakerQuote: t.m.price(s.TakenValue), Ignore: "0",
		}
		if s.Count > 0 {
			k.FirstID, k.LastID = int64(s.First), int64(s.Last)
		}
		return klineEvent{"kline", millis(now), t.m.Symbol, k}, ok
	}
	start := t.in.start(now)
	from := time.UnixMilli(t.candle).UTC()
	if least := t.in.after(start, -mostEnds); from.Before(least) {
		from = least
	}
	for ; from.Before(start); from = t.in.after(from, 1) {
		if e, ok := event(from, true); ok {
			h.tell(t, e)
		}
	}
	t.candle = millis(start)
	if e, ok := event(start, false); ok && (t.told != e.Kline || t.fresh) {
		t.told = e.Kline
		h.tell(t, e)
	}
}
