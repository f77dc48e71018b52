package exchange_test

import (
	"testing"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/law"
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
	d, ok := p.View().Decision(r.Decision)
	if !ok || d.Decision.Action != law.ListAsset || len(d.Decision.Fired) != 1 || d.Decision.Fired[0].Rule != "eu-833-5ba" {
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
