// Package entity describes the people, organisations, vessels and wallets that
// lists name and customers are.
//
// It knows no list's file format and no law. Both sides of a screening are told
// in its terms: a list's entry and a customer are each an [Entity], so that a
// comparison treats them alike.
//
// Dates that a publisher gives loosely ("circa 1979", "1966 to 1967") stay
// ranges; see [Dates]. Nothing is guessed: what a source leaves open stays empty.
package entity

import (
	"fmt"
	"strings"
)

// A Kind says what an entity is. The zero value is not known.
type Kind uint8

const (
	UnknownKind Kind = iota
	Person
	Organisation
	Vessel
	Aircraft
)

var kindNames = [...]string{"unknown", "person", "organisation", "vessel", "aircraft"}

func (k Kind) String() string { return nameOf(kindNames[:], int(k)) }

// MarshalText gives the lower-case English word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *Kind) UnmarshalText(b []byte) error {
	i, err := indexOf("kind", kindNames[:], string(b))
	*k = Kind(i)
	return err
}

// A Gender as a list or a document states it. The zero value is not stated.
type Gender uint8

const (
	UnknownGender Gender = iota
	Female
	Male
)

var genderNames = [...]string{"unknown", "female", "male"}

func (g Gender) String() string { return nameOf(genderNames[:], int(g)) }

// MarshalText gives the lower-case English word.
func (g Gender) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (g *Gender) UnmarshalText(b []byte) error {
	i, err := indexOf("gender", genderNames[:], string(b))
	*g = Gender(i)
	return err
}

// A NameKind says how a name belongs to its entity.
type NameKind uint8

const (
	Primary  NameKind = iota // the name the entry is filed under
	Alias                    // also known as
	Former                   // formerly known as
	Original                 // the same name in the bearer's own script
)

var nameKindNames = [...]string{"primary", "alias", "former", "original"}

func (k NameKind) String() string { return nameOf(nameKindNames[:], int(k)) }

