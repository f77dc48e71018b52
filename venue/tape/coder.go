package tape

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"sallyport/money"
)

// coder writes or reads one value after another; each command and event lists its
// fields once, in its method code, and that list serves both directions.
//
// Forms: unsigned integers as shortest-form base-128 varints (least significant group
// first); signed times as 8 bytes big-endian; booleans as one byte 0 or 1; byte
// strings as varint length and bytes; hashes as 32 bytes; amounts as one byte with the
// number of bytes that follow, and these: the shortest big-endian two's complement, none
// for zero; lists as varint count and items. One value has one form: reading refuses a
// number that is longer than need be, a boolean that is neither, bytes left over.
type coder struct {
	b       []byte
	reading bool
	err     error
}

const (
	maxText  = 1 << 10 // bytes of a name, an address, an id
	maxBody  = 1 << 18 // bytes of a decision
	maxItems = 1 << 22 // entries of a list
	leastRow = 16      // bytes that most rows of a state take at least
)

var errShort = errors.New("ends in the middle of a field")

func (c *coder) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

func (c *coder) take(n int) []byte {
	if c.err != nil || len(c.b) < n {
		c.fail(errShort)
		return make([]byte, min(n, 32))
	}
	p := c.b[:n]
	c.b = c.b[n:]
	return p
}

func (c *coder) u64(v *uint64) {
	if !c.reading {
		if *v < 0x80 {
			c.b = append(c.b, byte(*v))
		} else {
			c.b = binary.AppendUvarint(c.b, *v)
		}
		return
	}
	x, n := binary.Uvarint(c.b)
	if n <= 0 || c.err != nil {
		c.fail(errShort)
		return
	}
	if n > 1 && c.b[n-1] == 0 {
		c.fail(errors.New("a number is longer than it need be"))
		return
	}
	c.b = c.b[n:]
	*v = x
}

// furtherOn is added to the number of a market where more follows, at the end of what it stands in, than
// there was a place for at first. No market has such a number.
const furtherOn = 1 << 16

// market codes the number of a market, and whether more follows.
func (c *coder) market(v *uint16, more bool) bool {
	n := uint32(*v)
	if more && !c.reading {
		n += furtherOn
	}
	narrow(c, &n, 2*furtherOn-1)
	if c.reading {
		*v, more = uint16(n), n >= furtherOn
	}
	return more
}

// something fails where more was said to follow and is nothing: that has another form.
func (c *coder) something(is bool) {
	if !is {
		c.fail(errors.New("more is said to follow, and nothing does"))
	}
}

func (c *coder) u32(v *uint32) { narrow(c, v, 1<<32-1) }
func (c *coder) u16(v *uint16) { narrow(c, v, 1<<16-1) }
func (c *coder) u8(v *uint8)   { narrow(c, v, 1<<8-1) }

func narrow[T ~uint8 | ~uint16 | ~uint32](c *coder, v *T, limit uint64) {
	x := uint64(*v)
	if !c.reading && x < 0x80 {
		c.b = append(c.b, byte(x))
		return
	}
	c.u64(&x)
	if x > limit {
		c.fail(fmt.Errorf("number %d is above %d", x, limit))
		return
	}
	if c.reading { // what is written may be read by others meanwhile
		*v = T(x)
	}
}

func (c *coder) time(v *int64) {
	if !c.reading {
		c.b = binary.BigEndian.AppendUint64(c.b, uint64(*v))
		return
	}
	*v = int64(binary.BigEndian.Uint64(c.take(8)))
}

func (c *coder) bool(v *bool) {
	if !c.reading {
		if *v {
			c.b = append(c.b, 1)
		} else {
			c.b = append(c.b, 0)
		}
		return
	}
	switch c.take(1)[0] {
	case 0:
		*v = false
	case 1:
		*v = true
	default:
		c.fail(errors.New("a yes or no is neither 0 nor 1"))
	}
}

func (c *coder) hash(v *[32]byte) {
	if !c.reading {
		c.b = append(c.b, v[:]...)
		return
	}
	copy(v[:], c.take(32))
}

