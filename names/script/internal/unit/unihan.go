package unit

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"encoding/binary"
	"io"
	"strings"
	"sync"
)

// unihan.bin is written by names/script/gen/unihan, which names its source. Format: a
// deflate stream of a line of syllables of Jyutping without tones, parted by blanks,
// a newline, then for each character from U+3400 to U+9FFF a little-endian 16-bit
// number of its syllable from 1 on, 0 for none, then for each the Hangul syllable
// of its reading in Korean, 0 for none.
//
//go:embed unihan.bin
var unihanFile []byte

type unihanTable struct {
	syllables         []string
	cantonese, korean []byte
}

var unihan = sync.OnceValue(func() *unihanTable {
	raw, err := io.ReadAll(flate.NewReader(bytes.NewReader(unihanFile)))
	if err != nil {
		panic("unit: the embedded table of readings is broken: " + err.Error()) // TestUnits reads it
	}
	head, rest, _ := strings.Cut(string(raw), "\n")
	const size = 2 * (lastHan - firstHan + 1)
	return &unihanTable{strings.Fields(head), []byte(rest[:size]), []byte(rest[size : 2*size])}
})

// UnihanFile is the table as stored, for its hash.
func UnihanFile() []byte { return unihanFile }

// Jyutping are the syllables of Cantonese, without tones.
func Jyutping() []string { return unihan().syllables }

// Cantonese is how a character is read in Cantonese, in Jyutping without its tone; "" if the
// table has no reading.
func Cantonese(r rune) string {
	if n := jyutping(r); n > 0 {
		return unihan().syllables[n-1]
	}
	return ""
}

// jyutping is the number of a character's syllable, 0 for none.
func jyutping(r rune) uint16 {
	if r < firstHan || r > lastHan {
		return 0
	}
	return binary.LittleEndian.Uint16(unihan().cantonese[2*(r-firstHan):])
}

// HangulOf is a word of Han as Koreans read it; "" if a character has no reading
// there.
func HangulOf(word string) string {
	if word == "金" {
		return "김" // alone it is a family name, which is read so
	}
	var b strings.Builder
	for _, r := range word {
		if r < firstHan || r > lastHan {
			return ""
		}
		s := binary.LittleEndian.Uint16(unihan().korean[2*(r-firstHan):])
		if s == 0 {
			return ""
		}
		b.WriteRune(rune(s))
	}
	return b.String()
}

// jyutpingBit tells syllables of Jyutping from those of pinyin.
const jyutpingBit = 0x4000

// JyutpingKeys are as SyllableKeys.
func JyutpingKeys(i int) (initial, final uint32) {
	syl := uint32(i+1) | jyutpingBit
	return level(1, syl<<1), level(1, syl<<1|1)
}

// chineseName gives an initial and a final for each character, each in Mandarin or
// in Cantonese.
func chineseName(word string) []Position {
	t := pinyin()
	var out []Position
	for _, r := range word {
		two := t.of(r)
		if two[0] == 0 || len(out) >= MaxLetters {
			continue
		}
		syllables := []uint32{uint32(two[0])}
		if two[1] != 0 {
			syllables = append(syllables, uint32(two[1]))
		}
		if j := jyutping(r); j != 0 {
			syllables = append(syllables, uint32(j)|jyutpingBit)
		}
		var first, last Position
		for _, s := range syllables {
			first = append(first, Unit{0, [Levels]uint32{level(0, 0), level(1, s<<1), level(2, 0), level(3, 0)}})
			last = append(last, Unit{1, [Levels]uint32{level(0, 1), level(1, s<<1|1), level(2, 0), level(3, 0)}})
		}
		out = append(out, first, last)
	}
	return out
}
