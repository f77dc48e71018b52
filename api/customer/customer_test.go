package customer

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/api/desk"
	"sallyport/api/internal/sample"
	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/identity"
	"sallyport/mail"
	"sallyport/money"
	"sallyport/signin"
	"sallyport/staff"
	"sallyport/venue/tape"
)

const password = "six wet otters juggle"

// cheap hashing, which the tests of signin hold to the real one.
var cheap = signin.Cost{Memory: 64, Passes: 1, Threads: 1}

// A door under test, its clock, and everything it logged.
type door struct {
	t     testing.TB
	x     *sample.Exchange
	s     *Server
	clock *sample.Clock
	log   *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string { l.mu.Lock(); defer l.mu.Unlock(); return l.b.String() }

func slogTo(l *lockedBuffer) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func open(t testing.TB, x *sample.Exchange, change ...func(*Options)) *door {
	t.Helper()
	d := &door{t: t, x: x, clock: &sample.Clock{}, log: &lockedBuffer{}}
	d.clock.Set(time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC))
	o := Options{SignUp: true, Mail: nobody{}, Site: passkeySite, Clock: d.clock.Now, Cost: cheap, Log: slogTo(d.log)}
	for _, c := range change {
		c(&o)
	}
	var err error
	if d.s, err = New(x.Exchange, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.s.Close() })
	return d
}

// nobody reads the letters.
type nobody struct{}

func (nobody) Send(context.Context, mail.Message) error { return nil }

// noLetters has a door send none.
func noLetters(o *Options) { o.Mail = nil }

// A browser of one person: it keeps the cookie as one does.
type browser struct {
	*door
	from   string
	cookie *http.Cookie
}

func (d *door) browser() *browser { return &browser{door: d, from: sample.FromUS} }

func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	b.t.Helper()
	r.RemoteAddr = b.from
	if b.cookie != nil {
		r.AddCookie(b.cookie)
	}
	w := httptest.NewRecorder()
	b.s.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if !strings.HasPrefix(c.Name, "__Host-") || c.Domain != "" || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
			b.t.Errorf("the cookie is %s", c)
		}
		b.cookie = c
		if c.MaxAge < 0 {
			b.cookie = nil
		}
	}
	return w
}

func (b *browser) do(method, path, body string) *httptest.ResponseRecorder {
	b.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return b.send(r)
}

// ok decodes an answer of the given status.
func (b *browser) ok(status int, w *httptest.ResponseRecorder, v any) {
	b.t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != "application/json" {
		b.t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if v != nil {
		if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
			b.t.Fatalf("%s: %v", w.Body, err)
		}
	}
}

type problem struct {
	Status                          int
	Detail, Reason, Field, Decision string
	Explanation                     []told
}

// no checks that an answer is the problem of a reason.
func (b *browser) no(r reason, w *httptest.ResponseRecorder, words string) (p problem) {
	b.t.Helper()
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		b.t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if w.Code != reasons[r].status || p.Reason != reasons[r].name || !strings.Contains(p.Detail, words) {
		b.t.Errorf("%d %s, want %s saying %q", w.Code, w.Body, reasons[r].name, words)
	}
	return p
}

