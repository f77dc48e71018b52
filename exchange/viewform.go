package exchange

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue"
	"sallyport/venue/tape"
)

// still is the view as of the record that was applied last, as a view of its own that nobody
// follows. What later records change in place is copied; the rest is shared, so that it
// takes little time however much there is to be seen.
func (v *View) still() *View {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.stills++ // the accounts and orders of now are shared
	s := newView(v.log)
	s.genesis, s.founded, s.seq, s.at = v.genesis, v.founded, v.seq, v.at
	s.assets, s.symbols = v.assets, v.symbols // from the founding
	for _, m := range v.markets {
		c := *m
		c.bids.levels, c.asks.levels, c.parts = slices.Clone(m.bids.levels), slices.Clone(m.asks.levels), maps.Clone(m.parts)
		for i := range c.candles {
			c.candles[i] = slices.Clone(m.candles[i])
		}
		s.markets = append(s.markets, &c)
	}
	s.accounts = maps.Clone(v.accounts)
	s.keys = maps.Clone(v.keys)
	s.deposits, s.withdrawals = slices.Clone(v.deposits), slices.Clone(v.withdrawals)
	for _, r := range v.clearances.all {
		c := *r
		s.clearances.all = append(s.clearances.all, &c)
	}
	s.licences = slices.Clone(v.licences)
	s.decisions, s.stops = v.decisions.still(), maps.Clone(v.stops)
	s.editions, s.ruleMarks = slices.Clone(v.editions), v.ruleMarks
	s.rules, s.marked, s.owed, s.volume = v.rules, v.marked, v.owed, v.volume
	s.maxAssets, s.users = slices.Clone(v.maxAssets), slices.Clone(v.users)
	s.feed, s.nextFeed = slices.Clone(v.feed), v.nextFeed
	s.trades, s.refused = v.trades, v.refused
	s.counts = v.counts
	s.counts.totals, s.counts.noted = slices.Clone(v.counts.totals), maps.Clone(v.counts.noted)
	return s
}

const viewForm = "view 8"

// code writes the view, or reads it into a new one. It lists every field that following the
// log has filled; TestViewFormKnowsEveryField notices one that is left out.
func (v *View) code(f *tape.Form) {
	form := viewForm
	if f.Of(&form); form != viewForm {
		f.Fail(fmt.Errorf("the form is %q, not %q", form, viewForm))
		return
	}
	f.Of(&v.founded, &v.seq, &v.at)
	if v.founded {
		g := v.genesis
		if f.Of(&g); f.Reading() {
			if err := venue.CheckGenesis(&g); err != nil {
				f.Fail(err)
				return
			}
			v.found(g)
			v.feed, v.nextFeed = nil, 0 // that it was founded is in the feed below, or past it
		}
	}
	for i := range v.maxAssets { // one for each asset, from the founding
		f.Of(&v.maxAssets[i])
	}
	tape.Rows(f, &v.users, func(u *OperatorUser) {
		f.Of(&u.SetOperatorUser, &u.Seq)
		codeTime(f, &u.Since)
	})
	for _, m := range v.markets {
		m.code(f)
	}
	var accounts []accountView
	for _, n := range slices.Sorted(maps.Keys(v.accounts)) {
		if !f.Reading() {
			accounts = append(accounts, *v.accounts[n])
		}
	}
	tape.Rows(f, &accounts, func(a *accountView) { a.code(f) })
	if f.Reading() {
		for i := range accounts {
			a := &accounts[i]
			if len(a.balances) != len(v.genesis.Assets) || a.standing.Verdict > law.Release || a.number >= uint64(ledger.First) && int(a.operator) >= len(v.genesis.Operators) {
				f.Fail(fmt.Errorf("account %d is none of this exchange's", a.number))
				return
			}
			v.accounts[a.number] = a
		}
	}
	codeMap(f, v.keys, func(key *string, n *uint64) { f.Of(key, n) })
	tape.Rows(f, &v.deposits, func(d *tape.DepositChanged) { f.Of(d) })
	tape.Rows(f, &v.withdrawals, func(w *tape.WithdrawalChanged) { f.Of(w) })
	v.codeWords(f)
	v.codeDecisions(f)
	codeMap(f, v.stops, func(rule *string, n *int) {
		f.Of(rule)
		codeInt(f, n)
	})
	tape.Rows(f, &v.editions, func(e *EditionInForce) {
		f.Of(&e.TakeEdition, &e.Seq)
		codeTime(f, &e.Taken)
	})
	tape.Rows(f, &v.ruleMarks, func(m *RuleMark) {
		f.Of(&m.MarkRule, &m.Part, &m.Seq)
		codeTime(f, &m.Taken)
	})
	if f.Reading() {
		v.counts = v.countAll()
	}
	f.Of(&v.rules, &v.owed, &v.volume, &v.nextFeed, &v.trades)
	codeTime(f, &v.marked)
	codeInt(f, &v.refused)
	tape.Rows(f, &v.feed, func(h *Happening) {
		f.Of(&h.N, &h.Seq, &h.Kind, &h.Text, &h.Rule, &h.Decision, &h.Account, (*string)(&h.Action), &h.Verdict, &h.Out)
		codeTime(f, &h.At)
	})
}

