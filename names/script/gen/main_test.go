package main

import (
	"strings"
	"testing"

	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

// From words written letter for letter it is learned how each letter is written.
func TestLearn(t *testing.T) {
	letters := map[rune]string{'а': "a", 'б': "b", 'и': "i", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'р': "r", 'т': "t", 'ш': "sh", 'я': "ya"}
	var pairs []pair
	for _, word := range strings.Fields("шарик ариша мишка бором кирилл таня мария лориан атман роман мирон тимон наташа коля борт лот батон шило тишин ольшаник ямало кила") {
		latin := ""
		for _, r := range word {
			latin += letters[r]
		}
		p := pair{native: unit.Cut(unit.Cyrillic, word), text: latin, trust: 1}
		p.latin.Letters, p.latin.LM = unit.Letters(latin), -20
		pairs = append(pairs, p)
	}
	m := learn("test", unit.Cyrillic, pairs)
	align.NewPieces(map[unit.Script]*align.Model{unit.Cyrillic: m})
	for i, place := range m.Likeliest(unit.Cut(unit.Cyrillic, "башня"), 1) {
		if want := []string{"b", "a", "sh", "n", "ya"}[i]; place[0].Letters != want {
			t.Errorf("letter %d is written %q, want %q", i, place[0].Letters, want)
		}
	}
}
