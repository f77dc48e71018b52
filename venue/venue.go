// Package venue is the exchange as one deterministic state machine: commands in,
// events out.
//
// It reads no clock, file, network, environment or map order; the time of a command
// comes with it. It alone calls the ledger and the books. What each command does is
// said in package tape, beside its type; a refused command changes nothing, but for a
// decision that it may have spent.
//
// Who may trade with it is not judged here: an account's standing follows from a
// decision of the gate, and value leaves or becomes available only under a
// gate.Permit, which no one but the gate can make.
//
// TestScenarios plays transcripts; TestInvariants holds, after every command of a
// seeded flow, what facts of a ledger must always hold; package verify replays whole
// journals by an independent reading.
package venue

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A Venue is the state of the exchange. It is not safe for concurrent use: one
// goroutine applies commands.
type Venue struct {
	genesis  *tape.Genesis
	rules    tape.Hash
	editions []tape.Basis          // sorted by list
	maxAsset []money.Amount        // that one order may move, by asset; 0 is no bound
	maxOpen  tape.Bounds           // of one account, each as bound has it
	users    map[string]tape.Right // operator users: what each may do, which is not 0

	ledger   *ledger.Ledger
	markets  []market
	accounts map[uint64]*account
	dense    []*account // the same by number, of those whose numbers are not far apart
	keys     map[string]uint64
	classes  []class
	may      [book.Classes]book.Mask // whom each class may meet

	pool        *book.Pool
	orders      []order // by handle of the pool
	spare       []*rare // that no order has, all zero
	ids         directory
	clients     clientTable
	orderLists  map[uint64]*orderList
	listClients map[clientID]*orderList
	row         []uint64 // orders that the command at hand deals with in turn; see wake, endAll
	called      []uint64 // orders that were pending, whose turn comes; see filled
	begins      []uint64 // orders that begin to follow the price; see pursue

	withdrawals map[uint64]*tape.WithdrawalChanged // Requested or Sending
	deposits    map[tape.Hash]bool                 // transfers credited
	aside       map[string]*aside                  // by movement
	kept        map[tape.Hash]*kept                // decisions recorded, not yet spent
	recorded    []tape.Record                      // lately, oldest first
	known       map[tape.Hash]bool                 // the decisions in recorded
	clearances  map[uint64]*tape.Cleared           // in force
	licences    map[uint64]*tape.LicenceRecorded   // in force

	lastOrder, lastTrade, lastDeposit, lastWithdrawal, lastClearance, lastLicence, lastPrevented, lastOrderList uint64

	now int64 // of the command being applied
	out *tape.Buffer

	seen uint64 // by Ahead; means nothing
}

// What an order reads of its account comes first, so that it lies together in memory.
type account struct {
	number   uint64
	orders   []book.Handle // the open ones; each knows its index here
	holds    *ledger.Row   // nil before an order of it has come; see Venue.holdings
	class    uint8         // means nothing without MayTrade
	given    uint8         // tier of fees, by a person
	earned   uint8         // and by what was traded
	group    uint32        // of trade; 0 is none
	home     uint16        // the market of its first order,
	here     counts        // and what it has there
	standing tape.Standing

	elsewhere  []counts // by market; that of home means nothing
	stops      uint32   // open orders of types that stop, in all markets,
	few                 // and what few have there,
	fewBy      []few    // and by market
	operator   uint16
	commitment tape.Hash
	sides      []law.Side
	keys       []string
}

// counts is how many open orders of an account there are in a market, and how many of them are
// of types that stop.
type counts struct{ orders, stops uint32 }

// few is how many open orders with an Iceberg, and how many open order lists, an account has.
type few struct{ icebergs, lists uint32 }

// enrol makes an account one of the venue's.
func (v *Venue) enrol(a *account) {
	a.holds = nil
	v.accounts[a.number] = a
	if n := a.number; n < uint64(4*len(v.accounts)+4096) {
		for n >= uint64(len(v.dense)) {
			v.dense = append(v.dense, nil)
		}
		v.dense[n] = a
	}
}

