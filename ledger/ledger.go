// Package ledger keeps double-entry balances.
//
// Every movement is a [Posting]: an amount of one asset that leaves one pocket and
// arrives in another. What a customer may use, what an order reserves, what is on its
// way out, what the law has frozen and what is set apart for a person to look at are
// pockets of their own, so that no flag ever has to be remembered: frozen value is
// simply not where an order or a withdrawal takes from.
//
// Per asset all pockets sum to zero: what customers hold, [Outside] owes. Only
// Outside may be negative. TestAgainstSum recomputes every balance by adding up
// postings.
package ledger

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"sallyport/money"
)

// An Account is a ledger account. The zero account is nobody's.
type Account uint64

const (
	Outside Account = 1 // the world beyond the venue: deposits come from it, withdrawals go to it
	Fees    Account = 2 // what the venue earned
	First   Account = 1000
)

// A Pocket divides an account's balance of one asset by what may be done with it.
type Pocket uint8

const (
	Available Pocket = iota // may be traded and withdrawn
	Ordered                 // reserved by open orders
	Leaving                 // asked to be withdrawn, not yet gone
	Frozen                  // property of a listed person: nothing leaves
	Apart                   // set apart until a person has looked
	Pockets                 // how many there are
)

var pocketNames = [...]string{"available", "ordered", "leaving", "frozen", "apart"}

func (p Pocket) String() string {
	if p < Pockets {
		return pocketNames[p]
	}
	return fmt.Sprintf("pocket %d?", uint8(p))
}

// A Place is where an amount lies.
type Place struct {
	Account Account
	Pocket  Pocket
}

// A Posting moves Amount of Asset; the amount is never negative.
type Posting struct {
	Asset    uint16 // index of the asset in the venue's table
	From, To Place
	Amount   money.Amount
}

// ErrInsufficient says that a pocket holds less than a posting would take.
var ErrInsufficient = errors.New("ledger: insufficient balance")

// A Ledger holds balances. The zero value is not usable; call [New].
type Ledger struct {
	// Invariant: per asset the sum over all pockets of all accounts is zero;
	// every pocket but those of Outside is at least zero.
	balances map[key]*Balance
	touched  map[key]struct{}
}

type key struct {
	account Account
	asset   uint16
}

// A Balance is an account's holding of one asset, by pocket.
type Balance [Pockets]money.Amount

// Total is the sum over all pockets.
func (b Balance) Total() (money.Amount, error) {
	var sum money.Amount
	for _, a := range b {
		var err error
		if sum, err = sum.Add(a); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// New is an empty ledger.
func New() *Ledger {
	return &Ledger{balances: map[key]*Balance{}, touched: map[key]struct{}{}}
}

// Post applies the postings in order, all or none. It returns [ErrInsufficient] when
// a pocket would fall below zero and money.ErrOverflow when an amount does not fit.
func (l *Ledger) Post(postings ...Posting) error {
	for i, p := range postings {
		if err := l.post(p); err != nil {
			for j := i - 1; j >= 0; j-- {
				q := postings[j]
				q.From, q.To = q.To, q.From
				if l.post(q) != nil {
					panic("ledger: a posting just made cannot be taken back")
				}
			}
			return err
		}
	}
	for _, p := range postings {
		if p.Amount.IsZero() || p.From == p.To {
			continue
		}
		l.touched[key{p.From.Account, p.Asset}] = struct{}{}
		l.touched[key{p.To.Account, p.Asset}] = struct{}{}
	}
	return nil
}

func (l *Ledger) post(p Posting) error {
	if p.Amount.Sign() < 0 || p.From.Account == 0 || p.To.Account == 0 || p.From.Pocket >= Pockets || p.To.Pocket >= Pockets {
		return fmt.Errorf("ledger: posting %+v: not a movement between two pockets", p)
	}
	from, to := l.balance(p.From.Account, p.Asset), l.balance(p.To.Account, p.Asset)
	less, err := from[p.From.Pocket].Sub(p.Amount)
	if err != nil {
		return err
	}
	if less.Sign() < 0 && p.From.Account != Outside {
		return ErrInsufficient
	}
	from[p.From.Pocket] = less
	more, err := to[p.To.Pocket].Add(p.Amount)
	if err != nil {
		from[p.From.Pocket], _ = less.Add(p.Amount)
		return err
	}
	to[p.To.Pocket] = more
	return nil
}

func (l *Ledger) balance(a Account, asset uint16) *Balance {
	k := key{a, asset}
	b := l.balances[k]
	if b == nil {
		b = new(Balance)
		l.balances[k] = b
	}
	return b
}

// Balance is what an account holds of an asset.
func (l *Ledger) Balance(a Account, asset uint16) Balance {
	if b := l.balances[key{a, asset}]; b != nil {
		return *b
	}
	return Balance{}
}

// A Line is one account's balance of one asset.
type Line struct {
	Account Account
	Asset   uint16
	Balance Balance
}

// Touched lists the balances that postings of more than nothing, between two different
// pockets, have moved since the last call, in order of account and asset.
func (l *Ledger) Touched() []Line {
	if len(l.touched) == 0 {
		return nil
	}
	lines := make([]Line, 0, len(l.touched))
	for k := range l.touched {
		lines = append(lines, Line{k.account, k.asset, *l.balances[k]})
	}
	clear(l.touched)
	slices.SortFunc(lines, compareLines)
	return lines
}

// Lines lists every balance that is not zero, in order of account and asset.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for k, b := range l.balances {
		if *b != (Balance{}) {
			lines = append(lines, Line{k.account, k.asset, *b})
		}
	}
	slices.SortFunc(lines, compareLines)
	return lines
}

func compareLines(a, b Line) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset, b.Asset))
}
