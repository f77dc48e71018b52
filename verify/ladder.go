package verify

import (
	"container/list"
	"slices"

	"sallyport/money"
)

// A ladder is orders by their prices, those first that are met first. To stand on it, to leave
// it and to look at the foremost costs the same however many others stand there; a log of many
// orders takes as long as its records, not as their square.
type ladder[T any] struct {
	falls bool      // the highest price is the first
	rungs []rung[T] // the first price last, for there most come and go
}

// A rung is those of one price, the first of them first.
type rung[T any] struct {
	price  money.Amount
	orders *list.List // of T
}

// A spot is where an order stands on a ladder. The zero spot is nowhere.
type spot[T any] struct {
	on    *ladder[T]
	price money.Amount
	at    *list.Element
}

// find is the index of the rung of a price, or the one where it would have to be.
func (l *ladder[T]) find(price money.Amount) (int, bool) {
	return slices.BinarySearchFunc(l.rungs, price, func(r rung[T], p money.Amount) int {
		switch before := r.price.Less(p); {
		case r.price == p:
			return 0
		case before == l.falls:
			return -1
		}
		return 1
	})
}

// add puts an order behind all others of its price.
func (l *ladder[T]) add(price money.Amount, x T) spot[T] {
	i, found := l.find(price)
	if !found {
		l.rungs = slices.Insert(l.rungs, i, rung[T]{price, list.New()})
	}
	return spot[T]{l, price, l.rungs[i].orders.PushBack(x)}
}

// leave takes the order off its ladder, if it stands on one.
func (s *spot[T]) leave() {
	if s.on == nil {
		return
	}
	i, _ := s.on.find(s.price)
	r := &s.on.rungs[i]
	if r.orders.Remove(s.at); r.orders.Len() == 0 {
		s.on.rungs = slices.Delete(s.on.rungs, i, i+1)
	}
	*s = spot[T]{}
}

// becomes puts another in the order's place, if it stands on a ladder.
func (s *spot[T]) becomes(x T) {
	if s.on != nil {
		s.at.Value = x
	}
}

// all is the orders, the first one first. The ladder must not change meanwhile.
func (l *ladder[T]) all(yield func(T) bool) {
	for _, r := range slices.Backward(l.rungs) {
		for x := range r.all {
			if !yield(x) {
				return
			}
		}
	}
}

func (r *rung[T]) all(yield func(T) bool) {
	for e := r.orders.Front(); e != nil && yield(e.Value.(T)); e = e.Next() {
	}
}

// first is the order that is met first; ok is false where there is none.
func (l *ladder[T]) first() (x T, ok bool) {
	for x = range l.all {
		return x, true
	}
	return x, false
}

// A market's ladders: of those in the book, and of those that wait for a price at or above their
// own, or at or below it. There the first is the one that is triggered first.
type ladders[T any] struct{ buys, sells, rises, falls ladder[T] }

func newLadders[T any]() *ladders[T] {
	l := new(ladders[T])
	l.buys.falls, l.falls.falls = true, true
	return l
}
