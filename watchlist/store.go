package watchlist

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Store keeps editions in a directory, for ever:
//
//	<dir>/<list>/in-force.json              which edition is in force, rewritten at each acceptance
//	<dir>/<list>/history/<n>.json           what it said last of the n-th acceptance, once another came
//	<dir>/<list>/editions/<hash>/           an edition that was accepted once
//	<dir>/<list>/editions/<hash>/edition.json   what is known about it: a [Meta]
//	<dir>/<list>/editions/<hash>/sdn.csv …  the publisher's files, byte for byte
//	<dir>/<list>/waiting/<hash>/            an edition that waits for a person, in the same form
//
// Every change is one rename of something already written and synced, so that a
// process killed at any moment leaves the state before or the state after. Names
// that begin with a dot are unfinished work and are swept up by the next writer.
// Writers of several processes take turns by a lock on <dir>/<list>/.lock, which
// the kernel lets go when a process dies; readers need no lock.
//
// The zero Store is of no use; [OpenStore] makes one. It may be used by several
// goroutines.
type Store struct {
	dir     string
	formats Formats

	mu   sync.Mutex
	last map[string]*Edition // by list: the edition that this process parsed last, to save parsing it again
}

// A Meta is what the store knows about an edition without reading its files.
type Meta struct {
	List      string    `json:"list"`
	Format    string    `json:"format"`
	Publisher string    `json:"publisher"`
	SHA256    string    `json:"sha256"`
	Published time.Time `json:"published"` // the publisher's date
	TakenIn   time.Time `json:"taken_in"`  // when the files came to us
	By        string    `json:"by"`        // who or what brought them
	Entities  int       `json:"entities"`
	Wallets   int       `json:"wallets"`
	Skipped   int       `json:"skipped"`        // problems that were told
	Left      int       `json:"left,omitempty"` // entries and rows left out, among them
	Starter   bool      `json:"starter,omitempty"`
	Sources   []Source  `json:"sources"`
	Origins   []Origin  `json:"origins,omitempty"`
	Doubts    []string  `json:"doubts,omitempty"`
	Waiting   string    `json:"waiting,omitempty"` // why it waits, or waited, for a person

	// What separated it from the edition that was in force when it was offered.
	Added   int `json:"added,omitempty"`
	Changed int `json:"changed,omitempty"`
	Removed int `json:"removed,omitempty"`
}

func (m *Meta) count(d Delta) {
	m.Added, m.Changed, m.Removed = len(d.Added), len(d.Changed), len(d.Removed)
}

// InForce says which edition of a list is in force.
type InForce struct {
	Meta
	AcceptedAt time.Time `json:"accepted_at"`
	// ConfirmedAt is when the publisher was last asked and had nothing newer, or
	// AcceptedAt. A list that nobody confirms goes stale.
	ConfirmedAt time.Time `json:"confirmed_at"`
	AcceptedBy  string    `json:"accepted_by"`
	Acceptance  int       `json:"acceptance,omitempty"` // its number among the list's, from 1; 0 in a folder older than the count
	Forced      bool      `json:"forced,omitempty"`     // taken up against the store's judgement
	Previous    string    `json:"previous,omitempty"`   // hash of the edition before it
}

// An Outcome is what became of an offer.
type Outcome struct {
	Verdict   Verdict
	Reason    Reason
	Text      string // the numbers behind the reason, or the reader's error
	Meta      Meta   // of the edition offered; zero when it could not be read
	Delta     Delta  // against the edition that was in force
	Unchanged bool   // it was in force already

	Told []Problem // the first of what could not be read in it
}

// String is one sentence for a person: `us-sdn: refused: it is empty: …`.
func (o Outcome) String() string {
	s := o.Verdict.String()
	if o.Meta.List != "" {
		s = o.Meta.List + " of " + day(o.Meta.Published) + ": " + s
	}
	if o.Reason != NoReason {
		s += ": " + o.Reason.String()
	}
	if o.Text != "" {
		s += ": " + o.Text
	}
	return s
}

// maxTold is how many problems of an offer are told; the edition has all of them.
const maxTold = 5

// ErrNoEdition is wrapped where a list has no edition in force, or a hash no edition.
var ErrNoEdition = errors.New("no such edition")

