package gate

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/entity"
	"sallyport/law"
	"sallyport/match"
)

var day = time.Date(2026, 1, 15, 12, 0, 0, 0, time.UTC)

func rules(t testing.TB) *law.Set {
	t.Helper()
	s, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ordinary is the customer of law/testdata/scenarios/ordinary.json, with changes.
func ordinary(t testing.TB, changes map[string]any) law.Facts {
	t.Helper()
	data, err := os.ReadFile("../law/testdata/scenarios/ordinary.json")
	if err != nil {
		t.Fatal(err)
	}
	var f law.Facts
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	for name, v := range changes {
		if v == nil {
			f.Unset(name)
		} else if err := f.Set(name, v); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func input(t testing.TB, nexus string, a law.Action, changes map[string]any) Input {
	return Input{
		Facts: ordinary(t, changes), Action: a, Account: 7, Operator: "op", Nexus: []string{nexus}, At: day, Rules: rules(t),
		Editions: []EditionRef{{List: "us-sdn", Published: day, SHA256: "aa"}}, Subject: "bb", Matching: "1",
		Hold: HoldTerms{Owner: "compliance desk", Due: day.Add(48 * time.Hour)},
	}
}

func TestScenarios(t *testing.T) {
	all, err := law.LoadScenarios(os.DirFS("../law/testdata/scenarios"))
	if err != nil {
		t.Fatal(err)
	}
	set, steps := rules(t), 0
	for _, s := range all {
		for _, step := range s.Steps {
			d := Decide(Input{Facts: step.Facts, Action: step.Action, Account: 7, Operator: "op", Nexus: step.Nexus, At: step.At, Rules: set})
			if d.Verdict != step.Verdict {
				t.Errorf("%s: line %d: verdict %s, want %s", s.Name, step.Line, d.Verdict, step.Verdict)
			}
			steps++
		}
	}
	t.Logf("%d scenarios, %d verdicts", len(all), steps)
	if steps < 150 {
		t.Errorf("%d verdicts: some scenarios were lost", steps)
	}
}

// TestStaleListsAreNamed: whatever the verdict, a decision names the lists that had fallen
// silent when it was made, and says nothing of them where that is not known.
func TestStaleListsAreNamed(t *testing.T) {
	for _, c := range []struct {
		action  law.Action
		stale   any
		want    []string
		verdict law.Verb
	}{
		{law.Trade, []string{"us-sdn", "eu-fsf"}, []string{"eu-fsf", "us-sdn"}, law.Allow},
		{law.Withdraw, []string{"us-sdn"}, []string{"us-sdn"}, law.Hold},
		{law.Withdraw, []string{}, nil, law.Allow},
		{law.Withdraw, nil, nil, law.Hold}, // it is not known whether any is
	} {
		d := Decide(input(t, "US", c.action, map[string]any{"lists.stale": c.stale}))
		if !slices.Equal(d.Stale, c.want) || d.Verdict != c.verdict || d.Check() != nil {
			t.Errorf("%s with %v: %s, names %q; want %s and %q", c.action, c.stale, d.Verdict, d.Stale, c.verdict, c.want)
		}
		if told := strings.Contains(Explain(d, English, Reviewer), "SILENT"); told != slices.Contains(c.want, "us-sdn") {
			t.Errorf("%s with %v: the reviewer is told of a silent list: %v", c.action, c.stale, told)
		}
	}
}

func person(change func(*entity.Profile)) *entity.Profile {
	p := &entity.Profile{Residence: entity.Place{Country: "GE", Town: "Tbilisi"}}
	p.Kind, p.Nationalities = entity.Person, []string{"GE"}
	change(p)
	return p
}

// From what a customer wrote to the verdict: scenarios 3, 5, 6, 17, 24, 28, 31, 32.
func TestWrittenAddressToVerdict(t *testing.T) {
	on := func(s string) time.Time {
		at, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	same := func(list string) []match.Finding {
		return []match.Finding{{List: list, EntityID: "1", EntityName: "X", Grade: match.Same, Score: 1}}
	}
	like := func(list string) []match.Finding {
		return []match.Finding{{List: list, EntityID: "1", EntityName: "X", Grade: match.Resembles, Score: 0.9}}
	}
	russian := func(country, town string) *entity.Profile {
		return person(func(p *entity.Profile) {
			p.Nationalities, p.Residence = []string{"Russia"}, entity.Place{Country: country, Town: town}
		})
	}
	firm := func(owners ...entity.Owner) *entity.Profile {
		p := &entity.Profile{Residence: entity.Place{Country: "CY", Town: "Limassol"}, Owners: owners}
		p.Kind = entity.Organisation
		return p
	}
	owner := func(bp int) entity.Owner {
		return entity.Owner{Entity: entity.Entity{Kind: entity.Person}, ShareBP: bp}
	}
	for _, c := range []struct {
		name    string
		profile *entity.Profile
		own     []match.Finding
		owners  map[int][]match.Finding
		nexus   string
		at      string
		want    law.Verb
		rule    string // that must be among those fired or unknown
	}{
		{"3: Crimea under the name of Russia", person(func(p *entity.Profile) {
			p.Residence = entity.Place{Country: "Россия", Street: "ул. Ленина, Симферополь"}
		}), nil, nil, "US", "2023-12-13T12:00:00-05:00", law.Refuse, "us-crimea"},
		{"Sevastopol", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "RU", Town: "Sevastopol"} }), nil, nil, "US", "2021-05-01T12:00:00-04:00", law.Refuse, "us-crimea"},
		{"5: Kherson", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Херсон"} }), nil, nil, "US", "2023-01-01T12:00:00-05:00", law.Allow, ""},
		{"5: Kherson, the Union, while it is occupied", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Херсон"} }), nil, nil, "EU", "2022-10-20T12:00:00+02:00", law.Hold, "eu-263-kherson-zaporizhzhia"},
		{"5: Kherson, the Union, before it was law", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Херсон"} }), nil, nil, "EU", "2022-10-05T12:00:00+02:00", law.Allow, ""},
		{"5: Kherson, the Union, taken back", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Херсон"} }), nil, nil, "EU", "2023-01-01T12:00:00+01:00", law.Allow, ""},
		{"5: Melitopol, the Union", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Melitopol"} }), nil, nil, "EU", "2023-01-01T12:00:00+01:00", law.Hold, "eu-263-kherson-zaporizhzhia"},
		{"6: Kramatorsk", person(func(p *entity.Profile) {
			p.Residence = entity.Place{Country: "UA", Town: "Kramatorsk", Region: "Donetsk oblast"}
		}), nil, nil, "US", "2022-03-01T12:00:00-05:00", law.Allow, ""},
		{"6: Donetsk", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Town: "Donetsk"} }), nil, nil, "US", "2022-03-01T12:00:00-05:00", law.Refuse, "us-dnr-lnr"},
		{"6: Donetsk oblast and no town", person(func(p *entity.Profile) { p.Residence = entity.Place{Country: "UA", Region: "Donetsk oblast"} }), nil, nil, "US", "2022-03-01T12:00:00-05:00", law.Hold, "us-dnr-lnr"},
		{"17: a namesake in Almaty", russian("KZ", "Almaty"), like("us-sdn"), nil, "US", "2026-01-15T12:00:00-05:00", law.Hold, "house-resemblance"},
		{"the listed man", russian("KZ", "Almaty"), same("us-sdn"), nil, "US", "2026-01-15T12:00:00-05:00", law.Freeze, "us-sdn"},
		{"34: a Russian in Almaty", russian("KZ", "Almaty"), nil, nil, "US", "2026-01-15T12:00:00-05:00", law.Allow, ""},
		{"a Russian in Kazan, US operator", russian("RU", "Kazan"), nil, nil, "US", "2026-01-15T12:00:00-05:00", law.Allow, ""},
		{"a Russian in Kazan, EU operator", russian("RU", "Kazan"), nil, nil, "EU", "2026-01-15T12:00:00+01:00", law.Refuse, "eu-833-5b2-all"},
		{"31: Spanish permit", person(func(p *entity.Profile) {
			p.Nationalities, p.Residence = []string{"RU"}, entity.Place{Country: "ES", Town: "Madrid"}
			p.Permits = []entity.Permit{{Country: "ES", Until: entity.Day{Year: 2026, Month: 1, Day: 15}}}
		}), nil, nil, "EU", "2026-01-15T23:00:00Z", law.Allow, ""},
		{"31: the day after it ran out", person(func(p *entity.Profile) {
			p.Nationalities, p.Residence = []string{"RU"}, entity.Place{Country: "ES", Town: "Madrid"}
			p.Permits = []entity.Permit{{Country: "ES", Until: entity.Day{Year: 2026, Month: 1, Day: 15}}}
		}), nil, nil, "EU", "2026-01-16T00:00:00Z", law.Refuse, "eu-833-5b2-all"},
		{"31: permanent", person(func(p *entity.Profile) {
			p.Nationalities, p.Permits = []string{"RU"}, []entity.Permit{{Country: "Spain"}}
		}), nil, nil, "EU", "2026-01-16T00:00:00Z", law.Allow, ""},
		{"32: Lithuanian too", person(func(p *entity.Profile) { p.Nationalities = []string{"RU", "LT"} }), nil, nil, "EU", "2026-01-16T00:00:00Z", law.Allow, ""},
		{"no nationality stated", person(func(p *entity.Profile) { p.Nationalities = nil }), nil, nil, "EU", "2026-01-16T00:00:00Z", law.Hold, "eu-833-5b2-all"},
		{"a nationality that cannot be read", person(func(p *entity.Profile) { p.Nationalities = []string{"GE", "Soviet"} }), nil, nil, "EU", "2026-01-16T00:00:00Z", law.Hold, "eu-833-5b2-all"},
		{"a country that cannot be read", person(func(p *entity.Profile) { p.Residence.Country = "Atlantis" }), nil, nil, "US", "2026-01-16T00:00:00Z", law.Hold, "us-iran"},
		{"24: two listed owners of a quarter", firm(owner(2500), owner(2500), owner(5000)), nil, map[int][]match.Finding{0: same("us-sdn"), 1: same("us-sdn")}, "US", "2026-01-16T00:00:00Z", law.Freeze, "us-50pct"},
		{"28: a listed owner of 49 percent", firm(owner(4900), owner(5100)), nil, map[int][]match.Finding{0: same("us-sdn")}, "US", "2026-01-16T00:00:00Z", law.Allow, ""},
		{"49 percent, and nobody named for the rest", firm(owner(4900)), nil, map[int][]match.Finding{0: same("us-sdn")}, "US", "2026-01-16T00:00:00Z", law.Hold, "us-50pct"},
		{"nobody named", firm(), nil, nil, "US", "2026-01-16T00:00:00Z", law.Hold, "us-50pct"},
		{"more than the whole", firm(owner(9000), owner(9000)), nil, nil, "US", "2026-01-16T00:00:00Z", law.Hold, "us-50pct"},
		{"a majority owner who resembles", firm(owner(6000), owner(4000)), nil, map[int][]match.Finding{0: like("us-sdn")}, "US", "2026-01-16T00:00:00Z", law.Hold, "us-50pct"},
		{"a small owner who resembles", firm(owner(1000), owner(9000)), nil, map[int][]match.Finding{0: like("us-sdn")}, "US", "2026-01-16T00:00:00Z", law.Allow, ""},
		{"owned by a firm whose owners are not named", firm(entity.Owner{Entity: entity.Entity{Kind: entity.Organisation}, ShareBP: 10000}), nil, nil, "US", "2026-01-16T00:00:00Z", law.Hold, "us-50pct"},
		{"a clean firm", firm(owner(10000)), nil, nil, "US", "2026-01-16T00:00:00Z", law.Allow, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := FactsFor(c.profile, c.own, c.owners, []string{"us-sdn"}, on(c.at))
			// What no profile tells, as an exchange states it.
			for name, v := range map[string]any{
				"customer.ordinarily": []string{}, "customer.contradicted": []string{}, "customer.licences": []string{},
				"customer.state_body_of": "", "customer.financial_institution_of": "",
			} {
				if err := f.Set(name, v); err != nil {
					t.Fatal(err)
				}
			}
			findings := slices.Clone(c.own)
			for i := range c.profile.Related() {
				findings = append(findings, c.owners[i]...)
			}
			d := Decide(Input{Facts: f, Action: law.OpenAccount, Account: 7, Operator: "op", Nexus: []string{c.nexus}, At: on(c.at), Rules: rules(t), Findings: findings})
			if d.Verdict != c.want {
				t.Errorf("verdict %s, want %s\n%s", d.Verdict, c.want, Explain(d, English, Reviewer))
			}
			cited := slices.ContainsFunc(slices.Concat(d.Fired, d.Unknown), func(f Fired) bool { return f.Rule == c.rule })
			if c.rule != "" && !cited {
				t.Errorf("does not cite %s\n%s", c.rule, Explain(d, English, Reviewer))
			}
		})
	}
}

func TestFactsLeaveOpenWhatIsOpen(t *testing.T) {
	has := func(f law.Facts, want ...string) {
		t.Helper()
		if got := f.Names(); !slices.Equal(got, want) {
			t.Errorf("facts %v, want %v", got, want)
		}
	}
	has(FactsFor(&entity.Profile{}, nil, nil, nil, day), "customer.permits")
	p := person(func(p *entity.Profile) { p.BirthPlaces = []string{"Batumi, Georgia"} })
	of := []string{"customer.area", "customer.birth_country", "customer.established", "customer.financial_institution_of", "customer.kind",
		"customer.nationalities", "customer.permits", "customer.represented_by", "customer.residence", "customer.russian_owned_bp", "customer.state_body_of", "customer.us_person"}
	owned := []string{"ownership.control_signs", "ownership.controlled", "ownership.listed_bp", "ownership.listed_over_bp", "ownership.majority", "ownership.single_bp"}
	has(FactsFor(p, nil, nil, nil, day), slices.Concat(of, owned)...)
	has(FactsFor(p, nil, nil, []string{"us-sdn"}, day), slices.Concat(of, []string{"listing.measures", "listing.resembles", "listing.same"}, owned)...)
	p.Permits = []entity.Permit{{Country: "Atlantis"}}
	if FactsFor(p, nil, nil, nil, day).Known("customer.permits") {
		t.Error("a permit of a country that cannot be read counts as none")
	}
	firm := &entity.Profile{Residence: entity.Place{Country: "CY"}}
	firm.Kind = entity.Organisation
	firm.Identifiers = []entity.Identifier{{Type: "registration", Number: "1", Country: "RU"}}
	if c, _ := FactsFor(firm, nil, nil, nil, day).Text("customer.established"); c != "RU" {
		t.Errorf("registered in Russia, with an office in Cyprus: established %q", c)
	}
	firm.Identifiers = append(firm.Identifiers, entity.Identifier{Type: "registration", Number: "2", Country: "CY"})
	if FactsFor(firm, nil, nil, nil, day).Known("customer.established") {
		t.Error("registered in two countries, and one was chosen")
	}
	// Where no registration is told the office is no more than a guess, and anything that
	// speaks of another country takes it back.
	for why, change := range map[string]func(*entity.Profile){
		"a number of another country's register": func(p *entity.Profile) {
			p.Identifiers = []entity.Identifier{{Type: "ogrn", Number: "1027739880893", Country: "RU"}}
		},
		"another nationality": func(p *entity.Profile) { p.Nationalities = []string{"RU"} },
	} {
		firm := &entity.Profile{Residence: entity.Place{Country: "CY"}}
		firm.Kind = entity.Organisation
		if c, _ := FactsFor(firm, nil, nil, nil, day).Text("customer.established"); c != "CY" {
			t.Errorf("an office in Cyprus and nothing else: established %q", c)
		}
		change(firm)
		if c, known := FactsFor(firm, nil, nil, nil, day).Text("customer.established"); known {
			t.Errorf("%s: established %q", why, c)
		}
	}
}

func TestUndecided(t *testing.T) {
	same := []match.Finding{{List: "us-sdn", Grade: match.Same}}
	for name, spoil := range map[string]func(*Input){
		"no rules":           func(in *Input) { in.Rules = nil },
		"no hour":            func(in *Input) { in.At = time.Time{} },
		"no nexus":           func(in *Input) { in.Nexus = nil },
		"no operator":        func(in *Input) { in.Operator = "" },
		"no action":          func(in *Input) { in.Action = "" },
		"another action":     func(in *Input) { in.Action = "dance" },
		"facts of another":   func(in *Input) { _ = in.Facts.Set("action", "trade") },
		"a finding unshown":  func(in *Input) { in.Findings = same },
		"a nexus of nowhere": func(in *Input) { in.Nexus = []string{"us"} },
	} {
		in := input(t, "US", law.Deposit, nil)
		in.Movement = "m"
		spoil(&in)
		d := Decide(in)
		if d.Verdict != law.Undecided {
			t.Errorf("%s: %s", name, d.Verdict)
		}
		if _, ok := Grant(d); ok {
			t.Errorf("%s: permitted", name)
		}
		if err := d.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := input(t, "US", law.Review, map[string]any{"listing.same": []string{"us-sdn"}})
	in.Findings = same
	if d := Decide(in); d.Verdict != law.Freeze {
		t.Errorf("a finding that the facts show: %s", d.Verdict)
	}
}

func TestSeal(t *testing.T) {
	in := input(t, "US", law.Withdraw, map[string]any{"listing.resembles": []string{"us-sdn"}})
	in.Movement = "m"
	in.At = day.Add(1234567 * time.Nanosecond)
	in.Findings = []match.Finding{{List: "us-sdn", Grade: match.Resembles, Score: 0.8123, Reasons: []match.Reason{{Kind: "name", Effect: 0.3, Text: "t"}}}}
	d := Decide(in)
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	if again := Decide(in); again.ID != d.ID {
		t.Error("the same question gave two decisions")
	}
	if d.At.Nanosecond()%1e6 != 0 || d.At.Location() != time.UTC {
		t.Errorf("at %v: want milliseconds of UTC", d.At)
	}
	if d.Hold == nil || d.Hold.Owner != "compliance desk" {
		t.Errorf("a hold without owner and clock: %+v", d.Hold)
	}

	// Through JSON and back it is the same decision.
	d.About = "BTC" // as that of another action would have it
	d.Seal()
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back Decision
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if err := back.Check(); err != nil {
		t.Error(err)
	}
	if b2, _ := json.Marshal(back); string(b2) != string(b) {
		t.Errorf("%s\nbecame\n%s", b, b2)
	}

	// Any field that changes is noticed.
	v := reflect.ValueOf(&back).Elem()
	for i := range v.NumField() {
		changed := back
		f := reflect.ValueOf(&changed).Elem().Field(i)
		name := v.Type().Field(i).Name
		if f.IsZero() {
			switch f.Kind() {
			case reflect.Slice:
				f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			case reflect.Pointer:
				f.Set(reflect.New(f.Type().Elem()))
			default:
				t.Errorf("field %s is zero in the test's decision; give it a value", name)
			}
		} else {
			f.SetZero()
		}
		if changed.Check() == nil {
			t.Errorf("field %s changed, and the decision still calls itself %s", name, changed.ID)
		}
	}
}

func TestPermits(t *testing.T) {
	m := Movement{Kind: law.Withdraw, Account: 7, Asset: "BTC", Amount: "1", Address: "a", Network: "BTC", Ref: "r"}
	if (Permit{}).Covers(m.Digest()) || (Permit{}).Covers("") || (Permit{}).Decision() != "" {
		t.Error("the zero permit covers something")
	}

	decide := func(changes map[string]any) Decision {
		in := input(t, "US", law.Withdraw, changes)
		in.Movement = m.Digest()
		return Decide(in)
	}
	d := decide(nil)
	p, ok := Grant(d)
	if !ok || !p.Covers(m.Digest()) || p.Covers("") || p.Decision() != d.ID {
		t.Fatalf("allowed, and %+v %v", p, ok)
	}
	for i, change := range []func(*Movement){
		func(m *Movement) { m.Kind = law.Deposit }, func(m *Movement) { m.Account++ }, func(m *Movement) { m.Asset = "ETH" },
		func(m *Movement) { m.Amount = "1.0" }, func(m *Movement) { m.Address = "b" }, func(m *Movement) { m.Network = "ETH" },
		func(m *Movement) { m.Ref = "s" }, func(m *Movement) { m.Asset, m.Amount = "BTC1", "" },
	} {
		other := m
		change(&other)
		if p.Covers(other.Digest()) {
			t.Errorf("change %d: a permit for %+v covers %+v", i, m, other)
		}
	}

	for _, verdict := range []law.Verb{law.Undecided, law.Hold, law.Bar, law.AssetBan, law.PlatformBan, law.Reject, law.Refuse, law.Freeze, law.Release} {
		d := decide(nil)
		d.Verdict = verdict
		d.Seal()
		if p, ok := Grant(d); ok || p.Covers(m.Digest()) {
			t.Errorf("%s permits", verdict)
		}
	}
	altered := decide(map[string]any{"counterparty.listed": []string{"us-sdn"}})
	altered.Verdict = law.Allow
	if _, ok := Grant(altered); ok {
		t.Error("an altered decision permits")
	}
	elsewhere := input(t, "US", law.Withdraw, nil)
	away := m
	away.Account = elsewhere.Account
	elsewhere.Movement, elsewhere.Asked = away.Digest(), &Asked{Again: d.ID, Moves: &away}
	if e := Decide(elsewhere); e.Verdict != law.Allow {
		t.Fatalf("%s, want allow", e.Verdict)
	} else if _, ok := Grant(e); ok {
		t.Error("a decision for another exchange's ledger permits a movement here")
	}
	standing := Decide(input(t, "US", law.Review, nil))
	if _, ok := Grant(standing); ok {
		t.Error("a decision on standing permits a movement")
	}
	trade := input(t, "US", law.Trade, nil)
	trade.Movement = m.Digest()
	if _, ok := Grant(Decide(trade)); ok {
		t.Error("a decision on a trade permits a movement")
	}
}

func TestExplain(t *testing.T) {
	golden := func(name string, d Decision, l Language, want ...string) {
		t.Helper()
		text := Explain(d, l, Customer)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not in\n%s", name, w, text)
			}
		}
		if strings.Contains(text, "%!") {
			t.Errorf("%s: %s", name, text)
		}
	}
	frozen := input(t, "US", law.Review, map[string]any{"listing.same": []string{"us-sdn"}})
	frozen.Findings = []match.Finding{{List: "us-sdn", EntityID: "17", EntityName: "SOMEBODY ELSE", Grade: match.Same}}
	d := Decide(frozen)
	golden("freeze", d, English, "freeze", "31 CFR chapter V", "Office of Foreign Assets Control", "1977-12-28 00:00 -05:00", "501.806", d.ID)
	golden("freeze", d, Russian, "заморозить", "31 CFR chapter V", "501.806", d.ID)
	if text := Explain(d, English, Customer); strings.Contains(text, "SOMEBODY ELSE") {
		t.Errorf("the customer is told of the list's entry:\n%s", text)
	}
	for nexus, c := range map[string][2]string{
		"EU": {"eu-fsf", "Article 263 TFEU"}, "UK": {"uk-sanctions", "section 23 of the Sanctions and Anti-Money Laundering Act 2018"}, "CH": {"ch-seco", "SECO"},
	} {
		frozen := Decide(input(t, nexus, law.Review, map[string]any{"listing.same": []string{c[0]}, "listing.measures": []string{c[0] + "/asset-freeze"}}))
		golden("freeze under the law of "+nexus, frozen, English, c[1])
		if text := Explain(frozen, English, Customer); strings.Contains(text, "501.806") {
			t.Errorf("under the law of %s the routes are those of the United States:\n%s", nexus, text)
		}
	}
	full := Explain(d, Russian, Reviewer)
	for _, w := range []string{"Verdict: freeze", "us-sdn: Listed by OFAC", "SOMEBODY ELSE", "Tried (", "listing.same = [us-sdn]", "customer.us_person = false", d.Rules, "edition us-sdn"} {
		if !strings.Contains(full, w) {
			t.Errorf("%q is not in\n%s", w, full)
		}
	}

	exit := Decide(input(t, "EU", law.Review, map[string]any{"customer.nationalities": []string{"RU"}}))
	golden("exit", exit, English, "Nothing is frozen", "you can take them out", "Article 5b(2)", "2025-11-25 00:00 +01:00")
	golden("exit", exit, Russian, "Ничего не заморожено", "Article 5b(2)")
	golden("withdrawal under exit", Decide(input(t, "EU", law.Withdraw, map[string]any{"customer.nationalities": []string{"RU"}})), English, "A withdrawal: Allowed.", "take your assets out")
	held := Decide(input(t, "US", law.Review, map[string]any{"customer.area": nil, "listing.resembles": []string{"us-sdn"}}))
	golden("hold", held, English, "in which town you live", "Our own policy, not a law", "compliance desk", "2026-01-17 12:00 +00:00", "still not released")
	golden("hold", held, Russian, "в каком городе вы живёте", "не закон")
	golden("another language", held, "fr", "in which town you live")
	golden("allow", Decide(input(t, "US", law.Trade, nil)), English, "Trading: Allowed.")

	// Every verdict and action has its words in every language, every fact too.
	for l, w := range phrases {
		for _, a := range law.Actions() {
			if w.about[a] == "" {
				t.Errorf("%s: no words for %s", l, a)
			}
		}
		for v := law.Undecided; v <= law.Freeze; v++ {
			if v == law.Bar {
				continue // it is between two customers, and no verdict on either
			}
			if w.happened[v] == "" || (v != law.Allow && w.todo[v] == "") {
				t.Errorf("%s: no words for %s", l, v)
			}
		}
		for _, doc := range law.Schema() {
			if doc.Name == "action" || strings.HasPrefix(doc.Name, "operator.") {
				continue
			}
			if w.facts[doc.Name] == "" {
				t.Errorf("%s: no words for the fact %s", l, doc.Name)
			}
		}
	}
}

func FuzzDecision(f *testing.F) {
	in := input(f, "EU", law.Withdraw, map[string]any{"listing.resembles": []string{"us-sdn"}})
	in.Movement = "m"
	b, err := json.Marshal(Decide(in))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"id":"","verdict":"allow","movement":"m"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var d Decision
		if json.Unmarshal(data, &d) != nil || d.Check() != nil {
			return
		}
		again, err := json.Marshal(d)
		if err != nil {
			t.Fatalf("%s has a sum and cannot be written: %v", data, err)
		}
		var back Decision
		if err := json.Unmarshal(again, &back); err != nil || back.Check() != nil || back.ID != d.ID {
			t.Fatalf("%s became %s", data, again)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	for name, in := range map[string]Input{
		"review/US":      input(b, "US", law.Review, nil),
		"withdraw/EU":    input(b, "EU", law.Withdraw, nil),
		"withdraw/EU+US": func() Input { in := input(b, "EU", law.Withdraw, nil); in.Nexus = []string{"EU", "US"}; return in }(),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if Decide(in).Verdict != law.Allow {
					b.Fatal("not allowed")
				}
			}
		})
	}
}

