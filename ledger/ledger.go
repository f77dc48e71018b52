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
	pages [][]Row          // in the order in which they were opened; only the last has room
	rows  map[Account]*Row // the same by account
	fees  *Row

	rests []rest // by Holding.rest; rests[0] is nobody's

	moved  []moved // since the last call of Changed
	before []rest  // of those moved that had one
	turns  []turn  // of moved, in the order in which Changed tells them
}

// pageRows is how many rows lie together: 32 kilobytes, which begin with a line of the cache. What is smaller and
// holds pointers the runtime lets begin eight bytes later, and each row would reach into a third line.
const pageRows = 256

// A Row is what one account holds, in the order in which it first held it. It stays where it is for as long
// as the ledger is there. Most hold few assets: those lie in the row itself, which is two lines of the
// cache, 128 bytes, so that one look finds them.
type Row struct {
	account Account
	first   [2]Holding
	more    []*Holding
}

// A Holding is a balance, and stays where it is as its row does. What orders move lies in it; the other
// pockets, which are empty for most, lie elsewhere.
type Holding struct {
	near  [Ordered + 1]money.Amount // Available and Ordered
	rest  uint32                    // 0: nothing was ever in another pocket
	kind  kind                      // the asset that it is of
	moved bool                      // there is an entry in Ledger.moved
}

// kind is an asset and one, so that 0 is none.
type kind uint32

func kindOf(asset uint16) kind { return kind(asset) + 1 }

func (k kind) asset() uint16 { return uint16(k - 1) }

// rest is what pockets from Leaving on hold.
type rest [Pockets - Ordered - 1]money.Amount