// account is the account of a number, or nil.
func (v *Venue) account(n uint64) *account {
	if n < uint64(len(v.dense)) {
		if a := v.dense[n]; a != nil {
			return a
		}
	}
	return v.accounts[n]
}

// holdings is what an account holds.
func (v *Venue) holdings(a *account) *ledger.Row {
	if a.holds == nil {
		a.holds = v.ledger.Open(ledger.Account(a.number))
	}
	return a.holds
}

// tier is that of the account's fees.
func (a *account) tier() uint8 { return max(a.given, a.earned) }

// in is the count of an account's open orders in a market.
func (a *account) in(market uint16) *counts {
	if a.here == (counts{}) && len(a.elsewhere) == 0 {
		a.home = market
	}
	if market == a.home {
		return &a.here
	}
	for int(market) >= len(a.elsewhere) {
		a.elsewhere = append(a.elsewhere, counts{})
	}
	return &a.elsewhere[market]
}

// fewIn is the count of what an account has open in a market and few have.
func (a *account) fewIn(market uint16) few {
	if int(market) < len(a.fewBy) {
		return a.fewBy[market]
	}
	return few{}
}

// countFew adds to that count, there and in all markets.
func (a *account) countFew(market uint16, icebergs, lists uint32) {
	for int(market) >= len(a.fewBy) {
		a.fewBy = append(a.fewBy, few{})
	}
	for _, f := range []*few{&a.few, &a.fewBy[market]} {
		f.icebergs += icebergs
		f.lists += lists
	}
}

// kept is a decision that waits for its action. The permit is the zero permit unless
// the gate grants one.
type kept struct {
	body     []byte // canonical JSON
	decision gate.Decision
	permit   gate.Permit
}

// keep keeps a decision that may be good for an action.
func (v *Venue) keep(id tape.Hash, body []byte, d gate.Decision) {
	k := &kept{body: body, decision: d}
	if d.Action != law.OpenAccount {
		k.permit, _ = gate.Grant(d)
	}
	v.kept[id] = k
}

// aside is value set aside and what it came with: a deposit or a stopped withdrawal.
type aside struct {
	tape.Aside
	deposit *tape.DepositChanged
	out     *tape.WithdrawalChanged
}

// New is a venue before its founding.
func New() *Venue {
	return &Venue{
		ledger:      ledger.New(),
		accounts:    map[uint64]*account{},
		keys:        map[string]uint64{},
		classes:     make([]class, 1),
		may:         [book.Classes]book.Mask{1},
		pool:        book.NewPool(0),
		clients:     newClientTable(),
		orderLists:  map[uint64]*orderList{},
		listClients: map[clientID]*orderList{},
		withdrawals: map[uint64]*tape.WithdrawalChanged{},
		deposits:    map[tape.Hash]bool{},
		aside:       map[string]*aside{},
		kept:        map[tape.Hash]*kept{},
		known:       map[tape.Hash]bool{},
		clearances:  map[uint64]*tape.Cleared{},
		licences:    map[uint64]*tape.LicenceRecorded{},
		users:       map[string]tape.Right{},
	}
}

// Apply carries out one command at its time (µs since 1970 UTC) and adds to out what it
// brought about.
func (v *Venue) Apply(at int64, cmd tape.Command, out *tape.Buffer) {
	v.now, v.out = at, out
	if v.genesis == nil {
		if g, ok := cmd.(*tape.Genesis); ok {
			v.found(g)
		} else {
			v.refuse(tape.NotFounded)
		}
		return
	}
	if len(v.users) > 0 && !v.theirs(cmd) {
		v.refuse(tape.NotTheirs)
		return
	}
	if c, ok := cmd.(*tape.PlaceOrder); ok { // as most are, or the next
		v.placeOrder(c, true)
	} else if c, ok := cmd.(*tape.CancelOrder); ok {
		v.cancelOrder(c, true)
	} else {
		v.applyRare(cmd)
	}
	if v.ledger.Moved() {
		v.ledger.Changed(out)
	}
}