// link is the token of the letter that a sign-up sends.
func (d *door) link(mail string) string {
	d.t.Helper()
	token, err := d.s.seals.Seal(mail, d.clock.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return token
}

// applies puts an application of an ordinary person.
func (b *browser) applies(mail string, changes ...any) *httptest.ResponseRecorder {
	b.t.Helper()
	return b.do("POST", "/customer/v1/application", ask(b.link(strings.ToLower(mail)), changes...))
}

// ask is an application of an ordinary person, with fields replaced ("" is none).
func ask(token string, changes ...any) string {
	m := map[string]any{
		"token": token, "password": password, "operator": "us", "name": "Adaline Wrenfield", "birth": "1985-05-17", "birth_country": "US",
		"citizenships": []string{"US"}, "residence": map[string]string{"town": "Springfield", "country": "US"},
		"documents": []map[string]string{{"type": "passport", "number": "X1234567", "country": "US"}},
	}
	for i := 0; i < len(changes); i += 2 {
		m[changes[i].(string)] = changes[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func credentialsOf(mail, password, code string) string {
	b, _ := json.Marshal(map[string]string{"email": mail, "password": password, "code": code})
	return string(b)
}

// signedUp is a new customer who is signed in.
func (d *door) signedUp(mail string) (*browser, uint64) {
	d.t.Helper()
	b := d.browser()
	var opened struct{ Account uint64 }
	b.ok(201, b.applies(mail), &opened)
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf(mail, password, "")), nil)
	return b, opened.Account
}

var jpeg = "\xff\xd8\xff\xe0 a picture of a passport"

// TestFromTheDoorToAnOrder goes the whole way: sign up, sign in, show who one is, be
// identified by the desk, make a key, trade; and after a restart all of it is there.
func TestFromTheDoorToAnOrder(t *testing.T) {
	dir := t.TempDir()
	x := sample.In(t, dir)
	d := open(t, x)
	b, account := d.signedUp("Ada@Example.org")

	var st struct {
		Account    uint64
		Trade      bool `json:"may_trade"`
		Withdraw   bool `json:"may_withdraw"`
		Identified bool
		Standing   struct {
			Verdict     string
			Explanation []told
		}
	}
	b.ok(200, b.do("GET", "/customer/v1/standing", ""), &st)
	if st.Account != account || st.Standing.Verdict != "allow" || st.Trade || st.Withdraw || st.Identified || len(st.Standing.Explanation) != 2 {
		t.Errorf("before anybody has looked: %+v", st)
	}

	x.Fund(account, "USDT", "100000")
	market, _ := x.View().Market("BTCUSDT")
	buy := func(x *exchange.Exchange, id string) error {
		_, _, err := x.PlaceOrder(&tape.PlaceOrder{
			Account: account, Market: market, Side: book.Buy, Type: tape.Limit, Force: tape.GTC, Price: money.MustParse("30000"), Quantity: money.MustParse("0.01"), ClientID: id,
		})
		return err
	}
	r, ok := exchange.AsRefusal(buy(x.Exchange, "early"))
	if !ok || !r.Unidentified {
		t.Fatalf("an order before anybody has looked: %v", r)
	}
	asset, _ := x.View().Asset("USDT")
	_, err := x.Withdraw(account, asset, money.Int(50), "ETH", "0x0000000000000000000000000000000000000001", "w1", exchange.Session{Known: true, Country: "US"})
	if r, ok := exchange.AsRefusal(err); !ok || !r.Unidentified {
		t.Fatalf("a withdrawal before anybody has looked: %v", err)
	}

	b.no(notTaken, b.do("POST", "/customer/v1/identity/files", "<html>"), "JPEG, PNG or PDF")
	var id struct {
		State string
		Files []exchange.HandedIn
		Told  []string `json:"documents"`
	}
	b.ok(201, b.do("POST", "/customer/v1/identity/files", jpeg), &id)
	if id.State != "waiting" || len(id.Files) != 1 || id.Files[0].Kind != identity.JPEG || id.Files[0].Size != len(jpeg) || id.Told[0] != "passport US" {
		t.Errorf("handed in: %+v", id)
	}

	clerks := desk.New(x.Exchange, staff.Shared("desk"), desk.Options{})
	clerk := func(method, path, body string) string {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer desk")
		w := httptest.NewRecorder()
		clerks.ServeHTTP(w, r)
		return fmt.Sprint(w.Code, " ", w.Body)
	}
	at := fmt.Sprintf("/desk/v1/identity/%d", account)
	if got := clerk("GET", "/desk/v1/identity", ""); !strings.Contains(got, fmt.Sprintf(`"account":%d,"state":"waiting"`, account)) || strings.Contains(got, "Wrenfield") {
		t.Errorf("who waits: %s", got)
	}
	if got := clerk("GET", at, ""); !strings.Contains(got, "Adaline Wrenfield") || !strings.Contains(got, "X1234567") {
		t.Errorf("what they told: %s", got)
	}
	if got := clerk("GET", at+"/files/0", ""); !strings.Contains(got, `"content_base64":"/9j/4CBhIHBpY3R1cmUgb2YgYSBwYXNzcG9ydA=="`) {
		t.Errorf("the file: %s", got)
	}
	if got := clerk("GET", at+"/files/1", ""); !strings.HasPrefix(got, "404 ") {
		t.Errorf("a file that there is not: %s", got)
	}
	for _, bad := range []string{`{"by":"m. ortiz","reason":"clear"}`, `{"accept":true,"reason":"clear"}`, `{"accept":true,"by":"m. ortiz"}`} {
		if got := clerk("POST", at, bad); !strings.HasPrefix(got, "422 ") {
			t.Errorf("%s: %s", bad, got)
		}
	}
	if got := clerk("POST", at, `{"accept":true,"by":"m. ortiz","reason":"the passport is theirs"}`); !strings.Contains(got, `"state":"accepted"`) {
		t.Errorf("the desk's yes: %s", got)
	}
	if err := buy(x.Exchange, "first"); err != nil {
		t.Fatalf("an order of who is identified: %v", err)
	}

	var made struct{ Key, Secret string }
	b.ok(201, b.do("POST", "/customer/v1/keys", `{"label":"bot","may":["read","trade"],"from":["192.0.2.0/24"],"days":30,"password":"`+password+`"}`), &made)
	k, ok := x.Exchange.Key(made.Key)
	if !ok || k.Account != account || string(k.Secret) != made.Secret || k.Allows(exchange.KeyWithdraws) || !k.Admits(netip.MustParseAddr("192.0.2.9")) || k.Admits(netip.MustParseAddr("192.0.3.9")) || k.Expires.IsZero() {
		t.Errorf("the key: %+v", k)
	}
	var seen struct {
		Keys   []struct{ Key, Secret string }
		Orders []struct{ Market, Side, Status string }
	}
	b.ok(200, b.do("GET", "/customer/v1/keys", ""), &seen)
	b.ok(200, b.do("GET", "/customer/v1/orders", ""), &seen)
	if len(seen.Keys) != 1 || seen.Keys[0].Secret != "" || len(seen.Orders) != 1 || seen.Orders[0].Side != "buy" || seen.Orders[0].Status != "new" {
		t.Errorf("seen: %+v", seen)
	}
	if got := b.do("GET", "/customer/v1/balances", "").Body.String(); !strings.Contains(got, `"available":"99700","in_orders":"300"`) {
		t.Errorf("balances: %s", got)
	}
	if got := b.do("GET", "/customer/v1/movements", "").Body.String(); !strings.Contains(got, `"kind":"deposit","asset":"USDT","amount":"100000","became":"available"`) {
		t.Errorf("movements: %s", got)
	}

	// The desk takes its word back: the order ends with it.
	if got := clerk("POST", at, `{"accept":false,"by":"m. ortiz","reason":"the passport was reported lost"}`); !strings.Contains(got, `"may_not_trade":true`) {
		t.Errorf("the desk's no: %s", got)
	}
	if orders := x.View().Orders(account, true); len(orders) != 0 {
		t.Errorf("open orders of who is not identified: %v", orders)
	}
	if got := b.do("GET", "/customer/v1/identity", "").Body.String(); !strings.Contains(got, "reported lost") || strings.Contains(got, "ortiz") {
		t.Errorf("what the customer reads: %s", got)
	}
	clerk("POST", at, `{"accept":true,"by":"m. ortiz","reason":"found again"}`)
	b.ok(200, b.do("DELETE", "/customer/v1/keys/"+made.Key, ""), nil)
	b.no(notFound, b.do("DELETE", "/customer/v1/keys/"+made.Key, ""), "no key")

	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	again := sample.In(t, dir)
	if err := buy(again.Exchange, "second"); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	d2 := open(t, again)
	c := d2.browser()
	c.cookie = b.cookie
	c.ok(200, c.do("GET", "/customer/v1/standing", ""), nil) // a session outlives the program
	c.ok(200, c.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
	if _, f, err := again.IdentityFile(account, 0); err != nil || string(f.Bytes) != jpeg {
		t.Errorf("the file after a restart: %v", err)
	}
	for _, secret := range []string{password, "ada@example", "Wrenfield", "X1234567", made.Secret, b.cookie.Value} {
		if strings.Contains(strings.ToLower(d.log.String()+d2.log.String()), strings.ToLower(secret)) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestTheListedAndTheRefusedAreToldWhy: what the desk's applicants are told, in two languages;
// who is frozen signs in and reads; who was refused has nothing to sign in to.
func TestTheListedAndTheRefusedAreToldWhy(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	listed := sample.Listed(t)
	b := d.browser()
	type answer struct {
		Account           uint64
		Refused           bool
		Verdict, Decision string
		Explanation       []told
		Rules             []rule
	}
	var frozen answer
	b.ok(201, b.applies("one@example.org", "name", listed.PrimaryName(), "birth", listed.Birth[0].From.String(),
		"citizenships", listed.Nationalities, "residence", entity.Place{Town: "Springfield", Country: listed.Nationalities[0]}), &frozen)
	if frozen.Verdict != "freeze" || len(frozen.Rules) == 0 || !strings.Contains(frozen.Explanation[0].Text, "31 CFR") || frozen.Explanation[1].Language != "ru" || !strings.Contains(frozen.Explanation[1].Text, "замороз") {
		t.Errorf("a listed person: %+v", frozen)
	}
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("one@example.org", password, "")), nil)
	if got := b.do("GET", "/customer/v1/standing", "").Body.String(); !strings.Contains(got, `"verdict":"freeze"`) || strings.Contains(got, "score") {
		t.Errorf("a frozen customer reads: %s", got)
	}
	if got := b.do("GET", "/customer/v1/balances", ""); got.Code != 200 {
		t.Errorf("a frozen customer's balances: %d", got.Code)
	}

	var refused answer
	c := d.browser()
	c.ok(200, c.applies("two@example.org", "operator", "us", "citizenships", []string{"IR"}, "residence", entity.Place{Town: "Tehran", Country: "IR"}), &refused)
	if !refused.Refused || refused.Account != 0 || len(refused.Explanation) != 2 || refused.Explanation[0].Text == "" || len(refused.Rules) == 0 {
		t.Errorf("a refused applicant: %+v", refused)
	}
	c.no(wrongSignIn, c.do("POST", "/customer/v1/sign-in", credentialsOf("two@example.org", password, "")), "wrong")
	// Who moves may ask again: the e-mail address is not used up by a refusal.
	c.ok(201, c.applies("two@example.org"), nil)
}

// TestNotFromHere: a rule that reads the place of a request stops a sign-in as it stops a
// bot's request, is in the log as that is, and stops nothing else.
func TestNotFromHere(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, account := d.signedUp("ada@example.org")
	b.from = sample.FromIran
	p := b.no(notFromHere, b.do("GET", "/customer/v1/standing", ""), "place")
	if r, err := x.View().Decision(p.Decision); err != nil || r.Decision.Account != account || len(p.Explanation) != 2 {
		t.Errorf("the decision is not in the log: %+v", p)
	}
	b.no(notFromHere, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), "place")
	if w := b.send(httptest.NewRequest("GET", "/me", nil)); w.Code != 403 || !strings.Contains(w.Body.String(), `lang="ru"`) {
		t.Errorf("the page: %d %s", w.Code, w.Body)
	}
	b.from = sample.FromUS
	b.ok(200, b.do("GET", "/customer/v1/standing", ""), nil)
}

// TestSignUpSaysWhatIsMissing has a case for each refusal of an application.
func TestSignUpSaysWhatIsMissing(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	many := func(n int) (all []string) {
		for range n {
			all = append(all, "US")
		}
		return all
	}
	home := func(changes ...string) map[string]string {
		m := map[string]string{"town": "Springfield", "country": "US"}
		for i := 0; i < len(changes); i += 2 {
			m[changes[i]] = changes[i+1]
		}
		return m
	}
	passport := func(kind, number, country string) []map[string]string {
		return []map[string]string{{"type": kind, "number": number, "country": country}}
	}
	for field, cases := range map[string][][]any{
		"password":           {{"password", "short"}, {"password", strings.Repeat("ab", 20)}, {"password", "my adaline secret"}, {"password", strings.Repeat("abcdefgh", 40)}},
		"operator":           {{"operator", "nobody"}, {"operator", ""}},
		"name":               {{"name", ""}, {"name", "Cher"}, {"name", strings.Repeat("a ", 150)}, {"name", "Ada\u0001 B"}},
		"former_names":       {{"former_names", many(11)}, {"former_names", []string{""}}},
		"birth":              {{"birth", ""}, {"birth", "17 May 1985"}, {"birth", "1985-02-30"}, {"birth", "1850-01-01"}, {"birth", "2010-01-01"}},
		"birth_country":      {{"birth_country", "Atlantis"}},
		"citizenships":       {{"citizenships", nil}, {"citizenships", []string{"Atlantis"}}, {"citizenships", []string{""}}, {"citizenships", many(11)}},
		"residence.town":     {{"residence", home("town", "")}},
		"residence.country":  {{"residence", home("country", "")}, {"residence", home("country", "Atlantis")}},
		"residence.street":   {{"residence", home("street", strings.Repeat("a", 201))}},
		"documents":          {{"documents", nil}, {"documents", make([]map[string]string, 11)}},
		"documents.type":     {{"documents", passport("", "1", "US")}},
		"documents.number":   {{"documents", passport("passport", "", "US")}},
		"documents.country":  {{"documents", passport("passport", "1", "Atlantis")}},
		"telephone":          {{"telephone", strings.Repeat("1", 201)}},
		"native_name":        {{"native_name", strings.Repeat("a", 201)}},
		"residence.region":   {{"residence", home("region", strings.Repeat("a", 201))}},
		"residence.postcode": {{"residence", home("postcode", strings.Repeat("a", 201))}},
	} {
		for _, c := range cases {
			b := d.browser()
			if p := b.no(unfit, b.applies("adaline@example.org", c...), ""); p.Field != field {
				t.Errorf("%v: the field is %q, want %q: %s", c, p.Field, field, p.Detail)
			}
		}
	}
	if n := x.View().Summary().Customers; n != 0 {
		t.Errorf("%d customers came of applications that lack something", n)
	}
	b, _ := d.signedUp("ada@example.org")
	for _, bad := range []string{"nobody", "", "Ada <ada@example.org>", strings.Repeat("a", 250) + "@example.org"} {
		if p := b.no(unfit, b.do("POST", "/customer/v1/sign-up", text(m{"email": bad})), "e-mail address"); p.Field != "email" {
			t.Errorf("%q: %+v", bad, p)
		}
	}

	shut := open(t, x, func(o *Options) { o.SignUp = false }).browser()
	shut.no(noSignUp, shut.do("POST", "/customer/v1/sign-up", text(m{"email": "eve@example.org"})), "desk alone")
	shut.no(noSignUp, shut.applies("eve@example.org"), "desk alone")
	none := open(t, x, noLetters).browser()
	none.no(noMail, none.do("POST", "/customer/v1/sign-up", text(m{"email": "eve@example.org"})), "no mail")
	none.no(noMail, none.applies("eve@example.org"), "no mail")
}

func TestRequestsThatDoNotRead(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, _ := d.signedUp("ada@example.org")
	for body, words := range map[string]string{
		``: "one JSON object", `{}{}`: "follows", `{} x`: "follows", `{"colour":"red"}`: `no field "colour"`, `{"everywhere":"yes"}`: `"everywhere" is of another type`, `[`: "one JSON object",
	} {
		b.no(badRequest, b.do("POST", "/customer/v1/sign-out", body), words)
	}
	b.no(tooLong, b.do("POST", "/customer/v1/sign-out", `{"everywhere":`+strings.Repeat(" ", maxBody)+`true}`), "too long")
	b.no(badMethod, b.do("PUT", "/customer/v1/sign-out", `{}`), "not done here")
	b.no(notFound, b.do("GET", "/customer/v1/nothing", ""), "nothing of this name")
	r := httptest.NewRequest("POST", "/customer/v1/sign-out", strings.NewReader(`{}`))
	r.Header.Set("Content-Type", "text/plain")
	b.no(badRequest, b.send(r), "Content-Type")
	b.no(tooLong, b.do("POST", "/customer/v1/identity/files", jpeg+strings.Repeat("x", maxUpload)), "too long")
	b.no(notTaken, b.do("POST", "/customer/v1/identity/files", jpeg+strings.Repeat("x", identity.MaxFile)), "longer than")
	for range identity.MaxFiles {
		b.ok(201, b.do("POST", "/customer/v1/identity/files", jpeg), nil)
	}
	b.no(notTaken, b.do("POST", "/customer/v1/identity/files", jpeg), "8 of this customer already")
	for field, body := range map[string]string{
		"may":        `{"password":"` + password + `"}`,
		"from":       `{"may":["read"],"from":["here"]}`,
		"days":       `{"may":["read"],"days":-1}`,
		"public_key": `{"may":["read"],"public_key":"x"}`,
	} {
		if p := b.no(unfit, b.do("POST", "/customer/v1/keys", body), ""); p.Field != field {
			t.Errorf("%s: the field is %q", body, p.Field)
		}
	}
	b.no(notTaken, b.do("POST", "/customer/v1/keys", `{"may":["fly"],"password":"`+password+`"}`), "read, trade and withdraw")
	b.no(wrongSignIn, b.do("POST", "/customer/v1/keys", `{"may":["read"],"password":"guess"}`), "wrong")
}

// TestAuthenticator: a code is asked for once one was seen, each is good once, and recovery
// codes are.
func TestAuthenticator(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, account := d.signedUp("ada@example.org")
	other := d.browser()
	in := func(code string) *httptest.ResponseRecorder {
		return other.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, code))
	}
	other.ok(200, in(""), nil)

	b.no(noTOTP, b.do("POST", "/customer/v1/totp/confirm", `{"code":"000000"}`), "secret")
	b.no(wrongSignIn, b.do("POST", "/customer/v1/totp", `{"password":"guess"}`), "wrong")
	var fresh struct{ Secret, URI string }
	b.ok(201, b.do("POST", "/customer/v1/totp", `{"password":"`+password+`"}`), &fresh)
	if !strings.Contains(fresh.URI, fresh.Secret) || !strings.HasPrefix(fresh.URI, "otpauth://totp/Sallyport:ada@example.org?") {
		t.Errorf("%+v", fresh)
	}
	other.ok(200, in(""), nil) // not asked for yet
	secret, err := base32.StdEncoding.DecodeString(fresh.Secret)
	if err != nil {
		t.Fatal(err)
	}
	code := func() string { return signin.TOTP(secret, signin.Step(d.clock.Now()), 6) }
	b.no(wrongSignIn, b.do("POST", "/customer/v1/totp/confirm", `{"code":"12345"}`), "clock")
	var recovery struct {
		Codes []string `json:"recovery_codes"`
	}
	first := code()
	b.ok(200, b.do("POST", "/customer/v1/totp/confirm", `{"code":"`+first+`"}`), &recovery)
	if len(recovery.Codes) != 10 {
		t.Fatalf("%+v", recovery)
	}
	other.no(signedOut, other.do("GET", "/customer/v1/standing", ""), "Sign in") // every other session has ended
	b.ok(200, b.do("GET", "/customer/v1/standing", ""), nil)

	other.no(wrongSignIn, in(""), "wrong")
	other.no(wrongSignIn, in(first), "wrong") // it was used to confirm
	d.clock.Set(d.clock.Now().Add(time.Minute))
	other.ok(200, in(code()), nil)
	other.no(wrongSignIn, in(code()), "wrong") // a replay within its time
	d.clock.Set(d.clock.Now().Add(time.Minute))
	other.ok(200, in(recovery.Codes[3]), nil)
	other.no(wrongSignIn, in(recovery.Codes[3]), "wrong")
	if l, _ := x.Login(account); len(l.Recovery) != 9 {
		t.Errorf("%d recovery codes are left", len(l.Recovery))
	}
	d.clock.Set(d.clock.Now().Add(time.Minute))
	b.no(wrongSignIn, b.do("POST", "/customer/v1/keys", `{"may":["read"],"password":"`+password+`"}`), "wrong")
	b.ok(201, b.do("POST", "/customer/v1/keys", `{"may":["read"],"password":"`+password+`","code":"`+code()+`"}`), nil)
	d.clock.Set(d.clock.Now().Add(time.Minute))
	b.no(wrongSignIn, b.do("DELETE", "/customer/v1/totp", `{"password":"`+password+`"}`), "wrong")
	b.ok(200, b.do("DELETE", "/customer/v1/totp", `{"password":"`+password+`","code":"`+code()+`"}`), nil)
	other.ok(200, in(""), nil)
}

