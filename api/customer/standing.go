package customer

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// told is a decision in the customer's words, in one language.
type told struct {
	Language string `json:"language"` // BCP 47
	Text     string `json:"text"`
}

// Name is the language's own.
func (t told) Name() string {
	if t.Language == string(gate.Russian) {
		return "Русский"
	}
	return "English"
}

// Lines are those of the text.
func (t told) Lines() []string { return strings.Split(strings.TrimSpace(t.Text), "\n") }

func explain(d *gate.Decision) []told {
	var all []told
	for _, l := range []gate.Language{gate.English, gate.Russian} {
		all = append(all, told{string(l), gate.Explain(*d, l, gate.Customer)})
	}
	return all
}

// A rule is one that a decision rests on, as it may be looked up.
type rule struct {
	Title      string   `json:"title"`
	Verb       law.Verb `json:"verb"`
	Authority  string   `json:"authority,omitempty"`
	Instrument string   `json:"instrument,omitempty"`
	Article    string   `json:"article,omitempty"`
	URL        string   `json:"url,omitempty"`
	House      bool     `json:"house_policy,omitempty"`
}

// A verdict is a decision as its customer may know it: what it says, why by which rules, and
// nothing of whom they resemble, what is known of them, or who looks.
type verdict struct {
	Decision    string    `json:"decision"`
	Verdict     law.Verb  `json:"verdict"`
	At          time.Time `json:"at"`
	Explanation []told    `json:"explanation"`
	Rules       []rule    `json:"rules"`
}

func verdictOf(d *gate.Decision) verdict {
	v := verdict{Decision: d.ID, Verdict: d.Verdict, At: d.At, Explanation: explain(d), Rules: []rule{}}
	for _, f := range slices.Concat(d.Fired, d.Unknown) {
		v.Rules = append(v.Rules, rule{f.Title, f.Verb, f.Authority, f.Instrument, f.Article, f.URL, f.House})
	}
	return v
}

// told puts a decision in words into a fault.
func (v *visit) told(f *fault, decision string) error {
	f.decision = decision
	d, err := v.x.View().Decision(decision)
	switch {
	case err == nil:
		f.told = explain(&d.Decision)
	case !errors.Is(err, exchange.ErrNoDecision): // as where nothing was decided
		return err
	}
	return f
}

// A standing is what a customer may do, and why.
type standing struct {
	Account  uint64         `json:"account"`
	Operator string         `json:"operator"`
	Opened   time.Time      `json:"opened"`
	Trade    bool           `json:"may_trade"`
	Withdraw bool           `json:"may_withdraw"`
	Identity identity.State `json:"identity"` // "" where nothing was handed in
	Known    bool           `json:"identified"`
	Standing verdict        `json:"standing"`
	Fees     fees           `json:"fees"`
	Group    uint32         `json:"trade_group,omitempty"` // of accounts of one owner
}

// fees are what the account's tier of fees rests on.
type fees struct {
	Tier    uint8        `json:"tier"` // by which it pays: the higher of the next two
	Given   uint8        `json:"given_tier"`
	Earned  uint8        `json:"earned_tier"`
	Volume  money.Amount `json:"volume_30d"`   // in euro, in the 30 days before Day
	Day     time.Time    `json:"day,omitzero"` // not there where tiers are not earned
	Next    money.Amount `json:"next_volume"`  // of the tier after Tier; 0 where none is to be earned
	Missing money.Amount `json:"missing"`      // of that
}

func feesOf(v exchange.Volume) fees {
	return fees{v.Tier(), v.Given, v.Earned, v.Euros, v.Day, v.Next, v.Missing}
}

func (v *visit) standing() (standing, error) {
	a, ok := v.x.View().Account(v.account)
	if !ok {
		return standing{}, fmt.Errorf("customer: account %d is signed in and does not exist", v.account)
	}
	d, err := v.x.View().Standing(v.account)
	if err != nil {
		return standing{}, fmt.Errorf("customer: %w", err)
	}
	id, _ := v.x.Identity(v.account)
	known := !v.x.Unidentified(v.account)
	return standing{
		Account: v.account, Operator: a.Operator.Title, Opened: a.Opened, Identity: id.State, Known: known,
		Trade: known && a.Standing.May&tape.MayTrade != 0, Withdraw: known && a.Standing.May&tape.MayWithdraw != 0, Standing: verdictOf(&d.Decision),
		Fees: feesOf(v.x.View().Volume(v.account)), Group: a.Group,
	}, nil
}

// A balance is what there is of one asset.
type balance struct {
	Asset    string       `json:"asset"`
	Free     money.Amount `json:"available"`
	InOrders money.Amount `json:"in_orders"`
	Leaving  money.Amount `json:"leaving"`
	Frozen   money.Amount `json:"frozen"`
	Apart    money.Amount `json:"set_apart"`
}

