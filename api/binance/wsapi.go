package binance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sallyport/exchange"
)

// methods are the methods of the WebSocket API that are endpoints of REST by another name.
var methods = map[string]struct{ method, path string }{
	"ping":                      {http.MethodGet, "/api/v3/ping"},
	"time":                      {http.MethodGet, "/api/v3/time"},
	"exchangeInfo":              {http.MethodGet, "/api/v3/exchangeInfo"},
	"depth":                     {http.MethodGet, "/api/v3/depth"},
	"trades.recent":             {http.MethodGet, "/api/v3/trades"},
	"trades.historical":         {http.MethodGet, "/api/v3/historicalTrades"},
	"trades.aggregate":          {http.MethodGet, "/api/v3/aggTrades"},
	"klines":                    {http.MethodGet, "/api/v3/klines"},
	"uiKlines":                  {http.MethodGet, "/api/v3/uiKlines"},
	"avgPrice":                  {http.MethodGet, "/api/v3/avgPrice"},
	"ticker":                    {http.MethodGet, "/api/v3/ticker"},
	"ticker.tradingDay":         {http.MethodGet, "/api/v3/ticker/tradingDay"},
	"ticker.24hr":               {http.MethodGet, "/api/v3/ticker/24hr"},
	"ticker.price":              {http.MethodGet, "/api/v3/ticker/price"},
	"ticker.book":               {http.MethodGet, "/api/v3/ticker/bookTicker"},
	"order.place":               {http.MethodPost, "/api/v3/order"},
	"order.test":                {http.MethodPost, "/api/v3/order/test"},
	"order.status":              {http.MethodGet, "/api/v3/order"},
	"order.cancel":              {http.MethodDelete, "/api/v3/order"},
	"order.cancelReplace":       {http.MethodPost, "/api/v3/order/cancelReplace"},
	"order.amend.keepPriority":  {http.MethodPut, "/api/v3/order/amend/keepPriority"},
	"order.amendments":          {http.MethodGet, "/api/v3/order/amendments"},
	"orderList.place":           {http.MethodPost, "/api/v3/order/oco"},
	"orderList.place.oco":       {http.MethodPost, "/api/v3/orderList/oco"},
	"orderList.place.oto":       {http.MethodPost, "/api/v3/orderList/oto"},
	"orderList.place.otoco":     {http.MethodPost, "/api/v3/orderList/otoco"},
	"orderList.place.opo":       {http.MethodPost, "/api/v3/orderList/opo"},
	"orderList.place.opoco":     {http.MethodPost, "/api/v3/orderList/opoco"},
	"orderList.status":          {http.MethodGet, "/api/v3/orderList"},
	"orderList.cancel":          {http.MethodDelete, "/api/v3/orderList"},
	"openOrderLists.status":     {http.MethodGet, "/api/v3/openOrderList"},
	"allOrderLists":             {http.MethodGet, "/api/v3/allOrderList"},
	"myPreventedMatches":        {http.MethodGet, "/api/v3/myPreventedMatches"},
	"myFilters":                 {http.MethodGet, "/api/v3/myFilters"},
	"openOrders.status":         {http.MethodGet, "/api/v3/openOrders"},
	"openOrders.cancelAll":      {http.MethodDelete, "/api/v3/openOrders"},
	"allOrders":                 {http.MethodGet, "/api/v3/allOrders"},
	"myTrades":                  {http.MethodGet, "/api/v3/myTrades"},
	"account.status":            {http.MethodGet, "/api/v3/account"},
	"account.commission":        {http.MethodGet, "/api/v3/account/commission"},
	"account.rateLimits.orders": {http.MethodGet, "/api/v3/rateLimit/order"},
	"userDataStream.start":      {http.MethodPost, "/api/v3/userDataStream"},
	"userDataStream.ping":       {http.MethodPut, "/api/v3/userDataStream"},
	"userDataStream.stop":       {http.MethodDelete, "/api/v3/userDataStream"},
}

