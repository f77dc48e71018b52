package ofac

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sallyport/watchlist"
)

// server answers as the test says and counts what it was asked.
func server(t *testing.T, answer http.HandlerFunc) (*httptest.Server, *Fetcher) {
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	return s, &Fetcher{Client: s.Client(), Dir: t.TempDir(), Remotes: []Remote{{"sdn.csv", s.URL + "/SDN.CSV"}, {"alt.csv", s.URL + "/ALT.CSV"}}}
}

func TestFetch(t *testing.T) {
	tag := "v1"
	asked := 0
	_, f := server(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		// As the real service does, it sends the asker on to where the file lies.
		if !strings.HasPrefix(r.URL.Path, "/store") {
			http.Redirect(w, r, "/store"+r.URL.Path, http.StatusFound)
			return
		}
		etag := `"alt"`
		if strings.HasSuffix(r.URL.Path, "SDN.CSV") {
			etag = `"` + tag + `"`
		}
		w.Header().Set("ETag", etag)
		w.Header().Set("Last-Modified", "Fri, 25 Feb 2022 18:43:22 GMT")
		if r.Header.Get("If-None-Match") == etag && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, r.URL.Path+tag)
	})
	var told []string
	f.Progress = func(name string, done, total int64) { told = append(told, fmt.Sprint(name, " ", done, "/", total)) }
	now := time.Date(2022, 2, 26, 0, 0, 0, 0, time.UTC)
	got, err := f.Fetch(context.Background(), nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if got.Unchanged || len(got.Files) != 2 || string(got.Files[0].Data) != "/store/SDN.CSVv1" || got.Files[1].Name != "alt.csv" ||
		!got.Published.Equal(time.Date(2022, 2, 25, 18, 43, 22, 0, time.UTC)) || got.Origins[0].ETag != `"v1"` || !got.Origins[0].FetchedAt.Equal(now) {
		t.Errorf("first fetch: %+v", got)
	}
	if len(told) == 0 || told[len(told)-1] != "alt.csv 16/16" {
		t.Errorf("progress: %q", told)
	}

	if again, err := f.Fetch(context.Background(), got.Origins, now); err != nil || !again.Unchanged || len(again.Files) != 0 {
		t.Errorf("nothing new: %+v, %v", again, err)
	}

	// One of two files changed: both come, and the answer is of one time.
	tag = "v2"
	asked = 0
	newer, err := f.Fetch(context.Background(), got.Origins, now)
	if err != nil || newer.Unchanged || len(newer.Files) != 2 {
		t.Errorf("one file is new: %+v, %v", newer, err)
	}
	if asked != 6 {
		t.Errorf("%d requests with redirects, want 6: each file, and the unchanged one once more", asked)
	}
	// What another address gave says nothing about this one.
	elsewhere := newer.Origins
	for i := range elsewhere {
		elsewhere[i].URL += "x"
	}
	if got, err := f.Fetch(context.Background(), elsewhere, now); err != nil || got.Unchanged {
		t.Errorf("known from elsewhere: %+v, %v", got, err)
	}
}

func TestFetchRefuses(t *testing.T) {
	long := strings.Repeat("x", 5000)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   string
		is     error
	}{
		"broken off": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, long[:1234])
		}, "1234 of 5000 bytes came", watchlist.ErrTruncated},
		"broken off without a length": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, long)
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		}, "came", watchlist.ErrTruncated},
		"empty":  {func(w http.ResponseWriter, r *http.Request) {}, "file is empty", watchlist.ErrEmpty},
		"a page": {func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "\n<!DOCTYPE HTML><html>We moved") }, "web page", nil},
		"typed so": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			fmt.Fprint(w, "x")
		}, "web page", nil},
		"500":         {func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", 500) }, "500 Internal Server Error", nil},
		"404":         {func(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }, "404 Not Found", nil},
		"304 unasked": {func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(304) }, "304", nil},
		"too large": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(10001))
			fmt.Fprint(w, long, long, "x")
		}, "too large", nil},
		"too large without a length": {func(w http.ResponseWriter, r *http.Request) {
			for range 3 {
				fmt.Fprint(w, long)
				w.(http.Flusher).Flush()
			}
		}, "too large", nil},
		"no end": {func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, "x")
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "no byte came for 50ms", watchlist.ErrTruncated},
		"no answer": {func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no byte came for 50ms", nil},
		"goes on elsewhere": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("ETag", `"a"`)
			if r.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", "bytes 9-4999/5000")
				w.WriteHeader(http.StatusPartialContent)
				fmt.Fprint(w, long[9:])
				return
			}
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, long[:1234])
		}, "1234 of 5000 bytes came", watchlist.ErrTruncated},
		"goes on with another size": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Last-Modified", "Fri, 25 Feb 2022 18:43:22 GMT")
			if r.Header.Get("Range") != "" {
				w.Header().Set("Content-Range", "bytes 1234-5999/6000")
				w.WriteHeader(http.StatusPartialContent)
				fmt.Fprint(w, long, long[:1000])
				return
			}
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, long[:1234])
		}, "1234 of 5000 bytes came", watchlist.ErrTruncated},
		"a range unasked": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Range", "bytes 0-4/5")
			w.WriteHeader(http.StatusPartialContent)
			fmt.Fprint(w, "12345")
		}, "the server gave", nil},
	} {
		s, f := server(t, c.answer)
		f.MaxBytes = 10000
		f.Tries, f.Pause, f.Idle = 2, time.Microsecond, 30*time.Second
		if c.want == "no byte came for 50ms" {
			f.Idle = 50 * time.Millisecond
		}
		got, err := f.Fetch(context.Background(), nil, today)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "fetching sdn.csv from "+s.URL) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: error %v, want one that names file and address and says %q", name, err, c.want)
		}
		if len(got.Files) != 0 {
			t.Errorf("%s: %d files came with the error", name, len(got.Files))
		}
		if left, err := os.ReadDir(f.Dir); err != nil || len(left) != 0 {
			t.Errorf("%s: left behind %v, %v", name, left, err)
		}
	}
	if _, err := (&Fetcher{}).Fetch(context.Background(), nil, today); err == nil {
		t.Error("nothing to fetch: no error")
	}
}

