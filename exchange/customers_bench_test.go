package exchange_test

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/internal/population"
	"sallyport/law"
)

var benchCustomers = flag.Int("exchange.customers", 4000, "customers of BenchmarkCustomers")

// BenchmarkCustomers opens accounts for made-up people and firms, takes up an edition that lists some of them, and
// starts again. It tells what a customer costs: in memory (what the runtime keeps after a collection, with everything that
// was kept before the first of them taken off), on the disk and in time.
func BenchmarkCustomers(b *testing.B) {
	before, after := edition(b, "2022-02-24"), edition(b, "2022-03-11")
	for b.Loop() {
		people, err := population.People(population.Options{
			Seed: 1, N: *benchCustomers, Operators: []string{"us", "eu"}, Before: before.Entities, After: after.Entities, At: day("2022-02-24 09:00"),
		})
		if err != nil {
			b.Fatal(err)
		}
		n := float64(len(people))
		rules, err := law.Default()
		if err != nil {
			b.Fatal(err)
		}
		p := &place{t: b, dir: b.TempDir(), now: day("2022-02-24 09:00"), rules: rules, logged: make(lines, 1000)}
		p.reopen(0)
		if _, err := p.TakeEdition(before, time.Now()); err != nil {
			b.Fatal(err)
		}
		empty := inUse()
		began := time.Now()
		for len(people) > 0 {
			some := people[:min(1000, len(people))]
			people = people[len(some):]
			applications := make([]exchange.Application, len(some))
			for i := range some {
				applications[i] = exchange.Application{Operator: some[i].Operator, Profile: some[i].Profile}
			}
			clear(some)
			if _, err := p.Open(applications...); err != nil {
				b.Fatal(err)
			}
		}
		opened := time.Since(began)
		people = nil
		held := inUse() - empty
		b.ReportMetric(held/n, "heap-B/customer")
		b.ReportMetric(float64(opened.Nanoseconds())/n, "open-ns/customer")
		p.at(day("2022-03-11 15:05"))
		began = time.Now()
		if _, err := p.MarkLaw(); err != nil { // rules that began meanwhile: everybody is decided again
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/n, "law-ns/customer")
		began = time.Now()
		ch, err := p.TakeEdition(after, began)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(ch.Elapsed.Nanoseconds())/n, "edition-ns/customer")
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(size(b, filepath.Join(p.dir, "journal"))/n, "log-B/customer")
		b.ReportMetric(size(b, filepath.Join(p.dir, "vault"))/n, "vault-B/customer")
		began = time.Now()
		p.reopen(0)
		b.ReportMetric(float64(time.Since(began).Nanoseconds())/n, "start-ns/customer")
		b.ReportMetric(0, "ns/op")
		if err := p.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func inUse() float64 {
	var m runtime.MemStats
	for range 2 {
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// size is how many bytes the files of a folder have.
func size(b *testing.B, dir string) float64 {
	var sum int64
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		i, err := d.Info()
		if err == nil {
			sum += i.Size()
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return float64(sum)
}
