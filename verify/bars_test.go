package verify

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// The sides of a bar that binds the operator of whoever stands on them.
var (
	covered = law.Side{Rule: "a-bar", Covered: true, Binds: true}
	other   = law.Side{Rule: "a-bar", Other: true, Binds: true}
)

// apart puts alice and bob on either side of a bar; carol stands on none.
func apart(w *writer) {
	w.t.Helper()
	w.review(alice, law.Allow, covered)
	w.review(bob, law.Allow, other)
}

func TestBetween(t *testing.T) {
	both := law.Side{Rule: "a-bar", Covered: true, Other: true}
	abroad := law.Side{Rule: "a-bar", Other: true}
	second := func(s law.Side) law.Side { s.Rule = "b-bar"; return s }
	for name, c := range map[string]struct {
		a, b []law.Side
		want string
	}{
		"none":                            {nil, nil, ""},
		"one side alone":                  {[]law.Side{covered}, nil, ""},
		"either side":                     {[]law.Side{covered}, []law.Side{other}, "a-bar"},
		"the same side":                   {[]law.Side{covered}, []law.Side{covered}, ""},
		"it binds one of the two":         {[]law.Side{covered}, []law.Side{abroad}, "a-bar"},
		"it binds neither":                {[]law.Side{{Rule: "a-bar", Covered: true}}, []law.Side{abroad}, ""},
		"on both sides, bound":            {[]law.Side{covered}, []law.Side{both}, "a-bar"},
		"both on both sides, bound by no": {[]law.Side{both}, []law.Side{both}, ""},
		"different bars":                  {[]law.Side{covered}, []law.Side{second(other)}, ""},
		"two bars":                        {[]law.Side{covered, second(other)}, []law.Side{other, second(covered)}, "a-bar b-bar"},
		"the second of two":               {[]law.Side{covered, second(other)}, []law.Side{covered, second(covered)}, "b-bar"},
	} {
		// Two readers of one paragraph, and both ways.
		for _, got := range [][]string{between(c.a, c.b), between(c.b, c.a), law.Between(c.a, c.b)} {
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("%s: %q, want %q", name, text, c.want)
			}
		}
	}
}

