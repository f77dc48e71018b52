package geo

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"sallyport/entity"
)

// Networks says where a network address is, from files that the operator of an exchange
// gets from whom they trust: a database of countries and one of cities (MMDB), the AS that
// announces each range (MMDB or comma-separated), and ranges of relays (text or MMDB). Any of them
// may be missing; the zero value knows nothing. It is read with the Read methods and then
// only asked, by any number of goroutines.
//
// The files' bytes are handed in and kept. MMDB is the format of
// https://maxmind.github.io/MaxMind-DB/; a file that is no such, or that anything in it
// contradicts, is refused whole. It has no checksum, though: who needs to know that the
// file is the publisher's compares its hash.
type Networks struct {
	country *database[string]
	city    *database[cityRecord]
	asn     func(netip.Addr) (autonomous, bool)
	relays  func(netip.Addr) bool
}

// maxDatabase bounds a file, in bytes: the largest databases of cities have some 200 MB.
const maxDatabase = 1 << 30

// Located is where a network address is. The zero value says nothing.
type Located struct {
	// Found is the place. Its country is empty where that is not known, and for a relay.
	// Ambiguous says of a country that is told that the address may or may not be in an area
	// of control within it.
	Found
	// Relay says that the address is that of a relay, of a virtual private network or of
	// hosting: it is known, and it is no place.
	Relay    bool
	AS       uint32 // that announces the address; 0 where not known
	Operator string // of that AS
}

// Known reports whether anything may be said of where the address is: its country, or that
// it is no place at all.
func (l Located) Known() bool { return l.Country != "" || l.Relay }

// An autonomous system, as an AS source has it.
type autonomous struct {
	number uint32
	name   string
}

// A cityRecord is what a database of cities has of a range.
type cityRecord struct {
	country  string
	regions  string // codes and names, parted by commas
	town     string
	postcode string
}

// ReadCountry takes a database of countries (MMDB).
func (n *Networks) ReadCountry(data []byte) error {
	d, err := openDatabase(data, "a country's code", func(m map[string]any) (string, bool) {
		c := countryOf(m)
		return c, c != ""
	})
	if err != nil {
		return err
	}
	n.country = d
	return nil
}

// ReadCity takes a database of cities (MMDB).
func (n *Networks) ReadCity(data []byte) error {
	finer := false
	d, err := openDatabase(data, "a country's code", func(m map[string]any) (cityRecord, bool) {
		r := cityOf(m)
		finer = finer || r.regions != "" || r.town != ""
		return r, r.country != ""
	})
	if err != nil {
		return err
	}
	if !finer {
		return errors.New("neither a region nor a town in it; is it a database of countries?")
	}
	n.city = d
	return nil
}

// ReadASN takes the source of AS numbers: an MMDB file, or rows of a range, the number and
// the operator's name.
func (n *Networks) ReadASN(data []byte) error {
	if isDatabase(data) {
		d, err := openDatabase(data, "an AS number", autonomousOf)
		if err != nil {
			return err
		}
		n.asn = d.find
		return nil
	}
	var spans []addressSpan[autonomous]
	names := map[string]string{} // each kept once
	err := readRanges(data, func(from, to netip.Addr, rest []string) error {
		if len(rest) == 0 {
			return errors.New("no AS number after the range")
		}
		as, ok := parseAS(rest[0])
		if !ok {
			return fmt.Errorf("AS number %q: want one such as 201776 or AS201776", shown(rest[0]))
		}
		name := ""
		if len(rest) > 1 {
			if names[rest[1]] == "" {
				names[rest[1]] = strings.Clone(rest[1])
			}
			name = names[rest[1]]
		}
		spans = append(spans, addressSpan[autonomous]{from, to, autonomous{as, name}})
		return nil
	})
	if err != nil {
		return err
	}
	n.asn = newRanges(spans).find
	return nil
}