// TestSessions: they end by idling, by age, by signing out, everywhere, and by a new password.
func TestSessions(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, _ := d.signedUp("ada@example.org")
	reads := func(b *browser) bool { return b.do("GET", "/customer/v1/standing", "").Code == 200 }
	in := func() *browser {
		b := d.browser()
		b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
		return b
	}
	d.clock.Set(d.clock.Now().Add(29 * time.Minute))
	if !reads(b) {
		t.Error("ended before it had idled")
	}
	d.clock.Set(d.clock.Now().Add(30 * time.Minute))
	if reads(b) {
		t.Error("goes on after it had idled")
	}
	b = in()
	for range 12 * 3 {
		d.clock.Set(d.clock.Now().Add(20 * time.Minute))
		if d.clock.Now(); !reads(b) {
			break
		}
	}
	if reads(b) {
		t.Error("goes on after twelve hours")
	}
	b, c := in(), in()
	kept := b.cookie
	b.ok(200, b.do("POST", "/customer/v1/sign-out", `{}`), nil)
	if b.cookie != nil {
		t.Error("the cookie stays")
	}
	b.cookie = kept
	if reads(b) || !reads(c) {
		t.Error("signing out ended another session than its own")
	}
	e := in()
	c.ok(200, c.do("POST", "/customer/v1/sign-out", `{"everywhere":true}`), nil)
	if reads(e) {
		t.Error("signing out everywhere left a session")
	}
	b, c = in(), in()
	const next = "nine dry herons whistle"
	b.no(unfit, b.do("POST", "/customer/v1/password", `{"password":"`+password+`","new":"short"}`), "shorter")
	b.no(wrongSignIn, b.do("POST", "/customer/v1/password", `{"password":"guess","new":"`+next+`"}`), "wrong")
	b.ok(200, b.do("POST", "/customer/v1/password", `{"password":"`+password+`","new":"`+next+`"}`), nil)
	if reads(c) || !reads(b) {
		t.Error("a new password ended its own session, or left another")
	}
	c.no(wrongSignIn, c.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), "wrong")
	c.ok(200, c.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", next, "")), nil)
}

