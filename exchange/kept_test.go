package exchange_test

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"

	"sallyport/exchange"
	"sallyport/internal/sim"
	"sallyport/law"
)

// Where the rules could not be put on the disk, nothing lies under their name: a folder that a
// power cut then emptied was taken for one that somebody had changed, and no start came through.
func TestRulesThatCouldNotBeKept(t *testing.T) {
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: "/data", now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 10)}
	cfg := p.config()
	disk := sim.NewDisk()
	disk.Before = func(op sim.Op) error {
		if op.Kind == sim.SyncDir && strings.HasPrefix(op.Path, "/data/rules/") {
			return syscall.EIO
		}
		return nil
	}
	cfg.Files = disk
	if _, err := exchange.Open(cfg); err == nil {
		t.Fatal("it opens, and its rules are not kept")
	}
	disk.Before = nil
	for seed := range uint64(8) {
		cfg.Files = disk.Crash(rand.New(rand.NewPCG(seed, 0)))
		x, err := exchange.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
