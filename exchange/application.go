package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sallyport/entity"
	"sallyport/signin"
	"sallyport/venue/tape"
)

// Unfit says which field of an application or a profile keeps it from being put to the gate.
type Unfit struct {
	Field string // as in JSON
	Text  string
}

func (u *Unfit) Error() string { return u.Field + ": " + u.Text }

// ErrEmailTaken says that somebody signs in with the e-mail address already.
var ErrEmailTaken = errors.New("exchange: somebody signs in with this e-mail address already")

// CheckApplication says what an application lacks, whoever brings it: the desk or the
// applicant. The error is an *Unfit.
func (x *Exchange) CheckApplication(a *Application) error {
	if !slices.ContainsFunc(x.view.Genesis().Operators, func(o tape.Operator) bool { return o.Name == a.Operator }) {
		return &Unfit{"operator", fmt.Sprintf("there is no operator %q", a.Operator)}
	}
	if a.Login != nil {
		if mail, err := signin.Email(a.Login.Email); err != nil || mail != a.Login.Email {
			return &Unfit{"email", "want one e-mail address, such as ada@example.org"}
		}
	}
	return CheckProfile(&a.Profile)
}

// CheckProfile says what a customer's profile lacks, or has that is none of a customer's. The
// error is an *Unfit.
func CheckProfile(p *entity.Profile) error {
	const ofLists = "list, programmes, listed and removed are of a list's entries. Leave them out for a customer"
	const doubtfulText = "doubtful is a list's word for a forged or stolen document, by which nobody is told. Leave it out for a customer"
	switch {
	case len(p.Names) == 0 || p.Names[0].Full == "":
		return &Unfit{"profile.names", `want at least one name, with its full form: [{"full":"Ada Lovelace","kind":"primary"}]`}
	case p.Kind != entity.Person && p.Kind != entity.Organisation:
		return &Unfit{"profile.kind", "want person or organisation"}
	case ofList(&p.Entity):
		return &Unfit{"profile", ofLists}
	case len(p.Controls) > 0:
		return &Unfit{"profile.controls", "what was found of addresses is recorded by POST /desk/v1/controls and stays. Leave it out"}
	case len(p.Claims) > 0:
		return &Unfit{"profile.claims", "what a customer says of addresses comes over the wire and stays. Leave it out"}
	case doubtful(p.Identifiers):
		return &Unfit{"profile.identifiers", doubtfulText}
	}
	if err := p.CheckRelated(); err != nil {
		field, text, ok := strings.Cut(err.Error(), ": ")
		if !ok {
			return &Unfit{"profile", err.Error()}
		}
		return &Unfit{"profile." + field, text}
	}
	for _, r := range p.Related() {
		if ofList(r.Entity) {
			return &Unfit{"profile." + r.Path, ofLists}
		}
		if doubtful(r.Identifiers) {
			return &Unfit{"profile." + r.Path + ".identifiers", doubtfulText}
		}
	}
	return nil
}

func ofList(e *entity.Entity) bool {
	return e.List != "" || len(e.Programmes) > 0 || !e.Listed.IsZero() || !e.Removed.IsZero()
}

// doubtful reports whether some document is marked as one by which nobody is told.
func doubtful(ids []entity.Identifier) bool {
	return slices.ContainsFunc(ids, func(i entity.Identifier) bool { return i.Doubtful })
}
