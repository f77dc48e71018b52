package gate

import (
	"fmt"
	"slices"

	"sallyport/law"
)

// Do is what follows from a decision for an exchange that keeps its own ledger: one word
// that its program can act on. The zero value lets nothing go on.
type Do uint8

const (
	Wait     Do = iota // do not go on: nobody has said yes, and a person looks
	Proceed            // go on
	LetLeave           // no new business; nothing is frozen, the customer may take the assets out
	SetAside           // keep what has come in apart: neither credited nor returned
	Stop               // do not do it; nothing is held
	Block              // do not do it, and let nothing of it leave: property of a listed person
)

var doNames = [...]string{"wait", "proceed", "let_leave", "set_aside", "stop", "freeze"}

// Dos is every word there is.
func Dos() []string { return slices.Clone(doNames[:]) }

func (d Do) String() string {
	if int(d) < len(doNames) {
		return doNames[d]
	}
	return fmt.Sprintf("do %d?", uint8(d))
}

// MarshalText gives the word.
func (d Do) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the word.
func (d *Do) UnmarshalText(b []byte) error {
	i := slices.Index(doNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("gate: unknown word %q: want one of %q", b, doNames)
	}
	*d = Do(i)
	return nil
}

// Next is what follows from a verdict on an action for a customer who stands at another
// one, and whether it is the standing that says so.
//
// A trade, a deposit and a withdrawal need both: the action's own verdict, and a standing
// that lets it. A deposit has arrived already, so what is not credited lies apart; into an
// account that is leaving or capped it is credited, for from there it can go back (see
// [Grant]). Opening an account, reviewing it, signing in and holding an asset are their own
// verdict alone, and so is what the operator itself asks: to offer an asset, to deal with a
// platform. An asset that may not be held is brought in no more, and goes out by the question
// about its withdrawal.
func Next(a law.Action, verdict, standing law.Verb) (do Do, byStanding bool) {
	do = follows(a, verdict)
	switch a {
	case law.Trade, law.Deposit, law.Withdraw:
		if s := follows(a, standing); heavier(s, do) {
			return s, true
		}
	}
	return do, false
}

func follows(a law.Action, v law.Verb) Do {
	switch v {
	case law.Allow:
		return Proceed
	case law.Freeze:
		return Block
	case law.Exit, law.Cap:
		switch a {
		case law.Trade, law.ListAsset, law.DealPlatform:
			return Stop
		case law.OpenAccount, law.Review, law.HoldAsset:
			return LetLeave
		}
		return Proceed
	case law.Reject, law.Refuse, law.AssetBan, law.PlatformBan:
		if a == law.Deposit {
			return SetAside
		}
		return Stop
	}
	if a == law.Deposit {
		return SetAside
	}
	return Wait // a hold, what is undecided, and any verb that is none of these
}

// heavier: a stop outranks a wait, as a reject does a hold.
func heavier(a, b Do) bool {
	order := []Do{Proceed, LetLeave, Wait, SetAside, Stop, Block}
	return slices.Index(order, a) > slices.Index(order, b)
}
