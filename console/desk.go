package console

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// A desk is the exchange at a glance. Each piece of the page is rendered from it alone.
type desk struct {
	Top       top
	Summary   exchange.Summary
	Rate      string // trades a second just now, or ""
	Segments  []segment
	Feed      []line
	Stops     []stop
	Editions  []editionRow
	InForce   int // rules
	Marks     []mark
	Next      []mark // what the rules say will begin or end
	Totals    []total
	Unbalance []string // assets whose sum is not zero
	Markets   []market
}

// A segment is the customers of one standing, in the bar.
type segment struct {
	Verb      law.Verb
	Customers int
	X, Width  int // of barWidth
}

const (
	barWidth = 1000
	leastBar = 8 // a customer of two thousand is still to be seen
	barGap   = 3
)

// A stop is a rule that stops or limits customers now.
type stop struct {
	Rule      string
	Law       *law.Rule // nil when the rule set in force has it no more
	Customers int
}

type editionRow struct {
	exchange.EditionInForce
	Published time.Time
	Age       string
	Hash      string
	Silent    time.Time // when it was confirmed last, if it has fallen silent
}

type mark struct {
	Rule, Title string
	Part        string // "" for the rule itself, "the wind-down of", or "licence ID of"
	Begins      bool
	At          time.Time
	Seq         uint64
}

type total struct {
	Code    string
	Pockets []money.Amount
	Fees    money.Amount
	Outside money.Amount
	Zero    bool
}

type market struct {
	exchange.MarketSummary
	Base, Quote string
	Rows        []depthRow
}

// Closed says what customers cannot do in the market, or "" while it is open.
func (m market) Closed() string {
	switch m.Phase {
	case tape.CancelOnly:
		return "closed to new orders"
	case tape.Halted:
		return "halted"
	}
	return ""
}

// A depthRow is one line of the book: the n-th best bid and ask.
type depthRow struct {
	Bid, Ask       exchange.Level
	HasBid, HasAsk bool
	BidBar, AskBar int // 0 to 100, against the largest quantity shown
}

const depthRows = 4

// look reads what the desk shows.
func (c *console) look() desk {
	v := c.x.View()
	d := desk{Top: c.top(), Summary: v.Summary()}
	d.Segments = segments(d.Summary.Standings)
	d.Feed = c.feed()
	rules := c.x.Rules()
	for _, s := range d.Summary.Stops {
		r, _ := rules.Rule(s.Rule)
		d.Stops = append(d.Stops, stop{s.Rule, r, s.Customers})
	}
	d.Editions = editionRows(d.Summary.Editions, c.x.Silent(), d.Top.Now)
	d.InForce = len(c.inForce(d.Top.Now))
	d.Marks, d.Next = c.hours(d.Summary.RuleMarks, d.Top.Now)
	d.Totals, d.Unbalance = totals(d.Summary.Totals)
	g := v.Genesis()
	for i, m := range d.Summary.Markets {
		row := market{MarketSummary: m, Base: g.Assets[g.Markets[i].Base].Code, Quote: g.Assets[g.Markets[i].Quote].Code}
		bids, asks, _ := v.Depth(uint16(i), depthRows)
		row.Rows = depth(bids, asks)
		d.Markets = append(d.Markets, row)
	}
	return d
}

// order of standings in the bar and wherever they are listed: from free to frozen.
func standings() []law.Verb {
	return []law.Verb{law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze, law.Refuse}
}

// segments divides the bar by standing; whoever is there gets a piece that can be seen.
func segments(by map[law.Verb]int) []segment {
	of := func(v law.Verb) int {
		if v == law.Refuse {
			return by[law.Refuse] + by[law.Reject]
		}
		return by[v]
	}
	all, present := 0, 0
	for _, v := range standings() {
		if of(v) > 0 {
			all, present = all+of(v), present+1
		}
	}
	if all == 0 {
		return nil
	}
	room := barWidth - present*leastBar - (present-1)*barGap
	var ss []segment
	x := 0
	for _, v := range standings() {
		n := of(v)
		if n == 0 && (v == law.Cap || v == law.Refuse) {
			continue // not every story has them
		}
		s := segment{Verb: v, Customers: n, X: x}
		if n > 0 {
			s.Width = leastBar + room*n/all
			x += s.Width + barGap
		}
		ss = append(ss, s)
	}
	return ss
}

