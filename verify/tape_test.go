package verify

import (
	"encoding/hex"
	"fmt"
	"time"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A writer makes journals for the tests to read: it gives commands to a model of its own
// and keeps what came of each as an entry.
type writer struct {
	t       tester
	m       *model
	at      int64
	entries []journal.Entry
	events  [][]tape.Event
	rules   string
	nonce   int
}

var (
	listHash  = tape.Hash{0x11}
	rulesHash = tape.Hash{0x22}
	day       = time.Date(2022, 2, 24, 9, 0, 0, 0, time.UTC)
)

const (
	btc  = 0 // asset
	usdt = 1
	mkt  = 0 // BTCUSDT

	alice = 1000
	bob   = 1001
	carol = 1002
)

func amt(s string) money.Amount { return money.MustParse(s) }

func genesis() *tape.Genesis {
	return &tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "bitcoin", MinOut: amt("0.001"), FeeOut: amt("0.0005")},
			{Code: "USDT", Decimals: 6, Network: "tron", MinOut: amt("10"), FeeOut: amt("1")},
		},
		Markets: []tape.Market{{
			Symbol: "BTCUSDT", Base: btc, Quote: usdt,
			Tick: amt("0.01"), MinPrice: amt("0.01"), MaxPrice: amt("1000000"),
			Step: amt("0.001"), MinQty: amt("0.001"), MaxQty: amt("100"), MinNotional: amt("5"),
			MakerPPM: 1000, TakerPPM: 2000, Tiers: []tape.Fees{{MakerPPM: 500, TakerPPM: 1500}, {TakerPPM: 1000}},
			AllowSelf: true, Rising: tape.Trails{Min: 3, Max: 2000}, Falling: tape.Trails{Min: 2, Max: 1000},
		}},
		Operators: []tape.Operator{
			{Name: "us", Title: "Example US LLC", Nexus: []string{"US"}},
			{Name: "eu", Title: "Example EU SA", Nexus: []string{"EU"}},
		},
	}
}

// A tester is a *testing.T, a *testing.B or a *rapid.T.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// start is a venue with rules and a list in force.
func start(t tester) *writer { return startAt(t, day, genesis()) }

func startAt(t tester, when time.Time, g *tape.Genesis) *writer {
	w := &writer{t: t, m: newModel(), at: when.UnixMicro()}
	w.must(g)
	w.take(rulesHash)
	w.do(&tape.TakeEdition{List: "us-sdn", Publisher: "OFAC", Published: day.UnixMicro(), Arrived: day.UnixMicro(), SHA256: listHash, Entries: 91})
	return w
}

func (w *writer) take(rules tape.Hash) {
	w.rules = hex.EncodeToString(rules[:])
	w.do(&tape.TakeRules{SHA256: rules, Rules: 1})
}

// do gives one command to the model, a millisecond after the one before.
func (w *writer) do(cmd tape.Command) []tape.Event {
	w.t.Helper()
	w.at += 1000
	events := w.m.apply(w.at, cmd)
	w.keep(cmd, events)
	return events
}

// keep puts a command into the journal with these events as what came of it.
func (w *writer) keep(cmd tape.Command, events []tape.Event) {
	w.t.Helper()
	payload, err := tape.Encode(cmd)
	if err != nil {
		w.t.Fatal(err)
	}
	w.entries = append(w.entries, journal.Entry{Time: w.at, Kind: uint16(cmd.Kind()), Payload: payload, Outcome: tape.Digest(events)})
	w.events = append(w.events, events)
}

// must is do for what may not be refused.
func (w *writer) must(cmd tape.Command) []tape.Event {
	w.t.Helper()
	events := w.do(cmd)
	if e, no := refusal(events); no {
		w.t.Fatalf("%s refused: %s", Name(cmd), e.Reason)
	}
	return events
}

// refuse is do for what must be refused, for this reason.
func (w *writer) refuse(cmd tape.Command, why tape.Reason) {
	w.t.Helper()
	events := w.do(cmd)
	e, no := refusal(events)
	if !no || len(events) != 1 {
		w.t.Fatalf("%s: %s; want it refused, %s", Name(cmd), describe(events), why)
	}
	if e.Reason != why {
		w.t.Fatalf("%s refused: %s; want %s", Name(cmd), e.Reason, why)
	}
}

// decision is one under what is in force, sealed.
func (w *writer) decision(action law.Action, account uint64, verdict law.Verb, movement string) *gate.Decision {
	w.nonce++
	d := &gate.Decision{
		At: time.UnixMicro(w.at).UTC().Truncate(time.Millisecond), Action: action, Account: account,
		Operator: "us", Nexus: []string{"US"}, Verdict: verdict, Tried: []string{},
		Editions: []gate.EditionRef{{List: "us-sdn", Published: day, SHA256: hex.EncodeToString(listHash[:])}},
		Rules:    w.rules, Matching: fmt.Sprint("test ", w.nonce), Movement: movement,
	}
	d.Subject = hex.EncodeToString(make([]byte, 32))
	if verdict == law.Hold {
		d.Hold = &gate.HoldTerms{Owner: "compliance", Due: day.AddDate(0, 0, 10)}
	}
	if verdict != law.Allow {
		d.Fired = []gate.Fired{{
			Rule: "test", Title: "A rule of the tests", Verb: verdict,
			Authority: "OFAC", Instrument: "31 CFR", Article: "501.603", EffectiveAt: day,
		}}
	}
	return d
}