func (v *visit) balances() []balance {
	a, _ := v.x.View().Account(v.account)
	assets := v.x.View().Genesis().Assets
	all := []balance{}
	for i, b := range a.Balances {
		if b != (ledger.Balance{}) {
			all = append(all, balance{assets[i].Code, b[ledger.Available], b[ledger.Ordered], b[ledger.Leaving], b[ledger.Frozen], b[ledger.Apart]})
		}
	}
	return all
}

// shown of a list at most; bots read all of it by their API.
const shown = 100

// An order as its owner sees it.
type order struct {
	ID       uint64       `json:"id"`
	Market   string       `json:"market"`
	Side     string       `json:"side"`
	Price    money.Amount `json:"price"`
	Quantity money.Amount `json:"quantity"`
	Filled   money.Amount `json:"filled"`
	Status   string       `json:"status"`
	At       time.Time    `json:"at"`
}

// orders are the newest ones.
func (v *visit) orders() []order {
	g := v.x.View().Genesis()
	all := []order{}
	found := v.x.View().Orders(v.account, false)
	slices.SortFunc(found, func(a, b tape.Order) int { return int(int64(b.ID) - int64(a.ID)) })
	for _, o := range found[:min(len(found), shown)] {
		side := "buy"
		if o.Side == book.Sell {
			side = "sell"
		}
		all = append(all, order{o.ID, g.Markets[o.Market].Symbol, side, o.Price, o.Quantity, o.Filled, statusWord(o.Status), time.UnixMicro(o.Created).UTC()})
	}
	return all
}

func statusWord(s tape.Status) string {
	return strings.ToLower(strings.ReplaceAll(s.String(), "_", " "))
}

// A movement is value that came or went.
type movement struct {
	At       time.Time    `json:"at"`
	Kind     string       `json:"kind"` // deposit or withdrawal
	Asset    string       `json:"asset"`
	Amount   money.Amount `json:"amount"`
	Became   string       `json:"became"` // of a deposit where it lies, of a withdrawal how far it is
	TxID     string       `json:"txid,omitempty"`
	Decision string       `json:"decision"`
	Why      []told       `json:"why,omitempty"` // of one that does not lie free
}

