package signin

import (
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
	tries map[string]*tries // Invariant: at most maxTries and the one they share
}

type tries struct {
	n     int
	until time.Time // before which no other is allowed
	last  time.Time
}

// maxTries bounds the memory; what comes beyond shares one count, under "".
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
		w.tries = map[string]*tries{"": {}}
	}
	t := w.tries[key]
	if t == nil && len(w.tries) > maxTries {
		for k, o := range w.tries {
			if k != "" && now.Sub(o.last) >= w.Quiet {
				delete(w.tries, k)
			}
		}
	}
	switch {
	case t == nil && len(w.tries) > maxTries:
		t = w.tries[""]
	case t == nil:
		t = &tries{}
		w.tries[key] = t
	}
	if now.Sub(t.last) >= w.Quiet && !t.until.After(now) {
		*t = tries{}
	}
	return t
}

// Succeeded forgets the attempts of a key: the last one did not fail.
func (w *Waits) Succeeded(key string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if key != "" {
		delete(w.tries, key)
	}
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
