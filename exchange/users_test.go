package exchange_test

import (
	"errors"
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/law"
	"sallyport/venue/tape"
)

// TestOperatorUsersInTheLog: who may say what stands in the log, nobody else's word is taken from then on, and the
// auditor finds it so.
func TestOperatorUsersInTheLog(t *testing.T) {
	dir := t.TempDir()
	p, rules, a := banned(t, dir)
	if _, _, err := p.RecordLicence(a, "eu-made-up-1", time.Time{}, "m ortiz", " m  ortiz ", "r", "d"); !errors.Is(err, exchange.LicenceOneUser) {
		t.Errorf("one name with more spaces: %v", err)
	}
	const compliance, operations = tape.MayRead | tape.MayCompliance, tape.MayRead | tape.MayOperations
	set := func(all map[string]tape.Right, records uint64) {
		t.Helper()
		before, _ := p.Head()
		if err := p.SetOperatorUsers(all); err != nil {
			t.Fatal(err)
		}
		if after, _ := p.Head(); after != before+records {
			t.Errorf("%v took %d records, want %d", all, after-before, records)
		}
	}
	set(nil, 0)
	word := exchange.WaitingLicence{Account: a, Licence: "eu-made-up-1", By: "mara", Reason: "authorisation", Document: "117"}
	if _, waits, err := p.SayLicence(word); waits == nil || err != nil {
		t.Fatal(waits, err)
	}
	set(map[string]tape.Right{"kim": compliance, "lee": operations}, 2)
	set(map[string]tape.Right{"kim": compliance, "lee": operations}, 0)
	if waits := p.WaitingLicences(0); len(waits) != 0 {
		t.Errorf("the word of somebody who is no operator user waits: %+v", waits)
	}
	for _, by := range []string{"mara", "lee", "Kim"} {
		word.By = by
		if _, _, err := p.SayLicence(word); !errors.Is(err, exchange.LicenceNotTheirs) {
			t.Errorf("the word of %s: %v", by, err)
		}
	}
	if err := p.SetPhase(&tape.SetPhase{Phase: tape.Halted, By: "kim", Reason: "a fault"}); err == nil {
		t.Error("compliance halts a market")
	}
	if err := p.SetPhase(&tape.SetPhase{Phase: tape.Halted, By: "lee", Reason: "a fault"}); err != nil {
		t.Error(err)
	}
	set(map[string]tape.Right{"kim": compliance, "mara": compliance}, 2)
	if _, _, err := p.RecordLicence(a, "eu-made-up-1", time.Time{}, "kim", "mara", "r", "d"); !errors.Is(err, exchange.LicenceSayIt) {
		t.Errorf("one says two operator users' words: %v", err)
	}
	say := func(by string, recorded bool) {
		t.Helper()
		word.By = by
		if _, waits, err := p.SayLicence(word); (waits == nil) != recorded || err != nil {
			t.Errorf("%s: %v %v", by, waits, err)
		}
	}
	say("mara", false)
	// Her token was stolen: what was said with it counts no more, also when she has another.
	p.at(day("2023-07-10 09:01"))
	set(map[string]tape.Right{"kim": compliance}, 1)
	p.at(day("2023-07-10 09:02"))
	set(map[string]tape.Right{"kim": compliance, "mara": compliance}, 1)
	if waits := p.WaitingLicences(0); len(waits) != 0 {
		t.Errorf("what was said with a stolen token waits: %+v", waits)
	}
	say("kim", false)
	say("mara", true)
	if v := p.verdict(a); v != law.Allow {
		t.Errorf("under the licence they are %v", v)
	}
	if _, _, err := p.EndLicence(1, "lee", "revoked"); !errors.Is(err, exchange.LicenceNotTheirs) {
		t.Errorf("ended by somebody who is no operator user any more: %v", err)
	}
	if _, _, err := p.TakeBack(1, "lee", "revoked"); err == nil {
		t.Error("a clearance that is not there was taken back")
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	p = under(t, dir, day("2023-07-12 09:00"), rules)
	users := p.View().OperatorUsers()
	if len(users) != 2 || users[0].Name != "kim" || users[1].Name != "mara" || users[1].May != compliance || !users[0].Since.Equal(day("2023-07-10 09:00")) || !users[1].Since.Equal(day("2023-07-10 09:02")) {
		t.Errorf("after a restart: %+v", users)
	}
	if rep := p.verified(); rep.Licences != 1 {
		t.Errorf("the auditor counted %d licences", rep.Licences)
	}
}

// TestWaitingWordAndItsRecord: a word that waits is over once it was recorded, also where it could not be forgotten then;
// and what the log would keep of it is looked at again when it is recorded.
func TestWaitingWordAndItsRecord(t *testing.T) {
	p, _, a := banned(t, t.TempDir())
	const compliance = tape.MayRead | tape.MayCompliance
	if err := p.SetOperatorUsers(map[string]tape.Right{"kim": compliance, "mara": compliance}); err != nil {
		t.Fatal(err)
	}
	say := func(by, reason string) (*exchange.WaitingLicence, error) {
		_, waits, err := p.SayLicence(exchange.WaitingLicence{Account: a, Licence: "eu-made-up-1", By: by, Reason: reason, Document: "117"})
		return waits, err
	}
	p.at(day("2023-07-10 09:01"))
	if waits, err := say("mara", "the case of Serik Umarov"); waits == nil || err != nil {
		t.Fatal(waits, err)
	}
	p.at(day("2023-07-10 09:02"))
	if _, err := p.Amend(a, person("k", "Serik Umarov", "1990-01-01", "KZ", almaty)); err != nil {
		t.Fatal(err)
	}
	if _, err := say("kim", "seen"); !errors.Is(err, exchange.LicencePersonal) {
		t.Errorf("a reason that has become the customer's name: %v", err)
	}
	if waits, err := say("mara", "as written"); waits == nil || err != nil {
		t.Fatal(waits, err)
	}
	before := p.WaitingLicences(a)
	p.at(day("2023-07-10 09:03"))
	if waits, err := say("kim", "seen"); waits != nil || err != nil {
		t.Fatal(waits, err)
	}
	if err := p.KeepWaiting(a, before); err != nil { // as after a crash before it was forgotten
		t.Fatal(err)
	}
	p.at(day("2023-07-10 09:04"))
	if _, _, err := p.EndLicence(1, "kim", "revoked"); err != nil {
		t.Fatal(err)
	}
	if waits := p.WaitingLicences(0); len(waits) != 0 {
		t.Errorf("what was recorded waits again: %+v", waits)
	}
	if waits, err := say("kim", "anew"); waits == nil || err != nil || waits.By != "kim" {
		t.Errorf("one user alone has it recorded again: %+v %v", waits, err)
	}
}
