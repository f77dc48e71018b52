package verify

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"maps"
	"math/big"
	"slices"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A model is the auditor's own reading of the words beside the commands in package
// tape. It is meant to be dull: maps, slices and ladders of prices, nothing that is fast for the
// price of being hard to check; but what a record costs does not grow with those before it.
//
// It never trusts a command: whatever decodes gives events, at the least a refusal.
type model struct {
	founded  bool
	genesis  tape.Genesis
	rules    tape.Hash
	editions map[string]tape.TakeEdition // in force, by list

	lastOrder, lastTrade, lastDeposit, lastWithdrawal, lastClearance, lastLicence uint64
	lastPrevented, lastOrderList, lastQueued                                      uint64

	accounts map[uint64]*account
	classes  map[string]int    // accounts with MayTrade, by their sides in writing
	keys     map[string]uint64 // API key → account
	balances map[pile]tape.Balances
	touched  map[pile]tape.Balances // by the command at hand: what they were before it

	markets   []tape.MarketState
	ladders   []*ladders[*order]  // by market
	following []map[uint64]*order // by market: those that follow its price
	orders    map[uint64]*order
	lists     map[uint64]*orderList              // of which an order is open
	out       map[uint64]*tape.WithdrawalChanged // requested or sending
	asides    map[string]*aside                  // by movement
	kept      map[tape.Hash]*kept
	credited  map[tape.Hash]bool     // keys of transfers
	maxAsset  []money.Amount         // that one order may move, by asset; 0 is no bound
	users     map[string]tape.Right  // operator users, by name
	recorded  []tape.Record          // decisions, lately, oldest first
	known     map[tape.Hash]bool     // the same
	cleared   []tape.Cleared         // clearances in force, in order of id
	licensed  []tape.LicenceRecorded // licences in force, in order of id
}

// An account as the model holds it.
type account struct {
	tape.Account       // its Keys stay empty: model.keys has them
	earned       uint8 // by the last EarnTier
	open         map[uint64]*order
	names        map[string]*order     // the same by ClientID
	count, stops map[uint16]uint32     // how many of them are in a market, and of types that stop
	lists        map[string]*orderList // open, by ClientID
}

// opened is the open orders of an account of which fn is true, in order of id.
func (a *account) opened(fn func(*order) bool) []*order {
	var some []*order
	for _, o := range a.open {
		if fn(o) {
			some = append(some, o)
		}
	}
	slices.SortFunc(some, func(a, b *order) int { return cmp.Compare(a.ID, b.ID) })
	return some
}

// A pile is one account's holding of one asset.
type pile struct {
	account uint64
	asset   uint16
}

func comparePiles(a, b pile) int {
	return cmp.Or(cmp.Compare(a.account, b.account), cmp.Compare(a.asset, b.asset))
}

// kept is what has to be remembered of a decision until it is spent.
type kept struct {
	action   law.Action
	account  uint64
	operator string
	verdict  law.Verb
	subject  string
	movement string
	sides    []law.Side
}

// An aside remembers the deposit or the stopped withdrawal it came with, for
// DepositChanged or WithdrawalChanged to tell it whole.
type aside struct {
	tape.Aside
	deposit tape.DepositChanged
	out     tape.WithdrawalChanged
}

func newModel() *model {
	return &model{
		editions: map[string]tape.TakeEdition{},
		accounts: map[uint64]*account{},
		classes:  map[string]int{},
		keys:     map[string]uint64{},
		balances: map[pile]tape.Balances{},
		touched:  map[pile]tape.Balances{},
		orders:   map[uint64]*order{},
		lists:    map[uint64]*orderList{},
		out:      map[uint64]*tape.WithdrawalChanged{},
		asides:   map[string]*aside{},
		kept:     map[tape.Hash]*kept{},
		credited: map[tape.Hash]bool{},
		known:    map[tape.Hash]bool{},
		users:    map[string]tape.Right{},
	}
}

// refused is the one event of a command that has no effect. by is the decision that
// stopped it, where one did.
func refused(why tape.Reason, by tape.Hash) []tape.Event {
	return []tape.Event{tape.Refused{Reason: why, Decision: by}}
}

// none is no decision.
var none tape.Hash

