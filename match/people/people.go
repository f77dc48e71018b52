// Package people reads a file of people and firms to be screened: comma-separated values
// (RFC 4180) in UTF-8 with a header, one of them a row.
//
// It keeps reading. A row that cannot be read is left out, a field that makes no
// sense is left out of its row, both are told as a [Problem] with file, line and
// field, and the rest goes on. Only a file whose header is of no use is refused.
// It says nothing of whom anybody resembles. TestRows has a case for each problem
// and FuzzReader holds it to its bounds. A [Table] reads other rows in the same way.
//
// # Columns
//
// In any order, others are disregarded, and only a name is needed:
//
//	full_name, first_name, middle_name, last_name
//	kind              person, organisation, vessel or aircraft; empty is a person, unknown is held against all
//	country           the seat of a firm; names or ISO 3166-1 codes, several parted by ";" or "|"
//	gender            male, female, or a beginning of these; anything like "other" is none
//	date_of_birth     1962-03-14, 14.03.1962, 1962-03 or 1962
//	place_of_birth    as written
//	nationality       names or ISO 3166-1 codes, several parted by ";" or "|"
//	document_number, document_type, document_country
//	wallet            blockchain addresses, parted by ";" or space
package people

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// What is read of a file. A row beyond either is left out.
const (
	MaxRowBytes = 64 << 10
	MaxRowLines = 100 // a quoted field may hold line breaks
	maxColumns  = 1000
)

// A Row is one person or firm, or the reason why there is none.
type Row struct {
	Number   int // of the row of data, from 1; empty lines do not count
	Line     int // of the file, from 1, where the row begins
	Person   entity.Entity
	Fields   []string // as they are written, those that the reader disregards among them; nil where the row cannot be read
	LeftOut  bool     // the row cannot be screened, and Person is empty
	Problems []Problem
}

// A Problem is what could not be read.
type Problem struct {
	File  string
	Line  int
	Field string // "" when it is the row
	Text  string
}

// String writes `people.csv: line 7: date_of_birth: "1970-02-31": no such day`.
func (p Problem) String() string {
	if p.Field == "" {
		return fmt.Sprintf("%s: line %d: %s", p.File, p.Line, p.Text)
	}
	return fmt.Sprintf("%s: line %d: %s: %s", p.File, p.Line, p.Field, p.Text)
}

// A Reader reads a file of people row by row.
type Reader struct {
	file    string
	in      *bufio.Reader
	columns map[string]int
	header  []string
	line    int // of the next line to be read from in
	pending []line
	number  int
}

type line struct {
	text []byte // with its line break; nil for a line longer than MaxRowBytes
	at   int
}

// NewReader reads the header of a file. file is its name for messages.
func NewReader(file string, in io.Reader) (*Reader, error) {
	r, fields, at, err := open(file, in)
	if err != nil {
		return nil, err
	}
	for _, c := range []string{"full_name", "first_name", "last_name"} {
		if _, ok := r.columns[c]; ok {
			return r, nil
		}
	}
	return nil, fmt.Errorf("%s: line %d: header: no column full_name, first_name or last_name%s", file, at, commaHint(fields))
}

// open reads the header, whatever its columns: as written, and the line it is in.
func open(file string, in io.Reader) (*Reader, []string, int, error) {
	r := &Reader{file: file, in: bufio.NewReaderSize(in, MaxRowBytes), line: 1}
	head, err := r.in.Peek(3)
	switch {
	case err != nil && err != io.EOF: // a folder, or a disk that fails
		return nil, nil, 0, fmt.Errorf("%s: %w", file, err)
	case len(head) == 0:
		return nil, nil, 0, fmt.Errorf("%s: file is empty", file)
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}), bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return nil, nil, 0, fmt.Errorf("%s: file is in UTF-16: save it in UTF-8", file)
	case bytes.Equal(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = r.in.Discard(3) // these three were peeked at just now
	}
	fields, at, problem, err := r.record()
	if err == io.EOF {
		return nil, nil, 0, fmt.Errorf("%s: no header in it", file)
	}
	if err != nil {
		return nil, nil, 0, fmt.Errorf("%s: %w", file, err)
	}
	if problem != "" {
		return nil, nil, 0, fmt.Errorf("%s: line %d: header: %s", file, at, problem)
	}
	if len(fields) > maxColumns {
		return nil, nil, 0, fmt.Errorf("%s: line %d: header: %d columns: at most %d are read", file, at, len(fields), maxColumns)
	}
	r.columns = make(map[string]int)
	for i, f := range fields {
		if !utf8.ValidString(f) {
			return nil, nil, 0, fmt.Errorf("%s: line %d: header: column %d is not UTF-8", file, at, i+1)
		}
		f = strings.ToLower(strings.TrimSpace(f))
		if _, twice := r.columns[f]; twice && f != "" {
			return nil, nil, 0, fmt.Errorf("%s: line %d: header: column %q stands there twice", file, at, f)
		}
		r.columns[f] = i
		r.header = append(r.header, f)
	}
	return r, fields, at, nil
}

