package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"sallyport/identity"
	"sallyport/signin"
	"sallyport/vault"
	"sallyport/venue/tape"
)

// proof is by what a customer shows that they are who they say: what they sign in with, and
// what they handed in. It lies in the vault beside the profile and goes with it; the log
// hears nothing of it, for no law of the rules reads it. That a customer must be identified
// before they trade is the house's own order of business, and the exchange sees to it.
type proof struct {
	mu       sync.Mutex    // taken after basis, never before
	login    *signin.Login // nil for whom the desk opened an account and has not invited
	identity Identity
	open     atomic.Bool // they need to be identified and are not
}

// An Identity is how far a customer is identified, and what they handed in for it.
type Identity struct {
	identity.Answer
	Files []HandedIn        `json:"files,omitempty"`
	First *identity.Answer  `json:"first,omitempty"` // a yes that waits for a second operator user's
	Past  []identity.Answer `json:"past,omitempty"`  // every answer but the customer's own, the oldest first; the last maxPast
}

const maxPast = 50

// HandedIn is one file that shows who a customer is, without what it shows.
type HandedIn struct {
	Kind   identity.Kind `json:"kind"`
	Size   int           `json:"size"`
	SHA256 string        `json:"sha256"` // hex
	At     time.Time     `json:"at"`
}

const (
	loginItem    = "login"     // in the vault; empty for an applicant who was refused
	identityItem = "identity"  // and
	fileItem     = "identity/" // number/part of a file
)

// proofItems are the records of a proof.
func proofItems(account uint64, login *signin.Login, id *Identity) ([]vault.Item, error) {
	var items []vault.Item
	for _, one := range []struct {
		name  string
		value any
	}{{loginItem, login}, {identityItem, id}} {
		if one.value == (*signin.Login)(nil) {
			continue
		}
		b, err := json.Marshal(one.value)
		if err != nil {
			return nil, fmt.Errorf("exchange: account %d: %s: %w", account, one.name, err)
		}
		items = append(items, vault.Item{Customer: account, Name: one.name, Plaintext: b})
	}
	return items, nil
}

// weigh sets open. Whom the desk opened an account for is the desk's own until it says
// otherwise, also when it has invited them to sign in; who signed up is nobody's until somebody says so.
func (p *proof) weigh() {
	state := p.identity.State
	signedUp := p.login != nil && !p.login.Invited
	p.open.Store(state != identity.Accepted && (signedUp || state != identity.Unknown))
}

// refusesUnidentified is why an account may neither trade nor withdraw though its standing
// lets it, or nil.
func (x *Exchange) refusesUnidentified(account uint64) *Refusal {
	if x.cfg.TradeUnidentified {
		return nil
	}
	c := x.customers.find(account)
	if c == nil || !c.proof.open.Load() {
		return nil
	}
	return &Refusal{Reason: tape.Stopped, Unidentified: true}
}

// Unidentified reports whether an account may neither trade nor withdraw because its holder
// is not identified.
func (x *Exchange) Unidentified(account uint64) bool { return x.refusesUnidentified(account) != nil }

// LoginOf finds who signs in with an e-mail address (see signin.Email).
func (x *Exchange) LoginOf(email string) (account uint64, login signin.Login, ok bool) {
	x.customers.mu.RLock()
	account, ok = x.customers.byEmail[email]
	x.customers.mu.RUnlock()
	if !ok {
		return 0, signin.Login{}, false
	}
	login, ok = x.Login(account)
	return account, login, ok
}

// LoginOfHandle finds whose passkeys devices keep under a handle.
func (x *Exchange) LoginOfHandle(handle []byte) (account uint64, ok bool) {
	if len(handle) == 0 {
		return 0, false
	}
	x.customers.mu.RLock()
	defer x.customers.mu.RUnlock()
	account, ok = x.customers.byHandle[string(handle)]
	return account, ok
}

// Login is what an account's holder signs in with; false where the desk opened it.
func (x *Exchange) Login(account uint64) (signin.Login, bool) {
	c := x.customers.find(account)
	if c == nil {
		return signin.Login{}, false
	}
	c.proof.mu.Lock()
	defer c.proof.mu.Unlock()
	if c.proof.login == nil {
		return signin.Login{}, false
	}
	return *c.proof.login, true
}

