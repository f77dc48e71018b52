package venue

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/verify"
)

// The sides that drawn customers stand on: nobody's, of a bar that binds, of one that does not bind
// their operator, and of one that keeps its own apart.
var (
	american = []law.Side{{Rule: "us-bar", Covered: true, Binds: true}}
	iranian  = []law.Side{{Rule: "us-bar", Other: true, Binds: true}}
	abroad   = []law.Side{{Rule: "us-bar", Other: true}}
	loner    = []law.Side{{Rule: "another", Covered: true, Other: true, Binds: true}, {Rule: "us-bar", Covered: true}}
)

// flowWorld is a venue with markets of every filter, and customers of several classes.
func flowWorld(t failer) *world { return flowWorldOf(t, func(*tape.Genesis) {}) }

// flowWorldOf is flowWorld of other founding tables.
func flowWorldOf(t failer, change func(*tape.Genesis)) *world {
	m := money.MustParse
	w := &world{t: t, v: New(), at: 1_645_700_000_000_000, g: &tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
			{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
		},
		Markets: []tape.Market{
			{
				Symbol: "BTCUSDT", Base: 0, Quote: 1, Tick: m("1"), MinPrice: m("1"), MaxPrice: m("1000"),
				Step: m("0.5"), MinQty: m("0.5"), MaxQty: m("50"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 2000, AllowSelf: true,
				Rising: tape.Trails{Min: 10, Max: 500}, Falling: tape.Trails{Min: 50, Max: 300},
				Tiers: []tape.Fees{{MakerPPM: 500, TakerPPM: 700}, {}},
			},
			{
				Symbol: "BTCUSDT2", Base: 0, Quote: 1, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000"),
				Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("50"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 2000,
				MaxNotional: m("900"), MarketMaxQty: m("4"), MaxPosition: m("505"), MaxOrders: 3, MaxStops: 1, MaxParts: 3,
				Buys: tape.Band{Down: 900_000, Up: 1_100_000}, Sells: tape.Band{Down: 950_000, Up: 1_050_000},
			},
		},
		Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}},
	}}
	change(w.g)
	w.do(w.g)
	w.do(&tape.TakeRules{SHA256: rulesHash})
	for _, a := range flowAccounts {
		w.open(a, law.Allow)
		w.credit(a, 0, "500", law.Allow)
		w.credit(a, 1, "20000", law.Allow)
	}
	w.decideSides(law.Review, 1001, law.Allow, "", american)
	w.decideSides(law.Review, 1002, law.Allow, "", iranian)
	for _, a := range []uint64{1000, 1003} {
		w.ok(&tape.SetTradeGroup{Account: a, Group: 1, By: "m", Reason: "r"})
	}
	return w
}

var flowAccounts = []uint64{1000, 1001, 1002, 1003}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func between(r *rand.Rand, least, most int) int { return least + r.IntN(most-least+1) }

