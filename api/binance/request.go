package binance

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"sallyport/exchange"
	"sallyport/money"
)

// A rawRequest is what a signature covers: the query and the body byte for byte as they came.
type rawRequest struct{ query, body string }

// read takes the query and the body as they are. net/http's own form parsing is no use
// here: it does not read the body of a DELETE, and it does not keep the bytes.
func read(w http.ResponseWriter, r *http.Request) (rawRequest, error) {
	tooLong := &fault{status: http.StatusRequestEntityTooLarge, code: -1101, msg: "Too many parameters sent for this endpoint."}
	if len(r.URL.RawQuery) > maxBytes {
		return rawRequest{}, tooLong
	}
	b, err := readBody(w, r)
	var over *http.MaxBytesError
	if errors.As(err, &over) {
		return rawRequest{}, tooLong
	}
	if err != nil {
		return rawRequest{}, bad(-1000, "The request ended before its body did.")
	}
	return rawRequest{r.URL.RawQuery, string(b)}, nil
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength < 0 || r.ContentLength > maxBytes {
		return io.ReadAll(http.MaxBytesReader(w, r.Body, maxBytes))
	}
	b := make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, b)
	return b, err
}

// payload is what is signed: the query and then the body, each without its signature, with
// nothing between them and nothing encoded again.
func (r rawRequest) payload() []byte {
	b := make([]byte, 0, len(r.query)+len(r.body))
	return appendUnsigned(appendUnsigned(b, r.query), r.body)
}

// appendUnsigned appends the text without the parameter signature.
func appendUnsigned(b []byte, s string) []byte {
	first := true
	for pair := range strings.SplitSeq(s, "&") {
		name, _, _ := strings.Cut(pair, "=")
		if n, ok := unescape(name); ok && n == "signature" {
			continue
		}
		if !first {
			b = append(b, '&')
		}
		first = false
		b = append(b, pair...)
	}
	return b
}

// signedBy reports whether a signature is the payload's: of an HMAC key hexadecimal in either
// case, of the others base64.
func signedBy(k *exchange.Key, payload []byte, signature string) bool {
	if k.Kind == exchange.HMACKey {
		var given [sha256.Size]byte
		if len(k.Secret) == 0 || len(signature) != hex.EncodedLen(len(given)) {
			return false
		}
		_, err := hex.Decode(given[:], []byte(signature))
		mac := k.MAC(payload)
		return err == nil && hmac.Equal(given[:], mac[:])
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return false
	}
	switch p := k.PublicKey().(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(p, payload, given)
	case *rsa.PublicKey:
		digest := sha256.Sum256(payload)
		return rsa.VerifyPKCS1v15(p, crypto.SHA256, digest[:], given) == nil
	}
	return false
}

// unescape reads a name or a value of a query. It reports false for what is no text.
func unescape(s string) (text string, ok bool) {
	for i := range len(s) {
		if c := s[i]; c == '%' || c == '+' || c >= utf8.RuneSelf {
			text, err := url.QueryUnescape(s)
			return text, err == nil && utf8.ValidString(text)
		}
	}
	return s, true // as most is written
}

// parameters are the query's and the body's; where both have one, the query's counts.
// The getters note the first thing wrong in err and go on with zero values, so that an
// endpoint asks for all it needs and looks once.
type parameters struct {
	values []parameter // of different names; so few that going through them is quicker than a map
	err    error
	loose  bool // what nobody asks for may be there
}

type parameter struct {
	name, text string
	part       int  // of the request that it stood in
	read       bool // somebody has asked for it
}

