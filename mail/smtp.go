package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"regexp"
	"strings"
	"time"
)

// A Security is how a connection to a server is kept private.
type Security string

const (
	StartTLS Security = "starttls" // RFC 3207; a server that does not offer it gets no letter
	TLS      Security = "tls"      // from the first byte (RFC 8314)
	Plain    Security = "plain"    // to this machine itself alone
)

// SMTP sends through a server (RFC 5321). Its zero value sends nothing.
type SMTP struct {
	Server   string // host:port
	Security Security
	User     string // "" is nobody, and then no password
	Password string
	From     string
	Clock    func() time.Time // nil is the wall's
	Random   io.Reader        // of the letters' names; nil is crypto/rand

	roots *x509.CertPool // of tests; nil is this machine's
}

// Format keeps the password out of logs, whatever verb it is printed with.
func (s *SMTP) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "SMTP to %s", s.Server) }

const sendingLasts = 30 * time.Second

// Check says what the configuration lacks.
func (s *SMTP) Check() error {
	host, port, err := net.SplitHostPort(s.Server)
	switch {
	case err != nil || host == "" || port == "":
		return fmt.Errorf("mail: the server %q: want a host and a port, such as smtp.example.org:587", s.Server)
	case s.Security != StartTLS && s.Security != TLS && s.Security != Plain:
		return fmt.Errorf("mail: security %q: want %s, %s or %s", s.Security, StartTLS, TLS, Plain)
	case s.Security == Plain && !local(host):
		return fmt.Errorf("mail: %s: letters go in plain to this machine alone (localhost, 127.0.0.1, ::1); want %s or %s", s.Server, StartTLS, TLS)
	case (s.User == "") != (s.Password == ""):
		return fmt.Errorf("mail: want a user and a password, or neither")
	}
	if _, err := checkAddress(s.From); err != nil {
		return fmt.Errorf("mail: from %q: %w", s.From, err)
	}
	return nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands one letter to the server.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	if err := s.Check(); err != nil {
		return err
	}
	clock := s.Clock
	if clock == nil {
		clock = time.Now
	}
	id, err := newID(s.Random)
	if err != nil {
		return err
	}
	letter, err := m.Bytes(s.From, id, clock())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sendingLasts)
	defer cancel()
	host, _, _ := net.SplitHostPort(s.Server)
	conf := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Server)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if s.Security == TLS {
		conn = tls.Client(conn, conf)
	}
	c, err := smtp.NewClient(conn, host)
	if err != nil {
		conn.Close()
		return fmt.Errorf("mail: %w", err)
	}
	defer c.Close()
	if err := s.hand(c, conf, host, m.To, letter); err != nil {
		return fmt.Errorf("mail: %s: %w", s.Server, err)
	}
	return nil
}

func (s *SMTP) hand(c *smtp.Client, conf *tls.Config, host, to string, letter []byte) error {
	if s.Security == StartTLS {
		if err := c.StartTLS(conf); err != nil { // an error where the server has no STARTTLS
			return err
		}
	}
	if s.User != "" {
		if err := c.Auth(smtp.PlainAuth("", s.User, s.Password, host)); err != nil {
			return err
		}
	}
	if err := c.Mail(s.From); err != nil {
		return refused(err)
	}
	if err := c.Rcpt(to); err != nil {
		return refused(err)
	}
	w, err := c.Data()
	if err != nil {
		return refused(err)
	}
	if _, err := w.Write(letter); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return refused(err)
	}
	_ = c.Quit() // the letter is kept, whatever becomes of a farewell
	return nil
}

// Refused is the error of a server that does not take a letter. It has the server's codes alone: the words beside them
// often repeat whom the letter is to, and sometimes what it says, which is nothing for a log.
type Refused struct {
	Code     int    // RFC 5321, section 4.2
	Enhanced string // RFC 3463, or ""
}

func (r *Refused) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server does not take the letter: %d %s", r.Code, r.Enhanced))
}

// ForGood reports whether the same letter would be refused again.
func (r *Refused) ForGood() bool { return r.Code/100 == 5 }

var enhanced = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}( |$)`)

// refused is a Refused for what a server answered, and another error as it is.
func refused(err error) error {
	var said *textproto.Error
	if errors.As(err, &said) {
		return &Refused{said.Code, strings.TrimSpace(enhanced.FindString(said.Msg))}
	}
	return err
}

// newID is a letter's name.
func newID(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	var raw [16]byte
	if _, err := io.ReadFull(random, raw[:]); err != nil {
		return "", fmt.Errorf("mail: randomness: %w", err)
	}
	return hex.EncodeToString(raw[:]), nil
}