// TestBars holds the model to the words on who may meet.
func TestBars(t *testing.T) {
	scenes(t, map[string]func(*testing.T, *writer){
		"whom the taker may not meet is passed over, at a worse price the next": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "1"))
			w.must(w.order(carol, book.Sell, "20200", "1"))
			expect(t, w.must(w.order(bob, book.Buy, "20100", "0.5")), "4 NEW; 0.5 at 20100 with 2; 2 PARTIALLY_FILLED; 4 FILLED; ")
			// And others meet it still.
			expect(t, w.must(w.order(carol, book.Buy, "20000", "0.4")), "5 NEW; 0.4 at 20000 with 1; 1 PARTIALLY_FILLED; 5 FILLED; ")
		},
		"what is left before one it may not meet expires: the book is never crossed": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "1"))
			events := w.must(mode(w.order(bob, book.Buy, "20500", "3"), tape.ExpireBoth))
			expect(t, events, "3 NEW; 1 at 20100 with 2; 2 FILLED; prevented with 1, 0 and 2 by a-bar; 3 EXPIRED_IN_MATCH; ")
			if o := lastOrder(events, 3); o.Prevented != amt("2") || o.Filled != amt("1") {
				t.Errorf("%+v", o)
			}
			for _, e := range events {
				if p, ok := e.(*tape.Prevented); ok && (p.ID != 1 || p.Price != amt("20000") || p.MakerAccount != alice || p.TakerAccount != bob || p.TakerSide != book.Buy || p.Mode != tape.ExpireBoth || p.At != w.at) {
					t.Errorf("%+v", p)
				}
			}
			w.balance(bob, usdt, "79900", "0")
		},
		"the first of them is named, and the first rule in order of the texts": func(t *testing.T, w *writer) {
			w.review(alice, law.Allow, covered, law.Side{Rule: "c-bar", Other: true, Binds: true})
			w.review(bob, law.Allow, other, law.Side{Rule: "c-bar", Covered: true})
			w.must(w.order(alice, book.Sell, "20010", "1"))
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(w.order(bob, book.Buy, "20500", "3")), "4 NEW; prevented with 2, 0 and 3 by a-bar; 4 EXPIRED_IN_MATCH; ")
		},
		"beyond its limit it rests": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(w.order(bob, book.Buy, "19999.99", "3")), "2 NEW; ")
		},
		"immediate, and of no limit": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(force(w.order(bob, book.Buy, "20000", "3"), tape.IOC)), "2 NEW; prevented with 1, 0 and 3 by a-bar; 2 EXPIRED_IN_MATCH; ")
			expect(t, w.must(w.market(bob, book.Buy, "3", "0")), "3 NEW; prevented with 1, 0 and 3 by a-bar; 3 EXPIRED_IN_MATCH; ")
			expect(t, w.must(w.market(bob, book.Buy, "0", "3000")), "4 NEW; 4 EXPIRED; ") // by money it has met all it can
			w.balance(bob, usdt, "100000", "0")
		},
		"it is not measured": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Sell, "20100", "1"))
			expect(t, w.must(force(w.order(bob, book.Buy, "20100", "2"), tape.FOK)), "3 NEW; 3 EXPIRED; ")
			expect(t, w.must(w.market(bob, book.Buy, "0", "40000")), "4 NEW; 1 at 20100 with 2; 2 FILLED; 4 FILLED; ")
		},
		"post-only does not see it, and does not rest beyond it": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(maker(w.order(bob, book.Buy, "20000", "1"))), "2 NEW; prevented with 1, 0 and 1 by a-bar; 2 EXPIRED_IN_MATCH; ")
			w.must(w.order(carol, book.Sell, "20000", "1"))
			w.refuse(maker(w.order(bob, book.Buy, "20000", "1")), tape.WouldTake)
		},
		"an account on both sides does not even meet itself": func(t *testing.T, w *writer) {
			w.review(alice, law.Allow, law.Side{Rule: "a-bar", Covered: true, Other: true, Binds: true})
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(w.order(alice, book.Buy, "20000", "1")), "2 NEW; prevented with 1, 0 and 1 by a-bar; 2 EXPIRED_IN_MATCH; ")
			expect(t, w.must(mode(w.order(alice, book.Sell, "20100", "1"), tape.AllowSelf)), "3 NEW; ")
		},
		"one that waited passes over it as well": func(t *testing.T, w *writer) {
			apart(w)
			w.must(w.stop(bob, book.Buy, tape.StopLossLimit, "20000", "20500", "1"))
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.must(w.order(carol, book.Buy, "20000", "0.5")), "3 NEW; 0.5 at 20000 with 2; 2 PARTIALLY_FILLED; 3 FILLED; "+
				"1 NEW; prevented with 2, 0 and 1 by a-bar; 1 EXPIRED_IN_MATCH; ")
			w.balance(bob, usdt, "100000", "0")
		},
		"other sides cancel open orders; the same ones and a new decision do not": func(t *testing.T, w *writer) {
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.stop(alice, book.Sell, tape.StopLoss, "10000", "", "1"))
			expect(t, w.review(alice, law.Allow, covered), "decided; 1000 stands at allow; 1 CANCELED; 2 CANCELED; ")
			w.balance(alice, btc, "10", "0")
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.review(alice, law.Allow, covered), "decided; 1000 stands at allow; ")
			expect(t, w.review(alice, law.Allow, law.Side{Rule: "a-bar", Covered: true}), "decided; 1000 stands at allow; 3 CANCELED; ")
			w.must(w.order(alice, book.Sell, "20000", "1"))
			expect(t, w.review(alice, law.Allow), "decided; 1000 stands at allow; 4 CANCELED; ")
			if s := w.m.state().Accounts; len(s[0].Sides) != 0 {
				t.Errorf("%+v", s)
			}
		},
		"an account is opened on the sides of its decision": func(t *testing.T, w *writer) {
			d := w.decision(law.OpenAccount, 2000, law.Allow, "")
			d.Sides = []law.Side{covered}
			cmd, id := w.seal(d)
			w.must(cmd)
			events := w.must(&tape.OpenAccount{Account: 2000, Decision: id})
			if s, ok := events[1].(tape.StandingChanged); !ok || !slices.Equal(s.Sides, d.Sides) {
				t.Errorf("%+v", events)
			}
			if s := w.m.state().Accounts; !slices.Equal(s[3].Sides, d.Sides) {
				t.Errorf("%+v", s)
			}
		},
	})
}

