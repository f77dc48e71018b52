package names

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sallyport/names/script"
)

// bounded normalises a written name (NFKC, lower case, no control and no
// zero-width characters) and cuts it to MaxRunes.
func bounded(s string) (string, bool) {
	s, cut := cutRunes(s, MaxRunes)
	if ascii(s) {
		return strings.ToLower(s), cut
	}
	var b strings.Builder
	b.Grow(len(s))
	// The joiners go before normalising: between a letter and its mark they
	// would keep the two apart.
	for _, r := range s {
		switch {
		case r == utf8.RuneError:
			r = ' '
		case unicode.IsSpace(r):
			r = ' '
		case unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Cs):
			continue
		}
		b.WriteRune(r)
	}
	// NFKC makes up to 18 characters of one (U+FDFA).
	s, again := cutRunes(norm.NFKC.String(fewMarks(b.String())), MaxRunes)
	return norm.NFKC.String(strings.Map(func(r rune) rune {
		if r == '\u0640' { // tatweel, a stroke that lengthens a line
			return -1
		}
		return unicode.ToLower(r)
	}, s)), cut || again
}

// fewMarks leaves out combining marks above three on one letter: they are no
// writing of any language ("Zalgo"), and normalising them is slow.
func fewMarks(s string) string {
	letter, marks := rune(0), 0
	return strings.Map(func(r rune) rune {
		if r < 0x300 || !unicode.Is(unicode.M, r) {
			letter, marks = r, 0
			return r
		}
		if marks == 0 {
			marks = marksOf(letter)
		}
		if marks += marksOf(r); marks > 3 {
			return -1
		}
		return r
	}, s)
}

// marksOf a character are those that it ends with once it is written apart: two of U+0F73, which is a
// mark, and of U+1FED, which is none.
func marksOf(r rune) int {
	n := 0
	for _, d := range norm.NFKD.String(string(r)) {
		if n++; !unicode.Is(unicode.M, d) {
			n = 0
		}
	}
	return n
}

func cutRunes(s string, most int) (string, bool) {
	if len(s) <= most {
		return s, false
	}
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i], true
		}
	}
	return s, false
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

// A word is what stands between separators.
type word struct {
	raw       string
	text, alt string     // of a person's name; see [foldWord]
	is        personWord // the text
	latin     bool       // so is the text
	hyphen    bool       // a hyphen follows: "al-"
	aside     bool       // in brackets or quotation marks
	family    bool       // before the comma of "Putin, Vladimir"
}

// wordsOf splits a bounded name. Apostrophes of every kind join ("O'Neill",
// "Sa'id", "Solov'ev"), everything else that is neither letter, mark nor digit
// separates. In a firm's name a dotted abbreviation is one word ("d.o.o.") and
// "&" is one ("and").
func wordsOf(s string, firm bool) []word {
	if firm && strings.ContainsRune(s, '.') {
		s = joinDotted(s)
	}
	words := make([]word, 0, 4)
	from, begun := 0, "" // s[from:] is being read, begun is what an apostrophe parts from it
	for i, r := range s {
		if unicode.IsLetter(r) && !isApostrophe(r) || unicode.IsDigit(r) || r >= 0x300 && unicode.Is(unicode.M, r) {
			continue
		}
		begun, from = begun+s[from:i], i+utf8.RuneLen(r)
		if isApostrophe(r) {
			continue
		}
		if begun != "" {
			words = append(words, word{raw: begun, hyphen: r == '-' || r == '\u2010' || r == '\u2011' || r == '\u2013'})
			begun = ""
		}
		if r == '&' && firm {
			words = append(words, word{raw: "and"})
		}
	}
	if begun += s[from:]; begun != "" {
		words = append(words, word{raw: begun})
	}
	return words
}

// isApostrophe covers the apostrophe, the quotation marks used for it, the
// modifier letters of transliteration (ayn, hamza, soft sign), the Hebrew
// geresh and the Armenian half ring and apostrophe.
func isApostrophe(r rune) bool {
	switch r {
	case '\'', '`', '\u00b4', '\u2018', '\u2019', '\u201b', '\u02b9', '\u02ba', '\u02bb', '\u02bc', '\u02bd', '\u02be', '\u02bf', '\u0559', '\u055a', '\u05f3', '\u2032', '\uff07':
		return true
	}
	return false
}

