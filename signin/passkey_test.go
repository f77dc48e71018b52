package signin

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"sallyport/internal/fuzzing"
)

const site = "https://exchange.example"

// a device is a virtual authenticator with one key, at a page of some origin.
type device struct {
	t    testing.TB
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func newDevice(t testing.TB, handle []byte) *device {
	key := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	for len(key.Key.AttestationData()) != 77 { // it leaves out zeros that a coordinate begins with, which no device may
		key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	return &device{
		t: t, rp: virtualwebauthn.RelyingParty{ID: "exchange.example", Name: "Sallyport", Origin: site},
		auth: virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: handle}),
		key:  key,
	}
}

func (d *device) create(asked json.RawMessage) []byte {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(asked))
	if err != nil {
		d.t.Fatal(err)
	}
	return []byte(virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *o))
}

// sign answers, having counted on by n.
func (d *device) sign(asked json.RawMessage, n int) Proof {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(asked))
	if err != nil {
		d.t.Fatal(err)
	}
	d.key.Counter = uint32(int(d.key.Counter) + n)
	p, err := ReadProof([]byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *o)))
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

// a table is a site with one customer and their device, which has made a passkey.
type table struct {
	*Passkeys
	t     *testing.T
	login *Login
	dev   *device
	now   time.Time
}

