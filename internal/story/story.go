// Package story plays one day of March 2022, and what came after it, on a real exchange.
//
// It founds an exchange in a data folder, takes up one edition of a list, lets a made-up
// population in through the gate, has them deposit and trade, takes up the next edition, and
// then lets a law of the European Union reach its hour. Nothing in it is staged: every line it
// prints is read back from the exchange. The clock is a story's clock; all else is what
// `sallyport serve` runs.
//
// It can be killed at any moment and played again over the same folder: what the log holds is
// passed over, the rest goes on.
package story

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/geo"
	"sallyport/internal/population"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
)

// A Plan says what to play.
type Plan struct {
	Dir       string // the data folder
	Clock     *Clock
	Exchange  *exchange.Exchange
	From      *watchlist.Edition // in force when the story begins
	Then      *watchlist.Edition // taken up on the day
	ThenSince func() time.Time   // when the bytes of Then were at hand, by the real clock; called just before it is taken up
	Customers int
	Orders    int // in each of the three spells of trading
	Seed      uint64
	Wire      http.Handler // the exchange's wire, to ask it as a bot would
	Acks      string       // file to which everything acknowledged is written, or ""

	Out      io.Writer
	Progress func(what string, total int) (step func(), end func())
}

// A Summary is what the story came to, counted from the exchange.
type Summary struct {
	Edition          string        `json:"edition"`
	Starter          bool          `json:"starter"`
	Customers        int           `json:"customers"`
	Applicants       int           `json:"applicants"`
	Trades           uint64        `json:"trades"`
	Listed           int           `json:"listed"` // applicants whom a list in force names, or whose owners it names
	ListedFrozen     int           `json:"listed_frozen"`
	ListedHeld       int           `json:"listed_held"`
	ListedMissed     []string      `json:"listed_missed"` // must be empty
	InnocentsFrozen  int           `json:"innocents_frozen"`
	InnocentsHeld    int           `json:"innocents_held"`
	InnocentsHeldWho []string      `json:"innocents_held_who"`
	RefusedByPlace   int           `json:"refused_by_place"`
	Exited           int           `json:"exited"`
	ListToFreeze     time.Duration `json:"list_to_freeze_ns"`
	Rules            []string      `json:"rules"` // that stopped or limited somebody
}

// player plays a plan.
type player struct {
	Plan
	acks    *acks
	people  []population.Person
	opened  map[string]uint64 // by Profile.ID
	refused map[string]gate.Decision
	traders *traders
	took    time.Duration
}

// Play plays the story to its end and says what it came to.
func Play(ctx context.Context, plan Plan) (Summary, error) {
	a, err := openAcks(plan.Acks)
	if err != nil {
		return Summary{}, err
	}
	defer a.close()
	p := &player{Plan: plan, acks: a, opened: map[string]uint64{}, refused: map[string]gate.Decision{}}
	for _, scene := range []func() error{p.begin, p.welcome, p.fund, p.trade, p.designation, p.trade, p.europe, p.trade} {
		if err := scene(); err != nil {
			return Summary{}, err
		}
		if err := ctx.Err(); err != nil {
			return Summary{}, err
		}
	}
	return p.summary(), nil
}

func (p *player) say(format string, args ...any) {
	fmt.Fprintf(p.Out, format+"\n", args...)
}

func (p *player) scene(title string) {
	p.say("\n%s  %s", p.Clock.Now().Format("2 January 2006 15:04"), title)
}

// begin takes up the first edition.
func (p *player) begin() error {
	x := p.Exchange
	p.scene("The exchange opens")
	for _, o := range x.View().Genesis().Operators {
		p.say("  operator %-3s %s, bound by the law of %s", o.Name, o.Title, strings.Join(o.Nexus, " and "))
	}
	p.say("  rules: %d, edition %.12s", len(x.Rules().Rules()), x.Rules().SHA256())
	if len(x.View().Summary().Editions) == 0 {
		if _, err := x.TakeEdition(p.From, time.Now()); err != nil {
			return err
		}
	}
	p.say("  list: %s", describe(p.From))
	return nil
}

