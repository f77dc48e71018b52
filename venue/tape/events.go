package tape

import (
	"fmt"

	"sallyport/book"
	"sallyport/ledger"
	"sallyport/money"
)

// An EventKind numbers an event.
type EventKind uint16

// An Event is something that applying a command brought about.
type Event interface {
	EventKind() EventKind
	code(*coder)
}

const (
	eventRefused EventKind = iota + 1
	eventFounded
	eventEditionTaken
	eventRulesTaken
	eventRuleMarked
	eventDecided
	eventAccountOpened
	eventStandingChanged
	eventKeyChanged
	eventOrderChanged
	eventTraded
	eventBalanceChanged
	eventDepositChanged
	eventWithdrawalChanged
	eventCleared
	eventClearanceEnded
	eventCustomerAmended
	eventMarksOwed
	eventPartMarked
	eventExpiryMarked
	eventLicenceRecorded
	eventLicenceEnded
)

// A Reason says why a command was refused. See Refused.
type Reason uint8

const (
	NoReason Reason = iota
	AlreadyFounded
	NotFounded
	BadGenesis
	BadDecision
	StaleDecision
	NoPermit
	NotPermitted
	Stopped
	UnknownAccount
	UnknownMarket
	UnknownAsset
	UnknownOrder
	UnknownKey
	UnknownWithdrawal
	DuplicateAccount
	DuplicateKey
	DuplicateClientID
	DuplicateDeposit
	BadOrder
	PriceFilter
	LotSize
	Notional
	WouldTake
	TooSmall
	Insufficient
	TooLarge
	DuplicateDecision
	BadClearance
	DuplicateClearance
	UnknownClearance
	BadLicence
	DuplicateLicence
	UnknownLicence
	reasons
)

var reasonTexts = [reasons]string{
	NoReason:          "no reason",
	AlreadyFounded:    "the venue was founded before",
	NotFounded:        "the venue has not been founded",
	BadGenesis:        "the founding tables contradict themselves",
	BadDecision:       "the decision is not what its id says",
	StaleDecision:     "the decision was made under another edition of a list or of the rules than is in force, or too long ago",
	NoPermit:          "no unspent decision of the gate covers this",
	NotPermitted:      "the gate did not permit it",
	Stopped:           "the account's standing does not allow it",
	UnknownAccount:    "there is no such account",
	UnknownMarket:     "there is no such market",
	UnknownAsset:      "there is no such asset on this network, or the amount does not fit it",
	UnknownOrder:      "there is no such open order",
	UnknownKey:        "there is no such key",
	UnknownWithdrawal: "there is no withdrawal of this number in the state this needs",
	DuplicateAccount:  "the account number is taken",
	DuplicateKey:      "the key exists",
	DuplicateClientID: "an open order of this account has this client id",
	DuplicateDeposit:  "this transfer was credited before",
	BadOrder:          "the order's fields contradict one another",
	PriceFilter:       "the price is outside the market's range or no multiple of its tick",
	LotSize:           "the quantity is outside the market's range or no multiple of its step",
	Notional:          "price times quantity is below the market's minimum",
	WouldTake:         "the order would cross at once",
	TooSmall:          "the amount is below the least withdrawal",
	Insufficient:      "the account has too little available",
	TooLarge:          "the amount does not fit",
	DuplicateDecision: "the decision stands in the log already",

	BadClearance:       "the clearance lacks what it must say, or says more than it may",
	DuplicateClearance: "a clearance of this account for this entry is in force",
	UnknownClearance:   "there is no such clearance in force",

	BadLicence:       "the licence, or the mark of its end, lacks what it must say or says more than it may",
	DuplicateLicence: "a licence of this id is in force for the account",
	UnknownLicence:   "there is no such licence in force",
}

func (r Reason) String() string {
	if r < reasons {
		return reasonTexts[r]
	}
	return fmt.Sprintf("reason %d?", uint8(r))
}

// Refused says that the command had no effect but for a decision it may have spent, and why.
// Decision is: for StaleDecision and DuplicateDecision, and for UnknownAccount of a Decide,
// the decision in its body (for StaleDecision of a Clear the one that it names); for NoPermit and NotPermitted, and for Stopped of an OpenAccount,
// the one that the command names; for Stopped of any other command the one that the account
// stands under; else zero.
type Refused struct {
	Reason   Reason
	Decision Hash
}

