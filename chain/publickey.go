package chain

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"sync"

	//lint:ignore SA1019 Bitcoin's hash of a public key is RIPEMD-160 and stays so
	"golang.org/x/crypto/ripemd160"
)

// publicKey reads a public key of secp256k1 in hexadecimal digits (SEC 1, section 2.3.3:
// 33 bytes, or 65 uncompressed) and computes the accounts that it has: its hashes, of both
// forms, in the Bitcoin family, the nested witness program, the taproot address of wallets
// (BIP-86), the account of EVM chains and Tron, and that of the XRP Ledger.
func publicKey(s string) (Address, bool) {
	digits, _ := cutHex(s)
	b, err := hex.DecodeString(digits)
	if err != nil {
		return Address{}, false
	}
	x, y, ok := decodePoint(b)
	if !ok {
		return Address{}, false
	}
	whole := append(append([]byte{4}, x.FillBytes(make([]byte, 32))...), y.FillBytes(make([]byte, 32))...)
	short := append([]byte{2 + byte(y.Bit(0))}, whole[1:33]...)
	hash := hash160(short)
	text := hex.EncodeToString(short)
	a := opaque(text, "a public key, and no address", "")
	a.Key = "pubkey:" + text
	a.Related = []string{
		keyHashKey(hash), keyHashKey(hash160(whole)), nested(0, hash), "taproot:" + hex.EncodeToString(taproot(x)),
		evmKey(keccak(whole[1:])[12:]), "xrp:" + hex.EncodeToString(hash),
	}
	return a, true
}

func hash160(b []byte) []byte {
	sum := sha256.Sum256(b)
	h := ripemd160.New()
	h.Write(sum[:])
	return h.Sum(nil)
}

// The curve is y² = x³ + 7 over the integers modulo prime (SEC 2, section 2.4.1).
var (
	prime      = number("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f")
	generatorX = number("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
	generatorY = number("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
)

func number(digits string) *big.Int {
	n, ok := new(big.Int).SetString(digits, 16)
	if !ok {
		panic("chain: " + digits) // a constant of this file
	}
	return n
}

// decodePoint reads a point of the curve.
func decodePoint(b []byte) (x, y *big.Int, ok bool) {
	switch {
	case len(b) == 33 && b[0]|1 == 3, len(b) == 65 && b[0] == 4:
	default:
		return nil, nil, false
	}
	x = new(big.Int).SetBytes(b[1:33])
	if x.Cmp(prime) >= 0 {
		return nil, nil, false
	}
	square := mod(new(big.Int).Add(new(big.Int).Exp(x, big.NewInt(3), prime), big.NewInt(7)))
	if y = new(big.Int).ModSqrt(square, prime); y == nil {
		return nil, nil, false
	}
	odd := uint(b[0] & 1)
	if len(b) == 65 {
		odd = uint(b[64] & 1)
	}
	if y.Bit(0) != odd {
		y.Sub(prime, y)
	}
	return x, y, len(b) == 33 || bytes.Equal(b[33:], y.FillBytes(make([]byte, 32)))
}

func mod(n *big.Int) *big.Int { return n.Mod(n, prime) }

// taproot is the output key of a wallet's taproot address whose internal key has this x: the
// point with an even y, plus the generator times a hash of it (BIP-341; BIP-86: no script).
func taproot(x *big.Int) []byte {
	inner := x.FillBytes(make([]byte, 32))
	tag := sha256.Sum256([]byte("TapTweak"))
	tweak := sha256.Sum256(append(append(tag[:], tag[:]...), inner...))
	px, py, _ := decodePoint(append([]byte{2}, inner...))
	sum := times(tweak[:]).plus(&point{px, py, big.NewInt(1)})
	return sum.affineX().FillBytes(make([]byte, 32))
}

// A point is of the curve, in Jacobian coordinates: its x is x/z², its y is y/z³, and it is
// the zero of the group where z is 0.
type point struct{ x, y, z *big.Int }

// multiples are, for each digit of a number of 64 hexadecimal ones, what the generator times
// it is.
var multiples = sync.OnceValue(func() (all [64][16]*point) {
	step := &point{generatorX, generatorY, big.NewInt(1)}
	for i := range all {
		all[i][0] = &point{new(big.Int), big.NewInt(1), new(big.Int)}
		for digit := 1; digit < 16; digit++ {
			all[i][digit] = all[i][digit-1].plus(step)
		}
		step = all[i][8].twice()
	}
	return all
})

// times is the generator times a number of 32 bytes. What it takes depends on the number: it
// is for public keys, never for secrets.
func times(n []byte) *point {
	all := multiples()
	sum := all[0][0]
	for i, b := range n {
		place := 2 * (len(n) - 1 - i)
		sum = sum.plus(all[place][b&15]).plus(all[place+1][b>>4])
	}
	return sum
}

func mul(a, b *big.Int) *big.Int { return mod(new(big.Int).Mul(a, b)) }

func sub(a, b *big.Int) *big.Int { return mod(new(big.Int).Sub(a, b)) }

// twice is "dbl-2009-l" of the Explicit-Formulas Database, plus is "add-2007-bl".
func (p *point) twice() *point {
	a, b := mul(p.x, p.x), mul(p.y, p.y)
	c := mul(b, b)
	d := new(big.Int).Add(p.x, b)
	d = sub(sub(mul(d, d), a), c)
	d = mod(d.Lsh(d, 1))
	e := new(big.Int).Mul(a, big.NewInt(3))
	x := sub(mul(e, e), new(big.Int).Lsh(d, 1))
	return &point{x, sub(mul(e, sub(d, x)), new(big.Int).Lsh(c, 3)), mod(new(big.Int).Lsh(mul(p.y, p.z), 1))}
}

func (p *point) plus(q *point) *point {
	switch {
	case p.z.Sign() == 0:
		return q
	case q.z.Sign() == 0:
		return p
	}
	pz, qz := mul(p.z, p.z), mul(q.z, q.z)
	u, v := mul(p.x, qz), mul(q.x, pz)
	s, t := mul(mul(p.y, q.z), qz), mul(mul(q.y, p.z), pz)
	h, r := sub(v, u), sub(t, s)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return p.twice()
		}
		return &point{new(big.Int), big.NewInt(1), new(big.Int)}
	}
	r.Lsh(r, 1)
	i := new(big.Int).Lsh(h, 1)
	i = mul(i, i)
	j, k := mul(h, i), mul(u, i)
	x := sub(sub(mul(r, r), j), new(big.Int).Lsh(k, 1))
	y := sub(mul(r, sub(k, x)), new(big.Int).Lsh(mul(s, j), 1))
	z := new(big.Int).Add(p.z, q.z)
	return &point{x, y, mul(sub(sub(mul(z, z), pz), qz), h)}
}

func (p *point) affineX() *big.Int {
	inverse := new(big.Int).ModInverse(p.z, prime)
	if inverse == nil { // the zero: by a hash that is the secret key's negative
		return new(big.Int)
	}
	return mul(p.x, mul(inverse, inverse))
}
