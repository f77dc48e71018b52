package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Letters are written as digits and signs by machines that read documents badly, by whoever writes Arabic in chats, and by
// whoever hopes not to be found. Nobody's name has a digit within a word.

// looksLike is the letter that a digit looks like; the other reading of 1 is l where it is no vowel between consonants.
var looksLike = [10]string{0: "o", 1: "i", 3: "e", 4: "a", 5: "s", 6: "g", 7: "t", 8: "b", 9: "g"}

// soundsLike is what a digit stands for in the alphabet of Arabic chats: Mu7ammad, Sa3id, 5aled.
var soundsLike = [10]string{2: "", 3: "", 5: "kh", 6: "t", 7: "h", 8: "gh", 9: "q"}

// undigited reads the digits of a word as letters: as what they look like, and as the other reading. It reports false for what is
// a number, has one, or has digits for half of its letters.
func undigited(word string) (text, other string, ok bool) {
	digits, before := 0, false
	for i := 0; i < len(word); i++ {
		digit := '0' <= word[i] && word[i] <= '9'
		if digit && before {
			return "", "", false
		}
		if before = digit; digit {
			digits++
		}
	}
	if digits == 0 || 2*digits >= len(word) || ordinals[word[1:]] {
		return "", "", false
	}
	chats := !strings.ContainsAny(word, "014")
	var look, sound strings.Builder
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c < '0' || c > '9':
			look.WriteByte(c)
			sound.WriteByte(c)
		case chats:
			look.WriteString(looksLike[c-'0'])
			sound.WriteString(soundsLike[c-'0'])
		case c == '1':
			look.WriteByte('i')
			if i > 0 && !vowelAt(word, i-1) && !vowelAt(word, i+1) { // V1ktor is no Vlktor
				sound.WriteByte('i')
			} else {
				sound.WriteByte('l')
			}
		default:
			look.WriteString(looksLike[c-'0'])
			sound.WriteString(looksLike[c-'0'])
		}
	}
	return look.String(), sound.String(), true
}

func vowelAt(word string, i int) bool {
	return i < len(word) && strings.IndexByte("aeiouy", word[i]) >= 0
}

// unsigned reads signs within words as the letters they look like, where they part no two words: V!ktor, B@ut, $ergey.
func unsigned(full string) string {
	if !strings.ContainsAny(full, "!@$") {
		return full
	}
	var b strings.Builder
	for i, r := range full {
		letter := map[rune]byte{'!': 'i', '@': 'a', '$': 's'}[r]
		behind := lettersUntil(full[min(len(full), i+1):], false)
		if letter == 0 || behind == 0 || r != '$' && behind > 2 && lettersUntil(full[:i], true) > 2 {
			b.WriteRune(r)
			continue
		}
		b.WriteByte(letter)
	}
	return b.String()
}

// lettersUntil counts the letters that a text begins with, or ends with.
func lettersUntil(s string, end bool) (n int) {
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if end {
			r, size = utf8.DecodeLastRuneInString(s)
		}
		if !unicode.IsLetter(r) {
			break
		}
		n++
		if end {
			s = s[:len(s)-size]
		} else {
			s = s[size:]
		}
	}
	return n
}

// unspread writes words as one that are written letter by letter, as forms with a box for each letter are: those of a
// word between wider gaps, or all of them.
func unspread(full string) string {
	fields := strings.Fields(full)
	if len(fields) < 5 {
		return full
	}
	for _, f := range fields {
		if r, n := utf8.DecodeRuneInString(f); n != len(f) || !unicode.IsLetter(r) {
			return full
		}
	}
	var words []string
	for word := range strings.SplitSeq(strings.TrimSpace(full), "  ") {
		words = append(words, strings.ReplaceAll(word, " ", ""))
	}
	return strings.Join(words, " ")
}
