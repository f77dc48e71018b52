package watchlist

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ulikunitz/xz"
)

// MaxFileBytes bounds one uncompressed file of a list. The largest known, OFAC's
// sdn_advanced.xml, has about 120 MB.
const MaxFileBytes = 256 << 20

// A File is one of the publisher's files, whole and uncompressed.
type File struct {
	Name string // a plain name, no folder
	Data []byte

	stored *stored // of a file that is not held in memory; see OpenFile
}

// ReadFile reads a file of a list from disk, taking off .gz or .xz wrapping,
// which it knows by the bytes and not by the name.
func ReadFile(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %w", err)
	}
	defer f.Close()
	return Unwrap(filepath.Base(path), f, MaxFileBytes)
}

// Unwrap reads r to its end, taking off .gz or .xz wrapping. It fails when more
// than max bytes come out, so that a small file cannot fill the memory.
func Unwrap(name string, r io.Reader, max int64) (File, error) {
	br := bufio.NewReader(r)
	head, err := br.Peek(6)
	if err != nil && err != io.EOF {
		return File{}, fmt.Errorf("watchlist: %s: %w", name, err)
	}
	var plain io.Reader = br
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		plain, err = gzip.NewReader(br)
		name = strings.TrimSuffix(name, ".gz")
	case bytes.Equal(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		plain, err = xz.NewReader(br)
		name = strings.TrimSuffix(name, ".xz")
	default:
		err = nil
	}
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %s: unpacking: %w", name, err)
	}
	data, err := io.ReadAll(io.LimitReader(plain, max+1))
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %s: unpacking: %w", name, err)
	}
	if int64(len(data)) > max {
		return File{}, fmt.Errorf("watchlist: %s: more than %d bytes: too large for a list", name, max)
	}
	return File{Name: name, Data: data}, nil
}