// apply is the effect of one command at a time (µs since 1970 UTC).
func (m *model) apply(at int64, cmd tape.Command) []tape.Event {
	events := m.effect(at, cmd)
	// "As after every command, BalanceChanged for each balance that is no longer what it was
	// before the command, in order of account and asset, Outside and Fees included."
	for _, p := range slices.SortedFunc(maps.Keys(m.touched), comparePiles) {
		if now := m.balances[p]; now != m.touched[p] {
			events = append(events, &tape.BalanceChanged{Account: p.account, Asset: p.asset, Balance: now})
		}
	}
	clear(m.touched)
	return events
}

func (m *model) effect(at int64, cmd tape.Command) []tape.Event {
	if g, ok := cmd.(*tape.Genesis); ok {
		return m.found(g)
	}
	if !m.founded {
		return refused(tape.NotFounded, none)
	}
	if len(m.users) > 0 && len(m.others(cmd)) > 0 {
		return refused(tape.NotTheirs, none)
	}
	switch c := cmd.(type) {
	case *tape.TakeEdition:
		m.editions[c.List] = *c
		clear(m.kept)
		return []tape.Event{tape.EditionTaken{TakeEdition: *c}}
	case *tape.TakeRules:
		m.rules = c.SHA256
		clear(m.kept)
		return []tape.Event{tape.RulesTaken{TakeRules: *c}}
	case *tape.MarkRule:
		return []tape.Event{tape.RuleMarked{MarkRule: *c}}
	case *tape.Decide:
		return m.decide(at, c)
	case *tape.OpenAccount:
		return m.openAccount(at, c)
	case *tape.AddKey:
		return m.addKey(c)
	case *tape.RemoveKey:
		return m.removeKey(c)
	case *tape.PlaceOrder:
		return m.placeOrder(at, c)
	case *tape.PlaceOrderList:
		return m.placeOrderList(at, c)
	case *tape.CancelOrder:
		return m.cancelOrder(at, c)
	case *tape.CancelOrderList:
		return m.cancelOrderList(at, c)
	case *tape.CancelAll:
		return m.cancelAll(at, c)
	case *tape.ReplaceOrder:
		return m.replaceOrder(at, c)
	case *tape.AmendOrder:
		return m.amendOrder(at, c)
	case *tape.SetPhase:
		return m.setPhase(c)
	case *tape.SetTier:
		return m.setTier(c)
	case *tape.SetTradeGroup:
		return m.setTradeGroup(c)
	case *tape.SetMaxAsset:
		return m.setMaxAsset(c)
	case *tape.SetOperatorUser:
		return m.setOperatorUser(c)
	case *tape.MarkVolume:
		return []tape.Event{tape.VolumeMarked{MarkVolume: *c}}
	case *tape.EarnTier:
		return m.earnTier(c)
	case *tape.Quarantine:
		return m.quarantine(c)
	case *tape.Deposit:
		return m.deposit(at, c)
	case *tape.Withdraw:
		return m.withdraw(at, c)
	case *tape.SendWithdrawal:
		return m.send(at, c)
	case *tape.SettleWithdrawal:
		return m.settle(at, c)
	case *tape.Clear:
		return m.clear(at, c)
	case *tape.EndClearance:
		return m.endClearance(c)
	case *tape.AmendCustomer:
		return m.amend(c)
	case *tape.OweMarks:
		return []tape.Event{tape.MarksOwed{OweMarks: *c}}
	case *tape.MarkPart:
		return []tape.Event{tape.PartMarked{MarkPart: *c}}
	case *tape.MarkExpiry:
		return m.expire(c)
	case *tape.RecordLicence:
		return m.recordLicence(at, c)
	case *tape.EndLicence:
		return m.endLicence(c)
	}
	return nil // no other type is a command
}

func (m *model) found(g *tape.Genesis) []tape.Event {
	if m.founded {
		return refused(tape.AlreadyFounded, none)
	}
	if contradicts(g) {
		return refused(tape.BadGenesis, none)
	}
	m.founded = true
	m.genesis = *g
	m.maxAsset = make([]money.Amount, len(g.Assets))
	m.markets = make([]tape.MarketState, len(g.Markets))
	for range g.Markets {
		m.ladders = append(m.ladders, newLadders[*order]())
		m.following = append(m.following, map[uint64]*order{})
	}
	return []tape.Event{tape.Founded{Genesis: *g}}
}