// A download that breaks off goes on where it stopped, as long as the server has the same file,
// and from the beginning where it has another by now.
func TestFetchGoesOn(t *testing.T) {
	old, new := strings.Repeat("old ", 2000), strings.Repeat("new ", 1500)
	for name, c := range map[string]struct {
		etag, modified string
		ranges         bool // the server knows ranges
		changes        bool // while it is fetched
		pieces         bool // it gives no more than 1,000 bytes of a range, and says so
		asked          int  // requests until it is whole
		want           string
	}{
		"by its tag":              {`"a"`, "", true, false, false, 8, old},
		"in pieces":               {`"a"`, "", true, false, true, 8, old},
		"by its date":             {`W/"a"`, "Fri, 25 Feb 2022 18:43:22 GMT", true, false, false, 8, old},
		"it changed":              {`"a"`, "", true, true, false, 3, new},
		"without ranges":          {`"a"`, "", false, false, false, 3, old},
		"with nothing to tell it": {"", "", true, false, false, 3, old},
	} {
		asked := 0
		_, f := server(t, func(w http.ResponseWriter, r *http.Request) {
			asked++
			body, etag := old, c.etag
			if c.changes && asked > 2 {
				body, etag = new, `"b"`
			}
			w.Header().Set("ETag", etag)
			if etag == "" {
				w.Header().Del("ETag")
			}
			if c.modified != "" {
				w.Header().Set("Last-Modified", c.modified)
			}
			from := 0
			if same := r.Header.Get("If-Range"); c.ranges && same != "" && (same == etag || same == c.modified) {
				fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from)
			}
			w.Header().Set("Content-Length", strconv.Itoa(len(body)-from))
			end := min(from+1000, len(body))
			if c.pieces && from > 0 {
				w.Header().Set("Content-Length", strconv.Itoa(end-from))
			}
			if from > 0 {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(body)-1, len(body)))
				w.WriteHeader(http.StatusPartialContent)
			}
			// Each answer is cut off after 1,000 bytes, but for those who ask again from the beginning.
			if from == 0 && asked > 2 {
				end = len(body)
			}
			fmt.Fprint(w, body[from:end])
		})
		f.Remotes, f.Pause, f.Tries = f.Remotes[:1], time.Microsecond, 3
		var told []int64
		f.Progress = func(_ string, done, total int64) { told = append(told, done) }
		got, err := f.Fetch(context.Background(), nil, today)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if string(got.Files[0].Data) != c.want || asked != c.asked || told[len(told)-1] != int64(len(c.want)) {
			t.Errorf("%s: %d bytes after %d requests, want %d after %d; told %v at the end", name, len(got.Files[0].Data), asked, len(c.want), c.asked, told[len(told)-1])
		}
		dir := got.dir
		if err := got.Close(); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: %s is left behind", name, dir)
		}
	}
}

// Of a format that streams, the file stays on the disk.
func TestFetchStreams(t *testing.T) {
	doc := advancedFixture(t)
	_, f := server(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, doc) })
	f.Remotes, f.Streams = []Remote{{"sdn_advanced.xml", f.Remotes[0].URL}}, true
	got, err := f.Fetch(context.Background(), nil, today)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if got.Files[0].Data != nil {
		t.Error("the file is held in memory")
	}
	if e, err := Advanced().Parse(got.Files, today); err != nil || len(e.Entities) != 3 {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestRemotesArePublished(t *testing.T) {
	var all []Remote
	for _, f := range Formats() {
		remotes := RemotesOf(f.Name)
		if len(remotes) == 0 {
			t.Errorf("%s is published nowhere", f.Name)
		}
		all = append(all, remotes...)
	}
	for _, r := range all {
		if !strings.HasPrefix(r.URL, "https://sanctionslistservice.ofac.treas.gov/") || !strings.HasSuffix(strings.ToLower(r.URL), "/"+r.Name) {
			t.Errorf("%s from %s: want the publisher's own service over TLS", r.Name, r.URL)
		}
	}
}

// What comes without TLS may be anybody's list: no redirect leads there from an
// address that has it.
func TestFetchStaysOnTLS(t *testing.T) {
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "another list") }))
	defer plain.Close()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain.URL, http.StatusFound)
	}))
	defer s.Close()
	f := Fetcher{Client: s.Client(), Dir: t.TempDir(), Tries: 1, Remotes: []Remote{{"sdn.csv", s.URL}}}
	if got, err := f.Fetch(context.Background(), nil, today); err == nil || !strings.Contains(err.Error(), "not over TLS") || len(got.Files) != 0 {
		t.Errorf("sent on from TLS: %d files, error %v; want a refusal", len(got.Files), err)
	}
	// A round without end is ended, whoever gave the client.
	asked := 0
	round := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.Redirect(w, r, "/", http.StatusFound)
	}))
	defer round.Close()
	f = Fetcher{Dir: t.TempDir(), Remotes: []Remote{{"sdn.csv", round.URL}}}
	if _, err := f.Fetch(context.Background(), nil, today); err == nil || asked != maxRedirects {
		t.Errorf("sent round %d times: error %v", asked, err)
	}
}
