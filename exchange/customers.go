package exchange

import (
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/signin"
	"sallyport/vault"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// A customer as the exchange works with them: who they are (from the vault). What was last decided of their standing the
// view has (View.stance).
type customer struct {
	account    uint64
	ref        string // the profile's own id, which never changes
	operator   uint16
	commitment tape.Hash       // to the profile, as the vault has it; under Exchange.basis
	logged     tape.Hash       // the one that the log had when it was opened
	profile    *entity.Profile // under Exchange.basis, but for its ID, which never changes
	unlike     atomic.Uint64   // watch.number of the last lists of which the profile resembles nobody
	signals    signals
	proof      proof

	// told is set for a customer of an exchange that keeps its own ledger: what that one says
	// it alone knows of them. Under Exchange.basis; nil for who holds their assets here.
	told *law.Facts
}

type customers struct {
	mu        sync.RWMutex
	byAccount map[uint64]*customer
	byRef     map[string]uint64 // the profile's own id → account
	asking    map[string]bool   // references and e-mail addresses whose applications are being decided
	keys      map[string]*Key   // by name
	byEmail   map[string]uint64 // that a customer signs in with → account
	byHandle  map[string]uint64 // under which devices keep a customer's passkeys → account
}

func newCustomers() *customers {
	return &customers{byAccount: map[uint64]*customer{}, byRef: map[string]uint64{}, asking: map[string]bool{}, keys: map[string]*Key{}, byEmail: map[string]uint64{}, byHandle: map[string]uint64{}}
}

func (cs *customers) add(c *customer) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	cs.byAccount[c.account] = c
	if c.profile.ID != "" {
		cs.byRef[c.profile.ID] = c.account
	}
	if l := c.proof.login; l != nil {
		cs.byEmail[l.Email] = c.account
		if len(l.Handle) > 0 {
			cs.byHandle[string(l.Handle)] = c.account
		}
	}
}

// ask takes the references of applications until the answer is given, so that two of one
// applicant, in one call or two, do not both find that they have no account yet.
func (cs *customers) ask(applications []Application) (answered func(), err error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	var taken []string
	release := func() {
		for _, ref := range taken {
			delete(cs.asking, ref)
		}
	}
	for _, a := range applications {
		if a.Login != nil {
			mail := "mail " + a.Login.Email
			if _, ok := cs.byEmail[a.Login.Email]; ok || cs.asking[mail] {
				release()
				return nil, ErrEmailTaken
			}
			cs.asking[mail] = true
			taken = append(taken, mail)
		}
		if a.Profile.ID == "" {
			continue
		}
		ref := "ref " + a.Profile.ID
		if n, ok := cs.byRef[a.Profile.ID]; ok {
			release()
			return nil, fmt.Errorf("exchange: the applicant's reference %q has account %d already", a.Profile.ID, n)
		}
		if cs.asking[ref] {
			release()
			return nil, fmt.Errorf("exchange: the applicant's reference %q asks twice", a.Profile.ID)
		}
		cs.asking[ref] = true
		taken = append(taken, ref)
	}
	return func() { cs.mu.Lock(); defer cs.mu.Unlock(); release() }, nil
}

// reserve takes an e-mail address for a login that is being kept, unless somebody signs in with it.
func (cs *customers) reserve(email string) (release func(), err error) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	mail := "mail " + email
	if _, ok := cs.byEmail[email]; ok || cs.asking[mail] {
		return nil, ErrEmailTaken
	}
	cs.asking[mail] = true
	return func() { cs.mu.Lock(); defer cs.mu.Unlock(); delete(cs.asking, mail) }, nil
}

func (cs *customers) find(account uint64) *customer {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	return cs.byAccount[account]
}

// all lists every customer, by account.
func (cs *customers) all() []*customer {
	cs.mu.RLock()
	defer cs.mu.RUnlock()
	list := make([]*customer, 0, len(cs.byAccount))
	for _, c := range cs.byAccount {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b *customer) int { return cmp.Compare(a.account, b.account) })
	return list
}

func processors() int { return runtime.GOMAXPROCS(0) }

// What the vault holds of a customer.
const (
	profileItem = "profile"
	keyItem     = "api-key/" // and the key's id
	toldItem    = "told"     // of a customer of an exchange that keeps its own ledger
)

