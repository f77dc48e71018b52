package exchange_test

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/ledger"
	"sallyport/vault"
	"sallyport/venue/tape"
	"sallyport/verify"
	"sallyport/watchlist"
)

// madeUp is an edition of a list whose people are made up: number n of its history.
func madeUp(n int, entities ...entity.Entity) *watchlist.Edition {
	e := &watchlist.Edition{List: "us-sdn", Publisher: "test", Published: day("2022-03-01 00:00").AddDate(0, 0, n), SHA256: fmt.Sprintf("%064x", n), Entities: entities}
	slices.SortFunc(e.Entities, func(a, b entity.Entity) int { return watchlist.CompareIDs(a.ID, b.ID) })
	return e
}

func morozov() entity.Entity {
	return entity.Entity{
		List: "us-sdn", ID: "90001", Kind: entity.Person, Gender: entity.Male,
		Names:         []entity.Name{{Full: "Viktor Andreyevich MOROZOV"}},
		Birth:         []entity.Dates{entity.Exact(entity.Day{Year: 1962, Month: 3, Day: 14})},
		Nationalities: []string{"RU"}, Programmes: []string{"RUSSIA-EO14024"},
		Identifiers: []entity.Identifier{{Type: "passport", Number: "530285387", Country: "RU"}},
	}
}

func ivanov() entity.Entity {
	e := morozov()
	e.ID, e.Names, e.Identifiers = "90002", []entity.Name{{Full: "Bystander IVANOV"}}, nil
	return e
}

// clearing is an exchange with a customer who is held for resembling 90001.
type clearing struct {
	*place
	editions map[string]*watchlist.Edition
	account  uint64
}

func startClearing(t testing.TB, dir string) *clearing {
	t.Helper()
	rules, err := law.Default()
	if err != nil {
		t.Fatal(err)
	}
	c := &clearing{place: &place{t: t, dir: dir, now: day("2022-03-02 09:00"), rules: rules}, editions: map[string]*watchlist.Edition{}}
	c.reopen()
	c.take(1, morozov(), ivanov())
	o := c.open("us", namesake())
	if c.account = o.Account; o.Decision.Verdict != law.Hold || len(o.Decision.Findings) != 1 {
		t.Fatalf("the namesake is not held: %+v", o.Decision)
	}
	return c
}

func namesake() entity.Profile {
	p := person("n", "Viktor Morozov", "1962-08-02", "RU", almaty)
	p.Email = "viktor.m@example.org"
	return p
}

func (c *clearing) reopen() {
	c.t.Helper()
	cfg := c.config()
	cfg.Edition = func(_ string, hash tape.Hash) (*watchlist.Edition, error) {
		if e := c.editions[hex.EncodeToString(hash[:])]; e != nil {
			return e, nil
		}
		return nil, fmt.Errorf("no edition %x", hash)
	}
	x, err := exchange.Open(cfg)
	if err != nil {
		c.t.Fatal(err)
	}
	c.Exchange = x
	c.t.Cleanup(func() { x.Close() })
}

