// Package console is the desk: pages on which a person sees what the exchange does, whom
// it stopped and by which law, and everything that a decision rests on.
//
// Every page is rendered here from the exchange's read models, answers GET and HEAD, and is complete without
// a script; the one script there is puts newer pieces of the desk in place as /events sends them. Nothing is
// loaded from anywhere else, and the Content-Security-Policy says so.
//
// An operator user who is signed in (package staff) answers here: who resembles whom and is not the same, which
// licence covers whom, and, on the pages of identity, who customers are, with what they told and handed in to show it. Forms
// are taken from no other site (http.CrossOriginProtection, SameSite=Strict), and what is answered is recorded under the
// name of who is signed in.
//
// Elsewhere a customer appears as an account number. Names on a page are those of lists, operators
// and laws, which are public, but a standing is not everybody's business: serve the console
// where only the desk can reach it.
//
// Every page is well-formed XML as well as HTML, whatever the lists and rules hold;
// TestPagesAreWellFormed parses them as such.
package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"sallyport/exchange"
	"sallyport/staff"
	"sallyport/venue/tape"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed static
var staticFiles embed.FS

// Options say how the console shows an exchange. The zero value is a plain one.
type Options struct {
	Story   string        // a line over every page, for a clock that tells a story: "A story: the clock reads 11 March 2022"
	DataDir string        // the data folder, for the command that checks it; "" writes DIR
	Pace    time.Duration // least time between two updates of one reader; 0 is 250 ms
	Beat    time.Duration // a silent stream says this often that it is still there; 0 is 15 s

	// Of who signs in: the operator users, of which nil is nobody; whether the console is served over TLS; the
	// clock of their sessions and their randomness, of which nil is the wall's and crypto/rand; and where it is told
	// who looks at whom, of which nil is nowhere.
	Users  *staff.Users
	TLS    bool
	Clock  func() time.Time
	Random io.Reader
	Log    *slog.Logger
}

const (
	defaultPace = 250 * time.Millisecond
	defaultBeat = 15 * time.Second
	maxStreams  = 64 // readers of /events at one time
)

type console struct {
	x       *exchange.Exchange
	o       Options
	pages   map[string]*template.Template // by page, each with the layout
	pieces  *template.Template
	streams atomic.Int64
	shared  shared
	mux     *http.ServeMux
	shifts  *shifts
}

// New is the console of a running exchange. A stream of /events ends with its request's
// context, so a server that shuts down must cancel its base context.
func New(x *exchange.Exchange, o Options) http.Handler {
	if o.Pace <= 0 {
		o.Pace = defaultPace
	}
	if o.Beat <= 0 {
		o.Beat = defaultBeat
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &console{x: x, o: o, shifts: newShifts(&o), pages: map[string]*template.Template{}, mux: http.NewServeMux()}
	layout := template.Must(template.New("layout").Funcs(words).ParseFS(pageFiles, "pages/layout.html", "pages/pieces.html"))
	c.pieces = layout
	for _, name := range []string{"desk", "decision", "decisions", "rule", "rules", "lists", "likenesses", "licences", "markets", "customer", "identities", "identity", "staff", "missing"} {
		c.pages[name] = template.Must(template.Must(layout.Clone()).ParseFS(pageFiles, "pages/"+name+".html"))
	}
	c.mux.HandleFunc("GET /{$}", c.desk)
	c.mux.HandleFunc("GET /events", c.events)
	c.mux.HandleFunc("GET /decisions", c.decisions)
	c.mux.HandleFunc("GET /decisions/{id}", c.decision)
	c.mux.HandleFunc("GET /find", c.find)
	c.mux.HandleFunc("GET /rules", c.rules)
	c.mux.HandleFunc("GET /rules/{id}", c.rule)
	c.mux.HandleFunc("GET /lists", c.lists)
	c.mux.HandleFunc("GET /customers/{account}", c.customer)
	c.signInRoutes()
	c.identityRoutes()
	c.likenessRoutes()
	c.licenceRoutes()
	c.marketRoutes()
	c.mux.HandleFunc("GET /console.css", static("console.css", "text/css; charset=utf-8"))
	c.mux.HandleFunc("GET /console.js", static("console.js", "text/javascript; charset=utf-8"))
	c.mux.HandleFunc("GET /console.svg", static("console.svg", "image/svg+xml"))
	c.mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		c.missing(w, r, "There is no page here", "The address "+r.URL.Path+" leads to nothing.", nil)
	})
	return c
}

