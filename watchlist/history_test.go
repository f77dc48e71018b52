package watchlist

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestInForceAt walks through a list's days: an edition comes late, one waits for a person,
// and a person goes back to the first. Each answer was written by hand.
//
//	known    dated    edition
//	1 March  1 March  A
//	5 March  3 March  B, which came two days late
//	9 March  7 March  C, which shrinks, came on 7 March and waited for a person
//	12 March 3 March  B again, for C was wrong
func TestInForceAt(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	offerAt := func(content, published, at string) Outcome {
		t.Helper()
		out, err := s.Offer(lines(), text(content), Intake{Published: date(published), At: date(at), By: "pull", MaxLossBP: DefaultMaxLossBP})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	acceptAt := func(hash, at string) {
		t.Helper()
		if _, err := s.Accept("test-list", hash, Intake{At: date(at), By: "a person"}); err != nil {
			t.Fatal(err)
		}
	}
	if h, err := s.History("test-list"); err != nil || len(h) != 0 {
		t.Fatalf("a list that never was: %v, %v", h, err)
	}
	a := offerAt(hundred(0), "2022-03-01", "2022-03-01")
	b := offerAt(hundred(0)+"200 New\n", "2022-03-03", "2022-03-05")
	c := offerAt(hundred(50), "2022-03-07", "2022-03-07")
	if c.Verdict != Waiting {
		t.Fatalf("C: %s", c)
	}
	acceptAt(c.Meta.SHA256, "2022-03-09")
	if err := s.Confirm("test-list", c.Meta.SHA256, date("2022-03-10")); err != nil {
		t.Fatal(err)
	}
	acceptAt(b.Meta.SHA256, "2022-03-12")

	names := map[string]string{a.Meta.SHA256: "A", b.Meta.SHA256: "B", c.Meta.SHA256: "C"}
	for _, q := range []struct{ trueAt, knownAt, want string }{
		{"2022-03-01", "2022-02-28", "none"}, // before we knew of anything
		{"2022-02-28", "2022-03-20", "none"}, // nothing is known of before A
		{"2022-03-01", "2022-03-01", "A"},
		{"2022-03-04", "2022-03-04", "A"}, // B was published; we did not know
		{"2022-03-04", "2022-03-05", "B"}, // a day later we knew what had been true
		{"2022-03-02", "2022-03-05", "A"}, // of the day before B it says nothing
		{"2022-03-08", "2022-03-08", "B"}, // C was here, and nobody had taken it up
		{"2022-03-08", "2022-03-09", "C"},
		{"2022-03-06", "2022-03-10", "B"},
		{"2022-03-08", "2022-03-12", "B"}, // what C said was taken back
		{"2022-03-20", "2022-03-20", "B"},
		{"2022-03-02", "2022-03-20", "A"},
	} {
		got := "none"
		f, err := s.InForceAt("test-list", date(q.trueAt), date(q.knownAt))
		if err == nil {
			got = names[f.SHA256]
		} else if !errors.Is(err, ErrNoEdition) {
			t.Fatal(err)
		}
		if got != q.want {
			t.Errorf("what was true on %s, as known on %s: %s, want %s", q.trueAt, q.knownAt, got, q.want)
		}
	}

	h, err := s.History("test-list")
	if err != nil || len(h) != 4 {
		t.Fatalf("history: %d acceptances, %v; want 4", len(h), err)
	}
	got := h[2]
	if names[got.SHA256] != "C" || got.Acceptance != 3 || got.AcceptedBy != "a person" || !got.Forced || got.Removed != 51 || got.Added != 0 ||
		!got.TakenIn.Equal(date("2022-03-07")) || !got.AcceptedAt.Equal(date("2022-03-09")) || !got.ConfirmedAt.Equal(date("2022-03-10")) {
		t.Errorf("the third acceptance: %+v", got)
	}
	if h[3].Added != 51 || h[3].Removed != 0 || !h[3].Published.Equal(date("2022-03-03")) {
		t.Errorf("the fourth: %+v", h[3])
	}

	// Damage in the history is told, not passed over.
	path := filepath.Join(dir, "test-list", "history", "000002.json")
	if err := os.WriteFile(path, []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.History("test-list"); err == nil || !strings.Contains(err.Error(), "acceptance 2") {
		t.Errorf("a damaged record: error %v", err)
	}
}

// An edition dated ahead is in force from the moment it was accepted.
func TestInForceAtOfTomorrow(t *testing.T) {
	s := open(t, t.TempDir())
	at := date("2022-03-01").Add(20 * time.Hour)
	if _, err := s.Offer(lines(), text(hundred(0)), Intake{Published: date("2022-03-02"), At: at, MaxLossBP: DefaultMaxLossBP}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.InForceAt("test-list", at, at); err != nil {
		t.Errorf("what is in force now: %v", err)
	}
	if _, err := s.InForceAt("test-list", at.Add(-time.Second), at); !errors.Is(err, ErrNoEdition) {
		t.Errorf("a second before it was accepted: error %v, want ErrNoEdition", err)
	}
}

// TestHistoryOfAnOldFolder: a folder whose acceptances nobody counted goes on from the edition
// that was in force.
func TestHistoryOfAnOldFolder(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	first := offer(t, s, hundred(0), "2022-02-24")
	path := filepath.Join(dir, "test-list", "in-force.json")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := strings.Replace(string(b), ",\n  \"acceptance\": 1", "", 1)
	if old == string(b) {
		t.Fatal("the record has no number to take away")
	}
	if err := os.WriteFile(path, []byte(old), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := s.History("test-list"); err != nil || len(h) != 1 {
		t.Fatalf("before the next: %v, %v", h, err)
	}
	offer(t, s, hundred(1), "2022-02-25")
	h, err := s.History("test-list")
	if err != nil || len(h) != 2 || h[0].SHA256 != first.Meta.SHA256 || h[1].Acceptance != 2 {
		t.Fatalf("after it: %+v, %v", h, err)
	}
}
