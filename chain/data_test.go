package chain

import (
	"archive/tar"
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ulikunitz/xz"
)

// TestMutations changes one character of each of 100,000 addresses, three times, to
// another of the alphabet the address is written in: checksums must notice.
func TestMutations(t *testing.T) {
	for _, file := range []string{"btc", "bch", "ltc", "zec"} {
		r := rand.New(rand.NewPCG(1, 2))
		changed, refused, told := 0, 0, 0
		for s := range lines(t, filepath.Join(data, "chain/addresses", file+".txt.xz")) {
			alphabet := bitcoinAlphabet
			if a, err := ParseStrict(s); err != nil {
				t.Fatalf("%s: %v", s, err)
			} else if strings.Contains(a.Kind, "bech32") || strings.Contains(a.Kind, "cashaddr") {
				alphabet = bech32Charset
			}
			for range 3 {
				wrong := []byte(s)
				at, to := r.IntN(len(s)), alphabet[r.IntN(len(alphabet))]
				if wrong[at] == to {
					continue
				}
				wrong[at] = to
				changed++
				a, err := ParseStrict(string(wrong))
				if err != nil {
					refused++
				} else {
					t.Logf("%s, made of %s, is read as %+v", wrong, s, a)
				}
				if errors.Is(err, ErrRefused) && !strings.Contains(err.Error(), "not an address known here") {
					told++
				}
			}
		}
		t.Logf("%s: %d changed, %d refused, %d of them with what is wrong", file, changed, refused, told)
		if changed < 70000 || refused*1000 < changed*999 || told*100 < changed*95 {
			t.Errorf("%s: of %d changed addresses %d are refused and %d told what is wrong; want 99.9 %% and 95 %%", file, changed, refused, told)
		}
	}
}

// EIP-55 is a checksum of some 15 bits: about one wrong character in 5,000 escapes it.
// The EVM wallets that OFAC listed with one are changed in each place.
func TestMutationsEIP55(t *testing.T) {
	changed, refused := 0, 0
	for _, r := range readCSV(t, "wallets/ofac_wallets_current.csv") {
		digits, prefixed := cutHex(r[1])
		if !prefixed || digits == strings.ToLower(digits) {
			continue
		}
		for i := range len(digits) {
			for _, c := range []byte("0123456789abcdefABCDEF") {
				if digits[i]|0x20 == c|0x20 && (c < 'A' || digits[i] == c) {
					continue
				}
				changed++
				if _, err := ParseStrict("0x" + digits[:i] + string(c) + digits[i+1:]); err != nil {
					refused++
				}
			}
		}
	}
	t.Logf("%d changed, %d refused", changed, refused)
	if changed < 50000 || refused*1000 < changed*999 {
		t.Errorf("of %d changed addresses %d are refused, want 99.9 %%", changed, refused)
	}
}

func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join(data, name))
	if err != nil {
		t.Skipf("SKIPPED: %s is not here, so nothing is compared with it", filepath.Join(data, name))
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".xz") {
		if r, err = xz.NewReader(bufio.NewReader(f)); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := csv.NewReader(r).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// A feed of 2025 and 2026 puts every address in lower case. What that leaves whole (EVM,
// bech32, cashaddr, hexadecimal) is read; what it destroys (base58) is refused with a
// reason that says so, and never taken for another address.
func TestLowerCasedFeed(t *testing.T) {
	whole, destroyed := map[string]int{}, 0
	for i, r := range readCSV(t, "wallets/ofac_wallet_events_2025_2026.csv.xz") {
		text := r[3]
		a, err := Parse(text)
		if err != nil {
			t.Fatalf("line %d: %v", i+2, err)
		}
		switch {
		case a.Known && a.Fault == "":
			whole[a.Family.String()]++
			if a.Family != EVM && a.Family != UTXO && !strings.HasPrefix(a.Key, "bech32:") || a.Chains[0] == "Tron" {
				t.Errorf("line %d: %s is read as %+v, which lower case cannot leave whole", i+2, text, a)
			}
		case strings.HasPrefix(a.Key, "hex:"):
			whole["32 bytes"]++
		case strings.Contains(a.Fault, "lower case?"):
			destroyed++
			if a.Key != "text:"+text || a.Family != Unknown {
				t.Errorf("line %d: %s has the key %q", i+2, text, a.Key)
			}
		default:
			t.Errorf("line %d: %s: %s, fault %q", i+2, text, a.Kind, a.Fault)
		}
	}
	t.Logf("whole %v, destroyed %d", whole, destroyed)
	if whole["evm"] == 0 || whole["utxo"] == 0 || destroyed == 0 {
		t.Errorf("whole %v, destroyed %d: a feed of another form", whole, destroyed)
	}
}

// Of every base58 address that OFAC listed, its lower-cased spelling is refused with that
// reason.
func TestLowerCasedList(t *testing.T) {
	n := 0
	for _, r := range readCSV(t, "wallets/ofac_wallets_current.csv") {
		a, err := Parse(r[1])
		if err != nil || !strings.Contains(a.Kind, "base58") && a.Family != Monero {
			continue
		}
		n++
		if b, err := ParseStrict(strings.ToLower(r[1])); err == nil || !strings.Contains(err.Error(), "lower case?") {
			t.Errorf("%s in lower case: %+v, %v", r[1], b, err)
		}
	}
	if n < 380 {
		t.Errorf("%d addresses in base58, want more than 380", n)
	}
}

// Labels of other people's making, of many chains. Nearly all is read; what is not are
// addresses of chains not known here, names of accounts (EOS, Telos, Wax), and addresses
// that are broken over lines in the packs.
func TestTagPacks(t *testing.T) {
	path := filepath.Join(data, "wallets/graphsense-tagpacks-subset.tar.xz")
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("SKIPPED: %s is not here, so its labels are not read", path)
	}
	defer f.Close()
	z, err := xz.NewReader(bufio.NewReader(f))
	if err != nil {
		t.Fatal(err)
	}
	field := regexp.MustCompile(`(?m)^\s*-?\s*address: *['"]?([^'"\s#]+)`)
	known, faults, faulty, odd := 0, map[string]int{}, 0, 0
	archive := tar.NewReader(z)
	for {
		h, err := archive.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(h.Name, ".yaml") {
			continue
		}
		b, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range field.FindAllSubmatch(b, -1) {
			a, err := Parse(string(m[1]))
			switch {
			case err != nil:
				t.Errorf("%s: %v", h.Name, err)
			case a.Known && a.Fault == "":
				known++
				fixedPoint(t, a)
			case a.Fault != "":
				faults[a.Fault]++
				faulty++
				t.Logf("%s: %s: %s", h.Name, m[1], a.Fault)
			default:
				odd++
				t.Logf("%s: %s: %s", h.Name, m[1], a.Kind)
			}
		}
	}
	t.Logf("%d known, faults %v, %d of no form known here", known, faults, odd)
	if known < 12000 || odd+faulty > 100 {
		t.Errorf("%d known, %d of no form known here, %d faults: %v", known, odd, faulty, faults)
	}
}
