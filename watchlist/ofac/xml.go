package ofac

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/listxml"
)

// XML is the format of SDN.XML. The file carries its own date.
func XML() watchlist.Format { return classic(List, "ofac-xml", "sdn.xml") }

// ConsXML is the format of CONSOLIDATED.XML, the same document of the other list. Nothing in it
// tells it from SDN.XML, so "cons" must stand in the file's name.
func ConsXML() watchlist.Format { return classic(ConsList, "ofac-cons-xml", "consolidated.xml") }

func classic(list, format, file string) watchlist.Format {
	return watchlist.Format{Name: format, List: list, Publisher: Publisher, Dated: true,
		// The document's root stands near its beginning.
		Recognise: func(name string, data []byte) (string, bool) {
			return file, isConsName(name) == (list == ConsList) && bytes.Contains(data[:min(len(data), 1024)], []byte("<sdnList"))
		},
		Parse: func(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
			return parseXML(list, file, files)
		}}
}

// The elements of the schema that are read. Others are told.
type xmlEntry struct {
	UID       string       `xml:"uid"`
	FirstName string       `xml:"firstName"`
	LastName  string       `xml:"lastName"`
	Title     string       `xml:"title"`
	Type      string       `xml:"sdnType"`
	Remarks   string       `xml:"remarks"`
	Programs  []string     `xml:"programList>program"`
	IDs       []xmlID      `xml:"idList>id"`
	Akas      []xmlAka     `xml:"akaList>aka"`
	Addresses []xmlAddress `xml:"addressList>address"`
	Nations   []xmlItem    `xml:"nationalityList>nationality"`
	Citizens  []xmlItem    `xml:"citizenshipList>citizenship"`
	Births    []xmlItem    `xml:"dateOfBirthList>dateOfBirthItem"`
	Places    []xmlItem    `xml:"placeOfBirthList>placeOfBirthItem"`
	Vessel    struct {
		CallSign string `xml:"callSign"`
		Type     string `xml:"vesselType"`
		Flag     string `xml:"vesselFlag"`
		Owner    string `xml:"vesselOwner"`
		Tonnage  string `xml:"tonnage"`
		GRT      string `xml:"grossRegisteredTonnage"`
	} `xml:"vesselInfo"`
}

type xmlID struct {
	Type    string `xml:"idType"`
	Number  string `xml:"idNumber"`
	Country string `xml:"idCountry"`
	Issued  string `xml:"issueDate"`
	Expires string `xml:"expirationDate"`
}

type xmlAka struct {
	Type      string `xml:"type"`
	Category  string `xml:"category"` // strong or weak
	FirstName string `xml:"firstName"`
	LastName  string `xml:"lastName"`
}

type xmlAddress struct {
	Line1    string `xml:"address1"`
	Line2    string `xml:"address2"`
	Line3    string `xml:"address3"`
	City     string `xml:"city"`
	Province string `xml:"stateOrProvince"`
	Postcode string `xml:"postalCode"`
	Country  string `xml:"country"`
}

// xmlItem is a member of one of the short lists. The main one comes first.
type xmlItem struct {
	Country string `xml:"country"`
	Date    string `xml:"dateOfBirth"`
	Place   string `xml:"placeOfBirth"`
	Main    bool   `xml:"mainEntry"`
}

// ParseXML reads one edition from SDN.XML, which must be the only file. The date
// given is ignored for the file's own Publish_Date. A file with fewer or more
// entries than its Record_Count says is refused as truncated.
//
// It is a [watchlist.Format]'s Parse. Entries are read one at a time.
func ParseXML(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parseXML(List, "sdn.xml", files)
}

func parseXML(list, name string, files []watchlist.File) (*watchlist.Edition, error) {
	return watchlist.ReadOne("ofac", &watchlist.Edition{List: list, Publisher: Publisher}, files, name, func(e *watchlist.Edition, data []byte) error {
		err := readXML(&telling{edition: e, file: name, seen: map[string]bool{}}, data)
		if directives(e); list == List {
			notBlocked(e)
		}
		return err
	})
}