// contradicts reports whether founding tables are such as tape.Genesis says are refused.
func contradicts(g *tape.Genesis) bool {
	if g.Format < tape.FormatUnbounded || g.Format > tape.Format || bounded(g) && g.Format == tape.FormatUnbounded {
		return true
	}
	if g.Format != tape.Format && slices.ContainsFunc(g.Markets, func(k tape.Market) bool { return k.MaxAmends != 0 }) {
		return true
	}
	if len(g.Assets) == 0 || len(g.Markets) == 0 || len(g.Operators) == 0 {
		return true
	}
	names := map[string]bool{}
	for _, a := range g.Assets {
		if a.Code == "" || names[a.Code] || a.Decimals > money.Decimals || a.FeeOut.Sign() < 0 || !a.FeeOut.Less(a.MinOut) {
			return true
		}
		names[a.Code] = true
	}
	clear(names)
	for _, k := range g.Markets {
		switch {
		case k.Symbol == "" || names[k.Symbol]:
			return true
		case int(k.Base) >= len(g.Assets) || int(k.Quote) >= len(g.Assets) || k.Base == k.Quote:
			return true
		case k.Tick.Sign() <= 0 || k.Step.Sign() <= 0:
			return true
		case decimals(k.Tick)+decimals(k.Step) > int(g.Assets[k.Quote].Decimals) || decimals(k.Step) > int(g.Assets[k.Base].Decimals):
			return true
		case k.MinPrice.Sign() <= 0 || k.MaxPrice.Less(k.MinPrice) || k.MinQty.Sign() <= 0 || k.MaxQty.Less(k.MinQty):
			return true
		case k.MinNotional.Sign() < 0 || k.MaxNotional.Sign() < 0 || k.MarketMaxQty.Sign() < 0 || k.MaxPosition.Sign() < 0:
			return true
		case k.Rising.Max >= 10_000 || k.Falling.Max >= 10_000:
			return true
		case manyTimes(k.MaxPrice, k.Tick, 31) || manyTimes(k.MaxQty, k.Step, 62):
			return true
		}
		for _, f := range append(slices.Clone(k.Tiers), tape.Fees{MakerPPM: k.MakerPPM, TakerPPM: k.TakerPPM}) {
			if f.MakerPPM > 100_000 || f.TakerPPM > 100_000 {
				return true
			}
		}
		if _, err := k.MaxPrice.Mul(k.MaxQty, money.Down); err != nil {
			return true
		}
		names[k.Symbol] = true
	}
	clear(names)
	for _, o := range g.Operators {
		if o.Name == "" || names[o.Name] || len(o.Nexus) == 0 {
			return true
		}
		names[o.Name] = true
	}
	return false
}

// bounded reports whether founding tables bound what the format before could not.
func bounded(g *tape.Genesis) bool {
	some := g.MaxOpen.Orders > 0 || g.MaxOpen.Stops > 0 || g.MaxOpen.Icebergs > 0 || g.MaxOpen.Lists > 0
	for _, k := range g.Markets {
		some = some || k.MaxIcebergs > 0 || k.MaxLists > 0
	}
	return some
}

// manyTimes reports whether an amount is more than 2^bits units.
func manyTimes(a, unit money.Amount, bits uint) bool {
	return a.Big().Cmp(new(big.Int).Lsh(unit.Big(), bits)) > 0
}

// decimals is how many decimal places an amount needs.
func decimals(a money.Amount) int {
	n := 0
	for a.Truncate(n) != a {
		n++
	}
	return n
}

func (m *model) addKey(c *tape.AddKey) []tape.Event {
	if m.accounts[c.Account] == nil {
		return refused(tape.UnknownAccount, none)
	}
	if _, taken := m.keys[c.Key]; taken {
		return refused(tape.DuplicateKey, none)
	}
	m.keys[c.Key] = c.Account
	return []tape.Event{tape.KeyChanged{Account: c.Account, Key: c.Key}}
}

func (m *model) removeKey(c *tape.RemoveKey) []tape.Event {
	account, known := m.keys[c.Key]
	if !known {
		return refused(tape.UnknownKey, none)
	}
	delete(m.keys, c.Key)
	return []tape.Event{tape.KeyChanged{Account: account, Key: c.Key, Removed: true}}
}

