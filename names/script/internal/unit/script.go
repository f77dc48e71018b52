// Package unit cuts a name part into what the model of package script counts:
// Latin words into ASCII letters, words of other scripts into units, each with
// four contexts from coarse to fine.
//
// It holds no probability and no romanisation for people; package script does.
// It is shared between that package and its generator, so that what was counted
// is what is looked up. TestUnits in this package shows the cuts.
package unit

import (
	"hash/fnv"
	"slices"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxLetters is where a word is cut; no name part on a published list has as many.
const MaxLetters = 40

// A Script is a writing system in which names are compared.
type Script uint8

const (
	Other Script = iota
	Latin
	Cyrillic
	Greek
	Armenian
	Georgian
	Arabic
	Hebrew
	Han
	Kana
	Hangul
	// Not scripts of their own, but other ways to read a name: each has a model.
	KoreanName   // Hangul, as Koreans romanise their own names
	ChineseName  // Han, as Chinese do
	JapaneseName // Han, as Japanese do

	Devanagari
	Bengali
	Thai

	HanjaName // Han, as Koreans read and romanise it: by the model of KoreanName
)

var scriptNames = [...]string{"Other", "Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Arabic", "Hebrew", "Han", "Kana", "Hangul",
	"KoreanName", "ChineseName", "JapaneseName", "Devanagari", "Bengali", "Thai", "HanjaName"}

func (s Script) String() string {
	if int(s) < len(scriptNames) {
		return scriptNames[s]
	}
	return "Other"
}

type scriptLetters struct {
	s Script
	t *unicode.RangeTable
}

var tables = []scriptLetters{
	{Cyrillic, unicode.Cyrillic}, {Arabic, unicode.Arabic}, {Hebrew, unicode.Hebrew}, {Han, unicode.Han},
	{Kana, unicode.Katakana}, {Kana, unicode.Hiragana}, {Hangul, unicode.Hangul},
	{Greek, unicode.Greek}, {Armenian, unicode.Armenian}, {Georgian, unicode.Georgian},
	{Devanagari, unicode.Devanagari}, {Bengali, unicode.Bengali}, {Thai, unicode.Thai}, {Latin, unicode.Latin},
}

// Of is the script of the first letter of word that has one, among its first
// MaxLetters characters.
func Of(word string) Script {
	n := 0
	for _, r := range word {
		if n++; n > MaxLetters {
			break
		}
		if s, ok := OfRune(r); ok {
			return s
		}
	}
	return Other
}

// OfRune is the script of one letter. It reports false for what is no letter of
// one script: digits, marks, punctuation, ー.
func OfRune(r rune) (Script, bool) {
	if r >= 0 && int(r) < len(letters) {
		s := letters[r]
		return s &^ isLetter, s != 0
	}
	for i := range tables {
		if unicode.Is(tables[i].t, r) {
			return tables[i].s, true
		}
	}
	return Other, unicode.IsLetter(r)
}

// letters are the scripts of the letters of the first plane of Unicode, with isLetter, 0 for what is
// no letter of one script.
var letters = func() (of [1 << 16]Script) {
	each := func(t *unicode.RangeTable, f func(r int)) {
		for _, span := range t.R16 {
			for r := int(span.Lo); r <= int(span.Hi); r += int(span.Stride) {
				f(r)
			}
		}
	}
	each(unicode.Letter, func(r int) { of[r] = Other | isLetter })
	for _, table := range slices.Backward(tables) {
		each(table.t, func(r int) { of[r] = table.s | isLetter })
	}
	for r := range 0x80 {
		if of[r] != Latin|isLetter {
			of[r] = 0
		}
	}
	of['ー'] = 0
	return of
}()

const isLetter Script = 1 << 7

// cut is word's first MaxLetters characters, in NFKC and lower case.
func cut(word string) string {
	n := 0
	for i := range word {
		if n == MaxLetters {
			word = word[:i]
			break
		}
		n++
	}
	for _, r := range word {
		if !asIs(r) {
			lower := []rune(norm.NFKC.String(word))
			for j, r := range lower {
				lower[j] = unicode.ToLower(r)
			}
			if len(lower) > MaxLetters {
				lower = lower[:MaxLetters] // one character can be eighteen in NFKC
			}
			return string(lower)
		}
	}
	return word
}

// asIs reports whether a character is the same in NFKC and lower case among others of which that is
// so: nearly all are that names of these scripts are written with.
func asIs(r rune) bool {
	return r < 0x80 && (r < 'A' || r > 'Z') || 0x430 <= r && r <= 0x45F || 0x5D0 <= r && r <= 0x5EA || 0x621 <= r && r <= 0x64A ||
		0x30A1 <= r && r <= 0x30FC || 0x4E00 <= r && r <= 0x9FFF || 0xAC00 <= r && r <= 0xD7A3
}

// latinLetters are those that decomposition leaves as they are.
var latinLetters = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ß': "ss", 'ø': "o", 'đ': "d", 'ð': "d", 'þ': "th", 'ł': "l", 'ı': "i", 'ŋ': "ng",
	'ə': "a", 'ħ': "h", 'ŧ': "t", 'ĸ': "k", 'ƒ': "f", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k", 'ɛ': "e", 'ɔ': "o", 'ǝ': "e",
	'ɨ': "i", 'ʉ': "u", 'ɖ': "d", 'ɣ': "g", 'ƴ': "y",
}

// Letters are the letters a to z of a Latin word, without marks and without
// what is no Latin letter; at most MaxLetters.
func Letters(word string) []byte {
	out := make([]byte, 0, 16)
	return AppendLetters(out, word)
}

// AppendLetters appends to out what Letters returns.
func AppendLetters(out []byte, word string) []byte {
	start, plain := len(out), true
	for i := 0; i < len(word); i++ {
		b := word[i]
		switch {
		case 'a' <= b && b <= 'z':
			if len(out)-start < MaxLetters {
				out = append(out, b)
			}
		case b >= 0x80 || 'A' <= b && b <= 'Z':
			plain = false
		}
		if !plain || len(out)-start == MaxLetters {
			break
		}
	}
	if plain {
		return out
	}
	out = out[:start]
	for _, r := range norm.NFD.String(cut(word)) {
		if len(out)-start >= MaxLetters {
			break
		}
		if 'a' <= r && r <= 'z' {
			out = append(out, byte(r))
		} else if s, ok := latinLetters[r]; ok {
			out = append(out, s...)
		}
	}
	if len(out)-start > MaxLetters {
		out = out[:start+MaxLetters]
	}
	return out
}

// MaxPiece is the most Latin letters that one unit writes.
const MaxPiece = 4

// Code is the number of a piece of at most MaxPiece Latin letters; 0 is none.
func Code(piece []byte) uint32 {
	c := uint32(0)
	for _, b := range piece {
		c = c<<5 | uint32(b-'a'+1)
	}
	return c
}

// Piece is the inverse of Code.
func Piece(code uint32) string {
	var b [MaxPiece]byte
	i := MaxPiece
	for code > 0 && i > 0 {
		i--
		b[i] = byte(code&31) + 'a' - 1
		code >>= 5
	}
	return string(b[i:])
}

// HeldOut reports whether the pairs of this Latin part are kept out of learning,
// for tests: half of all, by FNV-1a of its bytes.
func HeldOut(latin string) bool {
	h := fnv.New32a()
	h.Write([]byte(latin))
	return h.Sum32()>>7&1 == 0
}

// Plain is the word cut to MaxLetters, in NFKC and lower case.
func Plain(word string) string { return cut(word) }
