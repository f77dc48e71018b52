package binance

import (
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// A rateLimit as answers tell of it.
type rateLimit struct {
	Type     string `json:"rateLimitType"`
	Interval string `json:"interval"`
	Num      int    `json:"intervalNum"`
	Limit    int    `json:"limit"`
	Count    *int   `json:"count,omitempty"`
}

// A limiter counts request weight by client and minute. A client that goes on asking after it
// was told to wait is not answered at all for a time, longer each time.
type limiter struct {
	most   int
	mu     sync.Mutex
	minute int64
	used   map[netip.Addr]*usage // Invariant: at most maxClients
	bans   map[netip.Addr]ban    // Invariant: at most maxClients
}

type usage struct{ weight, refused int }

type ban struct {
	until time.Time
	times int
}

const (
	// maxClients bounds the memory of a minute; clients beyond it share one count.
	maxClients = 1 << 16

	patience    = 100             // refused requests in a minute until a client is banned
	firstBan    = 2 * time.Minute // doubled each time, as published
	longestBan  = 72 * time.Hour
	remembering = 24 * time.Hour // after which a ban is forgotten
)

// take adds weight to what a client has used in this minute. The fault says that this is more
// than may be.
func (l *limiter) take(from netip.Addr, weight int, now time.Time) (used int, f *fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if m := now.Unix() / 60; m != l.minute || l.used == nil {
		l.minute, l.used = m, map[netip.Addr]*usage{}
		for a, b := range l.bans {
			if now.Sub(b.until) > remembering {
				delete(l.bans, a)
			}
		}
	}
	if b, ok := l.bans[from]; ok && now.Before(b.until) {
		return 0, &fault{
			status: http.StatusTeapot, code: -1003, retry: b.until.Sub(now),
			msg: fmt.Sprintf("Way too much request weight used; IP banned until %d. Please use WebSocket Streams for live updates to avoid bans.", millis(b.until)),
		}
	}
	u := l.used[from]
	if u == nil {
		if len(l.used) >= maxClients {
			from = netip.Addr{}
			u = l.used[from]
		}
		if u == nil {
			u = &usage{}
			if weight > 0 {
				l.used[from] = u
			}
		}
	}
	if u.weight < 1<<30 {
		u.weight += weight
	}
	if u.weight <= l.most {
		return u.weight, nil
	}
	if u.refused++; u.refused > patience && from.IsValid() && len(l.bans) < maxClients {
		b := l.bans[from]
		b.until, b.times = now.Add(min(longestBan, firstBan<<min(b.times, 16))), b.times+1
		if l.bans == nil {
			l.bans = map[netip.Addr]ban{}
		}
		l.bans[from] = b
	}
	return u.weight, &fault{
		status: http.StatusTooManyRequests, code: -1003, retry: time.Unix((l.minute+1)*60, 0).Sub(now),
		msg: fmt.Sprintf("Too much request weight used; current limit is %d request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.", l.most),
	}
}

// back takes off what a client has used in a minute a weight that was taken in it, and gives what that leaves.
func (l *limiter) back(from netip.Addr, weight int, taken time.Time) (used int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	u := l.used[from]
	if u == nil {
		u = l.used[netip.Addr{}]
	}
	if u == nil {
		return 0
	}
	if taken.Unix()/60 == l.minute {
		u.weight = max(0, u.weight-weight)
	}
	return u.weight
}

// limit is how much a client has used in this minute.
func (l *limiter) limit(from netip.Addr, now time.Time) rateLimit {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	if u := l.used[from]; u != nil && now.Unix()/60 == l.minute {
		n = u.weight
	}
	return rateLimit{"REQUEST_WEIGHT", "MINUTE", 1, l.most, &n}
}

// unfilled counts the orders of each account that were placed and have not traded, in
// intervals of ten seconds and of a day (UTC). What was placed in one interval and trades in
// the next is taken off the next one's count.
type unfilled struct {
	most     [2]int
	mu       sync.Mutex
	accounts map[uint64]*orderCounts
}

type orderCounts struct {
	interval [2]int64
	n        [2]int
}

var orderIntervals = [2]int64{10, 24 * 60 * 60} // seconds

const (
	defaultOrders10s = 1_000
	defaultOrdersDay = 1_000_000

	takerFill = 1 // what an order's first fill takes off the count
	makerFill = 5
)

// of is the account's counts as they stand now. The caller holds u.mu.
func (u *unfilled) of(account uint64, now time.Time) *orderCounts {
	if u.accounts == nil {
		u.accounts = map[uint64]*orderCounts{}
	}
	c := u.accounts[account]
	if c == nil {
		c = &orderCounts{}
		u.accounts[account] = c
	}
	for i, seconds := range orderIntervals {
		if now := now.Unix() / seconds; now != c.interval[i] {
			c.interval[i], c.n[i] = now, 0
		}
	}
	return c
}

// place counts an order that is about to be placed; undo takes it back where it is refused.
func (u *unfilled) place(account uint64, now time.Time) (undo func(), err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := u.of(account, now)
	for i, most := range u.most {
		if c.n[i] >= most {
			left := time.Unix((c.interval[i]+1)*orderIntervals[i], 0).Sub(now)
			return nil, &fault{status: http.StatusTooManyRequests, code: -1015, retry: left, msg: fmt.Sprintf("Too many new orders; current limit is %d orders per %s.", most, [2]string{"10 SECOND", "1 DAY"}[i])}
		}
	}
	for i := range c.n {
		c.n[i]++
	}
	return func() {
		u.mu.Lock()
		defer u.mu.Unlock()
		c := u.accounts[account]
		for i, seconds := range orderIntervals {
			if c.interval[i] == now.Unix()/seconds {
				c.n[i] = max(0, c.n[i]-1)
			}
		}
	}, nil
}

// off takes from an account's counts, which are never less than nothing.
func (u *unfilled) off(account uint64, n int, now time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.accounts[account] == nil {
		return
	}
	c := u.of(account, now)
	for i := range c.n {
		c.n[i] = max(0, c.n[i]-n)
	}
}

// counts are an account's as they stand now.
func (u *unfilled) counts(account uint64, now time.Time) [2]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.of(account, now).n
}

func (u *unfilled) limits(account uint64, now time.Time) []rateLimit {
	n := u.counts(account, now)
	return []rateLimit{
		{"ORDERS", "SECOND", 10, u.most[0], &n[0]},
		{"ORDERS", "DAY", 1, u.most[1], &n[1]},
	}
}

func (c *call) orderLimits() (any, error) { return c.orders.limits(c.account, c.o.Clock()), nil }

// ordering asks whether orders may be placed from where the request came, and counts one that is
// about to be placed; undo is for one that is refused.
func (c *call) ordering(market uint16) (undo func(), err error) {
	if err := c.x.AdmitOrder(c.account, c.session, market); err != nil {
		return nil, orderFault(err)
	}
	c.counted = true
	return c.orders.place(c.account, c.o.Clock())
}
