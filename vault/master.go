package vault

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
)

const masterKeyLine = "sallyport vault master key v1 "

// masterKey reads the master key's file, one line:
//
//	sallyport vault master key v1 <64 hexadecimal digits>
//
// It is made on first use, which is when there is no store yet, and never in place of
// one that is missing.
func masterKey(files vfs.FS, path, dir, data string, random io.Reader) ([]byte, error) {
	key, err := readMasterKey(files, path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if _, err := files.Stat(data); err == nil {
		return nil, fmt.Errorf("vault: the master key %s is missing, and nothing opens without it: put it back", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if err := store.MakeDir(files, dir, 0o700); err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	if err := makeMasterKey(files, path, random); err != nil {
		return nil, err
	}
	return readMasterKey(files, path)
}

func readMasterKey(files vfs.FS, path string) ([]byte, error) {
	info, err := files.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("vault: master key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("vault: the master key %s is no plain file", path)
	}
	// Windows has no such bits and reports them all set, as does a file system in memory.
	if perm := info.Mode().Perm(); perm&0o077 != 0 && store.HasModes(files) && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("vault: the master key %s can be read by others than its owner (mode %04o): chmod 600 it, and consider who has read it", path, perm)
	}
	text, err := store.ReadFile(files, path, 200)
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
func makeMasterKey(files vfs.FS, path string, random io.Reader) error {
	key := make([]byte, 32)
	name := make([]byte, 8)
	if _, err := io.ReadFull(random, key); err != nil {
		return fmt.Errorf("vault: randomness: %w", err)
	}
	if _, err := io.ReadFull(random, name); err != nil {
		return fmt.Errorf("vault: randomness: %w", err)
	}
	parent := files.PathDir(path)
	half := files.PathJoin(parent, fmt.Sprintf(".master-key-%x", name))
	err := store.WriteNew(files, half, fmt.Appendf(nil, "%s%x\n", masterKeyLine, key), 0o600)
	defer files.Remove(half)
	if err == nil {
		err = files.Link(half, path)
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("vault: new master key: %w", err)
	}
	if err := store.SyncDir(files, parent); err != nil {
		return fmt.Errorf("vault: new master key: %w", err)
	}
	return nil
}
