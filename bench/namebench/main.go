// Command namebench says how well scores of pairs of names tell pairs that mean one
// party from pairs that do not, for Sallyport's match.Compare and for a Watchman server.
// It reads labelled pairs (CSV with schema, name1, name2, is_match) and prints sums
// only, never a pair, a name or a score of one: a set of pairs is an exam, and whoever
// looks at its questions will fit to them.
//
// Watchman has no endpoint that compares two names. The second names are given to it as
// a list, in OFAC's form, a hundred at a time; it is asked for the first name of a pair,
// and the score of the pair is the one it gives the second, 0 where it does not return
// it. So what is measured is its search over a hundred parties, as large as its answers
// get, with the candidates that its search takes. TF-IDF, embeddings and the like are off,
// as they are by default. match.Compare is given the same pair and nothing more.
//
// The thresholds of the table are the programs' own and round ones. "Best" is the
// threshold that an owner of the exam's answers would have chosen: an upper bound of F1,
// told for both, and no advice.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"text/tabwriter"

	"sallyport/bench/watchman"
	"sallyport/entity"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/watchlist"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "namebench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("namebench", flag.ContinueOnError)
	f.SetOutput(errs)
	file := f.String("pairs", "", "labelled pairs: CSV with schema, name1, name2, is_match; plain, .xz or .gz")
	program := f.String("watchman", "", "path of a Watchman server program, to be started on 127.0.0.1")
	logFile := f.String("watchman-log", "", "file for its log; none is kept without")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() > 0 || *file == "" {
		return errors.New("want --pairs FILE, and --watchman PROGRAM or not: see --help")
	}
	packed, err := watchlist.ReadFile(*file)
	if err != nil {
		return err
	}
	pairs, err := readPairs(packed.Name, bytes.NewReader(packed.Data))
	if err != nil {
		return err
	}
	w := match.DefaultWeights()
	same := 0
	for _, p := range pairs {
		if p.same {
			same++
		}
	}
	fmt.Fprintf(out, "pairs    %d, %d of one party, %d of two\nweights  %s\n\n", len(pairs), same, len(pairs)-same, w.Version)

	ours := scoreSallyport(pairs, w)
	writeScores(out, "Sallyport, match.Compare", pairs, ours, w.Threshold, 0.70, 0.75, 0.80, 0.85, 0.90)
	if *program == "" {
		fmt.Fprintln(out, "\nno Watchman was given: it is not measured")
		return nil
	}
	log := io.Discard
	if *logFile != "" {
		l, err := os.Create(*logFile)
		if err != nil {
			return err
		}
		defer l.Close()
		log = l
	}
	theirs, err := scoreWatchman(ctx, pairs, func(files map[string][]byte) (*watchman.Server, error) {
		return watchman.Start(ctx, *program, files, log)
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(out)
	writeScores(out, "Watchman, search", pairs, theirs, readmeThreshold, 0.50, 0.60, 0.70, 0.80, 0.85, 0.90)
	return nil
}

// readmeThreshold is that of the example in Watchman's README; its own default is 0.
const readmeThreshold = 0.75

// A pair of names, and whether both mean one party.
type pair struct {
	kind entity.Kind
	a, b string
	same bool
}

func readPairs(file string, in io.Reader) ([]pair, error) {
	t, err := people.NewTable(file, in, "schema", "name1", "name2", "is_match")
	if err != nil {
		return nil, err
	}
	var pairs []pair
	for {
		rec, err := t.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if rec.Problem != nil {
			return nil, errors.New(rec.Problem.String())
		}
		get := func(column string) string { return strings.TrimSpace(rec.Fields[t.Column(column)]) }
		same, err := strconv.ParseBool(strings.ToLower(get("is_match")))
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: is_match: want true or false", file, rec.Line)
		}
		p := pair{a: get("name1"), b: get("name2"), same: same}
		switch strings.ToLower(get("schema")) {
		case "person":
			p.kind = entity.Person
		case "vessel":
			p.kind = entity.Vessel
		case "company", "organization", "legalentity":
			p.kind = entity.Organisation
		default:
			return nil, fmt.Errorf("%s: line %d: schema: want Person, Vessel, Company, Organization or LegalEntity", file, rec.Line)
		}
		pairs = append(pairs, p)
	}
	if len(pairs) == 0 {
		return nil, fmt.Errorf("%s: no pairs in it", file)
	}
	return pairs, nil
}

func scoreSallyport(pairs []pair, w match.Weights) []float64 {
	scores := make([]float64, len(pairs))
	for i, p := range pairs {
		of := func(name string) entity.Entity {
			return entity.Entity{Kind: p.kind, Names: []entity.Name{{Full: name}}}
		}
		scores[i] = match.Compare(of(p.a), of(p.b), w).Score
	}
	return scores
}

