package console

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/identity"
	"sallyport/law"
	"sallyport/staff"
	"sallyport/venue/tape"
)

// identityRoutes are the pages on which operator users look at who a customer is. They show personal
// data, so they ask who looks.
func (c *console) identityRoutes() {
	c.own("GET /identity", c.identities)
	c.own("GET /identity/{account}", func(w http.ResponseWriter, r *http.Request, by string) { c.identity(w, r, by, http.StatusOK, "") })
	c.own("GET /identity/{account}/files/{file}", c.identityFile)
	c.word("POST /identity/{account}", staff.Compliance, c.answerIdentity)
	c.word("POST /identity/{account}/trade-group", staff.Compliance|staff.Operations, c.setTradeGroup)
}

// An identityRow is a customer in the queue, by number alone.
type identityRow struct {
	exchange.Identity
	Account  uint64
	Operator string
	Standing law.Verb
	Age      string
}

const shownIdentities = 200

// identities is the queue, who waits longest first; with all=1 those who were answered too, the
// newest first.
func (c *console) identities(w http.ResponseWriter, r *http.Request, _ string) {
	state, all := identity.Waits, r.URL.Query().Get("all") != ""
	if all {
		state = identity.Unknown
	}
	now := c.x.Now()
	var rows []identityRow
	for account, id := range c.x.Identities(state) {
		a, ok := c.x.View().Account(account)
		if !ok {
			continue
		}
		rows = append(rows, identityRow{id, account, a.Operator.Title, a.Standing.Verdict, age(id.At, now)})
	}
	slices.SortFunc(rows, func(a, b identityRow) int {
		if all {
			a, b = b, a
		}
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Account, b.Account))
	})
	more := max(0, len(rows)-shownIdentities)
	c.show(w, r, http.StatusOK, "identities", "Identity", "identity", struct {
		All  bool
		Rows []identityRow
		More int
	}{all, rows[:len(rows)-more], more})
}

// An identityPage is one customer: what they told, what they handed in, what was answered.
type identityPage struct {
	exchange.Identity
	Problem  string
	Reason   string // as it was written, where it was not taken
	Account  uint64
	Operator string
	Standing law.Verb
	Open     bool
	Profile  entity.Profile
	Group    uint32 // of trade
	Mine     bool   // the first yes is the looker's own
}

// Born is the day, or days, that they told.
func (p identityPage) Born() string {
	var all []string
	for _, d := range p.Profile.Birth {
		all = append(all, d.String())
	}
	return strings.Join(all, ", ")
}

// Answers are what was said, the newest first.
func (p identityPage) Answers() []identity.Answer {
	past := slices.Clone(p.Past)
	slices.Reverse(past)
	return past
}

// accountIn reads the account in the path, and answers itself where there is none.
func (c *console) accountIn(w http.ResponseWriter, r *http.Request) (*exchange.Account, bool) {
	n, err := strconv.ParseUint(r.PathValue("account"), 10, 64)
	if err == nil {
		if a, ok := c.x.View().Account(n); ok {
			return &a, true
		}
	}
	c.missing(w, r, "No such customer", "There is no account "+r.PathValue("account")+" here.", nil)
	return nil, false
}

func (c *console) identity(w http.ResponseWriter, r *http.Request, by string, status int, problem string) {
	a, ok := c.accountIn(w, r)
	if !ok {
		return
	}
	id, _ := c.x.Identity(a.Number)
	profile, _ := c.x.Profile(a.Number)
	c.o.Log.Info("an operator user looks at who a customer is", "account", a.Number, "by", by)
	c.show(w, r, status, "identity", "Identity of "+strconv.FormatUint(a.Number, 10), "identity", identityPage{
		Identity: id, Problem: problem, Reason: r.PostForm.Get("reason"), Account: a.Number, Operator: a.Operator.Title, Standing: a.Standing.Verdict,
		Open: c.x.Unidentified(a.Number), Profile: profile, Group: a.Group, Mine: id.First != nil && strings.EqualFold(id.First.By, by),
	})
}

