package ofac

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// Enhanced is the format of SDN_ENHANCED.XML, the document <sanctionsData> of the Sanctions List
// Service's schema ENHANCED_XML. The file carries its own date.
func Enhanced() watchlist.Format { return enhanced(List, "ofac-enhanced", "sdn_enhanced.xml") }

// ConsEnhanced is the format of CONS_ENHANCED.XML, the same document of the other list.
func ConsEnhanced() watchlist.Format {
	return enhanced(ConsList, "ofac-cons-enhanced", "cons_enhanced.xml")
}

func enhanced(list, format, file string) watchlist.Format {
	return watchlist.Format{Name: format, List: list, Publisher: Publisher, Dated: true, Streams: true,
		Recognise: func(name string, data []byte) (string, bool) {
			head := data[:min(len(data), 4096)]
			cons := isConsName(name)
			// The document says near its beginning which lists it was made of.
			if i := bytes.Index(head, []byte("</filters>")); i >= 0 {
				if sdn := bytes.Contains(head[:i], []byte(">SDN List<")); sdn || bytes.Contains(head[:i], []byte("<sanctionsList ")) {
					cons = !sdn
				}
			}
			return file, cons == (list == ConsList) && bytes.Contains(head, []byte("<sanctionsData"))
		},
		Parse: func(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
			return parseStream(list, file, files, func(t telling) streamParse {
				return &enhancedParse{telling: t, values: map[string]string{}, index: map[string]int{}}
			})
		}}
}

// enhancedParse is the work on one edition. The document writes what a reference stands for
// beside it, but for the values of some features.
type enhancedParse struct {
	telling
	values map[string]string // by refId
	index  map[string]int    // by entity
	others int               // entries of another list than this
}

func (p *enhancedParse) root() string           { return "sanctionsData" }
func (p *enhancedParse) whole(name string) bool { return name == "publicationInfo" }

func (p *enhancedParse) finish(ended map[string]bool) error {
	switch {
	case !ended["entities"]:
		return errors.New("no entities in it")
	case p.edition.Published.IsZero():
		return errors.New("no dataAsOf in it")
	}
	if p.others > 0 {
		p.edition.Doubts = append(p.edition.Doubts, fmt.Sprintf("%d entries are of another list than %s: the file may be the other one, renamed", p.others, p.edition.List))
	}
	p.relate()
	return nil
}

func (p *enhancedParse) take(section string, n *listxml.Node) error {
	switch {
	case section == "" && n.Name == "publicationInfo":
		return p.publication(n)
	case section == "referenceValues":
		p.values[n.Attr("refId")] = n.Find("value").Text()
	case section == "featureTypes": // each feature has its type's name beside it
	case section == "entities" && n.Name == "entity":
		p.entity(n)
	default:
		p.unread(n, "")
	}
	return nil
}

func (p *enhancedParse) publication(n *listxml.Node) error {
	at, err := instant(n.Find("dataAsOf").Text())
	if err != nil {
		return fmt.Errorf("dataAsOf: %w", err)
	}
	p.edition.Published = at
	// Whoever makes an export may choose some lists and some programmes only.
	filters := n.Find("filters")
	for _, l := range filters.Find("sanctionsLists").Children() {
		if !isListOf(p.edition.List, l.Text()) {
			p.edition.Foreign = fmt.Sprintf("line %d: it is made of %q", l.Line, watchlist.Short(l.Text()))
		}
	}
	if some := filters.Find("sanctionsPrograms").Children(); len(some) > 0 {
		p.edition.Doubts = append(p.edition.Doubts, fmt.Sprintf("line %d: it is made of %d programmes only, such as %q", some[0].Line, len(some), watchlist.Short(some[0].Text())))
	}
	return nil
}

// instant reads xsd:dateTime, as UTC where it tells no zone.
func instant(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q: want a time such as 2026-09-01T10:00:00", watchlist.Short(s))
}

