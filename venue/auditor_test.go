package venue

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"pgregory.net/rapid"

	"sallyport/book"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/verify"
)

// TestAuditorAgrees gives the venue commands of every kind, most of them wrong in some way,
// and has the auditor replay them: both work from the words in package tape alone, so a
// refusal that they read otherwise, or a decision that one of them spends and the other
// keeps, is a hole in the words.
func TestAuditorAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := newAudited(t)
		for _, n := range []uint64{ann, bob} {
			id := a.decide(law.OpenAccount, n, law.Allow, "")
			a.do(&tape.OpenAccount{Account: n, Decision: id})
			for asset := range a.g.Assets {
				c := &tape.Deposit{Account: n, Asset: uint16(asset), Amount: money.Int(1000), Network: a.g.Assets[asset].Network, TxID: fmt.Sprint("first", n), From: "x"}
				c.Decision = a.decide(law.Deposit, n, law.Allow, DepositMovement(a.g, c).Digest())
				a.do(c)
			}
		}
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			a.do(a.draw(t))
		}
		a.audit()
	})
}

// audited is a venue whose commands go into a journal.
type audited struct {
	t       fataler
	v       *Venue
	g       *tape.Genesis
	at      int64
	seq     int
	ids     []tape.Hash // of decisions, refused ones too
	entries []journal.Entry
}

type fataler interface {
	failer
	Fatal(...any)
}

func newAudited(t fataler) *audited {
	a := &audited{t: t, v: New(), g: newWorld(t).g, at: 1_645_700_000_000_000}
	a.do(a.g)
	a.do(&tape.TakeRules{SHA256: rulesHash})
	return a
}

// TestAuditorAgreesOnTheRare has what chance seldom draws: each verdict at an opening, and a
// second decision that waits for a movement whose value lies set aside.
func TestAuditorAgreesOnTheRare(t *testing.T) {
	a := newAudited(t)
	for v := law.Allow; v <= law.Release; v++ {
		n := 2000 + uint64(v)
		a.do(&tape.OpenAccount{Account: n, Decision: a.decide(law.OpenAccount, n, v, "")})
	}
	n := 2000 + uint64(law.Allow)
	in := &tape.Deposit{Account: n, Asset: 1, Amount: money.Int(100), Network: "ETH", TxID: "t", From: "x"}
	in.Decision = a.decide(law.Deposit, n, law.Allow, DepositMovement(a.g, in).Digest())
	a.do(in)
	out := &tape.Withdraw{Account: n, Asset: 1, Amount: money.Int(20), Network: "ETH", Address: "listed"}
	movement := WithdrawMovement(a.g, out).Digest()
	first, second := a.decide(law.Withdraw, n, law.Freeze, movement), a.decide(law.Withdraw, n, law.Freeze, movement)
	for _, out.Decision = range []tape.Hash{first, second} {
		a.do(out)
	}
	// A decision kept for a movement is forgotten with the clearance that it may rest on, and
	// with the data.
	for _, end := range []tape.Command{&tape.EndClearance{Clearance: 1, Cause: tape.EntryGone}, &tape.AmendCustomer{Account: n}} {
		if _, ends := end.(*tape.EndClearance); ends {
			a.do(&tape.Clear{Account: n, List: "us-sdn", Entity: "1", By: "m", Reason: "r", At: a.at, Decision: a.decideWith(law.Review, n, law.Hold, "", func(d *gate.Decision) {
				d.Findings = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: match.Resembles, Reasons: []match.Reason{}}}
			})})
			a.decide(law.Review, n, law.Allow, "")
		}
		out.Ref += "x"
		out.Decision = a.decide(law.Withdraw, n, law.Allow, WithdrawMovement(a.g, out).Digest())
		a.do(end)
		a.do(out)
	}
	if len(a.v.accounts) != 5 || a.v.lastWithdrawal != 1 {
		t.Fatalf("%d accounts and %d withdrawals, want 5 and 1", len(a.v.accounts), a.v.lastWithdrawal)
	}
	a.audit()
}

func (a *audited) do(cmd tape.Command) {
	a.at += 1000
	payload, err := tape.Encode(cmd)
	if err != nil {
		a.t.Fatal(err)
	}
	events := apply(a.v, a.at, cmd)
	a.entries = append(a.entries, journal.Entry{Time: a.at, Kind: uint16(cmd.Kind()), Payload: payload, Outcome: tape.Digest(events)})
}

