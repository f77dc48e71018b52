// Package population makes up the customers of the demo and of simulations.
//
// It is given two editions of a list and makes people and firms of many
// countries, some of whom are on the list under another spelling, and says of
// each what is true of them ([Truth]). It does not say what the gate ought to
// decide, keeps no score, and uses no part of package names or match: what the
// matcher cannot read would otherwise never occur here.
//
// Ordinary names, towns and streets are in pools.txt, Russian ones in
// russian.go; they were written for this package and are of nobody in
// particular. Romanisations follow ICAO Doc 9303-3, BGN/PCGN 1947, GOST R
// 52535.1-2006 and ISO/R 9; see cyrillic.go. Everything that is arbitrary is
// drawn from the seed: the same [Options] give the same people.
//
// TestListedAreSpelledOtherwise proves that every listed person is written as the
// list does not write them and is still recognisably that person;
// TestNobodyElseIsListed that nobody else bears a listed person's name, but for
// the namesakes, who have another birth date.
package population

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"sallyport/entity"
)

// MaxPeople bounds how many [People] makes at once: about 2 kB each.
const MaxPeople = 1_000_000

// A Truth is what sets a person apart, as a fact. Where several are true, the one
// that stands first below counts: a Listed person or a Namesake may hold a
// Russian passport, somebody Embargoed in Crimea often does, and the profile
// says so. The zero value is not a truth.
type Truth uint8

const (
	UnknownTruth Truth = iota
	// Listed: the customer is the listed entity ListedID, written otherwise.
	Listed
	// OwnedByListed: a firm that listed persons own half of or more, together,
	// once the second edition is in force. ListedID is the largest of them.
	OwnedByListed
	// Namesake: an innocent with the given and family name of ListedID, and
	// another birth date and patronymic.
	Namesake
	// Embargoed: an ordinary person in Crimea, in the so-called Donetsk and Luhansk
	// People's Republics, in Iran, Cuba or North Korea, or a Cuban national elsewhere.
	Embargoed
	// ExemptRussian: a Russian national with a valid residence permit of, or a second
	// nationality of, a member state of the EU or EEA or Switzerland; 833/2014 Article 5b(3).
	ExemptRussian
	// RussianNational: a national or resident of Russia, or a firm there, and not exempt.
	RussianNational
	// Ordinary: none of these.
	Ordinary
)

var truthNames = [...]string{"unknown", "listed", "owned by listed", "namesake", "embargoed", "exempt Russian", "Russian national", "ordinary"}

func (t Truth) String() string {
	if int(t) < len(truthNames) {
		return truthNames[t]
	}
	return fmt.Sprintf("truth %d?", uint8(t))
}

// A Person is a made-up customer, a person or a firm. A firm has no nationality
// and no birth date; its Residence is its registered seat.
type Person struct {
	Operator string         // the operator entity whose customer this is, one of Options.Operators
	Profile  entity.Profile // ID "c-0001", …; exactly one name, or two where the second is in the bearer's script
	Truth    Truth
	ListedID string // the list's ID of the entity that Truth speaks of, or ""
	Note     string // in one line what is special; "" for most
}

// Options say what to make.
type Options struct {
	Seed      uint64
	N         int
	Operators []string // names of operator entities ("us", "eu"); each customer is with one
	// Before and After are the entities of the two editions of the story, either of
	// which may be empty. Listed persons are in After, most of them not in Before.
	Before, After []entity.Entity
	At            time.Time // when the story begins: ages and permits are as of then
}

// Shares of a population, in thousandths.
const (
	listedShare    = 30
	namesakeShare  = 20
	embargoedShare = 15
	firmShare      = 20 // of which:
	ownedShare     = 3
	russianShare   = 400 // of which:
	exemptShare    = 80
	listedNewShare = 750 // of the listed: of those, on the second edition only
)

