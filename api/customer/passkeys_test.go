package customer

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"sallyport/api/internal/sample"
	"sallyport/signin"
)

const passkeySite = "https://localhost:8080"

func withPasskeys(o *Options) { o.Site = passkeySite }

// a device is a virtual authenticator with one key.
type device struct {
	*browser
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	key  virtualwebauthn.Credential
}

func (b *browser) device() *device {
	d := &device{b, virtualwebauthn.RelyingParty{ID: "localhost", Origin: passkeySite}, virtualwebauthn.NewAuthenticator(), virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)}
	for len(d.key.Key.AttestationData()) != 77 { // it leaves out zeros that a coordinate begins with, which no device may
		d.key = virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2)
	}
	d.key.Counter = 1
	return d
}

// other is the same device in another browser.
func (d *door) other(dev *device) *device {
	o := *dev
	o.browser = d.browser()
	return &o
}

// make makes a passkey for who is signed in.
func (d *device) make(proof, name string) *httptest.ResponseRecorder {
	d.t.Helper()
	w := d.do("POST", "/customer/v1/passkeys/new", proof)
	if w.Code != 200 {
		return w
	}
	return d.do("POST", "/customer/v1/passkeys", d.attest(w, name))
}

// attest is what the device answers to what is asked for a new passkey, as the body of a request.
func (d *device) attest(asked *httptest.ResponseRecorder, name string) string {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(asked.Body.String())
	if err != nil {
		d.t.Fatal(err)
	}
	d.auth.Options.UserHandle = []byte(o.UserID)
	return fmt.Sprintf(`{"name":%q,"answer":%s}`, name, virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.key, *o))
}

// proof is what the device answers to what is asked at a path, as the field of a request.
func (d *device) proof(path string) string {
	d.t.Helper()
	return d.answerTo(d.do("POST", path, ""))
}

func (d *device) answerTo(w *httptest.ResponseRecorder) string {
	d.t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(w.Body.String())
	if err != nil {
		d.t.Fatalf("%v: %s", err, w.Body)
	}
	d.key.Counter++
	return `{"passkey":` + virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *o) + `}`
}

func (d *device) signIn() *httptest.ResponseRecorder {
	d.t.Helper()
	return d.do("POST", "/customer/v1/sign-in", d.proof("/customer/v1/sign-in/ask"))
}

func (d *device) again() string { return d.proof("/customer/v1/passkeys/ask") }

const byPassword = `{"password":"` + password + `"}`

