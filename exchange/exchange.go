// Package exchange runs one exchange: the gate before the venue, and the journal under it.
//
// It turns what customers, chains, lists and the hours of the law bring into commands,
// gives each a time and a place in the log, and lets nothing out before the log has it:
// commands are applied by one goroutine, committed in groups with one fsync, and only
// then answered, shown and published.
//
// Judging is done here before a command is made, under one basis at a time: the editions
// and rules that are in force. A change of the basis (a list edition, a rule's hour) waits
// until decisions under way are in the log, and carries the decisions it brings in its own
// commit, so that nobody slips in between.
//
// Opening the same folder again goes on from the newest snapshot and the log after it; see TestReopen, TestSnapshots and, for a
// process killed at any moment, the kill test of the program.
package exchange

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/mod/sumdb/note"

	"sallyport/chain/memory"
	"sallyport/identity"
	"sallyport/internal/store"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/vault"
	"sallyport/venue"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// Config says how to run an exchange. Dir, Clock, Genesis, Rules and Editions are required.
type Config struct {
	Dir     string           // the data folder; made when there is none
	Clock   func() time.Time // what hour it is, for the log and the law
	Random  io.Reader        // for keys and salts; nil is crypto/rand
	Genesis tape.Genesis     // founds a new folder; an old one keeps its own
	Rules   *law.Set
	Weights match.Weights

	// Edition finds a list edition that the log says is in force, after a restart.
	Edition func(list string, sha256 tape.Hash) (*watchlist.Edition, error)

	// Confirmed is when the publisher of a list last confirmed the edition in force, as the
	// store of editions has it; nil: when it was taken up.
	Confirmed func(list string) (time.Time, bool)

	// Locate says where a network address is; nil knows of none. What it does not know
	// holds a withdrawal, for a rule of place could not be read.
	Locate func(netip.Addr) Session

	// EuroPer is what one unit of an asset is worth in euro while no market of this
	// exchange prices it, for rules that have a value in them.
	EuroPer map[string]money.Amount

	// TierVolumes is what an account must trade in thirty days, in euro, to earn the tiers of fees
	// 1 and on; where there are none, a person alone gives tiers.
	TierVolumes []money.Amount

	// SendsParties says that the data of originator and beneficiary go with each transfer and
	// are asked of each that arrives, by means outside this program (Regulation (EU) 2023/1113).
	SendsParties bool

	// Represents is what an asset wraps or is a claim to, beside itself: a wrapped token, a
	// share in a pool.
	Represents map[string][]string

	// Platforms are the other providers that are known here. Whether an operator may deal with
	// those it deals with is asked at the start, at each edition and at each date.
	Platforms []Platform

	// Governors are those who own, control or direct the operators; where the rules in force
	// do not let them, the exchange does not open.
	Governors []Governor

	// Identify is asked of customers who hand in files that show who they are; nil leaves them
	// to the desk. Unless TradeUnidentified, who signed up by themselves neither trades nor
	// withdraws before they are identified.
	Identify          identity.Checker
	TradeUnidentified bool

	HoldOwner  string        // whose question a hold is
	HoldFor    time.Duration // how long they have, where HoldDays is 0
	HoldDays   int           // or business days, of the authorities that the operator's nexus names (package calendar)
	StaleAfter time.Duration // after which a list that nobody has confirmed counts as stale; 0 is never

	// SnapshotBytes is how many bytes of log are written between two snapshots, which is what is
	// left to replay after a crash; 0 is DefaultSnapshotBytes, less than 0 is never.
	SnapshotBytes int64

	Log *slog.Logger // nil is silent

	// Tried is called with each command when the venue has applied it and the log has not got
	// it yet; tests fail there, as if the venue did. Nil is not called.
	Tried func(tape.Command)

	// Files is the file system that the data folder lies on; nil is the machine's own.
	Files vfs.FS
	// Turn, if it is not nil, is called when work begins that nobody waits for, and may keep it
	// waiting: a simulation gives an order to what else runs side by side.
	Turn func(work string)
}

