package gate

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
	"sallyport/geo"
	"sallyport/match"
	"sallyport/ownership"
)

// ownership states what those who own and direct a firm are to each list. The tests of
// the laws are package ownership's; which of them is law at an hour is for the rules.
//
// A fact about shares is stated where on every list what is certain and what is possible
// fall on the same side of both lines that laws draw, half or more and more than half. What
// it then states is what is certain. A list on which somebody of
// theirs is identified stands in it even where nothing that counts is theirs, with 0. A
// fact of yes and no is stated where on every list it is certain or impossible. Signs of
// control are stated as they are; what nobody told is no sign of anybody.
//
// Nothing is stated of a firm whose owners cannot be read: shares beyond the whole, more
// parties than are computed, one party told in two ways.
func (b *builder) ownership(owners map[int][]match.Finding, lists []string) {
	if b.profile.Kind == entity.Person {
		for _, name := range []string{"ownership.listed_bp", "ownership.listed_over_bp", "ownership.single_bp"} {
			b.put(name, map[string]int64{})
		}
		for _, name := range []string{"ownership.majority", "ownership.controlled", "ownership.control_signs", "customer.represented_by"} {
			b.put(name, []string{})
		}
		return
	}
	if b.profile.Kind != entity.Organisation || len(lists) == 0 {
		return
	}
	b.representatives(owners)
	g, ok := graphOf(b.profile, owners)
	if !ok {
		return
	}
	lists = sorted(lists)
	figures, err := g.Of(customerID, lists)
	if err != nil {
		return // it would say too much of the owners for a log
	}
	shares := func(name string, of func(ownership.Figures) ownership.Bounds) {
		stated := map[string]int64{}
		for _, l := range lists {
			f := of(figures[l])
			for _, line := range []int{ownership.Half, ownership.Half + 1} {
				if (f.Certain >= line) != (f.Possible >= line) {
					return
				}
			}
			if f.Certain > 0 || identified(owners, l) {
				stated[l] = int64(f.Certain)
			}
		}
		b.put(name, stated)
	}
	shares("ownership.listed_bp", func(f ownership.Figures) ownership.Bounds { return f.Half })
	shares("ownership.listed_over_bp", func(f ownership.Figures) ownership.Bounds { return f.Over })
	shares("ownership.single_bp", func(f ownership.Figures) ownership.Bounds { return f.Single })

	answers := func(name string, of func(ownership.Figures) ownership.Answer) {
		stated := []string{}
		for _, l := range lists {
			f := of(figures[l])
			if f.Certain != f.Possible {
				return
			}
			if f.Certain {
				stated = append(stated, l)
			}
		}
		b.put(name, stated)
	}
	answers("ownership.majority", func(f ownership.Figures) ownership.Answer { return f.Majority })
	answers("ownership.controlled", func(f ownership.Figures) ownership.Answer { return f.Controlled })
	answers("ownership.control_signs", func(f ownership.Figures) ownership.Answer {
		return ownership.Answer{Certain: f.Signs, Possible: f.Signs}
	})
}

// representatives states on which lists those are who act for the firm. Where one of them
// may be listed it is unknown.
func (b *builder) representatives(findings map[int][]match.Finding) {
	stated := []string{}
	for i, r := range b.profile.Related() {
		acts := slices.ContainsFunc(r.Roles, func(role entity.Role) bool {
			return role == entity.Director || role == entity.Administrator || role == entity.Signatory
		})
		if r.Of >= 0 || !acts {
			continue
		}
		for _, f := range findings[i] {
			switch freezes(&f) {
			case match.Resembles:
				return
			case match.Same:
				stated = append(stated, f.List)
			}
		}
	}
	b.put("customer.represented_by", stated)
}

// russian states how much of a firm Russian nationals, residents of Russia and firms established
// there hold together, where all who own it are told well enough to say: by the test of more than
// half at every link, for that is how Regulation (EU) No 833/2014 counts (Article 5b(1)). None is
// stated only where none of them is anywhere above the firm; it is unknown where one is, and holds
// nothing that counts.
func (b *builder) russian() {
	if b.profile.Kind != entity.Organisation {
		return
	}
	const they = "russian"
	findings, some := map[int][]match.Finding{}, false
	for i, r := range b.profile.Related() {
		if r.Kind == entity.UnknownKind && r.PrimaryName() == "" {
			continue // told elsewhere
		}
		if grade := russian(r.Entity); grade != match.None {
			findings[i], some = []match.Finding{{List: they, EntityID: r.Path, Grade: grade}}, true
		}
	}
	g, ok := graphOf(b.profile, findings)
	if !ok {
		return
	}
	figures, err := g.Of(customerID, []string{they})
	if err != nil {
		return // it would say too much of the owners for a log
	}
	over := figures[they].Over
	for _, line := range []int{1, ownership.Half, ownership.Half + 1} {
		if (over.Certain >= line) != (over.Possible >= line) {
			return
		}
	}
	if over.Certain > 0 || !some {
		b.put("customer.russian_owned_bp", int64(over.Certain))
	}
}

// russian says whether an owner is Russian in that meaning; match.Resembles is that nobody can tell.
func russian(e *entity.Entity) match.Grade {
	if e.Kind != entity.Person {
		b := builder{profile: &entity.Profile{Entity: *e}}
		if len(e.Places) > 0 {
			b.profile.Residence = e.Places[0]
		}
		b.established()
		switch c, known := b.facts.Text("customer.established"); {
		case c == "RU":
			return match.Same
		case known:
			return match.None
		}
		return match.Resembles
	}
	var places []string
	for _, p := range e.Places {
		places = append(places, p.Country)
	}
	nations, told := countries(e.Nationalities)
	lives, read := countries(places)
	lives = sorted(lives)
	switch {
	case slices.Contains(nations, "RU") || len(lives) == 1 && lives[0] == "RU":
		return match.Same
	case told && read && len(nations) > 0 && len(lives) > 0 && !slices.Contains(lives, "RU"):
		return match.None
	}
	return match.Resembles
}

