package tape

import (
	"fmt"

	"sallyport/book"
	"sallyport/law"
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
	eventPrevented
	eventOrderListPlaced
	eventOrderListEnded
	eventPhaseChanged
	eventTierChanged
	eventQuarantined
	eventVolumeMarked
	eventTierEarned
	eventGroupChanged
	eventMaxAssetChanged
	eventOperatorUserSet
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
	MarketClosed
	MarketLot
	IcebergParts
	PercentPrice
	MaxOrders
	MaxStops
	MaxPosition
	WouldTrigger
	BadAmend
	BadPhase
	BadTrail
	MaxAsset
	Unsaid
	BadUser
	NotTheirs
	MaxIcebergs
	MaxLists
	MaxAllOrders
	MaxAllStops
	MaxAllIcebergs
	MaxAllLists
	MaxAmends
	NotOnly
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
	Notional:          "what the order is worth is outside the market's range",
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

	MarketClosed: "the market takes no such command now",
	MarketLot:    "the quantity is more than an order without a limit may have",
	IcebergParts: "the order would show in more parts than it may",
	PercentPrice: "the price is too far from the last one",
	MaxOrders:    "the account has as many open orders in the market as it may",
	MaxStops:     "the account has as many open orders that wait for a price in the market as it may",
	MaxPosition:  "the account would hold more of the asset than it may",
	WouldTrigger: "the price that the order waits for is there",
	BadAmend:     "only the quantity of an order in the book can be made smaller, and not below what is done of it",
	BadPhase:     "the phase is none, or nobody says why",
	BadTrail:     "the order would follow the price closer or farther than it may",
	MaxAsset:     "the order would move more of an asset than one order may",
	Unsaid:       "nobody says this, or nobody says why",
	BadUser:      "no operator user has this name or these rights, or they have them already",
	NotTheirs:    "who says this is no operator user who may",

	MaxIcebergs:    "the account has as many open orders that show in parts in the market as it may",
	MaxLists:       "the account has as many open order lists in the market as it may",
	MaxAllOrders:   "the account has as many open orders in all markets together as it may",
	MaxAllStops:    "the account has as many open orders that wait for a price in all markets together as it may",
	MaxAllIcebergs: "the account has as many open orders that show in parts in all markets together as it may",
	MaxAllLists:    "the account has as many open order lists in all markets together as it may",

	MaxAmends: "the order was made smaller as often as it may be",
	NotOnly:   "the order is not in the state in which alone it was to be cancelled",
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
	Sides []law.Side // by rule
}

func (StandingChanged) EventKind() EventKind { return eventStandingChanged }
func (s StandingChanged) code(c *coder) {
	c.u64(&s.Account)
	s.Standing.code(c)
	codeSides(c, &s.Sides)
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
	PendingNew // until another order is filled; see PlaceOrderList
)

var statusNames = map[Status]string{
	StatusNew: "NEW", PartiallyFilled: "PARTIALLY_FILLED", Filled: "FILLED",
	Canceled: "CANCELED", Expired: "EXPIRED", ExpiredInMatch: "EXPIRED_IN_MATCH", PendingNew: "PENDING_NEW",
}

func (s Status) String() string { return statusNames[s] }

// Open reports whether an order of this status has not ended.
func (s Status) Open() bool { return s == StatusNew || s == PartiallyFilled || s == PendingNew }

// An Order as it stands after an event.
type Order struct {
	OrderPlain
	OrderRare
}

// OrderPlain is what every order has, in two lines of the cache.
type OrderPlain struct {
	ID        uint64 // from 1, over all markets, gapless
	Account   uint64
	Market    uint16
	Side      book.Side
	Type      Type
	Force     Force
	SelfTrade SelfTrade
	Status    Status
	Price     money.Amount
	Quantity  money.Amount
	Filled    money.Amount // of the base asset
	Spent     money.Amount // of the quote asset: the sum of price × quantity over its fills
	ClientID  string
	Created   int64 // time of the command that placed it, µs since 1970 UTC
	Updated   int64 // time of the command that changed it last
	Working   int64 // time of the command that brought it to the book; 0 while it waits for a price or is pending
}

// OrderRare is what few orders have: those that stop, show in parts, go by money, were placed in a list
// or have lost quantity.
type OrderRare struct {
	Stop          money.Amount
	QuoteQuantity money.Amount
	Iceberg       money.Amount
	Prevented     money.Amount // of the base asset: what met one of its own, or one it may not meet
	Trail         uint32
	Amends        uint32 // how often it was made smaller by AmendOrder, in a market with MaxAmends
	Trailing      int64  // time of the command in which it began to follow the price; 0 before, and of one without Trail
	OrderList     uint64 // that it was placed with; 0 is none
	Strategy      Strategy
}

// further reports whether an order has what there was no place for at first.
func (r *OrderRare) further() bool { return r.Strategy != Strategy{} || r.Amends != 0 }

// Open is what is neither filled nor prevented.
func (o *Order) Open() money.Amount { return o.OrderPlain.Open(&o.OrderRare) }

// Open is what is neither filled nor prevented of an order with so much of what few have.
func (o *OrderPlain) Open(r *OrderRare) money.Amount {
	done, err := o.Filled.Add(r.Prevented)
	if err == nil {
		done, err = o.Quantity.Sub(done)
	}
	if err != nil {
		panic("tape: more is done of an order than fits")
	}
	return done
}

