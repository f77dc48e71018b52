package console

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/book"
	"sallyport/chain/memory"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// a floor is a running exchange with its console, its clock in hand.
type floor struct {
	*exchange.Exchange
	t    *testing.T
	page http.Handler
	mu   sync.Mutex
	now  time.Time
}

// before is the day whose starter edition is in force at first; after names more people.
var (
	before = time.Date(2022, 2, 24, 9, 0, 0, 0, time.UTC)
	after  = time.Date(2022, 3, 11, 12, 0, 0, 0, time.UTC)
)

func newFloor(t *testing.T, more ...fs.FS) *floor {
	t.Helper()
	return newFloorOf(t, func(*exchange.Config) {}, more...)
}

// newFloorOf is a floor with its configuration changed.
func newFloorOf(t *testing.T, change func(*exchange.Config), more ...fs.FS) *floor {
	t.Helper()
	rules, err := law.LoadWith(more...)
	if err != nil {
		t.Fatal(err)
	}
	f := &floor{t: t, now: before}
	m := money.MustParse
	c := exchange.Config{
		Dir: t.TempDir(), Rules: rules, Weights: match.DefaultWeights(), HoldOwner: "sanctions desk", HoldFor: 48 * time.Hour,
		Clock: func() time.Time { f.mu.Lock(); defer f.mu.Unlock(); return f.now },
		Genesis: tape.Genesis{
			Format: tape.Format,
			Assets: []tape.Asset{
				{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
				{Code: "ETH", Decimals: 18, Network: "ETH", MinOut: m("0.01"), FeeOut: m("0.002")},
				{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
			},
			Markets: []tape.Market{
				{Symbol: "BTCUSDT", Base: 0, Quote: 2, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"), Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("9000"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 1000},
				{Symbol: "ETHUSDT", Base: 1, Quote: 2, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"), Step: m("0.0001"), MinQty: m("0.0001"), MaxQty: m("90000"), MinNotional: m("5"), MakerPPM: 1000, TakerPPM: 1000},
			},
			Operators: []tape.Operator{{Name: "us", Title: "Sallyport Inc.", Nexus: []string{"US"}}, {Name: "eu", Title: "Sallyport Europe", Nexus: []string{"EU", "US"}}},
		},
		EuroPer: map[string]money.Amount{"BTC": money.Int(35000), "ETH": money.Int(2400), "USDT": m("0.9")},
		Edition: func(string, tape.Hash) (*watchlist.Edition, error) { return nil, errors.New("none is kept here") },
	}
	change(&c)
	f.Exchange, err = exchange.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	f.page = New(f.Exchange, Options{Story: "A story: the clock reads <March> 2022", DataDir: "/srv/data", Pace: time.Millisecond})
	return f
}

func (f *floor) at(now time.Time) { f.mu.Lock(); f.now = now; f.mu.Unlock() }

func (f *floor) take(e *watchlist.Edition, err error) exchange.Change {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
	ch, err := f.TakeEdition(e, time.Now())
	if err != nil {
		f.t.Fatal(err)
	}
	return ch
}

func (f *floor) open(operator string, p entity.Profile) exchange.Opened {
	f.t.Helper()
	o, err := f.Open(exchange.Application{Operator: operator, Profile: p})
	if err != nil {
		f.t.Fatal(err)
	}
	return o[0]
}

func (f *floor) deposit(account uint64, asset, network, amount string) {
	f.t.Helper()
	_, err := f.Receive(account, f.Chain().Send("in "+strconv.FormatUint(account, 10)+asset, memory.Transfer{
		Network: network, Asset: asset, Amount: money.MustParse(amount), From: memory.DepositAddress(network, 7), To: memory.DepositAddress(network, account),
	}))
	if err != nil {
		f.t.Fatal(err)
	}
}

func plainPerson(ref, name, nationality, residence string) entity.Profile {
	born, _ := entity.ParseDay("1988-05-17")
	return entity.Profile{
		Entity:    entity.Entity{ID: ref, Kind: entity.Person, Names: []entity.Name{{Full: name}}, Birth: []entity.Dates{entity.Exact(born)}, BirthPlaces: []string{residence}, Nationalities: []string{nationality}},
		Residence: entity.Place{Town: "Springfield", Country: residence},
	}
}

// newlyListed is a customer who is the person of a starter entry that is in force after and
// not before: whole name, exact birth date and nationality.
func newlyListed(t *testing.T) entity.Profile {
	t.Helper()
	e, err := starter.Edition(after)
	if err != nil {
		t.Fatal(err)
	}
	old, err := starter.Edition(before)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range e.Entities {
		if x.Kind == entity.Person && old.Find(x.ID) == nil && len(x.Birth) > 0 && len(x.Nationalities) > 0 {
			p := entity.Profile{Entity: x, Residence: entity.Place{Town: "Geneva", Country: "CH"}}
			p.List, p.ID, p.Remarks, p.Programmes, p.Identifiers = "", "listed", "", nil, nil
			return p
		}
	}
	t.Fatal("the starter lists nobody new between the two days")
	return entity.Profile{}
}

const hostile = `<script>alert("1")</script> & 'Co' ` + "\x01"

// hostileEdition names an entity whose every text tries to get out of the page.
func hostileEdition() *watchlist.Edition {
	born, _ := entity.ParseDay("1970-01-02")
	e := &watchlist.Edition{List: "us-sdn", Publisher: hostile, Published: after, SHA256: strings.Repeat("ab", 32)}
	e.Entities = []entity.Entity{{List: "us-sdn", ID: `"><script>2`, Kind: entity.Person, Names: []entity.Name{{Full: hostile}}, Birth: []entity.Dates{entity.Exact(born)}, Nationalities: []string{"GB"}}}
	return e
}

// get is one page: its status, and its text as it came.
func (f *floor) get(path string) (int, string) {
	f.t.Helper()
	w := httptest.NewRecorder()
	f.page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

// A node of a page.
type node struct {
	name  string
	attr  map[string]string
	text  string // of all it holds, spaces joined
	nodes []*node
}

// parse reads a page as XML and fails when it is not well-formed.
func parse(t *testing.T, page string) *node {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	root := &node{}
	stack := []*node{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top.nodes = append(top.nodes, n)
			stack = append(stack, n)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			for _, n := range stack {
				n.text += string(token)
			}
		}
	}
	root.each(func(n *node) { n.text = strings.Join(strings.Fields(n.text), " ") })
	return root
}

func (n *node) each(fn func(*node)) {
	fn(n)
	for _, c := range n.nodes {
		c.each(fn)
	}
}

// all finds elements by name and by class or id, "" standing for any.
func (n *node) all(name, class string) []*node {
	var found []*node
	n.each(func(c *node) {
		is := class == "" || c.attr["id"] == class
		for _, k := range strings.Fields(c.attr["class"]) {
			is = is || k == class
		}
		if is && c.name != "" && (name == "" || c.name == name) {
			found = append(found, c)
		}
	})
	return found
}

func (n *node) one(t *testing.T, name, class string) *node {
	t.Helper()
	found := n.all(name, class)
	if len(found) != 1 {
		t.Fatalf("%d elements %s.%s; want one", len(found), name, class)
	}
	return found[0]
}

func has(t *testing.T, n *node, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if want := strings.Join(strings.Fields(s), " "); !strings.Contains(n.text, want) {
			t.Errorf("<%s id=%q class=%q> does not say %q; it says %q", n.name, n.attr["id"], n.attr["class"], want, n.text)
		}
	}
}

// busy is a floor on which everything has happened once: trades, a freeze by a new edition,
// a law's hour that makes a customer leave, a refusal, a hold.
func busy(t *testing.T) (f *floor, listed, leaving, free uint64, refused exchange.Opened) {
	t.Helper()
	f = newFloor(t)
	f.take(starter.Edition(before))
	free = f.open("us", plainPerson("a", "Alice Example", "US", "US")).Account
	listed = f.open("eu", newlyListed(t)).Account
	leaving = f.open("eu", plainPerson("r", "Pyotr Nikanorovich Sidorkin", "RU", "RS")).Account
	refused = f.open("us", plainPerson("c", "Shirin Nemouneh", "GB", "IR"))
	for _, n := range []uint64{free, listed, leaving} {
		f.deposit(n, "BTC", "BTC", "1.5")
		f.deposit(n, "USDT", "ETH", "60000.000000000000000001")
	}
	m := money.MustParse
	for i, o := range []tape.PlaceOrder{
		{Account: free, Side: book.Sell, Price: m("39000"), Quantity: m("0.5")},
		{Account: leaving, Side: book.Buy, Price: m("39000"), Quantity: m("0.2")},
		{Account: listed, Side: book.Buy, Price: m("38000"), Quantity: m("0.1")},
	} {
		o.Type, o.Force, o.ClientID = tape.Limit, tape.GTC, fmt.Sprint("o", i)
		if _, _, err := f.PlaceOrder(&o); err != nil {
			t.Fatal(err)
		}
	}
	return
}

func (f *floor) standing(account uint64) gate.Decision {
	f.t.Helper()
	a, ok := f.View().Account(account)
	if !ok {
		f.t.Fatalf("no account %d", account)
	}
	r, err := f.View().Decision(hex.EncodeToString(a.Standing.Decision[:]))
	if err != nil {
		f.t.Fatalf("account %d stands under no decision", account)
	}
	return r.Decision
}

// TestClosedMarket: the desk sees which market customers cannot use, and of the others nothing.
func TestClosedMarket(t *testing.T) {
	f, _, _, _, _ := busy(t)
	for _, c := range []struct {
		phase tape.Phase
		words string
	}{{tape.CancelOnly, "closed to new orders"}, {tape.Halted, "halted"}, {tape.Trading, ""}} {
		if err := f.SetPhase(&tape.SetPhase{Phase: c.phase, By: "m.ortiz", Reason: "a test"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // what the desk read last is shown for a pace
		_, page := f.get("/")
		for _, words := range []string{"closed to new orders", "halted"} {
			if has := strings.Contains(page, `<strong class="fault">`+words); has != (words == c.words) {
				t.Errorf("%s: the page says %q: %v", c.phase, words, has)
			}
		}
	}
}

func TestPagesAreWellFormed(t *testing.T) {
	f, listed, leaving, free, refused := busy(t)
	f.at(after)
	f.take(starter.Edition(after))
	f.at(time.Date(2022, 12, 1, 0, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	paths := []string{"/", "/decisions", "/decisions?verdict=freeze", "/decisions?rule=us-sdn&verdict=freeze", "/rules", "/lists", "/likenesses", "/licences", "/markets", "/sign-in", "/nothing/here", "/rules/none", "/decisions/abcdef0123", "/customers/7", "/customers/x",
		"/decisions?verdict=%3Cscript%3E", "/decisions?before=x"}
	for _, n := range []uint64{listed, leaving, free} {
		paths = append(paths, fmt.Sprint("/customers/", n), "/decisions/"+f.standing(n).ID)
	}
	paths = append(paths, fmt.Sprint("/customers/", refused.Account), "/decisions/"+refused.Decision.ID)
	for _, r := range f.Rules().Rules() {
		paths = append(paths, "/rules/"+r.ID)
	}
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			_, text := f.get(path)
			page := parse(t, text)
			if n := len(page.all("h1", "")); n != 1 {
				t.Errorf("%d first headings; want one", n)
			}
			if page.one(t, "html", "").attr["lang"] != "en" || len(page.all("main", "")) != 1 {
				t.Error("no language or no main part")
			}
			ids := map[string]bool{}
			page.each(func(n *node) {
				id := n.attr["id"]
				if id != "" && ids[id] {
					t.Errorf("two elements of id %q", id)
				}
				ids[id] = true
				if n.attr["style"] != "" || n.name == "style" || n.name == "script" && n.attr["src"] != "/console.js" {
					t.Errorf("<%s> with style or script of its own, which the policy of the page forbids", n.name)
				}
				if href := n.attr["href"]; strings.HasPrefix(href, "/") && !strings.HasPrefix(path, "/nothing") {
					href, part, _ := strings.Cut(href, "#")
					status, there := f.get(href)
					if status != http.StatusOK || part != "" && !strings.Contains(there, `id="`+part+`"`) {
						t.Errorf("the link %s#%s leads to status %d", href, part, status)
					}
				}
			})
		})
	}
}

func TestDeskShowsTheStory(t *testing.T) {
	f, listed, leaving, _, _ := busy(t)
	f.at(after)
	ch := f.take(starter.Edition(after))
	if len(ch.Frozen) != 1 || ch.Frozen[0] != listed {
		t.Fatalf("the edition froze %v; want account %d alone", ch.Frozen, listed)
	}
	freeze := f.standing(listed).ID
	f.at(time.Date(2022, 10, 7, 12, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	status, text := f.get("/")
	if status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	page := parse(t, text)
	has(t, page.one(t, "p", "story"), "A story: the clock reads <March> 2022")
	has(t, page.one(t, "p", "starter"), "STARTER — not the official list")
	has(t, page.one(t, "ul", "editions"), "STARTER — not the official list", starter.Publisher, "11 March 2022")
	has(t, page.one(t, "ul", "legend"), "1 free", "1 leaving", "1 frozen", "1 refused at the door")
	stops := page.one(t, "tbody", "stops")
	has(t, stops, "31 CFR", "us-sdn", "Regulation (EU) No 833/2014", "eu-833-5b2-ban")
	has(t, page.one(t, "ul", "hours"), "took effect", "6 October 2022, 22:00:00 UTC")
	// The hours of laws that bind nobody here are in the log, and not on the desk.
	if strings.Contains(text, "ch-ua-20-cap") || strings.Contains(text, "CHF 10 000") {
		t.Error("the desk tells of Swiss law, which binds no operator here")
	}
	// A rule begins on the day of its own zone: in UTC it is still the evening before.
	_, rules := f.get("/rules")
	row := parse(t, rules).one(t, "tr", "rule-eu-833-5b2-ban")
	has(t, row, "7 October 2022")
	if strings.Contains(row.text, "6 October 2022") {
		t.Error("the Union's ban begins on 6 October")
	}
	feed := page.one(t, "ol", "feed")
	if feed.attr["aria-live"] != "polite" {
		t.Error("the feed is not announced")
	}
	frozen := feed.all("li", "k-freeze")
	if len(frozen) != 1 {
		t.Fatalf("%d freezes in the feed; want one", len(frozen))
	}
	has(t, frozen[0], "Frozen", fmt.Sprint("Account ", listed))
	if href := frozen[0].all("a", "")[0].attr["href"]; href != "/decisions/"+freeze {
		t.Errorf("the freeze leads to %s", href)
	}
	has(t, feed.all("li", "k-exit")[0], "Leaving", fmt.Sprint("Account ", leaving), "nothing is frozen")
	has(t, page.one(t, "tbody", "balances"), "BTC", "1.5", "zero")
	if n := len(page.one(t, "tbody", "balances").all("span", "ok")); n != 3 {
		t.Errorf("%d assets are said to be zero together; want 3", n)
	}
	has(t, page.one(t, "div", "markets"), "BTCUSDT", "39,000")
	has(t, page.one(t, "dl", "figures"), "Customers 3", "Trades 1")
	seq, chain := f.Head()
	has(t, page.one(t, "div", "top"), grouped(seq), hex.EncodeToString(chain[:])[:12])
	if n := len(page.one(t, "svg", "bar").all("rect", "")); n != 3 {
		t.Errorf("%d pieces in the bar; want 3", n)
	}
}

func TestDecisionShowsWhatItRestsOn(t *testing.T) {
	f, listed, leaving, _, _ := busy(t)
	f.at(after)
	f.take(starter.Edition(after))
	f.at(time.Date(2022, 12, 1, 0, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	for _, n := range []uint64{listed, leaving} {
		d := f.standing(n)
		status, text := f.get("/decisions/" + d.ID)
		if status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		page := parse(t, text)
		has(t, page.one(t, "h1", ""), fmt.Sprint("Account ", n), "Sallyport Europe")
		if len(d.Fired) == 0 {
			t.Fatal("no rule fired")
		}
		if first := page.all("article", "rulecard")[0]; !strings.Contains(first.attr["class"], "v-"+d.Verdict.String()) {
			t.Errorf("the first rule shown is %s; want one that gave the verdict %s", first.attr["id"], d.Verdict)
		}
		for _, r := range d.Fired {
			card := page.one(t, "article", "rule-"+r.Rule)
			has(t, card, r.Title, r.Authority, r.Instrument, r.Article, r.EffectiveAt.UTC().Format("2 January 2006, 15:04:05 UTC"))
			rule, _ := f.Rules().Rule(r.Rule)
			for _, mark := range rule.Verified.Marks {
				has(t, card, mark)
			}
			if r.House != (len(card.all("span", "house")) == 1) {
				t.Errorf("rule %s: house policy is not told from law", r.Rule)
			}
		}
		for i, x := range d.Findings {
			shown := page.all("article", "finding")[i]
			has(t, shown, x.EntityName, x.EntityID, x.MatchedName, scoreWord(x.Score), "STARTER — not the official list")
			rows := shown.one(t, "table", "reasons").all("tr", "")[1:]
			if len(rows) != len(x.Reasons) {
				t.Fatalf("%d reasons shown of %d", len(rows), len(x.Reasons))
			}
			for j, r := range x.Reasons {
				has(t, rows[j], r.Kind, r.Text, signedWant(r.Effect))
				if against := rows[j].attr["class"] == "against"; against != (r.Effect < 0) {
					t.Errorf("reason %q of effect %v is shown on the wrong side", r.Kind, r.Effect)
				}
			}
		}
		table := page.one(t, "table", "facts")
		for _, name := range d.Facts.Names() {
			has(t, table, name)
		}
		tried := page.one(t, "table", "tried")
		for _, id := range d.Tried {
			has(t, tried, id)
		}
		rests := page.one(t, "dl", "rests")
		has(t, rests, d.Rules, d.Subject, d.ID)
		for _, e := range d.Editions {
			has(t, rests, e.List, e.SHA256)
		}
		has(t, page.one(t, "pre", "command"), "sallyport verify --data /srv/data")
		for _, l := range strings.Split(strings.TrimSpace(gate.Explain(d, gate.English, gate.Customer)), "\n") {
			has(t, page.all("div", "told")[0], l)
		}
		if len(page.all("span", "starter-badge")) == 0 {
			t.Error("the starter is not called one")
		}
	}
	if n := len(f.standing(listed).Findings); n == 0 {
		t.Error("nobody was found, so no reason was looked at")
	}
}

func signedWant(f float64) string {
	sign := "+"
	if f < 0 {
		sign = "−"
	}
	return sign + strconv.FormatFloat(math.Abs(f), 'f', 3, 64)
}

func TestHoldThatIsOverdueSaysSo(t *testing.T) {
	f := newFloor(t)
	f.take(starter.Edition(before))
	p := newlyListed(t)
	p.Birth = nil // a name alone is a likeness
	n := f.open("us", p).Account
	f.take(starter.Edition(after))
	d := f.standing(n)
	if d.Verdict != law.Hold || d.Hold == nil {
		t.Fatalf("verdict %s; want a hold with an owner", d.Verdict)
	}
	page := func() *node { _, text := f.get("/decisions/" + d.ID); return parse(t, text) }
	has(t, page().one(t, "p", "hold"), "sanctions desk", d.Hold.Due.UTC().Format("2 January 2006, 15:04:05 UTC"))
	if len(page().all("strong", "overdue")) != 0 {
		t.Error("called overdue before its time")
	}
	f.at(d.Hold.Due.Add(3 * time.Hour))
	has(t, page().one(t, "strong", "overdue"), "Overdue by 3 hours")
	_, text := f.get(fmt.Sprint("/customers/", n))
	has(t, parse(t, text).one(t, "strong", "overdue"), "Overdue by 3 hours")

	// Nor does it end by running out, however long nobody looks.
	f.at(d.Hold.Due.AddDate(0, 3, 0))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if now := f.standing(n); now.Verdict != law.Hold {
		t.Errorf("three months after it was due the customer is %s", now.Verdict)
	}
	if hs := f.View().Holds(); len(hs) != 1 || hs[0].Account != n || hs[0].Owner != "sanctions desk" {
		t.Errorf("holds %+v", hs)
	}
}

// The hours of a rule's wind-down and licences are told as what they are, and a customer's
// recorded licence with who recorded it and how it ended.
func TestPartsOfRulesAndLicences(t *testing.T) {
	f := newFloor(t, fstest.MapFS{"us-made-up.yaml": {Data: []byte(`id: us-made-up
title: A made-up rule
authority: An authority
instrument: An act
article: Article 1
binds: [US]
covers: 'customer.residence == "KP"'
verb: exit
effective_at: "2022-02-24T10:00:00Z"
wind_down: {until: "2022-02-24T11:00:00Z", actions: [trade], article: Article 2}
licences:
- {id: us-made-up-1, title: By record, article: Article 3, from: "2022-02-24T12:00:00Z"}
state: enacted
verified:
  marks: [made up]
`)}})
	f.take(starter.Edition(before))
	p := newlyListed(t)
	p.Names = []entity.Name{{Full: "Maria Garcia"}}
	p.Identifiers = nil
	n := f.open("us", p).Account
	_, text := f.get("/")
	has(t, parse(t, text).one(t, "ul", "hours"), "will take effect A made-up rule", "will end: the wind-down of A made-up rule", "will take effect: licence us-made-up-1 of A made-up rule")
	f.at(time.Date(2022, 2, 24, 11, 30, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	_, text = f.get("/rules/us-made-up")
	has(t, parse(t, text), "the wind-down of the rule ended", "took effect")
	rec, _, err := f.RecordLicence(n, "us-made-up-1", time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC), "mara", "kim", "authorisation", "document 7")
	if err != nil {
		t.Fatal(err)
	}
	row := func() *node {
		_, text := f.get(fmt.Sprint("/customers/", n))
		return parse(t, text).one(t, "tr", fmt.Sprint("licence-", rec.ID))
	}
	has(t, row(), "us-made-up-1", "mara and kim", "authorisation", "until 1 Mar 2022 00:00:00", "in force")
	f.at(time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	has(t, row(), "ran out")
}

// A decision that the log cannot be asked for is not shown as none, and one of long ago is shown as ever.
func TestDecisionOfLongAgo(t *testing.T) {
	f, _, leaving, free, _ := busy(t)
	old := f.View().Recent(1<<20, func(d *gate.Decision) bool { return d.Account == free && d.Action == law.Deposit })[0]
	f.pass(free)
	rs := f.View().Recent(1<<20, func(d *gate.Decision) bool { return d.ID == old.Decision.ID })
	if len(rs) != 0 {
		t.Fatal("the decision is still at hand")
	}
	page := "/decisions/" + old.Decision.ID
	status, body := f.get(page + ".json")
	if status != http.StatusOK || body != string(old.Body()) {
		t.Errorf("status %d, %s", status, body)
	}
	if status, body := f.get(page); status != http.StatusOK || !strings.Contains(body, old.Decision.ID) {
		t.Errorf("status %d", status)
	}
	customer := fmt.Sprint("/customers/", free)
	if status, body := f.get(customer); status != http.StatusOK || !strings.Contains(body, old.Decision.ID) {
		t.Errorf("status %d, the customer's page leaves out the deposit's decision", status)
	}
	gone := f.gone(free, f.View().Recent(1<<20, func(*gate.Decision) bool { return true }))
	f.Close()
	for _, path := range []string{"/decisions/" + gone, "/decisions/" + gone + ".json", fmt.Sprint("/customers/", leaving)} {
		status, body := f.get(path)
		if status != http.StatusInternalServerError || strings.Contains(body, "No such decision") {
			t.Errorf("%s: status %d of what cannot be read: %s", path, status, body)
		}
	}
	if status, _ := f.get("/decisions/" + strings.Repeat("0", 64)); status != http.StatusNotFound {
		t.Errorf("status %d for no decision", status)
	}
}

// pass lets so many decisions come that those of before are no longer at hand.
func (f *floor) pass(account uint64) {
	f.t.Helper()
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 140 {
				key := fmt.Sprintf("%064x", w*1000+i)
				if _, err := f.Ask(exchange.Question{Account: account, Action: law.SignIn, Session: exchange.Session{Country: "US"}, Asked: gate.Asked{Key: key, Request: key}}); err != nil {
					f.t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// The feed is read without a look into the log, however long ago what it tells was decided: it is made anew several times a second,
// of thousands of happenings.
func TestFeedOfLongAgo(t *testing.T) {
	f, _, _, free, _ := busy(t)
	for i := range 3 {
		f.goesOut(free, fmt.Sprint("out-", i))
	}
	for i := range 3 {
		f.open("us", plainPerson(fmt.Sprint("i", i), fmt.Sprintf("Shirin %c Nemouneh", 'A'+i), "GB", "IR"))
	}
	e, err := starter.Edition(before)
	if err != nil {
		t.Fatal(err)
	}
	for i, at := 0, 0; at < 3; i++ { // from addresses that the list names
		for _, w := range e.Entities[i].Wallets[:min(len(e.Entities[i].Wallets), 1)] {
			if _, err := f.Receive(free, f.Chain().Send(fmt.Sprint("listed ", at), memory.Transfer{
				Network: "BTC", Asset: "BTC", Amount: money.MustParse("0.1"), From: w.Address, To: memory.DepositAddress("BTC", free),
			})); err != nil {
				t.Fatal(err)
			}
			if at++; at == 1 {
				f.open("us", plainPerson("p", "Shirin Z Nemouneh", "GB", "IR")) // which parts the first from the others
			}
		}
	}
	feed := func() string {
		_, text := f.get("/")
		_, text, _ = strings.Cut(text, `<ol class="feed"`)
		text, _, _ = strings.Cut(text, "</ol>")
		return text
	}
	want := feed()
	if !strings.Contains(want, "3 withdrawals went out as permitted") || !strings.Contains(want, "3 applicants were refused") ||
		!strings.Contains(want, "A deposit by account") || !strings.Contains(want, "2 deposits were") {
		t.Fatalf("the feed is %s", want)
	}
	f.pass(free)
	time.Sleep(2 * time.Millisecond) // what the desk read last is shown for a pace
	f.Close()
	if got := feed(); got != want {
		t.Errorf("the feed is %s\nand was %s", got, want)
	}
}

// goesOut sends a withdrawal, and waits until it is sent.
func (f *floor) goesOut(account uint64, ref string) {
	f.t.Helper()
	btc, _ := f.View().Asset("BTC")
	w, err := f.Withdraw(account, btc, money.MustParse("0.01"), "BTC", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ref, exchange.Session{Known: true, Country: "US"})
	if err != nil {
		f.t.Fatal(err)
	}
	changed, end := f.View().Watch()
	defer end()
	for {
		if w, _ := f.View().Withdrawal(w.ID); w.Status == tape.Sent {
			return
		}
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			f.t.Fatal("a withdrawal is not sent")
		}
	}
}

// gone is a decision that is not at hand: the first that gave a standing to somebody else than the one whose page was asked
// for.
func (f *floor) gone(asked uint64, rs []*exchange.DecisionRecord) string {
	f.t.Helper()
	oldest := rs[len(rs)-1].Seq
	ns, err := f.View().Changes(0, 5)
	i := slices.IndexFunc(ns, func(n exchange.Notice) bool { return n.Account != asked && n.Before == law.Undecided && n.Seq < oldest })
	if err != nil || i < 0 {
		f.t.Fatalf("changes %+v (%v), the oldest decision at hand is of record %d", ns, err, oldest)
	}
	return hex.EncodeToString(ns[i].Standing.Decision[:])
}

func TestDecisionJSONIsTheLogs(t *testing.T) {
	f, listed, _, _, _ := busy(t)
	id := f.standing(listed).ID
	w := httptest.NewRecorder()
	f.page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/decisions/"+id+".json", nil))
	rec, _ := f.View().Decision(id)
	if w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), rec.Body()) || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("status %d, %s, %d bytes; want the %d of the log", w.Code, w.Header().Get("Content-Type"), w.Body.Len(), len(rec.Body()))
	}
	if status, _ := f.get("/decisions/" + strings.Repeat("0", 64) + ".json"); status != http.StatusNotFound {
		t.Errorf("status %d for no decision", status)
	}
}

func TestHostileTextStaysText(t *testing.T) {
	f := newFloor(t)
	f.take(hostileEdition(), nil)
	born, _ := entity.ParseDay("1970-01-02")
	p := plainPerson("h", `<script>alert("1")</script> & 'Co'`, "GB", "GB")
	p.Birth = []entity.Dates{entity.Exact(born)}
	o := f.open("us", p)
	d := o.Decision
	if len(d.Findings) == 0 {
		t.Fatal("the entity was not found; the test shows nothing")
	}
	for _, path := range []string{"/", "/lists", "/likenesses", "/decisions", "/decisions/" + d.ID, fmt.Sprint("/customers/", o.Account), "/%3Cscript%3E", "/rules/%22%3E%3Cscript%3E", "/decisions?rule=%22%3E%3Cscript%3E"} {
		_, text := f.get(path)
		page := parse(t, text)
		for _, s := range page.all("script", "") {
			if s.attr["src"] != "/console.js" {
				t.Errorf("%s: a script got in: %q", path, s.text)
			}
		}
		if strings.Contains(text, "<script>") {
			t.Errorf("%s: <script> stands unescaped", path)
		}
	}
	_, text := f.get("/decisions/" + d.ID)
	has(t, parse(t, text).all("article", "finding")[0], `<script>alert("1")</script> & 'Co'`)
}

func TestDecisionsFilterAndPage(t *testing.T) {
	f, listed, _, _, refused := busy(t)
	f.take(starter.Edition(after))
	ids := func(path string) (found []string, older string) {
		_, text := f.get(path)
		page := parse(t, text)
		for _, r := range page.one(t, "table", "list").all("tr", "") {
			if id, ok := strings.CutPrefix(r.attr["id"], "d-"); ok {
				found = append(found, id)
			}
		}
		if a := page.all("a", "older"); len(a) == 1 {
			older = a[0].attr["href"]
		}
		return
	}
	if got, _ := ids("/decisions?verdict=freeze"); len(got) != 1 || got[0] != f.standing(listed).ID {
		t.Errorf("freezes: %v; want that of account %d", got, listed)
	}
	if got, _ := ids("/decisions?rule=us-iran"); len(got) != 1 || got[0] != refused.Decision.ID {
		t.Errorf("by rule: %v; want the refusal", got)
	}
	var many []exchange.Application
	for i := range 2*perPage + 5 {
		many = append(many, exchange.Application{Operator: "us", Profile: plainPerson(fmt.Sprint("m", i), fmt.Sprintf("Mary %c Plainwright", 'A'+i%26), "US", "US")})
	}
	if _, err := f.Open(many...); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	last := uint64(math.MaxUint64)
	for path := "/decisions"; path != ""; {
		var got []string
		got, path = ids(path)
		for _, id := range got {
			r, err := f.View().Decision(id)
			if err != nil || seen[id] || r.Seq >= last {
				t.Fatalf("decision %s comes twice or out of order", id)
			}
			seen[id], last = true, r.Seq
		}
	}
	if want := f.View().Summary().Decisions; len(seen) != want {
		t.Errorf("paging shows %d decisions of %d", len(seen), want)
	}
}

func TestMissingPageHelps(t *testing.T) {
	f, listed, _, _, _ := busy(t)
	id := f.standing(listed).ID
	status, text := f.get("/decisions/" + id[:10])
	if status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
	found := false
	parse(t, text).each(func(n *node) { found = found || n.attr["href"] == "/decisions/"+id })
	if !found {
		t.Error("the beginning of an id does not lead to the decision")
	}
}

// A market in which nothing was traded or asked for has no price, and not one of zero.
func TestNoPriceIsNoZero(t *testing.T) {
	_, page := newFloor(t).get("/markets")
	for _, n := range parse(t, page).all("td", "n") {
		if n.text == "0" {
			t.Errorf("a price of 0:\n%s", page)
		}
	}
}

// What a customer names in a letter is found: an account, a decision by its id or how it begins, a rule.
func TestFind(t *testing.T) {
	f, listed, _, _, _ := busy(t)
	id := f.standing(listed).ID
	for what, want := range map[string]string{
		strconv.FormatUint(listed, 10): "/customers/" + strconv.FormatUint(listed, 10), "%20us-sdn%20": "/rules/us-sdn",
		id: "/decisions/" + id, strings.ToUpper(id) + ".": "/decisions/" + id, id[:9] + "f": "/decisions/" + id[:9] + "f",
	} {
		w := httptest.NewRecorder()
		f.page.ServeHTTP(w, httptest.NewRequest("GET", "/find?what="+what, nil))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", what, w.Code, w.Header().Get("Location"), want)
		}
	}
	for _, what := range []string{"", "%2f%2fevil.example", "us-nothing", "%3Cb%3E"} {
		status, page := f.get("/find?what=" + what)
		if status != http.StatusNotFound {
			t.Errorf("%q: status %d", what, status)
		}
		has(t, parse(t, page), "is no account number")
	}
	_, page := f.get("/decisions")
	if !strings.Contains(page, `action="/find"`) {
		t.Error("nothing on the page of decisions finds one")
	}
}

func TestOnlyReads(t *testing.T) {
	f := newFloor(t)
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		for _, path := range []string{"/", "/events", "/decisions", "/console.css", "/none"} {
			w := httptest.NewRecorder()
			f.page.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: status %d, allowed %q", method, path, w.Code, w.Header().Get("Allow"))
			}
		}
	}
	srv := httptest.NewServer(f.page)
	defer srv.Close()
	for _, path := range []string{"/", "/events", "/console.js", "/console.svg"} {
		r, err := http.Head(srv.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if r.StatusCode != http.StatusOK {
			t.Errorf("HEAD %s: status %d", path, r.StatusCode)
		}
		if p := r.Header.Get("Content-Security-Policy"); !strings.HasPrefix(p, "default-src 'none';") || strings.Contains(p, "unsafe") || strings.Contains(p, "*") {
			t.Errorf("%s: policy %q", path, p)
		}
	}
}

// TestNothingFromElsewhere holds the files to the policy: no address of another host is
// loaded, and no name of one stands in them but that of the SVG namespace.
func TestNothingFromElsewhere(t *testing.T) {
	for _, files := range []fs.FS{pageFiles, staticFiles} {
		err := fs.WalkDir(files, ".", func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			b, err := fs.ReadFile(files, path)
			text := strings.ReplaceAll(string(b), "http://www.w3.org/2000/svg", "")
			if regexp.MustCompile(`(?i)https?:|src="//|url\(|@import|\son[a-z]+="`).MatchString(text) {
				t.Errorf("%s: loads from elsewhere or carries a script inline", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestEventsDeliverAFreeze(t *testing.T) {
	f, listed, _, _, _ := busy(t)
	srv := httptest.NewServer(f.page)
	defer srv.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/events", nil)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	next := func() update {
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				var u update
				if err := json.Unmarshal([]byte(data), &u); err != nil {
					t.Fatal(err)
				}
				return u
			}
		}
		t.Fatalf("the stream ended: %v", lines.Err())
		return update{}
	}
	first := next()
	for _, name := range pieces {
		if _, ok := first.Pieces[name]; !ok {
			t.Errorf("the first update lacks %s", name)
		}
	}
	if strings.Contains(first.Pieces["feed"], "k-freeze") {
		t.Fatal("a freeze before there was one")
	}
	f.at(after)
	f.take(starter.Edition(after))
	for {
		u := next()
		feed, ok := u.Pieces["feed"]
		if !ok || !strings.Contains(feed, "k-freeze") {
			continue
		}
		page := parse(t, "<ol>"+feed+"</ol>")
		has(t, page.one(t, "li", "k-freeze"), fmt.Sprint("Account ", listed))
		if u.Log != f.VerifierKey() {
			t.Error("the update does not say which log it shows")
		}
		return
	}
}

// TestEventsOutliveTheRequestsTime: a server gives every request and every answer a time, and
// a stream has none but that of each update.
func TestEventsOutliveTheRequestsTime(t *testing.T) {
	f := newFloor(t)
	srv := httptest.NewUnstartedServer(New(f.Exchange, Options{Pace: time.Millisecond, Beat: 50 * time.Millisecond}))
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	srv.Start()
	defer srv.Close()
	resp, err := http.Get(srv.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	begun := time.Now()
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if time.Since(begun) > 10*srv.Config.ReadTimeout {
			return
		}
	}
	t.Errorf("the stream ended after %v: %v", time.Since(begun), lines.Err())
}

// TestReadersAreBounded: one reader more than may be is sent away, and let in when another
// has gone.
func TestReadersAreBounded(t *testing.T) {
	f := newFloor(t)
	srv := httptest.NewServer(f.page)
	t.Cleanup(srv.Close) // after the readers' own: it waits for them
	read := func() *http.Response {
		resp, err := http.Get(srv.URL + "/events")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { resp.Body.Close() })
		return resp
	}
	var readers []*http.Response
	for range maxStreams {
		readers = append(readers, read())
	}
	for i, r := range readers {
		if r.StatusCode != http.StatusOK {
			t.Fatalf("reader %d: status %d", i, r.StatusCode)
		}
	}
	if r := read(); r.StatusCode != http.StatusServiceUnavailable || r.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: status %d", r.StatusCode)
	}
	readers[0].Body.Close()
	for range 1000 { // the server notices in its own time
		if read().StatusCode == http.StatusOK {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Error("a reader has gone, and none is let in")
}

func TestManyOfOneCauseAreOneLine(t *testing.T) {
	f := newFloor(t)
	f.take(starter.Edition(before))
	var many []exchange.Application
	for i := range 9 {
		many = append(many, exchange.Application{Operator: "eu", Profile: plainPerson(fmt.Sprint("m", i), fmt.Sprintf("Fyodor %c Semibratov", 'A'+i), "RU", "RS")})
	}
	opened, err := f.Open(many...)
	if err != nil {
		t.Fatal(err)
	}
	f.at(time.Date(2022, 10, 7, 12, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	_, text := f.get("/")
	exits := parse(t, text).one(t, "ol", "feed").all("li", "k-exit")
	if len(exits) != 1 {
		t.Fatalf("%d lines for nine customers of one cause; want one", len(exits))
	}
	has(t, exits[0], "9 customers are leaving", "Regulation (EU) No 833/2014")
	for _, o := range opened {
		has(t, exits[0], strconv.FormatUint(o.Account, 10))
	}
}

// TestFeedOwnsUpToWhatItForgot: more happen at one hour than the view keeps lines of, and the
// desk must not give the rest for the whole.
func TestFeedOwnsUpToWhatItForgot(t *testing.T) {
	const n = 450
	f := newFloor(t)
	f.take(starter.Edition(before))
	var many []exchange.Application
	for i := range n {
		many = append(many, exchange.Application{Operator: "eu", Profile: plainPerson(fmt.Sprint("m", i), fmt.Sprintf("Fyodor %c%c Semibratov", 'A'+i%26, 'A'+i/26), "RU", "RS")})
	}
	if _, err := f.Open(many...); err != nil {
		t.Fatal(err)
	}
	f.at(time.Date(2022, 10, 7, 12, 0, 0, 0, time.UTC))
	if _, err := f.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	_, text := f.get("/")
	exit := parse(t, text).one(t, "ol", "feed").all("li", "k-exit")[0].one(t, "span", "text").text
	if !strings.HasPrefix(exit, "At least ") && !strings.HasPrefix(exit, fmt.Sprint(n, " customers")) {
		t.Errorf("%d customers left, and the feed says %q", n, exit)
	}
}

func TestRate(t *testing.T) {
	at := func(seconds int, trades uint64) sample {
		return sample{before.Add(time.Duration(seconds) * time.Second), trades}
	}
	for _, c := range []struct {
		samples []sample
		want    string
	}{
		{nil, ""},
		{[]sample{at(0, 7)}, ""},
		{[]sample{at(0, 7), at(0, 9)}, ""}, // no time between
		{[]sample{at(0, 100), at(4, 110)}, "2.5"},
		{[]sample{at(0, 0), at(1, 900), at(5, 10000)}, "2,000"},
		{[]sample{at(0, 0), at(60, 600)}, ""}, // nobody looked in between
	} {
		if got := rate(c.samples); got != c.want {
			t.Errorf("%v: %q; want %q", c.samples, got, c.want)
		}
	}
}

// TestContrast computes the contrast of every pair of colours that text is set in (WCAG 2.2,
// 1.4.3: at least 4.5 to 1), in both schemes.
func TestContrast(t *testing.T) {
	css, err := fs.ReadFile(staticFiles, "static/console.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark scheme")
	}
	for name, part := range map[string]string{"light": light, "dark": dark[:strings.Index(dark, "*, *::before")]} {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z]+): #([0-9a-f]{6})`).FindAllStringSubmatch(part, -1) {
			colours[m[1]] = m[2]
		}
		pairs := [][2]string{{"ink", "ground"}, {"ink", "paper"}, {"ink", "faint"}, {"soft", "ground"}, {"soft", "paper"}, {"soft", "faint"}, {"soft", "freezebg"}, {"link", "ground"}, {"link", "paper"}, {"link", "freezebg"}, {"headink", "head"}, {"headsoft", "head"}}
		for _, k := range []string{"freeze", "hold", "exit", "cap", "refuse", "allow", "note", "warn"} {
			pairs = append(pairs, [2]string{k, k + "bg"}, [2]string{k, "paper"})
		}
		for _, p := range pairs {
			if c := contrast(t, colours[p[0]], colours[p[1]]); c < 4.5 {
				t.Errorf("%s: --%s on --%s: contrast %.2f", name, p[0], p[1], c)
			}
		}
	}
}

// contrast is the ratio of WCAG 2.2 of two colours, rrggbb.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	luminance := func(s string) float64 {
		n, err := strconv.ParseUint(s, 16, 32)
		if err != nil {
			t.Fatalf("colour %q: %v", s, err)
		}
		part := func(v uint64) float64 {
			c := float64(v&0xff) / 255
			if c <= 0.04045 {
				return c / 12.92
			}
			return math.Pow((c+0.055)/1.055, 2.4)
		}
		return 0.2126*part(n>>16) + 0.7152*part(n>>8) + 0.0722*part(n)
	}
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestNoScoreLooksLikeOne(t *testing.T) {
	for score, want := range map[float64]string{0.9999: "0.9999", 0.996: "0.9960", 0.994: "0.99", 0.5: "0.50", 0: "0.00"} {
		if got := scoreWord(score); got != want {
			t.Errorf("%v is written %s, want %s", score, got, want)
		}
	}
}

// What an operator asks for itself is told as its own, with what it is about.
func TestSentenceOfTheOperatorsOwn(t *testing.T) {
	c := &console{x: newFloor(t).Exchange}
	for want, d := range map[string]gate.Decision{
		"Offering an asset, A7A5, by Sallyport was forbidden":                {Action: law.ListAsset, Operator: "Sallyport", About: "A7A5", Verdict: law.AssetBan},
		"Dealing with a platform, Steppe, by Sallyport was allowed":          {Action: law.DealPlatform, Operator: "Sallyport", About: "Steppe", Verdict: law.Allow},
		"Holding an asset, A7A5, by account 1000 of Sallyport was forbidden": {Action: law.HoldAsset, Operator: "Sallyport", Account: 1000, About: "A7A5", Verdict: law.AssetBan},
	} {
		if got := c.sentence(&d); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
