package gate

import (
	"fmt"
	"io"
	"time"

	"sallyport/internal/keyfile"
)

// Keys is a file of API keys: a line each, its name, the SHA-256 of the key in hex, and the
// day it was made. A change of the file counts within a second.
type Keys struct{ file *keyfile.File }

// keyPrefix lets a key that has got into the wrong place be recognised.
const keyPrefix = "spg_"

// OpenKeys reads the file of keys. Where there is none, nobody is let in.
func OpenKeys(path string) (*Keys, error) {
	f, err := keyfile.Open(path, nil)
	if err != nil {
		return nil, fmt.Errorf("gate: keys: %w; sallyport gate-key writes such lines", err)
	}
	return &Keys{f}, nil
}

// Admit is the name of a key, and whether there is such a key.
func (k *Keys) Admit(key string) (name string, ok bool) {
	l, ok := k.file.Admit(key)
	return l.Name, ok
}

// MakeKey makes a key under a name and puts its hash into the file. Two keys may have one
// name, so that one can take the other's place without a gap; idempotency keys go with the
// name. The key is shown this once.
func MakeKey(path, name string, random io.Reader, day time.Time) (string, error) {
	key, err := keyfile.Make(path, keyPrefix, name, nil, random, day)
	if err != nil {
		return "", fmt.Errorf("gate: a key: %w", err)
	}
	return key, nil
}

// RemoveKeys takes all keys of a name out of the file and says how many there were.
func RemoveKeys(path, name string) (int, error) {
	n, err := keyfile.Remove(path, name)
	if err != nil {
		return 0, fmt.Errorf("gate: keys: %w", err)
	}
	return n, nil
}
