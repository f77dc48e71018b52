// Package book is a price-time order book for one market.
//
// A taker crosses the best price first and, at one price, the oldest order first.
// The book knows account numbers and nothing else of anybody: whether an account may
// trade at all is settled before an order comes here.
//
// This is the plain first book: levels in a sorted slice, one queue a level.
// TestAgainstNaive holds it to a matcher that scans every order.
package book

import (
	"slices"

	"sallyport/money"
)

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

// An Order rests in the book or crosses it.
type Order struct {
	ID      uint64
	Account uint64
	Side    Side
	Price   money.Amount
	Open    money.Amount // quantity neither filled nor cancelled; Invariant: positive while resting
}

// A Book holds the resting orders of one market. The zero value is an empty book.
type Book struct {
	sides [2]half // 0 buy, 1 sell
	index map[uint64]*Order
}

// half is one side; levels are sorted best price first.
type half struct {
	levels []*level
}

type level struct {
	price money.Amount
	queue []*Order // oldest first
}

// Rest adds an order behind all others of its price. It panics on an id that rests
// already: the caller numbers orders.
func (b *Book) Rest(o Order) {
	if b.index == nil {
		b.index = map[uint64]*Order{}
	}
	if b.index[o.ID] != nil {
		panic("book: an order id was used twice")
	}
	r := &o
	b.index[o.ID] = r
	h := b.half(o.Side)
	i, found := h.find(o.Side, o.Price)
	if !found {
		h.levels = slices.Insert(h.levels, i, &level{price: o.Price})
	}
	h.levels[i].queue = append(h.levels[i].queue, r)
}

// Best is the first order that a taker on the given side would meet, or nil.
// The order belongs to the book; the caller reads it.
func (b *Book) Best(taker Side) *Order {
	h := b.half(taker.Other())
	if len(h.levels) == 0 {
		return nil
	}
	return h.levels[0].queue[0]
}

// Walk calls fn for each resting order of a side, in the order a taker meets them,
// until fn returns false. fn must not change the book.
func (b *Book) Walk(side Side, fn func(Order) bool) {
	for _, l := range b.half(side).levels {
		for _, o := range l.queue {
			if !fn(*o) {
				return
			}
		}
	}
}

// Fill takes qty off a resting order and removes it when nothing is left open.
func (b *Book) Fill(id uint64, qty money.Amount) {
	o := b.index[id]
	left, err := o.Open.Sub(qty)
	if err != nil || left.Sign() < 0 {
		panic("book: an order was filled beyond what it has open")
	}
	o.Open = left
	if left.IsZero() {
		b.Remove(id)
	}
}

// Remove takes a resting order out; ok is false when there is none of that id.
func (b *Book) Remove(id uint64) (o Order, ok bool) {
	r := b.index[id]
	if r == nil {
		return Order{}, false
	}
	delete(b.index, id)
	h := b.half(r.Side)
	i, _ := h.find(r.Side, r.Price)
	l := h.levels[i]
	if l.queue[0] == r {
		l.queue[0] = nil // let it be collected while the slice moves on
		l.queue = l.queue[1:]
	} else {
		at := slices.Index(l.queue, r)
		l.queue = slices.Delete(l.queue, at, at+1)
	}
	if len(l.queue) == 0 {
		h.levels = slices.Delete(h.levels, i, i+1)
	}
	return *r, true
}

// Crosses reports whether a limit order at this price would meet a resting one.
func (b *Book) Crosses(side Side, price money.Amount) bool {
	best := b.Best(side)
	return best != nil && !Behind(side.Other(), best.Price, price)
}

// Behind reports whether price p of a resting order lies beyond what a taker with
// the given limit accepts: a seller's price above it, a buyer's below it.
func Behind(resting Side, p, limit money.Amount) bool {
	if resting == Sell {
		return limit.Less(p)
	}
	return p.Less(limit)
}

// Len is the number of resting orders.
func (b *Book) Len() int { return len(b.index) }

func (b *Book) half(s Side) *half { return &b.sides[s-1] }

// find is the level's place in the slice, best price first.
func (h *half) find(s Side, price money.Amount) (int, bool) {
	return slices.BinarySearchFunc(h.levels, price, func(l *level, p money.Amount) int {
		if s == Buy {
			return p.Cmp(l.price) // highest first
		}
		return l.price.Cmp(p)
	})
}
