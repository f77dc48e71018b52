package listxml

import (
	"fmt"
	"io"
	"strings"

	"sallyport/watchlist"
)

// A Node is an element read whole. Nodes belong to the [Tree] that read them and are good
// until it reads the next.
type Node struct {
	Name     string
	Line     int
	attrs    []string // name, value, name, value …
	text     []byte
	children []*Node
}

// A Tree reads one element after the other into the same memory.
type Tree struct {
	nodes []*Node
	used  int
	names map[string]string
}

func (t *Tree) node() *Node {
	if t.used == len(t.nodes) {
		t.nodes = append(t.nodes, new(Node))
	}
	n := t.nodes[t.used]
	t.used++
	n.attrs, n.text, n.children = n.attrs[:0], n.text[:0], n.children[:0]
	return n
}

func (t *Tree) name(b []byte) string {
	if n, ok := t.names[string(b)]; ok {
		return n
	}
	if t.names == nil || len(t.names) > 1000 { // no schema has as many
		t.names = map[string]string{}
	}
	n := string(b)
	t.names[n] = n
	return n
}

// Read reads the rest of the element that start began.
func (t *Tree) Read(s *Scanner, start Token) (*Node, error) {
	t.used = 0
	return t.read(s, start)
}

func (t *Tree) read(s *Scanner, start Token) (*Node, error) {
	n := t.node()
	n.Name, n.Line = t.name(start.Name), s.Line()
	for _, a := range start.Attrs {
		n.attrs = append(n.attrs, t.name(a.Name), string(a.Value))
	}
	for {
		tok, err := s.Next()
		if err != nil {
			return nil, err
		}
		switch tok.Kind {
		case End:
			return n, nil
		case Text:
			n.text = append(n.text, tok.Text...)
		case Start:
			c, err := t.read(s, tok)
			if err != nil {
				return nil, err
			}
			n.children = append(n.children, c)
		}
	}
}

// Attr is the value of an attribute, "" where there is none.
func (n *Node) Attr(name string) string {
	if n != nil {
		for i := 0; i < len(n.attrs); i += 2 {
			if n.attrs[i] == name {
				return n.attrs[i+1]
			}
		}
	}
	return ""
}

// Text is the element's own text without the white space around it; of nil it is "".
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(string(n.text))
}

// Children are the elements in it, in order.
func (n *Node) Children() []*Node {
	if n == nil {
		return nil
	}
	return n.children
}

// Find goes down the first child of each name, and is nil where there is none.
func (n *Node) Find(path ...string) *Node {
	for _, name := range path {
		var next *Node
		for _, c := range n.Children() {
			if c.Name == name {
				next = c
				break
			}
		}
		n = next
	}
	return n
}

// Empty reports whether there is nothing in the element: no text, no attribute, no child.
func (n *Node) Empty() bool {
	return n == nil || len(n.attrs) == 0 && len(n.children) == 0 && n.Text() == ""
}

// Sections reads a document of a root in which sections stand, each with its pieces side by
// side, in the memory of one piece. take is given each piece with the name of its section. An
// element in the root that whole holds for is a piece itself, of no section.
//
// It gives the sections that were read to their ends. An error of take gets the line of its piece.
func Sections(in io.Reader, root string, whole func(name string) bool, take func(section string, n *Node) error) (ended map[string]bool, err error) {
	s, err := Scan(in)
	if err != nil {
		return nil, err
	}
	ended = map[string]bool{}
	var tree Tree
	section := ""
	for {
		tok, err := s.Next()
		if err == io.EOF {
			return ended, nil
		}
		if err != nil {
			return nil, err
		}
		switch {
		case tok.Kind == End && s.Depth() == 1:
			ended[section], section = true, ""
		case tok.Kind != Start:
		case s.Depth() == 1:
			if string(tok.Name) != root {
				return nil, s.Fail(fmt.Errorf("root element <%s>: want <%s>: not this list", watchlist.Short(string(tok.Name)), root))
			}
		case s.Depth() == 2 && !whole(string(tok.Name)):
			section = string(tok.Name)
		default:
			n, err := tree.Read(s, tok)
			if err != nil {
				return nil, err
			}
			if err := take(section, n); err != nil {
				return nil, fmt.Errorf("line %d: %w", n.Line, err)
			}
		}
	}
}
