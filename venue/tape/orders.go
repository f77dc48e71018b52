package tape

import (
	"fmt"

	"sallyport/book"
	"sallyport/money"
)

// A Type of order.
type Type uint8

const (
	Limit           Type = 1
	MarketOrder     Type = 2
	LimitMaker      Type = 3 // a limit order that must rest, never take
	StopLoss        Type = 4 // a market order once the market moves against it to Stop
	StopLossLimit   Type = 5 // a limit order from then on
	TakeProfit      Type = 6 // a market order once the market moves in its favour to Stop
	TakeProfitLimit Type = 7 // a limit order from then on
)

var typeNames = map[Type]string{
	Limit: "LIMIT", MarketOrder: "MARKET", LimitMaker: "LIMIT_MAKER", StopLoss: "STOP_LOSS", StopLossLimit: "STOP_LOSS_LIMIT",
	TakeProfit: "TAKE_PROFIT", TakeProfitLimit: "TAKE_PROFIT_LIMIT",
}

func (t Type) String() string { return typeNames[t] }

// Priced reports whether an order of the type has a limit.
func (t Type) Priced() bool {
	const priced = 1<<Limit | 1<<LimitMaker | 1<<StopLossLimit | 1<<TakeProfitLimit
	return t <= TakeProfitLimit && priced>>t&1 != 0
}

// Stops reports whether an order of the type waits for a price.
func (t Type) Stops() bool { return t >= StopLoss && t <= TakeProfitLimit }

// Rises reports whether an order that stops waits for a price at or above Stop; if not, for one
// at or below it. Losses are stopped and profits taken on opposite sides.
func (t Type) Rises(s book.Side) bool {
	return (t == StopLoss || t == StopLossLimit) == (s == book.Buy)
}

// Force is how long an order is good for.
type Force uint8

const (
	GTC Force = 1 // until cancelled
	IOC Force = 2 // what crosses at once; the rest expires
	FOK Force = 3 // all at once or nothing
)

var forceNames = map[Force]string{GTC: "GTC", IOC: "IOC", FOK: "FOK"}

func (f Force) String() string { return forceNames[f] }

// A SelfTrade says what happens where an order would meet one of its own (see PlaceOrder). The mode of
// the taker decides, and Transfer is for two that both say so.
type SelfTrade uint8

const (
	ExpireMaker SelfTrade = iota // the resting order ends
	ExpireTaker                  // the arriving order ends
	ExpireBoth                   // both end
	Decrement                    // both lose the smaller of their quantities
	AllowSelf                    // they trade
	Transfer                     // as Decrement, and what is prevented changes hands between the two accounts
	selfTrades
)

var selfTradeNames = [selfTrades]string{"EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH", "DECREMENT", "NONE", "TRANSFER"}

func (m SelfTrade) String() string {
	if m < selfTrades {
		return selfTradeNames[m]
	}
	return ""
}

// Phase is what a market lets its customers do.
type Phase uint8

const (
	Trading    Phase = iota // everything
	CancelOnly              // orders end and none come
	Halted                  // nothing
	phases
)

var phaseNames = [phases]string{"TRADING", "CANCEL_ONLY", "HALT"}

func (p Phase) String() string {
	if p < phases {
		return phaseNames[p]
	}
	return ""
}

