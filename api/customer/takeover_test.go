package customer

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/mail"
	"sallyport/signin"
)

// TestWhatOthersBeganEnds: a customer who fears that somebody else signs in as them changes how they do, and nothing
// goes on of what that one had begun: no link to another address, also one that still waits to be sent, none to a new
// password, and no authenticator of theirs.
func TestWhatOthersBeganEnds(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	for i, c := range []struct {
		name string
		slow bool
		by   func(t *testing.T, owner *browser, address string)
	}{
		{"another password", true, func(t *testing.T, owner *browser, _ string) {
			owner.ok(200, owner.do("POST", "/customer/v1/password", text(m{"password": password, "new": fresh})), nil)
		}},
		{"a password in place of a forgotten one", false, func(t *testing.T, owner *browser, address string) {
			owner.ok(202, owner.do("POST", "/customer/v1/forgotten", text(m{"email": address})), nil)
			owner.ok(200, owner.do("POST", "/customer/v1/forgotten/set", text(m{"token": post.next(address, "Choose"), "new": fresh})), nil)
		}},
		{"an authenticator", true, func(t *testing.T, owner *browser, _ string) {
			var secret struct{ Secret string }
			owner.ok(201, owner.do("POST", "/customer/v1/totp", byPassword), &secret)
			key, err := base32.StdEncoding.DecodeString(secret.Secret)
			if err != nil {
				t.Fatal(err)
			}
			owner.ok(200, owner.do("POST", "/customer/v1/totp/confirm", text(m{"code": signin.TOTP(key, signin.Step(d.clock.Now()), 6)})), nil)
		}},
		{"a passkey", false, func(t *testing.T, owner *browser, _ string) {
			owner.ok(201, owner.device().make(byPassword, "laptop"), nil)
		}},
		{"signing out everywhere", true, func(t *testing.T, owner *browser, _ string) {
			owner.ok(200, owner.do("POST", "/customer/v1/sign-out", `{"everywhere":true}`), nil)
		}},
	} {
		address := fmt.Sprintf("own%d@example.org", i)
		d.clock.Set(d.clock.Now().Add(25 * time.Hour)) // and letters are not waited for
		owner, account := d.confirmed(post, address)
		thief := d.browser()
		thief.ok(200, thief.do("POST", "/customer/v1/sign-in", credentialsOf(address, password, "")), nil)
		thief.ok(201, thief.do("POST", "/customer/v1/totp", byPassword), nil)
		thief.ok(202, thief.do("POST", "/customer/v1/forgotten", text(m{"email": address})), nil)
		reset := post.next(address, "Choose")
		// Where the post is slow, the letter to the thief's own address goes when all is done.
		goOn := make(chan struct{})
		if c.slow {
			d.s.later(func(ctx context.Context) {
				select {
				case <-goOn:
				case <-ctx.Done():
				}
			})
		}
		evil := fmt.Sprintf("evil%d@example.org", i)
		thief.ok(202, thief.do("POST", "/customer/v1/email", text(m{"email": evil, "password": password})), nil)
		change := ""
		if !c.slow {
			change = post.next(evil, "new e-mail")
		}
		c.by(t, owner, address)
		close(goOn)
		d.s.drain()
		for len(post.came) > 0 {
			if letter := <-post.came; letter.To == evil {
				_, change, _ = strings.Cut(letter.Text, "token=")
				change, _, _ = strings.Cut(change, "\n")
			}
		}
		if change == "" {
			t.Fatalf("%s: the thief has no letter", c.name)
		}
		before, _ := x.Login(account)
		thief.no(badTicket, thief.do("POST", "/customer/v1/email/confirm", text(m{"token": change})), "not good any longer")
		thief.no(badTicket, thief.do("POST", "/customer/v1/forgotten/set", text(m{"token": reset, "new": "seven sly foxes yodel"})), "not good any longer")
		if l, _ := x.Login(account); l.Email != address || l.Password != before.Password {
			t.Errorf("%s: the account is the thief's: %s", c.name, l.Email)
		}
		if len(before.NewTOTP) > 0 {
			t.Errorf("%s: the thief's authenticator waits for its first code", c.name)
		}
	}
}

// drain waits until what waits now is sent.
func (s *Server) drain() {
	done := make(chan struct{})
	s.later(func(context.Context) { close(done) })
	<-done
}

