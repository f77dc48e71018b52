package population

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"sallyport/entity"
)

//go:embed pools.txt
var poolsText string

// A written word or name in Latin letters, and in its own script where that is another.
type written struct{ latin, native string }

func (w written) in(native bool) string {
	if native && w.native != "" {
		return w.native
	}
	return w.latin
}

// A culture is a stock of names.
type culture struct {
	familyFirst, double, father bool
	male, female                []written
	familyMale, familyFemale    []written // the same names in the same order
}

// A country is where people live and whose papers they hold.
type country struct {
	code        string
	cultures    []string
	weight      int
	numberFirst bool
	towns       []town
	streets     []written
	passport    string
	firms       []string
}

type town struct {
	name, region written
	postcode     string
}

type stock struct {
	cultures  map[string]*culture
	countries map[string]*country
	order     []*country // as in the file
	weight    int        // of all countries
}

// pools reads pools.txt. A slip in it is our own bug, and TestPoolsAreSound finds it.
var pools = sync.OnceValue(func() *stock {
	s, err := readPools(poolsText)
	if err != nil {
		panic(err)
	}
	return s
})

func readPools(text string) (*stock, error) {
	s := &stock{cultures: map[string]*culture{}, countries: map[string]*country{}}
	var cult *culture
	var ctry *country
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, rest, _ := strings.Cut(line, " ")
		bad := fmt.Errorf("population: pools.txt: line %d: %q: not understood here", n, key)
		words := strings.Fields(rest)
		switch key {
		case "culture":
			cult, ctry = &culture{}, nil
			s.cultures[words[0]] = cult
			for _, a := range words[1:] {
				switch a {
				case "family-first":
					cult.familyFirst = true
				case "double":
					cult.double = true
				case "father":
					cult.father = true
				default:
					return nil, bad
				}
			}
		case "male", "female", "family":
			if cult == nil {
				return nil, bad
			}
			for _, w := range words {
				m, f, two := strings.Cut(strings.ReplaceAll(w, "_", " "), ":")
				switch {
				case key == "male":
					cult.male = append(cult.male, readWritten(m))
				case key == "female":
					cult.female = append(cult.female, readWritten(m))
				case two:
					cult.familyMale, cult.familyFemale = append(cult.familyMale, readWritten(m)), append(cult.familyFemale, readWritten(f))
				default:
					cult.familyMale, cult.familyFemale = append(cult.familyMale, readWritten(m)), append(cult.familyFemale, readWritten(m))
				}
			}
		case "country":
			cult, ctry = nil, &country{code: words[0]}
			s.countries[words[0]] = ctry
			s.order = append(s.order, ctry)
			for _, w := range words[1:] {
				if weight, ok := strings.CutPrefix(w, "weight="); ok {
					v, err := strconv.Atoi(weight)
					if err != nil {
						return nil, bad
					}
					ctry.weight = v
					s.weight += v
				} else if w == "number-first" {
					ctry.numberFirst = true
				} else {
					ctry.cultures = append(ctry.cultures, w)
				}
			}
		case "town", "street", "firm", "passport":
			if ctry == nil {
				return nil, bad
			}
			parts := strings.Split(rest, ";")
			for i := range parts {
				parts[i] = strings.TrimSpace(parts[i])
			}
			switch key {
			case "town":
				if len(parts) != 3 {
					return nil, bad
				}
				ctry.towns = append(ctry.towns, town{readWritten(parts[0]), readWritten(parts[1]), parts[2]})
			case "street":
				for _, p := range parts {
					ctry.streets = append(ctry.streets, readWritten(p))
				}
			case "firm":
				ctry.firms = append(ctry.firms, parts...)
			case "passport":
				ctry.passport = rest
			}
		default:
			return nil, bad
		}
	}
	return s, nil
}

func readWritten(s string) written {
	l, n, _ := strings.Cut(s, "=")
	return written{l, n}
}

// A chance is the one source of what is arbitrary.
type chance struct{ r *rand.Rand }