func editionRows(es []exchange.EditionInForce, silent []exchange.SilentList, now time.Time) []editionRow {
	var rows []editionRow
	for _, e := range es {
		published := time.UnixMicro(e.TakeEdition.Published).UTC()
		row := editionRow{EditionInForce: e, Published: published, Age: age(published, now), Hash: fmt.Sprintf("%x", e.SHA256)}
		for _, s := range silent {
			if s.List == e.List {
				row.Silent = s.Confirmed
			}
		}
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b editionRow) int { return strings.Compare(a.List, b.List) })
	return rows
}

// inForce is every rule that acts now for some operator here, by id.
func (c *console) inForce(now time.Time) map[string]*law.Rule {
	in := map[string]*law.Rule{}
	for _, op := range c.x.View().Genesis().Operators {
		for _, a := range law.Actions() {
			for _, r := range c.x.Rules().InForce(now, op.Nexus, a) {
				in[r.ID] = r
			}
		}
		for _, r := range c.x.Rules().Bars(now, op.Nexus) {
			in[r.ID] = r
		}
	}
	return in
}

// bindsHere reports whether the rule binds some operator of this exchange: of the others'
// hours the log tells, and the page of each rule.
func (c *console) bindsHere(rule string) bool {
	r, ok := c.x.Rules().Rule(rule)
	return !ok || slices.ContainsFunc(c.x.View().Genesis().Operators, func(o tape.Operator) bool { return r.BindsAny(o.Nexus) })
}

const shownHours = 6

// hours is what the log last marked of the rules' beginnings and ends, newest first, and
// what comes next.
func (c *console) hours(marks []exchange.RuleMark, now time.Time) (past, next []mark) {
	rules := c.x.Rules()
	for i := len(marks) - 1; i >= 0 && len(past) < shownHours; i-- {
		if m := marks[i]; c.bindsHere(m.Rule) {
			past = append(past, markOf(rules, m))
		}
	}
	for _, e := range rules.Events(now, now.AddDate(10, 0, 0)) {
		if len(next) == 3 {
			break
		}
		if !c.bindsHere(e.Rule) {
			continue
		}
		r, _ := rules.Rule(e.Rule) // events are of the set's own rules
		next = append(next, mark{Rule: e.Rule, Title: r.Title, Part: partOf(e.Part), Begins: !e.Ends, At: e.At})
	}
	return past, next
}

// markOf is a mark of the log, in the zone of its rule's instrument.
func markOf(rules *law.Set, m exchange.RuleMark) mark {
	out := mark{Rule: m.Rule, Part: partOf(m.Part), Begins: m.Begins, At: time.UnixMicro(m.At).UTC(), Seq: m.Seq}
	if r, ok := rules.Rule(m.Rule); ok {
		out.Title = r.Title
		for _, e := range r.Events() {
			if e.At.Equal(out.At) {
				out.At = e.At
			}
		}
	}
	return out
}

// partOf names a part of a rule before the rule's title.
func partOf(part string) string {
	switch part {
	case "":
		return ""
	case "wind-down":
		return "the wind-down of"
	}
	return "licence " + part + " of"
}

func totals(ts []exchange.AssetTotal) (rows []total, off []string) {
	for _, t := range ts {
		row := total{Code: t.Code, Fees: t.Fees, Outside: t.Outside, Zero: true}
		sum, err := t.Pockets.Total()
		for p := range ledger.Pockets {
			row.Pockets = append(row.Pockets, t.Pockets[p])
		}
		for _, a := range []money.Amount{t.Fees, t.Outside} {
			if err == nil {
				sum, err = sum.Add(a)
			}
		}
		if err != nil || !sum.IsZero() {
			row.Zero = false
			off = append(off, t.Code)
		}
		rows = append(rows, row)
	}
	return rows, off
}

