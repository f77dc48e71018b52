package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/exchange"
	"sallyport/law"
	"sallyport/staff"
)

func (c *console) licenceRoutes() {
	c.mux.HandleFunc("GET /licences", func(w http.ResponseWriter, r *http.Request) { c.licences(w, r, http.StatusOK, licenceForm{}) })
	c.word("POST /licences", staff.Compliance, c.sayLicence)
	c.word("POST /licences/withdraw", staff.Compliance, c.withdrawLicence)
	c.word("POST /licences/{licence}/end", staff.Compliance, c.endLicence)
}

// A licencePage shows what was recorded of licences, and what waits for a second operator user.
type licencePage struct {
	Recorded []exchange.LicenceRecord // newest first
	Hidden   int                      // beyond Recorded
	Waiting  []waitingRow             // for who may answer
	Known    []knownLicence
	Answers  bool // who looks may answer
	Named    bool // there are operator users, so each says it alone
	Form     licenceForm
}

type waitingRow struct {
	exchange.WaitingLicence
	Mine bool // the first word is the looker's own
}

// Form is its end as a form sends it, which is read to the same instant again.
func (l waitingRow) Form() string {
	if l.Until.IsZero() {
		return ""
	}
	return l.Until.UTC().Format(time.RFC3339Nano)
}

// A knownLicence is one that a rule in force has and a record gives.
type knownLicence struct{ ID, Title, Rule string }

// A licenceForm is what was written in one, where it was not taken, and why not. The zero value is an empty form.
type licenceForm struct {
	To                                                     string // which: "", "say" or the number of a recorded one
	Problem                                                string
	Account, Licence, Until, Document, Reason, Second, End string
}

const shownLicences = 200

func (c *console) licences(w http.ResponseWriter, r *http.Request, status int, form licenceForm) {
	who := c.shifts.who(r)
	p := licencePage{Recorded: c.x.View().Licences(0), Answers: who.Compliance(), Named: !who.Shared, Form: form}
	p.Hidden = max(0, len(p.Recorded)-shownLicences)
	p.Recorded = p.Recorded[:len(p.Recorded)-p.Hidden]
	if p.Answers {
		for _, l := range c.x.WaitingLicences(0) {
			p.Waiting = append(p.Waiting, waitingRow{l, strings.EqualFold(l.By, who.By)})
		}
		for _, rule := range c.x.Rules().Rules() {
			if rule.State != law.Enacted {
				continue
			}
			for _, l := range rule.Licences {
				p.Known = append(p.Known, knownLicence{l.ID, l.Title, rule.ID})
			}
		}
		slices.SortFunc(p.Known, func(a, b knownLicence) int { return strings.Compare(a.ID, b.ID) })
		p.Known = slices.CompactFunc(p.Known, func(a, b knownLicence) bool { return a.ID == b.ID })
	}
	c.show(w, r, status, "licences", "Licences", "licences", p)
}

// sayLicence takes an operator user's word that a licence covers a customer; it is recorded when a second
// has said the same. While there are no operator users one form names both.
func (c *console) sayLicence(w http.ResponseWriter, r *http.Request, by string) {
	f, who := r.PostForm, c.shifts.who(r)
	form := licenceForm{To: "say", Account: f.Get("account"), Licence: strings.TrimSpace(f.Get("licence")), Until: strings.TrimSpace(f.Get("until")), Document: f.Get("document"), Reason: f.Get("reason"), Second: f.Get("second")}
	account, err := strconv.ParseUint(strings.TrimSpace(form.Account), 10, 64)
	if err != nil {
		form.Problem = "Give the account as its number."
		c.licences(w, r, http.StatusUnprocessableEntity, form)
		return
	}
	until, err := instant(form.Until)
	if err != nil {
		form.Problem = "Give the end as an hour of universal time, such as 2023-08-15 10:00, or leave it out."
		c.licences(w, r, http.StatusUnprocessableEntity, form)
		return
	}
	if !who.Shared {
		_, _, err = c.x.SayLicence(exchange.WaitingLicence{Account: account, Licence: form.Licence, Until: until, By: by, Reason: form.Reason, Document: form.Document})
	} else {
		_, _, err = c.x.RecordLicence(account, form.Licence, until, by, form.Second, form.Reason, form.Document)
	}
	c.licensed(w, r, err, form)
}

// instant reads an hour of universal time as a form has it; "" is none.
func instant(s string) (t time.Time, err error) {
	if s == "" {
		return t, nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err = time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return t, err
}

func (c *console) withdrawLicence(w http.ResponseWriter, r *http.Request, _ string) {
	account, _ := strconv.ParseUint(r.PostForm.Get("account"), 10, 64) // 0 is nobody's
	c.licensed(w, r, c.x.WithdrawLicence(account, r.PostForm.Get("licence")), licenceForm{})
}

func (c *console) endLicence(w http.ResponseWriter, r *http.Request, by string) {
	id, _ := strconv.ParseUint(r.PathValue("licence"), 10, 64) // of which there is no 0
	_, _, err := c.x.EndLicence(id, by, r.PostForm.Get("reason"))
	c.licensed(w, r, err, licenceForm{To: fmt.Sprint(id), End: r.PostForm.Get("reason")})
}

func (c *console) licensed(w http.ResponseWriter, r *http.Request, err error, form licenceForm) {
	why, refused := exchange.AsLicenceRefusal(err)
	c.recorded(w, r, err, refused, why.Error(), "/licences", func(status int, problem string) {
		form.Problem = problem
		c.licences(w, r, status, form)
	})
}
