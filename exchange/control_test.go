package exchange_test

import (
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestSelfHosted: from 30 December 2024 on, with an operator of the Union, what moves above
// EUR 1 000 waits until it was assessed whether the address on the other side is the customer's
// (Regulation (EU) 2023/1113, Articles 14(5) and 16(2)). What waits is credited with the word
// that says so; a platform that is known keeps its addresses itself.
func TestSelfHosted(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2024, 12, 29, 23, 0, 0, 0, time.UTC) // midnight in Brussels
	p := &place{t: t, dir: t.TempDir(), now: first.Add(-time.Hour), rules: rules, logged: make(lines, 1000)}
	cfg := p.config()
	cfg.Platforms = []exchange.Platform{{Name: "Steppe", Operators: []string{"eu"}, Profile: entity.Profile{
		Entity:    entity.Entity{Kind: entity.Organisation, Names: []entity.Name{{Full: "Steppe Crossing Markets LLP"}}, Wallets: []entity.Wallet{{Ticker: "BTC", Address: "mem1steppe"}}},
		Residence: entity.Place{Country: "KZ"},
	}}}
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
		t.Fatal(err)
	}
	profile := person("a", "Adaline Wrenfield", "1980-05-17", "FR", madrid)
	eu := p.open("eu", profile).Account
	us := p.open("us", person("b", "Bertram Oakhollow", "1981-05-17", "CA", almaty)).Account
	if d := p.fund(eu, "BTC", "1", "mem1before"); d.Pocket != ledger.Available {
		t.Errorf("before the hour it lies in the pocket %s", d.Pocket)
	}
	p.at(first)
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	// 0.03 BTC is EUR 1 050, and 0.028 is EUR 980.
	for _, c := range []struct {
		account      uint64
		amount, from string
		want         ledger.Pocket
	}{
		{eu, "0.03", "mem1own", ledger.Apart}, {eu, "0.028", "mem1own", ledger.Available}, {us, "0.03", "mem1own", ledger.Available},
		{eu, "0.03", "mem1steppe", ledger.Available}, {eu, "0.04", "mem1another", ledger.Apart},
	} {
		d := p.fund(c.account, "BTC", c.amount, c.from)
		r, _ := p.View().Decision(hex.EncodeToString(d.Decision[:]))
		if d.Pocket != c.want || c.want == ledger.Apart && (r.Decision.Verdict != law.Hold || len(r.Decision.Unknown) != 1 || r.Decision.Unknown[0].Rule != "eu-tfr-self-hosted") {
			t.Errorf("%s BTC from %s to account %d: %s, by %+v", c.amount, c.from, c.account, d.Pocket, r.Decision.Unknown)
		}
	}
	send := func(to, ref string) law.Verb {
		t.Helper()
		_, err := p.Withdraw(eu, 0, money.MustParse("0.05"), "BTC", to, ref, boston)
		if r, ok := exchange.AsRefusal(err); ok {
			return r.Verdict
		} else if err != nil {
			t.Fatal(err)
		}
		return law.Allow
	}
	if v := send("mem1own", "1"); v != law.Hold {
		t.Errorf("to an address that was not assessed: %s", v)
	}
	if v := send("mem1steppe", "2"); v != law.Allow {
		t.Errorf("to an address that a platform keeps: %s", v)
	}

	p.at(first.Add(time.Minute))
	p.owns(eu, "mem1own")
	aside := map[string]ledger.Pocket{}
	for _, d := range p.View().Deposits(eu) {
		aside[d.From+" "+d.Amount.String()] = d.Pocket
	}
	if aside["mem1own 0.03"] != ledger.Available || aside["mem1another 0.04"] != ledger.Apart {
		t.Errorf("after it was assessed: %v", aside)
	}
	if v := send("mem1own", "3"); v != law.Allow {
		t.Errorf("to the address that was assessed: %s", v)
	}
	// It is the assessment that is owed, whatever it finds.
	if _, _, err := p.RecordControl(eu, "mem1another", false, "mara", "the customer says it is a friend's"); err != nil {
		t.Fatal(err)
	}
	if v := send("mem1another", "4"); v != law.Allow {
		t.Errorf("to somebody else's, known to be: %s", v)
	}

	// The customer's own word is kept beside it, the last one on an address, and assesses nothing.
	for _, answer := range []string{"2", "1"} {
		if err := p.RecordClaim(eu, "mem1third", map[string]string{"isAddressOwner": answer}); err != nil {
			t.Fatal(err)
		}
	}
	if v := send("mem1third", "4a"); v != law.Hold {
		t.Errorf("to an address of which the customer alone says whose it is: %s", v)
	}

	// What was found stays when the customer tells something new, and after a restart; the last
	// word on an address counts.
	p.at(first.Add(2 * time.Minute))
	profile.Residence = almaty
	if _, err := p.Amend(eu, profile); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.RecordControl(eu, "mem1another", true, "kim", "signed message"); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	if v := send("mem1own", "5"); v != law.Allow {
		t.Errorf("after a restart: %s", v)
	}
	if got, _ := p.Profile(eu); len(got.Controls) != 2 || got.Controls[1].By != "kim" || got.Residence != almaty {
		t.Errorf("of the customer is known %+v", got.Controls)
	} else if len(got.Claims) != 1 || got.Claims[0].Answers[0].Answer != "1" {
		t.Errorf("the customer has said %+v", got.Claims)
	}
	many := map[string]string{}
	for i := range 41 {
		many[strings.Repeat("a", i+1)] = "1"
	}
	for field, f := range map[string]func() error{
		"address":                func() error { return p.RecordClaim(eu, "two words", map[string]string{"a": "1"}) },
		"answers":                func() error { return p.RecordClaim(eu, "mem1x", nil) },
		"answers: want at least": func() error { return p.RecordClaim(eu, "mem1x", many) },
		"answers: want names":    func() error { return p.RecordClaim(eu, "mem1x", map[string]string{"a": strings.Repeat("m", 257)}) },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), field) {
			t.Errorf("%s: %v", field, err)
		}
	}
	for field, f := range map[string]func() error{
		"address": func() error { _, _, err := p.RecordControl(eu, "two words", true, "mara", "how"); return err },
		"by": func() error {
			_, _, err := p.RecordControl(eu, "mem1x", true, strings.Repeat("m", tape.MaxBy+1), "how")
			return err
		},
		"how": func() error { _, _, err := p.RecordControl(eu, "mem1x", true, "mara", ""); return err },
	} {
		if err := f(); err == nil || !strings.HasPrefix(err.Error(), field+": ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	if r, ok := exchange.AsRefusal(func() error { _, _, err := p.RecordControl(4711, "mem1x", true, "mara", "how"); return err }()); !ok || r.Reason != tape.UnknownAccount {
		t.Errorf("of no account: %v", r)
	}
	p.verified()
}