// PlaceOrder places an order. In this order it is refused as UnknownAccount; Stopped (standing
// without MayTrade); UnknownMarket; MarketClosed (its phase is not Trading); and by the checks
// below, of which the first that fails is the reason:
//
//   - BadOrder: a side, type, force or self-trade mode that is none of those named here; a mode
//     the market does not allow (AllowSelf); a Priced type without Quantity, or with a
//     QuoteQuantity; MarketOrder with both or neither of Quantity and QuoteQuantity; StopLoss or
//     TakeProfit without Quantity, or with a QuoteQuantity; a Price on a type that is not Priced;
//     a force other than GTC on a type that is none of Limit, StopLossLimit and TakeProfitLimit;
//     a Stop or a Trail on a type that does not stop, or neither on one that does; an Iceberg on a type that is
//     not Priced or with another force than GTC; a ClientID that is empty or longer than 36
//     bytes; a Strategy that is none (see there).
//   - DuplicateClientID: an open order of the account has it.
//   - PriceFilter: Price of a Priced type, then Stop (not 0) of one that stops, is below MinPrice, above
//     MaxPrice or no multiple of Tick.
//   - LotSize: Quantity, where it is not zero, is below MinQty, above MaxQty or no multiple of
//     Step; Iceberg, where it is not zero, is below MinQty, above Quantity or no multiple of
//     Step; QuoteQuantity has more decimals than the quote asset.
//   - MarketLot: Quantity of a type that is not Priced is above MarketMaxQty (0: no such bound).
//   - IcebergParts: Quantity / Iceberg, rounded up, is above MaxParts (0: no such bound).
//   - BadTrail: Trail (not 0) is below Min or above Max of Rising or Falling of the market,
//     whichever the order does (Rises); where that Max is 0, any.
//   - Notional: what the order is worth is below MinNotional or above MaxNotional (0: no such
//     bound). That is its QuoteQuantity, where it is not zero; else its Quantity × its Price, or
//     its Stop where it has no Price, or the last price of the market where it has neither; where
//     nothing has traded, a market order by Quantity is not held against this.
//   - MaxAsset: Quantity is above the most of the base asset that one order may move (see
//     SetMaxAsset), or what the order is worth, as above, that of the quote asset.
//   - PercentPrice: Price of a Priced type, where something has traded, is above last price × Up
//     / 10^6 or below last price × Down / 10^6, of the bands for its side (0: no such bound),
//     both products rounded down to 10^-18.
//   - MaxOrders, for all types but MarketOrder: MaxOrders (not 0) orders of the account are open
//     in the market. MaxStops, for those that stop: MaxStops (not 0) of them are of types that
//     stop. MaxIcebergs, for those with an Iceberg: MaxIcebergs (not 0) of them have one.
//     MaxAllOrders, MaxAllStops and MaxAllIcebergs, in this order: the same by MaxOpen (Genesis) and the open
//     orders of the account in all markets.
//   - MaxPosition, for a buy by Quantity: what the account has available and ordered of the base
//     asset, and what is open of its buy orders in the market, pending ones (see PlaceOrderList)
//     left out, and Quantity are together above MaxPosition (not 0). So a buy that waits for a price is
//     counted from when it is placed, and being triggered adds nothing: it is not held against this again.
//   - WouldTake: LimitMaker whose Price is at or beyond that of an order of the other side which
//     it may meet, one of its own account included.
//   - WouldTrigger: what has last traded is at or beyond Stop (not 0) already (see Rises).
//   - last, TooLarge: what it costs, as measured, does not fit an Amount; MaxAsset, of one by
//     QuoteQuantity: the Quantity that it takes is above the most of the base asset; MaxPosition, of a buy by
//     QuoteQuantity: as above, by the Quantity that it takes; and Insufficient: see what is reserved, below.
//
// # Who may meet
//
// Two accounts may meet unless a bar stands between them: a rule of which one is on the covered
// side and the other on the other side (Account.Sides), and which binds the operator of at least
// one of them; so an account that a rule has on both sides may not even meet itself. An order of
// an account that may not meet the taker's is passed over in everything said here: it is not
// crossed, not measured, and post-only does not see it.
//
// # What is crossed
//
// Resting orders of the other side within the limit that the account may meet: best price first,
// at one price whichever has stood in its place longest (Queued), at the maker's price. What a
// maker has to give at its turn is its Visible quantity. When that is gone and more is hidden,
// the next Iceberg of it, or what there is, becomes visible, and it goes behind all others of its
// price (it is queued anew).
//
// An order's own are those of its account and of the other accounts of its trade group (see
// SetTradeGroup), as it is when they meet. One of its own is not crossed; by the taker's mode, when it
// is met:
//
//   - ExpireMaker: it ends as ExpiredInMatch.
//   - ExpireTaker: the taker ends as ExpiredInMatch.
//   - ExpireBoth: it ends as ExpiredInMatch, and then so does the taker.
//   - Decrement: the smaller of what both have left open, hidden quantity included, is prevented
//     on both: their Prevented grows by it and what it reserved goes back. Whichever has nothing
//     left ends as ExpiredInMatch (both may). If the maker does not end, its hidden quantity is
//     taken first, and it keeps its place.
//   - AllowSelf: it is crossed like any other.
//   - Transfer: as Decrement. Where the mode of the maker is Transfer too, and it is of another
//     account, what is prevented changes hands as well, at the maker's price (see what a transfer
//     posts, below). It is no trade for that: no fee is taken, Filled and Spent do not grow, no price
//     is the last one by it, nothing is triggered, and nobody's volume grows.
//
// All but AllowSelf are told by Prevented, before the OrderChanged of the maker:
// MakerQuantity is what it has left open if it ends by the first or third, TakerQuantity what the
// taker has left open if it ends by the second or third; of Decrement and Transfer both are what is
// prevented. Prevented of the orders grows by these. Its Mode is the taker's, but Decrement where
// that is Transfer and the maker's is not.
//
// What is left open, of an order that has met all it may: where the best order of the other side
// is within its limit (or it has none) and its QuoteQuantity is zero, that is one of an account
// it may not meet; the taker ends as ExpiredInMatch, told by Prevented with that order as Maker,
// Barred the first rule between the two in order of their texts, MakerQuantity zero, and
// TakerQuantity what is left open; Prevented of the taker grows by it. So the book is never
// crossed. Otherwise a Priced type with GTC rests, behind all others of its price, Visible its
// Iceberg or what is left open if that is less or there is no Iceberg; all else ends as Expired
// (one by QuoteQuantity is Filled where something was filled and nothing is left open).
//
// # What is measured and reserved
//
// An order that has no limit, or is FOK, is measured beforehand by going the way that it would
// go: what it can fill and what that costs. By Quantity, until that much is filled or prevented;
// by QuoteQuantity, at each maker the quantity that the rest of the money buys at its price,
// rounded down to Step, and no further once that is less than the maker has to give at its turn.
// Where it would meet one of its own: ExpireMaker passes over it; ExpireTaker and
// ExpireBoth end the walk there; Decrement counts what is prevented as done and costing nothing,
// by QuoteQuantity the money for it as spent; Transfer does the same, but what changes hands costs
// what it does; AllowSelf fills. An order by QuoteQuantity takes as
// its Quantity what it can fill and what is prevented of it. A FOK order that cannot fill its
// Quantity (what is prevented is not filled) ends at once as Expired, with nothing reserved. An
// order by QuoteQuantity whose walk ended at one of its own has met all that it can,
// and nothing is prevented.
//
// Reserved (available → ordered): a sell its Quantity, but one that is measured and has no limit
// what it can fill and hand over; a buy with a limit Price × Quantity; a buy that is measured and has no limit
// what that costs; a buy of StopLoss or TakeProfit, until it is triggered, Stop × Quantity.
// Insufficient when there is less available.
//
// A fill posts: value = price × quantity of the quote asset from the buyer's ordered to the
// seller's available less the seller's fee; quantity of the base asset from the seller's ordered
// to the buyer's available less the buyer's fee; the fees to Fees. A fee is received × PPM /
// 10^6, cut off to the asset's decimals, PPM by the account's tier, the higher of what SetTier and
// EarnTier gave it: of Fees of the market the one of that index, or the last. A limit buyer's improvement, (limit − price) × quantity, goes back
// from ordered to available.
//
// A transfer posts: the value, at the maker's price, of the quote asset from the buyer's ordered to the
// seller's available, and the quantity of the base asset from the seller's ordered to the buyer's
// available; a limit buyer's improvement goes back as that of a fill.
//
// When an order ends, what it still has reserved goes back; when
// quantity of it is prevented (and does not change hands) or taken off, what that reserved.
//
// # What waits for a price
//
// An order that stops is not in the book: it waits (Working is 0). When a trade of the market is
// at or beyond its Stop (Rises), it is triggered. That is looked at when an arriving order has
// been dealt with whole: those triggered by any of its trades are put in a row by id, lowest
// first, and dealt with one after another; those that the trades of one of these trigger go to
// the end of the row, lowest first. Whichever has ended by its turn is passed over. (What is
// pending until another order is filled comes in the same row; see PlaceOrderList.)
//
// An order with a Trail follows the price before it is triggered. It begins to at the first trade
// that would trigger it if it had no Trail, from the price of that trade; without a Stop, when it
// is placed (or comes; see PlaceOrderList), from the last price of the market, or, where nothing
// has traded, from the first price at which something does. Trailing is the time of the command
// in which it begins. Its extreme is the highest price since, of a buy the lowest, the one that it
// began from included. It is triggered by a trade at or below extreme × (10,000 − Trail) / 10,000,
// of a buy at or above extreme × (10,000 + Trail) / 10,000. That too is looked at when an arriving
// order has been dealt with whole, trade by trade: those that begin by one of its trades are told
// by OrderChanged, lowest id first, before the row goes on, and those that are triggered, perhaps
// by later ones of these trades, are put into the row with the others.
//
// An order that waited and whose turn has come has Working = now, and OrderChanged tells it. What it has reserved
// goes back; then it is measured and reserved as a limit or market order that comes now with its
// force, and crosses and ends or rests as above. Where there is less available (or what it costs
// does not fit an Amount), it ends as Expired, as it does where it is FOK and cannot be filled
// whole.
//
// # Events
//
// OrderChanged (New); for each maker met what was said above, or Traded and OrderChanged of the
// maker (after Traded; Filled if nothing is left); at the end OrderChanged of the taker if it is
// no longer as the event of it before said; then the same for each order triggered. As after
// every command, BalanceChanged for each balance that is no longer what it was before the
// command, in order of account and asset, Outside and Fees included.
type PlaceOrder struct {
	Account       uint64
	Market        uint16
	Side          book.Side
	Type          Type
	Force         Force
	SelfTrade     SelfTrade
	Price         money.Amount
	Stop          money.Amount // the price it waits for
	Quantity      money.Amount
	QuoteQuantity money.Amount
	Iceberg       money.Amount // how much of it shows at a time; 0 is all
	Trail         uint32       // how far behind the best price since it is triggered, in hundredths of a percent
	ClientID      string
	Strategy      Strategy
}

