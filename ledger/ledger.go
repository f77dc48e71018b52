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
	rows   []row              // row 0 is nobody's
	dense  []uint32           // rows by account, of those whose numbers are not far apart
	sparse map[Account]uint32 // rows of all others

	rests []rest // by holding.rest; rests[0] is nobody's

	moved  []moved // since the last call of Changed
	before []rest  // of those moved that had one
	turns  []turn  // of moved, in the order in which Changed tells them
}

// row is what one account holds, in the order in which it first held it. Most hold few assets:
// those lie in the row itself, 128 bytes, so that one look finds them.
type row struct {
	account Account
	count   int // of assets
	first   [2]holding
	more    []holding
}

// holding is a balance. What orders move lies in it; the other pockets, which are empty for most,
// lie elsewhere.
type holding struct {
	near  [Ordered + 1]money.Amount // Available and Ordered
	rest  uint32                    // 0: nothing was ever in another pocket
	asset uint16
	moved bool // there is an entry in Ledger.moved
}

// rest is what pockets from Leaving on hold.
type rest [Pockets - Ordered - 1]money.Amount

// moved is a holding and what it held before. It is good until another account or asset is held.
type moved struct {
	row   uint32
	asset uint16
	rest  int32 // where Ledger.before has it, if it had one; else -1
	near  [Ordered + 1]money.Amount
}

// turn is an entry of Ledger.moved by what Changed sorts by.
type turn struct {
	account Account
	asset   uint16
	moved   uint32
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
	return &Ledger{rows: make([]row, 1), rests: make([]rest, 1), sparse: map[Account]uint32{}}
}

// Post applies the postings in order, all or none. It returns [ErrInsufficient] when
// a pocket would fall below zero and money.ErrOverflow when an amount does not fit.
func (l *Ledger) Post(postings ...Posting) error {
	for i := range postings {
		if err := l.post(&postings[i]); err != nil {
			for j := i - 1; j >= 0; j-- {
				q := postings[j]
				q.From, q.To = q.To, q.From
				if l.post(&q) != nil {
					panic("ledger: a posting just made cannot be taken back")
				}
			}
			return err
		}
	}
	return nil
}

// Shift is a posting within an account, from one pocket to another of the same asset: what an order
// does when it comes and when it ends.
func (l *Ledger) Shift(account Account, asset uint16, from, to Pocket, amount money.Amount) error {
	if account == 0 || from > Ordered || to > Ordered {
		return l.Post(Posting{Asset: asset, From: Place{account, from}, To: Place{account, to}, Amount: amount})
	}
	if amount.Sign() < 0 {
		return fmt.Errorf("ledger: %v of asset %d, account %d: not a movement between two pockets", amount, asset, account)
	}
	i := l.open(account)
	h := l.rows[i].holding(asset)
	less, err := h.near[from].Sub(amount)
	if err != nil {
		return err
	}
	if less.Sign() < 0 && account != Outside {
		return ErrInsufficient
	}
	if from == to {
		return nil
	}
	more, err := h.near[to].Add(amount)
	if err != nil {
		return err
	}
	l.keep(i, h)
	h.near[from], h.near[to] = less, more
	return nil
}

func (l *Ledger) post(p *Posting) error {
	if p.Amount.Sign() < 0 || p.From.Account == 0 || p.To.Account == 0 || p.From.Pocket >= Pockets || p.To.Pocket >= Pockets {
		return fmt.Errorf("ledger: posting %+v: not a movement between two pockets", *p)
	}
	i := l.open(p.From.Account)
	j := i
	if p.To.Account != p.From.Account {
		j = l.open(p.To.Account)
	}
	at, to := l.rows[i].holding(p.Asset), l.rows[j].holding(p.Asset)
	l.reach(at, p.From.Pocket)
	l.reach(to, p.To.Pocket)
	a, b := l.pocket(at, p.From.Pocket), l.pocket(to, p.To.Pocket)
	less, err := a.Sub(p.Amount)
	if err != nil {
		return err
	}
	if less.Sign() < 0 && p.From.Account != Outside {
		return ErrInsufficient
	}
	if a == b {
		return nil
	}
	more, err := b.Add(p.Amount)
	if err != nil {
		return err
	}
	l.keep(i, at)
	l.keep(j, to)
	*a, *b = less, more
	return nil
}