// People makes exactly o.N customers, shuffled. About 3 in 100 are Listed: three
// quarters of these are new on the second edition, as far as it has so many; one
// entity is at most once a customer of one operator. A small list makes for fewer
// Listed and Namesakes, and more Ordinary.
//
// It costs about 0.3 s for 2,000 people and two editions of 9,000 entries.
func People(o Options) ([]Person, error) {
	switch {
	case o.N < 0 || o.N > MaxPeople:
		return nil, fmt.Errorf("population: %d people: want 0 to %d", o.N, MaxPeople)
	case o.At.IsZero():
		return nil, errors.New("population: no time is given to be of age at")
	case len(o.Operators) == 0 || slices.Contains(o.Operators, ""):
		return nil, errors.New("population: want one operator or more, each with a name")
	case len(slices.Compact(slices.Sorted(slices.Values(o.Operators)))) != len(o.Operators):
		return nil, fmt.Errorf("population: operators %q: one is named twice", o.Operators)
	}
	m := &maker{Options: o, c: &chance{rand.New(rand.NewPCG(o.Seed, 0x5a11_1907))}, roll: newRoll(o.Before, o.After)}
	m.readList()
	people := make([]Person, 0, o.N)
	add := func(p []Person) { people = append(people, p...) }
	add(m.listedPeople(share(o.N, listedShare)))
	add(m.namesakes(share(o.N, namesakeShare)))
	add(m.embargoed(share(o.N, embargoedShare)))
	add(m.firms(share(o.N, firmShare), share(o.N, ownedShare)))
	add(m.russians(share(o.N, russianShare), share(o.N, exemptShare)))
	add(m.ordinary(o.N - len(people)))
	if m.err != nil {
		return nil, m.err
	}
	m.c.r.Shuffle(len(people), func(i, j int) { people[i], people[j] = people[j], people[i] })
	for i := range people {
		p := &people[i].Profile
		p.ID = fmt.Sprintf("c-%04d", i+1)
		p.Email = p.ID + "@example.net" // RFC 2606 section 3
		for k := range p.Owners {
			p.Owners[k].ID = fmt.Sprintf("%s-%d", p.ID, k+1)
		}
	}
	return people, nil
}

// share is so many thousandths of n, and at least one of fifty or more.
func share(n, thousandths int) int {
	s := (n*thousandths + 500) / 1000
	if s == 0 && n >= 50 {
		return 1
	}
	return s
}

// A maker makes one population.
type maker struct {
	Options
	c    *chance
	roll *roll

	// The listed persons who can be customers, in an arbitrary order: on the second
	// edition only, and on both.
	newly, before []*entity.Entity

	err error // the first thing that could not be made up
}

// maxTries bounds the drawing of something that must not be on the list.
const maxTries = 2000

// readList finds the listed persons whom the population can contain.
func (m *maker) readList() {
	type key struct{ list, id string }
	known := map[key]bool{}
	for i := range m.Before {
		known[key{m.Before[i].List, m.Before[i].ID}] = true
	}
	for i := range m.After {
		e := &m.After[i]
		if e.Kind != entity.Person || len(m.bornAs(e)) == 0 {
			continue
		}
		if known[key{e.List, e.ID}] {
			m.before = append(m.before, e)
		} else {
			m.newly = append(m.newly, e)
		}
	}
	for _, list := range [...][]*entity.Entity{m.newly, m.before} {
		// The order must not depend on how the caller sorted the edition.
		slices.SortStableFunc(list, func(a, b *entity.Entity) int {
			return cmp.Or(cmp.Compare(a.List, b.List), cmp.Compare(a.ID, b.ID))
		})
		m.c.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	m.newly, m.before = mixed(m.newly), mixed(m.before)
}

// mixed puts those with an exact birth date first, and one without after every
// five of them, since these can only be held and not frozen.
func mixed(list []*entity.Entity) []*entity.Entity {
	var exact, loose, out []*entity.Entity
	for _, e := range list {
		if hasExactBirth(e) {
			exact = append(exact, e)
		} else {
			loose = append(loose, e)
		}
	}
	for i, e := range exact {
		out = append(out, e)
		if i%5 == 4 && len(loose) > 0 {
			out, loose = append(out, loose[0]), loose[1:]
		}
	}
	return append(out, loose...)
}

func hasExactBirth(e *entity.Entity) bool {
	return slices.ContainsFunc(e.Birth, entity.Dates.IsExact)
}

func (m *maker) operator() string { return pick(m.c, m.Operators) }

func (m *maker) today() entity.Day { return entity.DayOf(m.At.UTC()) }

// after is the day so many years and days after the story's beginning.
func (m *maker) after(years, days int) entity.Day {
	return entity.DayOf(m.At.UTC().AddDate(years, 0, days))
}
