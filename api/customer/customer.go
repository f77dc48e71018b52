// Package customer is the customer's own door: sign up, prove who one is, sign in, see one's
// standing and why, make and take away API keys. It is HTTP and JSON under /customer/v1 and,
// over the same verbs, pages under /me that need no script but for passkeys, which a browser
// gives to a script alone.
//
//	POST   /customer/v1/sign-up             {"email"}: a letter to it, with the token of an application
//	POST   /customer/v1/application         {"token","password","operator","name","birth","citizenships","residence","documents"}
//	POST   /customer/v1/sign-in             {"email","password","code"} or {"passkey"}
//	POST   /customer/v1/sign-in/ask         what a device is asked that signs in by a passkey
//	POST   /customer/v1/sign-out            {"everywhere"}
//	GET    /customer/v1/standing            the decision in plain words, its rules, what is open
//	GET    /customer/v1/balances
//	GET    /customer/v1/orders
//	GET    /customer/v1/movements
//	GET    /customer/v1/keys
//	POST   /customer/v1/keys                {"label","may","from","days","public_key","password","code","passkey"}
//	DELETE /customer/v1/keys/{key}
//	GET    /customer/v1/identity
//	POST   /customer/v1/identity/files      the file itself: JPEG, PNG or PDF
//	POST   /customer/v1/totp                {"password"}: a secret for an authenticator
//	POST   /customer/v1/totp/confirm        {"code"}: from now on a code is asked for; recovery codes
//	DELETE /customer/v1/totp                {"password","code"}
//	GET    /customer/v1/sessions            where one is signed in
//	DELETE /customer/v1/sessions/{session}
//	GET    /customer/v1/passkeys
//	POST   /customer/v1/passkeys/new        {"password","code","passkey"}: what a device is asked that makes one
//	POST   /customer/v1/passkeys            {"name","answer"}: keeps it; recovery codes with the first second factor
//	POST   /customer/v1/passkeys/ask        what a device is asked that proves again who is signed in
//	DELETE /customer/v1/passkeys/{passkey}  {"password","code","passkey"}
//	POST   /customer/v1/email               {"email","password","code","passkey"}: a letter to another address
//	POST   /customer/v1/email/letter        the letter that confirms one's address, once more
//	POST   /customer/v1/email/confirm       {"token"} of such a letter
//	POST   /customer/v1/forgotten           {"email"}: a letter, if there is such a customer
//	POST   /customer/v1/forgotten/ask       {"token"}: what a device is asked for it
//	POST   /customer/v1/forgotten/set       {"token","new","code","passkey"}
//	POST   /customer/v1/invitation          {"token","new"}: of whom the desk has invited
//	POST   /customer/v1/password            {"password","code","passkey","new"}: ends every other session
//
// Requests are JSON, read strictly; errors are problem details (RFC 9457) with a reason of
// [Reasons].
//
// # Who may enter
//
// A session is a random token in a cookie that scripts cannot read, no other site's request
// carries, plain HTTP does not transport and no other host can have set (HttpOnly,
// SameSite=Strict, Secure, the prefix __Host-). Its hash is kept with what the customer signs in
// with, so that a restart ends no session, and what changes how somebody signs in ends all their
// others in the same write. A freeze ends none: who is frozen reads why. What changes something must come
// from these pages or from no browser (http.CrossOriginProtection, which reads Sec-Fetch-Site
// and Origin). Each request with a session is asked of the gate as a bot's signed request is:
// a rule that reads the place of it stops it, and no other; who is frozen or held signs in
// and reads.
//
// An unknown e-mail address, a wrong password and a wrong code are one answer after the same
// work. Attempts are counted before they are tried, by address and by account.
//
// # Who is a customer is nobody else's business
//
// Whether somebody signs in with an e-mail address is told to who reads the mail of it, and to nobody
// else. Who asks for an account, for another password or for another address gets one answer, whoever
// has the address: a letter goes to it in every case, beside the request, and says there how it is. That an
// address has had its share of letters is not told either, for it says what others asked of it; nor
// does a sign-in change what is counted against an address, as who guesses at it would see.
// TestNobodyLearnsWhoIsACustomer plays strangers against an address that is a customer's and one that is nobody's.
package customer

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"sallyport/api/internal/origin"
	"sallyport/api/internal/rate"
	"sallyport/exchange"
	"sallyport/signin"
)

