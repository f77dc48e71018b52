package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/law"
	"sallyport/match"
	"sallyport/simulate"
	"sallyport/vault"
	"sallyport/watchlist"
)

// simulation is one run of `sallyport simulate`.
type simulation struct {
	rules      []string // files of the rules asked about
	more       string   // folder of further rules in force
	at         string
	operator   string
	data       string
	config     string
	customers  string
	generate   int
	seed       uint64
	lists      []string
	starter    string
	edition    []string
	threshold  float64
	thresholds bool // threshold was given
	out        string
	asJSON     bool

	// What is prepared once.
	set, after *law.Set
	asked      []*law.Rule
	when       time.Time
	operators  [][]string
	log        *exchange.Looked // of a data folder
	vault      *vault.Vault     // open where customers of a data folder are screened
}

func simulateCommand() *cobra.Command {
	var s simulation
	c := &cobra.Command{
		Use:   "simulate {--rule FILE | --edition FILE | --threshold X} {--data DIR | --customers FILE | --generate N}",
		Short: "Say what a proposed rule, a new edition or another threshold would do to all customers",
		Long: `Asks what a proposed rule, a new edition of a list or another threshold of likeness would do
to all customers, with nothing changed: who would be stopped, how many of them are listed or
owned by the listed, how many are stopped already, what they hold, and where they live. It
stands beside what is in force, so that a blanket ban can be seen beside targeted measures.

Nobody is named. Fewer than five people who are on no list are not told: their country is
joined with others under "other", and a number is "fewer than 5" (-1 in JSON).

A rule is a file as those of the program. One that is not law yet (state: proposed) may cite
an instrument that the charter does not know; it can never be put in force like that. The
hour asked about is that of --at, or else the rule's first.

Customers come from
  --data DIR        the data folder of an exchange that is not running, which is only read: the
                    facts of each customer's last decision, what they hold now, and for a rule
                    every past decision too, asked as if the rule, or the lists, had always been so
  --customers FILE  CSV with a header: nationality (several parted by ";"), residence, region,
                    town, postcode, permits, kind (person or organisation), established,
                    value_eur, and listed (lists that name them, such as us-sdn, or measures,
                    such as uk-sanctions/asset-freeze; empty for none), owned_by_listed
                    (us-sdn=6000, in basis points; empty for nothing) and represented_by
                    (lists that name who acts for a firm; empty for none); with --list, or for an
                    edition or a threshold, the columns of sallyport screen as well, and they
                    are screened. Or NDJSON: {"facts": {…}, "value_eur_cents": 100} a line, with
                    facts as sallyport law facts lists them
  --generate N      N made-up customers, the same for the same --seed, of whom the first ten
                    thousand are screened and the rest made to be on no list

Nothing is screened where only a rule is asked about and the file says who is listed.`,
		Example: `  sallyport simulate --rule docs/examples/ban-of-nationals.yaml --generate 1000000 --operator us
  sallyport simulate --rule draft.yaml --data ./exchange --at 2022-03-01T00:00:00Z --out by-country.csv
  sallyport simulate --edition sdn.csv,alt.csv,add.csv --data ./exchange
  sallyport simulate --threshold 0.9 --list sdn.csv --customers people.csv --operator us --json`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			s.thresholds = c.Flags().Changed("threshold")
			return s.run(c)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&s.rules, "rule", nil, "files of the rules asked about, parted by commas")
	f.StringSliceVar(&s.edition, "edition", nil, "files of the edition asked about, in place of the one of its list")
	f.Float64Var(&s.threshold, "threshold", 0, "the least score of a likeness asked about, above 0 and below 1")
	f.StringVar(&s.data, "data", "", "data folder of an exchange")
	f.StringVar(&s.config, "config", "", "with --data: its configuration, for what assets are worth while no market says")
	f.StringVar(&s.customers, "customers", "", "file of customers, CSV or NDJSON, - for standard input")
	f.IntVar(&s.generate, "generate", 0, "how many customers to make up")
	f.Uint64Var(&s.seed, "seed", 1, "of made-up customers")
	f.StringSliceVar(&s.lists, "list", nil, "files of the lists in force that --customers are screened against")
	f.StringVar(&s.starter, "starter", "", "the starter list as of this day, such as 2022-03-11, as --list")
	f.StringVar(&s.operator, "operator", "us", "whose law binds the operator: us, eu, uk, ch, …; with --data the exchange says")
	f.StringVar(&s.at, "at", "", "the hour asked about (default: the rule's first, or now, or with --data the log's last)")
	f.StringVar(&s.more, "rules", "", "folder of further rules in force, beside those of the program")
	f.StringVar(&s.out, "out", "", "file for the table by country, CSV")
	f.BoolVar(&s.asJSON, "json", false, "write the report as JSON")
	return c
}

