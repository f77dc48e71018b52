// Package screen is the screening engine over HTTP, for exchanges and tools that want just
// that: whom a person or a firm resembles, or is, on the lists. It opens no account, keeps
// nothing, knows no law and needs no data folder; what follows from a finding is for whoever
// asked (package gate is this project's answer).
//
//	POST /screen/v1/search   a Query → an Answer
//	POST /screen/v1/batch    NDJSON of queries → NDJSON of lines, as they come
//	GET  /screen/v1/lists    the editions that are screened against
//
// Requests are JSON, read strictly and within bounds: an unknown field is an error. Errors are
// problem details (RFC 9457) that name the field and say what is wanted. A search must come as
// application/json and a batch as application/x-ndjson, so that no web page sends one in
// passing. Nothing of a request goes into any log. There is no token: serve it where only
// those can reach it who may ask.
//
// docs/screening.md has it with examples; TestSearch, TestBatch and TestProblems show every
// answer, and FuzzParseQuery holds the reading of queries to its bounds.
package screen

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"sallyport/entity"
	"sallyport/match"
	"sallyport/watchlist"
)

// Bounds of a batch.
const (
	MaxBatchLines = 1_000_000
	MaxBatchBytes = 1 << 30
)

// Options say how the engine is served. The zero value is usable.
type Options struct {
	Batches int           // at one time, more are told to come again; 0 is 4
	Stall   time.Duration // how long a client may neither send nor take anything; 0 is 30 s
}

// A List is an edition that is screened against.
type List struct {
	List      string     `json:"list"`
	Publisher string     `json:"publisher,omitempty"`
	Published *time.Time `json:"published,omitempty"` // left out where the files do not tell
	SHA256    string     `json:"sha256"`              // as watchlist has it: of the one file, or of what sha256sum prints
	Entries   int        `json:"entries"`
	Starter   bool       `json:"starter,omitempty"` // made by this project, no substitute for the official list
}

// Lists is what is screened against, and with which weights.
type Lists struct {
	Lists     []List  `json:"lists"`
	Matching  string  `json:"matching"`  // the weights and what names are read by
	Threshold float64 `json:"threshold"` // the weights' own
}

// An Answer to a search.
type Answer struct {
	Ref       string          `json:"ref,omitempty"`
	Findings  []match.Finding `json:"findings"`       // best first; empty when there is none
	More      bool            `json:"more,omitempty"` // there are more than the limit
	Matching  string          `json:"matching"`
	Threshold float64         `json:"threshold"` // that was applied
	Lists     []List          `json:"lists"`
}

// A Line of a batch's answer: that of the line of the same number, or what is wrong with it.
// Lines come in their order.
type Line struct {
	Line     int             `json:"line"` // from 1; empty lines count and are passed over
	Ref      string          `json:"ref,omitempty"`
	Findings []match.Finding `json:"findings,omitzero"`
	More     bool            `json:"more,omitempty"`
	Error    *FieldError     `json:"error,omitempty"`
}

// An End is a batch's last line. A batch without one broke off.
type End struct {
	End struct {
		Lines    int    `json:"lines"`
		Screened int    `json:"screened"`
		Wrong    int    `json:"wrong"`
		Error    string `json:"error,omitempty"` // why the rest was not read
	} `json:"end"`
}

type server struct {
	index   *match.Index
	about   Lists
	stall   time.Duration
	batches chan struct{}
}

