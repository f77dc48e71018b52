package chain

import (
	"encoding/hex"
	"fmt"
	"strings"
)

// A version is what stands before the hash in base58check.
type version struct {
	bytes  string
	script bool // the hash of a script, not of a public key
	chains []string
}

// versions are the main networks', as each chain's own software defines them. Where two
// chains have the same, no address tells them apart.
func versions() []version {
	return []version{
		{"\x00", false, []string{"Bitcoin", "Bitcoin Cash", "Bitcoin SV"}},
		{"\x05", true, []string{"Bitcoin", "Bitcoin Cash", "Bitcoin SV", "Litecoin"}}, // Litecoin's old form
		{"\x30", false, []string{"Litecoin"}},
		{"\x32", true, []string{"Litecoin"}},
		{"\x4c", false, []string{"Dash"}},
		{"\x10", true, []string{"Dash"}},
		{"\x26", false, []string{"Bitcoin Gold"}},
		{"\x17", true, []string{"Bitcoin Gold", "NEO"}}, // NEO's addresses are hashes of scripts
		{"\x35", true, []string{"NEO"}},                 // N3
		{"\x1e", false, []string{"Dogecoin", "Verge"}},
		{"\x16", true, []string{"Dogecoin"}},
		{"\x21", true, []string{"Verge"}},
		{"\x1c\xb8", false, []string{"Zcash"}},
		{"\x1c\xbd", true, []string{"Zcash"}},
	}
}

// testVersion names the network of a version that is for tests.
func testVersion(head string) string {
	switch head {
	case "\x6f", "\xc4":
		return "Bitcoin's test network, or one that took its form"
	case "\x3a":
		return "Litecoin's test network"
	case "\x3f", "\x7b":
		return "a simulated network (simnet)"
	case "\x8c", "\x13":
		return "Dash's test network"
	case "\x71":
		return "Dogecoin's test network"
	case "\x1d\x25", "\x1c\xba":
		return "Zcash's test network"
	}
	return ""
}

// hashLength is that of RIPEMD-160.
const hashLength = 20

// base58Check reads Tron's addresses and those of the Bitcoin family. A right checksum
// makes any version known that is of no test network, though not what it means.
func base58Check(s string) (Address, bool) {
	b, ok := decodeBase58(s, bitcoinAlphabet)
	if !ok || len(b) < 1+hashLength+4 {
		return Address{}, false
	}
	b, err := splitChecksum(b)
	if err != nil {
		return Address{}, false
	}
	if b[0] == 0x80 && (len(b) == 33 || len(b) == 34 && b[33] == 1) {
		a := opaque(s, "a private key in the wallet import format", "a private key, and no address: whoever has seen it can spend what it guards")
		return a, true
	}
	if len(b) > 3+hashLength {
		return Address{}, false
	}
	head, hash := string(b[:len(b)-hashLength]), b[len(b)-hashLength:]
	if head == "\x41" {
		return tron(b, "account, base58check"), true
	}
	for _, v := range versions() {
		if v.bytes == head {
			a := hashAddress(v.script, hash)
			a.Kind += ", base58check"
			a.Chains, a.Spelling = v.chains, encodeBase58Check(b, bitcoinAlphabet)
			return a, true
		}
	}
	if network := testVersion(head); network != "" {
		return opaque(s, fmt.Sprintf("base58check of version %x", head), "an address of "+network+", not of a main network"), true
	}
	a := opaque(s, fmt.Sprintf("base58check of version %x, which is of no main network known here", head), "")
	a.Known = true
	return a, true
}

// hashAddress begins an address of 20 bytes of the Bitcoin family.
func hashAddress(script bool, hash []byte) Address {
	if script {
		return Address{Family: UTXO, Kind: "hash of a script", Key: scriptKey(hash), Known: true}
	}
	return Address{Family: UTXO, Kind: "hash of a public key", Key: keyHashKey(hash), Related: []string{nested(0, hash)}, Known: true}
}

func keyHashKey(hash []byte) string { return "utxo-pkh:" + hex.EncodeToString(hash) }

func scriptKey(hash []byte) string { return "utxo-sh:" + hex.EncodeToString(hash) }

// nested is the key of the script that holds a witness program and nothing else (BIP-141,
// "P2WPKH nested in BIP16 P2SH"): the version, the length, the program.
func nested(version byte, program []byte) string {
	return scriptKey(hash160(append([]byte{version, byte(len(program))}, program...)))
}

// witnessChain names the chain of a main network's prefix.
func witnessChain(prefix string) string {
	switch prefix {
	case "bc":
		return "Bitcoin"
	case "ltc":
		return "Litecoin"
	case "btg":
		return "Bitcoin Gold"
	}
	return ""
}

