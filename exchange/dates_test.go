package exchange_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
	"sallyport/verify"
)

// entry is a record of the log, decoded.
type entry struct {
	at  time.Time
	cmd tape.Command
}

// records closes the exchange and reads its log.
func (p *place) records() []entry {
	p.t.Helper()
	if err := p.Close(); err != nil {
		p.t.Fatal(err)
	}
	log, err := journal.OpenReadOnly(filepath.Join(p.dir, "journal"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	var all []entry
	if err := log.Read(1, func(r journal.Record) error {
		cmd, err := tape.Decode(tape.Kind(r.Kind), r.Payload)
		all = append(all, entry{time.UnixMicro(r.Time).UTC(), cmd})
		return err
	}); err != nil {
		p.t.Fatal(err)
	}
	return all
}

// again closes the exchange and opens its folder at another hour.
func (p *place) again(now time.Time) {
	p.t.Helper()
	if err := p.Close(); err != nil {
		p.t.Fatal(err)
	}
	p.at(now)
	var err error
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		p.t.Fatal(err)
	}
}

// under starts an exchange with further rules.
func under(t testing.TB, dir string, now time.Time, files map[string]string) *place {
	t.Helper()
	p := &place{t: t, dir: dir, now: now, rules: rulesWith(t, files), logged: make(lines, 100)}
	var err error
	if p.Exchange, err = exchange.Open(p.config()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close() })
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	return p
}

func rulesWith(t testing.TB, files map[string]string) *law.Set {
	t.Helper()
	folder := fstest.MapFS{}
	for id, text := range files {
		folder[id+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := law.LoadWith(folder)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func expiries(all []entry) (out []entry) {
	for _, e := range all {
		if _, ok := e.cmd.(*tape.MarkExpiry); ok {
			out = append(out, e)
		}
	}
	return out
}

func holder(id string, until entity.Day) entity.Profile {
	p := person(id, "Anna Volkova", "1992-07-03", "RU", madrid)
	p.Permits = []entity.Permit{{Country: "ES", Until: until}}
	return p
}

// Regulation (EU) No 833/2014, Article 5b(3): the ban does not apply to those who hold a
// temporary or permanent residence permit in a Member State. A Spanish permit valid until
// 30 June 2023 is one on that day and none from its midnight on: allow, then exit, and nothing
// is frozen.
func TestPermitRunsOutAtItsHour(t *testing.T) {
	last := entity.Day{Year: 2023, Month: 6, Day: 30}
	before, midnight := day("2023-06-30 23:59").Add(59*time.Second+999999*time.Microsecond), day("2023-07-01 00:00")
	for name, step := range map[string]func(*place, uint64){
		"the order at midnight comes after the mark": func(p *place, n uint64) {
			p.at(midnight)
			_, err := p.order(n, book.Buy, "30000", "0.01", "late")
			if r, ok := exchange.AsRefusal(err); !ok || r.Reason != tape.Stopped || r.Verdict != law.Exit {
				t.Errorf("an order at midnight: %v", err)
			}
		},
		"and so does a withdrawal": func(p *place, n uint64) {
			p.at(midnight)
			if w, err := p.Withdraw(n, 1, money.Int(50), "ETH", "mem1home", "w", boston); err != nil || w.Status != tape.Requested {
				t.Errorf("they take their assets out: %+v, %v", w, err)
			}
		},
		"nobody but the clock acts": func(p *place, n uint64) {
			p.at(midnight)
			p.wait("the mark", func() bool { return p.verdict(n) == law.Exit })
		},
		"after a restart the minute before": func(p *place, n uint64) {
			p.again(before)
			if v := p.verdict(n); v != law.Allow {
				t.Errorf("on the permit's last day the customer is %v", v)
			}
			p.at(midnight)
			if _, err := p.MarkLaw(); err != nil {
				t.Error(err)
			}
		},
		"after a restart at midnight": func(p *place, n uint64) { p.again(midnight) },
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, t.TempDir(), day("2023-06-01 09:00"))
			if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
				t.Fatal(err)
			}
			n := p.open("eu", holder("permit", last)).Account
			forever := p.open("eu", holder("forever", entity.Day{})).Account
			p.fund(n, "USDT", "50000", "own")
			p.at(before)
			if _, err := p.order(n, book.Buy, "20000", "0.01", "rests"); err != nil {
				t.Fatal(err)
			}
			if ch, err := p.MarkLaw(); err != nil || len(ch) > 0 {
				t.Fatalf("a microsecond before midnight: %+v, %v", ch, err)
			}
			step(p, n)
			if v := p.verdict(n); v != law.Exit {
				t.Errorf("from midnight on the customer is %v", v)
			}
			if v := p.verdict(forever); v != law.Allow {
				t.Errorf("whose permit has no end is %v", v)
			}
			if a, _ := p.View().Account(n); !a.Balances[1][3].IsZero() {
				t.Errorf("balance %v: nothing is frozen", a.Balances[1])
			}
			p.again(midnight.Add(time.Hour)) // nothing is marked twice
			p.verified()
			all := p.records()
			marks := expiries(all)
			if len(marks) != 1 || !marks[0].at.Equal(midnight) {
				t.Fatalf("marks %+v, want one at %v", marks, midnight)
			}
			if m := marks[0].cmd.(*tape.MarkExpiry); m.Account != n || m.At != midnight.UnixMicro() || !m.Permit || len(m.Licences) > 0 {
				t.Errorf("marked %+v", m)
			}
			i := slices.IndexFunc(all, func(e entry) bool { return e.cmd == marks[0].cmd })
			if _, ok := all[i+1].cmd.(*tape.Decide); !ok || !all[i+1].at.Equal(midnight) {
				t.Errorf("after the mark comes %T at %v", all[i+1].cmd, all[i+1].at)
			}
		})
	}
}

