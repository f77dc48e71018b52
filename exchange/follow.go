package exchange

import (
	"errors"
	"slices"
	"sync"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A Committed is one record of the log and what it brought about.
type Committed struct {
	Seq     uint64
	At      int64 // µs since 1970 UTC
	Command tape.Command
	Events  []tape.Event
	Levels  []LevelChanged
	Held    []HeldChanged
}

// A HeldChanged is value of an account that was frozen or set apart in a record, or is so no more
// (By below zero), by nothing that the account itself has done.
type HeldChanged struct {
	Account uint64
	Asset   uint16
	By      money.Amount
}

// A LevelChanged is a price whose open quantity is another after a record than before it.
type LevelChanged struct {
	Market uint16
	Side   book.Side
	Level         // the quantity now open; zero: nothing is left at the price
	Update uint64 // counts these by market, from 1 and without a gap; [View.Depth] says the last
}

// A Follower is handed every record, in the log's order, after its commit. It never holds up
// the exchange: one that has not taken its records when its queue is full has lost its place.
type Follower struct {
	view  *View
	limit int
	wake  chan struct{}

	mu    sync.Mutex
	queue []Committed // Invariant: at most limit
	err   error
}

// ErrBehind says that a follower did not keep up. What it has seen is a beginning without its
// continuation: it starts again, from what the View shows.
var ErrBehind = errors.New("exchange: the follower fell behind and lost its place")

// Follow hands out every record from now on; at most limit wait to be taken.
func (x *Exchange) Follow(limit int) *Follower {
	f := &Follower{view: x.view, limit: limit, wake: make(chan struct{}, 1)}
	x.view.mu.Lock()
	defer x.view.mu.Unlock()
	if x.view.ended {
		f.end(ErrClosed)
		return f
	}
	x.view.followers[f] = struct{}{}
	return f
}

// Ready receives when there is something to take.
func (f *Follower) Ready() <-chan struct{} { return f.wake }

// Take is what was committed since it was called last. The error is ErrBehind, or ErrClosed
// when the exchange has ended; then nothing more comes.
func (f *Follower) Take() ([]Committed, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rs := f.queue
	f.queue = nil
	return rs, f.err
}

// Close ends the following.
func (f *Follower) Close() {
	f.view.mu.Lock()
	defer f.view.mu.Unlock()
	delete(f.view.followers, f)
}

func (f *Follower) hand(c Committed) (ok bool) {
	f.mu.Lock()
	if len(f.queue) >= f.limit {
		f.mu.Unlock()
		f.end(ErrBehind)
		return false
	}
	f.queue = append(f.queue, c)
	f.mu.Unlock()
	f.ring()
	return true
}

func (f *Follower) end(err error) {
	f.mu.Lock()
	f.err = err
	if errors.Is(err, ErrBehind) {
		f.queue = nil
	}
	f.mu.Unlock()
	f.ring()
}

func (f *Follower) ring() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// handOut gives a record to whoever follows. The caller holds v.mu.
func (v *View) handOut(c Committed) {
	for f := range v.followers {
		if !f.hand(c) {
			delete(v.followers, f)
		}
	}
}

// end tells the followers that nothing more comes.
func (v *View) end() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ended = true
	for f := range v.followers {
		f.end(ErrClosed)
	}
	clear(v.followers)
}

// A depthSide is one side of a market's book by price.
type depthSide struct {
	side   book.Side
	levels []Level // best price last, for that is where most changes; none empty
}

// find is where a price stands or would stand.
func (s *depthSide) find(price money.Amount) (int, bool) {
	sells, levels := s.side == book.Sell, s.levels
	lo, hi := 0, len(levels)
	for lo < hi { // the first that is not worse
		mid := int(uint(lo+hi) >> 1)
		at := &levels[mid].Price
		if worse := at.Less(price); worse != sells && *at != price {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(levels) && levels[lo].Price == price
}

// add adds to what is open at a price, and gives what was and what is.
func (s *depthSide) add(price, by money.Amount) (before, now money.Amount) {
	i, ok := s.find(price)
	if ok {
		before = s.levels[i].Quantity
	}
	now, _ = before.Add(by) // a sum that does not fit is shown as nothing
	switch {
	case now.IsZero() && ok:
		s.levels = slices.Delete(s.levels, i, i+1)
	case now.IsZero():
	case ok:
		s.levels[i].Quantity = now
	default:
		s.levels = slices.Insert(s.levels, i, Level{price, now})
	}
	return before, now
}

// first is at most so many levels, the best first.
func (s *depthSide) first(limit int) []Level {
	ls := slices.Clone(s.levels[max(0, len(s.levels)-limit):])
	slices.Reverse(ls)
	return ls
}

// best is the best level, or one of zeros.
func (s *depthSide) best() Level {
	if len(s.levels) == 0 {
		return Level{}
	}
	return s.levels[len(s.levels)-1]
}

func (m *marketView) sideOf(s book.Side) *depthSide {
	if s == book.Sell {
		return &m.asks
	}
	return &m.bids
}

// A touchedLevel is a price at which the record being applied changed something.
type touchedLevel struct {
	market uint16
	side   book.Side
	price  money.Amount
}

// A changedLevel is one and what was open there before the record, and is now.
type changedLevel struct {
	touchedLevel
	before, now money.Amount
}

// fewLevels are as many as are looked through faster than looked up.
const fewLevels = 8

// touch takes in that a level has changed.
func (v *View) touch(at touchedLevel, before, now money.Amount) {
	n := len(v.touched)
	if n < fewLevels {
		for i := range v.touched {
			if t := &v.touched[i]; t.touchedLevel == at {
				t.now = now
				return
			}
		}
	} else {
		if n == fewLevels {
			for i := range v.touched {
				v.isTouched[v.touched[i].touchedLevel] = i
			}
		}
		if i, ok := v.isTouched[at]; ok {
			v.touched[i].now = now
			return
		}
		v.isTouched[at] = n
	}
	v.touched = append(v.touched, changedLevel{at, before, now})
}

// settleLevels numbers what the record has changed in the depth, taken as a whole: an order
// that came and was filled at once has left no level.
func (v *View) settleLevels() []LevelChanged {
	var changed []LevelChanged // none, if nobody follows
	for i := range v.touched {
		t := &v.touched[i]
		if t.now == t.before {
			continue
		}
		m := v.markets[t.market]
		if m.updates++; len(v.followers) == 0 {
			continue
		}
		changed = append(changed, LevelChanged{t.market, t.side, Level{t.price, t.now}, m.updates})
	}
	if len(v.touched) >= fewLevels {
		clear(v.isTouched)
	}
	v.touched = v.touched[:0]
	return changed
}

// addHeld adds what a balance's change does to what is held, one entry for each account and asset.
func addHeld(held []HeldChanged, e *tape.BalanceChanged, before *ledger.Balance) []HeldChanged {
	after := &e.Balance
	if after[ledger.Frozen] == before[ledger.Frozen] && after[ledger.Apart] == before[ledger.Apart] {
		return held
	}
	i := slices.IndexFunc(held, func(h HeldChanged) bool { return h.Account == e.Account && h.Asset == e.Asset })
	if i < 0 {
		held, i = append(held, HeldChanged{Account: e.Account, Asset: e.Asset}), len(held)
	}
	for _, p := range []ledger.Pocket{ledger.Frozen, ledger.Apart} {
		by, err := after[p].Sub(before[p])
		if err == nil {
			by, err = held[i].By.Add(by)
		}
		if err != nil {
			panic(err) // of balances that the ledger holds
		}
		held[i].By = by
	}
	return held
}
