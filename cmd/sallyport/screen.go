package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/term"

	"sallyport/api/screen"
	"sallyport/entity"
	"sallyport/match"
	"sallyport/match/people"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// screening is one run of `sallyport screen`.
type screening struct {
	lists     []string
	in, out   string
	starter   string
	threshold float64
	listen    string
}

func screenCommand() *cobra.Command {
	var s screening
	c := &cobra.Command{
		Use:   "screen --list FILE[,FILE…] {--in people.csv --out hits.ndjson | --listen ADDR}",
		Short: "Screen a file of people and firms against lists, or serve the screening over HTTP",
		Long: `Screens a file of people and firms against lists and writes one JSON object a hit: row (of the
data, from 1), list, entity_id, entity_name, matched_name, score, grade and reasons.

Lists are files as their publishers give them, also packed with gzip or xz. People and
firms are comma-separated values in UTF-8 with a header; the columns known are full_name,
first_name, middle_name, last_name, kind, gender, date_of_birth, place_of_birth,
nationality, country, document_number, document_type, document_country and wallet, in any
order; others are disregarded. "-" stands for standard input and output.

The kind is person, organisation, vessel or aircraft, and each is held against its own; a
row without one is a person, and one of kind unknown is held against all. The country is
the seat of a firm.

The grade "same" is an identity: a document number, a wallet, or the whole name with the
day of birth and one fact more. "resembles" is a question for a person. Rows and fields
that cannot be read are told on standard error and left out; the rest is screened.

With --listen it screens nothing by itself and answers POST /screen/v1/search and
/screen/v1/batch and GET /screen/v1/lists until it is interrupted: see docs/screening.md.
It needs no data folder, keeps nothing, and logs nothing of what is asked. There is no
token: listen where only those can reach it who may ask.`,
		Example: `  sallyport screen --list sdn.csv,alt.csv,add.csv --in people.csv --out hits.ndjson
  sallyport screen --starter 2022-03-11 --in - --out - < people.csv
  sallyport screen --list sdn.csv,alt.csv,add.csv --listen 127.0.0.1:8090`,
		Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if (s.in == "") == (s.listen == "") {
				return usageError{errors.New("screen: say what to screen with --in FILE, or serve with --listen ADDR")}
			}
			if s.listen != "" {
				return s.serve(c)
			}
			return s.run(c)
		},
	}
	c.Flags().StringSliceVar(&s.lists, "list", nil, "files of lists, parted by commas")
	c.Flags().StringVar(&s.in, "in", "", "file of people, - for standard input")
	c.Flags().StringVar(&s.out, "out", "-", "file for the hits, - for standard output")
	c.Flags().StringVar(&s.starter, "starter", "", "screen against the starter list as of this day, such as 2022-03-11; no substitute for an official list")
	c.Flags().Float64Var(&s.threshold, "threshold", 0, "least score of a hit, above 0 and below 1 (default: the one of the weights)")
	c.Flags().StringVar(&s.listen, "listen", "", "serve the screening over HTTP at this address, such as 127.0.0.1:8090")
	return c
}

// A hit is a line of the output: a finding and the row it is about.
type hit struct {
	Row int `json:"row"`
	match.Finding
}

// screened counts what became of a file of people.
type screened struct {
	rows, leftOut, fields int
	hits, same, people    int
}

// screenBatch is how many rows a core takes at a time, and screenProblems how
// many problems are told one by one.
const (
	screenBatch    = 128
	screenProblems = 20
)

func (s *screening) run(c *cobra.Command) error {
	w := match.DefaultWeights()
	if c.Flags().Changed("threshold") && !(s.threshold > 0 && s.threshold < 1) {
		return usageError{fmt.Errorf("--threshold %v: want a number above 0 and below 1", s.threshold)}
	}
	if s.threshold == 0 {
		s.threshold = w.Threshold
	}
	editions, err := s.editions()
	if err != nil {
		return err
	}
	begun := time.Now()
	var listed []entity.Entity
	for _, e := range editions {
		listed = append(listed, e.Entities...)
	}
	index := match.NewIndex(listed, w)
	indexed := time.Since(begun)

	in, size, err := openInput(c, s.in)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := createOutput(c, s.out)
	if err != nil {
		return err
	}
	defer out.discard()
	errs := c.ErrOrStderr()
	bar := screenBar(errs, size)
	begun = time.Now()
	n, err := s.screen(c.Context(), index, io.TeeReader(in, bar), out.w, errs)
	_ = bar.Finish() // a bar that cannot be drawn is no reason to stop
	if err != nil {
		return err
	}
	took := time.Since(begun)
	if n.rows == n.leftOut {
		return fmt.Errorf("screen: %s: nothing could be screened: %d rows, %d left out", inputName(s.in), n.rows, n.leftOut)
	}
	if err := out.keep(); err != nil {
		return err
	}

	rate := float64(n.rows-n.leftOut) / max(took.Seconds(), 1e-9)
	fmt.Fprintf(errs, "people   %d screened, %d rows left out, %d fields not read whole\n", n.rows-n.leftOut, n.leftOut, n.fields)
	fmt.Fprintf(errs, "hits     %d (%d same, %d resembling) of %d people, from a score of %g on\n", n.hits, n.same, n.hits-n.same, n.people, s.threshold)
	fmt.Fprintf(errs, "time     %v, %.0f people a second on %d cores; lists indexed in %v\n", took.Round(time.Millisecond), rate, runtime.GOMAXPROCS(0), indexed.Round(time.Millisecond))
	fmt.Fprintf(errs, "weights  %s\n", w.Matching())
	for _, e := range editions {
		tellEdition(errs, e)
	}
	return nil
}

