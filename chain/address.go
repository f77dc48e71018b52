// Package chain knows blockchain addresses as they are written.
//
// An address is read into the bytes it stands for, and addresses are compared by
// these: one key has many spellings. The same twenty bytes are an account of every
// EVM chain and, in base58, of Tron; the same hash of a public key is an address of
// Bitcoin in base58 and in bech32, of Bitcoin Cash in cashaddr, and of Litecoin,
// Dash, Dogecoin and Zcash. [Parse] reads, [ParseStrict] refuses what is not whole,
// [Canonical] gives the text to compare, [Same] says how sure an agreement is and
// [Table] finds the listed addresses that agree with one that is asked for.
//
// Read are hexadecimal EVM and Tron addresses with their EIP-55 checksum, and ICAP;
// base58check of the Bitcoin family, Tron and the XRP Ledger (destination tags and the
// X-addresses of XLS-5 too); bech32 and bech32m (BIP-173, BIP-350); cashaddr;
// Litecoin's MWEB; Zcash's transparent, Sapling, TEX (ZIP-320) and unified addresses
// (ZIP-316); Stellar's strkeys (SEP-23), with a memo and without; Monero's three kinds;
// Solana's base58; a public key, of which the accounts are computed. The form decides,
// never a ticker: [Address.Fits] only says whether the two agree. Everything else is
// compared as it is written, and Parse refuses no text for being of a chain that is not
// known here.
//
// It proves of no address that it exists. Two things no address tells: a Monero
// subaddress cannot be linked to its account without the view key, and a public key,
// which gives its accounts on all chains and the taproot address too, is not in a hash of
// it: who asks with the public key, as it is seen when something is spent, finds them.
// TestVectors and TestUnified hold the codecs to the vectors of their specifications,
// TestGolden to the wallets OFAC listed, TestMutations to changing each of 100,000
// addresses, TestGradeOfEachSpelling each spelling to how sure it is.
package chain

import (
	"errors"
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
	Stellar
	Zcash // its shielded and unified addresses; the transparent ones are UTXO
)

var familyNames = [...]string{"unknown", "evm", "utxo", "xrp", "solana", "monero", "stellar", "zcash"}

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

	// Tag is which of an account's users is meant: the XRP Ledger's destination tag and
	// the id of a muxed Stellar account in decimals, a Stellar memo as it is written, the
	// payment id of an integrated Monero address in hexadecimal digits. "" where the
	// address has none.
	Tag string

	// Related are keys, in the form of Key, that are computed from this one or lie
	// within it: the nested witness program (P2SH-P2WPKH, P2SH-P2WSH) of a key or a
	// script, the receivers of a unified Zcash address, of a public key its accounts.
	Related []string

	// Known says that the text has a form that is known here, with its checksum where
	// the form has one.
	Known bool

	// Fault is what is wrong with the text, or "". Where Known is false it keeps the
	// text from being the address it resembles; where Known is true the address can be
	// read and yet nobody should send to it (a wrong EIP-55 checksum).
	Fault string
}

// Parse reads an address to compare it. An empty text, one longer than [MaxAddress],
// and one with a space, a control character or anything outside ASCII in it is an
// error, after characters that cannot be seen and the space around are taken away.
// Whatever else is not known is an Address of the Unknown family.
//
// A payment link ("bitcoin:…?amount=1", BIP-21; "ethereum:…@1", ERC-681; "arb1:0x…",
// ERC-3770; "web+stellar:pay?destination=…", SEP-7) is read as the address in it. An XRP
// account may be followed by its destination tag, one of Stellar by a memo: "r…?dt=7",
// "r…:7", "r… 7".
func Parse(address string) (Address, error) {
	s, err := clean(address)
	if err != nil {
		return Address{}, err
	}
	a := parse(withoutScheme(s))
	a.Text = s
	return a, nil
}

// ErrRefused is wrapped by the errors of [ParseStrict] about a text that can be read and
// is no whole address.
var ErrRefused = errors.New("chain: address refused")

// ParseStrict reads an address that somebody asks to send to. On top of what [Parse]
// refuses, everything with a Fault (a wrong checksum, letters of both cases in bech32,
// a test network) and everything that is of no form known here is an error that wraps
// [ErrRefused] and says why. Lists are read with Parse: what an authority wrote is
// compared, and warned of.
func ParseStrict(address string) (Address, error) {
	a, err := Parse(address)
	switch {
	case err != nil:
		return Address{}, err
	case a.Fault != "":
		return Address{}, fmt.Errorf("%w: %s", ErrRefused, a.Fault)
	case !a.Known:
		return Address{}, fmt.Errorf("%w: %s", ErrRefused, a.Kind)
	}
	return a, nil
}

