package desk

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/api/internal/sample"
	"sallyport/entity"
	"sallyport/staff"
)

// clerks are operator users of one desk, with a token each.
func clerks(t *testing.T, log *bytes.Buffer, x *sample.Exchange, may map[string]staff.Right) (func(name string) *clerk, http.Handler) {
	t.Helper()
	path, tokens := filepath.Join(t.TempDir(), "operator.users"), map[string]string{"": token}
	for name, right := range may {
		var err error
		if tokens[name], err = staff.Add(path, name, right|staff.Read, time.Time{}, nil, sample.Opens); err != nil {
			t.Fatal(err)
		}
	}
	users, err := staff.Open(path, token)
	if err != nil {
		t.Fatal(err)
	}
	d := New(x.Exchange, users, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	return func(name string) *clerk { return &clerk{t, d, tokens[name]} }, d
}

// TestOperatorUsers: each may what they may, and what is recorded is recorded under the name whose
// token said it, whatever name came with it.
func TestOperatorUsers(t *testing.T) {
	x := sample.New(t)
	var log bytes.Buffer
	as, _ := clerks(t, &log, x, map[string]staff.Right{"m.ortiz": staff.Compliance, "k.lee": staff.Operations, "audit": 0})
	nobody, ortiz, lee, audit := as(""), as("m.ortiz"), as("k.lee"), as("audit")

	nobody.problem(401, nobody.do("GET", "/desk/v1/summary", ""), "your own token")
	p := sample.Listed(t)
	p.ID = "applicant-1"
	p.Birth[0] = entity.Exact(entity.Day{Year: p.Birth[0].From.Year, Month: 1, Day: 2}) // another day of that year
	for _, c := range []*clerk{ortiz, audit} {
		c.problem(403, c.do("POST", "/desk/v1/customers", application(t, "us", p)), "this takes operations")
	}
	var held answer
	lee.ok(201, lee.do("POST", "/desk/v1/customers", application(t, "us", p)), &held)
	var open struct {
		Likenesses []struct {
			List     string
			EntityID string `json:"entity_id"`
		}
	}
	audit.ok(200, audit.do("GET", "/desk/v1/likenesses", ""), &open)
	if held.Verdict != "hold" || len(open.Likenesses) != 1 {
		t.Fatalf("%+v, %+v", held, open)
	}
	// Keys are no business of who only reads: their labels and addresses are the customer's, and their names open streams.
	keys := fmt.Sprintf("/desk/v1/customers/%d/keys", held.Account)
	lee.ok(201, lee.do("POST", keys, `{"label":"Adaline's, at home","from":["192.0.2.7/32"]}`), &shownKey{})
	audit.problem(403, audit.do("GET", keys, ""), "this takes compliance or operations")
	if shown := audit.do("GET", fmt.Sprintf("/desk/v1/customers/%d", held.Account), "").Body.String(); strings.Contains(shown, "Adaline") || strings.Contains(shown, "192.0.2.7") {
		t.Errorf("who reads sees %s", shown)
	}
	for _, c := range []*clerk{lee, ortiz} {
		var seen []shownKey
		c.ok(200, c.do("GET", keys, ""), &seen)
		if len(seen) != 1 || seen[0].Label != "Adaline's, at home" || len(seen[0].From) != 1 || seen[0].Secret != "" {
			t.Errorf("keys: %+v", seen)
		}
	}
	// Nor is the log of events the place for a name, least of all of a key that stays.
	var made shownKey
	lee.ok(201, lee.do("POST", keys, ""), &made)
	lee.problem(404, lee.do("DELETE", fmt.Sprintf("/desk/v1/customers/%d/keys/%s", held.Account+1, made.Key), ""), "")
	lee.problem(404, lee.do("DELETE", keys+"/"+strings.ToUpper(made.Key), ""), "no such key")
	lee.ok(200, lee.do("DELETE", keys+"/"+made.Key, ""), &struct{}{})
	if told := log.String(); strings.Contains(strings.ToLower(told), made.Key) || strings.Count(told, "method=DELETE path="+keys+"/") != 2 {
		t.Errorf("the log of events: %s", told)
	}
	if n := strings.Count(log.String(), "method=GET path="+keys+" "); n != 2 {
		t.Errorf("%d looks at keys are told: %s", n, &log)
	}
	ask := func(by string) string {
		return fmt.Sprintf(`{"account":%d,"list":%q,"entity":%q,"by":%q,"reason":"another day of birth"}`, held.Account, open.Likenesses[0].List, open.Likenesses[0].EntityID, by)
	}
	for _, c := range []*clerk{lee, audit} {
		c.problem(403, c.do("POST", "/desk/v1/clearances", ask("")), "this takes compliance")
		c.problem(403, c.do("GET", fmt.Sprintf("/desk/v1/identity/%d", held.Account), ""), "this takes compliance")
	}
	lee.problem(403, lee.do("PUT", fmt.Sprintf("/desk/v1/customers/%d/profile", held.Account), `{"profile":{}}`), "this takes compliance") // it may free who is held
	ortiz.problem(403, ortiz.do("POST", "/desk/v1/clearances", ask("k.lee")), "the token is m.ortiz's")
	var told struct{ Clearance struct{ By string } }
	ortiz.ok(201, ortiz.do("POST", "/desk/v1/clearances", ask("")), &told)
	if told.Clearance.By != "m.ortiz" {
		t.Errorf("cleared by %q", told.Clearance.By)
	}
	ortiz.ok(200, ortiz.do("POST", "/desk/v1/clearances/1/end", `{"by":"m.ortiz","reason":"taken for another"}`), &told)
	var phase struct{ Phase string }
	lee.ok(200, lee.do("POST", "/desk/v1/markets/BTCUSDT/phase", `{"phase":"HALT","reason":"a fault"}`), &phase)
	ortiz.problem(403, ortiz.do("POST", "/desk/v1/markets/BTCUSDT/phase", `{"phase":"TRADING","reason":"over"}`), "this takes operations")
	ortiz.ok(200, ortiz.do("GET", fmt.Sprintf("/desk/v1/identity/%d", held.Account), ""), &struct{}{})
	for _, words := range []string{`by=k.lee method=POST path=/desk/v1/customers done=true`, fmt.Sprintf("by=m.ortiz method=GET path=/desk/v1/identity/%d done=true", held.Account)} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log of events does not tell %s: %s", words, log.String())
		}
	}
	if strings.Contains(log.String(), ortiz.token) {
		t.Error("the log of events holds a token")
	}
}

