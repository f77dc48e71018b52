package journal

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"sallyport/internal/store"
)

// Read calls fn with each record from the given number (1 is the first) up to the
// head at the time of the call, and verifies on the way that no record is missing or
// out of place, that each has the bytes that were written, that time never goes back,
// and that the chain holds. The first record that fails any of it ends the reading
// with a *BrokenError. The payload is valid only until fn returns. An error of fn is
// returned as it is.
//
// Read from a number above 1 trusts the chain of the record before it, or of one some
// records before that.
func (l *Log) Read(from uint64, fn func(Record) error) error {
	return l.walk(from, fn, nil)
}

// Record reads one record, and verifies that it has the bytes that were written. That the
// chain leads to it is for Read to show. The payload is the caller's.
func (l *Log) Record(seq uint64) (Record, error) {
	if end := l.head.Load().seq; seq == 0 || seq > end {
		return Record{}, fmt.Errorf("journal: read record %d: there are 1 to %d", seq, end)
	}
	b, first, last, err := l.block(seq)
	if err != nil {
		return Record{}, err
	}
	var found Record
	err = readBlock(b, first, last, func(r *Record, _ []byte) error {
		if r.Seq == seq {
			found = *r
		}
		return nil
	})
	if err != nil {
		return Record{}, err
	}
	found.Payload = bytes.Clone(found.Payload)
	return found, nil
}

// block is a copy of the block that has a record, and the numbers of the first and last record that
// belong into it.
func (l *Log) block(seq uint64) (b []byte, first, last uint64, err error) {
	it, err := l.db.Iter([]byte(recordPrefix), store.Successor([]byte(recordPrefix)))
	if err != nil {
		return nil, 0, 0, fmt.Errorf("journal: %w", err)
	}
	defer it.Close()
	first = 1
	if it.SeekGE(key(seq, recordSort)) {
		var sort byte
		var ok bool
		if last, sort, ok = parseKey(it.Key()); !ok || sort != recordSort {
			return nil, 0, 0, &BrokenError{seq, fmt.Sprintf("missing: key %x comes instead", it.Key())}
		}
		var v []byte
		if v, err = it.ValueAndErr(); err == nil {
			b = bytes.Clone(v)
		}
		if err == nil && it.Prev() {
			before, _, _ := parseKey(it.Key())
			first = before + 1
		}
	}
	switch err := cmp.Or(err, it.Error()); {
	case store.IsCorruption(err):
		return nil, 0, 0, &BrokenError{seq, fmt.Sprintf("the store cannot read it: %v", err)}
	case err != nil:
		return nil, 0, 0, fmt.Errorf("journal: %w", err)
	case last == 0:
		return nil, 0, 0, &BrokenError{seq, "missing"}
	}
	return b, first, last, nil
}

// readBlock calls fn with each record of a block and its frame, both good until fn returns. The first record that is not the one that
// belongs there, or does not have the bytes that were written, is named.
func readBlock(b []byte, first, last uint64, fn func(r *Record, frame []byte) error) error {
	if last < first {
		return &BrokenError{first, fmt.Sprintf("missing: record %d comes instead", last)}
	}
	r := new(Record)
	for seq := first; seq <= last || len(b) > 0; seq++ {
		if seq > first && len(b) == 0 {
			return &BrokenError{seq, "missing: its block ends before it"}
		}
		frame, rest, err := cutStored(b, r)
		switch {
		case err != nil:
			return &BrokenError{seq, err.Error()}
		case r.Seq > seq && r.Seq <= last:
			return &BrokenError{seq, fmt.Sprintf("missing: record %d comes instead", r.Seq)}
		case r.Seq != seq || seq > last:
			return &BrokenError{seq, fmt.Sprintf("record %d lies in its place", r.Seq)}
		}
		if err := fn(r, frame); err != nil {
			return err
		}
		b = rest
	}
	return nil
}

// Checkpoint is the signed text stored with a record, which OpenCheckpoint reads, or nil when
// there is none. That the log leads to it is for Audit to show.
func (l *Log) Checkpoint(seq uint64) (signed []byte, err error) {
	if end := l.head.Load().seq; seq == 0 || seq > end {
		return nil, fmt.Errorf("journal: checkpoint of record %d: there are 1 to %d", seq, end)
	}
	signed, err = l.db.Get(key(seq, checkpointSort))
	switch {
	case store.IsCorruption(err):
		return nil, &BrokenError{seq, fmt.Sprintf("the store cannot read its checkpoint: %v", err)}
	case err != nil:
		return nil, fmt.Errorf("journal: %w", err)
	}
	return signed, nil
}

