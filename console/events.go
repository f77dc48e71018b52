package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// An update is what /events sends: the pieces of the desk that changed, as the content of
// the element of that id. Each carries the state, not a step, so a reader who lost the
// stream misses nothing by taking it up again.
type update struct {
	Log    string            `json:"log"` // which log is shown; a page of another one must be loaded anew
	Pieces map[string]string `json:"pieces"`
}

// writeWithin is how long a reader may take over one update before the stream ends.
const writeWithin = 30 * time.Second

// events streams updates of the desk: all of it first, then what changes, at most once a
// pace, with the hour about once a second, and a comment when there is nothing to say for
// a beat.
func (c *console) events(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodHead {
		w.Header().Set("Content-Type", "text/event-stream")
		return
	}
	if c.streams.Add(1) > maxStreams {
		c.streams.Add(-1)
		w.Header().Set("Retry-After", "5")
		http.Error(w, "too many readers of the desk at once; try again in a moment", http.StatusServiceUnavailable)
		return
	}
	defer c.streams.Add(-1)
	out := http.NewResponseController(w)
	out.SetReadDeadline(time.Time{}) // the request has been read: its time must not end the stream
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // a proxy in between must not save them up

	changed, end := c.x.View().Watch()
	defer end()
	hour := time.NewTicker(time.Second)
	defer hour.Stop()
	log := c.x.VerifierKey()
	sent := map[string]string{}
	said := time.Now()
	fmt.Fprint(w, "retry: 2000\n\n")
	for {
		out.SetWriteDeadline(time.Now().Add(writeWithin)) // a writer that cannot have one goes on without
		_, now := c.shared.take(c)
		u := update{Log: log, Pieces: map[string]string{}}
		for name, text := range now {
			if sent[name] != text {
				u.Pieces[name], sent[name] = text, text
			}
		}
		switch {
		case len(u.Pieces) > 0:
			b, err := json.Marshal(u)
			if err != nil {
				panic(err) // texts always encode
			}
			if _, err := fmt.Fprintf(w, "event: desk\ndata: %s\n\n", b); err != nil {
				return
			}
			said = time.Now()
		case time.Since(said) >= c.o.Beat:
			if _, err := fmt.Fprint(w, ": still here\n\n"); err != nil {
				return
			}
			said = time.Now()
		}
		if out.Flush() != nil {
			return
		}
		if !c.wait(r, changed, hour.C) {
			return
		}
	}
}

// wait returns after a pace and then a change or the next second; false when the reader has
// gone or the exchange has ended.
func (c *console) wait(r *http.Request, changed <-chan struct{}, hour <-chan time.Time) bool {
	select {
	case <-r.Context().Done():
		return false
	case <-time.After(c.o.Pace):
	}
	select {
	case <-r.Context().Done():
		return false
	case <-changed:
	case <-hour:
	}
	return true
}