// commaHint says what is wrong with a header that has come out as one column.
func commaHint(fields []string) string {
	if len(fields) == 1 && strings.ContainsAny(fields[0], ";\t") {
		return " (columns are parted by commas)"
	}
	return ""
}

// Next returns the next row, or io.EOF after the last. Any other error is the
// input's own, and ends the reading.
func (r *Reader) Next() (Row, error) {
	fields, at, problem, err := r.record()
	if err != nil {
		return Row{}, err
	}
	r.number++
	row := Row{Number: r.number, Line: at}
	if problem == "" {
		problem = r.miscounted(fields)
	}
	if problem != "" {
		row.LeftOut = true
		row.Problems = []Problem{{r.file, at, "", problem}}
		return row, nil
	}
	row.Fields = fields
	r.person(&row, fields)
	return row, nil
}

// Column is the place of a column, named in lower case, among a row's fields; -1 where
// there is none.
func (r *Reader) Column(name string) int {
	if i, ok := r.columns[name]; ok {
		return i
	}
	return -1
}

// miscounted says that a row has not the header's number of columns, "" where it has.
func (r *Reader) miscounted(fields []string) string {
	if len(fields) == len(r.header) {
		return ""
	}
	return fmt.Sprintf("%d columns, the header has %d", len(fields), len(r.header))
}

func (r *Reader) person(row *Row, fields []string) {
	note := func(field, format string, args ...any) {
		row.Problems = append(row.Problems, Problem{r.file, row.Line, field, fmt.Sprintf(format, args...)})
	}
	illegible := false
	get := func(column string) string {
		i, ok := r.columns[column]
		if !ok {
			return ""
		}
		if !utf8.ValidString(fields[i]) {
			note(column, "not UTF-8")
			illegible = illegible || strings.HasSuffix(column, "_name")
			return ""
		}
		return strings.TrimSpace(fields[i])
	}
	e := entity.Entity{ID: fmt.Sprint(row.Number), Kind: entity.Person}
	e.Names = namesOf(get("full_name"), get("first_name"), get("middle_name"), get("last_name"))
	if k := get("kind"); k != "" {
		var ok bool
		if e.Kind, ok = KindOf(k); !ok {
			note("kind", "%s: want person, organisation, vessel or aircraft; held against all of them", quote(k))
		}
	}
	for _, c := range split(get("country"), ";|") {
		if code, ok := entity.CountryCode(c); !ok {
			note("country", "%s: neither a country's name nor an ISO 3166-1 code", quote(c))
		} else {
			e.Places = append(e.Places, entity.Place{Country: code})
		}
	}
	for _, n := range e.Names {
		if names.Person(names.Parts{Full: n.Full}).Cut {
			note("full_name", "%d characters: only the first %d, or %d parts, are compared", utf8.RuneCountInString(n.Full), names.MaxRunes, names.MaxTokens)
		}
	}
	if g := get("gender"); g != "" {
		var ok bool
		if e.Gender, ok = genderOf(g); !ok {
			note("gender", "%s: want male or female", quote(g))
		}
	}
	if d := get("date_of_birth"); d != "" {
		if dates, err := birthOf(d); err != nil {
			note("date_of_birth", "%s: %v", quote(d), err)
		} else {
			e.Birth = []entity.Dates{dates}
		}
	}
	if p := get("place_of_birth"); p != "" {
		e.BirthPlaces = []string{p}
	}
	for _, n := range split(get("nationality"), ";|") {
		if code, ok := entity.CountryCode(n); !ok {
			note("nationality", "%s: neither a country's name nor an ISO 3166-1 code", quote(n))
		} else if !slices.Contains(e.Nationalities, code) {
			e.Nationalities = append(e.Nationalities, code)
		}
	}
	if number := get("document_number"); number != "" {
		id := entity.Identifier{Type: strings.ToLower(get("document_type")), Number: number}
		if id.Type == "" {
			id.Type = "document"
		}
		if c := get("document_country"); c != "" {
			var ok bool
			if id.Country, ok = entity.CountryCode(c); !ok {
				note("document_country", "%s: neither a country's name nor an ISO 3166-1 code", quote(c))
			}
		}
		e.Identifiers = []entity.Identifier{id}
	}
	for _, a := range split(get("wallet"), "; ") {
		address, err := chain.Parse(a)
		switch {
		case err != nil:
			note("wallet", "%s: %v", quote(a), err)
			continue
		case address.Fault != "" && strings.HasPrefix(address.Key, "text:"):
			note("wallet", "%s: no whole address: %s; compared as it is written", quote(a), address.Fault)
		}
		e.Wallets = append(e.Wallets, entity.Wallet{Address: a})
	}
	switch {
	case illegible:
		row.LeftOut = true
	case names.Fold(fullNames(e.Names)) == "" && len(e.Identifiers) == 0 && len(e.Wallets) == 0:
		note("", "no name in the row")
		row.LeftOut = true
	default:
		row.Person = e
	}
}

