// Package listtable reads the lists that are published as tables: comma-separated values, and the
// spreadsheets of Office Open XML (.xlsx) and OpenDocument (.ods), row by row and within bounds.
//
// A [Reader] gives the rows one after another; [Reader.Seek] finds the row with the titles of the
// columns, and from then on a [Row] is asked for a column by its title, so that a publisher may
// move columns without harm. What the columns mean is the business of each publisher's reader.
//
// # What is refused and what is doubted
//
// A table that breaks off in the midst of its last row is refused (watchlist.ErrTruncated), and so
// is a file of an encoding that is not known, a spreadsheet that would fill the memory, and a row
// without end. A table has no mark of its end, so one that was cut between two rows cannot be told
// from a whole one here: watchlist.Judge sees what is gone. A row that is longer or shorter than
// the titles is given as far as it goes and told as a doubt (Reader.Doubts), and so is a last row
// without a line end.
//
// TestCSV, TestXLSX and TestODS hold it to that, FuzzCSV, FuzzXLSX and FuzzODS to the bounds.
package listtable

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sallyport/watchlist"
)

// Bounds of a list's table.
const (
	MaxRows    = 2_000_000
	MaxColumns = 512
	MaxCell    = 64 << 10 // bytes
)

// A Reader gives the rows of a table.
type Reader struct {
	// Encoding is the one that the bytes were read as: "utf-8", or another that the file's bytes
	// or its reader's word say.
	Encoding string

	next    func() (cells []string, line int, err error) // io.EOF at the end
	columns map[string]int
	heads   []head
	width   int
	done    []head // of parts above
	rows    int
	doubts  []string
	uneven  int
	loose   int // line of the first quotation mark that stands where none may, 0 where there is none
}

// A Row is a row of a table below its titles.
type Row struct {
	Line  int      // from 1; of a spreadsheet the number of the row
	Cells []string // without blanks around them

	columns map[string]int
	heads   []head
}

// A head is the title of a column and what became of it.
type head struct {
	title string
	asked bool
	line  int    // of the first row in which something stands there
	cell  string // which
}

