package venue

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// world is a venue under test with what is needed to give it commands.
type world struct {
	t   failer
	v   *Venue
	g   *tape.Genesis
	at  int64
	seq int
	log []journal.Entry // what was done, as a journal has it
}

type failer interface {
	Helper()
	Fatalf(string, ...any)
}

var rulesHash = tape.Hash{1}

func newWorld(t failer) *world {
	m := money.MustParse
	w := &world{t: t, v: New(), at: 1_645_700_000_000_000, g: &tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
			{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
		},
		Markets: []tape.Market{{
			Symbol: "BTCUSDT", Base: 0, Quote: 1, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"),
			Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("9000"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 2000,
		}},
		Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}},
	}}
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	return w
}

func (w *world) do(cmd tape.Command) []tape.Event {
	w.t.Helper()
	w.at += 1000
	payload, err := tape.Encode(cmd)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	events := apply(w.v, w.at, cmd)
	w.log = append(w.log, journal.Entry{Time: w.at, Kind: uint16(cmd.Kind()), Payload: payload, Outcome: tape.Digest(events)})
	return events
}

// apply gives the events of a command as the caller's own.
func apply(v *Venue, at int64, cmd tape.Command) []tape.Event {
	var out tape.Buffer
	v.Apply(at, cmd, &out)
	return out.Events
}

// ok does a command that must not be refused.
func (w *world) ok(cmd tape.Command) []tape.Event {
	w.t.Helper()
	events := w.do(cmd)
	if r, refused := refused(events); refused {
		w.t.Fatalf("%T was refused: %s", cmd, r.Reason)
	}
	return events
}

// no does a command that must be refused for the reason, and change nothing.
func (w *world) no(want tape.Reason, cmd tape.Command) {
	w.t.Helper()
	before := w.v.State()
	r, is := refused(w.do(cmd))
	if !is || r.Reason != want {
		w.t.Fatalf("%T: refused %v for %q, want %q", cmd, is, r.Reason, want)
	}
	if after := w.v.State(); after.Hash() != before.Hash() && want != tape.NotPermitted && want != tape.Stopped {
		w.t.Fatalf("%T was refused and yet changed the state", cmd)
	}
}

func refused(events []tape.Event) (tape.Refused, bool) {
	for _, e := range events {
		if r, ok := e.(tape.Refused); ok {
			return r, true
		}
	}
	return tape.Refused{}, false
}

// decide records a decision with the given verdict and returns its id.
func (w *world) decide(action law.Action, account uint64, verdict law.Verb, movement string) tape.Hash {
	w.t.Helper()
	return w.decideSides(action, account, verdict, movement, nil)
}

// decideSides is decide for a customer who stands on sides of bars.
func (w *world) decideSides(action law.Action, account uint64, verdict law.Verb, movement string, sides []law.Side) tape.Hash {
	w.t.Helper()
	w.seq++
	d := gate.Decision{
		Sides: sides,
		At:    time.UnixMicro(w.at).UTC(), Action: action, Account: account, Operator: "us", Nexus: []string{"US"}, Verdict: verdict,
		Subject: hex.EncodeToString(make([]byte, 32)), Rules: hex.EncodeToString(rulesHash[:]), Movement: movement,
		Tried: []string{}, Editions: []gate.EditionRef{},
	}
	if verdict == law.Hold {
		d.Hold = &gate.HoldTerms{Owner: "desk", Due: d.At.Add(time.Hour)}
	}
	if verdict != law.Allow {
		d.Fired = []gate.Fired{{Rule: "r", Title: "R", Verb: verdict, Authority: "A", Instrument: "I", Article: "1", EffectiveAt: d.At.Add(-time.Hour)}}
	}
	d.Seal()
	body, err := json.Marshal(d)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	w.ok(&tape.Decide{Body: body})
	id, err := hashOf(d.ID)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	return id
}

func (w *world) open(account uint64, verdict law.Verb) {
	w.t.Helper()
	w.ok(&tape.OpenAccount{Account: account, Decision: w.decide(law.OpenAccount, account, verdict, "")})
}

