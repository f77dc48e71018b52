package exchange

import (
	"cmp"
	"container/heap"
	"errors"
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/entity"
	"sallyport/law"
	"sallyport/venue/tape"
)

// agenda is the dates ahead on which what decisions rest on changes by itself: beginnings and
// ends of rules, of their wind-downs and licences, and the days after which a customer's
// residence permit or recorded licence is no longer valid; and the day that may move accounts
// to other tiers of fees. Whoever asks whether one is due
// reads one number; finding those that are costs their count, not that of the customers.
type agenda struct {
	next *atomic.Int64 // the first instant that is not marked, µs since 1970 UTC

	mu        *sync.Mutex
	law       []law.Event // of the set in force, after the last one marked
	customers *expiries
	volume    int64 // the day of the next tape.MarkVolume, µs since 1970 UTC
}

const never = math.MaxInt64

func newAgenda() agenda {
	a := agenda{next: new(atomic.Int64), mu: new(sync.Mutex), customers: new(expiries), volume: never}
	a.next.Store(never)
	return a
}

// An expiry is the first instant after something of a customer's was valid.
type expiry struct {
	at      int64 // µs since 1970 UTC
	account uint64
	licence uint64 // its number; 0 for a residence permit
}

// expiries is a heap, the earliest first.
type expiries []expiry

func (h expiries) Len() int           { return len(h) }
func (h expiries) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h expiries) Less(i, j int) bool { return compareExpiries(h[i], h[j]) < 0 }
func (h *expiries) Push(e any)        { *h = append(*h, e.(expiry)) }
func (h *expiries) Pop() any {
	old := *h
	e := old[len(old)-1]
	*h = old[:len(old)-1]
	return e
}

func compareExpiries(a, b expiry) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.account, b.account), cmp.Compare(a.licence, b.licence))
}

// after is the first instant after the last day of a permit, which is taken in UTC as
// gate.FactsFor takes it.
func after(last entity.Day) int64 { return last.Time().AddDate(0, 0, 1).UnixMicro() }

// follow takes up the dates of a rule set, from the last instant that is marked.
func (a *agenda) follow(rules *law.Set, marked time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.law = rules.Events(marked.Add(time.Microsecond), time.Date(2201, 1, 1, 0, 0, 0, 0, time.UTC))
	a.settle()
}

// add takes up the dates of a customer that lie after their last decision, since then: what had run out
// by then it knew. The caller holds basis.
func (a *agenda) add(c *customer, since int64, licences []tape.LicenceRecorded) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range c.profile.Permits {
		if !p.Until.IsZero() && after(p.Until) > since {
			heap.Push(a.customers, expiry{at: after(p.Until), account: c.account})
		}
	}
	for _, l := range licences {
		if l.Until > since {
			heap.Push(a.customers, expiry{l.Until, c.account, l.ID})
		}
	}
	a.settle()
}

// followVolume takes up the day on which tiers of fees are looked at next.
func (a *agenda) followVolume(day int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.volume = day
	a.settle()
}

// lawAt is the next instant at which the law changes.
func (a *agenda) lawAt() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.law) == 0 {
		return never
	}
	return a.law[0].At.UnixMicro()
}

func (a *agenda) volumeAt() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.volume
}

// settle finds what comes next. The caller holds mu.
func (a *agenda) settle() {
	next := a.volume
	if len(a.law) > 0 {
		next = min(next, a.law[0].At.UnixMicro())
	}
	if len(*a.customers) > 0 {
		next = min(next, (*a.customers)[0].at)
	}
	a.next.Store(next)
}

// due is what has come by an instant, in order; done takes it off.
func (a *agenda) due(at int64) (events []law.Event, ran []expiry) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for n < len(a.law) && a.law[n].At.UnixMicro() <= at {
		n++
	}
	for len(*a.customers) > 0 && (*a.customers)[0].at <= at {
		ran = append(ran, heap.Pop(a.customers).(expiry))
	}
	return a.law[:n:n], ran
}

func (a *agenda) done(events []law.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.law = a.law[len(events):]
	a.settle()
}

// due reports whether a date has come that is not marked.
func (x *Exchange) due() bool { return x.Now().UnixMicro() >= x.agenda.next.Load() }