// moved is a holding and what it held before.
type moved struct {
	account Account
	of      *Holding
	near    [Ordered + 1]money.Amount
	rest    int // where Ledger.before has it, if it had one; else -1
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
	l := &Ledger{rows: map[Account]*Row{}, rests: make([]rest, 1)}
	l.fees = l.Open(Fees)
	return l
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

func (l *Ledger) post(p *Posting) error {
	if p.Amount.Sign() < 0 || p.From.Account == 0 || p.To.Account == 0 || p.From.Pocket >= Pockets || p.To.Pocket >= Pockets {
		return fmt.Errorf("ledger: posting %+v: not a movement between two pockets", *p)
	}
	from := l.Open(p.From.Account)
	into := from
	if p.To.Account != p.From.Account {
		into = l.Open(p.To.Account)
	}
	at, to := from.holding(kindOf(p.Asset)), into.holding(kindOf(p.Asset))
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
	l.keep(from, at)
	l.keep(into, to)
	*a, *b = less, more
	return nil
}

// Reserve is a posting of a customer's account from Available to Ordered: what an order does that comes. It
// gives what has moved. Changed tells it, unless told: then nothing else of the command moves it, and the
// caller tells it by Write.
func (l *Ledger) Reserve(r *Row, asset uint16, amount money.Amount, told bool) (*Holding, error) {
	h := r.holding(kindOf(asset))
	less, more, ok := money.Shift(h.near[Available], h.near[Ordered], amount)
	if !ok {
		return nil, refused(h.near[Available], amount)
	}
	if !told && !h.moved {
		l.keepNew(r, h)
	}
	h.near[Available], h.near[Ordered] = less, more
	return h, nil
}

// Release is a posting the other way, as Reserve: what an order does that ends.
func (l *Ledger) Release(r *Row, asset uint16, amount money.Amount, told bool) (*Holding, error) {
	h := r.holding(kindOf(asset))
	less, more, ok := money.Shift(h.near[Ordered], h.near[Available], amount)
	if !ok {
		return nil, refused(h.near[Ordered], amount)
	}
	if !told && !h.moved {
		l.keepNew(r, h)
	}
	h.near[Ordered], h.near[Available] = less, more
	return h, nil
}

// Write writes down what a holding holds.
func (l *Ledger) Write(h *Holding, b *Balance) {
	*b = Balance{Available: h.near[Available], Ordered: h.near[Ordered]}
	if h.rest != 0 {
		l.writeRest(h, b)
	}
}

func (l *Ledger) writeRest(h *Holding, b *Balance) { copy(b[Ordered+1:], l.rests[h.rest][:]) }

// refused is why an amount cannot go from one pocket to another.
func refused(from, amount money.Amount) error {
	switch {
	case amount.Negative():
		return fmt.Errorf("ledger: %v is no movement between two pockets", amount)
	case from.Less(amount):
		return ErrInsufficient
	}
	return money.ErrOverflow
}

// Pay is two postings of a trade: what one account gives of an asset, from what its orders have reserved,
// goes to another, less a fee, which goes to Fees. After money.ErrOverflow the balances are no more what
// they were.
func (l *Ledger) Pay(asset uint16, from, to *Row, amount, fee money.Amount) error {
	gets, err := amount.Sub(fee)
	if err != nil || gets.Negative() || fee.Negative() {
		return fmt.Errorf("ledger: a fee of %v for %v", fee, amount)
	}
	h := from.holding(kindOf(asset))
	less, err := h.near[Ordered].Sub(amount)
	if err == nil && less.Negative() {
		err = ErrInsufficient
	}
	if err != nil {
		return err
	}
	l.keep(from, h)
	h.near[Ordered] = less
	if err := l.take(to, asset, gets); err != nil || fee.IsZero() {
		return err
	}
	return l.take(l.fees, asset, fee)
}

// take adds to what an account has available.
func (l *Ledger) take(r *Row, asset uint16, amount money.Amount) (err error) {
	h := r.holding(kindOf(asset))
	l.keep(r, h)
	h.near[Available], err = h.near[Available].Add(amount)
	return err
}

// reach makes sure that there is room for a pocket.
func (l *Ledger) reach(h *Holding, p Pocket) {
	if p > Ordered && h.rest == 0 {
		h.rest = uint32(len(l.rests))
		l.rests = append(l.rests, rest{})
	}
}

// pocket is a pocket that there is room for. The pointer is good until more room is made.
func (l *Ledger) pocket(h *Holding, p Pocket) *money.Amount {
	if p <= Ordered {
		return &h.near[p]
	}
	return &l.rests[h.rest][p-Ordered-1]
}

// balance is what a holding holds.
func (l *Ledger) balance(h *Holding) (b Balance) {
	l.Write(h, &b)
	return b
}

// keep remembers what a balance was before it first moved.
func (l *Ledger) keep(r *Row, h *Holding) {
	if !h.moved {
		l.keepNew(r, h)
	}
}

func (l *Ledger) keepNew(r *Row, h *Holding) {
	n := len(l.moved)
	if n == cap(l.moved) {
		l.moved = slices.Grow(l.moved, 16)
	}
	l.moved = l.moved[:n+1]
	m := &l.moved[n]
	m.account = r.account
	m.of = h
	m.near[Available], m.near[Ordered] = h.near[Available], h.near[Ordered]
	if h.moved = true; h.rest == 0 {
		m.rest = -1
		return
	}
	m.rest = len(l.before)
	l.before = append(l.before, l.rests[h.rest])
}

// Open is the row of an account, which is given one if it has none. Nobody's is that of no account.
func (l *Ledger) Open(a Account) *Row {
	if r := l.rows[a]; r != nil {
		return r
	}
	n := len(l.pages) - 1
	if n < 0 || len(l.pages[n]) == pageRows {
		l.pages = append(l.pages, make([]Row, 0, pageRows))
		n++
	}
	p := append(l.pages[n], Row{account: a})
	l.pages[n] = p
	r := &p[len(p)-1]
	l.rows[a] = r
	return r
}

// Touch reads what an account holds, and so brings it near; see venue.Ahead.
func (r *Row) Touch() uint64 {
	return uint64(r.account) + uint64(r.first[1].kind) // one of each line of the cache
}

// of is the holding of an asset, or nil.
func (r *Row) of(k kind) *Holding {
	for i := range r.first {
		if r.first[i].kind == k {
			return &r.first[i]
		}
	}
	for _, h := range r.more {
		if h.kind == k {
			return h
		}
	}
	return nil
}

// holding is the holding of an asset, which is made if there is none.
func (r *Row) holding(k kind) *Holding {
	if r.first[0].kind == k {
		return &r.first[0]
	}
	if r.first[1].kind == k {
		return &r.first[1]
	}
	return r.seldom(k)
}

// seldom is holding for what does not lie in the row itself, or was not held before.
func (r *Row) seldom(k kind) *Holding {
	if h := r.of(k); h != nil {
		return h
	}
	if h := r.of(0); h != nil { // one of the first that is of no asset yet
		h.kind = k
		return h
	}
	h := &Holding{kind: k}
	r.more = append(r.more, h)
	return h
}

// all calls fn with every holding.
func (r *Row) all(fn func(*Holding)) {
	for i := range r.first {
		if h := &r.first[i]; h.kind != 0 {
			fn(h)
		}
	}
	for _, h := range r.more {
		fn(h)
	}
}

// Balance is what an account holds of an asset.
func (l *Ledger) Balance(a Account, asset uint16) (b Balance) {
	if r := l.rows[a]; r != nil {
		if h := r.of(kindOf(asset)); h != nil {
			b = l.balance(h)
		}
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

// Told is whoever writes down balances that have changed.
type Told interface {
	// Balance gives where that of an account and asset is written to.
	Balance(Account, uint16) *Balance
}

// Moved reports whether there is anything for Changed to tell.
func (l *Ledger) Moved() bool { return len(l.moved) > 0 }

// Changed tells each balance that is no longer what it was at the last call, in order of account and
// asset.
func (l *Ledger) Changed(to Told) {
	if len(l.moved) > 1 {
		l.sort()
	}
	for i := range l.moved {
		m := &l.moved[i]
		if len(l.moved) > 1 {
			m = &l.moved[l.turns[i].moved]
		}
		h := m.of
		h.moved = false
		if h.near[Available] == m.near[Available] && h.near[Ordered] == m.near[Ordered] && l.rested(m) {
			continue // it is back where it was
		}
		l.Write(h, to.Balance(m.account, h.kind.asset()))
	}
	l.moved, l.before = l.moved[:0], l.before[:0]
}

// rested reports whether the seldom used pockets of what has moved are as they were.
func (l *Ledger) rested(m *moved) bool {
	switch {
	case m.of.rest == 0:
		return true
	case m.rest < 0:
		return l.rests[m.of.rest] == rest{}
	}
	return l.rests[m.of.rest] == l.before[m.rest]
}

// sort fills in turns.
func (l *Ledger) sort() {
	l.turns = l.turns[:0]
	for i := range l.moved {
		m := &l.moved[i]
		l.turns = append(l.turns, turn{m.account, m.of.kind.asset(), uint32(i)})
	}
	sortTurns(l.turns)
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

// Lines lists every balance that is not zero, in order of account and asset.
func (l *Ledger) Lines() []Line {
	var lines []Line
	for _, page := range l.pages {
		for i := range page {
			page[i].all(func(h *Holding) {
				if b := l.balance(h); b != (Balance{}) {
					lines = append(lines, Line{page[i].account, h.kind.asset(), b})
				}
			})
		}
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
		h := l.Open(x.Account).holding(kindOf(x.Asset))
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
