package exchange

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/mod/sumdb/note"

	"sallyport/internal/store"
	"sallyport/journal"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// snapshots is the folder of what the exchange was at some records, so that opening it need not
// replay the whole log. Each has a folder of its own, named after its record:
//
//	venue   tape.Snapshot
//	view    the read models (View.code)
//	note    signed with the key of the checkpoints: the record, its time, hash chain and state,
//	        and the length and SHA-256 of both files
//
// A snapshot is believed when all of that holds, the log has the record with that chain and
// a signed checkpoint of that state, and what it holds has that state's hash; else it is told
// and passed over. An auditor does not read them (package verify).
type snapshots struct {
	files   vfs.FS
	dir     string
	log     *journal.Log
	signer  note.Signer
	public  string
	writing sync.WaitGroup
	second  second                  // of whoever makes a checkpoint, one at a time
	hashed  chan journal.Checkpoint // whose state has been hashed

	// Of the committer alone.
	busy   bool  // one is being made
	asked  bool  // a job wants one
	behind int   // records since the last
	bytes  int64 // of the log since the last snapshot
}

// second is a venue that follows the log behind the exchange's back, from what the disk has: so
// that the state of a record is copied and hashed while others go on, however much there is of
// it, and so that what the exchange says it has written is read and carried out once more.
type second struct {
	venue *venue.Venue
	at    uint64 // the record that it is as after
}

// DefaultSnapshotBytes of log are between two snapshots, if the configuration says nothing else:
// some two million orders and cancels, which replay in seconds.
const DefaultSnapshotBytes = 256 << 20

// keptSnapshots of those that the log confirms are kept while a new one is written.
const keptSnapshots = 1

// stored is about what a record takes in the log.
func stored(payload int) int64 { return int64(payload) + 91 }

// count counts what a batch brought into the log, and makes the checkpoint or snapshot that is due.
func (x *Exchange) count(b *batch) {
	s := &x.snapshots
	s.behind += len(b.entries)
	for i := range b.entries {
		s.bytes += stored(len(b.entries[i].Payload))
	}
	s.asked = s.asked || b.checkpoint
	x.checkpoint()
}

// checkpoint makes one of the log's last record, if one is due and none is being made, and a
// snapshot of it if that is due, while others go on.
func (x *Exchange) checkpoint() {
	s := &x.snapshots
	still := x.cfg.SnapshotBytes > 0 && s.bytes >= x.cfg.SnapshotBytes
	if s.busy || x.Err() != nil || !still && !s.asked && s.behind < checkpointEvery {
		return
	}
	s.busy, s.asked, s.behind = true, false, 0
	c := journal.Checkpoint{Origin: x.log.Origin()}
	c.Seq, c.Chain = x.log.Head()
	var view *View
	if still {
		view, s.bytes = x.view.still(), 0
	}
	s.writing.Go(func() {
		if x.cfg.Turn != nil {
			x.cfg.Turn("checkpoint")
		}
		state, at, err := s.second.follow(x, c.Seq)
		if err != nil {
			x.fail(fmt.Errorf("exchange: what was written does not bring about what it did: %w", err))
			return
		}
		c.Time, c.State = at, state.Hash()
		if view != nil {
			if err := s.write(c, state, view); err != nil {
				x.cfg.Log.Error("a snapshot was not written", "record", c.Seq, "error", err)
			}
		}
		s.hashed <- c
	})
}

// follow brings the second venue to a record of the log, and gives its state there and the record's
// time.
func (s *second) follow(x *Exchange, seq uint64) (state *tape.Snapshot, at int64, err error) {
	if s.venue == nil {
		r, err := x.snapshots.newest(x.cfg.Log, false)
		if err != nil {
			return nil, 0, err
		}
		s.venue, s.at = r.venue, r.of.Seq
	}
	err = replayLog(x.log, s.venue, s.at+1, seq, func(r replayed, _ tape.Command, _ []tape.Event) { at = r.at })
	if err != nil {
		return nil, 0, err
	}
	s.at = seq
	return s.venue.Snapshot(), at, nil
}

// hashed takes a checkpoint whose state has been hashed, and makes the next if that is due.
func (x *Exchange) hashed(c journal.Checkpoint) {
	x.snapshots.busy = false
	x.sign(c)
	x.checkpoint()
}

