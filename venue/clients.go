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
	return v.named(v.clients.hash(account, id), account, id)
}

// named is client, where the hash is at hand.
func (v *Venue) named(hash uint32, account uint64, id string) book.Handle {
	t := &v.clients
	mask := uint32(len(t.slots) - 1)
	for i := hash & mask; t.slots[i].handle != 0; i = (i + 1) & mask {
		if s := t.slots[i]; s.hash == hash {
			if o := &v.orders[s.handle]; o.Account == account && o.ClientID == id {
				return s.handle
			}
		}
	}
	return 0
}

// enter enters an order under the hash of a name that no open order of its account has.
func (t *clientTable) enter(hash uint32, h book.Handle) {
	if t.used++; t.used*4 > len(t.slots)*3 {
		old := t.slots
		t.slots = make([]clientSlot, 2*len(old))
		for _, s := range old {
			if s.handle != 0 {
				t.put(s)
			}
		}
	}
	t.put(clientSlot{hash, h})
}

func (t *clientTable) put(s clientSlot) {
	mask := uint32(len(t.slots) - 1)
	i := s.hash & mask
	for t.slots[i].handle != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = s
}

// drop takes an order out that was entered under that hash.
func (t *clientTable) drop(hash uint32, h book.Handle) {
	mask := uint32(len(t.slots) - 1)
	i := hash & mask
	for t.slots[i].handle != h {
		i = (i + 1) & mask
	}
	t.used--
	// What stands behind it moves up, unless it is where it belongs already.
	for j := (i + 1) & mask; t.slots[j].handle != 0; j = (j + 1) & mask {
		home := t.slots[j].hash & mask
		if (j-home)&mask >= (j-i)&mask {
			t.slots[i] = t.slots[j]
			i = j
		}
	}
	t.slots[i] = clientSlot{}
}

// touch reads where an order of that hash is entered, or near it; see Venue.Ahead.
func (t *clientTable) touch(hash uint32) uint64 {
	return uint64(t.slots[hash&uint32(len(t.slots)-1)].handle)
}
