package ledger

import (
	"errors"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"sallyport/money"
)

// TestAgainstSum recomputes balances from the list of postings that were accepted,
// and holds the invariants after each: pockets never negative, each asset sums to zero. What
// Changed tells is what became another, once and in order.
func TestAgainstSum(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := New()
		var accepted []Posting
		told := map[Line]Balance{} // by account and asset
		place := rapid.Custom(func(t *rapid.T) Place {
			return Place{
				Account: rapid.SampledFrom([]Account{Outside, Fees, First, First + 1}).Draw(t, "account"),
				Pocket:  Pocket(rapid.IntRange(0, int(Pockets)-1).Draw(t, "pocket")),
			}
		})
		for range rapid.IntRange(1, 40).Draw(t, "batches") {
			var batch []Posting
			for range rapid.IntRange(1, 4).Draw(t, "postings") {
				batch = append(batch, Posting{
					Asset:  uint16(rapid.IntRange(0, 1).Draw(t, "asset")),
					From:   place.Draw(t, "from"),
					To:     place.Draw(t, "to"),
					Amount: money.Int(int64(rapid.IntRange(0, 50).Draw(t, "amount"))),
				})
			}
			var err error
			var h *Holding // that was moved, by an order
			customers := rapid.SampledFrom([]Account{First, First + 1})
			p := &batch[0]
			atOnce := rapid.Bool().Draw(t, "told at once")
			switch rapid.IntRange(0, 4).Draw(t, "how") {
			case 0: // an order comes
				n := customers.Draw(t, "customer")
				p.From, p.To = Place{n, Available}, Place{n, Ordered}
				batch = batch[:1]
				h, err = l.Reserve(l.Open(n), p.Asset, p.Amount, atOnce)
			case 1: // and ends
				n := customers.Draw(t, "customer")
				p.From, p.To = Place{n, Ordered}, Place{n, Available}
				batch = batch[:1]
				h, err = l.Release(l.Open(n), p.Asset, p.Amount, atOnce)
			case 2: // or trades
				p.From, p.To = Place{customers.Draw(t, "giver"), Ordered}, Place{customers.Draw(t, "taker"), Available}
				fee := *p
				fee.To, fee.Amount = Place{Fees, Available}, money.Int(int64(rapid.IntRange(0, int(p.Amount.Whole())).Draw(t, "fee")))
				err = l.Pay(p.Asset, l.Open(p.From.Account), l.Open(p.To.Account), p.Amount, fee.Amount)
				p.Amount, _ = p.Amount.Sub(fee.Amount)
				batch = []Posting{*p, fee}
			default:
				err = l.Post(batch...)
			}
			if err == nil {
				accepted = append(accepted, batch...)
			} else if !errors.Is(err, ErrInsufficient) {
				t.Fatalf("Post(%+v): %v", batch, err)
			}
			var turns []Line
			balances := make([]Balance, 64)
			l.Changed(teller(func(a Account, asset uint16) *Balance {
				turns = append(turns, Line{Account: a, Asset: asset})
				return &balances[len(turns)-1]
			}))
			if atOnce && h != nil && p.Amount.Sign() > 0 {
				turns = append(turns, Line{Account: p.From.Account, Asset: p.Asset})
				l.Write(h, &balances[0])
			}
			if !slices.IsSortedFunc(turns, compareLines) {
				t.Fatalf("Changed tells %v", turns)
			}
			for i, x := range turns {
				if told[x] == balances[i] {
					t.Fatalf("Changed tells of account %d, asset %d, what it was", x.Account, x.Asset)
				}
				told[x] = balances[i]
			}

			want := map[Place][2]money.Amount{}
			var sums [2]money.Amount
			for _, p := range accepted {
				w := want[p.From]
				w[p.Asset], _ = w[p.Asset].Sub(p.Amount)
				want[p.From] = w
				w = want[p.To]
				w[p.Asset], _ = w[p.Asset].Add(p.Amount)
				want[p.To] = w
			}
			for _, a := range []Account{Outside, Fees, First, First + 1} {
				for p := range Pockets {
					for asset := range uint16(2) {
						got := l.Balance(a, asset)[p]
						if now := told[Line{Account: a, Asset: asset}][p]; now != got {
							t.Fatalf("account %d, %v, asset %d: %v, but Changed told of %v", a, p, asset, got, now)
						}
						if got != want[Place{a, p}][asset] {
							t.Fatalf("account %d, %v, asset %d: %v, postings add up to %v", a, p, asset, got, want[Place{a, p}][asset])
						}
						if got.Sign() < 0 && a != Outside {
							t.Fatalf("account %d, %v: negative: %v", a, p, got)
						}
						sums[asset], _ = sums[asset].Add(got)
					}
				}
			}
			if sums != [2]money.Amount{} {
				t.Fatalf("assets sum to %v, want zero", sums)
			}
		}
	})
}

