package verify

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// hours is a set of one rule of 24 February 2022: it begins at 10:00, its wind-down ends at
// 11:00, a licence begins at 11:30, the rule ends at 12:00, all UTC.
func hours(t testing.TB) *law.Set {
	t.Helper()
	const rule = `id: made-up
title: A rule made up for a test
authority: An authority
instrument: An act
article: Article 1
binds: [US]
covers: 'customer.residence == "KP"'
verb: exit
effective_at: "2022-02-24T10:00:00Z"
ends_at: "2022-02-24T12:00:00Z"
wind_down: {until: "2022-02-24T11:00:00Z", actions: [trade], article: Article 2}
licences:
- {id: made-up-1, title: By record, article: Article 3, from: "2022-02-24T11:30:00Z"}
state: enacted
verified:
  marks: [made up]
`
	set, err := law.Load(fstest.MapFS{"made-up.yaml": {Data: []byte(rule)}})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// until moves the clock to an hour of the day.
func (w *writer) until(clock string) int64 {
	at, err := time.Parse("2006-01-02 15:04", "2022-02-24 "+clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.at = max(w.at, at.UnixMicro())
	return at.UnixMicro()
}

// TestMarksAreOwed takes a log that marks all its hours, and leaves out, moves, repeats or
// makes up one of them.
func TestMarksAreOwed(t *testing.T) {
	set := hours(t)
	raw, err := hex.DecodeString(set.SHA256())
	if err != nil {
		t.Fatal(err)
	}
	order := func(w *writer) { w.must(w.order(alice, book.Sell, "20000", "0.1")) }
	replace := func(w *writer) {
		w.do(&tape.ReplaceOrder{Order: *w.order(alice, book.Sell, "20000", "0.1"), Anyway: true})
	}
	begin := func(w *writer) { w.must(&tape.MarkRule{Rule: "made-up", Begins: true, At: w.until("10:00")}) }
	windDown := func(w *writer) { w.must(&tape.MarkPart{Rule: "made-up", Part: "wind-down", At: w.until("11:00")}) }
	licence := func(w *writer) {
		w.must(&tape.MarkPart{Rule: "made-up", Part: "made-up-1", Begins: true, At: w.until("11:30")})
	}
	end := func(w *writer) { w.must(&tape.MarkRule{Rule: "made-up", At: w.until("12:00")}) }
	hour := func(clock string) func(*writer) { return func(w *writer) { w.until(clock) } }
	for name, c := range map[string]struct {
		promised bool
		steps    []func(*writer)
		wrong    int // the last record but so many does not hold; -1: all hold
	}{
		"each at its hour":                 {true, []func(*writer){begin, order, windDown, order, licence, order, end, order}, -1},
		"all late, and nobody acts before": {true, []func(*writer){hour("13:00"), begin, windDown, licence, end, order}, -1},
		"nothing is owed before its hour":  {true, []func(*writer){order, hour("09:59"), order}, -1},
		"the rule's hour left out":         {true, []func(*writer){hour("10:00"), order}, 0},
		"left out before two that cancel one another": {true, []func(*writer){hour("10:00"), func(w *writer) {
			w.must(w.pair(maker(w.order(alice, book.Sell, "20000", "0.1")), w.stop(alice, book.Sell, tape.StopLoss, "15000", "", "0.1")))
		}}, 0},
		"left out before a replacement": {true, []func(*writer){hour("10:00"), replace}, 0},
		"a replacement that places nothing": {true, []func(*writer){order, hour("10:00"), func(w *writer) {
			w.do(&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "20000", "10.1")})
		}}, -1},
		"the end of the wind-down left out": {true, []func(*writer){begin, order, hour("11:00"), order}, 0},
		"the licence's hour left out":       {true, []func(*writer){begin, windDown, end}, 0},
		"marked after somebody acted":       {true, []func(*writer){begin, hour("11:00"), order, windDown}, 1},
		"marked twice":                      {true, []func(*writer){begin, begin}, 0},
		"marked before its hour":            {true, []func(*writer){func(w *writer) { at := w.at; begin(w); w.at = at; w.entries[len(w.entries)-1].Time = at }}, 0},
		"a part that the rule has not":      {true, []func(*writer){begin, func(w *writer) { w.must(&tape.MarkPart{Rule: "made-up", Part: "other", At: w.until("11:00")}) }}, 0},
		"a part at another hour":            {true, []func(*writer){begin, func(w *writer) { w.must(&tape.MarkPart{Rule: "made-up", Part: "wind-down", At: w.until("11:01")}) }}, 0},
		"an end that is a beginning": {true, []func(*writer){begin, func(w *writer) {
			w.must(&tape.MarkPart{Rule: "made-up", Part: "wind-down", Begins: true, At: w.until("11:00")})
		}}, 0},
		"without the promise a gap is no lie": {false, []func(*writer){hour("10:00"), order, windDown, order}, -1},
		"without it a false mark still is":    {false, []func(*writer){func(w *writer) { w.must(&tape.MarkPart{Rule: "made-up", Part: "other", At: w.until("11:00")}) }}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			if c.promised {
				w.must(&tape.OweMarks{})
			}
			w.take(tape.Hash(raw))
			for _, step := range c.steps {
				step(w)
			}
			report, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
			var v *Violation
			switch {
			case c.wrong < 0 && err != nil:
				t.Error(err)
			case c.wrong >= 0 && (!errors.As(err, &v) || v.Kind != BadDecision || v.Seq != uint64(len(w.entries)-c.wrong)):
				t.Errorf("%v; want record %d (decision)", err, len(w.entries)-c.wrong)
			case c.wrong < 0 && strings.Contains(strings.Join(report.What, "\n"), "does not promise") == c.promised:
				t.Errorf("the report says\n%s", strings.Join(report.What, "\n"))
			}
		})
	}
}

