// Package store is a Pebble database that stops for good at its first failure.
// It is the ground under the journal and the vault, and knows nothing of what
// either keeps in it.
//
// An fsync that failed once may succeed the next time although the data never
// reached the disk, for the kernel marks the pages clean (Rebello et al., "Can
// Applications Recover from fsync Failures?", USENIX ATC 2020). So after a failed
// commit, a full disk, or any failure of Pebble's own background work, the store
// takes nothing further and gives nothing out until another process opens it anew
// and finds out what is really there. Pebble itself ends the process at such a moment,
// by its logger, a panic or worse; here the failure is caught where the disk reports
// it and the goroutine that met it is parked, so that no code of Pebble runs on after
// it and the program can still say why it stops.
//
// The journal's fault tests prove it: crashes, failed syncs and full disks.
package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// ErrBroken is found in every error that a store returns after its first failure.
var ErrBroken = errors.New("stopped after a failure of its disk; nothing further is taken until it is opened anew")

// ErrHeld is found in the error of Open when another process has the directory open.
var ErrHeld = errors.New("another process holds it")

// ErrClosed is what is read from a store that was closed.
var ErrClosed = errors.New("closed")

// Options say how to open a store. The zero value is right for the disk.
type Options struct {
	// FS is the file system; nil is the machine's own.
	FS vfs.FS
	// ReadOnly opens without writing a byte to the directory.
	ReadOnly bool
	// MemTable is the number of bytes gathered in memory before they are written
	// out as a sorted file. Zero means 4 MiB.
	MemTable uint64
}

// A DB is an open store. Its methods may be called from several goroutines.
type DB struct {
	p        *pebble.DB
	files    vfs.FS
	dir      string
	readOnly bool

	once   sync.Once
	ended  <-chan struct{} // of a Mortal file system; else nil
	atWork atomic.Bool     // between opening and closing
	reads  sync.RWMutex    // held by who begins to read, and by who closes: Pebble panics at a read after that
	open   sync.WaitGroup  // of iterators: Pebble takes away what they read from when it closes
	broken chan struct{}   // closed by the first failure
	cause  error           // the failure itself, set before broken is closed
}

