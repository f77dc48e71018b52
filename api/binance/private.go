package binance

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"sallyport/exchange"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A feed is one listening to an account's own events: through a listen key on a stream, or
// through a subscription of the WebSocket API.
type feed struct {
	conn    *conn
	account uint64
	api     string // the API key it was opened with
	listen  string // the listen key, or ""
	id      int    // the subscription where there is no listen key

	bySession bool // opened by who had logged on
	linked    bool // of a Link, which has no other
}

// offer sends an event in the form of its connection.
func (f *feed) offer(raw json.RawMessage) {
	switch {
	case f.linked:
		f.conn.offer(raw)
	case f.listen == "":
		b, err := encode(struct {
			ID    int             `json:"subscriptionId"`
			Event json.RawMessage `json:"event"`
		}{f.id, raw})
		if err != nil {
			panic(err) // a number and what was encoded before
		}
		f.conn.offer(b)
	case f.conn.combined.Load():
		f.conn.offer(wrap(f.listen, raw))
	default:
		f.conn.offer(raw)
	}
}

// attach and detach are for whoever holds h.mu.
func (h *hub) attach(f *feed) {
	for _, o := range f.conn.feeds {
		if f.listen != "" && o.listen == f.listen {
			return
		}
	}
	f.conn.feeds = append(f.conn.feeds, f)
	h.feeds[f.account] = append(h.feeds[f.account], f)
	h.ask(f) // something may have changed since its place was asked about
}

func (h *hub) detach(f *feed) {
	same := func(o *feed) bool { return o == f }
	f.conn.feeds = slices.DeleteFunc(f.conn.feeds, same)
	if h.feeds[f.account] = slices.DeleteFunc(h.feeds[f.account], same); len(h.feeds[f.account]) == 0 {
		delete(h.feeds, f.account)
	}
}

// A listenKey opens an account's events to whoever knows it.
type listenKey struct {
	name    string
	account uint64
	api     string
	until   time.Time
}

type listenKeys struct {
	byName    map[string]*listenKey
	byAccount map[uint64]*listenKey // Invariant: one of an account
}

func newListenKeys() listenKeys {
	return listenKeys{map[string]*listenKey{}, map[uint64]*listenKey{}}
}

// listenFor is how long a listen key lasts without a word.
const listenFor = time.Hour

func (h *hub) listening(name string) *listenKey {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.listen.byName[name]
}

// expire ends the listen keys whose time is over, and what was opened with an API key whose
// time is.
func (h *hub) expire() {
	now := h.s.o.Clock()
	for _, k := range h.listen.byName {
		if k.until.Before(now) {
			h.forget(k)
		}
	}
	for account, feeds := range h.feeds {
		for _, f := range slices.Clone(feeds) {
			if k, ok := h.s.x.Key(f.api); !ok || k.Expired(h.s.x.Now()) {
				h.closeKey(account, f.api)
			}
		}
	}
}

// forget ends a listen key and tells who listens by it.
func (h *hub) forget(k *listenKey) {
	delete(h.listen.byName, k.name)
	delete(h.listen.byAccount, k.account)
	raw, err := encode(struct {
		Event string `json:"e"`
		At    int64  `json:"E"`
		Key   string `json:"listenKey"`
	}{"listenKeyExpired", millis(h.s.x.Now()), k.name})
	if err != nil {
		panic(err) // two texts and a number
	}
	for _, f := range slices.Clone(h.feeds[k.account]) {
		if f.listen == k.name {
			f.offer(raw)
			h.detach(f)
		}
	}
}

func (s *Server) listenRoutes() {
	keyed := func(method string, serve func(*call) (any, error)) {
		s.route(method, "/api/v3/userDataStream", endpoint{keyed: true, weight: func(*call) int { return 2 }, serve: serve})
	}
	keyed(http.MethodPost, (*call).openListenKey)
	keyed(http.MethodPut, (*call).keepListenKey)
	keyed(http.MethodDelete, (*call).closeListenKey)
}

func (c *call) openListenKey() (any, error) {
	if err := c.allRead(); err != nil {
		return nil, err
	}
	h := c.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.listen.byAccount[c.account]
	if k != nil && k.api != c.key.Name {
		// The other key may reach less far; what listens by it is told to ask again.
		h.forget(k)
		k = nil
	}
	if k == nil {
		var raw [32]byte
		if _, err := io.ReadFull(c.o.Random, raw[:]); err != nil {
			return nil, fmt.Errorf("binance: a listen key: %w", err)
		}
		k = &listenKey{name: fmt.Sprintf("%x", raw), account: c.account, api: c.key.Name}
		h.listen.byName[k.name], h.listen.byAccount[c.account] = k, k
	}
	k.until = c.o.Clock().Add(listenFor)
	return struct {
		ListenKey string `json:"listenKey"`
	}{k.name}, nil
}