// knows is a decision on a standing whose facts tell of permits and licences.
func (w *writer) knows(account uint64, permits, licences []string) {
	w.t.Helper()
	d := w.decision(law.Review, account, law.Allow, "")
	w.facts(d, permits, licences)
	cmd, _ := w.seal(d)
	w.must(cmd)
}

func (w *writer) facts(d *gate.Decision, permits, licences []string) {
	w.t.Helper()
	for name, value := range map[string][]string{"customer.permits": permits, "customer.licences": licences} {
		if err := d.Facts.Set(name, value); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *writer) licence(account uint64, id string, until int64) *tape.RecordLicence {
	return &tape.RecordLicence{Account: account, Licence: id, Until: until, By: "mara", Second: "kim", Reason: "r", At: w.at}
}

// TestWhatRunsOut takes logs in which permits and licences run out, and breaks them.
func TestWhatRunsOut(t *testing.T) {
	none, es, esfr, l := []string{}, []string{"ES"}, []string{"ES", "FR"}, []string{"l"}
	expire := func(w *writer, clock string, permit bool, licences ...uint64) {
		w.must(&tape.MarkExpiry{Account: alice, At: w.until(clock), Permit: permit, Licences: licences})
	}
	order := func(w *writer) { w.must(w.order(alice, book.Sell, "20000", "0.1")) }
	for name, c := range map[string]struct {
		steps func(*writer)
		wrong int
	}{
		"a permit runs out": {func(w *writer) {
			w.knows(alice, esfr, none)
			expire(w, "10:00", true)
			w.knows(alice, es, none)
			order(w)
		}, -1},
		"two at once, and one decision": {func(w *writer) {
			w.knows(alice, esfr, none)
			w.until("11:00")
			expire(w, "10:00", true)
			expire(w, "10:30", true)
			w.knows(alice, none, none)
		}, -1},
		"two permits of one country": {func(w *writer) {
			w.knows(alice, es, none)
			expire(w, "10:00", true)
			w.knows(alice, es, none)
		}, -1},
		"a permit that is gone without a mark": {func(w *writer) {
			w.knows(alice, esfr, none)
			w.knows(alice, es, none)
		}, 0},
		"a permit that comes from nowhere": {func(w *writer) {
			w.knows(alice, es, none)
			w.knows(alice, esfr, none)
		}, 0},
		"a permit that comes with a mark": {func(w *writer) {
			w.knows(alice, es, none)
			expire(w, "10:00", true)
			w.knows(alice, esfr, none)
		}, 0},
		"new data may tell of another": {func(w *writer) {
			w.knows(alice, es, none)
			w.must(&tape.AmendCustomer{Account: alice})
			w.knows(alice, esfr, none)
		}, -1},
		"no decision after the mark": {func(w *writer) {
			w.knows(alice, es, none)
			expire(w, "10:00", true)
			order(w)
		}, 0},
		"a decision on somebody else": {func(w *writer) {
			w.knows(alice, es, none)
			expire(w, "10:00", true)
			w.knows(bob, none, none)
		}, 0},
		"the log ends with the mark": {func(w *writer) { expire(w, "10:00", true) }, 0},
		"marked before its hour": {func(w *writer) {
			at := w.at
			expire(w, "10:00", true)
			w.entries[len(w.entries)-1].Time = at
		}, 0},
		"a licence is recorded and runs out": {func(w *writer) {
			w.must(w.licence(alice, "l", w.at+3_600_000_000))
			w.knows(alice, none, l)
			w.at += 3_600_000_000
			w.must(&tape.MarkExpiry{Account: alice, At: w.m.licensed[0].Until, Licences: []uint64{1}})
			w.knows(alice, none, none)
			order(w)
		}, -1},
		"a licence that nobody recorded": {func(w *writer) { w.knows(alice, none, l) }, 0},
		"of another account": {func(w *writer) {
			w.must(w.licence(bob, "l", 0))
			w.knows(bob, none, l)
			w.knows(alice, none, l)
		}, 0},
		"a licence that is left out": {func(w *writer) {
			w.must(w.licence(alice, "l", 0))
			w.knows(alice, none, none)
		}, 0},
		"a licence that has run out without a mark": {func(w *writer) {
			w.must(w.licence(alice, "l", w.at+3_600_000_000))
			w.knows(alice, none, l)
			w.at += 3_600_000_000
			order(w)
		}, 0},
		"and goes on": {func(w *writer) {
			w.must(w.licence(alice, "l", w.at+3_600_000_000))
			w.knows(alice, none, l)
			w.at += 3_600_000_000
			w.knows(alice, none, l)
		}, 0},
		"taken back, with no decision": {func(w *writer) {
			w.must(w.licence(alice, "l", 0))
			w.knows(alice, none, l)
			w.must(&tape.EndLicence{ID: 1, By: "kim", Reason: "r"})
			order(w)
		}, 0},
		"taken back, and relied on": {func(w *writer) {
			w.must(w.licence(alice, "l", 0))
			w.knows(alice, none, l)
			w.must(&tape.EndLicence{ID: 1, By: "kim", Reason: "r"})
			w.knows(alice, none, l)
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := traders(t)
			w.must(&tape.OweMarks{})
			c.steps(w)
			_, err := Journal(w.log(t, journal.Options{}), Options{})
			var v *Violation
			switch {
			case c.wrong < 0 && err != nil:
				t.Error(err)
			case c.wrong >= 0 && (!errors.As(err, &v) || v.Kind != BadDecision || v.Seq != uint64(len(w.entries)-c.wrong)):
				t.Errorf("%v; want record %d (decision)", err, len(w.entries)-c.wrong)
			}
		})
	}
}

// TestLicenceMustBeOfARule holds a licence that is recorded to the rules in force.
func TestLicenceMustBeOfARule(t *testing.T) {
	set := hours(t)
	raw, err := hex.DecodeString(set.SHA256())
	if err != nil {
		t.Fatal(err)
	}
	w := traders(t)
	w.take(tape.Hash(raw))
	w.must(w.licence(alice, "made-up-2", 0))
	var v *Violation
	if _, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}}); !errors.As(err, &v) || v.Seq != uint64(len(w.entries)) || !strings.Contains(v.Why, "made-up-2") {
		t.Errorf("a licence of no rule: %v", err)
	}
}

