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
func (v *Venue) Ahead(cmds []tape.Command) {
	var accounts [Group]*account
	var handles [Group]book.Handle
	if len(cmds) > Group {
		cmds = cmds[:Group]
	}
	for i, cmd := range cmds {
		i &= Group - 1
		if c, ok := cmd.(*tape.PlaceOrder); ok {
			accounts[i] = v.account(c.Account)
		} else if c, ok := cmd.(*tape.CancelOrder); ok {
			accounts[i], handles[i] = v.account(c.Account), v.ids.find(c.Order)
		}
	}
	var seen uint64 // so that the reads are not left out
	for i := range accounts {
		if a := accounts[i]; a != nil {
			seen += uint64(a.class)
		}
		if h := handles[i]; h != 0 {
			seen += v.orders[h].touch() + v.pool.Touch(h)
		}
	}
	for i := range accounts {
		if a := accounts[i]; a != nil {
			if a.holds != nil {
				seen += a.holds.Touch()
			}
			if k := len(a.orders); k > 0 {
				seen += uint64(a.orders[k-1])
			}
		}
		if h := handles[i]; h != 0 {
			seen += v.clients.touch(v.orders[h].name)
			if a := accounts[i]; a != nil && len(a.orders) > 1 { // whose last order takes the place of this one
				seen += uint64(v.orders[a.orders[len(a.orders)-1]].index)
			}
		}
	}
	v.seen = seen
}

// touch reads an order, line by line of the cache.
func (o *order) touch() uint64 { return o.ID + uint64(len(o.ClientID)) + o.open }
