package law

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"sallyport/internal/memo"
)

// A memory keeps the values of one fact that were stated before and found to be in order: the same few countries, lists and
// truths are stated of everybody, and each is checked and kept once.
type memory struct {
	memo.Memo[any] // by their JSON
}

// stated is a memory for each fact of the schema.
var stated = make([]memory, len(schema))

// value is FactDoc.value of a text or a set of texts that was stated before, or as it is.
func (m *memory) value(d *FactDoc, v any) (any, error) {
	var room [memo.DefaultMaxLen]byte
	var written []byte
	switch v := v.(type) {
	case string:
		if utf8.ValidString(v) { // of others JSON writes several alike
			written = AppendText(room[:0], v)
		}
	case []string:
		if v != nil && !slices.ContainsFunc(v, func(s string) bool { return !utf8.ValidString(s) }) {
			written = AppendTexts(room[:0], v)
		}
	}
	if written == nil {
		return d.value(v)
	}
	if kept, ok := m.Find(written); ok {
		return kept, nil
	}
	kept, err := d.value(v)
	if err == nil {
		m.Add(written, kept)
	}
	return kept, err
}

// readPlain reads facts that are written as MarshalJSON writes them and have nothing in them that it would have to escape,
// which is nearly always so. It reports false where that is not so, or where something is wrong with them.
func readPlain(b []byte) (Facts, bool) {
	if len(b) < 2 || b[0] != '{' {
		return Facts{}, false
	}
	if b = b[1:]; b[0] == '}' {
		return Facts{}, len(b) == 1
	}
	read := Facts{values: make([]any, len(schema))}
	place := 0
	for {
		name, rest, ok := plainText(b)
		if !ok || len(rest) < 2 || rest[0] != ':' {
			return Facts{}, false
		}
		for place < len(schema) && schema[place].Name < string(name) {
			place++
		}
		if place == len(schema) || schema[place].Name != string(name) || read.values[place] != nil {
			return Facts{}, false
		}
		if read.values[place], b, ok = schema[place].readPlain(&stated[place], rest[1:]); !ok || len(b) == 0 {
			return Facts{}, false
		}
		switch {
		case b[0] == '}':
			return read, len(b) == 1
		case b[0] != ',':
			return Facts{}, false
		}
		b = b[1:]
	}
}

// readPlain reads a value and gives what is behind it.
func (d *FactDoc) readPlain(m *memory, b []byte) (v any, rest []byte, ok bool) {
	switch d.Type {
	case TextFact:
		var s []byte
		if s, rest, ok = plainText(b); !ok {
			return nil, nil, false
		}
		written := b[:len(b)-len(rest)]
		if v, ok = m.Find(written); ok {
			return v, rest, true
		}
		v, err := m.value(d, string(s))
		return v, rest, err == nil
	case TextsFact:
		list, rest, ok := plainTexts(b)
		if !ok {
			return nil, nil, false
		}
		if v, ok = m.Find(b[:len(b)-len(rest)]); ok {
			return v, rest, true
		}
		texts := []string{}
		for len(list) > 0 {
			s, behind, _ := plainText(list)
			texts = append(texts, string(s))
			list = behind[min(1, len(behind)):] // without the comma
		}
		v, err := m.value(d, texts)
		return v, rest, err == nil
	case NumberFact:
		n := 0
		for n < len(b) && (b[n] == '-' || b[n] >= '0' && b[n] <= '9') {
			n++
		}
		x, err := strconv.ParseInt(string(b[:n]), 10, 64)
		if err != nil || strconv.FormatInt(x, 10) != string(b[:n]) {
			return nil, nil, false
		}
		return x, b[n:], true
	case TruthFact:
		for _, t := range []bool{false, true} {
			if w := strconv.FormatBool(t); len(b) > len(w) && string(b[:len(w)]) == w {
				return t, b[len(w):], true
			}
		}
	case SharesFact:
		if len(b) > 2 && string(b[:2]) == "{}" {
			return map[string]int64{}, b[2:], true
		}
	}
	return nil, nil, false
}

// plainText reads a JSON string of bytes that stand for themselves.
func plainText(b []byte) (s, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, false
	}
	for i := 1; i < len(b); i++ {
		if b[i] == '"' {
			return b[1:i], b[i+1:], true
		}
		if !plain[b[i]] {
			break
		}
	}
	return nil, nil, false
}

// plainTexts reads a JSON array of such strings without any space; list is what is between its brackets.
func plainTexts(b []byte) (list, rest []byte, ok bool) {
	if len(b) < 2 || b[0] != '[' {
		return nil, nil, false
	}
	if b[1] == ']' {
		return nil, b[2:], true
	}
	for rest = b[1:]; ; rest = rest[1:] {
		if _, rest, ok = plainText(rest); !ok || len(rest) == 0 {
			return nil, nil, false
		}
		switch rest[0] {
		case ']':
			return b[1 : len(b)-len(rest)], rest[1:], true
		case ',':
		default:
			return nil, nil, false
		}
	}
}
