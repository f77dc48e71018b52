package chain

import (
	"fmt"
	"strings"
)

// fault says what is wrong with a text that resembles an address and is none, or "".
func fault(s string) string {
	lower := strings.ToLower(s)
	digits, prefixed := cutHex(s)
	b, isBase58 := decodeBase58(s, bitcoinAlphabet)
	var err error
	switch {
	case prefixed:
		return fmt.Sprintf("%d characters after 0x, or one that is no hexadecimal digit; an account has 40 digits", len(digits))
	case hasPrefix(lower, mwebPrefix+"1"):
		_, err = decodeMWEB(s)
	case hasPrefix(lower, "bc1", "ltc1", "btg1"):
		_, _, _, err = decodeSegwit(s)
	case hasPrefix(lower, saplingPrefix+"1", unifiedPrefix+"1", texPrefix+"1"):
		return zcashFault(s)
	case hasPrefix(lower, "tb1", "bcrt1", "sb1", "tltc1", "rltc1", "tmweb1") && strings.Trim(lower[strings.IndexByte(lower, '1')+1:], bech32Charset) == "":
		prefix, _, _ := strings.Cut(lower, "1")
		return "the prefix of " + testPrefix(prefix) + ", not of a main network"
	case hasPrefix(lower, cashPrefix+":", "simpleledger:", "ecash:", "etoken:", "bchtest:", "bchreg:"):
		return cashFault(s)
	case len(s) == 42 && hasPrefix(lower, "q", "p") && strings.Trim(lower, bech32Charset) == "":
		_, _, _, err = decodeCash(s)
	case lowered(s) && lowerLength(len(s)) && alphanumeric(s):
		return "no capital letter in it, and wrong checksum: base58 put in lower case? its letters cannot be brought back"
	case (len(s) == 95 || len(s) == 106) && hasPrefix(s, "4", "8") && alphanumeric(s):
		if _, err = decodeMonero(s); err != errChecksum {
			return ""
		}
		return "the length of a Monero address, and wrong checksum"
	case (len(s) == 56 || len(s) == 69) && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == "":
		_, _, err = decodeStrkey(s)
	case isBase58 && len(b) > hashLength+3 && len(b) < hashLength+8:
		_, err = splitChecksum(b)
		if icapFault := icapFault(s); icapFault != "" {
			return icapFault
		}
	case hasPrefix(s, "r", "X") && len(s) >= 25 && len(s) <= 50 && strings.Trim(s, rippleAlphabet) == "":
		err = errChecksum
	case len(s) >= 26 && len(s) <= 36 && alphanumeric(s) && !isBase58:
		if icapFault := icapFault(s); icapFault != "" {
			return icapFault
		}
		i := strings.IndexAny(s, "0OIl")
		return fmt.Sprintf("character %d is %q, which base58 does not have because it is taken for another", i+1, s[i])
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

func hasPrefix(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// lowerLength holds for lengths of base58 addresses: Bitcoin's, Tron's, Solana's,
// Monero's.
func lowerLength(n int) bool { return n >= 26 && n <= 36 || n >= 40 && n <= 44 || n == 95 || n == 106 }

func alphanumeric(s string) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

func icapFault(s string) string {
	if _, err := decodeICAP(s); err != nil {
		return err.Error()
	}
	return ""
}

func cashFault(s string) string {
	prefix, kind, _, err := decodeCash(s)
	switch {
	case err != nil:
		return err.Error()
	case testPrefix(prefix) != "":
		return "an address of " + testPrefix(prefix) + ", not of a main network"
	case kind > 3:
		return fmt.Sprintf("cashaddr of type %d, which is not defined", kind)
	}
	return "a hash of a length that its type does not have"
}

func zcashFault(s string) string {
	prefix, values, sum, err := decodeBech32(s)
	if err != nil {
		return err.Error()
	}
	b, err := octets(values)
	if err == nil && prefix == unifiedPrefix && sum == bech32mSum {
		_, err = unifiedReceivers(b)
	} else if err == nil {
		err = fmt.Errorf("bech32 of the prefix %q with %d bytes: not what Zcash has under it", prefix, len(b))
	}
	if err == nil {
		return ""
	}
	return err.Error()
}
