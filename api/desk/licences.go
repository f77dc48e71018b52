package desk

import (
	"net/http"
	"strconv"
	"time"

	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/staff"
)

// A licence as the desk tells it; the document lies in the vault.
type licence struct {
	ID       uint64     `json:"id"`
	Account  uint64     `json:"account"`
	Licence  string     `json:"licence"`
	Until    *time.Time `json:"until,omitempty"` // the first instant after it
	By       string     `json:"by"`
	Second   string     `json:"second"`
	Reason   string     `json:"reason"`
	At       time.Time  `json:"at"`
	Document string     `json:"document_commitment"`
	Seq      uint64     `json:"seq"`
	InForce  bool       `json:"in_force"`
	Ended    *ending    `json:"ended,omitempty"`
}

func licenceOf(r exchange.LicenceRecord) licence {
	l := licence{
		ID: r.ID, Account: r.Account, Licence: r.Licence, By: r.By, Second: r.Second, Reason: r.Reason,
		At: time.UnixMicro(r.At).UTC(), Document: idOf(r.Document), Seq: r.Seq, InForce: r.Ended.IsZero(),
	}
	if until := r.Valid(); !until.IsZero() {
		l.Until = &until
	}
	switch {
	case r.Taken != nil:
		l.Ended = &ending{At: r.Ended, Why: "ended before its time", By: r.Taken.By, Reason: r.Taken.Reason}
	case !r.Ended.IsZero():
		l.Ended = &ending{At: r.Ended, Why: "ran out"}
	}
	return l
}

// licences lists every licence recorded, newest first.
func (d *desk) licences(*http.Request) (int, any, error) {
	out := []licence{}
	for _, r := range d.x.View().Licences(0) {
		out = append(out, licenceOf(r))
	}
	return http.StatusOK, struct {
		Licences []licence `json:"licences"`
	}{out}, nil
}

// A waitingLicence is what one operator user has said, as the desk tells it: with the document, which
// lies in the vault, for the second has to have seen it.
type waitingLicence struct {
	exchange.WaitingLicence
	Ends time.Time `json:"waits_until"`
}

// waitingLicences lists what waits for a second operator user, the oldest first.
func (d *desk) waitingLicences(*http.Request) (int, any, error) {
	out := []waitingLicence{}
	for _, l := range d.x.WaitingLicences(0) {
		out = append(out, waitingLicence{l, l.Ends()})
	}
	return http.StatusOK, struct {
		Waiting []waitingLicence `json:"waiting"`
	}{out}, nil
}

// withdrawLicence takes back what waits.
func (d *desk) withdrawLicence(r *http.Request) (int, any, error) {
	account, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	if err := nothing(r); err != nil {
		return 0, nil, err
	}
	licence := r.PathValue("licence")
	if err := d.x.WithdrawLicence(account, licence); err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		Account   uint64 `json:"account"`
		Withdrawn string `json:"withdrawn"`
	}{account, licence}, nil
}

// record takes the word of an operator user that a licence covers a customer. It takes two: of
// whoever has the desk's token both names are their word; of operator users each says it with a
// token of their own, and the licence is recorded when the second has said the same.
func (d *desk) record(r *http.Request) (int, any, error) {
	var ask struct {
		Account  uint64    `json:"account"`
		Licence  string    `json:"licence"`
		Until    time.Time `json:"until"`
		Second   string    `json:"second"`
		Document string    `json:"document"`
		word
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if user, _ := r.Context().Value(userKey{}).(staff.User); user.Shared() {
		rec, _, err := d.x.RecordLicence(ask.Account, ask.Licence, ask.Until, ask.By, ask.Second, ask.Reason, ask.Document)
		if err != nil {
			return 0, nil, err
		}
		return d.licensed(http.StatusCreated, rec)
	}
	if ask.Second != "" {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "second: the second operator user says it with a token of their own. Leave it out; it waits until they have said the same.")
	}
	rec, waits, err := d.x.SayLicence(exchange.WaitingLicence{Account: ask.Account, Licence: ask.Licence, Until: ask.Until, By: ask.By, Reason: ask.Reason, Document: ask.Document})
	switch {
	case err != nil:
		return 0, nil, err
	case waits != nil:
		return http.StatusAccepted, struct {
			Waiting waitingLicence `json:"waiting"`
		}{waitingLicence{*waits, waits.Ends()}}, nil
	}
	return d.licensed(http.StatusCreated, rec)
}

// endLicence ends a licence before its time.
func (d *desk) endLicence(r *http.Request) (int, any, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, nil, wrong(http.StatusBadRequest, "The licence in the path is no number. GET /desk/v1/licences lists them.")
	}
	var ask word
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	rec, _, err := d.x.EndLicence(id, ask.By, ask.Reason)
	if err != nil {
		return 0, nil, err
	}
	return d.licensed(http.StatusOK, rec)
}

// licensed is a licence and what its customer stands under with it.
func (d *desk) licensed(status int, rec exchange.LicenceRecord) (int, any, error) {
	v, err := d.verdictOn(rec.Account)
	if err != nil {
		return 0, nil, err
	}
	return status, struct {
		Licence  licence `json:"licence"`
		Standing verdict `json:"standing"`
	}{licenceOf(rec), v}, nil
}

// A held customer is an open question with its owner and its clock.
type held struct {
	Account  uint64    `json:"account"`
	Decision string    `json:"decision"`
	Owner    string    `json:"owner"`
	Due      time.Time `json:"due"`
	Overdue  bool      `json:"overdue"` // and still held: no hold ends by running out
}

// holds lists who is held, the longest due first.
func (d *desk) holds(*http.Request) (int, any, error) {
	out := []held{}
	for _, h := range d.x.View().Holds() {
		out = append(out, held{h.Account, h.Decision, h.Owner, h.Due, overdue(h.HoldTerms, d.x.Now())})
	}
	return http.StatusOK, struct {
		Holds []held `json:"holds"`
	}{out}, nil
}

func overdue(h gate.HoldTerms, now time.Time) bool { return now.After(h.Due) }
