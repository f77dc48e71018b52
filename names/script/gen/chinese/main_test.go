package main

import (
	"math"
	"strings"
	"testing"

	"sallyport/names/script/internal/unit"
)

// Every syllable that Unihan reads a character as is spelt, by shares that add up to one; and
// so are those of pinyin.
func TestEverySyllableIsSpelt(t *testing.T) {
	whole := func(s string, spellings map[string]float64) {
		sum := 0.0
		for _, share := range spellings {
			sum += share
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("%s is spelt %v", s, spellings)
		}
	}
	unspelt := 0
	for _, s := range unit.Jyutping() {
		for _, c := range []custom{hongKong, malayan} {
			if spellings := c.spell(s); len(spellings) == 0 {
				unspelt++ // of interjections and borrowed words
				t.Logf("%s is not spelt", s)
			} else {
				whole(s, spellings)
			}
		}
	}
	if n := len(unit.Jyutping()); n < 550 || unspelt > n/10 {
		t.Errorf("%d of %d syllables of Cantonese are not spelt", unspelt, n)
	}
	for _, s := range unit.Syllables() {
		whole(s, wade(s))
	}
	for _, of := range []custom{hongKong, malayan} {
		for c, spellings := range of.families {
			whole(c, spellings)
		}
	}
}

// By three characters: 王 and 黄 are Wong, 汪 as well; a third of all Wongs is then Wang.
func TestTableTellsWhatASpellingMayBe(t *testing.T) {
	families, given, err := read(strings.NewReader("王 B 20 C 1\n黄 B 10\n陈 B 30 L 5\n家 C 16 D 65\n国栋 Z 81\n丁字 L 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if families['王'] != 20 || len(families) != 3 || len(given) != 4 || math.Abs(given['家']-27) > 1e-9 || math.Abs(given['栋']-27) > 1e-9 {
		t.Errorf("families %v, given %v", families, given)
	}
	wong := spelt(families, familyName, hongKong.family)["wong"]
	if want := math.Log(2.0 / 3 / (20.0 / 60)); math.Abs(wong.as["wang"]-want) > 1e-9 || math.Abs(wong.all-math.Log(2)) > 1e-9 {
		t.Errorf("Wong is as unlikely as %v and %v, want %v of Wang", wong.all, wong.as, want)
	}
	if _, _, err := read(strings.NewReader("王 B many\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line without a count: %v", err)
	}
}
