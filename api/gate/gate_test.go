package gate

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/exchange"
	"sallyport/gate"
	"sallyport/gate/receipt"
	"sallyport/journal"
	"sallyport/law"
	"sallyport/verify"
	"sallyport/watchlist"
	"sallyport/watchlist/starter"
)

// A shop is an exchange of its own that asks the gate.
type shop struct {
	t    testing.TB
	x    *sample.Exchange
	s    *Server
	srv  *httptest.Server
	dir  string
	key  string
	keys string // the file of them
	doc  object
	asks int

	snapshots int64 // Config.SnapshotBytes

	mu       sync.Mutex
	receipts []string // all that were given out
}

// open opens a shop; with the folder of one that was shut it goes on.
func open(t testing.TB) *shop { return openWith(t, 0) }

// openWith opens one that makes a snapshot after so many bytes of log.
func openWith(t testing.TB, snapshots int64) *shop {
	dir := t.TempDir()
	h := &shop{t: t, dir: dir, keys: filepath.Join(dir, "gate.keys"), snapshots: snapshots}
	key, err := MakeKey(h.keys, "shop", nil, sample.Opens)
	if err != nil {
		t.Fatal(err)
	}
	h.key = key
	h.start()
	t.Cleanup(func() { h.shut() })
	return h
}

func (h *shop) start() {
	h.t.Helper()
	h.x = sample.With(h.t, func(c *exchange.Config) { c.Dir, c.SnapshotBytes = filepath.Join(h.dir, "data"), h.snapshots })
	keys, err := OpenKeys(h.keys)
	if err != nil {
		h.t.Fatal(err)
	}
	if h.s, err = New(h.x.Exchange, Options{Keys: keys, Secret: bytes.Repeat([]byte{7}, 32), Dir: filepath.Join(h.dir, "gate"), PerSecond: 100_000}); err != nil {
		h.t.Fatal(err)
	}
	h.srv = httptest.NewServer(h.s)
	if err := json.Unmarshal(h.s.document, &h.doc); err != nil {
		h.t.Fatal(err)
	}
}

func (h *shop) shut() {
	h.srv.Close()
	if err := h.s.Close(); err != nil {
		h.t.Error(err)
	}
	if err := h.x.Close(); err != nil {
		h.t.Error(err)
	}
}

// again shuts the program and opens it again on the same folder.
func (h *shop) again() {
	now := h.x.Clock.Now()
	h.shut()
	h.start()
	h.x.Clock.Set(now)
}

// An option of a request: "Name: value" is a header, "" none.
func (h *shop) do(method, path string, body any, headers ...string) (int, http.Header, []byte) {
	h.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			h.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	r, err := http.NewRequest(method, h.srv.URL+path, in)
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+h.key)
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if method == "POST" {
		h.mu.Lock()
		h.asks++
		r.Header.Set("Idempotency-Key", fmt.Sprint("ask-", h.asks))
		h.mu.Unlock()
	}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := operationOf(h.doc, method, path); err == nil { // what is no path has no words in the document
		if err := conforms(h.doc, method, path, answer.StatusCode, answer.Header, b); err != nil {
			h.t.Errorf("the answer is not as the document says: %v", err)
		}
	}
	return answer.StatusCode, answer.Header, b
}

// ask wants a yes and reads it.
func ask[T any](h *shop, method, path string, body any, headers ...string) T {
	h.t.Helper()
	status, _, b := h.do(method, path, body, headers...)
	var v T
	if err := json.Unmarshal(b, &v); err != nil || status/100 != 2 {
		h.t.Fatalf("%s %s: %d %s", method, path, status, b)
	}
	if a, ok := any(v).(Answer); ok {
		h.mu.Lock()
		h.receipts = append(h.receipts, a.Receipt)
		h.mu.Unlock()
	}
	return v
}

// no wants an error.
func (h *shop) no(status int, code, field, method, path string, body any, headers ...string) Error {
	h.t.Helper()
	got, _, b := h.do(method, path, body, headers...)
	var e Error
	if err := json.Unmarshal(b, &e); err != nil || got != status || e.Code != code || e.Field != field || e.Message == "" {
		h.t.Errorf("%s %s %v: %d %s, want %d %s at %q", method, path, body, got, b, status, code, field)
	}
	return e
}

func (h *shop) customer(ref, operator string, p entity.Profile) Answer {
	h.t.Helper()
	return ask[Answer](h, "POST", "/gate/v1/customers", object{"customer": ref, "operator": operator, "profile": profileOf(h.t, p)})
}

// profileOf is a profile as an exchange writes it: without what is of a list's entries.
func profileOf(t testing.TB, p entity.Profile) object {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(b, &o); err != nil {
		t.Fatal(err)
	}
	delete(o, "id")
	return o
}

const clean = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"

func moves(customer, address, reference string) object {
	return object{
		"customer": customer, "session": object{"country": "US"},
		"movement": object{"asset": "BTC", "amount": "0.50", "network": "BTC", "address": address, "reference": reference},
	}
}

