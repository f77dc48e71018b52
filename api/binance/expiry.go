package binance

import (
	"sallyport/book"
	"sallyport/venue/tape"
)

// Why an order expired, in the words of clients.
const (
	notTaken      = "REJECTED"                      // it was to come to the book after another, and could not
	otherCame     = "OCO_TRIGGER"                   // the other of a pair traded or was triggered, or ended
	firstExpired  = "OTO_PHASE_ONE_EXPIRED"         // what it waited for ended unfilled
	unfilledIOC   = "UNFILLED_IOC_QUANTITY_EXPIRED" // of IOC
	unfilledFOK   = "UNFILLED_FOK_ORDER_EXPIRED"    // of FOK
	nobodyToTrade = "INSUFFICIENT_LIQUIDITY"        // of one without a limit
)

// expiry is why an order expired, or "" where it did not, or where what is kept does not tell: a stop that buys at
// any price and got nothing may have met nobody or been short of money.
func (s *Server) expiry(o *tape.Order) string {
	if o.Status != tape.Expired {
		return ""
	}
	if why, is := s.expiryInList(o); is {
		return why
	}
	switch {
	case o.Force == tape.IOC:
		return unfilledIOC
	case o.Force == tape.FOK:
		return unfilledFOK
	case o.Type.Priced(), o.Type.Stops() && o.Side == book.Buy && o.Filled.IsZero():
		return ""
	}
	return nobodyToTrade
}

// expiryInList is why an order expired with an order of its list, if it did.
func (s *Server) expiryInList(o *tape.Order) (why string, is bool) {
	l, ok := s.x.View().OrderList(o.Account, o.OrderList)
	if !ok {
		return "", o.Working == 0
	}
	pair := l.Orders
	if l.Contingency.Triggers() {
		if o.ID == pair[0] {
			return "", false
		}
		if first, ok := s.x.View().Order(o.Account, pair[0], ""); !ok || first.Status != tape.Filled {
			return firstExpired, ok
		}
		pair = pair[1:]
	}
	for _, id := range pair {
		other, ok := s.x.View().Order(o.Account, id, "")
		switch {
		case id == o.ID:
		case !ok:
			return "", true
		case other.Working != 0 && (o.Working == 0 || o.Type == tape.LimitMaker):
			return otherCame, true
		}
	}
	return notTaken, o.Working == 0
}
