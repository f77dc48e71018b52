// Package tape is the stored form of what goes into the venue and what comes out of
// it: commands, events, and the state at a moment.
//
// It is the contract between the venue, which turns commands into events, and an
// auditor, who does the same by an independent reading and must arrive at the same
// bytes. It holds forms only; what a command does is said beside its type, in the
// words both sides work from.
//
// A journal record carries one command: Record.Kind is its [Kind], Record.Payload its
// fields (see coder for their forms), Record.Outcome the [Digest] of the events that
// applying it produced. TestRoundTrip proves that encoding and decoding are inverse;
// FuzzDecode that no bytes decode into something that encodes otherwise.
package tape

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
)

// A Hash is a SHA-256.
type Hash = [32]byte

// A Kind numbers a command.
type Kind uint16

// A Command changes something. It is one of the types of this package that Decode returns.
type Command interface {
	Kind() Kind
	code(*coder)
}

const (
	kindGenesis Kind = iota + 1
	kindTakeEdition
	kindTakeRules
	kindMarkRule
	kindDecide
	kindOpenAccount
	kindAddKey
	kindRemoveKey
	kindPlaceOrder
	kindCancelOrder
	kindCancelAll
	kindDeposit
	kindWithdraw
	kindSendWithdrawal
	kindSettleWithdrawal
	kindClear
	kindEndClearance
	kindAmendCustomer
	kindOweMarks
	kindMarkPart
	kindMarkExpiry
	kindRecordLicence
	kindEndLicence
	kindPlaceOrderList
	kindCancelOrderList
	kindReplaceOrder
	kindAmendOrder
	kindSetPhase
	kindSetTier
	kindQuarantine
	kindMarkVolume
	kindEarnTier
	kindSetTradeGroup
	kindSetMaxAsset
	kindSetOperatorUser
)

// New is the zero command of a kind, or nil when there is none.
func New(k Kind) Command {
	switch k {
	case kindGenesis:
		return &Genesis{}
	case kindTakeEdition:
		return &TakeEdition{}
	case kindTakeRules:
		return &TakeRules{}
	case kindMarkRule:
		return &MarkRule{}
	case kindDecide:
		return &Decide{}
	case kindOpenAccount:
		return &OpenAccount{}
	case kindAddKey:
		return &AddKey{}
	case kindRemoveKey:
		return &RemoveKey{}
	case kindPlaceOrder:
		return &PlaceOrder{}
	case kindCancelOrder:
		return &CancelOrder{}
	case kindCancelAll:
		return &CancelAll{}
	case kindDeposit:
		return &Deposit{}
	case kindWithdraw:
		return &Withdraw{}
	case kindSendWithdrawal:
		return &SendWithdrawal{}
	case kindSettleWithdrawal:
		return &SettleWithdrawal{}
	case kindClear:
		return &Clear{}
	case kindEndClearance:
		return &EndClearance{}
	case kindAmendCustomer:
		return &AmendCustomer{}
	case kindOweMarks:
		return &OweMarks{}
	case kindMarkPart:
		return &MarkPart{}
	case kindMarkExpiry:
		return &MarkExpiry{}
	case kindRecordLicence:
		return &RecordLicence{}
	case kindEndLicence:
		return &EndLicence{}
	case kindPlaceOrderList:
		return &PlaceOrderList{}
	case kindCancelOrderList:
		return &CancelOrderList{}
	case kindReplaceOrder:
		return &ReplaceOrder{}
	case kindAmendOrder:
		return &AmendOrder{}
	case kindSetPhase:
		return &SetPhase{}
	case kindSetTier:
		return &SetTier{}
	case kindQuarantine:
		return &Quarantine{}
	case kindMarkVolume:
		return &MarkVolume{}
	case kindEarnTier:
		return &EarnTier{}
	case kindSetTradeGroup:
		return &SetTradeGroup{}
	case kindSetMaxAsset:
		return &SetMaxAsset{}
	case kindSetOperatorUser:
		return &SetOperatorUser{}
	}
	return nil
}

// Encode gives a command's fields as they are stored.
func Encode(cmd Command) ([]byte, error) { return Append(nil, cmd) }

// Append is Encode behind other bytes.
func Append(b []byte, cmd Command) ([]byte, error) {
	c := coder{b: b}
	cmd.code(&c)
	if c.err != nil {
		return nil, fmt.Errorf("tape: %T: %w", cmd, c.err)
	}
	return c.b, nil
}

