package script

import (
	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

// edit is the evidence that two Latin writings are of one name: each equal letter
// says as much as the word's likelihood has per letter, each edit takes from it.
// It serves romanisations of scripts without a model.
func edit(a, b *align.Word) float64 {
	if a.N == 0 || b.N == 0 {
		return Incomparable
	}
	const vowel, other = .35, 1.0
	cost := func(c byte) float32 {
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'h':
			return vowel
		}
		return other
	}
	letter := func(w *align.Word, i int) byte { return byte(w.Codes[i+1][0]) + 'a' - 1 }
	var rows [2][unit.MaxLetters + 1]float32
	before, row := &rows[0], &rows[1]
	for j := 0; j < b.N; j++ {
		before[j+1] = before[j] + cost(letter(b, j))
	}
	for i := 0; i < a.N; i++ {
		x := letter(a, i)
		row[0] = before[0] + cost(x)
		for j := 0; j < b.N; j++ {
			y := letter(b, j)
			swap := before[j]
			if x != y {
				swap += max(cost(x), cost(y))
			}
			row[j+1] = min(swap, before[j+1]+cost(x), row[j]+cost(y))
		}
		before, row = row, before
	}
	const price = 5.5 // nats for an edit, about what the model takes for an unheard-of piece
	return max(min(-(a.LM+b.LM)/2-1, 12)-price*float64(before[b.N]), -5)
}
