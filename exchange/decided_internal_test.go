package exchange

import (
	"bytes"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
)

var benchDecisions = flag.Int("exchange.decisions", 200_000, "decisions of the view that BenchmarkDecisions fills")

// A scribe writes records into a view, and into a log where there is one.
type scribe struct {
	tb    testing.TB
	view  *View
	log   *journal.Log
	seq   uint64
	at    time.Time
	rules *law.Set
	base  gate.Decision // of no account and no hour
}

func newScribe(tb testing.TB, log *journal.Log) *scribe {
	tb.Helper()
	rules, err := law.Default()
	if err != nil {
		tb.Fatal(err)
	}
	s := &scribe{tb: tb, view: newView(log), log: log, at: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), rules: rules}
	m, w := money.MustParse, match.DefaultWeights()
	genesis := tape.Genesis{
		Format: tape.Format,
		Assets: []tape.Asset{
			{Code: "BTC", Decimals: 8, Network: "BTC", MinOut: m("0.001"), FeeOut: m("0.0002")},
			{Code: "USDT", Decimals: 18, Network: "ETH", MinOut: m("10"), FeeOut: m("2")},
		},
		Markets: []tape.Market{{
			Symbol: "BTCUSDT", Base: 0, Quote: 1, Tick: m("0.01"), MinPrice: m("0.01"), MaxPrice: m("1000000"),
			Step: m("0.00001"), MinQty: m("0.00001"), MaxQty: m("9000"), MinNotional: m("5"),
		}},
		Operators: []tape.Operator{{Name: "us", Title: "US", Nexus: []string{"US"}}},
	}
	s.put(&genesis, tape.Founded{Genesis: genesis})
	var f law.Facts
	for name, value := range map[string]any{"customer.residence": "ES", "customer.nationalities": []string{"ES"}, "customer.area": "", "listing.same": []string{}} {
		if err := f.Set(name, value); err != nil {
			tb.Fatal(err)
		}
	}
	var editions []gate.EditionRef
	for _, list := range []string{"ch-seco", "eu-fsf", "uk-sl", "un-sc", "us-sdn"} {
		editions = append(editions, gate.EditionRef{List: list, SHA256: hex.EncodeToString(make([]byte, 32))})
	}
	s.base = gate.Decide(gate.Input{
		Facts: f, Action: law.Review, Operator: "us", Nexus: []string{"US"}, At: s.at, Rules: rules, Editions: editions,
		Subject: hex.EncodeToString(make([]byte, 32)), Matching: w.Matching(), Hold: gate.HoldTerms{Owner: "desk", Due: s.at.Add(time.Hour)},
	})
	return s
}

// put writes a command and shows what it brought about.
func (s *scribe) put(cmd tape.Command, events ...tape.Event) {
	s.tb.Helper()
	s.seq++
	if s.log != nil {
		payload, err := tape.Append(nil, cmd)
		if err != nil {
			s.tb.Fatal(err)
		}
		if _, err := s.log.Append([]journal.Entry{{Time: s.at.UnixMicro(), Kind: uint16(cmd.Kind()), Payload: payload}}); err != nil {
			s.tb.Fatal(err)
		}
	}
	s.view.take(s.seq, s.at.UnixMicro(), cmd, events)
}

// decide writes a decision that change has made out of an ordinary one, with the standing that follows from it.
func (s *scribe) decide(change func(*gate.Decision)) *DecisionRecord {
	s.tb.Helper()
	s.at = s.at.Add(time.Second)
	d := s.base
	d.At = s.at
	change(&d)
	d.Seal()
	id, err := hashOf(d.ID)
	if err != nil {
		s.tb.Fatal(err)
	}
	cmd, events := encodeDecision(d), []tape.Event{tape.Decided{Decision: id, Account: d.Account}}
	if d.Action == law.Review {
		events = append(events, tape.StandingChanged{Account: d.Account, Standing: tape.StandingFor(d.Verdict, id)})
	}
	s.put(cmd, events...)
	return &DecisionRecord{Seq: s.seq, At: s.at, Decision: d}
}

// open opens the account of a decision.
func (s *scribe) open(r *DecisionRecord) tape.Standing {
	s.tb.Helper()
	id, err := hashOf(r.Decision.ID)
	if err != nil {
		s.tb.Fatal(err)
	}
	standing := tape.StandingFor(r.Decision.Verdict, id)
	s.put(&tape.OpenAccount{Account: r.Decision.Account, Decision: id}, tape.AccountOpened{Account: r.Decision.Account}, tape.StandingChanged{Account: r.Decision.Account, Standing: standing})
	return standing
}

