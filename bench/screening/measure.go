package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"sallyport/bench/process"
)

// A hit is a listed entity that an engine reports, with its score from 0 to 1.
type hit struct {
	id    string
	score float64
}

// An engine is one way to ask one screening program.
type engine struct {
	name string
	pid  int // of the process that does the work; 0 where it is not known
	ask  func(context.Context, query) ([]hit, error)
}

// An answer is what an engine said to one query.
type answer struct {
	best   float64 // the best score of all reported, 0 for none
	target float64 // the score of the listed person meant, 0 where it is not reported
}

func answers(ctx context.Context, e engine, queries []query, progress io.Writer) ([]answer, error) {
	out := make([]answer, len(queries))
	for i, q := range queries {
		hits, err := e.ask(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("%s: query %d (%s): %w", e.name, i+1, q.group, err)
		}
		for _, h := range hits {
			out[i].best = max(out[i].best, h.score)
			if h.id == q.target {
				out[i].target = max(out[i].target, h.score)
			}
		}
		if (i+1)%1000 == 0 {
			fmt.Fprintf(progress, "  %s: %d of %d answered\n", e.name, i+1, len(queries))
		}
	}
	return out, nil
}

// equalAlarms is the lowest threshold, to four decimals, from which at most n of the
// ordinary people's best scores count as a hit.
func equalAlarms(best []float64, n int) float64 {
	if n >= len(best) {
		return 0
	}
	s := slices.Clone(best)
	slices.Sort(s)
	over := s[len(s)-1-n] // the best score that must not count
	return math.Floor(over*1e4+1) / 1e4
}

// A part is the cost of one engine on one part of the workload.
type part struct {
	cpu            time.Duration // per query; 0 where the process is not known
	mean, p50, p99 time.Duration // wall time per query
	hits           int           // queries with a hit
}

func measure(ctx context.Context, e engine, queries []query) (part, error) {
	runtime.GC() // what others left is not this engine's to clear away
	var p part
	walls := make([]time.Duration, len(queries))
	var before time.Duration
	var err error
	if e.pid != 0 {
		if before, err = process.CPU(e.pid); err != nil {
			return p, err
		}
	}
	for i, q := range queries {
		start := time.Now()
		hits, err := e.ask(ctx, q)
		walls[i] = time.Since(start)
		if err != nil {
			return p, fmt.Errorf("%s: %s: %w", e.name, q.group, err)
		}
		if len(hits) > 0 {
			p.hits++
		}
	}
	if e.pid != 0 {
		after, err := process.CPU(e.pid)
		if err != nil {
			return p, err
		}
		p.cpu = (after - before) / time.Duration(len(queries))
	}
	var sum time.Duration
	for _, w := range walls {
		sum += w
	}
	slices.Sort(walls)
	p.mean = sum / time.Duration(len(walls))
	p.p50, p.p99 = quantile(walls, 0.50), quantile(walls, 0.99)
	return p, nil
}

// quantile of sorted values: the smallest that at least the share q does not exceed.
func quantile[T any](sorted []T, q float64) T {
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(i, 0), len(sorted)-1)]
}

// median of values; the mean of the two in the middle of an even number.
func median(values []float64) float64 {
	s := slices.Clone(values)
	slices.Sort(s)
	if len(s)%2 == 1 {
		return s[len(s)/2]
	}
	return (s[len(s)/2-1] + s[len(s)/2]) / 2
}

// split deals the queries, in an order drawn by the seed, into n parts that differ by
// no more than one in size.
func split(queries []query, n int, seed uint64) [][]query {
	s := slices.Clone(queries)
	rand.New(rand.NewPCG(seed, 2<<32)).Shuffle(len(s), func(i, j int) { s[i], s[j] = s[j], s[i] })
	parts := make([][]query, n)
	for i := range parts {
		parts[i] = s[i*len(s)/n : (i+1)*len(s)/n]
	}
	return parts
}

// rounds puts each part to every engine, one engine after the other, and the order is
// turned round from one part to the next, so that a machine that slows down slows all.
// The result has a part's cost per engine, in the order of engines.
func rounds(ctx context.Context, engines []engine, parts [][]query, progress io.Writer) ([][]part, error) {
	out := make([][]part, len(engines))
	for r, queries := range parts {
		for i := range engines {
			if r%2 == 1 {
				i = len(engines) - 1 - i
			}
			p, err := measure(ctx, engines[i], queries)
			if err != nil {
				return nil, err
			}
			out[i] = append(out[i], p)
		}
		fmt.Fprintf(progress, "  round %d of %d\n", r+1, len(parts))
	}
	return out, nil
}
