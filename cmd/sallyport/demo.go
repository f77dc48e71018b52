package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/term"

	"sallyport/internal/story"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/verify"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// demo is what the flags of `sallyport demo` say.
type demo struct {
	data, from, then, addr, acks string
	headless, asJSON             bool
	customers, orders            int
	seed                         uint64
}

// demoCommand is `sallyport demo`: one day of March 2022, end to end.
func demoCommand() *cobra.Command {
	var d demo
	c := &cobra.Command{
		Use:   "demo",
		Short: "Watch a list edition stop the people it names and nobody else",
		Long: `Founds an exchange, lets 2,000 made-up customers in through the gate, has them deposit and
trade, and takes up the next edition of the list: whom it names is frozen in that one commit,
everybody else trades on. Then a law of the European Union reaches its hour. The console shows
it on http://127.0.0.1:8080 and trading goes on until you interrupt; with --headless it ends by
itself, with a summary and the verdict of the auditor.

Without files it uses the starter edition that the program ships, as of 24 February and 11 March
2022. It is this project's own selection, no substitute for the official list; give --from and
--then for real ones.`,
		Example: `  sallyport demo
  sallyport demo --headless
  sallyport demo --data ./story --from sdn_2022-02-24.csv --then sdn_2022-02-25.csv
  sallyport demo --from 2022-08-01 --then 2022-08-08      # starter editions of other days`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return d.run(cmd) },
	}
	c.Flags().StringVar(&d.data, "data", "", "data folder; a fresh temporary one where none is given")
	c.Flags().StringVar(&d.from, "from", "2022-02-24", "edition in force at first: list files (comma between them), or a day of the starter edition")
	c.Flags().StringVar(&d.then, "then", "2022-03-11", "edition that arrives: list files, or a day of the starter edition")
	c.Flags().StringVar(&d.addr, "listen", "127.0.0.1:8080", "address of the console and the wire")
	c.Flags().BoolVar(&d.headless, "headless", false, "end by itself with a summary; no console")
	c.Flags().BoolVar(&d.asJSON, "json", false, "with --headless: the summary as JSON on standard output, the story on standard error")
	c.Flags().IntVar(&d.customers, "customers", 2000, "how many apply for an account")
	c.Flags().IntVar(&d.orders, "orders", 10000, "orders in each of the three spells of trading")
	c.Flags().Uint64Var(&d.seed, "seed", 20220311, "seed of the population and the trading")
	c.Flags().StringVar(&d.acks, "acks", "", "append everything that is acknowledged to this file, for crash tests")
	return c
}

