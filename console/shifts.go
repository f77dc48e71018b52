package console

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"sallyport/identity"
	"sallyport/signin"
	"sallyport/staff"
)

// shifts are the operator users who are signed in to the console. Sessions lie in memory, as hashes
// of their tokens: they end with the program, and at once with the token that began them.
type shifts struct {
	clock  func() time.Time
	random io.Reader
	users  *staff.Users
	tls    bool
	tries  signin.Waits // by address
	site   *http.CrossOriginProtection

	mu sync.Mutex
	in map[[sha256.Size]byte]*shift // Invariant: at most maxShifts
}

// A shift is one operator user at one browser.
type shift struct {
	by          string            // as which they are known
	token       [sha256.Size]byte // the hash of what they signed in with
	since, used time.Time
}

// A signedIn is who asks for a page, and what they may do. The zero value is nobody.
type signedIn struct {
	By     string
	May    staff.Right
	Shared bool // by the desk's token, so that By is their word
}

// Compliance reports whether they answer who customers are, and for the law.
func (s signedIn) Compliance() bool { return s.May&staff.Compliance != 0 }

// Operations reports whether they set how accounts and markets run.
func (s signedIn) Operations() bool { return s.May&staff.Operations != 0 }

const (
	maxSame    = 5 // sessions of one operator user's token; another ends the one that was used least lately
	maxShifts  = 100
	shiftIdle  = 30 * time.Minute
	shiftMost  = 12 * time.Hour
	maxForm    = 16 << 10 // bytes
	shiftToken = 32
)

func newShifts(o *Options) *shifts {
	s := &shifts{
		clock: o.Clock, random: o.Random, users: o.Users, tls: o.TLS, site: http.NewCrossOriginProtection(),
		tries: signin.Waits{Free: 10, First: time.Second, Most: 5 * time.Minute, Quiet: time.Hour}, in: map[[sha256.Size]byte]*shift{},
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.users == nil {
		s.users = staff.Shared("")
	}
	return s
}

func (s *shifts) cookieName() string {
	if s.tls {
		return "__Host-sallyport-desk"
	}
	return "sallyport-desk"
}

func (s *shifts) cookie(token string, age time.Duration) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: int(age / time.Second)}
}

// who is the operator user of a request.
func (s *shifts) who(r *http.Request) signedIn {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return signedIn{}
	}
	now, h := s.clock(), sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.in[h]
	if one == nil {
		return signedIn{}
	}
	user, known := s.users.Find(one.token, now)
	if !known || one.over(now) {
		delete(s.in, h)
		return signedIn{}
	}
	one.used = now
	if user.Name != "" {
		one.by = user.Name
	}
	return signedIn{one.by, user.May, user.Shared()}
}

func (o *shift) over(now time.Time) bool {
	return now.Sub(o.used) >= shiftIdle || now.Sub(o.since) >= shiftMost || now.Before(o.since)
}

// enter signs an operator user in, or says why not.
func (s *shifts) enter(w http.ResponseWriter, r *http.Request, token, by string) (problem string) {
	place := "nowhere"
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		place = a.Addr().String()
	}
	now := s.clock()
	if wait := s.tries.Try(place, now); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return "There were too many attempts. Come again in " + strconv.Itoa(int(wait/time.Second)+1) + " seconds."
	}
	user, known := s.users.Admit(strings.TrimSpace(token), now)
	switch {
	case !known && s.users.Named():
		return "This is no operator user's token. sallyport operator-user makes one."
	case !known:
		return "This is not the desk's token. It lies in the data folder, in keys/desk.token."
	}
	by, err := user.By(by)
	if err != nil {
		return "The token is another operator user's. Leave the name out: it goes with the token."
	}
	if by == "" || len(by) > identity.MaxBy || !utf8.ValidString(by) || strings.ContainsFunc(by, func(r rune) bool { return r < ' ' }) {
		return "Say who you are: a name of at most " + strconv.Itoa(identity.MaxBy) + " bytes stands beside every answer that you give."
	}
	var raw [shiftToken]byte
	if _, err := io.ReadFull(s.random, raw[:]); err != nil {
		return "There is no randomness to make a session of."
	}
	s.tries.Succeeded(place)
	text := base64.RawURLEncoding.EncodeToString(raw[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	var same []([sha256.Size]byte) // sessions by the same token
	for h, o := range s.in {
		if _, known := s.users.Find(o.token, now); !known || o.over(now) {
			delete(s.in, h)
		} else if o.token == user.Token {
			same = append(same, h)
		}
	}
	if len(same) >= maxSame && !user.Shared() {
		delete(s.in, slices.MinFunc(same, func(a, b [sha256.Size]byte) int { return s.in[a].used.Compare(s.in[b].used) }))
	}
	if len(s.in) >= maxShifts {
		return "There are too many sessions of the desk at this moment."
	}
	s.in[sha256.Sum256([]byte(text))] = &shift{by: by, token: user.Token, since: now, used: now}
	http.SetCookie(w, s.cookie(text, shiftMost))
	return ""
}

// leave signs an operator user out.
func (s *shifts) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(s.cookieName()); err == nil {
		s.mu.Lock()
		delete(s.in, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
	http.SetCookie(w, s.cookie("", -time.Second))
}

func (c *console) signInRoutes() {
	c.mux.HandleFunc("GET /sign-in", func(w http.ResponseWriter, r *http.Request) { c.staffPage(w, r, http.StatusOK, "") })
	c.form("POST /sign-in", func(w http.ResponseWriter, r *http.Request) {
		if problem := c.shifts.enter(w, r, r.PostForm.Get("token"), r.PostForm.Get("by")); problem != "" {
			c.staffPage(w, r, http.StatusUnauthorized, problem)
			return
		}
		http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	})
	c.form("POST /sign-out", func(w http.ResponseWriter, r *http.Request) {
		c.shifts.leave(w, r)
		http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	})
}

// ownPath is a path that leads to a page of the console and nowhere else: the one asked for, or the desk's.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(to, "\\\r\n") || u.Path == "/sign-in" {
		return "/"
	}
	return u.EscapedPath()
}