// While nobody ran, two permits ran out and a rule ended: all of it is made up for before
// anything else, once.
func TestDatesWhileNobodyRan(t *testing.T) {
	p := start(t, t.TempDir(), day("2025-06-01 09:00"))
	if _, err := p.TakeEdition(edition(t, "2025-03-21"), time.Now()); err != nil {
		t.Fatal(err)
	}
	both := holder("both", entity.Day{Year: 2025, Month: 7, Day: 1})
	both.Permits = append(both.Permits, entity.Permit{Country: "FR", Until: entity.Day{Year: 2025, Month: 8, Day: 1}})
	n := p.open("eu", both).Account
	// One that had run out before they came is nobody's news.
	gone := p.open("eu", holder("gone", entity.Day{Year: 2024, Month: 1, Day: 1}))
	if !gone.Refused {
		t.Fatalf("opened without a valid permit: %+v", gone)
	}
	// 25 November 2025, 00:00 in Brussels: this rule of the program ends and another follows or none does.
	p.again(day("2025-12-01 12:00"))
	p.verified()
	all := p.records()
	marks := expiries(all)
	if len(marks) != 2 || marks[0].cmd.(*tape.MarkExpiry).Account != n {
		t.Fatalf("marks %+v, want two of account %d", marks, n)
	}
	rules := 0
	for _, e := range all {
		if m, ok := e.cmd.(*tape.MarkRule); ok && m.Rule == "eu-833-5b2-ban" && !m.Begins {
			rules++
		}
	}
	if rules != 1 {
		t.Errorf("the end of eu-833-5b2-ban is marked %d times", rules)
	}
}

// What a customer tells anew moves their date, and the old one is forgotten.
func TestAmendedPermitMovesItsDate(t *testing.T) {
	p := start(t, t.TempDir(), day("2023-06-01 09:00"))
	if _, err := p.TakeEdition(edition(t, "2022-03-11"), time.Now()); err != nil {
		t.Fatal(err)
	}
	n := p.open("eu", holder("h", entity.Day{Year: 2023, Month: 6, Day: 30})).Account
	p.at(day("2023-06-20 09:00"))
	if _, err := p.Amend(n, holder("h", entity.Day{Year: 2023, Month: 9, Day: 30})); err != nil {
		t.Fatal(err)
	}
	p.again(day("2023-07-01 00:00"))
	if v := p.verdict(n); v != law.Allow {
		t.Errorf("with a permit that was renewed the customer is %v", v)
	}
	p.at(day("2023-10-01 00:00"))
	if ch, err := p.MarkLaw(); err != nil || len(ch) != 1 || !slices.Equal(ch[0].Expired, []uint64{n}) {
		t.Fatalf("%+v, %v", ch, err)
	}
	if v := p.verdict(n); v != law.Exit {
		t.Errorf("after it the customer is %v", v)
	}
	p.verified()
	if marks := expiries(p.records()); len(marks) != 1 {
		t.Errorf("marks %+v", marks)
	}
}