// Decode reads what Encode gave.
func Decode(k Kind, b []byte) (Command, error) { return new(Decoder).Decode(k, b) }

// A Decoder reads many commands. Those that come by the million lie in it one behind another.
type Decoder struct {
	c       coder
	places  []PlaceOrder
	cancels []CancelOrder
	names   strings.Builder // of the last few
}

// fewNames is how many bytes of client ids lie together: enough that most need no memory of their own, few enough
// that one which is kept for long does not keep many others.
const fewNames = 256

// name is a string of bytes, at most fewNames.
func (d *Decoder) name(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if room := d.names.Cap(); room-d.names.Len() < len(b) {
		d.names.Reset()
		d.names.Grow(min(max(len(b), 2*room), fewNames)) // the first by itself: there may be no other
	}
	n := d.names.Len()
	d.names.Write(b)
	return d.names.String()[n:]
}

// Reset lets the decoder use its memory again. Commands that it gave must no longer be used.
func (d *Decoder) Reset() { d.places, d.cancels = d.places[:0], d.cancels[:0] }

// Decode reads what Encode gave.
func (d *Decoder) Decode(k Kind, b []byte) (Command, error) {
	var cmd Command
	switch k {
	case kindPlaceOrder:
		d.places = append(d.places, PlaceOrder{})
		p := &d.places[len(d.places)-1]
		if p.readAtOnce(d, b) {
			return p, nil
		}
		*p = PlaceOrder{}
		cmd = p
	case kindCancelOrder:
		d.cancels = append(d.cancels, CancelOrder{})
		x := &d.cancels[len(d.cancels)-1]
		if x.readAtOnce(d, b) {
			return x, nil
		}
		cmd = x
	default:
		if cmd = New(k); cmd == nil {
			return nil, fmt.Errorf("tape: no command of kind %d", k)
		}
	}
	c := &d.c
	*c = coder{b: b, reading: true}
	cmd.code(c)
	if c.err == nil && len(c.b) != 0 {
		c.err = fmt.Errorf("%d bytes left over", len(c.b))
	}
	if c.err != nil {
		return nil, fmt.Errorf("tape: %T: %w", cmd, c.err)
	}
	return cmd, nil
}

// Digest is the SHA-256 of the events' forms one after another, each as its kind (a
// varint) and its fields. No events have the digest of no bytes.
func Digest(events []Event) Hash {
	d := digesters.Get().(*Digester)
	h := d.Digest(events)
	digesters.Put(d)
	return h
}

// A Digester makes digests one after another.
type Digester struct{ c coder }

// Digest is as the function of that name.
func (d *Digester) Digest(events []Event) Hash {
	c := &d.c
	*c = coder{b: c.b[:0]}
	for _, e := range events {
		c.event(e)
	}
	return sha256.Sum256(c.b)
}

// event writes an event's kind and form.
func (c *coder) event(e Event) {
	done := false
	switch e := e.(type) {
	case *OrderChanged:
		c.b, done = e.appendTo(c.b)
	case *BalanceChanged:
		c.b, done = e.appendTo(c.b), true
	case *Traded:
		c.b, done = e.appendTo(c.b)
	}
	if !done {
		k := uint16(e.EventKind())
		c.u16(&k)
		e.code(c)
	}
}

// digesters are what Digest writes into, once for all.
var digesters = sync.Pool{New: func() any { return new(Digester) }}

// Genesis founds the venue; it is the first command and comes once: any other command
// before it is refused as NotFounded, another one as AlreadyFounded. The tables it holds
// are named by index ever after. Refused as BadGenesis when the format is another, a table
// is empty, a name is empty or used twice in its table, an operator has no nexus; for an
// asset, decimals above 18, MinOut not positive, FeeOut negative or not below MinOut; for a
// market, an asset that is not there or base and quote the same, Tick, Step, MinPrice or
// MinQty not positive, MaxPrice or MaxQty below its least, MinNotional, MaxNotional,
// MarketMaxQty or MaxPosition negative, decimals of
// Tick and Step together above those of the quote asset, decimals of Step above those of
// the base asset, a greatest price times a greatest quantity that does not fit, MaxPrice
// above 2^31 Ticks, MaxQty above 2^62 Steps, a fee of more
// than 100,000 PPM, a Max of Rising or Falling of 10,000 or more; and in FormatUnbounded or FormatUnamended, one of the
// bounds that it has no place for. Event: Founded.
type Genesis struct {
	Format    uint16
	Assets    []Asset
	Markets   []Market
	Operators []Operator
	MaxOpen   Bounds // of one account, in all markets together
}

