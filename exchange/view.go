package exchange

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A View is what can be seen of an exchange: read models that follow the log, after each
// commit, and can be rebuilt from it at any time. Nothing that is decided reads them back,
// but for the prices that a rule with a value in it needs, and those go into the decision's
// facts. It is safe for concurrent use.
type View struct {
	log  *journal.Log                            // that is followed; nil, or closed, where only what is kept can be seen
	read [maxRead]atomic.Pointer[DecisionRecord] // that was read from it lately, by the end of its number

	mu       sync.RWMutex
	genesis  tape.Genesis
	founded  bool
	seq      uint64
	at       int64
	assets   map[string]uint16
	markets  []*marketView
	symbols  map[string]uint16
	accounts map[uint64]*accountView
	keys     map[string]uint64

	deposits    []tape.DepositChanged    // by id - 1
	withdrawals []tape.WithdrawalChanged // by id - 1

	clearances clearances
	licences   []LicenceRecord     // by id - 1
	licensed   map[uint64][]uint64 // those in force, by account

	decisions
	stops     map[string]int // standing decisions by rule that fired, of accounts as they stand
	editions  []EditionInForce
	ruleMarks []RuleMark
	rules     tape.Hash
	marked    time.Time       // the instant up to which the rules' hours are marked
	owed      bool            // the log promises all its marks
	volume    tape.MarkVolume // the last one
	maxAssets []money.Amount  // that one order may move, by asset; 0 is no bound
	users     []OperatorUser  // by name

	feed     []Happening // newest last, the last maxFeed
	nextFeed uint64
	watchers map[chan struct{}]struct{}

	followers map[*Follower]struct{}
	ended     bool // nothing more comes

	// Of the record that is being applied: where it changed the depth, in order.
	touched   []changedLevel
	isTouched map[touchedLevel]int // by index, once there are more than fewLevels

	lately [latelyKept]*accountView // those that events were of, by the end of their numbers
	spare  []*orderView             // that no account has any more, nor a still view
	stills uint64                   // how often still was called: accounts and orders of before are shared

	trades  uint64
	refused int // applicants
	counts  counts
}

const (
	maxFeed   = 4000
	maxTrades = 1000 // kept of each market and of each account
	maxClosed = 1000 // closed orders kept of each account

	latelyKept = 1024 // accounts that are found without the map; a power of two
)

type marketView struct {
	tape.Market
	bids, asks depthSide
	updates    uint64        // of depth
	trades     []tape.Traded // newest last
	last       money.Amount
	phase      tape.Phase
	parts      map[uint64]money.Amount // what shows of open orders that show in parts
	made       tape.Traded             // the last trade of the record at hand, until its maker has changed
	candles    [len(candleUnits)][]Candle
	cut        [len(candleUnits)]bool // older candles are kept no more
}

// accountView is an account as it stands. What is in its rows is never changed where it lies, but
// for balances, open, lists and turnovers.
type accountView struct {
	stills    uint64 // View.stills when it was made or copied
	number    uint64
	operator  uint16
	opened    int64
	standing  tape.Standing
	under     stance           // of the decision that it stands under
	stood     []stood          // how it has stood, oldest first
	balances  []ledger.Balance // by asset
	open      []openOrder      // by id
	closed    []closedOrder    // the last maxClosed, in the order they closed
	trades    []tape.Traded
	stopped   []tape.Prevented // matches of its orders that were prevented, oldest first
	lists     []OrderList      // the open ones, and the last of those that have ended, oldest first
	amended   []Amendment      // oldest first
	sides     []law.Side
	tier      uint8      // of fees, by a person
	earned    uint8      // and by what it traded
	group     uint32     // of trade
	turnovers []turnover // oldest day first
	deposits  []uint64
	outs      []uint64
}

// An orderView is an order as it stands. One that a still view may share is not changed any more,
// but replaced. A thousand of each account are kept that have ended, and most of them take 144 bytes.
type orderView struct {
	tape.OrderPlain
	*tape.OrderRare        // never nil, never written where it lies; most share plain
	stills          uint64 // View.stills when it was made
}

// plain is what all orders have that have nothing of what few have. It is never written.
var plain tape.OrderRare

// order is the order.
func (x *orderView) order() tape.Order {
	return tape.Order{OrderPlain: x.OrderPlain, OrderRare: *x.OrderRare}
}

