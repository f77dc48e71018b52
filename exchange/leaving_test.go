package exchange_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// wallet is an entry of a list with an address.
func wallet(address string) entity.Entity {
	return entity.Entity{
		List: "us-sdn", ID: "99001", Kind: entity.Organisation, Names: []entity.Name{{Full: "STEPPE GROUP"}}, Wallets: []entity.Wallet{{Ticker: "XBT", Address: address}},
	}
}

const kazakh = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"

// What was permitted before an edition came, and had not left, does not leave to an address that the edition lists, through a
// restart either. It leaves when the list names the address no more. What goes elsewhere leaves.
func TestNothingLeavesToWhomAnEditionLists(t *testing.T) {
	c := startClearing(t, t.TempDir())
	n := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	c.fund(n, "BTC", "5", "own")
	done := c.Arriving()
	request := func(to, ref string) uint64 {
		t.Helper()
		w, err := c.RequestWithdrawal(n, 0, money.Int(1), "BTC", to, ref, boston)
		if err != nil || w.Status != tape.Requested {
			t.Fatalf("%+v, %v", w, err)
		}
		return w.ID
	}
	listed, other := request(kazakh, "listed"), request("mem1home", "other")
	e := madeUp(2, morozov(), ivanov(), wallet(kazakh))
	c.editions[e.SHA256] = e
	if _, err := c.LookAhead(e)(); err != nil {
		t.Fatal(err)
	}
	done()
	status := func(id uint64) tape.OutStatus {
		w, _ := c.View().Withdrawal(id)
		return w.Status
	}
	frozen := func() int {
		return len(c.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Action == law.Withdraw && d.Verdict == law.Freeze }))
	}
	c.wait("what goes elsewhere has left", func() bool { return status(other) == tape.Sent })
	c.wait("the log says why the other does not", func() bool { return frozen() == 1 })
	if got := status(listed); got != tape.Requested || c.verdict(n) != law.Allow {
		t.Errorf("to whom the edition lists it is %v, and the customer stands at %v", got, c.verdict(n))
	}
	// Asked again, by a change that says nothing of it, it is no news.
	c.take(3, morozov(), wallet(kazakh))
	c.Close()
	if got := status(listed); got != tape.Requested || frozen() != 1 {
		t.Errorf("it is %v, by %d decisions", got, frozen())
	}
	c.reopen()
	c.wait("it is asked about after a start", func() bool { return frozen() == 2 })
	a, _ := c.View().Account(n)
	if got := status(listed); got != tape.Requested || a.Balances[0][ledger.Leaving] != money.Int(1) {
		t.Errorf("after a start it is %v, and %v leaves", got, a.Balances[0][ledger.Leaving])
	}
	c.take(4, morozov(), ivanov())
	c.wait("it has left when it may", func() bool { return status(listed) == tape.Sent })
	c.verified()
}

// A yes to a movement to a platform is none any more when an edition names the platform, though it names none of its addresses: what
// another exchange may still use is taken back, and what is requested here does not leave.
func TestYesToAPlatformThatIsListed(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2022-03-02 09:00"), rules: rules, logged: make(lines, 100)}
	cfg := p.config()
	steppe := entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: "Steppe Crossing Markets LLP"}}, Identifiers: []entity.Identifier{{Type: "registration", Number: "KZ-770012344", Country: "KZ"}}}
	profile := entity.Profile{Entity: steppe, Residence: entity.Place{Country: "KZ"}}
	profile.Wallets = []entity.Wallet{{Ticker: "BTC", Address: kazakh}}
	cfg.Platforms = []exchange.Platform{{Name: "Steppe", Operators: []string{"us"}, Profile: profile}}
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(madeUp(1, morozov()), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(n, "BTC", "5", "own")
	key := fmt.Sprintf("%064x", 1)
	yes, err := p.Ask(exchange.Question{
		Account: n, Action: law.Withdraw, Session: boston, Asked: gate.Asked{Key: key, Request: key},
		Movement: gate.Movement{Kind: law.Withdraw, Account: n, Asset: "BTC", Amount: "1", Network: "BTC", Address: kazakh, Ref: "elsewhere"},
	})
	if err != nil || yes.Decision.Verdict != law.Allow {
		t.Fatalf("%+v, %v", yes, err)
	}
	done := p.Arriving()
	w, err := p.RequestWithdrawal(n, 0, money.Int(1), "BTC", kazakh, "here", boston)
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.RequestWithdrawal(n, 0, money.Int(1), "BTC", "mem1home", "home", boston)
	if err != nil {
		t.Fatal(err)
	}
	steppe.List, steppe.ID = "us-sdn", "99001"
	if _, err := p.LookAhead(madeUp(2, morozov(), steppe))(); err != nil {
		t.Fatal(err)
	}
	again := p.View().Recent(1, func(d *gate.Decision) bool { return d.Asked != nil && d.Asked.Again == yes.Decision.ID })
	if len(again) != 1 || again[0].Decision.Verdict == law.Allow {
		t.Errorf("of the yes to the platform's address the log says %+v", again)
	}
	if p.verdict(n) != law.Allow {
		t.Errorf("the customer stands at %v", p.verdict(n))
	}
	done()
	status := func(id uint64) tape.OutStatus { w, _ := p.View().Withdrawal(id); return w.Status }
	p.wait("what goes elsewhere has left", func() bool { return status(other.ID) == tape.Sent })
	if got := status(w.ID); got != tape.Requested {
		t.Errorf("a withdrawal to it is %v", got)
	}
	p.verified()
}

