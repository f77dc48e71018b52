package ofac

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
)

// CSV is the format of OFAC's legacy files. sdn.csv must be there; alt.csv,
// add.csv and sdn_comments.csv may be. The files carry no date.
func CSV() watchlist.Format {
	return watchlist.Format{Name: "ofac-csv", List: List, Publisher: Publisher, Recognise: recogniseCSV, Parse: ParseCSV}
}

// The legacy files and how many columns each has (dat_spec.txt).
var columns = map[string]int{"sdn.csv": 12, "alt.csv": 5, "add.csv": 6, "sdn_comments.csv": 2}

// recogniseCSV goes by the number of columns, for people rename what they
// download. The files of OFAC's other list, cons_prim.csv and so on, have the
// same columns and are told apart by their names only.
func recogniseCSV(name string, data []byte) (string, bool) {
	if strings.Contains(strings.ToLower(name), "cons_") {
		return "", false
	}
	r := csv.NewReader(bytes.NewReader(data[:min(len(data), maxField)]))
	r.FieldsPerRecord = -1
	row, err := r.Read()
	if err == nil && isHeader(row) {
		row, err = r.Read()
	}
	if err != nil || !isID(strings.TrimSpace(row[0])) {
		return "", false
	}
	switch len(row) {
	case 12:
		return "sdn.csv", true
	case 5:
		return "alt.csv", true
	case 6:
		return "add.csv", true
	case 2:
		return "sdn_comments.csv", true
	}
	return "", false
}

// cut is how many characters of remarks sdn.csv has room for.
const cut = 1000

// endMark is the byte that ends each legacy file, once the end-of-file mark of DOS.
const endMark = "\x1a"

// ParseCSV reads one edition from the legacy files, each named as OFAC names it
// in lower case, and published on the given day. See the package comment.
//
// It is a [watchlist.Format]'s Parse and costs about 75 ms for the 9,214 entries
// of 2022-02-25 on one core (BenchmarkCSV).
func ParseCSV(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	e, err := readCSV(files, published)
	if err != nil {
		return nil, err
	}
	notBlocked(e)
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// readCSV makes the edition, not sealed yet.
func readCSV(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	e := &watchlist.Edition{List: List, Publisher: Publisher, Published: published}
	data := map[string][]byte{}
	for _, f := range files {
		if _, ok := columns[f.Name]; !ok {
			return nil, fmt.Errorf("watchlist/ofac: %s: not one of sdn.csv, alt.csv, add.csv, sdn_comments.csv", f.Name)
		}
		data[f.Name] = f.Data
	}
	if _, ok := data["sdn.csv"]; !ok {
		return nil, fmt.Errorf("watchlist/ofac: sdn.csv is missing: the other files only add to it")
	}
	p := &csvParse{edition: e, index: map[string]int{}, comments: map[string]string{}}
	// The comments come first: sdn.csv's remarks cannot be read without them.
	for _, f := range []struct {
		name string
		row  func(line int, row []string)
	}{
		{"sdn_comments.csv", p.comment},
		{"sdn.csv", p.entry},
		{"alt.csv", p.alias},
		{"add.csv", p.place},
	} {
		b, ok := data[f.name]
		if !ok {
			continue
		}
		p.file, p.rows, p.orphans, p.left = f.name, 0, 0, 0
		if err := p.read(b, f.row); err != nil {
			return nil, fmt.Errorf("watchlist/ofac: %s: %w", f.name, err)
		}
		p.countOrphans()
	}
	p.countComments()
	return e, nil
}

// csvParse is the work on one edition.
type csvParse struct {
	edition  *watchlist.Edition
	index    map[string]int    // id → its place in edition.Entities
	comments map[string]string // id → the rest of its remarks, not used yet
	said     int               // rows of sdn_comments.csv

	file    string // being read
	rows    int
	orphans int // rows of it that belong to no entry
	left    int // rows of it that are left out
}

func (p *csvParse) note(line int, id, field, text string) {
	p.edition.Skipped = append(p.edition.Skipped, watchlist.Problem{File: p.file, Line: line, ID: id, Field: field, Text: text})
}

func (p *csvParse) leave(line int, id, field, text string) {
	p.edition.Leave(watchlist.Problem{File: p.file, Line: line, ID: id, Field: field, Text: text})
	p.left++
}

func (p *csvParse) doubt(format string, args ...any) {
	p.edition.Doubts = append(p.edition.Doubts, fmt.Sprintf(format, args...))
}

// read gives each row to the function for the file, without the header that some
// people add and without the end mark, and sees that the file is whole.
func (p *csvParse) read(data []byte, row func(int, []string)) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return watchlist.ErrEmpty
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if err := watchlist.CheckEncoding(data); err != nil {
		return err
	}
	if t := bytes.TrimLeft(data[:min(len(data), 512)], " \t\r\n"); len(t) > 0 && t[0] == '<' {
		return errors.New("line 1: begins with <: a web page, not the list")
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	want := columns[p.file]
	ended := false
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			// A file cut inside a quoted field runs into its end with the quote open.
			if pe := new(csv.ParseError); errors.As(err, &pe) {
				if errors.Is(pe.Err, csv.ErrQuote) && r.InputOffset() >= int64(len(data)) {
					return fmt.Errorf("line %d: the last field has no closing quote: %w", pe.StartLine, watchlist.ErrTruncated)
				}
				return fmt.Errorf("line %d: column %d: %w", pe.Line, pe.Column, pe.Err)
			}
			return err
		}
		line, _ := r.FieldPos(0)
		if isEnd(rec) {
			ended = true
			continue
		}
		if ended {
			return fmt.Errorf("line %d: a row after the end mark", line)
		}
		if p.rows == 0 && line == 1 && isHeader(rec) {
			p.note(line, "", "header", "not OFAC's: passed over")
			continue
		}
		if len(rec) != want {
			if r.InputOffset() >= int64(len(data)) {
				return fmt.Errorf("line %d: the last row has %d columns, want %d: %w", line, len(rec), want, watchlist.ErrTruncated)
			}
			p.leave(line, "", "row", fmt.Sprintf("%d columns, want %d", len(rec), want))
			continue
		}
		for i, f := range rec {
			if len(f) > maxField {
				return fmt.Errorf("line %d: column %d: %d bytes: longer than any field of the list", line, i+1, len(f))
			}
		}
		rec[0] = strings.TrimSpace(rec[0])
		if !isID(rec[0]) {
			p.leave(line, "", "ent_num", fmt.Sprintf("id %q: want a number", watchlist.Short(rec[0])))
			continue
		}
		for i, f := range rec {
			if _, what, ok := watchlist.NotUTF8([]byte(f)); ok {
				p.note(line, rec[0], fmt.Sprintf("column %d", i+1), what)
				rec[i] = strings.ToValidUTF8(f, "\uFFFD")
			}
		}
		if p.rows++; p.rows > maxEntries {
			return fmt.Errorf("line %d: more than %d rows", line, maxEntries)
		}
		row(line, rec)
	}
	switch {
	case p.rows == 0 && p.left == 0:
		return fmt.Errorf("no row in it: %w", watchlist.ErrEmpty)
	case p.left > p.rows:
		return fmt.Errorf("%d rows are not of this list, and %d are: %s", p.left, p.rows, p.edition.Skipped[len(p.edition.Skipped)-1])
	}
	if !ended {
		// The rows are whole, but OFAC's files say where they end and this does not.
		if data[len(data)-1] != '\n' {
			return fmt.Errorf("line %d: the last row has no line end: %w", bytes.Count(data, []byte("\n"))+1, watchlist.ErrTruncated)
		}
		p.doubt("%s has no end mark (byte 0x1A) after its last row, so rows may be missing", p.file)
	}
	return nil
}

