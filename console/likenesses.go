package console

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"sallyport/exchange"
	"sallyport/match"
	"sallyport/staff"
)

func (c *console) likenessRoutes() {
	c.mux.HandleFunc("GET /likenesses", func(w http.ResponseWriter, r *http.Request) { c.likenesses(w, r, http.StatusOK, answering{}) })
	c.word("POST /likenesses", staff.Compliance, c.clear)
	c.word("POST /likenesses/{clearance}/end", staff.Compliance, c.takeBack)
}

// answering is an answer that was not taken: to which question, why not, and what was written.
type answering struct {
	To      string // what it answers: a question, or the part of the page that is a clearance
	Problem string
	Reason  string
}

// A likenessPage shows the open questions of who resembles whom, and the answered ones.
type likenessPage struct {
	Open      []openLikeness
	More      int // beyond Open
	Cleared   []clearedRow
	Hidden    int  // beyond Cleared
	Answers   bool // who looks may answer
	Answering answering
}

type openLikeness struct {
	finding
	Account  uint64
	Decision string
	Since    time.Time
	Owner    string // of the hold, or ""
	Due      time.Time
	Overdue  string
}

// Question says which it is.
func (l openLikeness) Question() string {
	return fmt.Sprintf("%d %s %s", l.Account, l.List, l.EntityID)
}

type clearedRow struct {
	*exchange.ClearanceRecord
	Why string // it ended, or ""
}

// Part is the clearance's own on the page.
func (r clearedRow) Part() string { return fmt.Sprint("clearance-", r.ID) }

const shownLikenesses = 200

func (c *console) likenesses(w http.ResponseWriter, r *http.Request, status int, said answering) {
	p := likenessPage{Answers: c.shifts.who(r).Compliance(), Answering: said}
	now := c.x.Now()
	for _, l := range c.x.View().Likenesses() {
		if len(p.Open) == shownLikenesses {
			p.More++
			continue
		}
		row := openLikeness{finding: c.finding(l.Finding), Account: l.Account, Decision: l.Decision.Decision.ID, Since: l.Decision.At}
		row.Again = l.Lapsed
		if h := l.Decision.Decision.Hold; h != nil {
			row.Owner, row.Due = h.Owner, h.Due
			if now.After(h.Due) {
				row.Overdue = age(h.Due, now)
			}
		}
		p.Open = append(p.Open, row)
	}
	for _, rec := range c.x.View().Clearances(0) {
		if len(p.Cleared) == shownLikenesses {
			p.Hidden++
			continue
		}
		row := clearedRow{ClearanceRecord: &rec}
		if rec.Ended != nil {
			row.Why = exchange.Lapse(row.ClearanceRecord).String()
		}
		p.Cleared = append(p.Cleared, row)
	}
	c.show(w, r, status, "likenesses", "Likenesses", "likenesses", p)
}

// clear takes an operator user's word that a customer is not whom they resemble, of the decision that
// was looked at.
func (c *console) clear(w http.ResponseWriter, r *http.Request, by string) {
	f := r.PostForm
	account, _ := strconv.ParseUint(f.Get("account"), 10, 64) // 0 is nobody's
	said := answering{To: openLikeness{finding: finding{Finding: match.Finding{List: f.Get("list"), EntityID: f.Get("entity")}}, Account: account}.Question(), Reason: f.Get("reason")}
	there := false
	for _, l := range c.x.View().Likenesses() {
		there = there || l.Account == account && l.Finding.List == f.Get("list") && l.Finding.EntityID == f.Get("entity") && l.Decision.Decision.ID == f.Get("decision")
	}
	if !there {
		said.Problem = "The question has changed since this page was shown, or was answered. Look at it first."
		c.likenesses(w, r, http.StatusConflict, said)
		return
	}
	_, _, err := c.x.Clear(account, f.Get("list"), f.Get("entity"), by, f.Get("reason"))
	c.cleared(w, r, err, said)
}

// takeBack ends a clearance.
func (c *console) takeBack(w http.ResponseWriter, r *http.Request, by string) {
	id, _ := strconv.ParseUint(r.PathValue("clearance"), 10, 64) // of which there is no 0
	_, _, err := c.x.TakeBack(id, by, r.PostForm.Get("reason"))
	c.cleared(w, r, err, answering{To: fmt.Sprint("clearance-", id), Reason: r.PostForm.Get("reason")})
}

func (c *console) cleared(w http.ResponseWriter, r *http.Request, err error, said answering) {
	why, refused := exchange.AsClearRefusal(err)
	c.recorded(w, r, err, refused, why.Error(), "/likenesses", func(status int, problem string) {
		said.Problem = problem
		c.likenesses(w, r, status, said)
	})
}