func depth(bids, asks []exchange.Level) []depthRow {
	var most money.Amount
	for _, l := range slices.Concat(bids, asks) {
		if most.Less(l.Quantity) {
			most = l.Quantity
		}
	}
	bar := func(q money.Amount) int {
		part, err := q.Mul(money.Int(100), money.Down)
		if err != nil || most.IsZero() {
			return 0
		}
		n, err := part.Quo(most, money.Int(1))
		if err != nil {
			return 0
		}
		return int(n.Whole())
	}
	rows := make([]depthRow, max(len(bids), len(asks)))
	for i := range rows {
		if i < len(bids) {
			rows[i].Bid, rows[i].HasBid, rows[i].BidBar = bids[i], true, bar(bids[i].Quantity)
		}
		if i < len(asks) {
			rows[i].Ask, rows[i].HasAsk, rows[i].AskBar = asks[i], true, bar(asks[i].Quantity)
		}
	}
	return rows
}

// A line of the feed: one happening, or many of one kind and cause that came together.
type line struct {
	Day   bool   // of another day than the clock's
	ID    string // of the element, the same while the line grows
	Kind  string
	Text  string
	At    time.Time
	Seq   uint64
	Link  string // id of the decision, for a line of one
	Of    []account
	Count int // happenings in the line
	More  int // beyond Of
}

// an account and the decision about it.
type account struct {
	Number   uint64
	Decision string
}

const (
	feedLines   = 40
	bunch       = 2  // so many of one kind and cause in a row become one line
	shownInLine = 60 // accounts named in such a line
)

// feed is what just happened, newest first. Withdrawals that went out as permitted are one
// line, wherever they stand; stops are never hidden behind them.
func (c *console) feed() []line {
	v := c.x.View()
	hs := slices.DeleteFunc(v.Feed(0), func(h exchange.Happening) bool { return h.Rule != "" && !c.bindsHere(h.Rule) })
	slices.Reverse(hs)
	cut := len(hs) > 0 && hs[len(hs)-1].N > 1
	var lines []line
	var out *line
	for i := 0; i < len(hs) && len(lines) < feedLines; {
		if hs[i].Out {
			if out == nil {
				lines = append(lines, line{ID: "went-out", Kind: "withdrawal", At: hs[i].At, Seq: hs[i].Seq, Text: hs[i].Text, Link: hs[i].Decision})
				out = &line{}
			}
			out.Count++
			i++
			continue
		}
		n := 1
		for i+n < len(hs) && alike(hs[i], hs[i+n]) && !hs[i+n].Out {
			n++
		}
		if n < bunch {
			n = 1
		}
		l := c.lineOf(hs[i : i+n])
		if cut && i+n == len(hs) && n > 1 {
			l.Text = "At least " + l.Text // the view has forgotten what came before
		}
		lines = append(lines, l)
		i += n
	}
	now := c.x.Now().Format(time.DateOnly)
	for i := range lines {
		lines[i].Day = lines[i].At.UTC().Format(time.DateOnly) != now
		if lines[i].ID == "went-out" && out.Count > 1 {
			lines[i].Count = out.Count
			lines[i].Text = count(out.Count, "withdrawal") + " went out as permitted; the last: " + lines[i].Text
		}
	}
	return lines
}

// alike reports whether two happenings are one thing that befell two customers: the same
// answer to the same question, for the same cause.
func alike(a, b exchange.Happening) bool {
	return a.Decision != "" && b.Decision != "" && a.Kind == b.Kind && a.Action == b.Action && cause(a) == cause(b)
}