func (Refused) EventKind() EventKind { return eventRefused }
func (r Refused) code(c *coder) {
	narrow(c, &r.Reason, 255)
	c.hash(&r.Decision)
}

// Founded, EditionTaken, RulesTaken and RuleMarked repeat their commands.
type (
	Founded      struct{ Genesis }
	EditionTaken struct{ TakeEdition }
	RulesTaken   struct{ TakeRules }
	RuleMarked   struct{ MarkRule }
)

func (Founded) EventKind() EventKind      { return eventFounded }
func (e Founded) code(c *coder)           { e.Genesis.code(c) }
func (EditionTaken) EventKind() EventKind { return eventEditionTaken }
func (e EditionTaken) code(c *coder)      { e.TakeEdition.code(c) }
func (RulesTaken) EventKind() EventKind   { return eventRulesTaken }
func (e RulesTaken) code(c *coder)        { e.TakeRules.code(c) }
func (RuleMarked) EventKind() EventKind   { return eventRuleMarked }
func (e RuleMarked) code(c *coder)        { e.MarkRule.code(c) }

// Decided says that a decision stands in the log.
type Decided struct {
	Decision Hash
	Account  uint64
}

func (Decided) EventKind() EventKind { return eventDecided }
func (d Decided) code(c *coder) {
	c.hash(&d.Decision)
	c.u64(&d.Account)
}

// AccountOpened says that an account exists from here on.
type AccountOpened struct {
	Account  uint64
	Operator uint16
}

func (AccountOpened) EventKind() EventKind { return eventAccountOpened }
func (a AccountOpened) code(c *coder) {
	c.u64(&a.Account)
	c.u16(&a.Operator)
}

// StandingChanged says what an account may do from here on, also when that is the same as
// before under a new decision.
type StandingChanged struct {
	Account uint64
	Standing
}

func (StandingChanged) EventKind() EventKind { return eventStandingChanged }
func (s StandingChanged) code(c *coder) {
	c.u64(&s.Account)
	s.Standing.code(c)
}

// KeyChanged says that a key was added or removed.
type KeyChanged struct {
	Account uint64
	Key     string
	Removed bool
}

func (KeyChanged) EventKind() EventKind { return eventKeyChanged }
func (k KeyChanged) code(c *coder) {
	c.u64(&k.Account)
	c.text(&k.Key)
	c.bool(&k.Removed)
}

// A Status of an order, in the field's own words.
type Status uint8

const (
	StatusNew Status = iota + 1
	PartiallyFilled
	Filled
	Canceled
	Expired
	ExpiredInMatch
)

var statusNames = map[Status]string{
	StatusNew: "NEW", PartiallyFilled: "PARTIALLY_FILLED", Filled: "FILLED",
	Canceled: "CANCELED", Expired: "EXPIRED", ExpiredInMatch: "EXPIRED_IN_MATCH",
}

func (s Status) String() string { return statusNames[s] }

// Open reports whether an order of this status may rest.
func (s Status) Open() bool { return s == StatusNew || s == PartiallyFilled }

// An Order as it stands after an event.
type Order struct {
	ID            uint64 // from 1, over all markets, gapless
	Account       uint64
	Market        uint16
	Side          book.Side
	Type          Type
	Force         Force
	Price         money.Amount
	Quantity      money.Amount
	QuoteQuantity money.Amount
	Filled        money.Amount // of the base asset
	Spent         money.Amount // of the quote asset: the sum of price × quantity over its fills
	ClientID      string
	Status        Status
	Created       int64 // time of the command that placed it, µs since 1970 UTC
	Updated       int64 // time of the command that changed it last
}

func (o *Order) code(c *coder) {
	c.u64(&o.ID)
	c.u64(&o.Account)
	c.u16(&o.Market)
	narrow(c, &o.Side, 255)
	narrow(c, &o.Type, 255)
	narrow(c, &o.Force, 255)
	c.amount(&o.Price)
	c.amount(&o.Quantity)
	c.amount(&o.QuoteQuantity)
	c.amount(&o.Filled)
	c.amount(&o.Spent)
	c.text(&o.ClientID)
	narrow(c, &o.Status, 255)
	c.time(&o.Created)
	c.time(&o.Updated)
}

