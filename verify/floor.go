package verify

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"sallyport/book"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A floor is what the witness sees of orders: those that are open, the places they have, and
// what each must have reserved.
type floor struct {
	orders   map[uint64]*stood // open
	ladders  map[uint16]*ladders[*stood]
	count    map[uint64]int      // open orders by account
	pairs    map[uint64]uint64   // orders of a pair, of which one at least is open: the other one
	behind   map[uint64][]uint64 // what is pending until an order is filled
	pends    map[uint64]bool     // those that are, until it was
	locking  map[uint64]*locked  // open working orders of lists whose others sell what they bring
	paidFor  map[uint64]*locked  // open orders that pend on such a one
	locks    map[pile]locked     // what all of the first have locked
	reserved map[pile]money.Amount
	places   uint64                         // taken in any book so far
	last     map[uint16]money.Amount        // price, by market
	trails   map[uint16]map[uint64]*trailed // orders that follow the price, by market

	groups map[uint64]uint32 // trade groups by account

	lastTrade, lastPrevented uint64

	sided, barred, selfMet, transfers uint64 // see Report
}

// stood is an open order and where it stands: from its place on it is in the book.
type stood struct {
	tape.Order
	visible money.Amount
	place   uint64
	spot    spot[*stood]
	since   uint64 // the last trade before it stood there
}

// in is the ladders of a market.
func (w *witness) in(market uint16) *ladders[*stood] {
	if w.ladders[market] == nil {
		w.ladders[market] = newLadders[*stood]()
	}
	return w.ladders[market]
}

// stand puts an order where its state has it.
func (w *witness) stand(o *stood) {
	l := w.in(o.Market)
	on, price := &l.buys, o.Price
	switch {
	case o.Status == tape.PendingNew:
		return
	case o.Trailing != 0 && o.Working == 0:
		o.spot.leave() // it follows the price
		return
	case o.Type.Stops() && o.Working == 0 && o.Type.Rises(o.Side):
		on, price = &l.rises, o.Stop
	case o.Type.Stops() && o.Working == 0:
		on, price = &l.falls, o.Stop
	case o.place == 0:
		o.spot.leave()
		return
	case o.Side == book.Sell:
		on = &l.sells
	}
	if o.spot.on == on {
		o.spot.becomes(o)
		return
	}
	o.spot.leave()
	o.spot, o.since = on.add(price, o), w.lastTrade
}

func newFloor() floor {
	return floor{
		orders:   map[uint64]*stood{},
		ladders:  map[uint16]*ladders[*stood]{},
		count:    map[uint64]int{},
		pairs:    map[uint64]uint64{},
		behind:   map[uint64][]uint64{},
		pends:    map[uint64]bool{},
		locking:  map[uint64]*locked{},
		paidFor:  map[uint64]*locked{},
		locks:    map[pile]locked{},
		reserved: map[pile]money.Amount{},
		last:     map[uint16]money.Amount{},
		trails:   map[uint16]map[uint64]*trailed{},
		groups:   map[uint64]uint32{},
	}
}

// trailed is an order that follows the price. Its extreme is no better than it is, for which of the
// trades of a command it began from is not told.
type trailed struct {
	tape.Order
	extreme money.Amount
	due     *tape.Traded // the trade that triggers it
}

// trail keeps which orders follow the price.
func (w *witness) trail(o *tape.Order) {
	if !o.Status.Open() || o.Trailing == 0 || o.Working != 0 {
		delete(w.trails[o.Market], o.ID)
		return
	}
	if w.trails[o.Market] == nil {
		w.trails[o.Market] = map[uint64]*trailed{}
	}
	if w.trails[o.Market][o.ID] == nil {
		w.trails[o.Market][o.ID] = &trailed{Order: *o, extreme: w.last[o.Market]}
	}
}

