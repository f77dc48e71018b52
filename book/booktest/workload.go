// Package booktest makes the flow of orders that books are measured with, and against which
// they are held: half cancels, half limit orders around a moving price over twenty thousand
// resting ones, a few that cross and a few market orders. The maker of the flow matches it
// too, by plain slices of its own, and says what becomes of it.
package booktest

import (
	"math/rand"

	"sallyport/book"
)

// A Kind of command.
type Kind uint8

const (
	Cancel Kind = iota
	Limit
	Market // at the extreme price, and never rests
)

// A Command of the flow.
type Command struct {
	Kind    Kind
	Side    book.Side
	Class   uint8
	Price   uint32
	Lots    uint32
	ID      uint32 // of the order it places or cancels: places count from 0
	Account uint32
}

// MaxPrice is the extreme price of the flow.
const MaxPrice = 1<<18 - 1

// Preload is how many of the commands come before the ones to be timed.
const Preload = 20_000

// Mix says what a flow consists of, and what becomes of it where everybody may meet.
type Mix struct {
	Cancels, Rests, Crosses, Markets int
	Fills                            int
	Volume                           uint64
	Live                             int // orders at the end
}

// Known is what becomes of a million commands of the two seeds that books are measured with, as
// several makers of books have found it independently of one another.
var Known = map[int64]Mix{
	42: {Cancels: 454_204, Rests: 503_924, Crosses: 20_724, Markets: 21_148, Fills: 93_110, Volume: 2_636_483, Live: 17_644},
	7:  {Cancels: 451_597, Rests: 503_850, Crosses: 23_488, Markets: 21_065, Fills: 98_422, Volume: 2_767_501, Live: 17_506},
}

// A Flow is Preload passive orders and then count commands, the same for the same seed.
func Flow(seed int64, count int) ([]Command, Mix) {
	g := &generator{r: rand.New(rand.NewSource(seed)), mid: 100_000, best: [2]uint32{0, MaxPrice}}
	for range Preload {
		g.limit(true)
	}
	g.mix = Mix{}
	for len(g.commands) < Preload+count {
		g.step()
	}
	g.mix.Live = g.open
	return g.commands, g.mix
}

type generator struct {
	r        *rand.Rand
	mid      float64
	commands []Command
	live     []uint32 // ids, oldest first, some of them filled meanwhile
	orders   []order  // by id
	levels   [2][MaxPrice + 1][]uint32
	best     [2]uint32 // bid, ask: never better than this
	open     int
	mix      Mix
}

type order struct {
	side    book.Side
	class   uint8
	price   uint32
	lots    uint32
	account uint32
}

func (g *generator) step() {
	if g.r.Intn(50) == 0 {
		g.mid += float64(g.r.Intn(3) - 1)
	}
	x := g.r.Intn(100)
	switch {
	case x < 53 && len(g.live) > Preload:
		u := g.r.Float64()
		i := len(g.live) - 1 - int(u*u*float64(len(g.live)))
		id := g.live[i]
		g.live[i] = g.live[len(g.live)-1]
		g.live = g.live[:len(g.live)-1]
		o := &g.orders[id]
		if o.lots == 0 {
			return // filled; the step is tried again, mid move included
		}
		o.lots = 0
		g.open--
		g.mix.Cancels++
		g.commands = append(g.commands, Command{Kind: Cancel, Side: o.side, Class: o.class, Price: o.price, ID: id, Account: o.account})
	case x >= 98:
		c := Command{Kind: Market, Side: g.side(), Price: MaxPrice}
		c.Lots, c.Account, c.Class = 1+uint32(g.r.Intn(150)), uint32(g.r.Intn(10_000)), uint8(g.r.Intn(4))
		if c.Side == book.Sell {
			c.Price = 0
		}
		g.mix.Markets++
		g.place(c)
	default:
		g.limit(x < 95)
	}
}

func (g *generator) side() book.Side {
	if g.r.Intn(2) == 0 {
		return book.Buy
	}
	return book.Sell
}

func (g *generator) limit(passive bool) {
	c := Command{Kind: Limit, Side: g.side()}
	away := 15 * g.r.ExpFloat64()
	if passive {
		away++
	} else {
		away = -away / 3
	}
	// Who must not cross is moved behind the best of the other side, and then the price is cut off:
	// a sell up to a tick above the best bid so ends up at it and crosses after all. The figures of
	// Known are of a flow with such sells.
	price := g.mid + away
	if c.Side == book.Buy {
		price = g.mid - away
	}
	if passive {
		bid, ask := g.seek(book.Buy), g.seek(book.Sell)
		switch {
		case c.Side == book.Buy && ask >= 0 && price >= float64(ask):
			price = float64(ask - 1)
		case c.Side == book.Sell && bid >= 0 && price <= float64(bid):
			price = float64(bid + 1)
		}
	}
	c.Price = uint32(price)
	c.Lots, c.Account, c.Class = 1+uint32(g.r.Intn(100)), uint32(g.r.Intn(10_000)), uint8(g.r.Intn(4))
	g.place(c)
}

// seek is the best price of a side, -1 where there is none.
func (g *generator) seek(s book.Side) int {
	i := int(s) - 1
	step, p := 1, int(g.best[i])
	if s == book.Buy {
		step = -1
	}
	for ; p >= 0 && p <= MaxPrice; p += step {
		queue := g.levels[i][p]
		for len(queue) > 0 && g.orders[queue[0]].lots == 0 {
			queue = queue[1:]
		}
		if g.levels[i][p] = queue; len(queue) > 0 {
			g.best[i] = uint32(p)
			return p
		}
	}
	return -1
}

func (g *generator) place(c Command) {
	c.ID = uint32(len(g.orders))
	left := c.Lots
	other := c.Side.Other()
	crossed := false
	for left > 0 {
		p := g.seek(other)
		if p < 0 || c.Side == book.Buy && uint32(p) > c.Price || c.Side == book.Sell && uint32(p) < c.Price {
			break
		}
		crossed = true
		maker := &g.orders[g.levels[other-1][p][0]]
		n := min(left, maker.lots)
		left -= n
		if maker.lots -= n; maker.lots == 0 {
			g.open--
		}
		g.mix.Fills++
		g.mix.Volume += uint64(n)
	}
	switch {
	case c.Kind == Market:
	case crossed:
		g.mix.Crosses++
	default:
		g.mix.Rests++
	}
	g.commands = append(g.commands, c)
	if c.Kind == Market {
		left = 0
	}
	g.orders = append(g.orders, order{c.Side, c.Class, c.Price, left, c.Account})
	if left == 0 {
		return
	}
	g.open++
	g.live = append(g.live, c.ID)
	i := c.Side - 1
	g.levels[i][c.Price] = append(g.levels[i][c.Price], c.ID)
	if i == 0 {
		g.best[0] = max(g.best[0], c.Price)
	} else {
		g.best[1] = min(g.best[1], c.Price)
	}
}