// a slowBody does something when somebody begins to read it.
type slowBody struct {
	once sync.Once
	then func()
	io.Reader
}

func (b *slowBody) Read(p []byte) (int, error) {
	b.once.Do(b.then)
	return b.Reader.Read(p)
}

// TestASessionEndsWhileARequestComes: what is sent slowly does nothing any more where the session has ended
// meanwhile.
func TestASessionEndsWhileARequestComes(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, withPasskeys)
	owner, account := d.signedUp("ada@example.org")
	owner.ok(201, owner.do("POST", "/customer/v1/identity/files", jpeg), nil)
	var made struct{ Key string }
	owner.ok(201, owner.do("POST", "/customer/v1/keys", text(m{"may": []string{"read"}, "password": password})), &made)
	form := "application/x-www-form-urlencoded"
	var upload bytes.Buffer
	parts := multipart.NewWriter(&upload)
	part, _ := parts.CreateFormFile("file", "x.jpg")
	part.Write([]byte(jpeg))
	parts.Close()
	for _, c := range []struct{ path, kind, body string }{
		{"/customer/v1/keys", "application/json", text(m{"may": []string{"withdraw"}, "password": password})},
		{"/customer/v1/identity/files", "image/jpeg", jpeg},
		{"/customer/v1/totp", "application/json", byPassword},
		{"/customer/v1/password", "application/json", text(m{"password": password, "new": fresh})},
		{"/customer/v1/email", "application/json", text(m{"email": "evil@example.org", "password": password})},
		{"/customer/v1/passkeys", "application/json", ""},
		{"/me/keys/remove", form, "key=" + made.Key},
		{"/me/keys", form, "may=withdraw&password=six+wet+otters+juggle"},
		{"/me/identity", parts.FormDataContentType(), upload.String()},
	} {
		d.clock.Set(d.clock.Now().Add(time.Minute))
		thief := d.browser()
		thief.ok(200, thief.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, "")), nil)
		if c.body == "" {
			c.body = thief.device().attest(thief.do("POST", "/customer/v1/passkeys/new", byPassword), "thief's")
		}
		before, _ := x.Login(account)
		r := httptest.NewRequest("POST", c.path, &slowBody{Reader: strings.NewReader(c.body), then: func() {
			if err := x.ChangeLogin(account, func(l *signin.Login) error { l.EndOthers(""); return nil }); err != nil {
				t.Error(err)
			}
		}})
		r.Header.Set("Content-Type", c.kind)
		if w := thief.send(r); w.Code != http.StatusUnauthorized && w.Header().Get("Location") != "/me/sign-in" {
			t.Errorf("%s: %d %.200s", c.path, w.Code, w.Body)
		}
		after, _ := x.Login(account)
		id, _ := x.Identity(account)
		if after.Password != before.Password || len(after.Passkeys) > 0 || len(after.NewTOTP) > 0 || len(after.Tickets) > 0 || len(x.Keys(account)) != 1 || len(id.Files) != 1 {
			t.Fatalf("%s: something was done", c.path)
		}
	}
}

