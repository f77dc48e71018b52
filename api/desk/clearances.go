package desk

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/match"
	"sallyport/venue/tape"
)

// A likeness is an open question, told from the list's side.
type likeness struct {
	Account  uint64     `json:"account"`
	Decision string     `json:"decision"`
	Since    time.Time  `json:"since"`
	Owner    string     `json:"owner,omitempty"` // of the hold
	Due      *time.Time `json:"due,omitempty"`
	match.Finding
	Again []string `json:"again,omitempty"` // why a question that was answered is open again
}

// likenesses lists who resembles whom and has not been cleared.
func (d *desk) likenesses(r *http.Request) (int, any, error) {
	out := []likeness{}
	for _, l := range d.x.View().Likenesses() {
		row := likeness{Account: l.Account, Decision: l.Decision.Decision.ID, Since: l.Decision.At, Finding: l.Finding}
		if h := l.Decision.Decision.Hold; h != nil {
			row.Owner, row.Due = h.Owner, &h.Due
		}
		for _, old := range l.Lapsed {
			row.Again = append(row.Again, old.String())
		}
		out = append(out, row)
	}
	return http.StatusOK, struct {
		Likenesses []likeness `json:"likenesses"`
	}{out}, nil
}

// A clearance as the desk tells it.
type clearance struct {
	ID       uint64    `json:"id"`
	Account  uint64    `json:"account"`
	List     string    `json:"list"`
	Entity   string    `json:"entity"`
	By       string    `json:"by"`
	Reason   string    `json:"reason"`
	At       time.Time `json:"at"`
	Decision string    `json:"decision"` // in which the likeness was looked at
	Listed   string    `json:"listed_sha256"`
	Subject  string    `json:"subject"`
	Seq      uint64    `json:"seq"`
	InForce  bool      `json:"in_force"`
	Ended    *ending   `json:"ended,omitempty"`
}

type ending struct {
	At      time.Time `json:"at"`
	Why     string    `json:"why"`
	Changed []string  `json:"changed,omitempty"`
	By      string    `json:"by,omitempty"`
	Reason  string    `json:"reason,omitempty"`
}

func clearanceOf(r exchange.ClearanceRecord) clearance {
	c := clearance{
		ID: r.ID, Account: r.Account, List: r.List, Entity: r.Entity, By: r.By, Reason: r.Reason, At: time.UnixMicro(r.At).UTC(),
		Decision: idOf(r.Decision), Listed: idOf(r.Listed), Subject: idOf(r.Subject), Seq: r.Seq, InForce: r.Ended == nil,
	}
	if e := r.Ended; e != nil {
		c.Ended = &ending{r.Until, e.Cause.String(), e.Changed, e.By, e.Reason}
	}
	return c
}

// clearances lists every clearance, newest first.
func (d *desk) clearances(*http.Request) (int, any, error) {
	out := []clearance{}
	for _, r := range d.x.View().Clearances(0) {
		out = append(out, clearanceOf(r))
	}
	return http.StatusOK, struct {
		Clearances []clearance `json:"clearances"`
	}{out}, nil
}

// word is what an operator user says, and who it was.
type word struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

func (w word) check() error {
	switch {
	case w.By == "" || len(w.By) > tape.MaxBy:
		return wrong(http.StatusUnprocessableEntity, "by: want the name of the operator user who says it, 1 to %d bytes.", tape.MaxBy)
	case w.Reason == "" || len(w.Reason) > tape.MaxReason:
		return wrong(http.StatusUnprocessableEntity, "reason: want 1 to %d bytes. It stands in the log for good: no personal data, only words on the list's side (\"another patronymic\").", tape.MaxReason)
	}
	return nil
}

// clear takes a reviewer's word that a customer is not whom they resemble.
func (d *desk) clear(r *http.Request) (int, any, error) {
	var ask struct {
		Account uint64 `json:"account"`
		List    string `json:"list"`
		Entity  string `json:"entity"`
		word
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if ask.List == "" || ask.Entity == "" {
		return 0, nil, wrong(http.StatusUnprocessableEntity, "list, entity: want the list and the publisher's own id of the entry. GET /desk/v1/likenesses has them.")
	}
	if err := ask.check(); err != nil {
		return 0, nil, err
	}
	rec, _, err := d.x.Clear(ask.Account, ask.List, ask.Entity, ask.By, ask.Reason)
	if err != nil {
		return 0, nil, err
	}
	return d.standing(http.StatusCreated, rec)
}

// takeBack ends a clearance.
func (d *desk) takeBack(r *http.Request) (int, any, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0, nil, wrong(http.StatusBadRequest, "The clearance in the path is no number. GET /desk/v1/clearances lists them.")
	}
	var ask word
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if err := settle(r, &ask.By); err != nil {
		return 0, nil, err
	}
	if err := ask.check(); err != nil {
		return 0, nil, err
	}
	rec, _, err := d.x.TakeBack(id, ask.By, ask.Reason)
	if err != nil {
		return 0, nil, err
	}
	return d.standing(http.StatusOK, rec)
}

// standing is a clearance and what its customer stands under with it.
func (d *desk) standing(status int, rec exchange.ClearanceRecord) (int, any, error) {
	v, err := d.verdictOn(rec.Account)
	if err != nil {
		return 0, nil, err
	}
	return status, struct {
		Clearance clearance `json:"clearance"`
		Standing  verdict   `json:"standing"`
	}{clearanceOf(rec), v}, nil
}

func (d *desk) verdictOn(account uint64) (verdict, error) {
	rec, err := d.x.View().Standing(account)
	if err != nil {
		return verdict{}, fmt.Errorf("desk: %w", err)
	}
	return short(&rec.Decision), nil
}

// amend replaces what a customer has told. Clearances end where it changes what they rest on.
func (d *desk) amend(r *http.Request) (int, any, error) {
	n, err := number(r)
	if err != nil {
		return 0, nil, err
	}
	var ask struct {
		Profile entity.Profile `json:"profile"`
	}
	if err := body(r, &ask); err != nil {
		return 0, nil, err
	}
	if _, ok := d.x.View().Account(n); !ok {
		return 0, nil, noAccount(n)
	}
	if err := exchange.CheckProfile(&ask.Profile); err != nil {
		return 0, nil, unfit(err)
	}
	if _, err := d.x.Amend(n, ask.Profile); err != nil {
		return 0, nil, err
	}
	v, err := d.verdictOn(n)
	if err != nil {
		return 0, nil, err
	}
	var again []gate.Lapse
	rec, err := d.x.View().Decision(v.Decision)
	if err != nil {
		return 0, nil, err
	}
	again = rec.Decision.Lapsed
	texts := []string{}
	for _, l := range again {
		texts = append(texts, l.String())
	}
	return http.StatusOK, struct {
		Account  uint64   `json:"account"`
		Standing verdict  `json:"standing"`
		Again    []string `json:"again"` // questions that are open again, and why
	}{n, v, texts}, nil
}
