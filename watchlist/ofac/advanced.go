package ofac

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listxml"
)

// ConsList is the name of OFAC's list of those who are sanctioned and no SDN.
const ConsList = "us-cons"

// Advanced is the format of SDN_ADVANCED.XML, the document <Sanctions> of the schema that OFAC
// shares with the UN. The file carries its own date.
func Advanced() watchlist.Format { return advanced(List, "ofac-advanced", "sdn_advanced.xml") }

// ConsAdvanced is the format of CONS_ADVANCED.XML, the same document of the other list.
func ConsAdvanced() watchlist.Format {
	return advanced(ConsList, "ofac-cons-advanced", "cons_advanced.xml")
}

func advanced(list, format, file string) watchlist.Format {
	return watchlist.Format{Name: format, List: list, Publisher: Publisher, Dated: true, Streams: true,
		Recognise: func(name string, data []byte) (string, bool) {
			head := data[:min(len(data), 2048)]
			// Only the name tells one list from the other before its entries are read.
			return file, isConsName(name) == (list == ConsList) && bytes.Contains(head, []byte("<Sanctions")) && bytes.Contains(head, []byte("ReferenceValueSets"))
		},
		Parse: func(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
			return parseStream(list, file, files, func(t telling) streamParse {
				return &advancedParse{telling: t, values: map[string]map[string]string{}, places: map[string]writtenPlace{},
					papers: map[string][]paper{}, index: map[string]int{}}
			})
		}}
}

// isConsName goes by the name of a file where nothing in it says of which list it is.
func isConsName(name string) bool { return strings.Contains(strings.ToLower(name), "cons") }

// streamParse is the work on one edition that is read as a stream.
type streamParse interface {
	root() string
	whole(name string) bool
	take(section string, n *listxml.Node) error
	finish(ended map[string]bool) error
}

