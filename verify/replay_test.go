package verify

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"golang.org/x/mod/sumdb/note"

	"sallyport/book"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

// day of trading with every sort of command in it.
func dayOfTrading(t testing.TB) *writer {
	w := traders(t)
	w.must(&tape.AddKey{Account: alice, Key: "k"})
	w.must(w.order(alice, book.Sell, "20000", "1"))
	w.must(w.order(carol, book.Sell, "20000", "1"))
	w.must(w.order(bob, book.Buy, "20000", "1.5"))
	w.must(w.market(bob, book.Buy, "0.2", "0"))
	w.withdraw(bob, usdt, "100", law.Allow)
	w.must(&tape.SendWithdrawal{Withdrawal: 1})
	w.must(&tape.SettleWithdrawal{Withdrawal: 1, TxID: "out"})
	w.refuse(w.order(alice, book.Buy, "20000", "90"), tape.Insufficient)
	w.review(carol, law.Freeze)
	w.deposit(carol, usdt, "7", law.Allow)
	w.must(w.order(alice, book.Buy, "19000", "1"))
	return w
}

// log writes the entries into a journal of its own.
func (w *writer) log(t testing.TB, o journal.Options) *journal.Log {
	t.Helper()
	o.FS = vfs.NewMem()
	log, err := journal.Open("journal", o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { log.Close() })
	for batch := range slices.Chunk(w.entries, 1<<12) {
		if _, err := log.Append(batch); err != nil {
			t.Fatal(err)
		}
	}
	return log
}

