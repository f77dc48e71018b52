package exchange

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"sallyport/gate"
	"sallyport/law"
)

// TestReadersAndStills: while decisions come, readers find each that they know of, by every name, and what a still view shows and
// encodes to does not change. With the race detector it holds that nobody writes where another reads.
func TestReadersAndStills(t *testing.T) {
	log := newLog(t)
	s := newScribe(t, log)
	var (
		known   sync.Map // id → *DecisionRecord
		ids     atomic.Pointer[[]string]
		over    = make(chan struct{})
		readers sync.WaitGroup
	)
	ids.Store(&[]string{})
	note := func(r *DecisionRecord) {
		known.Store(r.Decision.ID, r)
		more := append(slices.Clone(*ids.Load()), r.Decision.ID)
		ids.Store(&more)
	}
	held := func(change func(*gate.Decision)) *DecisionRecord { // as publish does
		s.view.mu.Lock()
		r := s.decide(change)
		s.view.mu.Unlock()
		return r
	}
	check := func(v *View, id string) {
		want, _ := known.Load(id)
		w := want.(*DecisionRecord)
		r, err := v.Decision(id)
		if err != nil || r.Seq != w.Seq || !bytes.Equal(r.Body(), w.Body()) {
			t.Errorf("decision %s: %+v, %v", id, r, err)
			return
		}
		if a := w.Decision.Asked; a != nil && a.Key != "" {
			if r, err := v.Answer(a.Key); err != nil || r.Seq != w.Seq {
				t.Errorf("answer %s: %+v, %v", a.Key, r, err)
			}
		}
		if w.Decision.Movement != "" {
			if r, err := v.permit(w.Decision.Movement); err != nil || r.Seq != w.Seq {
				t.Errorf("movement %s: %+v, %v", w.Decision.Movement, r, err)
			}
		}
		if ns, err := v.Changes(w.Seq-1, 3); err != nil {
			t.Errorf("changes after %d: %+v, %v", w.Seq-1, ns, err)
		}
		if rs, err := v.Decisions([]string{id, "none"}, 2); err != nil || len(rs) != 1 || rs[0].Seq != w.Seq {
			t.Errorf("decisions: %v, %v", rs, err)
		}
	}
	s.view.mu.Lock()
	for n := range uint64(5) {
		s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000+n, law.OpenAccount, law.Allow }))
	}
	s.view.mu.Unlock()
	for w := range uint64(4) {
		readers.Go(func() {
			r := rand.New(rand.NewPCG(w, 12))
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				all := *ids.Load()
				if len(all) == 0 {
					continue
				}
				v := s.view
				if i%8 == 7 {
					v = s.view.still()
					form, err := v.encode()
					if err != nil {
						t.Error(err)
						return
					}
					for range 3 {
						check(v, all[r.IntN(len(all))])
					}
					if again, err := v.encode(); err != nil || !bytes.Equal(again, form) {
						t.Errorf("a still view has changed (%v)", err)
						return
					}
					continue
				}
				check(v, all[r.IntN(len(all))])
			}
		})
	}
	for i := range 500 {
		account := uint64(1000 + i%5)
		note(held(func(d *gate.Decision) {
			d.Account, d.Verdict = account, []law.Verb{law.Allow, law.Exit, law.Hold}[i/5%3]
			if i%3 == 0 {
				m := gate.Movement{Kind: law.Deposit, Account: account, Asset: "BTC", Amount: "1", Network: "BTC", Address: "a", Ref: fmt.Sprint(i)}
				d.Action, d.Movement, d.Asked = law.Deposit, m.Digest(), &gate.Asked{Key: m.Digest(), Request: m.Digest(), Moves: &m}
			}
		}))
		if i%100 == 99 { // as when many came after
			s.view.mu.Lock()
			s.view.recent = nil
			s.view.mu.Unlock()
		}
	}
	close(over)
	readers.Wait()
	if _, err := s.view.Decision("0"); !errors.Is(err, ErrNoDecision) {
		t.Error(err)
	}
}
