package exchange

import (
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// admissions are the last answers to sign-ins, by account: a bot asks thousands of times
// from one place, and the law is asked once for each place, day and basis.
type admissions struct {
	mu        sync.RWMutex
	byAccount map[uint64][]admission // the newest last, at most keptPlaces
}

const keptPlaces = 8

// find is the answer that was given about this place under this basis.
func (as *admissions) find(account uint64, s Session, under basis, day string) (admission, bool) {
	as.mu.RLock()
	defer as.mu.RUnlock()
	for _, a := range as.byAccount[account] {
		if a.session == s && a.under == under && a.day == day {
			return a, true
		}
	}
	return admission{}, false
}

// keep remembers an answer, and forgets what it replaces.
func (as *admissions) keep(account uint64, a admission) {
	as.mu.Lock()
	defer as.mu.Unlock()
	kept := slices.DeleteFunc(as.byAccount[account], func(o admission) bool { return o.session == a.session || o.under != a.under || o.day != a.day })
	as.byAccount[account] = append(kept[max(0, len(kept)+1-keptPlaces):], a)
}

type admission struct {
	session Session
	under   basis
	day     string // on which it was given, UTC
	refused *Refusal
}

// basis tells apart what decisions about a customer are made under.
type basis struct {
	rules    tape.Hash
	marked   int64     // the last of the rules' hours in the log, µs
	editions string    // of lists
	customer tape.Hash // commitment to their data
	standing string    // the decision they stand under: another one when a permit or licence of theirs comes or goes
}

// Admit asks whether an account's request may be served that came from there. The gate
// looks at every place that a customer asks from, not only at the one they opened the
// account from (Kraken, 2022: addresses "checked only at onboarding"). The error is a
// *Refusal where a rule that reads the place of the request stops it: that request alone,
// and nothing is held. What else stands against the customer is their standing's to say.
func (x *Exchange) Admit(account uint64, s Session) error {
	c := x.customers.find(account)
	if c == nil {
		return &Refusal{Reason: tape.UnknownAccount}
	}
	var answer admission
	moved := false
	err := x.timely(func() error {
		a, m, err := x.admit(c, s)
		answer, moved = a, moved || m
		return err
	})
	if err != nil {
		return err
	}
	if moved {
		if err := x.reviewOne(c); err != nil {
			return err
		}
	}
	if answer.refused != nil {
		return answer.refused
	}
	return nil
}

// admit gives the answer of the day, and whether the sign-in has changed what is known of
// where the customer lives.
func (x *Exchange) admit(c *customer, s Session) (answer admission, moved bool, err error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() { // and stays open while basis is held, if it is not
		return admission{}, false, ErrClosed
	}
	under, at := x.basisOf(c), x.Now()
	day := dayOf(at)
	if known, ok := x.admitted.find(c.account, s, under, day); ok {
		return known, false, nil
	}
	if moved, err = x.signedIn(c, s, at); err != nil {
		return admission{}, false, err
	}
	answer, err = x.signIn(c, s, under, at)
	return answer, moved, err // moved even where a date came in between
}

// sessionFacts adds to a customer's facts where a request came from.
func (x *Exchange) sessionFacts(c *customer, s Session, at time.Time) (law.Facts, []match.Finding) {
	own, owners := x.watch.screen(x.watch.index, c.profile)
	f := x.facts(c, own, owners, at)
	if s.Known {
		x.state(&f, "session.country", s.Country)
		if !s.AreaOpen {
			x.state(&f, "session.area", s.Area)
		}
	}
	return f, allFindings(own, owners)
}

// signIn decides about a session, puts it into the log, and remembers the answer.
func (x *Exchange) signIn(c *customer, s Session, under basis, at time.Time) (admission, error) {
	f, findings := x.sessionFacts(c, s, at)
	d := x.judge(c, law.SignIn, f, findings, at, "")
	events, err := x.submitJob(&job{cmds: []tape.Command{encodeDecision(d)}})
	if err != nil {
		return admission{}, err
	}
	// Two requests of one moment may have asked the same, and one decision answers both.
	if r, ok := refusal(events[0]); ok && r.Reason != tape.DuplicateDecision {
		return admission{}, x.refused(r)
	}
	a := admission{session: s, under: under, day: dayOf(at)}
	if d.Verdict != law.Allow && x.ofPlace(&d) {
		a.refused = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
	}
	x.admitted.keep(c.account, a)
	return a, nil
}

// ofPlace reports whether a rule that fired, or could not be told, reads where the request
// came from.
func (x *Exchange) ofPlace(d *gate.Decision) bool {
	return slices.ContainsFunc(slices.Concat(d.Fired, d.Unknown), func(f gate.Fired) bool {
		r, ok := x.cfg.Rules.Rule(f.Rule)
		return !ok || slices.ContainsFunc(r.Reads(), func(fact string) bool { return strings.HasPrefix(fact, "session.") })
	})
}

// basisOf is what decisions about the customer are made under now. The caller holds basis.
func (x *Exchange) basisOf(c *customer) basis {
	marked, _ := x.view.lawMarked()
	return basis{rules: x.view.rulesInForce(), marked: marked.UnixMicro(), editions: x.watch.name, customer: c.commitment, standing: c.last.ID}
}