// TestPasskeys: made for the password said again, one signs in alone and stands for the second
// factor; from then on a password alone does not do.
func TestPasskeys(t *testing.T) {
	dir := t.TempDir()
	x := sample.In(t, dir)
	d := open(t, x, withPasskeys)
	b, account := d.signedUp("ada@example.org")
	other := d.browser()
	other.ok(200, other.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
	dev := b.device()
	b.no(wrongSignIn, dev.make(`{"password":"guess"}`, "laptop"), "wrong")
	b.no(unfit, dev.make(byPassword, " "), "what you call it")
	b.no(unfit, dev.make(byPassword, strings.Repeat("x", 65)), "64 bytes")
	var made struct {
		Passkeys []passkey
		Recovery []string `json:"recovery_codes"`
	}
	b.ok(201, dev.make(byPassword, "laptop"), &made)
	if len(made.Passkeys) != 1 || made.Passkeys[0].Name != "laptop" || len(made.Recovery) != 10 {
		t.Fatalf("%+v", made)
	}
	other.no(signedOut, other.do("GET", "/customer/v1/standing", ""), "Sign in") // every other session has ended
	b.no(wrongPasskey, dev.make(byPasswordAnd(made.Recovery[0]), "twice"), "not known")

	// The password alone, and the code that an authenticator without a secret would show.
	c := d.browser()
	in := func(code string) *httptest.ResponseRecorder {
		return c.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, code))
	}
	c.no(wrongSignIn, in(""), "wrong")
	c.no(wrongSignIn, in(signin.TOTP(nil, signin.Step(d.clock.Now()), 6)), "wrong")
	c.ok(200, in(made.Recovery[1]), nil)

	// The passkey alone.
	dev.browser = d.browser()
	var who struct{ Account uint64 }
	dev.ok(200, dev.signIn(), &who)
	if who.Account != account {
		t.Errorf("signed in as %d", who.Account)
	}
	again := dev.proof("/customer/v1/sign-in/ask")
	dev.ok(200, dev.do("POST", "/customer/v1/sign-in", again), nil)
	dev.no(wrongPasskey, dev.do("POST", "/customer/v1/sign-in", again), "any longer")
	dev.no(wrongPasskey, dev.do("POST", "/customer/v1/sign-in", dev.again()), "any longer") // asked for something else
	dev.no(wrongPasskey, dev.do("POST", "/customer/v1/sign-in", `{"passkey":{"id":"AA"}}`), "not known")
	dev.no(wrongPasskey, dev.do("POST", "/customer/v1/sign-in", `{"passkey":"AA"}`), "not known")
	stranger := d.browser().device()
	stranger.auth.Options.UserHandle = []byte("somebody")
	stranger.no(wrongPasskey, stranger.signIn(), "not known")
	stranger.auth.Options.UserHandle = nil
	stranger.no(wrongPasskey, stranger.signIn(), "not known")

	// In place of a password said again; not another customer's, nor one given for signing in.
	key := func(proof string) *httptest.ResponseRecorder {
		return dev.do("POST", "/customer/v1/keys", strings.Replace(proof, "{", `{"may":["read"],`, 1))
	}
	dev.no(wrongPasskey, key(dev.proof("/customer/v1/sign-in/ask")), "any longer")
	dev.ok(201, key(dev.again()), nil)
	eve, _ := d.signedUp("eve@example.org")
	hers := eve.device()
	eve.ok(201, hers.make(byPassword, "hers"), nil)
	dev.no(wrongPasskey, key(hers.again()), "")

	// After a restart, with another.
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	d2 := open(t, sample.In(t, dir), withPasskeys)
	dev.browser = d2.browser()
	dev.ok(200, dev.signIn(), nil)
	second := dev.browser.device()
	made.Recovery = nil
	dev.ok(201, second.make(dev.again(), "telephone"), &made)
	if len(made.Passkeys) != 2 || made.Recovery != nil {
		t.Errorf("a second passkey: %+v", made)
	}
	gone := made.Passkeys[0].ID
	dev.no(wrongSignIn, dev.do("DELETE", "/customer/v1/passkeys/"+gone, byPassword), "wrong")
	dev.ok(200, dev.do("DELETE", "/customer/v1/passkeys/"+gone, second.again()), nil)
	dev.no(notFound, dev.do("DELETE", "/customer/v1/passkeys/"+gone, second.again()), "no passkey")
	dev.no(wrongPasskey, dev.signIn(), "")
	dev.ok(200, second.signIn(), nil)
	dev.ok(200, dev.do("DELETE", "/customer/v1/passkeys/"+made.Passkeys[1].ID, second.again()), nil)
	c = d2.browser()
	c.ok(200, in(""), nil) // no second factor is left
	if l, _ := d2.x.Login(account); len(l.Recovery) != 0 {
		t.Error("recovery codes are left with nothing to recover")
	}
	for _, secret := range []string{password, "ada@example", string(dev.auth.Options.UserHandle), dev.cookie.Value} {
		if strings.Contains(d.log.String()+d2.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func byPasswordAnd(code string) string {
	b, _ := json.Marshal(map[string]string{"password": password, "code": code})
	return string(b)
}

// TestACopiedPasskey is told, marked and kept as marked.
func TestACopiedPasskey(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, withPasskeys)
	b, account := d.signedUp("ada@example.org")
	dev := b.device()
	b.ok(201, dev.make(byPassword, "laptop"), nil)
	dev.browser = d.browser()
	dev.ok(200, dev.signIn(), nil)
	dev.key.Counter--
	dev.no(clonedPasskey, d.other(dev).signIn(), "counted backwards")
	dev.no(signedOut, dev.do("GET", "/customer/v1/standing", ""), "") // whoever has the copy is out
	b.ok(200, b.do("GET", "/customer/v1/standing", ""), nil)
	if l, _ := x.Login(account); l.Passkeys[0].Cloned.IsZero() {
		t.Error("it is not marked")
	}
	dev.key.Counter += 10
	dev.no(wrongPasskey, dev.signIn(), "")
	if !strings.Contains(d.log.String(), "may have been copied") || !strings.Contains(d.log.String(), fmt.Sprint("account=", account)) {
		t.Errorf("the operator is not told: %s", d.log)
	}
	page := b.send(httptest.NewRequest("GET", "/me/security", nil)).Body.String()
	if !strings.Contains(page, "it may have been copied") {
		t.Error("the customer is not told")
	}
}

// TestPasskeysAreBounded: so many of one customer, and none where there is no site for them.
func TestPasskeysAreBounded(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, withPasskeys)
	b, _ := d.signedUp("ada@example.org")
	var made struct {
		Recovery []string `json:"recovery_codes"`
	}
	first := b.device()
	b.ok(201, first.make(byPassword, "0"), &made)
	for i := 1; i < signin.MaxPasskeys; i++ {
		d.clock.Set(d.clock.Now().Add(time.Minute))
		b.ok(201, b.device().make(first.again(), fmt.Sprint(i)), nil)
	}
	b.no(notTaken, b.device().make(first.again(), "more"), "take one away")

	none := open(t, x, func(o *Options) { o.Site = "" }).browser()
	none.no(noPasskeys, none.do("POST", "/customer/v1/sign-in/ask", ""), "no passkeys")
	none.no(noPasskeys, none.do("POST", "/customer/v1/sign-in", `{"passkey":{}}`), "no passkeys")
	if page := none.send(httptest.NewRequest("GET", "/me/sign-in", nil)).Body.String(); strings.Contains(page, "data-passkey") {
		t.Error("the page offers passkeys that there are not")
	}
	if _, err := New(x.Exchange, Options{Site: "http://exchange.example"}); err == nil {
		t.Error("passkeys over plain HTTP")
	}
}
