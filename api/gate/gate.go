// Package gate is Sallyport's gate over HTTP, for an exchange that exists already: its
// engineers keep their own ledger and book, and ask here before each act.
//
// A customer is known by the exchange's own reference. Every answer is a decision that is
// in the log before it is given, under the lists and rules in force, with the one word that
// their program acts on (do), the reasons for three readers, and a signed receipt (package
// gate/receipt) that `sallyport verify` holds to the log. Nothing is booked here.
//
// Routes, each with what it takes and gives, are one table (routes.go), from which both the
// handler and the OpenAPI document at /gate/v1/openapi.json are made. Requests are JSON,
// read strictly and within bounds. Errors are {"code","message","field"} and say what to
// do. Everything but the document needs an API key as a bearer token.
//
// A question carries an Idempotency-Key. The same key with the same question gets the same
// answer, byte for byte, for as long as there is the log: the decision in it carries keyed
// hashes of both, so that no second store can disagree with it.
//
// docs/gate.md shows it with curl, and the script test of the program plays those lines;
// TestEveryAnswerConforms holds every answer of the tests to the document.
package gate

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/api/internal/rate"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/venue/tape"
)

// Options say how the gate is served. Keys, Secret and Dir are required.
type Options struct {
	Keys   *Keys
	Secret []byte // keys the hashes of questions; 32 bytes that stay the same
	Dir    string // where webhooks and how far they have come are kept; made when there is none

	PerSecond int      // requests of one API key, in the long run; 0 is 200
	Hosts     []string // host:port that webhooks may go to over plain HTTP or in private networks

	Log *slog.Logger // nil is silent
}

// maxBody is the longest request that is read, in bytes. A firm with many owners stays well
// below it.
const maxBody = 256 << 10

// A Server answers for one running exchange, and sends its webhooks until it is closed.
type Server struct {
	x        *exchange.Exchange
	o        Options
	mux      *http.ServeMux
	document []byte
	hooks    *hooks
	rates    rate.Limits // by the name of the key

	opening sync.Mutex // a reference is looked up and used by one application at a time
	asking  turns      // by idempotency key: one question under it at a time
}

// New serves the gate over a running exchange. Close it before the exchange.
func New(x *exchange.Exchange, o Options) (*Server, error) {
	if len(o.Secret) < 32 {
		return nil, errors.New("gate: the secret that keys the hashes of questions has less than 32 bytes")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.PerSecond <= 0 {
		o.PerSecond = 200
	}
	s := &Server{x: x, o: o, mux: http.NewServeMux(), rates: rate.Limits{PerSecond: float64(o.PerSecond), AtOnce: 2 * o.PerSecond}}
	var err error
	if s.hooks, err = openHooks(s, o); err != nil {
		return nil, err
	}
	paths := map[string]map[string]*route{}
	table := routes()
	for i := range table {
		r := &table[i]
		if paths[r.path] == nil {
			paths[r.path] = map[string]*route{}
		}
		paths[r.path][r.method] = r
	}
	for path, methods := range paths {
		s.mux.Handle(path, s.endpoint(methods))
	}
	s.mux.Handle("/", s.endpoint(nil))
	s.document = document(table)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Close ends the sending of webhooks and keeps how far they have come.
func (s *Server) Close() error { return s.hooks.close() }

// An Error is an answer other than yes.
type Error struct {
	Code     string `json:"code" doc:"One word, for programs."`
	Message  string `json:"message" doc:"What is wrong and what to do, in a sentence."`
	Field    string `json:"field,omitempty" doc:"The field that is wrong: movement.amount, profile.names[0].full."`
	Decision string `json:"decision,omitempty" doc:"The decision that stands in the way."`

	status int
}

func (e *Error) Error() string { return e.Message }

// Codes of errors, each with its status.
const (
	badJSON       = "bad_json"
	unknownField  = "unknown_field"
	invalidField  = "invalid_field"
	tooLarge      = "too_large"
	mediaType     = "unsupported_media_type"
	unauthorized  = "unauthorized"
	notFound      = "not_found"
	noCustomer    = "unknown_customer"
	exists        = "customer_exists"
	badMethod     = "method_not_allowed"
	noKey         = "idempotency_key_missing"
	keyReused     = "idempotency_key_reused"
	permitted     = "movement_permitted"
	rateLimited   = "rate_limited"
	unavailable   = "unavailable"
	internalError = "internal_error"
)

var statuses = map[string]int{
	badJSON: 400, unknownField: 400, invalidField: 422, tooLarge: 413, mediaType: 415, unauthorized: 401, notFound: 404, noCustomer: 404,
	exists: 409, badMethod: 405, noKey: 400, keyReused: 422, permitted: 409, rateLimited: 429, unavailable: 503, internalError: 500,
}

func wrong(code, field, format string, args ...any) *Error {
	return &Error{Code: code, Field: field, Message: fmt.Sprintf(format, args...), status: statuses[code]}
}

// A request is one that was let in, with its body read.
type request struct {
	*http.Request
	who  string // the name of the API key
	body any    // a pointer to the route's type, or nil
}

// endpoint is one path, with the route of each method; nil is for what is no path.
func (s *Server) endpoint(methods map[string]*route) http.Handler {
	known := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		rt := methods[r.Method]
		who, err := s.admit(w, r, rt)
		var status int
		var answer any
		switch {
		case err != nil:
		case methods == nil:
			err = wrong(notFound, "", "There is nothing at this path. GET /gate/v1/openapi.json lists all there is.")
		case rt == nil:
			h.Set("Allow", known)
			err = wrong(badMethod, "", "Use %s here.", strings.ReplaceAll(known, ", ", " or "))
		default:
			q := &request{Request: r, who: who}
			if q.body, err = s.read(w, r, rt); err == nil {
				status, answer, err = rt.serve(s, w, q)
			}
		}
		if err != nil {
			e := s.tell(err)
			status, answer = e.status, e
		}
		s.write(w, status, answer)
	})
}

