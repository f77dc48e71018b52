package watchlist

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Format is one way in which a publisher writes a list. Formats are handed to
// the [Store] by whoever opens it; there is no global registry.
type Format struct {
	Name      string // "ofac-csv"; kept with an edition, so it is never given another meaning
	List      string // the list it makes: "us-sdn"
	Publisher string

	// Recognise says which of the format's files this is, by the publisher's name
	// ("sdn.csv"), from the name it has here and its uncompressed bytes, or the first 64 KiB of a
	// file that is not held in memory.
	Recognise func(name string, data []byte) (role string, ok bool)

	// Parse reads the files of one edition, each named as Recognise names it.
	// published is for formats whose files carry no date of their own; others
	// ignore it. It reads no clock, and the same files and date give the same
	// edition for ever.
	Parse func(files []File, published time.Time) (*Edition, error)

	// Dated says that the files carry their own date of publication.
	Dated bool
}

// Formats are the formats a program can read.
type Formats []Format

// Find returns the format with the given name.
func (fs Formats) Find(name string) (Format, error) {
	for _, f := range fs {
		if f.Name == name {
			return f, nil
		}
	}
	return Format{}, fmt.Errorf("watchlist: format %q: not among those this program reads", name)
}

// Recognise finds the format that all the files are of, and gives the files back
// under the names the publisher calls them by. The error names the file that
// fits nothing, or does not go with the others.
func (fs Formats) Recognise(files []File) (Format, []File, error) {
	if len(files) == 0 {
		return Format{}, nil, fmt.Errorf("watchlist: no file given")
	}
	var format Format
	out := make([]File, 0, len(files))
	for _, f := range files {
		head, err := f.head()
		if err != nil {
			return Format{}, nil, fmt.Errorf("watchlist: %s: %w", f.Name, err)
		}
		if len(head) == 0 {
			return Format{}, nil, fmt.Errorf("watchlist: %s: %w", f.Name, ErrEmpty)
		}
		i := slices.IndexFunc(fs, func(x Format) bool { _, ok := x.Recognise(f.Name, head); return ok })
		if i < 0 {
			return Format{}, nil, fmt.Errorf("watchlist: %s: not a file of any list this program reads (%s)", f.Name, fs.names())
		}
		if format.Name == "" {
			format = fs[i]
		}
		if fs[i].Name != format.Name {
			return Format{}, nil, fmt.Errorf("watchlist: %s is of format %s, %s of format %s: an edition is read from files of one format", out[0].Name, format.Name, f.Name, fs[i].Name)
		}
		role, _ := format.Recognise(f.Name, head)
		if j := slices.IndexFunc(out, func(x File) bool { return x.Name == role }); j >= 0 {
			return Format{}, nil, fmt.Errorf("watchlist: %s and another file are both %s: an edition has one", f.Name, role)
		}
		f.Name = role
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return format, out, nil
}

func (fs Formats) names() string {
	var names []string
	for _, f := range fs {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}
