package gate

import "sync"

// turns lets one question at a time be answered under each key. A question may wait long, as one to withdraw does while an
// edition of a list arrives, and keeps nobody waiting but who asks under its own key.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{} // by key; closed at the end of the turn
}

// take waits for the turn under a key, which ends when done is called.
func (t *turns) take(key string) (done func()) {
	mine := make(chan struct{})
	for {
		t.mu.Lock()
		before := t.taken[key]
		if before == nil {
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[key] = mine
			t.mu.Unlock()
			break
		}
		t.mu.Unlock()
		<-before
	}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, key)
		close(mine)
	}
}
