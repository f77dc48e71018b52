package ofac

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/watchlist"
)

// A Remote is a file that is fetched.
type Remote struct {
	Name string // as its format knows it: "sdn.csv"
	URL  string
}

// service is OFAC's Sanctions List Service, which took over from
// treasury.gov/ofac/downloads in May 2024. It answers with a redirect to where
// the file lies.
const service = "https://sanctionslistservice.ofac.treas.gov/api/publicationpreview/exports/"

// RemotesCSV are the publisher's addresses of the legacy files.
func RemotesCSV() []Remote {
	return []Remote{
		{"sdn.csv", service + "SDN.CSV"},
		{"alt.csv", service + "ALT.CSV"},
		{"add.csv", service + "ADD.CSV"},
		{"sdn_comments.csv", service + "SDN_COMMENTS.CSV"},
	}
}

// RemotesConsCSV are the publisher's addresses of the legacy files of the other list.
func RemotesConsCSV() []Remote {
	return []Remote{
		{"cons_prim.csv", service + "CONS_PRIM.CSV"},
		{"cons_alt.csv", service + "CONS_ALT.CSV"},
		{"cons_add.csv", service + "CONS_ADD.CSV"},
		{"cons_comments.csv", service + "CONS_COMMENTS.CSV"},
	}
}

// RemotesOf are the publisher's addresses of the files of a format of this package.
func RemotesOf(format string) []Remote {
	switch format {
	case "ofac-csv":
		return RemotesCSV()
	case "ofac-cons-csv":
		return RemotesConsCSV()
	case "ofac-xml":
		return []Remote{{"sdn.xml", service + "SDN.XML"}}
	case "ofac-cons-xml":
		return []Remote{{"consolidated.xml", service + "CONSOLIDATED.XML"}}
	case "ofac-advanced":
		return []Remote{{"sdn_advanced.xml", service + "SDN_ADVANCED.XML"}}
	case "ofac-cons-advanced":
		return []Remote{{"cons_advanced.xml", service + "CONS_ADVANCED.XML"}}
	case "ofac-enhanced":
		return []Remote{{"sdn_enhanced.xml", service + "SDN_ENHANCED.XML"}}
	case "ofac-cons-enhanced":
		return []Remote{{"cons_enhanced.xml", service + "CONS_ENHANCED.XML"}}
	}
	return nil
}

// A Fetcher fetches the files of one edition onto the disk, and goes on where a connection
// breaks off. The zero value of each field but Remotes has the meaning given with it.
type Fetcher struct {
	Remotes  []Remote      // all of one format
	Streams  bool          // the format's: whether the files stay on disk or are read into memory
	Client   *http.Client  // nil: http.DefaultClient; no redirect leads from https to http
	Idle     time.Duration // how long no byte may come; 0: half a minute
	Tries    int           // how often in a row nothing new may come; 0: five times; 1: no second try
	Pause    time.Duration // before the second try, and twice as long before each further; 0: a second
	MaxBytes int64         // of a file; 0: watchlist.MaxFileBytes
	Dir      string        // where a folder is made for the files; "": os.TempDir, which may lie in memory

	// Progress is called as bytes arrive; total is -1 where the server does not
	// say. nil: nobody is told.
	Progress func(name string, done, total int64)
}

// A Fetched is what a fetch brought.
type Fetched struct {
	// Unchanged says that the server has nothing newer than was asked about. Then
	// there are no files.
	Unchanged bool
	Files     []watchlist.File
	Origins   []watchlist.Origin

	// Published is the newest Last-Modified of the files, or when they were
	// fetched if the server gives none. XML carries its own date, which counts.
	Published time.Time

	dir string
}

// Close removes the files from the disk. They are read or stored before.
func (f *Fetched) Close() error {
	if f.dir == "" {
		return nil
	}
	return os.RemoveAll(f.dir)
}

// Fetch asks for each file, for changes only where known says what we have. known
// is what an earlier fetch gave as Origins, or nil. If any file changed, all are
// fetched, for an edition is read from files of one time. A file that is empty,
// stays cut off, is too large, or is a web page fails the whole fetch; the error
// names the file and its URL. now is noted as the time of the fetch. Who has the
// files closes them.
func (f *Fetcher) Fetch(ctx context.Context, known []watchlist.Origin, now time.Time) (out Fetched, err error) {
	if len(f.Remotes) == 0 {
		return Fetched{}, errors.New("watchlist/ofac: nothing to fetch: no address given")
	}
	if out.dir, err = os.MkdirTemp(f.Dir, ".fetched-"); err != nil {
		return Fetched{}, fmt.Errorf("watchlist/ofac: %w", err)
	}
	defer func() {
		if err != nil || out.Unchanged {
			err = errors.Join(err, out.Close())
			out = Fetched{Unchanged: out.Unchanged && err == nil}
		}
	}()
	var unchanged []Remote
	for _, r := range f.Remotes {
		file, origin, err := f.get(ctx, out.dir, r, knownOf(known, r), now)
		if errors.Is(err, errUnchanged) {
			unchanged = append(unchanged, r)
			continue
		}
		if err != nil {
			return out, err
		}
		out.add(file, origin)
	}
	if len(unchanged) == len(f.Remotes) {
		out.Unchanged = true
		return out, nil
	}
	for _, r := range unchanged {
		file, origin, err := f.get(ctx, out.dir, r, watchlist.Origin{}, now)
		if err != nil {
			return out, err
		}
		out.add(file, origin)
	}
	if out.Published.IsZero() {
		out.Published = now
	}
	return out, nil
}

