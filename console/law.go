package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
)

// A ruleRow is a rule and how it stands at an hour.
type ruleRow struct {
	*law.Rule
	State     string // "in force", "not yet", "ended", "set aside by a later rule", "proposed", "repealed", "binds no operator here"
	Customers int    // who stand under it now
}

// A ruleGroup is the rules of one state.
type ruleGroup struct {
	Name, Doc string
	Rules     []ruleRow
}

type rulesPage struct {
	SHA256 string
	Taken  bool // it is the one that the log took up
	Count  int
	Groups []ruleGroup
}

var ruleStates = [...]struct{ state, doc string }{
	{"in force", "They act now for at least one operator here."},
	{"not yet in force", "Enacted, and waiting for their hour."},
	{"superseded", "A later rule in force acts in their place."},
	{"ended", "Their last hour is past."},
	{"binding no operator here", "In force, but for operators under another law."},
	{"proposed", "Not law yet: they never act."},
	{"noted", "Law that was read and gives the gate nothing to decide; each says why."},
	{"repealed", "They never act, and keep their names."},
}

func (c *console) ruleState(r *law.Rule, in map[string]*law.Rule, now time.Time) string {
	switch {
	case in[r.ID] != nil:
		return "in force"
	case r.State == law.Proposed:
		return "proposed"
	case r.State == law.Repealed:
		return "repealed"
	case r.State == law.Noted:
		return "noted"
	case now.Before(r.EffectiveAt):
		return "not yet in force"
	case !r.EndsAt.IsZero() && !now.Before(r.EndsAt):
		return "ended"
	}
	for _, other := range in {
		if slices.Contains(other.Supersedes, r.ID) {
			return "superseded"
		}
	}
	return "binding no operator here"
}