// ChangeLogin changes what a customer signs in with, but for the e-mail address. Changes of
// one login come one after the other; an error of change leaves it as it was.
func (x *Exchange) ChangeLogin(account uint64, change func(*signin.Login) error) error {
	return x.keepLogin(account, func(old *signin.Login) (*signin.Login, error) {
		if old == nil {
			return nil, &Refusal{Reason: tape.UnknownAccount}
		}
		next := old.Clone()
		if err := change(&next); err != nil {
			return nil, err
		}
		next.Email = old.Email
		return &next, nil
	})
}

// ChangeEmail makes another e-mail address the one that a customer signs in with, in the same write
// as what else change changes, and then the one of their profile, which is decided again.
// ErrEmailTaken where it is somebody's.
func (x *Exchange) ChangeEmail(account uint64, email string, change func(*signin.Login) error) error {
	release, err := x.customers.reserve(email)
	if err != nil {
		return err
	}
	defer release()
	err = x.keepLogin(account, func(old *signin.Login) (*signin.Login, error) {
		if old == nil {
			return nil, &Refusal{Reason: tape.UnknownAccount}
		}
		next := old.Clone()
		if err := change(&next); err != nil {
			return nil, err
		}
		next.Email = email
		return &next, nil
	})
	if err != nil {
		return err
	}
	profile, ok := x.Profile(account)
	if !ok || profile.Email == "" { // nobody told the desk of any
		return nil
	}
	profile.Email = email
	_, err = x.Amend(account, profile)
	return err
}

// ErrSignsIn says that the account's holder signs in already.
var ErrSignsIn = errors.New("exchange: the account's holder signs in already")

// Invite lets the holder of an account that the desk opened sign in, with a login that change makes
// out of an empty one, or out of that of an invitation which was not answered. They stay as known
// to the desk as they were.
func (x *Exchange) Invite(account uint64, email string, change func(*signin.Login) error) error {
	if l, ok := x.Login(account); !ok || l.Email != email {
		release, err := x.customers.reserve(email)
		if err != nil {
			return err
		}
		defer release()
	}
	return x.keepLogin(account, func(old *signin.Login) (*signin.Login, error) {
		next := signin.Login{Since: x.Now()}
		switch {
		case old != nil && (!old.Invited || old.Password != ""):
			return nil, ErrSignsIn
		case old != nil:
			next = old.Clone()
		}
		if err := change(&next); err != nil {
			return nil, err
		}
		next.Email, next.Invited = email, true
		return &next, nil
	})
}

// keepLogin keeps what make makes of an account's login, which is nil where it has none.
func (x *Exchange) keepLogin(account uint64, make func(old *signin.Login) (*signin.Login, error)) error {
	x.basis.RLock()
	defer x.basis.RUnlock()
	c := x.customers.find(account)
	if c == nil {
		return &Refusal{Reason: tape.UnknownAccount}
	}
	if x.closing.Load() {
		return ErrClosed
	}
	c.proof.mu.Lock()
	defer c.proof.mu.Unlock()
	old := c.proof.login
	next, err := make(old)
	if err != nil {
		return err
	}
	b, err := json.Marshal(next)
	if err != nil {
		return fmt.Errorf("exchange: account %d: login: %w", account, err)
	}
	if _, err := x.vault.Put(account, loginItem, b); err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	c.proof.login = next
	c.proof.weigh()
	x.customers.mu.Lock()
	defer x.customers.mu.Unlock()
	if old != nil && old.Email != next.Email {
		delete(x.customers.byEmail, old.Email)
	}
	x.customers.byEmail[next.Email] = account
	if len(next.Handle) > 0 {
		x.customers.byHandle[string(next.Handle)] = account
	}
	return nil
}

// Identity is how far a customer is identified.
func (x *Exchange) Identity(account uint64) (Identity, bool) {
	c := x.customers.find(account)
	if c == nil {
		return Identity{}, false
	}
	return c.proof.known(), true
}

func (p *proof) known() Identity {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := p.identity
	id.Files, id.Past = slices.Clone(id.Files), slices.Clone(id.Past)
	return id
}

// Identities are the accounts whose holders handed something in or were answered, in a
// state or, where it is identity.Unknown, in any.
func (x *Exchange) Identities(state identity.State) map[uint64]Identity {
	found := map[uint64]Identity{}
	for _, c := range x.customers.all() {
		id := c.proof.known()
		if id.State != identity.Unknown && (state == identity.Unknown || id.State == state) {
			found[c.account] = id
		}
	}
	return found
}

