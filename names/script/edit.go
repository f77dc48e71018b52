package script

import (
	"sallyport/names/script/internal/align"
	"sallyport/names/script/internal/unit"
)

// edit is the evidence that two Latin writings are of one name: each equal letter
// says as much as the word's likelihood has per letter, each edit takes from it.
// It serves romanisations of scripts without a model.
func edit(a, b *align.Word) float64 {
	if len(a.Letters) == 0 || len(b.Letters) == 0 {
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
	var rows [2][unit.MaxLetters + 1]float32
	before, row := &rows[0], &rows[1]
	for j := 0; j < len(b.Letters); j++ {
		before[j+1] = before[j] + cost(b.Letters[j])
	}
	for i := 0; i < len(a.Letters); i++ {
		x := a.Letters[i]
		row[0] = before[0] + cost(x)
		for j := 0; j < len(b.Letters); j++ {
			y := b.Letters[j]
			swap := before[j]
			if x != y {
				swap += max(cost(x), cost(y))
			}
			row[j+1] = min(swap, before[j+1]+cost(x), row[j]+cost(y))
		}
		before, row = row, before
	}
	const price = 5.5 // nats for an edit, about what the model takes for an unheard-of piece
	return max(min(-(a.LM+b.LM)/2-1, 12)-price*float64(before[len(b.Letters)]), -5)
}