// verify shuts the program and has the auditor replay its log with every receipt that was
// given out.
func (h *shop) verify() verify.Report {
	h.t.Helper()
	public := h.x.VerifierKey()
	h.shut()
	v, err := note.NewVerifier(public)
	if err != nil {
		h.t.Fatal(err)
	}
	rules, err := law.Default()
	if err != nil {
		h.t.Fatal(err)
	}
	o := verify.Options{Rules: []*law.Set{rules}, Verifiers: note.VerifierList(v)}
	for _, signed := range h.receipts {
		r, err := receipt.Open([]byte(signed), o.Verifiers)
		if err != nil {
			h.t.Fatal(err)
		}
		o.Receipts = append(o.Receipts, r)
	}
	log, err := journal.OpenReadOnly(filepath.Join(h.dir, "data", "journal"))
	if err != nil {
		h.t.Fatal(err)
	}
	report, err := verify.Journal(log, o)
	if err := log.Close(); err != nil {
		h.t.Fatal(err)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	if report.Receipts != len(h.receipts) {
		h.t.Errorf("%d of %d receipts were met", report.Receipts, len(h.receipts))
	}
	h.start()
	return report
}

// TestGate goes through a day of an exchange that asks before each act.
func TestGate(t *testing.T) {
	h := open(t)
	ada := h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	if ada.Verdict != law.Allow || ada.Do != gate.Proceed || ada.Action != law.OpenAccount || ada.Customer != "c-1" || ada.Standing != nil {
		t.Fatalf("%+v", ada)
	}
	listed := h.customer("c-2", "us", sample.Listed(t))
	// 31 CFR 501.603: what a listed person sends here is blocked when it arrives, so the account opens, frozen.
	if listed.Verdict != law.Freeze || listed.Do != gate.Block || len(listed.Reasons) == 0 || listed.Reasons[0].Instrument == "" {
		t.Errorf("a listed person: %+v", listed)
	}
	iranian := sample.Somebody("Navid Somebodi", "IR")
	iranian.Residence.Country = "IR"
	refused := h.customer("c-3", "us", iranian)
	if refused.Verdict != law.Refuse || refused.Do != gate.Stop {
		t.Errorf("somebody in Iran, of a US operator: %+v", refused)
	}
	h.no(404, noCustomer, "customer", "GET", "/gate/v1/customers/c-3", nil)

	standing := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil)
	if standing.Standing.Verdict != law.Allow || !slices.Equal(standing.Standing.May, []string{"trade", "withdraw"}) || standing.Do != gate.Proceed {
		t.Errorf("%+v", standing)
	}
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-2", nil); s.Standing.Verdict != law.Freeze || len(s.Standing.May) != 0 || s.Do != gate.Block {
		t.Errorf("%+v", s)
	}

	out := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-1"))
	if out.Do != gate.Proceed || out.Permit == nil || !out.Permit.Until.Equal(out.At.Add(time.Hour)) || out.Standing == nil || out.Standing.Decision != standing.Standing.Decision {
		t.Errorf("%+v", out)
	}
	if want := (gate.Movement{Kind: law.Withdraw, Account: out.Account, Asset: "BTC", Amount: "0.5", Network: "BTC", Address: clean, Ref: "w-1"}).Digest(); out.Permit.Movement != want {
		t.Errorf("permit for %s, want %s", out.Permit.Movement, want)
	}
	wallet := sample.ListedWallet(t)
	to := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-1", wallet, "w-2"))
	if to.Verdict != law.Freeze || to.Do != gate.Block || to.Permit != nil || to.RestsOn != to.Decision {
		t.Errorf("to a listed address: %+v", to)
	}
	from := ask[Answer](h, "POST", "/gate/v1/deposits", moves("c-1", wallet, "d-1"))
	if from.Do != gate.Block {
		t.Errorf("from a listed address: %+v", from)
	}
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil); s.Standing.Verdict != law.Allow {
		t.Errorf("a listed address on the other side changed the customer's standing to %s", s.Standing.Verdict)
	}
	// Value of a frozen customer stays, whatever the address.
	stays := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-2", clean, "w-3"))
	if stays.Do != gate.Block || stays.Permit != nil {
		t.Errorf("a listed customer's withdrawal: %+v", stays)
	}

	in := ask[Answer](h, "POST", "/gate/v1/sign-ins", object{"customer": "c-1", "session": object{"country": "IR"}})
	if in.Verdict != law.Reject || in.Do != gate.Stop { // 31 CFR 560.204; one session, not the customer
		t.Errorf("a sign-in from Iran: %+v", in)
	}
	if in := ask[Answer](h, "POST", "/gate/v1/sign-ins", object{"customer": "c-1", "session": object{"ip": "192.0.2.1"}}); in.Do != gate.Proceed {
		t.Errorf("a sign-in from the United States: %+v", in)
	}
	nowhere := moves("c-1", clean, "w-4")
	delete(nowhere, "session")
	if a := ask[Answer](h, "POST", "/gate/v1/withdrawals", nowhere); a.Do != gate.Wait || a.Hold == nil || a.Hold.Owner == "" || len(a.Reasons) == 0 || a.Reasons[0].Says != "unknown" {
		t.Errorf("a withdrawal from nobody knows where: %+v", a)
	}
	trade := ask[Answer](h, "POST", "/gate/v1/decisions", object{"customer": "c-1", "action": "trade", "assets": []string{"BTC", "USDT"}, "session": object{"country": "US"}})
	if trade.Do != gate.Proceed || trade.Permit != nil {
		t.Errorf("%+v", trade)
	}
	review := ask[Answer](h, "POST", "/gate/v1/decisions", object{"customer": "c-1", "action": "review"})
	if review.Do != gate.Proceed || review.Standing == nil || review.Standing.Decision != review.Decision {
		t.Errorf("%+v", review)
	}
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil); s.Standing.Decision != review.Decision {
		t.Errorf("after a review the customer stands under %s", s.Standing.Decision)
	}

	seen := ask[Answer](h, "GET", "/gate/v1/decisions/"+to.Decision, nil)
	if !jsonEqual(t, seen, to) {
		t.Errorf("seen again it is\n%+v, was\n%+v", seen, to)
	}
	report := h.verify()
	if report.ByVerdict["freeze"] != 4 || report.ByVerdict["refuse"] != 1 || report.Frozen != 1 || report.Accounts != 2 || report.Deposits+report.Withdrawals != 0 {
		t.Errorf("%+v", report)
	}
}

