package signin

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// What authenticators agree on: six digits, of half a minute, by HMAC-SHA-1 (RFC 6238,
// sections 4 and 5.2; RFC 4226 says why SHA-1 holds here).
const (
	digits      = 6
	stepSeconds = 30
	secretBytes = 20 // RFC 4226, section 4, R6
)

// NewSecret makes the secret that an authenticator shares with the exchange.
func NewSecret(random io.Reader) ([]byte, error) {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(random, secret); err != nil {
		return nil, fmt.Errorf("signin: randomness: %w", err)
	}
	return secret, nil
}

// TOTP is the code of a step under a secret, with n digits.
func TOTP(secret []byte, step int64, n int) string {
	m := hmac.New(sha1.New, secret)
	binary.Write(m, binary.BigEndian, step) // a hash takes all
	sum := m.Sum(nil)
	at := sum[len(sum)-1] & 0xf // RFC 4226, section 5.3
	code := binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff
	mod := uint32(1)
	for range n {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", n, code%mod)
}

// Step is the step that an instant falls into.
func Step(at time.Time) int64 { return at.Unix() / stepSeconds }

// CheckTOTP reports whether a code is right now, and the step that it is of. One step before
// and after is taken, for clocks that differ (RFC 6238, section 5.2); one that is not after
// the last step used is not, for a code is good once.
func CheckTOTP(secret []byte, code string, now time.Time, last int64) (step int64, ok bool) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	found := int64(0)
	for s := Step(now) - 1; s <= Step(now)+1; s++ {
		if subtle.ConstantTimeCompare([]byte(TOTP(secret, s, digits)), []byte(code)) == 1 && s > last {
			found = s
		}
	}
	return found, found != 0
}

// SecretText is a secret as authenticators read it when it is typed in.
func SecretText(secret []byte) string { return base32.StdEncoding.EncodeToString(secret) }

// SecretURI is a secret as authenticators read it from a link.
func SecretURI(secret []byte, issuer, account string) string {
	v := url.Values{"secret": {SecretText(secret)}, "issuer": {issuer}}
	return "otpauth://totp/" + url.PathEscape(issuer+":"+account) + "?" + v.Encode()
}

const (
	recoveryCodes = 10
	recoveryBytes = 10 // 80 bits: nobody tries them all, so that a plain hash hides them
)

// NewRecovery makes codes for who has lost their authenticator, and the hashes to keep.
func NewRecovery(random io.Reader) (codes []string, hashes [][]byte, err error) {
	for range recoveryCodes {
		var raw [recoveryBytes]byte
		if _, err := io.ReadFull(random, raw[:]); err != nil {
			return nil, nil, fmt.Errorf("signin: randomness: %w", err)
		}
		text := strings.ToLower(base32.StdEncoding.EncodeToString(raw[:]))
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		hashes = append(hashes, hashCode(text))
	}
	return codes, hashes, nil
}

func hashCode(code string) []byte {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(code))
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// Recover uses up a recovery code, and reports whether it was one.
func (l *Login) Recover(code string) bool {
	given, at := hashCode(code), -1
	for i, h := range l.Recovery {
		if subtle.ConstantTimeCompare(given, h) == 1 {
			at = i
		}
	}
	if at < 0 {
		return false
	}
	kept := make([][]byte, 0, len(l.Recovery)-1)
	for i, h := range l.Recovery {
		if i != at {
			kept = append(kept, h)
		}
	}
	l.Recovery = kept
	return true
}
