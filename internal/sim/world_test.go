package sim

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/exchange"
	"sallyport/internal/store"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/verify"
	"sallyport/watchlist"
)

const folder = "/var/sallyport"

// A world is an exchange, those who use it, its disk, and what must be true of it. It lives in a
// bubble of package synctest: nothing happens in it but what the goroutine that plays it lets
// happen, one operation of the disk after another, so that a seed always goes the same way.
type world struct {
	seed  uint64
	rules *law.Set
	sched *rand.Rand   // which operation of the disk comes next, how long it takes, what a crash leaves
	skew  atomic.Int64 // ns that the clock of the process is ahead of the bubble's

	life    *life
	x       *exchange.Exchange
	follow  *exchange.Follower
	clients []*client

	twin     *twin    // the venue as it is when it never crashes
	records  []record // acknowledged
	failed   *client  // the client that is being looked at, for the report
	met      map[string]int
	told     bytes.Buffer // everything that happened, a line each
	logged   bytes.Buffer // what the process told its own log since it started
	verifier string       // key of the checkpoints, once it is known
	held     []journal.Checkpoint

	editions map[string]*watchlist.Edition
	kept     kept
	drawn    int // names given out
}

// A record of the log, as it lies there.
type record struct {
	seq     uint64
	at      int64
	kind    uint16
	payload string
	outcome tape.Hash
}

// A life is one run of the process, from its start to its end by a fault or in peace.
type life struct {
	disk *Disk

	mu      sync.Mutex
	waiting []*request // operations of the disk that have not happened yet
	ghost   bool       // the power is cut: what happens now happens to nobody

	ops       int
	cutAt     int  // the power is cut before this operation; 0: never
	cutKind   Kind // or before the cutAt-th of this kind
	kinds     map[Kind]int
	failAt    int // from this one on the disk fails; 0: never
	fails     func(*life, Op) error
	failing   error // that the disk has reported
	logFailed bool  // to the log, of what a commit is
}

type request struct {
	op     Op
	answer chan error
}

// before waits until the player lets the operation happen.
func (l *life) before(op Op) error {
	l.mu.Lock()
	if l.ghost {
		l.mu.Unlock()
		return nil
	}
	r := &request{op, make(chan error, 1)}
	l.waiting = append(l.waiting, r)
	l.mu.Unlock()
	return <-r.answer
}

// A client is somebody who waits for an answer.
type client struct {
	what  string
	done  bool
	err   error
	check func() // what must be so when they have their answer
	since int64  // µs since 1970 UTC
}

// violation ends a run: something that must not happen has happened.
type violation string

// powerCut ends a life.
type powerCut struct{}

func (w *world) wrong(format string, args ...any) {
	panic(violation(fmt.Sprintf(format, args...)))
}

// note tells what happened.
func (w *world) note(format string, args ...any) { fmt.Fprintf(&w.told, format+"\n", args...) }

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.skew.Load())).UTC() }

func (w *world) config() exchange.Config {
	m := money.MustParse
	market := func(symbol, tick string) tape.Market {
		return tape.Market{
			Symbol: symbol, Base: 0, Quote: 1, Tick: m(tick), MinPrice: m(tick), MaxPrice: m("1000"), Step: m("0.5"), MinQty: m("0.5"), MaxQty: m("50"),
			MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 2000, AllowSelf: true, Tiers: []tape.Fees{{MakerPPM: 500, TakerPPM: 700}},
			Rising: tape.Trails{Min: 50, Max: 500}, Falling: tape.Trails{Min: 50, Max: 500},
		}
	}
	first, second := market("BTCUSDT", "1"), market("BTCUSDT2", "0.01")
	first.MaxAmends = 2
	second.MaxPosition, second.MaxIcebergs, second.MaxLists, second.MaxAmends = m("45"), 1, 1, 1
	return exchange.Config{
		Dir: folder, Files: w.life.disk, Turn: func(work string) { w.life.before(Op{Kind: "turn", Path: work}) }, Clock: w.now, Random: &drip{rand.NewPCG(w.seed, uint64(w.drawn))}, Rules: w.rules, Weights: match.DefaultWeights(),
		Tried: func(c tape.Command) {
			if o, ok := c.(*tape.PlaceOrder); ok && strings.HasPrefix(o.ClientID, "poison") {
				panic("poisoned")
			}
		},
		Log: slog.New(slog.NewTextHandler(&w.logged, nil)), HoldOwner: "desk", HoldFor: 48 * time.Hour, StaleAfter: 90 * 24 * time.Hour, SnapshotBytes: snapshotBytes, SendsParties: true,
		EuroPer:     map[string]money.Amount{"BTC": money.Int(100), "USDT": m("0.9")},
		TierVolumes: []money.Amount{money.Int(100), money.Int(2000)},
		Genesis: tape.Genesis{
			Format:  tape.Format,
			MaxOpen: tape.Bounds{Orders: 8, Stops: 4, Icebergs: 2, Lists: 2},
			Assets: []tape.Asset{
				{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
				{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
			},
			Markets:   []tape.Market{first, second},
			Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}, {Name: "eu", Title: "EU", Nexus: []string{"EU", "US-CAUSING"}}},
		},
		Edition: func(_ string, hash tape.Hash) (*watchlist.Edition, error) {
			if e := w.editions[hex.EncodeToString(hash[:])]; e != nil {
				return e, nil
			}
			return nil, fmt.Errorf("no edition %x", hash)
		},
	}
}

