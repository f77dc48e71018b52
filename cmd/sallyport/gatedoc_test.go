package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestGateDocument plays the commands of docs/gate.md as they stand there. The last command needs the log, which
// the program holds.
func TestGateDocument(t *testing.T) {
	out := playDocument(t, "gate.md", 18, "kill $SERVER\nwait $SERVER || true\nsallyport verify --data ./gate --receipt withdrawal-77.txt\n", "curl")
	if !bytes.Contains(out, []byte("Receipts given and met: 1")) || !bytes.Contains(out, []byte("OK: every record holds")) {
		t.Fatalf("%s", out)
	}
}

// TestBotsDocument plays those of docs/bots.md, from nothing to an order.
func TestBotsDocument(t *testing.T) {
	out := playDocument(t, "bots.md", 12, "kill $SERVER\nwait $SERVER || true\nsallyport verify --data ./exchange\n", "curl", "openssl")
	if !bytes.Contains(out, []byte("orders       1, trades 0")) || !bytes.Contains(out, []byte("OK: every record holds")) {
		t.Fatalf("%s", out)
	}
}

// playDocument plays the commands of a page, in a shell, so that they stay true, and then more. Behind "# → "
// stands what the answer must contain. Only the port is another, for this machine's may be taken.
func playDocument(t *testing.T, name string, least int, more string, tools ...string) []byte {
	t.Helper()
	for _, tool := range append(tools, "sh") {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIPPED: no %s here, so that nothing shows whether docs/%s is still true", tool, name)
		}
	}
	page, err := os.ReadFile("../../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		t.Fatal(err)
	}
	wrapper := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", asProgram, exe)
	if err := os.WriteFile(filepath.Join(bin, "sallyport"), []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()

	script := "set -eu\ntrap 'kill $SERVER 2>/dev/null || true' EXIT\n"
	commands := commandsOf(string(page))
	if len(commands) < least {
		t.Fatalf("only %d commands were found in the page", len(commands))
	}
	for _, c := range commands {
		c = strings.ReplaceAll(c, "127.0.0.1:8080", addr)
		command, want, _ := strings.Cut(c, "  # → ")
		switch {
		case strings.HasSuffix(command, "&"):
			script += strings.TrimSuffix(command, "&") + "--listen " + addr + " >serve.txt 2>&1 &\nSERVER=$!\n"
		case want != "":
			script += fmt.Sprintf("out=$(%s)\ncase \"$out\" in *'%s'*) ;; *) echo \"WANTED %s FROM: $out\"; exit 9;; esac\n", command, want, strings.ReplaceAll(want, `"`, `\"`))
		default:
			script += command + "\n"
		}
	}
	script += more
	cmd := exec.Command("sh", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "no_proxy=127.0.0.1", "NO_PROXY=127.0.0.1")
	cmd.WaitDelay = 10 * time.Second // the program that the script leaves running where it fails
	out, err := cmd.CombinedOutput()
	if err != nil {
		said, _ := os.ReadFile(filepath.Join(dir, "serve.txt"))
		t.Fatalf("%v\n%s\nthe program said:\n%s", err, out, said)
	}
	return out
}

// commandsOf lists the commands in the page's blocks of shell, a command with a text over
// several lines as one.
func commandsOf(page string) []string {
	var commands []string
	parts := strings.Split(page, "```sh\n")
	for _, part := range parts[1:] {
		block, _, _ := strings.Cut(part, "```")
		open := ""
		for line := range strings.Lines(block) {
			open += line
			if quotes, _, _ := strings.Cut(open, "  # → "); strings.Count(quotes, "'")%2 == 0 {
				if c := strings.TrimSpace(open); c != "" {
					commands = append(commands, c)
				}
				open = ""
			}
		}
	}
	return commands
}