// rescreened is a view of so many customers, each decided again in turn until there are so many decisions.
func rescreened(tb testing.TB, customers, decisions int) *View {
	tb.Helper()
	s := newScribe(tb, nil)
	for i := range decisions {
		r := s.decide(func(d *gate.Decision) {
			d.Account = uint64(1000 + i%customers)
			if i < customers {
				d.Action = law.OpenAccount
			}
		})
		if i < customers {
			s.open(r)
		}
	}
	return s.view
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// kept is what a view of customers takes in memory.
func kept(b *testing.B, customers, decisions int) (v *View, bytes float64) {
	empty := heapInUse()
	v = rescreened(b, customers, decisions)
	return v, float64(heapInUse() - empty)
}

// BenchmarkDecisions tells what one more decision on the same customers keeps in memory and in a snapshot, how long
// such a snapshot takes to be written and read, and what one more customer keeps in memory.
func BenchmarkDecisions(b *testing.B) {
	const customers = 1000
	n := *benchDecisions
	for b.Loop() {
		few, base := kept(b, customers, 10*customers)
		small, err := few.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		runtime.KeepAlive(few)
		few = nil
		v, used := kept(b, customers, n)
		at := time.Now()
		form, err := v.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		written := time.Since(at)
		at = time.Now()
		if _, err := readView(form, nil); err != nil {
			b.Fatal(err)
		}
		read := time.Since(at)
		runtime.KeepAlive(v)
		v = nil
		fewer, three := kept(b, 3*customers, 8*customers)
		formOfThree, err := fewer.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		fewer = nil
		more, four := kept(b, 4*customers, 8*customers)
		formOfFour, err := more.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		decisions := float64(n - 10*customers)
		b.ReportMetric((used-base)/decisions, "heap-B/decision")
		b.ReportMetric((four-three)/customers, "heap-B/customer")
		b.ReportMetric(float64(len(form)-len(small))/decisions, "form-B/decision")
		b.ReportMetric(float64(len(formOfFour)-len(formOfThree))/customers, "form-B/customer")
		b.ReportMetric(float64(written.Microseconds())/1000, "write-ms")
		b.ReportMetric(float64(read.Microseconds())/1000, "read-ms")
		b.ReportMetric(0, "ns/op")
	}
}

// A dullView keeps every decision, as the view did before it read old ones from the log.
type dullView struct {
	decisions map[string]*DecisionRecord
	asked     map[string]*DecisionRecord
	permitted map[string]*DecisionRecord
	standings map[uint64]tape.Standing
	changes   []Notice
}

func (v *dullView) stands(seq uint64, at time.Time, account uint64, st tape.Standing) {
	v.changes = append(v.changes, Notice{Seq: seq, At: at, Account: account, Before: v.standings[account].Verdict, Standing: st})
	v.standings[account] = st
}

func (v *dullView) decided(r *DecisionRecord) {
	d := &r.Decision
	if d.Action == law.Review {
		id, _ := hashOf(d.ID)
		v.stands(r.Seq, r.At, d.Account, tape.StandingFor(d.Verdict, id))
	}
	r.Standing = v.standings[d.Account]
	v.decisions[d.ID] = r
	if d.Asked == nil {
		return
	}
	if d.Asked.Key != "" {
		v.asked[d.Asked.Key] = r
	}
	if d.Movement == "" {
		return
	}
	if before := v.permitted[d.Movement]; before != nil && d.Asked.Again != "" {
		v.changes = append(v.changes, Notice{Seq: r.Seq, At: r.At, Account: d.Account, Before: before.Decision.Verdict, Standing: r.Standing, Movement: r})
	}
	v.permitted[d.Movement] = r
}

// forget takes out of a view what is at hand, as when many decisions came after.
func (v *View) forget() {
	v.recent = nil
	for i := range v.read {
		v.read[i].Store(nil)
	}
}

// hold holds all that a view finds to what the dull one has.
func (v *dullView) hold(t *testing.T, name string, view *View) {
	t.Helper()
	same := func(what string, r *DecisionRecord, err error, want *DecisionRecord) {
		t.Helper()
		if err != nil || !bytes.Equal(r.Body(), want.Body()) || r.Seq != want.Seq || !r.At.Equal(want.At) || r.Standing != want.Standing {
			t.Fatalf("%s: %s: found %+v (%v), want %+v", name, what, r, err, want)
		}
	}
	for id, want := range v.decisions {
		r, err := view.Decision(id)
		same("decision "+id, r, err, want)
	}
	for key, want := range v.asked {
		r, err := view.Answer(key)
		same("answer to "+key, r, err, want)
	}
	for movement, want := range v.permitted {
		r, err := view.permit(movement)
		same("movement "+movement, r, err, want)
	}
	for n, st := range v.standings {
		r, err := view.Standing(n)
		id := hex.EncodeToString(st.Decision[:])
		if err != nil || r.Decision.ID != id {
			t.Fatalf("%s: account %d stands under %+v, want %s: %v", name, n, r, id, err)
		}
		want := &v.decisions[id].Decision
		if s := view.stance(n); s.Standing != st || s.made != want.At.UnixMicro() || hex.EncodeToString(s.subject[:]) != want.Subject ||
			s.outcome != outcomeOf(want) || !slices.Equal(s.rests.fired, rulesOf(want.Fired)) || !slices.Equal(s.rests.unknown, rulesOf(want.Unknown)) ||
			!reflect.DeepEqual(s.hold, want.Hold) || !reflect.DeepEqual(s.findings(), want.Findings) || !reflect.DeepEqual(s.cleared(), want.Cleared) {
			t.Fatalf("%s: of account %d is kept %+v, and it stands under %+v", name, n, s, want)
		}
	}
	likenesses, holds, stopped := 0, 0, map[string][]uint64{}
	for _, n := range slices.Sorted(maps.Keys(v.standings)) {
		id := v.standings[n].Decision
		d := &v.decisions[hex.EncodeToString(id[:])].Decision
		likenesses += len(gate.Open(d.Findings, d.Cleared))
		if d.Verdict == law.Hold && d.Hold != nil {
			holds++
		}
		for _, f := range d.Fired {
			if d.Verdict != law.Allow {
				stopped[f.Rule] = append(stopped[f.Rule], n)
			}
		}
	}
	if ls, hs := view.Likenesses(), view.Holds(); len(ls) != likenesses || len(hs) != holds {
		t.Fatalf("%s: %d open questions and %d holds, want %d and %d", name, len(ls), len(hs), likenesses, holds)
	}
	sum := view.Summary()
	for rule, ns := range stopped {
		i := slices.IndexFunc(sum.Stops, func(c RuleCount) bool { return c.Rule == rule })
		if got := view.StoppedBy(rule); !slices.Equal(got, ns) || i < 0 || sum.Stops[i].Customers != len(ns) {
			t.Fatalf("%s: rule %s stops %v, want %v; of the counts %+v", name, rule, got, ns, sum.Stops)
		}
	}
	for _, none := range []string{"", "x", strings.Repeat("0", 64)} {
		_, err1 := view.Decision(none)
		_, err2 := view.Answer(none)
		_, err3 := view.permit(none)
		if !errors.Is(err1, ErrNoDecision) || !errors.Is(err2, ErrNoDecision) || !errors.Is(err3, ErrNoDecision) {
			t.Fatalf("%s: of none: %v, %v, %v", name, err1, err2, err3)
		}
	}
	for _, limit := range []int{3, 1 << 20} {
		var got []Notice
		for after := uint64(0); ; after = got[len(got)-1].Seq {
			some, err := view.Changes(after, limit)
			if err != nil || len(some) > limit {
				t.Fatalf("%s: changes after %d: %d of at most %d, %v", name, after, len(some), limit, err)
			}
			if got = append(got, some...); len(some) == 0 {
				break
			}
		}
		if len(got) != len(v.changes) {
			t.Fatalf("%s: %d changes, want %d", name, len(got), len(v.changes))
		}
		for i, want := range v.changes {
			n := got[i]
			if want.Movement != nil {
				same("change of a movement", n.Movement, nil, want.Movement)
			}
			n.Movement, want.Movement = nil, nil
			if !n.At.Equal(want.At) {
				t.Fatalf("%s: change %+v, want %+v", name, n, want)
			}
			if n.At = want.At; n != want {
				t.Fatalf("%s: change %+v, want %+v", name, n, want)
			}
		}
	}
}

// storied is a view of some years and the dull one of the same.
func storied(t *testing.T, r *rand.Rand, log *journal.Log, decisions int) (*scribe, *dullView) {
	t.Helper()
	s := newScribe(t, log)
	dull := &dullView{map[string]*DecisionRecord{}, map[string]*DecisionRecord{}, map[string]*DecisionRecord{}, map[uint64]tape.Standing{}, nil}
	verdicts := []law.Verb{law.Allow, law.Cap, law.Exit, law.Hold, law.Freeze}
	var movements, waiting []*DecisionRecord // the newest on some; of accounts to be opened later
	open := func(rec *DecisionRecord) {
		if _, there := dull.standings[rec.Decision.Account]; !there {
			st := s.open(rec)
			dull.stands(s.seq, s.at, rec.Decision.Account, st)
		}
	}
	hash := func() string { return fmt.Sprintf("%016x%048x", r.Uint64(), r.Uint64()) }
	for range decisions {
		account := uint64(1000 + r.IntN(20))
		verdict := verdicts[r.IntN(len(verdicts))]
		_, there := dull.standings[account]
		var change func(*gate.Decision)
		switch n := r.IntN(6); {
		case !there && n == 0:
			change = func(d *gate.Decision) { d.Action, d.Verdict = law.OpenAccount, law.Refuse }
		case !there:
			change = func(d *gate.Decision) { d.Action, d.Verdict = law.OpenAccount, verdict }
		case n < 2:
			change = func(d *gate.Decision) { d.Verdict = verdict }
		case n == 2:
			change = func(d *gate.Decision) {
				d.Action, d.Verdict, d.Asked = law.SignIn, law.Allow, &gate.Asked{Key: hash(), Request: hash()}
			}
		case n == 3 && len(movements) > 0: // decided again
			i := r.IntN(len(movements))
			old := movements[i].Decision
			change = func(d *gate.Decision) {
				d.Account, d.Action, d.Verdict, d.Movement, d.Asked = old.Account, old.Action, verdict, old.Movement, &gate.Asked{Again: old.ID, Moves: old.Asked.Moves}
			}
		default:
			m := gate.Movement{Kind: law.Deposit, Account: account, Asset: "BTC", Amount: "1", Network: "BTC", Address: "a", Ref: hash()}
			change = func(d *gate.Decision) {
				d.Action, d.Verdict, d.Movement, d.Asked = law.Deposit, verdict, m.Digest(), &gate.Asked{Key: hash(), Request: hash(), Moves: &m}
			}
		}
		rec := s.decide(func(d *gate.Decision) {
			d.Account = account
			change(d)
			if gate.Stands(d.Action) {
				d.Fired = d.Unknown[:r.IntN(3)]
				d.Unknown = d.Unknown[len(d.Fired):]
				d.Hold = nil
				if r.IntN(2) == 0 {
					d.Hold = &gate.HoldTerms{Owner: "desk", Due: s.at.Add(time.Duration(r.IntN(1000)) * time.Millisecond)}
				}
				if r.IntN(3) == 0 {
					d.Findings = []match.Finding{{List: "us-sdn", EntityID: fmt.Sprint(r.IntN(100)), Grade: match.Resembles}}
				}
				if len(d.Findings) > 0 && r.IntN(2) == 0 {
					d.Cleared = []gate.Clearance{{ID: r.Uint64N(100), List: "us-sdn", EntityID: "1"}}
				}
			}
		})
		dull.decided(rec)
		switch d := &rec.Decision; {
		case d.Action == law.OpenAccount && d.Verdict != law.Refuse:
			if r.IntN(2) == 0 {
				open(rec)
			} else {
				waiting = append(waiting, rec)
			}
		case d.Movement != "" && d.Asked.Again == "":
			movements = append(movements, rec)
		}
		if len(waiting) > 0 && r.IntN(20) == 0 {
			open(waiting[0])
			waiting = waiting[1:]
		}
		if s.at = s.at.Add(time.Duration(r.IntN(600)) * time.Second); r.IntN(50) == 0 {
			s.put(&tape.SetPhase{}, nil...) // a record that is no decision
		}
	}
	return s, dull
}

func newLog(t *testing.T) *journal.Log {
	t.Helper()
	log, err := journal.Open(t.TempDir(), journal.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	return log
}

// TestOldDecisions: whatever was decided is found, and told as it was then, however many decisions came
// after it, also by a view that was read from its stored form.
func TestOldDecisions(t *testing.T) {
	for seed := range uint64(3) {
		r := rand.New(rand.NewPCG(seed, 8))
		s, dull := storied(t, r, newLog(t), 300)
		dull.hold(t, "at hand", s.view)
		still := s.view.still()
		form, err := still.encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := readView(form, s.log)
		if err != nil {
			t.Fatal(err)
		}
		dull.hold(t, "read", again)
		again.forget()
		dull.hold(t, "read, and forgotten", again)
		s.view.forget()
		dull.hold(t, "forgotten", s.view)
		dull.hold(t, "forgotten and asked again", s.view)

		s.decide(func(d *gate.Decision) { d.Account, d.Verdict = 1000, law.Exit })
		s.decide(func(d *gate.Decision) { d.Account = 1001 })
		if then, err := still.encode(); err != nil || !bytes.Equal(then, form) {
			t.Fatalf("a still view has changed (%v)", err)
		}
		if got := len(dull.decisions); still.Summary().Decisions != got || s.view.Summary().Decisions != got+2 {
			t.Errorf("%d and %d decisions, want %d and two more", still.Summary().Decisions, s.view.Summary().Decisions, got)
		}
	}
}

// What cannot be read from the log, or is not what was decided, is an error, and never as if nothing had
// been decided.
func TestUnreadableDecisions(t *testing.T) {
	s, dull := storied(t, rand.New(rand.NewPCG(1, 9)), newLog(t), 100)
	other, _ := storied(t, rand.New(rand.NewPCG(2, 9)), newLog(t), 200) // a log of as many records that says otherwise
	closed := newLog(t)
	closed.Close()
	for name, log := range map[string]*journal.Log{"none": nil, "closed": closed, "empty": newLog(t), "another": other.log} {
		form, err := s.view.still().encode()
		if err != nil {
			t.Fatal(err)
		}
		v, err := readView(form, log)
		if err != nil {
			t.Fatal(err)
		}
		v.forget()
		for id := range dull.decisions {
			if r, err := v.Decision(id); err == nil || errors.Is(err, ErrNoDecision) {
				t.Errorf("%s log: decision %s: %+v, %v", name, id, r, err)
			}
		}
		for id := range dull.decisions {
			if rs, err := v.Decisions([]string{id}, 1); err == nil {
				t.Errorf("%s log: decisions %s: %+v", name, id, rs)
			}
		}
		for key := range dull.asked {
			if r, err := v.Answer(key); err == nil || errors.Is(err, ErrNoDecision) {
				t.Errorf("%s log: answer to %s: %+v, %v", name, key, r, err)
			}
		}
		for movement := range dull.permitted {
			if r, err := v.permit(movement); err == nil || errors.Is(err, ErrNoDecision) {
				t.Errorf("%s log: movement %s: %+v, %v", name, movement, r, err)
			}
		}
		if _, err := v.Changes(0, 1000); err == nil && name != "another" {
			t.Errorf("%s log: no error of its changes", name)
		}
		for n, st := range dull.standings { // which are kept where they have findings
			_, err := v.Standing(n)
			if kept := len(dull.decisions[hex.EncodeToString(st.Decision[:])].Decision.Findings) > 0; kept != (err == nil) || errors.Is(err, ErrNoDecision) {
				t.Errorf("%s log: what account %d stands under: %v", name, n, err)
			}
		}
	}
}

// A form of a view with many decisions that has rotted, or was made up, is read or refused, and nothing worse.
func TestRottenForm(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 13))
	s, _ := storied(t, r, nil, 40)
	form, err := s.view.still().encode()
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for range 300 {
		b := slices.Clone(form)
		switch r.IntN(3) {
		case 0:
			b = b[:r.IntN(len(b))]
		case 1:
			b[r.IntN(len(b))] = byte(r.Uint32())
		default: // in what decisions are found by, and the numbers, which come last
			b[len(b)-1-r.IntN(min(len(b), 4096))] ^= 1 << r.IntN(8)
		}
		v, err := readView(b, nil)
		if err != nil {
			refused++
			continue
		}
		if _, err := v.encode(); err != nil {
			t.Errorf("what was read is not written: %v", err)
		}
		v.Summary()
		v.Holds()
		v.Likenesses()
		v.movedElsewhere()
	}
	if refused < 70 { // what was cut off
		t.Errorf("%d of 300 are refused", refused)
	}
}

