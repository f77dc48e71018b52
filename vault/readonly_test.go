package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// A vault opened to read gives what is there and writes nothing.
func TestReadOnly(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none"), Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("where there is none: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "none")); err == nil {
		t.Error("it made a folder")
	}

	v, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Put(7, "profile", []byte("somebody")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{ReadOnly: true}); !errors.Is(err, ErrHeld) {
		t.Errorf("beside a writer: %v", err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}

	before := files(t, dir)
	r, err := Open(dir, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := r.Get(7, "profile"); err != nil || string(got) != "somebody" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := r.Put(7, "profile", []byte("else")); err == nil {
		t.Error("it took something")
	}
	r.Close()
	if after := files(t, dir); !sameFiles(before, after) {
		t.Errorf("files %v before, %v after", before, after)
	}

	if err := os.WriteFile(filepath.Join(dir, "master.key"), []byte(masterKeyLine+"0000000000000000000000000000000000000000000000000000000000000000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, Options{ReadOnly: true}); !errors.Is(err, ErrWrongKey) {
		t.Errorf("with another key: %v", err)
	}
}

// files is the size of each file in a folder, but for the lock's.
func files(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	sizes := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "LOCK" {
			return err
		}
		info, err := d.Info()
		sizes[path] = info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sizes
}

func sameFiles(a, b map[string]int64) bool {
	if len(a) != len(b) {
		return false
	}
	for path, size := range a {
		if b[path] != size {
			return false
		}
	}
	return true
}
