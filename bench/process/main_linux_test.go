package process

import (
	"fmt"
	"io"
	"os"
	"syscall"
	"testing"
	"time"
)

// TestMain plays the worker of TestOtherProcess: it works, says what getrusage(2)
// counts, and waits for the end of its input.
func TestMain(m *testing.M) {
	if os.Getenv("BENCH_TEST_WORK") == "" {
		os.Exit(m.Run())
	}
	var u syscall.Rusage
	for {
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			os.Exit(3)
		}
		if u.Utime.Nano()+u.Stime.Nano() > int64(300*time.Millisecond) {
			break
		}
	}
	fmt.Println(u.Utime.Nano() + u.Stime.Nano())
	_, _ = io.Copy(io.Discard, os.Stdin)
}
