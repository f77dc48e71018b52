package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/venue"
	"sallyport/venue/tape"
)

// ErrQuarantined says that the venue failed at a command, by a mistake of ours. Nothing of it
// took effect; the log keeps it in quarantine, and its market takes no orders until an operator
// user opens it again.
var ErrQuarantined = errors.New("exchange: the command could not be carried out and is in quarantine; nothing of it took effect")

// failure is a command at which the venue panicked.
type failure struct {
	job   *job
	cmd   tape.Command
	what  string
	stack []byte
}

// quarantine puts the failed command aside, and in the venue's place one that has what the log
// has: what the group has changed so far is as little to be trusted as what the command has.
func (x *Exchange) quarantine(f *failure) error {
	x.cfg.Log.Error("the venue failed at a command, which goes into quarantine", "command", fmt.Sprintf("%T", f.cmd), "failure", f.what, "stack", string(f.stack))
	if f.job == nil || f.job.instead != nil || !x.view.Founded() {
		return fmt.Errorf("exchange: the venue fails: %s", f.what)
	}
	payload, err := tape.Encode(f.cmd)
	if err != nil {
		return err
	}
	before := &batch{reached: make(chan struct{})}
	x.sequencer.applied <- before
	<-before.reached // the log has all that was applied before the group
	v, err := x.rebuild()
	if err != nil {
		return err
	}
	x.sequencer.venue = v
	g := x.view.Genesis()
	what := strings.ToValidUTF8("failed: "+f.what, "?")
	what = strings.ToValidUTF8(what[:min(len(what), tape.MaxReason)], "")
	f.job.err = ErrQuarantined
	f.job.instead = &tape.Quarantine{
		Of: f.cmd.Kind(), Payload: payload, Failure: what,
		Markets: slices.DeleteFunc(tape.MarketsOf(f.cmd), func(n uint16) bool { return int(n) >= len(g.Markets) }),
	}
	return nil
}

// rebuild is the venue as the log has it.
func (x *Exchange) rebuild() (*venue.Venue, error) {
	r, err := x.snapshots.newest(x.cfg.Log, false)
	if err != nil {
		return nil, err
	}
	err = replayLog(x.log, r.venue, r.of.Seq+1, theEnd, func(replayed, tape.Command, []tape.Event) {})
	return r.venue, err
}
