package listtable

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/listxml"
)

// A Sheet is one table of a file. Its rows are read as they are asked for.
type Sheet struct {
	Name string // "" of comma-separated values
	*Reader
}

// Open reads a file of any form: a spreadsheet gives its sheets in order, comma-separated values
// give one sheet. comma and fallback are as in [CSV].
func Open(data []byte, comma rune, fallback Fallback) ([]Sheet, error) {
	if bytes.HasPrefix(data, zipMark) {
		return spreadsheet(data, watchlist.MaxFileBytes)
	}
	r, err := CSV(data, comma, fallback)
	if err != nil {
		return nil, err
	}
	return []Sheet{{Reader: r}}, nil
}

// Recognise reports whether the file has all of these titles in a row near its beginning. Of
// comma-separated values it reads no more than that.
func Recognise(data []byte, comma rune, fallback Fallback, titles ...string) bool {
	if !bytes.HasPrefix(data, zipMark) && len(data) > recognised {
		data = data[:recognised]
		if i := bytes.LastIndexByte(data, '\n'); i > 0 {
			data = data[:i+1]
		}
	}
	sheets, err := Open(data, comma, fallback)
	if err != nil {
		return false
	}
	for _, s := range sheets {
		if _, err := s.Seek(titles...); err == nil {
			return true
		}
	}
	return false
}

const recognised = 256 << 10

var zipMark = []byte("PK\x03\x04")

// maxSheets bounds the tables of a file. The list of Japan has some fifty.
const maxSheets = 500

// spreadsheet opens an .xlsx or an .ods, which are archives of XML. Of it at most max bytes are
// unpacked.
func spreadsheet(data []byte, max int64) ([]Sheet, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		// The archive's table of contents is its end.
		return nil, fmt.Errorf("a spreadsheet without its end: %w", watchlist.ErrTruncated)
	}
	p := &parts{zip: z, left: max}
	if p.has("content.xml") {
		return p.ods()
	}
	if p.has("xl/workbook.xml") {
		return p.xlsx()
	}
	return nil, errors.New("an archive that is no spreadsheet: neither content.xml nor xl/workbook.xml is in it")
}

// parts are the files of the archive. left is how many bytes may still be unpacked, so that a
// small file cannot fill the memory.
type parts struct {
	zip  *zip.Reader
	left int64
}

func (p *parts) find(name string) *zip.File {
	for _, f := range p.zip.File {
		if f.Name == name {
			return f
		}
	}
	return nil
}

func (p *parts) has(name string) bool { return p.find(name) != nil }

func (p *parts) open(name string) (*listxml.Reader, error) {
	f := p.find(name)
	if f == nil {
		return nil, fmt.Errorf("%s is missing in the spreadsheet", watchlist.Short(name))
	}
	rc, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer rc.Close()
	data, err := io.ReadAll(io.LimitReader(rc, p.left+1))
	if err != nil {
		return nil, fmt.Errorf("%s: unpacking: %w", name, err)
	}
	if p.left -= int64(len(data)); p.left < 0 {
		return nil, fmt.Errorf("%s: the spreadsheet unpacked is too large for a list", name)
	}
	r, err := listxml.NewAttributeReader(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return r, nil
}

// elements calls fn for each element of a part at whatever depth; fn decodes or skips those it
// wants whole and lets others be.
func (p *parts) elements(name string, fn func(d *listxml.Reader, start *xml.StartElement) error) error {
	d, err := p.open(name)
	if err != nil {
		return err
	}
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, d.Fail(err))
		}
		if start, ok := tok.(xml.StartElement); ok {
			if err := fn(d, &start); err != nil {
				return fmt.Errorf("%s: %w", name, d.Fail(err))
			}
		}
	}
}