// Options say how the door behaves. The zero value lets nobody sign up.
type Options struct {
	SignUp  bool             // accounts are opened for who asks, and answers the letter: not without Mail
	Proxies []netip.Prefix   // the operator's own, whose X-Forwarded-For is believed
	Clock   func() time.Time // of sessions and codes; nil is the wall's, which a customer's telephone goes by too
	Random  io.Reader        // nil is crypto/rand
	Cost    signin.Cost      // of hashing a password; the zero value is signin.DefaultCost
	Terms   signin.Terms     // of sessions; the zero value is signin.DefaultTerms

	// Site is where customers' browsers find these pages, such as https://exchange.example;
	// where it is "", there are no passkeys. They are of its host, or of Domain above it.
	Site, Domain string

	Mail Mailer // nil sends none; needs Site, to which the links in letters lead
	Kept bool   // Mail writes letters into a folder of the operator's and sends them to nobody, as pages tell

	Secret []byte // signin.SealKeyBytes of the links of sign-ups; nil is a new one, and they end with the program

	PerSecond int // requests of one customer in the long run; 0 is 10. An address sends three times as many

	Log *slog.Logger // nil is silent
}

// A Server is the door of one exchange.
type Server struct {
	x        *exchange.Exchange
	o        Options
	hasher   *signin.Hasher
	passkeys *signin.Passkeys // nil where there are none
	seals    *signin.Seals    // of who asks for an account
	places   signin.Waits     // attempts to sign in, by address
	accounts signin.Waits     // and by e-mail address, of a customer or of nobody; what owners do changes none
	proofs   signin.Waits     // proofs of who is signed in or has a letter, by account
	codes    signin.Waits     // codes of who has the password, by account
	arrivals signin.Waits     // applications, by address
	senders  signin.Waits     // letters, by the address that causes them
	letters  signin.Waits     // and by whom they go to
	post     *post            // nil where no mail is sent
	hosts    rate.Limits      // requests of any kind, by address
	owners   rate.Limits      // and by the account that is signed in
	site     *http.CrossOriginProtection
	mux      *http.ServeMux
	pages    pages
}

// Bounds of a request, in bytes.
const (
	maxBody   = 64 << 10
	maxUpload = 7 << 20 // a file and what a form wraps it in
)