func describe(e *watchlist.Edition) string {
	kind := "edition"
	if e.Starter {
		kind = "STARTER edition (this project's own selection, no substitute for the official list)"
	}
	return fmt.Sprintf("%s, %s of %s, %d entries, SHA-256 %.12s", e.List, kind, e.Published.Format("2 January 2006"), len(e.Entities), e.SHA256)
}

// welcome lets the population in through the gate.
func (p *player) welcome() error {
	x := p.Exchange
	var operators []string
	for _, o := range x.View().Genesis().Operators {
		operators = append(operators, o.Name)
	}
	var err error
	p.people, err = population.People(population.Options{
		Seed: p.Seed, N: p.Customers, Operators: operators, Before: p.From.Entities, After: p.Then.Entities, At: p.From.Published,
	})
	if err != nil {
		return err
	}
	p.scene(fmt.Sprintf("%d people and firms ask for an account", len(p.people)))
	step, end := p.Progress("applications decided", len(p.people))
	const batch = 50
	for from := 0; from < len(p.people); from += batch {
		var applications []exchange.Application
		for _, person := range p.people[from:min(from+batch, len(p.people))] {
			if n, ok := x.ByRef(person.Profile.ID); ok {
				p.opened[person.Profile.ID] = n
				step()
				continue
			}
			applications = append(applications, exchange.Application{Operator: person.Operator, Profile: person.Profile})
		}
		opened, err := x.Open(applications...)
		if err != nil {
			return err
		}
		for i, o := range opened {
			id := applications[i].Profile.ID
			if o.Refused {
				p.refused[id] = o.Decision
			} else {
				p.opened[id] = o.Account
				p.acks.account(o.Account)
			}
			step()
		}
	}
	end()
	s := x.View().Summary()
	p.say("  %d accounts are open: %s", len(p.opened), standings(s))
	p.say("  %d were refused at the door:", len(p.refused))
	for _, line := range p.byRule(p.refused) {
		p.say("    %s", line)
	}
	p.quote("  among the open ones, already stopped:", func(person population.Person, a exchange.Account) bool { return a.Standing.May == 0 }, 5)
	return nil
}

// fund lets everybody deposit something over the chain.
func (p *player) fund() error {
	x := p.Exchange
	p.scene("They deposit (over a chain that lives in memory: no real one is behind it)")
	g := x.View().Genesis()
	step, end := p.Progress("deposits", len(p.opened))
	credited := 0
	for i, person := range p.people {
		account, ok := p.opened[person.Profile.ID]
		if !ok {
			continue
		}
		step()
		if len(x.View().Deposits(account)) > 0 {
			continue
		}
		r := rand.New(rand.NewPCG(p.Seed, uint64(i)))
		for j, asset := range g.Assets {
			// Each holding is worth 50 to 50,000 euro: most little, few much.
			worth := 50 * math.Pow(1000, r.Float64())
			coins := worth / map[string]float64{"BTC": 35000, "ETH": 2400, "USDT": 0.9}[asset.Code]
			amount := money.MustParse(strconv.FormatFloat(coins, 'f', 6, 64))
			t := x.Chain().Send(fmt.Sprintf("%s %s %d", person.Profile.ID, asset.Code, j), memory.Transfer{
				Network: asset.Network, Asset: asset.Code, Amount: amount,
				From: "mem1" + hex.EncodeToString([]byte(person.Profile.ID + "-own-wallet-........")[:20]), To: memory.DepositAddress(asset.Network, account),
			})
			d, err := x.Receive(account, t)
			if err != nil {
				return err
			}
			p.acks.deposit(d.ID)
			credited++
		}
	}
	end()
	p.say("  %d deposits credited", credited)
	for _, t := range x.View().Summary().Totals {
		p.say("    %-5s %16s available %14s frozen %12s set apart", t.Code, t.Pockets[ledger.Available].Fixed(2), t.Pockets[ledger.Frozen].Fixed(2), t.Pockets[ledger.Apart].Fixed(2))
	}
	var all []uint64
	for _, n := range p.opened {
		all = append(all, n)
	}
	slices.Sort(all)
	p.traders = newTraders(x, p.Seed, all, p.acks)
	return nil
}

