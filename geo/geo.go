// Package geo turns what tells of a place into a country and, where the law tells parts
// of a country apart, into the area of control in which it lay on a day: written addresses
// ([Resolve]), network addresses ([Networks]), telephone numbers ([Phone]), e-mail
// addresses ([Email]). [Weigh] adds such signals up and sets them against the place where
// somebody says that they live.
//
// It reads towns, regions and postcodes in Latin and Cyrillic letters and in the
// usual transliterations, from places.yaml, which names its sources. The country
// that somebody wrote is one piece of evidence and decides nothing by itself: 89
// accounts with country Russia and an address in Crimea were a violation (OFAC and
// CoinList, 2023). What cannot be told stays untold: a part of Ukraine that a line of
// control runs through, with no town, is [Found.Ambiguous], as are parts of an address
// that contradict one another.
//
// It is no geocoder: it knows the places that rules tell apart and the larger towns
// around them, and nothing of streets. It knows nothing of law. docs/place.md says what it
// cannot tell. Proof: TestPlaces, whose cases are addresses as people and enforcement cases
// wrote them, TestNetworksOnRealData, TestWeigh and its properties, and
// TestDataIsConsistent.
package geo

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/entity"
)

// Found is what a written place was read as. The zero value says nothing.
type Found struct {
	// Country is the ISO 3166-1 alpha-2 code; empty when it cannot be told. Where only a
	// country was written it is that country's, though Area may be Ambiguous.
	Country string
	// Area is the area of control: "UA-43" Crimea, "UA-40" Sevastopol, "UA-DNR", "UA-LNR",
	// or "UA-KHE" and "UA-ZAP", the parts of Kherson and Zaporizhzhia oblasts that the
	// government does not control. Empty when the place is known to lie in none, and when
	// Ambiguous.
	Area string
	// Ambiguous says that the place may or may not lie in such an area.
	Ambiguous bool
	Why       []string // what was read, a phrase each, for a reviewer
}

// maxField bounds each part of a written place, in bytes.
const maxField = 1000

// Resolve reads a written place as it was on the day of at, in UTC. It fails only on
// a place that is no text or longer than anybody's address, and without a day.
func Resolve(p entity.Place, at time.Time) (Found, error) {
	for _, f := range []struct{ name, text string }{{"street", p.Street}, {"town", p.Town}, {"region", p.Region}, {"postcode", p.Postcode}, {"country", p.Country}} {
		if len(f.text) > maxField {
			return Found{}, fmt.Errorf("geo: %s of %d bytes, at most %d are read", f.name, len(f.text), maxField)
		}
		if !utf8.ValidString(f.text) {
			return Found{}, fmt.Errorf("geo: %s is not UTF-8 text", f.name)
		}
	}
	if at.IsZero() {
		return Found{}, fmt.Errorf("geo: no day given; on which side of a line a town lies depends on it")
	}
	g, err := shipped()
	if err != nil {
		return Found{}, err
	}
	r := reading{gazetteer: g, day: entity.DayOf(at.UTC())}
	r.read(p)
	return r.conclude(), nil
}

// Code is the finest that was found, as a signal's place: the area, else the country,
// else "".
func (f Found) Code() string {
	if f.Area != "" {
		return f.Area
	}
	return f.Country
}

// Written parts an address on one line, as people write it on an envelope: the parts
// between commas, the country last or left out.
func Written(line string) entity.Place {
	parts := segments(line)
	var p entity.Place
	if n := len(parts); n > 0 {
		if _, ok := Country(parts[n-1]); ok {
			p.Country, parts = parts[n-1], parts[:n-1]
		}
	}
	// Of the rest, a part without a digit is a town or a region as likely as a street.
	var streets, towns []string
	for _, s := range parts {
		switch {
		case isPostcode(s) && p.Postcode == "":
			p.Postcode = s
		case strings.ContainsFunc(s, unicode.IsDigit):
			streets = append(streets, s)
		default:
			towns = append(towns, s)
		}
	}
	p.Street, p.Town = strings.Join(streets, ", "), strings.Join(towns, ", ")
	return p
}

// Country is the ISO 3166-1 alpha-2 code of a country written as a code of two or
// three letters or by its name in English, Russian or Ukrainian.
func Country(written string) (string, bool) {
	g, err := shipped()
	if err != nil || len(written) > maxField {
		return "", false
	}
	return g.country(written)
}

