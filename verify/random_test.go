package verify

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestRandomCommands gives a model commands that are mostly sensible, holds its money
// together after each of them, and shows a witness what comes of them. Each seed is a run of
// its own.
func TestRandomCommands(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := tradersOf(t, func(k *tape.Market) {
				k.MaxOrders, k.MaxStops, k.MaxParts, k.MaxPosition = 8, 5, 8, amt("80")
				k.Buys, k.Sells = tape.Band{Down: 999_500, Up: 1_000_600}, tape.Band{Down: 999_500, Up: 1_000_600}
			})
			for range 150 {
				cmd := w.draw(r)
				for _, e := range w.do(cmd) {
					switch e := e.(type) {
					case *tape.OrderChanged:
						if e.Trailing != 0 && e.Working != 0 {
							seen["trailed"]++
						}
						seen[e.Status.String()]++
						if e.Type.Stops() && e.Working == w.at {
							seen["triggered"]++
						}
					case tape.WithdrawalChanged:
						seen[e.Status.String()]++
					case tape.DepositChanged:
						seen[e.Pocket.String()]++
					case tape.Refused:
						seen[e.Reason.String()]++
					case *tape.Prevented:
						if e.Barred != "" {
							seen["barred"]++
						} else {
							seen[e.Mode.String()]++
							seen[fmt.Sprint("transferred: ", e.Transfers())]++
						}
					case *tape.Traded:
						if e.MakerAccount == e.TakerAccount {
							seen["NONE"]++
						}
					case tape.OrderListEnded:
						seen["oco ended"]++
					case tape.OrderListPlaced:
						if e.Contingency == tape.OneTriggers {
							seen["oto"]++
						}
					}
				}
				if err := w.m.together(); err != nil {
					t.Fatalf("%s %+v: %v", Name(cmd), cmd, err)
				}
			}
			w.holds()
		})
	}
	for _, want := range []string{
		"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH",
		"requested", "sending", "sent", "canceled", "stopped", "available", "frozen", "apart",
		"triggered", "barred", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "NONE", "transferred: true", "transferred: false", "oco ended", "oto", "trailed",
		tape.MarketClosed.String(), tape.PercentPrice.String(), tape.MaxOrders.String(), tape.MaxStops.String(), tape.MaxPosition.String(), tape.MaxAsset.String(),
		tape.IcebergParts.String(), tape.WouldTrigger.String(), tape.WouldTake.String(), tape.BadAmend.String(), tape.Insufficient.String(),
	} {
		if seen[want] == 0 {
			t.Errorf("nothing came to be %s: the test shows nothing of it (%v)", want, seen)
		}
	}
}