// admit lets in who has an API key and has not asked too often.
func (s *Server) admit(w http.ResponseWriter, r *http.Request, rt *route) (who string, err error) {
	if rt != nil && rt.open {
		return "", nil
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	who, ok := s.o.Keys.Admit(token)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		w.Header().Set("WWW-Authenticate", `Bearer realm="gate"`)
		return "", wrong(unauthorized, "", "Send an API key as \"Authorization: Bearer KEY\". Make one with: sallyport gate-key --data DIR --name NAME.")
	}
	if wait := s.rates.Take(who, time.Now()); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(wait/time.Second)+1))
		return "", wrong(rateLimited, "", "More than %d requests a second with this key. Come again after the time in Retry-After.", s.o.PerSecond)
	}
	return who, nil
}

// read reads the body that the route takes.
func (s *Server) read(w http.ResponseWriter, r *http.Request, rt *route) (any, error) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, wrong(tooLarge, "", "The request is longer than %d bytes. Send less.", maxBody)
	case err != nil:
		return nil, wrong(badJSON, "", "The request broke off. Send it again.")
	case rt.body == nil && len(bytes.TrimSpace(b)) > 0:
		return nil, wrong(badJSON, "", "This takes no body. Send none.")
	case rt.body == nil:
		return nil, nil
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, wrong(mediaType, "", "Send it as Content-Type: application/json.")
	}
	v := reflect.New(reflect.TypeOf(rt.body))
	if e := decode(b, v.Interface()); e != nil {
		return nil, e
	}
	return v.Interface(), nil
}

func (s *Server) write(w http.ResponseWriter, status int, answer any) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	var b bytes.Buffer
	if raw, ok := answer.(json.RawMessage); ok {
		b.Write(raw)
	} else {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(answer); err != nil {
			s.o.Log.Error("an answer of the gate does not encode", "error", err)
			status = http.StatusInternalServerError
			b.Reset()
			b.WriteString(`{"code":"internal_error","message":"The answer could not be written."}`)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(b.Bytes())
}

// tell gives an error of the exchange to whoever asked.
func (s *Server) tell(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var d *exchange.Denial
	if errors.As(err, &d) {
		code := invalidField
		if d.Decision != "" {
			code = permitted
		}
		e = wrong(code, d.Field, "%s.", d.Text)
		e.Decision = d.Decision
		return e
	}
	if r, ok := exchange.AsRefusal(err); ok && r.Reason == tape.UnknownAccount {
		return wrong(noCustomer, "customer", "There is no such customer. Tell the gate of them first: POST /gate/v1/customers.")
	}
	s.o.Log.Error("a request to the gate could not be carried out", "error", err)
	if errors.Is(err, exchange.ErrClosed) {
		return wrong(unavailable, "", "The gate takes no more questions: it is shutting down, or its log has failed. Do not go on; ask again, under the same key, when it is back.")
	}
	return wrong(internalError, "", "The gate could not do this; its log of events says why. Do not go on.")
}

// keyed is a keyed hash in hex, so that what stands in the log says nothing of what was asked.
func (s *Server) keyed(what string, parts ...string) string {
	h := hmac.New(sha256.New, s.o.Secret)
	fmt.Fprintf(h, "sallyport gate %s 1\n", what)
	for _, p := range parts {
		fmt.Fprintf(h, "%d\n%s", len(p), p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// maxIdempotencyKey is its longest, in bytes.
const maxIdempotencyKey = 128

// once answers a question under its idempotency key: with the answer that there is, or by
// asking. The question is hashed as it was understood, whatever its spacing.
func (s *Server) once(w http.ResponseWriter, q *request, question any, ask func(gate.Asked) (*exchange.DecisionRecord, error)) (*exchange.DecisionRecord, error) {
	key := q.Header.Get("Idempotency-Key")
	if key == "" {
		return nil, wrong(noKey, "Idempotency-Key", "Send a header Idempotency-Key of your own, another for each question; to ask the same again, send the same.")
	}
	if len(key) > maxIdempotencyKey || strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, wrong(invalidField, "Idempotency-Key", "Want 1 to %d printable characters of ASCII without spaces, such as a UUID.", maxIdempotencyKey)
	}
	understood, err := json.Marshal(question)
	if err != nil {
		return nil, fmt.Errorf("gate: a question does not encode: %w", err)
	}
	asked := gate.Asked{Key: s.keyed("key", q.who, key), Request: s.keyed("question", string(understood))}
	defer s.asking.take(asked.Key)()
	r, err := s.x.View().Answer(asked.Key)
	if errors.Is(err, exchange.ErrNoDecision) {
		return ask(asked)
	} else if err != nil {
		return nil, err
	}
	if r.Decision.Asked.Request != asked.Request {
		e := wrong(keyReused, "Idempotency-Key", "Another question was asked under this key. Use another key, or send that question again.")
		e.Decision = r.Decision.ID
		return nil, e
	}
	w.Header().Set("Idempotent-Replayed", "true")
	return r, nil
}
