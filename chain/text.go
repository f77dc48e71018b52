package chain

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/runenames"
)

// MaxAddress is the longest address that is read, in bytes. The longest in use,
// Monero's integrated and Zcash's unified ones, stay below; OFAC FAQ 563 announces
// up to 256 characters.
const MaxAddress = 512

// clean takes away what copying from pages and PDF files leaves in an address and
// refuses what cannot be meant.
func clean(address string) (string, error) {
	if len(address) > 4*MaxAddress {
		return "", tooLong(len(address))
	}
	s := strings.Map(func(r rune) rune {
		switch r {
		case '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', // of no width
			'\u200e', '\u200f', // marks of direction
			'\u00ad', // soft hyphen
			'\u00a0': // a space that does not break; NFKC would make it a common one
			return -1
		}
		return r
	}, keepInvalid(address))
	s = strings.TrimSpace(norm.NFKC.String(s)) // digits and letters of full width
	if tagged, ok := cutUser(s); ok {
		s = tagged
	}
	switch {
	case s == "":
		return "", fmt.Errorf("chain: address is empty")
	case len(s) > MaxAddress:
		return "", tooLong(len(s))
	}
	for i, r := range s {
		switch {
		case r >= utf8.RuneSelf:
			return "", fmt.Errorf("chain: address has a character at byte %d that no address has (%U, %s); letters of other scripts can look like Latin ones", i, r, runenames.Name(r))
		case r <= ' ' || r > '~':
			return "", fmt.Errorf("chain: address has a character at byte %d that no address has (%#x)", i, r)
		}
	}
	return s, nil
}

// keepInvalid turns bytes that are no UTF-8 into U+FFFD, which is then refused.
func keepInvalid(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

func tooLong(n int) error {
	return fmt.Errorf("chain: address of %d bytes: at most %d are read", n, MaxAddress)
}