// applyRare is Apply for all other commands.
func (v *Venue) applyRare(cmd tape.Command) {
	switch c := cmd.(type) {
	case *tape.Genesis:
		v.refuse(tape.AlreadyFounded)
	case *tape.TakeEdition:
		v.takeEdition(c)
	case *tape.TakeRules:
		v.rules = c.SHA256
		clear(v.kept)
		v.emit(tape.RulesTaken{TakeRules: *c})
	case *tape.MarkRule:
		v.emit(tape.RuleMarked{MarkRule: *c})
	case *tape.OweMarks:
		v.emit(tape.MarksOwed{OweMarks: *c})
	case *tape.MarkPart:
		v.emit(tape.PartMarked{MarkPart: *c})
	case *tape.MarkExpiry:
		v.markExpiry(c)
	case *tape.RecordLicence:
		v.recordLicence(c)
	case *tape.EndLicence:
		v.endLicence(c)
	case *tape.Decide:
		v.decide(c)
	case *tape.OpenAccount:
		v.openAccount(c)
	case *tape.AddKey:
		v.addKey(c)
	case *tape.RemoveKey:
		v.removeKey(c)
	case *tape.PlaceOrderList:
		v.placeOrderList(c)
	case *tape.CancelOrderList:
		v.cancelOrderList(c)
	case *tape.CancelAll:
		v.cancelAll(c)
	case *tape.ReplaceOrder:
		v.replaceOrder(c)
	case *tape.AmendOrder:
		v.amendOrder(c)
	case *tape.SetPhase:
		v.setPhase(c)
	case *tape.SetTier:
		v.setTier(c)
	case *tape.SetTradeGroup:
		v.setTradeGroup(c)
	case *tape.SetMaxAsset:
		v.setMaxAsset(c)
	case *tape.SetOperatorUser:
		v.setOperatorUser(c)
	case *tape.MarkVolume:
		v.emit(tape.VolumeMarked{MarkVolume: *c})
	case *tape.EarnTier:
		v.earnTier(c)
	case *tape.Quarantine:
		v.quarantine(c)
	case *tape.Deposit:
		v.deposit(c)
	case *tape.Withdraw:
		v.withdraw(c)
	case *tape.SendWithdrawal:
		v.sendWithdrawal(c)
	case *tape.SettleWithdrawal:
		v.settleWithdrawal(c)
	case *tape.Clear:
		v.clear(c)
	case *tape.EndClearance:
		v.endClearance(c)
	case *tape.AmendCustomer:
		v.amendCustomer(c)
	default:
		panic(fmt.Sprintf("venue: no such command: %T", cmd))
	}
}

func (v *Venue) emit(e tape.Event) { v.out.Add(e) }

func (v *Venue) emitOrder(o *order) { o.tell(v.out.Order()) }

func (v *Venue) refuse(r tape.Reason) { v.emit(tape.Refused{Reason: r}) }

func (v *Venue) refuseFor(r tape.Reason, decision tape.Hash) {
	v.emit(tape.Refused{Reason: r, Decision: decision})
}

func (v *Venue) found(g *tape.Genesis) {
	if err := CheckGenesis(g); err != nil {
		v.refuse(tape.BadGenesis)
		return
	}
	v.open(g)
	v.emit(tape.Founded{Genesis: *g})
}

// open sets up the markets of founding tables that hold.
func (v *Venue) open(g *tape.Genesis) {
	v.genesis = g
	v.maxAsset = make([]money.Amount, len(g.Assets))
	v.maxOpen = tape.Bounds{Orders: bound(g.MaxOpen.Orders), Stops: bound(g.MaxOpen.Stops), Icebergs: bound(g.MaxOpen.Icebergs), Lists: bound(g.MaxOpen.Lists)}
	for i := range g.Markets {
		v.markets = append(v.markets, newMarket(v.pool, &g.Markets[i], uint16(i)))
	}
}

