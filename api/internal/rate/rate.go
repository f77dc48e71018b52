// Package rate bounds how often somebody asks: so many requests a second in the long run, and
// some at once, by the generic cell rate algorithm (ITU-T I.371, annex A). Of each who asks it
// keeps one instant, and of who has not asked for a while nothing.
package rate

import (
	"sync"
	"time"
)

// Limits are the requests of each who asks, by whatever they are told apart.
type Limits struct {
	PerSecond float64 // in the long run, more than 0
	AtOnce    int     // from 1

	mu  sync.Mutex
	due map[string]time.Time // when who asks has paid for what they asked; Invariant: at most maxKept and the one they share
}

// maxKept bounds the memory; who comes beyond shares one count, under "".
const maxKept = 1 << 16

// Take counts a request, or says how long to wait and counts nothing.
func (l *Limits) Take(who string, now time.Time) (wait time.Duration) {
	each := time.Duration(float64(time.Second) / l.PerSecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.due == nil {
		l.due = map[string]time.Time{}
	}
	due, known := l.due[who]
	if !known && len(l.due) >= maxKept {
		for k, d := range l.due {
			if !d.After(now) {
				delete(l.due, k)
			}
		}
		if len(l.due) >= maxKept {
			who = ""
			due = l.due[who]
		}
	}
	// A clock that went back leaves nobody owing more than they may.
	most := time.Duration(l.AtOnce) * each
	if due.Before(now) || due.Sub(now) > most {
		due = now
	}
	if wait = due.Add(each).Sub(now) - most; wait > 0 {
		return wait
	}
	l.due[who] = due.Add(each)
	return 0
}
