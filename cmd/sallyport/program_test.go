package main

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sallyport/geo/mmdbtest"
	"sallyport/internal/story"
)

// asProgram is set in the environment of a test binary that is to be the program itself.
const asProgram = "SALLYPORT_TEST_AS_PROGRAM"

var (
	kills    = flag.Int("kill.rounds", 20, "how often TestKill kills the demo")
	killSeed = flag.Uint64("kill.seed", uint64(time.Now().UnixNano()), "seed of the moments")
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run())
	}
	testscript.Main(m, map[string]func(){"sallyport": func() { os.Exit(run()) }})
}

// TestScripts plays the transcripts in testdata: the whole program, from the command line.
func TestScripts(t *testing.T) {
	lists, err := filepath.Abs("../../watchlist")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: "testdata", Setup: func(e *testscript.Env) error {
		e.Setenv("WATCHLIST", lists) // the fixtures of the readers
		countries := mmdbtest.Database{"198.51.100.0/24": {"country_code": "IR"}, "203.0.113.0/24": {"country_code": "RU"}, "192.0.2.0/24": {"country_code": "AM"}}
		return os.WriteFile(filepath.Join(e.WorkDir, "country.mmdb"), countries.Bytes(6), 0o644)
	}})
}

// program is a command that runs this program with the arguments.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	return cmd
}

// A listener is the program while it serves.
type listener struct {
	*exec.Cmd
	url    string        // it said that it listens on
	said   *bufio.Reader // what else it says on its standard output
	errors *bytes.Buffer // of its standard error; whole once it has ended
}

// serving starts the program with arguments that make it serve, and waits until it says where it does.
// It is killed with the test, if it has not ended by then.
func serving(t *testing.T, args ...string) *listener {
	t.Helper()
	l := &listener{Cmd: program(t, args...), errors: &bytes.Buffer{}}
	l.Stderr = l.errors
	out, err := l.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Process.Kill() })
	l.said = bufio.NewReader(out)
	line, err := l.said.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ok {
		l.Process.Kill()
		l.Wait()
		t.Fatalf("%s said %q, %v\n%s", args[0], line, err, l.errors)
	}
	l.url = url
	return l
}

// killMoment is when to kill: every other time by the clock, as soon as while the program
// starts; else after some more was acknowledged, so that a slow machine gets to trading too.
func killMoment(r *rand.Rand, round int, acks string) <-chan time.Time {
	wait := time.Duration(100+r.IntN(1900)) * time.Millisecond
	if round%2 == 0 {
		return time.After(wait)
	}
	size := func() int64 {
		if info, err := os.Stat(acks); err == nil {
			return info.Size()
		}
		return 0
	}
	enough, moment := size()+1+int64(r.IntN(20_000)), make(chan time.Time, 1)
	go func() {
		for range 1000 { // ten seconds: the demo may be at its end
			if size() >= enough {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		moment <- time.Time{}
	}()
	return moment
}

// TestKill kills the demo with SIGKILL at random moments, over one folder. After each, the
// auditor must find the log whole and every acknowledged account, order, deposit and withdrawal
// in it; then the demo goes on from there.
func TestKill(t *testing.T) {
	rounds := *kills
	if testing.Short() {
		rounds = 3
	}
	r := rand.New(rand.NewPCG(*killSeed, 1))
	data := t.TempDir()
	acks := filepath.Join(t.TempDir(), "acks")
	t.Logf("again: go test ./cmd/sallyport -run TestKill -kill.seed=%d", *killSeed)
	killed := 0
	seen := map[string]uint64{}
	// A machine with much to do may be killed a few times before it comes to the first order.
	for round := 0; round < rounds || seen["order"] == 0 && round < rounds+10; round++ {
		cmd := program(t, "demo", "--headless", "--data", data, "--acks", acks, "--customers", "600", "--orders", "40000")
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("round %d: the demo failed by itself: %v\n%s", round, err, out.String())
			}
		case <-killMoment(r, round, acks):
			if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				t.Fatal(err)
			}
			err := <-ended
			var status *exec.ExitError
			if errors.As(err, &status) && status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				killed++
			} else if err != nil {
				t.Fatalf("round %d: the demo failed by itself: %v\n%s", round, err, out.String())
			}
		}
		if _, err := os.Stat(filepath.Join(data, "journal")); errors.Is(err, os.ErrNotExist) {
			continue // killed before it began
		}
		report, violation := audit(data)
		if violation != nil && strings.Contains(violation.Error(), "never written to") {
			continue // killed before its first record
		}
		if violation != nil {
			t.Fatalf("round %d: %v", round, violation)
		}
		acknowledged := readAcks(t, acks)
		for what, last := range map[string]uint64{
			"order": report.Orders, "deposit": report.Deposits, "withdrawal": report.Withdrawals,
		} {
			// Their numbers are gapless: all up to the last are in the log.
			if acknowledged[what] > last {
				t.Fatalf("round %d: %s %d was acknowledged, the log ends with %d", round, what, acknowledged[what], last)
			}
		}
		seen = acknowledged
	}
	t.Logf("%d kills; acknowledged and found: %v", killed, seen)
	if killed < rounds/2 || seen["order"] == 0 || seen["deposit"] == 0 {
		t.Fatalf("only %d of %d rounds were killed, acknowledged %v: the demo is too short for this test", killed, rounds, seen)
	}
}

