package tape

import (
	"crypto/sha256"

	"sallyport/law"
	"sallyport/money"
)

// State is everything the venue knows at a moment, in one canonical order; its hash is
// written at checkpoints, and whoever replays the log must meet it.
type State struct {
	Genesis  Genesis
	Rules    Hash
	Editions []Basis // by list

	LastOrder, LastTrade, LastDeposit, LastWithdrawal uint64
	LastPrevented, LastOrderList                      uint64
	LastQueued                                        uint64 // how often an order took a place in a book

	Markets []MarketState // as in the founding tables

	Accounts    []Account           // by number
	Balances    []BalanceChanged    // all but those of nothing, by account and asset
	Orders      []OpenOrder         // by id
	OrderLists  []OpenOrderList     // of which an order is open, by id
	Withdrawals []WithdrawalChanged // Requested or Sending, by id
	Aside       []Aside             // by movement
	Kept        []Hash              // decisions recorded and not yet spent, in byte order
	Recorded    []Record            // decisions recorded at most Fresh before the last of them, oldest first
	Deposits    []Hash              // keys of transfers credited, in byte order (see DepositKey)

	LastClearance uint64
	Clearances    []Cleared // in force, by id

	LastLicence uint64
	Licences    []LicenceRecorded // in force, by id

	Earned []EarnedTier // above 0, by account

	MaxAssets []money.Amount // by SetMaxAsset, as in the founding tables

	Users []SetOperatorUser // operator users, by name
}

// Basis is a list edition that decisions must be made under.
type Basis struct {
	List   string
	SHA256 Hash
}

// An Account as the state holds it.
type Account struct {
	Account    uint64
	Operator   uint16
	Commitment Hash
	Standing   Standing
	Sides      []law.Side // by rule
	Tier       uint8
	Group      uint32   // of trade
	Keys       []string // sorted
}

// An EarnedTier is the tier of fees that an account has by its last EarnTier.
type EarnedTier struct {
	Account uint64
	Tier    uint8
}

// A MarketState is what a market is in beside its orders.
type MarketState struct {
	Phase Phase
	Last  money.Amount // price of the last trade; 0 before the first
}

// An OpenOrder is an order that has not ended, and its place in the book; both parts of that are
// zero while it waits for a price.
type OpenOrder struct {
	Order
	Visible money.Amount // of what is open
	Queued  uint64       // LastQueued when it took its place
	Extreme money.Amount // of the prices it has followed, while it does; 0 where nothing has traded
}

// An OpenOrderList is an order list of which an order is open.
type OpenOrderList struct {
	OrderList
	Together bool         // its pair has come, and neither has traded, been triggered, lost quantity or ended
	Locked   money.Amount // of OnePays: what its working order has brought, of the base asset, while the others pend
}

// Aside is value that a decision on one movement has set aside: Apart or Frozen.
type Aside struct {
	Movement string // the digest in hex
	Deposit  uint64 // the deposit it came with; 0 for a withdrawal that was stopped
	Out      uint64 // the withdrawal; 0 for a deposit
	Account  uint64
	Asset    uint16
	Amount   money.Amount
	Frozen   bool
}

// Record is a decision and the time of the command that recorded it, µs since 1970 UTC.
type Record struct {
	Decision Hash
	At       int64
}

// DepositKey names a transfer on a chain.
func DepositKey(network, txid string, index uint32) Hash {
	var c coder
	c.text(&network)
	c.text(&txid)
	c.u32(&index)
	return sha256.Sum256(c.b)
}

// Hash is the SHA-256 of the state's canonical form. Clearances are left out of it while
// there never was one, and licences likewise, so that logs from before there could be any
// keep their hashes; licences begin with a word, so that they are never read as
// clearances. Earned tiers are left out, and begin with a word, in the same way while nobody has one,
// and operator users while there are none.
func (s *State) Hash() Hash {
	var c coder
	s.code(&c)
	if s.LastClearance > 0 {
		s.codeClearances(&c)
	}
	if s.LastLicence > 0 {
		mark := "licences"
		c.text(&mark)
		s.codeLicences(&c)
	}
	if len(s.Earned) > 0 {
		mark := "earned tiers"
		c.text(&mark)
		s.codeEarned(&c)
	}
	if len(s.Users) > 0 {
		mark := "operator users"
		c.text(&mark)
		s.codeUsers(&c)
	}
	return sha256.Sum256(c.b)
}

func (s *State) code(c *coder) {
	s.Genesis.code(c)
	c.hash(&s.Rules)
	rows(c, &s.Editions, func(b *Basis) {
		c.text(&b.List)
		c.hash(&b.SHA256)
	})
	for _, n := range []*uint64{&s.LastOrder, &s.LastTrade, &s.LastDeposit, &s.LastWithdrawal, &s.LastPrevented, &s.LastOrderList, &s.LastQueued} {
		c.u64(n)
	}
	rows(c, &s.Markets, func(m *MarketState) {
		narrow(c, &m.Phase, 255)
		c.amount(&m.Last)
	})
	rows(c, &s.Accounts, func(a *Account) {
		c.u64(&a.Account)
		c.u16(&a.Operator)
		c.hash(&a.Commitment)
		a.Standing.code(c)
		codeSides(c, &a.Sides)
		c.u8(&a.Tier)
		c.u32(&a.Group)
		list(c, &a.Keys, c.text)
	})
	rows(c, &s.Balances, func(b *BalanceChanged) { b.code(c) })
	rows(c, &s.Orders, func(o *OpenOrder) {
		o.code(c)
		c.amount(&o.Visible)
		c.u64(&o.Queued)
		if o.Type.Stops() {
			c.amount(&o.Extreme)
		}
	})
	rows(c, &s.OrderLists, func(o *OpenOrderList) {
		o.code(c)
		c.bool(&o.Together)
		if o.Contingency == OnePays {
			c.amount(&o.Locked)
		}
	})
	rows(c, &s.Withdrawals, func(w *WithdrawalChanged) { codeWithdrawal(c, w) })
	rows(c, &s.Aside, func(a *Aside) {
		c.text(&a.Movement)
		c.u64(&a.Deposit)
		c.u64(&a.Out)
		c.u64(&a.Account)
		c.u16(&a.Asset)
		c.amount(&a.Amount)
		c.bool(&a.Frozen)
	})
	rows(c, &s.Kept, c.hash)
	rows(c, &s.Recorded, func(r *Record) {
		c.hash(&r.Decision)
		c.time(&r.At)
	})
	rows(c, &s.Deposits, c.hash)
	rows(c, &s.MaxAssets, c.amount)
}

func (s *State) codeClearances(c *coder) {
	c.u64(&s.LastClearance)
	rows(c, &s.Clearances, func(x *Cleared) { codeCleared(c, x) })
}

func (s *State) codeLicences(c *coder) {
	c.u64(&s.LastLicence)
	rows(c, &s.Licences, func(l *LicenceRecorded) { codeLicence(c, l) })
}

func (s *State) codeUsers(c *coder) {
	rows(c, &s.Users, func(u *SetOperatorUser) { u.code(c) })
}

func (s *State) codeEarned(c *coder) {
	rows(c, &s.Earned, func(e *EarnedTier) {
		c.u64(&e.Account)
		c.u8(&e.Tier)
	})
}
