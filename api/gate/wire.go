package gate

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"golang.org/x/text/language"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// Ask is a question about one act of one customer, or of an operating entity's own.
type Ask struct {
	Customer string     `json:"customer,omitempty" doc:"Your reference of the customer. Needed, but for list_asset and deal_platform, which are an operating entity's own."`
	Action   law.Action `json:"action" doc:"What is asked for. open_account is asked by POST /gate/v1/customers."`
	Operator string     `json:"operator,omitempty" doc:"Of list_asset and deal_platform: the operating entity that asks. Of a customer's act: the one that you think serves them; the question is refused where it is another."`
	Session  *Session   `json:"session,omitempty" doc:"Where their request came from. Left out, it is not known, and what a rule of place reads is held."`
	Assets   []string   `json:"assets,omitempty" doc:"By their codes: what is traded, both sides, of a trade; the one that is asked about, of hold_asset and list_asset. Left out of all else."`
	Platform *Platform  `json:"platform,omitempty" doc:"Which provider is to be dealt with: of deal_platform, and only of it."`
	Movement *Movement  `json:"movement,omitempty" doc:"What is to move: of a deposit or a withdrawal, and only of these."`
	Facts    law.Facts  `json:"facts,omitzero" doc:"What you alone know, by the names of the rules' facts. What the gate finds out itself is refused."`
}

// Platform is another provider of crypto-asset services.
type Platform struct {
	Name    string         `json:"name" doc:"What you call it. It stands in the log: the name of a firm or a service, and no personal data."`
	Profile entity.Profile `json:"profile" doc:"The firm behind it, with its registration or office, and the addresses that it keeps as wallets: it is held against the lists."`
}

// SignIn is the question whether a customer may sign in.
type SignIn struct {
	Customer string    `json:"customer" doc:"Your reference of the customer."`
	Session  *Session  `json:"session,omitempty" doc:"Where their request came from. Left out, it is not known, and what a rule of place reads is held."`
	Facts    law.Facts `json:"facts,omitzero" doc:"What you alone know, by the names of the rules' facts."`
}

// Transfer is the question whether a deposit may be credited or a withdrawal sent.
type Transfer struct {
	Customer string    `json:"customer" doc:"Your reference of the customer."`
	Session  *Session  `json:"session,omitempty" doc:"Where the customer's request came from. Left out, it is not known, and what a rule of place reads is held."`
	Movement Movement  `json:"movement" doc:"What is to move."`
	Facts    law.Facts `json:"facts,omitzero" doc:"What you alone know, by the names of the rules' facts, such as holding.value_eur_cents with this movement counted in."`
}

// Session says where a request came from: by the network address, or by what you found of it.
type Session struct {
	IP      string  `json:"ip,omitempty" doc:"The public network address; the gate looks up where it is. Give this or the country."`
	Country *string `json:"country,omitempty" doc:"The country that you found for it, two capital letters (ISO 3166-1); empty where you looked and there is none, as of a relay."`
	Area    *string `json:"area,omitempty" doc:"The area of control within the country: UA-43, UA-40, UA-DNR, UA-LNR, UA-KHE or UA-ZAP; empty where it lies in none. Left out, it is none; but of UA and RU, whose networks reach into such areas, it is then not known."`
}

// Movement is one movement of value between the customer and somebody outside.
type Movement struct {
	Asset     string       `json:"asset" doc:"The asset's code: 1 to 20 capital letters, digits, dots, hyphens or underscores."`
	Amount    money.Amount `json:"amount" doc:"A decimal number as a text, more than nothing: \"0.25\"."`
	Network   string       `json:"network,omitempty" doc:"The chain, by your name of it. Left out, the asset may be money: say so in facts (asset.money)."`
	Address   string       `json:"address" doc:"The address on the other side: where a deposit came from, where a withdrawal goes."`
	Reference string       `json:"reference" doc:"What makes it this movement and no other: transaction and output of a deposit, your own id of a withdrawal. It stands in the log: no personal data."`

	Counterparty *entity.Profile `json:"counterparty,omitempty" doc:"Who is said to be on the other side (the originator or beneficiary of the travel rule). They are held against the lists; their data go into the vault, with the customer's."`
}

