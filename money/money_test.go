package money

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

var bigUnit = big.NewInt(unit)

func amounts() *rapid.Generator[Amount] {
	return rapid.Custom(func(t *rapid.T) Amount {
		hi := rapid.Int64Range(-1<<63+1, 1<<63-1).Draw(t, "hi")
		hi >>= rapid.IntRange(0, 63).Draw(t, "shift")
		return FromParts(hi, rapid.Uint64().Draw(t, "lo"))
	})
}

// fits is the oracle's view of overflow: outside ±(2^127-1).
func fits(n *big.Int) bool { return new(big.Int).Abs(n).BitLen() <= 127 }

func check(t *rapid.T, what string, got Amount, err error, want *big.Int) {
	t.Helper()
	if !fits(want) {
		if !errors.Is(err, ErrOverflow) {
			t.Fatalf("%s: want overflow, got %v, %v", what, got, err)
		}
		return
	}
	if err != nil || got.Big().Cmp(want) != 0 {
		t.Fatalf("%s = %v, %v; want %v", what, got.Big(), err, want)
	}
}

// divide is big division with our rounding directions.
func divide(n, d *big.Int, r Rounding) *big.Int {
	q, m := new(big.Int).QuoRem(n, d, new(big.Int))
	if r == Up && m.Sign() != 0 {
		q.Add(q, big.NewInt(int64(n.Sign())))
	}
	return q
}

func TestAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := amounts().Draw(t, "a"), amounts().Draw(t, "b")
		r := Rounding(rapid.IntRange(0, 1).Draw(t, "rounding"))
		x, y := a.Big(), b.Big()

		sum, err := a.Add(b)
		check(t, "a+b", sum, err, new(big.Int).Add(x, y))
		diff, err := a.Sub(b)
		check(t, "a-b", diff, err, new(big.Int).Sub(x, y))
		prod, err := a.Mul(b, r)
		check(t, "a*b", prod, err, divide(new(big.Int).Mul(x, y), bigUnit, r))
		n := rapid.Uint64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "smaller")
		times, err := a.Times(n)
		check(t, "n*a", times, err, new(big.Int).Mul(x, new(big.Int).SetUint64(n)))
		if a.Sign() >= 0 && b.Sign() > 0 {
			want, rest := new(big.Int).QuoRem(x, y, new(big.Int))
			if !want.IsUint64() {
				want.SetUint64(math.MaxUint64)
				rest.SetUint64(1)
			}
			if n, exact := a.In(b); n != want.Uint64() || exact != (rest.Sign() == 0) {
				t.Fatalf("%v goes into %v %d times, exactly %v; want %v, rest %v", b, a, n, exact, want, rest)
			}
		}
		ppm := rapid.Uint32().Draw(t, "ppm")
		part, err := a.MulPPM(ppm, r)
		check(t, "a*ppm", part, err, divide(new(big.Int).Mul(x, big.NewInt(int64(ppm))), big.NewInt(1e6), r))
		if got, want := a.Cmp(b), x.Cmp(y); got != want {
			t.Fatalf("Cmp = %d, want %d", got, want)
		}
		whole := new(big.Int).Quo(x, bigUnit)
		if limit := int64(math.MaxInt64); !whole.IsInt64() {
			whole.SetInt64(limit * int64(a.Sign()))
		}
		if a.Whole() != max(whole.Int64(), -math.MaxInt64) {
			t.Fatalf("Whole = %d, want %v", a.Whole(), whole)
		}
		if b.Sign() > 0 {
			want := new(big.Int).Rem(x, y).Sign() == 0
			if got := a.IsMultipleOf(b); got != want {
				t.Fatalf("IsMultipleOf = %v, want %v", got, want)
			}
			if a.Sign() >= 0 {
				step := MustParse("0.00001")
				want := divide(new(big.Int).Mul(x, bigUnit), y, Down)
				want.Quo(want, step.Big()).Mul(want, step.Big())
				got, err := a.Quo(b, step)
				if want.BitLen() <= 126 {
					check(t, "a/b", got, err, want)
				} else if !errors.Is(err, ErrOverflow) {
					t.Fatalf("a/b: want overflow, got %v, %v", got, err)
				}
			}
		}
	})
}

// A Unit counts what In counts, and finds exact what is.
func TestUnit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := FromParts(0, rapid.Uint64Min(1).Draw(t, "of")>>rapid.IntRange(0, 62).Draw(t, "smaller"))
		if of.IsZero() || rapid.IntRange(0, 9).Draw(t, "wide") == 0 {
			of = FromParts(int64(rapid.Uint64Min(1).Draw(t, "high")>>rapid.IntRange(2, 62).Draw(t, "low"))+1, rapid.Uint64().Draw(t, "lo"))
		}
		a := amounts().Draw(t, "a")
		if rapid.Bool().Draw(t, "multiple") {
			n := rapid.Uint64().Draw(t, "n") >> rapid.IntRange(0, 63).Draw(t, "fewer")
			if m, err := of.Times(n); err == nil {
				a = m
			}
		}
		if rapid.IntRange(0, 3).Draw(t, "beside") == 0 {
			a, _ = a.Add(FromParts(0, 1))
		}
		u := UnitOf(of)
		n, exact := u.Count(a)
		if a.Sign() < 0 {
			if exact {
				t.Fatalf("%v is %d of %v", a, n, of)
			}
			return
		}
		want, is := a.In(of)
		if exact != is || exact && n != want {
			t.Fatalf("%v is %d of %v, exactly %v; want %d, %v", a.Big(), n, of.Big(), exact, want, is)
		}
	})
}

