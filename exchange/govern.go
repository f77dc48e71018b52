package exchange

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// A Governor is a person who owns or controls an operator, or sits on its board.
type Governor struct {
	Operator string         `json:"operator"` // name of the operating entity
	Role     string         `json:"role"`     // in a few words, for whoever reads the refusal
	Profile  entity.Profile `json:"profile"`
}

// checkGovernors asks the gate whether each governor may govern the operator under the
// rules in force (Article 5b(2a) of Regulation 833/2014 is one that says no), and fails
// with every answer that is not yes. Nothing of it goes into the log, which names nobody.
func (x *Exchange) checkGovernors(at time.Time) error {
	g := x.view.Genesis()
	var refused []string
	for i := range x.cfg.Governors {
		v := &x.cfg.Governors[i]
		d, err := govern(g.Operators, v, x.cfg.Rules, at, gate.HoldTerms{Owner: x.cfg.HoldOwner, Due: at.Add(x.cfg.HoldFor)})
		if err != nil {
			return err
		}
		if d.Verdict != law.Allow {
			refused = append(refused, fmt.Sprintf("operator %s, %s: %s", v.Operator, v.Role, strings.TrimSpace(gate.Explain(d, gate.English, gate.Customer))))
		}
	}
	if len(refused) > 0 {
		return fmt.Errorf("exchange: governors: the law in force does not let the operator be governed so:\n%s", strings.Join(refused, "\n"))
	}
	return nil
}

// govern is the gate's answer about one governor.
func govern(operators []tape.Operator, v *Governor, rules *law.Set, at time.Time, hold gate.HoldTerms) (gate.Decision, error) {
	i := slices.IndexFunc(operators, func(o tape.Operator) bool { return o.Name == v.Operator })
	if i < 0 {
		return gate.Decision{}, fmt.Errorf("exchange: governors: there is no operator %q", v.Operator)
	}
	f := gate.FactsFor(&v.Profile, nil, nil, nil, at)
	for name, none := range map[string]any{"customer.ordinarily": []string{}, "customer.contradicted": []string{}, "customer.licences": []string{}} {
		if err := f.Set(name, none); err != nil {
			return gate.Decision{}, fmt.Errorf("exchange: governors: %w", err)
		}
	}
	return gate.Decide(gate.Input{
		Facts: f, Action: law.Govern, Operator: v.Operator, Nexus: operators[i].Nexus, At: at, Rules: rules, Hold: hold,
	}), nil
}