// An account of a form that stands under what is no verdict is refused before it is counted.
func TestFormOfNoVerdict(t *testing.T) {
	s := newScribe(t, nil)
	s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, law.OpenAccount, law.Allow }))
	for verdict, want := range map[law.Verb]bool{law.Release: true, law.Release + 1: false, 255: false} {
		v := s.view.still()
		a := *v.accounts[1000]
		a.standing.Verdict = verdict
		v.accounts[1000] = &a
		form, err := v.encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := readView(form, nil); (err == nil) != want {
			t.Errorf("verdict %d: %v", verdict, err)
		}
	}
}

// A record that has the identifier of a decision and other content is no such decision.
func TestForgedDecision(t *testing.T) {
	s := newScribe(t, newLog(t))
	s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, law.OpenAccount, law.Allow }))
	real := s.decide(func(d *gate.Decision) { d.Account, d.Verdict = 1000, law.Freeze })
	other := newScribe(t, newLog(t))
	for other.seq < real.Seq-1 {
		other.put(&tape.SetPhase{})
	}
	forged := real.Decision
	forged.Verdict = law.Allow
	other.put(encodeDecision(forged), tape.Refused{})
	s.view.log = other.log
	s.view.forget()
	if r, err := s.view.Decision(real.Decision.ID); err == nil || errors.Is(err, ErrNoDecision) {
		t.Errorf("the forged decision is told: %+v, %v", r, err)
	}
}