// joinDotted takes the dots out of abbreviations: segments of at most two
// letters, most of them of one ("d.o.o.", "s.a.", "sp.z.o.o."), and leaves
// "co.ltd" to be split.
func joinDotted(s string) string {
	fields := strings.Fields(s)
	for i, f := range fields {
		segments := strings.Split(strings.Trim(f, ".,;()\"'"), ".")
		single, short := 0, len(segments) > 1
		for _, seg := range segments {
			switch n := utf8.RuneCountInString(seg); {
			case n == 1:
				single++
			case n != 2:
				short = false
			}
		}
		if short && 2*single >= len(segments) {
			fields[i] = strings.ReplaceAll(f, ".", "")
		}
	}
	return strings.Join(fields, " ")
}

// foldWord gives a word's folded text, the other romanisation of it where a
// letter has two ("" where none has), and whether the text is all Latin letters.
func foldWord(raw string, ukr bool) (text, alt string, latin bool) {
	if ascii(raw) {
		return raw, "", !hasDigit(raw)
	}
	var few [2][64]byte
	b, a := few[0][:0], few[1][:0]
	differs, romanised := false, false
	latin = true
	var before rune
	run := 0 // raw[:run] is written
	for i, r := range raw {
		if i < run {
			continue
		}
		if 'a' <= r && r <= 'z' {
			b, a = append(b, byte(r)), append(a, byte(r))
			romanised, before = true, r
			continue
		}
		x, y, known := "", "", false
		if r >= 0x370 && r < 0x400 {
			var length int
			if x, y, length = greekPair(raw[i:], before == 0); length > 0 {
				known, run = true, i+length
			}
		}
		if !known {
			x, y, known = romanise(r, before, ukr)
		}
		if !known {
			if x, y, run = romaniseRun(raw[i:]); run > 0 {
				known, run = true, i+run
			}
		}
		switch {
		case known:
			romanised = true
			latin = latin && !(r >= '0' && r <= '9')
		case unicode.Is(unicode.M, r):
			// A mark on a Latin letter is a diacritic that has no composed form;
			// vowel marks of Arabic and Hebrew are not written in names as a rule;
			// those of other scripts are letters.
			if romanised || isVowelPoint(r) {
				continue
			}
			x, y = string(r), string(r)
		default:
			romanised = false
			if c, ok := arabicVariant[r]; ok {
				r = c
			} else if r >= 0x3400 { // where Han begins
				r = cmp.Or(hanVariant[r], r)
			}
			latin = false
			x, y = string(r), string(r)
		}
		b, a = append(b, x...), append(a, y...)
		differs = differs || x != y
		before = r
	}
	text = string(b)
	if !ascii(text) {
		latin = false
		// What stood between two marks of a letter may be gone by now: an apostrophe, a stroke.
		text = norm.NFKC.String(fewMarks(text))
	}
	if differs {
		alt = string(a)
	}
	return text, alt, latin && text != ""
}

// romaniseRun gives the Latin letters, twice as romanise does, for the Armenian or Georgian letters that a
// word begins with, and how much of the word they are with the marks on them: 0 where it begins with others,
// or with such as have no romanisation, which stay as they are. What stands in the word before or behind them is
// nothing to them: else a word of two scripts would be read otherwise once its other letters are Latin ones.
func romaniseRun(word string) (common, other string, length int) {
	s := script.Of(word)
	if s != script.Armenian && s != script.Georgian {
		return "", "", 0
	}
	length = len(word)
	for i, r := range word {
		if script.Of(string(r)) != s && (i == 0 || !unicode.Is(unicode.M, r)) {
			length = i
			break
		}
	}
	switch as := script.Romanise(word[:length], 2); len(as) {
	case 0:
		return "", "", 0
	case 1:
		return as[0], as[0], length
	default:
		return as[0], as[1], length
	}
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			return true
		}
	}
	return false
}

// isVowelPoint covers the Arabic harakat (U+064B to U+065F, U+0670) and the
// Hebrew niqqud (U+0591 to U+05C7).
func isVowelPoint(r rune) bool {
	return r >= 0x064b && r <= 0x065f || r == 0x0670 || r >= 0x0591 && r <= 0x05c7
}
