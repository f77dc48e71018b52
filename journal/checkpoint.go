package journal

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/cockroachdb/pebble/v2"
	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint says what the log was up to one record. It is signed as a note
// (golang.org/x/mod/sumdb/note) over this text, numbers in decimal, digests in
// lower-case hexadecimal:
//
//	sallyport journal checkpoint v1
//	origin example.exchange/journal
//	record 1184
//	chain 4d5e...
//	state 9f02...
//	time 1645747200000000
type Checkpoint struct {
	Origin string   // name of the log
	Seq    uint64   // the last record that it covers, never 0
	Chain  [32]byte // the chain up to and with that record
	State  [32]byte // digest of the caller's state after that record
	Time   int64    // of that record, microseconds since 1970 UTC
}

const checkpointVersion = "sallyport journal checkpoint v1"

// maxNote bounds what OpenNote reads: some lines and a few signatures.
const maxNote = 64 << 10

// NewKey makes a key pair for checkpoints under a name, which is best that of the
// log: skey signs (note.NewSigner) and is the caller's to keep secret, vkey verifies
// (note.NewVerifier) and is for everybody. A nil random is crypto/rand.
func NewKey(random io.Reader, name string) (skey, vkey string, err error) {
	if random == nil {
		random = rand.Reader
	}
	if !validOrigin(name) {
		return "", "", fmt.Errorf("journal: key name %q: want a name without spaces, controls or +", name)
	}
	skey, vkey, err = note.GenerateKey(random, name)
	if err != nil {
		return "", "", fmt.Errorf("journal: new key: %w", err)
	}
	return skey, vkey, nil
}

// SignCheckpoint writes the checkpoint as a signed note. OpenCheckpoint is its
// counterpart.
func SignCheckpoint(c Checkpoint, signers ...note.Signer) ([]byte, error) {
	if !validOrigin(c.Origin) || c.Seq == 0 {
		return nil, errors.New("journal: a checkpoint needs the name of its log and a record")
	}
	if len(signers) == 0 {
		return nil, errors.New("journal: no key to sign checkpoints with")
	}
	signed, err := note.Sign(&note.Note{Text: c.text()}, signers...)
	if err != nil {
		return nil, fmt.Errorf("journal: sign the checkpoint of record %d: %w", c.Seq, err)
	}
	return signed, nil
}

// OpenCheckpoint reads what SignCheckpoint wrote, and refuses what no key of v has
// signed or what is not, byte for byte, a checkpoint's text.
func OpenCheckpoint(signed []byte, v note.Verifiers) (Checkpoint, error) {
	text, err := OpenNote("checkpoint", signed, v)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("journal: %w", err)
	}
	return parseCheckpoint(text)
}

// OpenNote is note.Open for what has one form only: it refuses what no key of v has signed
// and a signature that is written otherwise than by the signer. What names the note in
// errors.
func OpenNote(what string, signed []byte, v note.Verifiers) (text string, err error) {
	if len(signed) > maxNote {
		return "", fmt.Errorf("a %s of %d bytes: the most is %d", what, len(signed), maxNote)
	}
	if v == nil {
		v = note.VerifierList()
	}
	n, err := note.Open(signed, v)
	var unsigned *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unsigned):
		return "", fmt.Errorf("none of the keys given has signed the %s", what)
	case err != nil:
		return "", fmt.Errorf("the %s is no signed note: %w", what, err)
	}
	for _, sig := range n.Sigs {
		// The note package lets the unused bits of the last digit be anything.
		if _, err := base64.StdEncoding.Strict().DecodeString(sig.Base64); err != nil {
			return "", fmt.Errorf("the signature of the %s is not written in its one form", what)
		}
	}
	return n.Text, nil
}

func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\norigin %s\nrecord %d\nchain %x\nstate %x\ntime %d\n",
		checkpointVersion, c.Origin, c.Seq, c.Chain, c.State, c.Time)
}

func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 7 || lines[0] != checkpointVersion || lines[6] != "" {
		return Checkpoint{}, fmt.Errorf("journal: the signed text is no %q", checkpointVersion)
	}
	var c Checkpoint
	for i, field := range []struct {
		name string
		read func(string) error
	}{
		{"origin", func(s string) error { c.Origin = s; return nil }},
		{"record", func(s string) (err error) { c.Seq, err = strconv.ParseUint(s, 10, 64); return }},
		{"chain", func(s string) error { return readDigest(&c.Chain, s) }},
		{"state", func(s string) error { return readDigest(&c.State, s) }},
		{"time", func(s string) (err error) { c.Time, err = strconv.ParseInt(s, 10, 64); return }},
	} {
		value, ok := strings.CutPrefix(lines[i+1], field.name+" ")
		if !ok || field.read(value) != nil {
			return Checkpoint{}, fmt.Errorf("journal: line %d of the checkpoint is no %s", i+2, field.name)
		}
	}
	// One text for one checkpoint: no leading zeros, plus signs or upper-case digits.
	if c.text() != text || c.Seq == 0 || !validOrigin(c.Origin) {
		return Checkpoint{}, errors.New("journal: the checkpoint is not written in its one form")
	}
	return c, nil
}

func readDigest(d *[32]byte, s string) error {
	if len(s) != hex.EncodedLen(len(d)) {
		return errors.New("wrong length")
	}
	_, err := hex.Decode(d[:], []byte(s))
	return err
}

// addCheckpoint puts the signed checkpoint into the batch that commits its records.
func (l *Log) addCheckpoint(b *pebble.Batch, c Checkpoint) error {
	signed, err := SignCheckpoint(c, l.signer)
	if err != nil {
		return err
	}
	k := key(c.Seq, checkpointSort)
	stored, err := l.db.Get(k)
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	if stored != nil && !bytes.Equal(stored, signed) {
		// Two signatures over one record and two states would be proof against the signer.
		return fmt.Errorf("journal: record %d is signed already, with another state or key", c.Seq)
	}
	if err := b.Set(k, signed, nil); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