// New serves a search over the editions with these weights.
func New(editions []*watchlist.Edition, w match.Weights, o Options) http.Handler {
	if o.Batches <= 0 {
		o.Batches = 4
	}
	if o.Stall <= 0 {
		o.Stall = 30 * time.Second
	}
	s := &server{about: Lists{Lists: []List{}, Matching: w.Matching(), Threshold: w.Threshold}, stall: o.Stall, batches: make(chan struct{}, o.Batches)}
	var listed []entity.Entity
	for _, e := range editions {
		listed = append(listed, e.Entities...)
		l := List{List: e.List, Publisher: e.Publisher, SHA256: e.SHA256, Entries: len(e.Entities), Starter: e.Starter}
		if !e.Published.IsZero() {
			at := e.Published.UTC()
			l.Published = &at
		}
		s.about.Lists = append(s.about.Lists, l)
	}
	slices.SortStableFunc(s.about.Lists, func(a, b List) int { return strings.Compare(a.List, b.List) })
	s.index = match.NewIndex(listed, w)

	mux := http.NewServeMux()
	for path, methods := range map[string]map[string]http.HandlerFunc{
		"/screen/v1/search": {"POST": s.search},
		"/screen/v1/batch":  {"POST": s.batch},
		"/screen/v1/lists":  {"GET": s.lists, "HEAD": s.lists},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			serve := methods[r.Method]
			if serve == nil {
				known := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
				w.Header().Set("Allow", known)
				fail(w, http.StatusMethodNotAllowed, &FieldError{Text: "Use " + known + " here."})
				return
			}
			serve(w, r)
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, &FieldError{Text: "There is nothing at this path. There are /screen/v1/search, /screen/v1/batch and /screen/v1/lists."})
	})
	return mux
}

// A problem is an answer other than yes (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"` // that is wrong
}

func fail(w http.ResponseWriter, status int, e *FieldError) {
	write(w, status, "application/problem+json", problem{"about:blank", http.StatusText(status), status, e.Error(), e.Field})
}

func write(w http.ResponseWriter, status int, kind string, v any) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	encode(w, v) // whoever asked has gone where it fails
}

func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

// is reports whether the request's body is of the media type, and answers where it is not.
func is(w http.ResponseWriter, r *http.Request, want string) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == want {
		return true
	}
	fail(w, http.StatusUnsupportedMediaType, &FieldError{Text: "Send it as Content-Type: " + want + "."})
	return false
}

func (s *server) lists(w http.ResponseWriter, _ *http.Request) {
	write(w, http.StatusOK, "application/json", s.about)
}

func (s *server) search(w http.ResponseWriter, r *http.Request) {
	if !is(w, r, "application/json") {
		return
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, MaxQuery))
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		fail(w, http.StatusRequestEntityTooLarge, field("", "the query is longer than %d bytes", MaxQuery))
		return
	} else if err != nil {
		fail(w, http.StatusBadRequest, field("", "the request broke off"))
		return
	}
	q, e, err := ParseQuery(b)
	if err != nil {
		fail(w, statusOf(err), asField(err))
		return
	}
	a := Answer{Ref: q.Ref, Matching: s.about.Matching, Threshold: q.Threshold, Lists: s.about.Lists}
	if a.Threshold == 0 {
		a.Threshold = s.about.Threshold
	}
	a.Findings, a.More = s.find(q, e)
	write(w, http.StatusOK, "application/json", a)
}

// statusOf: what is no query is a bad request, what says nothing that can be compared is one
// that cannot be carried out.
func statusOf(err error) int {
	if asField(err).form {
		return http.StatusBadRequest
	}
	return http.StatusUnprocessableEntity
}

func asField(err error) *FieldError {
	var f *FieldError
	if errors.As(err, &f) {
		return f
	}
	return &FieldError{Text: err.Error()}
}

func (s *server) find(q Query, e entity.Entity) ([]match.Finding, bool) {
	limit := q.Limit
	if limit == 0 {
		limit = MaxLimit
	}
	found := s.index.Screen(e, match.Options{Threshold: q.Threshold, Limit: limit + 1})
	if len(found) == 0 {
		return []match.Finding{}, false
	}
	return found[:min(limit, len(found))], len(found) > limit
}

