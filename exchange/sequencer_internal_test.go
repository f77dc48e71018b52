package exchange

import (
	"errors"
	"testing"
	"time"
)

// Where too many commands wait, one more is not taken of whoever waits for an answer.
func TestBusy(t *testing.T) {
	x := &Exchange{jobs: make(chan *job, 1)}
	x.jobs <- &job{}
	meant := []Meant{func(time.Time) error { return nil }}
	if _, err := x.submitJob(&job{meant: meant}); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	<-x.jobs
	x.cfg.AnswerWithin = time.Minute
	go func() { j := <-x.jobs; j.err = errDue; close(j.done) }()
	if _, err := x.submitJob(&job{meant: meant}); !errors.Is(err, errDue) {
		t.Errorf("where there is room: %v", err)
	}
}
