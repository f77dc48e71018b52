package binance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// The kinds of market streams.
type kind uint8

const (
	tradeStream kind = iota + 1
	aggTradeStream
	klineStream
	miniTickerStream
	tickerStream
	bookTickerStream
	averageStream
	depthStream   // what changed
	partialStream // the best levels
	allMiniTickersStream
	allTickersStream
	windowStream
	allWindowsStream
)

// A topic is one market stream that somebody listens to. Of the hub, under its mutex.
type topic struct {
	name    string
	kind    kind
	m       *market // empty of all together
	every   int     // beats between two messages; 0: at once
	levels  int     // of partialStream
	in      interval
	inName  string
	readers map[*conn]bool
	fresh   bool // somebody has come who has heard nothing yet

	diff   diff          // of depthStream
	window time.Duration // of windowStream and allWindowsStream
	told   any           // what was said last, where only news is told
	candle int64         // of klineStream, ms at which the first begins whose end was not told
	all    []ticker24    // of all markets, as told last
	wide   []fullWindow  // the same of allWindowsStream
}

// A diff gathers what changes in a book until it is told.
type diff struct {
	first, last uint64
	sides       [2]map[money.Amount]money.Amount // bids and asks
}

func (d *diff) add(l exchange.LevelChanged) {
	if d.first == 0 {
		d.first, d.sides = l.Update, [2]map[money.Amount]money.Amount{{}, {}}
	}
	d.last = l.Update
	side := d.sides[0]
	if l.Side == book.Sell {
		side = d.sides[1]
	}
	side[l.Price] = l.Quantity
}

// beat is the unit of update speeds, in milliseconds.
const beat = 100

// topicOf reads the name of a market stream: a symbol in lower case, @, and what of it.
func (s *Server) topicOf(name string) (*topic, bool) {
	t := &topic{name: name, m: &market{}, every: 1000 / beat, readers: map[*conn]bool{}}
	switch name {
	case "!miniTicker@arr":
		t.kind = allMiniTickersStream
		return t, true
	case "!ticker@arr":
		t.kind = allTickersStream
		return t, true
	}
	if size, ok := strings.CutPrefix(name, "!ticker_"); ok {
		size, ok = strings.CutSuffix(size, "@arr")
		t.kind, t.inName, t.window = allWindowsStream, size, windows[size]
		return t, ok && t.window != 0
	}
	symbol, what, _ := strings.Cut(name, "@")
	m, ok := s.bySymbol[strings.ToUpper(symbol)]
	if !ok || symbol != strings.ToLower(symbol) {
		return nil, false
	}
	t.m = m
	if in, ok := strings.CutPrefix(what, "kline_"); ok {
		in, zone, zoned := strings.Cut(in, "@")
		t.kind, t.inName = klineStream, in
		if in != "1s" {
			t.every = 2000 / beat
		}
		if t.in, ok = intervalOf(in); ok && zoned {
			// The one zone of which there are streams, as published.
			t.in.zone, ok = 8*time.Hour, zone == "+08:00"
		}
		return t, ok
	}
	if size, ok := strings.CutPrefix(what, "ticker_"); ok {
		t.kind, t.inName, t.window = windowStream, size, windows[size]
		return t, t.window != 0
	}
	what, speed, fast := strings.Cut(what, "@")
	if fast {
		switch speed {
		case "100ms":
			t.every = 100 / beat
		case "1000ms":
		default:
			return nil, false
		}
		if !strings.HasPrefix(what, "depth") {
			return nil, false
		}
	}
	switch what {
	case "trade":
		t.kind, t.every = tradeStream, 0
	case "aggTrade":
		t.kind, t.every = aggTradeStream, 0
	case "bookTicker":
		t.kind, t.every = bookTickerStream, 0
	case "miniTicker":
		t.kind = miniTickerStream
	case "ticker":
		t.kind = tickerStream
	case "avgPrice":
		t.kind = averageStream
	case "depth":
		t.kind = depthStream
	case "depth5":
		t.kind, t.levels = partialStream, 5
	case "depth10":
		t.kind, t.levels = partialStream, 10
	case "depth20":
		t.kind, t.levels = partialStream, 20
	default:
		return nil, false
	}
	return t, true
}

