package signin

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"sync"
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

// maxSessions of one customer; the one that was used least lately ends for another.
const maxSessions = 10

// Sessions are the customers who are signed in. Of a token only the hash is kept, and it is
// kept in memory alone: when the program ends, everybody is signed out.
type Sessions struct {
	terms Terms
	rand  io.Reader

	mu     sync.Mutex
	byHash map[[sha256.Size]byte]*session
	swept  time.Time
}

type session struct {
	account uint64
	since   time.Time
	used    time.Time
}

// NewSessions starts with nobody signed in.
func NewSessions(t Terms, rand io.Reader) *Sessions {
	return &Sessions{terms: t, rand: rand, byHash: map[[sha256.Size]byte]*session{}}
}

func (s *Sessions) over(o *session, now time.Time) bool {
	return now.Sub(o.used) >= s.terms.Idle || now.Sub(o.since) >= s.terms.Most || now.Before(o.since)
}

// Begin signs a customer in and gives the token, which is told this once.
func (s *Sessions) Begin(account uint64, now time.Time) (token string, err error) {
	var raw [32]byte
	if _, err := io.ReadFull(s.rand, raw[:]); err != nil {
		return "", fmt.Errorf("signin: randomness: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(now)
	type own struct {
		hash [sha256.Size]byte
		*session
	}
	var owns []own
	for h, o := range s.byHash {
		if o.account == account {
			owns = append(owns, own{h, o})
		}
	}
	slices.SortFunc(owns, func(a, b own) int { return cmp.Or(a.used.Compare(b.used), slices.Compare(a.hash[:], b.hash[:])) })
	for len(owns) >= maxSessions {
		delete(s.byHash, owns[0].hash)
		owns = owns[1:]
	}
	s.byHash[sha256.Sum256([]byte(token))] = &session{account: account, since: now, used: now}
	return token, nil
}

// sweep forgets the sessions that are over, once a minute at most. The caller holds mu.
func (s *Sessions) sweep(now time.Time) {
	if d := now.Sub(s.swept); d >= 0 && d < time.Minute {
		return
	}
	s.swept = now
	for h, o := range s.byHash {
		if s.over(o, now) {
			delete(s.byHash, h)
		}
	}
}

// Find is whose session a token is of, and counts as its use.
func (s *Sessions) Find(token string, now time.Time) (account uint64, ok bool) {
	h := sha256.Sum256([]byte(token)) // what is looked up is a hash, so that the time it takes tells nothing of a token
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.byHash[h]
	if o == nil {
		return 0, false
	}
	if s.over(o, now) {
		delete(s.byHash, h)
		return 0, false
	}
	o.used = now
	return o.account, true
}

// End signs out one session.
func (s *Sessions) End(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byHash, sha256.Sum256([]byte(token)))
}

// EndAll signs a customer out everywhere, but for the session of the token, if it is not "".
func (s *Sessions) EndAll(account uint64, but string) {
	keep := sha256.Sum256([]byte(but))
	s.mu.Lock()
	defer s.mu.Unlock()
	for h, o := range s.byHash {
		if o.account == account && (but == "" || h != keep) {
			delete(s.byHash, h)
		}
	}
}