// CheckGenesis says what is wrong with founding tables: a market of an asset that is not
// there, a code used twice, decimals of price and quantity that together exceed 18, a
// range that is empty, a fee above a tenth.
func CheckGenesis(g *tape.Genesis) error {
	if g.Format < tape.FormatUnbounded || g.Format > tape.Format {
		return fmt.Errorf("venue: genesis: format %d: this program writes format %d, and reads those from %d on", g.Format, tape.Format, tape.FormatUnbounded)
	}
	if g.Format < tape.Format && !g.Unamended() {
		return fmt.Errorf("venue: genesis: format %d has no place for a bound of amendments", g.Format)
	}
	if g.Format == tape.FormatUnbounded && !g.Unbounded() {
		return fmt.Errorf("venue: genesis: format %d has no place for bounds of icebergs, of order lists and of all markets together", g.Format)
	}
	seen := map[string]bool{}
	once := func(what, name string) error {
		if name == "" || seen[what+name] {
			return fmt.Errorf("venue: genesis: %s %q: want a name, and each only once", what, name)
		}
		seen[what+name] = true
		return nil
	}
	for _, a := range g.Assets {
		if err := once("asset", a.Code); err != nil {
			return err
		}
		if a.Decimals > money.Decimals || a.FeeOut.Sign() < 0 || a.MinOut.Sign() <= 0 || !a.FeeOut.Less(a.MinOut) {
			return fmt.Errorf("venue: genesis: asset %s: want at most 18 decimals and a withdrawal fee below a positive least withdrawal", a.Code)
		}
	}
	for _, m := range g.Markets {
		if err := once("market", m.Symbol); err != nil {
			return err
		}
		if int(m.Base) >= len(g.Assets) || int(m.Quote) >= len(g.Assets) || m.Base == m.Quote {
			return fmt.Errorf("venue: genesis: market %s: want two assets of the table", m.Symbol)
		}
		if m.Tick.Sign() <= 0 || m.Step.Sign() <= 0 || decimals(m.Tick)+decimals(m.Step) > money.Decimals ||
			decimals(m.Tick)+decimals(m.Step) > int(g.Assets[m.Quote].Decimals) || decimals(m.Step) > int(g.Assets[m.Base].Decimals) {
			return fmt.Errorf("venue: genesis: market %s: want a positive tick and step whose decimals together fit the quote asset", m.Symbol)
		}
		if m.MinPrice.Sign() <= 0 || m.MaxPrice.Less(m.MinPrice) || m.MinQty.Sign() <= 0 || m.MaxQty.Less(m.MinQty) || m.MinNotional.Sign() < 0 {
			return fmt.Errorf("venue: genesis: market %s: want positive least and larger greatest prices and quantities", m.Symbol)
		}
		if _, err := m.MaxPrice.Mul(m.MaxQty, money.Down); err != nil {
			return fmt.Errorf("venue: genesis: market %s: greatest price times greatest quantity does not fit", m.Symbol)
		}
		for _, f := range append([]tape.Fees{{MakerPPM: m.MakerPPM, TakerPPM: m.TakerPPM}}, m.Tiers...) {
			if f.MakerPPM > 100_000 || f.TakerPPM > 100_000 {
				return fmt.Errorf("venue: genesis: market %s: a fee above a tenth", m.Symbol)
			}
		}
		if m.MaxNotional.Sign() < 0 || m.MarketMaxQty.Sign() < 0 || m.MaxPosition.Sign() < 0 {
			return fmt.Errorf("venue: genesis: market %s: want bounds that are not negative", m.Symbol)
		}
		if m.Rising.Max >= 10_000 || m.Falling.Max >= 10_000 {
			return fmt.Errorf("venue: genesis: market %s: an order may trail by all of the price", m.Symbol)
		}
		if n, _ := m.MaxPrice.In(m.Tick); n > book.MaxTick {
			return fmt.Errorf("venue: genesis: market %s: the greatest price is %d ticks, want at most %d", m.Symbol, n, book.MaxTick)
		}
		if n, _ := m.MaxQty.In(m.Step); n > 1<<62 {
			return fmt.Errorf("venue: genesis: market %s: the greatest quantity is more than 2^62 steps", m.Symbol)
		}
	}
	for _, o := range g.Operators {
		if err := once("operator", o.Name); err != nil {
			return err
		}
		if len(o.Nexus) == 0 {
			return fmt.Errorf("venue: genesis: operator %s: want at least one nexus, for somebody's law binds everybody", o.Name)
		}
	}
	if len(g.Assets) == 0 || len(g.Markets) == 0 || len(g.Operators) == 0 {
		return errors.New("venue: genesis: want at least one asset, one market and one operator")
	}
	return nil
}

