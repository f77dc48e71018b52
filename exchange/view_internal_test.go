package exchange

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"unsafe"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// oneMarket is a view of a market and an account.
func oneMarket() (*View, *marketView) {
	v := newView(nil)
	m := &marketView{Market: tape.Market{Symbol: "BTCUSDT"}, parts: map[uint64]money.Amount{}, bids: depthSide{side: book.Buy}, asks: depthSide{side: book.Sell}}
	v.markets = []*marketView{m}
	v.accounts[1000] = &accountView{number: 1000, balances: make([]ledger.Balance, 2)}
	return v, m
}

// What a record changed in the depth is told once a level, in the order in which the levels were first
// touched, and not where it came to nothing: of records that touch few levels, and of those that touch many.
func TestTouchedLevels(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	for range 2000 {
		v, m := oneMarket()
		v.followers[new(Follower)] = struct{}{}
		open := map[touchedLevel]int64{}
		for range 3 {
			levels := 1 + r.IntN(2*fewLevels)
			var order []touchedLevel
			before := map[touchedLevel]int64{}
			for range r.IntN(4 * fewLevels) {
				at := touchedLevel{0, book.Side(1 + r.IntN(2)), money.Int(int64(1 + r.IntN(levels)))}
				by := 1 + r.Int64N(5)
				if open[at] > 0 && r.IntN(2) == 0 {
					by = -open[at]
				}
				if _, touched := before[at]; !touched {
					before[at] = open[at]
					order = append(order, at)
				}
				open[at] += by
				v.depthAdd(0, at.side, at.price, money.Int(by))
			}
			var want []LevelChanged
			updates := m.updates
			for _, at := range order {
				if open[at] != before[at] {
					updates++
					want = append(want, LevelChanged{0, at.side, Level{at.price, money.Int(open[at])}, updates})
				}
			}
			if got := v.settleLevels(); !reflect.DeepEqual(got, want) || m.updates != updates {
				t.Fatalf("the record has changed %+v, want %+v", got, want)
			}
			for at, is := range open {
				if i, there := m.sideOf(at.side).find(at.price); there != (is != 0) || there && m.sideOf(at.side).levels[i].Quantity != money.Int(is) {
					t.Fatalf("at %v there is something else than %d", at, is)
				}
			}
		}
	}
}

// What a still view shows does not change however many orders the exchange forgets meanwhile, whose room
// it gives to others.
func TestStillKeepsItsClosedOrders(t *testing.T) {
	v, _ := oneMarket()
	id := uint64(0)
	come := func(n int) {
		for range n {
			id++
			o := tape.Order{OrderPlain: tape.OrderPlain{ID: id, Account: 1000, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, Status: tape.StatusNew, Price: money.Int(int64(1 + id%7)), Quantity: money.Int(1), Working: 1}}
			v.orderChanged(&o)
			o.Status = tape.Canceled
			v.orderChanged(&o)
			v.settleLevels()
		}
	}
	for _, n := range []int{maxClosed / 2, maxClosed, 2 * maxClosed} {
		come(n)
		s := v.still()
		want := s.Orders(1000, false)
		come(maxClosed + maxClosed/2)
		if got := s.Orders(1000, false); !reflect.DeepEqual(got, want) {
			t.Fatalf("after %d more orders a still view shows others than before", maxClosed+maxClosed/2)
		}
		if len(v.spare) > 1 {
			t.Errorf("%d orders' rooms lie unused", len(v.spare))
		}
	}
	if n := len(v.accounts[1000].closed); n != maxClosed {
		t.Errorf("%d closed orders are kept, want %d", n, maxClosed)
	}
}

// What few orders have is kept of those that have it, does not stay with an order that takes the room, and is not
// changed where another may share it; all others take 144 bytes.
func TestOrderKeepsWhatFewHave(t *testing.T) {
	if n := unsafe.Sizeof(orderView{}); n != 144 {
		t.Errorf("an order takes %d bytes, want 144", n)
	}
	few := func(change func(*tape.OrderRare)) tape.Order {
		o := tape.Order{OrderPlain: tape.OrderPlain{ID: 7, Price: money.Int(3)}}
		change(&o.OrderRare)
		return o
	}
	orders := []tape.Order{
		few(func(*tape.OrderRare) {}),
		few(func(r *tape.OrderRare) { r.Iceberg = money.Int(1) }),
		few(func(r *tape.OrderRare) { r.Iceberg, r.Prevented = money.Int(1), money.Int(2) }),
		few(func(r *tape.OrderRare) { r.Strategy = tape.Strategy{ID: 1, Given: tape.StrategyID} }),
		few(func(r *tape.OrderRare) { r.Amends = 1 }),
		few(func(*tape.OrderRare) {}),
		few(func(r *tape.OrderRare) { r.Trailing = 9 }),
	}
	x := new(orderView)
	var shared []orderView
	for _, o := range orders {
		for range 2 {
			x.set(&o)
			shared = append(shared, *x)
		}
	}
	for i := range shared {
		if got := shared[i].order(); got != orders[i/2] {
			t.Errorf("order %d is %+v, want %+v", i, got, orders[i/2])
		}
	}
	if plain != (tape.OrderRare{}) {
		t.Errorf("what all orders have is %+v", plain)
	}
}
