package ftm

import (
	"slices"
	"strings"

	"sallyport/entity"
	"sallyport/watchlist"
)

// An edge ties two entities together. There and back say what the one at a is to the one at
// b, and the other way.
type edge struct {
	a, b        string // properties that hold the ids
	there, back string // types of relation
	role        string // property that says more
}

// edges are the schemata of relations, with the ends that the schema gives them.
var edges = map[string]edge{
	"Ownership":      {"owner", "asset", "owner of", "owned by", "role"},
	"Directorship":   {"director", "organization", "director of", "directed by", "role"},
	"Membership":     {"member", "organization", "member of", "has as member", "role"},
	"Employment":     {"employee", "employer", "employed by", "employer of", "role"},
	"Representation": {"agent", "client", "acts for", "represented by", "role"},
	"Family":         {"person", "relative", "family member of", "family member of", "relationship"},
	"Associate":      {"person", "associate", "associate of", "associate of", "relationship"},
	"UnknownLink":    {"subject", "object", "linked to", "linked to", "role"},
	"Succession":     {"predecessor", "successor", "predecessor of", "successor of", "role"},
	"Occupancy":      {"holder", "post", "", "", ""}, // of a Position
}

// owner is the property by which a line of the schema says whose it is.
var owner = map[string]string{"Sanction": "entity", "Passport": "holder", "Identification": "holder", "CryptoWallet": "holder"}

// sanction reads why and since when somebody is listed.
func (r *reader) sanction(l *line) {
	p := part{schema: l.Schema, a: l.texts("entity"), programmes: append(l.texts("program"), l.texts("programId")...)}
	for _, m := range l.texts("provisions") {
		p.measures = append(p.measures, strings.ToLower(m))
	}
	for _, d := range append(l.texts("listingDate"), l.texts("startDate")...) {
		if at, ok := day(d); ok && (p.listed.IsZero() || at.Compare(p.listed) < 0) {
			p.listed = at
		} else if _, known := Dates(d); !known {
			r.Problem(l.number, l.ID, "listingDate", "\""+watchlist.Short(d)+"\": no such date")
		}
	}
	if a := l.texts("authority"); len(a) > 0 {
		p.remarks = append(p.remarks, "Authority: "+strings.Join(a, ", "))
	}
	p.remarks = append(p.remarks, l.texts("reason")...)
	if e := l.first("endDate"); e != "" {
		p.remarks = append(p.remarks, "Ends or ended: "+e)
	}
	r.parts = append(r.parts, p)
}

// document reads a passport or another document.
func (r *reader) document(l *line) {
	p := part{schema: l.Schema, a: l.texts("holder"), identifier: entity.Identifier{Type: "passport", Number: l.first("number", "passportNumber")}}
	if l.Schema == "Identification" {
		p.identifier.Type = "document"
		if t := l.first("type"); t != "" {
			p.identifier.Type = strings.ToLower(t)
		}
	}
	if c := l.first("country"); c != "" {
		p.identifier.Country = country(c)
	}
	if p.identifier.Number == "" {
		r.Problem(l.number, l.ID, "number", "a document without a number")
		return
	}
	r.parts = append(r.parts, p)
}

// place reads an Address.
func (l *line) place() entity.Place {
	p := entity.Place{
		Street:   strings.Join(append(l.texts("street"), l.texts("street2")...), ", "),
		Town:     l.first("city"),
		Region:   l.first("state", "region"),
		Postcode: l.first("postalCode"),
	}
	if p.Street == "" && p.Town == "" {
		p.Street = l.first("full")
	}
	if c := l.first("country"); c != "" {
		p.Country = country(c)
	}
	return p
}

// find is the entry of an id, which may have been merged into it.
func (r *reader) find(id string) *subject {
	s := r.byID[id]
	if s == nil {
		s = r.byID[r.referent[id]]
	}
	if s == nil || !r.listed(s) {
		return nil
	}
	return s
}

// called is the name of whoever has the id, listed or not.
func (r *reader) called(id string) string {
	if s := r.byID[id]; s != nil {
		return s.entity.Names[0].Full
	}
	return r.captions[id]
}