// OpenStore opens the store in dir. A directory that is missing is an empty store, and is made when
// something is first kept: who only looks leaves nothing behind.
// The formats must include those of every edition that is to be loaded.
func OpenStore(dir string, formats Formats) (*Store, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("watchlist: %s: no folder", dir)
	}
	return &Store{dir: dir, formats: formats, last: map[string]*Edition{}}, nil
}

// Lists names the lists that have an edition in force or waiting, in order.
func (s *Store) Lists() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("watchlist: %w", err)
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() && validName(e.Name()) {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// InForce reads which edition of the list is in force: one small file, so that a
// running server can ask every second and compare the hash. The error wraps
// [ErrNoEdition] where there is none.
func (s *Store) InForce(list string) (InForce, error) {
	var f InForce
	if !validName(list) {
		return f, fmt.Errorf("watchlist: list %q: not the name of a list", list)
	}
	err := readJSON(filepath.Join(s.dir, list, "in-force.json"), &f)
	if errors.Is(err, fs.ErrNotExist) {
		return f, fmt.Errorf("watchlist: %s: none in force: %w", list, ErrNoEdition)
	}
	if err == nil && (f.List != list || !validHash(f.SHA256)) {
		err = fmt.Errorf("it names edition %q of list %q", f.SHA256, f.List)
	}
	if err != nil {
		return f, fmt.Errorf("watchlist: %s: in-force.json: %w", list, err)
	}
	return f, nil
}

// Current loads the edition in force.
func (s *Store) Current(list string) (*Edition, error) {
	f, err := s.InForce(list)
	if err != nil {
		return nil, err
	}
	return s.loadInForce(f)
}

// loadInForce dates the edition as it was dated when it was last taken up: a
// publisher may go back to the very bytes of an earlier day.
func (s *Store) loadInForce(f InForce) (*Edition, error) {
	e, err := s.Load(f.List, f.SHA256)
	if err == nil {
		e.Published = f.Published
	}
	return e, err
}

// Editions tells of every edition of the list that was accepted once, the oldest
// publication first and of one date the one first taken in.
func (s *Store) Editions(list string) ([]Meta, error) { return s.metas(list, "editions") }

// Waiting tells of every edition of the list that waits for a person, the oldest
// publication first.
func (s *Store) Waiting(list string) ([]Meta, error) { return s.metas(list, "waiting") }

func (s *Store) metas(list, shelf string) ([]Meta, error) {
	if !validName(list) {
		return nil, fmt.Errorf("watchlist: list %q: not the name of a list", list)
	}
	entries, err := os.ReadDir(filepath.Join(s.dir, list, shelf))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("watchlist: %w", err)
	}
	var out []Meta
	for _, e := range entries {
		if !validHash(e.Name()) {
			continue
		}
		var m Meta
		dir := filepath.Join(s.dir, list, shelf, e.Name())
		if err := readJSON(filepath.Join(dir, "edition.json"), &m); err != nil {
			if _, gone := os.Stat(dir); errors.Is(gone, fs.ErrNotExist) {
				continue // a writer took it up since the folder was read
			}
			return nil, fmt.Errorf("watchlist: %s: edition %s: %w", list, e.Name(), err)
		}
		out = append(out, m)
	}
	slices.SortStableFunc(out, func(a, b Meta) int {
		return cmp.Or(a.Published.Compare(b.Published), a.TakenIn.Compare(b.TakenIn))
	})
	return out, nil
}

// Load reads an edition again from the publisher's files, in force or not, and
// fails when their hash is not the one it is filed under.
func (s *Store) Load(list, hash string) (*Edition, error) {
	if !validName(list) || !validHash(hash) {
		return nil, fmt.Errorf("watchlist: edition %q of list %q: not a hash and a list", hash, list)
	}
	for _, shelf := range []string{"editions", "waiting"} {
		e, _, err := s.read(filepath.Join(s.dir, list, shelf, hash), hash)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("watchlist: %s: edition %s: %w", list, hash, err)
		}
		return e, nil
	}
	return nil, fmt.Errorf("watchlist: %s: edition %s: %w", list, hash, ErrNoEdition)
}

// read loads the edition in one directory and holds it to its hash.
func (s *Store) read(dir, hash string) (*Edition, Meta, error) {
	m, files, err := s.readFiles(dir, hash)
	if err != nil {
		return nil, m, err
	}
	format, err := s.formats.Find(m.Format)
	if err != nil {
		return nil, m, err
	}
	if format.As != nil {
		format = format.As(m.List, m.Publisher)
	}
	e, err := format.Parse(files, m.Published)
	return e, m, err
}

