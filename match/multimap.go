package match

// A multimap files numbers under hashes, in one piece of memory. Different keys can have one
// hash: what is found is to be looked at again.
type multimap struct {
	start   []uint32 // of a bucket, into entries; one more at the end
	entries []entry
	shift   int
}

type entry struct {
	hash  uint32
	value int32
}

// newMultimap files what each gives, twice the same: n numbers at most.
func newMultimap(n int, each func(file func(hash uint32, value int32))) multimap {
	bits := 1
	for 1<<bits < n/2 {
		bits++
	}
	m := multimap{start: make([]uint32, 1<<bits+1), shift: 32 - bits}
	each(func(hash uint32, _ int32) { m.start[hash>>m.shift]++ })
	total := uint32(0)
	for i, count := range m.start {
		m.start[i] = total
		total += count
	}
	m.entries = make([]entry, total)
	// start runs ahead to each bucket's end, which is the next one's beginning.
	each(func(hash uint32, value int32) {
		at := &m.start[hash>>m.shift]
		m.entries[*at] = entry{hash, value}
		*at++
	})
	copy(m.start[1:], m.start)
	m.start[0] = 0
	return m
}

// multimapOf files the entries.
func multimapOf(entries []entry) multimap {
	return newMultimap(len(entries), func(file func(uint32, int32)) {
		for _, e := range entries {
			file(e.hash, e.value)
		}
	})
}

// bucket holds all entries of the hash, and others.
func (m *multimap) bucket(hash uint32) []entry {
	if len(m.entries) == 0 {
		return nil
	}
	return m.entries[m.start[hash>>m.shift]:m.start[hash>>m.shift+1]]
}

// each calls f with what is filed under the hash.
func (m *multimap) each(hash uint32, f func(value int32)) {
	for _, e := range m.bucket(hash) {
		if e.hash == hash {
			f(e.value)
		}
	}
}

// hashOf is FNV-1a of 64 bits (Fowler, Noll, Vo), folded with a multiplication so that its upper
// bits, which choose the bucket, depend on all.
func hashOf(s string) uint32 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return mixed(h)
}

func mixed(h uint64) uint32 { return uint32((h ^ h>>32) * 0x9E3779B97F4A7C15 >> 32) }
