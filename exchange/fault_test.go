package exchange_test

import (
	"path/filepath"
	"strings"
	"testing"

	"sallyport/exchange"
	"sallyport/journal"
	"sallyport/verify"
)

// A bit that turned in the log is found when the folder is opened, unless a snapshot spares it the
// reading, and by the auditor in any case.
func TestRottenLog(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "journal", "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	if err := flip(files[0]); err != nil {
		t.Fatal(err)
	}
	audit := func() error {
		log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
		if err != nil {
			return err
		}
		defer log.Close()
		_, err = verify.Journal(log, verify.Options{})
		return err
	}
	if err := audit(); err == nil {
		t.Fatal("the auditor finds nothing")
	}
	if _, err := exchange.Look(dir, nil); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Fatalf("replayed: %v", err)
	}
}
