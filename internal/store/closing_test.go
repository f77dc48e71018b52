package store

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// filled is a store whose values lie in files, more than fit into what is gathered in memory.
func filled(t *testing.T) *DB {
	t.Helper()
	d, err := Open("db", Options{FS: vfs.NewMem(), MemTable: 64 << 10})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 200 {
		b := d.NewBatch()
		if err := b.Set(fmt.Appendf(nil, "%04d", i), make([]byte, 4096), nil); err != nil {
			t.Fatal(err)
		}
		if err := d.Commit(b); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// Whoever reads while the store is closed reads to the end, nobody begins any more, and the
// store closes then, as it should.
func TestReadWhileClosing(t *testing.T) {
	d := filled(t)
	it, err := d.Iter(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	for { // until it is being closed
		late, err := d.Iter(nil, nil)
		if errors.Is(err, ErrClosed) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if err := late.Close(); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case err := <-closed:
		t.Fatalf("closed under a reader: %v", err)
	case <-time.After(100 * time.Millisecond):
	}
	n := 0
	for ok := it.First(); ok; ok = it.Next() {
		if len(it.Value()) != 4096 {
			t.Fatalf("%s has %d bytes", it.Key(), len(it.Value()))
		}
		n++
	}
	if err := it.Error(); err != nil || n != 200 {
		t.Errorf("%d values, %v", n, err)
	}
	if err := it.Close(); err != nil {
		t.Error(err)
	}
	if err := <-closed; err != nil {
		t.Errorf("closed: %v", err)
	}
}

// A store that has failed waits for nobody: nothing of it is closed.
func TestReadWhileClosingBroken(t *testing.T) {
	d := filled(t)
	it, err := d.Iter(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.fail(errors.New("the disk is gone"))
	if err := d.Close(); !errors.Is(err, ErrBroken) {
		t.Errorf("closed: %v", err)
	}
	if err := it.Close(); err != nil {
		t.Error(err)
	}
}