// onSession are the methods that are of the connection itself.
var onSession = map[string]struct {
	endpoint
	serve func(*session, *call) (any, error)
}{
	"session.logon":                      {endpoint{keyed: true, signed: true}, (*session).logon},
	"session.status":                     {endpoint{}, (*session).status},
	"session.logout":                     {endpoint{}, (*session).logout},
	"session.subscriptions":              {endpoint{}, (*session).subscriptions},
	"userDataStream.subscribe":           {endpoint{keyed: true}, (*session).subscribe},
	"userDataStream.subscribe.signature": {endpoint{keyed: true, signed: true}, (*session).subscribe},
	"userDataStream.unsubscribe":         {endpoint{}, (*session).unsubscribe},
}

// A session is one connection of the WebSocket API. Of the connection's reader alone.
type session struct {
	*conn
	silent bool   // answers come without rate limits unless they are asked for
	key    string // the API key that has logged on, or ""
	since  int64  // ms
}

// How many subscriptions a connection may have, as published.
const (
	maxFeeds  = 1000   // at a time
	everFeeds = 65_535 // in its life
)

// wsAPI serves /ws-api/v3.
func (s *Server) wsAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	silent := r.URL.Query().Get("returnRateLimits") == "false"
	var ses *session
	s.connect(w, r, 0, func(c *conn) error { c.api, ses = true, &session{conn: c, silent: silent}; return nil }, func(_ *conn, b []byte) { ses.handle(b) })
}

type wsAnswer struct {
	ID         json.RawMessage `json:"id"`
	Status     int             `json:"status"`
	Result     any             `json:"result,omitempty"`
	Error      *wsError        `json:"error,omitempty"`
	RateLimits []rateLimit     `json:"rateLimits,omitempty"`
}

type wsError struct {
	Code     int    `json:"code"`
	Msg      string `json:"msg"`
	Data     any    `json:"data,omitempty"`
	Reason   string `json:"reason,omitempty"`   // as X-Sallyport-Reason says it
	Decision string `json:"decision,omitempty"` // its id
	Help     string `json:"help,omitempty"`     // the page that explains it
}

var (
	noID = []byte("null")
	wsID = regexp.MustCompile(`^(-?[0-9]{1,19}|"[ !#-\[\]-~]{0,64}"|null)$`)
)

// handle answers one request.
func (s *session) handle(b []byte) {
	var ask struct {
		ID     json.RawMessage
		Method string
		Params map[string]json.RawMessage
	}
	a := wsAnswer{ID: noID}
	var c *call
	var result any
	err := json.Unmarshal(b, &ask)
	if err != nil {
		err = bad(-1135, "Invalid JSON Request: want an object with id, method and params.")
	} else if ask.ID != nil && !wsID.Match(ask.ID) {
		err = bad(-1135, "Invalid JSON Request: the id must be a whole number, a short plain text, or null.")
	} else {
		if ask.ID != nil {
			a.ID = ask.ID
		}
		c, result, err = s.call(strings.TrimPrefix(ask.Method, "v3/"), ask.Params)
	}
	limits := !s.silent
	if c != nil && c.has("returnRateLimits") {
		limits = c.text("returnRateLimits") == "true"
	}
	if limits {
		a.RateLimits = append(a.RateLimits, s.s.used.limit(s.client, s.s.o.Clock()))
		if c != nil && c.counted {
			a.RateLimits = append(s.s.orders.limits(c.account, s.s.o.Clock()), a.RateLimits...)
		}
	}
	a.Status, a.Result = http.StatusOK, result
	if err != nil {
		f := s.s.faultOf(err)
		a.Status, a.Result = f.status, nil
		a.Error = &wsError{Code: f.code, Msg: f.msg, Data: f.data, Reason: f.reason, Decision: f.decision}
		if f.decision != "" {
			a.Error.Help = "/decisions/" + f.decision
		}
		if f.retry > 0 {
			now := s.s.o.Clock()
			a.Error.Data = struct {
				ServerTime int64 `json:"serverTime"`
				RetryAfter int64 `json:"retryAfter"`
			}{millis(s.s.x.Now()), millis(now.Add(f.retry))}
		}
	}
	s.answer(a)
	if a.Status == http.StatusTeapot { // as published
		s.end(errBanned)
	}
}

