package story

import (
	"sync"
	"time"
)

// A Clock runs at the pace of the real one from wherever it was last set. It never goes back.
type Clock struct {
	mu   sync.Mutex
	base time.Time // what it read
	from time.Time // when it was set, by the real clock
}

// NewClock is a clock that reads t now.
func NewClock(t time.Time) *Clock { return &Clock{base: t, from: time.Now()} }

// Now is what the clock reads.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.base.Add(time.Since(c.from)).UTC()
}

// Advance sets the clock to t, unless it is later already.
func (c *Clock) Advance(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if t.After(c.base.Add(now.Sub(c.from))) {
		c.base, c.from = t, now
	}
}