// readFiles reads what is kept of an edition, without parsing it.
func (s *Store) readFiles(dir, hash string) (m Meta, files []File, err error) {
	if err := readJSON(filepath.Join(dir, "edition.json"), &m); err != nil {
		return m, nil, err
	}
	format, _ := s.formats.Find(m.Format) // what is of no format is held in memory
	streams := format.Streams
	for _, src := range m.Sources {
		if !validName(src.Name) {
			return m, nil, fmt.Errorf("source %q: not a plain file name", src.Name)
		}
		f, err := fileAt(filepath.Join(dir, src.Name), src.Name, streams)
		if err != nil {
			// A file that is gone from inside an edition is damage, not absence.
			return m, nil, fmt.Errorf("damaged: %s", strings.TrimPrefix(err.Error(), "open "))
		}
		files = append(files, f)
	}
	if got := Hash(SourcesOf(files)); got != hash {
		return m, nil, fmt.Errorf("damaged: its files have the hash %s", got)
	}
	return m, files, nil
}

// Offer reads the files as an edition of the format and takes it up, keeps it
// for a person, or refuses it. What the publisher's files are at fault for is in
// the outcome, never in the error; the error is for this machine's own trouble (a
// full disk, a damaged store), and then nothing has changed.
//
// An edition that is in force already is accepted and nothing is written.
func (s *Store) Offer(format Format, files []File, in Intake) (Outcome, error) {
	e, err := parse(format, files, in.Published)
	if err != nil {
		return Outcome{Reason: reasonOf(err), Text: err.Error(), Meta: Meta{List: format.List, Format: format.Name, Publisher: format.Publisher, Published: in.Published}}, nil
	}
	unlock, err := s.lock(e.List)
	if err != nil {
		return Outcome{}, err
	}
	defer unlock()

	was, old, err := s.current(e.List)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Meta: Meta{
		List: e.List, Format: format.Name, Publisher: e.Publisher, SHA256: e.SHA256,
		Published: e.Published, TakenIn: in.At, By: in.By,
		Entities: len(e.Entities), Wallets: e.Wallets(), Skipped: len(e.Skipped), Left: e.Left,
		Starter: e.Starter, Sources: e.Sources, Origins: in.Origins, Doubts: e.Doubts,
	}}
	out.Told = e.Skipped[:min(len(e.Skipped), maxTold)]
	if old != nil && old.SHA256 == e.SHA256 {
		out.Verdict, out.Unchanged, out.Meta = Accepted, true, was.Meta
		return out, nil
	}
	if format.As != nil { // anybody may write such a file and call it any list
		if i := slices.IndexFunc(s.formats, func(f Format) bool { return f.As == nil && f.List == e.List }); i >= 0 && e.Foreign == "" {
			e.Foreign = fmt.Sprintf("%s is published by %s, and this is by %s", e.List, s.formats[i].Publisher, e.Publisher)
		}
	}
	out.Verdict, out.Reason, out.Text, out.Delta = Judge(old, e, was.Format == format.Name, in)
	out.Meta.count(out.Delta)
	switch out.Verdict {
	case Waiting:
		out.Meta.Waiting = out.Reason.String() + ": " + out.Text
		err = s.put(e.List, "waiting", out.Meta, files)
	case Accepted:
		if err = s.put(e.List, "editions", out.Meta, files); err == nil {
			err = s.enforce(out.Meta, was, in)
		}
	}
	if err != nil {
		return Outcome{}, err
	}
	if out.Verdict == Accepted {
		s.remember(e)
		// It may have waited until a person forced it in by offering it again.
		if err := s.takeAway(e.List, "waiting", e.SHA256); err != nil {
			return Outcome{}, err
		}
	}
	return out, nil
}

