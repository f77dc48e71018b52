package exchange

import (
	"time"

	"sallyport/venue/tape"
)

// Meant reports, as an error, that a command is no longer meant at the instant at which its turn
// comes: it waited too long. Such a command does not enter the log.
type Meant func(at time.Time) error

// PlaceOrder places an order. The error is a *Refusal when it was refused, or that of meant.
func (x *Exchange) PlaceOrder(cmd *tape.PlaceOrder, meant ...Meant) (tape.Order, []tape.Traded, error) {
	events, err := x.trade(cmd, cmd, meant)
	if err != nil {
		return tape.Order{}, nil, err
	}
	return x.placed(events)
}

// trade puts a command that places an order, or a list that begins with it, into the log, unless
// its market may not be offered or its owner may not hold what it would bring them.
func (x *Exchange) trade(o *tape.PlaceOrder, cmd tape.Command, meant []Meant) (events []tape.Event, err error) {
	err = x.timely(func() error {
		x.basis.RLock()
		defer x.basis.RUnlock()
		if err := x.mayPlace(o.Account, o.Market, o.Side); err != nil {
			return err
		}
		if l, ok := cmd.(*tape.PlaceOrderList); ok { // which may buy and sell
			for i := range l.Orders {
				if err := x.mayPlace(o.Account, o.Market, l.Orders[i].Side); err != nil {
					return err
				}
			}
		}
		if r := x.refusesUnidentified(o.Account); r != nil {
			return r
		}
		all, err := x.submitJob(&job{cmds: []tape.Command{cmd}, meant: meant})
		if err == nil {
			events = all[0]
		}
		return err
	})
	return events, err
}

// placed is the order that was placed, as the command left it, and what it traded.
func (x *Exchange) placed(events []tape.Event) (tape.Order, []tape.Traded, error) {
	var o tape.Order
	var trades []tape.Traded
	for _, e := range events {
		switch e := e.(type) {
		case tape.Refused:
			return tape.Order{}, nil, x.refused(e)
		case *tape.OrderChanged:
			if o.ID == 0 || e.ID == o.ID { // the first is the order itself
				o = e.Order
			}
		case *tape.Traded:
			if e.Taker == o.ID { // and not of those that it triggered
				trades = append(trades, *e)
			}
		}
	}
	return o, trades, nil
}

// PlaceOrderList places orders that depend on one another. The first is given as the command left
// it, with what it traded; the others as they were placed, for what comes of them is told by
// their events.
func (x *Exchange) PlaceOrderList(cmd *tape.PlaceOrderList, meant ...Meant) (tape.OrderList, []tape.Order, []tape.Traded, error) {
	var list tape.OrderList
	if len(cmd.Orders) == 0 {
		return list, nil, nil, &Refusal{Reason: tape.BadOrder}
	}
	events, err := x.trade(&cmd.Orders[0], cmd, meant)
	if err != nil {
		return list, nil, nil, err
	}
	orders, trades := make([]tape.Order, len(cmd.Orders)), []tape.Traded(nil)
	for _, e := range events {
		switch e := e.(type) {
		case tape.Refused:
			return list, nil, nil, x.refused(e)
		case tape.OrderListPlaced:
			list = e.OrderList
		case *tape.OrderChanged:
			for i, id := range list.Orders {
				if e.ID == id && (i == 0 || orders[i].ID == 0) {
					orders[i] = e.Order
				}
			}
		case *tape.Traded:
			if e.Taker == list.Orders[0] {
				trades = append(trades, *e)
			}
		}
	}
	return list, orders, trades, nil
}

// Replaced is what came of the two halves of a ReplaceOrder. Each has its error if it was refused;
// the second has neither an order nor an error if it was not tried.
type Replaced struct {
	Canceled  tape.Order
	CancelErr error
	Placed    tape.Order
	Trades    []tape.Traded
	PlaceErr  error
}

