package vault

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

const masterKeyLine = "sallyport vault master key v1 "

// masterKey reads the master key's file, one line:
//
//	sallyport vault master key v1 <64 hexadecimal digits>
//
// It is made on first use, which is when there is no store yet, and never in place of
// one that is missing.
func masterKey(path, dir, data string, random io.Reader) ([]byte, error) {
	key, err := readMasterKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := os.Stat(data); err == nil {
		return nil, fmt.Errorf("vault: the master key %s is missing, and nothing opens without it: put it back", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if err := makeDir(dir); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if err := makeMasterKey(path, random); err != nil {
		return nil, err
	}
	return readMasterKey(path)
}

func readMasterKey(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("vault: master key: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("vault: master key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("vault: the master key %s is no plain file", path)
	}
	// Windows has no such bits and reports them all set.
	if perm := info.Mode().Perm(); perm&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("vault: the master key %s can be read by others than its owner (mode %04o): chmod 600 it, and consider who has read it", path, perm)
	}
	text, err := io.ReadAll(io.LimitReader(f, 200))
	if err != nil {
		return nil, fmt.Errorf("vault: master key: %w", err)
	}
	digits, ok := strings.CutPrefix(strings.TrimSuffix(string(text), "\n"), masterKeyLine)
	key, err := hex.DecodeString(digits)
	if !ok || err != nil || len(key) != 32 {
		return nil, fmt.Errorf("vault: %s is no master key: want the line %q and 64 hexadecimal digits", path, masterKeyLine)
	}
	return key, nil
}

// makeMasterKey writes the file whole, syncs it, and only then gives it its name, which
// fails if another process was faster: that one's key is the key.
func makeMasterKey(path string, random io.Reader) error {
	key := make([]byte, 32)
	if _, err := io.ReadFull(random, key); err != nil {
		return fmt.Errorf("vault: randomness: %w", err)
	}
	parent := filepath.Dir(path)
	f, err := os.CreateTemp(parent, ".master-key-") // mode 0600
	if err != nil {
		return fmt.Errorf("vault: new master key: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%s%x\n", masterKeyLine, key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Link(f.Name(), path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: new master key: %w", err)
	}
	if err := syncDir(parent); err != nil {
		return fmt.Errorf("vault: new master key: %w", err)
	}
	return nil
}

// makeDir makes the directory, and those above it that are missing, so that a power cut
// does not take away one that holds a key.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // which cannot, and need not
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