// A Strategy is what a client says that an order is part of, for itself: nothing depends on it. Given says
// what there is of it, StrategyID, StrategyType or both; what is not given is 0, and a Type that is given is at least LeastStrategy
// and below 2^31. The zero value is none.
type Strategy struct {
	ID    int64
	Type  uint32
	Given uint32
}

const (
	StrategyID   = 1
	StrategyType = 2

	// LeastStrategy is the least type of a strategy that a client may name.
	LeastStrategy = 1_000_000
)

func (s *Strategy) code(c *coder) {
	c.u32(&s.Given)
	c.time(&s.ID)
	c.u32(&s.Type)
}

func (*PlaceOrder) Kind() Kind { return kindPlaceOrder }
func (p *PlaceOrder) code(c *coder) {
	c.u64(&p.Account)
	more := c.market(&p.Market, p.Strategy != Strategy{})
	narrow(c, &p.Side, 255)
	narrow(c, &p.Type, 255)
	narrow(c, &p.Force, 255)
	narrow(c, &p.SelfTrade, 255)
	for _, a := range [...]*money.Amount{&p.Price, &p.Stop, &p.Quantity, &p.QuoteQuantity, &p.Iceberg} {
		c.amount(a)
	}
	c.u32(&p.Trail)
	c.text(&p.ClientID)
	if more {
		p.Strategy.code(c)
		c.something(p.Strategy != Strategy{})
	}
}

