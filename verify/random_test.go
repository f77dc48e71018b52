package verify

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// TestRandomCommands gives a model commands that are mostly sensible, and shows a witness
// what comes of them. Each seed is a run of its own.
func TestRandomCommands(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(150) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			w := traders(t)
			for range 120 {
				for _, e := range w.do(w.draw(r)) {
					switch e := e.(type) {
					case *tape.OrderChanged:
						seen[e.Status.String()]++
					case tape.WithdrawalChanged:
						seen[e.Status.String()]++
					case tape.DepositChanged:
						seen[e.Pocket.String()]++
					case tape.Refused:
						seen["refused"]++
					}
				}
			}
			w.holds()
		})
	}
	for _, want := range []string{
		"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH",
		"requested", "sending", "sent", "canceled", "stopped", "available", "frozen", "apart", "refused",
	} {
		if seen[want] == 0 {
			t.Errorf("nothing came to be %s: the test shows nothing of it (%v)", want, seen)
		}
	}
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

// draw is a command that may well be carried out.
func (w *writer) draw(r *rand.Rand) tape.Command {
	a := pick[uint64](r, alice, bob, carol, carol)
	verdict := pick(r, law.Allow, law.Allow, law.Allow, law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze)
	switch r.IntN(24) {
	case 0:
		return &tape.CancelAll{Account: a}
	case 1, 2:
		return &tape.CancelOrder{Account: a, Order: w.m.lastOrder - r.Uint64N(6)}
	case 3:
		cmd, _ := w.seal(w.decision(law.Review, a, verdict, ""))
		return cmd
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
	o := w.order(a, pick(r, book.Buy, book.Sell), pick(r, "20000", "20000.01", "19999.99", "20010", "19990"), pick(r, "0.001", "0.5", "1", "3", "7.123"))
	o.Type = pick(r, tape.Limit, tape.Limit, tape.Limit, tape.MarketOrder, tape.LimitMaker)
	switch o.Type {
	case tape.Limit:
		o.Force = pick(r, tape.GTC, tape.GTC, tape.IOC, tape.FOK)
	case tape.MarketOrder:
		o.Price = money.Amount{}
		if r.IntN(2) == 0 {
			o.Quantity, o.QuoteQuantity = money.Amount{}, amt(pick(r, "20", "19999.999999", "54321.123456"))
		}
	}
	return o
}