// sign puts a checkpoint into the log.
func (x *Exchange) sign(c journal.Checkpoint) {
	if x.Err() != nil {
		return
	}
	if err := x.log.Sign(c); err != nil {
		x.fail(err)
	}
}

// lastCheckpoint signs the log's end, when nothing more comes.
func (x *Exchange) lastCheckpoint() {
	x.snapshots.writing.Wait()
	select {
	case c := <-x.snapshots.hashed:
		x.sign(c)
	default:
	}
	if x.Err() != nil || x.snapshots.behind == 0 {
		return
	}
	state := x.sequencer.venue.State()
	if _, _, err := x.log.AppendAndCheckpoint(nil, state.Hash()); err != nil {
		x.cfg.Log.Error("the last checkpoint was not written", "error", err)
	}
}

// A recovered exchange is as it was after a record.
type recovered struct {
	of    journal.Checkpoint // Seq is 0 before the first record
	venue *venue.Venue
	view  *View
}

// ErrLogShort says that the log has lost records which it had acknowledged: a snapshot, which is only
// ever made of what is on the disk, signs a later one.
var ErrLogShort = errors.New("the log is shorter than it was")

// newest is the newest snapshot that holds, or the exchange before its first record. It fails with
// ErrLogShort.
func (s *snapshots) newest(log *slog.Logger, withView bool) (recovered, error) {
	for _, name := range slices.Backward(s.names()) {
		r, err := s.read(name, withView)
		if err == nil {
			return r, nil
		}
		if errors.Is(err, ErrLogShort) {
			return r, fmt.Errorf("exchange: %w: bring the data folder back from a copy; to go on without what is lost, move %s away", err, s.dir)
		}
		log.Error("a snapshot does not hold and is passed over", "snapshot", filepath.Join(s.dir, name), "error", err)
	}
	return recovered{venue: venue.New(), view: newView(s.log)}, nil
}

// names lists the snapshots, oldest first.
func (s *snapshots) names() []string {
	all, _ := s.files.List(s.dir) // none, if it cannot be read: the log has all
	slices.Sort(all)
	return slices.DeleteFunc(all, func(name string) bool {
		_, err := strconv.ParseUint(name, 10, 64)
		return err != nil || len(name) != 20
	})
}

// noteText is what a snapshot's note says.
func noteText(c *journal.Checkpoint, parts [2]part) string {
	text := fmt.Sprintf("sallyport snapshot v1\norigin %s\nrecord %d\nchain %x\nstate %x\ntime %d\n", c.Origin, c.Seq, c.Chain, c.State, c.Time)
	for i, p := range parts {
		text += fmt.Sprintf("%s %d %x\n", partNames[i], p.size, p.sum)
	}
	return text
}

type part struct {
	size int64
	sum  tape.Hash
}

var partNames = [2]string{"venue", "view"}

// write puts a snapshot into the folder, whole or not at all. Those that the log has no checkpoint
// of go first, and of the others all but the newest: the log does not have that of the new one yet.
func (s *snapshots) write(c journal.Checkpoint, v *tape.Snapshot, view *View) error {
	if err := s.prune(); err != nil {
		return err
	}
	name := fmt.Sprintf("%020d", c.Seq)
	half := filepath.Join(s.dir, ".new")
	if err := errors.Join(s.files.RemoveAll(half), store.MakeDir(s.files, half, 0o700)); err != nil {
		return err
	}
	var parts [2]part
	for i, encode := range []func() ([]byte, error){v.Encode, view.encode} {
		b, err := encode()
		if err != nil {
			return err
		}
		parts[i] = part{int64(len(b)), sha256.Sum256(b)}
		if err := store.WriteNew(s.files, filepath.Join(half, partNames[i]), b, 0o600); err != nil {
			return err
		}
	}
	signed, err := note.Sign(&note.Note{Text: noteText(&c, parts)}, s.signer)
	if err != nil {
		return err
	}
	if err := errors.Join(store.WriteNew(s.files, filepath.Join(half, "note"), signed, 0o600), store.SyncDir(s.files, half)); err != nil {
		return err
	}
	return errors.Join(s.files.Rename(half, filepath.Join(s.dir, name)), store.SyncDir(s.files, s.dir))
}