// A reading collects what the parts of one place say.
type reading struct {
	*gazetteer
	day entity.Day

	country    string   // as written, resolved; "" unknown
	areas      []string // in which the place lies, by some part
	outside    bool     // some part puts it where no area is
	home       string   // the country in which a known town or region lies
	parts      []string // regions that a line runs through
	regions    []string // every region of Ukraine read, for the towns whose name is borne elsewhere
	contested  bool     // a known town on a day on which nobody can say
	unsure     bool     // a shared name that nothing corroborates
	finer      bool     // something finer than the country was written
	otherLand  bool     // a region was written that is none of Ukraine
	codes      []string // what may be postcodes, to be looked at when the country is known
	doubtful   []*town  // shared names, to be looked at last
	contradict bool
	why        []string
}

func (r *reading) say(format string, args ...any) {
	r.why = append(r.why, fmt.Sprintf(format, args...))
}

func (r *reading) read(p entity.Place) {
	// The country first: postcodes and shared names depend on it.
	for _, s := range segments(p.Country) {
		if c, ok := r.gazetteer.country(s); ok {
			r.inCountry(c)
			continue
		}
		r.region(s)
	}
	for _, s := range segments(p.Region) {
		r.finer = true
		if !r.region(s) && !r.town(s) {
			r.otherLand = true
		}
	}
	for _, s := range segments(p.Town) {
		r.finer = true
		r.line(s)
	}
	for _, s := range segments(p.Postcode) {
		r.finer = true
		r.codes = append(r.codes, s)
	}
	// A street alone says nothing of the town: most of Russia has a Lenin Street.
	for _, s := range segments(p.Street) {
		if c, ok := r.gazetteer.country(s); ok && len(s) > 3 {
			r.inCountry(c)
			continue
		}
		r.line(s)
	}
	for _, s := range r.codes {
		r.postcode(s)
	}
	for _, t := range r.doubtful {
		r.settle(t)
	}
}

// line reads a segment of an address. Of one that is no place as a whole, only those parts
// count that people set off from a street: "Sevastopol Avenue 5" is in Moscow; "298600
// Yalta", "г. Ялта ул. Кирова 5", "Республика Крым г. Ялта" and "Lenina 5 Simferopol" are not.
func (r *reading) line(s string) {
	if r.town(s) || r.region(s) {
		return
	}
	words := strings.Fields(s)
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	cut := false
	if n := len(words); n > 0 && isPostcode(words[0]) {
		r.codes, words, cut = append(r.codes, words[0]), words[1:], true
	}
	if n := len(words); n > 0 && isPostcode(words[n-1]) {
		r.codes, words, cut = append(r.codes, words[n-1]), words[:n-1], true
	}
	switch {
	case len(words) == 0:
		r.codes = append(r.codes, s) // "295 000", too
		return
	case cut && r.places(words):
		return
	}
	if i := slices.IndexFunc(words, isTownSign); i >= 0 {
		r.places(words[:i])
		rest := words[i+1:]
		for n := min(len(rest), 3); n > 0; n-- {
			if r.town(strings.Join(rest[:n], " ")) {
				break
			}
		}
		return
	}
	// After the number of the house.
	last := -1
	for i, w := range words {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			last = i
		}
	}
	if last >= 0 && !r.places(words[last+1:]) {
		r.codes = append(r.codes, s)
	}
}

// maxWords bounds the words of a segment that are read one by one.
const maxWords = 40

// places reads words that together are a town or a region, and reports whether they are.
func (r *reading) places(words []string) bool {
	s := strings.Join(words, " ")
	return s != "" && (r.town(s) || r.region(s))
}

