package listxml

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"sallyport/watchlist"
)

// DecodeElement is that of the xml.Decoder, and keeps count of what the element has in it that v
// has no field for; see [Reader.Unread].
func (r *Reader) DecodeElement(v any, start *xml.StartElement) error {
	of := shapeOf(reflect.TypeOf(v))
	if r.guard.attributes {
		for _, a := range start.Attr {
			r.guard.attribute(of, start.Name.Local, a)
		}
	}
	r.guard.path, r.guard.shapes = append(r.guard.path[:0], start.Name.Local), append(r.guard.shapes[:0], of)
	err := r.Decoder.DecodeElement(v, start)
	r.guard.shapes = nil
	return err
}

// Unread tells, in the order of the file, of the elements and attributes that were decoded into
// nothing, each kind once with its first line and how many there are. Those of the names given
// are passed over: the reader knows that they say nothing of whom is listed.
func (r *Reader) Unread(file string, known ...string) []watchlist.Problem {
	var out []watchlist.Problem
	for field, u := range r.guard.unread {
		if slices.Contains(known, field[strings.LastIndexAny(field, ">@")+1:]) || u.text == "" {
			continue
		}
		text := fmt.Sprintf("%q: not read", watchlist.Short(u.text))
		if u.times > 1 {
			text += fmt.Sprintf(", nor are %d more of it", u.times-1)
		}
		out = append(out, watchlist.Problem{File: file, Line: u.line, Field: field, Text: text})
	}
	slices.SortFunc(out, func(a, b watchlist.Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Field, b.Field)
	})
	return out
}

// An unread is what was found of one kind, which is a path from the entry on.
type unread struct {
	line, times int
	text        string // the first that is not blank, of the element or what stands in it
}

// maxUnread bounds the kinds; no schema has as many.
const maxUnread = 1000

func (g *guard) found(field, text string, times int) {
	u := g.unread[field]
	if u == nil {
		if len(g.unread) >= maxUnread {
			return
		}
		if g.unread == nil {
			g.unread = map[string]*unread{}
		}
		line, _ := g.in.InputPos()
		u = &unread{line: line}
		g.unread[field] = u
	}
	u.times += times
	if u.text == "" {
		u.text = text
	}
}

func (g *guard) attribute(of *shape, path string, a xml.Attr) {
	// Of names of name spaces nothing is told.
	if of != nil && !of.attributes[a.Name.Local] && a.Name.Local != "line" && a.Name.Space != "xmlns" && a.Name.Local != "xmlns" && a.Name.Space != "xsi" {
		g.found(path+"@"+a.Name.Local, strings.TrimSpace(a.Value), 1)
	}
}

// follow keeps step with the tokens of an element that is being decoded.
func (g *guard) follow(tok xml.Token) {
	if len(g.shapes) == 0 {
		return
	}
	// Where a shape is nil the element is unread, and so is what stands in it.
	at := g.shapes[len(g.shapes)-1]
	switch t := tok.(type) {
	case xml.StartElement:
		g.path = append(g.path, t.Name.Local)
		var child *shape
		if at != nil {
			if child = at.elements[t.Name.Local]; child == nil {
				child = at.rest
			}
			if child == nil {
				g.found(strings.Join(g.path, ">"), "", 1)
			}
		}
		g.shapes = append(g.shapes, child)
		if g.attributes || child == nil {
			for _, a := range t.Attr {
				if child != nil {
					g.attribute(child, strings.Join(g.path, ">"), a)
				} else if a.Name.Local != "line" {
					g.within(strings.TrimSpace(a.Value))
				}
			}
		}
	case xml.EndElement:
		g.path, g.shapes = g.path[:len(g.path)-1], g.shapes[:len(g.shapes)-1]
	case xml.CharData:
		if at == nil {
			g.within(string(bytes.TrimSpace(t)))
		}
	}
}

// within keeps a text of the unread element that is open.
func (g *guard) within(text string) {
	if text == "" {
		return
	}
	for i, s := range g.shapes {
		if s == nil {
			g.found(strings.Join(g.path[:i+1], ">"), text, 0)
			return
		}
	}
}

// A shape is what a type has fields for.
type shape struct {
	elements   map[string]*shape
	attributes map[string]bool
	rest       *shape // of any other element, or nil
}

// anything is the shape of what is kept whole.
var anything = func() *shape {
	s := &shape{}
	s.rest = s
	return s
}()

var shapes sync.Map // reflect.Type → *shape

// shapeOf reads the tags of encoding/xml that the readers of lists use: names, paths, ",attr",
// ",chardata" and embedded structs.
func shapeOf(t reflect.Type) *shape {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{elements: map[string]*shape{}, attributes: map[string]bool{}}
	if t.Kind() == reflect.Struct {
		s.add(t)
	}
	shapes.Store(t, s)
	return s
}

func (s *shape) add(t reflect.Type) {
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("xml"), ",")
		switch {
		case f.Anonymous && name == "":
			s.add(f.Type)
		case options == "any":
			s.rest = shapeOf(f.Type)
		case options == "innerxml":
			s.rest = anything
		case name == "":
		case options == "attr":
			s.attributes[name] = true
		default:
			in := s
			path := strings.Split(name, ">")
			for _, p := range path[:len(path)-1] {
				if in.elements[p] == nil {
					in.elements[p] = &shape{elements: map[string]*shape{}, attributes: map[string]bool{}}
				}
				in = in.elements[p]
			}
			in.elements[path[len(path)-1]] = shapeOf(f.Type)
		}
	}
}
