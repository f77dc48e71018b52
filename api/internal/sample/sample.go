// Package sample opens small exchanges for the tests of the wire: the real exchange with
// its own rules, the starter list and two markets, in a folder of the test's own.
package sample

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// Opens is the moment at which a sample exchange opens.
var Opens = time.Date(2022, 3, 14, 12, 0, 0, 0, time.UTC)

// Days are those whose starter edition a sample exchange finds again after a restart.
var Days = []time.Time{
	Opens, time.Date(2022, 2, 24, 0, 0, 0, 0, time.UTC), time.Date(2022, 8, 9, 0, 0, 0, 0, time.UTC), time.Date(2025, 3, 22, 0, 0, 0, 0, time.UTC),
}

func edition(_ string, hash tape.Hash) (*watchlist.Edition, error) {
	for _, d := range Days {
		if e, err := starter.Edition(d); err == nil && e.SHA256 == hex.EncodeToString(hash[:]) {
			return e, nil
		}
	}
	return nil, errors.New("not an edition of the starter list of one of the days of a sample exchange")
}

// A Clock that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.now }

// Set moves the clock.
func (c *Clock) Set(t time.Time) { c.mu.Lock(); defer c.mu.Unlock(); c.now = t }

// An Exchange with what tests need at hand.
type Exchange struct {
	*exchange.Exchange
	Clock *Clock
	t     testing.TB
	sent  int // transfers, to tell them apart
}

// Genesis founds a sample exchange: operators us and eu; BTC, ETH and USDT; BTCUSDT and
// ETHUSDT, each with a fee of 0.1 % for both sides.
func Genesis() tape.Genesis {
	a := money.MustParse
	market := func(symbol string, base uint16) tape.Market {
		return tape.Market{
			Symbol: symbol, Base: base, Quote: 2, Tick: a("0.01"), MinPrice: a("0.01"), MaxPrice: a("1000000"),
			Step: a("0.00001"), MinQty: a("0.00001"), MaxQty: a("9000"), MinNotional: a("5"), MakerPPM: 1000, TakerPPM: 1000,
		}
	}
	return tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: a("0.001"), FeeOut: a("0.0002")},
			{Code: "ETH", Decimals: 18, Network: "ETH", MinOut: a("0.01"), FeeOut: a("0.002")},
			{Code: "USDT", Decimals: 8, Network: "ETH", MinOut: a("10"), FeeOut: a("2")},
		},
		Markets:   []tape.Market{market("BTCUSDT", 0), market("ETHUSDT", 1)},
		Operators: []tape.Operator{{Name: "us", Title: "Sample Inc.", Nexus: []string{"US"}}, {Name: "eu", Title: "Sample Inc., EU branch", Nexus: []string{"EU", "US"}}},
	}
}

// New opens a sample exchange with the starter list of the day; it closes with the test. The
// rules are those of the program and of further folders.
func New(t testing.TB, more ...fs.FS) *Exchange { return In(t, t.TempDir(), more...) }

// In opens a sample exchange in a folder, which may be that of one that was closed. Editions
// of the starter list of any day in Days may have been taken up there.
func In(t testing.TB, dir string, more ...fs.FS) *Exchange {
	t.Helper()
	return open(t, dir, Genesis(), func(*exchange.Config) {}, more...)
}

// Of opens a sample exchange with other founding tables.
func Of(t testing.TB, g tape.Genesis) *Exchange {
	t.Helper()
	return open(t, t.TempDir(), g, func(*exchange.Config) {})
}

// With opens a sample exchange of another configuration.
func With(t testing.TB, change func(*exchange.Config)) *Exchange {
	t.Helper()
	return open(t, t.TempDir(), Genesis(), change)
}

