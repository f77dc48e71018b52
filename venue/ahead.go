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
	var far [Group]struct {
		account *account
		number  uint64
		handle  book.Handle
	}
	n := 0
	for _, cmd := range cmds[:min(len(cmds), Group)] {
		x := &far[n]
		switch c := cmd.(type) {
		case *tape.PlaceOrder:
			x.number = c.Account
		case *tape.CancelOrder:
			x.number, x.handle = c.Account, v.ids.find(c.Order)
		default:
			continue
		}
		x.account = v.account(x.number)
		n++
	}
	var seen uint64 // so that the reads are not left out
	for i := range far[:n] {
		x := &far[i]
		if x.account != nil {
			seen += uint64(len(x.account.orders)) + uint64(x.account.class)
		}
		if x.handle != 0 {
			seen += v.orders[x.handle].touch()
			seen += v.pool.Touch(x.handle)
		}
	}
	for i := range far[:n] {
		x := &far[i]
		if a := x.account; a != nil {
			if a.holds != nil {
				seen += a.holds.Touch()
			}
			if k := len(a.orders); k > 0 {
				seen += uint64(a.orders[k-1])
			}
		}
		if x.handle != 0 {
			seen += v.clients.touch(v.orders[x.handle].name)
		}
	}
	v.seen = seen
}

// touch reads an order, line by line of the cache.
func (o *order) touch() uint64 { return o.ID + uint64(len(o.ClientID)) + o.open }
