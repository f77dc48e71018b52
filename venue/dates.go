package venue

import (
	"slices"

	"sallyport/venue/tape"
)

func (v *Venue) markExpiry(c *tape.MarkExpiry) {
	if v.accounts[c.Account] == nil {
		v.refuse(tape.UnknownAccount)
		return
	}
	ended := func(id uint64) bool {
		l := v.licences[id]
		return l != nil && l.Account == c.Account && l.Until == c.At
	}
	for i, id := range c.Licences {
		if i > 0 && c.Licences[i-1] >= id || !ended(id) {
			v.refuse(tape.BadLicence)
			return
		}
	}
	if !c.Permit && len(c.Licences) == 0 {
		v.refuse(tape.BadLicence)
		return
	}
	for _, id := range c.Licences {
		delete(v.licences, id)
	}
	v.emit(tape.ExpiryMarked{MarkExpiry: tape.MarkExpiry{Account: c.Account, At: c.At, Permit: c.Permit, Licences: slices.Clone(c.Licences)}})
	v.unkeep(c.Account)
}

func (v *Venue) recordLicence(c *tape.RecordLicence) {
	switch {
	case v.accounts[c.Account] == nil:
		v.refuse(tape.UnknownAccount)
	case c.Licence == "" || len(c.Licence) > tape.MaxLicence || !said(c.By, c.Reason) || !said(c.Second, c.Reason) || c.By == c.Second,
		c.At > v.now || c.At < v.now-tape.Fresh, c.Until != 0 && c.Until <= v.now:
		v.refuse(tape.BadLicence)
	case v.licensed(c.Account, c.Licence):
		v.refuse(tape.DuplicateLicence)
	default:
		v.lastLicence++
		l := &tape.LicenceRecorded{ID: v.lastLicence, RecordLicence: *c}
		v.licences[l.ID] = l
		v.emit(*l)
		v.unkeep(c.Account)
	}
}

// licensed reports whether the account has a licence of this id in force.
func (v *Venue) licensed(account uint64, licence string) bool {
	for _, l := range v.licences {
		if l.Account == account && l.Licence == licence {
			return true
		}
	}
	return false
}

func (v *Venue) endLicence(c *tape.EndLicence) {
	l := v.licences[c.ID]
	switch {
	case l == nil:
		v.refuse(tape.UnknownLicence)
	case !said(c.By, c.Reason):
		v.refuse(tape.BadLicence)
	default:
		delete(v.licences, c.ID)
		v.emit(tape.LicenceEnded{ID: l.ID, Account: l.Account, By: c.By, Reason: c.Reason})
		v.unkeep(l.Account)
	}
}
