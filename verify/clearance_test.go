package verify

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// entry is what the list says of the one that Alice resembles.
var entry = entity.Entity{List: "us-sdn", ID: "7", Kind: entity.Person, Names: []entity.Name{{Full: "Alicia LISTED"}}}

// likeness is a decision on an account that found a likeness, or more, to entry 7.
func (w *writer) likeness(account uint64, verdict law.Verb, grade match.Grade, change func(*gate.Decision)) (*tape.Decide, tape.Hash) {
	d := w.decision(law.Review, account, verdict, "")
	d.Findings = []match.Finding{{List: "us-sdn", EntityID: "7", EntityName: "Alicia LISTED", Grade: grade, Reasons: []match.Reason{}}}
	resembles := []string{"us-sdn"}
	if verdict == law.Allow {
		resembles = []string{}
	}
	for name, value := range map[string]any{"customer.kind": "person", "listing.resembles": resembles} {
		if err := d.Facts.Set(name, value); err != nil {
			w.t.Fatal(err)
		}
	}
	if change != nil {
		change(d)
	}
	return w.seal(d)
}

// held has Alice stand at hold for a likeness.
func (w *writer) held(grade match.Grade) tape.Hash {
	cmd, id := w.likeness(alice, law.Hold, grade, nil)
	w.must(cmd)
	return id
}

func (w *writer) clearCommand(decision tape.Hash) *tape.Clear {
	return &tape.Clear{
		Account: alice, List: "us-sdn", Entity: "7", By: "m.ortiz", Reason: "another person", At: w.at / 1000 * 1000,
		Listed: match.BasisOf(&entry).SHA256(), Subject: tape.Hash{0x77}, Decision: decision,
	}
}

func relying(c tape.Cleared) []gate.Clearance {
	return []gate.Clearance{{
		ID: c.ID, List: c.List, EntityID: c.Entity, By: c.By, At: time.UnixMicro(c.At).UTC(),
		Listed: fmt.Sprintf("%x", c.Listed), Subject: fmt.Sprintf("%x", c.Subject),
	}}
}

// cleared has Alice cleared and released.
func cleared(t *testing.T) (*writer, tape.Cleared) {
	w := traders(t)
	x := w.must(w.clearCommand(w.held(match.Resembles)))[0].(tape.Cleared)
	cmd, _ := w.likeness(alice, law.Allow, match.Resembles, func(d *gate.Decision) { d.Cleared = relying(x) })
	w.must(cmd)
	return w, x
}

// TestClearances goes through the words beside Clear, EndClearance and AmendCustomer.
func TestClearances(t *testing.T) {
	w := traders(t)
	id := w.held(match.Resembles)
	for why, spoil := range map[tape.Reason][]func(*tape.Clear){
		tape.UnknownAccount: {func(c *tape.Clear) { c.Account = 4711; c.By = "" }},
		tape.StaleDecision:  {func(c *tape.Clear) { c.Decision = none; c.By = "" }},
		tape.BadClearance: {
			func(c *tape.Clear) { c.List = "" }, func(c *tape.Clear) { c.Entity = "" },
			func(c *tape.Clear) { c.By = "" }, func(c *tape.Clear) { c.By = strings.Repeat("m", tape.MaxBy+1) },
			func(c *tape.Clear) { c.Reason = "" }, func(c *tape.Clear) { c.Reason = strings.Repeat("m", tape.MaxReason+1) },
			func(c *tape.Clear) { c.At += 1e6 }, func(c *tape.Clear) { c.At -= tape.Fresh + 1e6 },
		},
	} {
		for _, f := range spoil {
			c := w.clearCommand(id)
			f(c)
			w.refuse(c, why)
		}
	}
	x := w.must(w.clearCommand(id))[0].(tape.Cleared)
	if x.ID != 1 {
		t.Errorf("the first clearance is number %d", x.ID)
	}
	w.refuse(w.clearCommand(id), tape.DuplicateClearance)
	for _, bad := range []tape.EndClearance{
		{Clearance: 1}, {Clearance: 1, Cause: tape.EntryChanged}, {Clearance: 1, Cause: tape.EntryChanged, Changed: []string{"names"}, By: "m"},
		{Clearance: 1, Cause: tape.EntryGone, Changed: []string{"names"}}, {Clearance: 1, Cause: tape.CustomerChanged, Changed: []string{"names"}},
		{Clearance: 1, Cause: tape.TakenBack, By: "m"}, {Clearance: 1, Cause: tape.TakenBack, Reason: "r"}, {Clearance: 1, Cause: tape.TakenBack, By: "m", Reason: "r", Changed: []string{"x"}},
	} {
		w.refuse(&bad, tape.BadClearance)
	}
	w.refuse(&tape.EndClearance{Clearance: 2, Cause: tape.EntryGone}, tape.UnknownClearance)

	// A decision kept for a withdrawal is forgotten with the clearance.
	w.review(alice, law.Allow)
	out := w.withdrawCommand(alice, usdt, "50")
	out.Decision = w.decide(law.Withdraw, alice, law.Allow, withdrawMovement(&w.m.genesis, out))
	other := w.withdrawCommand(bob, usdt, "50")
	other.Decision = w.decide(law.Withdraw, bob, law.Allow, withdrawMovement(&w.m.genesis, other))
	w.must(&tape.EndClearance{Clearance: 1, Cause: tape.TakenBack, By: "k", Reason: "r"})
	w.refuse(out, tape.NoPermit)
	w.must(other)
	w.refuse(&tape.EndClearance{Clearance: 1, Cause: tape.EntryGone}, tape.UnknownClearance)

	w.refuse(&tape.AmendCustomer{Account: 4711}, tape.UnknownAccount)
	w.must(w.clearCommand(w.held(match.Resembles)))
	if events := w.must(&tape.AmendCustomer{Account: alice, Commitment: tape.Hash{5}}); len(events) != 1 {
		t.Errorf("a change that is not compared: %s", describe(events))
	}
	if events := w.must(&tape.AmendCustomer{Account: alice, Changed: []string{"birth"}}); len(events) != 2 || events[1].(tape.ClearanceEnded).Cause != tape.CustomerChanged {
		t.Errorf("a change that is: %s", describe(events))
	}
	w.holds()
	report, err := Journal(w.log(t, journal.Options{}), Options{})
	if err != nil || report.Clearances != 2 {
		t.Errorf("%d clearances, %v", report.Clearances, err)
	}
}

