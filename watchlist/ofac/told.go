package ofac

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// What the advanced and the enhanced document have in common: they are two ways of writing the
// same database, with the same words for names' parts, places' parts, features and documents.

// telling is where what cannot be read is told.
type telling struct {
	edition *watchlist.Edition
	file    string
	seen    map[string]bool // ids, where the reader has no index
}

// at tells of a field of the entry, "" where there is none.
func (t *telling) at(line int, id, field, text string) {
	t.edition.Skipped = append(t.edition.Skipped, watchlist.Problem{File: t.file, Line: line, ID: id, Field: field, Text: text})
}

func (t *telling) note(n *listxml.Node, id, field, format string, args ...any) {
	t.at(n.Line, id, field, fmt.Sprintf(format, args...))
}

// unread tells of an element that the reader does not know. One with nothing in it, and one that
// only refers to what stands elsewhere in the document, says nothing that could be lost.
func (t *telling) unread(n *listxml.Node, id string) {
	if !n.Empty() && !strings.HasSuffix(n.Name, "Reference") {
		t.note(n, id, n.Name, "%q: an element that is not read", watchlist.Short(n.Text()))
	}
}

// but tells of every child except those of the names that the caller reads, and of a second one of a name.
func (t *telling) but(n *listxml.Node, id string, read ...string) {
	for i, c := range n.Children() {
		if !slices.Contains(read, c.Name) || slices.ContainsFunc(n.Children()[:i], func(x *listxml.Node) bool { return x.Name == c.Name }) {
			t.unread(c, id)
		}
	}
}

// leave leaves an entry out, for what it lacks; see [watchlist.Edition.Leave].
func (t *telling) leave(n *listxml.Node, id, field, format string, args ...any) {
	t.leaveAt(n.Line, id, field, fmt.Sprintf(format, args...))
}

func (t *telling) leaveAt(line int, id, field, text string) {
	t.edition.Leave(watchlist.Problem{File: t.file, Line: line, ID: id, Field: field, Text: text})
}

// A writtenPlace is a place of parts, or the whole of it as text where it has none.
type writtenPlace struct {
	entity.Place
	text  string
	lines []string
}

// add takes a part of the kind that OFAC calls it by, and reports whether it is a known one.
func (p *writtenPlace) add(kind, value string) bool {
	switch strings.ToUpper(kind) {
	case "ADDRESS1", "ADDRESS2", "ADDRESS3":
		p.lines = append(p.lines, value)
		p.Street = strings.Join(p.lines, ", ")
	case "CITY":
		p.Town = value
	case "STATE/PROVINCE":
		p.Region = value
	case "REGION":
		if p.Region == "" {
			p.Region = value
		}
	case "POSTAL CODE":
		p.Postcode = value
	case "UNKNOWN":
		p.text = value
	default:
		return false
	}
	return true
}

// in sets the country, which may be "Region: Crimea".
func (p *writtenPlace) in(land string) {
	if region, ok := strings.CutPrefix(land, "Region: "); !ok {
		p.Country = country(land)
	} else if p.Region == "" {
		p.Region = region
	}
}

// written is the place on one line.
func (p *writtenPlace) written() string {
	if p.text != "" {
		return p.text
	}
	return p.String()
}

// scripts are BCP 47 tags of the scripts that OFAC names, with the language where one script
// all but tells it.
var scripts = map[string]string{"latin": "", "arabic": "und-Arab", "cyrillic": "und-Cyrl", "chinese simplified": "zh-Hans", "chinese traditional": "zh-Hant",
	"japanese": "ja", "korean": "ko", "hebrew": "he", "greek": "el", "thai": "th", "burmese": "my", "armenian": "hy", "georgian": "ka",
	"ethiopic": "und-Ethi", "khmer": "km", "lao": "lo", "devanagari": "und-Deva", "bengali": "bn", "sinhala": "si", "tamil": "ta"}

// languageOf is the tag of a script; one that is not known is "und", of no known language.
func languageOf(script string) (tag string, known bool) {
	if script == "" {
		return "", true
	}
	tag, known = scripts[strings.ToLower(script)]
	if !known {
		tag = "und"
	}
	return tag, known
}

// nameParts are the parts of one written name.
type nameParts struct{ given, patronymic, family, suffix, whole []string }

