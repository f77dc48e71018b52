package match

import (
	"sallyport/entity"
	"sallyport/names"
)

// A name is one written name made ready for comparing.
type name struct {
	source *entity.Name
	tokens []names.Token
	cut    bool
	parted bool    // the source tells given from family name
	heavy  int     // tokens that are neither light nor initials
	least  float64 // what all tokens cost without partners, before Omission
	spare  float64 // an upper bound of what light parts and initials can add
}

func (w *Weights) name(source *entity.Name, n names.Name) name {
	out := name{source: source, tokens: n.Tokens, cut: n.Cut}
	given, family := false, false
	for i := range n.Tokens {
		t := &n.Tokens[i]
		given = given || t.Role == names.GivenRole
		family = family || t.Role == names.FamilyRole
		out.least += w.missing(t)
		switch {
		case t.Class == names.Initial:
			out.spare++
		case t.Light():
			out.spare += w.weight(t)
		default:
			out.heavy++
		}
	}
	out.parted = given && family
	return out
}

// weight of a part that has a partner or is contradicted. None is above 1.
func (w *Weights) weight(t *names.Token) float64 {
	switch t.Class {
	case names.Initial:
		return w.Parts.Initial
	case names.Title, names.Particle:
		return w.Parts.Light
	case names.LegalForm:
		return w.Parts.LegalForm
	case names.Generic:
		return w.Parts.Generic
	default:
		return 1
	}
}

// missing is the weight of a part that the other side does not tell. It is at
// most the part's weight.
func (w *Weights) missing(t *names.Token) float64 {
	if t.Class == names.Patronymic {
		return w.Parts.PatronymicMissing
	}
	return w.weight(t)
}

// A pairing is two names with each part's partner.
type pairing struct {
	a, b    []names.Token            // as compared: parts that the other writes as one are joined
	partner [names.MaxTokens]int8    // of a's parts in b, -1 for none
	like    [names.MaxTokens]float64 // of a's parts to their partners
	taken   [names.MaxTokens]bool    // b's parts that have partners
	score   float64                  // likeness of the names, 0..1
	swapped bool                     // given and family name changed places
}

// pair finds the best partners of two names' parts and how like the names are:
//
//	sum of weight × likeness over the pairs
//	───────────────────────────────────────────────────────────────
//	sum of weight over the pairs + omissions + contradictions
//
// It is symmetric: turned says that the first name became the pairing's b.
func (w *Weights) pair(x, y *name) (p pairing, turned bool) {
	if x.heavy == 0 || y.heavy == 0 {
		p.a, p.b = x.tokens, y.tokens
		for i := range p.a {
			p.partner[i] = -1
		}
		return p, false
	}
	// Where two ways of pairing are equally good the order decides, so the order
	// is made the same whichever name comes first.
	if before(y.tokens, x.tokens) {
		x, y, turned = y, x, true
	}
	p.a, p.b = joinLike(x.tokens, y.tokens), y.tokens
	p.b = joinLike(p.b, p.a)
	w.partners(&p)

	var got, whole float64
	heavy, crossed, straight := false, 0, 0
	for i := range p.a {
		j := p.partner[i]
		if j < 0 {
			continue
		}
		a, b := &p.a[i], &p.b[j]
		heavy = heavy || isHeavy(a) && isHeavy(b)
		weight := (w.weight(a) + w.weight(b)) / 2
		whole += weight
		got += weight * p.like[i]
		if a.Role != names.AnyRole && b.Role != names.AnyRole {
			if a.Role == b.Role {
				straight++
			} else {
				crossed++
			}
		}
	}
	if !heavy {
		return p, turned
	}
	p.score = got / (whole + w.leftovers(&p))
	if x.parted && y.parted && crossed >= 2 && straight == 0 {
		p.swapped = true
		p.score *= w.Swapped
	}
	return p, turned
}

func isHeavy(t *names.Token) bool { return !t.Light() && t.Class != names.Initial }