// Two questions whose names have the same six bytes are told apart by what was decided.
func TestNamesThatBeginAlike(t *testing.T) {
	s := newScribe(t, newLog(t))
	key := func(n int) string { return fmt.Sprintf("%064x", n) }
	first, second := key(342_705), key(21_773_598)
	if nameOf(byKey, first) != nameOf(byKey, second) {
		t.Fatal("they do not begin alike")
	}
	asked := map[string]*DecisionRecord{}
	for _, k := range []string{first, second} {
		if r, err := s.view.Answer(second); !errors.Is(err, ErrNoDecision) {
			t.Errorf("before it was asked %s has the answer %+v, %v", second, r, err)
		}
		asked[k] = s.decide(func(d *gate.Decision) {
			d.Account, d.Action, d.Asked = 2000, law.SignIn, &gate.Asked{Key: k, Request: k}
		})
	}
	s.view.forget()
	for k, want := range asked {
		if r, err := s.view.Answer(k); err != nil || r.Seq != want.Seq || r.Decision.ID != want.Decision.ID {
			t.Errorf("%s has the answer %+v, %v", k, r, err)
		}
	}
	if r, err := s.view.newest(byKey, second, asked[second].Seq, func(d *gate.Decision) bool { return d.Asked.Key == second }); !errors.Is(err, ErrNoDecision) {
		t.Errorf("of the other, which is passed over: %+v, %v", r, err)
	}
}

