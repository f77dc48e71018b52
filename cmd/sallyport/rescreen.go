package main

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/watchlist"
)

// rescreening is one run of `sallyport rescreen`.
type rescreening struct {
	customers  []string
	from, then []string
	out        string
	threshold  float64
}

func rescreenCommand() *cobra.Command {
	var s rescreening
	c := &cobra.Command{
		Use:   "rescreen --customers people.csv[,FILE…] --from FILE[,FILE…] --then FILE[,FILE…] --out hits.ndjson",
		Short: "Hold files of people against what changed between two editions of a list",
		Long: `Holds files of people against the entries that a later edition of a list adds or tells
differently, and writes one JSON object a hit: file, row (of the data, from 1), list, entity_id,
entity_name, matched_name, score, grade and reasons, in the order of files and rows.

Editions are files as their publishers give them, as in sallyport screen --list: --from
those before, --then those after. A list that only --then has counts as new. People are
files as in sallyport screen --in, without standard input.

What an edition removes is nothing to look for: nobody is stopped by it.`,
		Example: `  sallyport rescreen --customers people.csv --from sdn_2022-02-24.csv --then sdn_2022-02-25.csv --out hits.ndjson`,
		Args:    noArguments,
		RunE:    func(c *cobra.Command, _ []string) error { return s.run(c) },
	}
	c.Flags().StringSliceVar(&s.customers, "customers", nil, "files of people, parted by commas")
	c.Flags().StringSliceVar(&s.from, "from", nil, "files of the editions before, parted by commas")
	c.Flags().StringSliceVar(&s.then, "then", nil, "files of the editions after, parted by commas")
	c.Flags().StringVar(&s.out, "out", "-", "file for the hits, - for standard output")
	c.Flags().Float64Var(&s.threshold, "threshold", 0, "least score of a hit, above 0 and below 1 (default: the one of the weights)")
	for _, flag := range []string{"customers", "from", "then"} {
		_ = c.MarkFlagRequired(flag) // the flags are defined above
	}
	return c
}

// A rescreenHit is a line of the output.
type rescreenHit struct {
	File string `json:"file"`
	Row  int    `json:"row"`
	match.Finding
}

// A customerRow is where a customer was read.
type customerRow struct {
	file string
	row  int
}

func (s *rescreening) run(c *cobra.Command) error {
	w := match.DefaultWeights()
	if c.Flags().Changed("threshold") && !(s.threshold > 0 && s.threshold < 1) {
		return usageError{fmt.Errorf("--threshold %v: want a number above 0 and below 1", s.threshold)}
	}
	errs := c.ErrOrStderr()
	before, err := (&screening{lists: s.from}).editions()
	if err != nil {
		return err
	}
	after, err := (&screening{lists: s.then}).editions()
	if err != nil {
		return err
	}
	changed, err := changedBetween(before, after, errs)
	if err != nil {
		return err
	}

	customers, where, leftOut, err := s.read(c)
	if err != nil {
		return err
	}
	if len(customers) == 0 {
		return fmt.Errorf("rescreen: nobody could be screened: %d rows were left out", leftOut)
	}
	out, err := createOutput(c, s.out)
	if err != nil {
		return err
	}
	defer out.discard()
	begun := time.Now()
	hits := holdAgainst(match.NewIndex(changed, w), customers, match.Options{Threshold: s.threshold}, screenBar(errs, int64(len(customers))))
	took := time.Since(begun)
	enc := json.NewEncoder(out.w)
	enc.SetEscapeHTML(false)
	same := 0
	for _, h := range hits {
		if h.Grade == match.Same {
			same++
		}
		if err := enc.Encode(rescreenHit{where[h.Customer].file, where[h.Customer].row, h.Finding}); err != nil {
			return fmt.Errorf("rescreen: writing hits: %w", err)
		}
	}
	if err := out.keep(); err != nil {
		return err
	}
	fmt.Fprintf(errs, "people   %d screened, %d rows left out\n", len(customers), leftOut)
	fmt.Fprintf(errs, "hits     %d (%d same, %d resembling)\n", len(hits), same, len(hits)-same)
	fmt.Fprintf(errs, "time     %v for the changes\n", took.Round(time.Millisecond))
	fmt.Fprintf(errs, "weights  %s\n", w.Matching())
	return nil
}

// changedBetween gives the entries added or changed, each list's by its own two editions.
func changedBetween(before, after []*watchlist.Edition, errs io.Writer) ([]entity.Entity, error) {
	var out []entity.Entity
	for _, now := range after {
		var old *watchlist.Edition
		if i := slices.IndexFunc(before, func(e *watchlist.Edition) bool { return e.List == now.List }); i >= 0 {
			old = before[i]
		}
		d := watchlist.Diff(old, now)
		out = append(out, d.Added...)
		for _, ch := range d.Changed {
			out = append(out, ch.New)
		}
		fmt.Fprintf(errs, "list     %s: %d entries added, %d changed, %d removed\n", now.List, len(d.Added), len(d.Changed), len(d.Removed))
	}
	for _, old := range before {
		if !slices.ContainsFunc(after, func(e *watchlist.Edition) bool { return e.List == old.List }) {
			return nil, usageError{fmt.Errorf("--then has no edition of %s, which --from has", old.List)}
		}
	}
	return out, nil
}

// read reads the files of people. Customers are numbered in the order of files and rows.
func (s *rescreening) read(c *cobra.Command) (customers []match.Customer, where []customerRow, leftOut int, err error) {
	told := 0
	for _, path := range s.customers {
		if path == "-" {
			return nil, nil, 0, usageError{fmt.Errorf("--customers: want files, not standard input")}
		}
		in, _, err := openInput(c, path)
		if err != nil {
			return nil, nil, 0, err
		}
		defer in.Close()
		r, err := people.NewReader(path, in)
		if err != nil {
			return nil, nil, 0, err
		}
		for {
			row, err := r.Next()
			if err == io.EOF {
				break
			}
			if err == nil {
				err = c.Context().Err()
			}
			if err != nil {
				return nil, nil, 0, fmt.Errorf("%s: %w", path, err)
			}
			for _, p := range row.Problems {
				if told++; told <= screenProblems {
					what := "the rest of the row is screened"
					if row.LeftOut {
						what = "row left out"
					}
					fmt.Fprintf(c.ErrOrStderr(), "%s (%s)\n", p, what)
				}
			}
			if row.LeftOut {
				leftOut++
				continue
			}
			customers = append(customers, match.Customer{Number: uint64(len(customers)), Entity: row.Person})
			where = append(where, customerRow{filepath.Base(path), row.Number})
		}
	}
	if told > screenProblems {
		fmt.Fprintf(c.ErrOrStderr(), "… and %d more of such\n", told-screenProblems)
	}
	return customers, where, leftOut, nil
}

// holdAgainst screens each customer against what changed, on all cores. Hits are in the
// order of customers.
func holdAgainst(changed *match.Index, customers []match.Customer, o match.Options, bar *progressbar.ProgressBar) []match.Hit {
	const share = 1000
	found := make([][]match.Hit, (len(customers)+share-1)/share)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				i := int(next.Add(1) - 1)
				if i >= len(found) {
					return
				}
				some := customers[i*share : min((i+1)*share, len(customers))]
				for _, c := range some {
					for _, f := range changed.Screen(c.Entity, o) {
						found[i] = append(found[i], match.Hit{Customer: c.Number, Finding: f})
					}
				}
				_ = bar.Add(len(some)) // a bar that cannot be drawn is no reason to stop
			}
		})
	}
	workers.Wait()
	_ = bar.Finish()
	return slices.Concat(found...)
}