// xlsx opens a workbook of Office Open XML (ECMA-376, part 1, SpreadsheetML).
func (p *parts) xlsx() ([]Sheet, error) {
	targets := map[string]string{} // relation → part
	err := p.elements("xl/_rels/workbook.xml.rels", func(_ *listxml.Reader, start *xml.StartElement) error {
		if start.Name.Local == "Relationship" {
			target := listxml.Attribute(*start, "Target")
			if rest, absolute := strings.CutPrefix(target, "/"); absolute {
				target = rest
			} else {
				target = path.Join("xl", target)
			}
			targets[listxml.Attribute(*start, "Id")] = target
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	book := &workbook{}
	if p.has("xl/sharedStrings.xml") {
		if err := p.elements("xl/sharedStrings.xml", book.text); err != nil {
			return nil, err
		}
	}
	if p.has("xl/styles.xml") {
		if err := p.elements("xl/styles.xml", book.style); err != nil {
			return nil, err
		}
	}
	var sheets []Sheet
	err = p.elements("xl/workbook.xml", func(_ *listxml.Reader, start *xml.StartElement) error {
		switch start.Name.Local {
		case "workbookPr":
			v := listxml.Attribute(*start, "date1904")
			book.from1904 = v == "1" || v == "true"
		case "sheet":
			if len(sheets) == maxSheets {
				return fmt.Errorf("more than %d sheets", maxSheets)
			}
			part, ok := targets[listxml.Attribute(*start, "id")]
			if !ok {
				return fmt.Errorf("sheet %q is nowhere in the file", watchlist.Short(listxml.Attribute(*start, "name")))
			}
			sheets = append(sheets, Sheet{Name: listxml.Attribute(*start, "name"), Reader: p.worksheet(book, part)})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(sheets) == 0 {
		return nil, watchlist.ErrEmpty
	}
	return sheets, nil
}

// A workbook is what the sheets of an .xlsx share.
type workbook struct {
	texts    []string
	dates    []bool // of each cell style: it shows a number as a day
	custom   map[string]bool
	inStyles bool
	from1904 bool
}

// text reads an item of the shared strings: one text or several runs of it. The readings that a
// Japanese file gives beside them (rPh) are no part of the text.
func (b *workbook) text(d *listxml.Reader, start *xml.StartElement) error {
	if start.Name.Local != "si" {
		return nil
	}
	var si struct {
		Text string   `xml:"t"`
		Runs []string `xml:"r>t"`
	}
	if err := d.DecodeElement(&si, start); err != nil {
		return err
	}
	b.texts = append(b.texts, si.Text+strings.Join(si.Runs, ""))
	return nil
}

// style learns which cell styles show days (ECMA-376, 18.8.30 and 18.8.10).
func (b *workbook) style(d *listxml.Reader, start *xml.StartElement) error {
	switch start.Name.Local {
	case "numFmt":
		if b.custom == nil {
			b.custom = map[string]bool{}
		}
		code := strings.ToLower(unquoted(listxml.Attribute(*start, "formatCode")))
		b.custom[listxml.Attribute(*start, "numFmtId")] = strings.ContainsAny(code, "yd") && !strings.Contains(code, "red")
	case "cellXfs":
		b.inStyles = true
	case "cellStyles", "dxfs":
		b.inStyles = false
	case "xf":
		if b.inStyles {
			id := listxml.Attribute(*start, "numFmtId")
			n, err := strconv.Atoi(id)
			b.dates = append(b.dates, b.custom[id] || err == nil && (n >= 14 && n <= 17 || n == 22 || n >= 27 && n <= 36 || n >= 50 && n <= 58))
		}
	}
	return nil
}

// unquoted is a number format without the texts in quotes and brackets in it.
func unquoted(code string) string {
	var b strings.Builder
	quote, bracket := false, false
	for _, r := range code {
		switch {
		case r == '"':
			quote = !quote
		case r == '[' && !quote:
			bracket = true
		case r == ']' && !quote:
			bracket = false
		case !quote && !bracket:
			b.WriteRune(r)
		}
	}
	return b.String()
}

type xlsxRow struct {
	Number string     `xml:"r,attr"`
	Cells  []xlsxCell `xml:"c"`
}

type xlsxCell struct {
	At    string `xml:"r,attr"` // "AB12"
	Type  string `xml:"t,attr"`
	Style string `xml:"s,attr"`
	Value string `xml:"v"`
	Text  string `xml:"is>t"`
	Runs  []struct {
		Text string `xml:"t"`
	} `xml:"is>r"`
}

func (p *parts) worksheet(book *workbook, part string) *Reader {
	r := &Reader{Encoding: "utf-8"}
	var d *listxml.Reader
	line := 0
	r.next = func() ([]string, int, error) {
		if d == nil {
			var err error
			if d, err = p.open(part); err != nil {
				return nil, 0, err
			}
		}
		for {
			tok, err := d.Token()
			if err == io.EOF {
				return nil, 0, io.EOF
			}
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", part, d.Fail(err))
			}
			start, ok := tok.(xml.StartElement)
			if !ok || start.Name.Local != "row" {
				continue
			}
			var x xlsxRow
			if err := d.DecodeElement(&x, &start); err != nil {
				return nil, 0, fmt.Errorf("%s: %w", part, d.Fail(err))
			}
			line++
			if n, err := strconv.Atoi(x.Number); err == nil && n >= line {
				line = n
			}
			cells, err := book.cells(x)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: row %d: %w", part, line, err)
			}
			return r.padded(cells), line, nil
		}
	}
	return r
}

// padded gives a row of a spreadsheet the empty cells at its end that the file leaves out.
func (r *Reader) padded(cells []string) []string {
	for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" && len(cells) > r.width {
		cells = cells[:len(cells)-1]
	}
	for len(cells) < r.width {
		cells = append(cells, "")
	}
	return cells
}

func (b *workbook) cells(x xlsxRow) ([]string, error) {
	var cells []string
	at := -1
	for _, c := range x.Cells {
		at++ // a cell without a name of its own is the next one
		if c.At != "" {
			n, ok := column(c.At)
			if !ok || n < at {
				return nil, fmt.Errorf("cell %q: no such cell here", watchlist.Short(c.At))
			}
			at = n
		}
		s, err := b.cell(c)
		if err != nil {
			return nil, fmt.Errorf("cell %s: %w", watchlist.Short(c.At), err)
		}
		if s == "" {
			continue
		}
		for len(cells) < at {
			cells = append(cells, "")
		}
		cells = append(cells, s)
	}
	return cells, nil
}

// column is the number, from 0, of the column in "AB12".
func column(at string) (int, bool) {
	n := 0
	for i := 0; i < len(at); i++ {
		c := at[i]
		switch {
		case c >= 'A' && c <= 'Z':
			if n = n*26 + int(c-'A') + 1; n > MaxColumns {
				return 0, false
			}
		case c >= '0' && c <= '9' && n > 0:
			return n - 1, true
		default:
			return 0, false
		}
	}
	return n - 1, n > 0
}

func (b *workbook) cell(c xlsxCell) (string, error) {
	switch c.Type {
	case "s":
		i, err := strconv.Atoi(c.Value)
		if err != nil || i < 0 || i >= len(b.texts) {
			return "", fmt.Errorf("shared string %q is not in the file", watchlist.Short(c.Value))
		}
		return b.texts[i], nil
	case "inlineStr":
		s := c.Text
		for _, r := range c.Runs {
			s += r.Text
		}
		return s, nil
	case "b":
		if c.Value == "1" {
			return "TRUE", nil
		}
		return "FALSE", nil
	case "e": // an error of a formula is no value
		return "", nil
	}
	style, err := strconv.Atoi(c.Style)
	if err == nil && style >= 0 && style < len(b.dates) && b.dates[style] {
		if days, err := strconv.ParseFloat(c.Value, 64); err == nil && days >= 1 && days < 2_958_466 { // 9999-12-31
			return b.day(days), nil
		}
	}
	return c.Value, nil
}

// day writes the day of a serial number as 2006-01-02. Day 1 is 1 January 1900, and since these
// numbers count a 29 February 1900 that never was, those after it are one too many
// (ECMA-376, 18.17.4.1).
func (b *workbook) day(serial float64) string {
	n := int(math.Floor(serial))
	first := time.Date(1899, time.December, 31, 0, 0, 0, 0, time.UTC)
	switch {
	case b.from1904:
		first = time.Date(1904, time.January, 1, 0, 0, 0, 0, time.UTC)
	case n >= 60:
		n--
	}
	return first.AddDate(0, 0, n).Format("2006-01-02")
}

// ods opens a spreadsheet of OpenDocument (ISO/IEC 26300): one part with all tables.
func (p *parts) ods() ([]Sheet, error) {
	d, err := p.open("content.xml")
	if err != nil {
		return nil, err
	}
	// The tables stand one after another in one part, so each is read when it is met.
	var sheets []Sheet
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("content.xml: %w", d.Fail(err))
		}
		start, ok := tok.(xml.StartElement)
		if !ok || start.Name.Local != "table" {
			continue
		}
		if len(sheets) == maxSheets {
			return nil, fmt.Errorf("more than %d sheets", maxSheets)
		}
		rows, err := odsRows(d)
		if err != nil {
			return nil, fmt.Errorf("content.xml: %w", d.Fail(err))
		}
		r := &Reader{Encoding: "utf-8"}
		r.next = func() ([]string, int, error) {
			if len(rows) == 0 {
				return nil, 0, io.EOF
			}
			row := rows[0]
			rows = rows[1:]
			return r.padded(row.Cells), row.Line, nil
		}
		sheets = append(sheets, Sheet{Name: listxml.Attribute(start, "name"), Reader: r})
	}
	if len(sheets) == 0 {
		return nil, watchlist.ErrEmpty
	}
	return sheets, nil
}

// odsRows reads the rows of a table up to its end.
func odsRows(d *listxml.Reader) ([]Row, error) {
	var rows []Row
	line := 0
	for depth := 1; depth > 0; {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			depth--
		case xml.StartElement:
			if t.Name.Local != "table-row" {
				depth++
				continue
			}
			cells, err := odsCells(d)
			if err != nil {
				return nil, err
			}
			again := repeated(t, "number-rows-repeated")
			if len(cells) == 0 { // a sheet ends in a million of these
				line += again
				continue
			}
			if len(rows)+again > MaxRows {
				return nil, fmt.Errorf("more than %d rows", MaxRows)
			}
			for range again {
				line++
				rows = append(rows, Row{Line: line, Cells: cells})
			}
		}
	}
	return rows, nil
}

