package geo

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ulikunitz/xz"
	"pgregory.net/rapid"

	"sallyport/geo/mmdbtest"
	"sallyport/internal/fuzzing"
)

var (
	someCountries = mmdbtest.Database{
		"5.160.0.0/20":    {"country_code": "IR"},
		"2.59.48.0/22":    {"country": map[string]any{"iso_code": "RU"}},
		"37.19.0.0/16":    {"country": "UA"},
		"51.15.0.0/16":    {"country_code": "FR"},
		"91.0.0.0/16":     {"country_code": "AP"}, // a region, no country
		"2a02:6b8::/32":   {"country_code": "RU"},
		"8.8.8.0/24":      {"country_code": "US"},
		"212.42.64.0/24":  {"country_code": "UA"},
		"176.104.32.0/24": {"country_code": "RU"},
	}
	someCities = mmdbtest.Database{
		"37.19.1.0/24":   {"country": map[string]any{"iso_code": "UA"}, "city": map[string]any{"names": map[string]any{"en": "Kyiv"}}, "subdivisions": []any{map[string]any{"iso_code": "30", "names": map[string]any{"en": "Kyiv City"}}}},
		"37.19.2.0/24":   {"country": map[string]any{"iso_code": "UA"}, "subdivisions": []any{map[string]any{"iso_code": "43", "names": map[string]any{"en": "Crimea"}}}},
		"37.19.3.0/24":   {"country_code": "UA", "city": "Sevastopol", "state1": "Sevastopol City"},
		"37.19.4.0/24":   {"country_code": "UA", "city": "Melitopol", "state1": "Zaporizhzhia"},
		"37.19.5.0/24":   {"country_code": "UA", "state1": "Donetsk"},
		"37.19.6.0/24":   {"country_code": "RU", "city": "Yalta"},
		"2.59.49.0/24":   {"country_code": "RU", "city": "Sevastopol"},
		"5.160.1.0/24":   {"country_code": "TR", "city": "Istanbul"},
		"212.42.64.0/24": {"country_code": "RU", "city": "Moscow", "state1": "Moscow"},
	}
	someASN = "start,end,asn,as_org\n" +
		"2.59.48.0,2.59.51.255,201776,Miranda-Media Ltd\n" +
		"37.19.0.0/17,AS15895,Kyivstar\n" +
		"37.19.128.0/24,35816,Lancom\n" +
		"51.15.0.0/16,12876,\"Scaleway \"\"SAS\"\"\"\n" +
		"51.15.7.0/24,201776,Miranda-Media Ltd\n" +
		"2a02:6b8::,2a02:6b8::ffff,201776,Miranda-Media Ltd\n"
	someRelays = "# bought from a vendor\n8.8.8.8\n5.160.2.0/24 \n37.19.1.7 - 37.19.1.9\n"
)

