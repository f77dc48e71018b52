// Package journal is the one log of Sallyport: records with a number, a time and a
// payload, committed in batches, chained by hashes and signed at checkpoints. It
// does not know what a payload means, reads no clock, and decides nothing.
//
// # What holds
//
// Append returns after one fsync of the whole batch: what it acknowledged is there
// after a crash, and of a batch either every record is there or none. After the
// first commit that fails the log refuses everything further (ErrBroken) until it is
// opened anew. Read and Audit name the first record that does not hold (BrokenError).
// The tests in fault_test.go crash it at random moments, let its disk fail and fill
// up, and turn bits in what it stored.
//
// # Frame
//
// The canonical frame of a record, integers big-endian:
//
//	offset  bytes  content
//	0       1      0x01, the version of this format
//	1       8      number of the record, from 1 without gaps
//	9       8      time, microseconds since 1970-01-01 00:00 UTC, signed
//	17      2      kind
//	19      4      n, the length of the payload, at most 1 MiB
//	23      n      payload
//	23+n    32     outcome, a digest of what applying the record produced
//
// # Chain
//
//	Chain_0 = SHA-256("sallyport journal v1\n" || origin || "\n")
//	Chain_i = SHA-256(0x01 || Chain_(i-1) || frame of record i)
//
// TestFrameVector pins both.
//
// # Store
//
// The records lie in a Pebble database under ascending keys, so that the log is
// written once and hardly ever sorted again. Those of one commit lie in blocks of some
// kilobytes, one behind another, each block under the number of its last record:
//
//	"a"                          "sallyport journal v1\n" || origin || "\n"
//	"j" || number (8) || "r"     of each record frame || Chain_i (32) || CRC-32C of both (4)
//	"j" || number (8) || "s"     signed checkpoint over the log up to this record
//
// Only the last record of a commit has a checkpoint, so that it follows the block.
//
// # What the log alone cannot show
//
// Records cut off the end, with every checkpoint that covers them, leave a shorter
// log that holds. Whoever keeps a checkpoint elsewhere sees it (the argument held of
// Audit).
package journal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/mod/sumdb/note"

	"sallyport/internal/store"
)

// Bounds of what one record and one batch may hold.
const (
	MaxPayload    = 1 << 20  // bytes of one payload
	MaxBatch      = 1 << 16  // records of one batch
	MaxBatchBytes = 16 << 20 // bytes of all frames of one batch
)

// blockBytes is what records of one commit gather to before the next block begins: enough that
// the store's work is for blocks and not for records, and little enough to look one record up.
const blockBytes = 16 << 10

// DefaultOrigin names a log whose operator gave it no name.
const DefaultOrigin = "sallyport/journal"

// ErrBroken is found in the error of everything asked of a log after its first
// failed commit. What the failed commit held may or may not be there when the log is
// opened again.
var ErrBroken = store.ErrBroken

// ErrHeld is found in the error of Open when another process has the log open, and
// of OpenReadOnly when a writer has.
var ErrHeld = store.ErrHeld

// A Record is one entry of the log as it is stored.
type Record struct {
	Seq     uint64   // from 1, without gaps
	Time    int64    // microseconds since 1970 UTC; never before that of the record before it
	Kind    uint16   // the caller's; the log does not read it
	Payload []byte   // at most MaxPayload bytes
	Outcome [32]byte // digest of what applying the record produced, given by the caller
	Chain   [32]byte // the hash chain up to and with this record
}

// An Entry is what a caller gives to become a Record.
type Entry struct {
	Time    int64 // microseconds since 1970 UTC
	Kind    uint16
	Payload []byte
	Outcome [32]byte
}

// A BrokenError names the first record that does not hold, and why. Seq 0 is the
// log's own header.
type BrokenError struct {
	Seq uint64
	Why string
}

func (e *BrokenError) Error() string {
	return fmt.Sprintf("journal: record %d does not hold: %s", e.Seq, e.Why)
}

