package geo

import (
	"strings"
	"time"

	"sallyport/entity"
)

// documentKinds says which signal a document is, by its type. A tax number or a company's
// registration is given to strangers too, and is none. Never written to.
var documentKinds = map[string]Kind{
	"passport": Passport, "national id": Passport,
	"driving licence": LocalDocument, "residence permit": LocalDocument,
}

// SignalsOf gives the signals that a customer's profile tells, as on record at that time: the
// countries that issued their documents and permits, the prefixes of their telephone numbers,
// the suffixes of their e-mail addresses. The residence that they state is none, and
// sign-ins are for whoever saw them. What belongs to no country, or cannot be read, is left
// out, and so is a document that its source calls doubtful.
func SignalsOf(p *entity.Profile, at time.Time) []Signal {
	var out []Signal
	add := func(k Kind, place string) {
		if place != "" {
			out = append(out, Signal{k, place, at})
		}
	}
	for _, id := range p.Identifiers {
		if k, ok := documentKinds[id.Type]; ok && !id.Doubtful {
			code, _ := Country(id.Country)
			add(k, code)
		}
	}
	for _, permit := range p.Permits {
		if permit.Until.IsZero() || entity.DayOf(at.UTC()).Compare(permit.Until) <= 0 {
			code, _ := Country(permit.Country)
			add(LocalDocument, code)
		}
	}
	for _, c := range append([]string{p.Email}, p.Contacts...) {
		read, kind := Phone, PhoneNumber
		if strings.Contains(c, "@") {
			read, kind = Email, EmailSuffix
		}
		if f, err := read(c); err == nil {
			add(kind, f.Code())
		}
	}
	return out
}