// decimals is how many places after the point an amount uses.
func decimals(a money.Amount) int {
	for d := range money.Decimals {
		if a.Truncate(d) == a {
			return d
		}
	}
	return money.Decimals
}

func (v *Venue) takeEdition(c *tape.TakeEdition) {
	b := tape.Basis{List: c.List, SHA256: c.SHA256}
	i, found := slices.BinarySearchFunc(v.editions, c.List, func(b tape.Basis, l string) int { return strings.Compare(b.List, l) })
	if found {
		v.editions[i] = b
	} else {
		v.editions = slices.Insert(v.editions, i, b)
	}
	clear(v.kept)
	v.emit(tape.EditionTaken{TakeEdition: *c})
}

// decide takes a decision of the gate into the log.
func (v *Venue) decide(c *tape.Decide) {
	d, err := gate.ReadDecision(c.Body)
	if err != nil || d.Check() != nil || (d.Account < uint64(ledger.First)) != (d.Account == 0 && (d.Action == law.ListAsset || d.Action == law.DealPlatform)) {
		v.refuse(tape.BadDecision)
		return
	}
	if !d.IsWritten(c.Body) {
		v.refuse(tape.BadDecision)
		return
	}
	id, err := hashOf(d.ID)
	operator := slices.IndexFunc(v.genesis.Operators, func(o tape.Operator) bool { return o.Name == d.Operator })
	if err != nil || operator < 0 {
		v.refuse(tape.BadDecision)
		return
	}
	made := d.At.UnixMicro()
	if !v.current(&d) || !v.cleared(&d) || made > v.now || made < v.now-tape.Fresh {
		v.refuseFor(tape.StaleDecision, id)
		return
	}
	if v.known[id] {
		v.refuseFor(tape.DuplicateDecision, id)
		return
	}
	a := v.accounts[d.Account]
	if d.Action == law.Review && (a == nil || int(a.operator) != operator) {
		v.refuseFor(tape.UnknownAccount, id)
		return
	}
	v.record(id)
	v.emit(tape.Decided{Decision: id, Account: d.Account})
	switch {
	case d.Action == law.Review:
		v.stand(a, tape.StandingFor(d.Verdict, id), d.Sides)
	case d.Action == law.OpenAccount:
		v.keep(id, c.Body, d)
	case (d.Action == law.Deposit || d.Action == law.Withdraw) && d.Movement != "" && d.Asked == nil:
		if s := v.aside[d.Movement]; s != nil && s.Account == d.Account {
			v.decideAside(s, &d, id)
			return
		}
		v.keep(id, c.Body, d)
	}
}

// record remembers a decision for as long as it could be recorded again.
func (v *Venue) record(id tape.Hash) {
	old := 0
	for old < len(v.recorded) && v.recorded[old].At < v.now-tape.Fresh {
		delete(v.known, v.recorded[old].Decision)
		old++
	}
	v.recorded = append(v.recorded[old:], tape.Record{Decision: id, At: v.now})
	v.known[id] = true
}

// current reports whether the decision was made under the editions and rules in force.
func (v *Venue) current(d *gate.Decision) bool {
	if d.Rules != hex.EncodeToString(v.rules[:]) || len(d.Editions) != len(v.editions) {
		return false
	}
	for i, e := range d.Editions {
		if e.List != v.editions[i].List || e.SHA256 != hex.EncodeToString(v.editions[i].SHA256[:]) {
			return false
		}
	}
	return true
}

