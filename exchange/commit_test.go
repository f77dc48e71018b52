package exchange_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/venue/tape"
)

// slowDisk is a disk on which a sync of the journal's log can be made to take long.
type slowDisk struct {
	vfs.FS
	held  atomic.Pointer[chan struct{}] // syncs wait until it is closed, if there is one
	syncs atomic.Int64                  // begun
}

func (d *slowDisk) hold() (release func()) {
	c := make(chan struct{})
	d.held.Store(&c)
	return func() { d.held.Store(nil); close(c) }
}

func (d *slowDisk) Create(name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.Create(name, c)
	return d.file(name, f), err
}

func (d *slowDisk) ReuseForWrite(old, name string, c vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.ReuseForWrite(old, name, c)
	return d.file(name, f), err
}

func (d *slowDisk) file(name string, f vfs.File) vfs.File {
	if f != nil && strings.HasSuffix(name, ".log") && filepath.Base(filepath.Dir(name)) == "journal" {
		return slowFile{f, d}
	}
	return f
}

type slowFile struct {
	vfs.File
	d *slowDisk
}

func (f slowFile) wait() {
	f.d.syncs.Add(1)
	if c := f.d.held.Load(); c != nil {
		<-*c
	}
}

func (f slowFile) Sync() error     { f.wait(); return f.File.Sync() }
func (f slowFile) SyncData() error { f.wait(); return f.File.SyncData() }

// onSlowDisk is an exchange on such a disk, whose log is not signed before the test has ended, with a customer who has bitcoin to sell. applied tells of each order that the
// venue has carried out, and fails at "poison".
func onSlowDisk(t *testing.T) (p *place, d *slowDisk, seller uint64, applied chan string) {
	p = start(t, t.TempDir(), day("2022-02-24 09:00"))
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	d = &slowDisk{FS: vfs.Default}
	cfg := p.config()
	cfg.Files = d
	ended := make(chan struct{})
	cfg.Turn = func(string) { <-ended }
	var err error
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { close(ended) }) // before the exchange is closed, which waits for it
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	seller = p.open("us", person("b", "Jean Martin", "1985-02-03", "FR", entity.Place{Town: "Paris", Country: "FR"})).Account
	p.fund(seller, "BTC", "1000", "own")
	applied = make(chan string, 100)
	p.FailAt(func(c tape.Command) string {
		if o, _ := c.(*tape.PlaceOrder); o != nil {
			applied <- o.ClientID
			if o.ClientID == "poison" {
				return "planted"
			}
		}
		return ""
	})
	return p, d, seller, applied
}

// While a commit is on its way to the disk one group is applied; all that comes behind it waits together, and is one commit.
func TestOneCommitForAllThatWait(t *testing.T) {
	p, d, seller, applied := onSlowDisk(t)
	before := d.syncs.Load()
	release := d.hold()
	const orders = 20
	errs := make(chan error, orders+1)
	for i := range orders + 1 {
		id := fmt.Sprint(i)
		go func() {
			_, err := p.order(seller, book.Sell, "30500", "0.1", id)
			errs <- err
		}()
		if i < 2 {
			if got := <-applied; got != id {
				t.Fatalf("applied: %s, want %s", got, id)
			}
		}
		for i == 0 && d.syncs.Load() == before {
			time.Sleep(time.Millisecond) // until the first is on its way
		}
		for i >= 2 && p.Queued() < i-1 {
			time.Sleep(time.Millisecond)
		}
	}
	select {
	case err := <-errs:
		t.Fatalf("answered before the disk has it: %v", err)
	default:
	}
	release()
	for range orders + 1 {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	if n := d.syncs.Load() - before; n != 3 {
		t.Errorf("%d syncs; want one for the first order, one for that which was applied meanwhile and one for all others", n)
	}
	for i := 1; i < orders; i++ {
		a, _ := p.View().Order(seller, 0, fmt.Sprint(i))
		b, _ := p.View().Order(seller, 0, fmt.Sprint(i+1))
		if a.Status != tape.StatusNew || b.ID != a.ID+1 {
			t.Errorf("orders %d, %d: %+v, %+v", i, i+1, a, b)
		}
	}
}

// A command at which the venue fails takes nothing with it of what was carried out before and is on its way to the disk.
func TestQuarantineBehindACommit(t *testing.T) {
	p, d, seller, applied := onSlowDisk(t)
	before := d.syncs.Load()
	release := d.hold()
	answers := map[string]chan error{}
	for _, id := range []string{"first", "poison"} {
		errs := make(chan error, 1)
		answers[id] = errs
		go func() {
			_, err := p.order(seller, book.Sell, "30500", "0.1", id)
			errs <- err
		}()
		<-applied
		for d.syncs.Load() == before {
			time.Sleep(time.Millisecond)
		}
	}
	select {
	case err := <-answers["poison"]:
		t.Errorf("answered before the disk has what came before: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	release()
	if err := <-answers["first"]; err != nil {
		t.Fatal(err)
	}
	if err := <-answers["poison"]; !errors.Is(err, exchange.ErrQuarantined) {
		t.Fatalf("the poison: %v", err)
	}
	if o, err := p.CancelOrder(&tape.CancelOrder{Account: seller, ClientID: "first"}); err != nil || o.Status != tape.Canceled {
		t.Errorf("what was carried out before cannot be cancelled: %v", err)
	}
}
