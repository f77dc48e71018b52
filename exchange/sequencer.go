package exchange

import (
	"errors"
	"fmt"

	"sallyport/journal"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// sequencer is the state of the one goroutine that gives commands their order.
type sequencer struct {
	venue  *venue.Venue
	last   int64 // time of the last record, µs since 1970 UTC
	behind int   // records since the last checkpoint
}

// A job is commands that enter the log in one commit, whole or not at all.
type job struct {
	cmds       []tape.Command
	basis      bool // of whoever holds basis for writing, and has marked what was due
	checkpoint bool // sign one with this commit
	meant      []Meant
	done       chan struct{}
	events     [][]tape.Event // a list per command
	err        error
}

const (
	groupRecords    = 4096    // most records of one commit
	groupBytes      = 4 << 20 // most payload bytes of one commit of several jobs
	checkpointEvery = 16384   // records
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

// sequence applies jobs in the order they come, commits them in groups and answers after
// the commit.
func (x *Exchange) sequence() {
	defer close(x.stopped)
	defer x.view.end()
	for j := range x.jobs {
		group := []*job{j}
		records := len(j.cmds)
	gather:
		for records < groupRecords {
			select {
			case more, ok := <-x.jobs:
				if !ok {
					break gather
				}
				group = append(group, more)
				records += len(more.cmds)
			default:
				break gather
			}
		}
		x.commit(group)
	}
	if x.Err() == nil && x.sequencer.behind > 0 {
		state := x.sequencer.venue.State()
		if _, _, err := x.log.AppendAndCheckpoint(nil, state.Hash()); err != nil {
			x.cfg.Log.Error("the last checkpoint was not written", "error", err)
		}
	}
}

// commit applies the group's commands, writes them with one fsync, and answers.
//
// Commands are applied before the write, so that a record can carry the digest of what it
// brought about, and answered after it, so that nothing is seen that a crash could take
// back. If the write fails the state here is ahead of the log: nothing may be built on it,
// and the exchange takes no more commands until it is opened again from the log.
func (x *Exchange) commit(group []*job) {
	defer func() {
		for _, j := range group {
			close(j.done)
		}
	}()
	fail := func(err error) {
		x.fail(err)
		for _, j := range group {
			j.events, j.err = nil, fmt.Errorf("%w: %w", ErrClosed, *x.broken.Load())
		}
	}
	if err := x.Err(); err != nil {
		fail(err)
		return
	}
	at := max(x.Now().UnixMicro(), x.sequencer.last)
	var entries []journal.Entry
	var out tape.Buffer // of the group; whoever follows the log may keep what lies in it
	checkpoint := false
	due := at >= x.agenda.next.Load()
	for _, j := range group {
		if due && !j.basis {
			j.err = errDue // the law by its hour: nobody acts between a date and its mark
			continue
		}
		for _, m := range j.meant {
			if j.err == nil {
				j.err = m(timeOf(at))
			}
		}
		if j.err != nil {
			continue
		}
		payloads := make([][]byte, len(j.cmds))
		for i, cmd := range j.cmds {
			if payloads[i], j.err = tape.Encode(cmd); j.err != nil {
				break
			}
		}
		if j.err != nil {
			continue // none of this job's commands enters the log
		}
		for i, cmd := range j.cmds {
			from := len(out.Events)
			x.sequencer.venue.Apply(at, cmd, &out)
			events := out.Events[from:len(out.Events):len(out.Events)]
			j.events = append(j.events, events)
			entries = append(entries, journal.Entry{Time: at, Kind: uint16(cmd.Kind()), Payload: payloads[i], Outcome: tape.Digest(events)})
		}
		checkpoint = checkpoint || j.checkpoint
	}
	if len(entries) == 0 {
		return
	}
	x.sequencer.behind += len(entries)
	var first uint64
	var err error
	if checkpoint || x.sequencer.behind >= checkpointEvery {
		state := x.sequencer.venue.State()
		first, _, err = x.log.AppendAndCheckpoint(entries, state.Hash())
		x.sequencer.behind = 0
	} else {
		first, err = x.log.Append(entries)
	}
	if err != nil {
		fail(err)
		return
	}
	x.sequencer.last = at
	seq := first
	for _, j := range group {
		for i := range j.events {
			x.publish(seq, at, j.cmds[i], j.events[i])
			seq++
		}
	}
}

// fail ends the taking of commands for good: what is here may not be what the log has, and
// only opening the log again makes it so.
func (x *Exchange) fail(err error) {
	if x.broken.CompareAndSwap(nil, &err) {
		x.cfg.Log.Error("the exchange takes no more commands until it is opened again", "error", err)
		close(x.failed)
	}
}

// publish shows what a committed command brought about.
func (x *Exchange) publish(seq uint64, at int64, cmd tape.Command, events []tape.Event) {
	x.view.apply(seq, at, cmd, events)
	for _, e := range events {
		if w, ok := e.(tape.WithdrawalChanged); ok && w.Status == tape.Requested {
			select {
			case x.outbox <- w.ID:
			default:
				x.missed.Store(true) // the sender is far behind, and looks for itself
			}
		}
	}
}

// replay applies what the log holds, checking that each record brings about what it did.
func (x *Exchange) replay() error {
	return replayLog(x.log, x.sequencer.venue, func(r journal.Record, cmd tape.Command, events []tape.Event) {
		x.sequencer.last = r.Time
		x.view.apply(r.Seq, r.Time, cmd, events)
	})
}

// replayLog applies each record to the venue and calls fn with what it brought about, which is
// good until fn returns.
func replayLog(log *journal.Log, v *venue.Venue, fn func(journal.Record, tape.Command, []tape.Event)) error {
	var out tape.Buffer
	err := log.Read(1, func(r journal.Record) error {
		cmd, err := tape.Decode(tape.Kind(r.Kind), r.Payload)
		if err != nil {
			return fmt.Errorf("exchange: record %d: %w", r.Seq, err)
		}
		out.Reset()
		v.Apply(r.Time, cmd, &out)
		if tape.Digest(out.Events) != r.Outcome {
			return fmt.Errorf("exchange: record %d (%T) brings about something else than when it was written; `sallyport verify` says more", r.Seq, cmd)
		}
		fn(r, cmd, out.Events)
		return nil
	})
	var broken *journal.BrokenError
	if errors.As(err, &broken) {
		return fmt.Errorf("exchange: the log is damaged: %w", err)
	}
	return err
}