// OrderChanged gives an order as it now stands.
type OrderChanged struct{ Order }

func (OrderChanged) EventKind() EventKind { return eventOrderChanged }
func (o OrderChanged) code(c *coder)      { o.Order.code(c) }

// Traded is one fill.
type Traded struct {
	ID           uint64 // from 1, over all markets, gapless
	Market       uint16
	Price        money.Amount // the maker's
	Quantity     money.Amount
	Maker, Taker uint64 // orders
	MakerAccount uint64
	TakerAccount uint64
	TakerSide    book.Side
	MakerFee     money.Amount // of what the maker receives
	TakerFee     money.Amount // of what the taker receives
	At           int64        // µs since 1970 UTC
}

func (Traded) EventKind() EventKind { return eventTraded }
func (t Traded) code(c *coder) {
	c.u64(&t.ID)
	c.u16(&t.Market)
	c.amount(&t.Price)
	c.amount(&t.Quantity)
	c.u64(&t.Maker)
	c.u64(&t.Taker)
	c.u64(&t.MakerAccount)
	c.u64(&t.TakerAccount)
	narrow(c, &t.TakerSide, 255)
	c.amount(&t.MakerFee)
	c.amount(&t.TakerFee)
	c.time(&t.At)
}

// BalanceChanged gives a balance as it now stands, pockets in the ledger's order.
type BalanceChanged struct {
	Account uint64
	Asset   uint16
	Balance Balances
}

func (BalanceChanged) EventKind() EventKind { return eventBalanceChanged }
func (b BalanceChanged) code(c *coder) {
	c.u64(&b.Account)
	c.u16(&b.Asset)
	for i := range b.Balance {
		c.amount(&b.Balance[i])
	}
}

// DepositChanged gives a deposit as it now stands: where its amount went when it was
// credited, or when it was decided again.
type DepositChanged struct {
	ID       uint64 // from 1, gapless
	Account  uint64
	Asset    uint16
	Amount   money.Amount
	Network  string
	TxID     string
	Index    uint32
	From     string
	Pocket   ledger.Pocket
	Decision Hash
	Created  int64
}

func (DepositChanged) EventKind() EventKind { return eventDepositChanged }
func (d DepositChanged) code(c *coder) {
	c.u64(&d.ID)
	c.u64(&d.Account)
	c.u16(&d.Asset)
	c.amount(&d.Amount)
	c.text(&d.Network)
	c.text(&d.TxID)
	c.u32(&d.Index)
	c.text(&d.From)
	narrow(c, &d.Pocket, 255)
	c.hash(&d.Decision)
	c.time(&d.Created)
}

// An OutStatus is how far a withdrawal has come.
type OutStatus uint8

const (
	Requested   OutStatus = iota + 1 // permitted; its value is leaving
	Sending                          // handed to the chain
	Sent                             // the chain has it
	OutCanceled                      // ended before it was sent; its value is available again
	OutStopped                       // ended before it was sent; its value is frozen
)

var outNames = map[OutStatus]string{Requested: "requested", Sending: "sending", Sent: "sent", OutCanceled: "canceled", OutStopped: "stopped"}

func (s OutStatus) String() string { return outNames[s] }

// WithdrawalChanged gives a withdrawal as it now stands. Decision is the one that
// permitted it or, once it is canceled or stopped, the one that ended it.
type WithdrawalChanged struct {
	ID       uint64 // from 1, gapless
	Account  uint64
	Asset    uint16
	Amount   money.Amount
	Fee      money.Amount
	Network  string
	Address  string
	Ref      string
	Status   OutStatus
	TxID     string
	Decision Hash
	Created  int64
	Updated  int64
}

func (WithdrawalChanged) EventKind() EventKind { return eventWithdrawalChanged }
func (w WithdrawalChanged) code(c *coder) {
	c.u64(&w.ID)
	c.u64(&w.Account)
	c.u16(&w.Asset)
	c.amount(&w.Amount)
	c.amount(&w.Fee)
	c.text(&w.Network)
	c.text(&w.Address)
	c.text(&w.Ref)
	narrow(c, &w.Status, 255)
	c.text(&w.TxID)
	c.hash(&w.Decision)
	c.time(&w.Created)
	c.time(&w.Updated)
}