// pass takes in a price for those who follow it.
func (w *witness) pass(t *tape.Traded) {
	w.last[t.Market] = t.Price
	for _, o := range w.trails[t.Market] {
		sells := o.Side == book.Sell
		if o.extreme.IsZero() || sells == o.extreme.Less(t.Price) && o.extreme != t.Price {
			o.extreme = t.Price
		}
		// How far behind it is, in ten-thousandths of the extreme.
		behind, err := o.extreme.Sub(t.Price)
		if !sells {
			behind = behind.Neg()
		}
		part := new(big.Int).Mul(behind.Big(), big.NewInt(10_000))
		if whole := new(big.Int).Mul(o.extreme.Big(), big.NewInt(int64(o.Trail))); err == nil && part.Cmp(whole) >= 0 && o.due == nil {
			o.due = t
		}
	}
}

// overdue is the first of those in a market that should have been triggered, or nil.
func (w *witness) overdue(market uint16) (first *trailed) {
	for _, o := range w.trails[market] {
		if o.due != nil && (first == nil || o.ID < first.ID) {
			first = o
		}
	}
	return first
}

// mayRest reports whether an order of this kind may be in the book after its command.
func mayRest(o *tape.Order) bool { return o.Type.Priced() && o.Force == tape.GTC }

// order keeps the open orders, their places, and what each of them must have reserved.
func (w *witness) order(cmd tape.Command, o tape.Order, touched map[pile]bool) error {
	if int(o.Market) >= len(w.genesis.Markets) {
		return fmt.Errorf("order %d is on no market", o.ID)
	}
	if done, err := o.Filled.Add(o.Prevented); err != nil || o.Filled.Sign() < 0 || o.Prevented.Sign() < 0 || o.Quantity.Less(done) {
		return fmt.Errorf("order %d is filled by %s and prevented by %s of %s", o.ID, o.Filled, o.Prevented, o.Quantity)
	}
	if err := w.weigh(o.ID, money.Amount.Sub, touched); err != nil {
		return err
	}
	w.trail(&o)
	now := &stood{Order: o}
	if before := w.orders[o.ID]; before != nil {
		was := before.Order
		was.Filled, was.Spent, was.Prevented, was.Status, was.Updated = o.Filled, o.Spent, o.Prevented, o.Status, o.Updated
		if was.Working == 0 {
			was.Working = o.Working
		}
		if was.Trailing == 0 && o.Trail != 0 {
			was.Trailing = o.Trailing
		}
		if _, amends := cmd.(*tape.AmendOrder); amends && o.Quantity.Less(was.Quantity) {
			was.Quantity, was.ClientID = o.Quantity, o.ClientID
			if w.genesis.Markets[o.Market].MaxAmends != 0 {
				was.Amends++
			}
		}
		if paid, ok := w.paidFor[o.ID]; ok && was.Quantity.IsZero() && before.Status == tape.PendingNew && !w.pends[o.ID] {
			if paid.most.Less(o.Quantity) {
				return fmt.Errorf("order %d sells %s, and what was bought for it is %s at the most", o.ID, o.Quantity, paid.most)
			}
			was.Quantity = o.Quantity
			delete(w.paidFor, o.ID)
		}
		if was != o || o.Filled.Less(before.Filled) || o.Prevented.Less(before.Prevented) {
			return fmt.Errorf("order %d is another order than it was", o.ID)
		}
		now.visible, now.place, now.spot, now.since = before.visible, before.place, before.spot, before.since
		w.forget(before)
	}
	if o.Status == tape.Filled {
		for _, id := range w.behind[o.ID] {
			delete(w.pends, id)
		}
	}
	if w.pends[o.ID] && o.Status.Open() && (o.Status != tape.PendingNew || o.Working != 0) {
		return fmt.Errorf("order %d comes before the order is filled that it is pending on", o.ID)
	}
	if o.Status.Open() {
		if s := w.standing[o.Account]; s.May&tape.MayTrade == 0 {
			return fmt.Errorf("order %d is open though account %d stands at %s", o.ID, o.Account, s.Verdict)
		}
		now.visible = money.Min(now.visible, o.Open())
		if mayRest(&o) && o.Working != 0 && now.visible.IsZero() {
			w.places++
			now.spot.leave() // its next part goes behind the others
			now.visible, now.place = o.Open(), w.places
			if !o.Iceberg.IsZero() {
				now.visible = money.Min(o.Iceberg, o.Open())
			}
		}
		w.orders[o.ID] = now
		w.stand(now)
		w.count[o.Account]++
	} else {
		now.spot.leave()
		delete(w.pends, o.ID)
		delete(w.paidFor, o.ID)
		if err := w.unlock(o.ID); err != nil {
			return err
		}
		if other := w.pairs[o.ID]; w.orders[other] == nil {
			delete(w.pairs, o.ID)
			delete(w.pairs, other)
		}
	}
	return w.weigh(o.ID, money.Amount.Add, touched)
}