// ReadRelays takes the ranges of relays, virtual private networks and hosting: one to a line,
// or an MMDB file that marks them (is_anonymous, is_hosting_provider and their like).
func (n *Networks) ReadRelays(data []byte) error {
	if isDatabase(data) {
		d, err := openDatabase(data, "a mark of a relay", relayOf)
		if err != nil {
			return err
		}
		n.relays = func(a netip.Addr) bool { _, ok := d.find(a); return ok }
		return nil
	}
	var spans []addressSpan[struct{}]
	err := readRanges(data, func(from, to netip.Addr, _ []string) error {
		spans = append(spans, addressSpan[struct{}]{from, to, struct{}{}})
		return nil
	})
	if err != nil {
		return err
	}
	r := newRanges(spans)
	n.relays = func(a netip.Addr) bool { _, ok := r.find(a); return ok }
	return nil
}

// Locate says where the address was at that time. An address that no source knows is not
// known; of one in Ukraine or Russia, whether it is in an area of control is known only
// where the AS is. At the zero time an operator counts whatever its dates.
func (n *Networks) Locate(a netip.Addr, at time.Time) Located {
	var l Located
	a, why := outermost(a)
	if why != "" {
		l.say("%s", why)
		l.Relay = why == throughTeredo
		return l
	}
	table, err := operators()
	if err != nil {
		l.say("%s", err)
		return l
	}
	var day entity.Day
	if !at.IsZero() {
		day = entity.DayOf(at.UTC())
	}
	if n.asn != nil {
		if as, ok := n.asn(a); ok {
			l.AS, l.Operator = as.number, as.name
		}
	}
	country, city, agreed := n.countries(a, &l)

	// An operator in an area first: of these addresses the databases of places are wrong.
	if o := table.on(l.AS, day); o != nil {
		l.Operator = o.Name
		n.inArea(o, country, city, at, &l)
		return l
	}
	if host := table.hosting[l.AS]; host != "" || n.relays != nil && n.relays(a) {
		l.Relay = true
		if host != "" {
			l.say("AS%d %s, hosting: no place", l.AS, host)
		} else {
			l.say("in a range of relays, virtual private networks or hosting: no place")
		}
		return l
	}
	if country != "UA" && country != "RU" {
		if agreed {
			l.Country = country
		}
		return l
	}
	if f, ok := city.resolve(at); ok && (f.Area != "" || f.Ambiguous && f.Country == "UA" && city.regions != "") {
		l.Country, l.Area, l.Ambiguous = "UA", f.Area, f.Ambiguous
		l.Why = append(l.Why, f.Why...)
		return l
	}
	if !agreed {
		return l
	}
	l.Country = country
	if l.AS == 0 {
		l.Ambiguous = true
		l.say("which network announces it is not known: it may be one of Crimea or of Donbas")
	} else {
		l.say("AS%d %s, not among the operators of an area", l.AS, l.Operator)
	}
	return l
}

func (l *Located) say(format string, args ...any) {
	l.Why = append(l.Why, fmt.Sprintf(format, args...))
}

// countries is the country that the databases tell, whether they agree on it, and the
// record of the one of cities.
func (n *Networks) countries(a netip.Addr, l *Located) (string, cityRecord, bool) {
	country, _ := n.country.find(a)
	city, _ := n.city.find(a)
	switch {
	case country != "" && city.country != "" && country != city.country:
		l.say("the databases differ: %s by that of countries, %s by that of cities", country, city.country)
		return city.country, city, false
	case country == "" && city.country == "":
		l.say("in no database of countries")
	case city.country != "":
		l.say("%s by the database of cities", city.country)
	default:
		l.say("%s by the database of countries", country)
	}
	return cmp.Or(city.country, country), city, true
}

