package gate

import (
	"time"

	"sallyport/law"
	"sallyport/match"
)

// A Decision is the gate's answer and everything it rests on. It names nobody: the
// customer appears as an account number and a commitment, the findings speak of the
// list's side only, and the facts are as coarse as the rules read them (countries, a
// control area; see docs/decisions/0002).
//
// Its identifier is the SHA-256 of its canonical JSON without the identifier
// (see [Decision.Seal]); two decisions with one identifier are one decision.
type Decision struct {
	ID       string     `json:"id"`
	At       time.Time  `json:"at"` // UTC, milliseconds
	Action   law.Action `json:"action"`
	Account  uint64     `json:"account"`
	Operator string     `json:"operator"` // the operating entity decided for
	Nexus    []string   `json:"nexus"`    // whose law binds that operator: "US", "EU", …
	Verdict  law.Verb   `json:"verdict"`

	Fired    []Fired  `json:"fired,omitempty"`    // rules that stop or limit the action
	Exempted []Fired  `json:"exempted,omitempty"` // rules that exempt it, whether or not they cover it
	Unknown  []Fired  `json:"unknown,omitempty"`  // rules that could not be read from the facts; each of them holds
	Tried    []string `json:"tried"`              // every rule in force that binds the operator for this action, by id, sorted

	// Sides is where the customer stands of the bars in force, by rule: whom they must never
	// be matched with. Only a decision that gives a standing tells it.
	Sides []law.Side `json:"sides,omitempty"`

	Findings []match.Finding `json:"findings,omitempty"`
	Cleared  []Clearance     `json:"cleared,omitempty"` // by which findings of a mere likeness were left out of the facts, by id
	Lapsed   []Lapse         `json:"lapsed,omitempty"`  // clearances that findings here had and that have ended, by id
	Facts    law.Facts       `json:"facts"`
	Subject  string          `json:"subject"` // commitment to the customer's profile that was screened, hex

	Editions []EditionRef `json:"editions"` // lists in force, sorted by list
	// Stale names those of them that had fallen silent when it was made: nobody had heard
	// from the publisher for longer than the operator allows. Sorted; what the fact
	// lists.stale says, and empty where that is not known.
	Stale    []string   `json:"stale,omitempty"`
	Rules    string     `json:"rules"`    // SHA-256 of the rule set, hex
	Matching string     `json:"matching"` // what names were weighed and read by
	Hold     *HoldTerms `json:"hold,omitempty"`

	// About is the asset (its code) or the platform (its name) that a decision on holding or
	// offering an asset, or on dealing with a platform, is about.
	About string `json:"about,omitempty"`

	// Movement binds the decision to one movement of value: the digest of what is
	// moved, from whom, to where (hex). Empty for decisions on standing.
	Movement string `json:"movement,omitempty"`

	// Asked is set where an exchange that keeps its own ledger asked for the decision
	// (package api/gate). Whoever moves the value then is they, so that the venue keeps no
	// permit for it.
	Asked *Asked `json:"asked,omitempty"`
}

// Asked ties a decision to the question it answers, so that the same question finds the
// same answer again, from the log alone. The hashes are keyed with a secret of the gate:
// nobody can try out what the question said.
type Asked struct {
	Key     string `json:"key,omitempty"`     // of who asked, and under which idempotency key; hex
	Request string `json:"request,omitempty"` // of what was asked; hex
	// Again is instead of the two the identifier of a decision on the same movement, which
	// this one takes the place of: nobody asked, but a list, a rule or the customer's data
	// have changed since.
	Again string `json:"again,omitempty"`

	// Moves is what the digest of a deposit or a withdrawal is of. No command of this log
	// tells it, and it is needed to decide again, and to audit.
	Moves *Movement `json:"moves,omitempty"`

	// Party is the findings on whoever is said to be on the other side of the movement, and
	// PartySubject the commitment to what was said of them, hex; empty where nothing was. They
	// are no findings on the customer, and no clearance of theirs covers them.
	Party        []match.Finding `json:"party,omitempty"`
	PartySubject string          `json:"party_subject,omitempty"`

	// Told is those of the facts that the asker stated; all others the gate found.
	Told law.Facts `json:"told,omitzero"`
}

// Fired cites a rule and says what it did.
type Fired struct {
	Rule        string    `json:"rule"`
	Title       string    `json:"title"`
	Verb        law.Verb  `json:"verb"`
	Authority   string    `json:"authority"`
	Instrument  string    `json:"instrument"`
	Article     string    `json:"article"`
	URL         string    `json:"url,omitempty"`
	EffectiveAt time.Time `json:"effective_at"`
	House       bool      `json:"house,omitempty"`   // the operator's own policy, not law
	By          string    `json:"by,omitempty"`      // of an exempted one: "exempt", "wind-down", or the id of the licence
	Missing     []string  `json:"missing,omitempty"` // facts that were unknown
}

// An EditionRef names a list edition a decision was taken under.
type EditionRef struct {
	List      string    `json:"list"`
	Published time.Time `json:"published"`
	SHA256    string    `json:"sha256"`
}

// HoldTerms are the owner and the clock of a hold. A hold never ends by running
// out: past its due time it is overdue, not released.
type HoldTerms struct {
	Owner string    `json:"owner"`
	Due   time.Time `json:"due"`
}
