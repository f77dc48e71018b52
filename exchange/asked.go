package exchange

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/gate"
	"sallyport/gate/receipt"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/vault"
	"sallyport/venue/tape"
)

// A Question is put to the gate by an exchange that keeps its own ledger and book, before
// it acts. The answer is a decision in this log; nothing is booked here.
type Question struct {
	Account  uint64        // whose act it is; 0 of list_asset and deal_platform, which are an operator's own
	Operator string        // who asks, of these two
	Action   law.Action    // sign_in, trade, deposit, withdraw, hold_asset or review; list_asset or deal_platform
	Session  Session       // where the customer's request came from
	Assets   []string      // of a trade: what is traded, both sides; of hold_asset and list_asset: the one
	Platform *Platform     // of deal_platform
	Movement gate.Movement // of a deposit or a withdrawal; its kind and account are filled in
	Told     law.Facts     // what the asker alone knows: see Tells

	// Party is whoever is said to be on the other side of the movement: the originator or the
	// beneficiary of the travel rule (Regulation (EU) 2023/1113). Nil where nothing is said.
	Party *entity.Entity
	Asked gate.Asked // Key and Request
}

// A Denial says why a question was not answered. It is an answer to the asker, not a failure.
type Denial struct {
	Field    string // of the question: "facts.holding.value_eur_cents"
	Text     string
	Decision string // that stands in the way, or ""
}

func (d *Denial) Error() string { return d.Field + ": " + d.Text }

// Tells reports whether an exchange that keeps its own ledger may state the fact: it alone
// can know it. What the gate finds out itself nobody may tell it.
func Tells(fact string) bool {
	for _, own := range []string{"action", "counterparty.listed", "customer.", "listing.", "lists.", "operator.", "ownership.", "session."} {
		if strings.HasPrefix(fact, own) {
			return false
		}
	}
	return true
}

// CheckTold says which fact may not be told.
func CheckTold(f law.Facts) error {
	for _, name := range f.Names() {
		if !Tells(name) {
			return &Denial{Field: "facts." + name, Text: "the gate finds this out itself; leave it out"}
		}
	}
	return nil
}

const holdingFact = "holding.value_eur_cents"

// holding states the value of what a customer holds, with what is arriving. Of who holds it
// elsewhere it is what that exchange told; untold it is not known, and what is arriving
// without a price here makes it unknown.
func (x *Exchange) holding(f *law.Facts, c *customer, arriving int64) {
	if c.told == nil {
		x.state(f, holdingFact, min(x.valueCents(c.account)+arriving, maxCents))
		return
	}
	for _, name := range c.told.Names() {
		f.Take(*c.told, name)
	}
	if held, ok := c.told.Number(holdingFact); ok && arriving != 0 {
		f.Unset(holdingFact)
		if arriving > 0 && held >= 0 {
			x.state(f, holdingFact, min(min(held, maxCents)+arriving, maxCents))
		}
	}
}

// Ask decides a question and puts the decision into the log. It returns it as the log has
// it. The error is a *Denial or a *Refusal where the question has no answer.
//
// A yes to a movement is good for an hour, for that movement, once: while one is, another
// question about the same movement is denied, unless what it rests on has changed. That it
// is used only once is for the asker to see.
func (x *Exchange) Ask(q Question) (*DecisionRecord, error) {
	if err := CheckTold(q.Told); err != nil {
		return nil, err
	}
	q.Asked.Told = q.Told
	if q.Action == law.ListAsset || q.Action == law.DealPlatform {
		return x.askOwn(q)
	}
	c := x.customers.find(q.Account)
	if c == nil {
		return nil, &Refusal{Reason: tape.UnknownAccount}
	}
	switch q.Action {
	case law.Review:
		return x.askReview(c, q)
	case law.SignIn:
		return x.askSignIn(c, q)
	case law.Trade, law.HoldAsset:
		q.Movement = gate.Movement{}
	case law.Deposit, law.Withdraw:
		q.Movement.Kind, q.Movement.Account = q.Action, q.Account
	default:
		return nil, &Denial{Field: "action", Text: "want sign_in, trade, deposit, withdraw, hold_asset or review of a customer, list_asset or deal_platform of an operator"}
	}
	if q.Action == law.Withdraw {
		x.leaving.RLock()
		defer x.leaving.RUnlock()
	}
	movement := ""
	if q.Movement.Kind != "" {
		movement = q.Movement.Digest()
		one := &x.moving[maphash.String(movingSeed, movement)%uint64(len(x.moving))]
		one.Lock()
		defer one.Unlock()
	}
	var r *DecisionRecord
	err := x.timely(func() (err error) {
		r, err = x.askNow(c, q, movement)
		return err
	})
	return r, err
}

