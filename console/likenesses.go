package console

import (
	"net/http"
	"time"

	"sallyport/exchange"
)

// A likenessPage shows the open questions of who resembles whom, and the answered ones.
type likenessPage struct {
	Open    []openLikeness
	More    int // beyond Open
	Cleared []clearedRow
	Hidden  int // beyond Cleared
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

type clearedRow struct {
	*exchange.ClearanceRecord
	Why string // it ended, or ""
}

const shownLikenesses = 200

func (c *console) likenesses(w http.ResponseWriter, r *http.Request) {
	var p likenessPage
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
	c.show(w, http.StatusOK, "likenesses", "Likenesses", "likenesses", p)
}