// mine is the account's own listen key that the request names. The caller holds h.mu.
func (c *call) mine() (*listenKey, error) {
	name := c.must("listenKey")
	if err := c.allRead(); err != nil {
		return nil, err
	}
	k := c.hub.listen.byName[name]
	if k == nil || k.account != c.account {
		return nil, bad(-1125, "This listenKey does not exist.")
	}
	return k, nil
}

func (c *call) keepListenKey() (any, error) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	k, err := c.mine()
	if err != nil {
		return nil, err
	}
	k.until = c.o.Clock().Add(listenFor)
	return struct{}{}, nil
}

func (c *call) closeListenKey() (any, error) {
	c.hub.mu.Lock()
	defer c.hub.mu.Unlock()
	k, err := c.mine()
	if err != nil {
		return nil, err
	}
	c.hub.forget(k)
	return struct{}{}, nil
}

// An ExecutionReport says what happened to an order.
type ExecutionReport struct {
	Event         string  `json:"e"`
	At            int64   `json:"E"`
	Symbol        string  `json:"s"`
	ClientID      string  `json:"c"` // of a cancel: the cancel's own
	Side          string  `json:"S"`
	Type          string  `json:"o"`
	Force         string  `json:"f"`
	Quantity      string  `json:"q"`
	Price         string  `json:"p"`
	StopPrice     string  `json:"P"`
	Iceberg       string  `json:"F"`
	List          int64   `json:"g"`
	Original      string  `json:"C"` // of a cancel: the order's
	Execution     string  `json:"x"`
	Status        string  `json:"X"`
	Reject        string  `json:"r"`
	Order         uint64  `json:"i"`
	LastQty       string  `json:"l"`
	Filled        string  `json:"z"`
	LastPrice     string  `json:"L"`
	Commission    string  `json:"n"`
	CommissionOf  *string `json:"N"`
	Time          int64   `json:"T"`
	Trade         int64   `json:"t"`
	Prevented     *uint64 `json:"v,omitempty"` // of a match that was prevented, as what follows
	AllPrevented  string  `json:"A,omitempty"` // of the order so far
	LastPrevented string  `json:"B,omitempty"`
	Group         *int64  `json:"u,omitempty"` // the trade group of both; -1: none
	Counter       int64   `json:"U,omitempty"` // the other order; -1 another customer's
	CounterSymbol string  `json:"Cs,omitempty"`
	PreventedQty  string  `json:"pl,omitempty"` // that would have been traded
	PreventedAt   string  `json:"pL,omitempty"` // its price
	PreventedFor  string  `json:"pY,omitempty"` // its value
	Record        uint64  `json:"I"`            // the log's record
	TrailingDelta uint32  `json:"d,omitempty"`
	TrailingTime  *int64  `json:"D,omitempty"`
	StrategyID    *int64  `json:"j,omitempty"`
	StrategyType  uint32  `json:"J,omitempty"`
	Working       bool    `json:"w"`
	Maker         bool    `json:"m"`
	Ignore        bool    `json:"M"`
	Created       int64   `json:"O"`
	Spent         string  `json:"Z"`
	LastQuote     string  `json:"Y"`
	QuoteQuantity string  `json:"Q"`
	WorkingTime   int64   `json:"W,omitempty"`
	SelfTrade     string  `json:"V"`
	Expiry        string  `json:"eR,omitempty"`
}

// A ListStatus tells what became of an order list.
type ListStatus struct {
	Event    string       `json:"e"`
	At       int64        `json:"E"`
	Symbol   string       `json:"s"`
	List     uint64       `json:"g"`
	Kind     string       `json:"c"`
	Status   string       `json:"l"`
	Orders   string       `json:"L"`
	Reject   string       `json:"r"`
	ClientID string       `json:"C"`
	Time     int64        `json:"T"`
	Of       []ListMember `json:"O"`
}

// A ListMember is an order of a list.
type ListMember struct {
	Symbol   string `json:"s"`
	Order    uint64 `json:"i"`
	ClientID string `json:"c"`
}

type accountPosition struct {
	Event    string         `json:"e"`
	At       int64          `json:"E"`
	Time     int64          `json:"u"`
	Balances []assetBalance `json:"B"`
}

type assetBalance struct {
	Asset  string `json:"a"`
	Free   string `json:"f"`
	Locked string `json:"l"`
}

