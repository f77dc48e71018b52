// Package identity is how an exchange comes to know that a customer is who they say: what
// was told, the files that show it, and a [Checker] that answers. It keeps nothing and knows
// no law; what is recorded of it lies in the vault.
//
// [Manual] is the checker that is built in: a person at the desk looks. A provider's checker
// gets the same case and gives the same answers; one that needs time answers Waits, with its
// reference, and the answer is handed in when it comes, as the desk's is.
package identity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"sallyport/entity"
)

// A State is how far a customer is identified. The zero value is not at all.
type State string

const (
	Unknown  State = ""         // nothing was handed in
	Waits    State = "waiting"  // it was, and nobody has answered
	Accepted State = "accepted" // they are who they say
	Refused  State = "refused"  // what was handed in does not show it
)

// An Answer is what a checker says of a case.
type Answer struct {
	State     State     `json:"state"`
	Reason    string    `json:"reason,omitempty"`    // for the customer to read
	Reference string    `json:"reference,omitempty"` // the checker's own
	By        string    `json:"by,omitempty"`        // who answered: an operator user, a provider
	Second    string    `json:"second,omitempty"`    // who agreed, where two must
	At        time.Time `json:"at"`
}

// Lengths of an answer's words, in bytes.
const (
	MaxReason    = 500
	MaxReference = 200
	MaxBy        = 100
)

// Check says what keeps an answer from being one.
func (a *Answer) Check() error {
	switch {
	case a.State != Waits && a.State != Accepted && a.State != Refused:
		return fmt.Errorf("identity: the state %q: want %s, %s or %s", a.State, Waits, Accepted, Refused)
	case a.By == "" || len(a.By) > MaxBy:
		return fmt.Errorf("identity: by: want who answers, in at most %d bytes", MaxBy)
	case a.State != Waits && a.Reason == "" || len(a.Reason) > MaxReason:
		return fmt.Errorf("identity: reason: want one, in at most %d bytes; the customer reads it", MaxReason)
	case len(a.Reference) > MaxReference:
		return fmt.Errorf("identity: reference: want at most %d bytes", MaxReference)
	}
	return nil
}

// A Kind is what a file is, by its first bytes.
type Kind string

const (
	JPEG Kind = "image/jpeg"
	PNG  Kind = "image/png"
	PDF  Kind = "application/pdf"
)

// Bounds of what is handed in.
const (
	MaxFile  = 6 << 20 // bytes
	MaxFiles = 8       // of one customer
)

// A File shows something: a document, a face, a bill with a place on it.
type File struct {
	Kind  Kind
	Bytes []byte
}

// Format keeps content out of logs, whatever verb it is printed with.
func (f File) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "file of %d bytes", len(f.Bytes)) }

// Sniff says of which kind a file is by what it holds, whatever its name says.
func Sniff(b []byte) (Kind, error) {
	switch {
	case len(b) > MaxFile:
		return "", fmt.Errorf("identity: the file is longer than %d bytes", MaxFile)
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return JPEG, nil
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return PNG, nil
	case bytes.HasPrefix(b, []byte("%PDF-")):
		return PDF, nil
	}
	return "", errors.New("identity: the file is no JPEG, PNG or PDF")
}

// A Case is what a checker gets to see of one customer.
type Case struct {
	Account uint64
	Profile entity.Profile // what the customer told, with their documents' numbers
	Files   []File
}

// A Checker answers whether a customer is who they say. An error means that it could not
// say, and the customer waits.
type Checker interface {
	Check(ctx context.Context, c Case) (Answer, error)
}

// Manual leaves every case to the desk. What it records of a case is each answer, with its reason,
// its reference, who gave it and when.
type Manual struct {
	// TwoUsers says that a yes takes two operator users; until the second agrees, the case waits.
	// One is enough for a no, which opens nothing.
	TwoUsers bool
}

// Check answers that the case waits.
func (Manual) Check(context.Context, Case) (Answer, error) {
	return Answer{State: Waits, By: "desk"}, nil
}
