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
	c := startClearing(t, t.TempDir())
	n := c.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	c.fund(n, "BTC", "5", "own")
	done := c.Arriving()
	w, err := c.RequestWithdrawal(n, 0, money.Int(1), "BTC", kazakh, "here", boston)
	if err != nil {
		t.Fatal(err)
	}
	c.at(c.Now().Add(staleAfter + time.Hour))
	if _, err := c.MarkLaw(); err != nil {
		t.Fatal(err)
	}
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
}