// testPrefix names the network of a bech32 or cashaddr prefix that is for tests.
func testPrefix(prefix string) string {
	switch prefix {
	case "tb":
		return "Bitcoin's test networks"
	case "bcrt":
		return "Bitcoin's regression test mode"
	case "sb":
		return "a simulated network (simnet)"
	case "tltc", "rltc", "tmweb":
		return "Litecoin's test networks"
	case "utest", "ztestsapling", "textest", "uregtest", "zregtestsapling", "texregtest":
		return "Zcash's test networks"
	case "bchtest", "bchreg":
		return "Bitcoin Cash's test networks"
	}
	return ""
}

// witness reads the bech32 addresses of Bitcoin, Litecoin and Bitcoin Gold.
func witness(s string) (Address, bool) {
	prefix, v, program, err := decodeSegwit(s)
	name := witnessChain(prefix)
	if err != nil || name == "" {
		return Address{}, false
	}
	a := Address{Family: UTXO, Known: true}
	switch {
	case v == 0 && len(program) == hashLength:
		a = hashAddress(false, program) // BIP-141: the same hash as in P2PKH
		a.Kind += ", bech32"
	case v == 0:
		a.Kind, a.Key = "hash of a witness script, bech32", "segwit0:"+hex.EncodeToString(program)
		a.Related = []string{nested(0, program)}
	case v == 1 && len(program) == 32: // BIP-341
		a.Kind, a.Key = "taproot, bech32m", "taproot:"+hex.EncodeToString(program)
	default:
		a.Kind, a.Key = fmt.Sprintf("witness program of version %d, bech32m", v), fmt.Sprintf("segwit%d:%x", v, program)
	}
	a.Chains, a.Spelling = []string{name}, encodeSegwit(prefix, v, program)
	return a, true
}

// mwebPrefix is that of Litecoin's MimbleWimble extension block (LIP-0004).
const mwebPrefix = "ltcmweb"

// litecoinMWEB reads the stealth addresses of Litecoin's extension block: version 0 and
// the two public keys, for scanning and for spending, in bech32 longer than BIP-173
// allows.
func litecoinMWEB(s string) (Address, bool) {
	b, err := decodeMWEB(s)
	if err != nil {
		return Address{}, false
	}
	return Address{
		Family: UTXO, Kind: "stealth address of the extension block (MWEB), bech32", Chains: []string{"Litecoin"}, Known: true,
		Key: "mweb:" + hex.EncodeToString(b), Spelling: encodeBech32(mwebPrefix, append([]byte{0}, fives(b)...), bech32Sum),
	}, true
}

func decodeMWEB(s string) ([]byte, error) {
	prefix, values, sum, err := decodeBech32(s)
	if err != nil {
		return nil, err
	}
	if prefix != mwebPrefix || sum != bech32Sum || len(values) == 0 || values[0] != 0 {
		return nil, errBech32Form
	}
	b, err := octets(values[1:])
	if err == nil && (len(b) != 66 || b[0]|1 != 3 || b[33]|1 != 3) {
		err = fmt.Errorf("not two public keys of 33 bytes")
	}
	return b, err
}

// cash reads cashaddr, with tokens and without.
func cash(s string) (Address, bool) {
	prefix, kind, hash, err := decodeCash(s)
	name := cashChain(prefix)
	if err != nil || name == "" || kind > 3 {
		return Address{}, false
	}
	script := kind&1 == 1
	a := hashAddress(script, hash)
	switch {
	case len(hash) == hashLength:
	case len(hash) == 32 && script:
		a.Key = "utxo-sh32:" + hex.EncodeToString(hash)
	default:
		return Address{}, false
	}
	a.Kind += ", cashaddr"
	a.Chains, a.Spelling = []string{name}, encodeCash(prefix, kind&1, hash)
	return a, true
}

// bech32Other reads bech32 and bech32m of prefixes that are not known here: case
// means nothing in them.
func bech32Other(s string) (Address, bool) {
	prefix, _, _, err := decodeBech32(s)
	if err != nil || ofOurs(prefix) {
		return Address{}, false
	}
	lower := strings.ToLower(s)
	a := Address{Kind: fmt.Sprintf("bech32 of the prefix %q", prefix), Key: "bech32:" + lower, Spelling: lower}
	if network := testPrefix(prefix); network != "" {
		a.Fault = "an address of " + network + ", not of a main network"
		return a, true
	}
	a.Known = true
	switch prefix {
	case "bnb":
		a.Chains = []string{"BNB Beacon Chain"}
	case "cosmos":
		a.Chains = []string{"Cosmos Hub"}
	case "addr", "stake":
		a.Chains = []string{"Cardano"}
	default:
		a.Kind += ", which is of no main network known here"
	}
	return a, true
}

// ofOurs holds for prefixes whose addresses are read by their own rules.
func ofOurs(prefix string) bool {
	return witnessChain(prefix) != "" || prefix == mwebPrefix || prefix == saplingPrefix || prefix == unifiedPrefix || prefix == texPrefix
}