func parse(r rawRequest) (parameters, error) {
	p := parameters{values: make([]parameter, 0, min(strings.Count(r.body, "&")+strings.Count(r.query, "&")+2, 2*maxParameters))}
	for part, text := range [...]string{r.body, r.query} { // the query last: it wins
		count := 0
		for text != "" {
			var pair string
			pair, text, _ = strings.Cut(text, "&")
			if pair == "" {
				continue
			}
			rawName, rawValue, _ := strings.Cut(pair, "=")
			name, ok1 := unescape(rawName)
			value, ok2 := unescape(rawValue)
			if !ok1 || !ok2 {
				return parameters{}, bad(-1100, "Illegal characters found in a parameter.")
			}
			at := p.at(name)
			if at >= 0 && p.values[at].part == part {
				return parameters{}, bad(-1101, "Duplicate values for a parameter detected.")
			}
			if count++; count > maxParameters {
				return parameters{}, bad(-1101, "Too many parameters sent for this endpoint.")
			}
			if at >= 0 {
				p.values[at] = parameter{name: name, text: value, part: part}
			} else {
				p.values = append(p.values, parameter{name: name, text: value, part: part})
			}
		}
	}
	return p, nil
}

// at is where a parameter stands among the values, or -1.
func (p *parameters) at(name string) int {
	for i := range p.values {
		if p.values[i].name == name {
			return i
		}
	}
	return -1
}

// get is a parameter as it was sent, and whether it was.
func (p *parameters) get(name string) (string, bool) {
	if i := p.at(name); i >= 0 {
		p.values[i].read = true
		return p.values[i].text, true
	}
	return "", false
}

// ofRequests are the parameters that any request may have, whether it needs them or not.
var ofRequests = []string{"timestamp", "recvWindow", "signature", "apiKey", "returnRateLimits"}

// allRead refuses what was sent and nobody has asked for. Whoever misspells a parameter means something by it, so
// this comes before anything is done.
func (p *parameters) allRead() error {
	if p.err != nil {
		return p.err
	}
	read, sent := 0, 0
	for i := range p.values {
		v := &p.values[i]
		if !slices.Contains(ofRequests, v.name) {
			sent++
			if v.read {
				read++
			}
		}
	}
	switch {
	case p.loose || read == sent:
		return nil
	case read == 0:
		return bad(-1101, fmt.Sprintf("Too many parameters; expected '0' and received '%d'.", sent))
	}
	more := len(p.values) - sent
	return bad(-1104, fmt.Sprintf("Not all sent parameters were read; read '%d' parameter(s) but was sent '%d'.", read+more, sent+more))
}

func (p *parameters) fail(err *fault) {
	if p.err == nil {
		p.err = err
	}
}

func (p *parameters) has(name string) bool {
	_, ok := p.get(name)
	return ok
}

// text is an optional parameter, or "" when it was not sent. An empty one is an error.
func (p *parameters) text(name string) string {
	v, ok := p.get(name)
	if ok && v == "" {
		p.fail(bad(-1105, "Parameter '"+name+"' was empty."))
	}
	return v
}

// must is a mandatory parameter.
func (p *parameters) must(name string) string {
	if !p.has(name) {
		p.fail(missing(name))
	}
	return p.text(name)
}

func missing(name string) *fault {
	return bad(-1102, "Mandatory parameter '"+name+"' was not sent, was empty/null, or malformed.")
}

func illegal(name string, f form) *fault {
	return bad(-1100, "Illegal characters found in parameter '"+name+"'; legal range is '"+f.legal+"'.")
}

func invalid(name string) *fault {
	return bad(-1130, "Data sent for parameter '"+name+"' is not valid.")
}

// unwanted refuses a parameter that would change what is asked for in a way that is not
// offered here; leaving it aside would do something else than the client means.
func (p *parameters) unwanted(names ...string) {
	for _, name := range names {
		if p.has(name) {
			p.fail(bad(-1106, "Parameter '"+name+"' sent when not required."))
		}
	}
}

// A form is what the text of a parameter must be like: by a function, and for those who are refused by
// the regular expression that says the same (FuzzForms).
type form struct {
	is    func(string) bool
	legal string
}