// TestSecondUser: a licence takes two operator users, who say the same with a token each.
func TestSecondUser(t *testing.T) {
	x := sample.New(t, fstest.MapFS{"us-made-up.yaml": {Data: []byte(madeUp)}})
	var log bytes.Buffer
	as, _ := clerks(t, &log, x, map[string]staff.Right{"mara": staff.Compliance, "kim": staff.Compliance, "lee": staff.Operations})
	mara, kim, lee := as("mara"), as("kim"), as("lee")
	p := sample.Somebody("Erika Sommer", "DE")
	p.ID = "applicant-1"
	var opened answer
	lee.ok(201, lee.do("POST", "/desk/v1/customers", application(t, "us", p)), &opened)
	p.Residence = entity.Place{Town: "Wien", Country: "AT"}
	if _, err := x.Amend(opened.Account, p); err != nil {
		t.Fatal(err)
	}
	until := sample.Opens.Add(30 * 24 * time.Hour).Format(time.RFC3339)
	ask := func(document, more string) string {
		return fmt.Sprintf(`{"account":%d,"licence":"us-made-up-1","reason":"authorised","document":%q%s}`, opened.Account, document, more)
	}
	type waits struct {
		Account       uint64
		By, Document  string
		WaitsUntil    time.Time `json:"waits_until"`
		Licence       string
		Until         time.Time
		Reason, Other string
	}
	var first struct{ Waiting waits }
	var list struct{ Waiting []waits }
	say := func(c *clerk, document, more string, status int, v any) {
		t.Helper()
		c.ok(status, c.do("POST", "/desk/v1/licences", ask(document, more)), v)
	}
	end := fmt.Sprintf(`,"until":%q`, until)
	mara.problem(422, mara.do("POST", "/desk/v1/licences", ask("no. 7", `,"second":"kim"`)), "token of their own")
	mara.problem(403, mara.do("POST", "/desk/v1/licences", ask("no. 7", `,"by":"kim"`)), "the token is mara's")
	lee.problem(403, lee.do("POST", "/desk/v1/licences", ask("no. 7", "")), "compliance")
	mara.problem(422, mara.do("POST", "/desk/v1/licences", ask("", "")), "by which document")
	say(mara, "no. 6", end, 202, &first)
	say(mara, "no. 7", end, 202, &first) // who said it says otherwise
	if w := first.Waiting; w.By != "mara" || w.Document != "no. 7" || w.Account != opened.Account || !w.WaitsUntil.Equal(sample.Opens.Add(7*24*time.Hour)) {
		t.Errorf("it waits as %+v", w)
	}
	if v, _ := x.View().Account(opened.Account); v.Standing.Verdict.String() != "exit" {
		t.Errorf("one word frees: %v", v.Standing.Verdict)
	}
	lee.problem(403, lee.do("GET", "/desk/v1/licences/waiting", ""), "compliance")
	kim.ok(200, kim.do("GET", "/desk/v1/licences/waiting", ""), &list)
	if len(list.Waiting) != 1 || list.Waiting[0] != first.Waiting {
		t.Errorf("what waits: %+v", list)
	}
	kim.problem(409, kim.do("POST", "/desk/v1/licences", ask("no. 8", end)), "another end or document")
	kim.problem(409, kim.do("POST", "/desk/v1/licences", ask("no. 7", "")), "another end or document")
	at := fmt.Sprintf("/desk/v1/licences/waiting/%d/us-made-up-1", opened.Account)
	kim.ok(200, kim.do("DELETE", at, ""), &struct{}{})
	kim.problem(404, kim.do("DELETE", at, ""), "nobody has said this")
	say(kim, "no. 7", end, 202, &first)
	var got struct {
		Licence  licence
		Standing struct{ Verdict string }
	}
	say(mara, "no. 7", end, 201, &got)
	if l := got.Licence; got.Standing.Verdict != "allow" || l.By != "kim" || l.Second != "mara" || !l.InForce {
		t.Errorf("recorded: %+v", got)
	}
	kim.ok(200, kim.do("GET", "/desk/v1/licences/waiting", ""), &list)
	if len(list.Waiting) != 0 {
		t.Errorf("what waits: %+v", list)
	}
	kim.problem(409, kim.do("POST", "/desk/v1/licences", ask("no. 7", end)), "in force")
	if strings.Contains(log.String(), "no. 7") {
		t.Error("the log of events holds a document")
	}

	x.Clock.Set(sample.Opens.Add(time.Minute))
	kim.ok(200, kim.do("POST", "/desk/v1/licences/1/end", `{"reason":"revoked"}`), &got)
	if got.Licence.Ended == nil || got.Licence.Ended.By != "kim" {
		t.Errorf("ended: %+v", got)
	}
	// A word that waited for a week is as if it had not been said.
	say(mara, "no. 9", "", 202, &first)
	x.Clock.Set(sample.Opens.Add(time.Minute + 7*24*time.Hour))
	say(kim, "no. 9", "", 202, &first)
	if first.Waiting.By != "kim" {
		t.Errorf("after a week it waits as %+v", first.Waiting)
	}
}