func parseStream(list, name string, files []watchlist.File, begin func(telling) streamParse) (*watchlist.Edition, error) {
	if len(files) != 1 || files[0].Name != name {
		return nil, fmt.Errorf("watchlist/ofac: want %s and no other file", name)
	}
	e := &watchlist.Edition{List: list, Publisher: Publisher}
	in, err := files[0].Open()
	if err != nil {
		return nil, fmt.Errorf("watchlist/ofac: %s: %w", name, err)
	}
	defer in.Close()
	p := begin(telling{edition: e, file: name})
	ended, err := listxml.Sections(in, p.root(), p.whole, func(section string, n *listxml.Node) error {
		if len(e.Entities) >= maxEntries {
			return fmt.Errorf("more than %d entries", maxEntries)
		}
		return p.take(section, n)
	})
	if err == nil {
		err = p.finish(ended)
	}
	if err != nil {
		return nil, fmt.Errorf("watchlist/ofac: %s: %w", name, err)
	}
	if directives(e); list == List && e.Foreign == "" {
		notBlocked(e)
	}
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// advancedParse is the work on one edition. The document gives things before what refers to
// them: values, locations, documents, parties, then relations and entries.
type advancedParse struct {
	telling
	values  map[string]map[string]string // AliasType → 1400 → A.K.A.
	places  map[string]writtenPlace      // by Location
	papers  map[string][]paper           // by Identity
	index   map[string]int               // by Profile
	entered int                          // parties that an entry of the list was seen for
	others  int                          // entries of another list than this
}

// value is what a reference stands for; one that is not declared is told.
func (a *advancedParse) value(n *listxml.Node, id, set, ref string) string {
	v, ok := a.values[set][ref]
	if !ok && ref != "" {
		a.note(n, id, set+"ID", "%q: no such value in the document", watchlist.Short(ref))
	}
	return v
}

func (a *advancedParse) root() string           { return "Sanctions" }
func (a *advancedParse) whole(name string) bool { return name == "DateOfIssue" }

func (a *advancedParse) finish(ended map[string]bool) error {
	switch {
	case !ended["DistinctParties"] || !ended["SanctionsEntries"]:
		return errors.New("no DistinctParties or no SanctionsEntries in it")
	case a.edition.Published.IsZero():
		return errors.New("no DateOfIssue in it")
	}
	if a.others > 0 {
		a.edition.Doubts = append(a.edition.Doubts, fmt.Sprintf("%d entries are of another list than %s: the file may be the other one, renamed", a.others, a.edition.List))
	}
	if n := len(a.edition.Entities); a.entered < n {
		a.edition.Doubts = append(a.edition.Doubts, fmt.Sprintf("%d of %d parties have no SanctionsEntry", n-a.entered, n))
	}
	for _, of := range slices.Sorted(maps.Keys(a.papers)) {
		for _, p := range a.papers[of] {
			a.note(&listxml.Node{Line: p.line}, "", "IdentityID", "%q: no such identity in the document; %s is nobody's", watchlist.Short(of), watchlist.Short(p.kind))
		}
	}
	return nil
}

func (a *advancedParse) take(section string, n *listxml.Node) error {
	switch {
	case n.Name == "DateOfIssue" && section == "":
		d, ok := advancedDay(n)
		if !ok {
			return errors.New("DateOfIssue: no such day")
		}
		a.edition.Published = d.Time()
	case section == "ReferenceValueSets":
		for _, v := range n.Children() {
			set := a.values[v.Name]
			if set == nil {
				set = map[string]string{}
				a.values[v.Name] = set
			}
			set[v.Attr("ID")] = v.Text()
		}
	case section == "Locations":
		a.location(n)
	case section == "IDRegDocuments":
		a.document(n)
	case section == "DistinctParties":
		a.party(n)
	case section == "ProfileRelationships":
		a.relation(n)
	case section == "SanctionsEntries":
		a.entry(n)
	case section == "SanctionsEntryLinks": // ties entries that are read already
	default:
		a.unread(n, "")
	}
	return nil
}

func (a *advancedParse) location(n *listxml.Node) {
	var p writtenPlace
	land, area := "", ""
	for _, c := range n.Children() {
		switch c.Name {
		case "LocationCountry":
			land = a.value(c, "", "Country", c.Attr("CountryID"))
		case "LocationAreaCode":
			// An area of OFAC's is a country, by its two letters.
			area = a.value(c, "", "AreaCode", c.Attr("AreaCodeID"))
		case "LocationPart":
			kind := a.value(c, "", "LocPartType", c.Attr("LocPartTypeID"))
			for _, v := range c.Children() {
				switch {
				case v.Name != "LocationPartValue":
					a.unread(v, "")
				case v.Find("Value").Text() == "":
				case !p.add(kind, v.Find("Value").Text()):
					a.note(v, "", "LocationPart", "%q %q: not a part that is read", kind, watchlist.Short(v.Find("Value").Text()))
				}
			}
		default:
			a.unread(c, "")
		}
	}
	if land == "" {
		land = area
	}
	p.in(land)
	a.places[n.Attr("ID")] = p
}

func (a *advancedParse) document(n *listxml.Node) {
	land := n.Attr("IssuedBy-CountryID")
	if land == "" {
		land = n.Find("IssuedBy").Attr("CountryID")
	}
	p := paper{line: n.Line, kind: a.value(n, "", "IDRegDocType", n.Attr("IDRegDocTypeID")), country: a.value(n, "", "Country", land),
		forged: strings.EqualFold(a.value(n, "", "Validity", n.Attr("ValidityID")), "Fraudulent")}
	for _, c := range n.Children() {
		switch c.Name {
		case "IDRegistrationNo":
			p.number = c.Text()
		case "IssuedBy":
		case "IssuingAuthority", "Comment":
			if c.Text() != "" {
				p.more = append(p.more, c.Text())
			}
		case "DocumentDate":
			d, err := advancedDates(c.Find("DatePeriod"))
			if err != nil {
				a.note(c, "", "DocumentDate", "%v", err)
				continue
			}
			p.more = append(p.more, strings.ToLower(a.value(c, "", "IDRegDocDateType", c.Attr("IDRegDocDateTypeID")))+" "+d.String())
		default:
			a.unread(c, "")
		}
	}
	if p.number == "" {
		a.note(n, "", "IDRegistrationNo", "%s: no number in it", p.kind)
	}
	a.papers[n.Attr("IdentityID")] = append(a.papers[n.Attr("IdentityID")], p)
}

func (a *advancedParse) party(n *listxml.Node) {
	id := n.Attr("FixedRef")
	if !isID(id) {
		a.leave(n, "", "FixedRef", "%q: want a number", watchlist.Short(id))
		return
	}
	e := entity.Entity{List: a.edition.List, ID: id}
	var remarks []string
	var profile *listxml.Node
	for _, c := range n.Children() {
		switch {
		case c.Name == "Comment":
			remarks = append(remarks, c.Text())
		case c.Name == "Profile" && profile == nil:
			profile = c
		default:
			a.unread(c, id)
		}
	}
	// The sub-type of people and organisations is "Unknown"; then the number tells.
	switch sub := a.value(n, id, "PartySubType", profile.Attr("PartySubTypeID")); strings.ToLower(sub) {
	case "vessel":
		e.Kind = entity.Vessel
	case "aircraft":
		e.Kind = entity.Aircraft
	case "individual":
		e.Kind = entity.Person
	case "entity":
		e.Kind = entity.Organisation
	default:
		switch profile.Attr("PartySubTypeID") {
		case "4":
			e.Kind = entity.Person
		case "3":
			e.Kind = entity.Organisation
		default:
			a.note(n, id, "PartySubTypeID", "%q: neither person, organisation, vessel nor aircraft", watchlist.Short(sub))
		}
	}
	for _, c := range profile.Children() {
		switch c.Name {
		case "Identity":
			a.identity(c, &e)
			for _, p := range a.papers[c.Attr("ID")] {
				remarks = append(remarks, p.take(&e))
			}
			delete(a.papers, c.Attr("ID"))
		case "Feature":
			remarks = append(remarks, a.feature(c, &e)...)
		case "Comment":
			remarks = append(remarks, c.Text())
		default:
			a.unread(c, id)
		}
	}
	if len(e.Names) == 0 {
		a.leave(n, id, "DocumentedName", "no name")
		return
	}
	if !primaryFirst(&e) {
		a.note(n, id, "Alias", "none is primary; taken for it: %q", watchlist.Short(e.Names[0].Full))
	}
	if _, twice := a.index[profile.Attr("ID")]; twice {
		a.note(n, id, "Profile", "%q: the ID of another party too", watchlist.Short(profile.Attr("ID")))
	}
	e.Remarks = joinRemarks("", remarks...)
	a.edition.Tell(a.file, n.Line, &e)
	a.index[profile.Attr("ID")] = len(a.edition.Entities)
	a.edition.Entities = append(a.edition.Entities, e)
}

func (a *advancedParse) identity(n *listxml.Node, e *entity.Entity) {
	parts := map[string]string{}
	for _, m := range n.Find("NamePartGroups").Children() {
		if g := m.Find("NamePartGroup"); g != nil {
			parts[g.Attr("ID")] = a.value(g, e.ID, "NamePartType", g.Attr("NamePartTypeID"))
		}
	}
	for _, alias := range n.Children() {
		switch alias.Name {
		case "Alias":
			a.alias(n, alias, parts, e)
		case "NamePartGroups":
		default:
			a.unread(alias, e.ID)
		}
	}
}

func (a *advancedParse) alias(identity, alias *listxml.Node, parts map[string]string, e *entity.Entity) {
	called := a.value(alias, e.ID, "AliasType", alias.Attr("AliasTypeID"))
	kind, known := nameKindOf(called)
	if !known && !strings.EqualFold(called, "Name") {
		a.note(alias, e.ID, "AliasType", "%q: want A.K.A., F.K.A., N.K.A. or Name; taken for A.K.A.", watchlist.Short(called))
	}
	if alias.Attr("Primary") == "true" && (len(e.Names) == 0 || identity.Attr("Primary") != "false") {
		kind = entity.Primary
	}
	for _, doc := range alias.Children() {
		if doc.Name != "DocumentedName" {
			a.unread(doc, e.ID)
			continue
		}
		var name nameParts
		language := ""
		for _, p := range doc.Children() {
			v := p.Find("NamePartValue")
			if v.Text() == "" {
				if p.Name != "DocumentedNamePart" {
					a.unread(p, e.ID)
				}
				continue
			}
			tag, ok := languageOf(a.value(v, e.ID, "Script", v.Attr("ScriptID")))
			if !ok {
				a.note(v, e.ID, "ScriptID", "%q: not a script that is known", watchlist.Short(v.Attr("ScriptID")))
			}
			if tag != "" {
				language = tag
			}
			if group := v.Attr("NamePartGroupID"); !name.add(parts[group], v.Text()) {
				a.note(v, e.ID, "NamePartGroupID", "%q (%s): not a part that is known; %q is taken for a part of the whole name",
					watchlist.Short(group), watchlist.Short(parts[group]), watchlist.Short(v.Text()))
			}
		}
		full := name.name(e.Kind, kind, language)
		if full.Full == "" {
			a.note(doc, e.ID, "DocumentedName", "no name in it")
			continue
		}
		full.Weak = alias.Attr("LowQuality") == "true"
		e.Names = append(e.Names, full)
	}
}

// feature reads the versions of one feature, and gives back what is only kept among the remarks.
func (a *advancedParse) feature(n *listxml.Node, e *entity.Entity) (said []string) {
	kind := a.value(n, e.ID, "FeatureType", n.Attr("FeatureTypeID"))
	for _, v := range n.Children() {
		switch v.Name {
		case "FeatureVersion":
			said = append(said, a.version(v, kind, e)...)
		case "Comment":
			said = append(said, v.Text())
		default:
			a.unread(v, e.ID)
		}
	}
	return said
}

func (a *advancedParse) version(v *listxml.Node, kind string, e *entity.Entity) (said []string) {
	var texts []string
	var places []writtenPlace
	fact := fact{kind: kind}
	for _, c := range v.Children() {
		switch c.Name {
		case "VersionDetail":
			text := c.Text()
			if text == "" && c.Attr("DetailReferenceID") != "" {
				text = a.value(c, e.ID, "DetailReference", c.Attr("DetailReferenceID"))
			}
			texts = append(texts, text)
		case "VersionLocation":
			place, ok := a.places[c.Attr("LocationID")]
			if !ok {
				a.note(c, e.ID, "LocationID", "%q: no such location in the document", watchlist.Short(c.Attr("LocationID")))
				return said
			}
			if place.written() == "" {
				return said // "undetermined"
			}
			places = append(places, place)
		case "DatePeriod":
			d, err := advancedDates(c)
			if err != nil {
				field := "DatePeriod"
				if kind == "Birthdate" {
					field = "date of birth"
				}
				a.note(v, e.ID, field, "%v", err)
				return said
			}
			fact.dates = &d
		case "Comment":
			said = append(said, c.Text())
		default:
			a.unread(c, e.ID)
		}
	}
	for i := range max(1, len(texts), len(places)) {
		if fact.text = ""; i < len(texts) {
			fact.text = texts[i]
		}
		if fact.place = (writtenPlace{}); i < len(places) {
			fact.place = places[i]
		}
		rest, bad := fact.take(e)
		said = append(said, rest)
		if bad != nil {
			a.note(v, e.ID, bad.field, "%s", bad.text)
		}
	}
	return said
}

func advancedDay(n *listxml.Node) (entity.Day, bool) {
	y, ok1 := number(n.Find("Year").Text(), 4)
	m, ok2 := number(n.Find("Month").Text(), 2)
	d, ok3 := number(n.Find("Day").Text(), 2)
	day, err := entity.NewDay(y, time.Month(m), d)
	return day, ok1 && ok2 && ok3 && err == nil
}

// advancedDates reads a period: from the earliest day of its start to the latest of its end.
func advancedDates(n *listxml.Node) (entity.Dates, error) {
	start, end := n.Find("Start"), n.Find("End")
	from, ok := advancedDay(start.Find("From"))
	if !ok {
		f := start.Find("From")
		return entity.Dates{}, fmt.Errorf("%s-%s-%s: no such day", watchlist.Short(f.Find("Year").Text()), watchlist.Short(f.Find("Month").Text()), watchlist.Short(f.Find("Day").Text()))
	}
	last := end.Find("To")
	if last == nil {
		last = start.Find("To")
	}
	to := from
	if last != nil {
		if to, ok = advancedDay(last); !ok || to.Compare(from) < 0 {
			return entity.Dates{}, fmt.Errorf("the period from %s has no sound end", from)
		}
	}
	return entity.Dates{From: from, To: to, Circa: start.Attr("Approximate") == "true" || end.Attr("Approximate") == "true"}, nil
}

func (a *advancedParse) relation(n *listxml.Node) {
	from, ok1 := a.index[n.Attr("From-ProfileID")]
	to, ok2 := a.index[n.Attr("To-ProfileID")]
	kind := relationCalled(a.value(n, "", "RelationType", n.Attr("RelationTypeID")))
	if !ok1 || !ok2 || kind == "" {
		a.note(n, "", "ProfileRelationship", "from %q to %q, type %q: not both in the document, or of no known type", watchlist.Short(n.Attr("From-ProfileID")), watchlist.Short(n.Attr("To-ProfileID")), watchlist.Short(n.Attr("RelationTypeID")))
		return
	}
	back, known := inverse[kind]
	if n.Attr("Former") == "true" {
		kind, back = "formerly "+kind, "formerly "+back
	}
	f, t := &a.edition.Entities[from], &a.edition.Entities[to]
	for _, c := range n.Children() {
		if c.Name == "Comment" && c.Text() != "" {
			f.Remarks = joinRemarks(c.Text(), f.Remarks)
		} else {
			a.unread(c, f.ID)
		}
	}
	f.Relations = append(f.Relations, entity.Relation{Type: kind, ID: t.ID, Name: t.PrimaryName()})
	if known {
		t.Relations = append(t.Relations, entity.Relation{Type: back, ID: f.ID, Name: f.PrimaryName()})
	}
}

func (a *advancedParse) entry(n *listxml.Node) {
	i, ok := a.index[n.Attr("ProfileID")]
	if !ok {
		a.note(n, "", "ProfileID", "%q: no such profile in the document", watchlist.Short(n.Attr("ProfileID")))
		return
	}
	e := &a.edition.Entities[i]
	if in := a.value(n, e.ID, "List", n.Attr("ListID")); in != "" && !isListOf(a.edition.List, in) {
		a.others++
	}
	if len(e.Programmes) == 0 && e.Listed.IsZero() {
		a.entered++
	}
	for _, c := range n.Children() {
		switch c.Name {
		case "EntryEvent":
			d, ok := advancedDay(c.Find("Date"))
			if !ok {
				a.note(c, e.ID, "EntryEvent", "date: no such day")
			} else if e.Listed.IsZero() || d.Compare(e.Listed) < 0 {
				e.Listed = d
			}
			if b := a.value(c, e.ID, "LegalBasis", c.Attr("LegalBasisID")); b != "" && !slices.Contains(e.LegalBasis, b) {
				e.LegalBasis = append(e.LegalBasis, b)
			}
			if said := c.Find("Comment").Text(); said != "" {
				e.Remarks = joinRemarks(said, e.Remarks)
			}
			a.but(c, e.ID, "Date", "Comment")
		case "SanctionsMeasure":
			text := c.Find("Comment").Text()
			switch kind := a.value(c, e.ID, "SanctionsType", c.Attr("SanctionsTypeID")); {
			case kind == "Program":
				e.Programmes = addOnce(e.Programmes, text)
			default:
				measure(e, kind)
				if text != "" {
					e.Remarks = joinRemarks(text, e.Remarks)
				}
			}
			a.but(c, e.ID, "Comment")
		default:
			a.unread(c, e.ID)
		}
	}
}