func (w *world) stand(account uint64, verdict law.Verb) {
	w.t.Helper()
	w.decide(law.Review, account, verdict, "")
}

func (w *world) credit(account uint64, asset uint16, amount string, verdict law.Verb) {
	w.t.Helper()
	w.seq++
	c := &tape.Deposit{Account: account, Asset: asset, Amount: money.MustParse(amount), Network: w.g.Assets[asset].Network, TxID: fmt.Sprintf("tx%d", w.seq), From: "x"}
	c.Decision = w.decide(law.Deposit, account, verdict, DepositMovement(w.g, c).Digest())
	w.ok(c)
}

func (w *world) order(account uint64, side book.Side, price, qty string) tape.Order {
	w.t.Helper()
	return placed(w.ok(w.limit(account, side, price, qty)))
}

func (w *world) limit(account uint64, side book.Side, price, qty string) *tape.PlaceOrder {
	w.seq++
	return &tape.PlaceOrder{
		Account: account, Side: side, Type: tape.Limit, Force: tape.GTC, Price: money.MustParse(price), Quantity: money.MustParse(qty), ClientID: fmt.Sprint("c", w.seq),
	}
}

func (w *world) market(account uint64, side book.Side, qty, quote string) *tape.PlaceOrder {
	w.seq++
	return &tape.PlaceOrder{
		Account: account, Side: side, Type: tape.MarketOrder, Force: tape.GTC, Quantity: money.MustParse(qty), QuoteQuantity: money.MustParse(quote), ClientID: fmt.Sprint("c", w.seq),
	}
}

// placed is the order a PlaceOrder made, as it stood at the end.
func placed(events []tape.Event) tape.Order {
	var o tape.Order
	for _, e := range events {
		if c, ok := e.(*tape.OrderChanged); ok && (o.ID == 0 || o.ID == c.ID) {
			o = c.Order
		}
	}
	return o
}

// has checks a balance, written "available ordered leaving frozen apart".
func (w *world) has(account uint64, asset uint16, want string) {
	w.t.Helper()
	b := w.v.ledger.Balance(ledger.Account(account), asset)
	if got := fmt.Sprint(b[0], " ", b[1], " ", b[2], " ", b[3], " ", b[4]); got != want {
		w.t.Fatalf("account %d, asset %d: %q, want %q", account, asset, got, want)
	}
}

const (
	ann = uint64(1000)
	bob = uint64(1001)
)

func twoTraders(t failer) *world {
	w := newWorld(t)
	w.open(ann, law.Allow)
	w.open(bob, law.Allow)
	w.credit(ann, 1, "10000", law.Allow)
	w.credit(bob, 0, "10", law.Allow)
	return w
}

func TestFillPostsAndCharges(t *testing.T) {
	w := twoTraders(t)
	w.order(bob, book.Sell, "100", "1.5")
	w.has(bob, 0, "8.5 1.5 0 0 0")
	o := w.order(ann, book.Buy, "110", "2") // 1.5 at 100, 0.5 rests at 110
	if o.Status != tape.PartiallyFilled || o.Filled != money.MustParse("1.5") || o.Spent != money.Int(150) {
		t.Fatalf("taker: %+v", o)
	}
	// Taker receives 1.5 BTC less 0.2 %, maker 150 USDT less 0.1 %; 55 stays reserved for 0.5 at 110.
	w.has(ann, 0, "1.497 0 0 0 0")
	w.has(ann, 1, "9795 55 0 0 0")
	w.has(bob, 0, "8.5 0 0 0 0")
	w.has(bob, 1, "149.85 0 0 0 0")
	w.has(uint64(ledger.Fees), 0, "0.003 0 0 0 0")
	w.has(uint64(ledger.Fees), 1, "0.15 0 0 0 0")
}

