package senzing

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/ftm"
	"sallyport/watchlist/listlines"
)

// A reader holds what was read.
type reader struct {
	records  []*record
	byID     map[string]*record
	byAnchor map[anchor]*record
	risks    bool // some record has a risk

	ties int
	listlines.Reader
}

// A record is one line.
type record struct {
	entity  entity.Entity
	source  string
	risk    bool
	remarks []string
	points  []pointer
	line    int
}

// An anchor is what other records point at.
type anchor struct{ domain, key string }

// A pointer says what the record is to another.
type pointer struct {
	to   anchor
	role string
}

// read reads the file's lines, each once.
func read(files []watchlist.File) (*reader, error) {
	if len(files) != 1 {
		return nil, fmt.Errorf("watchlist/senzing: want one file of records, not %d", len(files))
	}
	in, err := files[0].Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	r := &reader{byID: map[string]*record{}, byAnchor: map[anchor]*record{}, Reader: listlines.Reader{File: fileName}}
	err = r.Read(in, "record", func() string {
		if max(len(r.records), r.ties) >= maxRecords {
			return fmt.Sprintf("%d records or relations", maxRecords)
		}
		return ""
	}, func(number int, text []byte) bool {
		var attributes map[string]json.RawMessage
		if json.Unmarshal(text, &attributes) != nil || attributes == nil {
			return false
		}
		r.take(number, attributes)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("watchlist/senzing: %s: %w", fileName, err)
	}
	return r, nil
}

// take reads one record.
func (r *reader) take(number int, attributes map[string]json.RawMessage) {
	flat := feature{}
	var features []feature
	s := &record{line: number}
	e := &s.entity
	id, _ := text(attributes["RECORD_ID"])
	for _, name := range slices.Sorted(maps.Keys(attributes)) { // in one order, for one edition
		raw := attributes[name]
		if t, ok := text(raw); ok {
			if len(t) > maxValue {
				r.Problem(number, id, name, fmt.Sprintf("a value of %d bytes: left out", len(t)))
			} else if t != "" {
				flat[name] = t
			}
			continue
		}
		if string(raw) == "null" {
			continue
		}
		list, err := objects(raw)
		if err != nil {
			r.Problem(number, id, name, err.Error())
			continue
		}
		for _, f := range list {
			for _, k := range slices.Sorted(maps.Keys(f)) {
				if len(f[k]) > maxValue {
					r.Problem(number, id, k, fmt.Sprintf("a value of %d bytes: left out", len(f[k])))
					delete(f, k)
				}
			}
		}
		features = append(features, list...)
	}
	if n := len(features); n > maxFeatures {
		r.Problem(number, id, "features", fmt.Sprintf("%d of them: those after the first %d are left out", n, maxFeatures))
		features = features[:maxFeatures]
	}
	e.ID, s.source = id, flat["DATA_SOURCE"]
	switch {
	case id == "" || s.source == "":
		r.Leave(number, id, "a record without DATA_SOURCE or RECORD_ID")
		return
	case len(id) > 1000 || strings.ContainsFunc(id, unicode.IsControl):
		r.Leave(number, "", fmt.Sprintf("id %q: not an id", watchlist.Short(id)))
		return
	case r.byID[id] != nil:
		r.Leave(number, id, fmt.Sprintf("its id is that of line %d", r.byID[id].line))
		return
	}
	e.Kind = kinds[strings.ToUpper(flat["RECORD_TYPE"])]
	for _, f := range append(features, flat) {
		for _, name := range slices.Sorted(maps.Keys(f)) {
			if !isRead(name) {
				r.Unread(number, name, f[name])
			}
		}
		for _, usage := range f.usages() {
			r.feature(s, usage.name, usage.feature)
		}
	}
	e.Names = ordered(e.Names)
	if len(e.Names) == 0 {
		r.Leave(number, id, "a record without a name")
		return
	}
	slices.SortStableFunc(e.Birth, func(a, b entity.Dates) int { return a.From.Compare(b.From) })
	if u := flat["URL"]; u != "" {
		s.remarks = append(s.remarks, "Source: "+u)
	}
	if d, ok := ftm.Dates(flat["LAST_CHANGE"]); ok && d.IsExact() {
		e.Amended = d.From
	}
	r.risks = r.risks || s.risk
	r.ties += len(s.points)
	r.records = append(r.records, s)
	r.byID[id] = s
}

var kinds = map[string]entity.Kind{
	"PERSON": entity.Person, "INDIVIDUAL": entity.Person, "ORGANIZATION": entity.Organisation, "ORGANISATION": entity.Organisation,
	"COMPANY": entity.Organisation, "BUSINESS": entity.Organisation, "VESSEL": entity.Vessel, "AIRCRAFT": entity.Aircraft,
}

// text is a JSON text, number or truth.
func text(raw json.RawMessage) (string, bool) {
	var s string
	switch {
	case len(raw) == 0 || raw[0] == '{' || raw[0] == '[' || raw[0] == 'n':
		return "", false
	case raw[0] != '"':
		return string(raw), true
	case json.Unmarshal(raw, &s) != nil:
		return "", false
	}
	return strings.TrimSpace(s), true
}

// objects reads a list of objects of texts, or one such object.
func objects(raw json.RawMessage) ([]feature, error) {
	var list []map[string]json.RawMessage
	if raw[0] == '{' {
		list = append(list, nil)
		if err := json.Unmarshal(raw, &list[0]); err != nil {
			return nil, errors.New("not an object")
		}
	} else if err := json.Unmarshal(raw, &list); err != nil {
		return nil, errors.New("neither a text nor a list of objects")
	}
	var out []feature
	for _, o := range list {
		f := feature{}
		for k, v := range o {
			if t, ok := text(v); ok && t != "" {
				f[k] = t
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// listed reports whether the record is an entry of the list.
func (r *reader) listed(s *record) bool { return s.risk || !r.risks }

// join ties the records together and gives the entries.
func (r *reader) join() []entity.Entity {
	tied := map[relation]bool{}
	tie := func(s, o *record, kind string) {
		if !r.listed(s) {
			return
		}
		rel := entity.Relation{Type: kind, Name: o.entity.PrimaryName()}
		if r.listed(o) { // only of an entry does the list have the id
			rel.ID = o.entity.ID
		}
		if k := (relation{s, rel}); !tied[k] {
			tied[k] = true
			s.entity.Relations = append(s.entity.Relations, rel)
		}
	}
	for _, s := range r.records {
		for _, p := range s.points {
			o := r.byAnchor[p.to]
			if o == nil {
				o = r.byID[p.to.key]
			}
			if o == nil || o == s || r.byID[o.entity.ID] != o { // the last: a line that was left out
				continue
			}
			if p.role == "" {
				tie(s, o, "linked to")
				tie(o, s, "linked to")
				continue
			}
			tie(s, o, p.role)
			tie(o, s, "has as "+p.role)
		}
	}
	var out []entity.Entity
	for _, s := range r.records {
		if !r.listed(s) {
			continue
		}
		s.entity.Remarks = strings.Join(s.remarks, "; ")
		if len(s.entity.Remarks) > maxRemarks {
			s.entity.Remarks = strings.ToValidUTF8(s.entity.Remarks[:maxRemarks], "") + "…"
		}
		out = append(out, s.entity)
	}
	return out
}

// A relation is what a record has already.
type relation struct {
	of  *record
	rel entity.Relation
}
