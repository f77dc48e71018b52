package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sallyport/exchange"
	"sallyport/geo/mmdbtest"
	"sallyport/money"
	"sallyport/venue/tape"
)

// founded is a node over a new data folder, and what it logs.
func founded(t *testing.T) (n *node, data string, log *slog.Logger, told *lines) {
	t.Helper()
	c, err := readConfig("")
	if err != nil {
		t.Fatal(err)
	}
	data, told = t.TempDir(), &lines{}
	log = slog.New(slog.NewTextHandler(told, nil))
	if n, err = openNode(data, c, func() time.Time { return time.Now().UTC() }, 0, "", log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.x.Close() })
	return n, data, log, told
}

// TestLocator places requests by the configuration's files, and without any as before.
func TestLocator(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	countries := mmdbtest.Database{"5.160.0.0/20": {"country_code": "IR"}, "2.59.0.0/16": {"country_code": "RU"}}
	with := geoConfig{
		Country: file("country.mmdb", string(countries.Bytes(6))),
		ASN:     file("asn.csv", "2.59.48.0/22,201776,Miranda-Media Ltd\n"),
		Relays:  file("relays.txt", "5.160.1.0/24\n"),
	}
	for _, c := range []struct {
		files    geoConfig
		premises string
		from     string
		want     exchange.Session
	}{
		{geoConfig{}, "US", "127.0.0.1", exchange.Session{Known: true, Country: "US"}},
		{geoConfig{}, "US", "10.0.0.1", exchange.Session{Known: true, Country: "US"}},
		{geoConfig{}, "", "127.0.0.1", exchange.Session{}},
		{geoConfig{}, "US", "5.160.0.1", exchange.Session{}},
		{with, "US", "127.0.0.1", exchange.Session{Known: true, Country: "US"}},
		{with, "", "127.0.0.1", exchange.Session{}},
		{with, "US", "9.9.9.9", exchange.Session{}},
		{with, "US", "5.160.0.1", exchange.Session{Known: true, Country: "IR"}},
		{with, "US", "5.160.1.1", exchange.Session{Known: true}},
		{with, "US", "2.59.48.1", exchange.Session{Known: true, Country: "UA", Area: "UA-43"}},
		{with, "US", "2.59.1.1", exchange.Session{Known: true, Country: "RU", AreaOpen: true}},
	} {
		told := &lines{}
		n, err := c.files.networks(slog.New(slog.NewTextHandler(told, nil)))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := told.with("sha256="), 3; c.files == with && got != want {
			t.Errorf("the log has %d hashes, want %d", got, want)
		}
		cfg := config{Premises: c.premises}
		at := func() time.Time { return time.Date(2022, 3, 1, 0, 0, 0, 0, time.UTC) }
		if got := cfg.locator(n, at)(netip.MustParseAddr(c.from)); got != c.want {
			t.Errorf("from %s: %+v, want %+v", c.from, got, c.want)
		}
	}
}

// lines is what was logged, one write a line.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, string(p))
	return len(p), nil
}

func (l *lines) with(words string) (found int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, line := range l.all {
		if strings.Contains(line, words) {
			found++
		}
	}
	return found
}

