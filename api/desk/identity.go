package desk

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/identity"
)

// identified is how far a customer is identified, as the desk tells it. What the files show is
// personal data, and only the request for one file gives it.
type identified struct {
	Account   uint64              `json:"account"`
	State     identity.State      `json:"state"`
	Reason    string              `json:"reason,omitempty"`
	Reference string              `json:"reference,omitempty"`
	By        string              `json:"by,omitempty"`
	Second    string              `json:"second,omitempty"`
	At        time.Time           `json:"at,omitzero"`
	Files     []exchange.HandedIn `json:"files"`
	First     *identity.Answer    `json:"first,omitempty"` // a yes that waits for a second operator user's
	Past      []identity.Answer   `json:"past,omitempty"`
	Open      bool                `json:"may_not_trade"` // for want of it
}

func (d *desk) identifiedOf(account uint64, id exchange.Identity) identified {
	out := identified{account, id.State, id.Reason, id.Reference, id.By, id.Second, id.At, id.Files, id.First, id.Past, d.x.Unidentified(account)}
	if out.Files == nil {
		out.Files = []exchange.HandedIn{}
	}
	return out
}

// identities lists the customers who handed something in, who waits longest first; ?state=all
// lists those who were answered too.
func (d *desk) identities(r *http.Request) (int, any, error) {
	state := identity.Waits
	switch s := r.URL.Query().Get("state"); s {
	case "", string(identity.Waits):
	case "all":
		state = identity.Unknown
	default:
		return 0, nil, wrong(http.StatusBadRequest, "state: want waiting, which is meant where it is left out, or all.")
	}
	found := d.x.Identities(state)
	out := []identified{}
	for _, account := range slices.Sorted(maps.Keys(found)) {
		out = append(out, d.identifiedOf(account, found[account]))
	}
	slices.SortStableFunc(out, func(a, b identified) int { return a.At.Compare(b.At) })
	return http.StatusOK, struct {
		Identities []identified `json:"identities"`
	}{out}, nil
}

// identity tells how far one customer is identified, with what they told, to hold their files
// against.
func (d *desk) identity(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	id, ok := d.x.Identity(account)
	if !ok {
		return 0, nil, noAccount(account)
	}
	p, _ := d.x.Profile(account)
	return http.StatusOK, struct {
		identified
		Profile entity.Profile `json:"profile"`
	}{d.identifiedOf(account, id), p}, nil
}

// identityFile gives one file that a customer handed in, in base64.
func (d *desk) identityFile(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	n, err := strconv.Atoi(r.PathValue("file"))
	if err != nil {
		return 0, nil, wrong(http.StatusBadRequest, "The file in the path is no number. The first that a customer handed in is 0.")
	}
	in, file, err := d.x.IdentityFile(account, n)
	if errors.Is(err, exchange.ErrHandedIn) {
		return 0, nil, wrong(http.StatusNotFound, "There is no such file. GET /desk/v1/identity lists them.")
	} else if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Account uint64 `json:"account"`
		File    int    `json:"file"`
		exchange.HandedIn
		Content string `json:"content_base64"`
	}{account, n, in, base64.StdEncoding.EncodeToString(file.Bytes)}, nil
}

// identify takes the word of an operator user on who a customer is.
func (d *desk) identify(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		Accept    *bool  `json:"accept"`
		Reference string `json:"reference"`
		Files     *int   `json:"files"` // that were looked at
		word
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if ask.Accept == nil {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "accept: want true or false.")
	}
	if _, ok := d.x.Identity(account); !ok {
		return 0, nil, noAccount(account)
	}
	a := identity.Answer{State: identity.Refused, Reason: ask.Reason, Reference: ask.Reference, By: ask.By}
	if *ask.Accept {
		a.State = identity.Accepted
	}
	seen := -1
	if ask.Files != nil {
		seen = max(0, *ask.Files)
	}
	id, err := d.x.Identify(account, a, seen)
	switch {
	case errors.Is(err, exchange.ErrSeen):
		return 0, nil, wrong(http.StatusConflict, "files: the customer has handed in another since. Look at it first.")
	case errors.Is(err, exchange.ErrSecond):
		return 0, nil, wrong(http.StatusConflict, "by: the second yes must be another operator user's.")
	case errors.Is(err, exchange.ErrAgain):
		return 0, nil, wrong(http.StatusConflict, "The customer is identified already, by two operator users.")
	case errors.Is(err, exchange.ErrAnswer):
		return 0, nil, wrong(http.StatusUnprocessableEntity, "It was not taken: want who says it (by, at most %d bytes) and why (reason, at most %d bytes; the customer reads it).", identity.MaxBy, identity.MaxReason)
	case err != nil:
		return 0, nil, err
	}
	return http.StatusOK, d.identifiedOf(account, id), nil
}
