//go:build !unix

package watchlist

import "os"

// lockFile opens the lock's file exclusively where the system has no flock. A
// process killed while it writes leaves the file, and the error names it.
func lockFile(path string) (release func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return func() { f.Close(); os.Remove(path) }, nil
}
