package names

import (
	"slices"
	"strings"

	"sallyport/names/script"
)

// keysOf gives the canonical keys of a folded word and of its other
// romanisation. Letters that are read in two ways (j in Zhukov written Jukov
// and in Yuri written Juri; c in Carev and in Oscar; ch in Chekhov and in
// Michail) give a key for each reading. Words in other scripts are their own key.
func keysOf(text, alt string, latin bool) []string {
	var few [8]string
	return slices.Clone(appendKeys(few[:0], text, alt, latin))
}

// appendKeys is keysOf that appends.
func appendKeys(keys []string, text, alt string, latin bool) []string {
	if !latin {
		keys = append(keys, text)
		if group := canonical(text); group != text {
			keys = append(keys, group) // عمر is Umar
		}
		return keys
	}
	before := len(keys)
	own := "" // the word's own key where its group of spellings has another
	add := func(k string) {
		if k != "" && !slices.Contains(keys[before:], k) {
			keys = append(keys, k)
		}
	}
	for _, word := range [...]string{text, alt} {
		if word == "" {
			continue
		}
		j, c := strings.IndexByte(word, 'j') >= 0 && !soundsJ[word], strings.IndexByte(word, 'c') >= 0
		for _, r := range [...]reading{{}, {jIsY: true}, {cIsTs: true}, {jIsY: true, cIsTs: true}} {
			if r.jIsY && !j || r.cIsTs && !c {
				continue
			}
			k := key(word, r)
			group := canonical(k)
			add(group)
			if group != k && own == "" {
				own = k
			}
		}
	}
	add(own) // a slip is made in the word as it is spelt
	add(compoundKey(text))
	if len(keys) == before { // only letters that keys leave out
		keys = append(keys, text)
	}
	return keys
}

// compounds are the second halves of names made of two, in their spellings, and how they
// are written in a key.
var compounds = [...]compound{
	{"uddin", "+din"}, {"eddine", "+din"}, {"eddin", "+din"}, {"addin", "+din"}, {"iddin", "+din"}, {"oddin", "+din"}, {"addine", "+din"}, {"uddine", "+din"},
	{"uddeen", "+din"}, {"eddeen", "+din"}, {"aldin", "+din"}, {"eldin", "+din"}, {"uldin", "+din"}, {"aldeen", "+din"}, {"eldeen", "+din"}, {"aldine", "+din"}, {"eldine", "+din"}, {"utdin", "+din"}, {"etdin", "+din"},
	{"ullah", "+ula"}, {"ollah", "+ula"}, {"allah", "+ula"}, {"ulla", "+ula"}, {"olla", "+ula"}, {"ulloh", "+ula"}, {"oullah", "+ula"}, {"ulah", "+ula"}, {"olah", "+ula"},
	{"zadeh", "+zade"}, {"zada", "+zade"}, {"zadah", "+zade"}, {"zade", "+zade"}, {"zoda", "+zade"},
	{"nejad", "+nejad"}, {"nezhad", "+nejad"}, {"nejhad", "+nejad"}, {"nijad", "+nejad"}, {"nejat", "+nejad"},
	{"enka", "+enko"}, {"enko", "+enko"}, // Lukashenka is the Belarusian for Lukashenko
}

type compound struct{ ending, key string }

// compoundsBy has the compounds by the last two letters of their endings, in their order.
var compoundsBy = func() (by [26 * 26][]compound) {
	for _, c := range compounds {
		at := &by[pairOf(c.ending[len(c.ending)-2:])]
		*at = append(*at, c)
	}
	return by
}()

// pairOf numbers what two letters from a to z a text begins with; -1 where it begins otherwise.
func pairOf(text string) int {
	if len(text) < 2 || text[0]-'a' > 25 || text[1]-'a' > 25 {
		return -1
	}
	return int(text[0]-'a')*26 + int(text[1]-'a')
}