// entry reads a row of sdn.csv: ent_num, SDN_Name, SDN_Type, Program, Title,
// Call_Sign, Vess_type, Tonnage, GRT, Vess_flag, Vess_owner, Remarks.
func (p *csvParse) entry(line int, row []string) {
	id := strings.Clone(row[0])
	if _, twice := p.index[id]; twice {
		p.leave(line, id, "ent_num", "it stands in the file twice")
		return
	}
	text, rest := row[11], p.comments[id]
	delete(p.comments, id)
	full := len([]rune(text)) >= cut
	whole := strings.TrimSpace(text + rest)
	// Remarks that fill their room and end in a full stop happen to fit; "U.S. "
	// with a blank after it does not end there.
	complete := !full || rest != "" || strings.HasSuffix(text, ".")
	if isNull(text) {
		whole = strings.TrimSpace(rest)
	}

	written := value(row[1])
	if written == "" {
		p.leave(line, id, "SDN_Name", "no name")
		return
	}
	kind, ok := kindOf(value(row[2]))
	if !ok {
		p.note(line, id, "type", fmt.Sprintf("%q: want individual, vessel, aircraft or nothing", row[2]))
	}
	e := entity.Entity{List: List, ID: id, Kind: kind, Programmes: programmes(value(row[3]))}
	e.Names = []entity.Name{name(written, kind, entity.Primary)}
	if call := value(row[5]); call != "" {
		e.Identifiers = append(e.Identifiers, entity.Identifier{Type: "call sign", Number: call})
	}
	if flag := value(row[9]); flag != "" {
		e.Nationalities = addCountry(e.Nationalities, flag)
	}
	titles(&e, strings.Clone(value(row[4])))
	e.Remarks = strings.Clone(joinRemarks(whole, value(row[6]),
		labelled("Tonnage", value(row[7])), labelled("Gross Registered Tonnage", value(row[8])), labelled("Vessel Owner", value(row[10]))))
	if !complete {
		p.note(line, id, "remarks", fmt.Sprintf("cut off at %d characters, the rest is in sdn_comments.csv; %q was not read", cut, lastItem(whole)))
	}
	remarks(&e, whole, complete, func(field, text string) { p.note(line, id, field, text) })
	p.edition.Tell(p.file, line, &e)
	p.index[id] = len(p.edition.Entities)
	p.edition.Entities = append(p.edition.Entities, e)
}