func (c *console) rules(w http.ResponseWriter, r *http.Request) {
	now, set, sum := c.x.Now(), c.x.Rules(), c.x.View().Summary()
	in := c.inForce(now)
	p := rulesPage{SHA256: set.SHA256(), Taken: set.SHA256() == hex.EncodeToString(sum.Rules[:]), Count: len(set.Rules())}
	for _, s := range ruleStates {
		g := ruleGroup{Name: s.state, Doc: s.doc}
		for _, rule := range set.Rules() {
			if c.ruleState(rule, in, now) == s.state {
				g.Rules = append(g.Rules, ruleRow{rule, s.state, stopped(sum, rule.ID)})
			}
		}
		if len(g.Rules) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	c.show(w, r, http.StatusOK, "rules", "Rules", "rules", p)
}

func stopped(s exchange.Summary, rule string) int {
	for _, rc := range s.Stops {
		if rc.Rule == rule {
			return rc.Customers
		}
	}
	return 0
}

type rulePage struct {
	ruleRow
	Docs     []law.FactDoc
	Marks    []mark // the log's
	Under    []account
	More     int
	Actions  []string
	Silences []string // rules that it supersedes
}

const shownUnder = 200

func (c *console) rule(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	v, set, now := c.x.View(), c.x.Rules(), c.x.Now()
	rule, ok := set.Rule(id)
	if !ok {
		var near []nearby
		for _, o := range set.Rules() {
			if stem, _, _ := strings.Cut(id, "-"); stem != "" && strings.HasPrefix(o.ID, stem+"-") {
				near = append(near, nearby{"/rules/" + o.ID, o.ID + ": " + o.Title})
			}
		}
		c.missing(w, r, "No such rule", "The rule set in force has no rule "+id+".", near)
		return
	}
	sum := v.Summary()
	p := rulePage{ruleRow: ruleRow{rule, c.ruleState(rule, c.inForce(now), now), stopped(sum, id)}, Docs: docs(rule.Reads()), Silences: rule.Supersedes}
	for i := len(sum.RuleMarks) - 1; i >= 0; i-- {
		if m := sum.RuleMarks[i]; m.Rule == id {
			p.Marks = append(p.Marks, markOf(set, m))
		}
	}
	for _, a := range rule.Actions {
		p.Actions = append(p.Actions, actionWord(a))
	}
	for _, n := range v.StoppedBy(id) {
		if len(p.Under) == shownUnder {
			p.More++
			continue
		}
		a, _ := v.Account(n)
		p.Under = append(p.Under, account{n, hex.EncodeToString(a.Standing.Decision[:])})
	}
	c.show(w, r, http.StatusOK, "rule", rule.Title, "rules", p)
}

func (c *console) lists(w http.ResponseWriter, r *http.Request) {
	now := c.x.Now()
	c.show(w, r, http.StatusOK, "lists", "Lists", "lists", struct{ Editions []editionRow }{editionRows(c.x.View().Summary().Editions, c.x.Silent(), now)})
}

type customerPage struct {
	exchange.Account
	Applicant bool // no account: the number stands for a refused applicant
	Decision  string
	Since     time.Time
	Cites     []gate.Fired
	Holdings  []holding
	Orders    int
	Trades    int
	Movements []movement
	History   []decisionRow
	Hold      *gate.HoldTerms
	Overdue   string
	Licences  []exchange.LicenceRecord // newest first
	Fees      exchange.Volume
}

// A holding is an account's balance of one asset.
type holding struct {
	Code    string
	Pockets []money.Amount
	Sum     money.Amount
}

// A movement is a deposit or a withdrawal, without the addresses.
type movement struct {
	At       time.Time
	What     string
	Amount   money.Amount
	Code     string
	Became   string
	Decision string
}

const (
	shownHistory   = 100
	shownMovements = 50
)

func (c *console) customer(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.ParseUint(r.PathValue("account"), 10, 64)
	if err != nil {
		c.missing(w, r, "No such customer", "A customer is shown by account number, such as /customers/"+strconv.Itoa(int(ledger.First))+".", nil)
		return
	}
	v := c.x.View()
	a, ok := v.Account(n)
	ds := v.Recent(recentDecisions, func(d *gate.Decision) bool { return d.Account == n })
	if !ok && len(ds) == 0 {
		c.missing(w, r, "No such customer", "There is no account "+strconv.FormatUint(n, 10)+" here.", nil)
		return
	}
	p := customerPage{Account: a, Applicant: !ok}
	p.Number = n
	if ok {
		d, err := v.Standing(n)
		if err != nil && !errors.Is(err, exchange.ErrNoDecision) {
			c.unread(w, r, err)
			return
		}
		if err == nil {
			ds = append(ds, d)
			p.Decision, p.Since, p.Cites = d.Decision.ID, d.At, append(slices.Clone(d.Decision.Fired), d.Decision.Unknown...)
			if p.Hold = d.Decision.Hold; p.Hold != nil && c.x.Now().After(p.Hold.Due) {
				p.Overdue = age(p.Hold.Due, c.x.Now())
			}
		}
		p.Licences, p.Fees = v.Licences(n), v.Volume(n)
		p.Orders, p.Trades = len(v.Orders(n, true)), len(v.Trades(n))
		g := v.Genesis()
		for i, b := range a.Balances {
			h := holding{Code: g.Assets[i].Code}
			for q := range ledger.Pockets {
				h.Pockets = append(h.Pockets, b[q])
			}
			h.Sum, _ = b.Total()
			p.Holdings = append(p.Holdings, h)
		}
		var moved []string // decisions on what came and went
		for _, d := range v.Deposits(n) {
			moved = append(moved, hex.EncodeToString(d.Decision[:]))
			p.Movements = append(p.Movements, movement{time.UnixMicro(d.Created).UTC(), "deposit", d.Amount, g.Assets[d.Asset].Code, "credited as " + pocketWord(d.Pocket), fmt.Sprintf("%x", d.Decision)})
		}
		for _, o := range v.Withdrawals(n) {
			moved = append(moved, hex.EncodeToString(o.Decision[:]))
			p.Movements = append(p.Movements, movement{time.UnixMicro(o.Updated).UTC(), "withdrawal", o.Amount, g.Assets[o.Asset].Code, o.Status.String(), fmt.Sprintf("%x", o.Decision)})
		}
		slices.SortStableFunc(p.Movements, func(a, b movement) int { return b.At.Compare(a.At) })
		p.Movements = p.Movements[:min(len(p.Movements), shownMovements)]
		on, err := v.Decisions(moved, shownHistory)
		if err != nil {
			c.unread(w, r, err)
			return
		}
		ds = append(ds, on...)
	}
	ds = newestFirst(ds)
	if !ok && len(ds) > 0 {
		p.Operator = c.operator(ds[0].Decision.Operator)
		p.Decision = ds[0].Decision.ID
	}
	p.History = c.decisionRows(ds[:min(len(ds), shownHistory)])
	c.show(w, r, http.StatusOK, "customer", "Customer "+strconv.FormatUint(n, 10), "", p)
}
