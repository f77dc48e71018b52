package tape

import (
	"bytes"
	"encoding/hex"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/money"
)

// fill puts drawn values into every field of a command, so that a field that code
// forgets is noticed.
func fill(t *rapid.T, v reflect.Value, path string) {
	switch v.Interface().(type) {
	case money.Amount:
		v.Set(reflect.ValueOf(money.FromParts(rapid.Int64().Draw(t, path+".hi"), rapid.Uint64().Draw(t, path+".lo"))))
		return
	case Hash:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(rapid.Byte().Draw(t, path)))
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), path)
		}
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, path+".len")
		if n == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(t, v.Index(i), path)
		}
	case reflect.String:
		v.SetString(rapid.StringN(0, 40, 100).Draw(t, path))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, path))
	case reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, path))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Byte().Draw(t, path)))
	case reflect.Uint16:
		v.SetUint(uint64(rapid.Uint16().Draw(t, path)))
	case reflect.Uint32:
		v.SetUint(uint64(rapid.Uint32().Draw(t, path)))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, path))
	default:
		t.Fatalf("%s: no way to fill a %s", path, v.Type())
	}
}

// TestAmountForm pins the form of amounts, and that there is no other of the same one.
func TestAmountForm(t *testing.T) {
	for _, c := range []struct {
		hi   int64
		lo   uint64
		form string
	}{
		{0, 0, "00"},
		{0, 1, "0101"},
		{0, 0x7f, "017f"},
		{0, 0x80, "020080"},
		{0, 1e18, "080de0b6b3a7640000"},
		{0, 1<<63 - 1, "087fffffffffffffff"},
		{0, 1 << 63, "09008000000000000000"},
		{0, 1<<64 - 1, "0900ffffffffffffffff"},
		{1, 0, "09010000000000000000"},
		{0x80, 5, "0a00800000000000000005"},
		{1<<63 - 1, 1<<64 - 1, "107fffffffffffffffffffffffffffffff"},
		{-1, 1<<64 - 1, "01ff"},
		{-1, 1<<64 - 0x80, "0180"},
		{-1, 1<<64 - 0x81, "02ff7f"},
		{-1, 1 << 63, "088000000000000000"},
		{-1, 1<<63 - 1, "09ff7fffffffffffffff"},
		{-1, 0, "09ff0000000000000000"},
		{-1 << 63, 0, "1080000000000000000000000000000000"},
	} {
		w, a := coder{}, money.FromParts(c.hi, c.lo)
		w.amount(&a)
		if got := hex.EncodeToString(w.b); got != c.form {
			t.Errorf("%d, %d: written %s, want %s", c.hi, c.lo, got, c.form)
		}
		r, back := coder{b: w.b, reading: true}, money.Amount{}
		if r.amount(&back); r.err != nil || back != a || len(r.b) != 0 {
			t.Errorf("%s: read %v, %v", c.form, back, r.err)
		}
	}
	for _, form := range []string{"0100", "020001", "02007f", "02ffff", "02ff80", "0900000000000000000001", "09ffffffffffffffffff", "1100000000000000000000000000000000aa", "0201", ""} {
		b, _ := hex.DecodeString(form)
		r, a := coder{b: b, reading: true}, money.Amount{}
		if r.amount(&a); r.err == nil {
			t.Errorf("%s: read %v", form, a)
		}
	}
}

func kinds() []Kind {
	var ks []Kind
	for k := Kind(1); New(k) != nil; k++ {
		ks = append(ks, k)
	}
	return ks
}

func TestRoundTrip(t *testing.T) {
	if n := len(kinds()); n != int(kindSetOperatorUser) {
		t.Fatalf("New knows %d kinds, want %d", n, kindSetOperatorUser)
	}
	rapid.Check(t, func(t *rapid.T) {
		cmd := New(rapid.SampledFrom(kinds()).Draw(t, "kind"))
		fill(t, reflect.ValueOf(cmd).Elem(), "")
		if g, ok := cmd.(*Genesis); ok {
			unbound(g)
		}
		b, err := Encode(cmd)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Decode(cmd.Kind(), b)
		if err != nil {
			t.Fatalf("Decode(%x): %v", b, err)
		}
		if !reflect.DeepEqual(back, cmd) {
			t.Fatalf("decoded %+v, want %+v", back, cmd)
		}
		for cut := range b {
			if _, err := Decode(cmd.Kind(), b[:cut]); err == nil {
				t.Fatalf("the first %d of %d bytes decode", cut, len(b))
			}
		}
		if _, err := Decode(cmd.Kind(), append(b, 0)); err == nil {
			t.Fatal("a byte too many decodes")
		}
	})
}

