package unit

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestUnits(t *testing.T) {
	sounds := func(word string) string {
		var b []string
		for _, p := range Cut(Kana, word) {
			switch s := KanaSound(p[0].ID); {
			case p[0].ID == KanaLong:
				b = append(b, "-")
			case p[0].ID == KanaStop:
				b = append(b, "*")
			default:
				b = append(b, s)
			}
		}
		return strings.Join(b, " ")
	}
	for word, want := range map[string]string{
		"トーマス": "t o - m a s u", "シェーン": "sh e - n", "ファティ": "f a t i", "キャット": "ky a * t o", "ウィリアム": "w i r i a m u",
		"やまだ": "y a m a d a", "ヴィクトル": "v i k u t o r u", "ジャック": "j a * k u",
	} {
		if got := sounds(word); got != want {
			t.Errorf("%s: %s, want %s", word, got, want)
		}
	}
	for _, c := range []struct {
		s    Script
		word string
		n    int
	}{
		{Cyrillic, "иванов", 6}, {Arabic, "السيسي", 10}, {Arabic, "علي", 6}, {Arabic, "مُحَمَّد", 8}, {Hebrew, "ז'בוטינסקי", 18}, {Hangul, "김", 3}, {Hangul, "이", 1},
		{Han, "陈", 3}, {Han, "安", 2}, {ChineseName, "陈安", 4}, {JapaneseName, "田中", 4}, {HanjaName, "金", 3},
		{Devanagari, "मोदी", 4}, {Devanagari, "राम", 4}, {Bengali, "সেন", 4}, {Thai, "เวช", 3}, {Thai, "สิทธิ์", 3}, {Thai, "บรร", 2},
		{Latin, "ivanov", 0}, {Cyrillic, "ivanov", 0}, {Cyrillic, strings.Repeat("и", 10000), MaxLetters},
	} {
		if got := len(Cut(c.s, c.word)); got != c.n {
			t.Errorf("%.20s: %d units, want %d", c.word, got, c.n)
		}
	}
}

func TestReadings(t *testing.T) {
	for c, want := range map[rune]string{'陈': "[chen]", '单': "[dan shan]", '吕': "[lv]", 'a': "[]"} {
		if got := fmt.Sprint(Readings(c)); got != want {
			t.Errorf("%c: %s, want %s", c, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	for _, s := range []string{"", "a", "z", "tsch"} {
		if got := Piece(Code([]byte(s))); got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
}

// Words that are cut without a look at Unicode's tables are what these would make of them.
func TestAsIs(t *testing.T) {
	var plain []rune
	for r := rune(0); r < 0x20000; r++ {
		if asIs(r) {
			plain = append(plain, r)
		}
	}
	for i, a := range plain {
		for k := range 40 { // neighbours could be composed
			word := string([]rune{a, plain[(i+k*k*k*17)%len(plain)]})
			if want := strings.ToLower(norm.NFKC.String(word)); word != want {
				t.Fatalf("%q is not %q", word, want)
			}
		}
	}
	if len(plain) < 20_000 {
		t.Errorf("only %d characters are as they are", len(plain))
	}
}

// The table of letters says what Unicode's tables say.
func TestOfRune(t *testing.T) {
	for r := rune(-1); r < 0x30000; r++ {
		want, letter := Other, unicode.IsLetter(r)
		if of := slices.IndexFunc(tables, func(l scriptLetters) bool { return unicode.Is(l.t, r) }); of >= 0 {
			want, letter = tables[of].s, true
		}
		if r < 0x80 && want != Latin || r == 'ー' {
			want, letter = Other, false
		}
		if s, ok := OfRune(r); s != want || ok != letter {
			t.Fatalf("%U is %v, %v; Unicode's tables say %v, %v", r, s, ok, want, letter)
		}
	}
}
