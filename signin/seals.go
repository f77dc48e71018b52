package signin

import (
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/chacha20poly1305"
)

// Seals make tokens for who has no login yet that could keep a [Ticket]: the token itself holds the
// address that it was sent to and its end, encrypted, so that nothing is kept of who asks, an
// address in a link is read by nobody on its way, and asking fills no memory. A token is
//
//	base64url(nonce (24) || XChaCha20-Poly1305(key, nonce, ends (8, seconds, big-endian) || address, "sallyport sign-up"))
//
// and is good until its end, for as many applications as come before an account is opened.
type Seals struct {
	aead   cipher.AEAD
	random io.Reader
}

const (
	// SealKeyBytes are those of the key of [NewSeals].
	SealKeyBytes = chacha20poly1305.KeySize

	sealLasts = 3 * 24 * time.Hour
)

var sealPurpose = []byte("sallyport sign-up")

// NewSeals seals under a key, with nonces from random.
func NewSeals(key []byte, random io.Reader) (*Seals, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("signin: the key of seals: want %d bytes", SealKeyBytes)
	}
	return &Seals{aead, random}, nil
}

// Seal gives the token of an address, as [Email] gives it.
func (s *Seals) Seal(email string, now time.Time) (token string, err error) {
	out := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+8+len(email)+s.aead.Overhead())
	if _, err := io.ReadFull(s.random, out); err != nil {
		return "", fmt.Errorf("signin: randomness: %w", err)
	}
	plain := append(binary.BigEndian.AppendUint64(nil, uint64(now.Add(sealLasts).Unix())), email...)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(out, out, plain, sealPurpose)), nil
}

// ErrSeal says that a token is none, or its time has run out.
var ErrSeal = errors.New("signin: no seal that is good now")

// Open gives the address that a token was sent to.
func (s *Seals) Open(token string, now time.Time) (email string, err error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) < s.aead.NonceSize() {
		return "", ErrSeal
	}
	nonce, sealed := b[:s.aead.NonceSize()], b[s.aead.NonceSize():]
	plain, err := s.aead.Open(nil, nonce, sealed, sealPurpose)
	if err != nil || len(plain) < 8 || !now.Before(time.Unix(int64(binary.BigEndian.Uint64(plain)), 0)) {
		return "", ErrSeal
	}
	return string(plain[8:]), nil
}