// TestDigestSeesEveryField changes each field of each event in turn.
func TestDigestSeesEveryField(t *testing.T) {
	events := []Event{
		&Refused{}, &Founded{Genesis: Genesis{Format: Format}}, &EditionTaken{}, &RulesTaken{}, &RuleMarked{}, &Decided{}, &AccountOpened{},
		&StandingChanged{}, &KeyChanged{}, &OrderChanged{Order: Order{OrderPlain: OrderPlain{Type: StopLoss}}}, &Traded{}, &BalanceChanged{}, &DepositChanged{}, &WithdrawalChanged{},
		&Cleared{}, &ClearanceEnded{}, &CustomerAmended{},
		&MarksOwed{}, &PartMarked{}, &ExpiryMarked{}, &LicenceRecorded{}, &LicenceEnded{},
		&Prevented{}, &OrderListPlaced{}, &OrderListEnded{}, &PhaseChanged{}, &TierChanged{}, &Quarantined{}, &VolumeMarked{}, &TierEarned{}, &GroupChanged{}, &MaxAssetChanged{}, &OperatorUserSet{},
	}
	if len(events) != int(eventOperatorUserSet) {
		t.Fatalf("%d events listed, want %d", len(events), eventOperatorUserSet)
	}
	for _, e := range events {
		zero := Digest([]Event{e})
		v := reflect.ValueOf(e).Elem()
		leaves(v, v.Type().Name(), func(f reflect.Value, path string) {
			old := reflect.New(f.Type()).Elem()
			old.Set(f)
			switch f.Kind() {
			case reflect.String:
				f.SetString("x")
			case reflect.Bool:
				f.SetBool(true)
			case reflect.Int64:
				f.SetInt(1)
			case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
				f.SetUint(1)
			case reflect.Slice:
				f.Set(reflect.MakeSlice(f.Type(), 1, 1))
			default:
				f.Set(reflect.ValueOf(money.Int(1)))
			}
			if Digest([]Event{e}) == zero {
				t.Errorf("%s does not reach the digest", path)
			}
			f.Set(old)
		})
	}
}

func leaves(v reflect.Value, path string, fn func(reflect.Value, string)) {
	if _, ok := v.Interface().(money.Amount); ok {
		fn(v, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(v.Field(i), path+"."+v.Type().Field(i).Name, fn)
		}
	case reflect.Array:
		leaves(v.Index(v.Len()-1), path, fn)
	default:
		fn(v, path)
	}
}

func TestEncodeRefusesLongText(t *testing.T) {
	if _, err := Encode(&RemoveKey{Key: strings.Repeat("k", maxText+1)}); err == nil {
		t.Fatal("a key of 1,025 bytes was encoded")
	}
}

func FuzzDecode(f *testing.F) {
	for _, k := range kinds() {
		b, _ := Encode(New(k))
		f.Add(uint16(k), b)
	}
	f.Fuzz(func(t *testing.T, k uint16, b []byte) {
		cmd, err := Decode(Kind(k), b)
		if err != nil {
			return
		}
		again, err := Encode(cmd)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x decodes to %+v, which encodes to %x, %v", b, cmd, again, err)
		}
	})
}

func BenchmarkDecodePlaceOrder(b *testing.B) {
	buf, _ := Encode(&PlaceOrder{Account: 1000, Side: 1, Type: Limit, Force: GTC, Price: money.Int(60000), Quantity: money.Int(1), ClientID: "x-0123456789"})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(kindPlaceOrder, buf); err != nil {
			b.Fatal(err)
		}
	}
}

// unbound takes the bounds off founding tables that their format has no place for.
func unbound(g *Genesis) {
	if g.Format <= FormatUnbounded {
		g.MaxOpen = Bounds{}
	}
	for i := range g.Markets {
		m := &g.Markets[i]
		if g.Format <= FormatUnbounded {
			m.MaxIcebergs, m.MaxLists = 0, 0
		}
		if g.Format <= FormatUnamended {
			m.MaxAmends = 0
		}
	}
}

// TestFormatUnbounded: founding tables of the format before are read and written as they were, and those of
// this one are the same but for their format and with the bounds where they belong.
func TestFormatUnbounded(t *testing.T) {
	g := &Genesis{Format: FormatUnbounded, Markets: []Market{{Symbol: "M", AllowSelf: true}}, Operators: []Operator{{Name: "o", Nexus: []string{"US"}}}}
	b, err := Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	between := strings.Repeat("00", 2+7+2+1+3+11) // assets, amounts, fees, tiers, amounts, bounds
	before := "040001014d" + between + "01" + "01016f0001025553"
	if got := hex.EncodeToString(b); got != before {
		t.Errorf("written %s, want %s", got, before)
	}
	if !g.Unbounded() {
		t.Error("tables without bounds are bounded")
	}
	g.Format, g.Markets[0].MaxIcebergs, g.Markets[0].MaxLists, g.MaxOpen = FormatUnamended, 6, 7, Bounds{Orders: 8, Stops: 9, Icebergs: 10, Lists: 11}
	now := "050001014d" + between + "010607" + "01016f0001025553" + "08090a0b"
	if b, err = Encode(g); err != nil || hex.EncodeToString(b) != now {
		t.Errorf("written %x, %v, want %s", b, err, now)
	}
	if !g.Unamended() {
		t.Error("tables without a bound of amendments have one")
	}
	g.Format, g.Markets[0].MaxAmends = Format, 5
	now = "060001014d" + between + "01060705" + "01016f0001025553" + "08090a0b"
	if b, err = Encode(g); err != nil || hex.EncodeToString(b) != now {
		t.Errorf("written %x, %v, want %s", b, err, now)
	}
	if g.Unamended() {
		t.Error("tables with a bound of amendments have none")
	}
	for _, bounded := range []Genesis{{MaxOpen: Bounds{Orders: 1}}, {MaxOpen: Bounds{Lists: 1}}, {Markets: []Market{{}, {MaxIcebergs: 1}}}, {Markets: []Market{{MaxLists: 1}}}} {
		if bounded.Unbounded() {
			t.Errorf("%+v has no bounds", bounded)
		}
	}
}