// batch reads line by line and answers as it goes: what is at hand, up to a chunk of it, is
// screened on all cores and answered in order.
func (s *server) batch(w http.ResponseWriter, r *http.Request) {
	if !is(w, r, "application/x-ndjson") {
		return
	}
	rc := http.NewResponseController(w)
	_ = rc.EnableFullDuplex() // HTTP/2 is that by itself, and a recorder in a test needs it not
	select {
	case s.batches <- struct{}{}:
		defer func() { <-s.batches }()
	default:
		w.Header().Set("Retry-After", "5")
		w.Header().Set("Connection", "close") // the rest of the request is not waited for
		fail(w, http.StatusServiceUnavailable, field("", "as many batches are being screened as may be at one time; come again"))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/x-ndjson")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	out := bufio.NewWriter(w)
	if encode(out, s.about) != nil {
		return
	}
	in := &lines{r: bufio.NewReaderSize(http.MaxBytesReader(w, r.Body, MaxBatchBytes), 64<<10)}
	var end End
	for {
		// Where deadlines cannot be set, those of the server hold.
		_ = rc.SetReadDeadline(time.Now().Add(s.stall))
		chunk, done := in.chunk()
		_ = rc.SetWriteDeadline(time.Now().Add(s.stall))
		for _, l := range s.screen(chunk) {
			if l.Error != nil {
				end.End.Wrong++
			} else {
				end.End.Screened++
			}
			if encode(out, l) != nil {
				return
			}
		}
		end.End.Lines = in.n
		if done != nil {
			if done != io.EOF {
				end.End.Error = done.Error()
			}
			if encode(out, end) == nil {
				_ = out.Flush()
			}
			return
		}
		if out.Flush() != nil || rc.Flush() != nil {
			return
		}
	}
}

// screen answers lines on all cores.
func (s *server) screen(chunk []rawLine) []Line {
	out := make([]Line, len(chunk))
	var wg sync.WaitGroup
	next := make(chan int, len(chunk))
	for i := range chunk {
		next <- i
	}
	close(next)
	for range min(runtime.GOMAXPROCS(0), len(chunk)) {
		wg.Go(func() {
			for i := range next {
				out[i].Line = chunk[i].n
				if chunk[i].long {
					out[i].Error = field("", "the query is longer than %d bytes", MaxQuery)
					continue
				}
				q, e, err := ParseQuery(chunk[i].text)
				out[i].Ref = q.Ref
				if len(q.Ref) > MaxText {
					out[i].Ref = ""
				}
				if err != nil {
					out[i].Error = asField(err)
					continue
				}
				out[i].Findings, out[i].More = s.find(q, e)
			}
		})
	}
	wg.Wait()
	return out
}

// lines reads lines within bounds.
type lines struct {
	r *bufio.Reader
	n int // lines so far
}

type rawLine struct {
	n    int
	text []byte
	long bool // longer than MaxQuery, and left out
}

const chunkLines = 128

// chunk is the lines at hand, one at least if there is any, without the empty ones. The error
// is io.EOF at the end.
func (l *lines) chunk() (chunk []rawLine, err error) {
	cut := false // the last line may be no more than its beginning
	for len(chunk) < chunkLines && err == nil && (len(chunk) == 0 || l.r.Buffered() > 0) {
		if l.n == MaxBatchLines {
			if _, err = l.r.Peek(1); err == nil {
				err = errLines
			}
			break
		}
		var text []byte
		var long, any bool
		for { // the parts of one line
			part, e := l.r.ReadSlice('\n')
			any = any || len(part) > 0
			if !long && len(text)+len(part) <= MaxQuery+2 {
				text = append(text, part...)
			} else {
				text, long = nil, true
			}
			if e == bufio.ErrBufferFull {
				continue
			}
			err = e
			break
		}
		if !any {
			break
		}
		l.n++
		cut = err != nil && err != io.EOF
		if text = bytes.TrimSpace(text); len(text) > 0 || long {
			chunk = append(chunk, rawLine{l.n, text, long})
		}
	}
	if cut {
		if len(chunk) > 0 && chunk[len(chunk)-1].n == l.n {
			chunk = chunk[:len(chunk)-1]
		}
		l.n--
	}
	var over *http.MaxBytesError
	switch {
	case err == nil || err == io.EOF || err == errLines:
	case errors.As(err, &over):
		err = fmt.Errorf("more than %d bytes: send the rest as another batch", MaxBatchBytes)
	default:
		err = errors.New("the request broke off")
	}
	return chunk, err
}

var errLines = fmt.Errorf("more than %d lines: send the rest as another batch", MaxBatchLines)