func (a *audited) audit() {
	a.t.Helper()
	log, err := journal.Open("journal", journal.Options{FS: vfs.NewMem()})
	if err != nil {
		a.t.Fatal(err)
	}
	defer log.Close()
	if _, err := log.Append(a.entries); err != nil {
		a.t.Fatal(err)
	}
	r, err := verify.Journal(log, verify.Options{})
	if err != nil {
		a.t.Fatal(err)
	}
	if s := a.v.State(); tape.Hash(r.StateHash) != s.Hash() {
		a.t.Fatal("the auditor is left with another state than the venue")
	}
}

// decide makes a decision as a gate would and takes it into the log.
func (a *audited) decide(action law.Action, account uint64, verdict law.Verb, movement string) tape.Hash {
	return a.decideWith(action, account, verdict, movement, func(*gate.Decision) {})
}

func (a *audited) decideWith(action law.Action, account uint64, verdict law.Verb, movement string, change func(*gate.Decision)) tape.Hash {
	a.seq++
	d := gate.Decision{
		At: time.UnixMicro(a.at).UTC(), Action: action, Account: account, Operator: "us", Nexus: []string{"US"}, Verdict: verdict,
		Subject: hex.EncodeToString(make([]byte, 32)), Rules: hex.EncodeToString(rulesHash[:]), Movement: movement,
		Tried: []string{}, Editions: []gate.EditionRef{}, Matching: fmt.Sprint(a.seq),
	}
	for _, b := range a.v.editions {
		d.Editions = append(d.Editions, gate.EditionRef{List: b.List, Published: time.UnixMicro(0).UTC(), SHA256: hex.EncodeToString(b.SHA256[:])})
	}
	if verdict == law.Hold {
		d.Hold = &gate.HoldTerms{Owner: "desk", Due: d.At.Add(time.Hour)}
	}
	if verdict != law.Allow {
		d.Fired = []gate.Fired{{Rule: "r", Title: "R", Verb: verdict, Authority: "A", Instrument: "I", Article: "1", EffectiveAt: d.At.Add(-time.Hour)}}
	}
	change(&d)
	d.Seal()
	body, err := json.Marshal(d)
	if err != nil {
		a.t.Fatal(err)
	}
	a.do(&tape.Decide{Body: body})
	id, err := hashOf(d.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	a.ids = append(a.ids, id)
	return id
}

// perhapsAsked makes it now and then a decision for another exchange's ledger.
func (a *audited) perhapsAsked(t *rapid.T, m gate.Movement) func(*gate.Decision) {
	return func(d *gate.Decision) {
		if rapid.IntRange(0, 4).Draw(t, "asked") == 0 {
			a.asked(m)(d)
		}
	}
}

// asked makes it a decision for another exchange's ledger.
func (a *audited) asked(m gate.Movement) func(*gate.Decision) {
	return func(d *gate.Decision) {
		m.Account = d.Account
		d.Movement = m.Digest()
		d.Asked = &gate.Asked{Key: fmt.Sprintf("%064d", a.seq), Request: strings.Repeat("02", 32), Moves: &m}
	}
}

// TestAnotherLedger: a decision that another exchange asked for is recorded and has no effect
// here. No command spends it, and it moves nothing that lies set aside under the same movement.
func TestAnotherLedger(t *testing.T) {
	a := newAudited(t)
	a.do(&tape.OpenAccount{Account: ann, Decision: a.decide(law.OpenAccount, ann, law.Allow, "")})
	in := &tape.Deposit{Account: ann, Asset: 1, Amount: money.Int(100), Network: "ETH", TxID: "t", From: "x"}
	movement, asked := DepositMovement(a.g, in).Digest(), a.asked(DepositMovement(a.g, in))
	in.Decision = a.decideWith(law.Deposit, ann, law.Allow, movement, asked)
	if len(a.v.kept) != 0 {
		t.Error("the venue keeps a decision that it will never spend")
	}
	a.do(in)
	if a.v.lastDeposit != 0 {
		t.Error("a decision for another ledger was spent here")
	}
	in.Decision = a.decide(law.Deposit, ann, law.Freeze, movement)
	a.do(in)
	a.decideWith(law.Deposit, ann, law.Allow, movement, asked)
	if x := a.v.aside[movement]; x == nil || !x.Frozen {
		t.Errorf("a decision for another ledger moved what lies frozen here: %+v", x)
	}
	a.decide(law.Deposit, ann, law.Allow, movement)
	if a.v.aside[movement] != nil {
		t.Error("the test shows nothing: its own decision did not move it either")
	}
	a.audit()
}

// draw is a command from small tables of right and wrong values, so that they meet.
func (a *audited) draw(t *rapid.T) tape.Command {
	account := rapid.SampledFrom([]uint64{ann, ann, bob, bob, 1002, 7}).Draw(t, "account")
	asset := rapid.SampledFrom([]uint16{0, 1, 1, 9}).Draw(t, "asset")
	amount := money.MustParse(rapid.SampledFrom([]string{"20", "20", "5000", "0", "-20", "0.000000001"}).Draw(t, "amount"))
	huge := money.FromParts(1<<63-1, 0)
	network := rapid.SampledFrom([]string{"ETH", "ETH", "BTC"}).Draw(t, "network")
	verdict := law.Verb(rapid.IntRange(int(law.Allow), int(law.Release)).Draw(t, "verdict"))
	if rapid.Bool().Draw(t, "plain") {
		verdict = rapid.SampledFrom([]law.Verb{law.Allow, law.Freeze, law.Hold}).Draw(t, "of the three")
	}
	decided := rapid.IntRange(0, 3).Draw(t, "decided") // 0: names an older decision
	old := rapid.SampledFrom(a.ids).Draw(t, "older")
	switch rapid.IntRange(0, 14).Draw(t, "kind") {
	case 14:
		return &tape.SetOperatorUser{
			Name: rapid.SampledFrom([]string{"m", "m", "m", "k", "k", "m k"}).Draw(t, "user"),
			May:  tape.Right(rapid.SampledFrom([]int{0, 0, 0, 7, 3, 3, 5, 1, 2, 8}).Draw(t, "may")),
		}
	case 13:
		return a.drawLicence(t, max(account, 1000))
	case 11:
		return a.drawClearance(t, max(account, 1000))
	case 0:
		a.decide(law.Review, max(account, 1000), verdict, "")
		return &tape.CancelAll{Account: account}
	case 1, 2:
		c := &tape.Deposit{Account: account, Asset: asset, Amount: amount, Network: network, TxID: fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "tx")), From: "f", Decision: old}
		if rapid.IntRange(0, 9).Draw(t, "huge") == 0 {
			c.Amount, c.Asset, c.Network = huge, 1, "ETH"
		}
		for ; decided > 0 && asset < 2; decided -= 2 { // sometimes two wait for one movement
			c.Decision = a.decideWith(law.Deposit, max(account, 1000), verdict, DepositMovement(a.g, c).Digest(), a.perhapsAsked(t, DepositMovement(a.g, c)))
		}
		return c
	case 3, 4:
		c := &tape.Withdraw{Account: account, Asset: asset, Amount: amount, Network: network, Address: "y", Ref: rapid.SampledFrom([]string{"", "r"}).Draw(t, "ref"), Decision: old}
		for ; decided > 0 && asset < 2; decided -= 2 {
			c.Decision = a.decideWith(law.Withdraw, max(account, 1000), verdict, WithdrawMovement(a.g, c).Digest(), a.perhapsAsked(t, WithdrawMovement(a.g, c)))
		}
		return c
	case 5:
		c := &tape.OpenAccount{Account: account, Operator: uint16(rapid.IntRange(0, 1).Draw(t, "operator")), Decision: old}
		if decided > 0 {
			c.Decision = a.decide(law.OpenAccount, max(account, 1000), verdict, "")
		}
		if decided > 2 {
			a.do(&tape.OpenAccount{Account: account, Commitment: tape.Hash{9}, Decision: c.Decision}) // another profile
		}
		return c
	case 6:
		id := uint64(rapid.IntRange(1, 4).Draw(t, "withdrawal"))
		if decided > 1 {
			a.do(&tape.SendWithdrawal{Withdrawal: id})
		}
		return &tape.SettleWithdrawal{Withdrawal: id, TxID: "t"}
	case 7:
		if decided > 1 {
			return &tape.AddKey{Account: account, Key: "k"}
		}
		return &tape.RemoveKey{Key: "k"}
	case 8:
		if decided > 1 {
			return &tape.TakeEdition{List: "us-sdn", SHA256: tape.Hash{byte(a.seq)}}
		}
		return &tape.CancelOrder{Account: account, Order: uint64(rapid.IntRange(0, 5).Draw(t, "order")), ClientID: "c1"}
	default:
		a.seq++
		o := &tape.PlaceOrder{
			Account: account, Market: uint16(rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "market")), Side: book.Side(rapid.IntRange(0, 2).Draw(t, "side")),
			Type: tape.Type(rapid.IntRange(1, 3).Draw(t, "type")), Force: tape.Force(rapid.IntRange(1, 3).Draw(t, "force")),
			Price:    money.MustParse(rapid.SampledFrom([]string{"10", "11", "0", "-1", "0.001"}).Draw(t, "price")),
			Quantity: money.MustParse(rapid.SampledFrom([]string{"1", "2", "0", "-1", "0.000001"}).Draw(t, "quantity")),
			ClientID: fmt.Sprint("c", a.seq%7),
		}
		if o.Type == tape.MarketOrder {
			o.Price, o.Force = money.Amount{}, tape.GTC
			if o.Quantity.IsZero() {
				o.QuoteQuantity = money.MustParse(rapid.SampledFrom([]string{"15", "1000", "-1", "0.5"}).Draw(t, "quote"))
			}
		}
		return o
	}
}

