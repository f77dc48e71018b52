package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"sallyport/entity"
	"sallyport/watchlist"
	"sallyport/watchlist/au"
	"sallyport/watchlist/ca"
	"sallyport/watchlist/ch"
	"sallyport/watchlist/eu"
	"sallyport/watchlist/ftm"
	"sallyport/watchlist/jp"
	"sallyport/watchlist/ofac"
	"sallyport/watchlist/senzing"
	"sallyport/watchlist/starter"
	"sallyport/watchlist/ua"
	"sallyport/watchlist/uk"
	"sallyport/watchlist/un"
)

// listFormats are the formats of lists that the program reads.
func listFormats() watchlist.Formats {
	return slices.Concat(ofac.Formats(), watchlist.Formats{un.Format()}, eu.Formats(), uk.Formats(),
		watchlist.Formats{ch.Format(), ca.Format(), au.Format(), jp.Format(), ua.Format(), starter.Format(), ftm.Format(), senzing.Format()})
}

// listsCommand is `sallyport lists`: fetch, import, show and compare editions.
func listsCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "lists",
		Short: "Fetch, import, show and compare editions of official lists",
		Long: `Lists come as editions: the state of one list as its publisher dated it. Every
edition taken up is kept under its SHA-256. One edition of each list is in force.

An edition that is empty, breaks off or cannot be read is refused, and one that
would delist more than a set share waits for a person. The edition
in force stays as it was in both cases.`,
		Example: `  sallyport lists pull
  sallyport lists import sdn_2022-02-24.csv alt.csv add.csv sdn_comments.csv
  sallyport lists status
  sallyport lists diff 2022-02-24 2022-02-25
  sallyport lists history
  sallyport lists accept 4e2f66c1`,
	}
	l := &lists{}
	c.PersistentFlags().StringVar(&l.data, "data", defaultData, "data folder; lists lie in its folder \"lists\"")
	c.AddCommand(l.pull(), l.importFiles(), l.status(), l.history(), l.diff(), l.accept())
	return c
}

// defaultData is the data folder where none is named.
const defaultData = "./sallyport-data"

// lists is what the subcommands share.
type lists struct{ data string }

// says is how another of these commands is called on the same folder, for hints that are to be typed.
func (l *lists) says(rest string) string {
	if l.data != defaultData {
		rest += " --data " + shellWord(l.data)
	}
	return "sallyport lists " + rest
}

// shellWord is the text as one word of a shell.
func shellWord(s string) string {
	if strings.ContainsFunc(s, func(c rune) bool {
		return !(unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("./_-~+,:@", c))
	}) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	return s
}

func (l *lists) open() (*watchlist.Store, error) {
	return watchlist.OpenStore(filepath.Join(l.data, "lists"), listFormats())
}

// guard are the flags that say what is taken up without a person's word.
type guard struct {
	maxLoss float64
	force   bool
}

func (g *guard) flags(c *cobra.Command) {
	c.Flags().Float64Var(&g.maxLoss, "max-loss", watchlist.DefaultMaxLossBP/100, "share of the entries, names or addresses, in per cent, that may be delisted before the edition waits for a person")
	c.Flags().BoolVar(&g.force, "force", false, "take up an edition that is older, or that would wait; never one that cannot be read")
}

func (g *guard) intake(by string, published time.Time, origins []watchlist.Origin) (watchlist.Intake, error) {
	if !(g.maxLoss >= 0 && g.maxLoss <= 100) { // nor is it no number
		return watchlist.Intake{}, fmt.Errorf("--max-loss %g: want a share between 0 and 100 per cent", g.maxLoss)
	}
	return watchlist.Intake{Published: published, At: time.Now().UTC(), By: by, Origins: origins, MaxLossBP: int(math.Round(g.maxLoss * 100)), Force: g.force}, nil
}

