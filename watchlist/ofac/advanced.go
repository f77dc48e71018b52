package ofac

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
			cons := strings.Contains(strings.ToLower(name), "cons")
			return file, cons == (list == ConsList) && bytes.Contains(head, []byte("<Sanctions")) && bytes.Contains(head, []byte("ReferenceValueSets"))
		},
		Parse: func(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
			return parseAdvanced(list, file, files)
		}}
}

func parseAdvanced(list, name string, files []watchlist.File) (*watchlist.Edition, error) {
	if len(files) != 1 || files[0].Name != name {
		return nil, fmt.Errorf("watchlist/ofac: want %s and no other file", name)
	}
	e := &watchlist.Edition{List: list, Publisher: Publisher}
	in, err := files[0].Open()
	if err != nil {
		return nil, fmt.Errorf("watchlist/ofac: %s: %w", name, err)
	}
	defer in.Close()
	a := &advancedParse{edition: e, file: name, values: map[string]map[string]string{}, places: map[string]advancedPlace{},
		numbers: map[string][]entity.Identifier{}, said: map[string][]string{}, index: map[string]int{}, ended: map[string]bool{}}
	if err := a.read(in); err != nil {
		return nil, fmt.Errorf("watchlist/ofac: %s: %w", name, err)
	}
	if err := e.Seal(files); err != nil {
		return nil, err
	}
	return e, nil
}

// advancedParse is the work on one edition. The document gives things before what refers to
// them: values, locations, documents, parties, then relations and entries.
type advancedParse struct {
	edition *watchlist.Edition
	file    string
	values  map[string]map[string]string   // AliasType → 1400 → A.K.A.
	places  map[string]advancedPlace       // by Location
	numbers map[string][]entity.Identifier // by Identity
	said    map[string][]string            // by Identity: documents that are no number of anybody
	index   map[string]int                 // by Profile
	ended   map[string]bool                // sections
	entered int                            // parties that an entry of the list was seen for
	others  int                            // entries of another list than this
}

type advancedPlace struct {
	entity.Place
	text string // the whole of it where it has no parts but "Unknown"
}

func (a *advancedParse) note(n *listxml.Node, id, field, format string, args ...any) {
	a.edition.Skipped = append(a.edition.Skipped, watchlist.Problem{File: a.file, Line: n.Line, ID: id, Field: field, Text: fmt.Sprintf(format, args...)})
}

// value is what a reference stands for; one that is not declared is told.
func (a *advancedParse) value(n *listxml.Node, id, set, ref string) string {
	v, ok := a.values[set][ref]
	if !ok && ref != "" {
		a.note(n, id, set+"ID", "%q: no such value in the document", watchlist.Short(ref))
	}
	return v
}