func (c *coder) bytes(v *[]byte, limit int) {
	n := uint64(len(*v))
	c.u64(&n)
	if n > uint64(limit) {
		c.fail(fmt.Errorf("%d bytes where at most %d may stand", n, limit))
		return
	}
	if !c.reading {
		c.b = append(c.b, *v...)
		return
	}
	*v = append([]byte(nil), c.take(int(n))...)
}

func (c *coder) text(v *string) {
	if !c.reading {
		if len(*v) > maxText {
			c.fail(fmt.Errorf("%d bytes where at most %d may stand", len(*v), maxText))
			return
		}
		c.b = binary.AppendUvarint(c.b, uint64(len(*v)))
		c.b = append(c.b, *v...)
		return
	}
	var n uint64
	c.u64(&n)
	if n > maxText {
		c.fail(fmt.Errorf("%d bytes where at most %d may stand", n, maxText))
		return
	}
	*v = string(c.take(int(n)))
}

func (c *coder) amount(v *money.Amount) {
	if c.reading || !v.IsZero() {
		c.codeAmount(v)
		return
	}
	c.b = append(c.b, 0)
}

// codeAmount is amount for all but the writing of zero, which is most of it.
func (c *coder) codeAmount(v *money.Amount) {
	if c.reading {
		c.readAmount(v)
	} else {
		c.writeAmount(v)
	}
}

// writeAmount writes one that is not zero.
func (c *coder) writeAmount(v *money.Amount) {
	hi, lo := v.Parts()
	if hi == int64(lo)>>63 {
		size := byteLen(int64(lo))
		b := binary.BigEndian.AppendUint64(append(c.b, byte(size)), lo<<(64-8*size))
		c.b = b[:len(b)-8+size]
		return
	}
	size := byteLen(hi)
	b := binary.BigEndian.AppendUint64(append(c.b, byte(size+8)), uint64(hi)<<(64-8*size))
	c.b = binary.BigEndian.AppendUint64(b[:len(b)-8+size], lo)
}

// byteLen is how many bytes the two's complement of x takes, at least one.
func byteLen(x int64) int { return bits.Len64(uint64(x^x>>63))/8 + 1 }

func (c *coder) readAmount(v *money.Amount) {
	n := int(c.take(1)[0])
	if n > 16 {
		c.fail(fmt.Errorf("an amount of %d bytes", n))
		return
	}
	b := c.take(n)
	if c.err != nil {
		return
	}
	var w [16]byte
	if n > 0 {
		if b[0] == 0 && (n == 1 || b[1] < 0x80) || b[0] == 0xff && n > 1 && b[1] >= 0x80 {
			c.fail(errors.New("an amount is longer than it need be"))
			return
		}
		if b[0] >= 0x80 {
			w = [16]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
		}
		copy(w[16-n:], b)
	}
	*v = money.FromParts(int64(binary.BigEndian.Uint64(w[:8])), binary.BigEndian.Uint64(w[8:]))
}

// list codes the count and then each item.
func list[T any](c *coder, v *[]T, item func(*T)) {
	n := uint64(len(*v))
	c.u64(&n)
	if n > maxItems || c.reading && n > uint64(len(c.b)) {
		c.fail(fmt.Errorf("a list of %d items is longer than what follows", n))
		return
	}
	if c.reading && n > 0 {
		*v = make([]T, n)
	}
	for i := range *v {
		if c.err != nil {
			return
		}
		item(&(*v)[i])
	}
}

// rows is list for as many items as there are: those of a state. What is read grows with the
// bytes that are there, not with the count that they begin with.
func rows[T any](c *coder, v *[]T, item func(*T)) {
	n := uint64(len(*v))
	c.u64(&n)
	if !c.reading {
		for i := range *v {
			item(&(*v)[i])
		}
		return
	}
	if n > uint64(len(c.b)) {
		c.fail(fmt.Errorf("a list of %d items is longer than what follows", n))
		return
	}
	if n > 0 {
		*v = make([]T, 0, min(n, uint64(len(c.b)/leastRow)+1))
	}
	for range n {
		var t T
		if item(&t); c.err != nil {
			return
		}
		*v = append(*v, t)
	}
}