// trade lets them trade with each other.
func (p *player) trade() error {
	p.scene("They trade")
	before := p.Exchange.View().Summary().Trades
	step, end := p.Progress("orders", p.Orders)
	start := time.Now()
	placed := p.traders.orders.Load()
	if err := p.traders.trade(p.Orders, step); err != nil {
		return err
	}
	end()
	s := p.Exchange.View().Summary()
	p.say("  %d orders placed in %.1f s, %d trades", p.traders.orders.Load()-placed, time.Since(start).Seconds(), s.Trades-before)
	for _, m := range s.Markets {
		p.say("    %s last %s", m.Symbol, m.Last.Fixed(2))
	}
	return nil
}

// designation takes up the second edition.
func (p *player) designation() error {
	x := p.Exchange
	p.Clock.Advance(p.Then.Published.Add(15*time.Hour + 5*time.Minute))
	p.scene("A new edition of the list arrives")
	p.say("  %s", describe(p.Then))

	// One of those whom it will name gets a key and leaves an order in the book, to see what becomes of both.
	witness, key, secret, err := p.witness()
	if err != nil {
		return err
	}
	if inForce(x, p.Then) {
		p.say("  it was taken up before; the story goes on from there")
		return nil
	}
	ordersBefore := x.View().Summary().Orders
	since := p.ThenSince()
	ch, err := x.TakeEdition(p.Then, since)
	if err != nil {
		return err
	}
	p.took = ch.Elapsed
	p.say("  %d entries added, %d changed, %d removed; %d customers screened", ch.Added, ch.Changed, ch.Removed, ch.Screened)
	p.say("  in %s of the log, %d ms after its bytes were at hand: %d frozen, %d held for a person to look, %d released",
		count(ch.Commits, "commit"), ch.Elapsed.Milliseconds(), len(ch.Frozen), len(ch.Held), len(ch.Released))
	p.say("  %d of their orders left the book", ordersBefore-x.View().Summary().Orders)
	for i, n := range ch.Frozen {
		if i == 8 {
			p.say("    … and %d more", len(ch.Frozen)-i)
			break
		}
		p.say("    frozen: account %d%s", n, p.why(n))
	}
	for i, n := range ch.Held {
		if i == 4 {
			p.say("    … and %d more", len(ch.Held)-i)
			break
		}
		p.say("    held:   account %d%s", n, p.why(n))
	}
	if witness != 0 {
		return p.askAsBot(witness, key, secret)
	}
	return nil
}

func inForce(x *exchange.Exchange, e *watchlist.Edition) bool {
	for _, in := range x.View().Summary().Editions {
		if in.List == e.List && hex.EncodeToString(in.SHA256[:]) == e.SHA256 {
			return true
		}
	}
	return false
}

// witness finds a customer whom the next edition names and who is free as yet, gives them an
// API key, and has them leave an order in the book.
func (p *player) witness() (account uint64, key, secret string, err error) {
	for _, person := range p.people {
		n := p.opened[person.Profile.ID]
		a, ok := p.Exchange.View().Account(n)
		if person.Truth != population.Listed || !ok || a.Standing.Verdict != law.Allow {
			continue
		}
		e := p.Then.Find(person.ListedID)
		if e == nil || len(e.Birth) == 0 || !e.Birth[0].IsExact() {
			continue
		}
		key, secret, err = p.Exchange.AddKey(n)
		return n, key, secret, err
	}
	return 0, "", "", nil
}

