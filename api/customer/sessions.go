package customer

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"time"

	"sallyport/signin"
)

// cookieName is __Host-, which a browser takes from a whole host over TLS alone (RFC 6265bis,
// section 4.1.3.2), but where these pages are served in plain to the machine itself.
func (s *Server) cookieName() string {
	if strings.HasPrefix(s.o.Site, "http://") {
		return "sallyport-session"
	}
	return "__Host-sallyport-session"
}

func (s *Server) cookie(token string, age int) *http.Cookie {
	return &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: age}
}

// resume finds whose session a token is of, and writes its use down now and then.
func (v *visit) resume(token string) {
	account, ok := signin.TokenAccount(token)
	if !ok {
		return
	}
	login, _ := v.x.Login(account)
	s := login.Session(token, v.o.Terms, v.now)
	if s == nil {
		return
	}
	if v.o.Terms.Marks(s, v.now) {
		err := v.x.ChangeLogin(account, func(l *signin.Login) error {
			if s := l.Session(token, v.o.Terms, v.now); s != nil {
				s.Used = v.now
				return nil
			}
			return &fault{reason: signedOut} // it has just been ended
		})
		if err != nil {
			v.wrong = err
			return
		}
	}
	v.token, v.account = token, account
}

// look looks again whether the session of the visit has ended: what is sent slowly may outlast it. The visit is nobody's
// then, which is an error where it must be somebody's.
func (v *visit) look() error {
	if v.account == 0 {
		return nil
	}
	if l, _ := v.x.Login(v.account); l.Session(v.token, v.o.Terms, v.now) != nil {
		return nil
	}
	v.account, v.token = 0, ""
	if v.own {
		return &fault{reason: signedOut}
	}
	return nil
}

// change changes what the customer of the visit signs in with, unless their session has ended meanwhile.
func (v *visit) change(f func(*signin.Login) error) error {
	return v.x.ChangeLogin(v.account, func(l *signin.Login) error {
		if l.Session(v.token, v.o.Terms, v.now) == nil {
			return &fault{reason: signedOut}
		}
		return f(l)
	})
}

const maxDevice = 200 // bytes of what a browser says it is

// A proven is whom somebody has shown to be, and by what.
type proven struct {
	account  uint64
	password string // its hash, or "" where it was a passkey
	second   bool   // a code was asked for
	passkey  []byte // or none
}

// holds reports whether that still is what the customer signs in with.
func (p *proven) holds(l *signin.Login) bool {
	if p.passkey == nil {
		return l.Password == p.password && (p.second || !l.Second())
	}
	return slices.ContainsFunc(l.Passkeys, func(k signin.Passkey) bool {
		return bytes.Equal(k.Credential.ID, p.passkey) && k.Cloned.IsZero()
	})
}

// begin signs a customer in. What they have proven takes its time, in which they may have changed it.
func (v *visit) begin(p *proven) error {
	s := signin.Session{Device: strings.ToValidUTF8(v.r.UserAgent(), ""), Passkey: p.passkey}
	s.Device = strings.ToValidUTF8(s.Device[:min(len(s.Device), maxDevice)], "")
	if v.from.IsValid() {
		s.From = v.from.String()
	}
	var token string
	err := v.x.ChangeLogin(p.account, func(l *signin.Login) (err error) {
		if !p.holds(l) {
			return &fault{reason: wrongSignIn}
		}
		token, err = l.Begin(p.account, s, v.o.Terms, v.now, v.o.Random)
		return err
	})
	if err != nil {
		return err
	}
	if err := v.end(); err != nil { // that this browser had before
		return err
	}
	v.account, v.token = p.account, token
	http.SetCookie(v.w, v.cookie(token, int(v.o.Terms.Most/time.Second)))
	return nil
}

// end ends the visit's session, if it has one.
func (v *visit) end() error {
	if v.account == 0 {
		return nil
	}
	return v.x.ChangeLogin(v.account, func(l *signin.Login) error { l.End(v.token, ""); return nil })
}

// signOut ends the session, or all of the customer's.
func (v *visit) signOut(everywhere bool) error {
	http.SetCookie(v.w, v.cookie("", -1))
	if !everywhere || v.account == 0 {
		return v.end()
	}
	return v.change(func(l *signin.Login) error { l.EndOthers(""); return nil })
}

// A session as its owner sees it.
type session struct {
	ID     string    `json:"id"`
	Since  time.Time `json:"since"`
	Used   time.Time `json:"used"` // within a few minutes
	From   string    `json:"from,omitempty"`
	Device string    `json:"device,omitempty"`
	This   bool      `json:"this"` // the one that asks
}

// ownSessions are those that have not ended, the newest first.
func (v *visit) ownSessions() []session {
	l, _ := v.x.Login(v.account)
	here := l.Session(v.token, v.o.Terms, v.now)
	all := []session{}
	for i := len(l.Sessions) - 1; i >= 0; i-- {
		if s := &l.Sessions[i]; !v.o.Terms.Over(s, v.now) {
			all = append(all, session{s.ID, s.Since, s.Used, s.From, s.Device, s == here})
		}
	}
	return all
}

// endSession ends one session of the customer.
func (v *visit) endSession(id string) error {
	return v.change(func(l *signin.Login) error {
		if !l.End("", id) {
			return &fault{reason: notFound, text: "You have no session of this name."}
		}
		return nil
	})
}

// Browser is what the browser says it is, in two words.
func (s session) Browser() string {
	// In this order: each later one is what an earlier one claims to be as well.
	browser, system := "", ""
	for _, n := range [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"YaBrowser/", "Yandex Browser"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}, {"curl/", "curl"}} {
		if browser == "" && strings.Contains(s.Device, n[0]) {
			browser = n[1]
		}
	}
	for _, n := range [][2]string{{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}} {
		if system == "" && strings.Contains(s.Device, n[0]) {
			system = n[1]
		}
	}
	return strings.Join(strings.Fields(browser+" "+system), ", ")
}
