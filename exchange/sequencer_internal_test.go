package exchange

import (
	"testing"

	"sallyport/journal"
	"sallyport/venue/tape"
)

// What waits takes no more than one commit holds, however it came together.
func TestRoomOfABatch(t *testing.T) {
	of := func(records, bytes int) *batch { return &batch{entries: make([]journal.Entry, records), bytes: bytes} }
	for _, c := range []struct {
		waits         *batch
		records, size int
		want          bool
	}{
		{nil, groupRecords + 1, groupBytes + 1, true}, // alone, whatever it has
		{of(1, 1), groupRecords - 1, groupBytes - 1, true},
		{of(1, 1), groupRecords, 1, false},
		{of(1, 1), 1, groupBytes, false},
		{of(groupRecords, 1), 0, 0, true},
		{of(groupRecords, 1), 1, 1, false},
	} {
		if got := c.waits.room(&job{cmds: make([]tape.Command, c.records), bytes: c.size}); got != c.want {
			t.Errorf("%+v: %t, want %t", c, got, c.want)
		}
	}
	x := &Exchange{jobs: make(chan *job, 10)}
	x.sequencer.waiting = of(groupRecords-2, 0)
	for range cap(x.jobs) {
		x.jobs <- &job{cmds: make([]tape.Command, 1)}
	}
	if got := len(x.gather(<-x.jobs)); got != 2 {
		t.Errorf("%d jobs gathered beside what waits, want 2", got)
	}
	x.sequencer.waiting = of(0, groupBytes-10)
	x.jobs <- &job{bytes: 10}
	if got := len(x.gather(&job{bytes: 10})); got != 1 {
		t.Errorf("%d jobs gathered beside bytes that wait, want 1", got)
	}
}