type depthEvent struct {
	Event  string  `json:"e"`
	At     int64   `json:"E"`
	Symbol string  `json:"s"`
	First  uint64  `json:"U"`
	Last   uint64  `json:"u"`
	Bids   []level `json:"b"`
	Asks   []level `json:"a"`
}

// tell is the diff as an event, or false when nothing has changed. It starts a new one.
func (d *diff) tell(m *market, at int64) (depthEvent, bool) {
	if d.first == 0 {
		return depthEvent{}, false
	}
	side := func(changed map[money.Amount]money.Amount, sign int) []level {
		ls := make([]exchange.Level, 0, len(changed))
		for p, q := range changed {
			ls = append(ls, exchange.Level{Price: p, Quantity: q})
		}
		slices.SortFunc(ls, func(a, b exchange.Level) int { return sign * a.Price.Cmp(b.Price) })
		return m.levels(ls)
	}
	e := depthEvent{"depthUpdate", at, m.Symbol, d.first, d.last, side(d.sides[0], -1), side(d.sides[1], +1)}
	*d = diff{}
	return e, true
}

type tradeEvent struct {
	Event        string `json:"e"`
	At           int64  `json:"E"`
	Symbol       string `json:"s"`
	ID           uint64 `json:"t"`
	Price        string `json:"p"`
	Qty          string `json:"q"`
	Time         int64  `json:"T"`
	IsBuyerMaker bool   `json:"m"`
	IsBestMatch  bool   `json:"M"`
}

func (m *market) tradeEvent(t tape.Traded, at int64) tradeEvent {
	return tradeEvent{"trade", at, m.Symbol, t.ID, m.price(t.Price), m.qty(t.Quantity), t.At / 1000, t.TakerSide == book.Sell, true}
}

type aggTradeEvent struct {
	Event  string `json:"e"`
	At     int64  `json:"E"`
	Symbol string `json:"s"`
	aggregate
}

type klineEvent struct {
	Event  string      `json:"e"`
	At     int64       `json:"E"`
	Symbol string      `json:"s"`
	Kline  klineFields `json:"k"`
}

type klineFields struct {
	Start      int64  `json:"t"`
	End        int64  `json:"T"`
	Symbol     string `json:"s"`
	Interval   string `json:"i"`
	FirstID    int64  `json:"f"`
	LastID     int64  `json:"L"`
	Open       string `json:"o"`
	Close      string `json:"c"`
	High       string `json:"h"`
	Low        string `json:"l"`
	Volume     string `json:"v"`
	Count      int    `json:"n"`
	Closed     bool   `json:"x"`
	Quote      string `json:"q"`
	TakerBase  string `json:"V"`
	TakerQuote string `json:"Q"`
	Ignore     string `json:"B"`
}

type miniTickerEvent struct {
	Event  string `json:"e"`
	At     int64  `json:"E"`
	Symbol string `json:"s"`
	Close  string `json:"c"`
	Open   string `json:"o"`
	High   string `json:"h"`
	Low    string `json:"l"`
	Volume string `json:"v"`
	Quote  string `json:"q"`
}

func (t *ticker24) mini(at int64) miniTickerEvent {
	return miniTickerEvent{"24hrMiniTicker", at, t.Symbol, t.LastPrice, t.OpenPrice, t.HighPrice, t.LowPrice, t.Volume, t.QuoteVolume}
}

type tickerEvent struct {
	Event         string `json:"e"`
	At            int64  `json:"E"`
	Symbol        string `json:"s"`
	Change        string `json:"p"`
	ChangePercent string `json:"P"`
	Average       string `json:"w"`
	PrevClose     string `json:"x"`
	Last          string `json:"c"`
	LastQty       string `json:"Q"`
	Bid           string `json:"b"`
	BidQty        string `json:"B"`
	Ask           string `json:"a"`
	AskQty        string `json:"A"`
	Open          string `json:"o"`
	High          string `json:"h"`
	Low           string `json:"l"`
	Volume        string `json:"v"`
	Quote         string `json:"q"`
	OpenTime      int64  `json:"O"`
	CloseTime     int64  `json:"C"`
	FirstID       int64  `json:"F"`
	LastID        int64  `json:"L"`
	Count         int    `json:"n"`
}

