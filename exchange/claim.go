package exchange

import (
	"maps"
	"slices"
	"time"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/venue/tape"
)

// Bounds of what a customer says of addresses.
const (
	maxClaims    = 200 // addresses
	maxAnswers   = 40  // of one
	maxAnswerLen = 256 // bytes, of a name and of an answer
)

// controlFact is the fact that rules read which wait for an assessment of whose an address is.
const controlFact = "counterparty.control_assessed"

// RecordClaim takes a customer's own word on an address on the other side of a movement. It lies in
// the vault with their data, to which the log commits, for whoever assesses whose the address is
// (RecordControl); it decides nothing by itself. A newer word on an address takes the place of an
// older one. The error is a *Denial when the word was not taken.
func (x *Exchange) RecordClaim(account uint64, address string, answers map[string]string) error {
	a, err := chain.Parse(address)
	switch {
	case err != nil || a.Fault != "":
		return &Denial{Field: "address", Text: "want a whole address of a chain"}
	case len(answers) == 0 || len(answers) > maxAnswers:
		return &Denial{Field: "answers", Text: "want at least one answer, and forty at most"}
	}
	for name, answer := range answers {
		if !word(name, maxAnswerLen) || answer != "" && !word(answer, maxAnswerLen) {
			return &Denial{Field: "answers", Text: "want names and answers of 256 bytes at most, in plain characters"}
		}
	}
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return err
	}
	c := x.customers.find(account)
	if c == nil {
		return &Refusal{Reason: tape.UnknownAccount}
	}
	said := make([]entity.Answer, 0, len(answers))
	for _, question := range slices.Sorted(maps.Keys(answers)) {
		said = append(said, entity.Answer{Question: question, Answer: answers[question]})
	}
	claims := slices.Clone(c.profile.Claims)
	if i := slices.IndexFunc(claims, func(o entity.Claim) bool { return sameAddress(a, o.Address) }); i >= 0 {
		if slices.Equal(claims[i].Answers, said) {
			return nil // as they said before
		}
		claims = slices.Delete(claims, i, i+1)
	}
	if len(claims) >= maxClaims {
		return &Denial{Field: "address", Text: "there is a word on more addresses of this customer than are kept"}
	}
	profile := *c.profile
	profile.Claims = append(claims, entity.Claim{Address: address, Answers: said, On: entity.DayOf(now.UTC())})
	_, err = x.amend(c, &profile, now)
	return err
}

// Addresses is what a customer has said of addresses and what was found of them.
func (x *Exchange) Addresses(account uint64) (claims []entity.Claim, controls []entity.Control) {
	p, _ := x.Profile(account)
	return slices.Clone(p.Claims), slices.Clone(p.Controls)
}

// WantsClaims reports whether a rule in force for an operator of that nexus waits for an
// assessment of whose the address on the other side of a movement is.
func (x *Exchange) WantsClaims(nexus []string, at time.Time) bool {
	return slices.ContainsFunc([]law.Action{law.Deposit, law.Withdraw}, func(a law.Action) bool {
		return slices.ContainsFunc(x.cfg.Rules.InForce(at, nexus, a), readsControl)
	})
}

// AwaitsControl reports whether a decision holds because nobody has assessed whose an address is. The
// error is as of View.Decision.
func (x *Exchange) AwaitsControl(decision string) (bool, error) {
	d, err := x.view.Decision(decision)
	if err != nil {
		return false, err
	}
	return d.Decision.Verdict == law.Hold && slices.ContainsFunc(slices.Concat(d.Decision.Fired, d.Decision.Unknown), func(f gate.Fired) bool {
		r, ok := x.cfg.Rules.Rule(f.Rule)
		return ok && readsControl(r)
	}), nil
}

func readsControl(r *law.Rule) bool { return slices.Contains(r.Reads(), controlFact) }
