package process

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// CPU is the time that all threads of a process have run since its start, in user and
// kernel mode, those included that have ended. It is the sum of utime and stime of
// /proc/PID/stat, in nanoseconds where that counts hundredths of a second.
func CPU(pid int) (time.Duration, error) {
	// The clock of another process: its number inverted, shifted past three bits that
	// say "of all threads" (0) and "as the scheduler counts" (2); MAKE_PROCESS_CPUCLOCK
	// in Linux's posix-timers_types.h, what clock_getcpuclockid(3) returns.
	clock := int32(^pid<<3 | 2)
	var t syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("process: CPU time of %d: %w: does it run?", pid, errno)
	}
	return time.Duration(t.Nano()), nil
}