// A balanceUpdate says by how much a balance has become more or less; an externalLockUpdate, of the
// same form, how much of it the law has frozen or set apart, or given free.
type balanceUpdate struct {
	Event string `json:"e"`
	At    int64  `json:"E"`
	Asset string `json:"a"`
	Delta string `json:"d"`
	Time  int64  `json:"T"`
}

// tellAccounts tells each account that listens what a record brought to it.
func (h *hub) tellAccounts(r *exchange.Committed, at int64) {
	g := h.s.x.View().Genesis()
	reports := reporter{h: h, r: r, at: at, orders: map[uint64]*tape.Order{}, trades: map[uint64]*tape.Traded{}, stopped: map[uint64]*tape.Prevented{}}
	positions := map[uint64]*accountPosition{}
	var accounts []uint64 // of positions, in order
	var lists []exchange.OrderList
	renamed := h.renamedIn(r)
	for _, e := range r.Events {
		switch e := e.(type) {
		case *tape.OrderChanged:
			reports.order(e.Order)
		case *tape.Traded:
			reports.trade(e)
		case *tape.Prevented:
			reports.prevented(e)
		case tape.OrderListPlaced:
			lists = append(lists, exchange.OrderList{OrderList: e.OrderList})
		case tape.OrderListEnded:
			lists = append(lists, exchange.OrderList{OrderList: tape.OrderList{ID: e.ID, Account: e.Account}, Ended: e.At})
		case *tape.BalanceChanged:
			if h.feeds[e.Account] == nil {
				continue
			}
			p := positions[e.Account]
			if p == nil {
				p = &accountPosition{"outboundAccountPosition", at, r.At / 1000, nil}
				positions[e.Account], accounts = p, append(accounts, e.Account)
			}
			a := g.Assets[e.Asset]
			b := e.Balance
			p.Balances = append(p.Balances, assetBalance{a.Code, wire(b[ledger.Available], a.Decimals), wire(locked(b), a.Decimals)})
		case tape.DepositChanged:
			if _, ok := r.Command.(*tape.Deposit); ok {
				h.tellDelta(r, at, e.Account, g.Assets[e.Asset], e.Amount)
			}
		case tape.WithdrawalChanged:
			if e.Status == tape.Sent {
				h.tellDelta(r, at, e.Account, g.Assets[e.Asset], e.Amount.Neg())
			}
		case tape.KeyChanged:
			if e.Removed {
				h.closeKey(e.Account, e.Key)
			}
		}
	}
	for _, l := range r.Held {
		if a := g.Assets[l.Asset]; !l.By.IsZero() {
			h.tellAccount(l.Account, balanceUpdate{"externalLockUpdate", at, a.Code, wire(l.By, a.Decimals), r.At / 1000})
		}
	}
	for _, l := range lists { // when their orders have been told of
		h.tellList(at, l, "")
	}
	if renamed.ID != 0 {
		h.tellList(at, renamed, listUpdated)
	}
	for _, n := range accounts {
		h.tellAccount(n, positions[n])
	}
}

// closeKey ends what an API key that is taken away has opened.
func (h *hub) closeKey(account uint64, api string) {
	if k := h.listen.byAccount[account]; k != nil && k.api == api {
		h.forget(k)
	}
	for _, f := range slices.Clone(h.feeds[account]) {
		if f.api == api {
			h.endFeed(f, nil)
		}
	}
}

// endFeed tells a subscription that it is over, and why where a decision is the reason.
func (h *hub) endFeed(f *feed, why *fault) {
	end := struct {
		Event    string `json:"e"`
		At       int64  `json:"E"`
		Reason   string `json:"reason,omitempty"`
		Decision string `json:"decision,omitempty"`
	}{Event: "eventStreamTerminated", At: millis(h.s.x.Now())}
	if why != nil {
		end.Reason, end.Decision = why.reason, why.decision
	}
	raw, err := encode(end)
	if err != nil {
		panic(err) // texts and a number
	}
	f.offer(raw)
	h.detach(f)
}

func (h *hub) tellAccount(account uint64, event any) {
	feeds := h.feeds[account]
	if len(feeds) == 0 {
		return
	}
	raw, err := encode(event)
	if err != nil {
		h.s.o.Log.Error("an event could not be written", "account", account, "error", err)
		return
	}
	for _, f := range feeds {
		f.offer(raw)
	}
}

func (h *hub) tellDelta(r *exchange.Committed, at int64, account uint64, a tape.Asset, by money.Amount) {
	h.tellAccount(account, balanceUpdate{"balanceUpdate", at, a.Code, wire(by, a.Decimals), r.At / 1000})
}