// call carries out one method. The call is nil where there is none to speak of.
func (s *session) call(method string, params map[string]json.RawMessage) (*call, any, error) {
	own, mine := onSession[method]
	e := own.endpoint
	if !mine {
		alias, ok := methods[method]
		if ok {
			e, ok = s.s.routes[alias.path][alias.method]
		}
		if !ok {
			if err := s.s.count(s.client, 1); err != nil {
				return nil, nil, err
			}
			return nil, nil, bad(notHere, "There is no method "+strconv.Quote(cut(method, 64))+" here.")
		}
	}
	given, err := textsOf(params)
	if err != nil {
		s.s.count(s.client, 1)
		return nil, nil, err
	}
	// Clients send what they have no value for as an empty text, and sign it so.
	p := parameters{values: slices.DeleteFunc(slices.Clone(given.values), func(v parameter) bool { return v.text == "" })}
	c := &call{Server: s.s, parameters: p, at: s.s.x.Now(), remote: s.remote, session: s.conn.session}
	weight := 2
	if e.weight != nil {
		weight = e.weight(c)
	}
	at := s.s.o.Clock()
	if err := s.s.count(s.client, weight); err != nil {
		return c, nil, err
	}
	c.err = nil // what computing the weight found wrong is found again
	if mine {
		e.serve = func(c *call) (any, error) { return own.serve(s, c) }
		e.may = exchange.KeyReads
	}
	result, err := c.run(e, func() error { return s.prove(c, e, method, given) })
	if err == nil && e.free {
		s.s.used.back(s.client, weight, at)
	}
	return c, result, err
}

// prove finds out who asks: whoever's key the request names, or who has logged on.
func (s *session) prove(c *call, e endpoint, method string, given *parameters) error {
	if c.has("apiKey") {
		if err := c.identify(c.text("apiKey"), e.may); err != nil {
			return err
		}
		if !e.signed && method != "userDataStream.subscribe" {
			return nil
		}
		return c.authenticate(sorted(given.values))
	}
	if s.key == "" || method == "session.logon" {
		return missing("apiKey")
	}
	if err := c.identify(s.key, e.may); err != nil {
		return err
	}
	if !e.signed {
		return nil
	}
	c.must("timestamp")
	return c.timely()
}

// sorted is what a request of the WebSocket API signs: its parameters by name, without the
// signature, nothing encoded.
func sorted(values []parameter) []byte {
	var b []byte
	for _, v := range slices.SortedFunc(slices.Values(values), func(a, b parameter) int { return strings.Compare(a.name, b.name) }) {
		if v.name == "signature" {
			continue
		}
		if len(b) > 0 {
			b = append(b, '&')
		}
		b = append(append(append(b, v.name...), '='), v.text...)
	}
	return b
}

// textsOf are the parameters as texts: clients send a number as one or as a text.
func textsOf(params map[string]json.RawMessage) (*parameters, error) {
	p := &parameters{}
	if len(params) > maxParameters {
		return nil, bad(-1101, "Too many parameters sent for this endpoint.")
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		raw := bytes.TrimSpace(params[name])
		switch {
		case bytes.Equal(raw, []byte("null")):
			continue // as if it were not there
		case raw[0] == '{':
			return nil, invalid(name)
		case raw[0] == '"':
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
				return nil, invalid(name)
			}
			p.values = append(p.values, parameter{name: name, text: text})
		default:
			var b bytes.Buffer
			if err := json.Compact(&b, raw); err != nil {
				return nil, invalid(name)
			}
			p.values = append(p.values, parameter{name: name, text: b.String()})
		}
	}
	return p, nil
}

