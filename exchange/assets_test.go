package exchange_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestForbiddenAsset: a token that stands for A7A5 is traded on 24 November 2025; at the
// first instant of the 25th the operator of the Union offers it no more, and what stood
// there is ended, while another operator goes on (catalogue of scenarios, 39).
func TestForbiddenAsset(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2025, 11, 24, 23, 0, 0, 0, time.UTC) // midnight in Brussels
	p := &place{t: t, dir: t.TempDir(), now: first.Add(-time.Hour), rules: rules, logged: make(lines, 1000)}
	cfg := p.config()
	cfg.Represents = map[string][]string{"BTC": {"A7A5"}} // as if it wrapped it
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2025-03-21"), p.Now()); err != nil {
		t.Fatal(err)
	}
	eu := p.open("eu", person("a", "Adaline Wrenfield", "1980-05-17", "FR", madrid)).Account
	us := p.open("us", person("b", "Bertram Oakhollow", "1981-05-17", "CA", almaty)).Account
	for _, account := range []uint64{eu, us} {
		p.owns(account, "mem1somebody")
		p.fund(account, "USDT", "100000", "mem1somebody")
		if _, err := p.order(account, book.Buy, "30000", "0.1", "before"); err != nil {
			t.Fatal(err)
		}
	}

	p.at(first)
	if _, err := p.order(us, book.Buy, "30000", "0.1", "at"); err != nil {
		t.Errorf("at an operator whose law says nothing of it: %v", err)
	}
	_, err = p.order(eu, book.Buy, "30000", "0.1", "at")
	r, ok := exchange.AsRefusal(err)
	if !ok || r.Verdict != law.AssetBan {
		t.Fatalf("at the operator of the Union: %v", err)
	}
	d, err := p.View().Decision(r.Decision)
	if err != nil || d.Decision.Action != law.ListAsset || len(d.Decision.Fired) != 1 || d.Decision.Fired[0].Rule != "eu-833-5ba" {
		t.Errorf("the refusal names the decision %+v", d)
	}
	if open := p.View().Orders(eu, true); len(open) != 0 {
		t.Errorf("orders stand on: %+v", open)
	}
	if open := p.View().Orders(us, true); len(open) != 2 {
		t.Errorf("%d orders of the other operator stand, want 2", len(open))
	}
	if a, _ := p.View().Account(eu); a.Standing.Verdict != law.Allow || a.Standing.May&tape.MayWithdraw == 0 {
		t.Errorf("the customer stands under %+v; the asset is what is forbidden", a.Standing)
	}
	p.verified()
}

// TestHaltedOverTheHour: in a market that is halted when a law comes into force orders stand on, for nobody cancels there; they end
// with the command that opens it, before anybody can trade with them.
func TestHaltedOverTheHour(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2025, 11, 24, 23, 0, 0, 0, time.UTC) // midnight in Brussels
	for _, opens := range []tape.Phase{tape.Trading, tape.CancelOnly} {
		p := &place{t: t, dir: t.TempDir(), now: first.Add(-time.Hour), rules: rules, logged: make(lines, 1000)}
		cfg := p.config()
		cfg.Represents = map[string][]string{"BTC": {"A7A5"}}
		if p.Exchange, err = exchange.Open(cfg); err != nil {
			t.Fatal(err)
		}
		if _, err := p.TakeEdition(edition(t, "2025-03-21"), p.Now()); err != nil {
			t.Fatal(err)
		}
		eu := p.open("eu", person("a", "Adaline Wrenfield", "1980-05-17", "FR", madrid)).Account
		us := p.open("us", person("b", "Bertram Oakhollow", "1981-05-17", "CA", almaty)).Account
		for _, account := range []uint64{eu, us} {
			p.owns(account, "mem1somebody")
			p.fund(account, "USDT", "100000", "mem1somebody")
			p.fund(account, "BTC", "1", "mem1somebody")
			if _, err := p.order(account, book.Buy, "30000", "0.1", "before"); err != nil {
				t.Fatal(err)
			}
		}
		phase := func(to tape.Phase) {
			t.Helper()
			if err := p.SetPhase(&tape.SetPhase{Phase: to, By: "kim", Reason: "a fault"}); err != nil {
				t.Fatal(err)
			}
		}
		phase(tape.Halted)
		p.at(first)
		if _, err := p.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		phase(opens)
		if open := p.View().Orders(eu, true); len(open) != 0 {
			t.Errorf("%v: at the operator of the Union orders stand on: %+v", opens, open)
		}
		if open := p.View().Orders(us, true); len(open) != 1 {
			t.Errorf("%v: %d orders of the other operator stand, want 1", opens, len(open))
		}
		p.verified()
		p.Close()
	}
}