// readers read one form each and report whether s is of it. What has a checksum comes
// before what has none.
func readers() []func(string) (Address, bool) {
	return []func(string) (Address, bool){
		ours, hexadecimal, publicKey, monero, base58Check, ripple, stellar, witness, litecoinMWEB, shielded, cash, icap, solana, bech32Other,
	}
}

func parse(s string) Address {
	for _, read := range readers() {
		if a, ok := read(s); ok {
			return a
		}
	}
	return opaque(s, "not an address known here", fault(s))
}

// Canonical gives the text under which an address is compared: "evm:" and 40
// hexadecimal digits; "utxo-pkh:", "utxo-sh:", "segwit0:", "taproot:", "mweb:", "xrp:",
// "sol:", "xlm:", "xmr:", "xmr-sub:", "zec-sapling:", "zec-unified:" and theirs; "pubkey:"
// and the 66 digits of a public key; "hex:"
// and the 64 digits of what is a key, a payment id or a hash; "bech32:" and the text in
// lower case for a prefix that is not known here; and "text:" and the text itself for
// everything else. It is for comparing in one run of one program: show and store the
// address as written. Errors are those of [Parse].
func Canonical(address string) (string, error) {
	a, err := Parse(address)
	return a.Key, err
}

// A Grade says how sure it is that an address is one that is listed.
type Grade uint8

// The grades, the least sure first. Forms that are of several chains ("1…" is Bitcoin
// and Bitcoin Cash) count as of each of them. Only SameKey is identity: with every other
// but Different a person has a look.
const (
	Different  Grade = iota
	OtherTag         // one account, of which the list names another user: an exchange's customers share one
	Derived          // the one is computed from the other or lies within it; see [Address.Related]
	OtherChain       // one key or script, on chains that differ
	SameKey          // one key or script on one chain, in whatever spelling
)

var gradeNames = [...]string{"different", "same account, another tag", "derived from the same key", "same key on another chain", "same"}

func (g Grade) String() string { return gradeNames[min(int(g), len(gradeNames)-1)] }

// MarshalText writes the grade's name.
func (g Grade) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// Same grades the agreement of an address with a listed one; both are from [Parse]. It
// is symmetric but for tags: an account that is listed without one is listed with all
// of them, and one listed with a tag is that user's and nobody else's.
func Same(asked, listed Address) Grade {
	switch {
	case asked.Key == "" || listed.Key == "":
		return Different
	case asked.Key != listed.Key:
		if related(asked, listed) {
			return Derived
		}
		return Different
	case listed.Tag != "" && asked.Tag != listed.Tag:
		return OtherTag
	case len(asked.Chains) == 0 && len(listed.Chains) == 0:
		return SameKey
	case slices.ContainsFunc(asked.Chains, func(c string) bool { return slices.Contains(listed.Chains, c) }):
		return SameKey
	}
	return OtherChain
}

func related(a, b Address) bool {
	return slices.Contains(a.Related, b.Key) || slices.Contains(b.Related, a.Key) ||
		slices.ContainsFunc(a.Related, func(k string) bool { return slices.Contains(b.Related, k) })
}

func opaque(s, kind, fault string) Address {
	return Address{Kind: kind, Key: "text:" + s, Spelling: s, Fault: fault}
}

// ours reads the addresses of the stand-in chain (package memory).
func ours(s string) (Address, bool) {
	return Address{Kind: "address of the chain in memory", Key: s, Spelling: s, Known: true}, strings.HasPrefix(s, "mem1")
}

// schemes begin the links in which addresses are passed on. "bitcoincash" and its like
// are parts of a cashaddr instead.
const schemes = " bitcoin litecoin dogecoin dash zcash monero bitcoingold bitcoinsv ethereum tron solana ripple xrpl stellar " +
	"eth arb1 arbitrum bnb bsc matic polygon oeth optimism base avax etc gno ftm "

// cutUser finds an account that is followed by which of its users is meant: a destination
// tag of the XRP Ledger, a memo of Stellar.
func cutUser(s string) (string, bool) {
	if tagged, ok := cutTag(s); ok {
		return tagged, true
	}
	return cutMemo(s)
}

// withoutScheme gives the address in a payment link, and any other text as it is.
func withoutScheme(s string) string {
	scheme, rest, ok := strings.Cut(s, ":")
	if !ok || !strings.Contains(schemes, " "+strings.ToLower(scheme)+" ") {
		return s
	}
	rest = strings.TrimPrefix(strings.TrimPrefix(rest, "//"), "pay-")
	if tagged, ok := cutUser(rest); ok {
		return tagged
	}
	if i := strings.IndexAny(rest, "?@/"); i >= 0 {
		rest = rest[:i]
	}
	if rest == "" {
		return s
	}
	return rest
}