// Open opens the store in dir, making it when there is none, unless it is opened
// for reading only. One process may write, or any number may read: the rest get
// ErrHeld.
func Open(dir string, o Options) (*DB, error) {
	d := &DB{dir: dir, readOnly: o.ReadOnly, broken: make(chan struct{})}
	if m, ok := o.FS.(Mortal); ok {
		d.ended = m.Ended()
	}
	po := d.options(o)
	d.files = po.FS
	if o.ReadOnly {
		if _, err := po.FS.Stat(dir); err != nil {
			return nil, err // which Pebble would tell without its kind
		}
	}
	var p *pebble.DB
	err := d.guard(func() (err error) {
		if err := unseal(po.FS, dir, o.ReadOnly); err != nil {
			return err
		}
		if p, err = pebble.Open(dir, po); err == nil && d.Err() != nil {
			p.Close() // it has outlived its failure (Mortal)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	d.p = p
	d.atWork.Store(true)
	return d, nil
}

// options tunes Pebble for what is kept here: values that are written once, in
// the order of their keys or nearly so, and hardly ever deleted.
func (d *DB) options(o Options) *pebble.Options {
	files := o.FS
	if files == nil {
		files = diskFS{vfs.Default}
	}
	if o.ReadOnly {
		files = readOnlyFS{files, o.FS == nil}
	} else {
		files = failStopFS{files, d}
	}
	memTable := o.MemTable
	if memTable == 0 {
		memTable = 4 << 20
	}
	po := &pebble.Options{
		FS:                          files,
		ReadOnly:                    o.ReadOnly,
		FormatMajorVersion:          pebble.FormatWALSyncChunks, // tells a torn end of the log from rot in its middle
		MemTableSize:                memTable,
		MemTableStopWritesThreshold: 4,
		DisableTableStats:           true, // they serve the removal of deletions
		Logger:                      logger{d},
		EventListener: &pebble.EventListener{
			BackgroundError: d.fail,
			// The read that met it returns the error by itself.
			DataCorruption: func(info pebble.DataCorruptionInfo) { d.fail(info.Details) },
		},
	}
	for i := range po.Levels {
		po.Levels[i].BlockSize = 16 << 10 // read mostly from one end to the other
	}
	po.TargetFileSizes[0] = int64(max(memTable, 2<<20))
	po.Experimental.ReadSamplingMultiplier = -1 // no compaction because of reads
	if d.ended != nil {
		po.Experimental.CompactionScheduler = d.calm()
	}
	return po
}

// NewBatch returns an empty batch, to be given to Commit.
func (d *DB) NewBatch() *pebble.Batch { return d.p.NewBatch() }

// Commit writes the batch, all of it or nothing, and returns once it is on the
// disk. After an error the batch may or may not be there when the store is opened
// again. Commit closes the batch.
func (d *DB) Commit(b *pebble.Batch) error {
	if err := d.guard(func() error { return d.p.Apply(b, pebble.Sync) }); err != nil {
		return err // the batch may still be in use by the goroutine that failed
	}
	return b.Close()
}

// Get returns a copy of the value at key, or nil when there is none.
func (d *DB) Get(key []byte) ([]byte, error) {
	if err := d.Err(); err != nil {
		return nil, err
	}
	d.reads.RLock()
	defer d.reads.RUnlock()
	if !d.atWork.Load() {
		return nil, ErrClosed
	}
	v, c, err := d.p.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v = append([]byte{}, v...)
	return v, c.Close()
}

// An Iterator is Pebble's. The store is not closed before it is.
type Iterator struct {
	*pebble.Iterator
	d *DB
}

// Close ends the reading. It is called once.
func (it *Iterator) Close() error {
	defer it.d.open.Done()
	return it.Iterator.Close()
}

// Iter returns an iterator over the keys from lower up to, and without, upper.
func (d *DB) Iter(lower, upper []byte) (*Iterator, error) {
	if err := d.Err(); err != nil {
		return nil, err
	}
	d.reads.RLock()
	defer d.reads.RUnlock()
	if !d.atWork.Load() {
		return nil, ErrClosed
	}
	it, err := d.p.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return nil, err
	}
	d.open.Add(1)
	return &Iterator{it, d}, nil
}

// Scrub rewrites the files between two keys, so that what was deleted or
// overwritten there is no longer in any file of sorted keys.
func (d *DB) Scrub(lower, upper []byte) error {
	return d.guard(func() error {
		if err := d.p.Flush(); err != nil {
			return err
		}
		return d.p.Compact(context.Background(), lower, upper, false)
	})
}

// Err returns nil, or why the store stopped; the error holds ErrBroken.
func (d *DB) Err() error {
	select {
	case <-d.broken:
		return fmt.Errorf("%w: %w", ErrBroken, d.cause)
	default:
		return nil
	}
}

// Close lets nobody begin to read and waits for who has begun, writes out what is only
// in the write-ahead log, so that every byte rests under a checksum that something else
// refers to, and closes the store. A broken store is left as it lies, and its lock held
// until the process ends, for nobody knows what the failed part of it would still write.
func (d *DB) Close() error {
	d.reads.Lock()
	d.atWork.Store(false)
	d.reads.Unlock()
	read := make(chan struct{})
	go func() {
		d.open.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-d.broken: // nothing is closed
	}
	if d.ended != nil && d.Err() != nil {
		go func() {
			<-d.ended
			d.p.Close()
		}()
	}
	return d.guard(func() error {
		if err := d.p.Flush(); err != nil && !errors.Is(err, pebble.ErrReadOnly) {
			return err
		}
		if err := d.p.Close(); err != nil || d.readOnly {
			return err
		}
		text, err := seal(d.files, d.dir)
		if err != nil {
			return err
		}
		return Replace(d.files, d.files.PathJoin(d.dir, restName), []byte(text), 0o600)
	})
}

// guard runs f in a goroutine of its own, which Pebble may park in Fatalf or end
// by a panic, and waits for its end or for the store's failure. An error of f
// breaks the store.
func (d *DB) guard(f func() error) error {
	if err := d.Err(); err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				d.fail(fmt.Errorf("%v", r))
			}
		}()
		done <- f()
	}()
	select {
	case err := <-done:
		switch {
		case err == nil:
			return nil
		case d.p == nil: // opening: there is no store yet that could be broken
			return err
		}
		d.fail(err)
	case <-d.broken:
		if d.p == nil {
			return d.cause
		}
	}
	return d.Err()
}

func (d *DB) fail(err error) {
	d.once.Do(func() {
		d.cause = err
		close(d.broken)
	})
}

// stop is fail for code that must not go on after it.
func (d *DB) stop(err error) {
	d.fail(err)
	<-d.ended // nil but in simulations: for ever
}

// logger keeps Pebble quiet, and takes its call to end the process as the end of
// the store.
type logger struct{ d *DB }

func (logger) Infof(string, ...any)  {}
func (logger) Errorf(string, ...any) {}

// Fatalf never returns: Pebble's code after it does not expect to run.
func (l logger) Fatalf(format string, args ...any) {
	cause := fatal{text: fmt.Sprintf(format, args...)}
	for _, a := range args {
		if err, ok := a.(error); ok {
			cause.err = err
			break
		}
	}
	l.d.stop(cause)
}

// fatal is what Pebble said last, with the error it said it about, if any.
type fatal struct {
	text string
	err  error
}

func (f fatal) Error() string { return f.text }
func (f fatal) Unwrap() error { return f.err }

// Successor returns the first key after all those that begin with prefix, or nil
// when there is none.
func Successor(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}

// IsCorruption reports whether err says that the store's files do not hold what
// was written to them.
func IsCorruption(err error) bool { return pebble.IsCorruptionError(err) }

// IsMissing reports whether err says that there is no store in the directory.
func IsMissing(err error) bool {
	return errors.Is(err, pebble.ErrDBDoesNotExist) || errors.Is(err, fs.ErrNotExist)
}
