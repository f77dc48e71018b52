package sim

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// A twin is a venue that never crashes: it applies each record once it is acknowledged, and after
// each the state is held to what must always be so (section 5 and 9 of what an exchange is).
type twin struct {
	venue  *venue.Venue
	seq    uint64
	at     int64
	state  tape.State
	depth  map[uint16]map[book.Side]map[money.Amount]money.Amount // by the feed
	update map[uint16]uint64

	opened    map[uint64]bool // what the log says of what clients are told
	orders    map[uint64]bool
	deposits  map[uint64]bool
	withdrawn map[uint64]bool
}

func newTwin() *twin {
	return &twin{venue: venue.New(), opened: map[uint64]bool{}, orders: map[uint64]bool{}, deposits: map[uint64]bool{}, withdrawn: map[uint64]bool{}}
}

// apply takes up a record; c is what the feed says of it, or nil where it was found in the log.
func (t *twin) apply(w *world, r record, c *exchange.Committed) {
	if r.seq != t.seq+1 {
		w.wrong("record %d follows record %d", r.seq, t.seq)
	}
	if r.at < t.at {
		w.wrong("record %d is of %d, the one before of %d", r.seq, r.at, t.at)
	}
	cmd, err := tape.Decode(tape.Kind(r.kind), []byte(r.payload))
	if err != nil {
		w.wrong("record %d: %v", r.seq, err)
	}
	out := tape.NewBuffer(1)
	t.venue.Apply(r.at, cmd, out)
	if tape.Digest(out.Events) != r.outcome {
		w.wrong("record %d (%T) brings about something else where nothing ever crashed", r.seq, cmd)
	}
	t.seq, t.at = r.seq, r.at
	before := t.state
	t.state = t.venue.State()
	w.note("record %d at %d: %x", r.seq, r.at, r.outcome)
	w.note("%s", words(cmd))
	t.invariants(w, r.seq, cmd, &before, out.Events)
	if q, ok := cmd.(*tape.Quarantine); ok {
		of, err := tape.Decode(q.Of, q.Payload)
		if o, placed := of.(*tape.PlaceOrder); err != nil || !placed || !strings.HasPrefix(o.ClientID, "poison") {
			w.wrong("the venue failed at what nobody had poisoned: %s (%s)", words(of), q.Failure)
		}
	}
	for _, e := range out.Events {
		w.met[fmt.Sprintf("%T", e)]++
		switch e := e.(type) {
		case *tape.OrderChanged:
			t.orders[e.ID] = true
			if e.Trailing != 0 && e.Working != 0 {
				w.met["triggered by the price that it followed"]++
			}
			for _, l := range before.OrderLists {
				if l.ID == e.OrderList && l.Contingency == tape.OnePays && e.Side == book.Sell && !e.Quantity.IsZero() {
					w.met["paid for by another: "+e.Status.String()]++
				}
				if l.ID == e.OrderList && !l.Locked.IsZero() && e.Status == tape.Canceled {
					w.met["cancelled with something locked"]++
				}
			}
		case tape.DepositChanged:
			t.deposits[e.ID] = true
		case tape.WithdrawalChanged:
			t.withdrawn[e.ID] = true
		case tape.Refused:
			w.met[e.Reason.String()]++
		case *tape.Prevented:
			switch {
			case e.Barred != "" && e.Group != 0:
				w.met["prevented by a bar, within a trade group"]++
			case e.Barred != "":
				w.met["prevented by a bar"]++
			case e.Transfers():
				w.met["transferred"]++
			}
		}
	}
	for _, a := range t.state.Accounts {
		t.opened[a.Account] = true
	}
	if c != nil {
		t.levels(w, c)
	}
}

// words is a command for people to read.
func words(cmd tape.Command) string {
	if d, ok := cmd.(*tape.Decide); ok {
		var in gate.Decision
		if json.Unmarshal(d.Body, &in) == nil {
			return fmt.Sprintf("Decide %.8s: %s of %s, %v, at %v, movement %.8s", in.ID, in.Action, in.Subject[:min(8, len(in.Subject))], in.Verdict, in.At, in.Movement)
		}
	}
	return fmt.Sprintf("%s %+v", reflect.TypeOf(cmd).Elem().Name(), reflect.ValueOf(cmd).Elem())
}