// reach makes sure that there is room for a pocket.
func (l *Ledger) reach(h *holding, p Pocket) {
	if p > Ordered && h.rest == 0 {
		h.rest = uint32(len(l.rests))
		l.rests = append(l.rests, rest{})
	}
}

// pocket is a pocket that there is room for. The pointer is good until more room is made.
func (l *Ledger) pocket(h *holding, p Pocket) *money.Amount {
	if p <= Ordered {
		return &h.near[p]
	}
	return &l.rests[h.rest][p-Ordered-1]
}

// balance is what a holding holds.
func (l *Ledger) balance(h *holding) (b Balance) {
	b[Available], b[Ordered] = h.near[Available], h.near[Ordered]
	if h.rest != 0 {
		copy(b[Ordered+1:], l.rests[h.rest][:])
	}
	return b
}

// keep remembers what a balance was before it first moved.
func (l *Ledger) keep(row uint32, h *holding) {
	if !h.moved {
		h.moved = true
		m := moved{row: row, asset: h.asset, rest: -1, near: h.near}
		if h.rest != 0 {
			m.rest = int32(len(l.before))
			l.before = append(l.before, l.rests[h.rest])
		}
		l.moved = append(l.moved, m)
	}
}

// find is the row of an account, or 0 when there is none.
func (l *Ledger) find(a Account) uint32 {
	if a < Account(len(l.dense)) {
		if i := l.dense[a]; i != 0 {
			return i
		}
	}
	return l.sparse[a]
}

// open is the row of an account, which is given one if it has none.
func (l *Ledger) open(a Account) uint32 {
	if a < Account(len(l.dense)) {
		if i := l.dense[a]; i != 0 {
			return i
		}
	}
	return l.openNew(a)
}

// openNew is open for one that was not opened yet, or whose number is far from the others'.
func (l *Ledger) openNew(a Account) uint32 {
	if i := l.sparse[a]; i != 0 {
		return i
	}
	i := uint32(len(l.rows))
	l.rows = append(l.rows, row{account: a})
	if a < Account(4*len(l.rows)+4096) {
		for a >= Account(len(l.dense)) {
			l.dense = append(l.dense, 0)
		}
		l.dense[a] = i
	} else {
		l.sparse[a] = i
	}
	return i
}

// Touch reads what an account holds, and so brings it near; see venue.Ahead.
func (l *Ledger) Touch(a Account) uint64 {
	r := &l.rows[l.find(a)]
	return uint64(r.count) + uint64(r.first[1].asset) // one of each line of the cache
}

// of is the holding of an asset, or nil.
func (r *row) of(asset uint16) *holding {
	for i := range min(r.count, len(r.first)) {
		if r.first[i].asset == asset {
			return &r.first[i]
		}
	}
	for i := range r.more {
		if r.more[i].asset == asset {
			return &r.more[i]
		}
	}
	return nil
}

// holding is the holding of an asset, which is made if there is none. The pointer is good until another
// asset or another account is.
func (r *row) holding(asset uint16) *holding {
	if r.count > 0 && r.first[0].asset == asset {
		return &r.first[0]
	}
	if r.count > 1 && r.first[1].asset == asset {
		return &r.first[1]
	}
	return r.seldom(asset)
}

// seldom is holding for what does not lie in the row itself, or was not held before.
func (r *row) seldom(asset uint16) *holding {
	if h := r.of(asset); h != nil {
		return h
	}
	r.count++
	if r.count <= len(r.first) {
		h := &r.first[r.count-1]
		h.asset = asset
		return h
	}
	r.more = append(r.more, holding{asset: asset})
	return &r.more[len(r.more)-1]
}

// all calls fn with every holding.
func (r *row) all(fn func(*holding)) {
	for i := range min(r.count, len(r.first)) {
		fn(&r.first[i])
	}
	for i := range r.more {
		fn(&r.more[i])
	}
}

// Balance is what an account holds of an asset.
func (l *Ledger) Balance(a Account, asset uint16) (b Balance) {
	if h := l.rows[l.find(a)].of(asset); h != nil {
		b = l.balance(h)
	}
	return b
}

