package law

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
)

// Facts is what is known when a decision is taken: values by the dotted names of
// [Schema]. What was never set is unknown. The zero value knows nothing.
//
// Its JSON is canonical: one object, names sorted, sets sorted and without
// repetition, no insignificant space. A copy shares its values with the original;
// use [Facts.Clone] to change one of them alone.
type Facts struct {
	// By place in the schema: string, []string, int64, bool or map[string]int64, as the
	// schema has it; nil where unknown. Nil as a whole where nothing is known.
	values []any
}

// Set states a fact. The value is a string, []string, int64 (or int), bool or
// map[string]int64, as the schema has it, and is copied. Setting a fact again
// replaces it.
func (f *Facts) Set(name string, value any) error {
	_, place, ok := docOf(name)
	if !ok {
		return fmt.Errorf("law: fact %q is not in the schema", name)
	}
	v, err := stated[place].value(&schema[place], value)
	if err != nil {
		return fmt.Errorf("law: %w", err)
	}
	if f.values == nil {
		f.values = make([]any, len(schema))
	}
	f.values[place] = v
	return nil
}

// Unset makes the fact unknown again.
func (f *Facts) Unset(name string) {
	if _, place, ok := docOf(name); ok && f.values != nil {
		f.values[place] = nil
	}
}

// value is what was stated, or nil.
func (f Facts) value(name string) any {
	_, place, ok := docOf(name)
	if !ok || f.values == nil {
		return nil
	}
	return f.values[place]
}

// Known reports whether the fact was stated.
func (f Facts) Known(name string) bool { return f.value(name) != nil }

// Names is every fact that was stated, sorted.
func (f Facts) Names() []string {
	var names []string
	for i, v := range f.values {
		if v != nil {
			names = append(names, schema[i].Name)
		}
	}
	return names
}

// Text is the value of a text fact, and whether it was stated.
func (f Facts) Text(name string) (string, bool) {
	s, ok := f.value(name).(string)
	return s, ok
}

// Texts is the value of a set of texts, sorted, and whether it was stated.
func (f Facts) Texts(name string) ([]string, bool) {
	s, ok := f.value(name).([]string)
	return slices.Clone(s), ok
}

// Number is the value of a number, and whether it was stated.
func (f Facts) Number(name string) (int64, bool) {
	n, ok := f.value(name).(int64)
	return n, ok
}

// Truth is the value of a truth, and whether it was stated.
func (f Facts) Truth(name string) (value, known bool) {
	b, ok := f.value(name).(bool)
	return b, ok
}

// Shares is the value of a map of shares, and whether it was stated.
func (f Facts) Shares(name string) (map[string]int64, bool) {
	m, ok := f.value(name).(map[string]int64)
	return maps.Clone(m), ok
}

// Clone is a copy that shares nothing with f that either could change.
func (f Facts) Clone() Facts {
	// The values themselves are never written to after Set has copied them.
	return Facts{values: slices.Clone(f.values)}
}

// With is a copy in which every fact that g states is as g has it.
func (f Facts) With(g Facts) Facts {
	out := f.Clone()
	for i, v := range g.values {
		if v == nil {
			continue
		}
		if out.values == nil {
			out.values = make([]any, len(schema))
		}
		out.values[i] = v
	}
	return out
}

// Only is the facts whose names are wanted.
func (f Facts) Only(wanted func(name string) bool) Facts {
	out := f.Clone()
	for i := range out.values {
		if !wanted(schema[i].Name) {
			out.values[i] = nil
		}
	}
	return out
}

// MarshalJSON writes the canonical form.
func (f Facts) MarshalJSON() ([]byte, error) { return f.AppendJSON(make([]byte, 0, 512)) }

// AppendJSON appends the canonical form, as encoding/json would write it.
func (f Facts) AppendJSON(b []byte) ([]byte, error) {
	// Every decision is hashed in this form; the schema is in order already, so that
	// nothing need be sorted (BenchmarkDecide in package gate).
	b = append(b, '{')
	first := true
	for i, v := range f.values {
		if v == nil {
			continue
		}
		d := &schema[i]
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, '"')
		b = append(b, d.Name...)
		b = append(b, '"', ':')
		switch v := v.(type) {
		case string:
			b = AppendText(b, v)
		case []string:
			b = AppendTexts(b, v)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case map[string]int64:
			if len(v) == 0 {
				b = append(b, '{', '}')
				continue
			}
			rest, err := json.Marshal(v) // which sorts the keys of maps
			if err != nil {
				return nil, err
			}
			b = append(b, rest...)
		}
	}
	return append(b, '}'), nil
}

// plain is the bytes that encoding/json writes as they stand.
var plain = func() (is [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		is[c] = true
	}
	for _, c := range "\"\\<>&" {
		is[c] = false
	}
	return is
}()

// AppendText appends a JSON string as encoding/json writes it.
func AppendText(b []byte, s string) []byte {
	for i := range len(s) {
		if !plain[s[i]] {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // no string fails to encode
			}
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, s...)
	return append(b, '"')
}

