package chain

import (
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
)

// The version bytes of strkeys (SEP-23).
const (
	strkeyAccount  = 6 << 3  // G
	strkeyMuxed    = 12 << 3 // M
	strkeySeed     = 18 << 3 // S
	strkeyContract = 2 << 3  // C
)

var errNotStrkey = errors.New("not the form of a strkey")

// stellar reads accounts, muxed accounts and contracts of Stellar.
func stellar(s string) (Address, bool) {
	v, b, err := decodeStrkey(s)
	if err != nil {
		return Address{}, false
	}
	a := Address{Family: Stellar, Chains: []string{"Stellar"}, Known: true, Spelling: s}
	switch {
	case v == strkeyAccount && len(b) == 32:
		a.Kind, a.Key = "account, strkey", "xlm:"+hex.EncodeToString(b)
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