func jsonEqual(t testing.TB, a, b any) bool {
	t.Helper()
	x, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Equal(x, y)
}

// TestExplains: three readers, two languages.
func TestExplains(t *testing.T) {
	h := open(t)
	listed := h.customer("c-2", "us", sample.Listed(t))
	at := "/gate/v1/decisions/" + listed.Decision
	for _, c := range []struct {
		query, languages, reader, language, text string
	}{
		{"", "", "customer", "en", "The law obliges us to freeze this"},
		{"?explain=customer", "ru", "customer", "ru", "Закон обязывает нас"},
		{"", "de;q=0.9, ru-RU;q=0.8, en;q=0.1", "customer", "ru", "Закон обязывает нас"},
		{"", "fr", "customer", "en", "The law obliges us"},
		{"", "en-GB, ru;q=0.5", "customer", "en", "The law obliges us"},
		{"", ";;;", "customer", "en", "The law obliges us"},
		{"?explain=reviewer", "ru", "reviewer", "en", "Verdict: freeze"},
	} {
		a := ask[Answer](h, "GET", at+c.query, nil, "Accept-Language: "+c.languages)
		if a.Explanation == nil || a.Explanation.Reader != c.reader || a.Explanation.Language != c.language || !strings.Contains(a.Explanation.Text, c.text) {
			t.Errorf("%+v: %+v", c, a.Explanation)
		}
		if (c.reader == "reviewer") != (len(a.Evidence) > 0) {
			t.Errorf("%+v: evidence %s", c, a.Evidence)
		}
	}
	a := ask[Answer](h, "GET", at+"?explain=machine", nil)
	var d gate.Decision
	if err := json.Unmarshal(a.Evidence, &d); err != nil || d.Check() != nil || d.ID != listed.Decision || a.Explanation != nil {
		t.Errorf("%v %v %+v", err, d.Check(), a.Explanation)
	}
	name := sample.Listed(t).Names[0].Full
	customer := ask[Answer](h, "GET", at, nil)
	if strings.Contains(customer.Explanation.Text, name) {
		t.Error("the customer's words name an entry of the list")
	}
	h.no(422, invalidField, "explain", "GET", at+"?explain=king", nil)
}

// TestIdempotent: one key, one question, one decision, byte for byte, also after a restart.
func TestIdempotent(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	const key = "Idempotency-Key: my-own-1"
	body := moves("c-1", clean, "w-1")
	status, header, first := h.do("POST", "/gate/v1/withdrawals", body, key)
	if status != 200 || header.Get("Idempotent-Replayed") != "" {
		t.Fatalf("%d %s", status, first)
	}
	decisions := h.x.View().Summary().Decisions
	same := func(when string) {
		t.Helper()
		h.x.Clock.Set(h.x.Clock.Now().Add(25 * time.Hour)) // the answer is not another tomorrow
		status, header, b := h.do("POST", "/gate/v1/withdrawals", body, key)
		if status != 200 || !bytes.Equal(b, first) || header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s it is %d\n%s, was\n%s", when, status, b, first)
		}
		// The same question in other words: by its general form, its fields in another order.
		status, _, b = h.do("POST", "/gate/v1/decisions", `{"action":"withdraw", "movement":{"reference":"w-1","address":"`+clean+`","network":"BTC","amount":"0.5","asset":"BTC"},
			"session":{"country":"US"}, "customer":"c-1"}`, key)
		if status != 200 || !bytes.Equal(b, first) {
			t.Errorf("%s, written otherwise, it is %d %s", when, status, b)
		}
		other := moves("c-1", clean, "w-9")
		h.no(422, keyReused, "Idempotency-Key", "POST", "/gate/v1/withdrawals", other, key)
		h.no(422, keyReused, "Idempotency-Key", "POST", "/gate/v1/deposits", body, key)
	}
	same("again")
	h.again()
	same("after a restart")
	if n := h.x.View().Summary().Decisions; n != decisions {
		t.Errorf("%d decisions, were %d", n, decisions)
	}
	// Another caller has keys of their own.
	mine := h.key
	var err error
	if h.key, err = MakeKey(h.keys, "other", nil, sample.Opens); err != nil {
		t.Fatal(err)
	}
	h.again()
	if _, header, _ := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-8"), key); header.Get("Idempotent-Replayed") != "" {
		t.Error("another caller's key was taken for this one's")
	}
	h.key = mine

	// A customer, too: and one who was refused, who has no account to be found by.
	iranian := sample.Somebody("Navid Somebodi", "IR")
	iranian.Residence.Country = "IR"
	apply := object{"customer": "c-3", "operator": "us", "profile": profileOf(t, iranian)}
	_, _, refused := h.do("POST", "/gate/v1/customers", apply, "Idempotency-Key: open-3")
	h.again()
	if _, _, b := h.do("POST", "/gate/v1/customers", apply, "Idempotency-Key: open-3"); !bytes.Equal(b, refused) || !bytes.Contains(b, []byte(`"refuse"`)) {
		t.Errorf("%s\nwas\n%s", b, refused)
	}
	h.no(409, exists, "customer", "POST", "/gate/v1/customers", object{"customer": "c-1", "operator": "us", "profile": profileOf(t, iranian)})
	h.verify()
}

