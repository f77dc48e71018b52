package signin

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// A Passkey is a key of a customer's device that signs in for them, once the device has seen
// that it is them (a finger, a face, a PIN).
type Passkey struct {
	Name       string              `json:"name"` // the customer's own word for it
	Added      time.Time           `json:"added"`
	Used       time.Time           `json:"used,omitzero"`
	Cloned     time.Time           `json:"cloned,omitzero"` // when its count went back; it opens nothing since
	Credential webauthn.Credential `json:"credential"`
}

// ID is the credential's own name, as it is told.
func (p *Passkey) ID() string { return base64.RawURLEncoding.EncodeToString(p.Credential.ID) }

const (
	// MaxPasskeys of one customer.
	MaxPasskeys = 10
	handleBytes = 32 // of the 64 that section 14.6.1 allows; of random bytes alone, which say nothing of whose they are
)

// Passkeys asks devices for a customer's passkeys and checks what they answer (Web
// Authentication Level 3, sections 7.1 and 7.2), for the pages of one site. A passkey is always
// one that the device finds by itself, and the device has always made sure of who holds it: so
// it stands for a password and a code together.
type Passkeys struct {
	rp         *webauthn.WebAuthn
	random     io.Reader
	challenges challenges
}

// NewPasskeys serves the pages of a site, such as https://exchange.example. The domain that
// passkeys are of is the site's host where it is "", or one above it.
func NewPasskeys(site, domain string, random io.Reader) (*Passkeys, error) {
	u, err := url.Parse(site)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Scheme != "https" && !(u.Scheme == "http" && u.Hostname() == "localhost") {
		return nil, fmt.Errorf("signin: the site %q: want https and a host, such as https://exchange.example; plain http is for localhost alone", site)
	}
	if domain == "" {
		domain = u.Hostname()
	}
	if host := u.Hostname(); host != domain && !bytes.HasSuffix([]byte(host), []byte("."+domain)) {
		return nil, fmt.Errorf("signin: passkeys of %q serve no page of %s", domain, site)
	}
	if err := protocol.ValidateRPID(domain); err != nil {
		return nil, fmt.Errorf("signin: passkeys of %q: want a domain, or localhost: no network address has passkeys", domain)
	}
	p := &Passkeys{random: random}
	p.rp, err = webauthn.New(&webauthn.Config{
		RPID: domain, RPDisplayName: "Sallyport", RPOrigins: []string{site},
		// Who made the device is nobody's business here, so that none is asked to say.
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("signin: passkeys: %w", err)
	}
	if _, err := io.ReadFull(random, p.challenges.key[:]); err != nil {
		return nil, fmt.Errorf("signin: randomness: %w", err)
	}
	return p, nil
}

// Why a passkey is not taken; found by errors.Is.
var (
	// ErrPasskey says that an answer of a device does not read, is of no passkey of the
	// customer, or is not signed by it.
	ErrPasskey = errors.New("signin: not an answer of a passkey that is known")
	// ErrStale says that what the device answers was not asked, is older than ten minutes, or
	// was answered before.
	ErrStale = errors.New("signin: the passkey answers what is not asked any longer")
	// ErrCloned says that a passkey has counted backwards, as a copy of it does. It is marked,
	// and the mark must be kept.
	ErrCloned = errors.New("signin: a passkey may have been copied")
)

// NewHandle makes the name under which devices keep a customer's passkeys.
func NewHandle(random io.Reader) ([]byte, error) {
	h := make([]byte, handleBytes)
	if _, err := io.ReadFull(random, h); err != nil {
		return nil, fmt.Errorf("signin: randomness: %w", err)
	}
	return h, nil
}

// holder is a login as the library sees it.
type holder struct{ *Login }

func (h holder) WebAuthnID() []byte          { return h.Handle }
func (h holder) WebAuthnName() string        { return h.Email }
func (h holder) WebAuthnDisplayName() string { return h.Email }
func (h holder) WebAuthnCredentials() []webauthn.Credential {
	var all []webauthn.Credential
	for i := range h.Passkeys {
		if h.Passkeys[i].Cloned.IsZero() {
			all = append(all, h.Passkeys[i].Credential)
		}
	}
	return all
}

// AskNew is what a device is asked that is to make a passkey for a login with a handle: the
// argument of PublicKeyCredential.parseCreationOptionsFromJSON. The purpose is said again when
// it is answered.
func (p *Passkeys) AskNew(l *Login, purpose string, now time.Time) (json.RawMessage, error) {
	challenge, err := p.challenges.make(purpose, now, p.random)
	if err != nil {
		return nil, err
	}
	var known []protocol.CredentialDescriptor // a device keeps one for each customer
	for i := range l.Passkeys {
		known = append(known, l.Passkeys[i].Credential.Descriptor())
	}
	made, _, err := p.rp.BeginRegistration(holder{l}, webauthn.WithExclusions(known), func(o *protocol.PublicKeyCredentialCreationOptions) error {
		o.Challenge = challenge
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("signin: passkeys: %w", err)
	}
	return json.Marshal(made.Response)
}

// New reads what a device answered to AskNew and adds the passkey to the login.
func (p *Passkeys) New(l *Login, purpose, name string, answer []byte, now time.Time) error {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	challenge := parsed.Response.CollectedClientData.Challenge
	if !p.challenges.fresh(purpose, challenge, now) {
		return ErrStale
	}
	made, err := p.rp.CreateCredential(holder{l}, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: p.rp.Config.RPID, UserID: l.Handle, UserVerification: protocol.VerificationRequired, CredParams: webauthn.CredentialParametersDefault(),
	}, parsed)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	for i := range l.Passkeys {
		if bytes.Equal(l.Passkeys[i].Credential.ID, made.ID) {
			return fmt.Errorf("%w: it is kept already", ErrPasskey)
		}
	}
	if !p.challenges.use(challenge, now) {
		return ErrStale
	}
	made.Attestation = webauthn.CredentialAttestation{} // of whom nothing is asked nothing is kept
	l.Passkeys = append(l.Passkeys, Passkey{Name: name, Added: now, Credential: *made})
	return nil
}

// Ask is what a device is asked that is to prove a customer by a passkey: the argument of
// PublicKeyCredential.parseRequestOptionsFromJSON.
func (p *Passkeys) Ask(purpose string, now time.Time) (json.RawMessage, error) {
	challenge, err := p.challenges.make(purpose, now, p.random)
	if err != nil {
		return nil, err
	}
	asked, _, err := p.rp.BeginDiscoverableLogin(webauthn.WithChallenge(challenge))
	if err != nil {
		return nil, fmt.Errorf("signin: passkeys: %w", err)
	}
	return json.Marshal(asked.Response)
}

// A Proof is what a device answered to Ask, not checked yet.
type Proof struct {
	parsed *protocol.ParsedCredentialAssertionData
}

// ReadProof reads what a device answered.
func ReadProof(answer []byte) (Proof, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return Proof{parsed}, nil
}

// Handle is whose passkey the device says it is.
func (o Proof) Handle() []byte { return o.parsed.Response.UserHandle }

// Passkey is which one the device says it is: the credential's ID.
func (o Proof) Passkey() []byte { return o.parsed.RawID }

// Use checks a proof against the passkeys of a login, counts it as used and gives the passkey.
// On nil and on ErrCloned the login has changed and must be kept.
func (p *Passkeys) Use(l *Login, purpose string, o Proof, now time.Time) (*Passkey, error) {
	challenge := o.parsed.Response.CollectedClientData.Challenge
	if !p.challenges.fresh(purpose, challenge, now) {
		return nil, ErrStale
	}
	same := func([]byte, []byte) (webauthn.User, error) { return holder{l}, nil } // which holds the handle to the login's
	_, used, err := p.rp.ValidatePasskeyLogin(same, webauthn.SessionData{
		Challenge: challenge, RelyingPartyID: p.rp.Config.RPID, UserVerification: protocol.VerificationRequired,
	}, o.parsed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	if !p.challenges.use(challenge, now) {
		return nil, ErrStale
	}
	for i := range l.Passkeys {
		k := &l.Passkeys[i]
		if !bytes.Equal(k.Credential.ID, used.ID) {
			continue
		}
		// Section 7.2, step 22: of two devices with one key, one's count lags behind the other's.
		if used.Authenticator.CloneWarning {
			k.Cloned = now
			return k, ErrCloned
		}
		k.Credential, k.Used = *used, now
		return k, nil
	}
	return nil, ErrPasskey
}

// Second reports whether a password alone does not sign the customer in: they have an
// authenticator or a passkey.
func (l *Login) Second() bool { return len(l.TOTP) > 0 || len(l.Passkeys) > 0 }

// challenges are what devices sign: of one purpose, good for a while and once. Of those that are
// handed out nothing is kept, so that asking fills no memory: a challenge is
// random (16) || ends (8, seconds) || HMAC-SHA-256(key, purpose || 0 || random || ends) (32), under
// a key that ends with the program. Of those that were answered it is kept that they were.
type challenges struct {
	key [32]byte

	mu    sync.Mutex
	used  map[string]time.Time // until when each would be fresh
	swept time.Time
}

const (
	challengeLasts  = 10 * time.Minute // NIST and section 15.1 want five at least; a slow reader has as long again
	challengeRandom = 16               // section 13.4.3
	challengeBytes  = challengeRandom + 8 + sha256.Size
)

func (c *challenges) sum(purpose string, head []byte) []byte {
	m := hmac.New(sha256.New, c.key[:])
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write(head)
	return m.Sum(nil)
}

func (c *challenges) make(purpose string, now time.Time, random io.Reader) ([]byte, error) {
	b := make([]byte, challengeRandom, challengeBytes)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("signin: randomness: %w", err)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(now.Add(challengeLasts).Unix()))
	return append(b, c.sum(purpose, b)...), nil
}

// fresh reports whether a challenge was made for a purpose and its time has not run out.
func (c *challenges) fresh(purpose, challenge string, now time.Time) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(challenge)
	if err != nil || len(b) != challengeBytes {
		return false
	}
	head, sum := b[:challengeRandom+8], b[challengeRandom+8:]
	ends := time.Unix(int64(binary.BigEndian.Uint64(head[challengeRandom:])), 0)
	return hmac.Equal(sum, c.sum(purpose, head)) && now.Before(ends)
}

// use uses a challenge up, and reports whether nobody had.
func (c *challenges) use(challenge string, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, used := c.used[challenge]; used {
		return false
	}
	if c.used == nil {
		c.used = map[string]time.Time{}
	}
	if d := now.Sub(c.swept); d < 0 || d >= time.Minute {
		for k, until := range c.used {
			if !now.Before(until) {
				delete(c.used, k)
			}
		}
		c.swept = now
	}
	c.used[challenge] = now.Add(challengeLasts)
	return true
}