// seal gives a decision its id, and both as they go into a command.
func (w *writer) seal(d *gate.Decision) (*tape.Decide, tape.Hash) {
	w.t.Helper()
	id, err := contentID(d)
	if err != nil {
		w.t.Fatal(err)
	}
	d.ID = hex.EncodeToString(id[:])
	body, err := canonical(d)
	if err != nil {
		w.t.Fatal(err)
	}
	return &tape.Decide{Body: body}, id
}

// decide records a decision and gives its id.
func (w *writer) decide(action law.Action, account uint64, verdict law.Verb, movement string) tape.Hash {
	w.t.Helper()
	cmd, id := w.seal(w.decision(action, account, verdict, movement))
	w.must(cmd)
	return id
}

func (w *writer) open(account uint64, verdict law.Verb) {
	w.t.Helper()
	w.must(&tape.OpenAccount{Account: account, Decision: w.decide(law.OpenAccount, account, verdict, "")})
}

func (w *writer) review(account uint64, verdict law.Verb, sides ...law.Side) []tape.Event {
	w.t.Helper()
	d := w.decision(law.Review, account, verdict, "")
	d.Sides = sides
	cmd, _ := w.seal(d)
	return w.must(cmd)
}

func (w *writer) depositCommand(account uint64, asset uint16, amount string) *tape.Deposit {
	w.nonce++
	return &tape.Deposit{
		Account: account, Asset: asset, Amount: amt(amount), Network: w.m.genesis.Assets[asset].Network,
		TxID: fmt.Sprintf("tx%d", w.nonce), From: "sender",
	}
}

func (w *writer) deposit(account uint64, asset uint16, amount string, verdict law.Verb) (*tape.Deposit, []tape.Event) {
	w.t.Helper()
	c := w.depositCommand(account, asset, amount)
	c.Decision = w.decide(law.Deposit, account, verdict, depositMovement(&w.m.genesis, c))
	return c, w.must(c)
}

func (w *writer) withdrawCommand(account uint64, asset uint16, amount string) *tape.Withdraw {
	return &tape.Withdraw{Account: account, Asset: asset, Amount: amt(amount), Network: w.m.genesis.Assets[asset].Network, Address: "receiver"}
}

func (w *writer) withdraw(account uint64, asset uint16, amount string, verdict law.Verb) []tape.Event {
	w.t.Helper()
	c := w.withdrawCommand(account, asset, amount)
	c.Decision = w.decide(law.Withdraw, account, verdict, withdrawMovement(&w.m.genesis, c))
	return w.must(c)
}

func (w *writer) order(account uint64, side book.Side, price, quantity string) *tape.PlaceOrder {
	w.nonce++
	return &tape.PlaceOrder{
		Account: account, Market: mkt, Side: side, Type: tape.Limit, Force: tape.GTC,
		Price: amt(price), Quantity: amt(quantity), ClientID: fmt.Sprint("c", w.nonce),
	}
}

func (w *writer) market(account uint64, side book.Side, quantity, quote string) *tape.PlaceOrder {
	o := w.order(account, side, "0", quantity)
	o.Type, o.QuoteQuantity = tape.MarketOrder, amt(quote)
	return o
}

// balance compares one balance: available, ordered, leaving, frozen, apart.
func (w *writer) balance(account uint64, asset uint16, want ...string) {
	w.t.Helper()
	got := w.m.balances[pile{account, asset}]
	for i, s := range want {
		if got[i] != amt(s) {
			w.t.Errorf("account %d has %s of asset %d %s, want %s", account, got[i], asset, ledger.Pocket(i), s)
		}
	}
}

// last is the state of the last order that the events tell of with this id.
func lastOrder(events []tape.Event, id uint64) (o tape.Order) {
	for _, e := range events {
		if c, ok := e.(*tape.OrderChanged); ok && c.ID == id {
			o = c.Order
		}
	}
	return o
}

// kindsOf names the events, balances left out.
func kindsOf(events []tape.Event) string {
	text := ""
	for _, e := range events {
		switch e := e.(type) {
		case *tape.BalanceChanged:
		case *tape.OrderChanged:
			text += fmt.Sprintf("%d %s; ", e.ID, e.Status)
		case *tape.Prevented:
			text += fmt.Sprintf("prevented with %d, %s and %s", e.Maker, e.MakerQuantity, e.TakerQuantity)
			if e.Barred != "" {
				text += " by " + e.Barred
			}
			text += "; "
		case tape.OrderListPlaced:
			text += fmt.Sprintf("list %d; ", e.ID)
		case tape.OrderListEnded:
			text += fmt.Sprintf("list %d ended; ", e.ID)
		case tape.PhaseChanged:
			text += fmt.Sprintf("%s; ", e.Phase)
		case tape.Refused:
			text += fmt.Sprintf("refused, %s; ", e.Reason)
		case *tape.Traded:
			text += fmt.Sprintf("%s at %s with %d; ", e.Quantity, e.Price, e.Maker)
		case tape.WithdrawalChanged:
			text += fmt.Sprintf("out %d %s; ", e.ID, e.Status)
		case tape.DepositChanged:
			text += fmt.Sprintf("in %d %s; ", e.ID, e.Pocket)
		case tape.StandingChanged:
			text += fmt.Sprintf("%d stands at %s; ", e.Account, e.Verdict)
		case tape.Decided:
			text += "decided; "
		default:
			text += fmt.Sprintf("%T; ", e)
		}
	}
	return text
}
