// Package mail sends letters: by SMTP to a server of the operator's ([SMTP]), or into a folder
// where somebody may read them ([Outbox]), which is what an exchange does that has no server yet.
// It knows no customer; what a letter says is its caller's.
//
// A letter is plain text in UTF-8 (RFC 5322, RFC 2045). What would be a second header, a second
// recipient or a comment in an address is no address, so that nothing that a stranger writes makes
// another letter of it; TestAHeaderCannotBeAdded proves it.
package mail

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"
)

// A Message is one letter to one person.
type Message struct {
	To      string // one address, such as ada@example.org
	Subject string // one line
	Text    string // lines end with \n
}

// Format keeps what a letter says, and to whom, out of logs, whatever verb it is printed with.
func (m Message) Format(f fmt.State, _ rune) { fmt.Fprint(f, "letter") }

// Bounds of a letter, in bytes.
const (
	maxSubject = 200
	maxText    = 64 << 10
)

var (
	errAddress = errors.New("mail: want one address, such as ada@example.org")
	errLetter  = errors.New("mail: want a subject of one line and a text, neither too long")
)

// checkAddress gives an address as a server takes it.
func checkAddress(written string) (string, error) {
	a, err := mail.ParseAddress(written)
	if err != nil || a.Name != "" || a.Address != written || strings.ContainsAny(written, "\r\n<> ") {
		return "", errAddress
	}
	return a.Address, nil
}

// Bytes is the letter as it is sent, with lines that end with CRLF. The id tells it from every
// other of the sender's.
func (m Message) Bytes(from, id string, at time.Time) ([]byte, error) {
	for _, a := range []string{from, m.To} {
		if _, err := checkAddress(a); err != nil {
			return nil, err
		}
	}
	if m.Subject == "" || len(m.Subject) > maxSubject || strings.ContainsAny(m.Subject, "\r\n") || m.Text == "" || len(m.Text) > maxText || strings.ContainsAny(id, "\r\n<>@ ") {
		return nil, errLetter
	}
	_, domain, _ := strings.Cut(from, "@")
	var b bytes.Buffer
	for _, h := range [][2]string{
		{"From", "Sallyport <" + from + ">"},
		{"To", "<" + m.To + ">"},
		{"Subject", mime.QEncoding.Encode("utf-8", m.Subject)},
		{"Date", at.Format(time.RFC1123Z)},
		{"Message-ID", "<" + id + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"}, // RFC 3834: no machine answers
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		b.WriteString(h[0] + ": " + h[1] + "\r\n")
	}
	b.WriteString("\r\n")
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n"))); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return b.Bytes(), nil
}
