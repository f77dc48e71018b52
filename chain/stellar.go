package chain

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// The version bytes of strkeys (SEP-23).
const (
	strkeyAccount  = 6 << 3  // G
	strkeyMuxed    = 12 << 3 // M
	strkeySeed     = 18 << 3 // S
	strkeyContract = 2 << 3  // C
)

var errNotStrkey = errors.New("not the form of a strkey")

// stellar reads accounts, muxed accounts and contracts of Stellar, an account with a memo
// after "?memo=" too.
func stellar(s string) (Address, bool) {
	s, memo, tagged := strings.Cut(s, "?memo=")
	v, b, err := decodeStrkey(s)
	if err != nil || tagged && (v != strkeyAccount || !isMemo(memo)) {
		return Address{}, false
	}
	a := Address{Family: Stellar, Chains: []string{"Stellar"}, Known: true, Spelling: s}
	switch {
	case v == strkeyAccount && len(b) == 32:
		a.Kind, a.Key, a.Tag = "account, strkey", "xlm:"+hex.EncodeToString(b), memo
		if tagged {
			a.Kind += " with a memo"
			a.Spelling += "?memo=" + memo
		}
	case v == strkeyMuxed && len(b) == 40:
		a.Tag = strconv.FormatUint(binary.BigEndian.Uint64(b[32:]), 10)
		a.Kind = "muxed account of " + encodeStrkey(strkeyAccount, b[:32]) + " with id " + a.Tag
		a.Key = "xlm:" + hex.EncodeToString(b[:32])
	case v == strkeyContract && len(b) == 32:
		a.Kind, a.Key = "contract, strkey", "xlm-contract:"+hex.EncodeToString(b)
	case v == strkeySeed && len(b) == 32:
		return opaque(s, "the secret seed of a Stellar account", "a secret seed, and no address: whoever has seen it can spend what it guards"), true
	default:
		return Address{}, false
	}
	return a, true
}

// cutMemo finds an account of Stellar that is followed by the memo that tells whose of an
// exchange's customers it is for, as people write it and in the links of SEP-7, and gives
// both in the form "G…?memo=7". A number is the id of the muxed account (SEP-23).
func cutMemo(s string) (string, bool) {
	if query, ok := strings.CutPrefix(s, "web+stellar:pay?"); ok {
		values, err := url.ParseQuery(query)
		if err != nil {
			return "", false
		}
		if s = values.Get("destination"); !isMemo(values.Get("memo")) {
			return s, s != ""
		}
		s += "?memo=" + values.Get("memo")
	}
	end := strings.IndexAny(s, "?:,+ \t")
	if end != 56 || s[0] != 'G' {
		return "", false
	}
	memo := strings.TrimLeft(s[end:], "?:,+ \t")
	if s[end] == '?' { // of a link, whose parts may come in any order
		values, _ := url.ParseQuery(memo)
		memo = values.Get("memo")
	} else if i := strings.IndexAny(memo, "=:# \t"); i > 0 && strings.EqualFold(memo[:i], "memo") {
		memo = strings.TrimLeft(memo[i:], "=:# \t")
	}
	if n, err := strconv.ParseUint(memo, 10, 64); err == nil {
		memo = strconv.FormatUint(n, 10)
	}
	return s[:end] + "?memo=" + memo, isMemo(memo)
}

// isMemo holds for a text that may be a memo: 28 bytes of text, or a hash of 64 digits.
func isMemo(memo string) bool {
	return memo != "" && len(memo) <= 64 && strings.Trim(memo, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._@/") == ""
}

var strkeyEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// decodeStrkey parts a strkey into its version and what it holds. SEP-23: bits that are
// left over are zero.
func decodeStrkey(s string) (version byte, body []byte, err error) {
	if len(s) != 56 && len(s) != 69 {
		return 0, nil, errNotStrkey
	}
	b, err := strkeyEncoding.DecodeString(s)
	if err != nil || strkeyEncoding.EncodeToString(b) != s {
		return 0, nil, errNotStrkey
	}
	if crc16(b[:len(b)-2]) != binary.LittleEndian.Uint16(b[len(b)-2:]) {
		return 0, nil, errChecksum
	}
	return b[0], b[1 : len(b)-2], nil
}

func encodeStrkey(version byte, body []byte) string {
	b := append([]byte{version}, body...)
	return strkeyEncoding.EncodeToString(binary.LittleEndian.AppendUint16(b, crc16(b)))
}

// crc16 is CRC-16/XMODEM.
func crc16(b []byte) uint16 {
	var sum uint16
	for _, v := range b {
		sum ^= uint16(v) << 8
		for range 8 {
			if sum&0x8000 != 0 {
				sum = sum<<1 ^ 0x1021
			} else {
				sum <<= 1
			}
		}
	}
	return sum
}
