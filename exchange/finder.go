package exchange

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"
	"sort"

	"sallyport/venue/tape"
)

// A finder finds the records of the log that have to do with a name: twelve bytes for each, six of the
// SHA-256 of the name and six of the record's number. Of 300 million rows one in a million has the six bytes of another
// name; whoever reads the record sees that it is not the one.
//
// The rows are sorted, in shards by their first bits and in chunks that are never changed where they lie, so that
// to keep a finder still is to copy the shards' heads. TestFinder holds it to a plain map.
type finder struct {
	shards [finderShards]finderShard
	stills uint64 // how often still was called
}

type finderShard struct {
	stills uint64     // finder.stills when the list of chunks was made or copied
	chunks []rowChunk // in order, none empty
}

// A rowChunk is rows one behind another, at most maxRows.
type rowChunk []byte

// A row is found by its first foundBy bytes.
type row [rowBytes]byte

const (
	finderShards = 1 << 10 // by the first ten bits of a row
	foundBy      = 6
	rowBytes     = 12
	maxRows      = 256
	partRows     = 16 << 10 // of one byte string of the stored form

	maxFound = 1<<48 - 1 // records that six bytes can number: nine years of a million a second
)

// Whose names they are, so that no name of one kind is found by a name of another.
const (
	byID       = "decision "
	byKey      = "question "
	byMovement = "movement "
)

// A foundName is what a finder keeps of a name.
type foundName [foundBy]byte

func nameOf(kind, name string) foundName {
	sum := sha256.Sum256([]byte(kind + name))
	return foundName(sum[:foundBy])
}

func rowOf(name foundName, seq uint64) (r row) {
	if seq > maxFound {
		panic("exchange: a record's number takes more than six bytes")
	}
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], seq)
	copy(r[:], name[:])
	copy(r[foundBy:], n[2:])
	return r
}

func (r row) seq() uint64 {
	var n [8]byte
	copy(n[2:], r[foundBy:])
	return binary.BigEndian.Uint64(n[:])
}

func (r row) shard() int { return int(binary.BigEndian.Uint16(r[:]) >> 6) }

func (c rowChunk) rows() int     { return len(c) / rowBytes }
func (c rowChunk) row(i int) row { return row(c[i*rowBytes:]) }

// from is the first of the rows that is not before r.
func (c rowChunk) from(r row) int {
	return sort.Search(c.rows(), func(i int) bool { at := c.row(i); return bytes.Compare(at[:], r[:]) >= 0 })
}

// chunk is the last chunk that begins before r, or the first.
func (s *finderShard) chunk(r row) int {
	n := sort.Search(len(s.chunks), func(i int) bool { return bytes.Compare(s.chunks[i][:rowBytes], r[:]) >= 0 })
	return max(n-1, 0)
}

// add lets a record be found by a name.
func (f *finder) add(name foundName, seq uint64) {
	r := rowOf(name, seq)
	s := &f.shards[r.shard()]
	if s.stills != f.stills {
		s.chunks, s.stills = slices.Clone(s.chunks), f.stills
	}
	if len(s.chunks) == 0 {
		s.chunks = []rowChunk{r[:]}
		return
	}
	i := s.chunk(r)
	old := s.chunks[i]
	at := old.from(r) * rowBytes
	if len(old) < maxRows*rowBytes {
		s.chunks[i] = slices.Concat(old[:at], r[:], old[at:])
		return
	}
	const half = maxRows / 2 * rowBytes
	first, second := slices.Clone(old[:half]), slices.Clone(old[half:])
	if at <= half {
		first = slices.Concat(old[:at], r[:], old[at:half])
	} else {
		second = slices.Concat(old[half:at], r[:], old[at:])
	}
	s.chunks[i] = first
	s.chunks = slices.Insert(s.chunks, i+1, second)
}

// find is the records that may have to do with a name, newest first.
func (f *finder) find(name foundName) []uint64 {
	r := rowOf(name, 0)
	s := &f.shards[r.shard()]
	var seqs []uint64
	for i := s.chunk(r); i < len(s.chunks); i++ {
		c := s.chunks[i]
		at := c.from(r)
		for ; at < c.rows() && foundName(c[at*rowBytes:]) == name; at++ {
			seqs = append(seqs, c.row(at).seq())
		}
		if at < c.rows() {
			break
		}
	}
	slices.Reverse(seqs)
	return seqs
}