// add takes a part, and reports whether its kind is known; one that is not stands in the whole
// name all the same.
func (p *nameParts) add(kind, value string) bool {
	switch strings.ToLower(kind) {
	case "last name", "maiden name", "matronymic":
		p.family = append(p.family, value)
	case "first name", "middle name":
		p.given = append(p.given, value)
	case "patronymic":
		p.patronymic = append(p.patronymic, value)
	case "suffix":
		p.suffix = append(p.suffix, value)
	default:
		p.whole = append(p.whole, value)
		switch strings.ToLower(kind) {
		case "entity name", "vessel name", "aircraft name", "nickname":
		default:
			return false
		}
	}
	return true
}

// name puts the parts together; its Full is "" where there is none.
func (p *nameParts) name(of entity.Kind, as entity.NameKind, language string) entity.Name {
	if language != "" {
		as = entity.Original
	}
	n := entity.Name{Kind: as, Full: squeeze(p.whole, p.given, p.patronymic, p.family, p.suffix)}
	if len(p.given) > 0 && len(p.whole) == 0 && of == entity.Person {
		n.Given, n.Patronymic, n.Family = squeeze(p.given), squeeze(p.patronymic), squeeze(p.family)
		if n.Patronymic == "" {
			n.Given, n.Patronymic = draft.CutPatronymic(n.Given)
		}
	}
	n.Language = language
	return n
}

func squeeze(parts ...[]string) string {
	return draft.Squeeze(strings.Join(slices.Concat(parts...), " "))
}

// primaryFirst puts the primary name before the others and makes any further one an alias. It
// reports whether there was one; without, the first name becomes it.
func primaryFirst(e *entity.Entity) bool {
	i := slices.IndexFunc(e.Names, func(n entity.Name) bool { return n.Kind == entity.Primary })
	marked := i >= 0
	p := e.Names[max(i, 0)]
	p.Kind = entity.Primary
	e.Names = slices.Insert(slices.Delete(e.Names, max(i, 0), max(i, 0)+1), 0, p)
	for j := range e.Names[1:] {
		if n := &e.Names[1+j]; n.Kind == entity.Primary {
			n.Kind = entity.Alias
		}
	}
	return marked
}

// A fact is one feature of an entry.
type fact struct {
	kind  string // as OFAC calls it: "Birthdate", "Digital Currency Address - ETH"
	text  string
	place writtenPlace
	dates *entity.Dates
}

// take puts the fact into the entry, or gives back what is only kept among the remarks. bad is
// what cannot be read of it.
func (f fact) take(e *entity.Entity) (said string, bad *badField) {
	text := f.text
	if text == "" {
		text = f.place.written()
	}
	if text == "" && f.dates != nil {
		text = f.dates.String()
	}
	kind := strings.TrimSpace(strings.TrimSuffix(f.kind, ":"))
	if kind == "" {
		return text, &badField{"feature", fmt.Sprintf("%q: of no known type; kept among the remarks", watchlist.Short(text))}
	}
	if text == "" {
		return "", &badField{strings.ToLower(kind), "nothing in it"}
	}
	lower := strings.ToLower(kind)
	if ticker, ok := strings.CutPrefix(f.kind, walletType); ok {
		return "", wallet(e, ticker, text)
	}
	switch lower {
	case "birthdate":
		if f.dates != nil {
			e.Birth = append(e.Birth, *f.dates)
		} else if d, err := dates(text); err != nil {
			return "", &badField{"date of birth", err.Error()}
		} else {
			e.Birth = append(e.Birth, d)
		}
	case "place of birth":
		e.BirthPlaces = append(e.BirthPlaces, text)
	case "nationality country", "citizenship country", "vessel flag", "nationality of registration":
		if f.place.Country != "" {
			text = f.place.Country
		}
		e.Nationalities = addCountry(e.Nationalities, text)
	case "location":
		if f.place.Place != (entity.Place{}) {
			e.Places = append(e.Places, f.place.Place)
		} else {
			e.Places = append(e.Places, entity.Place{Street: text})
		}
	case "gender":
		return "", gender(e, text)
	case "title":
		e.Positions = addOnce(e.Positions, text)
	case "website", "email address", "phone number", "fax number":
		e.Contacts = addOnce(e.Contacts, text)
	case "vessel call sign", "other vessel call sign":
		e.Identifiers = append(e.Identifiers, entity.Identifier{Type: "call sign", Number: text})
	default:
		if strings.Contains(lower, "digital currency") || strings.Contains(lower, "wallet") {
			bad = &badField{"feature", fmt.Sprintf("%s %q: not an address that is read; kept among the remarks", kind, watchlist.Short(text))}
		} else if strings.ContainsAny(text, "0123456789") && isNumberType(kind) || kind == "SWIFT/BIC" {
			e.Identifiers = append(e.Identifiers, entity.Identifier{Type: idCalled(kind), Number: text})
			return "", nil
		}
		return kind + " " + text, bad
	}
	return "", nil
}

