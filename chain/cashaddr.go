package chain

import (
	"errors"
	"strings"
)

// cashPrefix is the prefix of Bitcoin Cash's main network, often left out.
const cashPrefix = "bitcoincash"

// cashChain names the chain of a main network's prefix: tokens of Bitcoin Cash and eCash
// have prefixes of their own before the same hashes.
func cashChain(prefix string) string {
	switch prefix {
	case cashPrefix, "simpleledger":
		return "Bitcoin Cash"
	case "ecash", "etoken":
		return "eCash"
	}
	return ""
}

func cashPolymod(sum uint64, v byte) uint64 {
	top := sum >> 35
	sum = sum&0x07ffffffff<<5 ^ uint64(v)
	for i, g := range [...]uint64{0x98f2bc8e61, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470} {
		if top>>i&1 == 1 {
			sum ^= g
		}
	}
	return sum
}

func cashStart(prefix string) uint64 {
	sum := uint64(1)
	for i := range len(prefix) {
		sum = cashPolymod(sum, prefix[i]&31)
	}
	return cashPolymod(sum, 0)
}

// decodeCash reads a cashaddr with a prefix, or of the main network without one:
// the type (0 is a public key's hash, 1 a script's, 2 and 3 the same with tokens)
// and the hash.
func decodeCash(s string) (prefix string, kind byte, hash []byte, err error) {
	lower, err := oneCase(s)
	if err != nil {
		return "", 0, nil, err
	}
	prefix, rest, ok := strings.Cut(lower, ":")
	if !ok {
		prefix, rest = cashPrefix, lower
	}
	values, err := quintets(rest)
	if err != nil {
		return "", 0, nil, err
	}
	sum := cashStart(prefix)
	for _, v := range values {
		sum = cashPolymod(sum, v)
	}
	if len(values) < 8 || sum != 1 {
		return "", 0, nil, errChecksum
	}
	b, err := octets(values[:len(values)-8])
	if err != nil {
		return "", 0, nil, err
	}
	sizes := [...]int{20, 24, 28, 32, 40, 48, 56, 64}
	if len(b) == 0 || b[0]>>7 != 0 || len(b)-1 != sizes[b[0]&7] {
		return "", 0, nil, errors.New("a hash of another length than its version byte says")
	}
	return prefix, b[0] >> 3, b[1:], nil
}

func encodeCash(prefix string, kind byte, hash []byte) string {
	size := byte(0)
	if len(hash) == 32 {
		size = 3
	}
	values := fives(append([]byte{kind<<3 | size}, hash...))
	sum := cashStart(prefix)
	var b strings.Builder
	b.WriteString(prefix + ":")
	for _, v := range values {
		sum = cashPolymod(sum, v)
		b.WriteByte(bech32Charset[v])
	}
	for range 8 {
		sum = cashPolymod(sum, 0)
	}
	sum ^= 1
	for i := range 8 {
		b.WriteByte(bech32Charset[sum>>(5*(7-i))&31])
	}
	return b.String()
}
