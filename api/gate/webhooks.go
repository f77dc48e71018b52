package gate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"sallyport/internal/store"
)

// Bounds of webhooks.
const (
	maxHooks    = 20
	maxDelivery = 100              // changes of one delivery
	firstRetry  = time.Second      // and twice as long each time after
	lastRetry   = 5 * time.Minute  // but no longer
	takeWithin  = 10 * time.Second // how long one attempt may take
)

// A hook is a webhook. What changes is under hooks.mu.
type hook struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	By     string `json:"by"`
	Secret string `json:"secret"`
	After  uint64 `json:"after"` // the last record that was taken

	failing string
	retry   time.Time
	end     context.CancelFunc
}

// hooks sends the changes in the log to whoever asked to be told. What it keeps is who that is
// and how far each has come; the changes themselves are the log's, so that after a crash it
// goes on from the last that it knows was taken, and some may come twice.
type hooks struct {
	s     *Server
	path  string
	hosts []string // host:port that may be posted to in any case

	mu      sync.Mutex
	all     []*hook
	changed bool // since it was saved

	running context.Context
	stop    context.CancelFunc
	work    sync.WaitGroup
}

func openHooks(s *Server, o Options) (*hooks, error) {
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("gate: %w", err)
	}
	hs := &hooks{s: s, path: filepath.Join(o.Dir, "webhooks.json"), hosts: o.Hosts}
	b, err := os.ReadFile(hs.path)
	if err == nil {
		err = json.Unmarshal(b, &hs.all)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("gate: %s: %w", hs.path, err)
	}
	hs.running, hs.stop = context.WithCancel(context.Background())
	for _, h := range hs.all {
		hs.start(h, hs.ready(h))
	}
	hs.work.Go(hs.keep)
	return hs, nil
}

func (hs *hooks) close() error {
	hs.stop()
	hs.work.Wait()
	return hs.save()
}

// keep saves how far they have come, once a second where that has changed.
func (hs *hooks) keep() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-hs.running.Done():
			return
		case <-tick.C:
			if err := hs.save(); err != nil {
				hs.s.o.Log.Error("how far webhooks have come could not be kept; after a crash more of it comes twice", "error", err)
			}
		}
	}
}

func (hs *hooks) save() error {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	if !hs.changed {
		return nil
	}
	b, err := json.MarshalIndent(hs.all, "", " ")
	if err == nil {
		err = store.Replace(vfs.Default, hs.path, append(b, '\n'), 0o600)
	}
	if err == nil {
		hs.changed = false
	}
	return err
}

// ready gives a webhook its own end, before anybody can ask for it.
func (hs *hooks) ready(h *hook) context.Context {
	running, end := context.WithCancel(hs.running)
	h.end = end
	return running
}

func (hs *hooks) start(h *hook, running context.Context) {
	hs.work.Go(func() { hs.follow(running, h) })
}

// follow posts changes to one webhook, in order, one delivery after the other.
func (hs *hooks) follow(running context.Context, h *hook) {
	client, err := hs.client(h.URL)
	if err != nil { // the configuration has changed since it was made
		hs.failed(h, err, time.Time{})
		return
	}
	changed, end := hs.s.x.View().Watch()
	defer end()
	wait := firstRetry
	hs.mu.Lock()
	after := h.After
	hs.mu.Unlock()
	for running.Err() == nil {
		next, err := hs.deliver(running, client, h, after)
		var pause <-chan time.Time
		switch {
		case err != nil && running.Err() == nil:
			hs.failed(h, err, time.Now().Add(wait))
			pause = time.After(wait)
			wait = min(2*wait, lastRetry)
			select {
			case <-running.Done():
			case <-pause:
			}
		case next > after:
			after, wait = next, firstRetry
			hs.mu.Lock()
			h.After, h.failing, h.retry, hs.changed = after, "", time.Time{}, true
			hs.mu.Unlock()
		case err == nil:
			select {
			case <-running.Done():
			case <-changed:
			}
		}
	}
}

// errUnread is all that is told, but to the log of events, of a failure of ours.
var errUnread = errors.New("the log cannot be read")

func (hs *hooks) failed(h *hook, err error, retry time.Time) {
	why, ours := err.Error(), errors.Is(err, errUnread)
	if ours {
		why = errUnread.Error()
	}
	hs.mu.Lock()
	first := h.failing == ""
	h.failing, h.retry = why, retry
	hs.mu.Unlock()
	switch {
	case first && ours:
		hs.s.o.Log.Error("a webhook is told nothing, for the log cannot be read; it is tried again", "webhook", h.ID, "error", err)
	case first:
		hs.s.o.Log.Warn("a webhook does not take what it is told; it is tried again", "webhook", h.ID, "error", err)
	}
}