// NewCustomer tells the gate of a customer, and asks whether they may be taken on.
type NewCustomer struct {
	Customer string         `json:"customer" doc:"Your reference of them, for good: 1 to 128 letters, digits or . _ ~ : - and no personal data, for it stands in addresses."`
	Operator string         `json:"operator" doc:"Which of the operating entities is to serve them."`
	Profile  entity.Profile `json:"profile" doc:"Who they are, as they told and proved it. It goes into the vault, and never into the log."`
	Facts    law.Facts      `json:"facts,omitzero" doc:"What you alone know of them and the rules read when they are decided again, such as holding.value_eur_cents."`
}

// NewProfile is what a customer tells now, whole.
type NewProfile struct {
	Profile entity.Profile `json:"profile" doc:"The whole of it: what is left out is no longer known."`
}

// NewFacts is what you alone know of a customer now, whole.
type NewFacts struct {
	Facts law.Facts `json:"facts,omitzero" doc:"The whole of it: what is left out is no longer known."`
}

// NewCounterparty asks about an address.
type NewCounterparty struct {
	Address string `json:"address" doc:"A blockchain address, in any spelling."`
}

// NewWebhook asks to be told of changes.
type NewWebhook struct {
	URL   string  `json:"url" doc:"Where to post them: https, or http on this machine, unless the gate's configuration allows the host."`
	After *uint64 `json:"after,omitempty" doc:"The record after which to begin; left out, from now on."`
}

// Answer is a decision and what follows from it.
type Answer struct {
	Decision    string          `json:"decision" doc:"Its id: the SHA-256 of its content."`
	Record      uint64          `json:"record" doc:"The record of the log that holds it."`
	At          time.Time       `json:"at" doc:"The moment whose law applies."`
	Customer    string          `json:"customer" doc:"Your reference."`
	Account     uint64          `json:"account" doc:"The number that stands for the customer in the log."`
	Operator    string          `json:"operator"`
	Action      law.Action      `json:"action"`
	Verdict     law.Verb        `json:"verdict" doc:"What the rules say of this action."`
	Do          gate.Do         `json:"do" doc:"What you are to do: proceed; wait (a person looks); let_leave (no new business, assets may go out); set_aside (keep what came in apart, neither credited nor returned); stop (nothing is held); freeze (nothing of it leaves). Anything but proceed and let_leave is no yes."`
	RestsOn     string          `json:"rests_on" doc:"The decision that do follows from: this one, or the one that the customer stands under."`
	Standing    *Standing       `json:"standing,omitempty" doc:"How the customer stood when it was decided; left out where there was no customer yet."`
	Permit      *Permit         `json:"permit,omitempty" doc:"The yes to the movement."`
	Hold        *HoldTerms      `json:"hold,omitempty" doc:"Who looks, and by when. Past that time it is overdue, never released."`
	Reasons     []Reason        `json:"reasons" doc:"The rules that speak in the decision that do rests on."`
	Explanation *Explanation    `json:"explanation,omitempty" doc:"The same in words; left out with explain=machine."`
	Evidence    json.RawMessage `json:"evidence,omitempty" doc:"The decision as it stands in the log, with everything it rests on; with explain=reviewer or machine."`
	Receipt     string          `json:"receipt" doc:"The signed receipt: keep it. sallyport verify holds it to the log."`
}

// Standing is how a customer stands.
type Standing struct {
	Verdict  law.Verb `json:"verdict"`
	May      []string `json:"may" doc:"trade, withdraw; none while held or frozen."`
	Decision string   `json:"decision" doc:"That says so."`
}

// Permit is the gate's yes to one movement, once.
type Permit struct {
	Movement string    `json:"movement" doc:"The digest of the movement, as package gate of Sallyport documents it."`
	Until    time.Time `json:"until" doc:"From then on it is no yes. It ends before that when the customer's standing changes."`
}

// HoldTerms are the owner and the clock of a hold.
type HoldTerms struct {
	Owner string    `json:"owner"`
	Due   time.Time `json:"due"`
}

// Reason is a rule that speaks in a decision.
type Reason struct {
	Says        string    `json:"says" doc:"fires, or unknown: a fact that it reads is not known, which holds."`
	Rule        string    `json:"rule"`
	Title       string    `json:"title"`
	Verb        law.Verb  `json:"verb"`
	Authority   string    `json:"authority"`
	Instrument  string    `json:"instrument"`
	Article     string    `json:"article"`
	URL         string    `json:"url,omitempty"`
	EffectiveAt time.Time `json:"effective_at"`
	House       bool      `json:"house_policy,omitempty" doc:"Your own policy, not a law."`
	Missing     []string  `json:"missing,omitempty" doc:"Facts that were not known."`
}

