// Package chain knows blockchain addresses as they are written.
//
// It is no codec of any one chain yet and proves of no address that it exists;
// what it gives is one spelling for the addresses that may be written in
// several, so that a list and a deposit can be compared. Case means nothing in
// the hexadecimal addresses of EVM chains (EIP-55 uses it for a checksum only)
// and nothing in bech32 (BIP-173); everywhere else it does. TestCanonical shows
// the cases.
package chain

import (
	"fmt"
	"strings"
)

// MaxAddress is the longest address that is read, in bytes. The longest in use,
// Monero's integrated and Zcash's unified ones, stay well below.
const MaxAddress = 512

// Canonical gives the one spelling under which an address is compared: the
// hexadecimal form of EVM chains ("0x" and 40 digits) and bech32 with a right
// checksum (BIP-173, BIP-350) in lower case, everything else as it is written,
// with the space around it removed. An empty text, one longer than
// [MaxAddress] and one with anything but visible ASCII in it is an error.
// Canonical of a canonical address is the same address.
func Canonical(address string) (string, error) {
	s := strings.TrimSpace(address)
	switch {
	case s == "":
		return "", fmt.Errorf("chain: address is empty")
	case len(s) > MaxAddress:
		return "", fmt.Errorf("chain: address of %d bytes: at most %d are read", len(s), MaxAddress)
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return "", fmt.Errorf("chain: address has a character at byte %d that no address has (%#x)", i, s[i])
		}
	}
	if isEVM(s) || isBech32(s) {
		return strings.ToLower(s), nil
	}
	return s, nil
}

// isEVM reports whether s is "0x" or "0X" and forty hexadecimal digits.
func isEVM(s string) bool {
	if len(s) != 42 || s[0] != '0' || s[1] != 'x' && s[1] != 'X' {
		return false
	}
	for _, c := range []byte(s[2:]) {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
		default:
			return false
		}
	}
	return true
}

const bech32Charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// isBech32 reports whether s is bech32 or bech32m with a right checksum and in
// one case: BIP-173, "decoders MUST NOT accept strings where some characters
// are uppercase and some are lowercase".
func isBech32(s string) bool {
	lower := strings.ToLower(s)
	if s != lower && s != strings.ToUpper(s) {
		return false
	}
	sep := strings.LastIndexByte(lower, '1')
	if sep < 1 || len(lower)-sep-1 < 6 {
		return false
	}
	sum := uint32(1)
	step := func(v byte) {
		top := sum >> 25
		sum = sum&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				sum ^= g
			}
		}
	}
	for i := range sep {
		step(lower[i] >> 5)
	}
	step(0)
	for i := range sep {
		step(lower[i] & 31)
	}
	for i := sep + 1; i < len(lower); i++ {
		v := strings.IndexByte(bech32Charset, lower[i])
		if v < 0 {
			return false
		}
		step(byte(v))
	}
	return sum == 1 || sum == 0x2bc830a3 // BIP-173; BIP-350 for bech32m
}
