package venue

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// drawAny is drawTrading with standings, deposits and withdrawals among it; those that need a
// decision of the gate are done at once, and the last of them is left for the caller.
func (w *world) drawAny(r *rand.Rand) tape.Command {
	a := pick(r, flowAccounts)
	verdicts := []law.Verb{law.Allow, law.Allow, law.Exit, law.Hold, law.Freeze, law.Cap}
	switch between(r, 0, 30) {
	case 0:
		w.decideSides(law.Review, a, pick(r, verdicts), "", pick(r, [][]law.Side{nil, american, iranian, abroad, loner}))
	case 1:
		w.credit(a, uint16(between(r, 0, 1)), "1", pick(r, verdicts))
	case 2, 3:
		c := &tape.Withdraw{Account: a, Asset: 1, Amount: money.Int(50), Network: "ETH", Address: "y", Ref: fmt.Sprint(w.seq)}
		c.Decision = w.decide(law.Withdraw, a, pick(r, verdicts), WithdrawMovement(w.g, c).Digest())
		if between(r, 0, 3) > 0 { // else the decision is kept
			w.do(c)
		}
		if x := w.v.aside[WithdrawMovement(w.g, c).Digest()]; x != nil && between(r, 0, 1) == 0 {
			w.decide(law.Withdraw, a, pick(r, verdicts), x.Movement)
		}
		return &tape.SendWithdrawal{Withdrawal: uint64(between(r, 1, 20))}
	case 4:
		w.do(&tape.AddKey{Account: a, Key: fmt.Sprint("k", between(r, 0, 9))})
		return &tape.RemoveKey{Key: fmt.Sprint("k", between(r, 0, 9))}
	case 5:
		for movement, x := range w.v.aside {
			if x.deposit != nil {
				w.decide(law.Deposit, x.Account, law.Allow, movement)
				break
			}
		}
	}
	return w.drawTrading(r)
}

// restored is the venue that a snapshot gives, by way of its stored form.
func restored(t failer, v *Venue) *Venue {
	t.Helper()
	b, err := v.Snapshot().Encode()
	if err != nil {
		t.Fatalf("%v", err)
	}
	s, err := tape.DecodeSnapshot(b)
	if err != nil {
		t.Fatalf("%v", err)
	}
	back, err := Restore(s)
	if err != nil {
		t.Fatalf("%v", err)
	}
	again, err := back.Snapshot().Encode()
	if err != nil || !bytes.Equal(again, b) {
		t.Fatalf("the snapshot of what was restored is another (%v)", err)
	}
	return back
}

// TestRestore: a venue that was restored in the middle brings about the same as one that was not.
func TestRestore(t *testing.T) {
	seeds, _ := flowSeeds()
	seen := map[string]int{}
	for seed := range max(60, seeds/4) {
		r := rand.New(rand.NewPCG(seed, 2))
		w := flowWorld(t)
		twin, done := restored(t, w.v), len(w.log)
		for range 200 {
			w.do(w.drawAny(r))
			for ; done < len(w.log); done++ {
				e := w.log[done]
				cmd, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
				if err != nil {
					t.Fatal(err)
				}
				if events := apply(twin, e.Time, cmd); tape.Digest(events) != e.Outcome {
					t.Fatalf("seed %d, command %d, restored: %+v\n%s", seed, done, events, w.told(done+1))
				}
			}
			if between(r, 0, 19) > 0 {
				continue
			}
			s := twin.Snapshot()
			twin = restored(t, twin)
			seen["orders"] += len(s.Orders)
			seen["waiting"] += len(s.Orders) - len(inBook(s))
			seen["kept"] += len(s.Kept)
			seen["set aside"] += len(s.Set)
			seen["stopped"] += len(s.Stopped)
			seen["withdrawals"] += len(s.Withdrawals)
			if anyPending(twin) {
				seen["pending"]++
			}
			for _, o := range s.Orders {
				if o.Trailing != 0 && o.Working == 0 {
					seen["trailing"]++
				}
			}
			for _, p := range s.OrderLists {
				seen[fmt.Sprint("together ", p.Together)]++
				seen[fmt.Sprint("locked ", !p.Locked.IsZero())]++
			}
		}
		one, err := twin.Snapshot().Encode()
		if err != nil {
			t.Fatal(err)
		}
		if other, err := w.v.Snapshot().Encode(); err != nil || !bytes.Equal(one, other) {
			t.Fatalf("seed %d: restored, it ends otherwise (%v)", seed, err)
		}
	}
	for _, what := range []string{"orders", "waiting", "kept", "set aside", "stopped", "withdrawals", "together true", "together false", "locked true", "pending", "trailing"} {
		if seen[what] == 0 {
			t.Errorf("no snapshot held: %s", what)
		}
	}
}

func inBook(s *tape.Snapshot) (rs []tape.OpenOrder) {
	for _, o := range s.Orders {
		if o.Queued != 0 {
			rs = append(rs, o)
		}
	}
	return rs
}