// TestLicences goes through the words beside RecordLicence, EndLicence and MarkExpiry.
func TestLicences(t *testing.T) {
	w := traders(t)
	for why, spoil := range map[tape.Reason][]func(*tape.RecordLicence){
		tape.UnknownAccount: {func(c *tape.RecordLicence) { c.Account = 4711; c.By = "" }},
		tape.BadLicence: {
			func(c *tape.RecordLicence) { c.Licence = "" }, func(c *tape.RecordLicence) { c.Licence = strings.Repeat("l", tape.MaxLicence+1) },
			func(c *tape.RecordLicence) { c.By = "" }, func(c *tape.RecordLicence) { c.By = strings.Repeat("m", tape.MaxBy+1) },
			func(c *tape.RecordLicence) { c.Second = "" }, func(c *tape.RecordLicence) { c.Second = c.By },
			func(c *tape.RecordLicence) { c.Reason = "" }, func(c *tape.RecordLicence) { c.Reason = strings.Repeat("m", tape.MaxReason+1) },
			func(c *tape.RecordLicence) { c.At += 1e6 }, func(c *tape.RecordLicence) { c.At -= tape.Fresh + 1e6 },
			func(c *tape.RecordLicence) { c.Until = w.at }, func(c *tape.RecordLicence) { c.Until = -1 },
		},
	} {
		for _, f := range spoil {
			c := w.licence(alice, "l", 0)
			f(c)
			w.refuse(c, why)
		}
	}
	until := w.at + 1_000_000_000
	if x := w.must(w.licence(alice, "l", until))[0].(tape.LicenceRecorded); x.ID != 1 {
		t.Errorf("the first licence is number %d", x.ID)
	}
	w.review(alice, law.Allow)
	w.refuse(w.licence(alice, "l", 0), tape.DuplicateLicence)
	w.refuse(&tape.EndLicence{ID: 2, By: "k", Reason: "r"}, tape.UnknownLicence)
	w.refuse(&tape.EndLicence{ID: 1, Reason: "r"}, tape.BadLicence)
	w.refuse(&tape.EndLicence{ID: 1, By: "k"}, tape.BadLicence)
	for _, bad := range []tape.MarkExpiry{
		{Account: alice, At: until}, {Account: alice, At: until + 1, Licences: []uint64{1}}, {Account: bob, At: until, Licences: []uint64{1}},
		{Account: alice, At: until, Licences: []uint64{1, 1}}, {Account: alice, At: until, Licences: []uint64{2}}, {Account: alice, At: until, Permit: true, Licences: []uint64{1, 2}},
	} {
		w.refuse(&bad, tape.BadLicence)
	}
	w.refuse(&tape.MarkExpiry{Account: 4711, Permit: true}, tape.UnknownAccount)

	// A decision kept for a withdrawal is forgotten with what it may rest on.
	for _, change := range []tape.Command{
		w.licence(alice, "other", 0), &tape.EndLicence{ID: 2, By: "k", Reason: "r"}, &tape.MarkExpiry{Account: alice, At: until, Licences: []uint64{1}},
	} {
		if r, ok := change.(*tape.RecordLicence); ok {
			r.At = w.at
		}
		out, other := w.withdrawCommand(alice, usdt, "50"), w.withdrawCommand(bob, usdt, "50")
		out.Decision = w.decide(law.Withdraw, alice, law.Allow, withdrawMovement(&w.m.genesis, out))
		other.Decision = w.decide(law.Withdraw, bob, law.Allow, withdrawMovement(&w.m.genesis, other))
		if _, ok := change.(*tape.MarkExpiry); ok {
			w.at = until
			out.Decision = w.decide(law.Withdraw, alice, law.Allow, withdrawMovement(&w.m.genesis, out))
		}
		w.must(change)
		w.review(alice, law.Allow)
		w.refuse(out, tape.NoPermit)
		w.must(other)
	}
	if s := w.m.state(); s.LastLicence != 2 || len(s.Licences) != 0 {
		t.Errorf("the state has %d licences, the last is %d", len(s.Licences), s.LastLicence)
	}
	report, err := Journal(w.log(t, journal.Options{}), Options{})
	if err != nil || report.Licences != 2 || report.Expiries != 1 {
		t.Errorf("%d licences, %d ran out, %v", report.Licences, report.Expiries, err)
	}
}