// ban is a rule made up for these tests; %s is its further lines.
const ban = `id: eu-made-up
title: A rule made up for a test
authority: An authority
instrument: Regulation (EU) made up
article: Article 1
binds: [EU]
covers: 'customer.residence == "KZ"'
verb: exit
effective_at: "2023-06-01T00:00:00+02:00"
%sstate: enacted
verified:
  marks: [made up]
`

const leave = `wind_down: {until: "2023-07-01T00:00:00+02:00", actions: [review, trade], article: Article 1(2)}
licences:
- {id: eu-made-up-1, title: By record alone, article: Article 2, until: "2023-12-01T00:00:00+01:00"}
- {id: eu-made-up-2, title: For those in Almaty, article: Article 3, from: "2023-09-01T00:00:00+02:00", covers: 'customer.kind == "person"'}
`

// A wind-down and the licences of a rule put their own commands into the log at their hours.
func TestPartsOfARuleAreMarked(t *testing.T) {
	p := under(t, t.TempDir(), day("2023-06-10 09:00"), map[string]string{"eu-made-up": fmt.Sprintf(ban, leave)})
	n := p.open("eu", person("k", "Aidar Bekov", "1990-01-01", "KZ", almaty))
	if !n.Refused {
		t.Fatalf("a wind-down of trading and review let a new customer in: %+v", n)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}

	p = under(t, t.TempDir(), day("2023-05-01 09:00"), map[string]string{"eu-made-up": fmt.Sprintf(ban, leave)})
	a := p.open("eu", person("k", "Aidar Bekov", "1990-01-01", "KZ", almaty)).Account
	for _, c := range []struct {
		at   string
		want law.Verb
	}{
		{"2023-05-31 21:59", law.Allow}, {"2023-05-31 22:00", law.Allow}, // wound down until
		{"2023-06-30 21:59", law.Allow}, {"2023-06-30 22:00", law.Exit},
		{"2023-08-31 22:00", law.Allow}, // a licence of the rule begins that covers them
		{"2023-11-30 23:00", law.Allow}, // and another ends that does not
	} {
		p.at(day(c.at))
		if _, err := p.MarkLaw(); err != nil {
			t.Fatal(err)
		}
		if v := p.verdict(a); v != c.want {
			t.Errorf("at %s the customer is %v, want %v", c.at, v, c.want)
		}
	}
	rep := p.verified()
	var parts []string
	for _, e := range p.records() {
		if m, ok := e.cmd.(*tape.MarkPart); ok {
			parts = append(parts, fmt.Sprint(m.Part, m.Begins, time.UnixMicro(m.At).UTC().Format(" 2006-01-02 15:04")))
			if e.at.UnixMicro() != m.At {
				t.Errorf("%s is marked at %v", m.Part, e.at)
			}
		}
	}
	want := []string{"wind-downfalse 2023-06-30 22:00", "eu-made-up-2true 2023-08-31 22:00", "eu-made-up-1false 2023-11-30 23:00"}
	if !slices.Equal(parts, want) {
		t.Errorf("parts marked: %q, want %q", parts, want)
	}
	if rep.Marks < 4 {
		t.Errorf("the auditor counted %d marks", rep.Marks)
	}
}

