package exchange

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sallyport/law"
)

// RulesDir is where in the data folder each rule set that was ever in force is kept, in a
// folder that its SHA-256 names: rules/SHA256/ID.yaml, the files as they were read. See
// law.LoadKept.
const RulesDir = "rules"

// keepRules keeps a rule set whole, or leaves nothing under its name.
func keepRules(data string, set *law.Set) error {
	dir := filepath.Join(data, RulesDir, set.SHA256())
	if _, err := os.Stat(dir); err == nil {
		// What lies there must be it: a set that somebody has changed is no record of one.
		return law.CheckKept(os.DirFS(dir), set.SHA256())
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	half, err := os.MkdirTemp(filepath.Dir(dir), ".new-*")
	if err != nil {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	defer os.RemoveAll(half)
	for _, r := range set.Rules() {
		if err := writeFile(filepath.Join(half, r.ID+".yaml"), string(r.File()), 0o644); err != nil {
			return fmt.Errorf("exchange: rules: %w", err)
		}
	}
	if err := errors.Join(os.Chmod(half, 0o755), syncDir(half), os.Rename(half, dir), syncDir(filepath.Dir(dir))); err != nil {
		return fmt.Errorf("exchange: rules: %w", err)
	}
	return nil
}

// syncDir makes the names in a folder last.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