// together reports where the money of a model does not hold together: each asset sums to
// zero; what an account has ordered is what its open orders and its pairs have reserved, and
// each of these just what it needs; and the book shows what it may and is not crossed.
func (m *model) together() error {
	sums, ordered := map[uint16]money.Amount{}, map[pile]money.Amount{}
	for p, b := range m.balances {
		for pocket, amount := range b {
			sums[p.asset] = plus(sums[p.asset], amount)
			if amount.Sign() < 0 && p.account != uint64(ledger.Outside) {
				return fmt.Errorf("account %d has %s %s of asset %d", p.account, amount, ledger.Pocket(pocket), p.asset)
			}
		}
	}
	for asset, sum := range sums {
		if !sum.IsZero() {
			return fmt.Errorf("asset %d sums to %s", asset, sum)
		}
	}
	classes := map[string]int{}
	for _, a := range m.accounts {
		if a.Standing.May&tape.MayTrade != 0 {
			classes[fmt.Sprint(a.Sides)]++
		}
	}
	if !maps.Equal(classes, m.classes) {
		return fmt.Errorf("accounts with MayTrade are counted as %v, and are %v", m.classes, classes)
	}
	for _, o := range m.orders {
		need := resting(o, left(&o.Order))
		if o.Status == tape.PendingNew {
			need = money.Amount{}
		}
		if x := m.lists[o.OrderList]; x != nil && x.Together {
			pair := m.openOf(x.Orders)
			other := pair[0]
			if other == o {
				other = pair[1]
			}
			if larger := resting(other, left(&other.Order)); need.Less(larger) {
				need = larger
			}
			if x.reserve != need || !o.reserve.IsZero() {
				return fmt.Errorf("order list %d has %s reserved and order %d %s; they need %s", x.ID, x.reserve, o.ID, o.reserve, need)
			}
			if o.ID < other.ID {
				ordered[pile{o.Account, m.pays(o)}] = plus(ordered[pile{o.Account, m.pays(o)}], need)
			}
		} else {
			if o.reserve != need {
				return fmt.Errorf("order %d has %s reserved, and needs %s", o.ID, o.reserve, need)
			}
			ordered[pile{o.Account, m.pays(o)}] = plus(ordered[pile{o.Account, m.pays(o)}], need)
		}
		shows := left(&o.Order)
		if !o.Iceberg.IsZero() {
			shows = money.Min(shows, o.Iceberg)
		}
		switch {
		case !o.Extreme.IsZero() && (inBook(o) || o.Trail == 0 || o.Trailing == 0):
			return fmt.Errorf("order %d follows the price, with a trail of %d since %d", o.ID, o.Trail, o.Trailing)
		case o.Status != tape.PendingNew && o.waits == inBook(o):
			return fmt.Errorf("order %d waits, and is in the book: %v", o.ID, o.waits)
		case inBook(o) && (o.Visible.Sign() <= 0 || shows.Less(o.Visible)):
			return fmt.Errorf("order %d shows %s of %s", o.ID, o.Visible, shows)
		case inBook(o) && m.facing(o) != nil:
			return fmt.Errorf("orders %d and %d cross", o.ID, m.facing(o).ID)
		}
	}
	for p, b := range m.balances {
		if b[ledger.Ordered] != ordered[p] {
			return fmt.Errorf("account %d has %s of asset %d ordered, and needs %s", p.account, b[ledger.Ordered], p.asset, ordered[p])
		}
	}
	return nil
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// draw is a command that may well be carried out.
func (w *writer) draw(r *rand.Rand) tape.Command {
	a := pick[uint64](r, alice, bob, carol, carol)
	verdict := pick(r, law.Allow, law.Allow, law.Allow, law.Allow, law.Allow, law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze)
	lately := func() uint64 {
		if open := w.m.accounts[a].opened(func(*order) bool { return true }); len(open) > 0 && r.IntN(4) > 0 {
			return open[r.IntN(len(open))].ID
		}
		return w.m.lastOrder - r.Uint64N(8)
	}
	switch r.IntN(40) {
	case 0:
		return &tape.CancelAll{Account: a}
	case 1, 2:
		return &tape.CancelOrder{Account: a, Order: lately()}
	case 3:
		d := w.decision(law.Review, a, verdict, "")
		side := law.Side{Rule: "bar", Binds: r.IntN(3) > 0}
		if side.Covered, side.Other = r.IntN(2) == 0, r.IntN(2) == 0; side.Covered || side.Other {
			d.Sides = []law.Side{side}
		}
		cmd, _ := w.seal(d)
		return cmd
	case 25:
		cmd, _ := w.seal(w.decision(law.Review, a, law.Allow, ""))
		return cmd
	case 26:
		return &tape.SetMaxAsset{Asset: pick[uint16](r, btc, usdt), Max: amt(pick(r, "0", "0", "0", "2", "15000")), By: "m", Reason: "r"}
	case 27, 28:
		return &tape.SetTradeGroup{Account: a, Group: pick[uint32](r, 1, 1, 1, 2, 0), By: "m", Reason: "r"}
	case 29:
		return &tape.SetOperatorUser{Name: pick(r, "m", "m", "m", "k", "m k"), May: pick[tape.Right](r, 0, 0, 0, 0, 7, 7, 5, 3, 2, 8)}
	case 12:
		if r.IntN(2) == 0 {
			return &tape.EarnTier{Account: a, Tier: uint8(r.IntN(4))}
		}
		return &tape.SetTier{Account: a, Tier: uint8(r.IntN(4))}
	case 13:
		return &tape.SetPhase{Phase: pick(r, tape.Trading, tape.CancelOnly, tape.Halted), By: "m"}
	case 14, 22, 23:
		return &tape.SetPhase{By: "m"} // open again
	case 24:
		return &tape.CancelOrderList{Account: a, OrderList: w.m.lastOrderList - r.Uint64N(3)}
	case 15, 16:
		return &tape.AmendOrder{Account: a, Order: lately(), Quantity: amt(pick(r, "0.5", "1", "2"))}
	case 17, 18:
		return &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: a, Order: lately()}, Order: *w.drawOrder(r, a), Anyway: r.IntN(2) == 0}
	case 19, 20, 21:
		side, one, two := book.Sell, tape.LimitMaker, tape.StopLossLimit
		quantity, high, low := pick(r, "0.5", "1", "3"), pick(r, "20000.01", "20010", "20020"), pick(r, "19990", "19980", "20000")
		first, second := w.order(a, side, high, quantity), w.stop(a, side, pick(r, two, tape.StopLoss), low, "", quantity)
		if r.IntN(2) == 0 {
			side = book.Buy
			first, second = w.order(a, side, low, quantity), w.stop(a, side, pick(r, two, tape.StopLoss), high, "", quantity)
		}
		first.Type = pick(r, one, tape.TakeProfit, tape.TakeProfitLimit)
		if first.Type != tape.LimitMaker {
			first.Stop = first.Price
		}
		if first.Type == tape.TakeProfit {
			first.Price = money.Amount{}
		}
		if second.Type == two {
			second.Price = amt(pick(r, "19990", "20000", "20010"))
		}
		if r.IntN(2) == 0 {
			first, second = second, first
		}
		if r.IntN(2) == 0 {
			return w.pair(first, second)
		}
		works := w.order(a, pick(r, book.Buy, book.Sell), pick(r, "20000", "20000.01", "19990"), pick(r, "0.5", "1"))
		works.Type = pick(r, tape.Limit, tape.LimitMaker)
		if r.IntN(2) == 0 {
			return w.then(works, first, second)
		}
		pending := w.drawOrder(r, a)
		if pending.QuoteQuantity = (money.Amount{}); pending.Quantity.IsZero() {
			pending.Quantity = amt("1")
		}
		return w.then(works, pending)
	case 4:
		d := w.depositCommand(a, pick[uint16](r, btc, usdt), "100")
		movement := depositMovement(&w.m.genesis, d)
		d.Decision = w.decide(law.Deposit, a, verdict, movement)
		if r.IntN(2) == 0 {
			return d
		}
		w.do(d)
		cmd, _ := w.seal(w.decision(law.Deposit, a, pick(r, law.Allow, law.Exit, law.Hold, law.Freeze), movement))
		return cmd
	case 5, 6:
		c := w.withdrawCommand(a, usdt, "50")
		c.Ref = fmt.Sprint(r.Uint32())
		c.Decision = w.decide(law.Withdraw, a, verdict, withdrawMovement(&w.m.genesis, c))
		return c
	case 7, 8, 9:
		return &tape.SendWithdrawal{Withdrawal: w.m.lastWithdrawal - r.Uint64N(2)}
	case 10, 11:
		return &tape.SettleWithdrawal{Withdrawal: w.m.lastWithdrawal - r.Uint64N(2)}
	}
	return w.drawOrder(r, a)
}

