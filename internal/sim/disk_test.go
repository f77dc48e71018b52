package sim

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
)

func write(t *testing.T, d *Disk, name, text string, sync bool) {
	t.Helper()
	f, err := d.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt([]byte(text), info.Size())
	}
	if err == nil && sync {
		err = f.Sync()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func content(d *Disk, name string) string {
	b, err := store.ReadFile(d, name, 1<<20)
	if err != nil {
		return "none"
	}
	return string(b)
}

// What was synced outlasts a power cut, under a name that was synced; of the rest any part may.
func TestCrashOfADisk(t *testing.T) {
	long := strings.Repeat("x", 3*sector)
	seen := map[string]bool{}
	for seed := range uint64(200) {
		d := NewDisk()
		write(t, d, "/a", "kept", true)
		write(t, d, "/b", "kept", true)
		if err := store.SyncDir(d, "/"); err != nil {
			t.Fatal(err)
		}
		write(t, d, "/a", long, false)
		write(t, d, "/new", "new", true)
		if err := d.Rename("/b", "/c"); err != nil {
			t.Fatal(err)
		}
		after := d.Crash(rand.New(rand.NewPCG(seed, 0)))
		a, b, c := content(after, "/a"), content(after, "/b"), content(after, "/c")
		if !strings.HasPrefix(a, "kept") || len(a) > 4+len(long) {
			t.Fatalf("seed %d: what was synced reads %q", seed, a)
		}
		if (b == "kept") == (c == "kept") {
			t.Fatalf("seed %d: a file has the name before a change and the one after it: %q, %q", seed, b, c)
		}
		switch {
		case a == "kept":
			seen["nothing of it"] = true
		case a == "kept"+long:
			seen["all of it"] = true
		case strings.Contains(a, "\x00"):
			seen["some sectors of it"] = true
		default:
			seen["the beginning of it"] = true
		}
		seen["renamed: "+fmt.Sprint(c == "kept")] = true
		seen["new: "+content(after, "/new")] = true
		if got := content(d.Copy(), "/a"); got != "kept"+long {
			t.Fatalf("a copy has %q", got)
		}
	}
	for _, what := range []string{"nothing of it", "all of it", "some sectors of it", "the beginning of it", "renamed: true", "renamed: false", "new: new", "new: none"} {
		if !seen[what] {
			t.Errorf("never seen: %s", what)
		}
	}
}

// What a failed sync was to make last is lost, though it reads as before and a later one succeeds.
func TestFailedSyncOfADisk(t *testing.T) {
	d := NewDisk()
	write(t, d, "/a", "kept", true)
	if err := store.SyncDir(d, "/"); err != nil {
		t.Fatal(err)
	}
	f, err := d.OpenReadWrite("/a", vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte(" lost"), 4); err != nil {
		t.Fatal(err)
	}
	d.Before = func(Op) error { return syscall.EIO }
	if err := f.Sync(); !errors.Is(err, syscall.EIO) {
		t.Fatalf("%v", err)
	}
	d.Before = nil
	if err := f.Sync(); err != nil || content(d, "/a") != "kept lost" {
		t.Fatalf("%v, %q", err, content(d, "/a"))
	}
	if got := content(d.Copy(), "/a"); got != "kept" {
		t.Fatalf("after it: %q", got)
	}
}