var (
	wholeForm      = form{func(s string) bool { return from(s, digits, 1, 18) }, `^[0-9]{1,18}$`}
	signedForm     = form{func(s string) bool { return from(strings.TrimPrefix(s, "-"), digits, 1, 19) }, `^-?[0-9]{1,19}$`}
	decimalForm    = form{func(s string) bool { return isDecimal(s, 20, 20) }, `^([0-9]{1,20})(\.[0-9]{1,20})?$`}
	symbolForm     = form{func(s string) bool { return from(s, capitals|digits|signs, 1, 20) }, `^[A-Z0-9-_.]{1,20}$`}
	permissionForm = form{func(s string) bool { return from(s, capitals|digits|signs, 1, 20) && !strings.ContainsAny(s, "-.") }, `^[A-Z0-9_]{1,20}$`}
	clientIDForm   = form{func(s string) bool { return from(s, letters|digits|signs|marks, 1, 36) }, `^[a-zA-Z0-9-_\.:/]{1,36}$`}
	refForm        = form{func(s string) bool { return from(s, letters|digits|signs|marks, 1, 64) }, `^[a-zA-Z0-9-_\.:/]{1,64}$`}
	windowForm     = form{func(s string) bool { return isDecimal(s, 17, 3) }, `^[0-9]{1,17}(\.[0-9]{1,3})?$`}
	keyForm        = form{func(s string) bool { return from(s, letters|digits, 1, 128) }, `^[A-Za-z0-9]{1,128}$`}
)

// Kinds of characters.
const (
	digits = 1 << iota
	capitals
	small
	signs // - _ .
	marks // : /

	letters = capitals | small
)

var kinds = func() (k [256]uint8) {
	for c := range k {
		switch {
		case '0' <= c && c <= '9':
			k[c] = digits
		case 'A' <= c && c <= 'Z':
			k[c] = capitals
		case 'a' <= c && c <= 'z':
			k[c] = small
		case c == '-' || c == '_' || c == '.':
			k[c] = signs
		case c == ':' || c == '/':
			k[c] = marks
		}
	}
	return k
}()

// from reports whether a text is of characters of some kinds alone, and of so many.
func from(s string, of uint8, least, most int) bool {
	if len(s) < least || len(s) > most {
		return false
	}
	for i := range len(s) {
		if kinds[s[i]]&of == 0 {
			return false
		}
	}
	return true
}

// isDecimal reports whether a text is a number of so many digits before and behind a point at the most.
func isDecimal(s string, before, behind int) bool {
	whole, frac, point := strings.Cut(s, ".")
	return from(whole, digits, 1, before) && (!point || from(frac, digits, 1, behind))
}

// form is a text that must be of a form, or "" when it was not sent.
func (p *parameters) form(name string, f form) string {
	v := p.text(name)
	if v != "" && !f.is(v) {
		p.fail(illegal(name, f))
		return ""
	}
	return v
}

// truth is an optional parameter that is true or false.
func (p *parameters) truth(name string, otherwise bool) bool {
	switch p.text(name) {
	case "true":
		return true
	case "false":
		return false
	}
	if p.has(name) {
		p.fail(invalid(name))
	}
	return otherwise
}

// whole is an optional whole number from 0, or the given one when it was not sent.
func (p *parameters) whole(name string, otherwise int64) int64 {
	if !p.has(name) {
		return otherwise
	}
	n, _ := strconv.ParseInt(p.form(name, wholeForm), 10, 64) // eighteen digits fit
	return n
}

