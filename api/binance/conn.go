package binance

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"sallyport/exchange"
)

// manners are how a connection is kept.
type manners struct {
	pingEvery, pongWithin, lifetime time.Duration
}

// published are the manners that the published API has.
var published = manners{pingEvery: 20 * time.Second, pongWithin: time.Minute, lifetime: 24 * time.Hour}

const (
	writeWithin    = 10 * time.Second
	goodbyeWithin  = 3 * time.Second
	queued         = 1024 // messages that wait for one reader
	maxConnections = 8192
	maxOfClient    = 300 // connections of one client at once
	connectWeight  = 2
)

// Why a connection ends.
var (
	errSlow     = errors.New("too many messages wait for this reader")
	errNoPong   = errors.New("no pong came in time")
	errOld      = errors.New("a connection lasts 24 hours")
	errShutdown = errors.New("the server shuts down")
	errHasty    = errors.New("too many messages came in a second")
	errGone     = errors.New("the other end is gone")
	errBanned   = errors.New("too many requests; this address is banned for a time")
	errLost     = errors.New("some events were lost; connect again")
)

// A conn is one WebSocket connection. Whoever has something for it puts it into its queue and
// goes on; when the queue is full the connection ends, for what would be left out cannot be
// made up for.
type conn struct {
	s       *Server
	ws      *websocket.Conn
	session exchange.Session
	remote  netip.Addr // the host it comes from
	client  netip.Addr // whom its weight counts for
	out     chan []byte
	ctx     context.Context // ends with the connection
	end     context.CancelCauseFunc

	begun    int64       // ms
	api      bool        // of the WebSocket API
	combined atomic.Bool // events come with the name of their stream

	// Of the hub, under its mutex.
	topics     map[string]*topic
	feeds      []*feed
	subscribed int // subscriptions so far, of the WebSocket API
}

// offer queues a message and never waits.
func (c *conn) offer(b []byte) {
	select {
	case c.out <- b:
	default:
		c.end(errSlow)
	}
}

// answer queues a message and waits for room: a client that asks without reading waits for
// itself.
func (c *conn) answer(v any) {
	b, err := encode(v)
	if err != nil {
		c.s.o.Log.Error("an answer could not be written", "error", err)
		return
	}
	select {
	case c.out <- b:
	case <-c.ctx.Done():
	}
}

// connect makes a connection of a request and serves it until it ends. handle is called with
// each message, one after the other.
func (s *Server) connect(w http.ResponseWriter, r *http.Request, perSecond int, begin func(*conn) error, handle func(*conn, []byte)) {
	remote := s.remote(r)
	from := client(remote, r)
	if err := s.spend(w, from, connectWeight); err != nil {
		s.refuse(w, err)
		return
	}
	if err := unitOf(r.URL.Query().Get("timeUnit")); err != nil {
		s.refuse(w, err)
		return
	}
	if !s.hub.admit(from) {
		s.refuse(w, &fault{status: http.StatusTooManyRequests, code: -1003, msg: "Too many connections."})
		return
	}
	defer s.hub.leave(from)
	c := &conn{s: s, begun: millis(s.x.Now()), session: s.x.Session(remote), remote: remote, client: from, out: make(chan []byte, queued), topics: map[string]*topic{}}
	// Not the request's context: that ends with the handler's return, and the reading must
	// outlive the decision to end, for a close to be shaken hands on.
	c.ctx, c.end = context.WithCancelCause(context.Background())
	defer c.end(errGone)
	reading, stopReading := context.WithCancel(context.Background())
	defer stopReading()
	if !s.hub.join(c) {
		s.refuse(w, &fault{status: http.StatusServiceUnavailable, code: -1016, msg: "This service is no longer available."})
		return
	}
	defer s.hub.part(c)
	// It listens before the client is told that it is connected, so that nothing from then on
	// is missed.
	if err := begin(c); err != nil {
		s.refuse(w, err)
		return
	}
	hasty := newPace(perSecond, s.o.Clock)
	step := func() bool {
		if hasty.step() {
			return true
		}
		c.end(errHasty)
		return false
	}
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		// A page of any origin may listen: nothing here rests on a cookie.
		InsecureSkipVerify: true,
		// A ping and a pong are messages too, as published.
		OnPingReceived: func(context.Context, []byte) bool { step(); return true },
		OnPongReceived: func(context.Context, []byte) { step() },
	})
	if err != nil {
		return // Accept has answered
	}
	ws.SetReadLimit(maxBytes)
	c.ws = ws
	age := time.AfterFunc(s.o.manners.lifetime, func() { c.end(errOld) })
	defer age.Stop()

	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(c.ping)
	wg.Go(func() { c.write(); stopReading() })
	for {
		kind, b, err := ws.Read(reading)
		if err != nil {
			c.end(errGone)
			return
		}
		if !step() {
			return
		}
		if kind != websocket.MessageText {
			c.answer(streamError{streamErrorBody{3, "Invalid JSON: expected a text"}, nil})
			continue
		}
		if c.ctx.Err() == nil {
			handle(c, b)
		}
	}
}

