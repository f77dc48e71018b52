// Package desk is the operator's own small API, for staff and for tests: open a customer,
// give them an API key, bring a transfer in, look up an account or a decision.
//
// Everything lies under /desk/v1 and needs an operator user's bearer token (package staff), who must be
// allowed what is asked for; while there are no operator users, the one that the exchange writes into
// its data folder. Requests are JSON, read strictly: an unknown field is an error. Errors
// are problem details (RFC 9457) whose detail says what to do. No answer holds personal
// data: a customer appears as an account number. The exceptions are what a customer
// told and handed in to show who they are, and their API keys, which whoever looks at them asks for by themselves.
//
//	POST /desk/v1/customers                  {"operator","profile"}
//	POST /desk/v1/customers/{account}/keys   {"public_key","may","from","expires","label"}, all optional
//	GET  /desk/v1/customers/{account}/keys
//	DELETE /desk/v1/customers/{account}/keys/{key}
//	GET  /desk/v1/customers/{account}
//	PUT  /desk/v1/customers/{account}/profile {"profile"}
//	POST /desk/v1/transfers                  {"account","asset","amount","from"}
//	GET  /desk/v1/decisions/{id}
//	GET  /desk/v1/summary
//	GET  /desk/v1/likenesses                 open questions: who resembles whom, and why
//	GET  /desk/v1/clearances                 what reviewers have cleared, and what ended
//	POST /desk/v1/clearances                 {"account","list","entity","by","reason"}
//	POST /desk/v1/clearances/{id}/end        {"by","reason"}
//	GET  /desk/v1/operator-users             who of the operator's own people may what, as the log has it
//	GET  /desk/v1/holds                      who is held, by whom to be looked at, until when
//	GET  /desk/v1/licences                   licences recorded for customers, and what ended
//	POST /desk/v1/licences                   {"account","licence","until","by","second","reason","document"}
//	GET  /desk/v1/licences/waiting           what one operator user has said of a licence, and no second yet
//	DELETE /desk/v1/licences/waiting/{account}/{licence}
//	POST /desk/v1/licences/{id}/end          {"by","reason"}
//	POST /desk/v1/controls                   {"account","address","theirs","by","how"}
//	GET  /desk/v1/customers/{account}/addresses  what the customer has said of addresses, and what was found of them
//	POST /desk/v1/markets/{symbol}/phase     {"phase","by","reason"}: TRADING, CANCEL_ONLY or HALT
//	POST /desk/v1/customers/{account}/tier   {"tier"}: of fees
//	POST /desk/v1/customers/{account}/trade-group {"group","by","reason"}: whose accounts are one owner's
//	POST /desk/v1/assets/{asset}/max-order   {"max","by","reason"}: how much of it one order may move
//	POST /desk/v1/customers/{account}/invitation {"email","by","mail"}: a link to choose a password, mailed or shown this once
//	POST /desk/v1/customers/{account}/sign-out {"by"}: ends every session of the customer's pages
//	GET  /desk/v1/identity                   who waits to be identified; ?state=all for everybody who handed something in
//	GET  /desk/v1/identity/{account}         and what they told of themselves
//	GET  /desk/v1/identity/{account}/files/{file}
//	POST /desk/v1/identity/{account}         {"accept","by","reason","reference","files"}; a yes may take two operator users
//
// An API key is signed with by HMAC, and its secret is shown once, unless a public key (PEM,
// Ed25519 or RSA) is handed in. It may do what "may" lists of read, trade and withdraw, from the
// address ranges in "from", until "expires"; what is left out does not bound it. It never
// changes: other terms are another key. Those ranges and the label are what a customer has told of
// themselves, and who has the key's name alone opens the account's private stream, as Binance has it: so
// keys are listed to those who make them or may see who customers are, and who looked is in the log of events.
//
// A clearance is a reviewer's word that a customer is not the listed entity they resemble.
// Its reason stands in the log for good and may hold no personal data.
//
// "by" is whose token it is and may be left out, but while there are no operator users.
//
// A licence is an authority's leave that two operator users record for a customer: each says the same, with a
// token of their own and without "second", which is for where there are no operator users; licence is
// its id in the rule, until the first instant after it, or left out. The document, such as the
// authority's own reference, goes into the vault, and a commitment to it into the log.
//
// A control is an operator user's word that it was assessed whether a customer owns or controls
// an address, and how (Regulation (EU) 2023/1113). It goes into the vault with their data; what
// waits for it is decided again before this is answered.
//
// Transfers can be made here only because the chain lives in memory (package
// chain/memory); the answer says so. TestDesk shows every request and its answer.
package desk

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/exchange"
	"sallyport/law"
	"sallyport/staff"
)

// Options say how the desk behaves. The zero value is usable.
type Options struct {
	Random io.Reader        // for the keys of transfers; nil is crypto/rand
	Log    *slog.Logger     // nil is silent
	Clock  func() time.Time // by which tokens end; nil is the wall's

	// Invite lets the holder of an account choose a password, by a link that is mailed or given
	// once; nil invites nobody.
	Invite func(account uint64, email string, mailed bool) (link string, err error)
}