// A Contingency is how the orders of an order list depend on one another.
type Contingency uint8

const (
	OneCancels  Contingency = 1 // of two orders one cancels the other
	OneTriggers Contingency = 2 // one order, or two of which one cancels the other, come when the first is filled
	OnePays     Contingency = 3 // as OneTriggers, and sell what the first has bought
)

var contingencyNames = map[Contingency]string{OneCancels: "OCO", OneTriggers: "OTO", OnePays: "OPO"}

func (k Contingency) String() string { return contingencyNames[k] }

// Triggers reports whether the first order of such a list works, and the others are pending until it is filled.
func (k Contingency) Triggers() bool { return k == OneTriggers || k == OnePays }

// maxListed is how many orders a list has at most.
const maxListed = 3

// PlaceOrderList places two or three orders that depend on one another. OneCancels is of two, a
// pair. OneTriggers is of a working order, the first, and of what is pending until that one is
// filled: one order, or a pair. OnePays is OneTriggers, but for what is said of it.
//
// Refused as BadOrder where there are neither two nor three orders. Then by all that PlaceOrder
// looks at before its own checks (by the first order). Then as BadOrder: a Contingency that is
// none of these; OneCancels of three; not all of the same account and market; a working order
// that is neither Limit nor LimitMaker; one with a QuoteQuantity; a pair that is none
// (below); a ClientID that no order could have. As DuplicateClientID when an open order list of
// the account has it. As MaxLists when MaxLists (not 0) order lists of the account are open in the market,
// then as MaxAllLists when MaxOpen.Lists (not 0) are in all markets; a list is open while one of its orders is. Then
// each order, the first first, is held against the checks of PlaceOrder
// up to WouldTrigger; those before it count as open (DuplicateClientID, MaxOrders to MaxAllIcebergs).
// WouldTake of OneCancels is also for a Price at or beyond that of an order that it may not meet.
// Pending orders are not held against PercentPrice, MaxPosition, WouldTake and WouldTrigger here.
//
// Events: OrderListPlaced, OrderChanged of each (New, those that are pending PendingNew), and,
// but of OneCancels, what the working order brings about as one placed by itself. When all have
// ended, OrderListEnded follows the last.
//
// # A pair
//
// It is two orders of the same side and Quantity, those that stop with a Stop, one LimitMaker, TakeProfit or TakeProfitLimit
// and the other StopLoss or StopLossLimit, and the price of the higher is above that of the
// lower: for a sell the first kind is the higher, for a buy the second; the price is Price of
// LimitMaker and Stop of the others.
//
// Reserved is the larger of what the two would reserve each; Insufficient. For as long as neither
// has traded, been triggered or lost quantity, they hold it together. Then both come, the first
// first: LimitMaker rests, the others wait; neither can trade at once.
//
// When one of them is about to trade, when its turn in the row of those triggered has come, or
// when it is about to lose quantity by Decrement or Transfer, the other ends first, as Expired; what was
// reserved together beyond what the one needs alone goes back; from then on it is an order like
// any other. When one ends before that, by whatever reason, the other ends right after it, as
// Canceled if that one was cancelled (by CancelOrder, CancelAll, a standing…), else as Expired,
// and all goes back.
//
// # What is pending
//
// The working order is measured, reserved and dealt with as one placed by itself. Those that are
// pending are PendingNew: neither in the book nor waiting for a price, and nothing is reserved for
// them. Otherwise they are open orders: by ClientID and MaxOrders to MaxAllIcebergs, but not by MaxPosition;
// CancelOrder ends one, AmendOrder changes none.
//
// When the working order ends as Filled they are put into the row of those triggered (see
// PlaceOrder) with the others that its last trades put there, by id; a pair by that of its
// first. When its turn has come, one is held against Notional, MaxAsset, PercentPrice, MaxPosition,
// WouldTake and WouldTrigger, as for an order that comes now (a pair each, the first first, and
// WouldTake as of OneCancels). Then it is measured and reserved so. If one of these is against
// it, or there is less available, or what it costs does not fit an Amount, it ends as Expired, of
// a pair both, the first first. Otherwise its Status is New, and its Working is now unless it
// waits for a price; OrderChanged tells it, of a pair for both; and it goes on as an order that
// comes now: it waits, or it crosses, and rests or ends.
//
// When, before that, the working order ends otherwise or one that is pending is cancelled, all
// others of the list end right after it, lowest id first: as Canceled if that one was cancelled
// (by CancelOrder, CancelAll, a standing…), else as Expired.
//
// # What one order pays for another
//
// The working order of OnePays buys, and what is pending sells what that brings: it has no Quantity until
// it comes. BadOrder where the working order does not buy; a pending one does not sell, or has a Quantity.
// A pending one is not held against MarketLot, IcebergParts, Notional and MaxAsset when it is placed, and against
// LotSize by its Iceberg alone, by MinQty, MaxQty and Step.
//
// What a fill of the working order brings is locked: it goes to the buyer's ordered instead of to available, all of
// it where the fee is no more than what they have available of the base asset then, which pays it; else less the fee, as of
// another fill. What a transfer brings is locked too. Locked is the list's until its pending orders come
// or one of its orders ends before that, but by being filled; then it goes back to available.
//
// When their turn has come, the Quantity of those that were pending is what was locked (which the working order's own
// bounds), but at most MarketMaxQty (not 0) where one of them is not Priced, rounded down to Step. Each is held against LotSize
// and IcebergParts as well, before Notional; and what of a locked amount they do not reserve stays available.
type PlaceOrderList struct {
	ClientID    string
	Contingency Contingency
	Orders      []PlaceOrder
}

