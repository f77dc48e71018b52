package console

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// A decisionPage shows one decision whole.
type decisionPage struct {
	*exchange.DecisionRecord
	Sentence   string // before the time
	Told       []told
	Operator   tape.Operator
	Account    bool // there is one of this number
	Standing   bool // the customer stands under this decision now
	Later      string
	Fired      []firedRule
	Exempted   []firedRule
	Unknown    []firedRule
	Tried      []triedRule
	Findings   []finding
	Facts      []fact
	Editions   []editionRef
	SameRules  bool // the rule set of the decision is the one in force
	Overdue    bool
	OverdueFor string
	Command    string
	Raw        string
}

// told is what the customer is told, in one language.
type told struct {
	Language string // BCP 47
	Name     string
	Lines    []string
}

// A firedRule is a rule as the decision cites it, with what the rule set says of it now.
type firedRule struct {
	gate.Fired
	Rule *law.Rule // nil when the decision was made under another rule set
	Docs []law.FactDoc
}

type triedRule struct {
	ID, Title string
	Result    string // "fired", "exempt", "could not be read", "does not apply"
}

type finding struct {
	match.Finding
	Starter bool
	Score   string
	Width   int // of 100
	Reasons []reason
	Cleared *exchange.ClearanceRecord // by which the decision left it out of the facts
	Again   []gate.Lapse              // clearances that there were
}

// A reason's bar begins at the middle and goes right for and left against.
type reason struct {
	match.Reason
	X, Width int // of 200
	Against  bool
}

type fact struct {
	Name, Value, Doc string
	Known            bool
	Read             bool // by a rule that fired, exempted or could not be read
}

type editionRef struct {
	gate.EditionRef
	Starter bool
	InForce bool
	Stale   bool // it had fallen silent when the decision was made
}

func (c *console) decision(w http.ResponseWriter, r *http.Request) {
	id, raw := strings.CutSuffix(r.PathValue("id"), ".json")
	rec, err := c.x.View().Decision(id)
	none := errors.Is(err, exchange.ErrNoDecision)
	switch {
	case none && raw:
		http.Error(w, "no decision of this id stands in the log", http.StatusNotFound)
	case err != nil && raw:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	case err != nil && !none:
		c.unread(w, r, err)
	case none:
		c.missing(w, r, "No such decision", "No decision with the id "+id+" stands in this log. An id is 64 hexadecimal digits, and belongs to the log of one exchange.", c.like(id))
	case raw:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		body := rec.Body()
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Cache-Control", "no-store")
		w.Write(body)
	default:
		p := c.decisionPage(rec)
		c.show(w, r, http.StatusOK, "decision", title(p.Sentence), "decisions", p)
	}
}

// like finds decisions whose id begins as the given one does.
func (c *console) like(id string) []nearby {
	const least, most = 6, 5
	if len(id) < least {
		return nil
	}
	var near []nearby
	v := c.x.View()
	all := v.Known(func(k *exchange.Known) bool {
		return strings.HasPrefix(hex.EncodeToString(k.ID[:]), strings.ToLower(id))
	})
	for _, seq := range all[:min(len(all), most)] {
		if r, err := v.DecisionAt(seq); err == nil {
			near = append(near, nearby{"/decisions/" + r.Decision.ID, c.sentence(&r.Decision)})
		}
	}
	return near
}

// recentDecisions is more than the view keeps in its list of newest decisions.
const recentDecisions = 1 << 16

// newestFirst sorts and takes out what is there twice.
func newestFirst(rs []*exchange.DecisionRecord) []*exchange.DecisionRecord {
	slices.SortFunc(rs, func(a, b *exchange.DecisionRecord) int { return cmp.Compare(b.Seq, a.Seq) })
	return slices.CompactFunc(rs, func(a, b *exchange.DecisionRecord) bool { return a.Seq == b.Seq })
}

