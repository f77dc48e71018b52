//go:build !unix

package match

import (
	"io"
	"os"
)

// mapFile reads a file into memory where there is no mapping.
func mapFile(f *os.File, size int) ([]byte, func() error, error) {
	b := make([]byte, size)
	if _, err := io.ReadFull(f, b); err != nil {
		return nil, nil, err
	}
	return b, func() error { return nil }, nil
}
