package mail

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An Outbox writes letters into a folder and sends them to nobody: for an exchange that is tried
// out, and for an operator who passes them on. A letter holds a link that opens something once, so
// the folder and its files are their owner's alone. The oldest make room for others beyond a thousand.
type Outbox struct {
	Dir   string
	Clock func() time.Time // nil is the wall's
}

const maxOutbox = 1000

// outboxFrom is nobody's: RFC 2606 keeps the domain free.
const outboxFrom = "exchange@sallyport.invalid"

// Send writes one letter as an .eml file, named by its time and an id.
func (o *Outbox) Send(_ context.Context, m Message) error {
	clock := o.Clock
	if clock == nil {
		clock = time.Now
	}
	id, err := newID(nil)
	if err != nil {
		return err
	}
	at := clock().UTC()
	letter, err := m.Bytes(outboxFrom, id, at)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	if err := o.room(); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	// Under another name until it is whole.
	name := filepath.Join(o.Dir, at.Format("20060102T150405.000")+"-"+id+".eml")
	if err := os.WriteFile(name+".part", letter, 0o600); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	if err := os.Rename(name+".part", name); err != nil {
		return fmt.Errorf("mail: outbox: %w", err)
	}
	return nil
}

// room removes the oldest letters, so that one more fits.
func (o *Outbox) room() error {
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return err
	}
	var letters []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".eml") {
			letters = append(letters, e.Name())
		}
	}
	slices.Sort(letters)
	for len(letters) >= maxOutbox {
		if err := os.Remove(filepath.Join(o.Dir, letters[0])); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		letters = letters[1:]
	}
	return nil
}
