package exchange_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
)

// found is everything that was decided, told by what is at hand.
func (p *place) found() (all []*exchange.DecisionRecord, changes []exchange.Notice) {
	p.t.Helper()
	all = p.View().Recent(1<<20, func(*gate.Decision) bool { return true })
	if len(all) != p.View().Summary().Decisions {
		p.t.Fatalf("%d decisions at hand, of %d", len(all), p.View().Summary().Decisions)
	}
	changes, err := p.View().Changes(0, 1<<20)
	if err != nil {
		p.t.Fatal(err)
	}
	return all, changes
}

// TestDecisionsOfLongAgo: what is no longer at hand is found and told as before, also after a start from a snapshot.
func TestDecisionsOfLongAgo(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	all, changes := p.found()
	check := func(name string, x *exchange.Exchange) {
		t.Helper()
		for _, want := range all {
			r, err := x.View().Decision(want.Decision.ID)
			if err != nil || !reflect.DeepEqual(r, want) {
				t.Fatalf("%s: decision %s: %+v (%v), want %+v", name, want.Decision.ID, r, err, want)
			}
			if a, err := x.Receipt(r); err != nil || len(a) == 0 {
				t.Fatalf("%s: no receipt: %v", name, err)
			}
		}
		if got, err := x.View().Changes(0, 1<<20); err != nil || !reflect.DeepEqual(got, changes) {
			t.Fatalf("%s: changes %+v (%v), want %+v", name, got, err, changes)
		}
	}
	check("at hand", p.Exchange)
	p.Forget()
	check("forgotten", p.Exchange)
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p.reopen(-1)
	check("opened again", p.Exchange)
	p.Forget()
	check("opened again, and forgotten", p.Exchange)
	p.Close()
	p.Forget()
	if r, err := p.View().Decision(all[0].Decision.ID); err == nil || errors.Is(err, exchange.ErrNoDecision) {
		t.Errorf("closed: %+v, %v", r, err)
	}
	if _, err := p.View().Decision("0"); !errors.Is(err, exchange.ErrNoDecision) {
		t.Errorf("of none: %v", err)
	}
}

// A decision whose record is damaged is not told as one that was never made: the exchange, opened from a snapshot that
// spares it the reading, says that it cannot be read.
func TestDamagedDecision(t *testing.T) {
	dir := t.TempDir()
	p := busy(t, dir)
	for i := range 40 {
		p.open("us", person(fmt.Sprint(i), fmt.Sprintf("Maria Garcia%c%c", 'a'+i/26, 'a'+i%26), "1990-01-01", "ES", madrid))
	}
	all, _ := p.found()
	// A snapshot that the log confirms, for else the one before it is there, has all of these behind it.
	for head, _ := p.Head(); filepath.Base(snapshotsOf(t, dir)[0]) < fmt.Sprintf("%020d", head); {
		p.fund(all[0].Decision.Account, "USDT", "1", "own")
		time.Sleep(50 * time.Millisecond) // so that what comes behind is little
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "journal", "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)*3/4] ^= 4 // among the records of those customers
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	p.reopen(-1)
	p.Forget()
	damaged := 0
	for i := len(all) - 1; i >= 0; i-- { // the oldest first
		r, err := p.View().Decision(all[i].Decision.ID)
		switch {
		case errors.Is(err, exchange.ErrNoDecision) || err == nil && r.Decision.ID != all[i].Decision.ID:
			t.Errorf("decision %s: %+v, %v", all[i].Decision.ID, r, err)
		case err != nil:
			damaged++
		}
	}
	if damaged == 0 {
		t.Error("nothing is damaged")
	}
	if _, err := p.View().Changes(0, 1<<20); err == nil {
		t.Error("what has changed is told, and part of it cannot be read")
	}
	unread := 0
	for _, a := range p.View().Accounts() {
		r, err := p.View().Standing(a.Number)
		switch {
		case err == nil && r.Decision.ID != hex.EncodeToString(a.Standing.Decision[:]) || errors.Is(err, exchange.ErrNoDecision):
			t.Errorf("account %d stands under %+v, %v", a.Number, r, err)
		case err != nil:
			unread++
		}
	}
	if unread == 0 {
		t.Error("all that accounts stand under can be read, and part of the log cannot")
	}
}

// Where the log cannot be read nothing is decided as if nothing had been decided before: a movement that may have its yes
// gets no second one, and of a deposit that is set apart it is not said that it waits for nobody.
func TestNothingAnewOfWhatCannotBeRead(t *testing.T) {
	p := busy(t, t.TempDir())
	account := p.open("us", person("asks", "Ada Quillfeather", "1985-05-17", "US", entity.Place{Country: "US"})).Account
	ask := func(key string) (*exchange.DecisionRecord, error) {
		key = fmt.Sprintf("%064x", key)
		return p.Ask(exchange.Question{
			Account: account, Action: law.Withdraw, Session: exchange.Session{Known: true, Country: "US"}, Asked: gate.Asked{Key: key, Request: key},
			Movement: gate.Movement{Asset: "BTC", Amount: "0.5", Network: "BTC", Address: "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", Ref: "w-1"},
		})
	}
	yes, err := ask("1")
	if err != nil || yes.Decision.Verdict != law.Allow {
		t.Fatalf("%+v, %v", yes, err)
	}
	decisions := p.View().Summary().Decisions
	var denied *exchange.Denial
	p.Forget()
	see := p.Blind()
	if r, err := ask("2"); err == nil || errors.As(err, &denied) {
		t.Errorf("asked again, where it cannot be read: %+v, %v", r, err)
	}
	if awaits, err := p.AwaitsControl(yes.Decision.ID); err == nil || errors.Is(err, exchange.ErrNoDecision) {
		t.Errorf("it waits for somebody: %v, %v", awaits, err)
	}
	see()
	if r, err := ask("3"); !errors.As(err, &denied) || denied.Decision != yes.Decision.ID {
		t.Errorf("asked again: %+v, %v", r, err)
	}
	if n := p.View().Summary().Decisions; n != decisions {
		t.Errorf("%d decisions, were %d", n, decisions)
	}
}