// TestAnswersOfLongAgo: a question that was answered thousands of decisions ago has the same answer, and where that cannot be
// read there is none, and no new one.
func TestAnswersOfLongAgo(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	const key = "Idempotency-Key: my-own-1"
	_, _, first := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-1"), key)
	_, _, second := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2"), "Idempotency-Key: my-own-2")
	var a, unread Answer
	if err := json.Unmarshal(second, &unread); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(first, &a); err != nil {
		t.Fatal(err)
	}
	told := ask[Answer](h, "GET", "/gate/v1/decisions/"+a.Decision, nil)
	changes := ask[Changes](h, "GET", "/gate/v1/changes?after=0&limit=1000", nil)
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 140 {
				key := fmt.Sprintf("%064x", w*1000+i)
				if _, err := h.x.Ask(exchange.Question{Account: a.Account, Action: law.SignIn, Session: exchange.Session{Country: "US"}, Asked: gate.Asked{Key: key, Request: key}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	decisions := h.x.View().Summary().Decisions
	same := func(when string) {
		t.Helper()
		if status, header, b := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-1"), key); status != 200 || !bytes.Equal(b, first) || header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s it is %d\n%s, was\n%s", when, status, b, first)
		}
		if got := ask[Answer](h, "GET", "/gate/v1/decisions/"+a.Decision, nil); !jsonEqual(t, got, told) {
			t.Errorf("%s the decision is told %+v, was %+v", when, got, told)
		}
		if got := ask[Changes](h, "GET", "/gate/v1/changes?after=0&limit=1000", nil); !jsonEqual(t, got, changes) {
			t.Errorf("%s the changes are %+v, were %+v", when, got, changes)
		}
		h.no(409, permitted, "movement", "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-1"), fmt.Sprint("Idempotency-Key: anew-", len(when))) // it has its yes
	}
	same("at once")
	h.again()
	same("later")
	if n := h.x.View().Summary().Decisions; n != decisions {
		t.Errorf("%d decisions, were %d", n, decisions)
	}
	h.x.Close()
	if status, _, b := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2"), "Idempotency-Key: my-own-2"); status != 500 { // and not 503, which is what a new question gets
		t.Errorf("what cannot be read is answered %d %s", status, b)
	}
	for path, least := range map[string]int{unread.Decision: 500, strings.Repeat("0", 64): 404} {
		if status, _, b := h.do("GET", "/gate/v1/decisions/"+path, nil); status < least || status >= least+100 {
			t.Errorf("decision %s, where the log cannot be read: %d %s", path, status, b)
		}
	}
}

// TestOneKeyManyCallers: many ask the same at one time, and there is one decision.
func TestOneKeyManyCallers(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	before := h.x.View().Summary().Decisions
	var all sync.WaitGroup
	answers := make([][]byte, 64)
	for i := range answers {
		all.Go(func() {
			_, _, answers[i] = h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-1"), "Idempotency-Key: one")
		})
	}
	all.Wait()
	for _, b := range answers {
		if !bytes.Equal(b, answers[0]) || !bytes.Contains(b, []byte(`"proceed"`)) {
			t.Fatalf("%s\n%s", b, answers[0])
		}
	}
	if n := h.x.View().Summary().Decisions; n != before+1 {
		t.Errorf("%d decisions for one question", n-before)
	}

	// And under as many keys, about one movement: one of them gets the yes.
	var mu sync.Mutex
	yes, denied := 0, 0
	for range answers {
		all.Go(func() {
			status, _, b := h.do("POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2"))
			mu.Lock()
			defer mu.Unlock()
			switch {
			case status == 200 && bytes.Contains(b, []byte(`"permit"`)):
				yes++
			case status == 409 && bytes.Contains(b, []byte(permitted)):
				denied++
			}
		})
	}
	all.Wait()
	if yes != 1 || denied != len(answers)-1 {
		t.Errorf("%d yes and %d denied", yes, denied)
	}
	// When it has run out, it may be asked again.
	h.x.Clock.Set(h.x.Clock.Now().Add(time.Hour + time.Minute))
	if a := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2")); a.Permit == nil {
		t.Errorf("%+v", a)
	}
	// And when the customer stands under another decision.
	h.no(409, permitted, "movement", "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2"))
	ask[Answer](h, "POST", "/gate/v1/decisions", object{"customer": "c-1", "action": "review"})
	if a := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2")); a.Permit == nil {
		t.Errorf("%+v", a)
	}
	h.verify()
}