func (*PlaceOrderList) Kind() Kind { return kindPlaceOrderList }
func (p *PlaceOrderList) code(c *coder) {
	c.text(&p.ClientID)
	narrow(c, &p.Contingency, 255)
	listed(c, &p.Orders, func(o *PlaceOrder) { o.code(c) })
}

// listed is what there is of each order of a list.
func listed[T any](c *coder, v *[]T, item func(*T)) {
	n := uint64(len(*v))
	if c.u64(&n); n > maxListed {
		c.fail(fmt.Errorf("a list of %d orders, which has at most %d", n, maxListed))
		return
	}
	if c.reading && n > 0 {
		*v = make([]T, n)
	}
	for i := range *v {
		item(&(*v)[i])
	}
}

// CancelOrder cancels an open order of the account in the market, by Order or, where that is 0,
// by ClientID. Refused as MarketClosed (the market is there and Halted), then UnknownOrder, then NotOnly (its
// Status is another than Only, where that is not 0).
// Event: OrderChanged (Canceled), and see PlaceOrderList.
type CancelOrder struct {
	Account  uint64
	Market   uint16
	Order    uint64
	ClientID string
	Only     Status
}

func (*CancelOrder) Kind() Kind { return kindCancelOrder }
func (x *CancelOrder) code(c *coder) {
	c.u64(&x.Account)
	more := c.market(&x.Market, x.Only != 0)
	c.u64(&x.Order)
	c.text(&x.ClientID)
	if more {
		narrow(c, &x.Only, 255)
		c.something(x.Only != 0)
	}
}

