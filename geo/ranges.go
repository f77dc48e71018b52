package geo

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds of a file of ranges: all routes there are, of both versions, are a million.
const (
	maxRangeRows = 4_000_000
	maxRangeLine = 2000
)

// A span of addresses of one version, both ends included.
type addressSpan[T comparable] struct {
	from, to netip.Addr
	value    T
}

// ranges finds the value of an address. They do not overlap and are in order.
type ranges[T comparable] []addressSpan[T]

// newRanges puts spans in order. Where they overlap, the narrower one holds, as in
// routing; of two that cross, the one that begins later.
func newRanges[T comparable](spans []addressSpan[T]) ranges[T] {
	slices.SortStableFunc(spans, func(a, b addressSpan[T]) int {
		if c := a.from.Compare(b.from); c != 0 {
			return c
		}
		return b.to.Compare(a.to)
	})
	var out ranges[T]
	emit := func(from, to netip.Addr, v T) {
		if n := len(out); n > 0 && out[n-1].value == v && out[n-1].to.Next() == from {
			out[n-1].to = to
			return
		}
		out = append(out, addressSpan[T]{from, to, v})
	}
	// Spans that are open where the sweep stands, the narrowest last; at is the first
	// address not yet given out.
	var open []addressSpan[T]
	var at netip.Addr
	closeUntil := func(next netip.Addr) {
		for n := len(open); n > 0; n = len(open) {
			top := open[n-1]
			if next.IsValid() && top.to.Compare(next) >= 0 {
				if at.Less(next) {
					emit(at, next.Prev(), top.value)
				}
				return
			}
			// The last address of all has none after it; then nothing is left to give out.
			if at.IsValid() && at.Compare(top.to) <= 0 {
				emit(at, top.to, top.value)
				at = top.to.Next()
			}
			open = open[:n-1]
		}
	}
	for _, s := range spans {
		closeUntil(s.from)
		at = s.from
		open = append(open, s)
	}
	closeUntil(netip.Addr{})
	return out
}

func (r ranges[T]) find(a netip.Addr) (T, bool) {
	i := sort.Search(len(r), func(i int) bool { return a.Compare(r[i].to) <= 0 })
	if i < len(r) && r[i].from.Compare(a) <= 0 {
		return r[i].value, true
	}
	var none T
	return none, false
}

// readRanges reads comma-separated rows that begin with a range of addresses, written as a
// prefix, as first and last in two columns or with a dash between them, or as one address.
// Lines that begin with # are comments, and the first row may be a header. The rest of a row
// is for fn.
func readRanges(data []byte, fn func(from, to netip.Addr, rest []string) error) error {
	if err := whatItIs(data); err != nil {
		return err
	}
	c := csv.NewReader(bytes.NewReader(data))
	c.Comment, c.FieldsPerRecord, c.ReuseRecord, c.TrimLeadingSpace = '#', -1, true, true
	rows, first := 0, true
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		line, _ := c.FieldPos(0)
		for _, f := range row {
			if len(f) > maxRangeLine || !utf8.ValidString(f) {
				return fmt.Errorf("line %d: longer than %d bytes, or no UTF-8 text", line, maxRangeLine)
			}
		}
		from, to, rest, err := parseRange(row)
		if err != nil {
			if first && !strings.ContainsAny(row[0], ".:") {
				first = false
				continue // a header
			}
			return fmt.Errorf("line %d: %w", line, err)
		}
		first = false
		if rows++; rows > maxRangeRows {
			return fmt.Errorf("more than %d ranges", maxRangeRows)
		}
		if err := fn(from, to, rest); err != nil {
			return fmt.Errorf("line %d: %w", line, err)
		}
	}
	if rows == 0 {
		return errors.New("no range of addresses in it")
	}
	return nil
}

// whatItIs refuses what is no text, and says what it is.
func whatItIs(data []byte) error {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return errors.New("the file is empty; fetch it again")
	case isPacked(data):
		return errors.New("the file is packed; unpack it first")
	case bytes.IndexByte(data[:min(len(data), 1000)], 0) >= 0:
		return errors.New("neither an MMDB file nor text; fetch it again")
	}
	return nil
}

func isPacked(data []byte) bool {
	return bytes.HasPrefix(data, []byte("\x1f\x8b")) || bytes.HasPrefix(data, []byte("\xfd7zXZ\x00")) || bytes.HasPrefix(data, []byte("PK\x03\x04"))
}

func parseRange(row []string) (from, to netip.Addr, rest []string, err error) {
	written := strings.TrimSpace(row[0])
	if p, err := netip.ParsePrefix(written); err == nil {
		p = p.Masked()
		return p.Addr(), lastOf(p), row[1:], nil
	}
	first, last, dash := strings.Cut(written, "-")
	if from, err = netip.ParseAddr(strings.TrimSpace(first)); err != nil {
		return from, to, nil, fmt.Errorf("%q: want a prefix such as 192.0.2.0/24, an address, or the first and last of a range", shown(written))
	}
	to, rest = from, row[1:]
	if dash {
		if to, err = netip.ParseAddr(strings.TrimSpace(last)); err != nil {
			return from, to, nil, fmt.Errorf("%q: want an address after the dash", shown(written))
		}
	} else if len(rest) > 0 {
		if a, err := netip.ParseAddr(strings.TrimSpace(rest[0])); err == nil {
			to, rest = a, rest[1:]
		}
	}
	if from.Is4In6() && to.Is4In6() {
		from, to = from.Unmap(), to.Unmap()
	}
	if from.Zone() != "" || to.Zone() != "" || from.BitLen() != to.BitLen() || from.Is4In6() != to.Is4In6() || to.Less(from) {
		return from, to, nil, fmt.Errorf("%s to %s: no range of addresses", from, to)
	}
	return from, to, rest, nil
}

// lastOf is the last address of a prefix.
func lastOf(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for i := p.Bits(); i < len(b)*8; i++ {
		b[i/8] |= 0x80 >> (i % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// parseAS reads "AS201776" or "201776".
func parseAS(s string) (uint32, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 2 && strings.EqualFold(s[:2], "as") {
		s = s[2:]
	}
	n, err := strconv.ParseUint(s, 10, 32)
	return uint32(n), err == nil && n > 0
}

func shown(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}