// before orders token lists by their texts and classes.
func before(a, b []names.Token) bool {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i].Text != b[i].Text:
			return a[i].Text < b[i].Text
		case a[i].Class != b[i].Class:
			return a[i].Class < b[i].Class
		case a[i].Role != b[i].Role:
			return a[i].Role < b[i].Role
		case len(a[i].Keys) != len(b[i].Keys):
			return len(a[i].Keys) < len(b[i].Keys)
		}
	}
	return len(a) < len(b)
}

// joinLike joins neighbouring parts of a that b writes as one: "Yong Chol" where
// b has "Yongchol", "al Qaeda" where b has "Alqaeda".
func joinLike(a, b []names.Token) []names.Token {
	out := a
	for i := 0; i+1 < len(out); i++ {
		if out[i].Class == names.Initial || out[i].Class == names.LegalForm || out[i+1].Light() || out[i+1].Class == names.Initial {
			continue
		}
		for j := range b {
			t := &b[j]
			if !isHeavy(t) || !joins(&out[i], &out[i+1], t) || t.Shares(&out[i+1]) {
				continue
			}
			joined := names.Token{Text: out[i].Text + out[i+1].Text, Keys: t.Keys, Class: names.Plain, Role: out[i+1].Role, Latin: t.Latin}
			out = append(append(append([]names.Token(nil), out[:i]...), joined), out[i+2:]...)
			break
		}
	}
	return out
}

// joins reports whether a key of whole is a key of one followed by a key of two.
func joins(one, two, whole *names.Token) bool {
	for _, k := range whole.Keys {
		for _, a := range one.Keys {
			if len(a) >= len(k) || k[:len(a)] != a {
				continue
			}
			for _, b := range two.Keys {
				if k[len(a):] == b {
					return true
				}
			}
		}
	}
	return false
}

// partners fills partner, like and taken.
func (w *Weights) partners(p *pairing) {
	var gain [names.MaxTokens * names.MaxTokens]float64
	var inRow, inCol [names.MaxTokens]uint8
	cols, simple := len(p.b), true
	for i := range p.a {
		p.partner[i] = -1
		for j := range p.b {
			like := w.likeness(&p.a[i], &p.b[j])
			if like == 0 {
				continue
			}
			gain[i*cols+j] = like * (w.weight(&p.a[i]) + w.weight(&p.b[j])) / 2
			inRow[i]++
			inCol[j]++
			simple = simple && inRow[i] == 1 && inCol[j] == 1
			p.partner[i] = int8(j)
		}
	}
	if !simple {
		for i, j := range assign(gain[:len(p.a)*cols], len(p.a), cols) {
			p.partner[i] = int8(j)
		}
	}
	for i := range p.a {
		if j := p.partner[i]; j >= 0 {
			p.taken[j] = true
			p.like[i] = w.likeness(&p.a[i], &p.b[j])
		}
	}
}

// leftovers is what the parts without partners cost: as a contradiction where
// both sides have one of a sort, else as an omission. No part costs less than
// Omission × its missing weight; [nameIndex.search] relies on it.
func (w *Weights) leftovers(p *pairing) float64 {
	cost := 0.0
	var left [2][names.MaxTokens]*names.Token
	for sort := range leftoverSorts {
		n := [2]int{}
		for i := range p.a {
			if p.partner[i] < 0 && sortOf(&p.a[i]) == sort {
				left[0][n[0]] = &p.a[i]
				n[0]++
			}
		}
		for j := range p.b {
			if !p.taken[j] && sortOf(&p.b[j]) == sort {
				left[1][n[1]] = &p.b[j]
				n[1]++
			}
		}
		as, bs := left[0][:n[0]], left[1][:n[1]]
		if n[0] > 0 && n[1] > 0 && sort != lightSort {
			gain := make([]float64, n[0]*n[1])
			for i := range as {
				for j := range bs {
					gain[i*n[1]+j] = 0.001 + nearness(as[i], bs[j]) // above 0: any pair is better than none
				}
			}
			for i, j := range assign(gain, n[0], n[1]) {
				if j < 0 {
					continue
				}
				far := 1 - nearness(as[i], bs[j])
				cost += max(w.weight(as[i]), w.weight(bs[j])) * (w.Omission + (w.Contradicts-w.Omission)*far)
				as[i], bs[j] = nil, nil
			}
		}
		for _, t := range as {
			if t != nil {
				cost += w.Omission * w.missing(t)
			}
		}
		for _, t := range bs {
			if t != nil {
				cost += w.Omission * w.missing(t)
			}
		}
	}
	return cost
}

