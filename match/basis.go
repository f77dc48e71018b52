package match

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"sallyport/entity"
)

// A Basis is what a comparison reads of one side, as it is written: what a person looked
// at who said that two are the same or are not. Two entities with an equal basis are alike
// to every comparison, whatever else of them differs: remarks, programmes, measures, dates
// of listing, a street. The order in which a publisher writes alternatives, and one that is
// written twice, make no difference.
//
// It holds a listed entity's public data or a customer's personal data, as its entity does.
// TestBasis goes through the fields of an entity and says of each whether it counts.
type Basis struct {
	parts [partCount][]string // each sorted, without duplicates
}

// The parts of a basis, in the order of partNames.
const (
	partKind = iota
	partNamesOf
	partBirth
	partBirthPlaces
	partNationalities
	partGender
	partCountries
	partIdentifiers
	partWallets
	partOwners
	partOfficers
	partCount
)

// partNames are the words in which [Basis.Changed] tells what differs.
var partNames = [partCount]string{
	"kind", "names", "birth", "birth places", "nationalities", "gender", "countries", "identifiers", "wallets", "owners", "officers",
}

// BasisOf is the basis of a listed entity.
func BasisOf(e *entity.Entity) Basis {
	var b Basis
	b.set(partKind, e.Kind.String())
	var ns, births, ids, wallets, countries []string
	for _, n := range e.Names {
		// Neither the kind of a name nor its language is read by a comparison; that it is weak is.
		ns = append(ns, text(n.Full, n.Given, n.Patronymic, n.Family, yesNo(n.Weak)))
	}
	for _, d := range e.Birth {
		births = append(births, d.String())
	}
	for _, i := range e.Identifiers {
		ids = append(ids, text(i.Type, i.Number, i.Country, yesNo(i.Doubtful)))
	}
	for _, w := range e.Wallets {
		wallets = append(wallets, w.Address) // a ticker is no proof of a chain and is not read
	}
	if e.Kind != entity.Person { // of a person's places nothing is read, of a firm's the country
		for _, p := range e.Places {
			countries = addCountry(countries, p.Country)
		}
	}
	b.set(partNamesOf, ns...)
	b.set(partBirth, births...)
	b.set(partBirthPlaces, e.BirthPlaces...)
	b.set(partNationalities, e.Nationalities...)
	b.set(partGender, e.Gender.String())
	b.set(partCountries, countries...)
	b.set(partIdentifiers, ids...)
	b.set(partWallets, wallets...)
	return b
}

// BasisOfProfile is the basis of a customer: of themselves and, of a firm, of each owner and
// officer whom it tells of, whom a screening holds against the lists too.
func BasisOfProfile(p *entity.Profile) Basis {
	b := BasisOf(&p.Entity)
	var owners, officers []string
	for _, r := range p.Related() {
		text := string(BasisOf(r.Entity).Canonical())
		if r.Owner != nil {
			owners = append(owners, text)
		} else {
			officers = append(officers, text)
		}
	}
	b.set(partOwners, owners...)
	b.set(partOfficers, officers...)
	return b
}

func (b *Basis) set(part int, values ...string) {
	vs := slices.Clone(values)
	slices.Sort(vs)
	b.parts[part] = slices.Compact(vs)
}

// Canonical is the basis in its one written form, for a hash or a commitment: JSON, each
// part a list of texts under its name, parts without any left out.
func (b Basis) Canonical() []byte {
	type part struct {
		Part   string   `json:"part"`
		Values []string `json:"values"`
	}
	var all []part
	for i, vs := range b.parts {
		if len(vs) > 0 {
			all = append(all, part{partNames[i], vs})
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		panic("match: texts do not encode") // they always do
	}
	return out
}

// ParseBasis reads what Canonical wrote; it reports false for anything else.
func ParseBasis(canonical []byte) (Basis, bool) {
	var all []struct {
		Part   string
		Values []string
	}
	var b Basis
	if json.Unmarshal(canonical, &all) != nil {
		return b, false
	}
	for _, p := range all {
		i := slices.Index(partNames[:], p.Part)
		if i < 0 {
			return Basis{}, false
		}
		b.set(i, p.Values...)
	}
	return b, slices.Equal(b.Canonical(), canonical)
}

// SHA256 is the hash of the canonical form. Of a listed entity it may be shown to anybody;
// of a customer it must not be, for who a person is can be guessed at until the hash agrees.
func (b Basis) SHA256() [32]byte { return sha256.Sum256(b.Canonical()) }

// Changed names the parts in which two bases differ, in a fixed order: "names", "birth", …
func (b Basis) Changed(other Basis) []string {
	var changed []string
	for i := range b.parts {
		if !slices.Equal(b.parts[i], other.parts[i]) {
			changed = append(changed, partNames[i])
		}
	}
	return changed
}

// text joins fields so that no two rows of fields give one text.
func text(fields ...string) string {
	b, err := json.Marshal(fields)
	if err != nil {
		panic("match: texts do not encode") // they always do
	}
	return string(b)
}

func yesNo(set bool) string {
	if set {
		return "yes"
	}
	return "no"
}
