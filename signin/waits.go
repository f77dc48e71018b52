package signin

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// Waits counts attempts, by whatever they are of (an address, an account), and makes whoever
// goes on failing wait: nothing for the first Free, then First, twice as long each time, at
// most Most. What has been quiet for Quiet is forgotten.
type Waits struct {
	Free  int
	First time.Duration
	Most  time.Duration
	Quiet time.Duration

	mu    sync.Mutex
	tries map[string]*tries // Invariant: at most maxTries
}

type tries struct {
	n     int
	until time.Time // before which no other is allowed
	last  time.Time
}

// maxTries bounds the memory. Who tries from ever new addresses fills it, and must neither keep everybody else
// waiting by that nor be forgotten where they guess: for who comes then, the quarter goes that tried least.
const maxTries = 1 << 16

// Try counts an attempt, before it is known how it ends, so that many at one moment are
// counted too. It gives how long to wait, and counts nothing then.
func (w *Waits) Try(key string, now time.Time) (wait time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.of(key, now)
	if wait = t.until.Sub(now); wait > 0 {
		return wait
	}
	t.n++
	t.last = now
	if over := t.n - w.Free; over >= 0 {
		d := w.First
		for range over {
			if d *= 2; d >= w.Most {
				break
			}
		}
		t.until = now.Add(min(d, w.Most))
	}
	return 0
}

// of finds the tries of a key. The caller holds mu.
func (w *Waits) of(key string, now time.Time) *tries {
	if w.tries == nil {
		w.tries = map[string]*tries{}
	}
	t := w.tries[key]
	if t == nil {
		if len(w.tries) >= maxTries {
			w.room(now)
		}
		t = &tries{}
		w.tries[key] = t
	}
	if w.over(t, now) {
		*t = tries{}
	}
	return t
}

// over reports whether what was tried is forgotten.
func (w *Waits) over(t *tries, now time.Time) bool {
	return now.Sub(t.last) >= w.Quiet && !t.until.After(now)
}

// room forgets what is over and, where all but nothing is, the quarter that tried least, of whom the one longest ago
// goes first. It sorts once for as many as go. The caller holds mu.
func (w *Waits) room(now time.Time) {
	for k, t := range w.tries {
		if w.over(t, now) {
			delete(w.tries, k)
		}
	}
	if len(w.tries) <= maxTries*3/4 {
		return
	}
	type kept struct {
		key string
		tries
	}
	all := make([]kept, 0, len(w.tries))
	for k, t := range w.tries {
		all = append(all, kept{k, *t})
	}
	slices.SortFunc(all, func(a, b kept) int {
		return cmp.Or(cmp.Compare(a.n, b.n), a.last.Compare(b.last), cmp.Compare(a.key, b.key))
	})
	for _, k := range all[:len(all)-maxTries*3/4] {
		delete(w.tries, k.key)
	}
}

// Succeeded forgets the attempts of a key: the last one did not fail.
func (w *Waits) Succeeded(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.tries, key)
}

// Spare takes the last attempt of a key back and leaves those before it, for who shares the
// key with others: one who succeeds says nothing of them.
func (w *Waits) Spare(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.tries[key]; t != nil && t.n > 0 {
		t.n--
		t.until = time.Time{}
	}
}
