package unit

import "strings"

// Levels is the number of contexts in which a unit is counted.
const Levels = 4

// A Unit is one unit of a word with its contexts, the coarsest first: for letters
// the letter alone, with the next, with the one before, with both; for Han the
// initial or final, its syllable, the syllable with its neighbour, the character.
// ID is the number of the unit within its script, as in the first context.
type Unit struct {
	ID  uint16
	Key [Levels]uint32
}

// A Position is one place of a word: what may stand there, the likeliest first.
// Only Han characters with several readings have more than one.
type Position []Unit

const (
	edge = 0x1FE // before the first and after the last unit
	slot = 0x1EF // between two letters, where a vowel may be unwritten
	al   = 0x1F0 // the Arabic article at the head of a word
)

func level(l int, body uint32) uint32 { return uint32(l)<<30 | body }

// Cut is the word as units; empty for a word of a script that has none (Latin,
// Greek, ...) or without letters.
func Cut(s Script, word string) []Position {
	word = cut(word)
	var ids [2 * MaxLetters]uint16
	n := 0
	switch s {
	case Cyrillic:
		for _, r := range word {
			if 0x400 <= r && r < 0x530 && n < MaxLetters {
				ids[n] = uint16(r - 0x400)
				n++
			}
		}
	case Arabic:
		n = arabic(ids[:], word)
	case Hebrew:
		n = hebrew(ids[:], word)
	case Kana:
		n = kana(ids[:], word)
	case Devanagari:
		n = indic(ids[:], word, 0x900)
	case Bengali:
		n = indic(ids[:], word, 0x980)
	case Thai:
		n = thai(ids[:], word)
	case Hangul, KoreanName:
		n = hangul(ids[:], word)
	case Han:
		return han(word)
	case ChineseName:
		return chineseName(word)
	case HanjaName:
		n = hangul(ids[:], HangulOf(word))
	case JapaneseName:
		return kanji(word)
	}
	n = min(n, MaxLetters)
	if n == 0 {
		return nil
	}
	if s == Arabic || s == Hebrew {
		return abjad(ids[:n])
	}
	out, units := make([]Position, n), make([]Unit, n)
	for i := range n {
		p, u, x := uint32(edge), uint32(ids[i]), uint32(edge)
		if i > 0 {
			p = uint32(ids[i-1])
		}
		if i+1 < n {
			x = uint32(ids[i+1])
		}
		units[i] = Unit{ids[i], [Levels]uint32{level(0, u), level(1, u<<9|x), level(2, p<<9|u), level(3, p<<18|u<<9|x)}}
		out[i] = units[i : i+1 : i+1]
	}
	return out
}

// abjad has a unit for each letter and one for the vowel after it, which the letters
// around it tell of: so what is learned of a vowel serves every pair of letters.
func abjad(ids []uint16) []Position {
	ids = ids[:min(len(ids), MaxLetters/2)]
	out, units := make([]Position, 2*len(ids)), make([]Unit, 2*len(ids))
	for i := range ids {
		p, u, x := uint32(edge), uint32(ids[i]), uint32(edge)
		if i > 0 {
			p = uint32(ids[i-1])
		}
		if i+1 < len(ids) {
			x = uint32(ids[i+1])
		}
		units[2*i] = Unit{ids[i], [Levels]uint32{level(0, u), level(1, u<<9|x), level(2, p<<9|u), level(3, p<<18|u<<9|x)}}
		units[2*i+1] = Unit{slot, [Levels]uint32{level(0, slot), level(1, slot<<9|x), level(2, u<<9|slot), level(3, u<<18|slot<<9|x)}}
		out[2*i], out[2*i+1] = units[2*i:2*i+1:2*i+1], units[2*i+1:2*i+2:2*i+2]
	}
	return out
}

// SouthKeys are the contexts in which a letter of Devanagari, Bengali or Thai is
// counted, alone and at the end of a word; _ is the vowel unwritten.
func SouthKeys(s Script, letter string) (alone, last uint32) {
	id := uint32(slot)
	if letter != "_" {
		var ids [4]uint16
		switch s {
		case Devanagari:
			indic(ids[:], letter, 0x900)
		case Bengali:
			indic(ids[:], letter, 0x980)
		case Thai:
			thai(ids[:], letter)
		}
		id = uint32(ids[0])
	}
	return level(0, id), level(1, id<<9|edge)
}

