// Package match says which listed entities a queried one resembles, or is, and why.
//
// It knows no law: what follows from a [Finding] is for package gate. Two grades
// keep the law's line between a likeness and an identity. [Same] is given for an
// equal document number or wallet, or for a person's whole name with the same day of
// birth and one fact more (nationality, town of birth, patronymic), and only while
// nothing contradicts: no birth date of another year, no other gender or nationality,
// and, for a document, no other name. Everything else, however high its score, is
// [Resembles], a question for a person. Organisations are the same by a number or a
// wallet alone: a register takes one name and form many times.
//
// The score adds up evidence, each piece of which stands in the reasons. It
// follows the criticism of existing engines that names which agree in all but a
// contradicting part score like names with a part left out, and that exact names
// score 1 whatever else is known. All numbers are in weights.yaml.
//
// TestIndexFindsWhatScoringEverythingFinds proves that candidate search loses
// nothing, TestGrades the line between the grades, TestNothingOfTheQuery that no
// personal data of the query gets into a finding.
package match

import (
	"fmt"
	"math"
	"strings"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/names"
)

// Compare weighs a queried entity against one listed entity. The finding's grade
// is None where the score is below the weights' threshold, nothing identifies and no wallet agrees;
// the score is then what the names alone amount to, or nothing.
func Compare(query, listed entity.Entity, w Weights) Finding {
	q, l := w.party(&query), w.party(&listed)
	return w.compare(q, l, w.likest(q, l, &w), w.Threshold)
}

// A likest is the best pairing of two entities' strong names.
type likest struct {
	query, listed *name
	nats          float64 // evidence of the names, -inf where none agree
	whole         bool    // some pairing has the whole person
	patronymic    bool    // that one has a patronymic on both sides
	wholeListed   *name
	other         *likest // the best pairing of a name that may be another's; nil where none is likelier than not at all
}

// most is the most that names of the two come to, whoever's they are.
func (best *likest) most() float64 {
	if best.other != nil {
		return max(best.nats, best.other.nats)
	}
	return best.nats
}

func (w *Weights) likest(q, l *party, by scorer) likest {
	best := likest{nats: math.Inf(-1)}
	if comparable(q.entity.Kind, l.entity.Kind) {
		for i := range q.persons {
			for j := range l.persons {
				best.try(w, &q.persons[i], &l.persons[j], true, by, anything)
			}
		}
		for i := range q.firms {
			for j := range l.firms {
				best.try(w, &q.firms[i], &l.firms[j], false, by, anything)
			}
		}
	}
	return best
}

// likestOf is likest where it comes to the floor at all: of the likely pairs of one entity, in order.
func (w *Weights) likestOf(q, l *party, pairs []likelyPair, by scorer) likest {
	best, floor := likest{nats: math.Inf(-1)}, logit(w.NameFloor)
	if comparable(q.entity.Kind, l.entity.Kind) {
		for i, p := range pairs {
			firm, query, listed := p.split()
			switch {
			case i > 0 && p == pairs[i-1]:
			case firm:
				best.try(w, &q.firms[query], &l.firms[listed], false, by, floor)
			default:
				best.try(w, &q.persons[query], &l.persons[listed], true, by, floor)
			}
		}
	}
	return best
}

// try takes two names where they are likelier than those before, and may leave them where they are
// less likely than least.
func (best *likest) try(w *Weights, query, listed *name, person bool, by scorer, least float64) {
	var p pairing
	turned := w.pair(&p, query, listed, by, least)
	if query.other || listed.other {
		if best.other == nil {
			best.other = &likest{nats: math.Inf(-1)}
		}
		best = best.other
	}
	if p.nats > best.nats {
		best.nats, best.query, best.listed = p.nats, query, listed
	}
	if !person || p.nats < logit(w.NameFloor) || best.whole && best.patronymic {
		return
	}
	if p.wholePerson(turned, query, listed) {
		patronymic := p.hasPatronymic()
		if !best.whole || patronymic {
			best.wholeListed = listed
		}
		best.whole, best.patronymic = true, patronymic
	}
}

// comparable: a person's name is not held against a ship's.
func comparable(a, b entity.Kind) bool {
	return a == b || a == entity.UnknownKind || b == entity.UnknownKind
}