// comment reads a row of sdn_comments.csv: ent_num, and the remarks from where
// sdn.csv cut them, in the midst of a word as it may be.
func (p *csvParse) comment(line int, row []string) {
	p.said++
	if !isNull(row[1]) {
		p.comments[strings.Clone(row[0])] += row[1]
	}
}

// alias reads a row of alt.csv: ent_num, alt_num, alt_type, alt_name, alt_remarks.
func (p *csvParse) alias(line int, row []string) {
	e := p.entryOf(row[0])
	if e == nil {
		return
	}
	written := value(row[3])
	if written == "" {
		p.note(line, e.ID, "alias", "no name in it")
		return
	}
	as, ok := nameKindOf(value(row[2]))
	if !ok {
		p.note(line, e.ID, "alias", fmt.Sprintf("type %q: want aka, fka or nka; taken for aka", row[2]))
	}
	weak := strings.Contains(strings.ToLower(value(row[4])), "weak")
	// Quotes around a firm's name here are no more than quotes (entry 22504, the
	// full name of a bank). A person's are letters: 'ABBAS, Rafi'.
	if n := len(written); n > 2 && e.Kind != entity.Person && written[0] == '\'' && written[n-1] == '\'' {
		written = strings.TrimSpace(written[1 : n-1])
	}
	n := name(strings.Clone(written), e.Kind, as)
	n.Weak = weak
	p.edition.Tell(p.file, line, &entity.Entity{ID: e.ID, Names: []entity.Name{n}})
	e.Names = append(e.Names, n)
}

// place reads a row of add.csv: ent_num, add_num, address, city with province and
// postcode, country, add_remarks.
func (p *csvParse) place(line int, row []string) {
	e := p.entryOf(row[0])
	if e == nil {
		return
	}
	if at := place(value(row[2]), value(row[3]), value(row[4])); at != (entity.Place{}) {
		e.Places = append(e.Places, at)
	}
}

// entryOf finds the entry a row belongs to, or counts the row as an orphan.
func (p *csvParse) entryOf(id string) *entity.Entity {
	i, ok := p.index[id]
	if !ok {
		p.orphans++
		return nil
	}
	return &p.edition.Entities[i]
}

// countOrphans tells of rows that belong to no entry. A few are OFAC's own slips;
// many mean files of different days, whose aliases would be those of the delisted.
func (p *csvParse) countOrphans() {
	if p.orphans == 0 {
		return
	}
	text := fmt.Sprintf("%d of %d rows belong to entries that sdn.csv has not", p.orphans, p.rows)
	p.note(0, "", "ent_num", text)
	if p.orphans*100 > p.rows {
		p.doubt("%s: %s: the files may be of different days", p.file, text)
	}
}

// countComments tells of continuations that no remarks were continued by.
func (p *csvParse) countComments() {
	p.file, p.rows, p.orphans = "sdn_comments.csv", p.said, len(p.comments)
	p.countOrphans()
}

// value is a field without its null.
func value(s string) string {
	if isNull(s) {
		return ""
	}
	return strings.TrimSpace(s)
}

// isNull knows the "-0- " of the specification, and the empty field of copies.
func isNull(s string) bool {
	s = strings.TrimSpace(s)
	return s == "-0-" || s == ""
}

func isID(s string) bool {
	_, ok := number(s, 10)
	return ok
}

// isHeader knows a row of titles, such as spreadsheets and their users put before
// the first entry. OFAC's files have none.
func isHeader(row []string) bool {
	switch strings.ToLower(strings.TrimSpace(row[0])) {
	case "id", "ent_num", "entnum", "ent num", "uid", "entity_number":
		return true
	}
	return false
}

// isEnd knows the end mark, and what a spreadsheet makes of it: a row of its own.
func isEnd(row []string) bool {
	if row[0] != endMark {
		return false
	}
	for _, f := range row[1:] {
		if f != "" {
			return false
		}
	}
	return true
}

func lastItem(s string) string {
	return strings.TrimSpace(s[strings.LastIndexByte(s, ';')+1:])
}
