package names

import (
	"bytes"
	"slices"
	"strings"
)

// keysOf gives the canonical keys of a folded word and of its other
// romanisation. Letters that are read in two ways (j in Zhukov written Jukov
// and in Yuri written Juri; c in Carev and in Oscar; ch in Chekhov and in
// Michail) give a key for each reading. Words in other scripts are their own key.
func keysOf(text, alt string, latin bool) []string {
	if !latin {
		return []string{text}
	}
	keys := make([]string, 0, 3)
	own := "" // the word's own key where its group of spellings has another
	add := func(word string, r reading) {
		k := key(word, r)
		c := canonical(k)
		if c != "" && !slices.Contains(keys, c) {
			keys = append(keys, c)
		}
		if c != k && own == "" {
			own = k
		}
	}
	for _, word := range [...]string{text, alt} {
		if word == "" {
			continue
		}
		add(word, reading{})
		j, c := strings.IndexByte(word, 'j') >= 0, strings.IndexByte(word, 'c') >= 0
		if j {
			add(word, reading{jIsY: true})
		}
		if c {
			add(word, reading{cIsTs: true})
		}
		if j && c {
			add(word, reading{jIsY: true, cIsTs: true})
		}
	}
	if own != "" && !slices.Contains(keys, own) {
		keys = append(keys, own) // a slip is made in the word as it is spelt
	}
	if len(keys) == 0 { // only letters that keys leave out
		keys = append(keys, text)
	}
	return keys
}

// A reading settles what the letters j and c sound like. The zero value is English.
type reading struct {
	jIsY  bool // Juri, Andrej
	cIsTs bool // Carev, Kuznecov; and ch as kh: Michail
}

type digraph struct{ letters, sound string }

// digraphs, the longest first. Capitals stand for one sound each: S for sh and
// shch, C for ch, J for zh, T for ts.
var digraphs = [...]digraph{
	{"schtsch", "S"}, {"shtsh", "S"}, {"tsch", "C"}, {"shch", "S"}, {"dzh", "J"}, {"tch", "C"}, {"sch", "S"},
	{"sh", "S"}, {"cz", "C"}, {"kh", "h"}, {"gh", "g"}, {"zh", "J"}, {"dj", "J"}, {"ts", "T"}, {"tz", "T"}, {"tc", "T"},
	{"ph", "f"}, {"th", "t"}, {"ck", "k"}, {"ou", "u"}, {"oo", "u"},
}

// digraphsBy has the digraphs by their first two letters, in their order.
var digraphsBy = func() (by [26 * 26][]digraph) {
	for _, d := range digraphs {
		at := &by[int(d.letters[0]-'a')*26+int(d.letters[1]-'a')]
		*at = append(*at, d)
	}
	return by
}()

// digraphsFrom are those that a word with such a beginning may have there.
func digraphsFrom(rest string) []digraph {
	if len(rest) < 2 || rest[0]-'a' > 25 || rest[1]-'a' > 25 {
		return nil
	}
	return digraphsBy[int(rest[0]-'a')*26+int(rest[1]-'a')]
}

// key is the word as it sounds to somebody who does not know which romanisation
// it is written in.
func key(word string, r reading) string {
	b := make([]byte, 0, len(word)+2)
	// Three letters are too few to lose one: Lee and Le, Yee and Ye are different names.
	short := len(word) <= 3
next:
	for i := 0; i < len(word); {
		rest := word[i:]
		if r.cIsTs && strings.HasPrefix(rest, "ch") {
			b, i = append(b, 'h'), i+2
			continue
		}
		for _, d := range digraphsFrom(rest) {
			if strings.HasPrefix(rest, d.letters) {
				if r.jIsY && d.letters == "dj" || r.cIsTs && d.letters == "ck" {
					continue // Vedjahin is Vedyakhin, Gadeckij is Gadetskiy
				}
				if short && len(d.sound) == 1 && (d.letters == "ou" || d.letters == "oo") {
					continue
				}
				b, i = append(b, d.sound...), i+len(d.letters)
				continue next
			}
		}
		i++
		switch c := rest[0]; c {
		case 'y':
			b = append(b, 'i')
		case 'j':
			if r.jIsY {
				b = append(b, 'i')
			} else {
				b = append(b, 'J')
			}
		case 'x':
			b = append(b, 'k', 's')
		case 'q':
			b = append(b, 'k')
		case 'w':
			b = append(b, 'v')
		case 'c':
			switch {
			case len(rest) > 1 && rest[1] == 'h':
				b, i = append(b, 'C'), i+1
			case r.cIsTs:
				b = append(b, 'T')
			case len(rest) > 1 && (rest[1] == 'e' || rest[1] == 'i' || rest[1] == 'y'):
				b = append(b, 's')
			default:
				b = append(b, 'k')
			}
		default:
			b = append(b, c)
		}
	}
	if short {
		return string(b)
	}
	b = collapse(b)
	// Vasilievich, Vasilyevich and Vasilevich; Yelena and Elena.
	b = bytes.ReplaceAll(b, []byte("ie"), []byte("e"))
	// Fyodor and Fedor, Pyotr and Petr, Gorbachyov and Gorbachev: io between consonants.
	for i := 1; i+2 < len(b); i++ {
		if b[i] == 'i' && b[i+1] == 'o' && !vowel(b[i-1]) && !vowel(b[i+2]) && len(b) > 4 {
			b = append(b[:i], b[i+1:]...)
			b[i] = 'e'
		}
	}
	b = collapse(b)
	switch n := len(b); {
	case n > 3 && b[n-1] == 'h' && b[n-2] == 'a': // Abdullah, Fatimah
		b = b[:n-1]
	case n > 4 && b[n-1] == 'f' && (b[n-2] == 'o' || b[n-2] == 'e'): // Romanoff
		b[n-1] = 'v'
	}
	// Gorbachov and Gorbachev, Khrushchov and Khrushchev.
	if n := len(b); n > 4 && b[n-1] == 'v' && b[n-2] == 'o' && (b[n-3] == 'C' || b[n-3] == 'S' || b[n-3] == 'J') {
		b[n-2] = 'e'
	}
	// Abdelrahman and Abdulrahman.
	if len(b) > 6 && b[0] == 'a' && b[1] == 'b' && b[2] == 'd' && vowel(b[3]) && b[4] == 'l' {
		b[3] = 'u'
	}
	return string(b)
}

func collapse(b []byte) []byte { return slices.Compact(b) }

func vowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}

// GenderTwins reports whether two keys are the masculine and the feminine form
// of one name, and so names of different people: Aleksandr and Aleksandra,
// Ivanov and Ivanova, Dostoevsky and Dostoevskaya, Mario and Maria.
func GenderTwins(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 3 {
		return false
	}
	if len(b) == len(a)+1 && b[len(b)-1] == 'a' && b[:len(a)] == a {
		return true
	}
	stemA, stemB := a[:len(a)-1], b[:len(b)-1]
	endA, endB := a[len(a)-1], b[len(b)-1]
	if len(a) == len(b) && stemA == stemB && len(a) > 3 {
		return endA == 'o' && endB == 'a' || endA == 'a' && endB == 'o'
	}
	if stem, ok := strings.CutSuffix(b, "skaia"); ok { // dostoevski, dostoevskaia
		return a == stem+"ski"
	}
	if stem, ok := strings.CutSuffix(b, "ska"); ok {
		return a == stem+"ski"
	}
	if stem, ok := strings.CutSuffix(b, "vna"); ok {
		return a == stem+"viC"
	}
	if stem, ok := strings.CutSuffix(a, "vna"); ok {
		return b == stem+"viC"
	}
	return false
}