func newTable(t *testing.T) *table {
	t.Helper()
	p, err := NewPasskeys(site, "", rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	handle, err := NewHandle(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &table{Passkeys: p, t: t, login: &Login{Email: "ada@example.org", Handle: handle}, now: time.Unix(1_800_000_000, 0)}
	b.dev = newDevice(t, handle)
	b.dev.key.Counter = 3
	if err := b.New(b.login, "new", "telephone", b.dev.create(b.askNew("new")), b.now); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *table) askNew(purpose string) json.RawMessage {
	b.t.Helper()
	m, err := b.AskNew(b.login, purpose, b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *table) ask(purpose string) json.RawMessage {
	b.t.Helper()
	m, err := b.Ask(purpose, b.now)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *table) use(o Proof) error {
	_, err := b.Use(b.login, "in", o, b.now)
	return err
}

func TestPasskeySignsInOnce(t *testing.T) {
	b := newTable(t)
	if !b.login.Second() || b.login.Passkeys[0].Name != "telephone" || b.login.Passkeys[0].Credential.Attestation.Object != nil {
		t.Errorf("what is kept: %+v", b.login.Passkeys)
	}
	o := b.dev.sign(b.ask("in"), 1)
	if !bytes.Equal(o.Handle(), b.login.Handle) {
		t.Error("the device does not say whose passkey it is")
	}
	b.now = b.now.Add(time.Minute)
	if err := b.use(o); err != nil {
		t.Fatal(err)
	}
	if k := b.login.Passkeys[0]; !k.Used.Equal(b.now) || k.Credential.Authenticator.SignCount != 4 {
		t.Errorf("after its use: %+v", k)
	}
	if err := b.use(o); !errors.Is(err, ErrStale) {
		t.Errorf("the same answer again: %v", err)
	}
	// And after the login was written and read.
	kept, err := json.Marshal(b.login)
	if err != nil {
		t.Fatal(err)
	}
	b.login = new(Login)
	if err := json.Unmarshal(kept, b.login); err != nil {
		t.Fatal(err)
	}
	if err := b.use(b.dev.sign(b.ask("in"), 1)); err != nil {
		t.Error(err)
	}
}

// TestPasskeyOptions: a device is asked for a passkey that it finds by itself and whose holder
// it has made sure of, and not for one that it has made already.
func TestPasskeyOptions(t *testing.T) {
	b := newTable(t)
	made, asked := string(b.askNew("new")), string(b.ask("in"))
	for _, words := range []string{`"residentKey":"required"`, `"userVerification":"required"`, `"id":"exchange.example"`, b.login.Passkeys[0].ID(), "ada@example.org"} {
		if !strings.Contains(made, words) {
			t.Errorf("the device is not told %s: %s", words, made)
		}
	}
	if !strings.Contains(asked, `"userVerification":"required"`) || strings.Contains(asked, "allowCredentials") {
		t.Errorf("asked for a proof: %s", asked)
	}
}

// TestPasskeysThatAreNotTaken has a case for each way in which an answer is none.
func TestPasskeysThatAreNotTaken(t *testing.T) {
	for name, c := range map[string]struct {
		want error
		try  func(b *table) error
	}{
		"another purpose": {ErrStale, func(b *table) error { return b.use(b.dev.sign(b.ask("again"), 1)) }},
		"too late": {ErrStale, func(b *table) error {
			o := b.dev.sign(b.ask("in"), 1)
			b.now = b.now.Add(challengeLasts)
			return b.use(o)
		}},
		"asked by another program": {ErrStale, func(b *table) error {
			other, _ := NewPasskeys(site, "", rand.Reader)
			asked, _ := other.Ask("in", b.now)
			return b.use(b.dev.sign(asked, 1))
		}},
		"another site": {ErrPasskey, func(b *table) error {
			b.dev.rp.Origin = "https://exchange.example.evil.example"
			return b.use(b.dev.sign(b.ask("in"), 1))
		}},
		"another domain": {ErrPasskey, func(b *table) error { b.dev.rp.ID = "evil.example"; return b.use(b.dev.sign(b.ask("in"), 1)) }},
		"nobody was seen": {ErrPasskey, func(b *table) error {
			b.dev.auth.Options.UserNotPresent = true
			return b.use(b.dev.sign(b.ask("in"), 1))
		}},
		"not made sure of": {ErrPasskey, func(b *table) error {
			b.dev.auth.Options.UserNotVerified = true
			return b.use(b.dev.sign(b.ask("in"), 1))
		}},
		"of another": {ErrPasskey, func(b *table) error {
			b.dev.auth.Options.UserHandle = []byte("another")
			return b.use(b.dev.sign(b.ask("in"), 1))
		}},
		"of nobody": {ErrPasskey, func(b *table) error { b.dev.auth.Options.UserHandle = nil; return b.use(b.dev.sign(b.ask("in"), 1)) }},
		"another key": {ErrPasskey, func(b *table) error {
			forged := newDevice(b.t, b.login.Handle)
			forged.key.ID = b.dev.key.ID
			return b.use(forged.sign(b.ask("in"), 9))
		}},
		"taken away": {ErrPasskey, func(b *table) error { b.login.Passkeys = nil; return b.use(b.dev.sign(b.ask("in"), 1)) }},
		"made for another purpose": {ErrStale, func(b *table) error {
			return b.New(b.login, "new", "x", newDevice(b.t, b.login.Handle).create(b.askNew("of another")), b.now)
		}},
		"made without making sure": {ErrPasskey, func(b *table) error {
			d := newDevice(b.t, b.login.Handle)
			d.auth.Options.UserNotVerified = true
			return b.New(b.login, "new", "x", d.create(b.askNew("new")), b.now)
		}},
		"made elsewhere": {ErrPasskey, func(b *table) error {
			d := newDevice(b.t, b.login.Handle)
			d.rp.Origin = "https://evil.example"
			return b.New(b.login, "new", "x", d.create(b.askNew("new")), b.now)
		}},
		"made twice": {ErrPasskey, func(b *table) error { return b.New(b.login, "new", "x", b.dev.create(b.askNew("new")), b.now) }},
		"no answer":  {ErrPasskey, func(b *table) error { return b.New(b.login, "new", "x", []byte(`{"id":"AA"}`), b.now) }},
	} {
		b := newTable(t)
		before, _ := json.Marshal(b.login.Passkeys)
		if err := c.try(b); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
		if after, _ := json.Marshal(b.login.Passkeys); name != "taken away" && string(after) != string(before) {
			t.Errorf("%s: the passkeys have changed", name)
		}
	}
}

// TestAClonedPasskeyOpensNothing: of two devices with one key, the second to answer is found
// by its count, and from then on neither opens anything.
func TestAClonedPasskeyOpensNothing(t *testing.T) {
	b := newTable(t)
	clone := *b.dev
	if err := b.use(b.dev.sign(b.ask("in"), 1)); err != nil {
		t.Fatal(err)
	}
	if err := b.use(clone.sign(b.ask("in"), 1)); !errors.Is(err, ErrCloned) || b.login.Passkeys[0].Cloned.IsZero() {
		t.Errorf("a copy: %v", err)
	}
	for range 2 {
		if err := b.use(b.dev.sign(b.ask("in"), 1)); !errors.Is(err, ErrPasskey) {
			t.Errorf("after a copy was found: %v", err)
		}
	}
	// One that does not count is none.
	c := newTable(t)
	c.login.Passkeys[0].Credential.Authenticator.SignCount, c.dev.key.Counter = 0, 0
	for range 2 {
		if err := c.use(c.dev.sign(c.ask("in"), 0)); err != nil {
			t.Errorf("a device that does not count: %v", err)
		}
	}
}

func TestSitesOfPasskeys(t *testing.T) {
	for _, c := range []struct {
		site, domain string
		ok           bool
	}{
		{"https://exchange.example", "", true}, {"https://trade.exchange.example:8443", "exchange.example", true}, {"https://localhost:8080", "", true}, {"http://localhost:8080", "", true},
		{"http://exchange.example", "", false}, {"https://exchange.example/me", "", false}, {"https://127.0.0.1:8080", "", false}, {"exchange.example", "", false}, {"", "", false},
		{"https://exchange.example", "evil.example", false}, {"https://exchange.example", "change.example", false},
	} {
		if _, err := NewPasskeys(c.site, c.domain, rand.Reader); (err == nil) != c.ok {
			t.Errorf("%q, %q: %v", c.site, c.domain, err)
		}
	}
}

// FuzzPasskey: nothing but what the device signed is taken, and nothing panics.
func FuzzPasskey(f *testing.F) {
	fuzzing.Bound(f)
	p, err := NewPasskeys(site, "", rand.Reader)
	if err != nil {
		f.Fatal(err)
	}
	handle, _ := NewHandle(rand.Reader)
	d, l, now := newDevice(f, handle), Login{Email: "ada@example.org", Handle: handle}, time.Unix(1_800_000_000, 0)
	asked, _ := p.AskNew(&l, "new", now)
	made := d.create(asked)
	f.Add(made)
	if err := p.New(&l, "new", "telephone", made, now); err != nil {
		f.Fatal(err)
	}
	asked, _ = p.Ask("in", now)
	o, _ := virtualwebauthn.ParseAssertionOptions(string(asked))
	f.Add([]byte(virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *o)))
	f.Add([]byte(`{"id":"AA","rawId":"AA","type":"public-key","response":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		other := l
		other.Passkeys = slices.Clone(l.Passkeys)
		if err := p.New(&other, "new", "x", b, now); err == nil {
			t.Fatalf("a second passkey was made of %q", b)
		}
		o, err := ReadProof(b)
		if err != nil {
			return
		}
		if _, err := p.Use(&other, "never asked", o, now); err == nil {
			t.Fatalf("%q was taken for what was never asked", b)
		}
	})
}
