package exchange

import (
	"encoding/hex"
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/money"
	"sallyport/venue/tape"
)

var benchDecisions = flag.Int("exchange.decisions", 200_000, "decisions of the view that BenchmarkDecisions fills")

// rescreened is a view of so many customers, each decided again in turn until there are so many decisions.
func rescreened(tb testing.TB, customers, decisions int) *View {
	tb.Helper()
	rules, err := law.Default()
	if err != nil {
		tb.Fatal(err)
	}
	m, w := money.MustParse, match.DefaultWeights()
	v := newView()
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	v.take(1, at.UnixMicro(), &tape.Genesis{}, []tape.Event{tape.Founded{Genesis: tape.Genesis{
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
	}}})
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
	seq := uint64(1)
	for i := range decisions {
		account := uint64(1000 + i%customers)
		at = at.Add(time.Second)
		action := law.Review
		if i < customers {
			action = law.OpenAccount
		}
		d := gate.Decide(gate.Input{
			Facts: f, Action: action, Account: account, Operator: "us", Nexus: []string{"US"}, At: at, Rules: rules, Editions: editions,
			Subject: hex.EncodeToString(make([]byte, 32)), Matching: w.Matching(), Hold: gate.HoldTerms{Owner: "desk", Due: at.Add(time.Hour)},
		})
		id, err := hashOf(d.ID)
		if err != nil {
			tb.Fatal(err)
		}
		standing := tape.StandingChanged{Account: account, Standing: tape.StandingFor(d.Verdict, id)}
		cmd, events := encodeDecision(d), []tape.Event{tape.Decided{Decision: id, Account: account}}
		if action == law.Review {
			events = append(events, standing)
		}
		seq++
		v.take(seq, at.UnixMicro(), cmd, events)
		if action == law.OpenAccount {
			seq++
			v.take(seq, at.UnixMicro(), &tape.OpenAccount{Account: account, Decision: id}, []tape.Event{tape.AccountOpened{Account: account}, standing})
		}
	}
	return v
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkDecisions tells what one more decision on the same customers keeps in memory and in a snapshot, and
// how long such a snapshot takes to be written and read.
func BenchmarkDecisions(b *testing.B) {
	const customers = 1000
	n := *benchDecisions
	for b.Loop() {
		few := rescreened(b, customers, 10*customers)
		small, err := few.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		runtime.KeepAlive(few)
		few = nil
		empty := heapInUse()
		few = rescreened(b, customers, 10*customers)
		base := heapInUse() - empty
		runtime.KeepAlive(few)
		few = nil
		empty = heapInUse()
		v := rescreened(b, customers, n)
		used := heapInUse() - empty
		at := time.Now()
		form, err := v.still().encode()
		if err != nil {
			b.Fatal(err)
		}
		written := time.Since(at)
		at = time.Now()
		if _, err := readView(form); err != nil {
			b.Fatal(err)
		}
		read := time.Since(at)
		more := float64(n - 10*customers)
		b.ReportMetric((float64(used)-float64(base))/more, "heap-B/decision")
		b.ReportMetric(float64(len(form)-len(small))/more, "form-B/decision")
		b.ReportMetric(float64(written.Microseconds())/1000, "write-ms")
		b.ReportMetric(float64(read.Microseconds())/1000, "read-ms")
		b.ReportMetric(0, "ns/op")
		if testing.Verbose() {
			fmt.Printf("%d decisions: %d MB of heap, a form of %d MB\n", n, used>>20, len(form)>>20)
		}
		runtime.KeepAlive(v)
	}
}
