package listxml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"sallyport/watchlist"
)

// Bounds of [Scanner], besides MaxDepth and MaxText.
const (
	maxTag = 16 << 10 // bytes of one tag
)

// A Kind is what a token is.
type Kind uint8

const (
	Start Kind = iota + 1
	End
	Text
)

// A Token is a piece of a document. Its bytes are the scanner's and good until the next
// call of Next.
type Token struct {
	Kind  Kind
	Name  []byte // of an element, without its prefix
	Attrs []Attr // of a Start, declarations of name spaces among them
	Text  []byte // of a Text, references resolved and line ends made \n
}

// An Attr is an attribute of an element; Name is without its prefix.
type Attr struct{ Name, Value []byte }

// Attr is the value of the attribute, or nil.
func (t *Token) Attr(name string) []byte {
	for _, a := range t.Attrs {
		if string(a.Name) == name {
			return a.Value
		}
	}
	return nil
}

// A Scanner reads XML from a stream in one small buffer, several times as fast as
// encoding/xml. It is stricter: UTF-8 only, names in ASCII, one root, no attribute twice, no
// document type, and no reference but the five of XML and those to a character by its number.
// What it accepts, encoding/xml reads alike (FuzzScan).
type Scanner struct {
	in    io.Reader
	buf   []byte
	pos   int // of the next byte in buf
	line  int // of buf[pos], from 1
	eof   bool
	begun bool // something but white space was read
	root  bool // an element was read

	open    []byte // names of the open elements, one after the other
	ends    []int  // where each of them ends in open
	attrs   []Attr
	scratch []byte
	raw     []byte // the name of an empty element whose End is due
}

// Scan begins to read a document. One with nothing in it is watchlist.ErrEmpty; one that is
// not UTF-8 is refused by name where its first bytes show what it is.
func Scan(in io.Reader) (*Scanner, error) {
	s := &Scanner{in: in, line: 1, buf: make([]byte, 0, 256<<10)}
	for len(s.buf) < 4 && !s.eof {
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
	if bytes.HasPrefix(s.buf, []byte("\xef\xbb\xbf")) {
		s.pos = 3
	}
	return s, watchlist.CheckEncoding(s.buf)
}

// Line is the line, from 1, that has been read to.
func (s *Scanner) Line() int { return s.line }

// Depth is how many elements are open; the root counts as 1.
func (s *Scanner) Depth() int { return len(s.ends) }

// Fail gives an error the line that has been read to.
func (s *Scanner) Fail(err error) error { return fmt.Errorf("line %d: %w", s.line, err) }

func (s *Scanner) fail(format string, args ...any) (Token, error) {
	return Token{}, s.Fail(fmt.Errorf(format, args...))
}

// fill reads more, keeping what is not consumed.
func (s *Scanner) fill() error {
	if s.pos > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.pos:])]
		s.pos = 0
	}
	if len(s.buf) == cap(s.buf) {
		return errors.New("a piece longer than any of a list")
	}
	n, err := s.in.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	if err == io.EOF {
		s.eof = true
		return nil
	}
	return err
}

// upTo finds the end of a piece that ends with mark, looking from skip bytes on, and gives
// its length with the mark.
func (s *Scanner) upTo(mark string, skip, most int) (int, error) {
	from := skip
	for {
		if from < len(s.buf)-s.pos {
			if i := bytes.Index(s.buf[s.pos+from:], []byte(mark)); i >= 0 && from+i <= most {
				return from + i + len(mark), nil
			}
		}
		have := len(s.buf) - s.pos
		switch {
		case have > most+len(mark):
			return 0, s.Fail(fmt.Errorf("a piece of more than %d bytes: longer than any of a list", most))
		case s.eof:
			return 0, s.Fail(fmt.Errorf("it breaks off: %w", watchlist.ErrTruncated))
		}
		from = max(skip, have-len(mark)+1)
		if err := s.fill(); err != nil {
			return 0, s.Fail(err)
		}
	}
}

// take consumes n bytes.
func (s *Scanner) take(n int) []byte {
	b := s.buf[s.pos : s.pos+n]
	s.pos += n
	s.line += bytes.Count(b, []byte("\n"))
	return b
}

