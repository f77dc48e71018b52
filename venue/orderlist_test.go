package venue

import (
	"fmt"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
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
	w.order(1001, book.Buy, "7", "1") // who would take it
	l = w.then(w.limit(1000, book.Buy, "8", "1"), w.market(1000, book.Sell, "0.5", "0"))
	if got := status(w.ok(w.limit(1003, book.Sell, "8", "1")), l.Orders[1]); got != tape.Expired {
		t.Errorf("a market order that is worth too little: %v", got)
	}
	w.audit()
}

// TestPendingFarFromTheLastPrice: what is pending is held to the band about the last price when it comes, by the price then, and
// not when it is placed.
func TestPendingFarFromTheLastPrice(t *testing.T) {
	w := flowWorld(t)
	in := func(o *tape.PlaceOrder) *tape.PlaceOrder { // the market with bands: a sell may be 5 % above the last price
		o.Market = 1
		return o
	}
	w.ok(in(w.limit(1003, book.Sell, "100", "1")))
	w.ok(in(w.limit(1001, book.Buy, "100", "1")))
	w.no(tape.PercentPrice, in(w.limit(1000, book.Sell, "106", "1")))
	for at, becomes := range map[string]tape.Status{"101": tape.StatusNew, "99": tape.Expired} {
		l := w.then(in(w.limit(1000, book.Buy, at, "1")), in(w.limit(1000, book.Sell, "106", "1")))
		if got := status(w.ok(in(w.limit(1001, book.Sell, at, "1"))), l.Orders[1]); got != becomes {
			t.Errorf("106 where %s was the last price: %v", at, got)
		}
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

// TestOnePays: what one order pays for another, where flows of chance seldom lead: whose fee is paid of what was
// bought, in part too; snapshots in between; bounds of a quantity. The auditor replays it.
func TestOnePays(t *testing.T) {
	w := newWorld(t)
	w = &world{t: t, v: New(), at: w.at, g: w.g}
	k := &w.g.Markets[0]
	k.Step, k.MinQty, k.MaxQty, k.MarketMaxQty, k.MaxParts = money.MustParse("0.5"), money.Int(1), money.Int(30), money.Int(2), 3
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for _, a := range []uint64{ann, bob} {
		w.open(a, law.Allow)
		w.credit(a, 1, "100000", law.Allow)
	}
	w.credit(bob, 0, "50", law.Allow)
	pays := func(working *tape.PlaceOrder, pending ...*tape.PlaceOrder) tape.OrderList {
		t.Helper()
		w.seq++
		c := &tape.PlaceOrderList{ClientID: fmt.Sprint("l", w.seq), Contingency: tape.OnePays, Orders: []tape.PlaceOrder{*working}}
		for _, o := range pending {
			o.Quantity = money.Amount{}
			c.Orders = append(c.Orders, *o)
		}
		return w.ok(c)[0].(tape.OrderListPlaced).OrderList
	}
	quantity := func(id uint64, want string) {
		t.Helper()
		for _, o := range w.v.State().Orders {
			if o.ID == id && o.Quantity == money.MustParse(want) {
				return
			}
		}
		t.Errorf("order %d is not open with %s", id, want)
	}
	// Ann has no BTC: the fees are paid of what she buys.
	l := pays(w.limit(ann, book.Buy, "100", "2"), w.limit(ann, book.Sell, "120", "1"))
	w.ok(w.limit(bob, book.Sell, "100", "1"))
	locked := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Ordered)
	if locked.IsZero() || !locked.Less(money.Int(1)) {
		t.Errorf("%v is locked", locked)
	}
	w.v = restored(t, w.v)
	w.no(tape.Insufficient, w.limit(ann, book.Sell, "130", "1"))
	w.ok(w.limit(bob, book.Sell, "100", "1"))
	quantity(l.Orders[1], "1.5") // 2 less the fees, in steps of 0.5
	if rest := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Available); rest.IsZero() || !rest.Less(money.MustParse("0.5")) {
		t.Errorf("%v goes back", rest)
	}
	// Now she has what pays the fee of the next, but not of a greater.
	l = pays(w.limit(ann, book.Buy, "100", "3"), w.limit(ann, book.Sell, "120", "1"))
	w.ok(w.limit(bob, book.Sell, "100", "3"))
	quantity(l.Orders[1], "3")
	w.credit(ann, 0, "20", law.Allow)
	// Bounds of what it sells.
	up, down := w.limit(ann, book.Sell, "130", "1"), w.limit(ann, book.Sell, "0", "1")
	up.Type, down.Type, down.Stop = tape.LimitMaker, tape.StopLoss, money.Int(90)
	l = pays(w.limit(ann, book.Buy, "100", "3"), down, up)
	w.ok(w.limit(bob, book.Sell, "100", "3"))
	quantity(l.Orders[1], "2")
	quantity(l.Orders[2], "2")
	ice := w.limit(ann, book.Sell, "140", "1")
	ice.Iceberg = money.Int(1)
	l = pays(w.limit(ann, book.Buy, "100", "4"), ice)
	if got := status(w.ok(w.limit(bob, book.Sell, "100", "4")), l.Orders[1]); got != tape.Expired {
		t.Errorf("an iceberg of four parts: %v", got)
	}
	ice = w.limit(ann, book.Sell, "140", "1")
	ice.Iceberg = money.MustParse("2.5")
	l = pays(w.limit(ann, book.Buy, "100", "2"), ice)
	if got := status(w.ok(w.limit(bob, book.Sell, "100", "2")), l.Orders[1]); got != tape.Expired {
		t.Errorf("an iceberg that shows more than there is: %v", got)
	}
	// What changes hands is locked as what is bought is.
	for _, a := range []uint64{ann, bob} {
		w.ok(&tape.SetTradeGroup{Account: a, Group: 1, By: "m", Reason: "r"})
	}
	buy, give := w.limit(ann, book.Buy, "100", "2"), w.limit(bob, book.Sell, "100", "1")
	buy.SelfTrade, give.SelfTrade = tape.Transfer, tape.Transfer
	has := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Ordered)
	l = pays(buy, w.limit(ann, book.Sell, "120", "1"))
	w.ok(give)
	if more, _ := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Ordered).Sub(has); more != money.Int(1) {
		t.Errorf("%v is locked of what changed hands", more)
	}
	w.ok(&tape.CancelOrder{Account: ann, Order: l.Orders[0]})
	for _, a := range []uint64{ann, bob} {
		w.ok(&tape.SetTradeGroup{Account: a, By: "m", Reason: "r"})
	}
	// Frozen with what is locked.
	pays(w.limit(ann, book.Buy, "100", "2"), w.limit(ann, book.Sell, "120", "1"))
	w.ok(w.limit(bob, book.Sell, "100", "1"))
	w.decideSides(law.Review, ann, law.Freeze, "", nil)
	if left := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Ordered); !left.IsZero() {
		t.Errorf("%v stays locked", left)
	}
	w.audit()
}

