package exchange

import (
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"sallyport/geo"
	"sallyport/law"
	"sallyport/venue/tape"
)

// signals are what tells of where a customer lives beside their own word: the places they
// signed in from, by day, and what their contacts and documents say. They lie in the vault;
// the log sees only what they come to (the facts customer.ordinarily and
// customer.contradicted).
type signals struct {
	mu      sync.Mutex
	signIns []signIn
	weighed weighed
	decided geo.Assessment // of which the customer's standing was last decided
}

// A signIn is a day on which a customer signed in from a place, as the vault keeps it.
type signIn struct {
	Day   string `json:"day"`   // 2006-01-02, UTC
	Place string `json:"place"` // as in geo.Signal
}

// weighed is an assessment and what it is of, of the sign-ins that are known.
type weighed struct {
	day        string
	commitment tape.Hash // to the customer's data
	assessment geo.Assessment
	err        error
}

const (
	signInsItem = "sign-ins" // in the vault
	keptDays    = 400        // of sign-ins; what is weighed looks back a year
	keptSignIns = 4000
)

// dayOf is the day of a sign-in.
func dayOf(at time.Time) string { return at.UTC().Format(time.DateOnly) }

// signedIn keeps that the customer signed in from a place on a day, and reports whether where they live is now known to be
// elsewhere than when their standing was decided: by this, or because a pattern has aged. A relay is no place and is not kept.
func (x *Exchange) signedIn(c *customer, s Session, at time.Time) (changed bool, err error) {
	place := s.Area
	if place == "" {
		place = s.Country
	}
	if !s.Known || place == "" {
		return false, nil
	}
	c.signals.mu.Lock()
	defer c.signals.mu.Unlock()
	one := signIn{dayOf(at), place}
	if slices.Contains(c.signals.signIns, one) {
		return false, nil
	}
	since := dayOf(at.AddDate(0, 0, -keptDays))
	kept := slices.DeleteFunc(slices.Clone(c.signals.signIns), func(o signIn) bool { return o.Day < since })
	kept = append(kept[max(0, len(kept)+1-keptSignIns):], one)
	b, err := json.Marshal(kept)
	if err != nil {
		return false, fmt.Errorf("exchange: sign-ins: %w", err)
	}
	if _, err := x.vault.Put(c.account, signInsItem, b); err != nil {
		return false, fmt.Errorf("exchange: %w", err)
	}
	c.signals.signIns, c.signals.weighed = kept, weighed{}
	now, err := x.weigh(c, at)
	was := &c.signals.decided
	return !slices.Equal(was.Ordinarily, now.Ordinarily) || !slices.Equal(was.Contradicted, now.Contradicted), err
}

// decide notes the facts by which the customer's standing is decided.
func (s *signals) decide(f *law.Facts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.decided.Ordinarily, _ = f.Texts("customer.ordinarily")
	s.decided.Contradicted, _ = f.Texts("customer.contradicted")
}

// lives is what is known of where the customer lives beside their own word. The caller
// holds basis.
func (x *Exchange) lives(c *customer, at time.Time) (geo.Assessment, error) {
	c.signals.mu.Lock()
	defer c.signals.mu.Unlock()
	return x.weigh(c, at)
}

// weigh adds up the signals, once a day and whenever one comes. The caller holds the lock of
// the customer's signals.
func (x *Exchange) weigh(c *customer, at time.Time) (geo.Assessment, error) {
	w := &c.signals.weighed
	day := dayOf(at)
	if w.day == day && w.commitment == c.commitment {
		return w.assessment, w.err
	}
	var all []geo.Signal
	for _, s := range c.signals.signIns {
		on, err := time.Parse(time.DateOnly, s.Day)
		if err != nil {
			return geo.Assessment{}, fmt.Errorf("exchange: account %d: sign-ins: %w", c.account, err)
		}
		all = append(all, geo.Signal{Kind: geo.SignIn, Place: s.Place, At: on})
	}
	// What is on record beside them, from whenever it is looked at.
	all = append(all, geo.SignalsOf(c.profile, at)...)
	stated := ""
	if found, err := geo.Resolve(c.profile.Residence, at); err == nil {
		stated = found.Code()
	}
	*w = weighed{day: day, commitment: c.commitment}
	w.assessment, w.err = geo.Weigh(all, stated, at)
	return w.assessment, w.err
}
