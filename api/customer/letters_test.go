package customer

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sallyport/api/desk"
	"sallyport/api/internal/sample"
	"sallyport/mail"
	"sallyport/signin"
	"sallyport/staff"
)

// a postbox takes letters, and fails as often as it is told to.
type postbox struct {
	t     testing.TB
	mu    sync.Mutex
	fails int
	came  chan mail.Message
}

func (p *postbox) Send(_ context.Context, m mail.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fails > 0 {
		p.fails--
		return errors.New("the line is dead")
	}
	p.came <- m
	return nil
}

// next is the next letter, and the token of the link in it, which is the same in both languages.
func (p *postbox) next(to, subject string) (token string) {
	p.t.Helper()
	select {
	case m := <-p.came:
		if m.To != to || !strings.Contains(m.Subject, subject) || !strings.Contains(m.Text, "https://localhost:8080") || !regexp.MustCompile(`\p{Cyrillic}`).MatchString(m.Text) {
			p.t.Fatalf("to %s: %s\n%s", m.To, m.Subject, m.Text)
		}
		links := regexp.MustCompile(`https://\S+\?\S+`).FindAllString(m.Text, -1)
		if len(links) == 0 {
			return ""
		}
		if len(links) != 2 || links[0] != links[1] {
			p.t.Fatalf("the links: %v", links)
		}
		u, err := url.Parse(links[0])
		if err != nil {
			p.t.Fatal(err)
		}
		return u.Query().Get("token")
	case <-time.After(5 * time.Second):
		p.t.Fatalf("no letter to %s", to)
	}
	return ""
}

// none checks that the post is done and no letter came.
func (p *postbox) none(d *door) {
	p.t.Helper()
	done := make(chan struct{})
	d.s.later(func(context.Context) { close(done) })
	<-done
	select {
	case m := <-p.came:
		p.t.Errorf("a letter to %s: %s", m.To, m.Subject)
	default:
	}
}

// withMail opens a door that sends letters.
func withMail(t testing.TB, x *sample.Exchange) (*door, *postbox) {
	t.Helper()
	p := &postbox{t: t, came: make(chan mail.Message, 100)}
	d := open(t, x, withPasskeys, func(o *Options) { o.Mail = p })
	return d, p
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

type m map[string]any

// confirmed is a customer whose address is confirmed: who signs up answers a letter first.
func (d *door) confirmed(p *postbox, mail string) (*browser, uint64) {
	d.t.Helper()
	b := d.browser()
	b.ok(202, b.do("POST", "/customer/v1/sign-up", text(m{"email": mail})), nil)
	var opened struct{ Account uint64 }
	b.ok(201, b.do("POST", "/customer/v1/application", ask(p.next(mail, "Your application"))), &opened)
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf(mail, password, "")), nil)
	account := opened.Account
	return b, account
}

// unconfirmed is a customer whom the desk invited by a link that was not mailed.
func (d *door) unconfirmed(mail string) (*browser, uint64) {
	d.t.Helper()
	account := d.x.Open("us", sample.Somebody("Adaline Wrenfield", "US")).Account
	link, err := d.s.Invite(account, mail, false)
	if err != nil {
		d.t.Fatal(err)
	}
	_, token, _ := strings.Cut(link, "token=")
	b := d.browser()
	b.ok(200, b.do("POST", "/customer/v1/invitation", text(m{"token": token, "new": password})), nil)
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf(mail, password, "")), nil)
	return b, account
}

// other is another letter.
func other(r rune) rune {
	if r == 'A' {
		return 'B'
	}
	return 'A'
}

const fresh = "nine dry herons whistle"

