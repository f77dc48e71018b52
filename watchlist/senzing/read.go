package senzing

import (
	"bytes"
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
)

// A reader holds what was read.
type reader struct {
	records  []*record
	byID     map[string]*record
	byAnchor map[anchor]*record
	risks    bool // some record has a risk

	lines, left int // read, and left out
	ties        int
	problems    []watchlist.Problem
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
	r := &reader{byID: map[string]*record{}, byAnchor: map[anchor]*record{}}
	truncated, full := 0, false
	err = watchlist.EachLine(in, maxLine, func(number int, text []byte, ended bool) {
		if r.lines == 0 {
			text = bytes.TrimPrefix(text, []byte("\ufeff"))
		}
		r.lines++
		if full = full || max(len(r.records), r.ties) >= maxRecords; full {
			return
		}
		var attributes map[string]json.RawMessage
		switch {
		case text == nil:
			if !ended {
				truncated = number
			}
			r.leave(number, "", fmt.Sprintf("longer than %d bytes", maxLine))
		case json.Unmarshal(text, &attributes) == nil && attributes != nil:
			if _, what, ok := watchlist.NotUTF8(text); ok {
				r.problem(number, "", "encoding", what)
			}
			r.take(number, attributes)
		case !ended:
			truncated = number
		default:
			r.leave(number, "", fmt.Sprintf("%q: no record in JSON", watchlist.Short(string(text))))
		}
	})
	switch {
	case err == nil && r.lines == 0:
		err = watchlist.ErrEmpty
	case err == nil && truncated > 0:
		err = fmt.Errorf("line %d: %w", truncated, watchlist.ErrTruncated)
	case err == nil && full:
		err = fmt.Errorf("more than %d records or relations: too many for a list", maxRecords)
	}
	if err != nil {
		return nil, fmt.Errorf("watchlist/senzing: %s: %w", fileName, err)
	}
	return r, nil
}

// leave notes a line that is left out.
func (r *reader) leave(number int, id, text string) {
	r.left++
	r.problem(number, id, "line", text)
}

func (r *reader) problem(number int, id, field, text string) {
	switch {
	case len(r.problems) < maxProblems:
		r.problems = append(r.problems, watchlist.Problem{File: fileName, Line: number, ID: id, Field: field, Text: text})
	case len(r.problems) == maxProblems:
		r.problems = append(r.problems, watchlist.Problem{File: fileName, Line: number, Field: "file", Text: fmt.Sprintf("more than %d problems: no more are told", maxProblems)})
	}
}

// doubts says so where too much was left out for the rest to be the whole list.
func (r *reader) doubts() []string {
	if r.left*1000 > r.lines {
		return []string{fmt.Sprintf("%d of %d lines could not be read", r.left, r.lines)}
	}
	return nil
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
				r.problem(number, id, name, fmt.Sprintf("a value of %d bytes: left out", len(t)))
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
			r.problem(number, id, name, err.Error())
			continue
		}
		for _, f := range list {
			for _, k := range slices.Sorted(maps.Keys(f)) {
				if len(f[k]) > maxValue {
					r.problem(number, id, k, fmt.Sprintf("a value of %d bytes: left out", len(f[k])))
					delete(f, k)
				}
			}
		}
		features = append(features, list...)
	}
	if n := len(features); n > maxFeatures {
		r.problem(number, id, "features", fmt.Sprintf("%d of them: those after the first %d are left out", n, maxFeatures))
		features = features[:maxFeatures]
	}
	e.ID, s.source = id, flat["DATA_SOURCE"]
	switch {
	case id == "" || s.source == "":
		r.leave(number, id, "a record without DATA_SOURCE or RECORD_ID")
		return
	case len(id) > 1000 || strings.ContainsFunc(id, unicode.IsControl):
		r.leave(number, "", fmt.Sprintf("id %q: not an id", watchlist.Short(id)))
		return
	case r.byID[id] != nil:
		r.leave(number, id, fmt.Sprintf("its id is that of line %d", r.byID[id].line))
		return
	}
	e.Kind = kinds[strings.ToUpper(flat["RECORD_TYPE"])]
	for _, f := range append(features, flat) {
		for _, usage := range f.usages() {
			r.feature(s, usage.name, usage.feature)
		}
	}
	e.Names = ordered(e.Names)
	if len(e.Names) == 0 {
		r.leave(number, id, "a record without a name")
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
