package population

import (
	"strings"
	"unicode"
)

// A romanisation is a way of writing Russian in Latin letters. The five disagree
// on purpose: one person's passport, bank card and letter heading do.
type romanisation int

const (
	passport romanisation = iota // ICAO Doc 9303-3 section 6 B, passports since 2013: Iurii, Sergei, Kuznetsov
	bgn                          // BGN/PCGN 1947 without its dots: Yuriy, Sergey, Yevgeniy
	everyday                     // newspapers and letters: Yury, Sergey, Evgeny, Maxim
	gost                         // GOST R 52535.1-2006, passports of 2010 to 2013: Iurii, Kuznetcov
	european                     // ISO/R 9 as in Central Europe, marks dropped: Jurij, Sergej, Zaharov, Kuznecov
)

var romanisations = [...]romanisation{passport, bgn, everyday, gost, european}

// plainLetters are those on which all five agree.
var plainLetters = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'ж': "zh", 'з': "z", 'и': "i", 'к': "k", 'л': "l", 'м': "m",
	'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'ч': "ch", 'ш': "sh",
	'щ': "shch", 'ы': "y", 'ь': "", 'э': "e",
}

// latin writes a Russian text in Latin letters, each word in title case.
func latin(russian string, by romanisation) string {
	return eachWord(russian, func(w string) string { return latinWord(w, by) })
}

func latinWord(word string, by romanisation) string {
	in := []rune(strings.ToLower(word))
	var b strings.Builder
	for i := 0; i < len(in); i++ {
		var before, after rune
		if i > 0 {
			before = in[i-1]
		}
		if i+1 < len(in) {
			after = in[i+1]
		}
		iotated := before == 0 || strings.ContainsRune("аеёиоуыэюяйьъ", before)
		last := i+2 == len(in)
		switch r := in[i]; r {
		case 'е', 'ё':
			switch {
			case by == bgn && r == 'ё' && !strings.ContainsRune("жчшщ", before):
				b.WriteString("yo")
			case by == bgn && iotated:
				b.WriteString("ye")
			case by == everyday && before == 'ь':
				b.WriteString("ie")
			default:
				b.WriteString("e")
			}
		case 'и', 'ы':
			switch {
			case by == everyday && after == 'й' && last: // Dmitry, Dostoevsky, Bely
				b.WriteString("y")
				i++
			case r == 'ы':
				b.WriteString("y")
			default:
				b.WriteString("i")
			}
		case 'й':
			b.WriteString([...]string{"i", "y", "y", "i", "j"}[by])
		case 'ю':
			b.WriteString([...]string{"iu", "yu", "yu", "iu", "ju"}[by])
		case 'я':
			if by == everyday && before == 'ь' { // Natalia
				b.WriteString("ia")
				break
			}
			b.WriteString([...]string{"ia", "ya", "ya", "ia", "ja"}[by])
		case 'х':
			b.WriteString([...]string{"kh", "kh", "kh", "kh", "h"}[by])
		case 'ц':
			b.WriteString([...]string{"ts", "ts", "ts", "tc", "c"}[by])
		case 'ъ':
			if by == passport {
				b.WriteString("ie")
			}
		default:
			s, ok := plainLetters[r]
			if !ok {
				s = string(r)
			}
			b.WriteString(s)
		}
	}
	return titleCase(b.String())
}

// russianStems are beginnings whose soft sign or э a romanisation hides.
var russianStems = [...][2]string{
	{"kuzmin", "кузьмин"}, {"kuznets", "кузнец"}, {"soloviov", "соловьёв"}, {"oliynik", "олийник"},
	{"dmitriev", "дмитриев"}, {"dmitriyev", "дмитриев"}, {"demyan", "демьян"}, {"ulyan", "ульян"}, {"ilyin", "ильин"},
}

// latinEndings are endings of family names. The longest that fits is taken.
var latinEndings = [...][2]string{
	{"tskaya", "цкая"}, {"tskaia", "цкая"}, {"skaya", "ская"}, {"skaia", "ская"},
	{"tskiy", "цкий"}, {"tskii", "цкий"}, {"tsky", "цкий"}, {"tski", "цкий"},
	{"skiy", "ский"}, {"skii", "ский"}, {"skij", "ский"}, {"sky", "ский"}, {"ski", "ский"},
	{"naya", "ная"}, {"nyy", "ный"}, {"nyi", "ный"},
}