func (w *writer) drawOrder(r *rand.Rand, a uint64) *tape.PlaceOrder {
	price := func() string { return pick(r, "20000", "20000.01", "19999.99", "20010", "19990") }
	o := w.order(a, pick(r, book.Buy, book.Sell), price(), pick(r, "0.001", "0.5", "1", "3", "7.123"))
	o.Type = pick(r, tape.Limit, tape.Limit, tape.Limit, tape.Limit, tape.MarketOrder, tape.LimitMaker, tape.StopLoss, tape.StopLossLimit, tape.TakeProfit, tape.TakeProfitLimit)
	o.SelfTrade = pick(r, tape.ExpireMaker, tape.ExpireTaker, tape.ExpireBoth, tape.Decrement, tape.Decrement, tape.AllowSelf, tape.Transfer, tape.Transfer, tape.Transfer)
	if o.Type == tape.Limit || o.Type == tape.StopLossLimit || o.Type == tape.TakeProfitLimit {
		o.Force = pick(r, tape.GTC, tape.GTC, tape.IOC, tape.FOK)
	}
	if stopType(o.Type) {
		o.Stop = amt(price())
		if r.IntN(3) == 0 {
			if o.Trail = pick[uint32](r, 2, 3, 5); r.IntN(2) == 0 {
				o.Stop = money.Amount{}
			}
		}
	}
	if priced(o.Type) && o.Force == tape.GTC && r.IntN(3) == 0 {
		o.Iceberg = amt(pick(r, "0.001", "0.4", "0.5", "1"))
	}
	if !priced(o.Type) {
		o.Price = money.Amount{}
	}
	if o.Type == tape.MarketOrder && r.IntN(2) == 0 {
		o.Quantity, o.QuoteQuantity = money.Amount{}, amt(pick(r, "20", "19999.999999", "54321.123456"))
	}
	return o
}