func TestJournal(t *testing.T) {
	w := dayOfTrading(t)
	var calls int
	report, err := Journal(w.log(t, journal.Options{}), Options{Progress: func(done, total uint64) {
		calls++
		if done != total || total != uint64(len(w.entries)) {
			t.Errorf("progress %d of %d", done, total)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	if calls != 1 {
		t.Errorf("progress was called %d times, want once at the end", calls)
	}
	if report.Records != uint64(len(w.entries)) || report.LastSeq != report.Records {
		t.Errorf("%d records to %d, want %d", report.Records, report.LastSeq, len(w.entries))
	}
	if report.Accounts != 3 || report.Orders != 5 || report.Trades != 3 || report.Deposits != 7 || report.Withdrawals != 1 || report.Frozen != 1 || report.Refused != 1 {
		t.Errorf("report %+v", report)
	}
	if report.Commands["PlaceOrder"] != 6 || report.Commands["Genesis"] != 1 {
		t.Errorf("commands %v", report.Commands)
	}
	if report.Decisions != 12 || report.RedecidedDecisions != 0 || report.ByVerdict["allow"] != 11 || report.ByVerdict["freeze"] != 1 {
		t.Errorf("%d decisions, %d again, %v", report.Decisions, report.RedecidedDecisions, report.ByVerdict)
	}
	if want := w.m.state().Hash(); report.StateHash != Digest(want) {
		t.Errorf("state %s, want %x", report.StateHash, want)
	}
	what := strings.Join(report.What, "\n")
	for _, want := range []string{"12 decisions", "not evaluated", "No key"} {
		if !strings.Contains(what, want) {
			t.Errorf("the report does not say %q:\n%s", want, what)
		}
	}
}

func TestEmptyJournal(t *testing.T) {
	log, err := journal.Open("journal", journal.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	report, err := Journal(log, Options{})
	if err != nil || report.Records != 0 || len(report.What) == 0 {
		t.Fatalf("%+v, %v", report, err)
	}
}

// find is the number of the nth record of a kind.
func (w *writer) find(t *testing.T, name string, n int) int {
	t.Helper()
	for i, e := range w.entries {
		if Name(tape.New(tape.Kind(e.Kind))) == name {
			if n--; n == 0 {
				return i
			}
		}
	}
	t.Fatalf("no such %s", name)
	return 0
}

// TestMutations breaks a journal in one place and wants that place named.
func TestMutations(t *testing.T) {
	// again gives record i other events.
	again := func(w *writer, i int, events []tape.Event) { w.entries[i].Outcome = tape.Digest(events) }
	for name, c := range map[string]struct {
		mutate func(t *testing.T, w *writer) int // the index of the record that must be named
		want   Sort
	}{
		"an outcome with one bit turned": {func(t *testing.T, w *writer) int {
			i := w.find(t, "PlaceOrder", 3)
			w.entries[i].Outcome[31] ^= 1
			return i
		}, BadOutcome},
		"a record dropped": {func(t *testing.T, w *writer) int {
			i := w.find(t, "PlaceOrder", 2)
			w.entries = slices.Delete(w.entries, i, i+1)
			return i // the order that would have crossed it
		}, BadOutcome},
		"two records swapped": {func(t *testing.T, w *writer) int {
			i := w.find(t, "PlaceOrder", 1)
			w.entries[i], w.entries[i+1] = w.entries[i+1], w.entries[i]
			w.entries[i].Time, w.entries[i+1].Time = w.entries[i+1].Time, w.entries[i].Time
			return i
		}, BadOutcome},
		"a balance raised": {func(t *testing.T, w *writer) int {
			i := w.find(t, "Deposit", 2)
			events := slices.Clone(w.events[i])
			b := events[len(events)-1].(*tape.BalanceChanged)
			b.Balance[0] = plus(b.Balance[0], money.Int(1))
			events[len(events)-1] = b
			again(w, i, events)
			return i
		}, BadOutcome},
		"a founding that comes late": {func(t *testing.T, w *writer) int {
			w.entries = w.entries[1:]
			return 0
		}, BadPayload},
		"a payload with a byte too many": {func(t *testing.T, w *writer) int {
			i := w.find(t, "AddKey", 1)
			w.entries[i].Payload = append(slices.Clone(w.entries[i].Payload), 0)
			return i
		}, BadPayload},
		"a kind that there is not": {func(t *testing.T, w *writer) int {
			w.entries[5].Kind = 99
			return 5
		}, BadPayload},
		"a frozen account that trades": {func(t *testing.T, w *writer) int {
			w.at++
			honest := w.m.accounts[carol].Standing
			w.m.accounts[carol].Standing.May = tape.MayTrade // the venue forgets
			w.m.balances[pile{carol, btc}] = tape.Balances{amt("1")}
			w.must(w.order(carol, book.Sell, "19000", "1"))
			w.m.accounts[carol].Standing = honest
			return len(w.entries) - 1
		}, BadOutcome},
		"a decision spent twice": {func(t *testing.T, w *writer) int {
			i := w.find(t, "Withdraw", 1)
			cmd, err := tape.Decode(tape.Kind(w.entries[i].Kind), w.entries[i].Payload)
			if err != nil {
				t.Fatal(err)
			}
			id := cmd.(*tape.Withdraw).Decision
			w.m.kept[id] = &kept{action: law.Withdraw, account: bob, verdict: law.Allow, movement: withdrawMovement(&w.m.genesis, cmd.(*tape.Withdraw))}
			w.must(cmd)
			return len(w.entries) - 1
		}, BadOutcome},
		"a decision recorded again, to be spent again": {func(t *testing.T, w *writer) int {
			out := w.withdrawCommand(alice, usdt, "50")
			cmd, id := w.seal(w.decision(law.Withdraw, alice, law.Allow, withdrawMovement(&w.m.genesis, out)))
			out.Decision = id
			w.must(cmd)
			w.must(out)
			w.m.recorded, w.m.known = nil, map[tape.Hash]bool{} // the venue forgets
			w.must(cmd)
			return len(w.entries) - 1
		}, BadOutcome},
		"a stale decision": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, alice, law.Allow, "")
			d.Rules = strings.Repeat("0", 64)
			cmd, id := w.seal(d)
			w.at++
			w.keep(cmd, append([]tape.Event{tape.Decided{Decision: id, Account: alice}}, w.m.take(w.at, w.m.accounts[alice], law.Allow, nil, id)...))
			return len(w.entries) - 1
		}, BadOutcome},
		"a decision whose verdict was changed under its id": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, bob, law.Freeze, "")
			_, id := w.seal(d)
			d.Verdict = law.Allow
			body, err := canonical(d)
			if err != nil {
				t.Fatal(err)
			}
			w.at++
			w.keep(&tape.Decide{Body: body}, append([]tape.Event{tape.Decided{Decision: id, Account: bob}}, w.m.take(w.at, w.m.accounts[bob], law.Allow, nil, id)...))
			return len(w.entries) - 1
		}, BadOutcome},
		"a freeze that cites nothing": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, bob, law.Freeze, "")
			d.Fired = nil
			cmd, _ := w.seal(d)
			w.must(cmd)
			return len(w.entries) - 1
		}, BadDecision},
		"a decision made after it was recorded": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, bob, law.Allow, "")
			d.At = d.At.AddDate(0, 0, 1)
			cmd, id := w.seal(d)
			w.at++
			w.keep(cmd, append([]tape.Event{tape.Decided{Decision: id, Account: bob}}, w.m.take(w.at, w.m.accounts[bob], law.Allow, nil, id)...))
			return len(w.entries) - 1
		}, BadOutcome},
		"a decision that dates its edition otherwise": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, bob, law.Allow, "")
			d.Editions[0].Published = d.Editions[0].Published.AddDate(0, 0, 1)
			cmd, _ := w.seal(d)
			w.must(cmd)
			return len(w.entries) - 1
		}, BadDecision},
		"a decision for another nexus": {func(t *testing.T, w *writer) int {
			d := w.decision(law.Review, bob, law.Allow, "")
			d.Nexus = []string{"CH"}
			cmd, _ := w.seal(d)
			w.must(cmd)
			return len(w.entries) - 1
		}, BadDecision},
		"an order cheated of its priority": {func(t *testing.T, w *writer) int {
			// Alice and Carol sell at one price, Alice first; Bob's order is given to Carol.
			w.must(w.order(alice, book.Sell, "22000", "1"))
			w.open(1003, law.Allow)
			w.deposit(1003, btc, "1", law.Allow)
			w.must(w.order(1003, book.Sell, "22000", "1"))
			first := w.m.orders[w.m.lastOrder-1]
			w.m.show(first) // the venue loses their order
			w.must(w.order(bob, book.Buy, "22000", "0.5"))
			return len(w.entries) - 1
		}, BadOutcome},
	} {
		t.Run(name, func(t *testing.T) {
			w := dayOfTrading(t)
			if strings.HasPrefix(name, "a freeze that cites") {
				w = traders(t)
			}
			i := c.mutate(t, w)
			report, err := Journal(w.log(t, journal.Options{}), Options{})
			var v *Violation
			if !errors.As(err, &v) {
				t.Fatalf("error %v; want record %d found", err, i+1)
			}
			if v.Seq != uint64(i+1) || v.Kind != c.want || v.Why == "" {
				t.Errorf("%v\nwant record %d (%s)", err, i+1, c.want)
			}
			if report.Records >= v.Seq {
				t.Errorf("the report counts %d records", report.Records)
			}
		})
	}
}

