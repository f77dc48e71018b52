package gate

import (
	"slices"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/geo"
	"sallyport/law"
	"sallyport/match"
)

// FactsFor gives the facts that a customer's profile and the findings of a screening
// tell: customer.*, listing.* and ownership.*. Lists is the lists that were screened
// against; owners holds the findings on each of those whom the profile tells of besides
// the customer, by index in entity.Profile.Related. Other facts are for whoever knows them.
//
// What the profile leaves open or says in a way that cannot be read stays unknown, and
// with it the whole fact: of two nationalities one of which is not legible neither is
// stated. With no list screened, nothing is known of listings.
func FactsFor(p *entity.Profile, own []match.Finding, owners map[int][]match.Finding, lists []string, at time.Time) law.Facts {
	b := builder{profile: p, at: at}
	b.identity()
	b.place()
	b.permits()
	if len(lists) > 0 {
		b.put("listing.same", listsOf(own, match.Same))
		b.put("listing.resembles", listsOf(own, match.Resembles))
		b.measures(own)
	}
	b.ownership(owners, lists)
	b.russian()
	b.statements()
	b.american()
	return b.facts
}

type builder struct {
	profile *entity.Profile
	at      time.Time
	facts   law.Facts
}

// put states a fact. What the schema refuses is not known in a form that a rule could
// read, and stays unknown.
func (b *builder) put(name string, value any) { _ = b.facts.Set(name, value) }

func (b *builder) identity() {
	p := b.profile
	switch p.Kind {
	case entity.Person:
		b.put("customer.kind", "person")
		b.put("customer.established", "")
		b.put("customer.russian_owned_bp", int64(0))
		if codes, ok := countries(p.Nationalities); ok && len(codes) > 0 {
			b.put("customer.nationalities", codes)
		}
		if len(p.BirthPlaces) == 1 {
			parts := strings.Split(p.BirthPlaces[0], ",")
			if c, ok := geo.Country(parts[len(parts)-1]); ok {
				b.put("customer.birth_country", c)
			}
		}
	case entity.Organisation:
		b.put("customer.kind", "organisation")
		b.put("customer.nationalities", []string{})
		b.established()
	}
}

// american states whether the customer is a United States person, as 31 CFR 560.314 has
// it: "any United States citizen, permanent resident alien, entity organized under the laws
// of the United States … (including foreign branches), or any person in the United States".
func (b *builder) american() {
	residence, known := b.facts.Text("customer.residence")
	nationalities, ofNations := b.facts.Texts("customer.nationalities")
	established, founded := b.facts.Text("customer.established")
	permits, leave := b.facts.Texts("customer.permits")
	switch {
	case residence == "US" || established == "US" || slices.Contains(nationalities, "US") || slices.Contains(permits, "US"):
		b.put("customer.us_person", true)
	case known && ofNations && founded && leave:
		b.put("customer.us_person", false)
	}
}

// established finds under whose law a firm is established: the country of its
// registration, and where none was given that of its office, as long as nothing else
// that the profile says of it, another document or a nationality, speaks of another one.
func (b *builder) established() {
	var written []string
	for _, id := range b.profile.Identifiers {
		if id.Type == "registration" {
			written = append(written, id.Country)
		}
	}
	if len(written) == 0 {
		written = append(written, b.profile.Residence.Country)
		written = append(written, b.profile.Nationalities...)
		for _, id := range b.profile.Identifiers {
			if id.Country != "" {
				written = append(written, id.Country)
			}
		}
	}
	codes, ok := countries(written)
	if slices.Sort(codes); ok && len(slices.Compact(codes)) == 1 {
		b.put("customer.established", codes[0])
	}
}

func (b *builder) place() {
	found, err := geo.Resolve(b.profile.Residence, b.at)
	if err != nil || found.Country == "" {
		return
	}
	b.put("customer.residence", found.Country)
	if !found.Ambiguous {
		b.put("customer.area", found.Area)
	}
}

// permits states whose residence permits are valid at the time: one lasts to the end of
// its last day, which is taken in UTC.
func (b *builder) permits() {
	valid := []string{}
	for _, p := range b.profile.Permits {
		if !p.Until.IsZero() && entity.DayOf(b.at.UTC()).Compare(p.Until) > 0 {
			continue
		}
		c, ok := geo.Country(p.Country)
		if !ok {
			return
		}
		valid = append(valid, c)
	}
	b.put("customer.permits", valid)
}

// listsOf is the lists with a finding of that grade, sorted.
func listsOf(findings []match.Finding, g match.Grade) []string {
	lists := []string{}
	for _, f := range findings {
		if f.Grade == g {
			lists = append(lists, f.List)
		}
	}
	slices.Sort(lists)
	return slices.Compact(lists)
}

// countries reads every one of the countries, or says that it could not.
func countries(written []string) ([]string, bool) {
	codes := make([]string, 0, len(written))
	for _, w := range written {
		c, ok := geo.Country(w)
		if !ok {
			return nil, false
		}
		codes = append(codes, c)
	}
	return codes, true
}
