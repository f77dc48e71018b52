package tape

import (
	"slices"

	"sallyport/ledger"
)

// A Buffer collects events. Those that come by the million lie in it one behind another, so
// that collecting them allocates nothing once it has grown.
//
// OrderChanged, Traded, Prevented and BalanceChanged are events as pointers only; all others as values.
type Buffer struct {
	Events    []Event
	orders    []OrderChanged
	trades    []Traded
	prevented []Prevented
	balances  []BalanceChanged
}

// Reset empties the buffer. Events that it gave must no longer be used.
func (b *Buffer) Reset() {
	b.Events, b.orders, b.trades, b.prevented, b.balances = b.Events[:0], b.orders[:0], b.trades[:0], b.prevented[:0], b.balances[:0]
}

// NewBuffer is a buffer with room for what so many orders or cancels bring about as a rule.
func NewBuffer(commands int) *Buffer {
	return &Buffer{
		Events: make([]Event, 0, 4*commands), orders: make([]OrderChanged, 0, commands+commands/4), balances: make([]BalanceChanged, 0, commands+commands/2),
	}
}

// Add adds an event.
func (b *Buffer) Add(e Event) { b.Events = append(b.Events, e) }

// Order adds an OrderChanged and gives its order, to be written over.
func (b *Buffer) Order() *Order {
	n, k := len(b.orders), len(b.Events)
	if n >= cap(b.orders) || k >= cap(b.Events) {
		b.grow()
		return b.Order()
	}
	b.orders, b.Events = b.orders[:n+1], b.Events[:k+1]
	x := &b.orders[n]
	b.Events[k] = x
	return &x.Order
}

// grow makes room for one event more of those that are written where they lie.
func (b *Buffer) grow() {
	b.Events, b.orders, b.balances = slices.Grow(b.Events, 1), slices.Grow(b.orders, 1), slices.Grow(b.balances, 1)
}

// Trade adds a Traded and gives it, to be filled in.
func (b *Buffer) Trade() *Traded {
	b.trades = append(b.trades, Traded{})
	t := &b.trades[len(b.trades)-1]
	b.Events = append(b.Events, t)
	return t
}

// Prevented adds a Prevented and gives it, to be filled in.
func (b *Buffer) Prevented() *Prevented {
	b.prevented = append(b.prevented, Prevented{})
	p := &b.prevented[len(b.prevented)-1]
	b.Events = append(b.Events, p)
	return p
}

// Balance adds a BalanceChanged and gives its balance, to be written over.
func (b *Buffer) Balance(account ledger.Account, asset uint16) *ledger.Balance {
	n, k := len(b.balances), len(b.Events)
	if n >= cap(b.balances) || k >= cap(b.Events) {
		b.grow()
		return b.Balance(account, asset)
	}
	b.balances, b.Events = b.balances[:n+1], b.Events[:k+1]
	x := &b.balances[n]
	x.Account, x.Asset = uint64(account), asset
	b.Events[k] = x
	return &x.Balance
}
