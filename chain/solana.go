package chain

import (
	"encoding/hex"
	"strings"
)

// solana reads 32 bytes in base58, which has no checksum: a mistyped address is another
// one. Where none of some forty characters is a capital letter, though some are letters,
// the text was put in lower case (one right address in 10^9 looks so by chance).
func solana(s string) (Address, bool) {
	b, ok := decodeBase58(s, bitcoinAlphabet)
	if !ok || len(b) != 32 || lowered(s) {
		return Address{}, false
	}
	return Address{Family: Solana, Kind: "account of 32 bytes, base58", Chains: []string{"Solana"}, Key: "sol:" + hex.EncodeToString(b), Spelling: encodeBase58(b, bitcoinAlphabet), Known: true}, true
}

// lowered holds for a text with ten small letters or more and no capital one.
func lowered(s string) bool {
	small := 0
	for i := range len(s) {
		if s[i] >= 'a' && s[i] <= 'z' {
			small++
		}
	}
	return small >= 10 && s == strings.ToLower(s)
}