// askNow decides an action as of now; errDue is for the caller to ask again.
func (x *Exchange) askNow(c *customer, q Question, movement string) (*DecisionRecord, error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() { // and the vault stays open while basis is held, if it is not
		return nil, ErrClosed
	}
	at := x.Now()
	if movement != "" {
		r, err := x.view.permit(movement)
		if err != nil && !errors.Is(err, ErrNoDecision) {
			return nil, err
		}
		if err == nil && x.stillGood(r, at) {
			return nil, &Denial{Field: "movement", Text: "this movement has its yes already; use that one, or ask again when it has run out", Decision: r.Decision.ID}
		}
		q.Asked.Moves = &q.Movement
	}
	if err := x.keepParty(&q, movement); err != nil {
		return nil, err
	}
	d, err := x.answer(c, q, movement, at)
	if err != nil {
		return nil, err
	}
	return x.record(d, false)
}

// partyItem is what the vault keeps of the other side of a movement, with the customer's
// data; the first 16 bytes of the digest tell movements of one customer apart.
func partyItem(movement string) string { return "party/" + movement[:32] }

// keepParty puts what was said of the other side into the vault, so that it can be decided
// again, and takes the commitment to it.
func (x *Exchange) keepParty(q *Question, movement string) error {
	if q.Party == nil || movement == "" {
		return nil
	}
	b, err := json.Marshal(q.Party)
	if err != nil {
		return fmt.Errorf("exchange: the other side does not encode: %w", err)
	}
	commitments, err := x.vault.PutAll([]vault.Item{{Customer: q.Account, Name: partyItem(movement), Plaintext: b}})
	if err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	q.Asked.PartySubject = hex.EncodeToString(commitments[0][:])
	return nil
}

// party adds what the lists say of the other side: identity counts as if the list named the
// address, and of who merely resembles somebody listed it is not known.
func (x *Exchange) party(f *law.Facts, q *Question) {
	if q.Party == nil {
		return
	}
	q.Asked.Party = x.watch.index.Screen(*q.Party, match.Options{})
	lists, known := f.Texts("counterparty.listed")
	same, like := []string{}, false
	for _, p := range q.Asked.Party {
		if p.Grade == match.Same {
			same = append(same, p.List)
		}
		like = like || p.Grade == match.Resembles
	}
	switch {
	case len(same) > 0:
		x.state(f, "counterparty.listed", append(lists, same...))
	case like && known && len(lists) == 0:
		f.Unset("counterparty.listed")
	}
}

var movingSeed = maphash.MakeSeed()

// answer decides about an action of a customer elsewhere. The caller holds basis.
func (x *Exchange) answer(c *customer, q Question, movement string, at time.Time) (gate.Decision, error) {
	assets := q.Assets
	if movement != "" {
		assets = []string{q.Movement.Asset}
	}
	first := ""
	if len(assets) > 0 {
		first = assets[0]
	}
	amount, _ := money.Parse(q.Movement.Amount) // nothing, and worth nothing that is known, where nothing moves
	f, findings := x.movementFacts(c, first, amount, q.Movement.Address, x.arriving(c, &q), q.Session, at)
	if movement == "" { // nobody is on the other side, and nothing is sent
		for _, name := range f.Names() {
			if strings.HasPrefix(name, "counterparty.") || strings.HasPrefix(name, "movement.") || strings.HasPrefix(name, "exposure.") {
				f.Unset(name)
			}
		}
		x.assetFacts(&f, assets...)
	}
	if movement != "" && q.Movement.Network == "" {
		f.Unset("asset.money") // what moves on no chain may be money
	}
	if err := c.hear(&f, &q); err != nil {
		return gate.Decision{}, err
	}
	x.party(&f, &q)
	in := x.question(c, q.Action, f, findings, at)
	in.Asked, in.Movement = &q.Asked, movement
	if q.Action == law.HoldAsset {
		in.About = first
	}
	return gate.Decide(in), nil
}

