package exchange

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// watch is what customers and addresses are held against: the editions in force and what
// was built from them. It is under Exchange.basis.
type watch struct {
	editions  map[string]*watchlist.Edition // by list
	refs      []gate.EditionRef             // by list
	name      string                        // of all of them together
	number    uint64                        // another each time that it is built, from 1
	index     *match.Index                  // over the entities of all of them
	wallets   chain.Table[wallet]           // listed addresses → whose they are
	unread    int                           // wallets of the lists that are no address of any form
	confirmed map[string]time.Time          // when a list was last known to be the publisher's newest
}

// A wallet is a listed address: of which list, and of which of its entries.
type wallet struct {
	list    string
	entry   *entity.Entity
	written string
}

// builds counts what was built, so that no two are taken for one another.
var builds atomic.Uint64

func (w *watch) build(weights match.Weights) {
	w.number = builds.Add(1)
	w.refs, w.name, w.wallets, w.unread = nil, "", chain.Table[wallet]{}, 0
	var all []entity.Entity
	for _, list := range slices.Sorted(maps.Keys(w.editions)) {
		e := w.editions[list]
		w.refs = append(w.refs, gate.EditionRef{List: list, Published: e.Published.UTC(), SHA256: e.SHA256})
		w.name += list + " " + e.SHA256 + "\n"
		for i := range e.Entities {
			for _, a := range e.Entities[i].Wallets {
				address, err := chain.Parse(a.Address)
				if err != nil || address.Fault != "" && !address.Known {
					w.unread++
				}
				w.wallets.Add(address, wallet{list, &e.Entities[i], a.Address})
			}
		}
		all = append(all, e.Entities...)
	}
	w.index = match.NewIndex(all, weights)
}

// listed names the lists that name an address, sorted. It reports false where that is not
// known: the address cannot be read, or a list names the same key on another chain, in a form
// derived from it or with another tag, which is for a person to look at.
func (w *watch) listed(address string) ([]string, bool) {
	a, err := chain.Parse(address)
	if err != nil {
		return nil, false
	}
	lists, doubtful := []string{}, false
	for _, hit := range w.wallets.Find(a) { // list by list, in their order
		switch {
		case hit.Grade != chain.SameKey:
			doubtful = true
		case !slices.Contains(lists, hit.Value.list):
			lists = append(lists, hit.Value.list)
		}
	}
	return lists, len(lists) > 0 || !doubtful
}

// stale names the lists that nobody has confirmed for longer than the limit.
func (w *watch) stale(now time.Time, after time.Duration) []string {
	lists := []string{}
	for list, at := range w.confirmed {
		if after > 0 && now.Sub(at) > after {
			lists = append(lists, list)
		}
	}
	slices.Sort(lists)
	return lists
}

// screen holds a customer against the index, and everybody whom a firm tells of: its owners,
// their owners, and whoever has a post in any of them. Those are by their index in
// entity.Profile.Related.
func (w *watch) screen(index *match.Index, p *entity.Profile) (own []match.Finding, owners map[int][]match.Finding) {
	own = index.Screen(p.Entity, match.Options{})
	for i, r := range p.Related() {
		if fs := index.Screen(*r.Entity, match.Options{}); len(fs) > 0 {
			if owners == nil {
				owners = map[int][]match.Finding{}
			}
			owners[i] = fs
		}
	}
	return own, owners
}

// screened holds a customer against the lists in force. Of most nobody on them reminds, and that is remembered until the
// lists or the customer's data change: they are asked about at each sign-in, at each movement and at each hour of a rule. The
// caller holds basis, so that neither changes meanwhile.
func (x *Exchange) screened(c *customer) (own []match.Finding, owners map[int][]match.Finding) {
	lists := x.watch.number
	if lists != 0 && c.unlike.Load() == lists {
		return nil, nil
	}
	own, owners = x.watch.screen(x.watch.index, c.profile)
	if len(own) == 0 && len(owners) == 0 {
		c.unlike.Store(lists)
	}
	return own, owners
}