func (t *twin) invariants(w *world, seq uint64, cmd tape.Command, before *tape.State, events []tape.Event) {
	s := &t.state
	wrong := func(format string, args ...any) {
		w.wrong("after record %d (%T): %s", seq, cmd, fmt.Sprintf(format, args...))
	}
	type pile struct {
		account uint64
		asset   uint16
	}
	accounts := map[uint64]*tape.Account{}
	for i := range s.Accounts {
		accounts[s.Accounts[i].Account] = &s.Accounts[i]
	}
	reserved := map[pile]money.Amount{}
	together, pays := map[uint64]money.Amount{}, map[uint64]bool{} // by order list
	for _, p := range s.OrderLists {
		if p.Together {
			together[p.ID] = money.Amount{}
		}
		pays[p.ID] = p.Contingency == tape.OnePays
		k := pile{p.Account, s.Genesis.Markets[p.Market].Base}
		if reserved[k], _ = reserved[k].Add(p.Locked); p.Locked.Sign() < 0 {
			wrong("less than nothing is locked: %+v", p)
		}
	}
	type top struct{ bid, ask money.Amount }
	best := map[uint16]*top{}
	for i := range s.Orders {
		o := &s.Orders[i]
		m := &s.Genesis.Markets[o.Market]
		k, needs := pile{o.Account, m.Base}, o.Open()
		if o.Side == book.Buy {
			price := o.Price
			if price.IsZero() {
				price = o.Stop
			}
			k.asset = m.Quote
			needs, _ = price.Mul(needs, money.Down)
		}
		if o.Status == tape.PendingNew {
			needs = money.Amount{} // reserved when it comes
		}
		if most, shared := together[o.OrderList]; shared && o.OrderList != 0 {
			if most.Less(needs) {
				together[o.OrderList] = needs
			}
			needs, _ = together[o.OrderList].Sub(most)
		}
		reserved[k], _ = reserved[k].Add(needs)
		if a := accounts[o.Account]; a == nil || a.Standing.May&tape.MayTrade == 0 {
			wrong("an order of an account that may not trade is open: %+v", o)
		}
		unpaid := o.Status == tape.PendingNew && pays[o.OrderList] // its quantity is what another will have brought
		if unpaid != o.Open().IsZero() || o.Open().Sign() < 0 || !o.Status.Open() {
			wrong("an order with nothing open is open: %+v", o)
		}
		if o.Queued == 0 {
			continue
		}
		b := best[o.Market]
		if b == nil {
			b = &top{}
			best[o.Market] = b
		}
		switch {
		case o.Side == book.Buy && b.bid.Less(o.Price):
			b.bid = o.Price
		case o.Side == book.Sell && (b.ask.IsZero() || o.Price.Less(b.ask)):
			b.ask = o.Price
		}
	}
	for m, b := range best {
		if !b.bid.IsZero() && !b.ask.IsZero() && !b.bid.Less(b.ask) {
			wrong("the book of market %d is crossed: %v, %v", m, b.bid, b.ask)
		}
	}

	sums := map[uint16]money.Amount{}
	frozen := map[pile]money.Amount{}
	for _, l := range s.Balances {
		k := pile{l.Account, l.Asset}
		for p, a := range l.Balance {
			if a.Sign() < 0 && l.Account != uint64(ledger.Outside) {
				wrong("negative: %+v", l)
			}
			sums[l.Asset], _ = sums[l.Asset].Add(a)
			if ledger.Pocket(p) == ledger.Ordered && reserved[k] != a {
				wrong("account %d, asset %d: %v ordered, open orders reserve %v", l.Account, l.Asset, a, reserved[k])
			}
		}
		delete(reserved, k)
		frozen[k] = l.Balance[ledger.Frozen]
		if a := accounts[l.Account]; a != nil && a.Standing.Verdict == law.Freeze && !l.Balance[ledger.Available].IsZero() {
			wrong("frozen account %d has %v available", l.Account, l.Balance[ledger.Available])
		}
	}
	for k, a := range reserved {
		if !a.IsZero() {
			wrong("account %d, asset %d: nothing ordered, open orders reserve %v", k.account, k.asset, a)
		}
	}
	for asset, sum := range sums {
		if !sum.IsZero() {
			wrong("asset %d sums to %v", asset, sum)
		}
	}
	if _, decides := cmd.(*tape.Decide); !decides {
		for _, l := range before.Balances {
			if now := frozen[pile{l.Account, l.Asset}]; now.Less(l.Balance[ledger.Frozen]) {
				wrong("frozen value of account %d moved: %v, then %v", l.Account, l.Balance[ledger.Frozen], now)
			}
		}
	}

	orders := map[uint64]tape.Order{} // as they were
	for _, o := range before.Orders {
		orders[o.ID] = o.Order
	}
	swaps := func(e tape.Event, one, other uint64) {
		maker, taker := accounts[one], accounts[other]
		if maker.Standing.May&taker.Standing.May&tape.MayTrade == 0 {
			wrong("an account exchanged value that may not: %+v", e)
		}
		if rules := law.Between(maker.Sides, taker.Sides); len(rules) > 0 {
			wrong("a forbidden pair exchanged value: %+v, %v", e, rules)
		}
	}
	for _, e := range events {
		switch e := e.(type) {
		case *tape.OrderChanged:
			o := e.Order
			if done, err := o.Filled.Add(o.Prevented); err != nil || o.QuoteQuantity.IsZero() && o.Quantity.Less(done) {
				wrong("more is done of an order than it is of: %+v", o)
			}
			if was, ok := orders[o.ID]; !ok || was.Price.IsZero() {
				orders[o.ID] = o
			}
		case *tape.Traded:
			swaps(e, e.MakerAccount, e.TakerAccount)
			if o, ok := orders[e.Maker]; ok && o.Price != e.Price {
				wrong("a trade at %v, its maker asks %v", e.Price, o.Price)
			}
			if o, ok := orders[e.Taker]; ok && !o.Price.IsZero() {
				if e.TakerSide == book.Buy && o.Price.Less(e.Price) || e.TakerSide == book.Sell && e.Price.Less(o.Price) {
					wrong("a trade at %v, its taker's limit is %v", e.Price, o.Price)
				}
			}
		case *tape.Prevented:
			if !e.Transfers() {
				continue
			}
			swaps(e, e.MakerAccount, e.TakerAccount)
			if e.Group == 0 || accounts[e.MakerAccount].Group != e.Group || accounts[e.TakerAccount].Group != e.Group {
				wrong("value changed hands outside a trade group: %+v", e)
			}
		}
	}
}