// newlyListed is a person whom a later starter edition names and the first does not.
func newlyListed(t testing.TB, later *watchlist.Edition) entity.Profile {
	t.Helper()
	first, err := starter.Edition(sample.Opens)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range later.Entities {
		if e.Kind == entity.Person && len(e.Birth) == 1 && e.Birth[0].IsExact() && len(e.Nationalities) > 0 && first.Find(e.ID) == nil {
			p := sample.Somebody(e.PrimaryName(), e.Nationalities[0])
			p.Birth = e.Birth
			return p
		}
	}
	t.Fatal("the later edition names nobody new with a birth date")
	return entity.Profile{}
}

// TestExistingCustomersAreDecidedAgain: by a list, by their own data, by what was told.
func TestExistingCustomersAreDecidedAgain(t *testing.T) {
	h := open(t)
	later, err := starter.Edition(sample.Days[2])
	if err != nil {
		t.Fatal(err)
	}
	soon := newlyListed(t, later)
	if a := h.customer("c-1", "us", soon); a.Do != gate.Proceed {
		t.Fatalf("not yet listed, and %+v", a)
	}
	feed := ask[Changes](h, "GET", "/gate/v1/changes", nil)
	if len(feed.Changes) != 1 || feed.Changes[0].Customer != "c-1" || feed.Changes[0].Before != law.Undecided || feed.Next != feed.Changes[0].Record {
		t.Fatalf("%+v", feed)
	}
	waiting := make(chan Changes, 1)
	go func() {
		waiting <- ask[Changes](h, "GET", fmt.Sprintf("/gate/v1/changes?after=%d&wait=30", feed.Next), nil)
	}()
	if _, err := h.x.TakeEdition(later, time.Now()); err != nil {
		t.Fatal(err)
	}
	told := <-waiting
	if len(told.Changes) != 1 || told.Changes[0].Standing.Verdict != law.Freeze || told.Changes[0].Before != law.Allow || told.Changes[0].Do != gate.Block || len(told.Changes[0].Reasons) == 0 {
		t.Fatalf("%+v", told)
	}
	if a := ask[Answer](h, "POST", "/gate/v1/decisions", object{"customer": "c-1", "action": "trade", "assets": []string{"BTC", "USDT"}, "session": object{"country": "US"}}); a.Do != gate.Block {
		t.Errorf("a trade of a frozen customer: %+v", a)
	}

	// Their own data: somebody moves to Iran, and back.
	h.customer("c-5", "us", sample.Somebody("Ada Quillfeather", "US"))
	moved := sample.Somebody("Ada Quillfeather", "US")
	moved.Residence.Country = "IR"
	s := ask[Customer](h, "PUT", "/gate/v1/customers/c-5/profile", object{"profile": profileOf(t, moved)})
	if s.Standing.Verdict == law.Allow || s.Do == gate.Proceed {
		t.Errorf("a resident of Iran, of a US operator: %+v", s)
	}
	w := ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-5", clean, "w-5"))
	if w.Do == gate.Proceed || w.Permit != nil {
		t.Errorf("%+v", w)
	}
	if s := ask[Customer](h, "PUT", "/gate/v1/customers/c-5/profile", object{"profile": profileOf(t, sample.Somebody("Ada Quillfeather", "US"))}); s.Standing.Verdict != law.Allow {
		t.Errorf("and back: %+v", s)
	}
	h.again()
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil); s.Standing.Verdict != law.Freeze {
		t.Errorf("after a restart: %+v", s)
	}
	h.verify()
}