// set makes it another order.
func (x *orderView) set(o *tape.Order) {
	x.OrderPlain = o.OrderPlain
	if o.OrderRare == plain {
		x.OrderRare = &plain
	} else if x.OrderRare == nil || *x.OrderRare != o.OrderRare {
		rare := o.OrderRare
		x.OrderRare = &rare
	}
}

// An openOrder is found by its id, without a look at what stands elsewhere.
type openOrder struct {
	id uint64
	*orderView
}

// A closedOrder is one that has ended. Whether a still view may share it is known without a look at where
// it lies, which few look at before it is forgotten.
type closedOrder struct {
	stills uint64
	*orderView
}

// An OrderList is orders that depend on one another.
type OrderList struct {
	tape.OrderList
	Ended int64 // when all had ended, µs since 1970 UTC; 0 while one is open
}

// An Amendment is an order made smaller.
type Amendment struct {
	Seq             uint64 // the log's record
	At              int64  // µs since 1970 UTC
	Order           uint64
	Market          uint16
	Before, After   money.Amount // its quantity; no two of one order have the same After
	ClientID, NewID string
}

// EditionInForce is a list edition that decisions are made under.
type EditionInForce struct {
	tape.TakeEdition
	Taken time.Time // when the log took it up
	Seq   uint64
}

// RuleMark is the beginning or end of a rule, or of a part of it, as the log marks it.
type RuleMark struct {
	tape.MarkRule
	Part  string // "" for the rule itself, "wind-down", or the id of a licence
	Taken time.Time
	Seq   uint64
}

// A Happening is one line of what just happened, for people to read.
type Happening struct {
	N        uint64 // counts happenings; not a log number
	Seq      uint64 // the log's record
	At       time.Time
	Kind     string // "edition", "rule", "freeze", "hold", "exit", "release", "refuse", "trade", "deposit", "withdrawal", "open", "order", "clear", "fees", "market", "group", "user"
	Text     string
	Rule     string // whose hour it was, or ""
	Decision string // id, or ""

	// Of that decision, so that who tells what happened need not look into the log; and nothing where there is none.
	Account uint64
	Action  law.Action
	Verdict law.Verb
	Out     bool // it is of a withdrawal, which went out
}

// newView is a view before the first record. What it does not keep it reads from the log; without
// one it has only what it keeps.
func newView(log *journal.Log) *View {
	return &View{
		log: log, assets: map[string]uint16{}, symbols: map[string]uint16{}, accounts: map[uint64]*accountView{}, keys: map[string]uint64{},
		followers: map[*Follower]struct{}{}, isTouched: map[touchedLevel]int{},
		decisions: newDecisions(), stops: map[string]int{}, watchers: map[chan struct{}]struct{}{},
	}
}

