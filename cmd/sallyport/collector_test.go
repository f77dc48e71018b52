package main

import "testing"

func TestGarbagePercent(t *testing.T) {
	for _, c := range []struct {
		kept uint64
		want int
	}{{0, 400}, {100 << 20, 400}, {256 << 20, 400}, {512 << 20, 200}, {1 << 30, 100}, {64 << 30, 100}} {
		if got := garbagePercent(c.kept); got != c.want {
			t.Errorf("%d bytes kept: %d %%, want %d", c.kept, got, c.want)
		}
	}
}
