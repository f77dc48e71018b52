package signin

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"
)

// Terms say how long a session lasts.
type Terms struct {
	Idle time.Duration // without a request
	Most time.Duration // in any case
}

// DefaultTerms are half an hour and twelve hours (NIST SP 800-63B-4, section 2.2.3: at most one hour and
// a day).
var DefaultTerms = Terms{Idle: 30 * time.Minute, Most: 12 * time.Hour}

// MaxSessions of one customer; the one that was used least lately ends for another.
const MaxSessions = 10

// A Session is a customer signed in on one device, as it is kept with what they sign in with,
// so that a restart ends none and one write changes both. Of its token only the hash is kept.
type Session struct {
	ID      string    `json:"id"`   // by which its owner ends it; it opens nothing
	Hash    []byte    `json:"hash"` // SHA-256 of the token
	Since   time.Time `json:"since"`
	Used    time.Time `json:"used"`              // as it was last written down: see Terms.Marks
	From    string    `json:"from,omitempty"`    // the network address that signed in
	Device  string    `json:"device,omitempty"`  // what the browser says it is
	Passkey []byte    `json:"passkey,omitempty"` // by which it began
}

// Over reports whether a session has ended by itself.
func (t Terms) Over(s *Session, now time.Time) bool {
	return now.Sub(s.Used) >= t.Idle || now.Sub(s.Since) >= t.Most || now.Before(s.Since)
}

// Marks reports whether a use of a session is to be written down: not each of them is, lest every
// request waits for a disk, so that a session ends by idling up to a tenth of the time too early.
func (t Terms) Marks(s *Session, now time.Time) bool { return now.Sub(s.Used) >= t.Idle/10 }

// Begin adds a session, of which s tells how it began, and gives the token, which is told this
// once. Those that are over go.
func (l *Login) Begin(account uint64, s Session, t Terms, now time.Time, random io.Reader) (token string, err error) {
	if token, err = newToken(account, random); err != nil {
		return "", err
	}
	var id [8]byte
	if _, err := io.ReadFull(random, id[:]); err != nil {
		return "", fmt.Errorf("signin: randomness: %w", err)
	}
	s.ID, s.Hash, s.Since, s.Used = hex.EncodeToString(id[:]), hashToken(token), now, now
	l.Sessions = slices.DeleteFunc(l.Sessions, func(o Session) bool { return t.Over(&o, now) })
	slices.SortStableFunc(l.Sessions, func(a, b Session) int { return cmp.Or(a.Used.Compare(b.Used), a.Since.Compare(b.Since)) })
	if n := len(l.Sessions); n >= MaxSessions {
		l.Sessions = l.Sessions[n-MaxSessions+1:]
	}
	l.Sessions = append(l.Sessions, s)
	return token, nil
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Session finds the session of a token; nil where there is none, or it is over.
func (l *Login) Session(token string, t Terms, now time.Time) *Session {
	given := hashToken(token)
	var found *Session
	for i := range l.Sessions {
		if subtle.ConstantTimeCompare(given, l.Sessions[i].Hash) == 1 && !t.Over(&l.Sessions[i], now) {
			found = &l.Sessions[i]
		}
	}
	return found
}

// End ends the session of a token, or of an ID, and reports whether there was one.
func (l *Login) End(token, id string) bool {
	given := hashToken(token)
	return l.end(func(s *Session) bool {
		return s.ID != "" && s.ID == id || subtle.ConstantTimeCompare(given, s.Hash) == 1
	})
}

// EndOthers ends every session but that of the token, all of them where it is "", and with them what any of them, or
// who reads the mail, may have begun: links to another address or another password, and an authenticator of which no code
// was seen.
func (l *Login) EndOthers(token string) {
	keep := hashToken(token)
	l.end(func(s *Session) bool { return subtle.ConstantTimeCompare(keep, s.Hash) != 1 })
	l.Void(ChangeEmail)
	l.Void(NewPassword)
	l.NewTOTP = nil
}

// EndOf ends the sessions that a passkey began.
func (l *Login) EndOf(p *Passkey) {
	l.end(func(s *Session) bool { return len(s.Passkey) > 0 && bytes.Equal(p.Credential.ID, s.Passkey) })
}

func (l *Login) end(which func(*Session) bool) bool {
	before := len(l.Sessions)
	l.Sessions = slices.DeleteFunc(l.Sessions, func(s Session) bool { return which(&s) })
	return len(l.Sessions) < before
}
