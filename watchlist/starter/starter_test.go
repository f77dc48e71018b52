package starter

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"sallyport/entity"
	"sallyport/internal/fuzzing"
	"sallyport/watchlist"
)

func day(t *testing.T, s string) time.Time {
	t.Helper()
	d, err := entity.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d.Time()
}

func at(t *testing.T, s string) *watchlist.Edition {
	t.Helper()
	e, err := Edition(day(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func all(t *testing.T) []Designation {
	t.Helper()
	ds, err := Designations()
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// Every entry is whole: parse refuses one without id, name, programme, day or
// source, so that it is enough here that all were read; and the file says what it is.
func TestDesignations(t *testing.T) {
	ds := all(t)
	if len(ds) < 110 {
		t.Errorf("%d designations, want at least 110", len(ds))
	}
	unverified := 0
	for _, d := range ds {
		if d.IDUnverified {
			unverified++
		}
		if d.Kind == entity.Person && len(d.Birth) == 0 {
			t.Errorf("%s %s: a person without a date of birth", d.ID, d.Names[0].Full)
		}
		if d.Kind == entity.Person && (d.Names[0].Given == "" || d.Names[0].Family == "") {
			t.Errorf("%s %s: the primary name of a person is not in its parts", d.ID, d.Names[0].Full)
		}
		for _, c := range d.Nationalities {
			if !countryCode.MatchString(c) {
				t.Errorf("%s: nationality %q: want a code of two letters", d.ID, c)
			}
		}
		for _, p := range d.Places {
			if !countryCode.MatchString(p.Country) {
				t.Errorf("%s: place %s: want a code of two letters", d.ID, p)
			}
		}
		for _, n := range d.Identifiers {
			if len(n.Number) < 3 || n.Type == "" || n.Country != "" && !countryCode.MatchString(n.Country) {
				t.Errorf("%s: identifier %+v", d.ID, n)
			}
		}
	}
	if unverified > 5 {
		t.Errorf("%d entries under an id of our own, want few", unverified)
	}
	if !strings.Contains(designations[:2000], "IT IS NO SUBSTITUTE FOR THE OFFICIAL LIST") {
		t.Error("the file does not say that it is no substitute for the official list")
	}
}

var countryCode = regexp.MustCompile(`^[A-Z]{2}$`)

// A Russian's name is compared in Cyrillic too, so each Russian person has it.
func TestRussiansHaveTheirNamesInCyrillic(t *testing.T) {
	checked := 0
	for _, d := range all(t) {
		if d.Kind != entity.Person || !slices.Contains(d.Nationalities, "RU") {
			continue
		}
		checked++
		i := slices.IndexFunc(d.Names, func(n entity.Name) bool { return n.Kind == entity.Original })
		if i < 0 {
			t.Errorf("%s %s: no original name", d.ID, d.Names[0].Full)
			continue
		}
		for _, r := range d.Names[i].Full {
			if unicode.IsLetter(r) && !unicode.Is(unicode.Cyrillic, r) {
				t.Errorf("%s: original name %q: %q is not Cyrillic", d.ID, d.Names[i].Full, r)
			}
		}
		if latin, own := d.Names[0].Patronymic, d.Names[i].Patronymic; latin != "" && own == "" {
			t.Errorf("%s %s: the original name %q lacks the patronymic", d.ID, d.Names[0].Full, d.Names[i].Full)
		}
	}
	if checked < 60 {
		t.Errorf("only %d Russian persons seen", checked)
	}
}

// Latin names hold no Cyrillic letter that looks like a Latin one, nor the other
// way round: such a name would never be found.
func TestNamesDoNotMixScripts(t *testing.T) {
	for _, d := range all(t) {
		for _, n := range d.Names {
			latin, cyrillic := false, false
			for _, r := range n.Full {
				latin = latin || unicode.Is(unicode.Latin, r)
				cyrillic = cyrillic || unicode.Is(unicode.Cyrillic, r)
			}
			if latin && cyrillic {
				t.Errorf("%s: name %q mixes Latin and Cyrillic letters", d.ID, n.Full)
			}
		}
	}
}

var (
	evm    = regexp.MustCompile(`^0x[0-9a-fA-F]{40}$`)
	segwit = regexp.MustCompile(`^bc1[02-9ac-hj-np-z]{39,59}$`)
	base58 = regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{26,35}$`)
	cash   = regexp.MustCompile(`^q[02-9ac-hj-np-z]{41}$`)
	monero = regexp.MustCompile(`^[48][1-9A-HJ-NP-Za-km-z]{94}$`)
	ripple = regexp.MustCompile(`^r[1-9A-HJ-NP-Za-km-z]{24,34}$`)
	hexID  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// families says what strings OFAC files under a ticker, and how a base58 one
// begins. USDT is filed with addresses of three chains.
var families = map[string]struct {
	evm, segwit, cash bool
	base58            string
}{
	"XBT": {segwit: true, base58: "13"}, "ETH": {evm: true}, "USDC": {evm: true}, "ARB": {evm: true}, "BSC": {evm: true}, "ETC": {evm: true},
	"USDT": {evm: true, base58: "13T"}, "TRX": {base58: "T"}, "LTC": {base58: "LM"}, "BCH": {cash: true, base58: "1"}, "BSV": {base58: "1"},
	"BTG": {base58: "G"}, "DASH": {base58: "X"}, "ZEC": {base58: "t"},
}

// Every wallet looks like an address of its family. A base58 one has its letters
// in the right case: its checksum, four bytes of a double SHA-256, says so.
func TestWallets(t *testing.T) {
	n := 0
	for _, d := range all(t) {
		seen := map[entity.Wallet]bool{}
		for _, w := range d.Wallets {
			for _, a := range w.Addresses {
				n++
				if k := (entity.Wallet{Ticker: w.Ticker, Address: a}); seen[k] {
					t.Errorf("%s: %s %s is given twice", d.ID, w.Ticker, a)
				} else {
					seen[k] = true
				}
				if err := looksRight(w.Ticker, a); err != nil {
					t.Errorf("%s: %s %s: %v", d.ID, w.Ticker, a, err)
				}
			}
		}
	}
	if n < 500 {
		t.Errorf("%d wallets, want more than 500", n)
	}
	// The check itself: a lower-cased Tron address and a Bitcoin address under ETH.
	for _, bad := range []entity.Wallet{
		{Ticker: "TRX", Address: "tecuhdqthtmule8fflUccbppjfxatmjuud"},
		{Ticker: "TRX", Address: "TecuHDQthTmULe8fFLUccBPpjfXaTmJuuD"},
		{Ticker: "XBT", Address: "149w62ry42azbox8fgcmqnsxuzsstkeq8c"},
		{Ticker: "ETH", Address: "149w62rY42aZBox8fGcmqNsXUzSStKeq8C"},
	} {
		if looksRight(bad.Ticker, bad.Address) == nil {
			t.Errorf("%s %s passes", bad.Ticker, bad.Address)
		}
	}
}

func looksRight(ticker, a string) error {
	switch ticker {
	case "XMR": // one of OFAC's three is a string of 64 hex digits, no address
		if !monero.MatchString(a) && !hexID.MatchString(a) {
			return errors.New("not of the family")
		}
		return nil
	case "XRP":
		if !ripple.MatchString(a) {
			return errors.New("not of the family")
		}
		return nil
	}
	f, known := families[ticker]
	switch {
	case !known:
		return errors.New("ticker not known")
	case f.evm && evm.MatchString(a), f.segwit && segwit.MatchString(a), f.cash && cash.MatchString(a):
		return nil
	case !base58.MatchString(a) || !strings.Contains(f.base58, a[:1]):
		return errors.New("not of the family")
	}
	return checksum(a)
}

// checksum checks the last four bytes of a base58check string.
func checksum(a string) error {
	n := new(big.Int)
	for _, c := range a {
		n.Mul(n, big.NewInt(58))
		n.Add(n, big.NewInt(int64(strings.IndexRune("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", c))))
	}
	ones := len(a) - len(strings.TrimLeft(a, "1"))
	b := append(make([]byte, ones), n.Bytes()...)
	if len(b) < 5 {
		return errors.New("too short")
	}
	first := sha256.Sum256(b[:len(b)-4])
	second := sha256.Sum256(first[:])
	if !slices.Equal(second[:4], b[len(b)-4:]) {
		return errors.New("wrong checksum: a letter is wrong or in the wrong case")
	}
	return nil
}

// Who was on the list on which day; the days are those of OFAC's actions.
func TestEditionOfADay(t *testing.T) {
	const (
		suex, garantex, lazarus    = "33151", "36025", "27307"
		tornado, tornadoAgain      = "38499", "39796"
		semenov, putin, kRotenberg = "44718", "35096", "35317"
		khorashadizadeh, grinex    = "26137", "55045"
	)
	for _, c := range []struct {
		id, day string
		want    bool
	}{
		{khorashadizadeh, "2018-11-27", false}, {khorashadizadeh, "2018-11-28", true}, // the first addresses ever listed
		{suex, "2021-09-20", false}, {suex, "2021-09-21", true},
		{putin, "2022-02-24", false}, {putin, "2022-02-25", true},
		{garantex, "2022-04-04", false}, {garantex, "2022-04-05", true}, {garantex, "2026-07-01", true},
		{grinex, "2025-08-13", false}, {grinex, "2025-08-14", true},
		// Tornado Cash: designated 2022-08-08, anew and under a new id 2022-11-08, removed 2025-03-21.
		{tornado, "2022-08-07", false}, {tornado, "2022-08-08", true}, {tornado, "2022-11-07", true}, {tornado, "2022-11-08", false},
		{tornadoAgain, "2022-11-07", false}, {tornadoAgain, "2022-11-08", true}, {tornadoAgain, "2025-03-20", true}, {tornadoAgain, "2025-03-21", false},
		// Roman Semenov: designated 2023-08-23, and still.
		{semenov, "2023-08-22", false}, {semenov, "2023-08-23", true}, {semenov, "2025-03-21", true}, {semenov, "2026-07-01", true},
		{kRotenberg, "2022-03-02", false}, {kRotenberg, "2022-03-03", true}, {kRotenberg, "2025-04-01", true}, {kRotenberg, "2025-04-02", false},
		{lazarus, "2019-09-13", true},
	} {
		if got := at(t, c.day).Find(c.id) != nil; got != c.want {
			t.Errorf("%s on %s: in force is %t, want %t", c.id, c.day, got, c.want)
		}
	}
	if e := at(t, "2025-03-20").Find(tornadoAgain); !e.Removed.IsZero() {
		t.Errorf("on 2025-03-20 the edition knows already that Tornado Cash is removed on %s", e.Removed)
	}
}

// Wallets and programmes come and go within an entry.
func TestEntryOfADay(t *testing.T) {
	for _, c := range []struct {
		id, day    string
		wallets    int
		programmes string
	}{
		// Lazarus Group: the Ronin wallets of 14 and 22 April and 6 May 2022.
		{"27307", "2022-04-13", 0, "DPRK3"}, {"27307", "2022-04-14", 1, "DPRK3"}, {"27307", "2022-04-22", 4, "DPRK3"}, {"27307", "2022-05-06", 8, "DPRK3"},
		// Garantex, designated again with nine more wallets.
		{"36025", "2025-08-13", 3, "RUSSIA-EO14024"}, {"36025", "2025-08-14", 12, "CYBER4 RUSSIA-EO14024"},
		// Igor Sechin, on the list since 2014.
		{"16692", "2022-02-23", 0, "UKRAINE-EO13661"}, {"16692", "2022-02-24", 0, "RUSSIA-EO14024 UKRAINE-EO13661"},
		// Tornado Cash: the second designation has 90 addresses, 53 of them new.
		{"39796", "2022-11-08", 90, "CYBER2 DPRK3"},
		// Sa'id al-Jamal, on the list since 2021.
		{"32171", "2024-12-18", 0, "IFSR SDGT"}, {"32171", "2024-12-19", 5, "IFSR SDGT"},
	} {
		e := at(t, c.day).Find(c.id)
		if e == nil {
			t.Errorf("%s on %s: not in force", c.id, c.day)
			continue
		}
		if got := strings.Join(e.Programmes, " "); len(e.Wallets) != c.wallets || got != c.programmes {
			t.Errorf("%s on %s: %d wallets under %s, want %d under %s", c.id, c.day, len(e.Wallets), got, c.wallets, c.programmes)
		}
	}
}

// The demonstration takes up one edition after another; each must bring persons.
func TestRoundsOfFebruaryAndMarch2022(t *testing.T) {
	for _, c := range []struct {
		from, to string
		persons  int
	}{
		{"2022-02-21", "2022-02-22", 3},
		{"2022-02-22", "2022-02-23", 0},
		{"2022-02-23", "2022-02-24", 6},
		{"2022-02-24", "2022-02-25", 4},
		{"2022-02-23", "2022-03-11", 44},
	} {
		d := watchlist.Diff(at(t, c.from), at(t, c.to))
		persons := 0
		for _, e := range d.Added {
			if e.Kind == entity.Person {
				persons++
			}
		}
		if persons != c.persons || len(d.Removed) != 0 {
			t.Errorf("%s to %s: %d persons added and %d entries removed, want %d and none", c.from, c.to, persons, len(d.Removed), c.persons)
		}
	}
}

func TestCounts(t *testing.T) {
	for _, c := range []struct {
		day              string
		entries, wallets int
	}{
		{"2018-11-28", 15, 2},
		{"2022-02-24", 43, 140},
		{"2022-03-11", 81, 140},
		{"2024-05-01", 112, 474},
		{"2026-08-01", 137, 433},
	} {
		e := at(t, c.day)
		if len(e.Entities) != c.entries || e.Wallets() != c.wallets {
			t.Errorf("%s: %d entries, %d wallets; want %d and %d", c.day, len(e.Entities), e.Wallets(), c.entries, c.wallets)
		}
	}
}

func TestEditionSaysWhatItIs(t *testing.T) {
	noon := time.Date(2022, 2, 24, 23, 59, 0, 0, time.FixedZone("Honolulu", -10*3600)) // 25 February in UTC
	e, err := Edition(noon)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Starter || e.List != "us-sdn" || e.Publisher != "OFAC (starter selection)" || !e.Published.Equal(day(t, "2022-02-25")) {
		t.Errorf("starter %t, list %q, publisher %q, published %s", e.Starter, e.List, e.Publisher, e.Published)
	}
	if !slices.IsSortedFunc(e.Entities, func(a, b entity.Entity) int { return watchlist.CompareIDs(a.ID, b.ID) }) {
		t.Error("the entities are not in the order of their ids")
	}
	if _, err := Edition(day(t, "2014-03-19")); !errors.Is(err, watchlist.ErrEmpty) {
		t.Errorf("before the first listing: %v, want an error that it is empty", err)
	}
}

func TestHashIsWhatSha256sumPrints(t *testing.T) {
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	want := sum(sum("2022-02-24\n") + "  as-of.txt\n" + sum(designations) + "  designations.yaml\n")
	if got := at(t, "2022-02-24").SHA256; got != want {
		t.Errorf("hash %s, want %s", got, want)
	}
	if at(t, "2022-02-24").SHA256 == at(t, "2022-02-25").SHA256 {
		t.Error("two days have one hash")
	}
}

// A store takes up starter editions one after another and reads them again.
func TestStoreTakesItUp(t *testing.T) {
	s, err := watchlist.OpenStore(t.TempDir(), watchlist.Formats{Format()})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{"2022-02-24", "2022-02-25"} {
		out, err := s.Offer(Format(), Files(day(t, d)), watchlist.Intake{At: day(t, d), By: "test", MaxLossBP: watchlist.DefaultMaxLossBP})
		if err != nil || out.Verdict != watchlist.Accepted {
			t.Fatalf("%s: %+v, %v", d, out, err)
		}
	}
	e, err := s.Current(List)
	if err != nil {
		t.Fatal(err)
	}
	if !e.Starter || e.SHA256 != at(t, "2022-02-25").SHA256 || e.Find("35096") == nil {
		t.Errorf("in force is %s with %d entries, starter %t", e.SHA256, len(e.Entities), e.Starter)
	}
}

const whole = `designations:
  - id: "1"
    kind: person
    names: [{given: Ivan, family: Petrov}, {kind: alias, full: Vanya, weak: true}]
    birth: ["circa 1979"]
    programmes: [CYBER2]
    listed: 2020-01-02
    wallets: [{ticker: XBT, addresses: [149w62rY42aZBox8fGcmqNsXUzSStKeq8C]}]
    source: OFAC recent actions 2020-01-02
`

// Each slip of the pen is an error that names the entry.
func TestParseRefuses(t *testing.T) {
	if _, err := parse([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ old, new, want string }{
		{"birth:", "brith:", "brith"},
		{"programmes: [CYBER2]", "programmes: []", "no programme"},
		{"listed: 2020-01-02", "listed: 2020-02-31", "2020-02-31"},
		{"    listed: 2020-01-02\n", "", "no day of listing"},
		{"listed: 2020-01-02", "listed: 2020-01-02\n    removed: 2020-01-02", "removed on 2020-01-02"},
		{"listed: 2020-01-02", "listed: 2020-01-02\n    redesignated: [{on: 2020-01-01, programmes: [X]}]", "redesignated on 2020-01-01"},
		{`id: "1"`, "id: starter-01", "id_unverified"},
		{`id: "1"`, "id: \"1\"\n    id_unverified: true", "id_unverified"},
		{"kind: person", "kind: vessel", "kind"},
		{"kind: person", "kind: wizard", "wizard"},
		{"kind: alias", "kind: primary", "primary"},
		{"{given: Ivan, family: Petrov}", "{weak: true}", "empty"},
		{"ticker: XBT, ", "", "ticker"},
		{"addresses:", "listed: 2019-12-31, addresses:", "2019-12-31"},
		{"    source: OFAC recent actions 2020-01-02\n", "", "no source"},
		{"source: OFAC recent actions 2020-01-02\n", "source: a\n---\nsource: b\n", "more than one document"},
	} {
		text := strings.Replace(whole, c.old, c.new, 1)
		if text == whole {
			t.Fatalf("%q is not in the text", c.old)
		}
		if _, err := parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: error %v, want one with %q", c.new, c.old, err, c.want)
		}
	}
	twice := whole + strings.TrimPrefix(whole, "designations:\n")
	if _, err := parse([]byte(twice)); err == nil || !strings.Contains(err.Error(), "given before") {
		t.Errorf("an id given twice: %v", err)
	}
}

// Files that a store gives back may have been damaged: no panic, and what is read
// is whole.
func FuzzEdition(f *testing.F) {
	fuzzing.Bound(f)
	f.Add([]byte("2022-02-24\n"), []byte(whole))
	f.Add([]byte("2022-02-24"), []byte(strings.Replace(whole, "2020-01-02", "2023-01-02", 1)))
	f.Add([]byte(""), []byte("designations: [{id: 1}]"))
	f.Add([]byte("0001-01-01\n"), []byte("designations: &a [*a]"))
	f.Fuzz(func(t *testing.T, asOf, data []byte) {
		e, err := edition([]watchlist.File{{Name: AsOfName, Data: asOf}, {Name: DesignationsName, Data: data}})
		if err != nil {
			return
		}
		for _, x := range e.Entities {
			if x.ID == "" || x.PrimaryName() == "" || len(x.Programmes) == 0 || x.Listed.Time().After(e.Published) {
				t.Errorf("read as whole: %+v", x)
			}
		}
	})
}
