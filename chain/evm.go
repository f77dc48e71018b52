package chain

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/crypto/sha3"
)

// evmChains is how the chains of an EVM account are named, which no address tells
// apart: one key controls them all.
const evmChains = "Ethereum and other EVM chains"

// tronVersion stands before the 20 bytes of a Tron account.
const tronVersion = 0x41

// cutHex takes "0x" away, and "xdc", which the XDC network writes for it.
func cutHex(s string) (digits string, prefixed bool) {
	if len(s) >= 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		return s[2:], true
	}
	if len(s) == 43 && hasPrefix(s, "xdc", "XDC") {
		return s[3:], true
	}
	return s, false
}

// hexadecimal reads 20 bytes with or without "0x", Tron's 21 that begin with 41, and 32
// bytes, which are something, but no address.
func hexadecimal(s string) (Address, bool) {
	digits, prefixed := cutHex(s)
	b, err := hex.DecodeString(digits)
	switch {
	case err != nil:
	case len(b) == 20:
		a := evm(b, "account, hexadecimal")
		a.Fault = checkEIP55(digits, b)
		return a, true
	case len(b) == 21 && b[0] == tronVersion:
		return tron(b, "account, hexadecimal"), true
	case len(b) == 32:
		a := opaque(s, "32 bytes: a public key, a payment id or a hash, and no address", "")
		a.Key, a.Spelling = "hex:"+strings.ToLower(digits), strings.ToLower(digits)
		if prefixed {
			a.Fault = "64 hexadecimal digits after 0x, as a transaction's hash has; an account has 40"
		}
		return a, true
	}
	return Address{}, false
}

func evm(b []byte, kind string) Address {
	return Address{Family: EVM, Kind: kind, Chains: []string{evmChains}, Key: evmKey(b), Spelling: "0x" + encodeEIP55(b), Known: true}
}

func evmKey(b []byte) string { return "evm:" + hex.EncodeToString(b) }

func tron(b []byte, kind string) Address {
	return Address{Family: EVM, Kind: kind, Chains: []string{"Tron"}, Key: evmKey(b[1:]), Spelling: encodeBase58Check(b, bitcoinAlphabet), Known: true}
}

// keccak is Keccak-256 as it was before it became SHA-3: Ethereum's and Monero's.
func keccak(b []byte) []byte {
	h := sha3.NewLegacyKeccak256()
	h.Write(b)
	return h.Sum(nil)
}

// encodeEIP55 writes the digits of an account with a checksum in the case of its letters:
// a letter is a capital where the digit of the keccak hash at its place is 8 or more.
func encodeEIP55(b []byte) string {
	digits := []byte(hex.EncodeToString(b))
	sum := keccak(digits)
	for i, d := range digits {
		nibble := sum[i/2] >> 4
		if i%2 == 1 {
			nibble = sum[i/2] & 15
		}
		if d >= 'a' && nibble >= 8 {
			digits[i] = d - 'a' + 'A'
		}
	}
	return string(digits)
}

// checkEIP55 says what is wrong with the case of the letters. Digits in one case have no
// checksum.
func checkEIP55(digits string, b []byte) string {
	if digits == strings.ToLower(digits) || digits == strings.ToUpper(digits) || digits == encodeEIP55(b) {
		return ""
	}
	return "capital and small letters that are not the checksum of EIP-55: a character is wrong, or its case"
}

// icap reads the direct form of ICAP, Ethereum's IBAN of the country XE: two check
// digits (ISO 7064 MOD 97-10) and the account in base 36, in 30 characters or 31.
func icap(s string) (Address, bool) {
	b, err := decodeICAP(s)
	if err != nil || b == nil {
		return Address{}, false
	}
	return evm(b, "account, ICAP"), true
}

// decodeICAP gives nil for what does not look like ICAP.
func decodeICAP(s string) ([]byte, error) {
	upper := strings.ToUpper(s)
	if (len(s) != 34 && len(s) != 35) || !strings.HasPrefix(upper, "XE") || s != upper && s != strings.ToLower(s) {
		return nil, nil
	}
	mod := 0
	for _, c := range upper[4:] + upper[:4] {
		switch {
		case c >= '0' && c <= '9':
			mod = (mod*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			mod = (mod*100 + int(c-'A') + 10) % 97
		default:
			return nil, nil
		}
	}
	if mod != 1 {
		return nil, fmt.Errorf("wrong check digits of ICAP")
	}
	n, ok := new(big.Int).SetString(upper[4:], 36)
	if !ok || n.BitLen() > 160 {
		return nil, fmt.Errorf("ICAP of more than the 20 bytes of an account")
	}
	return n.FillBytes(make([]byte, 20)), nil
}
