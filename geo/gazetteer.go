package geo

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/unicode/norm"

	"sallyport/entity"
)

//go:embed places.yaml
var placesFile []byte

// shipped reads the embedded data once; nobody writes to what it gives.
var shipped = sync.OnceValues(func() (*gazetteer, error) { return parseGazetteer(placesFile) })

// A gazetteer finds places by their folded names.
type gazetteer struct {
	townNames    map[string]*town
	regionNames  map[string]*region
	areaNames    map[string]string
	countryNames map[string]string
	postcodes    []postcodes
}

type region struct {
	Code  string   `yaml:"code"`
	Part  bool     `yaml:"part"`
	Names []string `yaml:"names"`
}

type town struct {
	Region string   `yaml:"region"`
	Names  []string `yaml:"names"`
	Shared bool     `yaml:"shared"`
	Spans  []span   `yaml:"spans"`
}

// A span is the days from From to the day before To, either of which may be open.
type span struct {
	Area  string     `yaml:"area"`
	From  entity.Day `yaml:"from"`
	To    entity.Day `yaml:"to"`
	About bool       `yaml:"about"` // From is approximate
}

func (s span) holds(d entity.Day) bool {
	return s.From.Compare(d) <= 0 && (s.To.IsZero() || d.Compare(s.To) < 0)
}

// on is the area in which the town lay that day, "" for none, and whether that is known.
func (t *town) on(d entity.Day) (string, bool) {
	s := t.spanOn(d)
	if s == nil {
		return "", false
	}
	return s.Area, true
}

// spanOn is the span with that day, or nil.
func (t *town) spanOn(d entity.Day) *span {
	for i := range t.Spans {
		if t.Spans[i].holds(d) {
			return &t.Spans[i]
		}
	}
	return nil
}

func (t *town) mayLieIn(area string) bool {
	return slices.ContainsFunc(t.Spans, func(s span) bool { return s.Area == area })
}

type postcodes struct {
	Digits int    `yaml:"digits"`
	From   int    `yaml:"from"`
	To     int    `yaml:"to"`
	Area   string `yaml:"area"`
	Region string `yaml:"region"` // of Ukraine; or UA or RU for some other part of it
}

