// Package money holds exact amounts of any asset.
//
// An [Amount] is a signed 128-bit integer that counts units of 10^-18: wide enough
// for an asset of 18 decimals up to 1.7e20 whole units, and the same scale for every
// asset, so that two amounts can always be added and no scale is ever mistaken. How
// many decimals an asset really has is a filter at the edges, not a type.
//
// Nothing here rounds unasked and nothing wraps: an operation that does not fit
// returns [ErrOverflow], and one that must round takes the direction as an argument.
// TestAgainstBig checks each operation against math/big.
package money

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// Decimals is the number of decimal places of every Amount.
const Decimals = 18

const unit = 1_000_000_000_000_000_000 // 10^18 fits in a uint64

// ErrOverflow says that a result lies outside what an Amount can hold.
var ErrOverflow = errors.New("money: amount out of range")

// An Amount counts 10^-18 units of an asset. The zero value is nothing.
// Amounts are comparable with ==.
type Amount struct {
	hi int64
	lo uint64
}

// Rounding says which way a product that is not exact goes.
type Rounding uint8

const (
	Down Rounding = iota // towards zero
	Up                   // away from zero
)

// Int is n whole units.
func Int(n int64) Amount {
	a, err := fromMag(mulMag(magOf(n), unit))
	if err != nil {
		panic("money: an int64 of whole units always fits") // 2^63 * 10^18 < 2^127
	}
	if n < 0 {
		return a.Neg()
	}
	return a
}

// MustParse is Parse for literals; it panics on an error.
func MustParse(s string) Amount {
	a, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return a
}

// Parse reads a plain decimal: digits, at most one point, an optional minus. No
// exponent, no separators, at most 18 decimals and 64 bytes.
func Parse(s string) (Amount, error) {
	fail := func(why string) (Amount, error) {
		if len(s) > 64 {
			return Amount{}, fmt.Errorf("money: a number of %d characters: at most 64", len(s))
		}
		return Amount{}, fmt.Errorf("money: %q: %s", s, why)
	}
	if len(s) == 0 || len(s) > 64 {
		return fail("want a decimal number such as 12.5")
	}
	digits, neg := strings.CutPrefix(s, "-")
	whole, frac, point := strings.Cut(digits, ".")
	if whole == "" || point && frac == "" {
		return fail("want digits on both sides of the point")
	}
	if len(frac) > Decimals {
		if strings.Trim(frac[Decimals:], "0") != "" {
			return fail("more than 18 decimals")
		}
		frac = frac[:Decimals]
	}
	m := mag{}
	for _, part := range []string{whole, frac} {
		for i := 0; i < len(part); i++ {
			d := part[i] - '0'
			if d > 9 {
				return fail("want a decimal number such as 12.5")
			}
			m = mulMag(m, 10)
			m = addMag(m, mag{lo: uint64(d)})
			if m.over {
				return Amount{}, ErrOverflow
			}
		}
	}
	for i := len(frac); i < Decimals; i++ {
		m = mulMag(m, 10)
	}
	a, err := fromMag(m)
	if err != nil {
		return Amount{}, err
	}
	if neg {
		a = a.Neg()
	}
	return a, nil
}

// FromParts is the amount whose 128-bit two's complement is hi, lo.
func FromParts(hi int64, lo uint64) Amount { return Amount{hi, lo} }

// Parts is the inverse of FromParts.
func (a Amount) Parts() (hi int64, lo uint64) { return a.hi, a.lo }

// Sign is -1, 0 or 1.
func (a Amount) Sign() int {
	switch {
	case a.hi < 0:
		return -1
	case a.hi == 0 && a.lo == 0:
		return 0
	default:
		return 1
	}
}

// Negative reports whether a is less than nothing.
func (a Amount) Negative() bool { return a.hi < 0 }

// IsZero reports whether a is nothing.
func (a Amount) IsZero() bool { return a == Amount{} }

// Cmp is -1, 0 or 1 as a is less than, equal to or greater than b.
func (a Amount) Cmp(b Amount) int {
	switch {
	case a == b:
		return 0
	case a.hi < b.hi || a.hi == b.hi && a.lo < b.lo:
		return -1
	default:
		return 1
	}
}

// Less reports whether a < b.
func (a Amount) Less(b Amount) bool { return a.Cmp(b) < 0 }

// Min is the smaller of a and b.
func Min(a, b Amount) Amount {
	if b.Less(a) {
		return b
	}
	return a
}

