package ofac

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
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

// RemotesXML is the publisher's address of the classic XML.
func RemotesXML() []Remote { return []Remote{{"sdn.xml", service + "SDN.XML"}} }

// RemotesAdvanced is the publisher's address of the advanced XML of the SDN list.
func RemotesAdvanced() []Remote { return []Remote{{"sdn_advanced.xml", service + "SDN_ADVANCED.XML"}} }

// RemotesConsAdvanced is the publisher's address of the advanced XML of the other list.
func RemotesConsAdvanced() []Remote {
	return []Remote{{"cons_advanced.xml", service + "CONS_ADVANCED.XML"}}
}

// A Fetcher fetches the files of one edition. The zero value of each field but
// Remotes has the meaning given with it.
type Fetcher struct {
	Remotes  []Remote      // all of one format
	Client   *http.Client  // nil: http.DefaultClient; no redirect leads from https to http
	Timeout  time.Duration // for each file from asking to its last byte; 0: two minutes
	MaxBytes int64         // of a file; 0: watchlist.MaxFileBytes

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
}

// Fetch asks for each file, for changes only where known says what we have. known
// is what an earlier fetch gave as Origins, or nil. If any file changed, all are
// fetched, for an edition is read from files of one time. A file that is empty,
// breaks off, is too large, or is a web page fails the whole fetch; the error
// names the file and its URL. now is noted as the time of the fetch.
func (f *Fetcher) Fetch(ctx context.Context, known []watchlist.Origin, now time.Time) (Fetched, error) {
	if len(f.Remotes) == 0 {
		return Fetched{}, errors.New("watchlist/ofac: nothing to fetch: no address given")
	}
	var out Fetched
	var unchanged []Remote
	for _, r := range f.Remotes {
		file, origin, err := f.get(ctx, r, knownOf(known, r), now)
		if errors.Is(err, errUnchanged) {
			unchanged = append(unchanged, r)
			continue
		}
		if err != nil {
			return Fetched{}, err
		}
		out.add(file, origin)
	}
	if len(unchanged) == len(f.Remotes) {
		return Fetched{Unchanged: true}, nil
	}
	for _, r := range unchanged {
		file, origin, err := f.get(ctx, r, watchlist.Origin{}, now)
		if err != nil {
			return Fetched{}, err
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
func (f *Fetcher) get(ctx context.Context, r Remote, known watchlist.Origin, now time.Time) (watchlist.File, watchlist.Origin, error) {
	fail := func(err error) (watchlist.File, watchlist.Origin, error) {
		// An *url.Error repeats the method and the address.
		if u := new(url.Error); errors.As(err, &u) {
			err = u.Err
		}
		return watchlist.File{}, watchlist.Origin{}, fmt.Errorf("watchlist/ofac: fetching %s from %s: %w", r.Name, r.URL, err)
	}
	timeout := f.Timeout
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.URL, nil)
	if err != nil {
		return fail(err)
	}
	req.Header.Set("User-Agent", "sallyport (sanctions list reader)")
	if known.ETag != "" {
		req.Header.Set("If-None-Match", known.ETag)
	}
	if known.LastModified != "" {
		req.Header.Set("If-Modified-Since", known.LastModified)
	}
	resp, err := f.client().Do(req)
	if err != nil {
		return fail(err)
	}
	defer resp.Body.Close()
	conditional := known.ETag != "" || known.LastModified != ""
	switch {
	case resp.StatusCode == http.StatusNotModified && conditional:
		return watchlist.File{}, watchlist.Origin{}, errUnchanged
	case resp.StatusCode != http.StatusOK:
		return fail(fmt.Errorf("the server answered %s", resp.Status))
	}
	data, err := f.body(r.Name, resp)
	if err != nil {
		return fail(err)
	}
	origin := watchlist.Origin{Name: r.Name, URL: r.URL, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified"), FetchedAt: now}
	return watchlist.File{Name: r.Name, Data: data}, origin, nil
}

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
			return fmt.Errorf("the server sends us on to %s, which is not over TLS", req.URL.Host)
		case follow != nil:
			return follow(req, via)
		case len(via) >= maxRedirects:
			return fmt.Errorf("more than %d redirects", maxRedirects)
		}
		return nil
	}
	return &c
}

// maxRedirects: OFAC's service sends on once, to where the file lies.
const maxRedirects = 10

// body reads the answer and sees that it is whole and not a page for people.
func (f *Fetcher) body(name string, resp *http.Response) ([]byte, error) {
	max := f.MaxBytes
	if max == 0 {
		max = watchlist.MaxFileBytes
	}
	total := resp.ContentLength
	if total > max {
		return nil, fmt.Errorf("%d bytes: too large for a list", total)
	}
	var in io.Reader = io.LimitReader(resp.Body, max+1)
	if f.Progress != nil {
		in = &meter{in: in, tell: func(done int64) { f.Progress(name, done, total) }}
	}
	data, err := io.ReadAll(in)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), err == nil && total >= 0 && int64(len(data)) != total:
		return nil, fmt.Errorf("%d of %d bytes came: %w", len(data), total, watchlist.ErrTruncated)
	case err != nil:
		return nil, err
	case int64(len(data)) > max:
		return nil, fmt.Errorf("more than %d bytes: too large for a list", max)
	case len(bytes.TrimSpace(data)) == 0:
		return nil, watchlist.ErrEmpty
	}
	head := strings.ToLower(string(bytes.TrimSpace(data[:min(len(data), 512)])))
	if strings.HasPrefix(head, "<!doctype html") || strings.HasPrefix(head, "<html") || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		return nil, errors.New("the server answered with a web page instead of the file")
	}
	return data, nil
}

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