// take takes in what a committed command brought about. The caller holds v.mu, or is the only one to
// have the view.
func (v *View) take(seq uint64, at int64, cmd tape.Command, events []tape.Event) {
	v.seq, v.at = seq, at
	_, amends := cmd.(*tape.AmendOrder)
	var held []HeldChanged
	for _, e := range events {
		switch e := e.(type) { // those that come by the million are asked for first, one by one
		case *tape.OrderChanged:
			if amends {
				v.amended(&e.Order)
			}
			v.orderChanged(&e.Order)
		case *tape.BalanceChanged:
			b := &v.of(e.Account).balances[e.Asset] // Outside and Fees are there from the founding
			held = addHeld(held, e, b)
			if e.Account >= uint64(ledger.First) {
				v.counts.moved(e.Asset, b, &e.Balance)
			}
			*b = e.Balance
		case *tape.Traded:
			v.markets[e.Market].made = *e
			v.traded(e)
		default:
			v.takeRare(at, cmd, e)
		}
	}
	if _, ok := cmd.(*tape.Decide); ok {
		v.answered(events)
	}
	levels := v.settleLevels()
	if len(v.followers) > 0 {
		v.handOut(Committed{Seq: seq, At: at, Command: cmd, Events: events, Levels: levels, Held: held})
	}
	if len(v.watchers) == 0 {
		return
	}
	for w := range v.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// takeRare is take for all other events.
func (v *View) takeRare(at int64, cmd tape.Command, e tape.Event) {
	switch e := e.(type) {
	case tape.Founded:
		v.found(e.Genesis)
	case tape.EditionTaken:
		v.editionTaken(e)
	case tape.RulesTaken:
		v.rules = e.SHA256
		clear(v.opening)
		v.happened(Happening{Kind: "rule", Text: countOf(int(e.Rules), "rule") + " taken up, edition " + short(e.SHA256)})
	case tape.MarksOwed:
		v.owed = true
	case tape.RuleMarked:
		v.ruleMarked(e.MarkRule, "")
	case tape.PartMarked:
		v.ruleMarked(tape.MarkRule{Rule: e.Rule, Begins: e.Begins, At: e.At}, e.Part)
	case tape.ExpiryMarked:
		v.expiryMarked(e.MarkExpiry)
	case tape.LicenceRecorded:
		v.licenceRecorded(e)
	case tape.LicenceEnded:
		v.licenceEnded(e.ID, &e)
	case tape.Decided:
		v.decided(cmd.(*tape.Decide).Body, e)
	case tape.Cleared:
		v.cleared(e)
	case tape.ClearanceEnded:
		v.clearanceEnded(e)
	case tape.AccountOpened:
		v.accounts[e.Account] = &accountView{
			stills: v.stills, number: e.Account, operator: e.Operator, opened: at, balances: make([]ledger.Balance, len(v.genesis.Assets)),
		}
		v.counts.standings[law.Undecided]++
	case tape.StandingChanged:
		v.standingChanged(e)
	case tape.KeyChanged:
		if e.Removed {
			delete(v.keys, e.Key)
		} else {
			v.keys[e.Key] = e.Account
		}
	case *tape.Prevented:
		v.prevented(*e)
	case tape.OrderListPlaced:
		a := v.of(e.Account)
		a.lists = appendList(a.lists, OrderList{OrderList: e.OrderList})
	case tape.OrderListEnded:
		lists := v.of(e.Account).lists
		if i, ok := findList(lists, e.ID); ok {
			lists[i].Ended = e.At
		}
	case tape.PhaseChanged:
		v.markets[e.Market].phase = e.Phase
		v.happened(Happening{Kind: "market", Text: fmt.Sprintf("%s is %s: %s (%s)", v.markets[e.Market].Symbol, e.Phase, e.Reason, e.By)})
	case tape.Quarantined:
		v.happened(Happening{Kind: "market", Text: fmt.Sprintf("A command could not be carried out and is in quarantine, record %d", v.seq)})
	case tape.TierChanged:
		v.of(e.Account).tier = e.Tier
	case tape.GroupChanged:
		v.groupChanged(e)
	case tape.MaxAssetChanged:
		v.maxAssetChanged(e)
	case tape.OperatorUserSet:
		v.operatorUserSet(e)
	case tape.VolumeMarked:
		v.volumeMarked(e.MarkVolume)
	case tape.TierEarned:
		v.tierEarned(e.EarnTier)
	case tape.DepositChanged:
		v.depositChanged(e)
	case tape.WithdrawalChanged:
		v.withdrawalChanged(e)
	}
}

func (v *View) found(g tape.Genesis) {
	v.genesis, v.founded, v.marked = g, true, timeOf(v.at)
	v.maxAssets = make([]money.Amount, len(g.Assets))
	v.counts = v.newCounts()
	for i, a := range g.Assets {
		v.assets[a.Code] = uint16(i)
	}
	for i, m := range g.Markets {
		v.symbols[m.Symbol] = uint16(i)
		v.markets = append(v.markets, &marketView{Market: m, parts: map[uint64]money.Amount{}, bids: depthSide{side: book.Buy}, asks: depthSide{side: book.Sell}})
	}
	for _, n := range []ledger.Account{ledger.Outside, ledger.Fees} {
		v.accounts[uint64(n)] = &accountView{number: uint64(n), balances: make([]ledger.Balance, len(g.Assets))}
	}
	v.happened(Happening{Kind: "open", Text: "The exchange is founded: " + countOf(len(g.Markets), "market") + ", " + countOf(len(g.Operators), "operator")})
}

func (v *View) editionTaken(e tape.EditionTaken) {
	clear(v.opening)
	in := EditionInForce{e.TakeEdition, timeOf(v.at), v.seq}
	i := slices.IndexFunc(v.editions, func(o EditionInForce) bool { return o.List == e.List })
	if i >= 0 {
		v.editions[i] = in
	} else {
		v.editions = append(v.editions, in)
	}
	what := "Edition"
	if e.Starter {
		what = "Starter edition"
	}
	v.happened(Happening{Kind: "edition", Text: what + " of " + e.List + " published " + timeOf(e.Published).Format("2 January 2006") +
		" taken up: " + countOf(int(e.Entries), "entry") + ", " + grouped(int(e.Added)) + " added, " + grouped(int(e.Removed)) + " removed, SHA-256 " + short(e.SHA256)})
}

func (v *View) ruleMarked(e tape.MarkRule, part string) {
	v.marked = timeOf(e.At)
	v.ruleMarks = append(v.ruleMarks, RuleMark{e, part, timeOf(v.at), v.seq})
	verb := "ended"
	if e.Begins {
		verb = "took effect"
	}
	what := "Rule " + e.Rule
	switch part {
	case "":
	case "wind-down":
		what = "The wind-down of rule " + e.Rule
	default:
		what = "Licence " + part + " of rule " + e.Rule
	}
	v.happened(Happening{Kind: "rule", Rule: e.Rule, Text: what + " " + verb + " at its hour, " + timeOf(e.At).Format("2 January 2006 15:04 MST")})
}

func (v *View) expiryMarked(e tape.MarkExpiry) {
	what := []string{}
	if e.Permit {
		what = append(what, "a residence permit")
	}
	for _, id := range e.Licences {
		v.licenceEnded(id, nil)
		what = append(what, "licence "+v.licences[id-1].Licence)
	}
	v.happened(Happening{Kind: "rule", Text: "Of account " + number(e.Account) + " " + strings.Join(what, " and ") + " ran out at its hour, " + timeOf(e.At).Format("2 January 2006 15:04 MST")})
}

// holds reports whether an account has anything of an asset, in whatever pocket.
func (v *View) holds(account uint64, asset uint16) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.accounts[account]
	return a != nil && a.balances[asset] != (ledger.Balance{})
}

