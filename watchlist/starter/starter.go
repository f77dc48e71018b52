// Package starter is the list that Sallyport has before it is given one: some
// hundred and forty designations by OFAC that matter to a crypto exchange, so
// that the program runs with no network and no file.
//
// It is a starter. It is no substitute for the official list: it holds fewer
// than one in a hundred of its entries and does not change when the list does.
// Every [watchlist.Edition] it makes has Starter set, and a [watchlist.Store]
// never takes one up over a real edition.
//
// The designations stand in designations.yaml, written from public facts, with
// the day on which each was listed and, where it was, removed; the head of that
// file says how an entry reads. From these days [Edition] makes the list as it
// stood on any day since 2014, cut down to the selection. An entry is told as we
// know it now: what OFAC added later to its names, documents and places shows in
// early editions too. Programmes and wallets are told as of the day.
//
// # The hash of an edition
//
// An edition is made of two files, designations.yaml and as-of.txt, which holds
// the day ("2022-02-24" and a newline). Its hash is that of an edition of several
// files as package watchlist defines it: sha256sum as-of.txt designations.yaml |
// sha256sum. TestHashIsWhatSha256sumPrints holds it to that.
//
// TestAgainstOFAC compares ids, names, days and wallets with copies of OFAC's own
// files where these are at hand.
package starter

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"sallyport/entity"
	"sallyport/watchlist"
)

// The two files of an edition, and what it calls itself.
const (
	DesignationsName = "designations.yaml"
	AsOfName         = "as-of.txt"

	List       = "us-sdn"
	Publisher  = "OFAC (starter selection)"
	FormatName = "starter-yaml"
)

// maxBytes bounds designations.yaml, which has about 130 kB.
const maxBytes = 4 << 20

//go:embed designations.yaml
var designations string

// A Designation is one entry of designations.yaml, with its whole history.
type Designation struct {
	ID            string              `yaml:"id"`            // OFAC's number for the entry, or "starter-NN"
	IDUnverified  bool                `yaml:"id_unverified"` // ID is ours, since OFAC's is not known to us
	Kind          entity.Kind         `yaml:"kind"`          // a person or an organisation
	Names         []entity.Name       `yaml:"names"`         // exactly one is primary, and it is the first
	Gender        entity.Gender       `yaml:"gender"`
	Birth         []entity.Dates      `yaml:"birth"`
	BirthPlaces   []string            `yaml:"birth_places"`
	Nationalities []string            `yaml:"nationalities"` // ISO 3166-1 alpha-2
	Places        []entity.Place      `yaml:"places"`
	Identifiers   []entity.Identifier `yaml:"identifiers"`
	Programmes    []string            `yaml:"programmes"` // at the first listing
	Listed        entity.Day          `yaml:"listed"`
	Redesignated  []Redesignation     `yaml:"redesignated"` // later, in order
	Removed       entity.Day          `yaml:"removed"`      // the first day not in force; zero while listed
	Wallets       []Wallets           `yaml:"wallets"`
	Source        string              `yaml:"source"` // where it was announced
}

// A Redesignation adds programmes to an entry from a day on.
type Redesignation struct {
	On         entity.Day `yaml:"on"`
	Programmes []string   `yaml:"programmes"`
}

// Wallets are addresses that were added to an entry on one day under one ticker.
type Wallets struct {
	Ticker    string     `yaml:"ticker"`
	Listed    entity.Day `yaml:"listed"`  // zero: with the entry
	Removed   entity.Day `yaml:"removed"` // zero: with the entry
	Addresses []string   `yaml:"addresses"`
}

// Designations returns the whole selection, in the order of the file.
func Designations() ([]Designation, error) { return parse([]byte(designations)) }

// Edition returns what was in force of the selection on asOf's day in UTC: the
// entries listed on or before that day and not removed by then. An entry is no
// longer in force on the day it was removed. There is an error before
// 2014-03-20, when nothing of the selection was listed.
func Edition(asOf time.Time) (*watchlist.Edition, error) {
	return edition(Files(asOf))
}

// Files are the two files of the edition of asOf's day in UTC, to hand to a
// [watchlist.Store] together with [Format].
func Files(asOf time.Time) []watchlist.File {
	return []watchlist.File{
		{Name: AsOfName, Data: []byte(entity.DayOf(asOf.UTC()).String() + "\n")},
		{Name: DesignationsName, Data: []byte(designations)},
	}
}

// Format lets a [watchlist.Store] keep starter editions and read them again
// after the selection that ships has changed.
func Format() watchlist.Format {
	return watchlist.Format{
		Name:      FormatName,
		List:      List,
		Publisher: Publisher,
		Dated:     true,
		Recognise: func(name string, _ []byte) (string, bool) {
			return name, name == AsOfName || name == DesignationsName
		},
		Parse: func(files []watchlist.File, _ time.Time) (*watchlist.Edition, error) { return edition(files) },
	}
}

// edition reads the edition that the two files make.
func edition(files []watchlist.File) (*watchlist.Edition, error) {
	data, err := find(files, DesignationsName)
	if err != nil {
		return nil, err
	}
	text, err := find(files, AsOfName)
	if err != nil {
		return nil, err
	}
	if len(files) != 2 {
		return nil, fmt.Errorf("watchlist/starter: %d files: an edition is made of %s and %s", len(files), AsOfName, DesignationsName)
	}
	day, err := entity.ParseDay(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		return nil, fmt.Errorf("watchlist/starter: %s: %w", AsOfName, err)
	}
	all, err := parse(data)
	if err != nil {
		return nil, err
	}
	e := &watchlist.Edition{List: List, Publisher: Publisher, Published: day.Time(), Starter: true}
	for i := range all {
		if x, ok := all[i].On(day); ok {
			e.Entities = append(e.Entities, x)
		}
	}
	if err := e.Seal(files); err != nil {
		return nil, fmt.Errorf("as of %s: %w", day, err)
	}
	return e, nil
}

