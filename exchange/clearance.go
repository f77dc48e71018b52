package exchange

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/entity"
	"sallyport/gate"
	"sallyport/match"
	"sallyport/vault"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// comparedItem is what the vault keeps of a customer with a clearance: the basis that the
// clearance rests on. The log has a commitment to it.
const comparedItem = "compared"

// A ClearRefusal says why a reviewer's word was not taken. It is an answer, not a failure.
type ClearRefusal uint8

const (
	ClearUnknownAccount ClearRefusal = iota + 1
	ClearNoLikeness
	ClearIdentity
	ClearTwice
	ClearWord
	ClearPersonal
	ClearUnknown
	ClearNotTheirs
)

var clearTexts = map[ClearRefusal]string{
	ClearUnknownAccount: "there is no such account",
	ClearNoLikeness:     "the customer does not resemble this entry now, so there is nothing to clear",
	ClearIdentity:       "this is identity (a document number, a wallet, or the whole name with the day of birth and another fact), not a likeness; one person's word does not end it: it ends as a release, by a delisting or an authority's licence, or when the customer's data are corrected",
	ClearTwice:          "a clearance of this customer for this entry is in force already",
	ClearWord:           fmt.Sprintf("say who (1 to %d bytes) and why (1 to %d bytes, on the list's side)", tape.MaxBy, tape.MaxReason),
	ClearPersonal:       "the reason repeats the customer's own data, and the log, which keeps it for good, may hold none; say what speaks against it in words of the list's side (\"another patronymic\", \"born in another decade\")",
	ClearUnknown:        "there is no such clearance in force",
	ClearNotTheirs:      "who says this is no operator user who may do compliance",
}

func (r ClearRefusal) Error() string { return clearTexts[r] }

// AsClearRefusal finds a ClearRefusal in an error.
func AsClearRefusal(err error) (ClearRefusal, bool) {
	var r ClearRefusal
	return r, errors.As(err, &r)
}

// A ClearanceRecord is a clearance as the log has it, and how it ended.
type ClearanceRecord struct {
	tape.Cleared
	Seq   uint64
	Ended *tape.ClearanceEnded // nil while it is in force
	Until time.Time            // when it ended
}

// Said is when the reviewer said it.
func (r *ClearanceRecord) Said() time.Time { return timeOf(r.At) }

// question names what one clearance is about.
type question struct {
	account      uint64
	list, entity string
}

// clearances is the view's own of them.
type clearances struct {
	all    []*ClearanceRecord            // by id - 1
	newest map[question]*ClearanceRecord // in force or ended
	of     map[uint64][]*ClearanceRecord // by account
}

func (v *View) cleared(e tape.Cleared) {
	r := &ClearanceRecord{Cleared: e, Seq: v.seq}
	v.clearances.all = append(v.clearances.all, r)
	v.fileClearance(r)
	v.happened(Happening{Kind: "clear", Text: "Account " + number(e.Account) + " was cleared of resembling " + e.List + " " + e.Entity + " by " + e.By})
}

// fileClearance makes a clearance one that can be found.
func (v *View) fileClearance(r *ClearanceRecord) {
	if v.clearances.newest == nil {
		v.clearances.newest, v.clearances.of = map[question]*ClearanceRecord{}, map[uint64][]*ClearanceRecord{}
	}
	v.clearances.newest[question{r.Account, r.List, r.Entity}] = r
	v.clearances.of[r.Account] = append(v.clearances.of[r.Account], r)
}

func (v *View) clearanceEnded(e tape.ClearanceEnded) {
	r := v.clearances.all[e.ID-1]
	r.Ended, r.Until = &e, timeOf(v.at)
	v.happened(Happening{Kind: "clear", Text: "A clearance of account " + number(e.Account) + " has ended: " + Lapse(r).String()})
}

// gateClearance is a clearance as a decision names it.
func gateClearance(c tape.Cleared) gate.Clearance {
	return gate.Clearance{
		ID: c.ID, List: c.List, EntityID: c.Entity, By: c.By, At: timeOf(c.At),
		Listed: hex.EncodeToString(c.Listed[:]), Subject: hex.EncodeToString(c.Subject[:]),
	}
}

