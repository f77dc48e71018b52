// Package receipt is the gate's signed word on one decision, for whoever asked for it: what
// was decided, what follows from it, and where in the log it stands. An exchange that
// keeps its own ledger files it beside its own entry; an auditor holds it to the log
// (package verify), and anybody to the log's public key, with nothing else at hand.
//
// It is a note (golang.org/x/mod/sumdb/note) over this text, numbers in decimal, digests
// in lower-case hexadecimal, signed by the key that signs the log's checkpoints; the first
// line keeps the two apart:
//
//	sallyport receipt 1
//	origin sallyport/journal
//	record 1184
//	time 1645747200000000
//	chain 4d5e…
//	decision 9f02…
//	account 1042
//	action withdraw
//	verdict allow
//	movement 77ab…
//	standing allow 03c4…
//	do proceed
//
// Chain is the log's hash chain up to and with the record, so that a receipt commits the
// signer to all that came before the decision too. Movement is none where none is named,
// standing none where there was no account. TestEveryBit proves that no bit of it can be
// turned.
package receipt

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
)

// A Receipt says what was decided and where that stands.
type Receipt struct {
	Origin   string   // name of the log
	Seq      uint64   // the record that holds the decision, never 0
	Time     int64    // of that record, microseconds since 1970 UTC
	Chain    [32]byte // the chain up to and with that record
	Decision [32]byte // its identifier
	Account  uint64
	Action   law.Action
	Verdict  law.Verb
	Movement string   // digest of the movement, hex, or ""
	Standing law.Verb // of the account after that record; undecided where there was none
	Stands   [32]byte // the decision of that standing; zero where there was none
	Do       gate.Do  // what follows (gate.Next)
}

const version = "sallyport receipt 1"

// Sign writes the receipt as a signed note. [Open] is its counterpart.
func Sign(r Receipt, s note.Signer) ([]byte, error) {
	text := r.text()
	if again, err := parse(text); err != nil || again != r {
		return nil, fmt.Errorf("receipt: record %d cannot be told: %v", r.Seq, err)
	}
	signed, err := note.Sign(&note.Note{Text: text}, s)
	if err != nil {
		return nil, fmt.Errorf("receipt: sign record %d: %w", r.Seq, err)
	}
	return signed, nil
}

// Open reads what Sign wrote, and refuses what no key of v has signed or what is not, byte
// for byte, a receipt's text.
func Open(signed []byte, v note.Verifiers) (Receipt, error) {
	text, err := journal.OpenNote("receipt", signed, v)
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	return parse(text)
}

func (r *Receipt) text() string {
	movement, standing := r.Movement, "none"
	if movement == "" {
		movement = "none"
	}
	if r.Standing != law.Undecided {
		standing = fmt.Sprintf("%s %x", r.Standing, r.Stands)
	}
	return fmt.Sprintf("%s\norigin %s\nrecord %d\ntime %d\nchain %x\ndecision %x\naccount %d\naction %s\nverdict %s\nmovement %s\nstanding %s\ndo %s\n",
		version, r.Origin, r.Seq, r.Time, r.Chain, r.Decision, r.Account, r.Action, r.Verdict, movement, standing, r.Do)
}

func parse(text string) (Receipt, error) {
	var r Receipt
	fields := []struct {
		name string
		read func(string) error
	}{
		{"origin", func(s string) error { r.Origin = s; return nil }},
		{"record", func(s string) (err error) { r.Seq, err = strconv.ParseUint(s, 10, 64); return }},
		{"time", func(s string) (err error) { r.Time, err = strconv.ParseInt(s, 10, 64); return }},
		{"chain", func(s string) error { return digest(&r.Chain, s) }},
		{"decision", func(s string) error { return digest(&r.Decision, s) }},
		{"account", func(s string) (err error) { r.Account, err = strconv.ParseUint(s, 10, 64); return }},
		{"action", func(s string) error { r.Action = law.Action(s); return nil }},
		{"verdict", func(s string) error { return r.Verdict.UnmarshalText([]byte(s)) }},
		{"movement", func(s string) error {
			if s == "none" {
				return nil
			}
			var d [32]byte
			err := digest(&d, s)
			r.Movement = hex.EncodeToString(d[:]) // in lower case, whatever was read
			return err
		}},
		{"standing", func(s string) error {
			if s == "none" {
				return nil
			}
			verb, id, _ := strings.Cut(s, " ")
			return errors.Join(r.Standing.UnmarshalText([]byte(verb)), digest(&r.Stands, id))
		}},
		{"do", func(s string) error { return r.Do.UnmarshalText([]byte(s)) }},
	}
	lines := strings.Split(text, "\n")
	if len(lines) != len(fields)+2 || lines[0] != version || lines[len(lines)-1] != "" {
		return Receipt{}, fmt.Errorf("receipt: the signed text is no %q", version)
	}
	for i, f := range fields {
		value, ok := strings.CutPrefix(lines[i+1], f.name+" ")
		if !ok || f.read(value) != nil {
			return Receipt{}, fmt.Errorf("receipt: line %d is no %s", i+2, f.name)
		}
	}
	// One text for one receipt: no leading zeros, plus signs or upper-case digits.
	if r.text() != text || r.Seq == 0 || r.Origin == "" || !r.Action.Valid() {
		return Receipt{}, errors.New("receipt: it is not written in its one form")
	}
	return r, nil
}

func digest(d *[32]byte, s string) error {
	if len(s) != hex.EncodedLen(len(d)) {
		return errors.New("wrong length")
	}
	_, err := hex.Decode(d[:], []byte(s))
	return err
}
