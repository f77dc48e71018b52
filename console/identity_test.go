package console

import (
	"bytes"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/exchange"
	"sallyport/identity"
	"sallyport/signin"
	"sallyport/staff"
	"sallyport/watchlist/starter"
)

const deskToken = "00112233445566778899aabbccddeeff"

// an office is a floor with customers who show who they are, and operator users at the console.
type office struct {
	*floor
	log bytes.Buffer
	tls bool
	now time.Time
}

func newOffice(t *testing.T, manual identity.Manual, more ...fs.FS) *office {
	t.Helper()
	o := &office{floor: newFloorOf(t, func(c *exchange.Config) { c.Identify = manual }, more...), tls: true, now: time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)}
	o.take(starter.Edition(before))
	o.serve(deskToken)
	return o
}

func (o *office) serve(token string) {
	o.page = New(o.Exchange, Options{Users: staff.Shared(token), TLS: o.tls, Clock: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(&o.log, nil))})
}

// applicant is a customer who signed up by themselves, and has handed in files.
func (o *office) applicant(name string, files ...string) uint64 {
	o.t.Helper()
	mail := strings.ReplaceAll(strings.ToLower(name), " ", ".") + "@example.org"
	p := plainPerson("", name, "US", "US")
	p.Email = mail
	got, err := o.Open(exchange.Application{Operator: "us", Profile: p, Login: &signin.Login{Email: mail, Password: "its hash"}})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range files {
		if _, err := o.HandIn(o.t.Context(), got[0].Account, []byte(f)); err != nil {
			o.t.Fatal(err)
		}
	}
	return got[0].Account
}

// a user of the desk at a browser.
type user struct {
	*office
	cookie *http.Cookie
}

func (u *user) send(r *http.Request) *httptest.ResponseRecorder {
	u.t.Helper()
	if u.cookie != nil {
		r.AddCookie(u.cookie)
	}
	w := httptest.NewRecorder()
	u.page.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if strings.HasPrefix(c.Name, "__Host-") != u.tls || !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.Domain != "" {
			u.t.Errorf("the cookie is %s", c)
		}
		if u.cookie = c; c.MaxAge < 0 {
			u.cookie = nil
		}
	}
	return w
}

