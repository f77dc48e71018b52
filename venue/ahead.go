package venue

import (
	"sallyport/book"
	"sallyport/venue/tape"
)

// Group is how many commands Ahead looks at together: enough that their waits for memory
// overlap, few enough that what they touch is still near when they are applied.
const Group = 16

// Ahead reads what the next commands, at most Group, are about to read, all of them together.
// It changes nothing and tells nothing. The orders of many customers lie far apart in memory,
// and an order alone waits for one place after another: its account, what that holds, its open
// orders; the places of several commands are waited for at the same time.
//
// Orders that come and orders that go are gone through apart, and each pass reads where the one before it found
// the place: nothing is done in between, so that as many reads as can be are on their way at once.
func (v *Venue) Ahead(cmds []tape.Command) {
	if len(cmds) > Group {
		cmds = cmds[:Group]
	}
	var (
		comes, goes [Group]*account
		names       [Group]uint32      // of those that come
		handles     [Group]book.Handle // of those that go
		come, gone  int
	)
	for _, cmd := range cmds {
		if c, ok := cmd.(*tape.PlaceOrder); ok {
			i := come & (Group - 1)
			comes[i], names[i] = v.account(c.Account), v.clients.hash(c.Account, c.ClientID)
			come++
		} else if c, ok := cmd.(*tape.CancelOrder); ok {
			h := v.ids.find(c.Order)
			if c.Order == 0 {
				h = v.clients.likely(v.clients.hash(c.Account, c.ClientID))
			}
			if h != 0 {
				i := gone & (Group - 1)
				goes[i], handles[i] = v.account(c.Account), h
				gone++
			}
		}
	}
	var seen uint64 // so that the reads are not left out
	for i := range gone {
		i &= Group - 1
		h := handles[i]
		seen += v.orders[h].touch() + v.pool.Touch(h)
		if a := goes[i]; a != nil {
			seen += uint64(a.class)
		}
	}
	for i := range come {
		i &= Group - 1
		seen += v.clients.touch(names[i])
		if a := comes[i]; a != nil {
			seen += uint64(a.class)
		}
	}
	for i := range gone {
		i &= Group - 1
		o := &v.orders[handles[i]]
		seen += v.clients.touch(o.name)
		if a := goes[i]; a != nil {
			seen += a.touch()
			if k := len(a.orders); int(o.index) < k { // whose last order takes the place of this one
				seen += uint64(a.orders[o.index]) + uint64(v.orders[a.orders[k-1]].index)
			}
		}
	}
	for i := range come {
		if a := comes[i&(Group-1)]; a != nil {
			seen += a.touch()
		}
	}
	v.seen = seen
}

// touch reads what an account holds, and its last open order.
func (a *account) touch() (seen uint64) {
	if a.holds != nil {
		seen = a.holds.Touch()
	}
	if k := len(a.orders); k > 0 {
		seen += uint64(a.orders[k-1])
	}
	return seen
}

// touch reads an order, line by line of the cache.
func (o *order) touch() uint64 { return o.ID + uint64(len(o.ClientID)) + o.open }