// isNumberType holds for features that identify, as documents do.
func isNumberType(kind string) bool {
	return slices.ContainsFunc(idTypes[:], func(t idType) bool { return t.written == kind })
}

// A paper is a document that an entry has a number of.
type paper struct {
	line                  int
	kind, number, country string
	forged                bool
	more                  []string // who issued it, when and until when, for the remarks
}

// take puts the document into the entry. What a number has no field for, and a document without
// one, is given back for the remarks.
func (p paper) take(e *entity.Entity) (said string) {
	called, number := idCalled(p.kind), p.number
	if p.kind == "Vessel Registration Identification" {
		if rest, ok := strings.CutPrefix(number, "IMO "); ok {
			called, number = "imo", rest
		}
	}
	whole := strings.TrimSpace(strings.Join(append([]string{p.kind, p.number}, p.more...), " "))
	if called == "" || !strings.ContainsAny(number, "0123456789") && called != draft.SWIFT || number == "" {
		return whole
	}
	e.Identifiers = append(e.Identifiers, entity.Identifier{Type: called, Number: number, Country: country(p.country), Doubtful: p.forged})
	if len(p.more) == 0 {
		return ""
	}
	return whole
}

// inverse are the relations as the other side has them, in lower case.
var inverse = map[string]string{"owned or controlled by": "owns or controls", "acting for or on behalf of": "acted for by",
	"providing support to": "supported by", "leader or official of": "led by", "family member of": "family member of",
	"associate of": "associate of", "playing a significant role in": "significant role played by", "principal executive officer": "principal executive officer of"}

// relationCalled is a type of relation as we call it.
func relationCalled(written string) string {
	return strings.ToLower(strings.TrimSpace(strings.TrimSuffix(written, "...")))
}

// measure is a type of sanction as all readers call it: to block property is to freeze it
// (31 CFR 501.603, "blocked property").
func measure(e *entity.Entity, kind string) {
	kind = strings.ToLower(kind)
	if kind == "block" {
		kind = draft.AssetFreeze
	}
	e.Measures = addOnce(e.Measures, kind)
}

// directive is how the remarks of a non-SDN entry say what it is subject to: "Executive Order
// 13662 Directive Determination - Subject to Directive 1", "Executive Order 14024 Directive
// Information Subject to Directive 1a - As of the effective date, …", "Listing Date (EO 14024
// Directive 2): 24 Feb 2022".
var directive = regexp.MustCompile(`(?i)(?:executive order ([0-9]{5}) directive (?:determination|information)\W{0,5}subject to directive ([0-9]{1,2}[a-z]?)\b|\(eo ([0-9]{5}) directive ([0-9]{1,2}[a-z]?)\))`)

// directives puts those among the measures of the entries of the non-SDN list: "directive 1a" of
// Executive Order 14024, and of other orders, which number theirs alike, with the order: "eo 13662
// directive 1". Directive 2 of 14024 closes correspondent and payable-through accounts, as other
// programmes do in words, and "capta" is both. An SDN's property is blocked whatever else it is
// subject to.
func directives(e *watchlist.Edition) {
	if e.List != ConsList {
		return
	}
	for i := range e.Entities {
		x := &e.Entities[i]
		for _, m := range directive.FindAllStringSubmatch(x.Remarks, -1) {
			order, called := m[1]+m[3], "directive "+strings.ToLower(m[2]+m[4])
			switch {
			case order == "14024" && called == "directive 2":
				called = "capta"
			case order != "14024":
				called = "eo " + order + " " + called
			}
			x.Measures = addOnce(x.Measures, called)
		}
		if strings.Contains(x.Remarks, "correspondent account or a payable-through account") {
			x.Measures = addOnce(x.Measures, "capta")
		}
	}
}

// isListOf reports whether the name of a list, as the document writes it, is that of the edition:
// one of OFAC's lists is the SDN list and all others are the non-SDN list.
func isListOf(list, written string) bool {
	return strings.EqualFold(written, "SDN List") == (list == List)
}

func addOnce(list []string, s string) []string {
	if s == "" || slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
