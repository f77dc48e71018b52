// Package binance is the wire that trading programs speak: a Binance-Spot-compatible API
// over a running exchange, so that ccxt and go-binance work by changing URLs only.
//
// It reads requests, checks who signed them and writes answers; it decides nothing. What
// may be traded and withdrawn is settled by the exchange behind it, and a refusal comes
// back in the words that clients know, with the exchange's own reason and the decision
// beside them:
//
//	X-Sallyport-Reason: the account's standing does not allow it (freeze)
//	X-Sallyport-Decision: 5f0c…
//	Link: </decisions/5f0c…>; rel="help"
//
// A refusal is never a bare 403 or 451: clients take those for an outage and try again
// for ever. A customer who is stopped keeps reading: balances, orders, trades and
// movements answer as before. A signed request from a place that a rule of law closes is
// refused whatever it asks for, with the code of a key that may not be used from there.
//
// Public endpoints under /api/v3: ping, time, exchangeInfo, depth, trades,
// historicalTrades, aggTrades, klines, uiKlines, avgPrice, ticker, ticker/24hr, ticker/tradingDay, ticker/price,
// ticker/bookTicker. Signed ones: order, order/test, order/cancelReplace,
// order/amend/keepPriority, order/amendments, openOrders, allOrders, orderList/{oco,oto,otoco,opo,opoco}, order/oco,
// orderList, openOrderList, allOrderList, myPreventedMatches, account, account/commission,
// myTrades, rateLimit/order, and under /sapi capital/…, localentity/…, asset/… and account/….
//
// The trades at hand one by one are the last thousand of each market at least: trades,
// aggTrades and klines of a second cover these and no others, and of an account there are as
// many trades, prevented matches, amendments, order lists and closed orders. All other candles,
// and the tickers where a thousand trades are not enough, come from candles that the exchange
// keeps (exchange.Candle): by the minute for a week, by the hour for four, by the day for ten
// years.
//
// Streams (/ws, /stream) tell the same from the same records (see hub), and an account's own
// events to whoever holds a listen key or signs; the WebSocket API (/ws-api/v3) is the
// endpoints of REST by other names (see methods), one implementation for both.
//
// Times are the exchange's own clock, in milliseconds since 1970 UTC. TestSignatureVectors
// holds the signatures to the published ones; TestConversation shows requests and answers;
// TestLocalBook holds a book kept by the published procedure to the depth after every event;
// the programs under outside/ are the proof that real clients agree.
package binance

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/api/internal/origin"
	"sallyport/exchange"
)

// Options say how the wire behaves. The zero value is usable.
type Options struct {
	Clock           func() time.Time // counts the minutes of the request limit; nil is time.Now
	WeightPerMinute int              // most request weight of one client in a minute; 0 is 60,000
	OrdersPer10s    int              // most unfilled orders of an account in ten seconds; 0 is 1,000
	OrdersPerDay    int              // and in a day; 0 is 1,000,000
	Random          io.Reader        // for ids that a client leaves out; nil is crypto/rand
	Proxies         []netip.Prefix   // the operator's own, whose X-Forwarded-For is believed
	Log             *slog.Logger     // nil is silent

	// AnswerWithin is after how long whoever asked for something to be done is told that it is not known yet whether it
	// is; 0 is ten seconds, as published.
	AnswerWithin time.Duration

	// Of tests: the moments at which what is told at intervals is told, and how connections are
	// kept; zero is a ticker, and as published.
	beats   <-chan time.Time
	manners manners
}

// notHere is the published code of an operation that is not supported. Clients take -1000, of which
// nobody knows what went wrong, for something that passes, and try again.
const notHere = -1020

const (
	defaultWeight = 60_000
	maxBytes      = 64 << 10 // of a query and of a body, each
	maxParameters = 100
)

// A Server is the wire. It answers until it is closed.
type Server struct {
	x        *exchange.Exchange
	o        Options
	routes   map[string]map[string]endpoint // by path and method
	traded   []*market                      // by index
	bySymbol map[string]*market
	used     limiter
	orders   unfilled
	doing    atomic.Int64   // requests that change something, with those that have been told that it takes long
	asking   [64]sync.Mutex // by account: one withdrawal of an account is asked for at a time
	hub      *hub
}

// An endpoint is one method of one path. Its weight is what the published API counts for it.
type endpoint struct {
	keyed  bool            // an API key must be named
	signed bool            // and have signed it
	may    exchange.KeyMay // what the key must be allowed to do
	does   bool            // it changes something
	loose  bool            // it may be sent parameters that it does not know, as the wallet's may
	free   bool            // it weighs nothing when it is done
	weight func(*call) int
	serve  func(*call) (any, error)
}

// A call is one request that is being answered.
type call struct {
	*Server
	parameters
	at      time.Time // the exchange's clock when it came
	account uint64    // of the key that signed it; 0 for public endpoints
	key     *exchange.Key
	still   exchange.Meant   // whether it is still meant at an instant
	counted bool             // it placed an order, or was kept from it by how many there are
	remote  netip.Addr       // where it came from, if that is known
	session exchange.Session // and which place that is
}

