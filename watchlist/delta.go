package watchlist

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
)

// A Delta is what separates two editions of one list. It is a function of the
// two editions alone and all its parts are ordered by id.
type Delta struct {
	List     string
	From, To string // hashes of the editions; From is empty when there was none

	Added   []entity.Entity // in To, not in From
	Changed []Change        // in both, and told differently
	Removed []entity.Entity // in From, not in To, as From had them
}

// A Change is an entry that two editions tell differently.
type Change struct {
	ID     string
	Old    entity.Entity
	New    entity.Entity
	Fields []FieldChange // at least one, in the order of entity.Entity's fields
}

// A FieldChange tells what a field of an entry lost and gained. A name or a
// wallet that both editions have is in neither.
type FieldChange struct {
	Field  string   `json:"field"` // as in the JSON form of entity.Entity: "names", "wallets", …
	Lost   []string `json:"lost,omitempty"`
	Gained []string `json:"gained,omitempty"`
}

// String writes `names: -"A" +"B"`.
func (c FieldChange) String() string {
	var b strings.Builder
	b.WriteString(c.Field + ":")
	for _, s := range c.Lost {
		fmt.Fprintf(&b, " -%q", s)
	}
	for _, s := range c.Gained {
		fmt.Fprintf(&b, " +%q", s)
	}
	return b.String()
}

// Empty reports whether the two editions say the same.
func (d Delta) Empty() bool { return len(d.Added)+len(d.Changed)+len(d.Removed) == 0 }

// Diff compares two editions. old may be nil: then everything in new is added.
// It takes one pass over both.
func Diff(old, new *Edition) Delta {
	if old == nil {
		return Delta{List: new.List, To: new.SHA256, Added: new.Entities}
	}
	d := Delta{List: new.List, From: old.SHA256, To: new.SHA256}
	i, j := 0, 0
	for i < len(old.Entities) || j < len(new.Entities) {
		var c int
		switch {
		case i == len(old.Entities):
			c = 1
		case j == len(new.Entities):
			c = -1
		default:
			c = CompareIDs(old.Entities[i].ID, new.Entities[j].ID)
		}
		switch {
		case c < 0:
			d.Removed = append(d.Removed, old.Entities[i])
			i++
		case c > 0:
			d.Added = append(d.Added, new.Entities[j])
			j++
		default:
			if fields := changes(&old.Entities[i], &new.Entities[j]); fields != nil {
				d.Changed = append(d.Changed, Change{ID: new.Entities[j].ID, Old: old.Entities[i], New: new.Entities[j], Fields: fields})
			}
			i++
			j++
		}
	}
	return d
}

// changes compares field by field, cheaply where nothing changed, as is the rule:
// a day's edition changes some dozens of ten thousand entries.
func changes(a, b *entity.Entity) []FieldChange {
	var out []FieldChange
	add := func(field string, lost, gained []string) {
		out = append(out, FieldChange{Field: field, Lost: lost, Gained: gained})
	}
	one := func(field, x, y string) {
		if x != y {
			add(field, nonEmpty(x), nonEmpty(y))
		}
	}
	if a.Kind != b.Kind {
		one("kind", a.Kind.String(), b.Kind.String())
	}
	compare(add, "names", a.Names, b.Names, showName)
	if a.Gender != b.Gender {
		one("gender", a.Gender.String(), b.Gender.String())
	}
	compare(add, "birth", a.Birth, b.Birth, entity.Dates.String)
	compare(add, "birth_places", a.BirthPlaces, b.BirthPlaces, asIs)
	compare(add, "nationalities", a.Nationalities, b.Nationalities, asIs)
	compare(add, "places", a.Places, b.Places, entity.Place.String)
	compare(add, "identifiers", a.Identifiers, b.Identifiers, showIdentifier)
	compare(add, "wallets", a.Wallets, b.Wallets, func(w entity.Wallet) string { return w.Ticker + " " + w.Address })
	compare(add, "relations", a.Relations, b.Relations, showRelation)
	compare(add, "positions", a.Positions, b.Positions, asIs)
	compare(add, "contacts", a.Contacts, b.Contacts, asIs)
	compare(add, "programmes", a.Programmes, b.Programmes, asIs)
	compare(add, "legal_basis", a.LegalBasis, b.LegalBasis, asIs)
	compare(add, "measures", a.Measures, b.Measures, asIs)
	one("listed", a.Listed.String(), b.Listed.String())
	one("amended", a.Amended.String(), b.Amended.String())
	one("removed", a.Removed.String(), b.Removed.String())
	one("remarks", a.Remarks, b.Remarks)
	return out
}

// compare tells what a list of values lost and gained. Where only the order
// changed it tells the whole of both: the first name is the primary one.
func compare[T comparable](add func(string, []string, []string), field string, a, b []T, show func(T) string) {
	if slices.Equal(a, b) {
		return
	}
	lost, gained := without(a, b), without(b, a)
	if len(lost)+len(gained) == 0 {
		add(field, shown(a, show), shown(b, show))
		return
	}
	was, is := shown(lost, show), shown(gained, show)
	if slices.ContainsFunc(was, func(s string) bool { return slices.Contains(is, s) }) {
		// What changed is nothing that the short form tells, such as which part of a
		// name is the family's: then all of it is told.
		was, is = shown(lost, whole), shown(gained, whole)
	}
	add(field, was, is)
}

// whole is a value as JSON.
func whole[T any](x T) string {
	b, err := json.Marshal(x)
	if err != nil {
		return fmt.Sprintf("%+v", x)
	}
	return string(b)
}

// without is a less b, each value as often as a has it more than b.
func without[T comparable](a, b []T) []T {
	rest := slices.Clone(b)
	var out []T
	for _, x := range a {
		if i := slices.Index(rest, x); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		out = append(out, x)
	}
	return out
}

func shown[T any](xs []T, show func(T) string) []string {
	var out []string
	for _, x := range xs {
		out = append(out, show(x))
	}
	return out
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func asIs(s string) string { return s }

func showName(n entity.Name) string {
	s := n.Full
	if n.Kind != entity.Primary {
		s += " (" + n.Kind.String() + ")"
	}
	if n.Weak {
		s += " (weak)"
	}
	if n.Language != "" {
		s += " [" + n.Language + "]"
	}
	return s
}

func showRelation(r entity.Relation) string {
	s := r.Type + " " + r.Name
	if r.ID != "" {
		s += " (" + r.ID + ")"
	}
	return s
}

func showIdentifier(i entity.Identifier) string {
	s := i.Type + " " + i.Number
	if i.Country != "" {
		s += " (" + i.Country + ")"
	}
	if i.Doubtful {
		s += " (doubtful)"
	}
	return s
}
