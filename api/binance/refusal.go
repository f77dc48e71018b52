package binance

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sallyport/exchange"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A fault is an answer other than yes: the code and the text that clients act on, and
// beside them, for people, the exchange's reason and the decision it rests on.
type fault struct {
	status   int
	code     int
	msg      string
	reason   string        // the exchange's, or ""
	decision string        // id, or ""
	data     any           // what clients read beside the code, or nil
	retry    time.Duration // after which it may be asked again; 0: nothing is said of that
}

func (f *fault) Error() string { return f.msg }

func bad(code int, msg string) *fault {
	return &fault{status: http.StatusBadRequest, code: code, msg: msg}
}

// badKey is for a key that opens no account.
func badKey() *fault {
	return &fault{status: http.StatusUnauthorized, code: -2015, msg: "Invalid API-key, IP, or permissions for action."}
}

// unknown is for what may have been carried out, or may yet be.
func unknown() *fault {
	return &fault{status: http.StatusServiceUnavailable, code: -1007, msg: "Timeout waiting for response from backend server. Send status unknown; execution status unknown."}
}

// busy is for what was not taken, because too much is under way.
func busy() *fault {
	return &fault{status: http.StatusServiceUnavailable, code: -1008, msg: "Server is currently overloaded with other requests. Please try again in a few minutes."}
}

// The texts are the published ones to the letter: clients compare them.
const (
	disabled      = "This action is disabled on this account."
	insufficient  = "Account has insufficient balance for requested action."
	unauthorized  = "You are not authorized to execute this request."
	unknownOrder  = "Unknown order sent."
	noOrder       = "Order does not exist."
	invalidSymbol = "Invalid symbol."
	unsupported   = "Unsupported order combination."
)

// refuse writes what went wrong.
func (s *Server) refuse(w http.ResponseWriter, err error) {
	f := s.faultOf(err)
	h := w.Header()
	if f.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int(f.retry/time.Second)+1))
	}
	if f.reason != "" {
		h.Set("X-Sallyport-Reason", f.reason)
	}
	if f.decision != "" {
		h.Set("X-Sallyport-Decision", f.decision)
		h.Set("Link", "</decisions/"+f.decision+`>; rel="help"`)
	}
	b, err := json.Marshal(struct {
		Code int    `json:"code"`
		Msg  string `json:"msg"`
		Data any    `json:"data,omitempty"`
	}{f.code, f.msg, f.data})
	if err != nil {
		panic(err) // numbers and texts
	}
	w.WriteHeader(f.status)
	w.Write(append(b, '\n'))
}

// faultOf is what went wrong in the words of clients.
func (s *Server) faultOf(err error) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	s.o.Log.Error("a request could not be answered", "error", err)
	if errors.Is(err, exchange.ErrClosed) {
		return unknown()
	}
	return &fault{status: http.StatusInternalServerError, code: -1000, msg: "An unknown error occurred while processing the request."}
}

// sessionFault puts the refusal of a session, for where it comes from, into the client's
// words.
func sessionFault(err error) error {
	r, ok := exchange.AsRefusal(err)
	if !ok {
		return err
	}
	return badKey().because(r)
}

// orderFault puts the refusal of an order into the client's words.
func orderFault(err error) error {
	r, ok := exchange.AsRefusal(err)
	if !ok {
		return err
	}
	return refusedOrder(r)
}

