package memo

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func TestMemo(t *testing.T) {
	m := Memo[int]{Max: 50, MaxLen: 4}
	if _, ok := m.Find([]byte("0")); ok {
		t.Error("an empty one has something")
	}
	for i := range 100 {
		m.Add(fmt.Append(nil, i), i)
	}
	m.Add([]byte("7"), 8) // no room: the first stays
	for i := range 100 {
		if v, ok := m.Find(fmt.Append(nil, i)); ok != (i < 50) || ok && v != i {
			t.Errorf("%d: %d, %v", i, v, ok)
		}
	}
	var other Memo[int]
	long := []byte(strings.Repeat("x", DefaultMaxLen+1))
	other.Add(long, 1)
	other.Add(long[1:], 2)
	if _, ok := other.Find(long); ok {
		t.Error("one that is too long is kept")
	}
	if v, ok := other.Find(long[1:]); !ok || v != 2 {
		t.Errorf("%d, %v", v, ok)
	}
}

// What is found is what was added, whoever adds meanwhile.
func TestMemoOfMany(t *testing.T) {
	var m Memo[int]
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 1000 {
				key := fmt.Append(nil, i)
				if v, ok := m.Find(key); ok && v != i {
					t.Errorf("%d: %d", i, v)
				}
				m.Add(key, i)
			}
		})
	}
	wg.Wait()
	found := 0
	for i := range 1000 {
		if _, ok := m.Find(fmt.Append(nil, i)); ok {
			found++
		}
	}
	if found != DefaultMax {
		t.Errorf("%d are kept, want %d", found, DefaultMax)
	}
}