// Lapse is a clearance that has ended, as a decision tells of it.
func Lapse(r *ClearanceRecord) gate.Lapse {
	return gate.Lapse{Clearance: gateClearance(r.Cleared), Cause: r.Ended.Cause.String(), Changed: slices.Clone(r.Ended.Changed)}
}

// Clearances lists every clearance there has been, newest first; account 0 is all accounts.
func (v *View) Clearances(account uint64) []ClearanceRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	from := v.clearances.all
	if account != 0 {
		from = v.clearances.of[account]
	}
	out := make([]ClearanceRecord, 0, len(from))
	for i := len(from) - 1; i >= 0; i-- {
		out = append(out, *from[i])
	}
	return out
}

// A Likeness is an open question: a customer resembles a listed entity, and nobody has said
// that they are not that one.
type Likeness struct {
	Account  uint64
	Decision *DecisionRecord // that the account stands under
	Finding  match.Finding
	Lapsed   []gate.Lapse // clearances that there were
}

// Likenesses lists the open questions, by account and then as the decision has them.
func (v *View) Likenesses() []Likeness {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []Likeness
	for n := range v.counts.noted {
		a := v.accounts[n]
		r := a.under.whole
		if r == nil {
			continue
		}
		var seen []question
		for _, f := range gate.Open(r.Decision.Findings, r.Decision.Cleared) {
			q := question{a.number, f.List, f.EntityID}
			if f.Grade != match.Resembles || slices.Contains(seen, q) {
				continue
			}
			seen = append(seen, q)
			l := Likeness{Account: a.number, Decision: r, Finding: f}
			for _, old := range r.Decision.Lapsed {
				if old.List == f.List && old.EntityID == f.EntityID {
					l.Lapsed = append(l.Lapsed, old)
				}
			}
			out = append(out, l)
		}
	}
	slices.SortStableFunc(out, func(a, b Likeness) int { return cmp.Compare(a.Account, b.Account) })
	return out
}

// pending is what the commit at hand makes and ends of clearances and licences: decisions are
// made before it is in the log, and carry what they will stand beside. It is under
// Exchange.basis.
type pending struct {
	made  *tape.Cleared
	ended map[uint64]*tape.EndClearance

	before   map[uint64][]tape.Command // by account: what stands just before its decision
	licensed *tape.RecordLicence
	taken    uint64 // a licence that is taken back
}