// TestAnAddressIsConfirmed by a letter, once, and by the newest alone; then
// it may be changed, by a letter to the new one, and the old one hears of it.
func TestAnAddressIsConfirmed(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	b, account := d.unconfirmed("ada@example.org")
	b.ok(202, b.do("POST", "/customer/v1/email/letter", ""), nil)
	first := post.next("ada@example.org", "Confirm your e-mail address · Подтвердите")
	b.ok(202, b.do("POST", "/customer/v1/email/letter", ""), nil)
	token := post.next("ada@example.org", "Confirm")
	confirm := func(token string) *httptest.ResponseRecorder {
		return d.browser().do("POST", "/customer/v1/email/confirm", text(m{"token": token}))
	}
	b.no(badTicket, confirm(first), "another took its place")
	b.no(badTicket, confirm(""), "")
	if w := b.send(httptest.NewRequest("GET", "/me/email?token="+token, nil)); w.Code != 200 || !strings.Contains(w.Body.String(), "ada@example.org is yours") {
		t.Errorf("the page of the link: %d %s", w.Code, w.Body)
	}
	if l, _ := x.Login(account); !l.Confirmed.IsZero() {
		t.Error("opening the link confirms, as a program that reads mail would")
	}
	b.ok(200, confirm(token), nil)
	b.no(badTicket, confirm(token), "")
	if l, _ := x.Login(account); l.Confirmed.IsZero() {
		t.Error("not confirmed")
	}
	b.no(notTaken, b.do("POST", "/customer/v1/email/letter", ""), "already")

	other := d.browser()
	other.ok(200, other.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
	change := func(to, password string) *httptest.ResponseRecorder {
		return b.do("POST", "/customer/v1/email", text(m{"email": to, "password": password}))
	}
	b.no(wrongSignIn, change("a@example.org", "guess"), "wrong")
	b.no(unfit, change("nobody", password), "e-mail address")
	b.ok(202, change("A@example.org", password), nil)
	token = post.next("a@example.org", "Your new e-mail address")
	d.clock.Set(d.clock.Now().Add(time.Minute))
	b.ok(200, confirm(token), nil)
	post.next("ada@example.org", "How you sign in has changed")
	other.no(signedOut, other.do("GET", "/customer/v1/standing", ""), "") // every session, for the link was opened by nobody's
	other.no(wrongSignIn, other.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), "wrong")
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("a@example.org", password, "")), nil)
	if l, _ := x.Login(account); l.Email != "a@example.org" {
		t.Errorf("the login says %s", l.Email)
	}

	// An address of another's: the answer is the same, and its owner hears of it.
	d.confirmed(post, "eve@example.org")
	b.ok(202, change("eve@example.org", password), nil)
	if post.next("eve@example.org", "in use") != "" {
		t.Error("a link to take what is another's")
	}
	// One that is taken while the letter is on its way.
	b.ok(202, change("c@example.org", password), nil)
	token = post.next("c@example.org", "new e-mail")
	d.signedUp("c@example.org")
	b.no(badTicket, confirm(token), "by now")
	if _, l, _ := x.LoginOf("a@example.org"); l.Email != "a@example.org" {
		t.Error("the address is lost")
	}
}

