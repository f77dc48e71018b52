package exchange_test

import (
	"encoding/hex"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

const ordinarilyInIran = `id: us-test-ordinarily
title: Ordinarily resident in Iran
authority: A test
instrument: 31 CFR Part 560
article: "560.204"
binds: [US]
actions: [open_account, review, trade, deposit, withdraw]
covers: '"IR" in customer.ordinarily'
verb: reject
effective_at: "1995-05-07T00:00:00-04:00"
state: enacted
verified: {marks: [all of it]}
`

// TestPatternOfSignIns: one sign-in from Tehran rejects that session and changes nothing
// else; a lasting pattern of them shows where somebody lives, whatever they say (catalogue
// of scenarios, 7 and 1; OFAC and Kraken, 2022).
func TestPatternOfSignIns(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"us-test-ordinarily.yaml": {Data: []byte(ordinarilyInIran)}})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2022-01-10 12:00"), rules: rules, logged: make(lines, 1000)}
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), p.Now()); err != nil {
		t.Fatal(err)
	}
	opened, err := p.Open(exchange.Application{Operator: "us", Profile: entity.Profile{
		Entity: entity.Entity{
			Kind: entity.Person, Names: []entity.Name{{Full: "Anahit Made-Upian"}}, Nationalities: []string{"AM"},
			Birth: []entity.Dates{entity.Exact(entity.Day{Year: 1985, Month: time.May, Day: 17})}, BirthPlaces: []string{"AM"},
		},
		Residence: entity.Place{Country: "AM", Town: "Yerevan"},
	}})
	if err != nil || opened[0].Refused {
		t.Fatalf("%+v, %v", opened, err)
	}
	account := opened[0].Account
	armenia, iran := exchange.Session{Known: true, Country: "AM"}, exchange.Session{Known: true, Country: "IR"}
	admit := func(s exchange.Session, want bool) {
		t.Helper()
		err := p.Admit(account, s)
		if _, refused := exchange.AsRefusal(err); (err == nil) != want || err != nil && !refused {
			t.Fatalf("on %s from %s: %v, want admitted: %v", p.Now().Format(time.DateOnly), s.Country, err, want)
		}
	}
	forward := func(days int) { p.at(p.Now().AddDate(0, 0, days)) }

	for range 10 {
		admit(armenia, true)
		forward(3)
	}
	admit(iran, false)
	admit(armenia, true)
	if v := p.verdict(account); v != law.Allow {
		t.Fatalf("after one sign-in from Iran the standing is %s", v)
	}

	// From here on they ask from Iran, three days a week, through a restart in between.
	for week := range 12 {
		if week == 4 {
			if err := p.Close(); err != nil {
				t.Fatal(err)
			}
			if p.Exchange, err = exchange.Open(p.config()); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			forward(2)
			admit(iran, false)
		}
		forward(1)
	}
	a, _ := p.View().Account(account)
	d, _ := p.View().Decision(hex.EncodeToString(a.Standing.Decision[:]))
	if v := p.verdict(account); v != law.Reject || !slices.ContainsFunc(d.Decision.Fired, func(f gate.Fired) bool { return f.Rule == "us-test-ordinarily" }) {
		t.Errorf("after three months in Iran the standing is %s by %+v", v, d.Decision.Fired)
	}
	if places, _ := d.Decision.Facts.Texts("customer.ordinarily"); !slices.Equal(places, []string{"IR"}) {
		t.Errorf("customer.ordinarily = %v", places)
	}
	p.verified()
}

// TestSignInThatOthersMakeRoomFor: of whoever has signed in for longer than sign-ins are kept, one is forgotten with each that comes.
// It shows where they live all the same.
func TestSignInThatOthersMakeRoomFor(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"us-test-ordinarily.yaml": {Data: []byte(ordinarilyInIran)}})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2022-06-01 12:00"), rules: rules, logged: make(lines, 1000)}
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
		t.Fatal(err)
	}
	account := p.open("us", person("a", "Anahit Made-Upian", "1985-05-17", "AM", entity.Place{Country: "AM", Town: "Yerevan"})).Account
	first := p.Now()
	for from, s := range []exchange.Session{{Known: true, Country: "AM"}, {Known: true, Country: "IR"}} {
		for i := range 36 { // three in each of twelve weeks, and each of the second round when one of the first is too old to be kept
			p.at(first.AddDate(0, 0, 401*from+7*(i/3)+2*(i%3)))
			if err := p.Admit(account, s); (err == nil) != (s.Country == "AM") {
				t.Fatalf("on %s from %s: %v", p.Now().Format(time.DateOnly), s.Country, err)
			}
		}
	}
	if v := p.verdict(account); v != law.Reject {
		t.Errorf("after three months in Iran the standing is %s", v)
	}
}

// TestPatternThatIsOver: what shows where somebody lives is of the year before, so that a pattern is over without anything that ends it.
// Whoever signs in then is decided again: nobody stays stopped for where they no longer are.
func TestPatternThatIsOver(t *testing.T) {
	rules, err := law.LoadWith(fstest.MapFS{"us-test-ordinarily.yaml": {Data: []byte(ordinarilyInIran)}})
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2061-06-01 12:00"), rules: rules, logged: make(lines, 1000)}
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	defer func() { p.Close() }()
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
		t.Fatal(err)
	}
	if next := p.NextLaw(); next.Before(p.Now().AddDate(2, 0, 0)) {
		t.Fatalf("everybody is decided again on %s", next)
	}
	account := p.open("us", person("a", "Anahit Made-Upian", "1985-05-17", "AM", entity.Place{Country: "AM", Town: "Yerevan"})).Account
	first := p.Now()
	for i := range 36 {
		p.at(first.AddDate(0, 0, 7*(i/3)+2*(i%3)))
		if err := p.Admit(account, exchange.Session{Known: true, Country: "IR"}); err == nil {
			t.Fatal("admitted from Iran")
		}
	}
	if v := p.verdict(account); v != law.Reject {
		t.Fatalf("after three months in Iran the standing is %s", v)
	}
	p.at(p.Now().AddDate(0, 0, 370))
	if err := p.Admit(account, exchange.Session{Known: true, Country: "AM"}); err != nil {
		t.Fatal(err)
	}
	if v := p.verdict(account); v != law.Allow {
		t.Errorf("a year after the last sign-in from Iran the standing is %s", v)
	}
}