// The newest decisions that a still view shows stay as they were when older ones are forgotten.
func TestStillKeepsTheNewest(t *testing.T) {
	s := newScribe(t, nil)
	for range maxRecent {
		s.decide(func(d *gate.Decision) { d.Account, d.Action = 2000, law.SignIn })
	}
	still := s.view.still()
	want := still.Recent(maxRecent, func(*gate.Decision) bool { return true })
	s.decide(func(d *gate.Decision) { d.Account, d.Action = 2000, law.SignIn })
	if n := len(s.view.recent); n != maxRecent*3/4+1 {
		t.Fatalf("%d are at hand", n)
	}
	if got := still.Recent(maxRecent, func(*gate.Decision) bool { return true }); len(want) != maxRecent || !slices.Equal(got, want) {
		t.Errorf("a still view shows other decisions than before")
	}
}

// What is kept of movements elsewhere is what lies apart there, and what may just be moving: a yes is forgotten once it
// can no longer be used, by the record that comes then, so that a view read from its stored form forgets the same.
func TestMayJustBeMoving(t *testing.T) {
	s := newScribe(t, nil)
	s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, law.OpenAccount, law.Allow }))
	asks := func(ref string, verdict law.Verb, again string) string {
		return s.decide(func(d *gate.Decision) {
			m := gate.Movement{Kind: law.Withdraw, Account: 1000, Asset: "BTC", Amount: "1", Network: "BTC", Address: "a", Ref: ref}
			d.Account, d.Action, d.Verdict, d.Movement, d.Asked = 1000, law.Withdraw, verdict, m.Digest(), &gate.Asked{Key: m.Digest(), Request: m.Digest(), Moves: &m}
			if again != "" {
				d.Asked = &gate.Asked{Again: again, Moves: &m}
			}
		}).Decision.ID
	}
	frozen := asks("frozen", law.Freeze, "")
	var ids []string
	var twin *View
	for i := range 600 {
		s.at = s.at.Add(time.Minute)
		id := asks(fmt.Sprint(i), law.Allow, "")
		switch {
		case i%7 == 0: // frozen after all, and then let go
			asks(fmt.Sprint(i), law.Freeze, id)
			id = asks(fmt.Sprint(i), law.Allow, id)
		case i%11 == 0: // and these may not be sent at all
			asks(fmt.Sprint(i), law.Reject, id)
			id = ""
		}
		ids = append(ids, id)
		if i == 300 {
			form, err := s.view.still().encode()
			if err != nil {
				t.Fatal(err)
			}
			if twin, err = readView(form, nil); err != nil {
				t.Fatal(err)
			}
			if again, err := twin.encode(); err != nil || !bytes.Equal(again, form) {
				t.Fatalf("read, it is written otherwise (%v)", err)
			}
			s.view, twin = twin, s.view
		}
	}
	rs := s.view.movedElsewhere()
	var got []string
	for _, r := range rs[1:] {
		got = append(got, r.Decision.ID)
	}
	want := slices.DeleteFunc(slices.Clone(ids[len(ids)-60:]), func(id string) bool { return id == "" })
	if n := len(got); rs[0].Decision.ID != frozen || n < len(want)-3 || !slices.Equal(got, want[len(want)-n:]) {
		t.Errorf("%d movements elsewhere, the first decided by %s; want %s and those of an hour: %d", len(rs), rs[0].Decision.ID, frozen, len(want))
	}
	if len(s.view.apart) != len(rs) || len(s.view.permits) > 80 {
		t.Errorf("%d movements are kept, %d of them in turn; want %d", len(s.view.apart), len(s.view.permits), len(rs))
	}
	if len(twin.apart) < 50 || len(twin.movedElsewhere()) != len(twin.apart) {
		t.Errorf("what was read is not what it was read from: %d", len(twin.apart))
	}
	for range 30 { // time passes, and nobody asks for an hour and more
		s.at = s.at.Add(10 * time.Minute)
		s.decide(func(d *gate.Decision) { d.Account, d.Verdict = 1000, law.Allow })
	}
	if rs := s.view.movedElsewhere(); len(rs) != 1 || rs[0].Decision.ID != frozen {
		t.Errorf("hours later %d movements may move, want the frozen one alone", len(rs))
	}
}