// TestPaidForTooLittle: less than the least that an order may be, where nothing pays the fee but what was bought.
func TestPaidForTooLittle(t *testing.T) {
	w := newWorld(t)
	w = &world{t: t, v: New(), at: w.at, g: w.g}
	w.g.Markets[0].Step, w.g.Markets[0].MinQty = money.MustParse("0.5"), money.Int(1)
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for _, a := range []uint64{ann, bob} {
		w.open(a, law.Allow)
	}
	w.credit(ann, 1, "1000", law.Allow)
	w.credit(bob, 0, "10", law.Allow)
	c := &tape.PlaceOrderList{ClientID: "l", Contingency: tape.OnePays, Orders: []tape.PlaceOrder{*w.limit(ann, book.Buy, "100", "1"), *w.limit(ann, book.Sell, "120", "1")}}
	c.Orders[1].Quantity = money.Amount{}
	l := w.ok(c)[0].(tape.OrderListPlaced).OrderList
	events := w.ok(w.limit(bob, book.Sell, "100", "1"))
	if got := status(events, l.Orders[1]); got != tape.Expired {
		t.Errorf("it sells less than anybody may: %v", got)
	}
	if free := w.v.ledger.Has(ledger.Account(ann), 0, ledger.Available); free.IsZero() || !free.Less(money.Int(1)) {
		t.Errorf("%v is free", free)
	}
	w.audit()
}

// TestRestoreLocksNothing: a snapshot in which a list has locked something that it cannot have is refused, also where all sums
// agree with it.
func TestRestoreLocksNothing(t *testing.T) {
	for name, come := range map[string]bool{"a list that locks nothing": false, "one whose orders have come": true} {
		w := twoTraders(t)
		w.credit(ann, 0, "1", law.Allow)
		c := &tape.PlaceOrderList{ClientID: "l", Contingency: tape.OneTriggers, Orders: []tape.PlaceOrder{*w.limit(ann, book.Buy, "100", "1"), *w.limit(ann, book.Sell, "120", "0.5")}}
		if come {
			c.Contingency, c.Orders[1].Quantity = tape.OnePays, money.Amount{}
		}
		w.ok(c)
		if come {
			w.ok(w.limit(bob, book.Sell, "100", "1"))
		}
		s := w.v.Snapshot()
		if _, err := Restore(s); err != nil {
			t.Fatal(err)
		}
		if len(s.OrderLists) != 1 {
			t.Fatalf("%+v", s.OrderLists)
		}
		for i := range s.Balances {
			if b := &s.Balances[i]; b.Account == ann && b.Asset == 0 {
				s.OrderLists[0].Locked = b.Balance[ledger.Available]
				b.Balance[ledger.Ordered], b.Balance[ledger.Available] = w.v.plus(b.Balance[ledger.Ordered], b.Balance[ledger.Available]), money.Amount{}
			}
		}
		if _, err := Restore(s); err == nil || s.OrderLists[0].Locked.IsZero() {
			t.Errorf("%s: restored", name)
		}
	}
}