func (w *witness) forget(o *stood) {
	delete(w.orders, o.ID)
	if w.count[o.Account]--; w.count[o.Account] == 0 {
		delete(w.count, o.Account)
	}
}

// list takes in which orders depend on which.
func (w *witness) list(l *tape.OrderList) {
	pair := l.Orders
	if l.Contingency != tape.OneCancels {
		if l.Contingency == tape.OnePays {
			by := &locked{at: pile{l.Account, w.genesis.Markets[l.Market].Base}}
			w.locking[l.Orders[0]] = by
			for _, id := range l.Orders[1:] {
				w.paidFor[id] = by
			}
		}
		pair = pair[1:]
		w.behind[l.Orders[0]] = pair
		for _, id := range pair {
			w.pends[id] = true
		}
	}
	if len(pair) == 2 {
		w.pairs[pair[0]], w.pairs[pair[1]] = pair[1], pair[0]
	}
}

// weigh adds or takes off what an order, and the other one of its pair, must have reserved:
// the larger of what they need while nothing has come of either, else what each needs.
func (w *witness) weigh(id uint64, change func(a, b money.Amount) (money.Amount, error), touched map[pile]bool) error {
	var p pile
	var most, sum money.Amount
	open, apart := 0, false
	for _, o := range []*stood{w.orders[id], w.orders[w.pairs[id]]} {
		if o == nil {
			continue
		}
		open++
		apart = apart || !o.Filled.IsZero() || !o.Prevented.IsZero() || o.Type.Stops() && o.Working != 0
		need, err := needs(&o.Order)
		if err == nil {
			sum, err = sum.Add(need)
		}
		if err != nil {
			return fmt.Errorf("what order %d needs reserved does not fit: %v", o.ID, err)
		}
		if most.Less(need) {
			most = need
		}
		p = pile{o.Account, w.genesis.Markets[o.Market].Base}
		if o.Side == book.Buy {
			p.asset = w.genesis.Markets[o.Market].Quote
		}
	}
	if open == 0 {
		return nil
	}
	if open == 2 && !apart {
		sum = most
	}
	held, err := change(w.reserved[p], sum)
	if err != nil {
		return fmt.Errorf("what order %d needs reserved does not fit: %v", id, err)
	}
	if w.reserved[p] = held; held.IsZero() {
		delete(w.reserved, p)
	}
	touched[p] = true
	return nil
}

// needs is what an order must have reserved while it rests or waits for a price. One that
// does neither, or is pending, has nothing reserved when its command is over.
func needs(o *tape.Order) (money.Amount, error) {
	if o.Status == tape.PendingNew {
		return money.Amount{}, nil
	}
	waits := o.Type.Stops() && o.Working == 0
	price := o.Price
	if !o.Type.Priced() {
		price = o.Stop
	}
	switch {
	case !waits && !mayRest(o):
		return money.Amount{}, nil
	case o.Side == book.Sell:
		return o.Open(), nil
	}
	return price.Mul(o.Open(), money.Down)
}

