package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// romanise gives the Latin letters for one lower-case letter, twice where two
// romanisations live side by side: the common one and the other. It reports
// false for letters of scripts that stay as they are.
func romanise(r, before rune, ukr bool) (common, other string, ok bool) {
	if r < 0x80 {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return string(r), string(r), true
		}
		return "", "", false
	}
	if p, found := latinLetters[r]; found {
		common, other, _ = strings.Cut(p, " ")
		if other == "" {
			other = common
		}
		return common, other, true
	}
	switch {
	case unicode.Is(unicode.Latin, r):
		for _, d := range norm.NFD.String(string(r)) {
			if 'a' <= d && d <= 'z' {
				return string(d), string(d), true
			}
		}
		return "", "", false
	case r >= 0x400 && r < 0x530:
		return cyrillic(r, before, ukr)
	case r >= 0x370 && r < 0x400:
		return greek(r, before)
	}
	return "", "", false
}

// latinLetters are those that are more than a letter with a mark, and those
// whose mark is written out by some ("Müller" as Mueller, "Šešelj" as Sheshelj).
var latinLetters = map[rune]string{
	'ä': "a ae", 'ö': "o oe", 'ü': "u ue", 'å': "a aa", 'ø': "o oe", 'æ': "ae", 'œ': "oe", 'ß': "ss",
	'š': "s sh", 'č': "c ch", 'ć': "c ch", 'ž': "z zh", 'đ': "d dj", 'ş': "s sh", 'ș': "s sh", 'ç': "c ch",
	'ł': "l", 'ð': "d", 'þ': "th", 'ı': "i", 'ŋ': "ng", 'ə': "a e", 'ħ': "h", 'ŧ': "t", 'ĸ': "k", 'ƒ': "f", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k",
}

// arabicVariant folds the letters that writers of Arabic and Persian exchange:
// alef with and without hamza, the two forms of yeh and kaf, teh marbuta.
var arabicVariant = map[rune]rune{
	'أ': 'ا', 'إ': 'ا', 'آ': 'ا', 'ٱ': 'ا', 'ى': 'ي', 'ی': 'ي', 'ک': 'ك', 'ة': 'ه', 'ۀ': 'ه', 'ؤ': 'و', 'ئ': 'ي', 'ے': 'ي', 'ې': 'ي', 'ہ': 'ه', 'ھ': 'ه', 'ە': 'ه', 'ګ': 'گ',
}

// cyrillicLetters: ICAO Doc 9303-3 section 6 B with "ts" for ц and "y" for й,
// as Russian and Ukrainian newspapers in English and OFAC write them.
var cyrillicLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'д': "d", 'е': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'і': "i", 'ї': "yi", 'є': "ye", 'ґ': "g", 'ў': "u",
	'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", 'ѓ': "g", 'ќ': "k", 'ѕ': "dz", 'ѝ': "i", 'ѐ': "e",
	'ә': "a", 'ғ': "g", 'қ': "k", 'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h",
	'ѣ': "e", 'ѳ': "f", 'ѵ': "i",
}

func cyrillic(r, before rune, ukr bool) (common, other string, ok bool) {
	switch r {
	case 'г': // Russian Олег is Oleg, Ukrainian Олег is Oleh; the letters alone do not tell
		if ukr {
			return "h", "g", true
		}
		return "g", "h", true
	case 'ё': // passports write е; after ж ч ш щ it is no yo: Khrushchev
		if before == 'ж' || before == 'ч' || before == 'ш' || before == 'щ' {
			return "e", "e", true
		}
		return "e", "yo", true
	case 'и':
		if ukr { // Ukrainian Cabinet resolution 55 of 27 January 2010
			return "y", "i", true
		}
	case 'ў':
		return "u", "v", true
	case 'ћ':
		return "c", "ch", true
	}
	s, ok := cyrillicLetters[r]
	return s, s, ok
}

// ukrainian reports whether a lower-case name has a letter that Russian has not
// and Ukrainian or Belarusian has.
func ukrainian(s string) bool { return !ascii(s) && strings.ContainsAny(s, "іїєґў") }

var greekLetters = map[rune]string{
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}

// greekPairs are two letters that are read together: as ELOT 743 writes them, and the foreign sound that Greek has no letter
// for (Μπάρμπαρα, Λάντεν, Τζον).
var greekPairs = map[[2]rune][2]string{
	{'μ', 'π'}: {"mp", "b"}, {'ν', 'τ'}: {"nt", "d"}, {'γ', 'κ'}: {"gk", "g"}, {'γ', 'γ'}: {"ng", "g"}, {'γ', 'ξ'}: {"nx", "nx"}, {'γ', 'χ'}: {"nch", "nh"},
	{'τ', 'ζ'}: {"tz", "j"}, {'τ', 'σ'}: {"ts", "ch"},
}

// greekPair gives the Latin letters for two Greek ones that a word goes on with, twice as romanise does, and how much of it they
// are: 0 where it does not go on with such.
func greekPair(rest string, begins bool) (common, other string, length int) {
	first, n := utf8.DecodeRuneInString(rest)
	second, m := utf8.DecodeRuneInString(rest[n:])
	pair, ok := greekPairs[[2]rune{first, second}]
	if !ok {
		return "", "", 0
	}
	if begins && first == 'μ' {
		pair[0] = "b"
	}
	return pair[0], pair[1], n + m
}

// greek follows ELOT 743 as passports use it, without the choice of "av" or "af".
func greek(r, before rune) (common, other string, ok bool) {
	for _, d := range norm.NFD.String(string(r)) {
		r = d
		break
	}
	if r == 'υ' {
		switch bare(before) {
		case 'ο':
			return "u", "u", true
		case 'α', 'ε', 'η':
			return "v", "f", true
		}
	}
	if r == 'χ' {
		return "ch", "h", true
	}
	s, ok := greekLetters[r]
	return s, s, ok
}

func bare(r rune) rune {
	for _, d := range norm.NFD.String(string(r)) {
		return d
	}
	return 0
}