// AppendTexts appends a JSON array of strings as encoding/json writes it; nil is null.
func AppendTexts(b []byte, texts []string) []byte {
	if texts == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i, s := range texts {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendText(b, s)
	}
	return append(b, ']')
}

// UnmarshalJSON reads what MarshalJSON wrote, in any order of names and with any
// space. It refuses a name outside the schema, a name given twice, a null, and a
// value of another type than the schema has.
func (f *Facts) UnmarshalJSON(b []byte) error {
	if read, ok := readPlain(b); ok {
		*f = read
		return nil
	}
	read, err := readAny(b)
	if err != nil {
		return fmt.Errorf("law: facts: %w", err)
	}
	*f = read
	return nil
}

func readAny(b []byte) (read Facts, err error) {
	err = eachMember(b, func(name string, raw json.RawMessage) error {
		doc, _, ok := docOf(name)
		if !ok {
			return fmt.Errorf("fact %q is not in the schema", name)
		}
		v, err := doc.decode(raw)
		if err != nil {
			return err
		}
		return read.Set(name, v)
	})
	return read, err
}

func (d *FactDoc) wrong(v any) error {
	return fmt.Errorf("fact %s: %T: want %s", d.Name, v, d.Type.CEL())
}

// value copies v and brings it into the form in which it is kept.
func (d *FactDoc) value(v any) (any, error) {
	switch d.Type {
	case TextFact:
		s, ok := v.(string)
		if !ok {
			return nil, d.wrong(v)
		}
		return s, d.check(s)
	case TextsFact:
		list, ok := v.([]string)
		if !ok {
			return nil, d.wrong(v)
		}
		set := append([]string{}, list...)
		slices.Sort(set)
		set = slices.Compact(set)
		if len(set) > maxTexts {
			return nil, fmt.Errorf("fact %s: %d values, at most %d are allowed", d.Name, len(set), maxTexts)
		}
		for _, s := range set {
			if err := d.check(s); err != nil {
				return nil, err
			}
		}
		return set, nil
	case NumberFact:
		switch n := v.(type) {
		case int64:
			return n, nil
		case int:
			return int64(n), nil
		}
		return nil, d.wrong(v)
	case TruthFact:
		b, ok := v.(bool)
		if !ok {
			return nil, d.wrong(v)
		}
		return b, nil
	case SharesFact:
		m, ok := v.(map[string]int64)
		if !ok {
			return nil, d.wrong(v)
		}
		if len(m) > maxTexts {
			return nil, fmt.Errorf("fact %s: %d values, at most %d are allowed", d.Name, len(m), maxTexts)
		}
		kept := make(map[string]int64, len(m))
		for k, n := range m {
			if err := d.check(k); err != nil {
				return nil, err
			}
			if n < 0 || n > 10000 {
				return nil, fmt.Errorf("fact %s: %s: %d basis points: want 0 to 10000", d.Name, k, n)
			}
			kept[k] = n
		}
		return kept, nil
	}
	return nil, d.wrong(v)
}

func (d *FactDoc) decode(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		return nil, fmt.Errorf("fact %s: null; leave an unknown fact out", d.Name)
	}
	var err error
	var v any
	switch d.Type {
	case TextFact:
		v, err = decodeAs[string](raw)
	case TextsFact:
		v, err = decodeTexts(raw)
	case NumberFact:
		v, err = decodeAs[int64](raw)
	case TruthFact:
		v, err = decodeAs[bool](raw)
	case SharesFact:
		m := map[string]int64{}
		err = eachMember(raw, func(name string, raw json.RawMessage) error {
			n, err := decodeAs[int64](raw)
			m[name] = n
			return err
		})
		v = m
	}
	if err != nil {
		return nil, fmt.Errorf("fact %s: %s: want %s", d.Name, shorten(raw), d.Type.CEL())
	}
	return v, nil
}

func decodeTexts(raw json.RawMessage) ([]string, error) {
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return nil, err
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		s, err := decodeAs[string](item)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

// decodeAs is json.Unmarshal that takes no null for a zero value.
func decodeAs[T any](raw json.RawMessage) (T, error) {
	var v T
	if string(bytes.TrimSpace(raw)) == "null" {
		return v, errors.New("null")
	}
	err := json.Unmarshal(raw, &v)
	return v, err
}

// eachMember calls fn for the members of one JSON object, in their order, and
// refuses a name that comes twice: which of the two a reader believes differs
// from reader to reader.
func eachMember(b []byte, fn func(name string, raw json.RawMessage) error) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	start, err := dec.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('{') {
		return fmt.Errorf("%s: want an object", shorten(b))
	}
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("%v: want a name", key)
		}
		if seen[name] {
			return fmt.Errorf("%q is given twice", name)
		}
		seen[name] = true
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		if err := fn(name, raw); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("more than one object")
	}
	return nil
}

func shorten(b []byte) string {
	if len(b) > 60 {
		return string(b[:60]) + "…"
	}
	return string(b)
}
