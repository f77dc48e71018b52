package chain

import (
	"errors"
	"strings"
)

// bech32Charset writes five bits a character; cashaddr uses it too.
const bech32Charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// What the polynomial leaves of a right text: BIP-173 and BIP-350.
const (
	bech32Sum  = 1
	bech32mSum = 0x2bc830a3
)

var (
	errMixedCase  = errors.New("letters of both cases, which BIP-173 forbids")
	errNotBech32  = errors.New("a character that bech32 does not have")
	errBech32Form = errors.New("not the form of bech32")
	errPadding    = errors.New("wrong padding")
)

func bech32Polymod(sum uint32, v byte) uint32 {
	top := sum >> 25
	sum = sum&0x1ffffff<<5 ^ uint32(v)
	for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

func bech32Start(prefix string) uint32 {
	sum := uint32(1)
	for i := range len(prefix) {
		sum = bech32Polymod(sum, prefix[i]>>5)
	}
	sum = bech32Polymod(sum, 0)
	for i := range len(prefix) {
		sum = bech32Polymod(sum, prefix[i]&31)
	}
	return sum
}

// oneCase gives s in lower case, unless it has letters of both cases.
func oneCase(s string) (string, error) {
	lower := strings.ToLower(s)
	if s != lower && s != strings.ToUpper(s) {
		return "", errMixedCase
	}
	return lower, nil
}

// quintets reads characters of the charset, five bits each.
func quintets(s string) ([]byte, error) {
	out := make([]byte, len(s))
	for i := range len(s) {
		v := strings.IndexByte(bech32Charset, s[i])
		if v < 0 {
			return nil, errNotBech32
		}
		out[i] = byte(v)
	}
	return out, nil
}

// decodeBech32 parts bech32 and bech32m of any length into the prefix, in lower
// case, and the five-bit values, and tells by sum which of the two it is.
func decodeBech32(s string) (prefix string, values []byte, sum uint32, err error) {
	lower, err := oneCase(s)
	if err != nil {
		return "", nil, 0, err
	}
	sep := strings.LastIndexByte(lower, '1')
	if sep < 1 || len(lower)-sep-1 < 6 {
		return "", nil, 0, errBech32Form
	}
	prefix = lower[:sep]
	if values, err = quintets(lower[sep+1:]); err != nil {
		return "", nil, 0, err
	}
	sum = bech32Start(prefix)
	for _, v := range values {
		sum = bech32Polymod(sum, v)
	}
	if sum != bech32Sum && sum != bech32mSum {
		return "", nil, 0, errChecksum
	}
	return prefix, values[:len(values)-6], sum, nil
}

func encodeBech32(prefix string, values []byte, want uint32) string {
	sum := bech32Start(prefix)
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteByte('1')
	for _, v := range values {
		sum = bech32Polymod(sum, v)
		b.WriteByte(bech32Charset[v])
	}
	for range 6 {
		sum = bech32Polymod(sum, 0)
	}
	sum ^= want
	for i := range 6 {
		b.WriteByte(bech32Charset[sum>>(5*(5-i))&31])
	}
	return b.String()
}

// octets joins five-bit values into bytes. BIP-173: what is left over is fewer
// than five bits, all zero.
func octets(values []byte) ([]byte, error) {
	var out []byte
	acc, bits := uint32(0), 0
	for _, v := range values {
		acc = acc<<5&0xfff | uint32(v)
		if bits += 5; bits >= 8 {
			bits -= 8
			out = append(out, byte(acc>>bits))
		}
	}
	if bits >= 5 || acc&(1<<bits-1) != 0 {
		return nil, errPadding
	}
	return out, nil
}

// fives is the inverse of octets, padded with zero bits.
func fives(b []byte) []byte {
	var out []byte
	acc, bits := uint32(0), 0
	for _, v := range b {
		acc = acc<<8&0xfff | uint32(v)
		for bits += 8; bits >= 5; {
			bits -= 5
			out = append(out, byte(acc>>bits&31))
		}
	}
	if bits > 0 {
		out = append(out, byte(acc<<(5-bits)&31))
	}
	return out
}

// decodeSegwit reads a witness program as BIP-141, BIP-173 and BIP-350 write it.
func decodeSegwit(s string) (prefix string, version byte, program []byte, err error) {
	prefix, values, sum, err := decodeBech32(s)
	switch {
	case err != nil:
		return "", 0, nil, err
	case len(s) > 90: // BIP-173
		return "", 0, nil, errors.New("longer than the 90 characters of BIP-173")
	case len(values) == 0:
		return "", 0, nil, errors.New("no witness program")
	case values[0] > 16:
		return "", 0, nil, errors.New("a witness version above 16")
	case values[0] == 0 && sum != bech32Sum:
		return "", 0, nil, errors.New("witness version 0 in bech32m, which BIP-350 keeps for the later ones")
	case values[0] > 0 && sum != bech32mSum:
		return "", 0, nil, errors.New("a witness version above 0 in bech32, where BIP-350 asks for bech32m")
	}
	if program, err = octets(values[1:]); err != nil {
		return "", 0, nil, err
	}
	n := len(program)
	if n < 2 || n > 40 || values[0] == 0 && n != 20 && n != 32 { // BIP-141
		return "", 0, nil, errors.New("a witness program of a length that its version does not have")
	}
	return prefix, values[0], program, nil
}

func encodeSegwit(prefix string, version byte, program []byte) string {
	sum := uint32(bech32mSum)
	if version == 0 {
		sum = bech32Sum
	}
	return encodeBech32(prefix, append([]byte{version}, fives(program)...), sum)
}
