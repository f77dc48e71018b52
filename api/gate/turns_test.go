package gate

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// Who waits for an answer under one key keeps nobody else waiting, however many wait; who asks under the same key comes after.
func TestTurns(t *testing.T) {
	var turns turns
	const waiting = 1000
	done := make([]func(), waiting)
	all := make(chan struct{})
	go func() {
		defer close(all)
		for i := range done {
			done[i] = turns.take(fmt.Sprint(i))
		}
	}()
	select {
	case <-all:
	case <-time.After(10 * time.Second):
		t.Fatal("one key waits for another")
	}
	var asking sync.WaitGroup
	at, most, served := 0, 0, 0
	var mu sync.Mutex
	count := func(by int) {
		mu.Lock()
		defer mu.Unlock()
		at += by
		most = max(most, at)
		served += max(by, 0)
	}
	count(+1)
	for range 50 {
		asking.Go(func() {
			defer turns.take("7")()
			count(+1)
			defer count(-1)
		})
	}
	count(-1)
	done[7]()
	asking.Wait()
	if most != 1 || served != 51 {
		t.Errorf("%d at once, %d served", most, served)
	}
	done[7] = func() {}
	for _, f := range done {
		f()
	}
	if len(turns.taken) != 0 {
		t.Errorf("%d keys are kept", len(turns.taken))
	}
}