func some(t testing.TB, what string) *Networks {
	t.Helper()
	var n Networks
	for _, s := range []struct {
		name string
		read func([]byte) error
		data []byte
	}{
		{"country", n.ReadCountry, someCountries.Bytes(6)},
		{"city", n.ReadCity, someCities.Bytes(6)},
		{"asn", n.ReadASN, []byte(someASN)},
		{"relays", n.ReadRelays, []byte(someRelays)},
	} {
		if !strings.Contains(what, s.name) {
			continue
		}
		if err := s.read(s.data); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	return &n
}

func TestNetworks(t *testing.T) {
	const relay = "relay"
	for _, c := range []struct {
		sources, address, country, area string
	}{
		{"", "5.160.0.1", "", ""},
		{"country", "5.160.0.1", "IR", ""},
		{"country", "::ffff:5.160.0.1", "IR", ""},
		{"country", "64:ff9b::5.160.0.1", "IR", ""}, // through a translator (RFC 6052)
		{"country", "2002:5a0:1::1", "IR", ""},      // 6to4 of 5.160.0.1
		{"country", "2001:0:5a0:1::1", relay, ""},   // Teredo
		{"country", "9.9.9.9", "", ""},
		{"country", "91.0.0.1", "", ""},
		{"country", "127.0.0.1", "", ""},
		{"country", "10.1.2.3", "", ""},
		{"country", "100.64.0.1", "", ""},
		{"country", "fe80::1%eth0", "", ""},
		{"country", "2a02:6b8::1", "RU", unclear},
		{"country", "37.19.0.1", "UA", unclear}, // no AS known: it may be Crimea's
		{"country", "2.59.48.1", "RU", unclear},
		{"country asn", "2.59.48.1", "UA", "UA-43"}, // Miranda-Media, written as Russia
		{"country asn", "2a02:6b8::1", "UA", "UA-43"},
		{"country asn", "37.19.0.1", "UA", ""}, // Kyivstar
		{"country asn", "37.19.128.1", "UA", unclear},
		{"asn", "37.19.128.1", "UA", unclear},
		{"asn", "2.59.48.1", "UA", "UA-43"},
		{"country asn", "51.15.0.1", relay, ""},
		{"country asn", "51.15.7.1", "UA", "UA-43"}, // the narrower range holds
		{"country", "51.15.0.1", "FR", ""},

		{"country city asn", "2.59.49.1", "UA", "UA-40"}, // of Miranda-Media's, the city says which
		{"country city asn", "37.19.1.1", "UA", ""},      // Kyiv
		{"country city", "37.19.1.1", "UA", unclear},     // where databases put what they cannot place
		{"country city asn", "37.19.2.1", "UA", "UA-43"}, // by its subdivision
		{"city", "37.19.3.1", "UA", "UA-40"},             // by its town
		{"city", "37.19.4.1", "UA", "UA-ZAP"},            // Melitopol, on the day
		{"city asn", "37.19.5.1", "UA", unclear},         // Donetsk oblast, no town
		{"country city asn", "37.19.6.1", "UA", "UA-43"}, // Yalta, whichever country is said
		{"country city", "5.160.1.1", "", ""},            // Iran or Turkey
		{"country city asn", "212.42.64.1", "", ""},      // Ukraine or Russia
		{"country city relays", "37.19.1.8", relay, ""},  // of a list of relays
		{"country relays", "5.160.2.1", relay, ""},       // no country, not even that one
		{"country relays", "8.8.8.8", relay, ""},         // one address
		{"country relays", "8.8.8.9", "US", ""},          // and not its neighbour
		{"country relays asn", "37.19.1.10", "UA", ""},   // after the last of a range
		{"country city asn", "176.104.32.1", "RU", "?"},  // no AS in the source
		{"asn relays country", "2.59.49.1", "UA", "UA-43"},
	} {
		l := some(t, c.sources).Locate(netip.MustParseAddr(c.address), on(t, "2023-01-01"))
		country, area := l.Country, l.Area
		if l.Relay {
			country = relay
		}
		if l.Ambiguous {
			area = unclear
		}
		if country != c.country || area != c.area || l.Relay && (l.Country != "" || l.Area != "") || l.Ambiguous && l.Area != "" {
			t.Errorf("%s by %s: %q %q, want %q %q: %q", c.address, c.sources, country, area, c.country, c.area, l.Why)
		}
		if len(l.Why) == 0 || l.Known() != (c.country != "") {
			t.Errorf("%s by %s: known %v, why %q", c.address, c.sources, l.Known(), l.Why)
		}
	}
}

// An operator counts from its day on, and at no day in particular always.
func TestOperatorsHaveDays(t *testing.T) {
	n := some(t, "country asn")
	a := netip.MustParseAddr("2.59.48.1")
	if l := n.Locate(a, on(t, "2014-07-15")); l.Country != "RU" || l.Area != "" {
		t.Errorf("before: %+v", l)
	}
	if l := n.Locate(a, on(t, "2014-07-16")); l.Area != "UA-43" {
		t.Errorf("from the day on: %+v", l)
	}
	if l := n.Locate(a, time.Time{}); l.Area != "UA-43" {
		t.Errorf("at no day: %+v", l)
	}
}

// A list of anonymous addresses comes as an MMDB file too, as do numbers of AS.
func TestDatabasesOfOtherKinds(t *testing.T) {
	var n Networks
	asn := mmdbtest.Database{
		"2.59.48.0/22": {"autonomous_system_number": uint32(201776), "autonomous_system_organization": "Miranda-Media Ltd"},
		"5.1.0.0/16":   {"asn": "AS28761", "as_name": "CrimeaCom"},
	}
	if err := n.ReadASN(asn.Bytes(4)); err != nil {
		t.Fatal(err)
	}
	relays := mmdbtest.Database{
		"9.1.0.0/16": {"is_anonymous": true, "is_tor_exit_node": true},
		"9.2.0.0/16": {"traits": map[string]any{"is_hosting_provider": true}},
		"9.3.0.0/16": {"is_anonymous": false},
	}
	if err := n.ReadRelays(relays.Bytes(4)); err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{"2.59.48.1": "UA-43", "5.1.1.1": "UA-43", "9.1.0.1": "relay", "9.2.0.1": "relay", "9.3.0.1": "", "2a02::1": ""} {
		l := n.Locate(netip.MustParseAddr(address), on(t, "2023-01-01"))
		if got := l.Code(); l.Relay != (want == "relay") || got != strings.TrimPrefix(want, "relay") {
			t.Errorf("%s: %+v, want %s", address, l, want)
		}
	}
}

func TestNetworksRefuse(t *testing.T) {
	var n Networks
	for _, c := range []struct {
		read func([]byte) error
		data string
		want string
	}{
		{n.ReadCountry, "", "empty"},
		{n.ReadCountry, "hello", "no MMDB file"},
		{n.ReadCountry, "\x1f\x8bpacked", "unpack it"},
		{n.ReadCountry, string(mmdbtest.Database{"5.1.0.0/16": {"asn": "AS1"}}.Bytes(4)), "none of its 1 records has a country's code; is it the right file?"},
		{n.ReadCity, string(someCountries.Bytes(6)), "is it a database of countries?"},
		{n.ReadASN, string(someCountries.Bytes(6)), "has an AS number"},
		{n.ReadRelays, string(someCountries.Bytes(6)), "has a mark of a relay"},
		{n.ReadASN, "", "empty"},
		{n.ReadASN, "# nothing\n", "no range of addresses in it"},
		{n.ReadASN, "1.0.0.0/24\n", "line 1: no AS number"},
		{n.ReadASN, "network,asn\n1.0.0.0/24,AS\n", "line 2: AS number \"AS\""},
		{n.ReadASN, "1.0.0.9,1.0.0.1,5\n", "no range of addresses"},
		{n.ReadASN, "1.0.0.9,2001:db8::,5\n", "no range of addresses"},
		{n.ReadASN, "1.0.0.9-x,5\n", "an address after the dash"},
		{n.ReadASN, "1.0.0.0/24,5,\"x\n", "line"},
		{n.ReadRelays, "1.0.0.0/24\nnot one\n", "line 2: \"not one\": want a prefix such as"},
		{n.ReadRelays, "1.0.0.256\n", "want a prefix"},
		{n.ReadRelays, "a\x00b", "neither an MMDB file nor text"},
	} {
		err := c.read([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.30q: error %v, want one with %q", c.data, err, c.want)
		}
	}
	if l := n.Locate(netip.MustParseAddr("5.1.1.1"), on(t, "2023-01-01")); l.Known() {
		t.Errorf("a file that was refused tells of places: %+v", l)
	}
}

// A damaged file gives an error or a database, and never a panic, wherever it was cut or
// whichever bit was flipped. It cannot give an error for each: MMDB has no checksum.
func TestDamagedDatabases(t *testing.T) {
	whole := someCities.Bytes(6)
	at, inside, other := on(t, "2023-01-01"), netip.MustParseAddr("37.19.1.1"), netip.MustParseAddr("2a02:6b8::1")
	read := func(data []byte) error {
		var n Networks
		err := n.ReadCity(data)
		n.Locate(inside, at)
		n.Locate(other, at)
		return err
	}
	for cut := range len(whole) {
		if read(whole[:cut]) == nil {
			t.Fatalf("cut after %d of %d bytes, and no error", cut, len(whole))
		}
	}
	errs := 0
	for bit := range len(whole) * 8 {
		flipped := bytes.Clone(whole)
		flipped[bit/8] ^= 1 << (bit % 8)
		if read(flipped) != nil {
			errs++
		}
	}
	t.Logf("%d of %d flipped bits told by an error", errs, len(whole)*8)
	if errs == 0 {
		t.Error("no flipped bit was ever told")
	}
}

// A tree whose branches meet again has more networks than bytes; it is told, and at once.
func TestTreeInCircles(t *testing.T) {
	data := mmdbtest.Database{"0.0.0.0/32": {"country_code": "IR"}}.Bytes(4)
	for node := range 32 {
		copy(data[node*6+3:], data[node*6:node*6+3]) // the right branch goes where the left does
	}
	var n Networks
	if err := n.ReadCountry(data); err == nil || !strings.Contains(err.Error(), "more networks than its tree can have") {
		t.Errorf("error %v", err)
	}
}

// The ranges agree with a look through all spans for the narrowest that has the address.
func TestRangesAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		byteAddr := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{255, 255, 255, byte(n)}) }
		type pair struct{ from, to int }
		pairs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) pair {
			from := rapid.IntRange(200, 255).Draw(t, "from")
			// Nested or apart, as prefixes are: of spans that cross, which is narrower says nothing.
			size := 1 << rapid.IntRange(0, 5).Draw(t, "size")
			from -= from % size
			return pair{from, from + size - 1}
		}), 0, 12).Draw(t, "spans")
		var spans []addressSpan[pair]
		for _, p := range pairs {
			spans = append(spans, addressSpan[pair]{byteAddr(p.from), byteAddr(p.to), p})
		}
		r := newRanges(spans)
		for n := 180; n < 256; n++ {
			var want pair
			known := false
			for _, p := range pairs {
				if p.from <= n && n <= p.to && (!known || p.to-p.from < want.to-want.from) {
					want, known = p, true
				}
			}
			if got, ok := r.find(byteAddr(n)); ok != known || got != want {
				t.Fatalf("%d: %v %v, want %v %v", n, got, ok, want, known)
			}
		}
		if !slices.IsSortedFunc(r, func(a, b addressSpan[pair]) int { return a.to.Compare(b.from) }) {
			t.Fatalf("out of order or overlapping: %v", r)
		}
	})
}

