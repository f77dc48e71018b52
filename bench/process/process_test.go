package process

import (
	"bufio"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestParseStatus(t *testing.T) {
	const status = "Name:\tcat\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nThreads:\tmany\n"
	if got, err := parseStatus(status, "VmRSS"); err != nil || got != 1<<20 {
		t.Errorf("VmRSS: %d, %v; want %d", got, err, 1<<20)
	}
	for _, key := range []string{"Threads", "VmSwap"} {
		if got, err := parseStatus(status, key); err == nil {
			t.Errorf("%s: %d, want an error", key, got)
		}
	}
}

// Another process works until its own runtime counts 300 ms of CPU time, and tells what
// it counts; the clock read from outside must say the same but for what it takes to
// write a line.
func TestOtherProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("SKIPPED: the CPU time of another process is read on Linux only, this is " + runtime.GOOS)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	worker := exec.Command(self)
	worker.Env = append(os.Environ(), "BENCH_TEST_WORK=1")
	in, err := worker.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	said, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	got, err := CPU(worker.Process.Pid)
	if told := time.Duration(said); err != nil || got < told || got > told+100*time.Millisecond {
		t.Errorf("the process counts %v of itself, from outside it is %v, %v", told, got, err)
	}
	now, most, err := Memory(worker.Process.Pid)
	if err != nil || now < 1<<20 || most < now/2 || most > 1<<30 {
		t.Errorf("memory: %d now, %d at most, %v; want between a megabyte and a gigabyte", now, most, err)
	}
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if err := worker.Wait(); err != nil {
		t.Error(err)
	}
	if got, err := CPU(worker.Process.Pid); err == nil {
		t.Errorf("a process that has ended: %v, want an error", got)
	}
}