// TestClearanceMutations has logs in which a clearance is relied on that is none.
func TestClearanceMutations(t *testing.T) {
	honest, _ := cleared(t)
	honest.must(honest.order(alice, book.Sell, "20000", "1"))
	report, err := Journal(honest.log(t, journal.Options{}), Options{})
	if err != nil || report.Clearances != 1 || report.Relied != 1 {
		t.Fatalf("%d clearances, %d decisions that rely on one, %v", report.Clearances, report.Relied, err)
	}
	// forced puts a decision into the log as a venue would that did not look.
	forced := func(w *writer, change func(*gate.Decision)) {
		cmd, id := w.likeness(alice, law.Allow, match.Resembles, change)
		w.at++
		w.keep(cmd, append([]tape.Event{tape.Decided{Decision: id, Account: alice}}, w.m.take(w.at, w.m.accounts[alice], law.Allow, nil, id)...))
	}
	edition := &watchlist.Edition{List: "us-sdn", SHA256: fmt.Sprintf("%x", listHash), Entities: []entity.Entity{entry}}
	for name, c := range map[string]struct {
		mutate func(w *writer, x tape.Cleared) // its last record must be named
		want   Sort
	}{
		"a clearance that nobody gave": {func(w *writer, x tape.Cleared) {
			forced(w, func(d *gate.Decision) { d.Cleared = relying(x); d.Cleared[0].ID = 9 })
		}, BadOutcome},
		"a clearance of somebody else's word": {func(w *writer, x tape.Cleared) {
			forced(w, func(d *gate.Decision) { d.Cleared = relying(x); d.Cleared[0].By = "nobody" })
		}, BadOutcome},
		"a clearance that rests on another entry": {func(w *writer, x tape.Cleared) {
			forced(w, func(d *gate.Decision) { d.Cleared = relying(x); d.Cleared[0].Listed = strings.Repeat("0", 64) })
		}, BadOutcome},
		"a clearance that has ended": {func(w *writer, x tape.Cleared) {
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryChanged, Changed: []string{"names"}})
			forced(w, func(d *gate.Decision) { d.Cleared = relying(x) })
		}, BadOutcome},
		"a clearance that the customer's own change has ended": {func(w *writer, x tape.Cleared) {
			w.must(&tape.AmendCustomer{Account: alice, Changed: []string{"names"}})
			forced(w, func(d *gate.Decision) { d.Cleared = relying(x) })
		}, BadOutcome},
		"a likeness left out without a clearance": {func(w *writer, x tape.Cleared) {
			cmd, _ := w.likeness(alice, law.Allow, match.Resembles, nil)
			w.must(cmd)
		}, BadDecision},
		"a clearance of identity": {func(w *writer, x tape.Cleared) {
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryGone})
			w.must(w.clearCommand(w.held(match.Same)))
		}, BadDecision},
		"a clearance of no likeness": {func(w *writer, x tape.Cleared) {
			c := w.clearCommand(w.held(match.Resembles))
			c.Entity = "8"
			w.must(c)
		}, BadDecision},
		"identity left out by a clearance": {func(w *writer, x tape.Cleared) {
			cmd, _ := w.likeness(alice, law.Allow, match.Same, func(d *gate.Decision) { d.Cleared = relying(x) })
			w.must(cmd)
		}, BadDecision},
		"a lapse that was none": {func(w *writer, x tape.Cleared) {
			cmd, _ := w.likeness(alice, law.Hold, match.Resembles, func(d *gate.Decision) {
				d.Lapsed = []gate.Lapse{{Clearance: relying(x)[0], Cause: tape.EntryGone.String()}}
			})
			w.must(cmd)
		}, BadDecision},
		"an order under a clearance that has ended": {func(w *writer, x tape.Cleared) {
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryGone})
			w.must(w.order(alice, book.Sell, "20000", "1"))
		}, BadInvariant},
		"two that cancel one another under one": {func(w *writer, x tape.Cleared) {
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryGone})
			w.must(w.pair(maker(w.order(alice, book.Sell, "20000", "1")), w.stop(alice, book.Sell, tape.StopLoss, "15000", "", "1")))
		}, BadInvariant},
		"a replacement under one": {func(w *writer, x tape.Cleared) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryGone})
			c := &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *w.order(alice, book.Sell, "20000", "11")}
			w.do(c) // what is cancelled alone, it may
			c.Order.Quantity, c.Anyway = amt("1"), true
			w.do(c)
		}, BadInvariant},
		"a withdrawal under one": {func(w *writer, x tape.Cleared) {
			w.must(&tape.EndClearance{Clearance: x.ID, Cause: tape.EntryGone})
			w.withdraw(alice, usdt, "50", law.Allow)
		}, BadInvariant},
		"a decision on other data than the account's": {func(w *writer, x tape.Cleared) {
			w.must(&tape.AmendCustomer{Account: alice, Commitment: tape.Hash{5}})
			w.review(alice, law.Hold)
		}, BadDecision},
		"an edition whose entry is not what the clearance says": {func(w *writer, x tape.Cleared) {
			edition.Entities[0].Names = []entity.Name{{Full: "Alice LISTED"}}
		}, BadDecision},
		"a later edition changed the entry, and the clearance went on": {func(w *writer, x tape.Cleared) {
			w.must(&tape.TakeEdition{List: "us-sdn", Publisher: "OFAC", Published: day.UnixMicro(), SHA256: tape.Hash{0x12}})
			cmd, _ := w.likeness(alice, law.Allow, match.Resembles, func(d *gate.Decision) {
				d.Cleared, d.Editions[0].SHA256 = relying(x), fmt.Sprintf("%x", tape.Hash{0x12})
			})
			w.must(cmd)
		}, BadDecision},
		"a later edition changed the entry, and nobody looked": {func(w *writer, x tape.Cleared) {
			w.must(&tape.TakeEdition{List: "us-sdn", Publisher: "OFAC", Published: day.UnixMicro(), SHA256: tape.Hash{0x12}})
			w.must(w.order(alice, book.Sell, "20000", "1"))
		}, BadDecision},
		"a later edition changed the entry at the end of the log": {func(w *writer, x tape.Cleared) {
			w.must(&tape.TakeEdition{List: "us-sdn", Publisher: "OFAC", Published: day.UnixMicro(), SHA256: tape.Hash{0x12}})
		}, BadDecision},
		"an edition without the entry": {func(w *writer, x tape.Cleared) {
			edition.Entities = nil
		}, BadDecision},
	} {
		t.Run(name, func(t *testing.T) {
			edition.Entities = []entity.Entity{entry}
			w, x := cleared(t)
			c.mutate(w, x)
			i := len(w.entries) - 1
			if strings.HasPrefix(name, "an edition") {
				i = w.find(t, "Clear", 1)
			}
			_, err := Journal(w.log(t, journal.Options{}), Options{Edition: func(_, sha string) (*watchlist.Edition, error) {
				if sha != edition.SHA256 { // the later one
					e := entry
					e.Names = []entity.Name{{Full: "Alice LISTED"}}
					return &watchlist.Edition{List: "us-sdn", SHA256: sha, Entities: []entity.Entity{e}}, nil
				}
				return edition, nil
			}})
			var v *Violation
			if !errors.As(err, &v) || v.Seq != uint64(i+1) || v.Kind != c.want {
				t.Errorf("%v\nwant record %d (%s)", err, i+1, c.want)
			}
		})
	}
}
