package ftm

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listlines"
)

// A line is one entity as it is written.
type line struct {
	ID         string             `json:"id"`
	Schema     string             `json:"schema"`
	Caption    string             `json:"caption"`
	Target     *bool              `json:"target"`
	Datasets   []string           `json:"datasets"`
	Referents  []string           `json:"referents"`
	LastChange string             `json:"last_change"`
	Properties map[string][]value `json:"properties"`

	number int // of the line
	asked  map[string]bool
}

// read decodes the line; it reports false where that is no one JSON object of the form.
func (l *line) read(text []byte) bool { return json.Unmarshal(text, l) == nil }

// A value of a property is a text or, in the nested form, another entity.
type value struct {
	text   string
	nested *line
}

// UnmarshalJSON reads either.
func (v *value) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		v.nested = new(line)
		return json.Unmarshal(b, v.nested)
	}
	if len(b) > 0 && b[0] != '"' { // a number or a truth that some writers leave bare
		v.text = string(b)
		return nil
	}
	return json.Unmarshal(b, &v.text)
}

// A reader holds what was read, by what it is for.
type reader struct {
	entries  []*subject          // what may be an entry, in the order of the file
	byID     map[string]*subject // the same
	captions map[string]string   // names of the others that relations may name, by id
	referent map[string]string   // an id that was merged away → the entry it went into
	parts    []part
	places   map[string]entity.Place // by the id of an Address
	targets  bool                    // some line says what is a target
	tied     map[tied]bool           // while joining
	held     map[held]bool

	asked map[string]bool // properties that the reader reads
	listlines.Reader
}

// A subject is an entity that can be listed.
type subject struct {
	entity   entity.Entity
	target   bool
	nested   bool     // it stood in another and on no line of its own
	address  []string // ids of Addresses
	datasets []string
	wallet   bool     // it is a CryptoWallet …
	holders  []string // … of these
	remarks  []string
	parents  []string // ids of firms that it belongs to
	line     int
}

// A part is a line that says something of others.
type part struct {
	schema string
	a, b   []string // ids of whom it is about, as the schema's edge has them
	role   string

	// Of a sanction, a passport or an identification: about a.
	identifier entity.Identifier
	programmes []string
	measures   []string
	listed     entity.Day
	remarks    []string
}

// read reads the file's lines, each once.
func read(files []watchlist.File) (*reader, error) {
	if len(files) != 1 {
		return nil, fmt.Errorf("watchlist/ftm: want one file of entities, not %d", len(files))
	}
	in, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := newReader()
	if err := r.all(in); err != nil {
		return nil, fmt.Errorf("watchlist/ftm: %s: %w", fileName, err)
	}
	return r, nil
}

func newReader() *reader {
	return &reader{byID: map[string]*subject{}, captions: map[string]string{}, referent: map[string]string{}, places: map[string]entity.Place{},
		asked: map[string]bool{}, Reader: listlines.Reader{File: fileName}}
}

func (r *reader) all(in io.Reader) error {
	return r.Read(in, "entity", func() string {
		if r.full() {
			return fmt.Sprintf("%d entities of one sort", maxEntries)
		}
		return ""
	}, func(number int, text []byte) bool {
		l := line{number: number}
		if !l.read(text) {
			return false
		}
		r.take(&l, 0)
		return true
	})
}

func (r *reader) full() bool {
	return max(len(r.entries), len(r.captions), len(r.parts), len(r.places), len(r.referent)) >= maxEntries
}

// take sorts one entity, and those nested in it first.
func (r *reader) take(l *line, depth int) {
	switch {
	case l.ID == "" || l.Schema == "":
		r.Leave(l.number, l.ID, "an entity without id or schema")
		return
	case len(l.ID) > 1000 || strings.ContainsFunc(l.ID, func(c rune) bool { return c < ' ' }):
		r.Leave(l.number, "", fmt.Sprintf("id %q: not an id", watchlist.Short(l.ID)))
		return
	}
	has := r.knows(l)
	for _, name := range slices.Sorted(maps.Keys(l.Properties)) { // in one order, for one edition
		values := l.Properties[name]
		if len(values) > 0 && values[0].nested == nil && has {
			r.Unread(l.number, name, values[0].text)
		}
		for i := range values {
			if n := values[i].nested; n != nil {
				r.asked[name] = true
				values[i].text = n.ID
				values[i].nested = nil
				if depth == maxDepth {
					r.Problem(l.number, l.ID, name, fmt.Sprintf("entities nested deeper than %d: not read", maxDepth))
					continue
				}
				n.number = l.number
				r.nested(l, n, depth)
			}
		}
	}
	r.targets = r.targets || depth == 0 && l.Target != nil
	l.asked = r.asked
	if kind, ok := subjects[l.Schema]; ok {
		r.subject(l, kind, depth > 0)
		return
	}
	if e, ok := edges[l.Schema]; ok {
		p := part{schema: l.Schema, a: l.texts(e.a), b: l.texts(e.b), role: l.first(e.role)}
		if share := l.first("percentage"); share != "" {
			p.role = strings.TrimSuffix(strings.TrimSuffix(share, "%"), " ") + " %"
		}
		if n := len(p.a) * len(p.b); n > maxValues {
			r.Leave(l.number, l.ID, fmt.Sprintf("it ties %d and %d: too many to be one relation", len(p.a), len(p.b)))
			return
		}
		r.parts = append(r.parts, p)
		return
	}
	switch l.Schema {
	case "Sanction":
		r.sanction(l)
	case "Passport", "Identification":
		r.document(l)
	case "Address":
		r.places[l.ID] = l.place()
	default: // a Position, an asset, or a schema that says nothing of whom is listed
		if c := l.caption(); c != "" {
			r.captions[l.ID] = c
		}
	}
}