// inArea places an address of an operator in an area.
func (n *Networks) inArea(o *operator, country string, city cityRecord, at time.Time, l *Located) {
	l.Country, l.Area = "UA", o.Area
	where := o.Area
	if f, ok := city.resolve(at); ok && slices.Contains(o.Also, f.Area) {
		l.Area, where = f.Area, f.Area+" by its town"
	} else if len(o.Also) > 0 {
		where += " or " + strings.Join(o.Also, " or ")
	}
	if o.Doubtful {
		l.Area, l.Ambiguous = "", true
		l.say("AS%d %s, an operator that is named of %s or said to serve it", o.AS, o.Name, where)
		return
	}
	l.say("AS%d %s, an operator in %s, whatever databases of places say", o.AS, o.Name, where)
	if country != "" && country != "UA" {
		l.say("in Ukraine, where the databases say %s", country)
	}
}

// resolve reads the city's words as those of a written place.
func (c cityRecord) resolve(at time.Time) (Found, bool) {
	if c.country != "UA" && c.country != "RU" || c.regions == "" && c.town == "" || at.IsZero() {
		return Found{}, false
	}
	f, err := Resolve(entity.Place{Country: c.country, Region: c.regions, Town: c.town, Postcode: c.postcode}, at)
	return f, err == nil
}

// throughTeredo is why an address of Teredo (RFC 4380) is no place.
const throughTeredo = "a Teredo relay: no place"

// outermost unwraps an IPv4 address from the IPv6 forms that carry one (RFC 4291, RFC 6052,
// RFC 3056), and says of one that is nowhere in public why.
func outermost(a netip.Addr) (netip.Addr, string) {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		b := a.As16()
		switch {
		case translated.Contains(a):
			a = netip.AddrFrom4([4]byte(b[12:16]))
		case sixToFour.Contains(a):
			a = netip.AddrFrom4([4]byte(b[2:6]))
		case teredo.Contains(a):
			return a, throughTeredo
		}
	}
	if !a.IsValid() || !a.IsGlobalUnicast() || a.IsPrivate() || carrier.Contains(a) {
		return a, "no public address"
	}
	return a, ""
}

// Never written to.
var (
	translated = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour  = netip.MustParsePrefix("2002::/16")
	teredo     = netip.MustParsePrefix("2001::/32")
	carrier    = netip.MustParsePrefix("100.64.0.0/10") // shared within a carrier, RFC 6598
)

// A database is an MMDB file whose records have been read.
type database[T any] struct {
	reader  *maxminddb.Reader
	records map[uintptr]T // by their place in the file
}

func isDatabase(data []byte) bool {
	return bytes.Contains(data[max(0, len(data)-128<<10):], []byte("\xab\xcd\xefMaxMind.com"))
}

// openDatabase reads all of the file: every network of its tree and every record, so that
// what is wrong in it is told before anybody relies on it. Parse says whether a record has
// what is wanted.
func openDatabase[T any](data []byte, wanted string, parse func(map[string]any) (T, bool)) (*database[T], error) {
	switch {
	case len(data) == 0:
		return nil, errors.New("the file is empty; fetch it again")
	case len(data) > maxDatabase:
		return nil, fmt.Errorf("%d bytes, at most %d are read", len(data), maxDatabase)
	case isPacked(data):
		return nil, errors.New("the file is packed; unpack it first")
	case !isDatabase(data):
		return nil, errors.New("no MMDB file, or one that is cut short; fetch it again")
	}
	broken := func(err error) error { return fmt.Errorf("the file is damaged (%w); fetch it again", err) }
	r, err := maxminddb.OpenBytes(data)
	if err != nil {
		return nil, broken(err)
	}
	d := &database[T]{reader: r, records: map[uintptr]T{}}
	seen := map[uintptr]bool{}
	networks := uint64(0)
	for res := range r.Networks() {
		if err := res.Err(); err != nil {
			return nil, broken(err)
		}
		// A tree of so many nodes has one leaf more; what has more goes in circles.
		if networks++; networks > uint64(r.Metadata.NodeCount)+1 {
			return nil, broken(errors.New("more networks than its tree can have"))
		}
		if seen[res.Offset()] {
			continue
		}
		seen[res.Offset()] = true
		var v any
		if err := res.Decode(&v); err != nil {
			return nil, broken(err)
		}
		m, ok := v.(map[string]any)
		if !ok {
			return nil, broken(fmt.Errorf("a record that is no map, for %s", res.Prefix()))
		}
		if t, ok := parse(m); ok {
			d.records[res.Offset()] = t
		}
	}
	if len(d.records) == 0 {
		return nil, fmt.Errorf("none of its %d records has %s; is it the right file?", len(seen), wanted)
	}
	return d, nil
}

