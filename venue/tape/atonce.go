package tape

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"sallyport/book"
	"sallyport/money"
)

// What comes by the million is written and read here at once: the fields that its method code lists, in
// that order and form, where they are as they mostly are. Everything else, and everything that does not
// read, goes by code. TestWrittenAtOnce and TestReadAtOnce hold the two to each other.

const (
	short    = 0x7f // the greatest number of one byte
	atOnce   = 384  // bytes, more than an event written here takes
	leastFar = 8    // bytes that are read of an amount
)

// room is a row of bytes that are written.
type room = [atOnce]byte

// place makes room behind the bytes.
func place(b []byte) ([]byte, *room) {
	n := len(b)
	b = slices.Grow(b, atOnce)
	return b, (*room)(b[n : n+atOnce])
}

func putU64(w *room, i int, v uint64) int {
	for ; v > short; i++ {
		w[i] = byte(v) | 0x80
		v >>= 7
	}
	w[i] = byte(v)
	return i + 1
}

func putAmount(w *room, i int, a *money.Amount) int {
	if a.IsZero() {
		w[i] = 0
		return i + 1
	}
	return putSome(w, i, a)
}

// putTwo is putAmount of two, of which neither is zero or both are, as a rule.
func putTwo(w *room, i int, a, b *money.Amount) int {
	if a.IsZero() && b.IsZero() {
		w[i], w[i+1] = 0, 0
		return i + 2
	}
	return putAmount(w, putAmount(w, i, a), b)
}

// putSome is putAmount for one that is not zero.
func putSome(w *room, i int, a *money.Amount) int {
	hi, lo := a.Parts()
	if hi == int64(lo)>>63 {
		size := byteLen(int64(lo))
		w[i] = byte(size)
		binary.BigEndian.PutUint64(w[i+1:i+9], lo<<((64-8*size)&63))
		return i + 1 + size
	}
	size := byteLen(hi)
	w[i] = byte(size + 8)
	binary.BigEndian.PutUint64(w[i+1:i+9], uint64(hi)<<((64-8*size)&63))
	binary.BigEndian.PutUint64(w[i+1+size:i+9+size], lo)
	return i + 9 + size
}

func putTime(w *room, i int, t int64) int {
	binary.BigEndian.PutUint64(w[i:i+8], uint64(t))
	return i + 8
}

// appendTo writes the event behind other bytes, if it can be written at once.
func (e *OrderChanged) appendTo(b []byte) ([]byte, bool) {
	o := &e.Order
	if len(o.ClientID) > short || o.further() || o.Market > short || uint8(o.Side)|uint8(o.Type)|uint8(o.Force)|uint8(o.SelfTrade)|uint8(o.Status) > short {
		return b, false
	}
	b, w := place(b)
	w[0] = byte(eventOrderChanged)
	i := putU64(w, 1, o.ID)
	i = putU64(w, i, o.Account)
	s := w[i : i+5]
	s[0], s[1], s[2], s[3], s[4] = byte(o.Market), byte(o.Side), byte(o.Type), byte(o.Force), byte(o.SelfTrade)
	i = putAmount(w, i+5, &o.Price)
	i = putAmount(w, i, &o.Stop)
	i = putAmount(w, i, &o.Quantity)
	i = putTwo(w, i, &o.QuoteQuantity, &o.Iceberg)
	i = putTwo(w, i, &o.Filled, &o.Spent)
	i = putAmount(w, i, &o.Prevented)
	i = putU64(w, i, o.OrderList)
	w[i] = byte(len(o.ClientID))
	i++
	i += copy(w[i:], o.ClientID)
	w[i] = byte(o.Status)
	i = putTime(w, i+1, o.Created)
	i = putTime(w, i, o.Updated)
	i = putTime(w, i, o.Working)
	if o.Type.Stops() {
		i = putU64(w, i, uint64(o.Trail))
		i = putTime(w, i, o.Trailing)
	}
	return b[:len(b)+i], true
}

