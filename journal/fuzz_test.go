package journal

import (
	"bytes"
	"testing"
)

// Whatever decodes encodes to the same bytes, and no bit of what is stored can turn
// unseen.
func FuzzFrame(f *testing.F) {
	f.Add(EncodeFrame(nil, Record{}), uint32(0))
	f.Add(EncodeFrame(nil, Record{Seq: 1, Time: -1, Kind: 65535, Payload: []byte("order"), Outcome: [32]byte{1}}), uint32(77))
	f.Add([]byte{1, 0, 0, 0}, uint32(3))
	f.Add(append(EncodeFrame(nil, Record{Seq: 1, Payload: []byte("x")}), 0), uint32(5))
	huge := EncodeFrame(nil, Record{})
	huge[19] = 0xff
	f.Add(huge, uint32(9))
	f.Fuzz(func(t *testing.T, b []byte, bit uint32) {
		r, err := DecodeFrame(b)
		if err != nil {
			return
		}
		if len(r.Payload) > MaxPayload {
			t.Fatalf("payload of %d bytes", len(r.Payload))
		}
		if again := EncodeFrame(nil, r); !bytes.Equal(again, b) {
			t.Fatalf("decoded and encoded:\n%x\n%x", b, again)
		}
		chain := ChainNext([32]byte{5}, r)
		stored := appendStored(nil, b, chain)
		back, frame, err := decodeStored(stored)
		if err != nil || !bytes.Equal(frame, b) || back.Chain != chain {
			t.Fatalf("stored and decoded: %v", err)
		}
		n := int(bit) % (8 * len(stored))
		stored[n/8] ^= 1 << (n % 8)
		if _, _, err := decodeStored(stored); err == nil {
			t.Fatalf("bit %d turned unseen", n)
		}
		if n < 8*len(b) {
			turned, err := DecodeFrame(stored[:len(b)])
			if err == nil && ChainNext([32]byte{5}, turned) == chain {
				t.Fatalf("bit %d turned and the chain holds", n)
			}
		}
	})
}

// Arbitrary bytes in the store are an error, not a crash, and what is read of a block is what was written.
func FuzzBlock(f *testing.F) {
	first := appendStored(nil, EncodeFrame(nil, Record{Seq: 2, Payload: []byte("x")}), [32]byte{3})
	f.Add(first, uint64(2), uint64(2))
	f.Add(appendStored(first, EncodeFrame(nil, Record{Seq: 3}), [32]byte{4}), uint64(2), uint64(3))
	f.Add(first[:10], uint64(2), uint64(2))
	f.Add([]byte(nil), uint64(1), uint64(0))
	f.Fuzz(func(t *testing.T, b []byte, from, to uint64) {
		var again []byte
		next := from
		err := readBlock(b, from, to, func(r *Record, frame []byte) error {
			if r.Seq != next || r.Seq > to {
				t.Fatalf("record %d, want %d", r.Seq, next)
			}
			next++
			again = appendStored(again, EncodeFrame(nil, *r), r.Chain)
			return nil
		})
		if !bytes.HasPrefix(b, again) || err == nil && (len(again) != len(b) || next != to+1) {
			t.Fatalf("read and stored again, %v:\n%x\n%x", err, b, again)
		}
	})
}

// A checkpoint's text has one form.
func FuzzCheckpointText(f *testing.F) {
	f.Add(Checkpoint{Origin: "example.exchange/journal", Seq: 7, Time: -3}.text())
	f.Add("sallyport journal checkpoint v1\norigin x\nrecord 01\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCheckpoint(text)
		if err == nil && c.text() != text {
			t.Fatalf("%q was read and written as %q", text, c.text())
		}
	})
}
