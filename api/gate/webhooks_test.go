package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/api/internal/sample"
	"sallyport/exchange"
	"sallyport/gate/receipt"
	"sallyport/law"
	"sallyport/watchlist/starter"
)

// A listener takes what a webhook posts.
type listener struct {
	t   testing.TB
	srv *httptest.Server

	mu     sync.Mutex
	secret string
	refuse bool
	tries  int
	got    []Change
	came   chan Change
}

func listen(t testing.TB) *listener {
	l := &listener{t: t, came: make(chan Change, 10_000)}
	l.srv = httptest.NewServer(http.HandlerFunc(l.take))
	t.Cleanup(l.srv.Close)
	return l
}

func (l *listener) take(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		l.t.Error(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tries++
	if l.refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var at int64
	var sum string
	if n, err := fmt.Sscanf(r.Header.Get("Sallyport-Signature"), "t=%d,v1=%s", &at, &sum); n != 2 || err != nil {
		l.t.Errorf("signature %q", r.Header.Get("Sallyport-Signature"))
	}
	if SignDelivery(l.secret, at, b) != sum || SignDelivery("other", at, b) == sum || time.Since(time.Unix(at, 0)).Abs() > time.Minute {
		l.t.Errorf("a delivery is not signed with the webhook's secret: %d %s", at, sum)
	}
	var d Delivery
	if err := json.Unmarshal(b, &d); err != nil || len(d.Changes) == 0 || len(d.Changes) > maxDelivery || d.Webhook != r.Header.Get("Sallyport-Webhook") {
		l.t.Errorf("%v %s", err, b)
	}
	for _, c := range d.Changes {
		l.got = append(l.got, c)
		l.came <- c
	}
}

func (l *listener) say(no bool) { l.mu.Lock(); l.refuse = no; l.mu.Unlock() }

func (l *listener) next() Change {
	l.t.Helper()
	select {
	case c := <-l.came:
		return c
	case <-time.After(10 * time.Second):
		l.t.Fatal("nothing was told within ten seconds")
		return Change{}
	}
}

func (h *shop) hook(l *listener, after any) Webhook {
	h.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	body := object{"url": l.srv.URL}
	if after != nil {
		body["after"] = after
	}
	w := ask[Webhook](h, "POST", "/gate/v1/webhooks", body)
	l.secret = w.Secret
	return w
}

// TestFreezeIsToldWithinASecond: an edition names a customer; whoever listens knows of the
// freeze within a second of the commit that takes the edition up.
func TestFreezeIsToldWithinASecond(t *testing.T) {
	h := open(t)
	later, err := starter.Edition(sample.Days[2])
	if err != nil {
		t.Fatal(err)
	}
	h.customer("c-1", "us", newlyListed(t, later))
	for i := range 50 {
		h.customer(fmt.Sprint("n-", i), "us", sample.Somebody(fmt.Sprintf("Ada Quillfeather%d", i), "US"))
	}
	l := listen(t)
	hook := h.hook(l, nil)
	if hook.Secret == "" || hook.By != "shop" {
		t.Fatalf("%+v", hook)
	}
	if _, err := h.x.TakeEdition(later, time.Now()); err != nil {
		t.Fatal(err)
	}
	committed := time.Now()
	c := l.next()
	if took := time.Since(committed); took > time.Second {
		t.Errorf("told %v after the commit", took)
	}
	if c.Customer != "c-1" || c.Standing.Verdict != law.Freeze || c.Before != law.Allow || c.Do.String() != "freeze" {
		t.Errorf("%+v", c)
	}
	v, err := note.NewVerifier(h.x.VerifierKey())
	if err != nil {
		t.Fatal(err)
	}
	if r, err := receipt.Open([]byte(c.Receipt), note.VerifierList(v)); err != nil || r.Verdict != law.Freeze || r.Do != c.Do || r.Account != c.Account || idOf(r.Decision) != c.Standing.Decision {
		t.Errorf("%+v, %v", r, err)
	}
	h.verify()
}

// TestWebhookGoesOn: what was not taken is told again, in order, also after a restart, and what
// happened in between is told then. Nothing is left out; what comes twice is the same.
func TestWebhookGoesOn(t *testing.T) {
	h := open(t)
	h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US"))
	l := listen(t)
	hook := h.hook(l, 0) // from the beginning
	if c := l.next(); c.Customer != "c-1" || c.Before != law.Undecided {
		t.Fatalf("%+v", c)
	}
	l.say(true)
	moved, home := sample.Somebody("Ada Quillfeather", "US"), sample.Somebody("Ada Quillfeather", "US")
	moved.Residence.Country = "IR"
	for range 3 {
		ask[Customer](h, "PUT", "/gate/v1/customers/c-1/profile", object{"profile": profileOf(t, moved)})
		ask[Customer](h, "PUT", "/gate/v1/customers/c-1/profile", object{"profile": profileOf(t, home)})
	}
	eventually(t, "a failure is told", func() bool {
		all := ask[Webhooks](h, "GET", "/gate/v1/webhooks", nil).Webhooks
		return len(all) == 1 && all[0].ID == hook.ID && strings.Contains(all[0].Failing, "503") && all[0].Retry != nil && all[0].Secret == ""
	})
	h.again()
	l.say(false)
	want, err := h.x.View().Changes(0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var got []uint64
	for range len(want) - 1 {
		c := l.next()
		got = append(got, c.Record)
	}
	for i, c := range want[1:] {
		if got[i] != c.Seq {
			t.Fatalf("told of records %v, want those of %+v", got, want)
		}
	}
	eventually(t, "it is well again", func() bool {
		all := ask[Webhooks](h, "GET", "/gate/v1/webhooks", nil).Webhooks
		return all[0].Failing == "" && all[0].Delivered == want[len(want)-1].Seq
	})
	// A crash right after a delivery forgets how far it was: then it comes again, the same.
	file := filepath.Join(h.dir, "gate", "webhooks.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h.shut()
	now := h.x.Clock.Now()
	older := bytes.Replace(mustRead(t, file), []byte(`"after": `+strconv.FormatUint(want[len(want)-1].Seq, 10)), []byte(`"after": `+strconv.FormatUint(want[len(want)-2].Seq, 10)), 1)
	if bytes.Equal(older, b) {
		t.Fatalf("the cursor is not in %s", b)
	}
	if err := os.WriteFile(file, older, 0o600); err != nil {
		t.Fatal(err)
	}
	h.start()
	h.x.Clock.Set(now)
	if c := l.next(); c.Record != want[len(want)-1].Seq {
		t.Errorf("told again of %d, want %d", c.Record, want[len(want)-1].Seq)
	}
	if status, _, _ := h.do("DELETE", "/gate/v1/webhooks/"+hook.ID, nil); status != 204 {
		t.Errorf("removed: %d", status)
	}
	ask[Customer](h, "PUT", "/gate/v1/customers/c-1/profile", object{"profile": profileOf(t, moved)})
	h.again()
	if n := len(ask[Webhooks](h, "GET", "/gate/v1/webhooks", nil).Webhooks); n != 0 {
		t.Errorf("%d webhooks after the one was removed", n)
	}
	select {
	case c := <-l.came:
		t.Errorf("removed, and told of %+v", c)
	default:
	}
	if !slices.IsSortedFunc(l.got[:len(want)], func(a, b Change) int { return int(a.Record) - int(b.Record) }) {
		t.Error("told out of order")
	}
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// eventually waits for what comes by itself.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if is() {
			return
		}
	}
	t.Fatalf("not within ten seconds: %s", what)
}

// TestWhereWebhooksMayGo: not into the operator's own network, whatever the name says.
func TestWhereWebhooksMayGo(t *testing.T) {
	hs := &hooks{hosts: []string{"hooks.internal:8443", "10.1.1.1:80"}}
	for address, ok := range map[string]bool{
		"https://example.org/x": true, "https://example.org:8443": true, "https://[2001:db8::1]/": true, "https://10.0.0.1/": true, // refused when it connects
		"http://127.0.0.1:9000/": true, "http://localhost/": true, "http://[::1]:1/": true, "http://hooks.internal:8443/": true, "http://10.1.1.1/": true,
		"http://example.org/": false, "http://10.0.0.1/": false, "http://hooks.internal/": false, "ftp://example.org": false, "//example.org": false, "example.org": false,
		"https://u@example.org/": false, "https://example.org/#f": false, "": false, "http://0x7f.1/": false,
	} {
		if _, err := hs.client(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
	for a, ok := range map[string]bool{
		"203.0.113.7": true, "2606:4700::1111": true, "10.0.0.1": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "127.0.0.1": false, "0.0.0.0": false,
		"100.64.0.1": false, "224.0.0.1": false, "255.255.255.255": false, "::1": false, "fe80::1": false, "fd00::1": false, "ff02::1": false, "64:ff9b::7f00:1": false, "2002:7f00:1::": false,
	} {
		if public(netip.MustParseAddr(a)) != ok {
			t.Errorf("%s: public is %v", a, !ok)
		}
	}
	// A connection is refused by where it goes, not by its name: https to this machine under a
	// public form, and a redirect into it is not followed.
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was reached") }))
	defer inner.Close()
	port := inner.URL[strings.LastIndex(inner.URL, ":")+1:]
	client, err := hs.client("https://10.0.0.1/")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Get("http://127.0.0.1:" + port); err == nil || !strings.Contains(err.Error(), "webhook_hosts") {
		t.Errorf("%v", err)
	}
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusTemporaryRedirect))
	defer outer.Close()
	if client, err = hs.client(outer.URL); err != nil {
		t.Fatal(err)
	}
	answer, err := client.Get(outer.URL)
	if err != nil || answer.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("%v %v", answer, err)
	}
}

