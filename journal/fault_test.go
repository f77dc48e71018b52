package journal

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

var (
	seeds     = flag.Uint64("journal.seeds", 40, "number of seeds of the fault tests")
	firstSeed = flag.Uint64("journal.seed", 1, "first seed of the fault tests")
)

// eachSeed runs a fault test over the seeds and says how to run a failing one again.
func eachSeed(t *testing.T, test func(t *testing.T, seed uint64, rng *rand.Rand)) {
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Cleanup(func() {
				if t.Failed() {
					t.Logf("again: go test ./journal -run '%s' -journal.seed=%d -journal.seeds=1",
						strings.Split(t.Name(), "/")[0], seed)
				}
			})
			test(t, seed, rand.New(rand.NewPCG(seed, 1)))
		})
	}
}

// A crash is the disk as some moment left it, and what the log had promised by then.
type crash struct {
	disk  *vfs.MemFS
	acked uint64 // records acknowledged before the moment
}

// A watchedDisk is a disk of which copies are taken just before chosen operations,
// each with a random part of what was written but not synced.
type watchedDisk struct {
	mem   *vfs.MemFS
	acked atomic.Uint64

	mu      sync.Mutex
	rng     *rand.Rand
	ops     int
	at      map[int]bool
	crashes []crash
}

func (w *watchedDisk) maybe(op errorfs.Op) error {
	if op.Kind.ReadOrWrite() == errorfs.OpIsRead {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ops++; w.at[w.ops] {
		acked := w.acked.Load() // before the copy: the promise is the smaller one
		w.crashes = append(w.crashes, crash{w.mem.CrashClone(vfs.CrashCloneCfg{
			UnsyncedDataPercent: w.rng.IntN(101),
			RNG:                 fork(w.rng),
		}), acked})
	}
	return nil
}

// fork makes a generator that can be used beside r.
func fork(r *rand.Rand) *rand.Rand { return rand.New(rand.NewPCG(r.Uint64(), r.Uint64())) }

// faults wraps a disk so that ask is asked before each operation on it.
func faults(disk vfs.FS, ask func(errorfs.Op) error) vfs.FS {
	return faultFS{errorfs.Wrap(disk, errorfs.InjectorFunc(ask)), ask}
}

// faultFS asks about files that are used again, too, which errorfs gives out bare.
type faultFS struct {
	*errorfs.FS
	ask func(errorfs.Op) error
}

func (f faultFS) ReuseForWrite(oldname, newname string, c vfs.DiskWriteCategory) (vfs.File, error) {
	file, err := f.FS.ReuseForWrite(oldname, newname, c)
	if err != nil {
		return nil, err
	}
	return errorfs.WrapFile(file, errorfs.InjectorFunc(func(op errorfs.Op) error {
		op.Path = newname
		return f.ask(op)
	})), nil
}

// After a crash at any moment the log holds whole batches only, all that were
// acknowledged, and nothing that was not appended; and it goes on from there, through
// the next crash too.
func TestCrash(t *testing.T) {
	var reopened, lost, kept int
	eachSeed(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
		signer, v := testKey(t)
		start := crash{disk: vfs.NewCrashableMem()}
		ends := map[uint64]bool{0: true} // where batches end
		for life := 0; life < 4; life++ {
			w := &watchedDisk{mem: start.disk, rng: fork(rng), at: map[int]bool{}}
			w.acked.Store(start.acked)
			for range 4 {
				w.at[1+rng.IntN(400)] = true
			}
			l, err := Open("log", Options{
				FS:       faults(start.disk, w.maybe),
				Signer:   signer,
				memTable: 64 << 10, // so that files are written, too
			})
			if err != nil {
				t.Fatalf("life %d: open: %v", life, err)
			}
			n := checkHolds(t, l)
			if n < start.acked || !ends[n] {
				t.Fatalf("life %d: %d records after the crash, %d were acknowledged, a batch ends there: %v", life, n, start.acked, ends[n])
			}
			if life > 0 {
				reopened++
				if n > start.acked {
					kept++
				}
			}
			// What was in flight may have come through; the next life may say it differently.
			for end := range ends {
				if end > n {
					delete(ends, end)
				}
			}
			w.acked.Store(n)
			for range 60 {
				size := 1 + rng.IntN(40)
				batch := entries(n+1, size)
				ends[n+uint64(size)] = true
				if rng.IntN(4) == 0 {
					_, _, err = l.AppendAndCheckpoint(batch, [32]byte{byte(n)})
				} else {
					_, err = l.Append(batch)
				}
				if err != nil {
					t.Fatalf("life %d: append: %v", life, err)
				}
				n += uint64(size)
				w.acked.Store(n)
			}
			if p, err := l.Audit(v, nil, nil, nil); err != nil || p.Records != n {
				t.Fatalf("life %d: %+v %v", life, p, err)
			}
			mustClose(t, l)
			w.mu.Lock()
			crashes := w.crashes
			w.mu.Unlock()
			if len(crashes) == 0 {
				lost++
				return // the moments chosen never came
			}
			start = crashes[rng.IntN(len(crashes))]
			if start.acked > n {
				t.Fatal("the test itself counts wrongly")
			}
		}
	})
	if t.Failed() {
		return
	}
	if *seeds >= 20 && (reopened < int(*seeds) || kept == 0) {
		t.Errorf("%d reopenings, %d with a batch in flight that came through, %d seeds without a crash: too few to mean anything", reopened, kept, lost)
	}
}

