package console

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sallyport/identity"
	"sallyport/law"
	"sallyport/staff"
	"sallyport/venue/tape"
)

// fields are the hidden ones of the form of a page that sends to the path.
func fields(t *testing.T, page *node, path string) []string {
	t.Helper()
	for _, f := range page.all("form", "") {
		if f.attr["action"] == path && len(f.all("input", "")) > 0 {
			var out []string
			for _, i := range f.all("input", "") {
				if i.attr["type"] == "hidden" {
					out = append(out, i.attr["name"], i.attr["value"])
				}
			}
			return out
		}
	}
	t.Fatalf("the page has no form to %s", path)
	return nil
}

// TestAnswerLikeness: an operator user answers on the page what they see there, under their own name;
// nobody else does, and not what has changed since.
func TestAnswerLikeness(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	_, tokens := o.staffed(map[string]staff.Right{"m.ortiz": staff.Compliance, "lee": staff.Operations})
	_, _, held := o.namesake()
	nobody := &user{office: o}
	_, text := nobody.open("/likenesses")
	if strings.Contains(text, "<textarea") || !strings.Contains(text, "/sign-in?to=/likenesses") {
		t.Errorf("whom the page asks: %s", text)
	}
	ortiz, _ := o.enter(tokens["m.ortiz"], "")
	lee, _ := o.enter(tokens["lee"], "")
	if _, text := lee.open("/likenesses"); strings.Contains(text, "<textarea") {
		t.Error("operations is asked")
	}
	_, text = ortiz.open("/likenesses")
	page := parse(t, text)
	has(t, page.one(t, "form", "signedin"), "m.ortiz", "Leave")
	if strings.Contains(text, "1962-08-02") {
		t.Error("the customer's own birthday is on the page")
	}
	ask := fields(t, page, "/likenesses")
	if status, _ := nobody.post("/likenesses", append(ask, "reason", "another patronymic")...); status != 401 {
		t.Errorf("an answer of nobody: %d", status)
	}
	if status, _ := lee.post("/likenesses", append(ask, "reason", "another patronymic")...); status != 403 {
		t.Errorf("an answer of operations: %d", status)
	}
	r := httptest.NewRequest("POST", "/likenesses", strings.NewReader("reason=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := ortiz.send(r); w.Code != 403 {
		t.Errorf("an answer of another site: %d", w.Code)
	}
	for reason, words := range map[string]string{"": "say who", "not the Viktor Morozov of the list": "may hold none"} {
		status, text := ortiz.post("/likenesses", append(ask, "reason", reason)...)
		if status != 422 || !strings.Contains(parse(t, text).one(t, "p", "problem").text, words) || reason != "" && !strings.Contains(parse(t, text).one(t, "textarea", "").text, reason) {
			t.Errorf("%q: %d %s", reason, status, text)
		}
	}
	if status, text := ortiz.post("/likenesses", "account", fmt.Sprint(held.Account), "list", "us-sdn", "entity", "90001", "decision", strings.Repeat("0", 64), "reason", "another"); status != 409 || !strings.Contains(text, "has changed since") {
		t.Errorf("of another decision: %d", status)
	}
	if v := o.standing(held.Account).Verdict; v != law.Hold {
		t.Fatalf("nobody has answered, and they are %v", v)
	}
	if status, _ := ortiz.post("/likenesses", append(ask, "reason", "another patronymic")...); status != 303 {
		t.Fatalf("the answer: %d", status)
	}
	if v := o.standing(held.Account).Verdict; v != law.Allow {
		t.Errorf("cleared, they are %v", v)
	}
	if status, _ := ortiz.post("/likenesses", append(ask, "reason", "another patronymic")...); status != 409 {
		t.Errorf("answered twice: %d", status)
	}
	_, text = ortiz.open("/likenesses")
	has(t, parse(t, text).one(t, "tr", "clearance-1"), "m.ortiz", "another patronymic", "in force", "Take it back")
	if status, _ := ortiz.post("/likenesses/1/end", "reason", ""); status != 422 {
		t.Errorf("taken back for no reason: %d", status)
	}
	if status, _ := lee.post("/likenesses/1/end", "reason", "a mistake"); status != 403 {
		t.Errorf("taken back by operations: %d", status)
	}
	if status, _ := ortiz.post("/likenesses/1/end", "reason", "a mistake"); status != 303 || o.standing(held.Account).Verdict != law.Hold {
		t.Errorf("taken back: %d %v", status, o.standing(held.Account).Verdict)
	}
	_, text = ortiz.open("/likenesses")
	has(t, parse(t, text).one(t, "tr", "clearance-1"), "ended", "m.ortiz: a mistake")
	if status, _ := ortiz.post("/likenesses/9/end", "reason", "a mistake"); status != 422 {
		t.Errorf("one that is not there: %d", status)
	}
}

// TestLicencePage: one operator user says it, another sees what was said and says the same, and either ends it.
func TestLicencePage(t *testing.T) {
	o := newOffice(t, identity.Manual{}, fstest.MapFS{"us-made-up.yaml": {Data: []byte(`id: us-made-up
title: A made-up rule
authority: An authority
instrument: An act
article: Article 1
binds: [US]
covers: 'customer.residence == "AT"'
verb: exit
effective_at: "2020-01-01T00:00:00Z"
licences:
- {id: us-made-up-1, title: By record, article: Article 3}
state: enacted
verified:
  marks: [made up]
`)}})
	n := o.floor.open("us", plainPerson("e", "Erika Sommer", "DE", "DE")).Account
	p := plainPerson("e", "Erika Sommer", "DE", "AT")
	if _, err := o.Amend(n, p); err != nil {
		t.Fatal(err)
	}
	one := o.user("mara") // by the desk's token, where both names are her word
	_, text := one.open("/licences")
	has(t, parse(t, text), "The second operator user", "By record (us-made-up)", "None so far.")
	if !strings.Contains(text, `value="us-made-up-1"`) {
		t.Error("the page does not offer the licence")
	}
	said := []string{"account", fmt.Sprint(n), "licence", "us-made-up-1", "until", "2030-01-31 10:00", "document", "no. 7 <of 9>", "reason", "authorised"}
	if status, text := one.post("/licences", append(said, "second", "mara")...); status != 422 || !strings.Contains(text, "two different operator users") {
		t.Errorf("one user twice: %d %s", status, text)
	}

	_, tokens := o.staffed(map[string]staff.Right{"mara": staff.Compliance, "kim": staff.Compliance, "lee": staff.Operations})
	mara, _ := o.enter(tokens["mara"], "")
	kim, _ := o.enter(tokens["kim"], "")
	lee, _ := o.enter(tokens["lee"], "")
	for problem, fields := range map[string][]string{
		"as its number": {"account", "x", "licence", "us-made-up-1", "document", "d", "reason", "r"},
		"universal":     {"account", fmt.Sprint(n), "licence", "us-made-up-1", "until", "soon", "document", "d", "reason", "r"},
		"no rule in":    {"account", fmt.Sprint(n), "licence", "us-made-up-2", "document", "d", "reason", "r"},
	} {
		if status, text := mara.post("/licences", fields...); status != 422 || !strings.Contains(parse(t, text).one(t, "p", "problem").text, problem) {
			t.Errorf("%v: %d %s", fields, status, text)
		}
	}
	if status, _ := lee.post("/licences", said...); status != 403 {
		t.Errorf("said by operations: %d", status)
	}
	if status, _ := mara.post("/licences", said...); status != 303 || o.standing(n).Verdict != law.Exit {
		t.Fatalf("the first word: %d %v", status, o.standing(n).Verdict)
	}
	for _, u := range []*user{lee, {office: o}} {
		if _, text := u.open("/licences"); strings.Contains(text, "no. 7") || strings.Contains(text, "Record one") {
			t.Errorf("%+v sees the document", u.cookie)
		}
	}
	_, text = mara.open("/licences")
	has(t, parse(t, text).one(t, "article", "finding"), "no. 7 <of 9>", "until 31 Jan 2030 10:00:00", "That is your word")
	if strings.Contains(text, "I have seen this document") {
		t.Error("who said it first is asked for the second word")
	}
	_, text = kim.open("/licences")
	page := parse(t, text)
	has(t, page.one(t, "article", "finding"), "mara", "authorised", "I have seen this document")
	second := fields(t, page, "/licences")
	o.floor.at(before.Add(time.Minute))
	if status, text := kim.post("/licences", second...); status != 303 || o.standing(n).Verdict != law.Allow {
		t.Fatalf("the second word: %d %v %s", status, o.standing(n).Verdict, text)
	}
	_, text = kim.open("/licences")
	page = parse(t, text)
	has(t, page.one(t, "tr", "licence-1"), "mara and kim", "authorised", "until 31 Jan 2030 10:00:00", "in force")
	has(t, page, "Nothing waits.")
	if status, _ := kim.post("/licences/1/end", "reason", ""); status != 422 {
		t.Errorf("ended for no reason: %d", status)
	}
	o.floor.at(before.Add(2 * time.Minute))
	if status, _ := mara.post("/licences/1/end", "reason", "revoked"); status != 303 || o.standing(n).Verdict != law.Exit {
		t.Errorf("ended: %d %v", status, o.standing(n).Verdict)
	}
	if status, _ := mara.post("/licences", said...); status != 303 {
		t.Errorf("said anew: %d", status)
	}
	if status, _ := kim.post("/licences/withdraw", "account", fmt.Sprint(n), "licence", "us-made-up-1"); status != 303 || len(o.WaitingLicences(0)) != 0 {
		t.Errorf("taken back: %d", status)
	}
	if status, text := kim.post("/licences/withdraw", "account", fmt.Sprint(n), "licence", "us-made-up-1"); status != 422 || !strings.Contains(text, "nobody has said this") {
		t.Errorf("taken back twice: %d", status)
	}
}

// TestSignInLeadsBack: to the page that one was on, and never to another site.
func TestSignInLeadsBack(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	for to, want := range map[string]string{
		"/likenesses": "/likenesses", "/customers/1000": "/customers/1000", "": "/", "//evil.example/x": "/", "https://evil.example/": "/", "/\\evil.example": "/", "javascript:alert(1)": "/",
		"evil": "/", "/sign-in": "/", "/a\r\nSet-Cookie: x=y": "/", "///evil.example": "/", "/decisions?verdict=freeze": "/decisions",
	} {
		r := httptest.NewRequest("POST", "/sign-in", strings.NewReader("token="+deskToken+"&by=mara&to="+strings.NewReplacer("\r", "%0D", "\n", "%0A", "?", "%3F", "\\", "%5C").Replace(to)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		u := &user{office: o}
		if w := u.send(r); w.Code != 303 || w.Header().Get("Location") != want {
			t.Errorf("%q: %d to %q, want %q", to, w.Code, w.Header().Get("Location"), want)
		}
	}
	u := o.user("mara")
	if _, text := u.open("/rules"); !strings.Contains(text, "mara") {
		t.Error("a page does not say who is signed in")
	}
}

// TestMarketsPage: who may do operations halts a market and bounds an asset, for a reason; nobody else does.
func TestMarketsPage(t *testing.T) {
	o := newOffice(t, identity.Manual{})
	nobody := &user{office: o}
	if _, text := nobody.open("/markets"); strings.Contains(text, "<select") || !strings.Contains(text, "/sign-in?to=/markets") || strings.Contains(text, "Operator users") {
		t.Errorf("whoever looks is asked: %s", text)
	}
	_, tokens := o.staffed(map[string]staff.Right{"m.ortiz": staff.Compliance, "lee": staff.Operations})
	ortiz, _ := o.enter(tokens["m.ortiz"], "")
	lee, _ := o.enter(tokens["lee"], "")
	if status, _ := ortiz.post("/markets/BTCUSDT/phase", "phase", "HALT", "reason", "a fault"); status != 403 {
		t.Errorf("compliance halts a market: %d", status)
	}
	for words, fields := range map[string][]string{
		"Choose a phase": {"phase", "CLOSED", "reason", "a fault"}, "say why": {"phase", "HALT", "reason", " "},
	} {
		if status, text := lee.post("/markets/BTCUSDT/phase", fields...); status != 422 || !strings.Contains(parse(t, text).one(t, "p", "problem").text, words) {
			t.Errorf("%v: %d %s", fields, status, text)
		}
	}
	if status, _ := lee.post("/markets/NONE/phase", "phase", "HALT", "reason", "a fault"); status != 404 {
		t.Errorf("no such market: %d", status)
	}
	// The exchange of these pages knows its operator users by their tokens alone; the log does so once it is told of them.
	if err := o.SetOperatorUsers(map[string]tape.Right{"lee": tape.MayRead | tape.MayOperations}); err != nil {
		t.Fatal(err)
	}
	if status, _ := lee.post("/markets/BTCUSDT/phase", "phase", "HALT", "reason", "a fault"); status != 303 {
		t.Errorf("halted: %d", status)
	}
	if status, text := lee.post("/markets/assets/BTC/max-order", "max", "much", "reason", "thin"); status != 422 || !strings.Contains(text, "amount of BTC") {
		t.Errorf("no amount: %d", status)
	}
	if status, text := lee.post("/markets/assets/BTC/max-order", "max", "0.000000001", "reason", "thin"); status != 422 || !strings.Contains(text, "does not fit it") {
		t.Errorf("more decimals than it has: %d", status)
	}
	if status, _ := lee.post("/markets/assets/BTC/max-order", "max", "2.5", "reason", "thin"); status != 303 {
		t.Errorf("bounded: %d", status)
	}
	_, text := lee.open("/markets")
	page := parse(t, text)
	has(t, page.one(t, "tr", "market-BTCUSDT"), "HALT", "Set its phase")
	has(t, page.one(t, "tr", "asset-BTC"), "2.5")
	has(t, page, "read, operations")
}