// latinLetters are read in this order, so longer ones stand first.
var latinLetters = [...][2]string{
	{"shch", "щ"}, {"sch", "щ"}, {"zh", "ж"}, {"kh", "х"}, {"ts", "ц"}, {"tz", "ц"}, {"tc", "ц"}, {"ch", "ч"}, {"sh", "ш"},
	{"yu", "ю"}, {"iu", "ю"}, {"ya", "я"}, {"ye", "е"}, {"yo", "ё"},
	{"a", "а"}, {"b", "б"}, {"v", "в"}, {"w", "в"}, {"g", "г"}, {"d", "д"}, {"e", "е"}, {"z", "з"}, {"i", "и"}, {"k", "к"},
	{"l", "л"}, {"m", "м"}, {"n", "н"}, {"o", "о"}, {"p", "п"}, {"r", "р"}, {"s", "с"}, {"t", "т"}, {"u", "у"}, {"f", "ф"},
	{"x", "кс"}, {"'", "ь"},
}

// cyrillicFamily turns a romanised Russian family name back into Cyrillic. It
// reports false where a letter has no safe way back (h and j, c alone), and
// where the result, romanised again, does not sound like what it was made from.
func cyrillicFamily(written string) (string, bool) {
	parts := strings.Split(written, "-")
	for i, part := range parts {
		p, ok := cyrillicWord(strings.ToLower(part))
		if !ok || sound(p) != sound(part) {
			return "", false
		}
		parts[i] = titleCase(p)
	}
	return strings.Join(parts, "-"), true
}

func cyrillicWord(w string) (string, bool) {
	if w == "" {
		return "", false
	}
	var b strings.Builder
	for _, s := range russianStems {
		if rest, ok := strings.CutPrefix(w, s[0]); ok {
			b.WriteString(s[1])
			w = rest
			break
		}
	}
	ending := ""
	for _, e := range latinEndings {
		if rest, ok := strings.CutSuffix(w, e[0]); ok && rest != "" {
			w, ending = rest, e[1]
			break
		}
	}
	vowel := func(i int) bool { return i >= 0 && i < len(w) && strings.IndexByte("aeiouy", w[i]) >= 0 }
letters:
	for i := 0; i < len(w); {
		rest := w[i:]
		// Soloviev, Solovyov, Afanasyev: a soft sign stands between the consonant and ев.
		if i > 0 && !vowel(i-1) && (strings.HasPrefix(rest, "iev") || strings.HasPrefix(rest, "yev") || strings.HasPrefix(rest, "yov")) {
			b.WriteString("ь")
			b.WriteString(map[byte]string{'e': "е", 'o': "ё"}[rest[1]])
			i += 2
			continue
		}
		switch rest[0] {
		case 'y', 'i':
			atEnd := i+1 == len(w) && ending == ""
			switch {
			case vowel(i-1) && !vowel(i+1): // Zaytsev, Zaitsev
				b.WriteString("й")
				i++
				continue
			case atEnd && rest[0] == 'y':
				b.WriteString("ый")
				i++
				continue
			case rest == "ia" && i > 0 && ending == "": // Beria
				b.WriteString("ия")
				break letters
			case rest[0] == 'y' && !vowel(i+1):
				b.WriteString("ы")
				i++
				continue
			}
		case 'l':
			// Melnik, Kovalchuk, Volsky: the soft sign that no romanisation writes.
			for _, after := range [...]string{"n", "ch", "sh", "sk"} {
				if strings.HasPrefix(rest[1:]+endingLatin(ending), after) {
					b.WriteString("ль")
					i++
					continue letters
				}
			}
		}
		for _, l := range latinLetters {
			if strings.HasPrefix(rest, l[0]) {
				b.WriteString(l[1])
				i += len(l[0])
				continue letters
			}
		}
		return "", false
	}
	return b.String() + ending, true
}

// endingLatin gives back enough of an ending to see what follows an l.
func endingLatin(ending string) string {
	switch {
	case strings.HasPrefix(ending, "ск"):
		return "sk"
	case strings.HasPrefix(ending, "н"):
		return "n"
	}
	return ""
}

// titleCase writes the first letter of each part of a hyphenated word large.
func titleCase(word string) string {
	out := []rune(strings.ToLower(word))
	start := true
	for i, r := range out {
		if start && unicode.IsLetter(r) {
			out[i] = unicode.ToTitle(r)
			start = false
		}
		start = start || r == '-'
	}
	return string(out)
}

// eachWord applies f to each word between spaces and hyphens.
func eachWord(s string, f func(string) string) string {
	words := strings.Fields(s)
	for i, w := range words {
		parts := strings.Split(w, "-")
		for j := range parts {
			parts[j] = f(parts[j])
		}
		words[i] = strings.Join(parts, "-")
	}
	return strings.Join(words, " ")
}

func isCyrillic(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
}

func isLatin(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) })
}
