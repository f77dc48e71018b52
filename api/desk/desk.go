// Package desk is the operator's own small API, for staff and for tests: open a customer,
// give them an API key, bring a transfer in, look up an account or a decision.
//
// Everything lies under /desk/v1 and needs the bearer token that the exchange writes into
// its data folder. Requests are JSON, read strictly: an unknown field is an error. Errors
// are problem details (RFC 9457) whose detail says what to do. No answer holds personal
// data: a customer appears as an account number.
//
//	POST /desk/v1/customers                  {"operator","profile"}
//	POST /desk/v1/customers/{account}/keys
//	GET  /desk/v1/customers/{account}
//	POST /desk/v1/transfers                  {"account","asset","amount","from"}
//	GET  /desk/v1/decisions/{id}
//	GET  /desk/v1/summary
//
// Transfers can be made here only because the chain lives in memory (package
// chain/memory); the answer says so. TestDesk shows every request and its answer.
package desk

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sallyport/exchange"
	"sallyport/law"
)

// Options say how the desk behaves. The zero value is usable.
type Options struct {
	Random io.Reader    // for the keys of transfers; nil is crypto/rand
	Log    *slog.Logger // nil is silent
}

// maxBody is the longest request that is read, in bytes. A firm with many owners stays
// well below it.
const maxBody = 256 << 10

type desk struct {
	x       *exchange.Exchange
	token   [sha256.Size]byte // the hash of it
	locked  bool              // there is no token, so nobody may enter
	o       Options
	opening sync.Mutex // a reference is looked up and used by one application at a time
}

// New serves the desk over a running exchange to whoever has the token. With an empty
// token it serves nobody.
func New(x *exchange.Exchange, token string, o Options) http.Handler {
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &desk{x: x, token: sha256.Sum256([]byte(token)), locked: token == "", o: o}
	mux := http.NewServeMux()
	for _, r := range []struct {
		method, path string
		serve        func(*http.Request) (int, any, error)
	}{
		{"POST", "/desk/v1/customers", d.open},
		{"GET", "/desk/v1/customers/{account}", d.customer},
		{"POST", "/desk/v1/customers/{account}/keys", d.addKey},
		{"POST", "/desk/v1/transfers", d.transfer},
		{"GET", "/desk/v1/decisions/{id}", d.decision},
		{"GET", "/desk/v1/summary", d.summary},
	} {
		mux.Handle(r.path, d.endpoint(r.method, r.serve))
	}
	mux.Handle("/", d.endpoint("", func(r *http.Request) (int, any, error) {
		return 0, nil, wrong(http.StatusNotFound, "There is nothing at this path. The desk knows customers, transfers, decisions and summary under /desk/v1.")
	}))
	return mux
}

// A problem is an answer other than yes (RFC 9457).
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`

	Reason   string `json:"reason,omitempty"`   // the exchange's refusal
	Verdict  string `json:"verdict,omitempty"`  // of the decision that stopped it
	Decision string `json:"decision,omitempty"` // its id
}

func (p *problem) Error() string { return p.Detail }

func wrong(status int, format string, args ...any) *problem {
	return &problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: fmt.Sprintf(format, args...)}
}

// endpoint is one method of one path behind the token.
func (d *desk) endpoint(method string, serve func(*http.Request) (int, any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		status, answer, err := 0, any(nil), error(nil)
		switch {
		case !d.admits(r):
			h.Set("WWW-Authenticate", `Bearer realm="desk"`)
			err = wrong(http.StatusUnauthorized, "Send the desk's token as \"Authorization: Bearer TOKEN\". It lies in the data folder, in keys/desk.token.")
		case method != "" && r.Method != method:
			h.Set("Allow", method)
			err = wrong(http.StatusMethodNotAllowed, "Use %s here.", method)
		default:
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			status, answer, err = serve(r)
		}
		if err != nil {
			p := d.problem(err)
			h.Set("Content-Type", "application/problem+json")
			d.write(w, p.Status, p)
			return
		}
		h.Set("Content-Type", "application/json")
		d.write(w, status, answer)
	})
}

func (d *desk) write(w http.ResponseWriter, status int, answer any) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(answer); err != nil {
		d.o.Log.Error("an answer of the desk does not encode", "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// admits compares hashes of the tokens, in a time that says nothing of where they differ
// or how long they are.
func (d *desk) admits(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	given := sha256.Sum256([]byte(token))
	same := subtle.ConstantTimeCompare(given[:], d.token[:]) == 1
	return same && strings.EqualFold(scheme, "Bearer") && !d.locked
}

// problem tells an error of the exchange.
func (d *desk) problem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	if r, ok := exchange.AsRefusal(err); ok {
		p := wrong(http.StatusUnprocessableEntity, "The exchange refused it: %s.", r.Reason)
		p.Reason, p.Decision = r.Reason.String(), r.Decision
		if r.Decision != "" {
			p.Detail += " See /desk/v1/decisions/" + r.Decision + "."
		}
		if r.Verdict != law.Undecided {
			p.Verdict = r.Verdict.String()
		}
		return p
	}
	d.o.Log.Error("a request to the desk could not be carried out", "error", err)
	if errors.Is(err, exchange.ErrClosed) {
		return wrong(http.StatusServiceUnavailable, "The exchange takes no more commands: it is shutting down, or its log has failed. Restart it, then look whether this was done before asking again.")
	}
	return wrong(http.StatusInternalServerError, "The exchange could not do this; its log of events on standard error says why.")
}

// body reads one JSON value and nothing else.
func body(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, err2 := dec.Token(); !errors.Is(err2, io.EOF) {
			err = errors.New("something follows the JSON object")
			if err2 != nil {
				err = err2
			}
		}
	}
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &over):
		return wrong(http.StatusRequestEntityTooLarge, "The request is longer than %d bytes. Send less.", maxBody)
	case errors.Is(err, io.EOF):
		return wrong(http.StatusBadRequest, "The request is empty. Send a JSON object.")
	}
	return wrong(http.StatusBadRequest, "The request does not read: %s. Send one JSON object with the documented fields only.", strings.TrimPrefix(err.Error(), "json: "))
}

// nothing is for a request that takes no body, or an empty object.
func nothing(r *http.Request) error {
	err := body(r, &struct{}{})
	var p *problem
	if errors.As(err, &p) && strings.HasPrefix(p.Detail, "The request is empty") {
		return nil
	}
	return err
}

// number reads the account in the path.
func number(r *http.Request) (uint64, error) {
	n, err := strconv.ParseUint(r.PathValue("account"), 10, 64)
	if err != nil {
		return 0, wrong(http.StatusBadRequest, "The account in the path is no number. Use the one that opening the customer gave.")
	}
	return n, nil
}

func noAccount(n uint64) error {
	return wrong(http.StatusNotFound, "There is no account %d. Open one with POST /desk/v1/customers.", n)
}

func idOf(h [32]byte) string { return hex.EncodeToString(h[:]) }
