package verify

import (
	"errors"
	"strings"
	"testing"

	"sallyport/gate"
	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/match"
	"sallyport/venue/tape"
)

// TestToDoAgrees: what follows from a verdict and a standing, read twice.
func TestToDoAgrees(t *testing.T) {
	for _, action := range law.Actions() {
		for v := law.Undecided; v <= law.Release; v++ {
			for s := law.Undecided; s <= law.Release; s++ {
				if do, _ := gate.Next(action, v, s); do.String() != toDo(action, v, s) {
					t.Errorf("%s, %s, standing %s: the gate says %s, the auditor %s", action, v, s, do, toDo(action, v, s))
				}
			}
		}
	}
}

// TestReceipts holds receipts to the log: the true one is met, and one that says anything
// else than the log is named with its record.
func TestReceipts(t *testing.T) {
	w := traders(t)
	m := gate.Movement{Kind: law.Withdraw, Account: alice, Asset: "DOGE", Amount: "1", Address: "a", Network: "DOGE", Ref: "r"}
	d := w.decision(law.Withdraw, alice, law.Allow, m.Digest())
	d.Asked = &gate.Asked{Key: strings.Repeat("01", 32), Request: strings.Repeat("02", 32), Moves: &m}
	cmd, id := w.seal(d)
	w.must(cmd)
	at := len(w.entries)
	w.review(alice, law.Freeze)
	w.refuse(cmd, tape.DuplicateDecision)
	log := w.log(t, journal.Options{})
	rec, err := log.Record(uint64(at))
	if err != nil {
		t.Fatal(err)
	}
	stands := w.m.accounts[bob].Standing.Decision
	good := receipt.Receipt{
		Origin: log.Origin(), Seq: rec.Seq, Time: rec.Time, Chain: rec.Chain, Decision: id, Account: alice,
		Action: law.Withdraw, Verdict: law.Allow, Movement: d.Movement, Standing: law.Allow, Do: gate.Proceed,
	}
	// The standing that alice had at that record, told by a replay that ends there.
	short := *w
	short.entries = w.entries[:at]
	partial := newModel()
	for _, e := range short.entries {
		c, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
		if err != nil {
			t.Fatal(err)
		}
		partial.apply(e.Time, c)
	}
	good.Stands = partial.accounts[alice].Standing.Decision
	report, err := Journal(log, Options{Receipts: []receipt.Receipt{good}})
	if err != nil || report.Receipts != 1 || !strings.Contains(strings.Join(report.What, " "), "Receipts given and met: 1") {
		t.Fatalf("%d met, %v", report.Receipts, err)
	}
	for what, change := range map[string]func(*receipt.Receipt){
		"log":         func(r *receipt.Receipt) { r.Origin = "another" },
		"time":        func(r *receipt.Receipt) { r.Time++ },
		"chain":       func(r *receipt.Receipt) { r.Chain[31]++ },
		"decision":    func(r *receipt.Receipt) { r.Decision[0]++ },
		"account":     func(r *receipt.Receipt) { r.Account = bob },
		"action":      func(r *receipt.Receipt) { r.Action = law.Deposit },
		"verdict":     func(r *receipt.Receipt) { r.Verdict = law.Hold },
		"movement":    func(r *receipt.Receipt) { r.Movement = strings.Repeat("0b", 32) },
		"no movement": func(r *receipt.Receipt) { r.Movement = "" },
		"standing":    func(r *receipt.Receipt) { r.Standing = law.Exit },
		"standing's":  func(r *receipt.Receipt) { r.Stands = stands },
		"no standing": func(r *receipt.Receipt) { r.Standing, r.Stands = law.Undecided, tape.Hash{} },
		"word":        func(r *receipt.Receipt) { r.Do = gate.Stop },
		"record":      func(r *receipt.Receipt) { r.Seq++ },
		"no decision": func(r *receipt.Receipt) { r.Seq = 1 },
		"a refused":   func(r *receipt.Receipt) { r.Seq = uint64(len(w.entries)) },
		"beyond":      func(r *receipt.Receipt) { r.Seq = uint64(len(w.entries)) + 7 },
	} {
		bad := good
		change(&bad)
		_, err := Journal(log, Options{Receipts: []receipt.Receipt{good, bad}})
		var v *Violation
		if !errors.As(err, &v) {
			t.Errorf("%s: %v", what, err)
			continue
		}
		if want := min(bad.Seq, uint64(len(w.entries))+1); v.Seq != want || v.Kind != BadReceipt && what != "beyond" {
			t.Errorf("%s: %v, want it at record %d", what, v, want)
		}
	}
}