// drawClearance draws a clearance, an end of one, a change of a customer's data, or a decision
// that relies on one, most of them wrong in some way.
func (a *audited) drawClearance(t *rapid.T, account uint64) tape.Command {
	id := uint64(rapid.IntRange(1, 3).Draw(t, "clearance"))
	switch rapid.IntRange(0, 5).Draw(t, "of clearances") {
	case 0, 1:
		c := &tape.Clear{
			Account: account, List: "us-sdn", Entity: rapid.SampledFrom([]string{"1", "1", "2", ""}).Draw(t, "entity"),
			By: rapid.SampledFrom([]string{"m", "m", "", strings.Repeat("m", tape.MaxBy+1)}).Draw(t, "by"), Reason: "r", At: a.at - rapid.SampledFrom([]int64{0, 0, 0, tape.Fresh + 1, -1_000_000}).Draw(t, "age"),
		}
		// The decision in which the likeness was looked at; sometimes not the one that stands.
		c.Decision = a.decideWith(law.Review, account, law.Hold, "", func(d *gate.Decision) {
			d.Findings = []match.Finding{{List: "us-sdn", EntityID: c.Entity, Grade: match.Resembles, Reasons: []match.Reason{}}}
		})
		if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
			a.decide(law.Review, account, law.Allow, "")
		}
		return c
	case 2:
		if x := a.v.clearances[id]; x != nil {
			account = x.Account
		}
		a.do(&tape.EndClearance{
			Clearance: id, Cause: tape.Cause(rapid.IntRange(0, 5).Draw(t, "cause")),
			Changed: rapid.SampledFrom([][]string{nil, {"names"}}).Draw(t, "changed"),
			By:      rapid.SampledFrom([]string{"", "m"}).Draw(t, "by"), Reason: rapid.SampledFrom([]string{"", "r"}).Draw(t, "reason"),
		})
	case 3:
		// The same commitment as before, for decisions here are all made on that.
		a.do(&tape.AmendCustomer{Account: account, Changed: rapid.SampledFrom([][]string{nil, {"birth"}}).Draw(t, "changed")})
	default:
		a.decideWith(law.Review, account, law.Allow, "", func(d *gate.Decision) {
			if x := a.v.clearances[id]; x != nil && rapid.IntRange(0, 9).Draw(t, "true") > 0 {
				c := gate.Clearance{ID: id, List: x.List, EntityID: x.Entity, By: x.By, At: time.UnixMicro(x.At).UTC(), Listed: hex.EncodeToString(x.Listed[:]), Subject: hex.EncodeToString(x.Subject[:])}
				if rapid.IntRange(0, 4).Draw(t, "spoilt") == 0 {
					c.By += "x"
				}
				d.Cleared = []gate.Clearance{c}
				d.Findings = []match.Finding{{List: x.List, EntityID: x.Entity, Grade: match.Resembles, Reasons: []match.Reason{}}}
			} else {
				d.Cleared = []gate.Clearance{{ID: id}} // of nothing
			}
		})
		return &tape.CancelAll{Account: account}
	}
	// What ends a clearance brings a decision in the same commit; no one acts in between.
	a.decide(law.Review, account, law.Hold, "")
	return &tape.CancelAll{Account: account}
}