func (e *BalanceChanged) appendTo(b []byte) []byte {
	b, w := place(b)
	w[0] = byte(eventBalanceChanged)
	i := putU64(w, 1, e.Account)
	i = putU64(w, i, uint64(e.Asset))
	for p := range e.Balance {
		if a := &e.Balance[p]; a.IsZero() {
			w[i] = 0
			i++
		} else {
			i = putSome(w, i, a)
		}
	}
	return b[:len(b)+i]
}

func (e *Traded) appendTo(b []byte) ([]byte, bool) {
	if e.TakerSide > short {
		return b, false
	}
	b, w := place(b)
	w[0] = byte(eventTraded)
	i := putU64(w, 1, e.ID)
	i = putU64(w, i, uint64(e.Market))
	i = putAmount(w, i, &e.Price)
	i = putAmount(w, i, &e.Quantity)
	i = putU64(w, i, e.Maker)
	i = putU64(w, i, e.Taker)
	i = putU64(w, i, e.MakerAccount)
	i = putU64(w, i, e.TakerAccount)
	w[i] = byte(e.TakerSide)
	i = putAmount(w, i+1, &e.MakerFee)
	i = putAmount(w, i, &e.TakerFee)
	i = putTime(w, i, e.At)
	return b[:len(b)+i], true
}

// getU64 reads a number from i on, and where it ends: 0 where it does not read at once.
func getU64(b []byte, i int) (v uint64, end int) {
	for shift := 0; i < len(b) && shift < 63; shift += 7 {
		c := b[i]
		i++
		if v |= uint64(c&short) << shift; c <= short {
			if c == 0 && shift > 0 {
				return 0, 0 // longer than need be
			}
			return v, i
		}
	}
	return 0, 0
}

// getAmount reads an amount from i on, and where it ends: 0 where it does not read at once.
func getAmount(b []byte, i int, a *money.Amount) (end int) {
	if i >= len(b) {
		return 0
	}
	n := int(b[i])
	i++
	switch {
	case n == 0:
		*a = money.Amount{}
		return i
	case n > 16 || len(b) < i+n || len(b) < i+leastFar:
		return 0
	}
	x := int64(binary.BigEndian.Uint64(b[i:]))
	if n <= 8 {
		x >>= (64 - 8*n) & 63
		if byteLen(x) != n || x == 0 {
			return 0
		}
		*a = money.FromParts(x>>63, uint64(x))
		return i + n
	}
	x >>= (128 - 8*n) & 63
	lo := binary.BigEndian.Uint64(b[i+n-8:])
	if byteLen(x) != n-8 || x == int64(lo)>>63 {
		return 0
	}
	*a = money.FromParts(x, lo)
	return i + n
}

// readAtOnce reads all of the bytes, and reports whether it could. Else what it has read is nothing.
func (p *PlaceOrder) readAtOnce(d *Decoder, b []byte) bool {
	account, i := getU64(b, 0)
	if i == 0 || len(b) < i+5 {
		return false
	}
	s := b[i : i+5]
	if s[0]|s[1]|s[2]|s[3]|s[4] > short {
		return false
	}
	i += 5
	for _, a := range [...]*money.Amount{&p.Price, &p.Stop, &p.Quantity, &p.QuoteQuantity, &p.Iceberg} {
		if i = getAmount(b, i, a); i == 0 {
			return false
		}
	}
	trail, i := getU64(b, i)
	if i == 0 || bits.Len64(trail) > 32 || i >= len(b) || int(b[i]) != len(b)-i-1 || b[i] > short {
		return false
	}
	p.Account, p.Market, p.Trail, p.ClientID = account, uint16(s[0]), uint32(trail), d.name(b[i+1:])
	p.Side, p.Type, p.Force, p.SelfTrade = book.Side(s[1]), Type(s[2]), Force(s[3]), SelfTrade(s[4])
	return true
}

func (x *CancelOrder) readAtOnce(d *Decoder, b []byte) bool {
	account, i := getU64(b, 0)
	if i == 0 || i >= len(b) || b[i] > short {
		return false
	}
	market := b[i]
	order, i := getU64(b, i+1)
	if i == 0 || i >= len(b) || int(b[i]) != len(b)-i-1 || b[i] > short {
		return false
	}
	x.Account, x.Market, x.Order, x.ClientID = account, uint16(market), order, d.name(b[i+1:])
	return true
}