// Title folds what publishers vary in the title of a column: case, blanks, line breaks.
func Title(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

// Get is the cell in the column of that title, "" where the row or the table has none.
func (r Row) Get(title string) string {
	i, ok := r.columns[title]
	if !ok {
		i, ok = r.columns[Title(title)]
	}
	if ok && i < len(r.heads) {
		r.heads[i].asked = true
	}
	if ok && i < len(r.Cells) {
		return r.Cells[i]
	}
	return ""
}

// Empty reports whether nothing stands in the row.
func (r Row) Empty() bool {
	for _, c := range r.Cells {
		if c != "" {
			return false
		}
	}
	return true
}

// maxPreamble is how many rows may stand before the titles.
const maxPreamble = 20

// Seek reads up to the row that has all of these titles, and gives back the rows before it. Where
// a title stands twice, the first column is meant. The error says what is missing.
func (r *Reader) Seek(titles ...string) (preamble []Row, err error) {
	for range maxPreamble {
		cells, line, err := r.row()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		row := Row{Line: line, Cells: cells}
		if has(titled(cells), titles) {
			r.titles(cells)
			return preamble, nil
		}
		preamble = append(preamble, row)
	}
	if len(preamble) == 0 {
		return nil, watchlist.ErrEmpty
	}
	return nil, fmt.Errorf("no row among the first %d has the titles %s: not this list", maxPreamble, strings.Join(titles, ", "))
}

// Titles takes a row for the titles of the rows below it, for tables that have several parts.
func (r *Reader) Titles(row Row) { r.titles(row.Cells) }

func (r *Reader) titles(cells []string) {
	r.done = append(r.done, r.heads...)
	r.columns, r.width = titled(cells), len(cells)
	r.heads = make([]head, len(cells))
	for i, c := range cells {
		r.heads[i].title = Title(c)
	}
}

// Unread tells of the columns in which something stands and that no row was asked for, each with
// the first such row. Those of the titles given are passed over: the reader knows that they say
// nothing of whom is listed.
func (r *Reader) Unread(file string, known ...string) []watchlist.Problem {
	var out []watchlist.Problem
	for _, h := range append(r.done, r.heads...) {
		if !h.asked && h.line > 0 && !slices.ContainsFunc(known, func(k string) bool { return Title(k) == h.title }) {
			out = append(out, watchlist.Problem{File: file, Line: h.line, Field: "column " + strconv.Quote(h.title), Text: fmt.Sprintf("%q: not read, nor is what stands below it", watchlist.Short(h.cell))})
		}
	}
	return out
}

// Has reports whether the table has a column of that title.
func (r *Reader) Has(title string) bool {
	_, ok := r.columns[Title(title)]
	return ok
}

// Next gives the next row in which something stands, or io.EOF when the table has ended as it
// should. Errors have their line.
func (r *Reader) Next() (Row, error) {
	for {
		cells, line, err := r.row()
		if err != nil {
			return Row{}, err
		}
		row := Row{Line: line, Cells: cells, columns: r.columns, heads: r.heads}
		for i := range min(len(cells), len(r.heads)) {
			if h := &r.heads[i]; h.line == 0 && cells[i] != "" {
				h.line, h.cell = line, cells[i]
			}
		}
		if row.Empty() {
			continue
		}
		if r.width > 0 && len(cells) != r.width {
			if r.uneven++; r.uneven <= 3 { // enough for a person to look
				r.doubts = append(r.doubts, fmt.Sprintf("line %d: %d columns, the titles have %d", line, len(cells), r.width))
			}
		}
		return row, nil
	}
}

// Problems tell how the file was read that is not as it should be: another encoding than UTF-8,
// quotation marks in the midst of fields.
func (r *Reader) Problems(file string) []watchlist.Problem {
	var out []watchlist.Problem
	if r.Encoding != "utf-8" {
		out = append(out, watchlist.Problem{File: file, Line: 1, Field: "encoding", Text: "not UTF-8: read as " + r.Encoding})
	}
	if r.loose > 0 {
		out = append(out, watchlist.Problem{File: file, Line: r.loose, Field: "quotes", Text: "a quotation mark where none may stand: such marks are read as part of the text"})
	}
	return out
}

// Doubts tell why the table may not be whole.
func (r *Reader) Doubts() []string {
	if r.uneven > 3 {
		return append(r.doubts, fmt.Sprintf("%d rows in all have not as many columns as the titles", r.uneven))
	}
	return r.doubts
}

func (r *Reader) row() ([]string, int, error) {
	cells, line, err := r.next()
	if err != nil {
		return nil, line, err
	}
	if r.rows++; r.rows > MaxRows {
		return nil, line, fmt.Errorf("line %d: more than %d rows", line, MaxRows)
	}
	if len(cells) > MaxColumns {
		return nil, line, fmt.Errorf("line %d: %d columns: more than any list has", line, len(cells))
	}
	for i, c := range cells {
		if len(c) > MaxCell {
			return nil, line, fmt.Errorf("line %d: column %d: %d bytes: longer than any field of a list", line, i+1, len(c))
		}
		cells[i] = strings.TrimSpace(c)
	}
	return cells, line, nil
}

func titled(cells []string) map[string]int {
	columns := make(map[string]int, 2*len(cells))
	for i, c := range cells {
		// As it stands too, so that a cell asked for by the very title costs no folding.
		for _, t := range []string{Title(c), c} {
			if _, twice := columns[t]; t != "" && !twice {
				columns[t] = i
			}
		}
	}
	return columns
}

func has(columns map[string]int, titles []string) bool {
	for _, t := range titles {
		if _, ok := columns[Title(t)]; !ok {
			return false
		}
	}
	return true
}