// of is the account of an event, to be changed: one that a still view shares is copied first.
func (v *View) of(n uint64) *accountView {
	near := &v.lately[n%latelyKept]
	a := *near
	if a == nil || a.number != n {
		a = v.accounts[n]
		*near = a
	}
	if a.stills != v.stills {
		c := *a
		c.stills = v.stills
		c.balances, c.open, c.lists, c.turnovers = slices.Clone(a.balances), slices.Clone(a.open), slices.Clone(a.lists), slices.Clone(a.turnovers)
		a = &c
		v.accounts[n], *near = a, a
	}
	return a
}

func (v *View) orderChanged(o *tape.Order) {
	a, m := v.of(o.Account), v.markets[o.Market]
	// An order is in the depth while it rests, which it does from its last event in a
	// command; so what it had there goes out and what it has now comes in.
	i, was := a.find(o.ID)
	var x *orderView
	if was {
		x = a.open[i].orderView
		v.depthAdd(o.Market, x.Side, x.Price, m.shows(&x.OrderPlain, x.OrderRare).Neg())
	}
	if !was || x.stills != v.stills {
		x = v.room()
	}
	x.set(o)
	m.show(o)
	if o.Status.Open() {
		v.depthAdd(o.Market, o.Side, o.Price, m.shows(&o.OrderPlain, &o.OrderRare))
		switch {
		case was:
			a.open[i].orderView = x
			return
		case i == len(a.open): // as most
			a.open = append(a.open, openOrder{o.ID, x})
		default:
			a.open = slices.Insert(a.open, i, openOrder{o.ID, x})
		}
		v.counts.orders++
		return
	}
	if !o.Iceberg.IsZero() {
		delete(m.parts, o.ID)
	}
	if was {
		a.open = slices.Delete(a.open, i, i+1)
		v.counts.orders--
	}
	if len(a.closed) >= maxClosed {
		if old := &a.closed[0]; old.stills == v.stills {
			v.spare = append(v.spare, old.orderView)
		}
		a.closed = a.closed[1:]
	}
	a.closed = append(a.closed, closedOrder{x.stills, x})
}

// room is where an order may be written.
func (v *View) room() *orderView {
	if n := len(v.spare); n > 0 {
		x := v.spare[n-1]
		v.spare = v.spare[:n-1]
		x.stills = v.stills
		return x
	}
	return &orderView{stills: v.stills}
}

// find is where an open order stands, or would stand.
func (a *accountView) find(id uint64) (int, bool) {
	if n := len(a.open); n > 0 && a.open[n-1].id < id {
		return n, false // as of most that are new
	}
	return slices.BinarySearchFunc(a.open, id, func(o openOrder, id uint64) int { return cmp.Compare(o.id, id) })
}

