package tape

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// check is rapid.Check with as many draws as ever: with -short that one has a fifth of them.
func check(t *testing.T, prop func(*rapid.T)) {
	rounds := 1
	if testing.Short() {
		rounds = 5
	}
	for range rounds {
		rapid.Check(t, prop)
	}
}

// What is written at once is what code writes, and is what most is.
func TestWrittenAtOnce(t *testing.T) {
	met := 0
	check(t, func(t *rapid.T) {
		e := rapid.SampledFrom([]func() Event{func() Event { return new(OrderChanged) }, func() Event { return new(BalanceChanged) }, func() Event { return new(Traded) }}).Draw(t, "event")()
		fill(t, reflect.ValueOf(e).Elem(), "")
		if o, ok := e.(*OrderChanged); ok {
			if o.Type %= 9; !o.Type.Stops() {
				o.Trail, o.Trailing = 0, 0
			}
			if rapid.Bool().Draw(t, "usual") {
				o.Market %= 128
				o.Side, o.Force, o.SelfTrade, o.Status = o.Side%128, o.Force%128, o.SelfTrade%128, o.Status%128
				o.Strategy, o.Amends = Strategy{}, 0
			}
		}
		before := rapid.SliceOf(rapid.Byte()).Draw(t, "before")
		want, got := coder{b: bytes.Clone(before)}, coder{b: bytes.Clone(before)}
		k := uint16(e.EventKind())
		want.u16(&k)
		e.code(&want)
		got.event(e)
		if !bytes.Equal(got.b, want.b) || got.err != nil {
			t.Fatalf("%+v is written %x, want %x (%v)", e, got.b, want.b, got.err)
		}
		done := true
		switch e := e.(type) {
		case *OrderChanged:
			_, done = e.appendTo(nil)
		case *Traded:
			_, done = e.appendTo(nil)
		}
		if done {
			met++
		}
	})
	if met < 20 {
		t.Errorf("%d events were written at once", met)
	}
}

// What reads at once is what code reads; what does not, code refuses, or reads by itself.
func TestReadAtOnce(t *testing.T) {
	met := 0
	check(t, func(t *rapid.T) {
		cmd := rapid.SampledFrom([]func() Command{func() Command { return new(PlaceOrder) }, func() Command { return new(CancelOrder) }}).Draw(t, "command")()
		fill(t, reflect.ValueOf(cmd).Elem(), "")
		if x, ok := cmd.(*CancelOrder); ok && rapid.IntRange(0, 7).Draw(t, "only") > 0 {
			x.Only, x.Market = 0, x.Market%128
		}
		if p, ok := cmd.(*PlaceOrder); ok && rapid.Bool().Draw(t, "usual") {
			p.Strategy = Strategy{}
			p.Market, p.Side, p.Type, p.Force, p.SelfTrade, p.ClientID = p.Market%128, p.Side%128, p.Type%128, p.Force%128, p.SelfTrade%128, p.ClientID+"01234567"
		}
		b, err := Encode(cmd)
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(0, 3).Draw(t, "spoils") { // one byte is another, is missing, or is one more
			at := rapid.IntRange(0, len(b)-1).Draw(t, "at")
			c := rapid.SampledFrom([]byte{0, 1, 0x7f, 0x80, 0xff, b[at] ^ 0x80, b[at] + 1, b[at] - 1}).Draw(t, "byte")
			switch rapid.IntRange(0, 2).Draw(t, "how") {
			case 0:
				b[at] = c
			case 1:
				if len(b) > 1 {
					b = append(b[:at], b[at+1:]...)
				}
			default:
				b = append(b[:at+1], b[at:]...)
				b[at] = c
			}
		}
		want, c := New(cmd.Kind()), coder{b: b, reading: true}
		want.code(&c)
		fits := c.err == nil && len(c.b) == 0
		got := New(cmd.Kind())
		var done bool
		switch got := got.(type) {
		case *PlaceOrder:
			done = got.readAtOnce(new(Decoder), b)
		case *CancelOrder:
			done = got.readAtOnce(new(Decoder), b)
		}
		if done {
			met++
		}
		if done && (!fits || !reflect.DeepEqual(got, want)) {
			t.Fatalf("%x reads at once as %+v, want %+v, %v", b, got, want, c.err)
		}
		back, err := Decode(cmd.Kind(), b)
		if (err == nil) != fits || fits && !reflect.DeepEqual(back, want) {
			t.Fatalf("%x decodes to %+v, %v; want %+v, %v", b, back, err, want, c.err)
		}
	})
	if met < 20 {
		t.Errorf("%d commands read at once", met)
	}
}

// A client id outlives the commands that were read with it, whatever is read afterwards, and keeps few others.
func TestNamesStay(t *testing.T) {
	var d Decoder
	var got, want []string
	for i := range 1000 {
		if i%7 == 0 {
			d.Reset()
		}
		id := strings.Repeat(fmt.Sprint(i, "-"), i%20)
		b, err := Encode(&PlaceOrder{Account: 1, ClientID: id})
		if err != nil {
			t.Fatal(err)
		}
		cmd, err := d.Decode(kindPlaceOrder, b)
		if err != nil {
			t.Fatal(err)
		}
		clear(b)
		got, want = append(got, cmd.(*PlaceOrder).ClientID), append(want, id)
		if n := d.names.Cap(); n > fewNames {
			t.Fatalf("%d bytes lie together", n)
		}
	}
	if !slices.Equal(got, want) {
		t.Error("client ids have become others")
	}
}

// A digest is of its own events, whatever was digested before.
func TestDigesterForgets(t *testing.T) {
	var d Digester
	for i := range 3 {
		events := []Event{&Traded{ID: uint64(i)}, Refused{Reason: BadOrder}}[:3-i-1]
		var c coder
		for _, e := range events {
			c.event(e)
		}
		if got, want := d.Digest(events), Hash(sha256.Sum256(c.b)); got != want || Digest(events) != want {
			t.Errorf("%d events: %x, %x, want %x", len(events), got, Digest(events), want)
		}
	}
}
