package venue

import (
	"math/rand/v2"
	"testing"

	"sallyport/venue/tape"
)

// A venue that looks ahead does what one does that does not, whatever comes and however much of it at a time:
// before its founding, orders of nobody, cancels by number and by name, of what is not there, and one order twice.
func TestAheadChangesNothing(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 11))
		w := flowWorld(t)
		var named []*tape.PlaceOrder
		for range 300 {
			cmd := w.drawTrading(r)
			if c, ok := cmd.(*tape.PlaceOrder); ok {
				named = append(named, c)
			}
			w.do(cmd)
			switch k := between(r, 0, 9); {
			case k < 3 && len(named) > 0:
				c := pick(r, named)
				w.do(&tape.CancelOrder{Account: c.Account, Market: c.Market, ClientID: c.ClientID})
			case k == 3:
				w.do(&tape.CancelOrder{Account: pick(r, []uint64{1000, 77}), Order: pick(r, []uint64{1, 1 << 40})})
			case k == 4:
				w.do(&tape.PlaceOrder{Account: 77, ClientID: "nobody"})
			}
		}
		var cmds []tape.Command
		for _, e := range w.log {
			cmd, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
			if err != nil {
				t.Fatal(err)
			}
			cmds = append(cmds, cmd)
		}
		v, next := New(), 0
		for i, cmd := range cmds {
			if i == next {
				v.Ahead(cmds[i:])
				next += between(r, 1, Group+2)
			}
			if got := tape.Digest(apply(v, w.log[i].Time, cmd)); got != w.log[i].Outcome {
				t.Fatalf("seed %d: command %d, %+v, brings about something else with a look ahead", seed, i, cmd)
			}
		}
		if v.Snapshot().Hash() != w.v.Snapshot().Hash() {
			t.Fatalf("seed %d: the states differ", seed)
		}
	}
}

// What is likely an order's is its own, where no two share a hash.
func TestLikely(t *testing.T) {
	w := flowWorld(t)
	r := rand.New(rand.NewPCG(1, 12))
	found := 0
	for range 2000 {
		w.do(w.drawTrading(r))
	}
	for h := range w.v.orders {
		o := &w.v.orders[h]
		if h == 0 || o.ClientID == "" {
			continue
		}
		if likely := w.v.clients.likely(w.v.clients.hash(o.Account, o.ClientID)); int(likely) != h {
			t.Errorf("order %d is likely %d", h, likely)
		}
		found++
	}
	if found < 5 || w.v.clients.likely(w.v.clients.hash(1000, "of nobody")) != 0 {
		t.Errorf("of %d open orders, or one that is of nobody", found)
	}
}