// TestListsOfAnything: orders that are no list are refused in the same sequence by the auditor; how much shows at a time of an
// order that another pays for is held against the bounds of a quantity, for it can show no more than it sells.
func TestListsOfAnything(t *testing.T) {
	w := twoTraders(t)
	list := func(change func(o *tape.PlaceOrder)) *tape.PlaceOrderList {
		c := &tape.PlaceOrderList{ClientID: "l", Contingency: tape.OnePays, Orders: []tape.PlaceOrder{*w.limit(ann, book.Buy, "100", "1"), *w.limit(ann, book.Sell, "120", "1")}}
		c.Orders[1].Quantity = money.Amount{}
		change(&c.Orders[1])
		return c
	}
	for _, shows := range []string{"-1", "0.000001", "9000.00001", "1000000000000000", "100000000000000000000"} {
		w.no(tape.LotSize, list(func(o *tape.PlaceOrder) { o.Iceberg = money.MustParse(shows) }))
	}
	w.ok(list(func(o *tape.PlaceOrder) { o.Iceberg = money.Int(9000) }))
	for _, side := range []book.Side{0, book.Buy, 3} {
		w.no(tape.BadOrder, list(func(o *tape.PlaceOrder) { o.Side = side }))
	}
	pair := list(func(o *tape.PlaceOrder) { o.Side = 3 })
	pair.Contingency, pair.Orders[0] = tape.OneCancels, pair.Orders[1]
	pair.Orders[0].Type, pair.Orders[1].Type, pair.Orders[1].Price, pair.Orders[1].Stop = tape.LimitMaker, tape.StopLoss, money.Amount{}, money.Int(90)
	w.no(tape.BadOrder, pair)
	// Two that are a pair but for a price of nothing are held against the checks of an order, the first first.
	pair.ClientID, pair.Orders[0], pair.Orders[1] = "m", *w.limit(ann, book.Buy, "0", "9001"), *w.limit(ann, book.Buy, "0", "9001")
	pair.Orders[0].Type, pair.Orders[0].Stop, pair.Orders[1].Type = tape.StopLoss, money.Int(110), tape.LimitMaker
	w.no(tape.LotSize, pair)
	// One that only follows the price lies neither above nor below the other.
	pair.Orders[1].Type, pair.Orders[1].Trail = tape.TakeProfit, 100
	w.no(tape.BadOrder, pair)
	w.audit()
}

// TestPaidForMeetsBounds: what an order that another pays for is held against once it has a quantity: the range of its worth, and the
// most that one order may move of either asset, as it is then.
func TestPaidForMeetsBounds(t *testing.T) {
	for name, c := range map[string]struct {
		becomes tape.Status
		price   string // of 0.998
		asset   uint16
		most    string
	}{
		"worth the least":                     {tape.StatusNew, "90.2", 0, "0"},
		"worth less":                          {tape.Expired, "90.1", 0, "0"},
		"worth the most":                      {tape.StatusNew, "400.8", 0, "0"},
		"worth more":                          {tape.Expired, "400.81", 0, "0"},
		"as much of it as one order may move": {tape.StatusNew, "210", 0, "0.998"},
		"more of it":                          {tape.Expired, "210", 0, "0.99799999"},
		"for as much as one order may move":   {tape.StatusNew, "210", 1, "209.58"},
		"for more":                            {tape.Expired, "210", 1, "209.57"},
	} {
		w := newWorld(t)
		w = &world{t: t, v: New(), at: w.at, g: w.g}
		k := &w.g.Markets[0]
		k.MinNotional, k.MaxNotional, k.MakerPPM = money.Int(90), money.Int(400), 2000
		w.do(w.g)
		w.do(&tape.TakeRules{SHA256: rulesHash})
		w.open(ann, law.Allow)
		w.open(bob, law.Allow)
		w.credit(ann, 1, "1000", law.Allow)
		w.credit(bob, 0, "10", law.Allow)
		l := &tape.PlaceOrderList{ClientID: "l", Contingency: tape.OnePays, Orders: []tape.PlaceOrder{*w.limit(ann, book.Buy, "200", "1"), *w.limit(ann, book.Sell, c.price, "1")}}
		l.Orders[1].Quantity = money.Amount{}
		pends := w.ok(l)[0].(tape.OrderListPlaced).OrderList.Orders[1]
		w.ok(&tape.SetMaxAsset{Asset: c.asset, Max: money.MustParse(c.most), By: "m", Reason: "r"})
		w.ok(w.limit(bob, book.Sell, "200", "0.5"))
		if got := status(w.ok(w.limit(bob, book.Sell, "200", "0.5")), pends); got != c.becomes {
			t.Errorf("%s: %v", name, got)
		}
		w.audit()
	}
}