// An Exchange is running from Open to Close. Its methods may be called from many goroutines.
type Exchange struct {
	cfg    Config
	files  vfs.FS // of the data folder
	log    *journal.Log
	vault  *vault.Vault
	chain  *memory.Chain
	view   *View
	signer note.Signer
	public string // verifier key of the checkpoints

	entry   sync.RWMutex // held for reading while a job is handed in
	shut    bool         // under entry: jobs is closed
	jobs    chan *job
	stopped chan struct{} // closed when the sequencer has ended
	broken  atomic.Pointer[error]
	failed  chan struct{} // closed when broken is set
	closing atomic.Bool

	// leaving is held for reading while value is let go, and for writing from the arrival of an edition until it is
	// in force: what it names does not leave meanwhile. It is taken before basis.
	leaving sync.RWMutex
	// basis is held for reading while a decision is made and put into the log, and for
	// writing while what decisions rest on changes.
	basis       sync.RWMutex
	watch       watch
	unknownDays sync.Map        // nexus whose business days were asked for outside the data: told once
	silent      map[string]bool // lists of whose silence the log has been told; of followLaw alone
	pending     pending
	customers   *customers
	agenda      agenda
	admitted    admissions
	assets      assetGate
	platforms   platformGate
	waiting     waiting
	staying     staying

	moving  [64]sync.Mutex // by movement of another ledger: one question about it at a time
	next    atomic.Uint64  // last account number given out
	senders sync.WaitGroup
	outbox  chan uint64 // withdrawals to send
	missed  atomic.Bool // some did not fit into outbox
	quit    chan struct{}

	latest    atomic.Int64 // what the clock read last, µs since 1970 UTC
	sequencer sequencer
	snapshots snapshots
}

// ErrClosed says that the exchange is shutting down or that its log has failed.
var ErrClosed = errors.New("exchange: closed")

// Open opens the data folder, replays its log, and starts the exchange.
func Open(cfg Config) (*Exchange, error) {
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.SnapshotBytes == 0 {
		cfg.SnapshotBytes = DefaultSnapshotBytes
	}
	if cfg.Identify == nil {
		cfg.Identify = identity.Manual{}
	}
	if err := checkHolds(&cfg); err != nil {
		return nil, err
	}
	if err := checkVolumes(cfg.TierVolumes); err != nil {
		return nil, err
	}
	platforms, err := readPlatforms(cfg.Platforms)
	if err != nil {
		return nil, err
	}
	files := cfg.Files // for what is not a store, which knows what nil is
	if files == nil {
		files = store.Disk
	}
	if err := store.MakeDir(files, filepath.Join(cfg.Dir, "keys"), 0o700); err != nil {
		return nil, fmt.Errorf("exchange: data folder: %w", err)
	}
	signer, public, err := checkpointKey(cfg, files)
	if err != nil {
		return nil, err
	}
	x := &Exchange{
		cfg: cfg, signer: signer, public: public, chain: memory.New(fmt.Sprint(cfg.Clock().UnixNano())), view: newView(nil),
		jobs: make(chan *job, 4096), stopped: make(chan struct{}), failed: make(chan struct{}), outbox: make(chan uint64, 1<<16), quit: make(chan struct{}),
		customers: newCustomers(), agenda: newAgenda(), assets: newAssetGate(), platforms: platforms, admitted: admissions{byAccount: map[uint64][]admission{}},
	}
	if x.log, err = journal.Open(filepath.Join(cfg.Dir, "journal"), journal.Options{Signer: signer, FS: cfg.Files}); err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	opened := []io.Closer{x.log} // and closed again if the rest fails
	defer func() {
		for _, c := range opened {
			c.Close()
		}
	}()
	if x.vault, err = vault.Open(filepath.Join(cfg.Dir, "vault"), vault.Options{MasterKey: filepath.Join(cfg.Dir, "keys", "vault.key"), Rand: cfg.Random, FS: cfg.Files}); err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	opened = append(opened, x.vault)
	x.sequencer.applied = make(chan *batch)
	x.files = files
	x.snapshots = snapshots{files: files, dir: filepath.Join(cfg.Dir, "snapshots"), log: x.log, signer: signer, public: public, hashed: make(chan journal.Checkpoint, 1)}
	if err := x.replay(); err != nil {
		return nil, err
	}
	x.latest.Store(x.sequencer.last)
	if err := x.loadCustomers(); err != nil {
		return nil, err
	}
	go x.sequence()
	opened = nil // stop closes them from here on
	if err := x.found(); err != nil {
		x.stop()
		return nil, err
	}
	x.senders.Add(2)
	go x.send()
	go x.followLaw()
	return x, nil
}

const keyBytes = 4 << 10 // a file of a key is shorter

