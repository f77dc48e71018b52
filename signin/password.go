package signin

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Cost is what hashing a password takes.
type Cost struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultCost is the second recommended option of RFC 9106, section 4: 64 MiB, three passes.
var DefaultCost = Cost{Memory: 64 << 10, Passes: 3, Threads: 4}

// Bounds of a cost read from a hash: a record that was tampered with may not take the memory.
const (
	maxMemory = 1 << 20 // KiB
	maxPasses = 16
	saltBytes = 16
	hashBytes = 32
)

// A Hasher hashes passwords, a bounded number at one time, for each takes its memory.
type Hasher struct {
	cost   Cost
	rand   io.Reader
	slots  chan struct{} // one for each that hashes now
	queue  chan struct{} // and for each that waits
	nobody string        // the hash of a password that nobody has
}

// maxWaiting are those who may wait for a slot; more are told to come again.
const maxWaiting = 32

// NewHasher hashes at a cost, taking salts from rand.
func NewHasher(cost Cost, rand io.Reader) (*Hasher, error) {
	if !cost.ok() {
		return nil, fmt.Errorf("signin: a cost of %d KiB, %d passes and %d threads", cost.Memory, cost.Passes, cost.Threads)
	}
	n := max(1, runtime.GOMAXPROCS(0)/2)
	h := &Hasher{cost: cost, rand: rand, slots: make(chan struct{}, n), queue: make(chan struct{}, n+maxWaiting)}
	var unknown [saltBytes + hashBytes]byte
	if _, err := io.ReadFull(rand, unknown[:]); err != nil {
		return nil, fmt.Errorf("signin: randomness: %w", err)
	}
	h.nobody = format(cost, unknown[:saltBytes], unknown[saltBytes:]) // of no password that anybody could find
	return h, nil
}

func (c Cost) ok() bool {
	return c.Passes >= 1 && c.Passes <= maxPasses && c.Threads >= 1 && c.Memory >= 8*uint32(c.Threads) && c.Memory <= maxMemory
}

// ErrBusy says that more passwords are being hashed than fit into memory.
var ErrBusy = errors.New("signin: too many sign-ins at one moment")

// slot waits for leave to hash.
func (h *Hasher) slot(ctx context.Context) (done func(), err error) {
	select {
	case h.queue <- struct{}{}:
	default:
		return nil, ErrBusy
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; <-h.queue }, nil
	case <-ctx.Done():
		<-h.queue
		return nil, ctx.Err()
	}
}

// Hash is a password as it is kept: $argon2id$v=19$m=65536,t=3,p=4$salt$hash, both in base64
// without padding.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	var salt [saltBytes]byte
	if _, err := io.ReadFull(h.rand, salt[:]); err != nil {
		return "", fmt.Errorf("signin: randomness: %w", err)
	}
	done, err := h.slot(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	return format(h.cost, salt[:], derive(h.cost, password, salt[:])), nil
}

// Check reports whether a password is the one of a hash. Where there is none (""), it takes
// as long and says no, so that the time does not tell whether there is such a customer.
func (h *Hasher) Check(ctx context.Context, hash, password string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.nobody
	}
	cost, salt, want, err := parse(hash)
	if err != nil {
		return false, err
	}
	done, err := h.slot(ctx)
	if err != nil {
		return false, err
	}
	defer done()
	same := subtle.ConstantTimeCompare(derive(cost, password, salt), want) == 1
	return same && known, nil
}

// derive hashes the password in normal form C: what one keyboard composes, another does not
// (RFC 8265, section 4.2).
func derive(c Cost, password string, salt []byte) []byte {
	return argon2.IDKey(norm.NFC.Bytes([]byte(password)), salt, c.Passes, c.Memory, c.Threads, hashBytes)
}

func format(c Cost, salt, hash []byte) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.Memory, c.Passes, c.Threads, e.EncodeToString(salt), e.EncodeToString(hash))
}

var errHash = errors.New("signin: a password's hash does not read")

func parse(s string) (c Cost, salt, hash []byte, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errHash
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.Memory, &c.Passes, &c.Threads); err != nil || !c.ok() {
		return c, nil, nil, errHash
	}
	e := base64.RawStdEncoding.Strict()
	salt, err1 := e.DecodeString(parts[4])
	hash, err2 := e.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(salt) != saltBytes || len(hash) != hashBytes || format(c, salt, hash) != s {
		return c, nil, nil, errHash
	}
	return c, salt, hash, nil
}

// Lengths of a password. NIST SP 800-63B-4, section 3.1.1.2: length is what counts; rules
// about sorts of characters are not asked for; long ones are taken.
const (
	leastPassword  = 12  // characters
	mostPassword   = 256 // bytes
	leastDifferent = 5   // characters, so that it is no row of one key
)

// CheckPassword says why a password is not taken for this e-mail address, or nil.
func CheckPassword(password, email string) error {
	local, _, _ := strings.Cut(email, "@")
	lower := strings.ToLower(password)
	different := map[rune]bool{}
	for _, r := range password {
		different[r] = true
	}
	switch {
	case !utf8.ValidString(password):
		return errors.New("the password is not valid UTF-8")
	case utf8.RuneCountInString(password) < leastPassword:
		return fmt.Errorf("the password is shorter than %d characters; a few words in a row are easy to keep in mind and hard to guess", leastPassword)
	case len(password) > mostPassword:
		return fmt.Errorf("the password is longer than %d bytes", mostPassword)
	case len(different) < leastDifferent:
		return errors.New("the password repeats a few characters; choose one that is harder to guess")
	case len(local) >= 4 && strings.Contains(lower, strings.ToLower(local)):
		return errors.New("the password holds a part of the e-mail address; choose one that has nothing to do with it")
	}
	return nil
}
