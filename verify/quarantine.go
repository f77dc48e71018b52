package verify

import "sallyport/venue/tape"

// quarantine is a command that was not carried out: its markets take no orders from here on.
func (m *model) quarantine(c *tape.Quarantine) []tape.Event {
	wellFormed := word(c.Failure, tape.MaxReason) && tape.New(c.Of) != nil
	before := -1
	for _, k := range c.Markets {
		if int(k) >= len(m.markets) {
			return refused(tape.UnknownMarket, none)
		}
		wellFormed = wellFormed && int(k) > before
		before = int(k)
	}
	if !wellFormed {
		return refused(tape.BadPhase, none)
	}
	events := []tape.Event{tape.Quarantined{Quarantine: *c}}
	for _, k := range c.Markets {
		if m.markets[k].Phase != tape.Trading {
			continue
		}
		closed := tape.SetPhase{Market: k, Phase: tape.CancelOnly, By: tape.VenueItself, Reason: c.Failure}
		m.markets[k].Phase = closed.Phase
		events = append(events, tape.PhaseChanged{SetPhase: closed})
	}
	return events
}
