package exchange_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/verify"
)

// TestFailingLog: when the disk under the log fails, the exchange takes no more commands; and
// whatever the disk holds after a crash at that moment, with writes torn at random, all that was
// acknowledged is there when the folder is opened again, and the auditor finds nothing.
func TestFailingLog(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, failure := range []struct {
		name  string
		cause error
		hits  func(errorfs.Op) bool
	}{
		{"fsync fails", syscall.EIO, func(op errorfs.Op) bool {
			return op.Kind == errorfs.OpFileSync || op.Kind == errorfs.OpFileSyncData || op.Kind == errorfs.OpFileSyncTo
		}},
		{"disk full", syscall.ENOSPC, func(op errorfs.Op) bool {
			return op.Kind == errorfs.OpFileWrite || op.Kind == errorfs.OpFileWriteAt || op.Kind == errorfs.OpCreate || op.Kind == errorfs.OpFilePreallocate
		}},
	} {
		for seed := range uint64(4) {
			t.Run(fmt.Sprint(failure.name, "/", seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 5))
				disk := vfs.NewCrashableMem()
				var armed atomic.Bool
				var left atomic.Int64 // hits that still succeed
				left.Store(rng.Int64N(40))
				var mu sync.Mutex
				var crashed *vfs.MemFS // the disk as it was when it first failed
				var acked, then int    // orders acknowledged, and of these when it failed; under mu
				files := errorfs.Wrap(disk, errorfs.InjectorFunc(func(op errorfs.Op) error {
					if !armed.Load() || !failure.hits(op) || left.Add(-1) >= 0 {
						return nil
					}
					mu.Lock()
					defer mu.Unlock()
					if crashed == nil {
						then = acked
						crashed = disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: rng.IntN(101), RNG: rng})
					}
					return failure.cause
				}))
				p := &place{t: t, dir: t.TempDir(), now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 100)}
				open := func(files vfs.FS) {
					t.Helper()
					cfg := p.config()
					cfg.Files = files
					if p.Exchange, err = exchange.Open(cfg); err != nil {
						t.Fatal(err)
					}
				}
				open(files)
				if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
					t.Fatal(err)
				}
				a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
				p.fund(a, "USDT", "100000000", "own")

				armed.Store(true)
				var known []string // under mu: acknowledged, in any order
				var submitters sync.WaitGroup
				for s := range 4 {
					submitters.Go(func() {
						for i := 0; ; i++ {
							id := fmt.Sprint(s, "-", i)
							_, err := p.order(a, book.Buy, "30000", "0.01", id)
							if err != nil {
								if !errors.Is(err, exchange.ErrClosed) || !errors.Is(err, failure.cause) {
									t.Errorf("order %s: %v", id, err)
								}
								return
							}
							mu.Lock()
							known = append(known, id)
							acked++
							mu.Unlock()
						}
					})
				}
				submitters.Wait()
				select {
				case <-p.Failed():
				default:
					t.Fatal("the exchange goes on")
				}
				armed.Store(false) // the disk works again, and is not believed
				if _, err := p.order(a, book.Buy, "30000", "0.01", "late"); !errors.Is(err, exchange.ErrClosed) {
					t.Fatalf("an order after the failure: %v", err)
				}
				if err := p.Close(); !errors.Is(err, journal.ErrBroken) {
					t.Fatalf("closed: %v", err)
				}

				mu.Lock()
				known = known[:then] // what was acknowledged before the moment that was copied
				mu.Unlock()
				open(crashed)
				for _, id := range known {
					if _, ok := p.View().Order(a, 0, id); !ok {
						t.Fatalf("order %s was acknowledged and is lost", id)
					}
				}
				if _, err := p.order(a, book.Buy, "30000", "0.01", "again"); err != nil {
					t.Fatal(err)
				}
				if err := p.Close(); err != nil {
					t.Fatal(err)
				}
				log, err := journal.Open(filepath.Join(p.dir, "journal"), journal.Options{FS: crashed})
				if err != nil {
					t.Fatal(err)
				}
				defer log.Close()
				if _, err := verify.Journal(log, verify.Options{Rules: []*law.Set{rules}}); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

// A bit that turned in the log is found when the folder is opened, unless a snapshot spares it the
// reading, and by the auditor in any case.
func TestRottenLog(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "journal", "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := flip(files[0]); err != nil {
		t.Fatal(err)
	}
	audit := func() error {
		log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
		if err != nil {
			return err
		}
		defer log.Close()
		_, err = verify.Journal(log, verify.Options{})
		return err
	}
	if err := audit(); err == nil {
		t.Fatal("the auditor finds nothing")
	}
	if _, err := exchange.Look(dir, nil); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("replayed: %v", err)
	}
}
