package verify

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// TestGateAgrees lets the gate decide over facts drawn at random, under the rules that
// the program ships, at hours around their edges, and holds each decision to the
// auditor's own reading: two readers of one paragraph.
func TestGateAgrees(t *testing.T) {
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	verdicts, sided := map[law.Verb]int{}, 0
	inputs := rapid.Custom(func(t *rapid.T) gate.Input { return drawInput(t, set) })
	for seed := range 3000 {
		in := inputs.Example(seed)
		d, pool := gate.Decide(in), in.Pool
		verdicts[d.Verdict]++
		if err := follows(set, &d, pool); err != nil {
			t.Fatalf("%+v\n%v", d, err)
		}
		if err := cites(&d); err != nil {
			t.Fatal(err)
		}
		id, err := contentID(&d)
		if err != nil || hex.EncodeToString(id[:]) != d.ID {
			t.Fatalf("id %s, want %x (%v)", d.ID, id, err)
		}
		body, err := canonical(&d)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := readDecision(body); err != nil {
			t.Fatalf("%s\n%v", body, err)
		}

		// And no other verdict passes for it.
		for v := law.Undecided; v <= law.Release; v++ {
			other := d
			other.Verdict = v
			if v != d.Verdict && follows(set, &other, pool) == nil {
				t.Fatalf("%s passes where the verdict is %s", v, d.Verdict)
			}
		}
		if len(d.Tried) > 0 {
			other := d
			other.Tried = d.Tried[1:]
			if follows(set, &other, pool) == nil {
				t.Fatal("a rule that was not tried passes")
			}
		}
		if len(d.Sides) > 0 {
			sided++
			for _, change := range []func([]law.Side) []law.Side{
				func(s []law.Side) []law.Side { return s[1:] },
				func(s []law.Side) []law.Side { s[0].Covered = !s[0].Covered; return s },
				func(s []law.Side) []law.Side { s[0].Other = !s[0].Other; return s },
				func(s []law.Side) []law.Side { s[0].Binds = !s[0].Binds; return s },
				func(s []law.Side) []law.Side { return append(s, law.Side{Rule: "zz", Other: true}) },
			} {
				other := d
				if other.Sides = change(slices.Clone(d.Sides)); follows(set, &other, pool) == nil {
					t.Fatalf("%+v pass where the sides are %+v", other.Sides, d.Sides)
				}
			}
			if !wellSided(&d) {
				t.Fatalf("%+v are not well told", d.Sides)
			}
		}
		if len(d.Fired) > 0 {
			other := d
			other.Fired = slices.Clone(d.Fired)
			other.Fired[0].Article += "a"
			if follows(set, &other, pool) == nil {
				t.Fatal("a citation of another article passes")
			}
			other.Fired = other.Fired[1:]
			if follows(set, &other, pool) == nil {
				t.Fatal("a rule that is not cited passes")
			}
		}
	}
	if sided == 0 {
		t.Error("nobody drawn stands on a side of a bar: the test shows nothing of it")
	}
	for _, v := range []law.Verb{law.Allow, law.Hold, law.Freeze, law.Refuse, law.Exit} {
		if verdicts[v] == 0 {
			t.Errorf("no drawn decision was %s: the test shows nothing of it (%v)", v, verdicts)
		}
	}
}