// compoundKey is the key of a name made of two, whose first half may have everyday
// spellings of its own: Nur-, Nour- and Nooruddin, Abdurrahman and Abd al-Rahman; "" for
// others. It takes the Belarusian -au and -ou (Makarau, Halavanau) for -ov, with g for its h, and -eh for -ah as
// well, and the article of an Arabic name that is written with it for one article, however it is spelt: Elkaddafi,
// al-Qadhafi.
func compoundKey(word string) string {
	if rest := servantOf(word); rest != "" {
		return "abdul+" + canonical(key(rest, reading{}))
	}
	last := word[max(len(word)-2, 0):]
	if pair := pairOf(last); pair >= 0 {
		for _, c := range compoundsBy[pair] {
			if stem, ok := strings.CutSuffix(word, c.ending); ok && len(stem) >= 3 && stem != "abd" && stem != "abad" {
				return canonical(key(stem, reading{})) + c.key
			}
		}
	}
	if stem, ok := strings.CutSuffix(word, "eh"); ok && len(stem) >= 4 {
		return key(stem+"ah", reading{}) // Aradeh, Salameh: the Levant's and Persia's for -ah
	}
	if stem := word[:len(word)-len(last)]; len(stem) >= 4 && !vowel(stem[len(stem)-1]) {
		switch last {
		case "eu":
			return key(russian(stem)+"ev", reading{})
		case "au", "ou":
			return key(russian(stem)+"ov", reading{})
		}
	}
	if rest := fatherOf(word); rest != "" {
		return "abu+" + canonical(key(rest, reading{}))
	}
	if rest := afterArticle(word); rest != "" {
		return "al+" + canonical(key(rest, reading{}))
	}
	return ""
}

// fatherOf is whose father somebody is called, in one word with the article or without: Abolghasem, Aboulkacem,
// and Abu Qasim as [Person] makes one part of it; "" for other words.
func fatherOf(word string) string {
	for _, abu := range [...]string{"aboul", "abool", "abol", "abul", "abou", "abu"} {
		if rest, ok := strings.CutPrefix(word, abu); ok {
			if len(rest) < 4 || vowel(rest[0]) {
				return ""
			}
			return rest
		}
	}
	return ""
}

// sunLetters are the consonants that the article's l becomes, as they are romanised.
var sunLetters = [...]string{"t", "th", "d", "dh", "r", "z", "s", "sh", "ch", "n"}

// afterArticle is what follows the article of an Arabic name that is written with it, of seven letters and more; "" for other words.
// The article is Al or El, or what it becomes before a sun letter: Elkaddafi, Essebsi, Ettouati, Achchourouk.
func afterArticle(word string) string {
	if len(word) < 7 || word[0] != 'a' && word[0] != 'e' {
		return ""
	}
	if word[1] == 'l' {
		if vowel(word[2]) {
			return ""
		}
		return word[2:]
	}
	for _, sound := range sunLetters {
		if rest, ok := strings.CutPrefix(word[1:], sound); ok && strings.HasPrefix(rest, sound) && vowel(rest[len(sound)]) {
			return rest
		}
	}
	return ""
}