// Neg is -a. The least amount of all has no negative; it is never produced here.
func (a Amount) Neg() Amount {
	lo, borrow := bits.Sub64(0, a.lo, 0)
	hi, _ := bits.Sub64(0, uint64(a.hi), borrow)
	return Amount{int64(hi), lo}
}

// isLeast reports whether a is the least amount of all, which has no negative.
func (a Amount) isLeast() bool { return a.hi == math.MinInt64 && a.lo == 0 }

// Add is a + b.
func (a Amount) Add(b Amount) (Amount, error) {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(uint64(a.hi), uint64(b.hi), carry)
	s := Amount{int64(hi), lo}
	if (a.hi < 0) == (b.hi < 0) && (s.hi < 0) != (a.hi < 0) || s.isLeast() {
		return Amount{}, ErrOverflow
	}
	return s, nil
}

// Sub is a - b.
func (a Amount) Sub(b Amount) (Amount, error) {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi := a.hi - b.hi - int64(borrow)
	d := Amount{hi, lo}
	if (a.hi^b.hi)&(a.hi^hi) < 0 || d.isLeast() {
		return Amount{}, ErrOverflow
	}
	return d, nil
}

// Mul is a × b, for instance a price times a quantity.
func (a Amount) Mul(b Amount, r Rounding) (Amount, error) {
	x, y := a.mag(), b.mag()
	// 128 × 128 → 256 bits, little end first.
	h00, l00 := bits.Mul64(x.lo, y.lo)
	h01, l01 := bits.Mul64(x.lo, y.hi)
	h10, l10 := bits.Mul64(x.hi, y.lo)
	h11, l11 := bits.Mul64(x.hi, y.hi)
	w0 := l00
	w1, c1 := bits.Add64(h00, l01, 0)
	w1, c2 := bits.Add64(w1, l10, 0)
	w2, c3 := bits.Add64(h01, h10, c1)
	w2, c4 := bits.Add64(w2, l11, c2)
	w3 := h11 + c3 + c4
	if w3 != 0 || w2 >= unit {
		return Amount{}, ErrOverflow
	}
	q1, rem := bits.Div64(w2, w1, unit)
	q0, rem := bits.Div64(rem, w0, unit)
	return signed(mag{hi: q1, lo: q0}, rem != 0, r, a.Sign()*b.Sign())
}

// MulPPM is a × ppm / 1,000,000, for fees.
func (a Amount) MulPPM(ppm uint32, r Rounding) (Amount, error) {
	m := a.mag()
	h0, l0 := bits.Mul64(m.lo, uint64(ppm))
	h1, l1 := bits.Mul64(m.hi, uint64(ppm))
	w1, c := bits.Add64(h0, l1, 0)
	w2 := h1 + c
	const million = 1_000_000
	q2, rem := w2/million, w2%million
	q1, rem := bits.Div64(rem, w1, million)
	q0, rem := bits.Div64(rem, l0, million)
	if q2 != 0 {
		return Amount{}, ErrOverflow
	}
	return signed(mag{hi: q1, lo: q0}, rem != 0, r, a.Sign())
}

// Quo is the largest multiple of step that is at most a / b, for a quantity that a
// sum of money buys at a price. b and step must be positive and a not negative.
func (a Amount) Quo(b, step Amount) (Amount, error) {
	if a.Sign() < 0 || b.Sign() <= 0 || step.Sign() <= 0 {
		return Amount{}, errors.New("money: quotient of a negative amount, or by nothing")
	}
	n := a.Big()
	n.Mul(n, big.NewInt(unit)).Quo(n, b.Big())
	s := step.Big()
	n.Quo(n, s).Mul(n, s)
	if n.BitLen() > 126 {
		return Amount{}, ErrOverflow
	}
	lo := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
	return Amount{int64(n.Rsh(n, 64).Uint64()), lo.Uint64()}, nil
}

// IsMultipleOf reports whether a is a whole number of steps; step must be positive.
func (a Amount) IsMultipleOf(step Amount) bool {
	if step.Sign() <= 0 {
		return false
	}
	m, s := a.mag(), step.mag()
	if s.hi == 0 {
		_, rem := bits.Div64(m.hi%s.lo, m.lo, s.lo)
		return rem == 0
	}
	return new(big.Int).Rem(a.Big(), step.Big()).Sign() == 0
}

// Times is n of the amount.
func (a Amount) Times(n uint64) (Amount, error) {
	if a.hi == 0 {
		if hi, lo := bits.Mul64(a.lo, n); int64(hi) >= 0 {
			return Amount{int64(hi), lo}, nil
		}
	}
	return a.times(n)
}

