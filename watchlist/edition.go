// Package watchlist holds published lists as editions, compares two editions,
// and keeps every edition it was ever given.
//
// An [Edition] is one published state of one list, with the hash of the bytes
// it was read from; a [Delta] says what one edition has that another has not; a
// [Store] keeps editions in a directory and says which of them is in force. The
// readers of the publishers' formats live in folders of their own (watchlist/ofac)
// and are handed in as [Formats]. The package knows nothing of matching or of law:
// it does not say who resembles whom, nor what follows from being listed.
//
// # The hash of an edition
//
// The hash of a file is the SHA-256 of its bytes as the publisher gives them,
// after .gz or .xz wrapping is taken off. The hash of an edition of one file is
// the hash of that file, so that anyone can check it with sha256sum. The hash of
// an edition of several files is the SHA-256 of one line a file,
//
//	<64 hex digits> <space> <space> <name> <newline>
//
// ordered by name, which is what sha256sum prints for them: sha256sum add.csv
// alt.csv sdn.csv | sha256sum. Names are the publisher's, in lower case
// ("sdn.csv"), so that a renamed copy has the same hash. [Hash] computes it and
// TestHashIsWhatSha256sumPrints holds it to that.
//
// # What an intake can do
//
// A list that loses its content by accident would set the listed free, so
// [Judge] accepts an edition only when it looks whole; else it refuses it, or
// keeps it aside for a person to accept by its hash. In both cases the edition in
// force stays as it was. TestJudge has one case for each [Reason]; for OFAC,
// watchlist/ofac's TestTimeline takes up 308 real editions and the empty file
// that followed them.
//
// # Two times
//
// An edition has two: since when it says what is true (Published, the publisher's date),
// and since when we knew (AcceptedAt: when it came into force here; TakenIn is when its
// files came, which is earlier where it waited for a person). They part whenever a feed
// is late, an edition waits, or somebody goes back to an earlier one. So "which edition was
// in force on 11 March" has two answers: the one that a decision of that day rests on,
// InForceAt(list, 11 March, 11 March), and the one that tells what was true that day by all
// that is known since, InForceAt(list, 11 March, now). [Store.History] has every edition
// that ever came into force, and TestInForceAt holds the answers to a table by hand.
package watchlist

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/chain"
	"sallyport/entity"
)

// An Edition is one published state of one list.
type Edition struct {
	List      string    // "us-sdn"
	Publisher string    // "OFAC, U.S. Department of the Treasury"
	Published time.Time // when the publisher dated it; 00:00 UTC of that day where only a day is known
	SHA256    string    // 64 lower-case hex digits, see the package comment
	Sources   []Source  // the files it was read from, ordered by name
	Starter   bool      // made by this project for a first run; no substitute for the official list

	// Entities are ordered by [CompareIDs] and no two have the same ID.
	Entities []entity.Entity

	// Skipped tells what was written in the files and could not be read. The
	// entry it belongs to is kept, without that field.
	Skipped []Problem

	// Left counts the entries, and the rows that no entry could be made of, that are left
	// out for what they lack; see [Edition.Leave].
	Left int

	// Foreign says what in the files speaks of another publisher or another list than
	// List, "" where nothing does. Such an edition is never taken up without a person's
	// word.
	Foreign string

	// Doubts tell why the files may not be whole though each can be read: an end
	// mark is missing, rows point at entries that are not there. An edition with
	// a doubt is never taken up without a person's word.
	Doubts []string
}

// A Source is one of the publisher's files.
type Source struct {
	Name   string `json:"name"` // as the publisher calls it, in lower case: "sdn.csv"
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // of the uncompressed bytes
}

// A Problem is a field of a file that could not be read.
type Problem struct {
	File  string `json:"file"`
	Line  int    `json:"line"`         // from 1
	ID    string `json:"id,omitempty"` // of the entry that the field belongs to
	Field string `json:"field"`
	Text  string `json:"text"` // what is wrong, with the text it is about
}

// String writes `sdn.csv: line 1184: entry 2674: date of birth: "31 Feb 1970": no such day`.
func (p Problem) String() string {
	if p.ID == "" {
		return fmt.Sprintf("%s: line %d: %s: %s", p.File, p.Line, p.Field, p.Text)
	}
	return fmt.Sprintf("%s: line %d: entry %s: %s: %s", p.File, p.Line, p.ID, p.Field, p.Text)
}

// Short is as much of a text from a list as an error needs.
func Short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// ErrEmpty is wrapped by a reader's error when a file has no bytes or no entries.
var ErrEmpty = errors.New("file is empty")

// ErrTruncated is wrapped by a reader's error when a file breaks off.
var ErrTruncated = errors.New("file is truncated")

