package story

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// traders place orders for customers at random around a price that wanders.
type traders struct {
	x        *exchange.Exchange
	seed     uint64
	accounts []uint64
	acks     *acks

	mu     sync.Mutex
	cents  []int64 // price of each market, in hundredths of the quote asset
	orders atomic.Uint64
	client atomic.Uint64
}

// start of the prices, in hundredths of USDT, about what they were in February 2022.
var startPrices = map[string]int64{"BTCUSDT": 38_500_00, "ETHUSDT": 2_650_00}

func newTraders(x *exchange.Exchange, seed uint64, accounts []uint64, a *acks) *traders {
	t := &traders{x: x, seed: seed, accounts: accounts, acks: a}
	for _, m := range x.View().Genesis().Markets {
		p := startPrices[m.Symbol]
		if p == 0 {
			p = 100_00
		}
		t.cents = append(t.cents, p)
	}
	return t
}

// trade places n orders from several goroutines and reports each through done.
func (t *traders) trade(n int, done func()) error {
	const workers = 16
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	errs := make(chan error, workers)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(t.seed, uint64(w)+t.client.Load()))
			for left.Add(-1) >= 0 {
				if err := t.one(r); err != nil {
					errs <- err
					return
				}
				done()
			}
		}()
	}
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// one places an order for one customer who can afford it, or cancels an older one of theirs.
func (t *traders) one(r *rand.Rand) error {
	account := t.accounts[r.IntN(len(t.accounts))]
	market := uint16(r.IntN(len(t.cents)))
	t.mu.Lock()
	t.cents[market] += int64(float64(t.cents[market]) * r.NormFloat64() / 8000)
	price := t.cents[market]
	t.mu.Unlock()

	if open := t.x.View().Orders(account, true); len(open) > 3 {
		_, err := t.x.CancelOrder(&tape.CancelOrder{Account: account, Market: open[0].Market, Order: open[0].ID})
		return t.allow(err)
	}
	a, ok := t.x.View().Account(account)
	if !ok {
		return nil
	}
	m := t.x.View().Genesis().Markets[market]
	cmd := &tape.PlaceOrder{Account: account, Market: market, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, ClientID: fmt.Sprintf("story-%d-%d", t.seed, t.client.Add(1))}
	if r.IntN(2) == 0 {
		cmd.Side = book.Sell
	}
	away := int64(r.ExpFloat64() * float64(price) / 4000)
	if r.IntN(4) == 0 {
		away = -away // reaches through the middle
	}
	if cmd.Side == book.Buy {
		price -= away
	} else {
		price += away
	}
	cmd.Price, _ = money.Parse(fmt.Sprintf("%d.%02d", price/100, price%100))

	// Between a fiftieth and a fifth of what the customer has, in steps of the market.
	share := money.MustParse(fmt.Sprintf("0.%03d", 20+r.IntN(180)))
	have := a.Balances[m.Base][ledger.Available]
	if cmd.Side == book.Buy {
		have = a.Balances[m.Quote][ledger.Available]
	}
	part, err := have.Mul(share, money.Down)
	if err != nil {
		return nil
	}
	if cmd.Side == book.Buy {
		if part, err = part.Quo(cmd.Price, m.Step); err != nil {
			return nil
		}
	}
	cmd.Quantity = part.Truncate(decimalsOf(m.Step))
	if value, err := cmd.Price.Mul(cmd.Quantity, money.Down); err != nil || value.Less(m.MinNotional) {
		return nil
	}
	if r.IntN(20) == 0 {
		cmd.Type, cmd.Price = tape.MarketOrder, money.Amount{}
	}
	o, _, err := t.x.PlaceOrder(cmd)
	if err == nil {
		t.orders.Add(1)
		t.acks.order(o.ID)
	}
	return t.allow(err)
}

// allow passes over refusals: customers ask for what they cannot have.
func (t *traders) allow(err error) error {
	if _, ok := exchange.AsRefusal(err); ok {
		return nil
	}
	return err
}

func decimalsOf(step money.Amount) int {
	for d := range money.Decimals {
		if step.Truncate(d) == step {
			return d
		}
	}
	return money.Decimals
}

// TradeOn has free customers trade at a leisurely pace until the context ends.
func TradeOn(ctx context.Context, x *exchange.Exchange, seed uint64) error {
	var accounts []uint64
	for _, a := range x.View().Accounts() {
		accounts = append(accounts, a.Number)
	}
	t := newTraders(x, seed+1, accounts, nil)
	t.client.Store(uint64(x.Now().UnixMicro()))
	for i, m := range x.View().Summary().Markets {
		if last, err := m.Last.Mul(money.Int(100), money.Down); err == nil && !last.IsZero() {
			t.cents[i] = last.Whole()
		}
	}
	r := rand.New(rand.NewPCG(seed, uint64(x.Now().UnixMicro())))
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := t.one(r); err != nil {
				return err
			}
		}
	}
}
