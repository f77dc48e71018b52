package exchange_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/book"
	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/verify"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// place is an exchange under test, its clock in hand.
type place struct {
	*exchange.Exchange
	t     testing.TB
	dir   string
	rules *law.Set
	mu    sync.Mutex
	now   time.Time

	volumes  []money.Amount // of tiers to be earned
	unpriced string         // an asset that has no price

	logged lines // what the exchange told its log, as far as it was read
}

// lines hands on each line written to a log, and drops those that nobody reads.
type lines chan string

func (l lines) Write(b []byte) (int, error) {
	select {
	case l <- string(b):
	default:
	}
	return len(b), nil
}

func day(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func edition(t testing.TB, asOf string) *watchlist.Edition {
	t.Helper()
	e, err := starter.Edition(day(asOf + " 00:00"))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// staleAfter is longer than the clock moves in any test but TestStaleList.
const staleAfter = 300 * 24 * time.Hour

func start(t testing.TB, dir string, now time.Time) *place {
	t.Helper()
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: dir, now: now, rules: rules, logged: make(lines, 100)}
	p.Exchange, err = exchange.Open(p.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func (p *place) config() exchange.Config {
	m := money.MustParse
	euros := map[string]money.Amount{"BTC": money.Int(35000), "USDT": m("0.9")}
	delete(euros, p.unpriced)
	return exchange.Config{
		Dir: p.dir, Rules: p.rules, Weights: match.DefaultWeights(), HoldOwner: "desk", HoldFor: 48 * time.Hour, StaleAfter: staleAfter, Log: slog.New(slog.NewTextHandler(p.logged, nil)),
		Clock: func() time.Time { p.mu.Lock(); defer p.mu.Unlock(); return p.now },
		Genesis: tape.Genesis{
			Format: tape.Format,
			Assets: []tape.Asset{
				{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
				{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
			},
			Markets: []tape.Market{{
				Symbol: "BTCUSDT", Base: 0, Quote: 1, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"),
				Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("9000"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 1000,
				Tiers: []tape.Fees{{MakerPPM: 800, TakerPPM: 900}, {MakerPPM: 400, TakerPPM: 600}}, AllowSelf: true,
			}},
			Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}, {Name: "eu", Title: "EU", Nexus: []string{"EU"}}},
		},
		SendsParties: true,
		EuroPer:      euros,
		TierVolumes:  p.volumes,
		Edition: func(list string, hash tape.Hash) (*watchlist.Edition, error) {
			for _, d := range []string{"2022-02-24", "2022-03-11", "2025-03-20", "2025-03-21"} {
				if e, err := starter.Edition(day(d + " 00:00")); err == nil && e.SHA256 == hex.EncodeToString(hash[:]) {
					return e, nil
				}
			}
			return nil, errors.New("not among those of this test")
		},
	}
}

func (p *place) at(now time.Time) { p.mu.Lock(); p.now = now; p.mu.Unlock() }

func person(id, name, born, nationality string, residence entity.Place) entity.Profile {
	d, err := entity.ParseDay(born)
	if err != nil {
		panic(err)
	}
	return entity.Profile{
		Entity: entity.Entity{
			ID: id, Kind: entity.Person, Names: []entity.Name{{Full: name}}, Birth: []entity.Dates{entity.Exact(d)}, Nationalities: []string{nationality},
		},
		Residence: residence,
	}
}

func (p *place) open(operator string, profile entity.Profile) exchange.Opened {
	p.t.Helper()
	o, err := p.Open(exchange.Application{Operator: operator, Profile: profile})
	if err != nil {
		p.t.Fatal(err)
	}
	return o[0]
}

func (p *place) fund(account uint64, asset, amount, from string) tape.DepositChanged {
	p.t.Helper()
	network := map[string]string{"BTC": "BTC", "USDT": "ETH"}[asset]
	t := p.Chain().Send(fmt.Sprint(account, asset, amount, from, p.Now().UnixNano(), len(p.View().Deposits(account))), memory.Transfer{
		Network: network, Asset: asset, Amount: money.MustParse(amount), From: from, To: memory.DepositAddress(network, account),
	})
	d, err := p.Receive(account, t)
	if err != nil {
		p.t.Fatal(err)
	}
	return d
}

// owns records that an address was found to be a customer's own.
func (p *place) owns(account uint64, address string) {
	p.t.Helper()
	if _, _, err := p.RecordControl(account, address, true, "mara", "signed message"); err != nil {
		p.t.Fatal(err)
	}
}

func (p *place) verdict(account uint64) law.Verb {
	p.t.Helper()
	a, ok := p.View().Account(account)
	if !ok {
		p.t.Fatalf("no account %d", account)
	}
	return a.Standing.Verdict
}

func (p *place) order(account uint64, side book.Side, price, qty, id string) (tape.Order, error) {
	o, _, err := p.PlaceOrder(&tape.PlaceOrder{
		Account: account, Side: side, Type: tape.Limit, Force: tape.GTC, Price: money.MustParse(price), Quantity: money.MustParse(qty), ClientID: id,
	})
	return o, err
}

// wait waits until what is told is so.
func (p *place) wait(what string, so func() bool) {
	p.t.Helper()
	changed, end := p.View().Watch()
	defer end()
	timeout := time.After(10 * time.Second)
	for !so() {
		select {
		case <-changed:
		case <-timeout:
			p.t.Fatalf("not in ten seconds: %s", what)
		}
	}
}

// verified closes the exchange and has the auditor replay its journal.
func (p *place) verified() verify.Report {
	p.t.Helper()
	key := p.VerifierKey()
	if err := p.Close(); err != nil {
		p.t.Fatal(err)
	}
	log, err := journal.OpenReadOnly(filepath.Join(p.dir, "journal"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	if err := exchange.Restorable(p.dir); err != nil {
		p.t.Fatalf("from a snapshot: %v", err)
	}
	v, err := note.NewVerifier(key)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := verify.Journal(log, verify.Options{Rules: []*law.Set{p.Rules()}, Verifiers: note.VerifierList(v)})
	if err != nil {
		p.t.Fatalf("the auditor: %v", err)
	}
	return r
}

var boston = exchange.Session{Known: true, Country: "US"}

var moscow, almaty, madrid = entity.Place{Town: "Moscow", Country: "RU"}, entity.Place{Town: "Almaty", Country: "KZ"}, entity.Place{Town: "Madrid", Country: "ES"}

// Scenario 22: a customer is designated while orders rest and a withdrawal is asked for; every
// outlet stops in the commit that takes the edition up. Scenario 17: the namesake is not frozen.
func TestEditionStopsWhomItNames(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	before, after := edition(t, "2022-02-24"), edition(t, "2022-03-11")
	if _, err := p.TakeEdition(before, time.Now()); err != nil {
		t.Fatal(err)
	}
	var lavrov *entity.Entity
	for i := range after.Entities {
		if strings.Contains(strings.ToUpper(after.Entities[i].PrimaryName()), "LAVROV") {
			lavrov = &after.Entities[i]
		}
	}
	if lavrov == nil || before.Find(lavrov.ID) != nil || !lavrov.Birth[0].IsExact() {
		t.Fatal("the starter edition has no Lavrov who is new on 11 March")
	}
	listed := person("l", "Сергей Викторович Лавров", lavrov.Birth[0].From.String(), "RU", moscow)
	listed.Gender = entity.Male
	listed.BirthPlaces = lavrov.BirthPlaces
	a := p.open("us", listed)
	namesake := p.open("us", person("n", "Сергей Андреевич Лавров", "1988-11-02", "RU", almaty))
	other := p.open("us", person("o", "Maria Garcia", "1990-01-01", "ES", madrid))
	for _, o := range []exchange.Opened{a, namesake, other} {
		if o.Refused || o.Decision.Verdict != law.Allow {
			t.Fatalf("before the designation: %+v", o)
		}
	}
	p.fund(a.Account, "USDT", "50000", "own")
	p.fund(other.Account, "BTC", "2", "own")
	if _, err := p.order(a.Account, book.Buy, "30000", "1", "rests"); err != nil {
		t.Fatal(err)
	}

	p.at(day("2022-03-11 15:05"))
	ch, err := p.TakeEdition(after, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ch.Frozen, []uint64{a.Account}) || ch.Commits != 1 {
		t.Fatalf("frozen %v in %d commits, want just %d in one", ch.Frozen, ch.Commits, a.Account)
	}
	if v := p.verdict(namesake.Account); v == law.Freeze {
		t.Fatal("the namesake is frozen")
	}
	if orders := p.View().Orders(a.Account, true); len(orders) != 0 {
		t.Fatalf("orders of the frozen rest: %+v", orders)
	}
	acc, _ := p.View().Account(a.Account)
	if acc.Balances[1][ledger.Frozen] != money.Int(50000) {
		t.Fatalf("balance %v, want 50000 frozen", acc.Balances[1])
	}
	_, err = p.order(a.Account, book.Buy, "30000", "1", "again")
	r, ok := exchange.AsRefusal(err)
	if !ok || r.Reason != tape.Stopped || r.Verdict != law.Freeze || r.Decision == "" {
		t.Fatalf("an order of the frozen: %v", err)
	}
	if _, err := p.Withdraw(a.Account, 1, money.Int(100), "ETH", "mem1x", "w", boston); err == nil {
		t.Fatal("the frozen withdrew")
	}
	d, err := p.View().Decision(r.Decision)
	if err != nil || len(d.Decision.Fired) == 0 || d.Decision.Fired[0].Instrument == "" || d.Decision.Findings[0].EntityID != lavrov.ID {
		t.Fatalf("the decision cites nothing: %+v", d)
	}
	// Everybody else trades on.
	if o, err := p.order(other.Account, book.Sell, "40000", "1", "sell"); err != nil || o.Status != tape.StatusNew {
		t.Fatalf("an innocent's order: %+v, %v", o, err)
	}
	if got := p.fund(a.Account, "USDT", "5", "somebody"); got.Pocket != ledger.Frozen {
		t.Fatalf("a credit to the frozen went to %v", got.Pocket)
	}
	if rep := p.verified(); rep.Records == 0 || rep.Trades != 0 {
		t.Fatalf("report %+v", rep)
	}
}

// Scenarios 24 and 45: a firm that two listed persons own by a quarter each is stopped in the
// edition's commit, a firm of which they own less is not, and a delisting releases all.
func TestOwnersAndDelisting(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	before, after := edition(t, "2022-02-24"), edition(t, "2022-03-11")
	if _, err := p.TakeEdition(before, time.Now()); err != nil {
		t.Fatal(err)
	}
	var owners []entity.Owner
	for i := range after.Entities {
		e := after.Entities[i]
		if before.Find(e.ID) == nil && e.Kind == entity.Person && len(e.Birth) == 1 && e.Birth[0].IsExact() && len(e.Nationalities) > 0 && len(owners) < 2 {
			e.List, e.ID, e.Wallets, e.Identifiers = "", "", nil, nil
			owners = append(owners, entity.Owner{Entity: e, ShareBP: 2500})
		}
	}
	if len(owners) != 2 {
		t.Fatal("the starter edition has no two new persons with exact birth dates")
	}
	rest := person("", "John Miller", "1980-01-01", "US", madrid).Entity
	firm := func(id string, first, second int) uint64 {
		os := []entity.Owner{owners[0], owners[1], {Entity: rest, ShareBP: 10000 - first - second}}
		os[0].ShareBP, os[1].ShareBP = first, second
		return p.open("us", entity.Profile{
			Entity:    entity.Entity{ID: id, Kind: entity.Organisation, Names: []entity.Name{{Full: "Quiet Waters Trading GmbH"}}},
			Residence: entity.Place{Town: "Vienna", Country: "AT"}, Owners: os,
		}).Account
	}
	half, less := firm("half", 2500, 2500), firm("less", 2500, 2400)
	p.fund(half, "USDT", "900", "own")
	if p.verdict(half) != law.Allow || p.verdict(less) != law.Allow {
		t.Fatalf("before the designation: %v and %v", p.verdict(half), p.verdict(less))
	}
	p.at(day("2022-03-11 15:05"))
	ch, err := p.TakeEdition(after, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ch.Frozen, []uint64{half}) || p.verdict(less) != law.Allow {
		t.Fatalf("frozen %v, want just %d; the other is %v", ch.Frozen, half, p.verdict(less))
	}
	acc, _ := p.View().Account(half)
	r, _ := p.View().Decision(hex.EncodeToString(acc.Standing.Decision[:]))
	if len(r.Decision.Fired) != 1 || r.Decision.Fired[0].Rule != "us-50pct" {
		t.Fatalf("fired %+v, want the 50 Percent Rule", r.Decision.Fired)
	}
	p.at(day("2022-03-12 15:05"))
	if ch, err = p.TakeEdition(before, time.Now()); err != nil || !slices.Equal(ch.Released, []uint64{half}) {
		t.Fatalf("after the delisting released %v, %v", ch.Released, err)
	}
	if acc, _ = p.View().Account(half); acc.Balances[1][ledger.Available] != money.Int(900) {
		t.Fatalf("balance %v, want 900 available", acc.Balances[1])
	}
	p.verified()
}

// Scenarios 30, 31, 34, 35: EU 833/2014 Article 5b(2) by its hours.
func TestEuropeByItsHours(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-04-08 20:00"))
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	poor := p.open("eu", person("poor", "Ivan Kuznetsov", "1990-05-01", "RU", moscow)).Account
	rich := p.open("eu", person("rich", "Pavel Smirnov", "1991-06-02", "RU", moscow)).Account
	withPermit := person("permit", "Anna Volkova", "1992-07-03", "RU", madrid)
	withPermit.Permits = []entity.Permit{{Country: "ES", Until: entity.Day{Year: 2030, Month: 1, Day: 1}}}
	permit := p.open("eu", withPermit).Account
	american := p.open("us", person("us", "Oleg Morozov", "1993-08-04", "RU", almaty)).Account
	p.fund(poor, "USDT", "11110", "own")   // EUR 9,999
	p.fund(rich, "USDT", "11112.3", "own") // EUR 10,001.07
	p.fund(permit, "USDT", "50000", "own")
	p.fund(american, "USDT", "50000", "own")

	expect := func(when time.Time, want map[uint64]law.Verb) {
		t.Helper()
		p.at(when)
		if _, err := p.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		for n, v := range want {
			if got := p.verdict(n); got != v {
				t.Errorf("%v: account %d is %v, want %v", when, n, got, v)
			}
		}
	}
	free := law.Allow
	expect(day("2022-04-08 21:59"), map[uint64]law.Verb{poor: free, rich: free, permit: free, american: free})
	expect(day("2022-04-08 22:00"), map[uint64]law.Verb{poor: free, rich: law.Cap, permit: free, american: free})
	if _, err := p.order(rich, book.Buy, "30000", "0.01", "x"); err == nil {
		t.Error("above the cap an order was taken")
	}
	// The deposit that carries somebody over the value is decided with it, and so are they.
	if d := p.fund(poor, "USDT", "100", "own"); d.Pocket != ledger.Available {
		t.Errorf("the deposit went to %v; under a cap it can be taken out", d.Pocket)
	} else if r, _ := p.View().Decision(hex.EncodeToString(d.Decision[:])); r.Decision.Verdict != law.Cap {
		t.Errorf("the deposit that reaches EUR 10,089 was decided %v", r.Decision.Verdict)
	}
	if got := p.verdict(poor); got != law.Cap {
		t.Errorf("over the value the customer is %v", got)
	}
	if _, err := p.Withdraw(poor, 1, money.Int(100), "ETH", "mem1home", "below", boston); err != nil {
		t.Fatal(err)
	}
	p.wait("poor is free again", func() bool { return p.verdict(poor) == law.Allow })
	expect(day("2022-04-10 12:00"), map[uint64]law.Verb{poor: free, rich: law.Cap})
	expect(day("2022-10-06 21:59"), map[uint64]law.Verb{poor: free, rich: law.Cap, permit: free, american: free})
	expect(day("2022-10-06 22:00"), map[uint64]law.Verb{poor: law.Exit, rich: law.Exit, permit: free, american: free})

	// No freeze: they take everything out.
	w, err := p.Withdraw(rich, 1, money.MustParse("11112.3"), "ETH", "mem1home", "all", boston)
	if err != nil {
		t.Fatal(err)
	}
	p.wait("the withdrawal is sent", func() bool { w, _ := p.View().Withdrawal(w.ID); return w.Status == tape.Sent })
	if late := p.open("eu", person("late", "Nina Popova", "1994-09-05", "RU", moscow)); !late.Refused {
		t.Errorf("a new customer under the ban: %v", late.Decision.Verdict)
	}
	p.verified()
}

// Scenario 45, and 31 CFR 501.603: an address is listed and delisted; what came from it is
// frozen, the account is not, and the delisting gives it back.
func TestListedAddress(t *testing.T) {
	p := start(t, t.TempDir(), day("2025-03-20 09:00"))
	before := edition(t, "2025-03-20")
	if _, err := p.TakeEdition(before, time.Now()); err != nil {
		t.Fatal(err)
	}
	var tornado string
	for _, e := range before.Entities {
		if strings.Contains(strings.ToUpper(e.PrimaryName()), "TORNADO") {
			tornado = e.Wallets[0].Address
		}
	}
	if tornado == "" {
		t.Fatal("the starter edition of 2025-03-20 has no Tornado Cash wallet")
	}
	a := p.open("us", person("a", "John Miller", "1980-01-01", "US", entity.Place{Town: "Boston", Country: "US"})).Account
	p.fund(a, "USDT", "1000", "own")
	if d := p.fund(a, "USDT", "7", strings.ToLower(tornado)); d.Pocket != ledger.Frozen {
		t.Fatalf("a deposit from a listed address went to %v", d.Pocket)
	}
	// The same key on another chain is no identity: it is set apart for a person to look.
	if d := p.fund(a, "USDT", "3", "41"+strings.ToLower(tornado[2:])); d.Pocket != ledger.Apart {
		t.Fatalf("a deposit from the listed key on Tron went to %v", d.Pocket)
	}
	w, err := p.Withdraw(a, 1, money.Int(50), "ETH", tornado, "to-listed", boston)
	if err != nil || w.Status != tape.OutStopped {
		t.Fatalf("a withdrawal to a listed address: %+v, %v", w, err)
	}
	if v := p.verdict(a); v != law.Allow {
		t.Fatalf("the account is %v; only the movements are frozen", v)
	}
	balance := func() string {
		acc, _ := p.View().Account(a)
		return fmt.Sprint(acc.Balances[1][ledger.Available], " ", acc.Balances[1][ledger.Frozen], " ", acc.Balances[1][ledger.Apart])
	}
	if got := balance(); got != "950 57 3" {
		t.Fatalf("available, frozen and set apart: %s", got)
	}
	p.at(day("2025-03-21 15:00"))
	if _, err := p.TakeEdition(edition(t, "2025-03-21"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if got := balance(); got != "1010 0 0" {
		t.Fatalf("after the delisting: %s, want all of it available", got)
	}
	p.verified()
}

// TestReopen goes on where the log ends: same balances, same standings, same keys.
func TestReopen(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	b := p.open("us", person("b", "Jean Martin", "1985-02-03", "FR", entity.Place{Town: "Paris", Country: "FR"})).Account
	p.fund(a, "USDT", "10000", "own")
	p.fund(b, "BTC", "1", "own")
	if _, err := p.order(b, book.Sell, "30000", "0.1", "s"); err != nil {
		t.Fatal(err)
	}
	if _, err := p.order(a, book.Buy, "30000", "0.25", "b"); err != nil {
		t.Fatal(err)
	}
	key, secret, err := p.AddKey(a)
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%+v %+v", p.View().Accounts(), p.View().Orders(a, false))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	q := start(t, dir, day("2022-02-24 10:00"))
	if got := fmt.Sprintf("%+v %+v", q.View().Accounts(), q.View().Orders(a, false)); got != want {
		t.Fatalf("after opening again:\n%s\nwant\n%s", got, want)
	}
	if k, ok := q.Key(key); !ok || k.Account != a || string(k.Secret) != secret {
		t.Fatal("the API key is lost")
	}
	if n, ok := q.ByRef("b"); !ok || n != b {
		t.Fatal("the customer's reference is lost")
	}
	if _, err := q.Open(exchange.Application{Operator: "us", Profile: person("b", "Jean Martin", "1985-02-03", "FR", madrid)}); err == nil {
		t.Fatal("one reference has two accounts")
	}
	// Taken up again, an edition in force brings nothing new but its own record.
	if ch, err := q.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil || ch.Added+ch.Changed+ch.Removed != 0 {
		t.Fatalf("the same edition again: %+v, %v", ch, err)
	}
	if c := q.open("us", person("c", "Kim Min", "1999-02-03", "KR", entity.Place{Town: "Seoul", Country: "KR"})); c.Account <= b {
		t.Fatalf("account number %d was given out before", c.Account)
	}
	q.verified()
}

// A log whose records bring about something else than they did is not built upon.
func TestReopenRefusesAnotherOutcome(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, day("2022-02-24 09:00"))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := journal.Open(filepath.Join(dir, "journal"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	payload, err := tape.Encode(&tape.RemoveKey{Key: "x"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = log.Append([]journal.Entry{{Time: day("2022-02-24 10:00").UnixMicro(), Kind: uint16((&tape.RemoveKey{}).Kind()), Payload: payload, Outcome: tape.Hash{1}}})
	if err := errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := exchange.Open(p.config()); err == nil || !strings.Contains(err.Error(), "brings about something else") {
		t.Fatalf("opened: %v", err)
	}
}

// TestConcurrent hands in orders from many goroutines: each is answered, and the auditor agrees.
func TestConcurrent(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	var accounts []uint64
	for i := range 8 {
		n := p.open("us", person(fmt.Sprint(i), fmt.Sprintf("Maria Garcia%c", 'a'+i), "1990-01-01", "ES", madrid)).Account
		p.fund(n, "USDT", "100000", "own")
		p.fund(n, "BTC", "10", "own")
		accounts = append(accounts, n)
	}
	var wg sync.WaitGroup
	for _, n := range accounts {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range 100 {
				side := book.Side(1 + (i+int(n))%2)
				if _, err := p.order(n, side, fmt.Sprint(30000+i%5), "0.01", fmt.Sprint(n, i)); err != nil {
					if _, ok := exchange.AsRefusal(err); !ok {
						t.Error(err)
					}
				}
			}
		}()
	}
	wg.Wait()
	if r := p.verified(); r.Orders != 800 || r.Trades == 0 {
		t.Fatalf("the auditor saw %d orders and %d trades", r.Orders, r.Trades)
	}
}

// Scenario 23: a list that nobody confirms goes stale, and withdrawals wait for a person, until
// somebody asks the publisher again.
func TestStaleList(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-03-11 15:00"))
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(a, "USDT", "1000", "own")
	withdraw := func(ref string) error {
		_, err := p.Withdraw(a, 1, money.Int(20), "ETH", "mem1x", ref, boston)
		return err
	}
	if err := withdraw("fresh"); err != nil {
		t.Fatal(err)
	}
	p.at(day("2022-03-11 15:00").Add(staleAfter + time.Minute))
	err := withdraw("stale")
	r, ok := exchange.AsRefusal(err)
	if !ok || r.Verdict != law.Hold {
		t.Fatalf("with a stale list: %v", err)
	}
	d, _ := p.View().Decision(r.Decision)
	if lists, _ := d.Decision.Facts.Texts("lists.stale"); !slices.Equal(lists, []string{"us-sdn"}) || !slices.Equal(d.Decision.Stale, lists) || d.Decision.Hold == nil {
		t.Fatalf("the decision does not name the stale list: %s", d.Body())
	}
	if s := p.Silent(); len(s) != 1 || s[0].List != "us-sdn" || !s[0].Confirmed.Equal(day("2022-03-11 15:00")) {
		t.Fatalf("silent lists: %v", s)
	}
	// So does every other decision of that time, whatever it allows.
	for what, o := range map[string]exchange.Opened{
		"an account opened":    p.open("us", person("b", "Juan Perez", "1991-01-01", "ES", madrid)),
		"one at another house": p.open("eu", person("c", "Luis Perez", "1992-01-01", "ES", madrid)),
	} {
		if o.Refused || !slices.Equal(o.Decision.Stale, []string{"us-sdn"}) {
			t.Errorf("%s: silent lists %q", what, o.Decision.Stale)
		}
	}
	p.fund(a, "USDT", "1", "own")
	last := p.View().Recent(1, func(d *gate.Decision) bool { return d.Action == law.Deposit })
	if len(last) != 1 || !slices.Equal(last[0].Decision.Stale, []string{"us-sdn"}) {
		t.Errorf("the deposit's decision: %+v", last)
	}
	told := func(want string) {
		t.Helper()
		for { // the exchange listens once a second
			select {
			case line := <-p.logged:
				if strings.Contains(line, "silent") {
					if !strings.Contains(line, want) || !strings.Contains(line, "list=us-sdn") {
						t.Fatalf("the log says %q, want %q", line, want)
					}
					return
				}
			case <-time.After(time.Minute):
				t.Fatalf("the log does not say %q", want)
			}
		}
	}
	told("has fallen silent")
	time.Sleep(2100 * time.Millisecond) // it listens twice more, and says nothing new
	p.Confirm("us-sdn", p.Now())
	told("is confirmed again") // and was told of once in between
	if s := p.Silent(); len(s) != 0 {
		t.Errorf("once confirmed: %v", s)
	}
	if err := withdraw("confirmed"); err != nil {
		t.Fatal(err)
	}
	// A request from nobody knows where holds too: a rule of place could not be read.
	_, err = p.Withdraw(a, 1, money.Int(20), "ETH", "mem1x", "nowhere", exchange.Session{})
	if r, ok := exchange.AsRefusal(err); !ok || r.Verdict != law.Hold {
		t.Fatalf("from nowhere: %v", err)
	}
	// So does one of which the country is known, and not whether it lies in an area that a rule
	// speaks of; not so one from a relay, which is known to be no place.
	_, err = p.Withdraw(a, 1, money.Int(20), "ETH", "mem1x", "kyiv or donetsk", exchange.Session{Known: true, Country: "UA", AreaOpen: true})
	if r, ok := exchange.AsRefusal(err); !ok || r.Verdict != law.Hold {
		t.Fatalf("from an open area: %v", err)
	}
	_, err = p.Withdraw(a, 1, money.Int(20), "ETH", "mem1x", "simferopol", exchange.Session{Known: true, Country: "UA", Area: "UA-43"})
	if r, ok := exchange.AsRefusal(err); !ok || r.Verdict != law.Reject {
		t.Fatalf("from Crimea: %v", err)
	}
	if _, err = p.Withdraw(a, 1, money.Int(20), "ETH", "mem1x", "a relay", exchange.Session{Known: true}); err != nil {
		t.Fatalf("from a relay: %v", err)
	}
	p.verified()
}

// An exchange that is closed says so and takes nothing.
func TestClosed(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	p.Close()
	if _, err := p.order(1000, book.Buy, "1", "1", "x"); !errors.Is(err, exchange.ErrClosed) {
		t.Fatalf("after Close: %v", err)
	}
}

// BenchmarkOrders places orders from many goroutines through the log: each is answered after
// its group's fsync.
func BenchmarkOrders(b *testing.B) {
	p := start(b, b.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(b, "2022-02-24"), time.Now()); err != nil {
		b.Fatal(err)
	}
	var accounts []uint64
	for i := range 64 {
		n := p.open("us", person(fmt.Sprint(i), fmt.Sprintf("Maria Garcia%c", 'a'+i), "1990-01-01", "ES", madrid)).Account
		p.fund(n, "USDT", "100000000", "own")
		p.fund(n, "BTC", "10000", "own")
		accounts = append(accounts, n)
	}
	var next atomic.Uint64
	b.SetParallelism(64)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := next.Add(1)
			side := book.Side(1 + i%2)
			if _, err := p.order(accounts[i%64], side, fmt.Sprint(30000+i%5), "0.01", fmt.Sprint(i)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}
