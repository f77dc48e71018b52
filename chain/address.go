// Package chain knows blockchain addresses as they are written.
//
// An address is read into the bytes it stands for, and addresses are compared by
// these: one key has many spellings. The same twenty bytes are an account of every
// EVM chain and, in base58, of Tron; the same hash of a public key is an address of
// Bitcoin in base58 and in bech32, of Bitcoin Cash in cashaddr, and of Litecoin,
// Dash, Dogecoin and Zcash. [Parse] reads, [Canonical] gives the text to compare,
// [Same] says how sure an agreement is.
//
// Read are hexadecimal EVM and Tron addresses; base58check of the Bitcoin family,
// Tron and the XRP Ledger (X-addresses of XLS-5 too); bech32 and bech32m (BIP-173,
// BIP-350); cashaddr; Solana's base58. Monero's addresses are known by their form
// and compared as they are written, as is everything else: no text is refused for
// being of a chain that is not known here.
//
// It proves of no address that it exists. It does not judge EIP-55 checksums, and
// does not know the script hash of a nested witness program (P2SH-P2WPKH), the
// parts of a unified Zcash address or the account in an integrated Monero one: such
// spellings of one key compare as different. TestVectors holds the codecs to the
// vectors of their specifications, TestGolden to the wallets OFAC listed.
package chain

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// A Family is a group of chains on which the same bytes are the same key.
type Family uint8

// The families. The zero Family is of a text that is compared as it is written.
const (
	Unknown Family = iota
	EVM            // accounts of EVM chains and of Tron: 20 bytes of a keccak hash
	UTXO           // the Bitcoin family: hashes of public keys and of scripts
	XRP
	Solana
	Monero
)

var familyNames = [...]string{"unknown", "evm", "utxo", "xrp", "solana", "monero"}

func (f Family) String() string { return familyNames[min(int(f), len(familyNames)-1)] }

// MarshalText writes the family's name.
func (f Family) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// An Address is what a text says.
type Address struct {
	Text     string   // as written, without what is invisible in it
	Family   Family   // Unknown where the text is compared as it is written
	Kind     string   // in words: "hash of a public key, base58check"
	Chains   []string // those it can be of by its form; empty where that is not known
	Key      string   // equal for two addresses of one key or script; see [Canonical]
	Spelling string   // the one spelling that Parse gives this form; parsing it changes nothing
	Fault    string   // what keeps it from being the address it resembles, or ""
}

// evmChains is how the chains of an EVM account are named, which no address tells
// apart: one key controls them all.
const evmChains = "Ethereum and other EVM chains"

// Parse reads an address. An empty text, one longer than [MaxAddress], and one with
// a space, a control character or anything outside ASCII in it is an error, after
// characters that cannot be seen and the space around are taken away. Whatever else
// is not known is an Address of the Unknown family.
func Parse(address string) (Address, error) {
	s, err := clean(address)
	if err != nil {
		return Address{}, err
	}
	for _, read := range []func(string) (Address, bool){ours, hexadecimal, monero, base58Check, ripple, witness, cash, solana, bech32Other} {
		if a, ok := read(s); ok {
			a.Text = s
			return a, nil
		}
	}
	a := opaque(s, "not an address known here", fault(s))
	a.Text = s
	return a, nil
}

// Canonical gives the text under which an address is compared: "evm:" and 40
// hexadecimal digits, "utxo-pkh:", "utxo-sh:", "segwit0:", "taproot:", "xrp:" or
// "sol:" and theirs, "bech32:" and the text in lower case for a prefix that is not
// known here, and "text:" and the text itself for everything else. It is for
// comparing in one run of one program: show and store the address as written. Errors
// are those of [Parse].
func Canonical(address string) (string, error) {
	a, err := Parse(address)
	return a.Key, err
}

// A Grade says how sure it is that two addresses are one party's.
type Grade uint8

// The grades. Forms that are of several chains ("1…" is Bitcoin and Bitcoin Cash)
// count as of each of them.
const (
	Different  Grade = iota
	OtherChain       // one key or script, on chains that differ: a person looks at it
	SameKey          // one key or script on one chain, in whatever spelling
)

var gradeNames = [...]string{"different", "same key on another chain", "same"}

func (g Grade) String() string { return gradeNames[min(int(g), len(gradeNames)-1)] }