func (m *marketView) code(f *tape.Form) {
	for _, s := range []*depthSide{&m.bids, &m.asks} {
		tape.Rows(f, &s.levels, func(l *Level) { f.Of(&l.Price, &l.Quantity) })
	}
	f.Of(&m.updates, &m.last, &m.phase)
	tape.Rows(f, &m.trades, func(t *tape.Traded) { f.Of(t) })
	codeMap(f, m.parts, func(id *uint64, part *money.Amount) { f.Of(id, part) })
	for i := range m.candles {
		f.Of(&m.cut[i])
		tape.Rows(f, &m.candles[i], func(c *Candle) {
			f.Of(&c.Start, &c.Open, &c.High, &c.Low, &c.Close, &c.Quantity, &c.Value, &c.TakenQuantity, &c.TakenValue, &c.First, &c.Last)
			codeInt(f, &c.Count)
		})
	}
}

func (a *accountView) code(f *tape.Form) {
	f.Of(&a.number, &a.operator, &a.opened, &a.standing, &a.sides, &a.tier, &a.earned, &a.group)
	a.under.code(f)
	tape.Rows(f, &a.turnovers, func(t *turnover) { f.Of(&t.day, &t.asset, &t.value) })
	before := uint64(0)
	tape.Rows(f, &a.stood, func(s *stood) {
		if f.Of((*uint64)(s)); f.Reading() && s.seq() <= before {
			f.Fail(fmt.Errorf("account %d stood otherwise from record %d on, and from record %d on", a.number, before, s.seq()))
		}
		before = s.seq()
	})
	tape.Rows(f, &a.balances, func(b *ledger.Balance) { f.Of(b) })
	var order tape.Order
	code := func(o **orderView) {
		if !f.Reading() {
			order = (*o).order()
			f.Of(&order)
			return
		}
		order = tape.Order{}
		f.Of(&order)
		*o = new(orderView)
		(*o).set(&order)
	}
	tape.Rows(f, &a.open, func(o *openOrder) {
		if code(&o.orderView); f.Reading() { // what is written is read by others meanwhile
			o.id = o.ID
		}
	})
	tape.Rows(f, &a.closed, func(o *closedOrder) { code(&o.orderView) })
	tape.Rows(f, &a.trades, func(t *tape.Traded) { f.Of(t) })
	tape.Rows(f, &a.stopped, func(p *tape.Prevented) { f.Of(p) })
	tape.Rows(f, &a.amended, func(x *Amendment) {
		f.Of(&x.Seq, &x.At, &x.Order, &x.Market, &x.Before, &x.After, &x.ClientID, &x.NewID)
	})
	tape.Rows(f, &a.lists, func(o *OrderList) { f.Of(&o.OrderList, &o.Ended) })
	tape.Rows(f, &a.deposits, func(id *uint64) { f.Of(id) })
	tape.Rows(f, &a.outs, func(id *uint64) { f.Of(id) })
}

