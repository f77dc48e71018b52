package gate

import (
	"strings"
)

// explainAsked tells a reviewer what another exchange asked.
func explainAsked(d *Decision, line func(format string, args ...any)) {
	a := d.Asked
	if a == nil {
		return
	}
	line("\nAsked for by an exchange that keeps its own ledger; nothing is booked here.")
	if a.Again != "" {
		line("In the place of decision %s: a list, a rule or the customer has changed since.", a.Again)
	}
	if m := a.Moves; m != nil {
		line("Moves: %s of %s %s on %q, the other address %s, reference %q", m.Kind, m.Amount, m.Asset, m.Network, m.Address, m.Ref)
	}
	if names := a.Told.Names(); len(names) > 0 {
		line("Told by that exchange, not found here: %s", strings.Join(names, ", "))
	}
	if a.PartySubject != "" {
		line("The other side, by what was said of them (commitment %s): %d findings", a.PartySubject, len(a.Party))
	}
	for _, f := range a.Party {
		line("- %s %s %s: %s, score %.4f, by %q", f.List, f.EntityID, f.EntityName, f.Grade, f.Score, f.MatchedName)
		for _, r := range f.Reasons {
			line("  %+.2f %s: %s", r.Effect, r.Kind, r.Text)
		}
	}
}