func (c *console) decisionPage(rec *exchange.DecisionRecord) decisionPage {
	d := &rec.Decision
	v, now := c.x.View(), c.x.Now()
	set := c.x.Rules()
	p := decisionPage{DecisionRecord: rec, Sentence: c.sentence(d), Operator: c.operator(d.Operator), SameRules: set.SHA256() == d.Rules}
	if a, ok := v.Account(d.Account); ok {
		p.Account = true
		now := hex.EncodeToString(a.Standing.Decision[:])
		p.Standing = now == d.ID
		if d.Action == law.Review || d.Action == law.OpenAccount {
			p.Later = now
		}
	}
	cited := func(fs []gate.Fired) []firedRule {
		var out []firedRule
		for _, f := range fs {
			fr := firedRule{Fired: f}
			if r, ok := set.Rule(f.Rule); ok && p.SameRules {
				fr.Rule = r
				fr.Docs = docs(r.Reads())
			}
			out = append(out, fr)
		}
		return out
	}
	for _, l := range []told{{Language: string(gate.English), Name: "English"}, {Language: string(gate.Russian), Name: "Русский"}} {
		l.Lines = strings.Split(strings.TrimSpace(gate.Explain(*d, gate.Language(l.Language), gate.Customer)), "\n")
		p.Told = append(p.Told, l)
	}
	// The rules that gave the verdict come first.
	fired := slices.Clone(d.Fired)
	slices.SortStableFunc(fired, func(a, b gate.Fired) int { return cmp.Compare(rank(a, d), rank(b, d)) })
	p.Fired, p.Exempted, p.Unknown = cited(fired), cited(d.Exempted), cited(d.Unknown)
	p.Tried = tried(d, set)
	p.Editions = c.editionRefs(d)
	p.Findings = c.findings(d)
	p.Facts = facts(d, set)
	if d.Hold != nil && p.Standing && now.After(d.Hold.Due) {
		p.Overdue, p.OverdueFor = true, age(d.Hold.Due, now)
	}
	p.Command = "sallyport verify --data " + shellWord(cmp.Or(c.o.DataDir, "DIR"))
	var indented bytes.Buffer
	if json.Indent(&indented, rec.Body(), "", "  ") == nil {
		p.Raw = indented.String()
	} else {
		p.Raw = string(rec.Body())
	}
	return p
}

func rank(f gate.Fired, d *gate.Decision) int {
	if f.Verb == d.Verdict {
		return 0
	}
	return 1
}

func (c *console) operator(name string) tape.Operator {
	for _, o := range c.x.View().Genesis().Operators {
		if o.Name == name {
			return o
		}
	}
	return tape.Operator{Name: name, Title: name}
}

// sentence says what was decided, for whom and by which operator, without the time.
func (c *console) sentence(d *gate.Decision) string {
	op, n := c.operator(d.Operator).Title, strconv.FormatUint(d.Account, 10)
	switch d.Action {
	case law.OpenAccount:
		switch d.Verdict {
		case law.Allow, law.Release:
			return op + " opened account " + n + ", free of any stop"
		case law.Refuse, law.Reject:
			return op + " refused to open an account for applicant " + n
		case law.Hold:
			return op + " opened account " + n + " and holds it until a person has looked"
		case law.Freeze:
			return op + " opened account " + n + " and froze it"
		case law.Exit:
			return op + " opened account " + n + " for withdrawals alone"
		case law.Cap:
			return op + " opened account " + n + " under a cap"
		}
	case law.Review:
		switch d.Verdict {
		case law.Allow, law.Release:
			return "Account " + n + " of " + op + " is free"
		case law.Freeze:
			return "Account " + n + " of " + op + " was frozen"
		case law.Hold:
			return "Account " + n + " of " + op + " was held for a person to look"
		case law.Exit:
			return "Account " + n + " of " + op + " must leave: it takes its assets out, nothing is frozen"
		case law.Cap:
			return "Account " + n + " of " + op + " was capped: it withdraws only, while it holds more than the law's value"
		case law.Refuse, law.Reject:
			return "Account " + n + " of " + op + " was refused all service"
		}
	}
	act := actionWord(d.Action)
	verb := verdictWord(d.Verdict)
	if d.Action.OfCustomer() && (d.Verdict == law.Exit || d.Verdict == law.Cap) {
		verb = "allowed" // of one movement: assets may go out
	}
	if d.Verdict == law.AssetBan || d.Verdict == law.PlatformBan {
		verb = "forbidden"
	}
	if d.About != "" {
		act += ", " + d.About + ","
	}
	by := "account " + n + " of " + op
	if d.Account == 0 {
		by = op // its own question, and no customer's
	}
	return strings.ToUpper(act[:1]) + act[1:] + " by " + by + " was " + verb
}

