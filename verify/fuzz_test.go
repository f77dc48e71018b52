package verify

import (
	"encoding/binary"
	"fmt"
	"testing"

	"sallyport/book"
	"sallyport/internal/fuzzing"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/venue/tape"
)

// FuzzCommands gives the model and the witness commands made of any bytes. Input is a
// run of commands, each as kind (1 byte), length (2 bytes) and payload, applied to a venue
// that was founded and has traded, or, where the first byte is odd, to none.
func FuzzCommands(f *testing.F) {
	fuzzing.Bound(f)
	add := func(founded byte, entries ...tape.Command) {
		b := []byte{founded}
		for _, cmd := range entries {
			payload, err := tape.Encode(cmd)
			if err != nil {
				f.Fatal(err)
			}
			b = append(b, byte(cmd.Kind()))
			b = binary.BigEndian.AppendUint16(b, uint16(len(payload)))
			b = append(b, payload...)
		}
		f.Add(b)
	}
	w := traders(f)
	o := w.order(alice, book.Sell, "20000", "1")
	p := w.market(bob, book.Buy, "0", "1000")
	d, _ := w.seal(w.decision(law.Review, alice, law.Freeze, ""))
	add(0, o, p, d, &tape.CancelAll{Account: alice, Market: mkt})
	add(1, genesis(), &tape.TakeRules{}, o)
	add(0, w.depositCommand(alice, usdt, "170000000000000000000"), w.withdrawCommand(alice, usdt, "10"), &tape.SendWithdrawal{Withdrawal: 1})
	l := w.licence(alice, "l", w.at+1)
	add(0, l, &tape.MarkExpiry{Account: alice, At: l.Until, Permit: true, Licences: []uint64{1}}, w.licence(bob, "l", 0), &tape.EndLicence{ID: 2, By: "m", Reason: "r"})
	s := w.stop(alice, book.Sell, tape.StopLossLimit, "19000", "18000", "1")
	s.SelfTrade, s.Iceberg = tape.Decrement, amt("0.5")
	oco := w.pair(maker(w.order(bob, book.Buy, "18000", "1")), w.stop(bob, book.Buy, tape.StopLoss, "21000", "", "1"))
	add(0, w.then(w.order(alice, book.Buy, "20000", "1"), maker(w.order(alice, book.Sell, "21000", "1")), w.stop(alice, book.Sell, tape.StopLoss, "18000", "", "1")),
		w.order(carol, book.Sell, "20000", "1"), &tape.CancelOrder{Account: alice, Order: 3})
	trails := w.stop(alice, book.Sell, tape.StopLoss, "0", "", "1")
	trails.Trail = 100
	add(0, trails, w.order(carol, book.Sell, "20000", "0.1"), w.order(bob, book.Buy, "20000", "0.1"), w.order(carol, book.Sell, "19800", "0.1"), w.order(bob, book.Buy, "19800", "0.1"))
	hands := mode(w.order(bob, book.Buy, "20000", "0.5"), tape.Transfer)
	add(0, &tape.SetTradeGroup{Account: alice, Group: 1, By: "m", Reason: "r"}, &tape.SetTradeGroup{Account: bob, Group: 1, By: "m", Reason: "r"},
		mode(w.order(alice, book.Sell, "19990", "1"), tape.Transfer), hands, &tape.SetMaxAsset{Asset: usdt, Max: amt("100"), By: "m", Reason: "r"}, p)
	barred := w.decision(law.Review, bob, law.Allow, "")
	barred.Sides = []law.Side{other}
	side, _ := w.seal(barred)
	add(0, s, oco, w.market(carol, book.Sell, "2", "0"), side, o, &tape.CancelOrderList{Account: bob, OrderList: 1})
	add(0, o, &tape.AmendOrder{Account: alice, Order: 1, Quantity: amt("0.5"), NewClientID: "n"}, &tape.SetTier{Account: bob, Tier: 1},
		&tape.ReplaceOrder{Cancel: tape.CancelOrder{Account: alice, Order: 1}, Order: *p, Anyway: true}, &tape.SetPhase{Phase: tape.Halted, By: "m"})
	for k := tape.Kind(1); tape.New(k) != nil; k++ {
		add(0, tape.New(k))
	}

	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) == 0 {
			return
		}
		m, witness := newModel(), newWitness()
		if b[0]%2 == 0 {
			w := traders(t)
			w.must(w.order(alice, book.Sell, "20000", "1"))
			w.must(w.order(carol, book.Buy, "19000", "1"))
			w.withdraw(alice, usdt, "100", law.Allow)
			m = w.m
			for i, e := range w.entries {
				cmd, err := tape.Decode(tape.Kind(e.Kind), e.Payload)
				if err != nil {
					t.Fatal(err)
				}
				if err := witness.see(uint64(i+1), cmd, w.events[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		seq := uint64(1000)
		for b = b[1:]; len(b) >= 3; seq++ {
			kind, n := tape.Kind(b[0]), min(int(binary.BigEndian.Uint16(b[1:])), len(b)-3)
			cmd, err := tape.Decode(kind, b[3:3+n])
			b = b[3+n:]
			if err != nil {
				continue
			}
			events := m.apply(int64(seq), cmd)
			if err := m.together(); err != nil {
				t.Fatalf("%s: %v", Name(cmd), err)
			}
			if len(events) == 0 {
				t.Fatalf("%s: no events", Name(cmd))
			}
			if err := witness.see(seq, cmd, events); err != nil {
				t.Fatalf("%s: %v", Name(cmd), err)
			}
		}
		if err := witness.whole(); err != nil {
			t.Fatal(err)
		}
		m.state().Hash()
	})
}

// FuzzDecision gives readDecision any bytes: what it reads is in its one form.
func FuzzDecision(f *testing.F) {
	fuzzing.Bound(f)
	w := start(f)
	d, _ := w.seal(w.decision(law.Review, alice, law.Freeze, ""))
	f.Add(d.Body)
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, id, err := readDecision(b)
		if err != nil {
			return
		}
		again, err := canonical(d)
		if err != nil || string(again) != string(b) || id == none {
			t.Fatalf("%s is read as %s, %v", b, again, err)
		}
	})
}

// BenchmarkJournal replays a day of orders, of which one in eight stays in the book: each
// iteration is one record. More of them must not take longer each.
func BenchmarkJournal(b *testing.B) {
	w := traders(b)
	for _, a := range []uint64{alice, bob} {
		w.deposit(a, btc, "1000000", law.Allow)
		w.deposit(a, usdt, "10000000000", law.Allow)
	}
	for i := 0; i < b.N || i < 1000; i++ {
		account, side, off := uint64(alice), book.Sell, 1+i%997
		if i%2 == 1 {
			account, side, off = bob, book.Buy, -off
		}
		price := "20000"
		if i%8 > 5 { // stays there
			price = fmt.Sprint(20000 + off)
		}
		o := w.order(account, side, price, "0.001")
		if i%16 > 13 {
			o.Type, o.Price = tape.MarketOrder, amt("0")
		}
		w.must(o)
	}
	log := w.log(b, journal.Options{})
	b.ReportAllocs()
	b.ResetTimer()
	report, err := Journal(log, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(report.Records)/b.Elapsed().Seconds(), "records/s")
}
