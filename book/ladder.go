package book

import "math/bits"

// A ladder is the queues of one class of one side, by key. Keys are found through a tree of
// two steps, 4,096 and 64 keys wide, with a bit for whatever is not empty, so that the next key in
// use is found by counting zeros. A leaf that empties goes back to the pool: prices far apart cost
// one leaf each (520 bytes) and no more.
type ladder struct {
	best  uint32 // least key in use, or none
	head  Handle // first of its queue, or 0
	pages []*page
	used  []uint64 // bit i: pages[i] holds something
}

// page is 4,096 keys.
type page struct {
	used   uint64
	leaves [64]*leaf
}

// leaf is 64 keys. One that is of no page is empty.
type leaf struct {
	used   uint64
	queues [64]queue
}

// queue is the orders of one key, earliest first.
type queue struct{ head, tail Handle }

func (l *ladder) init() { l.best = none }

// add puts an order behind the others of its key; it is no other's next yet, nor has one.
func (l *ladder) add(p *Pool, h Handle, n *node, max uint32) {
	if l.pages == nil {
		count := max>>12 + 1
		l.pages = make([]*page, count)
		l.used = make([]uint64, (count+63)/64)
	}
	key := n.key
	pg := l.pages[key>>12]
	if pg == nil {
		pg = new(page)
		l.pages[key>>12] = pg
	}
	lf := pg.leaves[key>>6&63]
	if lf == nil {
		lf = p.leaf()
		pg.leaves[key>>6&63] = lf
	}
	q := &lf.queues[key&63]
	n.prev = q.tail
	if q.tail != 0 {
		p.nodes[q.tail].next = h
		q.tail = h
		return
	}
	q.head, q.tail = h, h
	lf.used |= 1 << (key & 63)
	pg.used |= 1 << (key >> 6 & 63)
	l.used[key>>18] |= 1 << (key >> 12 & 63)
	if key < l.best {
		l.best, l.head = key, h
	}
}

func (l *ladder) remove(p *Pool, h Handle, n *node) {
	if n.prev != 0 && n.next != 0 {
		p.nodes[n.prev].next = n.next
		p.nodes[n.next].prev = n.prev
		return
	}
	key := n.key
	pg := l.pages[key>>12]
	lf := pg.leaves[key>>6&63]
	q := &lf.queues[key&63]
	switch {
	case n.prev != 0: // the last of several
		p.nodes[n.prev].next = 0
		q.tail = n.prev
		return
	case n.next != 0: // the first of several
		p.nodes[n.next].prev = 0
		q.head = n.next
		if key == l.best {
			l.head = n.next
		}
		return
	}
	q.head, q.tail = 0, 0
	if lf.used &^= 1 << (key & 63); lf.used == 0 {
		pg.leaves[key>>6&63] = nil
		p.leaves = append(p.leaves, lf)
		if pg.used &^= 1 << (key >> 6 & 63); pg.used == 0 {
			l.used[key>>18] &^= 1 << (key >> 12 & 63)
		}
	}
	if key == l.best {
		l.best, l.head = l.after(key)
	}
}

// leaf is an empty leaf.
func (p *Pool) leaf() *leaf {
	if n := len(p.leaves); n > 0 {
		lf := p.leaves[n-1]
		p.leaves = p.leaves[:n-1]
		return lf
	}
	return new(leaf)
}

// following is the first order of the next key in use, or 0.
func (l *ladder) following(key uint32) Handle {
	_, h := l.after(key)
	return h
}

// after is the next key in use above one, and the first order of its queue; none and 0 when there is none.
func (l *ladder) after(key uint32) (uint32, Handle) {
	pg := l.pages[key>>12]
	if lf := pg.leaves[key>>6&63]; lf != nil {
		if m := lf.used &^ (2<<(key&63) - 1); m != 0 {
			i := uint32(bits.TrailingZeros64(m))
			return key&^63 | i, lf.queues[i].head
		}
	}
	if m := pg.used &^ (2<<(key>>6&63) - 1); m != 0 {
		return pg.first(key>>12, uint32(bits.TrailingZeros64(m)))
	}
	at := key >> 12
	m := l.used[at>>6] &^ (2<<(at&63) - 1)
	for w := at >> 6; ; {
		if m != 0 {
			at = w<<6 | uint32(bits.TrailingZeros64(m))
			pg = l.pages[at]
			return pg.first(at, uint32(bits.TrailingZeros64(pg.used)))
		}
		if w++; int(w) == len(l.used) {
			return none, 0
		}
		m = l.used[w]
	}
}

// first is the least key in use of a leaf of a page, which is not empty.
func (pg *page) first(at, leaf uint32) (uint32, Handle) {
	lf := pg.leaves[leaf]
	i := uint32(bits.TrailingZeros64(lf.used))
	return at<<12 | leaf<<6 | i, lf.queues[i].head
}