// levels follows the depth by what the feed says of it.
func (t *twin) levels(w *world, c *exchange.Committed) {
	for _, l := range c.Levels {
		if l.Update != t.update[l.Market]+1 {
			w.wrong("record %d: change %d of a level follows %d", c.Seq, l.Update, t.update[l.Market])
		}
		t.update[l.Market] = l.Update
		side := t.depth[l.Market][l.Side]
		if delete(side, l.Price); !l.Quantity.IsZero() {
			side[l.Price] = l.Quantity
		}
	}
}

// books takes the depth from what is shown, where a follower begins.
func (t *twin) books(w *world) {
	t.depth, t.update = map[uint16]map[book.Side]map[money.Amount]money.Amount{}, map[uint16]uint64{}
	for m := range t.state.Genesis.Markets {
		m := uint16(m)
		bids, asks, update := w.x.View().Depth(m, 1<<20)
		t.update[m] = update
		t.depth[m] = map[book.Side]map[money.Amount]money.Amount{book.Buy: byPrice(bids), book.Sell: byPrice(asks)}
	}
}

func byPrice(levels []exchange.Level) map[money.Amount]money.Amount {
	m := map[money.Amount]money.Amount{}
	for _, l := range levels {
		m[l.Price] = l.Quantity
	}
	return m
}

// shown holds what is shown of the books to what the feed has said.
func (t *twin) shown(w *world) {
	for m, sides := range t.depth {
		bids, asks, update := w.x.View().Depth(m, 1<<20)
		if update != t.update[m] || !maps.Equal(byPrice(bids), sides[book.Buy]) || !maps.Equal(byPrice(asks), sides[book.Sell]) {
			w.wrong("the depth that is shown of market %d is not what the feed says", m)
		}
	}
}

// kept is what lies in the vault and was acknowledged.
type kept struct {
	profiles map[uint64][]entity.Profile // by account: those it may be by now, the last one acknowledged first
	keys     map[string]uint64           // given out
	removed  map[string]bool
}

// check holds what a start found in the vault to what was acknowledged.
func (k *kept) check(w *world) {
	for _, n := range slices.Sorted(maps.Keys(k.profiles)) {
		is, ok := w.x.Profile(n)
		if !ok {
			w.wrong("account %d was opened, and nobody knows whose it is", n)
		}
		is.Controls = nil
		i := slices.IndexFunc(k.profiles[n], func(p entity.Profile) bool { return same(p, is) })
		if i < 0 {
			w.wrong("what account %d told is lost", n)
		}
		k.profiles[n] = k.profiles[n][i : i+1]
	}
	for _, key := range slices.Sorted(maps.Keys(k.keys)) {
		if _, ok := w.x.Key(key); !ok {
			w.wrong("a key of account %d was given out and is lost", k.keys[key])
		}
	}
	for key := range k.removed {
		if _, ok := w.x.Key(key); ok {
			w.wrong("a key that was taken back is there again")
		}
	}
}

func same(a, b entity.Profile) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}
