package exchange_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/signin"
	"sallyport/vault"
	"sallyport/venue/tape"
)

// provider answers as a test tells it to.
type provider struct {
	mu   sync.Mutex
	say  identity.Answer
	err  error
	seen []identity.Case
}

func (p *provider) Check(_ context.Context, c identity.Case) (identity.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen = append(p.seen, c)
	return p.say, p.err
}

// with opens an exchange as start does, with its configuration changed.
func with(t *testing.T, change func(*exchange.Config)) *place {
	t.Helper()
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: t.TempDir(), now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 100)}
	c := p.config()
	change(&c)
	if p.Exchange, err = exchange.Open(c); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	return p
}

func login(mail string) *signin.Login { return &signin.Login{Email: mail, Password: "its hash"} }

// TestAProviderIdentifies: a checker gets what was told and the files as they came; its yes
// lets the customer trade, its failure leaves them to the desk, and a late answer of it does
// not undo what a person said.
func TestAProviderIdentifies(t *testing.T) {
	p := &provider{err: errors.New("the line is dead")}
	x := with(t, func(c *exchange.Config) { c.Identify = p })
	o, err := x.Open(exchange.Application{Operator: "us", Profile: person("", "Maria Rossi", "1990-01-02", "IT", madrid), Login: login("maria@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	account := o[0].Account
	big := "%PDF-" + strings.Repeat("0123456789abcdef", 3<<16) // in several records of the vault
	state := func(want identity.State, open bool) {
		t.Helper()
		if id, _ := x.Identity(account); id.State != want || x.Unidentified(account) != open {
			t.Fatalf("%+v, unidentified %v; want %q, %v", id.Answer, x.Unidentified(account), want, open)
		}
	}
	state(identity.Unknown, true)
	if _, err := x.HandIn(t.Context(), account, []byte("text")); !errors.Is(err, exchange.ErrHandedIn) {
		t.Errorf("a file of no kind: %v", err)
	}
	if _, err := x.HandIn(t.Context(), account, []byte(big)); err != nil {
		t.Fatal(err)
	}
	state(identity.Waits, true) // the provider failed
	p.err, p.say = nil, identity.Answer{State: identity.Accepted}
	if _, err := x.HandIn(t.Context(), account, []byte("\xff\xd8\xff")); err != nil {
		t.Fatal(err)
	}
	state(identity.Waits, true) // an answer that lacks who says it is none
	p.say = identity.Answer{State: identity.Accepted, By: "provider", Reason: "the document is genuine", Reference: "case 7"}
	if _, err := x.HandIn(t.Context(), account, []byte("%PDF-1.7")); err != nil {
		t.Fatal(err)
	}
	state(identity.Accepted, false)
	last := p.seen[len(p.seen)-1]
	if last.Account != account || last.Profile.PrimaryName() != "Maria Rossi" || len(last.Files) != 3 || string(last.Files[0].Bytes) != big || last.Files[0].Kind != identity.PDF {
		t.Errorf("the provider saw %d files of account %d", len(last.Files), last.Account)
	}
	if id, _ := x.Identity(account); id.Reference != "case 7" || id.At.IsZero() {
		t.Errorf("what is kept: %+v", id)
	}
	// What comes after a yes is kept and asks nobody.
	asked := len(p.seen)
	if _, err := x.HandIn(t.Context(), account, []byte("%PDF-1.7")); err != nil || len(p.seen) != asked {
		t.Errorf("another file after a yes: %v, the provider was asked %d times", err, len(p.seen)-asked)
	}
	state(identity.Accepted, false)
	if _, err := x.Identify(account, identity.Answer{State: identity.Refused, By: "m. ortiz", Reason: "it is another's"}, -1); err != nil {
		t.Fatal(err)
	}
	state(identity.Refused, true)
	if _, err := x.Identify(account, identity.Answer{State: identity.Accepted}, -1); !errors.Is(err, exchange.ErrAnswer) {
		t.Errorf("an answer of nobody: %v", err)
	}
	if _, err := x.Identify(account+100, identity.Answer{State: identity.Accepted, By: "m. ortiz", Reason: "seen"}, -1); err == nil {
		t.Error("an account that there is not is identified")
	}
}

// underTwo is an exchange whose desk demands two users for a yes, with a customer who signed up.
func underTwo(t *testing.T) (x *place, account uint64) {
	t.Helper()
	x = with(t, func(c *exchange.Config) { c.Identify = identity.Manual{TwoUsers: true} })
	o, err := x.Open(exchange.Application{Operator: "us", Profile: person("", "Maria Rossi", "1990-01-02", "IT", madrid), Login: login("maria@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	return x, o[0].Account
}

// TestFirstYesOfNobody: a first yes of somebody who is no operator user by the time of the second is none.
func TestFirstYesOfNobody(t *testing.T) {
	x, account := underTwo(t)
	if _, err := x.HandIn(t.Context(), account, []byte("%PDF-1.7")); err != nil {
		t.Fatal(err)
	}
	yes := func(by string) exchange.Identity {
		t.Helper()
		id, err := x.Identify(account, identity.Answer{State: identity.Accepted, By: by, Reason: "looked at"}, 1)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	const compliance = tape.MayRead | tape.MayCompliance
	if err := x.SetOperatorUsers(map[string]tape.Right{"m.ortiz": compliance, "k.brandt": compliance}); err != nil {
		t.Fatal(err)
	}
	yes("m.ortiz")
	if err := x.SetOperatorUsers(map[string]tape.Right{"j.doe": compliance, "k.brandt": compliance}); err != nil {
		t.Fatal(err)
	}
	if id := yes("k.brandt"); id.State != identity.Waits || id.First == nil || id.First.By != "k.brandt" || !x.Unidentified(account) {
		t.Errorf("a yes beside one of somebody who has left: %+v", id)
	}
	if id := yes("j.doe"); id.State != identity.Accepted || id.By != "k.brandt" || id.Second != "j.doe" {
		t.Errorf("two of them: %+v", id)
	}
}

// TestTwoUsersIdentify: where the desk demands it a yes takes two, who are not one, of what both have
// seen; a no takes one; everything said is kept.
func TestTwoUsersIdentify(t *testing.T) {
	x, account := underTwo(t)
	hand := func() {
		t.Helper()
		if _, err := x.HandIn(t.Context(), account, []byte("%PDF-1.7")); err != nil {
			t.Fatal(err)
		}
	}
	say := func(state identity.State, by string, seen int, want error) exchange.Identity {
		t.Helper()
		id, err := x.Identify(account, identity.Answer{State: state, By: by, Reason: "looked at"}, seen)
		if !errors.Is(err, want) {
			t.Errorf("%s by %s: %v, want %v", state, by, err, want)
		}
		return id
	}
	hand()
	say(identity.Accepted, "m. ortiz", 0, exchange.ErrSeen)
	if id := say(identity.Accepted, "m. ortiz", 1, nil); id.State != identity.Waits || id.First == nil || id.First.By != "m. ortiz" || !x.Unidentified(account) {
		t.Errorf("after the first yes: %+v", id)
	}
	say(identity.Accepted, " M. Ortiz", 1, exchange.ErrSecond)
	hand() // what the first has not seen
	if id := say(identity.Accepted, "k. brandt", 2, nil); id.State != identity.Waits || id.First.By != "k. brandt" {
		t.Errorf("a first yes of fewer files counts: %+v", id)
	}
	if id := say(identity.Refused, "m. ortiz", 2, nil); id.State != identity.Refused || id.First != nil {
		t.Errorf("one no: %+v", id)
	}
	say(identity.Accepted, "m. ortiz", 2, nil)
	if id := say(identity.Accepted, "k. brandt", 2, nil); id.State != identity.Accepted || id.By != "m. ortiz" || id.Second != "k. brandt" || x.Unidentified(account) {
		t.Errorf("two of them: %+v", id)
	}
	say(identity.Accepted, "j. doe", 2, exchange.ErrAgain)
	id, _ := x.Identity(account)
	var said []string
	for _, a := range id.Past {
		said = append(said, string(a.State)+" "+a.By)
	}
	if got := strings.Join(said, ", "); got != "accepted m. ortiz, accepted k. brandt, refused m. ortiz, accepted m. ortiz, accepted k. brandt" {
		t.Errorf("what is kept: %s", got)
	}
	for range 60 {
		say(identity.Refused, "m. ortiz", -1, nil)
	}
	if id, _ = x.Identity(account); len(id.Past) != 50 {
		t.Errorf("%d answers are kept", len(id.Past))
	}
}

// TestWhoNeedsToBeIdentified: who signs up by themselves, unless the operator lets them be; whom
// the desk opened an account for only after it said no. Orders end with that, and cancelling
// stays open to all.
func TestWhoNeedsToBeIdentified(t *testing.T) {
	x := start(t, t.TempDir(), day("2022-02-24 09:00"))
	if _, err := x.TakeEdition(edition(t, "2022-02-24"), time.Now()); err != nil {
		t.Fatal(err)
	}
	a := x.open("us", person("a", "Anna Beispiel", "1990-01-02", "DE", madrid)).Account
	if x.Unidentified(a) {
		t.Fatal("whom the desk opened an account for is held to be unknown")
	}
	x.fund(a, "USDT", "100000", "0x00000000000000000000000000000000000000aa")
	o, err := x.order(a, book.Buy, "30000", "0.1", "one")
	if err != nil {
		t.Fatal(err)
	}
	no := identity.Answer{State: identity.Refused, By: "m. ortiz", Reason: "the passport is another's"}
	if _, err := x.Identify(a, no, -1); err != nil {
		t.Fatal(err)
	}
	if got, _ := x.View().Order(a, o.ID, ""); got.Status != tape.Canceled {
		t.Errorf("the order of who is not identified is %s", got.Status)
	}
	_, err = x.order(a, book.Buy, "30000", "0.1", "two")
	r, ok := exchange.AsRefusal(err)
	if !ok || !r.Unidentified || !strings.Contains(r.Error(), "identified") {
		t.Errorf("an order: %v", err)
	}
	if _, err := x.CancelAll(&tape.CancelAll{Account: a}); err == nil {
		t.Error("an order was left to cancel")
	} else if r, ok := exchange.AsRefusal(err); !ok || r.Unidentified {
		t.Errorf("cancelling is refused for want of identity: %v", err)
	}

	free := with(t, func(c *exchange.Config) { c.TradeUnidentified = true })
	got, err := free.Open(exchange.Application{Operator: "us", Profile: person("", "Maria Rossi", "1990-01-02", "IT", madrid), Login: login("maria@example.org")})
	if err != nil || free.Unidentified(got[0].Account) {
		t.Errorf("where the operator lets the unidentified trade: %v", err)
	}
}

// TestAnEmailAddressIsOneCustomers: in one call, in two, and after a restart.
func TestAnEmailAddressIsOneCustomers(t *testing.T) {
	dir := t.TempDir()
	x := start(t, dir, day("2022-02-24 09:00"))
	apply := func(mail, name string) exchange.Application {
		return exchange.Application{Operator: "us", Profile: person("", name, "1990-01-02", "IT", madrid), Login: login(mail)}
	}
	if _, err := x.Open(apply("m@example.org", "Maria Rossi"), apply("m@example.org", "Marta Bianchi")); !errors.Is(err, exchange.ErrEmailTaken) {
		t.Errorf("two of one address in one call: %v", err)
	}
	o, err := x.Open(apply("m@example.org", "Maria Rossi"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := x.Open(apply("m@example.org", "Marta Bianchi")); !errors.Is(err, exchange.ErrEmailTaken) {
		t.Errorf("a second of one address: %v", err)
	}
	stop := errors.New("stop")
	if err := x.ChangeLogin(o[0].Account, func(l *signin.Login) error { l.Password = "lost"; return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
	if err := x.ChangeLogin(o[0].Account, func(l *signin.Login) error { l.Password, l.Email = "another", "x@example.org"; return nil }); err != nil {
		t.Error(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := start(t, dir, day("2022-02-24 10:00"))
	n, l, ok := y.LoginOf("m@example.org")
	if !ok || n != o[0].Account || l.Password != "another" || l.Email != "m@example.org" {
		t.Errorf("after a restart: %d, %v", n, ok)
	}
	if _, err := y.Open(apply("m@example.org", "Marta Bianchi")); !errors.Is(err, exchange.ErrEmailTaken) {
		t.Errorf("a second of one address after a restart: %v", err)
	}
	if !y.Unidentified(n) {
		t.Error("a restart identifies")
	}
}

// TestAnInvitedCustomerStaysKnown: whom the desk opened an account for gets a login by invitation, once,
// and stays as known as they were; an address that somebody signs in with invites nobody.
func TestAnInvitedCustomerStaysKnown(t *testing.T) {
	dir := t.TempDir()
	x := start(t, dir, day("2022-02-24 09:00"))
	a := x.open("us", person("a", "Anna Beispiel", "1990-01-02", "DE", madrid)).Account
	b := x.open("us", person("b", "Bruno Beispiel", "1990-01-02", "DE", madrid)).Account
	nothing := func(*signin.Login) error { return nil }
	invite := func(account uint64, mail string, want error) {
		t.Helper()
		if err := x.Invite(account, mail, nothing); !errors.Is(err, want) {
			t.Errorf("%d by %s: %v, want %v", account, mail, err, want)
		}
	}
	invite(a, "anna@example.org", nil)
	invite(b, "anna@example.org", exchange.ErrEmailTaken)
	invite(a, "anna@example.org", nil) // again, as long as it is not answered
	invite(a, "a@example.org", nil)
	invite(b, "anna@example.org", nil) // which is free again
	if x.Unidentified(a) {
		t.Error("an invitation makes a customer unknown")
	}
	if n, l, ok := x.LoginOf("a@example.org"); n != a || !ok || !l.Invited || l.Since.IsZero() {
		t.Errorf("%d %v", n, ok)
	}
	if err := x.ChangeLogin(a, func(l *signin.Login) error { l.Password = "its hash"; return nil }); err != nil {
		t.Fatal(err)
	}
	invite(a, "a@example.org", exchange.ErrSignsIn)
	invite(a, "other@example.org", exchange.ErrSignsIn)
	if _, _, ok := x.LoginOf("other@example.org"); ok {
		t.Error("a refused invitation changes the address")
	}
	if err := x.Invite(999, "z@example.org", nothing); err == nil {
		t.Error("nobody is invited")
	}
	o, err := x.Open(exchange.Application{Operator: "us", Profile: person("", "Maria Rossi", "1990-01-02", "IT", madrid), Login: login("maria@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	invite(o[0].Account, "maria@example.org", exchange.ErrSignsIn) // who signed up needs none
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := start(t, dir, day("2022-02-24 10:00"))
	if n, _, ok := y.LoginOf("a@example.org"); n != a || !ok || y.Unidentified(a) || !y.Unidentified(o[0].Account) {
		t.Errorf("after a restart: %d, unidentified %v", n, y.Unidentified(a))
	}
}

// TestChangingAnAddress: the login and the profile have the new one, the old one is free, and one that
// is somebody's is not taken.
func TestChangingAnAddress(t *testing.T) {
	dir := t.TempDir()
	x := start(t, dir, day("2022-02-24 09:00"))
	p := person("", "Maria Rossi", "1990-01-02", "IT", madrid)
	p.Email = "maria@example.org"
	o, err := x.Open(exchange.Application{Operator: "us", Profile: p, Login: login("maria@example.org")}, exchange.Application{Operator: "us", Profile: person("", "Marta Bianchi", "1990-01-02", "IT", madrid), Login: login("marta@example.org")})
	if err != nil {
		t.Fatal(err)
	}
	a, b := o[0].Account, o[1].Account
	nothing := func(*signin.Login) error { return nil }
	if err := x.ChangeEmail(a, "marta@example.org", nothing); !errors.Is(err, exchange.ErrEmailTaken) {
		t.Errorf("another's: %v", err)
	}
	stop := errors.New("stop")
	if err := x.ChangeEmail(a, "m@example.org", func(*signin.Login) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a change that is given up: %v", err)
	}
	if err := x.ChangeEmail(a, "m@example.org", func(l *signin.Login) error { l.Password = "another"; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := x.ChangeEmail(b, "maria@example.org", nothing); err != nil {
		t.Errorf("an address that is free again: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := start(t, dir, day("2022-02-24 10:00"))
	n, l, ok := y.LoginOf("m@example.org")
	kept, _ := y.Profile(a)
	if n != a || !ok || l.Password != "another" || kept.Email != "m@example.org" {
		t.Errorf("%d %v %q", n, ok, kept.Email)
	}
	if n, _, _ := y.LoginOf("maria@example.org"); n != b {
		t.Errorf("the old address is account %d's", n)
	}
	if p, _ := y.Profile(b); p.Email != "" {
		t.Errorf("a profile without an address has got one: %q", p.Email)
	}
}

// TestARefusedApplicantLeavesNoPassword: what they would have signed in with is gone from the
// vault, and the e-mail address is free.
func TestARefusedApplicantLeavesNoPassword(t *testing.T) {
	dir := t.TempDir()
	x := start(t, dir, day("2022-02-24 09:00"))
	o, err := x.Open(exchange.Application{Operator: "us", Profile: person("", "Farhad Ordinary", "1985-05-17", "IR", entity.Place{Town: "Tehran", Country: "IR"}), Login: login("f@example.org")})
	if err != nil || !o[0].Refused {
		t.Fatalf("%+v, %v", o, err)
	}
	if _, _, ok := x.LoginOf("f@example.org"); ok {
		t.Error("who was refused can sign in")
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(filepath.Join(dir, "vault"), vault.Options{MasterKey: filepath.Join(dir, "keys", "vault.key")})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if b, err := v.Get(o[0].Account, "login"); err != nil || len(b) != 0 {
		t.Errorf("the vault keeps %d bytes of it, %v", len(b), err)
	}
	if b, err := v.Get(o[0].Account, "profile"); err != nil || len(b) == 0 {
		t.Errorf("the profile that was decided on is gone: %v", err)
	}
}