// Options of Open. The zero value opens a log on the disk that signs nothing.
type Options struct {
	// Origin names the log for ever: it goes into the chain and every checkpoint.
	// Valid UTF-8 without spaces, controls or "+", such as "example.exchange/journal".
	// Empty means DefaultOrigin for a new log and the stored name for an old one.
	Origin string
	// Signer signs checkpoints; nil means AppendAndCheckpoint returns an error.
	Signer note.Signer
	// FS is the file system; nil is the machine's own.
	FS vfs.FS

	memTable uint64 // tests make it small
	block    int    // bytes of a block, about; tests make it small
}

// A Log is an open log. Its methods may be called from several goroutines; batches
// are committed one after another.
type Log struct {
	db     *store.DB
	origin string
	signer note.Signer
	head   atomic.Pointer[head] // the last record that is acknowledged

	mu       sync.Mutex // one commit at a time
	scratch  []byte     // 0x01 || chain || frame, under mu
	gathered []byte     // of the records that are being put into a batch, under mu
	atMost   int        // bytes of a block before the next begins
}

type head struct {
	seq   uint64
	time  int64
	chain [32]byte
}

// Open opens the log in dir for writing, making it when there is none.
func Open(dir string, o Options) (*Log, error) {
	if o.Origin != "" && !validOrigin(o.Origin) {
		return nil, fmt.Errorf("journal: origin %q: want a name without spaces, controls or +", o.Origin)
	}
	memTable := o.memTable
	if memTable == 0 {
		memTable = 64 << 20 // a checkpoint that comes late still meets its record there, and nothing is sorted again for it
	}
	db, err := store.Open(dir, store.Options{FS: o.FS, MemTable: memTable})
	if err != nil {
		return nil, openError(err, "stop it first")
	}
	l := &Log{db: db, signer: o.Signer, atMost: o.block}
	if l.atMost == 0 {
		l.atMost = blockBytes
	}
	if err := l.start(o.Origin, true); err != nil {
		l.db.Close()
		return nil, err
	}
	return l, nil
}

// OpenReadOnly opens the log in dir for reading and writes nothing to the directory,
// not even a repair. Any number of readers may have it open, but no writer at the
// same time: of a running exchange, read a copy.
func OpenReadOnly(dir string) (*Log, error) { return OpenReadOnlyOn(nil, dir) }

// OpenReadOnlyOn is OpenReadOnly on a file system; nil is the machine's own.
func OpenReadOnlyOn(files vfs.FS, dir string) (*Log, error) {
	db, err := store.Open(dir, store.Options{FS: files, ReadOnly: true})
	if err != nil {
		return nil, openError(err, "stop it, or read a copy")
	}
	l := &Log{db: db}
	if err := l.start("", false); err != nil {
		l.db.Close()
		return nil, err
	}
	return l, nil
}

func openError(err error, remedy string) error {
	switch {
	case errors.Is(err, ErrHeld):
		return fmt.Errorf("journal: %w: %s", err, remedy)
	case store.IsMissing(err):
		return fmt.Errorf("journal: there is no log here: %w", err)
	}
	return fmt.Errorf("journal: %w", err)
}

