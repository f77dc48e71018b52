// Package senzing reads lists written as Senzing records, one JSON object a line, the form in
// which several providers hand out lists for entity resolution.
//
// Like package ftm it is for lists that have no reader of their own, makes a
// [watchlist.Format] of many lists, and knows nothing of what follows from being listed.
//
// The form is that of Senzing's Entity Specification (senzing.com/docs/entity_specification,
// formerly the Generic Entity Specification). Its attributes ("NAME_FULL") may stand in lists
// of objects under any name ("NAMES", "FEATURES") or flat in the record, there with a usage
// before them ("PRIMARY_NAME_FULL", "HOME_ADDR_LINE1"); all are read. Of attributes that it
// does not know the package says nothing. TestExample reads one of each kind in both ways.
//
// # Who is listed
//
// Where some record has a RISKS entry, as in OpenSanctions' export, a record without one is
// there for the sake of the others and is no entry; else each record is an entry.
//
// # What is refused
//
// As in package ftm: a line that is no record is left out and told with its line, a file that
// breaks off is refused whole, and more than one line in a thousand left out is a doubt.
//
// # How fields are read
//
// A name of NAME_TYPE ALIAS or AKA is an alias, one of FORMER or PREVIOUS a former name, in
// another script than the primary one's an original. NAME_LAST is the family name, NAME_FIRST
// the given one; a NAME_MIDDLE is only part of the whole, for it is a father's name in one
// country and a second given one in the next. An identifier keeps its own TYPE; where that is
// a property of FollowTheMoney it is called as package ftm calls it.
//
// A relation is told on both sides: REL_POINTER_ROLE is what the pointing record is to the
// other ("owner"), which in turn "has as owner" the first.
package senzing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/listlines"
)

// Bounds of a file.
const (
	maxValue    = 16 << 10  // bytes of one attribute
	maxFeatures = 5_000     // of one record
	maxRecords  = 4_000_000 // and relations
	maxRemarks  = 16 << 10  // bytes
)

const fileName = "senzing.json"

// Format is the format of such files. It has no list of its own; see [watchlist.Format.As].
func Format() watchlist.Format {
	return watchlist.Format{Name: "senzing", Recognise: recognise, Streams: true, Names: names, As: as}
}

// as makes the format of one list. publisher may be what an earlier edition said of itself.
func as(list, publisher string) watchlist.Format {
	f := Format()
	f.List, f.Publisher = list, publisher
	f.Parse = func(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
		r, err := read(files)
		if err != nil {
			return nil, err
		}
		e := &watchlist.Edition{List: list, Publisher: r.publisher(publisher), Published: published, Entities: r.join(), Skipped: r.Problems(func(string) bool { return false }), Doubts: r.Doubts()}
		for i := range e.Entities {
			if s := r.byID[e.Entities[i].ID]; s != nil {
				e.Tell(fileName, s.line, &e.Entities[i])
			}
		}
		if err := e.Seal(files); err != nil {
			return nil, err
		}
		e.Left = r.Left // doubted only where they are many, by Doubts
		return e, nil
	}
	return f
}

// recognise wants a first line with a data source and a record's id.
func recognise(_ string, head []byte) (string, bool) {
	first, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n"))
	var record map[string]json.RawMessage
	if json.Unmarshal(first, &record) != nil { // the head may end within the line
		return fileName, bytes.HasPrefix(first, []byte("{")) && bytes.Contains(first, []byte(`"DATA_SOURCE"`)) && bytes.Contains(first, []byte(`"RECORD_ID"`))
	}
	return fileName, record["DATA_SOURCE"] != nil && record["RECORD_ID"] != nil
}

// names finds the list by the one data source that the entries are of: OS_US_OFAC_SDN is the
// list os-us-ofac-sdn.
func names(f watchlist.File) (string, error) {
	r, err := read([]watchlist.File{f})
	if err != nil {
		return "", err
	}
	sources := r.sources()
	if len(sources) != 1 {
		return "", fmt.Errorf("watchlist/senzing: %s has entries of %d data sources, which names no one list", f.Name, len(sources))
	}
	return strings.ReplaceAll(strings.ToLower(sources[0]), "_", "-"), nil
}

// publisher is who the importer said it is, and of which data sources the file has entries.
func (r *reader) publisher(told string) string {
	of := "many data sources"
	if s := r.sources(); len(s) < 4 {
		of = "data source " + strings.Join(s, ", ")
	}
	return listlines.Publisher(told, "Senzing records", of)
}

// sources are the data sources that the entries are of, sorted.
func (r *reader) sources() []string {
	seen := map[string]bool{}
	for _, s := range r.records {
		if r.listed(s) {
			seen[s.source] = true
		}
	}
	var out []string
	for s := range seen {
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
