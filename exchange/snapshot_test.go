package exchange_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A field that is new in what a view is made of has to be in its stored form (View.code), and
// copied by View.still where later records change it in place.
func TestViewFormKnowsEveryField(t *testing.T) {
	want := map[string]int{
		"View": 40, "orderView": 3, "marketView": 11, "accountView": 21, "turnover": 3, "depthSide": 2, "Level": 2, "OrderList": 2, "Amendment": 8, "Candle": 12, "DecisionRecord": 4, "EditionInForce": 3,
		"RuleMark": 4, "Happening": 11, "decisions": 11, "counts": 5, "stance": 7, "rests": 2, "laid": 2, "finder": 2, "finderShard": 2, "numbers": 1, "OperatorUser": 3, "ClearanceRecord": 4, "LicenceRecord": 4, "clearances": 3,
	}
	if got := exchange.Fields(); !reflect.DeepEqual(got, want) {
		t.Fatalf("fields %v, want %v: put what is new into View.code and View.still, then count it here", got, want)
	}
}

// busy is an exchange that has seen something of everything, and writes a snapshot every few
// records.
func busy(t *testing.T, dir string) *place {
	t.Helper()
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: dir, now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 1000)}
	p.reopen(2000)
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	b := p.open("us", person("b", "Jean Martin", "1985-02-03", "FR", entity.Place{Town: "Paris", Country: "FR"})).Account
	p.open("us", person("n", "Сергей Андреевич Лавров", "1988-11-02", "RU", moscow))
	if _, _, err := p.AddKey(a); err != nil {
		t.Fatal(err)
	}
	p.fund(a, "USDT", "1000000", "own")
	p.fund(b, "BTC", "1000", "own")
	p.trade(a, b, 0)
	p.at(day("2022-03-11 15:05"))
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	p.trade(a, b, 1)
	if err := p.SetPhase(&tape.SetPhase{Phase: tape.CancelOnly, By: "m", Reason: "to see"}); err != nil {
		t.Fatal(err)
	}
	return p
}

// reopen opens the folder with a snapshot every so many bytes of log.
func (p *place) reopen(bytes int64) {
	p.t.Helper()
	cfg := p.config()
	cfg.SnapshotBytes = bytes
	var err error
	if p.Exchange, err = exchange.Open(cfg); err != nil {
		p.t.Fatal(err)
	}
	x := p.Exchange
	p.t.Cleanup(func() { x.Close() })
}

// trade lets two customers trade in every way for a while.
func (p *place) trade(a, b uint64, n int) {
	p.t.Helper()
	m := money.MustParse
	for i := range 40 {
		id := fmt.Sprint(n, "-", i)
		price := fmt.Sprint(30000 + i%7)
		if _, _, err := p.PlaceOrder(&tape.PlaceOrder{Account: b, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: m(price), Quantity: m("0.9"), Iceberg: m("0.4"), ClientID: id}); err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.order(a, book.Buy, fmt.Sprint(30000+i%5), "0.5", id); err != nil {
			p.t.Fatal(err)
		}
		if _, err := p.order(a, book.Sell, "29000", "0.01", "self"+id); err != nil { // meets its own
			p.t.Fatal(err)
		}
		if i%5 == 0 {
			if _, _, _, err := p.PlaceOrderList(&tape.PlaceOrderList{ClientID: id, Contingency: tape.OneTriggers, Orders: []tape.PlaceOrder{
				{Account: b, Side: book.Sell, Type: tape.Limit, Force: tape.GTC, Price: m("30500"), Quantity: m("0.1"), ClientID: "w" + id},
				{Account: b, Side: book.Sell, Type: tape.LimitMaker, Force: tape.GTC, Price: m("31000"), Quantity: m("0.1"), ClientID: "l" + id},
				{Account: b, Side: book.Sell, Type: tape.StopLossLimit, Force: tape.GTC, Price: m("20000"), Stop: m("20000"), Quantity: m("0.1"), ClientID: "s" + id},
			}}); err != nil {
				p.t.Fatal(err)
			}
		}
		if i%9 == 8 {
			if _, err := p.CancelAll(&tape.CancelAll{Account: b}); err != nil {
				p.t.Fatal(err)
			}
		}
	}
}

func snapshotsOf(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "snapshots", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// copyFolder puts a copy of a folder, for its owner alone, in the place of another.
func copyFolder(to, from string) error {
	if err := errors.Join(os.RemoveAll(to), os.CopyFS(to, os.DirFS(from))); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	})
}

