package book

// A Handle names an order of a pool for as long as it is not put back. The zero handle is no
// order.
type Handle uint32

// A Pool is what the orders of several books are made of. It holds no pointers, so that a
// million orders cost the garbage collector nothing, and gives handles that were put back
// again, so that a book at work allocates nothing.
type Pool struct {
	nodes  []node // node 0 is none
	free   Handle // put back last; linked by next
	queued uint64 // how often an order took a place in a book
	leaves []*leaf
}

// node is one order; 32 bytes, two to a cache line.
type node struct {
	next, prev Handle // at the same price of the same class
	key        uint32
	side       Side  // 0 for one that waits for a price
	class      uint8 // of one that waits: 1 for a price that rises to its
	lots       uint64
	queued     uint64
}

// NewPool is a pool with room for so many orders before it grows.
func NewPool(room int) *Pool { return &Pool{nodes: make([]node, 1, room+1)} }

// Get gives an order that is in no book.
func (p *Pool) Get() Handle {
	if h := p.free; h != 0 {
		p.free = p.nodes[h].next
		return h
	}
	p.nodes = append(p.nodes, node{})
	return Handle(len(p.nodes) - 1)
}

// Put takes back an order that is in no book.
func (p *Pool) Put(h Handle) {
	p.nodes[h].next = p.free
	p.free = h
}

// Queued is how often an order took a place in a book of the pool.
func (p *Pool) Queued() uint64 { return p.queued }

// SetQueued sets that count, once all orders are restored.
func (p *Pool) SetQueued(n uint64) { p.queued = n }

// Touch reads an order and its neighbours, and so brings them near; see venue.Ahead.
func (p *Pool) Touch(h Handle) uint64 {
	n := &p.nodes[h]
	return p.nodes[n.prev].lots + p.nodes[n.next].lots
}