// identityFile is a file as it was handed in. Whatever it holds, it is a picture or a download and
// never a page: a browser neither guesses another kind nor runs anything of it.
func (c *console) identityFile(w http.ResponseWriter, r *http.Request, by string) {
	a, ok := c.accountIn(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.PathValue("file"))
	if err != nil {
		n = -1
	}
	_, f, err := c.x.IdentityFile(a.Number, n)
	if errors.Is(err, exchange.ErrHandedIn) {
		c.missing(w, r, "No such file", "The customer has handed in no such file.", nil)
		return
	} else if err != nil {
		c.o.Log.Error("a file that a customer handed in cannot be read", "account", a.Number, "error", err)
		c.missing(w, r, "The file cannot be read", "The log of events says why.", nil)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Type", string(f.Kind))
	h.Set("Content-Length", strconv.Itoa(len(f.Bytes)))
	h.Set("Cache-Control", "no-store")
	if f.Kind == identity.PDF {
		h.Set("Content-Disposition", `attachment; filename="`+strconv.FormatUint(a.Number, 10)+"-"+strconv.Itoa(n)+`.pdf"`)
	}
	w.Write(f.Bytes)
}

// answerIdentity takes an operator user's yes or no.
func (c *console) answerIdentity(w http.ResponseWriter, r *http.Request, by string) {
	a, ok := c.accountIn(w, r)
	if !ok {
		return
	}
	answer := identity.Answer{By: by, Reason: strings.TrimSpace(r.PostForm.Get("reason")), Reference: strings.TrimSpace(r.PostForm.Get("reference"))}
	switch r.PostForm.Get("accept") {
	case "yes":
		answer.State = identity.Accepted
	case "no":
		answer.State = identity.Refused
	}
	seen, err := strconv.Atoi(r.PostForm.Get("files"))
	if err != nil || seen < 0 { // which would be whatever there is
		seen = 0
	}
	_, err = c.x.Identify(a.Number, answer, seen)
	for _, known := range []struct {
		err  error
		text string
	}{
		{exchange.ErrSeen, "The customer has handed in another file since this page was shown. Look at it first."},
		{exchange.ErrSecond, "The second yes must be another operator user's."},
		{exchange.ErrAgain, "The customer is identified already, by two operator users."},
		{exchange.ErrAnswer, "Say yes or no, and why: the customer reads the reason, of at most " + strconv.Itoa(identity.MaxReason) + " bytes."},
	} {
		if errors.Is(err, known.err) {
			c.identity(w, r, by, http.StatusUnprocessableEntity, known.text)
			return
		}
	}
	if err != nil {
		c.o.Log.Error("an answer on a customer's identity could not be recorded", "account", a.Number, "error", err)
		c.identity(w, r, by, http.StatusInternalServerError, "It could not be recorded; the log of events says why.")
		return
	}
	http.Redirect(w, r, "/identity/"+strconv.FormatUint(a.Number, 10), http.StatusSeeOther)
}

// setTradeGroup takes an operator user's word that accounts are one owner's, or no longer.
func (c *console) setTradeGroup(w http.ResponseWriter, r *http.Request, by string) {
	a, ok := c.accountIn(w, r)
	if !ok {
		return
	}
	n, err := strconv.ParseUint(strings.TrimSpace(r.PostForm.Get("group")), 10, 32)
	if err != nil {
		c.identity(w, r, by, http.StatusUnprocessableEntity, "Give the trade group a number; 0 is none.")
		return
	}
	err = c.x.SetTradeGroup(&tape.SetTradeGroup{Account: a.Number, Group: uint32(n), By: by, Reason: strings.TrimSpace(r.PostForm.Get("why"))})
	if _, refused := exchange.AsRefusal(err); refused {
		c.identity(w, r, by, http.StatusUnprocessableEntity, "Say why, in at most "+strconv.Itoa(tape.MaxReason)+" bytes, and under a name of at most "+strconv.Itoa(tape.MaxBy)+": both stand in the log.")
		return
	}
	if err != nil {
		c.o.Log.Error("a trade group could not be recorded", "account", a.Number, "error", err)
		c.identity(w, r, by, http.StatusInternalServerError, "It could not be recorded; the log of events says why.")
		return
	}
	http.Redirect(w, r, "/identity/"+strconv.FormatUint(a.Number, 10), http.StatusSeeOther)
}