// House policy declines, and where a law rejects a new customer is refused: the two
// stay apart, for a refusal is law.
func TestHouseDeclines(t *testing.T) {
	set, err := law.LoadWith(fstest.MapFS{"house-no-relays.yaml": {Data: []byte(`id: house-no-relays
title: No accounts through relays
authority: the operator
instrument: House policy
article: "9"
covers: session.country == ""
verb: reject
effective_at: "2020-01-01T00:00:00Z"
state: enacted
house: true
verified: {marks: [none]}
`)}})
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, "US", law.OpenAccount, map[string]any{"session.country": ""})
	in.Rules = set
	if d := Decide(in); d.Verdict != law.Reject || !d.Fired[0].House {
		t.Errorf("house policy: %s by %+v", d.Verdict, d.Fired)
	}
	in = input(t, "US", law.OpenAccount, map[string]any{"session.country": "", "customer.residence": "IR"})
	in.Rules = set
	d := Decide(in)
	if d.Verdict != law.Refuse {
		t.Errorf("law and house policy: %s", d.Verdict)
	}
	for _, f := range d.Fired {
		if f.Verb != law.Reject {
			t.Errorf("%s keeps its verb no longer: %s", f.Rule, f.Verb)
		}
	}
}

// Scenario 17 at the level of the gate: a heuristic holds, only identity freezes.
func TestHoldOutranksExit(t *testing.T) {
	d := Decide(input(t, "EU", law.Review, map[string]any{"customer.nationalities": []string{"RU"}, "listing.resembles": []string{"eu-fsf"}}))
	if d.Verdict != law.Hold || len(d.Fired) != 2 {
		t.Errorf("%s by %+v: somebody who may be listed was let out with the assets", d.Verdict, d.Fired)
	}
}