// MarshalText writes the grade's name.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Same grades the agreement of two addresses that [Parse] gave. It is symmetric.
func Same(a, b Address) Grade {
	switch {
	case a.Key != b.Key || a.Key == "":
		return Different
	case len(a.Chains) == 0 && len(b.Chains) == 0:
		return SameKey
	case slices.ContainsFunc(a.Chains, func(c string) bool { return slices.Contains(b.Chains, c) }):
		return SameKey
	}
	return OtherChain
}

func opaque(s, kind, fault string) Address {
	return Address{Kind: kind, Key: "text:" + s, Spelling: s, Fault: fault}
}

// ours reads the addresses of the stand-in chain (package memory).
func ours(s string) (Address, bool) {
	return Address{Kind: "address of the chain in memory", Key: s, Spelling: s}, strings.HasPrefix(s, "mem1")
}

// hexadecimal reads 20 bytes with or without "0x", and Tron's 21 that begin with 41.
func hexadecimal(s string) (Address, bool) {
	digits := s
	if len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x' {
		digits = s[2:]
	}
	b, err := hex.DecodeString(digits)
	switch {
	case err == nil && len(b) == 20:
		return Address{Family: EVM, Kind: "account, hexadecimal", Chains: []string{evmChains}, Key: evmKey(b), Spelling: "0x" + hex.EncodeToString(b)}, true
	case err == nil && len(b) == 21 && b[0] == tronVersion:
		return tron(b, "account, hexadecimal"), true
	}
	return Address{}, false
}

func evmKey(b []byte) string { return "evm:" + hex.EncodeToString(b) }

const tronVersion = 0x41

func tron(b []byte, kind string) Address {
	return Address{Family: EVM, Kind: kind, Chains: []string{"Tron"}, Key: evmKey(b[1:]), Spelling: encodeBase58Check(b, bitcoinAlphabet)}
}

// monero knows the two common forms by their length and first character (a
// subaddress cannot be linked to its account without the view key); their checksum
// is keccak's and is not judged.
func monero(s string) (Address, bool) {
	kinds := map[byte]string{'4': "standard address", '8': "subaddress"}
	if len(s) != 95 || kinds[s[0]] == "" || strings.Trim(s, bitcoinAlphabet) != "" {
		return Address{}, false
	}
	a := opaque(s, kinds[s[0]], "")
	a.Family, a.Chains = Monero, []string{"Monero"}
	return a, true
}

// A version is what stands before the hash in base58check.
type version struct {
	bytes  string
	script bool // the hash of a script, not of a public key
	chains []string
}

// versions are the main networks', as each chain's own software defines them.
func versions() []version {
	return []version{
		{"\x00", false, []string{"Bitcoin", "Bitcoin Cash", "Bitcoin SV"}},
		{"\x05", true, []string{"Bitcoin", "Bitcoin Cash", "Bitcoin SV", "Litecoin"}}, // Litecoin's old form
		{"\x30", false, []string{"Litecoin"}},
		{"\x32", true, []string{"Litecoin"}},
		{"\x4c", false, []string{"Dash"}},
		{"\x10", true, []string{"Dash"}},
		{"\x26", false, []string{"Bitcoin Gold"}},
		{"\x17", true, []string{"Bitcoin Gold"}},
		{"\x1e", false, []string{"Dogecoin", "Verge"}},
		{"\x16", true, []string{"Dogecoin"}},
		{"\x1c\xb8", false, []string{"Zcash"}},
		{"\x1c\xbd", true, []string{"Zcash"}},
	}
}

// hashLength is that of RIPEMD-160.
const hashLength = 20