// A unit counts what is within its bounds.
func TestUnitFrom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := FromParts(int64(rapid.IntRange(0, 1).Draw(t, "wide")), rapid.Uint64Range(1, 9).Draw(t, "of"))
		least, most := rapid.Uint64Range(0, 20).Draw(t, "least"), rapid.Uint64Range(0, 20).Draw(t, "most")
		if rapid.Bool().Draw(t, "no end") {
			most = math.MaxUint64
		}
		u := UnitOf(of).From(least, most)
		for n := range uint64(25) {
			a, _ := of.Times(n)
			if got, ok := u.Count(a); ok != (n >= least && n <= most) || ok && got != n {
				t.Fatalf("%v is %d of %v, from %d to %d: %v", a.Big(), got, of.Big(), least, most, ok)
			}
		}
	})
}

// What would be so many units is none where it is negative.
func TestUnitOfNegative(t *testing.T) {
	u := UnitOf(FromParts(0, 1<<63+1))
	hi, lo := bits.Mul64(1<<63+1, math.MaxUint64)
	if n, exact := u.Count(FromParts(int64(hi), lo)); exact {
		t.Fatalf("%v is %d units", FromParts(int64(hi), lo), n)
	}
}

// Shift is Sub and Add.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		positive := rapid.Custom(func(t *rapid.T) Amount {
			if a := amounts().Draw(t, "amount"); a.Sign() >= 0 {
				return a
			}
			return Amount{}
		})
		from, to, amount := positive.Draw(t, "from"), positive.Draw(t, "to"), amounts().Draw(t, "amount")
		if rapid.Bool().Draw(t, "part") {
			amount = Min(amount, from)
		}
		less, more, ok := Shift(from, to, amount)
		wantLess, err1 := from.Sub(amount)
		wantMore, err2 := to.Add(amount)
		if want := err1 == nil && err2 == nil && amount.Sign() >= 0 && wantLess.Sign() >= 0; ok != want || ok && (less != wantLess || more != wantMore) {
			t.Fatalf("%v from %v to %v: %v, %v, %v; want %v, %v, %v", amount, from, to, less, more, ok, wantLess, wantMore, want)
		}
	})
}

func TestParseFormat(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := amounts().Draw(t, "a")
		back, err := Parse(a.String())
		if err != nil || back != a {
			t.Fatalf("Parse(%q) = %v, %v; want %v", a.String(), back, err, a)
		}
		d := rapid.IntRange(0, 18).Draw(t, "decimals")
		if got, want := a.Truncate(d), MustParse(a.Fixed(d)); got != want {
			t.Fatalf("Truncate(%d) = %v, Fixed says %v", d, got, want)
		}
	})
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{
		"", "-", ".", "1.", ".5", "+1", "1e3", "1,000", " 1", "1 ", "0x10", "NaN", "١",
		"0.0000000000000000001", // nineteen decimals
		"170141183460469231732", // 2^127 / 10^18, rounded up
		"11111111111111111111111111111111111111111111111111111111111111111",
	} {
		if a, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", s, a)
		}
	}
}

func TestWrittenForms(t *testing.T) {
	for _, c := range []struct{ in, plain, fixed8 string }{
		{"0", "0", "0.00000000"},
		{"0.10", "0.1", "0.10000000"},
		{"-0.000000000000000001", "-0.000000000000000001", "-0.00000000"},
		{"21000000", "21000000", "21000000.00000000"},
		{"1.0000000000000000000000", "1", "1.00000000"},
		{"170141183460469231731.687303715884105727", "170141183460469231731.687303715884105727", "170141183460469231731.68730371"},
	} {
		a := MustParse(c.in)
		if a.String() != c.plain || a.Fixed(8) != c.fixed8 {
			t.Errorf("%s: String %q, Fixed(8) %q; want %q, %q", c.in, a.String(), a.Fixed(8), c.plain, c.fixed8)
		}
	}
	if got := Int(-3).String(); got != "-3" {
		t.Errorf("Int(-3) = %s", got)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"0", "-1.5", "1e9", "99999999999999999999999", "0.000000000000000001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			return
		}
		if back, err := Parse(a.String()); err != nil || back != a {
			t.Fatalf("Parse(%q) = %v, but its text %q parses as %v, %v", s, a.Big(), a.String(), back, err)
		}
	})
}

func BenchmarkMul(b *testing.B) {
	price, qty := MustParse("67123.45"), MustParse("0.01234")
	for b.Loop() {
		if _, err := price.Mul(qty, Down); err != nil {
			b.Fatal(err)
		}
	}
}
