package verify

import (
	"regexp"

	"sallyport/venue/tape"
)

// setOperatorUser: "Refused as BadUser: Name is empty, longer than MaxBy or has a character other than …; May has
// another bit, or is not 0 and lacks MayRead; or it is what it was."
func (m *model) setOperatorUser(c *tape.SetOperatorUser) []tape.Event {
	before := m.users[c.Name]
	switch c.May {
	case 0, tape.MayRead, tape.MayRead | tape.MayCompliance, tape.MayRead | tape.MayOperations, tape.MayRead | tape.MayCompliance | tape.MayOperations:
	default:
		return refused(tape.BadUser, none)
	}
	if !word(c.Name, tape.MaxBy) || !userName.MatchString(c.Name) || c.Name == tape.VenueItself || c.May == before {
		return refused(tape.BadUser, none)
	}
	delete(m.users, c.Name)
	if c.May != 0 {
		m.users[c.Name] = c.May
	}
	return []tape.Event{tape.OperatorUserSet{SetOperatorUser: *c}}
}

var userName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// others names who says a command and is none of the operator users who may: "While there is an operator user,
// what a person says in the log is said by one".
func (m *model) others(cmd tape.Command) []string {
	var said []string
	needs := tape.MayCompliance
	switch c := cmd.(type) {
	case *tape.Clear:
		said = []string{c.By}
	case *tape.RecordLicence:
		said = []string{c.By, c.Second}
	case *tape.EndLicence:
		said = []string{c.By}
	case *tape.EndClearance:
		if c.Cause == tape.TakenBack {
			said = []string{c.By}
		}
	case *tape.SetPhase:
		said, needs = []string{c.By}, tape.MayOperations
	case *tape.SetTradeGroup:
		said, needs = []string{c.By}, tape.MayOperations
	case *tape.SetMaxAsset:
		said, needs = []string{c.By}, tape.MayOperations
	}
	var out []string
	for _, name := range said {
		if m.users[name]&needs == 0 {
			out = append(out, name)
		}
	}
	return out
}