func anyPending(v *Venue) bool {
	return slices.ContainsFunc(v.State().Orders, func(o tape.OpenOrder) bool { return o.Status == tape.PendingNew })
}

// TestRestoreRefuses: what no venue comes to is an error.
func TestRestoreRefuses(t *testing.T) {
	base := func() *tape.Snapshot {
		r := rand.New(rand.NewPCG(3, 3))
		w := flowWorld(t)
		for len(w.v.Snapshot().Set) == 0 || len(w.v.Snapshot().Kept) == 0 || len(w.v.orderLists) == 0 || !anyPending(w.v) {
			w.do(w.drawAny(r))
		}
		return w.v.Snapshot()
	}
	if _, err := Restore(base()); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*tape.Snapshot){
		"more money": func(s *tape.Snapshot) { s.Balances[1].Balance[0] = money.Int(1 << 20) },
		"less ordered": func(s *tape.Snapshot) { // than balances say, of one that rests and reserves alone
			i := slices.IndexFunc(s.Orders, func(o tape.OpenOrder) bool { return o.Queued != 0 && o.OrderList == 0 })
			s.Orders = slices.Delete(s.Orders, i, i+1)
		},
		"an order twice": func(s *tape.Snapshot) { s.Orders = append(s.Orders[:1], s.Orders...) },
		"nobody's order": func(s *tape.Snapshot) { s.Orders[0].Account = 77 },
		"a place twice": func(s *tape.Snapshot) {
			rs := inBook(s)
			s.Orders[0].Queued, s.Orders[1].Queued = rs[0].Queued, rs[0].Queued
		},
		"a great id":               func(s *tape.Snapshot) { s.LastOrder, s.Orders[len(s.Orders)-1].ID = 1<<62, 1<<62 },
		"more done":                func(s *tape.Snapshot) { s.Orders[0].Filled = money.FromParts(-1<<63, 0) },
		"an order list of nothing": func(s *tape.Snapshot) { s.OrderLists[0].Orders = nil },
		"pending on nothing": func(s *tape.Snapshot) {
			i := slices.IndexFunc(s.Orders, func(o tape.OpenOrder) bool { return o.Status == tape.PendingNew })
			s.Orders[i].OrderList = 0
		},
		"pending on what is gone": func(s *tape.Snapshot) {
			i := slices.IndexFunc(s.OrderLists, func(l tape.OpenOrderList) bool { return l.Contingency == tape.OneTriggers && !l.Together })
			s.Orders = slices.DeleteFunc(s.Orders, func(o tape.OpenOrder) bool { return o.ID == s.OrderLists[i].Orders[1] })
		},
		"pending and in the book": func(s *tape.Snapshot) {
			i := slices.IndexFunc(s.Orders, func(o tape.OpenOrder) bool { return o.Status == tape.PendingNew })
			s.Orders[i].Queued, s.Orders[i].Visible = 1, s.Orders[i].Quantity
		},
		"an operator user who may nothing": func(s *tape.Snapshot) { s.Users = []tape.SetOperatorUser{{Name: "m"}} },
		"an operator user twice": func(s *tape.Snapshot) {
			s.Users = []tape.SetOperatorUser{{Name: "m", May: tape.MayRead}, {Name: "m", May: tape.MayRead}}
		},
		"another decision": func(s *tape.Snapshot) { s.Decisions[0] = []byte("{}") },
		"no deposit":       func(s *tape.Snapshot) { s.Set = s.Set[1:] },
		"another founding": func(s *tape.Snapshot) { s.Genesis.Format = 7 },
		"no such asset":    func(s *tape.Snapshot) { s.Balances[0].Asset = 9 },
		"markets missing":  func(s *tape.Snapshot) { s.Markets = nil },
		"accounts missing": func(s *tape.Snapshot) { s.Accounts = nil },
	} {
		s := base()
		spoil(s)
		if v, err := Restore(s); err == nil || v != nil {
			t.Errorf("%s: restored", name)
		}
	}
	if v, err := Restore(New().Snapshot()); err != nil || v.genesis != nil {
		t.Fatalf("before the founding: %v", err)
	}
}

// FuzzRestore: no bytes decode into a snapshot that encodes otherwise, or that the venue made of
// it would tell otherwise.
func FuzzRestore(f *testing.F) {
	r := rand.New(rand.NewPCG(1, 4))
	w := flowWorld(f)
	for i := range 200 {
		w.do(w.drawAny(r))
		if i%50 == 0 {
			b, err := w.v.Snapshot().Encode()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := tape.DecodeSnapshot(b)
		if err != nil {
			return
		}
		if again, err := s.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x encodes to %x, %v", b, again, err)
		}
		v, err := Restore(s)
		if err != nil {
			return
		}
		if state := v.State(); state.Hash() != s.Hash() {
			t.Fatal("what was restored has another hash")
		}
	})
}