func (p *enhancedParse) entity(n *listxml.Node) {
	id := n.Attr("id")
	if !isID(id) {
		p.leave(n, "", "entity", "id %q: want a number", watchlist.Short(id))
		return
	}
	if _, twice := p.index[id]; twice {
		p.leave(n, id, "entity", "it stands in the file twice")
		return
	}
	e := entity.Entity{List: p.edition.List, ID: id}
	var remarks []string
	for _, c := range n.Children() {
		switch c.Name {
		case "generalInfo":
			remarks = append(remarks, p.general(c, &e)...)
		case "sanctionsLists":
			p.lists(c, &e)
		case "sanctionsPrograms":
			for _, x := range c.Children() {
				e.Programmes = addOnce(e.Programmes, p.named(x))
			}
		case "sanctionsTypes":
			for _, x := range c.Children() {
				measure(&e, p.named(x))
			}
		case "legalAuthorities":
			for _, x := range c.Children() {
				e.LegalBasis = addOnce(e.LegalBasis, p.named(x))
			}
		case "names":
			for _, x := range c.Children() {
				p.name(x, &e)
			}
		case "addresses":
			for _, x := range c.Children() {
				p.address(x, &e)
			}
		case "features":
			for _, x := range c.Children() {
				remarks = append(remarks, p.feature(x, &e)...)
			}
		case "identityDocuments":
			for _, x := range c.Children() {
				remarks = append(remarks, p.document(x, &e))
			}
		case "relationships":
			for _, x := range c.Children() {
				remarks = append(remarks, p.relation(x, &e))
			}
		default:
			p.unread(c, id)
		}
	}
	if len(e.Names) == 0 {
		p.leave(n, id, "names", "no name")
		return
	}
	if !primaryFirst(&e) {
		p.note(n, id, "names", "none is primary; taken for it: %q", watchlist.Short(e.Names[0].Full))
	}
	e.Remarks = joinRemarks("", remarks...)
	p.edition.Tell(p.file, n.Line, &e)
	p.index[id] = len(p.edition.Entities)
	p.edition.Entities = append(p.edition.Entities, e)
}

// named is the text of an element that also refers to a value, or that value.
func (p *enhancedParse) named(n *listxml.Node) string {
	if n == nil || n.Text() != "" {
		return n.Text()
	}
	return p.values[n.Attr("refId")]
}

func (p *enhancedParse) general(n *listxml.Node, e *entity.Entity) (said []string) {
	for _, c := range n.Children() {
		switch c.Name {
		case "identityId":
		case "entityType":
			kind, ok := kindOf(p.named(c))
			if !ok || p.named(c) == "" {
				p.note(c, e.ID, "entityType", "%q: want Individual, Entity, Vessel or Aircraft", watchlist.Short(p.named(c)))
			} else {
				e.Kind = kind
			}
		case "title":
			e.Positions = addOnce(e.Positions, c.Text())
		case "remarks":
			said = append(said, c.Text())
		case "livingStatus":
			said = append(said, labelled("Living status", p.named(c)))
		case "isUsCitizen":
			if isTrue(c) {
				e.Nationalities = addOnce(e.Nationalities, "US")
			}
		case "isUsPerson":
			if isTrue(c) {
				said = append(said, "US person")
			}
		default:
			p.unread(c, e.ID)
		}
	}
	return said
}

// isTrue reads xsd:boolean.
func isTrue(n *listxml.Node) bool { return n.Text() == "true" || n.Text() == "1" }

func (p *enhancedParse) lists(n *listxml.Node, e *entity.Entity) {
	ours := false
	for _, l := range n.Children() {
		if !isListOf(p.edition.List, p.named(l)) {
			continue // whoever is on this list too
		}
		ours = true
		d, err := draft.ISODay(l.Attr("datePublished"))
		if err != nil {
			p.note(l, e.ID, "datePublished", "%v", err)
		} else if e.Listed.IsZero() || d.Compare(e.Listed) < 0 {
			e.Listed = d
		}
	}
	if !ours {
		p.others++
	}
}