// relied is the clearances in force that cover findings on an account, and those that did
// and have ended, each by id. The caller holds basis.
func (x *Exchange) relied(account uint64, findings []match.Finding) (cleared []gate.Clearance, lapsed []gate.Lapse) {
	for i := range findings {
		f := &findings[i]
		if f.Grade != match.Resembles {
			continue
		}
		q := question{account, f.List, f.EntityID}
		if m := x.pending.made; m != nil && q == (question{m.Account, m.List, m.Entity}) {
			cleared = append(cleared, gateClearance(*m))
			continue
		}
		r, ok := x.view.newestClearance(q)
		if !ok {
			continue
		}
		if e := x.pending.ended[r.ID]; e != nil && r.Ended == nil {
			r.Ended = &tape.ClearanceEnded{ID: r.ID, Account: account, Cause: e.Cause, Changed: e.Changed}
		}
		if r.Ended != nil {
			lapsed = append(lapsed, Lapse(&r))
		} else {
			cleared = append(cleared, gateClearance(r.Cleared))
		}
	}
	slices.SortFunc(cleared, func(a, b gate.Clearance) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(lapsed, func(a, b gate.Lapse) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(cleared, func(a, b gate.Clearance) bool { return a.ID == b.ID }),
		slices.CompactFunc(lapsed, func(a, b gate.Lapse) bool { return a.ID == b.ID })
}

// uncleared is the findings that no clearance covers. The caller holds basis.
func (x *Exchange) uncleared(account uint64, own []match.Finding, owners map[int][]match.Finding) ([]match.Finding, map[int][]match.Finding) {
	cleared, _ := x.relied(account, allFindings(own, owners))
	if len(cleared) == 0 {
		return own, owners
	}
	open := map[int][]match.Finding{}
	for i, fs := range owners {
		open[i] = gate.Open(fs, cleared)
	}
	return gate.Open(own, cleared), open
}

func (v *View) newestClearance(q question) (ClearanceRecord, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	if r := v.clearances.newest[q]; r != nil {
		return *r, true
	}
	return ClearanceRecord{}, false
}

// inForce lists the clearances in force, by id.
func (v *View) inForce() []ClearanceRecord {
	v.mu.RLock()
	defer v.mu.RUnlock()
	var out []ClearanceRecord
	for _, r := range v.clearances.all {
		if r.Ended == nil {
			out = append(out, *r)
		}
	}
	return out
}

// Clear takes a reviewer's word that a customer is not the listed entity they resemble. The
// customer is decided again in the same commit, and released if nothing else holds them. By
// is the operator user's name; the reason stands in the log for good and may hold no
// personal data. The error is a ClearRefusal when the word was not taken.
func (x *Exchange) Clear(account uint64, list, entityID, by, reason string) (ClearanceRecord, Change, error) {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	fail := func(err error) (ClearanceRecord, Change, error) { return ClearanceRecord{}, Change{}, err }
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return fail(err)
	}
	c := x.customers.find(account)
	switch {
	case c == nil:
		return fail(ClearUnknownAccount)
	case !word(by, tape.MaxBy) || !word(reason, tape.MaxReason):
		return fail(ClearWord)
	case !x.view.may(by, tape.MayCompliance):
		return fail(ClearNotTheirs)
	case repeats(reason, c.profile):
		return fail(ClearPersonal)
	}
	// Against the lists as they are now, and in the decision that the account stands under.
	own, owners := x.screened(c)
	likeness, identity := find(allFindings(own, owners), list, entityID)
	last := x.view.stance(account)
	decided, _ := find(last.findings(), list, entityID)
	switch e := x.watch.editions[list]; {
	case identity:
		return fail(ClearIdentity)
	case !likeness || !decided || e == nil || e.Find(entityID) == nil:
		return fail(ClearNoLikeness)
	}
	if r, ok := x.view.newestClearance(question{account, list, entityID}); ok && r.Ended == nil {
		return fail(ClearTwice)
	}
	subject, err := x.commitCompared(c)
	if err != nil {
		return fail(err)
	}
	cmd := &tape.Clear{
		Account: account, List: list, Entity: entityID, By: by, Reason: reason, At: now.Truncate(time.Millisecond).UnixMicro(),
		Listed: match.BasisOf(x.watch.editions[list].Find(entityID)).SHA256(), Subject: subject, Decision: last.Decision,
	}
	x.pending.made = &tape.Cleared{ID: x.view.lastClearance() + 1, Clear: *cmd}
	ch, err := x.settle([]tape.Command{cmd}, c, now)
	if err != nil {
		return fail(err)
	}
	r, ok := x.view.newestClearance(question{account, list, entityID})
	if !ok {
		return fail(fmt.Errorf("exchange: a clearance of account %d is not in the log", account))
	}
	return r, ch, nil
}

// TakeBack ends a clearance on a reviewer's word; the question is open again in the same
// commit. By and reason are as those of Clear.
func (x *Exchange) TakeBack(clearance uint64, by, reason string) (ClearanceRecord, Change, error) {
	by, reason = strings.TrimSpace(by), strings.TrimSpace(reason)
	fail := func(err error) (ClearanceRecord, Change, error) { return ClearanceRecord{}, Change{}, err }
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return fail(err)
	}
	i := slices.IndexFunc(x.view.inForce(), func(r ClearanceRecord) bool { return r.ID == clearance })
	if i < 0 {
		return fail(ClearUnknown)
	}
	r := x.view.inForce()[i]
	c := x.customers.find(r.Account)
	switch {
	case c == nil:
		return fail(ClearUnknownAccount)
	case !word(by, tape.MaxBy) || !word(reason, tape.MaxReason):
		return fail(ClearWord)
	case !x.view.may(by, tape.MayCompliance):
		return fail(ClearNotTheirs)
	case repeats(reason, c.profile):
		return fail(ClearPersonal)
	}
	cmd := &tape.EndClearance{Clearance: clearance, Cause: tape.TakenBack, By: by, Reason: reason}
	x.pending.ended = map[uint64]*tape.EndClearance{clearance: cmd}
	ch, err := x.settle([]tape.Command{cmd}, c, now)
	if err != nil {
		return fail(err)
	}
	r, _ = x.view.newestClearance(question{r.Account, r.List, r.Entity})
	return r, ch, nil
}

