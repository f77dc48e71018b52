package tape

import "slices"

// Quarantine stands in the log in the place of a command that the venue failed at, which is a
// mistake of ours. The command had no effect, nor had those that were to enter the log with it
// as one; it is kept here for whoever mends the mistake. From here on each of Markets, those
// that it names, is CancelOnly if it was Trading, until a SetPhase.
//
// In this order refused as UnknownMarket (one of Markets is not there); BadPhase (Markets not
// ascending, each once; Failure empty or longer than MaxReason; Of is no kind of command).
// Events: Quarantined, then PhaseChanged (By is VenueItself, Reason Failure) of each that was Trading, in order.
type Quarantine struct {
	Of      Kind   // of the command
	Payload []byte // its fields as they would have been stored
	Markets []uint16
	Failure string
}

// VenueItself is who changes a phase that no operator user changes.
const VenueItself = "venue"

// maxPayload bounds the fields of a command.
const maxPayload = 1 << 19

func (*Quarantine) Kind() Kind { return kindQuarantine }
func (q *Quarantine) code(c *coder) {
	narrow(c, &q.Of, 1<<16-1)
	c.bytes(&q.Payload, maxPayload)
	list(c, &q.Markets, c.u16)
	c.text(&q.Failure)
}

// Quarantined repeats its command.
type Quarantined struct{ Quarantine }

func (Quarantined) EventKind() EventKind { return eventQuarantined }
func (e Quarantined) code(c *coder)      { e.Quarantine.code(c) }

// MarketsOf is the markets that a command names, ascending, each once.
func MarketsOf(cmd Command) []uint16 {
	switch c := cmd.(type) {
	case *PlaceOrder:
		return []uint16{c.Market}
	case *PlaceOrderList:
		var all []uint16
		for i := range c.Orders {
			all = append(all, c.Orders[i].Market)
		}
		slices.Sort(all)
		return slices.Compact(all)
	case *CancelOrder:
		return []uint16{c.Market}
	case *CancelOrderList:
		return []uint16{c.Market}
	case *CancelAll:
		return []uint16{c.Market}
	case *ReplaceOrder:
		return pair(c.Cancel.Market, c.Order.Market)
	case *AmendOrder:
		return []uint16{c.Market}
	case *SetPhase:
		return []uint16{c.Market}
	}
	return nil
}

func pair(a, b uint16) []uint16 {
	if a == b {
		return []uint16{a}
	}
	return []uint16{min(a, b), max(a, b)}
}