func (o *Order) code(c *coder) {
	c.u64(&o.ID)
	c.u64(&o.Account)
	more := c.market(&o.Market, o.further())
	narrow(c, &o.Side, 255)
	narrow(c, &o.Type, 255)
	narrow(c, &o.Force, 255)
	narrow(c, &o.SelfTrade, 255)
	c.amount(&o.Price)
	c.amount(&o.Stop)
	c.amount(&o.Quantity)
	c.amount(&o.QuoteQuantity)
	c.amount(&o.Iceberg)
	c.amount(&o.Filled)
	c.amount(&o.Spent)
	c.amount(&o.Prevented)
	c.u64(&o.OrderList)
	c.text(&o.ClientID)
	narrow(c, &o.Status, 255)
	c.time(&o.Created)
	c.time(&o.Updated)
	c.time(&o.Working)
	if o.Type.Stops() { // else neither is there
		c.u32(&o.Trail)
		c.time(&o.Trailing)
	}
	if more {
		o.Strategy.code(c)
		c.u32(&o.Amends)
		c.something(o.further())
	}
}

// OrderChanged gives an order as it now stands.
type OrderChanged struct{ Order }

func (*OrderChanged) EventKind() EventKind { return eventOrderChanged }
func (o *OrderChanged) code(c *coder)      { o.Order.code(c) }

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

func (*Traded) EventKind() EventKind { return eventTraded }
func (t *Traded) code(c *coder) {
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

// Prevented tells that two orders would have met and did not; see PlaceOrder. It is the one record of
// what changed hands between them by Transfer, which is no trade.
type Prevented struct {
	ID            uint64 // from 1, over all markets, gapless
	Market        uint16
	Maker, Taker  uint64 // orders
	MakerAccount  uint64
	TakerAccount  uint64
	TakerSide     book.Side
	Price         money.Amount // the maker's
	MakerQuantity money.Amount // prevented of the maker
	TakerQuantity money.Amount // prevented of the taker
	Mode          SelfTrade    // that was followed: the taker's, but Decrement for a Transfer that the maker does not say too
	Barred        string       // the rule that keeps the two apart; "" where each is one of the other's own
	Group         uint32       // the trade group that both accounts were in; 0 is none
	At            int64        // µs since 1970 UTC
}

// Transfers reports whether what was prevented changed hands: MakerQuantity of the base asset, at Price.
func (p *Prevented) Transfers() bool {
	return p.Mode == Transfer && p.Barred == "" && p.MakerAccount != p.TakerAccount
}

func (*Prevented) EventKind() EventKind { return eventPrevented }
func (p *Prevented) code(c *coder) {
	c.u64(&p.ID)
	c.u16(&p.Market)
	for _, n := range [...]*uint64{&p.Maker, &p.Taker, &p.MakerAccount, &p.TakerAccount} {
		c.u64(n)
	}
	narrow(c, &p.TakerSide, 255)
	c.amount(&p.Price)
	c.amount(&p.MakerQuantity)
	c.amount(&p.TakerQuantity)
	narrow(c, &p.Mode, 255)
	c.text(&p.Barred)
	c.u32(&p.Group)
	c.time(&p.At)
}

// OrderListPlaced tells of orders that depend on one another.
type OrderListPlaced struct{ OrderList }

// An OrderList is two or three orders that depend on one another; see PlaceOrderList.
type OrderList struct {
	ID          uint64 // from 1, over all markets, gapless
	Account     uint64
	Market      uint16
	Contingency Contingency
	ClientID    string
	Orders      []uint64 // in turn
	Created     int64    // µs since 1970 UTC
}

func (OrderListPlaced) EventKind() EventKind { return eventOrderListPlaced }
func (e OrderListPlaced) code(c *coder)      { e.OrderList.code(c) }

func (o *OrderList) code(c *coder) {
	c.u64(&o.ID)
	c.u64(&o.Account)
	c.u16(&o.Market)
	narrow(c, &o.Contingency, 255)
	c.text(&o.ClientID)
	listed(c, &o.Orders, c.u64)
	c.time(&o.Created)
}

// OrderListEnded tells that all orders of a list have ended.
type OrderListEnded struct {
	ID      uint64
	Account uint64
	Market  uint16
	At      int64 // µs since 1970 UTC
}

func (OrderListEnded) EventKind() EventKind { return eventOrderListEnded }
func (e OrderListEnded) code(c *coder) {
	c.u64(&e.ID)
	c.u64(&e.Account)
	c.u16(&e.Market)
	c.time(&e.At)
}

type (
	PhaseChanged    struct{ SetPhase }
	TierChanged     struct{ SetTier }
	GroupChanged    struct{ SetTradeGroup }
	MaxAssetChanged struct{ SetMaxAsset }
)

func (PhaseChanged) EventKind() EventKind { return eventPhaseChanged }
func (e PhaseChanged) code(c *coder)      { e.SetPhase.code(c) }
func (TierChanged) EventKind() EventKind  { return eventTierChanged }
func (e TierChanged) code(c *coder)       { e.SetTier.code(c) }

func (GroupChanged) EventKind() EventKind    { return eventGroupChanged }
func (e GroupChanged) code(c *coder)         { e.SetTradeGroup.code(c) }
func (MaxAssetChanged) EventKind() EventKind { return eventMaxAssetChanged }
func (e MaxAssetChanged) code(c *coder)      { e.SetMaxAsset.code(c) }

// BalanceChanged gives a balance as it now stands, pockets in the ledger's order.
type BalanceChanged struct {
	Account uint64
	Asset   uint16
	Balance Balances
}

func (*BalanceChanged) EventKind() EventKind { return eventBalanceChanged }
func (b *BalanceChanged) code(c *coder) {
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
func (d DepositChanged) code(c *coder)      { codeDeposit(c, &d) }

func codeDeposit(c *coder, d *DepositChanged) {
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
func (w WithdrawalChanged) code(c *coder)      { codeWithdrawal(c, &w) }

func codeWithdrawal(c *coder, w *WithdrawalChanged) {
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