// movements are the newest ones.
func (v *visit) movements() ([]movement, error) {
	assets := v.x.View().Genesis().Assets
	all := []movement{}
	for _, d := range v.x.View().Deposits(v.account) {
		all = append(all, movement{time.UnixMicro(d.Created).UTC(), "deposit", assets[d.Asset].Code, d.Amount, d.Pocket.String(), d.TxID, hex.EncodeToString(d.Decision[:]), nil})
	}
	for _, o := range v.x.View().Withdrawals(v.account) {
		m := movement{time.UnixMicro(o.Updated).UTC(), "withdrawal", assets[o.Asset].Code, o.Amount, o.Status.String(), o.TxID, hex.EncodeToString(o.Decision[:]), nil}
		if o.Status == tape.OutStopped {
			r, err := v.x.View().Standing(v.account)
			if err != nil {
				return nil, fmt.Errorf("customer: %w", err)
			}
			m.Why = explain(&r.Decision)
		}
		all = append(all, m)
	}
	slices.SortStableFunc(all, func(a, b movement) int { return b.At.Compare(a.At) })
	all = all[:min(len(all), shown)]
	for i := range all { // those that are shown alone, for each may be read from the log
		if m := &all[i]; m.Kind == "deposit" && m.Became != ledger.Available.String() {
			var err error
			if m.Why, err = v.why(m.Decision); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func (v *visit) why(decision string) ([]told, error) {
	d, err := v.x.View().Decision(decision)
	if err != nil {
		return nil, err
	}
	return explain(&d.Decision), nil
}

// A key is an API key as its owner sees it.
type key struct {
	Key     string            `json:"key"`
	Kind    exchange.KeyKind  `json:"kind"`
	Label   string            `json:"label"`
	May     []exchange.KeyMay `json:"may"`
	From    []netip.Prefix    `json:"from"` // none is anywhere
	Expires *time.Time        `json:"expires,omitempty"`
	Expired bool              `json:"expired"`
	Created time.Time         `json:"created"`
	Secret  string            `json:"secret,omitempty"` // when it is made, and never again
}

func (v *visit) keyOf(k *exchange.Key) key {
	out := key{Key: k.Name, Kind: k.Kind, Label: k.Label, May: k.May, From: k.From, Expired: k.Expired(v.x.Now()), Created: k.Created}
	if len(out.May) == 0 {
		out.May = []exchange.KeyMay{exchange.KeyReads, exchange.KeyTrades, exchange.KeyWithdraws}
	}
	if out.From == nil {
		out.From = []netip.Prefix{}
	}
	if !k.Expires.IsZero() {
		out.Expires = &k.Expires
	}
	return out
}

func (v *visit) keys() []key {
	all := []key{}
	for _, k := range v.x.Keys(v.account) {
		all = append(all, v.keyOf(&k))
	}
	return all
}

// A keyRequest asks for an API key. A key that may withdraw from anywhere for ever is not
// given by what is left out: what a key may do is said.
type keyRequest struct {
	Label  string            `json:"label"`
	May    []exchange.KeyMay `json:"may"`
	From   []string          `json:"from"` // addresses or ranges; none is anywhere
	Days   int               `json:"days"` // it ends after so many; 0 is never
	Public string            `json:"public_key"`
	proving
}

// Format keeps secrets out of logs, whatever verb it is printed with.
func (k keyRequest) Format(f fmt.State, _ rune) { fmt.Fprint(f, "request for a key") }

const maxKeyDays = 3650

// makeKey makes an API key for who says their password again.
func (v *visit) makeKey(ask *keyRequest) (key, error) {
	terms := exchange.KeyTerms{Label: strings.TrimSpace(ask.Label), May: slices.Compact(slices.Sorted(slices.Values(ask.May)))}
	if len(terms.May) == 0 {
		return key{}, missing("may", "Say what the key may do: read, trade, withdraw.")
	}
	for _, text := range ask.From {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		p, err := netip.ParsePrefix(text)
		if a, err2 := netip.ParseAddr(text); err != nil && err2 == nil && a.Zone() == "" {
			p, err = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
		}
		if err != nil {
			return key{}, missing("from", "Want addresses or ranges, such as 192.0.2.7 or 198.51.100.0/24.")
		}
		terms.From = append(terms.From, p.Masked())
	}
	switch {
	case ask.Days < 0 || ask.Days > maxKeyDays:
		return key{}, missing("days", fmt.Sprintf("Want 0 to %d.", maxKeyDays))
	case ask.Days > 0:
		terms.Expires = v.x.Now().AddDate(0, 0, ask.Days)
	}
	if ask.Public != "" {
		var err error
		if terms.Kind, terms.Public, err = exchange.ParsePublicKey(ask.Public); err != nil {
			return key{}, missing("public_key", sentence(err))
		}
	}
	if err := v.reprove(ask.proving); err != nil {
		return key{}, err
	}
	if err := v.look(); err != nil { // what was proven took its time
		return key{}, err
	}
	k, err := v.x.NewKey(v.account, terms)
	if err != nil {
		return key{}, v.keyFault(err)
	}
	out := v.keyOf(&k)
	out.Secret = string(k.Secret)
	return out, nil
}

// dropKey takes an API key away.
func (v *visit) dropKey(name string) error { return v.keyFault(v.x.RemoveKey(v.account, name)) }

func (v *visit) keyFault(err error) error {
	if r, ok := exchange.AsRefusal(err); ok {
		if r.Reason == tape.UnknownKey {
			return &fault{reason: notFound, text: "You have no key of this name."}
		}
		return v.told(&fault{reason: notTaken, text: sentence(r)}, r.Decision)
	}
	if errors.Is(err, exchange.ErrKeyTerms) {
		return &fault{reason: notTaken, text: "No such key can be made" + strings.TrimPrefix(err.Error(), exchange.ErrKeyTerms.Error()) + "."}
	}
	return err
}

// An identified is how far a customer is identified, as they may know it.
type identified struct {
	State  identity.State      `json:"state"` // "" where nothing was handed in
	Known  bool                `json:"identified"`
	Reason string              `json:"reason,omitempty"`
	At     *time.Time          `json:"at,omitempty"`
	Files  []exchange.HandedIn `json:"files"`
	Told   []string            `json:"documents"` // that they told of, by kind and country
	Takes  []identity.Kind     `json:"takes"`
}

func (v *visit) identity() identified {
	id, _ := v.x.Identity(v.account)
	out := identified{State: id.State, Known: !v.x.Unidentified(v.account), Reason: id.Reason, Files: id.Files, Told: []string{}, Takes: []identity.Kind{identity.JPEG, identity.PNG, identity.PDF}}
	if out.Files == nil {
		out.Files = []exchange.HandedIn{}
	}
	if !id.At.IsZero() {
		out.At = &id.At
	}
	p, _ := v.x.Profile(v.account)
	for _, d := range p.Identifiers {
		out.Told = append(out.Told, d.Type+" "+d.Country)
	}
	return out
}

// handIn takes a file that shows who the customer is.
func (v *visit) handIn(file []byte) (identified, error) {
	_, err := v.x.HandIn(v.r.Context(), v.account, file)
	if errors.Is(err, exchange.ErrHandedIn) {
		text := strings.TrimPrefix(err.Error(), exchange.ErrHandedIn.Error()+": ")
		return identified{}, &fault{reason: notTaken, text: sentence(errors.New(strings.TrimPrefix(text, "identity: ")))}
	}
	if err != nil {
		return identified{}, err
	}
	return v.identity(), nil
}
