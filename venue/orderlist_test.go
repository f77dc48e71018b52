package venue

import (
	"fmt"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// then places an order and what is pending until it is filled.
func (w *world) then(orders ...*tape.PlaceOrder) tape.OrderList {
	w.t.Helper()
	w.seq++
	c := &tape.PlaceOrderList{ClientID: fmt.Sprint("l", w.seq), Contingency: tape.OneTriggers}
	for _, o := range orders {
		c.Orders = append(c.Orders, *o)
	}
	return w.ok(c)[0].(tape.OrderListPlaced).OrderList
}

// status is what became of an order, by the events of the last command that told of it.
func status(events []tape.Event, id uint64) (s tape.Status) {
	for _, e := range events {
		if c, ok := e.(*tape.OrderChanged); ok && c.ID == id {
			s = c.Status
		}
	}
	return s
}

// TestPendingMeetsWhatIsThere: what a pending order is held against when it comes, where flows of
// chance seldom lead. The auditor replays it.
func TestPendingMeetsWhatIsThere(t *testing.T) {
	w := flowWorld(t) // 1001 and 1002 may not meet
	pairOf := func(above, below string) (up, down *tape.PlaceOrder) {
		up, down = w.limit(1001, book.Sell, above, "1"), w.limit(1001, book.Sell, "0", "1")
		up.Type, down.Type, down.Stop = tape.LimitMaker, tape.StopLoss, money.MustParse(below)
		return up, down
	}
	w.order(1002, book.Buy, "110", "1")
	up, down := pairOf("110", "90")
	l := w.then(w.limit(1001, book.Sell, "120", "1"), up, down)
	events := w.ok(w.limit(1000, book.Buy, "120", "1"))
	if a, b := status(events, l.Orders[1]), status(events, l.Orders[2]); a != tape.Expired || b != tape.Expired {
		t.Errorf("a pair that would stand crossed with one it may not meet: %v and %v", a, b)
	}
	up, down = pairOf("111", "90")
	l = w.then(w.limit(1001, book.Sell, "120", "1"), up, down)
	events = w.ok(w.limit(1000, book.Buy, "120", "1"))
	if a, b := status(events, l.Orders[1]), status(events, l.Orders[2]); a != tape.StatusNew || b != tape.StatusNew {
		t.Errorf("a pair that stands before nobody: %v and %v", a, b)
	}

	// What is worth enough by the last price when it is placed, and not when it comes.
	for _, account := range flowAccounts {
		w.do(&tape.CancelAll{Account: account})
	}
	l = w.then(w.limit(1000, book.Buy, "8", "1"), w.market(1000, book.Sell, "0.5", "0"))
	if got := status(w.ok(w.limit(1003, book.Sell, "8", "1")), l.Orders[1]); got != tape.Expired {
		t.Errorf("a market order that is worth too little: %v", got)
	}
	w.audit()
}

// TestPendingIsNoPosition: what is pending counts for the bound of a position only when it comes.
func TestPendingIsNoPosition(t *testing.T) {
	w := newWorld(t)
	w = &world{t: t, v: New(), at: w.at, g: w.g}
	w.g.Markets[0].MaxPosition = money.Int(12)
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for _, a := range []uint64{ann, bob} {
		w.open(a, law.Allow)
		w.credit(a, 0, "10", law.Allow)
		w.credit(a, 1, "10000", law.Allow)
	}
	l := w.then(w.limit(ann, book.Buy, "100", "1"), w.limit(ann, book.Buy, "90", "2"))
	w.ok(w.limit(ann, book.Buy, "80", "1"))
	w.no(tape.MaxPosition, w.limit(ann, book.Buy, "80", "1"))
	if got := status(w.ok(w.limit(bob, book.Sell, "100", "1")), l.Orders[1]); got != tape.Expired {
		t.Errorf("it would have more than it may: %v", got)
	}
	w.audit()
}

// TestPendingOfWhatOneNeverHad: a pending order reserves nothing, and is restored also where its
// owner has never had what it will pay with.
func TestPendingOfWhatOneNeverHad(t *testing.T) {
	w := twoTraders(t) // ann has never had any BTC
	w.then(w.limit(ann, book.Buy, "100", "1"), w.limit(ann, book.Sell, "120", "0.5"))
	restored(t, w.v)
}
