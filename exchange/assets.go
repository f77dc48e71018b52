package exchange

import (
	"slices"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// An offer is one asset at one operator, by their places in the founding tables.
type offer struct{ operator, asset uint16 }

// gateAssets asks the gate whether each operator may offer each asset (Article 5ba of
// Regulation (EU) No 833/2014 is one that says no), and gives the decisions that say
// something new. What may not be offered is traded no more from then on: PlaceOrder refuses
// it, and closeOrders ends what stands. The caller holds basis for writing.
func (x *Exchange) gateAssets(at time.Time) []tape.Command {
	g := x.view.Genesis()
	var news []tape.Command
	for i, op := range g.Operators {
		for j, a := range g.Assets {
			var f law.Facts
			x.state(&f, "asset.represents", x.represents(a.Code))
			x.state(&f, "asset.issuer_listed", []string{})
			d := gate.Decide(gate.Input{
				Facts: f, Action: law.ListAsset, Operator: op.Name, Nexus: op.Nexus, At: at, Rules: x.cfg.Rules,
				Editions: x.watch.refs, Matching: x.cfg.Weights.Version, Hold: gate.HoldTerms{Owner: x.cfg.HoldOwner, Due: x.holdDue(op.Nexus, at)},
			})
			o := offer{uint16(i), uint16(j)}
			_, closed := x.closed[o]
			switch {
			case d.Verdict != law.Allow && !closed:
				x.closed[o] = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
			case d.Verdict == law.Allow && closed:
				delete(x.closed, o)
			default:
				continue
			}
			news = append(news, encodeDecision(d))
		}
	}
	return news
}

// represents is the asset and what it wraps or is a claim to.
func (x *Exchange) represents(asset string) []string {
	return append([]string{asset}, x.cfg.Represents[asset]...)
}

// refusesMarket is why an account's operator may not offer what a market trades, or nil. The
// caller holds basis.
func (x *Exchange) refusesMarket(account uint64, market uint16) *Refusal {
	if len(x.closed) == 0 {
		return nil
	}
	g := x.view.Genesis()
	c := x.customers.find(account)
	if c == nil || int(market) >= len(g.Markets) {
		return nil
	}
	for _, asset := range []uint16{g.Markets[market].Base, g.Markets[market].Quote} {
		if r := x.closed[offer{c.operator, asset}]; r != nil {
			return r
		}
	}
	return nil
}

// closeOrders ends the orders that stand in markets which may not be offered. No order comes
// meanwhile, for the caller holds basis for writing.
func (x *Exchange) closeOrders() error {
	if len(x.closed) == 0 {
		return nil
	}
	var cmds []tape.Command
	for _, c := range x.customers.all() {
		var markets []uint16
		for _, o := range x.view.Orders(c.account, true) {
			if !slices.Contains(markets, o.Market) && x.refusesMarket(c.account, o.Market) != nil {
				markets = append(markets, o.Market)
				cmds = append(cmds, &tape.CancelAll{Account: c.account, Market: o.Market})
			}
		}
	}
	if len(cmds) == 0 {
		return nil
	}
	_, err := x.put(cmds...) // refused where its owner has just ended it
	return err
}
