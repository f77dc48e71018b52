package vault

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

var (
	seeds     = flag.Uint64("vault.seeds", 30, "number of seeds of the crash test")
	firstSeed = flag.Uint64("vault.seed", 1, "first seed of the crash test")
)

// After a crash at any moment a customer has both records or none, those that were
// acknowledged have them, and who was erased stays erased.
func TestCrash(t *testing.T) {
	torn := 0
	for seed := *firstSeed; seed < *firstSeed+*seeds; seed++ {
		rng := rand.New(rand.NewPCG(seed, 2))
		dir := t.TempDir()
		mem := vfs.NewCrashableMem()
		var mu sync.Mutex
		var ops int
		var disk *vfs.MemFS
		var acked, erased, ackedThen, erasedThen atomic.Uint64
		at := 1 + rng.IntN(130)
		diskRNG := rand.New(rand.NewPCG(seed, 3))
		// The master key lies on the disk and is older than any moment of the crash.
		v := mustOpen(t, dir, Options{FS: errorfs.Wrap(mem, errorfs.InjectorFunc(func(op errorfs.Op) error {
			if op.Kind.ReadOrWrite() == errorfs.OpIsRead {
				return nil
			}
			mu.Lock()
			defer mu.Unlock()
			if ops++; ops == at {
				ackedThen.Store(acked.Load())
				erasedThen.Store(erased.Load())
				disk = mem.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: diskRNG.IntN(101), RNG: diskRNG})
			}
			return nil
		}))})
		for c := uint64(1); c <= 60; c++ {
			if _, err := v.PutAll([]Item{{c, "profile", fmt.Appendf(nil, "p%d", c)}, {c, "api-key", fmt.Appendf(nil, "k%d", c)}}); err != nil {
				t.Fatal(err)
			}
			acked.Store(c)
			if c%20 == 0 {
				if err := v.Erase(c / 20); err != nil {
					t.Fatal(err)
				}
				erased.Store(c / 20)
			}
		}
		mustClose(t, v)
		mu.Lock()
		crashed := disk
		mu.Unlock()
		if crashed == nil {
			continue
		}
		torn++
		v = mustOpen(t, dir, Options{FS: crashed})
		for c := uint64(1); c <= 60; c++ {
			p, perr := v.Get(c, "profile")
			k, kerr := v.Get(c, "api-key")
			both := perr == nil && kerr == nil && string(p) == fmt.Sprintf("p%d", c) && string(k) == fmt.Sprintf("k%d", c)
			none := errors.Is(perr, ErrNotFound) && errors.Is(kerr, ErrNotFound)
			gone := errors.Is(perr, ErrErased) && errors.Is(kerr, ErrErased) && c <= 3
			switch {
			case c <= erasedThen.Load() && gone:
			case c > erasedThen.Load() && c <= ackedThen.Load() && (both || gone):
			case c > ackedThen.Load() && (both || none):
			default:
				t.Errorf("seed %d: customer %d of %d acknowledged, %d erased: %v, %v; again: go test ./vault -run TestCrash -vault.seed=%d -vault.seeds=1",
					seed, c, ackedThen.Load(), erasedThen.Load(), perr, kerr, seed)
			}
		}
		mustClose(t, v)
	}
	if *seeds >= 20 && torn < int(*seeds)/2 {
		t.Errorf("%d crashes in %d seeds: too few to mean anything", torn, *seeds)
	}
}

// A disk that fills up: the put is an error, and so is everything after it.
func TestFullDisk(t *testing.T) {
	var full atomic.Bool
	v := mustOpen(t, t.TempDir(), Options{FS: errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if full.Load() && op.Kind == errorfs.OpFileWrite {
			return syscall.ENOSPC
		}
		return nil
	}))})
	mustPut(t, v, 1, "profile", "x")
	full.Store(true)
	if _, err := v.Put(2, "profile", []byte("y")); !errors.Is(err, ErrBroken) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("on a full disk: %v", err)
	}
	full.Store(false)
	if _, err := v.Put(3, "profile", []byte("z")); !errors.Is(err, ErrBroken) {
		t.Errorf("after a full disk: %v", err)
	}
	if _, err := v.Get(1, "profile"); !errors.Is(err, ErrBroken) {
		t.Errorf("get after a full disk: %v", err)
	}
	if err := v.Erase(1); !errors.Is(err, ErrBroken) {
		t.Errorf("erase after a full disk: %v", err)
	}
	if err := v.Close(); !errors.Is(err, ErrBroken) {
		t.Errorf("close after a full disk: %v", err)
	}
}