// New opens the door of a running exchange. Close it before the exchange.
func New(x *exchange.Exchange, o Options) (*Server, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Cost == (signin.Cost{}) {
		o.Cost = signin.DefaultCost
	}
	if o.Terms == (signin.Terms{}) {
		o.Terms = signin.DefaultTerms
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 10
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h, err := signin.NewHasher(o.Cost, o.Random)
	if err != nil {
		return nil, fmt.Errorf("customer: %w", err)
	}
	s := &Server{
		x: x, o: o, hasher: h, site: http.NewCrossOriginProtection(), mux: http.NewServeMux(),
		// A household or an office behind one address errs more often than one customer. That of
		// an account ends within a minute: longer, and who knows an e-mail address keeps its
		// owner out for good.
		places:   signin.Waits{Free: 20, First: time.Second, Most: 15 * time.Minute, Quiet: time.Hour},
		accounts: signin.Waits{Free: 5, First: time.Second, Most: time.Minute, Quiet: time.Hour},
		proofs:   signin.Waits{Free: 5, First: time.Second, Most: time.Minute, Quiet: time.Hour},
		codes:    signin.Waits{Free: 10, First: time.Minute, Most: time.Hour, Quiet: 24 * time.Hour},
		arrivals: signin.Waits{Free: 5, First: time.Minute, Most: 6 * time.Hour, Quiet: 24 * time.Hour},
		senders:  signin.Waits{Free: 10, First: time.Minute, Most: 6 * time.Hour, Quiet: 24 * time.Hour},
		letters:  signin.Waits{Free: 3, First: time.Minute, Most: 6 * time.Hour, Quiet: 24 * time.Hour},
		owners:   rate.Limits{PerSecond: float64(o.PerSecond), AtOnce: 4 * o.PerSecond},
		hosts:    rate.Limits{PerSecond: 3 * float64(o.PerSecond), AtOnce: 12 * o.PerSecond},
	}
	if o.Secret == nil {
		o.Secret = make([]byte, signin.SealKeyBytes)
		if _, err := io.ReadFull(o.Random, o.Secret); err != nil {
			return nil, fmt.Errorf("customer: randomness: %w", err)
		}
	}
	if s.seals, err = signin.NewSeals(o.Secret, o.Random); err != nil {
		return nil, fmt.Errorf("customer: %w", err)
	}
	if o.Site != "" {
		if s.passkeys, err = signin.NewPasskeys(o.Site, o.Domain, o.Random); err != nil {
			return nil, fmt.Errorf("customer: %w", err)
		}
	}
	if o.Mail != nil && o.Site != "" {
		s.post = newPost(o.Mail)
	}
	s.site.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problem(w, &fault{reason: crossSite})
	}))
	s.routes()
	if s.pages, err = readPages(); err != nil {
		return nil, err
	}
	s.pageRoutes()
	return s, nil
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // a form of these pages says whence it comes
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	s.site.Handler(s.mux).ServeHTTP(w, r)
}

// A visit is one request of one customer.
type visit struct {
	*Server
	r       *http.Request
	w       http.ResponseWriter
	from    netip.Addr // none where it is not known
	session exchange.Session
	now     time.Time
	token   string // of their session
	account uint64 // whose it is; 0 is nobody's
	wrong   error  // what kept a session from being found
	own     bool   // it must be somebody's
}

func (s *Server) visit(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{Server: s, r: r, w: w, from: origin.Of(r, s.o.Proxies), now: s.o.Clock()}
	v.session = s.x.Session(v.from)
	if c, err := r.Cookie(s.cookieName()); err == nil {
		v.resume(c.Value)
	}
	return v
}

// pace counts the visit, by the address it comes from and by whose it is.
func (v *visit) pace() error {
	wait := v.hosts.Take(v.client(), v.now)
	if wait == 0 && v.account != 0 {
		wait = v.owners.Take(strconv.FormatUint(v.account, 10), v.now)
	}
	if wait > 0 {
		return &fault{reason: tooFast, wait: wait}
	}
	return nil
}

// enter asks whether the visit is of a customer whose request may be served from there.
func (v *visit) enter() error {
	if v.wrong != nil {
		return v.wrong
	}
	if v.account == 0 {
		return &fault{reason: signedOut}
	}
	v.own = true
	return v.admit(v.account)
}

// admit asks the gate about where a customer asks from, as of a bot's signed request.
func (v *visit) admit(account uint64) error {
	err := v.x.Admit(account, v.session)
	if r, ok := exchange.AsRefusal(err); ok {
		return v.told(&fault{reason: notFromHere}, r.Decision)
	}
	return err
}

