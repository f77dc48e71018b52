package eu

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/draft"
	"sallyport/watchlist/listxml"
)

// xmlName is what the publisher calls the file, but for its date.
const xmlName = "xmlfullsanctionslist_1_1.xml"

// XML is the format of xmlFullSanctionsList_1_1. The file carries its own date, generationDate.
func XML() watchlist.Format {
	return watchlist.Format{Name: "eu-xml", List: List, Publisher: Publisher, Recognise: recogniseXML, Parse: ParseXML, Dated: true}
}

// recogniseXML looks for the schema's namespace near the beginning.
func recogniseXML(_ string, data []byte) (string, bool) {
	head := data[:min(len(data), 1024)]
	return xmlName, bytes.Contains(head, []byte("<export")) && bytes.Contains(head, []byte("/fpi/fsd/export"))
}

// ParseXML reads one edition from xmlFullSanctionsList_1_1, which must be the only file. The date
// given is ignored for the file's own generationDate.
//
// It is a [watchlist.Format]'s Parse. Entries are read one at a time.
func ParseXML(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) {
	return parse(files, xmlName, readXML)
}

// parse reads any of the forms.
func parse(files []watchlist.File, name string, read func(*watchlist.Edition, []byte) error) (*watchlist.Edition, error) {
	return watchlist.ReadOne("eu", &watchlist.Edition{List: List, Publisher: Publisher}, files, name, read)
}

func readXML(e *watchlist.Edition, data []byte) error {
	r, err := listxml.NewAttributeReader(data)
	if err != nil {
		return err
	}
	doubts, err := r.Children("export",
		func(start xml.StartElement) error {
			at := listxml.Attribute(start, "generationDate")
			if at == "" {
				return errors.New("no generationDate in it")
			}
			if e.Published, err = time.Parse(time.RFC3339, at); err != nil || e.Published.Year() < 1 {
				return fmt.Errorf("generationDate %q: want an instant such as 2026-08-05T16:47:04.449+02:00", watchlist.Short(at))
			}
			e.Published = e.Published.UTC()
			return nil
		},
		func(start *xml.StartElement, line int) (bool, error) {
			if start.Name.Local != "sanctionEntity" {
				return false, nil
			}
			var s subject
			if err := r.DecodeElement(&s, start); err != nil {
				return true, r.Fail(err)
			}
			return true, draft.Leave(e, xmlName, line, watchlist.Short(s.ID), s.take(e, xmlName))
		})
	e.Doubts = doubts
	e.Skipped = append(e.Skipped, r.Unread(xmlName,
		// Numbers of the publisher's database, and of the act that brought each single fact.
		"logicalId", "regulationLanguage", "regulationSummary", "publicationUrl", "organisationType", "regulationType", "asAtListingTime")...)
	return err
}