// trade holds one fill to the bars, to price-time priority and to the standing of both sides.
func (w *witness) trade(t *tape.Traded) error {
	if t.ID != w.lastTrade+1 {
		return fmt.Errorf("trade %d follows trade %d", t.ID, w.lastTrade)
	}
	w.lastTrade = t.ID
	w.pass(t)
	maker, taker := w.orders[t.Maker], w.orders[t.Taker]
	if maker == nil || taker == nil || maker.place == 0 || taker.Working == 0 {
		return fmt.Errorf("trade %d is of orders %d and %d, which are not both open, one in the book", t.ID, t.Maker, t.Taker)
	}
	switch {
	case maker.Market != t.Market || taker.Market != t.Market || maker.Side == taker.Side || taker.Side != t.TakerSide:
		return fmt.Errorf("trade %d is between orders %d and %d, which do not face one another", t.ID, t.Maker, t.Taker)
	case maker.Account != t.MakerAccount || taker.Account != t.TakerAccount:
		return fmt.Errorf("trade %d is not between two accounts whose orders they are", t.ID)
	case w.oneOwner(maker.Account, taker.Account) && taker.SelfTrade != tape.AllowSelf:
		return fmt.Errorf("trade %d is of account %d with itself or its trade group, which did not ask for it", t.ID, t.TakerAccount)
	case t.Price != maker.Price:
		return fmt.Errorf("trade %d is at %s, its maker asked for %s", t.ID, t.Price, maker.Price)
	case taker.Type.Priced() && !reaches(taker.Side, taker.Price, t.Price):
		return fmt.Errorf("trade %d is at %s, beyond the taker's limit %s", t.ID, t.Price, taker.Price)
	case t.Quantity.Sign() <= 0:
		return fmt.Errorf("trade %d is of nothing", t.ID)
	case maker.visible.Less(t.Quantity):
		return fmt.Errorf("trade %d takes %s of order %d, which shows %s", t.ID, t.Quantity, maker.ID, maker.visible)
	}
	if rules := w.between(t.MakerAccount, t.TakerAccount); len(rules) > 0 {
		return fmt.Errorf("accounts %d and %d trade in trade %d, whom rule %s keeps apart", t.MakerAccount, t.TakerAccount, t.ID, rules[0])
	}
	if len(w.sides[t.MakerAccount])+len(w.sides[t.TakerAccount]) > 0 {
		w.sided++
	}
	for _, account := range []uint64{t.MakerAccount, t.TakerAccount} {
		if s := w.standing[account]; s.May&tape.MayTrade == 0 {
			return fmt.Errorf("account %d trades in trade %d though it stands at %s", account, t.ID, s.Verdict)
		}
	}
	buyer, fee := t.Taker, t.TakerFee
	if t.TakerSide == book.Sell {
		buyer, fee = t.Maker, t.MakerFee
	}
	if err := cmp.Or(w.paid(t), w.lock(buyer, t.Quantity, fee)); err != nil {
		return err
	}
	side := &w.in(t.Market).buys
	if maker.Side == book.Sell {
		side = &w.in(t.Market).sells
	}
	for o := range side.all {
		if o == maker {
			break
		}
		if len(w.between(o.Account, t.TakerAccount)) == 0 {
			return fmt.Errorf("trade %d passes over order %d at %s, which stands before order %d at %s", t.ID, o.ID, o.Price, maker.ID, maker.Price)
		}
	}
	shown, err := maker.visible.Sub(t.Quantity)
	maker.visible = shown
	return err
}

// locked is what the working order of a list has brought for those that pend on it: all of it that its fills
// say, less at most their fees, for from which pocket a fee is paid is not told.
type locked struct {
	at          pile
	least, most money.Amount
}

// lock takes in what an order of such a list has bought.
func (w *witness) lock(order uint64, quantity, fee money.Amount) error {
	l := w.locking[order]
	if l == nil {
		return nil
	}
	less, err := quantity.Sub(fee)
	if err != nil {
		return fmt.Errorf("what order %d has brought does not fit: %v", order, err)
	}
	all := w.locks[l.at]
	if err := cmp.Or(l.add(less, quantity), all.add(less, quantity)); err != nil {
		return fmt.Errorf("what order %d has brought does not fit: %v", order, err)
	}
	w.locks[l.at] = all
	return nil
}