// ping asks whether the other end is still there.
func (c *conn) ping() {
	t := time.NewTicker(c.s.o.manners.pingEvery)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-c.ctx.Done():
			return
		}
		// Not within c.ctx: to give up a ping cuts the connection, where it should be closed.
		ctx, cancel := context.WithTimeout(context.Background(), c.s.o.manners.pongWithin)
		err := c.ws.Ping(ctx)
		cancel()
		if err != nil {
			c.end(errNoPong)
			return
		}
	}
}

// write sends what is queued, and closes the connection when it ends.
func (c *conn) write() {
	for c.ctx.Err() == nil {
		select {
		case b := <-c.out:
			if !c.put(b) {
				c.end(errGone)
			}
		case <-c.ctx.Done():
		}
	}
	code := websocket.StatusPolicyViolation
	switch why := context.Cause(c.ctx).(type) {
	case placeClosed:
		c.goodbye(nil)
	default:
		switch why {
		case errBanned:
			c.goodbye(nil)
		case errGone, errNoPong, errSlow:
			// Nobody reads: there is no use in saying goodbye.
			c.ws.CloseNow()
			return
		case errShutdown:
			b, err := encode(struct {
				Event string `json:"e"`
				At    int64  `json:"E"`
			}{"serverShutdown", millis(c.s.x.Now())})
			if err != nil {
				panic(err) // a text and a number
			}
			c.goodbye(c.dressed(b))
			code = websocket.StatusGoingAway
		case errOld, errLost:
			code = websocket.StatusGoingAway
		}
	}
	c.ws.Close(code, context.Cause(c.ctx).Error())
}

// dressed is an event of the connection itself in the form that its events have.
func (c *conn) dressed(raw json.RawMessage) json.RawMessage {
	switch {
	case c.api:
		b, err := encode(struct {
			Event json.RawMessage `json:"event"`
		}{raw})
		if err != nil {
			panic(err) // what was encoded before
		}
		return b
	case c.combined.Load():
		return wrap("!serverShutdown", raw)
	}
	return raw
}

// goodbye sends what is in the queue by now, and a last word, if there is one.
func (c *conn) goodbye(last json.RawMessage) {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeWithin)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case b := <-c.out:
			if c.ws.Write(ctx, websocket.MessageText, b) != nil {
				return
			}
		default:
			if last != nil {
				_ = c.ws.Write(ctx, websocket.MessageText, last) // the close that follows says it too
			}
			return
		}
	}
}

func (c *conn) put(b []byte) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeWithin)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, b) == nil
}

// A pace bounds how often something happens in a second. The zero limit is no bound.
type pace struct {
	most   int
	clock  func() time.Time
	mu     sync.Mutex
	second int64
	n      int
}

func newPace(most int, clock func() time.Time) *pace { return &pace{most: most, clock: clock} }

func (p *pace) step() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.clock().Unix(); s != p.second {
		p.second, p.n = s, 0
	}
	p.n++
	return p.most == 0 || p.n <= p.most
}

// encode is a value as it is sent.
func encode(v any) (json.RawMessage, error) {
	b, err := json.Marshal(v)
	return b, err
}
