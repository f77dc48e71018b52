package store

import "github.com/cockroachdb/pebble/v2"

// A Mortal file system belongs to a process that ends while this one goes on, which is one that
// is simulated. What a failure has parked till the end of the process goes on when Ended is
// closed, as if the disk had done what it did not, so that it can come to its own end.
type Mortal interface{ Ended() <-chan struct{} }

// calm schedules compactions so that a simulation can tell when nothing moves any more: none by
// the clock alone (that of every 100 ms only finds again what the end of a flush or a compaction
// has found), and none while Pebble opens, for it holds its mutex then while it waits for the disk,
// or closes, for then it begins one or not as its goroutines happen to run.
func (d *DB) calm() pebble.CompactionScheduler {
	return calm{pebble.NewConcurrencyLimitSchedulerWithNoPeriodicGrantingForTest(), d}
}

type calm struct {
	*pebble.ConcurrencyLimitScheduler
	d *DB
}

func (c calm) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	if !c.d.atWork.Load() {
		return false, nil
	}
	return c.ConcurrencyLimitScheduler.TrySchedule()
}