// flip turns a bit in the middle of a file.
func flip(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	b[len(b)/2] ^= 4
	return os.WriteFile(path, b, 0o600)
}

// told reads what was logged so far.
func (p *place) told() string {
	var b strings.Builder
	for {
		select {
		case l := <-p.logged:
			b.WriteString(l)
		default:
			return b.String()
		}
	}
}

// TestSnapshots: an exchange opened from a snapshot shows what the whole log shows, and a snapshot
// that was changed in any way is told and not believed.
func TestSnapshots(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if p.told(); len(snapshotsOf(t, dir)) != 2 {
		t.Fatalf("snapshots kept: %v, want 2", snapshotsOf(t, dir))
	}
	if err := exchange.Restorable(dir); err != nil {
		t.Fatal(err)
	}
	// opened looks at the folder as a whole and opens it, and gives what that told.
	opened := func(dir string) string {
		t.Helper()
		whole, err := exchange.Look(dir, nil)
		if err != nil {
			t.Fatal(err)
		}
		whole.Close()
		q := &place{t: t, dir: dir, now: p.now, rules: p.rules, logged: make(lines, 1000)}
		q.reopen(-1)
		got, err := exchange.ViewBytes(q.View())
		if err != nil {
			t.Fatal(err)
		}
		want, err := exchange.ViewBytes(whole.View)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("opened, it shows something else than its log (%v)", err)
		}
		told := q.told()
		q.Close()
		return told
	}
	snaps := snapshotsOf(t, dir)
	newer, older := filepath.Base(snaps[1]), filepath.Base(snaps[0])
	from := func(name string) string { return "snapshot=" + strings.TrimLeft(name, "0") }
	if told := opened(dir); !strings.Contains(told, from(newer)) {
		t.Fatalf("not opened from the newest snapshot: %s", told)
	}

	other := t.TempDir() // of another exchange, with another key
	o := busy(t, other)
	o.Close()
	foreign := snapshotsOf(t, other)[1]
	for name, spoil := range map[string]func(snap string) error{
		"a bit of the venue": func(s string) error { return flip(filepath.Join(s, "venue")) },
		"a bit of the view":  func(s string) error { return flip(filepath.Join(s, "view")) },
		"a bit of the note":  func(s string) error { return flip(filepath.Join(s, "note")) },
		"a torn view":        func(s string) error { return os.Truncate(filepath.Join(s, "view"), 100) },
		"a longer venue": func(s string) error {
			f, err := os.OpenFile(filepath.Join(s, "venue"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write([]byte{0})
			return errors.Join(err, f.Close())
		},
		"no note": func(s string) error { return os.Remove(filepath.Join(s, "note")) },
		"another exchange's": func(s string) error {
			return copyFolder(s, foreign)
		},
		"the older one's": func(s string) error {
			return copyFolder(s, filepath.Join(filepath.Dir(s), older))
		},
	} {
		t.Run(name, func(t *testing.T) {
			copied := t.TempDir()
			if err := copyFolder(copied, dir); err != nil {
				t.Fatal(err)
			}
			if err := spoil(filepath.Join(copied, "snapshots", newer)); err != nil {
				t.Fatal(err)
			}
			if told := opened(copied); !strings.Contains(told, "does not hold") || !strings.Contains(told, from(older)) {
				t.Fatalf("told: %s", told)
			}
		})
	}
	// Both damaged: the log has all.
	for _, s := range snaps {
		if err := flip(filepath.Join(s, "venue")); err != nil {
			t.Fatal(err)
		}
	}
	if told := opened(dir); strings.Count(told, "does not hold") != 2 || !strings.Contains(told, "snapshot=0") {
		t.Fatalf("told: %s", told)
	}
}

// A snapshot of records that the log has lost is not believed.
func TestSnapshotAheadOfItsLog(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	p.Close()
	short := t.TempDir()
	q := start(t, short, day("2022-02-24 09:00"))
	q.Close()
	for _, name := range []string{"snapshots", "keys", "vault"} {
		if err := copyFolder(filepath.Join(short, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	// The log of another exchange under the same key, or what is left of this one's.
	if _, err := exchange.Open(q.config()); !errors.Is(err, exchange.ErrLogShort) {
		t.Fatalf("opened: %v", err)
	}
	if err := os.RemoveAll(filepath.Join(short, "snapshots")); err != nil {
		t.Fatal(err)
	}
	q.reopen(-1)
	if q.View().Summary().Customers != 0 {
		t.Fatal("it knows the other's customers")
	}
}

func FuzzReadView(f *testing.F) {
	dir := f.TempDir()
	p := &place{t: f, dir: dir, now: day("2022-02-24 09:00"), logged: make(lines, 10)}
	var err error
	if p.rules, err = law.Default(); err != nil {
		f.Fatal(err)
	}
	cfg := p.config()
	cfg.Weights = match.DefaultWeights()
	x, err := exchange.Open(cfg)
	if err != nil {
		f.Fatal(err)
	}
	b, err := exchange.ViewBytes(x.View())
	if err != nil {
		f.Fatal(err)
	}
	x.Close()
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		again, err := exchange.ReadView(b)
		if err == nil && len(again) == 0 {
			t.Fatal("what was read is written as nothing")
		}
	})
}

// TestSecondVenue: the exchange whose venue is not what its log makes of it signs nothing, and takes
// no more commands.
func TestSecondVenue(t *testing.T) {
	for _, astray := range []bool{false, true} {
		dir := t.TempDir()
		rules, err := law.Default()
		if err != nil {
			t.Fatal(err)
		}
		p := &place{t: t, dir: dir, now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 1000)}
		p.reopen(-1)
		if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
			t.Fatal(err)
		}
		a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
		p.fund(a, "USDT", "1000000", "own")
		if astray {
			p.Astray(&tape.SetPhase{Phase: tape.Halted, By: "a cosmic ray", Reason: "none"})
		}
		m := money.MustParse
		order := &tape.PlaceOrder{Account: a, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, Price: m("20000"), Quantity: m("0.1"), ClientID: "a"}
		if err := p.AskCheckpoint(order); err != nil {
			t.Fatal(err)
		}
		if !astray {
			if err := p.Close(); err != nil || p.Err() != nil {
				t.Fatal(err, p.Err())
			}
			continue
		}
		select {
		case <-p.Failed():
		case <-time.After(10 * time.Second):
			t.Fatal("it goes on")
		}
		if err := p.Err(); !strings.Contains(err.Error(), "does not bring about what it did") {
			t.Errorf("it says: %v", err)
		}
		if _, _, err := p.PlaceOrder(order); !errors.Is(err, exchange.ErrClosed) {
			t.Errorf("another order: %v", err)
		}
	}
}