// Parts contradict only parts of the same sort: a patronymic another patronymic,
// a legal form another, a number another.
const (
	nameSort = iota
	patronymicSort
	numberSort
	formSort
	lightSort
	leftoverSorts
)

func sortOf(t *names.Token) int {
	switch t.Class {
	case names.Patronymic:
		return patronymicSort
	case names.Number:
		return numberSort
	case names.LegalForm:
		return formSort
	case names.Title, names.Particle:
		return lightSort
	default:
		return nameSort
	}
}

// wholePerson reports whether the queried name is whole in the listed one: every
// part of it has its partner in another spelling at most, two of them at least,
// none of the listed name's family names is missing, and no patronymic differs. What
// the listed name may have more is a patronymic, a title, a particle or, where
// its source tells given from family names, a further given name.
func (p *pairing) wholePerson(turned bool, query, listed *name) bool {
	if query.cut || listed.cut || p.swapped {
		return false
	}
	pairs, patronymics := 0, [2]int{}
	listedGiven := false
	for i := range p.a {
		t := &p.a[i]
		if t.Class == names.Patronymic {
			patronymics[0]++
		}
		j := p.partner[i]
		if j < 0 {
			if !excused(t, turned, listed.parted) {
				return false
			}
			continue
		}
		o := &p.b[j]
		if !isHeavy(t) || !isHeavy(o) {
			if t.Class == names.Initial && o.Class != names.Initial || o.Class == names.Initial && t.Class != names.Initial {
				return false
			}
			continue
		}
		if t.Text != o.Text && !t.Shares(o) {
			return false
		}
		l := o
		if turned {
			l = t
		}
		listedGiven = listedGiven || l.Role == names.GivenRole
		if t.Class != names.Patronymic && o.Class != names.Patronymic {
			pairs++
		}
	}
	for j := range p.b {
		if p.b[j].Class == names.Patronymic {
			patronymics[1]++
		}
		if !p.taken[j] && !excused(&p.b[j], !turned, listed.parted) {
			return false
		}
	}
	if patronymics[0] > 0 && patronymics[1] > 0 {
		for i := range p.a {
			if p.a[i].Class == names.Patronymic && p.partner[i] < 0 {
				return false
			}
		}
	}
	return pairs >= 2 && (listedGiven || !listed.parted)
}

// excused reports whether a part may lack a partner in a whole name. ofListed
// says that it is the listed name's.
func excused(t *names.Token, ofListed, parted bool) bool {
	switch t.Class {
	case names.Patronymic, names.Title, names.Particle:
		return true
	case names.Initial, names.LegalForm, names.Number, names.Generic:
		return false
	}
	return ofListed && parted && t.Role == names.GivenRole
}

// hasPatronymic reports whether a patronymic is among the pairs.
func (p *pairing) hasPatronymic() bool {
	for i := range p.a {
		if j := p.partner[i]; j >= 0 && p.a[i].Class == names.Patronymic && p.b[j].Class == names.Patronymic && p.a[i].Shares(&p.b[j]) {
			return true
		}
	}
	return false
}

// incomparable reports whether the names are written in scripts that nothing
// here leads from one to the other.
func incomparable(a, b *name) bool {
	latin := func(n *name) (some, others bool) {
		for i := range n.tokens {
			if isHeavy(&n.tokens[i]) {
				some = some || n.tokens[i].Latin
				others = others || !n.tokens[i].Latin && n.tokens[i].Class != names.Number
			}
		}
		return some, others
	}
	aLatin, aOther := latin(a)
	bLatin, bOther := latin(b)
	return aLatin && !aOther && bOther && !bLatin || bLatin && !bOther && aOther && !aLatin
}
