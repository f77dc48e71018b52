package exchange

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/vault"
	"sallyport/venue/tape"
)

// A KeyKind is how requests are signed with an API key.
type KeyKind string

const (
	HMACKey    KeyKind = "hmac"    // HMAC-SHA256 under a secret that both sides know
	Ed25519Key KeyKind = "ed25519" // the exchange knows the public key alone
	RSAKey     KeyKind = "rsa"     // PKCS #1 v1.5 over SHA-256; likewise
)

// A KeyMay is something that an API key may do.
type KeyMay string

const (
	KeyReads     KeyMay = "read"
	KeyTrades    KeyMay = "trade"
	KeyWithdraws KeyMay = "withdraw"
)

// KeyTerms say what an API key is to be. The zero value is an HMAC key that may do everything
// the account may, from anywhere, for ever.
type KeyTerms struct {
	Kind    KeyKind        `json:"kind"`
	Public  []byte         `json:"public,omitempty"`  // PKIX, DER; of all but HMACKey
	May     []KeyMay       `json:"may"`               // none: everything
	From    []netip.Prefix `json:"from,omitempty"`    // none: anywhere
	Expires time.Time      `json:"expires,omitempty"` // zero: never
	Label   string         `json:"label,omitempty"`   // the customer's own word for it
}

// A Key is an API key. Its terms never change; other terms are another key.
type Key struct {
	KeyTerms
	Name    string    `json:"-"` // what a request calls it by
	Account uint64    `json:"-"`
	Secret  []byte    `json:"secret,omitempty"` // of HMACKey
	Created time.Time `json:"created"`
	public  any       // Public, read

	macs *sync.Pool // of HMACKey: *mac that nobody computes with
}

// A mac computes HMAC-SHA256 under one secret, again and again: what the secret alone comes to it computes once.
type mac struct {
	hash.Hash
	sum [sha256.Size]byte
}

func newMAC(secret []byte) *mac { return &mac{Hash: hmac.New(sha256.New, secret)} }

func (m *mac) of(payload []byte) [sha256.Size]byte {
	m.Reset()
	m.Write(payload)
	m.Sum(m.sum[:0])
	return m.sum
}

// MAC is the HMAC-SHA256 of a payload under the key's secret.
func (k *Key) MAC(payload []byte) [sha256.Size]byte {
	if k.macs == nil { // a key that no exchange has made
		return newMAC(k.Secret).of(payload)
	}
	m := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	return m.of(payload)
}

// Allows reports whether the key may do something.
func (k *Key) Allows(m KeyMay) bool { return len(k.May) == 0 || slices.Contains(k.May, m) }

// Admits reports whether the key may be used from an address. Where the address is not known
// (the zero value), only one that may be used from anywhere.
func (k *Key) Admits(from netip.Addr) bool {
	return len(k.From) == 0 || from.IsValid() && slices.ContainsFunc(k.From, func(p netip.Prefix) bool { return p.Contains(from) })
}

// Expired reports whether the key's time is over.
func (k *Key) Expired(now time.Time) bool { return !k.Expires.IsZero() && !now.Before(k.Expires) }

// PublicKey is an ed25519.PublicKey or an *rsa.PublicKey, or nil.
func (k *Key) PublicKey() any { return k.public }

const (
	maxKeys     = 100 // of one account
	maxPrefixes = 30
	maxLabel    = 64
)

// ParsePublicKey reads a public key as customers hand it in (PEM, "PUBLIC KEY") and says of
// which kind it is.
func ParsePublicKey(text string) (KeyKind, []byte, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "PUBLIC KEY" || len(strings.TrimSpace(string(rest))) > 0 {
		return "", nil, errors.New(`want one PEM block "PUBLIC KEY"`)
	}
	kind, _, err := readPublic(block.Bytes)
	return kind, block.Bytes, err
}

func readPublic(der []byte) (KeyKind, any, error) {
	p, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return "", nil, fmt.Errorf("the public key does not decode: %w", err)
	}
	switch p := p.(type) {
	case ed25519.PublicKey:
		return Ed25519Key, p, nil
	case *rsa.PublicKey:
		if n := p.N.BitLen(); n < 2048 || n > 4096 {
			return "", nil, fmt.Errorf("an RSA key of %d bits; 2048 to 4096 are taken", n)
		}
		return RSAKey, p, nil
	}
	return "", nil, fmt.Errorf("a public key of type %T; Ed25519 and RSA are taken", p)
}

// check completes the key, or says what is wrong with its terms.
func (k *Key) check() error {
	for _, m := range k.May {
		if m != KeyReads && m != KeyTrades && m != KeyWithdraws {
			return fmt.Errorf("a key may read, trade and withdraw; not %q", m)
		}
	}
	if len(k.May) > 3 || len(k.From) > maxPrefixes || len(k.Label) > maxLabel {
		return fmt.Errorf("at most 3 permissions, %d address ranges and a label of %d bytes", maxPrefixes, maxLabel)
	}
	for _, p := range k.From {
		if !p.IsValid() || p.Addr().Is4In6() {
			return fmt.Errorf("%s is no range of addresses", p)
		}
	}
	switch k.Kind {
	case HMACKey:
		if len(k.Secret) == 0 || len(k.Public) > 0 {
			return errors.New("an HMAC key has a secret and no public key")
		}
		secret := k.Secret
		k.macs = &sync.Pool{New: func() any { return newMAC(secret) }}
		return nil
	case Ed25519Key, RSAKey:
		kind, public, err := readPublic(k.Public)
		if err != nil {
			return err
		}
		if kind != k.Kind || len(k.Secret) > 0 {
			return fmt.Errorf("an %s key with another key in it", k.Kind)
		}
		k.public = public
		return nil
	}
	return fmt.Errorf("no kind of key is called %q", k.Kind)
}