// What was requested before a list fell silent waits, as what is asked for since, until its publisher is heard of again.
func TestRequestedWaitsForASilentList(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	c := &place{t: t, dir: t.TempDir(), now: day("2061-06-01 12:00"), rules: rules, logged: make(lines, 100)}
	if c.Exchange, err = exchange.Open(c.config()); err != nil {
		t.Fatal(err)
	}
	defer func() { c.Close() }()
	if _, err := c.TakeEdition(madeUp(1, morozov()), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	c.fund(n, "BTC", "5", "own")
	done := c.Arriving()
	w, err := c.RequestWithdrawal(n, 0, money.Int(1), "BTC", kazakh, "here", boston)
	if err != nil {
		t.Fatal(err)
	}
	c.at(c.Now().Add(staleAfter + time.Hour)) // and nothing else changes
	done()
	held := func(d *gate.Decision) bool {
		return d.Action == law.Withdraw && d.Verdict == law.Hold && len(d.Stale) == 1
	}
	c.wait("it is held", func() bool { return len(c.View().Recent(1<<20, held)) == 1 })
	status := func() tape.OutStatus { w, _ := c.View().Withdrawal(w.ID); return w.Status }
	if got := status(); got != tape.Requested {
		t.Errorf("it is %v", got)
	}
	c.Confirm("us-sdn", c.Now())
	c.wait("it has left", func() bool { return status() == tape.Sent })
	c.verified()
}

// What was requested before the hour of a rule does not leave from it on, to a platform that may be dealt with no more, and is told
// of once.
func TestRequestedBeforeAPlatformIsForbidden(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"us-test-deal.yaml": {Data: []byte(`id: us-test-deal
title: No dealing with platforms of Kazakhstan
authority: A test
instrument: An act of this test
article: "1"
binds: [US]
actions: [deal_platform]
covers: counterparty.platform_established == "KZ"
verb: platform_ban
effective_at: "2022-03-03T00:00:00-05:00"
state: enacted
verified: {marks: [all of it]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2022-03-02 09:00"), rules: rules, logged: make(lines, 1000)}
	cfg := p.config()
	profile := entity.Profile{
		Entity:    entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: "Steppe"}}, Wallets: []entity.Wallet{{Ticker: "BTC", Address: kazakh}}},
		Residence: entity.Place{Country: "KZ"},
	}
	cfg.Platforms = []exchange.Platform{{Name: "Steppe", Operators: []string{"us"}, Profile: profile}}
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(madeUp(1, morozov()), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(n, "BTC", "5", "own")
	done := p.Arriving()
	status := func(id uint64) tape.OutStatus { w, _ := p.View().Withdrawal(id); return w.Status }
	var ids []uint64
	for _, to := range []string{kazakh, "mem1home"} {
		w, err := p.RequestWithdrawal(n, 0, money.Int(1), "BTC", to, to, boston)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, w.ID)
	}
	p.at(day("2022-03-03 05:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	done()
	p.wait("what goes elsewhere has left", func() bool { return status(ids[1]) == tape.Sent })
	if got := status(ids[0]); got != tape.Requested {
		t.Errorf("to it, %v", got)
	}
	p.Close()
	told := 0
	for len(p.logged) > 0 {
		if line := <-p.logged; strings.Contains(line, "may not leave") {
			told++
			if ruled := p.View().Recent(1, func(d *gate.Decision) bool { return d.Action == law.DealPlatform && d.Verdict == law.PlatformBan }); len(ruled) != 1 || !strings.Contains(line, ruled[0].Decision.ID) {
				t.Errorf("told: %s", line)
			}
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
	if yes := p.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Action == law.Withdraw }); len(yes) != 2 {
		t.Errorf("of two withdrawals there are %d decisions", len(yes))
	}
}

// A withdrawal of whom an edition names is called back with their account, and nothing more is said of it by whoever waited to send it.
func TestCalledBackWhileItWaitsToLeave(t *testing.T) {
	c := startClearing(t, t.TempDir())
	n := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	c.fund(n, "BTC", "5", "own")
	done := c.Arriving()
	w, err := c.RequestWithdrawal(n, 0, money.Int(1), "BTC", kazakh, "here", boston)
	if err != nil {
		t.Fatal(err)
	}
	garcia := person("90003", "Maria Garcia", "1990-01-01", "ES", madrid).Entity
	garcia.List = "us-sdn"
	e := madeUp(2, morozov(), ivanov(), garcia)
	c.editions[e.SHA256] = e
	c.SenderWaits()
	if _, err := c.LookAhead(e)(); err != nil {
		t.Fatal(err)
	}
	if got := c.verdict(n); got != law.Freeze {
		t.Fatalf("who is listed stands at %v", got)
	}
	done()
	c.Close()
	if got, _ := c.View().Withdrawal(w.ID); got.Status != tape.OutStopped {
		t.Errorf("it is %v", got.Status)
	}
	if all := c.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Action == law.Withdraw }); len(all) != 1 {
		t.Errorf("there are %d decisions on it", len(all))
	}
}

// What was requested before is decided again where a rule has begun since, where the exchange was started with other rules, and
// where the customer has told something else; and what nothing speaks against leaves all the same.
func TestRequestedBeforeTheLawSaysNo(t *testing.T) {
	rule := func(begins string) *law.Set {
		rules, err := law.LoadWith(fstest.MapFS{"us-test-out.yaml": {Data: []byte(`id: us-test-out
title: Nothing leaves of who lives in Kazakhstan
authority: A test
instrument: An act of this test
article: "1"
binds: [US]
actions: [withdraw]
covers: customer.residence == "KZ"
verb: reject
effective_at: "` + begins + `"
state: enacted
verified: {marks: [all of it]}
`)}})
		if err != nil {
			t.Fatal(err)
		}
		return rules
	}
	none, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		rules  *law.Set
		lives  entity.Place
		change func(c *clearing, n uint64)
	}{
		"a rule begins": {rule("2061-06-01T14:00:00+00:00"), almaty, func(c *clearing, _ uint64) {
			c.at(day("2061-06-01 14:00"))
			if _, err := c.MarkLaw(); err != nil {
				t.Fatal(err)
			}
		}},
		"other rules":           {none, almaty, func(c *clearing, _ uint64) { c.rules = rule("1990-01-01T00:00:00+00:00") }},
		"another residence":     {rule("1990-01-01T00:00:00+00:00"), madrid, func(c *clearing, n uint64) { c.amendResidence(n, almaty) }},
		"nothing speaks of him": {rule("1990-01-01T00:00:00+00:00"), madrid, func(c *clearing, n uint64) { c.amendResidence(n, moscow) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := &clearing{place: &place{t: t, dir: t.TempDir(), now: day("2061-06-01 12:00"), rules: test.rules, logged: make(lines, 100)}, editions: map[string]*watchlist.Edition{}}
			c.reopen()
			c.take(1, morozov())
			n, other := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", test.lives)).Account, c.open("us", person("b", "Mario Torres", "1991-01-01", "ES", madrid)).Account
			done := c.Arriving()
			request := func(account uint64) uint64 {
				c.fund(account, "BTC", "5", "own")
				w, err := c.RequestWithdrawal(account, 0, money.Int(1), "BTC", kazakh, "here", boston)
				if err != nil {
					t.Fatal(err)
				}
				return w.ID
			}
			waits, leaves := request(n), request(other)
			if name == "nothing speaks of him" {
				waits, leaves = 0, waits
			}
			if test.rules == none { // which an edition keeps back until there are others
				e := madeUp(2, morozov(), wallet(kazakh))
				c.editions[e.SHA256] = e
				if _, err := c.LookAhead(e)(); err != nil {
					t.Fatal(err)
				}
			}
			test.change(c, n)
			done()
			if test.rules == none {
				c.Close()
				c.reopen()
				c.take(3, morozov())
			}
			status := func(id uint64) tape.OutStatus { w, _ := c.View().Withdrawal(id); return w.Status }
			c.wait("what nothing speaks against has left", func() bool { return status(leaves) == tape.Sent })
			if waits != 0 && status(waits) != tape.Requested {
				t.Errorf("the other is %v", status(waits))
			}
		})
	}
}

func (c *clearing) amendResidence(account uint64, lives entity.Place) {
	c.t.Helper()
	p, _ := c.Profile(account)
	p.Residence = lives
	if _, err := c.Amend(account, p); err != nil {
		c.t.Fatal(err)
	}
}

// Where the decision that permitted a withdrawal cannot be read, it stays until it can.
func TestRequestedByADecisionThatCannotBeRead(t *testing.T) {
	c := startClearing(t, t.TempDir())
	c.logged = make(lines, 100)
	c.Close()
	c.reopen()
	n := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	c.fund(n, "BTC", "5", "own")
	done := c.Arriving()
	w, err := c.RequestWithdrawal(n, 0, money.Int(1), "BTC", kazakh, "here", boston)
	if err != nil {
		t.Fatal(err)
	}
	c.Forget()
	see := c.Blind()
	done()
	for line := ""; !strings.Contains(line, "could not be sent"); {
		select {
		case line = <-c.logged:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing is told")
		}
	}
	see()
	if got, _ := c.View().Withdrawal(w.ID); got.Status != tape.Requested {
		t.Errorf("it is %v", got.Status)
	}
	c.take(2, morozov())
	c.wait("it has left", func() bool { w, _ := c.View().Withdrawal(w.ID); return w.Status == tape.Sent })
}