// start reads the log's name and its last record, writing the name of a new log.
func (l *Log) start(origin string, writing bool) error {
	header, err := l.db.Get([]byte(originKey))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	last, err := l.last()
	var broken *BrokenError
	if err != nil && (writing || !errors.As(err, &broken)) {
		return err // a reader goes on, for it is Read that names the first such record
	}
	switch {
	case header != nil:
		stored, ok := parseHeader(header)
		if !ok {
			return &BrokenError{0, "the line that names the log is not one"}
		}
		if origin != "" && origin != stored {
			return fmt.Errorf("journal: this is the log of %q, not of %q", stored, origin)
		}
		origin = stored
	case last.seq != 0:
		return &BrokenError{0, "the line that names the log is gone"}
	case !writing:
		return errors.New("journal: there is no log here: it was never written to")
	default:
		if origin == "" {
			origin = DefaultOrigin
		}
		b := l.db.NewBatch()
		if err := b.Set([]byte(originKey), formatHeader(origin), nil); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
		if err := l.db.Commit(b); err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	l.origin = origin
	if last.seq == 0 {
		last.chain = chainStart(origin)
	}
	l.head.Store(&last)
	return nil
}

// last finds the last record. Where that does not hold, the error says so and the
// number in head is still the last one that anything in the store speaks of.
func (l *Log) last() (head, error) {
	it, err := l.db.Iter([]byte(recordPrefix), store.Successor([]byte(recordPrefix)))
	if err != nil {
		return head{}, fmt.Errorf("journal: %w", err)
	}
	defer it.Close()
	var end uint64
	for ok := it.Last(); ok; ok = it.Prev() {
		seq, sort, ok := parseKey(it.Key())
		end = max(end, seq)
		switch {
		case !ok:
			return head{seq: end}, &BrokenError{seq, fmt.Sprintf("key %x is no record's", it.Key())}
		case sort == checkpointSort:
			continue
		case seq < end:
			return head{seq: end}, &BrokenError{seq + 1, fmt.Sprintf("missing, though a checkpoint covers record %d", end)}
		}
		b, first, _, err := l.block(seq)
		var last head
		if err == nil {
			err = readBlock(b, first, seq, func(r *Record, _ []byte) error {
				last = head{r.Seq, r.Time, r.Chain}
				return nil
			})
		}
		if err != nil {
			last = head{seq: end}
		}
		return last, err
	}
	if err := it.Error(); err != nil {
		return head{}, fmt.Errorf("journal: %w", err)
	}
	if end > 0 {
		return head{seq: end}, &BrokenError{1, fmt.Sprintf("missing, though a checkpoint covers record %d", end)}
	}
	return head{}, nil
}

// Origin is the name of the log.
func (l *Log) Origin() string { return l.origin }

// Head is the number and the chain of the last acknowledged record; of an empty log
// 0 and Chain_0. A log opened for reading whose last record is unreadable has a zero
// chain: Read says why.
func (l *Log) Head() (seq uint64, chain [32]byte) {
	h := l.head.Load()
	return h.seq, h.chain
}

// Append commits the batch, whole or not at all, with one fsync, and returns the
// number of its first record. A batch that breaks a bound, is empty, or goes back in
// time is refused and leaves the log as it was; any other error is final (ErrBroken).
// The log keeps nothing of the batch's memory.
func (l *Log) Append(batch []Entry) (first uint64, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(batch) == 0 {
		return 0, errors.New("journal: a batch without records")
	}
	b, h, err := l.build(batch)
	if err != nil {
		return 0, err
	}
	return l.commit(b, h, len(batch))
}

// Sign stores a signed checkpoint of a record that the log has already, for a caller whose
// digest of its state takes longer than a commit.
func (l *Log) Sign(c Checkpoint) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.signer == nil {
		return errors.New("journal: no key to sign checkpoints with")
	}
	r, err := l.Record(c.Seq)
	if err != nil {
		return err
	}
	if block, err := l.db.Get(key(c.Seq, recordSort)); err != nil || block == nil {
		return errors.Join(fmt.Errorf("journal: record %d is not the last of its commit, and no other has a checkpoint", c.Seq), err)
	}
	if c.Origin != l.origin || c.Chain != r.Chain || c.Time != r.Time {
		return fmt.Errorf("journal: the checkpoint of record %d is not of this log's", c.Seq)
	}
	b, h, err := l.build(nil)
	if err != nil {
		return err
	}
	if err := l.addCheckpoint(b, c); err != nil {
		b.Close()
		return err
	}
	_, err = l.commit(b, h, 0)
	return err
}

// AppendAndCheckpoint is Append with a signed checkpoint over the log up to the
// batch's last record, in the same commit. State is the digest of the caller's state
// after that record. An empty batch signs what is there already.
func (l *Log) AppendAndCheckpoint(batch []Entry, state [32]byte) (first uint64, c Checkpoint, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.signer == nil {
		return 0, Checkpoint{}, errors.New("journal: no key to sign checkpoints with")
	}
	b, h, err := l.build(batch)
	if err != nil {
		return 0, Checkpoint{}, err
	}
	if h.seq == 0 {
		b.Close()
		return 0, Checkpoint{}, errors.New("journal: an empty log has nothing to sign")
	}
	c = Checkpoint{Origin: l.origin, Seq: h.seq, Chain: h.chain, State: state, Time: h.time}
	if err := l.addCheckpoint(b, c); err != nil {
		b.Close()
		return 0, Checkpoint{}, err
	}
	first, err = l.commit(b, h, len(batch))
	if err != nil {
		return 0, Checkpoint{}, err
	}
	return first, c, nil
}

