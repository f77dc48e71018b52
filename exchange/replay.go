package exchange

import (
	"errors"
	"fmt"
	"math"

	"sallyport/journal"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// lotRecords is how many records go from one stage of a replay to the next at a time.
const lotRecords = 512

// lot is some records in turn and what they brought about.
type lot struct {
	records []replayed
	decoder tape.Decoder
	cmds    []tape.Command
	out     *tape.Buffer
	ends    []int // of each command's events in out
	failed  error // at the record after the last of ends: the venue, or what it brought about
}

// replayed is what a replay keeps of a record beside its command.
type replayed struct {
	seq     uint64
	at      int64 // µs since 1970 UTC
	size    int   // bytes of its payload
	outcome tape.Hash
}

// theEnd of a log is after each of its records.
const theEnd = math.MaxUint64

var (
	errReplayStopped = errors.New("exchange: replay stopped")
	errReplayedAll   = errors.New("exchange: replayed as far as was asked")
)

// replayLog applies each record from a number to another to the venue and calls fn, in turn, with what it
// brought about, which is good until fn returns. One goroutine reads, checks the log and decodes,
// one applies, one holds what came of it to the record's digest, and one calls fn.
func replayLog(log *journal.Log, v *venue.Venue, from, to uint64, fn func(replayed, tape.Command, []tape.Event)) error {
	const lots = 8
	free, read, applied, held := make(chan *lot, lots), make(chan *lot, lots), make(chan *lot, lots), make(chan *lot, lots)
	for range lots {
		free <- &lot{out: tape.NewBuffer(lotRecords)}
	}
	go func() {
		defer close(applied)
		for l := range read {
			l.apply(v)
			applied <- l
		}
	}()
	go func() {
		defer close(held)
		var digester tape.Digester
		for l := range applied {
			l.hold(&digester)
			held <- l
		}
	}()
	var failed error // of the first record at which something did
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for l := range held {
			if failed == nil {
				l.show(fn)
				if failed = l.failed; failed != nil {
					close(stop)
				}
			}
			free <- l
		}
	}()
	l := <-free
	err := log.Read(from, func(r journal.Record) error {
		if r.Seq > to {
			return errReplayedAll
		}
		cmd, err := l.decoder.Decode(tape.Kind(r.Kind), r.Payload)
		if err != nil {
			return fmt.Errorf("exchange: record %d: %w", r.Seq, err)
		}
		l.records = append(l.records, replayed{r.Seq, r.Time, len(r.Payload), r.Outcome})
		l.cmds = append(l.cmds, cmd)
		if len(l.cmds) < lotRecords {
			return nil
		}
		read <- l
		l = <-free
		l.reset()
		select {
		case <-stop:
			return errReplayStopped
		default:
			return nil
		}
	})
	read <- l
	close(read)
	<-done
	if failed != nil {
		return failed
	}
	if errors.Is(err, errReplayedAll) {
		return nil
	}
	var broken *journal.BrokenError
	if errors.As(err, &broken) {
		return fmt.Errorf("exchange: the log is damaged: %w", err)
	}
	return err
}

func (l *lot) reset() {
	clear(l.cmds)
	l.records, l.cmds, l.ends = l.records[:0], l.cmds[:0], l.ends[:0]
	l.decoder.Reset()
	l.out.Reset()
}

func (l *lot) apply(v *venue.Venue) {
	defer func() {
		if r := recover(); r != nil {
			l.failed = fmt.Errorf("exchange: record %d: the venue fails: %v", l.records[len(l.ends)].seq, r)
		}
	}()
	for i, cmd := range l.cmds {
		if i%venue.Group == 0 {
			v.Ahead(l.cmds[i:])
		}
		v.Apply(l.records[i].at, cmd, l.out)
		l.ends = append(l.ends, len(l.out.Events))
	}
}

// hold holds what each command brought about to what the log says. After the first that differs there are
// no more.
func (l *lot) hold(d *tape.Digester) {
	from := 0
	for i, end := range l.ends {
		events := l.out.Events[from:end:end]
		from = end
		if d.Digest(events) != l.records[i].outcome {
			l.failed = fmt.Errorf("exchange: record %d (%T) brings about something else than when it was written; `sallyport verify` says more", l.records[i].seq, l.cmds[i])
			l.ends = l.ends[:i]
			return
		}
	}
}

func (l *lot) show(fn func(replayed, tape.Command, []tape.Event)) {
	from := 0
	for i, end := range l.ends {
		fn(l.records[i], l.cmds[i], l.out.Events[from:end:end])
		from = end
	}
}