// all calls fn with every order that is kept.
func (a *accountView) all(fn func(*orderView)) {
	for _, o := range a.open {
		fn(o.orderView)
	}
	for _, o := range a.closed {
		fn(o.orderView)
	}
}

// amended keeps what an order was before it was made smaller.
func (v *View) amended(o *tape.Order) {
	a := v.of(o.Account)
	if i, ok := a.find(o.ID); ok {
		old := a.open[i]
		a.amended = appendBounded(a.amended, Amendment{v.seq, v.at, o.ID, o.Market, old.Quantity, o.Quantity, old.ClientID, o.ClientID})
	}
}

// shows is what an order shows in the book: nothing when it waits or has no limit.
func (m *marketView) shows(o *tape.OrderPlain, r *tape.OrderRare) money.Amount {
	if !o.Status.Open() || !o.Type.Priced() || o.Working == 0 {
		return money.Amount{}
	}
	if !r.Iceberg.IsZero() {
		if part, ok := m.parts[o.ID]; ok {
			return part
		}
	}
	return o.Open(r)
}

// show works out what shows of an order that shows in parts. What a taker takes comes off what
// shows, and the next part follows the last; what is taken off otherwise comes off the rest first.
func (m *marketView) show(o *tape.Order) {
	maker := m.made.Maker == o.ID
	taken := m.made.Quantity
	if maker {
		m.made = tape.Traded{}
	}
	if o.Iceberg.IsZero() || !o.Status.Open() || o.Working == 0 {
		return
	}
	part, ok := m.parts[o.ID]
	if maker && ok {
		part, _ = part.Sub(taken)
	}
	if !ok || part.Sign() <= 0 {
		part = o.Iceberg
	}
	m.parts[o.ID] = money.Min(part, o.Open())
}

// depthAdd adds to what is open at a price.
func (v *View) depthAdd(market uint16, s book.Side, price, by money.Amount) {
	if by.IsZero() {
		return
	}
	before, now := v.markets[market].sideOf(s).add(price, by)
	v.touch(touchedLevel{market, s, price}, before, now)
}

func (v *View) traded(t *tape.Traded) {
	m := v.markets[t.Market]
	m.last = t.Price
	v.trades++
	m.trades = appendBounded(m.trades, *t)
	value, err := t.Price.Mul(t.Quantity, money.Down)
	if err == nil {
		m.candled(t, value)
	} else {
		value = most // CheckGenesis lets no market have it
	}
	oneOwner := v.oneOwner(t.MakerAccount, t.TakerAccount)
	for _, n := range [...]uint64{t.MakerAccount, t.TakerAccount} {
		a := v.of(n)
		a.trades = appendBounded(a.trades, *t)
		if !oneOwner {
			a.turned(t.At, m.Quote, value)
		}
	}
}

// oneOwner reports whether two accounts are one, or of one trade group.
func (v *View) oneOwner(a, b uint64) bool {
	return a == b || v.accounts[a].group != 0 && v.accounts[a].group == v.accounts[b].group
}

// prevented keeps a match that was prevented with the accounts whose it is: of two whom a bar keeps
// apart the taker alone, for the maker is told nothing of who came and lost nothing.
func (v *View) prevented(p tape.Prevented) {
	a := v.of(p.TakerAccount)
	a.stopped = appendBounded(a.stopped, p)
	if p.MakerAccount != p.TakerAccount && p.Barred == "" {
		a := v.of(p.MakerAccount)
		a.stopped = appendBounded(a.stopped, p)
	}
}

func (v *View) groupChanged(e tape.GroupChanged) {
	v.of(e.Account).group = e.Group
	text := fmt.Sprintf("Account %s is in trade group %d", number(e.Account), e.Group)
	if e.Group == 0 {
		text = "Account " + number(e.Account) + " is in no trade group"
	}
	v.happened(Happening{Kind: "group", Text: fmt.Sprintf("%s: %s (%s)", text, e.Reason, e.By)})
}

func (v *View) maxAssetChanged(e tape.MaxAssetChanged) {
	v.maxAssets[e.Asset] = e.Max
	code := v.genesis.Assets[e.Asset].Code
	text := fmt.Sprintf("One order moves at the most %s %s", e.Max, code)
	if e.Max.IsZero() {
		text = "One order moves as much " + code + " as it likes"
	}
	v.happened(Happening{Kind: "market", Text: fmt.Sprintf("%s: %s (%s)", text, e.Reason, e.By)})
}