// compare weighs all evidence, best being the likest names of the two. threshold
// decides between Resembles and None. By a name that may be another's, nothing is known but it.
func (w *Weights) compare(q, l *party, best likest, threshold float64) Finding {
	f := w.compareAs(q, l, best, threshold)
	if best.other == nil || best.other.nats < logit(w.NameFloor) {
		return f
	}
	unknown := &party{entity: &entity.Entity{Kind: q.entity.Kind}}
	if of := w.compareAs(unknown, l, *best.other, threshold); of.Grade > f.Grade || of.Grade == f.Grade && of.Nats > f.Nats {
		return of
	}
	return f
}

func (w *Weights) compareAs(q, l *party, best likest, threshold float64) Finding {
	f := Finding{List: l.entity.List, EntityID: l.entity.ID, EntityName: l.entity.PrimaryName(), Measures: l.entity.Measures}
	person := q.entity.Kind != entity.Organisation && l.entity.Kind != entity.Organisation &&
		l.entity.Kind != entity.Vessel && l.entity.Kind != entity.Aircraft

	named := best.nats >= logit(w.NameFloor)
	e := evidence{nats: math.Inf(-1)}
	if best.listed != nil {
		f.MatchedName = best.listed.source.Full
		e.add("name", best.nats, w.nameReason(&best))
	}

	born, date := w.birthOf(q.entity.Birth, l.entity.Birth)
	nation, nations := countriesOf(q.nations, l.nations)
	seat, seats := countriesOf(q.seats, l.seats)
	place := sameTown(q.birthTowns, l.birthTowns)
	genders := untold
	if q.gender != entity.UnknownGender && l.gender != entity.UnknownGender {
		genders = agree
		if q.gender != l.gender {
			genders = disagree
		}
	}

	if person && named {
		switch born {
		case birthDay:
			e.add("birth date", w.Facts.BirthDay, "birth date "+date.String()+" agrees to the day")
		case birthSpan:
			e.add("birth date", w.Facts.BirthSpan, "birth date "+date.String()+" agrees as far as both are known")
		case birthSwapped:
			e.add("birth date", w.Facts.BirthSwapped, "birth date "+date.String()+" agrees only with day and month exchanged")
		case birthSameYear:
			e.add("birth date", w.Facts.BirthSameYear, "birth date "+date.String()+" differs within the year")
		case birthOther:
			e.add("birth date", w.Facts.BirthOther, "birth date "+date.String()+" contradicts: another year")
		}
		if place != "" {
			e.add("place of birth", w.Facts.BirthPlace, "place of birth "+quoted(place)+" agrees")
		}
		if genders == disagree {
			e.add("gender", w.Facts.GenderOther, "gender "+l.gender.String()+" contradicts")
		}
	}
	if named {
		switch {
		case person && nation == agree:
			e.add("nationality", w.Facts.Nationality, "nationality "+nations+" agrees")
		case person && nation == disagree:
			e.add("nationality", w.Facts.NationalityOther, "nationality "+nations+" contradicts")
		case !person && seat == agree:
			e.add("country", w.Facts.Nationality, "country "+seats+" agrees")
		case !person && seat == disagree:
			e.add("country", w.Facts.NationalityOther, "country "+seats+" contradicts")
		}
	}

	// A list's document number or wallet under another birth date is for a person to
	// look at.
	contradicted := person && (born == birthOther || genders == disagree || nation == disagree)
	identified, evident := false, named

	if id := sameIdentifier(q, l); id != nil {
		evident = true
		text := id.source.Type + " " + id.source.Number
		if id.country != "" {
			text += " (" + id.country + ")"
		}
		switch {
		case w.namesContradict(q, l, best.nats):
			e.add("document", w.Facts.DocumentOtherName, text+" agrees, but the names contradict")
		case contradicted:
			e.add("document", w.Facts.DocumentOtherName, text+" agrees, but a fact about the person contradicts")
		default:
			identified = true
			e.add("document", w.Facts.Document, text+" agrees")
		}
	}
	// Nobody has a key by chance, so whoever has a listed one is looked at whatever else is known.
	held := false
	if a := sameWallet(q, l); a.grade != chain.Different {
		evident, held = true, true
		text := "wallet " + a.listed + " agrees"
		switch {
		case a.grade == chain.OtherChain:
			// One key may be held on several chains, and a contract's address means
			// nothing on another: for a person to look at.
			text += ", on another chain"
		case a.grade == chain.Derived:
			text += ", in a form derived from its key"
		case a.grade != chain.SameKey:
			text += ", " + a.grade.String()
		case contradicted:
			text += ", but a fact about the person contradicts"
		default:
			identified = true
		}
		e.add("wallet", w.Facts.Wallet, text)
	}
	if evident {
		if n := w.sameWeakAlias(q, l); n != nil {
			e.add("weak alias", w.Facts.WeakAlias, "weak alias "+quoted(n.source.Full)+" agrees as well")
		}
	}

	// The whole name, the day of birth, one fact more, and nothing against it.
	further := nation == agree || place != "" || best.patronymic && genders == agree
	if !identified && person && best.whole && born == birthDay && further && !contradicted {
		identified = true
		f.MatchedName = best.wholeListed.source.Full
	}

	f.Score, f.Reasons = round(e.score()), e.reasons
	if len(e.reasons) > 0 {
		f.Nats = math.Round(e.nats*1e4) / 1e4
	}
	switch {
	case identified:
		f.Grade = Same
	case held || evident && f.Score >= threshold:
		f.Grade = Resembles
	}
	return f
}