// Bounds is how much may be open; 0 is no bound.
type Bounds struct {
	Orders   uint32
	Stops    uint32 // of these, of types that stop
	Icebergs uint32 // and with an Iceberg
	Lists    uint32 // order lists of which an order is open
}

// Format is the version of the forms in this package.
const Format = 6

// FormatUnamended is the version before it, of which there are logs: its founding tables do not have MaxAmends
// of a market, and all else in it is the same. FormatUnbounded is the one before that, and has neither
// MaxOpen nor MaxIcebergs and MaxLists of a market.
const (
	FormatUnamended = 5
	FormatUnbounded = 4
)

// Unamended reports whether the tables have no bound that FormatUnamended has no place for.
func (g *Genesis) Unamended() bool {
	for i := range g.Markets {
		if g.Markets[i].MaxAmends != 0 {
			return false
		}
	}
	return true
}

// Unbounded reports whether the tables have none of the bounds that FormatUnbounded has no place for and
// FormatUnamended has.
func (g *Genesis) Unbounded() bool {
	for i := range g.Markets {
		if m := &g.Markets[i]; m.MaxIcebergs != 0 || m.MaxLists != 0 {
			return false
		}
	}
	return g.MaxOpen == Bounds{}
}

// An Asset that the venue keeps balances of.
type Asset struct {
	Code     string
	Decimals uint8
	Network  string       // the chain it is deposited and withdrawn on
	MinOut   money.Amount // least withdrawal
	FeeOut   money.Amount // kept from a withdrawal; below MinOut
}

// A Market trades Base for Quote. The decimals of Tick and Step together are at most
// 18, so that price × quantity is always exact.
type Market struct {
	Symbol      string
	Base, Quote uint16 // indexes of assets
	Tick        money.Amount
	MinPrice    money.Amount
	MaxPrice    money.Amount
	Step        money.Amount
	MinQty      money.Amount
	MaxQty      money.Amount
	MinNotional money.Amount
	MakerPPM    uint32 // of what the maker receives, in tier 0
	TakerPPM    uint32 // of what the taker receives, in tier 0

	Tiers        []Fees       // of tiers 1 and on
	MaxNotional  money.Amount // of one order; here and below 0 is no bound
	MarketMaxQty money.Amount // of an order without a limit
	MaxPosition  money.Amount // of the base asset, in one account
	MaxOrders    uint32       // open orders of one account
	MaxStops     uint32       // open orders of one account that wait, or have waited, for a price
	MaxParts     uint32       // parts that an order shows one after another
	Buys, Sells  Band
	Rising       Trails // of orders that wait for a price at or above their Stop (Type.Rises)
	Falling      Trails // of those that wait for one at or below it
	AllowSelf    bool   // the self-trade mode of that name may be asked for
	MaxIcebergs  uint32 // open orders of one account with an Iceberg
	MaxLists     uint32 // order lists of one account of which an order is open
	MaxAmends    uint32 // times that one order is made smaller by AmendOrder
}

// Fees are parts per million of what is received.
type Fees struct{ MakerPPM, TakerPPM uint32 }

// Trails are the Trails that orders may have, in hundredths of a percent; where Max is 0, none.
type Trails struct{ Min, Max uint32 }

// A Band is where the price of an order may lie, in millionths of the last price of the market.
type Band struct{ Down, Up uint32 }

// An Operator is an operating entity; its nexus says whose law binds it.
type Operator struct {
	Name  string
	Title string
	Nexus []string
}