func (l *lists) pull() *cobra.Command {
	var g guard
	var format string
	var urls []string
	var tries int
	c := &cobra.Command{
		Use:   "pull",
		Short: "Fetch the current edition from its publisher and take it up",
		Long: `Fetches OFAC's files from the Sanctions List Service, or from the addresses given.
The publisher is asked only for what changed since the last fetch. A download that breaks
off goes on where it stopped, and one that stays cut off is never taken up.`,
		Example: `  sallyport lists pull
  sallyport lists pull --format enhanced
  sallyport lists pull --url sdn.csv=https://mirror.example/sdn.csv --url alt.csv=https://mirror.example/alt.csv`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, remotes, err := remotesOf(format, urls)
			if err != nil {
				return err
			}
			in, err := g.intake("lists pull", time.Time{}, nil)
			if err != nil {
				return err
			}
			s, err := l.open()
			if err != nil {
				return err
			}
			inForce, err := s.InForce(f.List)
			if err != nil && !errors.Is(err, watchlist.ErrNoEdition) {
				return err
			}
			if tries < 1 {
				return fmt.Errorf("--tries %d: want 1 or more", tries)
			}
			fetcher := ofac.Fetcher{Remotes: remotes, Streams: f.Streams, Tries: tries, Dir: l.data}
			finish := showProgress(cmd.ErrOrStderr(), &fetcher)
			got, err := fetcher.Fetch(cmd.Context(), inForce.Origins, in.At)
			finish()
			defer got.Close()
			if err != nil {
				return fmt.Errorf("%w\n%s\nIf the publisher moved the file, give its address with --url, or download it and use: sallyport lists import FILE", err, untouched(s, f.List))
			}
			if got.Unchanged {
				if err := s.Confirm(f.List, inForce.SHA256, in.At); err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: nothing new since the edition of %s (%.12s)\n", f.List, dayOf(inForce.Published), inForce.SHA256)
				return nil
			}
			in.Published, in.Origins = got.Published, got.Origins
			out, err := s.Offer(f, got.Files, in)
			if err == nil && out.Unchanged {
				err = s.Confirm(f.List, out.Meta.SHA256, in.At)
			}
			if err != nil {
				return err
			}
			return l.report(cmd.OutOrStdout(), s, out)
		},
	}
	g.flags(c)
	c.Flags().StringVar(&format, "format", "csv", "which of OFAC's forms to fetch: csv, xml, advanced or enhanced; cons-csv, cons-xml, cons-advanced or cons-enhanced for the list of those who are no SDN")
	c.Flags().IntVar(&tries, "tries", 5, "how often in a row a file is asked for without anything new coming")
	c.Flags().StringArrayVar(&urls, "url", nil, "NAME=URL of a file, instead of the publisher's addresses; may be repeated")
	return c
}

// remotesOf says what to fetch. Addresses given replace the publisher's whole set.
func remotesOf(format string, urls []string) (watchlist.Format, []ofac.Remote, error) {
	f, err := ofac.Formats().Find("ofac-" + format)
	remotes := ofac.RemotesOf(f.Name)
	if err != nil {
		return f, nil, fmt.Errorf("--format %q: want csv, xml, advanced or enhanced, or one of these after cons-", format)
	}
	if urls == nil {
		return f, remotes, nil
	}
	known := map[string]bool{}
	for _, r := range remotes {
		known[r.Name] = true
	}
	remotes = nil
	for _, u := range urls {
		name, at, ok := strings.Cut(u, "=")
		if !ok || !known[name] {
			return f, nil, fmt.Errorf("--url %q: want NAME=URL, such as sdn.csv=https://mirror.example/sdn.csv", u)
		}
		remotes = append(remotes, ofac.Remote{Name: name, URL: at})
	}
	return f, remotes, nil
}

// showProgress draws a bar a file where a person is looking.
func showProgress(w io.Writer, f *ofac.Fetcher) (finish func()) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return func() {}
	}
	var bar *progressbar.ProgressBar
	name := ""
	f.Progress = func(of string, done, total int64) {
		if of != name {
			if bar != nil {
				_ = bar.Finish() // a bar that cannot be drawn is no reason to stop
			}
			name = of
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(file), progressbar.OptionSetDescription(of),
				progressbar.OptionShowBytes(true), progressbar.OptionOnCompletion(func() { fmt.Fprintln(file) }))
		}
		_ = bar.Set64(done)
	}
	return func() {
		if bar != nil {
			_ = bar.Finish()
		}
	}
}