func readXML(t *telling, data []byte) error {
	e := t.edition
	d, err := listxml.NewReader(data)
	if err != nil {
		return err
	}
	root, count, ended := false, -1, false
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return d.Fail(err)
		}
		start, ok := tok.(xml.StartElement)
		if end, is := tok.(xml.EndElement); is && end.Name.Local == "sdnList" {
			ended = true
		}
		if !ok {
			continue
		}
		switch {
		case !root:
			if start.Name.Local != "sdnList" {
				return d.Fail(fmt.Errorf("root element <%s>: want <sdnList>: not this list", watchlist.Short(start.Name.Local)))
			}
			root = true
		case start.Name.Local == "publshInformation", start.Name.Local == "publishInformation": // spelt so in the schema; and as it should be
			var info struct {
				Date  string `xml:"Publish_Date"`
				Count string `xml:"Record_Count"`
			}
			if err := d.DecodeElement(&info, &start); err != nil {
				return d.Fail(err)
			}
			if e.Published, err = time.Parse("01/02/2006", strings.TrimSpace(info.Date)); err != nil {
				return d.Fail(fmt.Errorf("Publish_Date %q: want a day such as 02/24/2022", watchlist.Short(info.Date)))
			}
			if count, ok = number(strings.TrimSpace(info.Count), 9); !ok {
				return d.Fail(fmt.Errorf("Record_Count %q: want a number", watchlist.Short(info.Count)))
			}
		case start.Name.Local == "sdnEntry":
			line := d.Line()
			var x xmlEntry
			if err := d.DecodeElement(&x, &start); err != nil {
				return d.Fail(err)
			}
			x.take(t, line)
			if len(e.Entities) > maxEntries {
				return d.Fail(fmt.Errorf("more than %d entries", maxEntries))
			}
		default:
			t.at(d.Line(), "", start.Name.Local, "an element that is not read")
			if err := d.Skip(); err != nil {
				return d.Fail(err)
			}
		}
	}
	e.Skipped = append(e.Skipped, d.Unread(t.file, "uid")...)
	switch {
	case !root:
		return errors.New("no element in it: not XML")
	case !ended:
		return watchlist.ErrTruncated
	case count < 0:
		return errors.New("no Publish_Date and Record_Count in it")
	case count != len(e.Entities)+e.Left:
		return fmt.Errorf("Record_Count says %d entries and it has %d: %w", count, len(e.Entities)+e.Left, watchlist.ErrTruncated)
	}
	return nil
}

// take adds the entry to the edition, or leaves it out.
func (x *xmlEntry) take(t *telling, line int) {
	id := strings.TrimSpace(x.UID)
	if !isID(id) {
		t.leaveAt(line, "", "uid", strconv.Quote(watchlist.Short(id))+": want a number")
		return
	}
	if t.seen[id] {
		t.leaveAt(line, id, "uid", "it stands in the file twice")
		return
	}
	note := func(field, text string) { t.at(line, id, field, text) }
	kind, ok := kindOf(strings.TrimSpace(x.Type))
	if !ok {
		note("sdnType", strconv.Quote(watchlist.Short(x.Type))+": want Individual, Entity, Vessel or Aircraft")
	}
	e := entity.Entity{List: t.edition.List, ID: id, Kind: kind}
	n, ok := xmlName(x.FirstName, x.LastName, kind, entity.Primary)
	if !ok {
		t.leaveAt(line, id, "lastName", "no name")
		return
	}
	e.Names = []entity.Name{n}
	for _, a := range x.Akas {
		as, ok := nameKindOf(strings.TrimSpace(a.Type))
		if !ok {
			note("aka", fmt.Sprintf("type %q: want a.k.a., f.k.a. or n.k.a.; taken for a.k.a.", watchlist.Short(a.Type)))
		}
		n, ok := xmlName(a.FirstName, a.LastName, kind, as)
		if !ok {
			note("aka", "no name in it")
			continue
		}
		switch c := strings.ToLower(strings.TrimSpace(a.Category)); c {
		case "weak":
			n.Weak = true
		case "strong", "":
		default:
			note("aka", fmt.Sprintf("category %q: want strong or weak; taken for strong", watchlist.Short(c)))
		}
		e.Names = append(e.Names, n)
	}
	for _, p := range x.Programs {
		e.Programmes = append(e.Programmes, programmes(p)...)
	}
	for _, b := range mainFirst(x.Births) {
		d, err := dates(strings.TrimSpace(b.Date))
		if err != nil {
			note("date of birth", err.Error())
			continue
		}
		e.Birth = append(e.Birth, d)
	}
	for _, b := range mainFirst(x.Places) {
		if p := strings.TrimSpace(b.Place); p != "" {
			e.BirthPlaces = append(e.BirthPlaces, p)
		}
	}
	for _, c := range append(mainFirst(x.Nations), mainFirst(x.Citizens)...) {
		e.Nationalities = addCountry(e.Nationalities, c.Country)
	}
	v := x.Vessel
	if v.CallSign != "" {
		e.Identifiers = append(e.Identifiers, entity.Identifier{Type: "call sign", Number: strings.TrimSpace(v.CallSign)})
	}
	titles(&e, x.Title)
	var said []string
	for _, i := range x.IDs {
		text, bad := i.take(&e)
		if said = append(said, text); bad != nil {
			note(bad.field, bad.text)
		}
	}
	for _, a := range x.Addresses {
		if p := a.place(); p != (entity.Place{}) {
			e.Places = append(e.Places, p)
		}
	}
	e.Nationalities = addCountry(e.Nationalities, v.Flag)
	for _, item := range strings.Split(x.Remarks, ";") {
		if item = strings.TrimPrefix(strings.TrimSpace(item), "("); strings.Count(item, ")") > strings.Count(item, "(") {
			item = strings.TrimSuffix(strings.TrimSuffix(item, "."), ")")
		}
		linked(&e, item)
	}
	e.Remarks = joinRemarks(strings.TrimSpace(x.Remarks), append([]string{v.Type,
		labelled("Tonnage", v.Tonnage), labelled("Gross Registered Tonnage", v.GRT), labelled("Vessel Owner", v.Owner)}, said...)...)
	t.edition.Tell(t.file, line, &e)
	t.seen[id] = true
	t.edition.Entities = append(t.edition.Entities, e)
}