func parseGazetteer(data []byte) (*gazetteer, error) {
	var file struct {
		Areas []struct {
			Area  string   `yaml:"area"`
			Names []string `yaml:"names"`
		} `yaml:"areas"`
		Regions   []*region           `yaml:"regions"`
		Towns     []*town             `yaml:"towns"`
		Postcodes []postcodes         `yaml:"postcodes"`
		Countries map[string][]string `yaml:"countries"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("geo: places.yaml: %w", err)
	}
	g := &gazetteer{
		townNames: map[string]*town{}, regionNames: map[string]*region{}, areaNames: map[string]string{},
		countryNames: map[string]string{}, postcodes: file.Postcodes,
	}
	for _, a := range file.Areas {
		for _, n := range a.Names {
			g.areaNames[regionKey(n)] = a.Area
		}
	}
	for _, r := range file.Regions {
		for _, n := range append(r.Names, r.Code) {
			if old := g.regionNames[regionKey(n)]; old != nil && old != r {
				return nil, fmt.Errorf("geo: places.yaml: %q is a name of %s and of %s", n, old.Code, r.Code)
			}
			g.regionNames[regionKey(n)] = r
		}
	}
	for _, t := range file.Towns {
		if len(t.Names) == 0 {
			return nil, fmt.Errorf("geo: places.yaml: a town in %s without a name", t.Region)
		}
		for _, n := range t.Names {
			if old := g.townNames[townKey(n)]; old != nil && old != t {
				return nil, fmt.Errorf("geo: places.yaml: %q is a name of %s and of %s", n, old.Names[0], t.Names[0])
			}
			g.townNames[townKey(n)] = t
		}
	}
	if err := g.nameCountries(file.Countries); err != nil {
		return nil, err
	}
	return g, nil
}

// nameCountries enters the names of countries: the Unicode repository's in three
// languages, and ours.
func (g *gazetteer) nameCountries(more map[string][]string) error {
	enter := func(code, name string) error {
		key := fold(name)
		if key == "" {
			return nil
		}
		if old, ok := g.countryNames[key]; ok && old != code {
			return fmt.Errorf("geo: places.yaml: %q is a name of %s and of %s", name, old, code)
		}
		g.countryNames[key] = code
		return nil
	}
	languages := []display.Namer{display.Regions(language.English), display.Regions(language.Russian), display.Regions(language.Ukrainian)}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			r, ok := isoCountry(code)
			if !ok {
				continue
			}
			for _, names := range languages {
				if err := enter(code, names.Name(r)); err != nil {
					return err
				}
			}
			for _, name := range more[code] {
				if err := enter(code, name); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// isoCountry reports whether the code is that of a present country.
func isoCountry(code string) (language.Region, bool) {
	// The language library also knows codes that ISO 3166-1 has taken back or only
	// reserves; package entity has the table. "UK" it knows as a name, of GB.
	if c, ok := entity.CountryCode(code); !ok || c != code {
		return language.Region{}, false
	}
	r, err := language.ParseRegion(code)
	return r, err == nil
}

func (g *gazetteer) country(written string) (string, bool) {
	s := strings.TrimSpace(written)
	// Codes first: folded for its sound, Fiji is written like Finland's.
	if code, ok := entity.CountryCode(s); ok {
		return code, true
	}
	code, ok := g.countryNames[fold(s)]
	return code, ok
}

func (g *gazetteer) postcode(digits string) (postcodes, bool) {
	n, err := strconv.ParseUint(digits, 10, 31) // takes no sign
	if err != nil {
		return postcodes{}, false
	}
	for _, p := range g.postcodes {
		if len(digits) == p.Digits && p.From <= int(n) && int(n) <= p.To {
			return p, true
		}
	}
	return postcodes{}, false
}

// segments cuts a written field where people put the parts of an address side by side.
func segments(s string) []string {
	var parts []string
	for _, p := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;()/|\n", r) }) {
		if p = strings.TrimSpace(p); p != "" {
			parts = append(parts, p)
		}
	}
	return parts
}

// cyrillic gives Latin for Cyrillic in the manner that Latin spellings are folded to.
// Never written to.
var cyrillic = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'ґ': "g", 'д': "d", 'е': "e", 'є': "e", 'ж': "zh", 'з': "z", 'и': "i", 'і': "i",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "i", 'ь': "", 'э': "e", 'ю': "iu", 'я': "ia",
}

// fold writes a name in small Latin letters and single spaces, so that spellings that
// differ by habit alone become one.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == 'ʼ', r == '`', r == 'ʹ', r == '′':
		case r == 'y', r == 'j', r == 'ı':
			b.WriteByte('i')
		case r == 'w':
			b.WriteByte('v')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if latin, ok := cyrillic[r]; ok {
				b.WriteString(latin)
			} else {
				b.WriteRune(r)
			}
		default:
			b.WriteByte(' ')
		}
	}
	var out strings.Builder
	var last rune
	for _, r := range strings.Join(strings.Fields(b.String()), " ") {
		if r == last && unicode.IsLetter(r) {
			continue
		}
		out.WriteRune(r)
		last = r
	}
	return out.String()
}

// townWords stand before or after the name of a town. Never written to.
var townWords = map[string]bool{"g": true, "gor": true, "gorod": true, "m": true, "misto": true, "pgt": true, "smt": true, "s": true, "selo": true, "city": true, "tovn": true, "of": true}

// regionWords stand before or after the name of a region. Never written to.
var regionWords = map[string]bool{"oblast": true, "obl": true, "region": true, "province": true, "republic": true, "respublika": true,
	"of": true, "the": true, "autonomous": true, "avtonomnaia": true, "avtonomna": true, "ar": true, "g": true, "gorod": true, "misto": true, "city": true}

func townKey(s string) string   { return without(s, townWords) }
func regionKey(s string) string { return without(s, regionWords) }

// without folds the name and drops the words, unless nothing else is left.
func without(s string, words map[string]bool) string {
	folded := fold(s)
	kept := slices.DeleteFunc(strings.Fields(folded), func(w string) bool { return words[w] })
	if len(kept) == 0 {
		return folded
	}
	return strings.Join(kept, " ")
}