// TestHolding: a law that forbids those who live in one country to hold an asset. Who lives
// there is brought no more of it from that hour on, neither by an order that stands nor by a
// new one, and may part with what is there; nothing is frozen. Others are asked about once.
func TestHolding(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"eu-test-hold.yaml": {Data: []byte(`id: eu-test-hold
title: No token of the test for residents of Spain
authority: A test
instrument: An act of this test
article: "1"
binds: [EU]
actions: [hold_asset, deposit]
covers: '"BTC" in asset.represents && customer.residence == "ES"'
verb: asset_ban
effective_at: "2024-03-01T00:00:00+01:00"
state: enacted
verified: {marks: [all of it]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2024, 2, 29, 23, 0, 0, 0, time.UTC)
	p := &place{t: t, dir: t.TempDir(), now: first.Add(-time.Hour), rules: rules, logged: make(lines, 1000)}
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
		t.Fatal(err)
	}
	profile := person("a", "Adaline Wrenfield", "1980-05-17", "FR", madrid)
	spain := p.open("eu", profile).Account
	elsewhere := p.open("eu", person("b", "Bertram Oakhollow", "1981-05-17", "CA", almaty)).Account
	us := p.open("us", person("c", "Cordelia Fenwick", "1982-05-17", "CA", madrid)).Account
	for _, account := range []uint64{spain, elsewhere, us} {
		p.fund(account, "USDT", "100000", "mem1somebody")
		p.fund(account, "BTC", "2", "mem1somebody")
		for _, side := range []book.Side{book.Buy, book.Sell} {
			if _, err := p.order(account, side, map[book.Side]string{book.Buy: "30000", book.Sell: "40000"}[side], "0.1", "before "+side.String()); err != nil {
				t.Fatal(err)
			}
		}
	}
	asked := func(account uint64) (ds []gate.Decision) {
		for _, r := range p.View().Recent(1000, func(d *gate.Decision) bool { return d.Account == account && d.Action == law.HoldAsset }) {
			ds = append(ds, r.Decision)
		}
		return ds
	}
	open := func(account uint64) (sides []book.Side) {
		for _, o := range p.View().Orders(account, true) {
			sides = append(sides, o.Side)
		}
		return sides
	}
	if n := len(asked(spain)) + len(asked(elsewhere)) + len(asked(us)); n != 0 {
		t.Fatalf("%d decisions about holding before any law speaks of it", n)
	}

	then := func(account uint64, working, pending book.Side) error {
		order := func(side book.Side, id string) tape.PlaceOrder {
			price := map[book.Side]string{book.Buy: "30000", book.Sell: "40000"}[side]
			return tape.PlaceOrder{Account: account, Side: side, Type: tape.Limit, Force: tape.GTC, Price: money.MustParse(price), Quantity: money.MustParse("0.1"), ClientID: id}
		}
		_, _, _, err := p.PlaceOrderList(&tape.PlaceOrderList{ClientID: "list", Contingency: tape.OneTriggers, Orders: []tape.PlaceOrder{order(working, "works"), order(pending, "pends")}})
		return err
	}
	if err := then(spain, book.Sell, book.Buy); err != nil {
		t.Fatal(err)
	}

	p.at(first)
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if lists := p.View().OrderLists(spain); len(lists) != 1 || lists[0].Ended == 0 {
		t.Errorf("a list of which one would bring it goes on: %+v", lists)
	}
	for _, sides := range [][2]book.Side{{book.Buy, book.Sell}, {book.Sell, book.Buy}} {
		if r, ok := exchange.AsRefusal(then(spain, sides[0], sides[1])); !ok || r.Verdict != law.AssetBan {
			t.Errorf("a list of %v: one of its orders would bring it, and it was not refused for that: %+v", sides, r)
		}
	}
	if ds := asked(spain); len(ds) != 1 || ds[0].About != "BTC" || ds[0].Verdict != law.AssetBan || ds[0].Fired[0].Rule != "eu-test-hold" {
		t.Fatalf("who may not hold it was decided: %+v", ds)
	}
	if ds := asked(elsewhere); len(ds) != 1 || ds[0].About != "BTC" || ds[0].Verdict != law.Allow {
		t.Fatalf("who may hold it was decided: %+v", ds)
	}
	if got := open(spain); !slices.Equal(got, []book.Side{book.Sell}) {
		t.Errorf("of whom may not hold it, these stand: %v", got)
	}
	if len(open(elsewhere)) != 2 || len(open(us)) != 2 {
		t.Errorf("orders of others were ended: %v, %v", open(elsewhere), open(us))
	}
	_, err = p.order(spain, book.Buy, "30000", "0.1", "after")
	if r, ok := exchange.AsRefusal(err); !ok || r.Verdict != law.AssetBan || r.Decision != asked(spain)[0].ID {
		t.Errorf("an order that brings it: %v", err)
	}
	if _, err := p.order(spain, book.Sell, "40000", "0.1", "after"); err != nil {
		t.Errorf("an order that parts with it: %v", err)
	}
	for _, account := range []uint64{elsewhere, us} {
		for _, id := range []string{"after", "again"} {
			if _, err := p.order(account, book.Buy, "30000", "0.1", id); err != nil {
				t.Errorf("account %d: %v", account, err)
			}
		}
	}
	if len(asked(elsewhere)) != 1 || len(asked(us)) != 0 {
		t.Errorf("asked again though nothing had changed: %d, %d", len(asked(elsewhere)), len(asked(us)))
	}
	if d := p.fund(spain, "BTC", "1", "mem1somebody"); d.Pocket != ledger.Apart {
		t.Errorf("a deposit of it lies in the pocket %s", d.Pocket)
	}
	if _, err := p.Withdraw(spain, 0, money.MustParse("0.5"), "BTC", "mem1home", "out", boston); err != nil {
		t.Errorf("what is there may go out: %v", err)
	}
	if a, _ := p.View().Account(spain); a.Standing.Verdict != law.Allow || !a.Balances[0][ledger.Frozen].IsZero() {
		t.Errorf("the customer stands at %s, frozen %s; the asset is what is forbidden", a.Standing.Verdict, a.Balances[0][ledger.Frozen])
	}

	// Who comes to hold it is asked about before the order, and once; after a restart too.
	fresh := p.open("eu", person("d", "Dorothea Lindqvist", "1983-05-17", "SE", madrid)).Account
	p.fund(fresh, "USDT", "100000", "mem1somebody")
	for _, id := range []string{"one", "two"} {
		if _, err := p.order(fresh, book.Buy, "30000", "0.1", id); err == nil {
			t.Fatal("an order brings what may not be held")
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	if _, err := p.order(fresh, book.Buy, "30000", "0.1", "three"); err == nil {
		t.Fatal("after a restart an order brings what may not be held")
	}
	if ds := asked(fresh); len(ds) != 1 || ds[0].Verdict != law.AssetBan {
		t.Errorf("asked: %+v", ds)
	}

	// A change of the customer's data decides it again.
	p.at(first.Add(time.Hour))
	profile.Residence = almaty
	if _, err := p.Amend(spain, profile); err != nil {
		t.Fatal(err)
	}
	if _, err := p.order(spain, book.Buy, "30000", "0.1", "moved"); err != nil {
		t.Errorf("who has moved: %v", err)
	}
	profile.Residence = madrid
	if _, err := p.Amend(spain, profile); err != nil {
		t.Fatal(err)
	}
	if got := open(spain); slices.Contains(got, book.Buy) {
		t.Errorf("who has moved back has orders that bring it: %v", got)
	}
	p.verified()
}

// TestRulesThatNobodyWouldAsk: a law in force that speaks of trading alone would be passed
// over, and is not taken up where it binds an operator.
func TestRulesThatNobodyWouldAsk(t *testing.T) {
	for actions, starts := range map[string]bool{"trade": false, "trade, review": true, "trade, deposit": false, "hold_asset": false} {
		rules, err := law.LoadWith(fstest.MapFS{"eu-test-trade.yaml": {Data: []byte(`id: eu-test-trade
title: No trading for residents of Spain
authority: A test
instrument: An act of this test
article: "1"
binds: [EU]
actions: [` + actions + `]
covers: customer.residence == "ES"
verb: reject
effective_at: "2024-03-01T00:00:00+01:00"
state: enacted
verified: {marks: [all of it]}
`)}})
		if err != nil {
			t.Fatal(err)
		}
		p := &place{t: t, dir: t.TempDir(), now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 100)}
		x, err := exchange.Open(p.config())
		if err == nil {
			x.Close()
		}
		if (err == nil) != starts || err != nil && !strings.Contains(err.Error(), "eu-test-trade speaks of") {
			t.Errorf("%s: %v, want that it starts: %v", actions, err, starts)
		}
	}
}