// New serves the API over a running exchange, until Close or the exchange's own end.
func New(x *exchange.Exchange, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.WeightPerMinute == 0 {
		o.WeightPerMinute = defaultWeight
	}
	if o.OrdersPer10s == 0 {
		o.OrdersPer10s = defaultOrders10s
	}
	if o.OrdersPerDay == 0 {
		o.OrdersPerDay = defaultOrdersDay
	}
	if o.manners == (manners{}) {
		o.manners = published
	}
	if o.AnswerWithin == 0 {
		o.AnswerWithin = 10 * time.Second
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{x: x, o: o, routes: map[string]map[string]endpoint{}, bySymbol: map[string]*market{}, used: limiter{most: o.WeightPerMinute}, orders: unfilled{most: [2]int{o.OrdersPer10s, o.OrdersPerDay}}}
	g := x.View().Genesis()
	for i := range g.Markets {
		m := marketAt(&g, uint16(i))
		s.traded, s.bySymbol[m.Symbol] = append(s.traded, m), m
	}
	s.marketRoutes()
	s.tradeRoutes()
	s.accountRoutes()
	s.walletRoutes()
	s.travelRoutes()
	s.listenRoutes()
	s.hub = newHub(s)
	return s
}

// Close tells whoever listens that the server goes, and ends the streams.
func (s *Server) Close() error {
	s.hub.close()
	return nil
}

func (s *Server) public(method, path string, weight int, serve func(*call) (any, error)) {
	s.route(method, path, endpoint{weight: func(*call) int { return weight }, serve: serve})
}

func (s *Server) signed(method, path string, weight int, serve func(*call) (any, error)) {
	s.route(method, path, endpoint{signed: true, weight: func(*call) int { return weight }, serve: serve})
}

func (s *Server) route(method, path string, e endpoint) {
	if s.routes[path] == nil {
		s.routes[path] = map[string]endpoint{}
	}
	e.keyed = e.keyed || e.signed
	e.does = e.signed && method != http.MethodGet
	e.loose = strings.HasPrefix(path, "/sapi/")
	if e.may == "" {
		e.may = exchange.KeyReads
		if e.signed && method != http.MethodGet {
			e.may = exchange.KeyTrades
		}
	}
	s.routes[path][method] = e
}

// What every answer's header says.
var isJSON, notStored, notSniffed = []string{"application/json;charset=UTF-8"}, []string{"no-store"}, []string{"nosniff"}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case streams(r.URL.Path):
		s.stream(w, r)
		return
	case r.URL.Path == "/ws-api/v3":
		s.wsAPI(w, r)
		return
	}
	h := w.Header() // whose keys are written as Set would make them, without making them each time
	h["Content-Type"], h["Cache-Control"], h["X-Content-Type-Options"] = isJSON, notStored, notSniffed
	answer, err := s.answer(w, r)
	if err != nil {
		s.refuse(w, err)
		return
	}
	b, err := write(answer)
	if err != nil {
		s.refuse(w, fmt.Errorf("binance: %s: %w", r.URL.Path, err))
		return
	}
	w.Write(b)
}

// unitOf refuses a unit of time other than milliseconds, which is the one that is told here: who gets another than they
// asked for is wrong by a thousand.
func unitOf(name string) error {
	switch name {
	case "", "MILLISECOND", "millisecond":
		return nil
	case "MICROSECOND", "microsecond":
		return bad(notHere, "This operation is not supported: times are told in milliseconds.")
	}
	return bad(-1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND.")
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request) (any, error) {
	remote := s.remote(r)
	from := client(remote, r)
	// Before the body is read, whether anything of this client is read at all.
	if used, f := s.used.take(from, 0, s.o.Clock()); f != nil {
		tellUsed(w, used)
		return nil, f
	}
	methods := s.routes[r.URL.Path]
	e, ok := methods[r.Method]
	if !ok {
		if err := s.spend(w, from, 1); err != nil {
			return nil, err
		}
		if methods == nil {
			return nil, &fault{status: http.StatusNotFound, code: notHere, msg: "There is no such endpoint here."}
		}
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
			if _, ok := methods[m]; ok {
				w.Header().Add("Allow", m)
			}
		}
		return nil, &fault{status: http.StatusMethodNotAllowed, code: notHere, msg: "This endpoint does not know the method " + strconv.Quote(cut(r.Method, 16)) + "."}
	}
	if err := unitOf(r.Header.Get("X-Mbx-Time-Unit")); err != nil {
		s.spend(w, from, 1)
		return nil, err
	}
	raw, err := read(w, r)
	if err != nil {
		s.spend(w, from, 1)
		return nil, err
	}
	p, err := parse(raw)
	if err != nil {
		s.spend(w, from, 1)
		return nil, err
	}
	c := &call{Server: s, parameters: p, at: s.x.Now(), remote: remote, session: s.x.Session(remote)}
	weight, at := e.weight(c), s.o.Clock()
	if err := s.spend(w, from, weight); err != nil {
		return nil, err
	}
	c.err = nil // what computing the weight found wrong is found again
	answer, err := c.run(e, func() error {
		if err := c.identify(r.Header.Get("X-Mbx-Apikey"), e.may); err != nil || !e.signed {
			return err
		}
		return c.authenticate(raw.payload())
	})
	if err == nil && e.free {
		tellUsed(w, s.used.back(from, weight, at))
	}
	if c.counted {
		n := s.orders.counts(c.account, s.o.Clock())
		told, h := []string{strconv.Itoa(n[0]), strconv.Itoa(n[1])}, w.Header()
		h["X-Mbx-Order-Count-10s"], h["X-Mbx-Order-Count-1d"] = told[:1:1], told[1:]
	}
	return answer, err
}

