package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sallyport/internal/fuzzing"
)

var at = time.Date(2026, 11, 27, 9, 0, 0, 0, time.UTC)

var letter = Message{To: "ada@example.org", Subject: "Подтвердите адрес", Text: "Open this:\nhttps://exchange.example/me/email?token=abc=def\n.\nКонец\n"}

// read reads a letter as a program would that gets it.
func read(t testing.TB, b []byte) (*mail.Message, string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m, strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestALetterReadsAsItWasWritten(t *testing.T) {
	b, err := letter.Bytes("desk@exchange.example", "1", at)
	if err != nil {
		t.Fatal(err)
	}
	m, text := read(t, b)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject || text != letter.Text || m.Header.Get("To") != "<ada@example.org>" || m.Header.Get("Message-ID") != "<1@exchange.example>" {
		t.Errorf("%q %v %q", subject, m.Header, text)
	}
	if d, err := m.Header.Date(); err != nil || !d.Equal(at) {
		t.Errorf("the date: %v, %v", d, err)
	}
	for i, line := range strings.Split(string(b), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") { // RFC 5322, section 2.1.1
			t.Errorf("line %d is %q", i, line)
		}
	}
	if s := fmt.Sprintf("%v %+v %s", letter, letter, letter); strings.Contains(s, "ada") || strings.Contains(s, "token") {
		t.Errorf("printed: %s", s)
	}
}

func TestAHeaderCannotBeAdded(t *testing.T) {
	for _, m := range []Message{
		{"ada@example.org\r\nBcc: eve@example.org", "x", "x"}, {"ada@example.org, eve@example.org", "x", "x"}, {"Ada <ada@example.org>", "x", "x"}, {"ada", "x", "x"}, {"", "x", "x"},
		{"ada@example.org", "x\r\nBcc: eve@example.org", "x"}, {"ada@example.org", "x\nBcc: eve@example.org", "x"}, {"ada@example.org", "", "x"}, {"ada@example.org", strings.Repeat("x", 201), "x"},
		{"ada@example.org", "x", ""}, {"ada@example.org", "x", strings.Repeat("x", maxText+1)},
	} {
		if b, err := m.Bytes("desk@exchange.example", "1", at); err == nil {
			t.Errorf("%s %s was taken: %s", m.To, m.Subject, b)
		}
	}
}

func FuzzLetter(f *testing.F) {
	fuzzing.Bound(f)
	f.Add("ada@example.org", "subject", "text")
	f.Add("a\r\nb@example.org", "a\rb", "\r\n.\r\n")
	f.Fuzz(func(t *testing.T, to, subject, text string) {
		b, err := Message{to, subject, text}.Bytes("desk@exchange.example", "1", at)
		if err != nil {
			return
		}
		m, _ := read(t, b)
		if len(m.Header) != 9 || len(m.Header["To"]) != 1 || len(m.Header["Subject"]) != 1 || m.Header.Get("To") != "<"+to+">" {
			t.Fatalf("%q", b)
		}
	})
}

// a server takes letters as RFC 5321 has it, and remembers what it heard.
type server struct {
	net.Listener
	conf    *tls.Config
	offers  bool // STARTTLS
	heard   chan string
	letters chan string
	refuses string // the word that it answers with what it says
	says    string
}

