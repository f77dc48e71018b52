package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// TestServeOverTLS: a first start makes a certificate, says its fingerprint, and keeps it;
// whoever trusts it speaks HTTP and WebSocket over it, and nobody without TLS is served.
func TestServeOverTLS(t *testing.T) {
	data := t.TempDir()
	said := ""
	for range 2 {
		cmd := serving(t, "serve", "--data", data, "--listen", "127.0.0.1:0")
		second, err := cmd.said.ReadString('\n')
		host, ok := strings.CutPrefix(cmd.url, "https://")
		if err != nil || !ok {
			t.Fatalf("serve said %q %q, %v", cmd.url, second, err)
		}
		b, err := os.ReadFile(filepath.Join(data, "keys", "tls.crt"))
		if err != nil {
			t.Fatal(err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(b) {
			t.Fatal("no certificate")
		}
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
		resp, err := client.Get(cmd.url + "/api/v3/ping")
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		resp.Body.Close()
		seen := fingerprint(resp.TLS.PeerCertificates[0].Raw)
		if !strings.Contains(second, seen) || said != "" && said != seen {
			t.Errorf("serve said %q; the certificate is %s, before it was %q", second, seen, said)
		}
		said = seen

		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ws, _, err := websocket.Dial(ctx, "wss://"+host+"/ws/btcusdt@trade", &websocket.DialOptions{HTTPClient: client})
		if err != nil {
			t.Fatal(err)
		}
		defer ws.CloseNow()
		if resp, err := http.Get("http://" + host + "/api/v3/ping"); err != nil || resp.StatusCode != 400 {
			t.Errorf("without TLS: %v %v", resp, err)
		}
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		// Whoever listens is told, and the program ends well.
		if _, b, err := ws.Read(ctx); err != nil || !strings.Contains(string(b), "serverShutdown") {
			t.Errorf("at the end: %s %v", b, err)
		}
		ws.Read(ctx)
		io.Copy(io.Discard, cmd.said)
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, cmd.errors)
		}
	}
}

// TestSelfMade: a certificate is made anew a month before its end, and one that does not read
// is not replaced in silence.
func TestSelfMade(t *testing.T) {
	data := t.TempDir()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(c tlsConfig, now time.Time) string {
		t.Helper()
		_, f, err := c.listener(l, data, now)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	made := at(tlsConfig{}, now)
	if again := at(tlsConfig{}, now.Add(madeFor-renewBefore-time.Second)); again != made {
		t.Error("another certificate was made while there was one")
	}
	if given := at(tlsConfig{Certificate: filepath.Join(data, "keys", "tls.crt"), Key: filepath.Join(data, "keys", "tls.key")}, now); given != made {
		t.Error("the certificate that was given is not the one that is shown")
	}
	if next := at(tlsConfig{}, now.Add(madeFor-renewBefore+time.Second)); next == made {
		t.Error("a certificate that is about to end was kept")
	}
	if info, err := os.Stat(filepath.Join(data, "keys", "tls.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info, err)
	}
	if f := at(tlsConfig{Off: true}, now); f != "" {
		t.Errorf("off, and a certificate %s", f)
	}
	if err := os.WriteFile(filepath.Join(data, "keys", "tls.crt"), []byte("nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []tlsConfig{{}, {Certificate: "only.pem"}, {Certificate: "none.pem", Key: "none.key"}} {
		if _, _, err := c.listener(l, data, now); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}
