package script

import "strings"

// cyrillicEveryday: what newspapers in English and OFAC write, close to BGN/PCGN
// 1947 without its marks; the letters of Ukrainian, Belarusian, Serbian,
// Macedonian and Kazakh as their own passports or BGN/PCGN have them.
var cyrillicEveryday = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'і': "i", 'ї': "yi", 'є': "ye", 'ґ': "g", 'ў': "u",
	'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", 'ѓ': "gj", 'ќ': "kj", 'ѕ': "dz", 'ѝ': "i", 'ѐ': "e",
	'ә': "a", 'ғ': "g", 'қ': "k", 'ң': "n", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'ҳ': "h", 'ҷ': "j", 'ӣ': "i", 'ӯ': "u", 'ҡ': "k",
	'ҙ': "z", 'ҫ': "s", 'җ': "j", 'ѣ': "e", 'ѳ': "f", 'ѵ': "i", 'ӏ': "",
}

// cyrillicICAO: ICAO Doc 9303 part 3 section 6 B, the letters that differ.
var cyrillicICAO = map[rune]string{'ё': "e", 'й': "i", 'ъ': "ie", 'ю': "iu", 'я': "ia", 'ї': "i", 'є': "ie"}

// cyrillicISO9: ISO 9:1995 without its marks, the letters that differ.
var cyrillicISO9 = map[rune]string{
	'ё': "e", 'ж': "z", 'й': "j", 'х': "h", 'ц': "c", 'ч': "c", 'ш': "s", 'щ': "s", 'ю': "u", 'я': "a", 'ї': "i", 'є': "e",
}

// cyrillicScholar: the scientific transliteration (DIN 1460, Serbian Latin) without
// its marks, the letters that differ.
var cyrillicScholar = map[rune]string{
	'ё': "e", 'ж': "z", 'й': "j", 'х': "h", 'ц': "c", 'ч': "c", 'ш': "s", 'щ': "sc", 'ю': "ju", 'я': "ja", 'ї': "ji", 'є': "je",
}

// cyrillicUkraine: the Cabinet's Resolution No. 55 of 27 January 2010; єїйюя
// differ at the head of a word.
var cyrillicUkraine = map[rune]string{'г': "h", 'и': "y", 'й': "i", 'ю': "iu", 'я': "ia", 'ї': "i", 'є': "ie", 'щ': "shch"}

// cyrillicUkraineBGN: BGN/PCGN 1965.
var cyrillicUkraineBGN = map[rune]string{'г': "h", 'и': "y", 'й': "y", 'ю': "yu", 'я': "ya", 'ї': "yi", 'є': "ye"}

// cyrillicBelarus: BGN/PCGN 1979; passports write i for й and the rest alike.
var cyrillicBelarus = map[rune]string{'г': "h", 'ў': "w", 'й': "y"}

// cyrillicBulgaria: the Transliteration Act of 2009; also BGN/PCGN 2013.
var cyrillicBulgaria = map[rune]string{'ж': "zh", 'х': "h", 'щ': "sht", 'ъ': "a", 'ь': "y", 'ц': "ts"}

// cyrillicKazakh: what passports of Kazakhstan write for the letters it adds
// (BGN/PCGN 1979 without its marks differs in gh and q).
var cyrillicKazakh = map[rune]string{'ғ': "gh", 'қ': "q", 'і': "i", 'ң': "ng", 'ұ': "u", 'ү': "u", 'х': "kh", 'һ': "h"}

func (r *romaniser) cyrillic(word string) {
	has := func(letters string) bool { return strings.ContainsAny(word, letters) }
	write := func(table map[rune]string, iotated bool) string {
		var b strings.Builder
		before := rune(0)
		for _, c := range word {
			s, ok := table[c]
			if !ok {
				s = cyrillicEveryday[c]
			}
			switch {
			case iotated && c == 'е' && (before == 0 || strings.ContainsRune("аеёиоуыэюяійъь", before)):
				s = "ye"
			case c == 'ё' && strings.ContainsRune("жчшщ", before):
				s = strings.TrimPrefix(s, "y")
			}
			if c == 'г' && before == 'з' && s == "h" {
				s = "gh" // зг is zgh in both Ukrainian systems, for zh is ж
			}
			b.WriteString(s)
			before = c
		}
		return b.String()
	}
	// -ий and -ый end in y, i, iy or yi, whatever the table.
	put := func(s string) {
		if stem, ok := strings.CutSuffix(word, "ий"); ok && stem != "" {
			for _, end := range []string{"iy", "ij", "ii", "yi", "yy"} {
				if t, ok := strings.CutSuffix(s, end); ok {
					r.put(t + "y")
					r.put(t + "iy")
					r.put(t + "i")
				}
			}
		} else if _, ok := strings.CutSuffix(word, "ый"); ok {
			for _, end := range []string{"yy", "yi", "yj"} {
				if t, ok := strings.CutSuffix(s, end); ok {
					r.put(t + "y")
				}
			}
		}
		r.put(s)
	}
	switch {
	case has("ђјљњћџѓќѕ"):
		put(write(cyrillicScholar, false))
		put(write(map[rune]string{'ж': "zh", 'ч': "ch", 'ш': "sh", 'ћ': "ch", 'х': "h", 'ц': "c", 'џ': "dzh", 'ѓ': "g", 'ќ': "k"}, false))
	case has("әғқңөұүһ"):
		put(write(nil, false))
		put(write(cyrillicKazakh, true))
	case has("ў"):
		put(write(cyrillicBelarus, true))
		put(write(cyrillicBelarus, false))
		put(write(nil, false))
	case has("іїєґ"):
		s := write(cyrillicUkraine, false)
		for _, head := range [][2]string{{"є", "ye"}, {"ї", "yi"}, {"й", "y"}, {"ю", "yu"}, {"я", "ya"}} {
			if strings.HasPrefix(word, head[0]) {
				s = head[1] + write(cyrillicUkraine, false)[len(cyrillicUkraine[[]rune(head[0])[0]]):]
			}
		}
		put(s)
		put(write(cyrillicUkraineBGN, false))
		put(write(nil, false))
	}
	put(write(nil, false))
	put(write(map[rune]string{'ё': "e"}, false))
	put(write(map[rune]string{'ё': "yo"}, true))
	put(write(cyrillicICAO, false))
	put(write(map[rune]string{'х': "h"}, false))
	if has("гиі") {
		put(write(cyrillicUkraine, false))
	}
	put(write(cyrillicScholar, false))
	put(write(cyrillicISO9, false))
	if has("щъьх") {
		put(write(cyrillicBulgaria, false))
	}
}