// ending is a context that ends after it was asked a number of times.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func (e *ending) Done() <-chan struct{} {
	done := make(chan struct{})
	close(done)
	return done
}

// TestWebhookOfWhatCannotBeRead: where one of several changes cannot be read from the log, a webhook is told none of them and
// stays where it was, also where the program ends just then. Who asks how it goes hears no more than that.
func TestWebhookOfWhatCannotBeRead(t *testing.T) {
	h := openWith(t, 256<<10) // so that the log is not read when it is opened again
	later, err := starter.Edition(sample.Days[2])
	if err != nil {
		t.Fatal(err)
	}
	soon := newlyListed(t, later)
	for i := range 10 { // what comes first is read in any case
		h.customer(fmt.Sprint("c-0-", i), "us", sample.Somebody(fmt.Sprint("Ada Quillfeather", i), "US"))
	}
	account := h.customer("c-1", "us", sample.Somebody("Ada Quillfeather", "US")).Account
	h.x.Pass(account)
	h.shut()
	damage(t, filepath.Join(h.dir, "data", "journal"))
	h.start()
	h.customer("c-2", "us", soon)
	q := moves("c-1", clean, "w-1")
	q["movement"].(object)["counterparty"] = profileOf(t, soon)
	if a := ask[Answer](h, "POST", "/gate/v1/withdrawals", q); a.Permit == nil {
		t.Fatalf("%+v", a)
	}
	after, _ := h.x.Head()
	if _, err := h.x.TakeEdition(later, time.Now()); err != nil {
		t.Fatal(err)
	}
	changes, err := h.x.View().Changes(after, 100)
	if err != nil || len(changes) != 2 || changes[0].Movement != nil || changes[1].Movement == nil {
		t.Fatalf("%+v, %v", changes, err)
	}
	l := listen(t)
	k := &hook{ID: "a", URL: l.srv.URL, After: after}
	h.s.hooks.follow(&ending{context.Background(), 1}, k)
	if k.After != after || l.tries != 0 {
		t.Errorf("it is at record %d, and %d were told; want %d and none", k.After, l.tries, after)
	}
	k.failing = ""
	h.s.hooks.follow(&ending{context.Background(), 3}, k)
	if k.After != after || l.tries != 0 || k.failing != "the log cannot be read" {
		t.Errorf("it is at record %d, and %d were told; it fails since %q", k.After, l.tries, k.failing)
	}
	if _, err := h.x.View().Decision(idOf(changes[1].Standing.Decision)); err == nil || errors.Is(err, exchange.ErrNoDecision) {
		t.Errorf("the damaged decision: %v", err)
	}
	h.x.Close() // which says that it is broken
}

// damage turns bits in old records of a log that was closed.
func damage(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the log has the files %v (%v)", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for i := 8 << 10; i < len(b)/2; i++ { // the first block is read in any case
		b[i] ^= 0x10
	}
	if err := os.WriteFile(files[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
}