// knows reports whether the line is of a schema whose properties are read; a schema that the model
// has not is told.
func (r *reader) knows(l *line) bool {
	_, isSubject := subjects[l.Schema]
	_, isEdge := edges[l.Schema]
	if isSubject || isEdge || slices.Contains([]string{"Sanction", "Passport", "Identification", "Address"}, l.Schema) {
		return true
	}
	if !slices.Contains(others, l.Schema) {
		r.Unread(l.number, "schema "+watchlist.Short(l.Schema), l.caption())
	}
	return false
}

// isRead reports whether a kind that was counted needs no telling: it is read, or it says
// something of the record and nothing of whom it is about.
func (r *reader) isRead(field string) bool {
	return r.asked[field] || slices.Contains([]string{"publisher", "publisherUrl", "modifiedAt", "createdAt", "retrievedAt", "alephUrl", "recordId", "keywords", "proof", "indexText"}, field)
}

// others are the schemata of the model that list nobody.
var others = strings.Fields(`Analyzable Article Assessment Asset Audio BankAccount Call CallForTenders Contract ContractAward
	CourtCase CourtCaseParty Debt Document Documentation EconomicActivity Email Event Folder HyperText Image Interest Interval License Mention
	Message Note Occupancy Package Page Pages Payment PlainText Position Post Project ProjectParticipant RealEstate Risk Security Similar
	Table TaxRoll Thing Trip UserAccount Value Video Workbook`)

// nested takes an entity that stands in another, for whose sake it is there: it is no entry
// by this. The same one may stand in many.
func (r *reader) nested(in, n *line, depth int) {
	if n.ID == in.ID || r.byID[n.ID] != nil {
		return
	}
	if n.Properties == nil {
		n.Properties = map[string][]value{}
	}
	// Its own end at the entity that it stands in may be left out.
	if e, ok := edges[n.Schema]; ok {
		if len(n.Properties[e.a]) == 0 {
			n.Properties[e.a] = []value{{text: in.ID}}
		} else if len(n.Properties[e.b]) == 0 {
			n.Properties[e.b] = []value{{text: in.ID}}
		}
	} else if p := owner[n.Schema]; p != "" && len(n.Properties[p]) == 0 {
		n.Properties[p] = []value{{text: in.ID}}
	}
	r.take(n, depth+1)
}

// datasets are those that the entries are of, sorted.
func (r *reader) datasets() []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range r.entries {
		if !r.listed(s) {
			continue
		}
		for _, d := range s.datasets {
			if !seen[d] {
				seen[d] = true
				out = append(out, d)
			}
		}
	}
	slices.Sort(out)
	return out
}

// listed reports whether the subject is an entry of the list.
func (r *reader) listed(s *subject) bool { return !s.nested && (s.target || !r.targets) }

// texts are the values of a property, each once, without those too long to be one and
// those too many.
func (l *line) texts(property string) []string {
	var out []string
	if l.asked != nil {
		l.asked[property] = true
	}
	values := l.Properties[property]
	for _, v := range values[:min(len(values), maxValues)] {
		if t := strings.TrimSpace(v.text); t != "" && len(t) <= maxValue && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// first is the first value of the first property that has one.
func (l *line) first(properties ...string) string {
	for _, p := range properties {
		if t := l.texts(p); len(t) > 0 {
			return t[0]
		}
	}
	return ""
}

func (l *line) caption() string {
	if c := strings.TrimSpace(l.Caption); c != "" && len(c) <= maxValue {
		return c
	}
	return l.first("name", "number", "full", "publicKey")
}
