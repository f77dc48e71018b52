package tape

// A Right is what an operator user may do; rights are a set. The zero value is to do nothing.
type Right uint8

const (
	MayRead       Right = 1 << iota
	MayCompliance       // say what is recorded of customers and the law
	MayOperations       // say how accounts and markets run
)

const mayAll = MayRead | MayCompliance | MayOperations

// SetOperatorUser says what a user of the operator may do, from the next command on; 0 ends them. Who has the
// data folder says it: it has no By. While there is an operator user, what a person says in the log is said by one:
// Clear, RecordLicence (By and Second), EndLicence, and EndClearance with cause TakenBack by one with
// MayCompliance; SetPhase, SetTradeGroup and SetMaxAsset by one with MayOperations; and the command is
// refused as NotTheirs, before anything else but NotFounded, where one of those that it names is none such.
//
// Refused as BadUser: Name is empty, longer than MaxBy or has a character other than an ASCII letter or digit,
// '.', '-' and '_', or is VenueItself; May has another bit, or is not 0 and lacks MayRead; or it is what it was. Event: OperatorUserSet.
type SetOperatorUser struct {
	Name string
	May  Right
}

func (*SetOperatorUser) Kind() Kind { return kindSetOperatorUser }
func (s *SetOperatorUser) code(c *coder) {
	c.text(&s.Name)
	narrow(c, &s.May, 255)
}

// OperatorUserSet repeats its command.
type OperatorUserSet struct{ SetOperatorUser }

func (OperatorUserSet) EventKind() EventKind { return eventOperatorUserSet }
func (e OperatorUserSet) code(c *coder)      { e.SetOperatorUser.code(c) }

// Rights reports whether the bits are a set of rights, or 0.
func (r Right) Rights() bool { return r&^mayAll == 0 && (r == 0 || r&MayRead != 0) }