// A decision that an account may yet be opened with is kept until it is opened, or the venue
// would not take it any more.
func TestToBeOpened(t *testing.T) {
	s := newScribe(t, newLog(t))
	opens := func(account uint64) *DecisionRecord {
		return s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = account, law.OpenAccount, law.Allow })
	}
	first := opens(1000)
	opens(1001)
	for range maxRecent {
		s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 2000, law.SignIn, law.Allow })
	}
	s.open(first)
	if r, err := s.view.Standing(1000); err != nil || r.Decision.ID != first.Decision.ID {
		t.Errorf("the account stands under %+v, %v", r, err)
	}
	if got := s.view.stance(1000); got.seq != first.Seq || got.outcome != outcomeOf(&first.Decision) {
		t.Errorf("of what the account stands under is kept %+v", got)
	}
	if len(s.view.opening) != 1 {
		t.Errorf("%d decisions wait for an account, want that of the other", len(s.view.opening))
	}
	for name, e := range map[string]tape.Event{"an edition": tape.EditionTaken{}, "rules": tape.RulesTaken{}} {
		opens(1002)
		if s.put(&tape.SetPhase{}, e); len(s.view.opening) != 0 {
			t.Errorf("after %s was taken up %d decisions wait for an account", name, len(s.view.opening))
		}
	}
}