// own serves a page to who is signed in and may look at customers; all others get the page to sign in on, with the
// status of a page.
func (c *console) own(pattern string, serve func(w http.ResponseWriter, r *http.Request, by string)) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		switch user := c.shifts.who(r); {
		case user.Compliance():
			serve(w, r, user.By)
		case user.By != "":
			c.staffPage(w, r, http.StatusForbidden, user.By+" may not look at who customers are: that takes compliance.")
		default:
			c.staffPage(w, r, http.StatusOK, "")
		}
	})
}

// form takes what a page of this site has sent.
func (c *console) form(pattern string, serve func(w http.ResponseWriter, r *http.Request)) {
	c.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if err := c.shifts.site.Check(r); err != nil {
			c.staffPage(w, r, http.StatusForbidden, "This form was sent by the page of another site.")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if err := r.ParseForm(); err != nil {
			c.staffPage(w, r, http.StatusBadRequest, "The form did not come whole.")
			return
		}
		serve(w, r)
	})
}

// word takes what an operator user says who may say it.
func (c *console) word(pattern string, may staff.Right, serve func(w http.ResponseWriter, r *http.Request, by string)) {
	c.form(pattern, func(w http.ResponseWriter, r *http.Request) {
		switch user := c.shifts.who(r); {
		case user.By == "":
			c.staffPage(w, r, http.StatusUnauthorized, "You were signed out. Nothing was recorded.")
		case user.May&may != may:
			c.staffPage(w, r, http.StatusForbidden, user.By+" may "+user.May.String()+", and this takes "+may.String()+". Nothing was recorded.")
		default:
			c.o.Log.Info("the console was asked for something", "by", user.By, "path", r.URL.Path)
			serve(w, r, user.By)
		}
	})
}

// recorded answers a form: by the page to go on at, or by the form again with why it was refused or failed.
func (c *console) recorded(w http.ResponseWriter, r *http.Request, err error, refused bool, why, onward string, again func(status int, problem string)) {
	switch {
	case refused:
		again(http.StatusUnprocessableEntity, "It was not taken: "+why+".")
	case err != nil:
		c.o.Log.Error("what an operator user said could not be recorded", "path", r.URL.Path, "error", err)
		again(http.StatusInternalServerError, "It could not be recorded; the log of events says why.")
	default:
		http.Redirect(w, r, onward, http.StatusSeeOther)
	}
}

// staffPage is where operator users sign in. It leads back to where they were.
func (c *console) staffPage(w http.ResponseWriter, r *http.Request, status int, problem string) {
	to := r.URL.Query().Get("to")
	switch {
	case r.URL.Path == "/sign-in" && r.Method == http.MethodPost:
		to = r.PostForm.Get("to")
	case r.URL.Path != "/sign-in" && r.Method == http.MethodGet:
		to = r.URL.Path
	}
	c.show(w, r, status, "staff", "Sign in", "", struct {
		Problem       string
		Locked, Named bool
		To            string
	}{problem, c.shifts.users.Locked(), c.shifts.users.Named(), ownPath(to)})
}
