package chain

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// ripple reads classic addresses of the XRP Ledger, with a destination tag after "?dt="
// and without, and, of the main network, the X-addresses of XLS-5, which carry the tag
// too.
func ripple(s string) (Address, bool) {
	s, tag, tagged := strings.Cut(s, "?dt=")
	b, ok := decodeBase58(s, rippleAlphabet)
	if !ok {
		return Address{}, false
	}
	b, err := splitChecksum(b)
	if err != nil {
		return Address{}, false
	}
	a := Address{Family: XRP, Kind: "account, base58check", Chains: []string{"XRP Ledger"}, Known: true}
	switch {
	case len(b) == 1+hashLength && b[0] == 0:
		b = b[1:]
	case len(b) == 2+hashLength+9 && b[0] == 0x04 && b[1] == 0x93:
		return opaque(s, "X-address", "an address of the XRP Ledger's test networks, not of the main network"), !tagged
	case len(b) == 2+hashLength+9 && b[0] == 0x05 && b[1] == 0x44 && b[22] <= 1 && string(b[27:]) == "\x00\x00\x00\x00":
		a.Kind = "account, X-address without a destination tag"
		n := uint64(b[23]) | uint64(b[24])<<8 | uint64(b[25])<<16 | uint64(b[26])<<24
		switch {
		case tagged, b[22] == 0 && n != 0:
			return Address{}, false
		case b[22] == 1:
			a.Kind = "account, X-address with a destination tag"
			tag, tagged = strconv.FormatUint(n, 10), true
		}
		b = b[2 : 2+hashLength]
	default:
		return Address{}, false
	}
	a.Key = "xrp:" + hex.EncodeToString(b)
	a.Spelling = encodeBase58Check(append([]byte{0}, b...), rippleAlphabet)
	if tagged {
		n, err := strconv.ParseUint(tag, 10, 32)
		if err != nil {
			return Address{}, false
		}
		a.Tag = strconv.FormatUint(n, 10)
		a.Spelling += "?dt=" + a.Tag
		if a.Kind == "account, base58check" {
			a.Kind += " with a destination tag"
		}
	}
	return a, true
}

// cutTag finds an XRP account that is followed by a destination tag, as people and
// exchanges write it, and gives both in the form "r…?dt=7".
func cutTag(s string) (string, bool) {
	end := strings.IndexAny(s, "?:,+ \t")
	if end < 25 || s[0] != 'r' {
		return "", false
	}
	rest := strings.ToLower(strings.TrimLeft(s[end:], "?:,+ \t"))
	if s[end] == '?' { // of a link, whose parts may come in any order
		parts := strings.Split(rest, "&")
		i := slices.IndexFunc(parts, func(p string) bool { return hasPrefix(p, "dt=", "tag=") })
		if i < 0 {
			return "", false
		}
		rest = parts[i]
	}
	for _, word := range []string{"destination", "dest", "dt", "tag"} {
		rest = strings.TrimLeft(strings.TrimPrefix(rest, word), "=:# \t")
	}
	n, err := strconv.ParseUint(rest, 10, 32)
	if err != nil {
		return "", false
	}
	return s[:end] + "?dt=" + strconv.FormatUint(n, 10), true
}