// What lies aside is gone through at each change of a list without a look into the log, however long it lies; and is no longer
// kept once it is free.
func TestLiesAside(t *testing.T) {
	s := newScribe(t, nil)
	s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, law.OpenAccount, law.Allow }))
	hash := func(r *DecisionRecord) tape.Hash {
		id, err := hashOf(r.Decision.ID)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	about := func(action law.Action, verdict law.Verb) tape.Hash {
		return hash(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, action, verdict }))
	}
	comes := func(id uint64, decision tape.Hash, in ledger.Pocket) {
		s.put(&tape.SetPhase{}, tape.DepositChanged{ID: id, Account: 1000, Pocket: in, Decision: decision})
	}
	goes := func(decision tape.Hash, status tape.OutStatus) {
		s.put(&tape.SetPhase{}, tape.WithdrawalChanged{ID: 1, Account: 1000, Status: status, Decision: decision})
	}
	held, free, frozen, stopped := about(law.Deposit, law.Hold), about(law.Deposit, law.Allow), about(law.Deposit, law.Freeze), about(law.Withdraw, law.Freeze)
	comes(1, held, ledger.Apart)
	comes(2, free, ledger.Available)
	comes(3, frozen, ledger.Frozen)
	goes(stopped, tape.OutStopped)
	for range maxRecent {
		about(law.SignIn, law.Allow)
	}
	form, err := s.view.still().encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := readView(form, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []*View{s.view, read} {
		for id, want := range map[tape.Hash]laid{held: {law.Deposit, law.Hold}, frozen: {law.Deposit, law.Freeze}, stopped: {law.Withdraw, law.Freeze}} {
			if got, err := v.laidBy(id); err != nil || got != want {
				t.Errorf("what lies is kept as %+v (%v), want %+v", got, err, want)
			}
		}
		if got, err := v.laidBy(free); err == nil || len(v.laid) != 3 {
			t.Errorf("%d that lie are kept, and of what is free %+v", len(v.laid), got)
		}
	}
	now := about(law.Deposit, law.Allow)
	comes(1, now, ledger.Available)
	goes(stopped, tape.OutCanceled)
	if _, err := s.view.laidBy(frozen); err != nil || len(s.view.laid) != 1 {
		t.Errorf("%d that lie are kept, want the frozen one (%v)", len(s.view.laid), err)
	}
}

