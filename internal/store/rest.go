package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// restName is the seal of a store that was closed: the name of its manifest and the SHA-256 of
// what is in it. The manifest says which files there are, and Pebble takes a record of it that
// does not read for the end of a torn write: the store would be an older one, and the files it
// then knows nothing of deleted. What a crash left has no seal, for there a torn end is nothing
// that is wrong.
const restName = "AT-REST"

const maxManifest = 1 << 30

func seal(files vfs.FS, dir string) (string, error) {
	desc, err := pebble.Peek(dir, files)
	if err != nil {
		return "", err
	}
	b, err := ReadFile(files, desc.ManifestFilename, maxManifest)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s %x\n", files.PathBase(desc.ManifestFilename), sha256.Sum256(b)), nil
}

// unseal holds a store to the seal it was closed with, if there is one, and breaks it where the
// store is to be written to.
func unseal(files vfs.FS, dir string, readOnly bool) error {
	path := files.PathJoin(dir, restName)
	want, err := ReadFile(files, path, 1<<10)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	is, err := seal(files, dir)
	if err != nil {
		return err
	}
	if is != string(want) {
		return fmt.Errorf("the store is not as it was left when it was closed: %s says %q, and it is %q; put back a copy of the folder (if this is one, put over an older one of a store that was open: remove %s)", restName, want, is, restName)
	}
	if readOnly {
		return nil
	}
	return errors.Join(files.Remove(path), SyncDir(files, dir))
}
