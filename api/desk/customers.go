package desk

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"sallyport/chain"
	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A citation is a rule that speaks in a decision.
type citation struct {
	Rule       string   `json:"rule"`
	Title      string   `json:"title"`
	Verb       law.Verb `json:"verb"`
	Authority  string   `json:"authority"`
	Instrument string   `json:"instrument"`
	Article    string   `json:"article"`
	URL        string   `json:"url,omitempty"`
	House      bool     `json:"house_policy,omitempty"`
	Missing    []string `json:"missing,omitempty"` // facts that were not known
}

// A verdict is a decision in short: what it says, in the words that the customer may be
// told, and the rules it rests on. All that it rests on is at /desk/v1/decisions/ID.
type verdict struct {
	Decision    string     `json:"decision"`
	Verdict     law.Verb   `json:"verdict"`
	Explanation string     `json:"explanation"`
	Rules       []citation `json:"rules,omitempty"`
}

func short(d *gate.Decision) verdict {
	v := verdict{Decision: d.ID, Verdict: d.Verdict, Explanation: gate.Explain(*d, gate.English, gate.Customer)}
	for _, fs := range [][]gate.Fired{d.Fired, d.Unknown} {
		for _, f := range fs {
			v.Rules = append(v.Rules, citation{f.Rule, f.Title, f.Verb, f.Authority, f.Instrument, f.Article, f.URL, f.House, f.Missing})
		}
	}
	return v
}