// askOwn decides what an operator asks for itself: whether it may offer an asset, or deal with
// a platform.
func (x *Exchange) askOwn(q Question) (*DecisionRecord, error) {
	op := x.operator(q.Operator)
	if op < 0 {
		return nil, &Denial{Field: "operator", Text: fmt.Sprintf("there is no operator %q", q.Operator)}
	}
	tells := "asset."
	if q.Action == law.DealPlatform {
		tells = "counterparty.platform_"
		if q.Platform == nil {
			return nil, &Denial{Field: "platform", Text: "say which"}
		}
		if _, err := readPlatforms([]Platform{*q.Platform}); err != nil {
			return nil, &Denial{Field: "platform", Text: strings.TrimPrefix(err.Error(), "exchange: ")}
		}
	} else if len(q.Assets) != 1 {
		return nil, &Denial{Field: "assets", Text: "say the one that is asked about"}
	}
	for _, name := range q.Told.Names() {
		if !strings.HasPrefix(name, tells) {
			return nil, &Denial{Field: "facts." + name, Text: "it is no fact of what is asked about; leave it out"}
		}
	}
	var r *DecisionRecord
	err := x.timely(func() (err error) {
		x.basis.RLock()
		defer x.basis.RUnlock()
		if x.closing.Load() {
			return ErrClosed
		}
		at := x.Now()
		in := x.ownQuestion(q.Action, x.view.Genesis().Operators[op], "", at)
		in.Asked = &q.Asked
		if q.Action == law.DealPlatform {
			in.About = q.Platform.Name
			in.Findings = x.dealFacts(&in.Facts, q.Platform, at)
		} else {
			in.About = q.Assets[0]
			x.assetFacts(&in.Facts, in.About)
			in.Facts.Unset("asset.money") // it may be money there
		}
		for _, name := range q.Told.Names() {
			in.Facts.Take(q.Told, name)
		}
		r, err = x.record(gate.Decide(in), false)
		return err
	})
	return r, err
}

// hear adds what was told with the question: what is found here and what is told both count.
func (c *customer) hear(f *law.Facts, q *Question) error {
	for _, name := range q.Told.Names() {
		if c.told == nil && strings.HasPrefix(name, "holding.") {
			return &Denial{Field: "facts." + name, Text: "the gate knows this of the customer itself; leave it out"}
		}
		f.Take(q.Told, name)
	}
	return nil
}

// arriving is the value of a deposit elsewhere, in cents of a euro; -1 where it has no price
// here.
func (x *Exchange) arriving(c *customer, q *Question) int64 {
	if q.Action != law.Deposit {
		return 0
	}
	asset, priced := x.view.Asset(q.Movement.Asset)
	amount, err := money.Parse(q.Movement.Amount)
	switch {
	case priced && err == nil && amount.Sign() > 0:
		return x.cents(asset, amount)
	case c.told == nil:
		return maxCents // held here and moved elsewhere: above any limit
	}
	return -1
}

// askSignIn decides about a session, which is a signal of where the customer lives too.
func (x *Exchange) askSignIn(c *customer, q Question) (*DecisionRecord, error) {
	var r *DecisionRecord
	moved := false
	err := x.timely(func() error {
		d, m, err := x.decideSignIn(c, q)
		r, moved = d, moved || m
		return err
	})
	if err == nil && moved {
		err = x.reviewOne(c)
	}
	return r, err
}

func (x *Exchange) decideSignIn(c *customer, q Question) (r *DecisionRecord, moved bool, err error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() {
		return nil, false, ErrClosed
	}
	at := x.Now()
	if moved, err = x.signedIn(c, q.Session, at); err != nil {
		return nil, false, err
	}
	f, findings := x.sessionFacts(c, q.Session, at)
	if err := c.hear(&f, &q); err != nil {
		return nil, false, err
	}
	r, err = x.record(x.judgeFor(&q.Asked, c, law.SignIn, f, findings, at, ""), false)
	return r, moved, err
}

