package signin

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"
)

// What a ticket is good for.
type Purpose string

const (
	ConfirmEmail Purpose = "confirm" // that the address is the customer's own
	ChangeEmail  Purpose = "change"  // to the address that it went to
	NewPassword  Purpose = "reset"   // in place of one that was forgotten; it is no second factor
	Invitation   Purpose = "invite"  // to choose the first password of an account that the desk opened
)

// How long each is good for.
var ticketLasts = map[Purpose]time.Duration{ConfirmEmail: 3 * 24 * time.Hour, ChangeEmail: 24 * time.Hour, NewPassword: 30 * time.Minute, Invitation: 7 * 24 * time.Hour}

// A Ticket opens one thing once, for whoever has the token that was sent. Of the token only the
// hash is kept. There is one for each purpose: another takes its place.
type Ticket struct {
	Purpose Purpose   `json:"purpose"`
	Hash    []byte    `json:"hash"`            // SHA-256 of the token
	Email   string    `json:"email,omitempty"` // that it was sent to; "" where it went another way
	Ends    time.Time `json:"ends"`
	Failed  int       `json:"failed,omitempty"` // codes that were wrong, of a second factor asked for with it
}

// maxFailed bounds how many codes who has a letter alone can try with it.
const maxFailed = 10

// Fail counts a wrong code against the ticket of a purpose, which ends with the last that it bears.
func (l *Login) Fail(p Purpose) {
	for i := range l.Tickets {
		if t := &l.Tickets[i]; t.Purpose == p {
			if t.Failed++; t.Failed >= maxFailed {
				l.Void(p)
			}
			return
		}
	}
}

// Issue makes a ticket and gives the token, which is told this once.
func (l *Login) Issue(account uint64, p Purpose, email string, now time.Time, random io.Reader) (token string, err error) {
	lasts, ok := ticketLasts[p]
	if !ok {
		return "", fmt.Errorf("signin: a ticket for %q", p)
	}
	if token, err = newToken(account, random); err != nil {
		return "", err
	}
	l.Void(p)
	l.Tickets = append(l.Tickets, Ticket{Purpose: p, Hash: hashToken(token), Email: email, Ends: now.Add(lasts)})
	return token, nil
}

// Void takes the ticket of a purpose away.
func (l *Login) Void(p Purpose) {
	l.Tickets = slices.DeleteFunc(l.Tickets, func(t Ticket) bool { return t.Purpose == p })
}

// Ticket finds the ticket of a token, if it is good for one of the purposes.
func (l *Login) Ticket(token string, now time.Time, purposes ...Purpose) (Ticket, bool) {
	given := hashToken(token)
	for _, t := range l.Tickets {
		if subtle.ConstantTimeCompare(given, t.Hash) == 1 && slices.Contains(purposes, t.Purpose) && now.Before(t.Ends) {
			return t, true
		}
	}
	return Ticket{}, false
}

// A token is account (8, big-endian) || random (32), in base64: what it opens is found without an
// index, and the account in it is nothing that its owner does not know.
const tokenRandom = 32

func newToken(account uint64, random io.Reader) (string, error) {
	raw := binary.BigEndian.AppendUint64(nil, account)
	raw = append(raw, make([]byte, tokenRandom)...)
	if _, err := io.ReadFull(random, raw[8:]); err != nil {
		return "", fmt.Errorf("signin: randomness: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

// TokenAccount is whose a token claims to be.
func TokenAccount(token string) (uint64, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != 8+tokenRandom {
		return 0, false
	}
	return binary.BigEndian.Uint64(b), true
}