// facts are what is known of a customer for a decision now. The caller holds basis.
func (x *Exchange) facts(c *customer, own []match.Finding, owners map[int][]match.Finding, at time.Time) law.Facts {
	own, owners = x.uncleared(c.account, own, owners)
	f := gate.FactsFor(c.profile, own, owners, x.lists(), at)
	x.holding(&f, c, 0)
	x.state(&f, "lists.stale", x.watch.stale(at, x.cfg.StaleAfter))
	// What cannot be weighed stays unknown, which holds.
	if lives, err := x.lives(c, at); err == nil {
		x.state(&f, "customer.ordinarily", lives.Ordinarily)
		x.state(&f, "customer.contradicted", lives.Contradicted)
	} else {
		x.cfg.Log.Error("where a customer lives cannot be weighed", "account", c.account, "error", err)
	}
	x.state(&f, "customer.licences", x.licensed(c.account, at))
	// What nobody has recorded here yet; each of these facts says so of itself.
	x.state(&f, "customer.state_body_of", "")
	x.state(&f, "customer.financial_institution_of", "")
	x.state(&f, "operator.takes_deposits", false)
	x.state(&f, "operator.sends_parties", x.cfg.SendsParties)
	return f
}

// state sets a fact; a fact that does not fit the schema stays unknown, which holds.
func (x *Exchange) state(f *law.Facts, name string, value any) {
	if err := f.Set(name, value); err != nil {
		x.cfg.Log.Error("a fact does not fit its schema and stays unknown", "fact", name, "error", err)
	}
}

func (x *Exchange) lists() []string {
	lists := make([]string, len(x.watch.refs))
	for i, r := range x.watch.refs {
		lists[i] = r.List
	}
	return lists
}

// judge is a decision about a customer under the basis in force. The caller holds basis.
func (x *Exchange) judge(c *customer, action law.Action, f law.Facts, findings []match.Finding, at time.Time, movement string) gate.Decision {
	return x.judgeFor(nil, c, action, f, findings, at, movement)
}

// judgeFor is judge for an exchange that keeps its own ledger and asked; nil where none did.
func (x *Exchange) judgeFor(asked *gate.Asked, c *customer, action law.Action, f law.Facts, findings []match.Finding, at time.Time, movement string) gate.Decision {
	in := x.question(c, action, f, findings, at)
	in.Asked, in.Movement = asked, movement
	if gate.Stands(action) {
		c.signals.decide(&f)
		for _, o := range x.view.Genesis().Operators { // the customers of all of them trade in one book
			in.Pool = append(in.Pool, o.Nexus...)
		}
	}
	return gate.Decide(in)
}

// question is what is asked about a customer under the basis in force.
func (x *Exchange) question(c *customer, action law.Action, f law.Facts, findings []match.Finding, at time.Time) gate.Input {
	in := x.ownQuestion(action, x.view.Genesis().Operators[c.operator], "", at)
	in.Facts, in.Account, in.Findings, in.Subject = f, c.account, findings, hex.EncodeToString(c.commitment[:])
	in.Cleared, in.Lapsed = x.relied(c.account, findings)
	return in
}

// review decides a customer's standing anew.
func (x *Exchange) review(c *customer, at time.Time) gate.Decision {
	own, owners := x.screened(c)
	return x.judge(c, law.Review, x.facts(c, own, owners, at), allFindings(own, owners), at, "")
}

// allFindings is the customer's own findings and then their owners' and officers', in a fixed
// order.
func allFindings(own []match.Finding, owners map[int][]match.Finding) []match.Finding {
	all := slices.Clone(own)
	for _, i := range slices.Sorted(maps.Keys(owners)) {
		all = append(all, owners[i]...)
	}
	return all
}

func encodeDecision(d gate.Decision) *tape.Decide {
	body, err := d.AppendJSON(nil)
	if err != nil {
		panic(fmt.Sprintf("exchange: a decision does not encode: %v", err)) // it holds only texts, numbers and times
	}
	return &tape.Decide{Body: body}
}

// A Change of the basis and what it did to customers.
type Change struct {
	Added, Changed, Removed int       // entities of the edition
	Rules                   []string  // rules that began or ended, in whole or in a part
	Expired                 []uint64  // accounts of whom a permit or a licence ran out, by number
	At                      time.Time // the last instant of them
	Screened                int       // customers
	Decided                 int       // customers decided again with another outcome
	By                      map[law.Verb]int
	Frozen, Held, Exited    []uint64 // accounts, by number
	Released                []uint64
	Elapsed                 time.Duration // from arrival to the commit that carries it all
	Commits                 int           // one, unless the decisions do not fit into one
}