// TestFurtherOn: what orders and cancels have more of than at first lies behind all else, and those that have none of it
// are written as they always were.
func TestFurtherOn(t *testing.T) {
	const (
		terms = "01020103" + "0205dc" + "00" + "0103" + "00" + "00" + "00" // side, type, force, mode; price, stop, quantities; trail
		name  = "0161"
	)
	order := PlaceOrder{Account: 1000, Side: 1, Type: 2, Force: 1, SelfTrade: 3, Price: money.FromParts(0, 1500), Quantity: money.FromParts(0, 3), ClientID: "a"}
	at := func(market uint16, s Strategy) *PlaceOrder {
		o := order
		o.Market, o.Strategy = market, s
		return &o
	}
	for _, c := range []struct {
		cmd  Command
		form string
	}{
		{at(0, Strategy{}), "e807" + "00" + terms + name},
		{at(65535, Strategy{}), "e807" + "ffff03" + terms + name},
		{at(0, Strategy{ID: 7, Given: StrategyID}), "e807" + "808004" + terms + name + "01" + "0000000000000007" + "00"},
		{at(65535, Strategy{ID: -1, Type: 1_000_000, Given: 3}), "e807" + "ffff07" + terms + name + "03" + "ffffffffffffffff" + "c0843d"},
		{at(1, Strategy{Given: StrategyID}), "e807" + "818004" + terms + name + "01" + "0000000000000000" + "00"},
		{&CancelOrder{Account: 1000, Market: 1, Order: 5}, "e807" + "01" + "05" + "00"},
		{&CancelOrder{Account: 1000, Market: 1, Order: 5, Only: PartiallyFilled}, "e807" + "818004" + "05" + "00" + "02"},
	} {
		b, err := Encode(c.cmd)
		if got := hex.EncodeToString(b); err != nil || got != c.form {
			t.Errorf("%+v is written %s, %v, want %s", c.cmd, got, err, c.form)
			continue
		}
		if back, err := Decode(c.cmd.Kind(), b); err != nil || !reflect.DeepEqual(back, c.cmd) {
			t.Errorf("%s reads as %+v, %v", c.form, back, err)
		}
	}
	// An order as it stands, plain and with all of it.
	o := Order{OrderPlain: OrderPlain{ID: 5, Account: 1000, Market: 1, Side: 1, Type: 1, Force: 1, ClientID: "a", Status: StatusNew}}
	plain := "05" + "e807" + "%s" + "01010100" + strings.Repeat("00", 9) + name + "01" + strings.Repeat("00", 24)
	for _, c := range []struct {
		rare       OrderRare
		mark, more string
	}{
		{OrderRare{}, "01", ""},
		{OrderRare{Amends: 2}, "818004", "00" + "0000000000000000" + "00" + "02"},
		{OrderRare{Strategy: Strategy{Type: 1_000_000, Given: StrategyType}}, "818004", "02" + "0000000000000000" + "c0843d" + "00"},
	} {
		o.OrderRare = c.rare
		w := coder{}
		if o.code(&w); hex.EncodeToString(w.b) != strings.Replace(plain, "%s", c.mark, 1)+c.more {
			t.Errorf("%+v is written %x", c.rare, w.b)
		}
		var back Order
		if r := (coder{b: w.b, reading: true}); true {
			if back.code(&r); r.err != nil || len(r.b) != 0 || back != o {
				t.Errorf("%+v reads as %+v, %v", o, back, r.err)
			}
		}
	}
	for what, form := range map[string]string{
		"more that is nothing":             "e807" + "808004" + terms + name + "00" + "0000000000000000" + "00",
		"more that is not there":           "e807" + "808004" + terms + name,
		"more where none is said":          "e807" + "00" + terms + name + "01" + "0000000000000007" + "00",
		"a market that no market can have": "e807" + "808008" + terms + name,
	} {
		b, _ := hex.DecodeString(form)
		if cmd, err := Decode(kindPlaceOrder, b); err == nil {
			t.Errorf("%s: %+v", what, cmd)
		}
	}
	if cmd, err := Decode(kindCancelOrder, []byte{0xe8, 7, 0x81, 0x80, 4, 5, 0, 0}); err == nil {
		t.Errorf("a cancel of more that is nothing: %+v", cmd)
	}
}