// Amend replaces what a customer has told; their own reference stays, and what was found of
// and said of their addresses (RecordControl, RecordClaim). They are decided again in the same commit, and clearances
// end if it changes what they rest on.
func (x *Exchange) Amend(account uint64, profile entity.Profile) (Change, error) {
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return Change{}, err
	}
	c := x.customers.find(account)
	if c == nil {
		return Change{}, &Refusal{Reason: tape.UnknownAccount}
	}
	profile.ID, profile.Controls, profile.Claims = c.profile.ID, c.profile.Controls, c.profile.Claims
	return x.amend(c, &profile, now)
}

// amend is Amend for whoever holds basis for writing.
func (x *Exchange) amend(c *customer, profile *entity.Profile, now time.Time) (Change, error) {
	b, err := encodeProfile(profile)
	if err != nil {
		return Change{}, err
	}
	before, after := match.BasisOfProfile(c.profile), match.BasisOfProfile(profile)
	commitments, err := x.vault.PutAll([]vault.Item{{Customer: c.account, Name: profileItem, Plaintext: b}})
	if err != nil {
		return Change{}, fmt.Errorf("exchange: %w", err)
	}
	// From here the log must say so: if it cannot, the exchange fails and mend says it later.
	cmd := &tape.AmendCustomer{Account: c.account, Commitment: tape.Hash(commitments[0]), Changed: after.Changed(before)}
	c.profile, c.commitment = profile, cmd.Commitment
	c.unlike.Store(0)
	x.pending.ended = x.endedByAmending(cmd)
	ch, err := x.settle([]tape.Command{cmd}, c, now)
	x.agenda.add(c, x.view.stance(c.account).made, nil)
	return ch, err
}

func (x *Exchange) endedByAmending(cmd *tape.AmendCustomer) map[uint64]*tape.EndClearance {
	ended := map[uint64]*tape.EndClearance{}
	for _, r := range x.view.inForce() {
		if r.Account == cmd.Account && len(cmd.Changed) > 0 {
			ended[r.ID] = &tape.EndClearance{Clearance: r.ID, Cause: tape.CustomerChanged, Changed: cmd.Changed}
		}
	}
	return ended
}

// settle puts commands into the log with the decision they bring on one customer, and then
// decides again what lies set aside. It ends what is pending.
func (x *Exchange) settle(cmds []tape.Command, c *customer, at time.Time) (Change, error) {
	var ch Change
	ch.Screened = 1
	err := x.change(cmds, []*customer{c}, at, &ch)
	x.pending = pending{}
	if err != nil {
		return Change{}, err
	}
	return ch, x.reconsider(at)
}

// endings is what an edition ends of the clearances in force: those for an entry that it no
// longer has, or of which it says something else in what is compared.
func (x *Exchange) endings(e *watchlist.Edition, before *watchlist.Edition) []*tape.EndClearance {
	var out []*tape.EndClearance
	for _, r := range x.view.inForce() {
		if r.List != e.List {
			continue
		}
		entry := e.Find(r.Entity)
		if entry == nil {
			out = append(out, &tape.EndClearance{Clearance: r.ID, Cause: tape.EntryGone})
			continue
		}
		now := match.BasisOf(entry)
		if now.SHA256() == r.Listed {
			continue
		}
		var changed []string
		if before != nil {
			if old := before.Find(r.Entity); old != nil {
				changed = now.Changed(match.BasisOf(old))
			}
		}
		if len(changed) == 0 { // another program wrote the hash, and compared otherwise
			changed = []string{"what is compared"}
		}
		out = append(out, &tape.EndClearance{Clearance: r.ID, Cause: tape.EntryChanged, Changed: changed})
	}
	return out
}