func fullNames(list []entity.Name) string {
	var b strings.Builder
	for _, n := range list {
		b.WriteString(n.Full + " ")
	}
	return b.String()
}

// namesOf makes one name of the whole and its parts, or two where the parts say
// something else than the whole (another script, a name at birth).
func namesOf(full, first, middle, last string) []entity.Name {
	n := entity.Name{Full: full, Given: first, Family: last}
	if middle != "" {
		if names.IsPatronymic(middle) {
			n.Patronymic = middle
		} else {
			n.Given = strings.TrimSpace(first + " " + middle)
		}
	}
	parts := strings.Join(strings.Fields(first+" "+middle+" "+last), " ")
	switch {
	case full == "" && parts == "":
		return nil
	case full == "":
		n.Full = parts
	case parts != "" && !sameWords(full, parts):
		other := n
		other.Full, other.Kind = parts, entity.Alias
		// A given name alone is not somebody's other name.
		if first != "" && last != "" {
			return []entity.Name{{Full: full}, other}
		}
	}
	return []entity.Name{n}
}

// sameWords reports whether each word of parts is in full.
func sameWords(full, parts string) bool {
	in := strings.Fields(names.Fold(full))
	for _, w := range strings.Fields(names.Fold(parts)) {
		if !slices.Contains(in, w) {
			return false
		}
	}
	return true
}

// kinds are the words for them, entity's own first.
var kinds = map[string]entity.Kind{
	"person": entity.Person, "individual": entity.Person, "natural person": entity.Person,
	"organisation": entity.Organisation, "organization": entity.Organisation, "company": entity.Organisation, "firm": entity.Organisation,
	"entity": entity.Organisation, "legal entity": entity.Organisation, "legal person": entity.Organisation, "business": entity.Organisation,
	"vessel": entity.Vessel, "ship": entity.Vessel, "aircraft": entity.Aircraft,
	"unknown": entity.UnknownKind,
}

// KindOf reads what the column kind says; what it says is unknown where it is no word for a kind.
func KindOf(s string) (kind entity.Kind, ok bool) {
	kind, ok = kinds[strings.ToLower(strings.TrimSpace(s))]
	return kind, ok
}

func genderOf(s string) (entity.Gender, bool) {
	switch strings.ToLower(s) {
	case "m", "male", "man", "м", "муж", "мужской":
		return entity.Male, true
	case "f", "female", "woman", "w", "ж", "жен", "женский":
		return entity.Female, true
	case "other", "x", "unknown", "u", "diverse", "d", "non-binary", "nonbinary", "-", "n/a", "none":
		return entity.UnknownGender, true
	}
	return entity.UnknownGender, false
}

var errDate = errors.New("want a date such as 1962-03-14, or 1962")

