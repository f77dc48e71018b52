package chain

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table finds what holding the asked address against every listed one finds.
func TestTableIsCompleteScan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// A few hashes only, so that there is much to find.
		draw := func(label string) Address {
			hash := make([]byte, 20)
			hash[0] = rapid.Byte().Draw(t, label) % 3
			forms := []string{
				encodeSegwit("bc", 0, hash), encodeSegwit("ltc", 0, hash), encodeCash(cashPrefix, 1, hash), encodeEIP55(hash),
				encodeBase58Check(append([]byte{0}, hash...), bitcoinAlphabet),
				encodeBase58Check(append([]byte{tronVersion}, hash...), bitcoinAlphabet),
				encodeBase58Check(append([]byte{0}, hash...), rippleAlphabet),
				encodeBase58Check(append([]byte{0}, hash...), rippleAlphabet) + "?dt=7",
				"some text",
			}
			a, err := Parse(rapid.SampledFrom(forms).Draw(t, label))
			if err != nil {
				return Address{}
			}
			if a.Key == keyHashKey(hash) && rapid.Bool().Draw(t, label) {
				// The nested form of the same key, as its owner would write it.
				b, err := Parse(nestedAddress(hash))
				if err != nil || b.Key != a.Related[0] {
					t.Fatalf("%+v, %v", b, err)
				}
				return b
			}
			return a
		}
		var table Table[int]
		var listed []Address
		for i := range rapid.IntRange(0, 60).Draw(t, "listed") {
			a := draw("listed")
			if a.Key != "" {
				listed = append(listed, a)
			}
			table.Add(a, i)
		}
		if table.Len() != len(listed) {
			t.Fatalf("%d entries, added %d", table.Len(), len(listed))
		}
		for range 10 {
			asked := draw("asked")
			var want, got []string
			for _, l := range listed {
				if g := Same(asked, l); g != Different {
					want = append(want, fmt.Sprint(l.Text, g))
				}
			}
			for _, h := range table.Find(asked) {
				got = append(got, fmt.Sprint(h.Listed.Text, h.Grade))
			}
			if !slices.Equal(want, got) {
				t.Fatalf("%q: found %v, want %v", asked.Text, got, want)
			}
		}
	})
}

// nestedAddress is P2SH-P2WPKH of a hash.
func nestedAddress(hash []byte) string {
	a := hashAddress(false, hash)
	h := mustHex(a.Related[0][len("utxo-sh:"):])
	return encodeBase58Check(append([]byte{5}, h...), bitcoinAlphabet)
}

// BenchmarkTable probes a million listed keys from one core. 20 million probes a second
// are asked for: what a scan over whole chains needs.
func BenchmarkTable(b *testing.B) {
	const listed = 1 << 20
	account := func(i uint64) Address {
		hash := make([]byte, 20)
		binary.BigEndian.PutUint64(hash, i*0x9e3779b97f4a7c15)
		return Address{Family: EVM, Key: evmKey(hash), Chains: []string{evmChains}}
	}
	var table Table[int32]
	for i := range uint64(listed) {
		table.Add(account(i), int32(i))
	}
	for name, from := range map[string]uint64{"unlisted": listed, "listed": 0} {
		// The keys lie side by side, as those of a block that was read: it is the table
		// whose memory is measured.
		const asked, size = 1 << 16, 44
		text := ""
		{
			var all strings.Builder
			for i := range uint64(asked) {
				all.WriteString(account(from + i*7).Key)
			}
			text = all.String()
		}
		b.Run(name, func(b *testing.B) {
			found := 0
			for i := range b.N {
				at := i & (asked - 1) * size
				if table.Has(text[at : at+size]) {
					found++
				}
			}
			if found != b.N && name == "listed" || found != 0 && name == "unlisted" {
				b.Fatalf("found %d of %d", found, b.N)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds()/1e6, "M/s")
		})
	}
}

// BenchmarkParse is what a text costs before it can be asked for.
func BenchmarkParse(b *testing.B) {
	for name, s := range map[string]string{
		"hexadecimal": "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "base58check": "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu",
		"bech32": "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "tron": "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW",
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if a, err := Parse(s); err != nil || !a.Known {
					b.Fatal(a, err)
				}
			}
		})
	}
}