// TestSidesOfDecisions is what of a decision's sides the venue must refuse.
func TestSidesOfDecisions(t *testing.T) {
	w := traders(t)
	many := func(n int) []law.Side {
		var s []law.Side
		for i := range n {
			s = append(s, law.Side{Rule: fmt.Sprintf("bar-%03d", i), Other: true})
		}
		return s
	}
	for name, c := range map[string]struct {
		action law.Action
		sides  []law.Side
		bad    bool
	}{
		"as many as there may be": {law.Review, many(law.MaxBars), false},
		"one more":                {law.Review, many(law.MaxBars + 1), true},
		"a rule twice":            {law.Review, []law.Side{covered, other}, true},
		"in another order":        {law.Review, []law.Side{{Rule: "b", Other: true}, covered}, true},
		"on neither side":         {law.Review, []law.Side{{Rule: "b", Binds: true}}, true},
		"of a new customer":       {law.OpenAccount, []law.Side{covered}, false},
		"of a movement":           {law.Deposit, []law.Side{covered}, true},
		"of a trade":              {law.Trade, []law.Side{covered}, true},
	} {
		d := w.decision(c.action, alice, law.Allow, "")
		d.Sides = c.sides
		cmd, _ := w.seal(d)
		e, no := refusal(w.do(cmd))
		if no != c.bad || no && (e.Reason != tape.BadDecision || e.Decision != none) {
			t.Errorf("%s: refused %v, %s", name, no, e.Reason)
		}
	}
	w.holds()
}

// TestClasses opens accounts on as many different sides as a venue tells apart, and one more.
func TestClasses(t *testing.T) {
	w := traders(t)
	class := func(i int) law.Side { return law.Side{Rule: fmt.Sprintf("bar-%03d", i), Other: true} }
	may := func(account uint64) bool { return w.m.accounts[account].Standing.May&tape.MayTrade != 0 }
	open := func(account uint64, sides ...law.Side) {
		t.Helper()
		d := w.decision(law.OpenAccount, account, law.Allow, "")
		d.Sides = sides
		cmd, id := w.seal(d)
		w.must(cmd)
		w.must(&tape.OpenAccount{Account: account, Decision: id})
	}
	// With none they are MaxClasses.
	for i := range tape.MaxClasses - 1 {
		open(uint64(2000+i), class(i))
		if !may(uint64(2000 + i)) {
			t.Fatalf("class %d is too many", i)
		}
	}
	last := uint64(2000 + tape.MaxClasses - 2)
	w.must(w.order(alice, book.Sell, "20000", "1"))
	expect(t, w.review(alice, law.Allow, class(100)), "decided; 1000 stands at allow; 1 CANCELED; ")
	if s := w.m.accounts[alice].Standing; s.May != tape.MayWithdraw || s.Verdict != law.Allow {
		t.Errorf("%+v", s)
	}
	w.refuse(w.order(alice, book.Sell, "20000", "1"), tape.Stopped)
	// One that others have is none too many, nor is none.
	w.review(alice, law.Allow, class(5))
	if !may(alice) {
		t.Error("a class that others have is too many")
	}
	w.review(alice, law.Allow)
	if !may(alice) {
		t.Error("none is too many")
	}
	// Whoever changes leaves their own class.
	w.review(last, law.Allow, class(200))
	if !may(last) {
		t.Error("an account's own former class counts")
	}
	// An account that may not trade has its sides all the same.
	w.review(bob, law.Allow, class(300))
	w.review(last, law.Allow, class(300))
	if may(bob) || !may(last) {
		t.Errorf("may trade: %v, %v", may(bob), may(last))
	}
	w.review(bob, law.Allow, class(300))
	if !may(bob) {
		t.Error("a class that another account has by now is too many")
	}
	w.holds()
}