// askAsBot trades and withdraws through the wire with a key of a customer who was stopped.
func (p *player) askAsBot(account uint64, key, secret string) error {
	p.say("  the API key of account %d now answers:", account)
	for _, call := range []struct{ method, path, query string }{
		{"POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=30000"},
		{"POST", "/sapi/v1/capital/withdraw/apply", "coin=USDT&network=ETH&address=mem1ffffffffffffffffffffffffffffffffffffffff&amount=50"},
	} {
		status, body, decision := ask(p.Wire, key, secret, call.method, call.path, call.query, p.Clock.Now())
		p.say("    %s %s → %d %s", call.method, call.path, status, body)
		if decision != "" {
			p.say("      decision %s", decision)
		}
	}
	return nil
}

// europe lets the next hour of EU 833/2014 Article 5b(2) come, as far as it lies ahead.
func (p *player) europe() error {
	x := p.Exchange
	for _, e := range x.Rules().Events(p.Clock.Now(), p.Clock.Now().AddDate(30, 0, 0)) {
		r, ok := x.Rules().Rule(e.Rule)
		if !ok || e.Ends || !strings.HasPrefix(r.ID, "eu-833-5b2-") {
			continue
		}
		p.Clock.Advance(e.At)
		p.scene("A law of the European Union takes effect at its hour")
		p.say("  %s", r.Title)
		p.say("  %s, %s", r.Instrument, r.Article)
		p.say("  from %s on", e.At.Format("2 January 2006, 15:04 (-07:00)"))
		changes, err := x.MarkLaw()
		if err != nil {
			return err
		}
		exits, screened := 0, 0
		for _, ch := range changes {
			exits += len(ch.Exited)
			screened = max(screened, ch.Screened)
		}
		p.say("  %d customers decided again; %d may now only take their assets out (%s). Nothing is frozen by it.", screened, exits, r.Verb)
		if r.Verb == law.Exit {
			p.compareOperators()
			return p.leaving()
		}
	}
	return nil
}

// compareOperators shows the same kind of customer under two operators' law.
func (p *player) compareOperators() {
	by := map[string]map[law.Verb]int{}
	for _, person := range p.people {
		n, ok := p.opened[person.Profile.ID]
		if !ok || !isRussian(&person.Profile) || person.Truth == population.Listed || person.Truth == population.OwnedByListed {
			continue
		}
		a, _ := p.Exchange.View().Account(n)
		if by[person.Operator] == nil {
			by[person.Operator] = map[law.Verb]int{}
		}
		by[person.Operator][a.Standing.Verdict]++
	}
	p.say("  Russian nationals and residents, who are on no list:")
	for _, o := range p.Exchange.View().Genesis().Operators {
		c := by[o.Name]
		p.say("    %-26s law of %-11s %4d free, %4d leaving, %2d held, %2d frozen", o.Title, strings.Join(o.Nexus, " and ")+":", c[law.Allow], c[law.Exit]+c[law.Cap], c[law.Hold], c[law.Freeze])
	}
}

func isRussian(pr *entity.Profile) bool {
	return slices.Contains(pr.Nationalities, "RU") || pr.Residence.Country == "RU"
}

// leaving has one customer under an exit take everything of one asset out.
func (p *player) leaving() error {
	x := p.Exchange
	for _, a := range x.View().Accounts() {
		if a.Standing.Verdict != law.Exit {
			continue
		}
		for i, b := range a.Balances {
			asset := x.View().Genesis().Assets[i]
			if amount := b[ledger.Available].Truncate(int(asset.Decimals)); !amount.Less(asset.MinOut) {
				w, err := x.Withdraw(a.Number, uint16(i), amount, asset.Network, "mem1"+strings.Repeat("a", 40), fmt.Sprintf("leaving-%d", a.Number), p.session(a.Number))
				if _, refused := exchange.AsRefusal(err); refused {
					continue
				} else if err != nil {
					return err
				}
				p.acks.withdrawal(w.ID)
				for range 200 {
					if w, _ = x.View().Withdrawal(w.ID); w.Status == tape.Sent {
						break
					}
					time.Sleep(5 * time.Millisecond)
				}
				p.say("  account %d, leaving, takes out %s %s: %s", a.Number, w.Amount, asset.Code, w.Status)
				return nil
			}
		}
	}
	return nil
}