// base58Check reads Tron's addresses and those of the Bitcoin family.
func base58Check(s string) (Address, bool) {
	b, ok := decodeBase58(s, bitcoinAlphabet)
	if !ok || len(b) != 1+hashLength+4 && len(b) != 2+hashLength+4 {
		return Address{}, false
	}
	b, err := splitChecksum(b)
	if err != nil {
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
	return opaque(s, fmt.Sprintf("base58check of version %x, which is of no main network known here", head), ""), true
}

// hashAddress begins an address of 20 bytes of the Bitcoin family.
func hashAddress(script bool, hash []byte) Address {
	if script {
		return Address{Family: UTXO, Kind: "hash of a script", Key: "utxo-sh:" + hex.EncodeToString(hash)}
	}
	return Address{Family: UTXO, Kind: "hash of a public key", Key: "utxo-pkh:" + hex.EncodeToString(hash)}
}

// ripple reads classic addresses of the XRP Ledger and, of the main network, the
// X-addresses of XLS-5, which carry the destination tag too.
func ripple(s string) (Address, bool) {
	b, ok := decodeBase58(s, rippleAlphabet)
	if !ok {
		return Address{}, false
	}
	b, err := splitChecksum(b)
	if err != nil {
		return Address{}, false
	}
	a := Address{Family: XRP, Kind: "account, base58check", Chains: []string{"XRP Ledger"}}
	switch {
	case len(b) == 1+hashLength && b[0] == 0:
		b = b[1:]
	case len(b) == 2+hashLength+9 && b[0] == 0x05 && b[1] == 0x44 && b[22] <= 1 && string(b[27:]) == "\x00\x00\x00\x00":
		a.Kind = "account, X-address without a destination tag"
		tag := uint32(b[23]) | uint32(b[24])<<8 | uint32(b[25])<<16 | uint32(b[26])<<24
		if b[22] == 1 {
			a.Kind = fmt.Sprintf("account, X-address with destination tag %d", tag)
		} else if tag != 0 {
			return Address{}, false
		}
		b = b[2 : 2+hashLength]
	default:
		return Address{}, false
	}
	a.Key = "xrp:" + hex.EncodeToString(b)
	a.Spelling = encodeBase58Check(append([]byte{0}, b...), rippleAlphabet)
	return a, true
}

// witnessChain names the chain of a main network's prefix.
func witnessChain(prefix string) string {
	switch prefix {
	case "bc":
		return "Bitcoin"
	case "ltc":
		return "Litecoin"
	}
	return ""
}

// witness reads the bech32 addresses of Bitcoin and Litecoin.
func witness(s string) (Address, bool) {
	prefix, v, program, err := decodeSegwit(s)
	name := witnessChain(prefix)
	if err != nil || name == "" {
		return Address{}, false
	}
	a := Address{Family: UTXO}
	switch {
	case v == 0 && len(program) == hashLength:
		a = hashAddress(false, program) // BIP-141: the same hash as in P2PKH
		a.Kind += ", bech32"
	case v == 0:
		a.Kind, a.Key = "hash of a witness script, bech32", "segwit0:"+hex.EncodeToString(program)
	case v == 1 && len(program) == 32: // BIP-341
		a.Kind, a.Key = "taproot, bech32m", "taproot:"+hex.EncodeToString(program)
	default:
		a.Kind, a.Key = fmt.Sprintf("witness program of version %d, bech32m", v), fmt.Sprintf("segwit%d:%x", v, program)
	}
	a.Chains, a.Spelling = []string{name}, encodeSegwit(prefix, v, program)
	return a, true
}

// cash reads cashaddr, with tokens and without.
func cash(s string) (Address, bool) {
	prefix, kind, hash, err := decodeCash(s)
	if err != nil || prefix != cashPrefix || kind > 3 {
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
	a.Chains, a.Spelling = []string{"Bitcoin Cash"}, encodeCash(kind&1, hash)
	return a, true
}

// solana reads 32 bytes in base58, which has no checksum.
func solana(s string) (Address, bool) {
	b, ok := decodeBase58(s, bitcoinAlphabet)
	if !ok || len(b) != 32 {
		return Address{}, false
	}
	return Address{Family: Solana, Kind: "account of 32 bytes, base58", Chains: []string{"Solana"}, Key: "sol:" + hex.EncodeToString(b), Spelling: encodeBase58(b, bitcoinAlphabet)}, true
}

// bech32Other reads bech32 and bech32m of prefixes that are not known here: case
// means nothing in them.
func bech32Other(s string) (Address, bool) {
	prefix, _, _, err := decodeBech32(s)
	if err != nil || witnessChain(prefix) != "" {
		return Address{}, false
	}
	lower := strings.ToLower(s)
	return Address{Kind: fmt.Sprintf("bech32 of the prefix %q, which is of no main network known here", prefix), Key: "bech32:" + lower, Spelling: lower}, true
}

// fault says what is wrong with a text that has the form of an address and is none.
func fault(s string) string {
	lower := strings.ToLower(s)
	b, isBase58 := decodeBase58(s, bitcoinAlphabet)
	var err error
	switch {
	case strings.HasPrefix(lower, "bc1"), strings.HasPrefix(lower, "ltc1"):
		_, _, _, err = decodeSegwit(s)
	case strings.HasPrefix(lower, cashPrefix+":"):
		_, _, _, err = decodeCash(s)
	case strings.HasPrefix(lower, "0x"):
		return "not 40 hexadecimal digits after 0x"
	case isBase58 && (len(b) == 1+hashLength+4 || len(b) == 2+hashLength+4):
		_, err = splitChecksum(b)
	}
	if err == nil {
		return ""
	}
	return err.Error()
}
