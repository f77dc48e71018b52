package eu

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// wholeName is what the publisher called the file.
const wholeName = "global.xml"

// Whole is the format of the document WHOLE, which the Commission published until 2018. The file
// carries its own date.
func Whole() watchlist.Format {
	return watchlist.Format{Name: "eu-whole", List: List, Publisher: Publisher, Recognise: recogniseWhole, Parse: ParseWhole, Dated: true}
}

func recogniseWhole(_ string, data []byte) (string, bool) {
	return wholeName, bytes.Contains(data[:min(len(data), 1024)], []byte("<WHOLE"))
}

// The elements of the document. Each also has the act, its day and the programme as attributes.
type wholeEntity struct {
	Line      int    `xml:"line,attr"`
	ID        string `xml:"Id,attr"`
	Type      string `xml:"Type,attr"` // P, E
	Basis     string `xml:"legal_basis,attr"`
	Day       string `xml:"reg_date,attr"`
	Programme string `xml:"programme,attr"`
	Remark    string `xml:"remark,attr"`
	Names     []struct {
		Line      int    `xml:"line,attr"`
		Programme string `xml:"programme,attr"`
		Last      string `xml:"LASTNAME"`
		First     string `xml:"FIRSTNAME"`
		Middle    string `xml:"MIDDLENAME"`
		Whole     string `xml:"WHOLENAME"`
		Gender    string `xml:"GENDER"`
		Title     string `xml:"TITLE"`
		Function  string `xml:"FUNCTION"`
		Language  string `xml:"LANGUAGE"`
	} `xml:"NAME"`
	Births []struct {
		Line    int    `xml:"line,attr"`
		Date    string `xml:"DATE"`
		Place   string `xml:"PLACE"`
		Country string `xml:"COUNTRY"`
	} `xml:"BIRTH"`
	Citizens []struct {
		Line    int    `xml:"line,attr"`
		Country string `xml:"COUNTRY"`
	} `xml:"CITIZEN"`
	Addresses []struct {
		Line    int    `xml:"line,attr"`
		Number  string `xml:"NUMBER"`
		Street  string `xml:"STREET"`
		Zip     string `xml:"ZIPCODE"`
		City    string `xml:"CITY"`
		Country string `xml:"COUNTRY"`
		Other   string `xml:"OTHER"`
	} `xml:"ADDRESS"`
	Passports []struct {
		Line    int    `xml:"line,attr"`
		Number  string `xml:"NUMBER"`
		Country string `xml:"COUNTRY"`
	} `xml:"PASSPORT"`
}

// ParseWhole reads one edition from the document WHOLE, which must be the only file. The date
// given is ignored for the file's own.
//
// It is a [watchlist.Format]'s Parse. Entries are read one at a time.
func ParseWhole(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, wholeName, readWhole)
}

func readWhole(e *watchlist.Edition, data []byte) error {
	r, err := listxml.NewAttributeReader(data)
	if err != nil {
		return err
	}
	doubts, err := r.Children("WHOLE",
		func(start xml.StartElement) error {
			at := listxml.Attribute(start, "Date")
			if at == "" {
				return errors.New("no Date in it")
			}
			if e.Published, err = day(at); err != nil {
				return fmt.Errorf("its Date %q: want a day such as 11/02/2016", watchlist.Short(at))
			}
			return nil
		},
		func(start *xml.StartElement, line int) (bool, error) {
			if start.Name.Local != "ENTITY" {
				return false, nil
			}
			var x wholeEntity
			if err := r.DecodeElement(&x, start); err != nil {
				return true, r.Fail(err)
			}
			return true, draft.Leave(e, wholeName, line, watchlist.Short(x.ID), x.subject().take(e, wholeName))
		})
	e.Doubts = doubts
	e.Skipped = append(e.Skipped, r.Unread(wholeName,
		// Numbers of the publisher's database, and the act that brought each single fact.
		"Id", "Entity_id", "pdf_link", "legal_basis", "reg_date", "programme")...)
	return err
}

// subject says the same in the terms of the form 1.1.
func (x *wholeEntity) subject() *subject {
	s := &subject{Line: x.Line, ID: x.ID, Type: kind{Code: x.Type}, Remarks: []string{x.Remark},
		Regulations: []regulation{{Line: x.Line, Published: x.Day, Number: x.Basis, Programme: x.Programme}}}
	for _, n := range x.Names {
		s.Names = append(s.Names, alias{Line: n.Line, First: n.First, Middle: n.Middle, Last: n.Last, Whole: n.Whole, Language: n.Language, Gender: n.Gender, Title: n.Title, Function: n.Function})
		s.Regulations = append(s.Regulations, regulation{Programme: n.Programme})
	}
	for _, b := range x.Births {
		to := birth{Line: b.Line, place: place{Place: b.Place, Country: b.Country}}
		to.span(b.Date)
		s.Births = append(s.Births, to)
	}
	for _, c := range x.Citizens {
		s.Citizens = append(s.Citizens, citizenship{Line: c.Line, place: place{Country: c.Country}})
	}
	for _, a := range x.Addresses {
		at := address{Line: a.Line, Street: draft.Squeeze(a.Number + " " + a.Street), place: place{City: a.City, Zip: a.Zip, Country: a.Country}}
		at.Contacts = contacts(a.Other)
		if len(at.Contacts) == 0 {
			at.Remarks = []string{a.Other}
		}
		s.Addresses = append(s.Addresses, at)
	}
	for _, p := range x.Passports {
		s.Documents = append(s.Documents, document(p.Line, p.Number, p.Country))
	}
	return s
}

// span parts "1965", "1965 (approximative)" and "1965 - 1967 (approximative)".
func (b *birth) span(written string) {
	rest, circa := strings.CutSuffix(draft.Squeeze(written), " (approximative)")
	if circa {
		b.Circa = "true"
	}
	if from, to, ok := strings.Cut(rest, " - "); ok {
		b.From, b.To = from, to
		return
	}
	b.Date = rest
}

// contacts parts "PHONE[042-681 20 81] FAX[662 38 14]", which the CSV writes as well.
func contacts(written string) []contact {
	var out []contact
	for _, m := range contactForm.FindAllStringSubmatch(written, -1) {
		out = append(out, contact{Key: m[1], Value: m[2]})
	}
	return out
}

var (
	contactForm = regexp.MustCompile(`([A-Z]+)\[([^\]]*)\]`)
	// "A-333602 (passport-National passport) [revoked by issuer](german travel document)"
	documentForm = regexp.MustCompile(`(?s)^(.*?)\s*\((\w+)-([^)]*)\)\s*(.*)$`)
)

// document parts what the document puts into one field: the number, the kind of paper, and in
// brackets what is known of it.
func document(line int, written, country string) identification {
	i := identification{Line: line, Number: written, place: place{Country: country}}
	m := documentForm.FindStringSubmatch(strings.TrimSpace(written))
	if m == nil {
		return i
	}
	i.Number, i.Code, i.Description, i.Remarks = m[1], m[2], m[3], []string{m[4]}
	for _, f := range []struct {
		flag *string
		said string
	}{{&i.False, "[known to be false]"}, {&i.False, "(misuse)"}, {&i.Lost, "[reported lost]"}, {&i.Revoked, "[revoked by issuer]"}, {&i.Expired, "[known to be expired]"}} {
		if strings.Contains(m[4], f.said) {
			*f.flag = "true"
		}
	}
	return i
}