// session has a customer call from where they live.
func (p *player) session(n uint64) exchange.Session {
	pr, _ := p.Exchange.Profile(n)
	found, err := geo.Resolve(pr.Residence, p.Clock.Now())
	if err != nil || found.Ambiguous {
		return exchange.Session{}
	}
	return exchange.Session{Known: found.Country != "", Country: found.Country, Area: found.Area}
}

// standings counts customers by standing, in words.
func standings(s exchange.Summary) string {
	var parts []string
	for _, v := range []struct {
		verb law.Verb
		word string
	}{{law.Allow, "free"}, {law.Cap, "capped"}, {law.Exit, "leaving"}, {law.Hold, "held"}, {law.Freeze, "frozen"}} {
		if n := s.Standings[v.verb]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, v.word))
		}
	}
	return strings.Join(parts, ", ")
}

// byRule counts decisions by the rule that stopped each, most first.
func (p *player) byRule(ds map[string]gate.Decision) []string {
	counts := map[string]int{}
	for _, d := range ds {
		for _, f := range d.Fired {
			counts[f.Rule]++
		}
	}
	rules := make([]string, 0, len(counts))
	for r := range counts {
		rules = append(rules, r)
	}
	slices.SortFunc(rules, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	var lines []string
	for _, id := range rules {
		if r, ok := p.Exchange.Rules().Rule(id); ok {
			lines = append(lines, fmt.Sprintf("%3d  %s (%s, %s)", counts[id], r.Title, r.Instrument, r.Article))
		}
	}
	return lines
}

// quote prints some of the people for whom keep says yes, with what is special of them.
func (p *player) quote(title string, keep func(population.Person, exchange.Account) bool, most int) {
	shown := 0
	for _, person := range p.people {
		n, ok := p.opened[person.Profile.ID]
		if !ok {
			continue
		}
		a, _ := p.Exchange.View().Account(n)
		if !keep(person, a) {
			continue
		}
		if shown == 0 {
			p.say("%s", title)
		}
		if shown++; shown > most {
			p.say("    …")
			return
		}
		p.say("    %s: account %d%s", a.Standing.Verdict, n, p.why(n))
	}
}

// why says on which listed party a standing rests and what the applicant had written, or on
// which rule.
func (p *player) why(n uint64) string {
	r, err := p.Exchange.View().Standing(n)
	if err != nil || len(r.Decision.Fired) == 0 {
		return ""
	}
	if len(r.Decision.Findings) == 0 {
		return ", " + r.Decision.Fired[0].Title + " (" + r.Decision.Fired[0].Instrument + ")"
	}
	f := r.Decision.Findings[0]
	pr, ok := p.Exchange.Profile(n)
	if !ok {
		return ""
	}
	what := "listed as"
	if len(pr.Owners) > 0 {
		what = "a firm whose owner is listed as"
	}
	return fmt.Sprintf(", %s %s (%s %s, score %.4f), applied as %s", what, f.EntityName, f.List, f.EntityID, f.Score, pr.PrimaryName())
}

func count(n int, noun string) string {
	if n == 1 {
		return "one " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// summary counts what the story came to.
func (p *player) summary() Summary {
	x := p.Exchange
	v := x.View().Summary()
	s := Summary{
		Edition: describe(p.Then), Starter: p.Then.Starter, Customers: v.Customers, Applicants: len(p.people), Trades: v.Trades, ListToFreeze: p.took,
		ListedMissed: []string{}, InnocentsHeldWho: []string{}, Rules: []string{},
	}
	rules := map[string]bool{}
	for _, person := range p.people {
		d, account := p.refused[person.Profile.ID], p.opened[person.Profile.ID]
		if r, err := x.View().Standing(account); err == nil {
			d = r.Decision
		}
		if d.Verdict != law.Allow {
			for _, f := range d.Fired {
				rules[f.Rule] = true
			}
		}
		who := person.Profile.ID + ": " + person.Note
		switch judge(&person, &d, p.Then) {
		case listedFrozen:
			s.ListedFrozen++
		case listedHeld:
			s.ListedHeld++
		case listedMissed:
			s.ListedMissed = append(s.ListedMissed, who)
		case innocentFrozen:
			s.InnocentsFrozen++
		case innocentHeld:
			s.InnocentsHeld++
			s.InnocentsHeldWho = append(s.InnocentsHeldWho, who)
		case stoppedByPlace:
			s.RefusedByPlace++
		case leaving:
			s.Exited++
		}
	}
	s.Listed = s.ListedFrozen + s.ListedHeld + len(s.ListedMissed)
	for r := range rules {
		s.Rules = append(s.Rules, r)
	}
	slices.Sort(s.Rules)
	return s
}

// An outcome is what became of one person, held against who they are.
type outcome uint8

const (
	free outcome = iota
	leaving
	stoppedByPlace // or by nationality, where a law says so
	innocentHeld
	innocentFrozen
	listedFrozen
	listedHeld
	listedMissed
)

// judge holds the decision under which a person stands, or was refused, against the truth
// about them.
func judge(person *population.Person, d *gate.Decision, then *watchlist.Edition) outcome {
	if person.Truth == population.OwnedByListed || person.Truth == population.Listed && then.Find(person.ListedID) != nil {
		switch d.Verdict {
		case law.Freeze:
			return listedFrozen
		case law.Allow, law.Cap, law.Exit: // value may leave
			return listedMissed
		}
		return listedHeld
	}
	switch d.Verdict {
	case law.Allow:
		return free
	case law.Exit, law.Cap:
		return leaving
	case law.Refuse, law.Reject:
		return stoppedByPlace
	case law.Freeze:
		if citesOnly(d, "us-cuba") {
			return stoppedByPlace
		}
		return innocentFrozen
	}
	return innocentHeld // held, or not decided at all
}

// citesOnly reports whether every rule that fired is the one named: a national of Cuba is no
// innocent wrongly frozen, for 31 CFR 515 says it of all of them.
func citesOnly(d *gate.Decision, rule string) bool {
	for _, f := range d.Fired {
		if f.Rule != rule {
			return false
		}
	}
	return len(d.Fired) > 0
}

// A Setting is what a folder's story was begun with, so that it goes on as it began.
type Setting struct {
	From      string    `json:"from"` // hashes of the editions
	Then      string    `json:"then"`
	Customers int       `json:"customers"`
	Seed      uint64    `json:"seed"`
	Begins    time.Time `json:"begins"`
}

// Keep writes the setting of a new story into its folder, or reads and checks that of an old
// one.
func Keep(dir string, s Setting) (Setting, error) {
	path := filepath.Join(dir, "story.json")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		b, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return s, err
		}
		if _, err := os.Stat(filepath.Join(dir, "journal")); err == nil {
			return s, fmt.Errorf("story: %s holds an exchange that is not a story; give another folder with --data", dir)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return s, err
		}
		tmp := path + ".new"
		if err := os.WriteFile(tmp, append(b, '\n'), 0o644); err != nil {
			return s, err
		}
		return s, os.Rename(tmp, path)
	} else if err != nil {
		return s, err
	}
	var old Setting
	if err := json.Unmarshal(b, &old); err != nil {
		return s, fmt.Errorf("story: %s: %w", path, err)
	}
	if old != s {
		return s, fmt.Errorf("story: %s was begun with other editions, customers or seed; give another folder with --data", dir)
	}
	return old, nil
}