// Checkpoints calls fn with each stored checkpoint, oldest first, as the signed text
// that was written: OpenCheckpoint reads it. It passes over the whole log to find them.
func (l *Log) Checkpoints(fn func(signed []byte) error) error {
	it, err := l.db.Iter(key(0, recordSort), key(l.head.Load().seq, checkpointSort+1))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer it.Close()
	for ok := it.First(); ok; ok = it.Next() {
		if _, sort, ok := parseKey(it.Key()); ok && sort == checkpointSort {
			if err := fn(append([]byte(nil), it.Value()...)); err != nil {
				return err
			}
		}
	}
	if err := it.Error(); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

// A Proof is what Audit proved.
type Proof struct {
	Records     uint64   // every one from 1 to this holds
	Chain       [32]byte // after the last of them
	Checkpoints int      // stored in the log, signed by the keys given, and met
	Held        int      // given from elsewhere, and met
	Covered     uint64   // the last record under a checkpoint of either sort
}

// Audit reads the whole log as Read does, and verifies that every stored checkpoint
// is signed by a key of v and that the log meets it. Held are checkpoints that the auditor
// kept from elsewhere, already opened: the log must reach and meet each of them, which
// shows records cut off its end. Onrecord and oncheckpoint (after the last record that
// it covers) may be nil. The first thing that does not hold is returned as a
// *BrokenError.
func (l *Log) Audit(v note.Verifiers, held []Checkpoint, onrecord func(Record) error, oncheckpoint func(Checkpoint) error) (Proof, error) {
	var p Proof
	expected := make(map[uint64][]Checkpoint)
	for _, c := range held {
		if c.Seq == 0 || c.Origin != l.origin {
			return p, &BrokenError{c.Seq, fmt.Sprintf("the checkpoint held is of %q, this log of %q", c.Origin, l.origin)}
		}
		expected[c.Seq] = append(expected[c.Seq], c)
	}
	p.Chain = chainStart(l.origin)
	var last Record // without its payload
	err := l.walk(1, func(r Record) error {
		p.Records, p.Chain = r.Seq, r.Chain
		for _, c := range expected[r.Seq] {
			if err := meet(c, r); err != nil {
				return err
			}
			p.Held++
			p.Covered = r.Seq
		}
		if onrecord != nil {
			if err := onrecord(r); err != nil {
				return err
			}
		}
		last = r
		last.Payload = nil
		return nil
	}, func(seq uint64, signed []byte) error {
		c, err := OpenCheckpoint(signed, v)
		if err != nil {
			return &BrokenError{seq, fmt.Sprintf("its checkpoint: %v", err)}
		}
		if c.Seq != seq || c.Origin != l.origin {
			return &BrokenError{seq, fmt.Sprintf("the checkpoint with it is of record %d of %q", c.Seq, c.Origin)}
		}
		if err := meet(c, last); err != nil {
			return err
		}
		for _, h := range expected[seq] {
			if h.State != c.State {
				return &BrokenError{seq, "the checkpoint held signs another state than the one stored"}
			}
		}
		p.Checkpoints++
		p.Covered = seq
		if oncheckpoint != nil {
			return oncheckpoint(c)
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	for _, c := range held {
		if c.Seq > p.Records {
			return p, &BrokenError{p.Records + 1, fmt.Sprintf("missing, though the checkpoint held covers record %d", c.Seq)}
		}
	}
	return p, nil
}

// meet compares a checkpoint with the record it covers up to.
func meet(c Checkpoint, r Record) error {
	switch {
	case c.Chain != r.Chain:
		return &BrokenError{r.Seq, "a signed checkpoint says that another history led to it"}
	case c.Time != r.Time:
		return &BrokenError{r.Seq, fmt.Sprintf("a signed checkpoint gives it the time %d, the log %d", c.Time, r.Time)}
	}
	return nil
}

// walk passes over the records from a number up to the acknowledged head, and over
// their checkpoints if onsigned is not nil. A checkpoint follows its record.
func (l *Log) walk(from uint64, onrecord func(Record) error, onsigned func(seq uint64, signed []byte) error) error {
	end := l.head.Load().seq
	switch {
	case from == 0:
		return errors.New("journal: records are numbered from 1")
	case from > end+1:
		return fmt.Errorf("journal: read from record %d: the last is %d", from, end)
	}
	// Nothing may lie before the first record.
	lower, first := []byte(recordPrefix), uint64(1)
	if from > 1 {
		if from == end+1 {
			_, err := l.before(from)
			return err
		}
		var err error
		if _, first, _, err = l.block(from); err != nil {
			return err
		}
		lower = key(first, recordSort)
	}
	before, err := l.before(first)
	if err != nil {
		return err
	}
	// Pebble shows a batch to readers before it is on the disk: stop at what is acknowledged.
	it, err := l.db.Iter(lower, key(end, checkpointSort+1))
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	defer it.Close()

	next := first
	chained := append([]byte{chainTag}, before.chain[:]...)
	onblock := func(r *Record, frame []byte) error {
		if r.Time < before.time && r.Seq > 1 {
			return &BrokenError{r.Seq, fmt.Sprintf("its time %d is before %d, that of the record before it", r.Time, before.time)}
		}
		chained = append(chained[:chainedPrefix], frame...)
		if chainSum(chained) != r.Chain {
			return &BrokenError{r.Seq, "the chain does not lead to it: it, or a record before it, is not the one that was written"}
		}
		before.time = r.Time
		copy(chained[1:chainedPrefix], r.Chain[:])
		if next++; r.Seq < from {
			return nil // it lies in a block with the first that was asked for
		}
		return onrecord(*r)
	}
	for ok := it.First(); ok; ok = it.Next() {
		seq, sort, ok := parseKey(it.Key())
		if !ok {
			return &BrokenError{next, fmt.Sprintf("key %x is no record's", it.Key())}
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return &BrokenError{next, err.Error()}
		}
		if sort == recordSort {
			if err := readBlock(value, next, seq, onblock); err != nil {
				return err
			}
			continue
		}
		if seq != next-1 || seq == 0 {
			return &BrokenError{next, fmt.Sprintf("missing, though a checkpoint covers record %d", seq)}
		}
		if onsigned != nil {
			if err := onsigned(seq, value); err != nil {
				return err
			}
		}
	}
	if err := it.Error(); err != nil {
		return &BrokenError{next, fmt.Sprintf("the store cannot read it: %v", err)}
	}
	if next != end+1 {
		return &BrokenError{next, fmt.Sprintf("missing: the log ends before it, though it spoke of record %d", end)}
	}
	return nil
}

// before is the state of the log before the record with this number.
func (l *Log) before(seq uint64) (head, error) {
	if seq == 1 {
		return head{chain: chainStart(l.origin)}, nil
	}
	r, err := l.Record(seq - 1)
	return head{r.Seq, r.Time, r.Chain}, err
}
