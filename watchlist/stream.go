package watchlist

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ulikunitz/xz"
)

// MaxStreamBytes bounds one uncompressed file that is read as a stream. The largest
// known, OpenSanctions' entities of everything, has about 3 GB.
const MaxStreamBytes = 8 << 30

// headBytes is how much of a file a format is recognised by.
const headBytes = 64 << 10

// A stored is a file that is left where it lies, because it is larger than memory should
// hold. Its size and hash were taken when it was opened.
type stored struct {
	path string
	Source
}

// OpenFile is [ReadFile] for files of any size: one of JSON lines or of XML is left where it lies, so
// that File.Data is nil and [File.Open] reads it, as often as is asked. It is read once
// here, for its hash.
func OpenFile(path string) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %w", err)
	}
	defer f.Close()
	plain, wrapping, err := unwrapped(f)
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %s: %w", filepath.Base(path), err)
	}
	name := strings.TrimSuffix(filepath.Base(path), wrapping)
	if head, _ := plain.Peek(4); !bytes.HasPrefix(head, []byte("{")) && !bytes.HasPrefix(bytes.TrimPrefix(head, []byte("\ufeff")), []byte("<")) {
		return ReadFile(path)
	}
	src, err := hashed(name, plain)
	if err != nil {
		return File{}, fmt.Errorf("watchlist: %s: %w", name, err)
	}
	return File{Name: name, stored: &stored{path: path, Source: src}}, nil
}

// hashed reads to the end.
func hashed(name string, r io.Reader) (Source, error) {
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, MaxStreamBytes+1))
	if err == nil && n > MaxStreamBytes {
		err = fmt.Errorf("more than %d bytes: too large for a list", int64(MaxStreamBytes))
	}
	return Source{Name: name, Bytes: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

// unwrapped takes off .gz or .xz wrapping, known by the bytes, and says which it was.
func unwrapped(r io.Reader) (plain *bufio.Reader, wrapping string, err error) {
	br := bufio.NewReaderSize(r, headBytes)
	head, err := br.Peek(6)
	if err != nil && err != io.EOF {
		return nil, "", err
	}
	var inner io.Reader
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		inner, err = gzip.NewReader(br)
		wrapping = ".gz"
	case bytes.Equal(head, []byte{0xfd, '7', 'z', 'X', 'Z', 0}):
		inner, err = xz.NewReader(br)
		wrapping = ".xz"
	default:
		return br, "", nil
	}
	if err != nil {
		return nil, "", fmt.Errorf("unpacking: %w", err)
	}
	return bufio.NewReaderSize(inner, headBytes), wrapping, nil
}

// Open reads the file from its beginning, uncompressed.
func (f File) Open() (io.ReadCloser, error) {
	if f.stored == nil {
		return io.NopCloser(bytes.NewReader(f.Data)), nil
	}
	in, err := os.Open(f.stored.path)
	if err != nil {
		return nil, fmt.Errorf("watchlist: %w", err)
	}
	plain, _, err := unwrapped(in)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watchlist: %s: %w", f.Name, err), in.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(plain, MaxStreamBytes), in}, nil
}

// size is that of the whole file, uncompressed.
func (f File) size() int64 {
	if f.stored != nil {
		return f.stored.Bytes
	}
	return int64(len(f.Data))
}

// head is what a format is recognised by: all of a file that is in memory, and the
// beginning of one that is not.
func (f File) head() ([]byte, error) {
	if f.stored == nil {
		return f.Data, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(io.LimitReader(r, headBytes))
	if err != nil {
		return nil, fmt.Errorf("watchlist: %s: %w", f.Name, err)
	}
	return b, nil
}

// held is the file in memory, unless its format streams.
func (f File) held(streams bool) (File, error) {
	if f.stored == nil || streams {
		return f, nil
	}
	r, err := f.Open()
	if err != nil {
		return f, err
	}
	defer r.Close()
	return Unwrap(f.Name, r, MaxFileBytes)
}

// source describes the file.
func (f File) source() Source {
	if f.stored != nil {
		return Source{Name: f.Name, Bytes: f.stored.Bytes, SHA256: f.stored.SHA256}
	}
	sum := sha256.Sum256(f.Data)
	return Source{Name: f.Name, Bytes: int64(len(f.Data)), SHA256: hex.EncodeToString(sum[:])}
}

// writeTo writes the file to path, synced. One that changed since it was opened is not what
// its hash says, and fails.
func (f File) writeTo(path string) error {
	if f.stored == nil {
		return writeSynced(path, f.Data)
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	got, err := hashed(f.Name, io.TeeReader(in, out))
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("watchlist: %s: %w", f.Name, err)
	}
	if got.SHA256 != f.stored.SHA256 {
		return fmt.Errorf("watchlist: %s: it changed while it was read; offer it again", f.stored.path)
	}
	return nil
}

// fileAt is a file of the store: in memory, or where it lies if its format streams.
func fileAt(path, name string, streams bool) (File, error) {
	if !streams {
		data, err := os.ReadFile(path)
		return File{Name: name, Data: data}, err
	}
	in, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer in.Close()
	src, err := hashed(name, in)
	return File{Name: name, stored: &stored{path: path, Source: src}}, err
}

// ErrUTF16 is wrapped where a reader wants UTF-8 and a file's first bytes show that it is UTF-16.
var ErrUTF16 = errors.New("encoded in UTF-16: want UTF-8")

// CheckEncoding refuses what begins as UTF-16 does: with its byte-order mark, or with < or { in two bytes.
func CheckEncoding(head []byte) error {
	for _, begin := range []string{"\xff\xfe", "\xfe\xff", "<\x00", "\x00<", "{\x00", "\x00{", "[\x00", "\x00["} {
		if bytes.HasPrefix(head, []byte(begin)) {
			return fmt.Errorf("line 1: %w", ErrUTF16)
		}
	}
	return nil
}

// NotUTF8 finds the first byte that is not UTF-8, and its line; the byte is told as a problem
// says it. ok is false where all of the text is UTF-8.
func NotUTF8(text []byte) (line int, what string, ok bool) {
	if utf8.Valid(text) {
		return 0, "", false
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return 1 + bytes.Count(text[:i], []byte("\n")), fmt.Sprintf("byte 0x%02X: not UTF-8; it is read as U+FFFD", text[i]), true
		}
		i += n
	}
	return 0, "", false
}

// EachLine reads lines to the end and calls fn with each, numbered from 1, without its end
// of line and not to be kept. Empty lines are passed over. One longer than max bytes is
// read over and handed to fn as nil. The line that a file breaks off in has ended false.
// The error is that of reading, or ErrUTF16.
func EachLine(r io.Reader, max int, fn func(number int, line []byte, ended bool)) error {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(2)
	if err != nil && err != io.EOF {
		return err
	}
	if err := CheckEncoding(head); err != nil {
		return err
	}
	var long []byte // what came of a line that the buffer does not hold
	over := false
	for number := 1; ; {
		part, err := br.ReadSlice('\n')
		if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if over = over || len(long)+len(part) > max+2; over {
			long = long[:0]
		} else if errors.Is(err, bufio.ErrBufferFull) || len(long) > 0 {
			long = append(long, part...)
			part = long
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		line, ended := bytes.CutSuffix(part, []byte("\n"))
		line = bytes.TrimSpace(line)
		if over || len(line) > max {
			fn(number, nil, ended)
		} else if len(line) > 0 {
			fn(number, line, ended)
		}
		long, over = long[:0], false
		if err == io.EOF {
			return nil
		}
		number++
	}
}