// drawOrder is an order of some kind, at a price near 100, often enough one that can be placed.
func (w *world) drawOrder(r *rand.Rand) tape.PlaceOrder {
	w.seq++
	price := func() money.Amount {
		return money.Int(int64(between(r, 96, 104)))
	}
	o := tape.PlaceOrder{
		Account: pick(r, flowAccounts), Market: uint16(pick(r, []int{0, 0, 0, 1})),
		Side: book.Side(between(r, 1, 2)), Type: pick(r, []tape.Type{1, 1, 1, 2, 3, 4, 5, 6, 7}), Force: tape.GTC,
		SelfTrade: pick(r, []tape.SelfTrade{tape.ExpireMaker, tape.ExpireTaker, tape.ExpireBoth, tape.Decrement, tape.AllowSelf, tape.Transfer, tape.Transfer}),
		Quantity:  money.MustParse(pick(r, []string{"0.5", "1", "1.5", "3", "7"})), ClientID: fmt.Sprint("c", w.seq),
	}
	if o.Type.Priced() {
		o.Price = price()
	}
	if o.Type.Stops() {
		o.Stop = price()
		if between(r, 0, 2) == 0 {
			if o.Trail = uint32(pick(r, []int{9, 50, 100, 200, 200, 300, 500})); between(r, 0, 1) == 0 {
				o.Stop = money.Amount{}
			}
		}
	}
	if o.Type == tape.MarketOrder && between(r, 0, 1) == 0 {
		o.Quantity, o.QuoteQuantity = money.Amount{}, money.Int(int64(between(r, 5, 900)))
	}
	switch {
	case o.Type == tape.Limit || o.Type == tape.StopLossLimit || o.Type == tape.TakeProfitLimit:
		o.Force = pick(r, []tape.Force{1, 1, 1, 2, 3})
	}
	if o.Type.Priced() && o.Force == tape.GTC && between(r, 0, 2) == 0 {
		o.Iceberg = money.MustParse(pick(r, []string{"0.5", "1"}))
	}
	if between(r, 0, 19) == 0 { // spoilt in one way or another
		wrong := pick(r, []string{"0", "-1", "0.0000001", "100", "2000", "0.3"})
		switch between(r, 0, 11) {
		case 10:
			o.Trail = uint32(pick(r, []int{0, 1, 100, 9999, 10000, 1 << 31}))
		case 0:
			o.Price = money.MustParse(wrong)
		case 1:
			o.Stop = money.MustParse(wrong)
		case 2:
			o.Quantity = money.MustParse(wrong)
		case 3:
			o.QuoteQuantity = money.MustParse(wrong)
		case 4:
			o.Iceberg = money.MustParse(wrong)
		case 5:
			o.Force = tape.Force(between(r, 0, 4))
		case 6:
			o.Type = tape.Type(between(r, 0, 8))
		case 7:
			o.SelfTrade = 6
		case 8:
			o.ClientID = pick(r, []string{"", "1234567890123456789012345678901234567", "c1", fmt.Sprint("c", w.seq-1)})
		case 9:
			o.Side = book.Side(pick(r, []int{0, 3}))
		default:
			o.Account, o.Market = pick(r, []uint64{7, 1000}), uint16(between(r, 0, 2))
		}
	}
	return o
}

// drawPair is two orders of which one can cancel the other, mostly.
func (w *world) drawPair(r *rand.Rand) []tape.PlaceOrder {
	two := []tape.PlaceOrder{w.drawOrder(r), w.drawOrder(r)}
	for i := range two {
		o, one := &two[i], &two[0]
		o.Account, o.Market, o.Side, o.Quantity, o.QuoteQuantity = one.Account, one.Market, one.Side, one.Quantity, money.Amount{}
		o.Force, o.Price, o.Stop, o.Iceberg = tape.GTC, money.Amount{}, money.Amount{}, money.Amount{}
		if o.Quantity.IsZero() {
			o.Quantity = money.Int(1)
		}
		gains := []tape.Type{tape.LimitMaker, tape.LimitMaker, tape.TakeProfit, tape.TakeProfitLimit}
		losses := []tape.Type{tape.StopLoss, tape.StopLossLimit}
		above := o.Side == book.Sell
		if o.Trail = 0; between(r, 0, 4) == 0 && i == 1 {
			o.Trail = 100
		}
		if i == 0 {
			o.Type = pick(r, gains)
		} else {
			o.Type, above = pick(r, losses), !above
		}
		at := money.Int(int64(between(r, 94, 100)))
		if above {
			at = money.Int(int64(between(r, 100, 106)))
		}
		if o.Type.Stops() {
			o.Stop = at
		}
		if o.Type.Priced() {
			o.Price = at
		}
	}
	if between(r, 0, 9) == 0 {
		spoil := &two[between(r, 0, 1)]
		switch between(r, 0, 3) {
		case 0:
			*spoil = w.drawOrder(r)
		case 1:
			spoil.ClientID = two[0].ClientID
		case 2:
			spoil.Side = spoil.Side.Other()
		default:
			spoil.Price = money.Int(100)
		}
	}
	if between(r, 0, 1) == 0 {
		two[0], two[1] = two[1], two[0]
	}
	return two
}