type sessionStatus struct {
	Key        *string `json:"apiKey"`
	Since      *int64  `json:"authorizedSince"`
	Connected  int64   `json:"connectedSince"`
	RateLimits bool    `json:"returnRateLimits"`
	ServerTime int64   `json:"serverTime"`
	UserStream bool    `json:"userDataStream"`
}

func (s *session) status(c *call) (any, error) {
	st := sessionStatus{Connected: s.begun, RateLimits: !s.silent, ServerTime: millis(c.at), UserStream: len(s.s.hub.feedsOf(s.conn)) > 0}
	if s.key != "" {
		key, since := s.key, s.since
		st.Key, st.Since = &key, &since
	}
	return st, nil
}

// logon lets the key that signed this sign for what follows. A secret that both sides know is
// not taken for it, as published.
func (s *session) logon(c *call) (any, error) {
	if c.key.Kind != exchange.Ed25519Key {
		return nil, bad(-4056, "Only Ed25519 API keys are supported for this method.")
	}
	if err := c.allRead(); err != nil {
		return nil, err
	}
	s.key, s.since = c.key.Name, millis(c.at)
	return s.status(c)
}

func (s *session) logout(c *call) (any, error) {
	if err := c.allRead(); err != nil {
		return nil, err
	}
	s.key, s.since = "", 0
	// What was opened by the session alone ends with it.
	for _, f := range s.s.hub.feedsOf(s.conn) {
		if f.bySession {
			s.s.hub.end(f)
		}
	}
	return s.status(c)
}

func (s *session) subscribe(c *call) (any, error) {
	if err := c.allRead(); err != nil {
		return nil, err
	}
	id, err := s.s.hub.subscribed(&feed{conn: s.conn, account: c.account, api: c.key.Name, bySession: !c.has("apiKey")})
	if err != nil {
		return nil, err
	}
	return struct {
		ID int `json:"subscriptionId"`
	}{id}, nil
}

// subscribed opens a subscription and numbers it, unless its connection has as many as it may or one of that account.
func (h *hub) subscribed(f *feed) (id int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c := f.conn
	switch {
	case slices.ContainsFunc(c.feeds, func(o *feed) bool { return o.account == f.account }):
		return 0, bad(-2035, "User Data Stream subscription already active.")
	case len(c.feeds) >= maxFeeds:
		return 0, bad(-1191, fmt.Sprintf("Too many subscriptions. Connection may create up to '%d' subscriptions at a time.", maxFeeds))
	case c.subscribed >= everFeeds:
		return 0, bad(-2042, "Maximum subscription ID reached for this connection.")
	}
	f.id = c.subscribed
	c.subscribed++
	h.attach(f)
	return f.id, nil
}

func (s *session) unsubscribe(c *call) (any, error) {
	id := c.whole("subscriptionId", -1)
	if err := c.allRead(); err != nil {
		return nil, err
	}
	found := false
	for _, f := range s.s.hub.feedsOf(s.conn) {
		if id < 0 || int64(f.id) == id {
			s.s.hub.end(f)
			found = true
		}
	}
	if !found {
		return nil, bad(-2036, "User Data Stream subscription not active.")
	}
	return struct{}{}, nil
}

func (s *session) subscriptions(*call) (any, error) {
	type subscription struct {
		ID int `json:"subscriptionId"`
	}
	list := []subscription{}
	for _, f := range s.s.hub.feedsOf(s.conn) {
		list = append(list, subscription{f.id})
	}
	return list, nil
}

// feedsOf are the feeds of a connection.
func (h *hub) feedsOf(c *conn) []*feed {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(c.feeds)
}

func (h *hub) open(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.attach(f)
}

func (h *hub) end(f *feed) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if slices.Contains(f.conn.feeds, f) {
		h.endFeed(f, nil)
	}
}