// A reporter makes the reports of one record. A trade is told of each order with the order as
// it stood right after that trade: the maker's comes next in the record, the taker's, who may
// trade many times, is counted up.
type reporter struct {
	h      *hub
	r      *exchange.Committed
	at     int64
	orders map[uint64]*tape.Order  // as last told of, by id
	trades map[uint64]*tape.Traded // of a maker, waiting for the order

	stopped map[uint64]*tape.Prevented // of a maker, waiting for the order
}

func (p *reporter) order(o tape.Order) {
	before, trade, stopped := p.orders[o.ID], p.trades[o.ID], p.stopped[o.ID]
	p.orders[o.ID] = &o
	if trade != nil {
		delete(p.trades, o.ID)
		p.tell(&o, "TRADE", trade, nil)
		return
	}
	if stopped != nil {
		delete(p.stopped, o.ID)
		p.tell(&o, "TRADE_PREVENTION", nil, stopped)
		return
	}
	_, amended := p.r.Command.(*tape.AmendOrder)
	switch {
	case amended:
		p.tell(&o, "REPLACED", nil, nil)
	case before != nil && before.Status == o.Status && before.Filled == o.Filled && before.Quantity == o.Quantity && before.Working == o.Working && before.Trailing == o.Trailing:
		// The record says again what its trades have come to.
	case o.Status == tape.PendingNew, o.Status == tape.StatusNew && (before != nil || o.Created == p.r.At || o.Working == p.r.At || o.Working == 0):
		p.tell(&o, "NEW", nil, nil) // to the exchange; again when the order that it was pending on is filled, when it begins to follow the price, and when its price has come
	case o.Status == tape.Canceled:
		p.tell(&o, "CANCELED", nil, nil)
	case o.Status == tape.Expired:
		p.tell(&o, "EXPIRED", nil, nil)
	}
}

// prevented tells the taker, who may be kept from many, of each as it comes; the maker's order
// comes next in the record.
func (p *reporter) prevented(e *tape.Prevented) {
	if !e.MakerQuantity.IsZero() {
		p.stopped[e.Maker] = e
	}
	o := p.orders[e.Taker]
	if o == nil || e.TakerQuantity.IsZero() {
		return
	}
	after := *o
	after.Prevented, after.Updated = plus(o.Prevented, e.TakerQuantity), e.At
	if after.Open().IsZero() {
		after.Status = tape.ExpiredInMatch
	}
	p.orders[o.ID] = &after
	p.tell(&after, "TRADE_PREVENTION", nil, e)
}

func (p *reporter) trade(t *tape.Traded) {
	p.trades[t.Maker] = t
	o := p.orders[t.Taker]
	if o == nil {
		return // a taker that the record has not shown before it trades: none
	}
	after := *o
	after.Filled, after.Spent, after.Status = plus(o.Filled, t.Quantity), plus(o.Spent, value(*t)), tape.PartiallyFilled
	if after.Open().IsZero() {
		after.Status = tape.Filled
	}
	after.Updated = t.At
	p.orders[o.ID] = &after
	p.tell(&after, "TRADE", t, nil)
}

