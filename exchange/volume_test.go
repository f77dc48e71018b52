package exchange_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// traders is an exchange with three customers who can trade, and tiers that are earned by 1 000 and
// 10 000 euro.
func traders(t *testing.T, now time.Time, volumes ...string) (p *place, a, b, c uint64) {
	t.Helper()
	p = start(t, t.TempDir(), now)
	for _, v := range volumes {
		p.volumes = append(p.volumes, money.MustParse(v))
	}
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a = p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	b = p.open("us", person("b", "Jean Martin", "1985-02-03", "FR", entity.Place{Town: "Paris", Country: "FR"})).Account
	c = p.open("us", person("c", "Ana Silva", "1991-05-06", "PT", entity.Place{Town: "Porto", Country: "PT"})).Account
	p.fund(a, "USDT", "1000000", "own")
	p.fund(b, "BTC", "100", "own")
	p.fund(c, "BTC", "100", "own")
	p.again(now)
	return p, a, b, c
}

// swap has one account buy of another for 10 000 USDT a unit, 9 000 euro.
func (p *place) swap(buyer, seller uint64, quantity string) {
	p.t.Helper()
	for _, o := range []struct {
		account uint64
		side    book.Side
	}{{seller, book.Sell}, {buyer, book.Buy}} {
		if _, err := p.order(o.account, o.side, "10000", quantity, o.side.String()); err != nil {
			p.t.Fatal(err)
		}
	}
}

// tiers are what accounts pay by.
func (p *place) tiers(accounts ...uint64) string {
	p.t.Helper()
	var all []byte
	for _, n := range accounts {
		a, _ := p.View().Account(n)
		all = append(all, '0'+a.Tier)
	}
	return string(all)
}

// marks closes the exchange and lists its marks of volume and what they moved, as "10 2022-03-11".
func (p *place) marks() (days []string, moves []tape.EarnTier) {
	p.t.Helper()
	for _, e := range p.records() {
		switch c := e.cmd.(type) {
		case *tape.MarkVolume:
			days = append(days, time.UnixMicro(c.Day).UTC().Format("2006-01-02T15:04"))
		case *tape.EarnTier:
			moves = append(moves, *c)
		}
	}
	return days, moves
}

// TestTiersAreEarned goes through the days of a trade: it counts from the next day in UTC on, for
// thirty days, and on the day after them no more.
func TestTiersAreEarned(t *testing.T) {
	p, a, b, c := traders(t, day("2022-03-10 23:59"), "1000", "10000")
	for range 20 {
		p.swap(a, b, "0.01") // 90 euro
	}
	if got := p.tiers(a, b, c); got != "000" {
		t.Fatalf("on the day itself: %s", got)
	}
	for _, s := range []struct{ at, want string }{
		{"2022-03-11 00:00", "110"}, {"2022-04-08 23:59", "110"}, {"2022-04-09 00:00", "110"}, {"2022-04-09 23:59", "110"}, {"2022-04-10 00:00", "000"},
	} {
		p.at(day(s.at))
		if _, err := p.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		if got := p.tiers(a, b, c); got != s.want {
			t.Errorf("at %s: tiers %s, want %s", s.at, got, s.want)
		}
		if s.at == "2022-04-09 00:00" { // what the day itself brings changes nothing of what the mark counted
			p.swap(a, c, "0.1")
			if v := p.View().Volume(a); v.Euros != money.Int(1800) {
				t.Errorf("at %s: %+v", s.at, v)
			}
		}
	}
	if r := p.verified(); r.VolumeMarks != 5 || r.Earned != 4 {
		t.Errorf("the auditor met %d marks and %d moves", r.VolumeMarks, r.Earned)
	}
}