// TestAForgottenPassword: a letter to a confirmed address alone, and the same answer for every other;
// it stands in for the password, never for the second factor.
func TestAForgottenPassword(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	b, account := d.confirmed(post, "ada@example.org")
	d.unconfirmed("new@example.org")
	invited := x.Open("us", sample.Somebody("Bertha Holloway", "US")).Account
	if _, err := d.s.Invite(invited, "invited@example.org", false); err != nil {
		t.Fatal(err)
	}
	c := d.browser()
	forgot := func(mail string) *httptest.ResponseRecorder {
		return c.do("POST", "/customer/v1/forgotten", text(m{"email": mail}))
	}
	set := func(token, code string) *httptest.ResponseRecorder {
		d.clock.Set(d.clock.Now().Add(2 * time.Second))
		return c.do("POST", "/customer/v1/forgotten/set", text(m{"token": token, "new": fresh, "code": code}))
	}
	answers := map[string]bool{}
	for _, mail := range []string{"nobody@example.org", "new@example.org", "invited@example.org", "ada@example.org"} {
		w := forgot(mail)
		c.ok(202, w, nil)
		answers[w.Body.String()] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	for _, mail := range []string{"nobody@example.org", "new@example.org", "invited@example.org"} {
		if post.next(mail, "No new password") != "" {
			t.Errorf("a link to a new password for %s", mail)
		}
	}
	token := post.next("ada@example.org", "Choose a new password")
	post.none(d)
	c.no(unfit, c.do("POST", "/customer/v1/forgotten/set", text(m{"token": token, "new": "short"})), "shorter")
	c.no(badTicket, set(token[:20]+strings.Map(other, token[20:21])+token[21:], ""), "")
	c.ok(200, set(token, ""), nil)
	post.next("ada@example.org", "How you sign in has changed")
	c.no(badTicket, set(token, ""), "was used")
	b.no(signedOut, b.do("GET", "/customer/v1/standing", ""), "") // every session has ended
	c.no(wrongSignIn, c.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), "")
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", fresh, "")), nil)

	// With an authenticator: the letter alone does nothing, and its link stays good meanwhile.
	var secret struct{ Secret string }
	b.ok(201, b.do("POST", "/customer/v1/totp", text(m{"password": fresh})), &secret)
	key, _ := base32.StdEncoding.DecodeString(secret.Secret)
	code := func() string { return signin.TOTP(key, signin.Step(d.clock.Now()), 6) }
	b.ok(200, b.do("POST", "/customer/v1/totp/confirm", text(m{"code": code()})), nil)
	post.next("ada@example.org", "How you sign in")
	d.clock.Set(d.clock.Now().Add(time.Minute))
	c.ok(202, forgot("ada@example.org"), nil)
	token = post.next("ada@example.org", "Choose")
	before, _ := x.Login(account)
	c.no(wrongSignIn, set(token, ""), "second factor")
	c.no(wrongSignIn, set(token, "000000"), "second factor")
	if after, _ := x.Login(account); after.Password != before.Password {
		t.Fatal("a letter got past the second factor")
	}
	c.ok(200, set(token, code()), nil)
	post.next("ada@example.org", "How you sign in")

	// Nor does it let anybody try codes for ever.
	d.clock.Set(d.clock.Now().Add(10 * time.Hour))
	c.ok(202, forgot("ada@example.org"), nil)
	token = post.next("ada@example.org", "Choose")
	for range 10 {
		d.clock.Set(d.clock.Now().Add(time.Minute))
		c.no(wrongSignIn, set(token, "000000"), "second factor")
	}
	c.no(badTicket, set(token, code()), "")
	d.clock.Set(d.clock.Now().Add(10 * time.Hour))

	// With a passkey, which must have been asked for this.
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", fresh, func() string { d.clock.Set(d.clock.Now().Add(time.Minute)); return code() }())), nil)
	dev := b.device()
	d.clock.Set(d.clock.Now().Add(time.Minute))
	b.ok(201, dev.make(text(m{"password": fresh, "code": code()}), "laptop"), nil)
	post.next("ada@example.org", "How you sign in")
	d.clock.Set(d.clock.Now().Add(10 * time.Hour)) // and letters are not waited for
	c.ok(202, forgot("ada@example.org"), nil)
	token = post.next("ada@example.org", "Choose")
	dev.browser = c
	with := func(proof string) *httptest.ResponseRecorder {
		return c.do("POST", "/customer/v1/forgotten/set", strings.Replace(proof, "{", `{"token":"`+token+`","new":"`+fresh+`",`, 1))
	}
	c.no(wrongPasskey, with(dev.proof("/customer/v1/sign-in/ask")), "any longer")
	asked := c.do("POST", "/customer/v1/forgotten/ask", text(m{"token": token}))
	c.ok(200, with(dev.answerTo(asked)), nil)
	post.next("ada@example.org", "How you sign in")

	// A link lasts half an hour, and no longer than the address it went to.
	d.clock.Set(d.clock.Now().Add(10 * time.Hour))
	c.ok(202, forgot("ada@example.org"), nil)
	token = post.next("ada@example.org", "Choose")
	d.clock.Set(d.clock.Now().Add(30 * time.Minute))
	c.no(badTicket, set(token, code()), "time has run out")
	for _, secret := range []string{"ada@example", fresh, password, token} {
		if strings.Contains(d.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

// TestLettersAreBounded: so many to one address, and from one, known or not.
func TestLettersAreBounded(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	d.confirmed(post, "ada@example.org")
	c := d.browser()
	forgot := func(from, mail string) *httptest.ResponseRecorder {
		c.from = from
		return c.do("POST", "/customer/v1/forgotten", text(m{"email": mail}))
	}
	for _, mail := range []string{"ada@example.org", "nobody@example.org"} {
		for n := range 20 { // and who asks is not told that no more go
			c.ok(202, forgot(fmt.Sprintf("203.0.113.%d:1", n+1), mail), nil)
		}
		done := make(chan struct{})
		d.s.later(func(context.Context) { close(done) })
		<-done
		n := len(post.came)
		for range n {
			<-post.came
		}
		if want := map[string]int{"ada@example.org": 2, "nobody@example.org": 3}[mail]; n != want { // signing up sent one
			t.Errorf("%d letters to %s", n, mail)
		}
	}
	n := 0
	for n < 50 && forgot("203.0.113.200:1", fmt.Sprintf("n%d@example.org", n)).Code == 202 {
		n++
	}
	if n != 10 {
		t.Errorf("%d letters from one address", n)
	}
	c.no(tooMany, forgot("203.0.113.200:1", "z@example.org"), "Try again")

	// Who sends none says so, and offers none.
	none := open(t, x, noLetters).browser()
	none.no(noMail, none.do("POST", "/customer/v1/forgotten", `{"email":"ada@example.org"}`), "no mail")
	if page := none.send(httptest.NewRequest("GET", "/me/sign-in", nil)).Body.String(); strings.Contains(page, "/me/forgotten") {
		t.Error("the page offers letters that there are not")
	}
}

// TestALetterIsTriedAgain: three times in all, and closing waits for none of it.
func TestALetterIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := &postbox{t: t, came: make(chan mail.Message, 10), fails: 2}
		log := &lockedBuffer{}
		s := &Server{o: Options{Site: passkeySite, Log: slogTo(log)}, post: newPost(box)}
		say := func() { s.later(func(ctx context.Context) { s.send(ctx, "ada@example.org", s.takenWords()) }) }
		defer s.Close()
		say()
		time.Sleep(time.Minute) // of the bubble's clock
		box.next("ada@example.org", "in use")
		box.mu.Lock()
		box.fails = 3
		box.mu.Unlock()
		say()
		time.Sleep(time.Minute)
		synctest.Wait()
		if len(box.came) != 0 || !strings.Contains(log.String(), "the line is dead") || strings.Contains(log.String(), "ada@") {
			t.Errorf("after three tries: %d letters, %s", len(box.came), log)
		}
		box.mu.Lock()
		box.fails = 99
		box.mu.Unlock()
		for range maxPost + 10 {
			say()
		}
		if !strings.Contains(log.String(), "too many letters wait") {
			t.Error("letters are lost without a word")
		}
		start := time.Now()
		if s.Close(); time.Since(start) > time.Second {
			t.Error("closing waits for letters")
		}
	})
}

