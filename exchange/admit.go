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
// from one place, and the law is asked once for each place, day and basis. For its orders it
// is asked once more for each market.
type admissions struct {
	mu        sync.RWMutex
	byAccount map[uint64][]admission // the newest last, at most keptAnswers
}

const keptAnswers = 32

// find is the answer that was given about this place, and this market, under this basis: why it was refused, or nil.
func (as *admissions) find(account uint64, to *errand, under *basis, day int64) (refused *Refusal, known bool) {
	as.mu.RLock()
	defer as.mu.RUnlock()
	all := as.byAccount[account]
	for i := range all {
		if a := &all[i]; a.day == day && a.errand == *to && a.under == *under {
			return a.refused, true
		}
	}
	return nil, false
}

// keep remembers an answer, and forgets what it replaces.
func (as *admissions) keep(account uint64, a admission) {
	as.mu.Lock()
	defer as.mu.Unlock()
	kept := slices.DeleteFunc(as.byAccount[account], func(o admission) bool { return o.errand == a.errand || o.under != a.under || o.day != a.day })
	as.byAccount[account] = append(kept[max(0, len(kept)+1-keptAnswers):], a)
}

// An errand is what somebody comes for: to sign in, or to trade on a market.
type errand struct {
	session Session
	trade   bool
	market  uint16 // of a trade
}

type admission struct {
	errand  errand
	under   basis
	day     int64 // on which it was given, since 1970, UTC
	refused *Refusal
}

// unixDay counts the days since 1970, UTC.
func unixDay(at time.Time) int64 { return at.Unix() / (24 * 60 * 60) }

// basis tells apart what decisions about a customer are made under.
type basis struct {
	rules    tape.Hash
	marked   int64     // the last of the rules' hours in the log, µs
	editions string    // of lists
	customer tape.Hash // commitment to their data
	standing tape.Hash // the decision they stand under: another one when a permit or licence of theirs comes or goes
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
	var refused *Refusal
	moved := false
	err := x.timely(func() error {
		r, m, err := x.admit(c, s)
		refused, moved = r, moved || m
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
	if refused != nil {
		return refused
	}
	return nil
}

// admit gives the answer of the day, why it is a refusal or nil, and whether the sign-in has changed what is known of
// where the customer lives.
func (x *Exchange) admit(c *customer, s Session) (refused *Refusal, moved bool, err error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() { // and stays open while basis is held, if it is not
		return nil, false, ErrClosed
	}
	under, _ := x.basisOf(c)
	at, to := x.Now(), errand{session: s}
	if refused, known := x.admitted.find(c.account, &to, &under, unixDay(at)); known {
		return refused, false, nil
	}
	if moved, err = x.signedIn(c, s, at); err != nil {
		return nil, false, err
	}
	refused, err = x.signIn(c, s, under, at)
	return refused, moved, err // moved even where a date came in between
}

// sessionFacts adds to a customer's facts where a request came from.
func (x *Exchange) sessionFacts(c *customer, s Session, at time.Time) (law.Facts, []match.Finding) {
	own, owners := x.screened(c)
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
func (x *Exchange) signIn(c *customer, s Session, under basis, at time.Time) (*Refusal, error) {
	f, findings := x.sessionFacts(c, s, at)
	d := x.judge(c, law.SignIn, f, findings, at, "")
	return x.answered(c, errand{session: s}, d, under, d.Verdict != law.Allow && x.ofPlace(&d))
}

// answered puts the decision about an errand into the log, and remembers the answer, which it gives.
func (x *Exchange) answered(c *customer, to errand, d gate.Decision, under basis, refused bool) (*Refusal, error) {
	events, err := x.submitJob(&job{cmds: []tape.Command{encodeDecision(d)}})
	if err != nil {
		return nil, err
	}
	// Two requests of one moment may have asked the same, and one decision answers both.
	if r, ok := refusal(events[0]); ok && r.Reason != tape.DuplicateDecision {
		return nil, x.refused(r)
	}
	a := admission{errand: to, under: under, day: unixDay(d.At)}
	if refused {
		a.refused = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
	}
	x.admitted.keep(c.account, a)
	return a.refused, nil
}

// AdmitOrder asks whether an account may trade on a market by a request that came from there,
// once for each place, market, day and basis. It is asked after Admit: a law may let somebody
// sign in from a place to take their assets out, and not let them trade from it (the wind-down
// of General License 17 for the so-called People's Republics did). The error is a *Refusal
// where they may not.
func (x *Exchange) AdmitOrder(account uint64, s Session, market uint16) error {
	c, m := x.customers.find(account), x.market(market)
	if c == nil {
		return &Refusal{Reason: tape.UnknownAccount}
	} else if m == nil {
		return &Refusal{Reason: tape.UnknownMarket}
	}
	var refused *Refusal
	err := x.timely(func() (err error) {
		x.basis.RLock()
		defer x.basis.RUnlock()
		if x.closing.Load() {
			return ErrClosed
		}
		under, verdict := x.basisOf(c)
		if tradesNoMore(verdict) {
			return nil // the venue says so
		}
		at, to := x.Now(), errand{s, true, market}
		var known bool
		if refused, known = x.admitted.find(c.account, &to, &under, unixDay(at)); known {
			return nil
		}
		f, findings := x.sessionFacts(c, s, at)
		g := x.view.Genesis()
		x.assetFacts(&f, g.Assets[m.Base].Code, g.Assets[m.Quote].Code)
		d := x.judge(c, law.Trade, f, findings, at, "")
		refused, err = x.answered(c, to, d, under, d.Verdict != law.Allow)
		return err
	})
	if err == nil && refused != nil {
		err = refused
	}
	return err
}

// ofPlace reports whether a rule that fired, or could not be told, reads where the request
// came from.
func (x *Exchange) ofPlace(d *gate.Decision) bool {
	return slices.ContainsFunc(slices.Concat(d.Fired, d.Unknown), func(f gate.Fired) bool {
		r, ok := x.cfg.Rules.Rule(f.Rule)
		return !ok || slices.ContainsFunc(r.Reads(), func(fact string) bool { return strings.HasPrefix(fact, "session.") })
	})
}

// tradesNoMore reports whether a customer who stands under a verdict may trade no more.
func tradesNoMore(v law.Verb) bool {
	return tape.StandingFor(v, tape.Hash{}).May&tape.MayTrade == 0
}

// basisOf is what decisions about the customer are made under now, and the verdict that they stand under. The caller
// holds basis.
func (x *Exchange) basisOf(c *customer) (basis, law.Verb) {
	rules, marked, standing := x.view.grounds(c.account)
	return basis{rules: rules, marked: marked.UnixMicro(), editions: x.watch.name, customer: c.commitment, standing: standing.Decision}, standing.Verdict
}
