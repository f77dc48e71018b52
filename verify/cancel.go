package verify

import (
	"sallyport/money"
	"sallyport/venue/tape"
)

// halted: "the market is there and Halted".
func (m *model) halted(market uint16) bool {
	return int(market) < len(m.markets) && m.markets[market].Phase == tape.Halted
}

// named is the open order of an account in a market "by Order or, where that is 0, by
// ClientID"; nil when there is none.
func (m *model) named(account uint64, market uint16, id uint64, clientID string) *order {
	a := m.accounts[account]
	if a == nil {
		return nil
	}
	o := a.open[id]
	if id == 0 {
		o = a.names[clientID]
	}
	if o == nil || o.Market != market {
		return nil
	}
	return o
}

// cancel cancels orders one after another; "one that has ended with another by its turn is
// passed over".
func (m *model) cancel(at int64, orders []*order) []tape.Event {
	var events []tape.Event
	for _, o := range orders {
		if m.orders[o.ID] == o {
			events = append(events, m.end(at, o, tape.Canceled)...)
		}
	}
	return events
}

func (m *model) cancelOrder(at int64, c *tape.CancelOrder) []tape.Event {
	if m.halted(c.Market) {
		return refused(tape.MarketClosed, none)
	}
	o := m.named(c.Account, c.Market, c.Order, c.ClientID)
	if o == nil {
		return refused(tape.UnknownOrder, none)
	}
	if c.Only != 0 && c.Only != o.Status {
		return refused(tape.NotOnly, none)
	}
	return m.end(at, o, tape.Canceled)
}

func (m *model) cancelAll(at int64, c *tape.CancelAll) []tape.Event {
	if m.halted(c.Market) {
		return refused(tape.MarketClosed, none)
	}
	var open []*order
	if a := m.accounts[c.Account]; a != nil {
		open = a.opened(func(o *order) bool { return o.Market == c.Market })
	}
	if open == nil {
		return refused(tape.UnknownOrder, none)
	}
	return m.cancel(at, open)
}

func (m *model) replaceOrder(at int64, c *tape.ReplaceOrder) []tape.Event {
	events := m.cancelOrder(at, &c.Cancel)
	if _, no := refusal(events); no && !c.Anyway {
		return events
	}
	return append(events, m.placeOrder(at, &c.Order)...)
}

func (m *model) amendOrder(at int64, c *tape.AmendOrder) []tape.Event {
	if int(c.Market) < len(m.markets) && m.markets[c.Market].Phase != tape.Trading {
		return refused(tape.MarketClosed, none)
	}
	o := m.named(c.Account, c.Market, c.Order, c.ClientID)
	if o == nil {
		return refused(tape.UnknownOrder, none)
	}
	x := m.lists[o.OrderList]
	shares := x != nil && x.Together
	done := plus(o.Filled, o.Prevented)
	if !inBook(o) || shares || !c.Quantity.Less(o.Quantity) || !done.Less(c.Quantity) || len(c.NewClientID) > 36 {
		return refused(tape.BadAmend, none)
	}
	most := m.genesis.Markets[o.Market].MaxAmends
	if most != 0 && o.Amends >= most {
		return refused(tape.MaxAmends, none)
	}
	names := m.accounts[c.Account].names
	if p := names[c.NewClientID]; c.NewClientID != "" && p != nil && p != o {
		return refused(tape.DuplicateClientID, none)
	}
	if m.offLot(&m.genesis.Markets[o.Market], c.Quantity, c.Quantity, o.Iceberg, money.Amount{}) {
		return refused(tape.LotSize, none)
	}
	if m.offNotional(&tape.PlaceOrder{Market: o.Market, Price: o.Price, Quantity: c.Quantity}) {
		return refused(tape.Notional, none)
	}
	m.giveBack(o, resting(o, minus(o.Quantity, c.Quantity)))
	o.Quantity, o.Updated = c.Quantity, at
	if most != 0 {
		o.Amends++
	}
	o.Visible = money.Min(o.Visible, left(&o.Order)) // what is hidden goes first
	if c.NewClientID != "" {
		delete(names, o.ClientID)
		o.ClientID = c.NewClientID
		names[o.ClientID] = o
	}
	return []tape.Event{&tape.OrderChanged{Order: o.Order}}
}

func (m *model) setPhase(c *tape.SetPhase) []tape.Event {
	if int(c.Market) >= len(m.markets) {
		return refused(tape.UnknownMarket, none)
	}
	switch c.Phase {
	case tape.Trading, tape.CancelOnly, tape.Halted:
	default:
		return refused(tape.BadPhase, none)
	}
	if !word(c.By, tape.MaxBy) || len(c.Reason) > tape.MaxReason {
		return refused(tape.BadPhase, none)
	}
	m.markets[c.Market].Phase = c.Phase
	return []tape.Event{tape.PhaseChanged{SetPhase: *c}}
}

func (m *model) setTier(c *tape.SetTier) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	a.Tier = c.Tier
	return []tape.Event{tape.TierChanged{SetTier: *c}}
}

func (m *model) setTradeGroup(c *tape.SetTradeGroup) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	if !word(c.By, tape.MaxBy) || !word(c.Reason, tape.MaxReason) {
		return refused(tape.Unsaid, none)
	}
	a.Group = c.Group
	return []tape.Event{tape.GroupChanged{SetTradeGroup: *c}}
}

func (m *model) setMaxAsset(c *tape.SetMaxAsset) []tape.Event {
	if int(c.Asset) >= len(m.maxAsset) || c.Max.Sign() < 0 || finer(c.Max, m.genesis.Assets[c.Asset]) {
		return refused(tape.UnknownAsset, none)
	}
	if !word(c.By, tape.MaxBy) || !word(c.Reason, tape.MaxReason) {
		return refused(tape.Unsaid, none)
	}
	m.maxAsset[c.Asset] = c.Max
	return []tape.Event{tape.MaxAssetChanged{SetMaxAsset: *c}}
}

func (m *model) earnTier(c *tape.EarnTier) []tape.Event {
	a := m.accounts[c.Account]
	if a == nil {
		return refused(tape.UnknownAccount, none)
	}
	a.earned = c.Tier
	return []tape.Event{tape.TierEarned{EarnTier: *c}}
}