// TestMovementsAreDecidedAgain: 8 August 2022, Tornado Cash's addresses are listed; 21 March
// 2025, they are delisted (law scenario 45). A yes that was not used yet is called back, and
// what was frozen of a deposit is released, in the order of the log and by a decision each.
func TestMovementsAreDecidedAgain(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	edition := func(i int) *watchlist.Edition {
		e, err := starter.Edition(sample.Days[i])
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	wallets := func(e *watchlist.Edition) map[string]bool {
		all := map[string]bool{}
		for i := range e.Entities {
			for _, w := range e.Entities[i].Wallets {
				all[w.Address] = true
			}
		}
		return all
	}
	first, listed, delisted := wallets(edition(0)), edition(2), wallets(edition(3))
	tornado := ""
	for address := range wallets(listed) {
		if !first[address] && !delisted[address] && address > tornado {
			tornado = address
		}
	}
	if tornado == "" {
		t.Fatal("the starter lists have no address that was listed and delisted")
	}
	out := moves("c-1", tornado, "w-1")
	out["movement"].(object)["asset"], out["movement"].(object)["network"] = "ETH", "ETH"
	yes := ask[Answer](h, "POST", "/gate/v1/withdrawals", out)
	if yes.Permit == nil {
		t.Fatalf("not listed yet, and %+v", yes)
	}
	ask[Answer](h, "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2")) // stays a yes throughout
	after := ask[Changes](h, "GET", "/gate/v1/changes", nil).Next
	if _, err := h.x.TakeEdition(listed, time.Now()); err != nil {
		t.Fatal(err)
	}
	told := ask[Changes](h, "GET", fmt.Sprint("/gate/v1/changes?after=", after), nil)
	if len(told.Changes) != 1 || told.Changes[0].Kind != "movement" || told.Changes[0].Do != gate.Block || told.Changes[0].Before != law.Allow || told.Changes[0].Permit != nil ||
		told.Changes[0].Movement.Replaces != yes.Decision || told.Changes[0].Movement.Reference != "w-1" || told.Changes[0].Standing.Verdict != law.Allow {
		t.Fatalf("%+v", told)
	}
	h.receipts = append(h.receipts, told.Changes[0].Receipt)
	in := moves("c-1", tornado, "d-1")
	in["movement"].(object)["asset"] = "ETH"
	if a := ask[Answer](h, "POST", "/gate/v1/deposits", in, "Idempotency-Key: d-1"); a.Do != gate.Block {
		t.Fatalf("from a listed address: %+v", a)
	}
	h.no(409, permitted, "movement", "POST", "/gate/v1/withdrawals", moves("c-1", clean, "w-2"))

	h.again()
	h.x.Clock.Set(sample.Days[3])
	if _, err := h.x.TakeEdition(edition(3), time.Now()); err != nil {
		t.Fatal(err)
	}
	told = ask[Changes](h, "GET", fmt.Sprint("/gate/v1/changes?after=", told.Next), nil)
	released := map[string]Change{}
	for _, c := range told.Changes {
		if c.Kind == "movement" {
			released[c.Movement.Reference] = c
			h.receipts = append(h.receipts, c.Receipt)
		}
	}
	if c := released["d-1"]; c.Do != gate.Proceed || c.Before != law.Freeze || c.Permit == nil {
		t.Errorf("a deposit from a delisted address: %+v", c)
	}
	if c := released["w-1"]; c.Do == gate.Block { // held for want of a session's place would do
		t.Errorf("the withdrawal: %+v", c)
	}
	// The first answer stays what it was.
	if a := ask[Answer](h, "POST", "/gate/v1/deposits", in, "Idempotency-Key: d-1"); a.Do != gate.Block {
		t.Errorf("%+v", a)
	}
	if report := h.verify(); report.Asked != 7 {
		t.Errorf("%d decisions asked for", report.Asked)
	}
}

// TestOtherSide: whoever is said to be on the other side is held against the lists too, and
// again when these change; it says nothing of the customer.
func TestOtherSide(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	later, err := starter.Edition(sample.Days[2])
	if err != nil {
		t.Fatal(err)
	}
	to := func(reference string, p entity.Profile) object {
		q := moves("c-1", clean, reference)
		q["movement"].(object)["counterparty"] = profileOf(t, p)
		return q
	}
	like := sample.Listed(t) // their name, and nothing else of them
	like.Birth, like.BirthPlaces, like.Nationalities = nil, nil, nil
	soon := newlyListed(t, later)
	for _, c := range []struct {
		reference string
		party     entity.Profile
		do        gate.Do
	}{
		{"w-1", sample.Somebody("Ben Ordinary", "US"), gate.Proceed}, {"w-2", sample.Listed(t), gate.Block}, {"w-3", like, gate.Wait}, {"w-4", soon, gate.Proceed},
	} {
		a := ask[Answer](h, "POST", "/gate/v1/withdrawals?explain=reviewer", to(c.reference, c.party))
		if a.Do != c.do || (a.Permit != nil) != (c.do == gate.Proceed) || !strings.Contains(a.Explanation.Text, "The other side, by what was said of them") {
			t.Errorf("%s: %+v", c.reference, a)
		}
		if strings.Contains(string(a.Evidence), "Ben Ordinary") {
			t.Error("the log names the other side")
		}
	}
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil); s.Standing.Verdict != law.Allow {
		t.Errorf("the customer stands at %s", s.Standing.Verdict)
	}
	h.again()
	after := ask[Changes](h, "GET", "/gate/v1/changes", nil).Next
	if _, err := h.x.TakeEdition(later, time.Now()); err != nil {
		t.Fatal(err)
	}
	told := ask[Changes](h, "GET", fmt.Sprint("/gate/v1/changes?after=", after), nil)
	if len(told.Changes) != 1 || told.Changes[0].Kind != "movement" || told.Changes[0].Movement.Reference != "w-4" || told.Changes[0].Do != gate.Block {
		t.Errorf("%+v", told)
	}
	h.no(409, permitted, "movement", "POST", "/gate/v1/withdrawals", to("w-1", sample.Somebody("Ben Ordinary", "US")))
	h.verify()
}