// Explanation tells a decision in words.
type Explanation struct {
	Reader   string `json:"reader" doc:"customer: plain words that they may be told; reviewer: all of it."`
	Language string `json:"language" doc:"en or ru. A reviewer reads English."`
	Text     string `json:"text"`
}

// Customer is how a customer stands now.
type Customer struct {
	Customer    string          `json:"customer"`
	Account     uint64          `json:"account"`
	Operator    string          `json:"operator"`
	Opened      time.Time       `json:"opened"`
	Standing    Standing        `json:"standing"`
	Since       time.Time       `json:"since" doc:"When they were decided last."`
	Do          gate.Do         `json:"do" doc:"What follows: proceed, let_leave, wait, stop or freeze."`
	Hold        *HoldTerms      `json:"hold,omitempty"`
	Reasons     []Reason        `json:"reasons"`
	Explanation *Explanation    `json:"explanation,omitempty"`
	Evidence    json.RawMessage `json:"evidence,omitempty"`
	Facts       law.Facts       `json:"facts,omitzero" doc:"What you told of them."`
	Receipt     string          `json:"receipt"`
}

// Changes is a part of the feed of changes.
type Changes struct {
	Changes []Change `json:"changes"`
	Next    uint64   `json:"next" doc:"Ask with after= this for what comes behind."`
}

// Change says that a customer stands under another decision, or that something else follows
// for one of their movements.
type Change struct {
	Kind     string    `json:"kind" doc:"standing: the customer. movement: value that you keep apart or frozen, or have a yes for, was decided again."`
	Record   uint64    `json:"record" doc:"The record of the log; changes come in its order."`
	At       time.Time `json:"at"`
	Customer string    `json:"customer" doc:"Your reference; empty for a customer who was not opened with one."`
	Account  uint64    `json:"account"`
	Decision string    `json:"decision" doc:"That says so."`
	Before   law.Verb  `json:"before" doc:"The verdict before: undecided at the opening."`
	Verdict  law.Verb  `json:"verdict" doc:"And now."`
	Do       gate.Do   `json:"do" doc:"What follows. For a movement: proceed releases it, anything else keeps it or calls the yes back."`
	Standing Standing  `json:"standing" doc:"How the customer stands."`
	Movement *Moved    `json:"movement,omitempty" doc:"The movement, of that kind."`
	Permit   *Permit   `json:"permit,omitempty" doc:"The yes to the movement."`
	Reasons  []Reason  `json:"reasons"`
	Receipt  string    `json:"receipt" doc:"Of the decision."`
}

// Moved is a movement that was decided again.
type Moved struct {
	Digest    string     `json:"digest"`
	Replaces  string     `json:"replaces" doc:"The decision that this one takes the place of."`
	Action    law.Action `json:"action"`
	Asset     string     `json:"asset"`
	Amount    string     `json:"amount"`
	Network   string     `json:"network"`
	Address   string     `json:"address"`
	Reference string     `json:"reference" doc:"As you gave it."`
}

// Counterparty is what an address is, and who is listed with it.
type Counterparty struct {
	Address  string   `json:"address" doc:"In the one spelling of its form."`
	Known    bool     `json:"known" doc:"Whether its form is known here, with its checksum where the form has one. What is not known is compared letter for letter."`
	Family   string   `json:"family"`
	Kind     string   `json:"kind"`
	Chains   []string `json:"chains" doc:"It can be of, by its form."`
	Fault    string   `json:"fault,omitempty" doc:"What is wrong with it: do not send to it."`
	Listed   []Listed `json:"listed" doc:"Entries of the lists in force with this address or one that belongs to it."`
	Decisive bool     `json:"decisive" doc:"Whether it can be told: either a list names this address, or none names it or anything near it. Where not, movements to and from it are held."`
}

// Listed is an entry of a list with an address.
type Listed struct {
	List     string `json:"list"`
	EntityID string `json:"entity_id" doc:"The publisher's own."`
	Name     string `json:"name"`
	Address  string `json:"address" doc:"As listed."`
	Grade    string `json:"grade" doc:"same is the listed address; anything else is for a person to look at."`
}