// checkpointKey reads the key that signs checkpoints, or makes one.
func checkpointKey(cfg Config, files vfs.FS) (note.Signer, string, error) {
	dir := filepath.Join(cfg.Dir, "keys")
	secret, public := filepath.Join(dir, "checkpoint.key"), filepath.Join(dir, "checkpoint.pub")
	s, err := store.ReadFile(files, secret, keyBytes)
	if errors.Is(err, fs.ErrNotExist) {
		skey, vkey, err := journal.NewKey(cfg.Random, journal.DefaultOrigin)
		if err != nil {
			return nil, "", fmt.Errorf("exchange: %w", err)
		}
		// The public half first: a secret key is only ever found beside its public one.
		err = store.Replace(files, public, []byte(vkey+"\n"), 0o644)
		if err == nil {
			err = store.Replace(files, secret, []byte(skey+"\n"), 0o600)
		}
		if err != nil {
			return nil, "", fmt.Errorf("exchange: keys: %w", err)
		}
		s = []byte(skey)
	} else if err != nil {
		return nil, "", fmt.Errorf("exchange: keys: %w", err)
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(s)))
	if err != nil {
		return nil, "", fmt.Errorf("exchange: %s: %w", secret, err)
	}
	p, err := store.ReadFile(files, public, keyBytes)
	if err != nil {
		return nil, "", fmt.Errorf("exchange: keys: %w", err)
	}
	return signer, strings.TrimSpace(string(p)), nil
}

// found writes the first command of a new log, takes up the rules if they are not the ones
// in force, and makes up for what a crash cut off.
func (x *Exchange) found() error {
	if !x.view.Founded() {
		g := x.cfg.Genesis
		if err := venue.CheckGenesis(&g); err != nil {
			return err
		}
		if _, err := x.put(&g); err != nil {
			return err
		}
	}
	if err := x.mend(); err != nil {
		return err
	}
	if !x.view.marksOwed() {
		if _, err := x.put(&tape.OweMarks{}); err != nil {
			return err
		}
	}
	if err := x.takeRules(); err != nil {
		return err
	}
	if err := x.checkGovernors(x.Now()); err != nil {
		return err
	}
	if err := x.checkPlatforms(); err != nil {
		return err
	}
	return x.resume()
}

// Close stops taking commands, signs a last checkpoint and closes the folder. What was
// acknowledged is in the log whether or not Close is ever called.
func (x *Exchange) Close() error {
	if x.closing.Swap(true) {
		return nil
	}
	close(x.quit)
	x.senders.Wait()
	x.basis.Lock() // a change of the basis under way comes whole
	defer x.basis.Unlock()
	return x.stop()
}

func (x *Exchange) stop() error {
	x.entry.Lock()
	x.shut = true
	close(x.jobs)
	x.entry.Unlock()
	<-x.stopped
	return errors.Join(x.log.Close(), x.vault.Close())
}

// View is what can be seen: read models that follow the log.
func (x *Exchange) View() *View { return x.view }

// Now is the exchange's clock. It never goes back, not even behind what the log holds: a
// decision is never dated after the record that carries it.
func (x *Exchange) Now() time.Time {
	now := x.cfg.Clock().UnixMicro()
	for {
		last := x.latest.Load()
		if now <= last {
			return timeOf(last)
		}
		if x.latest.CompareAndSwap(last, now) {
			return timeOf(now)
		}
	}
}

// VerifierKey checks this exchange's signed checkpoints (golang.org/x/mod/sumdb/note).
func (x *Exchange) VerifierKey() string { return x.public }

// Head is the number of the log's last record and the hash chain up to and with it.
func (x *Exchange) Head() (seq uint64, chain tape.Hash) { return x.log.Head() }

// Rules are the rules in force.
func (x *Exchange) Rules() *law.Set { return x.cfg.Rules }

// Chain is the chain that deposits come from and withdrawals go to.
func (x *Exchange) Chain() *memory.Chain { return x.chain }

// Failed is closed when the log has failed, or a change of the basis could not be put into
// it whole: the process should end, and go on from the log
// when it is started again.
func (x *Exchange) Failed() <-chan struct{} { return x.failed }

// Err is nil, or why the exchange takes no more commands.
func (x *Exchange) Err() error {
	if p := x.broken.Load(); p != nil {
		return *p
	}
	return nil
}
