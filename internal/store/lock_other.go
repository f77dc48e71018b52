//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import (
	"fmt"
	"io"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// lockExclusive is Pebble's own lock where there is no flock(2).
func lockExclusive(name string, files vfs.FS) (io.Closer, error) {
	c, err := files.Lock(name)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHeld, err)
	}
	return c, nil
}

// lockShared does not exclude a writer here: read a copy.
func lockShared(string) (io.Closer, error) { return unlocked{}, nil }
