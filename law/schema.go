package law

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A FactType is the type of a fact's value.
type FactType uint8

const (
	TextFact   FactType = iota // string
	TextsFact                  // []string, a set: sorted, without repetition
	NumberFact                 // int64
	TruthFact                  // bool
	SharesFact                 // map[string]int64
)

// CEL is the name of the type in the language of the conditions.
func (t FactType) CEL() string {
	return [...]string{"string", "list(string)", "int", "bool", "map(string, int)"}[t]
}

// A Form is what the text of a fact, or each text in it, must look like.
type Form uint8

const (
	AnyText     Form = iota
	CountryForm      // ISO 3166-1 alpha-2, upper case
	AreaForm         // "UA-43"; ISO 3166-2, or those of package geo, such as "UA-DNR"
	ListForm         // "us-sdn"
	ActionForm       // one of Actions
	KindForm         // "person" or "organisation"
)

// A FactDoc documents one fact that a condition may read.
type FactDoc struct {
	Name string   // dotted, as it stands in conditions and in JSON
	Type FactType // of its value
	Form Form     // of its text
	// Blank says that the empty text is a value too, with the meaning that Text
	// gives: looked up, and there is none. A missing fact is something else.
	Blank bool
	Text  string // one sentence
}

// Schema is every fact there is, sorted by name. A rule that reads anything else
// does not load, and a fact that is not here cannot be set.
func Schema() []FactDoc { return slices.Clone(schema) }

// schema is never written to.
var schema = []FactDoc{
	{Name: "action", Type: TextFact, Form: ActionForm, Text: "What is asked for: open_account, review, sign_in, trade, deposit or withdraw."},
	{Name: "counterparty.listed", Type: TextsFact, Form: ListForm, Text: "Lists that name the other address of the deposit or withdrawal, exactly as listed."},
	{Name: "customer.area", Type: TextFact, Form: AreaForm, Blank: true, Text: "Area of control in which the customer resides or the firm has its office, on the day of the decision: UA-43, UA-40, UA-DNR, UA-LNR, UA-KHE or UA-ZAP; empty when the place is known and lies in none."},
	{Name: "customer.birth_country", Type: TextFact, Form: CountryForm, Text: "Country of the customer's birth."},
	{Name: "customer.established", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country under whose law a firm is established; empty for a person."},
	{Name: "customer.kind", Type: TextFact, Form: KindForm, Text: "Whether the customer is a person or an organisation."},
	{Name: "customer.nationalities", Type: TextsFact, Form: CountryForm, Text: "Every nationality of the customer; none for an organisation."},
	{Name: "customer.permits", Type: TextsFact, Form: CountryForm, Text: "Countries whose residence permit the customer holds and which is valid at the time of the decision."},
	{Name: "customer.residence", Type: TextFact, Form: CountryForm, Text: "Country in which the customer resides or the firm has its office."},
	{Name: "holding.value_eur_cents", Type: NumberFact, Text: "Value in euro cents of everything the customer holds at this provider, with the movement to be decided already counted in."},
	{Name: "listing.resembles", Type: TextsFact, Form: ListForm, Text: "Lists with an entry that the customer resembles and that nobody has yet told apart from them."},
	{Name: "listing.same", Type: TextsFact, Form: ListForm, Text: "Lists with an entry that is the customer: identity, not likeness."},
	{Name: "lists.stale", Type: TextsFact, Form: ListForm, Text: "Lists whose edition in force is older than the operator allows."},
	{Name: "operator.name", Type: TextFact, Text: "The operating entity that the decision is for."},
	{Name: "operator.nexus", Type: TextsFact, Form: CountryForm, Text: "Whose law binds the operating entity: US, EU, UK, CH, or another country's code."},
	{Name: "ownership.listed_bp", Type: SharesFact, Form: ListForm, Text: "For each list, the share of the customer in basis points that persons identified on it hold together, directly or indirectly; empty for a person."},
	{Name: "session.area", Type: TextFact, Form: AreaForm, Blank: true, Text: "Area of control that the network address of this request points to; empty when it was looked up and points to none."},
	{Name: "session.country", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country that the network address of this request points to; empty when it was looked up and points to none, as that of a relay does."},
}

// Bounds of what a set of facts may hold, so that the cost of a condition is
// bounded by the schema alone.
const (
	maxTexts   = 64
	maxTextLen = 128
)

func docOf(name string) (FactDoc, int, bool) {
	i, ok := slices.BinarySearchFunc(schema, name, func(d FactDoc, n string) int { return strings.Compare(d.Name, n) })
	if !ok {
		return FactDoc{}, 0, false
	}
	return schema[i], i, true
}

var (
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	areaForm    = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)
	listForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
)

// check says what is wrong with one text of the fact.
func (d FactDoc) check(s string) error {
	if len(s) > maxTextLen {
		return fmt.Errorf("fact %s: text of %d bytes, at most %d are allowed", d.Name, len(s), maxTextLen)
	}
	if s == "" && d.Blank {
		return nil
	}
	switch d.Form {
	case CountryForm:
		if !countryForm.MatchString(s) {
			return fmt.Errorf("fact %s: %q: want a country as two capital letters (ISO 3166-1), such as GE", d.Name, s)
		}
	case AreaForm:
		if !areaForm.MatchString(s) {
			return fmt.Errorf("fact %s: %q: want an area such as UA-43 or UA-DNR", d.Name, s)
		}
	case ListForm:
		if !listForm.MatchString(s) {
			return fmt.Errorf("fact %s: %q: want a list such as us-sdn", d.Name, s)
		}
	case ActionForm:
		if !Action(s).Valid() {
			return fmt.Errorf("fact %s: %q: want one of %s", d.Name, s, actionNames())
		}
	case KindForm:
		if s != "person" && s != "organisation" {
			return fmt.Errorf("fact %s: %q: want person or organisation", d.Name, s)
		}
	case AnyText:
		if s == "" {
			return fmt.Errorf("fact %s: empty; leave an unknown fact out", d.Name)
		}
	}
	return nil
}

// Actions is every action, in the order of a customer's life.
func Actions() []Action {
	return []Action{OpenAccount, Review, SignIn, Trade, Deposit, Withdraw}
}

// Valid reports whether a is an action that the gate knows.
func (a Action) Valid() bool {
	switch a {
	case OpenAccount, Review, SignIn, Trade, Deposit, Withdraw:
		return true
	}
	return false
}

func actionNames() string {
	var names []string
	for _, a := range Actions() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}