func drawInput(t *rapid.T, set *law.Set) gate.Input {
	var f law.Facts
	maybe := func(name string, value any) {
		if rapid.IntRange(0, 39).Draw(t, name+" known") == 7 {
			return
		}
		if err := f.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	country := rapid.SampledFrom([]string{"DE", "RU", "US", "CU", "IR", "KP", "FR"})
	few := rapid.SampledFrom([][]string{{}, {}, {}, {}, {"us-sdn"}, {"eu-fsf"}})
	kind := rapid.SampledFrom([]string{"person", "organisation"}).Draw(t, "kind")
	maybe("customer.kind", kind)
	maybe("customer.nationalities", []string{country.Draw(t, "nationality")})
	maybe("customer.residence", country.Draw(t, "residence"))
	maybe("customer.birth_country", country.Draw(t, "birth"))
	maybe("customer.established", "")
	maybe("customer.area", rapid.SampledFrom([]string{"", "", "UA-43", "UA-DNR"}).Draw(t, "area"))
	maybe("customer.permits", rapid.SampledFrom([][]string{{}, {"FR"}}).Draw(t, "permits"))
	maybe("holding.value_eur_cents", rapid.Int64Range(0, 3_000_000).Draw(t, "holding"))
	maybe("listing.same", few.Draw(t, "same"))
	maybe("listing.resembles", few.Draw(t, "resembles"))
	maybe("counterparty.listed", few.Draw(t, "counterparty"))
	maybe("lists.stale", []string{})
	maybe("customer.ordinarily", rapid.SampledFrom([][]string{{}, {}, {"IR"}, {"UA-43"}}).Draw(t, "ordinarily"))
	maybe("customer.contradicted", rapid.SampledFrom([][]string{{}, {}, {"IR"}}).Draw(t, "contradicted"))
	maybe("customer.licences", rapid.SampledFrom([][]string{{}, {}, {"us-14024-gl-8"}}).Draw(t, "licences"))
	maybe("customer.state_body_of", rapid.SampledFrom([]string{"", "", "IR"}).Draw(t, "state body of"))
	maybe("customer.financial_institution_of", rapid.SampledFrom([]string{"", "IR"}).Draw(t, "financial institution of"))
	maybe("ownership.listed_bp", rapid.SampledFrom([]map[string]int64{{}, {}, {"us-sdn": 5000}, {"eu-fsf": 5001}}).Draw(t, "owned"))
	maybe("session.country", country.Draw(t, "session"))
	maybe("session.area", "")
	listed := rapid.SampledFrom([][]string{{}, {}, {}, {}, {}, {}, {}, {"eu-fsf"}, {"eu-833-xlv"}, {"ch-seco"}})
	for _, name := range []string{"ownership.control_signs", "ownership.controlled", "ownership.majority", "customer.represented_by", "counterparty.bank_listed",
		"counterparty.platform_listed", "counterparty.platform_resembles", "counterparty.platform_succeeds"} {
		maybe(name, listed.Draw(t, name))
	}
	maybe("ownership.listed_over_bp", rapid.SampledFrom([]map[string]int64{{}, {}, {"eu-fsf": 5000}, {"ch-seco": 5001}}).Draw(t, "owned over"))
	maybe("counterparty.platform_established", rapid.SampledFrom([]string{"", "KG", "BY"}).Draw(t, "platform"))
	maybe("asset.represents", rapid.SampledFrom([][]string{{"BTC"}, {"A7A5", "WA7A5"}}).Draw(t, "asset"))
	maybe("asset.money", rapid.Bool().Draw(t, "money"))
	maybe("counterparty.self_hosted", rapid.Bool().Draw(t, "self-hosted"))
	maybe("counterparty.control_assessed", rapid.Bool().Draw(t, "control assessed"))
	maybe("movement.value_eur_cents", rapid.Int64Range(0, 200_000).Draw(t, "value moved"))
	maybe("operator.sends_parties", rapid.Bool().Draw(t, "sends parties"))
	maybe("operator.takes_deposits", rapid.Bool().Draw(t, "takes deposits"))
	maybe("holding.fiat_eur_cents", rapid.Int64Range(0, 20_000_000).Draw(t, "money here"))
	maybe("customer.russian_owned_bp", rapid.Int64Range(0, 10000).Draw(t, "owned by Russians"))

	nexus := rapid.SampledFrom([][]string{{"US"}, {"EU"}, {"EU", "US"}, {"CH"}}).Draw(t, "nexus")
	events := set.Events(time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
	at := rapid.SampledFrom(events).Draw(t, "edge").At.Add(time.Duration(rapid.SampledFrom([]int{-1, 0, 3600_000}).Draw(t, "off")) * time.Millisecond)
	if rapid.Bool().Draw(t, "late") {
		at = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	action := rapid.SampledFrom(law.Actions()).Draw(t, "action")
	in := gate.Input{
		Facts: f, Action: action, Account: 1000, Operator: "op", Nexus: nexus, Pool: append([]string{"US", "EU"}, nexus...), At: at, Rules: set,
		Editions: []gate.EditionRef{{List: "us-sdn", Published: day, SHA256: strings.Repeat("1", 64)}},
		Subject:  strings.Repeat("2", 64), Matching: "test",
		Hold: gate.HoldTerms{Owner: "compliance", Due: at.AddDate(0, 0, 10)},
	}
	if action == law.Deposit || action == law.Withdraw {
		in.Movement = strings.Repeat("3", 64)
	}
	if action == law.HoldAsset || action == law.ListAsset || action == law.DealPlatform {
		in.About = rapid.SampledFrom([]string{"", "BTC"}).Draw(t, "about")
	}
	if err := in.Check(); err != nil {
		t.Fatal(err)
	}
	return in
}

// TestMovementDigest holds the two readings of the words at gate.Movement together.
func TestMovementDigest(t *testing.T) {
	g := genesis()
	d := &tape.Deposit{Account: alice, Asset: usdt, Amount: amt("12.50"), Network: "tron", TxID: "ab", Index: 7, From: "T1"}
	want := gate.Movement{Kind: law.Deposit, Account: alice, Asset: "USDT", Amount: "12.5", Address: "T1", Network: "tron", Ref: "ab:7"}.Digest()
	if got := depositMovement(g, d); got != want {
		t.Errorf("deposit %s, the gate's %s", got, want)
	}
	w := &tape.Withdraw{Account: alice, Asset: btc, Amount: amt("1"), Network: "bitcoin", Address: "bc1", Ref: "r"}
	want = gate.Movement{Kind: law.Withdraw, Account: alice, Asset: "BTC", Amount: "1", Address: "bc1", Network: "bitcoin", Ref: "r"}.Digest()
	if got := withdrawMovement(g, w); got != want {
		t.Errorf("withdrawal %s, the gate's %s", got, want)
	}
}

// TestDecisionsAreEvaluatedAgain replays decisions that the gate made under the shipped
// rules, and one that somebody made up: sealed, under the editions in force, and citing.
func TestDecisionsAreEvaluatedAgain(t *testing.T) {
	set, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	hash, err := hex.DecodeString(set.SHA256())
	if err != nil {
		t.Fatal(err)
	}
	made := func(w *writer, at time.Time, account uint64, listed []string, change func(*gate.Decision)) []tape.Event {
		f := ordinary(t)
		set1(t, &f, "listing.same", listed)
		d := gate.Decide(gate.Input{
			Facts: f, Action: law.OpenAccount, Account: account, Operator: "us", Nexus: []string{"US"}, Pool: []string{"EU", "US"},
			At: at, Rules: set, Subject: strings.Repeat("0", 64), Matching: "test",
			Editions: []gate.EditionRef{{List: "us-sdn", Published: day, SHA256: hex.EncodeToString(listHash[:])}},
			Hold:     gate.HoldTerms{Owner: "compliance", Due: day.AddDate(0, 0, 10)},
		})
		if change != nil {
			change(&d)
			d.Seal()
		}
		cmd, id := w.seal(&d)
		w.must(cmd)
		return w.must(&tape.OpenAccount{Account: account, Decision: id})
	}
	decide := func(w *writer, account uint64, listed []string, change func(*gate.Decision)) []tape.Event {
		return made(w, time.UnixMicro(w.at).UTC(), account, listed, change)
	}
	honest := func() *writer {
		w := start(t)
		w.take(tape.Hash(hash))
		decide(w, alice, []string{}, nil)
		decide(w, bob, []string{"us-sdn"}, nil)
		return w
	}
	// One that names the list that had fallen silent is as good as any.
	w := honest()
	decide(w, carol, []string{}, func(d *gate.Decision) {
		set1(t, &d.Facts, "lists.stale", []string{"us-sdn"})
		d.Stale = []string{"us-sdn"}
	})
	if _, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}}); err != nil {
		t.Errorf("with a silent list named: %v", err)
	}

	w = honest()
	report, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
	if err != nil {
		t.Fatal(err)
	}
	if report.RedecidedDecisions != 2 || report.ByVerdict["allow"] != 1 || report.ByVerdict["freeze"] != 1 || report.Frozen != 1 {
		t.Errorf("report %+v", report)
	}
	if what := strings.Join(report.What, "\n"); strings.Contains(what, "not evaluated") {
		t.Errorf("all were evaluated:\n%s", what)
	}

	// Executive Order 14065 took effect between the decision and its record.
	begun := time.Date(2022, 2, 21, 5, 0, 0, 0, time.UTC)
	w = startAt(t, begun, genesis())
	w.take(tape.Hash(hash))
	made(w, begun.Add(-time.Minute), carol, []string{}, nil)
	report, err = Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
	if what := strings.Join(report.What, "\n"); err != nil || !strings.Contains(what, "had begun or ended since they were made: 1.") {
		t.Errorf("%v\n%s", err, what)
	}

	rule, ok := set.Rule("us-dnr-lnr")
	if !ok {
		t.Fatal("no rule us-dnr-lnr")
	}
	for name, c := range map[string]struct {
		mark tape.MarkRule
		want bool
	}{
		"a rule marked at its hour":           {tape.MarkRule{Rule: rule.ID, Begins: true, At: rule.EffectiveAt.UnixMicro()}, true},
		"a rule marked at another hour":       {tape.MarkRule{Rule: rule.ID, Begins: true, At: rule.EffectiveAt.UnixMicro() + 1}, false},
		"a rule marked where it does not end": {tape.MarkRule{Rule: rule.ID, At: rule.EffectiveAt.UnixMicro()}, false},
		"a rule that there is not":            {tape.MarkRule{Rule: "none", Begins: true, At: rule.EffectiveAt.UnixMicro()}, false},
		"a rule marked before its hour":       {tape.MarkRule{Rule: "eu-833-5b2-ban", Begins: true, At: time.Date(2022, 10, 6, 22, 0, 0, 0, time.UTC).UnixMicro()}, false},
	} {
		w := honest()
		w.do(&c.mark)
		_, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
		var v *Violation
		if c.want && err != nil || !c.want && (!errors.As(err, &v) || v.Seq != uint64(len(w.entries)) || v.Kind != BadDecision) {
			t.Errorf("%s: %v", name, err)
		}
	}

	for name, c := range map[string]struct {
		listed []string
		change func(*gate.Decision)
	}{
		"a listed customer let in":                           {[]string{"us-sdn"}, func(d *gate.Decision) { d.Verdict, d.Fired = law.Allow, nil }},
		"a listed customer let in with the rule still cited": {[]string{"us-sdn"}, func(d *gate.Decision) { d.Verdict = law.Allow }},
		"an innocent frozen": {[]string{}, func(d *gate.Decision) {
			d.Verdict = law.Freeze
			d.Fired = []gate.Fired{{Rule: "us-sdn", Title: "t", Verb: law.Freeze, Authority: "OFAC", Instrument: "31 CFR", Article: "501", EffectiveAt: day}}
		}},
		"a rule left out":         {[]string{}, func(d *gate.Decision) { d.Tried = d.Tried[1:] }},
		"a silent list not named": {[]string{}, func(d *gate.Decision) { set1(t, &d.Facts, "lists.stale", []string{"us-sdn"}) }},
		"a list called silent":    {[]string{}, func(d *gate.Decision) { d.Stale = []string{"us-sdn"} }},
		"a silent list that is no list": {[]string{}, func(d *gate.Decision) {
			set1(t, &d.Facts, "lists.stale", []string{"xx-none"})
			d.Stale = []string{"xx-none"}
		}},
		"under another law": {[]string{}, func(d *gate.Decision) { d.Nexus = []string{"CH"} }},
	} {
		t.Run(name, func(t *testing.T) {
			w := honest()
			decide(w, carol, c.listed, c.change)
			_, err := Journal(w.log(t, journal.Options{}), Options{Rules: []*law.Set{set}})
			var v *Violation
			if !errors.As(err, &v) || v.Seq != uint64(len(w.entries)-1) || v.Kind != BadDecision {
				t.Errorf("%v; want record %d (decision)", err, len(w.entries)-1)
			}
		})
	}
}

// ordinary is the facts of a customer of whom no rule says anything.
func ordinary(t testing.TB) law.Facts {
	var f law.Facts
	for name, value := range map[string]any{
		"listing.same": []string{}, "listing.resembles": []string{}, "lists.stale": []string{}, "ownership.listed_bp": map[string]int64{},
		"customer.kind": "person", "customer.nationalities": []string{"RU"}, "customer.residence": "US", "customer.birth_country": "RU",
		"customer.established": "", "customer.area": "", "customer.permits": []string{}, "session.country": "US", "session.area": "",
		"holding.value_eur_cents": int64(0), "counterparty.listed": []string{},
		"customer.ordinarily": []string{}, "customer.contradicted": []string{}, "customer.licences": []string{}, "customer.represented_by": []string{},
	} {
		if err := f.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

// set1 sets one fact.
func set1(t testing.TB, f *law.Facts, name string, value any) {
	t.Helper()
	if err := f.Set(name, value); err != nil {
		t.Fatal(err)
	}
}