func serve(t *testing.T, immediate, offers bool) (*server, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	s := &server{conf: &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, offers: offers, heard: make(chan string, 100), letters: make(chan string, 10)}
	if s.Listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	if immediate {
		s.Listener = tls.NewListener(s.Listener, s.conf)
	}
	go func() {
		for {
			c, err := s.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	t.Cleanup(func() { s.Close() })
	return s, roots
}

func (s *server) talk(c net.Conn) {
	defer func() { c.Close() }()
	secure := false
	if _, ok := c.(*tls.Conn); ok {
		secure = true
	}
	r := bufio.NewReader(c)
	say := func(text string) { io.WriteString(c, text+"\r\n") }
	say("220 localhost ready")
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		s.heard <- fmt.Sprintf("%v %s", secure, line)
		switch word, _, _ := strings.Cut(line, " "); word {
		case s.refuses:
			say(s.says)
		case "EHLO":
			io.WriteString(c, "250-localhost\r\n")
			if s.offers && !secure {
				io.WriteString(c, "250-STARTTLS\r\n")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			if !s.offers {
				say("502 not here")
				continue
			}
			say("220 go ahead")
			c = tls.Server(c, s.conf)
			r, secure = bufio.NewReader(c), true
		case "DATA":
			say("354 send")
			var b strings.Builder
			for {
				l, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if l == ".\r\n" {
					break
				}
				b.WriteString(strings.TrimPrefix(l, ".")) // RFC 5321, section 4.5.2
			}
			s.letters <- b.String()
			say("250 kept")
		case "AUTH":
			say("235 yes")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

func TestSMTP(t *testing.T) {
	for name, c := range map[string]struct {
		security          Security
		immediate, offers bool
		ok                bool
	}{
		"STARTTLS": {StartTLS, false, true, true}, "TLS": {TLS, true, false, true}, "plain to this machine": {Plain, false, false, true},
		"no STARTTLS to be had": {StartTLS, false, false, false}, "no TLS to be had": {TLS, false, false, false},
	} {
		s, roots := serve(t, c.immediate, c.offers)
		out := &SMTP{Server: s.Addr().String(), Security: c.security, User: "desk", Password: "hush", From: "desk@exchange.example", Clock: func() time.Time { return at }, roots: roots}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		err := out.Send(ctx, letter)
		cancel()
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
			continue
		}
		secret := base64.StdEncoding.EncodeToString([]byte("\x00desk\x00hush"))
		for range len(s.heard) {
			line := <-s.heard
			if (strings.Contains(line, secret) || strings.Contains(line, "RCPT")) && !strings.HasPrefix(line, "true ") && c.security != Plain {
				t.Errorf("%s: in plain: %s", name, line)
			}
		}
		if c.ok {
			if m, text := read(t, []byte(<-s.letters)); text != letter.Text || m.Header.Get("To") != "<ada@example.org>" {
				t.Errorf("%s: %q", name, text)
			}
		}
	}
	// A certificate that nobody vouches for, a server that says nothing, and one that is not there.
	s, _ := serve(t, true, false)
	if err := (&SMTP{Server: s.Addr().String(), Security: TLS, From: "desk@exchange.example"}).Send(t.Context(), letter); err == nil {
		t.Error("a certificate of nobody's is taken")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := (&SMTP{Server: silent.Addr().String(), Security: Plain, From: "desk@exchange.example"}).Send(ctx, letter); err == nil {
		t.Error("a silent server is waited for")
	}
	silent.Close()
	if err := (&SMTP{Server: silent.Addr().String(), Security: Plain, From: "desk@exchange.example"}).Send(t.Context(), letter); err == nil {
		t.Error("a server that is not there takes letters")
	}
}

// TestWhatAServerSays: a server that takes no letter often repeats whose it was, and sometimes what it said; the error
// has the codes alone (RFC 5321, section 4.2; RFC 3463), which tell whether it is to be tried again.
func TestWhatAServerSays(t *testing.T) {
	for says, want := range map[string]string{
		"550 5.1.1 <ada@example.org>: Recipient address rejected":                   "550 5.1.1",
		"450 4.2.0 ada@example.org: come again":                                     "450 4.2.0",
		"554 ada@example.org and https://exchange.example/me/password?token=secret": "554",
		"421 5.7.1ada@example.org":                                                  "421",
	} {
		for _, word := range []string{"MAIL", "RCPT", "DATA"} {
			s, _ := serve(t, false, false)
			s.refuses, s.says = word, says
			err := (&SMTP{Server: s.Addr().String(), Security: Plain, From: "desk@exchange.example"}).Send(t.Context(), letter)
			if err == nil || strings.Contains(err.Error(), "ada") || strings.Contains(err.Error(), "secret") || !strings.HasSuffix(err.Error(), " "+want) {
				t.Errorf("%s: %v", word, err)
			}
			var no *Refused
			if !errors.As(err, &no) || no.ForGood() != (says[0] == '5') {
				t.Errorf("%s: is %v for good?", word, no)
			}
		}
	}
}

// TestALetterThatWasTaken: once a server has said that it keeps the letter it is sent, whatever it says to a farewell;
// else it would go out again.
func TestALetterThatWasTaken(t *testing.T) {
	s, _ := serve(t, false, false)
	s.refuses, s.says = "QUIT", "421 too late"
	if err := (&SMTP{Server: s.Addr().String(), Security: Plain, From: "desk@exchange.example"}).Send(t.Context(), letter); err != nil || len(s.letters) != 1 {
		t.Errorf("%d letters, %v", len(s.letters), err)
	}
}

func TestConfigurationsOfSMTP(t *testing.T) {
	good := SMTP{Server: "smtp.example.org:587", Security: StartTLS, User: "u", Password: "hush", From: "desk@exchange.example"}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*SMTP){
		"no server": func(s *SMTP) { s.Server = "" }, "no port": func(s *SMTP) { s.Server = "smtp.example.org" }, "no security": func(s *SMTP) { s.Security = "" },
		"plain abroad": func(s *SMTP) { s.Security = Plain }, "no password": func(s *SMTP) { s.Password = "" }, "no sender": func(s *SMTP) { s.From = "desk" },
	} {
		bad := good
		if change(&bad); bad.Check() == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if s := fmt.Sprintf("%v %+v", &good, &good); strings.Contains(s, "hush") {
		t.Errorf("printed: %s", s)
	}
}

func TestOutbox(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	now := at
	o := &Outbox{Dir: dir, Clock: func() time.Time { return now }}
	if err := o.Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || !strings.HasPrefix(entries[0].Name(), "20261127T090000.000-") {
		t.Fatalf("%v, %v", entries, err)
	}
	info, _ := entries[0].Info()
	folder, _ := os.Stat(dir)
	if info.Mode().Perm() != 0o600 || folder.Mode().Perm() != 0o700 {
		t.Errorf("others may read it: %s, %s", info.Mode(), folder.Mode())
	}
	b, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	if _, text := read(t, b); text != letter.Text {
		t.Errorf("%q", text)
	}
	for range maxOutbox {
		now = now.Add(time.Second)
		if err := o.Send(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
	}
	if left, _ := os.ReadDir(dir); len(left) != maxOutbox || left[0].Name() == entries[0].Name() {
		t.Errorf("%d letters are kept", len(left))
	}
	if err := o.Send(t.Context(), Message{To: "nobody"}); err == nil {
		t.Error("a letter to nobody")
	}
}