func TestMarketOrders(t *testing.T) {
	w := twoTraders(t)
	w.order(bob, book.Sell, "100", "1")
	w.order(bob, book.Sell, "200", "1")
	// 250 buys 1 at 100 and 0.75 at 200.
	o := placed(w.ok(w.market(ann, book.Buy, "0", "250")))
	if o.Status != tape.Filled || o.Quantity != money.MustParse("1.75") || o.Spent != money.Int(250) {
		t.Fatalf("by quote quantity: %+v", o)
	}
	w.has(ann, 1, "9750 0 0 0 0")
	// More than the book has: what there is fills, the rest expires.
	o = placed(w.ok(w.market(ann, book.Buy, "3", "0")))
	if o.Status != tape.Expired || o.Filled != money.MustParse("0.25") {
		t.Fatalf("beyond the book: %+v", o)
	}
	w.has(ann, 1, "9700 0 0 0 0")
	o = placed(w.ok(w.market(ann, book.Buy, "1", "0")))
	if o.Status != tape.Expired || !o.Filled.IsZero() {
		t.Fatalf("empty book: %+v", o)
	}
	w.order(ann, book.Buy, "50", "2")
	o = placed(w.ok(w.market(bob, book.Sell, "0", "75")))
	if o.Status != tape.Filled || o.Filled != money.MustParse("1.5") {
		t.Fatalf("sell by quote quantity: %+v", o)
	}
}

// What a sum of money buys stops at the first order it cannot take whole: the rest of it would
// buy a little at a worse price, but that order stands before it.
func TestQuoteQuantityStopsAtTheFirstRest(t *testing.T) {
	w := twoTraders(t)
	w.order(ann, book.Buy, "100", "2")
	w.order(ann, book.Buy, "50", "10")
	o := placed(w.ok(w.market(bob, book.Sell, "0", "100.0007")))
	if o.Status != tape.Filled || o.Filled != money.Int(1) {
		t.Fatalf("sold %v (%v), want 1", o.Filled, o.Status)
	}
}

func TestForces(t *testing.T) {
	w := twoTraders(t)
	w.order(bob, book.Sell, "100", "1")
	fok := w.limit(ann, book.Buy, "100", "1.00001")
	fok.Force = tape.FOK
	if o := placed(w.ok(fok)); o.Status != tape.Expired || !o.Filled.IsZero() {
		t.Fatalf("FOK beyond the book: %+v", o)
	}
	ioc := w.limit(ann, book.Buy, "100", "3")
	ioc.Force = tape.IOC
	if o := placed(w.ok(ioc)); o.Status != tape.Expired || o.Filled != money.Int(1) {
		t.Fatalf("IOC: %+v", o)
	}
	w.has(ann, 1, "9900 0 0 0 0")
	w.order(bob, book.Sell, "100", "1")
	post := w.limit(ann, book.Buy, "100", "1")
	post.Type = tape.LimitMaker
	w.no(tape.WouldTake, post)
	post.Price = money.MustParse("99.99")
	if o := placed(w.ok(post)); o.Status != tape.StatusNew {
		t.Fatalf("post-only: %+v", o)
	}
}

// A customer's own resting order is never crossed: it expires.
func TestSelfTradePrevented(t *testing.T) {
	w := twoTraders(t)
	w.credit(bob, 1, "1000", law.Allow)
	own := w.order(bob, book.Sell, "100", "1")
	events := w.ok(w.limit(bob, book.Buy, "100", "1"))
	var expired bool
	for _, e := range events {
		if _, traded := e.(*tape.Traded); traded {
			t.Fatal("an account traded with itself")
		}
		if c, ok := e.(*tape.OrderChanged); ok && c.ID == own.ID {
			expired = c.Status == tape.ExpiredInMatch
		}
	}
	if !expired || placed(events).Status != tape.StatusNew {
		t.Fatalf("events %+v", events)
	}
}

