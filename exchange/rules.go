package exchange

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
	"sallyport/law"
)

// RulesDir is where in the data folder each rule set that was ever in force is kept, in a
// folder that its SHA-256 names: rules/SHA256/ID.yaml, the files as they were read. See
// law.LoadKept.
const RulesDir = "rules"

// keepRules keeps a rule set whole, or leaves nothing under its name.
func keepRules(files vfs.FS, data string, set *law.Set) error {
	dir := filepath.Join(data, RulesDir, set.SHA256())
	if _, err := files.Stat(dir); err == nil {
		// What lies there must be it: a set that somebody has changed is no record of one.
		return law.CheckKept(store.DirFS(files, dir), set.SHA256())
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	half := dir + ".new"
	if err := errors.Join(files.RemoveAll(half), store.MakeDir(files, half, 0o755)); err != nil {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	for _, r := range set.Rules() {
		if err := store.WriteNew(files, files.PathJoin(half, r.ID+".yaml"), r.File(), 0o644); err != nil {
			return fmt.Errorf("exchange: rules: %w", err)
		}
	}
	err := store.SyncDir(files, half)
	if err == nil { // and only then: what has the name is whole after a power cut, too
		err = errors.Join(files.Rename(half, dir), store.SyncDir(files, filepath.Dir(dir)))
	}
	if err != nil {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	return nil
}
