package gate

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/law"
)

// Bounds of what one request may hold.
const (
	maxText  = 500 // bytes of any text
	maxList  = 100 // entries of any list
	maxDepth = 16  // levels of objects and lists
)

// decode reads one JSON object into v, strictly: no unknown field, no field twice, nothing
// after it, every text and list within bounds.
func decode(b []byte, v any) *Error {
	if len(bytes.TrimSpace(b)) == 0 {
		return wrong(badJSON, "", "The request is empty. Send a JSON object.")
	}
	if !utf8.Valid(b) {
		return wrong(badJSON, "", "The request is not UTF-8.")
	}
	if e := singly(b); e != nil {
		return e
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return unread(err)
	}
	if e := bounded("", reflect.ValueOf(v).Elem()); e != nil {
		return e
	}
	return needed("", reflect.ValueOf(v).Elem())
}

// needed says which field of a question is missing: of the types of this package, what is
// not left out when it is empty.
func needed(path string, v reflect.Value) *Error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || v.Type().PkgPath() != reflect.TypeFor[Ask]().PkgPath() {
		return nil
	}
	for _, f := range fields(v.Type()) {
		at, x := strings.TrimPrefix(path+"."+f.name, "."), v.FieldByIndex(f.index)
		if f.required && x.IsZero() {
			return wrong(invalidField, at, "This is needed. %s", f.doc)
		}
		if e := needed(at, x); e != nil {
			return e
		}
	}
	return nil
}

// singly reads the JSON as tokens: one object, no name twice in one object, not too deep.
// Which of two fields of one name a reader believes differs from reader to reader.
func singly(b []byte) *Error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	type level struct {
		names map[string]bool // nil for a list
		name  bool            // a name comes next
	}
	var open []level
	for first := true; first || len(open) > 0; first = false {
		t, err := dec.Token()
		if err != nil {
			return unread(err)
		}
		top := len(open) - 1
		if first && t != json.Delim('{') {
			return wrong(badJSON, "", "Send a JSON object.")
		}
		if top >= 0 && open[top].names != nil && open[top].name {
			if name, ok := t.(string); ok {
				if open[top].names[name] {
					return wrong(badJSON, name, "The field %q stands there twice. Send it once.", cut(name))
				}
				open[top].names[name], open[top].name = true, false
				continue
			}
		}
		if top >= 0 {
			open[top].name = open[top].names != nil
		}
		switch t {
		case json.Delim('{'):
			open = append(open, level{map[string]bool{}, true})
		case json.Delim('['):
			open = append(open, level{})
		case json.Delim('}'), json.Delim(']'):
			open = open[:top]
		}
		if len(open) > maxDepth {
			return wrong(badJSON, "", "More than %d levels of objects and lists. Send fewer.", maxDepth)
		}
	}
	if _, err := dec.Token(); err != io.EOF {
		return wrong(badJSON, "", "Something follows the JSON object. Send one object.")
	}
	return nil
}

func cut(s string) string {
	if len(s) > 60 {
		return s[:60]
	}
	return s
}

// unread tells an error of encoding/json by field.
func unread(err error) *Error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ") // "number 5" has the value in it
		return wrong(invalidField, kind.Field, "A %s does not go here; want %s.", what, wanted(kind.Type))
	case errors.As(err, &syntax):
		return wrong(badJSON, "", "It is no JSON at byte %d.", syntax.Offset)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return wrong(badJSON, "", "The JSON ends in the middle. Send it whole.")
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(text, "unknown field "); ok {
		return wrong(unknownField, strings.Trim(name, `"`), "There is no such field here. GET /gate/v1/openapi.json lists those there are.")
	}
	field := ""
	for _, named := range []string{"law: facts: fact ", "entity: unknown ", "money: "} {
		if strings.HasPrefix(text, named) {
			field = map[string]string{"law: facts: fact ": "facts", "money: ": "movement.amount"}[named]
		}
	}
	return wrong(invalidField, field, "%s.", cut200(text))
}

func cut200(s string) string {
	if r := []rune(s); len(r) > 200 {
		return string(r[:200]) + "…"
	}
	return s
}

func wanted(t reflect.Type) string {
	if t.Implements(textual) || reflect.PointerTo(t).Implements(textual) {
		return "a text"
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

var (
	textual   = reflect.TypeFor[encoding.TextUnmarshaler]()
	factsType = reflect.TypeFor[law.Facts]()
)

// bounded says which text or list is longer than it may be, or has a character that no such
// text has.
func bounded(path string, v reflect.Value) *Error {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return bounded(path, v.Elem())
		}
	case reflect.String:
		s := v.String()
		if len(s) > maxText {
			return wrong(invalidField, path, "A text of %d bytes: want at most %d.", len(s), maxText)
		}
		if strings.ContainsFunc(s, unicode.IsControl) {
			return wrong(invalidField, path, "There is a control character in the text. Send it without.")
		}
	case reflect.Slice:
		if v.Len() > maxList {
			return wrong(invalidField, path, "%d entries: want at most %d.", v.Len(), maxList)
		}
		for i := range v.Len() {
			if e := bounded(fmt.Sprintf("%s[%d]", path, i), v.Index(i)); e != nil {
				return e
			}
		}
	case reflect.Struct:
		if v.Type() == factsType {
			return nil // the schema of facts has bounds of its own
		}
		for _, f := range fields(v.Type()) {
			at := f.name
			if path != "" {
				at = path + "." + at
			}
			if e := bounded(at, v.FieldByIndex(f.index)); e != nil {
				return e
			}
		}
	}
	return nil
}

// A field of a struct as JSON has it.
type field struct {
	name     string
	index    []int
	typ      reflect.Type
	required bool
	doc      string
}

// fields lists a struct's fields as encoding/json writes them, embedded ones in their place.
func fields(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, _ := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if name == "-" {
			continue
		}
		if f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct {
			for _, inner := range fields(f.Type) {
				inner.index = append([]int{i}, inner.index...)
				out = append(out, inner)
			}
			continue
		}
		if !f.IsExported() {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, field{name, []int{i}, f.Type, !strings.Contains(options, "omit"), f.Tag.Get("doc")})
	}
	return out
}
