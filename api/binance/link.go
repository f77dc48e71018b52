package binance

import (
	"context"
	"encoding/json"
	"maps"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"sallyport/exchange"
)

// A Link is a connection of another protocol (package fix) to the endpoints of this one and to
// the events of one account. Whoever speaks that protocol turns what it is asked into the
// parameters of an endpoint and the answer into its own form; who is let in, what may be asked
// and what is refused, in which words, is decided here and nowhere else.
//
// Logon and Do are for one goroutine at a time.
type Link struct {
	c   *conn
	key string // the API key that has logged on, or ""
	id  uint64 // its account
}

// A Refusal is an answer other than yes, in the words of clients.
type Refusal struct {
	Code     int
	Text     string
	Reason   string // the exchange's own, or ""
	Decision string // id of the decision it rests on, or ""

	// Data is what an endpoint answers beside the code, as order/cancelReplace says what came of
	// either half; nil where it is nothing.
	Data json.RawMessage
}

func (r *Refusal) Error() string { return r.Text }

// Link takes a connection in that comes from an address, and counts it as any other. It lasts
// until Close.
func (s *Server) Link(remote netip.Addr) (*Link, error) {
	remote = remote.Unmap()
	from := network(remote)
	if slices.ContainsFunc(s.o.Proxies, func(p netip.Prefix) bool { return p.Contains(remote) }) {
		remote = netip.Addr{} // nobody says for whom it passes this on
	}
	if err := s.count(from, connectWeight); err != nil {
		return nil, s.refusal(err)
	}
	if !s.hub.admit(from) {
		return nil, &Refusal{Code: -1003, Text: "Too many connections."}
	}
	c := &conn{s: s, begun: millis(s.x.Now()), session: s.x.Session(remote), remote: remote, client: from, out: make(chan []byte, queued), topics: map[string]*topic{}}
	c.ctx, c.end = context.WithCancelCause(context.Background())
	if !s.hub.join(c) {
		s.hub.leave(from)
		return nil, &Refusal{Code: -1016, Text: "This service is no longer available."}
	}
	return &Link{c: c}, nil
}

// Close ends the link.
func (l *Link) Close() {
	l.c.end(errGone)
	l.c.s.hub.part(l.c)
	l.c.s.hub.leave(l.c.client)
}

// Ended is closed when the link is to end; Why says why.
func (l *Link) Ended() <-chan struct{} { return l.c.ctx.Done() }

func (l *Link) Why() error { return context.Cause(l.c.ctx) }

// Events are the account's own since it logged on, each a JSON object as the private streams
// have it. Who lets too many wait loses the link.
func (l *Link) Events() <-chan []byte { return l.c.out }

// Account is whose API key has logged on, or 0.
func (l *Link) Account() uint64 { return l.id }

// TypesOf are the types of the orders of one of the account's order lists, in turn, as endpoints name them; nil
// where so many have ended since that they are forgotten.
func (l *Link) TypesOf(list uint64) []string {
	v := l.c.s.x.View()
	o, _ := v.OrderList(l.id, list)
	var types []string
	for _, id := range o.Orders {
		of, ok := v.Order(l.id, id, "")
		if !ok {
			return nil
		}
		types = append(types, of.Type.String())
	}
	return types
}

// Logon lets an Ed25519 key that may do one of some things in, by its signature of a payload
// (base64). The parameters are timestamp, in microseconds, and recvWindow, if there is one.
func (l *Link) Logon(key, payload, signature string, params map[string]string, may ...exchange.KeyMay) error {
	params = maps.Clone(params)
	params["signature"] = signature
	e := endpoint{keyed: true, serve: func(c *call) (any, error) {
		l.key, l.id = key, c.account
		// The last, so that a key that is taken away meanwhile ends it.
		l.c.s.hub.open(&feed{conn: l.c, account: c.account, api: key, linked: true})
		return nil, l.c.s.admitted(c.account, key, l.c)
	}}
	_, err := l.run(e, params, func(c *call) error {
		var err error = badKey()
		for _, m := range may {
			if err = c.identify(key, m); err == nil {
				break
			}
		}
		if err != nil {
			return err
		}
		if c.key.Kind != exchange.Ed25519Key {
			return bad(-4056, "Only Ed25519 API keys are supported for this method.")
		}
		return c.authenticate([]byte(payload))
	})
	return err
}

// Do asks an endpoint for the key that has logged on, and gives the answer in JSON, or a
// *Refusal. Where no recvWindow is given the request is meant for as long as it takes.
func (l *Link) Do(method, path string, params map[string]string) (json.RawMessage, error) {
	e, ok := l.c.s.routes[path][method]
	if !ok {
		return nil, l.c.s.refusal(&fault{status: http.StatusNotFound, code: notHere, msg: "There is no such endpoint here."})
	}
	a, err := l.run(e, params, func(c *call) error {
		if err := c.identify(l.key, e.may); err != nil {
			return err
		}
		if c.has("recvWindow") {
			return c.timely()
		}
		at := micros(c.whole("timestamp", 0))
		c.still = func(now time.Time) error { return inTime(at, math.MaxInt64, now) }
		return c.fresh()
	})
	if err != nil {
		return nil, err
	}
	b, err := encode(a)
	if err != nil {
		return nil, l.c.s.refusal(err)
	}
	return b, nil
}

func (l *Link) run(e endpoint, params map[string]string, prove func(*call) error) (any, error) {
	s := l.c.s
	values := make([]parameter, 0, len(params))
	for _, name := range slices.Sorted(maps.Keys(params)) {
		values = append(values, parameter{name: name, text: params[name]})
	}
	c := &call{Server: s, parameters: parameters{values: values}, at: s.x.Now(), remote: l.c.remote, session: l.c.session}
	weight := 2
	if e.weight != nil {
		weight = e.weight(c)
	}
	at := s.o.Clock()
	if err := s.count(l.c.client, weight); err != nil {
		return nil, s.refusal(err)
	}
	c.err = nil // what computing the weight found wrong is found again
	a, err := c.run(e, func() error { return prove(c) })
	if err != nil {
		return nil, s.refusal(err)
	}
	if e.free {
		s.used.back(l.c.client, weight, at)
	}
	return a, nil
}

func (s *Server) refusal(err error) *Refusal {
	f := s.faultOf(err)
	r := &Refusal{Code: f.code, Text: f.msg, Reason: f.reason, Decision: f.decision}
	if f.data != nil {
		data, err := encode(f.data)
		if err != nil {
			return s.refusal(err)
		}
		r.Data = data
	}
	return r
}