// MarkLaw puts every date up to now that the log does not have yet into it, in one commit
// with the decisions it brings: beginnings and ends of rules, of their wind-downs and of
// their licences, and what ran out of customers' permits and licences. What a day brings to
// tiers of fees it puts there too, in a commit before. It is called each
// second, by whoever moves the clock, and by whoever would act after a date and before its
// mark.
func (x *Exchange) MarkLaw() ([]Change, error) {
	x.basis.Lock()
	defer x.basis.Unlock()
	at := x.Now()
	if at.UnixMicro() < x.agenda.next.Load() {
		return nil, nil
	}
	if err := x.markVolume(at); err != nil || at.UnixMicro() < x.agenda.next.Load() {
		return nil, err
	}
	ch, err := x.mark(at)
	if err != nil {
		return nil, err
	}
	return []Change{ch}, x.reconsider(at)
}

// catchUp marks what is due and says as of when nothing is: decisions that are made at that
// instant come after everything that came before it. The caller holds basis for writing.
func (x *Exchange) catchUp() (time.Time, error) {
	at := x.Now()
	if at.UnixMicro() < x.agenda.next.Load() {
		return at, nil
	}
	if err := x.markVolume(at); err != nil || at.UnixMicro() < x.agenda.next.Load() {
		return at, err
	}
	_, err := x.mark(at)
	return at, err
}

// mark puts what is due at an instant into the log, after the command that may have made it
// so. Where the law has changed everybody is decided again, and else those alone of whom
// something has run out; in their decisions it counts no more. The caller holds basis for
// writing.
func (x *Exchange) mark(at time.Time, first ...tape.Command) (Change, error) {
	start := time.Now()
	events, ran := x.agenda.due(at.UnixMicro())
	ch := Change{At: at}
	for _, e := range events {
		ch.Rules, ch.At = append(ch.Rules, e.Rule), e.At
		if e.Part == "" {
			first = append(first, &tape.MarkRule{Rule: e.Rule, Begins: !e.Ends, At: e.At.UnixMicro()})
		} else {
			first = append(first, &tape.MarkPart{Rule: e.Rule, Part: e.Part, Begins: !e.Ends, At: e.At.UnixMicro()})
		}
	}
	x.pending.before = x.expired(ran)
	ch.Expired = slices.Sorted(maps.Keys(x.pending.before))
	var customers []*customer
	if len(first) > 0 {
		customers = x.customers.all()
	} else {
		for _, account := range ch.Expired {
			customers = append(customers, x.customers.find(account))
		}
	}
	ch.Screened = len(customers)
	if len(first) > 0 {
		first = append(append(first, x.gateAssets(at)...), x.gatePlatforms(at)...)
	}
	err := x.change(first, customers, at, &ch)
	x.pending = pending{}
	ch.Elapsed = time.Since(start)
	if errors.Is(err, errAgain) {
		x.fail(err) // what is due was taken off the agenda; opening again finds it
	}
	if err != nil {
		return ch, err
	}
	x.agenda.done(events)
	if len(events) > 0 {
		if err := x.checkGovernors(at); err != nil {
			x.cfg.Log.Error("a rule that has begun forbids who governs an operator", "error", err)
		}
	}
	return ch, nil
}

// expired is the marks of what ran out, by account and in order of their instants: what the
// customer no longer has, or what their last decision knew already, is passed over.
func (x *Exchange) expired(ran []expiry) map[uint64][]tape.Command {
	marks := map[uint64][]tape.Command{}
	for i, e := range ran {
		c := x.customers.find(e.account)
		if c == nil || e.at <= x.view.stance(e.account).made || i > 0 && e == ran[i-1] || !x.still(c, e) {
			continue
		}
		var m *tape.MarkExpiry
		if of := marks[e.account]; len(of) > 0 && of[len(of)-1].(*tape.MarkExpiry).At == e.at {
			m = of[len(of)-1].(*tape.MarkExpiry)
		} else {
			m = &tape.MarkExpiry{Account: e.account, At: e.at}
			marks[e.account] = append(of, m)
		}
		if e.licence == 0 {
			m.Permit = true
		} else {
			m.Licences = append(m.Licences, e.licence)
		}
	}
	return marks
}

// still reports whether the customer has what runs out.
func (x *Exchange) still(c *customer, e expiry) bool {
	if e.licence == 0 {
		return slices.ContainsFunc(c.profile.Permits, func(p entity.Permit) bool { return !p.Until.IsZero() && after(p.Until) == e.at })
	}
	l, ok := x.view.Licence(e.licence)
	return ok && l.Ended.IsZero()
}

// errAgain says that a decision which must follow on what is said now stands in the log
// already, made in the same millisecond.
var errAgain = errors.New("exchange: too soon after the last word on this customer; say it again")