func (u *user) open(path string) (int, string) {
	u.t.Helper()
	w := u.send(httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func (u *user) post(path string, fields ...string) (int, string) {
	u.t.Helper()
	v := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		v.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := u.send(r)
	return w.Code, w.Body.String()
}

func (o *office) user(by string) *user {
	o.t.Helper()
	u := &user{office: o}
	if status, body := u.post("/sign-in", "token", deskToken, "by", by); status != 303 || u.cookie == nil {
		o.t.Fatalf("%s cannot enter: %d %s", by, status, body)
	}
	return u
}

// staffed gives the office operator users, with a token each, by name.
func (o *office) staffed(may map[string]staff.Right) (path string, tokens map[string]string) {
	o.t.Helper()
	path, tokens = filepath.Join(o.t.TempDir(), "operator.users"), map[string]string{}
	for name, right := range may {
		var err error
		if tokens[name], err = staff.Add(path, name, right|staff.Read, time.Time{}, nil, o.now); err != nil {
			o.t.Fatal(err)
		}
	}
	users, err := staff.Open(path, deskToken)
	if err != nil {
		o.t.Fatal(err)
	}
	o.page = New(o.Exchange, Options{Users: users, TLS: o.tls, Clock: func() time.Time { return o.now }, Log: slog.New(slog.NewTextHandler(&o.log, nil))})
	return path, tokens
}

// enter tries to sign somebody in.
func (o *office) enter(token, by string) (*user, string) {
	u := &user{office: o}
	_, text := u.post("/sign-in", "token", token, "by", by)
	return u, text
}

const (
	png  = "\x89PNG\r\n\x1a\n a passport"
	hack = "<script>alert(1)</script>"
)

// TestIdentityPages: who waits, one customer's documents, and the answer, by two operator users where
// the desk demands it; with what was looked at told to the log of events, without what it shows.
func TestIdentityPages(t *testing.T) {
	o := newOffice(t, identity.Manual{TwoUsers: true})
	a := o.applicant("Adaline <b> Wrenfield", png, "%PDF-1.7"+hack)
	o.floor.now = o.floor.now.Add(time.Hour)
	b := o.applicant("Bertha Holloway", "\xff\xd8\xff"+hack)
	o.applicant("Carl Nothing")
	u := o.user("m. ortiz")
	_, text := u.open("/identity")
	queue := parse(t, text)
	rows := queue.all("tbody", "")[0].all("tr", "")
	if len(rows) != 2 || rows[0].attr["id"] != fmt.Sprint("i-", a) || rows[1].attr["id"] != fmt.Sprint("i-", b) {
		t.Errorf("the queue: %s", text)
	}
	has(t, queue, "m. ortiz", "waits", "Sallyport Inc.")
	if strings.Contains(text, "Wrenfield") {
		t.Error("the queue names customers")
	}

	at := fmt.Sprint("/identity/", a)
	_, text = u.open(at)
	one := parse(t, text)
	has(t, one, "is not identified", "Adaline <b> Wrenfield", "1988-05-17", "Springfield", "@example.org", "image/png", "application/pdf")
	if strings.Contains(text, "<b> Wren") || len(one.all("img", "")) != 2 { // of the console, and the picture
		t.Error("the page holds what a customer wrote as it stands, or not what they handed in")
	}
	for path, want := range map[string][3]string{
		at + "/files/0": {"image/png", "", png}, at + "/files/1": {"application/pdf", "attachment", "%PDF-1.7" + hack}, fmt.Sprint("/identity/", b, "/files/0"): {"image/jpeg", "", "\xff\xd8\xff" + hack},
	} {
		w := u.send(httptest.NewRequest("GET", path, nil))
		h := w.Header()
		if w.Code != 200 || h.Get("Content-Type") != want[0] || !strings.HasPrefix(h.Get("Content-Disposition"), want[1]) || w.Body.String() != want[2] ||
			h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", path, w.Code, h)
		}
	}
	for _, path := range []string{at + "/files/2", at + "/files/-1", at + "/files/x", "/identity/7", "/identity/x"} {
		if status, _ := u.open(path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}

	for problem, fields := range map[string][]string{
		"another file since":  {"accept", "yes", "reason", "theirs", "files", "1"},
		"since this page":     {"accept", "yes", "reason", "theirs", "files", "-1"},
		"Say yes or no":       {"accept", "", "reason", "theirs", "files", "2"},
		"of at most 500":      {"accept", "yes", "reason", " ", "files", "2"},
		"the customer reads ": {"accept", "no", "reason", strings.Repeat("x", 501), "files", "2"},
	} {
		if status, text := u.post(at, fields...); status != 422 || !strings.Contains(parse(t, text).one(t, "p", "problem").text, strings.TrimSpace(problem)) {
			t.Errorf("%v: %d %s", fields, status, text)
		}
	}
	if status, _ := u.post(at, "accept", "yes", "reason", "the passport is <theirs>", "reference", "case 7", "files", "2"); status != 303 {
		t.Fatalf("the first yes: %d", status)
	}
	_, text = u.open(at)
	has(t, parse(t, text).one(t, "p", "firstyes"), "m. ortiz said yes", "the passport is <theirs>", "That is you")
	if status, text := u.post(at, "accept", "yes", "reason", "theirs", "files", "2"); status != 422 || !strings.Contains(text, "another operator user") {
		t.Errorf("a second yes of the same: %d", status)
	}
	k := o.user("k. brandt")
	if status, _ := k.post(at, "accept", "yes", "reason", "the face is theirs", "files", "2"); status != 303 || o.Unidentified(a) {
		t.Errorf("the second yes: %d", status)
	}
	_, text = k.open(at)
	has(t, parse(t, text), "is identified", "by m. ortiz", "by k. brandt", "case 7", "the face is theirs")
	if status, _ := k.post(fmt.Sprint("/identity/", b), "accept", "no", "reason", "it cannot be read", "files", "1"); status != 303 {
		t.Errorf("a no: %d", status)
	}
	if id, _ := o.Identity(b); id.State != identity.Refused || id.By != "k. brandt" || id.Reason != "it cannot be read" {
		t.Errorf("after a no: %+v", id)
	}
	if _, text := k.open("/identity"); !strings.Contains(text, "Nobody waits") {
		t.Error("somebody still waits")
	}
	if _, text := k.open("/identity?all=1"); len(parse(t, text).all("tr", "")) != 3 {
		t.Error("not everybody is listed who was answered")
	}
	if log := o.log.String(); strings.Count(log, "looks at who a customer is") < 2 || strings.Contains(log, "Wrenfield") || strings.Contains(log, deskToken) {
		t.Errorf("the log of events: %s", log)
	}
}

// TestIdentityIsOfTheDeskAlone: without the token nobody sees or says anything; sessions end; and
// another site's page says nothing.
func TestIdentityIsOfTheDeskAlone(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	a := o.applicant("Adaline Wrenfield", png)
	at := fmt.Sprint("/identity/", a)
	nobody := &user{office: o}
	closed := func(u *user) {
		t.Helper()
		for _, path := range []string{"/identity", at, at + "/files/0"} {
			if _, text := u.open(path); !strings.Contains(text, "The desk's token") || strings.Contains(text, "Wrenfield") || strings.Contains(text, "PNG") {
				t.Errorf("%s is open: %s", path, text)
			}
		}
		if status, _ := u.post(at, "accept", "yes", "reason", "theirs", "files", "1"); status != 401 || !o.Unidentified(a) {
			t.Errorf("an answer of nobody: %d", status)
		}
	}
	closed(nobody)
	for _, c := range [][2]string{{"", "m. ortiz"}, {"guess", "m. ortiz"}, {deskToken, ""}, {deskToken, "  "}, {deskToken, strings.Repeat("x", 101)}, {deskToken, "a\x01b"}} {
		if status, _ := nobody.post("/sign-in", "token", c[0], "by", c[1]); status != 401 || nobody.cookie != nil {
			t.Errorf("%q as %q enters: %d", c[0], c[1], status)
		}
	}
	for range 10 {
		nobody.post("/sign-in", "token", "guess", "by", "eve")
	}
	if _, text := nobody.post("/sign-in", "token", deskToken, "by", "eve"); !strings.Contains(text, "too many attempts") {
		t.Error("who guesses does not wait")
	}
	o.now = o.now.Add(time.Hour * 2)

	u := o.user("m. ortiz")
	kept := *u.cookie
	if _, text := u.open(at); !strings.Contains(text, "Wrenfield") {
		t.Fatal("closed to the desk")
	}
	for _, site := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Origin", "https://evil.example"}} {
		r := httptest.NewRequest("POST", at, strings.NewReader("accept=yes&reason=theirs&files=1"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(site[0], site[1])
		if w := u.send(r); w.Code != 403 || !o.Unidentified(a) {
			t.Errorf("%v: %d", site, w.Code)
		}
	}
	if status, _ := u.post(at, "accept", "yes", "reason", strings.Repeat("x", maxForm), "files", "1"); status != 400 {
		t.Errorf("a form without end: %d", status)
	}
	u.post("/sign-out")
	if u.cookie != nil {
		t.Error("the cookie stays")
	}
	u.cookie = &kept
	closed(u)
	u = o.user("m. ortiz")
	o.now = o.now.Add(shiftIdle)
	closed(u)
	u = o.user("m. ortiz")
	for range int(shiftMost/shiftIdle)*2 + 1 {
		o.now = o.now.Add(shiftIdle / 2)
		u.open("/identity")
	}
	closed(u)

	for range maxShifts {
		o.user("somebody")
	}
	if status, _ := nobody.post("/sign-in", "token", deskToken, "by", "one more"); status != 401 {
		t.Errorf("one more than may be: %d", status)
	}
	o.tls = false // a name that browsers take over plain HTTP
	o.serve(deskToken)
	o.user("m. ortiz")
	o.serve("")
	if status, text := (&user{office: o}).post("/sign-in", "token", "", "by", "eve"); status != 401 || !strings.Contains(text, "nobody may enter") {
		t.Errorf("without a token of the desk: %d", status)
	}
}

// TestTradeGroupForm: an operator user says which accounts are one owner's, and why.
func TestTradeGroupForm(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	a := o.applicant("Adaline Wrenfield", png)
	at := fmt.Sprint("/identity/", a)
	group := func() uint32 {
		x, _ := o.View().Account(a)
		return x.Group
	}
	if status, text := (&user{office: o}).post(at+"/trade-group", "group", "7", "why", "the fund's"); status != 401 || group() != 0 || !strings.Contains(text, "Nothing was recorded") {
		t.Errorf("a word of nobody: %d", status)
	}
	u := o.user("m. ortiz")
	for problem, fields := range map[string][]string{
		"Give the trade group a number": {"group", "-1", "why", "the fund's"},
		"0 is none":                     {"group", "", "why", "the fund's"},
		"Say why":                       {"group", "7", "why", " "},
	} {
		if status, text := u.post(at+"/trade-group", fields...); status != 422 || group() != 0 || !strings.Contains(parse(t, text).one(t, "p", "problem").text, problem) {
			t.Errorf("%v: %d %s", fields, status, text)
		}
	}
	if status, _ := u.post("/identity/7/trade-group", "group", "7", "why", "the fund's"); status != 404 {
		t.Errorf("of no account: %d", status)
	}
	if status, _ := u.post(at+"/trade-group", "group", "7", "why", "both are the fund's"); status != 303 || group() != 7 {
		t.Errorf("status %d, group %d", status, group())
	}
	_, text := u.open(at)
	has(t, parse(t, text), "is in trade group 7")
	_, text = u.open(fmt.Sprint("/customers/", a))
	has(t, parse(t, text), "It is in trade group 7")
	_, text = u.open("/")
	has(t, parse(t, text), "Trade group", "is in trade group 7: both are the fund's (m. ortiz)")
}

// TestOperatorUsersSignIn: with operator users each signs in with a token of their own, is known by its
// name and no other, sees what they may, and is out at once when it is taken away.
func TestOperatorUsersSignIn(t *testing.T) {
	o := newOffice(t, identity.Manual{TwoUsers: true})
	a := o.applicant("Adaline Wrenfield", png)
	at := fmt.Sprint("/identity/", a)
	before := o.user("m.ortiz") // by the desk's token
	path, tokens := o.staffed(map[string]staff.Right{"m.ortiz": staff.Compliance, "k.brandt": staff.Compliance | staff.Operations, "lee": staff.Operations})
	if _, text := before.open(at); strings.Contains(text, "Wrenfield") || !strings.Contains(text, "Your token") || strings.Contains(text, "The desk's token") {
		t.Errorf("who has the desk's token is still in, or is asked for it: %s", text)
	}
	if u, text := o.enter(deskToken, "m.ortiz"); u.cookie != nil || !strings.Contains(text, "no operator user") {
		t.Errorf("the desk's token enters: %s", text)
	}
	if u, text := o.enter(tokens["m.ortiz"], "k.brandt"); u.cookie != nil || !strings.Contains(text, "another operator user") {
		t.Errorf("m.ortiz enters as k.brandt: %s", text)
	}
	ortiz, _ := o.enter(tokens["m.ortiz"], "")
	brandt, _ := o.enter(tokens["k.brandt"], "")
	lee, _ := o.enter(tokens["lee"], "")
	for path, status := range map[string]int{"/identity": 403, at: 403, at + "/files/0": 403} {
		if got, text := lee.open(path); got != status || strings.Contains(text, "Wrenfield") || !strings.Contains(text, "takes compliance") {
			t.Errorf("%s for operations alone: %d %s", path, got, text)
		}
	}
	if status, _ := lee.post(at, "accept", "yes", "reason", "theirs", "files", "1"); status != 403 {
		t.Errorf("operations answers: %d", status)
	}
	if status, _ := ortiz.post(at+"/trade-group", "group", "7", "why", "one owner"); status != 403 {
		t.Errorf("compliance alone sets a trade group: %d", status)
	}
	if status, _ := brandt.post(at+"/trade-group", "group", "7", "why", "one owner"); status != 303 {
		t.Errorf("who may both does not: %d", status)
	}
	for _, u := range []*user{ortiz, brandt} {
		if status, text := u.post(at, "accept", "yes", "reason", "theirs", "files", "1"); status != 303 {
			t.Fatalf("%d %s", status, text)
		}
	}
	if id, _ := o.Identity(a); id.State != identity.Accepted || id.By != "m.ortiz" || id.Second != "k.brandt" {
		t.Errorf("after two: %+v", id)
	}
	if _, err := staff.Remove(path, "m.ortiz"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond) // the file is read again within a second
	if _, text := ortiz.open(at); strings.Contains(text, "Wrenfield") {
		t.Error("who was taken away is still in")
	}
	if _, text := brandt.open(at); !strings.Contains(text, "Wrenfield") {
		t.Error("another is out with them")
	}
	lines, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(lines, []byte("k.brandt"), []byte("k.lang")), 0o600); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	if _, text := brandt.open(at); !strings.Contains(text, "<span>k.lang</span>") {
		t.Error("who has another name in the file is still known by the old one")
	}
}

// TestShiftsOfWhoHasLeft: sessions of somebody who was taken away keep nobody out, one token has few at one time, and
// who asked for what is told to the log of events.
func TestShiftsOfWhoHasLeft(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	path, tokens := o.staffed(map[string]staff.Right{"m.ortiz": staff.Compliance, "lee": staff.Read})
	first, _ := o.enter(tokens["lee"], "")
	for range maxSame {
		o.now = o.now.Add(time.Second)
		if u, text := o.enter(tokens["lee"], ""); u.cookie == nil {
			t.Fatalf("cannot enter: %s", text)
		}
	}
	if _, text := first.open("/rules"); strings.Contains(text, ">lee<") {
		t.Errorf("one token has more than %d sessions", maxSame)
	}
	many := make([]string, maxShifts/maxSame)
	for i := range many {
		var err error
		if many[i], err = staff.Add(path, "lee", staff.Read, time.Time{}, nil, o.now); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(1100 * time.Millisecond) // within a second the file is read again
	for _, token := range many {
		for range maxSame {
			o.enter(token, "")
		}
	}
	if u, text := o.enter(tokens["m.ortiz"], ""); u.cookie != nil || !strings.Contains(text, "too many sessions") {
		t.Errorf("there is room: %s", text)
	}
	if _, err := staff.Remove(path, "lee"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(1100 * time.Millisecond)
	ortiz, text := o.enter(tokens["m.ortiz"], "")
	if ortiz.cookie == nil {
		t.Fatalf("sessions of somebody who has left keep others out: %s", text)
	}
	ortiz.post("/licences/withdraw", "account", "1000", "licence", "none")
	if !strings.Contains(o.log.String(), "by=m.ortiz path=/licences/withdraw") {
		t.Error("the log of events does not tell who took something back")
	}
}