// Accept puts an edition in force by a person's word: one that waits, or one that
// was in force before. hash may be a prefix of at least eight digits, if only one
// edition has it. The edition is read and its hash checked first.
func (s *Store) Accept(list, hash string, in Intake) (Outcome, error) {
	full, err := s.Resolve(list, hash)
	if err != nil {
		return Outcome{}, err
	}
	unlock, err := s.lock(list)
	if err != nil {
		return Outcome{}, err
	}
	defer unlock()
	was, old, err := s.current(list)
	if err != nil {
		return Outcome{}, err
	}
	waiting := filepath.Join(s.dir, list, "waiting", full)
	kept := filepath.Join(s.dir, list, "editions", full)
	from := kept
	if _, err := os.Stat(kept); errors.Is(err, fs.ErrNotExist) {
		from = waiting
	}
	e, meta, err := s.read(from, full)
	if err != nil {
		return Outcome{}, fmt.Errorf("watchlist: %s: edition %s: %w", list, full, err)
	}
	out := Outcome{Verdict: Accepted, Meta: meta, Delta: Diff(old, e)}
	if was.SHA256 == full {
		out.Unchanged = true
		return out, s.takeAway(list, "waiting", full)
	}
	if from == waiting {
		if err := s.move(waiting, kept); err != nil {
			return Outcome{}, err
		}
	}
	in.Force = true
	out.Meta.count(out.Delta)
	if err := s.enforce(out.Meta, was, in); err != nil {
		return Outcome{}, err
	}
	s.remember(e)
	return out, s.takeAway(list, "waiting", full)
}

// Resolve finds the one edition of the list, accepted or waiting, whose hash
// begins with the given digits, of which there must be eight or more.
func (s *Store) Resolve(list, prefix string) (string, error) {
	if len(prefix) < 8 {
		return "", fmt.Errorf("watchlist: hash %q: give at least its first 8 digits", prefix)
	}
	kept, err := s.Editions(list)
	if err != nil {
		return "", err
	}
	waiting, err := s.Waiting(list)
	if err != nil {
		return "", err
	}
	found := ""
	for _, m := range append(kept, waiting...) {
		if !strings.HasPrefix(m.SHA256, strings.ToLower(prefix)) || m.SHA256 == found {
			continue
		}
		if found != "" {
			return "", fmt.Errorf("watchlist: %s: hash %s: more than one edition begins so: give more digits", list, prefix)
		}
		found = m.SHA256
	}
	if found == "" {
		return "", fmt.Errorf("watchlist: %s: hash %s: %w", list, prefix, ErrNoEdition)
	}
	return found, nil
}

// current is the edition in force with its record, or nil when there is none.
func (s *Store) current(list string) (InForce, *Edition, error) {
	f, err := s.InForce(list)
	if errors.Is(err, ErrNoEdition) {
		return f, nil, nil
	}
	if err != nil {
		return f, nil, err
	}
	s.mu.Lock()
	e := s.last[list]
	s.mu.Unlock()
	if e != nil && e.SHA256 == f.SHA256 && e.Published.Equal(f.Published) {
		return f, e, nil
	}
	e, err = s.loadInForce(f)
	if err == nil {
		s.remember(e)
	}
	return f, e, err
}

func (s *Store) remember(e *Edition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last[e.List] = e
}

// unfinished begins the names of folders that the next writer sweeps up.
const unfinished = ".new-"