// drawList is an order list of any kind, mostly one that can be placed.
// paysFor makes of a list one whose working order buys, more or less likely at once, what the others sell.
func paysFor(c *tape.PlaceOrderList, over int) {
	works := &c.Orders[0]
	works.Side, works.Price = book.Buy, money.Int(int64(99+over))
	for i := range c.Orders[1:] {
		o := &c.Orders[1+i]
		if turns := o.Side == book.Buy; turns && len(c.Orders) == 3 { // a pair turns round
			switch o.Type {
			case tape.LimitMaker, tape.TakeProfit, tape.TakeProfitLimit:
				o.Price, o.Stop = turned(o.Price, 106), turned(o.Stop, 106)
			default:
				o.Price, o.Stop = turned(o.Price, 94), turned(o.Stop, 94)
			}
		}
		o.Side, o.Quantity, o.QuoteQuantity = book.Sell, money.Amount{}, money.Amount{}
	}
}

func turned(price money.Amount, to int64) money.Amount {
	if price.IsZero() {
		return price
	}
	return money.Int(to)
}

func (w *world) drawList(r *rand.Rand) *tape.PlaceOrderList {
	c := &tape.PlaceOrderList{ClientID: fmt.Sprint("o", between(r, 0, 9)), Contingency: tape.OneCancels, Orders: w.drawPair(r)}
	if between(r, 0, 2) > 0 {
		works := w.drawOrder(r)
		works.Type, works.Stop, works.QuoteQuantity = pick(r, []tape.Type{tape.Limit, tape.Limit, tape.LimitMaker}), money.Amount{}, money.Amount{}
		if works.Price.IsZero() {
			works.Price, works.Force = money.Int(int64(between(r, 96, 104))), tape.GTC
		}
		if works.Quantity.IsZero() {
			works.Quantity = money.Int(1)
		}
		c.Contingency = pick(r, []tape.Contingency{tape.OneTriggers, tape.OnePays})
		if c.Orders = append([]tape.PlaceOrder{works}, c.Orders...); between(r, 0, 1) == 0 {
			c.Orders = []tape.PlaceOrder{works, w.drawOrder(r)}
			if between(r, 0, 9) > 0 {
				o := &c.Orders[1]
				if o.QuoteQuantity = (money.Amount{}); o.Quantity.IsZero() {
					o.Quantity = money.Int(1)
				}
			}
		}
		for i := range c.Orders[1:] {
			c.Orders[1+i].Account, c.Orders[1+i].Market = works.Account, works.Market
		}
		if c.Contingency == tape.OnePays && between(r, 0, 14) > 0 {
			paysFor(c, between(r, 0, 3))
		}
	}
	if between(r, 0, 19) == 0 {
		switch between(r, 0, 4) {
		case 0:
			c.Contingency = tape.Contingency(between(r, 0, 4))
		case 1:
			c.Orders = c.Orders[:between(r, 0, len(c.Orders))]
		case 2:
			c.ClientID = ""
		case 3:
			c.Orders[between(r, 0, len(c.Orders)-1)] = w.drawOrder(r)
		default:
			c.Orders[0], c.Orders[1] = c.Orders[1], c.Orders[0]
		}
	}
	return c
}