// deliver posts what comes after a record, if there is anything, and gives the last of it.
func (hs *hooks) deliver(running context.Context, client *http.Client, h *hook, after uint64) (uint64, error) {
	d := Delivery{Webhook: h.ID}
	changes, err := hs.s.x.View().Changes(after, maxDelivery)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUnread, err)
	}
	for _, c := range changes {
		told, err := hs.s.change(c)
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errUnread, err)
		}
		d.Changes, after = append(d.Changes, told), c.Seq
	}
	if len(d.Changes) == 0 {
		return after, nil
	}
	body, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(running, takeWithin)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	now := time.Now().Unix()
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "sallyport-gate/1")
	r.Header.Set("Sallyport-Webhook", h.ID)
	r.Header.Set("Sallyport-Signature", fmt.Sprintf("t=%d,v1=%s", now, SignDelivery(h.Secret, now, body)))
	answer, err := client.Do(r)
	if err != nil {
		var told *url.Error
		if errors.As(err, &told) {
			err = told.Err // without the address, which may hold what is nobody's to read in a log
		}
		return 0, err
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, 4<<10) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return 0, fmt.Errorf("it answered %s; want 2xx", answer.Status)
	}
	return after, nil
}

// SignDelivery is the signature of a delivery, in hex: HMAC-SHA256 with the webhook's secret
// over the time in decimal (seconds since 1970 UTC), a dot and the body.
func SignDelivery(secret string, at int64, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(m, "%d.", at)
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

// client posts to one webhook's address and nowhere else: it follows no redirect, asks no
// proxy, and connects only to such machines as the address may mean. A name that points into
// the operator's own network is otherwise a way into it.
func (hs *hooks) client(address string) (*http.Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || len(address) > maxText {
		return nil, errors.New("want an address such as https://exchange.example/sallyport, without a user or a fragment")
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	ip, numeric := netip.ParseAddr(u.Hostname())
	here := u.Hostname() == "localhost" || numeric == nil && ip.Unmap().IsLoopback()
	allowed := slices.Contains(hs.hosts, net.JoinHostPort(u.Hostname(), port))
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("want https")
	case u.Scheme == "http" && !here && !allowed:
		return nil, errors.New("want https; plain http is for this machine, and for hosts that the gate's configuration names (gate: webhook_hosts)")
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		switch a := to.Addr().Unmap(); {
		case allowed, here && a.IsLoopback(), !here && public(a):
			return nil
		}
		return errors.New("the address is of this machine or a private network; name its host in the gate's configuration (gate: webhook_hosts) where that is meant")
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// notPublic are networks that netip's own words do not cover: shared address space (RFC 6598),
// protocol assignments (RFC 6890), benchmarks (RFC 2544), reserved (RFC 1112), IPv4 in IPv6
// by translation (RFC 6052) and 6to4 (RFC 3056), behind which any address can lie.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

func public(a netip.Addr) bool {
	return a.IsGlobalUnicast() && !a.IsPrivate() && !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (s *Server) addWebhook(_ http.ResponseWriter, q *request) (int, any, error) {
	in := q.body.(*NewWebhook)
	if _, err := s.hooks.client(in.URL); err != nil {
		return 0, nil, wrong(invalidField, "url", "%s.", strings.ToUpper(err.Error()[:1])+err.Error()[1:])
	}
	head, _ := s.x.Head()
	h := &hook{URL: in.URL, By: q.who, After: head}
	if in.After != nil {
		h.After = *in.After
	}
	if h.After > head {
		return 0, nil, wrong(invalidField, "after", "The log has %d records so far. Leave it out to begin now.", head)
	}
	var raw [8 + 32]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return 0, nil, fmt.Errorf("gate: a webhook's secret: %w", err)
	}
	h.ID, h.Secret = hex.EncodeToString(raw[:8]), hex.EncodeToString(raw[8:])
	hs := s.hooks
	hs.mu.Lock()
	if len(hs.all) >= maxHooks {
		hs.mu.Unlock()
		return 0, nil, wrong(invalidField, "url", "There are %d webhooks already. Remove one first.", maxHooks)
	}
	running := hs.ready(h)
	hs.all, hs.changed = append(hs.all, h), true
	hs.mu.Unlock()
	if err := hs.save(); err != nil { // it is promised from here on
		return 0, nil, err
	}
	hs.mu.Lock()
	out := h.told()
	hs.mu.Unlock()
	hs.start(h, running)
	out.Secret = h.Secret
	return http.StatusCreated, out, nil
}

func (h *hook) told() Webhook {
	out := Webhook{ID: h.ID, URL: h.URL, By: h.By, Delivered: h.After, Failing: h.failing}
	if !h.retry.IsZero() {
		at := h.retry.UTC()
		out.Retry = &at
	}
	return out
}

func (s *Server) webhooks(http.ResponseWriter, *request) (int, any, error) {
	s.hooks.mu.Lock()
	defer s.hooks.mu.Unlock()
	out := Webhooks{Webhooks: []Webhook{}}
	for _, h := range s.hooks.all {
		out.Webhooks = append(out.Webhooks, h.told())
	}
	return http.StatusOK, out, nil
}

func (s *Server) removeWebhook(_ http.ResponseWriter, q *request) (int, any, error) {
	hs := s.hooks
	hs.mu.Lock()
	i := slices.IndexFunc(hs.all, func(h *hook) bool { return h.ID == q.PathValue("webhook") })
	if i < 0 {
		hs.mu.Unlock()
		return 0, nil, wrong(notFound, "webhook", "There is no such webhook. GET /gate/v1/webhooks lists them.")
	}
	hs.all[i].end()
	hs.all, hs.changed = slices.Delete(hs.all, i, i+1), true
	hs.mu.Unlock()
	return http.StatusNoContent, nil, hs.save()
}