// A licence that two operator users record for a customer frees them while it is valid; it
// runs out at its hour, and one user's word ends it before.
func TestRecordedLicence(t *testing.T) {
	p := under(t, t.TempDir(), day("2023-05-01 09:00"), map[string]string{"eu-made-up": fmt.Sprintf(ban, leave)})
	a := p.open("eu", person("k", "Aidar Bekov", "1990-01-01", "KZ", almaty)).Account
	american := p.open("us", person("u", "Dana Serik", "1990-01-02", "KZ", almaty)).Account
	p.at(day("2023-07-10 09:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	if v := p.verdict(a); v != law.Exit {
		t.Fatalf("without a licence the customer is %v", v)
	}
	until := day("2023-08-15 10:00")
	record := func(account uint64, licence string, until time.Time, by, second, reason, document string) error {
		_, _, err := p.RecordLicence(account, licence, until, by, second, reason, document)
		return err
	}
	for what, c := range map[string]struct {
		err  error
		want exchange.LicenceRefusal
	}{
		"no account":         {record(4711, "eu-made-up-1", until, "m", "k", "r", "d"), exchange.LicenceUnknownAccount},
		"no such licence":    {record(a, "eu-made-up-9", until, "m", "k", "r", "d"), exchange.LicenceNoSuch},
		"another's law":      {record(american, "eu-made-up-1", until, "m", "k", "r", "d"), exchange.LicenceNoSuch},
		"nobody's word":      {record(a, "eu-made-up-1", until, "", "k", "r", "d"), exchange.LicenceWord},
		"no reason":          {record(a, "eu-made-up-1", until, "m", "k", "", "d"), exchange.LicenceWord},
		"no document":        {record(a, "eu-made-up-1", until, "m", "k", "r", " "), exchange.LicenceWord},
		"one user twice":     {record(a, "eu-made-up-1", until, "m", "M ", "r", "d"), exchange.LicenceOneUser},
		"a name in the log":  {record(a, "eu-made-up-1", until, "m", "k", "for Aidar Bekov", "d"), exchange.LicencePersonal},
		"one that has ended": {record(a, "eu-made-up-1", p.Now(), "m", "k", "r", "d"), exchange.LicencePast},
	} {
		if r, ok := exchange.AsLicenceRefusal(c.err); !ok || r != c.want {
			t.Errorf("%s: %v, want %v", what, c.err, c.want)
		}
	}
	rec, _, err := p.RecordLicence(a, "eu-made-up-1", until, "mara", "kim", "authorisation of the ministry", "BMWK 2023/117 Bekov")
	if err != nil {
		t.Fatal(err)
	}
	if v := p.verdict(a); v != law.Allow {
		t.Errorf("under the licence the customer is %v", v)
	}
	if r, _ := exchange.AsLicenceRefusal(record(a, "eu-made-up-1", until, "m", "k", "r", "d")); r != exchange.LicenceTwice {
		t.Errorf("recorded twice: %v", r)
	}
	p.at(until.Add(-time.Microsecond))
	p.again(until.Add(-time.Microsecond))
	if v := p.verdict(a); v != law.Allow {
		t.Errorf("just before its end the customer is %v", v)
	}
	p.at(until)
	if _, err := p.order(a, book.Buy, "30000", "0.01", "x"); err == nil {
		t.Error("at the hour of its end an order was taken")
	}
	if v := p.verdict(a); v != law.Exit {
		t.Errorf("after the licence the customer is %v", v)
	}
	if r, ok := p.View().Licence(rec.ID); !ok || !r.Ended.Equal(until) || r.Taken != nil {
		t.Errorf("the licence reads %+v", r)
	}

	p.at(day("2023-08-20 09:00"))
	rec, _, err = p.RecordLicence(a, "eu-made-up-1", time.Time{}, "mara", "kim", "renewed", "BMWK 2023/200")
	if err != nil || p.verdict(a) != law.Allow {
		t.Fatalf("renewed: %v, %v", p.verdict(a), err)
	}
	p.at(day("2023-08-21 09:00"))
	if _, _, err := p.EndLicence(rec.ID, "kim", "revoked by the ministry"); err != nil || p.verdict(a) != law.Exit {
		t.Fatalf("taken back: %v, %v", p.verdict(a), err)
	}
	if _, _, err := p.EndLicence(rec.ID, "kim", "again"); !errors.Is(err, exchange.LicenceUnknown) {
		t.Errorf("taken back twice: %v", err)
	}
	if rep := p.verified(); rep.Licences != 2 || rep.Expiries != 1 {
		t.Errorf("the auditor counted %d licences and %d that ran out", rep.Licences, rep.Expiries)
	}
	for _, e := range p.records() {
		if b, err := tape.Encode(e.cmd); err != nil || strings.Contains(string(b), "Bekov") {
			t.Errorf("%T holds the document's words, %v", e.cmd, err)
		}
	}
}

// banned is an exchange in a folder with a customer whom the ban sends away, and the rules it is under.
func banned(t *testing.T, dir string) (p *place, rules map[string]string, account uint64) {
	t.Helper()
	rules = map[string]string{"eu-made-up": fmt.Sprintf(ban, leave)}
	p = under(t, dir, day("2023-05-01 09:00"), rules)
	account = p.open("eu", person("k", "Aidar Bekov", "1990-01-01", "KZ", almaty)).Account
	p.at(day("2023-07-10 09:00"))
	if _, err := p.MarkLaw(); err != nil {
		t.Fatal(err)
	}
	return p, rules, account
}

// What one operator user says of a licence waits over a restart, in the vault and not in the log,
// and frees nobody until a second has said the same.
func TestLicenceWaitsForASecond(t *testing.T) {
	dir := t.TempDir()
	p, rules, a := banned(t, dir)
	word := exchange.WaitingLicence{Account: a, Licence: "eu-made-up-1", Until: day("2023-08-15 10:00"), By: "mara", Reason: "authorisation of the ministry", Document: "BMWK 2023/117 Bekov"}
	before, _ := p.Head()
	if _, waits, err := p.SayLicence(word); waits == nil || err != nil {
		t.Fatalf("the first word: %v, %v", waits, err)
	}
	if after, _ := p.Head(); after != before {
		t.Errorf("the log has %d records and had %d", after, before)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = under(t, dir, day("2023-07-11 09:00"), rules)
	if waits := p.WaitingLicences(a); len(waits) != 1 || waits[0].By != "mara" || waits[0].Document != word.Document || !waits[0].Until.Equal(word.Until) || p.verdict(a) != law.Exit {
		t.Fatalf("after a restart: %+v, %v", waits, p.verdict(a))
	}
	word.By = "Mara " // is the same one
	if _, waits, err := p.SayLicence(word); waits == nil || err != nil {
		t.Fatalf("her second word: %v, %v", waits, err)
	}
	word.By, word.Reason = "kim", "I have seen it"
	rec, waits, err := p.SayLicence(word)
	if waits != nil || err != nil || rec.By != "Mara" || rec.Second != "kim" || rec.Reason != "authorisation of the ministry" || p.verdict(a) != law.Allow {
		t.Fatalf("the second: %+v, %v, %v", rec, waits, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = under(t, dir, day("2023-07-12 09:00"), rules)
	if waits := p.WaitingLicences(0); len(waits) != 0 {
		t.Errorf("what is recorded still waits: %+v", waits)
	}
	if rep := p.verified(); rep.Licences != 1 {
		t.Errorf("the auditor counted %d licences", rep.Licences)
	}
	for _, e := range p.records() {
		if b, err := tape.Encode(e.cmd); err != nil || strings.Contains(string(b), "Bekov") {
			t.Errorf("%T holds the document's words, %v", e.cmd, err)
		}
	}
}

// The rule sets of former times are kept, and decisions made under them are decided again.
func TestRulesAreKept(t *testing.T) {
	dir := t.TempDir()
	p := under(t, dir, day("2023-05-01 09:00"), map[string]string{"eu-made-up": fmt.Sprintf(ban, "")})
	a := p.open("eu", person("k", "Aidar Bekov", "1990-01-01", "KZ", almaty)).Account
	p.at(day("2023-06-02 09:00"))
	if _, err := p.MarkLaw(); err != nil || p.verdict(a) != law.Exit {
		t.Fatalf("%v, %v", p.verdict(a), err)
	}
	first := p.rules.SHA256()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	// The next day's program has the rule no more, and a wind-down of another began and ended meanwhile.
	p = under(t, dir, day("2023-06-03 09:00"), nil)
	if p.verdict(a) != law.Allow {
		t.Fatalf("under rules that do not forbid it the customer is %v", p.verdict(a))
	}
	if rep := p.verified(); rep.RedecidedDecisions == rep.Decisions {
		t.Fatal("the auditor decided again by rules that it was not given")
	}
	kept := os.DirFS(filepath.Join(dir, exchange.RulesDir))
	sets, unread, err := law.LoadKept(kept)
	if err != nil || len(unread) > 0 || len(sets) != 2 || !slices.ContainsFunc(sets, func(s *law.Set) bool { return s.SHA256() == first }) {
		t.Fatalf("%d sets, %v, %v", len(sets), unread, err)
	}
	log, err := journal.OpenReadOnly(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	rep, err := verify.Journal(log, verify.Options{Rules: sets})
	log.Close()
	if err != nil || rep.RedecidedDecisions != rep.Decisions || rep.Decisions < 3 {
		t.Fatalf("%d of %d decisions decided again, %v", rep.RedecidedDecisions, rep.Decisions, err)
	}

	// Another word in a kept rule, and neither the auditor's reader nor the exchange takes it.
	name := filepath.Join(dir, exchange.RulesDir, p.rules.SHA256(), "us-sdn.yaml")
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, append(text, "# harmless\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	var tampered *law.TamperedError
	if _, _, err := law.LoadKept(kept); !errors.As(err, &tampered) || tampered.SHA256 != p.rules.SHA256() {
		t.Errorf("tampered with: %v", err)
	}
	if _, err := exchange.Open(p.config()); !errors.As(err, &tampered) {
		t.Errorf("opened over rules that were tampered with: %v", err)
	}
}
