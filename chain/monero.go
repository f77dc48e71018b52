package chain

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"
)

// The network bytes of Monero's main network.
const (
	moneroStandard   = 18
	moneroIntegrated = 19
	moneroSubaddress = 42
)

// monero reads the three kinds of address: a network byte, the two public keys, in the
// integrated one a payment id of 8 bytes, and 4 bytes of a keccak hash. An integrated
// address is its standard one with a payment id; a subaddress cannot be linked to its
// account without the view key.
func monero(s string) (Address, bool) {
	b, err := decodeMonero(s)
	if err != nil {
		return Address{}, false
	}
	a := Address{Family: Monero, Chains: []string{"Monero"}, Known: true, Spelling: s, Key: "xmr:" + hex.EncodeToString(b[1:65])}
	switch {
	case b[0] == moneroStandard && len(b) == 65:
		a.Kind = "standard address"
	case b[0] == moneroSubaddress && len(b) == 65:
		a.Kind, a.Key = "subaddress, which nothing links to its account", "xmr-sub:"+hex.EncodeToString(b[1:])
	case b[0] == moneroIntegrated && len(b) == 73:
		a.Tag = hex.EncodeToString(b[65:])
		a.Kind = "integrated address of " + encodeMonero(append([]byte{moneroStandard}, b[1:65]...)) + " with payment id " + a.Tag
	case bytes.IndexByte([]byte{53, 54, 63, 24, 25, 36}, b[0]) >= 0:
		return opaque(s, "Monero address", "an address of Monero's test networks, not of the main network"), true
	default:
		return opaque(s, "Monero address", fmt.Sprintf("a Monero address of network byte %d, which the main network does not have", b[0])), true
	}
	return a, true
}

// moneroBlock gives how many characters write so many bytes: base58 of blocks of 8
// bytes, each on its own.
var moneroBlock = [...]int{0, 2, 3, 5, 6, 7, 9, 10, 11}

var errNotMonero = errors.New("not the form of a Monero address")

// decodeMonero gives what an address of 95 or 106 characters holds, without its checksum.
func decodeMonero(s string) ([]byte, error) {
	if len(s) != 95 && len(s) != 106 {
		return nil, errNotMonero
	}
	var out []byte
	for len(s) > 0 {
		block := s[:min(11, len(s))]
		s = s[len(block):]
		size := 8
		if len(block) == 7 {
			size = 5
		}
		var n uint64
		for i := range len(block) {
			d := strings.IndexByte(bitcoinAlphabet, block[i])
			if d < 0 {
				return nil, errNotMonero
			}
			hi, lo := bits.Mul64(n, 58)
			lo, carry := bits.Add64(lo, uint64(d), 0)
			if hi+carry > 0 {
				return nil, errChecksum
			}
			n = lo
		}
		if size < 8 && n>>(8*size) > 0 {
			return nil, errChecksum
		}
		for i := size - 1; i >= 0; i-- {
			out = append(out, byte(n>>(8*i)))
		}
	}
	body := out[:len(out)-4]
	if !bytes.Equal(keccak(body)[:4], out[len(body):]) {
		return nil, errChecksum
	}
	return body, nil
}

// encodeMonero is the inverse of decodeMonero.
func encodeMonero(body []byte) string {
	b := append(bytes.Clone(body), keccak(body)[:4]...)
	var out strings.Builder
	for len(b) > 0 {
		block := b[:min(8, len(b))]
		b = b[len(block):]
		var n uint64
		for _, v := range block {
			n = n<<8 | uint64(v)
		}
		digits := bytes.Repeat([]byte{bitcoinAlphabet[0]}, moneroBlock[len(block)])
		for i := len(digits) - 1; n > 0; i-- {
			digits[i] = bitcoinAlphabet[n%58]
			n /= 58
		}
		out.Write(digits)
	}
	return out.String()
}