// TestAnInvitation: an account that the desk opened gets a password by a link that is shown once or
// mailed; its holder is as known as before.
func TestAnInvitation(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	account := x.Open("us", sample.Somebody("Adaline Wrenfield", "US")).Account
	second := x.Open("us", sample.Somebody("Bertha Holloway", "US")).Account
	clerks := desk.New(x.Exchange, staff.Shared("desk"), desk.Options{Invite: d.s.Invite})
	invite := func(account uint64, ask m) (int, string) {
		r := httptest.NewRequest("POST", fmt.Sprintf("/desk/v1/customers/%d/invitation", account), strings.NewReader(text(ask)))
		r.Header.Set("Authorization", "Bearer desk")
		w := httptest.NewRecorder()
		clerks.ServeHTTP(w, r)
		var got struct{ Link string }
		json.Unmarshal(w.Body.Bytes(), &got)
		u, _ := url.Parse(got.Link)
		if u.Path != "" && u.Path != "/me/invitation" {
			t.Errorf("the link leads to %s", u.Path)
		}
		return w.Code, u.Query().Get("token")
	}
	for _, bad := range []m{{"email": "ada@example.org"}, {"email": "nobody", "by": "m. ortiz"}} {
		if status, _ := invite(account, bad); status != 422 {
			t.Errorf("%v: %d", bad, status)
		}
	}
	if status, _ := invite(999, m{"email": "ada@example.org", "by": "m. ortiz"}); status != 404 {
		t.Errorf("nobody's account: %d", status)
	}
	status, token := invite(account, m{"email": "Ada@example.org", "by": "m. ortiz"})
	if status != 201 || token == "" {
		t.Fatalf("%d", status)
	}
	if status, _ := invite(second, m{"email": "ada@example.org", "by": "m. ortiz"}); status != 409 {
		t.Errorf("another by the same address: %d", status)
	}
	b := d.browser()
	b.no(wrongSignIn, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", "", "")), "") // no password is none
	accept := func(token, next string) *httptest.ResponseRecorder {
		return b.do("POST", "/customer/v1/invitation", text(m{"token": token, "new": next}))
	}
	b.no(unfit, accept(token, "short"), "shorter")
	b.no(badTicket, b.do("POST", "/customer/v1/forgotten/set", text(m{"token": token, "new": fresh})), "") // for that alone
	b.ok(200, accept(token, fresh), nil)
	b.no(badTicket, accept(token, password), "was used")
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", fresh, "")), nil)
	if got := b.do("GET", "/customer/v1/standing", "").Body.String(); !strings.Contains(got, `"identified":true`) || !strings.Contains(got, `"may_trade":true`) {
		t.Errorf("who was invited: %s", got)
	}
	if l, _ := x.Login(account); !l.Confirmed.IsZero() {
		t.Error("a link that was shown to the desk confirms an address")
	}
	if status, _ := invite(account, m{"email": "ada@example.org", "by": "m. ortiz"}); status != 409 {
		t.Errorf("who signs in already is invited: %d", status)
	}
	post.none(d)

	if status, token = invite(second, m{"email": "bertha@example.org", "by": "m. ortiz", "mail": true}); status != 201 || token != "" {
		t.Errorf("mailed, and shown to the desk: %d", status)
	}
	token = post.next("bertha@example.org", "Your account")
	page := b.send(httptest.NewRequest("GET", "/me/invitation?token="+token, nil)).Body.String()
	if !strings.Contains(page, "You sign in as bertha@example.org") {
		t.Errorf("the page of the link: %s", page)
	}
	b.ok(200, accept(token, fresh), nil)
	if l, _ := x.Login(second); l.Confirmed.IsZero() {
		t.Error("a letter that arrived confirms no address")
	}
}

// TestTicketPages walks the letters' links as a browser without scripts does.
func TestTicketPages(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	b, _ := d.unconfirmed("ada@example.org")
	get := func(path string) string { return b.send(httptest.NewRequest("GET", path, nil)).Body.String() }
	do := func(path, form string, status int, words ...string) {
		t.Helper()
		r := httptest.NewRequest("POST", path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := b.send(r)
		for _, word := range words {
			if w.Code != status || !strings.Contains(w.Body.String(), word) {
				t.Errorf("%s: %d, want %d saying %q: %s", path, w.Code, status, word, w.Body)
			}
		}
	}
	if page := get("/me/security"); !strings.Contains(page, "It is not confirmed") {
		t.Error("the page does not say that the address is not confirmed")
	}
	do("/me/security/email/letter", "", 200, "on its way", "three days")
	token := post.next("ada@example.org", "Confirm")
	do("/me/email", "token="+token, 200, "is confirmed", "My account")
	do("/me/email", "token="+token, 410, "not good any longer")
	if page := get("/me/security"); !strings.Contains(page, "It is confirmed") {
		t.Error("the page does not say that the address is confirmed")
	}
	do("/me/security/email", "email=a@example.org&password=guess", 401, "is wrong")
	do("/me/security/email", "email=a@example.org&password=six+wet+otters+juggle", 200, "on its way")
	do("/me/email", "token="+post.next("a@example.org", "new"), 200, "is confirmed")
	post.next("ada@example.org", "changed")
	do("/me/forgotten", "email=x", 422, "Want one")
	do("/me/forgotten", "email=a@example.org", 200, "on its way", "half an hour")
	token = post.next("a@example.org", "Choose")
	if page := get("/me/password?token=" + token); !strings.Contains(page, "You sign in as a@example.org") || strings.Contains(page, `name="code"`) {
		t.Errorf("the page of the link: %s", page)
	}
	do("/me/password", "token="+token+"&new=short", 422, "shorter", `name="new"`)
	do("/me/password", "token="+token+"&new=nine+dry+herons+whistle", 200, "is changed", "Sign in")
	if page := get("/me/password?token=" + token); !strings.Contains(page, "not good any longer") {
		t.Error("a link that was used leads on")
	}
	if page := get("/me/sign-in"); !strings.Contains(page, "/me/forgotten") {
		t.Error("the page does not help who has forgotten their password")
	}
}

// TestNobodyLearnsWhoIsACustomer: a stranger does the same to an address that a customer signs in with and
// to one that nobody has, while the customer goes on, and sees the same, to the letter: by JSON and by
// pages, by statuses, answers and waits, by what becomes of a letter of their own, and by how many
// letters the post has to send.
func TestNobodyLearnsWhoIsACustomer(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	// Three customers of whom each is known another way, and one address of nobody's, whose "owner" does the same.
	owner, _ := d.confirmed(post, "own@example.org")
	d.unconfirmed("hal@example.org")
	invited := x.Open("us", sample.Somebody("Bertha Holloway", "US")).Account
	if _, err := d.s.Invite(invited, "inv@example.org", false); err != nil {
		t.Fatal(err)
	}
	eve, _ := d.confirmed(post, "eve@example.org")
	start := d.clock.Now()
	seen := map[string][]string{}
	for i, address := range []string{"non@example.org", "own@example.org", "hal@example.org", "inv@example.org"} {
		// Every stranger comes from a place of their own, at the same hour after the one before.
		d.clock.Set(start.Add(time.Duration(i+1) * 48 * time.Hour))
		eve.ok(200, eve.do("POST", "/customer/v1/sign-in", credentialsOf("eve@example.org", password, "")), nil)
		stranger := d.browser()
		stranger.from = fmt.Sprintf("203.0.113.%d:1", i+1)
		saw := func(what string, w *httptest.ResponseRecorder) {
			body := strings.ReplaceAll(w.Body.String(), address, "ADDRESS")
			body = regexp.MustCompile(`"challenge":"[^"]*"|challenge&#34;:&#34;[^&]*|&#34;challenge&#34;:&#34;[^&]*`).ReplaceAllString(body, "challenge")
			seen[address] = append(seen[address], fmt.Sprint(what, ": ", w.Code, " ", w.Header(), " ", body))
		}
		page := func(b *browser, path, form string) *httptest.ResponseRecorder {
			r := httptest.NewRequest("POST", path, strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return b.send(r)
		}
		letters := func(what string, want int) {
			t.Helper()
			to := map[string]int{}
			done := make(chan struct{})
			d.s.later(func(context.Context) { close(done) })
			<-done
			for len(post.came) > 0 {
				to[(<-post.came).To]++
			}
			if to[address] != want {
				t.Errorf("%s: %d letters to %s, want %d", what, to[address], address, want)
			}
		}
		saw("sign up", stranger.do("POST", "/customer/v1/sign-up", text(m{"email": address})))
		saw("sign up, as a page", page(stranger, "/me/sign-up", "email="+address))
		letters("sign-ups", 2)
		saw("forgotten", stranger.do("POST", "/customer/v1/forgotten", text(m{"email": address})))
		letters("forgotten", 1)
		saw("forgotten, as a page", page(stranger, "/me/forgotten", "email="+address))
		letters("beyond an address' share", 0)

		// Of a letter of the stranger's own, which another takes the place of.
		mine := func(to string) *httptest.ResponseRecorder {
			return eve.do("POST", "/customer/v1/email", text(m{"email": to, "password": password}))
		}
		eve.ok(202, mine(fmt.Sprintf("mine%d@example.org", i)), nil)
		token := post.next(fmt.Sprintf("mine%d@example.org", i), "new e-mail")
		saw("another address", mine(address))
		w := eve.do("POST", "/customer/v1/email/confirm", text(m{"token": token}))
		saw("the letter before", w)
		eve.no(badTicket, w, "took its place")
		letters("another address", 0)

		// What is counted against an address grows alike, whether its owner comes in between or not.
		for n := range 12 {
			saw("a guess", stranger.do("POST", "/customer/v1/sign-in", credentialsOf(address, "guess", "")))
			saw("a guess, as a page", page(stranger, "/me/sign-in", "email="+address+"&password=guess"))
			d.clock.Set(d.clock.Now().Add(61 * time.Second))
			if n%3 == 0 && address == "own@example.org" {
				owner.ok(200, owner.do("POST", "/customer/v1/sign-in", credentialsOf(address, password, "")), nil)
			}
		}
	}
	for address, saw := range seen {
		for i, want := range seen["non@example.org"] {
			if saw[i] != want {
				t.Errorf("%s tells itself from an address of nobody's:\n%s\n%s", address, saw[i], want)
			}
		}
	}
	if n := len(seen["non@example.org"]); n != 30 {
		t.Errorf("%d things were seen", n)
	}
}

// TestASignUp: the letter of a sign-up is good for three days and for its address alone, also after a restart
// under the same key, and an account of it is open once; what the owner of an address is told who has one.
func TestASignUp(t *testing.T) {
	x := sample.New(t)
	box := &postbox{t: t, came: make(chan mail.Message, 100)}
	key := func(o *Options) { o.Mail, o.Secret = box, []byte(strings.Repeat("k", signin.SealKeyBytes)) }
	d := open(t, x, key)
	b := d.browser()
	b.ok(202, b.do("POST", "/customer/v1/sign-up", text(m{"email": "Ada@Example.org"})), nil)
	token := box.next("ada@example.org", "Your application · Ваша заявка")
	if strings.Contains(token, "ada") {
		t.Error("the link tells the address to who carries it")
	}
	again := open(t, x, key)
	again.clock.Set(d.clock.Now().Add(3*24*time.Hour - time.Second))
	c := again.browser()
	for i := range len(token) {
		b.no(badTicket, b.do("POST", "/customer/v1/application", ask(token[:i]+strings.Map(other, token[i:i+1])+token[i+1:])), "not good")
	}
	stale := open(t, x, key)
	stale.clock.Set(d.clock.Now().Add(3 * 24 * time.Hour))
	e := stale.browser()
	e.no(badTicket, e.do("POST", "/customer/v1/application", ask(token)), "time has run out")
	f := open(t, x, func(o *Options) { o.Mail = box }).browser()
	f.no(badTicket, f.do("POST", "/customer/v1/application", ask(token)), "not good")
	if n := x.View().Summary().Customers; n != 0 {
		t.Fatalf("%d customers", n)
	}

	var opened struct{ Account uint64 }
	c.ok(201, c.do("POST", "/customer/v1/application", ask(token)), &opened)
	if l, _ := x.Login(opened.Account); l.Email != "ada@example.org" || l.Confirmed.IsZero() {
		t.Errorf("who answered the letter has shown that the address is theirs: %v %s", l.Confirmed, l.Email)
	}
	if p, _ := x.Profile(opened.Account); p.Email != "ada@example.org" {
		t.Errorf("the profile says %q", p.Email)
	}
	c.no(badTicket, c.do("POST", "/customer/v1/application", ask(token)), "by now")

	// Who has an account is told how to get in.
	d.unconfirmed("hal@example.org")
	invited := x.Open("us", sample.Somebody("Bertha Holloway", "US")).Account
	if _, err := d.s.Invite(invited, "inv@example.org", false); err != nil {
		t.Fatal(err)
	}
	for address, says := range map[string][2]string{ // and what not
		"ada@example.org": {"/me/forgotten", "invitation"},
		"hal@example.org": {"/me/sign-in", "/me/forgotten"},
		"inv@example.org": {"invitation", "/me/sign-in"},
	} {
		b.ok(202, b.do("POST", "/customer/v1/sign-up", text(m{"email": address})), nil)
		if letter := <-box.came; letter.To != address || !strings.Contains(letter.Subject, "You have an account") || !strings.Contains(letter.Text, says[0]) || strings.Contains(letter.Text, says[1]) || !strings.Contains(letter.Text, "they were not told") {
			t.Errorf("%s is told: %s\n%s", address, letter.Subject, letter.Text)
		}
	}

	// Where letters are sent to nobody, the page says where they lie.
	kept := open(t, x, func(o *Options) { o.Kept = true })
	r := httptest.NewRequest("POST", "/me/sign-up", strings.NewReader("email=new@example.org"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if w := kept.browser().send(r); w.Code != 200 || !strings.Contains(w.Body.String(), "folder outbox") {
		t.Errorf("%d %s", w.Code, w.Body)
	}

	// A changed address is the profile's too.
	b.ok(200, b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
	b.ok(202, b.do("POST", "/customer/v1/email", text(m{"email": "a@example.org", "password": password})), nil)
	b.ok(200, b.do("POST", "/customer/v1/email/confirm", text(m{"token": box.next("a@example.org", "new e-mail")})), nil)
	if p, _ := x.Profile(opened.Account); p.Email != "a@example.org" {
		t.Errorf("the profile says %s", p.Email)
	}
}
