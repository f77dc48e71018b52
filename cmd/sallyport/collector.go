package main

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The garbage collector's pace while the exchange runs. What every order leaves behind lives for
// milliseconds, so that collecting less often costs memory alone: up to garbageRoom of it, and at
// most four times what is kept.
const (
	garbageRoom   = 1 << 30 // bytes
	mostGarbage   = 400     // percent of what is kept
	leastGarbage  = 100     // what Go collects at by itself
	collectorLook = 5 * time.Second
)

// garbagePercent is the percentage (GOGC) at which to collect when so many bytes are kept.
func garbagePercent(kept uint64) int {
	return int(min(mostGarbage, max(leastGarbage, garbageRoom*100/max(kept, 1))))
}

// collectLess sets the collector's pace until the context ends, unless GOGC or GOMEMLIMIT says
// what is wanted.
func collectLess(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	debug.SetGCPercent(mostGarbage)
	now := mostGarbage
	go func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		tick := time.NewTicker(collectorLook)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			metrics.Read(live)
			if want := garbagePercent(live[0].Value.Uint64()); want != now {
				debug.SetGCPercent(want)
				now = want
			}
		}
	}()
}
