package listtable

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"

	"sallyport/watchlist"
)

// A Fallback is the encoding of a table that is neither UTF-8 nor marked as UTF-16.
type Fallback struct {
	Name     string // "windows-1252"
	Encoding encoding.Encoding
}

// CSV reads comma-separated values, or those separated by another character. A byte-order mark is
// taken off and obeyed. Bytes that are not UTF-8 are read by the fallback; without one the file is
// refused. Quotation marks within a field are read as they stand, and that is told (Reader.Problems).
func CSV(data []byte, comma rune, fallback Fallback) (*Reader, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, watchlist.ErrEmpty
	}
	text, name, err := decode(data, fallback)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(text)) == 0 { // a byte-order mark alone
		return nil, watchlist.ErrEmpty
	}
	if t := bytes.TrimLeft(text[:min(len(text), 512)], " \t\r\n"); len(t) > 0 && t[0] == '<' {
		return nil, errors.New("line 1: begins with <: a web page, not the list")
	}
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma = comma
	c.FieldsPerRecord = -1
	r := &Reader{Encoding: name}
	if line := straightQuote(text, comma); line > 0 {
		// Rows that the looser reading runs together have not as many columns as the titles.
		c.LazyQuotes, r.loose = true, line
	}
	ended := bytes.HasSuffix(text, []byte("\n")) || bytes.HasSuffix(text, []byte("\r"))
	r.next = func() ([]string, int, error) {
		cells, err := c.Read()
		if err == io.EOF {
			return nil, 0, err
		}
		if err != nil {
			// A file cut inside a quoted field runs into its end with the quote open.
			if pe := new(csv.ParseError); errors.As(err, &pe) {
				if errors.Is(pe.Err, csv.ErrQuote) && c.InputOffset() >= int64(len(text)) {
					return nil, pe.StartLine, fmt.Errorf("line %d: the last field has no closing quote: %w", pe.StartLine, watchlist.ErrTruncated)
				}
				return nil, pe.Line, fmt.Errorf("line %d: column %d: %w", pe.Line, pe.Column, pe.Err)
			}
			return nil, 0, err
		}
		line, _ := c.FieldPos(0)
		if len(cells) < r.width && !ended && c.InputOffset() >= int64(len(text)) {
			return nil, line, fmt.Errorf("line %d: the last row has %d columns, want %d: %w", line, len(cells), r.width, watchlist.ErrTruncated)
		}
		return cells, line, nil
	}
	if !ended {
		r.doubts = append(r.doubts, "the last row has no line end, so it may have been cut")
	}
	return r, nil
}

// straightQuote is the line of the first quotation mark that stands where none may, as publishers
// write them into fields ("Rosneft" Oil), or 0. That the last field is not closed is no such thing.
func straightQuote(text []byte, comma rune) int {
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma = comma
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	for {
		_, err := c.Read()
		if err == io.EOF {
			return 0
		}
		if pe := new(csv.ParseError); errors.As(err, &pe) {
			if errors.Is(pe.Err, csv.ErrQuote) && c.InputOffset() >= int64(len(text)) {
				return 0
			}
			return pe.Line
		}
		if err != nil {
			return 0
		}
	}
}

// decode makes UTF-8 of the bytes, without a byte-order mark.
func decode(data []byte, fallback Fallback) (text []byte, name string, err error) {
	from, name := fallback.Encoding, fallback.Name
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
		if !utf8.Valid(data) {
			return nil, "", errors.New("marked as UTF-8 and is not")
		}
		return data, "utf-8", nil
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		from, name = unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), "utf-16"
	case utf8.Valid(data):
		return data, "utf-8", nil
	case from == nil:
		return nil, "", errors.New("neither UTF-8 nor marked as UTF-16: an encoding that is not known")
	}
	text, err = from.NewDecoder().Bytes(data)
	if err != nil {
		return nil, "", fmt.Errorf("not %s: %w", name, err)
	}
	if bytes.Contains(text, []byte("\uFFFD")) {
		return nil, "", fmt.Errorf("neither UTF-8 nor %s: an encoding that is not known", name)
	}
	return text, name, nil
}
