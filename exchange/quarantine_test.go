package exchange_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/journal"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestQuarantine: a command at which the venue fails does not take the exchange with it. What is
// committed together with it goes in, its market takes no orders, and the log can be audited.
func TestQuarantine(t *testing.T) {
	dir := t.TempDir()
	p := start(t, dir, day("2022-02-24 09:00"))
	p.Close()
	p.reopen(2000) // so that the venue comes back from a snapshot and the log after it
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	b := p.open("us", person("b", "Jean Martin", "1985-02-03", "FR", entity.Place{Town: "Paris", Country: "FR"})).Account
	p.fund(a, "USDT", "1000000", "own")
	p.fund(b, "BTC", "1000", "own")
	p.trade(a, b, 0)

	// The first order holds the sequencer up until the others wait, which then come as one group.
	hold, held := make(chan struct{}), make(chan struct{})
	p.FailAt(func(c tape.Command) string {
		switch o, _ := c.(*tape.PlaceOrder); {
		case o == nil:
		case o.ClientID == "holds":
			close(held)
			<-hold
		case o.ClientID == "poison":
			return strings.Repeat("é", 400)
		}
		return ""
	})
	errs := make(chan error, 4)
	place := func(id string) {
		_, err := p.order(b, book.Sell, "30500", "0.1", id)
		errs <- err
	}
	go place("holds")
	<-held
	for i, id := range []string{"before", "poison", "after"} {
		go place(id)
		for p.Queued() <= i {
			time.Sleep(time.Millisecond)
		}
	}
	close(hold)
	var failed, refused, fine int
	for range 4 {
		err := <-errs
		r, isRefusal := exchange.AsRefusal(err)
		switch {
		case errors.Is(err, exchange.ErrQuarantined):
			failed++
		case isRefusal && r.Reason == tape.MarketClosed:
			refused++
		case err == nil:
			fine++
		default:
			t.Fatal(err)
		}
	}
	if failed != 1 || refused != 1 || fine != 2 {
		t.Fatalf("%d failed, %d refused, %d went in; want one, one and two", failed, refused, fine)
	}
	if o, ok := p.View().Order(b, 0, "before"); !ok || o.Status != tape.StatusNew {
		t.Fatalf("the order before it: %+v", o)
	}
	if _, ok := p.View().Order(b, 0, "poison"); ok || p.View().Phase(0) != tape.CancelOnly {
		t.Fatalf("the order that failed is there, or its market %v", p.View().Phase(0))
	}
	if o, err := p.CancelOrder(&tape.CancelOrder{Account: b, ClientID: "before"}); err != nil || o.Status != tape.Canceled {
		t.Fatalf("nothing can be cancelled: %v", err)
	}
	p.fund(a, "USDT", "10", "own")
	if err := p.SetPhase(&tape.SetPhase{By: "operator", Reason: "mended"}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.order(b, book.Sell, "30500", "0.1", "again"); err != nil {
		t.Fatal(err)
	}
	if rep := p.verified(); rep.Commands["Quarantine"] != 1 {
		t.Fatalf("the auditor saw %v", rep.Commands)
	}

	log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var kept *tape.Quarantine
	if err := log.Read(1, func(r journal.Record) error {
		cmd, err := tape.Decode(tape.Kind(r.Kind), r.Payload)
		if q, ok := cmd.(*tape.Quarantine); ok {
			kept = q
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	poison, err := tape.Decode(kept.Of, kept.Payload)
	if err != nil {
		t.Fatal(err)
	}
	if o, ok := poison.(*tape.PlaceOrder); !ok || o.ClientID != "poison" || o.Quantity != money.MustParse("0.1") || len(kept.Failure) > tape.MaxReason {
		t.Fatalf("kept: %+v", poison)
	}
}

// A change of the basis enters the log whole or not at all, also where the venue fails at one of its
// commands; and as nobody may act on what should no longer hold, the exchange then ends. Opened
// again it goes on.
func TestQuarantineOfAnEdition(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.FailAt(func(c tape.Command) string {
		if _, ok := c.(*tape.TakeEdition); ok {
			return "planted"
		}
		return ""
	})
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); !errors.Is(err, exchange.ErrQuarantined) {
		t.Fatalf("taken up: %v", err)
	}
	if _, err := p.order(a, book.Buy, "30000", "1", "b"); !errors.Is(err, exchange.ErrClosed) {
		t.Fatalf("an order after it: %v", err)
	}
	if es := p.View().Summary().Editions; len(es) != 0 || p.Err() == nil {
		t.Fatalf("in force: %+v, %v", es, p.Err())
	}
	p.Close()
	p.reopen(-1)
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	if rep := p.verified(); rep.Commands["Quarantine"] != 1 || rep.Commands["TakeEdition"] != 1 {
		t.Fatalf("the auditor saw %v", rep.Commands)
	}
}

// A venue that fails at the quarantine too is not gone on with.
func TestVenueThatFailsAtEverything(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	p.FailAt(func(c tape.Command) string { return fmt.Sprintf("%T", c) })
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); !errors.Is(err, exchange.ErrClosed) {
		t.Fatalf("%v", err)
	}
	select {
	case <-p.Failed():
	default:
		t.Fatal("it goes on")
	}
}