// mend brings the log up to what the vault and this program have: a customer's data that a
// crash kept from the log, and clearances that rest on something else than what this program
// compares. The decisions it brings are for resume to make, before anything is taken.
func (x *Exchange) mend() error {
	x.basis.Lock()
	defer x.basis.Unlock()
	var cmds []tape.Command
	for _, c := range x.customers.all() {
		if c.logged == c.commitment {
			continue
		}
		cmd := &tape.AmendCustomer{Account: c.account, Commitment: c.commitment}
		if b, err := x.vault.Get(c.account, comparedItem); err == nil {
			// What clearances rest on; without one there is nothing to end.
			if old, ok := match.ParseBasis(b); ok {
				cmd.Changed = match.BasisOfProfile(c.profile).Changed(old)
			} else {
				cmd.Changed = []string{"what is compared"}
			}
		} else if !errors.Is(err, vault.ErrNotFound) {
			return fmt.Errorf("exchange: account %d: %w", c.account, err)
		}
		cmds = append(cmds, cmd)
	}
	if err := x.submitAll(cmds); err != nil {
		return err
	}
	cmds = nil
	for _, e := range x.watch.editions {
		for _, end := range x.endings(e, nil) {
			cmds = append(cmds, end)
		}
	}
	slices.SortFunc(cmds, func(a, b tape.Command) int {
		return cmp.Compare(a.(*tape.EndClearance).Clearance, b.(*tape.EndClearance).Clearance)
	})
	return x.submitAll(cmds)
}

func (x *Exchange) submitAll(cmds []tape.Command) error {
	if len(cmds) == 0 {
		return nil
	}
	events, err := x.put(cmds...)
	if err != nil {
		return err
	}
	for i, es := range events {
		if r, ok := refusal(es); ok {
			return fmt.Errorf("exchange: %T: %s", cmds[i], r.Reason)
		}
	}
	return nil
}

// commitCompared is the commitment to what is compared of a customer; the vault keeps the
// text and the salt of it.
func (x *Exchange) commitCompared(c *customer) (tape.Hash, error) {
	now := match.BasisOfProfile(c.profile).Canonical()
	d, err := x.vault.Disclose(c.account, comparedItem)
	switch {
	case err == nil && slices.Equal(d.Plaintext, now):
		return tape.Hash(d.Commitment()), nil
	case err != nil && !errors.Is(err, vault.ErrNotFound):
		return tape.Hash{}, fmt.Errorf("exchange: account %d: %w", c.account, err)
	}
	commitments, err := x.vault.PutAll([]vault.Item{{Customer: c.account, Name: comparedItem, Plaintext: now}})
	if err != nil {
		return tape.Hash{}, fmt.Errorf("exchange: %w", err)
	}
	return tape.Hash(commitments[0]), nil
}

func (v *View) lastClearance() uint64 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return uint64(len(v.clearances.all))
}

// find reports whether findings have a likeness to an entry, and whether they have identity.
func find(findings []match.Finding, list, entityID string) (likeness, identity bool) {
	for _, f := range findings {
		if f.List == list && f.EntityID == entityID {
			likeness = likeness || f.Grade == match.Resembles
			identity = identity || f.Grade == match.Same
		}
	}
	return likeness, identity
}

func word(s string, most int) bool { return s != "" && len(s) <= most }

// repeats reports whether a text repeats what a customer has told of themselves: a whole
// name, a document's number, a wallet, a day of birth as it is written here, an e-mail
// address. It is no proof that there is nothing personal in it.
func repeats(text string, p *entity.Profile) bool {
	folded := strings.ToLower(text)
	has := func(s string) bool {
		const least = 5 // shorter texts are words of any language
		return len(s) >= least && strings.Contains(folded, strings.ToLower(s))
	}
	of := func(e *entity.Entity) bool {
		return slices.ContainsFunc(e.Names, func(n entity.Name) bool { return has(n.Full) }) ||
			slices.ContainsFunc(e.Identifiers, func(i entity.Identifier) bool { return has(i.Number) }) ||
			slices.ContainsFunc(e.Wallets, func(w entity.Wallet) bool { return has(w.Address) }) ||
			slices.ContainsFunc(e.Birth, func(d entity.Dates) bool { return d.IsExact() && has(d.String()) })
	}
	return of(&p.Entity) || has(p.Email) || slices.ContainsFunc(p.Related(), func(r entity.Related) bool { return of(r.Entity) })
}
