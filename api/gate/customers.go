package gate

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// open tells the gate of a customer, and asks whether they may be taken on.
func (s *Server) open(w http.ResponseWriter, q *request) (int, any, error) {
	in := q.body.(*NewCustomer)
	how, e := readingOf(q)
	if e != nil {
		return 0, nil, e
	}
	if e := reference(in.Customer); e != nil {
		return 0, nil, e
	}
	operators := s.x.View().Genesis().Operators
	if !slices.ContainsFunc(operators, func(o tape.Operator) bool { return o.Name == in.Operator }) {
		names := make([]string, len(operators))
		for i, o := range operators {
			names[i] = o.Name
		}
		return 0, nil, wrong(invalidField, "operator", "There is no such operator. There are %q.", names)
	}
	if e := checkProfile("profile", &in.Profile); e != nil {
		return 0, nil, e
	}
	if err := exchange.CheckTold(in.Facts); err != nil {
		return 0, nil, err
	}
	rec, err := s.once(w, q, in, func(asked gate.Asked) (*exchange.DecisionRecord, error) {
		s.opening.Lock()
		defer s.opening.Unlock()
		if _, taken := s.x.ByRef(in.Customer); taken {
			return nil, wrong(exists, "customer", "There is a customer of this reference. GET /gate/v1/customers/%s tells how they stand; PUT its profile to change it.", in.Customer)
		}
		profile := in.Profile
		profile.ID = in.Customer
		opened, err := s.x.Open(exchange.Application{Operator: in.Operator, Profile: profile, Told: &in.Facts, Asked: &asked})
		if err != nil {
			return nil, err
		}
		return s.x.View().Decision(opened[0].Decision.ID)
	})
	if err != nil {
		return 0, nil, err
	}
	a, err := s.answer(how, rec)
	if err == nil {
		a.Customer = in.Customer // who was refused has no account that would tell
	}
	return http.StatusOK, a, err
}

// checkProfile says what a profile lacks, or has that is of an entry of a list.
func checkProfile(at string, p *entity.Profile) *Error {
	switch {
	case p.Kind != entity.Person && p.Kind != entity.Organisation:
		return wrong(invalidField, at+".kind", "Want person or organisation.")
	case len(p.Names) == 0 || p.Names[0].Full == "":
		return wrong(invalidField, at+".names", `Want at least one name, with its full form: [{"full":"Ada Lovelace"}].`)
	}
	return ofACustomer(at, reflect.ValueOf(p).Elem())
}

// ofACustomer says which field is only of an entry of a list.
func ofACustomer(path string, v reflect.Value) *Error {
	switch v.Kind() {
	case reflect.Slice:
		for i := range v.Len() {
			if e := ofACustomer(fmt.Sprintf("%s[%d]", path, i), v.Index(i)); e != nil {
				return e
			}
		}
	case reflect.Struct:
		for _, f := range fields(v.Type()) {
			at, x := path+"."+f.name, v.FieldByIndex(f.index)
			if f.name == "controls" && !x.IsZero() {
				return wrong(invalidField, at, "A customer does not tell it. Tell it with the movement, as the fact counterparty.control_assessed.")
			}
			if ofLists[f.name] && !x.IsZero() {
				return wrong(invalidField, at, "This is of a list's entries. Leave it out for a customer.")
			}
			if e := ofACustomer(at, x); e != nil {
				return e
			}
		}
	}
	return nil
}

func (s *Server) customer(_ http.ResponseWriter, q *request) (int, any, error) {
	account, e := s.account(q.PathValue("customer"))
	if e != nil {
		return 0, nil, e
	}
	return s.standing(q, account)
}

func (s *Server) amend(_ http.ResponseWriter, q *request) (int, any, error) {
	in := q.body.(*NewProfile)
	account, e := s.account(q.PathValue("customer"))
	if e != nil {
		return 0, nil, e
	}
	if e := checkProfile("profile", &in.Profile); e != nil {
		return 0, nil, e
	}
	if _, err := s.x.Amend(account, in.Profile); err != nil {
		return 0, nil, err
	}
	return s.standing(q, account)
}

func (s *Server) facts(_ http.ResponseWriter, q *request) (int, any, error) {
	account, e := s.account(q.PathValue("customer"))
	if e != nil {
		return 0, nil, e
	}
	if _, err := s.x.Tell(account, q.body.(*NewFacts).Facts); err != nil {
		return 0, nil, err
	}
	return s.standing(q, account)
}

// standing tells how a customer stands now.
func (s *Server) standing(q *request, account uint64) (int, any, error) {
	how, e := readingOf(q)
	if e != nil {
		return 0, nil, e
	}
	a, _ := s.x.View().Account(account)
	st := standingOf(a.Standing)
	rec, err := s.x.View().Standing(account)
	if err != nil {
		return 0, nil, fmt.Errorf("gate: %w", err)
	}
	signed, err := s.x.Receipt(rec)
	if err != nil {
		return 0, nil, err
	}
	do, _ := gate.Next(law.Review, st.Verdict, st.Verdict)
	told, _ := s.x.Told(account)
	return http.StatusOK, Customer{
		Customer: s.x.Ref(account), Account: account, Operator: a.Operator.Name, Opened: a.Opened, Standing: st, Since: rec.Decision.At, Do: do,
		Hold: holdOf(&rec.Decision), Reasons: reasonsOf(&rec.Decision), Explanation: how.explain(&rec.Decision), Evidence: how.evidence(rec), Facts: told, Receipt: string(signed),
	}, nil
}