// TestCapByWhatWasTold: Regulation (EU) 2022/576, Article 5b(2) as it was from 9 April 2022:
// no wallet for Russian nationals or residents above EUR 10,000 in total. The value is with
// the exchange that asks; what nobody told is not known, and holds.
func TestCapByWhatWasTold(t *testing.T) {
	h := open(t)
	h.x.Clock.Set(time.Date(2022, 5, 2, 12, 0, 0, 0, time.UTC))
	p := sample.Somebody("Kseniya Tikhaya", "RU")
	p.Residence.Country = "KZ"
	untold := ask[Answer](h, "POST", "/gate/v1/customers", object{"customer": "c-1", "operator": "eu", "profile": profileOf(t, p)})
	if untold.Verdict != law.Hold || !slices.ContainsFunc(untold.Reasons, func(r Reason) bool { return slices.Contains(r.Missing, "holding.value_eur_cents") }) {
		t.Fatalf("untold: %+v", untold)
	}
	tell := func(cents int) Customer {
		return ask[Customer](h, "PUT", "/gate/v1/customers/c-1/facts", object{"facts": object{"holding.value_eur_cents": cents}})
	}
	if s := tell(999_900); s.Standing.Verdict != law.Allow || s.Do != gate.Proceed {
		t.Errorf("EUR 9,999: %+v", s)
	}
	// EUR 9,999 and half a bitcoin at EUR 35,000 that arrives: above, and credited all the same,
	// for from an account that is capped it can go out again.
	in := ask[Answer](h, "POST", "/gate/v1/deposits", moves("c-1", clean, "d-1"))
	if in.Verdict != law.Cap || in.Do != gate.Proceed {
		t.Errorf("a deposit beyond the limit: %+v", in)
	}
	unpriced := moves("c-1", clean, "d-2")
	unpriced["movement"].(object)["asset"] = "DOGE"
	if a := ask[Answer](h, "POST", "/gate/v1/deposits", unpriced); a.Do != gate.SetAside {
		t.Errorf("a deposit whose value nobody knows: %+v", a)
	}
	unpriced["facts"] = object{"holding.value_eur_cents": 999_950}
	if a := ask[Answer](h, "POST", "/gate/v1/deposits", unpriced); a.Verdict != law.Allow || a.Do != gate.Proceed {
		t.Errorf("and told: %+v", a)
	}
	if s := tell(1_000_100); s.Standing.Verdict != law.Cap || s.Do != gate.LetLeave || !slices.Equal(s.Standing.May, []string{"withdraw"}) {
		t.Errorf("EUR 10,001: %+v", s)
	}
	if a := ask[Answer](h, "POST", "/gate/v1/decisions", object{"customer": "c-1", "action": "trade", "assets": []string{"BTC", "USDT"}, "session": object{"country": "KZ", "area": ""}}); a.Do != gate.Stop {
		t.Errorf("a trade above the limit: %+v", a)
	}
	out := moves("c-1", clean, "w-1")
	out["session"] = object{"country": "KZ"}
	if a := ask[Answer](h, "POST", "/gate/v1/withdrawals", out); a.Do != gate.Proceed || a.Permit == nil {
		t.Errorf("taking it out: %+v", a)
	}
	h.again()
	if s := ask[Customer](h, "GET", "/gate/v1/customers/c-1", nil); s.Standing.Verdict != law.Cap {
		t.Errorf("after a restart what was told is lost: %+v", s)
	} else if v, ok := s.Facts.Number("holding.value_eur_cents"); !ok || v != 1_000_100 {
		t.Errorf("%v %v", v, ok)
	}
	h.verify()
}

