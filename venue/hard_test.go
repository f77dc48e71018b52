package venue

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"sallyport/book"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// hardWorld is flowWorld with bounds, fees and purses that are drawn.
func hardWorld(t failer, r *rand.Rand) *world {
	w := flowWorld(t)
	w = &world{t: t, v: New(), at: w.at, g: w.g}
	m := money.MustParse
	for i := range w.g.Markets {
		k := &w.g.Markets[i]
		k.Step = m(pick(r, []string{"0.5", "0.1", "0.00001", "0.3"}))
		k.MinQty = m(pick(r, []string{"0.5", "0.00001", "0.7", "1"}))
		k.MaxQty = m(pick(r, []string{"50", "7", "3.25"}))
		k.MinNotional = m(pick(r, []string{"0", "5", "95", "150"}))
		k.MaxNotional = m(pick(r, []string{"0", "0", "900", "295"}))
		k.MarketMaxQty = m(pick(r, []string{"0", "0.8", "2.25", "0.4"}))
		k.MaxPosition = m(pick(r, []string{"0", "505", "3", "510"}))
		k.MaxOrders, k.MaxStops, k.MaxParts = uint32(pick(r, []int{0, 3, 8})), uint32(pick(r, []int{0, 1, 4})), uint32(pick(r, []int{0, 2, 5}))
		k.MakerPPM, k.TakerPPM = uint32(pick(r, []int{0, 1000, 100_000, 33_333})), uint32(pick(r, []int{0, 1000, 100_000, 77_777}))
		k.Tiers = pick(r, [][]tape.Fees{nil, {{}}, {{MakerPPM: 500, TakerPPM: 700}, {}}})
		k.Rising, k.Falling = tape.Trails{Min: 10, Max: 500}, tape.Trails{Min: 10, Max: 500}
		k.Buys = pick(r, []tape.Band{{}, {}, {Down: 980_000, Up: 1_020_000}})
		k.Sells = pick(r, []tape.Band{{}, {}, {Down: 970_000, Up: 1_030_000}})
	}
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for _, a := range flowAccounts {
		w.open(a, law.Allow)
		if between(r, 0, 2) > 0 {
			w.credit(a, 0, pick(r, []string{"500", "2.5", "0.01", "0.00000001"}), law.Allow)
		}
		w.credit(a, 1, pick(r, []string{"20000", "20000", "700"}), law.Allow)
		if between(r, 0, 2) == 0 {
			w.do(&tape.SetTier{Account: a, Tier: uint8(between(r, 1, 3))})
		}
	}
	if between(r, 0, 1) == 0 {
		w.decideSides(law.Review, 1001, law.Allow, "", american)
		w.decideSides(law.Review, 1002, law.Allow, "", iranian)
	}
	for _, a := range []uint64{1000, 1003} {
		w.ok(&tape.SetTradeGroup{Account: a, Group: 1, By: "m", Reason: "r"})
	}
	return w
}

// spoil makes of an order of a list one of which a field may be anything.
func spoil(r *rand.Rand, o *tape.PlaceOrder) {
	amount := func() money.Amount {
		return money.MustParse(pick(r, []string{"0", "-1", "0.0000001", "2", "100", "1000000000000000", "100000000000000000000", "-100000000000000000000", "0.3", "7", "50"}))
	}
	switch between(r, 0, 12) {
	case 0:
		o.Price = amount()
	case 1:
		o.Stop = amount()
	case 2:
		o.Quantity = amount()
	case 3:
		o.QuoteQuantity = amount()
	case 4, 5:
		o.Iceberg = amount()
	case 6:
		o.Trail = uint32(pick(r, []int{0, 9, 10, 100, 500, 501, 10_000, 1 << 31}))
	case 7:
		o.Side = book.Side(between(r, 0, 3))
	case 8:
		o.Type = tape.Type(between(r, 0, 8))
	case 9:
		o.Force = tape.Force(between(r, 0, 4))
	case 10:
		o.SelfTrade = tape.SelfTrade(between(r, 0, 6))
	case 11:
		o.Account = pick(r, flowAccounts)
	default:
		o.ClientID = pick(r, []string{"c1", "c2", "", "a"})
	}
}

// TestHardMarkets: lists over markets of any bounds and fees, by customers who have little, restored after every command.
func TestHardMarkets(t *testing.T) {
	met := map[string]int{}
	seeds, _ := flowSeeds()
	for seed := range seeds / 8 {
		r := rand.New(rand.NewPCG(seed, 77))
		w := hardWorld(t, r)
		twin, done := restored(t, w.v), len(w.log)
		for range 150 {
			var cmd tape.Command
			switch between(r, 0, 9) {
			case 0, 1, 2, 3:
				c := w.drawList(r)
				if len(c.Orders) > 0 && between(r, 0, 2) == 0 {
					spoil(r, &c.Orders[between(r, 0, len(c.Orders)-1)])
				}
				cmd = c
			case 4:
				cmd = w.drawAny(r)
			default:
				cmd = w.drawTrading(r)
			}
			switch c := cmd.(type) {
			case *tape.PlaceOrder:
				if between(r, 0, 5) == 0 {
					spoil(r, c)
				}
			case *tape.ReplaceOrder:
				if between(r, 0, 5) == 0 {
					spoil(r, &c.Order)
				}
			case *tape.AmendOrder:
				if between(r, 0, 5) == 0 {
					var o tape.PlaceOrder
					for o.Quantity.IsZero() {
						spoil(r, &o)
					}
					c.Quantity = o.Quantity
				}
			}
			before := w.v.State()
			events := w.do(cmd)
			if f, ok := refused(events); ok {
				met[fmt.Sprintf("%T %v", cmd, f.Reason)]++
				if _, replaces := cmd.(*tape.ReplaceOrder); !replaces {
					if after := w.v.State(); after.Hash() != before.Hash() {
						t.Fatalf("refused, and changed: %+v", cmd)
					}
				}
			}
			for _, e := range events {
				if o, ok := e.(*tape.OrderChanged); ok && o.OrderList != 0 {
					met[fmt.Sprintf("%v %v", o.Type, o.Status)]++
				}
			}
			w.invariants(events)
			for ; done < len(w.log); done++ {
				e := w.log[done]
				c, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
				if err != nil {
					t.Fatal(err)
				}
				if events := apply(twin, e.Time, c); tape.Digest(events) != e.Outcome {
					t.Fatalf("seed %d, command %d, restored: %+v\n%s", seed, done, events, w.told(done+1))
				}
			}
			twin = restored(t, twin)
		}
		w.audit()
	}
	t.Logf("what the flows met: %v", met)
	for _, what := range []string{"LIMIT PENDING_NEW", "MARKET PENDING_NEW", "LIMIT FILLED", "LIMIT EXPIRED", "STOP_LOSS EXPIRED", "LIMIT EXPIRED_IN_MATCH", "LIMIT_MAKER CANCELED", "TAKE_PROFIT_LIMIT NEW"} {
		if met[what] == 0 {
			t.Errorf("no flow met an order of a list: %s", what)
		}
	}
}