// MarshalText gives the lower-case English word.
func (k NameKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (k *NameKind) UnmarshalText(b []byte) error {
	i, err := indexOf("name kind", nameKindNames[:], string(b))
	*k = NameKind(i)
	return err
}

// A Name is one written name. Full is always set, in natural order and as the
// source writes it ("Vladimir Vladimirovich PUTIN", "Общество ..."); the parts
// are set where the source gives them.
type Name struct {
	Full       string   `json:"full" yaml:"full"`
	Given      string   `json:"given,omitempty" yaml:"given,omitempty"`
	Patronymic string   `json:"patronymic,omitempty" yaml:"patronymic,omitempty"`
	Family     string   `json:"family,omitempty" yaml:"family,omitempty"`
	Kind       NameKind `json:"kind" yaml:"kind"`
	// Weak marks what OFAC calls a weak alias: broad or generic, a help to a
	// reviewer, no ground for a hit by itself (OFAC FAQ 122).
	Weak bool `json:"weak,omitempty" yaml:"weak,omitempty"`
	// Language is the BCP 47 tag under which the source files the name ("ru", "zh-Hant"), "" where it says none.
	Language string `json:"language,omitempty" yaml:"language,omitempty"`
}

// A Place is a written place, as fine as its source gives it.
type Place struct {
	Street   string `json:"street,omitempty" yaml:"street,omitempty"`
	Town     string `json:"town,omitempty" yaml:"town,omitempty"`
	Region   string `json:"region,omitempty" yaml:"region,omitempty"` // province, oblast or state; ISO 3166-2 where the source uses it
	Postcode string `json:"postcode,omitempty" yaml:"postcode,omitempty"`
	Country  string `json:"country,omitempty" yaml:"country,omitempty"` // ISO 3166-1 alpha-2 where recognised, else as written
}

// String writes the place on one line, finest part first.
func (p Place) String() string {
	var parts []string
	for _, s := range []string{p.Street, p.Postcode, p.Town, p.Region, p.Country} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// An Identifier is a number that somebody issued.
type Identifier struct {
	Type    string `json:"type" yaml:"type"` // "passport", "national id", "tax id", "registration", … in lower case
	Number  string `json:"number" yaml:"number"`
	Country string `json:"country,omitempty" yaml:"country,omitempty"` // of issue, ISO 3166-1 alpha-2 where recognised
	// Doubtful marks a number that the source calls forged, misused, stolen or another person's:
	// whoever holds it rightly is not the one listed, so it identifies nobody.
	Doubtful bool `json:"doubtful,omitempty" yaml:"doubtful,omitempty"`
}

// A Relation is a tie that a list states between two of those it names.
type Relation struct {
	Type string `json:"type" yaml:"type"`                     // in lower case, from this entity's side: "owned by", "acts for", "provides support to", "family member of", …
	ID   string `json:"id,omitempty" yaml:"id,omitempty"`     // of the other, as the same list numbers it; "" where only the name is told
	Name string `json:"name,omitempty" yaml:"name,omitempty"` // of the other, where the list tells it here
}

// A Wallet is a blockchain address that a list or a customer calls their own.
type Wallet struct {
	Ticker  string `json:"ticker" yaml:"ticker"`   // as the list files it: XBT, ETH, USDT, …; not proof of a chain
	Address string `json:"address" yaml:"address"` // as written
}

// An Entity is somebody or something that a list names, or a customer.
type Entity struct {
	List string `json:"list,omitempty" yaml:"-"` // "us-sdn"; empty for a customer
	ID   string `json:"id" yaml:"id"`            // the publisher's own identifier, or the customer's number
	Kind Kind   `json:"kind" yaml:"kind"`

	Names         []Name       `json:"names" yaml:"names"` // the primary name first
	Gender        Gender       `json:"gender,omitempty" yaml:"gender,omitempty"`
	Birth         []Dates      `json:"birth,omitempty" yaml:"birth,omitempty"` // alternatives, any of which may be the right one
	BirthPlaces   []string     `json:"birth_places,omitempty" yaml:"birth_places,omitempty"`
	Nationalities []string     `json:"nationalities,omitempty" yaml:"nationalities,omitempty"` // ISO 3166-1 alpha-2 where recognised
	Places        []Place      `json:"places,omitempty" yaml:"places,omitempty"`
	Identifiers   []Identifier `json:"identifiers,omitempty" yaml:"identifiers,omitempty"`
	Wallets       []Wallet     `json:"wallets,omitempty" yaml:"wallets,omitempty"`

	Relations []Relation `json:"relations,omitempty" yaml:"relations,omitempty"`
	Positions []string   `json:"positions,omitempty" yaml:"positions,omitempty"` // titles and offices held: "Minister of Defence"
	Contacts  []string   `json:"contacts,omitempty" yaml:"contacts,omitempty"`   // e-mail addresses, telephone numbers, web sites, as written

	Programmes []string `json:"programmes,omitempty" yaml:"programmes,omitempty"`   // as the publisher writes them: "SDGT", "RUSSIA-EO14024"
	LegalBasis []string `json:"legal_basis,omitempty" yaml:"legal_basis,omitempty"` // the acts under which it is listed: "Executive Order 14024", "(EU) 2022/581"
	// Measures are those that apply to this entry, in lower case: "asset freeze", "travel ban", … Empty where
	// the list has one measure for all its entries. A British record can be listed with no asset freeze.
	Measures []string `json:"measures,omitempty" yaml:"measures,omitempty"`
	Listed   Day      `json:"listed,omitzero" yaml:"listed,omitempty"`
	Amended  Day      `json:"amended,omitzero" yaml:"amended,omitempty"` // when the publisher last changed the entry
	Removed  Day      `json:"removed,omitzero" yaml:"removed,omitempty"` // zero while listed
	Remarks  string   `json:"remarks,omitempty" yaml:"remarks,omitempty"`
}

// NoMeasure stands among the measures of an entry of a list that states measures, and states none
// of this one.
const NoMeasure = "no measure stated"

// PrimaryName is the name the entity is filed under, or "" when it has none.
func (e *Entity) PrimaryName() string {
	if len(e.Names) == 0 {
		return ""
	}
	return e.Names[0].Full
}

// A Profile is what a customer told and proved at entry, and is asked for again
// when it changes. It is personal data: it lies in the vault, never in the journal.
type Profile struct {
	Entity
	Residence Place     `json:"residence"`
	Permits   []Permit  `json:"permits,omitempty"`  // residence permits; 833/2014 Article 5b(3)
	Owners    []Owner   `json:"owners,omitempty"`   // of an organisation
	Officers  []Officer `json:"officers,omitempty"` // of an organisation: those with a post or a power in it, and no share
	// StateBody is the country whose state body an organisation is (its government, its central bank, owned by
	// it), and FinancialInstitution the country of one that is a bank or another financial institution. The
	// word None is the answer that it is none; empty is no answer.
	StateBody            string `json:"state_body,omitempty"`
	FinancialInstitution string `json:"financial_institution,omitempty"`
	Email                string `json:"email,omitempty"`

	// Controls is what the provider has found of addresses that the customer moves value to or
	// from. The customer does not tell it.
	Controls []Control `json:"controls,omitempty"`

	// Claims is what the customer has said of such addresses. It assesses nothing: whoever looks
	// into whose an address is begins with it.
	Claims []Claim `json:"claims,omitempty"`
}

// A Claim is a customer's own word on an address on the other side of a movement: the answers to
// the questions of which a law wants the answers with a transfer (Regulation (EU) 2023/1113,
// Articles 14 and 16), by the names that the wire gives them.
type Claim struct {
	Address string   `json:"address"` // as written
	Answers []Answer `json:"answers"` // sorted by question
	On      Day      `json:"on"`
}

// An Answer is what a customer said to one question.
type Answer struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// A Control is what was found of a self-hosted address: whether the customer owns or controls
// it (Regulation (EU) 2023/1113, Articles 14(5) and 16(2)).
type Control struct {
	Address string `json:"address"` // as written
	Theirs  bool   `json:"theirs"`
	How     string `json:"how"` // by which measure: a signed message, a small transfer
	By      string `json:"by"`  // the operator user who says so
	On      Day    `json:"on"`
}

// None is the answer of who was asked and is, or has, no such thing.
const None = "none"

// A Permit is a leave to reside that a state gave.
type Permit struct {
	Country string `json:"country"`        // ISO 3166-1 alpha-2
	Until   Day    `json:"until,omitzero"` // last day of validity; zero for a permanent one
}

func nameOf(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return fmt.Sprintf("%d?", i)
}

func indexOf(what string, names []string, s string) (int, error) {
	for i, n := range names {
		if n == s {
			return i, nil
		}
	}
	return 0, fmt.Errorf("entity: unknown %s %q: want one of %s", what, s, strings.Join(names, ", "))
}