// tell reports what happened to an order, with the trade or the prevented match if it was one.
func (p *reporter) tell(o *tape.Order, execution string, t *tape.Traded, stopped *tape.Prevented) {
	name, named := p.h.canceled[o.ID]
	if execution == "CANCELED" {
		delete(p.h.canceled, o.ID)
	}
	if t != nil && o.Filled == t.Quantity { // its first fill
		by := takerFill
		if t.Maker == o.ID {
			by = makerFill
		}
		p.h.s.orders.off(o.Account, by, p.h.s.o.Clock())
	}
	if p.h.feeds[o.Account] == nil {
		return
	}
	m := p.h.s.traded[o.Market]
	var zero money.Amount
	e := ExecutionReport{
		Event: "executionReport", At: p.at, Symbol: m.Symbol, ClientID: o.ClientID, Side: o.Side.String(), Type: o.Type.String(), Force: o.Force.String(),
		Quantity: m.qty(o.Quantity), Price: m.price(o.Price), StopPrice: m.price(o.Stop), Iceberg: m.qty(o.Iceberg), List: listOf(o), Execution: execution, Status: o.Status.String(),
		Reject: "NONE", Order: o.ID, LastQty: m.qty(zero), Filled: m.qty(o.Filled), LastPrice: m.price(zero), Commission: "0", Time: p.r.At / 1000, Trade: -1,
		Record: p.r.Seq, Working: o.Status.Open() && o.Working != 0 && o.Type.Priced(), Created: o.Created / 1000, Spent: m.price(o.Spent), LastQuote: m.price(zero),
		QuoteQuantity: m.price(o.QuoteQuantity), WorkingTime: o.Working / 1000, SelfTrade: o.SelfTrade.String(), TrailingDelta: o.Trail, TrailingTime: whenTrailing(o),
	}
	e.StrategyID, e.StrategyType = strategyOf(o)
	e.Expiry = p.h.s.expiry(o)
	if execution == "CANCELED" {
		e.Original = o.ClientID
		if named {
			e.ClientID = name
		}
	}
	if t != nil {
		fee, side := t.TakerFee, t.TakerSide
		if t.Maker == o.ID {
			fee, side, e.Maker = t.MakerFee, t.TakerSide.Other(), true
		}
		var asset string
		e.Commission, asset = m.commission(fee, side)
		e.CommissionOf, e.Trade = &asset, int64(t.ID)
		e.LastQty, e.LastPrice, e.LastQuote = m.qty(t.Quantity), m.price(t.Price), m.price(value(*t))
	}
	if stopped != nil {
		group, mine, both := groupID(stopped.Group), stopped.TakerQuantity, stopped.TakerQuantity
		e.Counter = int64(stopped.Maker)
		if stopped.Maker == o.ID {
			mine, e.Counter, e.Maker = stopped.MakerQuantity, int64(stopped.Taker), true
		}
		if stopped.Barred != "" {
			e.Counter = -1
		}
		if both.IsZero() || !stopped.MakerQuantity.IsZero() && stopped.MakerQuantity.Less(both) {
			both = stopped.MakerQuantity
		}
		worth, _ := stopped.Price.Mul(both, money.Down) // less than what either order is worth
		e.Prevented, e.AllPrevented, e.LastPrevented, e.Group, e.CounterSymbol = &stopped.ID, m.qty(o.Prevented), m.qty(mine), &group, m.Symbol
		e.PreventedQty, e.PreventedAt, e.PreventedFor = m.qty(both), m.price(stopped.Price), m.price(worth)
	}
	p.h.tellAccount(o.Account, e)
}

// renamedIn is the list of which an order was made smaller by a record and has another name since; one without ID where there is none.
func (h *hub) renamedIn(r *exchange.Committed) (l exchange.OrderList) {
	if _, amends := r.Command.(*tape.AmendOrder); !amends || len(r.Events) == 0 {
		return l
	}
	o, ok := r.Events[0].(*tape.OrderChanged)
	if !ok || o.OrderList == 0 || h.feeds[o.Account] == nil {
		return l
	}
	for _, a := range h.s.x.View().Amendments(o.Account, o.ID) {
		if a.Seq == r.Seq && a.ClientID != a.NewID {
			l.ID, l.Account, l.Created = o.OrderList, o.Account, r.At
		}
	}
	return l
}

// tellList tells that an order list began or ended, or what else became of it.
func (h *hub) tellList(at int64, now exchange.OrderList, status string) {
	if h.feeds[now.Account] == nil {
		return
	}
	o, ok := h.s.x.View().OrderList(now.Account, now.ID)
	if !ok {
		return // so many have ended since
	}
	o.Ended = now.Ended // the view may be ahead
	l := h.s.listed(h.s.traded[o.Market], &o)
	e := ListStatus{Event: "listStatus", At: at, Symbol: l.Symbol, List: l.OrderListID, Kind: l.ContingencyType, Status: l.ListStatusType, Orders: l.ListOrderStatus,
		Reject: "NONE", ClientID: l.ListClientOrderID, Time: l.TransactionTime}
	if status != "" {
		e.Status, e.Time = status, now.Created/1000
	}
	for _, of := range l.Orders {
		e.Of = append(e.Of, ListMember{of.Symbol, of.OrderID, of.ClientOrderID})
	}
	h.tellAccount(now.Account, e)
}

// naming keeps the name that a client gives to a cancel until it is told of. The caller calls
// forget when nothing was cancelled.
func (h *hub) naming(order uint64, name string) (forget func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.canceled[order] = name
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.canceled[order] == name {
			delete(h.canceled, order)
		}
	}
}

// locked is whatever is an account's and not free: ordered, leaving, frozen, set apart.
func locked(b ledger.Balance) money.Amount {
	return sum(b[ledger.Ordered], b[ledger.Leaving], b[ledger.Frozen], b[ledger.Apart])
}
