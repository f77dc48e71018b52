// Command screening holds one workload of people against one official list, once by
// Sallyport's screening and once by a Watchman server, and says what each found and
// what it cost.
//
// The workload is the same for the same files and seed: ordinary people of a file, who
// are on no list; people on no list either who bear the given name of one listed person
// and the family name of another; and listed people asked for in eight ways, from the
// name as it is written to another alphabet. It is put to the engines twice. The first time all
// scores are kept, and Watchman's threshold is found from which it raises as many
// alarms over those on no list as Sallyport does at its own: hit rates at unequal alarms
// say nothing. The second time, in rounds that alternate between the engines, costs are
// measured with that threshold.
//
// Sallyport is measured in this process, as the exchange calls it, and in a process of
// its own behind HTTP, as Watchman is called. CPU time is that of the process that does
// the work, read from the kernel's clock for it (package process).
//
// What the table does not say: how either does on other lists, facts or machines, and
// what Watchman could do with its optional parts (embeddings, TF-IDF, libpostal), which
// are off as they are by default.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"sallyport/bench/process"
	"sallyport/bench/watchman"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/watchlist"
)

type settings struct {
	sdn, alt, add, comments string
	people                  string
	spellings               []string
	watchman, watchmanLog   string
	watchmanURL             string
	watchmanPID             int
	facts                   string
	ordinary, mixed, listed int
	rounds                  int
	seed                    uint64
	minMatch                float64
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "screening:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) error {
	if len(args) == 2 && args[0] == "serve" {
		return serve(args[1], in, out)
	}
	var s settings
	f := flag.NewFlagSet("screening", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&s.sdn, "sdn", "", "OFAC's sdn.csv, plain or .xz or .gz, under any name")
	f.StringVar(&s.alt, "alt", "", "its alt.csv; without it nobody is asked for by an alias")
	f.StringVar(&s.add, "add", "", "its add.csv")
	f.StringVar(&s.comments, "comments", "", "its sdn_comments.csv")
	f.StringVar(&s.people, "people", "", "ordinary people: CSV with full_name, date_of_birth, gender")
	f.Func("spellings", "pairs of spellings, tab-separated latin, native, count; may be given several times", func(v string) error {
		s.spellings = append(s.spellings, v)
		return nil
	})
	f.StringVar(&s.watchman, "watchman", "", "path of a Watchman server program, to be started on 127.0.0.1")
	f.StringVar(&s.watchmanLog, "watchman-log", "", "file for its log; none is kept without")
	f.StringVar(&s.watchmanURL, "watchman-url", "", "or the address of one that runs, over the same files: http://127.0.0.1:8084")
	f.IntVar(&s.watchmanPID, "watchman-pid", 0, "the process number of that, for its CPU time and memory")
	f.StringVar(&s.facts, "facts", "full", "what is asked with: name, or full: name, day of birth and gender")
	f.IntVar(&s.ordinary, "ordinary", 2000, "ordinary people")
	f.IntVar(&s.mixed, "mixed", 1000, "people on no list, named after two listed ones")
	f.IntVar(&s.listed, "listed", 100, "listed people in each of the eight ways")
	f.IntVar(&s.rounds, "rounds", 5, "rounds of measuring")
	f.Uint64Var(&s.seed, "seed", 1, "another seed makes another workload")
	f.Float64Var(&s.minMatch, "min-match", 0, "Watchman's threshold while costs are measured; 0 for that of equal alarms")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("argument %q: want flags only: see --help", f.Arg(0))
	case s.sdn == "" || s.people == "":
		return errors.New("--sdn and --people are needed: see --help")
	case s.facts != "name" && s.facts != "full":
		return fmt.Errorf("--facts %s: want name or full", s.facts)
	case s.watchman != "" && s.watchmanURL != "":
		return errors.New("--watchman starts a server, --watchman-url takes one that runs: give one of them")
	case s.rounds < 1:
		return fmt.Errorf("--rounds %d: want at least 1", s.rounds)
	}
	return s.run(ctx, out, errs)
}