func (m *model) openAccount(at int64, c *tape.OpenAccount) []tape.Event {
	if m.accounts[c.Account] != nil {
		return refused(tape.DuplicateAccount, none)
	}
	k := m.kept[c.Decision]
	if k == nil || k.action != law.OpenAccount || k.account != c.Account ||
		int(c.Operator) >= len(m.genesis.Operators) || k.operator != m.genesis.Operators[c.Operator].Name ||
		k.subject != hex.EncodeToString(c.Commitment[:]) {
		return refused(tape.NoPermit, c.Decision)
	}
	delete(m.kept, c.Decision) // spent in every case it is found
	switch k.verdict {
	case law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze:
	default:
		return refused(tape.Stopped, c.Decision)
	}
	m.accounts[c.Account] = &account{
		Account: tape.Account{Account: c.Account, Operator: c.Operator, Commitment: c.Commitment},
		open:    map[uint64]*order{}, names: map[string]*order{}, count: map[uint16]uint32{}, stops: map[uint16]uint32{}, lists: map[string]*orderList{},
	}
	opened := tape.AccountOpened{Account: c.Account, Operator: c.Operator}
	return append([]tape.Event{opened}, m.take(at, m.accounts[c.Account], k.verdict, k.sides, c.Decision)...)
}

// standingFor is what a verdict lets an account do: "allow everything; cap and exit may
// only withdraw; all else nothing".
func standingFor(v law.Verb, decision tape.Hash) tape.Standing {
	s := tape.Standing{Verdict: v, Decision: decision}
	if v == law.Allow {
		s.May = tape.MayTrade | tape.MayWithdraw
	}
	if v == law.Cap || v == law.Exit {
		s.May = tape.MayWithdraw
	}
	return s
}

// take gives the account the standing that follows from a decision and the sides that it
// tells, with the four effects that OpenAccount lists.
func (m *model) take(at int64, a *account, verdict law.Verb, sides []law.Side, decision tape.Hash) []tape.Event {
	before, others := a.Standing.Verdict, !slices.Equal(a.Sides, sides)
	m.stand(a, standingFor(verdict, decision), sides)
	events := []tape.Event{tape.StandingChanged{Account: a.Account.Account, Standing: a.Standing, Sides: sides}}

	if a.Standing.May&tape.MayTrade == 0 || others {
		events = append(events, m.cancel(at, a.opened(func(*order) bool { return true }))...)
	}
	if a.Standing.May&tape.MayWithdraw == 0 {
		for _, id := range slices.Sorted(maps.Keys(m.out)) {
			w := m.out[id]
			if w.Account != a.Account.Account || w.Status != tape.Requested {
				continue
			}
			to := ledger.Available
			w.Status = tape.OutCanceled
			if verdict == law.Freeze {
				to = ledger.Frozen
				w.Status = tape.OutStopped
			}
			m.move(w.Asset, w.Amount, w.Account, ledger.Leaving, w.Account, to)
			w.Decision, w.Updated = decision, at
			events = append(events, *w)
			delete(m.out, id)
		}
	}
	for asset := range m.genesis.Assets {
		p := pile{a.Account.Account, uint16(asset)}
		switch {
		case verdict == law.Freeze:
			m.move(p.asset, m.balances[p][ledger.Available], p.account, ledger.Available, p.account, ledger.Frozen)
		case before == law.Freeze:
			stays := m.setAside(p)
			m.move(p.asset, minus(m.balances[p][ledger.Frozen], stays), p.account, ledger.Frozen, p.account, ledger.Available)
		}
	}
	return events
}

// setAside is how much of what is frozen on a pile is set aside under movements.
func (m *model) setAside(p pile) money.Amount {
	var sum money.Amount
	for _, s := range m.asides {
		if s.Frozen && s.Aside.Account == p.account && s.Asset == p.asset {
			sum = plus(sum, s.Amount)
		}
	}
	return sum
}

// has reports whether a pocket holds at least the amount.
func (m *model) has(account uint64, asset uint16, in ledger.Pocket, amount money.Amount) bool {
	return !m.balances[pile{account, asset}][in].Less(amount)
}