func (t *ticker24) event(at int64) tickerEvent {
	return tickerEvent{
		"24hrTicker", at, t.Symbol, t.PriceChange, t.PriceChangePercent, t.WeightedAvgPrice, t.PrevClosePrice, t.LastPrice, t.LastQty,
		t.BidPrice, t.BidQty, t.AskPrice, t.AskQty, t.OpenPrice, t.HighPrice, t.LowPrice, t.Volume, t.QuoteVolume, t.OpenTime, t.CloseTime,
		t.FirstID, t.LastID, t.Count,
	}
}

// windows are the lengths of those that there are streams of.
var windows = map[string]time.Duration{"1h": time.Hour, "4h": 4 * time.Hour, "1d": 24 * time.Hour}

type windowEvent struct {
	Event         string `json:"e"`
	At            int64  `json:"E"`
	Symbol        string `json:"s"`
	Change        string `json:"p"`
	ChangePercent string `json:"P"`
	Open          string `json:"o"`
	High          string `json:"h"`
	Low           string `json:"l"`
	Last          string `json:"c"`
	Average       string `json:"w"`
	Volume        string `json:"v"`
	Quote         string `json:"q"`
	OpenTime      int64  `json:"O"`
	CloseTime     int64  `json:"C"`
	FirstID       int64  `json:"F"`
	LastID        int64  `json:"L"`
	Count         int    `json:"n"`
}

func (w *fullWindow) event(size string, at int64) windowEvent {
	return windowEvent{size + "Ticker", at, w.Symbol, w.PriceChange, w.PriceChangePercent, w.OpenPrice, w.HighPrice, w.LowPrice, w.LastPrice, w.WeightedAvgPrice,
		w.Volume, w.QuoteVolume, w.OpenTime, w.CloseTime, w.FirstID, w.LastID, w.Count}
}

// still is a window without its ends, which move though nothing happens.
func (w fullWindow) still() fullWindow {
	w.OpenTime, w.CloseTime = 0, 0
	return w
}

// still is a ticker without its window's ends, which move though nothing happens.
func (t ticker24) still() ticker24 {
	t.OpenTime, t.CloseTime = 0, 0
	return t
}

type bookTickerEvent struct {
	Update uint64 `json:"u"`
	Symbol string `json:"s"`
	Bid    string `json:"b"`
	BidQty string `json:"B"`
	Ask    string `json:"a"`
	AskQty string `json:"A"`
}

type averageEvent struct {
	Event    string `json:"e"`
	At       int64  `json:"E"`
	Symbol   string `json:"s"`
	Interval string `json:"i"`
	Average  string `json:"w"`
	Time     int64  `json:"T"`
}

// streams reports whether a path is that of a WebSocket.
func streams(path string) bool {
	return path == "/ws" || strings.HasPrefix(path, "/ws/") || path == "/stream"
}

// stream serves /ws and /stream.
func (s *Server) stream(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json;charset=UTF-8")
	names, combined := namesOf(r.URL)
	ts, ok := s.hub.find(names)
	if !ok {
		s.refuse(w, bad(-1100, "There is no such stream here."))
		return
	}
	s.connect(w, r, 5, func(c *conn) error {
		c.combined.Store(combined)
		return s.hub.subscribe(c, ts, nil)
	}, (*conn).command)
}

var anySuffix = regexp.MustCompile(`^[A-Za-z0-9]{0,16}$`)

// namesOf are the streams that a path asks for. Clients number their connections (/ws/0); a
// short suffix is no stream.
func namesOf(u *url.URL) (names []string, combined bool) {
	if u.Path == "/stream" {
		// The + of a time zone is written as it is, though a query reads it as a blank, which no name has.
		return listed(strings.ReplaceAll(u.Query().Get("streams"), " ", "+")), true
	}
	suffix := strings.TrimPrefix(strings.TrimPrefix(u.Path, "/ws"), "/")
	if anySuffix.MatchString(suffix) {
		return nil, false
	}
	return listed(suffix), false
}