// TestOrderFromWhereOnlyLeavingIsAllowed: General License 17 let those in the so-called
// People's Republics wind down until 23 March 2022: a request from there may take assets out,
// and an order of the same customer is refused, on that market and by that request alone.
func TestOrderFromWhereOnlyLeavingIsAllowed(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-03-01 12:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), p.Now()); err != nil {
		t.Fatal(err)
	}
	account := p.open("us", person("a", "Adaline Wrenfield", "1980-05-17", "CA", almaty)).Account
	p.fund(account, "USDT", "5000", "mem1somebody")
	donetsk := exchange.Session{Known: true, Country: "UA", Area: "UA-DNR"}
	for range 2 { // and the second time from memory
		if err := p.Admit(account, donetsk); err != nil {
			t.Fatalf("signing in to wind down: %v", err)
		}
		err := p.AdmitOrder(account, donetsk, 0)
		r, ok := exchange.AsRefusal(err)
		if !ok || r.Verdict != law.Reject {
			t.Fatalf("an order from there: %v", err)
		}
		d, _ := p.View().Decision(r.Decision)
		if d.Decision.Action != law.Trade || len(d.Decision.Fired) != 1 || d.Decision.Fired[0].Rule != "us-dnr-lnr-session" {
			t.Errorf("by the decision %+v", d.Decision)
		}
		if err := p.AdmitOrder(account, boston, 0); err != nil {
			t.Errorf("an order from elsewhere: %v", err)
		}
	}
	if n := len(p.View().Recent(1000, func(d *gate.Decision) bool { return d.Action == law.Trade })); n != 2 {
		t.Errorf("%d decisions about trading, want one of each place", n)
	}
	if _, err := p.Withdraw(account, 1, money.Int(50), "ETH", "mem1home", "w", donetsk); err != nil {
		t.Errorf("taking assets out from there: %v", err)
	}
	for _, c := range []struct {
		account uint64
		market  uint16
		want    tape.Reason
	}{{4711, 0, tape.UnknownAccount}, {account, 7, tape.UnknownMarket}} {
		if r, ok := exchange.AsRefusal(p.AdmitOrder(c.account, boston, c.market)); !ok || r.Reason != c.want {
			t.Errorf("account %d on market %d: %v, want %v", c.account, c.market, r, c.want)
		}
	}
	p.verified()
}

// TestAskedOncePerDay: the law is asked once for each account, place, errand and day, until what it is asked under changes.
func TestAskedOncePerDay(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-03-01 23:58"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), p.Now()); err != nil {
		t.Fatal(err)
	}
	ada := p.open("us", person("a", "Adaline Wrenfield", "1980-05-17", "CA", almaty)).Account
	bob := p.open("us", person("b", "Robert Wrenfield", "1981-05-17", "CA", almaty)).Account
	toronto := exchange.Session{Known: true, Country: "CA"}
	in := func(account uint64, s exchange.Session) func() error {
		return func() error { return p.Admit(account, s) }
	}
	trade := func(account uint64, s exchange.Session) func() error {
		return func() error { return p.AdmitOrder(account, s, 0) }
	}
	decisions := func() int {
		return len(p.View().Recent(1000, func(d *gate.Decision) bool { return d.Action == law.SignIn || d.Action == law.Trade }))
	}
	for _, c := range []struct {
		what string
		do   func()
		ask  func() error
		want int // decisions
	}{
		{"signing in", nil, in(ada, boston), 1},
		{"again", nil, in(ada, boston), 0},
		{"from elsewhere", nil, in(ada, toronto), 1},
		{"and from there again", nil, in(ada, boston), 0},
		{"somebody else", nil, in(bob, boston), 1},
		{"trading", nil, trade(ada, boston), 1},
		{"again", nil, trade(ada, boston), 0},
		{"trading from elsewhere", nil, trade(ada, toronto), 1},
		{"the last minute of the day", func() { p.at(day("2022-03-01 23:59")) }, in(ada, boston), 0},
		{"the next day", func() { p.at(day("2022-03-02 00:00")) }, in(ada, boston), 1},
		{"trading", nil, trade(ada, boston), 1},
		{"again", nil, trade(ada, boston), 0},
		{"on the day of another edition", func() { p.at(day("2022-03-11 15:00")) }, in(ada, boston), 1},
		{"under that edition", func() {
			if _, err := p.TakeEdition(edition(t, "2022-03-11"), p.Now()); err != nil {
				t.Fatal(err)
			}
		}, in(ada, boston), 1},
		{"again", nil, in(ada, boston), 0},
		{"trading", nil, trade(ada, boston), 1},
	} {
		if c.do != nil {
			c.do()
		}
		before := decisions()
		if err := c.ask(); err != nil {
			t.Fatalf("%s: %v", c.what, err)
		}
		if n := decisions() - before; n != c.want {
			t.Errorf("%s: %d decisions, want %d", c.what, n, c.want)
		}
	}
	p.verified()
}