// maxBody is the longest request that is read, in bytes. A firm with many owners stays
// well below it.
const maxBody = 256 << 10

type desk struct {
	x       *exchange.Exchange
	users   *staff.Users
	o       Options
	opening sync.Mutex // a reference is looked up and used by one application at a time
}

// New serves the desk over a running exchange to its operator users, each as far as they may.
func New(x *exchange.Exchange, users *staff.Users, o Options) http.Handler {
	if o.Random == nil {
		o.Random = rand.Reader
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	d := &desk{x: x, users: users, o: o}
	mux := http.NewServeMux()
	paths := map[string]map[string]door{}
	for _, r := range []struct {
		method, path string
		may          staff.Right
		serve        serve
	}{
		{"POST", "/desk/v1/customers", staff.Operations, d.open},
		{"GET", "/desk/v1/customers/{account}", staff.Read, d.customer},
		{"POST", "/desk/v1/customers/{account}/keys", staff.Operations, d.addKey},
		{"GET", "/desk/v1/customers/{account}/keys", staff.Operations | staff.Compliance, d.keys},
		{"DELETE", "/desk/v1/customers/{account}/keys/{key}", staff.Operations, d.removeKey},
		{"POST", "/desk/v1/transfers", staff.Operations, d.transfer},
		{"GET", "/desk/v1/decisions/{id}", staff.Read, d.decision},
		{"GET", "/desk/v1/summary", staff.Read, d.summary},
		{"PUT", "/desk/v1/customers/{account}/profile", staff.Compliance, d.amend},
		{"GET", "/desk/v1/likenesses", staff.Read, d.likenesses},
		{"GET", "/desk/v1/clearances", staff.Read, d.clearances},
		{"POST", "/desk/v1/clearances", staff.Compliance, d.clear},
		{"POST", "/desk/v1/clearances/{id}/end", staff.Compliance, d.takeBack},
		{"GET", "/desk/v1/operator-users", staff.Read, d.operatorUsers},
		{"GET", "/desk/v1/holds", staff.Read, d.holds},
		{"GET", "/desk/v1/licences", staff.Read, d.licences},
		{"POST", "/desk/v1/licences", staff.Compliance, d.record},
		{"GET", "/desk/v1/licences/waiting", staff.Compliance, d.waitingLicences},
		{"DELETE", "/desk/v1/licences/waiting/{account}/{licence}", staff.Compliance, d.withdrawLicence},
		{"POST", "/desk/v1/licences/{id}/end", staff.Compliance, d.endLicence},
		{"POST", "/desk/v1/controls", staff.Compliance, d.control},
		{"GET", "/desk/v1/customers/{account}/addresses", staff.Compliance, d.addresses},
		{"POST", "/desk/v1/markets/{symbol}/phase", staff.Operations, d.setPhase},
		{"POST", "/desk/v1/customers/{account}/tier", staff.Operations, d.setTier},
		{"POST", "/desk/v1/customers/{account}/trade-group", staff.Operations, d.setTradeGroup},
		{"POST", "/desk/v1/assets/{asset}/max-order", staff.Operations, d.setMaxAsset},
		{"POST", "/desk/v1/customers/{account}/sign-out", staff.Operations | staff.Compliance, d.signOut},
		{"POST", "/desk/v1/customers/{account}/invitation", staff.Operations, d.invite},
		{"GET", "/desk/v1/identity", staff.Compliance, d.identities},
		{"GET", "/desk/v1/identity/{account}", staff.Compliance, d.identity},
		{"GET", "/desk/v1/identity/{account}/files/{file}", staff.Compliance, d.identityFile},
		{"POST", "/desk/v1/identity/{account}", staff.Compliance, d.identify},
	} {
		if paths[r.path] == nil {
			paths[r.path] = map[string]door{}
		}
		paths[r.path][r.method] = door{r.may, r.serve}
	}
	for path, methods := range paths {
		mux.Handle(path, d.endpoint(methods))
	}
	nothing := func(*http.Request) (int, any, error) {
		return 0, nil, wrong(http.StatusNotFound, "There is nothing at this path. The desk knows customers, markets, assets, transfers, decisions, likenesses, clearances, licences, controls, holds, identity, operator-users and summary under /desk/v1.")
	}
	mux.Handle("/", d.endpoint(map[string]door{"": {staff.Read, nothing}}))
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

// serve carries out a request and gives the status and the answer.
type serve func(*http.Request) (int, any, error)

// A door is what a request to one path does, and what an operator user must be allowed one of to ask for it.
type door struct {
	may   staff.Right
	serve serve
}

// endpoint is one path behind the tokens, with what each method does; the method "" is all.
func (d *desk) endpoint(methods map[string]door) http.Handler {
	known := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		status, answer, err := 0, any(nil), error(nil)
		to, ok := methods[r.Method]
		if !ok {
			to = methods[""]
		}
		user, admitted := d.admits(r)
		var request []byte
		if admitted {
			// What is sent slowly may outlast its sender's right: who asks is looked at when all of it is there.
			if request, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err == nil {
				user, admitted = d.admits(r)
			}
		}
		switch {
		case !admitted:
			h.Set("WWW-Authenticate", `Bearer realm="desk"`)
			if d.users.Named() {
				err = wrong(http.StatusUnauthorized, "Send your own token as \"Authorization: Bearer TOKEN\"; sallyport operator-user makes one.")
			} else {
				err = wrong(http.StatusUnauthorized, "Send the desk's token as \"Authorization: Bearer TOKEN\". It lies in the data folder, in keys/desk.token.")
			}
		case to.serve == nil:
			h.Set("Allow", known)
			err = wrong(http.StatusMethodNotAllowed, "Use %s here.", strings.ReplaceAll(known, ", ", " or "))
		case user.May&to.may == 0:
			err = wrong(http.StatusForbidden, "%s may %s, and this takes %s.", user.Name, user.May, strings.ReplaceAll(to.may.String(), ",", " or "))
		case err != nil:
			err = unread(err)
		default:
			r.Body = io.NopCloser(bytes.NewReader(request))
			status, answer, err = to.serve(r.WithContext(context.WithValue(r.Context(), userKey{}, user)))
			if r.Method != http.MethodGet || to.may&staff.Read == 0 { // what shows who customers are is told as well
				d.o.Log.Info("the desk was asked for something", "by", cmp.Or(user.Name, "whoever has the desk's token"), "method", r.Method, "path", told(r), "done", err == nil)
			}
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

// told is the path of a request as the log of events has it: without the name of an API key, which opens a stream.
func told(r *http.Request) string {
	if key := r.PathValue("key"); key != "" {
		return strings.TrimSuffix(r.URL.Path, key)
	}
	return r.URL.Path
}

type userKey struct{}

// settle makes the name that came with a request the one to put beside what it says: that of the
// operator user whose token it is.
func settle(r *http.Request, by *string) error {
	user, _ := r.Context().Value(userKey{}).(staff.User)
	name, err := user.By(*by)
	if err != nil {
		return wrong(http.StatusForbidden, "by: %s. Leave it out, or have the other one say it.", err)
	}
	*by = name
	return nil
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

// admits is who asks.
func (d *desk) admits(r *http.Request) (staff.User, bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return staff.User{}, false
	}
	return d.users.Admit(token, d.o.Clock())
}

// problem tells an error of the exchange.
func (d *desk) problem(err error) *problem {
	var p *problem
	if errors.As(err, &p) {
		return p
	}
	if r, ok := exchange.AsClearRefusal(err); ok {
		status := http.StatusUnprocessableEntity
		switch r {
		case exchange.ClearUnknownAccount, exchange.ClearUnknown:
			status = http.StatusNotFound
		case exchange.ClearTwice, exchange.ClearNoLikeness, exchange.ClearIdentity:
			status = http.StatusConflict
		}
		p := wrong(status, "It was not taken: %s.", r)
		p.Reason = r.Error()
		return p
	}
	if r, ok := exchange.AsLicenceRefusal(err); ok {
		status := http.StatusUnprocessableEntity
		switch r {
		case exchange.LicenceUnknownAccount, exchange.LicenceUnknown, exchange.LicenceNotWaiting:
			status = http.StatusNotFound
		case exchange.LicenceTwice, exchange.LicenceTooSoon, exchange.LicenceOtherwise, exchange.LicenceSayIt:
			status = http.StatusConflict
		}
		p := wrong(status, "It was not taken: %s.", r)
		p.Reason = r.Error()
		return p
	}
	var denied *exchange.Denial
	if errors.As(err, &denied) {
		return wrong(http.StatusUnprocessableEntity, "%s: %s.", denied.Field, denied.Text)
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
	switch {
	case err == nil:
		return nil
	case errors.Is(err, io.EOF):
		return wrong(http.StatusBadRequest, "The request is empty. Send a JSON object.")
	}
	return wrong(http.StatusBadRequest, "The request does not read: %s. Send one JSON object with the documented fields only.", strings.TrimPrefix(err.Error(), "json: "))
}

// unread is why a request did not come whole.
func unread(err error) error {
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return wrong(http.StatusRequestEntityTooLarge, "The request is longer than %d bytes. Send less.", maxBody)
	}
	return wrong(http.StatusBadRequest, "The request did not come whole.")
}

// optional is body for a request that may have none.
func optional(r *http.Request, v any) error {
	err := body(r, v)
	var p *problem
	if errors.As(err, &p) && strings.HasPrefix(p.Detail, "The request is empty") {
		return nil
	}
	return err
}

// nothing is for a request that takes no body, or an empty object.
func nothing(r *http.Request) error { return optional(r, &struct{}{}) }

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
