// Package listxml reads the XML of published lists, token by token and within bounds.
//
// A list comes from outside. What no list has stops the reading: a document type (and with it
// entities of its own making), elements nested too deep, endless text. What breaks off is told
// from what is wrong (watchlist.ErrTruncated), and every error has its line. What the elements
// mean is the business of each publisher's reader; of what it has no field for the package keeps
// count ([Reader.Unread]), so that nothing vanishes without a word (TestUnread).
//
// A [Reader] decodes a document held in memory into structs, entry by entry. A [Scanner] reads a
// stream, several times as fast, for documents of a hundred megabytes; [Sections] gives its pieces
// as trees. FuzzScan holds it to encoding/xml.
package listxml

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"sallyport/watchlist"
)

// Bounds of a list's XML.
const (
	MaxDepth      = 16       // of elements; no schema of a list needs half of it
	MaxText       = 64 << 10 // bytes of one text, and of one attribute
	MaxAttributes = 64       // of one element; the richest of a list has 20
)

// A Reader is an xml.Decoder that stops at what no list has.
//
// In place of an element's attributes, of which in most lists only the root's mean anything, it
// puts one, "line", so that a decoded element can tell the line it stands on. A Reader of
// [NewAttributeReader] puts it beside the others.
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
	if err := watchlist.CheckEncoding(document); err != nil {
		return nil, err
	}
	r := &Reader{guard: guard{in: xml.NewDecoder(bytes.NewReader(document))}, size: int64(len(document))}
	r.Decoder = xml.NewTokenDecoder(&r.guard)
	return r, nil
}

// NewAttributeReader is [NewReader] for the lists that write what they say into attributes.
func NewAttributeReader(document []byte) (*Reader, error) {
	r, err := NewReader(document)
	if err != nil {
		return nil, err
	}
	r.guard.attributes = true
	return r, nil
}

// Children reads a document in whose root the entries stand side by side, to its end. begin is
// given the root's start; child each element in it, which it decodes or skips whole, with its
// line, and says whether it knows such an element. An unknown one is skipped.
//
// The document is refused that has another root, breaks off, or has a second root. The doubts
// are the first unknown elements: they stand where entries do and may be entries.
func (r *Reader) Children(root string, begin func(xml.StartElement) error, child func(start *xml.StartElement, line int) (known bool, err error)) (doubts []string, err error) {
	begun, ended := false, false
	for {
		tok, err := r.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, r.Fail(err)
		}
		if _, is := tok.(xml.EndElement); is && r.Depth() == 0 {
			ended = true
		}
		start, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		name, line := start.Name.Local, r.Line()
		switch {
		case !begun:
			if name != root {
				return nil, r.Fail(fmt.Errorf("root element <%s>: want <%s>: not this list", watchlist.Short(name), root))
			}
			begun = true
			if err := begin(start); err != nil {
				return nil, r.Fail(err)
			}
		case ended:
			return nil, r.Fail(fmt.Errorf("element <%s> after the end of <%s>", watchlist.Short(name), root))
		default:
			known, err := child(&start, line)
			if err != nil {
				return nil, err
			}
			if known {
				continue
			}
			if len(doubts) < maxDoubts {
				doubts = append(doubts, fmt.Sprintf("line %d: element <%s> stands where entries do and is not read", line, watchlist.Short(name)))
			}
			if err := r.Skip(); err != nil {
				return nil, r.Fail(err)
			}
		}
	}
	switch {
	case !begun:
		return nil, errors.New("no element in it: not XML")
	case !ended:
		return nil, watchlist.ErrTruncated
	}
	return doubts, nil
}

// maxDoubts is how many are enough for a person to look.
const maxDoubts = 10

// Attribute is an attribute's value without blanks around it, or "" where the element has none of
// that name.
func Attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
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
	in         *xml.Decoder
	depth      int
	attributes bool // are kept

	path   []string           // of the element that is being decoded
	shapes []*shape           // of the same
	unread map[string]*unread // by path
}

// Token hands on the next token.
func (g *guard) Token() (xml.Token, error) {
	tok, err := g.next()
	if err == nil {
		g.follow(tok)
	}
	return tok, err
}

func (g *guard) next() (xml.Token, error) {
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
			var kept []xml.Attr
			if g.attributes {
				if len(t.Attr) > MaxAttributes {
					return nil, fmt.Errorf("%d attributes in one element: more than any of a list has", len(t.Attr))
				}
				for _, a := range t.Attr {
					if len(a.Value) > MaxText {
						return nil, fmt.Errorf("an attribute of %d bytes: longer than any of a list", len(a.Value))
					}
					if a.Name.Local != "line" {
						kept = append(kept, a)
					}
				}
			}
			line, _ := g.in.InputPos()
			t.Attr = append(kept, xml.Attr{Name: xml.Name{Local: "line"}, Value: strconv.Itoa(line)})
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