// TestAPasswordThatWasChangedMeanwhile: who signs in with a password that is another when all of it is proven is not
// signed in, though the password was right when they began.
func TestAPasswordThatWasChangedMeanwhile(t *testing.T) {
	x := sample.New(t)
	cost := signin.Cost{Memory: 8 << 10, Passes: 4, Threads: 1}
	d := open(t, x, func(o *Options) { o.Cost = cost })
	_, account := d.signedUp("ada@example.org")
	h, err := signin.NewHasher(cost, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	another, err := h.Hash(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	ends := func() {
		err := x.ChangeLogin(account, func(l *signin.Login) error {
			l.Password = another
			l.EndOthers("")
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	const n = 4 // as many as try for nothing
	var all sync.WaitGroup
	var first sync.Once
	for range n {
		b := d.browser()
		all.Go(func() {
			b.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, ""))
			first.Do(ends)
		})
	}
	all.Wait()
	if l, _ := x.Login(account); len(l.Sessions) != 0 {
		t.Errorf("%d sessions by a password that is none", len(l.Sessions))
	}
}

// a counted body tells how much of it was read.
type countedBody struct{ n int }

func (c *countedBody) Read(p []byte) (int, error) {
	if c.n > 8<<20 {
		return 0, io.EOF
	}
	for i := range p {
		p[i] = 'x'
	}
	if c.n == 0 {
		copy(p, "--b\r\nContent-Disposition: form-data; name=\"token\"; filename=\"f\"\r\n\r\n")
	}
	c.n += len(p)
	return len(p), nil
}

// TestPagesReadNoBody: a page that is only looked at reads nothing of what is sent with the request, by whoever it is.
func TestPagesReadNoBody(t *testing.T) {
	x := sample.New(t)
	d, _ := withMail(t, x)
	for _, path := range []string{"/me/email", "/me/password", "/me/invitation", "/me/application", "/me/sign-in", "/me/sign-up", "/me/forgotten"} {
		for _, method := range []string{"GET", "HEAD"} {
			body := &countedBody{}
			r := httptest.NewRequest(method, path, body)
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			d.browser().send(r)
			if body.n > 0 {
				t.Errorf("%s %s: %d bytes of a stranger's are read", method, path, body.n)
			}
		}
	}
}

// TestStrangersKeepNoNoticeAway: as many letters as there is room for, asked for by strangers, keep a customer from
// hearing neither of what is done to their account nor of an invitation, nor are those waited for.
func TestStrangersKeepNoNoticeAway(t *testing.T) {
	x := sample.New(t)
	post := &postbox{t: t, came: make(chan mail.Message, 2*maxPost)}
	d := open(t, x, withPasskeys, func(o *Options) { o.Mail = post })
	owner, _ := d.confirmed(post, "ada@example.org")
	invited := x.Open("us", sample.Somebody("Bertha Holloway", "US")).Account
	goOn, begun := make(chan struct{}), make(chan struct{})
	d.s.later(func(ctx context.Context) {
		close(begun)
		select {
		case <-goOn:
		case <-ctx.Done():
		}
	})
	<-begun
	stranger := d.browser()
	for i := range maxPost {
		stranger.from = fmt.Sprintf("203.0.%d.%d:1", i/200, i%200)
		stranger.ok(202, stranger.do("POST", "/customer/v1/sign-up", text(m{"email": fmt.Sprintf("n%d@example.org", i)})), nil)
	}
	owner.ok(200, owner.do("POST", "/customer/v1/password", text(m{"password": password, "new": fresh})), nil)
	if _, err := d.s.Invite(invited, "bertha@example.org", true); err != nil {
		t.Fatal(err)
	}
	close(goOn)
	post.next("ada@example.org", "How you sign in has changed")
	post.next("bertha@example.org", "Your account")
}

// TestARefusedLetterIsNotTriedAgain: what a server will never take keeps no other waiting.
func TestARefusedLetterIsNotTriedAgain(t *testing.T) {
	log := &lockedBuffer{}
	tries := 0
	s := &Server{o: Options{Site: passkeySite, Log: slogTo(log)}, post: newPost(sends(func(mail.Message) error {
		tries++
		return fmt.Errorf("mail: %w", &mail.Refused{Code: 550})
	}))}
	s.later(func(ctx context.Context) { s.send(ctx, "ada@example.org", s.takenWords()) })
	s.drain()
	s.Close()
	if tries != 1 || !strings.Contains(log.String(), "550") {
		t.Errorf("%d tries: %s", tries, log)
	}
}

type sends func(mail.Message) error

func (f sends) Send(_ context.Context, m mail.Message) error { return f(m) }

// TestOneMailboxOneShare: an address with a tag is the mailbox without it, and has no share of letters of its own.
func TestOneMailboxOneShare(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	for i := range 9 {
		b := d.browser()
		b.from = fmt.Sprintf("203.0.113.%d:1", i)
		b.ok(202, b.do("POST", "/customer/v1/forgotten", text(m{"email": fmt.Sprintf("ada+%d@example.org", i)})), nil)
	}
	d.s.drain()
	if n := len(post.came); n != 3 {
		t.Errorf("%d letters to one mailbox", n)
	}
}

// TestOneTokenAtOnce: of many who answer one letter at one moment, or two letters to one address, one gets an account,
// and nothing is left of the others.
func TestOneTokenAtOnce(t *testing.T) {
	x := sample.New(t)
	d := open(t, x)
	tokens := []string{d.link("ada@example.org"), d.link("ada@example.org")}
	codes := make(chan int, 4)
	for i := range cap(codes) {
		b := d.browser()
		go func() { codes <- b.do("POST", "/customer/v1/application", ask(tokens[i%2])).Code }()
	}
	got := map[int]int{}
	for range cap(codes) {
		got[<-codes]++
	}
	if n := x.View().Summary().Customers; got[http.StatusCreated] != 1 || got[http.StatusGone] != cap(codes)-1 || n != 1 {
		t.Errorf("%v, and %d customers", got, n)
	}
}

// TestAPasskeyIsNotWaitedFor: who guesses at a password from wherever they like keeps a passkey of its owner from nothing.
func TestAPasskeyIsNotWaitedFor(t *testing.T) {
	x := sample.New(t)
	d := open(t, x, withPasskeys)
	owner, _ := d.signedUp("ada@example.org")
	dev := owner.device()
	owner.ok(201, dev.make(byPassword, "laptop"), nil)
	stranger := d.browser()
	for i := range 12 {
		stranger.from = fmt.Sprintf("203.0.113.%d:1", i)
		stranger.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", "guess", ""))
	}
	stranger.no(tooMany, stranger.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", "guess", "")), "")
	d.other(dev).ok(200, d.other(dev).signIn(), nil)
}

// TestCodesAreNotTriedThrough: who has the password and not the code tries a few, and then few a day, with an answer that
// does not tell that the password is right; its owner takes another password by letter, and signs in.
func TestCodesAreNotTriedThrough(t *testing.T) {
	x := sample.New(t)
	d, post := withMail(t, x)
	owner, _ := d.confirmed(post, "ada@example.org")
	var secret struct{ Secret string }
	owner.ok(201, owner.do("POST", "/customer/v1/totp", byPassword), &secret)
	key, err := base32.StdEncoding.DecodeString(secret.Secret)
	if err != nil {
		t.Fatal(err)
	}
	code := func() string { return signin.TOTP(key, signin.Step(d.clock.Now()), 6) }
	owner.ok(200, owner.do("POST", "/customer/v1/totp/confirm", text(m{"code": code()})), nil)
	d.clock.Set(d.clock.Now().Add(time.Minute))

	n := 0
	guess := func(password, code string) *httptest.ResponseRecorder {
		n++
		thief := d.browser()
		thief.from = fmt.Sprintf("203.0.113.%d:1", n)
		d.clock.Set(d.clock.Now().Add(61 * time.Second))
		return thief.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, code))
	}
	right := func() *httptest.ResponseRecorder {
		d.clock.Set(d.clock.Now().Add(61 * time.Second))
		return d.browser().do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", password, code()))
	}
	for range 9 {
		owner.no(wrongSignIn, guess(password, "x"), "")
	}
	owner.ok(200, right(), nil) // who errs a few times and then does not begins anew
	for range 20 {
		w, other := guess(password, "x"), guess("six wet otters guess", "x")
		if w.Code != other.Code || w.Body.String() != other.Body.String() {
			t.Fatalf("that the password is right is told: %s, %s", w.Body, other.Body)
		}
	}
	owner.no(wrongSignIn, right(), "") // as would any other code be
	d.clock.Set(d.clock.Now().Add(time.Hour))
	owner.ok(200, right(), nil)
	for range 20 {
		owner.no(wrongSignIn, guess(password, "x"), "")
	}
	owner.no(wrongSignIn, right(), "")
	d.clock.Set(d.clock.Now().Add(61 * time.Second))
	owner.ok(202, owner.do("POST", "/customer/v1/forgotten", text(m{"email": "ada@example.org"})), nil)
	for {
		letter := <-post.came
		if _, token, ok := strings.Cut(letter.Text, "/me/password?token="); ok {
			token, _, _ = strings.Cut(token, "\n")
			owner.ok(200, owner.do("POST", "/customer/v1/forgotten/set", text(m{"token": token, "new": fresh, "code": code()})), nil)
			break
		}
	}
	d.clock.Set(d.clock.Now().Add(61 * time.Second))
	owner.ok(200, owner.do("POST", "/customer/v1/sign-in", credentialsOf("ada@example.org", fresh, code())), nil)
}