// drip is a stream of bytes from a seed.
type drip struct{ pcg *rand.PCG }

func (d *drip) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(d.pcg.Uint64() >> 32)
	}
	return len(p), nil
}

const snapshotBytes = 12_000 // of log between two snapshots: some twenty commands

// quick is how long an operation of the disk takes, and the least time between two who ask. A slow
// disk is one whose operations come late among what else happens, not one that takes long: Pebble
// holds a mutex over some, and looks each 100 ms for work under that same mutex, which the bubble
// would wait for without end.
const quick = time.Microsecond

// start lets somebody ask for something.
func (w *world) start(what string, ask func() (check func(), err error)) {
	time.Sleep(quick) // no two ask in the same instant
	c := &client{what: what, since: w.now().UnixMicro()}
	w.clients = append(w.clients, c)
	go func() {
		c.check, c.err = ask()
		c.done = true
	}()
}

// answered looks at what has happened since: what was committed, and who has an answer.
func (w *world) answered() (open int) {
	synctest.Wait()
	w.take()
	w.clients = slices.DeleteFunc(w.clients, func(c *client) bool {
		if !c.done {
			open++
			return false
		}
		w.failed = c
		w.judge(c)
		w.failed = nil
		return true
	})
	return open
}

// judge holds an answer to what may be answered.
func (w *world) judge(c *client) {
	broken := errors.Is(c.err, exchange.ErrClosed) || errors.Is(c.err, journal.ErrBroken)
	disk := errors.Is(c.err, syscall.EIO) || errors.Is(c.err, syscall.ENOSPC)
	switch {
	case c.err == nil:
		w.met[c.what]++
		if c.check != nil {
			c.check()
		}
	case (broken || disk) && w.life.failing == nil:
		w.wrong("%s: %v, and the disk works", c.what, c.err)
	default:
		w.met[c.what+" refused"]++
	}
	w.note("%s: %v", c.what, c.err)
}