func (a *advancedParse) read(in io.Reader) error {
	s, err := listxml.Scan(in)
	if err != nil {
		return err
	}
	var tree listxml.Tree
	section := ""
	for {
		tok, err := s.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		switch {
		case tok.Kind == listxml.End && s.Depth() == 1:
			a.ended[section], section = true, ""
		case tok.Kind != listxml.Start:
		case s.Depth() == 1:
			if string(tok.Name) != "Sanctions" {
				return s.Fail(fmt.Errorf("root element <%s>: want <Sanctions>: not this list", watchlist.Short(string(tok.Name))))
			}
		case s.Depth() == 2 && string(tok.Name) != "DateOfIssue":
			section = string(tok.Name)
		default:
			n, err := tree.Read(s, tok)
			if err != nil {
				return err
			}
			if err := a.take(section, n); err != nil {
				return fmt.Errorf("line %d: %w", n.Line, err)
			}
			if len(a.edition.Entities) > maxEntries {
				return s.Fail(fmt.Errorf("more than %d entries", maxEntries))
			}
		}
	}
	switch {
	case !a.ended["DistinctParties"] || !a.ended["SanctionsEntries"]:
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
	return nil
}

func (a *advancedParse) take(section string, n *listxml.Node) error {
	switch {
	case n.Name == "DateOfIssue":
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
		return a.party(n)
	case section == "ProfileRelationships":
		a.relation(n)
	case section == "SanctionsEntries":
		a.entry(n)
	}
	return nil
}

func (a *advancedParse) location(n *listxml.Node) {
	var p advancedPlace
	var lines []string
	land := ""
	for _, c := range n.Children() {
		switch c.Name {
		case "LocationCountry":
			land = a.value(c, "", "Country", c.Attr("CountryID"))
		case "LocationAreaCode":
			if land == "" {
				if ref := c.Attr("AreaCodeID"); ref != "" && a.values["Country"][ref] != "" {
					land = a.values["Country"][ref]
				}
			}
		case "LocationPart":
			v := c.Find("LocationPartValue", "Value").Text()
			switch kind := strings.ToUpper(a.value(c, "", "LocPartType", c.Attr("LocPartTypeID"))); kind {
			case "ADDRESS1", "ADDRESS2", "ADDRESS3":
				lines = append(lines, v)
			case "CITY":
				p.Town = v
			case "STATE/PROVINCE":
				p.Region = v
			case "REGION":
				if p.Region == "" {
					p.Region = v
				}
			case "POSTAL CODE":
				p.Postcode = v
			case "UNKNOWN":
				p.text = v
			default:
				a.note(c, "", "LocationPart", "%q %q: not a part that is read", kind, watchlist.Short(v))
			}
		}
	}
	p.Street = strings.Join(lines, ", ")
	if region, ok := strings.CutPrefix(land, "Region: "); ok {
		if p.Region == "" {
			p.Region = region
		}
	} else {
		p.Country = country(land)
	}
	a.places[n.Attr("ID")] = p
}

func (a *advancedParse) document(n *listxml.Node) {
	of := n.Attr("IdentityID")
	kind, number := a.value(n, "", "IDRegDocType", n.Attr("IDRegDocTypeID")), n.Find("IDRegistrationNo").Text()
	called := idCalled(kind)
	if kind == "Vessel Registration Identification" {
		if rest, ok := strings.CutPrefix(number, "IMO "); ok {
			called, number = "imo", rest
		}
	}
	if called == "" || !strings.ContainsAny(number, "0123456789") && called != "swift/bic" {
		a.said[of] = append(a.said[of], strings.TrimSpace(kind+" "+number))
		return
	}
	land := n.Attr("IssuedBy-CountryID")
	if land == "" {
		land = n.Find("IssuedBy").Attr("CountryID")
	}
	fraud := strings.EqualFold(a.values["Validity"][n.Attr("ValidityID")], "Fraudulent")
	a.numbers[of] = append(a.numbers[of], entity.Identifier{Type: called, Number: number, Country: country(a.value(n, "", "Country", land)), Doubtful: fraud})
}

func (a *advancedParse) party(n *listxml.Node) error {
	id, profile := n.Attr("FixedRef"), n.Find("Profile")
	if !isID(id) {
		return fmt.Errorf("FixedRef %q: want a number", watchlist.Short(id))
	}
	e := entity.Entity{List: a.edition.List, ID: id}
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
	var remarks []string
	if c := n.Find("Comment").Text(); c != "" {
		remarks = append(remarks, c)
	}
	for _, c := range profile.Children() {
		switch c.Name {
		case "Identity":
			a.identity(c, &e)
			e.Identifiers = append(e.Identifiers, a.numbers[c.Attr("ID")]...)
			remarks = append(remarks, a.said[c.Attr("ID")]...)
		case "Feature":
			remarks = append(remarks, a.feature(c, &e)...)
		}
	}
	if i := slices.IndexFunc(e.Names, func(n entity.Name) bool { return n.Kind == entity.Primary }); i > 0 {
		p := e.Names[i]
		e.Names = slices.Insert(slices.Delete(e.Names, i, i+1), 0, p)
	}
	if len(e.Names) == 0 {
		return fmt.Errorf("entry %s has no name", id)
	}
	e.Remarks = strings.Join(remarks, "; ")
	a.index[profile.Attr("ID")] = len(a.edition.Entities)
	a.edition.Entities = append(a.edition.Entities, e)
	return nil
}

// scripts are BCP 47 tags of the scripts that OFAC names, with the language where one script
// all but tells it.
var scripts = map[string]string{"latin": "", "arabic": "und-Arab", "cyrillic": "und-Cyrl", "chinese simplified": "zh-Hans", "chinese traditional": "zh-Hant",
	"japanese": "ja", "korean": "ko", "hebrew": "he", "greek": "el", "thai": "th", "burmese": "my", "armenian": "hy", "georgian": "ka"}

func (a *advancedParse) identity(n *listxml.Node, e *entity.Entity) {
	parts := map[string]string{}
	for _, m := range n.Find("NamePartGroups").Children() {
		if g := m.Find("NamePartGroup"); g != nil {
			parts[g.Attr("ID")] = a.value(g, e.ID, "NamePartType", g.Attr("NamePartTypeID"))
		}
	}
	for _, alias := range n.Children() {
		if alias.Name != "Alias" {
			continue
		}
		kind := entity.Primary
		if alias.Attr("Primary") != "true" || len(e.Names) > 0 && n.Attr("Primary") == "false" {
			kind, _ = nameKindOf(a.value(alias, e.ID, "AliasType", alias.Attr("AliasTypeID")))
		}
		for _, doc := range alias.Children() {
			if doc.Name != "DocumentedName" {
				continue
			}
			var given, family, suffix, whole []string
			language, script := "", ""
			for _, p := range doc.Children() {
				v := p.Find("NamePartValue")
				if v.Text() == "" {
					continue
				}
				script = a.value(v, e.ID, "Script", v.Attr("ScriptID"))
				switch part := strings.ToLower(parts[v.Attr("NamePartGroupID")]); part {
				case "last name":
					family = append(family, v.Text())
				case "first name", "middle name", "patronymic":
					given = append(given, v.Text())
				case "suffix":
					suffix = append(suffix, v.Text())
				case "maiden name", "matronymic":
					family = append(family, v.Text())
				default:
					whole = append(whole, v.Text())
				}
			}
			as := kind
			if script != "" {
				tag, ok := scripts[strings.ToLower(script)]
				if !ok {
					tag = "und"
				}
				if language = tag; tag != "" {
					as = entity.Original
				}
			}
			var name entity.Name
			if len(given) > 0 && e.Kind == entity.Person {
				name = personName(strings.Join(given, " "), strings.Join(family, " "), strings.Join(suffix, " "), as)
			} else {
				name = entity.Name{Full: strings.Join(slices.Concat(whole, given, family, suffix), " "), Kind: as}
			}
			if name.Full == "" {
				a.note(doc, e.ID, "DocumentedName", "no name in it")
				continue
			}
			name.Language, name.Weak = language, alias.Attr("LowQuality") == "true"
			e.Names = append(e.Names, name)
		}
	}
}

// feature reads one fact, and gives back what is only kept among the remarks.
func (a *advancedParse) feature(n *listxml.Node, e *entity.Entity) (said []string) {
	kind := a.value(n, e.ID, "FeatureType", n.Attr("FeatureTypeID"))
	for _, v := range n.Children() {
		if v.Name != "FeatureVersion" {
			continue
		}
		text, place := "", advancedPlace{}
		if d := v.Find("VersionDetail"); d != nil {
			if text = d.Text(); text == "" && d.Attr("DetailReferenceID") != "" {
				text = a.value(d, e.ID, "DetailReference", d.Attr("DetailReferenceID"))
			}
		}
		if l := v.Find("VersionLocation"); l != nil {
			var ok bool
			if place, ok = a.places[l.Attr("LocationID")]; !ok {
				a.note(l, e.ID, "LocationID", "%q: no such location in the document", watchlist.Short(l.Attr("LocationID")))
				continue
			}
		}
		land := func() string {
			switch {
			case place.Country != "":
				return place.Country
			case place.text != "":
				return place.text
			}
			return text
		}
		bad := (*badField)(nil)
		switch ticker, isWallet := strings.CutPrefix(kind, walletType); {
		case kind == "Birthdate":
			if d, err := advancedDates(v.Find("DatePeriod")); err != nil {
				bad = &badField{"date of birth", err.Error()}
			} else {
				e.Birth = append(e.Birth, d)
			}
		case kind == "Place of Birth":
			if text == "" {
				if text = place.text; text == "" {
					text = place.String()
				}
			}
			e.BirthPlaces = append(e.BirthPlaces, text)
		case kind == "Nationality Country", kind == "Citizenship Country", kind == "Vessel Flag", kind == "Nationality of Registration":
			e.Nationalities = addCountry(e.Nationalities, land())
		case kind == "Location":
			if place.Place != (entity.Place{}) {
				e.Places = append(e.Places, place.Place)
			}
		case kind == "Gender":
			bad = gender(e, text)
		case kind == "Title":
			e.Positions = append(e.Positions, text)
		case kind == "Website", kind == "Email Address", kind == "Phone Number":
			e.Contacts = append(e.Contacts, text)
		case isWallet:
			bad = wallet(e, ticker, text)
		case kind == "Vessel Call Sign", kind == "Other Vessel Call Sign":
			e.Identifiers = append(e.Identifiers, entity.Identifier{Type: "call sign", Number: text})
		case kind == "" || strings.Contains(strings.ToLower(kind), "digital currency") || strings.Contains(strings.ToLower(kind), "wallet"):
			bad = &badField{"FeatureTypeID", fmt.Sprintf("%q (%s) %q: not read", watchlist.Short(n.Attr("FeatureTypeID")), kind, watchlist.Short(text))}
		case strings.ContainsAny(text, "0123456789") && isNumberType(kind):
			e.Identifiers = append(e.Identifiers, entity.Identifier{Type: idCalled(kind), Number: text})
		default:
			if text == "" {
				text = place.text
			}
			said = append(said, strings.TrimSpace(strings.TrimSuffix(kind, ":")+" "+text))
		}
		if bad != nil {
			a.note(v, e.ID, bad.field, "%s", bad.text)
		}
	}
	return said
}

// isNumberType holds for features that identify, as documents do.
func isNumberType(kind string) bool {
	return slices.ContainsFunc(idTypes[:], func(t idType) bool { return t.written == kind })
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

// inverse are the relations as the other side has them, in lower case.
var inverse = map[string]string{"owned or controlled by": "owns or controls", "acting for or on behalf of": "acted for by",
	"providing support to": "supported by", "leader or official of": "led by", "family member of": "family member of",
	"associate of": "associate of", "playing a significant role in": "significant role played by", "principal executive officer": "principal executive officer of"}

func (a *advancedParse) relation(n *listxml.Node) {
	from, ok1 := a.index[n.Attr("From-ProfileID")]
	to, ok2 := a.index[n.Attr("To-ProfileID")]
	kind := strings.ToLower(strings.TrimSuffix(a.value(n, "", "RelationType", n.Attr("RelationTypeID")), "..."))
	if !ok1 || !ok2 || kind == "" {
		a.note(n, "", "ProfileRelationship", "from %q to %q, type %q: not both in the document, or of no known type", watchlist.Short(n.Attr("From-ProfileID")), watchlist.Short(n.Attr("To-ProfileID")), watchlist.Short(n.Attr("RelationTypeID")))
		return
	}
	back, known := inverse[kind]
	if n.Attr("Former") == "true" {
		kind, back = "formerly "+kind, "formerly "+back
	}
	f, t := &a.edition.Entities[from], &a.edition.Entities[to]
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
	if in := a.value(n, e.ID, "List", n.Attr("ListID")); in != "" && strings.EqualFold(in, "SDN List") != (a.edition.List == List) {
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
		case "SanctionsMeasure":
			text := c.Find("Comment").Text()
			if kind := a.value(c, e.ID, "SanctionsType", c.Attr("SanctionsTypeID")); kind != "Program" {
				if kind != "" && !slices.Contains(e.Measures, strings.ToLower(kind)) {
					e.Measures = append(e.Measures, strings.ToLower(kind))
				}
			} else if text != "" && !slices.Contains(e.Programmes, text) {
				e.Programmes = append(e.Programmes, text)
			}
		}
	}
}
