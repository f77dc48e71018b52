package gate

import (
	"bufio"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Keys is a file of API keys: a line each, its name, the SHA-256 of the key in hex, and the
// day it was made. The keys themselves are nowhere. A change of the file counts within a second.
type Keys struct {
	path string

	mu     sync.Mutex
	looked time.Time
	seen   os.FileInfo // nil where there is no file
	names  map[[sha256.Size]byte]string
}

// keyPrefix lets a key that has got into the wrong place be recognised.
const keyPrefix = "spg_"

// OpenKeys reads the file of keys. Where there is none, nobody is let in.
func OpenKeys(path string) (*Keys, error) {
	k := &Keys{path: path}
	return k, k.read()
}

func (k *Keys) read() error {
	info, err := os.Stat(k.path)
	if errors.Is(err, fs.ErrNotExist) {
		k.seen, k.names = nil, nil
		return nil
	} else if err != nil {
		return fmt.Errorf("gate: keys: %w", err)
	}
	if k.seen != nil && info.ModTime().Equal(k.seen.ModTime()) && info.Size() == k.seen.Size() && os.SameFile(info, k.seen) {
		return nil
	}
	f, err := os.Open(k.path)
	if err != nil {
		return fmt.Errorf("gate: keys: %w", err)
	}
	defer f.Close()
	names := map[[sha256.Size]byte]string{}
	lines := bufio.NewScanner(io.LimitReader(f, 1<<20))
	for n := 1; lines.Scan(); n++ {
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 || strings.HasPrefix(parts[0], "#") {
			continue
		}
		var sum []byte
		if len(parts) >= 2 {
			sum, err = hex.DecodeString(parts[1])
		}
		if err != nil || len(sum) != sha256.Size || !keyName(parts[0]) {
			return fmt.Errorf("gate: %s: line %d: want a name and the SHA-256 of a key; sallyport gate-key writes such lines", k.path, n)
		}
		names[[sha256.Size]byte(sum)] = parts[0]
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("gate: keys: %w", err)
	}
	k.seen, k.names = info, names
	return nil
}

// Admit is the name of a key, and whether there is such a key. It compares hashes, in a time
// that says nothing of a key.
func (k *Keys) Admit(key string) (name string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now := time.Now(); now.Sub(k.looked) > time.Second {
		k.looked = now
		if k.read() != nil {
			k.seen, k.names = nil, nil // a file that cannot be read lets nobody in
		}
	}
	name, ok = k.names[sha256.Sum256([]byte(key))]
	return name, ok
}

func keyName(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r))
	})
}

// MakeKey makes a key under a name and puts its hash into the file. Two keys may have one
// name, so that one can take the other's place without a gap; idempotency keys go with the
// name. The key is shown this once.
func MakeKey(path, name string, random io.Reader, day time.Time) (string, error) {
	if !keyName(name) {
		return "", fmt.Errorf("gate: the name of a key: want 1 to 64 letters, digits, dots, hyphens or underscores")
	}
	if random == nil {
		random = rand.Reader
	}
	var raw [32]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("gate: a key: %w", err)
	}
	key := keyPrefix + base64.RawURLEncoding.EncodeToString(raw[:])
	sum := sha256.Sum256([]byte(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("gate: keys: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("gate: keys: %w", err)
	}
	_, err = fmt.Fprintf(f, "%s %x %s\n", name, sum, day.UTC().Format(time.DateOnly))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("gate: keys: %w", err)
	}
	return key, nil
}

// RemoveKeys takes all keys of a name out of the file and says how many there were.
func RemoveKeys(path, name string) (int, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("gate: keys: %w", err)
	}
	var kept strings.Builder
	removed := 0
	for line := range strings.Lines(string(b)) {
		if parts := strings.Fields(line); len(parts) > 0 && parts[0] == name {
			removed++
			continue
		}
		kept.WriteString(line)
	}
	if removed == 0 {
		return 0, nil
	}
	return removed, replaceFile(path, []byte(kept.String()))
}

// replaceFile puts a whole file in place or none.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	return nil
}