// code is a stance, without the decision that is kept whole.
func (s *stance) code(f *tape.Form) {
	under := *s // what is written is read by others meanwhile
	if f.Of(&under.seq); under.seq == 0 {
		return
	}
	f.Of(&under.made, &under.subject, &under.outcome)
	if under.rests == nil {
		under.rests = new(rests)
	}
	on := *under.rests
	for _, rules := range []*[]string{&on.fired, &on.unknown} {
		tape.Rows(f, rules, func(rule *string) { f.Of(rule) })
	}
	hold := under.hold
	if codeThere(f, &hold) {
		terms := *hold
		f.Of(&terms.Owner)
		if codeTime(f, &terms.Due); f.Reading() {
			*hold = terms
		}
	}
	if f.Reading() {
		*under.rests, under.hold = on, hold
		*s = under
	}
}

// codeWords is the clearances and licences that people gave.
func (v *View) codeWords(f *tape.Form) {
	tape.Rows(f, &v.clearances.all, func(p **ClearanceRecord) {
		if f.Reading() {
			*p = new(ClearanceRecord)
		}
		r := *p
		f.Of(&r.Cleared, &r.Seq)
		codeTime(f, &r.Until)
		if codeThere(f, &r.Ended) {
			f.Of(r.Ended)
		}
	})
	tape.Rows(f, &v.licences, func(r *LicenceRecord) {
		f.Of(&r.LicenceRecorded, &r.Seq)
		codeTime(f, &r.Ended)
		if codeThere(f, &r.Taken) {
			f.Of(r.Taken)
		}
	})
	if !f.Reading() {
		return
	}
	for _, r := range v.clearances.all {
		v.fileClearance(r)
	}
	for i := range v.licences {
		if r := &v.licences[i]; r.Ended.IsZero() {
			v.fileLicence(r)
		}
	}
}

// still is what is kept of decisions as it is, which the next records do not change.
func (ds *decisions) still() decisions {
	s := *ds
	s.finder, s.changes = ds.finder.still(), ds.changes.still()
	s.recent, s.opening, s.apart = slices.Clone(ds.recent), maps.Clone(ds.opening), maps.Clone(ds.apart)
	s.permits = nil // which apart tells
	s.laid, s.rulings, s.holding = maps.Clone(ds.laid), maps.Clone(ds.rulings), maps.Clone(ds.holding)
	s.rests = nil // which the accounts tell
	return s
}

