// Package book is a price-time order book that keeps classes of counterparties apart.
//
// A taker crosses the best price first and, at one price, whoever has stood there longest:
// among the orders of those classes that it may meet. Each class of each side has a ladder of
// its own, a queue for each price, so that however many orders it may not meet stand
// before the one it may, they cost it nothing. One class alone is an ordinary book.
//
// Prices are ticks and quantities lots, whole numbers of a market's least price step and least
// quantity. The book knows no names and no accounts: whether an account may trade at all, and
// in which class, is settled before an order comes here.
//
// TestAgainstNaive holds it to a matcher that scans every order, TestWorkload and
// TestPairApartIsKnown to the fills that independent books give for the same million commands.
package book

import "math/bits"

// A Side of the book. The zero value is no side.
type Side uint8

const (
	Buy  Side = 1
	Sell Side = 2
)

func (s Side) String() string {
	switch s {
	case Buy:
		return "BUY"
	case Sell:
		return "SELL"
	}
	return "NO SIDE"
}

// Other is the opposite side.
func (s Side) Other() Side { return Buy + Sell - s }

// Classes is how many classes of orders a book tells apart, from 0.
const Classes = 64

// A Mask is a set of classes: bit i is class i.
type Mask uint64

// Everybody is the mask of all classes.
const Everybody = ^Mask(0)

// MaxTick bounds the prices of a book.
const MaxTick = 1 << 31

// A Book holds the orders of one market: those that rest, and those that wait for a price.
type Book struct {
	pool  *Pool
	max   uint32    // greatest tick
	sides [2]side   // buy, sell
	waits [2]ladder // for a price that falls to theirs, that rises to theirs
	len   int
}

// side is one side. The key of an order is its distance from the best price there could be:
// its tick for a sell, and max less its tick for a buy, so that less is always better.
type side struct {
	lanes []ladder // by class
	live  Mask     // of the lanes that hold an order
	best  uint32   // least key of any lane; none when live is 0
}

// none is the key of no order; it is greater than all that there are.
const none = ^uint32(0)

// New is an empty book of prices from 0 to max, at most [MaxTick], whose orders are of the pool.
func New(pool *Pool, max uint32) *Book {
	b := &Book{pool: pool, max: max}
	for i := range b.sides {
		b.sides[i].best = none
		b.waits[i].init()
	}
	return b
}

func (b *Book) key(s Side, tick uint32) uint32 {
	if s == Buy {
		return b.max - tick
	}
	return tick
}

// Rest puts an order of the pool behind all others of its price.
func (b *Book) Rest(h Handle, s Side, class uint8, tick uint32, lots uint64) {
	b.queue(h, &b.pool.nodes[h], s, class, b.key(s, tick), lots)
	b.len++
}

func (b *Book) queue(h Handle, n *node, which Side, class uint8, key uint32, lots uint64) {
	b.pool.queued++
	*n = node{key: key, side: which, class: class, lots: lots, queued: b.pool.queued}
	s := &b.sides[which-1]
	if int(class) >= len(s.lanes) {
		s.open(class)
	}
	s.lanes[class].add(b.pool, h, n, b.max)
	s.live |= 1 << (class & (Classes - 1))
	s.best = min(s.best, key)
}

// open makes lanes up to that of a class.
func (s *side) open(class uint8) {
	for int(class) >= len(s.lanes) {
		s.lanes = append(s.lanes, ladder{})
		s.lanes[len(s.lanes)-1].init()
	}
}

// Requeue puts a resting order behind all others of its price, with that much visible.
func (b *Book) Requeue(h Handle, lots uint64) {
	n := &b.pool.nodes[h]
	b.unqueue(h, n)
	b.queue(h, n, n.side, n.class, n.key, lots)
}

// Restore is Rest for an order that took its place when the pool's count was queued. Orders
// are restored in that order, and the count is set last ([Pool.SetQueued]).
func (b *Book) Restore(h Handle, s Side, class uint8, tick uint32, lots, queued uint64) {
	b.pool.queued = queued - 1
	b.Rest(h, s, class, tick, lots)
}

// Wait lets an order of the pool wait for a price: one at or above the tick if rises, else
// one at or below it.
func (b *Book) Wait(h Handle, rises bool, tick uint32) {
	n := &b.pool.nodes[h]
	*n = node{key: b.max - tick}
	if rises {
		n.key, n.class = tick, 1
	}
	b.waits[n.class].add(b.pool, h, n, b.max)
	b.len++
}

// Woken is an order that waits for a price which the range of ticks touches, or 0. The caller takes
// it out.
func (b *Book) Woken(low, high uint32) Handle {
	if l := &b.waits[1]; l.best <= high { // best is none, above all ticks, where there is none
		return l.head
	}
	if l := &b.waits[0]; l.best != none && b.max-l.best >= low {
		return l.head
	}
	return 0
}