// filters are the names of those that a reason is the failure of.
var filters = map[tape.Reason]string{
	tape.PriceFilter: "PRICE_FILTER", tape.LotSize: "LOT_SIZE", tape.MarketLot: "MARKET_LOT_SIZE", tape.Notional: "NOTIONAL", tape.IcebergParts: "ICEBERG_PARTS",
	tape.PercentPrice: "PERCENT_PRICE_BY_SIDE", tape.MaxOrders: "MAX_NUM_ORDERS", tape.MaxStops: "MAX_NUM_ALGO_ORDERS", tape.MaxPosition: "MAX_POSITION", tape.BadTrail: "TRAILING_DELTA", tape.MaxAsset: "MAX_ASSET",
	tape.MaxIcebergs: "MAX_NUM_ICEBERG_ORDERS", tape.MaxLists: "MAX_NUM_ORDER_LISTS", tape.MaxAmends: "MAX_NUM_ORDER_AMENDS", tape.MaxAllOrders: "EXCHANGE_MAX_NUM_ORDERS", tape.MaxAllStops: "EXCHANGE_MAX_NUM_ALGO_ORDERS",
	tape.MaxAllIcebergs: "EXCHANGE_MAX_NUM_ICEBERG_ORDERS", tape.MaxAllLists: "EXCHANGE_MAX_NUM_ORDER_LISTS",
}

func refusedOrder(r *exchange.Refusal) *fault {
	var f *fault
	switch r.Reason {
	case tape.Stopped, tape.NotPermitted, tape.NoPermit:
		f = bad(-2010, disabled)
	case tape.UnknownAccount:
		f = badKey()
	case tape.UnknownMarket:
		f = bad(-1121, invalidSymbol)
	case tape.MarketClosed:
		f = bad(-1013, "Market is closed.")
	case tape.BadOrder:
		f = bad(-1014, unsupported)
	case tape.DuplicateClientID:
		f = bad(-2010, "Duplicate order sent.")
	case tape.WouldTake:
		f = bad(-2010, "Order would immediately match and take.")
	case tape.WouldTrigger:
		f = bad(-2010, "Stop price would trigger immediately.")
	case tape.Insufficient:
		f = bad(-2010, insufficient)
	case tape.UnknownOrder:
		f = bad(-2011, unknownOrder)
	case tape.NotOnly:
		f = bad(-2011, "Order was not canceled due to cancel restrictions.")
	default:
		if name, ok := filters[r.Reason]; ok {
			f = bad(-1013, "Filter failure: "+name)
			break
		}
		f = bad(-2010, "The order was rejected: "+r.Reason.String()+".")
	}
	return f.because(r)
}

// withdrawalFault puts the refusal of a withdrawal into the client's words.
func withdrawalFault(err error, least money.Amount) error {
	r, ok := exchange.AsRefusal(err)
	if !ok {
		return err
	}
	var f *fault
	switch r.Reason {
	case tape.Stopped:
		f = bad(-2010, disabled)
	case tape.NotPermitted, tape.NoPermit:
		f = bad(-1002, unauthorized)
	case tape.UnknownAccount:
		f = badKey()
	case tape.UnknownAsset:
		f = bad(-4018, "We don't have this asset.")
	case tape.TooSmall:
		f = bad(-4022, "Not less than the minimum pick-up quantity "+least.String()+".")
	case tape.Insufficient:
		// Published as "You have insufficient balance."; ccxt reads the code on one URL only,
		// and this text as InsufficientFunds on any.
		f = bad(-4026, insufficient)
	default:
		f = bad(-4001, "Invalid operation.")
	}
	return f.because(r)
}

// because adds the exchange's own words to a fault.
func (f *fault) because(r *exchange.Refusal) *fault {
	f.reason, f.decision = r.Why(), r.Decision
	if r.Verdict != law.Undecided {
		f.reason += " (" + r.Verdict.String() + ")"
	}
	return f
}

// stopped is the refusal for an account whose standing does not let it trade, or nil.
func (c *call) stopped(code int) error {
	a, ok := c.x.View().Account(c.account)
	if !ok {
		return nil
	}
	if a.Standing.May&tape.MayTrade != 0 {
		if c.x.Unidentified(c.account) {
			return bad(code, disabled).because(&exchange.Refusal{Reason: tape.Stopped, Unidentified: true})
		}
		return nil
	}
	return bad(code, disabled).because(&exchange.Refusal{
		Reason: tape.Stopped, Decision: hex.EncodeToString(a.Standing.Decision[:]), Verdict: a.Standing.Verdict,
	})
}