// bySeq is decisions in the order of the log, each once.
func bySeq(rs []*DecisionRecord) []*DecisionRecord {
	slices.SortFunc(rs, func(a, b *DecisionRecord) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.Compact(rs)
}

// codeDecisions is the decisions that are kept whole, then what refers to them, by the number of their record, and where
// every one is.
func (v *View) codeDecisions(f *tape.Form) {
	opening, apart, rulings := bySeq(slices.Collect(maps.Values(v.opening))), bySeq(slices.Collect(maps.Values(v.apart))), bySeq(slices.Collect(maps.Values(v.rulings)))
	accounts := slices.Sorted(maps.Keys(v.accounts))
	var kept []*DecisionRecord
	if !f.Reading() {
		kept = slices.Concat(v.recent, opening, apart, rulings)
		for _, n := range accounts {
			if r := v.accounts[n].under.whole; r != nil {
				kept = append(kept, r)
			}
		}
		kept = bySeq(kept)
	}
	var bodies [][]byte
	tape.Rows(f, &kept, func(p **DecisionRecord) {
		var body []byte
		if f.Reading() {
			*p = new(DecisionRecord)
		} else {
			body = (*p).Body()
		}
		r := *p
		if f.Of(&r.Seq, &body, &r.Standing); f.Reading() {
			bodies = append(bodies, body)
		}
		codeTime(f, &r.At)
	})
	found := map[uint64]*DecisionRecord{}
	if f.Reading() {
		if err := readBodies(kept, bodies); err != nil {
			f.Fail(err)
			return
		}
		for _, r := range kept {
			found[r.Seq] = r
		}
	}
	ref := func(p **DecisionRecord) {
		var seq uint64
		if *p != nil {
			seq = (*p).Seq
		}
		if f.Of(&seq); f.Reading() && seq != 0 {
			if *p = found[seq]; *p == nil {
				f.Fail(fmt.Errorf("record %d is no decision", seq))
			}
		}
	}
	some := func(p **DecisionRecord) {
		if ref(p); f.Reading() && *p == nil {
			*p = new(DecisionRecord)
			f.Fail(errors.New("a decision of no record"))
		}
	}
	for _, n := range accounts {
		under := v.accounts[n].under
		if ref(&under.whole); f.Reading() { // what is written is read by others meanwhile
			v.accounts[n].under = under
		}
	}
	for _, rs := range []*[]*DecisionRecord{&v.recent, &opening, &apart, &rulings} {
		tape.Rows(f, rs, some)
	}
	codeMap(f, v.laid, func(id *string, l *laid) { f.Of(id, (*string)(&l.action), &l.verdict) })
	codeInt(f, &v.count)
	v.finder.code(f, v.seq)
	v.changes.code(f, v.seq)
	if !f.Reading() {
		return
	}
	for _, rs := range [][]*DecisionRecord{kept, v.recent, opening, apart, rulings} {
		if !slices.IsSortedFunc(rs, func(a, b *DecisionRecord) int { return cmp.Compare(a.Seq, b.Seq) }) {
			f.Fail(errors.New("decisions are not in the order of the log"))
			return
		}
	}
	for _, r := range opening {
		v.opening[r.Decision.ID] = r
	}
	for _, r := range apart {
		v.apart[r.Decision.Movement] = r
		if do, _ := r.Do(); do == gate.Proceed {
			v.permits = append(v.permits, r)
		}
	}
	for _, r := range rulings {
		v.ruled(r)
	}
	for _, n := range accounts {
		s := &v.accounts[n].under
		if s.rests != nil {
			s.rests = v.rest(*s.rests)
		}
		if s.whole != nil && s.whole.Seq != s.seq {
			f.Fail(fmt.Errorf("account %d stands under a decision of two records", n))
			return
		}
	}
	if len(v.opening) != len(opening) || len(v.apart) != len(apart) || len(v.rulings) != len(rulings) {
		f.Fail(errors.New("a decision is kept twice for one thing"))
	}
}

// readBodies decodes the decisions of records.
func readBodies(rs []*DecisionRecord, bodies [][]byte) error {
	var wg sync.WaitGroup
	errs := make([]error, processors())
	for w := range errs {
		wg.Go(func() {
			for i := w; i < len(rs) && errs[w] == nil; i += len(errs) {
				var err error
				if rs[i].Decision, err = gate.ReadDecision(bodies[i]); err != nil {
					errs[w] = fmt.Errorf("the decision of record %d does not decode", rs[i].Seq)
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// codeMap is a map as a list in the order of its keys.
func codeMap[K cmp.Ordered, V any](f *tape.Form, m map[K]V, item func(*K, *V)) {
	type row struct {
		k K
		v V
	}
	var rows []row
	if !f.Reading() {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			rows = append(rows, row{k, m[k]})
		}
	}
	tape.Rows(f, &rows, func(r *row) { item(&r.k, &r.v) })
	if f.Reading() {
		for _, r := range rows {
			m[r.k] = r.v
		}
	}
}

// codeThere says whether what a pointer may point to follows, and makes room for it.
func codeThere[T any](f *tape.Form, p **T) bool {
	there := *p != nil
	if f.Of(&there); there && f.Reading() {
		*p = new(T)
	}
	return there
}

func codeTime(f *tape.Form, t *time.Time) {
	at := t.UnixMicro()
	if f.Of(&at); f.Reading() {
		*t = timeOf(at)
	}
}

func codeInt(f *tape.Form, n *int) {
	x := int64(*n)
	f.Of(&x)
	*n = int(x)
}

// encode gives the view's form.
func (v *View) encode() ([]byte, error) {
	f := tape.Write()
	v.code(f)
	b, err := f.Bytes()
	if err != nil {
		return nil, fmt.Errorf("exchange: view: %w", err)
	}
	return b, nil
}

// Digest is the SHA-256 of everything that the view shows: the same for two views of one log.
func (v *View) Digest() (tape.Hash, error) {
	b, err := v.still().encode()
	return sha256.Sum256(b), err
}

// readView reads what encode gave.
func readView(b []byte, log *journal.Log) (*View, error) {
	v := newView(log)
	f := tape.Read(b)
	v.code(f)
	if err := f.End(); err != nil {
		return nil, fmt.Errorf("exchange: view: %w", err)
	}
	return v, nil
}
