package exchange

import (
	"cmp"
	"slices"
	"time"

	"sallyport/law"
	"sallyport/ledger"
	"sallyport/money"
	"sallyport/venue/tape"
)

// counts is what a glance tells of all customers together, kept while their accounts change: pages ask for it all the time, and
// to go through millions of accounts each time would keep whoever trades waiting.
type counts struct {
	standings [law.Release + 1]int // customers by the verdict that they stand under
	orders    int                  // open ones
	totals    []ledger.Balance     // by asset
	over      bool                 // totals have not followed and are to be counted
	// noted are the customers who do not simply stand at allow: another verdict, or findings.
	noted map[uint64]struct{}
}

func (v *View) newCounts() counts {
	return counts{totals: make([]ledger.Balance, len(v.genesis.Assets)), noted: map[uint64]struct{}{}}
}

// countAll goes through all accounts.
func (v *View) countAll() counts {
	c := v.newCounts()
	for n, a := range v.accounts {
		if n < uint64(ledger.First) {
			continue
		}
		c.standings[a.standing.Verdict]++
		c.orders += len(a.open)
		c.note(a)
		for i := range a.balances {
			c.moved(uint16(i), &ledger.Balance{}, &a.balances[i])
		}
	}
	return c
}

// note notes a customer, or notes them no more.
func (c *counts) note(a *accountView) {
	if a.standing.Verdict != law.Allow || a.under.whole != nil {
		c.noted[a.number] = struct{}{}
	} else {
		delete(c.noted, a.number)
	}
}

// moved takes in how a customer's balance has changed.
func (c *counts) moved(asset uint16, before, after *ledger.Balance) {
	t := &c.totals[asset]
	for p := range t {
		if before[p] == after[p] {
			continue
		}
		by, err := after[p].Sub(before[p])
		if err == nil {
			by, err = t[p].Add(by)
		}
		if err != nil {
			// Between two movements of one command there may be more than an amount holds, where customers
			// have as much of an asset as it holds.
			c.over = true
			return
		}
		t[p] = by
	}
}

// A Summary is the exchange at a glance.
type Summary struct {
	Seq       uint64
	At        time.Time
	Customers int
	Refused   int              // applicants for whom no account was opened
	Standings map[law.Verb]int // customers by the verdict they stand under
	Stops     []RuleCount      // customers stopped or limited, by rule, most first
	Trades    uint64
	Orders    int // open ones
	Decisions int
	Editions  []EditionInForce
	Rules     tape.Hash
	RuleMarks []RuleMark
	Totals    []AssetTotal
	Markets   []MarketSummary
}

// A RuleCount says how many customers' standing a rule decides.
type RuleCount struct {
	Rule      string
	Customers int
}

// An AssetTotal is what the exchange holds of an asset for its customers, by pocket.
type AssetTotal struct {
	Code    string
	Pockets ledger.Balance
	Fees    money.Amount
	Outside money.Amount // negative: owed by the world outside
	Max     money.Amount // that one order may move; 0 is no bound
}

// A MarketSummary is a market at a glance; prices are zero where there is none.
type MarketSummary struct {
	Symbol         string
	Phase          tape.Phase
	Last, Bid, Ask money.Amount
}

// Summary is the exchange at a glance.
func (v *View) Summary() Summary {
	v.mu.RLock()
	defer v.mu.RUnlock()
	s := Summary{
		Seq: v.seq, At: timeOf(v.at), Standings: map[law.Verb]int{}, Refused: v.refused, Trades: v.trades, Decisions: v.decisions.count,
		Editions: slices.Clone(v.editions), Rules: v.rules, RuleMarks: slices.Clone(v.ruleMarks),
	}
	c := v.counts
	if c.over {
		c = v.countAll()
	}
	for verdict, n := range c.standings {
		if n > 0 {
			s.Standings[law.Verb(verdict)] = n
			s.Customers += n
		}
	}
	s.Orders = c.orders
	for i, a := range v.genesis.Assets {
		t := AssetTotal{Code: a.Code, Pockets: c.totals[i], Max: v.maxAssets[i]}
		t.Outside, _ = v.accounts[uint64(ledger.Outside)].balances[i].Total()
		t.Fees, _ = v.accounts[uint64(ledger.Fees)].balances[i].Total()
		s.Totals = append(s.Totals, t)
	}
	for rule, n := range v.stops {
		if n > 0 {
			s.Stops = append(s.Stops, RuleCount{rule, n})
		}
	}
	slices.SortFunc(s.Stops, func(a, b RuleCount) int {
		return cmp.Or(cmp.Compare(b.Customers, a.Customers), cmp.Compare(a.Rule, b.Rule))
	})
	for _, m := range v.markets {
		s.Markets = append(s.Markets, MarketSummary{Symbol: m.Symbol, Phase: m.phase, Last: m.last, Bid: m.bids.best().Price, Ask: m.asks.best().Price})
	}
	return s
}