// ReplaceOrder cancels an order and places another. The error is of neither half.
func (x *Exchange) ReplaceOrder(cmd *tape.ReplaceOrder, meant ...Meant) (Replaced, error) {
	var r Replaced
	events, err := x.trade(&cmd.Order, cmd, meant)
	if stop, ok := err.(*Refusal); ok { // what may not be offered may still be cancelled
		r.Canceled, r.CancelErr = x.CancelOrder(&cmd.Cancel, meant...)
		if r.CancelErr == nil || cmd.Anyway {
			r.PlaceErr = stop
		}
		return r, nil
	}
	if err != nil {
		return r, err
	}
	// What the first half brought about comes first: an order that was cancelled, and those
	// that went with it, or one refusal.
	rest := events
	if no, ok := events[0].(tape.Refused); ok {
		r.CancelErr, rest = x.refused(no), events[1:]
	} else {
		for len(rest) > 0 {
			if e, ok := rest[0].(*tape.OrderChanged); ok && e.Status == tape.Canceled {
				if r.Canceled.ID == 0 {
					r.Canceled = e.Order
				}
			} else if _, ok := rest[0].(tape.OrderListEnded); !ok {
				break
			}
			rest = rest[1:]
		}
	}
	if r.CancelErr == nil || cmd.Anyway {
		r.Placed, r.Trades, r.PlaceErr = x.placed(rest)
	}
	return r, nil
}

// AmendOrder makes an order's quantity smaller.
func (x *Exchange) AmendOrder(cmd *tape.AmendOrder, meant ...Meant) (tape.Order, error) {
	orders, err := x.alter(cmd, meant)
	if err != nil {
		return tape.Order{}, err
	}
	return orders[0], nil
}

// CancelOrder cancels one open order.
func (x *Exchange) CancelOrder(cmd *tape.CancelOrder, meant ...Meant) (tape.Order, error) {
	orders, err := x.alter(cmd, meant)
	if err != nil {
		return tape.Order{}, err
	}
	return orders[0], nil
}

// CancelOrderList cancels the open orders of a list.
func (x *Exchange) CancelOrderList(cmd *tape.CancelOrderList, meant ...Meant) ([]tape.Order, error) {
	return x.alter(cmd, meant)
}

// CancelAll cancels an account's open orders in a market.
func (x *Exchange) CancelAll(cmd *tape.CancelAll, meant ...Meant) ([]tape.Order, error) {
	return x.alter(cmd, meant)
}

// SetPhase says what a market lets its customers do. Of a market that was halted, where nobody cancels, it
// ends with the same job what the law ends there, before anybody can trade with it; see closeOrders.
func (x *Exchange) SetPhase(cmd *tape.SetPhase) error {
	return x.timely(func() error {
		x.basis.Lock()
		defer x.basis.Unlock()
		cmds := []tape.Command{cmd}
		if x.market(cmd.Market) != nil && x.view.Phase(cmd.Market) == tape.Halted && cmd.Phase != tape.Halted {
			cmds = append(cmds, x.closingOrders(x.customers.all())...)
		}
		events, err := x.submitJob(&job{cmds: cmds})
		if err != nil {
			return err
		}
		if r, ok := refusal(events[0]); ok {
			return x.refused(r)
		}
		return nil
	})
}

// SetTier puts an account into a tier of fees.
func (x *Exchange) SetTier(cmd *tape.SetTier) error {
	_, err := x.alter(cmd, nil)
	return err
}

// SetTradeGroup says which trade group an account is in.
func (x *Exchange) SetTradeGroup(cmd *tape.SetTradeGroup) error {
	_, err := x.alter(cmd, nil)
	return err
}

// SetMaxAsset says how much of an asset one order may move.
func (x *Exchange) SetMaxAsset(cmd *tape.SetMaxAsset) error {
	_, err := x.alter(cmd, nil)
	return err
}

// alter puts a command into the log that makes no order, and gives the orders that it changed.
func (x *Exchange) alter(cmd tape.Command, meant []Meant) ([]tape.Order, error) {
	var events [][]tape.Event
	err := x.timely(func() (err error) {
		events, err = x.submitJob(&job{cmds: []tape.Command{cmd}, meant: meant})
		return err
	})
	if err != nil {
		return nil, err
	}
	if r, ok := refusal(events[0]); ok {
		return nil, x.refused(r)
	}
	var orders []tape.Order
	for _, e := range events[0] {
		if o, ok := e.(*tape.OrderChanged); ok {
			orders = append(orders, o.Order)
		}
	}
	return orders, nil
}
