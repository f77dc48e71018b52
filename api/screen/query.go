package screen

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"sallyport/chain"
	"sallyport/entity"
)

// Bounds of one query. They are wide for a person's papers and narrow for a machine's rubbish.
const (
	MaxQuery         = 64 << 10 // bytes of one query
	MaxText          = 500      // bytes of any text in it
	MaxNames         = 20
	MaxNationalities = 10
	MaxDocuments     = 20
	MaxWallets       = 50
	MaxLimit         = 100 // findings; also what is given where no limit is asked for
)

// A Query is who is to be held against the lists: what is known of them. At least a name, a
// document or a wallet must be given.
type Query struct {
	Ref         string     `json:"ref,omitempty"`         // the asker's own; comes back with the answer
	Kind        string     `json:"kind,omitempty"`        // "person", "organisation", "vessel", "aircraft"; "" holds it against all
	Names       names      `json:"names,omitempty"`       // ["Viktor Morozov"] or [{"full","given","patronymic","family"}]
	BirthDate   texts      `json:"birth_date,omitempty"`  // "1962-03-14", "1962", "circa 1962", "1961-01-01/1963-12-31"; or several
	BirthPlace  string     `json:"birth_place,omitempty"` // as written
	Nationality texts      `json:"nationality,omitempty"` // a name or ISO 3166-1 code; or several
	Country     string     `json:"country,omitempty"`     // the seat of a firm
	Gender      string     `json:"gender,omitempty"`      // "female" or "male"
	Documents   []document `json:"documents,omitempty"`   //
	Wallets     []string   `json:"wallets,omitempty"`     // blockchain addresses
	Limit       int        `json:"limit,omitempty"`       // at most so many findings, the best; 0 for MaxLimit
	Threshold   float64    `json:"threshold,omitempty"`   // least score, above 0 and below 1; 0 for the weights' own
}

// A document is a number that somebody issued.
type document struct {
	Type    string `json:"type,omitempty"` // "passport", "national id", "tax id", "registration", …; "" for any
	Number  string `json:"number"`
	Country string `json:"country,omitempty"` // of issue
}

// A name is written whole, or also in parts.
type name struct {
	Full       string `json:"full"`
	Given      string `json:"given,omitempty"`
	Patronymic string `json:"patronymic,omitempty"`
	Family     string `json:"family,omitempty"`
}

// UnmarshalJSON reads a text or an object.
func (n *name) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &n.Full)
	}
	type plain name
	return strict(b, (*plain)(n))
}

type names []name

// UnmarshalJSON reads a list, or one name for a list of one.
func (n *names) UnmarshalJSON(b []byte) error {
	return oneOrMore(b, (*[]name)(n))
}

// texts are one text or several.
type texts []string

// UnmarshalJSON reads a list, or one text for a list of one.
func (t *texts) UnmarshalJSON(b []byte) error {
	return oneOrMore(b, (*[]string)(t))
}

func oneOrMore[T any](b []byte, to *[]T) error {
	if len(b) > 0 && b[0] == '[' {
		return json.Unmarshal(b, to)
	}
	var one T
	if err := json.Unmarshal(b, &one); err != nil {
		return err
	}
	*to = []T{one}
	return nil
}

// strict decodes one JSON value and nothing else, with the documented fields only.
func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("it is empty")
		}
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// A FieldError says what is wrong with one field of a query.
type FieldError struct {
	Field string `json:"field"` // as in the query: "documents[1].number"; "" for the whole
	Text  string `json:"text"`  // what is wanted, or what is wrong
	form  bool   // it is no query at all, rather than one that says nothing comparable
}

func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Text
	}
	return e.Field + ": " + e.Text
}

func field(name, format string, args ...any) *FieldError {
	return &FieldError{Field: name, Text: fmt.Sprintf(format, args...)}
}

// shape is a FieldError about what is no query at all.
func shape(name, format string, args ...any) *FieldError {
	e := field(name, format, args...)
	e.form = true
	return e
}

// ParseQuery reads a query and says whom it is about. The error is a *FieldError.
func ParseQuery(b []byte) (Query, entity.Entity, error) {
	var q Query
	if len(b) > MaxQuery {
		return q, entity.Entity{}, shape("", "the query is longer than %d bytes", MaxQuery)
	}
	if !utf8.Valid(b) {
		return q, entity.Entity{}, shape("", "the query is not UTF-8")
	}
	if err := strict(b, &q); err != nil {
		return q, entity.Entity{}, unread(err)
	}
	e, wrong := q.entity()
	if wrong != nil {
		return q, entity.Entity{}, wrong
	}
	return q, e, nil
}

// unread tells an error of encoding/json by field, without the value: that may be a name.
func unread(err error) *FieldError {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &kind):
		what, _, _ := strings.Cut(kind.Value, " ") // "number 5" has the value in it
		return shape(kind.Field, "a %s does not go here; want %s", what, wanted(kind))
	case errors.As(err, &syntax):
		return shape("", "no JSON at byte %d", syntax.Offset)
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if name, ok := strings.CutPrefix(text, "unknown field "); ok {
		return shape(strings.Trim(name, `"`), "there is no such field")
	}
	return shape("", "%s", text)
}

func wanted(e *json.UnmarshalTypeError) string {
	switch s := e.Type.String(); {
	case strings.HasPrefix(s, "int"), strings.HasPrefix(s, "float"):
		return "a number"
	case strings.HasPrefix(s, "[]"):
		return "a list"
	case s == "string":
		return "a text"
	}
	return "a text or an object"
}

