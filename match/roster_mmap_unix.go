//go:build unix

package match

import (
	"os"
	"syscall"
)

// mapFile gives a file's bytes, mapped read-only and shared, and what unmaps them.
func mapFile(f *os.File, size int) ([]byte, func() error, error) {
	b, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, err
	}
	return b, func() error { return syscall.Munmap(b) }, nil
}
