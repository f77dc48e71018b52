package names

import (
	_ "embed"
	"strings"
	"unicode/utf8"
)

// Characters of Han that are written in several ways; made by names/script/gen/variants, which says from what.
//
//go:embed variants.txt
var variantsText string

// hanVariant is what a character of Han is read as where that is another: 習 is read as 习, and both 廣 and 広 as 广.
var hanVariant = func() map[rune]rune {
	out := make(map[rune]rune)
	for line := range strings.Lines(variantsText) {
		to, size := utf8.DecodeRuneInString(line)
		if to == '#' {
			continue
		}
		for _, from := range strings.TrimSpace(line[size:]) {
			out[from] = to
		}
	}
	return out
}()