// serve answers searches over HTTP until it is interrupted.
func (s *screening) serve(c *cobra.Command) error {
	for _, flag := range []string{"out", "threshold"} {
		if c.Flags().Changed(flag) {
			return usageError{fmt.Errorf("screen: --%s is of a file of people; with --listen each query says it", flag)}
		}
	}
	editions, err := s.editions()
	if err != nil {
		return err
	}
	l, err := listen(s.listen)
	if err != nil {
		return err
	}
	defer l.Close()
	errs := c.ErrOrStderr()
	for _, e := range editions {
		tellEdition(errs, e)
	}
	srv := newServer(c.Context(), screen.New(editions, match.DefaultWeights(), screen.Options{}))
	fmt.Fprintf(c.OutOrStdout(), "listening on http://%s\n", l.Addr())
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-c.Context().Done():
	}
	end, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		srv.Close() // a batch that goes on is cut off, and its answer has no end
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// tellEdition says what is screened against.
func tellEdition(w io.Writer, e *watchlist.Edition) {
	published := "date of publication not known"
	if !e.Published.IsZero() {
		published = "published " + e.Published.UTC().Format("2006-01-02")
	}
	mark := ""
	if e.Starter {
		mark = ", STARTER LIST: no substitute for the official one"
	}
	fmt.Fprintf(w, "list     %s, %s, %d entries, SHA-256 %s%s\n", e.List, published, len(e.Entities), e.SHA256, mark)
	if e.Foreign != "" {
		fmt.Fprintf(w, "  DOUBTFUL: %s\n", e.Foreign)
	}
	for _, d := range e.Doubts {
		fmt.Fprintf(w, "  DOUBTFUL: %s\n", d)
	}
	fmt.Fprint(w, unread(e.Left, len(e.Skipped), e.Skipped[:min(len(e.Skipped), 3)]))
}

// editions reads the lists: the files of one format make one edition.
func (s *screening) editions() ([]*watchlist.Edition, error) {
	if len(s.lists) == 0 && s.starter == "" {
		return nil, usageError{fmt.Errorf("no list given: use --list FILE, or --starter DATE for the starter list")}
	}
	formats := listFormats()
	type group struct {
		format watchlist.Format
		files  []watchlist.File
		names  givenNames
		at     time.Time
	}
	var groups []*group
	for _, path := range s.lists {
		file, err := watchlist.OpenFile(path)
		if err != nil {
			return nil, err
		}
		f, called, err := formats.Recognise([]watchlist.File{file})
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.format.Name == f.Name })
		if i < 0 {
			groups = append(groups, &group{format: f, names: givenNames{}})
			i = len(groups) - 1
		}
		groups[i].files = append(groups[i].files, file)
		groups[i].names[called[0].Name] = path
		// Some formats carry no date; a name such as sdn_2022-02-25.csv does.
		if d, err := entity.ParseDay(dateInName.FindString(filepath.Base(path))); err == nil && groups[i].at.IsZero() {
			groups[i].at = d.Time()
		}
	}
	var out []*watchlist.Edition
	for _, g := range groups {
		_, files, err := formats.Recognise(g.files)
		if err != nil {
			return nil, err
		}
		if f := g.format; f.As != nil {
			if g.format, err = asList(f, files[0], "", ""); err != nil {
				g.format = f.As("file", "") // one that names no one list
			}
		}
		e, err := g.format.Parse(files, g.at)
		if err != nil {
			return nil, g.names.explain(err)
		}
		g.names.putBack(e.Skipped)
		out = append(out, e)
	}
	if s.starter != "" {
		day, err := entity.ParseDay(s.starter)
		if err != nil {
			return nil, usageError{fmt.Errorf("--starter: %w", err)}
		}
		e, err := starter.Edition(day.Time())
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// givenNames has, by what the publisher calls a file, the path that was given: a reader tells of
// "sdn.csv" whatever the file is called here.
type givenNames map[string]string

func (names givenNames) putBack(told []watchlist.Problem) {
	for i := range told {
		if path, ok := names[told[i].File]; ok {
			told[i].File = path
		}
	}
}

// explain says what files that are called otherwise were taken for.
func (names givenNames) explain(err error) error {
	var taken []string
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !strings.EqualFold(filepath.Base(names[name]), name) {
			taken = append(taken, names[name]+" is read as "+name)
		}
	}
	if len(taken) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(taken, ", "))
}