// readAcks gives the highest acknowledged number of each sort.
func readAcks(t *testing.T, path string) map[string]uint64 {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	highest := map[string]uint64{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var what string
		var n uint64
		if _, err := fmt.Sscanf(lines.Text(), "%s %d", &what, &n); err != nil {
			t.Fatalf("acknowledgement %q: %v", lines.Text(), err)
		}
		highest[what] = max(highest[what], n)
	}
	return highest
}

// TestKillServe kills `serve` with SIGKILL while bots trade, deposit and withdraw over HTTP. What
// they were told was done is in the log, and the next start answers for it.
func TestKillServe(t *testing.T) {
	rounds := 6
	if testing.Short() {
		rounds = 2
	}
	r := rand.New(rand.NewPCG(*killSeed, 2))
	t.Logf("again: go test ./cmd/sallyport -run TestKillServe -kill.seed=%d", *killSeed)
	data := t.TempDir()
	var b *bot
	told := map[string]uint64{}
	// The bot leaves open what it places, and waits for nothing but answers.
	text := string(defaultConfig)
	for _, bound := range [][2]string{{"max_orders: 200\n", "max_orders: 0\n"}, {"weight_per_minute: 60000, orders_per_10s: 1000,", "weight_per_minute: 60000000, orders_per_10s: 10000000,"}} {
		if !strings.Contains(text, bound[0]) {
			t.Fatalf("the built-in configuration has no %q", bound[0])
		}
		text = strings.ReplaceAll(text, bound[0], bound[1])
	}
	config := filepath.Join(t.TempDir(), "serve.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for round := range rounds {
		cmd := serving(t, "serve", "--config", config, "--data", data, "--listen", "127.0.0.1:0", "--no-tls")
		if b == nil {
			b = &bot{t: t, data: data}
		}
		b.url = cmd.url
		kill := time.AfterFunc(time.Duration(200+r.IntN(1200))*time.Millisecond, func() { cmd.Process.Kill() })
		if round > 0 {
			// The first call after a restart: the last order it was told of is there.
			if status, body := b.signed("GET", "/api/v3/order", fmt.Sprintf("symbol=BTCUSDT&orderId=%d", told["order"])); status != 200 && status != 0 {
				t.Fatalf("round %d: order %d was acknowledged and is gone: %d %s", round, told["order"], status, body)
			}
		}
		b.trade(told)
		kill.Stop()
		cmd.Process.Kill()
		cmd.Wait()

		report, violation := audit(data)
		if violation != nil {
			t.Fatalf("round %d: %v", round, violation)
		}
		if told["order"] > report.Orders || told["deposit"] > report.Deposits || told["withdrawal"] > report.Withdrawals {
			t.Fatalf("round %d: told of %v, the log has %d orders, %d deposits, %d withdrawals", round, told, report.Orders, report.Deposits, report.Withdrawals)
		}
	}
	if told["order"] == 0 || told["deposit"] == 0 || told["withdrawal"] == 0 {
		t.Fatalf("acknowledged only %v: the rounds are too short for this test", told)
	}
	t.Logf("acknowledged and found: %v", told)
}

// bot calls a server over HTTP. A call that gets no answer has status 0.
type bot struct {
	t           *testing.T
	data, url   string
	account     uint64
	key, secret string
	withdrawals int
}

func (b *bot) desk(path string, body any, into any) bool {
	token, err := os.ReadFile(filepath.Join(b.data, "keys", "desk.token"))
	if err != nil {
		b.t.Fatal(err)
	}
	j, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", b.url+path, bytes.NewReader(j))
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false // killed
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return false
	}
	if resp.StatusCode >= 300 {
		b.t.Fatalf("%s: %d %s", path, resp.StatusCode, answer)
	}
	if err := json.Unmarshal(answer, into); err != nil {
		b.t.Fatalf("%s: %v: %s", path, err, answer)
	}
	return true
}