// drawTrading is a command that trades, cancels or changes how there is traded.
func (w *world) drawTrading(r *rand.Rand) tape.Command {
	account := pick(r, flowAccounts)
	market := uint16(pick(r, []int{0, 0, 0, 1}))
	id := uint64(between(r, max(1, int(w.v.lastOrder)-12), int(w.v.lastOrder)+1))
	if o := w.v.ids.find(id); o != 0 && between(r, 0, 9) > 0 {
		account, market = w.v.orders[o].Account, w.v.orders[o].Market
	}
	switch between(r, 0, 26) {
	case 12:
		by, reason := pick(r, []string{"m", "m", "m", "m", ""}), pick(r, []string{"r", "r", "r", "r", "", strings.Repeat("r", tape.MaxReason+1)})
		if between(r, 0, 1) == 0 {
			return &tape.SetTradeGroup{Account: pick(r, []uint64{account, account, 7}), Group: uint32(pick(r, []int{1, 1, 1, 2, 0})), By: by, Reason: reason}
		}
		c := &tape.SetMaxAsset{Asset: uint16(pick(r, []int{0, 0, 1, 1, 2})), Max: money.MustParse(pick(r, []string{"1", "2.5", "150", "400", "-1", "0.000000001"})), By: by, Reason: reason}
		if between(r, 0, 2) == 0 {
			return c
		}
		w.do(c)
		return &tape.SetMaxAsset{Asset: c.Asset, By: "m", Reason: "r"}
	case 13:
		return &tape.SetOperatorUser{Name: pick(r, []string{"m", "m", "m", "k", "m k", ""}), May: tape.Right(pick(r, []int{0, 0, 0, 0, 0, 7, 7, 5, 3, 1, 2, 8, 9}))}
	case 0:
		return &tape.CancelOrder{Account: account, Market: market, Order: id}
	case 1:
		return &tape.CancelOrder{Account: account, Market: market, ClientID: fmt.Sprint("c", w.seq-between(r, 0, 8))}
	case 2:
		if between(r, 0, 3) > 0 {
			o := w.drawOrder(r)
			return &o
		}
		return &tape.CancelAll{Account: account, Market: market}
	case 3, 4, 5:
		return w.drawList(r)
	case 6:
		c := &tape.CancelOrderList{Account: account, Market: market, OrderList: uint64(between(r, 0, int(w.v.lastOrderList)+1))}
		if c.OrderList == 0 {
			c.ClientID = fmt.Sprint("o", between(r, 0, 9))
		}
		return c
	case 7:
		return &tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: account, Market: market, Order: id}, Order: w.drawOrder(r), Anyway: between(r, 0, 1) == 0}
	case 8, 9:
		return &tape.AmendOrder{
			Account: account, Market: market, Order: id, Quantity: money.MustParse(pick(r, []string{"0.5", "1", "2.5", "0", "-1", "0.3", "6"})),
			NewClientID: pick(r, []string{"", "", "a", "b", fmt.Sprint("c", w.seq), "1234567890123456789012345678901234567"}),
		}
	case 10:
		c := &tape.SetPhase{Market: market, Phase: tape.Phase(pick(r, []int{0, 0, 0, 0, 1, 2, 3})), By: pick(r, []string{"m", "m", "m", ""})}
		if between(r, 0, 1) == 0 {
			w.do(c)
			return &tape.SetPhase{Market: market, By: "m"}
		}
		return c
	case 11:
		if between(r, 0, 2) == 0 {
			c := &tape.Quarantine{
				Of: tape.Kind(between(r, 0, 12)), Payload: []byte("p"), Failure: pick(r, []string{"f", "f", "f", "", strings.Repeat("f", tape.MaxReason+1)}),
				Markets: pick(r, [][]uint16{nil, {0}, {1}, {0, 1}, {1, 0}, {0, 0}, {0, 2}}),
			}
			if between(r, 0, 5) == 0 {
				return c
			}
			w.do(c)
			return &tape.SetPhase{Market: 0, By: "m"}
		}
		return &tape.SetTier{Account: account, Tier: uint8(between(r, 0, 3))}
	default:
		o := w.drawOrder(r)
		return &o
	}
}

var nightly = flag.Bool("nightly", false, "run ten thousand seeds, each audited")

// flowSeeds is how many seeds are run, and how many of them the auditor looks at.
func flowSeeds() (seeds, audited uint64) {
	if *nightly {
		return 10_000, 10_000
	}
	return 200, 50
}

// drawVolume marks a day's volume and moves whoever has earned another tier by it, of the trades
// that count for one.
func (w *world) drawVolume(r *rand.Rand, trades []tape.Traded, earned map[uint64]uint8) {
	const day = 24 * 3600 * 1_000_000
	w.at += int64(pick(r, []int{1, 1, 1, 31})) * day
	m := &tape.MarkVolume{
		Day: w.at - w.at%day, Least: pick(r, [][]money.Amount{{money.Int(100), money.Int(2000)}, {money.Int(700)}, nil}),
		Worth: []money.Amount{money.Int(3), money.MustParse(pick(r, []string{"1", "0.91", "0"}))},
	}
	w.ok(m)
	for _, a := range flowAccounts {
		var sum money.Amount
		for _, t := range trades {
			if (t.MakerAccount == a || t.TakerAccount == a) && t.At < m.Day && t.At >= m.Day-30*day {
				value, _ := t.Price.Mul(t.Quantity, money.Down)
				sum, _ = sum.Add(value)
			}
		}
		sum, _ = sum.Mul(m.Worth[1], money.Down)
		tier := uint8(0)
		for _, l := range m.Least {
			if !sum.Less(l) {
				tier++
			}
		}
		if tier != earned[a] {
			earned[a] = tier
			w.ok(&tape.EarnTier{Account: a, Tier: tier, Day: m.Day, Volume: sum})
		}
	}
}