// client is who attempts count for: the address they come from, an IPv6 address by its network
// of 64 bits, which one client has to itself. Where it is not known, the last hop's.
func (v *visit) client() string {
	a := v.from
	if !a.IsValid() {
		last, err := netip.ParseAddrPort(v.r.RemoteAddr)
		if err != nil {
			return "nowhere"
		}
		a = last.Addr().Unmap().WithZone("")
	}
	if a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// fault is an answer other than yes, for a person and a program.
type fault struct {
	reason   reason
	field    string        // what is wrong with the request, or ""
	text     string        // in place of the reason's sentence
	wait     time.Duration // before another attempt
	decision string        // id, or ""
	told     []told        // the decision in words
}

func (f *fault) Error() string { return f.in(english) }

// in is the fault in a language.
func (f *fault) in(t tongue) string {
	text := f.text
	if text == "" {
		text = reasons[f.reason].text
	}
	text = t.say(text)
	if f.field != "" {
		text = f.field + ": " + text
	}
	if f.wait > 0 {
		text += " " + t.say("Try again in "+strconv.Itoa(seconds(f.wait))+" seconds.")
	}
	return text
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// reason is why the door does not open.
type reason uint8

const (
	failed reason = iota
	badRequest
	unfit
	noSignUp
	wrongSignIn
	signedOut
	notFromHere
	tooMany
	tooFast
	busy
	crossSite
	notFound
	badMethod
	tooLong
	notTaken
	noTOTP
	noPasskeys
	wrongPasskey
	clonedPasskey
	noMail
	badTicket
	closed
)

// reasons are the words and the status of each.
var reasons = [...]struct {
	status     int
	name, text string
}{
	failed:        {http.StatusInternalServerError, "failed", "This could not be done, and it is not your fault. Try again later."},
	badRequest:    {http.StatusBadRequest, "bad_request", "The request does not read."},
	unfit:         {http.StatusUnprocessableEntity, "unfit", "Something is missing or wrong."},
	noSignUp:      {http.StatusForbidden, "no_sign_up", "Accounts are opened by the desk alone here."},
	wrongSignIn:   {http.StatusUnauthorized, "wrong_sign_in", "The e-mail address, the password or the code is wrong."},
	signedOut:     {http.StatusUnauthorized, "signed_out", "Sign in first."},
	notFromHere:   {http.StatusForbidden, "not_from_here", "A rule that reads where a request comes from does not let this one be served. Nothing is held or frozen by it; from a place where it may be served you can go on."},
	tooMany:       {http.StatusTooManyRequests, "too_many", "There were too many attempts."},
	tooFast:       {http.StatusTooManyRequests, "too_fast", "These are more requests in a short time than are answered."},
	busy:          {http.StatusServiceUnavailable, "busy", "Too many people sign in at this moment. Try again in a few seconds."},
	crossSite:     {http.StatusForbidden, "cross_site", "This request was sent by the page of another site."},
	notFound:      {http.StatusNotFound, "not_found", "There is nothing of this name."},
	badMethod:     {http.StatusMethodNotAllowed, "bad_method", "This is not done here."},
	tooLong:       {http.StatusRequestEntityTooLarge, "too_long", "The request is too long."},
	notTaken:      {http.StatusUnprocessableEntity, "not_taken", "It was not taken."},
	noTOTP:        {http.StatusConflict, "no_totp", "Begin by asking for a secret for your authenticator."},
	noPasskeys:    {http.StatusConflict, "no_passkeys", "This exchange takes no passkeys."},
	wrongPasskey:  {http.StatusUnauthorized, "wrong_passkey", "This passkey is not known here, or it answered what is not asked any longer. Try again."},
	clonedPasskey: {http.StatusForbidden, "cloned_passkey", "This passkey has counted backwards, as a copy of one does. It opens nothing any more. Sign in another way, take it away, and make another."},
	noMail:        {http.StatusConflict, "no_mail", "This exchange sends no mail."},
	badTicket:     {http.StatusGone, "bad_ticket", "This link is not good any longer: it was used, another took its place, its time has run out, or how one signs in was changed since."},
	closed:        {http.StatusServiceUnavailable, "closed", "The exchange is shutting down. Try again in a minute."},
}

// asFault finds a fault in an error, or makes one of it; what is nobody's business is logged.
func (s *Server) asFault(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return &fault{reason: tooLong}
	case errors.Is(err, signin.ErrBusy):
		return &fault{reason: busy}
	case errors.Is(err, exchange.ErrClosed):
		return &fault{reason: closed}
	}
	s.o.Log.Error("a customer's request could not be carried out", "error", err)
	return &fault{reason: failed}
}
