package desk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/staff"
)

const token = "correct horse battery staple"

// A clerk speaks to the desk under test.
type clerk struct {
	t     *testing.T
	desk  http.Handler
	token string
}

func (c *clerk) do(method, path, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	w := httptest.NewRecorder()
	c.desk.ServeHTTP(w, r)
	return w
}

// ok decodes an answer of the given status.
func (c *clerk) ok(status int, w *httptest.ResponseRecorder, v any) {
	c.t.Helper()
	if w.Code != status || w.Header().Get("Content-Type") != "application/json" {
		c.t.Fatalf("status %d, want %d; %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), v); err != nil {
		c.t.Fatalf("%s: %v", w.Body, err)
	}
}

// problem checks that an error is a problem of the status whose detail has the words.
func (c *clerk) problem(status int, w *httptest.ResponseRecorder, words string) {
	c.t.Helper()
	var p problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		c.t.Fatalf("%s: %v", w.Body, err)
	}
	if w.Code != status || p.Status != status || p.Type != "about:blank" || p.Title != http.StatusText(status) || w.Header().Get("Content-Type") != "application/problem+json" {
		c.t.Errorf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if !strings.Contains(p.Detail, words) {
		c.t.Errorf("detail %q, want it to say %q", p.Detail, words)
	}
}

type answer struct {
	Account     uint64
	Refused     bool
	Verdict     string
	Decision    string
	Explanation string
	Rules       []struct{ Rule, Instrument string }
}

func application(t *testing.T, operator string, p entity.Profile) string {
	t.Helper()
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"operator":%q,"profile":%s}`, operator, b)
}

func TestDesk(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}

	// An ordinary person is let in.
	somebody := sample.Somebody("Adaline Wrenfield", "US")
	somebody.ID = "applicant-1"
	var ada answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", somebody)), &ada)
	if ada.Refused || ada.Verdict != "allow" || len(ada.Decision) != 64 || ada.Explanation == "" || ada.Account == 0 {
		t.Errorf("somebody: %+v", ada)
	}
	c.problem(409, c.do("POST", "/desk/v1/customers", application(t, "us", somebody)), fmt.Sprintf("account %d was opened for this reference", ada.Account))

	// A listed person's account opens frozen, and says by which law.
	var frozen answer
	c.ok(201, c.do("POST", "/desk/v1/customers", application(t, "us", sample.Listed(t))), &frozen)
	if frozen.Verdict != "freeze" || frozen.Refused || !strings.Contains(frozen.Explanation, "31 CFR") {
		t.Errorf("a listed person: %+v", frozen)
	}

	var key struct{ APIKey, Secret string }
	c.ok(201, c.do("POST", fmt.Sprintf("/desk/v1/customers/%d/keys", ada.Account), ""), &key)
	if k, ok := x.Exchange.Key(key.APIKey); !ok || k.Account != ada.Account || string(k.Secret) != key.Secret {
		t.Errorf("the key %q does not open account %d", key.APIKey, ada.Account)
	}

	// Transfers: one that is credited, one to a frozen account, one from a listed address.
	type credited struct {
		Chain, TxID, Pocket, Amount, To string
		Deposit                         uint64
		Decision                        answer
	}
	send := func(account uint64, from string) (d credited) {
		t.Helper()
		c.ok(201, c.do("POST", "/desk/v1/transfers", fmt.Sprintf(`{"account":%d,"asset":"BTC","amount":"0.5","from":%q}`, account, from)), &d)
		if d.Chain != "memory" || len(d.TxID) != 64 || d.Amount != "0.5" || d.Deposit == 0 || len(d.Decision.Decision) != 64 {
			t.Errorf("transfer: %+v", d)
		}
		return d
	}
	const from = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
	if d := send(ada.Account, from); d.Pocket != "available" || d.Decision.Verdict != "allow" {
		t.Errorf("a transfer: %+v", d)
	}
	if d := send(frozen.Account, from); d.Pocket != "frozen" {
		t.Errorf("a transfer to a frozen account: %+v", d)
	}
	if d := send(ada.Account, sample.ListedWallet(t)); d.Pocket != "frozen" || d.Decision.Verdict != "freeze" {
		t.Errorf("a transfer from a listed address: %+v", d)
	}

	var seen struct {
		Operator string
		Trade    bool `json:"may_trade"`
		Withdraw bool `json:"may_withdraw"`
		Standing answer
		Balances map[string]map[string]string
	}
	w := c.do("GET", fmt.Sprintf("/desk/v1/customers/%d", ada.Account), "")
	c.ok(200, w, &seen)
	if !seen.Trade || !seen.Withdraw || seen.Operator != "us" || seen.Standing.Verdict != "allow" || seen.Balances["BTC"]["available"] != "0.5" || seen.Balances["BTC"]["frozen"] != "0.5" {
		t.Errorf("customer: %s", w.Body)
	}
	// Who it is lies in the vault; a token for the desk does not open that.
	if s := w.Body.String(); strings.Contains(s, "Wrenfield") || strings.Contains(s, "1985") || strings.Contains(s, "Springfield") || strings.Contains(s, "nationalit") {
		t.Errorf("personal data: %s", s)
	}
	w = c.do("GET", fmt.Sprintf("/desk/v1/customers/%d", frozen.Account), "")
	c.ok(200, w, &seen)
	if seen.Trade || seen.Withdraw || seen.Standing.Decision == "" || len(seen.Standing.Rules) == 0 {
		t.Errorf("the frozen customer: %s", w.Body)
	}

	var dec struct {
		Seq      uint64
		Decision struct {
			ID      string
			Verdict string
			Account uint64
		}
	}
	c.ok(200, c.do("GET", "/desk/v1/decisions/"+frozen.Decision, ""), &dec)
	if dec.Seq == 0 || dec.Decision.ID != frozen.Decision || dec.Decision.Verdict != "freeze" || dec.Decision.Account != frozen.Account {
		t.Errorf("decision: %+v", dec)
	}

	var sum struct {
		Customers int
		Standings map[string]int
		Operators []struct{ Name string }
		Editions  []struct {
			List    string
			Starter bool
		}
		Markets []struct{ Symbol string }
	}
	c.ok(200, c.do("GET", "/desk/v1/summary", ""), &sum)
	if sum.Customers != 2 || sum.Standings["freeze"] != 1 || sum.Standings["allow"] != 1 || len(sum.Operators) != 2 || len(sum.Markets) != 2 ||
		len(sum.Editions) != 1 || sum.Editions[0].List != "us-sdn" || !sum.Editions[0].Starter {
		t.Errorf("summary: %+v", sum)
	}
}

// TestRefusedApplicant: a resident of Iran is refused service (31 CFR 560.204), and that
// is an answer of the desk, not an error.
func TestRefusedApplicant(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	var a answer
	c.ok(200, c.do("POST", "/desk/v1/customers", application(t, "us", sample.Somebody("Adaline Wrenfield", "IR"))), &a)
	if !a.Refused || len(a.Rules) == 0 || !strings.Contains(a.Explanation, "560") {
		t.Errorf("refused: %+v", a)
	}
	c.problem(404, c.do("POST", fmt.Sprintf("/desk/v1/customers/%d/keys", a.Account), ""), "There is no account")
}

func TestProblems(t *testing.T) {
	x := sample.New(t)
	c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), token}
	o := x.Open("us", sample.Somebody("Adaline Wrenfield", "US"))
	transfer := func(rest string) string { return fmt.Sprintf(`{"account":%d,%s}`, o.Account, rest) }
	for _, p := range []struct {
		what, method, path, body string
		status                   int
		words                    string
	}{
		{"empty", "POST", "/desk/v1/customers", "", 400, "empty"},
		{"no JSON", "POST", "/desk/v1/customers", "operator=us", 400, "Send one JSON object"},
		{"unknown field", "POST", "/desk/v1/customers", `{"operator":"us","profil":{}}`, 400, `unknown field "profil"`},
		{"unknown field of the profile", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"nmaes":[]}}`, 400, `unknown field "nmaes"`},
		{"two objects", "POST", "/desk/v1/customers", `{"operator":"us"}{}`, 400, "something follows"},
		{"rubbish after", "POST", "/desk/v1/customers", `{"operator":"us"}]`, 400, "Send one JSON object"},
		{"too long", "POST", "/desk/v1/customers", `{"operator":"` + strings.Repeat("x", maxBody) + `"}`, 413, "Send less"},
		{"no such day", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"birth":["1970-02-31"]}}`, 400, "1970-02-31"},
		{"unknown operator", "POST", "/desk/v1/customers", `{"operator":"mars","profile":{}}`, 422, `no operator "mars"`},
		{"no name", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"person"}}`, 422, "at least one name"},
		{"no kind", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"names":[{"full":"A B","kind":"primary"}]}}`, 422, "person or organisation"},
		{"a list's field", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"person","names":[{"full":"A B","kind":"primary"}],"programmes":["SDGT"]}}`, 422, "Leave them out"},
		{"account that is none", "GET", "/desk/v1/customers/ada", "", 400, "no number"},
		{"account unknown", "GET", "/desk/v1/customers/99999", "", 404, "no account 99999"},
		{"the venue's own account", "GET", "/desk/v1/customers/2", "", 404, "no account 2"},
		{"key for nobody", "POST", "/desk/v1/customers/99999/keys", "{}", 404, "no account 99999"},
		{"key with wishes", "POST", fmt.Sprintf("/desk/v1/customers/%d/keys", o.Account), `{"apiKey":"mine"}`, 400, "unknown field"},
		{"owners of more than the whole", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"organisation","names":[{"full":"A","kind":"primary"}],"owners":[{"kind":"person","names":[{"full":"B C","kind":"primary"}],"share_bp":6000},{"kind":"person","names":[{"full":"D E","kind":"primary"}],"share_bp":6000}]}}`, 422, "profile.owners[1]: together"},
		{"a document called doubtful", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"person","names":[{"full":"A B","kind":"primary"}],"identifiers":[{"type":"passport","number":"1","doubtful":true}]}}`, 422, "a list's word"},
		{"an officer's document called doubtful", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"organisation","names":[{"full":"A","kind":"primary"}],"officers":[{"kind":"person","names":[{"full":"B C","kind":"primary"}],"roles":["director"],"identifiers":[{"type":"passport","number":"1","doubtful":true}]}]}}`, 422, "officers[0].identifiers"},
		{"a list's field of an officer", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"organisation","names":[{"full":"A","kind":"primary"}],"officers":[{"kind":"person","names":[{"full":"B C","kind":"primary"}],"roles":["director"],"programmes":["SDGT"]}]}}`, 422, "profile.officers[0]: list"},
		{"a state unheard of", "POST", "/desk/v1/customers", `{"operator":"us","profile":{"kind":"organisation","names":[{"full":"A","kind":"primary"}],"state_body":"Atlantis"}}`, 422, "profile.state_body"},
		{"asset unknown", "POST", "/desk/v1/transfers", transfer(`"asset":"DOGE","amount":"1","from":"a"`), 422, `no asset "DOGE"`},
		{"amount as a number", "POST", "/desk/v1/transfers", transfer(`"asset":"BTC","amount":1,"from":"a"`), 400, "does not read"},
		{"amount of nothing", "POST", "/desk/v1/transfers", transfer(`"asset":"BTC","amount":"0","from":"a"`), 422, "more than nothing"},
		{"amount too fine", "POST", "/desk/v1/transfers", transfer(`"asset":"BTC","amount":"0.000000001","from":"a"`), 422, "at most 8 decimals"},
		{"from nowhere", "POST", "/desk/v1/transfers", transfer(`"asset":"BTC","amount":"1","from":""`), 422, "address is empty"},
		{"to nobody", "POST", "/desk/v1/transfers", `{"account":99999,"asset":"BTC","amount":"1","from":"a"}`, 404, "no account 99999"},
		{"decision unknown", "GET", "/desk/v1/decisions/00", "", 404, "no decision"},
		{"path unknown", "GET", "/desk/v1/", "", 404, "nothing at this path"},
		{"method", "DELETE", "/desk/v1/customers", "", 405, "Use POST"},
	} {
		t.Run(p.what, func(t *testing.T) {
			c := *c
			c.t = t
			c.problem(p.status, c.do(p.method, p.path, p.body), p.words)
		})
	}
}

