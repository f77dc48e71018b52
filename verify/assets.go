package verify

import (
	"cmp"
	"fmt"
	"slices"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// assets is what decisions of this exchange's own say of assets and hold orders to: no order is
// taken and nothing is traded or changes hands in an asset that the operator may not offer, nor where it would
// bring an account what it may not hold (see gate.Decision.About).
type assets struct {
	closed map[offer]string   // by which decision
	barred map[holding]string // by which decision
	ruled  uint64             // decisions that say so or end it
}

type offer struct{ operator, asset string }

type holding struct {
	account uint64
	asset   string
}

func newAssets() assets {
	return assets{closed: map[offer]string{}, barred: map[holding]string{}}
}

// decided takes in a decision that stands. What another exchange asks about is its own ledger's.
func (a *assets) decided(d *gate.Decision) {
	if d.About == "" || d.Asked != nil {
		return
	}
	switch o, h := (offer{d.Operator, d.About}), (holding{d.Account, d.About}); {
	case d.Action == law.ListAsset && d.Verdict == law.Allow:
		delete(a.closed, o)
	case d.Action == law.ListAsset:
		a.closed[o] = d.ID
	case d.Action == law.HoldAsset && d.Verdict == law.Allow:
		delete(a.barred, h)
	case d.Action == law.HoldAsset:
		a.barred[h] = d.ID
	default:
		return
	}
	a.ruled++
}

// auditAssets holds an order that was taken, each trade and each transfer to what was decided of the assets.
func (r *replay) auditAssets(cmd tape.Command, events []tape.Event) error {
	if r.assets.ruled == 0 {
		return nil
	}
	if _, no := refusal(events); no {
		return nil
	}
	for _, e := range events {
		if o, ok := e.(*tape.OrderChanged); ok && placed(cmd, &o.Order) {
			if err := r.mayTrade(o.Account, o.Market, o.Side); err != nil {
				return err
			}
		}
	}
	for _, e := range events {
		switch e := e.(type) {
		case *tape.Traded:
			if err := cmp.Or(r.mayTrade(e.TakerAccount, e.Market, e.TakerSide), r.mayTrade(e.MakerAccount, e.Market, e.TakerSide.Other())); err != nil {
				return fmt.Errorf("trade %d: %w", e.ID, err)
			}
		case *tape.Prevented:
			if !e.Transfers() {
				continue
			}
			if err := cmp.Or(r.mayTrade(e.TakerAccount, e.Market, e.TakerSide), r.mayTrade(e.MakerAccount, e.Market, e.TakerSide.Other())); err != nil {
				return fmt.Errorf("transfer by prevented match %d: %w", e.ID, err)
			}
		}
	}
	return nil
}

// placed reports whether a command placed the order.
func placed(cmd tape.Command, o *tape.Order) bool {
	switch cmd.(type) {
	case *tape.PlaceOrder, *tape.PlaceOrderList, *tape.ReplaceOrder:
		return (o.Status == tape.StatusNew || o.Status == tape.PendingNew) && o.Filled.IsZero() && o.Created == o.Updated
	}
	return false
}

// mayTrade reports why an account may not buy or sell on a market.
func (r *replay) mayTrade(account uint64, market uint16, side book.Side) error {
	g := &r.model.genesis
	m := g.Markets[market]
	operator := g.Operators[r.model.accounts[account].Operator].Name
	for _, asset := range []uint16{m.Base, m.Quote} {
		if id, closed := r.assets.closed[offer{operator, g.Assets[asset].Code}]; closed {
			return fmt.Errorf("account %d trades in %s, which operator %s may not offer by decision %s", account, g.Assets[asset].Code, operator, id)
		}
	}
	brings := m.Quote
	if side == book.Buy {
		brings = m.Base
	}
	if id, barred := r.assets.barred[holding{account, g.Assets[brings].Code}]; barred {
		return fmt.Errorf("account %d buys %s, which it may not hold by decision %s", account, g.Assets[brings].Code, id)
	}
	return nil
}

// aboutIts holds a decision about an asset to its facts: they are of the asset that it names.
func aboutIts(d *gate.Decision) error {
	switch represents, known := d.Facts.Texts("asset.represents"); {
	case d.About == "" || d.Action == law.DealPlatform:
		return nil
	case d.Action != law.ListAsset && d.Action != law.HoldAsset:
		return fmt.Errorf("it names %q, and %s is about no asset and no platform", d.About, d.Action)
	case known && !slices.Contains(represents, d.About):
		return fmt.Errorf("it is about %s, and its facts are of an asset that stands for %q", d.About, represents)
	}
	return nil
}
