package people

import (
	"fmt"
	"io"
	"strings"
)

// A Table reads a file of other rows with the habits and bounds of a [Reader]: what
// the columns mean is for the caller, who needs all of them to hand them on.
type Table struct {
	r      *Reader
	header []string
}

// A Record is one row of a table, or the reason why it cannot be read.
type Record struct {
	Number  int      // of the row of data, from 1; empty lines do not count
	Line    int      // of the file, from 1, where the row begins
	Fields  []string // as many as the header has, not trimmed, not checked for UTF-8; nil with a problem
	Problem *Problem
}

// NewTable reads the header of a file, which must have the columns needed, in lower
// case. file is its name for messages.
func NewTable(file string, in io.Reader, needed ...string) (*Table, error) {
	r, fields, at, err := open(file, in)
	if err != nil {
		return nil, err
	}
	for _, c := range needed {
		if _, ok := r.columns[c]; !ok {
			return nil, fmt.Errorf("%s: line %d: header: no column %s: want %s%s", file, at, c, strings.Join(needed, ", "), commaHint(fields))
		}
	}
	return &Table{r, fields}, nil
}

// Header is the header as it is written.
func (t *Table) Header() []string { return t.header }

// Column is the place of a column, named in lower case, among a record's fields; -1
// where there is none.
func (t *Table) Column(name string) int { return t.r.Column(name) }

// Next returns the next record, or io.EOF after the last. Any other error is the
// input's own, and ends the reading.
func (t *Table) Next() (Record, error) {
	fields, at, problem, err := t.r.record()
	if err != nil {
		return Record{}, err
	}
	t.r.number++
	if problem == "" {
		problem = t.r.miscounted(fields)
	}
	rec := Record{Number: t.r.number, Line: at, Fields: fields}
	if problem != "" {
		rec.Fields, rec.Problem = nil, &Problem{t.r.file, at, "", problem}
	}
	return rec, nil
}