func (c *chance) n(n int) int              { return c.r.IntN(n) }
func (c *chance) oneIn(n int) bool         { return c.r.IntN(n) == 0 }
func (c *chance) percent(p int) bool       { return c.r.IntN(100) < p }
func (c *chance) between(from, to int) int { return from + c.r.IntN(to-from+1) }

func pick[T any](c *chance, from []T) T { return from[c.r.IntN(len(from))] }

// weighted picks a word by the number behind it: "RU:55 KZ:8".
func (c *chance) weighted(choices string) string {
	total := 0
	fields := strings.Fields(choices)
	weights := make([]int, len(fields))
	for i, f := range fields {
		word, w, _ := strings.Cut(f, ":")
		fields[i] = word
		weights[i], _ = strconv.Atoi(w)
		total += weights[i]
	}
	k := c.r.IntN(total)
	for i, w := range weights {
		if k < w {
			return fields[i]
		}
		k -= w
	}
	return fields[0]
}

// pattern replaces # by a digit and @ by a letter; the first digit is no 0.
func (c *chance) pattern(p string) string {
	var b strings.Builder
	for i, r := range p {
		switch {
		case r == '#' && i == 0:
			b.WriteByte(byte('1' + c.n(9)))
		case r == '#':
			b.WriteByte(byte('0' + c.n(10)))
		case r == '@':
			b.WriteByte("ABCDEFGHJKLMNPRSTUVWXYZ"[c.n(23)])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// country draws one by weight.
func (s *stock) country(c *chance) *country {
	k := c.n(s.weight)
	for _, x := range s.order {
		if k < x.weight {
			return x
		}
		k -= x.weight
	}
	return s.order[0]
}

// place makes up where somebody lives.
func (x *country) place(c *chance, native bool) entity.Place {
	t := pick(c, x.towns)
	return entity.Place{Street: x.street(c, native), Town: t.name.in(native), Region: t.region.in(native), Postcode: c.pattern(t.postcode), Country: x.code}
}

func (x *country) street(c *chance, native bool) string {
	s := pick(c, x.streets)
	number := strconv.Itoa(c.between(1, 140))
	switch {
	case x.numberFirst:
		return number + " " + s.latin
	case native && isCyrillic(s.native):
		return s.native + ", д. " + number + ", кв. " + strconv.Itoa(c.between(1, 200))
	default:
		return s.in(native) + " " + number
	}
}

// A made name is in two scripts where the culture has two.
type made struct {
	gender        entity.Gender
	latin, native parts // native is empty where the culture writes Latin
	familyFirst   bool  // in its own script
}

type parts struct{ given, patronymic, family string }

// full writes the parts in one line.
func (p parts) full(familyFirst bool) string {
	words := []string{p.given, p.patronymic, p.family}
	if familyFirst {
		words = []string{p.family, p.given, p.patronymic}
	}
	sep := " "
	if strings.ContainsFunc(p.family, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hangul) }) {
		sep = "" // 王伟, 김민준
	}
	var out []string
	for _, w := range words {
		if w != "" {
			out = append(out, w)
		}
	}
	return strings.Join(out, sep)
}

// name makes up a person's name in a culture.
func (s *stock) name(c *chance, code string) made {
	if code == "ru" {
		n := russians().draw(c)
		by := pick(c, romanisations[:])
		l := n.inLatin(by)
		return made{n.gender, parts{l.given, l.patronymic, l.family}, parts{n.given, n.patronymic, n.family}, c.oneIn(2)}
	}
	x := s.cultures[code]
	m := made{gender: entity.Male, familyFirst: x.familyFirst}
	given, family := x.male, x.familyMale
	if c.oneIn(2) {
		m.gender, given, family = entity.Female, x.female, x.familyFemale
	}
	g, f := pick(c, given), pick(c, family)
	m.latin, m.native = parts{given: g.latin, family: f.latin}, parts{given: g.native, family: f.native}
	if x.father {
		father := pick(c, x.male)
		m.latin.given += " " + father.latin
		m.native.given += " " + father.native
	}
	if x.double {
		m.latin.family += " " + pick(c, family).latin
	}
	return m
}