// decideAside moves value that lies set aside to where a later decision puts it.
func (v *Venue) decideAside(s *aside, d *gate.Decision, id tape.Hash) {
	at := ledger.Place{Account: ledger.Account(s.Account), Pocket: ledger.Apart}
	if s.Frozen {
		at.Pocket = ledger.Frozen
	}
	to := at
	switch d.Verdict {
	case law.Freeze:
		to.Pocket = ledger.Frozen
		s.Frozen = true
	case law.Allow, law.Cap, law.Exit:
		// The account as a whole may be frozen by now: then what is released here
		// joins what is frozen there.
		to.Pocket = ledger.Available
		if v.accounts[s.Account].standing.Verdict == law.Freeze {
			to.Pocket = ledger.Frozen
		}
		delete(v.aside, d.Movement)
	case law.Hold:
		if !s.Frozen || v.accounts[s.Account].standing.Verdict == law.Freeze {
			return
		}
		to.Pocket, s.Frozen = ledger.Apart, false
	default:
		return
	}
	v.must(ledger.Posting{Asset: s.Asset, From: at, To: to, Amount: s.Amount})
	if s.deposit != nil {
		s.deposit.Pocket, s.deposit.Decision = to.Pocket, id
		v.emit(*s.deposit)
		return
	}
	if to.Pocket == ledger.Available {
		s.out.Status = tape.OutCanceled
	}
	s.out.Decision, s.out.Updated = id, v.now
	v.emit(*s.out)
}

func (v *Venue) openAccount(c *tape.OpenAccount) {
	if v.accounts[c.Account] != nil {
		v.refuse(tape.DuplicateAccount)
		return
	}
	k := v.kept[c.Decision]
	if k == nil || k.decision.Action != law.OpenAccount {
		v.refuseFor(tape.NoPermit, c.Decision)
		return
	}
	d := &k.decision
	if d.Account != c.Account || int(c.Operator) >= len(v.genesis.Operators) ||
		d.Operator != v.genesis.Operators[c.Operator].Name || d.Subject != hex.EncodeToString(c.Commitment[:]) {
		v.refuseFor(tape.NoPermit, c.Decision)
		return
	}
	delete(v.kept, c.Decision)
	switch d.Verdict {
	case law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze:
	default:
		v.refuseFor(tape.Stopped, c.Decision)
		return
	}
	a := &account{number: c.Account, operator: c.Operator, commitment: c.Commitment}
	v.enrol(a)
	v.emit(tape.AccountOpened{Account: c.Account, Operator: c.Operator})
	v.stand(a, tape.StandingFor(d.Verdict, c.Decision), d.Sides)
}

// stand gives an account a standing and does what follows from it, in one command.
func (v *Venue) stand(a *account, s tape.Standing, sides []law.Side) {
	before, number := a.standing, a.number
	moved, class := !slices.Equal(a.sides, sides), a.class
	if before.May&tape.MayTrade != 0 && (moved || s.May&tape.MayTrade == 0) {
		v.classes[a.class].members--
	}
	if s.May&tape.MayTrade != 0 && (moved || before.May&tape.MayTrade == 0) {
		var ok bool
		if class, ok = v.join(sides); !ok {
			s.May &^= tape.MayTrade
		}
	}
	a.standing, a.sides = s, sides
	v.emit(tape.StandingChanged{Account: number, Standing: s, Sides: sides})
	if s.May&tape.MayTrade == 0 || moved {
		v.endAll(a, func(*order) bool { return true })
	}
	a.class = class
	if s.May&tape.MayWithdraw == 0 {
		for _, id := range v.requested(number) {
			w := v.withdrawals[id]
			to, status := ledger.Available, tape.OutCanceled
			if s.Verdict == law.Freeze {
				to, status = ledger.Frozen, tape.OutStopped
			}
			v.mustShift(number, w.Asset, ledger.Leaving, to, w.Amount)
			w.Status, w.Decision, w.Updated = status, s.Decision, v.now
			v.emit(*w)
			delete(v.withdrawals, id)
		}
	}
	switch {
	case s.Verdict == law.Freeze:
		for i := range v.genesis.Assets {
			have := v.ledger.Balance(ledger.Account(number), uint16(i))[ledger.Available]
			v.mustShift(number, uint16(i), ledger.Available, ledger.Frozen, have)
		}
	case before.Verdict == law.Freeze:
		// What a movement of its own froze stays frozen until that movement is decided again.
		for i := range v.genesis.Assets {
			have := v.ledger.Balance(ledger.Account(number), uint16(i))[ledger.Frozen]
			for _, x := range v.aside {
				if x.Frozen && x.Account == number && int(x.Asset) == i {
					have = v.minus(have, x.Amount)
				}
			}
			v.mustShift(number, uint16(i), ledger.Frozen, ledger.Available, have)
		}
	}
}

