package exchange

import (
	"slices"
	"strings"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/law"
	"sallyport/venue/tape"
)

// maxControls bounds the addresses of one customer of which it is recorded whose they are.
const maxControls = 200

// RecordControl takes the word of an operator user that it was assessed whether a customer owns
// or controls an address, by what measure, and what was found (Regulation (EU) 2023/1113,
// Articles 14(5) and 16(2)). It lies in the vault with the customer's data, to which the log
// commits; they are decided again, and what lies set aside from that address with them. A newer
// word on an address takes the place of an older one. The error is a *Denial when the word was
// not taken.
func (x *Exchange) RecordControl(account uint64, address string, theirs bool, by, how string) (entity.Control, Change, error) {
	by, how = strings.TrimSpace(by), strings.TrimSpace(how)
	fail := func(err error) (entity.Control, Change, error) { return entity.Control{}, Change{}, err }
	a, err := chain.Parse(address)
	switch {
	case err != nil || a.Fault != "":
		return fail(&Denial{Field: "address", Text: "want a whole address of a chain"})
	case !word(by, tape.MaxBy):
		return fail(&Denial{Field: "by", Text: "want the operator user who says it"})
	case !word(how, tape.MaxReason):
		return fail(&Denial{Field: "how", Text: "want by which measure it was found: a signed message, a small transfer"})
	}
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return fail(err)
	}
	c := x.customers.find(account)
	if c == nil {
		return fail(&Refusal{Reason: tape.UnknownAccount})
	}
	k := entity.Control{Address: address, Theirs: theirs, How: how, By: by, On: entity.DayOf(now.UTC())}
	profile := *c.profile
	profile.Controls = slices.DeleteFunc(slices.Clone(profile.Controls), func(o entity.Control) bool { return sameAddress(a, o.Address) })
	if len(profile.Controls) >= maxControls {
		return fail(&Denial{Field: "address", Text: "this customer has more addresses on record than are kept"})
	}
	profile.Controls = append(profile.Controls, k)
	ch, err := x.amend(c, &profile, now)
	if err != nil {
		return fail(err)
	}
	return k, ch, nil
}

// controlled states whether it was assessed whose the other address is. What another exchange
// has assessed it tells itself.
func (x *Exchange) controlled(f *law.Facts, c *customer, address string) {
	a, err := chain.Parse(address)
	if err != nil {
		return
	}
	assessed := slices.ContainsFunc(c.profile.Controls, func(k entity.Control) bool { return sameAddress(a, k.Address) })
	if assessed || c.told == nil {
		x.state(f, controlFact, assessed)
	}
}

// sameAddress reports whether a written address is just this one.
func sameAddress(a chain.Address, written string) bool {
	b, err := chain.Parse(written)
	return err == nil && chain.Same(a, b) == chain.SameKey
}