// TestReplayedBytesCount: what a start has replayed counts towards the next snapshot, so that starts one after another do not
// replay more and more.
func TestReplayedBytesCount(t *testing.T) {
	p := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.open("us", person("a", "Maria Garcia", "1990-01-01", "ES", madrid)).Account
	p.fund(a, "BTC", "10", "own")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	log, err := journal.OpenReadOnly(filepath.Join(p.dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	var written int64
	err = log.Read(1, func(r journal.Record) error { written += int64(len(r.Payload)) + 91; return nil })
	if err := errors.Join(err, log.Close()); err != nil {
		t.Fatal(err)
	}
	p.reopen(written + 1)
	if _, err := p.order(a, book.Sell, "30500", "0.1", "one"); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(snapshotsOf(t, p.dir)); n != 1 {
		t.Errorf("%d snapshots after a record more than as many bytes as one is written for, want 1", n)
	}
}

// TestOldSnapshots: what the log does not confirm goes before what it does.
func TestOldSnapshots(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	p.Close()
	list := func() (names []string) {
		entries, err := os.ReadDir(filepath.Join(dir, "snapshots"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	held := list()[len(list())-1]
	n, err := strconv.ParseUint(held, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	other := fmt.Sprintf("%020d", n-1) // a name that is not its own
	newer := fmt.Sprintf("%020d", n+1)
	for _, name := range []string{other, newer} {
		if err := copyFolder(filepath.Join(dir, "snapshots", name), filepath.Join(dir, "snapshots", held)); err != nil {
			t.Fatal(err)
		}
	}
	p.reopen(-1)
	if err := p.PruneSnapshots(); err != nil {
		t.Fatal(err)
	}
	if after := list(); !slices.Equal(after, []string{held}) {
		t.Errorf("of %s, %s and %s there are left %v", other, held, newer, after)
	}
}
