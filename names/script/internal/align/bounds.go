package align

import (
	"math/bits"

	"sallyport/names/script/internal/unit"
)

// MaxReadings is how many models read one word at most.
const MaxReadings = 4

// Bounds are upper bounds of what [Native.LogGiven] gives, for the readings of one native word at a
// time: they turn most Latin words away at a fraction of its cost. The word is laid out flat, which
// pays where a dozen words and more are held against it. TestBounds holds them to those of LogGiven.
type Bounds struct {
	words []*Native
	at    []uint16               // of a piece that some place of some reading may write, its row in total less its letters and one; 0 of others
	ids   []uint16               // of which pieces that is not 0
	total [][MaxReadings]float32 // see [Native.total]; before the rows of pieces, those of what has none, by their letters
	sums  [unit.MaxLetters + 1][MaxReadings]float32
}

// Lay takes a word's readings, at most MaxReadings, in the place of those before. They must not change
// while bounds are asked for.
func (b *Bounds) Lay(pieces *Pieces, words ...*Native) {
	if b.at == nil {
		b.at = make([]uint16, pieces.Len())
	}
	for _, id := range b.ids {
		b.at[id] = 0
	}
	b.ids, b.total, b.words = b.ids[:0], b.total[:0], append(b.words[:0], words...)
	for l := 1; l <= unit.MaxPiece; l++ {
		b.put(0, l)
	}
	for _, n := range words {
		for i, set := range n.has {
			for set &= 1<<setBits - 1; set != 0; set &= set - 1 {
				id := uint16(i<<6 + bits.TrailingZeros64(set))
				if b.at[id] == 0 {
					l := int(pieces.lengths[id])
					b.at[id] = uint16(len(b.total) - (l - 1))
					b.ids = append(b.ids, id)
					b.put(id, l)
				}
			}
		}
	}
}

// put appends the row of a piece of so many letters.
func (b *Bounds) put(id uint16, length int) {
	var row [MaxReadings]float32
	for k, n := range b.words {
		row[k] = n.total[n.place(id, length)]
	}
	b.total = append(b.total, row)
}

// of are the bounds for a word of these pieces, until the next is asked for.
func (b *Bounds) of(ids []uint16) *[MaxReadings]float32 {
	letters := len(ids) / unit.MaxPiece
	sums, at, total := &b.sums, b.at, b.total
	if len(b.words) == 1 {
		sums[letters][0] = 1
		for j := letters - 1; j >= 0; j-- {
			sum := float32(0)
			for l := min(unit.MaxPiece, letters-j) - 1; l >= 0; l-- { // in the order of [Native.bound]
				sum += total[int(at[ids[unit.MaxPiece*(j+l)+l]])+l][0] * sums[j+l+1][0]
			}
			sums[j][0] = sum
		}
		return &sums[0]
	}
	sums[letters] = [MaxReadings]float32{1, 1, 1, 1}
	for j := letters - 1; j >= 0; j-- {
		var s0, s1, s2, s3 float32
		for l := min(unit.MaxPiece, letters-j) - 1; l >= 0; l-- {
			t, rest := &total[int(at[ids[unit.MaxPiece*(j+l)+l]])+l], &sums[j+l+1]
			s0 += t[0] * rest[0]
			s1 += t[1] * rest[1]
			s2 += t[2] * rest[2]
			s3 += t[3] * rest[3]
		}
		sums[j] = [MaxReadings]float32{s0, s1, s2, s3}
	}
	return &sums[0]
}