// scoreWatchman starts a server for each hundred pairs.
func scoreWatchman(ctx context.Context, pairs []pair, start func(map[string][]byte) (*watchman.Server, error)) ([]float64, error) {
	scores := make([]float64, len(pairs))
	for from := 0; from < len(pairs); from += watchman.MaxLimit {
		part := pairs[from:min(from+watchman.MaxLimit, len(pairs))]
		sdn, err := asList(part)
		if err != nil {
			return nil, err
		}
		s, err := start(map[string][]byte{"sdn.csv": sdn})
		if err != nil {
			return nil, err
		}
		err = scorePart(ctx, s, part, scores[from:])
		s.Stop()
		if err != nil {
			return nil, err
		}
	}
	return scores, nil
}

func scorePart(ctx context.Context, s *watchman.Server, part []pair, scores []float64) error {
	info, err := s.Info(ctx)
	if err != nil {
		return err
	}
	if n := info.Lists["us_ofac"]; n != len(part) {
		return fmt.Errorf("watchman: it holds %d entities of a list of %d: the scores would say nothing", n, len(part))
	}
	for i, p := range part {
		hits, err := s.Search(ctx, watchman.Query{Type: watchmanType(p.kind), Name: p.a, Limit: watchman.MaxLimit})
		if err != nil {
			return fmt.Errorf("pair %d of a hundred: %w", i+1, err)
		}
		for _, h := range hits {
			if h.ID == listID(i) {
				scores[i] = h.Score
			}
		}
	}
	return nil
}

func listID(i int) string { return strconv.Itoa(1000 + i) }

func watchmanType(k entity.Kind) string {
	switch k {
	case entity.Person:
		return "person"
	case entity.Vessel:
		return "vessel"
	}
	return "business"
}

// asList writes the second names as OFAC's sdn.csv (dat_spec.txt): id, name, type and
// nine columns more, nulls as "-0- ", the mark 0x1A at the end. An organisation's type
// is null.
func asList(pairs []pair) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	for i, p := range pairs {
		row := []string{listID(i), p.b, "-0- ", "TEST"}
		switch p.kind {
		case entity.Person:
			row[2] = "individual"
		case entity.Vessel:
			row[2] = "vessel"
		}
		for len(row) < 12 {
			row = append(row, "-0- ")
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
	}
	w.Flush()
	b.WriteByte(0x1a)
	return b.Bytes(), w.Error()
}

// A tally counts what a threshold gets right and wrong.
type tally struct{ right, wrong, missed int }

func (t tally) precision() float64 { return share(t.right, t.right+t.wrong) }
func (t tally) recall() float64    { return share(t.right, t.right+t.missed) }

// f1 is the harmonic mean of precision and recall (van Rijsbergen, Information
// Retrieval, chapter 7).
func (t tally) f1() float64 { return share(2*t.right, 2*t.right+t.wrong+t.missed) }

func share(a, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(a) / float64(of)
}

func tallyAt(pairs []pair, scores []float64, threshold float64) tally {
	var t tally
	for i, p := range pairs {
		hit := scores[i] > 0 && scores[i] >= threshold
		switch {
		case hit && p.same:
			t.right++
		case hit:
			t.wrong++
		case p.same:
			t.missed++
		}
	}
	return t
}

// best is the highest F1 that any threshold gives.
func best(pairs []pair, scores []float64) tally {
	var top tally
	for _, s := range scores {
		if t := tallyAt(pairs, scores, s); t.f1() > top.f1() {
			top = t
		}
	}
	return top
}

// averagePrecision is the mean, over the pairs of one party, of the precision at the
// pair's own score; pairs of equal scores share one threshold. It needs no threshold of
// its own. A pair with the score 0 is never found and adds 0.
func averagePrecision(pairs []pair, scores []float64) float64 {
	sum, n := 0.0, 0
	for i, p := range pairs {
		if !p.same {
			continue
		}
		n++
		if scores[i] > 0 {
			sum += tallyAt(pairs, scores, scores[i]).precision()
		}
	}
	if n == 0 {
		return 0
	}
	return sum / float64(n)
}

func writeScores(out io.Writer, title string, pairs []pair, scores []float64, own float64, thresholds ...float64) {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	defer w.Flush()
	fmt.Fprintf(w, "%s\tprecision\trecall\tF1\tright\twrong\tmissed\t\n", title)
	row := func(name string, t tally) {
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%d\t%d\t%d\t\n", name, t.precision(), t.recall(), t.f1(), t.right, t.wrong, t.missed)
	}
	for _, at := range append([]float64{own}, thresholds...) {
		row(fmt.Sprintf("all, from %.2f", at), tallyAt(pairs, scores, at))
	}
	row("all, best", best(pairs, scores))
	fmt.Fprintf(w, "all, average precision\t%.3f\t\t\t\t\t\t\n", averagePrecision(pairs, scores))
	for _, k := range []entity.Kind{entity.Person, entity.Organisation, entity.Vessel} {
		var of []pair
		var their []float64
		for i, p := range pairs {
			if p.kind == k {
				of, their = append(of, p), append(their, scores[i])
			}
		}
		if len(of) == 0 {
			continue
		}
		name := fmt.Sprintf("%d of kind %s", len(of), k)
		row(fmt.Sprintf("%s, from %.2f", name, own), tallyAt(of, their, own))
		row(name+", best", best(of, their))
	}
}
