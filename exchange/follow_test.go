package exchange_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestFollow: a follower is handed every record in order, with the levels that the view shows.
func TestFollow(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(a, "BTC", "10", "own")
	f := p.Follow(1000)
	narrow := p.Follow(2)
	first, _ := p.Head()
	for i := range 5 {
		if _, err := p.order(a, book.Sell, fmt.Sprint(40000+i%2), "0.1", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := p.CancelAll(&tape.CancelAll{Account: a}); err != nil {
		t.Fatal(err)
	}
	<-f.Ready()
	records, err := f.Take()
	if err != nil || len(records) != 6 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	open := map[money.Amount]money.Amount{}
	update := uint64(0)
	for i, r := range records {
		if r.Seq != first+uint64(i)+1 {
			t.Errorf("record %d is the log's %d", i, r.Seq)
		}
		for _, l := range r.Levels {
			if l.Update != update+1 || l.Side != book.Sell || l.Market != 0 {
				t.Errorf("after %d: %+v", update, l)
			}
			update, open[l.Price] = l.Update, l.Quantity
		}
	}
	// Five orders, each another quantity at a price; then both prices are empty.
	if _, _, last := p.View().Depth(0, 10); update != 7 || last != 7 {
		t.Errorf("the last change is %d, the view's %d, want 7", update, last)
	}
	for price, q := range open {
		if !q.IsZero() {
			t.Errorf("%s is left at %s", q, price)
		}
	}

	// Who does not take has lost its place, and nobody waited for it.
	if rs, err := narrow.Take(); !errors.Is(err, exchange.ErrBehind) || len(rs) != 0 {
		t.Errorf("a follower that did not keep up: %d records, %v", len(rs), err)
	}
	f.Close()
	if _, err := p.order(a, book.Sell, "40000", "0.1", "more"); err != nil {
		t.Fatal(err)
	}
	if rs, err := f.Take(); len(rs) != 0 || err != nil {
		t.Errorf("a closed follower: %d records, %v", len(rs), err)
	}

	last := p.Follow(10)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	for _, f := range []*exchange.Follower{last, p.Follow(10)} {
		<-f.Ready()
		if _, err := f.Take(); !errors.Is(err, exchange.ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// TestMeant: what is no longer meant when its turn comes does not enter the log.
func TestMeant(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(a, "BTC", "10", "own")
	late := errors.New("too late")
	var asked time.Time
	never := func(at time.Time) error { asked = at; return late }
	before, _ := p.Head()
	cmd := &tape.PlaceOrder{Account: a, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: money.Int(40000), Quantity: money.Int(1), ClientID: "x"}
	if _, _, err := p.PlaceOrder(cmd, never); !errors.Is(err, late) || !asked.Equal(p.Now()) {
		t.Errorf("%v, asked at %s", err, asked)
	}
	if after, _ := p.Head(); after != before {
		t.Error("it entered the log")
	}
	o, _, err := p.PlaceOrder(cmd, func(time.Time) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.CancelOrder(&tape.CancelOrder{Account: a, Order: o.ID}, never); !errors.Is(err, late) {
		t.Errorf("a cancel: %v", err)
	}
	if _, err := p.CancelAll(&tape.CancelAll{Account: a}, never); !errors.Is(err, late) {
		t.Errorf("cancel all: %v", err)
	}
	if got := p.View().Orders(a, true); len(got) != 1 {
		t.Errorf("open orders: %v", got)
	}
}