// evidence adds up, in nats. It begins at the impossible, from which the first
// piece, of whatever kind, leads to its own sum.
type evidence struct {
	nats    float64
	reasons []Reason
}

func (e *evidence) score() float64 { return probability(e.nats) }

// add keeps the rounded pieces of what is rounded, so that they add up to it.
func (e *evidence) add(kind string, nats float64, text string) {
	before := round(e.score())
	if math.IsInf(e.nats, -1) {
		e.nats = 0
	}
	e.nats += nats
	e.reasons = append(e.reasons, Reason{Kind: kind, Effect: round(round(e.score()) - before), Nats: math.Round(nats*1e4) / 1e4, Text: text})
}

// round to 4 decimals; a score is never certain.
func round(x float64) float64 {
	x = math.Round(x*1e4) / 1e4
	if x == 1 {
		return 0.9999
	}
	return x
}

func quoted(s string) string { return "\u201c" + s + "\u201d" }

// sameIdentifier gives the listed document that the query has too.
func sameIdentifier(q, l *party) *identifier {
	for i := range l.identifiers {
		for j := range q.identifiers {
			if l.identifiers[i].sameDocument(&q.identifiers[j]) {
				return &l.identifiers[i]
			}
		}
	}
	return nil
}

// agreeing is the listed wallet, as the list writes it, with which the query agrees best.
type agreeing struct {
	listed string
	grade  chain.Grade
}

// sameWallet finds the listed wallet that the query has too in whatever spelling.
func sameWallet(q, l *party) agreeing {
	var best agreeing
	for _, a := range l.wallets {
		for _, b := range q.wallets {
			if g := chain.Same(b, a); g > best.grade {
				best = agreeing{a.Text, g}
			}
		}
	}
	return best
}

// namesContradict reports whether names that could agree do not, weak ones included.
func (w *Weights) namesContradict(q, l *party, best float64) bool {
	enough := logit(w.DocumentName)
	if best >= enough {
		return false
	}
	comparedAny := false
	var p pairing
	each := func(qs, ls []name) bool {
		for i := range qs {
			for j := range ls {
				if incomparable(&qs[i], &ls[j]) {
					continue
				}
				comparedAny = true
				if w.pair(&p, &qs[i], &ls[j], w, enough); p.nats >= enough {
					return true
				}
			}
		}
		return false
	}
	if each(q.persons, l.persons) || each(q.firms, l.firms) || each(q.persons, l.weak) || each(q.firms, l.weak) {
		return false
	}
	// A person's document under a firm's name is a contradiction too.
	return comparedAny || !comparable(q.entity.Kind, l.entity.Kind)
}