// join gives each entry what the other lines say of it.
func (r *reader) join() []entity.Entity {
	r.tied, r.held = map[tied]bool{}, map[held]bool{}
	for _, p := range r.parts {
		if e, ok := edges[p.schema]; ok {
			r.relate(p, e)
			continue
		}
		for _, id := range p.a {
			s := r.find(id)
			if s == nil {
				continue
			}
			e := &s.entity
			if p.identifier.Number != "" {
				e.Identifiers = withDocument(e.Identifiers, p.identifier)
			}
			for _, x := range p.programmes {
				e.Programmes = appendNew(e.Programmes, x)
			}
			for _, x := range p.measures {
				e.Measures = appendNew(e.Measures, x)
			}
			if !p.listed.IsZero() && (e.Listed.IsZero() || p.listed.Compare(e.Listed) < 0) {
				e.Listed = p.listed
			}
			if len(s.remarks) < maxValues {
				for _, x := range p.remarks {
					s.remarks = appendNew(s.remarks, x)
				}
			}
		}
	}
	given := map[*subject]bool{} // wallets of an entry, which are no entries themselves
	for _, s := range r.entries {
		if s.wallet {
			for _, id := range s.holders {
				if h := r.find(id); h != nil && h != s && !h.wallet {
					for _, w := range s.entity.Wallets {
						if k := (held{h, w}); !r.held[k] {
							r.held[k] = true
							h.entity.Wallets = append(h.entity.Wallets, w)
						}
					}
					given[s] = true
				}
			}
		}
		for _, id := range s.parents {
			r.tie(s, "owned by", "", id)
			if p := r.find(id); p != nil {
				r.tie(p, "owner of", "", s.entity.ID)
			}
		}
	}
	var out []entity.Entity
	for _, s := range r.entries {
		if !r.listed(s) || given[s] {
			continue
		}
		e := &s.entity
		for _, id := range s.address {
			if p, ok := r.places[id]; ok && p != (entity.Place{}) {
				e.Places = appendNew(e.Places, p)
			}
		}
		e.Places = finer(e.Places)
		e.Remarks = strings.Join(s.remarks, "; ")
		if len(e.Remarks) > maxRemarks {
			e.Remarks = strings.ToValidUTF8(e.Remarks[:maxRemarks], "") + "…"
		}
		out = append(out, *e)
	}
	return out
}

// relate gives both ends of an edge their relation.
func (r *reader) relate(p part, e edge) {
	for _, a := range p.a {
		for _, b := range p.b {
			if p.schema == "Occupancy" {
				if s, title := r.find(a), r.called(b); s != nil && title != "" {
					s.entity.Positions = appendNew(s.entity.Positions, title)
				}
				continue
			}
			if s := r.find(a); s != nil {
				r.tie(s, e.there, p.role, b)
			}
			if s := r.find(b); s != nil {
				r.tie(s, e.back, p.role, a)
			}
		}
	}
}

// tie tells one relation of the subject.
func (r *reader) tie(s *subject, kind, role, other string) {
	rel := entity.Relation{Type: kind, Name: r.called(other)}
	if o := r.find(other); o != nil { // only of an entry does the list have the id
		rel.ID = o.entity.ID
		rel.Name = o.entity.Names[0].Full
	}
	if role = strings.ToLower(strings.TrimSpace(role)); role != "" && len(role) <= 200 {
		rel.Type += " (" + role + ")"
	}
	if rel.Name == "" && rel.ID == "" || rel.ID == s.entity.ID {
		return
	}
	if k := (tied{s, rel}); !r.tied[k] {
		r.tied[k] = true
		s.entity.Relations = append(s.entity.Relations, rel)
	}
}

// What an entry has already; one may have a hundred thousand of either.
type (
	tied struct {
		of  *subject
		rel entity.Relation
	}
	held struct {
		by     *subject
		wallet entity.Wallet
	}
)

// withDocument adds a number, or gives one that is there already its country.
func withDocument(to []entity.Identifier, id entity.Identifier) []entity.Identifier {
	for i, x := range to[:min(len(to), maxValues)] {
		if x.Number != id.Number {
			continue
		}
		if x.Type == id.Type || id.Type == "document" {
			if x.Country == "" {
				to[i].Country = id.Country
			}
			return to
		}
	}
	return append(to, id)
}

// finer leaves out a place that a finer one tells too: the country alone, or the line that an
// Address has in its parts.
func finer(places []entity.Place) []entity.Place {
	var out []entity.Place
	for i, p := range places {
		covered := slices.ContainsFunc(places, func(q entity.Place) bool {
			return p != q && p == entity.Place{Country: p.Country} && q.Country == p.Country
		})
		if p.Country == "" && p == (entity.Place{Street: p.Street}) {
			covered = covered || slices.ContainsFunc(places[i+1:], func(q entity.Place) bool {
				return q.Town != "" && strings.Contains(p.Street, q.Town) && strings.Contains(p.Street, q.Street)
			})
		}
		if !covered {
			out = append(out, p)
		}
	}
	return out
}