// TestFinder holds the finder to a map.
func TestFinder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 10))
	var f finder
	want := map[foundName][]uint64{}
	var names []foundName
	check := func(what string, f *finder, want map[foundName][]uint64) {
		t.Helper()
		for name, seqs := range want {
			if got := f.find(name); !slices.Equal(got, seqs) {
				t.Fatalf("%s: %x finds records %v, want %v", what, name, got, seqs)
			}
		}
		for range 100 {
			none := nameOf(byKey, fmt.Sprint(r.Uint64()))
			if got := f.find(none); len(got) != 0 {
				t.Fatalf("%s: %x finds records %v", what, none, got)
			}
		}
	}
	var seq uint64
	var still finder
	then := map[foundName][]uint64{}
	for i := range 20_000 {
		seq += 1 + r.Uint64N(1000)
		name := nameOf(byID, fmt.Sprint(i))
		switch {
		case r.IntN(3) == 0: // all in one shard, so that it has many chunks
			name[0], name[1] = 7, name[1]&0x3f
		case r.IntN(20) == 0 && len(names) > 0:
			name = names[r.IntN(min(3, len(names)))] // of which more rows than a chunk holds begin alike
		}
		names = append(names, name)
		f.add(name, seq)
		want[name] = append([]uint64{seq}, want[name]...)
		if i == 10_000 {
			still = f.still()
			for n, s := range want {
				then[n] = slices.Clone(s)
			}
		}
	}
	check("all", &f, want)
	check("still", &still, then)
	w := tape.Write()
	f.code(w, seq)
	form, err := w.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	var again finder
	in := tape.Read(form)
	again.code(in, seq)
	if err := in.End(); err != nil {
		t.Fatal(err)
	}
	check("read", &again, want)
	for range 1000 { // and goes on
		seq++
		name := nameOf(byID, fmt.Sprint(seq))
		again.add(name, seq)
		f.add(name, seq)
		want[name] = append([]uint64{seq}, want[name]...)
	}
	check("read, and gone on", &again, want)
	forms := map[string]int{}
	for _, f := range []*finder{&f, &again} {
		w := tape.Write()
		f.code(w, seq)
		b, _ := w.Bytes()
		forms[string(b)]++
	}
	if len(forms) != 1 {
		t.Error("the same rows have two forms")
	}
	if in := tape.Read(form); true {
		var f finder
		if f.code(in, 1000); in.End() == nil {
			t.Error("records after the last are taken")
		}
	}
}

// Numbers are found after any of them, however they are parted.
func TestNumbers(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 11))
	var ns numbers
	var all []uint64
	var n uint64
	if got := ns.after(0, 10); len(got) != 0 {
		t.Fatalf("of none: %v", got)
	}
	for range 3*numbersChunk + 5 {
		n += 1 + r.Uint64N(3)
		ns.add(n)
		all = append(all, n)
	}
	still := ns.still()
	ns.add(n + 1)
	w := tape.Write()
	still.code(w, n)
	form, _ := w.Bytes()
	var read numbers
	in := tape.Read(form)
	if read.code(in, n); in.End() != nil {
		t.Fatal(in.End())
	}
	for _, ns := range []*numbers{&still, &read} {
		for range 300 {
			after, limit := r.Uint64N(n+5), 1+r.IntN(2*numbersChunk)
			i, _ := slices.BinarySearch(all, after+1)
			if got, want := ns.after(after, limit), all[i:min(len(all), i+limit)]; !slices.Equal(got, want) {
				t.Fatalf("after %d at most %d: %d numbers, want %d", after, limit, len(got), len(want))
			}
		}
	}
}

// Totals that did not follow what customers have are counted when they are asked for.
func TestTotalsThatDidNotFollow(t *testing.T) {
	s := newScribe(t, nil)
	s.open(s.decide(func(d *gate.Decision) { d.Account, d.Action, d.Verdict = 1000, law.OpenAccount, law.Allow }))
	has := ledger.Balance{ledger.Available: money.Int(5)}
	s.put(&tape.SetPhase{}, &tape.BalanceChanged{Account: 1000, Asset: 0, Balance: has})
	if got := s.view.Summary().Totals[0].Pockets; got != has || s.view.counts.over {
		t.Fatalf("the customers have %v", got)
	}
	most := money.MustParse("100000000000000000000") // two of which are more than an amount holds
	s.view.counts.moved(0, &ledger.Balance{}, &ledger.Balance{ledger.Available: most})
	s.view.counts.moved(0, &ledger.Balance{}, &ledger.Balance{ledger.Available: most})
	if got := s.view.Summary().Totals[0].Pockets; got != has || !s.view.counts.over {
		t.Errorf("the customers have %v, which was counted: %v", got, s.view.counts.over)
	}
}