func appendBounded[T any](ts []T, t T) []T {
	if len(ts) >= 2*maxTrades {
		ts = append(make([]T, 0, 2*maxTrades), ts[len(ts)-maxTrades:]...) // who has the old ones keeps them
	}
	return append(ts, t)
}

// appendList is appendBounded for order lists, of which none is forgotten that is open.
func appendList(ls []OrderList, l OrderList) []OrderList {
	if n := len(ls); n >= 2*maxTrades && n%maxTrades == 0 {
		old, kept := ls[:n-maxTrades], make([]OrderList, 0, n)
		for _, o := range old {
			if o.Ended == 0 {
				kept = append(kept, o)
			}
		}
		ls = append(kept, ls[n-maxTrades:]...)
	}
	return append(ls, l)
}

// findList is where the order list of a number is, or would be.
func findList(ls []OrderList, id uint64) (int, bool) {
	return slices.BinarySearchFunc(ls, id, func(o OrderList, id uint64) int { return cmp.Compare(o.ID, id) })
}

func (v *View) depositChanged(d tape.DepositChanged) {
	a := v.of(d.Account)
	if int(d.ID) > len(v.deposits) {
		v.deposits = append(v.deposits, d)
		a.deposits = append(a.deposits, d.ID)
	} else {
		old := v.deposits[d.ID-1].Decision
		delete(v.laid, string(old[:]))
		v.deposits[d.ID-1] = d
	}
	if d.Pocket != ledger.Available {
		v.lay(d.Decision)
	}
}

func (v *View) withdrawalChanged(w tape.WithdrawalChanged) {
	a := v.of(w.Account)
	if int(w.ID) > len(v.withdrawals) {
		v.withdrawals = append(v.withdrawals, w)
		a.outs = append(a.outs, w.ID)
	} else {
		old := v.withdrawals[w.ID-1].Decision
		delete(v.laid, string(old[:]))
		v.withdrawals[w.ID-1] = w
	}
	if w.Status == tape.OutStopped {
		v.lay(w.Decision)
	}
	switch w.Status {
	case tape.Sent:
		v.happened(Happening{
			Kind: "withdrawal", Text: "Account " + number(w.Account) + " took out " + w.Amount.String() + " " + v.genesis.Assets[w.Asset].Code,
			Decision: hex.EncodeToString(w.Decision[:]), Account: w.Account, Action: law.Withdraw, Out: true,
		})
	case tape.OutCanceled, tape.OutStopped:
		h := Happening{
			Kind: "withdrawal", Text: "A withdrawal of " + w.Amount.String() + " " + v.genesis.Assets[w.Asset].Code + " by account " + number(w.Account) + " was " + w.Status.String(),
			Decision: hex.EncodeToString(w.Decision[:]), Account: w.Account,
		}
		if n := len(v.recent); n > 0 && v.recent[n-1].Decision.ID == h.Decision { // it is in this record, or the one before
			h.Action, h.Verdict = v.recent[n-1].Decision.Action, v.recent[n-1].Decision.Verdict
		}
		v.happened(h)
	}
}

func (v *View) happened(h Happening) {
	v.nextFeed++
	h.N, h.Seq, h.At = v.nextFeed, v.seq, timeOf(v.at)
	if len(v.feed) >= maxFeed {
		v.feed = slices.Delete(v.feed, 0, maxFeed/4)
	}
	v.feed = append(v.feed, h)
}

// Founded reports whether the log has its first command.
func (v *View) Founded() bool { v.mu.RLock(); defer v.mu.RUnlock(); return v.founded }

// Genesis is the founding tables.
func (v *View) Genesis() tape.Genesis { v.mu.RLock(); defer v.mu.RUnlock(); return v.genesis }

// Asset finds an asset's index by its code.
func (v *View) Asset(code string) (uint16, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, ok := v.assets[code]
	return i, ok
}

// Market finds a market's index by its symbol.
func (v *View) Market(symbol string) (uint16, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, ok := v.symbols[symbol]
	return i, ok
}

// KeyAccount is the account that an API key belongs to.
func (v *View) KeyAccount(key string) (uint64, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	n, ok := v.keys[key]
	return n, ok
}

// An Account as it can be seen.
type Account struct {
	Number   uint64
	Operator tape.Operator
	Opened   time.Time
	Standing tape.Standing
	Tier     uint8            // of fees, by which it pays
	Group    uint32           // of trade; 0 is none
	Balances []ledger.Balance // by asset
}