// sameWeakAlias gives the weak alias that is a name of the query in every part.
func (w *Weights) sameWeakAlias(q, l *party) *name {
	var p pairing
	for i := range l.weak {
		for _, qs := range [...][]name{q.persons, q.firms} {
			for j := range qs {
				if w.pair(&p, &qs[j], &l.weak[i], w, anything); w.wholeName(&p) {
					return &l.weak[i]
				}
			}
		}
	}
	return nil
}

// nameReason tells part by part how the listed name agrees, in the list's own
// spelling only.
func (w *Weights) nameReason(best *likest) string {
	var p pairing
	turned := w.pair(&p, best.query, best.listed, w, anything)
	listed, partners := p.b, make([]*part, len(p.b))
	agreed := make([]float64, len(p.b))
	ours := len(p.a)
	for i := range p.a {
		if j := p.partner[i]; j >= 0 {
			ours--
			partners[j], agreed[j] = &p.a[i], p.agreed[i]
		}
	}
	if turned {
		listed, partners, agreed = p.a, make([]*part, len(p.a)), p.agreed[:len(p.a)]
		ours = len(p.b)
		for i := range p.a {
			if j := p.partner[i]; j >= 0 {
				ours--
				partners[i] = &p.b[j]
			}
		}
	}
	if p.chinese != names.Pinyin {
		return chineseReason(best, p.chinese, p.aIsSpelt == turned)
	}
	var same, spelt, told, short, near, absent []string
	for i := range listed {
		t, o := &listed[i], partners[i]
		switch {
		case o == nil:
			absent = append(absent, t.Text)
		case t.Class == names.Initial || o.Class == names.Initial:
			near = append(near, t.Text+" (initial)")
		case t.Text == o.Text:
			same = append(same, t.Text)
		case translated(t, o):
			told = append(told, t.Text)
		case t.Shares(&o.Token):
			spelt = append(spelt, t.Text)
		case sharesNickname(t, o):
			short = append(short, t.Text)
		default:
			near = append(near, fmt.Sprintf("%s (%d %%)", t.Text, int(math.Round(100*agreed[i]/max(t.info, o.info)))))
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "name %s", quoted(best.listed.source.Full))
	sep := ": "
	tell := func(what string, parts []string) {
		if len(parts) > 0 {
			b.WriteString(sep + what + " " + strings.Join(parts, ", "))
			sep = "; "
		}
	}
	tell("agrees in", same)
	tell("in another spelling in", spelt)
	tell("in another language in", told)
	tell("by a short or another form of the name in", short)
	tell("nearly in", near)
	tell("has no partner for", absent)
	if ours > 0 {
		fmt.Fprintf(&b, "%slacks %d of the parts asked for", sep, ours)
		sep = "; "
	}
	if p.swapped {
		b.WriteString(sep + "given and family name have changed places")
		sep = "; "
	}
	if p.spaced {
		b.WriteString(sep + "agrees when written without spaces")
		sep = "; "
	}
	if p.acronym {
		b.WriteString(sep + "one is the initials of the other")
		sep = "; "
	}
	if best.query.other || best.listed.other {
		b.WriteString(sep + "is that of somebody whom the field names besides, and of whom nothing else is known")
		sep = "; "
	} else if best.query.said {
		b.WriteString(sep + "is one of several names that the field tells")
		sep = "; "
	}
	if best.query.cut || best.listed.cut {
		b.WriteString(sep + "only the beginning was read, for its length")
	}
	return b.String()
}

// chineseReason tells that the listed name is that of the query in another romanisation, and which of the two is
// not in pinyin.
func chineseReason(best *likest, in names.Romanisation, listedIsSpelt bool) string {
	listed, asked := names.Pinyin, in
	if listedIsSpelt {
		listed, asked = in, names.Pinyin
	}
	var agree []string
	for i := range best.listed.parts {
		if p := &best.listed.parts[i]; p.Class != names.Title && p.Text != best.listed.beside {
			agree = append(agree, p.Text)
		}
	}
	text := fmt.Sprintf("name %s: agrees in %s as another spelling of the Chinese name: %s, where the name asked for is in %s",
		quoted(best.listed.source.Full), strings.Join(agree, ", "), listed, asked)
	switch {
	case best.listed.beside == best.query.beside:
	case best.listed.beside != "":
		text += "; has no partner for " + best.listed.beside
	default:
		text += "; lacks 1 of the parts asked for"
	}
	return text
}
