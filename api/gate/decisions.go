package gate

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
)

// account finds a customer by their reference.
func (s *Server) account(ref string) (uint64, *Error) {
	if e := reference(ref); e != nil {
		return 0, e
	}
	n, ok := s.x.ByRef(ref)
	if !ok {
		return 0, wrong(noCustomer, "customer", "There is no such customer. Tell the gate of them first: POST /gate/v1/customers.")
	}
	return n, nil
}

func (s *Server) decide(w http.ResponseWriter, q *request) (int, any, error) {
	return s.ask(w, q, q.body.(*Ask))
}

func (s *Server) signIn(w http.ResponseWriter, q *request) (int, any, error) {
	in := q.body.(*SignIn)
	return s.ask(w, q, &Ask{Customer: in.Customer, Action: law.SignIn, Session: in.Session, Facts: in.Facts})
}

// transfer is a question with its action fixed. Under one idempotency key it is the same
// question as that with the action named.
func transfer(action law.Action) func(*Server, http.ResponseWriter, *request) (int, any, error) {
	return func(s *Server, w http.ResponseWriter, q *request) (int, any, error) {
		in := q.body.(*Transfer)
		return s.ask(w, q, &Ask{Customer: in.Customer, Action: action, Session: in.Session, Movement: &in.Movement, Facts: in.Facts})
	}
}

// ask answers a question about an act.
func (s *Server) ask(w http.ResponseWriter, q *request, in *Ask) (int, any, error) {
	how, e := readingOf(q)
	if e != nil {
		return 0, nil, e
	}
	question := exchange.Question{Action: in.Action, Operator: in.Operator, Assets: in.Assets, Told: in.Facts}
	own := in.Action == law.ListAsset || in.Action == law.DealPlatform
	switch {
	case own && in.Customer != "":
		return 0, nil, wrong(invalidField, "customer", "No customer asks this. Leave it out.")
	case own && in.Operator == "":
		return 0, nil, wrong(invalidField, "operator", "This is needed. Say which operating entity asks.")
	case own && in.Session != nil:
		return 0, nil, wrong(invalidField, "session", "No customer asks this. Leave it out.")
	case !own:
		if question.Account, e = s.account(in.Customer); e != nil {
			return 0, nil, e
		}
		if a, ok := s.x.View().Account(question.Account); !ok || in.Operator != "" && in.Operator != a.Operator.Name {
			return 0, nil, wrong(invalidField, "operator", "The customer is served by %s. Leave the operator out, or say this one.", a.Operator.Name)
		}
	}
	if question.Session, e = s.session(in.Session); e != nil {
		return 0, nil, e
	}
	moves := in.Action == law.Deposit || in.Action == law.Withdraw
	one := in.Action == law.HoldAsset || in.Action == law.ListAsset
	switch {
	case in.Action == law.OpenAccount:
		return 0, nil, wrong(invalidField, "action", "Opening an account is asked by POST /gate/v1/customers.")
	case in.Action == law.Govern:
		return 0, nil, wrong(invalidField, "action", "Want sign_in, trade, deposit, withdraw, hold_asset or review of a customer, list_asset or deal_platform of an operating entity.")
	case in.Action == law.Trade && (len(in.Assets) == 0 || !assets(in.Assets...)):
		return 0, nil, wrong(invalidField, "assets", "Say what is traded, both sides, by their codes in capital letters: [\"BTC\",\"USDT\"].")
	case one && (len(in.Assets) != 1 || !assets(in.Assets...)):
		return 0, nil, wrong(invalidField, "assets", "Say the one asset that is asked about, by its code in capital letters: [\"BTC\"].")
	case in.Action != law.Trade && !one && len(in.Assets) > 0:
		return 0, nil, wrong(invalidField, "assets", "These are of a trade, or of holding or offering one. Leave them out.")
	case in.Action == law.DealPlatform && in.Platform == nil:
		return 0, nil, wrong(invalidField, "platform", "Say which provider is to be dealt with: its name and the firm's profile.")
	case in.Action != law.DealPlatform && in.Platform != nil:
		return 0, nil, wrong(invalidField, "platform", "This is of deal_platform. Leave it out.")
	case in.Platform != nil:
		if e := checkProfile("platform.profile", &in.Platform.Profile); e != nil {
			return 0, nil, e
		}
		question.Platform = &exchange.Platform{Name: in.Platform.Name, Profile: in.Platform.Profile}
	case moves && in.Movement == nil:
		return 0, nil, wrong(invalidField, "movement", "Say what is to move: asset, amount, address and reference.")
	case !moves && in.Movement != nil:
		return 0, nil, wrong(invalidField, "movement", "Nothing moves with this action. Leave it out.")
	case moves:
		if question.Movement, e = in.Movement.movement(); e != nil {
			return 0, nil, e
		}
		if p := in.Movement.Counterparty; p != nil {
			if e := checkProfile("movement.counterparty", p); e != nil {
				return 0, nil, e
			}
			question.Party = &p.Entity
		}
	}
	rec, err := s.once(w, q, in, func(asked gate.Asked) (*exchange.DecisionRecord, error) {
		question.Asked = asked
		return s.x.Ask(question)
	})
	if err != nil {
		return 0, nil, err
	}
	a, err := s.answer(how, rec)
	return http.StatusOK, a, err
}