// TestInvariants drives a seeded flow of everything and holds what must always hold.
func TestInvariants(t *testing.T) {
	met := map[string]int{}
	seeds, audited := flowSeeds()
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 1))
		w := flowWorld(t)
		verdicts := []law.Verb{law.Allow, law.Exit, law.Hold, law.Freeze, law.Cap}
		pends, called := map[uint64]bool{}, map[uint64]bool{} // orders; order lists whose working order was filled
		earned := map[uint64]uint8{}
		pending := map[uint64]tape.Order{}
		var trades []tape.Traded
		for range 300 {
			a := pick(r, flowAccounts)
			var events []tape.Event
			before := w.positions()
			switch between(r, 0, 30) {
			case 0:
				verdict := law.Allow
				if between(r, 0, 2) == 0 {
					verdict = pick(r, verdicts)
				}
				w.decideSides(law.Review, a, verdict, "", pick(r, [][]law.Side{nil, american, iranian, abroad, loner}))
			case 1:
				w.credit(a, uint16(between(r, 0, 1)), "1", pick(r, verdicts))
			case 2:
				c := &tape.Withdraw{Account: a, Asset: 1, Amount: money.Int(50), Network: "ETH", Address: "y", Ref: fmt.Sprint(w.seq)}
				c.Decision = w.decide(law.Withdraw, a, pick(r, verdicts), WithdrawMovement(w.g, c).Digest())
				w.do(c)
				id := uint64(between(r, 1, 20))
				w.do(&tape.SendWithdrawal{Withdrawal: id})
				w.do(&tape.SettleWithdrawal{Withdrawal: id, TxID: "t"})
			case 3:
				if between(r, 0, 3) == 0 {
					w.drawVolume(r, trades, earned)
				}
			default:
				c := w.drawTrading(r)
				events = w.do(c)
				w.holdsPositions(c, before)
			}
			for _, e := range events {
				switch e := e.(type) {
				case tape.Refused:
					met[e.Reason.String()]++
				case *tape.Prevented:
					met[e.Mode.String()+" "+e.Barred]++
					met[fmt.Sprintf("%v between accounts: %v", e.Mode, e.Barred == "" && e.MakerAccount != e.TakerAccount)]++
					met[fmt.Sprintf("%v, a bar within a trade group: %v", e.Mode, e.Barred != "" && e.Group != 0)]++
				case *tape.Traded:
					met[fmt.Sprintf("%T", e)]++
					if maker, taker := w.v.accounts[e.MakerAccount], w.v.accounts[e.TakerAccount]; maker != taker && (maker.group == 0 || maker.group != taker.group) {
						trades = append(trades, *e)
					}
					for _, a := range []uint64{e.MakerAccount, e.TakerAccount} {
						if tier := w.v.accounts[a]; tier.earned > tier.given {
							met["fees by an earned tier"]++
						}
					}
				case *tape.OrderChanged:
					met[e.Type.String()+" "+e.Status.String()]++
					if e.Trailing != 0 {
						met[fmt.Sprintf("trails %v %v, stop %v", e.Status, e.Working != 0, !e.Stop.IsZero())]++
					}
					if pends[e.ID] && !pending[e.ID].Quantity.IsZero() && e.Quantity.IsZero() {
						w.t.Fatalf("what was pending loses its quantity: %+v", e)
					}
					if pends[e.ID] && pending[e.ID].Quantity.IsZero() {
						met[fmt.Sprintf("paid for, %v: %v %v", called[e.OrderList], e.Type, e.Status)]++
						met[fmt.Sprintf("paid for, of nothing: %v", e.Quantity.IsZero())]++
					}
					pending[e.ID] = e.Order
					if pends[e.ID] {
						met[fmt.Sprintf("pending, %v: %v", called[e.OrderList], e.Status)]++
					}
					pends[e.ID], called[e.OrderList] = e.Status == tape.PendingNew, called[e.OrderList] || e.Status == tape.Filled
				default:
					met[fmt.Sprintf("%T", e)]++
				}
			}
			w.invariants(events)
		}
		if seed < audited {
			w.audit()
		}
	}
	if plain != (rare{}) {
		t.Errorf("what plain orders share was written: %+v", plain)
	}
	t.Logf("what the flows met: %v", met)
	for _, r := range []tape.Reason{
		tape.BadOrder, tape.DuplicateClientID, tape.PriceFilter, tape.LotSize, tape.MarketLot, tape.IcebergParts, tape.Notional, tape.PercentPrice, tape.MaxOrders,
		tape.MaxStops, tape.MaxPosition, tape.WouldTake, tape.WouldTrigger, tape.Stopped, tape.MarketClosed, tape.BadAmend, tape.BadPhase, tape.BadTrail, tape.UnknownOrder, tape.MaxAsset, tape.Unsaid, tape.BadUser, tape.NotTheirs,
	} {
		if met[r.String()] == 0 {
			t.Errorf("no flow was refused for: %v", r)
		}
	}
	for _, what := range []string{
		"EXPIRE_MAKER ", "EXPIRE_TAKER ", "EXPIRE_BOTH ", "DECREMENT ", "NONE us-bar", "STOP_LOSS FILLED", "STOP_LOSS_LIMIT FILLED", "TAKE_PROFIT FILLED", "TAKE_PROFIT_LIMIT FILLED",
		"LIMIT_MAKER FILLED", "tape.OrderListEnded", "MARKET PENDING_NEW", "STOP_LOSS PENDING_NEW", "pending, true: NEW", "pending, true: EXPIRED",
		"paid for, true: MARKET NEW", "paid for, true: LIMIT NEW", "paid for, true: LIMIT_MAKER NEW", "paid for, true: STOP_LOSS NEW", "paid for, true: TAKE_PROFIT_LIMIT NEW", "paid for, true: LIMIT EXPIRED",
		"paid for, false: LIMIT CANCELED", "paid for, false: STOP_LOSS EXPIRED", "paid for, of nothing: true", "pending, false: CANCELED",
		"pending, false: EXPIRED", "trails NEW false, stop true", "trails NEW false, stop false", "trails FILLED true, stop true", "trails FILLED true, stop false", "*tape.Traded", "tape.Quarantined",
		"EXPIRE_MAKER between accounts: true", "EXPIRE_TAKER between accounts: true", "EXPIRE_BOTH between accounts: true", "DECREMENT between accounts: true",
		"TRANSFER, a bar within a trade group: true", "TRANSFER between accounts: true", "TRANSFER between accounts: false", "fees by an earned tier", "tape.GroupChanged", "tape.MaxAssetChanged", "tape.OperatorUserSet",
	} {
		if met[what] == 0 {
			t.Errorf("no flow met: %s", what)
		}
	}
}

