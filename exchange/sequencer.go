package exchange

import (
	"errors"
	"fmt"
	"runtime/debug"

	"sallyport/journal"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// sequencer is the state of the goroutine that gives commands their order and applies them. A
// second one, the committer, writes what it has applied, shows it and answers, so that one group
// is applied while another is on its way to the disk. What comes meanwhile is the next group, however much it is: nothing
// lies between the two, for each group that did would be one more fsync that all behind it wait for.
type sequencer struct {
	venue *venue.Venue
	last  int64 // time of the last record, µs since 1970 UTC

	applied chan *batch // to the committer, in the order of the log
}

// A job is commands that enter the log in one commit, whole or not at all.
type job struct {
	cmds       []tape.Command
	basis      bool // of whoever holds basis for writing, and has marked what was due
	checkpoint bool // sign one of its last record, soon
	meant      []Meant
	done       chan struct{}
	events     [][]tape.Event // a list per command
	err        error
	bytes      int              // of the commands, about
	instead    *tape.Quarantine // enters the log in place of the commands, at which the venue failed
}

const (
	groupRecords    = 4096    // most records of one commit
	groupBytes      = 4 << 20 // most payload bytes of one commit of several jobs
	checkpointEvery = 65536   // records
	payloadRoom     = 160     // bytes of an order with all its fields, about
)

// errDue says that a date has come that the log has no mark of yet, and that the commands
// were therefore not taken: whoever made them looks again after [Exchange.MarkLaw].
var errDue = errors.New("exchange: a date is due that is not marked yet")

// submit puts the commands into the log in one commit and returns what each brought about.
// The caller does not hold basis.
func (x *Exchange) submit(cmds ...tape.Command) ([][]tape.Event, error) {
	var events [][]tape.Event
	err := x.timely(func() (err error) {
		events, err = x.submitJob(&job{cmds: cmds})
		return err
	})
	return events, err
}

// timely does something again for as long as a date comes in between, which it marks first.
func (x *Exchange) timely(do func() error) error {
	for {
		err := do()
		if !errors.Is(err, errDue) {
			return err
		}
		if _, err := x.MarkLaw(); err != nil {
			return err
		}
	}
}

// put is submit for whoever holds basis for writing.
func (x *Exchange) put(cmds ...tape.Command) ([][]tape.Event, error) {
	return x.submitJob(&job{cmds: cmds, basis: true})
}

func (x *Exchange) submitJob(j *job) ([][]tape.Event, error) {
	j.done = make(chan struct{})
	for _, c := range j.cmds {
		if d, ok := c.(*tape.Decide); ok {
			j.bytes += len(d.Body)
		}
		j.bytes += payloadRoom
	}
	x.entry.RLock()
	if x.shut {
		x.entry.RUnlock()
		return nil, ErrClosed
	}
	x.jobs <- j
	x.entry.RUnlock()
	<-j.done
	return j.events, j.err
}

// sequence applies jobs in the order they come, in groups, and hands each group to the committer.
func (x *Exchange) sequence() {
	defer close(x.stopped)
	committed := make(chan struct{})
	go x.commitAll(committed)
	for j := range x.jobs {
		group := []*job{j}
		records, bytes := len(j.cmds), j.bytes
	gather:
		for records < groupRecords && bytes < groupBytes {
			select {
			case more, ok := <-x.jobs:
				if !ok {
					break gather
				}
				group = append(group, more)
				records += len(more.cmds)
				bytes += more.bytes
			default:
				break gather
			}
		}
		b, err := x.applyGroup(group)
		if err != nil {
			x.fail(err)
		}
		x.sequencer.applied <- b
	}
	close(x.sequencer.applied)
	<-committed
	x.lastCheckpoint()
	x.view.end()
}

// applyGroup applies the group's commands. If the venue fails at one, that goes into quarantine and
// the others are applied anew.
//
// Commands are applied before they are written, so that a record can carry the digest of what it
// brought about, and answered after it, so that nothing is seen that a crash could take
// back. If the write fails the state here is ahead of the log: nothing may be built on it,
// and the exchange takes no more commands until it is opened again from the log.
func (x *Exchange) applyGroup(group []*job) (*batch, error) {
	if x.Err() != nil {
		return &batch{group: group}, nil // the committer says why
	}
	at := max(x.Now().UnixMicro(), x.sequencer.last)
	due := at >= x.agenda.next.Load()
	for _, j := range group {
		if due && !j.basis {
			j.err = errDue // the law by its hour: nobody acts between a date and its mark
		}
		for _, m := range j.meant {
			if j.err == nil {
				j.err = m(timeOf(at))
			}
		}
	}
	b, failed := x.apply(group, at)
	for failed != nil {
		if err := x.quarantine(failed); err != nil {
			return &batch{group: group}, err
		}
		b, failed = x.apply(group, at)
	}
	if len(b.entries) == 0 {
		return b, nil
	}
	x.sequencer.last = at
	return b, nil
}

// A batch is what a group of jobs brings into the log, record by record.
type batch struct {
	group   []*job
	at      int64
	entries []journal.Entry
	cmds    []tape.Command
	events  [][]tape.Event

	checkpoint bool // a job wants one of the last record

	reached chan struct{} // closed when the committer comes to it, if it is not nil
}

// commitAll writes batches in turn, each with one fsync, shows what they brought about, and answers.
func (x *Exchange) commitAll(done chan struct{}) {
	defer close(done)
	for {
		select { // first, so that it is not left to chance which comes first
		case c := <-x.snapshots.hashed:
			x.hashed(c)
		default:
		}
		select {
		case c := <-x.snapshots.hashed:
			x.hashed(c)
		case b, ok := <-x.sequencer.applied:
			if !ok {
				return
			}
			x.commit(b)
		}
	}
}

func (x *Exchange) commit(b *batch) {
	if b.reached != nil {
		close(b.reached)
	}
	defer func() {
		for _, j := range b.group {
			close(j.done)
		}
	}()
	if x.Err() == nil && len(b.entries) > 0 {
		if err := x.write(b); err != nil {
			x.fail(err)
		}
	}
	if x.Err() != nil {
		for _, j := range b.group {
			j.events, j.err = nil, fmt.Errorf("%w: %w", ErrClosed, *x.broken.Load())
		}
	}
}

func (x *Exchange) write(b *batch) error {
	first, err := x.log.Append(b.entries)
	if err != nil {
		return err
	}
	for from := 0; from < len(b.cmds); from += shownAtOnce {
		x.publish(first, b, from, min(from+shownAtOnce, len(b.cmds)))
	}
	x.count(b)
	return nil
}

// apply carries out the jobs that have no error. If the venue fails at a command, it is not to
// be used any more.
func (x *Exchange) apply(group []*job, at int64) (b *batch, failed *failure) {
	var j *job
	var cmd tape.Command
	defer func() {
		if r := recover(); r != nil {
			failed = &failure{j, cmd, fmt.Sprint(r), debug.Stack()}
		}
	}()
	b = &batch{group: group, at: at}
	records := 0
	for _, j := range group {
		records += len(j.cmds)
	}
	out := tape.NewBuffer(records) // of the group; whoever follows the log may keep what lies in it
	b.entries, b.cmds, b.events = make([]journal.Entry, 0, records), make([]tape.Command, 0, records), make([][]tape.Event, 0, records)
	payloads := make([]byte, 0, records*payloadRoom) // one behind another
	var taken []*job                                 // whose commands enter the log
	var ends []int                                   // of theirs in b.cmds
	for _, j = range group {
		j.events = nil
		cmds := j.cmds
		if j.instead != nil {
			cmds = []tape.Command{j.instead}
		} else if j.err != nil {
			continue
		}
		came := len(b.cmds)
		for _, cmd = range cmds {
			from := len(payloads)
			var err error
			if payloads, err = tape.Append(payloads, cmd); err != nil {
				j.err = err
				break
			}
			b.cmds = append(b.cmds, cmd)
			b.entries = append(b.entries, journal.Entry{Time: at, Kind: uint16(cmd.Kind()), Payload: payloads[from:len(payloads):len(payloads)]})
		}
		if len(b.cmds)-came < len(cmds) {
			b.cmds, b.entries = b.cmds[:came], b.entries[:came] // none of this job's commands enters the log
			continue
		}
		taken, ends = append(taken, j), append(ends, len(b.cmds))
		b.checkpoint = b.checkpoint || j.checkpoint
	}
	i := 0
	for n, end := range ends {
		for j = taken[n]; i < end; i++ {
			if i%venue.Group == 0 {
				x.sequencer.venue.Ahead(b.cmds[i:])
			}
			cmd = b.cmds[i]
			before := len(out.Events)
			x.sequencer.venue.Apply(at, cmd, out)
			if x.cfg.Tried != nil {
				x.cfg.Tried(cmd)
			}
			events := out.Events[before:len(out.Events):len(out.Events)]
			if j.instead == nil {
				j.events = append(j.events, events)
			}
			b.events = append(b.events, events)
			b.entries[i].Outcome = tape.Digest(events)
		}
	}
	return b, nil
}

// fail ends the taking of commands for good: what is here may not be what the log has, and
// only opening the log again makes it so.
func (x *Exchange) fail(err error) {
	if x.broken.CompareAndSwap(nil, &err) {
		x.cfg.Log.Error("the exchange takes no more commands until it is opened again", "error", err)
		close(x.failed)
	}
}

// shownAtOnce is how many records of a batch are shown while readers wait.
const shownAtOnce = 64

// publish shows what committed commands, those of a batch from one to another, brought about.
// first is the number of the batch's first record.
func (x *Exchange) publish(first uint64, b *batch, from, to int) {
	x.view.mu.Lock()
	defer x.view.mu.Unlock()
	for i := from; i < to; i++ {
		x.view.take(first+uint64(i), b.at, b.cmds[i], b.events[i])
		for _, e := range b.events[i] {
			if w, ok := e.(tape.WithdrawalChanged); ok && w.Status == tape.Requested {
				select {
				case x.outbox <- w.ID:
				default:
					x.missed.Store(true) // the sender is far behind, and looks for itself
				}
			}
		}
	}
}

// replay goes on from the newest snapshot that holds, with what the log has after it, checking
// that each record brings about what it did.
func (x *Exchange) replay() error {
	r, err := x.snapshots.newest(x.cfg.Log, true)
	if err != nil {
		return err
	}
	x.view = r.view
	x.sequencer.venue, x.sequencer.last = r.venue, r.of.Time
	records := 0
	err = replayLog(x.log, r.venue, r.of.Seq+1, theEnd, func(r replayed, cmd tape.Command, events []tape.Event) {
		records++
		x.sequencer.last = r.at
		x.snapshots.bytes += stored(r.size)
		x.view.take(r.seq, r.at, cmd, events) // nobody else has it yet
	})
	if err == nil {
		x.cfg.Log.Info("the log is replayed", "snapshot", r.of.Seq, "records", records)
	}
	return err
}