// listed are the names between slashes; some clients end with one.
func listed(text string) []string {
	return slices.DeleteFunc(strings.Split(text, "/"), func(name string) bool { return name == "" })
}

const maxStreams = 1024 // of one connection

type streamErrorBody struct {
	Code int    `json:"code"`
	Msg  string `json:"msg"`
}

type streamAnswer struct {
	Result any             `json:"result"`
	ID     json.RawMessage `json:"id"`
}

type streamError struct {
	Error streamErrorBody `json:"error"`
	ID    json.RawMessage `json:"id"`
}

var requestID = regexp.MustCompile(`^(-?[0-9]{1,19}|"[A-Za-z0-9_-]{0,36}"|null)$`)

// command answers one message on a market stream.
func (c *conn) command(b []byte) {
	var ask struct {
		Method string
		Params json.RawMessage
		ID     json.RawMessage
	}
	if err := json.Unmarshal(b, &ask); err != nil {
		c.answer(streamError{streamErrorBody{3, "Invalid JSON: " + err.Error()}, nil})
		return
	}
	fail := func(code int, msg string) { c.answer(streamError{streamErrorBody{code, msg}, ask.ID}) }
	if ask.ID != nil && !requestID.Match(ask.ID) {
		ask.ID = nil
		fail(2, "Invalid request: request ID must be an unsigned integer")
		return
	}
	var names []string
	if ask.Method == "SUBSCRIBE" || ask.Method == "UNSUBSCRIBE" {
		if err := json.Unmarshal(ask.Params, &names); err != nil || len(names) == 0 {
			fail(2, "Invalid request: params must be a list of streams")
			return
		}
	}
	done := func(result any) { c.answer(streamAnswer{result, ask.ID}) }
	var property []any
	if most := propertyWords[ask.Method]; most != 0 {
		if code, wrong := propertyWrong(ask.Params, &property, most); wrong != "" {
			fail(code, wrong)
			return
		}
	}
	switch ask.Method {
	case "SUBSCRIBE":
		ts, ok := c.s.hub.find(names)
		if !ok {
			fail(2, "Invalid request: there is no such stream here")
			return
		}
		answer, err := encode(streamAnswer{nil, ask.ID})
		if err == nil {
			err = c.s.hub.subscribe(c, ts, answer)
		}
		if err != nil {
			f := c.s.faultOf(err)
			fail(f.code, f.msg)
		}
	case "UNSUBSCRIBE":
		c.s.hub.unsubscribe(c, names)
		done(nil)
	case "LIST_SUBSCRIPTIONS":
		done(c.s.hub.list(c))
	case "GET_PROPERTY":
		done(c.combined.Load())
	case "SET_PROPERTY":
		on, ok := property[len(property)-1].(bool)
		if !ok {
			fail(1, "Invalid value type: expected Boolean")
			return
		}
		c.combined.Store(on)
		done(nil)
	case "":
		fail(2, "Invalid request: missing field `method`")
	default:
		fail(2, "Invalid request: unknown variant "+quoted(cut(ask.Method, 32))+", expected one of `SUBSCRIBE`, `UNSUBSCRIBE`, `LIST_SUBSCRIPTIONS`, `SET_PROPERTY`, `GET_PROPERTY`")
	}
}

// propertyWords are how many parameters the methods of a property have.
var propertyWords = map[string]int{"GET_PROPERTY": 1, "SET_PROPERTY": 2}

// propertyWrong reads the parameters of a method of a property, and says what is wrong with them, if anything is.
func propertyWrong(raw json.RawMessage, to *[]any, most int) (code int, wrong string) {
	err := json.Unmarshal(raw, to)
	if err != nil || len(*to) == 0 {
		return 2, "Invalid request: property name must be a string"
	}
	switch name, ok := (*to)[0].(string); {
	case !ok:
		return 2, "Invalid request: property name must be a string"
	case name != "combined":
		return 0, "Unknown property"
	case len(*to) > most:
		return 2, "Invalid request: too many parameters"
	}
	return 0, ""
}

func quoted(s string) string { return "`" + s + "`" }
