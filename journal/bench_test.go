package journal

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

func benchBatch(n int) []Entry {
	batch := make([]Entry, n)
	payload := make([]byte, 200)
	for i := range payload {
		payload[i] = byte(i * 7)
	}
	for i := range batch {
		batch[i] = Entry{Time: 1_645_747_200_000_000, Kind: 1, Payload: payload}
	}
	return batch
}

// BenchmarkAppend commits batches of records with payloads of 200 bytes, one fsync a
// batch, on the disk that holds the temporary directory (TMPDIR): where that is in
// memory, the figures say nothing of a disk.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprintf("batch=%d", n), func(b *testing.B) {
			l := mustOpen(b, b.TempDir(), Options{})
			defer l.Close()
			batch := benchBatch(n)
			b.SetBytes(int64(200 * n))
			b.ReportAllocs()
			var took []time.Duration
			for b.Loop() {
				from := time.Now()
				mustAppend(b, l, batch)
				took = append(took, time.Since(from))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkRead replays a log of 300,000 records from its files, verifying all of it.
func BenchmarkRead(b *testing.B) {
	const records = 300_000
	dir := b.TempDir()
	l := mustOpen(b, dir, Options{})
	batch := benchBatch(1000)
	for range records / len(batch) {
		mustAppend(b, l, batch)
	}
	mustClose(b, l)
	l, err := OpenReadOnly(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	b.SetBytes(200 * records)
	b.ReportAllocs()
	for b.Loop() {
		var n int
		if err := l.Read(1, func(Record) error { n++; return nil }); err != nil || n != records {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(b.N*records)/b.Elapsed().Seconds(), "records/s")
}