func (s *settings) run(ctx context.Context, out, errs io.Writer) error {
	files := map[string][]byte{}
	for name, path := range map[string]string{"sdn.csv": s.sdn, "alt.csv": s.alt, "add.csv": s.add, "sdn_comments.csv": s.comments} {
		if path == "" {
			continue
		}
		f, err := watchlist.ReadFile(path)
		if err != nil {
			return err
		}
		files[name] = f.Data
	}
	blocks, err := s.workload(files, errs)
	if err != nil {
		return err
	}

	start, before := time.Now(), cpuOf(os.Getpid())
	index, size, err := newIndex(files)
	if err != nil {
		return err
	}
	loaded := []load{{"Sallyport, in process", time.Since(start), cpuOf(os.Getpid()) - before, 0}}

	apart, err := startServed(ctx, files)
	if err != nil {
		return err
	}
	defer apart.stop()
	loaded = append(loaded, load{"Sallyport, over HTTP", apart.load, apart.cpu, residentOf(apart.pid)})
	engines := []engine{
		{"Sallyport, in process", os.Getpid(), screenInProcess(index)},
		{"Sallyport, over HTTP", apart.pid, apart.ask},
	}

	threshold := 0.0 // Watchman's, as it is asked
	peer, closePeer, err := s.peer(ctx, files)
	if err != nil {
		return err
	}
	defer closePeer()
	holds := "no Watchman was given: it is not measured"
	if peer != nil {
		info, err := peer.Info(ctx)
		if err != nil {
			return err
		}
		holds = fmt.Sprintf("%d in Watchman's us_ofac (version %q)", info.Lists["us_ofac"], info.Version)
		engines = append(engines, engine{"Watchman, over HTTP", peer.PID, func(ctx context.Context, q query) ([]hit, error) {
			found, err := peer.Search(ctx, watchman.Query{Type: "person", Name: q.name, BirthDate: q.birth, Gender: q.gender, MinMatch: threshold})
			hits := make([]hit, len(found))
			for i, h := range found {
				hits[i] = hit{h.ID, h.Score}
			}
			return hits, err
		}})
		loaded = append(loaded, load{"Watchman, over HTTP", peer.Load, peer.CPU, residentOf(peer.PID)})
	}

	fmt.Fprintf(out, "list     %s: %d entries in Sallyport, %s\n", filepath.Base(s.sdn), size, holds)
	fmt.Fprintf(out, "people   %d ordinary, %d named after two listed ones, %d listed; %s; seed %d\n", len(blocks[0].queries), len(blocks[1].queries), len(blocks[2].queries), describe(s.facts), s.seed)
	fmt.Fprintf(out, "weights  %s, threshold %g\n", match.DefaultWeights().Version, match.DefaultWeights().Threshold)
	fmt.Fprintf(out, "machine  %s/%s, %d processors, %s, %s\n\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), time.Now().UTC().Format(time.DateOnly))

	var all []query
	for _, b := range blocks {
		all = append(all, b.queries...)
	}
	fmt.Fprintln(errs, "scores")
	ours, err := answers(ctx, engines[0], all, errs)
	if err != nil {
		return err
	}
	columns := []column{{"Sallyport", ours, 0}}
	if peer != nil {
		theirs, err := answers(ctx, engines[2], all, errs)
		if err != nil {
			return err
		}
		alarms := 0
		var best []float64
		for i, q := range all {
			if q.target != "" {
				continue
			}
			if ours[i].best > 0 {
				alarms++
			}
			best = append(best, theirs[i].best)
		}
		equal := equalAlarms(best, alarms)
		threshold = s.minMatch
		if threshold == 0 {
			threshold = equal
		}
		columns = append(columns, column{fmt.Sprintf("Watchman ≥ %.4f", equal), theirs, equal})
		for _, t := range []float64{0.70, 0.75, 0.80, 0.85, 0.90} {
			columns = append(columns, column{fmt.Sprintf("≥ %.2f", t), theirs, t})
		}
		fmt.Fprintf(out, "Found, of the listed people meant; and people on no list with any hit. Watchman from its score of equal\nalarms on (%.4f, %d alarms of Sallyport), and from others; a search of it returns its ten best.\n\n", equal, alarms)
	}
	writeRates(out, all, columns)

	for i := range blocks {
		b := &blocks[i]
		fmt.Fprintln(errs, "costs:", b.title)
		if b.costs, err = rounds(ctx, engines, split(b.queries, s.rounds, s.seed), errs); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\nCosts per query, one at a time: medians over %d rounds, with the least and most of the rounds' ratios to\nSallyport over HTTP.", s.rounds)
	if peer != nil {
		fmt.Fprintf(out, " Watchman with minMatch %.4f.", threshold)
	}
	fmt.Fprint(out, "\n\n")
	for _, b := range blocks {
		writeCosts(out, b, engines)
	}
	writeLoads(out, engines, loaded)
	checkAgain(out, engines, columns, blocks, threshold)
	return nil
}

// peer starts or takes the Watchman that the flags name, if they do.
func (s *settings) peer(ctx context.Context, files map[string][]byte) (*watchman.Server, func(), error) {
	nothing := func() {}
	switch {
	case s.watchmanURL != "":
		return watchman.Attach(s.watchmanURL, s.watchmanPID), nothing, nil
	case s.watchman == "":
		return nil, nothing, nil
	}
	log := io.Discard
	if s.watchmanLog != "" {
		f, err := os.Create(s.watchmanLog)
		if err != nil {
			return nil, nothing, err
		}
		log = f // it is closed with this process
	}
	w, err := watchman.Start(ctx, s.watchman, files, log)
	if err != nil {
		return nil, nothing, err
	}
	return w, w.Stop, nil
}

// A block is a part of the workload whose costs are told by themselves.
type block struct {
	title   string
	queries []query
	costs   [][]part // per engine and round
}

// workload makes the three blocks.
func (s *settings) workload(files map[string][]byte, errs io.Writer) ([]block, error) {
	listedPeople, err := readListed(files["sdn.csv"], files["alt.csv"])
	if err != nil {
		return nil, err
	}
	var tables []*spellings
	for _, path := range s.spellings {
		f, err := watchlist.ReadFile(path)
		if err != nil {
			return nil, err
		}
		t, err := readSpellings(strings.NewReader(string(f.Data)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		tables = append(tables, t)
	}
	f, err := watchlist.ReadFile(s.people)
	if err != nil {
		return nil, err
	}
	r, err := people.NewReader(f.Name, strings.NewReader(string(f.Data)))
	if err != nil {
		return nil, err
	}
	var everybody []query
	leftOut := 0
	for {
		row, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if row.LeftOut {
			leftOut++
			continue
		}
		q := query{name: row.Person.PrimaryName(), gender: row.Person.Gender.String()}
		if len(row.Person.Birth) == 1 && row.Person.Birth[0].IsExact() {
			q.birth = row.Person.Birth[0].From.String()
		}
		everybody = append(everybody, q)
	}
	if leftOut > 0 {
		fmt.Fprintf(errs, "%s: %d rows could not be read and are left out\n", f.Name, leftOut)
	}
	blocks := []block{
		{title: "ordinary people", queries: pickOrdinary(everybody, s.ordinary, s.seed)},
		{title: mixed, queries: mixNames(listedPeople, s.mixed, s.seed)},
		{title: "listed people", queries: askForListed(listedPeople, tables, s.listed, s.seed)},
	}
	for _, b := range blocks {
		for i := range b.queries {
			q := &b.queries[i]
			if s.facts == "name" {
				q.birth, q.gender = "", ""
			}
			if q.gender != "male" && q.gender != "female" {
				q.gender = ""
			}
		}
		if len(b.queries) < s.rounds {
			return nil, fmt.Errorf("%s: %d queries are too few for %d rounds", b.title, len(b.queries), s.rounds)
		}
	}
	return blocks, nil
}

func describe(facts string) string {
	if facts == "name" {
		return "their names alone"
	}
	return "name, day of birth and gender where known"
}

// cpuOf and residentOf are 0 where they cannot be known.
func cpuOf(pid int) time.Duration {
	t, err := process.CPU(pid)
	if pid == 0 || err != nil {
		return 0
	}
	return t
}

func residentOf(pid int) int64 {
	now, _, err := process.Memory(pid)
	if pid == 0 || err != nil {
		return 0
	}
	return now
}

// A column of the table of rates: what counts from a threshold on.
type column struct {
	name      string
	answers   []answer
	threshold float64
}

func (c column) counts(score float64) bool { return score > 0 && score >= c.threshold }

func writeRates(out io.Writer, queries []query, columns []column) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprint(w, "\tn\t")
	for _, c := range columns {
		fmt.Fprintf(w, "%s\t", c.name)
	}
	fmt.Fprintln(w)
	for _, group := range append(slices.Clone(alterations), mixed, ordinaryLatin, ordinaryOther) {
		n := 0
		found := make([]int, len(columns))
		for i, q := range queries {
			if q.group != group {
				continue
			}
			n++
			for j, c := range columns {
				score := c.answers[i].target
				if q.target == "" {
					score = c.answers[i].best
				}
				if c.counts(score) {
					found[j]++
				}
			}
		}
		fmt.Fprintf(w, "%s\t%d\t", group, n)
		for _, k := range found {
			if n == 0 {
				fmt.Fprint(w, "-\t")
				continue
			}
			fmt.Fprintf(w, "%.1f %%\t", 100*float64(k)/float64(n))
		}
		fmt.Fprintln(w)
	}
}

// base is the engine that the others' ratios are to: Sallyport over HTTP.
const base = 1

func writeCosts(out io.Writer, b block, engines []engine) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "%s\tCPU\tratio\tmean\tratio\tp50\tp99\t\n", b.title)
	for i, e := range engines {
		fmt.Fprintf(w, "%s\t", e.name)
		for _, figure := range []struct {
			of    func(part) time.Duration
			ratio bool
		}{
			{func(p part) time.Duration { return p.cpu }, true},
			{func(p part) time.Duration { return p.mean }, true},
			{func(p part) time.Duration { return p.p50 }, false},
			{func(p part) time.Duration { return p.p99 }, false},
		} {
			var values, ratios []float64
			for r, p := range b.costs[i] {
				values = append(values, float64(figure.of(p)))
				ratios = append(ratios, float64(figure.of(p))/float64(figure.of(b.costs[base][r])))
			}
			fmt.Fprintf(w, "%s\t", duration(median(values)))
			switch {
			case !figure.ratio:
			case i == base || median(values) == 0:
				fmt.Fprint(w, "\t")
			default:
				fmt.Fprintf(w, "%s (%s–%s)\t", ratio(median(ratios)), ratio(slices.Min(ratios)), ratio(slices.Max(ratios)))
			}
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	fmt.Fprintln(out)
}

func ratio(x float64) string {
	if x >= 10 {
		return fmt.Sprintf("%.0f×", x)
	}
	return fmt.Sprintf("%.2f×", x)
}

// duration writes nanoseconds with three figures at most; "-" for what is not known.
func duration(ns float64) string {
	switch {
	case ns == 0 || math.IsNaN(ns):
		return "-"
	case ns < 1e3:
		return fmt.Sprintf("%.0f ns", ns)
	case ns < 1e5:
		return fmt.Sprintf("%.1f µs", ns/1e3)
	case ns < 1e6:
		return fmt.Sprintf("%.0f µs", ns/1e3)
	case ns < 1e7:
		return fmt.Sprintf("%.2f ms", ns/1e6)
	}
	if ns < 1e9 {
		return fmt.Sprintf("%.1f ms", ns/1e6)
	}
	return fmt.Sprintf("%.2f s", ns/1e9)
}

// A load is what an engine needed to be ready.
type load struct {
	name      string
	wall, cpu time.Duration
	resident  int64
}

func writeLoads(out io.Writer, engines []engine, loaded []load) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprint(w, "until it answers\twall\tCPU\tresident then\tafter all queries\tat most\t\n")
	megabytes := func(n int64) string {
		if n == 0 {
			return "-"
		}
		return fmt.Sprintf("%.0f MB", float64(n)/1e6)
	}
	for i, l := range loaded {
		now, most := int64(0), int64(0)
		if engines[i].pid != 0 && engines[i].pid != os.Getpid() { // this process holds the workload too
			now, most, _ = process.Memory(engines[i].pid) // not known is 0
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t\n", l.name, duration(float64(l.wall)), duration(float64(l.cpu)), megabytes(l.resident), megabytes(now), megabytes(most))
	}
}

// checkAgain says whether the queries with a hit were as many while costs were measured
// as when scores were: else something else was measured than what the rates tell.
func checkAgain(out io.Writer, engines []engine, columns []column, blocks []block, threshold float64) {
	fmt.Fprintln(out)
	for i, e := range engines {
		c := columns[0]
		if i > base {
			c = column{answers: columns[1].answers, threshold: threshold}
		}
		at, verdict := 0, ""
		for _, b := range blocks {
			want, got := 0, 0
			for range b.queries {
				if c.counts(c.answers[at].best) {
					want++
				}
				at++
			}
			for _, p := range b.costs[i] {
				got += p.hits
			}
			if got != want {
				verdict += fmt.Sprintf("; NOT as before for %s: %d queries with a hit, then %d", b.title, want, got)
			}
		}
		if verdict == "" {
			verdict = "; as many queries with a hit while costs were measured as when scores were kept"
		}
		fmt.Fprintf(out, "%s%s\n", e.name, verdict)
	}
}
