// Package process reads what a running process of Linux has used so far: its CPU clock
// (clock_getcpuclockid(3)) and its memory (proc(5)). It measures the programs that a
// benchmark compares in one and the same way, whoever wrote them. It starts and ends
// nothing. TestOtherProcess proves it.
package process

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// Memory is what a process holds resident, in bytes: now, and at most since its start
// (VmRSS and VmHWM of proc_pid_status(5)).
func Memory(pid int) (now, most int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, fmt.Errorf("process: memory of %d: %w", pid, err)
	}
	if now, err = parseStatus(string(b), "VmRSS"); err == nil {
		most, err = parseStatus(string(b), "VmHWM")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("process: /proc/%d/status: %w", pid, err)
	}
	return now, most, nil
}

func parseStatus(status, key string) (int64, error) {
	for line := range strings.Lines(status) {
		value, ok := strings.CutPrefix(line, key+":")
		if !ok {
			continue
		}
		kilobytes, ok := strings.CutSuffix(strings.TrimSpace(value), " kB")
		n, err := strconv.ParseInt(strings.TrimSpace(kilobytes), 10, 53)
		if !ok || err != nil {
			return 0, fmt.Errorf("%s: %q: want a number of kB", key, strings.TrimSpace(value))
		}
		return n << 10, nil
	}
	return 0, fmt.Errorf("no line %s", key)
}
