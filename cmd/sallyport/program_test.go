package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asProgram is set in the environment of a test binary that is to be the program itself.
const asProgram = "SALLYPORT_TEST_AS_PROGRAM"

var (
	kills    = flag.Int("kill.rounds", 20, "how often TestKill kills the demo")
	killSeed = flag.Uint64("kill.seed", uint64(time.Now().UnixNano()), "seed of the moments")
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run())
	}
	testscript.Main(m, map[string]func(){"sallyport": func() { os.Exit(run()) }})
}

// TestScripts plays the transcripts in testdata: the whole program, from the command line.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata"})
}

// program is a command that runs this program with the arguments.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// TestKill kills the demo with SIGKILL at random moments, over one folder. After each, the
// auditor must find the log whole and every acknowledged account, order, deposit and withdrawal
// in it; then the demo goes on from there.
func TestKill(t *testing.T) {
	rounds := *kills
	if testing.Short() {
		rounds = 3
	}
	r := rand.New(rand.NewPCG(*killSeed, 1))
	data := t.TempDir()
	acks := filepath.Join(t.TempDir(), "acks")
	t.Logf("again: go test ./cmd/sallyport -run TestKill -kill.seed=%d", *killSeed)
	killed := 0
	seen := map[string]uint64{}
	for round := range rounds {
		cmd := program(t, "demo", "--headless", "--data", data, "--acks", acks, "--customers", "600", "--orders", "40000")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("round %d: the demo failed by itself: %v\n%s", round, err, out.String())
			}
		case <-time.After(time.Duration(100+r.IntN(1900)) * time.Millisecond):
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			err := <-ended
			var status *exec.ExitError
			if errors.As(err, &status) && status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				killed++
			} else if err != nil {
				t.Fatalf("round %d: the demo failed by itself: %v\n%s", round, err, out.String())
			}
		}
		if _, err := os.Stat(filepath.Join(data, "journal")); errors.Is(err, os.ErrNotExist) {
			continue // killed before it began
		}
		report, violation := audit(data)
		if violation != nil && strings.Contains(violation.Error(), "never written to") {
			continue // killed before its first record
		}
		if violation != nil {
			t.Fatalf("round %d: %v", round, violation)
		}
		acknowledged := readAcks(t, acks)
		for what, last := range map[string]uint64{
			"order": report.Orders, "deposit": report.Deposits, "withdrawal": report.Withdrawals,
		} {
			// Their numbers are gapless: all up to the last are in the log.
			if acknowledged[what] > last {
				t.Fatalf("round %d: %s %d was acknowledged, the log ends with %d", round, what, acknowledged[what], last)
			}
		}
		seen = acknowledged
	}
	t.Logf("%d kills; acknowledged and found: %v", killed, seen)
	if killed < rounds/2 || seen["order"] == 0 || seen["deposit"] == 0 {
		t.Fatalf("only %d of %d rounds were killed, acknowledged %v: the demo is too short for this test", killed, rounds, seen)
	}
}

// readAcks gives the highest acknowledged number of each sort.
func readAcks(t *testing.T, path string) map[string]uint64 {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	highest := map[string]uint64{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var what string
		var n uint64
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &what, &n); err != nil {
			t.Fatalf("acknowledgement %q: %v", lines.Text(), err)
		}
		highest[what] = max(highest[what], n)
	}
	return highest
}
