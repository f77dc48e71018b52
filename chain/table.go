package chain

import (
	"hash/maphash"
	"slices"
)

// A Table finds the listed addresses that agree with one that is asked for, in whatever
// spelling, with what is kept about each.
//
// It is an open-addressing table of 64-bit hashes of keys, probed in a row and never
// filled beyond a half; the keys themselves are compared where the hashes agree. An
// address lies under its key and under each of [Address.Related], so that one probe for
// each of these finds all there is. A question that finds nothing costs no allocation.
//
// The zero Table is empty and ready. Any number of goroutines may ask while nobody adds.
type Table[V any] struct {
	seed    maphash.Seed
	hashes  []uint64 // 0 is a free place; the length is a power of two
	first   []int32  // by place: the first link of the key there
	used    int
	links   []link
	entries []entry[V]
}

// A link is one entry under one key.
type link struct {
	key   string
	entry int32
	next  int32 // of the same key, or -1
}

type entry[V any] struct {
	address Address
	value   V
}

// A Hit is a listed address that agrees with the one asked for.
type Hit[V any] struct {
	Listed Address
	Value  V
	Grade  Grade // never Different
}

// Add keeps a listed address with a value. One without a key, which [Parse] has refused,
// is left out.
func (t *Table[V]) Add(listed Address, v V) {
	if listed.Key == "" {
		return
	}
	t.entries = append(t.entries, entry[V]{listed, v})
	t.put(listed.Key, int32(len(t.entries)-1))
	for _, k := range listed.Related {
		t.put(k, int32(len(t.entries)-1))
	}
}

// Len is the number of addresses that were added.
func (t *Table[V]) Len() int { return len(t.entries) }

// Has reports whether Find finds anything under one key, [Address.Key] or one of
// [Address.Related]: the question of a scan over many transfers, of which next to none
// is listed.
func (t *Table[V]) Has(key string) bool { return len(t.hashes) > 0 && t.link(key) >= 0 }

// Find gives the listed addresses that agree, in the order in which they were added.
func (t *Table[V]) Find(asked Address) []Hit[V] {
	var found []int32
	if len(t.hashes) > 0 {
		found = t.collect(asked.Key, found)
		for _, k := range asked.Related {
			found = t.collect(k, found)
		}
	}
	if len(found) == 0 {
		return nil
	}
	slices.Sort(found)
	var hits []Hit[V]
	for _, i := range slices.Compact(found) {
		e := &t.entries[i]
		if g := Same(asked, e.address); g != Different {
			hits = append(hits, Hit[V]{e.address, e.value, g})
		}
	}
	return hits
}

func (t *Table[V]) collect(key string, found []int32) []int32 {
	for i := t.link(key); i >= 0; i = t.links[i].next {
		found = append(found, t.links[i].entry)
	}
	return found
}

// link gives the first link of a key, or -1.
func (t *Table[V]) link(key string) int32 {
	h := t.hash(key)
	mask := uint64(len(t.hashes) - 1)
	for at := h & mask; t.hashes[at] != 0; at = (at + 1) & mask {
		if t.hashes[at] == h && t.links[t.first[at]].key == key {
			return t.first[at]
		}
	}
	return -1
}

// hash is never 0. The low bits choose the place, so the bit that is set is the highest.
func (t *Table[V]) hash(key string) uint64 { return maphash.String(t.seed, key) | 1<<63 }

func (t *Table[V]) put(key string, entry int32) {
	if 2*(t.used+1) > len(t.hashes) {
		t.grow()
	}
	t.links = append(t.links, link{key, entry, -1})
	added := int32(len(t.links) - 1)
	if last := t.link(key); last >= 0 {
		// Behind the first: what a key has is found in any order and sorted.
		t.links[added].next = t.links[last].next
		t.links[last].next = added
		return
	}
	t.place(t.hash(key), added)
	t.used++
}

func (t *Table[V]) place(h uint64, first int32) {
	mask := uint64(len(t.hashes) - 1)
	at := h & mask
	for t.hashes[at] != 0 {
		at = (at + 1) & mask
	}
	t.hashes[at], t.first[at] = h, first
}

func (t *Table[V]) grow() {
	hashes, first := t.hashes, t.first
	if len(hashes) == 0 {
		t.seed = maphash.MakeSeed()
	}
	size := max(16, 2*len(hashes))
	t.hashes, t.first = make([]uint64, size), make([]int32, size)
	for i, h := range hashes {
		if h != 0 {
			t.place(h, first[i])
		}
	}
}
