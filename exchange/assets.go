package exchange

import (
	"slices"
	"sync"
	"time"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// An offer is one asset at one operator, by their places in the founding tables.
type offer struct{ operator, asset uint16 }

// assetGate is what the gate said of assets at the operators, under Exchange.basis.
type assetGate struct {
	closed  map[offer]*Refusal // that may not be offered
	watched map[offer]bool     // of which a rule may say that somebody may not hold them
	asking  sync.Mutex         // held while an order asks whether its owner may hold an asset
}

func newAssetGate() assetGate {
	return assetGate{closed: map[offer]*Refusal{}, watched: map[offer]bool{}}
}

// gateAssets asks the gate whether each operator may offer each asset (Article 5ba of
// Regulation (EU) No 833/2014 is one that says no), and gives the decisions that say
// something new. What may not be offered is traded no more from then on: PlaceOrder refuses
// it, and closeOrders ends what stands. It also finds the assets that are watched. The caller
// holds basis for writing.
func (x *Exchange) gateAssets(at time.Time) []tape.Command {
	g := x.view.Genesis()
	var news []tape.Command
	for i, op := range g.Operators {
		for j, a := range g.Assets {
			o := offer{uint16(i), uint16(j)}
			in := x.ownQuestion(law.ListAsset, op, a.Code, at)
			x.assetFacts(&in.Facts, a.Code)
			d, fresh := x.saidAgain(gate.Decide(in))
			if d.Verdict == law.Allow {
				delete(x.assets.closed, o)
			} else {
				x.assets.closed[o] = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
			}
			if fresh {
				news = append(news, encodeDecision(d))
			}
			// Where the asset alone, with nothing known of who holds it, is allowed, no rule can
			// say otherwise of anybody, and nobody need be asked about.
			in.Action = law.HoldAsset
			if gate.Decide(in).Verdict == law.Allow {
				delete(x.assets.watched, o)
			} else {
				x.assets.watched[o] = true
			}
		}
	}
	return news
}

// ownQuestion is what is asked of an operator and of no customer, without the facts.
func (x *Exchange) ownQuestion(action law.Action, op tape.Operator, about string, at time.Time) gate.Input {
	return gate.Input{
		Action: action, Operator: op.Name, Nexus: op.Nexus, At: at, Rules: x.cfg.Rules, About: about,
		Editions: x.watch.refs, Matching: x.cfg.Weights.Matching(), Hold: gate.HoldTerms{Owner: x.cfg.HoldOwner, Due: x.holdDue(op.Nexus, at)},
	}
}

// saidAgain gives the decision of the log where the new one says no more and no less, and
// reports whether the new one is for the log to have. A yes that nothing came before goes
// without saying.
func (x *Exchange) saidAgain(d gate.Decision) (gate.Decision, bool) {
	switch r := x.view.ruling(d.Account, d.Operator, d.Action, d.About); {
	case r == nil:
		return d, d.Verdict != law.Allow
	case outcomeOf(&r.Decision) == outcomeOf(&d):
		return r.Decision, false
	}
	return d, true
}

// assetFacts states what is known of an asset here, or of the two of a market.
func (x *Exchange) assetFacts(f *law.Facts, assets ...string) {
	all := []string{}
	for _, a := range assets {
		all = append(all, x.represents(a)...)
	}
	x.state(f, "asset.represents", all)
	x.state(f, "asset.money", false) // every asset here is founded with the chain it moves on
	x.state(f, "asset.issuer_listed", []string{})
}

// represents is the asset and what it wraps or is a claim to.
func (x *Exchange) represents(asset string) []string {
	return append([]string{asset}, x.cfg.Represents[asset]...)
}

// judgeHolding decides whether a customer may hold an asset. The caller holds basis.
func (x *Exchange) judgeHolding(c *customer, asset string, at time.Time) gate.Decision {
	own, owners := x.screened(c)
	f := x.facts(c, own, owners, at)
	x.assetFacts(&f, asset)
	in := x.question(c, law.HoldAsset, f, allFindings(own, owners), at)
	in.About = asset
	return gate.Decide(in)
}

// holdings decides again about what a customer holds or has asked to: the decisions that say
// something new. Nobody is asked about where no rule can say no. The caller holds basis for
// writing.
func (x *Exchange) holdings(c *customer, at time.Time) []gate.Decision {
	if len(x.assets.watched) == 0 && !x.view.asksHolding(c.account) {
		return nil
	}
	var news []gate.Decision
	for i, a := range x.view.Genesis().Assets {
		r := x.view.ruling(c.account, "", law.HoldAsset, a.Code)
		if r == nil && !(x.assets.watched[offer{c.operator, uint16(i)}] && x.view.holds(c.account, uint16(i))) {
			continue
		}
		if d := x.judgeHolding(c, a.Code, at); r == nil || outcomeOf(&r.Decision) != outcomeOf(&d) {
			news = append(news, d)
		}
	}
	return news
}

// mayHold asks whether a customer may come to hold an asset, once under one basis: a change of
// the basis decides it again (holdings). The error is a *Refusal where they may not; errDue is
// for the caller to ask again. The caller holds basis for reading.
func (x *Exchange) mayHold(c *customer, asset uint16) error {
	if !x.assets.watched[offer{c.operator, asset}] {
		return nil
	}
	code := x.view.Genesis().Assets[asset].Code
	if r := x.view.ruling(c.account, "", law.HoldAsset, code); r != nil {
		return notHeld(r)
	}
	x.assets.asking.Lock()
	defer x.assets.asking.Unlock()
	r := x.view.ruling(c.account, "", law.HoldAsset, code) // another order may have asked meanwhile
	if r == nil {
		var err error
		if r, err = x.record(x.judgeHolding(c, code, x.Now()), false); err != nil {
			return err
		}
	}
	return notHeld(r)
}

// notHeld is why an asset may not be held, as an error, or nil.
func notHeld(r *DecisionRecord) error {
	if r == nil || r.Decision.Verdict == law.Allow {
		return nil
	}
	return &Refusal{Reason: tape.NotPermitted, Decision: r.Decision.ID, Verdict: r.Decision.Verdict}
}

// mayPlace says why an order may not be placed before the venue is asked: its market may not
// be offered, or its owner may not hold what its fills would bring them. The caller holds
// basis for reading.
func (x *Exchange) mayPlace(account uint64, market uint16, side book.Side) error {
	if len(x.assets.closed) == 0 && len(x.assets.watched) == 0 {
		return nil
	}
	c, m := x.customers.find(account), x.market(market)
	if c == nil || m == nil || tradesNoMore(x.view.stance(c.account).Verdict) {
		return nil // the venue says so
	}
	if r := x.refusesMarket(c, m); r != nil {
		return r
	}
	return x.mayHold(c, brings(m, side))
}

// brings is the asset that an order's fills bring its owner.
func brings(m *tape.Market, side book.Side) uint16 {
	if side == book.Buy {
		return m.Base
	}
	return m.Quote
}

func (x *Exchange) market(i uint16) *tape.Market {
	g := x.view.Genesis()
	if int(i) >= len(g.Markets) {
		return nil
	}
	return &g.Markets[i]
}

// refusesMarket is why a customer's operator may not offer what a market trades, or nil. The
// caller holds basis.
func (x *Exchange) refusesMarket(c *customer, m *tape.Market) *Refusal {
	if len(x.assets.closed) == 0 {
		return nil
	}
	for _, asset := range []uint16{m.Base, m.Quote} {
		if r := x.assets.closed[offer{c.operator, asset}]; r != nil {
			return r
		}
	}
	return nil
}

// closeOrders ends those customers' orders that stand in markets which may not be offered, or
// would bring their owner what may not be held. No order comes meanwhile, for the caller holds
// basis for writing. In a market that is halted they stand on, and end when it opens; see SetPhase.
func (x *Exchange) closeOrders(customers []*customer) error {
	cmds := x.closingOrders(customers)
	if len(cmds) == 0 {
		return nil
	}
	_, err := x.put(cmds...) // refused where its owner has just ended it
	return err
}

// closingOrders is the commands of closeOrders.
func (x *Exchange) closingOrders(customers []*customer) (cmds []tape.Command) {
	if len(x.assets.closed) == 0 && !x.view.anyHolding() {
		return nil
	}
	for _, c := range customers {
		var markets []uint16
		for _, o := range x.view.Orders(c.account, true) {
			m := x.market(o.Market)
			switch {
			case slices.Contains(markets, o.Market):
			case x.refusesMarket(c, m) != nil:
				markets = append(markets, o.Market)
				cmds = append(cmds, &tape.CancelAll{Account: c.account, Market: o.Market})
			case notHeld(x.view.ruling(c.account, "", law.HoldAsset, x.view.Genesis().Assets[brings(m, o.Side)].Code)) != nil:
				cmds = append(cmds, &tape.CancelOrder{Account: c.account, Market: o.Market, Order: o.ID})
			}
		}
	}
	return cmds
}