// peek makes sure that n bytes are there, if the document has as many.
func (s *Scanner) peek(n int) ([]byte, error) {
	for len(s.buf)-s.pos < n && !s.eof {
		if err := s.fill(); err != nil {
			return nil, s.Fail(err)
		}
	}
	return s.buf[s.pos:min(len(s.buf), s.pos+n)], nil
}

// Next is the next token, or io.EOF after the root has ended and nothing follows.
func (s *Scanner) Next() (Token, error) {
	if s.raw != nil {
		name := s.raw
		s.raw = nil
		return s.end(name)
	}
	for {
		head, err := s.peek(9)
		if err != nil {
			return Token{}, err
		}
		switch {
		case len(head) == 0:
			switch {
			case !s.begun:
				return Token{}, watchlist.ErrEmpty
			case len(s.ends) > 0:
				return s.fail("it breaks off: %w", watchlist.ErrTruncated)
			case !s.root:
				return s.fail("no element in it: %w", watchlist.ErrTruncated)
			}
			return Token{}, io.EOF
		case head[0] != '<':
			t, err := s.text()
			if err != nil || len(s.ends) > 0 {
				return t, err
			}
			if len(skipBlanks(t.Text)) > 0 {
				return s.fail("text outside of the root element")
			}
			continue
		case bytes.HasPrefix(head, []byte("<![CDATA[")):
			return s.cdata()
		case bytes.HasPrefix(head, []byte("<!--")):
			n, err := s.upTo("--", 4, MaxText)
			if err != nil {
				return Token{}, err
			}
			b, err := s.peek(n + 1)
			if err != nil {
				return Token{}, err
			}
			if len(b) <= n {
				return s.fail("it breaks off: %w", watchlist.ErrTruncated)
			}
			if b[n] != '>' {
				return s.fail("-- within a comment")
			}
			s.take(n + 1)
		case bytes.HasPrefix(head, []byte("<?")):
			if err := s.instruction(); err != nil {
				return Token{}, err
			}
		case bytes.HasPrefix(head, []byte("<!")):
			if len(head) < 9 {
				return s.fail("it breaks off: %w", watchlist.ErrTruncated)
			}
			return s.fail("a document type declaration: refused")
		case bytes.HasPrefix(head, []byte("</")):
			n, err := s.upTo(">", 2, maxTag)
			if err != nil {
				return Token{}, err
			}
			b := bytes.TrimRight(s.take(n)[2:n-1], " \t\r\n")
			return s.end(b)
		default:
			return s.start()
		}
		s.begun = true
	}
}

func (s *Scanner) text() (Token, error) {
	// The last text of a document ends with it.
	n := 0
	for {
		if i := bytes.IndexByte(s.buf[s.pos+n:], '<'); i >= 0 {
			n += i
			break
		}
		n = len(s.buf) - s.pos
		if n > MaxText {
			break
		}
		if s.eof && len(s.ends) > 0 { // in the midst of a character, as it may be
			return s.fail("it breaks off: %w", watchlist.ErrTruncated)
		}
		if s.eof {
			break
		}
		if err := s.fill(); err != nil {
			return Token{}, s.Fail(err)
		}
	}
	if n > MaxText {
		return s.fail("a text of more than %d bytes: longer than any of a list", MaxText)
	}
	raw := s.buf[s.pos : s.pos+n]
	if len(s.ends) > 0 && bytes.Contains(raw, []byte("]]>")) {
		return s.fail("]]> outside of CDATA")
	}
	s.scratch = s.scratch[:0]
	t, err := s.resolve(raw, true)
	if err != nil {
		return Token{}, s.Fail(err)
	}
	s.take(n)
	if len(skipBlanks(t)) > 0 {
		s.begun = true
	}
	return Token{Kind: Text, Text: t}, nil
}

func (s *Scanner) cdata() (Token, error) {
	if len(s.ends) == 0 {
		return s.fail("text outside of the root element")
	}
	n, err := s.upTo("]]>", 9, MaxText)
	if err != nil {
		return Token{}, err
	}
	s.scratch = s.scratch[:0]
	t, err := s.resolve(s.buf[s.pos+9:s.pos+n-3], false)
	if err != nil {
		return Token{}, s.Fail(err)
	}
	s.take(n)
	return Token{Kind: Text, Text: t}, nil
}