// readKey reads what the vault keeps of an API key. Before there were kinds it kept the secret
// alone.
func readKey(name string, account uint64, kept []byte) (*Key, error) {
	k := &Key{}
	if len(kept) > 0 && kept[0] == '{' {
		if err := json.Unmarshal(kept, k); err != nil {
			return nil, errors.New("it does not decode")
		}
	} else {
		k.Kind, k.Secret = HMACKey, kept
	}
	k.Name, k.Account = name, account
	return k, k.check()
}

// AddKey gives an account an API key with the zero terms. The secret is shown this once.
func (x *Exchange) AddKey(account uint64) (key, secret string, err error) {
	k, err := x.NewKey(account, KeyTerms{})
	if err != nil {
		return "", "", err
	}
	return k.Name, string(k.Secret), nil
}

// NewKey gives an account an API key. The vault keeps its terms and its secret or public key,
// the log its name and a commitment to the rest. An error that is no Refusal and no failure
// says what is wrong with the terms: see ErrKeyTerms.
func (x *Exchange) NewKey(account uint64, terms KeyTerms) (Key, error) {
	if x.customers.find(account) == nil { // the vault would remember the number as a customer's
		return Key{}, &Refusal{Reason: tape.UnknownAccount}
	}
	if len(x.Keys(account)) >= maxKeys {
		return Key{}, fmt.Errorf("%w: the account has %d keys", ErrKeyTerms, maxKeys)
	}
	var raw [48]byte
	if _, err := io.ReadFull(x.cfg.Random, raw[:]); err != nil {
		return Key{}, fmt.Errorf("exchange: API key: %w", err)
	}
	k := &Key{KeyTerms: terms, Name: hex.EncodeToString(raw[:16]), Account: account, Created: x.Now()}
	if k.Kind == "" {
		k.Kind = HMACKey
	}
	if k.Kind == HMACKey {
		k.Secret = []byte(base64.RawURLEncoding.EncodeToString(raw[16:]))
	}
	if err := k.check(); err != nil {
		return Key{}, fmt.Errorf("%w: %w", ErrKeyTerms, err)
	}
	kept, err := json.Marshal(k)
	if err != nil {
		return Key{}, fmt.Errorf("exchange: API key: %w", err)
	}
	commitments, err := x.vault.PutAll([]vault.Item{{Customer: account, Name: keyItem + k.Name, Plaintext: kept}})
	if err != nil {
		return Key{}, fmt.Errorf("exchange: %w", err)
	}
	events, err := x.submit(&tape.AddKey{Account: account, Key: k.Name, Commitment: tape.Hash(commitments[0])})
	if err != nil {
		return Key{}, err
	}
	if r, ok := refusal(events[0]); ok {
		return Key{}, &Refusal{Reason: r.Reason}
	}
	x.customers.mu.Lock()
	x.customers.keys[k.Name] = k
	x.customers.mu.Unlock()
	return *k, nil
}

// ErrKeyTerms says that a key cannot be as it was asked for.
var ErrKeyTerms = errors.New("exchange: no such API key can be made")

// RemoveKey takes an API key away from the account that has it.
func (x *Exchange) RemoveKey(account uint64, name string) error {
	if k, ok := x.Key(name); !ok || k.Account != account {
		return &Refusal{Reason: tape.UnknownKey}
	}
	events, err := x.submit(&tape.RemoveKey{Key: name})
	if err != nil {
		return err
	}
	if r, ok := refusal(events[0]); ok {
		return &Refusal{Reason: r.Reason}
	}
	x.customers.mu.Lock()
	delete(x.customers.keys, name)
	x.customers.mu.Unlock()
	return nil
}

// Key finds an API key by its name, if the log has it.
func (x *Exchange) Key(name string) (*Key, bool) {
	if _, ok := x.view.KeyAccount(name); !ok {
		return nil, false
	}
	x.customers.mu.RLock()
	defer x.customers.mu.RUnlock()
	k, ok := x.customers.keys[name]
	return k, ok
}

// Keys are an account's API keys, oldest first, without their secrets.
func (x *Exchange) Keys(account uint64) []Key {
	x.customers.mu.RLock()
	defer x.customers.mu.RUnlock()
	var ks []Key
	for _, k := range x.customers.keys {
		if k.Account == account {
			own := *k
			own.Secret, own.macs = nil, nil
			ks = append(ks, own)
		}
	}
	slices.SortFunc(ks, func(a, b Key) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return ks
}