// TakeEdition takes up a list edition that arrived at the given moment of the machine's
// own clock: it screens every customer against what the edition adds, changes and removes,
// and puts the edition and every decision it brings into the log in one commit. What the
// edition stops is stopped everywhere when TakeEdition returns.
//
// Customers are screened while all else goes on but for what takes value away. Everything waits only while those whom the
// edition touches are decided again, with whoever has come or changed meanwhile.
func (x *Exchange) TakeEdition(e *watchlist.Edition, arrived time.Time) (Change, error) {
	x.leaving.Lock()
	defer x.leaving.Unlock()
	return x.takeEdition(e, x.lookAhead(e), arrived)
}

func (x *Exchange) takeEdition(e *watchlist.Edition, a *ahead, arrived time.Time) (Change, error) {
	x.basis.Lock()
	defer x.basis.Unlock()
	hash, err := hashOf(e.SHA256)
	if err != nil {
		return Change{}, err
	}
	now, err := x.catchUp()
	if err != nil {
		return Change{}, err
	}
	if a.beside != x.watch.name { // another edition came between, which nobody lets
		a = prepare(e, x.watch, x.cfg.Weights)
	}
	built := a.build(x.cfg.Weights)
	delta := &a.delta

	ch := Change{Added: len(delta.Added), Changed: len(delta.Changed), Removed: len(delta.Removed)}
	cmd := &tape.TakeEdition{
		List: e.List, Publisher: e.Publisher, Published: e.Published.UnixMicro(), Arrived: now.UnixMicro(), SHA256: hash,
		Entries: uint32(len(e.Entities)), Added: uint32(len(delta.Added)), Removed: uint32(len(delta.Removed)), Starter: e.Starter,
	}
	affected := x.affected(a, &ch)
	built()
	next := a.next
	next.confirmed = maps.Clone(x.watch.confirmed)
	next.confirmed[e.List] = x.confirmedAt(e.List, now)
	cmds := []tape.Command{cmd}
	for _, end := range x.endings(e, x.watch.editions[e.List]) {
		if x.pending.ended == nil {
			x.pending.ended = map[uint64]*tape.EndClearance{}
		}
		x.pending.ended[end.Clearance] = end
		cmds = append(cmds, end)
	}
	x.watch = next
	x.warnUnread()
	cmds = append(cmds, x.gatePlatforms(now)...)
	err = x.change(cmds, affected, now, &ch)
	x.pending = pending{}
	ch.Elapsed = time.Since(arrived)
	if err != nil {
		return Change{}, err // nothing goes on from here
	}
	return ch, x.reconsider(now)
}

// warnUnread says that wallets of the lists cannot be read: nobody is stopped by them.
func (x *Exchange) warnUnread() {
	if x.watch.unread > 0 {
		x.cfg.Log.Warn("wallets of the lists in force cannot be read as addresses and stop nobody", "wallets", x.watch.unread)
	}
}

// each calls fn for 0 to n-1 on all processors.
func each(n int, fn func(int)) {
	const chunk = 64
	var wg sync.WaitGroup
	limit := make(chan struct{}, processors())
	for from := 0; from < n; from += chunk {
		wg.Add(1)
		limit <- struct{}{}
		go func() {
			defer wg.Done()
			for i := from; i < min(from+chunk, n); i++ {
				fn(i)
			}
			<-limit
		}()
	}
	wg.Wait()
}

// resume decides everybody again, and what lies set aside, as of now. A crash may have come
// between an edition or a rule's hour and the last of the decisions it brings, where they did
// not fit into one commit, or between a movement and what it makes of its customer; and hours
// may have passed while nobody ran. Nothing is taken before that is made up for.
func (x *Exchange) resume() error {
	x.basis.Lock()
	defer x.basis.Unlock()
	x.agenda.followVolume(x.view.nextVolume(len(x.cfg.TierVolumes)))
	at, err := x.catchUp()
	if err != nil {
		return err
	}
	var ch Change
	if err := x.change(append(x.gateAssets(at), x.gatePlatforms(at)...), x.customers.all(), at, &ch); err != nil {
		return err
	}
	return x.reconsider(at)
}

// change is decideAll, and what follows for their orders. It fails the exchange where that did
// not come whole: the basis would be in force and those whom it stops would trade on.
func (x *Exchange) change(first []tape.Command, customers []*customer, at time.Time, ch *Change) error {
	err := x.decideAll(first, customers, at, ch)
	if err == nil {
		err = x.closeOrders(customers)
	}
	if err != nil && !errors.Is(err, ErrClosed) && !errors.Is(err, errAgain) {
		x.fail(err)
	}
	return err
}