const realData = "../../shared/data/geo"

// realFile reads a file of the data that lie beside the repository, or skips.
func realFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(realData, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("SKIPPED: no %s beside the repository; networks were not tried on real ranges", name)
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestNetworksOnRealData says how many ranges of operators in Crimea and Donbas land in
// their area: by a database of countries alone, and with the AS known.
func TestNetworksOnRealData(t *testing.T) {
	packed := realFile(t, "geo-whois-asn-country-ipv4_2026-06-17.mmdb.xz")
	ranges := realFile(t, "asn_ranges_crimea_donetsk_luhansk_operators.csv")
	x, err := xz.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var unpacked bytes.Buffer
	if _, err := unpacked.ReadFrom(x); err != nil {
		t.Fatal(err)
	}
	var alone, both Networks
	started := time.Now()
	if err := alone.ReadCountry(unpacked.Bytes()); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes read in %v", unpacked.Len(), time.Since(started).Round(time.Millisecond))
	both.country = alone.country
	if err := both.ReadASN(ranges); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(ranges)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := on(t, "2026-06-17")
	// By hand, of the operators' own names: the areas of the AS in the file.
	areaOf := map[string]string{"201776": "UA-43", "47203": "UA-43", "28761": "UA-43", "8654": "UA-43", "56587": "UA-43", "44139": "UA-43", "198899": "UA-43",
		"59833": "UA-40", "59687": "UA-43", "202279": "UA-DNR", "206810": "UA-DNR", "39089": "UA-DNR", "214697": "UA-DNR", "20590": "UA-DNR", "42702": "UA-DNR", "52213": "UA-DNR",
		"208890": "UA-LNR", "29031": "UA-LNR"}
	byCountry, byAS, total := 0, 0, 0
	said := map[string]int{}
	for _, row := range rows[1:] {
		total++
		for i, address := range row[:2] { // first and last
			a := netip.MustParseAddr(address)
			l := alone.Locate(a, at)
			if l.Area == areaOf[row[2]] && i == 0 {
				byCountry++
			}
			if l.Country == "UA" || l.Country == "RU" {
				if l.Area != "" || !l.Ambiguous {
					t.Errorf("%s: %+v by the country alone: want an open area", a, l)
				}
			}
			if i == 0 {
				said[l.Country]++
			}
			if l := both.Locate(a, at); l.Area != areaOf[row[2]] || l.Country != "UA" {
				t.Errorf("%s of AS%s: %q %q, want %q: %q", a, row[2], l.Country, l.Area, areaOf[row[2]], l.Why)
			} else if i == 0 {
				byAS++
			}
		}
	}
	t.Logf("of %d ranges land in their area: %d by the country database alone (which says %v), %d with the AS table", total, byCountry, said, byAS)
	if total != 110 || byCountry != 0 || byAS != total {
		t.Errorf("of %d ranges %d and %d in their area, want 0 and all of 110", total, byCountry, byAS)
	}
	for address, want := range map[string]string{"5.160.0.1": "IR", "2.144.0.1": "IR", "175.45.176.1": "KP", "152.206.0.1": "CU", "8.8.8.8": "US"} {
		if l := both.Locate(netip.MustParseAddr(address), at); l.Country != want || l.Ambiguous {
			t.Errorf("%s: %+v, want %s", address, l, want)
		}
	}

	// A megabyte of the real file, damaged in places drawn from a fixed row of numbers.
	for i := range 60 {
		damaged := bytes.Clone(unpacked.Bytes())
		for j := range 1 + i%4 {
			damaged[(i*7919+j*104729)*131%len(damaged)] ^= 1 << (i % 8)
		}
		if i%3 == 0 {
			damaged = damaged[:len(damaged)*(i+1)/61]
		}
		var n Networks
		if n.ReadCountry(damaged) == nil {
			for last := range 256 {
				n.Locate(netip.AddrFrom4([4]byte{byte(last), byte(i), 1, 1}), at)
			}
		}
	}
}

func TestOperatorsAreConsistent(t *testing.T) {
	table, err := operators()
	if err != nil {
		t.Fatal(err)
	}
	for as, o := range table.areas {
		if _, err := time.Parse("2006-01", o.Seen); err != nil {
			t.Errorf("AS%d: seen %q: want a month such as 2026-06", as, o.Seen)
		}
	}
	if len(table.areas) < 17 || len(table.hosting) < 10 || table.version == "" {
		t.Errorf("%d operators, %d hosters, version %q", len(table.areas), len(table.hosting), table.version)
	}
	for _, c := range []struct{ data, want string }{
		{"version: x\noperators: [{as: 1, name: x, area: UA-14, seen: 2026-06}]", "want a number, a name, an area"},
		{"version: x\noperators: [{as: 1, name: x, area: UA-43, seen: 2026-06}, {as: 1, name: x, area: UA-43, seen: 2026-06}]", "AS1 twice"},
		{"version: x\nhosting: [{as: 1, name: x}, {as: 1, name: y}]", "not there yet"},
		{"version: x\nmore: 1", "not found"},
	} {
		if _, err := parseOperators([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one with %q", c.data, err, c.want)
		}
	}
}

func FuzzDatabase(f *testing.F) {
	f.Add(someCities.Bytes(6), "37.19.1.1")
	f.Add(someCountries.Bytes(4), "5.160.0.1")
	f.Add(mmdbtest.Database{"2.0.0.0/8": {"asn": "AS201776"}}.Bytes(6), "2.1.1.1")
	at := on(f, "2023-01-01")
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, data []byte, address string) {
		var n Networks
		for _, read := range []func([]byte) error{n.ReadCountry, n.ReadCity, n.ReadASN, n.ReadRelays} {
			_ = read(data)
		}
		a, err := netip.ParseAddr(address)
		if err != nil {
			return
		}
		checkLocated(t, n.Locate(a, at))
	})
}