// inputName is what messages call the input.
func inputName(path string) string {
	if path == "-" {
		return "standard input"
	}
	return path
}

// openInput opens a command's input and says how many bytes there are, -1 where that is
// not known.
func openInput(c *cobra.Command, path string) (io.ReadCloser, int64, error) {
	if path == "-" {
		return io.NopCloser(c.InOrStdin()), -1, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", c.Name(), err)
	}
	size := int64(-1)
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	return f, size, nil
}

// hitsFile is where a command writes its hits or scores. A file appears under its name
// only when it is whole.
type hitsFile struct {
	command string // for messages
	w       *bufio.Writer
	file    *os.File // nil for standard output
	path    string
}

func createOutput(c *cobra.Command, path string) (*hitsFile, error) {
	if path == "-" {
		return &hitsFile{command: c.Name(), w: bufio.NewWriter(c.OutOrStdout())}, nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		var of *fs.PathError // of the file beside it
		if errors.As(err, &of) {
			err = of.Err
		}
		return nil, fmt.Errorf("%s: cannot write %s: %w", c.Name(), path, err)
	}
	return &hitsFile{command: c.Name(), w: bufio.NewWriter(f), file: f, path: path}, nil
}

// keep finishes the output.
func (h *hitsFile) keep() error {
	err := h.w.Flush()
	if h.file != nil {
		if err == nil {
			err = h.file.Chmod(0o600) // hits are about people
		}
		if closing := h.file.Close(); err == nil {
			err = closing
		}
		if err == nil {
			err = os.Rename(h.file.Name(), h.path)
		}
	}
	if err != nil {
		return fmt.Errorf("%s: writing the output: %w", h.command, err)
	}
	return nil
}

// discard removes what keep has not kept.
func (h *hitsFile) discard() {
	if h.file != nil {
		h.file.Close()           // closed already where it was kept
		os.Remove(h.file.Name()) // renamed already where it was kept
	}
}

// screenBar draws how far the reading is, where a person is looking.
func screenBar(w io.Writer, size int64) *progressbar.ProgressBar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return progressbar.DefaultBytesSilent(size)
	}
	return progressbar.NewOptions64(size, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription("screening"),
		progressbar.OptionShowBytes(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
}

// A peopleBatch goes from the reader to a core and, in the order of reading, to the
// writer.
type peopleBatch struct {
	rows []people.Row
	hits [][]match.Finding // of each row
	done chan struct{}
}

// screen reads, compares on all cores and writes in the order of rows.
func (s *screening) screen(ctx context.Context, index *match.Index, in io.Reader, out io.Writer, errs io.Writer) (screened, error) {
	var n screened
	r, err := people.NewReader(inputName(s.in), in)
	if err != nil {
		return n, err
	}
	cores := runtime.GOMAXPROCS(0)
	work := make(chan *peopleBatch, cores)
	order := make(chan *peopleBatch, 4*cores)
	g, ctx := errgroup.WithContext(ctx)

	g.Go(func() error {
		defer close(work)
		defer close(order)
		for {
			b := &peopleBatch{done: make(chan struct{})}
			var end error
			for len(b.rows) < screenBatch && end == nil {
				var row people.Row
				if row, end = r.Next(); end == nil {
					b.rows = append(b.rows, row)
				}
			}
			for _, to := range []chan *peopleBatch{work, order} {
				select {
				case to <- b:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			if end == io.EOF {
				return nil
			}
			if end != nil {
				return fmt.Errorf("%s: %w", inputName(s.in), end)
			}
		}
	})
	for range cores {
		g.Go(func() error {
			for b := range work {
				b.hits = make([][]match.Finding, len(b.rows))
				for i := range b.rows {
					if !b.rows[i].LeftOut {
						b.hits[i] = index.Screen(b.rows[i].Person, match.Options{Threshold: s.threshold})
					}
				}
				close(b.done)
			}
			return nil
		})
	}
	g.Go(func() error {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false)
		told := 0
		for b := range order {
			select {
			case <-b.done:
			case <-ctx.Done():
				return ctx.Err()
			}
			for i, row := range b.rows {
				n.rows++
				if row.LeftOut {
					n.leftOut++
				} else {
					n.fields += len(row.Problems)
				}
				for _, p := range row.Problems {
					if told++; told <= screenProblems {
						what := "the rest of the row is screened"
						if row.LeftOut {
							what = "row left out"
						}
						fmt.Fprintf(errs, "%s (%s)\n", p, what)
					}
				}
				if len(b.hits[i]) > 0 {
					n.people++
				}
				for _, f := range b.hits[i] {
					n.hits++
					if f.Grade == match.Same {
						n.same++
					}
					if err := enc.Encode(hit{row.Number, f}); err != nil {
						return fmt.Errorf("screen: writing hits: %w", err)
					}
				}
			}
		}
		if told > screenProblems {
			fmt.Fprintf(errs, "… and %d more of such\n", told-screenProblems)
		}
		return nil
	})
	err = g.Wait()
	return n, err
}