func (*Genesis) Kind() Kind { return kindGenesis }
func (g *Genesis) code(c *coder) {
	c.u16(&g.Format)
	list(c, &g.Assets, func(a *Asset) {
		c.text(&a.Code)
		c.u8(&a.Decimals)
		c.text(&a.Network)
		c.amount(&a.MinOut)
		c.amount(&a.FeeOut)
	})
	list(c, &g.Markets, func(m *Market) {
		c.text(&m.Symbol)
		c.u16(&m.Base)
		c.u16(&m.Quote)
		for _, a := range []*money.Amount{&m.Tick, &m.MinPrice, &m.MaxPrice, &m.Step, &m.MinQty, &m.MaxQty, &m.MinNotional} {
			c.amount(a)
		}
		c.u32(&m.MakerPPM)
		c.u32(&m.TakerPPM)
		list(c, &m.Tiers, func(f *Fees) {
			c.u32(&f.MakerPPM)
			c.u32(&f.TakerPPM)
		})
		for _, a := range []*money.Amount{&m.MaxNotional, &m.MarketMaxQty, &m.MaxPosition} {
			c.amount(a)
		}
		for _, n := range []*uint32{&m.MaxOrders, &m.MaxStops, &m.MaxParts, &m.Buys.Down, &m.Buys.Up, &m.Sells.Down, &m.Sells.Up, &m.Rising.Min, &m.Rising.Max, &m.Falling.Min, &m.Falling.Max} {
			c.u32(n)
		}
		c.bool(&m.AllowSelf)
		if g.Format > FormatUnbounded {
			c.u32(&m.MaxIcebergs)
			c.u32(&m.MaxLists)
		}
		if g.Format > FormatUnamended {
			c.u32(&m.MaxAmends)
		}
	})
	list(c, &g.Operators, func(o *Operator) {
		c.text(&o.Name)
		c.text(&o.Title)
		list(c, &o.Nexus, c.text)
	})
	if g.Format > FormatUnbounded {
		for _, n := range []*uint32{&g.MaxOpen.Orders, &g.MaxOpen.Stops, &g.MaxOpen.Icebergs, &g.MaxOpen.Lists} {
			c.u32(n)
		}
	}
}

// TakeEdition takes up a list edition. From this command on, a decision must have been
// made under it; those kept for an action are forgotten unspent. Never refused. Event:
// EditionTaken. The decisions that the edition brings follow in the same commit.
type TakeEdition struct {
	List, Publisher         string
	Published               int64 // µs since 1970 UTC
	Arrived                 int64 // when its bytes were at hand, µs since 1970 UTC
	SHA256                  Hash
	Entries, Added, Removed uint32
	Starter                 bool
}

func (*TakeEdition) Kind() Kind { return kindTakeEdition }
func (t *TakeEdition) code(c *coder) {
	c.text(&t.List)
	c.text(&t.Publisher)
	c.time(&t.Published)
	c.time(&t.Arrived)
	c.hash(&t.SHA256)
	c.u32(&t.Entries)
	c.u32(&t.Added)
	c.u32(&t.Removed)
	c.bool(&t.Starter)
}

// TakeRules takes up an edition of the rule set. From this command on, a decision must
// have been made under it; those kept for an action are forgotten unspent. Never refused.
// Event: RulesTaken.
type TakeRules struct {
	SHA256 Hash
	Rules  uint32
}

func (*TakeRules) Kind() Kind { return kindTakeRules }
func (t *TakeRules) code(c *coder) {
	c.hash(&t.SHA256)
	c.u32(&t.Rules)
}

// MarkRule records that a rule of the set has begun or ended at its hour; MarkPart does for
// its wind-down and its licences. The decisions that this brings follow in the same commit.
// Never refused. Event: RuleMarked.
type MarkRule struct {
	Rule   string
	Begins bool
	At     int64 // the rule's own instant, µs since 1970 UTC
}

func (*MarkRule) Kind() Kind { return kindMarkRule }
func (m *MarkRule) code(c *coder) {
	c.text(&m.Rule)
	c.bool(&m.Begins)
	c.time(&m.At)
}