func (l *locked) add(least, most money.Amount) (err error) {
	if l.least, err = l.least.Add(least); err == nil {
		l.most, err = l.most.Add(most)
	}
	return err
}

// unlock takes in that the working order of such a list has ended.
func (w *witness) unlock(order uint64) error {
	l := w.locking[order]
	if l == nil {
		return nil
	}
	delete(w.locking, order)
	all := w.locks[l.at]
	if err := all.add(l.least.Neg(), l.most.Neg()); err != nil {
		return fmt.Errorf("what order %d has brought does not fit: %v", order, err)
	}
	if w.locks[l.at] = all; all.most.IsZero() {
		delete(w.locks, l.at)
	}
	return nil
}

// reserves holds what an account has ordered of an asset to what its open orders need, and to what is locked for
// orders that pend.
func (w *witness) reserves(p pile) error {
	held, need := w.balances[p][ledger.Ordered], w.reserved[p]
	free, err := held.Sub(need)
	if l := w.locks[p]; err != nil || free.Less(l.least) || l.most.Less(free) {
		return fmt.Errorf("account %d has %s %s reserved, its open orders need %s and lock %s at the least and %s at the most", p.account, held, w.asset(p.asset), need, l.least, l.most)
	}
	return nil
}

// settled holds what was pending on an order that has ended to how that one ended, when the
// command is over.
func (w *witness) settled(working *tape.Order) error {
	if working.Status.Open() {
		return nil
	}
	for _, id := range w.behind[working.ID] {
		o := w.orders[id]
		if filled := working.Status == tape.Filled; o != nil && (!filled || o.Status == tape.PendingNew) {
			return fmt.Errorf("order %d is %s, and order %d, which was pending on it, is %s", working.ID, working.Status, id, o.Status)
		}
	}
	delete(w.behind, working.ID)
	return nil
}

// between is the bars between two accounts as they stand.
func (w *witness) between(a, b uint64) []string {
	return law.Between(w.sides[a], w.sides[b])
}

// prevented holds a match that did not come about to a reason why not.
func (w *witness) prevented(e *tape.Prevented) error {
	if e.ID != w.lastPrevented+1 {
		return fmt.Errorf("prevented match %d follows %d", e.ID, w.lastPrevented)
	}
	w.lastPrevented = e.ID
	maker, taker := w.orders[e.Maker], w.orders[e.Taker]
	if maker == nil || taker == nil || maker.place == 0 || maker.Side == taker.Side || maker.Market != taker.Market ||
		maker.Account != e.MakerAccount || taker.Account != e.TakerAccount || maker.Price != e.Price {
		return fmt.Errorf("prevented match %d is of orders %d and %d, which would not have met", e.ID, e.Maker, e.Taker)
	}
	if e.Barred == "" {
		if !w.oneOwner(e.MakerAccount, e.TakerAccount) {
			return fmt.Errorf("nothing keeps accounts %d and %d apart, whose match %d was prevented", e.MakerAccount, e.TakerAccount, e.ID)
		}
		w.selfMet++
		if e.Transfers() {
			return w.transfer(e, maker, taker)
		}
		return nil
	}
	if rules := w.between(e.MakerAccount, e.TakerAccount); !slices.Contains(rules, e.Barred) {
		return fmt.Errorf("rule %s does not keep accounts %d and %d apart, whose match %d it is said to have prevented", e.Barred, e.MakerAccount, e.TakerAccount, e.ID)
	}
	w.barred++
	return nil
}

// oneOwner reports whether two accounts are one, or of one trade group.
func (w *witness) oneOwner(a, b uint64) bool {
	return a == b || w.groups[a] != 0 && w.groups[a] == w.groups[b]
}