func TestToken(t *testing.T) {
	x := sample.New(t)
	for _, given := range []string{"", "wrong", token + "x", token[:len(token)-1]} {
		c := &clerk{t, New(x.Exchange, staff.Shared(token), Options{}), given}
		w := c.do("GET", "/desk/v1/summary", "")
		c.problem(401, w, "keys/desk.token")
		sample.Has(t, w.Header(), "WWW-Authenticate", `Bearer realm="desk"`)
		c.problem(401, c.do("GET", "/desk/v1/nothing", ""), "keys/desk.token")
		c.problem(401, c.do("POST", "/desk/v1/summary", ""), "keys/desk.token")
	}
	// No token at all opens to nobody, also not to an empty one.
	for _, header := range []string{"", "Bearer ", "Bearer", "Basic " + token} {
		r := httptest.NewRequest("GET", "/desk/v1/summary", nil)
		r.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		New(x.Exchange, staff.Shared(""), Options{}).ServeHTTP(w, r)
		if w.Code != 401 {
			t.Errorf("with no token set, %q opens: %d", header, w.Code)
		}
		w = httptest.NewRecorder()
		New(x.Exchange, staff.Shared(token), Options{}).ServeHTTP(w, r)
		if w.Code != 401 {
			t.Errorf("%q opens: %d", header, w.Code)
		}
	}
}