// put writes an edition under its hash. Where it lies there already it stays as
// it is: the same hash means the same files, and the first time it came is kept.
// Unless they are damaged: here is what belongs there, and what cannot be read must
// not come into force.
func (s *Store) put(list, shelf string, m Meta, files []File) error {
	dir := filepath.Join(s.dir, list, shelf)
	final := filepath.Join(dir, m.SHA256)
	if _, err := os.Stat(final); err == nil {
		if _, _, err := s.readFiles(final, m.SHA256); err == nil {
			return nil
		}
		if err := s.takeAway(list, shelf, m.SHA256); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := syncDir(filepath.Join(s.dir, list)); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(dir, unfinished)
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	for _, f := range files {
		if err := f.writeTo(filepath.Join(tmp, f.Name)); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := writeSynced(filepath.Join(tmp, "edition.json"), append(text, '\n')); err != nil {
		return err
	}
	if err := syncDir(tmp); err != nil {
		return err
	}
	return s.move(tmp, final)
}

// move renames a finished edition into its place and syncs both folders.
func (s *Store) move(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(from))
}

// takeAway removes an edition from a shelf, if it lies there. It gets the name of
// unfinished work first: a folder half removed is no edition.
func (s *Store) takeAway(list, shelf, hash string) error {
	dir := filepath.Join(s.dir, list, shelf)
	tmp := filepath.Join(dir, unfinished+hash)
	if err := os.Rename(filepath.Join(dir, hash), tmp); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := os.RemoveAll(tmp); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	return syncDir(dir)
}

// enforce writes in-force.json: the one moment at which an edition takes effect. What it
// said so far goes into the history first.
func (s *Store) enforce(m Meta, was InForce, in Intake) error {
	if was.SHA256 != "" {
		was.Acceptance = max(was.Acceptance, 1)
		if err := os.MkdirAll(filepath.Join(s.dir, m.List, "history"), 0o755); err != nil {
			return fmt.Errorf("watchlist: %w", err)
		}
		if err := s.writeRecord(was, historyFile(was.Acceptance)); err != nil {
			return err
		}
	}
	return s.writeRecord(InForce{
		Meta: m, AcceptedAt: in.At, ConfirmedAt: in.At, AcceptedBy: in.By, Acceptance: was.Acceptance + 1, Forced: in.Force, Previous: was.SHA256,
	}, "in-force.json")
}

// Confirm notes that the publisher of the list was asked at the given time and has nothing
// newer than the edition of that hash. If another one is in force by now, nothing is noted.
func (s *Store) Confirm(list, hash string, at time.Time) error {
	if _, err := s.InForce(list); err != nil { // before the lock makes a folder of the name
		return err
	}
	unlock, err := s.lock(list)
	if err != nil {
		return err
	}
	defer unlock()
	f, err := s.InForce(list)
	if err != nil {
		return err
	}
	if f.SHA256 != hash || !at.After(f.ConfirmedAt) {
		return nil
	}
	f.ConfirmedAt = at
	return s.writeRecord(f, "in-force.json")
}

// writeRecord writes what is said of an edition in force into a file of its list, whole
// or not at all.
func (s *Store) writeRecord(f InForce, name string) error {
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	final := filepath.Join(s.dir, f.List, name)
	tmp := filepath.Join(filepath.Dir(final), "."+filepath.Base(final))
	if err := writeSynced(tmp, append(text, '\n')); err != nil {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	return syncDir(filepath.Dir(final))
}

// lock takes the list's turn to write and sweeps up what a killed writer left.
func (s *Store) lock(list string) (unlock func(), err error) {
	if !validName(list) {
		return nil, fmt.Errorf("watchlist: list %q: want lower-case letters, digits and dashes", list)
	}
	dir := filepath.Join(s.dir, list)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("watchlist: %w", err)
	}
	if err := syncDir(s.dir); err != nil {
		return nil, err
	}
	release, err := lockFile(filepath.Join(dir, ".lock"))
	if err != nil {
		return nil, fmt.Errorf("watchlist: %s: %w", list, err)
	}
	for _, shelf := range []string{"editions", "waiting"} {
		left, err := filepath.Glob(filepath.Join(dir, shelf, unfinished+"*"))
		for _, tmp := range left {
			err = errors.Join(err, os.RemoveAll(tmp))
		}
		if err != nil {
			release()
			return nil, fmt.Errorf("watchlist: %w", err)
		}
	}
	return release, nil
}

// parse reads the files and makes sure that the reader kept its word.
func parse(format Format, files []File, published time.Time) (*Edition, error) {
	for _, f := range files {
		if !validName(f.Name) || f.Name == "edition.json" {
			return nil, fmt.Errorf("watchlist: file %q: not a plain lower-case file name", f.Name)
		}
	}
	if format.Parse == nil {
		return nil, fmt.Errorf("watchlist: format %s: it is not said which list the files are of", format.Name)
	}
	e, err := format.Parse(files, published)
	if err != nil {
		return nil, err
	}
	if e.List != format.List || e.SHA256 != Hash(SourcesOf(files)) || len(e.Entities) == 0 {
		return nil, fmt.Errorf("watchlist: format %s made an edition of %q with %d entries and hash %s", format.Name, e.List, len(e.Entities), e.SHA256)
	}
	return e, nil
}

func reasonOf(err error) Reason {
	switch {
	case errors.Is(err, ErrEmpty):
		return Empty
	case errors.Is(err, ErrTruncated):
		return Truncated
	default:
		return Unreadable
	}
}

// validName holds for names of lists and of publishers' files. It keeps paths
// inside the store.
func validName(s string) bool {
	if s == "" || len(s) > 100 || s[0] == '.' {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

func validHash(s string) bool {
	if len(s) != 64 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

func readJSON(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func writeSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	return nil
}

func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("watchlist: %w", err)
	}
	return nil
}