// times is Times of any amount.
func (a Amount) times(n uint64) (Amount, error) {
	b, err := fromMag(mulMag(a.mag(), n))
	if err != nil || a.hi >= 0 {
		return b, err
	}
	return b.Neg(), nil
}

// In is how often step goes into the amount, and whether nothing is left over; both are
// positive or zero. The greatest uint64 stands for all that is more.
func (a Amount) In(step Amount) (n uint64, exact bool) {
	if a.hi < 0 || step.Sign() <= 0 {
		panic("money: how often goes a step that is not positive, or into a negative amount")
	}
	switch {
	case step.hi == 0 && a.hi == 0:
		n = a.lo / step.lo
		return n, n*step.lo == a.lo
	case step.hi == 0 && uint64(a.hi) < step.lo:
		n, rem := bits.Div64(uint64(a.hi), a.lo, step.lo)
		return n, rem == 0
	case step.hi == 0:
		return math.MaxUint64, false
	}
	q, rem := new(big.Int).QuoRem(a.Big(), step.Big(), new(big.Int))
	return q.Uint64(), rem.Sign() == 0 // below 2^63, for the step has more than 64 bits
}

// A Unit is an amount that others are counted in, made ready for it.
type Unit struct {
	of      Amount
	inverse uint64 // of the odd part of of.lo, modulo 2^64; 0 where of does not fit 64 bits
	shift   uint8  // of.lo is its odd part times two to this

	least, span uint64 // of the counts that are: least and up to span more
}

// UnitOf is a unit of an amount, which must be positive.
func UnitOf(of Amount) Unit {
	if of.Sign() <= 0 {
		panic("money: a unit that is not positive")
	}
	u := Unit{of: of, span: math.MaxUint64}
	if of.hi != 0 {
		return u
	}
	u.shift = uint8(bits.TrailingZeros64(of.lo))
	odd := of.lo >> u.shift
	u.inverse = odd // to three bits, for the square of an odd number is 1 modulo 8; each step doubles them
	for range 5 {
		u.inverse *= 2 - odd*u.inverse
	}
	return u
}

// From is the unit where counts are from least to most; there are none where that is less.
func (u Unit) From(least, most uint64) Unit {
	if most < least {
		return Unit{inverse: 1, least: 1} // of nothing, which no amount is one of
	}
	u.least, u.span = least, most-least
	return u
}

// Count is how many units an amount is; ok is false of one that is no whole number of them below 2^64, or
// fewer or more than there are. It is In without a division.
func (u *Unit) Count(a Amount) (n uint64, ok bool) {
	if u.inverse == 0 {
		return u.count(a)
	}
	// An amount that is n units is n times the odd part, shifted; and modulo 2^64 the inverse undoes the
	// odd part. Whether it is shows in the product. Hennessy, Warren: Hacker's Delight, 10-17.
	s := u.shift & 63
	n = (a.lo>>s | a.hi2()<<(63-s)) * u.inverse
	hi, lo := bits.Mul64(n, u.of.lo)
	return n, lo == a.lo && hi == uint64(a.hi) && a.hi >= 0 && n-u.least <= u.span
}

// hi2 is twice the high part, so that a shift by 63 less some bits is one by 64 less them.
func (a Amount) hi2() uint64 { return uint64(a.hi) << 1 }

// count is Count in units that do not fit 64 bits.
func (u *Unit) count(a Amount) (n uint64, exact bool) {
	if a.hi < 0 {
		return 0, false
	}
	n, exact = a.In(u.of)
	return n, exact && n-u.least <= u.span
}

// Shift is what two amounts are when a third has been taken off the one and added to the other. Ok is
// false where a third that is negative, or is more than the one, or a sum that does not fit makes that
// no amounts; from and to must not be negative.
func Shift(from, to, amount Amount) (less, more Amount, ok bool) {
	lo, borrow := bits.Sub64(from.lo, amount.lo, 0)
	less = Amount{from.hi - amount.hi - int64(borrow), lo}
	lo, carry := bits.Add64(to.lo, amount.lo, 0)
	more = Amount{to.hi + amount.hi + int64(carry), lo}
	return less, more, less.hi|more.hi|amount.hi >= 0
}

// tens is the powers of ten up to 10^18.
var tens = func() (all [Decimals + 1]uint64) {
	all[0] = 1
	for i := range Decimals {
		all[i+1] = 10 * all[i]
	}
	return all
}()