// move is a posting. The caller has made sure that the pocket holds it.
func (m *model) move(asset uint16, amount money.Amount, fromAccount uint64, from ledger.Pocket, toAccount uint64, to ledger.Pocket) {
	if amount.IsZero() || fromAccount == toAccount && from == to {
		return
	}
	f, t := pile{fromAccount, asset}, pile{toAccount, asset}
	for _, p := range []pile{f, t} {
		if _, before := m.touched[p]; !before {
			m.touched[p] = m.balances[p]
		}
	}
	b := m.balances[f]
	b[from] = minus(b[from], amount)
	m.balances[f] = b
	b = m.balances[t]
	b[to] = plus(b[to], amount)
	m.balances[t] = b
}

// plus and minus are for sums that fit because their whole does: what all customers
// hold of an asset is what Outside owes, and that was checked when it came.
func plus(a, b money.Amount) money.Amount  { return must(a.Add(b)) }
func minus(a, b money.Amount) money.Amount { return must(a.Sub(b)) }

func must(a money.Amount, err error) money.Amount {
	if err != nil {
		panic("verify: an amount within what Outside owes does not fit")
	}
	return a
}

// state is everything the model knows, in the order that tape.State asks for.
func (m *model) state() *tape.State {
	s := &tape.State{
		Genesis: m.genesis, Rules: m.rules,
		LastOrder: m.lastOrder, LastTrade: m.lastTrade, LastDeposit: m.lastDeposit, LastWithdrawal: m.lastWithdrawal,
		LastPrevented: m.lastPrevented, LastOrderList: m.lastOrderList, LastQueued: m.lastQueued,
		Markets:       slices.Clone(m.markets),
		MaxAssets:     slices.Clone(m.maxAsset),
		LastClearance: m.lastClearance, Clearances: slices.Clone(m.cleared),
		LastLicence: m.lastLicence, Licences: slices.Clone(m.licensed),
	}
	for _, name := range slices.Sorted(maps.Keys(m.users)) {
		s.Users = append(s.Users, tape.SetOperatorUser{Name: name, May: m.users[name]})
	}
	for _, list := range slices.Sorted(maps.Keys(m.editions)) {
		s.Editions = append(s.Editions, tape.Basis{List: list, SHA256: m.editions[list].SHA256})
	}
	keys := map[uint64][]string{}
	for _, key := range slices.Sorted(maps.Keys(m.keys)) {
		keys[m.keys[key]] = append(keys[m.keys[key]], key)
	}
	for _, n := range slices.Sorted(maps.Keys(m.accounts)) {
		a := m.accounts[n].Account
		a.Keys = keys[n]
		s.Accounts = append(s.Accounts, a)
		if e := m.accounts[n].earned; e > 0 {
			s.Earned = append(s.Earned, tape.EarnedTier{Account: n, Tier: e})
		}
	}
	for _, p := range slices.SortedFunc(maps.Keys(m.balances), comparePiles) {
		if m.balances[p] != (tape.Balances{}) {
			s.Balances = append(s.Balances, tape.BalanceChanged{Account: p.account, Asset: p.asset, Balance: m.balances[p]})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.orders)) {
		s.Orders = append(s.Orders, m.orders[id].OpenOrder)
	}
	for _, id := range slices.Sorted(maps.Keys(m.lists)) {
		s.OrderLists = append(s.OrderLists, m.lists[id].OpenOrderList)
	}
	for _, id := range slices.Sorted(maps.Keys(m.out)) {
		s.Withdrawals = append(s.Withdrawals, *m.out[id])
	}
	for _, movement := range slices.Sorted(maps.Keys(m.asides)) {
		s.Aside = append(s.Aside, m.asides[movement].Aside)
	}
	s.Kept = slices.SortedFunc(maps.Keys(m.kept), compareHashes)
	s.Recorded = slices.Clone(m.recorded)
	s.Deposits = slices.SortedFunc(maps.Keys(m.credited), compareHashes)
	return s
}

func compareHashes(a, b tape.Hash) int { return bytes.Compare(a[:], b[:]) }

// keep remembers a decision until it is spent.
func (m *model) keep(id tape.Hash, d *gate.Decision) {
	m.kept[id] = &kept{
		action: d.Action, account: d.Account, operator: d.Operator,
		verdict: d.Verdict, subject: d.Subject, movement: d.Movement, sides: d.Sides,
	}
}
