package tape

import "fmt"

// Bounds of what an operator user may say with a clearance, in bytes.
const (
	MaxBy     = 64
	MaxReason = 500
)

// Clear records an operator user's word that a customer who resembles a listed entity is
// not that entity: a clearance. It holds until it ends (EndClearance, AmendCustomer), and
// only for what it rests on: Listed is the hash of what the entity's entry said in what is
// compared (match.Basis), Subject a salted commitment to what the customer had told in it.
// By and Reason stand in the log for good, where no personal data may: they are the name of
// a user of the operator and words on the list's side ("another patronymic").
//
// In this order refused as UnknownAccount; StaleDecision when Decision, in which the
// likeness was looked at, is not the one that the account stands under; BadClearance when
// List, Entity, By or Reason is empty, By is longer than MaxBy or Reason than MaxReason, or
// At is after this command or more than Fresh before it; DuplicateClearance when one is in
// force for this account, list and entity. Event: Cleared. What the clearance sets free is
// for the decision to say that follows in the same commit.
type Clear struct {
	Account      uint64
	List, Entity string // the entity by the publisher's own id
	By, Reason   string
	At           int64 // when it was said, µs since 1970 UTC
	Listed       Hash
	Subject      Hash
	Decision     Hash
}

func (*Clear) Kind() Kind { return kindClear }
func (x *Clear) code(c *coder) {
	c.u64(&x.Account)
	for _, s := range []*string{&x.List, &x.Entity, &x.By, &x.Reason} {
		c.text(s)
	}
	c.time(&x.At)
	c.hash(&x.Listed)
	c.hash(&x.Subject)
	c.hash(&x.Decision)
}

// A Cause says why a clearance ended.
type Cause uint8

const (
	EntryChanged    Cause = iota + 1 // the list's entry says something else in what the clearance rested on
	EntryGone                        // the list has the entry no more
	CustomerChanged                  // the customer has told something else in what the clearance rested on
	TakenBack                        // an operator user took the word back
)

var causeTexts = map[Cause]string{
	EntryChanged: "the list entry changed", EntryGone: "the list has the entry no more",
	CustomerChanged: "the customer's data changed", TakenBack: "the word was taken back",
}

func (x Cause) String() string {
	if s, ok := causeTexts[x]; ok {
		return s
	}
	return fmt.Sprintf("cause %d?", uint8(x))
}

// EndClearance ends a clearance. Refused as UnknownClearance unless it is in force;
// BadClearance unless Cause is EntryChanged with Changed and without By and Reason,
// EntryGone without any of the three, or TakenBack with By and Reason (bounded as those of
// Clear) and without Changed. Decisions kept for an action of the account are forgotten
// unspent. Event: ClearanceEnded. The decision that this brings follows in the same commit;
// until it does, the account neither trades nor withdraws if it stands under a decision that
// relies on the clearance (that is for whoever writes the commit to see, not refused here).
type EndClearance struct {
	Clearance  uint64
	Cause      Cause
	Changed    []string // parts of the entry that changed: "names", "birth", …
	By, Reason string
}

func (*EndClearance) Kind() Kind { return kindEndClearance }
func (e *EndClearance) code(c *coder) {
	c.u64(&e.Clearance)
	narrow(c, &e.Cause, 255)
	list(c, &e.Changed, c.text)
	c.text(&e.By)
	c.text(&e.Reason)
}

// AmendCustomer says that what the vault holds of a customer has changed; Commitment is to
// the profile as it is now. Changed names the parts of what is compared with lists that
// differ from before ("names", never the names); empty when none does. Refused as
// UnknownAccount. Decisions kept for an action of the account are forgotten unspent. Events:
// CustomerAmended; and where Changed is not empty, ClearanceEnded of each clearance of the
// account in force, lowest id first, with cause CustomerChanged.
type AmendCustomer struct {
	Account    uint64
	Commitment Hash
	Changed    []string
}

func (*AmendCustomer) Kind() Kind { return kindAmendCustomer }
func (a *AmendCustomer) code(c *coder) {
	c.u64(&a.Account)
	c.hash(&a.Commitment)
	list(c, &a.Changed, c.text)
}

// Cleared gives a clearance that is in force from here on.
type Cleared struct {
	ID uint64 // from 1, gapless
	Clear
}

func (Cleared) EventKind() EventKind { return eventCleared }
func (e Cleared) code(c *coder)      { codeCleared(c, &e) }

func codeCleared(c *coder, e *Cleared) {
	c.u64(&e.ID)
	e.Clear.code(c)
}

// ClearanceEnded says that a clearance is no longer in force, and why; Changed is of the
// entry or of the customer's data.
type ClearanceEnded struct {
	ID         uint64
	Account    uint64
	Cause      Cause
	Changed    []string
	By, Reason string
}

func (ClearanceEnded) EventKind() EventKind { return eventClearanceEnded }
func (e ClearanceEnded) code(c *coder)      { codeClearanceEnded(c, &e) }

func codeClearanceEnded(c *coder, e *ClearanceEnded) {
	c.u64(&e.ID)
	c.u64(&e.Account)
	narrow(c, &e.Cause, 255)
	list(c, &e.Changed, c.text)
	c.text(&e.By)
	c.text(&e.Reason)
}

// CustomerAmended says to which profile of a customer the log commits from here on.
type CustomerAmended struct {
	Account    uint64
	Commitment Hash
}

func (CustomerAmended) EventKind() EventKind { return eventCustomerAmended }
func (e CustomerAmended) code(c *coder) {
	c.u64(&e.Account)
	c.hash(&e.Commitment)
}