// Decide records a decision of the gate; Body is its canonical JSON (gate.Decision).
//
// Refused as BadDecision when the body is not the canonical JSON of a decision whose id is
// that of its content, its Sides are not sorted by rule, each rule once and on a side, at most law.MaxBars
// of them, and of an action that gives a standing (open_account, review), its account is 0 to 999 (actions
// list_asset and deal_platform, which may be of no account: 1 to 999), or it names an operator the venue has not;
// as StaleDecision when its editions (by list) or its rules are not those in force, it
// was made after this command or more than Fresh before it, or one of those that it says it
// has Cleared is not a clearance in force of its account, alike in every field (see Clear); as DuplicateDecision when it
// has been recorded before (which, for what is still fresh, Recorded of the state tells:
// with each decision recorded, those recorded more than Fresh before it are forgotten).
//
//   - Action open_account: kept until OpenAccount names it.
//   - Action deposit or withdraw, with a movement, and not asked for by an exchange that keeps
//     its own ledger (the decision has no "asked"): if that movement is set aside, the
//     set-aside value moves: verdict freeze to frozen (where it stays set aside), allow,
//     cap and exit to available, or to frozen while the account's standing is freeze
//     (which ends the set-aside either way), hold from frozen to apart while the account's
//     standing is not freeze (for what no decision freezes any more is not frozen); what it
//     came with takes this decision and
//     says so: DepositChanged with its pocket, or WithdrawalChanged, Canceled if its value
//     is available now. Any other verdict leaves it, with no event. The account of the
//     decision must be that of the set-aside. If nothing is set aside under the
//     movement, the decision is kept until Deposit or Withdraw spends it.
//     A movement is told by the digest of gate.Movement: kind deposit or withdraw, the
//     account, the asset's code, the amount as money.Amount writes it, the other
//     address (From or Address), the network, and as reference TxID:Index of a
//     deposit, Ref of a withdrawal.
//   - Action review: refused as UnknownAccount when there is no such account or the
//     operator is another one; else the account takes the standing that follows (see
//     StandingFor and the rules at OpenAccount) and the Sides of the decision.
//   - Any other action, and a movement in another exchange's ledger: recorded, no effect.
//
// Event: Decided first, then what follows.
type Decide struct{ Body []byte }

// Fresh is how old a decision may be when it is recorded, in µs: one hour.
const Fresh = int64(3600 * 1e6)

func (*Decide) Kind() Kind      { return kindDecide }
func (d *Decide) code(c *coder) { c.bytes(&d.Body, maxBody) }

// OpenAccount opens an account for a customer of an operator. Refused as DuplicateAccount
// when the number is taken, NoPermit when Decision is not a kept open_account decision
// for this account, operator and commitment, Stopped unless its verdict is allow, cap, exit,
// hold or freeze. A kept decision for these is spent, and one for others is not. Else the
// account opens with the standing that follows from the decision.
//
// Events: AccountOpened, StandingChanged.
//
// An account that takes a standing, and the Sides that its decision tells (StandingChanged
// first): at most MaxClasses different Sides are told apart, none among them. Where the other
// accounts with MayTrade have that many (with none, whether or not one of them has it), and its own
// are none of those, the standing is without MayTrade whatever the verdict. Then
//  1. without MayTrade, or where its Sides are no longer what they were: each of its open orders
//     is cancelled, as by CancelAll in all markets (OrderChanged, Canceled);
//  2. without MayWithdraw: each withdrawal still Requested ends, lowest id first: to
//     frozen with status Stopped if the verdict is freeze, else to available with
//     status Canceled (WithdrawalChanged);
//  3. verdict freeze: whatever is available becomes frozen, lowest asset first;
//  4. verdict not freeze, and freeze before: whatever is frozen and not set aside
//     becomes available again, lowest asset first.
type OpenAccount struct {
	Account    uint64
	Operator   uint16 // index
	Commitment Hash   // to the customer's profile in the vault
	Decision   Hash   // whose Sides the account takes
}

func (*OpenAccount) Kind() Kind { return kindOpenAccount }
func (o *OpenAccount) code(c *coder) {
	c.u64(&o.Account)
	c.u16(&o.Operator)
	c.hash(&o.Commitment)
	c.hash(&o.Decision)
}

// AddKey gives an account an API key. The secret lies in the vault; Commitment is to it.
// Refused as UnknownAccount or DuplicateKey. Event: KeyChanged.
type AddKey struct {
	Account    uint64
	Key        string
	Commitment Hash
}

func (*AddKey) Kind() Kind { return kindAddKey }
func (a *AddKey) code(c *coder) {
	c.u64(&a.Account)
	c.text(&a.Key)
	c.hash(&a.Commitment)
}

// RemoveKey takes an API key away. Refused as UnknownKey. Event: KeyChanged.
type RemoveKey struct{ Key string }

func (*RemoveKey) Kind() Kind      { return kindRemoveKey }
func (r *RemoveKey) code(c *coder) { c.text(&r.Key) }

// Deposit credits a transfer seen on a chain. Refused as UnknownAccount; UnknownAsset (no
// such asset, another network than the asset's, an amount that is not positive or has more
// decimals than the asset); DuplicateDeposit (network, transaction and index were credited
// before); NoPermit (Decision is not a kept deposit decision whose account is this one and
// whose movement is that of this deposit; see Decide); TooLarge (what Outside owes would not
// fit into an Amount).
//
// The decision is spent, by TooLarge too. The amount goes from outside to: frozen, if the decision's verdict
// or the account's standing is freeze; available, if the verdict is allow, cap or exit and the
// standing is one of those; else apart. Frozen by its own verdict, or apart, it is set aside
// under its movement until decided again. Event: DepositChanged.
type Deposit struct {
	Account  uint64
	Asset    uint16
	Amount   money.Amount
	Network  string
	TxID     string
	Index    uint32
	From     string // the sending address
	Decision Hash
}