// A teller writes down balances wherever it likes.
type teller func(Account, uint16) *Balance

func (t teller) Balance(a Account, asset uint16) *Balance { return t(a, asset) }

func TestPostIsAllOrNothing(t *testing.T) {
	l := New()
	in := Posting{From: Place{Outside, Available}, To: Place{First, Available}, Amount: money.Int(5)}
	out := Posting{From: Place{First, Available}, To: Place{First, Ordered}, Amount: money.Int(6)}
	if err := l.Post(in, out); !errors.Is(err, ErrInsufficient) {
		t.Fatalf("Post = %v, want ErrInsufficient", err)
	}
	if len(l.Lines()) != 0 {
		t.Fatalf("a refused batch left %+v", l.Lines())
	}
	if err := l.Post(Posting{From: Place{0, Available}, To: Place{First, Available}}); err == nil {
		t.Fatal("a posting from the zero account was accepted")
	}
	_, reserved := l.Reserve(l.Open(First), 0, money.Int(-1), false)
	_, released := l.Release(l.Open(First), 0, money.Int(-1), false)
	for _, err := range []error{
		l.Post(Posting{From: Place{First, Available}, To: Place{First, Pockets}}),
		reserved, released,
		l.Pay(0, l.Open(First), l.Open(First+1), money.Int(-1), money.Int(0)),
		l.Pay(0, l.Open(First), l.Open(First+1), money.Int(1), money.Int(2)),
		l.Pay(0, l.Open(First), l.Open(First+1), money.Int(1), money.Int(-1)),
	} {
		if err == nil || errors.Is(err, ErrInsufficient) {
			t.Fatalf("no movement between two pockets: %v", err)
		}
	}
}

// Changed gives each balance that is another than at the last call, once and in order, and none
// that is back where it was.
func TestChanged(t *testing.T) {
	l := New()
	for _, a := range []Account{First + 2, First, 1 << 60, First + 1} {
		if err := l.Post(Posting{Asset: 1, From: Place{Outside, Available}, To: Place{a, Available}, Amount: money.Int(1)}); err != nil {
			t.Fatal(err)
		}
	}
	got := func() (as []Account) {
		var b Balance
		l.Changed(teller(func(a Account, asset uint16) *Balance {
			if as = append(as, a); asset != 1 {
				t.Errorf("asset %d has changed", asset)
			}
			return &b
		}))
		return as
	}
	if got, want := got(), []Account{Outside, First, First + 1, First + 2, 1 << 60}; !slices.Equal(got, want) {
		t.Fatalf("Changed = %v, want %v", got, want)
	}
	there := Posting{Asset: 1, From: Place{First, Available}, To: Place{First, Ordered}, Amount: money.Int(1)}
	back := Posting{Asset: 1, From: there.To, To: there.From, Amount: money.Int(1)}
	gone := Posting{Asset: 1, From: Place{1 << 60, Available}, To: Place{1 << 60, Frozen}, Amount: money.Int(1)}
	if err := l.Post(there, gone, back); err != nil {
		t.Fatal(err)
	}
	if got, want := got(), []Account{1 << 60}; !slices.Equal(got, want) {
		t.Fatalf("there and back: Changed = %v, want %v", got, want)
	}
	if got := got(); got != nil {
		t.Fatalf("Changed again = %v, want nothing", got)
	}
}

func BenchmarkPost(b *testing.B) {
	l := New()
	p := []Posting{
		{From: Place{Outside, Available}, To: Place{First, Available}, Amount: money.Int(1)},
		{From: Place{First, Available}, To: Place{Outside, Available}, Amount: money.Int(1)},
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := l.Post(p...); err != nil {
			b.Fatal(err)
		}
	}
}

// A row is two lines of the cache, and pages begin with one, so that no row reaches into a third.
func TestRowIsTwoLines(t *testing.T) {
	if n := unsafe.Sizeof(Row{}); n != 128 {
		t.Errorf("a row takes %d bytes, want 128", n)
	}
	l := New()
	for a := range Account(1000) {
		if at := uintptr(unsafe.Pointer(l.Open(First + a))); at%64 != 0 {
			t.Fatalf("the row of account %d begins at %x, within a line", First+a, at)
		}
	}
}