// open opens a customer, unless a rule refuses them service.
func (d *desk) open(r *http.Request) (int, any, error) {
	var ask struct {
		Operator string         `json:"operator"`
		Profile  entity.Profile `json:"profile"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	p := &ask.Profile
	if err := d.x.CheckApplication(&exchange.Application{Operator: ask.Operator, Profile: *p}); err != nil {
		return 0, nil, unfit(err)
	}
	d.opening.Lock()
	defer d.opening.Unlock()
	if n, taken := d.x.ByRef(p.ID); taken && p.ID != "" {
		return 0, nil, wrong(http.StatusConflict, "profile.id: account %d was opened for this reference. Use it, or send another reference.", n)
	}
	opened, err := d.x.Open(exchange.Application{Operator: ask.Operator, Profile: *p})
	if err != nil {
		return 0, nil, err
	}
	o, status := opened[0], http.StatusCreated
	if o.Refused {
		status = http.StatusOK // answered, and nothing made
	}
	return status, struct {
		Account uint64 `json:"account"`
		Refused bool   `json:"refused"`
		verdict
	}{o.Account, o.Refused, short(&o.Decision)}, nil
}

// unfit tells what is wrong with an application or a profile.
func unfit(err error) error {
	text := err.Error() + "."
	var u *exchange.Unfit
	if errors.As(err, &u) && u.Field == "operator" {
		text += " GET /desk/v1/summary lists them."
	}
	return wrong(http.StatusUnprocessableEntity, "%s", text)
}

// customer shows how an account stands and what it holds.
func (d *desk) customer(r *http.Request) (int, any, error) {
	n, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	a, ok := d.x.View().Account(n)
	if !ok {
		return 0, nil, noAccount(n)
	}
	rec, err := d.x.View().Standing(n)
	if err != nil {
		return 0, nil, fmt.Errorf("desk: %w", err)
	}
	return http.StatusOK, struct {
		Account  uint64                             `json:"account"`
		Operator string                             `json:"operator"`
		Opened   time.Time                          `json:"opened"`
		Trade    bool                               `json:"may_trade"`
		Withdraw bool                               `json:"may_withdraw"`
		Tier     uint8                              `json:"tier"` // of fees, by which it pays
		Fees     fees                               `json:"fees"`
		Group    uint32                             `json:"trade_group"` // 0: none
		Standing verdict                            `json:"standing"`
		Balances map[string]map[string]money.Amount `json:"balances"`
	}{
		n, a.Operator.Name, a.Opened, a.Standing.May&tape.MayTrade != 0, a.Standing.May&tape.MayWithdraw != 0,
		a.Tier, feesOf(d.x.View().Volume(n)), a.Group, short(&rec.Decision), d.balances(a.Balances),
	}, nil
}

// fees are what an account's tier of fees rests on.
type fees struct {
	Given  uint8        `json:"given_tier"` // by the desk
	Earned uint8        `json:"earned_tier"`
	Volume money.Amount `json:"volume_30d"` // in euro, in the 30 days before Day
	Day    time.Time    `json:"day,omitzero"`
	Next   money.Amount `json:"next_volume"` // of the tier after the one it pays by; 0 where none is to be earned
}

func feesOf(v exchange.Volume) fees { return fees{v.Given, v.Earned, v.Euros, v.Day, v.Next} }

// balances are by asset and pocket; an asset of which there is nothing is left out.
func (d *desk) balances(bs []ledger.Balance) map[string]map[string]money.Amount {
	assets := d.x.View().Genesis().Assets
	by := map[string]map[string]money.Amount{}
	for i, b := range bs {
		if b == (ledger.Balance{}) {
			continue
		}
		by[assets[i].Code] = pockets(b)
	}
	return by
}

func pockets(b ledger.Balance) map[string]money.Amount {
	by := map[string]money.Amount{}
	for p, a := range b {
		by[ledger.Pocket(p).String()] = a
	}
	return by
}

// transfer brings an amount to a customer's deposit address on the chain in memory, and
// through the gate onto their account.
func (d *desk) transfer(r *http.Request) (int, any, error) {
	var ask struct {
		Account uint64       `json:"account"`
		Asset   string       `json:"asset"`
		Amount  money.Amount `json:"amount"`
		From    string       `json:"from"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	i, ok := d.x.View().Asset(ask.Asset)
	if !ok {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "asset: there is no asset %q here. GET /desk/v1/summary lists them.", ask.Asset)
	}
	if _, ok := d.x.View().Account(ask.Account); !ok {
		return 0, nil, noAccount(ask.Account)
	}
	asset := d.x.View().Genesis().Assets[i]
	if ask.Amount.Sign() <= 0 || ask.Amount.Truncate(int(asset.Decimals)) != ask.Amount {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "amount: want more than nothing and at most %d decimals, as a text: \"0.5\".", asset.Decimals)
	}
	if _, err := chain.Canonical(ask.From); err != nil {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "from: want the sending address: %s.", err)
	}
	var key [16]byte
	if _, err := io.ReadFull(d.o.Random, key[:]); err != nil {
		return 0, nil, fmt.Errorf("desk: a transfer's key: %w", err)
	}
	t := d.x.Chain().Send("desk "+hex.EncodeToString(key[:]), memory.Transfer{
		Network: asset.Network, Asset: asset.Code, Amount: ask.Amount, From: ask.From, To: memory.DepositAddress(asset.Network, ask.Account),
	})
	dep, err := d.x.Receive(ask.Account, t)
	if err != nil {
		return 0, nil, err
	}
	rec, err := d.x.View().Decision(idOf(dep.Decision))
	if err != nil {
		return 0, nil, fmt.Errorf("desk: deposit %d: %w", dep.ID, err)
	}
	return http.StatusCreated, struct {
		Chain    string  `json:"chain"`
		Network  string  `json:"network"`
		TxID     string  `json:"txid"`
		From     string  `json:"from"`
		To       string  `json:"to"`
		Deposit  uint64  `json:"deposit"`
		Asset    string  `json:"asset"`
		Amount   string  `json:"amount"`
		Pocket   string  `json:"pocket"` // where it lies: available, frozen or apart
		Decision verdict `json:"decision"`
	}{"memory", t.Network, t.TxID, t.From, t.To, dep.ID, t.Asset, t.Amount.String(), dep.Pocket.String(), short(&rec.Decision)}, nil
}