// drawLicence draws a licence, an end of one, or a mark that something ran out, most of them
// wrong in some way.
func (a *audited) drawLicence(t *rapid.T, account uint64) tape.Command {
	id := uint64(rapid.IntRange(1, 3).Draw(t, "licence"))
	switch rapid.IntRange(0, 3).Draw(t, "of licences") {
	case 0, 1:
		a.do(&tape.RecordLicence{
			Account: account, Licence: rapid.SampledFrom([]string{"l", "l", "k", ""}).Draw(t, "id"), Until: rapid.SampledFrom([]int64{0, a.at + 10_000, a.at + 1e12, a.at - 1}).Draw(t, "until"),
			By: rapid.SampledFrom([]string{"m", "m", ""}).Draw(t, "by"), Second: rapid.SampledFrom([]string{"k", "k", "m"}).Draw(t, "second"), Reason: "r",
			At: a.at - rapid.SampledFrom([]int64{0, 0, tape.Fresh + 1, -1_000_000}).Draw(t, "age"),
		})
	case 2:
		if l := a.v.licences[id]; l != nil {
			account = l.Account
		}
		a.do(&tape.EndLicence{ID: id, By: rapid.SampledFrom([]string{"m", "m", ""}).Draw(t, "by"), Reason: "r"})
	default:
		m := &tape.MarkExpiry{Account: account, At: a.at, Permit: rapid.Bool().Draw(t, "permit")}
		if l := a.v.licences[id]; l != nil && rapid.IntRange(0, 4).Draw(t, "true") > 0 {
			// At most the hour that the clock reads: an auditor takes no mark before its hour.
			m.Account, m.At, m.Licences = l.Account, min(l.Until, a.at), []uint64{id}
		} else if rapid.Bool().Draw(t, "made up") {
			m.Licences = []uint64{id}
		}
		a.do(m)
		account = m.Account
	}
	// What changes of a licence brings a decision on the account, as the next record.
	if a.v.accounts[account] == nil {
		return &tape.CancelAll{Account: account}
	}
	a.decide(law.Review, account, law.Hold, "")
	return &tape.CancelAll{Account: account}
}