// decision tells a decision of the log again.
func (s *Server) decision(_ http.ResponseWriter, q *request) (int, any, error) {
	how, e := readingOf(q)
	if e != nil {
		return 0, nil, e
	}
	rec, err := s.x.View().Decision(q.PathValue("decision"))
	if err != nil && !errors.Is(err, exchange.ErrNoDecision) {
		return 0, nil, err
	} else if err != nil {
		return 0, nil, wrong(notFound, "decision", "There is no decision of this id. Ids are 64 hexadecimal digits in lower case, as answers give them.")
	}
	a, err := s.answer(how, rec)
	return http.StatusOK, a, err
}

// Bounds of the feed of changes.
const (
	maxChanges = 1000
	maxWait    = 30 // seconds
)

// changes lists changes of standing, and waits for one.
func (s *Server) changes(_ http.ResponseWriter, q *request) (int, any, error) {
	ask := map[string]uint64{"after": 0, "limit": 100, "wait": 0}
	for name, values := range q.URL.Query() {
		if _, ok := ask[name]; !ok || len(values) != 1 {
			return 0, nil, wrong(invalidField, name, "Want after, limit and wait, each once or not at all.")
		}
		n, err := strconv.ParseUint(values[0], 10, 63)
		if err != nil || name == "limit" && (n < 1 || n > maxChanges) || name == "wait" && n > maxWait {
			return 0, nil, wrong(invalidField, name, "Want a whole number: after from 0, limit from 1 to %d, wait from 0 to %d.", maxChanges, maxWait)
		}
		ask[name] = n
	}
	changed, end := s.x.View().Watch()
	defer end()
	over := time.NewTimer(time.Duration(ask["wait"]) * time.Second)
	defer over.Stop()
	out := Changes{Changes: []Change{}, Next: ask["after"]}
	for {
		changes, err := s.x.View().Changes(ask["after"], int(ask["limit"]))
		if err != nil {
			return 0, nil, err
		}
		for _, c := range changes {
			told, err := s.change(c)
			if err != nil {
				return 0, nil, err
			}
			out.Changes, out.Next = append(out.Changes, told), c.Seq
		}
		if len(out.Changes) > 0 || ask["wait"] == 0 {
			return http.StatusOK, out, nil
		}
		select {
		case <-changed:
		case <-over.C:
			return http.StatusOK, out, nil
		case <-q.Context().Done():
			return http.StatusOK, out, nil // nobody is there any longer, or the program ends
		}
	}
}

// change tells one change: of a customer's standing, or of what follows for a movement.
func (s *Server) change(c exchange.Notice) (Change, error) {
	out := Change{Kind: "standing", Record: c.Seq, At: c.At, Customer: s.x.Ref(c.Account), Account: c.Account, Before: c.Before, Standing: standingOf(c.Standing)}
	rec, err := s.x.View().Decision(out.Standing.Decision)
	if err != nil {
		return Change{}, fmt.Errorf("gate: account %d: %w", c.Account, err)
	}
	out.Do, _ = gate.Next(law.Review, c.Verdict, c.Verdict)
	rests := rec
	if c.Movement != nil {
		rec = c.Movement
		m := rec.Decision.Asked.Moves
		out.Kind, out.Permit = "movement", permitOf(rec)
		out.Movement = &Moved{rec.Decision.Movement, rec.Decision.Asked.Again, m.Kind, m.Asset, m.Amount, m.Network, m.Address, m.Ref}
		byStanding := false
		if out.Do, byStanding = rec.Do(); !byStanding {
			rests = rec
		}
	}
	signed, err := s.x.Receipt(rec)
	if err != nil {
		return Change{}, err
	}
	out.Decision, out.Verdict, out.Reasons, out.Receipt = rec.Decision.ID, rec.Decision.Verdict, reasonsOf(&rests.Decision), string(signed)
	return out, nil
}

func (s *Server) counterparty(_ http.ResponseWriter, q *request) (int, any, error) {
	found, err := s.x.Counterparty(q.body.(*NewCounterparty).Address)
	if err != nil {
		return 0, nil, wrong(invalidField, "address", "Want a blockchain address: %s.", err)
	}
	a := found.Address
	out := Counterparty{
		Address: a.Spelling, Known: a.Known, Family: a.Family.String(), Kind: a.Kind, Chains: slices.Clone(a.Chains), Fault: a.Fault, Listed: []Listed{}, Decisive: found.Decisive,
	}
	if out.Chains == nil {
		out.Chains = []string{}
	}
	for _, l := range found.Listed {
		out.Listed = append(out.Listed, Listed{l.List, l.EntityID, l.Name, l.Address, l.Grade.String()})
	}
	return http.StatusOK, out, nil
}