// signedWhole is a whole number, which may be below 0, up to a greatest.
func (p *parameters) signedWhole(name string, most int64) int64 {
	v := p.form(name, signedForm)
	if v == "" {
		return 0
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n > most {
		p.fail(bad(-1108, "Parameter '"+name+"' overflowed."))
		return 0
	}
	return n
}

// limit is how many rows are asked for: more than the most is the most.
func (p *parameters) limit(otherwise, most int64) int {
	n := p.whole("limit", otherwise)
	if n == 0 {
		p.fail(invalid("limit"))
	}
	return int(min(n, most))
}

// decimal is an optional amount; one with more decimals than there may be is an error.
func (p *parameters) decimal(name string, decimals uint8) money.Amount {
	v := p.form(name, decimalForm)
	if v == "" {
		return money.Amount{}
	}
	if _, frac, _ := strings.Cut(v, "."); len(strings.TrimRight(frac, "0")) > int(decimals) {
		p.fail(bad(-1111, "Parameter '"+name+"' has too much precision."))
		return money.Amount{}
	}
	a, err := money.Parse(v)
	if err != nil {
		p.fail(invalid(name)) // beyond what an amount holds
	}
	return a
}

// instant is an optional time in milliseconds, which may be given in microseconds.
func (p *parameters) instant(name string, otherwise int64) int64 {
	if !p.has(name) {
		return otherwise
	}
	return micros(p.whole(name, 0)) / 1000
}

// between is the span of time asked for, in milliseconds, both ends included.
func (p *parameters) between() (from, to int64) {
	from, to = p.instant("startTime", 0), p.instant("endTime", 1<<62)
	if to < from {
		p.fail(bad(-1128, "Combination of optional parameters invalid."))
	}
	return from, to
}

// withinDay is between for what tells of one day at most; a span that says where it begins alone, or where it
// ends, is not held to that.
func (p *parameters) withinDay() (from, to int64) {
	if from, to = p.between(); p.has("startTime") && p.has("endTime") && to-from > 24*time.Hour.Milliseconds() {
		p.fail(bad(-1127, "More than 24 hours between startTime and endTime."))
	}
	return from, to
}

const (
	defaultWindow = 5_000_000  // µs
	maxWindow     = 60_000_000 // µs
	ahead         = 1_000_000  // µs that a client's clock may be ahead
)

// identify finds the API key that a request names, and whether it may be used for this from
// there.
func (c *call) identify(name string, may exchange.KeyMay) error {
	if !keyForm.is(name) {
		return &fault{status: http.StatusUnauthorized, code: -2014, msg: "API-key format invalid."}
	}
	k, ok := c.x.Key(name)
	if !ok || !k.Allows(may) || !k.Admits(c.remote) || k.Expired(c.at) {
		return badKey()
	}
	c.key, c.account = k, k.Account
	return nil
}

// authenticate finds out whether the key that the request names signed it just now.
func (c *call) authenticate(payload []byte) error {
	c.must("timestamp")
	c.must("signature")
	if err := c.timely(); err != nil {
		return err
	}
	if signature, _ := c.get("signature"); !signedBy(c.key, payload, signature) {
		return bad(-1022, "Signature for this request is not valid.")
	}
	return nil
}

// timely reads when the request was made and for how long it is meant.
func (c *call) timely() error {
	at, window := micros(c.whole("timestamp", 0)), int64(defaultWindow)
	if v := c.form("recvWindow", windowForm); v != "" {
		d, err := money.Parse(v)
		if err != nil {
			return invalid("recvWindow")
		}
		ms, err := d.Mul(money.Int(1000), money.Down)
		if err != nil || ms.Whole() > maxWindow {
			return bad(-1131, "recvWindow must be less than 60000")
		}
		window = ms.Whole()
	}
	if c.err != nil {
		return c.err
	}
	c.still = func(now time.Time) error { return inTime(at, window, now) }
	return c.fresh()
}

// fresh is nil while the request is still meant.
func (c *call) fresh() error { return c.still(c.x.Now()) }

// micros reads a timestamp of a client, which may be in milliseconds or in microseconds:
// in milliseconds a number of sixteen digits lies thirty thousand years away.
func micros(timestamp int64) int64 {
	if timestamp < 1e15 {
		return timestamp * 1000
	}
	return timestamp
}

// inTime holds a client's timestamp against the clock: less than a second ahead of it and
// at most the window behind. All but now are in µs.
func inTime(at, window int64, now time.Time) error {
	n := now.UnixMicro()
	switch {
	case at >= n+ahead:
		return bad(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
	case n-at > window:
		return bad(-1021, "Timestamp for this request is outside of the recvWindow.")
	}
	return nil
}
