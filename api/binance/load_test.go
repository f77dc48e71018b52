package binance

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sallyport/api/internal/sample"
)

// A loadClient speaks over one socket, so that what a library of clients costs is not measured.
type loadClient struct {
	key, secret string
	conn        net.Conn
	answers     *bufio.Reader
	request     []byte
}

// answer reads an answer, which is to be 200 and an order of the account's.
func (c *loadClient) answer() error {
	length, ok := 0, false
	for first := true; ; first = false {
		line, err := c.answers.ReadSlice('\n')
		if err != nil {
			return err
		}
		if line = bytes.TrimRight(line, "\r\n"); first {
			ok = bytes.HasPrefix(line, []byte("HTTP/1.1 200 "))
		} else if len(line) == 0 {
			break
		}
		if value, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return err
			}
		}
	}
	body, err := c.answers.Peek(length)
	if err != nil {
		return err
	}
	if !ok || !bytes.HasPrefix(body, []byte(`{"symbol":"BTCUSDT","orderId":`)) {
		return fmt.Errorf("%s", body)
	}
	_, err = c.answers.Discard(length)
	return err
}

// sign is the HMAC-SHA256 of a payload under an API key's secret.
func sign(secret, payload []byte) []byte {
	m := hmac.New(sha256.New, secret)
	m.Write(payload)
	return m.Sum(nil)
}

// bare is the least that a server of signed orders does over net/http: it parses the body, holds the signature to a
// secret and answers in JSON. Nothing is decided, matched or kept.
func bare(secret []byte) http.Handler {
	type answer struct {
		Symbol   string `json:"symbol"`
		OrderID  int64  `json:"orderId"`
		Side     string `json:"side"`
		Type     string `json:"type"`
		Price    string `json:"price"`
		Quantity string `json:"origQty"`
		Time     int64  `json:"transactTime"`
		Status   string `json:"status"`
	}
	var id atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		payload, signature, _ := bytes.Cut(body, []byte("&signature="))
		given, err := hex.DecodeString(string(signature))
		if err != nil || !hmac.Equal(given, sign(secret, payload)) {
			http.Error(w, "signature", http.StatusBadRequest)
			return
		}
		q, err := url.ParseQuery(string(payload))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		at, _ := strconv.ParseInt(q.Get("timestamp"), 10, 64)
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer{q.Get("symbol"), id.Add(1), q.Get("side"), q.Get("type"), q.Get("price"), q.Get("quantity"), at, "NEW"})
	})
}

// BenchmarkSignedOrders is what one order over HTTP costs with everything: the client that signs
// it and reads the answer, the gate's look at where it comes from, the venue, the log and its
// fsync. So many clients keep their connections and wait for each answer. Beside it what the same clients get from a
// server that does nothing else than read, check the signature and answer.
func BenchmarkSignedOrders(b *testing.B) {
	for _, clients := range []int{32, 128} {
		b.Run(fmt.Sprint("bare/connections=", clients), func(b *testing.B) {
			secret := "some secret of sixty-four letters, as those of real keys are ..."
			signedOrders(b, bare([]byte(secret)), clients, time.Now, func(int) (string, string) { return "key", secret })
		})
		b.Run(fmt.Sprint("everything/connections=", clients), func(b *testing.B) {
			x := sample.New(b)
			wire := New(x.Exchange, Options{
				WeightPerMinute: 1 << 40, OrdersPer10s: 1 << 40, OrdersPerDay: 1 << 40, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
			})
			signedOrders(b, wire, clients, x.Clock.Now, func(i int) (string, string) {
				o := x.Open("us", sample.Somebody(fmt.Sprint("Trader ", i), "US"))
				x.Fund(o.Account, "BTC", "1000")
				x.Fund(o.Account, "USDT", "10000000")
				return x.Key(o.Account)
			})
		})
	}
}

// signedOrders has so many clients, whose keys and secrets key gives, send orders to the server.
func signedOrders(b *testing.B, h http.Handler, clients int, now func() time.Time, key func(int) (string, string)) {
	server := httptest.NewServer(h)
	defer server.Close()
	from, _, err := net.SplitHostPort(sample.FromUS)
	if err != nil {
		b.Fatal(err)
	}
	all := make([]loadClient, clients)
	for i := range all {
		c := &all[i]
		c.key, c.secret = key(i)
		if c.conn, err = net.Dial("tcp", server.Listener.Addr().String()); err != nil {
			b.Fatal(err)
		}
		defer c.conn.Close()
		c.answers = bufio.NewReader(c.conn)
	}
	order := func(c *loadClient, n int) error {
		// Around one price, so that a part of them trades; half rest for good and are cancelled by nobody.
		side, price := "BUY", 30_000-n%50
		if n%2 == 0 {
			side, price = "SELL", 30_000+n%40
		}
		p := fmt.Sprintf("symbol=BTCUSDT&side=%s&type=LIMIT&timeInForce=IOC&quantity=0.001&price=%d&newOrderRespType=RESULT&timestamp=%d", side, price, now().UnixMilli())
		if n%4 < 2 {
			p = strings.Replace(p, "IOC", "GTC", 1)
		}
		p += "&signature=" + hex.EncodeToString(sign([]byte(c.secret), []byte(p)))
		c.request = fmt.Appendf(c.request[:0], "POST /api/v3/order HTTP/1.1\r\nHost: a\r\nX-MBX-APIKEY: %s\r\nX-Forwarded-For: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			c.key, from, len(p), p)
		if _, err := c.conn.Write(c.request); err != nil {
			return err
		}
		return c.answer()
	}
	waits := make([]time.Duration, b.N)
	b.ResetTimer()
	start := time.Now()
	var wg sync.WaitGroup
	for i := range all {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := i; n < b.N; n += clients {
				sent := time.Now()
				if err := order(&all[i], n/clients+i); err != nil {
					b.Error(err)
					return
				}
				waits[n] = time.Since(sent)
			}
		}()
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "orders/s")
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
}