// title is a sentence short enough for a window's title.
func title(sentence string) string {
	short, _, _ := strings.Cut(sentence, ": ")
	return short
}

func docs(names []string) []law.FactDoc {
	var out []law.FactDoc
	for _, doc := range law.Schema() {
		if slices.Contains(names, doc.Name) {
			out = append(out, doc)
		}
	}
	return out
}

func tried(d *gate.Decision, set *law.Set) []triedRule {
	has := func(fs []gate.Fired, id string) bool {
		return slices.ContainsFunc(fs, func(f gate.Fired) bool { return f.Rule == id })
	}
	var out []triedRule
	for _, id := range d.Tried {
		t := triedRule{ID: id, Result: "does not apply"}
		if r, ok := set.Rule(id); ok {
			t.Title = r.Title
		}
		switch {
		case has(d.Fired, id):
			t.Result = "fired"
		case has(d.Exempted, id):
			t.Result = "exempt"
		case has(d.Unknown, id):
			t.Result = "could not be read"
		}
		out = append(out, t)
	}
	return out
}

func (c *console) editionRefs(d *gate.Decision) []editionRef {
	var out []editionRef
	for _, e := range d.Editions {
		ref := editionRef{EditionRef: e, Stale: slices.Contains(d.Stale, e.List)}
		for _, in := range c.x.View().Summary().Editions {
			if in.List == e.List && hex.EncodeToString(in.SHA256[:]) == e.SHA256 {
				ref.InForce, ref.Starter = true, in.Starter
			}
		}
		ref.Starter = ref.Starter || c.starter(e.List)
		out = append(out, ref)
	}
	return out
}

// starter reports whether the list's edition in force is a starter; a store never replaces a
// real edition by a starter, so what came before a starter was one too.
func (c *console) starter(list string) bool {
	for _, in := range c.x.View().Summary().Editions {
		if in.List == list {
			return in.Starter
		}
	}
	return false
}

func (c *console) findings(d *gate.Decision) []finding {
	var out []finding
	for _, f := range d.Findings {
		row := c.finding(f)
		if i := slices.IndexFunc(d.Cleared, func(x gate.Clearance) bool { return x.Covers(&f) }); i >= 0 {
			row.Cleared = c.clearance(d.Account, d.Cleared[i].ID)
		}
		for _, l := range d.Lapsed {
			if l.Covers(&f) {
				row.Again = append(row.Again, l)
			}
		}
		out = append(out, row)
	}
	return out
}

// finding is one finding with its reasons as bars.
func (c *console) finding(f match.Finding) finding {
	row := finding{Finding: f, Starter: c.starter(f.List), Score: scoreWord(f.Score), Width: int(min(max(f.Score, 0), 1)*100 + 0.5)}
	most := 0.0
	for _, r := range f.Reasons {
		most = max(most, r.Effect, -r.Effect)
	}
	for _, r := range f.Reasons {
		re := reason{Reason: r, X: 100, Against: r.Effect < 0}
		if most > 0 {
			re.Width = int(max(r.Effect, -r.Effect)/most*96 + 0.5)
		}
		if r.Effect != 0 {
			re.Width = max(re.Width, 2)
		}
		if re.Against {
			re.X = 100 - re.Width
		}
		row.Reasons = append(row.Reasons, re)
	}
	return row
}

// clearance is one of an account's, or nil.
func (c *console) clearance(account, id uint64) *exchange.ClearanceRecord {
	for _, r := range c.x.View().Clearances(account) {
		if r.ID == id {
			return &r
		}
	}
	return nil
}

// facts is every fact of the decision and, as unknown, those that a rule it tried would have
// read; by name.
func facts(d *gate.Decision, set *law.Set) []fact {
	read := map[string]bool{}
	for _, fs := range [][]gate.Fired{d.Fired, d.Exempted, d.Unknown} {
		for _, f := range fs {
			if r, ok := set.Rule(f.Rule); ok {
				for _, name := range r.Reads() {
					read[name] = true
				}
			}
		}
	}
	wanted := map[string]bool{}
	for _, f := range d.Unknown {
		for _, name := range f.Missing {
			wanted[name] = true
		}
	}
	for _, id := range d.Tried {
		if r, ok := set.Rule(id); ok {
			for _, name := range r.Reads() {
				wanted[name] = true
			}
		}
	}
	var out []fact
	for _, doc := range law.Schema() {
		known := d.Facts.Known(doc.Name)
		if !known && !wanted[doc.Name] {
			continue
		}
		out = append(out, fact{Name: doc.Name, Value: factValue(d.Facts, doc), Doc: doc.Text, Known: known, Read: read[doc.Name]})
	}
	return out
}

