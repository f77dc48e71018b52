//go:build unix

package exchange_test

import (
	"syscall"
	"time"
)

// processorTime is what this process has used of the processors; on a machine that is shared it says
// more than the clock.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