func TestFilters(t *testing.T) {
	w := twoTraders(t)
	for _, c := range []struct {
		price, qty string
		want       tape.Reason
	}{
		{"100.001", "1", tape.PriceFilter},
		{"0.001", "1", tape.PriceFilter},
		{"1000000.01", "1", tape.PriceFilter},
		{"100", "0.000001", tape.LotSize},
		{"100", "9001", tape.LotSize},
		{"100", "0.04999", tape.Notional},
		{"100", "200", tape.Insufficient},
	} {
		w.no(c.want, w.limit(ann, book.Buy, c.price, c.qty))
	}
	dup := w.limit(ann, book.Buy, "10", "1")
	w.ok(dup)
	w.no(tape.DuplicateClientID, dup)
	bad := w.limit(ann, book.Buy, "10", "1")
	bad.Side = 0
	w.no(tape.BadOrder, bad)
	w.no(tape.UnknownAccount, w.limit(77777, book.Buy, "10", "1"))
	w.no(tape.UnknownOrder, &tape.CancelOrder{Account: ann, Order: 999})
	w.no(tape.UnknownOrder, &tape.CancelOrder{Account: bob, ClientID: dup.ClientID}) // another's order
	w.no(tape.UnknownOrder, &tape.CancelOrder{Account: bob, Order: 1})
	w.ok(&tape.CancelOrder{Account: ann, ClientID: dup.ClientID})
	w.ok(dup) // the client id is free again
	w.ok(&tape.CancelOrder{Account: ann, Order: 2})
}

// Freezing: orders leave the book, value goes to the frozen pocket, nothing moves,
// credits still arrive, and a delisting gives it back. All of it in one command.
func TestFreezeAndRelease(t *testing.T) {
	w := twoTraders(t)
	w.order(ann, book.Buy, "100", "10")
	out := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(500), Network: "ETH", Address: "y", Ref: "r1"}
	out.Decision = w.decide(law.Withdraw, ann, law.Allow, WithdrawMovement(w.g, out).Digest())
	w.ok(out)
	w.has(ann, 1, "8500 1000 500 0 0")

	if got := w.v.withdrawals[1].Status; got != tape.Requested {
		t.Fatalf("before the freeze the withdrawal is %v", got)
	}
	called := w.v.withdrawals[1]
	w.stand(ann, law.Freeze)
	if called.Status != tape.OutStopped {
		t.Fatalf("the withdrawal is %v, want stopped", called.Status)
	}
	w.has(ann, 1, "0 0 0 10000 0")
	if w.v.markets[0].book.Len() != 0 {
		t.Fatal("an order of a frozen account rests")
	}
	w.no(tape.Stopped, w.limit(ann, book.Buy, "100", "1"))
	w.no(tape.UnknownWithdrawal, &tape.SendWithdrawal{Withdrawal: 1})
	again := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(50), Network: "ETH", Address: "y", Ref: "r2"}
	again.Decision = w.decide(law.Withdraw, ann, law.Allow, WithdrawMovement(w.g, again).Digest())
	w.no(tape.Stopped, again)
	w.credit(ann, 1, "77", law.Freeze) // credits still arrive
	w.has(ann, 1, "0 0 0 10077 0")

	// The deposit was frozen by a decision of its own: it waits for one.
	w.stand(ann, law.Allow)
	w.has(ann, 1, "10000 0 0 77 0")
}

// An exit is never a freeze: the customer takes everything out and may do nothing else.
func TestExitLetsAssetsLeave(t *testing.T) {
	w := twoTraders(t)
	w.order(ann, book.Buy, "100", "10")
	w.stand(ann, law.Exit)
	w.has(ann, 1, "10000 0 0 0 0")
	w.no(tape.Stopped, w.limit(ann, book.Buy, "100", "1"))
	out := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(10000), Network: "ETH", Address: "y", Ref: "all"}
	out.Decision = w.decide(law.Withdraw, ann, law.Exit, WithdrawMovement(w.g, out).Digest())
	w.ok(out)
	w.ok(&tape.SendWithdrawal{Withdrawal: 1})
	w.ok(&tape.SettleWithdrawal{Withdrawal: 1, TxID: "t"})
	w.has(ann, 1, "0 0 0 0 0")
	w.has(uint64(ledger.Fees), 1, "2 0 0 0 0")
}