// told is what the n-th command was and brought about.
func (w *world) told(n int) string {
	var b strings.Builder
	v := New()
	for i := range n {
		cmd, err := tape.Decode(tape.Kind(w.log[i].Kind), w.log[i].Payload)
		if err != nil {
			return err.Error()
		}
		events := apply(v, w.log[i].Time, cmd)
		if i < n-1 {
			continue
		}
		fmt.Fprintf(&b, "%+v\n", cmd)
		for _, e := range events {
			fmt.Fprintf(&b, "%T %+v\n", e, e)
		}
	}
	return b.String()
}

// audit lets the auditor replay what was done: event for event by its own reading, and it must
// be left with the same state.
func (w *world) audit() {
	w.t.Helper()
	log, err := journal.Open("journal", journal.Options{FS: vfs.NewMem()})
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	defer log.Close()
	if _, err := log.Append(w.log); err != nil {
		w.t.Fatalf("%v", err)
	}
	r, err := verify.Journal(log, verify.Options{})
	if err != nil {
		var n int
		fmt.Sscanf(err.Error(), "verify: record %d", &n)
		w.t.Fatalf("%v\n%s", err, w.told(n))
	}
	if s := w.v.State(); tape.Hash(r.StateHash) != s.Hash() {
		w.t.Fatalf("the auditor is left with another state than the venue")
	}
}

