package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"sallyport/identity"
	"sallyport/signin"
)

// staff are the operator users who are signed in to the pages that show personal data. They have
// the desk's token and say who they are. Sessions lie in memory, as hashes of their tokens: they
// end with the program.
type staff struct {
	clock  func() time.Time
	random io.Reader
	token  [sha256.Size]byte // the hash of the desk's
	locked bool              // there is none, so nobody may enter
	tls    bool
	tries  signin.Waits // by address
	site   *http.CrossOriginProtection

	mu sync.Mutex
	in map[[sha256.Size]byte]*shift // Invariant: at most maxStaff
}

// A shift is one operator user at one browser.
type shift struct {
	by          string
	since, used time.Time
}

const (
	maxStaff   = 100
	shiftIdle  = 30 * time.Minute
	shiftMost  = 12 * time.Hour
	maxForm    = 16 << 10 // bytes
	staffToken = 32
)

func newStaff(o *Options) *staff {
	s := &staff{
		clock: o.Clock, random: o.Random, token: sha256.Sum256([]byte(o.Token)), locked: o.Token == "", tls: o.TLS, site: http.NewCrossOriginProtection(),
		tries: signin.Waits{Free: 10, First: time.Second, Most: 5 * time.Minute, Quiet: time.Hour}, in: map[[sha256.Size]byte]*shift{},
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	return s
}

func (s *staff) cookieName() string {
	if s.tls {
		return "__Host-sallyport-desk"
	}
	return "sallyport-desk"
}

func (s *staff) cookie(token string, age time.Duration) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: int(age / time.Second)}
}

// who is the operator user of a request, or "".
func (s *staff) who(r *http.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	now, h := s.clock(), sha256.Sum256([]byte(c.Value))
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.in[h]
	if one == nil {
		return ""
	}
	if one.over(now) {
		delete(s.in, h)
		return ""
	}
	one.used = now
	return one.by
}

func (o *shift) over(now time.Time) bool {
	return now.Sub(o.used) >= shiftIdle || now.Sub(o.since) >= shiftMost || now.Before(o.since)
}

// enter signs an operator user in, or says why not.
func (s *staff) enter(w http.ResponseWriter, r *http.Request, token, by string) (problem string) {
	place := "nowhere"
	if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		place = a.Addr().String()
	}
	now := s.clock()
	if wait := s.tries.Try(place, now); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return "There were too many attempts. Come again in " + strconv.Itoa(int(wait/time.Second)+1) + " seconds."
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(given[:], s.token[:]) != 1 || s.locked {
		return "This is not the desk's token. It lies in the data folder, in keys/desk.token."
	}
	by = strings.Join(strings.Fields(by), " ")
	if by == "" || len(by) > identity.MaxBy || !utf8.ValidString(by) || strings.ContainsFunc(by, func(r rune) bool { return r < ' ' }) {
		return "Say who you are: a name of at most " + strconv.Itoa(identity.MaxBy) + " bytes stands beside every answer that you give."
	}
	var raw [staffToken]byte
	if _, err := io.ReadFull(s.random, raw[:]); err != nil {
		return "There is no randomness to make a session of."
	}
	s.tries.Succeeded(place)
	text := base64.RawURLEncoding.EncodeToString(raw[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	for h, o := range s.in {
		if o.over(now) {
			delete(s.in, h)
		}
	}
	if len(s.in) >= maxStaff {
		return "There are too many sessions of the desk at this moment."
	}
	s.in[sha256.Sum256([]byte(text))] = &shift{by: by, since: now, used: now}
	http.SetCookie(w, s.cookie(text, shiftMost))
	return ""
}

// leave signs an operator user out.
func (s *staff) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(s.cookieName()); err == nil {
		s.mu.Lock()
		delete(s.in, sha256.Sum256([]byte(c.Value)))
		s.mu.Unlock()
	}
	http.SetCookie(w, s.cookie("", -time.Second))
}