// run answers a call whose weight is spent. prove finds out whose it is, where it must be
// somebody's.
func (c *call) run(e endpoint, prove func() error) (any, error) {
	if e.keyed {
		if err := prove(); err != nil {
			return nil, err
		}
	}
	c.loose = e.loose
	if e.does {
		return c.inGoodTime(e)
	}
	return c.carryOut(e)
}

// inGoodTime carries out what changes something, and says so when that takes long: whether it is done is not known then.
// It goes on, and holds until it is done what it holds, so that nobody acts meanwhile on what is not in the log yet.
func (c *call) inGoodTime(e endpoint) (any, error) {
	if c.doing.Add(1) > mostDoing {
		c.doing.Add(-1)
		return nil, busy()
	}
	own := *c // whoever answers goes on with c
	own.values = slices.Clone(c.values)
	type outcome struct {
		answer any
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		defer c.doing.Add(-1)
		defer func() { // as net/http does where it calls
			if r := recover(); r != nil {
				c.o.Log.Error("a request failed", "failure", r, "stack", string(debug.Stack()))
				done <- outcome{err: fmt.Errorf("binance: %v", r)}
			}
		}()
		answer, err := own.carryOut(e)
		done <- outcome{answer, err}
	}()
	late := time.NewTimer(c.o.AnswerWithin)
	defer late.Stop()
	select {
	case o := <-done:
		c.counted = own.counted
		return o.answer, o.err
	case <-late.C:
		c.o.Log.Error("a request has no answer yet", "account", c.account)
		return nil, unknown()
	}
}

// mostDoing bounds the memory of what is under way while a disk takes long.
const mostDoing = 1 << 14

// carryOut answers a call of whom it is known who they are.
func (c *call) carryOut(e endpoint) (any, error) {
	if e.keyed {
		if err := c.x.Admit(c.account, c.session); err != nil {
			return nil, sessionFault(err)
		}
	}
	answer, err := e.serve(c)
	if err == nil {
		err = c.allRead() // of what does something it was asked before
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// remote is the address a request came from, or none where that is not known.
func (s *Server) remote(r *http.Request) netip.Addr { return origin.Of(r, s.o.Proxies) }

// admitted is why a connection may not listen to an account by an API key, or nil.
func (s *Server) admitted(account uint64, api string, c *conn) error {
	k, ok := s.x.Key(api)
	if !ok || !k.Admits(c.remote) || k.Expired(s.x.Now()) {
		return badKey()
	}
	if err := s.x.Admit(account, c.session); err != nil {
		return sessionFault(err)
	}
	return nil
}

// spend counts a request's weight and writes the headers that say what is used up.
func (s *Server) spend(w http.ResponseWriter, from netip.Addr, weight int) error {
	used, f := s.used.take(from, weight, s.o.Clock())
	tellUsed(w, used)
	if f != nil {
		return f
	}
	return nil
}

func tellUsed(w http.ResponseWriter, used int) {
	told := []string{strconv.Itoa(used)}
	h := w.Header()
	h["X-Mbx-Used-Weight"], h["X-Mbx-Used-Weight-1m"] = told, told
}

// count is spend where there are no headers.
func (s *Server) count(from netip.Addr, weight int) error {
	if _, f := s.used.take(from, weight, s.o.Clock()); f != nil {
		return f
	}
	return nil
}

// client is who a request counts for: the address it comes from, through proxies of the
// operator too, or where that is not known the one that has sent it.
func client(remote netip.Addr, r *http.Request) netip.Addr {
	if remote.IsValid() {
		return network(remote)
	}
	return otherEnd(r.RemoteAddr)
}

// otherEnd is the address of the other end of a connection.
func otherEnd(remote string) netip.Addr {
	a, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Addr{}
	}
	return network(a.Addr())
}

// network is an address as one client has it: an IPv6 address by its network of 64 bits.
func network(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.Addr()
		}
	}
	return a
}

// id makes one up for what a client leaves unnamed: 22 hexadecimal digits.
func (s *Server) id() (string, error) {
	var b [11]byte
	if _, err := io.ReadFull(s.o.Random, b[:]); err != nil {
		return "", fmt.Errorf("binance: an id: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

func millis(t time.Time) int64 { return t.UnixMilli() }
