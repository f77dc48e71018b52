package store

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Any bit that turns in the manifest of a closed store is found when it is opened: Pebble takes
// what it cannot read of it for its end, and deletes the files that it then knows nothing of.
func TestManifestAtRest(t *testing.T) {
	files := vfs.NewCrashableMem()
	for life := range 3 {
		d, err := Open("db", Options{FS: files})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			b := d.NewBatch()
			if err := b.Set(fmt.Append(nil, life, i), []byte("v"), nil); err != nil {
				t.Fatal(err)
			}
			if err := d.Commit(b); err != nil {
				t.Fatal(err)
			}
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sealed, err := ReadFile(files, "db/"+restName, 1<<10)
	if err != nil {
		t.Fatal(err)
	}
	manifest, _, _ := strings.Cut(string(sealed), " ")
	tried := 0
	for _, name := range []string{manifest, restName} {
		info, err := files.Stat("db/" + name)
		if err != nil {
			t.Fatal(err)
		}
		for at := int64(0); at < info.Size(); at += 3 {
			rotten := files.CrashClone(vfs.CrashCloneCfg{})
			f, err := rotten.OpenReadWrite("db/"+name, vfs.WriteCategoryUnspecified)
			if err != nil {
				t.Fatal(err)
			}
			b := []byte{0}
			if _, err := f.ReadAt(b, at); err != nil && err != io.EOF {
				t.Fatal(err)
			}
			b[0] ^= 1 << (at % 8)
			if _, err := f.WriteAt(b, at); err != nil {
				t.Fatal(err)
			}
			f.Close()
			for _, readOnly := range []bool{true, false} {
				tried++
				if d, err := Open("db", Options{FS: rotten, ReadOnly: readOnly}); err == nil {
					d.Close()
					t.Errorf("byte %d of %s turned, and it opens", at, name)
				} else if !strings.Contains(err.Error(), restName) {
					t.Errorf("byte %d of %s turned: %v", at, name, err)
				}
			}
		}
	}
	if tried < 50 {
		t.Fatalf("%d tried", tried)
	}
	if d, err := Open("db", Options{FS: files.CrashClone(vfs.CrashCloneCfg{})}); err != nil {
		t.Fatal(err)
	} else if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// A store that was not closed has no such seal, and opens.
func TestNoRestAfterACrash(t *testing.T) {
	files := vfs.NewCrashableMem()
	d, err := Open("db", Options{FS: files})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	b := d.NewBatch()
	if err := b.Set([]byte("k"), []byte("v"), nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Commit(b); err != nil {
		t.Fatal(err)
	}
	after := files.CrashClone(vfs.CrashCloneCfg{})
	again, err := Open("db", Options{FS: after})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := again.Get([]byte("k")); err != nil || string(v) != "v" {
		t.Errorf("%q, %v", v, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whoever still reads when the store is closed is told so.
func TestReadAfterClose(t *testing.T) {
	d, err := Open("store", Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Get([]byte("a")); !errors.Is(err, ErrClosed) {
		t.Errorf("Get: %v", err)
	}
	if _, err := d.Iter([]byte("a"), []byte("b")); !errors.Is(err, ErrClosed) {
		t.Errorf("Iter: %v", err)
	}
}
