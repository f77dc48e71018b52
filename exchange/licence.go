package exchange

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/law"
	"sallyport/vault"
	"sallyport/venue/tape"
)

// licenceItem is what the vault keeps of a recorded licence, by its number: the authority's
// reference, which may tell who the customer is. The log has a commitment to it.
const licenceItem = "licence/"

// maxReference bounds what is kept of an authority's document, in bytes.
const maxReference = 1000

// A LicenceRefusal says why a licence was not recorded or not ended. It is an answer, not a
// failure.
type LicenceRefusal uint8

const (
	LicenceUnknownAccount LicenceRefusal = iota + 1
	LicenceNoSuch
	LicenceWord
	LicenceOneUser
	LicencePersonal
	LicencePast
	LicenceTwice
	LicenceUnknown
	LicenceTooSoon
	LicenceOtherwise
	LicenceNotWaiting
	LicenceNotTheirs
	LicenceSayIt
)

var licenceTexts = map[LicenceRefusal]string{
	LicenceUnknownAccount: "there is no such account",
	LicenceNoSuch:         "no rule in force for this customer's operator has a licence of this id; the rules' pages list theirs",
	LicenceWord:           fmt.Sprintf("say who (1 to %d bytes), why (1 to %d bytes) and by which document (1 to %d bytes, kept in the vault)", tape.MaxBy, tape.MaxReason, maxReference),
	LicenceOneUser:        "a licence sets free, so two different operator users record it: the one who holds the document and a second who has seen it",
	LicencePersonal:       "the reason repeats the customer's own data, and the log, which keeps it for good, may hold none",
	LicencePast:           "the licence has run out already",
	LicenceTwice:          "a licence of this id is in force for the customer already; end that one first",
	LicenceUnknown:        "there is no such licence in force",
	LicenceTooSoon:        "the last word on this customer was said in the same millisecond; say it again",
	LicenceOtherwise:      "another operator user has said this of the licence with another end or document, and waits for a second to say the same; let them take it back, or say the same",
	LicenceNotWaiting:     "nobody has said this of the licence and waits for a second",
	LicenceNotTheirs:      "who says this is no operator user who may do compliance",
	LicenceSayIt:          "there are operator users, so each says it with a token of their own",
}

func (r LicenceRefusal) Error() string { return licenceTexts[r] }

// AsLicenceRefusal finds a LicenceRefusal in an error.
func AsLicenceRefusal(err error) (LicenceRefusal, bool) {
	var r LicenceRefusal
	return r, errors.As(err, &r)
}

// A LicenceRecord is a licence as the log has it, and how it ended.
type LicenceRecord struct {
	tape.LicenceRecorded
	Seq   uint64
	Ended time.Time          // when; zero while it is in force
	Taken *tape.LicenceEnded // by whom, where it was ended before its time
}

// Valid is the first instant after it, UTC; zero where it has no end of its own.
func (r *LicenceRecord) Valid() time.Time {
	if r.Until == 0 {
		return time.Time{}
	}
	return timeOf(r.Until)
}

// Licences lists every licence recorded, newest first; account 0 is all accounts.
func (v *View) Licences(account uint64) []LicenceRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	out := []LicenceRecord{}
	for i := len(v.licences) - 1; i >= 0; i-- {
		if account == 0 || v.licences[i].Account == account {
			out = append(out, v.licences[i])
		}
	}
	return out
}

// Licence is one recorded licence by its number.
func (v *View) Licence(id uint64) (LicenceRecord, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if id == 0 || id > uint64(len(v.licences)) {
		return LicenceRecord{}, false
	}
	return v.licences[id-1], true
}

func (v *View) licenceRecorded(e tape.LicenceRecorded) {
	v.licences = append(v.licences, LicenceRecord{LicenceRecorded: e, Seq: v.seq})
	v.fileLicence(&v.licences[len(v.licences)-1])
	v.happened(Happening{Kind: "clear", Text: "Licence " + e.Licence + " was recorded for account " + number(e.Account) + " by " + e.By + " and " + e.Second})
}

// fileLicence makes a licence one that is in force.
func (v *View) fileLicence(r *LicenceRecord) {
	if v.licensed == nil {
		v.licensed = map[uint64][]uint64{}
	}
	v.licensed[r.Account] = append(v.licensed[r.Account], r.ID)
}

func (v *View) licenceEnded(id uint64, taken *tape.LicenceEnded) {
	r := &v.licences[id-1]
	r.Ended, r.Taken = timeOf(v.at), taken
	v.licensed[r.Account] = slices.DeleteFunc(v.licensed[r.Account], func(o uint64) bool { return o == id })
	if taken != nil {
		v.happened(Happening{Kind: "clear", Text: "Licence " + r.Licence + " of account " + number(r.Account) + " was ended by " + taken.By})
	}
}

// inLicence lists an account's licences in force, by number.
func (v *View) inLicence(account uint64) []tape.LicenceRecorded {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []tape.LicenceRecorded
	for _, id := range v.licensed[account] {
		out = append(out, v.licences[id-1].LicenceRecorded)
	}
	return out
}

// licensed is the ids of the licences that cover a customer at an instant, with what the
// commit at hand makes and ends of them. The caller holds basis.
func (x *Exchange) licensed(account uint64, at time.Time) []string {
	ids := []string{}
	for _, l := range x.view.inLicence(account) {
		if l.ID != x.pending.taken && (l.Until == 0 || l.Until > at.UnixMicro()) {
			ids = append(ids, l.Licence)
		}
	}
	if l := x.pending.licensed; l != nil && l.Account == account {
		ids = append(ids, l.Licence)
	}
	return ids
}

