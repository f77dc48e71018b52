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
)

// TestPlatforms: two providers are known here, with addresses of theirs. The one that is
// established in Russia is not dealt with by an operator of the Union from 24 May 2026 on
// (catalogue of scenarios, 42); the other one is, until an edition lists an address of its.
func TestPlatforms(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"us-test-deal.yaml": {Data: []byte(`id: us-test-deal
title: No dealing with platforms of Kazakhstan
authority: A test
instrument: An act of this test
article: "1"
binds: [US]
actions: [deal_platform]
covers: counterparty.platform_established == "KZ"
verb: platform_ban
effective_at: "2026-05-01T00:00:00-04:00"
state: enacted
verified: {marks: [all of it]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	begins := time.Date(2026, 5, 23, 22, 0, 0, 0, time.UTC) // midnight in Brussels
	p := &place{t: t, dir: t.TempDir(), now: begins.Add(-time.Hour), rules: rules, logged: make(lines, 1000)}
	cfg := p.config()
	firm := func(name, country, address string) entity.Profile {
		return entity.Profile{
			Entity:    entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: name}}, Wallets: []entity.Wallet{{Ticker: "BTC", Address: address}}},
			Residence: entity.Place{Country: country},
		}
	}
	const kazakh = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
	cfg.Platforms = []exchange.Platform{
		{Name: "Moskovia", Operators: []string{"eu", "us"}, Profile: firm("Moskovia Digital Exchange LLC", "RU", "mem1moskovia")},
		{Name: "Steppe", Operators: []string{"eu", "us"}, Profile: firm("Steppe Crossing Markets LLP", "KZ", kazakh)},
	}
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
		t.Fatal(err)
	}
	eu := p.open("eu", person("a", "Adaline Wrenfield", "1980-05-17", "FR", madrid)).Account
	us := p.open("us", person("b", "Bertram Oakhollow", "1981-05-17", "CA", almaty)).Account
	for _, account := range []uint64{eu, us} {
		p.owns(account, "mem1somebody")
		p.fund(account, "BTC", "5", "mem1somebody")
	}
	deals := func() map[string]law.Verb {
		newest := map[string]law.Verb{}
		for _, r := range p.View().Recent(1000, func(d *gate.Decision) bool { return d.Action == law.DealPlatform }) {
			if k := r.Decision.Operator + " " + r.Decision.About; r.Decision.Account == 0 {
				if _, ok := newest[k]; !ok {
					newest[k] = r.Decision.Verdict
				}
			}
		}
		return newest
	}
	send := func(account uint64, to, ref string) (string, error) {
		_, err := p.Withdraw(account, 0, money.MustParse("0.1"), "BTC", to, ref, boston)
		if r, ok := exchange.AsRefusal(err); ok {
			d, _ := p.View().Decision(r.Decision)
			return string(d.Decision.Action) + " " + r.Verdict.String(), err
		}
		return "", err
	}
	if got := deals(); len(got) != 1 || got["us Steppe"] != law.PlatformBan {
		t.Errorf("before: %v", got)
	}
	dealtWith := func(eu, us string) {
		t.Helper()
		if e, u := fmt.Sprint(p.Deals("eu")), fmt.Sprint(p.Deals("us")); e != eu || u != us {
			t.Errorf("the operators deal with %s and %s, want %s and %s", e, u, eu, us)
		}
	}
	dealtWith("[Moskovia Steppe]", "[Moskovia]")
	if _, err := send(eu, "mem1moskovia", "before"); err != nil {
		t.Errorf("before the class is forbidden: %v", err)
	}
	// A law that speaks of dealing alone stops what is sent there all the same.
	if why, err := send(us, kazakh, "kz"); why != "deal_platform platform_ban" {
		t.Errorf("to a platform that may not be dealt with: %q, %v", why, err)
	}
	if _, err := send(eu, kazakh, "kz"); err != nil {
		t.Errorf("by an operator who may deal with it: %v", err)
	}

	p.at(begins)
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if got := deals(); len(got) != 2 || got["eu Moskovia"] != law.PlatformBan {
		t.Errorf("from the hour on: %v", got)
	}
	dealtWith("[Steppe]", "[Moskovia]")
	if why, err := send(eu, "mem1moskovia", "after"); why != "withdraw platform_ban" {
		t.Errorf("to it: %q, %v", why, err)
	}
	if d := p.fund(eu, "BTC", "1", "mem1moskovia"); d.Pocket != ledger.Apart {
		t.Errorf("what came from it lies in the pocket %s", d.Pocket)
	}
	if _, err := send(us, "mem1moskovia", "after"); err != nil {
		t.Errorf("by an operator whose law says nothing of it: %v", err)
	}

	// An edition that lists an address of the other one.
	listed := *edition(t, "2025-03-20")
	listed.Entities = append([]entity.Entity{}, listed.Entities...)
	listed.Entities = append(listed.Entities, entity.Entity{
		List: "us-sdn", ID: "99001", Kind: entity.Organisation, Names: []entity.Name{{Full: "STEPPE GROUP"}}, Wallets: []entity.Wallet{{Ticker: "XBT", Address: kazakh}},
	})
	listed.SHA256 = strings.Repeat("5", 64)
	if _, err := p.TakeEdition(&listed, p.Now()); err != nil {
		t.Fatal(err)
	}
	if r := p.View().Recent(1, func(d *gate.Decision) bool { return d.Action == law.DealPlatform }); len(r) != 1 || r[0].Decision.About != "Steppe" || len(r[0].Decision.Fired) != 2 {
		t.Errorf("after the edition: %+v", r)
	}
	if w, err := p.Withdraw(us, 0, money.MustParse("0.1"), "BTC", kazakh, "listed", boston); err != nil || w.Decision == [32]byte{} {
		t.Errorf("to the address of a listed platform: %+v, %v", w, err)
	} else if a, _ := p.View().Account(us); a.Balances[0][ledger.Frozen] != money.MustParse("0.1") {
		t.Errorf("frozen %s: what is ordered paid to the listed is blocked", a.Balances[0][ledger.Frozen])
	}
	p.verified()
}

// TestPlatformsTold: what a platform is told to be is held to the founding and to itself.
func TestPlatformsTold(t *testing.T) {
	good := exchange.Platform{Name: "One", Operators: []string{"eu"}, Profile: entity.Profile{
		Entity: entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: "One"}}},
	}}
	for name, c := range map[string]struct {
		spoil func(*exchange.Platform)
		want  string
	}{
		"as it should be":  {func(*exchange.Platform) {}, ""},
		"without a name":   {func(p *exchange.Platform) { p.Name = "" }, "want a name"},
		"with a long name": {func(p *exchange.Platform) { p.Name = strings.Repeat("n", 129) }, "want a name"},
		"a person":         {func(p *exchange.Platform) { p.Profile.Kind = entity.Person }, "organisation"},
		"of nobody's":      {func(p *exchange.Platform) { p.Operators = []string{"mars"} }, `no operator "mars"`},
		"of no such list":  {func(p *exchange.Platform) { p.Succeeds = []string{"No List"} }, "platform_succeeds"},
		"with a bad address": {func(p *exchange.Platform) {
			p.Profile.Wallets = []entity.Wallet{{Address: "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9i"}}
		}, "address 12QtD5"},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := law.Default()
			if err != nil {
				t.Fatal(err)
			}
			p := &place{t: t, dir: t.TempDir(), now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 100)}
			cfg, one := p.config(), good
			c.spoil(&one)
			cfg.Platforms = []exchange.Platform{one}
			x, err := exchange.Open(cfg)
			if err == nil {
				defer x.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one with %q", err, c.want)
			}
		})
	}
}
