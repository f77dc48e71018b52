package chain

import (
	"bufio"
	"encoding/csv"
	"encoding/hex"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
	"pgregory.net/rapid"
)

// TestVectors holds the codecs to addresses that their specifications publish.
func TestVectors(t *testing.T) {
	const (
		h160 = "751e76e8199196d454941c45d1b3a323f1433bd6"
		cash = "76a04053bda0a88bda5177b86a15c3b29f559873"
		casB = "cb481232299cd5743151ac4b2d63ae198e7bb0a9"
		casC = "011f28e473c95f4013d7d53ec5fbc3b42df8ed10"
	)
	for _, c := range []struct{ source, in, key string }{
		{"BIP-173", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "utxo-pkh:" + h160},
		{"BIP-173", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", "utxo-pkh:" + h160},
		{"BIP-173", "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3", "segwit0:1863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"},
		{"BIP-350", "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y", "segwit1:" + h160 + h160[:40]},
		{"BIP-350", "BC1SW50QGDZ25J", "segwit16:751e"},
		{"BIP-350", "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "segwit2:751e76e8199196d454941c45d1b3a323"},
		{"BIP-350", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", "taproot:79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
		{"cashaddr", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "utxo-pkh:" + cash},
		{"cashaddr", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "utxo-pkh:" + cash},
		{"cashaddr", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "utxo-pkh:" + cash},
		{"cashaddr", "BITCOINCASH:QPM2QSZNHKS23Z7629MMS6S4CWEF74VCWVY22GDX6A", "utxo-pkh:" + cash},
		{"cashaddr", "1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "utxo-pkh:" + casB},
		{"cashaddr", "bitcoincash:qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy", "utxo-pkh:" + casB},
		{"cashaddr", "16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "utxo-pkh:" + casC},
		{"cashaddr", "bitcoincash:qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r", "utxo-pkh:" + casC},
		{"cashaddr", "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "utxo-sh:" + cash},
		{"cashaddr", "bitcoincash:ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", "utxo-sh:" + cash},
		{"cashaddr", "bitcoincash:pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e", "utxo-sh:" + casB},
		{"cashaddr", "bitcoincash:pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37", "utxo-sh:" + casC},
		{"cashaddr", "bitcoincash:qr6m7j9njldwwzlg9v7v53unlr4jkmx6eylep8ekg2", "utxo-pkh:f5bf48b397dae70be82b3cca4793f8eb2b6cdac9"},
		{"XLS-5, with the classic form of the same account below", "X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "xrp:" + keyOf(t, "r9cZA1mLK5R5Am25ArfXFmqgNwjZgnfk59")},
		{"XRP Ledger, ACCOUNT_ZERO", "rrrrrrrrrrrrrrrrrrrrrhoLvTp", "xrp:0000000000000000000000000000000000000000"},
		{"Solana, the system program", "11111111111111111111111111111111", "sol:" + strings.Repeat("0", 64)},
		{"the key listed in two spellings in September 2024", "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
		{"the key listed in two spellings in September 2024", "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
		{"Tron in hexadecimal", "41e950dc316b836e4eefb8308bf32bf7c72a1358ff", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
		{"without 0x, as a person copies it", " \u200bE950DC316b836e4EeFb8308bf32Bf7C72a1358FF\u00a0", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
		{"digits of full width", "０xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
		{"the chain in memory", "mem1ffff", "mem1ffff"},
		{"BIP-173, of a prefix not known here", "A12UEL5L", "bech32:a12uel5l"},
		{"BIP-350, of a prefix not known here", "A1LQFN3A", "bech32:a1lqfn3a"},
	} {
		a, err := Parse(c.in)
		if err != nil || a.Key != c.key {
			t.Errorf("%s: %q is %q, %v; want %q", c.source, c.in, a.Key, err, c.key)
		}
		fixedPoint(t, a)
	}
}

// keyOf is the hexadecimal part of an address's key.
func keyOf(t *testing.T, s string) string {
	t.Helper()
	key, err := Canonical(s)
	_, digits, ok := strings.Cut(key, ":")
	if err != nil || !ok || strings.HasPrefix(key, "text:") {
		t.Fatalf("Canonical(%q) = %q, %v; want a key", s, key, err)
	}
	return digits
}

// fixedPoint fails unless the spelling that Parse gives says what the text said.
func fixedPoint(t interface {
	Helper()
	Fatalf(string, ...any)
}, a Address) {
	t.Helper()
	b, err := Parse(a.Spelling)
	if err != nil || b.Key != a.Key || b.Spelling != a.Spelling || b.Family != a.Family || b.Tag != a.Tag || b.Known != a.Known || !slices.Equal(b.Related, a.Related) || !slices.Equal(b.Chains, a.Chains) || Same(a, b) != SameKey {
		t.Fatalf("%q: key %q, spelling %q; that is read as key %q, spelling %q, %v", a.Text, a.Key, a.Spelling, b.Key, b.Spelling, err)
	}
}

// What is no address of a known form is compared letter for letter, whatever it
// resembles.
func TestOpaque(t *testing.T) {
	for _, c := range []struct{ why, in string }{
		{"BIP-350: bech32 instead of bech32m", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"},
		{"BIP-350: bech32 instead of bech32m", "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL"},
		{"BIP-350: bech32m instead of bech32", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh"},
		{"BIP-350: a character of the checksum", "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"},
		{"BIP-350: witness version 17", "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R"},
		{"BIP-350: a program of one byte", "bc1pw5dgrnzv"},
		{"BIP-350: a program of 41 bytes", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav"},
		{"BIP-173: version 0 of 16 bytes", "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P"},
		{"BIP-350: padding of more than four bits", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf"},
		{"BIP-173: no data", "bc1gmk9yu"},
		{"bech32 with a wrong checksum", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5"},
		{"bech32 in mixed case", "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"},
		{"cashaddr in mixed case", "bitcoincash:Qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"},
		{"cashaddr with a wrong checksum", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q"},
		{"39 digits after 0x", "0x8589427373D6D84E98730D7795D8f6f8731FDA1"},
		{"base58check in lower case", "1nphuti9nsm9fvtxlkvsdu4anhqgq5n53d"},
		{"base58check with a wrong checksum", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggv"},
	} {
		a, err := Parse(c.in)
		if err != nil || a.Key != "text:"+c.in || a.Family != Unknown {
			t.Errorf("%s: Parse(%q) = %+v, %v; want the text itself", c.why, c.in, a, err)
		}
		if a.Fault == "" && !strings.HasPrefix(c.why, "base58check in lower") {
			t.Errorf("%s: %q: no fault is told", c.why, c.in)
		}
	}
	for _, c := range []struct{ why, in string }{
		{"test network, BIP-173", "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"},
		{"test network, base58check", "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn"},
		{"Cardano", "addr1vpu5vlrf4xkxv2qpwngf6cjhtw542ayty80v8dyr49rf5eg0yu80w"},
		{"64 digits, as one row of the list has", strings.Repeat("ab", 32)},
		{"a key of ours, written by a stranger", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff"},
	} {
		a, err := Parse(c.in)
		if err != nil || a.Family != Unknown || !strings.HasSuffix(a.Key, ":"+c.in) || strings.HasPrefix(a.Key, "evm:") {
			t.Errorf("%s: Parse(%q) = %+v, %v; want an unknown address", c.why, c.in, a, err)
		}
	}
	for _, bad := range []string{"", "  ", "\u200b", "0x85 89", "bc1\x00q", "\xff", "адрес", "0x8589427373D6D84E98730D7795D8F6F8731FDА16", strings.Repeat("a", MaxAddress+1), strings.Repeat("\u200b", 5000)} {
		if got, err := Canonical(bad); err == nil || got != "" {
			t.Errorf("Canonical(%q) = %q, want an error and nothing", bad, got)
		}
	}
}

// FAQ 594 has OFAC's own search compare letters; these are what it misses.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want Grade
	}{
		{"0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "e950dc316b836e4eefb8308bf32bf7c72a1358ff", SameKey},
		{"0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF", "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW", OtherChain},
		{"1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", SameKey},
		{"1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", SameKey},
		{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", encodeSegwit("ltc", 0, mustHash(t, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH")), OtherChain},
		{"1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", Different}, // one hash, of a key and of a script
		// BIP-49's derivation, of the key of BIP-173's vectors: one is computed from the other.
		{"3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", Derived},
		{"3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", Derived},
		{"3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", Different},
		{"u1px9za0vuss00sg8604arkx9ljfq53qkk9flszq97p342l5tq3mw3pyp2ndrx397ppyg3y29vw0vdn0fggu6f4ch5y5xp97l7sg70fw2twu9lp6vl3j78zt8w7cfnwsf9zju0ywrkntq", "t1MGpbRmxQJqir1jFu6LYza9KT4kxm92fPH", Derived},
		{"t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732", SameKey},
		// The public key of the secret 1, what is computed of it, and BIP-86's first address of its test vectors.
		{"0279BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798", "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", SameKey},
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", Derived},
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm", Derived},
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", Derived},
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", Derived},
		{"02cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115", "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", Derived},
		{"0330E7FC9D56BB25D6893BA3F317AE5BCF33B3291BD63DB32654A313222F7FD020", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", Derived},                                 // of the XRP Ledger's first account
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "0379be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", Derived}, // one taproot address, whichever sign
		{"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", Different},
		{"some text", "some text", Different}, // two that cannot be read
		{"sometext", "sometext", SameKey},
		{"sometext", "Sometext", Different},
	} {
		a, _ := Parse(c.a)
		b, _ := Parse(c.b)
		if Same(a, b) != c.want || Same(b, a) != c.want {
			t.Errorf("Same(%q, %q) = %v and %v, want %v", c.a, c.b, Same(a, b), Same(b, a), c.want)
		}
	}
}

// How sure it is that each spelling of a listed key is that key.
func TestGradeOfEachSpelling(t *testing.T) {
	hash := mustHex("76a04053bda0a88bda5177b86a15c3b29f559873")
	check58 := func(head string) string { return encodeBase58Check(append([]byte(head), hash...), bitcoinAlphabet) }
	account := mustHex("e950dc316b836e4eefb8308bf32bf7c72a1358ff")
	tronText := encodeBase58Check(append([]byte{tronVersion}, account...), bitcoinAlphabet)
	script := mustHex(strings.TrimPrefix(nested(0, hash), "utxo-sh:"))
	for _, c := range []struct {
		listed string
		want   map[Grade][]string
	}{
		{check58("\x00"), map[Grade][]string{ // "1…": Bitcoin, and what took its form
			SameKey: {check58("\x00"), encodeSegwit("bc", 0, hash), strings.ToUpper(encodeSegwit("bc", 0, hash)), "bitcoin:" + check58("\x00") + "?amount=1",
				encodeCash(cashPrefix, 0, hash), strings.TrimPrefix(encodeCash(cashPrefix, 0, hash), cashPrefix+":"), strings.ToUpper(encodeCash(cashPrefix, 0, hash)),
				encodeCash("simpleledger", 0, hash), encodeCash(cashPrefix, 2, hash), "\u200b" + check58("\x00") + "\u00a0"},
			OtherChain: {check58("\x30"), encodeSegwit("ltc", 0, hash), check58("\x4c"), check58("\x1e"), check58("\x26"), encodeSegwit("btg", 0, hash),
				check58("\x1c\xb8"), encodeBech32(texPrefix, fives(hash), bech32mSum), encodeCash("ecash", 0, hash)},
			Derived:   {encodeBase58Check(append([]byte{5}, script...), bitcoinAlphabet), encodeBase58Check(append([]byte{0x32}, script...), bitcoinAlphabet)},
			Different: {check58("\x05"), encodeCash(cashPrefix, 1, hash), "0x" + hex.EncodeToString(hash)},
		}},
		{encodeSegwit("ltc", 0, hash), map[Grade][]string{
			SameKey:    {check58("\x30"), strings.ToUpper(encodeSegwit("ltc", 0, hash))},
			OtherChain: {check58("\x00"), encodeSegwit("bc", 0, hash), check58("\x4c")},
		}},
		{check58("\x05"), map[Grade][]string{ // "3…", Litecoin's old form too
			SameKey:    {check58("\x32"), encodeCash(cashPrefix, 1, hash), encodeCash(cashPrefix, 3, hash)},
			OtherChain: {check58("\x10"), check58("\x1c\xbd"), check58("\x16")},
			Different:  {check58("\x00"), encodeSegwit("bc", 0, hash)},
		}},
		{"0x" + hex.EncodeToString(account), map[Grade][]string{
			SameKey: {"0x" + encodeEIP55(account), hex.EncodeToString(account), "0X" + strings.ToUpper(hex.EncodeToString(account)), "xdc" + hex.EncodeToString(account),
				"ethereum:0x" + encodeEIP55(account) + "@56", "bnb:0x" + encodeEIP55(account)},
			OtherChain: {tronText, "41" + hex.EncodeToString(account), "0x41" + hex.EncodeToString(account), "tron:" + tronText},
			Different:  {"41" + hex.EncodeToString(hash), check58("\x00")},
		}},
		{tronText, map[Grade][]string{
			SameKey:    {"41" + hex.EncodeToString(account), "0x41" + strings.ToUpper(hex.EncodeToString(account))},
			OtherChain: {"0x" + hex.EncodeToString(account), hex.EncodeToString(account)},
			Different:  {strings.ToLower(tronText)}, // what a feed destroyed is told, and not guessed
		}},
	} {
		listed, err := Parse(c.listed)
		if err != nil {
			t.Fatal(err)
		}
		var table Table[string]
		table.Add(listed, "")
		for want, all := range c.want {
			for _, text := range all {
				asked, err := Parse(text)
				got, hits := Same(asked, listed), table.Find(asked)
				if err != nil || got != want || (want == Different) != (len(hits) == 0) || len(hits) > 0 && hits[0].Grade != want {
					t.Errorf("listed %s, asked %q: %v, found %v, %v; want %v", c.listed, text, got, hits, err, want)
				}
			}
		}
	}
}

// A tag names one of an account's users. Who is listed with an account is listed with
// all its tags; who is listed with a tag, with that one.
func TestSameTag(t *testing.T) {
	const (
		standard   = "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge"
		integrated = "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK"
		account    = "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY"
	)
	for _, c := range []struct {
		asked, listed string
		want          Grade
	}{
		{account, account, SameKey},
		{account + "?dt=7", account, SameKey},
		{account, account + "?dt=7", OtherTag},
		{account + "?dt=8", account + "?dt=7", OtherTag},
		{account + " 7", account + "?dt=7", SameKey},
		{"XV5sbjUmgPpvXv4ixFWZ5ptAYZ6PD2m4Er6SnvjVLpMWPjR", account + "?dt=0", SameKey},
		{"XV5sbjUmgPpvXv4ixFWZ5ptAYZ6PD2gYsjNFQLKYW33DzBm", account + "?dt=0", OtherTag},
		{"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?memo=7", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", SameKey},
		{"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ memo 8", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ:7", OtherTag},
		{"MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ 9223372036854775808", SameKey},
		{integrated, standard, SameKey},
		{standard, integrated, OtherTag},
		{"MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", SameKey},
		{"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ", OtherTag},
	} {
		asked, err := Parse(c.asked)
		listed, err2 := Parse(c.listed)
		if got := Same(asked, listed); err != nil || err2 != nil || got != c.want {
			t.Errorf("asked %s, listed %s: %v, %v, %v; want %v", c.asked, c.listed, got, err, err2, c.want)
		}
	}
}

func mustHash(t *testing.T, s string) []byte {
	t.Helper()
	b, ok := decodeBase58(s, bitcoinAlphabet)
	if !ok || len(b) != 25 {
		t.Fatalf("%q is no base58check of a hash", s)
	}
	return b[1:21]
}

const data = "../../shared/data"

// TestGolden counts the wallets that OFAC listed in September 2024 as they were
// counted when each was decoded by other means: 654 rows, 641 strings, 640 keys, of
// which 452 are hashes of 20 bytes in the Bitcoin family without Zcash, 173 accounts,
// 8 witness scripts, 3 Zcash, 3 Monero (one is 64 digits) and 1 XRP.
func TestGolden(t *testing.T) {
	path := filepath.Join(data, "wallets/ofac_wallets_current.csv")
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("SKIPPED: %s is not here, so nothing is compared with OFAC's wallets", path)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	texts, keys, groups := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, r := range rows[1:] {
		texts[r[1]] = true
		a, err := Parse(r[1])
		if err != nil {
			t.Errorf("%s %s: %v", r[0], r[1], err)
			continue
		}
		fixedPoint(t, a)
		if keys[a.Key] {
			continue
		}
		keys[a.Key] = true
		switch {
		case a.Family == UTXO && slices.Equal(a.Chains, []string{"Zcash"}):
			groups["zcash"]++
		case strings.HasPrefix(a.Key, "utxo-"):
			groups["hash"]++
		case a.Family == Monero, r[0] == "XMR":
			groups["monero"]++
		case a.Family == UTXO:
			groups["witness script"]++
		default:
			groups[a.Family.String()]++
		}
	}
	if len(rows)-1 != 654 || len(texts) != 641 || len(keys) != 640 {
		t.Errorf("%d rows, %d strings, %d keys; want 654, 641, 640", len(rows)-1, len(texts), len(keys))
	}
	// A ticker says nothing: OFAC filed a Tron address as XBT, and three families as USDT.
	misfits, usdt, eth := []string{}, map[string]int{}, map[string]string{}
	for _, r := range rows[1:] {
		a, err := Parse(r[1])
		if err != nil {
			continue
		}
		if a.Fault != "" || !a.Known && !strings.HasPrefix(a.Key, "hex:") {
			t.Errorf("%s %s: %s, %s", r[0], r[1], a.Kind, a.Fault)
		}
		if !a.Fits(r[0]) {
			misfits = append(misfits, r[0]+" "+r[1])
		}
		if r[0] == "USDT" {
			usdt[a.Chains[0]]++
		}
		if r[0] == "ETH" {
			eth[a.Key] = r[1]
		}
	}
	for _, r := range rows[1:] {
		a, _ := Parse(r[1])
		if twin := eth[a.Key]; r[0] == "USDT" && a.Chains[0] == "Tron" && twin != "" {
			misfits = append(misfits, twin+" is "+r[1])
		}
	}
	if want := []string{"XBT TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "0xE950DC316b836e4EeFb8308bf32Bf7C72a1358FF is TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW"}; !slices.Equal(misfits, want) {
		t.Errorf("tickers that do not fit, and keys of two chains: %q, want %q", misfits, want)
	}
	if usdt["Tron"] != 11 || usdt[evmChains] != 8 || usdt["Bitcoin"] != 7 || len(usdt) != 3 {
		t.Errorf("USDT: %v, want 11 of Tron, 8 of EVM chains, 7 of Bitcoin", usdt)
	}
	for group, want := range map[string]int{"hash": 452, "evm": 173, "witness script": 8, "zcash": 3, "monero": 3, "xrp": 1, "unknown": 0, "solana": 0} {
		if groups[group] != want {
			t.Errorf("%s: %d keys, want %d", group, groups[group], want)
		}
	}
}

// TestAddresses reads 100,000 addresses of four chains.
func TestAddresses(t *testing.T) {
	for file, chain := range map[string]string{"btc": "Bitcoin", "bch": "Bitcoin Cash", "ltc": "Litecoin", "zec": "Zcash"} {
		path := filepath.Join(data, "chain/addresses", file+".txt.xz")
		n := 0
		for s := range lines(t, path) {
			n++
			a, err := Parse(s)
			if err != nil || a.Family != UTXO || !slices.Contains(a.Chains, chain) || a.Fault != "" {
				t.Fatalf("%s line %d: Parse(%q) = %+v, %v; want one of %s", file, n, s, a, err, chain)
			}
			fixedPoint(t, a)
			if a.Spelling != s && a.Spelling != cashPrefix+":"+s {
				t.Fatalf("%s line %d: %q is spelled %q", file, n, s, a.Spelling)
			}
		}
		if n != 25000 {
			t.Errorf("%s: %d addresses, want 25,000", path, n)
		}
	}
}

func lines(t *testing.T, path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		f, err := os.Open(path)
		if err != nil {
			t.Skipf("SKIPPED: %s is not here, so its addresses are not read", path)
		}
		defer f.Close()
		r, err := xz.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		sc := bufio.NewScanner(r)
		for sc.Scan() {
			if !yield(sc.Text()) {
				return
			}
		}
		if err := sc.Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// Every form of a hash is read back as the hash, and one character changed is
// another address or none: a checksum of 30 bits and more leaves no room for luck.
func TestEveryForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "hash")
		keys := map[bool]string{false: hashAddress(false, hash).Key, true: hashAddress(true, hash).Key}
		forms := map[string]string{
			encodeSegwit("bc", 0, hash):                                              keys[false],
			encodeSegwit("ltc", 0, hash):                                             keys[false],
			encodeCash(cashPrefix, 0, hash):                                          keys[false],
			encodeCash(cashPrefix, 1, hash):                                          keys[true],
			encodeBase58Check(append([]byte{tronVersion}, hash...), bitcoinAlphabet): evmKey(hash),
		}
		for _, v := range versions() {
			forms[encodeBase58Check(append([]byte(v.bytes), hash...), bitcoinAlphabet)] = keys[v.script]
		}
		at := rapid.IntRange(0, 200).Draw(t, "at")
		to := rapid.SampledFrom([]byte(bech32Charset)).Draw(t, "to")
		for form, want := range forms {
			a, err := Parse(form)
			if err != nil || a.Key != want {
				t.Fatalf("Parse(%q) = %+v, %v; want %s", form, a, err, want)
			}
			fixedPoint(t, a)
			wrong := []byte(form)
			if i := at % len(wrong); wrong[i] != to {
				wrong[i] = to
				if b, err := Parse(string(wrong)); err == nil && b.Family == UTXO {
					t.Fatalf("%q, made of %q, is read as %+v", wrong, form, b)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"0x8589427373D6D84E98730D7795D8f6f8731FDA16", "BC1SW50QGDZ25J", "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d", "1", "\xff", "mem1ffff",
		"TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW", "41e950dc316b836e4eefb8308bf32bf7c72a1358ff", "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
		"X7AcgcsBL6XDcUb289X4mJ8djcdyKaB5hJDWMArnXr61cqZ", "rrrrrrrrrrrrrrrrrrrrrhoLvTp", "11111111111111111111111111111111", "\u200bA12UEL5L\u00a0", "evm:00",
		"XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "ethereum:pay-0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed@1?value=1", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY: 7", "ripple:rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY?dt=7",
		"MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK", "SBA2XQ5SRUW5H3FUQARMC6QYEPUYNSVCMM4PGESGVB2UIFHLM73TPXXF",
		"4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK",
		"u1p5rt2l48lpmyyeypnffal288jgf2tz50fzn23jdp68vcujvwn0uz5u0evcp35jfmfvrl26az7suqqfm0skn9mmz9un86gqkq9va32v4s", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732",
		"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ memo: 7", "web+stellar:pay?destination=GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ&memo=a%20b",
		"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "04" + strings.Repeat("11", 64),
		"ltcmweb1qqwkdldufg0enxpphwc8rwucc9ru6h43x5uklzm78ektgmufmw3j6kqu76qqw66w204vn7zddfgmnyq9ujugjvx4t2mhuqkuj5h4tgd8cvs6gg076", "xdc472c619028bA67B817b48f8d64DBB7699Ce0fadf", "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := Parse(s)
		if err != nil {
			if a.Key != "" {
				t.Fatalf("Parse(%q) gives %+v with the error %v", s, a, err)
			}
			return
		}
		fixedPoint(t, a)
		if b, err := Parse(a.Text); err != nil || b.Key != a.Key {
			t.Fatalf("Parse(%q) = %+v, and of its text %+v, %v", s, a, b, err)
		}
	})
}

// The bytes of a witness program and of base58 come back as they were.
func FuzzCodecs(f *testing.F) {
	f.Add([]byte{0, 0, 1})
	f.Add([]byte("a witness program of 32 bytes..."))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 40 {
			return
		}
		for _, alphabet := range []string{bitcoinAlphabet, rippleAlphabet} {
			if back, ok := decodeBase58(encodeBase58(b, alphabet), alphabet); len(b) > 0 && (!ok || string(back) != string(b)) {
				t.Fatalf("base58 of %x comes back as %x", b, back)
			}
		}
		if back, err := octets(fives(b)); err != nil || string(back) != string(b) {
			t.Fatalf("%x comes back as %x, %v", b, back, err)
		}
	})
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

// Whatever bytes lie in a unified address, and in forms whose checksum chance does not
// meet, they are read within bounds and read again from their spelling.
func FuzzPayloads(f *testing.F) {
	f.Add(byte(0), []byte("\x03\x2b a receiver of forty-three bytes, more or less, u\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	f.Add(byte(1), make([]byte, 65))
	f.Add(byte(2), make([]byte, 40))
	f.Add(byte(3), make([]byte, 29))
	f.Add(byte(4), make([]byte, 66))
	f.Fuzz(func(t *testing.T, form byte, b []byte) {
		if len(b) == 0 || len(b) > 250 {
			return
		}
		s := ""
		switch form % 6 {
		case 0:
			if len(b) < 48 {
				return
			}
			s = encodeBech32(unifiedPrefix, fives(jumble(b)), bech32mSum)
		case 1:
			s = encodeMonero(b)
		case 2:
			s = encodeStrkey(b[0], b[1:])
		case 3:
			s = encodeBase58Check(b, rippleAlphabet)
		case 4:
			s = encodeBech32(mwebPrefix, append([]byte{0}, fives(b)...), bech32Sum)
		case 5:
			s = encodeBase58Check(b, bitcoinAlphabet)
		}
		a, err := Parse(s)
		if err != nil {
			if len(s) <= MaxAddress {
				t.Fatalf("Parse(%q): %v", s, err)
			}
			return
		}
		fixedPoint(t, a)
		if strict, err := ParseStrict(s); err == nil && (!strict.Known || strict.Fault != "" || strict.Key != a.Key) {
			t.Fatalf("ParseStrict(%q) = %+v", s, strict)
		}
	})
}

// What a public key costs: its taproot address is a point of the curve.
func BenchmarkPublicKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Parse("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
	}
}