// ErrHandedIn says that a file is not taken.
var ErrHandedIn = errors.New("exchange: the file is not taken")

// HandIn takes a file that shows who a customer is into the vault, and asks the checker.
func (x *Exchange) HandIn(ctx context.Context, account uint64, file []byte) (Identity, error) {
	kind, err := identity.Sniff(file)
	if err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrHandedIn, err)
	}
	c := x.customers.find(account)
	if c == nil {
		return Identity{}, &Refusal{Reason: tape.UnknownAccount}
	}
	before, err := x.handIn(c, kind, file)
	if err != nil || before.State != identity.Waits {
		return before, err
	}
	said, err := x.check(ctx, c, len(before.Files))
	if err == nil {
		err = said.Check()
	}
	if err != nil { // the case waits for a person
		x.cfg.Log.Error("a customer's identity could not be checked", "account", account, "error", err)
		return before, nil
	}
	said.At = x.Now()
	return x.checked(c, said, len(before.Files))
}

func (x *Exchange) handIn(c *customer, kind identity.Kind, file []byte) (Identity, error) {
	x.basis.RLock()
	defer x.basis.RUnlock()
	if x.closing.Load() {
		return Identity{}, ErrClosed
	}
	p := &c.proof
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.identity.Files)
	if n >= identity.MaxFiles {
		return Identity{}, fmt.Errorf("%w: there are %d of this customer already", ErrHandedIn, n)
	}
	next := p.identity
	sum, at := sha256.Sum256(file), x.Now()
	next.Files = append(slices.Clone(next.Files), HandedIn{Kind: kind, Size: len(file), SHA256: hex.EncodeToString(sum[:]), At: at})
	if next.State != identity.Accepted {
		next.Answer = identity.Answer{State: identity.Waits, By: "customer", At: at}
		next.First = nil // which was of what there was before
	}
	items, err := proofItems(c.account, nil, &next)
	if err != nil {
		return Identity{}, err
	}
	part := 0
	for b := range slices.Chunk(file, vault.MaxPlaintext) {
		items = append(items, vault.Item{Customer: c.account, Name: fmt.Sprintf("%s%d/%d", fileItem, n, part), Plaintext: b})
		part++
	}
	if _, err := x.vault.PutAll(items); err != nil {
		return Identity{}, fmt.Errorf("exchange: %w", err)
	}
	p.identity = next
	p.weigh()
	return next, nil
}

// check asks the checker of a customer with so many files.
func (x *Exchange) check(ctx context.Context, c *customer, files int) (identity.Answer, error) {
	profile, _ := x.Profile(c.account)
	whole := identity.Case{Account: c.account, Profile: profile}
	if _, manual := x.cfg.Identify.(identity.Manual); !manual { // who looks for themselves needs no copies
		for n := range files {
			_, b, err := x.IdentityFile(c.account, n)
			if err != nil {
				return identity.Answer{}, err
			}
			whole.Files = append(whole.Files, b)
		}
	}
	return x.cfg.Identify.Check(ctx, whole)
}

// IdentityFile is a file that a customer handed in, by its place among them.
func (x *Exchange) IdentityFile(account uint64, n int) (HandedIn, identity.File, error) {
	id, ok := x.Identity(account)
	if !ok || n < 0 || n >= len(id.Files) {
		return HandedIn{}, identity.File{}, fmt.Errorf("%w: there is no such file", ErrHandedIn)
	}
	in := id.Files[n]
	var whole []byte
	for part := 0; len(whole) < in.Size; part++ {
		b, err := x.vault.Get(account, fmt.Sprintf("%s%d/%d", fileItem, n, part))
		if err != nil {
			return HandedIn{}, identity.File{}, fmt.Errorf("exchange: %w", err)
		}
		whole = append(whole, b...)
	}
	if sum := sha256.Sum256(whole); hex.EncodeToString(sum[:]) != in.SHA256 {
		return HandedIn{}, identity.File{}, fmt.Errorf("exchange: account %d: a file is not the one that was handed in", account)
	}
	return in, identity.File{Kind: in.Kind, Bytes: whole}, nil
}