// transfer holds what changes hands with no trade to what a trade would be held to: the bars, the
// standing of both accounts, both limits; and to both having asked for it.
func (w *witness) transfer(e *tape.Prevented, maker, taker *stood) error {
	switch {
	case maker.SelfTrade != tape.Transfer || taker.SelfTrade != tape.Transfer:
		return fmt.Errorf("what prevented match %d was of changes hands, and not both orders asked for that", e.ID)
	case e.MakerQuantity.Sign() <= 0 || e.MakerQuantity != e.TakerQuantity || maker.Open().Less(e.MakerQuantity) || taker.Open().Less(e.MakerQuantity):
		return fmt.Errorf("by prevented match %d %s and %s change hands, which are not one quantity that both orders have", e.ID, e.MakerQuantity, e.TakerQuantity)
	case taker.Type.Priced() && !reaches(taker.Side, taker.Price, e.Price):
		return fmt.Errorf("what changes hands by prevented match %d does at %s, beyond the taker's limit %s", e.ID, e.Price, taker.Price)
	}
	if rules := w.between(e.MakerAccount, e.TakerAccount); len(rules) > 0 {
		return fmt.Errorf("value changes hands between accounts %d and %d by prevented match %d, whom rule %s keeps apart", e.MakerAccount, e.TakerAccount, e.ID, rules[0])
	}
	for _, account := range []uint64{e.MakerAccount, e.TakerAccount} {
		if s := w.standing[account]; s.May&tape.MayTrade == 0 {
			return fmt.Errorf("value of account %d changes hands by prevented match %d though it stands at %s", account, e.ID, s.Verdict)
		}
	}
	w.transfers++
	buyer := e.Taker
	if e.TakerSide == book.Sell {
		buyer = e.Maker
	}
	if err := w.lock(buyer, e.MakerQuantity, money.Amount{}); err != nil {
		return err
	}
	return w.swap(e.Market, e.MakerAccount, e.TakerAccount, e.TakerSide, e.Price, e.MakerQuantity)
}

// after looks at each market in which an order changed, and at each account whose standing
// did, when the command is over.
func (w *witness) after(events []tape.Event) error {
	var markets []uint16
	for _, e := range events {
		switch e := e.(type) {
		case *tape.OrderChanged:
			if e.Status.Open() && !slices.Contains(markets, e.Market) {
				markets = append(markets, e.Market)
			}
			if err := w.settled(&e.Order); err != nil {
				return err
			}
			if o := w.orders[e.ID]; o != nil && o.Status != tape.PendingNew && !mayRest(&o.Order) && o.Working != 0 {
				return fmt.Errorf("order %d rests, though it is %s %s", o.ID, o.Type, o.Force)
			}
		case *tape.Traded:
			if o := w.overdue(e.Market); o != nil {
				return fmt.Errorf("order %d follows the price by %d ten-thousandths, which was at %s and by trade %d at %s", o.ID, o.Trail, o.extreme, o.due.ID, o.due.Price)
			}
			for _, l := range []*ladder[*stood]{&w.in(e.Market).rises, &w.in(e.Market).falls} {
				for o := range l.all {
					if short := l.falls && o.Stop.Less(e.Price) || !l.falls && e.Price.Less(o.Stop); short {
						break
					}
					if o.since < e.ID {
						return fmt.Errorf("order %d waits for %s, and trade %d was at %s", o.ID, o.Stop, e.ID, e.Price)
					}
				}
			}
		case tape.StandingChanged:
			if e.May&tape.MayTrade == 0 && w.count[e.Account] > 0 {
				return fmt.Errorf("account %d has open orders though it stands at %s", e.Account, e.Verdict)
			}
		}
	}
	for _, market := range markets {
		bid, bids := w.in(market).buys.first()
		ask, asks := w.in(market).sells.first()
		if bids && asks && !bid.Price.Less(ask.Price) {
			return fmt.Errorf("the book of %s is crossed: order %d buys at %s, order %d sells at %s",
				w.genesis.Markets[market].Symbol, bid.ID, bid.Price, ask.ID, ask.Price)
		}
	}
	return nil
}