// Webhook is somebody to be told of changes.
type Webhook struct {
	ID        string     `json:"id"`
	URL       string     `json:"url"`
	By        string     `json:"by" doc:"The API key that made it."`
	Secret    string     `json:"secret,omitempty" doc:"Signs every delivery; shown this once."`
	Delivered uint64     `json:"delivered" doc:"The last record that was taken."`
	Failing   string     `json:"failing,omitempty" doc:"Why the last attempt failed."`
	Retry     *time.Time `json:"retry,omitempty" doc:"When the next attempt is made."`
}

// Webhooks is all there are.
type Webhooks struct {
	Webhooks []Webhook `json:"webhooks"`
}

// Delivery is what a webhook posts.
type Delivery struct {
	Webhook string   `json:"webhook"`
	Changes []Change `json:"changes" doc:"At least one, in the order of the log. What comes again has the same record."`
}

// session reads where a request came from.
func (s *Server) session(in *Session) (exchange.Session, *Error) {
	none := exchange.Session{}
	switch {
	case in == nil:
		return none, nil
	case in.IP != "" && (in.Country != nil || in.Area != nil):
		return none, wrong(invalidField, "session", "Give the ip or the country, not both: they may say two things.")
	case in.IP != "":
		a, err := netip.ParseAddr(in.IP)
		if err != nil || a.Zone() != "" {
			return none, wrong(invalidField, "session.ip", "Want a network address such as 203.0.113.7 or 2001:db8::7.")
		}
		a = a.Unmap()
		if !a.IsGlobalUnicast() || a.IsPrivate() {
			return none, wrong(invalidField, "session.ip", "This address is of a private network or a machine itself, and says nothing of where the customer is. Send their public one, or leave the session out.")
		}
		return s.x.Session(a), nil
	case in.Country == nil:
		return none, wrong(invalidField, "session.country", "Give the ip or the country, or leave the session out.")
	}
	out := exchange.Session{Known: true, Country: *in.Country}
	if in.Area != nil {
		out.Area = *in.Area
	} else {
		out.AreaOpen = out.Country == "UA" || out.Country == "RU"
	}
	var f law.Facts
	if err := f.Set("session.country", out.Country); err != nil {
		return none, wrong(invalidField, "session.country", "Want a country as two capital letters (ISO 3166-1), such as GE, or an empty text.")
	}
	if err := f.Set("session.area", out.Area); err != nil || out.Area != "" && !strings.HasPrefix(out.Area, out.Country+"-") {
		return none, wrong(invalidField, "session.area", "Want an area within the country, such as UA-43, or an empty text.")
	}
	return out, nil
}

// movement reads what is to move.
func (m *Movement) movement() (gate.Movement, *Error) {
	switch {
	case !assets(m.Asset):
		return gate.Movement{}, wrong(invalidField, "movement.asset", "Want the asset's code: 1 to 20 capital letters, digits, dots, hyphens or underscores.")
	case m.Amount.Sign() <= 0:
		return gate.Movement{}, wrong(invalidField, "movement.amount", "Want more than nothing, as a text: \"0.25\".")
	}
	if _, err := chain.Parse(m.Address); err != nil {
		return gate.Movement{}, wrong(invalidField, "movement.address", "Want the address on the other side: %s.", strings.TrimPrefix(err.Error(), "chain: "))
	}
	return gate.Movement{Asset: m.Asset, Amount: m.Amount.String(), Network: m.Network, Address: m.Address, Ref: m.Reference}, nil
}

// assets reports whether the codes are such as rules can read.
func assets(codes ...string) bool {
	var f law.Facts
	return f.Set("asset.represents", codes) == nil
}

// reference says what is wrong with a customer's reference.
func reference(s string) *Error {
	if s == "" || len(s) > 128 || s == "." || s == ".." || strings.ContainsFunc(s, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("._~:-", r))
	}) {
		return wrong(invalidField, "customer", "Want your reference of the customer: 1 to 128 letters, digits or . _ ~ : -. No personal data: it stands in addresses.")
	}
	return nil
}

// ofLists are fields of an entity that only an entry of a list has, and one that the desk alone
// records of a customer.
var ofLists = map[string]bool{
	"list": true, "id": true, "relations": true, "programmes": true, "legal_basis": true, "measures": true, "listed": true, "amended": true,
	"removed": true, "remarks": true, "doubtful": true, "controls": true,
}