func (l *lists) importFiles() *cobra.Command {
	var g guard
	var published, list, publisher string
	c := &cobra.Command{
		Use:   "import FILE...",
		Short: "Take up an edition from local files",
		Long: `The files of one edition, as the publisher calls them or renamed; .gz and .xz are
unpacked. OFAC's sdn.csv (with alt.csv, add.csv and sdn_comments.csv where at hand),
SDN.XML, SDN_ADVANCED.XML and SDN_ENHANCED.XML and the same of the non-SDN list, the UN's consolidated.xml, the EU's full list (XML or CSV), the UK Sanctions
List (XML, CSV or ODS) and the closed ConList, and the lists of Switzerland (XML), Canada
(XML), Australia (XLSX or CSV), Japan (XLSX or CSV) and Ukraine (JSON) are known by their
content.

Lists with no reader of their own come as FollowTheMoney entities (entities.ftm.json of
OpenSanctions) or as Senzing records, of any size; --as says which list such a file is,
else its one dataset does. With --as a file of any other form waits for a person if it is
of another list, and so does one by another publisher than the edition in force.

OFAC's CSV and the lists of Canada, Australia, Japan and Ukraine carry no date. Without --published the date is the one in a file's name
(sdn_2022-02-24.csv), else the day the first file was last changed.`,
		Example: `  sallyport lists import SDN.XML
  sallyport lists import sdn.csv alt.csv add.csv sdn_comments.csv --published 2022-02-24
  sallyport lists import entities.ftm.json --as ua-nsdc --publisher "OpenSanctions"`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			format, files, at, err := readEditionFiles(args, published)
			s, oerr := l.open()
			if oerr != nil {
				return oerr
			}
			if err != nil {
				return fmt.Errorf("%w\n%s", err, untouched(s, ofac.List))
			}
			in, err := g.intake("lists import", at, nil)
			if err != nil {
				return err
			}
			if format.As != nil {
				if format, err = asList(format, files[0], list, publisher); err != nil {
					return err
				}
			} else if publisher != "" {
				return fmt.Errorf("--publisher: files of format %s are of %s", format.Name, format.Publisher)
			}
			in.List = list
			out, err := s.Offer(format, files, in)
			if err != nil {
				return err
			}
			return l.report(cmd.OutOrStdout(), s, out)
		},
	}
	g.flags(c)
	c.Flags().StringVar(&published, "published", "", "the publisher's date of files that carry none, such as 2022-02-24")
	c.Flags().StringVar(&list, "as", "", "the list that the files are an edition of, such as ua-nsdc")
	c.Flags().StringVar(&publisher, "publisher", "", "who publishes it, for forms in which anybody may write a list")
	return c
}

// asList makes the format of the list that a file of a form of many lists is of. A list that
// has a reader of its own has its own publisher: the store's judgement needs to know.
func asList(f watchlist.Format, file watchlist.File, list, publisher string) (watchlist.Format, error) {
	if list == "" {
		var err error
		if list, err = f.Names(file); err != nil {
			return f, fmt.Errorf("%w\nSay which list it is with --as, such as --as ua-nsdc", err)
		}
	}
	return f.As(list, publisher), nil
}

var dateInName = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)

