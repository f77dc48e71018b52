package watchlist

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/entity"
)

// A Verdict is what becomes of an edition that was offered. The zero value is
// the one that changes nothing.
type Verdict uint8

const (
	Refused  Verdict = iota // not kept; the edition in force stays
	Waiting                 // kept aside for a person; the edition in force stays
	Accepted                // in force
)

var verdictNames = [...]string{"refused", "waiting", "accepted"}

func (v Verdict) String() string { return verdictNames[min(int(v), len(verdictNames)-1)] }

// MarshalText gives the lower-case English word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// A Reason says why an edition was not accepted.
type Reason uint8

const (
	NoReason       Reason = iota // it was accepted
	Empty                        // no bytes, or no entry
	Truncated                    // a file breaks off
	Unreadable                   // not in the publisher's format
	Older                        // dated before the edition in force
	Downgrade                    // the starter offered over a real edition
	Shrinks                      // loses more of its entries, names or addresses than the set share
	MissingSource                // lacks a file that the edition in force has
	Doubtful                     // its reader has doubts, see Edition.Doubts
	Future                       // dated more than a day after it came
	WrongPublisher               // of another publisher or another list than it was offered as
)

var reasonSentences = [...]string{
	"",
	"it is empty",
	"it is truncated",
	"it is not in the publisher's format",
	"it is older than the edition in force",
	"it is the starter edition and a real one is in force",
	"it loses more than a publisher removes at once",
	"it lacks a file that the edition in force has",
	"it may not be whole",
	"it is dated after the day it came",
	"it is of another publisher or another list",
}

// String is the reason as half a sentence: "it is older than the edition in force".
func (r Reason) String() string { return reasonSentences[min(int(r), len(reasonSentences)-1)] }

// DefaultMaxLossBP is the share of entries, in basis points, that an edition may
// lose against the one in force before it waits for a person, and likewise of the
// names of those that stay and of blockchain addresses. Five per cent is
// three times the largest loss in 308 real OFAC editions of 2021 to 2024 (150 of
// 9,158 on 2021-12-30).
const DefaultMaxLossBP = 500

// An Intake is what is said of files that are offered as an edition.
type Intake struct {
	Published time.Time // for formats whose files carry no date; else ignored
	At        time.Time // when we took the files in; an edition dated a day after it or more waits
	By        string    // who or what offered them: "lists pull", "lists import"
	Origins   []Origin  // where they were fetched from; nil for local files
	List      string    // the list they were offered as; "" where it is for the files to say

	// MaxLossBP is the share of the entries in force, in basis points, that may be
	// gone from the new edition, and of the names and addresses that may. The zero
	// value lets none go.
	MaxLossBP int

	// Force takes up an edition that is older, or that would wait. It does not
	// take up one that cannot be read.
	Force bool
}

// An Origin is where a file was fetched from, with what the server said of its
// version, so that the next fetch can ask for changes only.
type Origin struct {
	Name         string    `json:"name"` // "sdn.csv"
	URL          string    `json:"url"`
	ETag         string    `json:"etag,omitempty"`
	LastModified string    `json:"last_modified,omitempty"` // as the server wrote it
	FetchedAt    time.Time `json:"fetched_at"`
}

// Judge says what becomes of the edition new while old is in force (nil: none).
// The text tells a person the numbers behind the reason. sameFormat says that
// both are of one format, so that their files can be compared. It is pure.
func Judge(old, new *Edition, sameFormat bool, in Intake) (v Verdict, r Reason, text string, d Delta) {
	d = Diff(old, new)
	if in.Force {
		return Accepted, NoReason, "", d
	}
	if wrong := foreign(old, new, in); wrong != "" {
		v, r, text = Waiting, WrongPublisher, wrong
	} else if len(new.Doubts) > 0 {
		v, r, text = Waiting, Doubtful, strings.Join(new.Doubts, "; ")
	} else if new.Published.After(in.At.AddDate(0, 0, 1)) {
		// In force, it would make every true edition until that day an older one. A
		// day is for publishers who date by a clock ahead of ours.
		v, r, text = Waiting, Future, fmt.Sprintf("it is dated %s and came on %s", day(new.Published), day(in.At))
	}
	// The starter is there to be replaced: nothing of it is worth guarding.
	if old == nil || old.Starter && !new.Starter {
		if r != NoReason {
			return v, r, text, d
		}
		return Accepted, NoReason, "", d
	}
	if new.Starter && !old.Starter {
		return Refused, Downgrade, fmt.Sprintf("the edition in force is of %s", day(old.Published)), d
	}
	if new.Published.Before(old.Published) {
		return Refused, Older, fmt.Sprintf("it is dated %s, the edition in force %s", day(new.Published), day(old.Published)), d
	}
	if r != NoReason {
		return v, r, text, d
	}
	if sameFormat {
		for _, s := range old.Sources {
			if !slices.ContainsFunc(new.Sources, func(x Source) bool { return x.Name == s.Name }) {
				return Waiting, MissingSource, fmt.Sprintf("the edition in force was read from %s, this one from %s", sourceNames(old.Sources), sourceNames(new.Sources)), d
			}
		}
	}
	for _, l := range losses(old, new, d) {
		if l.gone*10_000 > l.of*in.MaxLossBP {
			return Waiting, Shrinks, fmt.Sprintf("%d of %d %s, more than %g %%", l.gone, l.of, l.what, float64(in.MaxLossBP)/100), d
		}
	}
	return Accepted, NoReason, "", d
}

// foreign says why the edition may be of another publisher or list, or nothing.
func foreign(old, new *Edition, in Intake) string {
	switch {
	case in.List != "" && in.List != new.List:
		return fmt.Sprintf("it was offered as %s and is of %s", in.List, new.List)
	case new.Foreign != "":
		return new.Foreign
	case old != nil && !old.Starter && !new.Starter && old.Publisher != new.Publisher:
		return fmt.Sprintf("its publisher is %q, that of the edition in force %q", new.Publisher, old.Publisher)
	}
	return ""
}

// A loss is how much of what a list is searched by is gone.
type loss struct {
	gone, of int
	what     string
}

// losses counts who would be set free, whoever else is new: an edition with other
// people in it and as many is no smaller and just as wrong. An entry that stays by
// its number alone, without its names and addresses, is found by nobody.
func losses(old, new *Edition, d Delta) []loss {
	entries := loss{len(d.Removed), len(old.Entities), "entries would be delisted"}
	names := loss{what: "names of those who stay listed would be gone"}
	for i := range old.Entities {
		names.of += len(old.Entities[i].Names)
	}
	for _, c := range d.Changed {
		names.gone += len(without(fullNames(c.Old), fullNames(c.New)))
	}
	// Entries are merged and renumbered and tickers put right: an address is listed
	// as long as anybody has it.
	wallets := loss{what: "blockchain addresses would be delisted"}
	listed := map[string]bool{}
	for i := range new.Entities {
		for _, w := range new.Entities[i].Wallets {
			listed[w.Address] = true
		}
	}
	for i := range old.Entities {
		for _, w := range old.Entities[i].Wallets {
			wallets.of++
			if !listed[w.Address] {
				wallets.gone++
			}
		}
	}
	return []loss{entries, names, wallets}
}

// fullNames leaves out what sort of name each is: two forms of one list may differ there.
func fullNames(e entity.Entity) []string {
	var out []string
	for _, n := range e.Names {
		out = append(out, n.Full)
	}
	return out
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }

func sourceNames(sources []Source) string {
	var names []string
	for _, s := range sources {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