// indic gives the letters of Devanagari or Bengali, whose blocks are laid out alike
// (The Unicode Standard, section 12.1), and a slot after a consonant with no vowel
// sign and no virama.
func indic(ids []uint16, word string, block rune) int {
	n := 0
	open := false // the last letter is a consonant without a vowel yet
	put := func(id uint16) {
		if n < len(ids) {
			ids[n] = id
			n++
		}
	}
	for _, r := range word {
		r -= block
		switch {
		case r < 0 || r >= 0x80:
		case r == 0x3C: // nukta: another sound
			if open {
				ids[n-1] |= 0x80
			}
		case r == 0x4D: // virama
			open = false
		case 0x15 <= r && r <= 0x39 || 0x58 <= r && r <= 0x5F || r == 0x4E || r == 0x70 || r == 0x71:
			if open {
				put(slot)
			}
			put(uint16(r))
			open = r != 0x4E // khanda ta has none
		case 0x3E <= r && r <= 0x4C:
			open = false
			put(uint16(r))
		case 0x01 <= r && r <= 0x14:
			if open {
				put(slot)
			}
			open = false
			put(uint16(r))
		}
	}
	if open && n > 1 {
		put(slot)
	}
	return n
}

// doubleRo stands for รร, which is no r.
const doubleRo = 0x7F

// thai gives the letters of Thai, vowels after the consonants that they are written
// before, without tone marks and letters made silent, and a slot after a consonant
// that no vowel follows.
func thai(ids []uint16, word string) int {
	n := 0
	var before uint16 // vowel written before its consonant
	open, composed := false, false
	put := func(id uint16) {
		if n < len(ids) {
			ids[n] = id
			n++
		}
	}
	for _, r := range word {
		id := uint16(r - 0xE00)
		switch {
		case r < 0xE01 || r > 0xE4E:
		case r == 'ฤ':
			if open {
				put(slot)
			}
			open = false
			put(id)
		case r == 'ร' && open && n > 0 && ids[n-1] == id: // รร is a vowel, or one and n
			ids[n-1] = doubleRo
			if n > 1 && ids[n-2] == slot {
				ids[n-2] = doubleRo
				n--
			}
			open = false
		case r <= 'ฮ':
			if open {
				put(slot)
			}
			put(id)
			open = true
			if before != 0 {
				put(before)
				before, open = 0, false
			}
		case 'เ' <= r && r <= 'ไ':
			if open {
				put(slot)
			}
			before, open = id, false
		case r == '์': // the letter before it is silent, with its vowel
			if n > 0 && !open {
				n--
			}
			if n > 0 {
				n--
			}
			if n > 0 && ids[n-1] == slot {
				n--
			}
			open = false
		case r == 0xE4D: // NFKC parts ำ into this and า
			open, composed = false, true
			put('ำ' - 0xE00)
		case r == 'า' && composed:
			composed = false
		case r >= '่' || r == '็' || r == 'ๆ':
		default:
			open = false
			put(id)
		}
	}
	if before != 0 {
		put(before)
	}
	return n
}

// weak letters of Arabic and Hebrew are vowels at times, or fall silent.
const weak = "اأإآىيوؤئءعهةאהויע"

// MayWrite reports whether what a unit writes is to be counted. In Arabic and Hebrew
// vowels are left to the places between the letters and consonants to the letters,
// so that each is learned from every word that has it.
func (u *Unit) MayWrite(s Script, code uint32) bool {
	piece := Piece(code)
	switch {
	case s != Arabic && s != Hebrew || u.ID == al:
		return true
	case u.ID == slot:
		return u.Key[1] == level(1, slot<<9|edge) || strings.Trim(piece, "aeiouy") == ""
	case s == Arabic && strings.ContainsRune(weak, rune(u.ID)+0x600), s == Hebrew && strings.ContainsRune(weak, rune(u.ID&0x3F)+0x5D0):
		return true
	}
	return !strings.ContainsAny(piece, "aeiou")
}