func (x *Exchange) askReview(c *customer, q Question) (*DecisionRecord, error) {
	x.basis.Lock()
	defer x.basis.Unlock()
	if len(q.Told.Names()) > 0 {
		return nil, &Denial{Field: "facts", Text: "a review is made with what was told of the customer; tell it there"}
	}
	at, err := x.catchUp()
	if err != nil {
		return nil, err
	}
	own, owners := x.screened(c)
	d := x.judgeFor(&q.Asked, c, law.Review, x.facts(c, own, owners, at), allFindings(own, owners), at, "")
	r, err := x.record(d, true)
	if err != nil {
		return nil, err
	}
	return r, x.reconsider(at)
}

// record puts a decision that no command spends into the log, for whoever holds basis, for
// writing or for reading; errDue is for the latter to look again.
func (x *Exchange) record(d gate.Decision, writing bool) (*DecisionRecord, error) {
	events, err := x.submitJob(&job{cmds: []tape.Command{encodeDecision(d)}, basis: writing})
	if err != nil {
		return nil, err
	}
	if r, ok := refusal(events[0]); ok {
		return nil, fmt.Errorf("exchange: decision %s: %s", d.ID, r.Reason)
	}
	return x.view.Decision(d.ID)
}

// stillGood reports whether the newest decision on a movement is a yes that can be used now.
// Where a list or a rule has changed since, reconsiderAsked has seen to it.
func (x *Exchange) stillGood(r *DecisionRecord, at time.Time) bool {
	do, _ := r.Do()
	a, _ := x.view.Account(r.Decision.Account)
	return do == gate.Proceed && at.Before(r.GoodUntil()) && a.Standing == r.Standing
}

// reconsiderAsked decides movements in another ledger again, after what decisions rest on has
// changed: value that lies apart or frozen there, and a yes that can still be used. It is for
// that exchange to hear of in the changes. The caller holds basis for writing.
func (x *Exchange) reconsiderAsked(at time.Time) error {
	for _, r := range x.view.movedElsewhere() {
		d := &r.Decision
		c := x.customers.find(d.Account)
		do, _ := r.Do()
		if c == nil || do == gate.Proceed && (!at.Before(r.GoodUntil()) || d.Asked.PartySubject == "" && x.stillTrue(r, d.Asked.Moves.Address, at)) {
			continue
		}
		q := Question{
			Account: d.Account, Action: d.Action, Session: sessionOf(&d.Facts), Movement: *d.Asked.Moves, Told: d.Asked.Told,
			Asked: gate.Asked{Again: d.ID, Moves: d.Asked.Moves, Told: d.Asked.Told, PartySubject: d.Asked.PartySubject},
		}
		if d.Asked.PartySubject != "" {
			b, err := x.vault.Get(d.Account, partyItem(d.Movement))
			if err == nil {
				err = json.Unmarshal(b, &q.Party)
			}
			if err != nil { // it stays as it is: nothing is released by it
				x.cfg.Log.Error("a movement in another ledger cannot be decided again, for the other side of it cannot be read", "account", d.Account, "movement", d.Movement, "error", err)
				continue
			}
		}
		again, err := x.answer(c, q, d.Movement, at)
		if err != nil {
			return err
		}
		a, _ := x.view.Account(d.Account)
		if next, _ := gate.Next(d.Action, again.Verdict, a.Standing.Verdict); next == do {
			continue
		}
		if _, err := x.record(again, true); err != nil {
			return err
		}
	}
	return nil
}

// stillTrue reports whether nothing that a yes to a movement rests on has changed: the rules are the same and none has begun or
// ended since, the customer stands under the same decision, the lists say the same of the other address, and no platform keeps it,
// of which they may say something else. That is cheap to find out, for there may be many in an hour.
func (x *Exchange) stillTrue(r *DecisionRecord, address string, at time.Time) bool {
	d := &r.Decision
	told, was := d.Facts.Texts("counterparty.listed")
	lists, known := x.watch.listed(address)
	platform, none := x.platforms.at(address)
	a, _ := x.view.Account(d.Account)
	return a.Standing == r.Standing && d.Rules == x.cfg.Rules.SHA256() && was == known && slices.Equal(told, lists) && platform == nil && none &&
		len(x.cfg.Rules.Events(d.At, at.Add(time.Microsecond))) == 0
}