// TestReportOfBars counts trades held against the bars, and matches that were prevented.
func TestReportOfBars(t *testing.T) {
	w := traders(t)
	w.trades("20000", "1")
	apart(w)
	w.must(w.order(alice, book.Sell, "20000", "1"))
	w.must(w.order(bob, book.Buy, "20000", "1"))
	w.must(w.order(carol, book.Buy, "20000", "0.5"))
	w.must(w.order(alice, book.Buy, "20000", "0.5"))
	report, err := Journal(w.log(t, journal.Options{}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if report.Trades != 2 || report.Sided != 1 || report.Barred != 1 || report.SelfMet != 1 {
		t.Errorf("%d trades, %d sided, %d barred, %d with itself", report.Trades, report.Sided, report.Barred, report.SelfMet)
	}
	what := strings.Join(report.What, "\n")
	if !strings.Contains(what, "No forbidden pair ever traded") || !strings.Contains(what, "in 1 one at least") || !strings.Contains(what, "by a bar: 1; of an account with itself or its trade group: 1.") {
		t.Errorf("%s", what)
	}
}

// TestForbiddenPair lets a venue and a model that both forget the bars trade, and wants the
// witness to see it by itself.
func TestForbiddenPair(t *testing.T) {
	w := traders(t)
	apart(w)
	w.must(w.order(alice, book.Sell, "20000", "1"))
	w.m.accounts[alice].Sides = nil // both forget
	buy := w.order(bob, book.Buy, "20000", "1")
	events := w.must(buy)
	if !strings.Contains(kindsOf(events), "1 at 20000 with 1") {
		t.Fatalf("no trade came about: %s", kindsOf(events))
	}
	witness := newWitness()
	for i, e := range w.entries {
		cmd, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
		if err != nil {
			t.Fatal(err)
		}
		err = witness.see(uint64(i+1), cmd, w.events[i])
		if last := i == len(w.entries)-1; last != (err != nil) || last && !strings.Contains(err.Error(), "whom rule a-bar keeps apart") {
			t.Errorf("record %d: %v", i+1, err)
		}
	}
	// The model finds the record on its own account.
	_, err := Journal(w.log(t, journal.Options{}), Options{})
	var v *Violation
	if !errors.As(err, &v) || v.Seq != uint64(len(w.entries)) || v.Kind != BadOutcome {
		t.Errorf("%v; want record %d", err, len(w.entries))
	}
}

// TestSidesFollow holds the sides of a decision to its facts, in a log whose digests agree.
func TestSidesFollow(t *testing.T) {
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hex.DecodeString(set.SHA256())
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func([]law.Side) []law.Side
		want   bool
	}{
		"as they follow":  {func(s []law.Side) []law.Side { return s }, true},
		"one left out":    {func(s []law.Side) []law.Side { return s[1:] }, false},
		"one made up":     {func(s []law.Side) []law.Side { return append(s, law.Side{Rule: "zz", Other: true}) }, false},
		"one not binding": {func(s []law.Side) []law.Side { s[0].Binds = !s[0].Binds; return s }, false},
	} {
		w := start(t)
		w.take(tape.Hash(hash))
		d := w.decision(law.OpenAccount, alice, law.Allow, "")
		d.Facts = ordinary(t)
		d.Tried = set.TriedIDs(d.At, d.Nexus, d.Action)
		// An operator abroad, whose customers trade in the same book, is in the pool.
		sides := set.Sides(d.At, d.Nexus, []string{"EU", "US"}, d.Facts)
		if len(sides) == 0 {
			t.Fatal("the customer stands on no side: the test shows nothing")
		}
		d.Sides = c.change(slices.Clone(sides))
		cmd, _ := w.seal(d)
		w.must(cmd)
		_, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
		var v *Violation
		if c.want && err != nil || !c.want && (!errors.As(err, &v) || v.Kind != BadDecision || !strings.Contains(v.Why, "it tells the sides")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