// Why an answer is not taken; found by errors.Is.
var (
	ErrAnswer = errors.New("exchange: the answer is not taken") // it lacks what it must say
	ErrSeen   = errors.New("exchange: the customer has handed in something since it was looked at")
	ErrSecond = errors.New("exchange: the second yes must be another operator user's")
	ErrAgain  = errors.New("exchange: the customer is identified already")
)

// Identify takes the word of the desk, or of a provider that needed time, on who a customer
// is, having seen so many files; less than 0 is whatever there is. Unless it is a yes, the
// customer's open orders end. Where the desk demands two users, the first yes waits for the
// second.
func (x *Exchange) Identify(account uint64, a identity.Answer, seen int) (Identity, error) {
	c := x.customers.find(account)
	if c == nil {
		return Identity{}, &Refusal{Reason: tape.UnknownAccount}
	}
	a.At = x.Now()
	if err := a.Check(); err != nil {
		return Identity{}, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	manual, _ := x.cfg.Identify.(identity.Manual)
	return x.recordAnswer(c, func(id *Identity) error {
		if seen >= 0 && len(id.Files) != seen {
			return ErrSeen
		}
		if id.First != nil && !x.view.mightSay(id.First.By, tape.MayCompliance, id.First.At) {
			id.First = nil // who said it may say it no longer, or is another
		}
		return id.answer(a, manual.TwoUsers)
	})
}

// answer takes an answer; a yes as the first of two where two must say it.
func (id *Identity) answer(a identity.Answer, two bool) error {
	first := id.First
	switch {
	case a.State != identity.Accepted || !two:
		id.Answer, id.First = a, nil
	case id.State == identity.Accepted:
		return ErrAgain
	case first == nil:
		id.Answer, id.First = identity.Answer{State: identity.Waits, By: "desk", At: a.At}, &a
	case strings.EqualFold(strings.TrimSpace(first.By), strings.TrimSpace(a.By)):
		return ErrSecond
	default:
		id.Answer, id.First = a, nil
		id.By, id.Second = first.By, a.By
	}
	id.Past = append(slices.Clone(id.Past), a)
	if n := len(id.Past); n > maxPast {
		id.Past = id.Past[n-maxPast:]
	}
	return nil
}

// checked takes the answer of a checker that saw so many files. It is of no use where there are
// others by now, or a person has answered.
func (x *Exchange) checked(c *customer, a identity.Answer, files int) (Identity, error) {
	return x.recordAnswer(c, func(id *Identity) error {
		if len(id.Files) != files || id.State != identity.Waits {
			return errUseless
		}
		if a.State == identity.Waits {
			id.Answer = a // which may have the checker's reference
			return nil
		}
		return id.answer(a, false)
	})
}

var errUseless = errors.New("exchange: the answer comes too late")

// recordAnswer records what an answer makes of a customer's identity.
func (x *Exchange) recordAnswer(c *customer, take func(*Identity) error) (Identity, error) {
	x.basis.Lock() // no order comes meanwhile
	defer x.basis.Unlock()
	if x.closing.Load() {
		return Identity{}, ErrClosed
	}
	p := &c.proof
	p.mu.Lock()
	defer p.mu.Unlock()
	next := p.identity
	if err := take(&next); errors.Is(err, errUseless) {
		return p.identity, nil
	} else if err != nil {
		return Identity{}, err
	}
	items, err := proofItems(c.account, nil, &next)
	if err != nil {
		return Identity{}, err
	}
	if _, err := x.vault.PutAll(items); err != nil {
		return Identity{}, fmt.Errorf("exchange: %w", err)
	}
	p.identity = next
	p.weigh()
	if x.refusesUnidentified(c.account) == nil {
		return next, nil
	}
	return next, x.endOrders(c.account)
}

// endOrders ends an account's open orders. The caller holds basis for writing.
func (x *Exchange) endOrders(account uint64) error {
	var markets []uint16
	var cmds []tape.Command
	for _, o := range x.view.Orders(account, true) {
		if !slices.Contains(markets, o.Market) {
			markets = append(markets, o.Market)
			cmds = append(cmds, &tape.CancelAll{Account: account, Market: o.Market})
		}
	}
	if len(cmds) == 0 {
		return nil
	}
	_, err := x.put(cmds...) // refused where its owner has just ended it
	return err
}
