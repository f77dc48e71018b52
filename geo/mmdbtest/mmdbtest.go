// Package mmdbtest makes small MMDB files for tests, after
// https://maxmind.github.io/MaxMind-DB/ (version 2.0, records of 24 bits). It is for tests only;
// TestNetworks of package geo reads what it makes.
package mmdbtest

import (
	"encoding/binary"
	"fmt"
	"maps"
	"net/netip"
	"slices"
)

// A Database has the records of prefixes, of one version of addresses or of both. Values of
// records are string, uint32, bool, []any and map[string]any.
type Database map[string]map[string]any

// A node of the tree: indices of nodes, or of records as -1-i, or 0 for none.
type node [2]int

// Bytes is the file, of addresses of version 4 or 6; in the latter IPv4 lies under ::/96.
func (d Database) Bytes(version int) []byte {
	nodes := []node{{}}
	var data []byte
	var offsets []int
	for _, written := range slices.Sorted(maps.Keys(d)) {
		p := netip.MustParsePrefix(written)
		bits, n := p.Addr().AsSlice(), p.Bits()
		if version == 6 && p.Addr().Is4() {
			bits, n = append(make([]byte, 12), bits...), n+96
		}
		offsets = append(offsets, len(data))
		data = appendValue(data, d[written])
		at := 0
		for i := range n {
			side := int(bits[i/8] >> (7 - i%8) & 1)
			if i == n-1 {
				nodes[at][side] = -len(offsets)
				break
			}
			if nodes[at][side] <= 0 {
				nodes = append(nodes, node{})
				nodes[at][side] = len(nodes) - 1
			}
			at = nodes[at][side]
		}
	}
	var file []byte
	for _, n := range nodes {
		for _, v := range n {
			switch {
			case v == 0:
				v = len(nodes)
			case v < 0:
				v = len(nodes) + 16 + offsets[-v-1]
			}
			file = append(file, byte(v>>16), byte(v>>8), byte(v))
		}
	}
	file = append(file, make([]byte, 16)...)
	file = append(file, data...)
	file = append(file, "\xab\xcd\xefMaxMind.com"...)
	return appendValue(file, map[string]any{
		"binary_format_major_version": uint32(2), "binary_format_minor_version": uint32(0), "build_epoch": uint64(1),
		"database_type": "test", "description": map[string]any{"en": "test"}, "ip_version": uint32(version),
		"languages": []any{"en"}, "node_count": uint32(len(nodes)), "record_size": uint32(24),
	})
}

func appendValue(b []byte, v any) []byte {
	control := func(kind, size int) {
		first := min(kind, 7) << 5
		if kind > 7 {
			first = 0
		}
		if size < 29 {
			b = append(b, byte(first|size))
		} else {
			b = append(b, byte(first|29))
		}
		if kind > 7 {
			b = append(b, byte(kind-7))
		}
		if size >= 29 {
			b = append(b, byte(size-29)) // up to 284 bytes
		}
	}
	switch v := v.(type) {
	case string:
		control(2, len(v))
		return append(b, v...)
	case uint32:
		control(6, 4)
		return binary.BigEndian.AppendUint32(b, v)
	case uint64:
		control(9, 8)
		return binary.BigEndian.AppendUint64(b, v)
	case bool:
		size := 0
		if v {
			size = 1
		}
		control(14, size)
		return b
	case []any:
		control(11, len(v))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case map[string]any:
		control(7, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			b = appendValue(b, k)
			b = appendValue(b, v[k])
		}
		return b
	}
	panic(fmt.Sprintf("mmdbtest: no form for %T", v))
}