// instruction passes over <?…?>, reading only the declaration of the document.
func (s *Scanner) instruction() error {
	n, err := s.upTo("?>", 2, maxTag)
	if err != nil {
		return err
	}
	b := s.buf[s.pos+2 : s.pos+n-2]
	k := nameLen(b)
	if _, ok := cutPrefix(b[:k]); !ok || k < len(b) && bytes.IndexByte([]byte(" \t\r\n"), b[k]) < 0 {
		return s.Fail(errors.New("a processing instruction without a name"))
	}
	if bytes.EqualFold(b[:k], []byte("xml")) {
		if s.begun || string(b[:k]) != "xml" {
			return s.Fail(errors.New("an XML declaration that is not the first of the document"))
		}
		if err := s.attributes(b[k:]); err != nil {
			return s.Fail(fmt.Errorf("the XML declaration: %w", err))
		}
		version := false
		for _, a := range s.attrs {
			switch {
			case string(a.Name) == "version" && string(a.Value) == "1.0":
				version = true
			case string(a.Name) == "encoding" && !bytes.EqualFold(a.Value, []byte("utf-8")):
				return s.Fail(fmt.Errorf("encoded in %q: want UTF-8", watchlist.Short(string(a.Value))))
			}
		}
		if !version {
			return s.Fail(errors.New("the XML declaration does not say version 1.0"))
		}
	}
	s.take(n)
	return nil
}

func (s *Scanner) start() (Token, error) {
	// A > may stand in a quoted value.
	n, quote := 1, byte(0)
	for {
		b := s.buf[s.pos:]
		for n < len(b) && (quote != 0 || b[n] != '>') {
			switch c := b[n]; {
			case c == quote:
				quote = 0
			case quote == 0 && (c == '"' || c == '\''):
				quote = c
			}
			n++
		}
		if n > maxTag {
			return s.fail("a tag of more than %d bytes: longer than any of a list", maxTag)
		}
		if n < len(b) {
			break
		}
		if s.eof {
			return s.fail("it breaks off: %w", watchlist.ErrTruncated)
		}
		if err := s.fill(); err != nil {
			return Token{}, s.Fail(err)
		}
	}
	b := s.buf[s.pos+1 : s.pos+n]
	empty := len(b) > 0 && b[len(b)-1] == '/'
	if empty {
		b = b[:len(b)-1]
	}
	k := nameLen(b)
	local, ok := cutPrefix(b[:k])
	if !ok {
		return s.fail("<%s>: not a name of an element", watchlist.Short(string(b)))
	}
	if len(s.ends) == 0 && s.root {
		return s.fail("a second root element <%s>", watchlist.Short(string(b[:k])))
	}
	if len(s.ends) >= MaxDepth {
		return s.fail("elements nested deeper than %d", MaxDepth)
	}
	if err := s.attributes(b[k:]); err != nil {
		return s.fail("<%s>: %w", watchlist.Short(string(b[:k])), err)
	}
	s.root, s.begun = true, true
	s.open = append(s.open, b[:k]...)
	s.ends = append(s.ends, len(s.open))
	if empty {
		s.raw = b[:k]
	}
	s.take(n + 1)
	return Token{Kind: Start, Name: local, Attrs: s.attrs}, nil
}

// end closes the element last opened, which must have that name.
func (s *Scanner) end(name []byte) (Token, error) {
	if len(s.ends) == 0 {
		return s.fail("</%s>: no element is open", watchlist.Short(string(name)))
	}
	from := 0
	if k := len(s.ends); k > 1 {
		from = s.ends[k-2]
	}
	if open := s.open[from:]; !bytes.Equal(open, name) {
		return s.fail("</%s>: <%s> is open", watchlist.Short(string(name)), open)
	}
	s.open, s.ends = s.open[:from], s.ends[:len(s.ends)-1]
	local, _ := cutPrefix(name)
	return Token{Kind: End, Name: local}, nil
}