// appendCustoms appends the keys of a word of a person's name by the customs of one people, which others would not be read by.
// A word that many are called by, or that has a group of spellings, is what it is. Before Rahman an article is written with
// the word before it: Fazlur Rahman is Fazl ur-Rahman, also as "Rahman, Fazlur". A Korean given name as one word stands
// beside a family name that is a syllable; Dara and Tana by themselves are no Koreans.
func appendCustoms(keys []string, word string, withRahman, besideSyllable bool) []string {
	var few [12]string
	custom := few[:0]
	if rest := afterArticle(word); rest != "" && rest[0] != 'l' {
		own := key(rest, reading{}) // Alharbi, as passports of the Gulf have it, is Harbi
		if group := canonical(own); group != own && !slices.Contains(keys, group) {
			keys = append(keys, group) // Elkaddafi is Gaddafi, however many are called so
		} else {
			custom = append(custom, own)
		}
	}
	if stem, ok := strings.CutSuffix(word, "ur"); ok && withRahman && len(stem) >= 3 {
		custom = append(custom, canonical(key(stem, reading{})))
	}
	if besideSyllable {
		custom = appendKoreanWord(custom, word)
	}
	if strings.IndexByte(word, 'c') >= 0 || strings.IndexByte(word, 'x') >= 0 || strings.Contains(word, "dh") {
		for _, read := range [...]string{french(word), somali(word), persian(word)} {
			if read != "" {
				custom = append(custom, canonical(key(read, reading{})), compoundKey(read))
			}
		}
	}
	if len(custom) == 0 {
		return keys
	}
	for _, k := range keys {
		if commonPeople[k] != Rare || len(nicknames[k]) > 0 || spellings[k] != "" {
			return keys
		}
	}
	for _, k := range custom {
		if k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	return keys
}

// french writes sh for each ch of a word that may be Arabic as French clerks wrote it, in five letters and more: Achref, Chokri,
// Guellouche. It is "" for other words.
func french(word string) string {
	if len(word) < 5 || !strings.Contains(word, "ch") || strings.Contains(word, "tch") || strings.Contains(word, "sch") ||
		strings.ContainsAny(word, "pv") || strings.HasSuffix(word, "enko") || strings.HasSuffix(word, "uk") || ofSyllables(word) {
		return "" // Omelchenko, Kovalchuk
	}
	return strings.ReplaceAll(word, "ch", "sh")
}

// somali reads a word that may be written in the alphabet of the Somali (of 1972, which has neither p, v nor z): x is an
// Arabic h, c its ayn, and long vowels are written twice: Xasan, Cabdiraxmaan, Jaamac. It is "" for other words.
func somali(word string) string {
	if len(word) < 4 || strings.ContainsAny(word, "pvz") || !strings.ContainsAny(word, "cx") || strings.Contains(word, "ch") || strings.Contains(word, "ck") || ofSyllables(word) {
		return ""
	}
	if strings.HasPrefix(word, "coo") || !vowel(word[0]) && !vowel(word[1]) && word[1] != 'h' {
		return "" // Cooley, Creed, McGee
	}
	read := make([]byte, 0, len(word))
	long := false
	for i := range len(word) {
		switch c := word[i]; {
		case c == 'x':
			read = append(read, 'h')
		case c == 'c':
		case i > 0 && c == word[i-1] && vowel(c):
			long = true
		default:
			read = append(read, c)
		}
	}
	if !long && !strings.Contains(word, "x") && !strings.HasPrefix(word, "cabd") {
		return "" // Carlos
	}
	return string(read)
}

// persian writes z for each dh, the Arabic letters that Iran, Turkey and India pronounce so: Dhawahri is Zawahri. It is "" for words
// that have none.
func persian(word string) string {
	if len(word) < 5 || !strings.Contains(word, "dh") {
		return ""
	}
	return strings.ReplaceAll(word, "dh", "z")
}

// appendKorean appends the keys of a Korean given name of two syllables, one for each that its letters may be in some
// romanisation: Jinhyeok and Jin Hyok are one. Such a key is two bytes that no letters have, too few for slips of the pen to be looked for in it.
func appendKorean(keys []string, first, second string) []string {
	for _, a := range koreanSyllables[first] {
		for _, b := range koreanSyllables[second] {
			k := koreanKey(a, b)
			if !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// koreanKey is the key of two syllables by their numbers, up to 170. It is no UTF-8, or begins with a control character or
// punctuation, so that no word is the same: a letter of Arabic, Hebrew and others is two bytes as well.
func koreanKey(a, b uint8) string { return string([]byte{0x80 + a, 0xC0 + b}) }

// appendKoreanWord appends those of a given name that is written as one word.
func appendKoreanWord(keys []string, word string) []string {
	if len(word) < 4 || len(word) > 2*longestKorean {
		return keys
	}
	if first, last := pairOf(word), pairOf(word[len(word)-2:]); first < 0 || last < 0 || !koreanPairs[first].begins || !koreanPairs[last].ends {
		return keys // most words are told by that
	}
	for cut := max(2, len(word)-longestKorean); cut <= min(len(word)-2, longestKorean); cut++ {
		keys = appendKorean(keys, word[:cut], word[cut:])
	}
	return keys
}

// longestKorean is "ryeong".
const longestKorean = 6

// koreanPairs are the letters that a syllable of Korea begins and ends with.
var koreanPairs [26 * 26]struct{ begins, ends bool }

// ofSyllables reports whether a word is one to three syllables of names of China, Korea and their neighbours.
func ofSyllables(word string) bool {
	var from func(rest string, left int) bool
	from = func(rest string, left int) bool {
		if rest == "" {
			return true
		}
		for n := min(len(rest), 7); n > 0 && left > 0; n-- {
			if script.Eastern(rest[:n]) && from(rest[n:], left-1) {
				return true
			}
		}
		return false
	}
	return from(word, 3)
}

// russian writes g for each h of a Belarusian word that is a letter by itself: Halavanau is Golovanov.
func russian(word string) string {
	if strings.IndexByte(word, 'h') < 0 {
		return word
	}
	b := []byte(word)
	for i, c := range b {
		if c == 'h' && (i == 0 || strings.IndexByte("cdgkpstz", b[i-1]) < 0) {
			b[i] = 'g'
		}
	}
	return string(b)
}

// servantOf gives the second half of a name like Abdurrahman, written as one: what stands
// after "abd", a vowel and the article's l, or the letter the article became.
func servantOf(word string) string {
	rest, ok := strings.CutPrefix(word, "abd")
	if !ok || rest == "" || !vowel(rest[0]) {
		return ""
	}
	rest = strings.TrimLeft(rest, "aeou")
	article := false
	switch {
	case len(rest) > 1 && rest[0] == 'l':
		rest, article = rest[1:], true
	case strings.HasPrefix(rest, "shsh"):
		rest, article = rest[2:], true
	case len(rest) > 1 && rest[0] == rest[1]:
		rest, article = rest[1:], true
	}
	rest = strings.TrimPrefix(rest, "i") // the Somali Abdirahman
	if len(rest) < 4 || strings.HasPrefix(rest, "la") || !article && len(rest) < 5 {
		return "" // Abdullah, Abdullahi
	}
	return rest
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
		at := &by[pairOf(d.letters)]
		*at = append(*at, d)
	}
	return by
}()

// lone is how a letter sounds whatever follows it; 0 where that matters, see [key].
var lone = func() (lone [256]byte) {
	for c := range lone {
		lone[c] = byte(c)
	}
	lone['y'], lone['q'], lone['w'] = 'i', 'k', 'v'
	lone['c'], lone['j'], lone['x'] = 0, 0, 0
	for _, d := range digraphs {
		lone[d.letters[0]] = 0
	}
	return lone
}()

// digraphsFrom are those that a word with such a beginning may have there.
func digraphsFrom(rest string) []digraph {
	if pair := pairOf(rest); pair >= 0 {
		return digraphsBy[pair]
	}
	return nil
}

// key is the word as it sounds to somebody who does not know which romanisation
// it is written in.
func key(word string, r reading) string {
	var few [64]byte
	b := few[:0]
	// Three letters are too few to lose one: Lee and Le, Yee and Ye are different names.
	short := len(word) <= 3
next:
	for i := 0; i < len(word); {
		if sound := lone[word[i]]; sound != 0 {
			b, i = append(b, sound), i+1
			continue
		}
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
		case 'j':
			if r.jIsY {
				b = append(b, 'i')
			} else {
				b = append(b, 'J')
			}
		case 'x':
			b = append(b, 'k', 's')
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
	if !short {
		b = simplified(b)
	}
	if string(b) == word {
		return word
	}
	return string(b)
}

// simplified leaves out of a key of four letters and more, which it overwrites, what
// romanisations of one name differ in.
func simplified(b []byte) []byte {
	b = slices.Compact(b)
	// Vasilievich, Vasilyevich and Vasilevich; Yelena and Elena.
	n := 0
	for i, c := range b {
		if c != 'i' || i+1 == len(b) || b[i+1] != 'e' {
			b[n], n = c, n+1
		}
	}
	b = b[:n]
	// Fyodor and Fedor, Pyotr and Petr, Gorbachyov and Gorbachev: io between consonants.
	for i := 1; i+2 < len(b); i++ {
		if b[i] == 'i' && b[i+1] == 'o' && !vowel(b[i-1]) && !vowel(b[i+2]) && len(b) > 4 {
			b = append(b[:i], b[i+1:]...)
			b[i] = 'e'
		}
	}
	b = slices.Compact(b)
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
	return b
}

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