// CancelOrderList cancels every open order of an open order list of the account in the market, by
// OrderList or, where that is 0, by ClientID. Refused as MarketClosed (as CancelOrder), then
// UnknownOrder. Events: OrderChanged (Canceled) of those that are open, lowest id first, and
// OrderListEnded.
type CancelOrderList struct {
	Account   uint64
	Market    uint16
	OrderList uint64
	ClientID  string
}

func (*CancelOrderList) Kind() Kind { return kindCancelOrderList }
func (x *CancelOrderList) code(c *coder) {
	c.u64(&x.Account)
	c.u16(&x.Market)
	c.u64(&x.OrderList)
	c.text(&x.ClientID)
}

// CancelAll cancels every open order of the account in the market, lowest id first; one that has
// ended with another by its turn is passed over. Refused as MarketClosed (as CancelOrder), then
// UnknownOrder when there is none. Events: OrderChanged (Canceled).
type CancelAll struct {
	Account uint64
	Market  uint16
}

func (*CancelAll) Kind() Kind { return kindCancelAll }
func (x *CancelAll) code(c *coder) {
	c.u64(&x.Account)
	c.u16(&x.Market)
}

// ReplaceOrder does what Cancel does and then what Order does, as one command. If the first is
// refused the second is not tried, unless Anyway. Events: those of the first (its Refused, if it
// was), then those of the second.
type ReplaceOrder struct {
	Cancel CancelOrder
	Order  PlaceOrder
	Anyway bool
}