// loadCustomers joins what the log says of accounts with what the vault says of their
// holders, and takes the editions in force up again.
func (x *Exchange) loadCustomers() error {
	accounts := x.view.Accounts()
	loaded, errs := make([]loaded, len(accounts)), make([]error, len(accounts))
	each(len(accounts), func(i int) { loaded[i], errs[i] = x.loadCustomer(&accounts[i]) })
	last := uint64(ledger.First) - 1
	for i, l := range loaded {
		if errs[i] != nil {
			return fmt.Errorf("exchange: account %d: %w", accounts[i].Number, errs[i])
		}
		x.customers.add(l.customer)
		if len(l.waiting) > 0 {
			x.waiting.set(l.account, l.waiting)
		}
		last = max(last, l.account)
	}
	// An applicant who was refused has a number and a profile, but no account.
	if err := x.vault.Customers(func(n uint64) error { last = max(last, n); return nil }); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	x.next.Store(last)
	for key, n := range x.view.allKeys() {
		kept, err := x.vault.Get(n, keyItem+key)
		if err == nil {
			x.customers.keys[key], err = readKey(key, n, kept)
		}
		if err != nil {
			return fmt.Errorf("exchange: account %d: an API key: %w", n, err)
		}
	}

	x.watch = watch{editions: map[string]*watchlist.Edition{}, confirmed: map[string]time.Time{}}
	for _, in := range x.view.Summary().Editions {
		e, err := x.cfg.Edition(in.List, in.SHA256)
		if err != nil {
			return fmt.Errorf("exchange: the edition of %s that is in force (SHA-256 %x): %w", in.List, in.SHA256, err)
		}
		x.watch.editions[in.List] = e
		x.watch.confirmed[in.List] = x.confirmedAt(in.List, in.Taken)
	}
	x.watch.build(x.cfg.Weights)
	x.warnUnread()
	for _, c := range x.customers.all() {
		x.agenda.add(c, x.view.stance(c.account).made, x.view.inLicence(c.account))
	}
	return nil
}

// loaded is what the vault has of a customer.
type loaded struct {
	*customer
	waiting []WaitingLicence
}

func (x *Exchange) loadCustomer(a *Account) (l loaded, err error) {
	kept, err := x.vault.DiscloseAll(a.Number, profileItem, toldItem, signInsItem, loginItem, identityItem, waitingItem)
	if err != nil {
		return l, err
	}
	if kept[0] == nil {
		return l, vault.ErrNotFound
	}
	subject := x.view.stance(a.Number).subject
	if subject == (tape.Hash{}) {
		return l, errors.New("it stands under a decision that the log does not hold, or that was made on nobody's data")
	}
	operator := slices.IndexFunc(x.view.Genesis().Operators, func(o tape.Operator) bool { return o.Name == a.Operator.Name })
	c := &customer{account: a.Number, operator: uint16(operator), commitment: tape.Hash(kept[0].Commitment()), logged: subject, profile: new(entity.Profile)}
	l.customer = c
	var login signin.Login
	for i, item := range []struct {
		what string
		into any
		gone bool // there is none of it any more where nothing is kept
	}{
		{"the profile in the vault", c.profile, false}, {"what was told of it", &c.told, false}, {"what is kept of sign-ins", &c.signals.signIns, false},
		{"what it signs in with", &login, true}, {"its identity", &c.proof.identity, true}, {"what is kept of licences that wait", &l.waiting, false},
	} {
		if kept[i] == nil || item.gone && len(kept[i].Plaintext) == 0 {
			continue
		}
		if json.Unmarshal(kept[i].Plaintext, item.into) != nil {
			return l, fmt.Errorf("%s does not decode", item.what)
		}
		if item.into == &login {
			c.proof.login = &login
		}
	}
	c.ref = c.profile.ID
	c.proof.weigh()
	return l, nil
}

// An Application asks for an account at an operator. A Profile.ID, if set, is the
// applicant's own reference: one account each.
type Application struct {
	Operator string
	Profile  entity.Profile

	// Of an exchange that keeps its own ledger (see Ask); nil for who is to hold assets here.
	Told  *law.Facts // that it alone knows, such as the value of what they hold there
	Asked *gate.Asked

	// Of who signs up by themselves: what they sign in with. They are not identified until
	// somebody says so (see Identify); whom the desk opens an account for, the desk knows.
	Login *signin.Login
}

// Opened says what came of an application.
type Opened struct {
	Account  uint64 // the account, or the number the refusal is filed under
	Refused  bool
	Decision gate.Decision
}

