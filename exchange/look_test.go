package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/money"
)

// What is looked at from outside is what the exchange showed, and nothing is written.
func TestLook(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-03-01 12:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), p.now); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", entity.Place{Town: "Madrid", Country: "ES"})).Account
	b := p.open("eu", person("b", "Jan Novak", "1991-01-01", "CZ", entity.Place{Town: "Praha", Country: "CZ"})).Account
	p.fund(a, "BTC", "2", "mem1somewhere")
	if _, err := exchange.Look(p.dir, nil); err == nil || !strings.Contains(err.Error(), "a running exchange holds") {
		t.Errorf("beside the exchange: %v", err)
	}
	shown := p.View().Summary()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	var decided []uint64
	v, err := exchange.Look(p.dir, func(d *gate.Decision) { decided = append(decided, d.Account) })
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	got := v.Summary()
	if got.Seq != shown.Seq || got.Customers != 2 || got.Decisions != shown.Decisions || len(got.Editions) != 1 {
		t.Errorf("summary %+v, shown was %+v", got, shown)
	}
	if !slices.Contains(decided, a) || !slices.Contains(decided, b) || len(decided) != shown.Decisions {
		t.Errorf("decisions of %v, want %d, of %d and %d among them", decided, shown.Decisions, a, b)
	}
	if cents := v.ValueCents(a, p.config().EuroPer); cents != 2*35000*100 {
		t.Errorf("account %d holds %d cents, want two bitcoins", a, cents)
	}

	if _, err := exchange.Look(t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "there is no log here") {
		t.Errorf("where there is none: %v", err)
	}
}

// Whoever looks may ask for the standing of anybody, also of those whose decision lies so far back
// that the view has it from the log.
func TestLookReadsOldDecisions(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-03-01 12:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), p.now); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", entity.Place{Town: "Madrid", Country: "ES"})).Account
	var wg sync.WaitGroup // side by side, so that they share commits
	for i := range 32 {
		wg.Go(func() {
			for k := range exchange.MaxRecent / 30 {
				sent := p.Chain().Send(fmt.Sprint(i, k), memory.Transfer{
					Network: "BTC", Asset: "BTC", Amount: money.MustParse("0.01"), From: "mem1somewhere", To: memory.DepositAddress("BTC", a),
				})
				if _, err := p.Receive(a, sent); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := exchange.Look(p.dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if r, err := v.Standing(a); err != nil || r.Decision.Account != a {
		t.Errorf("the decision that account %d stands under: %v", a, err)
	}
}
