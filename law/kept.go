package law

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// A TamperedError says that what is kept under the name of a rule set is another one.
type TamperedError struct {
	SHA256 string // the name it is kept under
	Is     string // the hash of what lies there
}

func (e *TamperedError) Error() string {
	return fmt.Sprintf("law: the rules kept as %s are not that set: the hash of what lies there is %s; somebody has changed them", e.SHA256, e.Is)
}

// An Unread is a kept rule set that is whole and that this program does not read: it was
// written for another one.
type Unread struct {
	SHA256 string
	Err    error
}

// maxKept bounds how many sets are kept: one a day for twenty years.
const maxKept = 8000

// LoadKept reads every rule set of a folder in which each lies in a folder of its own, under
// its SHA-256: the editions that decisions of former times name. One that is whole and does
// not load is told and no error. The error is a *TamperedError where one is not what its name
// says.
func LoadKept(fsys fs.FS) (sets []*Set, unread []Unread, err error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, nil, fmt.Errorf("law: kept rules: %w", err)
	}
	if len(entries) > maxKept {
		return nil, nil, fmt.Errorf("law: kept rules: %d sets, at most %d are read", len(entries), maxKept)
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") {
			continue // one that was never finished
		}
		if b, err := hex.DecodeString(name); err != nil || len(b) != sha256.Size || name != strings.ToLower(name) || !e.IsDir() {
			return nil, nil, fmt.Errorf("law: kept rules: %s: want folders whose name is the SHA-256 of a rule set", name)
		}
		folder, err := fs.Sub(fsys, name)
		if err != nil {
			return nil, nil, fmt.Errorf("law: kept rules: %w", err)
		}
		if err := CheckKept(folder, name); err != nil {
			return nil, nil, err
		}
		set, err := Load(folder)
		if err != nil {
			unread = append(unread, Unread{name, err})
			continue
		}
		sets = append(sets, set)
	}
	return sets, unread, nil
}

// CheckKept holds a folder of rules to the hash under which it is kept, before any file is
// read as a rule: so what was tampered with is told from what this program does not read.
// The error is a *TamperedError where they differ.
func CheckKept(folder fs.FS, name string) error {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return fmt.Errorf("law: kept rules: %s: %w", name, err)
	}
	if len(entries) > maxRules {
		return fmt.Errorf("law: kept rules: %s: %d files, a set has at most %d", name, len(entries), maxRules)
	}
	set := sha256.New() // as Set.SHA256 documents it; entries come in order of name
	for _, e := range entries {
		if path.Ext(e.Name()) != ".yaml" {
			continue
		}
		data, err := readBounded(folder, e.Name())
		if err != nil {
			return fmt.Errorf("law: kept rules: %s: %s: %w", name, e.Name(), err)
		}
		fmt.Fprintf(set, "%x  %s\n", sha256.Sum256(data), e.Name())
	}
	if is := hex.EncodeToString(set.Sum(nil)); is != name {
		return &TamperedError{name, is}
	}
	return nil
}
