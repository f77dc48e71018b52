package gate

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"sallyport/internal/memo"
	"sallyport/law"
)

// AppendJSON appends the decision as encoding/json writes it. It fails for a year outside 0 to 9999, a zone a day or
// more away and a score that is no number.
func (d *Decision) AppendJSON(b []byte) ([]byte, error) { return d.canonical(b, d.ID) }

// IsWritten reports whether a text is the decision as AppendJSON writes it: its one form.
func (d *Decision) IsWritten(text []byte) bool {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	b, err := d.canonical((*buf)[:0], d.ID)
	*buf = b
	return err == nil && bytes.Equal(b, text)
}

// ReadDecision reads a decision as encoding/json does. It shares with others that were read what many have in common, such as
// the rules that were tried: what it gives is to be read, not written to.
func ReadDecision(body []byte) (Decision, error) {
	if d, ok := readPlain(body); ok {
		return d, nil
	}
	var d Decision
	err := json.Unmarshal(body, &d)
	return d, err
}

// readPlain reads what AppendJSON has written, where nothing in it outside findings and the like had to be escaped, which is
// nearly always so. Of nearly all else it reports false; the rest it reads as encoding/json does.
func readPlain(body []byte) (d Decision, ok bool) {
	r := reader{rest: body}
	r.next(`{"id":`)
	d.ID = string(r.text())
	r.next(`,"at":`)
	d.At = r.instant()
	r.next(`,"action":`)
	d.Action = law.Action(r.word())
	r.next(`,"account":`)
	d.Account = r.number()
	r.next(`,"operator":`)
	d.Operator = r.word()
	r.next(`,"nexus":`)
	d.Nexus = r.list()
	r.next(`,"verdict":`)
	if d.Verdict.UnmarshalText(r.text()) != nil {
		return Decision{}, false
	}
	for _, cited := range []struct {
		name string
		to   *[]Fired
	}{{`,"fired":`, &d.Fired}, {`,"exempted":`, &d.Exempted}, {`,"unknown":`, &d.Unknown}} {
		if r.is(cited.name) {
			*cited.to = r.rules()
		}
	}
	r.next(`,"tried":`)
	d.Tried = r.list()
	for _, rare := range []struct {
		name string
		to   any
	}{{`,"sides":`, &d.Sides}, {`,"findings":`, &d.Findings}, {`,"cleared":`, &d.Cleared}, {`,"lapsed":`, &d.Lapsed}} {
		if r.is(rare.name) {
			r.any(rare.to)
		}
	}
	r.next(`,"facts":`)
	if raw := r.value(); r.wrong || d.Facts.UnmarshalJSON(raw) != nil {
		return Decision{}, false
	}
	r.next(`,"subject":`)
	d.Subject = string(r.text())
	r.next(`,"editions":`)
	d.Editions = r.editions()
	if r.is(`,"stale":`) {
		d.Stale = r.list()
	}
	r.next(`,"rules":`)
	d.Rules = r.word()
	r.next(`,"matching":`)
	d.Matching = r.word()
	if r.is(`,"hold":{"owner":`) {
		d.Hold = &HoldTerms{Owner: r.word()}
		r.next(`,"due":`)
		d.Hold.Due = r.instant()
		r.next(`}`)
	}
	if r.is(`,"about":`) {
		d.About = string(r.text())
	}
	if r.is(`,"movement":`) {
		d.Movement = string(r.text())
	}
	if r.is(`,"asked":`) {
		r.any(&d.Asked)
	}
	r.next(`}`)
	if r.wrong || len(r.rest) > 0 {
		return Decision{}, false
	}
	return d, true
}

// A reader goes through canonical JSON. Once something is wrong it stays so.
type reader struct {
	rest  []byte
	wrong bool
}

// is takes what comes next if it is the given text.
func (r *reader) is(s string) bool {
	if len(r.rest) < len(s) || string(r.rest[:len(s)]) != s {
		return false
	}
	r.rest = r.rest[len(s):]
	return true
}

func (r *reader) next(s string) {
	if !r.is(s) {
		r.wrong, r.rest = true, nil
	}
}

func (r *reader) fail() []byte {
	r.wrong, r.rest = true, nil
	return nil
}

// text takes a string of letters that stand for themselves.
func (r *reader) text() []byte {
	if len(r.rest) == 0 || r.rest[0] != '"' {
		return r.fail()
	}
	for i, c := range r.rest[1:] {
		switch {
		case c == '"':
			s := r.rest[1 : 1+i]
			r.rest = r.rest[2+i:]
			return s
		case c == '\\' || c < ' ' || c >= 0x7f:
			return r.fail()
		}
	}
	return r.fail()
}

// instant takes a time.
func (r *reader) instant() (t time.Time) {
	from := r.rest
	s := r.text()
	if r.wrong || t.UnmarshalJSON(from[:len(s)+2]) != nil {
		r.fail()
	}
	return t
}

func (r *reader) number() uint64 {
	n := 0
	for n < len(r.rest) && r.rest[n] >= '0' && r.rest[n] <= '9' {
		n++
	}
	x, err := strconv.ParseUint(string(r.rest[:n]), 10, 64)
	if err != nil || n > 1 && r.rest[0] == '0' {
		r.fail()
		return 0
	}
	r.rest = r.rest[n:]
	return x
}

// value takes the bytes of whatever comes next: of a value, if what comes is JSON.
func (r *reader) value() []byte {
	depth, quoted := 0, false
	for i := 0; i < len(r.rest); i++ {
		switch c := r.rest[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			}
		case c == '"':
			quoted = true
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			if depth--; depth == 0 {
				v := r.rest[:i+1]
				r.rest = r.rest[i+1:]
				return v
			}
		}
		if depth == 0 {
			break // no object and no list
		}
	}
	return r.fail()
}

// any takes what few decisions have, which is left to encoding/json.
func (r *reader) any(to any) {
	if raw := r.value(); !r.wrong && json.Unmarshal(raw, to) != nil {
		r.fail()
	}
}

// word takes a text that many decisions have.
func (r *reader) word() string {
	b := r.text()
	s, ok := words.Find(b)
	if !ok {
		s = string(b)
		words.Add(b, s)
	}
	return s
}

// What many decisions have in common.
var (
	words memo.Memo[string]
	lists = memo.Memo[[]string]{MaxLen: 1 << 16} // of every rule that was tried
	cited = memo.Memo[[]Fired]{MaxLen: 1 << 13}
	taken = memo.Memo[[]EditionRef]{MaxLen: 1 << 13}
)

// list takes a list of texts that many decisions have.
func (r *reader) list() []string { return common(r, &lists) }

// rules takes rules that are cited.
func (r *reader) rules() []Fired { return common(r, &cited) }

// editions takes those that lists had.
func (r *reader) editions() []EditionRef { return common(r, &taken) }

// common takes a list that many decisions have.
func common[T any](r *reader, known *memo.Memo[[]T]) []T {
	if r.is("null") {
		return nil
	}
	raw := r.value()
	if r.wrong {
		return nil
	}
	list, ok := known.Find(raw)
	if ok {
		return list
	}
	if json.Unmarshal(raw, &list) != nil {
		r.fail()
		return nil
	}
	list = slices.Clip(list) // whoever appends to it has a list of their own
	known.Add(raw, list)
	return list
}