// prune removes the snapshots that are no use, each whole or not at all.
func (s *snapshots) prune() error {
	old := filepath.Join(s.dir, ".old")
	err := s.files.RemoveAll(old)
	kept := 0
	for _, name := range slices.Backward(s.names()) {
		if _, _, wrong := s.readNote(name); wrong == nil && kept < keptSnapshots {
			kept++
			continue
		}
		if err == nil {
			err = s.files.Rename(filepath.Join(s.dir, name), old)
		}
		if err == nil {
			err = store.SyncDir(s.files, s.dir)
		}
		if err == nil {
			err = s.files.RemoveAll(old)
		}
	}
	return err
}

// readNote reads a snapshot's note and holds it to the log.
func (s *snapshots) readNote(name string) (of journal.Checkpoint, parts [2]part, err error) {
	verifier, err := note.NewVerifier(s.public)
	if err != nil {
		return of, parts, err
	}
	keys := note.VerifierList(verifier)
	signed, err := store.ReadFile(s.files, filepath.Join(s.dir, name, "note"), 1<<16)
	if err != nil {
		return of, parts, err
	}
	text, err := journal.OpenNote("snapshot", signed, keys)
	if err != nil {
		return of, parts, err
	}
	if parts, err = parseNote(text, &of); err != nil {
		return of, parts, err
	}
	if fmt.Sprintf("%020d", of.Seq) != name || of.Origin != s.log.Origin() {
		return of, parts, fmt.Errorf("it is of record %d of %q", of.Seq, of.Origin)
	}
	if end, _ := s.log.Head(); of.Seq > end {
		return of, parts, fmt.Errorf("%w: it ends at record %d, and there was a record %d", ErrLogShort, end, of.Seq)
	}
	return of, parts, s.confirmed(&of, keys)
}

// read reads a snapshot and holds it to its note and to the log.
func (s *snapshots) read(name string, withView bool) (r recovered, err error) {
	var parts [2]part
	if r.of, parts, err = s.readNote(name); err != nil {
		return r, err
	}
	b, err := s.part(name, 0, parts)
	if err != nil {
		return r, err
	}
	state, err := tape.DecodeSnapshot(b)
	if err != nil {
		return r, err
	}
	if state.Hash() != r.of.State {
		return r, errors.New("its state is not the one that the log's checkpoint signs")
	}
	if r.venue, err = venue.Restore(state); err != nil || !withView {
		return r, err
	}
	if b, err = s.part(name, 1, parts); err != nil {
		return r, err
	}
	if r.view, err = readView(b, s.log); err != nil {
		return r, err
	}
	if r.view.seq != r.of.Seq {
		return r, fmt.Errorf("what it shows is as of record %d", r.view.seq)
	}
	return r, nil
}

// confirmed holds a snapshot's record to what the log has.
func (s *snapshots) confirmed(c *journal.Checkpoint, keys note.Verifiers) error {
	rec, err := s.log.Record(c.Seq)
	if err != nil {
		return err
	}
	if rec.Chain != c.Chain || rec.Time != c.Time {
		return errors.New("the log's record is another")
	}
	signed, err := s.log.Checkpoint(c.Seq)
	if err != nil {
		return err
	}
	if signed == nil {
		return errors.New("the log has no checkpoint of its record")
	}
	in, err := journal.OpenCheckpoint(signed, keys)
	if err != nil {
		return err
	}
	if in != *c {
		return errors.New("the log's checkpoint signs another state")
	}
	return nil
}

func (s *snapshots) part(name string, i int, parts [2]part) ([]byte, error) {
	b, err := store.ReadFile(s.files, filepath.Join(s.dir, name, partNames[i]), parts[i].size)
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(b) != parts[i].sum {
		return nil, fmt.Errorf("the file %s is not the one that was written", partNames[i])
	}
	return b, nil
}

func parseNote(text string, c *journal.Checkpoint) (parts [2]part, err error) {
	var chain, state []byte
	var sums [2][]byte
	_, err = fmt.Sscanf(text, "sallyport snapshot v1\norigin %s\nrecord %d\nchain %x\nstate %x\ntime %d\nvenue %d %x\nview %d %x\n",
		&c.Origin, &c.Seq, &chain, &state, &c.Time, &parts[0].size, &sums[0], &parts[1].size, &sums[1])
	if err != nil {
		return parts, fmt.Errorf("the note does not read: %w", err)
	}
	copy(c.Chain[:], chain)
	copy(c.State[:], state)
	for i := range parts {
		copy(parts[i].sum[:], sums[i])
	}
	if noteText(c, parts) != text {
		return parts, errors.New("the note is not written in its one form")
	}
	return parts, nil
}