// take reads a member of idList, where OFAC also puts gender, wallets and
// statements that are no numbers. It gives back what is only kept among the remarks.
func (i xmlID) take(e *entity.Entity) (said string, bad *badField) {
	kind, value := strings.TrimSpace(i.Type), strings.TrimSpace(i.Number)
	switch strings.ToLower(kind) {
	case "gender", "website", "email address", "phone number", "fax number", "nationality of registration", "other vessel call sign":
		return fact{kind: kind, text: value}.take(e)
	}
	if strings.HasPrefix(kind, walletType) {
		return fact{kind: kind, text: value}.take(e)
	}
	if kind == "" && value == "" {
		return "", &badField{"id", "neither type nor number in it"}
	}
	p := paper{kind: kind, number: value, country: i.Country}
	for _, more := range []string{labelled("issued", strings.TrimSpace(i.Issued)), labelled("expires", strings.TrimSpace(i.Expires))} {
		if more != "" {
			p.more = append(p.more, more)
		}
	}
	return p.take(e), nil
}

func (a xmlAddress) place() entity.Place {
	var lines []string
	for _, l := range []string{a.Line1, a.Line2, a.Line3} {
		if l = strings.TrimSpace(l); l != "" {
			lines = append(lines, l)
		}
	}
	p := entity.Place{Street: strings.Join(lines, ", "), Town: strings.TrimSpace(a.City),
		Region: strings.TrimSpace(a.Province), Postcode: strings.TrimSpace(a.Postcode)}
	if region, ok := strings.CutPrefix(strings.TrimSpace(a.Country), "Region: "); ok {
		if p.Region == "" {
			p.Region = region
		}
	} else {
		p.Country = country(a.Country)
	}
	return p
}

func xmlName(first, last string, kind entity.Kind, as entity.NameKind) (entity.Name, bool) {
	first, last = strings.TrimSpace(first), strings.TrimSpace(last)
	if first == "" && last == "" {
		return entity.Name{}, false
	}
	if kind != entity.Person || first == "" {
		return entity.Name{Full: strings.TrimSpace(first + " " + last), Kind: as}, true
	}
	// "Feliciano Semborio, Jr." stands in firstName.
	given, suffix, _ := strings.Cut(first, ",")
	return personName(strings.TrimSpace(given), last, strings.TrimSpace(suffix), as), true
}

// mainFirst puts the main entry before its alternatives and keeps the order else.
func mainFirst(items []xmlItem) []xmlItem {
	out := make([]xmlItem, 0, len(items))
	for _, i := range items {
		if i.Main {
			out = append(out, i)
		}
	}
	for _, i := range items {
		if !i.Main {
			out = append(out, i)
		}
	}
	return out
}