// birthOf reads a date to the day, the month or the year.
func birthOf(s string) (entity.Dates, error) {
	s, _, _ = strings.Cut(s, "T") // 1962-03-14T00:00:00Z: the day is what counts
	digits := func(s string, n int) (int, bool) {
		if len(s) != n {
			return 0, false
		}
		v := 0
		for _, c := range []byte(s) {
			if c < '0' || c > '9' {
				return 0, false
			}
			v = 10*v + int(c-'0')
		}
		return v, true
	}
	var parts []string
	if strings.Contains(s, ".") {
		parts = strings.Split(s, ".")
		slices.Reverse(parts)
	} else {
		parts = strings.Split(s, "-")
	}
	year, ok := digits(parts[0], 4)
	if !ok || year == 0 || len(parts) > 3 {
		return entity.Dates{}, errDate
	}
	if len(parts) == 1 {
		return entity.Year(year), nil
	}
	month, ok := digits(parts[1], 2)
	if !ok {
		return entity.Dates{}, errDate
	}
	if month < 1 || month > 12 {
		return entity.Dates{}, fmt.Errorf("no such month")
	}
	if len(parts) == 2 {
		last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC)
		return entity.Dates{From: entity.Day{Year: year, Month: time.Month(month), Day: 1}, To: entity.DayOf(last)}, nil
	}
	day, ok := digits(parts[2], 2)
	if !ok {
		return entity.Dates{}, errDate
	}
	d, err := entity.NewDay(year, time.Month(month), day)
	if err != nil {
		return entity.Dates{}, fmt.Errorf("no such day")
	}
	return entity.Exact(d), nil
}

func split(s, separators string) []string {
	var out []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// quote shows a field, cut where it is long.
func quote(s string) string {
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

// record reads the next record's fields. problem says why it has none; then the
// reading goes on with the line after its first.
func (r *Reader) record() (fields []string, at int, problem string, err error) {
	var lines []line
	size, quotes := 0, 0
	for {
		l, err := r.nextLine()
		if err == io.EOF && len(lines) > 0 {
			problem = "a quotation mark is never closed"
			break
		}
		if err != nil {
			return nil, 0, "", err
		}
		if len(lines) == 0 && l.text != nil && len(bytes.TrimSpace(l.text)) == 0 {
			continue
		}
		lines = append(lines, l)
		if l.text == nil {
			problem = fmt.Sprintf("a line of more than %d bytes", MaxRowBytes)
			if len(lines) > 1 { // the long line is no part of the row before it
				problem = "a quotation mark is never closed"
			}
			break
		}
		size += len(l.text)
		quotes += bytes.Count(l.text, []byte{'"'})
		if quotes%2 == 0 {
			break
		}
		if size > MaxRowBytes || len(lines) >= MaxRowLines {
			problem = fmt.Sprintf("a quotation mark is not closed within %d lines and %d bytes", MaxRowLines, MaxRowBytes)
			break
		}
	}
	at = lines[0].at
	if problem == "" {
		text := make([]byte, 0, size)
		for _, l := range lines {
			text = append(text, l.text...)
		}
		c := csv.NewReader(bytes.NewReader(text))
		c.FieldsPerRecord = -1
		fields, err = c.Read()
		var bad *csv.ParseError
		switch {
		case err == nil:
			if _, err := c.Read(); err != io.EOF {
				// Lone carriage returns and the like; one row is one record.
				problem = "more than one record in a row"
				break
			}
			return fields, at, "", nil
		case errors.As(err, &bad):
			problem = bad.Err.Error()
		default:
			problem = "no record in it"
		}
	}
	r.pending = append(slices.Clone(lines[1:]), r.pending...)
	return nil, at, problem, nil
}

// nextLine reads a line of at most MaxRowBytes; of a longer one only where it was.
func (r *Reader) nextLine() (line, error) {
	if len(r.pending) > 0 {
		l := r.pending[0]
		r.pending = r.pending[1:]
		return l, nil
	}
	l := line{at: r.line}
	text, err := r.in.ReadSlice('\n')
	if err == nil || err == io.EOF && len(text) > 0 {
		l.text = bytes.Clone(text)
		r.line++
		return l, nil
	}
	for err == bufio.ErrBufferFull {
		_, err = r.in.ReadSlice('\n')
	}
	if l.text == nil && len(text) > 0 && (err == nil || err == io.EOF) {
		r.line++
		return l, nil
	}
	return line{}, err
}
