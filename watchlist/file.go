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

// A File is one of the publisher's files, uncompressed. It is held whole in Data, or it lies
// elsewhere and Open reads it from its beginning, as often as it is called: to hash it, and to
// read it. Readers of large formats use [File.Reader], which takes either.
type File struct {
	Name string // a plain name, no folder
	Data []byte
	Open func() (io.ReadCloser, error) // nil where Data holds it
}

// Reader reads the file from its beginning.
func (f File) Reader() (io.ReadCloser, error) {
	if f.Open != nil {
		return f.Open()
	}
	return io.NopCloser(bytes.NewReader(f.Data)), nil
}

// head is what a format recognises the file by.
func (f File) head() ([]byte, error) {
	if f.Open == nil {
		return f.Data, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, 64<<10))
}

// OpenFile is a plain file on disk, of at most MaxFileBytes, that is not held in memory.
func OpenFile(path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %w", err)
	}
	if !info.Mode().IsRegular() || info.Size() > MaxFileBytes {
		return File{}, fmt.Errorf("watchlist: %s: not a plain file of at most %d bytes", path, MaxFileBytes)
	}
	return File{Name: filepath.Base(path), Open: func() (io.ReadCloser, error) { return os.Open(path) }}, nil
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