// run lets the disk work until everybody has an answer, and then until nothing is left to do or,
// where it is slow, for as long as it pleases.
func (w *world) run(lazy bool) {
	for idle := 0; ; {
		open := w.answered()
		if len(w.life.waiting) == 0 {
			if open == 0 {
				return
			}
			if idle++; idle > 100 {
				w.wrong("%s waits for ever", w.clients[0].what)
			}
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if open == 0 && lazy && !w.urgent() {
			return
		}
		idle = 0
		w.release()
	}
}

// urgent is whether an operation waits that a commit may be waiting for.
func (w *world) urgent() bool {
	return slices.ContainsFunc(w.life.waiting, func(r *request) bool { return strings.HasSuffix(r.op.Path, ".log") })
}

// let lets n operations of the disk happen.
func (w *world) let(n int) {
	for range n {
		w.answered()
		if len(w.life.waiting) > 0 {
			w.release()
		}
	}
}

// release lets one of the operations happen that wait.
func (w *world) release() {
	l := w.life
	l.mu.Lock()
	slices.SortFunc(l.waiting, func(a, b *request) int {
		return strings.Compare(a.op.Path+string(a.op.Kind), b.op.Path+string(b.op.Kind))
	})
	i := w.sched.IntN(len(l.waiting))
	r := l.waiting[i]
	l.waiting = slices.Delete(l.waiting, i, i+1)
	l.ops++
	l.mu.Unlock()
	time.Sleep(quick)
	synctest.Wait()
	l.kinds[r.op.Kind]++
	if l.cutAt > 0 && (l.cutKind == "" && l.ops == l.cutAt || l.cutKind == r.op.Kind && l.kinds[r.op.Kind] == l.cutAt) {
		w.note("the power is cut before %s of %s", r.op.Kind, r.op.Path)
		w.met["power cut before "+string(r.op.Kind)]++
		l.mu.Lock()
		l.waiting = append(l.waiting, r)
		l.mu.Unlock()
		panic(powerCut{})
	}
	var err error
	if l.failAt > 0 && l.ops >= l.failAt {
		if err = l.fails(l, r.op); err != nil {
			if l.failing == nil {
				w.met[fmt.Sprintf("%v: %s", err, r.op.Kind)]++
			}
			w.note("%s of %s: %v", r.op.Kind, r.op.Path, err)
			l.failing = err
			l.logFailed = l.logFailed || strings.HasPrefix(r.op.Path, folder+"/journal/") && strings.HasSuffix(r.op.Path, ".log")
		}
	}
	w.note("\t%s of %s, %d bytes", r.op.Kind, r.op.Path, r.op.Bytes)
	r.answer <- err
}

// boot starts the process on a disk.
func (w *world) boot(d *Disk) {
	l := &life{disk: d, kinds: map[Kind]int{}}
	d.Before = l.before
	w.life = l
	w.drawn++ // so that no two lives draw the same keys
	fate := w.sched.IntN(100)
	when := 1 + w.sched.IntN(1+w.sched.IntN(900))
	switch {
	case fate < 40:
		l.cutAt = when
	case fate < 55: // at a moment when names change, of which there are few
		l.cutAt, l.cutKind = 1+w.sched.IntN(20), pick(w.sched, SyncDir, SyncDir, Rename, Remove, Create)
	case fate < 70: // a sync fails: once, or from then on
		once := w.sched.IntN(2) == 0
		l.failAt, l.fails = when, func(l *life, op Op) error {
			if op.Kind != Sync && op.Kind != SyncDir || once && l.failing != nil {
				return nil
			}
			return syscall.EIO
		}
	case fate < 85: // the disk is full, for a while or for good
		frees := w.sched.IntN(2) == 0
		end := when + w.sched.IntN(30)
		l.failAt, l.fails = when, func(l *life, op Op) error {
			if op.Kind != Write && op.Kind != Create && op.Kind != Mkdir || frees && l.ops > end {
				return nil
			}
			return syscall.ENOSPC
		}
	}
	var x *exchange.Exchange
	var err error
	w.logged.Reset()
	w.start("open", func() (func(), error) {
		x, err = exchange.Open(w.config())
		w.x = x
		return nil, err
	})
	w.run(false)
	if x == nil {
		if l.failing == nil {
			w.wrong("it does not open, and the disk works: %v", err)
		}
		panic(powerCut{}) // it is started again
	}
	w.opened()
}

// opened holds what was opened to what was acknowledged before.
func (w *world) opened() {
	all, last := w.read(w.life.disk.Copy())
	if len(all) < len(w.records) || !slices.Equal(all[:len(w.records)], w.records) {
		w.wrong("it opens with %d records, and not those %d that were there", len(all), len(w.records))
	}
	for _, r := range all[len(w.records):] {
		w.twin.apply(w, r, nil)
	}
	w.records = all
	if last != nil {
		w.held = append(w.held, *last)
	}
	if seq, _ := w.x.Head(); seq != uint64(len(all)) {
		w.wrong("it shows %d records, its disk has %d", seq, len(all))
	}
	if w.verifier == "" {
		w.verifier = w.x.VerifierKey()
	} else if w.verifier != w.x.VerifierKey() {
		w.wrong("it signs with another key than before")
	}
	// One is written whole or not at all, and is of use once the log has its checkpoint.
	for line := range strings.Lines(w.logged.String()) {
		if strings.Contains(line, "a snapshot does not hold") && !strings.Contains(line, "the log has no checkpoint of its record") {
			w.wrong("it has a snapshot that does not hold: %s", line)
		}
		if from, ok := strings.CutPrefix(line[strings.Index(line, "msg="):], `msg="the log is replayed" snapshot=`); ok && !strings.HasPrefix(from, "0 ") {
			w.met["opened from a snapshot"]++
		}
	}
	w.sameView()
	w.kept.check(w)
	w.follow = w.x.Follow(1 << 20)
	w.twin.books(w)
}

// sameView compares what is shown with what a replay of the whole log shows.
func (w *world) sameView() {
	whole, err := exchange.LookOn(w.life.disk.Copy(), folder, nil)
	if err != nil {
		w.wrong("its log does not replay: %v", err)
	}
	defer whole.Close()
	want, err := whole.Digest()
	if err != nil {
		w.wrong("%v", err)
	}
	if got, err := w.x.View().Digest(); err != nil || got != want {
		w.wrong("it shows something else than its whole log gives (%v)", err)
	}
}

// read gives the records of a disk's log, and its last checkpoint.
func (w *world) read(d *Disk) (all []record, last *journal.Checkpoint) {
	all, last, err := readLog(d, w.keys())
	if err != nil {
		w.wrong("the log does not read: %v", err)
	}
	return all, last
}

func (w *world) keys() note.Verifiers {
	if w.verifier == "" {
		return nil
	}
	v, err := note.NewVerifier(w.verifier)
	if err != nil {
		w.wrong("%v", err)
	}
	return note.VerifierList(v)
}

func readLog(d *Disk, keys note.Verifiers) (all []record, last *journal.Checkpoint, err error) {
	log, err := journal.OpenReadOnlyOn(d, folder+"/journal")
	if err != nil {
		if names, _ := d.List(folder + "/journal"); len(names) == 0 || strings.Contains(err.Error(), "there is no log here") {
			return nil, nil, nil
		}
		return nil, nil, err
	}
	defer log.Close()
	err = log.Read(1, func(r journal.Record) error {
		all = append(all, record{r.Seq, r.Time, r.Kind, string(r.Payload), r.Outcome})
		return nil
	})
	if err != nil || keys == nil {
		return all, nil, err
	}
	for seq := uint64(len(all)); seq > 0; seq-- {
		signed, err := log.Checkpoint(seq)
		if err != nil {
			return nil, nil, err
		}
		if signed == nil {
			continue
		}
		c, err := journal.OpenCheckpoint(signed, keys)
		return all, &c, err
	}
	return all, nil, nil
}

// take looks at what was committed.
func (w *world) take() {
	if w.follow == nil {
		return
	}
	committed, err := w.follow.Take()
	if err != nil && !errors.Is(err, exchange.ErrClosed) {
		w.wrong("the feed: %v", err)
	}
	for _, c := range committed {
		payload, err := tape.Encode(c.Command)
		if err != nil {
			w.wrong("record %d: %v", c.Seq, err)
		}
		r := record{c.Seq, c.At, uint16(c.Command.Kind()), string(payload), tape.Digest(c.Events)}
		if now := w.now().UnixMicro(); r.at > now {
			w.wrong("record %d is of %d, and it is %d", r.seq, r.at, now)
		}
		if w.life.failing != nil && w.stopped() {
			w.wrong("record %d is shown after the log's disk failed", r.seq)
		}
		w.twin.apply(w, r, &c)
		w.records = append(w.records, r)
	}
}

// stopped is whether the log has said that it takes nothing more.
func (w *world) stopped() bool { return w.x != nil && w.x.Err() != nil }

// restart ends a life by the fault it met, and starts another from what the disk has.
func (w *world) restart() {
	l := w.life
	sure := len(w.records)
	acked := w.records
	failing := l.failing
	after := l.disk.Crash(w.sched)

	// What was under way goes on without a world, so that it is known what it was.
	l.mu.Lock()
	l.ghost = true
	waiting := l.waiting
	l.waiting = nil
	l.mu.Unlock()
	for _, r := range waiting {
		r.answer <- nil
	}
	l.disk.End()
	synctest.Wait()
	if w.x != nil {
		x := w.x
		go x.Close()
	}
	for range 1000 {
		synctest.Wait()
		if done := !slices.ContainsFunc(w.clients, func(c *client) bool { return !c.done }); done {
			break
		}
		time.Sleep(time.Millisecond)
	}
	synctest.Wait()
	w.clients, w.x, w.follow = nil, nil, nil

	ghost, _, err := readLog(l.disk.Copy(), nil)
	if failing == nil && err != nil {
		w.wrong("the log does not read: %v", err)
	}
	there, _ := w.read(after.Copy())
	if len(there) < sure {
		w.wrong("%d records were acknowledged, and %d are there after the crash", sure, len(there))
	}
	for i, r := range there {
		if i < sure && r != acked[i] {
			w.wrong("record %d was acknowledged as another", r.seq)
		}
		if i < len(ghost) && r != ghost[i] {
			w.wrong("record %d is none that was on its way", r.seq)
		}
	}
	if failing == nil && len(there) > len(ghost) {
		w.wrong("record %d is none that was on its way", there[len(ghost)].seq)
	}
	if n := len(there); n > 0 && n < len(ghost) && ghost[n].at == there[n-1].at {
		w.wrong("record %d is there without record %d, which was committed with it", n, n+1)
	}
	w.met["restarts"]++
	if len(there) > sure {
		w.met["restarts with more than was acknowledged"]++
	}
	for _, r := range there[sure:] {
		w.twin.apply(w, r, nil)
	}
	w.records = there
	w.note("restarted with %d records, %d acknowledged", len(there), sure)
	w.bootAgain(after)
}

// bootAgain starts the process until a start comes through.
func (w *world) bootAgain(d *Disk) {
	if w.during(func() { w.boot(d) }) {
		w.restart()
	}
}

// during plays, and says whether a fault ended it.
func (w *world) during(play func()) (cut bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(powerCut); !ok {
				panic(r)
			}
			cut = true
		}
	}()
	play()
	return false
}