// A disk whose writes fail from a random moment on: the commit is an error, and so is
// everything after it, even when the disk works again.
func TestFailingDisk(t *testing.T) {
	for _, failure := range []struct {
		name  string
		cause error
		hits  func(errorfs.Op) bool
	}{
		{"fsync of the log fails", syscall.EIO, func(op errorfs.Op) bool {
			return strings.HasSuffix(op.Path, ".log") && (op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo)
		}},
		{"every fsync fails", syscall.EIO, func(op errorfs.Op) bool {
			return op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo
		}},
		{"disk full", syscall.ENOSPC, func(op errorfs.Op) bool {
			switch op.Kind {
			case errorfs.OpFileWrite, errorfs.OpFileWriteAt, errorfs.OpCreate, errorfs.OpFilePreallocate, errorfs.OpReuseForWrite, errorfs.OpMkdirAll:
				return true
			}
			return false
		}},
		{"disk full, but for the log", syscall.ENOSPC, func(op errorfs.Op) bool {
			return op.Kind == errorfs.OpFileWrite && !strings.HasSuffix(op.Path, ".log")
		}},
		{"nothing can be created", syscall.EIO, func(op errorfs.Op) bool {
			return op.Kind == errorfs.OpCreate || op.Kind == errorfs.OpReuseForWrite
		}},
	} {
		t.Run(failure.name, func(t *testing.T) {
			eachSeed(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
				mem := vfs.NewCrashableMem()
				var failing atomic.Bool
				var mu sync.Mutex
				diskRNG := fork(rng) // under mu
				var atFailure *vfs.MemFS
				var acked atomic.Uint64
				var ackedThen uint64
				l := mustOpen(t, "log", Options{
					memTable: 64 << 10,
					FS: faults(mem, func(op errorfs.Op) error {
						if !failing.Load() || !failure.hits(op) {
							return nil
						}
						mu.Lock()
						defer mu.Unlock()
						if atFailure == nil {
							ackedThen = acked.Load()
							atFailure = mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: diskRNG.IntN(101), RNG: fork(diskRNG)})
						}
						return failure.cause
					}),
				})
				n, when := uint64(0), 1+rng.IntN(30)
				var broke error
				for i := range 2000 {
					if i == when {
						failing.Store(true)
					}
					size := 1 + rng.IntN(60)
					done := make(chan error, 1)
					go func() {
						_, err := l.Append(entries(n+1, size))
						done <- err
					}()
					select {
					case broke = <-done:
					case <-time.After(time.Minute):
						t.Fatal("append hangs on a failing disk")
					}
					if broke != nil {
						break
					}
					n += uint64(size)
					acked.Store(n)
				}
				if !errors.Is(broke, ErrBroken) || !errors.Is(broke, failure.cause) {
					t.Fatalf("after the disk failed: %v", broke)
				}
				failing.Store(false) // it works again; the log does not believe it
				if seq, _ := l.Head(); seq != n {
					t.Errorf("head %d, %d acknowledged", seq, n)
				}
				if _, err := l.Append(entries(n+1, 1)); !errors.Is(err, ErrBroken) || !errors.Is(err, failure.cause) {
					t.Errorf("append after the failure: %v", err)
				}
				if err := l.Read(1, func(Record) error { return nil }); !errors.Is(err, ErrBroken) {
					t.Errorf("read after the failure: %v", err)
				}
				if err := l.Err(); !errors.Is(err, ErrBroken) {
					t.Errorf("Err after the failure: %v", err)
				}
				if err := l.Close(); !errors.Is(err, ErrBroken) {
					t.Errorf("close after the failure: %v", err)
				}

				// The machine restarts: first as of the moment of failure, then as of now.
				mu.Lock()
				disks := []crash{{atFailure, ackedThen}, {mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: fork(rng)}), n}}
				mu.Unlock()
				for i, d := range disks {
					l := mustOpen(t, "log", Options{FS: d.disk})
					if got := checkHolds(t, l); got < d.acked {
						t.Errorf("disk %d: %d records, %d were acknowledged", i, got, d.acked)
					}
					got, _ := l.Head()
					mustAppend(t, l, entries(got+1, 3))
					mustClose(t, l)
				}
			})
		})
	}
}