func (p *enhancedParse) name(n *listxml.Node, e *entity.Entity) {
	primary, weak := isTrue(n.Find("isPrimary")), isTrue(n.Find("isLowQuality"))
	kind := entity.Alias
	if t := n.Find("aliasType"); t != nil {
		var known bool
		if kind, known = nameKindOf(p.named(t)); !known && !strings.EqualFold(p.named(t), "Name") {
			p.note(t, e.ID, "aliasType", "%q: want A.K.A., F.K.A. or N.K.A.; taken for A.K.A.", watchlist.Short(p.named(t)))
		}
	}
	p.but(n, e.ID, "isPrimary", "isLowQuality", "aliasType", "translations")
	for _, t := range n.Find("translations").Children() {
		as := kind
		if primary && isTrue(t.Find("isPrimary")) {
			as = entity.Primary
		}
		language, ok := languageOf(p.named(t.Find("script")))
		if !ok {
			p.note(t, e.ID, "script", "%q: not a script that is known", watchlist.Short(p.named(t.Find("script"))))
		}
		var parts nameParts
		for _, x := range t.Find("nameParts").Children() {
			if v := x.Find("value").Text(); v != "" && !parts.add(p.named(x.Find("type")), v) {
				p.note(x, e.ID, "namePart", "%q: not a part that is known; %q is taken for a part of the whole name", watchlist.Short(p.named(x.Find("type"))), watchlist.Short(v))
			}
		}
		full := parts.name(e.Kind, as, language)
		if full.Full == "" {
			// Without its parts a name is as the legacy files write it.
			written := draft.Squeeze(t.Find("formattedFullName").Text())
			if full = name(written, e.Kind, full.Kind); full.Full == "" {
				p.note(t, e.ID, "translation", "no name in it")
				continue
			}
			full.Language = language
		}
		full.Weak = weak
		e.Names = append(e.Names, full)
		p.but(t, e.ID, "isPrimary", "script", "formattedFirstName", "formattedLastName", "formattedFullName", "nameParts")
	}
}

func (p *enhancedParse) address(n *listxml.Node, e *entity.Entity) {
	p.but(n, e.ID, "country", "translations")
	land := p.named(n.Find("country"))
	written := 0
	for _, t := range n.Find("translations").Children() {
		if t.Name != "translation" {
			if t.Name == "country" && land == "" {
				land = p.named(t)
			}
			continue
		}
		var at writtenPlace
		for _, x := range t.Find("addressParts").Children() {
			if v := draft.Squeeze(x.Find("value").Text()); v != "" && !at.add(p.named(x.Find("type")), v) {
				p.note(x, e.ID, "addressPart", "%q %q: not a part that is read", watchlist.Short(p.named(x.Find("type"))), watchlist.Short(v))
			}
		}
		p.but(t, e.ID, "isPrimary", "script", "addressParts")
		if at.written() == "" {
			continue
		}
		written++
		if at.Place == (entity.Place{}) {
			at.Street = at.text
		}
		at.in(land)
		e.Places = append(e.Places, at.Place)
	}
	if written == 0 {
		var at writtenPlace
		if at.in(land); at.Place != (entity.Place{}) {
			e.Places = append(e.Places, at.Place)
		}
	}
}

func (p *enhancedParse) feature(n *listxml.Node, e *entity.Entity) (said []string) {
	f := fact{kind: n.Find("type").Text(), text: draft.Squeeze(n.Find("value").Text())}
	if ref := n.Find("valueRefId").Text(); f.text == "" && ref != "" {
		if f.text = p.values[ref]; f.text == "" {
			p.note(n, e.ID, "valueRefId", "%q: no such value in the document", watchlist.Short(ref))
			return nil
		}
	}
	if d := n.Find("valueDate"); d != nil {
		at, err := datePeriod(d)
		if err != nil {
			p.note(d, e.ID, strings.ToLower(f.kind), "%v", err)
			if f.kind == "Birthdate" {
				return nil
			}
		} else {
			f.dates = &at
		}
	}
	rest, bad := f.take(e)
	if bad != nil {
		p.note(n, e.ID, bad.field, "%s", bad.text)
	}
	p.but(n, e.ID, "type", "versionId", "value", "valueRefId", "valueDate", "isPrimary", "reliability", "comments")
	return []string{rest, n.Find("comments").Text()}
}