// closes ends the process in peace.
func (w *world) closes() {
	w.start("close", func() (func(), error) { return nil, w.x.Close() })
	w.run(false)
	w.x, w.follow = nil, nil
	if w.life.failing != nil {
		panic(powerCut{})
	}
}

// finish ends the run in peace.
func (w *world) finish() {
	for w.during(w.closes) {
		w.restart()
	}
	w.life.disk.End()
	all, _ := w.read(w.life.disk.Copy())
	if !slices.Equal(all, w.records) {
		w.wrong("closed, its log has %d records, and not those %d that there were", len(all), len(w.records))
	}
	w.note("%d records", len(all))
}

// audit lets the auditor go through the whole folder, and sees that what rots on the disk is found.
func (w *world) audit() {
	disk := w.life.disk
	log, err := journal.OpenReadOnlyOn(disk.Copy(), folder+"/journal")
	if err != nil {
		w.wrong("%v", err)
	}
	report, err := w.verified(log)
	log.Close()
	if err != nil {
		w.wrong("the auditor: %v", err)
	}
	if report.LastSeq != uint64(len(w.records)) {
		w.wrong("the auditor saw %d records of %d", report.LastSeq, len(w.records))
	}
	if state := w.twin.venue.State(); tape.Hash(report.StateHash) != state.Hash() {
		w.wrong("the auditor is left with another state")
	}
	for name, n := range report.Commands {
		w.met[name] += int(n)
	}
	w.note("%d records, chain %v", report.LastSeq, report.Chain)
	for range 2 {
		w.rot(disk.Copy())
	}
	// Of the file that says which others there are, above all.
	sealed, err := store.ReadFile(disk, folder+"/journal/AT-REST", 1<<10)
	if err != nil {
		w.wrong("closed in peace, it has no seal: %v", err)
	}
	manifest, _, _ := strings.Cut(string(sealed), " ")
	for range 2 {
		d := disk.Copy()
		where, _ := d.Flip(w.sched, folder+"/journal", manifest)
		if all, _, err := readLog(d, nil); err == nil && !slices.Equal(all, w.records) {
			w.wrong("a bit of %s turned: the log reads as another, and nobody says so", where)
		}
	}
}