func factValue(f law.Facts, doc law.FactDoc) string {
	if !f.Known(doc.Name) {
		return "not known"
	}
	switch doc.Type {
	case law.TextFact:
		s, _ := f.Text(doc.Name)
		return cmp.Or(s, "none")
	case law.TextsFact:
		ss, _ := f.Texts(doc.Name)
		return cmp.Or(strings.Join(ss, ", "), "none")
	case law.NumberFact:
		n, _ := f.Number(doc.Name)
		if strings.HasSuffix(doc.Name, "_eur_cents") {
			return fmt.Sprintf("EUR %s.%02d", grouped(n/100), n%100)
		}
		return grouped(n)
	case law.SharesFact:
		m, _ := f.Shares(doc.Name)
		var parts []string
		for list, bp := range m {
			parts = append(parts, fmt.Sprintf("%s: %d.%02d %%", list, bp/100, bp%100))
		}
		slices.Sort(parts)
		return cmp.Or(strings.Join(parts, ", "), "none")
	}
	return "known"
}

// shellWord quotes a path for a shell where it needs it.
func shellWord(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// A decisionList is a page of decisions.
type decisionList struct {
	Verdict law.Verb
	Rule    string
	Rows    []decisionRow
	Found   int
	All     int // in the log
	Older   string
	First   string // href of the newest page, or "" on it
	Rules   []*law.Rule
	Verbs   []law.Verb
}

type decisionRow struct {
	*exchange.DecisionRecord
	Operator string
	Rules    []gate.Fired
	Account  bool
}

const perPage = 50

func (c *console) decisions(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	l := decisionList{Rule: q.Get("rule"), All: c.x.View().Summary().Decisions, Rules: c.x.Rules().Rules(), Verbs: append(standings(), law.Reject)}
	if s := q.Get("verdict"); s != "" {
		v, err := law.ParseVerb(s)
		if err != nil {
			c.missing(w, r, "No such verdict", "There is no verdict “"+s+"”. A verdict is one of allow, cap, exit, hold, freeze, refuse and reject.", nil)
			return
		}
		l.Verdict = v
	}
	before := uint64(0)
	if s := q.Get("before"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			c.missing(w, r, "No such page", "“"+s+"” is no record number of the log.", nil)
			return
		}
		before = n
	}
	v := c.x.View()
	found := v.Known(func(k *exchange.Known) bool {
		return (l.Verdict == law.Undecided || k.Verdict == l.Verdict) && (l.Rule == "" || slices.Contains(k.Fired, l.Rule) || slices.Contains(k.Unknown, l.Rule))
	})
	l.Found = len(found)
	filter := url.Values{}
	for _, name := range []string{"verdict", "rule"} {
		if s := q.Get(name); s != "" {
			filter.Set(name, s)
		}
	}
	if before > 0 {
		found = slices.DeleteFunc(found, func(seq uint64) bool { return seq >= before })
		l.First = "/decisions?" + filter.Encode()
	}
	if len(found) > perPage {
		found = found[:perPage]
		filter.Set("before", strconv.FormatUint(found[perPage-1], 10))
		l.Older = "/decisions?" + filter.Encode()
	}
	rs := make([]*exchange.DecisionRecord, len(found))
	for i, seq := range found {
		rec, err := v.DecisionAt(seq)
		if err != nil {
			c.unread(w, r, err)
			return
		}
		rs[i] = rec
	}
	l.Rows = c.decisionRows(rs)
	c.show(w, r, http.StatusOK, "decisions", "Decisions", "decisions", l)
}

func (c *console) decisionRows(rs []*exchange.DecisionRecord) []decisionRow {
	var rows []decisionRow
	for _, r := range rs {
		_, ok := c.x.View().Account(r.Decision.Account)
		rows = append(rows, decisionRow{r, c.operator(r.Decision.Operator).Title, append(slices.Clone(r.Decision.Fired), r.Decision.Unknown...), ok})
	}
	return rows
}
