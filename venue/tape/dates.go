package tape

// MaxLicence bounds the id of a licence, in bytes.
const MaxLicence = 128

// OweMarks says that from here on the log marks every dated instant, in their order, and
// before anything that comes of it. Owed are, of the rules in force,
//
//   - MarkRule for each first instant and each end of an enacted rule, MarkPart for each of
//     a wind-down and of a licence (law.Set.Events), of all instants after the last one
//     marked or, where none was, after the founding; a rule set that is taken up owes those
//     of its own from the same instant on;
//   - MarkExpiry for each customer of whom a residence permit or a recorded licence runs out.
//
// Before its mark stands in the log, no decision is made at the instant or later, and no
// account is opened, credited, or trades or withdraws. Neither is refused here: an auditor
// sees it. Never refused. Event: MarksOwed.
//
// A log that was written before there was such a promise is without it, and only what it
// does mark is held to the rules.
type OweMarks struct{}

func (*OweMarks) Kind() Kind  { return kindOweMarks }
func (*OweMarks) code(*coder) {}

// MarkPart records that a part of a rule has begun or ended at its hour: what MarkRule is for
// the rule itself. The decisions that this brings follow in the same commit. Never refused.
// Event: PartMarked.
type MarkPart struct {
	Rule   string
	Part   string // "wind-down", or the id of a licence of the rule
	Begins bool
	At     int64 // its own instant, µs since 1970 UTC
}

func (*MarkPart) Kind() Kind { return kindMarkPart }
func (m *MarkPart) code(c *coder) {
	c.text(&m.Rule)
	c.text(&m.Part)
	c.bool(&m.Begins)
	c.time(&m.At)
}

// MarkExpiry records that what a customer's standing may rest on has run out at its hour:
// residence permits (Permit), licences recorded for the account, or both. The record after
// it is a decision on the account's standing, made at At or later, whether or not it says
// something new; or first another mark of the account, where several instants are made up
// for at once.
//
// Refused as UnknownAccount; BadLicence when there is neither permit nor licence, or Licences
// is not in ascending order, or one of them is not in force for the account until just At.
// The licences end. Decisions kept for an action of the account are forgotten unspent.
// Event: ExpiryMarked.
type MarkExpiry struct {
	Account  uint64
	At       int64 // the first instant after, µs since 1970 UTC
	Permit   bool
	Licences []uint64 // by number
}

func (*MarkExpiry) Kind() Kind { return kindMarkExpiry }
func (m *MarkExpiry) code(c *coder) {
	c.u64(&m.Account)
	c.time(&m.At)
	c.bool(&m.Permit)
	list(c, &m.Licences, c.u64)
}

// RecordLicence records the word of two operator users that an authority's licence covers a
// customer: one holds the document, the other has seen it too. Until it ends (MarkExpiry,
// EndLicence), the customer's fact customer.licences names it. By, Second and Reason stand in
// the log for good, where no personal data may; Document is a salted commitment to what the
// vault keeps of the authority's reference.
//
// In this order refused as UnknownAccount; BadLicence when Licence is empty or longer than
// MaxLicence, By, Second or Reason is empty, By or Second longer than MaxBy or Reason than
// MaxReason, By and Second are the same, At is after this command or more than Fresh before
// it, or Until is neither 0 nor after this command; DuplicateLicence when the account has one
// of this id in force. Decisions kept for an action of the account are forgotten unspent.
// Event: LicenceRecorded. The decision that it brings follows as the next record.
type RecordLicence struct {
	Account    uint64
	Licence    string // its id in the rule that has it
	Until      int64  // the first instant after it, µs since 1970 UTC; 0: as long as the rule says
	By, Second string // operator users
	Reason     string
	At         int64 // when it was said, µs since 1970 UTC
	Document   Hash
}

func (*RecordLicence) Kind() Kind { return kindRecordLicence }
func (r *RecordLicence) code(c *coder) {
	c.u64(&r.Account)
	c.text(&r.Licence)
	c.time(&r.Until)
	for _, s := range []*string{&r.By, &r.Second, &r.Reason} {
		c.text(s)
	}
	c.time(&r.At)
	c.hash(&r.Document)
}

// EndLicence ends a recorded licence before its time, on the word of one operator user: what
// stops takes fewer hands than what sets free. Refused as UnknownLicence unless it is in
// force; BadLicence when By or Reason is empty or longer than MaxBy or MaxReason. Decisions
// kept for an action of the account are forgotten unspent. Event: LicenceEnded. The record
// after it is a decision on the account's standing.
type EndLicence struct {
	ID         uint64
	By, Reason string
}

func (*EndLicence) Kind() Kind { return kindEndLicence }
func (e *EndLicence) code(c *coder) {
	c.u64(&e.ID)
	c.text(&e.By)
	c.text(&e.Reason)
}

// MarksOwed, PartMarked and ExpiryMarked repeat their commands.
type (
	MarksOwed    struct{ OweMarks }
	PartMarked   struct{ MarkPart }
	ExpiryMarked struct{ MarkExpiry }
)

func (MarksOwed) EventKind() EventKind    { return eventMarksOwed }
func (e MarksOwed) code(c *coder)         { e.OweMarks.code(c) }
func (PartMarked) EventKind() EventKind   { return eventPartMarked }
func (e PartMarked) code(c *coder)        { e.MarkPart.code(c) }
func (ExpiryMarked) EventKind() EventKind { return eventExpiryMarked }
func (e ExpiryMarked) code(c *coder)      { e.MarkExpiry.code(c) }

// LicenceRecorded gives a licence that is in force for an account from here on.
type LicenceRecorded struct {
	ID uint64 // from 1, gapless
	RecordLicence
}

func (LicenceRecorded) EventKind() EventKind { return eventLicenceRecorded }
func (e LicenceRecorded) code(c *coder)      { codeLicence(c, &e) }

func codeLicence(c *coder, e *LicenceRecorded) {
	c.u64(&e.ID)
	e.RecordLicence.code(c)
}

// LicenceEnded says that a licence was ended before its time.
type LicenceEnded struct {
	ID         uint64
	Account    uint64
	By, Reason string
}

func (LicenceEnded) EventKind() EventKind { return eventLicenceEnded }
func (e LicenceEnded) code(c *coder)      { codeLicenceEnded(c, &e) }

func codeLicenceEnded(c *coder, e *LicenceEnded) {
	c.u64(&e.ID)
	c.u64(&e.Account)
	c.text(&e.By)
	c.text(&e.Reason)
}