// attributes reads what follows the name in a tag, into s.attrs.
func (s *Scanner) attributes(b []byte) error {
	s.attrs, s.scratch = s.attrs[:0], s.scratch[:0]
	for {
		rest := skipBlanks(b)
		if len(rest) == 0 {
			return nil
		}
		if len(rest) == len(b) {
			return errors.New("no space before an attribute")
		}
		k := nameLen(rest)
		name, ok := cutPrefix(rest[:k])
		if !ok {
			return errors.New("not a name of an attribute")
		}
		whole := rest[:k]
		rest = skipBlanks(rest[k:])
		if len(rest) == 0 || rest[0] != '=' {
			return fmt.Errorf("attribute %s without a value", watchlist.Short(string(whole)))
		}
		rest = skipBlanks(rest[1:])
		if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
			return fmt.Errorf("attribute %s: its value has no quotes", watchlist.Short(string(whole)))
		}
		n := bytes.IndexByte(rest[1:], rest[0])
		if n < 0 {
			return fmt.Errorf("attribute %s: its value has no end", watchlist.Short(string(whole)))
		}
		if len(s.attrs) == MaxAttributes {
			return fmt.Errorf("more than %d attributes", MaxAttributes)
		}
		if bytes.IndexByte(rest[1:1+n], '<') >= 0 {
			return fmt.Errorf("attribute %s: < in its value", watchlist.Short(string(whole)))
		}
		value, err := s.resolve(rest[1:1+n], true)
		if err != nil {
			return fmt.Errorf("attribute %s: %w", watchlist.Short(string(whole)), err)
		}
		for _, a := range s.attrs {
			if bytes.Equal(a.Name, name) && len(name) == len(whole) {
				return fmt.Errorf("attribute %s twice", watchlist.Short(string(whole)))
			}
		}
		s.attrs = append(s.attrs, Attr{name, value})
		b = rest[n+2:]
	}
}

// skipBlanks is b from its first byte on that is no white space of XML.
func skipBlanks(b []byte) []byte {
	for i, c := range b {
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return b[i:]
		}
	}
	return nil
}

// resolve gives the text that b stands for: b itself mostly.
func (s *Scanner) resolve(b []byte, references bool) ([]byte, error) {
	plain := true
	for i := 0; i < len(b); {
		c := b[i]
		if c < utf8.RuneSelf {
			if c == '&' && references || c == '\r' {
				plain = false
			} else if c < ' ' && c != '\t' && c != '\n' {
				return nil, fmt.Errorf("character U+%04X: not one of XML", c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return nil, fmt.Errorf("byte 0x%02X: not UTF-8", c)
		}
		if !isChar(r) {
			return nil, fmt.Errorf("character U+%04X: not one of XML", r)
		}
		i += n
	}
	if plain {
		return b, nil
	}
	from := len(s.scratch)
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\r':
			s.scratch = append(s.scratch, '\n')
			if i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
		case b[i] == '&' && references:
			n := bytes.IndexByte(b[i:], ';')
			if n < 0 || n > 12 {
				return nil, errors.New("& without ;")
			}
			r, ok := reference(string(b[i+1 : i+n]))
			if !ok {
				return nil, fmt.Errorf("reference &%s;: not one of XML's own", b[i+1:i+n])
			}
			s.scratch = utf8.AppendRune(s.scratch, r)
			i += n
		default:
			s.scratch = append(s.scratch, b[i])
		}
	}
	return s.scratch[from:], nil
}

func reference(name string) (rune, bool) {
	switch name {
	case "amp":
		return '&', true
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	base, digits := 10, name
	if len(digits) < 2 || digits[0] != '#' {
		return 0, false
	}
	if digits = digits[1:]; digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 31)
	return rune(n), err == nil && isChar(rune(n))
}

// isChar holds for the characters of XML 1.0, section 2.2.
func isChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xD7FF || r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// nameLen is how many bytes of b are a name in ASCII.
func nameLen(b []byte) int {
	for i, c := range b {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
		if !letter && (i == 0 || c != ':' && c != '-' && c != '.' && (c < '0' || c > '9')) {
			return i
		}
	}
	return len(b)
}

// cutPrefix takes the prefix off a name.
func cutPrefix(b []byte) (local []byte, ok bool) {
	i := bytes.IndexByte(b, ':')
	if i < 0 {
		return b, len(b) > 0
	}
	local = b[i+1:]
	return local, nameLen(local) == len(local) && len(local) > 0 && bytes.IndexByte(local, ':') < 0
}