func (*Deposit) Kind() Kind { return kindDeposit }
func (d *Deposit) code(c *coder) {
	c.u64(&d.Account)
	c.u16(&d.Asset)
	c.amount(&d.Amount)
	c.text(&d.Network)
	c.text(&d.TxID)
	c.u32(&d.Index)
	c.text(&d.From)
	c.hash(&d.Decision)
}

// Withdraw asks for value to leave. Refused as UnknownAccount; Stopped (standing without
// MayWithdraw); UnknownAsset (no such asset, another network, more decimals than the asset has);
// TooSmall (below the asset's MinOut); NoPermit (value is set aside under the movement of this
// withdrawal, or Decision is not a kept withdraw decision whose account is this one and whose
// movement is that one). The decision is then spent. Verdict freeze: Insufficient or available → frozen, set aside under the movement,
// status Stopped (the money of a customer who orders it paid to a listed person is frozen
// where it is: 31 CFR 501.603, FAQ 562). A permit (gate.Grant): Insufficient or
// available → leaving, status Requested. Any other verdict: NotPermitted.
// Event: WithdrawalChanged.
type Withdraw struct {
	Account  uint64
	Asset    uint16
	Amount   money.Amount // debited; the fee is kept from it
	Network  string
	Address  string
	Ref      string // the customer's own id for it, or ""
	Decision Hash
}

func (*Withdraw) Kind() Kind { return kindWithdraw }
func (w *Withdraw) code(c *coder) {
	c.u64(&w.Account)
	c.u16(&w.Asset)
	c.amount(&w.Amount)
	c.text(&w.Network)
	c.text(&w.Address)
	c.text(&w.Ref)
	c.hash(&w.Decision)
}

// SendWithdrawal says that a requested withdrawal is about to be handed to the chain; from
// here it can no longer be called back. Refused as UnknownWithdrawal unless it is Requested,
// Stopped if the account's standing is without MayWithdraw. Event: WithdrawalChanged (Sending).
type SendWithdrawal struct{ Withdrawal uint64 }

func (*SendWithdrawal) Kind() Kind      { return kindSendWithdrawal }
func (s *SendWithdrawal) code(c *coder) { c.u64(&s.Withdrawal) }

// SettleWithdrawal says that the chain has it: leaving → outside (amount less fee) and Fees
// (the fee). Refused as UnknownWithdrawal unless it is Sending. Event: WithdrawalChanged (Sent).
type SettleWithdrawal struct {
	Withdrawal uint64
	TxID       string
}

func (*SettleWithdrawal) Kind() Kind { return kindSettleWithdrawal }
func (s *SettleWithdrawal) code(c *coder) {
	c.u64(&s.Withdrawal)
	c.text(&s.TxID)
}

// May says what a standing lets an account do.
type May uint8

const (
	MayTrade    May = 1 << iota
	MayWithdraw     // value leaves
)

// MaxClasses is how many different Sides the accounts of a venue can have.
const MaxClasses = 64

// A Standing is what an account may do, and the decision that says so. The zero standing
// allows nothing.
type Standing struct {
	Verdict  law.Verb
	May      May
	Decision Hash
}

// StandingFor is the standing that a verdict gives: allow everything; cap and exit may only
// withdraw; all else nothing.
func StandingFor(v law.Verb, decision Hash) Standing {
	s := Standing{Verdict: v, Decision: decision}
	switch v {
	case law.Allow:
		s.May = MayTrade | MayWithdraw
	case law.Cap, law.Exit:
		s.May = MayWithdraw
	}
	return s
}

func (s *Standing) code(c *coder) {
	narrow(c, &s.Verdict, 255)
	narrow(c, &s.May, 255)
	c.hash(&s.Decision)
}

func codeSides(c *coder, sides *[]law.Side) {
	list(c, sides, func(s *law.Side) {
		c.text(&s.Rule)
		c.bool(&s.Covered)
		c.bool(&s.Other)
		c.bool(&s.Binds)
	})
}

// Balances is ledger.Balance in the order of its pockets.
type Balances = ledger.Balance