// A portion is some customers: it counts them and says how many they were.
type portion func(t *simulate.Tally) (int, error)

// A source gives customers in portions, and how many there are, -1 where that is not known.
type source struct {
	total    int64
	portions func(ctx context.Context, give func(portion) error) error
}

func (s *simulation) run(c *cobra.Command) error {
	if err := s.prepare(c); err != nil {
		return err
	}
	defer func() {
		if s.vault != nil {
			s.vault.Close()
		}
		if s.log != nil {
			s.log.Close()
		}
	}()
	var src source
	var past func(*simulate.Simulation) (*simulate.Past, error)
	var err error
	switch {
	case s.data != "":
		src, past, err = s.fromData()
	case s.generate > 0:
		src, err = s.fromNobody()
	default:
		src, err = s.fromFile(c)
	}
	if err != nil {
		return err
	}
	if s.after, err = s.whatIf(s.when); err != nil {
		return err
	}
	q := simulate.Question{Before: s.set, After: s.after, At: s.when, Operators: s.operators}
	for _, r := range s.asked {
		q.Asked = append(q.Asked, r.ID)
	}
	sim, err := simulate.New(q)
	if err != nil {
		return err
	}
	begun := time.Now()
	tally, err := s.count(c, sim, src)
	if err != nil {
		return err
	}
	report := tally.Report()
	if report.Customers == 0 {
		return errors.New("simulate: there are no customers to ask about")
	}
	if past != nil {
		if report.Past, err = past(sim); err != nil {
			return err
		}
	}
	took := time.Since(begun)
	if s.out != "" {
		if err := s.writeCountries(c, report); err != nil {
			return err
		}
	}
	if s.asJSON {
		return writeJSON(c.OutOrStdout(), report)
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s customers in %v on %d cores\n", grouped(int64(report.Customers)), took.Round(time.Millisecond), runtime.GOMAXPROCS(0))
	return s.print(c.OutOrStdout(), report)
}

// prepare reads the rules and sees whether the question is whole.
func (s *simulation) prepare(c *cobra.Command) error {
	if len(s.rules) == 0 && len(s.edition) == 0 && !s.thresholds {
		return usageError{errors.New("say what to ask about: --rule FILE, --edition FILE or --threshold X")}
	}
	if len(s.rules) > 0 && (len(s.edition) > 0 || s.thresholds) {
		return usageError{errors.New("ask about a rule, or about an edition and a threshold, not about both at once")}
	}
	if s.thresholds && !(s.threshold > 0 && s.threshold < 1) {
		return usageError{fmt.Errorf("--threshold %v: want a number above 0 and below 1", s.threshold)}
	}
	sources := 0
	for _, given := range []bool{s.data != "", s.customers != "", s.generate != 0} {
		if given {
			sources++
		}
	}
	if sources != 1 {
		return usageError{errors.New("say whom to ask about with one of --data DIR, --customers FILE and --generate N")}
	}
	if s.data != "" && (len(s.lists) > 0 || s.starter != "") {
		return usageError{errors.New("--list and --starter are of --customers; with --data the lists in force are those of the folder")}
	}
	if s.generate < 0 || s.generate > maxGenerate {
		return usageError{fmt.Errorf("--generate %d: want 1 to %d", s.generate, maxGenerate)}
	}
	if s.screens() && s.data == "" && len(s.lists) == 0 && s.starter == "" && s.generate == 0 {
		return usageError{errors.New("say with --list or --starter which lists are in force, for the edition or the threshold to be held against")}
	}
	nexus, err := nexusOf(s.operator, c.ErrOrStderr())
	if err != nil {
		return err
	}
	s.operators = [][]string{nexus}
	if s.set, err = (&lawAsked{rules: s.more}).set(); err != nil {
		return err
	}
	for _, path := range s.rules {
		r, err := readDraft(path)
		if err != nil {
			return err
		}
		s.asked = append(s.asked, r)
	}
	if s.at != "" {
		s.when, err = lawTime(s.at)
		return err
	}
	s.when = time.Now()
	for _, r := range s.asked {
		if len(s.asked) == 1 || r.EffectiveAt.After(s.when) {
			s.when = r.EffectiveAt
		}
	}
	return nil
}

// screens reports whether the question is about lists or likeness.
func (s *simulation) screens() bool { return len(s.edition) > 0 || s.thresholds }

// readDraft reads a rule asked about: a draft, or a rule that could be in force.
func readDraft(path string) (*law.Rule, error) {
	data, err := readAtMost(path, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	r, err := law.ParseDraft(data)
	if err != nil {
		if known, err := law.ParseRule(data); err == nil && known.State == law.Enacted {
			return known, nil
		}
		return nil, fmt.Errorf("simulate: %s: %w", path, err)
	}
	return r, nil
}

// whatIf is the rules in force with those asked about, each in force from the hour on at the
// latest.
func (s *simulation) whatIf(at time.Time) (*law.Set, error) {
	if len(s.asked) == 0 {
		return s.set, nil
	}
	return s.set.Enacting(s.asked...)
}

// always is the rules in force with those asked about as if they had always been, for the past.
func (s *simulation) always() (*law.Set, error) {
	var dated []*law.Rule
	for _, r := range s.asked {
		old := *r
		old.EffectiveAt = time.Date(2009, 1, 3, 0, 0, 0, 0, time.UTC) // before any exchange of this kind
		old.EndsAt, old.WindDown, old.Supersedes = time.Time{}, nil, nil
		dated = append(dated, &old)
	}
	return s.set.Enacting(dated...)
}

// count has the portions counted on all cores.
func (s *simulation) count(c *cobra.Command, sim *simulate.Simulation, src source) (*simulate.Tally, error) {
	bar := countBar(c.ErrOrStderr(), nil, int(src.total), "customers asked about")
	work := make(chan portion, 2*runtime.GOMAXPROCS(0))
	g, ctx := errgroup.WithContext(c.Context())
	g.Go(func() error {
		defer close(work)
		return src.portions(ctx, func(p portion) error {
			select {
			case work <- p:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	})
	tallies := make([]*simulate.Tally, runtime.GOMAXPROCS(0))
	for i := range tallies {
		tallies[i] = sim.Tally()
		g.Go(func() error {
			for p := range work {
				n, err := p(tallies[i])
				if err != nil {
					return err
				}
				_ = bar.Add(n) // a bar that cannot be drawn is no reason to stop
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	_ = bar.Finish()
	for _, t := range tallies[1:] {
		tallies[0].Join(t)
	}
	return tallies[0], nil
}

// screener makes the facts that lists tell: by those in force, and by those asked about.
type screener struct {
	now, then       *match.Index       // nil where nothing is screened
	nowLists, lists []string           // their lists
	threshold       float64            // asked about; 0 for the one of the weights
	changed         map[[2]string]bool // entries that the edition asked about adds or tells differently
	both            bool               // lists or likeness are asked about
}

// newScreener indexes the lists in force and those asked about.
func (s *simulation) newScreener(inForce []*watchlist.Edition) (*screener, error) {
	w := match.DefaultWeights()
	asked := slices.Clone(inForce)
	changed := map[[2]string]bool{}
	if len(s.edition) > 0 {
		editions, err := (&screening{lists: s.edition}).editions()
		if err != nil {
			return nil, err
		}
		for _, e := range editions {
			i := slices.IndexFunc(asked, func(o *watchlist.Edition) bool { return o.List == e.List })
			var before *watchlist.Edition
			if i >= 0 {
				before = asked[i]
				asked[i] = e
			} else {
				asked = append(asked, e)
			}
			d := watchlist.Diff(before, e)
			for _, a := range d.Added {
				changed[[2]string{e.List, a.ID}] = true
			}
			for _, ch := range d.Changed {
				changed[[2]string{e.List, ch.ID}] = true
			}
		}
	}
	index := func(editions []*watchlist.Edition) (*match.Index, []string) {
		var all []entity.Entity
		var lists []string
		for _, e := range editions {
			all = append(all, e.Entities...)
			lists = append(lists, e.List)
		}
		return match.NewIndex(all, w), lists
	}
	out := &screener{threshold: s.threshold, changed: changed, both: s.screens()}
	out.now, out.nowLists = index(inForce)
	out.then, out.lists = out.now, out.nowLists
	if len(s.edition) > 0 {
		out.then, out.lists = index(asked)
	}
	return out, nil
}

func find(x *match.Index, p *entity.Profile, o match.Options) (own []match.Finding, owners map[int][]match.Finding) {
	own = x.Screen(p.Entity, o)
	owners = map[int][]match.Finding{}
	for i, r := range p.Related() {
		if fs := x.Screen(*r.Entity, o); len(fs) > 0 {
			owners[i] = fs
		}
	}
	return own, owners
}

// writeCountries writes the table by country.
func (s *simulation) writeCountries(c *cobra.Command, r simulate.Report) error {
	out, err := createOutput(c, s.out)
	if err != nil {
		return err
	}
	defer out.discard()
	w := csv.NewWriter(out.w)
	_ = w.Write([]string{"country", "customers", "stopped", "listed", "already_stopped", "value_eur_cents"}) // told by Flush
	for _, row := range r.Countries {
		rec := []string{row.Country, strconv.Itoa(row.Of), strconv.Itoa(row.Customers), strconv.Itoa(row.Listed), strconv.Itoa(row.Already), strconv.FormatInt(row.Cents, 10)}
		if row.Few { // some more, who are not told
			rec[2], rec[4], rec[5] = "", "", ""
		}
		_ = w.Write(rec)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return out.keep()
}

// shownCountries is how many rows the table shows on a terminal; --out and --json have all.
const shownCountries = 15

func (s *simulation) print(w io.Writer, r simulate.Report) error {
	var nexus []string
	for _, n := range s.operators {
		nexus = append(nexus, strings.Join(n, "+"))
	}
	fmt.Fprintf(w, "What would change at %s for operators under the law of %s\n", hourOf(r.At), strings.Join(nexus, ", "))
	for _, a := range s.asked {
		fmt.Fprintf(w, "  %s: %s (%s; %s, %s; %s)\n", a.ID, a.Title, a.Verb, a.Instrument, a.Article, a.State)
	}
	if len(s.edition) > 0 {
		fmt.Fprintf(w, "  the edition in %s\n", strings.Join(s.edition, ", "))
	}
	if s.thresholds {
		fmt.Fprintf(w, "  likeness from a score of %v on\n", s.threshold)
	}
	fmt.Fprintf(w, "%s customers, %s of them listed or owned by the listed\n\n", grouped(int64(r.Customers)), grouped(int64(r.Listed)))

	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\tstops\tof them listed\tlisted missed\ton no list\tstopped already\thold, EUR\t")
	for _, m := range r.Measures {
		share := "-"
		if m.Customers > 0 && !m.Few {
			share = fmt.Sprintf("%.2f %%", 100*m.Innocent)
		}
		stops, already, value := countCells(m.Count)
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t\n", m.Name, stops, grouped(int64(m.Listed)), grouped(int64(m.Missed)), share, already, value)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\nnewly stopped %s, released %s\n", headcount(r.Newly), headcount(r.Released))
	if r.Past != nil {
		fmt.Fprintf(w, "history: of %s past decisions %s that were allowed would have been stopped%s\n", grouped(int64(r.Past.Decisions)), headcount(r.Past.Stopped), byAction(r.Past.ByAction))
	}
	if len(r.Countries) == 0 {
		return nil
	}
	fmt.Fprintf(w, "\nWhom it stops, by country of residence\n\n")
	tw = tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "country\tof customers\tstops\tof them listed\tstopped already\thold, EUR\t")
	for i, row := range r.Countries {
		if i == shownCountries {
			break
		}
		stops, already, value := countCells(row.Count)
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t\n", row.Country, grouped(int64(row.Of)), stops, grouped(int64(row.Listed)), already, value)
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if more := len(r.Countries) - shownCountries; more > 0 {
		fmt.Fprintf(w, "… and %d more; --out FILE writes them all\n", more)
	}
	return nil
}

// countCells are the cells of a count.
func countCells(c simulate.Count) (stops, already, value string) {
	if c.Few {
		return fmt.Sprintf("%d and fewer than %d", c.Listed, simulate.Few), "-", "-"
	}
	return grouped(int64(c.Customers)), headcount(c.Already), grouped(c.Cents / 100)
}

// headcount is a number of people as it is told.
func headcount(n int) string {
	if n == simulate.TooFew {
		return fmt.Sprintf("fewer than %d", simulate.Few)
	}
	return grouped(int64(n))
}

func byAction(by map[string]int) string {
	var parts []string
	for _, a := range law.Actions() {
		if n, ok := by[string(a)]; ok {
			parts = append(parts, string(a)+" "+headcount(n))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// grouped is a number with a space between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// toldByLists is what the lists asked about tell of each account.
type toldByLists struct {
	mu    sync.Mutex
	facts map[uint64]law.Facts
}

func (t *toldByLists) tell(account uint64, facts law.Facts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.facts[account] = facts.Only(simulate.ToldByLists)
}

// ofPastLists asks each decision of the past anew under what the lists asked about tell of
// its customer.
func ofPastLists(decisions []*gate.Decision, lists *toldByLists) func(*simulate.Simulation) (*simulate.Past, error) {
	return func(sim *simulate.Simulation) (*simulate.Past, error) {
		h := sim.Past()
		for _, d := range decisions {
			if listed, ok := lists.facts[d.Account]; ok {
				h.AddListed(d, listed)
			}
		}
		return h.Told(), nil
	}
}

// ofPastLaw asks each decision of the past anew.
func (s *simulation) ofPastLaw(decisions []*gate.Decision) func(*simulate.Simulation) (*simulate.Past, error) {
	return func(*simulate.Simulation) (*simulate.Past, error) {
		after, err := s.always()
		if err != nil {
			return nil, err
		}
		q := simulate.Question{Before: s.set, After: after, At: s.when, Operators: s.operators}
		for _, r := range s.asked {
			q.Asked = append(q.Asked, r.ID)
		}
		sim, err := simulate.New(q)
		if err != nil {
			return nil, err
		}
		h := sim.Past()
		for _, d := range decisions {
			h.Add(d)
		}
		return h.Told(), nil
	}
}
