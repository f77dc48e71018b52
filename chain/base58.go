package chain

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
)

// The two alphabets of base58: Bitcoin's, which Tron, Solana and Monero share,
// and that of the XRP Ledger.
const (
	bitcoinAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	rippleAlphabet  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
)

// maxBase58 bounds what is decoded, in characters, since decoding takes time
// that grows with the square of the length. The longest address that is decoded,
// an X-address of the XRP Ledger, has 47.
const maxBase58 = 64

var errChecksum = errors.New("wrong checksum")

// decodeBase58 gives the bytes that s writes; a first digit of the alphabet in
// front is a zero byte each.
func decodeBase58(s, alphabet string) ([]byte, bool) {
	if s == "" || len(s) > maxBase58 {
		return nil, false
	}
	var out []byte // little-endian while it grows
	for i := 0; i < len(s); i++ {
		carry := strings.IndexByte(alphabet, s[i])
		if carry < 0 {
			return nil, false
		}
		for j := range out {
			carry += int(out[j]) * 58
			out[j] = byte(carry)
			carry >>= 8
		}
		for ; carry > 0; carry >>= 8 {
			out = append(out, byte(carry))
		}
	}
	for i := 0; i < len(s) && s[i] == alphabet[0]; i++ {
		out = append(out, 0)
	}
	slices.Reverse(out)
	return out, true
}

func encodeBase58(b []byte, alphabet string) string {
	var digits []byte // little-endian
	for _, v := range b {
		carry := int(v)
		for j := range digits {
			carry += int(digits[j]) << 8
			digits[j] = byte(carry % 58)
			carry /= 58
		}
		for ; carry > 0; carry /= 58 {
			digits = append(digits, byte(carry%58))
		}
	}
	for i := 0; i < len(b) && b[i] == 0; i++ {
		digits = append(digits, 0)
	}
	slices.Reverse(digits)
	for i, d := range digits {
		digits[i] = alphabet[d]
	}
	return string(digits)
}

// splitChecksum parts decoded base58check into what it holds and its checksum, the
// first four bytes of the double SHA-256.
func splitChecksum(b []byte) ([]byte, error) {
	if len(b) < 5 {
		return nil, errChecksum
	}
	body, sum := b[:len(b)-4], checksum(b[:len(b)-4])
	if !bytes.Equal(sum[:], b[len(b)-4:]) {
		return nil, errChecksum
	}
	return body, nil
}

func checksum(b []byte) [4]byte {
	h := sha256.Sum256(b)
	h = sha256.Sum256(h[:])
	return [4]byte(h[:4])
}

func encodeBase58Check(body []byte, alphabet string) string {
	sum := checksum(body)
	return encodeBase58(append(slices.Clone(body), sum[:]...), alphabet)
}
