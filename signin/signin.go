// Package signin is how a person proves to be the customer they say: a password, a code of
// their telephone, a passkey, a session in between. It knows no customer, no file and no network; what
// it makes is kept by others, and the clock and the randomness are handed in.
//
//   - [Hasher]: passwords by argon2id (RFC 9106), the parameters kept with each hash
//   - [TOTP], [CheckTOTP]: codes of an authenticator (RFC 6238), each good once
//   - [Passkeys]: keys that a device keeps and signs with (Web Authentication Level 3)
//   - [NewRecovery], [Login.Recover]: codes for who has lost it, each good once
//   - [Session]: random tokens of which only the hash is kept
//   - [Ticket]: what opens one thing once for whoever was sent its token
//   - [Seals]: the same for who is no customer yet, of which nothing is kept
//   - [Waits]: how long who keeps failing must wait
//
// None of it is ever printed: what holds a secret formats as a word.
package signin

import (
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Login is what a customer signs in with, as the vault keeps it.
type Login struct {
	Email    string    `json:"email"`              // as Email gives it
	Password string    `json:"password"`           // its hash, with the parameters
	TOTP     []byte    `json:"totp,omitempty"`     // the secret; none is without
	Step     int64     `json:"step,omitempty"`     // the last one whose code was used
	NewTOTP  []byte    `json:"new_totp,omitempty"` // handed out, and no code of it seen yet
	Recovery [][]byte  `json:"recovery,omitempty"` // hashes of the codes not used yet
	Since    time.Time `json:"since"`

	Handle   []byte    `json:"handle,omitempty"` // under which devices keep passkeys, once there were any
	Passkeys []Passkey `json:"passkeys,omitempty"`
	Sessions []Session `json:"sessions,omitempty"` // Invariant: at most MaxSessions
	Tickets  []Ticket  `json:"tickets,omitempty"`  // Invariant: one for each purpose

	Confirmed time.Time `json:"confirmed,omitzero"` // when a letter to the address was answered
	Invited   bool      `json:"invited,omitempty"`  // by the desk, which had opened the account
}

// Clone is a copy whose changes leave the login as it was.
func (l *Login) Clone() Login {
	next := *l
	next.Recovery, next.Passkeys, next.Sessions = slices.Clone(l.Recovery), slices.Clone(l.Passkeys), slices.Clone(l.Sessions)
	next.Tickets = slices.Clone(l.Tickets)
	return next
}

// Format keeps secrets out of logs, whatever verb it is printed with.
func (l Login) Format(f fmt.State, _ rune) { fmt.Fprint(f, "login") }

const maxEmail = 254 // RFC 5321, section 4.5.3.1.3, less the brackets

// Email reads an e-mail address and gives the one form under which it is looked up. Upper
// case and lower case are one: two customers whose addresses differ in that alone are far
// rarer than one who writes it both ways.
func Email(written string) (string, error) {
	written = strings.TrimSpace(written)
	if !oneAddress(written) {
		return "", ErrEmail
	}
	// A small letter may have a composed form where the capital has none, and what is composed may be no address.
	email := norm.NFC.String(strings.ToLower(norm.NFC.String(written)))
	if !oneAddress(email) {
		return "", ErrEmail
	}
	return email, nil
}

// oneAddress reports whether a text is an e-mail address and nothing else, of which every character is seen.
func oneAddress(s string) bool {
	if len(s) > maxEmail || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return false
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	return local != "" && strings.Contains(domain, ".") && !strings.ContainsAny(domain, "@[]")
}

// ErrEmail says that a text is no e-mail address.
var ErrEmail = errors.New("want one e-mail address, such as ada@example.org")