func (f *Fetched) add(file watchlist.File, origin watchlist.Origin) {
	f.Files = append(f.Files, file)
	f.Origins = append(f.Origins, origin)
	if t, err := http.ParseTime(origin.LastModified); err == nil && t.After(f.Published) {
		f.Published = t.UTC()
	}
}

// knownOf is what is known of the remote, if it was fetched from there.
func knownOf(known []watchlist.Origin, r Remote) watchlist.Origin {
	i := slices.IndexFunc(known, func(o watchlist.Origin) bool { return o.Name == r.Name && o.URL == r.URL })
	if i < 0 {
		return watchlist.Origin{}
	}
	return known[i]
}

var errUnchanged = errors.New("unchanged")

// get fetches one file, or fails with errUnchanged.
func (f *Fetcher) get(ctx context.Context, dir string, r Remote, known watchlist.Origin, now time.Time) (watchlist.File, watchlist.Origin, error) {
	p := part{path: filepath.Join(dir, filepath.Base(r.Name)), total: -1}
	if err := f.fill(ctx, r, known, &p); errors.Is(err, errUnchanged) {
		return watchlist.File{}, watchlist.Origin{}, err
	} else if err != nil {
		// An *url.Error repeats the method and the address.
		if u := new(url.Error); errors.As(err, &u) {
			err = u.Err
		}
		return watchlist.File{}, watchlist.Origin{}, fmt.Errorf("watchlist/ofac: fetching %s from %s: %w", r.Name, r.URL, err)
	}
	open := watchlist.ReadFile
	if f.Streams {
		open = watchlist.OpenFile
	}
	file, err := open(p.path)
	file.Name = r.Name
	return file, watchlist.Origin{Name: r.Name, URL: r.URL, ETag: p.etag, LastModified: p.modified, FetchedAt: now}, err
}

// A part is what came of a file so far.
type part struct {
	path           string
	done, total    int64  // bytes; total is -1 where the server does not say
	etag, modified string // of what the bytes are of
}

// A passing error may be another time's success.
type passing struct{ error }

func (e passing) Unwrap() error { return e.error }

// maxRequests bounds the requests for one file, however many bring a few bytes each.
const maxRequests = 200

// fill asks for the file until it is whole.
func (f *Fetcher) fill(ctx context.Context, r Remote, known watchlist.Origin, p *part) error {
	tries, pause := cmp.Or(f.Tries, 5), cmp.Or(f.Pause, time.Second)
	most, failed := int64(0), 0
	for n := 0; ; n++ {
		err := f.ask(ctx, r, known, p)
		if err == nil || !errors.As(err, new(passing)) || ctx.Err() != nil || n == maxRequests {
			return err
		}
		if failed++; p.done > most {
			most, failed = p.done, 0
		}
		if failed >= tries || tries == 1 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause << max(failed-1, 0)):
		}
	}
}