// Account is one account as it stands.
func (v *View) Account(n uint64) (Account, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.accounts[n]
	if a == nil || n < uint64(ledger.First) {
		return Account{}, false
	}
	return v.account(a), true
}

func (v *View) account(a *accountView) Account {
	return Account{a.number, v.genesis.Operators[a.operator], timeOf(a.opened), a.standing, max(a.tier, a.earned), a.group, slices.Clone(a.balances)}
}

// Accounts is every account, by number.
func (v *View) Accounts() []Account {
	v.mu.RLock()
	defer v.mu.RUnlock()
	all := make([]Account, 0, len(v.accounts))
	for n, a := range v.accounts {
		if n >= uint64(ledger.First) {
			all = append(all, v.account(a))
		}
	}
	slices.SortFunc(all, func(a, b Account) int { return cmp.Compare(a.Number, b.Number) })
	return all
}

// Order is one order of an account by id or, where id is 0, the newest by client id.
func (v *View) Order(account, id uint64, clientID string) (tape.Order, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	a := v.accounts[account]
	if a == nil {
		return tape.Order{}, false
	}
	if id != 0 {
		if i, ok := a.find(id); ok {
			return a.open[i].order(), true
		}
	}
	var newest *orderView
	a.all(func(o *orderView) {
		if (id != 0 && o.ID == id || id == 0 && o.ClientID == clientID) && (newest == nil || newest.ID < o.ID) {
			newest = o
		}
	})
	if newest == nil {
		return tape.Order{}, false
	}
	return newest.order(), true
}

// Orders lists an account's orders, lowest id first: open ones only, or those still kept.
func (v *View) Orders(account uint64, openOnly bool) []tape.Order {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var orders []tape.Order
	if a := v.accounts[account]; a != nil {
		for _, o := range a.open {
			orders = append(orders, o.order())
		}
		if openOnly {
			return orders
		}
		for _, o := range a.closed {
			orders = append(orders, o.order())
		}
	}
	slices.SortFunc(orders, func(a, b tape.Order) int { return cmp.Compare(a.ID, b.ID) })
	return orders
}

// Trades lists an account's last trades, oldest first.
func (v *View) Trades(account uint64) []tape.Traded {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		return slices.Clone(a.trades)
	}
	return nil
}

// Prevented lists the last matches of an account's orders that were prevented, oldest first.
func (v *View) Prevented(account uint64) []tape.Prevented {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		return slices.Clone(a.stopped)
	}
	return nil
}

// PreventedOf lists those of Prevented that an order of the account was in.
func (v *View) PreventedOf(account, order uint64) []tape.Prevented {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var ps []tape.Prevented
	if a := v.accounts[account]; a != nil {
		for _, p := range a.stopped {
			if p.Taker == order || p.Maker == order {
				ps = append(ps, p)
			}
		}
	}
	return ps
}

// Amendments lists how an order of the account was made smaller, oldest first, as far as that
// is among the account's last.
func (v *View) Amendments(account, order uint64) []Amendment {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var as []Amendment
	if a := v.accounts[account]; a != nil {
		for _, m := range a.amended {
			if m.Order == order {
				as = append(as, m)
			}
		}
	}
	return as
}

// OrderList is an order list of an account that is open, or among the last that were; ok is
// false when there is none.
func (v *View) OrderList(account, id uint64) (l OrderList, ok bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		if i, ok := findList(a.lists, id); ok {
			return a.lists[i], true
		}
	}
	return OrderList{}, false
}

// OrderLists lists an account's open order lists and the last that have ended, oldest first.
func (v *View) OrderLists(account uint64) []OrderList {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		return slices.Clone(a.lists)
	}
	return nil
}

// MaxAsset is the most of an asset that one order may move; 0 is no bound.
func (v *View) MaxAsset(asset uint16) money.Amount {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.maxAssets[asset]
}

// Phase is what a market lets its customers do.
func (v *View) Phase(market uint16) tape.Phase {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.markets[market].phase
}

// Deposits lists an account's deposits, oldest first.
func (v *View) Deposits(account uint64) []tape.DepositChanged {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var ds []tape.DepositChanged
	if a := v.accounts[account]; a != nil {
		for _, id := range a.deposits {
			ds = append(ds, v.deposits[id-1])
		}
	}
	return ds
}