// lineOf makes one line of happenings that are alike, newest first.
func (c *console) lineOf(hs []exchange.Happening) line {
	h := hs[0]
	l := line{ID: fmt.Sprintf("happening-%d", hs[len(hs)-1].N), Kind: h.Kind, Text: h.Text, At: h.At, Seq: h.Seq, Link: h.Decision, Count: len(hs)}
	moves := (h.Action == law.Deposit || h.Action == law.Withdraw) && h.Kind == h.Verdict.String()
	why := ""
	if s := cause(h); s != "" {
		why = ": " + s
	}
	if len(hs) == 1 {
		if moves {
			a, _ := c.x.View().Account(h.Account)
			l.Text = c.sentence(&gate.Decision{Action: h.Action, Verdict: h.Verdict, Account: h.Account, Operator: a.Operator.Name}) + why
		}
		return l
	}
	l.Link = ""
	for _, o := range hs {
		if len(l.Of) == shownInLine {
			l.More = len(hs) - shownInLine
			break
		}
		l.Of = append(l.Of, account{o.Account, o.Decision})
	}
	slices.Reverse(l.Of)
	switch {
	case moves:
		noun := "deposit"
		if h.Action == law.Withdraw {
			noun = "withdrawal"
		}
		l.Text = count(len(hs), noun) + " were " + verdictWord(h.Verdict) + why
	case h.Kind == "withdrawal":
		l.Text = count(len(hs), "withdrawal") + " were ended before they left"
	case h.Action == law.OpenAccount && (h.Verdict == law.Refuse || h.Verdict == law.Reject):
		l.Text = count(len(hs), "applicant") + " were refused an account" + why
	default:
		l.Text = count(len(hs), "customer") + " " + plural(h.Kind) + why
	}
	return l
}

// plural says how several customers stand now.
func plural(kind string) string {
	switch kind {
	case "freeze":
		return "are frozen"
	case "hold":
		return "are held for a person to look"
	case "exit":
		return "are leaving: they take their assets out, nothing is frozen"
	case "cap":
		return "are capped: they withdraw only while above the value"
	case "release":
		return "are free again"
	case "refuse", "reject":
		return "are refused all service"
	}
	return kind
}

// cause is the law that a happening's text ends with: what stands after its first colon, and
// after the verdict where that stands there too.
func cause(h exchange.Happening) string {
	_, why, _ := strings.Cut(h.Text, ": ")
	return strings.TrimPrefix(strings.TrimPrefix(why, h.Kind), ": ")
}

func (c *console) desk(w http.ResponseWriter, r *http.Request) {
	d, _ := c.shared.take(c)
	c.show(w, r, http.StatusOK, "desk", "The desk", "desk", d)
}

// shared is the desk as last read, so that many readers cost as much as one.
type shared struct {
	mu      sync.Mutex
	read    time.Time // by the machine's clock
	desk    desk
	pieces  map[string]string
	samples []sample
}

// A sample is the count of trades at a moment, for the rate.
type sample struct {
	at     time.Time
	trades uint64
}

const rateOver = 5 * time.Second

// take reads the desk, at most once a pace, and renders its pieces.
func (s *shared) take(c *console) (desk, map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.pieces != nil && now.Sub(s.read) < c.o.Pace {
		return s.desk, s.pieces
	}
	d := c.look()
	s.samples = append(s.samples, sample{now, d.Summary.Trades})
	for len(s.samples) > 2 && now.Sub(s.samples[1].at) >= rateOver {
		s.samples = s.samples[1:]
	}
	d.Rate = rate(s.samples)
	s.desk, s.read, s.pieces = d, now, c.render(&d)
	return s.desk, s.pieces
}

// rate is trades a second over the samples, by the machine's clock; a story's clock runs as
// it likes. Samples that lie far apart say nothing of just now.
func rate(ss []sample) string {
	if len(ss) < 2 {
		return ""
	}
	first, last := ss[0], ss[len(ss)-1]
	took := last.at.Sub(first.at)
	if took <= 0 || took > 2*rateOver {
		return ""
	}
	perSecond := float64(last.trades-first.trades) / took.Seconds()
	if perSecond >= 10 {
		return grouped(int(perSecond + 0.5))
	}
	return fmt.Sprintf("%.1f", perSecond)
}

// pieces are the parts of the desk that /events keeps new: the id of an element and the
// template of its content. The page renders them in the same way.
var pieces = []string{"top", "figures", "standings", "stops", "feed", "editions", "hours", "balances", "markets"}

func (c *console) render(d *desk) map[string]string {
	out := map[string]string{}
	for _, name := range pieces {
		var b bytes.Buffer
		if err := c.pieces.ExecuteTemplate(&b, "piece-"+name, d); err != nil {
			panic(fmt.Sprintf("console: piece %s: %v", name, err))
		}
		out[name] = plain(b.String())
	}
	return out
}