func (w *world) verified(log *journal.Log) (verify.Report, error) {
	return verify.Journal(log, verify.Options{
		Rules: []*law.Set{w.rules}, Verifiers: w.keys(), Held: w.held,
		Edition: func(_, sha string) (*watchlist.Edition, error) {
			if e := w.editions[sha]; e != nil {
				return e, nil
			}
			return nil, fmt.Errorf("no edition %s", sha)
		},
	})
}

// rot turns a bit of the folder at rest: it is found, or it is of no consequence.
func (w *world) rot(d *Disk) {
	where, _ := d.Flip(w.sched, folder+pick(w.sched, "/journal", "/snapshots", "/keys", "/vault", ""), "")
	if where == "" {
		return
	}
	all, _, err := readLog(d.Copy(), nil)
	found := err != nil
	if !found && !slices.Equal(all, w.records) {
		w.wrong("a bit of %s turned: the log reads as another, and nobody says so", where)
	}
	if found && !strings.HasPrefix(where, folder+"/journal") {
		w.wrong("a bit of %s turned, and the log does not read: %v", where, err)
	}
	if !found && strings.HasPrefix(where, folder+"/journal") { // what is signed lies beside the records
		log, err := journal.OpenReadOnlyOn(d.Copy(), folder+"/journal")
		if err == nil {
			_, err = w.verified(log)
			log.Close()
		}
		found = err != nil
	}
	w.life = &life{disk: d, ghost: true}
	d.Before = nil
	x, err := exchange.Open(w.config())
	if err == nil {
		head, _ := x.Head()
		err = x.Close()
		if err == nil && head < uint64(len(w.records)) {
			w.wrong("a bit of %s turned: it opens with %d records of %d", where, head, len(w.records))
		}
	}
	synctest.Wait()
	switch {
	case found || err != nil:
		w.met["rot found"]++
	default:
		w.met["rot of no consequence"]++
	}
	w.note("a bit of %s turned: found %v, %v", where, found, err != nil)
}
