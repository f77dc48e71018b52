package rate

import (
	"fmt"
	"testing"
	"time"
)

func TestSomeAtOnceThenAsManyAsAllowed(t *testing.T) {
	l := Limits{PerSecond: 10, AtOnce: 20}
	now := time.Unix(1_800_000_000, 0)
	take := func(who string, want time.Duration) {
		t.Helper()
		if got := l.Take(who, now); got != want {
			t.Errorf("%s waits %s, want %s", who, got, want)
		}
	}
	for range 20 {
		take("a", 0)
	}
	take("a", 100*time.Millisecond)
	take("a", 100*time.Millisecond) // asking in vain costs nothing
	take("b", 0)
	now = now.Add(40 * time.Millisecond)
	take("a", 60*time.Millisecond)
	now = now.Add(60 * time.Millisecond)
	take("a", 0)
	take("a", 100*time.Millisecond)
	now = now.Add(time.Hour)
	for range 20 {
		take("a", 0)
	}
	take("a", 100*time.Millisecond)
	now = now.Add(-30 * time.Minute) // a clock that was set right
	take("a", 0)

	// In the long run: twenty and ten a second.
	n := 0
	for range 10_000 {
		now = now.Add(time.Millisecond)
		if l.Take("c", now) == 0 {
			n++
		}
	}
	if n != 20+100-1 && n != 20+100 {
		t.Errorf("%d requests in ten seconds", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	l := Limits{PerSecond: 1, AtOnce: 1}
	now := time.Unix(1_800_000_000, 0)
	for i := range maxKept + 100 {
		l.Take(fmt.Sprint(i), now)
	}
	if len(l.due) > maxKept+1 {
		t.Errorf("%d are kept", len(l.due))
	}
	if l.Take("one more", now) == 0 {
		t.Error("who comes beyond what is kept is not counted")
	}
	if l.Take("7", now) == 0 {
		t.Error("who was counted before is forgotten")
	}
	now = now.Add(2 * time.Second)
	if l.Take("another", now) != 0 || len(l.due) > 2 {
		t.Errorf("%d are kept of whom nothing is due", len(l.due))
	}
}