// isPostcode holds for what looks like a postcode of Russia or Ukraine.
func isPostcode(s string) bool {
	return (len(s) == 5 || len(s) == 6) && !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// isTownSign holds for the word that says that a town's name comes next. In Latin letters
// it needs its full stop: "5 S Main St".
func isTownSign(word string) bool {
	switch strings.ToLower(word) {
	case "г", "г.", "гор.", "город", "пгт", "пгт.", "смт", "смт.", "с.", "село", "пос.", "м.", "місто", "g.", "gor.", "gorod", "pgt", "pgt.", "smt", "selo", "misto":
		return true
	}
	return false
}

func (r *reading) inCountry(code string) {
	switch r.country {
	case code:
	case "":
		r.country = code
		r.say("country %s", code)
	default:
		r.contradict = true
		r.say("two countries, %s and %s", r.country, code)
	}
}

// region reads a segment as a region or an area, and reports whether it is one.
func (r *reading) region(s string) bool {
	key := regionKey(s)
	if area, ok := r.areaNames[key]; ok {
		r.area(area, "region "+area)
		return true
	}
	reg, ok := r.regionNames[key]
	if !ok {
		return false
	}
	r.regions = append(r.regions, reg.Code)
	r.home = "UA"
	if reg.Part {
		r.parts = append(r.parts, reg.Code)
		r.say("region %s, through which a line of control runs", reg.Code)
	} else {
		r.outside = true
		r.say("region %s", reg.Code)
	}
	return true
}

func (r *reading) area(code, why string) {
	r.say("%s", why)
	r.home = "UA"
	if !slices.Contains(r.areas, code) {
		r.areas = append(r.areas, code)
	}
}

func (r *reading) town(s string) bool {
	t, ok := r.townNames[townKey(s)]
	if !ok {
		return false
	}
	if t.Shared {
		r.doubtful = append(r.doubtful, t)
	} else {
		r.stand(t)
	}
	return true
}

// stand takes a town for the one that the gazetteer means.
func (r *reading) stand(t *town) {
	r.home = "UA"
	area, known := t.on(r.day)
	switch {
	case !known:
		r.contested = true
		r.say("town %s, control of which on %s is not known", t.Names[0], r.day)
	case area == "":
		r.outside = true
		r.say("town %s", t.Names[0])
	default:
		since := ""
		if s := t.spanOn(r.day); s.About {
			since = fmt.Sprintf(" (since about %s)", s.From)
		}
		r.area(area, fmt.Sprintf("town %s, in %s on %s%s", t.Names[0], area, r.day, since))
	}
}

// settle decides about a town whose name is borne elsewhere too.
func (r *reading) settle(t *town) {
	corroborated := r.country == "UA" || slices.Contains(r.regions, t.Region) || slices.ContainsFunc(r.areas, func(a string) bool { return t.mayLieIn(a) })
	switch {
	case corroborated:
		r.stand(t)
	case r.country != "" && r.country != "RU", r.otherLand, r.outside:
		r.say("town %s, a namesake", t.Names[0])
	default:
		r.unsure = true
		r.say("town %s, of which there are several", t.Names[0])
	}
}

func (r *reading) postcode(s string) {
	digits := strings.ReplaceAll(s, " ", "")
	// Numbers of these lengths are postcodes of half the world.
	if r.country != "UA" && r.country != "RU" && r.home != "UA" {
		return
	}
	range_, ok := r.gazetteer.postcode(digits)
	if !ok {
		return
	}
	switch {
	case range_.Area != "":
		r.area(range_.Area, "postcode "+digits)
	case range_.Region == "UA" || range_.Region == "RU":
		r.say("postcode %s of %s", digits, range_.Region)
		// One of Moscow says nothing of where in Ukraine a place is.
		r.outside = r.outside || range_.Region == r.country || range_.Region == r.home
	default:
		r.home = "UA"
		r.regions = append(r.regions, range_.Region)
		r.parts = append(r.parts, range_.Region)
		r.say("postcode %s of %s, through which a line of control runs", digits, range_.Region)
	}
}

// conclude weighs what was read.
func (r *reading) conclude() Found {
	f := Found{Country: r.country, Why: r.why}
	abroad := r.country != "" && r.country != "UA" && r.country != "RU"
	if r.home == "UA" && !abroad {
		// A town of Ukraine is in Ukraine, whatever country was written over it.
		f.Country = "UA"
	}

	if r.contradict || r.unsure && r.country == "RU" || abroad && len(r.areas) > 0 {
		f.Country = "" // two countries answer to what is written
	}

	// Sevastopol is written as a town of Crimea as often as by itself.
	if len(r.areas) == 2 && slices.Contains(r.areas, "UA-43") && slices.Contains(r.areas, "UA-40") {
		r.areas = []string{"UA-40"}
	}
	switch {
	case r.contradict, r.contested, r.unsure, len(r.areas) > 1:
		f.Ambiguous = true
	case len(r.areas) == 1:
		// The word of the customer does not clear contrary evidence, and neither
		// does contrary evidence make an area certain.
		if r.outside || abroad {
			f.Ambiguous = true
		} else {
			f.Area = r.areas[0]
		}
	case r.outside, abroad:
	case len(r.parts) > 0:
		f.Ambiguous = true
	case f.Country == "RU" && r.finer:
		// A place in Russia that is none of those that are only written so.
	default:
		f.Ambiguous = true
		f.Why = append(f.Why, "nothing that says where in the country")
	}
	return f
}