// Truncate drops what lies beyond the given number of decimals, towards zero.
func (a Amount) Truncate(decimals int) Amount {
	if decimals >= Decimals {
		return a
	}
	step := uint64(unit)
	if decimals >= 0 {
		step = tens[Decimals-decimals]
	}
	m := a.mag()
	_, rem := bits.Div64(m.hi%step, m.lo, step)
	lo, borrow := bits.Sub64(m.lo, rem, 0)
	t := Amount{int64(m.hi - borrow), lo}
	if a.Sign() < 0 {
		return t.Neg()
	}
	return t
}

// Whole is the number of whole units, cut off towards zero, at most 2^63-1 either way.
func (a Amount) Whole() int64 {
	m := a.mag()
	q1, rem := m.hi/unit, m.hi%unit
	q0, _ := bits.Div64(rem, m.lo, unit)
	n := int64(math.MaxInt64)
	if q1 == 0 && q0 <= math.MaxInt64 {
		n = int64(q0)
	}
	if a.Sign() < 0 {
		return -n
	}
	return n
}

// Big is the count of 10^-18 units as a big integer.
func (a Amount) Big() *big.Int {
	m := a.mag()
	n := new(big.Int).SetUint64(m.hi)
	n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(m.lo))
	if a.Sign() < 0 {
		n.Neg(n)
	}
	return n
}

// String writes the amount with no more decimals than it needs: "12.5", "0", "-3".
func (a Amount) String() string {
	var room [maxWritten]byte
	b := a.appendFixed(room[:0], Decimals)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return string(bytes.TrimSuffix(b, []byte{'.'}))
}

// Fixed writes the amount with just so many decimals, cutting off the rest.
func (a Amount) Fixed(decimals int) string {
	var room [maxWritten]byte
	return string(a.appendFixed(room[:0], decimals))
}

// maxWritten is more than a written amount has: a sign, 21 digits, the point and 18 decimals.
const maxWritten = 48

func (a Amount) appendFixed(b []byte, decimals int) []byte {
	m := a.mag()
	q1, rem := m.hi/unit, m.hi%unit
	q0, frac := bits.Div64(rem, m.lo, unit)
	if a.Sign() < 0 {
		b = append(b, '-')
	}
	// Whole units: below 2^127 / 10^18 < 1.8e20, so q1 is 0 or a small number.
	if q1 == 0 {
		b = strconv.AppendUint(b, q0, 10)
	} else {
		n := new(big.Int).SetUint64(q1)
		b = n.Lsh(n, 64).Add(n, new(big.Int).SetUint64(q0)).Append(b, 10)
	}
	if decimals <= 0 {
		return b
	}
	var digits [Decimals]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = '0' + byte(frac%10)
		frac /= 10
	}
	return append(append(b, '.'), digits[:min(decimals, Decimals)]...)
}

// MarshalText writes what String does.
func (a Amount) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what Parse does.
func (a *Amount) UnmarshalText(b []byte) error {
	v, err := Parse(string(b))
	*a = v
	return err
}

// mag is a 128-bit magnitude; over marks one that did not fit.
type mag struct {
	hi, lo uint64
	over   bool
}

func magOf(n int64) mag {
	if n < 0 {
		return mag{lo: -uint64(n)}
	}
	return mag{lo: uint64(n)}
}

func (a Amount) mag() mag {
	if a.hi < 0 {
		a = a.Neg()
	}
	return mag{hi: uint64(a.hi), lo: a.lo}
}

func mulMag(m mag, k uint64) mag {
	h0, l0 := bits.Mul64(m.lo, k)
	h1, l1 := bits.Mul64(m.hi, k)
	hi, c := bits.Add64(h0, l1, 0)
	return mag{hi: hi, lo: l0, over: m.over || h1 != 0 || c != 0}
}

func addMag(a, b mag) mag {
	lo, c := bits.Add64(a.lo, b.lo, 0)
	hi, c := bits.Add64(a.hi, b.hi, c)
	return mag{hi: hi, lo: lo, over: a.over || b.over || c != 0}
}

func fromMag(m mag) (Amount, error) {
	if m.over || m.hi>>63 != 0 {
		return Amount{}, ErrOverflow
	}
	return Amount{int64(m.hi), m.lo}, nil
}

func signed(m mag, inexact bool, r Rounding, sign int) (Amount, error) {
	if inexact && r == Up {
		m = addMag(m, mag{lo: 1})
	}
	a, err := fromMag(m)
	if err != nil || sign >= 0 {
		return a, err
	}
	return a.Neg(), nil
}
