package watchlist

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// History tells every acceptance of the list, the oldest first: an edition that came into
// force twice is there twice. The last is the one in force. In a folder from before the
// count of acceptances it begins with the edition that was in force then. ConfirmedAt is the
// last time that the publisher confirmed it while it was in force.
func (s *Store) History(list string) ([]InForce, error) {
	last, err := s.InForce(list)
	if errors.Is(err, ErrNoEdition) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []InForce
	for n := 1; n < last.Acceptance; n++ {
		var f InForce
		err := readJSON(filepath.Join(s.dir, list, historyFile(n)), &f)
		if err == nil && (f.List != list || !validHash(f.SHA256) || f.Acceptance != n) {
			err = fmt.Errorf("it tells of acceptance %d of edition %q of list %q", f.Acceptance, f.SHA256, f.List)
		}
		if err != nil {
			return nil, fmt.Errorf("watchlist: %s: history: acceptance %d: %w", list, n, err)
		}
		out = append(out, f)
	}
	return append(out, last), nil
}

// InForceAt answers what we knew at knownAt about what was true at trueAt: which edition of
// the list, of those accepted by then, said how things were then. Of several it is the one
// accepted last, for a person who goes back to an earlier edition says that what came
// between was wrong. An edition that its publisher dated ahead is true from its acceptance
// at the latest, so that InForceAt(list, now, now) is what [Store.InForce] says.
//
// The error wraps [ErrNoEdition] where nothing was known by then of that time.
func (s *Store) InForceAt(list string, trueAt, knownAt time.Time) (InForce, error) {
	history, err := s.History(list)
	if err != nil {
		return InForce{}, err
	}
	for i := len(history) - 1; i >= 0; i-- {
		f := history[i]
		from := f.Published
		if f.AcceptedAt.Before(from) {
			from = f.AcceptedAt
		}
		if !f.AcceptedAt.After(knownAt) && !from.After(trueAt) {
			return f, nil
		}
	}
	return InForce{}, fmt.Errorf("watchlist: %s: of %s nothing was known by %s: %w", list, trueAt.UTC().Format(time.RFC3339), knownAt.UTC().Format(time.RFC3339), ErrNoEdition)
}

// historyFile is where acceptance n lies, from the list's folder.
func historyFile(n int) string { return filepath.Join("history", fmt.Sprintf("%06d.json", n)) }