// Has is what an account has of an asset in one pocket.
func (l *Ledger) Has(a Account, asset uint16, p Pocket) money.Amount {
	return l.Balance(a, asset)[p]
}

// A Line is one account's balance of one asset.
type Line struct {
	Account Account
	Asset   uint16
	Balance Balance
}

// Changed calls fn with the account and asset of each balance that is no longer what it was at the last
// call, in that order, and writes the balance where it says.
func (l *Ledger) Changed(fn func(Account, uint16) *Balance) {
	if len(l.moved) == 1 {
		l.tell(&l.moved[0], fn)
	} else if len(l.moved) > 0 {
		l.turns = l.turns[:0]
		for i := range l.moved {
			m := &l.moved[i]
			l.turns = append(l.turns, turn{l.rows[m.row].account, m.asset, uint32(i)})
		}
		sortTurns(l.turns)
		for _, t := range l.turns {
			l.tell(&l.moved[t.moved], fn)
		}
	}
	l.moved, l.before = l.moved[:0], l.before[:0]
}

// sortTurns puts turns in order, of which there are a handful as a rule.
func sortTurns(ts []turn) {
	if len(ts) > 12 {
		slices.SortFunc(ts, func(a, b turn) int { return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.asset, b.asset)) })
		return
	}
	for i := 1; i < len(ts); i++ {
		t, j := ts[i], i
		for j > 0 && (t.account < ts[j-1].account || t.account == ts[j-1].account && t.asset < ts[j-1].asset) {
			ts[j] = ts[j-1]
			j--
		}
		ts[j] = t
	}
}

// tell has a balance that has moved written down, unless it is back where it was.
func (l *Ledger) tell(m *moved, fn func(Account, uint16) *Balance) {
	r := &l.rows[m.row]
	h := r.holding(m.asset)
	h.moved = false
	if h.near[Available] == m.near[Available] && h.near[Ordered] == m.near[Ordered] && (h.rest == 0 || m.rest >= 0 && l.rests[h.rest] == l.before[m.rest] || m.rest < 0 && l.rests[h.rest] == (rest{})) {
		return
	}
	b := fn(r.account, m.asset)
	b[Available], b[Ordered] = h.near[Available], h.near[Ordered]
	if h.rest != 0 {
		copy(b[Ordered+1:], l.rests[h.rest][:])
	} else {
		clear(b[Ordered+1:])
	}
}

// Lines lists every balance that is not zero, in order of account and asset.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for i := range l.rows {
		l.rows[i].all(func(h *holding) {
			if b := l.balance(h); b != (Balance{}) {
				lines = append(lines, Line{l.rows[i].account, h.asset, b})
			}
		})
	}
	slices.SortFunc(lines, compareLines)
	return lines
}

// Restore is the ledger of which Lines gave these. The error says which promise they break.
func Restore(lines []Line) (*Ledger, error) {
	l := New()
	sums := map[uint16]money.Amount{}
	for i := range lines {
		x := &lines[i]
		if i > 0 && compareLines(lines[i-1], *x) >= 0 || x.Account == 0 {
			return nil, fmt.Errorf("ledger: balance %d is out of order", i)
		}
		for p := range x.Balance {
			sum, err := sums[x.Asset].Add(x.Balance[p])
			if err != nil || x.Balance[p].Sign() < 0 && x.Account != Outside {
				return nil, fmt.Errorf("ledger: account %d, asset %d: %s is %v", x.Account, x.Asset, Pocket(p), x.Balance[p])
			}
			sums[x.Asset] = sum
		}
		h := l.rows[l.open(x.Account)].holding(x.Asset)
		for p, a := range x.Balance {
			if !a.IsZero() {
				l.reach(h, Pocket(p))
				*l.pocket(h, Pocket(p)) = a
			}
		}
	}
	for asset, sum := range sums {
		if !sum.IsZero() {
			return nil, fmt.Errorf("ledger: asset %d sums to %v", asset, sum)
		}
	}
	return l, nil
}

func compareLines(a, b Line) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset, b.Asset))
}
