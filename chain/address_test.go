package chain

import (
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ why, in, want string }{
		{"EVM, EIP-55 case", "0x8589427373D6D84E98730D7795D8f6f8731FDA16", "0x8589427373d6d84e98730d7795d8f6f8731fda16"},
		{"EVM, capital X", " 0X8589427373D6D84E98730D7795D8F6F8731FDA16 ", "0x8589427373d6d84e98730d7795d8f6f8731fda16"},
		{"39 digits are no EVM address", "0x8589427373D6D84E98730D7795D8f6f8731FDA1", "0x8589427373D6D84E98730D7795D8f6f8731FDA1"},
		{"BIP-173 test vector, upper case", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
		{"BIP-350 test vector, bech32m in upper case", "BC1SW50QGDZ25J", "bc1sw50qgdz25j"},
		{"bech32 with a wrong checksum", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T5"},
		{"bech32 in mixed case", "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "bc1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"},
		{"base58: case is part of the key", "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d", "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d"},
		{"Tron in base58", "TXmV7k6jyEvFgGkrjZfFtTRwfJGbPhTZvN", "TXmV7k6jyEvFgGkrjZfFtTRwfJGbPhTZvN"},
	} {
		got, err := Canonical(c.in)
		if err != nil || got != c.want {
			t.Errorf("%s: Canonical(%q) = %q, %v; want %q", c.why, c.in, got, err, c.want)
		}
	}
	for _, bad := range []string{"", "  ", "0x85 89", "bc1\x00q", "адрес", strings.Repeat("a", MaxAddress+1)} {
		if got, err := Canonical(bad); err == nil {
			t.Errorf("Canonical(%q) = %q, want an error", bad, got)
		}
	}
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{"0x8589427373D6D84E98730D7795D8f6f8731FDA16", "BC1SW50QGDZ25J", "1NpHuti9NSM9fVTXLkvSDU4AnhqGQ5N53d", "1", "\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := Canonical(s)
		if err != nil {
			return
		}
		twice, err := Canonical(once)
		if err != nil || twice != once {
			t.Fatalf("Canonical(%q) = %q, and of that %q, %v", s, once, twice, err)
		}
		if !strings.EqualFold(once, strings.TrimSpace(s)) {
			t.Fatalf("Canonical(%q) = %q is more than a change of case", s, once)
		}
	})
}