func (d *demo) run(cmd *cobra.Command) error {
	ctx, out := cmd.Context(), cmd.OutOrStdout()
	if d.asJSON {
		if !d.headless {
			return usageError{errors.New("--json goes with --headless")}
		}
		out = cmd.ErrOrStderr()
	}
	if d.customers < 1 || d.orders < 0 {
		return usageError{errors.New("--customers wants at least 1, --orders at least 0")}
	}
	data := d.data
	if data == "" {
		tmp, err := os.MkdirTemp("", "sallyport-demo-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		data = tmp
	}
	cfg, err := readConfig("")
	if err != nil {
		return err
	}
	from, err := editionAt(d.from)
	if err != nil {
		return usageError{fmt.Errorf("--from: %w", err)}
	}
	then, err := editionAt(d.then)
	if err != nil {
		return usageError{fmt.Errorf("--then: %w", err)}
	}
	if !from.edition.Published.Before(then.edition.Published) {
		return usageError{fmt.Errorf("--then (%s) must be published after --from (%s)", then.edition.Published.Format(time.DateOnly), from.edition.Published.Format(time.DateOnly))}
	}

	begins := from.edition.Published.Add(9 * time.Hour)
	if _, err := story.Keep(data, story.Setting{From: from.edition.SHA256, Then: then.edition.SHA256, Customers: d.customers, Seed: d.seed, Begins: begins}); err != nil {
		return err
	}
	clock := story.NewClock(begins)
	log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	store, err := watchlist.OpenStore(filepath.Join(data, "lists"), listFormats())
	if err != nil {
		return err
	}
	// The store keeps both; what is in force is the log's to say.
	for _, f := range []found{from, then} {
		if _, err := store.Load(f.edition.List, f.edition.SHA256); err == nil {
			continue
		}
		in := watchlist.Intake{Published: f.edition.Published, At: f.edition.Published, By: "demo", MaxLossBP: watchlist.DefaultMaxLossBP}
		if o, err := store.Offer(f.format, f.files, in); err != nil {
			return err
		} else if o.Verdict != watchlist.Accepted {
			return fmt.Errorf("the edition was not taken up: %s", o)
		}
	}
	cfg.TLS.Off = true // the demo is for a browser on this machine
	var l net.Listener
	if !d.headless {
		if l, err = listen(d.addr); err != nil {
			return err
		}
		defer l.Close()
		cfg.Customers.Site = cfg.localSite(l)
	}
	n, err := openNode(data, cfg, clock.Now, 0, "A story: its clock began on "+begins.Format("2 January 2006")+".", log)
	if err != nil {
		return err
	}
	defer n.close()
	clock.Advance(n.x.View().Summary().At) // a story begun before goes on from its last hour

	served := make(chan error, 1)
	console := ""
	if !d.headless {
		console = "http://" + l.Addr().String()
		fmt.Fprintf(out, "console: %s\n", console)
		go func() { served <- n.serve(ctx, l, nil, nil) }()
	}
	s, err := story.Play(ctx, story.Plan{
		Dir: data, Clock: clock, Exchange: n.x, From: from.edition, Then: then.edition,
		ThenSince: func() time.Time { // the edition is read again, so that reading it counts
			start := time.Now()
			if _, err := editionAt(d.then); err != nil {
				log.Error("the edition could not be read again", "error", err)
			}
			return start
		},
		Customers: d.customers, Orders: d.orders, Seed: d.seed, Wire: n.wire, Acks: d.acks, Out: out, Progress: progressOn(cmd.ErrOrStderr()),
	})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	if !d.headless && err == nil {
		fmt.Fprintf(out, "\nTrading goes on; the console is %s. Interrupt to end.\nWho signs in there answers: any name, and the token in %s.\n", console, filepath.Join(data, "keys", "desk.token"))
		if err := story.TradeOn(ctx, n.x, d.seed); err != nil {
			return err
		}
		if err := <-served; err != nil {
			return err
		}
		s.Trades = n.x.View().Summary().Trades
	}
	if cerr := n.close(); cerr != nil {
		return cerr
	}
	if err != nil {
		if d.data == "" {
			return errors.New("interrupted before the story's end")
		}
		return fmt.Errorf("interrupted before the story's end; the same command goes on from here, and `sallyport verify --data %s` checks what was written", d.data)
	}
	report, violation := audit(data)
	return d.conclude(cmd, out, s, report, violation)
}

// conclude prints what the story came to, and fails if a promise was not kept.
func (d *demo) conclude(cmd *cobra.Command, out io.Writer, s story.Summary, report verify.Report, violation error) error {
	verdict := "ok"
	if violation != nil {
		verdict = violation.Error()
	}
	fmt.Fprintf(out, "\nSummary\n")
	fmt.Fprintf(out, "  list               %s\n", s.Edition)
	fmt.Fprintf(out, "  customers          %d of %d applicants\n", s.Customers, s.Applicants)
	fmt.Fprintf(out, "  trades             %d\n", s.Trades)
	fmt.Fprintf(out, "  listed             %d: %d frozen, %d held for a person to look, %d missed\n", s.Listed, s.ListedFrozen, s.ListedHeld, len(s.ListedMissed))
	for _, m := range s.ListedMissed {
		fmt.Fprintf(out, "    missed: %s\n", m)
	}
	fmt.Fprintf(out, "  innocents frozen   %d\n", s.InnocentsFrozen)
	fmt.Fprintf(out, "  innocents held     %d\n", s.InnocentsHeld)
	for _, m := range s.InnocentsHeldWho {
		fmt.Fprintf(out, "    held: %s\n", m)
	}
	fmt.Fprintf(out, "  refused or frozen by a rule of place or nationality  %d\n", s.RefusedByPlace)
	fmt.Fprintf(out, "  leaving by EU law  %d, with their assets\n", s.Exited)
	if s.ListToFreeze > 0 { // else an earlier run took the list up
		fmt.Fprintf(out, "  list to freeze     %.0f ms\n", float64(s.ListToFreeze.Microseconds())/1000)
	}
	fmt.Fprintf(out, "  rules cited        %d: %v\n", len(s.Rules), s.Rules)
	fmt.Fprintf(out, "  verify             %s (%d records, %d decisions, %d trades)\n", verdict, report.Records, report.Decisions, report.Trades)
	if d.asJSON {
		e := json.NewEncoder(cmd.OutOrStdout())
		e.SetIndent("", "  ")
		if err := e.Encode(struct {
			story.Summary
			Verify string `json:"verify"`
		}{s, verdict}); err != nil {
			return err
		}
	}
	switch {
	case violation != nil:
		return violation
	case len(s.ListedMissed) > 0 || s.InnocentsFrozen > 0:
		return errors.New("a promise was not kept: see the summary")
	}
	return nil
}

// found is an edition and the files it was read from.
type found struct {
	edition *watchlist.Edition
	format  watchlist.Format
	files   []watchlist.File
}

// editionAt reads a list file, or the starter edition of a day.
func editionAt(arg string) (found, error) {
	if day, err := time.Parse(time.DateOnly, arg); err == nil {
		e, err := starter.Edition(day)
		return found{e, starter.Format(), starter.Files(day)}, err
	}
	format, files, published, err := readEditionFiles(strings.Split(arg, ","), "")
	if err != nil {
		return found{}, fmt.Errorf("%w\nwant list files, or a day such as 2022-03-11 for the starter edition", err)
	}
	e, err := format.Parse(files, published)
	return found{e, format, files}, err
}

// audit replays the journal as `sallyport verify` does.
func audit(data string) (verify.Report, error) {
	log, err := journal.OpenReadOnly(filepath.Join(data, "journal"))
	if err != nil {
		return verify.Report{}, err
	}
	defer log.Close()
	rules, err := law.Default()
	if err != nil {
		return verify.Report{}, err
	}
	key, err := os.ReadFile(filepath.Join(data, "keys", "checkpoint.pub"))
	if err != nil {
		return verify.Report{}, err
	}
	v, err := note.NewVerifier(strings.TrimSpace(string(key)))
	if err != nil {
		return verify.Report{}, err
	}
	return verify.Journal(log, verify.Options{Rules: []*law.Set{rules}, Verifiers: note.VerifierList(v)})
}

// progressOn shows a bar for each long work on a terminal, and nothing elsewhere.
func progressOn(w io.Writer) func(what string, total int) (step func(), end func()) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int) (func(), func()) { return func() {}, func() {} }
	}
	return func(what string, total int) (func(), func()) {
		bar := progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription("  "+what),
			progressbar.OptionSetWidth(30), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		return func() { _ = bar.Add(1) }, func() { _ = bar.Finish() }
	}
}
