package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The statuses that the help of `sallyport address` promises, and with each whether
// something is said on standard error.
func TestAddressStatus(t *testing.T) {
	list := filepath.Join(t.TempDir(), "sdn_2022-02-24.csv")
	const rows = `7,"EXAMPLOV, Ivan","individual","CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 1970; Digital Currency Address - XBT 1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH."` + "\n\x1a\n"
	if err := os.WriteFile(list, []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	const listed, nested, free = "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"
	for _, c := range []struct {
		args   []string
		status int
		said   bool
	}{
		{[]string{listed}, 0, false},
		{[]string{"--exit-code", free}, 0, false},
		{[]string{"--exit-code", free, nested}, 4, false},
		{[]string{"--exit-code", nested, listed}, 3, false},
		{[]string{"--exit-code", listed, listed[:33] + "I"}, 1, true},
		{[]string{free, "0x85 89"}, 1, true},
		{[]string{"--nonsense", free}, 2, true},
	} {
		cmd := program(t, append([]string{"address", "--list", list}, c.args...)...)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		err := cmd.Run()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if status != c.status || (stderr.String() != "") != c.said {
			t.Errorf("%v: status %d, said %q; want status %d", c.args, status, stderr.String(), c.status)
		}
	}
}
