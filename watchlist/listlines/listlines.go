// Package listlines reads the lists that are published as one JSON object a line, of any size
// and within bounds, and keeps what could not be read of them.
//
// It sees that a file that breaks off is told from one with a bad line in it (which is left out
// and counted), and doubts a file of which too much was left out. What an object means is the
// business of each reader (watchlist/ftm, watchlist/senzing). TestRead and TestUnread hold it to
// that, and the tests of those readers.
package listlines

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"sallyport/watchlist"
)

// Bounds of a file.
const (
	MaxLine     = 8 << 20 // bytes; the longest known has 3 MB
	maxProblems = 10_000  // told one by one
	maxKinds    = 1_000   // of what is not read
)

// A Reader reads one file and keeps count.
type Reader struct {
	File        string // as problems call it
	Lines, Left int    // read, and left out

	problems []watchlist.Problem
	kinds    map[string]*kind
}

// A kind is a property, an attribute or a schema that is not read.
type kind struct {
	line, times int
	text        string
}

// Read gives each line to take, which says whether it is an object of what the file should have:
// an "entity", a "record". Where full says so the file is refused, with its word for what is too
// many.
func (r *Reader) Read(in io.Reader, what string, full func() (tooMany string), take func(number int, text []byte) bool) error {
	truncated, many := 0, ""
	err := watchlist.EachLine(in, MaxLine, func(number int, text []byte, ended bool) {
		if r.Lines == 0 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		r.Lines++
		if many == "" {
			many = full()
		}
		switch {
		case many != "":
		case text == nil:
			if !ended {
				truncated = number
			}
			r.Leave(number, "", fmt.Sprintf("longer than %d bytes", MaxLine))
		case take(number, text):
			if _, what, ok := watchlist.NotUTF8(text); ok {
				r.Problem(number, "", "encoding", what)
			}
		case !ended:
			truncated = number
		default:
			r.Leave(number, "", fmt.Sprintf("%q: no %s in JSON", watchlist.Short(string(text)), what))
		}
	})
	switch {
	case err != nil:
		return err
	case r.Lines == 0:
		return watchlist.ErrEmpty
	case truncated > 0:
		return fmt.Errorf("line %d: %w", truncated, watchlist.ErrTruncated)
	case many != "":
		return fmt.Errorf("more than %s: too many for a list", many)
	}
	return nil
}

// Leave tells of a line that is left out.
func (r *Reader) Leave(number int, id, text string) {
	r.Left++
	r.Problem(number, id, "line", text)
}

// Problem tells of a field that could not be read.
func (r *Reader) Problem(number int, id, field, text string) {
	switch {
	case len(r.problems) < maxProblems:
		r.problems = append(r.problems, watchlist.Problem{File: r.File, Line: number, ID: id, Field: field, Text: text})
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, watchlist.Problem{File: r.File, Line: number, Field: "file", Text: fmt.Sprintf("more than %d problems: no more are told", maxProblems)})
	}
}

// Unread counts what is not read of a kind: each kind is told once, with its first line.
func (r *Reader) Unread(number int, field, text string) {
	if field == "" {
		field = `""`
	}
	k := r.kinds[field]
	if k == nil {
		if len(r.kinds) == maxKinds {
			return
		}
		if r.kinds == nil {
			r.kinds = map[string]*kind{}
		}
		k = &kind{line: number, text: text}
		r.kinds[field] = k
	}
	k.times++
}

// Problems are all that were told, those of kinds last and but for the kinds that are read after all.
func (r *Reader) Problems(isRead func(field string) bool) []watchlist.Problem {
	out := slices.Clone(r.problems)
	for field, k := range r.kinds {
		if isRead(field) {
			continue
		}
		text := fmt.Sprintf("%q: not read", watchlist.Short(k.text))
		if k.times > 1 {
			text += fmt.Sprintf(", nor are %d more of it", k.times-1)
		}
		out = append(out, watchlist.Problem{File: r.File, Line: k.line, Field: field, Text: text})
	}
	slices.SortFunc(out[len(r.problems):], func(a, b watchlist.Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Field, b.Field)
	})
	return out
}

// Doubts says so where too much was left out for the rest to be the whole list.
func (r *Reader) Doubts() []string {
	if r.Left*1000 > r.Lines {
		return []string{fmt.Sprintf("%d of %d lines could not be read", r.Left, r.Lines)}
	}
	return nil
}

// Publisher is who the importer said it is, or the form of the file, and of what the file has
// entries, so that a later edition with others is of another publisher. An earlier edition may
// have said the whole of it.
func Publisher(told, form, of string) string {
	switch {
	case told == "":
		return form + ", " + of
	case strings.HasSuffix(told, ", "+of):
		return told
	}
	return told + ", " + of
}