// ask makes one request for the file, or for what is missing of it, and puts what comes into p.
func (f *Fetcher) ask(ctx context.Context, r Remote, known watchlist.Origin, p *part) error {
	idle := cmp.Or(f.Idle, 30*time.Second)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(idle, func() { cancel(fmt.Errorf("no byte came for %s", idle)) })
	defer watch.Stop()
	because := func(err error) error {
		if cause := context.Cause(ctx); cause != nil {
			return cause
		}
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", "sallyport (sanctions list reader)")
	req.Header.Set("Accept-Encoding", "identity") // so that lengths and ranges are those of the file
	// RFC 9110, 13.1.5: only a strong validator, or the date, tells that the rest is of the same file.
	same := p.etag
	if same == "" || strings.HasPrefix(same, "W/") {
		same = p.modified
	}
	from := int64(0)
	switch {
	case p.done > 0 && same != "":
		from = p.done
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		req.Header.Set("If-Range", same)
	case p.done == 0:
		if known.ETag != "" {
			req.Header.Set("If-None-Match", known.ETag)
		}
		if known.LastModified != "" {
			req.Header.Set("If-Modified-Since", known.LastModified)
		}
	}
	resp, err := f.client().Do(req)
	if errors.As(err, new(sentOn)) {
		return err
	}
	if err != nil {
		return passing{because(err)}
	}
	defer resp.Body.Close()
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	switch resp.StatusCode {
	case http.StatusNotModified:
		if p.done == 0 && (known.ETag != "" || known.LastModified != "") {
			return errUnchanged
		}
		return fmt.Errorf("the server answered %s, unasked", resp.Status)
	case http.StatusOK:
		*p = part{path: p.path, total: resp.ContentLength, etag: resp.Header.Get("ETag"), modified: resp.Header.Get("Last-Modified")}
	case http.StatusPartialContent:
		total, ok := continues(resp.Header.Get("Content-Range"), from)
		if !ok || from == 0 || total >= 0 && p.total >= 0 && total != p.total || resp.Header.Get("ETag") != p.etag && p.etag != "" {
			p.done = 0 // and from the beginning
			return passing{fmt.Errorf("asked for what follows byte %d the server gave %q", from, watchlist.Short(resp.Header.Get("Content-Range")))}
		}
		flags = os.O_WRONLY | os.O_APPEND
	case http.StatusRequestedRangeNotSatisfiable:
		p.done = 0
		return passing{fmt.Errorf("the server answered %s", resp.Status)}
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return passing{fmt.Errorf("the server answered %s", resp.Status)}
	default:
		return fmt.Errorf("the server answered %s", resp.Status)
	}
	most := cmp.Or(f.MaxBytes, int64(watchlist.MaxFileBytes))
	if p.total > most {
		return fmt.Errorf("%d bytes: too large for a list", p.total)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return errPage
	}
	out, err := os.OpenFile(p.path, flags, 0o600)
	if err != nil {
		return err
	}
	n, err := io.Copy(out, &meter{in: io.LimitReader(resp.Body, most+1-p.done), tell: func(n int64) {
		watch.Reset(idle)
		if f.Progress != nil {
			f.Progress(r.Name, p.done+n, p.total)
		}
	}})
	p.done += n
	if cerr := out.Close(); cerr != nil {
		return cerr
	}
	switch {
	case p.done > most:
		return fmt.Errorf("more than %d bytes: too large for a list", most)
	case err == nil && (p.total < 0 || p.done == p.total):
		return p.check()
	case ctx.Err() == nil && errors.As(err, new(*fs.PathError)):
		return err // the disk's
	}
	why := ""
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		why = fmt.Sprintf(" (%v)", because(err))
	}
	if p.total < 0 {
		return passing{fmt.Errorf("%d bytes came%s: %w", p.done, why, watchlist.ErrTruncated)}
	}
	return passing{fmt.Errorf("%d of %d bytes came%s: %w", p.done, p.total, why, watchlist.ErrTruncated)}
}

// continues reads "bytes 1234-4999/5000", which must begin at from; total is -1 for "*".
func continues(contentRange string, from int64) (total int64, ok bool) {
	rest, ok := strings.CutPrefix(contentRange, fmt.Sprintf("bytes %d-", from))
	_, size, cut := strings.Cut(rest, "/")
	if !ok || !cut {
		return 0, false
	}
	if size == "*" {
		return -1, true
	}
	total, err := strconv.ParseInt(size, 10, 64)
	return total, err == nil
}

var errPage = errors.New("the server answered with a web page instead of the file")

// check sees that there is something and that it is no page for people.
func (p *part) check() error {
	in, err := os.Open(p.path)
	if err != nil {
		return err
	}
	defer in.Close()
	head, err := io.ReadAll(io.LimitReader(in, 512))
	if err != nil {
		return err
	}
	switch text := strings.ToLower(string(bytes.TrimSpace(head))); {
	case text == "" && p.done <= 512:
		return watchlist.ErrEmpty
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return errPage
	}
	return nil
}

// A sentOn is a refusal to go where the server sends us.
type sentOn struct{ error }

// client is the client to ask with, made to refuse being sent from TLS to an address
// without: what comes from there may be anybody's list.
func (f *Fetcher) client() *http.Client {
	c := *http.DefaultClient
	if f.Client != nil {
		c = *f.Client
	}
	follow := c.CheckRedirect
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		switch {
		case via[0].URL.Scheme == "https" && req.URL.Scheme != "https":
			return sentOn{fmt.Errorf("the server sends us on to %s, which is not over TLS", req.URL.Host)}
		case follow != nil:
			return follow(req, via)
		case len(via) >= maxRedirects:
			return sentOn{fmt.Errorf("more than %d redirects", maxRedirects)}
		}
		return nil
	}
	return &c
}

// maxRedirects: OFAC's service sends on once, to where the file lies.
const maxRedirects = 10

// A meter tells how many bytes went through.
type meter struct {
	in   io.Reader
	done int64
	tell func(done int64)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.in.Read(p)
	m.done += int64(n)
	m.tell(m.done)
	return n, err
}