// Open asks the gate about each application and opens an account for those it does not
// refuse. All of them enter the log in one commit. An application whose reference has an
// account already fails, and with it all of them.
func (x *Exchange) Open(applications ...Application) ([]Opened, error) {
	if len(applications) == 0 {
		return nil, nil
	}
	g := x.view.Genesis()
	answered, err := x.customers.ask(applications)
	if err != nil {
		return nil, err
	}
	defer answered()
	cs := make([]*customer, len(applications))
	items := make([]vault.Item, len(applications))
	for i, a := range applications {
		op := slices.IndexFunc(g.Operators, func(o tape.Operator) bool { return o.Name == a.Operator })
		if op < 0 {
			return nil, fmt.Errorf("exchange: no operator %q", a.Operator)
		}
		p := a.Profile
		cs[i] = &customer{account: x.next.Add(1), ref: p.ID, operator: uint16(op), profile: &p}
		b, err := encodeProfile(&p)
		if err != nil {
			return nil, err
		}
		items[i] = vault.Item{Customer: cs[i].account, Name: profileItem, Plaintext: b}
		if a.Told != nil {
			if err := CheckTold(*a.Told); err != nil {
				return nil, err
			}
			own := a.Told.Clone()
			cs[i].told = &own
			told, err := tellItem(cs[i].account, a.Told)
			if err != nil {
				return nil, err
			}
			items = append(items, told) // behind the profiles
		}
		if a.Login != nil {
			own := *a.Login
			cs[i].proof.login = &own
			cs[i].proof.weigh()
			proof, err := proofItems(cs[i].account, &own, &Identity{})
			if err != nil {
				return nil, err
			}
			items = append(items, proof...)
		}
	}
	// The vault first: the log never speaks of a customer whom nobody knows.
	commitments, err := x.keepAll(items)
	if err != nil {
		return nil, err
	}
	for i, c := range cs {
		c.commitment = tape.Hash(commitments[i])
		c.logged = c.commitment
	}
	var opened []Opened
	err = x.timely(func() (err error) {
		opened, err = x.openAll(cs, applications)
		return err
	})
	return opened, err
}

// keepAll puts items into the vault, which stays open while basis is held, if it is not.
func (x *Exchange) keepAll(items []vault.Item) ([]vault.Commitment, error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() {
		return nil, ErrClosed
	}
	commitments, err := x.vault.PutAll(items)
	if err != nil {
		return nil, fmt.Errorf("exchange: %w", err)
	}
	return commitments, nil
}

// openAll decides on applicants whom the vault has, and opens accounts for those who are not
// refused.
func (x *Exchange) openAll(cs []*customer, applications []Application) ([]Opened, error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	at := x.Now()
	decisions := make([]gate.Decision, len(cs))
	each(len(cs), func(i int) {
		c := cs[i]
		own, owners := x.screened(c)
		decisions[i] = x.judgeFor(applications[i].Asked, c, law.OpenAccount, x.facts(c, own, owners, at), allFindings(own, owners), at, "")
	})
	var cmds []tape.Command
	for i, c := range cs {
		id, err := hashOf(decisions[i].ID)
		if err != nil {
			return nil, err
		}
		cmds = append(cmds, encodeDecision(decisions[i]), &tape.OpenAccount{Account: c.account, Operator: c.operator, Commitment: c.commitment, Decision: id})
	}
	events, err := x.submitJob(&job{cmds: cmds})
	if err != nil {
		return nil, err
	}
	opened := make([]Opened, len(cs))
	for i, c := range cs {
		r, refused := refusal(append(events[2*i], events[2*i+1]...))
		opened[i] = Opened{Account: c.account, Refused: refused, Decision: decisions[i]}
		if !refused {
			x.customers.add(c)
			x.agenda.add(c, decisions[i].At.UnixMicro(), nil)
			continue
		}
		if c.proof.login != nil { // nobody signs in to an account that there is not
			if _, e := x.vault.Put(c.account, loginItem, nil); e != nil {
				err = errors.Join(err, fmt.Errorf("exchange: %w", e))
			}
		}
		if r.Reason != tape.Stopped {
			err = errors.Join(err, fmt.Errorf("exchange: account %d: %s", c.account, r.Reason))
		}
	}
	return opened, err
}

// encodeProfile is a profile as the vault keeps it. One that tells of more owners and officers
// than a decision reads, or otherwise than it can, is not taken.
func encodeProfile(p *entity.Profile) ([]byte, error) {
	if err := p.CheckRelated(); err != nil {
		return nil, fmt.Errorf("exchange: a profile's %w", err)
	}
	b, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("exchange: a profile does not encode: %w", err)
	}
	return b, nil
}

