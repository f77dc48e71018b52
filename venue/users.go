package venue

import (
	"maps"
	"slices"
	"strings"

	"sallyport/venue/tape"
)

func (v *Venue) setOperatorUser(c *tape.SetOperatorUser) {
	if !userName(c.Name) || !c.May.Rights() || v.users[c.Name] == c.May {
		v.refuse(tape.BadUser)
		return
	}
	if v.users[c.Name] = c.May; c.May == 0 {
		delete(v.users, c.Name)
	}
	v.emit(tape.OperatorUserSet{SetOperatorUser: *c})
}

func userName(s string) bool {
	return s != "" && s != tape.VenueItself && len(s) <= tape.MaxBy && !strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-' || r == '_')
	})
}

// theirs reports whether a command that a person says is said by operator users who may; see tape.SetOperatorUser.
func (v *Venue) theirs(cmd tape.Command) bool {
	may := func(by string, right tape.Right) bool { return v.users[by]&right != 0 }
	switch c := cmd.(type) {
	case *tape.Clear:
		return may(c.By, tape.MayCompliance)
	case *tape.EndClearance:
		return c.Cause != tape.TakenBack || may(c.By, tape.MayCompliance)
	case *tape.RecordLicence:
		return may(c.By, tape.MayCompliance) && may(c.Second, tape.MayCompliance)
	case *tape.EndLicence:
		return may(c.By, tape.MayCompliance)
	case *tape.SetPhase:
		return may(c.By, tape.MayOperations)
	case *tape.SetTradeGroup:
		return may(c.By, tape.MayOperations)
	case *tape.SetMaxAsset:
		return may(c.By, tape.MayOperations)
	}
	return true
}

// operatorUsers are all, by name.
func (v *Venue) operatorUsers() []tape.SetOperatorUser {
	var out []tape.SetOperatorUser
	for _, name := range slices.Sorted(maps.Keys(v.users)) {
		out = append(out, tape.SetOperatorUser{Name: name, May: v.users[name]})
	}
	return out
}