// ServeHTTP answers GET and HEAD alone, as every pattern above says, but for the forms of who is signed in.
func (c *console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.mux.ServeHTTP(w, r)
}

func static(name, kind string) http.HandlerFunc {
	body, err := staticFiles.ReadFile("static/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(body))
	}
}

// A page is what every page has around its own content.
type page struct {
	Title   string
	Section string // of the menu: "desk", "decisions", "likenesses", "licences", "identity", "markets", "rules" or "lists"
	Story   string
	Starter bool   // a starter edition is in force
	Log     string // names the log that is shown
	Live    bool
	User    signedIn
	At      string // the page's own path, to come back to
	Top     top
	Body    any
}

// top is the state of the log and the clock.
type top struct {
	Now   time.Time
	Seq   uint64
	Chain string // hex
	Fault string // why the exchange takes no more commands, or ""
}

func (c *console) top() top {
	seq, chain := c.x.Head()
	t := top{Now: c.x.Now(), Seq: seq, Chain: fmt.Sprintf("%x", chain)}
	if err := c.x.Err(); err != nil {
		t.Fault = err.Error()
	}
	return t
}

func (c *console) show(w http.ResponseWriter, r *http.Request, status int, name, title, section string, body any) {
	p := page{
		Title: title, Section: section, Story: c.o.Story, Log: c.x.VerifierKey(), Live: name == "desk", User: c.shifts.who(r), At: r.URL.Path, Top: c.top(), Body: body,
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		p.At = "/" + section // of the form that was sent
	}
	for _, e := range c.x.View().Summary().Editions {
		p.Starter = p.Starter || e.Starter
	}
	var b bytes.Buffer
	if err := c.pages[name].ExecuteTemplate(&b, "layout", p); err != nil {
		panic(fmt.Sprintf("console: page %s: %v", name, err)) // a page that does not fit its data is our own bug
	}
	out := []byte(plain(b.String()))
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(out)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(out)
}

// find leads to what is asked for by its number, its id or the beginning of one, as customers name it in a letter.
func (c *console) find(w http.ResponseWriter, r *http.Request) {
	what := strings.Trim(r.FormValue("what"), " .\t\u00a0")
	number, err := strconv.ParseUint(what, 10, 64)
	_, isRule := c.x.Rules().Rule(what)
	to := ""
	switch {
	case err == nil && len(what) < 2*len(tape.Hash{}):
		to = "/customers/" + strconv.FormatUint(number, 10)
	case isRule:
		to = "/rules/" + what
	case what != "" && strings.Trim(strings.ToLower(what), "0123456789abcdef") == "":
		to = "/decisions/" + strings.ToLower(what)
	default:
		c.show(w, r, http.StatusNotFound, "missing", "Nothing found", "", missingPage{
			"“" + what + "” is no account number, no id of a decision (64 hexadecimal digits, of which six will do) and no rule in force.", what, nil,
		})
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// A missingPage says what is not there.
type missingPage struct {
	Text  string
	Asked string // in the form that finds
	Near  []nearby
}

// missing answers 404 with where to go on.
func (c *console) missing(w http.ResponseWriter, r *http.Request, title, text string, near []nearby) {
	c.show(w, r, http.StatusNotFound, "missing", title, "", missingPage{text, "", near})
}

// unread answers where the log cannot be read.
func (c *console) unread(w http.ResponseWriter, r *http.Request, err error) {
	c.o.Log.Error("a page cannot be shown, for the log cannot be read", "page", r.URL.Path, "error", err)
	c.show(w, r, http.StatusInternalServerError, "missing", "The log cannot be read", "", missingPage{Text: "What this page shows stands in the log, and that cannot be read: " + err.Error() + ". Nothing is said about it until it can."})
}

// nearby is something that may have been meant.
type nearby struct{ Href, Text string }
