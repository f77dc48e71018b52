package match

import (
	"strings"
	"testing"

	"sallyport/entity"
)

// One key has many spellings: a listed wallet is found in each, and the reason has the
// list's. On another chain it is for a person to look at, and never identity.
func TestWalletInAnotherSpelling(t *testing.T) {
	const evm, legacy = "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
	listed := man("Ivan Examplov", wallet(evm), wallet(legacy))
	for query, want := range map[string]struct {
		grade  Grade
		reason string
	}{
		"0xe950dc316b836e4eefb8308bf32bf7c72a1358ff": {Same, "wallet " + evm + " agrees"},
		"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": {Same, "wallet " + legacy + " agrees"}, // BIP-173
		"TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW":         {Resembles, "wallet " + evm + " agrees, on another chain"},
		"3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN":         {Resembles, "wallet " + legacy + " agrees, in a form derived from its key"}, // BIP-49: P2SH-P2WPKH of the key
		"TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNX":         {None, ""},                                                                  // its checksum is wrong: no such key
	} {
		for _, f := range []Finding{
			Compare(man("Somebody Else", wallet(query)), listed, DefaultWeights()),
			best(NewIndex([]entity.Entity{listed}, DefaultWeights()).Screen(man("Somebody Else", wallet(query)), Options{})),
		} {
			if f.Grade != want.grade || want.reason != "" && !strings.Contains(reasons(f), want.reason) {
				t.Errorf("%s: %v, %s; want %v, %q", query, f.Grade, reasons(f), want.grade, want.reason)
			}
		}
	}
}

// Whoever has a listed wallet, in whatever form, is found however high the threshold is and whatever speaks against it: by
// comparing, by an index of the list and by a roster of customers.
func TestListedWalletIsAlwaysLookedAt(t *testing.T) {
	const evm, legacy = "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"
	listed := man("Ivan Examplov", gender(entity.Male), born("1962-03-14"), national("RU"), wallet(evm), wallet(legacy))
	w := rosterWeights()
	x := NewIndex([]entity.Entity{listed}, w)
	customers := make(map[uint64]entity.Entity)
	for _, address := range []string{evm, legacy, "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"} {
		for _, name := range []string{"Anna Schmidt", "Ivanna Examplova"} {
			q := man(name, gender(entity.Female), born("1990-01-01"), national("BG"), wallet(address))
			customers[uint64(len(customers))] = q
			for _, f := range []Finding{Compare(q, listed, w), best(x.Screen(q, Options{Threshold: 0.99}))} {
				if f.Grade != Resembles || !strings.Contains(reasons(f), "wallet") {
					t.Errorf("%s with %s: %v at %.4f, want a resemblance\n%s", name, address, f.Grade, f.Score, reasons(f))
				}
			}
		}
	}
	r := openRoster(t, t.TempDir())
	for number, e := range customers {
		put(t, r, Customer{number, e})
	}
	turned := man("Pyotr Sampleson", wallet("3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN")) // of the legacy address's key
	for range 2 {
		if found, want := same(t, r, customers, []entity.Entity{listed, turned}, 0.99), len(customers)+4; found != want {
			t.Errorf("the roster finds %d of %d", found, want)
		}
		compact(t, r)
	}
}

func best(found []Finding) Finding {
	if len(found) == 0 {
		return Finding{}
	}
	return found[0]
}
