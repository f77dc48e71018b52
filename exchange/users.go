package exchange

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/venue/tape"
)

// An OperatorUser is one of the operator's own people, as the log knows them.
type OperatorUser struct {
	tape.SetOperatorUser
	Since time.Time // that they may what they may
	Seq   uint64
}

// OperatorUsers are all that there are, by name.
func (v *View) OperatorUsers() []OperatorUser {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.Clone(v.users)
}

func (v *View) operatorUserSet(e tape.OperatorUserSet) {
	at, known := slices.BinarySearchFunc(v.users, e.Name, func(u OperatorUser, name string) int { return cmp.Compare(u.Name, name) })
	u := OperatorUser{e.SetOperatorUser, timeOf(v.at), v.seq}
	text := "Operator user " + e.Name + " may " + rightsText(e.May)
	switch {
	case e.May == 0:
		v.users = slices.Delete(v.users, at, at+1)
		text = e.Name + " is an operator user no longer"
	case known:
		v.users[at] = u
	default:
		v.users = slices.Insert(v.users, at, u)
	}
	v.happened(Happening{Kind: "user", Text: text})
}

func rightsText(r tape.Right) string {
	words := []string{"read"}
	if r&tape.MayCompliance != 0 {
		words = append(words, "answer for compliance")
	}
	if r&tape.MayOperations != 0 {
		words = append(words, "run operations")
	}
	return strings.Join(words, ", ")
}

// may reports whether somebody may say what takes the right: anybody while there are no operator users.
func (v *View) may(by string, right tape.Right) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.users) == 0 || slices.ContainsFunc(v.users, func(u OperatorUser) bool { return u.Name == by && u.May&right != 0 })
}

// mightSay is may for what was said at a time: one who has come to may it since has not said it.
func (v *View) mightSay(by string, right tape.Right, at time.Time) bool {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.users) == 0 || slices.ContainsFunc(v.users, func(u OperatorUser) bool { return u.Name == by && u.May&right != 0 && !at.Before(u.Since) })
}

// SetOperatorUsers makes these the operator users, and no others: what the log knows otherwise is put into it, in one commit. From
// then on what a person says there is said by one of them who may; with none, by anybody.
func (x *Exchange) SetOperatorUsers(users map[string]tape.Right) error {
	x.basis.Lock() // so that nobody's word is on its way
	defer x.basis.Unlock()
	if _, err := x.catchUp(); err != nil {
		return err
	}
	var cmds, ends []tape.Command
	known := map[string]tape.Right{}
	for _, u := range x.view.OperatorUsers() {
		known[u.Name] = u.May
		if users[u.Name] == 0 {
			ends = append(ends, &tape.SetOperatorUser{Name: u.Name})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		if may := users[name]; may != 0 && may != known[name] {
			cmds = append(cmds, &tape.SetOperatorUser{Name: name, May: may})
		}
	}
	// Who is new comes before whoever ends, so that there is no moment at which anybody may say anything.
	if err := x.submitAll(append(cmds, ends...)); err != nil {
		return fmt.Errorf("exchange: operator users: %w", err)
	}
	return nil
}