// odsCells reads the cells of a row up to its end, without the empty ones last.
func odsCells(d *listxml.Reader) ([]string, error) {
	var cells []string
	empty := 0
	for {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch t := tok.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			text, err := odsText(d)
			if err != nil {
				return nil, err
			}
			if day := listxml.Attribute(t, "date-value"); day != "" {
				text, _, _ = strings.Cut(day, "T")
			}
			again := repeated(t, "number-columns-repeated")
			if strings.TrimSpace(text) == "" {
				empty += again
				continue
			}
			if len(cells)+empty+again > MaxColumns {
				return nil, fmt.Errorf("more than %d columns", MaxColumns)
			}
			cells = append(cells, make([]string, empty)...)
			empty = 0
			for range again {
				cells = append(cells, text)
			}
		}
	}
}

// odsText reads the text of a cell up to its end: its paragraphs, one a line, without the notes
// that somebody put beside it.
func odsText(d *listxml.Reader) (string, error) {
	var b strings.Builder
	for depth := 1; depth > 0; {
		tok, err := d.Token()
		if err != nil {
			return "", err
		}
		switch t := tok.(type) {
		case xml.CharData:
			b.Write(t)
		case xml.EndElement:
			depth--
		case xml.StartElement:
			switch t.Name.Local {
			case "annotation":
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			case "p":
				if b.Len() > 0 {
					b.WriteByte('\n')
				}
			case "s", "tab":
				b.WriteByte(' ')
			case "line-break":
				b.WriteByte('\n')
			}
			depth++
		}
		if b.Len() > MaxCell {
			return "", fmt.Errorf("a cell of more than %d bytes: longer than any field of a list", MaxCell)
		}
	}
	return b.String(), nil
}

// repeated is how often a row or a cell stands there in a row.
func repeated(start xml.StartElement, name string) int {
	n, err := strconv.Atoi(listxml.Attribute(start, name))
	if err != nil || n < 1 {
		return 1
	}
	return min(n, MaxRows)
}