// entity is whom the query is about, or which field says nothing that can be compared.
func (q *Query) entity() (entity.Entity, *FieldError) {
	e := entity.Entity{}
	if wrong := q.bounds(); wrong != nil {
		return e, wrong
	}
	if q.Kind != "" {
		if err := e.Kind.UnmarshalText([]byte(q.Kind)); err != nil || e.Kind == entity.UnknownKind {
			return e, field("kind", "want person, organisation, vessel or aircraft, or leave it out")
		}
	}
	if q.Gender != "" {
		if err := e.Gender.UnmarshalText([]byte(q.Gender)); err != nil || e.Gender == entity.UnknownGender {
			return e, field("gender", "want female or male, or leave it out")
		}
	}
	for i, n := range q.Names {
		if strings.TrimSpace(n.Full) == "" {
			parts := strings.Join(strings.Fields(n.Given+" "+n.Patronymic+" "+n.Family), " ")
			if parts == "" {
				return e, field(fmt.Sprintf("names[%d]", i), "want a name, whole or in parts")
			}
			n.Full = parts
		}
		e.Names = append(e.Names, entity.Name{Full: n.Full, Given: n.Given, Patronymic: n.Patronymic, Family: n.Family})
	}
	for i, s := range q.BirthDate {
		d, err := entity.ParseDates(s)
		if err != nil {
			return e, field(fmt.Sprintf("birth_date[%d]", i), "want 1962-03-14, 1962, circa 1962 or 1961-01-01/1963-12-31")
		}
		e.Birth = append(e.Birth, d)
	}
	if q.BirthPlace != "" {
		e.BirthPlaces = []string{q.BirthPlace}
	}
	for i, s := range q.Nationality {
		c, ok := entity.CountryCode(s)
		if !ok {
			return e, field(fmt.Sprintf("nationality[%d]", i), "no country of this name or code is known")
		}
		e.Nationalities = append(e.Nationalities, c)
	}
	if q.Country != "" {
		c, ok := entity.CountryCode(q.Country)
		if !ok {
			return e, field("country", "no country of this name or code is known")
		}
		e.Places = []entity.Place{{Country: c}}
	}
	for i, d := range q.Documents {
		if strings.TrimSpace(d.Number) == "" {
			return e, field(fmt.Sprintf("documents[%d].number", i), "want the number as it is printed")
		}
		if d.Country != "" {
			c, ok := entity.CountryCode(d.Country)
			if !ok {
				return e, field(fmt.Sprintf("documents[%d].country", i), "no country of this name or code is known")
			}
			d.Country = c
		}
		e.Identifiers = append(e.Identifiers, entity.Identifier{Type: strings.ToLower(d.Type), Number: d.Number, Country: d.Country})
	}
	for i, w := range q.Wallets {
		a, err := chain.Parse(w)
		switch {
		case err != nil:
			return e, field(fmt.Sprintf("wallets[%d]", i), "no blockchain address of any form that is read here")
		case a.Fault != "" && strings.HasPrefix(a.Key, "text:"): // what was meant would be found on no list
			return e, field(fmt.Sprintf("wallets[%d]", i), "no whole blockchain address: %s", a.Fault)
		}
		e.Wallets = append(e.Wallets, entity.Wallet{Address: w})
	}
	if len(e.Names)+len(e.Identifiers)+len(e.Wallets) == 0 {
		return e, field("names", "want at least a name, a document or a wallet")
	}
	return e, nil
}

// bounds says which field is longer than it may be.
func (q *Query) bounds() *FieldError {
	for _, l := range []struct {
		name      string
		have, max int
	}{
		{"names", len(q.Names), MaxNames}, {"birth_date", len(q.BirthDate), MaxNames}, {"nationality", len(q.Nationality), MaxNationalities},
		{"documents", len(q.Documents), MaxDocuments}, {"wallets", len(q.Wallets), MaxWallets},
	} {
		if l.have > l.max {
			return field(l.name, "%d of them: want at most %d", l.have, l.max)
		}
	}
	type row struct{ name, text string }
	rows := []row{{"ref", q.Ref}, {"kind", q.Kind}, {"birth_place", q.BirthPlace}, {"country", q.Country}, {"gender", q.Gender}}
	for i, n := range q.Names {
		at := fmt.Sprintf("names[%d]", i)
		rows = append(rows, row{at + ".full", n.Full}, row{at + ".given", n.Given}, row{at + ".patronymic", n.Patronymic}, row{at + ".family", n.Family})
	}
	for _, list := range []struct {
		name  string
		texts []string
	}{{"birth_date", q.BirthDate}, {"nationality", q.Nationality}, {"wallets", q.Wallets}} {
		for i, s := range list.texts {
			rows = append(rows, row{fmt.Sprintf("%s[%d]", list.name, i), s})
		}
	}
	for i, d := range q.Documents {
		at := fmt.Sprintf("documents[%d]", i)
		rows = append(rows, row{at + ".type", d.Type}, row{at + ".number", d.Number}, row{at + ".country", d.Country})
	}
	for _, r := range rows {
		if len(r.text) > MaxText {
			return field(r.name, "%d bytes: want at most %d", len(r.text), MaxText)
		}
	}
	if q.Limit < 0 || q.Limit > MaxLimit {
		return field("limit", "want 1 to %d, or leave it out", MaxLimit)
	}
	if q.Threshold < 0 || q.Threshold >= 1 {
		return field("threshold", "want a number above 0 and below 1, or leave it out")
	}
	return nil
}