// readEditionFiles reads the files of one edition and finds out what they are and
// of which day.
func readEditionFiles(paths []string, published string) (f watchlist.Format, files []watchlist.File, at time.Time, err error) {
	if published != "" {
		d, err := entity.ParseDay(published)
		if err != nil {
			return f, nil, at, fmt.Errorf("--published: %w", err)
		}
		at = d.Time()
	}
	for _, p := range paths {
		file, err := watchlist.OpenFile(p)
		if err != nil {
			return f, nil, at, err
		}
		files = append(files, file)
		if at.IsZero() {
			if d, err := entity.ParseDay(dateInName.FindString(filepath.Base(p))); err == nil {
				at = d.Time()
			}
		}
	}
	if at.IsZero() {
		info, err := os.Stat(paths[0])
		if err != nil {
			return f, nil, at, err
		}
		at = entity.DayOf(info.ModTime().UTC()).Time()
	}
	f, files, err = listFormats().Recognise(files)
	return f, files, at, err
}

// report tells what became of an offer. Anything but acceptance is an error, so
// that a timer that pulls every hour is heard.
func (l *lists) report(w io.Writer, s *watchlist.Store, out watchlist.Outcome) error {
	switch {
	case out.Verdict == watchlist.Refused:
		return fmt.Errorf("%s\n%s", out, untouched(s, out.Meta.List))
	case out.Verdict == watchlist.Waiting:
		list := ""
		if out.Meta.List != ofac.List {
			list = " --list " + out.Meta.List
		}
		look := ""
		if out.Delta.From != "" { // else there is nothing to compare it with
			look = fmt.Sprintf("Look at it:  %s\n", l.says(fmt.Sprintf("diff%s %.12s %.12s", list, out.Delta.From, out.Meta.SHA256)))
		}
		return fmt.Errorf("%s\n%s%s\nIt is kept.\n%sTake it up:  %s", out, unread(out.Meta.Left, out.Meta.Skipped, out.Told), untouched(s, out.Meta.List), look, l.says(fmt.Sprintf("accept%s %.12s", list, out.Meta.SHA256)))
	case out.Unchanged:
		fmt.Fprintf(w, "%s: in force already: edition of %s (%.12s)\n", out.Meta.List, dayOf(out.Meta.Published), out.Meta.SHA256)
	default:
		fmt.Fprintf(w, "%s: in force: edition of %s%s, %d entries, %d wallets\n  sha256 %s\n  %d added, %d changed, %d removed\n",
			out.Meta.List, dayOf(out.Meta.Published), starterMark(out.Meta.Starter), out.Meta.Entities, out.Meta.Wallets,
			out.Meta.SHA256, len(out.Delta.Added), len(out.Delta.Changed), len(out.Delta.Removed))
		fmt.Fprint(w, unread(out.Meta.Left, out.Meta.Skipped, out.Told))
	}
	return nil
}

// unread says how much of an edition could not be read, and the first of it; "" where all could.
func unread(left, problems int, told []watchlist.Problem) string {
	var b strings.Builder
	if left > 0 {
		fmt.Fprintf(&b, "  %d entries or rows could not be read and are left out\n", left)
	}
	if n := problems - left; n > 0 {
		fmt.Fprintf(&b, "  %d fields could not be read; the entries are kept without them\n", n)
	}
	for _, p := range told {
		fmt.Fprintf(&b, "    %s\n", p)
	}
	if n := problems - len(told); n > 0 {
		fmt.Fprintf(&b, "    and %d more\n", n)
	}
	return b.String()
}

// untouched says what is still in force after something went wrong.
func untouched(s *watchlist.Store, list string) string {
	f, err := s.InForce(list)
	if err != nil {
		return fmt.Sprintf("No edition of %s is in force.", list)
	}
	return fmt.Sprintf("The edition in force is untouched: %s of %s (%.12s).", list, dayOf(f.Published), f.SHA256)
}

// listStatus is one line of `lists status`.
type listStatus struct {
	watchlist.InForce
	AgeHours int64            `json:"age_hours"` // since publication
	Silent   bool             `json:"silent"`    // not confirmed for longer than --stale-after
	Pending  []watchlist.Meta `json:"pending,omitempty"`
}