// positions are what each account has of the base asset of the market with MaxPosition, and what its open buys there
// could bring it; of a pair one at the most.
func (w *world) positions() map[uint64]money.Amount {
	s, all := w.v.State(), map[uint64]money.Amount{}
	add := func(account uint64, a money.Amount) {
		var err error
		if all[account], err = all[account].Add(a); err != nil {
			w.t.Fatalf("%v", err)
		}
	}
	for _, a := range flowAccounts {
		for _, p := range []ledger.Pocket{ledger.Available, ledger.Ordered} {
			add(a, w.v.ledger.Has(ledger.Account(a), w.g.Markets[1].Base, p))
		}
	}
	pairs := map[uint64]bool{}
	for _, p := range s.OrderLists {
		pairs[p.ID] = p.Together
	}
	for i := range s.Orders {
		o := &s.Orders[i]
		if o.Market != 1 || o.Side != book.Buy || o.Status == tape.PendingNew {
			continue
		}
		if pairs[o.OrderList] {
			if w.v.orders[w.v.ids.find(o.ID)].list.pair()[0] != o.ID {
				continue
			}
		}
		add(o.Account, o.Open())
	}
	return all
}

// holdsPositions checks that nothing that happens in the market with MaxPosition brings anybody beyond it,
// not even orders that were placed long before: those that waited for a price or another order.
func (w *world) holdsPositions(c tape.Command, before map[uint64]money.Amount) {
	w.t.Helper()
	if o, ok := c.(*tape.PlaceOrder); ok && o.Market != 1 {
		return // of the other market of the same asset, which has no such bound
	}
	if o, ok := c.(*tape.PlaceOrderList); ok && len(o.Orders) > 0 && o.Orders[0].Market != 1 {
		return
	}
	if o, ok := c.(*tape.ReplaceOrder); ok && o.Order.Market != 1 {
		return
	}
	for a, has := range w.positions() {
		if most := w.g.Markets[1].MaxPosition; most.Less(has) && before[a].Less(has) {
			w.t.Fatalf("account %d holds and bids for %s, of %s at the most, after %T %+v; before it was %s", a, has, most, c, c, before[a])
		}
	}
}

