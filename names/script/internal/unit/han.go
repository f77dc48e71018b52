package unit

import (
	_ "embed"
	"encoding/binary"
	"strings"
	"sync"
)

// pinyin.bin is written by names/script/gen/pinyin, which names its source.
// Format: a line of toneless syllables parted by blanks, a newline, then for
// each character from U+3400 to U+9FFF two little-endian 16-bit words: the first
// reading and the second, as numbers of syllables from 1 on, 0 for none, with the
// highest bit set on the reading as a surname where that is another.
//
//go:embed pinyin.bin
var pinyinFile []byte

const (
	firstHan = 0x3400
	lastHan  = 0x9FFF
)

type pinyinTable struct {
	syllables []string
	initial   []uint16 // of each syllable; 0 is none
	final     []uint16
	readings  []byte
}

var pinyin = sync.OnceValue(func() *pinyinTable {
	head, rest, _ := strings.Cut(string(pinyinFile), "\n")
	t := &pinyinTable{syllables: strings.Fields(head), readings: []byte(rest)}
	ids := map[string]uint16{}
	id := func(s string, from int) uint16 {
		if s == "" {
			return 0
		}
		if _, ok := ids[s]; !ok {
			ids[s] = uint16(from + len(ids))
		}
		return ids[s]
	}
	for _, s := range t.syllables {
		c, v := splitSyllable(s)
		t.initial = append(t.initial, id(c, 1))
		t.final = append(t.final, id("-"+v, 1))
	}
	return t
})

// Syllables are those of pinyin, without tones, ü as v.
func Syllables() []string { return pinyin().syllables }

// SyllableKeys are the contexts in which the initial and the final of a syllable of
// pinyin are counted, by its place among Syllables.
func SyllableKeys(i int) (initial, final uint32) {
	syl := uint32(i + 1)
	return level(1, syl<<1), level(1, syl<<1|1)
}

// JamoKey is the context in which one Hangul sound is counted by itself, by the
// numbers that hangul gives.
func JamoKey(id uint16) uint32 { return level(0, uint32(id)) }

// SplitSyllable parts a syllable of Latin letters before its first vowel.
func SplitSyllable(s string) (initial, final string) { return splitSyllable(s) }

func splitSyllable(s string) (initial, final string) {
	i := strings.IndexAny(s, "aeiouv")
	if i < 0 { // m, n, ng, hm
		return "", s
	}
	return s[:i], s[i:]
}

// Readings are the toneless pinyin readings of a Han character, the likeliest
// first, ü as v; none if the table has none.
func Readings(r rune) []string {
	t := pinyin()
	var out []string
	for _, s := range t.of(r) {
		if s > 0 {
			out = append(out, t.syllables[s-1])
		}
	}
	return out
}

func (t *pinyinTable) of(r rune) [2]uint16 {
	if r < firstHan || r > lastHan {
		return [2]uint16{}
	}
	two := t.raw(r)
	return [2]uint16{two[0] &^ surnameMark, two[1] &^ surnameMark}
}

// raw has the marks too.
func (t *pinyinTable) raw(r rune) [2]uint16 {
	i := int(r-firstHan) * 4
	if r < firstHan || i+4 > len(t.readings) {
		return [2]uint16{}
	}
	return [2]uint16{binary.LittleEndian.Uint16(t.readings[i:]), binary.LittleEndian.Uint16(t.readings[i+2:])}
}

// surnameMark marks the reading that a character has as a surname.
const surnameMark = 0x8000

// SurnameReading is the reading of a character as a surname where that is another
// than as a word.
func SurnameReading(r rune) (string, bool) {
	t := pinyin()
	for _, s := range t.raw(r) {
		if s&surnameMark != 0 {
			return t.syllables[s&^surnameMark-1], true
		}
	}
	return "", false
}

// han gives for each character an initial, a final, and a place for the letters of a
// foreign name that Chinese syllables leave out: Redford is lei-de-fu.
func han(word string) []Position {
	t := pinyin()
	var chars [MaxLetters / 3]rune
	n := 0
	for _, r := range word {
		if r == '々' && n > 0 {
			r = chars[n-1]
		}
		if r >= firstHan && r <= lastHan && t.of(r)[0] > 0 && n < len(chars) {
			chars[n] = r
			n++
		}
	}
	var out []Position
	for i := range n {
		var first, last Position
		bare := true
		for _, s := range t.of(chars[i]) {
			if s > 0 && t.initial[s-1] > 0 {
				bare = false
			}
		}
		for _, s := range t.of(chars[i]) {
			if s == 0 {
				continue
			}
			before, after := uint32(0x7F), uint32(0x7F)
			if i > 0 {
				before = uint32(t.final[t.of(chars[i-1])[0]-1])
			}
			if i+1 < n {
				after = uint32(t.initial[t.of(chars[i+1])[0]-1])
			}
			c, v, syl := uint32(t.initial[s-1]), uint32(t.final[s-1]), uint32(s)
			if !bare {
				first = append(first, Unit{uint16(c), [Levels]uint32{level(0, c), level(1, syl<<1), level(2, syl<<8|before), level(3, uint32(chars[i])<<1)}})
			}
			last = append(last, Unit{uint16(v), [Levels]uint32{level(0, v), level(1, syl<<1|1), level(2, syl<<8|after|0x80), level(3, uint32(chars[i])<<1|1)}})
		}
		if !bare {
			out = append(out, first)
		}
		out = append(out, last)
		p, x := uint32(last[0].ID), uint32(edge)
		if i+1 < n {
			x = uint32(t.initial[t.of(chars[i+1])[0]-1])
		}
		out = append(out, Position{{slot, [Levels]uint32{level(0, slot), level(1, slot<<9|x), level(2, slot<<9|p), level(3, slot<<18|p<<9|x)}}})
	}
	return out
}

// kanji gives two units a character, for its reading has up to eight letters: the
// first four, the rest. Their contexts are that alone, then the character, the
// character with its place in the word, the character with the one before.
func kanji(word string) []Position {
	var chars [MaxLetters / 2]rune
	n := 0
	for _, r := range word {
		if r == '々' && n > 0 {
			r = chars[n-1]
		}
		if r >= firstHan && r <= lastHan && n < len(chars) {
			chars[n] = r
			n++
		}
	}
	out, units := make([]Position, 2*n), make([]Unit, 2*n)
	for i := range n {
		c := uint32(chars[i] - firstHan)
		place, before := uint32(1), uint32(0)
		if i > 0 {
			before = uint32(chars[i-1]) & 0xFFF // its lower bits tell it from others well enough
			place = 0
		}
		if i == n-1 {
			place += 2
		}
		for half := range uint32(2) {
			k := 2*i + int(half)
			units[k] = Unit{uint16(half), [Levels]uint32{level(0, half), level(1, c<<1|half), level(2, c<<3|place<<1|half), level(3, c<<13|before<<1|half)}}
			out[k] = units[k : k+1 : k+1]
		}
	}
	return out
}

// RestKey is the context in which the rest of any reading of a Japanese name's
// character is counted.
func RestKey() uint32 { return level(0, 1) }

// PinyinFile is the table of readings as stored, for its hash.
func PinyinFile() []byte { return pinyinFile }