// TestVolumeCounts says what an account's volume is made of: both sides of a trade, several days,
// nothing of trades with oneself or within a trade group, and exactly the least volume is enough.
func TestVolumeCounts(t *testing.T) {
	p, a, b, c := traders(t, day("2022-03-10 10:00"), "1800", "10000")
	p.swap(a, b, "0.1")
	own := tape.PlaceOrder{Account: b, Type: tape.Limit, Force: tape.GTC, Price: money.Int(10000), Quantity: money.Int(9), SelfTrade: tape.AllowSelf}
	p.fund(b, "USDT", "100000", "own")
	for _, side := range []book.Side{book.Sell, book.Buy} {
		own.Side, own.ClientID = side, "own"+side.String()
		o, trades, err := p.PlaceOrder(&own)
		if err != nil || (len(trades) == 1) != (side == book.Buy) {
			t.Fatalf("%+v %v %v", o, trades, err)
		}
	}
	group := func(n uint32, accounts ...uint64) {
		t.Helper()
		for _, a := range accounts {
			if err := p.SetTradeGroup(&tape.SetTradeGroup{Account: a, Group: n, By: "m.ortiz", Reason: "one owner"}); err != nil {
				t.Fatal(err)
			}
		}
	}
	group(1, b, c)
	own.Account, own.Side, own.ClientID = c, book.Sell, "hers"
	if _, _, err := p.PlaceOrder(&own); err != nil {
		t.Fatal(err)
	}
	own.Account, own.Side, own.ClientID = b, book.Buy, "theirs"
	if _, trades, err := p.PlaceOrder(&own); err != nil || len(trades) != 1 {
		t.Fatalf("%v %v", trades, err)
	}
	group(0, b)
	p.at(day("2022-03-11 10:00"))
	p.swap(a, c, "0.1") // the sequencer wants the day's mark first
	p.at(day("2022-03-12 10:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if got := p.tiers(a, b, c); got != "100" {
		t.Fatalf("tiers %s", got)
	}
	v := p.View().Volume(a)
	if v.Euros != money.Int(1800) || v.Next != money.Int(10000) || v.Missing != money.Int(8200) || !v.Day.Equal(day("2022-03-12 00:00")) || v.Earned != 1 {
		t.Errorf("volume %+v", v)
	}
	if v := p.View().Volume(b); v.Euros != money.Int(900) || v.Next != money.Int(1800) || v.Missing != money.Int(900) {
		t.Errorf("volume %+v", v)
	}
	days, moves := p.marks()
	if want := []string{"2022-03-10T00:00", "2022-03-11T00:00", "2022-03-12T00:00"}; !slices.Equal(days, want) {
		t.Errorf("marks %v, want %v", days, want)
	}
	if len(moves) != 1 || moves[0] != (tape.EarnTier{Account: a, Tier: 1, Day: day("2022-03-12 00:00").UnixMicro(), Volume: money.Int(1800)}) {
		t.Errorf("moves %+v", moves)
	}
	p.verified()
}

// TestGivenTierIsAFloor has a tier that a person gave stay whatever is traded, and a higher one that
// is earned count meanwhile.
func TestGivenTierIsAFloor(t *testing.T) {
	p, a, b, c := traders(t, day("2022-03-10 10:00"), "1000", "10000")
	set := func(n uint64, tier uint8) {
		t.Helper()
		if err := p.SetTier(&tape.SetTier{Account: n, Tier: tier}); err != nil {
			t.Fatal(err)
		}
	}
	set(a, 1)
	set(c, 2)
	p.swap(a, b, "2")   // 18 000 euro
	p.swap(a, c, "0.2") // c earns tier 1, below what it was given
	p.at(day("2022-03-11 00:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if got := p.tiers(a, b, c); got != "222" {
		t.Errorf("the higher of both: %s", got)
	}
	p.swap(a, c, "0.1")
	if x := p.View().Trades(a); x[len(x)-1].TakerFee != money.MustParse("0.00006") || x[len(x)-1].MakerFee != money.MustParse("0.4") {
		t.Errorf("fees %+v", x[len(x)-1])
	}
	set(c, 0) // a person lifts it
	if got := p.tiers(a, b, c); got != "221" {
		t.Errorf("lifted: %s", got)
	}
	p.at(day("2022-04-10 00:00"))
	p.again(day("2022-04-10 00:00"))
	if got := p.tiers(a, b, c); got != "100" {
		t.Errorf("when the volume is gone: %s", got)
	}
	p.verified()
}

// TestVolumeMarkIsMadeUpForOnce has an exchange that was closed for days mark the day it comes
// back on, once; and one whose tiers are earned no more lift them, and mark nothing after.
func TestVolumeMarkIsMadeUpForOnce(t *testing.T) {
	p, a, b, c := traders(t, day("2022-03-10 10:00"), "1000")
	p.swap(a, b, "0.2")
	p.again(day("2022-03-10 23:00"))
	p.again(day("2022-03-15 12:00"))
	if got := p.tiers(a, b, c); got != "110" {
		t.Errorf("after days of nothing: %s", got)
	}
	p.again(day("2022-03-15 13:00"))
	p.volumes = nil
	p.again(day("2022-03-15 14:00"))
	if got := p.tiers(a, b, c); got != "110" {
		t.Errorf("within the day: %s", got)
	}
	p.again(day("2022-03-16 14:00"))
	if got := p.tiers(a, b, c); got != "000" {
		t.Errorf("earned no more: %s", got)
	}
	p.again(day("2022-03-18 14:00"))
	days, moves := p.marks()
	if want := []string{"2022-03-10T00:00", "2022-03-15T00:00", "2022-03-16T00:00"}; !slices.Equal(days, want) || len(moves) != 4 {
		t.Errorf("marks %v, want %v; moves %+v", days, want, moves)
	}
	p.verified()
}

// TestUnpricedVolumeCountsNothing has trades in an asset without a price earn nothing, and the log
// of events say so.
func TestUnpricedVolumeCountsNothing(t *testing.T) {
	p, a, b, c := traders(t, day("2022-03-10 10:00"), "1000")
	p.unpriced = "USDT"
	p.again(day("2022-03-10 11:00"))
	p.swap(a, b, "1")
	p.again(day("2022-03-11 00:00"))
	if got := p.tiers(a, b, c); got != "000" {
		t.Errorf("tiers %s", got)
	}
	told := false
	for len(p.logged) > 0 {
		told = told || strings.Contains(<-p.logged, "count nothing towards a tier")
	}
	if !told {
		t.Error("nothing is said of it")
	}
	p.verified()
}

// TestTierVolumesAreAscending refuses what no account could earn in its turn.
func TestTierVolumesAreAscending(t *testing.T) {
	for _, bad := range [][]money.Amount{{money.Int(0)}, {money.Int(5), money.Int(5)}, {money.Int(5), money.Int(4)}, {money.Int(-1)}, make([]money.Amount, 256)} {
		p := &place{t: t, dir: t.TempDir(), now: day("2022-03-10 10:00"), logged: make(lines, 10), volumes: bad}
		if x, err := exchange.Open(p.config()); err == nil {
			x.Close()
			t.Errorf("%v: opened", bad)
		}
	}
}