// Withdrawals lists an account's withdrawals, oldest first.
func (v *View) Withdrawals(account uint64) []tape.WithdrawalChanged {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var ws []tape.WithdrawalChanged
	if a := v.accounts[account]; a != nil {
		for _, id := range a.outs {
			ws = append(ws, v.withdrawals[id-1])
		}
	}
	return ws
}

// A Level is a price and what is open at it.
type Level struct{ Price, Quantity money.Amount }

// Depth is the book of a market, best prices first, at most limit levels a side; update is
// the number of its last change (see LevelChanged).
func (v *View) Depth(market uint16, limit int) (bids, asks []Level, update uint64) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	m := v.markets[market]
	return m.bids.first(limit), m.asks.first(limit), m.updates
}

// MarketTrades lists a market's last trades, oldest first.
func (v *View) MarketTrades(market uint16) []tape.Traded {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.markets[market].trades)
}

// LastPrice is the price of a market's last trade, or zero.
func (v *View) LastPrice(market uint16) money.Amount {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.markets[market].last
}

// A Held customer is a question that waits for a person.
type Held struct {
	Account  uint64
	Decision string
	gate.HoldTerms
}

// Holds lists the accounts that stand at hold, the longest due first. Past its due time a hold
// is overdue and holds on: only a decision ends it.
func (v *View) Holds() []Held {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []Held
	for n := range v.counts.noted {
		if a := v.accounts[n]; a.standing.Verdict == law.Hold && a.under.hold != nil {
			out = append(out, Held{n, hex.EncodeToString(a.standing.Decision[:]), *a.under.hold})
		}
	}
	slices.SortFunc(out, func(a, b Held) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Account, b.Account)) })
	return out
}

// Feed lists what happened after number n, oldest first.
func (v *View) Feed(n uint64) []Happening {
	v.mu.RLock()
	defer v.mu.RUnlock()
	i, _ := slices.BinarySearchFunc(v.feed, n+1, func(h Happening, n uint64) int { return cmp.Compare(h.N, n) })
	return slices.Clone(v.feed[i:])
}

// Watch returns a channel that receives after something changed, and a function to end it.
func (v *View) Watch() (<-chan struct{}, func()) {
	w := make(chan struct{}, 1)
	v.mu.Lock()
	v.watchers[w] = struct{}{}
	v.mu.Unlock()
	return w, func() {
		v.mu.Lock()
		delete(v.watchers, w)
		v.mu.Unlock()
	}
}

func timeOf(micros int64) time.Time { return time.UnixMicro(micros).UTC() }

// Withdrawal is one withdrawal as it stands.
func (v *View) Withdrawal(id uint64) (tape.WithdrawalChanged, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || id > uint64(len(v.withdrawals)) {
		return tape.WithdrawalChanged{}, false
	}
	return v.withdrawals[id-1], true
}

// unsent lists the withdrawals that are requested or on their way.
func (v *View) unsent() []tape.WithdrawalChanged {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var ws []tape.WithdrawalChanged
	for _, w := range v.withdrawals {
		if w.Status == tape.Requested || w.Status == tape.Sending {
			ws = append(ws, w)
		}
	}
	return ws
}

// allKeys is every API key and its account.
func (v *View) allKeys() map[string]uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return maps.Clone(v.keys)
}

// marksOwed reports whether the log promises to mark every date.
func (v *View) marksOwed() bool { v.mu.RLock(); defer v.mu.RUnlock(); return v.owed }

func (v *View) rulesInForce() tape.Hash {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.rules
}

// lawMarked is the instant up to which the log has marked the rules' hours: that of the
// last mark, or the founding. It reports false before the founding.
func (v *View) lawMarked() (time.Time, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.marked, v.founded
}

// grounds are what the log says that decisions about an account are made under: the rules, the instant up to which
// their hours are marked, and how it stands.
func (v *View) grounds(account uint64) (rules tape.Hash, marked time.Time, now tape.Standing) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if a := v.accounts[account]; a != nil {
		now = a.standing
	}
	return v.rules, v.marked, now
}

// keptBack lists the accounts of which some deposit is not available or some withdrawal was
// stopped, by number.
func (v *View) keptBack() []uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	in := map[uint64]bool{}
	for i := range v.deposits {
		if v.deposits[i].Pocket != ledger.Available {
			in[v.deposits[i].Account] = true
		}
	}
	for i := range v.withdrawals {
		if v.withdrawals[i].Status == tape.OutStopped {
			in[v.withdrawals[i].Account] = true
		}
	}
	return slices.Sorted(maps.Keys(in))
}
