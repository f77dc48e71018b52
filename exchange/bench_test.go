package exchange_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/book"
	"sallyport/exchange"
	"sallyport/law"
	"sallyport/money"
	"sallyport/venue/tape"
)

var benchRecords = flag.Int("exchange.records", 300_000, "records of the log that is replayed by BenchmarkRecovery")

// crowd is an exchange with many funded accounts, for benchmarks.
func crowd(b *testing.B, dir string, accounts int, snapshots int64) (*place, []uint64) {
	b.Helper()
	rules, err := law.Default()
	if err != nil {
		b.Fatal(err)
	}
	p := &place{t: b, dir: dir, now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 1000)}
	p.reopen(snapshots)
	if _, err := p.TakeEdition(edition(b, "2022-02-24"), time.Now()); err != nil {
		b.Fatal(err)
	}
	var numbers []uint64
	for i := range accounts {
		n := p.open("us", person(fmt.Sprint(i), fmt.Sprintf("Maria Garcia%c%c", 'a'+i/26, 'a'+i%26), "1990-01-01", "ES", madrid)).Account
		p.fund(n, "USDT", "100000000000", "own")
		p.fund(n, "BTC", "10000000", "own")
		numbers = append(numbers, n)
	}
	return p, numbers
}

var cent = money.MustParse("0.01")

// drawer gives the commands of one submitter: as many cancels as orders once enough rest, one
// order in twenty reaching through the middle.
type drawer struct {
	r        *rand.Rand
	accounts []uint64
	name     string
	n        int
	live     []tape.CancelOrder
}

func (d *drawer) next() tape.Command {
	if len(d.live) > 200 && d.r.IntN(100) < 53 {
		i := len(d.live) - 1 - int(d.r.Float64()*d.r.Float64()*float64(len(d.live)))
		c := d.live[i]
		d.live[i] = d.live[len(d.live)-1]
		d.live = d.live[:len(d.live)-1]
		return &c
	}
	d.n++
	o := &tape.PlaceOrder{
		Account: d.accounts[d.r.IntN(len(d.accounts))], Side: book.Side(1 + d.r.IntN(2)), Type: tape.Limit, Force: tape.GTC,
		Quantity: money.FromParts(0, uint64(1+d.r.IntN(100))*1e15), ClientID: fmt.Sprint(d.name, d.n),
	}
	off := 1 + int64(15*d.r.ExpFloat64())
	if d.r.IntN(20) == 0 {
		off = -off / 3
	}
	if o.Side == book.Buy {
		off = -off
	}
	o.Price, _ = cent.Times(uint64(3_000_000 + off))
	d.live = append(d.live, tape.CancelOrder{Account: o.Account, ClientID: o.ClientID})
	return o
}

// drive lets submitters put n commands in, batch by batch, and gives how long each batch waited for
// its answer. With a pace above 0 the batches come at the times that make so many commands a second,
// however long those before them take, and have waited since then.
func drive(b *testing.B, x *exchange.Exchange, accounts []uint64, submitters, batch, n, pace int) []time.Duration {
	var left atomic.Int64
	left.Store(int64(n))
	waits := make([][]time.Duration, submitters)
	var wg sync.WaitGroup
	for s := range submitters {
		per := len(accounts) / submitters
		d := &drawer{r: rand.New(rand.NewPCG(uint64(s), 9)), accounts: accounts[s*per : (s+1)*per], name: fmt.Sprint(time.Now().UnixNano()%1e9, "-", s, "-")}
		wg.Go(func() {
			cmds := make([]tape.Command, batch)
			began, batches := time.Now(), 0
			for left.Add(-int64(batch)) >= 0 {
				for i := range cmds {
					cmds[i] = d.next()
				}
				from := time.Now()
				if pace > 0 {
					from = began.Add(time.Duration(batches*submitters+s) * time.Duration(batch) * time.Second / time.Duration(pace))
					time.Sleep(time.Until(from))
					batches++
				}
				events, err := x.Submit(cmds...)
				if err != nil {
					b.Error(err)
					return
				}
				waits[s] = append(waits[s], time.Since(from))
				for _, es := range events {
					if r, ok := es[0].(tape.Refused); ok && r.Reason != tape.UnknownOrder { // cancelled too late is no wonder
						b.Errorf("refused: %v", r.Reason)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	all := slices.Concat(waits...)
	slices.Sort(all)
	return all
}

// BenchmarkSequencer is the whole path of a command: encoded, applied, digested, in the log with an
// fsync, shown and answered. The figures include the making of the commands.
func BenchmarkSequencer(b *testing.B) {
	for _, load := range []struct{ submitters, batch, pace int }{{256, 1, 0}, {16, 64, 0}, {4, 512, 0}, {32, 64, 300_000}, {32, 64, 100_000}} {
		b.Run(fmt.Sprintf("submitters=%d/batch=%d/pace=%d", load.submitters, load.batch, load.pace), func(b *testing.B) {
			p, accounts := crowd(b, b.TempDir(), 256, exchange.DefaultSnapshotBytes)
			drive(b, p.Exchange, accounts, load.submitters, load.batch, 100_000, 0)
			b.ReportAllocs()
			b.ResetTimer()
			used := processorTime()
			waits := drive(b, p.Exchange, accounts, load.submitters, load.batch, b.N, load.pace)
			used = processorTime() - used
			b.StopTimer()
			if len(waits) == 0 {
				return
			}
			b.ReportMetric(float64(len(waits)*load.batch)/b.Elapsed().Seconds(), "commands/s")
			b.ReportMetric(float64(used.Nanoseconds())/float64(len(waits)*load.batch), "processor-ns/command")
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

// BenchmarkRecovery opens a folder whose log has -exchange.records records: from its start, and from
// its newest snapshot.
func BenchmarkRecovery(b *testing.B) {
	dir := b.TempDir()
	p, accounts := crowd(b, dir, 256, exchange.DefaultSnapshotBytes)
	from := time.Now()
	drive(b, p.Exchange, accounts, 4, 512, *benchRecords, 0)
	seq, _ := p.Head()
	b.Logf("%d records written in %v", seq, time.Since(from))
	if err := p.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("whole", func(b *testing.B) {
		used := processorTime()
		for b.Loop() {
			v, err := exchange.Look(dir, nil)
			if err != nil {
				b.Fatal(err)
			}
			v.Close()
		}
		b.ReportMetric(float64((processorTime()-used).Nanoseconds())/float64(seq)/float64(b.N), "processor-ns/record")
		b.ReportMetric(float64(seq)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			p.reopen(-1)
			b.StopTimer()
			b.Log(p.told())
			p.Close()
			b.StartTimer()
		}
	})
}
