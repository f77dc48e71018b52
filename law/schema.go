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
	PlaceForm        // a country or an area
	ListForm         // "us-sdn"
	MeasureForm      // "uk-sanctions/asset-freeze": a list and one of its measures
	ActionForm       // one of Actions
	KindForm         // "person" or "organisation"
	NexusForm        // one of Nexuses, or another country's code
	AssetForm        // "BTC"
	LicenceForm      // "eu-833-5c-1-a": the id of a licence of a rule
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
	{Name: "action", Type: TextFact, Form: ActionForm, Text: "What is asked for; see the list of actions."},
	{Name: "asset.issuer_listed", Type: TextsFact, Form: MeasureForm, Text: "Measures of listed parties that issued the asset which the action concerns, each after its list; none for an asset that nobody listed issued."},
	{Name: "asset.money", Type: TruthFact, Text: "Whether the asset that the action concerns is money, as a bank keeps it on deposit, and no crypto-asset."},
	{Name: "asset.represents", Type: TextsFact, Form: AssetForm, Text: "The asset that the action concerns and every other asset that it wraps or is a claim to or a share in."},
	{Name: "counterparty.area", Type: TextFact, Form: AreaForm, Blank: true, Text: "Area of control in which the other party of the movement is, by its network address, e-mail suffix or written place; empty when nothing that is known of it points to one."},
	{Name: "counterparty.bank_listed", Type: TextsFact, Form: ListForm, Text: "Lists that name a bank through which the money of this deposit or withdrawal passes; none when no bank is involved."},
	{Name: "counterparty.control_assessed", Type: TruthFact, Text: "Whether it was assessed, by adequate measures, whether the customer owns or controls the other address (Regulation (EU) 2023/1113)."},
	{Name: "counterparty.country", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country in which the other party of the movement is, by its network address, e-mail suffix or written place; empty when nothing that is known of it points to one."},
	{Name: "counterparty.listed", Type: TextsFact, Form: ListForm, Text: "Lists that name the other address of the deposit or withdrawal, exactly as listed, or the party known to hold it."},
	{Name: "counterparty.platform_established", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country in which the crypto-asset provider behind the other address, or to be dealt with, is established; empty when no provider is known behind the address."},
	{Name: "counterparty.platform_listed", Type: TextsFact, Form: ListForm, Text: "Lists that name the provider behind the other address, or to be dealt with."},
	{Name: "counterparty.platform_resembles", Type: TextsFact, Form: ListForm, Text: "Lists that name a provider which this one seems to succeed, while no person has decided whether it does."},
	{Name: "counterparty.platform_succeeds", Type: TextsFact, Form: ListForm, Text: "Lists that name a provider to which this one is comparable or the successor, on evidence that a person has accepted."},
	{Name: "counterparty.self_hosted", Type: TruthFact, Text: "Whether the other address is kept by whoever uses it, and by no provider of crypto-asset services."},
	{Name: "customer.area", Type: TextFact, Form: AreaForm, Blank: true, Text: "Area of control in which the customer resides or the firm has its office, on the day of the decision: UA-43, UA-40, UA-DNR, UA-LNR, UA-KHE or UA-ZAP; empty when the place is known and lies in none."},
	{Name: "customer.birth_country", Type: TextFact, Form: CountryForm, Text: "Country of the customer's birth."},
	{Name: "customer.contradicted", Type: TextsFact, Form: PlaceForm, Text: "Places to which evidence beside the customer's word points, too strong to ignore and too weak to conclude from."},
	{Name: "customer.established", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country under whose law a firm is established; empty for a person."},
	{Name: "customer.financial_institution_of", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country of which the customer is a financial institution; empty for one that is none."},
	{Name: "customer.kind", Type: TextFact, Form: KindForm, Text: "Whether the customer is a person or an organisation."},
	{Name: "customer.licences", Type: TextsFact, Form: LicenceForm, Text: "Licences and derogations of the rules that a person has recorded as covering this customer or this act, valid at the time of the decision."},
	{Name: "customer.nationalities", Type: TextsFact, Form: CountryForm, Text: "Every nationality of the customer; none for an organisation."},
	{Name: "customer.ordinarily", Type: TextsFact, Form: PlaceForm, Text: "Places in which evidence beside the customer's word, such as a lasting pattern of sign-ins, shows that they ordinarily reside."},
	{Name: "customer.permits", Type: TextsFact, Form: CountryForm, Text: "Countries whose residence permit the customer holds and which is valid at the time of the decision."},
	{Name: "customer.represented_by", Type: TextsFact, Form: ListForm, Text: "Lists with a person who acts for the firm: a director, an administrator, a signatory; none for a person."},
	{Name: "customer.residence", Type: TextFact, Form: CountryForm, Text: "Country in which the customer resides or the firm has its office."},
	{Name: "customer.russian_owned_bp", Type: NumberFact, Text: "Share of the firm in basis points that Russian nationals, residents of Russia and firms established there hold together, directly or indirectly; 0 for a person."},
	{Name: "customer.state_body_of", Type: TextFact, Form: CountryForm, Blank: true, Text: "Country whose government, central bank, agency or state-owned firm the customer is; empty for one that is none."},
	{Name: "customer.us_person", Type: TruthFact, Text: "Whether the customer is a United States person: a citizen, a permanent resident, an entity organised there, or anyone in the United States (31 CFR 560.314)."},
	{Name: "exposure.listed", Type: TextsFact, Form: ListForm, Text: "Lists with an address that the value of this movement was traced to through transfers, above the operator's threshold; none where no trace leads to one or none was made."},
	{Name: "holding.fiat_eur_cents", Type: NumberFact, Text: "Value in euro cents of the customer's deposits of money at this provider, with the movement to be decided already counted in."},
	{Name: "holding.value_eur_cents", Type: NumberFact, Text: "Value in euro cents of everything the customer holds at this provider, with the movement to be decided already counted in."},
	{Name: "listing.measures", Type: TextsFact, Form: MeasureForm, Text: "Measures of the entries that are the customer, each after its list: uk-sanctions/asset-freeze; LIST/none-stated for an entry that states none."},
	{Name: "listing.resembles", Type: TextsFact, Form: ListForm, Text: "Lists with an entry that the customer resembles and that nobody has yet told apart from them."},
	{Name: "listing.same", Type: TextsFact, Form: ListForm, Text: "Lists with an entry that is the customer: identity, not likeness."},
	{Name: "lists.stale", Type: TextsFact, Form: ListForm, Text: "Lists whose edition in force is older than the operator allows."},
	{Name: "movement.dust", Type: TruthFact, Text: "Whether the deposit is unsolicited, of nominal value, and tied to no listed party but the mixer Tornado Cash (OFAC, FAQ 1078)."},
	{Name: "movement.value_eur_cents", Type: NumberFact, Text: "Value in euro cents of the deposit or withdrawal."},
	{Name: "operator.name", Type: TextFact, Text: "The operating entity that the decision is for."},
	{Name: "operator.nexus", Type: TextsFact, Form: NexusForm, Text: "Whose law binds the operating entity; see the list of nexuses."},
	{Name: "operator.sends_parties", Type: TruthFact, Text: "Whether the data of originator and beneficiary go with each transfer of the operating entity and are asked of each that arrives."},
	{Name: "operator.takes_deposits", Type: TruthFact, Text: "Whether the operating entity takes deposits of money as a credit institution does."},
	{Name: "ownership.control_signs", Type: TextsFact, Form: ListForm, Text: "Lists with a person of whom it is possible and not told that they control the firm: a listed director, a large share below the test of ownership; none for a person."},
	{Name: "ownership.controlled", Type: TextsFact, Form: ListForm, Text: "Lists with a person who controls the firm by means other than a share, directly or through firms; none for a person."},
	{Name: "ownership.listed_bp", Type: SharesFact, Form: ListForm, Text: "For each list, the share of the customer in basis points that persons identified on it hold together, directly or through firms half or more of which they hold; empty for a person."},
	{Name: "ownership.listed_over_bp", Type: SharesFact, Form: ListForm, Text: "The same through firms more than half of which they hold; empty for a person."},
	{Name: "ownership.majority", Type: TextsFact, Form: ListForm, Text: "Lists whose persons hold half or more of the firm, or a majority interest below one half, more than every other holder, directly or through firms of which they hold the same; none for a person."},
	{Name: "ownership.single_bp", Type: SharesFact, Form: ListForm, Text: "For each list, the largest share in basis points that one person identified on it holds alone or under a joint arrangement, directly or through firms more than half of which they hold; empty for a person."},
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
	from, to := 0, len(schema)
	for from < to {
		if mid := int(uint(from+to) >> 1); schema[mid].Name < name {
			from = mid + 1
		} else {
			to = mid
		}
	}
	if from == len(schema) || schema[from].Name != name {
		return FactDoc{}, 0, false
	}
	return schema[from], from, true
}

var (
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	areaForm    = regexp.MustCompile(`^[A-Z]{2}-[A-Z0-9]{1,3}$`)
	placeForm   = regexp.MustCompile(`^[A-Z]{2}(-[A-Z0-9]{1,3})?$`)
	listForm    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	measureForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$`)
	nexusForm   = regexp.MustCompile(`^[A-Z]{2}(-[A-Z]+)?$`)
	assetForm   = regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{0,19}$`)
)

// written is how the texts of a form are written, and what to say of one that is not.
// Never written to.
var written = map[Form]struct {
	as   *regexp.Regexp
	want string
}{
	CountryForm: {countryForm, "a country as two capital letters (ISO 3166-1), such as GE"},
	AreaForm:    {areaForm, "an area such as UA-43 or UA-DNR"},
	PlaceForm:   {placeForm, "a country or an area, such as IR or UA-43"},
	ListForm:    {listForm, "a list such as us-sdn"},
	MeasureForm: {measureForm, "a list and one of its measures, such as uk-sanctions/asset-freeze"},
	LicenceForm: {listForm, "the id of a licence, such as eu-833-5c-1-a"},
	NexusForm:   {nexusForm, "whose law binds the operator, such as US or EU"},
	AssetForm:   {assetForm, "the code of an asset, such as BTC"},
}

// check says what is wrong with one text of the fact.
func (d *FactDoc) check(s string) error {
	if len(s) > maxTextLen {
		return fmt.Errorf("fact %s: text of %d bytes, at most %d are allowed", d.Name, len(s), maxTextLen)
	}
	if s == "" && d.Blank {
		return nil
	}
	if f, ok := written[d.Form]; ok && !f.as.MatchString(s) {
		return fmt.Errorf("fact %s: %q: want %s", d.Name, s, f.want)
	}
	switch d.Form {
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

// Actions is every action, in the order of a customer's life, and then what is asked of
// the operator itself.
func Actions() []Action {
	return []Action{OpenAccount, Review, SignIn, Trade, Deposit, Withdraw, HoldAsset, ListAsset, DealPlatform, Govern}
}

// OfCustomer reports whether the action is a customer's, so that a rule that names no
// action speaks of it. The others concern an asset, a platform or the operator, of whom
// the facts about a customer are not known.
func (a Action) OfCustomer() bool {
	switch a {
	case OpenAccount, Review, SignIn, Trade, Deposit, Withdraw:
		return true
	}
	return false
}

// Valid reports whether a is an action that the gate knows.
func (a Action) Valid() bool { return slices.Contains(Actions(), a) }

func actionNames() string {
	var names []string
	for _, a := range Actions() {
		names = append(names, string(a))
	}
	return strings.Join(names, ", ")
}

// Nexuses is every nexus that a rule may bind, sorted. An operator may have another one,
// a country's code, which no rule binds.
func Nexuses() []string {
	return []string{"AU", "CA", "CH", "EU", "JP", "SG", "UA", "UK", "UN", "US", "US-CAUSING"}
}