func (w *world) invariants(events []tape.Event) {
	w.t.Helper()
	s := w.v.State()
	type pile struct {
		account uint64
		asset   uint16
	}
	reserved := map[pile]money.Amount{}
	together := map[uint64]money.Amount{} // by order list
	for _, p := range s.OrderLists {
		if p.Together {
			together[p.ID] = money.Amount{}
		}
		k := pile{p.Account, w.g.Markets[p.Market].Base}
		reserved[k], _ = reserved[k].Add(p.Locked)
		if !p.Locked.IsZero() && w.v.ids.find(p.Orders[0]) == 0 {
			w.t.Fatalf("%v is locked by an order that has ended: %+v", p.Locked, p)
		}
	}
	resting, pending := 0, 0
	for _, o := range s.Orders {
		m := &w.g.Markets[o.Market]
		k, needs := pile{o.Account, m.Base}, o.Open()
		if o.Side == book.Buy {
			price := o.Price
			if price.IsZero() {
				price = o.Stop
			}
			k.asset = m.Quote
			needs, _ = price.Mul(needs, money.Down)
		}
		if o.Status == tape.PendingNew {
			pending++
			if needs = (money.Amount{}); o.Working != 0 || o.Queued != 0 || !o.Filled.IsZero() || w.v.ids.find(slices.Min(w.v.orderLists[o.OrderList].Orders)) == 0 {
				w.t.Fatalf("an order is pending and works, or on nothing: %+v", o)
			}
		}
		if most, shared := together[o.OrderList]; shared {
			if most.Less(needs) {
				together[o.OrderList] = needs
			}
			needs, _ = together[o.OrderList].Sub(most)
		}
		reserved[k], _ = reserved[k].Add(needs)
		if w.v.accounts[o.Account].standing.May&tape.MayTrade == 0 {
			w.t.Fatalf("an order of a stopped account rests: %+v", o)
		}
		unpaid := o.Status == tape.PendingNew && w.v.orderLists[o.OrderList].Contingency == tape.OnePays
		if o.Open().Sign() <= 0 != unpaid || !o.Status.Open() {
			w.t.Fatalf("an order with nothing open is open: %+v", o)
		}
		if o.Queued != 0 {
			resting++
			if o.Visible.Sign() <= 0 || o.Open().Less(o.Visible) || !o.Iceberg.IsZero() && o.Iceberg.Less(o.Visible) || o.Iceberg.IsZero() && o.Visible != o.Open() {
				w.t.Fatalf("an order shows %v: %+v", o.Visible, o)
			}
		}
	}
	var sums [2]money.Amount
	for _, l := range w.v.ledger.Lines() {
		for p, a := range l.Balance {
			if a.Sign() < 0 && l.Account != ledger.Outside {
				w.t.Fatalf("negative: %+v", l)
			}
			sums[l.Asset], _ = sums[l.Asset].Add(a)
			if want := reserved[pile{uint64(l.Account), l.Asset}]; ledger.Pocket(p) == ledger.Ordered && want != a {
				w.t.Fatalf("account %d, asset %d: %v ordered, open orders reserve %v", l.Account, l.Asset, a, want)
			}
		}
		if s, ok := w.v.Standing(uint64(l.Account)); ok && s.Verdict == law.Freeze && !l.Balance[ledger.Available].IsZero() {
			w.t.Fatalf("a frozen account has %v available", l.Balance[ledger.Available])
		}
	}
	if sums != [2]money.Amount{} {
		w.t.Fatalf("assets sum to %v", sums)
	}
	inBooks := 0
	following := 0
	trails := make([]int, len(w.v.markets))
	for _, o := range s.Orders {
		if o.Trail != 0 && o.Working == 0 && o.Status != tape.PendingNew {
			trails[o.Market]++
		}
		if o.Trailing != 0 && o.Working == 0 {
			following++
			if o.Queued != 0 || o.Trail == 0 {
				w.t.Fatalf("an order follows the price and is in the book, or has no Trail: %+v", o)
			}
		}
	}
	for i := range w.v.markets {
		live := 0
		for _, f := range w.v.markets[i].follow {
			live += f.live
		}
		if following -= live; w.v.markets[i].trails != trails[i] || len(w.v.markets[i].path) != 0 {
			w.t.Fatalf("%d orders are counted that trail, of %d; a path of %d prices is left", w.v.markets[i].trails, trails[i], len(w.v.markets[i].path))
		}
		inBooks += live
		b := w.v.markets[i].book
		inBooks += b.Len()
		bid, bids := b.Top(book.Buy)
		if ask, asks := b.Top(book.Sell); bids && asks && ask <= bid {
			w.t.Fatalf("the book is crossed: %d, %d", bid, ask)
		}
	}
	if following != 0 || inBooks+pending != len(s.Orders) || w.v.clients.used != len(s.Orders) {
		w.t.Fatalf("%d orders in books, %d client ids, %d open", inBooks, w.v.clients.used, len(s.Orders))
	}
	for _, e := range events {
		var one, other uint64 // who exchanged value
		switch e := e.(type) {
		case *tape.Traded:
			one, other = e.MakerAccount, e.TakerAccount
		case *tape.Prevented:
			if !e.Transfers() {
				continue
			}
			if one, other = e.MakerAccount, e.TakerAccount; e.Group == 0 {
				w.t.Fatalf("value changed hands outside a trade group: %+v", e)
			}
		default:
			continue
		}
		maker, taker := w.v.accounts[one], w.v.accounts[other]
		if maker.standing.May&taker.standing.May&tape.MayTrade == 0 {
			w.t.Fatalf("a stopped account exchanged value: %+v", e)
		}
		if rules := law.Between(maker.sides, taker.sides); len(rules) > 0 {
			w.t.Fatalf("a forbidden pair exchanged value: %+v, %v", e, rules)
		}
	}
}

func BenchmarkPlaceOrder(b *testing.B) {
	w := twoTraders(b)
	for range 1000 {
		w.credit(ann, 1, "1000000", law.Allow)
		w.credit(bob, 0, "1000", law.Allow)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		side, account := book.Buy, ann
		if i%2 == 0 {
			side, account = book.Sell, bob
		}
		w.do(w.limit(account, side, fmt.Sprint(100+i%5), "0.1"))
	}
}
