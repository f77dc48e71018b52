package chain

import (
	"encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"golang.org/x/crypto/blake2b"
)

// The prefixes of Zcash's main network.
const (
	saplingPrefix = "zs"  // protocol specification, section 5.6.3.1
	unifiedPrefix = "u"   // ZIP-316
	texPrefix     = "tex" // ZIP-320
)

// shielded reads Zcash's addresses in bech32: Sapling's, TEX (the hash of a public key,
// to which only transparent funds may go) and unified ones.
func shielded(s string) (Address, bool) {
	prefix, values, sum, err := decodeBech32(s)
	if err != nil {
		return Address{}, false
	}
	b, err := octets(values)
	if err != nil {
		return Address{}, false
	}
	a := Address{Family: Zcash, Chains: []string{"Zcash"}, Spelling: strings.ToLower(s), Known: true}
	switch {
	case prefix == saplingPrefix && sum == bech32Sum && len(b) == 43:
		a.Kind, a.Key = "Sapling address, bech32", "zec-sapling:"+hex.EncodeToString(b)
	case prefix == texPrefix && sum == bech32mSum && len(b) == hashLength:
		a = hashAddress(false, b)
		a.Kind += ", bech32m for transparent sources only (TEX)"
		a.Chains, a.Spelling = []string{"Zcash"}, strings.ToLower(s)
	case prefix == unifiedPrefix && sum == bech32mSum:
		rs, err := unifiedReceivers(b)
		if err != nil {
			return Address{}, false
		}
		var words []string
		for _, r := range rs {
			words = append(words, r.kind)
			if r.key != "" {
				a.Related = append(a.Related, r.key)
			}
		}
		a.Kind = "unified address with " + strings.Join(words, ", ")
		a.Key = "zec-unified:" + hex.EncodeToString(b)
	default:
		return Address{}, false
	}
	return a, true
}

// A receiver is one of the addresses in a unified one.
type receiver struct {
	kind string
	key  string // "" where it is of a type not known here
}

// unifiedReceivers takes a unified address apart (ZIP-316, "Encoding of Unified
// Addresses"): F4Jumble undone, 16 bytes of padding with the prefix, and before them the
// receivers, each as type, length and bytes, their types rising. Two transparent ones and
// a known one of another length than its type has are forbidden; a transparent one alone
// is too, and too short for F4Jumble.
func unifiedReceivers(jumbled []byte) ([]receiver, error) {
	b, err := unjumble(jumbled)
	if err != nil {
		return nil, err
	}
	const padding = unifiedPrefix + "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
	if string(b[len(b)-16:]) != padding {
		return nil, errors.New("unified address with wrong padding")
	}
	b = b[:len(b)-16]
	var out []receiver
	last, transparent := -1, false
	for len(b) > 0 {
		kind, rest, ok := compactSize(b)
		if !ok {
			return nil, errReceivers
		}
		n, rest, ok := compactSize(rest)
		if !ok || n > len(rest) || kind <= last {
			return nil, errReceivers
		}
		last = kind
		r, size, body := receiver{}, n, rest[:n]
		switch kind {
		case 0:
			r, size = receiver{"a transparent receiver " + encodeBase58Check(append([]byte{0x1c, 0xb8}, body...), bitcoinAlphabet), keyHashKey(body)}, hashLength
		case 1:
			r, size = receiver{"a transparent receiver " + encodeBase58Check(append([]byte{0x1c, 0xbd}, body...), bitcoinAlphabet), scriptKey(body)}, hashLength
		case 2:
			r, size = receiver{"a Sapling receiver", "zec-sapling:" + hex.EncodeToString(body)}, 43
		case 3:
			r, size = receiver{"an Orchard receiver", "zec-orchard:" + hex.EncodeToString(body)}, 43
		default:
			r = receiver{kind: fmt.Sprintf("a part of type %d, not known here", kind)}
		}
		if n != size || kind <= 1 && transparent {
			return nil, errReceivers
		}
		transparent = transparent || kind <= 1
		out, b = append(out, r), rest[n:]
	}
	return out, nil
}

var errReceivers = errors.New("unified address with receivers that ZIP-316 does not allow")

// compactSize reads Bitcoin's number of variable length, in its shortest form and up to
// the 2^25 that ZIP-316 allows.
func compactSize(b []byte) (n int, rest []byte, ok bool) {
	size, least := 0, 0
	switch {
	case len(b) == 0 || b[0] == 0xff:
		return 0, nil, false
	case b[0] < 0xfd:
		return int(b[0]), b[1:], true
	case b[0] == 0xfd:
		size, least = 2, 0xfd
	default:
		size, least = 4, 0x10000
	}
	if len(b) <= size {
		return 0, nil, false
	}
	for i := size; i > 0; i-- {
		n = n<<8 | int(b[i])
	}
	return n, b[1+size:], n >= least && n <= 0x2000000
}

// unjumble undoes F4Jumble (ZIP-316, "Jumbling"), a Feistel network of four rounds of
// BLAKE2b: after it, one changed bit has changed everything.
func unjumble(m []byte) ([]byte, error) {
	if len(m) < 48 || len(m) > MaxAddress {
		return nil, errors.New("unified address of a length that ZIP-316 does not allow")
	}
	n := min(64, len(m)/2)
	c, d := append([]byte{}, m[:n]...), append([]byte{}, m[n:]...)
	mixH(c, d, 1)
	mixG(d, c, 1)
	mixH(c, d, 0)
	mixG(d, c, 0)
	return append(c, d...), nil
}

// jumble is F4Jumble.
func jumble(m []byte) []byte {
	n := min(64, len(m)/2)
	a, b := append([]byte{}, m[:n]...), append([]byte{}, m[n:]...)
	mixG(b, a, 0)
	mixH(a, b, 0)
	mixG(b, a, 1)
	mixH(a, b, 1)
	return append(a, b...)
}

// mixG adds to the right half what 64-byte hashes of the left one, numbered, give.
func mixG(right, left []byte, round byte) {
	for j := 0; j*64 < len(right); j++ {
		sum := personalBlake2b(64, "UA_F4Jumble_G"+string([]byte{round, byte(j), byte(j >> 8)}), left)
		for i := j * 64; i < min(len(right), j*64+64); i++ {
			right[i] ^= sum[i-j*64]
		}
	}
}

// mixH adds to the left half a hash of the right one.
func mixH(left, right []byte, round byte) {
	for i, v := range personalBlake2b(len(left), "UA_F4Jumble_H"+string([]byte{round, 0, 0}), right) {
		left[i] ^= v
	}
}

// personalBlake2b is BLAKE2b with a personalization of 16 bytes (RFC 7693 section 2.5 and
// the BLAKE2 paper, section 2.8: bytes 48 to 63 of the parameter block, which is added to
// the first state). The library has no argument for it, and hands out its state: "b2b" and
// the eight words, the highest byte first.
func personalBlake2b(size int, person string, b []byte) []byte {
	h, err := blake2b.New(size, nil)
	if err != nil {
		panic("chain: " + err.Error()) // sizes are 24 to 64
	}
	state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic("chain: " + err.Error()) // only hashes with a key have none
	}
	for i := range 16 {
		state[3+8*(6+i/8)+7-i%8] ^= person[i]
	}
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic("chain: " + err.Error()) // it is the state it gave
	}
	return sum(h, b)
}

func sum(h hash.Hash, b []byte) []byte {
	h.Write(b)
	return h.Sum(nil)
}
