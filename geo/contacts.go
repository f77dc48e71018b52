package geo

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

//go:embed contacts.yaml
var contactsFile []byte

// contacts reads the embedded table once; nobody writes to what it gives.
var contacts = sync.OnceValues(func() (*contactTable, error) { return parseContacts(contactsFile) })

// A contactTable finds the place of a prefix of telephone numbers, and of a suffix of
// e-mail addresses.
type contactTable struct {
	prefixes map[string]prefix
	longest  int
	suffixes map[string]string
	sold     map[string]bool
	mail     map[string]bool
}

// A prefix of telephone numbers. Country is "" where the number belongs to none.
type prefix struct {
	country  string
	area     string
	what     string // for people
	doubtful bool
}

func parseContacts(data []byte) (*contactTable, error) {
	var file struct {
		Version string `yaml:"version"`
		Areas   []struct {
			Prefix   uint64   `yaml:"prefix"`
			Area     string   `yaml:"area"`
			Also     []string `yaml:"also"`
			What     string   `yaml:"what"`
			Doubtful bool     `yaml:"doubtful"`
		} `yaml:"areas"`
		Countries map[string][]uint64 `yaml:"countries"`
		Nowhere   []uint64            `yaml:"nowhere"`
		Suffixes  map[string]string   `yaml:"suffixes"`
		Sold      []string            `yaml:"sold"`
		Mail      []string            `yaml:"mail"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		return nil, fmt.Errorf("geo: contacts.yaml: %w", err)
	}
	t := &contactTable{prefixes: map[string]prefix{}, suffixes: file.Suffixes, sold: setOf(file.Sold), mail: setOf(file.Mail)}
	enter := func(n uint64, p prefix) error {
		digits := strconv.FormatUint(n, 10)
		if _, twice := t.prefixes[digits]; twice || n == 0 {
			return fmt.Errorf("geo: contacts.yaml: prefix %d twice, or none", n)
		}
		t.prefixes[digits] = p
		t.longest = max(t.longest, len(digits))
		return nil
	}
	for _, a := range file.Areas {
		if !isArea(a.Area) || !all(a.Also, isArea) || a.What == "" {
			return nil, fmt.Errorf("geo: contacts.yaml: prefix %d: want an area and what it is", a.Prefix)
		}
		where := strings.Join(append([]string{a.Area}, a.Also...), " or ")
		if err := enter(a.Prefix, prefix{"UA", a.Area, where + ": " + a.What, a.Doubtful}); err != nil {
			return nil, err
		}
	}
	for _, code := range slices.Sorted(maps.Keys(file.Countries)) {
		if _, ok := isoCountry(code); !ok {
			return nil, fmt.Errorf("geo: contacts.yaml: %q is no country", code)
		}
		for _, n := range file.Countries[code] {
			if err := enter(n, prefix{country: code}); err != nil {
				return nil, err
			}
		}
	}
	for _, n := range file.Nowhere {
		if err := enter(n, prefix{}); err != nil {
			return nil, err
		}
	}
	for _, suffix := range slices.Sorted(maps.Keys(t.suffixes)) {
		if place := t.suffixes[suffix]; !IsPlace(place) {
			return nil, fmt.Errorf("geo: contacts.yaml: suffix %s: %q is no country and no area", suffix, place)
		}
	}
	return t, nil
}

func setOf(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return set
}

// IsPlace holds for the code of a place as [Signal.Place] has it: a present country of
// ISO 3166-1 alpha-2, or an area of control.
func IsPlace(code string) bool {
	_, ok := isoCountry(code)
	return ok || isArea(code)
}

// countryIn is the country of a place: that of an area, or itself.
func countryIn(place string) string {
	country, _, _ := strings.Cut(place, "-")
	return country
}

// Bounds of a telephone number: as written in bytes, and in digits (ITU-T E.164).
const (
	maxPhone       = 100
	leastDigits    = 7
	greatestDigits = 15
)

// Phone says which place gave a telephone number out, by its prefix. It wants the number with
// its country code, after + or 00: the same digits are numbers of many countries. Of one of
// Ukraine or Russia outside the prefixes of an area, where in the country it is stays open.
func Phone(number string) (Found, error) {
	t, err := contacts()
	if err != nil {
		return Found{}, err
	}
	digits, err := digitsOf(number)
	if err != nil {
		return Found{}, err
	}
	for n := min(t.longest, len(digits)); n > 0; n-- {
		p, ok := t.prefixes[digits[:n]]
		if !ok {
			continue
		}
		f := Found{Country: p.country, Area: p.area}
		switch {
		case p.country == "":
			f.Why = []string{"telephone prefix +" + digits[:n] + ", of no country"}
		case p.doubtful:
			f.Area, f.Ambiguous = "", true
			f.Why = []string{"telephone prefix +" + digits[:n] + ", maybe " + p.what}
		case p.area != "":
			f.Why = []string{"telephone prefix +" + digits[:n] + ", " + p.what}
		default:
			f.Ambiguous = p.country == "UA" || p.country == "RU"
			f.Why = []string{"telephone prefix +" + digits[:n] + " of " + p.country}
		}
		return f, nil
	}
	return Found{Why: []string{"a telephone prefix that no country has"}}, nil
}

// digitsOf is the number after + or 00, in Western digits. What no telephone number has in
// it is an error, which does not repeat the number: errors reach logs.
func digitsOf(number string) (string, error) {
	if len(number) > maxPhone || !utf8.ValidString(number) {
		return "", fmt.Errorf("geo: telephone number: longer than %d bytes, or no text", maxPhone)
	}
	s := strings.TrimSpace(strings.ReplaceAll(number, "(0)", "")) // +44 (0)20
	s = strings.TrimPrefix(strings.TrimPrefix(s, "tel:"), "＋")
	whole := strings.HasPrefix(s, "+") || strings.Contains(number, "＋")
	s = strings.TrimPrefix(s, "+")
	var b strings.Builder
digits:
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹':
			b.WriteRune('0' + r - '۰')
		case r >= '０' && r <= '９':
			b.WriteRune('0' + r - '０')
		case unicode.IsSpace(r), strings.ContainsRune("-–—.()/\u200e\u202a\u202c", r):
		case b.Len() >= leastDigits:
			break digits // an extension
		default:
			return "", errors.New("geo: telephone number: want digits after + or 00")
		}
	}
	digits := b.String()
	if !whole {
		var ok bool
		if digits, ok = strings.CutPrefix(digits, "00"); !ok {
			return "", errors.New("geo: telephone number without a country code: write it with + or 00")
		}
	}
	if len(digits) < leastDigits || len(digits) > greatestDigits {
		return "", fmt.Errorf("geo: telephone number of %d digits: want %d to %d, with the country code", len(digits), leastDigits, greatestDigits)
	}
	return digits, nil
}

// maxEmail is the longest address that mail can carry (RFC 5321, 4.5.3.1), in bytes.
const maxEmail = 254

// Email says to which place the suffix of an e-mail address belongs. Most belong to none:
// suffixes of no country, those of countries that are sold to the whole world, and mail
// for everybody under the suffix of a country.
func Email(address string) (Found, error) {
	t, err := contacts()
	if err != nil {
		return Found{}, err
	}
	if len(address) > maxEmail || !utf8.ValidString(address) {
		return Found{}, fmt.Errorf("geo: e-mail address: longer than %d bytes, or no text", maxEmail)
	}
	s := strings.Trim(strings.TrimSpace(address), "<>")
	at := strings.LastIndexByte(s, '@')
	domain := strings.TrimSuffix(strings.ToLower(s[at+1:]), ".")
	labels := strings.Split(domain, ".")
	if at < 1 || len(labels) < 2 || slices.Contains(labels, "") || strings.ContainsFunc(domain, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '@' }) {
		return Found{}, errors.New("geo: e-mail address: want one such as somebody@example.org")
	}
	last := labels[len(labels)-1]
	if t.mail[domain] || t.mail[labels[len(labels)-2]] || len(labels) > 2 && len(labels[len(labels)-2]) <= 3 && t.mail[labels[len(labels)-3]] {
		return Found{Why: []string{"mail for everybody, whatever its suffix"}}, nil
	}
	for i := range labels {
		suffix := strings.Join(labels[i:], ".")
		if place, ok := t.suffixes[suffix]; ok {
			f := Found{Country: countryIn(place), Why: []string{"e-mail suffix ." + suffix}}
			if f.Country != place {
				f.Area = place
			}
			f.Ambiguous = f.Area == "" && (place == "UA" || place == "RU")
			return f, nil
		}
	}
	if t.sold[last] {
		return Found{Why: []string{"e-mail suffix ." + last + ", sold to the whole world"}}, nil
	}
	if code := strings.ToUpper(last); len(last) == 2 && IsPlace(code) {
		return Found{Country: code, Ambiguous: code == "UA" || code == "RU", Why: []string{"e-mail suffix ." + last}}, nil
	}
	return Found{Why: []string{"e-mail suffix of no country"}}, nil
}
