package binance

import (
	"errors"
	"slices"
	"time"

	"sallyport/exchange"
	"sallyport/venue/tape"
)

// What listens to an account is asked where it comes from when it begins, like every signed
// request, and again whenever the answer may be another: when lists, rules or dates change what
// decisions are made under, when the customer's data or standing change, and each day (see
// exchange.Admit, which answers from memory while nothing has changed). Where a law lets nobody
// in any more its connection ends, and says why: reading goes on for whom the law stops, but
// not from a place that it closes.

// A placeClosed is why a connection ends that listens from a place which the law has closed.
type placeClosed struct{ *fault }

// Error is short enough for a frame that closes a connection (RFC 6455, section 5.5).
func (c placeClosed) Error() string { return cut(c.reason, 123) }

// ask puts private feeds forward to be asked again; all of them where none is named. It is for
// whoever holds h.mu.
func (h *hub) ask(feeds ...*feed) {
	if len(feeds) == 0 {
		h.askAll = true
	}
	h.asked = append(h.asked, feeds...)
	select {
	case h.asks <- struct{}{}:
	default:
	}
}

// askFor asks again whom a record may have changed the answer for.
func (h *hub) askFor(r *exchange.Committed) {
	switch r.Command.(type) {
	case *tape.TakeEdition, *tape.TakeRules, *tape.MarkRule, *tape.MarkPart, *tape.MarkExpiry:
		h.ask()
		return
	}
	for _, e := range r.Events {
		switch e := e.(type) {
		case tape.StandingChanged:
			h.askOf(e.Account)
		case tape.CustomerAmended:
			h.askOf(e.Account)
		}
	}
}

func (h *hub) askOf(account uint64) {
	if feeds := h.feeds[account]; len(feeds) > 0 {
		h.ask(feeds...)
	}
}

// askDaily asks all again when a day has begun. It is for whoever holds h.mu.
func (h *hub) askDaily(now time.Time) {
	if day := now.UTC().Truncate(24 * time.Hour); day != h.day {
		h.day = day
		h.ask()
	}
}

// readmit asks, outside of what tells: to decide takes a commit of its own.
func (h *hub) readmit() {
	for {
		select {
		case <-h.asks:
		case <-h.ended:
			return
		}
		h.mu.Lock()
		again := h.asked
		if h.askAll {
			again = nil
			for _, feeds := range h.feeds {
				again = append(again, feeds...)
			}
		}
		h.asked, h.askAll = nil, false
		h.mu.Unlock()
		for _, f := range again {
			if why := h.placeOf(f); why != nil {
				h.mu.Lock()
				if slices.Contains(f.conn.feeds, f) {
					h.endFeed(f, why.fault)
					f.conn.end(*why)
				}
				h.mu.Unlock()
			}
		}
	}
}

// placeOf is why the place that a feed comes from is closed to its account, or nil.
func (h *hub) placeOf(f *feed) *placeClosed {
	err := h.s.x.Admit(f.account, f.conn.session)
	if r, ok := exchange.AsRefusal(err); ok {
		return &placeClosed{badKey().because(r)}
	}
	if err != nil && !errors.Is(err, exchange.ErrClosed) {
		// Where it cannot be told it does not go on; whoever connects again is asked anew.
		h.s.o.Log.Error("whether an account may go on listening could not be decided", "account", f.account, "error", err)
		f.conn.end(errLost)
	}
	return nil
}
