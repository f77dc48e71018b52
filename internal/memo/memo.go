// Package memo keeps values that were read before, by how they are written: of what thousands of records say in the same
// words there is then one in memory, read once.
package memo

import (
	"maps"
	"sync"
	"sync/atomic"
)

// A Memo keeps the first Max values that it is given and forgets none; what it does not have is to be read as if there were
// no memo. It may be used by many goroutines, and looking something up waits for nobody. The zero value keeps
// DefaultMax values. What it gives is shared: nobody may write to it.
type Memo[V any] struct {
	Max    int // values
	MaxLen int // bytes of how a value is written; longer ones are not kept

	values atomic.Pointer[map[string]V] // never written to
	mu     sync.Mutex                   // of whoever adds one
}

// What a Memo keeps that does not say so.
const (
	DefaultMax    = 256
	DefaultMaxLen = 128
)

// Find looks up what is written so.
func (m *Memo[V]) Find(written []byte) (v V, ok bool) {
	if p := m.values.Load(); p != nil {
		v, ok = (*p)[string(written)]
	}
	return v, ok
}

// Add keeps a value that is written so, if there is room for it.
func (m *Memo[V]) Add(written []byte, v V) {
	most, longest := m.Max, m.MaxLen
	if most == 0 {
		most = DefaultMax
	}
	if longest == 0 {
		longest = DefaultMaxLen
	}
	if len(written) > longest {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	next := map[string]V{}
	if p := m.values.Load(); p != nil {
		if len(*p) >= most {
			return
		}
		next = maps.Clone(*p)
	}
	next[string(written)] = v
	m.values.Store(&next)
}