// TestAssetsAndPlatforms asks about what is no movement: whether a customer may hold an asset,
// and, of an operating entity itself, whether it may offer one or deal with a provider. Each is
// a decision with a receipt like any other (Article 5ba and the 20th package, of the Union).
func TestAssetsAndPlatforms(t *testing.T) {
	h := open(t)
	h.customer("c-1", "eu", sample.Somebody("Ada Quillfeather", "FR"))
	h.x.Clock.Set(time.Date(2026, 5, 24, 12, 0, 0, 0, time.UTC))
	firm := func(country string, wallets ...string) object {
		p := object{"kind": "organisation", "names": []object{{"full": "Steppe Crossing Markets LLP"}}, "residence": object{"country": country}}
		for _, w := range wallets {
			all, _ := p["wallets"].([]object)
			p["wallets"] = append(all, object{"ticker": "XBT", "address": w})
		}
		return object{"name": "Steppe", "profile": p}
	}
	for name, c := range map[string]struct {
		ask     object
		verdict law.Verb
		do      gate.Do
		rule    string // of the first reason
		account bool
	}{
		"to hold bitcoin":            {object{"customer": "c-1", "action": "hold_asset", "assets": []string{"BTC"}}, law.Allow, gate.Proceed, "", true},
		"to hold A7A5":               {object{"customer": "c-1", "action": "hold_asset", "assets": []string{"A7A5"}}, law.AssetBan, gate.Stop, "eu-833-5ba", true},
		"to hold what wraps it":      {object{"customer": "c-1", "action": "hold_asset", "assets": []string{"WRUB"}, "facts": object{"asset.represents": []string{"WRUB", "A7A5"}}}, law.AssetBan, gate.Stop, "eu-833-5ba", true},
		"to offer bitcoin":           {object{"operator": "eu", "action": "list_asset", "assets": []string{"BTC"}}, law.Allow, gate.Proceed, "", false},
		"to offer A7A5":              {object{"operator": "eu", "action": "list_asset", "assets": []string{"A7A5"}}, law.AssetBan, gate.Stop, "eu-833-5ba", false},
		"to offer it elsewhere":      {object{"operator": "us", "action": "list_asset", "assets": []string{"A7A5"}}, law.Allow, gate.Proceed, "", false},
		"to deal in Kazakhstan":      {object{"operator": "eu", "action": "deal_platform", "platform": firm("KZ")}, law.Allow, gate.Proceed, "", false},
		"to deal in Russia":          {object{"operator": "eu", "action": "deal_platform", "platform": firm("RU")}, law.PlatformBan, gate.Stop, "eu-833-20-casp", false},
		"to deal nobody knows where": {object{"operator": "eu", "action": "deal_platform", "platform": firm("")}, law.Hold, gate.Wait, "eu-833-20-casp", false},
		"with a listed address":      {object{"operator": "us", "action": "deal_platform", "platform": firm("KZ", sample.ListedWallet(t))}, law.PlatformBan, gate.Stop, "us-platform", false},
		"with a successor":           {object{"operator": "eu", "action": "deal_platform", "platform": firm("KZ"), "facts": object{"counterparty.platform_succeeds": []string{"eu-833-xlv"}}}, law.PlatformBan, gate.Stop, "eu-833-5ad-successor", false},
	} {
		t.Run(name, func(t *testing.T) {
			h.t = t
			a := ask[Answer](h, "POST", "/gate/v1/decisions", c.ask)
			if a.Verdict != c.verdict || a.Do != c.do || (a.Account != 0) != c.account || (a.Standing != nil) != c.account || a.RestsOn != a.Decision || a.Permit != nil || a.Explanation.Text == "" {
				t.Errorf("%+v", a)
			}
			if (len(a.Reasons) > 0) != (c.rule != "") || c.rule != "" && a.Reasons[0].Rule != c.rule {
				t.Errorf("reasons %+v, want %s", a.Reasons, c.rule)
			}
			seen := ask[Answer](h, "GET", "/gate/v1/decisions/"+a.Decision, nil)
			if !jsonEqual(t, seen, a) {
				t.Errorf("seen again it is\n%+v, was\n%+v", seen, a)
			}
		})
	}
	h.t = t
	again := object{"operator": "eu", "action": "list_asset", "assets": []string{"A7A5"}}
	first := ask[Answer](h, "POST", "/gate/v1/decisions", again, "Idempotency-Key: list")
	if second := ask[Answer](h, "POST", "/gate/v1/decisions", again, "Idempotency-Key: list"); !jsonEqual(t, first, second) {
		t.Errorf("the same question under the same key: %+v, then %+v", first, second)
	}
	h.receipts = h.receipts[:len(h.receipts)-1] // of one decision
	if report := h.verify(); report.Asked == 0 {
		t.Errorf("%+v", report)
	}
}

// TestSelfHosted: what the asker alone knows of the address on the other side, and of the worth
// of what moves, decides whether it waits (Regulation (EU) 2023/1113, Articles 14(5) and 16(2)).
func TestSelfHosted(t *testing.T) {
	h := open(t)
	h.customer("c-1", "eu", sample.Somebody("Ada Quillfeather", "FR"))
	h.x.Clock.Set(time.Date(2025, 2, 3, 12, 0, 0, 0, time.UTC))
	for i, c := range []struct {
		asset, amount string // 0.5 BTC is worth EUR 17 500 here, and of XMR nothing is known
		facts         object
		want          gate.Do
		says          string
	}{
		{"BTC", "0.5", object{}, gate.Wait, "unknown"},
		{"BTC", "0.02", object{}, gate.Proceed, ""},
		{"BTC", "0.5", object{"counterparty.self_hosted": true, "counterparty.control_assessed": false}, gate.Wait, "fires"},
		{"BTC", "0.5", object{"counterparty.self_hosted": true, "counterparty.control_assessed": true}, gate.Proceed, ""},
		{"BTC", "0.5", object{"counterparty.self_hosted": false}, gate.Proceed, ""},
		{"XMR", "0.5", object{"counterparty.self_hosted": true, "counterparty.control_assessed": false}, gate.Wait, "unknown"},
		{"XMR", "0.5", object{"counterparty.self_hosted": true, "counterparty.control_assessed": false, "movement.value_eur_cents": 100000}, gate.Proceed, ""},
		{"XMR", "0.5", object{"counterparty.self_hosted": true, "counterparty.control_assessed": false, "movement.value_eur_cents": 100001}, gate.Wait, "fires"},
	} {
		q := moves("c-1", clean, fmt.Sprint("w-", i))
		q["movement"].(object)["asset"], q["movement"].(object)["amount"], q["facts"] = c.asset, c.amount, c.facts
		a := ask[Answer](h, "POST", "/gate/v1/withdrawals", q)
		if a.Do != c.want || (len(a.Reasons) > 0) != (c.says != "") || c.says != "" && (a.Reasons[0].Rule != "eu-tfr-self-hosted" || a.Reasons[0].Says != c.says) {
			t.Errorf("%+v: %s, %+v", c, a.Do, a.Reasons)
		}
	}
	h.verify()
}
