package align

import "sallyport/names/script/internal/unit"

// Words are many Latin words in one piece of memory, by their numbers from 0 on: most words that are held against
// one of another script are turned away, and to look for each where it lies takes longer than that.
type Words struct {
	flat    []flatWord // and one more, where the last one ends
	letters []byte
	ids     []uint16 // see [Word]
}

type flatWord struct {
	from uint32 // in letters
	// How likely the word is by chance, in the two ways that the caller tells apart, scaled as a sum is that is compared
	// with it: see [Word.soon].
	chance [2]float32
}

// Add gives a word the next number.
func (x *Words) Add(w *Word, chance [2]float64) {
	if len(x.flat) == 0 {
		x.flat = []flatWord{{}}
	}
	last := &x.flat[len(x.flat)-1]
	for i, p := range chance {
		last.chance[i] = w.soon(p)
	}
	x.letters, x.ids = append(x.letters, w.Letters...), append(x.ids, w.ids...)
	x.flat = append(x.flat, flatWord{from: uint32(len(x.letters))})
}

// Word is the word with this number, but for what it is likely.
func (x *Words) Word(n int32) Word {
	from, to := x.flat[n].from, x.flat[n+1].from
	return Word{Letters: x.letters[from:to], ids: x.ids[unit.MaxPiece*from : unit.MaxPiece*to]}
}

// Spells reports whether these are the letters of a word.
func (x *Words) Spells(n int32, letters string) bool {
	from := x.flat[n].from
	if x.flat[n+1].from-from != uint32(len(letters)) {
		return false
	}
	for i := range len(letters) { // by the pieces of one letter, which bounds were just reckoned from
		if x.ids[unit.MaxPiece*(int(from)+i)] != uint16(letters[i]-'a'+1) {
			return false
		}
	}
	return true
}

// Near looks at what [Bounds.Within] will look at, and gives something to keep: the looks at many words do not wait for
// one another.
func (x *Words) Near(n int32) uint16 {
	from, to := unit.MaxPiece*x.flat[n].from, unit.MaxPiece*x.flat[n+1].from
	if from == to {
		return 0
	}
	return x.ids[from] + x.ids[to-1]
}

// Within is the set of the readings, a bit for each, of which [Native.LogGiven] does not surely find a word less likely than
// it is by chance times what is enough for the reading.
func (b *Bounds) Within(x *Words, n int32, way int, enough *[MaxReadings]float32) (readings uint8) {
	f := &x.flat[n]
	bounds := b.of(x.ids[unit.MaxPiece*f.from : unit.MaxPiece*x.flat[n+1].from])
	for i := range b.words {
		if bounds[i] >= f.chance[way]*enough[i] {
			readings |= 1 << i
		}
	}
	return readings
}