func FuzzRanges(f *testing.F) {
	f.Add([]byte(someASN), "2.59.48.1")
	f.Add([]byte(someRelays), "8.8.8.8")
	f.Add([]byte("::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,28761\n0.0.0.0/0,1\n"), "::1")
	at := on(f, "2023-01-01")
	fuzzing.Bound(f)
	f.Fuzz(func(t *testing.T, data []byte, address string) {
		var n Networks
		_, _ = n.ReadASN(data), n.ReadRelays(data)
		a, err := netip.ParseAddr(address)
		if err != nil {
			return
		}
		checkLocated(t, n.Locate(a, at))
	})
}

func checkLocated(t *testing.T, l Located) {
	t.Helper()
	if l.Relay && l.Country != "" || l.Area != "" && (l.Country != "UA" || l.Ambiguous) || len(l.Why) == 0 {
		t.Fatalf("%+v", l)
	}
}

func BenchmarkLocate(b *testing.B) {
	n := some(b, "country city asn relays")
	a, at := netip.MustParseAddr("37.19.3.1"), on(b, "2023-01-01")
	b.ReportAllocs()
	for b.Loop() {
		if l := n.Locate(a, at); l.Area != "UA-40" {
			b.Fatal(fmt.Sprint(l))
		}
	}
}
