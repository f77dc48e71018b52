package venue

import (
	"hash/maphash"

	"sallyport/book"
)

// clientTable finds open orders by what their accounts call them. It is asked once or twice for
// every order, and cheaper than a map by half: the keys lie in the orders alone.
type clientTable struct {
	seed  maphash.Seed // of this table alone: the order of its entries is never seen
	slots []clientSlot // a power of two of them; linear probing
	used  int
}

type clientSlot struct {
	hash   uint32
	handle book.Handle // 0: empty
}

func newClientTable() clientTable {
	return clientTable{seed: maphash.MakeSeed(), slots: make([]clientSlot, 64)}
}

func (t *clientTable) hash(account uint64, id string) uint32 {
	h := maphash.String(t.seed, id) ^ account*0x9e3779b97f4a7c15
	return uint32(h ^ h>>32)
}

// client is the open order of an account by that name, or 0.
func (v *Venue) client(account uint64, id string) book.Handle {
	h, _ := v.named(v.clients.hash(account, id), account, id)
	return h
}

// named is client, where the hash is at hand. Where there is none it gives the slot that such an order
// would be entered at, for as long as nothing is entered or dropped.
func (v *Venue) named(hash uint32, account uint64, id string) (h book.Handle, slot uint32) {
	slots := v.clients.slots
	mask := uint32(len(slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		s := slots[i]
		if s.handle == 0 {
			return 0, i
		}
		if s.hash == hash {
			if o := &v.orders[s.handle]; o.Account == account && o.ClientID == id {
				return s.handle, i
			}
		}
	}
}

// enter enters an order under the hash of a name that no open order of its account has.
func (t *clientTable) enter(hash uint32, h book.Handle) {
	mask := uint32(len(t.slots) - 1)
	i := hash & mask
	for t.slots[i].handle != 0 {
		i = (i + 1) & mask
	}
	t.enterAt(i, hash, h)
}

// enterAt is enter, where the slot is at hand that named gave.
func (t *clientTable) enterAt(slot, hash uint32, h book.Handle) {
	t.slots[slot] = clientSlot{hash, h}
	if t.used++; 2*t.used > len(t.slots) {
		t.grow()
	}
}

// grow doubles the table, so that half of it is empty or more: what is looked for lies where it belongs, or
// next to it.
func (t *clientTable) grow() {
	old := t.slots
	t.slots = make([]clientSlot, 2*len(old))
	mask := uint32(len(t.slots) - 1)
	for _, s := range old {
		if s.handle == 0 {
			continue
		}
		i := s.hash & mask
		for t.slots[i].handle != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = s
	}
}

// drop takes an order out that was entered under that hash.
func (t *clientTable) drop(hash uint32, h book.Handle) {
	slots := t.slots
	mask := uint32(len(slots) - 1)
	i := hash & mask
	for slots[i].handle != h {
		i = (i + 1) & mask
	}
	t.used--
	// What stands behind it moves up, unless it is where it belongs already.
	for j := (i + 1) & mask; ; j = (j + 1) & mask {
		s := slots[j]
		if s.handle == 0 {
			break
		}
		if home := s.hash & mask; (j-home)&mask >= (j-i)&mask {
			slots[i] = s
			i = j
		}
	}
	slots[i] = clientSlot{}
}

// likely is an order entered under that hash, or 0.
func (t *clientTable) likely(hash uint32) book.Handle {
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := t.slots[i]; s.handle == 0 || s.hash == hash {
			return s.handle
		}
	}
}

// touch reads where an order of that hash is entered, or near it; see Venue.Ahead.
func (t *clientTable) touch(hash uint32) uint64 {
	return uint64(t.slots[hash&uint32(len(t.slots)-1)].handle)
}