func (l *lists) status() *cobra.Command {
	var asJSON bool
	var at, known string
	var staleAfter time.Duration
	c := &cobra.Command{
		Use:   "status",
		Short: "Show which edition of each list is in force",
		Long: `Which edition of each list is in force, and which wait for a person. A list that its
publisher has not confirmed for longer than --stale-after has fallen silent.

With --at it is the edition that was true at that time by all that is known today; with
--known too, by what was known then: --at T --known T is the one that a decision of T
rested on. A time is a day, 2022-03-11, which stands for its end, or 2022-03-11T15:04:05Z.`,
		Example: `  sallyport lists status
  sallyport lists status --json
  sallyport lists status --at 2022-03-11 --known 2022-03-11`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.open()
			if err != nil {
				return err
			}
			names, err := s.Lists()
			if err != nil {
				return err
			}
			now := time.Now()
			past := at != "" || known != ""
			trueAt, knownAt, err := times(at, known, now)
			if err != nil {
				return err
			}
			all := []listStatus{}
			for _, name := range names {
				var st listStatus
				if past {
					st.InForce, err = s.InForceAt(name, trueAt, knownAt)
				} else if st.InForce, err = s.InForce(name); err == nil {
					st.Silent = staleAfter > 0 && now.Sub(st.ConfirmedAt) > staleAfter
				}
				if err != nil && !errors.Is(err, watchlist.ErrNoEdition) {
					return err
				}
				if !past {
					if st.Pending, err = s.Waiting(name); err != nil {
						return err
					}
				}
				if st.SHA256 == "" && len(st.Pending) == 0 {
					continue
				}
				if st.List = name; st.SHA256 != "" {
					st.AgeHours = int64(trueAt.Sub(st.Published).Hours())
				}
				all = append(all, st)
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			if past {
				fmt.Fprintf(cmd.OutOrStdout(), "What was true at %s, as known at %s\n\n", minute(trueAt), minute(knownAt))
				if len(all) == 0 {
					fmt.Fprintln(cmd.OutOrStdout(), "Of no list was anything known.")
					return nil
				}
			}
			return l.printStatus(cmd.OutOrStdout(), all)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	c.Flags().StringVar(&at, "at", "", "what was true at this time, instead of now")
	c.Flags().StringVar(&known, "known", "", "by what was known at this time, instead of now")
	c.Flags().DurationVar(&staleAfter, "stale-after", builtInStaleAfter(), "how long a list may go unconfirmed; 0 is for ever")
	return c
}

// builtInStaleAfter is lists.stale_after of the built-in configuration.
func builtInStaleAfter() time.Duration {
	c, err := readConfig("")
	if err != nil {
		panic(err) // the built-in configuration is our own
	}
	return c.Lists.StaleAfter
}

// times reads the two times of a question about the past; each is now where it is not given.
func times(at, known string, now time.Time) (trueAt, knownAt time.Time, err error) {
	read := func(flag, s string) time.Time {
		if s == "" {
			return now
		}
		if d, derr := entity.ParseDay(s); derr == nil {
			return d.Time().AddDate(0, 0, 1).Add(-time.Nanosecond)
		}
		t, terr := time.Parse(time.RFC3339, s)
		if terr != nil {
			err = fmt.Errorf("--%s %q: want a day such as 2022-03-11 or a time such as 2022-03-11T15:04:05Z", flag, s)
		}
		return t
	}
	trueAt, knownAt = read("at", at), read("known", known)
	return trueAt, knownAt, err
}

// listEvent is one line of `lists history`: an edition that came into force, or waits.
type listEvent struct {
	List      string     `json:"list"`
	Published time.Time  `json:"published"` // since when it is true
	TakenIn   time.Time  `json:"taken_in"`  // when its files came
	Known     *time.Time `json:"known"`     // since when it is in force here; null while it waits
	Entries   int        `json:"entries"`
	Added     int        `json:"added"`
	Changed   int        `json:"changed"`
	Removed   int        `json:"removed"`
	Verdict   string     `json:"verdict"` // accepted, forced or waiting
	Why       string     `json:"why,omitempty"`
	By        string     `json:"by"` // who accepted it, or brought it
	SHA256    string     `json:"sha256"`
	InForce   bool       `json:"in_force"`
}

func (l *lists) history() *cobra.Command {
	var asJSON bool
	var list string
	c := &cobra.Command{
		Use:   "history",
		Short: "Show every edition that came into force, and those that wait",
		Long: `Every edition of each list in the order in which it came into force here: since when it
says what is true (published), since when that was known, what it changed against the one
before it, and who accepted it. Editions are kept for ever.`,
		Example: `  sallyport lists history
  sallyport lists history --list us-sdn --json`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := l.open()
			if err != nil {
				return err
			}
			names := []string{list}
			if list == "" {
				if names, err = s.Lists(); err != nil {
					return err
				}
			}
			events := []listEvent{}
			for _, name := range names {
				of, err := historyOf(s, name)
				if err != nil {
					return err
				}
				events = append(events, of...)
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), events)
			}
			return printHistory(cmd.OutOrStdout(), events)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	c.Flags().StringVar(&list, "list", "", "this list only")
	return c
}

func historyOf(s *watchlist.Store, list string) ([]listEvent, error) {
	accepted, err := s.History(list)
	if err != nil {
		return nil, err
	}
	waiting, err := s.Waiting(list)
	if err != nil {
		return nil, err
	}
	event := func(m watchlist.Meta) listEvent {
		return listEvent{List: list, Published: m.Published, TakenIn: m.TakenIn, Entries: m.Entities, Added: m.Added, Changed: m.Changed, Removed: m.Removed,
			Verdict: "waiting", Why: m.Waiting, By: m.By, SHA256: m.SHA256}
	}
	var out []listEvent
	for i, f := range accepted {
		e := event(f.Meta)
		e.Known, e.By, e.Verdict, e.InForce = &accepted[i].AcceptedAt, f.AcceptedBy, "accepted", i == len(accepted)-1
		if f.Forced {
			e.Verdict = "forced"
		}
		out = append(out, e)
	}
	for _, m := range waiting {
		out = append(out, event(m))
	}
	return out, nil
}

func printHistory(w io.Writer, events []listEvent) error {
	if len(events) == 0 {
		fmt.Fprintln(w, "No edition of any list is kept here.")
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "list\tpublished\tknown\tentries\tadded\tchanged\tremoved\tverdict\tby\tsha256")
	for _, e := range events {
		known := "-"
		if e.Known != nil {
			known = minute(*e.Known)
		}
		mark := ""
		if e.InForce {
			mark = "  in force"
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t%.12s%s\n", e.List, dayOf(e.Published), known, e.Entries, e.Added, e.Changed, e.Removed, e.Verdict, e.By, e.SHA256, mark)
		if e.Why != "" {
			fmt.Fprintf(tw, "  %s\n", e.Why)
		}
	}
	return tw.Flush()
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func (l *lists) printStatus(w io.Writer, all []listStatus) error {
	if len(all) == 0 {
		fmt.Fprintf(w, "No list is in force in %s.\nFetch one:  %s\nOr import:  %s\n", filepath.Join(l.data, "lists"), l.says("pull"), l.says("import FILE..."))
		return nil
	}
	for i, st := range all {
		if i > 0 {
			fmt.Fprintln(w)
		}
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintf(tw, "list\t%s%s\n", st.List, starterMark(st.Starter))
		if st.SHA256 == "" {
			fmt.Fprintf(tw, "in force\tnone\n")
		} else {
			fmt.Fprintf(tw, "publisher\t%s\n", st.Publisher)
			fmt.Fprintf(tw, "published\t%s\n", dayOf(st.Published))
			fmt.Fprintf(tw, "age\t%s\n", age(st.AgeHours))
			fmt.Fprintf(tw, "entries\t%d\n", st.Entities)
			fmt.Fprintf(tw, "wallets\t%d\n", st.Wallets)
			fmt.Fprintf(tw, "sha256\t%s\n", st.SHA256)
			fmt.Fprintf(tw, "in force since\t%s (%s)\n", minute(st.AcceptedAt), st.AcceptedBy)
			silent := ""
			if st.Silent {
				again := l.says("import FILE...")
				switch st.List { // those that pull fetches
				case ofac.List:
					again = l.says("pull")
				case ofac.ConsList:
					again = l.says("pull --format cons-csv")
				}
				silent = "  SILENT: withdrawals wait until its publisher is heard of again; run: " + again
			}
			fmt.Fprintf(tw, "confirmed\t%s%s\n", minute(st.ConfirmedAt), silent)
			if st.Skipped > 0 {
				fmt.Fprintf(tw, "unread fields\t%d\n", st.Skipped-st.Left)
			}
			if st.Left > 0 {
				fmt.Fprintf(tw, "left out\t%d entries or rows\n", st.Left)
			}
		}
		for _, m := range st.Pending {
			fmt.Fprintf(tw, "waiting\tedition of %s (%.12s), %s\n", dayOf(m.Published), m.SHA256, m.Waiting)
		}
		if err := tw.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// listDiff is the JSON form of `lists diff`.
type listDiff struct {
	List    string         `json:"list"`
	From    editionRef     `json:"from"`
	To      editionRef     `json:"to"`
	Counts  map[string]int `json:"counts"`
	Added   []entryRef     `json:"added"`
	Changed []entryRef     `json:"changed"`
	Removed []entryRef     `json:"removed"`
}

type editionRef struct {
	SHA256    string    `json:"sha256"`
	Published time.Time `json:"published"`
	Entities  int       `json:"entities"`
}

type entryRef struct {
	ID         string                  `json:"id"`
	Name       string                  `json:"name"`
	Programmes []string                `json:"programmes,omitempty"`
	Fields     []watchlist.FieldChange `json:"fields,omitempty"`
}

func (l *lists) diff() *cobra.Command {
	var asJSON bool
	var list string
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Show what separates two editions",
		Long: `A and B are each a hash or its first 8 digits or more, a date (the edition that
was current then among those kept), or a file; several files of one edition are
joined by commas.`,
		Example: `  sallyport lists diff 2022-02-24 2022-02-25
  sallyport lists diff 4e2f66c1 9b0c7de2 --json
  sallyport lists diff sdn_2022-02-24.csv.xz sdn_2022-02-25.csv.xz`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := l.open()
			if err != nil {
				return err
			}
			a, err := l.findEdition(s, list, args[0])
			if err != nil {
				return err
			}
			b, err := l.findEdition(s, list, args[1])
			if err != nil {
				return err
			}
			if a.List != b.List {
				return fmt.Errorf("%s is an edition of %s, %s of %s: only editions of one list can be compared", args[0], a.List, args[1], b.List)
			}
			d := describe(a, b, watchlist.Diff(a, b))
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), d)
			}
			printDiff(cmd.OutOrStdout(), d)
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	c.Flags().StringVar(&list, "list", ofac.List, "the list that hashes and dates belong to")
	return c
}

// findEdition finds what a person calls an edition: a file, a date or a hash.
func (l *lists) findEdition(s *watchlist.Store, list, what string) (*watchlist.Edition, error) {
	if paths := strings.Split(what, ","); isFile(paths[0]) {
		f, files, at, err := readEditionFiles(paths, "")
		if err != nil {
			return nil, err
		}
		if f.As != nil {
			if f, err = asList(f, files[0], "", ""); err != nil {
				return nil, err
			}
		}
		return f.Parse(files, at)
	}
	if d, err := entity.ParseDay(what); err == nil {
		return l.editionOn(s, list, d)
	}
	hash, err := s.Resolve(list, what)
	if err != nil {
		return nil, fmt.Errorf("%s: no file, no date and no hash of an edition of %s that is kept: %w", what, list, err)
	}
	return s.Load(list, hash)
}

// editionOn is the newest edition published on the day or before.
func (l *lists) editionOn(s *watchlist.Store, list string, d entity.Day) (*watchlist.Edition, error) {
	kept, err := s.Editions(list)
	if err != nil {
		return nil, err
	}
	hash := ""
	for _, m := range kept {
		if m.Published.Before(d.Time().AddDate(0, 0, 1)) {
			hash = m.SHA256
		}
	}
	if hash == "" {
		return nil, fmt.Errorf("no edition of %s published on %s or before is kept: %s shows what there is", list, d, l.says("status"))
	}
	return s.Load(list, hash)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func describe(a, b *watchlist.Edition, d watchlist.Delta) listDiff {
	out := listDiff{
		List:   d.List,
		From:   editionRef{a.SHA256, a.Published, len(a.Entities)},
		To:     editionRef{b.SHA256, b.Published, len(b.Entities)},
		Counts: map[string]int{"added": len(d.Added), "changed": len(d.Changed), "removed": len(d.Removed)},
		Added:  []entryRef{}, Changed: []entryRef{}, Removed: []entryRef{},
	}
	for _, e := range d.Added {
		out.Added = append(out.Added, entryRef{ID: e.ID, Name: e.PrimaryName(), Programmes: e.Programmes})
	}
	for _, c := range d.Changed {
		out.Changed = append(out.Changed, entryRef{ID: c.ID, Name: c.New.PrimaryName(), Fields: c.Fields})
	}
	for _, e := range d.Removed {
		out.Removed = append(out.Removed, entryRef{ID: e.ID, Name: e.PrimaryName(), Programmes: e.Programmes})
	}
	return out
}

func printDiff(w io.Writer, d listDiff) {
	fmt.Fprintf(w, "%s: %s (%.12s, %d entries) to %s (%.12s, %d entries)\n", d.List,
		dayOf(d.From.Published), d.From.SHA256, d.From.Entities, dayOf(d.To.Published), d.To.SHA256, d.To.Entities)
	for _, e := range d.Added {
		fmt.Fprintf(w, "+ %s  %s  %s\n", e.ID, e.Name, strings.Join(e.Programmes, ", "))
	}
	for _, e := range d.Changed {
		fmt.Fprintf(w, "~ %s  %s\n", e.ID, e.Name)
		for _, f := range e.Fields {
			fmt.Fprintf(w, "      %s\n", f)
		}
	}
	for _, e := range d.Removed {
		fmt.Fprintf(w, "- %s  %s  %s\n", e.ID, e.Name, strings.Join(e.Programmes, ", "))
	}
	fmt.Fprintf(w, "%d added, %d changed, %d removed\n", len(d.Added), len(d.Changed), len(d.Removed))
}

func (l *lists) accept() *cobra.Command {
	var list, by string
	c := &cobra.Command{
		Use:   "accept HASH",
		Short: "Take up an edition that waits, or one that was in force before",
		Long: `Puts in force, by your word, an edition that waits for a person. HASH is its
SHA-256 or the first 8 digits of it or more; sallyport lists status shows it.`,
		Example: `  sallyport lists accept 4e2f66c1`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := l.open()
			if err != nil {
				return err
			}
			out, err := s.Accept(list, args[0], watchlist.Intake{At: time.Now().UTC(), By: by})
			if errors.Is(err, watchlist.ErrNoEdition) {
				return fmt.Errorf("%w: %s shows which editions wait", err, l.says("status"))
			}
			if err != nil {
				return err
			}
			return l.report(cmd.OutOrStdout(), s, out)
		},
	}
	c.Flags().StringVar(&list, "list", ofac.List, "the list that the hash belongs to")
	c.Flags().StringVar(&by, "by", "lists accept", "who accepts it, as it is to stand in the record")
	return c
}

func starterMark(is bool) string {
	if is {
		return " STARTER EDITION (made by this project; no substitute for the official list)"
	}
	return ""
}

func dayOf(t time.Time) string { return t.UTC().Format("2006-01-02") }

func age(hours int64) string {
	switch {
	case hours < 0:
		return "dated in the future"
	case hours < 48:
		return fmt.Sprintf("%d hours", hours)
	default:
		return fmt.Sprintf("%d days", hours/24)
	}
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
