package exchange

import (
	"fmt"
	"slices"
	"time"

	"sallyport/chain"
	"sallyport/entity"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// A Platform is another provider of crypto-asset services that is known here.
type Platform struct {
	Name      string         `json:"name"`      // by which decisions call it; no personal data, for it stands in the log
	Operators []string       `json:"operators"` // that deal with it or mean to; none where only its addresses are known
	Profile   entity.Profile `json:"profile"`   // held against the lists; its wallets are the addresses that it keeps

	// Succeeds is the lists with a provider to which it is comparable or the successor, on
	// evidence that a person has accepted; Resembles those with one that it seems to succeed,
	// while nobody has decided (Article 5ad(2), point (b), of Regulation (EU) No 833/2014).
	Succeeds  []string `json:"succeeds,omitempty"`
	Resembles []string `json:"resembles,omitempty"`
}

// maxPlatform bounds the name of a platform, in bytes.
const maxPlatform = 128

// platformGate is the platforms known, and what the gate said of dealing with them.
type platformGate struct {
	known     []Platform
	addresses chain.Table[*Platform]
	shunned   map[deal]*Refusal // under Exchange.basis
}

// A deal is a platform with which an operator deals, by its place in the founding table.
type deal struct {
	operator uint16
	platform *Platform
}

// readPlatforms says what is wrong with the platforms told.
func readPlatforms(told []Platform) (platformGate, error) {
	p := platformGate{known: slices.Clone(told), shunned: map[deal]*Refusal{}}
	seen := map[string]bool{}
	for i := range p.known {
		k := &p.known[i]
		fail := func(format string, args ...any) (platformGate, error) {
			return platformGate{}, fmt.Errorf("exchange: platform %q: %s", k.Name, fmt.Sprintf(format, args...))
		}
		switch {
		case k.Name == "" || len(k.Name) > maxPlatform || seen[k.Name]:
			return fail("want a name of 1 to %d bytes, each only once", maxPlatform)
		case k.Profile.Kind != entity.Organisation || len(k.Profile.Names) == 0:
			return fail("want a profile of an organisation with at least one name")
		}
		seen[k.Name] = true
		var f law.Facts
		for fact, lists := range map[string][]string{"counterparty.platform_succeeds": k.Succeeds, "counterparty.platform_resembles": k.Resembles} {
			if err := f.Set(fact, append([]string{}, lists...)); err != nil {
				return fail("%v", err)
			}
		}
		for _, w := range k.Profile.Wallets {
			a, err := chain.Parse(w.Address)
			if err == nil && a.Fault != "" {
				err = fmt.Errorf("address %s: %s", w.Address, a.Fault)
			}
			if err != nil {
				return fail("%v", err)
			}
			p.addresses.Add(a, k)
		}
	}
	return p, nil
}

// checkPlatforms holds the platforms to the founding table.
func (x *Exchange) checkPlatforms() error {
	for _, p := range x.platforms.known {
		for _, name := range p.Operators {
			if x.operator(name) < 0 {
				return fmt.Errorf("exchange: platform %q: there is no operator %q", p.Name, name)
			}
		}
	}
	return nil
}

func (x *Exchange) operator(name string) int {
	return slices.IndexFunc(x.view.Genesis().Operators, func(o tape.Operator) bool { return o.Name == name })
}

// gatePlatforms asks the gate whether each operator may deal with each platform that it deals
// with, and gives the decisions that say something new. To one that may not be dealt with
// nothing is sent from then on; what arrives from it is decided as every deposit is, with what
// is known of the platform. The caller holds basis for writing.
func (x *Exchange) gatePlatforms(at time.Time) []tape.Command {
	g := x.view.Genesis()
	var news []tape.Command
	for i := range x.platforms.known {
		p := &x.platforms.known[i]
		for _, name := range p.Operators {
			op := x.operator(name)
			if op < 0 {
				continue // checkPlatforms has said so, and nothing opens
			}
			in := x.ownQuestion(law.DealPlatform, g.Operators[op], p.Name, at)
			in.Findings = x.dealFacts(&in.Facts, p, at)
			d, fresh := x.saidAgain(gate.Decide(in))
			if d.Verdict == law.Allow {
				delete(x.platforms.shunned, deal{uint16(op), p})
			} else {
				x.platforms.shunned[deal{uint16(op), p}] = &Refusal{Reason: tape.NotPermitted, Decision: d.ID, Verdict: d.Verdict}
			}
			if fresh {
				news = append(news, encodeDecision(d))
			}
		}
	}
	return news
}

// dealFacts states what is known for a question about dealing with a platform at all.
func (x *Exchange) dealFacts(f *law.Facts, p *Platform, at time.Time) []match.Finding {
	x.state(f, "counterparty.listed", []string{})
	return x.platformFacts(f, p, at)
}

// platformFacts states what is known of a platform: where it is established, what it succeeds,
// and the lists that name it, which name whatever address it keeps too. A mere likeness, to
// its name or its addresses, leaves open what the lists say.
func (x *Exchange) platformFacts(f *law.Facts, p *Platform, at time.Time) []match.Finding {
	x.state(f, "counterparty.platform_succeeds", append([]string{}, p.Succeeds...))
	x.state(f, "counterparty.platform_resembles", append([]string{}, p.Resembles...))
	of := gate.FactsFor(&p.Profile, nil, nil, nil, at)
	if country, known := of.Text("customer.established"); known {
		x.state(f, "counterparty.platform_established", country)
	}
	findings := x.watch.index.Screen(p.Profile.Entity, match.Options{})
	lists, doubtful := []string{}, false
	for _, m := range findings {
		if m.Grade == match.Same {
			lists = append(lists, m.List)
		}
		doubtful = doubtful || m.Grade == match.Resembles
	}
	for _, w := range p.Profile.Wallets {
		named, known := x.watch.listed(w.Address)
		lists, doubtful = append(lists, named...), doubtful || !known
	}
	address, known := f.Texts("counterparty.listed")
	switch {
	case len(lists) > 0:
		x.state(f, "counterparty.platform_listed", lists)
		x.state(f, "counterparty.listed", append(slices.Clone(address), lists...))
	case doubtful:
		if known && len(address) == 0 {
			f.Unset("counterparty.listed")
		}
	default:
		x.state(f, "counterparty.platform_listed", []string{})
	}
	return findings
}

// Deals lists the platforms that an operator deals with and may, by name.
func (x *Exchange) Deals(operator string) []string {
	x.basis.RLock()
	defer x.basis.RUnlock()
	var out []string
	for i := range x.platforms.known {
		p := &x.platforms.known[i]
		if op := x.operator(operator); slices.Contains(p.Operators, operator) && x.platforms.shunned[deal{uint16(op), p}] == nil {
			out = append(out, p.Name)
		}
	}
	slices.Sort(out)
	return out
}

// at is the platform that keeps an address, or nil; it reports false where that cannot be
// told: a platform keeps one that belongs to the same key in another form.
func (p *platformGate) at(address string) (*Platform, bool) {
	a, err := chain.Parse(address)
	if err != nil {
		return nil, false
	}
	known := true
	for _, hit := range p.addresses.Find(a) {
		if hit.Grade == chain.SameKey {
			return hit.Value, true
		}
		known = false
	}
	return nil, known
}

// behind states what is known of the platform behind an address. Of one that no platform is
// known to keep it is not known whether its user keeps it alone.
func (x *Exchange) behind(f *law.Facts, address string, at time.Time) {
	p, known := x.platforms.at(address)
	switch {
	case p != nil:
		x.platformFacts(f, p, at)
		x.state(f, "counterparty.self_hosted", false)
	case known:
		for _, name := range []string{"counterparty.platform_listed", "counterparty.platform_resembles", "counterparty.platform_succeeds"} {
			x.state(f, name, []string{})
		}
		x.state(f, "counterparty.platform_established", "")
	}
}

// shuns is why a customer's operator may not deal with whoever keeps an address, or nil. The
// caller holds basis.
func (x *Exchange) shuns(c *customer, address string) *Refusal {
	if p, _ := x.platforms.at(address); p != nil {
		return x.platforms.shunned[deal{c.operator, p}]
	}
	return nil
}
