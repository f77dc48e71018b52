package venue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"math/rand/v2"
	"testing"

	"sallyport/book/booktest"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// What the flows below come to, as the venue was when they were first drawn. It changes with what is
// drawn or with the tables, and with nothing else: least of all with a venue that
// does the same in fewer steps. The tables are those of the format before, in which there are logs.
const (
	sameFlows = "0b32532730f738dbf93af9ed21a224555236ebe3ee4d07f5e58c605914f80f14"
	sameBench = "50bf9a8f6157b404e18352c0fb36d02a47b90a2f5f3a608211c97b815133adc2"
)

// TestSameToTheByte holds the outcome of every command of seeded flows, the states that they lead to and
// their snapshots to what they were, byte for byte: old logs must replay, and their checkpoints be met.
func TestSameToTheByte(t *testing.T) {
	h := sha256.New()
	seeds, _ := flowSeeds()
	for seed := range seeds {
		r := rand.New(rand.NewPCG(seed, 7))
		w := flowWorldOf(t, func(g *tape.Genesis) { g.Format = tape.FormatUnbounded })
		for i := range 200 {
			a := pick(r, flowAccounts)
			switch between(r, 0, 20) {
			case 0:
				w.decideSides(law.Review, a, pick(r, []law.Verb{law.Allow, law.Allow, law.Exit, law.Hold, law.Freeze}), "", pick(r, [][]law.Side{nil, american, iranian, abroad, loner}))
			case 1:
				w.credit(a, uint16(between(r, 0, 1)), "1", pick(r, []law.Verb{law.Allow, law.Hold, law.Freeze}))
			case 2:
				c := &tape.Withdraw{Account: a, Asset: 1, Amount: money.Int(50), Network: "ETH", Address: "y", Ref: fmt.Sprint(w.seq)}
				c.Decision = w.decide(law.Withdraw, a, pick(r, []law.Verb{law.Allow, law.Freeze}), WithdrawMovement(w.g, c).Digest())
				w.do(c)
			default:
				w.do(w.drawTrading(r))
			}
			if i%50 == 49 {
				sumState(t, h, w.v)
			}
		}
		for _, e := range w.log {
			h.Write(e.Payload)
			h.Write(e.Outcome[:])
		}
		if seed == 199 {
			is(t, "the flows of 200 seeds", h, sameFlows)
		}
	}
	t.Logf("%d seeds: %x", seeds, h.Sum(nil))

	h = sha256.New()
	flow, _ := booktest.Flow(42, 60_000)
	v, f := benchWorld(t, 3000, 4), feed(flow, 3000)
	v.genesis.Format = tape.FormatUnbounded
	var out tape.Buffer
	for i := range flow {
		out.Reset()
		v.Apply(1_645_800_000_000_000+int64(i), f.command(i), &out)
		outcome := tape.Digest(out.Events)
		h.Write(outcome[:])
	}
	sumState(t, h, v)
	is(t, "the flow of package booktest", h, sameBench)
}

func sumState(t *testing.T, h hash.Hash, v *Venue) {
	t.Helper()
	s := v.Snapshot()
	state := s.Hash()
	h.Write(state[:])
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	h.Write(b)
}

func is(t *testing.T, what string, h hash.Hash, want string) {
	t.Helper()
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("%s come to %s, want %s", what, got, want)
	}
}