// requested lists the account's withdrawals that can still be called back, lowest first.
func (v *Venue) requested(number uint64) []uint64 {
	var ids []uint64
	for id, w := range v.withdrawals {
		if w.Account == number && w.Status == tape.Requested {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (v *Venue) addKey(c *tape.AddKey) {
	a := v.accounts[c.Account]
	switch {
	case a == nil:
		v.refuse(tape.UnknownAccount)
	case v.keys[c.Key] != 0:
		v.refuse(tape.DuplicateKey)
	default:
		v.keys[c.Key] = c.Account
		i, _ := slices.BinarySearch(a.keys, c.Key)
		a.keys = slices.Insert(a.keys, i, c.Key)
		v.emit(tape.KeyChanged{Account: c.Account, Key: c.Key})
	}
}

func (v *Venue) removeKey(c *tape.RemoveKey) {
	number := v.keys[c.Key]
	if number == 0 {
		v.refuse(tape.UnknownKey)
		return
	}
	a := v.accounts[number]
	i, _ := slices.BinarySearch(a.keys, c.Key)
	a.keys = slices.Delete(a.keys, i, i+1)
	delete(v.keys, c.Key)
	v.emit(tape.KeyChanged{Account: number, Key: c.Key, Removed: true})
}

// shift moves an account's value from one pocket to another.
func (v *Venue) shift(account uint64, asset uint16, from, to ledger.Pocket, amount money.Amount) error {
	return v.ledger.Post(ledger.Posting{
		Asset: asset, Amount: amount,
		From: ledger.Place{Account: ledger.Account(account), Pocket: from}, To: ledger.Place{Account: ledger.Account(account), Pocket: to},
	})
}

// mustShift shifts what an invariant says is there.
func (v *Venue) mustShift(account uint64, asset uint16, from, to ledger.Pocket, amount money.Amount) {
	if err := v.shift(account, asset, from, to, amount); err != nil {
		panic(fmt.Sprintf("venue: %v: %v of asset %d, account %d, from %v to %v", err, amount, asset, account, from, to))
	}
}

// reserve sets apart what an order of an account has to have reserved, and reports what keeps it from it.
func (v *Venue) reserve(a *account, asset uint16, amount money.Amount) error {
	_, err := v.ledger.Reserve(v.holdings(a), asset, amount, false)
	return err
}

// giveBack gives an account back what an invariant says its orders have reserved.
func (v *Venue) giveBack(a *account, asset uint16, amount money.Amount) {
	if amount.IsZero() {
		return
	}
	if _, err := v.ledger.Release(v.holdings(a), asset, amount, false); err != nil {
		panic(fmt.Sprintf("venue: %v: %v of asset %d, account %d, which its orders have reserved", err, amount, asset, a.number))
	}
}

// must posts what cannot fail: value that an invariant says is there.
func (v *Venue) must(p ...ledger.Posting) {
	if err := v.ledger.Post(p...); err != nil {
		panic(fmt.Sprintf("venue: %v: %+v", err, slices.Clone(p))) // a copy: so p need not be made to last
	}
}

func (v *Venue) minus(a, b money.Amount) money.Amount {
	d, err := a.Sub(b)
	if err != nil || d.Sign() < 0 {
		panic(fmt.Sprintf("venue: %v less %v", a, b))
	}
	return d
}

func (v *Venue) plus(a, b money.Amount) money.Amount {
	s, err := a.Add(b)
	if err != nil {
		panic(fmt.Sprintf("venue: %v and %v: %v", a, b, err))
	}
	return s
}

func hashOf(s string) (h tape.Hash, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("venue: %q: want 64 hexadecimal digits", s)
	}
	copy(h[:], b)
	return h, nil
}