// RecordLicence takes the word of two operator users that an authority's licence covers a
// customer until an instant, or as long as the rule says where that is zero. Licence is its id
// in the rule. The reason stands in the log for good and may hold no personal data; the
// document, the authority's own reference, lies in the vault. The customer is decided again in
// the same commit. The error is a LicenceRefusal when the word was not taken. It is for where there are no
// operator users; see SayLicence.
func (x *Exchange) RecordLicence(account uint64, licence string, until time.Time, by, second, reason, document string) (LicenceRecord, Change, error) {
	by, second, reason, document = named(by), named(second), strings.TrimSpace(reason), strings.TrimSpace(document)
	fail := func(err error) (LicenceRecord, Change, error) { return LicenceRecord{}, Change{}, err }
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return fail(err)
	}
	l := WaitingLicence{account, licence, until, by, reason, document, now}
	c, err := x.fitLicence(&l, now)
	if err == nil && !word(second, tape.MaxBy) {
		err = LicenceWord
	}
	if err == nil && strings.EqualFold(by, second) {
		err = LicenceOneUser
	}
	if err == nil && len(x.view.OperatorUsers()) > 0 {
		err = LicenceSayIt
	}
	if err != nil {
		return fail(err)
	}
	return x.recordLicence(c, l, second, now)
}

// named is a name as it is compared and kept: without spaces around it, and one between its words.
func named(s string) string { return strings.Join(strings.Fields(s), " ") }

// fitLicence is the customer of what is said of a licence, or a LicenceRefusal. The caller holds basis.
func (x *Exchange) fitLicence(l *WaitingLicence, now time.Time) (*customer, error) {
	c := x.customers.find(l.Account)
	switch {
	case c == nil:
		return nil, LicenceUnknownAccount
	case !word(l.By, tape.MaxBy) || !word(l.Reason, tape.MaxReason) || !word(l.Document, maxReference):
		return nil, LicenceWord
	case !x.view.may(l.By, tape.MayCompliance):
		return nil, LicenceNotTheirs
	case repeats(l.Reason, c.profile):
		return nil, LicencePersonal
	case !x.hasLicence(c, l.Licence):
		return nil, LicenceNoSuch
	case !l.Until.IsZero() && !l.Until.After(now):
		return nil, LicencePast
	}
	for _, r := range x.view.inLicence(l.Account) {
		if r.Licence == l.Licence {
			return nil, LicenceTwice
		}
	}
	return c, nil
}

// recordLicence is [Exchange.RecordLicence] of what fits. The caller holds basis.
func (x *Exchange) recordLicence(c *customer, l WaitingLicence, second string, now time.Time) (LicenceRecord, Change, error) {
	fail := func(err error) (LicenceRecord, Change, error) { return LicenceRecord{}, Change{}, err }
	id := x.view.lastLicence() + 1
	commitments, err := x.vault.PutAll([]vault.Item{{Customer: l.Account, Name: licenceItem + number(id), Plaintext: []byte(l.Document)}})
	if err != nil {
		return fail(fmt.Errorf("exchange: %w", err))
	}
	cmd := &tape.RecordLicence{
		Account: l.Account, Licence: l.Licence, By: l.By, Second: second, Reason: l.Reason,
		At: now.Truncate(time.Millisecond).UnixMicro(), Document: tape.Hash(commitments[0]),
	}
	if !l.Until.IsZero() {
		cmd.Until = l.Until.UTC().Truncate(time.Millisecond).UnixMicro()
	}
	x.pending.licensed = cmd
	x.pending.before = map[uint64][]tape.Command{l.Account: {cmd}}
	ch, err := x.settle(nil, c, now)
	if errors.Is(err, errAgain) {
		return fail(LicenceTooSoon)
	} else if err != nil {
		return fail(err)
	}
	x.agenda.add(c, x.view.stance(c.account).made, x.view.inLicence(l.Account))
	r, _ := x.view.Licence(id)
	return r, ch, nil
}

// hasLicence reports whether an enacted rule that binds the customer's operator has a licence
// of that id.
func (x *Exchange) hasLicence(c *customer, id string) bool {
	nexus := x.view.Genesis().Operators[c.operator].Nexus
	return slices.ContainsFunc(x.cfg.Rules.Rules(), func(r *law.Rule) bool {
		return r.State == law.Enacted && r.BindsAny(nexus) && slices.ContainsFunc(r.Licences, func(l law.Licence) bool { return l.ID == id })
	})
}

// EndLicence ends a recorded licence on the word of an operator user; the customer is decided
// again in the same commit. By and reason are as those of RecordLicence.
func (x *Exchange) EndLicence(id uint64, by, reason string) (LicenceRecord, Change, error) {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	fail := func(err error) (LicenceRecord, Change, error) { return LicenceRecord{}, Change{}, err }
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return fail(err)
	}
	r, ok := x.view.Licence(id)
	if !ok || !r.Ended.IsZero() {
		return fail(LicenceUnknown)
	}
	c := x.customers.find(r.Account)
	switch {
	case c == nil:
		return fail(LicenceUnknownAccount)
	case !word(by, tape.MaxBy) || !word(reason, tape.MaxReason):
		return fail(LicenceWord)
	case !x.view.may(by, tape.MayCompliance):
		return fail(LicenceNotTheirs)
	case repeats(reason, c.profile):
		return fail(LicencePersonal)
	}
	x.pending.taken = id
	x.pending.before = map[uint64][]tape.Command{r.Account: {&tape.EndLicence{ID: id, By: by, Reason: reason}}}
	ch, err := x.settle(nil, c, now)
	if errors.Is(err, errAgain) {
		return fail(LicenceTooSoon)
	} else if err != nil {
		return fail(err)
	}
	r, _ = x.view.Licence(id)
	return r, ch, nil
}

func (v *View) lastLicence() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return uint64(len(v.licences))
}