// decideAll decides the customers again and puts the command with every decision that says
// something new into the log: in one commit, and only where they do not fit into one in
// several, the gravest first. What is pending before a customer's decision stands just before
// it, and the decision then too, whatever it says. The caller holds basis for writing.
func (x *Exchange) decideAll(first []tape.Command, customers []*customer, at time.Time, ch *Change) error {
	decisions := make([]gate.Decision, len(customers))
	held := make([][]gate.Decision, len(customers))
	each(len(customers), func(i int) { decisions[i], held[i] = x.review(customers[i], at), x.holdings(customers[i], at) })
	type pair struct {
		c    *customer
		d    *gate.Decision
		last underNow
	}
	var news []pair
	for i, c := range customers {
		last := x.view.stance(c.account)
		if _, owed := x.pending.before[c.account]; owed {
			if _, err := x.view.Decision(decisions[i].ID); err == nil {
				return errAgain
			} else if !errors.Is(err, ErrNoDecision) {
				return err
			}
		} else if last.outcome == outcomeOf(&decisions[i]) {
			continue
		}
		news = append(news, pair{c, &decisions[i], last})
	}
	// First of all those whose clearance ends with this commit, so that none of them acts on it.
	reopened := func(p pair) int {
		if slices.ContainsFunc(p.last.cleared(), func(c gate.Clearance) bool { return x.pending.ended[c.ID] != nil }) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(news, func(a, b pair) int {
		return cmp.Or(cmp.Compare(reopened(a), reopened(b)), cmp.Compare(b.d.Verdict, a.d.Verdict))
	})

	cmds, bytes := first, 0
	flush := func(checkpoint bool) error {
		if len(cmds) == 0 {
			return nil
		}
		events, err := x.submitJob(&job{cmds: cmds, basis: true, checkpoint: checkpoint})
		if err != nil {
			return err
		}
		for i, es := range events {
			if r, ok := refusal(es); ok {
				return fmt.Errorf("exchange: %T: %s", cmds[i], r.Reason)
			}
		}
		ch.Commits++
		cmds, bytes = nil, 0
		return nil
	}
	add := func(d *gate.Decision, before ...tape.Command) error {
		cmd := encodeDecision(*d)
		if bytes+len(cmd.Body) > groupBytes*2 {
			if err := flush(false); err != nil {
				return err
			}
		}
		cmds, bytes = append(append(cmds, before...), cmd), bytes+len(cmd.Body)
		return nil
	}
	for _, p := range news {
		if err := add(p.d, x.pending.before[p.c.account]...); err != nil {
			return err
		}
	}
	for _, ds := range held { // of what they hold: their standing has said more
		for i := range ds {
			if err := add(&ds[i]); err != nil {
				return err
			}
		}
	}
	if err := flush(true); err != nil {
		return err
	}
	ch.By = map[law.Verb]int{}
	for _, p := range news {
		ch.Decided++
		ch.By[p.d.Verdict]++
		n := p.c.account
		switch p.d.Verdict {
		case law.Freeze:
			ch.Frozen = append(ch.Frozen, n)
		case law.Hold:
			ch.Held = append(ch.Held, n)
		case law.Exit, law.Cap:
			ch.Exited = append(ch.Exited, n)
		case law.Allow:
			if p.last.Verdict != law.Allow {
				ch.Released = append(ch.Released, n)
			}
		}
	}
	for _, ns := range [][]uint64{ch.Frozen, ch.Held, ch.Exited, ch.Released} {
		slices.Sort(ns)
	}
	return nil
}

// takeRules takes up the rule set this program carries, if another one is in force. The set
// is kept first: no log speaks of rules that nobody has.
func (x *Exchange) takeRules() error {
	x.basis.Lock()
	defer x.basis.Unlock()
	if err := x.checkRules(); err != nil {
		return err
	}
	if err := keepRules(x.files, x.cfg.Dir, x.cfg.Rules); err != nil {
		return err
	}
	hash, err := hashOf(x.cfg.Rules.SHA256())
	if err != nil {
		return err
	}
	marked, _ := x.view.lawMarked()
	x.agenda.follow(x.cfg.Rules, marked)
	if x.view.rulesInForce() == hash {
		return nil
	}
	_, err = x.mark(x.Now(), &tape.TakeRules{SHA256: hash, Rules: uint32(len(x.cfg.Rules.Rules()))})
	return err
}

// checkRules refuses a set with a rule that binds an operator here and whose answer nobody would
// ask for: a law in force would be passed over without a word.
func (x *Exchange) checkRules() error {
	for _, r := range x.cfg.Rules.Rules() {
		for _, op := range x.view.Genesis().Operators {
			if why := r.Unasked(); why != "" && r.BindsAny(op.Nexus) {
				return fmt.Errorf("exchange: rule %s %s", r.ID, why)
			}
		}
	}
	return nil
}

// confirmedAt is when the list's edition was last confirmed, which is when it was taken up
// where nobody keeps account of it.
func (x *Exchange) confirmedAt(list string, taken time.Time) time.Time {
	if x.cfg.Confirmed != nil {
		if at, ok := x.cfg.Confirmed(list); ok {
			return at
		}
	}
	return taken
}

// A SilentList is one whose publisher has not been heard of for longer than allowed.
type SilentList struct {
	List      string
	Confirmed time.Time // when it last was
}

// Silent tells of the lists that have fallen silent, by name: withdrawals wait meanwhile, and
// every decision names them. It is empty where no limit is set.
func (x *Exchange) Silent() []SilentList {
	x.basis.RLock()
	defer x.basis.RUnlock()
	var out []SilentList
	for _, list := range x.watch.stale(x.Now(), x.cfg.StaleAfter) {
		out = append(out, SilentList{list, x.watch.confirmed[list].UTC()})
	}
	return out
}

// alarm tells the log once of each list that falls silent, and once that it is back.
func (x *Exchange) alarm() {
	now := map[string]bool{}
	for _, s := range x.Silent() {
		if now[s.List] = true; !x.silent[s.List] {
			x.cfg.Log.Error("a list has fallen silent: withdrawals wait, and every decision names it, until its publisher is heard of again",
				"list", s.List, "confirmed", s.Confirmed.Format(time.RFC3339), "allowed", x.cfg.StaleAfter)
		}
	}
	for _, list := range slices.Sorted(maps.Keys(x.silent)) {
		if !now[list] {
			x.cfg.Log.Info("a list that had fallen silent is confirmed again", "list", list)
		}
	}
	x.silent = now
}

// Confirm says that the edition of a list in force was the publisher's newest at the given
// time.
func (x *Exchange) Confirm(list string, at time.Time) {
	x.basis.Lock()
	defer x.basis.Unlock()
	if x.watch.editions[list] != nil && at.After(x.watch.confirmed[list]) {
		x.watch.confirmed[list] = at
		x.resend()
	}
}

// followLaw keeps the rules' hours, and listens whether lists fall silent.
func (x *Exchange) followLaw() {
	defer x.senders.Done()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var soon lawAhead
	for {
		select {
		case <-x.quit:
			return
		case <-tick.C:
			if !x.due() {
				// nothing: the dates are in order, and the next one lies ahead
			} else if _, err := x.MarkLaw(); err != nil {
				x.cfg.Log.Error("the law's hour could not be put into the log", "error", err)
			}
			x.alarm()
			soon.screen(x)
		}
	}
}

// lawAhead screens who has not been since the lists changed, before the hour of a rule comes: then everybody is decided again
// while all else waits.
type lawAhead struct {
	lists uint64 // watch.number
	left  []*customer
}

const (
	lawSoon        = 10 * time.Minute // before a rule's hour
	screenedTick   = 8192             // customers each second, at most
	screenedAtOnce = 512              // while whoever changes the basis waits
)

func (l *lawAhead) screen(x *Exchange) {
	if x.agenda.lawAt() > x.Now().Add(lawSoon).UnixMicro() {
		*l = lawAhead{}
		return
	}
	for done := 0; done < screenedTick; done += screenedAtOnce {
		x.basis.RLock()
		if l.lists != x.watch.number {
			l.lists, l.left = x.watch.number, x.customers.all()
		}
		some := l.left[:min(screenedAtOnce, len(l.left))]
		each(len(some), func(i int) { x.screened(some[i]) })
		x.basis.RUnlock()
		if l.left = l.left[len(some):]; len(l.left) == 0 {
			return
		}
	}
}

func refusal(events []tape.Event) (tape.Refused, bool) {
	for _, e := range events {
		if r, ok := e.(tape.Refused); ok {
			return r, true
		}
	}
	return tape.Refused{}, false
}

func hashOf(s string) (h tape.Hash, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) {
		return h, fmt.Errorf("exchange: %q: want 64 hexadecimal digits", s)
	}
	copy(h[:], b)
	return h, nil
}