// arabicFold joins the letters that Arabic, Persian and Urdu code twice.
var arabicFold = map[rune]rune{'ی': 'ي', 'ې': 'ي', 'ے': 'ي', 'ک': 'ك', 'ھ': 'ه', 'ہ': 'ه', 'ۀ': 'ه', 'ە': 'ه', 'ۃ': 'ة', 'ٱ': 'ا', 'ڪ': 'ك'}

// din is الدين, "of the religion", which names end in.
var din = [5]uint16{'ا' - 0x600, 'ل' - 0x600, 'د' - 0x600, 'ي' - 0x600, 'ن' - 0x600}

func arabic(ids []uint16, word string) int {
	n := 0
	for _, r := range word {
		if f, ok := arabicFold[r]; ok {
			r = f
		}
		// Letters only: no vowel signs, no tatweel.
		if r >= 0x620 && r <= 0x64A && r != 0x640 || r >= 0x671 && r <= 0x6D3 {
			ids[n] = uint16(r - 0x600)
			n++
		}
	}
	if n > 6 && [5]uint16(ids[n-5:n]) == din { // the article is heard as another d: Shamsuddin
		ids[n-5] = ids[n-3]
		copy(ids[n-4:], ids[n-3:n])
		n--
	}
	if n > 4 && ids[0] == 'ا'-0x600 && ids[1] == 'ل'-0x600 {
		ids[0] = al
		copy(ids[1:n-1], ids[2:n])
		n--
	}
	return n
}

func hebrew(ids []uint16, word string) int {
	n := 0
	for _, r := range word {
		switch {
		case 'א' <= r && r <= 'ת':
			ids[n] = uint16(r - 0x5D0)
			n++
		case (r == '\'' || r == '׳' || r == '’' || r == '`') && n > 0 && ids[n-1] < 0x40:
			ids[n-1] += 0x40 // ג׳ is another sound than ג
		}
	}
	return n
}

// hangul gives the sounds of the syllables: initials from 0 (the silent one left
// out), vowels from 32, finals from 64. The arithmetic is that of The Unicode
// Standard, section 3.12.
func hangul(ids []uint16, word string) int {
	n := 0
	for _, r := range word {
		if r < 0xAC00 || r > 0xD7A3 {
			continue
		}
		s := uint16(r - 0xAC00)
		if in := s / 588; in != 11 {
			ids[n] = in
			n++
		}
		if n+2 > len(ids) {
			break
		}
		ids[n] = 32 + s%588/28
		n++
		if f := s % 28; f != 0 {
			ids[n] = 64 + f
			n++
		}
		if n+3 > len(ids) {
			break
		}
	}
	return n
}

// The sounds of kana, as ids. A mora is a consonant, if any, and a vowel.
var kanaConsonants = []string{"", "k", "s", "t", "n", "h", "m", "y", "r", "w", "g", "z", "d", "b", "p",
	"ky", "sh", "ch", "ny", "hy", "my", "ry", "gy", "j", "by", "py", "f", "v", "ts", "kw", "gw", "ty", "dy", "fy", "vy", "dj"}

const kanaVowel = 64 // a i u e o follow
const (
	KanaN    = 80 // ン
	KanaStop = 81 // ッ
	KanaLong = 82 // ー
)

// KanaSound is the sound with this id in Hepburn letters; empty for ッ and ー.
func KanaSound(id uint16) string {
	switch {
	case int(id) < len(kanaConsonants):
		return kanaConsonants[id]
	case id >= kanaVowel && id < kanaVowel+5:
		return "aiueo"[id-kanaVowel : id-kanaVowel+1]
	case id == KanaN:
		return "n"
	}
	return ""
}