// build writes the records of the batch into a Pebble batch and returns the head the
// log will have.
func (l *Log) build(batch []Entry) (*pebble.Batch, head, error) {
	if err := l.db.Err(); err != nil {
		return nil, head{}, fmt.Errorf("journal: %w", err)
	}
	h := *l.head.Load()
	if len(batch) > MaxBatch {
		return nil, head{}, fmt.Errorf("journal: a batch of %d records: the most is %d", len(batch), MaxBatch)
	}
	total := 0
	for i, e := range batch {
		if len(e.Payload) > MaxPayload {
			return nil, head{}, fmt.Errorf("journal: entry %d: a payload of %d bytes: the most is %d", i, len(e.Payload), MaxPayload)
		}
		if total += frameSize(len(e.Payload)); total > MaxBatchBytes {
			return nil, head{}, fmt.Errorf("journal: a batch of more than %d bytes", MaxBatchBytes)
		}
	}
	b := l.db.NewBatch()
	l.gathered = l.gathered[:0]
	for i, e := range batch {
		if e.Time < h.time && h.seq > 0 {
			b.Close()
			return nil, head{}, fmt.Errorf("journal: entry %d: time %d is before %d, that of record %d", i, e.Time, h.time, h.seq)
		}
		r := Record{Seq: h.seq + 1, Time: e.Time, Kind: e.Kind, Payload: e.Payload, Outcome: e.Outcome}
		l.scratch = appendChained(l.scratch[:0], h.chain, r)
		r.Chain = chainSum(l.scratch)
		l.gathered = appendStored(l.gathered, l.scratch[chainedPrefix:], r.Chain)
		if len(l.gathered) >= l.atMost || i == len(batch)-1 {
			if err := b.Set(key(r.Seq, recordSort), l.gathered, nil); err != nil {
				b.Close()
				return nil, head{}, fmt.Errorf("journal: %w", err)
			}
			l.gathered = l.gathered[:0]
		}
		h = head{r.Seq, r.Time, r.Chain}
	}
	return b, h, nil
}

func (l *Log) commit(b *pebble.Batch, h head, n int) (first uint64, err error) {
	if err := l.db.Commit(b); err != nil {
		return 0, fmt.Errorf("journal: commit of records %d to %d: %w", h.seq-uint64(n)+1, h.seq, err)
	}
	l.head.Store(&h)
	return h.seq - uint64(n) + 1, nil
}

// Err returns nil, or why the log refuses everything further; the error holds
// ErrBroken.
func (l *Log) Err() error { return l.db.Err() }

// Close closes the log. A broken log is left as it lies until the process ends, and
// Close says so by ErrBroken.
func (l *Log) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.db.Close(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

const headerVersion = "sallyport journal v1\n"

func formatHeader(origin string) []byte { return []byte(headerVersion + origin + "\n") }

func parseHeader(b []byte) (origin string, ok bool) {
	origin, ok = strings.CutPrefix(string(b), headerVersion)
	if !ok {
		return "", false
	}
	origin, ok = strings.CutSuffix(origin, "\n")
	return origin, ok && validOrigin(origin)
}

// validOrigin is the rule of golang.org/x/mod/sumdb/note for the name of a key,
// narrowed to what can stand alone on a line.
func validOrigin(s string) bool {
	return s != "" && len(s) <= 255 && utf8.ValidString(s) && !strings.Contains(s, "+") &&
		strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f || unicode.IsSpace(r) }) < 0
}

// Keys of the store.
const (
	originKey      = "a"
	recordPrefix   = "j"
	recordSort     = 'r'
	checkpointSort = 's' // after the record it covers
	keySize        = 1 + 8 + 1
)

func key(seq uint64, sort byte) []byte {
	b := make([]byte, 0, keySize)
	b = append(b, recordPrefix...)
	b = binary.BigEndian.AppendUint64(b, seq)
	return append(b, sort)
}

func parseKey(b []byte) (seq uint64, sort byte, ok bool) {
	if len(b) != keySize || b[0] != recordPrefix[0] {
		return 0, 0, false
	}
	sort = b[9]
	return binary.BigEndian.Uint64(b[1:]), sort, sort == recordSort || sort == checkpointSort
}
