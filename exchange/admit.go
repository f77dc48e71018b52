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

// find is the answer that was given about this place, and this market, under this basis.
func (as *admissions) find(account uint64, to errand, under basis, day string) (admission, bool) {
	as.mu.RLock()
	defer as.mu.RUnlock()
	for _, a := range as.byAccount[account] {
		if a.errand == to && a.under == under && a.day == day {
			return a, true
		}
	}
	return admission{}, false
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
	day     string // on which it was given, UTC
	refused *Refusal
}

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
	if known, ok := x.admitted.find(c.account, errand{session: s}, under, day); ok {
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
func (x *Exchange) signIn(c *customer, s Session, under basis, at time.Time) (admission, error) {
	f, findings := x.sessionFacts(c, s, at)
	d := x.judge(c, law.SignIn, f, findings, at, "")
	return x.answered(c, errand{session: s}, d, under, d.Verdict != law.Allow && x.ofPlace(&d))
}

// answered puts the decision about an errand into the log, and remembers the answer.
func (x *Exchange) answered(c *customer, to errand, d gate.Decision, under basis, refused bool) (admission, error) {
	events, err := x.submitJob(&job{cmds: []tape.Command{encodeDecision(d)}})
	if err != nil {
		return admission{}, err
	}
	// Two requests of one moment may have asked the same, and one decision answers both.
	if r, ok := refusal(events[0]); ok && r.Reason != tape.DuplicateDecision {
		return admission{}, x.refused(r)
	}
	a := admission{errand: to, under: under, day: dayOf(d.At)}
	if refused {
		a.refused = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
	}
	x.admitted.keep(c.account, a)
	return a, nil
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
	var answer admission
	err := x.timely(func() (err error) {
		x.basis.RLock()
		defer x.basis.RUnlock()
		if x.closing.Load() {
			return ErrClosed
		}
		if x.tradesNoMore(c) {
			return nil // the venue says so
		}
		under, at, to := x.basisOf(c), x.Now(), errand{s, true, market}
		known, ok := x.admitted.find(c.account, to, under, dayOf(at))
		if answer = known; ok {
			return nil
		}
		f, findings := x.sessionFacts(c, s, at)
		g := x.view.Genesis()
		x.assetFacts(&f, g.Assets[m.Base].Code, g.Assets[m.Quote].Code)
		d := x.judge(c, law.Trade, f, findings, at, "")
		answer, err = x.answered(c, to, d, under, d.Verdict != law.Allow)
		return err
	})
	if err == nil && answer.refused != nil {
		err = answer.refused
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

// tradesNoMore reports whether the customer's standing lets them trade no more. The caller holds
// basis.
func (x *Exchange) tradesNoMore(c *customer) bool {
	return tape.StandingFor(x.view.stance(c.account).Verdict, tape.Hash{}).May&tape.MayTrade == 0
}

// basisOf is what decisions about the customer are made under now. The caller holds basis.
func (x *Exchange) basisOf(c *customer) basis {
	marked, _ := x.view.lawMarked()
	return basis{rules: x.view.rulesInForce(), marked: marked.UnixMicro(), editions: x.watch.name, customer: c.commitment, standing: x.view.stance(c.account).Decision}
}