// still is the finder as it is, which the next rows do not change.
func (f *finder) still() finder {
	f.stills++
	s := *f
	return s
}

// code writes the rows, or reads them: all that a name is found by lies between record 1 and the last.
func (f *finder) code(form *tape.Form, last uint64) {
	for i := range f.shards {
		s := &f.shards[i]
		var parts [][]byte
		if !form.Reading() {
			parts = s.parts()
		}
		if tape.Rows(form, &parts, func(p *[]byte) { form.Of(p) }); !form.Reading() {
			continue
		}
		if err := s.take(parts, i, last); err != nil {
			form.Fail(err)
			return
		}
	}
}

// parts is the rows in byte strings of partRows, the last of what is left.
func (s *finderShard) parts() (parts [][]byte) {
	var part []byte
	for _, c := range s.chunks {
		for len(c) > 0 {
			n := min(len(c), partRows*rowBytes-len(part))
			part, c = append(part, c[:n]...), c[n:]
			if len(part) == partRows*rowBytes {
				parts, part = append(parts, part), nil
			}
		}
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// take takes up the parts of a shard.
func (s *finderShard) take(parts [][]byte, shard int, last uint64) error {
	const full = maxRows * 3 / 4 * rowBytes
	var before row
	for i, p := range parts {
		if len(p)%rowBytes != 0 || len(p) == 0 || i < len(parts)-1 && len(p) != partRows*rowBytes {
			return fmt.Errorf("shard %d of what decisions are found by has a part of %d bytes", shard, len(p))
		}
		for rows := rowChunk(p); len(rows) > 0; rows = rows[min(full, len(rows)):] {
			c := slices.Clone(rows[:min(full, len(rows))])
			for n := range c.rows() {
				r := c.row(n)
				if r.shard() != shard || r.seq() == 0 || r.seq() > last || bytes.Compare(before[:], r[:]) >= 0 {
					return fmt.Errorf("row %x of what decisions are found by is none, or out of its place", r)
				}
				before = r
			}
			s.chunks = append(s.chunks, c)
		}
	}
	return nil
}

// numbers is a list of numbers that only grows, each above the one before it, in chunks that are full but for
// the last.
type numbers struct{ chunks [][]uint64 }

const numbersChunk = 4096

func (ns *numbers) add(n uint64) {
	if k := len(ns.chunks); k == 0 || len(ns.chunks[k-1]) == numbersChunk {
		ns.chunks = append(ns.chunks, nil)
	}
	last := &ns.chunks[len(ns.chunks)-1]
	*last = append(*last, n)
}

// after is the numbers above n, at most limit.
func (ns *numbers) after(n uint64, limit int) []uint64 {
	i := sort.Search(len(ns.chunks), func(i int) bool { c := ns.chunks[i]; return c[len(c)-1] > n })
	var out []uint64
	for ; i < len(ns.chunks) && len(out) < limit; i++ {
		from, _ := slices.BinarySearch(ns.chunks[i], n+1)
		c := ns.chunks[i][from:]
		out = append(out, c[:min(len(c), limit-len(out))]...)
	}
	return out
}

// still is the list as it is. What it holds already is not changed any more.
func (ns *numbers) still() numbers { return numbers{slices.Clone(ns.chunks)} }

// code writes the numbers as what each is above the one before it, or reads them.
func (ns *numbers) code(f *tape.Form, last uint64) {
	before := uint64(0)
	tape.Rows(f, &ns.chunks, func(c *[]uint64) {
		tape.Rows(f, c, func(n *uint64) {
			by := *n - before
			if f.Of(&by); f.Reading() {
				*n = before + by
				if by == 0 || *n < before || *n > last {
					f.Fail(fmt.Errorf("number %d comes after %d", *n, before))
				}
			}
			before = *n
		})
	})
	if !f.Reading() {
		return
	}
	for i, c := range ns.chunks {
		if len(c) == 0 || len(c) > numbersChunk || i < len(ns.chunks)-1 && len(c) != numbersChunk {
			f.Fail(fmt.Errorf("a chunk of %d numbers", len(c)))
			return
		}
	}
}