// ReadOne is the Parse of a format of one file, held in memory: it fills e by read, and seals it.
// The errors begin with the name of the reader's package and of the file.
func ReadOne(reader string, e *Edition, files []File, name string, read func(*Edition, []byte) error) (*Edition, error) {
	if len(files) != 1 || files[0].Name != name {
		return nil, fmt.Errorf("watchlist/%s: want %s and no other file", reader, name)
	}
	if err := read(e, files[0].Data); err != nil {
		return nil, fmt.Errorf("watchlist/%s: %s: %w", reader, name, err)
	}
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// Find returns the entity with the given ID, or nil.
func (e *Edition) Find(id string) *entity.Entity {
	i, ok := slices.BinarySearchFunc(e.Entities, id, func(x entity.Entity, id string) int { return CompareIDs(x.ID, id) })
	if !ok {
		return nil
	}
	return &e.Entities[i]
}

// Wallets counts the wallets that the edition names.
func (e *Edition) Wallets() int {
	n := 0
	for i := range e.Entities {
		n += len(e.Entities[i].Wallets)
	}
	return n
}

// Leave leaves out an entry, or a row, that cannot be read: it is told in Skipped and counted.
// Whoever it names would be free by an error of the publisher's or of the reader's, so Seal doubts
// such an edition, and it waits for a person.
func (e *Edition) Leave(p Problem) {
	if p.Field == "" {
		p.Field = "entry"
	}
	p.Text += ": left out"
	e.Skipped = append(e.Skipped, p)
	e.Left++
}

// MaxName is how many characters of a name are compared (names.MaxRunes). The longest on a list
// of 2025 has under 400.
const MaxName = 512

// Tell tells of what of an entry is kept and yet finds nobody: the rest of names that are longer
// than any is compared by, and wallets that are no whole addresses, as a feed has that put them
// all in lower case.
func (e *Edition) Tell(file string, line int, x *entity.Entity) {
	for _, n := range x.Names {
		if len(n.Full) <= MaxName {
			continue
		}
		if runes := utf8.RuneCountInString(n.Full); runes > MaxName {
			e.Skipped = append(e.Skipped, Problem{File: file, Line: line, ID: x.ID, Field: "name", Text: fmt.Sprintf("%q: %d characters: compared by the first %d", Short(n.Full), runes, MaxName)})
		}
	}
	for _, w := range x.Wallets {
		a, err := chain.Parse(w.Address)
		if err != nil {
			a.Fault = err.Error()
		}
		if a.Fault != "" && !a.Known {
			e.Skipped = append(e.Skipped, Problem{File: file, Line: line, ID: x.ID, Field: "wallet", Text: fmt.Sprintf("%q: no whole address: %s; kept as written", Short(w.Address), a.Fault)})
		}
	}
}

// Seal orders the entities, puts the list's name on each, and fills Sources and
// SHA256 from the files. A reader calls it last, and once. It fails when there is no
// entity, when far more was left out than read, or when two have one ID or none.
func (e *Edition) Seal(files []File) error {
	if e.Left > 10*len(e.Entities) { // rows among them, of which an entry may have many
		return fmt.Errorf("watchlist: %s: more is left out (%d) than read (%d): %s", e.List, e.Left, len(e.Entities), e.Skipped[len(e.Skipped)-1])
	}
	if len(e.Entities) == 0 {
		return fmt.Errorf("watchlist: %s: no entry in it: %w", e.List, ErrEmpty)
	}
	if e.Left > 0 {
		e.Doubts = append(e.Doubts, fmt.Sprintf("%d entries or rows could not be read and are left out", e.Left))
	}
	slices.SortStableFunc(e.Entities, func(a, b entity.Entity) int { return CompareIDs(a.ID, b.ID) })
	for i := range e.Entities {
		e.Entities[i].List = e.List
		if e.Entities[i].ID == "" {
			return fmt.Errorf("watchlist: %s: %q has no id", e.List, e.Entities[i].PrimaryName())
		}
		if i > 0 && CompareIDs(e.Entities[i].ID, e.Entities[i-1].ID) == 0 {
			return fmt.Errorf("watchlist: %s: two entries have the id %s", e.List, e.Entities[i].ID)
		}
	}
	e.Sources = SourcesOf(files)
	e.SHA256 = Hash(e.Sources)
	return nil
}

// SourcesOf describes files, ordered by name.
func SourcesOf(files []File) []Source {
	out := make([]Source, len(files))
	for i, f := range files {
		out[i] = f.source()
	}
	slices.SortFunc(out, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Hash is the hash of an edition read from these sources, as the package comment
// defines it, in lower-case hex. Sources are ordered by name first.
func Hash(sources []Source) string {
	if len(sources) == 1 {
		return sources[0].SHA256
	}
	sorted := slices.SortedFunc(slices.Values(sources), func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, s := range sorted {
		fmt.Fprintf(h, "%s  %s\n", s.SHA256, s.Name)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// CompareIDs orders publishers' ids: those of digits alone by their value and
// before all others, the rest by their bytes. It is 0 for equal ids only.
func CompareIDs(a, b string) int {
	na, nb := isNumber(a), isNumber(b)
	if na != nb {
		if na {
			return -1
		}
		return 1
	}
	if na {
		ta, tb := strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		if c := cmp.Or(cmp.Compare(len(ta), len(tb)), strings.Compare(ta, tb)); c != 0 {
			return c
		}
	}
	return strings.Compare(a, b)
}

func isNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