func (c *clearing) take(n int, entities ...entity.Entity) exchange.Change {
	c.t.Helper()
	e := madeUp(n, entities...)
	c.editions[e.SHA256] = e
	c.at(c.Now().Add(time.Hour))
	ch, err := c.TakeEdition(e, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return ch
}

func (c *clearing) clear() exchange.ClearanceRecord {
	c.t.Helper()
	r, ch, err := c.Clear(c.account, "us-sdn", "90001", "m.ortiz", "another day of birth, another patronymic shown on a document")
	if err != nil {
		c.t.Fatal(err)
	}
	if ch.Commits != 1 || !slices.Equal(ch.Released, []uint64{c.account}) || c.verdict(c.account) != law.Allow {
		c.t.Fatalf("after the clearance the account is %v; %+v", c.verdict(c.account), ch)
	}
	return r
}

func (c *clearing) standing() gate.Decision {
	c.t.Helper()
	a, _ := c.View().Account(c.account)
	r, err := c.View().Decision(hex.EncodeToString(a.Standing.Decision[:]))
	if err != nil {
		c.t.Fatal("the account stands under no decision")
	}
	return r.Decision
}

// audited has the auditor replay the journal with the lists at hand.
func (c *clearing) audited() verify.Report {
	c.t.Helper()
	if err := c.Close(); err != nil {
		c.t.Fatal(err)
	}
	log, err := journal.OpenReadOnly(filepath.Join(c.dir, "journal"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	r, err := verify.Journal(log, verify.Options{Rules: []*law.Set{c.rules}, Edition: func(_, sha string) (*watchlist.Edition, error) {
		if e := c.editions[sha]; e != nil {
			return e, nil
		}
		return nil, fmt.Errorf("no edition %s", sha)
	}})
	if err != nil {
		c.t.Fatalf("the auditor: %v", err)
	}
	return r
}

// A clearance releases, what it does not rest on may change, and what it rests on opens the
// question again in the edition's own commit.
func TestClearance(t *testing.T) {
	c := startClearing(t, t.TempDir())
	dep := c.fund(c.account, "USDT", "500", "own")
	if dep.Pocket != ledger.Apart {
		t.Fatalf("a deposit to the held went to %v", dep.Pocket)
	}
	if ls := c.View().Likenesses(); len(ls) != 1 || ls[0].Account != c.account || ls[0].Finding.EntityID != "90001" || len(ls[0].Lapsed) != 0 {
		t.Fatalf("open questions: %+v", ls)
	}
	r := c.clear()
	d := c.standing()
	if len(d.Findings) != 1 || len(d.Cleared) != 1 || d.Cleared[0].ID != r.ID || d.Cleared[0].By != "m.ortiz" || d.Cleared[0].EntityID != "90001" || !d.Cleared[0].At.Equal(time.UnixMicro(r.At)) {
		t.Fatalf("the decision does not show what it relies on: %+v", d)
	}
	if text := gate.Explain(d, gate.English, gate.Reviewer); !strings.Contains(text, "by clearance 1 of 2022-03-02 10:00 +00:00 by m.ortiz") {
		t.Errorf("the reviewer is not told:\n%s", text)
	}
	if got := c.View().Deposits(c.account)[0].Pocket; got != ledger.Available {
		t.Errorf("what was set aside is %v", got)
	}
	if ls := c.View().Likenesses(); len(ls) != 0 {
		t.Errorf("open questions: %+v", ls)
	}

	// Remarks, programmes, a street: nobody compares them.
	same := morozov()
	same.Remarks, same.Programmes, same.Places = "also a yachtsman", []string{"SDGT"}, []entity.Place{{Street: "1 Main St", Town: "Moscow", Country: "RU"}}
	c.take(2, same, ivanov())
	if c.verdict(c.account) != law.Allow || c.View().Clearances(0)[0].Ended != nil {
		t.Fatalf("after a change of remarks the account is %v", c.verdict(c.account))
	}
	if _, err := c.order(c.account, book.Buy, "30000", "0.01", "rests"); err != nil {
		t.Fatal(err)
	}

	for n, change := range []func(*entity.Entity){
		func(e *entity.Entity) { e.Names = append(e.Names, entity.Name{Full: "Vitya Morozov"}) },
		func(e *entity.Entity) { e.Birth = append(e.Birth, entity.Year(1963)) },
	} {
		part := []string{"names", "birth"}[n]
		changed := morozov()
		change(&changed)
		ch := c.take(10+n, changed, ivanov())
		if ch.Commits != 1 || !slices.Equal(ch.Held, []uint64{c.account}) || c.verdict(c.account) != law.Hold {
			t.Fatalf("%s: after the change the account is %v; %+v", part, c.verdict(c.account), ch)
		}
		if n == 0 && len(c.View().Orders(c.account, true)) != 0 {
			t.Error("the order of the held rests")
		}
		d := c.standing()
		want := "us-sdn 90001 was cleared on 2 March 2022 by m.ortiz, but the list entry's " + part + " changed"
		if len(d.Cleared) != 0 || len(d.Lapsed) != 1 || d.Lapsed[0].String() != want {
			t.Fatalf("%s: lapsed %v, want %q", part, d.Lapsed, want)
		}
		if ls := c.View().Likenesses(); len(ls) != 1 || len(ls[0].Lapsed) != 1 || ls[0].Lapsed[0].String() != want {
			t.Errorf("%s: the open question does not say why: %+v", part, ls)
		}
		c.clear()
		if again := c.take(20+n, changed, ivanov()); again.Decided != 0 || c.verdict(c.account) != law.Allow {
			t.Fatalf("%s: the entry as it was cleared the second time: %+v", part, again)
		}
		c.take(30+n, morozov(), ivanov()) // back again, and that is a change too
		if c.verdict(c.account) != law.Hold {
			t.Fatalf("%s: the entry went back and the account is %v", part, c.verdict(c.account))
		}
		c.clear()
	}

	// An entry that goes takes its clearances with it; when it comes back, the question is open.
	if c.take(40, ivanov()); c.verdict(c.account) != law.Allow {
		t.Fatalf("without the entry the account is %v", c.verdict(c.account))
	}
	if c.take(41, morozov(), ivanov()); c.verdict(c.account) != law.Hold {
		t.Fatalf("the entry is back and the account is %v", c.verdict(c.account))
	}
	if got := c.standing().Lapsed; len(got) != 1 || !strings.HasSuffix(got[0].String(), "but the list has the entry no more") {
		t.Errorf("lapsed %v", got)
	}
	rep := c.audited()
	if rep.Clearances != 5 || rep.Relied == 0 {
		t.Errorf("the auditor saw %d clearances and %d decisions that rely on them", rep.Clearances, rep.Relied)
	}
	if what := strings.Join(rep.What, "\n"); !strings.Contains(what, "held to the entry in the edition in force") {
		t.Errorf("the report:\n%s", what)
	}
}

// What a customer tells anew opens the question again where it is compared, and not where it
// is not.
func TestClearanceAndCustomersData(t *testing.T) {
	c := startClearing(t, t.TempDir())
	c.clear()
	first := c.standing()
	p := namesake()
	p.Email, p.Residence.Town = "v@example.org", "Astana"
	if ch, err := c.Amend(c.account, p); err != nil || c.verdict(c.account) != law.Allow || ch.Commits != 1 {
		t.Fatalf("after another e-mail address: %v, %v", c.verdict(c.account), err)
	}
	if d := c.standing(); d.Subject == first.Subject || len(d.Cleared) != 1 {
		t.Fatalf("the decision after the change: %+v", d)
	}
	p.Names = append(p.Names, entity.Name{Full: "Viktor Moroz", Kind: entity.Alias})
	if ch, err := c.Amend(c.account, p); err != nil || !slices.Equal(ch.Held, []uint64{c.account}) {
		t.Fatalf("after another name: %+v, %v", ch, err)
	}
	if got := c.standing().Lapsed; len(got) != 1 || got[0].String() != "us-sdn 90001 was cleared on 2 March 2022 by m.ortiz, but the customer's names changed" {
		t.Fatalf("lapsed %v", got)
	}
	if got, _ := c.Profile(c.account); got.Email != "v@example.org" || len(got.Names) != 2 || got.ID != "n" {
		t.Errorf("the profile is %+v", got)
	}
	c.clear()
	if _, _, err := c.TakeBack(2, "k.lee", "the document was of another person"); err != nil || c.verdict(c.account) != law.Hold {
		t.Fatalf("after the word was taken back: %v, %v", c.verdict(c.account), err)
	}
	if _, err := c.Amend(4711, p); err == nil {
		t.Error("nobody was amended")
	}
	c.audited()
}

// What a word does not clear, and words that are none.
func TestClearanceRefused(t *testing.T) {
	c := startClearing(t, t.TempDir())
	listed := person("listed", "Viktor Andreyevich Morozov", "1962-03-14", "RU", moscow)
	listed.Gender = entity.Male
	same := c.open("us", listed).Account
	passport := namesake()
	passport.ID, passport.Birth = "passport", nil
	passport.Identifiers = []entity.Identifier{{Type: "passport", Number: "530285387", Country: "RU"}}
	document := c.open("us", passport).Account
	if c.verdict(same) != law.Freeze || c.verdict(document) != law.Freeze {
		t.Fatalf("the listed are %v and %v", c.verdict(same), c.verdict(document))
	}
	seq, _ := c.Head()
	for _, r := range []struct {
		what         string
		account      uint64
		list, entity string
		by, reason   string
		want         exchange.ClearRefusal
	}{
		{"the whole name", same, "us-sdn", "90001", "m", "r", exchange.ClearIdentity},
		{"a document", document, "us-sdn", "90001", "m", "r", exchange.ClearIdentity},
		{"nobody", 4711, "us-sdn", "90001", "m", "r", exchange.ClearUnknownAccount},
		{"another entry", c.account, "us-sdn", "90002", "m", "r", exchange.ClearNoLikeness},
		{"another list", c.account, "eu-fsf", "90001", "m", "r", exchange.ClearNoLikeness},
		{"nobody said it", c.account, "us-sdn", "90001", "  ", "r", exchange.ClearWord},
		{"no reason", c.account, "us-sdn", "90001", "m", "\n", exchange.ClearWord},
		{"too long", c.account, "us-sdn", "90001", "m", strings.Repeat("r", tape.MaxReason+1), exchange.ClearWord},
		{"the customer's name", c.account, "us-sdn", "90001", "m", "I know VIKTOR MOROZOV well", exchange.ClearPersonal},
		{"the customer's birthday", c.account, "us-sdn", "90001", "m", "born 1962-08-02", exchange.ClearPersonal},
	} {
		_, _, err := c.Clear(r.account, r.list, r.entity, r.by, r.reason)
		if got, ok := exchange.AsClearRefusal(err); !ok || got != r.want || got.Error() == "" {
			t.Errorf("%s: %v, want %v", r.what, err, r.want)
		}
	}
	if now, _ := c.Head(); now != seq {
		t.Errorf("refusals wrote %d records", now-seq)
	}
	c.clear()
	if _, _, err := c.Clear(c.account, "us-sdn", "90001", "m", "again"); err != exchange.ClearTwice {
		t.Errorf("a second clearance: %v", err)
	}
	if _, _, err := c.TakeBack(7, "m", "r"); err != exchange.ClearUnknown {
		t.Errorf("a clearance that is none: %v", err)
	}
	// A clearance never covers identity: the entry learns the customer's own passport number.
	p := namesake()
	p.Identifiers = []entity.Identifier{{Type: "passport", Number: "750001112", Country: "RU"}}
	if _, err := c.Amend(c.account, p); err != nil {
		t.Fatal(err)
	}
	c.clear()
	known := morozov()
	known.Identifiers = append(known.Identifiers, entity.Identifier{Type: "passport", Number: "750001112", Country: "RU"})
	if c.take(2, known, ivanov()); c.verdict(c.account) != law.Freeze {
		t.Errorf("the entry names the customer's passport, and they are %v", c.verdict(c.account))
	}
	if what := strings.Join(c.audited().What, "\n"); !strings.Contains(what, "none for identity: 2.") {
		t.Errorf("the report:\n%s", what)
	}
}

// A firm's owner who resembles somebody is cleared on the firm's account, and a change of the
// owner's data opens the question again.
func TestClearanceOfAnOwner(t *testing.T) {
	c := startClearing(t, t.TempDir())
	firm := entity.Profile{
		Entity:    entity.Entity{ID: "firm", Kind: entity.Organisation, Names: []entity.Name{{Full: "Quiet Waters Trading GmbH"}}},
		Residence: entity.Place{Town: "Vienna", Country: "AT"},
		Owners:    []entity.Owner{{Entity: namesake().Entity, ShareBP: 10000}},
	}
	o := c.open("us", firm)
	if o.Decision.Verdict != law.Hold {
		t.Fatalf("the firm is %v", o.Decision.Verdict)
	}
	c.account = o.Account
	c.clear()
	firm.Owners = []entity.Owner{{Entity: person("", "Viktor Morozov", "1962-08-03", "RU", almaty).Entity, ShareBP: 10000}}
	if _, err := c.Amend(c.account, firm); err != nil || c.verdict(c.account) != law.Hold {
		t.Fatalf("after the owner's birth changed the firm is %v, %v", c.verdict(c.account), err)
	}
	if got := c.standing().Lapsed; len(got) != 1 || !strings.HasSuffix(got[0].String(), "but the customer's owners changed") {
		t.Errorf("lapsed %v", got)
	}
	c.audited()
}

// A restart from the log keeps a clearance; a customer's data that the vault has and the log
// has not, for a crash came between, are made up for, and end it.
func TestClearanceAfterRestart(t *testing.T) {
	dir := t.TempDir()
	c := startClearing(t, dir)
	c.clear()
	before := c.standing()
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	c.reopen()
	if d := c.standing(); d.ID != before.ID || c.verdict(c.account) != law.Allow || len(c.View().Clearances(c.account)) != 1 {
		t.Fatalf("after a restart: %+v", d)
	}
	same := morozov()
	same.Remarks = "a remark"
	if c.take(2, same, ivanov()); c.verdict(c.account) != law.Allow {
		t.Fatalf("after a restart and a remark the account is %v", c.verdict(c.account))
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	v, err := vault.Open(filepath.Join(dir, "vault"), vault.Options{MasterKey: filepath.Join(dir, "keys", "vault.key")})
	if err != nil {
		t.Fatal(err)
	}
	b, err := v.Get(c.account, "profile")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Put(c.account, "profile", []byte(strings.Replace(string(b), "1962-08-02", "1962-08-03", 1))); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	c.reopen()
	if got := c.standing().Lapsed; c.verdict(c.account) != law.Hold || len(got) != 1 || !strings.HasSuffix(got[0].String(), "but the customer's birth changed") {
		t.Fatalf("after the crash the account is %v, lapsed %v", c.verdict(c.account), got)
	}
	if rep := c.audited(); rep.Commands["AmendCustomer"] != 1 {
		t.Errorf("commands %v", rep.Commands)
	}
}

// Of two likenesses one is cleared: the customer stays held for the other, under a decision
// that shows which word it relies on.
func TestClearanceOfOneOfTwo(t *testing.T) {
	c := startClearing(t, t.TempDir())
	other := morozov()
	other.ID, other.Identifiers = "90003", nil
	c.take(2, morozov(), ivanov(), other)
	if n := len(c.View().Likenesses()); n != 2 {
		t.Fatalf("%d open questions, want 2", n)
	}
	if _, _, err := c.Clear(c.account, "us-sdn", "90001", "m.ortiz", "another patronymic"); err != nil {
		t.Fatal(err)
	}
	if d := c.standing(); c.verdict(c.account) != law.Hold || len(d.Cleared) != 1 || d.Cleared[0].EntityID != "90001" {
		t.Fatalf("after one of two: %v, cleared %+v", c.verdict(c.account), d.Cleared)
	}
	if ls := c.View().Likenesses(); len(ls) != 1 || ls[0].Finding.EntityID != "90003" {
		t.Errorf("open: %+v", ls)
	}
	if _, _, err := c.Clear(c.account, "us-sdn", "90003", "m.ortiz", "another patronymic"); err != nil || c.verdict(c.account) != law.Allow {
		t.Fatalf("after both: %v, %v", c.verdict(c.account), err)
	}
	// A change of one opens that one, and leaves the other.
	other.Nationalities = append(other.Nationalities, "BY")
	c.take(3, morozov(), ivanov(), other)
	if d := c.standing(); c.verdict(c.account) != law.Hold || len(d.Cleared) != 1 || len(d.Lapsed) != 1 || d.Lapsed[0].EntityID != "90003" {
		t.Errorf("after a change of one: %v, cleared %+v, lapsed %+v", c.verdict(c.account), d.Cleared, d.Lapsed)
	}
	c.audited()
}