// TestAuditorRefusesTheSameFoundings breaks one thing in the founding tables at a time.
func TestAuditorRefusesTheSameFoundings(t *testing.T) {
	m := money.MustParse
	for name, spoil := range map[string]func(*tape.Genesis){
		"format":               func(g *tape.Genesis) { g.Format++ },
		"no assets":            func(g *tape.Genesis) { g.Assets, g.Markets = nil, nil },
		"no markets":           func(g *tape.Genesis) { g.Markets = nil },
		"no operators":         func(g *tape.Genesis) { g.Operators = nil },
		"no nexus":             func(g *tape.Genesis) { g.Operators[0].Nexus = nil },
		"asset twice":          func(g *tape.Genesis) { g.Assets[1].Code = "BTC" },
		"operator without":     func(g *tape.Genesis) { g.Operators[0].Name = "" },
		"19 decimals":          func(g *tape.Genesis) { g.Assets[1].Decimals = 19 },
		"fee is the least":     func(g *tape.Genesis) { g.Assets[0].FeeOut = g.Assets[0].MinOut },
		"base is quote":        func(g *tape.Genesis) { g.Markets[0].Quote = 0 },
		"no such asset":        func(g *tape.Genesis) { g.Markets[0].Quote = 2 },
		"beyond the quote":     func(g *tape.Genesis) { g.Assets[1].Decimals = 6 },
		"beyond the base":      func(g *tape.Genesis) { g.Assets[0].Decimals = 4 },
		"value does not fit":   func(g *tape.Genesis) { g.Markets[0].MaxQty = money.Int(1 << 62) },
		"fee above a tenth":    func(g *tape.Genesis) { g.Markets[0].TakerPPM = 100_001 },
		"empty range":          func(g *tape.Genesis) { g.Markets[0].MaxQty = m("0.00000999") },
		"negative notional":    func(g *tape.Genesis) { g.Markets[0].MinNotional = m("-1") },
		"tick of nothing":      func(g *tape.Genesis) { g.Markets[0].Tick = money.Amount{} },
		"least price nothing":  func(g *tape.Genesis) { g.Markets[0].MinPrice = money.Amount{} },
		"negative fee":         func(g *tape.Genesis) { g.Assets[0].FeeOut = m("-1") },
		"market without":       func(g *tape.Genesis) { g.Markets[0].Symbol = "" },
		"least quantity below": func(g *tape.Genesis) { g.Markets[0].MinQty = m("-1") },
	} {
		t.Run(name, func(t *testing.T) {
			g := newWorld(t).g
			spoil(g)
			events := apply(New(), 1, g)
			if r, ok := refused(events); !ok || r.Reason != tape.BadGenesis {
				t.Fatalf("the venue took it: %+v", events)
			}
			payload, err := tape.Encode(g)
			if err != nil {
				t.Fatal(err)
			}
			log, err := journal.Open("journal", journal.Options{FS: vfs.NewMem()})
			if err != nil {
				t.Fatal(err)
			}
			defer log.Close()
			if _, err := log.Append([]journal.Entry{{Time: 1, Kind: uint16(g.Kind()), Payload: payload, Outcome: tape.Digest(events)}}); err != nil {
				t.Fatal(err)
			}
			if _, err := verify.Journal(log, verify.Options{}); err != nil {
				t.Fatal(err)
			}
		})
	}
}
