package script

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	for word, want := range map[string]Script{
		"putin": Latin, "řezníček": Latin, "путин": Cyrillic, "παπάς": Greek, "սարգսյան": Armenian, "ქართველი": Georgian,
		"محمد": Arabic, "כהן": Hebrew, "陈": Han, "やまだ": Kana, "トム": Kana, "김": Hangul, "สมชาย": Other, "": Other, "123": Other,
		"ー": Other, "7путин": Cyrillic, "ıвan": Latin,
	} {
		if got := Of(word); got != want {
			t.Errorf("Of(%q) is %v, want %v", word, got, want)
		}
	}
}

// Names in the news, none of them from the pairs' files: what is one name has
// evidence and a key in common, what is another has neither.
func TestNamesInTheNews(t *testing.T) {
	for _, line := range strings.Split(strings.TrimSpace(`
путин putin
медведев medvedev
шойгу shoigu
лукашенко lukashenko
зеленский zelenskyy
порошенко poroshenko
хаменеи khamenei
قذافي gaddafi
خامنئي khamenei
روحاني rouhani
نصرالله nasrallah
السيسي elsisi
נתניהו netanyahu
הרצוג herzog
習 xi
近平 jinping
陳 chan
毛 mao
이 lee
정은 jongun
문 moon
박 park
やまもと yamamoto
トランプ trump
μητσοτάκης mitsotakis
τσίπρας tsipras
սարգսյան sargsyan
სააკაშვილი saakashvili
`), "\n") {
		f := strings.Fields(line)
		e := Evidence(f[0], f[1])
		shared := slices.ContainsFunc(Keys(f[0]), func(k string) bool { return slices.Contains(Keys(f[1]), k) })
		if e < 3 || !shared {
			t.Errorf("%s %s: evidence %.1f, keys %v and %v", f[0], f[1], e, Keys(f[0]), Keys(f[1]))
		}
		if back := Evidence(f[1], f[0]); math.Abs(back-e) > 0 {
			t.Errorf("%s %s: %v one way, %v the other", f[0], f[1], e, back)
		}
		for _, other := range []string{"hernandez", "baumgartner", "okonkwo"} {
			if e := Evidence(f[0], other); e > 0 {
				t.Errorf("%s %s: evidence %.1f", f[0], other, e)
			}
		}
	}
}

func BenchmarkEvidence(b *testing.B) {
	for _, p := range [][2]string{{"иванов", "ivanov"}, {"иванов", "karimi"}, {"محمود", "mahmud"}, {"トランプ", "trumps"}, {"김정은", "jongun"}} {
		b.Run(p[1], func(b *testing.B) {
			n, l := Prepare(p[0]), Prepare(p[1])
			b.ReportAllocs()
			for b.Loop() {
				n.Evidence(&l)
			}
		})
	}
}

func BenchmarkPrepare(b *testing.B) {
	for _, w := range []string{"иванов", "ivanov", "محمود", "陈"} {
		b.Run(w, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Prepare(w)
			}
		})
	}
}

func BenchmarkKeys(b *testing.B) {
	for _, w := range []string{"иванов", "ivanov", "محمود", "陈", "トランプ"} {
		b.Run(w, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Keys(w)
			}
		})
	}
}
