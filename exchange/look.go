package exchange

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// Looked is what can be seen in the log of a data folder. The view reads decisions of long ago from
// the log, so it is good until Close.
type Looked struct {
	*View
	log *journal.Log
}

// Close lets go of the log.
func (l *Looked) Close() error { return l.log.Close() }

// Look replays the log of a data folder and gives what can be seen, without writing a byte and
// without opening the vault: nothing personal is read. decided, where it is not nil, is called
// with each decision in the order of the log. No exchange may be running over the folder.
func Look(dir string, decided func(*gate.Decision)) (*Looked, error) {
	return LookOn(nil, dir, decided)
}

// LookOn is Look on a file system; nil is the machine's own.
func LookOn(files vfs.FS, dir string, decided func(*gate.Decision)) (*Looked, error) {
	log, err := journal.OpenReadOnlyOn(files, filepath.Join(dir, "journal"))
	if errors.Is(err, journal.ErrHeld) {
		return nil, fmt.Errorf("exchange: a running exchange holds %s: stop it, or look at a copy of the folder", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("exchange: %s: %w", dir, err)
	}
	v := newView(log)
	err = replayLog(log, venue.New(), 1, theEnd, func(r replayed, cmd tape.Command, events []tape.Event) {
		v.take(r.seq, r.at, cmd, events) // nobody else has it yet
		if decided == nil {
			return
		}
		for _, e := range events {
			if _, ok := e.(tape.Decided); ok {
				decided(&v.recent[len(v.recent)-1].Decision)
			}
		}
	})
	if err == nil && !v.Founded() {
		err = fmt.Errorf("exchange: the log in %s was never written to", dir)
	}
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	return &Looked{v, log}, nil
}