// languages that explanations are told in, the first where none is asked for.
var languages = language.NewMatcher([]language.Tag{language.English, language.Russian})

// A reading is how an answer is to be told.
type reading struct {
	reader   string // customer, reviewer or machine
	language gate.Language
}

func readingOf(q *request) (reading, *Error) {
	r := reading{"customer", gate.English}
	if tags, _, err := language.ParseAcceptLanguage(q.Header.Get("Accept-Language")); err == nil && len(tags) > 0 {
		if _, i, sure := languages.Match(tags...); i == 1 && sure > language.Low {
			r.language = gate.Russian
		}
	}
	switch e := q.URL.Query().Get("explain"); e {
	case "", "customer":
	case "reviewer", "machine":
		r.reader, r.language = e, gate.English
	default:
		return r, wrong(invalidField, "explain", "Want customer, reviewer or machine, or leave it out.")
	}
	return r, nil
}

// explain tells a decision in words, or not at all to a machine.
func (r reading) explain(d *gate.Decision) *Explanation {
	switch r.reader {
	case "machine":
		return nil
	case "reviewer":
		return &Explanation{r.reader, string(r.language), gate.Explain(*d, r.language, gate.Reviewer)}
	}
	return &Explanation{r.reader, string(r.language), gate.Explain(*d, r.language, gate.Customer)}
}

func (r reading) evidence(rec *exchange.DecisionRecord) json.RawMessage {
	if r.reader == "customer" {
		return nil
	}
	return rec.Body()
}

// answer tells a decision that somebody asked for.
func (s *Server) answer(r reading, rec *exchange.DecisionRecord) (*Answer, error) {
	d := &rec.Decision
	signed, err := s.x.Receipt(rec)
	if err != nil {
		return nil, err
	}
	do, byStanding := rec.Do()
	a := &Answer{
		Decision: d.ID, Record: rec.Seq, At: d.At, Customer: s.x.Ref(d.Account), Account: d.Account, Operator: d.Operator, Action: d.Action,
		Verdict: d.Verdict, Do: do, RestsOn: d.ID, Receipt: string(signed), Evidence: r.evidence(rec),
	}
	if rec.Standing.Verdict != law.Undecided {
		st := standingOf(rec.Standing)
		a.Standing = &st
	}
	rests := d
	if byStanding {
		behind, err := s.x.View().Decision(idOf(rec.Standing.Decision))
		if err != nil {
			return nil, fmt.Errorf("gate: account %d: %w", d.Account, err)
		}
		rests, a.RestsOn = &behind.Decision, behind.Decision.ID
	}
	a.Reasons, a.Hold, a.Explanation = reasonsOf(rests), holdOf(rests), r.explain(rests)
	a.Permit = permitOf(rec)
	return a, nil
}

// permitOf is the yes to a movement, or nil.
func permitOf(rec *exchange.DecisionRecord) *Permit {
	if do, _ := rec.Do(); rec.Decision.Movement == "" || do != gate.Proceed {
		return nil
	}
	return &Permit{rec.Decision.Movement, rec.GoodUntil()}
}

func standingOf(st tape.Standing) Standing {
	out := Standing{Verdict: st.Verdict, May: []string{}, Decision: idOf(st.Decision)}
	if st.May&tape.MayTrade != 0 {
		out.May = append(out.May, "trade")
	}
	if st.May&tape.MayWithdraw != 0 {
		out.May = append(out.May, "withdraw")
	}
	return out
}

func reasonsOf(d *gate.Decision) []Reason {
	out := []Reason{}
	for _, part := range []struct {
		says  string
		rules []gate.Fired
	}{{"fires", d.Fired}, {"unknown", d.Unknown}} {
		for _, f := range part.rules {
			out = append(out, Reason{part.says, f.Rule, f.Title, f.Verb, f.Authority, f.Instrument, f.Article, f.URL, f.EffectiveAt, f.House, f.Missing})
		}
	}
	return out
}

func holdOf(d *gate.Decision) *HoldTerms {
	if d.Hold == nil {
		return nil
	}
	return &HoldTerms{d.Hold.Owner, d.Hold.Due}
}

func idOf(h [32]byte) string { return hex.EncodeToString(h[:]) }