// ByRef finds the account that was opened for an applicant's own reference.
func (x *Exchange) ByRef(ref string) (uint64, bool) {
	x.customers.mu.RLock()
	defer x.customers.mu.RUnlock()
	n, ok := x.customers.byRef[ref]
	return n, ok
}

// Profile is who holds an account: personal data, for those who may see it.
func (x *Exchange) Profile(account uint64) (entity.Profile, bool) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if c := x.customers.find(account); c != nil {
		return *c.profile, true
	}
	return entity.Profile{}, false
}

// valueCents is what an account holds here, in cents of a euro, rounded down.
func (x *Exchange) valueCents(account uint64) int64 { return x.view.ValueCents(account, x.cfg.EuroPer) }

// ValueCents is what an account holds, in cents of a euro, rounded down. perUnit is what one
// unit of an asset is worth while no market prices it.
func (v *View) ValueCents(account uint64, perUnit map[string]money.Amount) int64 {
	a, ok := v.Account(account)
	if !ok {
		return 0
	}
	var cents int64
	for i, b := range a.Balances {
		total, err := b.Total()
		if err != nil {
			return maxCents
		}
		cents = min(cents+v.cents(uint16(i), total, perUnit), maxCents) // at each step: many assets would overflow
	}
	return cents
}

const maxCents = 1 << 53 // beyond any test in any rule

// worth is the value of an amount of an asset in cents of a euro, rounded down; it reports false
// where that is not known: the asset has no price here, or the amount is none.
func (x *Exchange) worth(asset string, amount money.Amount) (cents int64, known bool) {
	i, here := x.view.Asset(asset)
	if !here || amount.Sign() <= 0 || x.view.euros(i, x.cfg.EuroPer).IsZero() {
		return 0, false
	}
	return x.cents(i, amount), true
}

// cents is the value of an amount in cents of a euro, rounded down; an amount whose value
// does not fit is worth the most.
func (x *Exchange) cents(asset uint16, amount money.Amount) int64 {
	return x.view.cents(asset, amount, x.cfg.EuroPer)
}

func (v *View) cents(asset uint16, amount money.Amount, perUnit map[string]money.Amount) int64 {
	if amount.IsZero() {
		return 0
	}
	value, err := amount.Mul(v.euros(asset, perUnit), money.Down)
	if err == nil {
		value, err = value.Mul(money.Int(100), money.Down)
	}
	if err != nil || money.Int(maxCents).Less(value) {
		return maxCents
	}
	return value.Whole()
}

// euros is the price of an asset in euro: of the last trade against an asset whose price
// is known, or the reference price.
func (v *View) euros(asset uint16, perUnit map[string]money.Amount) money.Amount {
	g := v.Genesis()
	for i, m := range g.Markets {
		if m.Base != asset {
			continue
		}
		if last := v.LastPrice(uint16(i)); !last.IsZero() {
			if p, err := last.Mul(perUnit[g.Assets[m.Quote].Code], money.Down); err == nil && !p.IsZero() {
				return p
			}
		}
	}
	return perUnit[g.Assets[asset].Code]
}

// A Refusal says why something was not done. It is an answer, not a failure.
type Refusal struct {
	Reason   tape.Reason
	Decision string // id of the decision that stopped it, or ""
	Verdict  law.Verb

	Unidentified bool // the house lets nobody do it whom it has not identified; no law says so
}

// Why is the reason in words.
func (r *Refusal) Why() string {
	if r.Unidentified {
		return "the account's holder has not been identified"
	}
	return r.Reason.String()
}

func (r *Refusal) Error() string {
	if r.Decision != "" {
		return fmt.Sprintf("%s (decision %s)", r.Why(), r.Decision)
	}
	return r.Why()
}

// AsRefusal finds a refusal in an error.
func AsRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	return r, errors.As(err, &r)
}

func (x *Exchange) refused(r tape.Refused) error {
	ref := &Refusal{Reason: r.Reason}
	if r.Decision != (tape.Hash{}) {
		ref.Decision = hex.EncodeToString(r.Decision[:])
		d, err := x.view.Decision(ref.Decision)
		switch {
		case err == nil:
			ref.Verdict = d.Decision.Verdict
		case !errors.Is(err, ErrNoDecision):
			return err
		}
	}
	return ref
}
