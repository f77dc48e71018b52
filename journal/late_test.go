package journal

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// A checkpoint may be signed after the records that follow its own, and stands where it belongs.
func TestLateCheckpoint(t *testing.T) {
	signer, v := testKey(t)
	l := mustOpen(t, "log", Options{FS: vfs.NewMem(), Signer: signer})
	defer l.Close()
	mustAppend(t, l, entries(1, 5))
	_, chain := l.Head()
	r, err := l.Record(5)
	if err != nil {
		t.Fatal(err)
	}
	late := Checkpoint{Origin: l.Origin(), Seq: 5, Chain: chain, State: [32]byte{7}, Time: r.Time}
	mustAppend(t, l, entries(6, 3))
	in, err := l.Record(7)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]Checkpoint{
		"another log":        {Origin: "else", Seq: 5, Chain: chain, Time: r.Time},
		"another chain":      {Origin: l.Origin(), Seq: 6, Chain: chain, Time: r.Time},
		"another time":       {Origin: l.Origin(), Seq: 5, Chain: chain, Time: r.Time + 1},
		"a record to come":   {Origin: l.Origin(), Seq: 9, Chain: chain, Time: r.Time},
		"within a commit":    {Origin: l.Origin(), Seq: 7, Chain: in.Chain, Time: in.Time},
		"no record whatever": {Origin: l.Origin(), Chain: chain, Time: r.Time},
	} {
		if err := l.Sign(c); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	for range 2 {
		if err := l.Sign(late); err != nil {
			t.Fatal(err)
		}
	}
	p, err := l.Audit(v, nil, nil, func(c Checkpoint) error {
		if c != late {
			t.Errorf("the checkpoint is %+v, want %+v", c, late)
		}
		return nil
	})
	if err != nil || p.Records != 8 || p.Checkpoints != 1 || p.Covered != 5 {
		t.Fatalf("%+v, %v", p, err)
	}
	signed, err := l.Checkpoint(5)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := OpenCheckpoint(signed, v); err != nil || c != late {
		t.Fatalf("%+v, %v", c, err)
	}
	if signed, err := l.Checkpoint(4); err != nil || signed != nil {
		t.Fatalf("record 4 has the checkpoint %q, %v", signed, err)
	}
	if _, err := l.Checkpoint(9); err == nil {
		t.Fatal("a record to come has a checkpoint")
	}
}
