package verify

import (
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// expire: "Refused as UnknownAccount; BadLicence when there is neither permit nor licence, or
// Licences is not in ascending order, or one of them is not in force for the account until
// just At."
func (m *model) expire(c *tape.MarkExpiry) []tape.Event {
	if m.accounts[c.Account] == nil {
		return refused(tape.UnknownAccount, none)
	}
	good := c.Permit || len(c.Licences) > 0
	for i, id := range c.Licences {
		good = good && (i == 0 || id > c.Licences[i-1]) && slices.ContainsFunc(m.licensed, func(l tape.LicenceRecorded) bool {
			return l.ID == id && l.Account == c.Account && l.Until == c.At
		})
	}
	if !good {
		return refused(tape.BadLicence, none)
	}
	m.licensed = slices.DeleteFunc(m.licensed, func(l tape.LicenceRecorded) bool { return slices.Contains(c.Licences, l.ID) })
	m.forget(c.Account)
	return []tape.Event{tape.ExpiryMarked{MarkExpiry: *c}}
}

func (m *model) recordLicence(at int64, c *tape.RecordLicence) []tape.Event {
	if m.accounts[c.Account] == nil {
		return refused(tape.UnknownAccount, none)
	}
	whole := c.Licence != "" && len(c.Licence) <= tape.MaxLicence &&
		word(c.By, tape.MaxBy) && word(c.Second, tape.MaxBy) && c.By != c.Second && word(c.Reason, tape.MaxReason)
	if !whole || c.At > at || at-c.At > tape.Fresh || c.Until != 0 && c.Until <= at {
		return refused(tape.BadLicence, none)
	}
	if slices.ContainsFunc(m.licensed, func(l tape.LicenceRecorded) bool { return l.Account == c.Account && l.Licence == c.Licence }) {
		return refused(tape.DuplicateLicence, none)
	}
	m.lastLicence++
	l := tape.LicenceRecorded{ID: m.lastLicence, RecordLicence: *c}
	m.licensed = append(m.licensed, l)
	m.forget(c.Account)
	return []tape.Event{l}
}

func (m *model) endLicence(c *tape.EndLicence) []tape.Event {
	i := slices.IndexFunc(m.licensed, func(l tape.LicenceRecorded) bool { return l.ID == c.ID })
	if i < 0 {
		return refused(tape.UnknownLicence, none)
	}
	if !word(c.By, tape.MaxBy) || !word(c.Reason, tape.MaxReason) {
		return refused(tape.BadLicence, none)
	}
	l := m.licensed[i]
	m.licensed = slices.Delete(m.licensed, i, i+1)
	m.forget(l.Account)
	return []tape.Event{tape.LicenceEnded{ID: l.ID, Account: l.Account, By: c.By, Reason: c.Reason}}
}

// dates is what the audit keeps to hold the log to its marks (see tape.OweMarks).
type dates struct {
	since  uint64      // the record from which on marks are owed; 0: they are not
	marked int64       // the last instant of a rule that is marked, or the founding
	ahead  []law.Event // of the set in force, after marked, in their order; where marks are owed and the set is at hand
	blind  bool        // a set was in force that is not at hand

	// review is the account on which the next record must decide, as of reviewAt or later.
	review   uint64
	reviewAt int64

	permits map[uint64][]string // by account: what the last decision knew, until the profile changes
	ran     map[uint64]bool     // accounts of whom a permit has run out since
}

func newDates() dates { return dates{permits: map[uint64][]string{}, ran: map[uint64]bool{}} }

// inForce is the rule set in force, where it is at hand.
func (r *replay) inForce() *law.Set { return r.sets[hex.EncodeToString(r.model.rules[:])] }

// lookAhead lists what the set in force owes from here on.
func (r *replay) lookAhead() {
	d := &r.dates
	d.ahead = nil
	if d.since == 0 || r.model.rules == none {
		return
	}
	set := r.inForce()
	if set == nil {
		d.blind = true
		return
	}
	const lastYear = 2201 // no rule has an instant after it (package law)
	d.ahead = set.Events(time.UnixMicro(d.marked+1).UTC(), time.Date(lastYear, 1, 1, 0, 0, 0, 0, time.UTC))
}

// due holds a record to the review that the one before it owes; cmd is nil at the end.
func (r *replay) due(cmd tape.Command) error {
	d := &r.dates
	if d.review == 0 {
		return nil
	}
	account := d.review
	if c, ok := cmd.(*tape.MarkExpiry); ok && c.Account == account {
		return nil // what ran out at another instant, and one decision on both
	}
	d.review = 0
	if c, ok := cmd.(*tape.Decide); ok {
		if x, _, err := readDecision(c.Body); err == nil && x.Action == law.Review && x.Account == account && x.At.UnixMicro() >= d.reviewAt {
			return nil
		}
	}
	return fmt.Errorf("what account %d may rest on ended in the record before, and this one is no decision on its standing made since", account)
}

// auditDates holds a command that took effect to the marks that must stand before it, and a
// mark to what it marks.
func (r *replay) auditDates(seq uint64, at int64, cmd tape.Command, events []tape.Event) error {
	d := &r.dates
	switch c := cmd.(type) {
	case *tape.Genesis:
		d.marked = at
	case *tape.OweMarks:
		if d.since == 0 {
			d.since = seq
			r.lookAhead()
		}
	case *tape.TakeRules:
		r.lookAhead()
	case *tape.MarkRule:
		return r.mark(at, c.At, law.Event{Rule: c.Rule, Ends: !c.Begins})
	case *tape.MarkPart:
		return r.mark(at, c.At, law.Event{Rule: c.Rule, Part: c.Part, Ends: !c.Begins})
	case *tape.MarkExpiry:
		r.report.Expiries++
		if c.At > at {
			return fmt.Errorf("what account %d rests on is marked as run out before its hour, %s", c.Account, hour(c.At))
		}
		d.review, d.reviewAt = c.Account, c.At
		if c.Permit {
			d.ran[c.Account] = true
		}
	case *tape.RecordLicence:
		r.report.Licences++
		if set := r.inForce(); set != nil && !hasLicence(set, c.Licence) {
			return fmt.Errorf("licence %s is recorded for account %d, and no enacted rule of the set in force has one of that id", c.Licence, c.Account)
		}
		d.review, d.reviewAt = c.Account, 0 // the venue sees that it is fresh
	case *tape.AmendCustomer:
		delete(d.permits, c.Account)
		delete(d.ran, c.Account)
	case *tape.Decide:
		x, _, err := readDecision(c.Body)
		if err != nil {
			return err
		}
		if err := r.timely(x.At.UnixMicro(), x.Account); err != nil {
			return fmt.Errorf("decision %s on account %d was made at %s: %w", x.ID, x.Account, x.At.Format(time.RFC3339Nano), err)
		}
		if err := r.rests(x); err != nil {
			return fmt.Errorf("decision %s on account %d: %w", x.ID, x.Account, err)
		}
	case *tape.OpenAccount:
		return r.timely(at, c.Account)
	case *tape.PlaceOrder:
		return r.timely(at, c.Account)
	case *tape.PlaceOrderList:
		return r.timely(at, c.Orders[0].Account)
	case *tape.ReplaceOrder:
		refused := func(e tape.Event) bool { _, no := e.(tape.Refused); return no }
		if !slices.ContainsFunc(events[1:], refused) { // the first may be of the cancellation
			return r.timely(at, c.Order.Account)
		}
	case *tape.Deposit:
		return r.timely(at, c.Account)
	case *tape.Withdraw:
		return r.timely(at, c.Account)
	case *tape.SendWithdrawal:
		return r.timely(at, r.model.out[c.Withdrawal].Account)
	}
	return nil
}

// ended remembers that a licence was taken back, which the next record must decide on.
func (d *dates) ended(events []tape.Event) {
	for _, e := range events {
		if l, ok := e.(tape.LicenceEnded); ok {
			d.review, d.reviewAt = l.Account, 0
		}
	}
}

// mark holds the record that a rule or a part of it began or ended to the rule, and to the
// order in which marks are owed. The event comes without its instant.
func (r *replay) mark(at, instant int64, e law.Event) error {
	d := &r.dates
	r.report.Marks++
	d.marked = max(d.marked, instant)
	e.At = time.UnixMicro(instant).UTC()
	if instant > at {
		return fmt.Errorf("%s: marked before its hour, %s", e, hour(instant))
	}
	set := r.inForce()
	if set == nil {
		return nil
	}
	rule, ok := set.Rule(e.Rule)
	if !ok || rule.State != law.Enacted {
		return fmt.Errorf("rule %s is marked, which is not enacted in the set in force", e.Rule)
	}
	if !slices.ContainsFunc(rule.Events(), func(o law.Event) bool { return sameEvent(o, e) }) {
		return fmt.Errorf("%s: marked at %s, where the rule says nothing of the kind", e, hour(instant))
	}
	if d.since == 0 {
		return nil
	}
	if len(d.ahead) == 0 || !sameEvent(d.ahead[0], e) {
		if slices.ContainsFunc(d.ahead, func(o law.Event) bool { return sameEvent(o, e) }) {
			return fmt.Errorf("%s: marked, and what comes before it is not: %s, at %s", e, d.ahead[0], hour(d.ahead[0].At.UnixMicro()))
		}
		return fmt.Errorf("%s: marked at %s, which no mark was owed for", e, hour(instant))
	}
	d.ahead = d.ahead[1:]
	return nil
}

func sameEvent(a, b law.Event) bool {
	return a.Rule == b.Rule && a.Part == b.Part && a.Ends == b.Ends && a.At.Equal(b.At)
}

// timely holds something that was done at an instant for an account to the marks owed by then.
func (r *replay) timely(at int64, account uint64) error {
	d := &r.dates
	if d.since == 0 {
		return nil
	}
	if len(d.ahead) > 0 && d.ahead[0].At.UnixMicro() <= at {
		return fmt.Errorf("the law had changed by then and the log has no mark of it: %s, at %s", d.ahead[0], hour(d.ahead[0].At.UnixMicro()))
	}
	for _, l := range r.model.licensed {
		if l.Account == account && l.Until != 0 && l.Until <= at {
			return fmt.Errorf("licence %d (%s) of account %d had run out by then, at %s, and the log has no mark of it", l.ID, l.Licence, account, hour(l.Until))
		}
	}
	return nil
}

// rests holds what a decision knows of licences and permits to what the log has of them.
func (r *replay) rests(x *gate.Decision) error {
	d := &r.dates
	if told, known := x.Facts.Texts("customer.licences"); known {
		have := []string{}
		for _, l := range r.model.licensed {
			if l.Account == x.Account && (l.Until == 0 || l.Until > x.At.UnixMicro()) {
				have = append(have, l.Licence)
			}
		}
		slices.Sort(have)
		if !slices.Equal(told, have) {
			return fmt.Errorf("its facts tell of the licences %q; recorded for the account and valid then are %q", told, have)
		}
	}
	told, known := x.Facts.Texts("customer.permits")
	if !known || d.since == 0 {
		return nil
	}
	before, had := d.permits[x.Account]
	d.permits[x.Account] = told
	fewer := d.ran[x.Account]
	delete(d.ran, x.Account)
	switch {
	case !had || slices.Equal(before, told):
		return nil
	case !fewer:
		return fmt.Errorf("its facts tell of the residence permits %q, those of the decision before of %q; no change of the customer's data and no mark of a permit's end lies between", told, before)
	}
	for _, c := range told {
		if !slices.Contains(before, c) {
			return fmt.Errorf("a permit ran out, and its facts tell of one more: %q, before %q", told, before)
		}
	}
	return nil
}

// hasLicence reports whether an enacted rule of the set has a licence of that id.
func hasLicence(set *law.Set, id string) bool {
	return slices.ContainsFunc(set.Rules(), func(r *law.Rule) bool {
		return r.State == law.Enacted && slices.ContainsFunc(r.Licences, func(l law.Licence) bool { return l.ID == id })
	})
}

func hour(at int64) string { return time.UnixMicro(at).UTC().Format(time.RFC3339Nano) }

// sayDates writes what was proved of dates.
func (r *replay) sayDates(say func(format string, args ...any)) {
	p, d := &r.report, &r.dates
	if d.since == 0 {
		say("The log does not promise to mark every date on which the law or what a customer's standing rests on changes; those it marks are at their hour: %d.", p.Marks)
		return
	}
	say("From record %d on every beginning and end of a rule, a wind-down or a licence is marked, in order, before anything that comes of it: %d marks. Permits and licences of customers that ran out, each with a decision that follows: %d.", d.since, p.Marks, p.Expiries)
	if d.blind {
		say("While a rule set was in force that is not at hand, whether a mark is missing could not be told.")
	}
	if n := slices.IndexFunc(d.ahead, func(e law.Event) bool { return e.At.UnixMicro() > r.last }); n > 0 {
		say("Dates that had come by the last record and have no mark yet: %d.", n)
	}
	if p.Licences > 0 {
		say("Licences recorded for customers, each by two operator users: %d. Each decision tells just of those that were recorded and valid.", p.Licences)
	}
}
