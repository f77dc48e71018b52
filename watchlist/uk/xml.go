package uk

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// xmlName is what the publisher calls the file.
const xmlName = "uk-sanctions-list.xml"

// XML is the format of the document Designations. The file carries its own date, DateGenerated.
func XML() watchlist.Format {
	return watchlist.Format{Name: "uk-xml", List: List, Publisher: Publisher, Recognise: recogniseXML, Parse: ParseXML, Dated: true}
}

func recogniseXML(_ string, data []byte) (string, bool) {
	return xmlName, bytes.Contains(data[:min(len(data), 1024)], []byte("<Designations"))
}

// An indicator is an element whose name is a measure and whose text is true or false.
type indicator struct {
	XMLName xml.Name
	Line    int    `xml:"line,attr"`
	Value   string `xml:",chardata"`
}

// ParseXML reads one edition from the XML of the UK Sanctions List, which must be the only file.
// The date given is ignored for the file's own DateGenerated.
//
// It is a [watchlist.Format]'s Parse. Records are read one at a time.
func ParseXML(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, List, Publisher, xmlName, readXML)
}

// parse reads any of the forms.
func parse(files []watchlist.File, list, publisher, name string, read func(*watchlist.Edition, []byte) error) (*watchlist.Edition, error) {
	return watchlist.ReadOne("uk", &watchlist.Edition{List: list, Publisher: publisher}, files, name, read)
}

func readXML(e *watchlist.Edition, data []byte) error {
	r, err := listxml.NewReader(data)
	if err != nil {
		return err
	}
	doubts, err := r.Children("Designations",
		func(xml.StartElement) error { return nil },
		func(start *xml.StartElement, line int) (bool, error) {
			switch start.Name.Local {
			case "DateGenerated":
				var t text
				if err := r.DecodeElement(&t, start); err != nil {
					return true, r.Fail(err)
				}
				on, err := draft.SlashedDay(t.Text)
				if err != nil {
					return true, fmt.Errorf("line %d: DateGenerated: %w", line, err)
				}
				e.Published = on.Time()
				return true, nil
			case "Designation":
				var x designation
				if err := r.DecodeElement(&x, start); err != nil {
					return true, r.Fail(err)
				}
				id := strings.TrimSpace(x.ID)
				if id == "" {
					return true, draft.Leave(e, xmlName, line, "", errors.New("a designation without a UniqueID"))
				}
				return true, draft.Leave(e, xmlName, line, watchlist.Short(id), x.take(e, xmlName))
			}
			return false, nil
		})
	if err != nil {
		return err
	}
	// Of which script a name is, its letters say.
	e.Skipped = append(e.Skipped, r.Unread(xmlName, "NonLatinScriptType")...)
	if e.Published.IsZero() {
		return errors.New("no DateGenerated in it")
	}
	e.Doubts = doubts
	return nil
}