// Value moves only under an unspent decision about just that movement.
func TestPermits(t *testing.T) {
	w := twoTraders(t)
	out := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", Address: "y", Ref: "r"}
	w.no(tape.NoPermit, out) // none
	out.Decision = w.decide(law.Withdraw, ann, law.Allow, WithdrawMovement(w.g, out).Digest())
	other := *out
	other.Address = "z"
	w.no(tape.NoPermit, &other) // of another movement
	w.ok(out)
	w.no(tape.NoPermit, out) // spent

	held := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", Address: "y", Ref: "r3"}
	held.Decision = w.decide(law.Withdraw, ann, law.Hold, WithdrawMovement(w.g, held).Digest())
	w.no(tape.NotPermitted, held)

	listed := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", Address: "listed", Ref: "r4"}
	listed.Decision = w.decide(law.Withdraw, ann, law.Freeze, WithdrawMovement(w.g, listed).Digest())
	w.ok(listed)
	w.has(ann, 1, "9800 0 100 100 0")
	// Decided again after a delisting: it is the customer's again.
	w.decide(law.Withdraw, ann, law.Allow, WithdrawMovement(w.g, listed).Digest())
	w.has(ann, 1, "9900 0 100 0 0")
}

func TestDepositSetApart(t *testing.T) {
	w := twoTraders(t)
	c := &tape.Deposit{Account: ann, Asset: 1, Amount: money.Int(5), Network: "ETH", TxID: "dust", From: "mixer"}
	movement := DepositMovement(w.g, c).Digest()
	c.Decision = w.decide(law.Deposit, ann, law.Hold, movement)
	w.ok(c)
	w.has(ann, 1, "10000 0 0 0 5")
	c.Decision = w.decide(law.Deposit, ann, law.Hold, movement) // still held: left where it is
	w.has(ann, 1, "10000 0 0 0 5")
	w.decide(law.Deposit, ann, law.Allow, movement)
	w.has(ann, 1, "10005 0 0 0 0")
	c.Decision = w.decide(law.Deposit, ann, law.Allow, movement)
	w.no(tape.DuplicateDeposit, c)
}

// What arrives for an account that is held is set apart, whatever the decision on it says.
func TestDepositForTheHeld(t *testing.T) {
	w := twoTraders(t)
	w.stand(ann, law.Hold)
	w.credit(ann, 1, "7", law.Allow)
	w.has(ann, 1, "10000 0 0 0 7")
}

// Two decisions may wait for one movement; only one of them is ever spent on it.
func TestOneMovementOnce(t *testing.T) {
	w := twoTraders(t)
	out := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", Address: "listed", Ref: "r"}
	first := w.decide(law.Withdraw, ann, law.Freeze, WithdrawMovement(w.g, out).Digest())
	second := w.decide(law.Withdraw, ann, law.Freeze, WithdrawMovement(w.g, out).Digest())
	out.Decision = first
	w.ok(out)
	out.Decision = second
	w.no(tape.NoPermit, out)
	w.has(ann, 1, "9900 0 0 100 0")
}

func TestStaleAndForgedDecisions(t *testing.T) {
	w := twoTraders(t)
	d := gate.Decision{At: time.UnixMicro(w.at).UTC(), Action: law.Review, Account: ann, Operator: "us", Verdict: law.Freeze, Rules: hex.EncodeToString(rulesHash[:]), Tried: []string{}, Editions: []gate.EditionRef{}}
	d.Seal()
	forged := d
	forged.Verdict = law.Allow
	body, _ := json.Marshal(forged)
	w.no(tape.BadDecision, &tape.Decide{Body: body})
	w.ok(&tape.TakeEdition{List: "us-sdn", SHA256: tape.Hash{2}})
	body, _ = json.Marshal(d)
	w.no(tape.StaleDecision, &tape.Decide{Body: body})
}