// TestOneUnreadableListHindersNoOther: whom another list names is stopped all the same, and
// the one that cannot be read is told once, not twice a second.
func TestOneUnreadableListHindersNoOther(t *testing.T) {
	n, data, log, told := founded(t)
	if err := starterIfNone(n.store, time.Now()); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(data, "lists", "aa-broken")
	if err := os.Mkdir(broken, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(broken, "in-force.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 1200*time.Millisecond)
	defer cancel()
	n.followLists(ctx, log)
	if es := n.x.View().Summary().Editions; len(es) != 1 || es[0].List != "us-sdn" {
		t.Errorf("in force: %v, want us-sdn", es)
	}
	if found := told.with("aa-broken"); found != 1 {
		t.Errorf("the unreadable list was told %d times, want once", found)
	}
}

// TestFailuresAreTold: an answer that sends its reader to the log is not alone there.
func TestFailuresAreTold(t *testing.T) {
	n, data, _, told := founded(t)
	token, err := deskToken(data)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(what, body string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/desk/v1/"+what, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		n.handler.ServeHTTP(w, r)
		return w
	}
	var opened struct{ Account uint64 }
	if err := json.Unmarshal(ask("customers", `{"operator":"us","profile":{"kind":"person","names":[{"full":"Adaline Wrenfield","kind":"primary"}]}}`).Body.Bytes(), &opened); err != nil || opened.Account == 0 {
		t.Fatalf("opened %+v, %v", opened, err)
	}
	if err := n.x.Close(); err != nil {
		t.Fatal(err)
	}
	w := ask("transfers", fmt.Sprintf(`{"account":%d,"asset":"BTC","amount":"1","from":"mem1x"}`, opened.Account))
	if w.Code != http.StatusServiceUnavailable || told.with("could not be carried out") != 1 || told.with("Wrenfield") != 0 {
		t.Errorf("status %d %s; logged %q", w.Code, w.Body, told.all)
	}
}

func TestDeskToken(t *testing.T) {
	data := t.TempDir()
	path := filepath.Join(data, "keys", "desk.token")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	first, err := deskToken(data)
	if err != nil || len(first) != 64 {
		t.Fatalf("%q, %v", first, err)
	}
	if again, err := deskToken(data); again != first || err != nil {
		t.Errorf("again: %q, %v", again, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	// Half written, by a machine that went down: it opens to nobody, and says so.
	if err := os.WriteFile(path, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := deskToken(data); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("empty: %v", err)
	}
}

// TestConfigIsReadWhole: nothing at the end of a long file is left aside.
func TestConfigIsReadWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "long.yaml")
	long := slices.Concat(defaultConfig, bytes.Repeat([]byte("#\n"), 1<<19), []byte("lisen: nowhere\n"))
	if err := os.WriteFile(path, long, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("%v, want that it is too long", err)
	}
}

// TestMarketBounds: what a file says of a market's bounds holds, a nought is none, and what it
// leaves out is what is usual.
func TestMarketBounds(t *testing.T) {
	const head = `
operators: [{name: us, title: US, nexus: [US]}]
assets:
  - {code: BTC, decimals: 8, network: BTC, least_withdrawal: 0.001, withdrawal_fee: 0.0002, euro: 35000}
  - {code: USDT, decimals: 18, network: ETH, least_withdrawal: 10, withdrawal_fee: 2, euro: 0.9}
holds: {owner: desk, for: 1h}
markets:
  - {symbol: BTCUSDT, base: BTC, quote: USDT, tick: 0.01, min_price: 0.01, max_price: 1000000, step: 0.00001, min_quantity: 0.00001, max_quantity: 9000, min_notional: 5`
	usual := tape.Market{MaxOrders: 200, MaxStops: 5, MaxParts: 10, MaxLists: 20, MaxAmends: 10, Buys: tape.Band{Down: 200_000, Up: 5_000_000}, Sells: tape.Band{Down: 200_000, Up: 5_000_000},
		Rising: tape.Trails{Min: 10, Max: 2000}, Falling: tape.Trails{Min: 10, Max: 2000}}
	for _, c := range []struct {
		more string
		want tape.Market
	}{
		{"", usual},
		{", max_orders: 0, max_stops: 0, max_parts: 0, max_lists: 0, max_amends: 0, buys: {}, sells: {}, trail_rising: {}, trail_falling: {}", tape.Market{}},
		{", max_orders: 7, max_stops: 3, max_parts: 4, max_icebergs: 8, max_lists: 9, max_amends: 11, buys: {down_ppm: 1, up_ppm: 2}, sells: {up_ppm: 3}, max_notional: 10.5, market_max_quantity: 2, max_position: 30, allow_self_trade: true, trail_rising: {min: 5, max: 6}, trail_falling: {max: 7}, tiers: [{maker_ppm: 1, taker_ppm: 2}, {taker_ppm: 3}]",
			tape.Market{MaxOrders: 7, MaxStops: 3, MaxParts: 4, MaxIcebergs: 8, MaxLists: 9, MaxAmends: 11, Buys: tape.Band{Down: 1, Up: 2}, Sells: tape.Band{Up: 3}, MaxNotional: money.MustParse("10.5"), MarketMaxQty: money.Int(2), MaxPosition: money.Int(30),
				Rising: tape.Trails{Min: 5, Max: 6}, Falling: tape.Trails{Max: 7}, AllowSelf: true, Tiers: []tape.Fees{{MakerPPM: 1, TakerPPM: 2}, {TakerPPM: 3}}}},
	} {
		path := filepath.Join(t.TempDir(), "market.yaml")
		if err := os.WriteFile(path, []byte(head+c.more+"}\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, err := readConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		g, err := cfg.genesis()
		if err != nil {
			t.Fatal(err)
		}
		if g.MaxOpen != (tape.Bounds{}) {
			t.Errorf("nothing is said of all markets, and they have %+v", g.MaxOpen)
		}
		m := g.Markets[0]
		got := tape.Market{MaxOrders: m.MaxOrders, MaxStops: m.MaxStops, MaxParts: m.MaxParts, MaxIcebergs: m.MaxIcebergs, MaxLists: m.MaxLists, MaxAmends: m.MaxAmends, Buys: m.Buys, Sells: m.Sells, MaxNotional: m.MaxNotional, MarketMaxQty: m.MarketMaxQty,
			MaxPosition: m.MaxPosition, AllowSelf: m.AllowSelf, Tiers: m.Tiers, Rising: m.Rising, Falling: m.Falling}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q:\n got %+v\nwant %+v", c.more, got, c.want)
		}
	}
	path := filepath.Join(t.TempDir(), "market.yaml")
	if err := os.WriteFile(path, []byte(head+", max_order: 7}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := readConfig(path); err == nil || !strings.Contains(err.Error(), "max_order not found") {
		t.Errorf("a bound that is none: %v", err)
	}
	if err := os.WriteFile(path, []byte(head+"}\naccounts: {max_orders: 1000, max_stops: 200, max_icebergs: 30, max_lists: 20}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := readConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if g, err := cfg.genesis(); err != nil || g.MaxOpen != (tape.Bounds{Orders: 1000, Stops: 200, Icebergs: 30, Lists: 20}) {
		t.Errorf("%+v, %v", g.MaxOpen, err)
	}
}

// TestServerHasLimits: a client that never ends its request, or never reads the answer, does
// not keep a connection for ever.
func TestServerHasLimits(t *testing.T) {
	s := newServer(context.Background(), http.NotFoundHandler())
	for name, limit := range map[string]time.Duration{"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("time for the %s: %v", name, limit)
		}
	}
}

// TestServeEndsInOrder: asked to end, serve lets go of its readers, closes the log and says
// that all is well; the auditor agrees.
func TestServeEndsInOrder(t *testing.T) {
	data := t.TempDir()
	cmd := serving(t, "serve", "--data", data, "--listen", "127.0.0.1:0", "--no-tls")
	resp, err := http.Get(cmd.url + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	stream := bufio.NewReader(resp.Body)
	if _, err := stream.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, stream); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%v\n%s", err, cmd.errors)
	}
	if _, err := audit(data); err != nil {
		t.Error(err)
	}
}

// TestVerifyStatus: 0 where all holds, 1 where a record does not, 2 where nothing can be
// found out.
func TestVerifyStatus(t *testing.T) {
	dir := t.TempDir()
	data, other := filepath.Join(dir, "story"), filepath.Join(dir, "other.pub")
	if out, err := program(t, "demo", "--headless", "--data", data, "--customers", "60", "--orders", "50").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	key, err := os.ReadFile(filepath.Join(data, "keys", "checkpoint.pub"))
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(string(key), "+")
	_, forged, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(other, []byte(forged), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   []string
		status int
		says   string
	}{
		{[]string{"--data", data}, 0, "OK: every record holds."},
		{[]string{"--data", data, "--key", other}, 1, "NOT OK: record "},
		{[]string{"--data", data, "--json", "--key", other}, 1, `"ok": false`},
		{[]string{"--data", filepath.Join(dir, "none")}, 2, "no log here"},
		{[]string{"--data", data, "--key", filepath.Join(dir, "none")}, 2, "no such file"},
		{[]string{"--data", data, "--key", filepath.Join(data, "keys", "desk.token")}, 2, "no key that verifies checkpoints"},
		{[]string{"--datum", data}, 2, "verify --help"},
		{nil, 2, "--data DIR"},
	} {
		out, err := program(t, append([]string{"verify"}, c.args...)...).CombinedOutput()
		status := 0
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status = exit.ExitCode()
		} else if err != nil {
			t.Fatal(err)
		}
		if status != c.status || !strings.Contains(string(out), c.says) {
			t.Errorf("verify %q: status %d, want %d and %q; it says\n%s", c.args, status, c.status, c.says, out)
		}
	}
}

// TestTierVolumes reads what earns a tier; by what is built in nothing does.
func TestTierVolumes(t *testing.T) {
	for more, want := range map[string][]money.Amount{
		"fees: {tiers: []}": nil,
		"fees: {tiers: [{volume: 1000.5}, {volume: 2000}]}": {money.MustParse("1000.5"), money.Int(2000)},
	} {
		path := filepath.Join(t.TempDir(), "tiers.yaml")
		if err := os.WriteFile(path, bytes.Replace(defaultConfig, []byte("fees: {tiers: []}"), []byte(more), 1), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := readConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.tierVolumes(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", more, got, want)
		}
	}
}