func find(files []watchlist.File, name string) ([]byte, error) {
	i := slices.IndexFunc(files, func(f watchlist.File) bool { return f.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("watchlist/starter: %s is missing", name)
	}
	return files[i].Data, nil
}

// On is the entry as it stood on a day, and whether it was in force. Removed is
// never set: on a day when the entry is in force nobody knows that it will be
// removed. Remarks hold the source.
func (d *Designation) On(day entity.Day) (entity.Entity, bool) {
	if !inForce(day, d.Listed, d.Removed) {
		return entity.Entity{}, false
	}
	e := entity.Entity{
		List:          List,
		ID:            d.ID,
		Kind:          d.Kind,
		Names:         slices.Clone(d.Names),
		Gender:        d.Gender,
		Birth:         slices.Clone(d.Birth),
		BirthPlaces:   slices.Clone(d.BirthPlaces),
		Nationalities: slices.Clone(d.Nationalities),
		Places:        slices.Clone(d.Places),
		Identifiers:   slices.Clone(d.Identifiers),
		Programmes:    slices.Clone(d.Programmes),
		Listed:        d.Listed,
		Remarks:       d.Source,
	}
	if d.IDUnverified {
		e.Remarks += "; the list's own id for this entry is not known here"
	}
	for _, r := range d.Redesignated {
		if inForce(day, r.On, entity.Day{}) {
			e.Programmes = append(e.Programmes, r.Programmes...)
		}
	}
	slices.Sort(e.Programmes)
	for _, w := range d.Wallets {
		if inForce(day, w.Listed, w.Removed) {
			for _, a := range w.Addresses {
				e.Wallets = append(e.Wallets, entity.Wallet{Ticker: w.Ticker, Address: a})
			}
		}
	}
	return e, true
}

// inForce reports whether listed <= day < removed; a zero removed is never.
func inForce(day, listed, removed entity.Day) bool {
	return listed.Compare(day) <= 0 && (removed.IsZero() || day.Compare(removed) < 0)
}

// parse reads designations.yaml. A key that it does not know is an error, so that
// a slip of the pen cannot drop a fact.
func parse(data []byte) ([]Designation, error) {
	if len(data) > maxBytes {
		return nil, fmt.Errorf("watchlist/starter: %s: %d bytes, more than %d", DesignationsName, len(data), maxBytes)
	}
	var file struct {
		Designations []Designation `yaml:"designations"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("watchlist/starter: %s: %w", DesignationsName, err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("watchlist/starter: %s: more than one document in it", DesignationsName)
	}
	seen := map[string]bool{}
	for i := range file.Designations {
		d := &file.Designations[i]
		if err := d.complete(); err != nil {
			return nil, fmt.Errorf("watchlist/starter: %s: entry %d, id %q: %w", DesignationsName, i+1, d.ID, err)
		}
		if seen[d.ID] {
			return nil, fmt.Errorf("watchlist/starter: %s: entry %d, id %q: the id was given before", DesignationsName, i+1, d.ID)
		}
		seen[d.ID] = true
	}
	return file.Designations, nil
}

// complete checks an entry and fills in what it leaves to be derived: full names
// from their parts, and the days of wallets from the entry's own.
func (d *Designation) complete() error {
	if ours := !isNumber(d.ID); ours != d.IDUnverified || ours && !strings.HasPrefix(d.ID, "starter-") {
		return errors.New(`an id is OFAC's number, or "starter-NN" with id_unverified: true`)
	}
	if d.Kind != entity.Person && d.Kind != entity.Organisation {
		return errors.New("kind: want person or organisation")
	}
	for i := range d.Names {
		n := &d.Names[i]
		if n.Full == "" {
			n.Full = strings.Join(slices.DeleteFunc([]string{n.Given, n.Patronymic, n.Family}, func(s string) bool { return s == "" }), " ")
		}
		if n.Full == "" {
			return fmt.Errorf("name %d is empty", i+1)
		}
		if (n.Kind == entity.Primary) != (i == 0) {
			return fmt.Errorf("name %q: the first name, and no other, is primary", n.Full)
		}
	}
	switch {
	case len(d.Names) == 0:
		return errors.New("no name")
	case len(d.Programmes) == 0:
		return errors.New("no programme")
	case d.Listed.IsZero():
		return errors.New("no day of listing")
	case d.Source == "":
		return errors.New("no source")
	case !d.Removed.IsZero() && d.Removed.Compare(d.Listed) <= 0:
		return fmt.Errorf("removed on %s, listed on %s", d.Removed, d.Listed)
	}
	last := d.Listed
	for _, r := range d.Redesignated {
		if r.On.Compare(last) <= 0 || len(r.Programmes) == 0 {
			return fmt.Errorf("redesignated on %s: want a day after %s and a programme", r.On, last)
		}
		last = r.On
	}
	for i := range d.Wallets {
		w := &d.Wallets[i]
		if w.Listed.IsZero() {
			w.Listed = d.Listed
		}
		if w.Ticker == "" || len(w.Addresses) == 0 {
			return fmt.Errorf("wallets %d: want a ticker and addresses", i+1)
		}
		if w.Listed.Compare(d.Listed) < 0 || !w.Removed.IsZero() && w.Removed.Compare(w.Listed) <= 0 {
			return fmt.Errorf("wallets %d: listed on %s, removed on %s: want days in this order, not before the entry's %s", i+1, w.Listed, w.Removed, d.Listed)
		}
	}
	return nil
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