func (d *database[T]) find(a netip.Addr) (T, bool) {
	var none T
	if d == nil || a.Is6() && d.reader.Metadata.IPVersion == 4 {
		return none, false
	}
	res := d.reader.Lookup(a)
	if !res.Found() {
		return none, false
	}
	t, ok := d.records[res.Offset()]
	return t, ok
}

// countryOf is the country of a record: MaxMind's and DB-IP's country.iso_code, or
// country_code or country of others. What is no country (AP, EU, XX) is none.
func countryOf(m map[string]any) string {
	code := text(m, "country", "iso_code")
	for _, key := range []string{"country_code", "country"} {
		code = cmp.Or(code, text(m, key))
	}
	if _, ok := isoCountry(code); !ok {
		return ""
	}
	return code
}

// cityOf is a record of MaxMind's or DB-IP's form (city.names.en, subdivisions) or of a flat
// one (city, region, state1, state2).
func cityOf(m map[string]any) cityRecord {
	r := cityRecord{country: countryOf(m), town: cmp.Or(text(m, "city", "names", "en"), text(m, "city"))}
	r.postcode = cmp.Or(text(m, "postal", "code"), text(m, "postcode"))
	var regions []string
	subdivisions, _ := m["subdivisions"].([]any)
	for i, s := range subdivisions {
		sub, ok := s.(map[string]any)
		if i == 3 || !ok {
			break
		}
		if iso := text(sub, "iso_code"); iso != "" && r.country == "UA" {
			regions = append(regions, "UA-"+iso)
		}
		regions = append(regions, text(sub, "names", "en"))
	}
	for _, key := range []string{"region", "region_name", "state1", "state2"} {
		regions = append(regions, text(m, key))
	}
	r.regions = strings.Join(slices.DeleteFunc(regions, func(s string) bool { return s == "" }), ", ")
	return r
}

func autonomousOf(m map[string]any) (autonomous, bool) {
	name := cmp.Or(text(m, "autonomous_system_organization"), text(m, "as_name"), text(m, "name"))
	for _, key := range []string{"autonomous_system_number", "asn", "as_number"} {
		switch v := m[key].(type) {
		case uint64:
			if v > 0 && v <= 1<<32-1 {
				return autonomous{uint32(v), name}, true
			}
		case string:
			if as, ok := parseAS(v); ok {
				return autonomous{as, name}, true
			}
		}
	}
	return autonomous{}, false
}

// relayOf looks for MaxMind's marks of anonymous addresses, in the record or its traits.
func relayOf(m map[string]any) (struct{}, bool) {
	traits, _ := m["traits"].(map[string]any)
	for _, key := range []string{"is_anonymous", "is_anonymous_vpn", "is_anonymous_proxy", "is_hosting_provider", "is_public_proxy", "is_residential_proxy", "is_tor_exit_node"} {
		if m[key] == true || traits[key] == true {
			return struct{}{}, true
		}
	}
	return struct{}{}, false
}

// text is the text at the end of the path, "" where there is none, bounded like a field of
// an address.
func text(m map[string]any, path ...string) string {
	for _, key := range path[:len(path)-1] {
		m, _ = m[key].(map[string]any)
	}
	s, _ := m[path[len(path)-1]].(string)
	if len(s) > 200 {
		return ""
	}
	return s
}
