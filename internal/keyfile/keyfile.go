// Package keyfile keeps who may come in by a secret token: a file of lines with a name, the
// SHA-256 of a token in hex, the day it was made, and what else its reader wants to know of it.
// The tokens themselves are nowhere, and each is shown once.
package keyfile

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

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
)

// A Line is one token's.
type Line struct {
	Name string
	Sum  [sha256.Size]byte // of the token
	Made string            // a day
	More []string          // words without spaces
}

// A File is read again when it has changed, within a second.
type File struct {
	path  string
	check func(before []Line, l Line) error

	mu     sync.Mutex
	looked time.Time
	seen   os.FileInfo // nil where there is no file
	wrong  error       // why it could not be read
	lines  []Line
	bySum  map[[sha256.Size]byte]int // into lines
}

// maxFile is the longest file, in bytes.
const maxFile = 1 << 20

// Open reads the file; check says what is wrong with what a line has beyond a name and a hash, or
// after those before it, and may be nil. Where there is no file, nobody is let in.
func Open(path string, check func(before []Line, l Line) error) (*File, error) {
	f := &File{path: path, check: check}
	return f, f.read()
}

func (f *File) read() error {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.seen, f.lines, f.bySum = nil, nil, nil
		return nil
	} else if err != nil {
		return err
	}
	if f.seen != nil && info.ModTime().Equal(f.seen.ModTime()) && info.Size() == f.seen.Size() && os.SameFile(info, f.seen) {
		return nil
	}
	if info.Size() > maxFile {
		return fmt.Errorf("%s is longer than %d bytes", f.path, maxFile)
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	var all []Line
	bySum := map[[sha256.Size]byte]int{}
	lines := bufio.NewScanner(io.LimitReader(file, maxFile))
	for n := 1; lines.Scan(); n++ {
		parts := strings.Fields(lines.Text())
		if len(parts) == 0 || strings.HasPrefix(parts[0], "#") {
			continue
		}
		var sum []byte
		if len(parts) >= 2 {
			sum, err = hex.DecodeString(parts[1])
		}
		if err != nil || len(sum) != sha256.Size || !Named(parts[0]) {
			return fmt.Errorf("%s: line %d: want a name and the SHA-256 of a token in hex", f.path, n)
		}
		l := Line{Name: parts[0], Sum: [sha256.Size]byte(sum)}
		if len(parts) > 2 {
			l.Made, l.More = parts[2], parts[3:]
		}
		if f.check != nil {
			if err := f.check(all, l); err != nil {
				return fmt.Errorf("%s: line %d: %w", f.path, n, err)
			}
		}
		if at, twice := bySum[l.Sum]; twice {
			all[at] = l
			continue
		}
		bySum[l.Sum] = len(all)
		all = append(all, l)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.seen, f.lines, f.bySum = info, all, bySum
	return nil
}

// look reads the file again where it may have changed. One that cannot be read lets nobody in.
func (f *File) look() {
	now := time.Now()
	if now.Sub(f.looked) <= time.Second && !now.Before(f.looked) {
		return
	}
	f.looked = now
	if f.wrong = f.read(); f.wrong != nil {
		f.seen, f.lines, f.bySum = nil, nil, nil
	}
}

// Admit is the line of a token, and whether there is one. It compares hashes, in a time that says
// nothing of a token.
func (f *File) Admit(token string) (Line, bool) { return f.Find(sha256.Sum256([]byte(token))) }

// Find is the line of a token of which the hash is known.
func (f *File) Find(sum [sha256.Size]byte) (Line, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	at, ok := f.bySum[sum]
	if !ok {
		return Line{}, false
	}
	return f.lines[at], true
}

// Lines are all there are, in the order of the file, and whether there is a file, which may have none. With an error
// nobody is let in.
func (f *File) Lines() (lines []Line, there bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.look()
	return append([]Line(nil), f.lines...), f.seen != nil || f.wrong != nil, f.wrong
}

// NameHelp says what a name may be.
const NameHelp = "1 to 64 letters, digits, dots, hyphens or underscores"

// Named reports whether s may be a name: [NameHelp].
func Named(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._-", r))
	})
}

// Make makes a token under a name and puts its hash into the file, with more behind it. Two
// tokens may have one name, so that one can take the other's place without a gap. The prefix
// lets a token that has got into the wrong place be recognised. A nil random is crypto/rand.
func Make(path, prefix, name string, more []string, random io.Reader, day time.Time) (token string, err error) {
	if !Named(name) {
		return "", errors.New("the name: want " + NameHelp)
	}
	if random == nil {
		random = rand.Reader
	}
	var raw [32]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", err
	}
	token = prefix + base64.RawURLEncoding.EncodeToString(raw[:])
	sum := sha256.Sum256([]byte(token))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	line := strings.Join(append([]string{name, hex.EncodeToString(sum[:]), day.UTC().Format(time.DateOnly)}, more...), " ")
	err = change(path, func(text string) (string, error) {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + line + "\n", nil
	})
	if err != nil {
		return "", err
	}
	return token, nil
}

// Remove takes all tokens of a name out of the file and says how many there were.
func Remove(path, name string) (int, error) {
	removed := 0
	err := change(path, func(text string) (string, error) {
		var kept strings.Builder
		for line := range strings.Lines(text) {
			if parts := strings.Fields(line); len(parts) > 0 && parts[0] == name {
				removed++
				continue
			}
			kept.WriteString(line)
		}
		return kept.String(), nil
	})
	return removed, err
}

// change puts another text in place of the file's, whole or not at all, one at a time.
func change(path string, to func(string) (string, error)) error {
	var lock io.Closer
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for begun := time.Now(); ; <-again.C {
		var err error
		if lock, err = vfs.Default.Lock(path + ".lock"); err == nil {
			break
		}
		if time.Since(begun) > lockWithin {
			return fmt.Errorf("%s is being changed by another: %w", path, err)
		}
	}
	defer lock.Close()
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	there := err == nil
	text, err := to(string(b))
	if err != nil || text == string(b) && (there || text == "") {
		return err
	}
	return store.Replace(vfs.Default, path, []byte(text), 0o600)
}

// lockWithin is how long a change waits for others.
const lockWithin = 5 * time.Second