// morae are the katakana as consonant, blank, vowel.
var morae = map[rune]string{
	'ア': " a", 'イ': " i", 'ウ': " u", 'エ': " e", 'オ': " o",
	'カ': "k a", 'キ': "k i", 'ク': "k u", 'ケ': "k e", 'コ': "k o",
	'サ': "s a", 'シ': "sh i", 'ス': "s u", 'セ': "s e", 'ソ': "s o",
	'タ': "t a", 'チ': "ch i", 'ツ': "ts u", 'テ': "t e", 'ト': "t o",
	'ナ': "n a", 'ニ': "n i", 'ヌ': "n u", 'ネ': "n e", 'ノ': "n o",
	'ハ': "h a", 'ヒ': "h i", 'フ': "f u", 'ヘ': "h e", 'ホ': "h o",
	'マ': "m a", 'ミ': "m i", 'ム': "m u", 'メ': "m e", 'モ': "m o",
	'ヤ': "y a", 'ユ': "y u", 'ヨ': "y o",
	'ラ': "r a", 'リ': "r i", 'ル': "r u", 'レ': "r e", 'ロ': "r o",
	'ワ': "w a", 'ヰ': "w i", 'ヱ': "w e", 'ヲ': "w o",
	'ガ': "g a", 'ギ': "g i", 'グ': "g u", 'ゲ': "g e", 'ゴ': "g o",
	'ザ': "z a", 'ジ': "j i", 'ズ': "z u", 'ゼ': "z e", 'ゾ': "z o",
	'ダ': "d a", 'ヂ': "dj i", 'ヅ': "z u", 'デ': "d e", 'ド': "d o",
	'バ': "b a", 'ビ': "b i", 'ブ': "b u", 'ベ': "b e", 'ボ': "b o",
	'パ': "p a", 'ピ': "p i", 'プ': "p u", 'ペ': "p e", 'ポ': "p o",
	'ヴ': "v u", 'ヷ': "v a", 'ヸ': "v i", 'ヹ': "v e", 'ヺ': "v o", 'ヵ': "k a", 'ヶ': "k e",
}

var smallVowel = map[rune]byte{'ァ': 'a', 'ィ': 'i', 'ゥ': 'u', 'ェ': 'e', 'ォ': 'o'}
var smallY = map[rune]byte{'ャ': 'a', 'ュ': 'u', 'ョ': 'o'}

var consonantID = func() map[string]uint16 {
	m := map[string]uint16{}
	for i, c := range kanaConsonants {
		m[c] = uint16(i)
	}
	return m
}()

func vowelID(v byte) uint16 {
	for i, c := range []byte("aiueo") {
		if c == v {
			return kanaVowel + uint16(i)
		}
	}
	return kanaVowel
}

func kana(ids []uint16, word string) int {
	n := 0
	put := func(c string, v byte) {
		if n+2 > len(ids) {
			return
		}
		if c != "" {
			ids[n] = consonantID[c]
			n++
		}
		ids[n] = vowelID(v)
		n++
	}
	var c string // of the mora before
	var v byte
	for _, r := range word {
		if 'ぁ' <= r && r <= 'ゖ' {
			r += 'ァ' - 'ぁ'
		}
		if m, ok := morae[r]; ok {
			c, v = m[:len(m)-2], m[len(m)-1]
			put(c, v)
			continue
		}
		if s, ok := smallVowel[r]; ok { // シェ is she, ティ is ti, ファ is fa, ウィ is wi
			if v == 0 || n == 0 {
				put("", s)
				continue
			}
			n-- // the vowel before is no vowel now
			if c != "" {
				n--
			}
			switch {
			case c == "" && v == 'u':
				c = "w"
			case c == "" && v == 'i':
				c = "y"
			case c == "k" && v == 'u':
				c = "kw"
			case c == "g" && v == 'u':
				c = "gw"
			}
			if c == "" {
				put("", v)
			}
			put(c, s)
			v = 0
			continue
		}
		if s, ok := smallY[r]; ok { // キャ is kya, シャ is sha, チュ is chu
			if v == 0 || n == 0 || c == "" {
				put("y", s)
				continue
			}
			n -= 2
			if _, ok := consonantID[c+"y"]; ok {
				c += "y"
			}
			put(c, s)
			v = 0
			continue
		}
		v = 0
		if n+1 > len(ids) {
			break
		}
		switch r {
		case 'ン':
			ids[n] = KanaN
			n++
		case 'ッ':
			ids[n] = KanaStop
			n++
		case 'ー':
			ids[n] = KanaLong
			n++
		}
	}
	return n
}