// Opening on a disk that fails is an error, not a hang or a panic.
func TestOpenOnFailingDisk(t *testing.T) {
	files := vfs.NewMem()
	mustClose(t, mustOpen(t, "log", Options{FS: files}))
	for n := range 40 {
		var ops atomic.Int32
		done := make(chan error, 1)
		go func() {
			l, err := Open("log", Options{FS: faults(files, func(op errorfs.Op) error {
				if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && op.Kind != errorfs.OpFileClose && ops.Add(1) == int32(n+1) {
					return syscall.EIO
				}
				return nil
			})})
			if err == nil {
				err = l.Close()
			}
			done <- err
		}()
		select {
		case err := <-done:
			if n < 3 && err == nil {
				t.Errorf("write %d failed unseen", n)
			}
			if err != nil && !errors.Is(err, syscall.EIO) {
				t.Errorf("write %d: %v", n, err)
			}
			files = vfs.NewMem() // a fresh one: the broken store keeps its lock
			mustClose(t, mustOpen(t, "log", Options{FS: files}))
		case <-time.After(time.Minute):
			t.Fatalf("open hangs when write %d fails", n)
		}
	}
}

// Rot on the disk: any bit of any file turned. Either the log does not open, or the
// audit with a checkpoint kept elsewhere names a record, or everything is there; never
// other records.
func TestRottenFiles(t *testing.T) {
	var found, harmless int
	eachSeed(t, func(t *testing.T, seed uint64, rng *rand.Rand) {
		files := vfs.NewCrashableMem()
		signer, v := testKey(t)
		l := mustOpen(t, "log", Options{FS: files, Signer: signer, memTable: 64 << 10})
		var n uint64
		for range 40 {
			mustAppend(t, l, entries(n+1, 20))
			n += 20
		}
		_, last, err := l.AppendAndCheckpoint(nil, [32]byte{9})
		if err != nil {
			t.Fatal(err)
		}
		var disk *vfs.MemFS
		if seed%2 == 0 { // as a kill left it, with records in the write-ahead log
			disk = files.CrashClone(vfs.CrashCloneCfg{})
			mustClose(t, l)
		} else {
			mustClose(t, l)
			disk = files.CrashClone(vfs.CrashCloneCfg{})
		}
		for range 10 {
			rotten := disk.CrashClone(vfs.CrashCloneCfg{})
			where := rot(t, rotten, rng)
			l, err := OpenReadOnlyOn(rotten, "log")
			if err != nil {
				found++
				continue
			}
			var read uint64
			_, err = l.Audit(v, []Checkpoint{last}, func(r Record) error {
				read++
				if e := entry(r.Seq); r.Seq != read || string(r.Payload) != string(e.Payload) || r.Outcome != e.Outcome {
					t.Fatalf("%s: record %d reads as another", where, r.Seq)
				}
				return nil
			}, nil)
			var broken *BrokenError
			switch {
			case err == nil && read == n:
				harmless++
			case errors.As(err, &broken) && broken.Seq == read+1:
				found++
			case errors.Is(err, ErrBroken):
				found++
			default:
				t.Fatalf("%s: %d of %d records, %v", where, read, n, err)
			}
			l.Close()
		}
	})
	if !t.Failed() && *seeds >= 20 && (found == 0 || harmless == 0) {
		t.Errorf("%d found, %d harmless: the test turns the wrong bits", found, harmless)
	}
}

// rot turns one bit of one file and says where.
func rot(t *testing.T, files *vfs.MemFS, rng *rand.Rand) string {
	t.Helper()
	names, err := files.List("log")
	if err != nil {
		t.Fatal(err)
	}
	for {
		name := "log/" + names[rng.IntN(len(names))]
		info, err := files.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Size() == 0 {
			continue
		}
		f, err := files.OpenReadWrite(name, vfs.WriteCategoryUnspecified)
		if err != nil {
			t.Fatal(err)
		}
		at, bit := rng.Int64N(info.Size()), rng.IntN(8)
		var b [1]byte
		if _, err := f.ReadAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		b[0] ^= 1 << bit
		if _, err := f.WriteAt(b[:], at); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s, byte %d of %d, bit %d", name, at, info.Size(), bit)
	}
}
