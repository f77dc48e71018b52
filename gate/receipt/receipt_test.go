package receipt

import (
	"crypto/sha256"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"sallyport/gate"
	"sallyport/journal"
	"sallyport/law"
)

// zeros is a reader of nothing but zeros: a key that is the same in every run.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func keys(t testing.TB) (note.Signer, note.Verifiers) {
	t.Helper()
	skey, vkey, err := journal.NewKey(zeros{}, journal.DefaultOrigin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return s, note.VerifierList(v)
}

func sample() Receipt {
	return Receipt{
		Origin: journal.DefaultOrigin, Seq: 1184, Time: 1645747200000000, Chain: sha256.Sum256([]byte("chain")), Decision: sha256.Sum256([]byte("decision")),
		Account: 1042, Action: law.Withdraw, Verdict: law.Allow, Movement: strings.Repeat("77ab", 16), Standing: law.Allow, Stands: sha256.Sum256([]byte("standing")), Do: gate.Proceed,
	}
}

func TestForm(t *testing.T) {
	signer, v := keys(t)
	r := sample()
	signed, err := Sign(r, signer)
	if err != nil {
		t.Fatal(err)
	}
	want := "sallyport receipt 1\norigin sallyport/journal\nrecord 1184\ntime 1645747200000000\nchain "
	if !strings.HasPrefix(string(signed), want) {
		t.Errorf("it begins otherwise than the package says:\n%s", signed)
	}
	if !strings.Contains(string(signed), "\naction withdraw\nverdict allow\nmovement 77ab") || !strings.Contains(string(signed), "\ndo proceed\n\n") {
		t.Errorf("%s", signed)
	}
	if back, err := Open(signed, v); err != nil || back != r {
		t.Errorf("%+v, %v", back, err)
	}
	r.Movement, r.Standing, r.Stands = "", law.Undecided, [32]byte{}
	if signed, err = Sign(r, signer); err != nil {
		t.Fatal(err)
	}
	if back, err := Open(signed, v); err != nil || back != r || !strings.Contains(string(signed), "movement none\nstanding none\n") {
		t.Errorf("%+v, %v\n%s", back, err, signed)
	}
}

// TestEveryBit turns each bit of a receipt in turn: none of them is read any longer.
func TestEveryBit(t *testing.T) {
	signer, v := keys(t)
	signed, err := Sign(sample(), signer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 8 * len(signed) {
		turned := append([]byte(nil), signed...)
		turned[i/8] ^= 1 << (i % 8)
		if r, err := Open(turned, v); err == nil {
			t.Fatalf("with bit %d of byte %d (%q) turned it is read: %+v", i%8, i/8, signed[i/8], r)
		}
	}
	for n := range signed {
		if _, err := Open(signed[:n], v); err == nil {
			t.Fatalf("its first %d bytes are read", n)
		}
	}
	if _, err := Open(append(signed, '\n'), v); err == nil {
		t.Error("with a line more it is read")
	}
}

// TestOneForm: what the signer's key has signed and is no receipt's one text is refused.
func TestOneForm(t *testing.T) {
	signer, v := keys(t)
	r := sample()
	text := r.text()
	for _, change := range [][2]string{
		{"receipt 1", "receipt 2"}, {"record 1184", "record 01184"}, {"record 1184", "record +1184"}, {"record 1184", "record 0"},
		{"chain ", "chain G"}, {"chain ", "chain  "}, {"account 1042", "account -1"}, {"action withdraw", "action steal"}, {"action withdraw", "action "},
		{"verdict allow", "verdict yes"}, {"movement 77ab", "movement 77AB"}, {"movement 77ab", "movement 77"}, {"standing allow", "standing undecided"},
		{"standing allow ", "standing allow"}, {"do proceed", "do what"}, {"do proceed\n", "do proceed\ndo proceed\n"}, {"origin sallyport/journal", "origin "},
		{"time 1645", "time 01645"},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Fatalf("%q is not in it", change[0])
		}
		signed, err := note.Sign(&note.Note{Text: changed}, signer)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := Open(signed, v); err == nil {
			t.Errorf("with %q it is read: %+v", change[1], got)
		}
	}
	// A checkpoint by the same key is no receipt, and a receipt no checkpoint.
	c, err := journal.SignCheckpoint(journal.Checkpoint{Origin: r.Origin, Seq: 1, Time: 2}, signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(c, v); err == nil {
		t.Error("a checkpoint is read as a receipt")
	}
	signed, err := Sign(r, signer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.OpenCheckpoint(signed, v); err == nil {
		t.Error("a receipt is read as a checkpoint")
	}
	if _, err := Open(signed, nil); err == nil {
		t.Error("without a key it is read")
	}
	r.Seq = 0
	if _, err := Sign(r, signer); err == nil {
		t.Error("a receipt of no record is signed")
	}
}

// FuzzOpen holds the reading of the text to its one form.
func FuzzOpen(f *testing.F) {
	r := sample()
	f.Add(r.text())
	f.Add("sallyport receipt 1\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := parse(text)
		if err == nil && r.text() != text {
			t.Fatalf("%q is read as %+v", text, r)
		}
	})
}