func (b *bot) signed(method, path, query string) (int, []byte) {
	query += fmt.Sprintf("&timestamp=%d&recvWindow=60000", time.Now().UnixMilli())
	mac := hmac.New(sha256.New, []byte(b.secret))
	mac.Write([]byte(query))
	req, err := http.NewRequest(method, b.url+path+"?"+query+"&signature="+hex.EncodeToString(mac.Sum(nil)), nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("X-MBX-APIKEY", b.key)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil
	}
	return resp.StatusCode, body
}

// trade deposits, orders and withdraws until the server is gone, and notes what it was told.
func (b *bot) trade(told map[string]uint64) {
	for i := 0; ; i++ {
		if b.key == "" {
			var opened struct{ Account uint64 }
			profile := map[string]any{
				"id": "bot", "kind": "person", "names": []any{map[string]any{"full": "Maria Garcia", "kind": "primary"}}, "birth": []string{"1990-01-01"},
				"nationalities": []string{"ES"}, "residence": map[string]any{"town": "Madrid", "country": "ES"},
			}
			var key struct{ APIKey, Secret string }
			if !b.desk("/desk/v1/customers", map[string]any{"operator": "us", "profile": profile}, &opened) ||
				!b.desk(fmt.Sprintf("/desk/v1/customers/%d/keys", opened.Account), map[string]any{}, &key) {
				b.t.Fatal("killed before the bot had an account: give the first round more time")
			}
			b.account, b.key, b.secret = opened.Account, key.APIKey, key.Secret
		}
		switch i % 10 {
		case 0:
			var d struct{ Deposit uint64 }
			if !b.desk("/desk/v1/transfers", map[string]any{"account": b.account, "asset": "USDT", "amount": "1000", "from": "mem1bot"}, &d) {
				return
			}
			told["deposit"] = max(told["deposit"], d.Deposit)
		case 5:
			b.withdrawals++
			status, body := b.signed("POST", "/sapi/v1/capital/withdraw/apply", fmt.Sprintf("coin=USDT&network=ETH&address=mem1ffff&amount=11&withdrawOrderId=w%d-%d", b.withdrawals, time.Now().UnixNano()))
			var w struct{ ID json.Number }
			if status == 0 {
				return
			}
			if status != 200 || json.Unmarshal(body, &w) != nil {
				b.t.Fatalf("withdraw: %d %s", status, body)
			}
			n, err := strconv.ParseUint(w.ID.String(), 10, 64)
			if err != nil {
				b.t.Fatalf("withdraw: %s", body)
			}
			told["withdrawal"] = max(told["withdrawal"], n)
		default:
			status, body := b.signed("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=10000")
			if status == 0 {
				return
			}
			var o struct{ OrderID uint64 }
			if status != 200 || json.Unmarshal(body, &o) != nil {
				b.t.Fatalf("order: %d %s", status, body)
			}
			told["order"] = max(told["order"], o.OrderID)
		}
	}
}

// TestRealEditions plays the story with OFAC's own editions of the day of the invasion and the
// day after it: 91 entries more.
func TestRealEditions(t *testing.T) {
	const dir = "../../../shared/data/ofac-sdn-timeline/"
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("SKIPPED: %s is not there", dir)
	}
	cmd := program(t, "demo", "--headless", "--json", "--orders", "1000", "--from", dir+"sdn_2022-02-24.csv.xz", "--then", dir+"sdn_2022-02-25.csv.xz")
	var out, told bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &told
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, told.String())
	}
	var s struct {
		story.Summary
		Verify string `json:"verify"`
	}
	if err := json.Unmarshal(out.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Verify != "ok" || len(s.ListedMissed) != 0 || s.InnocentsFrozen != 0 || s.Listed < 40 || s.ListedFrozen < s.Listed/2 || s.ListedFrozen+s.ListedHeld != s.Listed || s.Exited == 0 || s.Trades == 0 {
		t.Errorf("summary %+v", s)
	}
	if !strings.Contains(told.String(), "  91 entries added,") {
		t.Errorf("the edition of 25 February adds 91 entries; told:\n%s", told.String())
	}
	t.Logf("listed %d: %d frozen, %d held; innocents held %d; %d ms from list to freeze", s.Listed, s.ListedFrozen, s.ListedHeld, s.InnocentsHeld, s.ListToFreeze.Milliseconds())
}