// Remove takes an order out, whether it rests or waits.
func (b *Book) Remove(h Handle) {
	n := &b.pool.nodes[h]
	b.len--
	if n.side == 0 {
		b.waits[n.class].remove(b.pool, h, n)
		return
	}
	b.unqueue(h, n)
}

func (b *Book) unqueue(h Handle, n *node) {
	s := &b.sides[n.side-1]
	l := &s.lanes[n.class]
	l.remove(b.pool, h, n)
	if n.key == s.best && l.best != n.key {
		if l.best == none {
			s.live &^= 1 << (n.class & (Classes - 1))
		}
		s.best = none
		for m := uint64(s.live); m != 0; m &= m - 1 {
			s.best = min(s.best, s.lanes[bits.TrailingZeros64(m)].best)
		}
	} else if l.best == none {
		s.live &^= 1 << (n.class & (Classes - 1))
	}
}

// Take takes lots off what is visible of a resting order, which keeps its place even with none left.
func (b *Book) Take(h Handle, lots uint64) { b.pool.nodes[h].lots -= lots }

// Best is the order that a taker on that side meets first among the classes it may
// meet, or 0.
func (b *Book) Best(taker Side, may Mask) Handle {
	s := &b.sides[taker.Other()-1]
	m := uint64(s.live & may)
	if m == 0 {
		return 0
	}
	l := &s.lanes[bits.TrailingZeros64(m)]
	best, h := l.best, l.head
	for m &= m - 1; m != 0; m &= m - 1 {
		l := &s.lanes[bits.TrailingZeros64(m)]
		if l.best < best || l.best == best && b.pool.nodes[l.head].queued < b.pool.nodes[h].queued {
			best, h = l.best, l.head
		}
	}
	return h
}

// Crosses reports whether a limit of that side is at or beyond the best price of the
// other side, of whatever class.
func (b *Book) Crosses(taker Side, tick uint32) bool {
	best := b.sides[taker.Other()-1].best
	return best != none && best <= b.key(taker.Other(), tick)
}

// Within reports whether a taker with that limit accepts the price of a resting order of the
// other side.
func (b *Book) Within(h Handle, tick uint32) bool {
	n := &b.pool.nodes[h]
	return n.key <= b.key(n.side, tick)
}

// Top is the best price of a side; ok is false when it is empty.
func (b *Book) Top(s Side) (tick uint32, ok bool) {
	best := b.sides[s-1].best
	if best == none {
		return 0, false
	}
	return b.key(s, best), true // the key of a key is the tick
}

// Tick is the price of an order that rests, or that it waits for.
func (b *Book) Tick(h Handle) uint32 {
	n := &b.pool.nodes[h]
	if n.side == Buy || n.side == 0 && n.class == 0 {
		return b.max - n.key
	}
	return n.key
}

// Lots is what is visible of a resting order.
func (b *Book) Lots(h Handle) uint64 { return b.pool.nodes[h].lots }

// Queued numbers the place of a resting order: less is earlier, over all books of the pool.
func (b *Book) Queued(h Handle) uint64 { return b.pool.nodes[h].queued }

// Class is the class of a resting order.
func (b *Book) Class(h Handle) uint8 { return b.pool.nodes[h].class }

// Len is the number of orders, waiting ones included.
func (b *Book) Len() int { return b.len }

// A Cursor goes along one side as a taker would meet its orders. The book must not change
// meanwhile.
type Cursor struct {
	b    *Book
	s    *side
	live uint64
	at   [Classes]Handle // by class: the next one
}

// Along starts a cursor along the orders that a taker on that side may meet.
func (b *Book) Along(taker Side, may Mask) Cursor {
	c := Cursor{b: b, s: &b.sides[taker.Other()-1]}
	c.live = uint64(c.s.live & may)
	for m := c.live; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		c.at[i] = c.s.lanes[i].head
	}
	return c
}

// Next is the next order, or 0 after the last.
func (c *Cursor) Next() Handle {
	nodes := c.b.pool.nodes
	var h Handle
	lane := 0
	for m := c.live; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		x := c.at[i]
		if h == 0 || nodes[x].key < nodes[h].key || nodes[x].key == nodes[h].key && nodes[x].queued < nodes[h].queued {
			h, lane = x, i
		}
	}
	if h != 0 {
		next := nodes[h].next
		if next == 0 {
			next = c.s.lanes[lane].following(nodes[h].key)
		}
		if c.at[lane] = next; next == 0 {
			c.live &^= 1 << lane
		}
	}
	return h
}