func open(t testing.TB, dir string, g tape.Genesis, change func(*exchange.Config), more ...fs.FS) *Exchange {
	t.Helper()
	rules, err := law.LoadWith(more...)
	if err != nil {
		t.Fatal(err)
	}
	list, err := starter.Edition(Opens)
	if err != nil {
		t.Fatal(err)
	}
	clock := &Clock{now: Opens}
	cfg := exchange.Config{
		Dir: dir, Clock: clock.Now, Genesis: g, Rules: rules, Weights: match.DefaultWeights(),
		Edition:      edition,
		EuroPer:      map[string]money.Amount{"BTC": money.Int(35000), "ETH": money.Int(2400), "USDT": money.MustParse("0.9")},
		Locate:       locate,
		SendsParties: true,
		HoldOwner:    "sanctions desk", HoldFor: 48 * time.Hour,
	}
	change(&cfg)
	x, err := exchange.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(x.View().Summary().Editions) == 0 {
		if _, err := x.TakeEdition(list, time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	return &Exchange{Exchange: x, Clock: clock, t: t}
}

// Addresses of the documentation (RFC 5737) that a sample exchange knows the places of.
// Where any other is it does not know.
const (
	FromUS   = "192.0.2.1:1234" // as httptest.NewRequest has it
	FromIran = "198.51.100.1:1234"
	Nowhere  = "203.0.113.1:1234" // not one of them
)

func locate(a netip.Addr) exchange.Session {
	for place, country := range map[string]string{FromUS: "US", FromIran: "IR"} {
		if netip.MustParseAddrPort(place).Addr() == a {
			return exchange.Session{Known: true, Country: country}
		}
	}
	return exchange.Session{}
}

// Somebody is an ordinary person: on no list and like nobody on one.
func Somebody(name, country string) entity.Profile {
	return entity.Profile{
		Entity: entity.Entity{
			Kind: entity.Person, Names: []entity.Name{{Full: name}},
			Birth: []entity.Dates{entity.Exact(entity.Day{Year: 1985, Month: time.May, Day: 17})}, BirthPlaces: []string{country}, Nationalities: []string{country},
		},
		Residence: entity.Place{Town: "Springfield", Country: country},
	}
}

// Listed is a person whom the starter list names, with their own name and birth date.
func Listed(t testing.TB) entity.Profile {
	t.Helper()
	list, err := starter.Edition(Opens)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Entities {
		if e.Kind == entity.Person && len(e.Birth) == 1 && e.Birth[0].IsExact() && len(e.Nationalities) > 0 {
			p := Somebody(e.PrimaryName(), e.Nationalities[0])
			p.Birth = e.Birth
			return p
		}
	}
	t.Fatal("the starter list names no person with a birth date")
	return entity.Profile{}
}

// ListedWallet is an address that the starter list names.
func ListedWallet(t testing.TB) string {
	t.Helper()
	list, err := starter.Edition(Opens)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list.Entities {
		for _, w := range e.Wallets {
			if strings.EqualFold(w.Ticker, "XBT") {
				return w.Address
			}
		}
	}
	t.Fatal("the starter list names no wallet")
	return ""
}

// Open opens an account.
func (x *Exchange) Open(operator string, p entity.Profile) exchange.Opened {
	x.t.Helper()
	o, err := x.Exchange.Open(exchange.Application{Operator: operator, Profile: p})
	if err != nil {
		x.t.Fatal(err)
	}
	return o[0]
}

// Fund brings an amount in from an address that no list names.
func (x *Exchange) Fund(account uint64, asset, amount string) {
	x.t.Helper()
	i, ok := x.View().Asset(asset)
	if !ok {
		x.t.Fatalf("no asset %s", asset)
	}
	network := x.View().Genesis().Assets[i].Network
	x.sent++
	t := x.Chain().Send(strconv.Itoa(x.sent), memory.Transfer{
		Network: network, Asset: asset, Amount: money.MustParse(amount), From: "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", To: memory.DepositAddress(network, account),
	})
	if _, err := x.Receive(account, t); err != nil {
		x.t.Fatal(err)
	}
}

// BringsFrom brings an amount of bitcoin in from an address.
func (x *Exchange) BringsFrom(from string, account uint64, amount string) {
	x.t.Helper()
	x.sent++
	t := x.Chain().Send(strconv.Itoa(x.sent), memory.Transfer{
		Network: "BTC", Asset: "BTC", Amount: money.MustParse(amount), From: from, To: memory.DepositAddress("BTC", account),
	})
	if _, err := x.Receive(account, t); err != nil {
		x.t.Fatal(err)
	}
}

// Pass lets so many decisions on an account come that those of before are not at hand any more.
func (x *Exchange) Pass(account uint64) {
	x.t.Helper()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 140 {
				key := fmt.Sprintf("%064x", w*1000+i)
				q := exchange.Question{Account: account, Action: law.SignIn, Session: exchange.Session{Country: "US"}, Asked: gate.Asked{Key: key, Request: key}}
				if _, err := x.Ask(q); err != nil {
					x.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// Key is an API key of an account and its secret.
func (x *Exchange) Key(account uint64) (key, secret string) {
	x.t.Helper()
	key, secret, err := x.AddKey(account)
	if err != nil {
		x.t.Fatal(err)
	}
	return key, secret
}

// Has fails the test where an answer lacks a header's value.
func Has(t testing.TB, h http.Header, name, value string) {
	t.Helper()
	if got := h.Get(name); got != value {
		t.Errorf("%s: %q, want %q", name, got, value)
	}
}