// A slow body sends its first byte, waits till it may go on, and sends the rest.
type slowBody struct {
	rest  *strings.Reader
	first bool
	wait  func()
}

func (b *slowBody) Read(p []byte) (int, error) {
	if !b.first {
		b.first = true
		return b.rest.Read(p[:1])
	}
	if b.wait != nil {
		b.wait()
		b.wait = nil
	}
	return b.rest.Read(p)
}

// TestSlowRequest: who may no longer when all of a request is there has nothing done for them, also where they
// might when it began; and what began by the desk's token is nobody's word once there are operator users.
func TestSlowRequest(t *testing.T) {
	x := sample.New(t)
	path := filepath.Join(t.TempDir(), "operator.users")
	send := func(d http.Handler, token, body string, meanwhile func()) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/desk/v1/markets/BTCUSDT/phase", &slowBody{rest: strings.NewReader(body), wait: meanwhile})
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	var lee string
	users, err := staff.Open(path, token)
	if err != nil {
		t.Fatal(err)
	}
	d := New(x.Exchange, users, Options{})
	w := send(d, token, `{"phase":"HALT","by":"k.lee","reason":"a fault"}`, func() {
		if lee, err = staff.Add(path, "k.lee", staff.Operations|staff.Read, time.Time{}, nil, sample.Opens); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond) // the file is read again within a second
	})
	if w.Code != http.StatusUnauthorized {
		t.Errorf("by the desk's token under k.lee's name: %d %s", w.Code, w.Body)
	}
	w = send(d, lee, `{"phase":"HALT","reason":"a fault"}`, func() {
		if _, err := staff.Remove(path, "k.lee"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(1100 * time.Millisecond)
	})
	if w.Code != http.StatusUnauthorized {
		t.Errorf("by a token that was taken away: %d %s", w.Code, w.Body)
	}
	if s := x.View().Summary().Markets[0]; s.Phase.String() != "TRADING" {
		t.Errorf("the market is %s", s.Phase)
	}
}