// decision shows a decision as it stands in the log.
func (d *desk) decision(r *http.Request) (int, any, error) {
	rec, err := d.x.View().Decision(r.PathValue("id"))
	if err != nil && !errors.Is(err, exchange.ErrNoDecision) {
		return 0, nil, err
	} else if err != nil {
		return 0, nil, wrong(http.StatusNotFound, "There is no decision of this id. Ids are 64 hexadecimal digits in lower case, as answers and headers give them.")
	}
	return http.StatusOK, struct {
		Seq         uint64          `json:"seq"`
		At          time.Time       `json:"at"`
		Explanation string          `json:"explanation"`
		Decision    json.RawMessage `json:"decision"`
	}{rec.Seq, rec.At, gate.Explain(rec.Decision, gate.English, gate.Reviewer), rec.Body()}, nil
}

// summary shows the exchange at a glance.
func (d *desk) summary(*http.Request) (int, any, error) {
	type operator struct {
		Name  string   `json:"name"`
		Title string   `json:"title"`
		Nexus []string `json:"nexus"`
	}
	type edition struct {
		List      string    `json:"list"`
		Publisher string    `json:"publisher"`
		Published time.Time `json:"published"`
		Taken     time.Time `json:"taken"`
		Entries   uint32    `json:"entries"`
		SHA256    string    `json:"sha256"`
		Starter   bool      `json:"starter"`
		Silent    bool      `json:"silent"` // not confirmed for longer than allowed: withdrawals wait
	}
	type total struct {
		Asset   string                  `json:"asset"`
		Pockets map[string]money.Amount `json:"pockets"`
		Fees    money.Amount            `json:"fees"`
		Max     money.Amount            `json:"max_order"` // that one order may move; 0 is no bound
	}
	type market struct {
		Symbol string       `json:"symbol"`
		Phase  string       `json:"phase"`
		Last   money.Amount `json:"last"`
		Bid    money.Amount `json:"bid"`
		Ask    money.Amount `json:"ask"`
	}
	type ruleCount struct {
		Rule      string `json:"rule"`
		Customers int    `json:"customers"`
	}
	s := d.x.View().Summary()
	a := struct {
		Seq       uint64           `json:"seq"`
		At        time.Time        `json:"at"`
		Now       time.Time        `json:"now"`
		Chain     string           `json:"chain"`
		Customers int              `json:"customers"`
		Standings map[law.Verb]int `json:"standings"`
		Stops     []ruleCount      `json:"stops"`
		Trades    uint64           `json:"trades"`
		Orders    int              `json:"open_orders"`
		Decisions int              `json:"decisions"`
		Rules     string           `json:"rules_sha256"`
		Verifier  string           `json:"verifier_key"`
		Operators []operator       `json:"operators"`
		Editions  []edition        `json:"editions"`
		Totals    []total          `json:"totals"`
		Markets   []market         `json:"markets"`
	}{
		Seq: s.Seq, At: s.At, Now: d.x.Now(), Chain: "memory", Customers: s.Customers, Standings: s.Standings, Stops: []ruleCount{}, Trades: s.Trades,
		Orders: s.Orders, Decisions: s.Decisions, Rules: idOf(s.Rules), Verifier: d.x.VerifierKey(),
		Operators: []operator{}, Editions: []edition{}, Totals: []total{}, Markets: []market{},
	}
	for _, c := range s.Stops {
		a.Stops = append(a.Stops, ruleCount{c.Rule, c.Customers})
	}
	for _, o := range d.x.View().Genesis().Operators {
		a.Operators = append(a.Operators, operator{o.Name, o.Title, o.Nexus})
	}
	silent := map[string]bool{}
	for _, l := range d.x.Silent() {
		silent[l.List] = true
	}
	for _, e := range s.Editions {
		a.Editions = append(a.Editions, edition{e.List, e.Publisher, time.UnixMicro(e.Published).UTC(), e.Taken, e.Entries, idOf(e.SHA256), e.Starter, silent[e.List]})
	}
	for _, t := range s.Totals {
		a.Totals = append(a.Totals, total{t.Code, pockets(t.Pockets), t.Fees, t.Max})
	}
	for _, m := range s.Markets {
		a.Markets = append(a.Markets, market{m.Symbol, m.Phase.String(), m.Last, m.Bid, m.Ask})
	}
	return http.StatusOK, a, nil
}
