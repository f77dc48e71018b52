package chain

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// More vectors of specifications, and spellings that say the same. TestVectors has those
// of BIP-173, BIP-350, cashaddr and Tron.
func TestSpellings(t *testing.T) {
	const (
		pepper  = "xrp:f40b468d5ac0dba36e2941877ac2e9bbd48262a1"
		grwz    = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
		stellar = "xlm:3f0c34bf93ad0d9971d04ccc90f705511c838aad9734a4a2fb0d7a03fc7fe89a"
		monero  = "xmr:eda9fe8dfcdd25d5430ea64229d04f6b41b2e5a1587c29cd499a63eb79d117113076a02b73d130fb904c9e91075fcd16f735c6850dfadb125eb826d96a113f09"
		simple  = "4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rge"
	)
	for _, c := range []struct{ source, in, key, tag, spelling string }{
		{"EIP-55, all capitals", "0x52908400098527886E0F7030069857D2E4169EE7", "evm:52908400098527886e0f7030069857d2e4169ee7", "", "0x52908400098527886E0F7030069857D2E4169EE7"},
		{"EIP-55, all small", "0xde709f2102306220921060314715629080e2fb77", "evm:de709f2102306220921060314715629080e2fb77", "", "0xde709f2102306220921060314715629080e2fb77"},
		{"EIP-55", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "evm:5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
		{"EIP-55", "fb6916095ca1df60bb79ce92ce3ea74c37c5d359", "evm:fb6916095ca1df60bb79ce92ce3ea74c37c5d359", "", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"},
		{"EIP-55", "0XDBF03B407C01E7CD3CBEA99509D93F8DDDC8C6FB", "evm:dbf03b407c01e7cd3cbea99509d93f8dddc8c6fb", "", "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB"},
		{"EIP-55", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb", "evm:d1220a0cf47c7b9be7a2e6ba89f429762e7b9adb", "", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"},
		{"ICAP, of Ethereum's own documentation", "XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "evm:00c5496aee77c1ba1f0854206a26dda82a81d6d8", "", "0x00c5496aEe77C1bA1f0854206A26DdA82a81D6D8"},
		{"ICAP of 35 characters", "xe1222q908ln1qbbu6xuqso1ohwjios46oo", "evm:11c5496aee77c1ba1f0854206a26dda82a81d6d8", "", "0x11c5496AEE77c1bA1f0854206a26dDa82A81D6D8"},
		{"Tron, 41 and 40 digits", "41E950DC316B836E4EEFB8308BF32BF7C72A1358FF", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff", "", "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW"},
		{"Tron, the same after 0x", "0x41e950dc316b836e4eefb8308bf32bf7c72a1358ff", "evm:e950dc316b836e4eefb8308bf32bf7c72a1358ff", "", "TXEsK1sEsKjZ1xtHitnyAAoqw3WLdYdRNW"},
		{"ERC-681", "ethereum:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed@1?value=2.014e18", "evm:5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
		{"ERC-3770", "arb1:0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "evm:5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", "", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
		{"BIP-21", "bitcoin:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu?amount=20.3&label=Luke-Jr", "utxo-pkh:76a04053bda0a88bda5177b86a15c3b29f559873", "", "1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu"},
		{"BIP-21 in capitals, as QR codes have it", "BITCOIN:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "utxo-pkh:751e76e8199196d454941c45d1b3a323f1433bd6", "", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
		{"Litecoin's script hash, old", "3MSvaVbVFFLML86rt5eqgA9SvW23upaXdY", "utxo-sh:" + keyOf(t, "MTf4tP1TCNBn8dNkyxeBVoPrFCcVzxJvvh"), "", "3MSvaVbVFFLML86rt5eqgA9SvW23upaXdY"},
		{"Litecoin's script hash, new", "MTf4tP1TCNBn8dNkyxeBVoPrFCcVzxJvvh", "utxo-sh:" + keyOf(t, "3MSvaVbVFFLML86rt5eqgA9SvW23upaXdY"), "", "MTf4tP1TCNBn8dNkyxeBVoPrFCcVzxJvvh"},
		{"MWEB: keys of a wallet's test", "ltcmweb1qqwkdldufg0enxpphwc8rwucc9ru6h43x5uklzm78ektgmufmw3j6kqu76qqw66w204vn7zddfgmnyq9ujugjvx4t2mhuqkuj5h4tgd8cvs6gg076",
			"mweb:03acdfb78943f3330437760e37731828f9abd626a72df16fc7cd968df13b7465ab039ed000ed69ca7d593f09ad4a373200bc9711261aab56efc05b92a5eab434f864", "", "ltcmweb1qqwkdldufg0enxpphwc8rwucc9ru6h43x5uklzm78ektgmufmw3j6kqu76qqw66w204vn7zddfgmnyq9ujugjvx4t2mhuqkuj5h4tgd8cvs6gg076"},
		{"XLS-5", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY", pepper, "", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY"},
		{"XLS-5, no tag", "XV5sbjUmgPpvXv4ixFWZ5ptAYZ6PD2gYsjNFQLKYW33DzBm", pepper, "", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY"},
		{"XLS-5, tag 0", "XV5sbjUmgPpvXv4ixFWZ5ptAYZ6PD2m4Er6SnvjVLpMWPjR", pepper, "0", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY?dt=0"},
		{"XLS-5, tag 13371337", "XV5sbjUmgPpvXv4ixFWZ5ptAYZ6PD2qwGkhgc48zzcx6Gkr", pepper, "13371337", "rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY?dt=13371337"},
		{"XLS-5, the greatest tag", "XVLhHMPHU98es4dbozjVtdWzVrDjtV18pX8yuPT7y4xaEHi", "xrp:" + keyOf(t, grwz), "4294967295", grwz + "?dt=4294967295"},
		{"XLS-5, the one before", "XVLhHMPHU98es4dbozjVtdWzVrDjtV1kAsixQTdMjbWi39u", "xrp:" + keyOf(t, grwz), "4294967294", grwz + "?dt=4294967294"},
		{"a tag as wallets write it", grwz + "?dt=0007", "xrp:" + keyOf(t, grwz), "7", grwz + "?dt=7"},
		{"a tag as exchanges write it", grwz + ":7", "xrp:" + keyOf(t, grwz), "7", grwz + "?dt=7"},
		{"a tag as people write it", grwz + "  tag: 7", "xrp:" + keyOf(t, grwz), "7", grwz + "?dt=7"},
		{"a tag in a link", "ripple:" + grwz + "?amount=3&dt=7", "xrp:" + keyOf(t, grwz), "7", grwz + "?dt=7"},
		{"SEP-23", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ", stellar, "", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"},
		{"SEP-23, id 0", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ", stellar, "0", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJUAAAAAAAAAAAACJUQ"},
		{"SEP-23, id 2^63", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK", stellar, "9223372036854775808", "MA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVAAAAAAAAAAAAAJLK"},
		{"a memo as people write it", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ, memo 007", stellar, "7", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?memo=7"},
		{"a memo of letters", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ:Memo-7a", stellar, "Memo-7a", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?memo=Memo-7a"},
		{"a memo in a link", "stellar:GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?amount=1&memo=7", stellar, "7", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?memo=7"},
		{"SEP-7", "web+stellar:pay?destination=GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ&amount=120.1234567&memo=skdjfasf&memo_type=MEMO_TEXT", stellar, "skdjfasf", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ?memo=skdjfasf"},
		{"SEP-7, no memo", "web+stellar:pay?destination=GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ&amount=1", stellar, "", "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"},
		{"Monero's documentation, standard", simple, monero, "", simple},
		{"Monero's documentation, integrated", "4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK", monero, "8a125052fe6f3877",
			"4LL9oSLmtpccfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2bYXZKKQePHES9khPK"},
		{"32 bytes, of which a payment id is one", strings.Repeat("Ab", 32), "hex:" + strings.Repeat("ab", 32), "", strings.Repeat("ab", 32)},
		{"ZIP-320", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW", "utxo-pkh:7bb83570b8fae146e03c5331a020b1e0892f631d", "", "t1V9mnyk5Z5cTNMCkLbaDwSskgJZucTLdgW"},
		{"ZIP-320", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732", "utxo-pkh:7bb83570b8fae146e03c5331a020b1e0892f631d", "", "tex10wur2u9clts5dcpu2vc6qg93uzyj7cca2xm732"},
		{"Sapling", "zs1z7rejlpsa98s2rrrfkwmaxu53e4ue0ulcrw0h4x5g8jl04tak0d3mm47vdtahatqrlkngh9slya", "zec-sapling:1787997c30e94f050c634d9dbe9b948e6bccbf9fc0dcfbd4d441e5f7d57db3db1deebe6357dbf5601fed34", "", "zs1z7rejlpsa98s2rrrfkwmaxu53e4ue0ulcrw0h4x5g8jl04tak0d3mm47vdtahatqrlkngh9slya"},
	} {
		a, err := ParseStrict(c.in)
		if strings.HasPrefix(c.key, "hex:") { // not to be sent to, and yet compared
			a, err = Parse(c.in)
		}
		if err != nil || a.Key != c.key || a.Tag != c.tag || a.Spelling != c.spelling {
			t.Errorf("%s: %q is %q, tag %q, spelled %q, %v; want %q, %q, %q", c.source, c.in, a.Key, a.Tag, a.Spelling, err, c.key, c.tag, c.spelling)
			continue
		}
		fixedPoint(t, a)
	}
}

// The unified addresses and F4Jumble of zcash-test-vectors (unified_address.json,
// f4jumble.json): each is taken apart into the receivers it was made of.
func TestUnified(t *testing.T) {
	for _, c := range []struct{ in, pkh, sh, sapling, orchard string }{
		{"u1px9za0vuss00sg8604arkx9ljfq53qkk9flszq97p342l5tq3mw3pyp2ndrx397ppyg3y29vw0vdn0fggu6f4ch5y5xp97l7sg70fw2twu9lp6vl3j78zt8w7cfnwsf9zju0ywrkntq",
			"254c73c5ea338c0880d1a11b340f3dc606b185b5", "", "", "ea9df83fbee07d6f7895ebb2ea41ec7c4ba682b863e069b4a438e31c9571c83126c305d75456412aeaef1b"},
		{"u1k9kavjcgta8y9t9lv3grvry5fqs6avhe9panu4jlg5j5mkkn4wj844mau24n4hx79yst6glun3wa095upapkqhgyrq9kfd7jr7q9dgpafhwvgl8ujxrlprl5zahl69cprsets6h2t98",
			"", "e6cabf813929132d772d04b03ae85223d03b9be8", "435b0bbc95b5b7d52531a3944f2b85603ee22aaf850963bc156eb561edf2cbe7cf0e770e393ae5d7049026", ""},
		{"u1p5rt2l48lpmyyeypnffal288jgf2tz50fzn23jdp68vcujvwn0uz5u0evcp35jfmfvrl26az7suqqfm0skn9mmz9un86gqkq9va32v4s",
			"", "", "", "31844683a07bf8e30057902b0d23e2b2ce9cad0b22190238ca4f329da92c7979052b00f735cb210671bdb0"},
		{"u1yy6w8n3jmjsgj9wvcenr8r5p6h38vyclhmq0wg9kzpxlu46z8v64k5gszr8yfwz4jvrylvvg3g633z02luk85nmsck6d2sex3n5d7kn68hzz5tv4udt9p6sy7pgleeulvglvx2627dff57q9fep5wgdx8m0esx28m0zvuxpmwyazt3jun2rpqw8nu6j2fceqghk55ced66js6k6jxn8y2xtue8f3paqjrk8q6nptnn",
			"e6cabf813929132d772d04b03ae85223d03b9be8", "", "", "d4714ee761d1ae823b6972152e20957fefa3f6e3129ea4dfb0a9e98703a63dab929589d6dc51c970f935b3"},
	} {
		var want []string
		for _, r := range [][2]string{{"utxo-pkh:", c.pkh}, {"utxo-sh:", c.sh}, {"zec-sapling:", c.sapling}, {"zec-orchard:", c.orchard}} {
			if r[1] != "" {
				want = append(want, r[0]+r[1])
			}
		}
		a, err := ParseStrict(c.in)
		if err != nil || a.Family != Zcash || !slices.Equal(a.Related, want) {
			t.Errorf("%s: %+v, %v; want receivers %v", c.in, a, err, want)
			continue
		}
		fixedPoint(t, a)
		upper, _ := Parse(strings.ToUpper(c.in))
		if upper.Key != a.Key {
			t.Errorf("%s in capitals is %q", c.in, upper.Key)
		}
	}
	for normal, want := range map[string]string{
		"5d7a8f739a2d9e945b0ce152a8049e294c4d6e66b164939daffa2ef6ee6921481cdd86b3cc4318d9614fc820905d042b":                                                                                                                                                                   "0304d029141b995da5387c125970673504d6c764d91ea6c082123770c7139ccd88ee27368cd0c0921a0444c8e5858d22",
		"b1ef9ca3f24988c7b3534201cfb1cd8dbf69b8250c18ef41294ca97993db546c1fe01f7e9c8e36d6a5e29d4e30a73594bf5098421c69378af1e40f64e125946f":                                                                                                                                   "5271fa3321f3adbcfb075196883d542b438ec6339176537daf859841fe6a56222bff76d1662b5509a9e1079e446eeedd2e683c31aae3ee1851d7954328526be1",
		"25c9a138f49b1a537edcf04be34a9851a7af9db6990ed83dd64af3597c04323ea51b0052ad8084a8b9da948d320dadd64f5431e61ddf658d24ae67c22c8d1309131fc00fe7f235734276d38d47f1e191e00c7a1d48af046827591e9733a97fa6b679f3dc601d008285edcbdae69ce8fc1be4aac00ff2711ebd931de518856878f7": "7508a3a146714f229db91b543e240633ed57853f6451c9db6d64c6e86af1b88b28704f608582c53c51ce7d5b8548827a971d2b98d41b7f6258655902440cd66ee11e84dbfac7d2a43696fd0468810a3d9637c3fa58e7d2d341ef250fa09b9fb71a78a41d389370138a55ea58fcde779d714a04e0d30e61dc2d8be0da61cd684509",
		"3476f21a482ec9378365c8f7393c94e2885315eb4671098b79535e790fe53e29fef2b3766697ac32b4f473f468a008e72389fc03880d780cb07fcfaabe3f1a84b27db59a4a153d882d2b2103596555ed9494c6ac893c49723833ec8926c1039586a7afcf4a0d9c731e985d99589c8bb838e8aaf745533ed9e8ae3a1cd074a51a20da8aba18d1dbebbc862ded42435e92476930d069896cff30eb414f727b89e001afa2fb8dc3436d75a4a6f26572504b192232ecb9f0c02411e52596bc5e9045": "5139912fe8b95492c12731995a0f4478dbeb81ec36653a21bc80d673f3c6a0feef70b6c566f9d34bb726c098648382d105afb19b2b8486b73cbd47a17a0d2d1fd593b14bb9826c5d114b850c6f0cf3083a6f61e38e42713a37ef7997ebd2b376c8a410d797b3932e5a6e39e726b2894ce79604b4ae3c00acaea3be2c1dfe697fa644755102cf9ad78794d0594585494fe38ab56fa6ef3271a68a33481015adf3944c115311421a7dc3ce73ef2abf47e18a6aca7f9dd25a85ce8dbd6f1ad89c8d",
	} {
		if got := hex.EncodeToString(jumble(mustHex(normal))); got != want {
			t.Errorf("F4Jumble of %.16s… is %s", normal, got)
		}
		if back, err := unjumble(mustHex(want)); err != nil || hex.EncodeToString(back) != normal {
			t.Errorf("F4Jumble of %.16s… comes back as %x, %v", normal, back, err)
		}
	}
}

// What ZIP-316 forbids in a unified address is refused, though it is jumbled and summed
// as it should be.
func TestUnifiedForbidden(t *testing.T) {
	part := func(kind byte, n int) []byte { return append([]byte{kind, byte(n)}, make([]byte, n)...) }
	padding := append([]byte("u"), make([]byte, 15)...)
	for _, c := range []struct {
		why   string
		good  bool
		parts [][]byte
	}{
		{"transparent and Orchard", true, [][]byte{part(0, 20), part(3, 43), padding}},
		{"transparent only", false, [][]byte{part(0, 20), padding}},
		{"both transparent ones", false, [][]byte{part(0, 20), part(1, 20), part(3, 43), padding}},
		{"types that fall", false, [][]byte{part(3, 43), part(2, 43), padding}},
		{"one type twice", false, [][]byte{part(3, 43), part(3, 43), padding}},
		{"Orchard of another length", false, [][]byte{part(3, 42), padding}},
		{"a length beyond the end", false, [][]byte{part(3, 43), {9, 99, 1}, padding}},
		{"a length in more bytes than it needs", false, [][]byte{{3, 0xfd, 43, 0}, make([]byte, 43), padding}},
		{"other padding", false, [][]byte{part(3, 43), append([]byte("t"), make([]byte, 15)...)}},
	} {
		s := encodeBech32(unifiedPrefix, fives(jumble(slices.Concat(c.parts...))), bech32mSum)
		if a, err := ParseStrict(s); (err == nil) != c.good {
			t.Errorf("%s: %+v, %v; good is %v", c.why, a, err, c.good)
		}
	}
}

// Nobody is let send to a text that is not whole, and is told why.
func TestRefused(t *testing.T) {
	for _, c := range []struct{ in, why string }{
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD", "EIP-55"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAec", "EIP-55"},
		{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe", "39 characters after 0x"},
		{"0x" + strings.Repeat("ab", 32), "a transaction's hash"},
		{strings.Repeat("ab", 32), "a public key, a payment id or a hash"},
		{"XE7438O073KYGTWWZN0F2WZ0R8PX5ZPPZS", "check digits of ICAP"},
		{"bc1QW508d6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "both cases"},
		{"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "wrong checksum"},
		{"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "bech32m"},
		{"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx", "Bitcoin's test networks"},
		{"TB1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KXPJZSX", "Bitcoin's test networks"},
		{"tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsy", "Bitcoin's test networks"},
		{encodeSegwit("bcrt", 0, make([]byte, 20)), "regression test"},
		{encodeSegwit("sb", 0, make([]byte, 20)), "simnet"},
		{encodeSegwit("rltc", 0, make([]byte, 20)), "Litecoin's test networks"},
		{"mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "Bitcoin's test network"},
		{"2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", "Bitcoin's test network"},
		{encodeBase58Check(append([]byte{0x3f}, make([]byte, 20)...), bitcoinAlphabet), "simnet"},
		{"bchtest:pr6m7j9njldwwzlg9v7v53unlr4jkmx6eyvwc0uz5t", "Bitcoin Cash's test networks"}, // cashaddr
		{"bitcoincash:Qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", "both cases"},
		{"qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q", "wrong checksum"},
		{"1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggv", "wrong checksum"},
		{"1BpEi6DfDAUFd7GtittLSdBeYJvc0aVggu", `character 29 is '0'`},
		{"TVd2rqMkYL2AyS97NdELcpeiprNBjwLZzuUG5rZnaewsahi", "XRP Ledger's test networks"},
		{"rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDX", "wrong checksum"},
		{"rPEPPER7kfTD9w2To4CQk6UCfuHM9c6GDY?dt=4294967296", "not an address known here"}, // SEP-like tags of 64 bits
		{"GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGA", "wrong checksum"},
		{"SBA2XQ5SRUW5H3FUQARMC6QYEPUYNSVCMM4PGESGVB2UIFHLM73TPXXF", "secret seed"},
		{"5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "private key"}, // of the Bitcoin wiki
		{"4AdUndXHHZ6cfufTMvppY6JwXNouMBzSkbLYfpAV5Usx3skxNgYeYTRj5UzqtReoS44qo9mtmXCqY45DJ852K5Jv2684Rgf", "Monero address, and wrong checksum"},
		{encodeMonero(append([]byte{24}, make([]byte, 64)...)), "Monero's test networks"},
		{"u1px9za0vuss00sg8604arkx9ljfq53qkk9flszq97p342l5tq3mw3pyp2ndrx397ppyg3y29vw0vdn0fggu6f4ch5y5xp97l7sg70fw2twu9lp6vl3j78zt8w7cfnwsf9zju0ywrkntp", "wrong checksum"},
		{"ltcmweb1qqwkdldufg0enxpphwc8rwucc9ru6h43x5uklzm78ektgmufmw3j6kqu76qqw66w204vn7zddfgmnyq9ujugjvx4t2mhuqkuj5h4tgd8cvs6gg077", "wrong checksum"},
		{"txesk1seskjz1xthitnyaaoqw3wldydrnw", "lower case?"},
		{"1nphuti9nsm9fvtxlkvsdu4anhqgq5n53d", "lower case?"},
		{"alice", "not an address known here"},
		{"0x8589427373D6D84E98730D7795D8F6F8731FDА16", "CYRILLIC CAPITAL LETTER A"},
		{"1ΒpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "GREEK CAPITAL LETTER BETA"},
	} {
		if a, err := ParseStrict(c.in); err == nil || !strings.Contains(err.Error(), c.why) || a.Key != "" {
			t.Errorf("ParseStrict(%q) = %+v, %v; want a refusal with %q", c.in, a, err, c.why)
		}
	}
	if _, err := ParseStrict("alice"); !errors.Is(err, ErrRefused) {
		t.Errorf("%v wraps no ErrRefused", err)
	}
	// What an authority wrote with a wrong EIP-55 checksum is compared all the same.
	a, err := Parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")
	if err != nil || a.Key != "evm:5aaeb6053f3e94c9b9a09f33669435e7ef1beaed" || !a.Known || a.Fault == "" {
		t.Errorf("list data with a wrong EIP-55 checksum: %+v, %v", a, err)
	}
}
