// Package ftm reads lists written as FollowTheMoney entities, one JSON object a line, as
// OpenSanctions publishes them for some three hundred sources (entities.ftm.json, and the
// nested form of it, targets.nested.json).
//
// It is for lists that have no reader of their own. A list that follows from a law of the
// operator's own country is read from its publisher: this form has been through other
// hands, and its ids are theirs. The package makes a [watchlist.Format] of many lists: the
// importer says which list a file is, or the file does, whose one dataset names it.
//
// The form is that of the FollowTheMoney schema (followthemoney.tech/explorer) and of the
// entity structure on opensanctions.org/docs/entity. TestExample reads one of each kind of
// entity; TestStreams reads a file far larger than what is held of it.
//
// # Who is listed
//
// A line with "target": true is an entry of the list. The others are there for the sake of
// those: relatives, owned firms, wallets, passports, sanctions; they give the entries
// relations, identifiers, wallets and programmes and are no entries themselves. In a file
// where no line says what is a target, each person, organisation, vessel, aircraft and
// wallet is an entry.
//
// Lines come in any order and are read once. Of an entry the package keeps what [entity.Entity]
// has room for, of the other lines what they say of an entry, of nothing the line itself.
//
// # What is refused
//
// A line that is no JSON object, is too long, or has no id and schema is left out, told in
// Edition.Skipped with its line, and the rest goes on; a file that breaks off in the middle of
// a line is truncated and refused whole. Where more than one line in a thousand was left
// out it is a doubt, and a person decides. A value that makes no sense is left out of its
// entry and told.
//
// # How fields are read
//
// Names have no order in the form. The primary name is the caption, if it is among them; the
// other names are aliases, or, in another script than Latin, names of kind [entity.Original].
// weakAlias and abbreviation are weak aliases, previousName is a former name. firstName,
// lastName, secondName and fatherName become the parts of each name that they occur in.
//
// A country of a person is a place, not a nationality: the schema's country says only that
// the person has to do with it. Topics ("sanction", "role.pep", …), reasons, notes and
// sources stand in the remarks.
package ftm

import (
	"fmt"
	"strings"
	"time"

	"sallyport/watchlist"
	"sallyport/watchlist/listlines"
)

// Bounds of a file.
const (
	maxValue   = 16 << 10  // bytes of one value of a property
	maxEntries = 4_000_000 // entries, and of each other sort of line
	maxDepth   = 4         // of entities nested in one another
	maxRemarks = 16 << 10  // bytes
	maxValues  = 2_000     // of one property of one entity; the most known are some hundreds
	maxParts   = 50        // of a name, as many ways it may be spelt
)

const fileName = "entities.ftm.json"

// Format is the format of such files. It has no list of its own; see [watchlist.Format.As].
func Format() watchlist.Format {
	return watchlist.Format{Name: "ftm", Recognise: recognise, Streams: true, Names: names, As: as}
}

// as makes the format of one list. publisher may be what an earlier edition said of itself.
func as(list, publisher string) watchlist.Format {
	f := Format()
	f.List, f.Publisher = list, publisher
	f.Parse = func(files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
		return parse(list, publisher, files, published)
	}
	return f
}

// recognise wants a first line that is an object with an id and a schema.
func recognise(_ string, head []byte) (string, bool) {
	var first line
	if !first.read(firstLine(head)) {
		// The head may end within the line.
		return fileName, strings.HasPrefix(strings.TrimSpace(string(head)), "{") && strings.Contains(string(head), `"schema"`) && strings.Contains(string(head), `"id"`)
	}
	return fileName, first.ID != "" && first.Schema != ""
}

func firstLine(head []byte) []byte {
	for l := range strings.Lines(string(head)) {
		if l = strings.TrimSpace(l); l != "" {
			return []byte(l)
		}
	}
	return nil
}

// names finds the list by the one dataset that the entries are of: us_ofac_sdn is the list
// us-ofac-sdn.
func names(f watchlist.File) (string, error) {
	r, err := read([]watchlist.File{f})
	if err != nil {
		return "", err
	}
	datasets := r.datasets()
	if len(datasets) != 1 {
		return "", fmt.Errorf("watchlist/ftm: %s has entries of %d datasets, which names no one list", f.Name, len(datasets))
	}
	return strings.ReplaceAll(strings.ToLower(datasets[0]), "_", "-"), nil
}

func parse(list, publisher string, files []watchlist.File, published time.Time) (*watchlist.Edition, error) {
	r, err := read(files)
	if err != nil {
		return nil, err
	}
	e := &watchlist.Edition{List: list, Publisher: r.publisher(publisher), Published: published, Entities: r.join(), Skipped: r.Problems(r.isRead), Doubts: r.Doubts()}
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

// manyDatasets is where a file is a collection, whose datasets come and go.
const manyDatasets = 4

// publisher is who the importer said it is, and of which datasets the file has entries: a
// later edition with others is of another publisher.
func (r *reader) publisher(told string) string {
	of := "a collection of datasets"
	if d := r.datasets(); len(d) < manyDatasets {
		of = "dataset " + strings.Join(d, ", ")
		if len(d) == 0 {
			of = "no dataset named"
		}
	}
	return listlines.Publisher(told, "FollowTheMoney file", of)
}
