package tape

import "fmt"

// A Snapshot is a state and what a venue must know beside it to go on from there: the texts
// behind the hashes and numbers that the state lists. It adds nothing that could differ: a
// decision is what its hash says, and a deposit or withdrawal what the log said of it last.
type Snapshot struct {
	State
	Decisions [][]byte            // the bodies of Kept, one for each
	Set       []DepositChanged    // behind those Aside that came with a deposit, in their order
	Stopped   []WithdrawalChanged // behind the others
}

const snapshotForm = "venue 4"

func (s *Snapshot) code(c *coder) {
	form := snapshotForm
	if c.text(&form); form != snapshotForm {
		c.fail(fmt.Errorf("the form is %q, not %q", form, snapshotForm))
		return
	}
	s.State.code(c)
	s.codeClearances(c)
	s.codeLicences(c)
	s.codeEarned(c)
	s.codeUsers(c)
	rows(c, &s.Decisions, func(b *[]byte) { c.bytes(b, maxBody) })
	rows(c, &s.Set, func(d *DepositChanged) { codeDeposit(c, d) })
	rows(c, &s.Stopped, func(w *WithdrawalChanged) { codeWithdrawal(c, w) })
}

// Encode gives the snapshot's one form.
func (s *Snapshot) Encode() ([]byte, error) {
	c := coder{b: make([]byte, 0, 1<<16)}
	if s.code(&c); c.err != nil {
		return nil, fmt.Errorf("tape: snapshot: %w", c.err)
	}
	return c.b, nil
}

// DecodeSnapshot reads what Encode gave. That it is a state some log leads to is for its hash
// to show.
func DecodeSnapshot(b []byte) (*Snapshot, error) {
	s := new(Snapshot)
	c := coder{b: b, reading: true}
	s.code(&c)
	if c.err == nil && len(c.b) != 0 {
		c.err = fmt.Errorf("%d bytes left over", len(c.b))
	}
	if c.err != nil {
		return nil, fmt.Errorf("tape: snapshot: %w", c.err)
	}
	return s, nil
}