// signed is a journal with a checkpoint in it, and what verifies it.
func signed(t *testing.T, w *writer, state tape.Hash) (*journal.Log, journal.Checkpoint, note.Verifiers) {
	t.Helper()
	skey, vkey, err := journal.NewKey(nil, journal.DefaultOrigin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	log := w.log(t, journal.Options{Signer: signer})
	_, c, err := log.AppendAndCheckpoint(nil, state)
	if err != nil {
		t.Fatal(err)
	}
	return log, c, note.VerifierList(verifier)
}

func TestCheckpoints(t *testing.T) {
	w := dayOfTrading(t)
	log, held, keys := signed(t, w, w.m.state().Hash())
	for _, o := range []Options{{}, {Verifiers: keys}, {Held: []journal.Checkpoint{held}}, {Verifiers: keys, Held: []journal.Checkpoint{held}}} {
		report, err := Journal(log, o)
		if err != nil {
			t.Fatal(err)
		}
		if o.Verifiers != nil && report.Checkpoints != 1 || o.Verifiers == nil && report.Checkpoints != 0 {
			t.Errorf("%d checkpoints", report.Checkpoints)
		}
		if covered := o.Verifiers != nil || o.Held != nil; covered != (report.Covered == report.LastSeq) {
			t.Errorf("covered up to %d", report.Covered)
		}
	}

	fails := func(log *journal.Log, o Options, seq int, kind Sort) {
		t.Helper()
		_, err := Journal(log, o)
		var v *Violation
		if !errors.As(err, &v) || v.Seq != uint64(seq) || v.Kind != kind {
			t.Errorf("%v; want record %d (%s)", err, seq, kind)
		}
	}
	n := len(w.entries)
	_, _, others := signed(t, w, w.m.state().Hash())
	fails(log, Options{Verifiers: others}, n, BadLog)

	wrong, lie, wrongKeys := signed(t, w, tape.Hash{1})
	fails(wrong, Options{Verifiers: wrongKeys}, n, BadCheckpoint)
	fails(log, Options{Held: []journal.Checkpoint{lie}}, n, BadCheckpoint)

	// Records cut off the end are seen by whoever kept a checkpoint.
	short := *w
	short.entries = w.entries[:n-3]
	fails(short.log(t, journal.Options{}), Options{Held: []journal.Checkpoint{held}}, n-2, BadLog)
	fails(short.log(t, journal.Options{}), Options{Verifiers: keys, Held: []journal.Checkpoint{held}}, n-2, BadLog)
	other := held
	other.Chain[0] ^= 1
	fails(log, Options{Held: []journal.Checkpoint{other}}, n, BadCheckpoint)
	other = held
	other.Origin = "elsewhere"
	fails(log, Options{Held: []journal.Checkpoint{other}}, n, BadCheckpoint)
}