// freezes is how sure it is that the owner's property is frozen by the entry: that of a
// person under a travel ban alone is not, and what they own is theirs to use. An entry of a
// list whose entries state no measures freezes; one of a list that states them, and for this
// entry none, may.
func freezes(f *match.Finding) match.Grade {
	switch {
	case len(f.Measures) == 0, slices.ContainsFunc(f.Measures, func(m string) bool { return strings.Contains(m, "freeze") }):
		return f.Grade
	case slices.Contains(f.Measures, entity.NoMeasure):
		return min(f.Grade, match.Resembles)
	}
	return match.None
}

// identified reports whether somebody of theirs is on the list.
func identified(owners map[int][]match.Finding, list string) bool {
	for _, fs := range owners {
		if slices.ContainsFunc(fs, func(f match.Finding) bool { return f.List == list && f.Grade == match.Same }) {
			return true
		}
	}
	return false
}

// customerID is the customer among the parties of a graph.
const customerID = "customer"

// graphOf is the graph that a profile tells of. Those of one id are one party, and what was
// found on any of them was found on it. It reports false where that party is told in two ways.
func graphOf(p *entity.Profile, findings map[int][]match.Finding) (*ownership.Graph, bool) {
	g := &ownership.Graph{Parties: []ownership.Party{{ID: customerID}}}
	all := p.Related()
	if len(all) > entity.MaxRelated {
		return nil, false
	}
	at := make([]int, len(all)) // whose place is which party
	of, told := map[string]int{}, map[int]bool{}
	kinds := []entity.Kind{entity.Organisation}
	if p.ID != "" {
		of[p.ID] = 0
	}
	told[0] = true
	for i, r := range all {
		n, known := of[r.ID]
		if r.ID == "" || !known {
			n = len(g.Parties)
			g.Parties, kinds = append(g.Parties, ownership.Party{ID: fmt.Sprint(i)}), append(kinds, r.Kind)
			if r.ID != "" {
				of[r.ID] = n
			}
		}
		at[i] = n
		if kinds[n] == entity.UnknownKind {
			kinds[n] = r.Kind
		}
		if r.Tells && told[n] || r.Kind != entity.UnknownKind && r.Kind != kinds[n] {
			return nil, false
		}
		told[n] = told[n] || r.Tells
		for _, f := range findings[i] {
			if freezing := freezes(&f); freezing != match.None {
				g.Parties[n].Listings = append(g.Parties[n].Listings, ownership.Listing{List: f.List, Entry: f.EntityID, Same: freezing == match.Same})
			}
		}
		firm := 0
		if r.Of >= 0 {
			firm = at[r.Of]
		}
		if o := r.Owner; o != nil {
			g.Holdings = append(g.Holdings, ownership.Holding{Owner: g.Parties[n].ID, Firm: g.Parties[firm].ID, Low: o.ShareBP, High: o.Most(), Joint: o.Joint})
		}
		roles := r.Roles
		if r.Owner == nil && len(roles) == 0 {
			roles = []entity.Role{entity.UnknownRole} // an officer, of which kind was not told
		}
		for _, role := range roles {
			g.Roles = append(g.Roles, ownership.Role{Holder: g.Parties[n].ID, Firm: g.Parties[firm].ID, Control: role.Controls()})
		}
	}
	for n := range g.Parties {
		g.Parties[n].Person = kinds[n] == entity.Person
	}
	return g, true
}

// statements are what a firm said of itself: whether it is a body of a state, and whether it is a
// financial institution. No answer leaves the fact unknown.
func (b *builder) statements() {
	for _, s := range []struct{ fact, said string }{
		{"customer.state_body_of", b.profile.StateBody}, {"customer.financial_institution_of", b.profile.FinancialInstitution},
	} {
		switch c, ok := geo.Country(s.said); {
		case b.profile.Kind == entity.Person, b.profile.Kind == entity.Organisation && s.said == entity.None:
			b.put(s.fact, "")
		case b.profile.Kind == entity.Organisation && ok:
			b.put(s.fact, c)
		}
	}
}

// measures states what the entries that are the customer impose, as the list words it.
func (b *builder) measures(own []match.Finding) {
	stated := []string{}
	for _, f := range own {
		if f.Grade != match.Same {
			continue
		}
		if len(f.Measures) == 0 {
			stated = append(stated, f.List+"/none-stated")
		}
		for _, m := range f.Measures {
			stated = append(stated, f.List+"/"+measureWord(m))
		}
	}
	b.put("listing.measures", stated)
}

// measureWord is a measure as rules write it: "asset freeze" is asset-freeze. One that is not
// written in Latin letters, or at too great a length for a word, is other.
func measureWord(m string) string {
	if m == entity.NoMeasure {
		return "none-stated"
	}
	words := strings.FieldsFunc(strings.ToLower(m), func(r rune) bool {
		return r < 0x80 && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	word := strings.Join(words, "-")
	const longest = 80
	if word == "" || len(word) > longest || strings.ContainsFunc(word, func(r rune) bool { return r >= 0x80 }) {
		return "other"
	}
	return word
}