// A decision is recorded once, and only while it is fresh: recorded again it could be spent
// again, or bring back a standing of before.
func TestDecisionRecordedOnce(t *testing.T) {
	w := twoTraders(t)
	out := &tape.Withdraw{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", Address: "y", Ref: "r"}
	d := gate.Decision{
		At: time.UnixMicro(w.at).UTC(), Action: law.Withdraw, Account: ann, Operator: "us", Verdict: law.Allow, Rules: hex.EncodeToString(rulesHash[:]),
		Tried: []string{}, Editions: []gate.EditionRef{}, Movement: WithdrawMovement(w.g, out).Digest(),
	}
	d.Seal()
	body, _ := json.Marshal(d)
	out.Decision, _ = hashOf(d.ID)
	w.ok(&tape.Decide{Body: body})
	w.ok(out)
	w.no(tape.DuplicateDecision, &tape.Decide{Body: body})
	w.no(tape.NoPermit, out)
	w.no(tape.BadDecision, &tape.Decide{Body: append(body, ' ')})
	w.at += tape.Fresh
	w.no(tape.StaleDecision, &tape.Decide{Body: body})
	w.stand(bob, law.Allow) // with it, what is no longer fresh is forgotten
	if n := len(w.v.State().Recorded); n != 1 {
		t.Fatalf("%d decisions remembered, want 1", n)
	}
	w.no(tape.StaleDecision, &tape.Decide{Body: body})
}

// TestDeterministic plays one flow twice and compares every digest and the state.
func TestDeterministic(t *testing.T) {
	play := func() (digests []tape.Hash, state tape.Hash) {
		w := twoTraders(t)
		for i := range 50 {
			price := fmt.Sprint(100 + i%7 - 3)
			digests = append(digests, tape.Digest(w.do(w.limit(ann, book.Buy, price, "1"))), tape.Digest(w.do(w.limit(bob, book.Sell, price, "0.5"))))
		}
		s := w.v.State()
		return digests, s.Hash()
	}
	d1, s1 := play()
	d2, s2 := play()
	if fmt.Sprint(d1) != fmt.Sprint(d2) || s1 != s2 {
		t.Fatal("the same commands brought about something else")
	}
}

// Of no account are what an operator itself asks, about an asset it offers or a platform it
// deals with, and nothing else.
func TestDecisionsOfNoAccount(t *testing.T) {
	for _, action := range law.Actions() {
		w := twoTraders(t)
		for account := range uint64(2) {
			d := gate.Decision{
				At: time.UnixMicro(w.at).UTC(), Action: action, Account: account, Operator: "us", Verdict: law.Allow, Rules: hex.EncodeToString(rulesHash[:]),
				Tried: []string{}, Editions: []gate.EditionRef{},
			}
			d.Seal()
			body, _ := json.Marshal(d)
			if account == 0 && (action == law.ListAsset || action == law.DealPlatform) {
				w.ok(&tape.Decide{Body: body})
			} else {
				w.no(tape.BadDecision, &tape.Decide{Body: body})
			}
		}
	}
}

// What an order tells is written over what lay there, whole.
func TestTellWritesEverything(t *testing.T) {
	var x tape.Order
	for _, part := range []any{&x.OrderPlain, &x.OrderRare} {
		v := reflect.ValueOf(part).Elem()
		for i := range v.NumField() {
			f := v.Field(i)
			switch f.Interface().(type) {
			case string:
				f.SetString("x")
			case int64:
				f.SetInt(1)
			case money.Amount:
				f.Set(reflect.ValueOf(money.Int(1)))
			case tape.Strategy:
				f.Set(reflect.ValueOf(tape.Strategy{ID: 1, Type: 1, Given: 1}))
			default:
				f.SetUint(1)
			}
		}
	}
	(&order{rare: &plain}).tell(&x)
	if x != (tape.Order{}) {
		t.Errorf("left of what lay there: %+v", x)
	}
}
