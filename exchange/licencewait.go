package exchange

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/vault"
	"sallyport/venue/tape"
)

// waitingItem is what the vault keeps of what one operator user has said of a customer's licences
// and no second yet.
const waitingItem = "licences-waiting"

// waitsFor is how long what one operator user has said of a licence counts.
const waitsFor = 7 * 24 * time.Hour

// A WaitingLicence is the word of one operator user that a licence covers a customer, until an
// instant or, where that is zero, as long as the rule says. It lies in the vault until a second
// says the same, for a week at most.
type WaitingLicence struct {
	Account  uint64    `json:"account"`
	Licence  string    `json:"licence"` // its id in the rule
	Until    time.Time `json:"until,omitzero"`
	By       string    `json:"by"`
	Reason   string    `json:"reason"`
	Document string    `json:"document"` // the authority's own reference
	At       time.Time `json:"at"`
}

// Ends is when it counts no more.
func (l *WaitingLicence) Ends() time.Time {
	end := l.At.Add(waitsFor)
	if !l.Until.IsZero() && l.Until.Before(end) {
		end = l.Until
	}
	return end
}

// counts reports whether a second may still say the same: not once the first may say it no longer, or has come to be another who
// may since, and not once such a licence was recorded.
func (x *Exchange) counts(l *WaitingLicence, now time.Time) bool {
	return now.Before(l.Ends()) && x.view.mightSay(l.By, tape.MayCompliance, l.At) &&
		!slices.ContainsFunc(x.view.Licences(l.Account), func(r LicenceRecord) bool {
			return r.Licence == l.Licence && !timeOf(r.At).Before(l.At.Truncate(time.Millisecond))
		})
}

// SayLicence takes the word of one operator user (By) on a licence. Where another has said the
// same, it is recorded as [Exchange.RecordLicence] does, with the reason of the first; else it waits for a second, which is
// given, and what the same user said of it before is forgotten. The error is a LicenceRefusal when the word
// was not taken.
func (x *Exchange) SayLicence(l WaitingLicence) (rec LicenceRecord, waits *WaitingLicence, err error) {
	l.By, l.Reason, l.Document = named(l.By), strings.TrimSpace(l.Reason), strings.TrimSpace(l.Document)
	x.basis.Lock()
	defer x.basis.Unlock()
	now, err := x.catchUp()
	if err != nil {
		return rec, nil, err
	}
	l.Until, l.At = l.Until.UTC().Truncate(time.Millisecond), now
	c, err := x.fitLicence(&l, now)
	if err != nil {
		return rec, nil, err
	}
	others := slices.DeleteFunc(slices.Clone(x.waitingFor(l.Account)), func(o WaitingLicence) bool { return !x.counts(&o, now) })
	at := slices.IndexFunc(others, func(o WaitingLicence) bool { return o.Licence == l.Licence })
	if at >= 0 && !strings.EqualFold(others[at].By, l.By) {
		first := others[at]
		if !first.Until.Equal(l.Until) || first.Document != l.Document {
			return rec, nil, LicenceOtherwise
		}
		if _, err := x.fitLicence(&first, now); err != nil { // what its reason may not repeat may be another by now
			return rec, nil, err
		}
		if rec, _, err = x.recordLicence(c, first, l.By, now); err != nil {
			return rec, nil, err
		}
		// It is recorded; where this fails, what waits is one that is in force, and is not shown.
		if err := x.keepWaiting(l.Account, slices.Delete(others, at, at+1)); err != nil {
			x.cfg.Log.Error("what waited for a second operator user could not be forgotten", "account", l.Account, "error", err)
		}
		return rec, nil, nil
	}
	if at >= 0 {
		others = slices.Delete(others, at, at+1)
	}
	if err := x.keepWaiting(l.Account, append(others, l)); err != nil {
		return rec, nil, err
	}
	return rec, &l, nil
}

// WithdrawLicence takes back what an operator user has said of a licence while it waits for a
// second. The error is a LicenceRefusal where nothing waits.
func (x *Exchange) WithdrawLicence(account uint64, licence string) error {
	x.basis.Lock()
	defer x.basis.Unlock()
	if x.closing.Load() {
		return ErrClosed
	}
	before := x.waitingFor(account)
	after := slices.DeleteFunc(slices.Clone(before), func(o WaitingLicence) bool { return o.Licence == licence })
	if len(after) == len(before) {
		return LicenceNotWaiting
	}
	return x.keepWaiting(account, after)
}

// WaitingLicences are what waits for a second operator user, the oldest first; account 0 is all
// accounts.
func (x *Exchange) WaitingLicences(account uint64) []WaitingLicence {
	now := x.Now()
	x.waiting.Lock()
	defer x.waiting.Unlock()
	out := []WaitingLicence{}
	for n, all := range x.waiting.byAccount {
		if account != 0 && account != n {
			continue
		}
		for _, l := range all {
			if x.counts(&l, now) {
				out = append(out, l)
			}
		}
	}
	slices.SortFunc(out, func(a, b WaitingLicence) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Account, b.Account), strings.Compare(a.Licence, b.Licence))
	})
	return out
}

// waiting is what waits of each account that something waits of.
type waiting struct {
	sync.Mutex
	byAccount map[uint64][]WaitingLicence
}

func (w *waiting) set(account uint64, all []WaitingLicence) {
	if w.byAccount == nil {
		w.byAccount = map[uint64][]WaitingLicence{}
	}
	if w.byAccount[account] = all; len(all) == 0 {
		delete(w.byAccount, account)
	}
}

func (x *Exchange) waitingFor(account uint64) []WaitingLicence {
	x.waiting.Lock()
	defer x.waiting.Unlock()
	return x.waiting.byAccount[account]
}

// keepWaiting keeps what waits of an account, in the vault first.
func (x *Exchange) keepWaiting(account uint64, all []WaitingLicence) error {
	b, err := json.Marshal(all)
	if err == nil {
		_, err = x.vault.PutAll([]vault.Item{{Customer: account, Name: waitingItem, Plaintext: b}})
	}
	if err != nil {
		return fmt.Errorf("exchange: %w", err)
	}
	x.waiting.Lock()
	defer x.waiting.Unlock()
	x.waiting.set(account, all)
	return nil
}