// TestAsked holds decisions that another exchange asked for to what they say they answer.
func TestAsked(t *testing.T) {
	m := gate.Movement{Kind: law.Withdraw, Account: alice, Asset: "DOGE", Amount: "1", Address: "a", Network: "DOGE", Ref: "r"}
	key, request := strings.Repeat("01", 32), strings.Repeat("02", 32)
	for what, change := range map[string]func(w *writer, first *gate.Decision, d *gate.Decision){
		"":                 func(w *writer, first, d *gate.Decision) {},
		"a question twice": func(w *writer, first, d *gate.Decision) { d.Asked = first.Asked },
		"another digest":   func(w *writer, first, d *gate.Decision) { d.Movement = strings.Repeat("0a", 32) },
		"nothing moves":    func(w *writer, first, d *gate.Decision) { d.Asked.Moves = nil },
		"another's": func(w *writer, first, d *gate.Decision) {
			other := m
			other.Account = bob
			d.Asked.Moves, d.Movement = &other, other.Digest()
		},
		"of nothing": func(w *writer, first, d *gate.Decision) { d.Asked.Again = strings.Repeat("0b", 32) },
		"of another movement": func(w *writer, first, d *gate.Decision) {
			other := m
			other.Ref = "s"
			d.Asked.Moves, d.Movement = &other, other.Digest()
		},
		"the other side is listed, unsaid": func(w *writer, first, d *gate.Decision) {
			d.Asked.PartySubject = key
			d.Asked.Party = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: match.Same, Reasons: []match.Reason{}}}
		},
		"the other side is like one listed, denied": func(w *writer, first, d *gate.Decision) {
			d.Asked.PartySubject = key
			d.Asked.Party = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: match.Resembles, Reasons: []match.Reason{}}}
			if err := d.Facts.Set("counterparty.listed", []string{}); err != nil {
				t.Fatal(err)
			}
		},
		"another side of nobody": func(w *writer, first, d *gate.Decision) {
			d.Asked.Party = []match.Finding{{List: "us-sdn", EntityID: "1", Grade: match.Resembles, Reasons: []match.Reason{}}}
		},
		"told and no fact": func(w *writer, first, d *gate.Decision) {
			if err := d.Asked.Told.Set("movement.dust", true); err != nil {
				t.Fatal(err)
			}
		},
		"moves and is a trade": func(w *writer, first, d *gate.Decision) { d.Action = law.Trade },
	} {
		w := traders(t)
		first := w.decision(law.Withdraw, alice, law.Allow, m.Digest())
		first.Asked = &gate.Asked{Key: key, Request: request, Moves: &m}
		cmd, _ := w.seal(first)
		w.must(cmd)
		d := w.decision(law.Withdraw, alice, law.Freeze, m.Digest())
		d.Asked = &gate.Asked{Again: first.ID, Moves: &m}
		change(w, first, d)
		cmd, _ = w.seal(d)
		w.must(cmd)
		report, err := Journal(w.log(t, journal.Options{}), Options{})
		var v *Violation
		if what == "" {
			if err != nil || report.Asked != 2 {
				t.Errorf("%d asked, %v", report.Asked, err)
			}
		} else if !errors.As(err, &v) || v.Kind != BadDecision || v.Seq != uint64(len(w.entries)) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