// Do is what follows from the decision, and whether it is the customer's standing that says so.
func (r *DecisionRecord) Do() (do gate.Do, byStanding bool) {
	return gate.Next(r.Decision.Action, r.Decision.Verdict, r.Standing.Verdict)
}

// GoodUntil is until when a yes may be used.
func (r *DecisionRecord) GoodUntil() time.Time {
	return r.Decision.At.Add(time.Duration(tape.Fresh) * time.Microsecond)
}

// Receipt is the signed receipt of a decision. It is the same for the same decision, to the
// byte.
func (x *Exchange) Receipt(r *DecisionRecord) ([]byte, error) {
	rec, err := x.log.Record(r.Seq)
	if err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	id, err := hashOf(r.Decision.ID)
	if err != nil {
		return nil, err
	}
	do, _ := r.Do()
	return receipt.Sign(receipt.Receipt{
		Origin: x.log.Origin(), Seq: r.Seq, Time: rec.Time, Chain: rec.Chain, Decision: id, Account: r.Decision.Account,
		Action: r.Decision.Action, Verdict: r.Decision.Verdict, Movement: r.Decision.Movement,
		Standing: r.Standing.Verdict, Stands: r.Standing.Decision, Do: do,
	}, x.signer)
}

// Told is what an exchange that keeps its own ledger has told of a customer, and whether they
// are a customer of one.
func (x *Exchange) Told(account uint64) (law.Facts, bool) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	c := x.customers.find(account)
	if c == nil || c.told == nil {
		return law.Facts{}, false
	}
	return c.told.Clone(), true
}

// Tell replaces what an exchange that keeps its own ledger has told of a customer. They are
// decided again with it.
func (x *Exchange) Tell(account uint64, told law.Facts) (Change, error) {
	if err := CheckTold(told); err != nil {
		return Change{}, err
	}
	x.basis.Lock()
	defer x.basis.Unlock()
	if x.closing.Load() {
		return Change{}, ErrClosed
	}
	at, err := x.catchUp()
	if err != nil {
		return Change{}, err
	}
	c := x.customers.find(account)
	if c == nil {
		return Change{}, &Refusal{Reason: tape.UnknownAccount}
	}
	if c.told == nil {
		return Change{}, &Denial{Field: "facts", Text: "this customer holds their assets here, so that the gate knows it itself"}
	}
	item, err := tellItem(account, &told)
	if err != nil {
		return Change{}, err
	}
	if _, err := x.vault.PutAll([]vault.Item{item}); err != nil {
		return Change{}, fmt.Errorf("exchange: %w", err)
	}
	told = told.Clone()
	c.told = &told
	return x.settle(nil, c, at)
}

func tellItem(account uint64, told *law.Facts) (vault.Item, error) {
	b, err := json.Marshal(told)
	if err != nil {
		return vault.Item{}, fmt.Errorf("exchange: facts do not encode: %w", err)
	}
	return vault.Item{Customer: account, Name: toldItem, Plaintext: b}, nil
}

// A Counterparty is what an address is, and who is listed with it.
type Counterparty struct {
	Address  chain.Address
	Listed   []ListedAddress
	Decisive bool // whether it can be told if a list names it (see watch.listed)
}

// A ListedAddress is an entry of a list in force with an address that agrees.
type ListedAddress struct {
	List, EntityID, Name string
	Address              string // as listed
	Grade                chain.Grade
}

// Counterparty looks an address up in the lists in force. It decides nothing.
func (x *Exchange) Counterparty(address string) (Counterparty, error) {
	a, err := chain.Parse(address)
	if err != nil {
		return Counterparty{}, err
	}
	x.basis.RLock()
	defer x.basis.RUnlock()
	out := Counterparty{Address: a}
	_, out.Decisive = x.watch.listed(address)
	for _, hit := range x.watch.wallets.Find(a) {
		e := hit.Value.entry
		out.Listed = append(out.Listed, ListedAddress{hit.Value.list, e.ID, e.PrimaryName(), hit.Value.written, hit.Grade})
	}
	return out, nil
}

// Ref is a customer's own reference, or "".
func (x *Exchange) Ref(account uint64) string {
	if c := x.customers.find(account); c != nil {
		return c.ref
	}
	return ""
}
