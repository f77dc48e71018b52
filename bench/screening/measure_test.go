package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"
)

// equalAlarms holds by its own definition, and no lower threshold of four decimals does.
func TestEqualAlarms(t *testing.T) {
	best := []float64{0, 0.5, 0.61234, 0.7, 0.7, 0.9}
	alarms := func(from float64) int {
		n := 0
		for _, b := range best {
			if b >= from {
				n++
			}
		}
		return n
	}
	for n := range len(best) {
		at := equalAlarms(best, n)
		if got := alarms(at); got > n {
			t.Errorf("%d alarms allowed, from %v on there are %d", n, at, got)
		}
		if lower := at - 1e-4; alarms(lower) <= n {
			t.Errorf("%d alarms allowed, %v would do, not only %v", n, lower, at)
		}
	}
	if at := equalAlarms(best, len(best)); at != 0 {
		t.Errorf("all may be alarms: %v, want 0", at)
	}
}

func TestMiddles(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for q, want := range map[float64]int{0.5: 50, 0.99: 99, 0: 1, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("quantile %v of 1 to 100: %d, want %d", q, got, want)
		}
	}
	if got := quantile([]int{7}, 0.99); got != 7 {
		t.Errorf("quantile of one: %d", got)
	}
	if got := median([]float64{9, 1, 5}); got != 5 {
		t.Errorf("median of three: %v", got)
	}
	if got := median([]float64{9, 1, 5, 7}); got != 6 {
		t.Errorf("median of four: %v", got)
	}
}

// Every query is in one part, and the parts are of one size but for one query.
func TestSplit(t *testing.T) {
	var queries []query
	for i := range 10 {
		queries = append(queries, query{name: string(rune('a' + i))})
	}
	seen := ""
	for _, part := range split(queries, 3, 1) {
		if len(part) < 3 || len(part) > 4 {
			t.Errorf("a part of %d", len(part))
		}
		for _, q := range part {
			seen += q.name
		}
	}
	s := []byte(seen)
	slices.Sort(s)
	if string(s) != "abcdefghij" {
		t.Errorf("the parts hold %s", s)
	}
	if seen == "abcdefghij" {
		t.Error("the order is that of the groups: one round would have all of one group")
	}
}

func TestRoundsAlternate(t *testing.T) {
	order := ""
	ask := func(name string, hits int) engine {
		return engine{name, 0, func(context.Context, query) ([]hit, error) {
			order += name
			return make([]hit, hits), nil
		}}
	}
	parts := [][]query{{{}, {}}, {{}, {}}, {{}, {}}}
	costs, err := rounds(t.Context(), []engine{ask("a", 0), ask("b", 2)}, parts, io.Discard)
	if err != nil || order != "aabbbbaaaabb" {
		t.Fatalf("asked in the order %s, %v", order, err)
	}
	if len(costs) != 2 || len(costs[0]) != 3 || costs[0][0].hits != 0 || costs[1][2].hits != 2 || costs[1][0].mean <= 0 {
		t.Errorf("costs %+v", costs)
	}
	broken := engine{"c", 0, func(context.Context, query) ([]hit, error) { return nil, errors.New("gone") }}
	if _, err := rounds(t.Context(), []engine{broken}, parts, io.Discard); err == nil {
		t.Error("an engine that fails was measured")
	}
}

func TestAnswers(t *testing.T) {
	e := engine{"e", 0, func(_ context.Context, q query) ([]hit, error) {
		return []hit{{"1", 0.9}, {"2", 0.8}}, nil
	}}
	got, err := answers(t.Context(), e, []query{{target: "2"}, {target: "3"}, {}}, io.Discard)
	want := []answer{{0.9, 0.8}, {0.9, 0}, {0.9, 0}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		of   time.Duration
		want string
	}{{0, "-"}, {12, "12 ns"}, {1234, "1.2 µs"}, {123456, "123 µs"}, {1234567, "1.23 ms"}, {123456789, "123.5 ms"}, {1234567890, "1.23 s"}} {
		if got := duration(float64(c.of)); got != c.want {
			t.Errorf("%d ns: %s, want %s", c.of, got, c.want)
		}
	}
}