func (*ReplaceOrder) Kind() Kind { return kindReplaceOrder }
func (r *ReplaceOrder) code(c *coder) {
	r.Cancel.code(c)
	r.Order.code(c)
	c.bool(&r.Anyway)
}

// AmendOrder makes the Quantity of a resting order smaller; it keeps its place. Named as by
// CancelOrder. Refused as MarketClosed (the market is there and not Trading); UnknownOrder;
// BadAmend (the order is not in the book, or shares a reserve with another; Quantity is not below
// what it was, or not above what is filled and prevented of it; NewClientID is longer than 36
// bytes); MaxAmends (MaxAmends of the market is not 0, and Amends of the order is as much); DuplicateClientID (NewClientID, where it is not empty and not the order's own, is that
// of an open order of the account); LotSize and Notional as for an order (a Quantity below
// Iceberg is LotSize).
//
// Hidden quantity is taken off first. Where NewClientID is not empty the order has it from now
// on. Where MaxAmends of the market is not 0, Amends of the order is one more. Event: OrderChanged.
type AmendOrder struct {
	Account     uint64
	Market      uint16
	Order       uint64
	ClientID    string
	Quantity    money.Amount
	NewClientID string
}

func (*AmendOrder) Kind() Kind { return kindAmendOrder }
func (a *AmendOrder) code(c *coder) {
	c.u64(&a.Account)
	c.u16(&a.Market)
	c.u64(&a.Order)
	c.text(&a.ClientID)
	c.amount(&a.Quantity)
	c.text(&a.NewClientID)
}

// SetPhase says what a market lets its customers do from now on. What follows from a standing or
// a decision happens in every phase. Refused as UnknownMarket; BadPhase (none of those named, or
// By is empty or longer than MaxBy, or Reason longer than MaxReason). Event: PhaseChanged.
type SetPhase struct {
	Market     uint16
	Phase      Phase
	By, Reason string
}

func (*SetPhase) Kind() Kind { return kindSetPhase }
func (s *SetPhase) code(c *coder) {
	c.u16(&s.Market)
	narrow(c, &s.Phase, 255)
	c.text(&s.By)
	c.text(&s.Reason)
}

// SetTier puts an account into a tier of fees by a person's word, from its next fill on. It stays
// until another SetTier, and an account that has earned a higher one (see EarnTier) pays by that:
// what was promised to somebody is a floor, which no day of little trade takes from them, and no
// reason to pay more than others who trade as much. Refused as UnknownAccount. Event: TierChanged.
type SetTier struct {
	Account uint64
	Tier    uint8
}

func (*SetTier) Kind() Kind { return kindSetTier }
func (s *SetTier) code(c *coder) {
	c.u64(&s.Account)
	c.u8(&s.Tier)
}

// SetTradeGroup says by a person's word which trade group an account is in from the next command on: that
// these accounts are one owner's, so that the orders of each are the others' own (see PlaceOrder). 0 is
// none. Refused as UnknownAccount; Unsaid (By or Reason is empty, or longer than MaxBy or MaxReason).
// Event: GroupChanged. Open orders stay as they are.
type SetTradeGroup struct {
	Account    uint64
	Group      uint32
	By, Reason string
}

func (*SetTradeGroup) Kind() Kind { return kindSetTradeGroup }
func (s *SetTradeGroup) code(c *coder) {
	c.u64(&s.Account)
	c.u32(&s.Group)
	c.text(&s.By)
	c.text(&s.Reason)
}

// SetMaxAsset says by a person's word how much of an asset an order may move at the most, from the next
// command on: of a market's base asset its quantity, of its quote asset what it is worth (see
// PlaceOrder). 0 is no bound. Refused as UnknownAsset (no such asset; an amount that is negative or has
// more decimals than it); Unsaid (as SetTradeGroup). Event: MaxAssetChanged. Open orders stay as they are.
type SetMaxAsset struct {
	Asset      uint16
	Max        money.Amount
	By, Reason string
}

func (*SetMaxAsset) Kind() Kind { return kindSetMaxAsset }
func (s *SetMaxAsset) code(c *coder) {
	c.u16(&s.Asset)
	c.amount(&s.Max)
	c.text(&s.By)
	c.text(&s.Reason)
}
