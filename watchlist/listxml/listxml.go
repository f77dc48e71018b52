// Package listxml reads the XML of published lists, token by token and within bounds.
//
// A list comes from outside. What no list has stops the reading: a document type (and with it
// entities of its own making), elements nested too deep, endless text. What breaks off is told
// from what is wrong (watchlist.ErrTruncated), and every error has its line. What the elements
// mean is the business of each publisher's reader.
package listxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"

	"sallyport/watchlist"
)

// Bounds of a list's XML.
const (
	MaxDepth = 16       // of elements; no schema of a list needs half of it
	MaxText  = 64 << 10 // bytes of one text
)

// A Reader is an xml.Decoder that stops at what no list has.
//
// In place of an element's attributes, of which in lists only the root's mean anything, it
// puts one, "line", so that a decoded element can tell the line it stands on.
type Reader struct {
	*xml.Decoder
	guard guard
	size  int64
}

// NewReader reads a document from memory. One with nothing in it is watchlist.ErrEmpty.
func NewReader(document []byte) (*Reader, error) {
	if len(bytes.TrimSpace(document)) == 0 {
		return nil, watchlist.ErrEmpty
	}
	r := &Reader{guard: guard{in: xml.NewDecoder(bytes.NewReader(document))}, size: int64(len(document))}
	r.Decoder = xml.NewTokenDecoder(&r.guard)
	return r, nil
}

// Line is the line, from 1, that has been read to.
func (r *Reader) Line() int {
	line, _ := r.guard.in.InputPos()
	return line
}

// Depth is how many elements are open; the root counts as 1.
func (r *Reader) Depth() int { return r.guard.depth }

// Fail gives an error its line, and watchlist.ErrTruncated if the document breaks off there.
func (r *Reader) Fail(err error) error {
	if r.guard.in.InputOffset() >= r.size {
		if s := new(xml.SyntaxError); errors.As(err, &s) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("line %d: %v: %w", r.Line(), err, watchlist.ErrTruncated)
		}
	}
	return fmt.Errorf("line %d: %w", r.Line(), err)
}

// guard is the Reader's view of the raw tokens.
type guard struct {
	in    *xml.Decoder
	depth int
}

// Token hands on the next token.
func (g *guard) Token() (xml.Token, error) {
	tok, err := g.in.RawToken()
	if err != nil {
		return tok, err
	}
	switch t := tok.(type) {
	case xml.Directive:
		return nil, errors.New("a document type declaration: refused")
	case xml.StartElement:
		if g.depth++; g.depth > MaxDepth {
			return nil, fmt.Errorf("elements nested deeper than %d", MaxDepth)
		}
		if g.depth > 1 {
			line, _ := g.in.InputPos()
			t.Attr = []xml.Attr{{Name: xml.Name{Local: "line"}, Value: strconv.Itoa(line)}}
			return t, nil
		}
	case xml.EndElement:
		g.depth--
	case xml.CharData:
		if len(t) > MaxText {
			return nil, fmt.Errorf("a text of %d bytes: longer than any of a list", len(t))
		}
	}
	return tok, nil
}
