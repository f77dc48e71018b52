package match

import (
	"strings"
	"testing"
)

// One key has many spellings: a listed wallet is found in each, and the reason has
// the list's.
func TestWalletInAnotherSpelling(t *testing.T) {
	listed := man("Ivan Examplov", wallet("0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF"), wallet("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"))
	for query, written := range map[string]string{
		"TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW":         "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF",
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", // BIP-173
	} {
		f := Compare(man("Somebody Else", wallet(query)), listed, DefaultWeights())
		if f.Grade != Same || !strings.Contains(reasons(f), "wallet "+written+" agrees") {
			t.Errorf("%s: %v, %s; want the listed %s", query, f.Grade, reasons(f), written)
		}
	}
}
