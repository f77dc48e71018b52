package align

import "math"

// Order is the number of letters of the longest gram of an LM.
const Order = 5

// An LM says how likely a Latin word is as a name part, by letter grams up to
// Order, smoothed in the manner of Witten and Bell. Grams are numbers of five
// bits a letter, the edge of the word as 27; with a bit above the first letter so
// that grams of different lengths differ.
type LM struct {
	Count map[uint32]float32
	total map[uint32][2]float32 // of a context: count, types
}

const edgeLetter = 27

// Close makes m ready after its Count is filled.
func (m *LM) Close() {
	m.total = make(map[uint32][2]float32, len(m.Count)/2)
	for g, c := range m.Count {
		t := m.total[g>>5]
		t[0] += c
		t[1]++
		m.total[g>>5] = t
	}
}

// gram is the number of some letters.
func gram(letters []byte) uint32 {
	g := uint32(1)
	for _, b := range letters {
		g = g<<5 | uint32(b)
	}
	return g
}

// Grams calls f for each gram of the word of each length.
func Grams(letters []byte, f func(g uint32)) {
	word := edged(letters)
	for end := 1; end < len(word); end++ {
		for l := 1; l <= Order && end-l+1 >= 0; l++ {
			f(gram(word[end-l+1 : end+1]))
		}
	}
}

func edged(letters []byte) []byte {
	word := make([]byte, 0, 48)
	word = append(word, edgeLetter)
	for _, b := range letters {
		word = append(word, b-'a'+1)
	}
	return append(word, edgeLetter)
}

// Log is log P(word).
func (m *LM) Log(letters []byte) float64 {
	word := edged(letters)
	sum := 0.0
	for end := 1; end < len(word); end++ {
		p := 1.0 / 27
		for l := 1; l <= Order && end-l+1 >= 0; l++ {
			g := gram(word[end-l+1 : end+1])
			t, ok := m.total[g>>5]
			if !ok {
				break
			}
			c := float64(m.Count[g])
			p = (c + float64(t[1])*p) / float64(t[0]+t[1])
		}
		sum += math.Log(p)
	}
	return sum
}