// TestSessionsAreListedAndEnded: where and since when, one or all, by the customer or the desk; over a
// restart; and no token lies on the disk.
func TestSessionsAreListedAndEnded(t *testing.T) {
	dir := t.TempDir()
	x := sample.In(t, dir)
	d := open(t, x)
	a, account := d.signedUp("ada@example.org")
	d.clock.Set(d.clock.Now().Add(time.Minute))
	b := d.browser()
	in := httptest.NewRequest("POST", "/customer/v1/sign-in", strings.NewReader(credentialsOf("ada@example.org", password, "")))
	in.Header.Set("Content-Type", "application/json")
	in.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 \xff"+strings.Repeat("x", 1000))
	b.ok(200, b.send(in), nil)
	seen := func(b *browser) (all struct{ Sessions []session }) {
		t.Helper()
		b.ok(200, b.do("GET", "/customer/v1/sessions", ""), &all)
		return all
	}
	all := seen(a).Sessions
	if len(all) != 2 || all[0].This || !all[1].This || all[0].From != "192.0.2.1" || all[0].Browser() != "Firefox, Linux" || len(all[0].Device) > maxDevice || !all[0].Since.Equal(d.clock.Now()) {
		t.Errorf("%+v", all)
	}
	page := a.send(httptest.NewRequest("GET", "/me/security", nil)).Body.String()
	if !strings.Contains(page, "Firefox, Linux") || !strings.Contains(page, "this one") || !strings.Contains(page, all[0].ID) {
		t.Errorf("the page: %s", page)
	}
	eve, _ := d.signedUp("eve@example.org")
	eve.no(notFound, eve.do("DELETE", "/customer/v1/sessions/"+all[0].ID, ""), "no session")

	d.clock.Set(d.clock.Now().Add(29 * time.Minute))
	seen(b) // a use that is written down
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []*browser{a, b, eve} {
		raw, _ := base64.RawURLEncoding.DecodeString(c.cookie.Value)
		err := filepath.WalkDir(dir, func(path string, f fs.DirEntry, err error) error {
			if err != nil || f.IsDir() {
				return err
			}
			content, err := os.ReadFile(path)
			if bytes.Contains(content, []byte(c.cookie.Value)) || bytes.Contains(content, raw[8:]) {
				t.Errorf("%s holds a token", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	y := sample.In(t, dir)
	d2 := open(t, y)
	d2.clock.Set(d.clock.Now().Add(20 * time.Minute))
	a.door, b.door = d2, d2
	a.no(signedOut, a.do("GET", "/customer/v1/sessions", ""), "") // half an hour after its last use
	if all = seen(b).Sessions; len(all) != 1 || !all[0].This {
		t.Errorf("after a restart: %+v", all)
	}
	a.ok(200, a.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
	a.ok(200, a.do("DELETE", "/customer/v1/sessions/"+all[0].ID, ""), nil)
	b.no(signedOut, b.do("GET", "/customer/v1/sessions", ""), "")

	clerks := desk.New(y.Exchange, staff.Shared("desk"), desk.Options{})
	out := func(account uint64, body string) int {
		r := httptest.NewRequest("POST", fmt.Sprintf("/desk/v1/customers/%d/sign-out", account), strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer desk")
		w := httptest.NewRecorder()
		clerks.ServeHTTP(w, r)
		return w.Code
	}
	if out(account, `{}`) != 422 || out(999, `{"by":"m. ortiz"}`) != 404 || len(seen(a).Sessions) != 1 {
		t.Error("the desk signs out by nobody's word, or nobody")
	}
	if out(account, `{"by":"m. ortiz"}`) != 200 {
		t.Error("the desk cannot sign a customer out")
	}
	a.no(signedOut, a.do("GET", "/customer/v1/sessions", ""), "")
}

// TestGuessing: who goes on failing waits, by account and by address, known or not, and no
// answer tells which.
func TestGuessing(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	d.signedUp("ada@example.org")
	guess := func(b *browser, mail string) *httptest.ResponseRecorder {
		return b.do("POST", "/customer/v1/sign-in", credentialsOf(mail, "six wet otters guess", ""))
	}
	answers := map[string]string{}
	for _, mail := range []string{"ada@example.org", "nobody@example.org", "no address"} {
		b := d.browser()
		for range 5 {
			w := guess(b, mail)
			b.no(wrongSignIn, w, "wrong")
			answers[mail] = w.Body.String()
		}
		w := guess(b, mail)
		b.no(tooMany, w, "Try again in 1 seconds")
		sample.Has(t, w.Header(), "Retry-After", "1")
	}
	if answers["ada@example.org"] != answers["nobody@example.org"] || answers["no address"] != answers["nobody@example.org"] {
		t.Errorf("the answers differ: %v", answers)
	}
	// The right password waits too, or the wait would not matter.
	b := d.browser()
	b.no(tooMany, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), "Try again")
	waits := []int{}
	for i := range 8 {
		b.from = fmt.Sprintf("203.0.113.%d:1", i) // from ever other addresses
		d.clock.Set(d.clock.Now().Add(time.Duration(max(1, last(waits))) * time.Second))
		guess(b, "ada@example.org")
		var s int
		fmt.Sscan(guess(b, "ada@example.org").Header().Get("Retry-After"), &s)
		waits = append(waits, s)
	}
	if fmt.Sprint(waits) != "[2 4 8 16 32 60 60 60]" {
		t.Errorf("the waits of an account grow as %v", waits)
	}
	// An address that tries many accounts waits as well.
	e := d.browser()
	e.from = "203.0.113.77:1"
	n := 0
	for i := range 100 {
		if guess(e, fmt.Sprintf("somebody%d@example.org", i)).Code == http.StatusTooManyRequests {
			n = i
			break
		}
	}
	if n != 20 {
		t.Errorf("an address waits after %d accounts", n)
	}
	// And one that signs up again and again.
	u := d.browser()
	u.from = "203.0.113.78:1"
	for i := range 5 {
		u.ok(201, u.applies(fmt.Sprintf("u%d@example.org", i)), nil)
	}
	u.no(tooMany, u.applies("u9@example.org"), "Try again")
}

func last(ns []int) int {
	if len(ns) == 0 {
		return 0
	}
	return ns[len(ns)-1]
}

// TestPace: who asks too often is told when to come again, by account and by address, on the wire and on the
// pages; another goes on.
func TestPace(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, func(o *Options) { o.PerSecond = 5 })
	a, _ := d.signedUp("ada@example.org")
	until := func(b *browser, path string) (n int, w *httptest.ResponseRecorder) {
		for n = range 1000 {
			if w = b.send(httptest.NewRequest("GET", path, nil)); w.Code == 429 {
				break
			}
		}
		return n, w
	}
	d.clock.Set(d.clock.Now().Add(time.Minute))
	n, w := until(a, "/customer/v1/sessions")
	a.no(tooFast, w, "Try again in 1 seconds")
	sample.Has(t, w.Header(), "Retry-After", "1")
	if n != 20 {
		t.Errorf("%d requests of an account at once", n)
	}
	if w := a.send(httptest.NewRequest("GET", "/me/security", nil)); w.Code != 429 || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "Come again") {
		t.Errorf("the page: %d", w.Code)
	}
	a.from = "192.0.2.1:9" // another port is no other address, and another address no other account
	if w := a.do("GET", "/customer/v1/sessions", ""); w.Code != 429 {
		t.Errorf("%d", w.Code)
	}
	d.clock.Set(d.clock.Now().Add(200 * time.Millisecond))
	a.ok(200, a.do("GET", "/customer/v1/sessions", ""), nil)
	a.no(tooFast, a.do("GET", "/customer/v1/sessions", ""), "")

	// An address, of whomever.
	d.clock.Set(d.clock.Now().Add(time.Minute))
	if n, _ := until(d.browser(), "/me/sign-in"); n != 60 {
		t.Errorf("%d requests of an address at once", n)
	}
	a.no(tooFast, a.do("GET", "/customer/v1/sessions", ""), "")
	other := d.browser()
	other.from = "203.0.113.10:1"
	if w := other.send(httptest.NewRequest("GET", "/me/sign-in", nil)); w.Code != 200 {
		t.Errorf("another address: %d", w.Code)
	}
}

// TestOtherSites: nothing that another site's page sends is done, whatever cookie comes.
func TestOtherSites(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b, _ := d.signedUp("ada@example.org")
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		for _, path := range []string{"/customer/v1/sign-out", "/me/sign-out", "/me/sign-in", "/me/keys"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(`everywhere=yes`))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			b.no(crossSite, b.send(r), "another site")
		}
	}
	b.ok(200, b.do("GET", "/customer/v1/standing", ""), nil)
}

// TestPages walks the pages as a browser without scripts does.
func TestPages(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	b := d.browser()
	get := func(path string) *httptest.ResponseRecorder { return b.send(httptest.NewRequest("GET", path, nil)) }
	post := func(path, form string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		return b.send(r)
	}
	has := func(w *httptest.ResponseRecorder, status int, words ...string) {
		t.Helper()
		if w.Code != status {
			t.Errorf("status %d, want %d", w.Code, status)
		}
		for _, word := range words {
			if !strings.Contains(w.Body.String(), word) {
				t.Errorf("the page does not say %q:\n%s", word, w.Body)
			}
		}
		if status < 300 && !strings.Contains(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
			t.Error("no policy of content")
		}
	}
	if w := get("/me"); w.Code != 303 || w.Header().Get("Location") != "/me/sign-in" {
		t.Errorf("/me of nobody: %d %s", w.Code, w.Header())
	}
	has(get("/me/sign-up"), 200, `name="email"`)
	has(post("/me/sign-up", "email=x"), 422, "Want one", `value="x"`)
	has(post("/me/sign-up", "email=ada@example.org"), 200, "A letter is on its way", "say who you are")
	token := d.link("ada@example.org")
	has(get("/me/application?token="+token), 200, "Sample Inc., EU branch", `name="citizenships"`, "You sign in as ada@example.org", token)
	has(get("/me/application?token=x"+token), 410, "not good any longer")
	form := "token=" + token + "&password=six+wet+otters+juggle&operator=us&name=Ada+%3Cb%3E+Wrenfield&birth=1985-05-17&citizenships=US,+France&town=Springfield&country=US&document_type=passport&document_number=X1&document_country=US"
	has(post("/me/application", strings.Replace(form, "X1", "", 1)), 422, "Number: It is missing.", `name="document_number" aria-invalid="true" aria-describedby="fault" autofocus`, "Ada &lt;b&gt; Wrenfield")
	if w := post("/me/application", strings.Replace(form, "X1", "", 1)); strings.Contains(w.Body.String(), "otters") {
		t.Error("the page repeats the password")
	}
	has(post("/me/application", form), 200, "Your account is open, and free", `lang="ru"`, "show who you are")
	has(get("/me/application?token="+token), 410, "by now")
	has(post("/me/application", form), 410, "by now")
	has(post("/me/sign-in", "email=ada@example.org&password=guess"), 401, "is wrong", `value="ada@example.org"`)
	if w := post("/me/sign-in", "email=ada@example.org&password=six+wet+otters+juggle"); w.Code != 303 || w.Header().Get("Location") != "/me" {
		t.Fatalf("signing in: %d %s", w.Code, w.Body)
	}
	account, _, _ := x.LoginOf("ada@example.org")
	if p, _ := x.Profile(account); fmt.Sprint(p.Nationalities) != "[US FR]" || p.Email != "ada@example.org" {
		t.Errorf("the profile: %+v", p)
	}
	x.Fund(account, "BTC", "0.5")
	has(get("/me"), 200, "is free", "Trade: <b>no</b>", "You are not identified", "0.5", "deposit")
	has(get("/me/identity"), 200, "passport US", "Nothing yet")
	upload := func(field, content string) *httptest.ResponseRecorder {
		body := "--B\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"p.jpg\"\r\n\r\n" + content + "\r\n--B--\r\n"
		r := httptest.NewRequest("POST", "/me/identity", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		return b.send(r)
	}
	has(upload("other", jpeg), 422, "Choose a file")
	has(upload("file", "GIF89a"), 422, "no JPEG, PNG or PDF")
	has(upload("file", jpeg), 303)
	has(get("/me/identity"), 200, "image/jpeg", "waiting for a person to look")
	has(post("/me/keys", "label=bot&may=read&may=trade&days=x&password=six+wet+otters+juggle"), 422, "number of days", `value="bot"`)
	has(post("/me/keys", "label=bot&may=read&may=trade&from=192.0.2.7&password=guess"), 401, "is wrong", "192.0.2.7")
	w := post("/me/keys", "label=bot&may=read&may=trade&from=192.0.2.7&password=six+wet+otters+juggle")
	has(w, 201, "shown this once", "192.0.2.7/32")
	k := x.Keys(account)
	if len(k) != 1 || k[0].Label != "bot" {
		t.Fatalf("keys: %v", k)
	}
	if kept, _ := x.Exchange.Key(k[0].Name); strings.Contains(get("/me/keys").Body.String(), string(kept.Secret)) {
		t.Error("the secret is shown again")
	}
	has(post("/me/keys/remove", "key=none"), 404, "no key of this name")
	has(post("/me/keys/remove", "key="+k[0].Name), 303)
	has(post("/me/security/totp", "password=guess"), 401, "is wrong")
	has(post("/me/security/totp", "password=six+wet+otters+juggle"), 200, `id="secret"`, "otpauth:")
	l, _ := x.Login(account)
	has(post("/me/security/totp/confirm", "code=1"), 401, "code is wrong")
	has(post("/me/security/totp/confirm", "code="+signin.TOTP(l.NewTOTP, signin.Step(d.clock.Now()), 6)), 200, "recovery codes", "-")
	has(get("/me/security"), 200, "10 recovery codes are left")
	d.clock.Set(d.clock.Now().Add(time.Minute))
	has(post("/me/security/totp/off", "password=six+wet+otters+juggle&code="+signin.TOTP(l.NewTOTP, signin.Step(d.clock.Now()), 6)), 303)
	has(post("/me/security/password", "password=six+wet+otters+juggle&new=nine+dry+herons+whistle"), 200, "is changed")
	has(get("/me/nothing"), 404, "no page here")
	has(get("/me/me.css"), 200, "--ground")
	if w := post("/me/sign-out", ""); w.Code != 303 || b.cookie != nil {
		t.Errorf("signing out: %d", w.Code)
	}
	if w := get("/me"); w.Code != 303 {
		t.Errorf("/me after signing out: %d", w.Code)
	}
}

// TestBusy: when all who may hash do, others are told to come again, not kept in memory.
func TestBusy(t *testing.T) {
	f := (&Server{o: Options{Log: slog.New(slog.DiscardHandler)}}).asFault(fmt.Errorf("wrapped: %w", signin.ErrBusy))
	if f.reason != busy || f.Error() == "" {
		t.Errorf("%+v", f)
	}
}

// A list of movements looks those up in the log that it shows, and no others: of thousands that lie
// frozen it shows a hundred.
func TestMovementsOfLongAgo(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	a := x.Open("us", sample.Somebody("Ada Quillfeather", "US")).Account
	v := &visit{Server: d.s, account: a}
	listed := sample.ListedWallet(t)
	x.BringsFrom(listed, a, "0.5")
	all, err := v.movements()
	if err != nil || len(all) != 1 || len(all[0].Why) == 0 {
		t.Fatalf("%+v, %v", all, err)
	}
	old := all[0].Decision
	x.Pass(a)
	for range shown {
		x.Clock.Set(x.Clock.Now().Add(time.Second))
		x.BringsFrom(listed, a, "0.2")
	}
	x.Close()
	var said *fault
	if err := v.told(&fault{reason: notTaken}, old); err == nil || errors.As(err, &said) {
		t.Errorf("of a decision that cannot be read is told: %v", err)
	}
	all, err = v.movements()
	if err != nil || len(all) != shown {
		t.Fatalf("%d movements, %v", len(all), err)
	}
	for _, m := range all {
		if m.Amount.String() != "0.2" || m.Became != "frozen" || len(m.Why) == 0 {
			t.Errorf("%+v", m)
		}
	}
}
