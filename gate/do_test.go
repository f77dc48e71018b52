package gate

import (
	"strings"
	"testing"

	"sallyport/law"
)

// TestNext holds what follows from a verdict to tables written by hand: the action's own
// verdict down, the standing across.
func TestNext(t *testing.T) {
	verbs := []law.Verb{law.Undecided, law.Allow, law.Cap, law.Exit, law.Hold, law.Bar, law.AssetBan, law.PlatformBan, law.Reject, law.Refuse, law.Freeze, law.Release}
	// Without a standing: undecided, allow, cap, exit, hold, bar (which no gate gives), the bans, reject, refuse, freeze, release.
	alone := map[law.Action]string{
		law.OpenAccount: "wait proceed let_leave let_leave wait wait stop stop stop stop freeze wait",
		law.Review:      "wait proceed let_leave let_leave wait wait stop stop stop stop freeze wait",
		// What may not be held comes in no more, and what is here may go out.
		law.HoldAsset:    "wait proceed let_leave let_leave wait wait stop stop stop stop freeze wait",
		law.ListAsset:    "wait proceed stop stop wait wait stop stop stop stop freeze wait",
		law.DealPlatform: "wait proceed stop stop wait wait stop stop stop stop freeze wait",
		law.SignIn:       "wait proceed proceed proceed wait wait stop stop stop stop freeze wait",
	}
	for action, row := range alone {
		for i, want := range strings.Fields(row) {
			for _, standing := range verbs {
				if do, by := Next(action, verbs[i], standing); do.String() != want || by {
					t.Errorf("%s, %s, standing %s: %s %v, want %s by itself", action, verbs[i], standing, do, by, want)
				}
			}
		}
	}
	// An allowed action of a customer who stands at each verb; and a standing of allow.
	for action, row := range map[law.Action]string{
		law.Trade:    "wait proceed stop stop wait wait stop stop stop stop freeze wait",
		law.Withdraw: "wait proceed proceed proceed wait wait stop stop stop stop freeze wait",
		law.Deposit:  "set_aside proceed proceed proceed set_aside set_aside set_aside set_aside set_aside set_aside freeze set_aside",
	} {
		for i, want := range strings.Fields(row) {
			if do, by := Next(action, law.Allow, verbs[i]); do.String() != want || by != (want != "proceed") {
				t.Errorf("%s, standing %s: %s %v, want %s", action, verbs[i], do, by, want)
			}
			if do, by := Next(action, verbs[i], law.Allow); do.String() != want || by {
				t.Errorf("%s, verdict %s: %s %v, want %s by itself", action, verbs[i], do, by, want)
			}
		}
	}
	for _, c := range []struct {
		action            law.Action
		verdict, standing law.Verb
		want              Do
		byStanding        bool
	}{
		{law.Withdraw, law.Reject, law.Hold, Stop, false}, // a reject cites a law and stops it as surely
		{law.Withdraw, law.Hold, law.Reject, Stop, true},
		{law.Withdraw, law.Reject, law.Freeze, Block, true},
		{law.Withdraw, law.Freeze, law.Allow, Block, false}, // to a listed address: 31 CFR 501.603
		{law.Deposit, law.Freeze, law.Exit, Block, false},
		{law.Trade, law.Hold, law.Exit, Stop, true},
	} {
		if do, by := Next(c.action, c.verdict, c.standing); do != c.want || by != c.byStanding {
			t.Errorf("%+v: %s %v", c, do, by)
		}
	}
	var zero Do
	if zero == Proceed || len(Dos()) != int(Block)+1 {
		t.Error("the zero word lets something go on, or a word has no name")
	}
}

// TestAskedIsWhole: a decision for another exchange says what it answers.
func TestAskedIsWhole(t *testing.T) {
	h := strings.Repeat("0a", 32)
	for _, c := range []struct {
		asked Asked
		whole bool
	}{
		{Asked{Key: h, Request: h}, true}, {Asked{Again: h}, true},
		{Asked{}, false}, {Asked{Key: h}, false}, {Asked{Request: h}, false}, {Asked{Key: h, Request: h, Again: h}, false},
		{Asked{Key: h[2:], Request: h}, false}, {Asked{Again: "x"}, false},
	} {
		in := input(t, "US", law.SignIn, nil)
		in.Asked = &c.asked
		if d := Decide(in); (d.Verdict == law.Allow) != c.whole {
			t.Errorf("%+v: %s", c.asked, d.Verdict)
		}
	}
	// And what moves is that of the digest, of this customer and this action.
	for name, change := range map[string]func(*Input, *Movement){
		"":             func(*Input, *Movement) {},
		"another":      func(_ *Input, m *Movement) { m.Amount = "2" },
		"another's":    func(in *Input, m *Movement) { m.Account++; in.Movement = m.Digest() },
		"a deposit":    func(in *Input, m *Movement) { m.Kind = law.Deposit; in.Movement = m.Digest() },
		"no digest":    func(in *Input, _ *Movement) { in.Movement = "" },
		"nothing told": func(in *Input, _ *Movement) { in.Asked.Moves = nil },
	} {
		in := input(t, "US", law.Withdraw, nil)
		m := Movement{Kind: law.Withdraw, Account: in.Account, Asset: "BTC", Amount: "1", Address: "a", Network: "BTC", Ref: "r"}
		in.Movement, in.Asked = m.Digest(), &Asked{Key: h, Request: h, Moves: &m}
		change(&in, &m)
		if d := Decide(in); (d.Verdict == law.Allow) != (name == "") {
			t.Errorf("%s: %s", name, d.Verdict)
		}
	}
}