// datePeriod reads a datePeriodType: from the earliest day to the latest.
func datePeriod(n *listxml.Node) (entity.Dates, error) {
	var first, last string
	for _, name := range []string{"fromDateBegin", "fromDateEnd", "toDateBegin", "toDateEnd"} {
		if s := n.Find(name).Text(); s != "" {
			if first == "" {
				first = s
			}
			last = s
		}
	}
	from, err := draft.ISODay(first)
	if err != nil {
		return entity.Dates{}, err
	}
	to, err := draft.ISODay(last)
	if err != nil {
		return entity.Dates{}, err
	}
	d, err := draft.Between(entity.Exact(from), entity.Exact(to))
	d.Circa = isTrue(n.Find("isApproximate"))
	return d, err
}

func (p *enhancedParse) document(n *listxml.Node, e *entity.Entity) (said string) {
	d := paper{kind: p.named(n.Find("type")), number: draft.Squeeze(n.Find("documentNumber").Text()), country: p.named(n.Find("issuingCountry"))}
	if valid := n.Find("isValid"); valid != nil {
		d.forged = !isTrue(valid)
	}
	for _, x := range []struct{ element, word string }{{"issuingAuthority", "issued by"}, {"issuingLocation", "issued in"}, {"issueDate", "issued"}, {"expirationDate", "expires"}, {"comments", ""}} {
		c := n.Find(x.element)
		text := c.Text()
		if len(c.Children()) > 0 {
			at, err := datePeriod(c)
			if err != nil {
				p.note(c, e.ID, x.element, "%v", err)
				continue
			}
			text = at.String()
		}
		if text != "" {
			d.more = append(d.more, strings.TrimSpace(x.word+" "+text))
		}
	}
	if d.number == "" || d.kind == "" {
		p.note(n, e.ID, "identityDocument", "type %q, number %q: want both", watchlist.Short(d.kind), watchlist.Short(d.number))
	}
	// idFeatures point at features of the entry, which are read there.
	p.but(n, e.ID, "type", "name", "documentNumber", "isValid", "issuingAuthority", "issuingLocation", "issuingCountry", "issueDate", "expirationDate", "comments", "idFeatures")
	return d.take(e)
}

func (p *enhancedParse) relation(n *listxml.Node, e *entity.Entity) (said string) {
	kind, other := relationCalled(p.named(n.Find("type"))), n.Find("relatedEntity")
	r := entity.Relation{Type: kind, ID: other.Attr("entityId"), Name: draft.Squeeze(other.Text())}
	if r.Type == "" || r.ID == "" {
		p.note(n, e.ID, "relationship", "type %q to entity %q: want both", watchlist.Short(r.Type), watchlist.Short(r.ID))
		return ""
	}
	e.Relations = append(e.Relations, r)
	p.but(n, e.ID, "type", "relatedEntity", "quality", "comments")
	return n.Find("comments").Text()
}

// relate tells each relation on its other side too, as the advanced document's reader does, where
// that side does not tell it itself.
func (p *enhancedParse) relate() {
	all := p.edition.Entities
	told := make([]int, len(all)) // how many relations each has of its own
	for i := range all {
		told[i] = len(all[i].Relations)
	}
	for i := range all {
		for j := range told[i] {
			r := &all[i].Relations[j]
			k, ok := p.index[r.ID]
			if !ok {
				continue // on another list
			}
			if r.Name == "" {
				r.Name = all[k].PrimaryName()
			}
			back := entity.Relation{Type: inverse[r.Type], ID: all[i].ID, Name: all[i].PrimaryName()}
			has := false
			for _, x := range all[k].Relations {
				has = has || x.Type == back.Type && x.ID == back.ID
			}
			if back.Type != "" && !has {
				all[k].Relations = append(all[k].Relations, back)
			}
		}
	}
}
